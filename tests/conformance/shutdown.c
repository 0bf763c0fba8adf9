/* Orders of shutdown and close, by functions that this file imports from wsock32.dll (see wsock32.def). Expected
 * values: the pages shutdown, closesocket, recv, send. */
#include <string.h>

#include "net.h"

#define FROM_WSOCK32(name) __declspec(dllimport) __typeof__(name) wsock32_##name;
FROM_WSOCK32(WSACleanup)
FROM_WSOCK32(WSAGetLastError)
FROM_WSOCK32(WSAStartup)
FROM_WSOCK32(accept)
FROM_WSOCK32(bind)
FROM_WSOCK32(closesocket)
FROM_WSOCK32(connect)
FROM_WSOCK32(getsockname)
FROM_WSOCK32(listen)
FROM_WSOCK32(recv)
FROM_WSOCK32(select)
FROM_WSOCK32(send)
FROM_WSOCK32(setsockopt)
FROM_WSOCK32(shutdown)
FROM_WSOCK32(socket)

static struct pair open_old_pair(int family)
{
    struct address at = loopback_address(family, 0);
    struct pair pair;
    SOCKET listener = own_socket(wsock32_socket(family, SOCK_STREAM, 0));
    REQUIRE(wsock32_bind(listener, &at.any, at.length) == 0);
    at.length = sizeof at.storage;
    REQUIRE(wsock32_getsockname(listener, &at.any, &at.length) == 0);
    REQUIRE(wsock32_listen(listener, 1) == 0);
    pair.client = own_socket(wsock32_socket(family, SOCK_STREAM, 0));
    REQUIRE(wsock32_connect(pair.client, &at.any, at.length) == 0);
    pair.server = own_socket(wsock32_accept(listener, NULL, NULL));
    disown_socket(listener);
    REQUIRE(wsock32_closesocket(listener) == 0);
    return pair;
}

static void close_old(SOCKET s)
{
    disown_socket(s);
    CHECK_EQUAL(wsock32_closesocket(s), 0);
}

static void old_text(SOCKET from, SOCKET to, const char *text)
{
    char buffer[32] = "";
    int length = (int)strlen(text);
    CHECK_EQUAL(wsock32_send(from, text, length, 0), length);
    for (int at = 0; at < length;) {
        int got = wsock32_recv(to, buffer + at, length - at, 0);
        REQUIRE(got > 0);
        at += got;
    }
    CHECK(memcmp(buffer, text, (size_t)length) == 0);
}

static void old_end(SOCKET s)
{
    char byte;
    CHECK_EQUAL(wsock32_recv(s, &byte, 1, 0), 0);
}

static void send_side(const struct test *test)
{
    struct pair pair = open_old_pair(test->family);
    CHECK_EQUAL(wsock32_shutdown(pair.client, SD_SEND), 0);
    old_end(pair.server);
    CHECK_FAILS(wsock32_send(pair.client, "x", 1, 0) == SOCKET_ERROR, WSAESHUTDOWN);
    CHECK_EQUAL(wsock32_WSAGetLastError(), WSAESHUTDOWN);
    old_text(pair.server, pair.client, "the other way");
    close_old(pair.server);
    old_end(pair.client);
}

static void receive_side(const struct test *test)
{
    struct pair pair = open_old_pair(test->family);
    char byte;
    CHECK_EQUAL(wsock32_shutdown(pair.client, SD_RECEIVE), 0);
    CHECK_FAILS(wsock32_recv(pair.client, &byte, 1, 0) == SOCKET_ERROR, WSAESHUTDOWN);
    old_text(pair.client, pair.server, "the other way");
}

static void both_sides(const struct test *test)
{
    struct pair pair = open_old_pair(test->family);
    char byte;
    CHECK_EQUAL(wsock32_shutdown(pair.client, SD_BOTH), 0);
    CHECK_FAILS(wsock32_send(pair.client, "x", 1, 0) == SOCKET_ERROR, WSAESHUTDOWN);
    CHECK_FAILS(wsock32_recv(pair.client, &byte, 1, 0) == SOCKET_ERROR, WSAESHUTDOWN);
    old_end(pair.server);
}

static void after_data(const struct test *test)
{
    struct pair pair = open_old_pair(test->family);
    char buffer[8] = "";
    CHECK_EQUAL(wsock32_send(pair.client, "data", 4, 0), 4);
    CHECK_EQUAL(wsock32_shutdown(pair.client, SD_SEND), 0);
    int got, total = 0;
    while ((got = wsock32_recv(pair.server, buffer + total, (int)sizeof buffer - total, 0)) > 0)
        total += got;
    CHECK_EQUAL(got, 0);
    CHECK_EQUAL(total, 4);
}

static void graceful_close_delivers(const struct test *test)
{
    static char block[65536], got[65536];
    struct pair pair = open_old_pair(test->family);
    fill_pattern(block, sizeof block, 6, 0);
    CHECK_EQUAL(wsock32_send(pair.client, block, sizeof block, 0), sizeof block);
    close_old(pair.client);
    receive_exactly(pair.server, got, sizeof got);
    CHECK(has_pattern(got, sizeof got, 6, 0));
    old_end(pair.server);
}

