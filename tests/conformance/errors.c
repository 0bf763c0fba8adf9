/* Wrong arguments, and the error that the function's page names for them. Where a page names none, there is no case. */
#include <string.h>

#include "net.h"

/* --- each function with something that is no socket, and before WSAStartup --- */

static char bytes_[64];
static struct sockaddr_in to_ = {.sin_family = AF_INET};
static int length_ = sizeof bytes_;
static DWORD number_;
static u_long long_;
static WSABUF buffer_ = {.len = sizeof bytes_, .buf = bytes_};
static WSANETWORKEVENTS events_;
static WSAPROTOCOL_INFOW info_;
static WSAPROTOCOL_INFOA narrow_info_;
static WSAOVERLAPPED overlapped_;
static WSAMSG message_ = {.lpBuffers = &buffer_, .dwBufferCount = 1};
static QOS quality_;
static u_short short_;

/* X(name, the call with socket s, what it returns where it fails) */
#define SOCKET_FUNCTIONS(X)                                                                                 \
    X(accept, accept(s, NULL, NULL), INVALID_SOCKET)                                                        \
    X(bind, bind(s, (struct sockaddr *)&to_, sizeof to_), SOCKET_ERROR)                                     \
    X(closesocket, closesocket(s), SOCKET_ERROR)                                                            \
    X(connect, connect(s, (struct sockaddr *)&to_, sizeof to_), SOCKET_ERROR)                               \
    X(getpeername, getpeername(s, (struct sockaddr *)bytes_, &length_), SOCKET_ERROR)                       \
    X(getsockname, getsockname(s, (struct sockaddr *)bytes_, &length_), SOCKET_ERROR)                       \
    X(getsockopt, getsockopt(s, SOL_SOCKET, SO_TYPE, bytes_, &length_), SOCKET_ERROR)                       \
    X(ioctlsocket, ioctlsocket(s, FIONREAD, &long_), SOCKET_ERROR)                                          \
    X(listen, listen(s, 1), SOCKET_ERROR)                                                                   \
    X(recv, recv(s, bytes_, sizeof bytes_, 0), SOCKET_ERROR)                                                \
    X(recvfrom, recvfrom(s, bytes_, sizeof bytes_, 0, NULL, NULL), SOCKET_ERROR)                            \
    X(send, send(s, bytes_, 1, 0), SOCKET_ERROR)                                                            \
    X(sendto, sendto(s, bytes_, 1, 0, (struct sockaddr *)&to_, sizeof to_), SOCKET_ERROR)                   \
    X(setsockopt, setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, bytes_, sizeof(int)), SOCKET_ERROR)               \
    X(shutdown, shutdown(s, SD_SEND), SOCKET_ERROR)                                                         \
    X(WSAAccept, WSAAccept(s, NULL, NULL, NULL, 0), INVALID_SOCKET)                                         \
    X(WSAAsyncSelect, WSAAsyncSelect(s, GetDesktopWindow(), WM_USER, FD_READ), SOCKET_ERROR)                \
    X(WSAConnect, WSAConnect(s, (struct sockaddr *)&to_, sizeof to_, NULL, NULL, NULL, NULL), SOCKET_ERROR) \
    X(WSADuplicateSocketA, WSADuplicateSocketA(s, GetCurrentProcessId(), &narrow_info_), SOCKET_ERROR)      \
    X(WSADuplicateSocketW, WSADuplicateSocketW(s, GetCurrentProcessId(), &info_), SOCKET_ERROR)             \
    X(WSAEnumNetworkEvents, WSAEnumNetworkEvents(s, NULL, &events_), SOCKET_ERROR)                          \
    X(WSAEventSelect, WSAEventSelect(s, NULL, 0), SOCKET_ERROR)                                             \
    X(WSAGetOverlappedResult, WSAGetOverlappedResult(s, &overlapped_, &number_, FALSE, &number_), FALSE)    \
    X(WSAGetQOSByName, WSAGetQOSByName(s, &buffer_, &quality_), FALSE)                                      \
    X(WSAHtonl, WSAHtonl(s, 1, &long_), SOCKET_ERROR)                                                       \
    X(WSAHtons, WSAHtons(s, 1, &short_), SOCKET_ERROR)                                                      \
    X(WSANtohl, WSANtohl(s, 1, &long_), SOCKET_ERROR)                                                       \
    X(WSANtohs, WSANtohs(s, 1, &short_), SOCKET_ERROR)                                                      \
    X(WSAIoctl, WSAIoctl(s, FIONREAD, NULL, 0, &long_, sizeof long_, &number_, NULL, NULL), SOCKET_ERROR)   \
    X(WSAJoinLeaf, WSAJoinLeaf(s, (struct sockaddr *)&to_, sizeof to_, NULL, NULL, NULL, NULL, JL_BOTH),    \
      INVALID_SOCKET)                                                                                       \
    X(WSARecv, WSARecv(s, &buffer_, 1, &number_, &number_, NULL, NULL), SOCKET_ERROR)                       \
    X(WSARecvDisconnect, WSARecvDisconnect(s, NULL), SOCKET_ERROR)                                          \
    X(WSARecvFrom, WSARecvFrom(s, &buffer_, 1, &number_, &number_, NULL, NULL, NULL, NULL), SOCKET_ERROR)   \
    X(WSASend, WSASend(s, &buffer_, 1, &number_, 0, NULL, NULL), SOCKET_ERROR)                              \
    X(WSASendDisconnect, WSASendDisconnect(s, NULL), SOCKET_ERROR)                                          \
    X(WSASendMsg, WSASendMsg(s, &message_, 0, &number_, NULL, NULL), SOCKET_ERROR)                          \
    X(WSASendTo, WSASendTo(s, &buffer_, 1, &number_, 0, (struct sockaddr *)&to_, sizeof to_, NULL, NULL), SOCKET_ERROR)

