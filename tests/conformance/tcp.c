/* Connections and streams, blocking and not. Expected values: the pages socket, bind, listen, accept, WSAAccept,
 * connect, WSAConnect, WSAConnectByName, WSAConnectByList, send, WSASend, recv, WSARecv, getsockname, getpeername,
 * closesocket, WSASendDisconnect, WSARecvDisconnect. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net.h"

static void echo(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    send_text(pair.client, "there");
    expect_text(pair.server, "there");
    send_text(pair.server, "and back");
    expect_text(pair.client, "and back");
}

static void names(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct address client = local_address(pair.client), server = local_address(pair.server);
    struct address client_peer = peer_address(pair.client), server_peer = peer_address(pair.server);
    CHECK(same_address(&client, &server_peer));
    CHECK(same_address(&server, &client_peer));
    CHECK_EQUAL(client.any.sa_family, test->family);
    CHECK_EQUAL(client.length, loopback_address(test->family, 0).length);
    CHECK(port_of(&client) != 0);
}

static void accept_address(const struct test *test)
{
    struct address at, from = {.length = sizeof from.storage};
    SOCKET listener = open_listener(test->family, &at), client = open_socket(test->family, SOCK_STREAM);
    REQUIRE(connect(client, &at.any, at.length) == 0);
    own_socket(accept(listener, &from.any, &from.length));
    struct address local = local_address(client);
    CHECK_EQUAL(from.length, at.length);
    CHECK(same_address(&from, &local));
}

static void accept_without_connection(const struct test *test)
{
    SOCKET listener = open_listener(test->family, NULL);
    set_nonblocking(listener, true);
    CHECK_FAILS(accept(listener, NULL, NULL) == INVALID_SOCKET, WSAEWOULDBLOCK);
}

static DWORD connect_soon(void *argument)
{
    const struct address *at = argument;
    SOCKET s = open_socket(at->any.sa_family, SOCK_STREAM);
    REQUIRE(connect(s, &at->any, at->length) == 0);
    send_text(s, "hello");
    expect_end(s);
    return 0;
}

static void accept_waits(const struct test *test)
{
    struct address at;
    SOCKET listener = open_listener(test->family, &at);
    struct thread *thread = start_thread(connect_soon, &at);
    SOCKET s = own_socket(accept(listener, NULL, NULL));
    expect_text(s, "hello");
    close_owned_socket(s);
    CHECK_EQUAL(join_thread(thread), 0);
}

/* accept: the new socket has the properties of the listening one. */
static void accept_inherits(const struct test *test)
{
    struct address at;
    BOOL on = TRUE, inherited = FALSE;
    int size = sizeof inherited;
    SOCKET listener = open_listener(test->family, &at), client = open_socket(test->family, SOCK_STREAM);
    REQUIRE(setsockopt(listener, SOL_SOCKET, SO_KEEPALIVE, (char *)&on, sizeof on) == 0);
    REQUIRE(connect(client, &at.any, at.length) == 0);
    SOCKET server = own_socket(accept(listener, NULL, NULL));
    CHECK_EQUAL(getsockopt(server, SOL_SOCKET, SO_KEEPALIVE, (char *)&inherited, &size), 0);
    CHECK(inherited);
}

static void accept_inherits_nonblocking(const struct test *test)
{
    struct address at;
    char byte;
    SOCKET listener = open_listener(test->family, &at), client = open_socket(test->family, SOCK_STREAM);
    set_nonblocking(listener, true);
    REQUIRE(connect(client, &at.any, at.length) == 0);
    REQUIRE(wait_readable(listener));
    SOCKET server = own_socket(accept(listener, NULL, NULL));
    CHECK_FAILS(recv(server, &byte, 1, 0) == SOCKET_ERROR, WSAEWOULDBLOCK);
}

static void connect_refused(const struct test *test)
{
    struct address nobody = silent_address(test->family);
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(connect(s, &nobody.any, nobody.length) == SOCKET_ERROR, WSAECONNREFUSED);
}

