/* What protocols there are, and sockets made from what is listed. Expected values: the pages WSAEnumProtocols,
 * WSAPROTOCOL_INFO, WSASocket, socket, WSAEnumNameSpaceProviders, WSAProviderConfigChange. */
#include <stdlib.h>
#include <string.h>

#include "net.h"

enum { MAX_PROTOCOLS = 64 };

static WSAPROTOCOL_INFOW list[MAX_PROTOCOLS];

static int list_protocols(void)
{
    DWORD size = sizeof list;
    int count = WSAEnumProtocolsW(NULL, list, &size);
    REQUIRE(count > 0 && count <= MAX_PROTOCOLS);
    return count;
}

static const WSAPROTOCOL_INFOW *find(int family, int type, int protocol)
{
    int count = list_protocols();
    for (int i = 0; i < count; i++) {
        if (list[i].iAddressFamily == family && list[i].iSocketType == type && list[i].iProtocol == protocol)
            return &list[i];
    }
    return NULL;
}

static void tcp_entry(const struct test *test)
{
    const WSAPROTOCOL_INFOW *info = find(test->family, SOCK_STREAM, IPPROTO_TCP);
    REQUIRE(info != NULL);
    int size = test->family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    CHECK_EQUAL(info->iVersion, 2);
    CHECK_EQUAL(info->iMinSockAddr, size);
    CHECK_EQUAL(info->iMaxSockAddr, size);
    CHECK_EQUAL(info->iNetworkByteOrder, BIGENDIAN);
    CHECK_EQUAL(info->dwMessageSize, 0);
    CHECK_EQUAL(info->iProtocolMaxOffset, 0);
    DWORD set = XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER | XP1_GRACEFUL_CLOSE | XP1_EXPEDITED_DATA;
    CHECK_EQUAL(info->dwServiceFlags1 & set, set);
    CHECK_EQUAL(info->dwServiceFlags1 & (XP1_CONNECTIONLESS | XP1_MESSAGE_ORIENTED), 0);
    CHECK(info->szProtocol[0] != L'\0');
}

static void udp_entry(const struct test *test)
{
    const WSAPROTOCOL_INFOW *info = find(test->family, SOCK_DGRAM, IPPROTO_UDP);
    REQUIRE(info != NULL);
    DWORD set = XP1_CONNECTIONLESS | XP1_MESSAGE_ORIENTED;
    CHECK_EQUAL(info->dwServiceFlags1 & set, set);
    CHECK_EQUAL(info->dwServiceFlags1 & (XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER), 0);
    CHECK(info->dwMessageSize >= 65467 && info->dwMessageSize <= 65527);
}

/* Only base protocols and chains, and none that is hidden; ids and order say which is which. */
static void entries(const struct test *test)
{
    (void)test;
    int count = list_protocols();
    for (int i = 0; i < count; i++) {
        CHECK(list[i].ProtocolChain.ChainLen >= 1 && list[i].ProtocolChain.ChainLen <= MAX_PROTOCOL_CHAIN);
        CHECK_EQUAL(list[i].dwProviderFlags & PFL_HIDDEN, 0);
        CHECK(list[i].dwCatalogEntryId != 0);
        for (int j = 0; j < i; j++)
            CHECK(list[i].dwCatalogEntryId != list[j].dwCatalogEntryId);
    }
}

static void needed_size(const struct test *test)
{
    (void)test;
    int count = list_protocols();
    DWORD size = 0;
    CHECK_FAILS(WSAEnumProtocolsW(NULL, NULL, &size) == SOCKET_ERROR, WSAENOBUFS);
    CHECK_EQUAL(size, (DWORD)count * sizeof(WSAPROTOCOL_INFOW));
    size = sizeof(WSAPROTOCOL_INFOW) - 1;
    CHECK_FAILS(WSAEnumProtocolsW(NULL, list, &size) == SOCKET_ERROR, WSAENOBUFS);
    size = (DWORD)count * sizeof(WSAPROTOCOL_INFOW);
    CHECK_EQUAL(WSAEnumProtocolsW(NULL, list, &size), count);
    size = 0;
    CHECK_FAILS(WSAEnumProtocolsA(NULL, NULL, &size) == SOCKET_ERROR, WSAENOBUFS);
    CHECK_EQUAL(size, (DWORD)count * sizeof(WSAPROTOCOL_INFOA));
}

/* Whatever the size given. */
static void no_buffer(const struct test *test)
{
    (void)test;
    DWORD size = sizeof list, needed = (DWORD)list_protocols() * sizeof(WSAPROTOCOL_INFOW);
    int wanted[] = {IPPROTO_TCP, 0};
    CHECK_FAILS(WSAEnumProtocolsW(NULL, NULL, &size) == SOCKET_ERROR, WSAENOBUFS);
    CHECK_EQUAL(size, needed);
    size = sizeof list;
    CHECK_FAILS(WSAEnumProtocolsA(wanted, NULL, &size) == SOCKET_ERROR, WSAENOBUFS);
    CHECK(size >= sizeof(WSAPROTOCOL_INFOA) && size <= needed);
}

