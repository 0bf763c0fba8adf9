/* One connection from the first step to the last. */
#include "connection.h"
#include "provider.h"
#include "resources.h"
#include "socket_connect.h"

static volatile LONG64 tried;
static volatile LONG latest = WSPLSP_WSK_ANY;
static volatile LONG disconnect_missing; /* asked once: each asking costs an IRP */
static PDEVICE_OBJECT work_device;

void connection_use(PDEVICE_OBJECT device)
{
    work_device = device;
}

static const WSK_PROVIDER_CONNECTION_DISPATCH *functions(const struct connection *connection)
{
    return connection->socket->Dispatch;
}

static void note(struct connection *connection, enum wsplsp_wsk_step step, LONGLONG begun, LONGLONG ended)
{
    struct wsplsp_wsk_attempt *attempt = connection->attempt;
    attempt->steps_taken |= 1u << step;
    attempt->step_ns[step] += clock_ns(ended - begun);
    attempt->total_ns = clock_ns(ended - connection->begun);
}

/* The first failure is the attempt's. */
static NTSTATUS note_status(struct connection *connection, enum wsplsp_wsk_step step, NTSTATUS status)
{
    struct wsplsp_wsk_attempt *attempt = connection->attempt;
    if (!NT_SUCCESS(status) && NT_SUCCESS(attempt->status)) {
        attempt->status = status;
        attempt->failed_step = step;
    }
    return status;
}

static void to_sockaddr(const struct wsplsp_wsk_address *from, SOCKADDR_STORAGE *to)
{
    USHORT port = (USHORT)(from->port << 8 | from->port >> 8);
    RtlZeroMemory(to, sizeof *to);
    to->ss_family = from->family;
    if (from->family == AF_INET) {
        SOCKADDR_IN *in = (SOCKADDR_IN *)to;
        in->sin_port = port;
        RtlCopyMemory(in->sin_addr, from->address, sizeof in->sin_addr);
    } else {
        SOCKADDR_IN6 *in6 = (SOCKADDR_IN6 *)to;
        in6->sin6_port = port;
        in6->sin6_scope_id = from->scope_id;
        RtlCopyMemory(in6->sin6_addr, from->address, sizeof in6->sin6_addr);
    }
}

static void note_own_steps(struct connection *connection, const struct socket_connect_times *times)
{
    for (ULONG step = 0; step < SOCKET_CONNECT_STEPS; step++)
        if (times->ended[step] != 0)
            note(connection, step, times->begun[step], times->ended[step]);
}

/* Waits for WskSocketConnect, whosever it is. Out of time, it is cancelled, and may still have connected: that socket
 * is kept for connection_close. */
static NTSTATUS wait_for_socket(struct connection *connection, NTSTATUS returned)
{
    struct operation *operation = &connection->operation;
    NTSTATUS status = operation_wait(operation, returned, connection->limit);
    NTSTATUS final = status;
    if (operation->outstanding) {
        IoCancelIrp(operation->irp);
        final = operation_wait_for_end(operation);
    }
    if (NT_SUCCESS(final))
        connection->socket = (PWSK_SOCKET)operation->irp->IoStatus.Information;
    return status;
}

static NTSTATUS open_by_provider(struct connection *connection, const struct socket_connect_request *request)
{
    if (provider_implementation() != WSPLSP_WSK_PROVIDER)
        return note_status(connection, WSPLSP_WSK_STEP_CONNECT, STATUS_NOT_IMPLEMENTED);
    NTSTATUS status =
        wait_for_socket(connection, socket_connect(provider_npi()->Client, request->socket_type, request->protocol,
                                                   request->local_address, request->remote_address, request->flags,
                                                   NULL, NULL, NULL, NULL, NULL, connection->operation.irp));
    if (connection->socket != NULL)
        resources_count_socket(1);
    note(connection, WSPLSP_WSK_STEP_CONNECT, connection->begun, clock_now());
    return note_status(connection, WSPLSP_WSK_STEP_CONNECT, status);
}

static NTSTATUS open_by_own(struct connection *connection, const struct socket_connect_request *request)
{
    struct socket_connect_times times = {.failed_step = SOCKET_CONNECT_STEPS};
    NTSTATUS status = wait_for_socket(
        connection, socket_connect_timed(provider_npi()->Client, request, &times, connection->operation.irp));
    note_own_steps(connection, &times);
    return note_status(connection,
                       times.failed_step < SOCKET_CONNECT_STEPS ? times.failed_step : WSPLSP_WSK_STEP_CONNECT, status);
}

