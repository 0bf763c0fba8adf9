/* What the system makes sockets of without listing it, or lists hidden: raw sockets, and families that not every system
 * has. Where this one does not make them a case is skipped, which must then be so in every mode. Expected values: the
 * pages "TCP/IP Raw Sockets", socket, WSASocket and WSADuplicateSocket, and RFC 792. */
#include <string.h>

#include "net.h"

#ifndef AF_UNIX
#define AF_UNIX 1
#endif
#ifndef AF_BTH
#define AF_BTH 32
#endif

static SOCKET made(SOCKET s)
{
    if (s == INVALID_SOCKET)
        harness_skip("this system or user makes no such socket");
    return own_socket(s);
}

struct echo {
    unsigned char type, code;
    unsigned short checksum, id, sequence;
    char data[8];
};

static unsigned short checksum(const void *data, size_t size)
{
    const unsigned char *bytes = data;
    unsigned long sum = 0;
    for (size_t i = 0; i < size; i += 2)
        sum += bytes[i] | (unsigned long)bytes[i + 1] << 8;
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (unsigned short)~sum;
}

/* Its own requests come back to a raw socket on the loopback address as well. */
static void ping(SOCKET s)
{
    struct address to = loopback_address(AF_INET, 0);
    struct echo request = {.type = 8, .id = 0x1234, .sequence = 0x0100, .data = "wsplsp"};
    char packet[256];
    const struct echo *reply = NULL;
    request.checksum = checksum(&request, sizeof request);
    REQUIRE(sendto(s, (char *)&request, sizeof request, 0, &to.any, to.length) == sizeof request);
    do {
        REQUIRE(wait_readable(s));
        int got = recv(s, packet, sizeof packet, 0);
        REQUIRE(got >= 20 && got >= (packet[0] & 15) * 4 + (int)sizeof *reply);
        reply = (const struct echo *)(packet + (packet[0] & 15) * 4);
    } while (reply->type != 0);
    CHECK_EQUAL(reply->sequence, request.sequence);
    CHECK(memcmp(reply->data, request.data, sizeof request.data) == 0);
}

static void raw_echo(const struct test *test)
{
    (void)test;
    ping(made(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)));
    ping(made(WSASocketA(AF_INET, SOCK_RAW, IPPROTO_ICMP, NULL, 0, WSA_FLAG_OVERLAPPED)));
}

static void raw_info(const struct test *test)
{
    WSAPROTOCOL_INFOW info;
    int size = sizeof info, type = 0;
    SOCKET s = made(WSASocketW(test->family, SOCK_RAW, IPPROTO_UDP, NULL, 0, 0));
    REQUIRE(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &size) == 0);
    CHECK_EQUAL(info.iAddressFamily, test->family);
    CHECK_EQUAL(info.iSocketType, SOCK_RAW);
    size = sizeof type;
    CHECK_EQUAL(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &size), 0);
    CHECK_EQUAL(type, SOCK_RAW);
}

static void raw_duplicate(const struct test *test)
{
    WSAPROTOCOL_INFOW info;
    (void)test;
    SOCKET s = made(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    REQUIRE(WSADuplicateSocketW(s, GetCurrentProcessId(), &info) == 0);
    SOCKET second = own_socket(WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, 0));
    CHECK(second != s);
    close_owned_socket(s);
    ping(second);
}

static void not_listed(const struct test *test)
{
    static WSAPROTOCOL_INFOW list[64];
    DWORD size = sizeof list;
    (void)test;
    int count = WSAEnumProtocolsW(NULL, list, &size);
    REQUIRE(count > 0);
    for (int i = 0; i < count; i++)
        CHECK(list[i].iSocketType != SOCK_RAW || list[i].iAddressFamily > AF_INET6);
}

struct kind {
    int family, type, protocol;
};

static const struct kind unix_stream = {AF_UNIX, SOCK_STREAM, 0};
static const struct kind irda = {AF_IRDA, SOCK_STREAM, 0};
static const struct kind bluetooth = {AF_BTH, SOCK_STREAM, 3};
static const struct kind ipx = {AF_IPX, SOCK_DGRAM, 1000};

static void kind(const struct test *test)
{
    const struct kind *kind = test->data;
    SOCKET s = made(socket(kind->family, kind->type, kind->protocol));
    int type = 0, size = sizeof type;
    CHECK_EQUAL(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &size), 0);
    CHECK_EQUAL(type, kind->type);
}

static void no_family(const struct test *test)
{
    (void)test;
    CHECK_FAILS(socket(0xdead, SOCK_STREAM, IPPROTO_TCP) == INVALID_SOCKET, WSAEAFNOSUPPORT);
    CHECK_FAILS(WSASocketA(0xdead, SOCK_STREAM, 0xdead, NULL, 0, 0) == INVALID_SOCKET, WSAEAFNOSUPPORT);
}

const struct test_case unlisted_cases[] = {
    {"unlisted/raw-echo", raw_echo, 0, NULL},           {"unlisted/raw-info", raw_info, BOTH_FAMILIES, NULL},
    {"unlisted/raw-duplicate", raw_duplicate, 0, NULL}, {"unlisted/raw-not-listed", not_listed, 0, NULL},
    {"unlisted/AF_UNIX", kind, 0, &unix_stream},        {"unlisted/AF_IRDA", kind, 0, &irda},
    {"unlisted/AF_BTH", kind, 0, &bluetooth},           {"unlisted/AF_IPX", kind, 0, &ipx},
    {"unlisted/no-family", no_family, 0, NULL},         {0},
};
