/* Traces of several processes in one order; see read.h. */
#include "read.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/file.h"
#include "files.h"

#define SECOND UINT64_C(1000000000)

enum { PENDING = 997 }; /* WSA_IO_PENDING */

bool trace_failed(const struct trace_event *event)
{
    return !event->under_way && event->record->error != 0 && event->record->error != PENDING;
}

const uint8_t *trace_event_data(const struct trace_event *event, size_t *length)
{
    size_t recorded = event->record->data_length;
    *length = recorded < event->process->data_bytes ? recorded : event->process->data_bytes;
    return (const uint8_t *)(event->record + 1);
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* The start of a process by the first one's clocks, where both ran on one machine without a restart in between: the
 * time of day has steps of some milliseconds, and can be set. */
static uint64_t common_start(const struct trace_process *first, const struct trace_process *process)
{
    uint64_t by_counter = first->start + (process->counter - first->counter);
    return distance(by_counter, process->start) < 2 * SECOND ? by_counter : process->start;
}

static int compare_events(const void *left, const void *right)
{
    const struct trace_event *a = left, *b = right;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    if (a->process != b->process)
        return a->process->id < b->process->id ? -1 : 1;
    if (a->record->thread != b->record->thread)
        return a->record->thread < b->record->thread ? -1 : 1;
    return a->record->sequence < b->record->sequence ? -1 : a->record->sequence > b->record->sequence;
}

void trace_finish(struct trace *trace)
{
    if (trace->event_count == 0)
        return;
    for (size_t i = 0; i < trace->event_count; i++) {
        struct trace_event *event = &trace->events[i];
        event->time += common_start(trace->processes[0], event->process) - event->process->start;
    }
    qsort(trace->events, trace->event_count, sizeof trace->events[0], compare_events);
}

static bool is_there(const struct trace *trace, const char *path)
{
    for (size_t i = 0; i < trace->process_count; i++) {
        if (strcmp(trace->processes[i]->path, path) == 0)
            return true;
    }
    return false;
}

static enum wsplsp_status read_file(struct trace *trace, const char *path, struct wsplsp_error *error)
{
    void *bytes;
    size_t size;
    if (is_there(trace, path))
        return WSPLSP_OK; /* named, and a companion of another */
    if (file_read(path, &bytes, &size, error) != WSPLSP_OK)
        return error->status;
    return trace_add(trace, bytes, size, path, error);
}

/* A companion is found by its name. It may be another file, or that of a process killed while it made it. */
static enum wsplsp_status read_companion(struct trace *trace, const char *path, struct wsplsp_error *error)
{
    return trace_file_is_trace(path) ? read_file(trace, path, error) : WSPLSP_OK;
}

static enum wsplsp_status read_run(struct trace *trace, const char *path, struct wsplsp_error *error)
{
    char **companions;
    size_t count;
    if (read_file(trace, path, error) != WSPLSP_OK ||
        trace_files_companions(path, &companions, &count, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = WSPLSP_OK;
    for (size_t i = 0; i < count && status == WSPLSP_OK; i++)
        status = read_companion(trace, companions[i], error);
    trace_files_free(companions, count);
    return status;
}

enum wsplsp_status trace_read(const char *const *paths, size_t count, struct trace **trace, struct wsplsp_error *error)
{
    *trace = calloc(1, sizeof **trace);
    if (*trace == NULL)
        return wsplsp_fail_memory(error);
    enum wsplsp_status status = WSPLSP_OK;
    for (size_t i = 0; i < count && status == WSPLSP_OK; i++)
        status = read_run(*trace, paths[i], error);
    if (status == WSPLSP_OK) {
        trace_finish(*trace);
        return WSPLSP_OK;
    }
    trace_free(*trace);
    *trace = NULL;
    return status;
}

void trace_clear(struct trace *trace)
{
    for (size_t i = 0; i < trace->process_count; i++) {
        free(trace->processes[i]->bytes);
        free(trace->processes[i]->path);
        free(trace->processes[i]->image);
        free(trace->processes[i]);
    }
    free(trace->processes);
    free(trace->events);
    memset(trace, 0, sizeof *trace);
}

void trace_free(struct trace *trace)
{
    if (trace == NULL)
        return;
    trace_clear(trace);
    free(trace);
}
