/* What a filter sees of this program's sockets, and what it makes of them. To be run by `wsplsp run --filter
 * probe_filter.dll`; the argument is the layer's mode, ifs or non-ifs. Loopback only. */
#include "probe_filter.h"

#include <mswsock.h>
#include <ws2tcpip.h>

#include "tap.h"

enum { WAIT = 20000 };

static struct probe *probe;
static bool ifs;

/* --- sockets --- */

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = port};
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return name;
}

/* In network order. */
static uint16_t port_of(SOCKET s)
{
    struct sockaddr_in name = {0};
    int length = sizeof(name);
    getsockname(s, (struct sockaddr *)&name, &length);
    return name.sin_port;
}

static SOCKET bound(int type)
{
    struct sockaddr_in name = loopback(0);
    SOCKET s = WSASocketW(AF_INET, type, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    EXPECT(s != INVALID_SOCKET);
    EXPECT(bind(s, (struct sockaddr *)&name, sizeof(name)) == 0);
    return s;
}

static SOCKET listening(void)
{
    SOCKET s = bound(SOCK_STREAM);
    EXPECT(listen(s, 8) == 0);
    return s;
}

static int connect_to(SOCKET s, uint16_t port)
{
    struct sockaddr_in name = loopback(port);
    return connect(s, (struct sockaddr *)&name, sizeof(name));
}

struct pair {
    SOCKET client, server;
};

static struct pair make_pair(void)
{
    SOCKET listener = listening();
    struct pair pair = {.client = socket(AF_INET, SOCK_STREAM, 0)};
    EXPECT(connect_to(pair.client, port_of(listener)) == 0);
    pair.server = accept(listener, NULL, NULL);
    EXPECT(pair.server != INVALID_SOCKET);
    closesocket(listener);
    return pair;
}

static void close_pair(const struct pair *pair)
{
    closesocket(pair->client);
    closesocket(pair->server);
}

/* A peer that has closed, for a call that must not wait for ever. */
static void limit(SOCKET s)
{
    DWORD milliseconds = WAIT;
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&milliseconds, sizeof(milliseconds));
}

static const char *received(SOCKET s)
{
    static char text[64];
    limit(s);
    int length = recv(s, text, sizeof(text) - 1, 0);
    if (length < 0)
        return "error";
    text[length] = 0;
    return text;
}

/* NULL where the provider has none: Wine 8 has no TransmitPackets. */
static void *extension(SOCKET s, GUID id)
{
    void *function = NULL;
    DWORD bytes;
    WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id), &function, sizeof(function), &bytes, NULL, NULL);
    return function;
}

/* --- being told --- */

static void the_filter_is_started_once_and_told_of_the_chain(void)
{
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT(probe->starts == 1);
    EXPECT(probe->layer_version == WSPLSP_FILTER_VERSION);
    EXPECT(probe->chains == 1);
    EXPECT(probe->chain.size == sizeof(probe->chain));
    EXPECT(probe->chain.ifs == ifs);
    const uint32_t limits =
        WSPLSP_FILTER_NO_OVERLAPPED_RECEIVES | WSPLSP_FILTER_NO_OVERLAPPED_CHANGES | WSPLSP_FILTER_NO_FILE_CALLS;
    EXPECT(probe->chain.limits == (ifs ? limits : 0));
    EXPECT(probe->chain.catalog_id != 0 && probe->chain.name[0] != 0);
    closesocket(s);
}

static void a_socket_is_seen_and_can_be_refused(void)
{
    LONG before = probe->sockets, closes = probe->closes;
    SOCKET s = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, 0);
    EXPECT(probe->sockets == before + 1 && probe->handle == s);
    EXPECT(probe->family == AF_INET && probe->type == SOCK_STREAM && probe->protocol == IPPROTO_TCP);
    closesocket(s);
    EXPECT(probe->closes == closes + 1);
    probe->refuse_socket = WSAEACCES;
    s = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT(s == INVALID_SOCKET && WSAGetLastError() == WSAEACCES);
    probe->refuse_socket = 0;
    EXPECT(closesocket(probe->handle) == SOCKET_ERROR && WSAGetLastError() == WSAENOTSOCK);
    EXPECT(probe->closes == closes + 1);
}

static void a_close_is_seen_once(void)
{
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    LONG before = probe->closes;
    EXPECT(closesocket(s) == 0);
    EXPECT(probe->closes == before + 1 && probe->handle == s);
    EXPECT(closesocket(s) == SOCKET_ERROR && WSAGetLastError() == WSAENOTSOCK);
    EXPECT(probe->closes == before + 1);
}

