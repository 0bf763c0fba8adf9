/* WSAIoctl with a WSAOVERLAPPED. Expected values: the pages WSAIoctl and WSPIoctl ("completion will be indicated at a
 * later time", in the way that the program has chosen, once), and what Windows is known to do: small queries end at
 * once, with the size in the caller's variable but 0 in the completion; lists end later, with the real size there. */
#include <string.h>

#include "overlapped.h"

enum { KEY = 42, OUTPUT = 8192 };

enum ends {
    AT_ONCE, /* with the size 0 */
    LATER,   /* with the real size */
    EITHER,  /* the reference does not say */
};

struct command {
    DWORD code;
    int type;
    enum ends ends;
    DWORD smallest; /* output */
    const void *in;
    DWORD in_size;
    DWORD out_size;
};

static const GUID connect_ex = WSAID_CONNECTEX;
static const u_long on = 1;
static const struct keepalive_values {
    u_long on, time, interval;
} keepalive = {1, 60000, 1000};
static const struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_addr.s_addr = 0x0100007f};

static const struct command available = {FIONREAD, SOCK_STREAM, AT_ONCE, sizeof(u_long), NULL, 0, sizeof(u_long)};
static const struct command datagrams = {FIONREAD, SOCK_DGRAM, AT_ONCE, sizeof(u_long), NULL, 0, sizeof(u_long)};
static const struct command mark = {SIOCATMARK, SOCK_STREAM, AT_ONCE, sizeof(u_long), NULL, 0, sizeof(u_long)};
static const struct command extension = {SIO_GET_EXTENSION_FUNCTION_POINTER,
                                         SOCK_STREAM,
                                         AT_ONCE,
                                         sizeof(void *),
                                         &connect_ex,
                                         sizeof connect_ex,
                                         sizeof(void *)};
static const struct command interfaces = {
    SIO_GET_INTERFACE_LIST, SOCK_DGRAM, LATER, sizeof(INTERFACE_INFO), NULL, 0, OUTPUT};
static const struct command addresses = {SIO_ADDRESS_LIST_QUERY, SOCK_STREAM, LATER, sizeof(INT), NULL, 0, OUTPUT};
static const struct command nonblocking = {FIONBIO, SOCK_STREAM, EITHER, 0, &on, sizeof on, 0};
static const struct command alive = {SIO_KEEPALIVE_VALS, SOCK_STREAM, EITHER, 0, &keepalive, sizeof keepalive, 0};
static const struct command route = {
    SIO_ROUTING_INTERFACE_QUERY, SOCK_DGRAM, EITHER, sizeof loopback, &loopback, sizeof loopback,
    sizeof(SOCKADDR_STORAGE)};
static const struct command broadcast = {SIO_GET_BROADCAST_ADDRESS, SOCK_DGRAM, EITHER, sizeof loopback, NULL, 0,
                                         sizeof(SOCKADDR_STORAGE)};

struct call {
    const struct command *command;
    SOCKET s;
    WSAOVERLAPPED overlapped;
    DWORD returned; /* the caller's variable */
    int error;      /* 0: ended at once */
    union {
        char bytes[OUTPUT];
        max_align_t aligned;
    } out;
};

/* Where a list is asked for that is too small, or a variable has no room, nothing has begun. */
static void begin(struct call *call, const struct command *command, SOCKET s, HANDLE event,
                  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    memset(call, 0, sizeof *call);
    call->command = command;
    call->s = s;
    call->overlapped.hEvent = event;
    int result = WSAIoctl(s, command->code, (void *)command->in, command->in_size, call->out.bytes, command->out_size,
                          &call->returned, &call->overlapped, routine);
    call->error = result == 0 ? 0 : WSAGetLastError();
    REQUIRE(result == 0 || call->error == WSA_IO_PENDING);
    if (command->ends != EITHER)
        CHECK_EQUAL(call->error, command->ends == LATER ? WSA_IO_PENDING : 0);
    if (result == 0)
        CHECK(call->returned >= command->smallest && call->returned <= command->out_size);
}

