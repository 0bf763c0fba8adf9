/* Overlapped calls whose end is told by a completion routine. Expected values: the pages WSARecv, WSASend,
 * WSAOVERLAPPED_COMPLETION_ROUTINE, WSAWaitForMultipleEvents, ReadFileEx, WriteFileEx. */
#include <string.h>

#include "overlapped.h"

static struct {
    int calls;
    DWORD error, bytes, flags;
    WSAOVERLAPPED *overlapped[128];
    DWORD thread;
    /* For the chain. */
    SOCKET s;
    int left;
} seen;

static void CALLBACK routine(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags)
{
    if (seen.calls < 128)
        seen.overlapped[seen.calls] = overlapped;
    seen.calls++;
    seen.error = error;
    seen.bytes = bytes;
    seen.flags = flags;
    seen.thread = GetCurrentThreadId();
}

static void forget(void)
{
    memset(&seen, 0, sizeof seen);
    seen.error = 0xdead;
}

/* Until the routine has been called so often. */
static void wait_calls(int calls)
{
    ULONGLONG end = GetTickCount64() + (ULONGLONG)DEADLINE;
    while (seen.calls < calls) {
        REQUIRE(GetTickCount64() < end);
        SleepEx((DWORD)DEADLINE, TRUE);
    }
}

static void receive_pending(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    memset(&operation, 0, sizeof operation);
    forget();
    CHECK_EQUAL(begin_receive(pair.server, &operation, routine), WSA_IO_PENDING);
    send_text(pair.client, "later");
    wait_calls(1);
    CHECK_EQUAL(seen.calls, 1);
    CHECK_EQUAL(seen.error, 0);
    CHECK_EQUAL(seen.bytes, 5);
    CHECK_EQUAL(seen.flags, 0);
    CHECK(seen.overlapped[0] == &operation.overlapped);
    CHECK_EQUAL(seen.thread, GetCurrentThreadId());
    CHECK(memcmp(operation.data, "later", 5) == 0);
}

/* An operation that completes at once has its routine called, too. */
static void receive_at_once(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    memset(&operation, 0, sizeof operation);
    forget();
    send_text(pair.client, "there");
    REQUIRE(wait_available(pair.server, 5));
    CHECK_EQUAL(begin_receive(pair.server, &operation, routine), 0);
    CHECK_EQUAL(seen.calls, 0);
    wait_calls(1);
    CHECK_EQUAL(seen.error, 0);
    CHECK_EQUAL(seen.bytes, 5);
}

/* Only in an alertable wait. */
static void only_when_alertable(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    WSAEVENT event = open_event();
    memset(&operation, 0, sizeof operation);
    forget();
    CHECK_EQUAL(begin_receive(pair.server, &operation, routine), WSA_IO_PENDING);
    send_text(pair.client, "x");
    CHECK_EQUAL(WSAWaitForMultipleEvents(1, &event, FALSE, 50, FALSE), WSA_WAIT_TIMEOUT);
    CHECK_EQUAL(seen.calls, 0);
    CHECK_EQUAL(WSAWaitForMultipleEvents(1, &event, FALSE, DEADLINE, TRUE), WSA_WAIT_IO_COMPLETION);
    CHECK_EQUAL(seen.calls, 1);
}

static void send_completes(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    memset(&operation, 0, sizeof operation);
    forget();
    int error = begin_send(pair.client, &operation, "sent", routine);
    CHECK(error == 0 || error == WSA_IO_PENDING);
    wait_calls(1);
    CHECK_EQUAL(seen.error, 0);
    CHECK_EQUAL(seen.bytes, 4);
    expect_text(pair.server, "sent");
}

static void datagram(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    struct address sender = local_address(pair.client);
    static struct operation operation;
    memset(&operation, 0, sizeof operation);
    forget();
    CHECK_EQUAL(begin_receive_from(pair.server, &operation, routine), WSA_IO_PENDING);
    send_text(pair.client, "datagram");
    wait_calls(1);
    CHECK_EQUAL(seen.bytes, 8);
    CHECK(same_address(&operation.from, &sender));
}

