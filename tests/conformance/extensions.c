/* The extension functions, got by SIO_GET_EXTENSION_FUNCTION_POINTER, and their exports in mswsock.dll. Expected
 * values: the pages AcceptEx, GetAcceptExSockaddrs, ConnectEx, DisconnectEx, TransmitFile, TransmitPackets, WSARecvMsg,
 * WSASendMsg, WSARecvEx, WSAIoctl. */
#include <stdio.h>
#include <string.h>

#include "overlapped.h"

enum { ADDRESS_ROOM = sizeof(struct sockaddr_in6) + 16 };

static const GUID accept_ex = WSAID_ACCEPTEX, connect_ex = WSAID_CONNECTEX, disconnect_ex = WSAID_DISCONNECTEX,
                  transmit_file = WSAID_TRANSMITFILE, transmit_packets = WSAID_TRANSMITPACKETS,
                  receive_message = WSAID_WSARECVMSG, send_message = WSAID_WSASENDMSG,
                  accept_addresses = WSAID_GETACCEPTEXSOCKADDRS;

static void *extension(SOCKET s, const GUID *id)
{
    void *function = NULL;
    DWORD bytes = 0;
    REQUIRE(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, (void *)id, sizeof *id, &function, sizeof function, &bytes,
                     NULL, NULL) == 0);
    CHECK_EQUAL(bytes, sizeof function);
    REQUIRE(function != NULL);
    return function;
}

static void pointer(const struct test *test)
{
    extension(open_socket(test->family, SOCK_STREAM), test->data);
}

static void datagram_pointer(const struct test *test)
{
    extension(open_socket(test->family, SOCK_DGRAM), test->data);
}

static void unknown_pointer(const struct test *test)
{
    GUID id = accept_ex;
    void *function;
    DWORD bytes;
    id.Data1 ^= 0x5a5a5a5a;
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &function, sizeof function, &bytes,
                         NULL, NULL) == SOCKET_ERROR,
                WSAEINVAL);
}

/* --- AcceptEx --- */

struct acceptance {
    SOCKET listener, server, client;
    struct address at;
    struct operation operation;
    char buffer[32 + 2 * ADDRESS_ROOM];
};

static int begin_accept(struct acceptance *a, int family, DWORD data)
{
    DWORD bytes;
    memset(a, 0, sizeof *a);
    init_operation(&a->operation);
    a->listener = open_listener(family, &a->at);
    a->server = open_socket(family, SOCK_STREAM);
    a->client = open_socket(family, SOCK_STREAM);
    LPFN_ACCEPTEX function = (LPFN_ACCEPTEX)extension(a->listener, &accept_ex);
    BOOL done = function(a->listener, a->server, a->buffer, data, ADDRESS_ROOM, ADDRESS_ROOM, &bytes,
                         (OVERLAPPED *)&a->operation.overlapped);
    return done ? 0 : WSAGetLastError();
}

static void check_accept_addresses(struct acceptance *a, DWORD data)
{
    struct sockaddr *local = NULL, *remote = NULL;
    int local_length = 0, remote_length = 0;
    struct address expected = local_address(a->client);
    LPFN_GETACCEPTEXSOCKADDRS parse = (LPFN_GETACCEPTEXSOCKADDRS)extension(a->listener, &accept_addresses);
    parse(a->buffer, data, ADDRESS_ROOM, ADDRESS_ROOM, &local, &local_length, &remote, &remote_length);
    REQUIRE(local != NULL && remote != NULL);
    CHECK_EQUAL(local_length, a->at.length);
    CHECK_EQUAL(remote_length, expected.length);
    CHECK(same_address((struct address *)local, &a->at));
    CHECK(same_address((struct address *)remote, &expected));
}