/* --- addresses --- */

static void a_bind_can_be_refused_and_led_elsewhere(void)
{
    SOCKET free_port = bound(SOCK_STREAM);
    uint16_t port = port_of(free_port);
    struct sockaddr_in name = loopback(htons(9));
    closesocket(free_port);
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    probe->refuse_bind = WSAEADDRINUSE;
    EXPECT(bind(s, (struct sockaddr *)&name, sizeof(name)) == SOCKET_ERROR && WSAGetLastError() == WSAEADDRINUSE);
    probe->refuse_bind = 0;
    probe->bind_port = port;
    EXPECT(bind(s, (struct sockaddr *)&name, sizeof(name)) == 0);
    probe->bind_port = 0;
    EXPECT(probe->handle == s && ((struct sockaddr_in *)&probe->address.address)->sin_port == htons(9));
    EXPECT(port_of(s) == port);
    EXPECT(name.sin_port == htons(9));
    closesocket(s);
}

static void a_connect_can_be_refused(void)
{
    SOCKET listener = listening(), s = socket(AF_INET, SOCK_STREAM, 0);
    probe->refuse_connect = WSAEACCES;
    EXPECT(connect_to(s, port_of(listener)) == SOCKET_ERROR && WSAGetLastError() == WSAEACCES);
    probe->refuse_connect = 0;
    EXPECT(connect_to(s, port_of(listener)) == 0);
    closesocket(s);
    closesocket(listener);
}

static void a_connect_can_be_led_elsewhere(void)
{
    SOCKET listener = listening(), s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in peer;
    int length = sizeof(peer);
    probe->connect_port = port_of(listener);
    EXPECT(connect_to(s, htons(9)) == 0);
    probe->connect_port = 0;
    EXPECT(((struct sockaddr_in *)&probe->address.address)->sin_port == htons(9));
    EXPECT(getpeername(s, (struct sockaddr *)&peer, &length) == 0 && peer.sin_port == port_of(listener));
    closesocket(s);
    closesocket(listener);
}

/* No address: the next provider says what is wrong with it. */
static void no_address_is_left_to_the_provider(void)
{
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in name = loopback(htons(9));
    LONG before = probe->binds;
    EXPECT(bind(s, (struct sockaddr *)&name, 0) == SOCKET_ERROR && WSAGetLastError() == WSAEFAULT);
    EXPECT(probe->binds == before);
    closesocket(s);
}

static void an_accept_is_seen_with_its_peer(void)
{
    struct sockaddr_in peer;
    int length = sizeof(peer);
    SOCKET listener = listening();
    for (int named = 0; named < 2; named++) {
        SOCKET client = socket(AF_INET, SOCK_STREAM, 0);
        LONG before = probe->accepts;
        EXPECT(connect_to(client, port_of(listener)) == 0);
        SOCKET s = accept(listener, named ? (struct sockaddr *)&peer : NULL, named ? &length : NULL);
        EXPECT(s != INVALID_SOCKET && probe->accepts == before + 1);
        EXPECT(probe->handle == listener && probe->accepted == s);
        EXPECT(((struct sockaddr_in *)&probe->address.address)->sin_port == port_of(client));
        closesocket(s);
        closesocket(client);
    }
    EXPECT(length == sizeof(peer));
    closesocket(listener);
}

static void an_accept_can_be_refused(void)
{
    SOCKET listener = listening(), client = socket(AF_INET, SOCK_STREAM, 0);
    char byte;
    EXPECT(connect_to(client, port_of(listener)) == 0);
    probe->refuse_accept = WSAECONNREFUSED;
    EXPECT(accept(listener, NULL, NULL) == INVALID_SOCKET && WSAGetLastError() == WSAECONNREFUSED);
    probe->refuse_accept = 0;
    limit(client);
    EXPECT(recv(client, &byte, 1, 0) <= 0 && WSAGetLastError() != WSAETIMEDOUT);
    closesocket(client);
    closesocket(listener);
}

/* --- data, blocking --- */

static void what_is_sent_and_received_is_changed_once_each_way(void)
{
    struct pair pair = make_pair();
    char text[] = "00 data";
    EXPECT(send(pair.client, text, 7, 0) == 7);
    EXPECT((probe->data.flags & (WSPLSP_FILTER_DATAGRAM | WSPLSP_FILTER_FIXED)) == 0 && probe->data.length == 7);
    EXPECT_TEXT(text, "00 data");
    EXPECT_TEXT(received(pair.server), "11 data");
    EXPECT(probe->handle == pair.server);
    EXPECT(send(pair.server, text, 7, 0) == 7);
    EXPECT_TEXT(received(pair.client), "11 data");
    close_pair(&pair);
}

