#include "net.h"

#include <string.h>

struct address loopback_address(int family, unsigned short port)
{
    struct address address = {.length = 0};
    if (family == AF_INET) {
        address.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
        address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.length = sizeof address.v4;
    } else {
        address.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
        address.v6.sin6_addr.s6_addr[15] = 1;
        address.length = sizeof address.v6;
    }
    return address;
}

struct address wildcard_address(int family, unsigned short port)
{
    struct address address = loopback_address(family, port);
    if (family == AF_INET)
        address.v4.sin_addr.s_addr = 0;
    else
        address.v6.sin6_addr.s6_addr[15] = 0;
    return address;
}

struct address local_address(SOCKET s)
{
    struct address address = {.length = sizeof address.storage};
    REQUIRE(getsockname(s, &address.any, &address.length) == 0);
    return address;
}

struct address peer_address(SOCKET s)
{
    struct address address = {.length = sizeof address.storage};
    REQUIRE(getpeername(s, &address.any, &address.length) == 0);
    return address;
}

unsigned short port_of(const struct address *address)
{
    return ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port : address->v6.sin6_port);
}

bool same_address(const struct address *a, const struct address *b)
{
    if (a->any.sa_family != b->any.sa_family || port_of(a) != port_of(b))
        return false;
    if (a->any.sa_family == AF_INET)
        return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
    return memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr) == 0;
}

SOCKET open_socket(int family, int type)
{
    return own_socket(socket(family, type, 0));
}

SOCKET open_bound(int family, int type, struct address *at)
{
    SOCKET s = open_socket(family, type);
    struct address address = loopback_address(family, 0);
    REQUIRE(bind(s, &address.any, address.length) == 0);
    if (at != NULL)
        *at = local_address(s);
    return s;
}

SOCKET open_listener(int family, struct address *at)
{
    SOCKET s = open_bound(family, SOCK_STREAM, at);
    REQUIRE(listen(s, SOMAXCONN) == 0);
    return s;
}

struct address silent_address(int family)
{
    struct address address;
    open_bound(family, SOCK_STREAM, &address);
    return address;
}

struct pair open_pair(int family)
{
    struct address address;
    struct pair pair;
    SOCKET listener = open_listener(family, &address);
    pair.client = open_socket(family, SOCK_STREAM);
    REQUIRE(connect(pair.client, &address.any, address.length) == 0);
    pair.server = own_socket(accept(listener, NULL, NULL));
    close_owned_socket(listener);
    return pair;
}

struct pair open_datagram_pair(int family)
{
    struct address a, b;
    struct pair pair = {.client = open_bound(family, SOCK_DGRAM, &a), .server = open_bound(family, SOCK_DGRAM, &b)};
    REQUIRE(connect(pair.client, &b.any, b.length) == 0);
    REQUIRE(connect(pair.server, &a.any, a.length) == 0);
    return pair;
}

void set_nonblocking(SOCKET s, bool on)
{
    u_long value = on;
    REQUIRE(ioctlsocket(s, FIONBIO, &value) == 0);
}

void send_text(SOCKET s, const char *text)
{
    int length = (int)strlen(text);
    REQUIRE(send(s, text, length, 0) == length);
}

void receive_exactly(SOCKET s, void *buffer, int length)
{
    for (int at = 0; at < length;) {
        REQUIRE(wait_readable(s));
        int got = recv(s, (char *)buffer + at, length - at, 0);
        REQUIRE(got > 0);
        at += got;
    }
}

void expect_text(SOCKET s, const char *text)
{
    char buffer[256] = "";
    int length = (int)strlen(text);
    REQUIRE(length < (int)sizeof buffer);
    receive_exactly(s, buffer, length);
    harness_check(memcmp(buffer, text, (size_t)length) == 0, __FILE__, __LINE__, "received '%s', not '%s'", buffer,
                  text);
}

void expect_end(SOCKET s)
{
    char byte;
    REQUIRE(wait_readable(s));
    CHECK_EQUAL(recv(s, &byte, 1, 0), 0);
}

enum waiting { FOR_READ, FOR_WRITE, FOR_EXCEPTION };

static bool wait_select(SOCKET s, enum waiting what)
{
    struct timeval timeout = {.tv_sec = DEADLINE / 1000, .tv_usec = DEADLINE % 1000 * 1000};
    fd_set set = {.fd_count = 1, .fd_array = {s}};
    return select(0, what == FOR_READ ? &set : NULL, what == FOR_WRITE ? &set : NULL,
                  what == FOR_EXCEPTION ? &set : NULL, &timeout) == 1;
}

bool wait_readable(SOCKET s)
{
    return wait_select(s, FOR_READ);
}

bool wait_writable(SOCKET s)
{
    return wait_select(s, FOR_WRITE);
}

bool wait_exception(SOCKET s)
{
    return wait_select(s, FOR_EXCEPTION);
}

bool wait_available(SOCKET s, u_long bytes)
{
    ULONGLONG end = GetTickCount64() + (ULONGLONG)DEADLINE;
    u_long available = 0;
    while (ioctlsocket(s, FIONREAD, &available) == 0 && available < bytes && GetTickCount64() < end)
        SwitchToThread();
    return available >= bytes;
}

void close_hard(SOCKET s)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    REQUIRE(setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof linger) == 0);
    close_owned_socket(s);
}

WSAEVENT open_event(void)
{
    return own_handle(WSACreateEvent());
}

bool wait_event(WSAEVENT event)
{
    return WaitForSingleObject(event, DEADLINE) == WAIT_OBJECT_0;
}

bool is_set(WSAEVENT event)
{
    return WaitForSingleObject(event, 0) == WAIT_OBJECT_0;
}

HANDLE open_port(void)
{
    return own_handle(CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0));
}

void associate(HANDLE port, SOCKET s, ULONG_PTR key)
{
    REQUIRE(CreateIoCompletionPort((HANDLE)s, port, key, 0) == port);
}

static char pattern_byte(unsigned seed, size_t at)
{
    return (char)(((at * 2654435761u) >> 13) + seed * 37u + at);
}

void fill_pattern(char *buffer, size_t length, unsigned seed, size_t at)
{
    for (size_t i = 0; i < length; i++)
        buffer[i] = pattern_byte(seed, at + i);
}

bool has_pattern(const char *buffer, size_t length, unsigned seed, size_t at)
{
    for (size_t i = 0; i < length; i++) {
        if (buffer[i] != pattern_byte(seed, at + i))
            return false;
    }
    return true;
}
