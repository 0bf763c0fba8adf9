/* select and WSAPoll over a stream and a datagram socket together: where a layer is over one kind alone, these are
 * sockets of two providers. The page select says "associated with a single service provider", and means it since
 * Windows Vista only where a layer wants the call for itself ("Winsock IOCTLs", SIO_BSP_HANDLE_SELECT): else the base
 * has both, and the results are those of one provider's sockets. Whose socket stands first must not matter: each case
 * is run in both orders. Expected values: the pages select and WSAPoll. */
#define FD_SETSIZE 256
#include "net.h"

enum { NOW = 0, BRIEF = 50000, LONG_ENOUGH = 5000000 };

struct side {
    SOCKET s, peer;
};

/* A stream and a datagram socket, with data of nobody's yet. */
static void open_sides(const struct test *test, struct side side[2])
{
    struct pair stream = open_pair(test->family), datagram = open_datagram_pair(test->family);
    bool stream_first = test->data == NULL;
    side[stream_first ? 0 : 1] = (struct side){stream.server, stream.client};
    side[stream_first ? 1 : 0] = (struct side){datagram.server, datagram.client};
}

static const struct side *stream_of(const struct test *test, const struct side side[2])
{
    return &side[test->data == NULL ? 0 : 1];
}

/* A set of the two in the case's order. */
static void set_two(const struct test *test, fd_set *set, SOCKET stream, SOCKET datagram)
{
    bool stream_first = test->data == NULL;
    FD_ZERO(set);
    FD_SET(stream_first ? stream : datagram, set);
    FD_SET(stream_first ? datagram : stream, set);
}

static void set_both(fd_set *set, const struct side side[2])
{
    FD_ZERO(set);
    FD_SET(side[0].s, set);
    FD_SET(side[1].s, set);
}

static void set_one(fd_set *set, SOCKET s)
{
    FD_ZERO(set);
    FD_SET(s, set);
}

static int ready(fd_set *read, fd_set *write, fd_set *except, long microseconds)
{
    struct timeval timeout = {.tv_sec = microseconds / 1000000, .tv_usec = microseconds % 1000000};
    int count = select(0, read, write, except, &timeout);
    CHECK(timeout.tv_sec == microseconds / 1000000 && timeout.tv_usec == microseconds % 1000000);
    return count;
}

static void send_to_side(const struct side *side)
{
    send_text(side->peer, "x");
    REQUIRE(wait_available(side->s, 1));
}

static bool holds_just(const fd_set *set, SOCKET s)
{
    return set->fd_count == 1 && set->fd_array[0] == s;
}

static void both_ready(const struct test *test)
{
    struct side side[2];
    fd_set set;
    open_sides(test, side);
    send_to_side(&side[0]);
    send_to_side(&side[1]);
    set_both(&set, side);
    CHECK_EQUAL(ready(&set, NULL, NULL, LONG_ENOUGH), 2);
    CHECK_EQUAL(set.fd_count, 2);
    CHECK(FD_ISSET(side[0].s, &set) && FD_ISSET(side[1].s, &set));
}

static void one_ready(const struct test *test)
{
    for (int i = 0; i < 2; i++) {
        struct side side[2];
        fd_set set;
        open_sides(test, side);
        send_to_side(&side[i]);
        set_both(&set, side);
        CHECK_EQUAL(ready(&set, NULL, NULL, LONG_ENOUGH), 1);
        CHECK(holds_just(&set, side[i].s));
        set_both(&set, side);
        CHECK_EQUAL(ready(&set, NULL, NULL, NOW), 1);
        CHECK(holds_just(&set, side[i].s));
    }
}

static void none_ready(const struct test *test)
{
    struct side side[2];
    fd_set set, except;
    LARGE_INTEGER frequency, before, after;
    open_sides(test, side);
    set_both(&set, side);
    set_both(&except, side);
    CHECK_EQUAL(ready(&set, NULL, &except, NOW), 0);
    CHECK(set.fd_count == 0 && except.fd_count == 0);
    QueryPerformanceFrequency(&frequency);
    set_both(&set, side);
    QueryPerformanceCounter(&before);
    CHECK_EQUAL(ready(&set, NULL, NULL, BRIEF), 0);
    QueryPerformanceCounter(&after);
    CHECK_EQUAL(set.fd_count, 0);
    /* A clock tick of 16 ms may end the wait early. */
    CHECK((after.QuadPart - before.QuadPart) * 1000 / frequency.QuadPart >= BRIEF / 1000 - 16);
}