/* connect: after WSAECONNREFUSED it can be called again for the same socket. */
static void connect_after_refusal(const struct test *test)
{
    struct address at;
    SOCKET listener = open_bound(test->family, SOCK_STREAM, &at), s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(connect(s, &at.any, at.length) == SOCKET_ERROR, WSAECONNREFUSED);
    REQUIRE(listen(listener, 1) == 0);
    CHECK_EQUAL(connect(s, &at.any, at.length), 0);
}

static void connect_nonblocking(const struct test *test)
{
    struct address at;
    int error = -1, size = sizeof error;
    open_listener(test->family, &at);
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    set_nonblocking(s, true);
    CHECK_FAILS(connect(s, &at.any, at.length) == SOCKET_ERROR, WSAEWOULDBLOCK);
    REQUIRE(wait_writable(s));
    CHECK_EQUAL(getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&error, &size), 0);
    CHECK_EQUAL(error, 0);
    CHECK_FAILS(connect(s, &at.any, at.length) == SOCKET_ERROR, WSAEISCONN);
}

static void connect_nonblocking_refused(const struct test *test)
{
    struct address nobody = silent_address(test->family);
    int error = -1, size = sizeof error;
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    set_nonblocking(s, true);
    CHECK_FAILS(connect(s, &nobody.any, nobody.length) == SOCKET_ERROR, WSAEWOULDBLOCK);
    REQUIRE(wait_exception(s));
    CHECK_EQUAL(getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&error, &size), 0);
    CHECK_EQUAL(error, WSAECONNREFUSED);
}

static void connect_twice(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct address peer = peer_address(pair.client);
    CHECK_FAILS(connect(pair.client, &peer.any, peer.length) == SOCKET_ERROR, WSAEISCONN);
}

static void wsa_connect(const struct test *test)
{
    struct address at;
    SOCKET listener = open_listener(test->family, &at);
    SOCKET client = own_socket(WSASocketW(test->family, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED));
    CHECK_EQUAL(WSAConnect(client, &at.any, at.length, NULL, NULL, NULL, NULL), 0);
    SOCKET server = own_socket(WSAAccept(listener, NULL, NULL, NULL, 0));
    send_text(client, "WSA");
    expect_text(server, "WSA");
}

static void socket_ansi(const struct test *test)
{
    struct address at;
    open_listener(test->family, &at);
    SOCKET s = own_socket(WSASocketA(test->family, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED));
    CHECK_EQUAL(connect(s, &at.any, at.length), 0);
}

/* --- WSAAccept's condition --- */

struct condition {
    int answer;
    int calls;
    struct address caller, callee;
};

static void keep_address(const WSABUF *buffer, struct address *address)
{
    if (buffer == NULL || buffer->len > sizeof address->storage)
        return;
    memcpy(&address->storage, buffer->buf, buffer->len);
    address->length = (int)buffer->len;
}

static int CALLBACK decide(LPWSABUF caller, LPWSABUF caller_data, LPQOS quality, LPQOS group_quality, LPWSABUF callee,
                           LPWSABUF callee_data, GROUP *group, DWORD_PTR context)
{
    struct condition *condition = (struct condition *)context;
    (void)caller_data, (void)quality, (void)group_quality, (void)callee_data, (void)group;
    condition->calls++;
    keep_address(caller, &condition->caller);
    keep_address(callee, &condition->callee);
    return condition->answer;
}

static void condition_accepts(const struct test *test)
{
    struct address at;
    struct condition condition = {.answer = CF_ACCEPT};
    SOCKET listener = open_listener(test->family, &at), client = open_socket(test->family, SOCK_STREAM);
    REQUIRE(connect(client, &at.any, at.length) == 0);
    SOCKET server = own_socket(WSAAccept(listener, NULL, NULL, decide, (DWORD_PTR)&condition));
    struct address local = local_address(client);
    CHECK_EQUAL(condition.calls, 1);
    CHECK(same_address(&condition.caller, &local));
    CHECK(same_address(&condition.callee, &at));
    send_text(client, "yes");
    expect_text(server, "yes");
}