static void buffers_are_one_piece_to_the_filter(void)
{
    struct pair pair = make_pair();
    char out[] = "00abcdef", in[12] = "-----------";
    WSABUF outs[3] = {{1, out}, {3, out + 1}, {4, out + 4}}, ins[3] = {{1, in}, {1, in + 3}, {6, in + 5}};
    DWORD bytes = 0, flags = 0;
    EXPECT(WSASend(pair.client, outs, 3, &bytes, 0, NULL, NULL) == 0 && bytes == 8);
    EXPECT(probe->data.length == 8);
    EXPECT_TEXT(out, "00abcdef");
    limit(pair.server);
    EXPECT(WSARecv(pair.server, ins, 3, &bytes, &flags, NULL, NULL) == 0 && bytes == 8);
    EXPECT(probe->data.length == 8 && probe->data.room == 8);
    EXPECT_TEXT(in, "1--1-abcdef");
    close_pair(&pair);
}

static void what_is_received_may_become_shorter_and_longer(void)
{
    struct pair pair = make_pair();
    char buffer[6] = "";
    EXPECT(send(pair.client, "00abc", 5, 0) == 5);
    probe->shorten = 1;
    EXPECT_TEXT(received(pair.server), "1abc");
    probe->shorten = 0;
    probe->lengthen = 9;
    EXPECT(send(pair.client, "00abc", 5, 0) == 5); /* a stream's data that are sent keep their length */
    limit(pair.server);
    EXPECT(recv(pair.server, buffer, 6, 0) == 6);
    probe->lengthen = 0;
    EXPECT(memcmp(buffer, "11abc.", 6) == 0);
    close_pair(&pair);
}

static void a_length_beyond_the_room_is_cut(void)
{
    SOCKET from = bound(SOCK_DGRAM), to = bound(SOCK_DGRAM);
    struct sockaddr_in name = loopback(port_of(to));
    char buffer[8] = "";
    probe->overstate = true;
    EXPECT(sendto(from, "00abc", 5, 0, (struct sockaddr *)&name, sizeof(name)) == 5);
    limit(to);
    EXPECT(recv(to, buffer, 7, 0) == 7);
    probe->overstate = false;
    EXPECT_TEXT(buffer, "11abc");
    closesocket(from);
    closesocket(to);
}

static void peeked_data_are_marked(void)
{
    struct pair pair = make_pair();
    char text[3] = "";
    EXPECT(send(pair.client, "00", 2, 0) == 2);
    limit(pair.server);
    EXPECT(recv(pair.server, text, 2, MSG_PEEK) == 2);
    EXPECT((probe->data.flags & WSPLSP_FILTER_PEEKED) != 0);
    EXPECT_TEXT(text, "11");
    EXPECT_TEXT(received(pair.server), "11");
    EXPECT((probe->data.flags & WSPLSP_FILTER_PEEKED) == 0);
    close_pair(&pair);
}

static void data_can_be_refused(void)
{
    struct pair pair = make_pair();
    char byte;
    probe->refuse_send = WSAEACCES;
    EXPECT(send(pair.client, "no", 2, 0) == SOCKET_ERROR && WSAGetLastError() == WSAEACCES);
    probe->refuse_send = 0;
    EXPECT(send(pair.client, "yes", 3, 0) == 3);
    EXPECT_TEXT(received(pair.server), "yes");
    EXPECT(send(pair.client, "x", 1, 0) == 1);
    probe->refuse_receive = WSAEACCES;
    EXPECT(recv(pair.server, &byte, 1, 0) == SOCKET_ERROR && WSAGetLastError() == WSAEACCES);
    probe->refuse_receive = 0;
    close_pair(&pair);
}

static void bad_buffers_are_left_to_the_provider(void)
{
    struct pair pair = make_pair();
    LONG before = probe->sends;
    EXPECT(send(pair.client, (const char *)16, 4, 0) == SOCKET_ERROR && WSAGetLastError() == WSAEFAULT);
    EXPECT(probe->sends == before);
    close_pair(&pair);
}

static void the_end_of_a_stream_is_seen(void)
{
    struct pair pair = make_pair();
    LONG before = probe->receives;
    shutdown(pair.client, SD_SEND);
    EXPECT_TEXT(received(pair.server), "");
    EXPECT(probe->receives == before + 1 && probe->data.length == 0);
    close_pair(&pair);
}

