/* Datagrams, by functions that this file looks up with GetProcAddress when a case begins. Expected values: the pages
 * sendto, WSASendTo, recvfrom, WSARecvFrom, connect (connectionless sockets), recv, setsockopt, and for the port that
 * nobody has SIO_UDP_CONNRESET (Winsock IOCTLs). */
#include <string.h>

#include "net.h"

#define FUNCTIONS(X) \
    X(socket)        \
    X(bind)          \
    X(connect)       \
    X(send)          \
    X(sendto)        \
    X(recv)          \
    X(recvfrom)      \
    X(setsockopt)    \
    X(getsockopt)    \
    X(getpeername)   \
    X(WSAIoctl)      \
    X(WSASendTo)     \
    X(WSARecvFrom)

#define MEMBER(name) __typeof__(&name) name;
static struct {
    FUNCTIONS(MEMBER)
} ws;

static void look_up(void)
{
    HMODULE dll = GetModuleHandleA("ws2_32.dll");
#define LOOK_UP(name)                                                  \
    ws.name = (__typeof__(ws.name))(void *)GetProcAddress(dll, #name); \
    REQUIRE(ws.name != NULL);
    FUNCTIONS(LOOK_UP)
}

static SOCKET bound(int family, struct address *at)
{
    struct address address = loopback_address(family, 0);
    look_up();
    SOCKET s = own_socket(ws.socket(family, SOCK_DGRAM, IPPROTO_UDP));
    REQUIRE(ws.bind(s, &address.any, address.length) == 0);
    *at = local_address(s);
    return s;
}

static void send_to(SOCKET s, const char *text, const struct address *to)
{
    REQUIRE(ws.sendto(s, text, (int)strlen(text), 0, &to->any, to->length) == (int)strlen(text));
}

static void send_and_receive(const struct test *test)
{
    struct address a, b, from = {.length = sizeof from.storage};
    SOCKET sender = bound(test->family, &a), receiver = bound(test->family, &b);
    char buffer[16] = "";
    send_to(sender, "datagram", &b);
    CHECK_EQUAL(ws.recvfrom(receiver, buffer, sizeof buffer, 0, &from.any, &from.length), 8);
    CHECK(memcmp(buffer, "datagram", 8) == 0);
    CHECK_EQUAL(from.length, a.length);
    CHECK(same_address(&from, &a));
}

static void keeps_boundaries(const struct test *test)
{
    struct address a, b;
    SOCKET sender = bound(test->family, &a), receiver = bound(test->family, &b);
    char buffer[16];
    send_to(sender, "one", &b);
    send_to(sender, "three", &b);
    CHECK_EQUAL(ws.recvfrom(receiver, buffer, sizeof buffer, 0, NULL, NULL), 3);
    CHECK_EQUAL(ws.recv(receiver, buffer, sizeof buffer, 0), 5);
}

/* recvfrom: for an empty UDP packet the result is zero. */
static void empty(const struct test *test)
{
    struct address a, b, from = {.length = sizeof from.storage};
    SOCKET sender = bound(test->family, &a), receiver = bound(test->family, &b);
    char buffer[4];
    send_to(sender, "", &b);
    REQUIRE(wait_readable(receiver));
    CHECK_EQUAL(ws.recvfrom(receiver, buffer, sizeof buffer, 0, &from.any, &from.length), 0);
    CHECK(same_address(&from, &a));
}

static void truncated(const struct test *test)
{
    struct address a, b, from = {.length = sizeof from.storage};
    SOCKET sender = bound(test->family, &a), receiver = bound(test->family, &b);
    char buffer[16] = "";
    send_to(sender, "too long", &b);
    send_to(sender, "next", &b);
    CHECK_FAILS(ws.recvfrom(receiver, buffer, 3, 0, &from.any, &from.length) == SOCKET_ERROR, WSAEMSGSIZE);
    CHECK(memcmp(buffer, "too", 3) == 0 && buffer[3] == '\0');
    CHECK(same_address(&from, &a));
    CHECK_EQUAL(ws.recv(receiver, buffer, sizeof buffer, 0), 4);
    CHECK(memcmp(buffer, "next", 4) == 0);
}

static void peek(const struct test *test)
{
    struct address a, b;
    SOCKET sender = bound(test->family, &a), receiver = bound(test->family, &b);
    char buffer[16] = "";
    send_to(sender, "twice", &b);
    CHECK_EQUAL(ws.recvfrom(receiver, buffer, sizeof buffer, MSG_PEEK, NULL, NULL), 5);
    CHECK_EQUAL(ws.recvfrom(receiver, buffer, sizeof buffer, 0, NULL, NULL), 5);
}

/* connect: datagrams from any other address are discarded. */
static void connected_filters(const struct test *test)
{
    struct address a, b, c, peer = {.length = sizeof peer.storage};
    SOCKET friend = bound(test->family, &a), receiver = bound(test->family, &b), stranger = bound(test->family, &c);
    char buffer[16] = "";
    REQUIRE(ws.connect(receiver, &a.any, a.length) == 0);
    CHECK_EQUAL(ws.getpeername(receiver, &peer.any, &peer.length), 0);
    CHECK(same_address(&peer, &a));
    send_to(stranger, "stranger", &b);
    send_to(friend, "friend", &b);
    CHECK_EQUAL(ws.recv(receiver, buffer, sizeof buffer, 0), 6);
    CHECK(memcmp(buffer, "friend", 6) == 0);
}

static void connected_sends(const struct test *test)
{
    struct address a, b;
    SOCKET sender = bound(test->family, &a), receiver = bound(test->family, &b);
    char buffer[16] = "";
    REQUIRE(ws.connect(sender, &b.any, b.length) == 0);
    CHECK_EQUAL(ws.send(sender, "there", 5, 0), 5);
    CHECK_EQUAL(ws.recv(receiver, buffer, sizeof buffer, 0), 5);
}

static void connects_elsewhere(const struct test *test)
{
    struct address a, b, c;
    SOCKET sender = bound(test->family, &a), first = bound(test->family, &b), second = bound(test->family, &c);
    char buffer[4];
    REQUIRE(ws.connect(sender, &b.any, b.length) == 0);
    REQUIRE(ws.connect(sender, &c.any, c.length) == 0);
    CHECK_EQUAL(ws.send(sender, "2", 1, 0), 1);
    CHECK_EQUAL(ws.recv(second, buffer, sizeof buffer, 0), 1);
    set_nonblocking(first, true);
    CHECK_FAILS(ws.recv(first, buffer, sizeof buffer, 0) == SOCKET_ERROR, WSAEWOULDBLOCK);
}

/* connect: an address of zeros disconnects; then send says WSAENOTCONN, and sendto still works. */
static void disconnects(const struct test *test)
{
    struct address a, b, none = wildcard_address(test->family, 0);
    SOCKET sender = bound(test->family, &a), receiver = bound(test->family, &b);
    char buffer[4];
    REQUIRE(ws.connect(sender, &b.any, b.length) == 0);
    CHECK_EQUAL(ws.connect(sender, &none.any, none.length), 0);
    CHECK_FAILS(ws.send(sender, "x", 1, 0) == SOCKET_ERROR, WSAENOTCONN);
    CHECK_EQUAL(ws.sendto(sender, "y", 1, 0, &b.any, b.length), 1);
    CHECK_EQUAL(ws.recv(receiver, buffer, sizeof buffer, 0), 1);
}

static void receive_unbound(const struct test *test)
{
    char byte;
    look_up();
    SOCKET s = own_socket(ws.socket(test->family, SOCK_DGRAM, 0));
    set_nonblocking(s, true);
    CHECK_FAILS(ws.recvfrom(s, &byte, 1, 0, NULL, NULL) == SOCKET_ERROR, WSAEINVAL);
}

static void send_binds(const struct test *test)
{
    struct address to;
    SOCKET receiver = bound(test->family, &to);
    char buffer[4];
    SOCKET s = own_socket(ws.socket(test->family, SOCK_DGRAM, 0));
    send_to(s, "x", &to);
    struct address local = local_address(s);
    CHECK(port_of(&local) != 0);
    CHECK_EQUAL(ws.recv(receiver, buffer, sizeof buffer, 0), 1);
}

static void send_without_address(const struct test *test)
{
    look_up();
    SOCKET s = own_socket(ws.socket(test->family, SOCK_DGRAM, 0));
    CHECK_FAILS(ws.send(s, "x", 1, 0) == SOCKET_ERROR, WSAENOTCONN);
}

static void receive_nothing(const struct test *test)
{
    struct address at;
    SOCKET s = bound(test->family, &at);
    char byte;
    set_nonblocking(s, true);
    CHECK_FAILS(ws.recvfrom(s, &byte, 1, 0, NULL, NULL) == SOCKET_ERROR, WSAEWOULDBLOCK);
}

static void receive_timeout(const struct test *test)
{
    struct address at;
    SOCKET s = bound(test->family, &at);
    DWORD milliseconds = 60;
    char byte;
    REQUIRE(ws.setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&milliseconds, sizeof milliseconds) == 0);
    CHECK_FAILS(ws.recvfrom(s, &byte, 1, 0, NULL, NULL) == SOCKET_ERROR, WSAETIMEDOUT);
}

