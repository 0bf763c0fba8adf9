/* select and FD_ISSET (__WSAFDIsSet). Expected values: the page select, and where it is silent what Windows is known to
 * do (Wine's tests, which are run there). */
#define FD_SETSIZE 1024
#include "net.h"

enum { NOW = 0, BRIEF = 50000 };

/* select over the given sets for so many microseconds. */
static int ready(fd_set *read, fd_set *write, fd_set *except, long microseconds)
{
    struct timeval timeout = {.tv_sec = microseconds / 1000000, .tv_usec = microseconds % 1000000};
    return select(0, read, write, except, &timeout);
}

static void set_one(fd_set *set, SOCKET s)
{
    FD_ZERO(set);
    FD_SET(s, set);
}

static void readable(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    fd_set set;
    set_one(&set, pair.server);
    CHECK_EQUAL(ready(&set, NULL, NULL, NOW), 0);
    CHECK(!FD_ISSET(pair.server, &set));
    send_text(pair.client, "x");
    set_one(&set, pair.server);
    CHECK_EQUAL(ready(&set, NULL, NULL, 1000000L * 5), 1);
    CHECK(FD_ISSET(pair.server, &set));
}

static void writable(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    fd_set set;
    set_one(&set, pair.client);
    CHECK_EQUAL(ready(NULL, &set, NULL, NOW), 1);
    CHECK(FD_ISSET(pair.client, &set));
}

static void connection_pending(const struct test *test)
{
    struct address at;
    SOCKET listener = open_listener(test->family, &at), client = open_socket(test->family, SOCK_STREAM);
    fd_set set;
    set_one(&set, listener);
    CHECK_EQUAL(ready(&set, NULL, NULL, NOW), 0);
    REQUIRE(connect(client, &at.any, at.length) == 0);
    set_one(&set, listener);
    CHECK_EQUAL(ready(&set, NULL, NULL, 1000000L * 5), 1);
}

static void closed_is_readable(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    fd_set set;
    close_owned_socket(pair.client);
    set_one(&set, pair.server);
    CHECK_EQUAL(ready(&set, NULL, NULL, 1000000L * 5), 1);
}

static void reset_is_readable(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    fd_set set;
    close_hard(pair.client);
    set_one(&set, pair.server);
    CHECK_EQUAL(ready(&set, NULL, NULL, 1000000L * 5), 1);
}

static void refusal_is_an_exception(const struct test *test)
{
    struct address nobody = silent_address(test->family);
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    fd_set write, except;
    set_nonblocking(s, true);
    CHECK_FAILS(connect(s, &nobody.any, nobody.length) == SOCKET_ERROR, WSAEWOULDBLOCK);
    set_one(&write, s);
    set_one(&except, s);
    CHECK_EQUAL(ready(NULL, &write, &except, 1000000L * 5), 1);
    CHECK(FD_ISSET(s, &except) && !FD_ISSET(s, &write));
}

/* The result counts the handles of all sets; what is not ready is taken out. */
static void counts_all_sets(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    fd_set read, write;
    send_text(pair.client, "x");
    REQUIRE(wait_available(pair.server, 1));
    FD_ZERO(&read);
    FD_SET(pair.server, &read);
    FD_SET(pair.client, &read);
    write = read;
    CHECK_EQUAL(ready(&read, &write, NULL, NOW), 3);
    CHECK_EQUAL(read.fd_count, 1);
    CHECK_EQUAL(write.fd_count, 2);
    CHECK(FD_ISSET(pair.server, &read) && !FD_ISSET(pair.client, &read));
}

static void times_out(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct timeval timeout = {.tv_sec = 0, .tv_usec = BRIEF};
    fd_set set;
    LARGE_INTEGER frequency, before, after;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&before);
    set_one(&set, pair.server);
    CHECK_EQUAL(select(0, &set, NULL, NULL, &timeout), 0);
    QueryPerformanceCounter(&after);
    CHECK_EQUAL(set.fd_count, 0);
    /* A clock tick of 16 ms may end the wait early. */
    CHECK((after.QuadPart - before.QuadPart) * 1000 / frequency.QuadPart >= BRIEF / 1000 - 16);
    CHECK(timeout.tv_sec == 0 && timeout.tv_usec == BRIEF);
}

struct later {
    SOCKET s;
    HANDLE begun;
};

static DWORD send_later(void *argument)
{
    const struct later *later = argument;
    REQUIRE(wait_event(later->begun));
    send_text(later->s, "x");
    return 0;
}

static void wakes(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct later later = {pair.client, open_event()};
    struct thread *thread = start_thread(send_later, &later);
    fd_set set;
    set_one(&set, pair.server);
    SetEvent(later.begun);
    CHECK_EQUAL(select(0, &set, NULL, NULL, NULL), 1);
    join_thread(thread);
}

static void many(const struct test *test)
{
    enum { COUNT = 300 };
    static SOCKET sockets[COUNT];
    struct address at, first;
    fd_set set;
    SOCKET sender = open_bound(test->family, SOCK_DGRAM, &first);
    FD_ZERO(&set);
    for (int i = 0; i < COUNT; i++) {
        sockets[i] = open_bound(test->family, SOCK_DGRAM, &at);
        FD_SET(sockets[i], &set);
        if (i % 100 == 7)
            REQUIRE(sendto(sender, "x", 1, 0, &at.any, at.length) == 1);
    }
    for (int i = 7; i < COUNT; i += 100)
        REQUIRE(wait_readable(sockets[i]));
    CHECK_EQUAL(ready(&set, NULL, NULL, 1000000L * 5), 3);
    CHECK(FD_ISSET(sockets[7], &set) && FD_ISSET(sockets[107], &set) && FD_ISSET(sockets[207], &set));
}

