/* A WSK provider that does what a script says. */
#include "scripted_provider.h"

static struct script *script;
static WSK_SOCKET the_socket;
static KSPIN_LOCK lock; /* of the script's `waiting` */

NTSTATUS script_failure(enum script_call call)
{
    static const NTSTATUS failures[] = {STATUS_NOT_SUPPORTED, STATUS_ADDRESS_ALREADY_EXISTS, STATUS_CONNECTION_REFUSED,
                                        STATUS_UNSUCCESSFUL};
    return failures[call];
}

PWSK_SOCKET script_socket(void)
{
    return &the_socket;
}

static void complete(enum script_call call, PIRP irp, NTSTATUS status)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = 0;
    if (NT_SUCCESS(status) && call == SCRIPT_SOCKET) {
        InterlockedIncrement(&script->open_sockets);
        irp->IoStatus.Information = (ULONG_PTR)&the_socket;
    }
    if (call == SCRIPT_CLOSE)
        InterlockedDecrement(&script->open_sockets);
    IoCompleteRequest(irp, IO_NO_INCREMENT);
}

/* Takes the IRP of a call that waits, unless its cancel routine has been called: then it is that one's. */
static PIRP take_waiting(enum script_call call)
{
    KIRQL irql;
    KeAcquireSpinLock(&lock, &irql);
    PIRP irp = script->waiting[call];
    if (irp != NULL && script->obeys_cancel && call != SCRIPT_CLOSE && IoSetCancelRoutine(irp, NULL) == NULL)
        irp = NULL;
    if (irp != NULL)
        script->waiting[call] = NULL;
    KeReleaseSpinLock(&lock, irql);
    return irp;
}

static VOID NTAPI cancelled(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(device);
    IoReleaseCancelSpinLock(irp->CancelIrql);
    KIRQL irql;
    KeAcquireSpinLock(&lock, &irql);
    int call = SCRIPT_SOCKET;
    while (script->waiting[call] != irp)
        call++;
    script->waiting[call] = NULL;
    KeReleaseSpinLock(&lock, irql);
    complete(call, irp, STATUS_CANCELLED);
}

BOOLEAN script_complete(enum script_call call)
{
    PIRP irp = take_waiting(call);
    if (irp == NULL)
        return FALSE;
    complete(call, irp, script->way[call] == SCRIPT_LATER ? STATUS_SUCCESS : script_failure(call));
    return TRUE;
}

/* From here on script_complete or the cancel routine may complete the IRP; or it has been cancelled already. */
static NTSTATUS wait(enum script_call call, PIRP irp)
{
    KIRQL irql;
    IoMarkIrpPending(irp);
    KeAcquireSpinLock(&lock, &irql);
    script->waiting[call] = irp;
    BOOLEAN cancelled_before = FALSE;
    if (script->obeys_cancel && call != SCRIPT_CLOSE) {
        IoSetCancelRoutine(irp, cancelled);
        cancelled_before = irp->Cancel && IoSetCancelRoutine(irp, NULL) != NULL;
    }
    if (cancelled_before)
        script->waiting[call] = NULL;
    KeReleaseSpinLock(&lock, irql);
    if (cancelled_before)
        complete(call, irp, STATUS_CANCELLED);
    return STATUS_PENDING;
}

static NTSTATUS begin(enum script_call call, PIRP irp)
{
    script->calls[call]++;
    IoSetNextIrpStackLocation(irp);
    if (script->hook_at == (int)call)
        script->hook(script->hook_context);
    if (script->way[call] != SCRIPT_AT_ONCE && script->way[call] != SCRIPT_FAIL_AT_ONCE)
        return wait(call, irp);
    NTSTATUS status = script->way[call] == SCRIPT_AT_ONCE ? STATUS_SUCCESS : script_failure(call);
    complete(call, irp, status);
    return status;
}

static NTSTATUS WSKAPI do_bind(PWSK_SOCKET socket, PSOCKADDR address, ULONG flags, PIRP irp)
{
    if (socket != &the_socket || flags != 0)
        abort();
    memcpy(&script->local, address, address->sa_family == AF_INET ? sizeof(SOCKADDR_IN) : sizeof(SOCKADDR_IN6));
    return begin(SCRIPT_BIND, irp);
}

static NTSTATUS WSKAPI do_connect(PWSK_SOCKET socket, PSOCKADDR address, ULONG flags, PIRP irp)
{
    if (socket != &the_socket || flags != 0)
        abort();
    memcpy(&script->remote, address, address->sa_family == AF_INET ? sizeof(SOCKADDR_IN) : sizeof(SOCKADDR_IN6));
    return begin(SCRIPT_CONNECT, irp);
}

/* "Calling the WskCloseSocket function causes the WSK subsystem to cancel and complete all pending IRPs". */
static NTSTATUS WSKAPI do_close(PWSK_SOCKET socket, PIRP irp)
{
    if (socket != &the_socket || script->open_sockets != 1)
        abort();
    for (int call = SCRIPT_BIND; call <= SCRIPT_CONNECT; call++) {
        PIRP pending = take_waiting(call);
        if (pending != NULL)
            complete(call, pending, STATUS_CANCELLED);
    }
    return begin(SCRIPT_CLOSE, irp);
}

/* No WskControlSocket: enabling an event callback would end the program. */
static const WSK_PROVIDER_CONNECTION_DISPATCH socket_functions = {
    .Basic = {.WskCloseSocket = do_close},
    .WskBind = do_bind,
    .WskConnect = do_connect,
};

static NTSTATUS WSKAPI do_socket(PWSK_CLIENT client, ADDRESS_FAMILY family, USHORT socket_type, ULONG protocol,
                                 ULONG flags, PVOID context, const VOID *dispatch, PEPROCESS process, PETHREAD thread,
                                 PSECURITY_DESCRIPTOR descriptor, PIRP irp)
{
    the_socket.Dispatch = &socket_functions;
    script->socket.client = client;
    script->socket.family = family;
    script->socket.socket_type = socket_type;
    script->socket.protocol = protocol;
    script->socket.flags = flags;
    script->socket.context = context;
    script->socket.dispatch = dispatch;
    script->socket.process = process;
    script->socket.thread = thread;
    script->socket.descriptor = descriptor;
    return begin(SCRIPT_SOCKET, irp);
}

const WSK_PROVIDER_DISPATCH *script_use(struct script *used)
{
    static const WSK_PROVIDER_DISPATCH dispatch = {.Version = MAKE_WSK_VERSION(1, 0), .WskSocket = do_socket};
    script = used;
    return &dispatch;
}