static void check_size(const struct call *call, DWORD bytes)
{
    const struct command *command = call->command;
    if (command->ends == AT_ONCE)
        CHECK_EQUAL(bytes, 0);
    else if (command->ends == LATER)
        CHECK(bytes >= command->smallest && bytes <= command->out_size);
    if (command == &interfaces)
        CHECK_EQUAL(bytes % sizeof(INTERFACE_INFO), 0);
}

static void check_result(struct call *call)
{
    DWORD bytes = 0xdeadbeef, flags = 0xdeadbeef;
    CHECK(WSAGetOverlappedResult(call->s, &call->overlapped, &bytes, FALSE, &flags));
    check_size(call, bytes);
}

static SOCKET open_for(const struct test *test)
{
    return open_socket(test->family, ((const struct command *)test->data)->type);
}

static bool next_packet(HANDLE port, DWORD timeout, DWORD *bytes, ULONG_PTR *key, OVERLAPPED **overlapped)
{
    *overlapped = NULL;
    return GetQueuedCompletionStatus(port, bytes, key, overlapped, timeout);
}

static void expect_packet(HANDLE port, struct call *call)
{
    DWORD bytes;
    ULONG_PTR key;
    OVERLAPPED *overlapped;
    REQUIRE(next_packet(port, (DWORD)DEADLINE, &bytes, &key, &overlapped));
    CHECK(overlapped == (OVERLAPPED *)&call->overlapped);
    CHECK_EQUAL(key, KEY);
    check_size(call, bytes);
    check_result(call);
    CHECK(!next_packet(port, 0, &bytes, &key, &overlapped) && overlapped == NULL);
}

static void by_port(const struct test *test)
{
    static struct call call;
    HANDLE port = open_port();
    SOCKET s = open_for(test);
    associate(port, s, KEY);
    for (int i = 0; i < 3; i++) {
        begin(&call, test->data, s, NULL, NULL);
        expect_packet(port, &call);
    }
}

/* While others are outstanding: a receive, which comes to its own end. */
static void between_others(const struct test *test)
{
    static struct call call;
    static struct operation receive;
    struct pair pair = open_pair(test->family);
    HANDLE port = open_port();
    DWORD bytes;
    ULONG_PTR key;
    OVERLAPPED *overlapped;
    memset(&receive, 0, sizeof receive);
    associate(port, pair.server, KEY);
    CHECK_EQUAL(begin_receive(pair.server, &receive, NULL), WSA_IO_PENDING);
    for (int i = 0; i < 3; i++) {
        begin(&call, test->data, pair.server, NULL, NULL);
        expect_packet(port, &call);
    }
    send_text(pair.client, "end");
    REQUIRE(next_packet(port, (DWORD)DEADLINE, &bytes, &key, &overlapped));
    CHECK(overlapped == (OVERLAPPED *)&receive.overlapped);
    CHECK_EQUAL(bytes, 3);
}

static void by_event(const struct test *test)
{
    static struct call call;
    HANDLE event = open_event();
    SOCKET s = open_for(test);
    for (int i = 0; i < 3; i++) {
        SetEvent(event); /* it is reset when the operation begins */
        begin(&call, test->data, s, event, NULL);
        CHECK_EQUAL(WaitForSingleObject(event, (DWORD)DEADLINE), WAIT_OBJECT_0);
        check_result(&call);
        ResetEvent(event);
    }
}

/* "A valid event … whose low-order bit is set keeps I/O completion from being queued to the completion port". */
static void by_event_past_the_port(const struct test *test)
{
    static struct call call;
    HANDLE event = open_event(), port = open_port();
    SOCKET s = open_for(test);
    DWORD bytes;
    ULONG_PTR key;
    OVERLAPPED *overlapped;
    associate(port, s, KEY);
    begin(&call, test->data, s, (HANDLE)((ULONG_PTR)event | 1), NULL);
    CHECK_EQUAL(WaitForSingleObject(event, (DWORD)DEADLINE), WAIT_OBJECT_0);
    CHECK(!next_packet(port, 0, &bytes, &key, &overlapped) && overlapped == NULL);
}

static struct {
    int count;
    DWORD error, bytes;
    WSAOVERLAPPED *overlapped;
} told;

static void CALLBACK routine(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags)
{
    (void)flags;
    told.count++;
    told.error = error;
    told.bytes = bytes;
    told.overlapped = overlapped;
}