static void too_large(const struct test *test)
{
    static char huge[70000];
    struct address a, b;
    SOCKET sender = bound(test->family, &a);
    bound(test->family, &b);
    CHECK_FAILS(ws.sendto(sender, huge, sizeof huge, 0, &b.any, b.length) == SOCKET_ERROR, WSAEMSGSIZE);
}

/* sendto: SO_MAX_MSG_SIZE is the largest message: 65535 less the UDP header, and over IPv4 less the IP header (which
 * Windows does not count: the catalogs of real machines say 65527 for both). */
static void largest(const struct test *test)
{
    static char buffer[65535], got[65535];
    struct address a, b;
    SOCKET sender = bound(test->family, &a), receiver = bound(test->family, &b);
    unsigned max = 0;
    int size = sizeof max, room = 1 << 18;
    CHECK_EQUAL(ws.getsockopt(sender, SOL_SOCKET, SO_MAX_MSG_SIZE, (char *)&max, &size), 0);
    CHECK(max == 65527 || (test->family == AF_INET && max == 65507));
    REQUIRE(ws.setsockopt(receiver, SOL_SOCKET, SO_RCVBUF, (char *)&room, sizeof room) == 0);
    REQUIRE(ws.setsockopt(sender, SOL_SOCKET, SO_SNDBUF, (char *)&room, sizeof room) == 0);
    fill_pattern(buffer, 65507, 3, 0);
    CHECK_EQUAL(ws.sendto(sender, buffer, 65507, 0, &b.any, b.length), 65507);
    REQUIRE(wait_readable(receiver));
    CHECK_EQUAL(ws.recv(receiver, got, sizeof got, 0), 65507);
    CHECK(has_pattern(got, 65507, 3, 0));
}

