/* ioctlsocket and WSAIoctl. Expected values: their pages and "Winsock IOCTLs". */
#include <string.h>

#include "overlapped.h"

#ifndef SIO_BASE_HANDLE
#define SIO_BASE_HANDLE _WSAIOR(IOC_WS2, 34)
#endif
#ifndef SIO_BSP_HANDLE
#define SIO_BSP_HANDLE _WSAIOR(IOC_WS2, 27)
#endif
#ifndef SIO_BSP_HANDLE_SELECT
#define SIO_BSP_HANDLE_SELECT _WSAIOR(IOC_WS2, 28)
#endif
#ifndef SIO_BSP_HANDLE_POLL
#define SIO_BSP_HANDLE_POLL _WSAIOR(IOC_WS2, 29)
#endif
#ifndef SIO_KEEPALIVE_VALS
#define SIO_KEEPALIVE_VALS _WSAIOW(IOC_VENDOR, 4)
#endif

struct keepalive_values {
    u_long on, time, interval;
};

static void nonblocking(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    u_long on = 1;
    DWORD bytes = 0;
    char byte;
    CHECK_EQUAL(WSAIoctl(pair.server, FIONBIO, &on, sizeof on, NULL, 0, &bytes, NULL, NULL), 0);
    CHECK_FAILS(recv(pair.server, &byte, 1, 0) == SOCKET_ERROR, WSAEWOULDBLOCK);
    on = 0;
    CHECK_EQUAL(ioctlsocket(pair.server, FIONBIO, &on), 0);
    send_text(pair.client, "x");
    CHECK_EQUAL(recv(pair.server, &byte, 1, 0), 1);
}

/* FIONREAD of a stream: what one recv could give. */
static void available(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    u_long count = 99;
    DWORD bytes = 0;
    CHECK_EQUAL(ioctlsocket(pair.server, FIONREAD, &count), 0);
    CHECK_EQUAL(count, 0);
    send_text(pair.client, "12345");
    REQUIRE(wait_available(pair.server, 5));
    CHECK_EQUAL(WSAIoctl(pair.server, FIONREAD, NULL, 0, &count, sizeof count, &bytes, NULL, NULL), 0);
    CHECK_EQUAL(count, 5);
    CHECK_EQUAL(bytes, sizeof count);
}

/* FIONREAD of a message-oriented socket: no more than the first datagram, never two of them. */
static void available_datagram(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    u_long count = 99;
    send_text(pair.client, "first");
    send_text(pair.client, "second");
    REQUIRE(wait_available(pair.server, 5));
    CHECK_EQUAL(ioctlsocket(pair.server, FIONREAD, &count), 0);
    CHECK(count == 5 || count == 11);
    expect_text(pair.server, "first");
}

static SOCKET base_handle(SOCKET s, DWORD code)
{
    SOCKET base = INVALID_SOCKET;
    DWORD bytes = 0;
    REQUIRE(WSAIoctl(s, code, NULL, 0, &base, sizeof base, &bytes, NULL, NULL) == 0);
    CHECK_EQUAL(bytes, sizeof base);
    REQUIRE(base != INVALID_SOCKET);
    return base;
}

/* The base provider's handle is a socket like the one asked for: what libraries go on with. */
static void base(const struct test *test)
{
    const DWORD *code = test->data;
    struct pair pair = open_pair(test->family);
    struct address at = local_address(pair.server);
    SOCKET s = base_handle(pair.server, *code);
    struct address same = local_address(s);
    CHECK(same_address(&at, &same));
    send_text(pair.client, "base");
    expect_text(s, "base");
    CHECK_EQUAL(base_handle(s, *code), s);
}

static const DWORD base_code = SIO_BASE_HANDLE, bsp_code = SIO_BSP_HANDLE, bsp_select_code = SIO_BSP_HANDLE_SELECT,
                   bsp_poll_code = SIO_BSP_HANDLE_POLL;

static void base_short(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM), base;
    DWORD bytes;
    CHECK_FAILS(WSAIoctl(s, SIO_BASE_HANDLE, NULL, 0, &base, 1, &bytes, NULL, NULL) == SOCKET_ERROR, WSAEFAULT);
}