struct probe {
    const char *name;
    bool (*fails)(SOCKET s);
};

#define PROBE_FUNCTION(name, call, failure) \
    static bool name##_fails(SOCKET s)      \
    {                                       \
        number_ = 0;                        \
        length_ = sizeof bytes_;            \
        return (call) == (failure);         \
    }
SOCKET_FUNCTIONS(PROBE_FUNCTION)

#define PROBE_ROW(name, call, failure) static const struct probe name##_probe = {#name, name##_fails};
SOCKET_FUNCTIONS(PROBE_ROW)

static void not_a_socket(const struct test *test)
{
    const struct probe *probe = test->data;
    SOCKET closed = socket(AF_INET, SOCK_STREAM, 0);
    REQUIRE(closed != INVALID_SOCKET && closesocket(closed) == 0);
    CHECK_FAILS(probe->fails(INVALID_SOCKET), WSAENOTSOCK);
    CHECK_FAILS(probe->fails(closed), WSAENOTSOCK);
    if (strcmp(probe->name, "closesocket") != 0)
        CHECK_FAILS(probe->fails((SOCKET)open_event()), WSAENOTSOCK);
}

/* No WSAStartup has been called. */
static void not_initialised(const struct test *test)
{
    const struct probe *probe = test->data;
    CHECK_FAILS(probe->fails(INVALID_SOCKET), WSANOTINITIALISED);
}

static void socket_not_initialised(const struct test *test)
{
    CHECK_FAILS(socket(test->family, SOCK_STREAM, 0) == INVALID_SOCKET, WSANOTINITIALISED);
    CHECK_FAILS(WSASocketW(test->family, SOCK_STREAM, 0, NULL, 0, 0) == INVALID_SOCKET, WSANOTINITIALISED);
    CHECK_FAILS(WSASocketA(test->family, SOCK_STREAM, 0, NULL, 0, 0) == INVALID_SOCKET, WSANOTINITIALISED);
}

static void select_not_initialised(const struct test *test)
{
    (void)test;
    fd_set set = {.fd_count = 1, .fd_array = {INVALID_SOCKET}};
    struct timeval now = {.tv_sec = 0};
    CHECK_FAILS(select(0, &set, NULL, NULL, &now) == SOCKET_ERROR, WSANOTINITIALISED);
}