static void in_order(const struct test *test)
{
    enum { COUNT = 8 };
    struct pair pair = open_pair(test->family);
    static struct operation operations[COUNT];
    memset(operations, 0, sizeof operations);
    forget();
    for (int i = 0; i < COUNT; i++)
        CHECK_EQUAL(begin_receive(pair.server, &operations[i], routine), WSA_IO_PENDING);
    for (int i = 0; i < COUNT; i++) {
        send_text(pair.client, "x");
        wait_calls(i + 1);
        CHECK(seen.overlapped[i] == &operations[i].overlapped);
    }
    CHECK_EQUAL(seen.calls, COUNT);
}

static void CALLBACK chain_routine(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags)
{
    struct operation *operation = (struct operation *)overlapped;
    routine(error, bytes, overlapped, flags);
    if (error == 0 && --seen.left > 0)
        seen.error = (DWORD)begin_receive(seen.s, operation, chain_routine);
}

/* A routine may begin the next operation. */
static void chain(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    memset(&operation, 0, sizeof operation);
    forget();
    seen.s = pair.server;
    seen.left = 100;
    CHECK_EQUAL(begin_receive(pair.server, &operation, chain_routine), WSA_IO_PENDING);
    for (int i = 0; i < 100; i++) {
        send_text(pair.client, "x");
        wait_calls(i + 1);
    }
    CHECK_EQUAL(seen.calls, 100);
    CHECK_EQUAL(seen.error, 0);
}

/* With a routine, hEvent is the application's own. */
static void leaves_event(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    memset(&operation, 0, sizeof operation);
    forget();
    operation.overlapped.hEvent = (HANDLE)&seen;
    CHECK_EQUAL(begin_receive(pair.server, &operation, routine), WSA_IO_PENDING);
    send_text(pair.client, "x");
    wait_calls(1);
    CHECK(operation.overlapped.hEvent == (HANDLE)&seen);
}

/* The routine's dwError is the Windows Sockets error. */
static void reset(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    memset(&operation, 0, sizeof operation);
    forget();
    CHECK_EQUAL(begin_receive(pair.server, &operation, routine), WSA_IO_PENDING);
    close_hard(pair.client);
    wait_calls(1);
    CHECK_EQUAL(seen.error, WSAECONNRESET);
    CHECK_EQUAL(seen.bytes, 0);
}

/* closesocket: the pending operation fails with WSA_OPERATION_ABORTED, and its routine is called. */
static void closed(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    memset(&operation, 0, sizeof operation);
    forget();
    CHECK_EQUAL(begin_receive(pair.server, &operation, routine), WSA_IO_PENDING);
    close_owned_socket(pair.server);
    wait_calls(1);
    CHECK_EQUAL(seen.error, WSA_OPERATION_ABORTED);
}

/* A datagram that waits already, and is too long: the receive has begun all the same, and its routine tells of it,
 * once; not of the next one. Wine 8 says WSAEMSGSIZE at once and calls the routine as well; a layer that takes the
 * error for the end, as it may, does not. */