static void condition_rejects(const struct test *test)
{
    struct address at;
    struct condition condition = {.answer = CF_REJECT};
    SOCKET listener = open_listener(test->family, &at), client = open_socket(test->family, SOCK_STREAM);
    set_nonblocking(client, true);
    CHECK_FAILS(connect(client, &at.any, at.length) == SOCKET_ERROR, WSAEWOULDBLOCK);
    CHECK_FAILS(WSAAccept(listener, NULL, NULL, decide, (DWORD_PTR)&condition) == INVALID_SOCKET, WSAECONNREFUSED);
}

static void condition_defers(const struct test *test)
{
    struct address at;
    struct condition condition = {.answer = CF_DEFER};
    SOCKET listener = open_listener(test->family, &at), client = open_socket(test->family, SOCK_STREAM);
    REQUIRE(connect(client, &at.any, at.length) == 0);
    CHECK_FAILS(WSAAccept(listener, NULL, NULL, decide, (DWORD_PTR)&condition) == INVALID_SOCKET, WSATRY_AGAIN);
    condition.answer = CF_ACCEPT;
    own_socket(WSAAccept(listener, NULL, NULL, decide, (DWORD_PTR)&condition));
    CHECK_EQUAL(condition.calls, 2);
}

/* --- WSAConnectByName, WSAConnectByList --- */

static void connect_by_name(const struct test *test)
{
    struct address at, local = {.length = 0}, remote = {.length = 0};
    char port[8];
    DWORD local_length = sizeof local.storage, remote_length = sizeof remote.storage;
    char host[16]; /* the function takes no const string */
    open_listener(test->family, &at);
    snprintf(host, sizeof host, "%s", test->family == AF_INET ? "127.0.0.1" : "::1");
    snprintf(port, sizeof port, "%u", port_of(&at));
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK(WSAConnectByNameA(s, host, port, &local_length, &local.any, &remote_length, &remote.any, NULL, NULL));
    CHECK_EQUAL(remote_length, at.length);
    CHECK(same_address(&remote, &at));
    REQUIRE(setsockopt(s, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0) == 0);
    /* The local address without its port. */
    struct address name = local_address(s);
    CHECK_EQUAL(local_length, name.length);
    CHECK_EQUAL(port_of(&local), 0);
    local.length = name.length;
    if (test->family == AF_INET)
        local.v4.sin_port = name.v4.sin_port;
    else
        local.v6.sin6_port = name.v6.sin6_port;
    CHECK(same_address(&local, &name));
}

static void expect_not_by_name(SOCKET s, DWORD local_length, DWORD remote_length, int error)
{
    SOCKADDR_STORAGE local, remote;
    DWORD local_size = local_length, remote_size = remote_length;
    char host[] = "localhost", port[] = "1";
    CHECK_FAILS(!WSAConnectByNameA(s, host, port, &local_size, (SOCKADDR *)&local, &remote_size, (SOCKADDR *)&remote,
                                   NULL, NULL),
                error);
    CHECK(local_size == local_length && remote_size == remote_length);
}

static void connect_by_name_wrongly(const struct test *test)
{
    enum { LARGE = sizeof(SOCKADDR_STORAGE), SMALL = 3 };
    SOCKET s = open_socket(test->family, SOCK_STREAM), datagrams = open_socket(test->family, SOCK_DGRAM);
    expect_not_by_name(s, SMALL, LARGE, WSAEFAULT);
    expect_not_by_name(s, LARGE, SMALL, WSAEFAULT);
    expect_not_by_name(datagrams, LARGE, LARGE, WSAEINVAL);
    close_owned_socket(s);
    expect_not_by_name(s, LARGE, LARGE, WSAEINVAL);
    expect_not_by_name(INVALID_SOCKET, LARGE, LARGE, WSAENOTSOCK);
}