static void enum_not_initialised(const struct test *test)
{
    (void)test;
    DWORD size = 0;
    CHECK_FAILS(WSAEnumProtocolsW(NULL, NULL, &size) == SOCKET_ERROR, WSANOTINITIALISED);
    CHECK_FAILS(WSAEnumProtocolsA(NULL, NULL, &size) == SOCKET_ERROR, WSANOTINITIALISED);
}

static void cleanup_not_initialised(const struct test *test)
{
    (void)test;
    CHECK_FAILS(WSACleanup() == SOCKET_ERROR, WSANOTINITIALISED);
}

/* --- socket --- */

static void unknown_family(const struct test *test)
{
    (void)test;
    CHECK_FAILS(socket(12345, SOCK_STREAM, 0) == INVALID_SOCKET, WSAEAFNOSUPPORT);
    CHECK_FAILS(WSASocketW(12345, SOCK_STREAM, 0, NULL, 0, 0) == INVALID_SOCKET, WSAEAFNOSUPPORT);
}

static void unknown_type(const struct test *test)
{
    CHECK_FAILS(socket(test->family, 12345, 0) == INVALID_SOCKET, WSAESOCKTNOSUPPORT);
}

static void unknown_protocol(const struct test *test)
{
    CHECK_FAILS(socket(test->family, SOCK_STREAM, 250) == INVALID_SOCKET, WSAEPROTONOSUPPORT);
}

/* A structure that no provider has made. */
static void invalid_info(const struct test *test)
{
    WSAPROTOCOL_INFOW info;
    memset(&info, 0xa5, sizeof info);
    CHECK_FAILS(WSASocketW(test->family, SOCK_STREAM, IPPROTO_TCP, &info, 0, 0) == INVALID_SOCKET, WSAEINVAL);
}

/* --- bind and listen --- */

static void bind_wrongly(const struct test *test)
{
    struct address at = loopback_address(test->family, 0);
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(bind(s, NULL, at.length) == SOCKET_ERROR, WSAEFAULT);
    CHECK_FAILS(bind(s, &at.any, at.length - 1) == SOCKET_ERROR, WSAEFAULT);
    CHECK_FAILS(bind(s, &at.any, 2) == SOCKET_ERROR, WSAEFAULT);
}

/* bind: WSAEFAULT where the address family is not the socket's. */
static void bind_other_family(const struct test *test)
{
    struct address at = loopback_address(test->family == AF_INET ? AF_INET6 : AF_INET, 0);
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(bind(s, &at.any, sizeof at.v6) == SOCKET_ERROR, WSAEFAULT);
}

static void bind_twice(const struct test *test)
{
    struct address at = loopback_address(test->family, 0);
    SOCKET s = open_bound(test->family, SOCK_STREAM, NULL);
    CHECK_FAILS(bind(s, &at.any, at.length) == SOCKET_ERROR, WSAEINVAL);
}

static void bind_in_use(const struct test *test)
{
    struct address at;
    open_listener(test->family, &at);
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(bind(s, &at.any, at.length) == SOCKET_ERROR, WSAEADDRINUSE);
}

/* Addresses reserved for documentation belong to nobody. */
static void bind_not_local(const struct test *test)
{
    struct address at = loopback_address(test->family, 0);
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    if (test->family == AF_INET)
        at.v4.sin_addr.s_addr = htonl(0xC0000201); /* 192.0.2.1 */
    else
        at.v6.sin6_addr.s6_addr[0] = 0x20, at.v6.sin6_addr.s6_addr[1] = 0x01, at.v6.sin6_addr.s6_addr[2] = 0x0d,
        at.v6.sin6_addr.s6_addr[3] = 0xb8;
    CHECK_FAILS(bind(s, &at.any, at.length) == SOCKET_ERROR, WSAEADDRNOTAVAIL);
}

static void listen_unbound(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(listen(s, 1) == SOCKET_ERROR, WSAEINVAL);
}

static void listen_datagram(const struct test *test)
{
    SOCKET s = open_bound(test->family, SOCK_DGRAM, NULL);
    CHECK_FAILS(listen(s, 1) == SOCKET_ERROR, WSAEOPNOTSUPP);
}

static void listen_connected(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    CHECK_FAILS(listen(pair.client, 1) == SOCKET_ERROR, WSAEISCONN);
}

