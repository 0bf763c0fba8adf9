/* Overlapped calls whose end is told by an event. Expected values: the pages WSARecv, WSARecvFrom, WSASend, WSASendTo,
 * WSAGetOverlappedResult, WSAOVERLAPPED, and ReadFile, WriteFile, GetOverlappedResult. */
#include <string.h>

#include "overlapped.h"

static void receive_pending(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    DWORD bytes, flags;
    init_operation(&operation);
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), WSA_IO_PENDING);
    CHECK(!is_set(operation.overlapped.hEvent));
    CHECK(!HasOverlappedIoCompleted((OVERLAPPED *)&operation.overlapped));
    CHECK_EQUAL(result_of(pair.server, &operation, false, &bytes, &flags), WSA_IO_INCOMPLETE);
    send_text(pair.client, "later");
    REQUIRE(wait_event(operation.overlapped.hEvent));
    CHECK_EQUAL(result_of(pair.server, &operation, false, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 5);
    CHECK_EQUAL(flags, 0);
    CHECK(memcmp(operation.data, "later", 5) == 0);
}

/* With data there it completes at once, and the event is set all the same. */
static void receive_at_once(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    DWORD bytes, flags;
    init_operation(&operation);
    send_text(pair.client, "there");
    REQUIRE(wait_available(pair.server, 5));
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), 0);
    REQUIRE(wait_event(operation.overlapped.hEvent));
    CHECK_EQUAL(result_of(pair.server, &operation, false, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 5);
}

/* When an operation begins, the event is reset. */
static void event_is_reset(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    DWORD bytes, flags;
    init_operation(&operation);
    SetEvent(operation.overlapped.hEvent);
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), WSA_IO_PENDING);
    CHECK(!is_set(operation.overlapped.hEvent));
    send_text(pair.client, "x");
    CHECK_EQUAL(result_of(pair.server, &operation, true, &bytes, &flags), 0);
}

static void result_waits(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation receive, send;
    DWORD bytes, flags;
    init_operation(&receive);
    init_operation(&send);
    CHECK_EQUAL(begin_receive(pair.server, &receive, NULL), WSA_IO_PENDING);
    int error = begin_send(pair.client, &send, "sent", NULL);
    CHECK(error == 0 || error == WSA_IO_PENDING);
    CHECK_EQUAL(result_of(pair.client, &send, true, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 4);
    CHECK_EQUAL(result_of(pair.server, &receive, true, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 4);
}

static void in_order(const struct test *test)
{
    enum { COUNT = 8 };
    struct pair pair = open_pair(test->family);
    static struct operation operations[COUNT];
    DWORD bytes, flags;
    for (int i = 0; i < COUNT; i++) {
        init_operation(&operations[i]);
        CHECK_EQUAL(begin_receive(pair.server, &operations[i], NULL), WSA_IO_PENDING);
        operations[i].data[0] = '?';
    }
    for (int i = 0; i < COUNT; i++) {
        char text[] = {(char)('a' + i), '\0'};
        send_text(pair.client, text);
        REQUIRE(wait_event(operations[i].overlapped.hEvent));
        CHECK_EQUAL(result_of(pair.server, &operations[i], false, &bytes, &flags), 0);
        CHECK_EQUAL(operations[i].data[0], 'a' + i);
        CHECK(i == COUNT - 1 || !is_set(operations[i + 1].overlapped.hEvent));
    }
}

/* The provider captures the WSABUF array; the application may keep it on a stack. */
static int begin_with_lost_buffers(SOCKET s, WSAOVERLAPPED *overlapped, char *a, char *b)
{
    WSABUF buffers[2] = {{.len = 2, .buf = a}, {.len = 8, .buf = b}};
    DWORD flags = 0;
    int result = WSARecv(s, buffers, 2, NULL, &flags, overlapped, NULL);
    int error = result == 0 ? 0 : WSAGetLastError();
    memset(buffers, 0xee, sizeof buffers);
    return error;
}

static void captures_buffers(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    static char a[2], b[8];
    DWORD bytes, flags;
    init_operation(&operation);
    CHECK_EQUAL(begin_with_lost_buffers(pair.server, &operation.overlapped, a, b), WSA_IO_PENDING);
    send_text(pair.client, "abcde");
    CHECK_EQUAL(result_of(pair.server, &operation, true, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 5);
    CHECK(memcmp(a, "ab", 2) == 0 && memcmp(b, "cde", 3) == 0);
}

static void end_of_stream(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    DWORD bytes, flags;
    init_operation(&operation);
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), WSA_IO_PENDING);
    close_owned_socket(pair.client);
    CHECK_EQUAL(result_of(pair.server, &operation, true, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 0);
}

static void reset(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    DWORD bytes, flags;
    init_operation(&operation);
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), WSA_IO_PENDING);
    close_hard(pair.client);
    CHECK_EQUAL(result_of(pair.server, &operation, true, &bytes, &flags), WSAECONNRESET);
}

