/* Addresses and strings, byte order, names of numbers. Expected values: the pages WSAAddressToString,
 * WSAStringToAddress, inet_ntop, inet_pton, inet_addr, inet_ntoa, getaddrinfo, getnameinfo, htonl, WSAHtonl; the text
 * form of IPv6 addresses is that of RFC 5952. */
#include <stdio.h>
#include <string.h>

#include "net.h"

struct text {
    int family;
    const char *text;
    unsigned char bytes[16];
    unsigned short port;
    unsigned scope;
};

static const struct text texts[] = {
    {AF_INET, "127.0.0.1", {127, 0, 0, 1}, 0, 0},
    {AF_INET, "192.168.16.0", {192, 168, 16, 0}, 0, 0},
    {AF_INET, "255.255.255.255", {255, 255, 255, 255}, 0, 0},
    {AF_INET, "10.1.2.3:80", {10, 1, 2, 3}, 80, 0},
    {AF_INET, "0.0.0.0:65535", {0, 0, 0, 0}, 65535, 0},
    {AF_INET6, "::1", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0, 0},
    {AF_INET6, "::", {0}, 0, 0},
    {AF_INET6, "2001:db8::1", {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0, 0},
    {AF_INET6, "[2001:db8::1]:443", {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 443, 0},
    {AF_INET6, "fe80::1%5", {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0, 5},
    {AF_INET6, "[fe80::1%5]:80", {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 80, 5},
};
enum { TEXTS = sizeof texts / sizeof *texts };

static struct address binary(const struct text *text)
{
    struct address address = wildcard_address(text->family, text->port);
    if (text->family == AF_INET)
        memcpy(&address.v4.sin_addr, text->bytes, 4);
    else {
        memcpy(&address.v6.sin6_addr, text->bytes, 16);
        address.v6.sin6_scope_id = text->scope;
    }
    return address;
}

static void widen(const char *text, wchar_t *wide)
{
    MultiByteToWideChar(CP_ACP, 0, text, -1, wide, 64);
}

static void check_text(const char *got, const struct text *expected)
{
    harness_check(strcmp(got, expected->text) == 0, __FILE__, __LINE__, "'%s', not '%s'", got, expected->text);
}

static void to_string(const struct test *test)
{
    for (int i = 0; i < TEXTS; i++) {
        char string[64] = "";
        DWORD length = sizeof string;
        struct address address = binary(&texts[i]);
        if (texts[i].family != test->family)
            continue;
        CHECK_EQUAL(WSAAddressToStringA(&address.any, (DWORD)address.length, NULL, string, &length), 0);
        check_text(string, &texts[i]);
        CHECK_EQUAL(length, strlen(texts[i].text) + 1);
    }
}

static void to_wide_string(const struct test *test)
{
    for (int i = 0; i < TEXTS; i++) {
        wchar_t string[64] = L"", expected[64];
        DWORD length = 64;
        struct address address = binary(&texts[i]);
        if (texts[i].family != test->family)
            continue;
        widen(texts[i].text, expected);
        CHECK_EQUAL(WSAAddressToStringW(&address.any, (DWORD)address.length, NULL, string, &length), 0);
        CHECK(wcscmp(string, expected) == 0);
        CHECK_EQUAL(length, wcslen(expected) + 1);
    }
}

static void check_parsed(const struct address *got, const struct text *text)
{
    struct address expected = binary(text);
    CHECK_EQUAL(got->length, expected.length);
    harness_check(same_address(got, &expected), __FILE__, __LINE__, "'%s' is another address", text->text);
    if (text->family == AF_INET6)
        CHECK_EQUAL(got->v6.sin6_scope_id, text->scope);
}

static void from_string(const struct test *test)
{
    for (int i = 0; i < TEXTS; i++) {
        struct address address = {.length = sizeof address.storage};
        char string[64];
        if (texts[i].family != test->family)
            continue;
        snprintf(string, sizeof string, "%s", texts[i].text);
        CHECK_EQUAL(WSAStringToAddressA(string, test->family, NULL, &address.any, &address.length), 0);
        check_parsed(&address, &texts[i]);
    }
}

static void from_wide_string(const struct test *test)
{
    for (int i = 0; i < TEXTS; i++) {
        struct address address = {.length = sizeof address.storage};
        wchar_t string[64];
        if (texts[i].family != test->family)
            continue;
        widen(texts[i].text, string);
        CHECK_EQUAL(WSAStringToAddressW(string, test->family, NULL, &address.any, &address.length), 0);
        check_parsed(&address, &texts[i]);
    }
}

/* With the structure of a provider the call goes to that provider. */
static void with_provider(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    WSAPROTOCOL_INFOW info;
    struct address address = loopback_address(test->family, 99), back = {.length = sizeof back.storage};
    wchar_t string[64];
    DWORD length = 64;
    int size = sizeof info;
    REQUIRE(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &size) == 0);
    CHECK_EQUAL(WSAAddressToStringW(&address.any, (DWORD)address.length, &info, string, &length), 0);
    CHECK(wcscmp(string, test->family == AF_INET ? L"127.0.0.1:99" : L"[::1]:99") == 0);
    CHECK_EQUAL(WSAStringToAddressW(string, test->family, &info, &back.any, &back.length), 0);
    CHECK(same_address(&address, &back));
}

/* WSAEFAULT, and the length that would do. */
static void string_too_short(const struct test *test)
{
    struct address address = loopback_address(test->family, 0);
    char string[4];
    wchar_t wide[4];
    DWORD length = 2, expected = test->family == AF_INET ? sizeof "127.0.0.1" : sizeof "::1";
    CHECK_FAILS(WSAAddressToStringA(&address.any, (DWORD)address.length, NULL, string, &length) == SOCKET_ERROR,
                WSAEFAULT);
    CHECK_EQUAL(length, expected);
    length = 2;
    CHECK_FAILS(WSAAddressToStringW(&address.any, (DWORD)address.length, NULL, wide, &length) == SOCKET_ERROR,
                WSAEFAULT);
    CHECK_EQUAL(length, expected);
}

static void address_too_short(const struct test *test)
{
    struct address address = loopback_address(test->family, 0), got = {.length = 4};
    char string[64];
    DWORD length = sizeof string;
    CHECK_EQUAL(WSAAddressToStringA(&address.any, (DWORD)address.length, NULL, string, &length), 0);
    CHECK_FAILS(WSAStringToAddressA(string, test->family, NULL, &got.any, &got.length) == SOCKET_ERROR, WSAEFAULT);
    CHECK_EQUAL(got.length, address.length);
}

static void to_string_wrongly(const struct test *test)
{
    struct address address = loopback_address(test->family, 0);
    char string[64];
    DWORD length = sizeof string;
    CHECK_FAILS(WSAAddressToStringA(NULL, (DWORD)address.length, NULL, string, &length) == SOCKET_ERROR, WSAEINVAL);
    CHECK_FAILS(WSAAddressToStringA(&address.any, (DWORD)address.length, NULL, string, NULL) == SOCKET_ERROR,
                WSAEINVAL);
    address.any.sa_family = 12345;
    CHECK_FAILS(WSAAddressToStringA(&address.any, (DWORD)address.length, NULL, string, &length) == SOCKET_ERROR,
                WSAEINVAL);
}

static void from_wrong_string(const struct test *test)
{
    static const char *const wrong[] = {"",          "no address", "1.2.3.4.5", "256.1.1.1", "1.2.3.4:99999",
                                        ":::",       "1:2:3",      "12345::1",  "[::1",      "::1]:80",
                                        "1.2.3.4 x", "::1::2",     "g::1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct address address = {.length = sizeof address.storage};
        char string[64];
        snprintf(string, sizeof string, "%s", wrong[i]);
        CHECK_FAILS(WSAStringToAddressA(string, test->family, NULL, &address.any, &address.length) == SOCKET_ERROR,
                    WSAEINVAL);
    }
}

static void presentation(const struct test *test)
{
    struct address address = loopback_address(test->family, 0);
    const void *bytes = test->family == AF_INET ? (void *)&address.v4.sin_addr : (void *)&address.v6.sin6_addr;
    size_t size = test->family == AF_INET ? 4 : 16;
    const char *text = test->family == AF_INET ? "127.0.0.1" : "::1";
    char string[64], back[16];
    wchar_t wide[64];
    CHECK(inet_ntop(test->family, (void *)bytes, string, sizeof string) == string);
    CHECK(strcmp(string, text) == 0);
    CHECK_EQUAL(inet_pton(test->family, text, back), 1);
    CHECK(memcmp(back, bytes, size) == 0);
    CHECK_EQUAL(inet_pton(test->family, "nonsense", back), 0);
    CHECK(InetNtopW(test->family, (void *)bytes, wide, 64) == wide);
    CHECK_EQUAL(InetPtonW(test->family, wide, back), 1);
    CHECK(memcmp(back, bytes, size) == 0);
}

static void old_functions(const struct test *test)
{
    (void)test;
    struct in_addr address = {.s_addr = htonl(0x01020304)};
    CHECK(strcmp(inet_ntoa(address), "1.2.3.4") == 0);
    CHECK_EQUAL(inet_addr("1.2.3.4"), address.s_addr);
    CHECK_EQUAL(inet_addr("1.2.3.400"), INADDR_NONE);
    CHECK_EQUAL(htonl(0x01020304), 0x04030201);
    CHECK_EQUAL(ntohl(0x04030201), 0x01020304);
    CHECK_EQUAL(htons(0x0102), 0x0201);
    CHECK_EQUAL(ntohs(0x0201), 0x0102);
}

/* The order of the socket's protocol, which for TCP/IP is the network's. */
static void order_of_socket(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    u_long long_value = 0;
    u_short short_value = 0;
    CHECK_EQUAL(WSAHtonl(s, 0x01020304, &long_value), 0);
    CHECK_EQUAL(long_value, 0x04030201);
    CHECK_EQUAL(WSANtohl(s, 0x04030201, &long_value), 0);
    CHECK_EQUAL(long_value, 0x01020304);
    CHECK_EQUAL(WSAHtons(s, 0x0102, &short_value), 0);
    CHECK_EQUAL(short_value, 0x0201);
    CHECK_EQUAL(WSANtohs(s, 0x0201, &short_value), 0);
    CHECK_EQUAL(short_value, 0x0102);
}

static void order_null(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(WSAHtonl(s, 1, NULL) == SOCKET_ERROR, WSAEFAULT);
    CHECK_FAILS(WSAHtons(s, 1, NULL) == SOCKET_ERROR, WSAEFAULT);
    CHECK_FAILS(WSANtohl(s, 1, NULL) == SOCKET_ERROR, WSAEFAULT);
    CHECK_FAILS(WSANtohs(s, 1, NULL) == SOCKET_ERROR, WSAEFAULT);
}

static void address_info(const struct test *test)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_family = test->family, .ai_socktype = SOCK_STREAM}, *found;
    ADDRINFOW wide_hints = {.ai_flags = AI_NUMERICHOST, .ai_family = test->family, .ai_socktype = SOCK_STREAM}, *wide;
    struct address expected = loopback_address(test->family, 8080);
    const char *host = test->family == AF_INET ? "127.0.0.1" : "::1";
    REQUIRE(getaddrinfo(host, "8080", &hints, &found) == 0);
    CHECK_EQUAL(found->ai_family, test->family);
    CHECK_EQUAL(found->ai_addrlen, expected.length);
    CHECK(same_address((struct address *)found->ai_addr, &expected));
    freeaddrinfo(found);
    REQUIRE(GetAddrInfoW(test->family == AF_INET ? L"127.0.0.1" : L"::1", L"8080", &wide_hints, &wide) == 0);
    CHECK(same_address((struct address *)wide->ai_addr, &expected));
    FreeAddrInfoW(wide);
    CHECK_EQUAL(getaddrinfo("no number", NULL, &hints, &found), EAI_NONAME);
}

static void name_info(const struct test *test)
{
    struct address address = loopback_address(test->family, 8080);
    char host[64] = "", service[16] = "";
    CHECK_EQUAL(getnameinfo(&address.any, address.length, host, sizeof host, service, sizeof service,
                            NI_NUMERICHOST | NI_NUMERICSERV),
                0);
    CHECK(strcmp(host, test->family == AF_INET ? "127.0.0.1" : "::1") == 0);
    CHECK(strcmp(service, "8080") == 0);
}

static void host_name(const struct test *test)
{
    (void)test;
    char name[256] = "";
    char small[1];
    CHECK_EQUAL(gethostname(name, sizeof name), 0);
    CHECK(name[0] != '\0');
    CHECK_FAILS(gethostname(small, sizeof small) == SOCKET_ERROR, WSAEFAULT);
}

const struct test_case addresses_cases[] = {
    {"addresses/WSAAddressToStringA", to_string, BOTH_FAMILIES, NULL},
    {"addresses/WSAAddressToStringW", to_wide_string, BOTH_FAMILIES, NULL},
    {"addresses/WSAStringToAddressA", from_string, BOTH_FAMILIES, NULL},
    {"addresses/WSAStringToAddressW", from_wide_string, BOTH_FAMILIES, NULL},
    {"addresses/with-provider", with_provider, BOTH_FAMILIES, NULL},
    {"addresses/string-too-short", string_too_short, BOTH_FAMILIES, NULL},
    {"addresses/address-too-short", address_too_short, BOTH_FAMILIES, NULL},
    {"addresses/to-string-wrongly", to_string_wrongly, BOTH_FAMILIES, NULL},
    {"addresses/from-wrong-string", from_wrong_string, BOTH_FAMILIES, NULL},
    {"addresses/inet_ntop-inet_pton", presentation, BOTH_FAMILIES, NULL},
    {"addresses/inet_addr-and-order", old_functions, 0, NULL},
    {"addresses/order-of-socket", order_of_socket, BOTH_FAMILIES, NULL},
    {"addresses/order-null", order_null, BOTH_FAMILIES, NULL},
    {"addresses/getaddrinfo", address_info, BOTH_FAMILIES, NULL},
    {"addresses/getnameinfo", name_info, BOTH_FAMILIES, NULL},
    {"addresses/gethostname", host_name, 0, NULL},
    {0},
};