/* --- accept --- */

static void accept_not_listening(const struct test *test)
{
    SOCKET s = open_bound(test->family, SOCK_STREAM, NULL);
    CHECK_FAILS(accept(s, NULL, NULL) == INVALID_SOCKET, WSAEINVAL);
    CHECK_FAILS(WSAAccept(s, NULL, NULL, NULL, 0) == INVALID_SOCKET, WSAEINVAL);
}

static void accept_datagram(const struct test *test)
{
    SOCKET s = open_bound(test->family, SOCK_DGRAM, NULL);
    CHECK_FAILS(accept(s, NULL, NULL) == INVALID_SOCKET, WSAEOPNOTSUPP);
}

static void accept_short_address(const struct test *test)
{
    struct address at, from = {.length = 4};
    SOCKET listener = open_listener(test->family, &at), client = open_socket(test->family, SOCK_STREAM);
    REQUIRE(connect(client, &at.any, at.length) == 0);
    CHECK_FAILS(accept(listener, &from.any, &from.length) == INVALID_SOCKET, WSAEFAULT);
}

/* --- connect --- */

static void connect_null(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(connect(s, NULL, sizeof(struct sockaddr_in6)) == SOCKET_ERROR, WSAEFAULT);
}

static void connect_short(const struct test *test)
{
    struct address at;
    open_listener(test->family, &at);
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(connect(s, &at.any, at.length - 1) == SOCKET_ERROR, WSAEFAULT);
}

static void connect_other_family(const struct test *test)
{
    struct address at = loopback_address(test->family == AF_INET ? AF_INET6 : AF_INET, 1);
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(connect(s, &at.any, sizeof at.v6) == SOCKET_ERROR, WSAEAFNOSUPPORT);
}

static void connect_zero_address(const struct test *test)
{
    struct address at = wildcard_address(test->family, 0);
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(connect(s, &at.any, at.length) == SOCKET_ERROR, WSAEADDRNOTAVAIL);
}

static void connect_listening(const struct test *test)
{
    struct address at;
    open_listener(test->family, &at);
    SOCKET listener = open_listener(test->family, NULL);
    CHECK_FAILS(connect(listener, &at.any, at.length) == SOCKET_ERROR, WSAEINVAL);
}

/* --- data and names --- */

static void send_unconnected(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(send(s, "x", 1, 0) == SOCKET_ERROR, WSAENOTCONN);
    number_ = 0;
    CHECK_FAILS(WSASend(s, &buffer_, 1, &number_, 0, NULL, NULL) == SOCKET_ERROR, WSAENOTCONN);
}

static void receive_unconnected(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(recv(s, bytes_, 1, 0) == SOCKET_ERROR, WSAENOTCONN);
    number_ = 0;
    CHECK_FAILS(WSARecv(s, &buffer_, 1, &number_, &number_, NULL, NULL) == SOCKET_ERROR, WSAENOTCONN);
}

static void peer_unconnected(const struct test *test)
{
    struct address address = {.length = sizeof address.storage};
    CHECK_FAILS(getpeername(open_bound(test->family, SOCK_STREAM, NULL), &address.any, &address.length) == SOCKET_ERROR,
                WSAENOTCONN);
}

static void name_unbound(const struct test *test)
{
    struct address address = {.length = sizeof address.storage};
    CHECK_FAILS(getsockname(open_socket(test->family, SOCK_STREAM), &address.any, &address.length) == SOCKET_ERROR,
                WSAEINVAL);
}

static void name_short(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct address address = {.length = 4};
    CHECK_FAILS(getsockname(pair.client, &address.any, &address.length) == SOCKET_ERROR, WSAEFAULT);
    address.length = 4;
    CHECK_FAILS(getpeername(pair.client, &address.any, &address.length) == SOCKET_ERROR, WSAEFAULT);
}

static void name_null(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct address address = {.length = sizeof address.storage};
    CHECK_FAILS(getsockname(pair.client, NULL, &address.length) == SOCKET_ERROR, WSAEFAULT);
    CHECK_FAILS(getpeername(pair.client, NULL, &address.length) == SOCKET_ERROR, WSAEFAULT);
}