static void datagrams_are_seen_whole_with_their_peer(void)
{
    SOCKET from = bound(SOCK_DGRAM), to = bound(SOCK_DGRAM);
    struct sockaddr_in name = loopback(port_of(to));
    int length = sizeof(name);
    char text[8] = "";
    probe->shorten = 1;
    EXPECT(sendto(from, "00abc", 5, 0, (struct sockaddr *)&name, sizeof(name)) == 5);
    probe->shorten = 0;
    EXPECT((probe->data.flags & WSPLSP_FILTER_DATAGRAM) != 0 && probe->peer_port == port_of(to));
    limit(to);
    EXPECT(recvfrom(to, text, sizeof(text), 0, (struct sockaddr *)&name, &length) == 4);
    EXPECT((probe->data.flags & WSPLSP_FILTER_DATAGRAM) != 0 && probe->peer_port == port_of(from));
    EXPECT_TEXT(text, "0abc"); /* its second character is no digit any more */
    name = loopback(port_of(to));
    EXPECT(sendto(from, "00abc", 5, 0, (struct sockaddr *)&name, sizeof(name)) == 5);
    EXPECT(recvfrom(to, text, 3, 0, NULL, NULL) == SOCKET_ERROR && WSAGetLastError() == WSAEMSGSIZE);
    EXPECT(memcmp(text, "11a", 3) == 0 && probe->data.length == 3);
    closesocket(from);
    closesocket(to);
}

static void messages_are_seen(void)
{
    SOCKET from = bound(SOCK_DGRAM), to = bound(SOCK_DGRAM);
    LPFN_WSARECVMSG receive = (LPFN_WSARECVMSG)extension(to, (GUID)WSAID_WSARECVMSG);
    LPFN_WSASENDMSG send_message = (LPFN_WSASENDMSG)extension(from, (GUID)WSAID_WSASENDMSG);
    struct sockaddr_in name = loopback(port_of(to)), peer;
    char out[] = "00abc", in[8] = "";
    WSABUF data = {5, out}, room = {sizeof(in), in};
    WSAMSG sent = {.name = (struct sockaddr *)&name, .namelen = sizeof(name), .lpBuffers = &data, .dwBufferCount = 1};
    WSAMSG got = {.name = (struct sockaddr *)&peer, .namelen = sizeof(peer), .lpBuffers = &room, .dwBufferCount = 1};
    DWORD bytes = 0;
    EXPECT(send_message(from, &sent, 0, &bytes, NULL, NULL) == 0 && bytes == 5);
    EXPECT(probe->handle == from && probe->peer_port == port_of(to));
    EXPECT_TEXT(out, "00abc");
    limit(to);
    EXPECT(receive(to, &got, &bytes, NULL, NULL) == 0 && bytes == 5);
    EXPECT(probe->handle == to && probe->peer_port == port_of(from));
    EXPECT_TEXT(in, "11abc");
    closesocket(from);
    closesocket(to);
}

/* --- overlapped: a non-IFS layer sees all of it, an IFS layer what is sent --- */

enum way { BY_EVENT, BY_PORT, BY_ROUTINE };

static struct {
    HANDLE port;
    bool called;
    DWORD error, bytes;
} result;

static void CALLBACK routine(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags)
{
    (void)overlapped;
    (void)flags;
    result.called = true;
    result.error = error;
    result.bytes = bytes;
}

/* The result's error as Winsock has it, and its bytes. */
static void wait_for(SOCKET s, WSAOVERLAPPED *overlapped, enum way way)
{
    DWORD flags = 0, bytes = 0;
    ULONG_PTR key;
    OVERLAPPED *packet = NULL;
    if (way == BY_ROUTINE) {
        while (!result.called && SleepEx(WAIT, TRUE) == WAIT_IO_COMPLETION) {
        }
        EXPECT(result.called);
        return;
    }
    if (way == BY_PORT) {
        GetQueuedCompletionStatus(result.port, &bytes, &key, &packet, WAIT);
        EXPECT(packet == overlapped);
    } else {
        EXPECT(WaitForSingleObject(overlapped->hEvent, WAIT) == WAIT_OBJECT_0);
    }
    result.error = WSAGetOverlappedResult(s, overlapped, &result.bytes, FALSE, &flags) ? 0 : (DWORD)WSAGetLastError();
    if (packet != NULL && result.error == 0)
        EXPECT(result.bytes == bytes);
}

