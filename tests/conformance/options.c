/* Socket options: what they say at first, and that a value set comes back. Expected values: the pages getsockopt and
 * setsockopt, SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP and IPPROTO_IPV6 Socket Options, SO_EXCLUSIVEADDRUSE. */
#include <string.h>

#include "net.h"

#ifndef SO_BSP_STATE
#define SO_BSP_STATE 0x1009
#endif

static int get_option(SOCKET s, int level, int name)
{
    int value = -1, size = sizeof value;
    CHECK_EQUAL(getsockopt(s, level, name, (char *)&value, &size), 0);
    /* A boolean may be said in one byte. */
    return size == 1 ? (unsigned char)value : value;
}

static void set_option(SOCKET s, int level, int name, int value)
{
    CHECK_EQUAL(setsockopt(s, level, name, (char *)&value, sizeof value), 0);
}

struct option {
    int type, level, name;
    int at_first; /* -1: whatever the system likes */
    int other;
};

static void option(const struct test *test)
{
    const struct option *o = test->data;
    SOCKET s = open_socket(test->family, o->type);
    int at_first = get_option(s, o->level, o->name);
    if (o->at_first != -1)
        CHECK_EQUAL(at_first, o->at_first);
    set_option(s, o->level, o->name, o->other);
    CHECK_EQUAL(get_option(s, o->level, o->name), o->other);
    set_option(s, o->level, o->name, at_first);
    CHECK_EQUAL(get_option(s, o->level, o->name), at_first);
}

static const struct option keepalive = {SOCK_STREAM, SOL_SOCKET, SO_KEEPALIVE, 0, 1};
static const struct option oob_inline = {SOCK_STREAM, SOL_SOCKET, SO_OOBINLINE, 0, 1};
static const struct option reuse = {SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR, 0, 1};
static const struct option exclusive = {SOCK_STREAM, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 0, 1};
static const struct option dont_linger = {SOCK_STREAM, SOL_SOCKET, SO_DONTLINGER, 1, 0};
static const struct option conditional_accept = {SOCK_STREAM, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 0, 1};
static const struct option broadcast = {SOCK_DGRAM, SOL_SOCKET, SO_BROADCAST, 0, 1};
static const struct option receive_room = {SOCK_STREAM, SOL_SOCKET, SO_RCVBUF, -1, 32768};
static const struct option send_room = {SOCK_STREAM, SOL_SOCKET, SO_SNDBUF, -1, 32768};
static const struct option receive_timeout = {SOCK_STREAM, SOL_SOCKET, SO_RCVTIMEO, 0, 1500};
static const struct option send_timeout = {SOCK_STREAM, SOL_SOCKET, SO_SNDTIMEO, 0, 2500};
static const struct option no_delay = {SOCK_STREAM, IPPROTO_TCP, TCP_NODELAY, 0, 1};
static const struct option ttl = {SOCK_STREAM, IPPROTO_IP, IP_TTL, -1, 77};
static const struct option multicast_ttl = {SOCK_DGRAM, IPPROTO_IP, IP_MULTICAST_TTL, 1, 3};
static const struct option multicast_loop = {SOCK_DGRAM, IPPROTO_IP, IP_MULTICAST_LOOP, 1, 0};
static const struct option dont_fragment = {SOCK_DGRAM, IPPROTO_IP, IP_DONTFRAGMENT, 0, 1};
static const struct option packet_info = {SOCK_DGRAM, IPPROTO_IP, IP_PKTINFO, 0, 1};

static void option6(const struct test *test)
{
    SOCKET s = socket(AF_INET6, SOCK_DGRAM, 0);
    if (s == INVALID_SOCKET)
        harness_skip("no IPv6 on this machine");
    closesocket(s);
    const struct test six = {.family = AF_INET6, .data = test->data};
    option(&six);
}

static const struct option v6_only = {SOCK_STREAM, IPPROTO_IPV6, IPV6_V6ONLY, 1, 0};
static const struct option hops = {SOCK_STREAM, IPPROTO_IPV6, IPV6_UNICAST_HOPS, -1, 77};
static const struct option multicast_hops6 = {SOCK_DGRAM, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1, 3};
static const struct option multicast_loop6 = {SOCK_DGRAM, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1, 0};
static const struct option packet_info6 = {SOCK_DGRAM, IPPROTO_IPV6, IPV6_PKTINFO, 0, 1};

