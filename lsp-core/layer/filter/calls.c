/* The SPI's functions where there is a filter; see calls.h. */
#include "calls.h"

#include "filter.h"
#include "data.h"
#include "filter_find.h"
#include "lsp-core/layer/trace/write.h"

struct filter_at filter_calls_at[PLACES][2];

SOCKET filter_Socket(const struct filter_at *at, int family, int type, int protocol, WSAPROTOCOL_INFOW *info,
                     GROUP group, DWORD flags, INT *error)
{
    SOCKET s = at->inner->procs.lpWSPSocket(family, type, protocol, info, group, flags, error);
    INT ignored;
    struct filter_socket found;
    if (filter.socket == NULL || s == INVALID_SOCKET || !filter_find(at, s, &found))
        return s;
    int refused = filter_ask_socket(s, family == FROM_PROTOCOL_INFO ? info->iAddressFamily : family,
                                    type == FROM_PROTOCOL_INFO ? info->iSocketType : type,
                                    protocol == FROM_PROTOCOL_INFO ? info->iProtocol : protocol);
    if (refused == 0)
        return s;
    at->inner->procs.lpWSPCloseSocket(s, &ignored);
    *error = refused;
    return INVALID_SOCKET;
}

int filter_CloseSocket(const struct filter_at *at, SOCKET s, INT *error)
{
    struct filter_socket found;
    if (filter.close != NULL && filter_find(at, s, &found))
        filter_tell_close(s);
    return at->inner->procs.lpWSPCloseSocket(s, error);
}

/* A name that cannot be read goes down as it is: the next provider says what is wrong with it. */
int filter_Bind(const struct filter_at *at, SOCKET s, const struct sockaddr *name, int length, INT *error)
{
    struct filter_socket found;
    struct wsplsp_filter_address address;
    if (filter.bind != NULL && filter_find(at, s, &found) && filter_read_address(&address, name, length)) {
        int refused = filter_ask_address(filter.bind, s, &address);
        if (refused != 0) {
            *error = refused;
            return SOCKET_ERROR;
        }
        name = (const struct sockaddr *)&address.address;
        length = address.length;
    }
    return at->inner->procs.lpWSPBind(s, name, length, error);
}

int filter_Connect(const struct filter_at *at, SOCKET s, const struct sockaddr *name, int length, WSABUF *caller,
                   WSABUF *callee, QOS *socket_qos, QOS *group_qos, INT *error)
{
    struct filter_socket found;
    struct wsplsp_filter_address address;
    if (filter.connect != NULL && filter_find(at, s, &found) && filter_read_address(&address, name, length)) {
        int refused = filter_ask_address(filter.connect, s, &address);
        if (refused != 0) {
            *error = refused;
            return SOCKET_ERROR;
        }
        name = (const struct sockaddr *)&address.address;
        length = address.length;
    }
    return at->inner->procs.lpWSPConnect(s, name, length, caller, callee, socket_qos, group_qos, error);
}

SOCKET filter_Accept(const struct filter_at *at, SOCKET s, struct sockaddr *address, INT *length,
                     LPCONDITIONPROC condition, DWORD_PTR data, INT *error)
{
    struct filter_socket found;
    struct wsplsp_filter_address peer = {.length = sizeof(peer.address)};
    struct sockaddr *name = address;
    INT ignored, own_length = sizeof(peer.address);
    if (filter.accept == NULL || !filter_find(at, s, &found))
        return at->inner->procs.lpWSPAccept(s, address, length, condition, data, error);
    if (address == NULL && length == NULL) {
        name = (struct sockaddr *)&peer.address;
        length = &own_length;
    }
    SOCKET accepted = at->inner->procs.lpWSPAccept(s, name, length, condition, data, error);
    if (accepted == INVALID_SOCKET)
        return accepted;
    peer.length = own_length;
    if (address != NULL && (length == NULL || !filter_read_address(&peer, address, *length)))
        peer.length = 0;
    int refused = filter_ask_accept(s, accepted, &peer);
    if (refused == 0)
        return accepted;
    at->inner->procs.lpWSPCloseSocket(accepted, &ignored);
    *error = refused;
    return INVALID_SOCKET;
}