static void begin(SOCKET s, WSAOVERLAPPED *overlapped, enum way way)
{
    *overlapped = (WSAOVERLAPPED){.hEvent = way == BY_EVENT ? CreateEventW(NULL, TRUE, FALSE, NULL) : NULL};
    result.called = false;
    result.error = result.bytes = 0xffffffff;
    result.port = way == BY_PORT ? CreateIoCompletionPort((HANDLE)s, NULL, 1, 0) : NULL;
}

static void end(const WSAOVERLAPPED *overlapped)
{
    if (overlapped->hEvent != NULL)
        CloseHandle(overlapped->hEvent);
    if (result.port != NULL)
        CloseHandle(result.port);
}

static void overlapped_send(enum way way)
{
    struct pair pair = make_pair();
    WSAOVERLAPPED overlapped;
    char text[] = "00abc";
    WSABUF buffers[2] = {{2, text}, {3, text + 2}};
    begin(pair.client, &overlapped, way);
    int sent = WSASend(pair.client, buffers, 2, NULL, 0, &overlapped, way == BY_ROUTINE ? routine : NULL);
    EXPECT(sent == 0 || WSAGetLastError() == WSA_IO_PENDING);
    wait_for(pair.client, &overlapped, way);
    EXPECT(result.error == 0 && result.bytes == 5);
    EXPECT(((probe->data.flags & WSPLSP_FILTER_FIXED) != 0) == ifs);
    EXPECT((probe->data.flags & WSPLSP_FILTER_OVERLAPPED) != 0);
    EXPECT_TEXT(text, "00abc");
    EXPECT_TEXT(received(pair.server), ifs ? "01abc" : "11abc");
    probe->refuse_send = WSAEACCES;
    EXPECT(WSASend(pair.client, buffers, 2, NULL, 0, &overlapped, NULL) == SOCKET_ERROR);
    EXPECT(WSAGetLastError() == WSAEACCES);
    probe->refuse_send = 0;
    end(&overlapped);
    close_pair(&pair);
}

static void sent_overlapped_by_event(void)
{
    overlapped_send(BY_EVENT);
}

static void sent_overlapped_by_port(void)
{
    overlapped_send(BY_PORT);
}

static void sent_overlapped_by_routine(void)
{
    overlapped_send(BY_ROUTINE);
}

/* `early`: the data are there before the call; else it is pending. */
static void overlapped_receive(enum way way, bool early)
{
    struct pair pair = make_pair();
    WSAOVERLAPPED overlapped;
    char in[9] = "--------";
    WSABUF buffers[2] = {{3, in}, {5, in + 3}};
    DWORD flags = 0;
    LONG before = probe->receives;
    begin(pair.server, &overlapped, way);
    if (early)
        EXPECT(send(pair.client, "00abc", 5, 0) == 5);
    int got = WSARecv(pair.server, buffers, 2, NULL, &flags, &overlapped, way == BY_ROUTINE ? routine : NULL);
    EXPECT(got == 0 || WSAGetLastError() == WSA_IO_PENDING);
    if (!early)
        EXPECT(send(pair.client, "00abc", 5, 0) == 5);
    wait_for(pair.server, &overlapped, way);
    EXPECT(result.error == 0 && result.bytes == 5);
    EXPECT(probe->receives == before + !ifs);
    EXPECT_TEXT(in, ifs ? "10abc---" : "11abc---");
    end(&overlapped);
    close_pair(&pair);
}

static void received_overlapped_by_event(void)
{
    overlapped_receive(BY_EVENT, false);
    overlapped_receive(BY_EVENT, true);
}

static void received_overlapped_by_port(void)
{
    overlapped_receive(BY_PORT, false);
    overlapped_receive(BY_PORT, true);
}

static void received_overlapped_by_routine(void)
{
    overlapped_receive(BY_ROUTINE, false);
    overlapped_receive(BY_ROUTINE, true);
}

static void overlapped_refusal(enum way way, bool early)
{
    struct pair pair = make_pair();
    WSAOVERLAPPED overlapped;
    char in[8];
    WSABUF buffer = {sizeof(in), in};
    DWORD flags = 0;
    begin(pair.server, &overlapped, way);
    if (early)
        EXPECT(send(pair.client, "00abc", 5, 0) == 5);
    probe->refuse_receive = WSAEACCES;
    int got = WSARecv(pair.server, &buffer, 1, NULL, &flags, &overlapped, way == BY_ROUTINE ? routine : NULL);
    EXPECT(got == SOCKET_ERROR && WSAGetLastError() == WSA_IO_PENDING);
    if (!early)
        EXPECT(send(pair.client, "00abc", 5, 0) == 5);
    wait_for(pair.server, &overlapped, way);
    probe->refuse_receive = 0;
    EXPECT(result.error == WSAEACCES && result.bytes == 0);
    end(&overlapped);
    close_pair(&pair);
}