static void keepalive(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct keepalive_values values = {1, 60000, 1000};
    DWORD bytes;
    CHECK_EQUAL(WSAIoctl(pair.client, SIO_KEEPALIVE_VALS, &values, sizeof values, NULL, 0, &bytes, NULL, NULL), 0);
}

static void keepalive_datagram(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_DGRAM);
    struct keepalive_values values = {1, 60000, 1000};
    DWORD bytes;
    CHECK_FAILS(WSAIoctl(s, SIO_KEEPALIVE_VALS, &values, sizeof values, NULL, 0, &bytes, NULL, NULL) == SOCKET_ERROR,
                WSAENOPROTOOPT);
}

static void broadcast_address(const struct test *test)
{
    (void)test;
    struct sockaddr_in address;
    DWORD bytes = 0;
    SOCKET s = open_socket(AF_INET, SOCK_DGRAM);
    CHECK_EQUAL(WSAIoctl(s, SIO_GET_BROADCAST_ADDRESS, NULL, 0, &address, sizeof address, &bytes, NULL, NULL), 0);
    CHECK_EQUAL(address.sin_addr.s_addr, INADDR_BROADCAST);
}

static void interface_list(const struct test *test)
{
    (void)test;
    static INTERFACE_INFO list[64];
    DWORD bytes = 0, loopbacks = 0;
    SOCKET s = open_socket(AF_INET, SOCK_DGRAM);
    REQUIRE(WSAIoctl(s, SIO_GET_INTERFACE_LIST, NULL, 0, list, sizeof list, &bytes, NULL, NULL) == 0);
    CHECK(bytes >= sizeof list[0] && bytes % sizeof list[0] == 0);
    for (DWORD i = 0; i < bytes / sizeof list[0]; i++)
        loopbacks += (list[i].iiFlags & IFF_LOOPBACK) != 0;
    CHECK_EQUAL(loopbacks, 1);
}

static void address_list(const struct test *test)
{
    union {
        SOCKET_ADDRESS_LIST list;
        char room[8192];
    } value;
    DWORD bytes = 0;
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    REQUIRE(WSAIoctl(s, SIO_ADDRESS_LIST_QUERY, NULL, 0, &value, sizeof value, &bytes, NULL, NULL) == 0);
    CHECK(bytes >= sizeof(INT));
    for (INT i = 0; i < value.list.iAddressCount; i++)
        CHECK_EQUAL(value.list.Address[i].lpSockaddr->sa_family, test->family);
}

static void route(const struct test *test)
{
    struct address to = loopback_address(test->family, 0), from = {.length = 0};
    DWORD bytes = 0;
    SOCKET s = open_socket(test->family, SOCK_DGRAM);
    CHECK_EQUAL(WSAIoctl(s, SIO_ROUTING_INTERFACE_QUERY, &to.any, (DWORD)to.length, &from.any, sizeof from.storage,
                         &bytes, NULL, NULL),
                0);
    CHECK(same_address(&to, &from));
}

/* SIO_ADDRESS_LIST_CHANGE waits for a change; overlapped it is pending, and can be cancelled. */
static void address_change(const struct test *test)
{
    static struct operation operation;
    DWORD bytes, flags;
    SOCKET s = open_socket(test->family, SOCK_DGRAM);
    init_operation(&operation);
    CHECK_FAILS(WSAIoctl(s, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &bytes, &operation.overlapped, NULL) ==
                    SOCKET_ERROR,
                WSA_IO_PENDING);
    CHECK_EQUAL(result_of(s, &operation, false, &bytes, &flags), WSA_IO_INCOMPLETE);
    CHECK(CancelIo((HANDLE)s));
    CHECK_EQUAL(result_of(s, &operation, true, &bytes, &flags), WSA_OPERATION_ABORTED);
}

static void address_change_nonblocking(const struct test *test)
{
    DWORD bytes;
    SOCKET s = open_socket(test->family, SOCK_DGRAM);
    set_nonblocking(s, true);
    CHECK_FAILS(WSAIoctl(s, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &bytes, NULL, NULL) == SOCKET_ERROR,
                WSAEWOULDBLOCK);
}