NTSTATUS connection_open(struct connection *connection, const struct connection_target *target,
                         const struct limit *limit, struct wsplsp_wsk_attempt *attempt)
{
    SOCKADDR_STORAGE local, remote;
    to_sockaddr(target->local, &local);
    to_sockaddr(target->remote, &remote);
    RtlZeroMemory(connection, sizeof *connection);
    RtlZeroMemory(attempt, sizeof *attempt);
    attempt->failed_step = WSPLSP_WSK_STEP_NONE;
    attempt->implementation =
        target->implementation == WSPLSP_WSK_ANY ? (ULONG)provider_implementation() : target->implementation;
    connection->limit = limit;
    connection->attempt = attempt;
    connection->begun = clock_now();
    InterlockedIncrement64(&tried);
    InterlockedExchange(&latest, (LONG)attempt->implementation);

    struct socket_connect_request request = {
        .socket_type = target->socket_type,
        .protocol = target->protocol,
        .local_address = (PSOCKADDR)&local,
        .remote_address = (PSOCKADDR)&remote,
        .flags = target->flags,
    };
    /* These two now, so that closing cannot fail for want of memory. */
    NTSTATUS status = operation_prepare(&connection->closing);
    connection->close_item = resources_take_work_item(work_device);
    if (connection->close_item == NULL)
        status = STATUS_INSUFFICIENT_RESOURCES;
    if (NT_SUCCESS(status))
        status = operation_prepare(&connection->operation);
    if (!NT_SUCCESS(status))
        return note_status(connection, WSPLSP_WSK_STEP_SOCKET, status);
    return attempt->implementation == WSPLSP_WSK_PROVIDER ? open_by_provider(connection, &request)
                                                          : open_by_own(connection, &request);
}

static NTSTATUS transfer(struct connection *connection, enum wsplsp_wsk_step step, void *data, ULONG size, ULONG *done)
{
    *done = 0;
    LONGLONG begun = clock_now();
    WSK_BUF buffer = {IoAllocateMdl(data, size, FALSE, FALSE, NULL), 0, size};
    NTSTATUS status = buffer.Mdl != NULL ? operation_prepare(&connection->operation) : STATUS_INSUFFICIENT_RESOURCES;
    if (NT_SUCCESS(status)) {
        struct operation *operation = &connection->operation;
        MmBuildMdlForNonPagedPool(buffer.Mdl);
        status = operation_wait(operation,
                                step == WSPLSP_WSK_STEP_SEND
                                    ? functions(connection)->WskSend(connection->socket, &buffer, 0, operation->irp)
                                    : functions(connection)->WskReceive(connection->socket, &buffer, 0, operation->irp),
                                connection->limit);
        if (NT_SUCCESS(status))
            *done = (ULONG)operation->irp->IoStatus.Information;
        /* Out of time: the buffer must stay until the IRP is complete, which closing the socket brings about. */
        if (operation->outstanding)
            connection_close(connection);
    }
    if (buffer.Mdl != NULL)
        IoFreeMdl(buffer.Mdl);
    note(connection, step, begun, clock_now());
    return note_status(connection, step, status);
}

NTSTATUS connection_send(struct connection *connection, void *data, ULONG size, ULONG *done)
{
    return transfer(connection, WSPLSP_WSK_STEP_SEND, data, size, done);
}

NTSTATUS connection_receive(struct connection *connection, void *data, ULONG size, ULONG *done)
{
    return transfer(connection, WSPLSP_WSK_STEP_RECEIVE, data, size, done);
}

NTSTATUS connection_disconnect(struct connection *connection)
{
    if (disconnect_missing)
        return STATUS_NOT_IMPLEMENTED;
    LONGLONG begun = clock_now();
    NTSTATUS status = operation_prepare(&connection->operation);
    if (NT_SUCCESS(status))
        status =
            operation_wait(&connection->operation,
                           functions(connection)->WskDisconnect(connection->socket, NULL, 0, connection->operation.irp),
                           connection->limit);
    if (status == STATUS_NOT_IMPLEMENTED) {
        InterlockedExchange(&disconnect_missing, TRUE);
        return status;
    }
    note(connection, WSPLSP_WSK_STEP_DISCONNECT, begun, clock_now());
    return note_status(connection, WSPLSP_WSK_STEP_DISCONNECT, status);
}

static VOID NTAPI call_close(PDEVICE_OBJECT device, PVOID context)
{
    UNREFERENCED_PARAMETER(device);
    struct connection *connection = context;
    functions(connection)->Basic.WskCloseSocket(connection->socket, connection->closing.irp);
}

/* With a request outstanding, another thread than the request's own has to close the socket: Wine 8's WskCloseSocket
 * cancels the request, which interrupts the thread that made it, and where that is the closing thread itself the
 * request's callback comes when the socket is already freed. */
static void close_socket(struct connection *connection)
{
    LONGLONG begun = clock_now();
    if (connection->operation.outstanding)
        IoQueueWorkItem(connection->close_item, call_close, DelayedWorkQueue, connection);
    else
        call_close(NULL, connection);
    NTSTATUS status = operation_wait_for_end(&connection->closing);
    connection->socket = NULL;
    resources_count_socket(-1);
    note(connection, WSPLSP_WSK_STEP_CLOSE, begun, clock_now());
    note_status(connection, WSPLSP_WSK_STEP_CLOSE, status);
}

void connection_close(struct connection *connection)
{
    if (connection->operation.outstanding)
        IoCancelIrp(connection->operation.irp);
    if (connection->socket != NULL)
        close_socket(connection);
    if (connection->operation.outstanding)
        operation_wait_for_end(&connection->operation);
    operation_release(&connection->operation);
    operation_release(&connection->closing);
    resources_give_work_item(connection->close_item);
    connection->close_item = NULL;
}

ULONGLONG connection_count(void)
{
    return (ULONGLONG)tried;
}

enum wsplsp_wsk_implementation connection_latest(void)
{
    return latest;
}
