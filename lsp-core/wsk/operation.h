/* One call of a WSK function at a time, with an IRP of the driver's own, waited for until it is done, its time is up or
 * somebody cancels. IRQL PASSIVE_LEVEL.
 *
 *     operation_prepare(&operation);
 *     status = operation_wait(&operation, WskBind(socket, address, 0, operation.irp), &limit);
 */
#ifndef WSPLSP_CORE_WSK_OPERATION_H
#define WSPLSP_CORE_WSK_OPERATION_H

#include "clock.h"

struct operation {
    PIRP irp;                      /* NULL until first prepared */
    BOOLEAN outstanding;           /* the provider has the IRP */
    struct operation_state *state; /* what the completion routine touches */
};

struct limit {
    LONGLONG deadline; /* clock_deadline */
    PKEVENT cancel;    /* a notification event; NULL: nobody cancels */
};

/* Readies the IRP for a call; STATUS_INSUFFICIENT_RESOURCES. `operation` starts as zeros. */
NTSTATUS operation_prepare(struct operation *operation);

/* Waits for the call that returned `returned`. The status of the IRP; or, while the IRP stays outstanding,
 * STATUS_IO_TIMEOUT or STATUS_CANCELLED. */
NTSTATUS operation_wait(struct operation *operation, NTSTATUS returned, const struct limit *limit);

/* Waits without limit: for an operation that has been cancelled, or whose socket has been closed, and for closing. */
NTSTATUS operation_wait_for_end(struct operation *operation);

/* Frees the IRP, which must not be outstanding. */
void operation_release(struct operation *operation);

/* Frees what calls left behind that the provider does not implement. When the provider has been released. */
void operation_release_abandoned(void);

#endif