static void unknown(const struct test *test)
{
    DWORD bytes;
    char buffer[64];
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    WSASetLastError(0);
    CHECK_EQUAL(
        WSAIoctl(s, _WSAIORW(IOC_VENDOR, 0x7eee), buffer, sizeof buffer, buffer, sizeof buffer, &bytes, NULL, NULL),
        SOCKET_ERROR);
    int error = WSAGetLastError();
    CHECK(error == WSAEINVAL || error == WSAEOPNOTSUPP);
}

static void no_count(const struct test *test)
{
    u_long count;
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(WSAIoctl(s, FIONREAD, NULL, 0, &count, sizeof count, NULL, NULL, NULL) == SOCKET_ERROR, WSAEFAULT);
}

static void short_output(const struct test *test)
{
    DWORD bytes;
    u_long count;
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(WSAIoctl(s, FIONREAD, NULL, 0, &count, 1, &bytes, NULL, NULL) == SOCKET_ERROR, WSAEFAULT);
}

static int routine_calls;
static void CALLBACK routine(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags)
{
    (void)bytes, (void)overlapped, (void)flags;
    CHECK_EQUAL(error, 0);
    routine_calls++;
}

/* A command that is done at once has its completion routine called, too. */
static void with_routine(const struct test *test)
{
    static struct operation operation;
    static u_long on;
    DWORD bytes = 0;
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    memset(&operation, 0, sizeof operation);
    routine_calls = 0;
    on = 1;
    int result = WSAIoctl(s, FIONBIO, &on, sizeof on, NULL, 0, &bytes, &operation.overlapped, routine);
    REQUIRE(result == 0 || WSAGetLastError() == WSA_IO_PENDING);
    for (ULONGLONG end = GetTickCount64() + (ULONGLONG)DEADLINE; routine_calls == 0 && GetTickCount64() < end;)
        SleepEx((DWORD)DEADLINE, TRUE);
    CHECK_EQUAL(routine_calls, 1);
}

const struct test_case ioctl_cases[] = {
    {"ioctl/FIONBIO", nonblocking, BOTH_FAMILIES, NULL},
    {"ioctl/FIONREAD", available, BOTH_FAMILIES, NULL},
    {"ioctl/FIONREAD-datagram", available_datagram, BOTH_FAMILIES, NULL},
    {"ioctl/SIO_BASE_HANDLE", base, BOTH_FAMILIES, &base_code},
    {"ioctl/SIO_BASE_HANDLE-short", base_short, BOTH_FAMILIES, NULL},
    {"ioctl/SIO_BSP_HANDLE", base, BOTH_FAMILIES, &bsp_code},
    {"ioctl/SIO_BSP_HANDLE_SELECT", base, BOTH_FAMILIES, &bsp_select_code},
    {"ioctl/SIO_BSP_HANDLE_POLL", base, BOTH_FAMILIES, &bsp_poll_code},
    {"ioctl/SIO_KEEPALIVE_VALS", keepalive, BOTH_FAMILIES, NULL},
    {"ioctl/SIO_KEEPALIVE_VALS-datagram", keepalive_datagram, BOTH_FAMILIES, NULL},
    {"ioctl/SIO_GET_BROADCAST_ADDRESS", broadcast_address, 0, NULL},
    {"ioctl/SIO_GET_INTERFACE_LIST", interface_list, 0, NULL},
    {"ioctl/SIO_ADDRESS_LIST_QUERY", address_list, BOTH_FAMILIES, NULL},
    {"ioctl/SIO_ROUTING_INTERFACE_QUERY", route, BOTH_FAMILIES, NULL},
    {"ioctl/SIO_ADDRESS_LIST_CHANGE", address_change, BOTH_FAMILIES, NULL},
    {"ioctl/SIO_ADDRESS_LIST_CHANGE-nonblocking", address_change_nonblocking, BOTH_FAMILIES, NULL},
    {"ioctl/unknown", unknown, BOTH_FAMILIES, NULL},
    {"ioctl/no-count", no_count, BOTH_FAMILIES, NULL},
    {"ioctl/short-output", short_output, BOTH_FAMILIES, NULL},
    {"ioctl/with-routine", with_routine, BOTH_FAMILIES, NULL},
    {0},
};
