/* The extension functions on sockets with handles of the layer's own; see lsp-core/layer/nonifs/sockets.h and
 * extension.h. They are called past Winsock: errors are the last error. */
#include "lsp-core/layer/nonifs/sockets.h"

#include "lsp-core/layer/nonifs/operation.h"

/* The next provider's function for the socket; NULL with the last error set. */
static void *find(struct place *place, SOCKET s, enum extension extension, struct nonifs_socket *found)
{
    if (!nonifs_find(place, s, found)) {
        SetLastError(WSAENOTSOCK);
        return NULL;
    }
    return extension_find_for(found->chain, s, found->next, extension);
}

static bool begin(struct operation_call *call, struct place *place, struct nonifs_socket *found,
                  const struct operation_request *request)
{
    INT error;
    if (operation_begin(call, place, found, request, &error))
        return true;
    SetLastError((DWORD)error);
    return false;
}

/* After the next provider's function, which has set the last error where it failed. */
static bool end(struct operation_call *call, bool succeeded, DWORD *bytes)
{
    INT error = succeeded ? 0 : (INT)GetLastError();
    if (operation_return(call, succeeded, bytes, NULL, &error) == 0)
        return true;
    SetLastError((DWORD)error);
    return false;
}

WINBOOL nonifs_AcceptEx(struct place *place, SOCKET s, SOCKET accepted, void *buffer, DWORD data_length,
                        DWORD local_length, DWORD remote_length, DWORD *bytes, OVERLAPPED *overlapped)
{
    struct nonifs_socket found, other;
    struct operation_call call;
    LPFN_ACCEPTEX accept = (LPFN_ACCEPTEX)find(place, s, EXTENSION_ACCEPT_EX, &found);
    if (accept == NULL)
        return FALSE;
    if (!nonifs_find(place, accepted, &other)) {
        SetLastError(WSAENOTSOCK);
        return FALSE;
    }
    if (overlapped == NULL) /* it is the next provider's to refuse that */
        return accept(found.next, other.next, buffer, data_length, local_length, remote_length, bytes, NULL);
    const WSABUF data = {data_length, buffer};
    const struct operation_request request = {.function = WSPLSP_TRACE_ACCEPT_EX,
                                              .direction = DIRECTION_IN,
                                              .overlapped = overlapped,
                                              .bytes = bytes,
                                              .accepted = accepted,
                                              .buffers = &data,
                                              .buffer_count = 1,
                                              .address_length = {local_length, remote_length}};
    if (!begin(&call, place, &found, &request))
        return FALSE;
    other.next = atomic_load(&call.operation->accepted->next); /* of the one that is held */
    BOOL done = accept(found.next, other.next, buffer, data_length, local_length, remote_length, &call.bytes,
                       call.operation->below);
    return end(&call, done, bytes);
}

WINBOOL nonifs_ConnectEx(struct place *place, SOCKET s, const struct sockaddr *name, int length, void *buffer,
                         DWORD data_length, DWORD *bytes, OVERLAPPED *overlapped)
{
    struct nonifs_socket found;
    struct operation_call call;
    LPFN_CONNECTEX connect = (LPFN_CONNECTEX)find(place, s, EXTENSION_CONNECT_EX, &found);
    if (connect == NULL)
        return FALSE;
    if (overlapped == NULL)
        return connect(found.next, name, length, buffer, data_length, bytes, NULL);
    const WSABUF data = {data_length, buffer};
    const struct operation_request request = {.function = WSPLSP_TRACE_CONNECT_EX,
                                              .direction = DIRECTION_OUT,
                                              .overlapped = overlapped,
                                              .bytes = bytes,
                                              .buffers = &data,
                                              .buffer_count = 1};
    if (!begin(&call, place, &found, &request))
        return FALSE;
    BOOL done = connect(found.next, name, length, buffer, data_length, &call.bytes, call.operation->below);
    return end(&call, done, bytes);
}

/* Wine 8 calls it pending when it is done, and then sends no packet where success at once brings none: the event is
 * signalled in any case. */
WINBOOL nonifs_DisconnectEx(struct place *place, SOCKET s, OVERLAPPED *overlapped, DWORD flags, DWORD reserved)
{
    struct nonifs_socket found;
    struct operation_call call;
    LPFN_DISCONNECTEX disconnect = (LPFN_DISCONNECTEX)find(place, s, EXTENSION_DISCONNECT_EX, &found);
    if (disconnect == NULL)
        return FALSE;
    if (overlapped == NULL)
        return disconnect(found.next, NULL, flags, reserved);
    const struct operation_request request = {.function = WSPLSP_TRACE_DISCONNECT_EX,
                                              .direction = DIRECTION_OUT,
                                              .overlapped = overlapped,
                                              .told_by = TOLD_BY_EVENT};
    if (!begin(&call, place, &found, &request))
        return FALSE;
    return end(&call, disconnect(found.next, call.operation->below, flags, reserved), NULL);
}

