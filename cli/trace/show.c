/* wsplsp trace show, wsplsp trace json: a trace's calls one by one. */
#include <stdlib.h>
#include <string.h>

#include "cli/base/command.h"
#include "cli/base/memory.h"
#include "cli/out/json.h"
#include "cli/out/text.h"
#include "input.h"
#include "json.h"
#include "lsp-core/trace/names.h"
#include "trace_notes.h"
#include "lsp-core/trace/text.h"

enum { DUMP_WIDTH = 16 };

static void put_function(struct output *output, const struct wsplsp_trace_record *record)
{
    const char *name = trace_function_name(record->function);
    if (name != NULL)
        text_put(output, TEXT_BOLD, name);
    else
        buffer_format(&output->buffer, "function %u", record->function);
}

/* "(0x1a4, 127.0.0.1:80, 64 bytes, flags=MSG_PEEK)" */
static void put_arguments(struct output *output, const struct trace_event *event)
{
    const struct wsplsp_trace_record *record = event->record;
    struct buffer *buffer = &output->buffer;
    struct trace_value values[WSPLSP_TRACE_ARGUMENTS];
    char address[TRACE_ADDRESS_ROOM];
    const char *comma = "";
    size_t count = trace_arguments_of(record, event->under_way, values);
    trace_address_text(record, address);
    buffer_text(buffer, "(");
    if (record->socket != 0) {
        buffer_format(buffer, "0x%llx", (unsigned long long)record->socket);
        comma = ", ";
    }
    if (record->function == WSPLSP_TRACE_ACCEPT_EX && record->other != 0)
        buffer_format(buffer, "%s0x%llx", comma, (unsigned long long)record->other), comma = ", ";
    if (address[0] != '\0')
        buffer_format(buffer, "%s%s", comma, address), comma = ", ";
    if (record->asked != 0)
        buffer_format(buffer, "%s%lu bytes", comma, (unsigned long)record->asked), comma = ", ";
    for (size_t i = 0; i < count; i++) {
        const struct trace_value *value = &values[i];
        if (value->quiet)
            continue;
        if (value->text[0] != '\0')
            buffer_format(buffer, "%s%s=%s", comma, value->name, value->text);
        else
            buffer_format(buffer, "%s%s=%lu", comma, value->name, (unsigned long)value->value);
        comma = ", ";
    }
    if ((record->flags & WSPLSP_TRACE_OVERLAPPED) != 0 && !trace_is_completion(event))
        buffer_format(buffer, "%soverlapped=0x%llx%s", comma, (unsigned long long)record->overlapped,
                      (record->flags & WSPLSP_TRACE_ROUTINE) != 0 ? ", routine" : "");
    buffer_text(buffer, ")");
}

static bool tells_bytes(const struct wsplsp_trace_record *record)
{
    return record->asked != 0 || record->done != 0 || (record->flags & WSPLSP_TRACE_COMPLETION) != 0;
}

static void put_result(struct output *output, const struct trace_event *event)
{
    const struct wsplsp_trace_record *record = event->record;
    struct buffer *buffer = &output->buffer;
    const char *name = trace_error_name(record->error);
    char duration[16];
    if (event->under_way) {
        text_put(output, TEXT_WARNING, " has not returned");
        buffer_text(buffer, "\n");
        return;
    }
    buffer_text(buffer, " = ");
    if (record->error != 0) {
        char *error = name != NULL ? memory_format("%s", name) : memory_format("error %ld", (long)record->error);
        text_put(output, trace_failed(event) ? TEXT_ERROR : TEXT_DIM, error);
        free(error);
    } else if (record->other != 0 && record->function != WSPLSP_TRACE_ACCEPT_EX) {
        buffer_format(buffer, "0x%llx", (unsigned long long)record->other);
    } else if (tells_bytes(record)) {
        buffer_format(buffer, "%lu bytes", (unsigned long)record->done);
    } else {
        buffer_format(buffer, "%ld", (long)record->result);
    }
    trace_duration_text(event->duration, duration);
    buffer_format(buffer, "  <%s>\n", duration);
}

static void put_data(struct output *output, const struct trace_event *event)
{
    size_t length;
    const uint8_t *data = trace_event_data(event, &length);
    for (size_t at = 0; at < length; at += DUMP_WIDTH) {
        size_t part = length - at < DUMP_WIDTH ? length - at : DUMP_WIDTH;
        buffer_format(&output->buffer, "        %04zx ", at);
        for (size_t i = 0; i < DUMP_WIDTH; i++) {
            if (i < part)
                buffer_format(&output->buffer, " %02x", data[at + i]);
            else
                buffer_text(&output->buffer, "   ");
        }
        buffer_text(&output->buffer, "  ");
        for (size_t i = 0; i < part; i++)
            buffer_format(&output->buffer, "%c", data[at + i] >= 0x20 && data[at + i] < 0x7f ? data[at + i] : '.');
        buffer_text(&output->buffer, "\n");
    }
}

static void put_event(struct output *output, const struct trace *trace, const struct trace_event *event)
{
    buffer_format(&output->buffer, "%12.6f ", trace_seconds(trace, event));
    if (trace->process_count > 1)
        buffer_format(&output->buffer, "%5lu ", (unsigned long)event->process->id);
    buffer_format(&output->buffer, "%5lu  %s%s", (unsigned long)event->record->thread, event->nested ? "  " : "",
                  trace_is_completion(event) ? "completed: " : "");
    put_function(output, event->record);
    put_arguments(output, event);
    put_result(output, event);
    put_data(output, event);
}

static void show_text(const struct trace *trace, const struct trace_filter *filter, const struct options *options,
                      struct output *output)
{
    size_t shown = 0;
    if (!options->quiet)
        trace_notes_head(output, trace);
    for (size_t i = 0; i < trace->event_count; i++) {
        if (!trace_filter_passes(filter, &trace->events[i]))
            continue;
        put_event(output, trace, &trace->events[i]);
        shown++;
    }
    if (options->quiet)
        return;
    if (shown == 0)
        buffer_text(&output->buffer, trace->event_count == 0 ? "No calls.\n" : "No such calls.\n");
    trace_notes_losses(output, trace);
}

static void show_json(const struct trace *trace, const struct trace_filter *filter, struct output *output)
{
    cJSON *object = json_envelope("trace-show");
    trace_json_processes(object, trace);
    cJSON *calls = cJSON_AddArrayToObject(object, "calls");
    for (size_t i = 0; i < trace->event_count; i++) {
        if (!trace_filter_passes(filter, &trace->events[i]))
            continue;
        cJSON *call = cJSON_CreateObject();
        trace_json_call(call, trace, &trace->events[i]);
        cJSON_AddItemToArray(calls, call);
    }
    json_print(output, object);
}

enum wsplsp_status cmd_trace_show(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct trace *trace;
    struct trace_filter filter;
    if (trace_input(options, &trace, &filter, error) != WSPLSP_OK)
        return error->status;
    if (options->json)
        show_json(trace, &filter, output);
    else
        show_text(trace, &filter, options, output);
    trace_free(trace);
    return WSPLSP_OK;
}

enum wsplsp_status cmd_trace_json(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct trace *trace;
    struct trace_filter filter;
    if (trace_input(options, &trace, &filter, error) != WSPLSP_OK)
        return error->status;
    for (size_t i = 0; i < trace->event_count; i++) {
        if (!trace_filter_passes(&filter, &trace->events[i]))
            continue;
        cJSON *object = json_envelope("trace-json");
        trace_json_call(object, trace, &trace->events[i]);
        json_print_line(output, object);
    }
    trace_free(trace);
    return WSPLSP_OK;
}
