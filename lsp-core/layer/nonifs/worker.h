/* The threads that learn of the next providers' completions. One completion port has one thread, and one socket always
 * the same port, so that what completes on a socket is announced in that order (of what is told by events: in the order
 * in which it began); there are as many as processors, at most WORKERS, each from the first overlapped operation on
 * that it is needed for. */
#ifndef WSPLSP_CORE_LAYER_NONIFS_WORKER_H
#define WSPLSP_CORE_LAYER_NONIFS_WORKER_H

#include "operation.h"

enum { WORKERS = 8 };

/* Makes the socket's completions come to its worker. False: no port, or no thread. */
bool worker_attach(const struct nonifs_socket *socket);

/* Which worker's the socket is. */
unsigned worker_of(const struct slot *slot);

/* Before the operation goes down: an event is to tell of its completion, where that is asked for or the socket could
 * not be attached (its file object has a port already, in the process that it was duplicated from). False where it
 * cannot be had. */
bool worker_expect(struct operation *operation);

/* It has ended with the call: no event is needed. */
void worker_expect_no_more(struct operation *operation);

/* The next provider calls it pending: from here on the worker learns of its event. */
void worker_watch(struct operation *operation);

/* Whether an operation that an event is to tell of has ended, and the event can be done without. */
bool worker_has_ended(const struct operation *operation);

/* Whether a call that is done at once brings no completion beside. */
bool worker_skips(const struct operation *operation);

/* Puts an operation that is done behind those that the worker has not come to. */
bool worker_post(struct operation *operation);

/* Keeps an operation from being used until no packet about it can be on its way: a packet is queued before the call
 * that it tells of returns, and so it comes before what is queued later. Then operation_rested. */
void worker_rest(struct operation *operation);

/* At the last WSPCleanup of the places that have used them. The threads end in their own time: each holds on to the DLL
 * until then. */
void workers_end(void);

#endif