static void received_overlapped_can_be_refused(void)
{
    for (enum way way = BY_EVENT; way <= BY_ROUTINE; way++) {
        overlapped_refusal(way, false);
        overlapped_refusal(way, true);
    }
}

static void datagrams_received_overlapped_may_become_shorter(void)
{
    SOCKET from = bound(SOCK_DGRAM), to = bound(SOCK_DGRAM);
    struct sockaddr_in name = loopback(port_of(to)), peer;
    WSAOVERLAPPED overlapped;
    char in[9] = "--------", out[] = "00abc";
    WSABUF room = {8, in}, data = {5, out};
    INT length = sizeof(peer);
    DWORD flags = 0, bytes;
    begin(to, &overlapped, BY_EVENT);
    EXPECT(WSARecvFrom(to, &room, 1, NULL, &flags, (struct sockaddr *)&peer, &length, &overlapped, NULL) != 0);
    EXPECT(WSAGetLastError() == WSA_IO_PENDING);
    EXPECT(WSASendTo(from, &data, 1, &bytes, 0, (struct sockaddr *)&name, sizeof(name), NULL, NULL) == 0);
    wait_for(to, &overlapped, BY_EVENT);
    EXPECT(result.bytes == 5 && probe->peer_port == port_of(from));
    EXPECT(memcmp(in, "11abc", 5) == 0);
    end(&overlapped);
    begin(to, &overlapped, BY_EVENT);
    probe->shorten = 1;
    EXPECT(WSARecvFrom(to, &room, 1, NULL, &flags, NULL, NULL, &overlapped, NULL) != 0);
    EXPECT(WSASendTo(from, &data, 1, &bytes, 0, (struct sockaddr *)&name, sizeof(name), NULL, NULL) == 0);
    EXPECT(bytes == 5);
    wait_for(to, &overlapped, BY_EVENT);
    probe->shorten = 0;
    EXPECT(result.bytes == 3);
    EXPECT(memcmp(in, "abc", 3) == 0);
    end(&overlapped);
    closesocket(from);
    closesocket(to);
}

static void a_datagram_sent_overlapped_is_said_to_be_whole(void)
{
    SOCKET from = bound(SOCK_DGRAM), to = bound(SOCK_DGRAM);
    struct sockaddr_in name = loopback(port_of(to));
    WSAOVERLAPPED overlapped;
    char in[8] = "", out[] = "00abc";
    WSABUF data = {5, out};
    begin(from, &overlapped, BY_PORT);
    probe->shorten = 1;
    int sent = WSASendTo(from, &data, 1, NULL, 0, (struct sockaddr *)&name, sizeof(name), &overlapped, NULL);
    EXPECT(sent == 0 || WSAGetLastError() == WSA_IO_PENDING);
    probe->shorten = 0;
    wait_for(from, &overlapped, BY_PORT);
    EXPECT(result.error == 0 && result.bytes == 5);
    limit(to);
    EXPECT(recv(to, in, sizeof(in), 0) == 4);
    EXPECT_TEXT(in, "0abc");
    end(&overlapped);
    closesocket(from);
    closesocket(to);
}

static void messages_received_overlapped_are_seen(void)
{
    SOCKET from = bound(SOCK_DGRAM), to = bound(SOCK_DGRAM);
    LPFN_WSARECVMSG receive = (LPFN_WSARECVMSG)extension(to, (GUID)WSAID_WSARECVMSG);
    struct sockaddr_in name = loopback(port_of(to)), peer;
    WSAOVERLAPPED overlapped;
    char in[8] = "";
    WSABUF room = {sizeof(in), in};
    WSAMSG got = {.name = (struct sockaddr *)&peer, .namelen = sizeof(peer), .lpBuffers = &room, .dwBufferCount = 1};
    begin(to, &overlapped, BY_EVENT);
    EXPECT(receive(to, &got, NULL, &overlapped, NULL) == SOCKET_ERROR && WSAGetLastError() == WSA_IO_PENDING);
    EXPECT(sendto(from, "00abc", 5, 0, (struct sockaddr *)&name, sizeof(name)) == 5);
    wait_for(to, &overlapped, BY_EVENT);
    EXPECT(result.bytes == 5 && probe->handle == to && probe->peer_port == port_of(from));
    EXPECT_TEXT(in, "11abc");
    end(&overlapped);
    closesocket(from);
    closesocket(to);
}

