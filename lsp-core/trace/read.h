/* Reads trace files (include/wsplsp/trace.h): those of several processes, brought into one order by time. Portable.
 * What a file says is checked; a damaged one is an error or loses records, which are counted. */
#ifndef WSPLSP_CORE_TRACE_READ_H
#define WSPLSP_CORE_TRACE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lsp-core/base/error.h"
#include "wsplsp/trace.h"

/* One file. */
struct trace_process {
    char *path;
    char *image; /* the program's path */
    uint32_t id;
    int bits;
    bool ended;          /* false: it was killed, or still runs */
    bool cut_short;      /* the file ends inside of a ring */
    uint32_t data_bytes; /* at most so many of a call's data */
    uint64_t start;      /* nanoseconds since 1601, as are all times */
    uint64_t dropped;    /* calls whose records newer ones have taken the place of */
    uint64_t lost;       /* calls of threads that had no ring */
    uint64_t torn;       /* records that were being written, or are damaged */
    void *bytes;         /* the file */
    uint64_t counter;    /* at the start, in nanoseconds: the machine's clock, which `start` is less exact than */
};

struct trace_event {
    const struct wsplsp_trace_record *record;
    const struct trace_process *process;
    uint64_t time;     /* of a call: when it was made; of a completion: when it came */
    uint64_t duration; /* nanoseconds; of a completion: since the call; 0 for a call under way */
    bool under_way;    /* it had not returned */
    bool nested;       /* a copy of the layer further down: the same call once more */
};

struct trace {
    struct trace_process **processes;
    size_t process_count;
    struct trace_event *events;
    size_t event_count;
    size_t event_room;
};

static inline bool trace_is_completion(const struct trace_event *event)
{
    return (event->record->flags & WSPLSP_TRACE_COMPLETION) != 0;
}

/* Seconds since the first process began; before that, less than 0. */
static inline double trace_seconds(const struct trace *trace, const struct trace_event *event)
{
    return (double)(int64_t)(event->time - trace->processes[0]->start) / 1e9; /* a double is too coarse for the times */
}

/* Whether it failed: WSA_IO_PENDING is no failure. */
bool trace_failed(const struct trace_event *event);

/* The data recorded with it, `record->data_length` bytes or fewer; `*length` is how many. */
const uint8_t *trace_event_data(const struct trace_event *event, size_t *length);

/* Reads these files, and of each the files of the same run's other processes (files.h) that are beside it. */
enum wsplsp_status trace_read(const char *const *paths, size_t count, struct trace **trace, struct wsplsp_error *error);

/* Adds one file's bytes, which it takes over, to a trace that begins as zeros; trace_finish once all are there. */
enum wsplsp_status trace_add(struct trace *trace, void *bytes, size_t size, const char *path,
                             struct wsplsp_error *error);
void trace_finish(struct trace *trace);

void trace_free(struct trace *trace);  /* and the structure itself */
void trace_clear(struct trace *trace); /* what it holds */

#endif