static void gather_scatter(const struct test *test)
{
    struct address a, b, from = {.length = sizeof from.storage};
    SOCKET sender = bound(test->family, &a), receiver = bound(test->family, &b);
    char first[4] = "", second[8] = "";
    WSABUF out[] = {TEXT_BUF("ab"), TEXT_BUF("cdef")}, in[] = {WSABUF_OF(first), WSABUF_OF(second)};
    DWORD sent = 0, received = 0, flags = 0;
    CHECK_EQUAL(ws.WSASendTo(sender, out, 2, &sent, 0, &b.any, b.length, NULL, NULL), 0);
    CHECK_EQUAL(sent, 6);
    CHECK_EQUAL(ws.WSARecvFrom(receiver, in, 2, &received, &flags, &from.any, &from.length, NULL, NULL), 0);
    CHECK_EQUAL(received, 6);
    CHECK(memcmp(first, "abcd", 4) == 0 && memcmp(second, "ef", 2) == 0);
    CHECK(same_address(&from, &a));
}

static SOCKET sender_to_nobody(int family, struct address *nobody)
{
    struct address a;
    SOCKET gone = bound(family, nobody), sender = bound(family, &a);
    close_owned_socket(gone);
    return sender;
}

/* recvfrom: WSAECONNRESET says that an earlier send met an ICMP Port Unreachable message. */
static void port_unreachable(const struct test *test)
{
    struct address nobody;
    SOCKET sender = sender_to_nobody(test->family, &nobody);
    char byte;
    send_to(sender, "x", &nobody);
    REQUIRE(wait_readable(sender));
    CHECK_FAILS(ws.recvfrom(sender, &byte, 1, 0, NULL, NULL) == SOCKET_ERROR, WSAECONNRESET);
}

static void port_unreachable_not_told(const struct test *test)
{
    struct address nobody;
    SOCKET sender = sender_to_nobody(test->family, &nobody);
    BOOL tell = FALSE;
    DWORD bytes, milliseconds = 60;
    char byte;
    REQUIRE(ws.WSAIoctl(sender, SIO_UDP_CONNRESET, &tell, sizeof tell, NULL, 0, &bytes, NULL, NULL) == 0);
    REQUIRE(ws.setsockopt(sender, SOL_SOCKET, SO_RCVTIMEO, (char *)&milliseconds, sizeof milliseconds) == 0);
    send_to(sender, "x", &nobody);
    CHECK_FAILS(ws.recvfrom(sender, &byte, 1, 0, NULL, NULL) == SOCKET_ERROR, WSAETIMEDOUT);
}