static void writable(const struct test *test)
{
    struct side side[2];
    fd_set set;
    open_sides(test, side);
    set_both(&set, side);
    CHECK_EQUAL(ready(NULL, &set, NULL, NOW), 2);
    CHECK(FD_ISSET(side[0].s, &set) && FD_ISSET(side[1].s, &set));
}

/* Each kind in a set of its own. */
static void sets_apart(const struct test *test)
{
    struct side side[2];
    fd_set read, write;
    open_sides(test, side);
    set_one(&read, side[0].s);
    set_one(&write, side[1].s);
    CHECK_EQUAL(ready(&read, &write, NULL, NOW), 1);
    CHECK(read.fd_count == 0 && holds_just(&write, side[1].s));
    send_to_side(&side[0]);
    set_one(&read, side[0].s);
    set_one(&write, side[1].s);
    CHECK_EQUAL(ready(&read, &write, NULL, LONG_ENOUGH), 2);
    CHECK(holds_just(&read, side[0].s) && holds_just(&write, side[1].s));
}

static void counts_all_sets(const struct test *test)
{
    for (int i = 0; i < 2; i++) {
        struct side side[2];
        fd_set read, write, except;
        open_sides(test, side);
        send_to_side(&side[i]);
        set_both(&read, side);
        write = except = read;
        CHECK_EQUAL(ready(&read, &write, &except, NOW), 3);
        CHECK(holds_just(&read, side[i].s));
        CHECK_EQUAL(write.fd_count, 2);
        CHECK_EQUAL(except.fd_count, 0);
    }
}

/* "Failure of the connect attempt is indicated in exceptfds." */
static void refused(const struct test *test)
{
    struct address nobody = silent_address(test->family);
    SOCKET stream = open_socket(test->family, SOCK_STREAM), datagram = open_bound(test->family, SOCK_DGRAM, NULL);
    fd_set read, except;
    set_nonblocking(stream, true);
    CHECK_FAILS(connect(stream, &nobody.any, nobody.length) == SOCKET_ERROR, WSAEWOULDBLOCK);
    set_one(&read, datagram);
    set_two(test, &except, stream, datagram);
    CHECK_EQUAL(ready(&read, NULL, &except, LONG_ENOUGH), 1);
    CHECK(holds_just(&except, stream) && read.fd_count == 0);
}

/* "OOB data is available for reading (only if SO_OOBINLINE is disabled)." */
static void urgent(const struct test *test)
{
    struct side side[2];
    fd_set except;
    open_sides(test, side);
    const struct side *stream = stream_of(test, side);
    REQUIRE(send(stream->peer, "!", 1, MSG_OOB) == 1);
    REQUIRE(wait_exception(stream->s));
    set_both(&except, side);
    CHECK_EQUAL(ready(NULL, NULL, &except, NOW), 1);
    CHECK(holds_just(&except, stream->s));
}

static void connection_pending(const struct test *test)
{
    struct address at;
    SOCKET listener = open_listener(test->family, &at), client = open_socket(test->family, SOCK_STREAM);
    SOCKET datagram = open_bound(test->family, SOCK_DGRAM, NULL);
    fd_set set;
    REQUIRE(connect(client, &at.any, at.length) == 0);
    set_two(test, &set, listener, datagram);
    CHECK_EQUAL(ready(&set, NULL, NULL, LONG_ENOUGH), 1);
    CHECK(holds_just(&set, listener));
}

static void closed_is_readable(const struct test *test)
{
    struct side side[2];
    fd_set set;
    open_sides(test, side);
    const struct side *stream = stream_of(test, side);
    close_owned_socket(stream->peer);
    set_both(&set, side);
    CHECK_EQUAL(ready(&set, NULL, NULL, LONG_ENOUGH), 1);
    CHECK(holds_just(&set, stream->s));
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
    for (int i = 0; i < 2; i++) {
        struct side side[2];
        fd_set set;
        open_sides(test, side);
        struct later later = {side[i].peer, open_event()};
        struct thread *thread = start_thread(send_later, &later);
        set_both(&set, side);
        SetEvent(later.begun);
        CHECK_EQUAL(select(0, &set, NULL, NULL, NULL), 1);
        CHECK(holds_just(&set, side[i].s));
        join_thread(thread);
    }
}

/* Whether it has the first, the second or the last place, and though another socket is ready. */
static void check_wrong(const struct side side[2], SOCKET wrong)
{
    for (int place = 0; place < 3; place++) {
        fd_set set, other;
        FD_ZERO(&set);
        for (int i = 0; i < 3; i++)
            FD_SET(i == place ? wrong : side[i < place ? i : i - 1].s, &set);
        CHECK_FAILS(ready(&set, NULL, NULL, NOW) == SOCKET_ERROR, WSAENOTSOCK);
        set_both(&set, side);
        set_one(&other, wrong);
        CHECK_FAILS(ready(&set, NULL, &other, NOW) == SOCKET_ERROR, WSAENOTSOCK);
    }
}