static void no_size(const struct test *test)
{
    (void)test;
    CHECK_FAILS(WSAEnumProtocolsW(NULL, list, NULL) == SOCKET_ERROR, WSAEFAULT);
}

static void filtered(const struct test *test)
{
    (void)test;
    int wanted[] = {IPPROTO_TCP, 0}, all = list_protocols(), tcp = 0;
    for (int i = 0; i < all; i++)
        tcp += list[i].iProtocol == IPPROTO_TCP;
    DWORD size = sizeof list;
    CHECK_EQUAL(WSAEnumProtocolsW(wanted, list, &size), tcp);
    for (int i = 0; i < tcp; i++)
        CHECK_EQUAL(list[i].iProtocol, IPPROTO_TCP);
}

static void filtered_to_none(const struct test *test)
{
    (void)test;
    int wanted[] = {251, 0};
    DWORD size = sizeof list;
    CHECK_EQUAL(WSAEnumProtocolsW(wanted, list, &size), 0);
}

static void narrow(const struct test *test)
{
    (void)test;
    static WSAPROTOCOL_INFOA narrow_list[MAX_PROTOCOLS];
    DWORD size = sizeof narrow_list;
    wchar_t name[WSAPROTOCOL_LEN + 1];
    int count = list_protocols();
    REQUIRE(WSAEnumProtocolsA(NULL, narrow_list, &size) == count);
    for (int i = 0; i < count; i++) {
        CHECK(memcmp(&narrow_list[i], &list[i], offsetof(WSAPROTOCOL_INFOA, szProtocol)) == 0);
        MultiByteToWideChar(CP_ACP, 0, narrow_list[i].szProtocol, -1, name, WSAPROTOCOL_LEN + 1);
        CHECK(wcscmp(name, list[i].szProtocol) == 0);
    }
}

static void check_made(SOCKET s, int family, int type, int protocol)
{
    WSAPROTOCOL_INFOW info;
    int size = sizeof info;
    REQUIRE(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &size) == 0);
    CHECK_EQUAL(info.iAddressFamily, family);
    CHECK_EQUAL(info.iSocketType, type);
    CHECK_EQUAL(info.iProtocol, protocol);
}

/* The entry of a socket is the first one listed that fits. */
static void first_fitting(const struct test *test)
{
    const WSAPROTOCOL_INFOW *expected = find(test->family, SOCK_STREAM, IPPROTO_TCP);
    WSAPROTOCOL_INFOW info;
    int size = sizeof info;
    REQUIRE(expected != NULL);
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    REQUIRE(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &size) == 0);
    CHECK_EQUAL(info.dwCatalogEntryId, expected->dwCatalogEntryId);
    CHECK(memcmp(&info.ProviderId, &expected->ProviderId, sizeof info.ProviderId) == 0);
}

static void from_info(const struct test *test)
{
    const WSAPROTOCOL_INFOW *tcp = find(test->family, SOCK_STREAM, IPPROTO_TCP);
    REQUIRE(tcp != NULL);
    WSAPROTOCOL_INFOW info = *tcp;
    SOCKET s = own_socket(
        WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED));
    check_made(s, test->family, SOCK_STREAM, IPPROTO_TCP);
    struct address at;
    open_listener(test->family, &at);
    CHECK_EQUAL(connect(s, &at.any, at.length), 0);
    /* Explicit values beside the structure. */
    check_made(own_socket(WSASocketW(test->family, SOCK_STREAM, IPPROTO_TCP, &info, 0, WSA_FLAG_OVERLAPPED)),
               test->family, SOCK_STREAM, IPPROTO_TCP);
}

static void from_narrow_info(const struct test *test)
{
    static WSAPROTOCOL_INFOA narrow_list[MAX_PROTOCOLS];
    DWORD size = sizeof narrow_list;
    int count = WSAEnumProtocolsA(NULL, narrow_list, &size), i = 0;
    while (i < count && (narrow_list[i].iAddressFamily != test->family || narrow_list[i].iProtocol != IPPROTO_UDP))
        i++;
    REQUIRE(i < count);
    SOCKET s = own_socket(WSASocketA(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &narrow_list[i], 0,
                                     WSA_FLAG_OVERLAPPED));
    check_made(s, test->family, SOCK_DGRAM, IPPROTO_UDP);
}