static void accepts(const struct test *test)
{
    static struct acceptance a;
    DWORD bytes, flags;
    CHECK_EQUAL(begin_accept(&a, test->family, 0), ERROR_IO_PENDING);
    REQUIRE(connect(a.client, &a.at.any, a.at.length) == 0);
    CHECK_EQUAL(result_of(a.listener, &a.operation, true, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 0);
    check_accept_addresses(&a, 0);
    CHECK_EQUAL(setsockopt(a.server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&a.listener, sizeof a.listener), 0);
    struct address peer = peer_address(a.server), client = local_address(a.client), local = local_address(a.server);
    CHECK(same_address(&peer, &client));
    CHECK(same_address(&local, &a.at));
    send_text(a.client, "in");
    expect_text(a.server, "in");
    send_text(a.server, "out");
    expect_text(a.client, "out");
}

/* GetOverlappedResult reads of what has ended nothing but the structure: also when its socket has been closed. */
static void accept_closed(const struct test *test)
{
    static struct acceptance a;
    DWORD bytes = 0xdeadbeef;
    CHECK_EQUAL(begin_accept(&a, test->family, 0), ERROR_IO_PENDING);
    close_owned_socket(a.listener);
    REQUIRE(wait_event(a.operation.overlapped.hEvent));
    CHECK_FAILS(!GetOverlappedResult((HANDLE)a.listener, (OVERLAPPED *)&a.operation.overlapped, &bytes, FALSE),
                ERROR_OPERATION_ABORTED);
}

/* With room for data it completes when the first data has come. */
static void accepts_with_data(const struct test *test)
{
    static struct acceptance a;
    DWORD bytes, flags;
    CHECK_EQUAL(begin_accept(&a, test->family, 32), ERROR_IO_PENDING);
    REQUIRE(connect(a.client, &a.at.any, a.at.length) == 0);
    CHECK_EQUAL(WaitForSingleObject(a.operation.overlapped.hEvent, 50), WAIT_TIMEOUT);
    send_text(a.client, "first");
    CHECK_EQUAL(result_of(a.listener, &a.operation, true, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 5);
    CHECK(memcmp(a.buffer, "first", 5) == 0);
    check_accept_addresses(&a, 32);
}

static void accepts_into_port(const struct test *test)
{
    static struct acceptance a;
    DWORD bytes = 0xdead;
    ULONG_PTR key = 0;
    OVERLAPPED *overlapped = NULL;
    HANDLE port = open_port();
    memset(&a, 0, sizeof a);
    a.listener = open_listener(test->family, &a.at);
    a.server = open_socket(test->family, SOCK_STREAM);
    a.client = open_socket(test->family, SOCK_STREAM);
    associate(port, a.listener, 11);
    LPFN_ACCEPTEX function = (LPFN_ACCEPTEX)extension(a.listener, &accept_ex);
    CHECK_FAILS(!function(a.listener, a.server, a.buffer, 0, ADDRESS_ROOM, ADDRESS_ROOM, &bytes,
                          (OVERLAPPED *)&a.operation.overlapped),
                ERROR_IO_PENDING);
    REQUIRE(connect(a.client, &a.at.any, a.at.length) == 0);
    CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, DEADLINE));
    CHECK(overlapped == (OVERLAPPED *)&a.operation.overlapped);
    CHECK_EQUAL(key, 11);
    CHECK_EQUAL(bytes, 0);
}

/* SO_CONNECT_TIME tells a connected socket from one that still waits for its connection. */
static void connect_time(const struct test *test)
{
    static struct acceptance a;
    DWORD bytes, flags, seconds = 0;
    int size = sizeof seconds;
    CHECK_EQUAL(begin_accept(&a, test->family, 0), ERROR_IO_PENDING);
    CHECK_EQUAL(getsockopt(a.server, SOL_SOCKET, SO_CONNECT_TIME, (char *)&seconds, &size), 0);
    CHECK_EQUAL(seconds, 0xFFFFFFFF);
    REQUIRE(connect(a.client, &a.at.any, a.at.length) == 0);
    CHECK_EQUAL(result_of(a.listener, &a.operation, true, &bytes, &flags), 0);
    CHECK_EQUAL(getsockopt(a.server, SOL_SOCKET, SO_CONNECT_TIME, (char *)&seconds, &size), 0);
    CHECK(seconds < CASE_DEADLINE / 1000);
}

static void accept_needs_listener(const struct test *test)
{
    SOCKET bound = open_bound(test->family, SOCK_STREAM, NULL), server = open_socket(test->family, SOCK_STREAM);
    static struct operation operation;
    static char buffer[2 * ADDRESS_ROOM];
    DWORD bytes;
    init_operation(&operation);
    LPFN_ACCEPTEX function = (LPFN_ACCEPTEX)extension(bound, &accept_ex);
    CHECK_FAILS(
        !function(bound, server, buffer, 0, ADDRESS_ROOM, ADDRESS_ROOM, &bytes, (OVERLAPPED *)&operation.overlapped),
        WSAEINVAL);
}

static void accept_socket_connected(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    SOCKET listener = open_listener(test->family, NULL);
    static struct operation operation;
    static char buffer[2 * ADDRESS_ROOM];
    DWORD bytes;
    init_operation(&operation);
    LPFN_ACCEPTEX function = (LPFN_ACCEPTEX)extension(listener, &accept_ex);
    CHECK_FAILS(!function(listener, pair.client, buffer, 0, ADDRESS_ROOM, ADDRESS_ROOM, &bytes,
                          (OVERLAPPED *)&operation.overlapped),
                WSAEINVAL);
}

/* --- ConnectEx and DisconnectEx --- */