/* sendto: WSAEACCES without SO_BROADCAST. Nothing leaves the machine. */
static void broadcast_refused(const struct test *test)
{
    (void)test;
    struct address to = loopback_address(AF_INET, 9);
    look_up();
    SOCKET s = own_socket(ws.socket(AF_INET, SOCK_DGRAM, 0));
    to.v4.sin_addr.s_addr = INADDR_BROADCAST;
    CHECK_FAILS(ws.sendto(s, "x", 1, 0, &to.any, to.length) == SOCKET_ERROR, WSAEACCES);
}

static void many_senders(const struct test *test)
{
    enum { COUNT = 50 };
    struct address to, from;
    unsigned short ports[COUNT];
    SOCKET receiver = bound(test->family, &to);
    for (int i = 0; i < COUNT; i++) {
        SOCKET sender = bound(test->family, &from);
        ports[i] = port_of(&from);
        REQUIRE(ws.sendto(sender, (char *)&i, sizeof i, 0, &to.any, to.length) == sizeof i);
    }
    for (int i = 0; i < COUNT; i++) {
        int number = -1;
        from.length = sizeof from.storage;
        REQUIRE(ws.recvfrom(receiver, (char *)&number, sizeof number, 0, &from.any, &from.length) == sizeof number);
        REQUIRE(number >= 0 && number < COUNT);
        CHECK_EQUAL(port_of(&from), ports[number]);
    }
}

/* WSASocket: with a WSAPROTOCOL_INFO, arguments of FROM_PROTOCOL_INFO mean its numbers, and so does 0 ("the value of
 * zero … must be accepted", WSPSocket). They are what the program has put there; the entry that it names says whose the
 * socket is. */
static void numbers_of_the_structure(const struct test *test)
{
    static const int silent[] = {0, FROM_PROTOCOL_INFO};
    SOCKET stream = open_socket(test->family, SOCK_STREAM);
    WSAPROTOCOL_INFOW info;
    for (int i = 0; i < 2; i++) {
        int size = sizeof info, type = 0;
        REQUIRE(getsockopt(stream, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &size) == 0);
        info.iSocketType = SOCK_DGRAM;
        info.iProtocol = IPPROTO_UDP;
        SOCKET s = own_socket(WSASocketW(silent[i], silent[i], silent[i], &info, 0, WSA_FLAG_OVERLAPPED));
        size = sizeof type;
        CHECK(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &size) == 0);
        CHECK_EQUAL(type, SOCK_DGRAM);
        struct address to;
        open_bound(test->family, SOCK_DGRAM, &to);
        CHECK_EQUAL(sendto(s, "made", 4, 0, &to.any, to.length), 4);
    }
}

const struct test_case udp_cases[] = {
    {"udp/numbers-of-the-structure", numbers_of_the_structure, BOTH_FAMILIES, NULL},
    {"udp/send-and-receive", send_and_receive, BOTH_FAMILIES, NULL},
    {"udp/keeps-boundaries", keeps_boundaries, BOTH_FAMILIES, NULL},
    {"udp/empty", empty, BOTH_FAMILIES, NULL},
    {"udp/truncated", truncated, BOTH_FAMILIES, NULL},
    {"udp/peek", peek, BOTH_FAMILIES, NULL},
    {"udp/connected-filters", connected_filters, BOTH_FAMILIES, NULL},
    {"udp/connected-sends", connected_sends, BOTH_FAMILIES, NULL},
    {"udp/connects-elsewhere", connects_elsewhere, BOTH_FAMILIES, NULL},
    {"udp/disconnects", disconnects, BOTH_FAMILIES, NULL},
    {"udp/receive-unbound", receive_unbound, BOTH_FAMILIES, NULL},
    {"udp/send-binds", send_binds, BOTH_FAMILIES, NULL},
    {"udp/send-without-address", send_without_address, BOTH_FAMILIES, NULL},
    {"udp/receive-nothing", receive_nothing, BOTH_FAMILIES, NULL},
    {"udp/receive-timeout", receive_timeout, BOTH_FAMILIES, NULL},
    {"udp/too-large", too_large, BOTH_FAMILIES, NULL},
    {"udp/largest", largest, BOTH_FAMILIES, NULL},
    {"udp/gather-scatter", gather_scatter, BOTH_FAMILIES, NULL},
    {"udp/port-unreachable", port_unreachable, BOTH_FAMILIES, NULL},
    {"udp/port-unreachable-not-told", port_unreachable_not_told, BOTH_FAMILIES, NULL},
    {"udp/broadcast-refused", broadcast_refused, 0, NULL},
    {"udp/many-senders", many_senders, BOTH_FAMILIES, NULL},
    {0},
};
