/* WskSocketConnect of its three steps: a state machine driven by events (a step's IRP completed, the socket is closed,
 * the caller cancelled). Whichever thread brings an event handles it unless another one is just handling some, which
 * then takes this one too: so the steps follow each other in a loop, not in a recursion of completion routines, and no
 * two threads are ever inside. No provider function is called with the lock held. */
#include "socket_connect.h"
#include "resources.h"

enum event {
    EVENT_STEP = 1,   /* the step's IRP is complete */
    EVENT_CLOSED = 2, /* the IRP of WskCloseSocket is complete */
    EVENT_CANCEL = 4, /* the caller's IRP was cancelled; its cancel routine is through */
};

struct connect {
    KSPIN_LOCK lock; /* of the next two */
    ULONG events;    /* enum event: not handled yet */
    BOOLEAN running; /* a thread is handling events */

    /* The rest belongs to the thread that is handling events. */
    BOOLEAN pending;   /* the caller's IRP is marked pending: STATUS_PENDING has been or will be returned */
    BOOLEAN armed;     /* the caller's IRP has the cancel routine, and EVENT_CANCEL has not come */
    BOOLEAN in_flight; /* the step's IRP is with the provider */
    BOOLEAN closing;   /* the closing IRP has been given to it */
    BOOLEAN stopped;   /* the step in flight has been cancelled */
    ULONG step;        /* enum socket_connect_step: in flight, or next */
    NTSTATUS status;   /* the first failure */
    PWSK_SOCKET socket;
    PWSK_CLIENT client;
    PIRP caller;
    PIRP step_irp;
    PIRP close_irp; /* allocated beforehand, as the next: closing must not fail for want of memory */
    PIO_WORKITEM close_item;
    struct socket_connect_request request;
    struct socket_connect_times *times;
    SOCKADDR_STORAGE local;
    SOCKADDR_STORAGE remote;
};

static const WSK_PROVIDER_DISPATCH *provider;
static BOOLEAN provider_has_it;
static PDEVICE_OBJECT work_device;

static NTSTATUS run(struct connect *connect);

static const WSK_PROVIDER_CONNECTION_DISPATCH *functions(const struct connect *connect)
{
    return connect->socket->Dispatch;
}

static LONGLONG now(void)
{
    return KeQueryPerformanceCounter(NULL).QuadPart;
}

/* May be called at any time; `connect` may be gone afterwards. */
static void post(struct connect *connect, ULONG event)
{
    KIRQL irql;
    KeAcquireSpinLock(&connect->lock, &irql);
    connect->events |= event;
    BOOLEAN mine = !connect->running;
    connect->running = TRUE;
    KeReleaseSpinLock(&connect->lock, irql);
    if (mine)
        run(connect);
}