static int begin_connect(SOCKET s, const struct address *to, const char *data, struct operation *operation)
{
    LPFN_CONNECTEX function = (LPFN_CONNECTEX)extension(s, &connect_ex);
    DWORD bytes;
    init_operation(operation);
    BOOL done = function(s, &to->any, to->length, (void *)data, data != NULL ? (DWORD)strlen(data) : 0, &bytes,
                         (OVERLAPPED *)&operation->overlapped);
    return done ? 0 : WSAGetLastError();
}

static void connects(const struct test *test)
{
    struct address at;
    static struct operation operation;
    DWORD bytes, flags;
    SOCKET listener = open_listener(test->family, &at), client = open_bound(test->family, SOCK_STREAM, NULL);
    int error = begin_connect(client, &at, NULL, &operation);
    CHECK(error == 0 || error == ERROR_IO_PENDING);
    CHECK_EQUAL(result_of(client, &operation, true, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 0);
    CHECK_EQUAL(setsockopt(client, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0), 0);
    SOCKET server = own_socket(accept(listener, NULL, NULL));
    struct address peer = peer_address(client);
    CHECK(same_address(&peer, &at));
    CHECK_EQUAL(shutdown(client, SD_SEND), 0);
    expect_end(server);
}

static void connects_with_data(const struct test *test)
{
    struct address at;
    static struct operation operation;
    DWORD bytes, flags;
    SOCKET listener = open_listener(test->family, &at), client = open_bound(test->family, SOCK_STREAM, NULL);
    int error = begin_connect(client, &at, "hello", &operation);
    CHECK(error == 0 || error == ERROR_IO_PENDING);
    CHECK_EQUAL(result_of(client, &operation, true, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 5);
    expect_text(own_socket(accept(listener, NULL, NULL)), "hello");
}

static void connects_into_port(const struct test *test)
{
    struct address at;
    static struct operation operation;
    DWORD bytes = 0xdead;
    ULONG_PTR key = 0;
    OVERLAPPED *overlapped = NULL;
    HANDLE port = open_port();
    open_listener(test->family, &at);
    SOCKET client = open_bound(test->family, SOCK_STREAM, NULL);
    associate(port, client, 21);
    int error = begin_connect(client, &at, "data", &operation);
    CHECK(error == 0 || error == ERROR_IO_PENDING);
    CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, DEADLINE));
    CHECK(overlapped == (OVERLAPPED *)&operation.overlapped);
    CHECK_EQUAL(key, 21);
    CHECK_EQUAL(bytes, 4);
}

static void connect_refused(const struct test *test)
{
    struct address nobody = silent_address(test->family);
    static struct operation operation;
    DWORD bytes, flags;
    SOCKET client = open_bound(test->family, SOCK_STREAM, NULL);
    int error = begin_connect(client, &nobody, NULL, &operation);
    if (error == ERROR_IO_PENDING)
        error = result_of(client, &operation, true, &bytes, &flags);
    CHECK_EQUAL(error, WSAECONNREFUSED);
}

static void connect_unbound(const struct test *test)
{
    struct address at;
    static struct operation operation;
    open_listener(test->family, &at);
    SOCKET client = open_socket(test->family, SOCK_STREAM);
    CHECK_EQUAL(begin_connect(client, &at, NULL, &operation), WSAEINVAL);
}

static void connect_connected(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct address peer = peer_address(pair.client);
    static struct operation operation;
    CHECK_EQUAL(begin_connect(pair.client, &peer, NULL, &operation), WSAEISCONN);
}

static void disconnects(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    DWORD bytes, flags;
    LPFN_DISCONNECTEX function = (LPFN_DISCONNECTEX)extension(pair.client, &disconnect_ex);
    init_operation(&operation);
    CHECK(function(pair.client, (OVERLAPPED *)&operation.overlapped, 0, 0) || WSAGetLastError() == ERROR_IO_PENDING);
    expect_end(pair.server);
    close_owned_socket(pair.server);
    CHECK_EQUAL(result_of(pair.client, &operation, true, &bytes, &flags), 0);
}

static void disconnects_blocking(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    LPFN_DISCONNECTEX function = (LPFN_DISCONNECTEX)extension(pair.server, &disconnect_ex);
    REQUIRE(shutdown(pair.client, SD_SEND) == 0);
    CHECK(function(pair.server, NULL, 0, 0));
    expect_end(pair.client);
}