/* Where it ends at once, "the completion routine … will have already been queued" (WSPIoctl). */
static void by_routine(const struct test *test)
{
    static struct call call;
    SOCKET s = open_for(test);
    for (int i = 0; i < 3; i++) {
        memset(&told, 0, sizeof told);
        begin(&call, test->data, s, NULL, routine);
        CHECK_EQUAL(told.count, 0);
        DWORD wait = call.error == 0 ? 0 : (DWORD)DEADLINE;
        CHECK_EQUAL(SleepEx(wait, TRUE), WAIT_IO_COMPLETION);
        CHECK_EQUAL(told.count, 1);
        CHECK_EQUAL(told.error, 0);
        CHECK(told.overlapped == &call.overlapped);
        check_size(&call, told.bytes);
        CHECK_EQUAL(SleepEx(0, TRUE), 0);
    }
}

/* "The lpcbBytesReturned parameter is not totally contained in a valid part of the user address space". */
static void without_a_count(const struct test *test)
{
    const struct command *command = test->data;
    static struct call call;
    HANDLE port = open_port();
    SOCKET s = open_for(test);
    DWORD bytes;
    ULONG_PTR key;
    OVERLAPPED *overlapped;
    associate(port, s, KEY);
    memset(&call, 0, sizeof call);
    CHECK_FAILS(WSAIoctl(s, command->code, (void *)command->in, command->in_size, call.out.bytes, command->out_size,
                         NULL, &call.overlapped, NULL) == SOCKET_ERROR,
                WSAEFAULT);
    CHECK(!next_packet(port, 0, &bytes, &key, &overlapped) && overlapped == NULL);
}

/* "Any other error code indicates that no overlapped operation was initiated and no completion indication will occur".
 */
static void refused(const struct test *test)
{
    static struct call call;
    HANDLE event = open_event(), port = open_port();
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    DWORD bytes;
    ULONG_PTR key;
    OVERLAPPED *overlapped;
    GUID nobodys = {0x12345678, 0x1234, 0x1234, {1, 2, 3, 4, 5, 6, 7, 8}};
    memset(&call, 0, sizeof call);
    associate(port, s, KEY);
    call.overlapped.hEvent = event;
    CHECK_EQUAL(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &nobodys, sizeof nobodys, call.out.bytes,
                         sizeof(void *), &call.returned, &call.overlapped, NULL),
                SOCKET_ERROR);
    int error = WSAGetLastError();
    CHECK(error == WSAEINVAL || error == WSAEOPNOTSUPP);
    call.overlapped.hEvent = NULL;
    CHECK_FAILS(WSAIoctl(s, FIONREAD, NULL, 0, call.out.bytes, 1, &call.returned, &call.overlapped, NULL) ==
                    SOCKET_ERROR,
                WSAEFAULT);
    CHECK(!next_packet(port, 0, &bytes, &key, &overlapped) && overlapped == NULL);
}

/* --- what is not supported --- */

/* A code that nobody knows, those of Unix and of Winsock that Windows does not have, and one that is never overlapped.
 */
static const DWORD unknown[] = {0xdeadbeef, 0x8004667d /* FIOASYNC */, 0x667e, SIO_FLUSH, SIO_BASE_HANDLE};
enum { UNKNOWN = sizeof unknown / sizeof unknown[0] };

#ifndef STATUS_NOT_SUPPORTED
#define STATUS_NOT_SUPPORTED 0xC00000BBul
#endif

/* The base hands them all to the system, whose driver refuses them: only a completion can say so, and it has been there
 * by the time of the return. */
static void begin_unknown(struct call *call, DWORD code, SOCKET s, HANDLE event,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    memset(call, 0, sizeof *call);
    memset(call->out.bytes, 0xcc, sizeof(SOCKET));
    call->s = s;
    call->overlapped.hEvent = event;
    call->overlapped.Internal = call->overlapped.InternalHigh = 0xdeadbeef;
    call->returned = 0xdeadbeef;
    CHECK_FAILS(WSAIoctl(s, code, NULL, 0, call->out.bytes, sizeof(SOCKET), &call->returned, &call->overlapped,
                         routine) == SOCKET_ERROR,
                WSA_IO_PENDING);
    CHECK_EQUAL(call->returned, 0xdeadbeef);
    CHECK_EQUAL(call->out.bytes[0], (char)0xcc);
}