static void connect_by_wide_name(const struct test *test)
{
    struct address at;
    wchar_t port[8];
    wchar_t host_text[] = L"127.0.0.1", host6_text[] = L"::1";
    open_listener(test->family, &at);
    swprintf(port, sizeof port / sizeof *port, L"%u", port_of(&at));
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK(WSAConnectByNameW(s, test->family == AF_INET ? host_text : host6_text, port, NULL, NULL, NULL, NULL, NULL,
                            NULL));
}

static void connect_by_list(const struct test *test)
{
    typedef BOOL(PASCAL * by_list)(SOCKET, PSOCKET_ADDRESS_LIST, LPDWORD, LPSOCKADDR, LPDWORD, LPSOCKADDR,
                                   const struct timeval *, LPWSAOVERLAPPED);
    by_list connect_list = (by_list)(void *)GetProcAddress(GetModuleHandleA("ws2_32.dll"), "WSAConnectByList");
    struct address at, nobody = silent_address(test->family), remote = {.length = 0};
    DWORD length = sizeof remote.storage;
    union {
        SOCKET_ADDRESS_LIST list;
        char room[sizeof(SOCKET_ADDRESS_LIST) + sizeof(SOCKET_ADDRESS)];
    } addresses = {.list = {.iAddressCount = 2}};
    REQUIRE(connect_list != NULL);
    open_listener(test->family, &at);
    addresses.list.Address[0] = (SOCKET_ADDRESS){.lpSockaddr = &nobody.any, .iSockaddrLength = nobody.length};
    SOCKET_ADDRESS *second = addresses.list.Address + 1;
    *second = (SOCKET_ADDRESS){.lpSockaddr = &at.any, .iSockaddrLength = at.length};
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK(connect_list(s, &addresses.list, NULL, NULL, &length, &remote.any, NULL, NULL));
    CHECK(same_address(&remote, &at));
}

/* --- data --- */

static void receive_nothing(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    char byte;
    set_nonblocking(pair.server, true);
    CHECK_FAILS(recv(pair.server, &byte, 1, 0) == SOCKET_ERROR, WSAEWOULDBLOCK);
    set_nonblocking(pair.server, false);
    send_text(pair.client, "x");
    CHECK_EQUAL(recv(pair.server, &byte, 1, 0), 1);
}

static void receive_part(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    char buffer[4] = "";
    send_text(pair.client, "abcdef");
    REQUIRE(wait_available(pair.server, 6));
    CHECK_EQUAL(recv(pair.server, buffer, 3, 0), 3);
    CHECK(memcmp(buffer, "abc", 3) == 0);
    CHECK_EQUAL(recv(pair.server, buffer, 4, 0), 3);
    CHECK(memcmp(buffer, "def", 3) == 0);
}

static void peek(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    char buffer[8] = "";
    send_text(pair.client, "twice");
    REQUIRE(wait_available(pair.server, 5));
    CHECK_EQUAL(recv(pair.server, buffer, sizeof buffer, MSG_PEEK), 5);
    CHECK(memcmp(buffer, "twice", 5) == 0);
    expect_text(pair.server, "twice");
}

static DWORD send_in_pieces(void *argument)
{
    SOCKET s = *(SOCKET *)argument;
    send_text(s, "one ");
    char go;
    REQUIRE(recv(s, &go, 1, 0) == 1);
    send_text(s, "two");
    return 0;
}

struct receiver {
    SOCKET s;
    WSAEVENT done;
};

static DWORD receive_all(void *argument)
{
    const struct receiver *receiver = argument;
    char buffer[8] = "";
    CHECK_EQUAL(recv(receiver->s, buffer, 7, MSG_WAITALL), 7);
    CHECK(memcmp(buffer, "one two", 7) == 0);
    SetEvent(receiver->done);
    return 0;
}

