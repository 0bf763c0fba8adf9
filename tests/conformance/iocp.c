/* Sockets and completion ports. Expected values: the pages CreateIoCompletionPort, GetQueuedCompletionStatus(Ex),
 * SetFileCompletionNotificationModes, WSARecv, WSASend, closesocket. */
#include <string.h>

#include "overlapped.h"

struct packet {
    BOOL good;
    DWORD error, bytes;
    ULONG_PTR key;
    OVERLAPPED *overlapped;
};

static struct packet next_packet(HANDLE port, DWORD timeout)
{
    struct packet packet = {.error = 0};
    packet.good = GetQueuedCompletionStatus(port, &packet.bytes, &packet.key, &packet.overlapped, timeout);
    packet.error = packet.good ? 0 : GetLastError();
    return packet;
}

static struct packet expect_packet(HANDLE port, const struct operation *operation, ULONG_PTR key)
{
    struct packet packet = next_packet(port, DEADLINE);
    REQUIRE(packet.overlapped != NULL);
    CHECK(packet.overlapped == (OVERLAPPED *)&operation->overlapped);
    CHECK_EQUAL(packet.key, key);
    return packet;
}

static bool no_packet(HANDLE port)
{
    struct packet packet = next_packet(port, 0);
    return !packet.good && packet.overlapped == NULL && packet.error == WAIT_TIMEOUT;
}

static void receive_pending(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HANDLE port = open_port();
    static struct operation operation;
    DWORD bytes, flags;
    memset(&operation, 0, sizeof operation);
    associate(port, pair.server, 42);
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), WSA_IO_PENDING);
    CHECK(no_packet(port));
    send_text(pair.client, "later");
    struct packet packet = expect_packet(port, &operation, 42);
    CHECK(packet.good);
    CHECK_EQUAL(packet.bytes, 5);
    CHECK(memcmp(operation.data, "later", 5) == 0);
    CHECK_EQUAL(result_of(pair.server, &operation, false, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 5);
    CHECK(no_packet(port));
}

/* An operation that completes at once queues its packet, too. */
static void receive_at_once(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HANDLE port = open_port();
    static struct operation operation;
    memset(&operation, 0, sizeof operation);
    associate(port, pair.server, 1);
    send_text(pair.client, "there");
    REQUIRE(wait_available(pair.server, 5));
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), 0);
    CHECK_EQUAL(expect_packet(port, &operation, 1).bytes, 5);
}

/* … but not with FILE_SKIP_COMPLETION_PORT_ON_SUCCESS. */
static void skip_on_success(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HANDLE port = open_port();
    static struct operation operation;
    memset(&operation, 0, sizeof operation);
    associate(port, pair.server, 1);
    CHECK(SetFileCompletionNotificationModes((HANDLE)pair.server, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    send_text(pair.client, "there");
    REQUIRE(wait_available(pair.server, 5));
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), 0);
    CHECK(no_packet(port));
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), WSA_IO_PENDING);
    send_text(pair.client, "x");
    CHECK_EQUAL(expect_packet(port, &operation, 1).bytes, 1);
}

/* What does not end at once has its packet with that mode, too. */
static void skip_on_success_pending(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HANDLE port = open_port();
    static struct operation operation;
    memset(&operation, 0, sizeof operation);
    associate(port, pair.server, 1);
    CHECK(SetFileCompletionNotificationModes((HANDLE)pair.server, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), WSA_IO_PENDING);
        send_text(pair.client, "x");
        CHECK_EQUAL(expect_packet(port, &operation, 1).bytes, 1);
    }
}

static void send_completes(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HANDLE port = open_port();
    static struct operation operation;
    memset(&operation, 0, sizeof operation);
    associate(port, pair.client, 7);
    int error = begin_send(pair.client, &operation, "sent", NULL);
    CHECK(error == 0 || error == WSA_IO_PENDING);
    CHECK_EQUAL(expect_packet(port, &operation, 7).bytes, 4);
    expect_text(pair.server, "sent");
}

static void keys(const struct test *test)
{
    struct pair first = open_pair(test->family), second = open_pair(test->family);
    HANDLE port = open_port();
    static struct operation one, two;
    memset(&one, 0, sizeof one);
    memset(&two, 0, sizeof two);
    associate(port, first.server, 100);
    associate(port, second.server, 200);
    CHECK_EQUAL(begin_receive(first.server, &one, NULL), WSA_IO_PENDING);
    CHECK_EQUAL(begin_receive(second.server, &two, NULL), WSA_IO_PENDING);
    send_text(second.client, "2");
    expect_packet(port, &two, 200);
    send_text(first.client, "1");
    expect_packet(port, &one, 100);
}

static void end_of_stream(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HANDLE port = open_port();
    static struct operation operation;
    memset(&operation, 0, sizeof operation);
    associate(port, pair.server, 1);
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), WSA_IO_PENDING);
    close_owned_socket(pair.client);
    struct packet packet = expect_packet(port, &operation, 1);
    CHECK(packet.good);
    CHECK_EQUAL(packet.bytes, 0);
}

