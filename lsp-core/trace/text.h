/* What a record says, in words: its arguments by name, its address. Portable. */
#ifndef WSPLSP_CORE_TRACE_TEXT_H
#define WSPLSP_CORE_TRACE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wsplsp/trace.h"

#define TRACE_VALUE_ROOM   160
#define TRACE_ADDRESS_ROOM 72

struct trace_value {
    const char *name; /* "flags" */
    uint32_t value;
    char text[TRACE_VALUE_ROOM]; /* "MSG_PEEK"; empty where the number says it all */
    bool quiet;                  /* not worth a word in a line of text: no flags, no limit */
};

/* The arguments that the record's function has, in order; returns how many. Those that are results are left out of a
 * call under way. */
size_t trace_arguments_of(const struct wsplsp_trace_record *record, bool under_way,
                          struct trace_value values[WSPLSP_TRACE_ARGUMENTS]);

/* "127.0.0.1:80", "[::1]:80", "[fe80::1%4]:80", "family 6, 14 bytes"; empty where the record has none. */
void trace_address_text(const struct wsplsp_trace_record *record, char text[TRACE_ADDRESS_ROOM]);

/* "1.234 ms": three digits or more. */
void trace_duration_text(uint64_t nanoseconds, char text[16]);

/* "2026-11-20 16:00:00.123456789", UTC; of nanoseconds since 1601. `digits` of the fraction. */
void trace_time_text(uint64_t time, unsigned digits, char text[40]);

#endif