/* recv: MSG_WAITALL waits until the buffer is full. */
static void wait_for_all(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct thread *sender = start_thread(send_in_pieces, &pair.client);
    struct receiver waiting = {pair.server, open_event()};
    struct thread *receiver = start_thread(receive_all, &waiting);
    /* The first piece alone must not end the wait. */
    CHECK_EQUAL(WaitForSingleObject(waiting.done, 200), WAIT_TIMEOUT);
    send_text(pair.server, "!");
    join_thread(sender);
    join_thread(receiver);
}

static void end_of_stream(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    send_text(pair.client, "last");
    close_owned_socket(pair.client);
    expect_text(pair.server, "last");
    expect_end(pair.server);
    expect_end(pair.server);
}

static void reset(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    char byte;
    close_hard(pair.client);
    REQUIRE(wait_readable(pair.server));
    CHECK_FAILS(recv(pair.server, &byte, 1, 0) == SOCKET_ERROR, WSAECONNRESET);
}

static void gather_scatter(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    char a[5] = "", b[16] = "";
    WSABUF out[] = {TEXT_BUF("one"), TEXT_BUF("-"), TEXT_BUF("three")}, in[] = {WSABUF_OF(a), WSABUF_OF(b)};
    DWORD sent = 0, received = 0, flags = 0;
    CHECK_EQUAL(WSASend(pair.client, out, 3, &sent, 0, NULL, NULL), 0);
    CHECK_EQUAL(sent, 9);
    REQUIRE(wait_available(pair.server, 9));
    CHECK_EQUAL(WSARecv(pair.server, in, 2, &received, &flags, NULL, NULL), 0);
    CHECK_EQUAL(received, 9);
    CHECK_EQUAL(flags, 0);
    CHECK(memcmp(a, "one-t", 5) == 0 && memcmp(b, "hree", 4) == 0);
}

static void send_nothing(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    CHECK_EQUAL(send(pair.client, "", 0, 0), 0);
    send_text(pair.client, "then");
    expect_text(pair.server, "then");
}

static void send_until_full(const struct test *test)
{
    static char block[65536];
    struct pair pair = open_pair(test->family);
    int sent, blocks = 0;
    long long total = 0, received = 0;
    set_nonblocking(pair.client, true);
    fill_pattern(block, sizeof block, 1, 0);
    while ((sent = send(pair.client, block, sizeof block, 0)) > 0 && ++blocks < 4096)
        total += sent;
    CHECK_EQUAL(sent, SOCKET_ERROR);
    CHECK_EQUAL(WSAGetLastError(), WSAEWOULDBLOCK);
    while (received < total) {
        REQUIRE(wait_readable(pair.server));
        int got = recv(pair.server, block, sizeof block, 0);
        REQUIRE(got > 0);
        received += got;
    }
    CHECK_EQUAL(received, total);
    CHECK(wait_writable(pair.client));
}

static void receive_timeout(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    DWORD milliseconds = 60;
    char byte;
    REQUIRE(setsockopt(pair.server, SOL_SOCKET, SO_RCVTIMEO, (char *)&milliseconds, sizeof milliseconds) == 0);
    CHECK_FAILS(recv(pair.server, &byte, 1, 0) == SOCKET_ERROR, WSAETIMEDOUT);
}

enum { STREAM = 1 << 20, STREAM_PART = 7919 };

struct stream {
    SOCKET s;
    unsigned seed;
};

static DWORD send_stream(void *argument)
{
    static _Thread_local char part[STREAM_PART];
    const struct stream *stream = argument;
    for (int at = 0; at < STREAM;) {
        int size = STREAM - at < STREAM_PART ? STREAM - at : STREAM_PART;
        fill_pattern(part, (size_t)size, stream->seed, (size_t)at);
        int sent = send(stream->s, part, size, 0);
        REQUIRE(sent > 0);
        at += sent;
    }
    REQUIRE(shutdown(stream->s, SD_SEND) == 0);
    return 0;
}