static void read_and_write_file_are_seen(void)
{
    struct pair pair = make_pair();
    OVERLAPPED overlapped = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    char in[9] = "";
    DWORD bytes = 0;
    EXPECT(WriteFile((HANDLE)pair.client, "00abc", 5, NULL, &overlapped) || GetLastError() == ERROR_IO_PENDING);
    EXPECT(GetOverlappedResult((HANDLE)pair.client, &overlapped, &bytes, TRUE) && bytes == 5);
    EXPECT(ReadFile((HANDLE)pair.server, in, 8, NULL, &overlapped) || GetLastError() == ERROR_IO_PENDING);
    EXPECT(GetOverlappedResult((HANDLE)pair.server, &overlapped, &bytes, TRUE) && bytes == 5);
    EXPECT_TEXT(in, "11abc");
    CloseHandle(overlapped.hEvent);
    close_pair(&pair);
}

/* --- extension functions --- */

static void connect_ex_is_seen(void)
{
    SOCKET listener = listening(), s = bound(SOCK_STREAM);
    LPFN_CONNECTEX connect_ex = (LPFN_CONNECTEX)extension(s, (GUID)WSAID_CONNECTEX);
    struct sockaddr_in nowhere = loopback(htons(9));
    WSAOVERLAPPED overlapped;
    char text[] = "00abc";
    begin(s, &overlapped, BY_EVENT);
    probe->refuse_connect = WSAEACCES;
    EXPECT(!connect_ex(s, (struct sockaddr *)&nowhere, sizeof(nowhere), text, 5, NULL, &overlapped));
    EXPECT(WSAGetLastError() == WSAEACCES);
    probe->refuse_connect = 0;
    probe->connect_port = port_of(listener);
    BOOL done = connect_ex(s, (struct sockaddr *)&nowhere, sizeof(nowhere), text, 5, NULL, &overlapped);
    EXPECT(done || WSAGetLastError() == WSA_IO_PENDING);
    probe->connect_port = 0;
    EXPECT(((struct sockaddr_in *)&probe->address.address)->sin_port == htons(9));
    wait_for(s, &overlapped, BY_EVENT);
    EXPECT(result.error == 0 && result.bytes == 5);
    EXPECT_TEXT(text, "00abc");
    SOCKET server = accept(listener, NULL, NULL);
    EXPECT_TEXT(received(server), ifs ? "01abc" : "11abc");
    end(&overlapped);
    closesocket(server);
    closesocket(s);
    closesocket(listener);
}

/* A connection with data, accepted; the listening socket's handle is in the probe while it is. */
static void accept_ex(int refuse, char *in)
{
    const DWORD room = sizeof(struct sockaddr_in) + 16;
    SOCKET listener = listening(), client = socket(AF_INET, SOCK_STREAM, 0), s = socket(AF_INET, SOCK_STREAM, 0);
    LPFN_ACCEPTEX accept_function = (LPFN_ACCEPTEX)extension(listener, (GUID)WSAID_ACCEPTEX);
    WSAOVERLAPPED overlapped;
    DWORD bytes;
    char buffer[128] = "";
    LONG before = probe->accepts;
    begin(listener, &overlapped, BY_EVENT);
    EXPECT(!accept_function(listener, s, buffer, 5, room, room, &bytes, &overlapped));
    EXPECT(WSAGetLastError() == WSA_IO_PENDING);
    probe->refuse_accept = refuse;
    EXPECT(connect_to(client, port_of(listener)) == 0);
    EXPECT(send(client, "00abc", 5, 0) == 5);
    wait_for(listener, &overlapped, BY_EVENT);
    probe->refuse_accept = 0;
    EXPECT(result.error == (DWORD)(ifs ? 0 : refuse));
    EXPECT(probe->accepts == before + !ifs);
    if (!ifs) {
        EXPECT(probe->accepted == s);
        EXPECT(((struct sockaddr_in *)&probe->address.address)->sin_port == port_of(client));
    }
    memcpy(in, buffer, 5);
    if (refuse != 0 && !ifs) {
        limit(client);
        EXPECT(recv(client, buffer, 1, 0) <= 0 && WSAGetLastError() != WSAETIMEDOUT);
    }
    end(&overlapped);
    closesocket(s);
    closesocket(client);
    closesocket(listener);
}

