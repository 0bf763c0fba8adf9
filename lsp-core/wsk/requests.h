/* The requests under way: each has a thread and can be cancelled (by its IRP, by its file's handle being closed, by the
 * driver being unloaded). IRQL PASSIVE_LEVEL. */
#ifndef WSPLSP_CORE_WSK_REQUESTS_H
#define WSPLSP_CORE_WSK_REQUESTS_H

#include "work.h"

/* Before all else. */
void requests_init(void);

/* Carries out a checked device control request. STATUS_PENDING: its IRP is the request's; any other status: it is still
 * the caller's to complete with. */
NTSTATUS requests_start(work_routine *routine, PIRP irp);

/* Cancels those of one file; of all: NULL. Does not wait for them. */
void requests_cancel(PFILE_OBJECT file);

/* Accepts no more, cancels all, and waits until the last thread is gone: after that, no code of the driver runs. */
void requests_stop(void);

/* Frees what is left of the finished ones. */
void requests_reap(void);

/* Those under way. */
ULONG requests_count(void);

#endif