static void datagram(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    struct address sender = local_address(pair.client);
    static struct operation operation;
    DWORD bytes, flags;
    init_operation(&operation);
    CHECK_EQUAL(begin_receive_from(pair.server, &operation, NULL), WSA_IO_PENDING);
    send_text(pair.client, "datagram");
    CHECK_EQUAL(result_of(pair.server, &operation, true, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 8);
    CHECK_EQUAL(operation.from.length, sender.length);
    CHECK(same_address(&operation.from, &sender));
}

static void datagram_truncated(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    static struct operation operation;
    static char small[3];
    WSABUF buffer = WSABUF_OF(small);
    DWORD bytes, flags = 0;
    init_operation(&operation);
    CHECK_FAILS(WSARecv(pair.server, &buffer, 1, NULL, &flags, &operation.overlapped, NULL) == SOCKET_ERROR,
                WSA_IO_PENDING);
    send_text(pair.client, "too long");
    CHECK_EQUAL(result_of(pair.server, &operation, true, &bytes, &flags), WSAEMSGSIZE);
    CHECK(memcmp(small, "too", 3) == 0);
}

static void send_datagram(const struct test *test)
{
    struct address to, from;
    SOCKET receiver = open_bound(test->family, SOCK_DGRAM, &to), sender = open_bound(test->family, SOCK_DGRAM, &from);
    static struct operation operation;
    WSABUF buffers[] = {TEXT_BUF("data"), TEXT_BUF("gram")};
    char got[16] = "";
    DWORD bytes, flags;
    init_operation(&operation);
    int result = WSASendTo(sender, buffers, 2, NULL, 0, &to.any, to.length, &operation.overlapped, NULL);
    CHECK(result == 0 || WSAGetLastError() == WSA_IO_PENDING);
    CHECK_EQUAL(result_of(sender, &operation, true, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 8);
    CHECK_EQUAL(recv(receiver, got, sizeof got, 0), 8);
    CHECK(memcmp(got, "datagram", 8) == 0);
}

/* A socket is a file handle to ReadFile and WriteFile. */
static void read_and_write_file(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static OVERLAPPED reading, writing;
    static char buffer[16];
    DWORD bytes = 0;
    memset(&reading, 0, sizeof reading);
    memset(&writing, 0, sizeof writing);
    reading.hEvent = open_event();
    writing.hEvent = open_event();
    CHECK_FAILS(!ReadFile((HANDLE)pair.server, buffer, sizeof buffer, NULL, &reading), ERROR_IO_PENDING);
    CHECK(WriteFile((HANDLE)pair.client, "file", 4, NULL, &writing) || GetLastError() == ERROR_IO_PENDING);
    CHECK(GetOverlappedResult((HANDLE)pair.client, &writing, &bytes, TRUE));
    CHECK_EQUAL(bytes, 4);
    CHECK(GetOverlappedResult((HANDLE)pair.server, &reading, &bytes, TRUE));
    CHECK_EQUAL(bytes, 4);
    CHECK(memcmp(buffer, "file", 4) == 0);
}

/* On a socket without WSA_FLAG_OVERLAPPED lpOverlapped is ignored. */
static void not_overlapped(const struct test *test)
{
    struct address at;
    static struct operation operation;
    static char data[8];
    WSABUF buffer = WSABUF_OF(data);
    DWORD bytes = 0, flags = 0;
    SOCKET listener = open_listener(test->family, &at);
    SOCKET client = own_socket(WSASocketW(test->family, SOCK_STREAM, IPPROTO_TCP, NULL, 0, 0));
    REQUIRE(connect(client, &at.any, at.length) == 0);
    SOCKET server = own_socket(accept(listener, NULL, NULL));
    send_text(server, "sync");
    init_operation(&operation);
    CHECK_EQUAL(WSARecv(client, &buffer, 1, &bytes, &flags, &operation.overlapped, NULL), 0);
    CHECK_EQUAL(bytes, 4);
}

static DWORD send_large(void *argument)
{
    static char block[1 << 18];
    SOCKET s = *(SOCKET *)argument;
    WSABUF buffer = WSABUF_OF(block);
    struct operation operation;
    DWORD bytes, flags;
    init_operation(&operation);
    fill_pattern(block, sizeof block, 9, 0);
    int result = WSASend(s, &buffer, 1, NULL, 0, &operation.overlapped, NULL);
    REQUIRE(result == 0 || WSAGetLastError() == WSA_IO_PENDING);
    CHECK_EQUAL(result_of(s, &operation, true, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, sizeof block);
    return 0;
}

/* An overlapped send completes when all of it has been taken. */
static void large_send(const struct test *test)
{
    static char block[1 << 18];
    struct pair pair = open_pair(test->family);
    struct thread *thread = start_thread(send_large, &pair.client);
    receive_exactly(pair.server, block, sizeof block);
    CHECK(has_pattern(block, sizeof block, 9, 0));
    CHECK_EQUAL(join_thread(thread), 0);
}

static void peek_flag(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    WSABUF buffer = {.len = sizeof operation.data, .buf = operation.data};
    DWORD bytes, flags = MSG_PEEK;
    init_operation(&operation);
    send_text(pair.client, "peek");
    REQUIRE(wait_available(pair.server, 4));
    CHECK_EQUAL(WSARecv(pair.server, &buffer, 1, NULL, &flags, &operation.overlapped, NULL), 0);
    CHECK_EQUAL(result_of(pair.server, &operation, true, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 4);
    expect_text(pair.server, "peek");
}

/* What DuplicateHandle makes of a socket has no operation under way, and is none to this function before another has
 * taken it as one. */
static void duplicated_handle(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    struct operation operation;
    HANDLE copy = NULL;
    DWORD bytes, flags;
    init_operation(&operation);
    REQUIRE(
        DuplicateHandle(GetCurrentProcess(), (HANDLE)s, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    own_handle(copy);
    CHECK_FAILS(!WSAGetOverlappedResult((SOCKET)copy, &operation.overlapped, &bytes, FALSE, &flags), WSAENOTSOCK);
}

const struct test_case overlapped_event_cases[] = {
    {"overlapped-event/duplicated-handle", duplicated_handle, BOTH_FAMILIES, NULL},
    {"overlapped-event/receive-pending", receive_pending, BOTH_FAMILIES, NULL},
    {"overlapped-event/receive-at-once", receive_at_once, BOTH_FAMILIES, NULL},
    {"overlapped-event/event-is-reset", event_is_reset, BOTH_FAMILIES, NULL},
    {"overlapped-event/result-waits", result_waits, BOTH_FAMILIES, NULL},
    {"overlapped-event/in-order", in_order, BOTH_FAMILIES, NULL},
    {"overlapped-event/captures-buffers", captures_buffers, BOTH_FAMILIES, NULL},
    {"overlapped-event/end-of-stream", end_of_stream, BOTH_FAMILIES, NULL},
    {"overlapped-event/reset", reset, BOTH_FAMILIES, NULL},
    {"overlapped-event/datagram", datagram, BOTH_FAMILIES, NULL},
    {"overlapped-event/datagram-truncated", datagram_truncated, BOTH_FAMILIES, NULL},
    {"overlapped-event/WSASendTo", send_datagram, BOTH_FAMILIES, NULL},
    {"overlapped-event/ReadFile-WriteFile", read_and_write_file, BOTH_FAMILIES, NULL},
    {"overlapped-event/not-overlapped", not_overlapped, BOTH_FAMILIES, NULL},
    {"overlapped-event/large-send", large_send, BOTH_FAMILIES, NULL},
    {"overlapped-event/peek", peek_flag, BOTH_FAMILIES, NULL},
    {0},
};