static void not_a_socket(const struct test *test)
{
    struct side side[2];
    open_sides(test, side);
    send_to_side(&side[0]);
    check_wrong(side, (SOCKET)open_event());
}

static void closed_socket(const struct test *test)
{
    struct side side[2];
    open_sides(test, side);
    send_to_side(&side[1]);
    SOCKET stream = open_socket(test->family, SOCK_STREAM), datagram = open_socket(test->family, SOCK_DGRAM);
    close_owned_socket(stream);
    check_wrong(side, stream);
    close_owned_socket(datagram);
    check_wrong(side, datagram);
}

/* More than fit into an fd_set of the usual size, the two kinds in turn. */
static void many(const struct test *test)
{
    enum { COUNT = 150 };
    struct address at[COUNT];
    SOCKET sockets[COUNT], sender = open_bound(test->family, SOCK_DGRAM, NULL);
    int odd_is_stream = test->data != NULL;
    fd_set set;
    FD_ZERO(&set);
    for (int i = 0; i < COUNT; i++) {
        bool stream = (i % 2 != 0) == odd_is_stream;
        sockets[i] = stream ? open_listener(test->family, &at[i]) : open_bound(test->family, SOCK_DGRAM, &at[i]);
        FD_SET(sockets[i], &set);
        if (i % 50 == 20 || i % 50 == 21) {
            if (stream)
                REQUIRE(connect(open_socket(test->family, SOCK_STREAM), &at[i].any, at[i].length) == 0);
            else
                REQUIRE(sendto(sender, "x", 1, 0, &at[i].any, at[i].length) == 1);
            REQUIRE(wait_readable(sockets[i]));
        }
    }
    CHECK_EQUAL(ready(&set, NULL, NULL, LONG_ENOUGH), 6);
    for (int i = 0; i < COUNT; i++)
        REQUIRE(!FD_ISSET(sockets[i], &set) == (i % 50 != 20 && i % 50 != 21));
}

static void polls(const struct test *test)
{
    for (int i = 0; i < 2; i++) {
        struct side side[2];
        open_sides(test, side);
        WSAPOLLFD two[] = {{.fd = side[0].s, .events = POLLIN, .revents = -1},
                           {.fd = side[1].s, .events = POLLIN, .revents = -1}};
        CHECK_EQUAL(WSAPoll(two, 2, 0), 0);
        CHECK(two[0].revents == 0 && two[1].revents == 0);
        send_to_side(&side[i]);
        CHECK_EQUAL(WSAPoll(two, 2, DEADLINE), 1);
        CHECK_EQUAL(two[i].revents, POLLRDNORM);
        CHECK_EQUAL(two[1 - i].revents, 0);
        send_to_side(&side[1 - i]);
        two[i].events = POLLOUT;
        CHECK_EQUAL(WSAPoll(two, 2, DEADLINE), 2);
        CHECK_EQUAL(two[i].revents, POLLWRNORM);
        CHECK_EQUAL(two[1 - i].revents, POLLRDNORM);
    }
}

#define BOTH_ORDERS(name, run)                                       \
    {"mixed/stream-first/" name, run, BOTH_FAMILIES, NULL},          \
    {                                                                \
        "mixed/datagram-first/" name, run, BOTH_FAMILIES, "datagram" \
    }

const struct test_case mixed_cases[] = {
    BOTH_ORDERS("both-ready", both_ready),
    BOTH_ORDERS("one-ready", one_ready),
    BOTH_ORDERS("none-ready", none_ready),
    BOTH_ORDERS("writable", writable),
    BOTH_ORDERS("sets-apart", sets_apart),
    BOTH_ORDERS("counts-all-sets", counts_all_sets),
    BOTH_ORDERS("refused", refused),
    BOTH_ORDERS("urgent", urgent),
    BOTH_ORDERS("connection-pending", connection_pending),
    BOTH_ORDERS("closed-is-readable", closed_is_readable),
    BOTH_ORDERS("wakes", wakes),
    BOTH_ORDERS("not-a-socket", not_a_socket),
    BOTH_ORDERS("closed-socket", closed_socket),
    BOTH_ORDERS("150-sockets", many),
    BOTH_ORDERS("polls", polls),
    {0},
};