static void accept_ex_is_seen(void)
{
    char in[6] = "";
    accept_ex(0, in);
    EXPECT_TEXT(in, ifs ? "10abc" : "11abc");
    if (!ifs)
        EXPECT(probe->data.length == 5);
    accept_ex(WSAECONNREFUSED, in);
}

static void files_can_be_refused(void)
{
    struct pair pair = make_pair();
    WSAOVERLAPPED overlapped;
    TRANSMIT_FILE_BUFFERS ends = {.Head = "head", .HeadLength = 4};
    TRANSMIT_PACKETS_ELEMENT packet = {.dwElFlags = TP_ELEMENT_MEMORY, .cLength = 4, .pBuffer = "head"};
    LPFN_TRANSMITFILE file = (LPFN_TRANSMITFILE)extension(pair.client, (GUID)WSAID_TRANSMITFILE);
    LPFN_TRANSMITPACKETS packets = (LPFN_TRANSMITPACKETS)extension(pair.client, (GUID)WSAID_TRANSMITPACKETS);
    begin(pair.client, &overlapped, BY_EVENT);
    probe->refuse_send = WSAEACCES;
    EXPECT(!file(pair.client, NULL, 0, 0, &overlapped, &ends, 0) && WSAGetLastError() == WSAEACCES);
    EXPECT((probe->data.flags & WSPLSP_FILTER_FILE) != 0 && probe->data.bytes == NULL && probe->data.length == 0);
    if (packets != NULL)
        EXPECT(!packets(pair.client, &packet, 1, 0, &overlapped, 0) && WSAGetLastError() == WSAEACCES);
    probe->refuse_send = 0;
    BOOL done = file(pair.client, NULL, 0, 0, &overlapped, &ends, 0);
    EXPECT(done || WSAGetLastError() == WSA_IO_PENDING);
    wait_for(pair.client, &overlapped, BY_EVENT);
    EXPECT_TEXT(received(pair.server), "head");
    end(&overlapped);
    close_pair(&pair);
}

static void run_all(void)
{
    RUN(the_filter_is_started_once_and_told_of_the_chain);
    RUN(a_socket_is_seen_and_can_be_refused);
    RUN(a_close_is_seen_once);
    RUN(a_bind_can_be_refused_and_led_elsewhere);
    RUN(a_connect_can_be_refused);
    RUN(a_connect_can_be_led_elsewhere);
    RUN(no_address_is_left_to_the_provider);
    RUN(an_accept_is_seen_with_its_peer);
    RUN(an_accept_can_be_refused);
    RUN(what_is_sent_and_received_is_changed_once_each_way);
    RUN(buffers_are_one_piece_to_the_filter);
    RUN(what_is_received_may_become_shorter_and_longer);
    RUN(a_length_beyond_the_room_is_cut);
    RUN(peeked_data_are_marked);
    RUN(data_can_be_refused);
    RUN(bad_buffers_are_left_to_the_provider);
    RUN(the_end_of_a_stream_is_seen);
    RUN(datagrams_are_seen_whole_with_their_peer);
    RUN(messages_are_seen);
    RUN(sent_overlapped_by_event);
    RUN(sent_overlapped_by_port);
    RUN(sent_overlapped_by_routine);
    RUN(received_overlapped_by_event);
    RUN(received_overlapped_by_port);
    RUN(received_overlapped_by_routine);
    RUN(connect_ex_is_seen);
    RUN(accept_ex_is_seen);
    RUN(files_can_be_refused);
    if (ifs)
        return;
    RUN(received_overlapped_can_be_refused);
    RUN(datagrams_received_overlapped_may_become_shorter);
    RUN(a_datagram_sent_overlapped_is_said_to_be_whole);
    RUN(messages_received_overlapped_are_seen);
    RUN(read_and_write_file_are_seen);
}

int main(int count, char **words)
{
    WSADATA data;
    HMODULE module = GetModuleHandleA("probe_filter.dll");
    probe_get_function get = module == NULL ? NULL : (probe_get_function)(void *)GetProcAddress(module, "probe_get");
    setvbuf(stdout, NULL, _IONBF, 0);
    if (get == NULL || count != 2 || WSAStartup(MAKEWORD(2, 2), &data) != 0) {
        printf("Bail out! usage: wsplsp run --filter probe_filter.dll -- test_filter.exe ifs|non-ifs\n");
        return 2;
    }
    probe = get();
    ifs = strcmp(words[1], "ifs") == 0;
    run_all();
    WSACleanup();
    return tap_end();
}