static void check_not_supported(struct call *call)
{
    DWORD bytes = 0xdeadbeef, flags = 0xdeadbeef;
    CHECK_EQUAL((DWORD)call->overlapped.Internal, STATUS_NOT_SUPPORTED);
    CHECK_EQUAL(call->overlapped.InternalHigh, 0);
    CHECK_FAILS(!WSAGetOverlappedResult(call->s, &call->overlapped, &bytes, FALSE, &flags), WSAEOPNOTSUPP);
}

static void unknown_by_port(const struct test *test)
{
    static struct call call;
    for (int i = 0; i < UNKNOWN; i++) {
        HANDLE port = open_port();
        SOCKET s = open_socket(test->family, SOCK_STREAM);
        DWORD bytes = 0xdeadbeef;
        ULONG_PTR key = 0;
        OVERLAPPED *overlapped = NULL;
        associate(port, s, KEY);
        begin_unknown(&call, unknown[i], s, NULL, NULL);
        CHECK(!next_packet(port, 0, &bytes, &key, &overlapped));
        CHECK_EQUAL(GetLastError(), ERROR_NOT_SUPPORTED);
        CHECK(overlapped == (OVERLAPPED *)&call.overlapped);
        CHECK_EQUAL(key, KEY);
        CHECK_EQUAL(bytes, 0);
        check_not_supported(&call);
        CHECK(!next_packet(port, 0, &bytes, &key, &overlapped) && overlapped == NULL);
    }
}

static void unknown_by_routine(const struct test *test)
{
    static struct call call;
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    for (int i = 0; i < UNKNOWN; i++) {
        memset(&told, 0, sizeof told);
        begin_unknown(&call, unknown[i], s, NULL, routine);
        CHECK_EQUAL(told.count, 0);
        CHECK_EQUAL(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
        CHECK_EQUAL(told.count, 1);
        CHECK_EQUAL(told.error, WSAEOPNOTSUPP);
        CHECK_EQUAL(told.bytes, 0);
        CHECK(told.overlapped == &call.overlapped);
        CHECK_EQUAL(SleepEx(0, TRUE), 0);
    }
}

/* --- what fails at once --- */

/* "If the output buffer is not large enough … WSAEFAULT … and the required length in lpcbBytesReturned"
 * (SIO_ADDRESS_LIST_QUERY, "Winsock IOCTLs"), with and without a WSAOVERLAPPED. */
static void tells_the_size_needed(const struct test *test)
{
    static struct call call;
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    DWORD needed = 0, smallest = offsetof(SOCKET_ADDRESS_LIST, Address);
    CHECK_FAILS(WSAIoctl(s, SIO_ADDRESS_LIST_QUERY, NULL, 0, NULL, 0, &needed, NULL, NULL) == SOCKET_ERROR, WSAEFAULT);
    CHECK(needed > smallest && needed <= OUTPUT);
    for (DWORD size = 0; size <= smallest; size += smallest) {
        memset(&call, 0, sizeof call);
        call.overlapped.Internal = call.overlapped.InternalHigh = call.returned = 0xdeadbeef;
        CHECK_FAILS(WSAIoctl(s, SIO_ADDRESS_LIST_QUERY, NULL, 0, call.out.bytes, size, &call.returned, &call.overlapped,
                             NULL) == SOCKET_ERROR,
                    WSAEFAULT);
        CHECK_EQUAL(call.returned, needed);
        CHECK_EQUAL(call.overlapped.Internal, 0xdeadbeef);
        CHECK_EQUAL(call.overlapped.InternalHigh, 0xdeadbeef);
    }
}

static void leaves_the_count(const struct test *test)
{
    static struct call call;
    GUID nobodys = {0x12345678, 0x1234, 0x1234, {1, 2, 3, 4, 5, 6, 7, 8}};
    struct keepalive_values values = keepalive;
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    for (int i = 0; i < 2; i++) {
        memset(&call, 0, sizeof call);
        call.overlapped.Internal = call.overlapped.InternalHigh = call.returned = 0xdeadbeef;
        int result = i == 0 ? WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &nobodys, sizeof nobodys, call.out.bytes,
                                       sizeof(void *), &call.returned, &call.overlapped, NULL)
                            : WSAIoctl(s, SIO_KEEPALIVE_VALS, &values, sizeof values - 1, NULL, 0, &call.returned,
                                       &call.overlapped, NULL);
        CHECK_EQUAL(result, SOCKET_ERROR);
        CHECK(WSAGetLastError() != WSA_IO_PENDING);
        CHECK_EQUAL(call.returned, 0xdeadbeef);
    }
}