static void hard_close_resets(const struct test *test)
{
    struct pair pair = open_old_pair(test->family);
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    char byte;
    CHECK_EQUAL(wsock32_setsockopt(pair.client, SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof linger), 0);
    close_old(pair.client);
    CHECK_FAILS(wsock32_recv(pair.server, &byte, 1, 0) == SOCKET_ERROR, WSAECONNRESET);
}

/* With everything delivered, a close that lingers need not wait for the timeout. */
static void lingering_close(const struct test *test)
{
    struct pair pair = open_old_pair(test->family);
    struct linger linger = {.l_onoff = 1, .l_linger = 30};
    char buffer[8];
    CHECK_EQUAL(wsock32_setsockopt(pair.client, SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof linger), 0);
    CHECK_EQUAL(wsock32_send(pair.client, "last", 4, 0), 4);
    CHECK_EQUAL(wsock32_recv(pair.server, buffer, sizeof buffer, 0), 4);
    close_old(pair.server);
    ULONGLONG before = GetTickCount64();
    close_old(pair.client);
    CHECK(GetTickCount64() - before < 20000);
}

static void wrong_way(const struct test *test)
{
    struct pair pair = open_old_pair(test->family);
    CHECK_FAILS(wsock32_shutdown(pair.client, 3) == SOCKET_ERROR, WSAEINVAL);
    CHECK_FAILS(wsock32_shutdown(pair.client, -1) == SOCKET_ERROR, WSAEINVAL);
}

static void unconnected(const struct test *test)
{
    SOCKET s = own_socket(wsock32_socket(test->family, SOCK_STREAM, 0));
    CHECK_FAILS(wsock32_shutdown(s, SD_SEND) == SOCKET_ERROR, WSAENOTCONN);
}

static void datagram(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    char byte;
    CHECK_EQUAL(wsock32_shutdown(pair.client, SD_SEND), 0);
    CHECK_FAILS(wsock32_send(pair.client, "x", 1, 0) == SOCKET_ERROR, WSAESHUTDOWN);
    CHECK_EQUAL(wsock32_shutdown(pair.server, SD_RECEIVE), 0);
    CHECK_FAILS(wsock32_recv(pair.server, &byte, 1, 0) == SOCKET_ERROR, WSAESHUTDOWN);
}

/* shutdown: FD_CLOSE, then recv until it says 0, then closesocket. */
static void as_recommended(const struct test *test)
{
    struct pair pair = open_old_pair(test->family);
    WSAEVENT event = open_event();
    char buffer[8];
    REQUIRE(WSAEventSelect(pair.client, event, FD_CLOSE) == 0);
    CHECK_EQUAL(wsock32_send(pair.server, "rest", 4, 0), 4);
    CHECK_EQUAL(wsock32_shutdown(pair.client, SD_SEND), 0);
    old_end(pair.server);
    close_old(pair.server);
    REQUIRE(wait_event(event));
    CHECK_EQUAL(wsock32_recv(pair.client, buffer, sizeof buffer, 0), 4);
    old_end(pair.client);
}

/* wsock32.dll counts with ws2_32.dll. */
static void old_startup(const struct test *test)
{
    WSADATA data;
    CHECK_EQUAL(wsock32_WSAStartup(MAKEWORD(1, 1), &data), 0);
    CHECK_EQUAL(data.wVersion, MAKEWORD(1, 1));
    CHECK_EQUAL(wsock32_WSACleanup(), 0);
    fd_set set = {.fd_count = 1, .fd_array = {open_bound(test->family, SOCK_DGRAM, NULL)}};
    struct timeval now = {.tv_sec = 0};
    CHECK_EQUAL(wsock32_select(0, NULL, &set, NULL, &now), 1);
}

const struct test_case shutdown_cases[] = {
    {"shutdown/send", send_side, BOTH_FAMILIES, NULL},
    {"shutdown/receive", receive_side, BOTH_FAMILIES, NULL},
    {"shutdown/both", both_sides, BOTH_FAMILIES, NULL},
    {"shutdown/after-data", after_data, BOTH_FAMILIES, NULL},
    {"shutdown/graceful-close-delivers", graceful_close_delivers, BOTH_FAMILIES, NULL},
    {"shutdown/hard-close-resets", hard_close_resets, BOTH_FAMILIES, NULL},
    {"shutdown/lingering-close", lingering_close, BOTH_FAMILIES, NULL},
    {"shutdown/wrong-way", wrong_way, BOTH_FAMILIES, NULL},
    {"shutdown/unconnected", unconnected, BOTH_FAMILIES, NULL},
    {"shutdown/datagram", datagram, BOTH_FAMILIES, NULL},
    {"shutdown/as-recommended", as_recommended, BOTH_FAMILIES, NULL},
    {"shutdown/WSAStartup-of-wsock32", old_startup, BOTH_FAMILIES, NULL},
    {0},
};