static DWORD receive_stream(void *argument)
{
    static _Thread_local char part[STREAM_PART * 2];
    const struct stream *stream = argument;
    int at = 0, got;
    while ((got = recv(stream->s, part, sizeof part, 0)) > 0) {
        REQUIRE(has_pattern(part, (size_t)got, stream->seed, (size_t)at));
        at += got;
    }
    CHECK_EQUAL(got, 0);
    CHECK_EQUAL(at, STREAM);
    return 0;
}

static void streams_both_ways(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct stream streams[] = {{pair.client, 1}, {pair.server, 1}, {pair.server, 2}, {pair.client, 2}};
    struct thread *threads[] = {start_thread(send_stream, &streams[0]), start_thread(receive_stream, &streams[1]),
                                start_thread(send_stream, &streams[2]), start_thread(receive_stream, &streams[3])};
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(join_thread(threads[i]), 0);
}

static void many_connections(const struct test *test)
{
    enum { COUNT = 200 };
    struct address at;
    struct pair pairs[COUNT];
    SOCKET listener = open_listener(test->family, &at);
    for (int i = 0; i < COUNT; i++) {
        pairs[i].client = open_socket(test->family, SOCK_STREAM);
        REQUIRE(connect(pairs[i].client, &at.any, at.length) == 0);
        pairs[i].server = own_socket(accept(listener, NULL, NULL));
    }
    for (int i = 0; i < COUNT; i++)
        REQUIRE(send(pairs[i].client, (char *)&i, sizeof i, 0) == sizeof i);
    for (int i = COUNT - 1; i >= 0; i--) {
        int number = -1;
        receive_exactly(pairs[i].server, &number, sizeof number);
        CHECK_EQUAL(number, i);
    }
}

/* listen: on a listening socket it succeeds and changes nothing. */
static void listen_again(const struct test *test)
{
    SOCKET listener = open_listener(test->family, NULL);
    CHECK_EQUAL(listen(listener, 5), 0);
}

static void send_disconnect(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    CHECK_EQUAL(WSASendDisconnect(pair.client, NULL), 0);
    expect_end(pair.server);
    CHECK_FAILS(send(pair.client, "x", 1, 0) == SOCKET_ERROR, WSAESHUTDOWN);
    send_text(pair.server, "still");
    expect_text(pair.client, "still");
}

static void receive_disconnect(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    char byte;
    CHECK_EQUAL(WSARecvDisconnect(pair.client, NULL), 0);
    CHECK_FAILS(recv(pair.client, &byte, 1, 0) == SOCKET_ERROR, WSAESHUTDOWN);
}

/* GetFileType: FILE_TYPE_PIPE is a socket, a named pipe or an anonymous pipe. */
static void socket_is_a_handle(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    DWORD flags = 0;
    CHECK_EQUAL(GetFileType((HANDLE)s), FILE_TYPE_PIPE);
    CHECK(GetHandleInformation((HANDLE)s, &flags));
}

/* An IPv6 socket with IPV6_V6ONLY off takes IPv4 connections, with a mapped address. */
static void dual_mode(const struct test *test)
{
    (void)test;
    DWORD off = 0;
    struct address any = wildcard_address(AF_INET6, 0), from = {.length = sizeof from.storage};
    SOCKET listener = socket(AF_INET6, SOCK_STREAM, 0);
    if (listener == INVALID_SOCKET)
        harness_skip("no IPv6 on this machine");
    own_socket(listener);
    REQUIRE(setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&off, sizeof off) == 0);
    REQUIRE(bind(listener, &any.any, any.length) == 0 && listen(listener, 1) == 0);
    struct address bound = local_address(listener), to = loopback_address(AF_INET, port_of(&bound));
    SOCKET client = open_socket(AF_INET, SOCK_STREAM);
    REQUIRE(connect(client, &to.any, to.length) == 0);
    own_socket(accept(listener, &from.any, &from.length));
    CHECK_EQUAL(from.any.sa_family, AF_INET6);
    CHECK(IN6_IS_ADDR_V4MAPPED(&from.v6.sin6_addr));
}

