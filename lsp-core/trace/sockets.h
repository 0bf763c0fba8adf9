/* The sockets of a trace, followed from call to call; a part of summary.h. */
#ifndef WSPLSP_CORE_TRACE_SOCKETS_H
#define WSPLSP_CORE_TRACE_SOCKETS_H

#include "summary.h"

struct trace_sockets;

/* NULL when out of memory. */
struct trace_sockets *trace_sockets_new(void);

/* The next by time: what was called, and what a call has made when it returned. `counted` says whether the event passes
 * the filter. False when out of memory. */
bool trace_sockets_add(struct trace_sockets *sockets, const struct trace_event *event, bool counted);
bool trace_sockets_made(struct trace_sockets *sockets, const struct trace_event *event, bool counted);

/* Whether the event has made a socket, or given one its connection. */
bool trace_sockets_makes(const struct trace_event *event);

/* Frees all but the list, which is the caller's. Sockets of which nothing was counted are not in it. */
struct trace_socket *trace_sockets_take(struct trace_sockets *sockets, size_t *count);

void trace_sockets_free(struct trace_sockets *sockets);

#endif