static void cut_off_at_once(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    static struct operation first, next;
    static char small[3];
    WSABUF buffer = {sizeof small, small};
    DWORD flags = 0;
    memset(&first, 0, sizeof first);
    memset(&next, 0, sizeof next);
    forget();
    send_text(pair.client, "too long");
    REQUIRE(wait_readable(pair.server));
    CHECK_EQUAL(WSARecv(pair.server, &buffer, 1, NULL, &flags, &first.overlapped, routine), SOCKET_ERROR);
    bool pending = WSAGetLastError() == WSA_IO_PENDING;
    CHECK(pending || WSAGetLastError() == WSAEMSGSIZE);
    CHECK_EQUAL(begin_receive(pair.server, &next, routine), WSA_IO_PENDING);
    if (pending)
        wait_calls(1);
    else
        SleepEx(0, TRUE); /* Wine tells of it in both ways; a layer over it, in the one that it was told of */
    if (seen.calls == 1) {
        CHECK_EQUAL(seen.error, WSAEMSGSIZE);
        CHECK_EQUAL(seen.bytes, 3);
        CHECK(seen.overlapped[0] == &first.overlapped);
        CHECK(memcmp(small, "too", 3) == 0);
    }
    int before = seen.calls;
    send_text(pair.client, "fits");
    wait_calls(before + 1);
    CHECK_EQUAL(seen.error, 0);
    CHECK_EQUAL(seen.bytes, 4);
    CHECK(seen.overlapped[before] == &next.overlapped);
}

static DWORD no_routine_here(void *argument)
{
    (void)argument;
    return SleepEx(0, TRUE) == WAIT_IO_COMPLETION;
}

/* The routine is called in the thread that began the operation. */
static void in_own_thread(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    memset(&operation, 0, sizeof operation);
    forget();
    CHECK_EQUAL(begin_receive(pair.server, &operation, routine), WSA_IO_PENDING);
    send_text(pair.client, "x");
    CHECK_EQUAL(join_thread(start_thread(no_routine_here, NULL)), 0);
    CHECK_EQUAL(seen.calls, 0);
    wait_calls(1);
}

static int file_calls;
static DWORD file_bytes, file_error;
static void CALLBACK file_routine(DWORD error, DWORD bytes, LPOVERLAPPED overlapped)
{
    (void)overlapped;
    file_calls++;
    file_error = error;
    file_bytes = bytes;
}

static void read_file_ex(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static OVERLAPPED reading, writing;
    static char buffer[16];
    ULONGLONG end = GetTickCount64() + (ULONGLONG)DEADLINE;
    memset(&reading, 0, sizeof reading);
    memset(&writing, 0, sizeof writing);
    file_calls = 0;
    CHECK(ReadFileEx((HANDLE)pair.server, buffer, sizeof buffer, &reading, file_routine));
    CHECK(WriteFileEx((HANDLE)pair.client, "file", 4, &writing, file_routine));
    while (file_calls < 2 && GetTickCount64() < end)
        SleepEx((DWORD)DEADLINE, TRUE);
    CHECK_EQUAL(file_calls, 2);
    CHECK_EQUAL(file_error, 0);
    CHECK_EQUAL(file_bytes, 4);
    CHECK(memcmp(buffer, "file", 4) == 0);
}

const struct test_case overlapped_apc_cases[] = {
    {"overlapped-apc/receive-pending", receive_pending, BOTH_FAMILIES, NULL},
    {"overlapped-apc/receive-at-once", receive_at_once, BOTH_FAMILIES, NULL},
    {"overlapped-apc/only-when-alertable", only_when_alertable, BOTH_FAMILIES, NULL},
    {"overlapped-apc/send", send_completes, BOTH_FAMILIES, NULL},
    {"overlapped-apc/datagram", datagram, BOTH_FAMILIES, NULL},
    {"overlapped-apc/cut-off-at-once", cut_off_at_once, BOTH_FAMILIES, NULL},
    {"overlapped-apc/in-order", in_order, BOTH_FAMILIES, NULL},
    {"overlapped-apc/chain", chain, BOTH_FAMILIES, NULL},
    {"overlapped-apc/leaves-event", leaves_event, BOTH_FAMILIES, NULL},
    {"overlapped-apc/reset", reset, BOTH_FAMILIES, NULL},
    {"overlapped-apc/closed", closed, BOTH_FAMILIES, NULL},
    {"overlapped-apc/in-own-thread", in_own_thread, BOTH_FAMILIES, NULL},
    {"overlapped-apc/ReadFileEx-WriteFileEx", read_file_ex, BOTH_FAMILIES, NULL},
    {0},
};
