/* Urgent data, by functions that this file imports by their ordinals (see ordinals.def). Expected values: the pages
 * send and recv (MSG_OOB), select, setsockopt (SO_OOBINLINE), ioctlsocket (SIOCATMARK). */
#include "net.h"

#define BY_ORDINAL(name) __declspec(dllimport) __typeof__(name) ordinal_##name;
BY_ORDINAL(ioctlsocket)
BY_ORDINAL(recv)
BY_ORDINAL(select)
BY_ORDINAL(send)
BY_ORDINAL(setsockopt)

static bool wait_urgent(SOCKET s)
{
    struct timeval timeout = {.tv_sec = DEADLINE / 1000};
    fd_set set = {.fd_count = 1, .fd_array = {s}};
    return ordinal_select(0, NULL, NULL, &set, &timeout) == 1;
}

static void set_inline(SOCKET s)
{
    BOOL on = TRUE;
    REQUIRE(ordinal_setsockopt(s, SOL_SOCKET, SO_OOBINLINE, (char *)&on, sizeof on) == 0);
}

static void apart(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    char byte = 0;
    CHECK_EQUAL(ordinal_send(pair.client, "ab", 2, 0), 2);
    CHECK_EQUAL(ordinal_send(pair.client, "!", 1, MSG_OOB), 1);
    CHECK_EQUAL(ordinal_send(pair.client, "cd", 2, 0), 2);
    REQUIRE(wait_urgent(pair.server));
    CHECK_EQUAL(ordinal_recv(pair.server, &byte, 1, MSG_OOB), 1);
    CHECK_EQUAL(byte, '!');
    expect_text(pair.server, "abcd");
}

static void in_line(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    set_inline(pair.server);
    CHECK_EQUAL(ordinal_send(pair.client, "ab", 2, 0), 2);
    CHECK_EQUAL(ordinal_send(pair.client, "!", 1, MSG_OOB), 1);
    CHECK_EQUAL(ordinal_send(pair.client, "cd", 2, 0), 2);
    expect_text(pair.server, "ab!cd");
}

static void in_line_is_readable(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct timeval now = {.tv_sec = 0};
    set_inline(pair.server);
    CHECK_EQUAL(ordinal_send(pair.client, "!", 1, MSG_OOB), 1);
    REQUIRE(wait_readable(pair.server));
    fd_set set = {.fd_count = 1, .fd_array = {pair.server}};
    CHECK_EQUAL(ordinal_select(0, NULL, NULL, &set, &now), 0);
}

/* recv: MSG_OOB on a socket with SO_OOBINLINE is WSAEINVAL. */
static void in_line_not_apart(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    char byte;
    set_inline(pair.server);
    CHECK_EQUAL(ordinal_send(pair.client, "!", 1, MSG_OOB), 1);
    REQUIRE(wait_readable(pair.server));
    CHECK_FAILS(ordinal_recv(pair.server, &byte, 1, MSG_OOB) == SOCKET_ERROR, WSAEINVAL);
}

static void none_there(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    u_long on = 1;
    char byte;
    REQUIRE(ordinal_ioctlsocket(pair.server, FIONBIO, &on) == 0);
    CHECK_FAILS(ordinal_recv(pair.server, &byte, 1, MSG_OOB) == SOCKET_ERROR, WSAEWOULDBLOCK);
}

/* SIOCATMARK says TRUE where no urgent data waits to be read, FALSE where some does. */
static void mark(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    u_long all_read = 99;
    set_inline(pair.server);
    CHECK_EQUAL(ordinal_ioctlsocket(pair.server, SIOCATMARK, &all_read), 0);
    CHECK_EQUAL(all_read, TRUE);
    CHECK_EQUAL(ordinal_send(pair.client, "a", 1, 0), 1);
    CHECK_EQUAL(ordinal_send(pair.client, "!", 1, MSG_OOB), 1);
    REQUIRE(wait_available(pair.server, 1));
    expect_text(pair.server, "a");
    REQUIRE(wait_available(pair.server, 1));
    CHECK_EQUAL(ordinal_ioctlsocket(pair.server, SIOCATMARK, &all_read), 0);
    CHECK_EQUAL(all_read, FALSE);
    expect_text(pair.server, "!");
    CHECK_EQUAL(ordinal_ioctlsocket(pair.server, SIOCATMARK, &all_read), 0);
    CHECK_EQUAL(all_read, TRUE);
}

static void datagram_has_none(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    u_long on = 1;
    char byte;
    REQUIRE(ordinal_ioctlsocket(pair.server, FIONBIO, &on) == 0);
    CHECK_FAILS(ordinal_recv(pair.server, &byte, 1, MSG_OOB) == SOCKET_ERROR, WSAEOPNOTSUPP);
    CHECK_FAILS(ordinal_send(pair.client, "!", 1, MSG_OOB) == SOCKET_ERROR, WSAEOPNOTSUPP);
}

const struct test_case oob_cases[] = {
    {"oob/apart", apart, BOTH_FAMILIES, NULL},
    {"oob/inline", in_line, BOTH_FAMILIES, NULL},
    {"oob/inline-is-readable", in_line_is_readable, BOTH_FAMILIES, NULL},
    {"oob/inline-not-apart", in_line_not_apart, BOTH_FAMILIES, NULL},
    {"oob/none-there", none_there, BOTH_FAMILIES, NULL},
    {"oob/mark", mark, BOTH_FAMILIES, NULL},
    {"oob/datagram-has-none", datagram_has_none, BOTH_FAMILIES, NULL},
    {0},
};