/* The structure names an entry; its numbers, where the call has none of its own, must be numbers. */
static void from_no_numbers(const struct test *test)
{
    const WSAPROTOCOL_INFOW *tcp = find(test->family, SOCK_STREAM, IPPROTO_TCP);
    REQUIRE(tcp != NULL);
    WSAPROTOCOL_INFOW info = *tcp;
    WSAPROTOCOL_INFOA narrow_info;
    info.iAddressFamily = info.iSocketType = info.iProtocol = -1;
    CHECK_FAILS(WSASocketW(0, 0, IPPROTO_UDP, &info, 0, 0) == INVALID_SOCKET, WSAEAFNOSUPPORT);
    memcpy(&narrow_info, &info, offsetof(WSAPROTOCOL_INFOA, szProtocol));
    narrow_info.szProtocol[0] = '\0';
    CHECK_FAILS(WSASocketA(0, 0, IPPROTO_UDP, &narrow_info, 0, 0) == INVALID_SOCKET, WSAEAFNOSUPPORT);
    info.iAddressFamily = info.iSocketType = info.iProtocol = 0;
    CHECK_FAILS(WSASocketW(0, 0, IPPROTO_UDP, &info, 0, 0) == INVALID_SOCKET, WSAEAFNOSUPPORT);
    check_made(own_socket(WSASocketW(test->family, SOCK_STREAM, IPPROTO_TCP, &info, 0, 0)), test->family, SOCK_STREAM,
               IPPROTO_TCP);
}

/* Zero stands for any: type from the protocol, protocol from the type. */
static void wildcards(const struct test *test)
{
    check_made(own_socket(socket(test->family, SOCK_STREAM, 0)), test->family, SOCK_STREAM, IPPROTO_TCP);
    check_made(own_socket(socket(test->family, SOCK_DGRAM, 0)), test->family, SOCK_DGRAM, IPPROTO_UDP);
    check_made(own_socket(socket(test->family, 0, IPPROTO_TCP)), test->family, SOCK_STREAM, IPPROTO_TCP);
    check_made(own_socket(socket(test->family, 0, IPPROTO_UDP)), test->family, SOCK_DGRAM, IPPROTO_UDP);
}

static void family_wildcard(const struct test *test)
{
    (void)test;
    WSAPROTOCOL_INFOW info;
    int size = sizeof info;
    SOCKET s = own_socket(socket(AF_UNSPEC, SOCK_STREAM, IPPROTO_TCP));
    REQUIRE(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &size) == 0);
    CHECK_EQUAL(info.iSocketType, SOCK_STREAM);
    CHECK_EQUAL(info.iProtocol, IPPROTO_TCP);
}

static void name_spaces(const struct test *test)
{
    (void)test;
    static union {
        WSANAMESPACE_INFOW wide;
        WSANAMESPACE_INFOA narrow;
        char room[16384];
    } spaces;
    DWORD size = sizeof spaces;
    int count = WSAEnumNameSpaceProvidersW(&size, &spaces.wide);
    CHECK(count > 0);
    size = sizeof spaces;
    CHECK_EQUAL(WSAEnumNameSpaceProvidersA(&size, &spaces.narrow), count);
    size = 0;
    CHECK_FAILS(WSAEnumNameSpaceProvidersW(&size, NULL) == SOCKET_ERROR, WSAEFAULT);
    CHECK(size > 0);
}

/* WSAProviderConfigChange: with a handle of NULL it gives one; then it waits, overlapped. */
static void config_change(const struct test *test)
{
    (void)test;
    HANDLE handle = NULL;
    CHECK_EQUAL(WSAProviderConfigChange(&handle, NULL, NULL), 0);
    CHECK(handle != NULL);
    if (handle != NULL)
        own_handle(handle);
}

const struct test_case enum_cases[] = {
    {"enum/tcp-entry", tcp_entry, BOTH_FAMILIES, NULL},
    {"enum/udp-entry", udp_entry, BOTH_FAMILIES, NULL},
    {"enum/entries", entries, 0, NULL},
    {"enum/needed-size", needed_size, 0, NULL},
    {"enum/no-buffer", no_buffer, 0, NULL},
    {"enum/no-size", no_size, 0, NULL},
    {"enum/filtered", filtered, 0, NULL},
    {"enum/filtered-to-none", filtered_to_none, 0, NULL},
    {"enum/WSAEnumProtocolsA", narrow, 0, NULL},
    {"enum/first-fitting", first_fitting, BOTH_FAMILIES, NULL},
    {"enum/from-info", from_info, BOTH_FAMILIES, NULL},
    {"enum/from-narrow-info", from_narrow_info, BOTH_FAMILIES, NULL},
    {"enum/from-no-numbers", from_no_numbers, BOTH_FAMILIES, NULL},
    {"enum/wildcards", wildcards, BOTH_FAMILIES, NULL},
    {"enum/family-wildcard", family_wildcard, 0, NULL},
    {"enum/WSAEnumNameSpaceProviders", name_spaces, 0, NULL},
    {"enum/WSAProviderConfigChange", config_change, 0, NULL},
    {0},
};