/* "Using IRPs with Winsock Kernel Functions": the IRP is the driver's own, so its completion ends here. */
static NTSTATUS NTAPI step_completed(PDEVICE_OBJECT device, PIRP irp, PVOID connect)
{
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(irp);
    post(connect, EVENT_STEP);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI close_completed(PDEVICE_OBJECT device, PIRP irp, PVOID connect)
{
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(irp);
    post(connect, EVENT_CLOSED);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static VOID NTAPI caller_cancelled(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(device);
    struct connect *connect = IoGetCurrentIrpStackLocation(irp)->Parameters.Others.Argument1;
    IoReleaseCancelSpinLock(irp->CancelIrql);
    post(connect, EVENT_CANCEL);
}

/* What the function returns is left aside: the IRP completes in every case, and has the status. */
static void begin_step(struct connect *connect)
{
    const struct socket_connect_request *request = &connect->request;
    PIRP irp = connect->step_irp;
    if (connect->step != SOCKET_CONNECT_SOCKET)
        IoReuseIrp(irp, STATUS_UNSUCCESSFUL);
    IoSetCompletionRoutine(irp, step_completed, connect, TRUE, TRUE, TRUE);
    connect->in_flight = TRUE;
    connect->times->begun[connect->step] = now();
    switch (connect->step) {
    case SOCKET_CONNECT_SOCKET:
        provider->WskSocket(connect->client, connect->local.ss_family, request->socket_type, request->protocol,
                            WSK_FLAG_CONNECTION_SOCKET, request->socket_context, request->dispatch,
                            request->owning_process, request->owning_thread, request->security_descriptor, irp);
        break;
    case SOCKET_CONNECT_BIND:
        functions(connect)->WskBind(connect->socket, (PSOCKADDR)&connect->local, 0, irp);
        break;
    default:
        functions(connect)->WskConnect(connect->socket, (PSOCKADDR)&connect->remote, 0, irp);
        break;
    }
}

static void end_step(struct connect *connect)
{
    NTSTATUS status = connect->step_irp->IoStatus.Status;
    connect->in_flight = FALSE;
    connect->times->ended[connect->step] = now();
    if (NT_SUCCESS(status) && connect->step == SOCKET_CONNECT_SOCKET) {
        connect->socket = (PWSK_SOCKET)connect->step_irp->IoStatus.Information;
        resources_count_socket(1);
    }
    if (!NT_SUCCESS(status) && NT_SUCCESS(connect->status)) {
        connect->status = status;
        connect->times->failed_step = connect->step;
    }
    connect->step++;
}

static VOID NTAPI close_socket(PDEVICE_OBJECT device, PVOID context)
{
    UNREFERENCED_PARAMETER(device);
    struct connect *connect = context;
    IoSetCompletionRoutine(connect->close_irp, close_completed, connect, TRUE, TRUE, TRUE);
    functions(connect)->Basic.WskCloseSocket(connect->socket, connect->close_irp);
}

/* After a failure. The step in flight is told to end, and the socket is closed without waiting for that: WskCloseSocket
 * cancels and completes what is pending on the socket, which IoCancelIrp alone does not achieve with every provider
 * (Wine 8 has no cancel routine for WskConnect). A work item closes it since this may be the completion routine of
 * WskConnect, and Wine 8's WskCloseSocket waits until that has returned. */
static void stop(struct connect *connect)
{
    if (connect->in_flight && !connect->stopped) {
        connect->stopped = TRUE;
        IoCancelIrp(connect->step_irp);
    }
    if (connect->socket != NULL && !connect->closing) {
        connect->closing = TRUE;
        IoQueueWorkItem(connect->close_item, close_socket, DelayedWorkQueue, connect);
    }
}

/* Takes the cancel routine off the caller's IRP. FALSE: it is being called this moment, so EVENT_CANCEL is to come. */
static BOOLEAN disarm(struct connect *connect)
{
    if (connect->armed && IoSetCancelRoutine(connect->caller, NULL) == NULL)
        return FALSE;
    connect->armed = FALSE;
    return TRUE;
}

static void free_connect(struct connect *connect)
{
    resources_give_irp(connect->step_irp);
    resources_give_irp(connect->close_irp);
    resources_give_work_item(connect->close_item);
    resources_give(connect);
}

static NTSTATUS finish(struct connect *connect)
{
    PIRP caller = connect->caller;
    NTSTATUS status = connect->status;
    caller->IoStatus.Status = status;
    caller->IoStatus.Information = (ULONG_PTR)connect->socket;
    free_connect(connect);
    IoCompleteRequest(caller, IO_NO_INCREMENT);
    return status;
}

/* TRUE: all is done, and the caller's IRP can be completed. */
static BOOLEAN handle(struct connect *connect, ULONG events)
{
    if (events & EVENT_STEP)
        end_step(connect);
    if (events & EVENT_CLOSED) {
        connect->socket = NULL;
        resources_count_socket(-1);
    }
    if (events & EVENT_CANCEL) {
        connect->armed = FALSE;
        if (NT_SUCCESS(connect->status)) {
            connect->status = STATUS_CANCELLED;
            connect->times->failed_step = connect->step < SOCKET_CONNECT_STEPS ? connect->step : SOCKET_CONNECT_CONNECT;
        }
    }
    if (!NT_SUCCESS(connect->status))
        stop(connect);
    else if (!connect->in_flight && connect->step < SOCKET_CONNECT_STEPS)
        begin_step(connect);

    if (connect->in_flight || (!NT_SUCCESS(connect->status) && connect->socket != NULL))
        return FALSE;
    return disarm(connect);
}

/* Handles events until there are none, then leaves `connect` to whoever brings the next one. Returns STATUS_PENDING, or
 * the final status where the caller's IRP is complete and was never marked pending. */
static NTSTATUS run(struct connect *connect)
{
    for (;;) {
        KIRQL irql;
        KeAcquireSpinLock(&connect->lock, &irql);
        ULONG events = connect->events;
        connect->events = 0;
        if (events == 0) {
            /* Before another thread can complete the IRP: IoMarkIrpPending. */
            if (!connect->pending)
                IoMarkIrpPending(connect->caller);
            connect->pending = TRUE;
            connect->running = FALSE;
            KeReleaseSpinLock(&connect->lock, irql);
            return STATUS_PENDING;
        }
        KeReleaseSpinLock(&connect->lock, irql);
        if (handle(connect, events)) {
            BOOLEAN pending = connect->pending;
            NTSTATUS status = finish(connect);
            return pending ? STATUS_PENDING : status;
        }
    }
}

static SIZE_T address_size(const SOCKADDR *address)
{
    return address->sa_family == AF_INET ? sizeof(SOCKADDR_IN) : sizeof(SOCKADDR_IN6);
}

/* "WSK Address Families" has these two. */
static NTSTATUS check(const struct socket_connect_request *request)
{
    if (request->flags != 0)
        return STATUS_INVALID_PARAMETER;
    if (request->local_address->sa_family != AF_INET && request->local_address->sa_family != AF_INET6)
        return STATUS_NOT_SUPPORTED;
    if (request->remote_address->sa_family != request->local_address->sa_family)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static struct connect *new_connect(PWSK_CLIENT client, const struct socket_connect_request *request,
                                   struct socket_connect_times *times, PIRP irp)
{
    /* With room for times that nobody asked for. */
    struct connect *connect = resources_take(sizeof *connect + sizeof *times);
    if (connect == NULL)
        return NULL;
    connect->step_irp = resources_take_irp();
    connect->close_irp = resources_take_irp();
    connect->close_item = resources_take_work_item(work_device);
    if (connect->step_irp == NULL || connect->close_irp == NULL || connect->close_item == NULL) {
        free_connect(connect);
        return NULL;
    }
    KeInitializeSpinLock(&connect->lock);
    connect->running = TRUE;
    connect->status = STATUS_SUCCESS;
    connect->client = client;
    connect->caller = irp;
    connect->request = *request;
    connect->times = times != NULL ? times : (struct socket_connect_times *)(connect + 1);
    RtlZeroMemory(connect->times, sizeof *times);
    connect->times->failed_step = SOCKET_CONNECT_STEPS;
    RtlCopyMemory(&connect->local, request->local_address, address_size(request->local_address));
    RtlCopyMemory(&connect->remote, request->remote_address, address_size(request->remote_address));
    return connect;
}

static NTSTATUS fail_at_once(PIRP irp, NTSTATUS status)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = 0;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

NTSTATUS socket_connect_timed(PWSK_CLIENT client, const struct socket_connect_request *request,
                              struct socket_connect_times *times, PIRP irp)
{
    /* The IRP's next stack location, which has the caller's completion routine, is this function's own from here on. */
    IoSetNextIrpStackLocation(irp);
    NTSTATUS status = check(request);
    if (!NT_SUCCESS(status))
        return fail_at_once(irp, status);
    struct connect *connect = new_connect(client, request, times, irp);
    if (connect == NULL)
        return fail_at_once(irp, STATUS_INSUFFICIENT_RESOURCES);

    IoGetCurrentIrpStackLocation(irp)->Parameters.Others.Argument1 = connect;
    connect->armed = TRUE;
    IoSetCancelRoutine(irp, caller_cancelled);
    /* Cancelled before: then nobody has called the cancel routine, unless it was this very moment. */
    if (irp->Cancel) {
        if (disarm(connect))
            connect->events = EVENT_CANCEL;
        return run(connect);
    }
    begin_step(connect);
    return run(connect);
}

void socket_connect_use(const WSK_PROVIDER_NPI *npi, BOOLEAN implemented, PDEVICE_OBJECT device)
{
    provider = npi->Dispatch;
    provider_has_it = implemented;
    work_device = device;
}

NTSTATUS WSKAPI socket_connect(PWSK_CLIENT client, USHORT socket_type, ULONG protocol, PSOCKADDR local_address,
                               PSOCKADDR remote_address, ULONG flags, PVOID socket_context,
                               const WSK_CLIENT_CONNECTION_DISPATCH *dispatch, PEPROCESS owning_process,
                               PETHREAD owning_thread, PSECURITY_DESCRIPTOR security_descriptor, PIRP irp)
{
    if (provider_has_it)
        return provider->WskSocketConnect(client, socket_type, protocol, local_address, remote_address, flags,
                                          socket_context, dispatch, owning_process, owning_thread, security_descriptor,
                                          irp);
    struct socket_connect_request request = {
        .socket_type = socket_type,
        .protocol = protocol,
        .local_address = local_address,
        .remote_address = remote_address,
        .flags = flags,
        .socket_context = socket_context,
        .dispatch = dispatch,
        .owning_process = owning_process,
        .owning_thread = owning_thread,
        .security_descriptor = security_descriptor,
    };
    return socket_connect_timed(client, &request, NULL, irp);
}