int filter_Send(const struct filter_at *at, SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags,
                WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    struct filter_socket found;
    struct filter_sending sending;
    LPWSPSEND send = at->inner->procs.lpWSPSend;
    if (filter.send == NULL || !filter_find(at, s, &found))
        return send(s, buffers, count, bytes, flags, overlapped, routine, thread, error);
    const struct filter_request request = {.chain = found.chain,
                                           .handle = s,
                                           .buffers = buffers,
                                           .count = count,
                                           .overlapped = filter_overlapped(&found, overlapped)};
    int refused = filter_send(&sending, &request);
    if (refused != 0) {
        *error = refused;
        return SOCKET_ERROR;
    }
    int result = send(s, sending.buffers, sending.count, bytes, flags, overlapped, routine, thread, error);
    filter_sent(&sending, result == 0 ? bytes : NULL);
    return result;
}

int filter_SendTo(const struct filter_at *at, SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags,
                  const struct sockaddr *to, int length, WSAOVERLAPPED *overlapped,
                  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    struct filter_socket found;
    struct filter_sending sending;
    struct wsplsp_filter_address peer;
    LPWSPSENDTO send = at->inner->procs.lpWSPSendTo;
    if (filter.send == NULL || !filter_find(at, s, &found))
        return send(s, buffers, count, bytes, flags, to, length, overlapped, routine, thread, error);
    bool named = filter_read_address(&peer, to, length);
    const struct filter_request request = {.chain = found.chain,
                                           .handle = s,
                                           .buffers = buffers,
                                           .count = count,
                                           .overlapped = filter_overlapped(&found, overlapped),
                                           .to = named ? (const struct sockaddr *)&peer.address : NULL,
                                           .to_length = named ? peer.length : 0};
    int refused = filter_send(&sending, &request);
    if (refused != 0) {
        *error = refused;
        return SOCKET_ERROR;
    }
    int result = send(s, sending.buffers, sending.count, bytes, flags, to, length, overlapped, routine, thread, error);
    filter_sent(&sending, result == 0 ? bytes : NULL);
    return result;
}

static bool peeks(const DWORD *flags)
{
    DWORD copy;
    return flags != NULL && trace_copy(&copy, flags, sizeof(copy)) && (copy & MSG_PEEK) != 0;
}

/* After a call that has received. A datagram that did not fit fills the buffers, and the call has failed. */
static int show_received(struct filter_received *received, int result, DWORD *bytes, INT *error)
{
    bool cut = result != 0 && *error == WSAEMSGSIZE;
    if (result != 0 && !cut)
        return result;
    received->bytes = cut ? UINT32_MAX : *bytes;
    int refused = filter_receive(received);
    if (refused != 0) {
        *error = refused;
        return SOCKET_ERROR;
    }
    if (!cut)
        *bytes = received->bytes;
    return result;
}

int filter_Recv(const struct filter_at *at, SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags,
                WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    struct filter_socket found;
    LPWSPRECV receive = at->inner->procs.lpWSPRecv;
    if (filter.receive == NULL || !filter_find(at, s, &found) || filter_overlapped(&found, overlapped))
        return receive(s, buffers, count, bytes, flags, overlapped, routine, thread, error);
    struct filter_received received = {
        .chain = found.chain, .handle = s, .buffers = buffers, .count = count, .peeked = peeks(flags)};
    int result = receive(s, buffers, count, bytes, flags, overlapped, routine, thread, error);
    return show_received(&received, result, bytes, error);
}

int filter_RecvFrom(const struct filter_at *at, SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags,
                    struct sockaddr *from, INT *length, WSAOVERLAPPED *overlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    struct filter_socket found;
    LPWSPRECVFROM receive = at->inner->procs.lpWSPRecvFrom;
    if (filter.receive == NULL || !filter_find(at, s, &found) || filter_overlapped(&found, overlapped))
        return receive(s, buffers, count, bytes, flags, from, length, overlapped, routine, thread, error);
    struct filter_received received = {
        .chain = found.chain, .handle = s, .buffers = buffers, .count = count, .peeked = peeks(flags)};
    int result = receive(s, buffers, count, bytes, flags, from, length, overlapped, routine, thread, error);
    if (result == 0 && from != NULL && length != NULL) {
        received.from = from;
        received.from_length = *length;
    }
    return show_received(&received, result, bytes, error);
}
