/* WSAPoll. Expected values: the pages WSAPoll and WSAPOLLFD. */
#include "net.h"

static SHORT poll_one(SOCKET s, SHORT events, int timeout)
{
    WSAPOLLFD one = {.fd = s, .events = events, .revents = -1};
    int count = WSAPoll(&one, 1, timeout);
    CHECK_EQUAL(count, one.revents != 0);
    return one.revents;
}

static void readable(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    CHECK_EQUAL(poll_one(pair.server, POLLRDNORM, 0), 0);
    send_text(pair.client, "x");
    CHECK_EQUAL(poll_one(pair.server, POLLRDNORM, DEADLINE), POLLRDNORM);
    CHECK_EQUAL(poll_one(pair.server, POLLIN, DEADLINE), POLLRDNORM);
}

static void writable(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    CHECK_EQUAL(poll_one(pair.client, POLLOUT, DEADLINE), POLLWRNORM);
}

static void connection_pending(const struct test *test)
{
    struct address at;
    SOCKET listener = open_listener(test->family, &at), client = open_socket(test->family, SOCK_STREAM);
    REQUIRE(connect(client, &at.any, at.length) == 0);
    CHECK_EQUAL(poll_one(listener, POLLIN, DEADLINE), POLLRDNORM);
}

static void connects(const struct test *test)
{
    struct address at;
    open_listener(test->family, &at);
    SOCKET client = open_socket(test->family, SOCK_STREAM);
    set_nonblocking(client, true);
    CHECK_FAILS(connect(client, &at.any, at.length) == SOCKET_ERROR, WSAEWOULDBLOCK);
    CHECK_EQUAL(poll_one(client, POLLOUT, DEADLINE), POLLWRNORM);
}

static void refused(const struct test *test)
{
    struct address nobody = silent_address(test->family);
    SOCKET client = open_socket(test->family, SOCK_STREAM);
    set_nonblocking(client, true);
    CHECK_FAILS(connect(client, &nobody.any, nobody.length) == SOCKET_ERROR, WSAEWOULDBLOCK);
    CHECK((poll_one(client, POLLOUT, DEADLINE) & POLLERR) != 0);
}

/* POLLHUP: a stream-oriented connection was disconnected or aborted. */
static void peer_closes(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    close_owned_socket(pair.client);
    CHECK((poll_one(pair.server, POLLIN, DEADLINE) & POLLHUP) != 0);
}

static void peer_resets(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    close_hard(pair.client);
    SHORT events = poll_one(pair.server, POLLIN, DEADLINE);
    CHECK((events & POLLHUP) != 0);
    CHECK((events & POLLERR) != 0);
}

static void urgent(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    REQUIRE(send(pair.client, "!", 1, MSG_OOB) == 1);
    CHECK_EQUAL(poll_one(pair.server, POLLRDBAND, DEADLINE), POLLRDBAND);
}

static void times_out(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    ULONGLONG before = GetTickCount64();
    CHECK_EQUAL(poll_one(pair.server, POLLIN, 60), 0);
    CHECK(GetTickCount64() - before >= 60 - 16);
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
    SetEvent(later.begun);
    CHECK_EQUAL(poll_one(pair.server, POLLIN, -1), POLLRDNORM);
    join_thread(thread);
}

/* A negative descriptor is ignored, and its revents is cleared. */
static void negative_is_ignored(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    WSAPOLLFD two[] = {{.fd = (SOCKET)-1, .events = POLLIN, .revents = POLLERR},
                       {.fd = pair.client, .events = POLLOUT, .revents = POLLERR}};
    CHECK_EQUAL(WSAPoll(two, 2, 0), 1);
    CHECK_EQUAL(two[0].revents, 0);
    CHECK_EQUAL(two[1].revents, POLLWRNORM);
}

static void closed_socket(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    WSAPOLLFD two[] = {{.fd = (SOCKET)open_event(), .events = POLLIN}, {.fd = pair.client, .events = POLLOUT}};
    CHECK_EQUAL(WSAPoll(two, 2, 0), 2);
    CHECK_EQUAL(two[0].revents, POLLNVAL);
    CHECK_EQUAL(two[1].revents, POLLWRNORM);
}