static void receive_null(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    send_text(pair.client, "x");
    REQUIRE(wait_available(pair.server, 1));
    CHECK_FAILS(recv(pair.server, NULL, 1, 0) == SOCKET_ERROR, WSAEFAULT);
    expect_text(pair.server, "x");
}

static void receive_from_short_address(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    struct address from = {.length = 4};
    char buffer[4];
    send_text(pair.client, "x");
    REQUIRE(wait_readable(pair.server));
    CHECK_FAILS(recvfrom(pair.server, buffer, sizeof buffer, 0, &from.any, &from.length) == SOCKET_ERROR, WSAEFAULT);
}

static void send_null_buffers(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    DWORD sent = 0;
    CHECK_FAILS(WSASend(pair.client, NULL, 1, &sent, 0, NULL, NULL) == SOCKET_ERROR, WSAEFAULT);
}

static void send_without_destination(const struct test *test)
{
    SOCKET s = open_bound(test->family, SOCK_DGRAM, NULL);
    CHECK_FAILS(sendto(s, "x", 1, 0, &(struct sockaddr){.sa_family = AF_INET}, 2) == SOCKET_ERROR, WSAEFAULT);
}

/* --- options and commands --- */

static void option_unknown_level(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    int value = 0, size = sizeof value;
    CHECK_FAILS(getsockopt(s, 0x1234, SO_TYPE, (char *)&value, &size) == SOCKET_ERROR, WSAEINVAL);
    CHECK_FAILS(setsockopt(s, 0x1234, SO_KEEPALIVE, (char *)&value, sizeof value) == SOCKET_ERROR, WSAEINVAL);
}

static void option_unknown(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    int value = 0, size = sizeof value;
    CHECK_FAILS(getsockopt(s, SOL_SOCKET, 0x3333, (char *)&value, &size) == SOCKET_ERROR, WSAENOPROTOOPT);
    CHECK_FAILS(setsockopt(s, SOL_SOCKET, 0x3333, (char *)&value, sizeof value) == SOCKET_ERROR, WSAENOPROTOOPT);
}

static void option_null(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    int value = 0, size = sizeof value;
    CHECK_FAILS(getsockopt(s, SOL_SOCKET, SO_TYPE, NULL, &size) == SOCKET_ERROR, WSAEFAULT);
    CHECK_FAILS(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&value, NULL) == SOCKET_ERROR, WSAEFAULT);
    CHECK_FAILS(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, NULL, sizeof value) == SOCKET_ERROR, WSAEFAULT);
}

static void option_short(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    int value = 0, size = 1;
    CHECK_FAILS(getsockopt(s, SOL_SOCKET, SO_RCVBUF, (char *)&value, &size) == SOCKET_ERROR, WSAEFAULT);
    CHECK_FAILS(setsockopt(s, SOL_SOCKET, SO_RCVBUF, (char *)&value, 1) == SOCKET_ERROR, WSAEFAULT);
    size = sizeof value;
    CHECK_FAILS(getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&value, &(int){1}) == SOCKET_ERROR, WSAEFAULT);
}

static void command_null(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(ioctlsocket(s, FIONBIO, NULL) == SOCKET_ERROR, WSAEFAULT);
    CHECK_FAILS(ioctlsocket(s, FIONREAD, NULL) == SOCKET_ERROR, WSAEFAULT);
}

/* --- the last error --- */

static DWORD other_last_error(void *unused)
{
    (void)unused;
    DWORD at_first = (DWORD)WSAGetLastError();
    WSASetLastError(4321);
    return at_first;
}

static void last_error(const struct test *test)
{
    (void)test;
    WSASetLastError(1234);
    CHECK_EQUAL(WSAGetLastError(), 1234);
    CHECK_EQUAL(GetLastError(), 1234);
    CHECK_EQUAL(join_thread(start_thread(other_last_error, NULL)), 0);
    WSASetLastError(5678);
    CHECK_EQUAL(closesocket(INVALID_SOCKET), SOCKET_ERROR);
    CHECK_EQUAL(GetLastError(), WSAENOTSOCK);
}