/* "If lpOverlapped is not NULL … the offset is the one in the structure" (TransmitFile). */
WINBOOL nonifs_TransmitFile(struct place *place, SOCKET s, HANDLE file, DWORD length, DWORD per_send,
                            OVERLAPPED *overlapped, TRANSMIT_FILE_BUFFERS *buffers, DWORD flags)
{
    struct nonifs_socket found;
    struct operation_call call;
    LPFN_TRANSMITFILE transmit = (LPFN_TRANSMITFILE)find(place, s, EXTENSION_TRANSMIT_FILE, &found);
    if (transmit == NULL)
        return FALSE;
    if (overlapped == NULL)
        return transmit(found.next, file, length, per_send, NULL, buffers, flags);
    const struct operation_request request = {
        .function = WSPLSP_TRACE_TRANSMIT_FILE, .direction = DIRECTION_OUT, .overlapped = overlapped};
    if (!begin(&call, place, &found, &request))
        return FALSE;
    call.operation->below->Offset = overlapped->Offset;
    call.operation->below->OffsetHigh = overlapped->OffsetHigh;
    return end(&call, transmit(found.next, file, length, per_send, call.operation->below, buffers, flags), NULL);
}

WINBOOL nonifs_TransmitPackets(struct place *place, SOCKET s, TRANSMIT_PACKETS_ELEMENT *packets, DWORD count,
                               DWORD per_send, OVERLAPPED *overlapped, DWORD flags)
{
    struct nonifs_socket found;
    struct operation_call call;
    LPFN_TRANSMITPACKETS transmit = (LPFN_TRANSMITPACKETS)find(place, s, EXTENSION_TRANSMIT_PACKETS, &found);
    if (transmit == NULL)
        return FALSE;
    if (overlapped == NULL)
        return transmit(found.next, packets, count, per_send, NULL, flags);
    const struct operation_request request = {
        .function = WSPLSP_TRACE_TRANSMIT_PACKETS, .direction = DIRECTION_OUT, .overlapped = overlapped};
    if (!begin(&call, place, &found, &request))
        return FALSE;
    return end(&call, transmit(found.next, packets, count, per_send, call.operation->below, flags), NULL);
}

static void describe_message(struct operation_request *request, const WSAMSG *message)
{
    request->buffers = message->lpBuffers;
    request->buffer_count = message->dwBufferCount;
    request->peeked = (message->dwFlags & MSG_PEEK) != 0;
    request->from = message->name;
    request->from_length = &message->namelen;
}

/* The message's flags and control length are results: the next provider writes them into the program's structure. */
INT nonifs_RecvMsg(struct place *place, SOCKET s, WSAMSG *message, DWORD *bytes, WSAOVERLAPPED *overlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct nonifs_socket found;
    struct operation_call call;
    LPFN_WSARECVMSG receive = (LPFN_WSARECVMSG)find(place, s, EXTENSION_RECV_MSG, &found);
    if (receive == NULL)
        return SOCKET_ERROR;
    if (overlapped == NULL || !found.slot->data.overlapped)
        return receive(found.next, message, bytes, NULL, NULL);
    struct operation_request request = {.function = WSPLSP_TRACE_RECV_MSG,
                                        .direction = DIRECTION_IN,
                                        .overlapped = overlapped,
                                        .routine = routine,
                                        .bytes = bytes};
    if (found.chain->filtered && message != NULL)
        describe_message(&request, message);
    if (!begin(&call, place, &found, &request))
        return SOCKET_ERROR;
    bool done = receive(found.next, message, &call.bytes, call.operation->below, NULL) == 0;
    return end(&call, done, bytes) ? 0 : SOCKET_ERROR;
}

INT nonifs_SendMsg(struct place *place, SOCKET s, WSAMSG *message, DWORD flags, DWORD *bytes, WSAOVERLAPPED *overlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct nonifs_socket found;
    struct operation_call call;
    LPFN_WSASENDMSG send = (LPFN_WSASENDMSG)find(place, s, EXTENSION_SEND_MSG, &found);
    if (send == NULL)
        return SOCKET_ERROR;
    if (overlapped == NULL || !found.slot->data.overlapped)
        return send(found.next, message, flags, bytes, NULL, NULL);
    struct operation_request request = {.function = WSPLSP_TRACE_SEND_MSG,
                                        .direction = DIRECTION_OUT,
                                        .overlapped = overlapped,
                                        .routine = routine,
                                        .bytes = bytes};
    if (found.chain->filtered && message != NULL)
        describe_message(&request, message);
    if (!begin(&call, place, &found, &request))
        return SOCKET_ERROR;
    bool done = send(found.next, message, flags, &call.bytes, call.operation->below, NULL) == 0;
    return end(&call, done, bytes) ? 0 : SOCKET_ERROR;
}
