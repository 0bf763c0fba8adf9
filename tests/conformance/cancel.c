/* Pending operations that are cancelled. Expected values: the pages CancelIo, CancelIoEx, closesocket, ExitThread,
 * WSACleanup, WSAGetOverlappedResult. */
#include <string.h>

#include "overlapped.h"

static void cancel_all(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation first, second;
    DWORD bytes, flags;
    init_operation(&first);
    init_operation(&second);
    CHECK_EQUAL(begin_receive(pair.server, &first, NULL), WSA_IO_PENDING);
    CHECK_EQUAL(begin_receive(pair.server, &second, NULL), WSA_IO_PENDING);
    CHECK(CancelIo((HANDLE)pair.server));
    CHECK_EQUAL(result_of(pair.server, &first, true, &bytes, &flags), WSA_OPERATION_ABORTED);
    CHECK_EQUAL(result_of(pair.server, &second, true, &bytes, &flags), WSA_OPERATION_ABORTED);
    send_text(pair.client, "still works");
    expect_text(pair.server, "still works");
}

/* CancelIoEx with an overlapped structure cancels that operation alone. */
static void cancel_one(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation first, second;
    DWORD bytes, flags;
    init_operation(&first);
    init_operation(&second);
    CHECK_EQUAL(begin_receive(pair.server, &first, NULL), WSA_IO_PENDING);
    CHECK_EQUAL(begin_receive(pair.server, &second, NULL), WSA_IO_PENDING);
    CHECK(CancelIoEx((HANDLE)pair.server, (OVERLAPPED *)&first.overlapped));
    CHECK_EQUAL(result_of(pair.server, &first, true, &bytes, &flags), WSA_OPERATION_ABORTED);
    CHECK_EQUAL(result_of(pair.server, &second, false, &bytes, &flags), WSA_IO_INCOMPLETE);
    send_text(pair.client, "two");
    CHECK_EQUAL(result_of(pair.server, &second, true, &bytes, &flags), 0);
    CHECK_EQUAL(bytes, 3);
}

static void nothing_to_cancel(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    CHECK_FAILS(!CancelIoEx((HANDLE)pair.server, NULL), ERROR_NOT_FOUND);
}

static DWORD cancel_elsewhere(void *argument)
{
    SOCKET s = *(SOCKET *)argument;
    /* CancelIo concerns the calling thread's operations only, CancelIoEx all. */
    CHECK(CancelIo((HANDLE)s));
    return (DWORD)CancelIoEx((HANDLE)s, NULL);
}

static void from_other_thread(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    DWORD bytes, flags;
    init_operation(&operation);
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), WSA_IO_PENDING);
    CHECK_EQUAL(join_thread(start_thread(cancel_elsewhere, &pair.server)), TRUE);
    CHECK_EQUAL(result_of(pair.server, &operation, true, &bytes, &flags), WSA_OPERATION_ABORTED);
}

static DWORD cancel_own(void *argument)
{
    return (DWORD)CancelIo((HANDLE) * (SOCKET *)argument);
}

static void not_this_thread(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    DWORD bytes, flags;
    init_operation(&operation);
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), WSA_IO_PENDING);
    CHECK_EQUAL(join_thread(start_thread(cancel_own, &pair.server)), TRUE);
    CHECK_EQUAL(result_of(pair.server, &operation, false, &bytes, &flags), WSA_IO_INCOMPLETE);
    send_text(pair.client, "x");
    CHECK_EQUAL(result_of(pair.server, &operation, true, &bytes, &flags), 0);
}

static void into_port(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HANDLE port = open_port();
    static struct operation operation;
    DWORD bytes;
    ULONG_PTR key;
    OVERLAPPED *overlapped = NULL;
    memset(&operation, 0, sizeof operation);
    associate(port, pair.server, 4);
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), WSA_IO_PENDING);
    CHECK(CancelIoEx((HANDLE)pair.server, NULL));
    CHECK_FAILS(!GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, DEADLINE), ERROR_OPERATION_ABORTED);
    CHECK(overlapped == (OVERLAPPED *)&operation.overlapped);
    CHECK_EQUAL(key, 4);
}

static int routine_calls;
static DWORD routine_error;
static void CALLBACK routine(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags)
{
    (void)bytes, (void)overlapped, (void)flags;
    routine_calls++;
    routine_error = error;
}