#define NOT_A_SOCKET(name, call, failure) {"errors/not-a-socket/" #name, not_a_socket, 0, &name##_probe},
#define NOT_INITIALISED(name, call, failure) \
    {"errors/not-initialised/" #name, not_initialised, NO_STARTUP, &name##_probe},

const struct test_case errors_cases[] = {
    SOCKET_FUNCTIONS(NOT_A_SOCKET)
        SOCKET_FUNCTIONS(NOT_INITIALISED){"errors/not-initialised/socket", socket_not_initialised, NO_STARTUP, NULL},
    {"errors/not-initialised/select", select_not_initialised, NO_STARTUP, NULL},
    {"errors/not-initialised/WSAEnumProtocols", enum_not_initialised, NO_STARTUP, NULL},
    {"errors/not-initialised/WSACleanup", cleanup_not_initialised, NO_STARTUP, NULL},
    {"errors/unknown-family", unknown_family, 0, NULL},
    {"errors/unknown-type", unknown_type, BOTH_FAMILIES, NULL},
    {"errors/unknown-protocol", unknown_protocol, BOTH_FAMILIES, NULL},
    {"errors/invalid-protocol-info", invalid_info, BOTH_FAMILIES, NULL},
    {"errors/bind-wrongly", bind_wrongly, BOTH_FAMILIES, NULL},
    {"errors/bind-other-family", bind_other_family, BOTH_FAMILIES, NULL},
    {"errors/bind-twice", bind_twice, BOTH_FAMILIES, NULL},
    {"errors/bind-in-use", bind_in_use, BOTH_FAMILIES, NULL},
    {"errors/bind-not-local", bind_not_local, BOTH_FAMILIES, NULL},
    {"errors/listen-unbound", listen_unbound, BOTH_FAMILIES, NULL},
    {"errors/listen-datagram", listen_datagram, BOTH_FAMILIES, NULL},
    {"errors/listen-connected", listen_connected, BOTH_FAMILIES, NULL},
    {"errors/accept-not-listening", accept_not_listening, BOTH_FAMILIES, NULL},
    {"errors/accept-datagram", accept_datagram, BOTH_FAMILIES, NULL},
    {"errors/accept-short-address", accept_short_address, BOTH_FAMILIES, NULL},
    {"errors/connect-null", connect_null, BOTH_FAMILIES, NULL},
    {"errors/connect-short", connect_short, BOTH_FAMILIES, NULL},
    {"errors/connect-other-family", connect_other_family, BOTH_FAMILIES, NULL},
    {"errors/connect-zero-address", connect_zero_address, BOTH_FAMILIES, NULL},
    {"errors/connect-listening", connect_listening, BOTH_FAMILIES, NULL},
    {"errors/send-unconnected", send_unconnected, BOTH_FAMILIES, NULL},
    {"errors/recv-unconnected", receive_unconnected, BOTH_FAMILIES, NULL},
    {"errors/getpeername-unconnected", peer_unconnected, BOTH_FAMILIES, NULL},
    {"errors/getsockname-unbound", name_unbound, BOTH_FAMILIES, NULL},
    {"errors/name-short", name_short, BOTH_FAMILIES, NULL},
    {"errors/name-null", name_null, BOTH_FAMILIES, NULL},
    {"errors/recv-null", receive_null, BOTH_FAMILIES, NULL},
    {"errors/recvfrom-short-address", receive_from_short_address, BOTH_FAMILIES, NULL},
    {"errors/WSASend-null", send_null_buffers, BOTH_FAMILIES, NULL},
    {"errors/sendto-short-address", send_without_destination, BOTH_FAMILIES, NULL},
    {"errors/option-unknown-level", option_unknown_level, BOTH_FAMILIES, NULL},
    {"errors/option-unknown", option_unknown, BOTH_FAMILIES, NULL},
    {"errors/option-null", option_null, BOTH_FAMILIES, NULL},
    {"errors/option-short", option_short, BOTH_FAMILIES, NULL},
    {"errors/ioctlsocket-null", command_null, BOTH_FAMILIES, NULL},
    {"errors/last-error", last_error, 0, NULL},
    {0},
};
