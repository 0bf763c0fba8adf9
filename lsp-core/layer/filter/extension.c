/* The extension functions where there is a filter; see calls.h. They are called past Winsock: errors are the
 * last error. */
#include "lsp-core/layer/chain/extension.h"
#include "filter.h"
#include "calls.h"
#include "data.h"
#include "filter_find.h"
#include "lsp-core/layer/trace/write.h"

#define INNER(type, extension) ((type)at->inner->extensions[EXTENSION_##extension])

static bool refuse(int error)
{
    if (error != 0)
        SetLastError((DWORD)error);
    return error != 0;
}

/* Always overlapped: seen when it completes. */
WINBOOL filter_AcceptEx(const struct filter_at *at, SOCKET s, SOCKET accepted, void *buffer, DWORD data_length,
                        DWORD local_length, DWORD remote_length, DWORD *bytes, OVERLAPPED *overlapped)
{
    return INNER(LPFN_ACCEPTEX, ACCEPT_EX)(s, accepted, buffer, data_length, local_length, remote_length, bytes,
                                           overlapped);
}

WINBOOL filter_ConnectEx(const struct filter_at *at, SOCKET s, const struct sockaddr *name, int length, void *buffer,
                         DWORD data_length, DWORD *bytes, OVERLAPPED *overlapped)
{
    LPFN_CONNECTEX connect = INNER(LPFN_CONNECTEX, CONNECT_EX);
    struct filter_socket found;
    struct filter_sending sending;
    struct wsplsp_filter_address address;
    WSABUF data = {data_length, buffer};
    if (!filter_find(at, s, &found))
        return connect(s, name, length, buffer, data_length, bytes, overlapped);
    if (filter.connect != NULL && filter_read_address(&address, name, length)) {
        if (refuse(filter_ask_address(filter.connect, s, &address)))
            return FALSE;
        name = (const struct sockaddr *)&address.address;
        length = address.length;
    }
    if (filter.send == NULL || buffer == NULL || data_length == 0)
        return connect(s, name, length, buffer, data_length, bytes, overlapped);
    const struct filter_request request = {.chain = found.chain,
                                           .handle = s,
                                           .buffers = &data,
                                           .count = 1,
                                           .overlapped = filter_overlapped(&found, overlapped)};
    if (refuse(filter_send(&sending, &request)))
        return FALSE;
    BOOL done = connect(s, name, length, sending.buffers[0].buf, sending.buffers[0].len, bytes, overlapped);
    filter_sent(&sending, done ? bytes : NULL);
    return done;
}

/* Data that are in no memory: all there is to be done about them is to refuse. */
static bool refuse_file(const struct filter_at *at, SOCKET s, const OVERLAPPED *overlapped)
{
    struct filter_socket found;
    if (filter.send == NULL || !filter_find(at, s, &found))
        return false;
    struct wsplsp_filter_data data = {
        .size = sizeof(data),
        .flags = WSPLSP_FILTER_FILE | WSPLSP_FILTER_FIXED | (overlapped != NULL ? WSPLSP_FILTER_OVERLAPPED : 0) |
                 (found.chain->info.iSocketType == SOCK_STREAM ? 0 : WSPLSP_FILTER_DATAGRAM)};
    return refuse(filter_ask_data(filter.send, s, &data));
}

WINBOOL filter_TransmitFile(const struct filter_at *at, SOCKET s, HANDLE file, DWORD length, DWORD per_send,
                            OVERLAPPED *overlapped, TRANSMIT_FILE_BUFFERS *buffers, DWORD flags)
{
    if (refuse_file(at, s, overlapped))
        return FALSE;
    return INNER(LPFN_TRANSMITFILE, TRANSMIT_FILE)(s, file, length, per_send, overlapped, buffers, flags);
}

WINBOOL filter_TransmitPackets(const struct filter_at *at, SOCKET s, TRANSMIT_PACKETS_ELEMENT *packets, DWORD count,
                               DWORD per_send, OVERLAPPED *overlapped, DWORD flags)
{
    if (refuse_file(at, s, overlapped))
        return FALSE;
    return INNER(LPFN_TRANSMITPACKETS, TRANSMIT_PACKETS)(s, packets, count, per_send, overlapped, flags);
}

INT filter_RecvMsg(const struct filter_at *at, SOCKET s, WSAMSG *message, DWORD *bytes, WSAOVERLAPPED *overlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    LPFN_WSARECVMSG receive = INNER(LPFN_WSARECVMSG, RECV_MSG);
    struct filter_socket found;
    WSAMSG before;
    if (filter.receive == NULL || !filter_find(at, s, &found) || filter_overlapped(&found, overlapped) ||
        message == NULL || !trace_copy(&before, message, sizeof(before)))
        return receive(s, message, bytes, overlapped, routine);
    INT result = receive(s, message, bytes, overlapped, routine);
    if (result != 0)
        return result;
    struct filter_received received = {.chain = found.chain,
                                       .handle = s,
                                       .buffers = before.lpBuffers,
                                       .count = before.dwBufferCount,
                                       .bytes = *bytes,
                                       .peeked = (before.dwFlags & MSG_PEEK) != 0,
                                       .from = message->name,
                                       .from_length = message->name == NULL ? 0 : message->namelen};
    if (refuse(filter_receive(&received)))
        return SOCKET_ERROR;
    *bytes = received.bytes;
    return 0;
}

INT filter_SendMsg(const struct filter_at *at, SOCKET s, WSAMSG *message, DWORD flags, DWORD *bytes,
                   WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    LPFN_WSASENDMSG send = INNER(LPFN_WSASENDMSG, SEND_MSG);
    struct filter_socket found;
    struct filter_sending sending;
    struct wsplsp_filter_address peer;
    WSAMSG copy;
    if (filter.send == NULL || !filter_find(at, s, &found) || message == NULL ||
        !trace_copy(&copy, message, sizeof(copy)))
        return send(s, message, flags, bytes, overlapped, routine);
    bool named = filter_read_address(&peer, copy.name, copy.namelen);
    const struct filter_request request = {.chain = found.chain,
                                           .handle = s,
                                           .buffers = copy.lpBuffers,
                                           .count = copy.dwBufferCount,
                                           .overlapped = filter_overlapped(&found, overlapped),
                                           .to = named ? (const struct sockaddr *)&peer.address : NULL,
                                           .to_length = named ? peer.length : 0};
    if (refuse(filter_send(&sending, &request)))
        return SOCKET_ERROR;
    copy.lpBuffers = sending.buffers;
    copy.dwBufferCount = sending.count;
    /* The program's own where nothing is changed: an IFS provider below may look at it until the completion. */
    INT result = send(s, sending.copy == NULL ? message : &copy, flags, bytes, overlapped, routine);
    filter_sent(&sending, result == 0 ? bytes : NULL);
    return result;
}
