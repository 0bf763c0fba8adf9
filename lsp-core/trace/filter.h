/* Which events of a trace are looked at. Portable. */
#ifndef WSPLSP_CORE_TRACE_FILTER_H
#define WSPLSP_CORE_TRACE_FILTER_H

#include "read.h"

struct trace_filter {
    bool by_socket, by_function, by_process;
    uint64_t socket;
    unsigned function;
    uint32_t process;
    bool errors;     /* only what failed */
    uint64_t slower; /* only what took as many nanoseconds or more; 0: all. A call under way takes that long, too. */
};

bool trace_filter_passes(const struct trace_filter *filter, const struct trace_event *event);

/* "10ms", "1.5s", "250us", "80ns" as nanoseconds, more than 0; false for anything else. */
bool trace_filter_duration(const char *text, uint64_t *nanoseconds);

/* "0x1a4", "420"; false for anything else. */
bool trace_filter_number(const char *text, uint64_t limit, uint64_t *number);

#endif