/* The failed packet's error is the file system's; WSAGetOverlappedResult has the socket's. */
static void reset(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HANDLE port = open_port();
    static struct operation operation;
    DWORD bytes, flags;
    memset(&operation, 0, sizeof operation);
    associate(port, pair.server, 1);
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), WSA_IO_PENDING);
    close_hard(pair.client);
    struct packet packet = expect_packet(port, &operation, 1);
    CHECK(!packet.good);
    CHECK_EQUAL(packet.error, ERROR_NETNAME_DELETED);
    CHECK_EQUAL(result_of(pair.server, &operation, false, &bytes, &flags), WSAECONNRESET);
}

static void closed(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HANDLE port = open_port();
    static struct operation operation;
    memset(&operation, 0, sizeof operation);
    associate(port, pair.server, 5);
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), WSA_IO_PENDING);
    close_owned_socket(pair.server);
    struct packet packet = expect_packet(port, &operation, 5);
    CHECK(!packet.good);
    CHECK_EQUAL(packet.error, ERROR_OPERATION_ABORTED);
}

static void datagram(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    struct address sender = local_address(pair.client);
    HANDLE port = open_port();
    static struct operation operation;
    memset(&operation, 0, sizeof operation);
    associate(port, pair.server, 3);
    CHECK_EQUAL(begin_receive_from(pair.server, &operation, NULL), WSA_IO_PENDING);
    send_text(pair.client, "datagram");
    CHECK_EQUAL(expect_packet(port, &operation, 3).bytes, 8);
    CHECK(same_address(&operation.from, &sender));
}

static void several_at_once(const struct test *test)
{
    enum { COUNT = 4 };
    struct pair pair = open_datagram_pair(test->family);
    HANDLE port = open_port();
    static struct operation operations[COUNT];
    OVERLAPPED_ENTRY entries[COUNT];
    ULONG count, total = 0;
    memset(operations, 0, sizeof operations);
    associate(port, pair.server, 9);
    for (int i = 0; i < COUNT; i++)
        CHECK_EQUAL(begin_receive(pair.server, &operations[i], NULL), WSA_IO_PENDING);
    for (int i = 0; i < COUNT; i++)
        send_text(pair.client, "ab");
    while (total < COUNT) {
        REQUIRE(GetQueuedCompletionStatusEx(port, entries, COUNT, &count, DEADLINE, FALSE));
        for (ULONG i = 0; i < count; i++) {
            CHECK_EQUAL(entries[i].lpCompletionKey, 9);
            CHECK_EQUAL(entries[i].dwNumberOfBytesTransferred, 2);
            CHECK(entries[i].lpOverlapped == (OVERLAPPED *)&operations[total + i].overlapped);
        }
        total += count;
    }
}

/* An event with the low bit set keeps the packet from being queued. */
static void low_bit_of_event(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HANDLE port = open_port();
    static struct operation operation;
    init_operation(&operation);
    HANDLE event = operation.overlapped.hEvent;
    operation.overlapped.hEvent = (HANDLE)((ULONG_PTR)event | 1);
    associate(port, pair.server, 1);
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), WSA_IO_PENDING);
    send_text(pair.client, "x");
    CHECK(wait_event(event));
    CHECK(no_packet(port));
}

static void read_and_write_file(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HANDLE port = open_port();
    static struct operation reading, writing;
    memset(&reading, 0, sizeof reading);
    memset(&writing, 0, sizeof writing);
    associate(port, pair.server, 1);
    associate(port, pair.client, 2);
    CHECK_FAILS(
        !ReadFile((HANDLE)pair.server, reading.data, sizeof reading.data, NULL, (OVERLAPPED *)&reading.overlapped),
        ERROR_IO_PENDING);
    CHECK(WriteFile((HANDLE)pair.client, "file", 4, NULL, (OVERLAPPED *)&writing.overlapped) ||
          GetLastError() == ERROR_IO_PENDING);
    bool seen[3] = {false};
    for (int i = 0; i < 2; i++) {
        struct packet packet = next_packet(port, DEADLINE);
        REQUIRE(packet.overlapped != NULL && packet.key >= 1 && packet.key <= 2);
        CHECK(packet.overlapped == (OVERLAPPED *)(packet.key == 1 ? &reading.overlapped : &writing.overlapped));
        CHECK_EQUAL(packet.bytes, 4);
        seen[packet.key] = true;
    }
    CHECK(seen[1] && seen[2]);
    CHECK(memcmp(reading.data, "file", 4) == 0);
}