/* With TF_REUSE_SOCKET the handle can be given to AcceptEx. */
static void disconnects_for_reuse(const struct test *test)
{
    static struct acceptance a;
    static struct operation again;
    DWORD bytes, flags;
    CHECK_EQUAL(begin_accept(&a, test->family, 0), ERROR_IO_PENDING);
    REQUIRE(connect(a.client, &a.at.any, a.at.length) == 0);
    CHECK_EQUAL(result_of(a.listener, &a.operation, true, &bytes, &flags), 0);
    REQUIRE(setsockopt(a.server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&a.listener, sizeof a.listener) == 0);
    REQUIRE(shutdown(a.client, SD_SEND) == 0);
    expect_end(a.server);
    LPFN_DISCONNECTEX function = (LPFN_DISCONNECTEX)extension(a.server, &disconnect_ex);
    REQUIRE(function(a.server, NULL, TF_REUSE_SOCKET, 0));
    init_operation(&again);
    LPFN_ACCEPTEX accept_again = (LPFN_ACCEPTEX)extension(a.listener, &accept_ex);
    CHECK_FAILS(!accept_again(a.listener, a.server, a.buffer, 0, ADDRESS_ROOM, ADDRESS_ROOM, &bytes,
                              (OVERLAPPED *)&again.overlapped),
                ERROR_IO_PENDING);
    SOCKET second = open_socket(test->family, SOCK_STREAM);
    REQUIRE(connect(second, &a.at.any, a.at.length) == 0);
    CHECK_EQUAL(result_of(a.listener, &again, true, &bytes, &flags), 0);
    send_text(second, "again");
    expect_text(a.server, "again");
}

static void disconnect_wrongly(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    LPFN_DISCONNECTEX function = (LPFN_DISCONNECTEX)extension(pair.client, &disconnect_ex);
    CHECK_FAILS(!function(pair.client, NULL, 0, 1), WSAEINVAL);
    CHECK_FAILS(!function(pair.client, NULL, 0x4000, 0), WSAEINVAL);
}

static void disconnect_unconnected(const struct test *test)
{
    SOCKET s = open_bound(test->family, SOCK_STREAM, NULL);
    LPFN_DISCONNECTEX function = (LPFN_DISCONNECTEX)extension(s, &disconnect_ex);
    CHECK_FAILS(!function(s, NULL, 0, 0), WSAENOTCONN);
}

/* --- TransmitFile and TransmitPackets --- */

enum { FILE_SIZE = 100000 };

/* A file with the pattern of seed 5, deleted when it is closed. */
static HANDLE open_file(DWORD flags)
{
    static char content[FILE_SIZE];
    char folder[MAX_PATH], path[MAX_PATH];
    DWORD written;
    REQUIRE(GetTempPathA(sizeof folder, folder) != 0 && GetTempFileNameA(folder, "wsp", 0, path) != 0);
    HANDLE file = own_handle(CreateFileA(path, GENERIC_READ | GENERIC_WRITE | DELETE, FILE_SHARE_DELETE, NULL,
                                         CREATE_ALWAYS, flags | FILE_FLAG_DELETE_ON_CLOSE, NULL));
    fill_pattern(content, sizeof content, 5, 0);
    REQUIRE(WriteFile(file, content, sizeof content, &written, NULL) && written == FILE_SIZE);
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    return file;
}

struct expected {
    SOCKET s;
    const char *head, *tail;
    size_t from, size; /* of the file */
    bool ends;
};

static DWORD receive_file(void *argument)
{
    static char content[FILE_SIZE];
    const struct expected *expected = argument;
    if (expected->head != NULL)
        expect_text(expected->s, expected->head);
    receive_exactly(expected->s, content, (int)expected->size);
    CHECK(has_pattern(content, expected->size, 5, expected->from));
    if (expected->tail != NULL)
        expect_text(expected->s, expected->tail);
    if (expected->ends)
        expect_end(expected->s);
    return 0;
}

static void transmits_file(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct expected expected = {.s = pair.server, .size = FILE_SIZE};
    struct thread *receiver = start_thread(receive_file, &expected);
    LPFN_TRANSMITFILE function = (LPFN_TRANSMITFILE)extension(pair.client, &transmit_file);
    CHECK(function(pair.client, open_file(0), 0, 0, NULL, NULL, 0));
    CHECK_EQUAL(join_thread(receiver), 0);
}

static void transmits_head_and_tail(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct expected expected = {.s = pair.server, .head = "head", .tail = "tail", .size = FILE_SIZE};
    TRANSMIT_FILE_BUFFERS buffers = {.Head = "head", .HeadLength = 4, .Tail = "tail", .TailLength = 4};
    struct thread *receiver = start_thread(receive_file, &expected);
    LPFN_TRANSMITFILE function = (LPFN_TRANSMITFILE)extension(pair.client, &transmit_file);
    CHECK(function(pair.client, open_file(0), 0, 1000, NULL, &buffers, 0));
    CHECK_EQUAL(join_thread(receiver), 0);
}