const struct test_case tcp_cases[] = {
    {"tcp/echo", echo, BOTH_FAMILIES, NULL},
    {"tcp/names", names, BOTH_FAMILIES, NULL},
    {"tcp/accept-address", accept_address, BOTH_FAMILIES, NULL},
    {"tcp/accept-without-connection", accept_without_connection, BOTH_FAMILIES, NULL},
    {"tcp/accept-waits", accept_waits, BOTH_FAMILIES, NULL},
    {"tcp/accept-inherits-option", accept_inherits, BOTH_FAMILIES, NULL},
    {"tcp/accept-inherits-nonblocking", accept_inherits_nonblocking, BOTH_FAMILIES, NULL},
    {"tcp/connect-refused", connect_refused, BOTH_FAMILIES, NULL},
    {"tcp/connect-after-refusal", connect_after_refusal, BOTH_FAMILIES, NULL},
    {"tcp/connect-nonblocking", connect_nonblocking, BOTH_FAMILIES, NULL},
    {"tcp/connect-nonblocking-refused", connect_nonblocking_refused, BOTH_FAMILIES, NULL},
    {"tcp/connect-twice", connect_twice, BOTH_FAMILIES, NULL},
    {"tcp/WSAConnect", wsa_connect, BOTH_FAMILIES, NULL},
    {"tcp/WSASocketA", socket_ansi, BOTH_FAMILIES, NULL},
    {"tcp/WSAAccept-accepts", condition_accepts, BOTH_FAMILIES, NULL},
    {"tcp/WSAAccept-rejects", condition_rejects, BOTH_FAMILIES, NULL},
    {"tcp/WSAAccept-defers", condition_defers, BOTH_FAMILIES, NULL},
    {"tcp/WSAConnectByNameA", connect_by_name, BOTH_FAMILIES, NULL},
    {"tcp/WSAConnectByName-wrongly", connect_by_name_wrongly, BOTH_FAMILIES, NULL},
    {"tcp/WSAConnectByNameW", connect_by_wide_name, BOTH_FAMILIES, NULL},
    {"tcp/WSAConnectByList", connect_by_list, BOTH_FAMILIES, NULL},
    {"tcp/receive-nothing", receive_nothing, BOTH_FAMILIES, NULL},
    {"tcp/receive-part", receive_part, BOTH_FAMILIES, NULL},
    {"tcp/peek", peek, BOTH_FAMILIES, NULL},
    {"tcp/wait-for-all", wait_for_all, BOTH_FAMILIES, NULL},
    {"tcp/end-of-stream", end_of_stream, BOTH_FAMILIES, NULL},
    {"tcp/reset", reset, BOTH_FAMILIES, NULL},
    {"tcp/gather-scatter", gather_scatter, BOTH_FAMILIES, NULL},
    {"tcp/send-nothing", send_nothing, BOTH_FAMILIES, NULL},
    {"tcp/send-until-full", send_until_full, BOTH_FAMILIES, NULL},
    {"tcp/receive-timeout", receive_timeout, BOTH_FAMILIES, NULL},
    {"tcp/streams-both-ways", streams_both_ways, BOTH_FAMILIES, NULL},
    {"tcp/many-connections", many_connections, BOTH_FAMILIES, NULL},
    {"tcp/listen-again", listen_again, BOTH_FAMILIES, NULL},
    {"tcp/WSASendDisconnect", send_disconnect, BOTH_FAMILIES, NULL},
    {"tcp/WSARecvDisconnect", receive_disconnect, BOTH_FAMILIES, NULL},
    {"tcp/socket-is-a-handle", socket_is_a_handle, BOTH_FAMILIES, NULL},
    {"tcp/dual-mode", dual_mode, 0, NULL},
    {0},
};
