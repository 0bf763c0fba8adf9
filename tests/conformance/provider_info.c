/* What WSCGetProviderInfo and WSCGetProviderPath say of providers that are not there, and of arguments that are wrong.
 * Expected values: their pages, and what Windows does where these leave more than one answer. */
#include <ws2spi.h>

#include "net.h"

typedef int(WSPAPI *get_info)(GUID *, WSC_PROVIDER_INFO_TYPE, PBYTE, size_t *, DWORD, INT *);
typedef int(WSPAPI *get_path)(GUID *, WCHAR *, INT *, INT *);

static GUID unknown = {0x1b3c5d7e, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};

static void *function(const struct test *test)
{
    void *found = (void *)GetProcAddress(GetModuleHandleA("ws2_32.dll"), test->data);
    if (found == NULL)
        harness_skip("this system has no such function");
    return found;
}

#define CHECK_ERRNO(call, expected)      \
    do {                                 \
        error = 0;                       \
        CHECK_EQUAL(call, SOCKET_ERROR); \
        CHECK_EQUAL(error, expected);    \
    } while (0)

static void info(const struct test *test)
{
    get_info get = (get_info)function(test);
    BYTE buffer[8];
    size_t size = sizeof buffer;
    INT error;
    CHECK_ERRNO(get(&unknown, ProviderInfoLspCategories, buffer, &size, 0, &error), WSANO_RECOVERY);
    CHECK_ERRNO(get(&unknown, (WSC_PROVIDER_INFO_TYPE)-1, buffer, &size, 0, &error), WSANO_RECOVERY);
    CHECK_ERRNO(get(&unknown, ProviderInfoLspCategories, NULL, &size, 0, &error), WSANO_RECOVERY);
    CHECK_ERRNO(get(&unknown, ProviderInfoLspCategories, buffer, NULL, 0, &error), WSANO_RECOVERY);
    size = 0;
    CHECK_ERRNO(get(&unknown, ProviderInfoLspCategories, buffer, &size, 0, &error), WSANO_RECOVERY);
    CHECK_ERRNO(get(NULL, ProviderInfoLspCategories, buffer, &size, 0, &error), WSAEFAULT);
}

static void path(const struct test *test)
{
    get_path get = (get_path)function(test);
    WCHAR buffer[MAX_PATH];
    INT length = MAX_PATH, error;
    CHECK_ERRNO(get(NULL, NULL, NULL, &error), WSAEFAULT);
    CHECK_ERRNO(get(&unknown, NULL, NULL, &error), WSAEFAULT);
    CHECK_ERRNO(get(&unknown, NULL, &length, &error), WSAEINVAL);
    CHECK_ERRNO(get(&unknown, buffer, &length, &error), WSAEINVAL);
    CHECK_EQUAL(length, MAX_PATH);
}

const struct test_case provider_info_cases[] = {
    {"provider-info/WSCGetProviderInfo", info, 0, "WSCGetProviderInfo"},
    {"provider-info/WSCGetProviderInfo32", info, 0, "WSCGetProviderInfo32"},
    {"provider-info/WSCGetProviderPath", path, 0, "WSCGetProviderPath"},
    {"provider-info/WSCGetProviderPath32", path, 0, "WSCGetProviderPath32"},
    {0},
};