static void posted_between(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HANDLE port = open_port();
    static struct operation operation;
    OVERLAPPED own;
    memset(&operation, 0, sizeof operation);
    associate(port, pair.server, 1);
    CHECK(PostQueuedCompletionStatus(port, 77, 88, &own));
    struct packet packet = next_packet(port, DEADLINE);
    CHECK(packet.bytes == 77 && packet.key == 88 && packet.overlapped == &own);
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), WSA_IO_PENDING);
    send_text(pair.client, "x");
    expect_packet(port, &operation, 1);
}

/* A handle belongs to one port. */
static void second_port(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    HANDLE first = open_port(), second = open_port();
    associate(first, s, 1);
    CHECK_FAILS(CreateIoCompletionPort((HANDLE)s, second, 2, 0) == NULL, ERROR_INVALID_PARAMETER);
}

/* --- an echo server of four threads --- */

enum { WORKERS = 4, CLIENTS = 8, ROUNDS = 50 };

struct session {
    struct operation operation; /* first: the packet's overlapped leads to it */
    SOCKET s;
    bool sending;
};

static DWORD serve(void *argument)
{
    HANDLE port = argument;
    for (;;) {
        struct packet packet = next_packet(port, INFINITE);
        if (packet.overlapped == NULL)
            return 0;
        struct session *session = (struct session *)packet.overlapped;
        REQUIRE(packet.good);
        if (packet.bytes == 0)
            continue;
        WSABUF buffer = {.len = packet.bytes, .buf = session->operation.data};
        session->sending = !session->sending;
        int result = 0;
        if (session->sending)
            result = WSASend(session->s, &buffer, 1, NULL, 0, &session->operation.overlapped, NULL);
        int error = result == 0 ? 0 : WSAGetLastError();
        if (!session->sending)
            error = begin_receive(session->s, &session->operation, NULL);
        REQUIRE(error == 0 || error == WSA_IO_PENDING);
    }
}

static DWORD use_server(void *argument)
{
    SOCKET s = *(SOCKET *)argument;
    for (int i = 0; i < ROUNDS; i++) {
        int got = -1;
        REQUIRE(send(s, (char *)&i, sizeof i, 0) == sizeof i);
        receive_exactly(s, &got, sizeof got);
        REQUIRE(got == i);
    }
    return 0;
}

static void echo_server(const struct test *test)
{
    static struct session sessions[CLIENTS];
    struct pair pairs[CLIENTS];
    struct thread *workers[WORKERS], *clients[CLIENTS];
    HANDLE port = open_port();
    memset(sessions, 0, sizeof sessions);
    for (int i = 0; i < CLIENTS; i++) {
        pairs[i] = open_pair(test->family);
        sessions[i].s = pairs[i].server;
        associate(port, pairs[i].server, (ULONG_PTR)i);
        CHECK_EQUAL(begin_receive(sessions[i].s, &sessions[i].operation, NULL), WSA_IO_PENDING);
    }
    for (int i = 0; i < WORKERS; i++)
        workers[i] = start_thread(serve, port);
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = start_thread(use_server, &pairs[i].client);
    for (int i = 0; i < CLIENTS; i++)
        CHECK_EQUAL(join_thread(clients[i]), 0);
    for (int i = 0; i < CLIENTS; i++)
        REQUIRE(shutdown(pairs[i].client, SD_SEND) == 0);
    for (int i = 0; i < WORKERS; i++)
        PostQueuedCompletionStatus(port, 0, 0, NULL);
    for (int i = 0; i < WORKERS; i++)
        CHECK_EQUAL(join_thread(workers[i]), 0);
}

const struct test_case iocp_cases[] = {
    {"iocp/receive-pending", receive_pending, BOTH_FAMILIES, NULL},
    {"iocp/receive-at-once", receive_at_once, BOTH_FAMILIES, NULL},
    {"iocp/skip-on-success", skip_on_success, BOTH_FAMILIES, NULL},
    {"iocp/skip-on-success-pending", skip_on_success_pending, BOTH_FAMILIES, NULL},
    {"iocp/send", send_completes, BOTH_FAMILIES, NULL},
    {"iocp/keys", keys, BOTH_FAMILIES, NULL},
    {"iocp/end-of-stream", end_of_stream, BOTH_FAMILIES, NULL},
    {"iocp/reset", reset, BOTH_FAMILIES, NULL},
    {"iocp/closed", closed, BOTH_FAMILIES, NULL},
    {"iocp/datagram", datagram, BOTH_FAMILIES, NULL},
    {"iocp/several-at-once", several_at_once, BOTH_FAMILIES, NULL},
    {"iocp/low-bit-of-event", low_bit_of_event, BOTH_FAMILIES, NULL},
    {"iocp/ReadFile-WriteFile", read_and_write_file, BOTH_FAMILIES, NULL},
    {"iocp/posted-between", posted_between, BOTH_FAMILIES, NULL},
    {"iocp/second-port", second_port, BOTH_FAMILIES, NULL},
    {"iocp/echo-server", echo_server, BOTH_FAMILIES, NULL},
    {0},
};