static void counts(const struct test *test)
{
    enum { COUNT = 300 };
    static WSAPOLLFD set[COUNT];
    struct address at, first;
    SOCKET sender = open_bound(test->family, SOCK_DGRAM, &first);
    for (int i = 0; i < COUNT; i++) {
        set[i] = (WSAPOLLFD){.fd = open_bound(test->family, SOCK_DGRAM, &at), .events = POLLIN, .revents = -1};
        if (i % 100 == 42)
            REQUIRE(sendto(sender, "x", 1, 0, &at.any, at.length) == 1);
    }
    for (int i = 42; i < COUNT; i += 100)
        REQUIRE(wait_readable(set[i].fd));
    CHECK_EQUAL(WSAPoll(set, COUNT, DEADLINE), 3);
    for (int i = 0; i < COUNT; i++)
        REQUIRE(set[i].revents == (i % 100 == 42 ? POLLRDNORM : 0));
}

/* The Microsoft provider does not support POLLPRI. */
static void wrong_events(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    WSAPOLLFD one = {.fd = pair.client, .events = POLLPRI};
    CHECK_FAILS(WSAPoll(&one, 1, 0) == SOCKET_ERROR, WSAEINVAL);
}

static void null_array(const struct test *test)
{
    (void)test;
    CHECK_FAILS(WSAPoll(NULL, 1, 0) == SOCKET_ERROR, WSAEFAULT);
}

/* "An array of one or more": without any there is nothing to be asked, whatever the pointer. */
static void no_sockets(const struct test *test)
{
    (void)test;
    WSAPOLLFD none[] = {{.fd = (SOCKET)-1, .events = POLLIN, .revents = 0x7ead}};
    CHECK_FAILS(WSAPoll(none, 0, 0) == SOCKET_ERROR, WSAEINVAL);
    CHECK_FAILS(WSAPoll(NULL, 0, 0) == SOCKET_ERROR, WSAEINVAL);
    CHECK_FAILS(WSAPoll(none, 0, 1000) == SOCKET_ERROR, WSAEINVAL);
    CHECK_EQUAL(none[0].revents, 0x7ead);
}

/* Nothing to wait for: an error, and each entry says why. The page has WSAEINVAL for it; what Windows says, in all its
 * versions, is WSAENOTSOCK (Wine's tests of ws2_32, which run there). */
static void none_is_a_socket(const struct test *test)
{
    const SOCKET wrong[] = {(SOCKET)-1, 0xabacab};
    (void)test;
    for (int first = 0; first < 2; first++) {
        for (int second = 0; second < 2; second++) {
            WSAPOLLFD two[] = {{.fd = wrong[first], .events = POLLIN, .revents = 0x7ead},
                               {.fd = wrong[second], .events = POLLIN, .revents = 0x7ead}};
            CHECK_FAILS(WSAPoll(two, 2, 0) == SOCKET_ERROR, WSAENOTSOCK);
            CHECK_EQUAL(two[0].revents, POLLNVAL);
            CHECK_EQUAL(two[1].revents, POLLNVAL);
        }
    }
}

const struct test_case poll_cases[] = {
    {"poll/readable", readable, BOTH_FAMILIES, NULL},
    {"poll/writable", writable, BOTH_FAMILIES, NULL},
    {"poll/connection-pending", connection_pending, BOTH_FAMILIES, NULL},
    {"poll/connects", connects, BOTH_FAMILIES, NULL},
    {"poll/refused", refused, BOTH_FAMILIES, NULL},
    {"poll/peer-closes", peer_closes, BOTH_FAMILIES, NULL},
    {"poll/peer-resets", peer_resets, BOTH_FAMILIES, NULL},
    {"poll/urgent", urgent, BOTH_FAMILIES, NULL},
    {"poll/times-out", times_out, BOTH_FAMILIES, NULL},
    {"poll/wakes", wakes, BOTH_FAMILIES, NULL},
    {"poll/negative-is-ignored", negative_is_ignored, BOTH_FAMILIES, NULL},
    {"poll/not-a-socket", closed_socket, BOTH_FAMILIES, NULL},
    {"poll/300-sockets", counts, BOTH_FAMILIES, NULL},
    {"poll/wrong-events", wrong_events, BOTH_FAMILIES, NULL},
    {"poll/null-array", null_array, 0, NULL},
    {"poll/none-is-a-socket", none_is_a_socket, 0, NULL},
    {"poll/no-sockets", no_sockets, 0, NULL},
    {0},
};