static void linger(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    struct linger value = {.l_onoff = 99};
    int size = sizeof value;
    CHECK_EQUAL(getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&value, &size), 0);
    CHECK_EQUAL(size, sizeof value);
    CHECK_EQUAL(value.l_onoff, 0);
    value = (struct linger){.l_onoff = 1, .l_linger = 7};
    CHECK_EQUAL(setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&value, sizeof value), 0);
    memset(&value, 0, sizeof value);
    CHECK_EQUAL(getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&value, &size), 0);
    CHECK(value.l_onoff != 0);
    CHECK_EQUAL(value.l_linger, 7);
    CHECK_EQUAL(get_option(s, SOL_SOCKET, SO_DONTLINGER), 0);
}

static void type(const struct test *test)
{
    CHECK_EQUAL(get_option(open_socket(test->family, SOCK_STREAM), SOL_SOCKET, SO_TYPE), SOCK_STREAM);
    CHECK_EQUAL(get_option(open_socket(test->family, SOCK_DGRAM), SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
}

static void listening(const struct test *test)
{
    SOCKET s = open_bound(test->family, SOCK_STREAM, NULL);
    CHECK_EQUAL(get_option(s, SOL_SOCKET, SO_ACCEPTCONN), 0);
    REQUIRE(listen(s, 1) == 0);
    CHECK_EQUAL(get_option(s, SOL_SOCKET, SO_ACCEPTCONN), 1);
}

/* SO_ERROR is cleared by being read. */
static void error(const struct test *test)
{
    struct address nobody = silent_address(test->family);
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_EQUAL(get_option(s, SOL_SOCKET, SO_ERROR), 0);
    set_nonblocking(s, true);
    CHECK_FAILS(connect(s, &nobody.any, nobody.length) == SOCKET_ERROR, WSAEWOULDBLOCK);
    REQUIRE(wait_exception(s));
    CHECK_EQUAL(get_option(s, SOL_SOCKET, SO_ERROR), WSAECONNREFUSED);
    CHECK_EQUAL(get_option(s, SOL_SOCKET, SO_ERROR), 0);
}

static void protocol_info(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    WSAPROTOCOL_INFOW wide;
    WSAPROTOCOL_INFOA narrow;
    wchar_t name[WSAPROTOCOL_LEN + 1];
    int size = sizeof wide;
    CHECK_EQUAL(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&wide, &size), 0);
    CHECK_EQUAL(size, sizeof wide);
    CHECK_EQUAL(wide.iAddressFamily, test->family);
    CHECK_EQUAL(wide.iSocketType, SOCK_STREAM);
    CHECK_EQUAL(wide.iProtocol, IPPROTO_TCP);
    CHECK(wide.ProtocolChain.ChainLen >= 1);
    CHECK((wide.dwServiceFlags1 & XP1_IFS_HANDLES) != 0);
    size = sizeof narrow;
    CHECK_EQUAL(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOA, (char *)&narrow, &size), 0);
    CHECK_EQUAL(size, sizeof narrow);
    CHECK(memcmp(&narrow, &wide, offsetof(WSAPROTOCOL_INFOA, szProtocol)) == 0);
    MultiByteToWideChar(CP_ACP, 0, narrow.szProtocol, -1, name, WSAPROTOCOL_LEN + 1);
    CHECK(wcscmp(name, wide.szProtocol) == 0);
}

/* Too small a buffer, and one with room to spare. */
static void protocol_info_length(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    union {
        WSAPROTOCOL_INFOW wide;
        WSAPROTOCOL_INFOA narrow;
        char room[2 * sizeof(WSAPROTOCOL_INFOW)];
    } info;
    int size = sizeof info.narrow / 2;
    CHECK_FAILS(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOA, info.room, &size) == SOCKET_ERROR, WSAEFAULT);
    CHECK_EQUAL(size, sizeof info.narrow);
    size = 2 * sizeof info.narrow;
    CHECK_EQUAL(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOA, info.room, &size), 0);
    CHECK_EQUAL(size, 2 * sizeof info.narrow);
    size = sizeof info.wide / 2;
    CHECK_FAILS(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, info.room, &size) == SOCKET_ERROR, WSAEFAULT);
    CHECK_EQUAL(size, sizeof info.wide);
    size = 2 * sizeof info.wide;
    CHECK_EQUAL(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, info.room, &size), 0);
    CHECK_EQUAL(size, 2 * sizeof info.wide);
}

