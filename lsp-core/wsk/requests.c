/* The requests under way, each with its thread. */
#include "requests.h"
#include "resources.h"
#include "wsplsp/wsk_device.h"

struct request {
    LIST_ENTRY entry; /* in `active`, then in `finished` */
    PIRP irp;
    PFILE_OBJECT file;
    HANDLE thread;
    KEVENT go;              /* the thread may begin: the IRP is pending */
    KEVENT cancel;          /* stop */
    KEVENT irp_cancel_done; /* the IRP's cancel routine is through with the request */
    work_routine *routine;
    struct work work;
};

static KSPIN_LOCK lock; /* of the next four */
static LIST_ENTRY active;
static LIST_ENTRY finished;
static ULONG count;
static BOOLEAN stopping;

static KEVENT idle; /* nothing is in `active` */

void requests_init(void)
{
    KeInitializeSpinLock(&lock);
    InitializeListHead(&active);
    InitializeListHead(&finished);
    KeInitializeEvent(&idle, NotificationEvent, TRUE);
}

static VOID NTAPI irp_cancelled(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(device);
    struct request *request = irp->Tail.Overlay.DriverContext[0];
    IoReleaseCancelSpinLock(irp->CancelIrql);
    KeSetEvent(&request->cancel, IO_NO_INCREMENT, FALSE);
    KeSetEvent(&request->irp_cancel_done, IO_NO_INCREMENT, FALSE);
}

static void complete(struct request *request, NTSTATUS status)
{
    PIRP irp = request->irp;
    /* No cancel routine to take off: it is running or has run. */
    if (IoSetCancelRoutine(irp, NULL) == NULL)
        KeWaitForSingleObject(&request->irp_cancel_done, Executive, KernelMode, FALSE, NULL);
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = NT_SUCCESS(status) ? request->work.answer_size : 0;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
}

static void finish(struct request *request)
{
    KIRQL irql;
    KeAcquireSpinLock(&lock, &irql);
    RemoveEntryList(&request->entry);
    InsertTailList(&finished, &request->entry);
    BOOLEAN last = --count == 0;
    if (last)
        KeSetEvent(&idle, IO_NO_INCREMENT, FALSE);
    KeReleaseSpinLock(&lock, irql);
}

static VOID NTAPI thread_main(PVOID context)
{
    struct request *request = context;
    KeWaitForSingleObject(&request->go, Executive, KernelMode, FALSE, NULL);
    complete(request, request->routine(&request->work));
    finish(request);
    PsTerminateSystemThread(STATUS_SUCCESS);
}

static NTSTATUS enter(struct request *request)
{
    KIRQL irql;
    KeAcquireSpinLock(&lock, &irql);
    NTSTATUS status = stopping                           ? STATUS_DELETE_PENDING
                      : count == WSPLSP_WSK_REQUESTS_MAX ? STATUS_INSUFFICIENT_RESOURCES
                                                         : STATUS_SUCCESS;
    if (NT_SUCCESS(status)) {
        InsertTailList(&active, &request->entry);
        count++;
        KeClearEvent(&idle);
    }
    KeReleaseSpinLock(&lock, irql);
    return status;
}

/* The request was entered but has no thread. */
static void leave(struct request *request)
{
    KIRQL irql;
    KeAcquireSpinLock(&lock, &irql);
    RemoveEntryList(&request->entry);
    if (--count == 0)
        KeSetEvent(&idle, IO_NO_INCREMENT, FALSE);
    KeReleaseSpinLock(&lock, irql);
}

static struct request *new_request(work_routine *routine, PIRP irp)
{
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
    struct request *request = resources_take(sizeof *request);
    if (request == NULL)
        return NULL;
    request->irp = irp;
    request->file = location->FileObject;
    request->routine = routine;
    request->work.buffer = irp->AssociatedIrp.SystemBuffer;
    request->work.output_size = location->Parameters.DeviceIoControl.OutputBufferLength;
    request->work.cancel = &request->cancel;
    KeInitializeEvent(&request->go, NotificationEvent, FALSE);
    KeInitializeEvent(&request->cancel, NotificationEvent, FALSE);
    KeInitializeEvent(&request->irp_cancel_done, NotificationEvent, FALSE);
    return request;
}

NTSTATUS requests_start(work_routine *routine, PIRP irp)
{
    requests_reap();
    struct request *request = new_request(routine, irp);
    if (request == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    NTSTATUS status = enter(request);
    if (!NT_SUCCESS(status)) {
        resources_give(request);
        return status;
    }
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, NULL, OBJ_KERNEL_HANDLE, NULL, NULL);
    status = PsCreateSystemThread(&request->thread, THREAD_ALL_ACCESS, &attributes, NULL, NULL, thread_main, request);
    if (!NT_SUCCESS(status)) {
        leave(request);
        resources_give(request);
        return status;
    }
    IoMarkIrpPending(irp);
    irp->Tail.Overlay.DriverContext[0] = request;
    IoSetCancelRoutine(irp, irp_cancelled);
    /* Cancelled before the routine was there: nobody calls it any more, unless it was this very moment. */
    if (irp->Cancel)
        KeSetEvent(&request->cancel, IO_NO_INCREMENT, FALSE);
    KeSetEvent(&request->go, IO_NO_INCREMENT, FALSE);
    return STATUS_PENDING;
}

void requests_cancel(PFILE_OBJECT file)
{
    KIRQL irql;
    KeAcquireSpinLock(&lock, &irql);
    for (PLIST_ENTRY entry = active.Flink; entry != &active; entry = entry->Flink) {
        struct request *request = CONTAINING_RECORD(entry, struct request, entry);
        if (file == NULL || request->file == file)
            KeSetEvent(&request->cancel, IO_NO_INCREMENT, FALSE);
    }
    KeReleaseSpinLock(&lock, irql);
}

static struct request *take_finished(void)
{
    KIRQL irql;
    KeAcquireSpinLock(&lock, &irql);
    struct request *request = NULL;
    if (!IsListEmpty(&finished))
        request = CONTAINING_RECORD(RemoveHeadList(&finished), struct request, entry);
    KeReleaseSpinLock(&lock, irql);
    return request;
}

/* A finished request's thread may still be on its last instructions, which are the driver's. */
void requests_reap(void)
{
    struct request *request;
    while ((request = take_finished()) != NULL) {
        ZwWaitForSingleObject(request->thread, FALSE, NULL);
        ZwClose(request->thread);
        resources_give(request);
    }
}

void requests_stop(void)
{
    KIRQL irql;
    KeAcquireSpinLock(&lock, &irql);
    stopping = TRUE;
    KeReleaseSpinLock(&lock, irql);
    requests_cancel(NULL);
    KeWaitForSingleObject(&idle, Executive, KernelMode, FALSE, NULL);
    requests_reap();
}

ULONG requests_count(void)
{
    KIRQL irql;
    KeAcquireSpinLock(&lock, &irql);
    ULONG result = count;
    KeReleaseSpinLock(&lock, irql);
    return result;
}
