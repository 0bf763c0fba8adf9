/* Any bytes as a trace file. What has to be right for a file to be read at all is put right first. */
#include <stdint.h>
#include <string.h>

#include "meter.h"
#include "lsp-core/trace/names.h"
#include "lsp-core/trace/read.h"
#include "lsp-core/trace/summary.h"
#include "lsp-core/trace/text.h"

#define CONSTANT 65536

static void mend(uint8_t *data, size_t size)
{
    struct wsplsp_trace_header header;
    if (size < sizeof header)
        return;
    memcpy(&header, data, sizeof header);
    memcpy(header.magic, WSPLSP_TRACE_MAGIC, sizeof header.magic);
    header.version = WSPLSP_TRACE_VERSION;
    header.header_size = sizeof header;
    if (header.frequency == 0)
        header.frequency = 1;
    header.latest = 1 + header.latest % 2;
    memcpy(data, &header, sizeof header);
}

static void describe(const struct trace_event *event)
{
    struct trace_value values[WSPLSP_TRACE_ARGUMENTS];
    char address[TRACE_ADDRESS_ROOM], time[40], duration[16];
    size_t length;
    FUZZ_EXPECT(trace_arguments_of(event->record, event->under_way, values) <= WSPLSP_TRACE_ARGUMENTS);
    trace_address_text(event->record, address);
    trace_time_text(event->time, 9, time);
    trace_duration_text(event->duration, duration);
    const uint8_t *data = trace_event_data(event, &length);
    uint8_t sum = 0;
    for (size_t i = 0; i < length; i++)
        sum = (uint8_t)(sum + data[i]);
    FUZZ_EXPECT(strlen(time) + sum > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct trace_filter all;
    struct wsplsp_error error;
    struct trace trace = {0};
    struct trace_summary summary;
    meter_start();
    uint8_t *copy = malloc(size + 1);
    FUZZ_EXPECT(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    mend(copy, size);
    if (trace_add(&trace, copy, size, "fuzz", &error) == WSPLSP_OK) {
        trace_finish(&trace);
        for (size_t i = 0; i < trace.event_count; i++)
            describe(&trace.events[i]);
        if (trace_summarize(&trace, &all, &summary, &error) == WSPLSP_OK)
            trace_summary_free(&summary);
    }
    trace_clear(&trace);
    meter_stop(size, CONSTANT);
    return 0;
}
