/* A trace in numbers: by function, and by socket. Copies of the layer further down a chain are left out, so that a call
 * counts once. Portable. */
#ifndef WSPLSP_CORE_TRACE_SUMMARY_H
#define WSPLSP_CORE_TRACE_SUMMARY_H

#include "filter.h"
#include "read.h"
#include "text.h"

struct trace_function {
    unsigned function;
    uint64_t count;
    uint64_t errors;
    uint64_t under_way;     /* of `count` */
    uint64_t p50, p99, max; /* nanoseconds, of those that returned; 0 where none has */
};

/* One socket: from when it was made, or first seen, until it was closed. A handle that is used again is another one. */
struct trace_socket {
    const struct trace_process *process;
    uint64_t socket;
    bool made; /* its making is in the trace */
    bool closed;
    uint64_t first;                  /* when it was made, or first seen */
    uint64_t last;                   /* when it was closed, or last seen */
    uint32_t family, type, protocol; /* of WSPSocket; 0 where it is not in the trace */
    char local[TRACE_ADDRESS_ROOM];  /* empty: not known */
    char peer[TRACE_ADDRESS_ROOM];
    uint64_t sent, received; /* bytes */
    uint64_t unknown;        /* overlapped operations of which the trace does not tell how many bytes they came to */
    uint64_t calls;
    uint64_t errors;
    uint64_t slowest; /* nanoseconds */
    unsigned slowest_function;
};

struct trace_summary {
    struct trace_function *functions; /* by name */
    size_t function_count;
    struct trace_socket *sockets; /* by time */
    size_t socket_count;
};

/* `filter` says which calls are counted; the sockets' addresses come from all. */
enum wsplsp_status trace_summarize(const struct trace *trace, const struct trace_filter *filter,
                                   struct trace_summary *summary, struct wsplsp_error *error);

void trace_summary_free(struct trace_summary *summary);

#endif