static void into_routine(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    memset(&operation, 0, sizeof operation);
    routine_calls = 0;
    CHECK_EQUAL(begin_receive(pair.server, &operation, routine), WSA_IO_PENDING);
    CHECK(CancelIo((HANDLE)pair.server));
    for (ULONGLONG end = GetTickCount64() + (ULONGLONG)DEADLINE; routine_calls == 0 && GetTickCount64() < end;)
        SleepEx((DWORD)DEADLINE, TRUE);
    CHECK_EQUAL(routine_calls, 1);
    CHECK_EQUAL(routine_error, WSA_OPERATION_ABORTED);
}

/* closesocket: pending operations are cancelled, and their events set. */
static void close_sets_event(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    init_operation(&operation);
    CHECK_EQUAL(begin_receive(pair.server, &operation, NULL), WSA_IO_PENDING);
    close_owned_socket(pair.server);
    CHECK(wait_event(operation.overlapped.hEvent));
    CHECK(HasOverlappedIoCompleted((OVERLAPPED *)&operation.overlapped));
}

struct begun {
    SOCKET s;
    struct operation *operation;
    int error;
};

static DWORD begin_and_end(void *argument)
{
    struct begun *begun = argument;
    begun->error = begin_receive(begun->s, begun->operation, NULL);
    return 0;
}

/* ExitThread: all I/O that the thread has begun is cancelled. */
static void thread_ends(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    static struct operation operation;
    struct begun begun = {pair.server, &operation, -1};
    DWORD bytes, flags;
    init_operation(&operation);
    join_thread(start_thread(begin_and_end, &begun));
    CHECK_EQUAL(begun.error, WSA_IO_PENDING);
    REQUIRE(wait_event(operation.overlapped.hEvent));
    CHECK_EQUAL(result_of(pair.server, &operation, false, &bytes, &flags), WSA_OPERATION_ABORTED);
}

static void accept_cancelled(const struct test *test)
{
    enum { ROOM = sizeof(struct sockaddr_in6) + 16 };
    struct address at;
    static struct operation operation;
    static char buffer[2 * ROOM];
    DWORD bytes, flags;
    SOCKET listener = open_listener(test->family, &at), server = open_socket(test->family, SOCK_STREAM);
    init_operation(&operation);
    CHECK_FAILS(!AcceptEx(listener, server, buffer, 0, ROOM, ROOM, &bytes, (OVERLAPPED *)&operation.overlapped),
                ERROR_IO_PENDING);
    CHECK(CancelIoEx((HANDLE)listener, (OVERLAPPED *)&operation.overlapped));
    CHECK_EQUAL(result_of(listener, &operation, true, &bytes, &flags), WSA_OPERATION_ABORTED);
    /* The connection that comes now is there for accept. */
    SOCKET client = open_socket(test->family, SOCK_STREAM);
    REQUIRE(connect(client, &at.any, at.length) == 0);
    own_socket(accept(listener, NULL, NULL));
}

static void datagram_cancelled(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    static struct operation operation;
    DWORD bytes, flags;
    init_operation(&operation);
    CHECK_EQUAL(begin_receive_from(pair.server, &operation, NULL), WSA_IO_PENDING);
    CHECK(CancelIo((HANDLE)pair.server));
    CHECK_EQUAL(result_of(pair.server, &operation, true, &bytes, &flags), WSA_OPERATION_ABORTED);
    send_text(pair.client, "kept");
    expect_text(pair.server, "kept");
}

const struct test_case cancel_cases[] = {
    {"cancel/CancelIo", cancel_all, BOTH_FAMILIES, NULL},
    {"cancel/CancelIoEx-one", cancel_one, BOTH_FAMILIES, NULL},
    {"cancel/CancelIoEx-nothing", nothing_to_cancel, BOTH_FAMILIES, NULL},
    {"cancel/CancelIoEx-other-thread", from_other_thread, BOTH_FAMILIES, NULL},
    {"cancel/CancelIo-other-thread", not_this_thread, BOTH_FAMILIES, NULL},
    {"cancel/into-port", into_port, BOTH_FAMILIES, NULL},
    {"cancel/into-routine", into_routine, BOTH_FAMILIES, NULL},
    {"cancel/close-sets-event", close_sets_event, BOTH_FAMILIES, NULL},
    {"cancel/thread-ends", thread_ends, BOTH_FAMILIES, NULL},
    {"cancel/AcceptEx", accept_cancelled, BOTH_FAMILIES, NULL},
    {"cancel/datagram", datagram_cancelled, BOTH_FAMILIES, NULL},
    {0},
};