/* FD_SET puts a handle into a set once; where a program has done so by hand twice, it is counted once. */
static void twice_in_a_set(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    fd_set read, write;
    send_text(pair.client, "x");
    REQUIRE(wait_available(pair.server, 1));
    FD_ZERO(&read);
    read.fd_count = 3;
    read.fd_array[0] = read.fd_array[2] = pair.client;
    read.fd_array[1] = pair.server;
    write = read;
    CHECK_EQUAL(ready(NULL, &write, NULL, NOW), 2);
    CHECK_EQUAL(write.fd_count, 2);
    CHECK(write.fd_array[0] == pair.client && write.fd_array[1] == pair.server);
    CHECK_EQUAL(ready(&read, NULL, NULL, NOW), 1);
    CHECK_EQUAL(read.fd_count, 1);
    CHECK(read.fd_array[0] == pair.server);
}

/* The sets are in and out parameters, and nothing says that they must be three. */
static void one_set_for_two(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    fd_set set;
    set_one(&set, pair.client);
    CHECK_EQUAL(ready(&set, &set, NULL, NOW), 1);
    CHECK(set.fd_count == 1 && FD_ISSET(pair.client, &set));
    send_text(pair.client, "x");
    REQUIRE(wait_available(pair.server, 1));
    set_one(&set, pair.client);
    FD_SET(pair.server, &set);
    CHECK_EQUAL(ready(&set, &set, &set, NOW), 2);
    CHECK(set.fd_count == 2 && FD_ISSET(pair.client, &set) && FD_ISSET(pair.server, &set));
}

struct closing {
    SOCKET s;
    HANDLE begun;
    int result;
};

static DWORD close_later(void *argument)
{
    struct closing *closing = argument;
    REQUIRE(wait_event(closing->begun));
    Sleep(20);
    closing->result = closesocket(closing->s);
    return 0;
}

/* One attempt: whether the other thread was late enough. Where the socket is none from the start, the set stays. */
static bool close_in_select(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct closing closing = {pair.client, open_event(), -1};
    struct thread *thread = start_thread(close_later, &closing);
    fd_set set;
    set_one(&set, pair.client);
    SetEvent(closing.begun);
    CHECK_FAILS(ready(NULL, NULL, &set, 1000000L * 5) == SOCKET_ERROR, WSAENOTSOCK);
    join_thread(thread);
    CHECK_EQUAL(closing.result, 0);
    disown_socket(pair.client);
    return set.fd_count == 0;
}

/* A socket that is closed while select waits for it makes select fail, and is in no set any more. */
static void closed_meanwhile(const struct test *test)
{
    int attempts = 0;
    while (attempts < 10 && !close_in_select(test))
        attempts++;
    CHECK(attempts < 10);
}

static void no_sets(const struct test *test)
{
    (void)test;
    CHECK_FAILS(ready(NULL, NULL, NULL, NOW) == SOCKET_ERROR, WSAEINVAL);
}

/* Any set that is given must hold at least one socket. */
static void empty_sets(const struct test *test)
{
    (void)test;
    fd_set read, write;
    FD_ZERO(&read);
    FD_ZERO(&write);
    CHECK_FAILS(ready(&read, &write, NULL, NOW) == SOCKET_ERROR, WSAEINVAL);
}

static void not_a_socket(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    fd_set set;
    set_one(&set, s);
    FD_SET((SOCKET)open_event(), &set);
    CHECK_FAILS(ready(&set, NULL, NULL, NOW) == SOCKET_ERROR, WSAENOTSOCK);
}

static void wrong_timeout(const struct test *test)
{
    struct timeval timeout = {.tv_sec = -1, .tv_usec = -1};
    fd_set set;
    set_one(&set, open_bound(test->family, SOCK_DGRAM, NULL));
    CHECK_FAILS(select(0, &set, NULL, NULL, &timeout) == SOCKET_ERROR, WSAEINVAL);
}

const struct test_case select_cases[] = {
    {"select/readable", readable, BOTH_FAMILIES, NULL},
    {"select/writable", writable, BOTH_FAMILIES, NULL},
    {"select/connection-pending", connection_pending, BOTH_FAMILIES, NULL},
    {"select/closed-is-readable", closed_is_readable, BOTH_FAMILIES, NULL},
    {"select/reset-is-readable", reset_is_readable, BOTH_FAMILIES, NULL},
    {"select/refusal-is-an-exception", refusal_is_an_exception, BOTH_FAMILIES, NULL},
    {"select/counts-all-sets", counts_all_sets, BOTH_FAMILIES, NULL},
    {"select/times-out", times_out, BOTH_FAMILIES, NULL},
    {"select/wakes", wakes, BOTH_FAMILIES, NULL},
    {"select/300-sockets", many, BOTH_FAMILIES, NULL},
    {"select/twice-in-a-set", twice_in_a_set, BOTH_FAMILIES, NULL},
    {"select/one-set-for-two", one_set_for_two, BOTH_FAMILIES, NULL},
    {"select/closed-meanwhile", closed_meanwhile, BOTH_FAMILIES, NULL},
    {"select/no-sets", no_sets, 0, NULL},
    {"select/empty-sets", empty_sets, 0, NULL},
    {"select/not-a-socket", not_a_socket, BOTH_FAMILIES, NULL},
    {"select/wrong-timeout", wrong_timeout, BOTH_FAMILIES, NULL},
    {0},
};