/* It waits for a change, and closing the socket ends it. */
static void waits_for_a_change(const struct test *test)
{
    static struct operation operation;
    HANDLE port = open_port();
    SOCKET s = open_socket(test->family, SOCK_DGRAM);
    DWORD bytes = 0;
    ULONG_PTR key;
    OVERLAPPED *overlapped;
    memset(&operation, 0, sizeof operation);
    associate(port, s, KEY);
    CHECK_FAILS(WSAIoctl(s, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &bytes, &operation.overlapped, NULL) ==
                    SOCKET_ERROR,
                WSA_IO_PENDING);
    CHECK(!next_packet(port, 0, &bytes, &key, &overlapped) && overlapped == NULL);
    close_owned_socket(s);
    CHECK(!next_packet(port, (DWORD)DEADLINE, &bytes, &key, &overlapped));
    CHECK(overlapped == (OVERLAPPED *)&operation.overlapped);
}

#define BY(way, function)                                                                                     \
    {"ioctl-overlapped/" way "/FIONREAD", function, BOTH_FAMILIES, &available},                               \
        {"ioctl-overlapped/" way "/FIONREAD-datagram", function, BOTH_FAMILIES, &datagrams},                  \
        {"ioctl-overlapped/" way "/SIOCATMARK", function, BOTH_FAMILIES, &mark},                              \
        {"ioctl-overlapped/" way "/SIO_GET_EXTENSION_FUNCTION_POINTER", function, BOTH_FAMILIES, &extension}, \
        {"ioctl-overlapped/" way "/SIO_GET_INTERFACE_LIST", function, 0, &interfaces},                        \
        {"ioctl-overlapped/" way "/SIO_ADDRESS_LIST_QUERY", function, BOTH_FAMILIES, &addresses},             \
        {"ioctl-overlapped/" way "/FIONBIO", function, BOTH_FAMILIES, &nonblocking},                          \
        {"ioctl-overlapped/" way "/SIO_KEEPALIVE_VALS", function, BOTH_FAMILIES, &alive},                     \
        {"ioctl-overlapped/" way "/SIO_ROUTING_INTERFACE_QUERY", function, 0, &route},                        \
        {"ioctl-overlapped/" way "/SIO_GET_BROADCAST_ADDRESS", function, 0, &broadcast},

const struct test_case ioctl_overlapped_cases[] = {
    /* clang-format off */
    BY("port", by_port)
    BY("event", by_event)
    BY("low-bit-of-event", by_event_past_the_port)
    BY("routine", by_routine)
    BY("no-count", without_a_count)
    /* clang-format on */
    {"ioctl-overlapped/between-others/FIONREAD", between_others, BOTH_FAMILIES, &available},
    {"ioctl-overlapped/between-others/SIO_GET_EXTENSION_FUNCTION_POINTER", between_others, BOTH_FAMILIES, &extension},
    {"ioctl-overlapped/between-others/SIO_ADDRESS_LIST_QUERY", between_others, BOTH_FAMILIES, &addresses},
    {"ioctl-overlapped/refused", refused, BOTH_FAMILIES, NULL},
    {"ioctl-overlapped/unknown/port", unknown_by_port, BOTH_FAMILIES, NULL},
    {"ioctl-overlapped/unknown/routine", unknown_by_routine, BOTH_FAMILIES, NULL},
    {"ioctl-overlapped/size-needed", tells_the_size_needed, BOTH_FAMILIES, NULL},
    {"ioctl-overlapped/count-untouched", leaves_the_count, BOTH_FAMILIES, NULL},
    {"ioctl-overlapped/SIO_ADDRESS_LIST_CHANGE", waits_for_a_change, BOTH_FAMILIES, NULL},
    {0},
};