/* It is the thread's, not the socket's. */
static void open_type(const struct test *test)
{
    (void)test;
    int value = SO_SYNCHRONOUS_NONALERT, size = sizeof value;
    CHECK_EQUAL(setsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (char *)&value, sizeof value), 0);
    value = 0;
    CHECK_EQUAL(getsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (char *)&value, &size), 0);
    CHECK_EQUAL(value, SO_SYNCHRONOUS_NONALERT);
    size = 2;
    CHECK_FAILS(getsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (char *)&value, &size) == SOCKET_ERROR, WSAEFAULT);
    CHECK_FAILS(setsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (char *)&value, 2) == SOCKET_ERROR, WSAEFAULT);
    value = 0;
    CHECK_EQUAL(setsockopt(open_socket(AF_INET, SOCK_STREAM), SOL_SOCKET, SO_OPENTYPE, (char *)&value, sizeof value),
                0);
    value = 1;
    size = 2 * sizeof value;
    CHECK_EQUAL(getsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (char *)&value, &size), 0);
    CHECK_EQUAL(size, sizeof value);
    CHECK_EQUAL(value, 0);
}

/* CSADDR_INFO: local and remote address, type and protocol. */
static void state(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct address local = local_address(pair.client), remote = peer_address(pair.client);
    union {
        CSADDR_INFO info;
        char room[sizeof(CSADDR_INFO) + 2 * sizeof(SOCKADDR_STORAGE)];
    } value;
    int size = sizeof value;
    CHECK_FAILS(getsockopt(pair.client, SOL_SOCKET, SO_BSP_STATE, (char *)&value, &(int){4}) == SOCKET_ERROR,
                WSAEFAULT);
    REQUIRE(getsockopt(pair.client, SOL_SOCKET, SO_BSP_STATE, (char *)&value, &size) == 0);
    CHECK_EQUAL(value.info.iSocketType, SOCK_STREAM);
    CHECK_EQUAL(value.info.iProtocol, IPPROTO_TCP);
    CHECK(same_address((struct address *)value.info.LocalAddr.lpSockaddr, &local));
    CHECK(same_address((struct address *)value.info.RemoteAddr.lpSockaddr, &remote));
}

static void connect_time(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    CHECK_EQUAL(get_option(open_socket(test->family, SOCK_STREAM), SOL_SOCKET, SO_CONNECT_TIME), -1);
    CHECK(get_option(pair.client, SOL_SOCKET, SO_CONNECT_TIME) >= 0);
}

/* SO_EXCLUSIVEADDRUSE and SO_REUSEADDR exclude each other. */
static void exclusive_or_reuse(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    BOOL on = TRUE;
    set_option(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1);
    CHECK_FAILS(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, (char *)&on, sizeof on) == SOCKET_ERROR, WSAEINVAL);
}

/* The table of "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE", specific address bound twice. */
struct sharing {
    int first, second;
    int error;
};

static void sharing(const struct test *test)
{
    const struct sharing *sharing = test->data;
    struct address at = loopback_address(test->family, 0);
    SOCKET first = open_socket(test->family, SOCK_DGRAM), second = open_socket(test->family, SOCK_DGRAM);
    if (sharing->first != 0)
        set_option(first, SOL_SOCKET, sharing->first, 1);
    if (sharing->second != 0)
        set_option(second, SOL_SOCKET, sharing->second, 1);
    REQUIRE(bind(first, &at.any, at.length) == 0);
    at = local_address(first);
    if (sharing->error == 0)
        CHECK_EQUAL(bind(second, &at.any, at.length), 0);
    else
        CHECK_FAILS(bind(second, &at.any, at.length) == SOCKET_ERROR, sharing->error);
}

static const struct sharing plain_plain = {0, 0, WSAEADDRINUSE};
static const struct sharing reuse_reuse = {SO_REUSEADDR, SO_REUSEADDR, 0};
static const struct sharing exclusive_reuse = {SO_EXCLUSIVEADDRUSE, SO_REUSEADDR, WSAEACCES};
static const struct sharing exclusive_plain = {SO_EXCLUSIVEADDRUSE, 0, WSAEADDRINUSE};
static const struct sharing plain_exclusive = {0, SO_EXCLUSIVEADDRUSE, WSAEADDRINUSE};
static const struct sharing reuse_exclusive = {SO_REUSEADDR, SO_EXCLUSIVEADDRUSE, WSAEADDRINUSE};