/* Overlapped: the offset is the overlapped structure's. */
static void transmits_part(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct expected expected = {.s = pair.server, .from = 500, .size = 2000};
    static struct operation operation;
    DWORD bytes, flags;
    struct thread *receiver = start_thread(receive_file, &expected);
    LPFN_TRANSMITFILE function = (LPFN_TRANSMITFILE)extension(pair.client, &transmit_file);
    init_operation(&operation);
    operation.overlapped.Offset = 500;
    CHECK(function(pair.client, open_file(0), 2000, 0, (OVERLAPPED *)&operation.overlapped, NULL, 0) ||
          WSAGetLastError() == ERROR_IO_PENDING);
    CHECK_EQUAL(result_of(pair.client, &operation, true, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 2000);
    CHECK_EQUAL(operation.overlapped.Offset, 500); /* to go on from */
    CHECK_EQUAL(join_thread(receiver), 0);
}

static void transmits_no_file(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    TRANSMIT_FILE_BUFFERS buffers = {.Head = "only ", .HeadLength = 5, .Tail = "these", .TailLength = 5};
    LPFN_TRANSMITFILE function = (LPFN_TRANSMITFILE)extension(pair.client, &transmit_file);
    CHECK(function(pair.client, NULL, 0, 0, NULL, &buffers, 0));
    expect_text(pair.server, "only these");
}

static void transmits_and_disconnects(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct expected expected = {.s = pair.server, .size = FILE_SIZE, .ends = true};
    struct thread *receiver = start_thread(receive_file, &expected);
    LPFN_TRANSMITFILE function = (LPFN_TRANSMITFILE)extension(pair.client, &transmit_file);
    CHECK(function(pair.client, open_file(0), 0, 0, NULL, NULL, TF_DISCONNECT));
    CHECK_EQUAL(join_thread(receiver), 0);
}

static void transmit_unconnected(const struct test *test)
{
    SOCKET s = open_bound(test->family, SOCK_STREAM, NULL);
    LPFN_TRANSMITFILE function = (LPFN_TRANSMITFILE)extension(s, &transmit_file);
    CHECK_FAILS(!function(s, open_file(0), 0, 0, NULL, NULL, 0), WSAENOTCONN);
}

static void transmit_not_a_socket(const struct test *test)
{
    LPFN_TRANSMITFILE function = (LPFN_TRANSMITFILE)extension(open_socket(test->family, SOCK_STREAM), &transmit_file);
    CHECK_FAILS(!function(INVALID_SOCKET, open_file(0), 0, 0, NULL, NULL, 0), WSAENOTSOCK);
}

static void transmit_reuse_alone(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    LPFN_TRANSMITFILE function = (LPFN_TRANSMITFILE)extension(pair.client, &transmit_file);
    CHECK_FAILS(!function(pair.client, open_file(0), 0, 0, NULL, NULL, TF_REUSE_SOCKET), WSAEINVAL);
}

static void transmit_datagram(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    SOCKET stream = open_socket(test->family, SOCK_STREAM);
    LPFN_TRANSMITFILE function = (LPFN_TRANSMITFILE)extension(stream, &transmit_file);
    CHECK_FAILS(!function(pair.client, open_file(0), 0, 0, NULL, NULL, 0), WSAEINVAL);
}

static void transmits_packets(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct expected expected = {.s = pair.server, .head = "memory", .tail = "end", .from = 100, .size = 3000};
    TRANSMIT_PACKETS_ELEMENT elements[3] = {
        {.dwElFlags = TP_ELEMENT_MEMORY, .cLength = 6},
        {.dwElFlags = TP_ELEMENT_FILE, .cLength = 3000},
        {.dwElFlags = TP_ELEMENT_MEMORY, .cLength = 3},
    };
    elements[0].pBuffer = "memory";
    elements[1].nFileOffset.QuadPart = 100;
    elements[1].hFile = open_file(0);
    elements[2].pBuffer = "end";
    struct thread *receiver = start_thread(receive_file, &expected);
    LPFN_TRANSMITPACKETS function = (LPFN_TRANSMITPACKETS)extension(pair.client, &transmit_packets);
    CHECK(function(pair.client, elements, 3, 0, NULL, 0));
    CHECK_EQUAL(join_thread(receiver), 0);
}

/* --- WSARecvMsg and WSASendMsg --- */

struct message {
    WSAMSG message;
    WSABUF buffer;
    struct address name;
    char data[32];
    char control[128];
};

static void prepare_message(struct message *m, ULONG data, ULONG control)
{
    memset(m, 0, sizeof *m);
    m->buffer = (WSABUF){.len = data, .buf = m->data};
    m->message.name = &m->name.any;
    m->message.namelen = sizeof m->name.storage;
    m->message.lpBuffers = &m->buffer;
    m->message.dwBufferCount = 1;
    m->message.Control = (WSABUF){.len = control, .buf = control != 0 ? m->control : NULL};
}

static void ask_for_packet_info(SOCKET s, int family)
{
    DWORD on = 1;
    if (family == AF_INET)
        REQUIRE(setsockopt(s, IPPROTO_IP, IP_PKTINFO, (char *)&on, sizeof on) == 0);
    else
        REQUIRE(setsockopt(s, IPPROTO_IPV6, IPV6_PKTINFO, (char *)&on, sizeof on) == 0);
}

static void receives_message(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    struct address sender = local_address(pair.client), at = local_address(pair.server);
    struct message m;
    DWORD bytes = 0;
    ask_for_packet_info(pair.server, test->family);
    LPFN_WSARECVMSG function = (LPFN_WSARECVMSG)extension(pair.server, &receive_message);
    send_text(pair.client, "message");
    prepare_message(&m, sizeof m.data, sizeof m.control);
    CHECK_EQUAL(function(pair.server, &m.message, &bytes, NULL, NULL), 0);
    CHECK_EQUAL(bytes, 7);
    CHECK_EQUAL(m.message.dwFlags, 0);
    CHECK_EQUAL(m.message.namelen, sender.length);
    CHECK(same_address(&m.name, &sender));
    WSACMSGHDR *header = WSA_CMSG_FIRSTHDR(&m.message);
    REQUIRE(header != NULL);
    CHECK_EQUAL(header->cmsg_level, test->family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6);
    CHECK_EQUAL(header->cmsg_type, test->family == AF_INET ? IP_PKTINFO : IPV6_PKTINFO);
    if (test->family == AF_INET)
        CHECK_EQUAL(((IN_PKTINFO *)WSA_CMSG_DATA(header))->ipi_addr.s_addr, at.v4.sin_addr.s_addr);
    else
        CHECK(memcmp(&((IN6_PKTINFO *)WSA_CMSG_DATA(header))->ipi6_addr, &at.v6.sin6_addr, 16) == 0);
}

static void receives_message_overlapped(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    struct address sender = local_address(pair.client);
    static struct message m;
    static struct operation operation;
    DWORD bytes, flags;
    LPFN_WSARECVMSG function = (LPFN_WSARECVMSG)extension(pair.server, &receive_message);
    init_operation(&operation);
    prepare_message(&m, sizeof m.data, 0);
    CHECK_FAILS(function(pair.server, &m.message, NULL, &operation.overlapped, NULL) == SOCKET_ERROR, WSA_IO_PENDING);
    send_text(pair.client, "later");
    CHECK_EQUAL(result_of(pair.server, &operation, true, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 5);
    CHECK(same_address(&m.name, &sender));
}

static void receives_message_peek(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    struct message m;
    DWORD bytes = 0;
    LPFN_WSARECVMSG function = (LPFN_WSARECVMSG)extension(pair.server, &receive_message);
    send_text(pair.client, "peek");
    for (int i = 0; i < 2; i++) {
        prepare_message(&m, sizeof m.data, 0);
        m.message.dwFlags = i == 0 ? MSG_PEEK : 0;
        CHECK_EQUAL(function(pair.server, &m.message, &bytes, NULL, NULL), 0);
        CHECK_EQUAL(bytes, 4);
    }
}

static void receives_message_truncated(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    struct message m;
    DWORD bytes = 0;
    LPFN_WSARECVMSG function = (LPFN_WSARECVMSG)extension(pair.server, &receive_message);
    send_text(pair.client, "too long");
    prepare_message(&m, 3, 0);
    CHECK_FAILS(function(pair.server, &m.message, &bytes, NULL, NULL) == SOCKET_ERROR, WSAEMSGSIZE);
    CHECK((m.message.dwFlags & MSG_TRUNC) != 0);
    CHECK(memcmp(m.data, "too", 3) == 0);
}

static void receive_message_unbound(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_DGRAM);
    struct message m;
    DWORD bytes = 0;
    LPFN_WSARECVMSG function = (LPFN_WSARECVMSG)extension(s, &receive_message);
    set_nonblocking(s, true);
    prepare_message(&m, sizeof m.data, 0);
    CHECK_FAILS(function(s, &m.message, &bytes, NULL, NULL) == SOCKET_ERROR, WSAEINVAL);
}

static void sends_message(const struct test *test)
{
    struct address to, from;
    SOCKET receiver = open_bound(test->family, SOCK_DGRAM, &to), sender = open_bound(test->family, SOCK_DGRAM, &from);
    struct message m;
    char got[16] = "";
    DWORD bytes = 0;
    LPFN_WSASENDMSG function = (LPFN_WSASENDMSG)extension(sender, &send_message);
    prepare_message(&m, 7, 0);
    memcpy(m.data, "message", 7);
    m.name = to;
    m.message.namelen = to.length;
    CHECK_EQUAL(function(sender, &m.message, 0, &bytes, NULL, NULL), 0);
    CHECK_EQUAL(bytes, 7);
    CHECK_EQUAL(recv(receiver, got, sizeof got, 0), 7);
    /* … and the function that ws2_32 exports. */
    CHECK_EQUAL(WSASendMsg(sender, &m.message, 0, &bytes, NULL, NULL), 0);
    CHECK_EQUAL(recv(receiver, got, sizeof got, 0), 7);
}

/* A send binds a socket that has no name yet. */
static void sends_message_unbound(const struct test *test)
{
    struct address to, from;
    SOCKET receiver = open_bound(test->family, SOCK_DGRAM, &to), sender = open_socket(test->family, SOCK_DGRAM);
    struct message m;
    char got[16] = "";
    DWORD bytes = 0;
    LPFN_WSASENDMSG function = (LPFN_WSASENDMSG)extension(sender, &send_message);
    set_nonblocking(sender, false);
    prepare_message(&m, 7, 0);
    memcpy(m.data, "message", 7);
    m.name = to;
    m.message.namelen = to.length;
    CHECK_EQUAL(function(sender, &m.message, 0, &bytes, NULL, NULL), 0);
    CHECK_EQUAL(bytes, 7);
    CHECK_EQUAL(recv(receiver, got, sizeof got, 0), 7);
    from = local_address(sender);
    CHECK(from.v4.sin_port != 0);
}

static void sends_message_overlapped(const struct test *test)
{
    struct address to;
    SOCKET receiver = open_bound(test->family, SOCK_DGRAM, &to), sender = open_bound(test->family, SOCK_DGRAM, NULL);
    static struct message m;
    static struct operation operation;
    char got[16] = "";
    DWORD bytes, flags;
    LPFN_WSASENDMSG function = (LPFN_WSASENDMSG)extension(sender, &send_message);
    init_operation(&operation);
    prepare_message(&m, 4, 0);
    m.name = to;
    m.message.namelen = to.length;
    int result = function(sender, &m.message, 0, NULL, &operation.overlapped, NULL);
    CHECK(result == 0 || WSAGetLastError() == WSA_IO_PENDING);
    CHECK_EQUAL(result_of(sender, &operation, true, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 4);
    CHECK_EQUAL(recv(receiver, got, sizeof got, 0), 4);
}

static void send_message_wrong_flags(const struct test *test)
{
    struct address to;
    SOCKET sender = open_bound(test->family, SOCK_DGRAM, &to);
    struct message m;
    DWORD bytes;
    LPFN_WSASENDMSG function = (LPFN_WSASENDMSG)extension(sender, &send_message);
    prepare_message(&m, 4, 0);
    m.name = to;
    m.message.namelen = to.length;
    CHECK_FAILS(function(sender, &m.message, MSG_PEEK, &bytes, NULL, NULL) == SOCKET_ERROR, WSAEOPNOTSUPP);
}

/* --- what mswsock.dll exports --- */

static void exported_functions(const struct test *test)
{
    struct address at;
    static char buffer[2 * ADDRESS_ROOM];
    static struct operation operation;
    DWORD bytes, flags;
    TRANSMIT_FILE_BUFFERS buffers = {.Head = "head", .HeadLength = 4};
    SOCKET listener = open_listener(test->family, &at), server = open_socket(test->family, SOCK_STREAM);
    SOCKET client = open_socket(test->family, SOCK_STREAM);
    init_operation(&operation);
    CHECK_FAILS(
        !AcceptEx(listener, server, buffer, 0, ADDRESS_ROOM, ADDRESS_ROOM, &bytes, (OVERLAPPED *)&operation.overlapped),
        ERROR_IO_PENDING);
    REQUIRE(connect(client, &at.any, at.length) == 0);
    CHECK_EQUAL(result_of(listener, &operation, true, &bytes, &flags), 0);
    CHECK(TransmitFile(client, NULL, 0, 0, NULL, &buffers, 0));
    expect_text(server, "head");
}

static void receive_ex(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    char buffer[4] = "";
    int flags = 0;
    send_text(pair.client, "abc");
    CHECK_EQUAL(WSARecvEx(pair.server, buffer, sizeof buffer, &flags), 3);
    CHECK(memcmp(buffer, "abc", 3) == 0);
}

const struct test_case extensions_cases[] = {
    {"extensions/AcceptEx-pointer", pointer, BOTH_FAMILIES, &accept_ex},
    {"extensions/GetAcceptExSockaddrs-pointer", pointer, BOTH_FAMILIES, &accept_addresses},
    {"extensions/ConnectEx-pointer", pointer, BOTH_FAMILIES, &connect_ex},
    {"extensions/DisconnectEx-pointer", pointer, BOTH_FAMILIES, &disconnect_ex},
    {"extensions/TransmitFile-pointer", pointer, BOTH_FAMILIES, &transmit_file},
    {"extensions/TransmitPackets-pointer", pointer, BOTH_FAMILIES, &transmit_packets},
    {"extensions/WSARecvMsg-pointer", datagram_pointer, BOTH_FAMILIES, &receive_message},
    {"extensions/WSASendMsg-pointer", datagram_pointer, BOTH_FAMILIES, &send_message},
    {"extensions/unknown-pointer", unknown_pointer, BOTH_FAMILIES, NULL},
    {"extensions/AcceptEx", accepts, BOTH_FAMILIES, NULL},
    {"extensions/AcceptEx-closed", accept_closed, BOTH_FAMILIES, NULL},
    {"extensions/AcceptEx-data", accepts_with_data, BOTH_FAMILIES, NULL},
    {"extensions/AcceptEx-port", accepts_into_port, BOTH_FAMILIES, NULL},
    {"extensions/AcceptEx-SO_CONNECT_TIME", connect_time, BOTH_FAMILIES, NULL},
    {"extensions/AcceptEx-not-listening", accept_needs_listener, BOTH_FAMILIES, NULL},
    {"extensions/AcceptEx-connected", accept_socket_connected, BOTH_FAMILIES, NULL},
    {"extensions/ConnectEx", connects, BOTH_FAMILIES, NULL},
    {"extensions/ConnectEx-data", connects_with_data, BOTH_FAMILIES, NULL},
    {"extensions/ConnectEx-port", connects_into_port, BOTH_FAMILIES, NULL},
    {"extensions/ConnectEx-refused", connect_refused, BOTH_FAMILIES, NULL},
    {"extensions/ConnectEx-unbound", connect_unbound, BOTH_FAMILIES, NULL},
    {"extensions/ConnectEx-connected", connect_connected, BOTH_FAMILIES, NULL},
    {"extensions/DisconnectEx", disconnects, BOTH_FAMILIES, NULL},
    {"extensions/DisconnectEx-blocking", disconnects_blocking, BOTH_FAMILIES, NULL},
    {"extensions/DisconnectEx-reuse", disconnects_for_reuse, BOTH_FAMILIES, NULL},
    {"extensions/DisconnectEx-wrong-arguments", disconnect_wrongly, BOTH_FAMILIES, NULL},
    {"extensions/DisconnectEx-unconnected", disconnect_unconnected, BOTH_FAMILIES, NULL},
    {"extensions/TransmitFile", transmits_file, BOTH_FAMILIES, NULL},
    {"extensions/TransmitFile-head-and-tail", transmits_head_and_tail, BOTH_FAMILIES, NULL},
    {"extensions/TransmitFile-part", transmits_part, BOTH_FAMILIES, NULL},
    {"extensions/TransmitFile-no-file", transmits_no_file, BOTH_FAMILIES, NULL},
    {"extensions/TransmitFile-disconnect", transmits_and_disconnects, BOTH_FAMILIES, NULL},
    {"extensions/TransmitFile-unconnected", transmit_unconnected, BOTH_FAMILIES, NULL},
    {"extensions/TransmitFile-not-a-socket", transmit_not_a_socket, BOTH_FAMILIES, NULL},
    {"extensions/TransmitFile-reuse-alone", transmit_reuse_alone, BOTH_FAMILIES, NULL},
    {"extensions/TransmitFile-datagram", transmit_datagram, BOTH_FAMILIES, NULL},
    {"extensions/TransmitPackets", transmits_packets, BOTH_FAMILIES, NULL},
    {"extensions/WSARecvMsg", receives_message, BOTH_FAMILIES, NULL},
    {"extensions/WSARecvMsg-overlapped", receives_message_overlapped, BOTH_FAMILIES, NULL},
    {"extensions/WSARecvMsg-peek", receives_message_peek, BOTH_FAMILIES, NULL},
    {"extensions/WSARecvMsg-truncated", receives_message_truncated, BOTH_FAMILIES, NULL},
    {"extensions/WSARecvMsg-unbound", receive_message_unbound, BOTH_FAMILIES, NULL},
    {"extensions/WSASendMsg", sends_message, BOTH_FAMILIES, NULL},
    {"extensions/WSASendMsg-unbound", sends_message_unbound, BOTH_FAMILIES, NULL},
    {"extensions/WSASendMsg-overlapped", sends_message_overlapped, BOTH_FAMILIES, NULL},
    {"extensions/WSASendMsg-wrong-flags", send_message_wrong_flags, BOTH_FAMILIES, NULL},
    {"extensions/mswsock-exports", exported_functions, BOTH_FAMILIES, NULL},
    {"extensions/WSARecvEx", receive_ex, BOTH_FAMILIES, NULL},
    {0},
};