/* A socket that belongs to a multicast group on loopback gets what is sent there. */
static void multicast(const struct test *test)
{
    (void)test;
    struct address at, group = loopback_address(AF_INET, 0);
    struct ip_mreq membership;
    char buffer[8];
    SOCKET receiver = open_bound(AF_INET, SOCK_DGRAM, NULL), sender = open_bound(AF_INET, SOCK_DGRAM, &at);
    close_owned_socket(receiver);
    receiver = open_socket(AF_INET, SOCK_DGRAM);
    struct address any = wildcard_address(AF_INET, 0);
    REQUIRE(bind(receiver, &any.any, any.length) == 0);
    any = local_address(receiver);
    membership.imr_multiaddr.s_addr = htonl(0xEFFF1234); /* 239.255.18.52: administratively scoped */
    membership.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_EQUAL(setsockopt(receiver, IPPROTO_IP, IP_ADD_MEMBERSHIP, (char *)&membership, sizeof membership), 0);
    CHECK_EQUAL(setsockopt(sender, IPPROTO_IP, IP_MULTICAST_IF, (char *)&membership.imr_interface,
                           sizeof membership.imr_interface),
                0);
    group.v4.sin_addr = membership.imr_multiaddr;
    group.v4.sin_port = any.v4.sin_port;
    REQUIRE(sendto(sender, "group", 5, 0, &group.any, group.length) == 5);
    REQUIRE(wait_readable(receiver));
    CHECK_EQUAL(recv(receiver, buffer, sizeof buffer, 0), 5);
    CHECK_EQUAL(setsockopt(receiver, IPPROTO_IP, IP_DROP_MEMBERSHIP, (char *)&membership, sizeof membership), 0);
}

const struct test_case options_cases[] = {
    {"options/SO_KEEPALIVE", option, BOTH_FAMILIES, &keepalive},
    {"options/SO_OOBINLINE", option, BOTH_FAMILIES, &oob_inline},
    {"options/SO_REUSEADDR", option, BOTH_FAMILIES, &reuse},
    {"options/SO_EXCLUSIVEADDRUSE", option, BOTH_FAMILIES, &exclusive},
    {"options/SO_DONTLINGER", option, BOTH_FAMILIES, &dont_linger},
    {"options/SO_CONDITIONAL_ACCEPT", option, BOTH_FAMILIES, &conditional_accept},
    {"options/SO_BROADCAST", option, BOTH_FAMILIES, &broadcast},
    {"options/SO_RCVBUF", option, BOTH_FAMILIES, &receive_room},
    {"options/SO_SNDBUF", option, BOTH_FAMILIES, &send_room},
    {"options/SO_RCVTIMEO", option, BOTH_FAMILIES, &receive_timeout},
    {"options/SO_SNDTIMEO", option, BOTH_FAMILIES, &send_timeout},
    {"options/TCP_NODELAY", option, BOTH_FAMILIES, &no_delay},
    {"options/IP_TTL", option, 0, &ttl},
    {"options/IP_MULTICAST_TTL", option, 0, &multicast_ttl},
    {"options/IP_MULTICAST_LOOP", option, 0, &multicast_loop},
    {"options/IP_DONTFRAGMENT", option, 0, &dont_fragment},
    {"options/IP_PKTINFO", option, 0, &packet_info},
    {"options/IPV6_V6ONLY", option6, 0, &v6_only},
    {"options/IPV6_UNICAST_HOPS", option6, 0, &hops},
    {"options/IPV6_MULTICAST_HOPS", option6, 0, &multicast_hops6},
    {"options/IPV6_MULTICAST_LOOP", option6, 0, &multicast_loop6},
    {"options/IPV6_PKTINFO", option6, 0, &packet_info6},
    {"options/SO_LINGER", linger, BOTH_FAMILIES, NULL},
    {"options/SO_TYPE", type, BOTH_FAMILIES, NULL},
    {"options/SO_ACCEPTCONN", listening, BOTH_FAMILIES, NULL},
    {"options/SO_ERROR", error, BOTH_FAMILIES, NULL},
    {"options/SO_PROTOCOL_INFO", protocol_info, BOTH_FAMILIES, NULL},
    {"options/SO_PROTOCOL_INFO-length", protocol_info_length, BOTH_FAMILIES, NULL},
    {"options/SO_OPENTYPE", open_type, 0, NULL},
    {"options/SO_BSP_STATE", state, BOTH_FAMILIES, NULL},
    {"options/SO_CONNECT_TIME", connect_time, BOTH_FAMILIES, NULL},
    {"options/exclusive-or-reuse", exclusive_or_reuse, BOTH_FAMILIES, NULL},
    {"options/sharing/plain-plain", sharing, BOTH_FAMILIES, &plain_plain},
    {"options/sharing/reuse-reuse", sharing, BOTH_FAMILIES, &reuse_reuse},
    {"options/sharing/exclusive-reuse", sharing, BOTH_FAMILIES, &exclusive_reuse},
    {"options/sharing/exclusive-plain", sharing, BOTH_FAMILIES, &exclusive_plain},
    {"options/sharing/plain-exclusive", sharing, BOTH_FAMILIES, &plain_exclusive},
    {"options/sharing/reuse-exclusive", sharing, BOTH_FAMILIES, &reuse_exclusive},
    {"options/multicast", multicast, 0, NULL},
    {0},
};
