/* Calls catalog functions of ws2_32 as its arguments say, and prints for each call what it returned and its error:
 *   wsplsp run --catalog FILE -- wsc_call.exe enum + install 7 'C:\layer.dll' 0:2:1:6:Name + order32 1002 1001 …
 * A function's name ends in 32 for the function of the 32-bit catalog. Provider ids are numbers, the first field of the
 * GUID, or whole GUIDs; `-` is NULL, `!` an address where there is no memory. tests/bats/wsc.bats knows what is right.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "lsp-core/win/winsock.h"

enum { MOST = 64, TEXT = 1024 };
#define NOWHERE ((void *)(UINT_PTR)16)

struct arguments {
    BOOL in32;
    int count;
    char **words;
};

static INT error; /* of the last call: where lpErrno points, or WSAGetLastError */

#ifdef _WIN64
#define OF(arguments, name) ((arguments)->in32 ? name##32 : name)
#else
#define OF(arguments, name) (name)
#endif

static const char *word(const struct arguments *arguments, int index)
{
    return index < arguments->count ? arguments->words[index] : "-";
}

static DWORD number(const struct arguments *arguments, int index)
{
    return (DWORD)strtoul(word(arguments, index), NULL, 0);
}

/* A pointer to `there`, or one of the two that are none. */
static void *pointer(const char *text, void *there)
{
    if (strcmp(text, "-") == 0)
        return NULL;
    return strcmp(text, "!") == 0 ? NOWHERE : there;
}

static GUID *id(const struct arguments *arguments, int index, GUID *there)
{
    const char *text = word(arguments, index);
    unsigned long one;
    unsigned two, three, rest[8];
    memset(there, 0, sizeof(*there));
    if (sscanf(text, "{%8lx-%4x-%4x-%2x%2x-%2x%2x%2x%2x%2x%2x}", &one, &two, &three, &rest[0], &rest[1], &rest[2],
               &rest[3], &rest[4], &rest[5], &rest[6], &rest[7]) == 11) {
        there->Data1 = one;
        there->Data2 = (WORD)two;
        there->Data3 = (WORD)three;
        for (int i = 0; i < 8; i++)
            there->Data4[i] = (BYTE)rest[i];
    } else {
        there->Data1 = strtoul(text, NULL, 0);
    }
    return pointer(text, there);
}

/* `xN` is a text of N letters. */
static wchar_t *text(const struct arguments *arguments, int index, wchar_t *there)
{
    const char *from = word(arguments, index);
    int letters;
    char rest;
    if (sscanf(from, "x%d%c", &letters, &rest) == 1 && letters < TEXT) {
        for (int i = 0; i < letters; i++)
            there[i] = L'x';
        there[letters] = 0;
    } else {
        swprintf(there, TEXT, L"%hs", from);
    }
    return pointer(from, there);
}

/* LENGTH:FAMILY:TYPE:PROTOCOL[:NAME[:ID,ID…]]: the words from `index` on. A catalog id may follow an @ at the end. */
static WSAPROTOCOL_INFOW *infos(const struct arguments *arguments, int index, WSAPROTOCOL_INFOW *list, DWORD *count)
{
    *count = 0;
    memset(list, 0, MOST * sizeof(*list));
    for (int i = index; i < arguments->count && *count < MOST && strchr(word(arguments, i), ':') != NULL; i++) {
        WSAPROTOCOL_INFOW *info = &list[(*count)++];
        char name[WSAPROTOCOL_LEN + 1] = "", chain[200] = "";
        sscanf(word(arguments, i), "%d:%d:%d:%d:%255[^:@]:%199[^@]", &info->ProtocolChain.ChainLen,
               &info->iAddressFamily, &info->iSocketType, &info->iProtocol, name, chain);
        swprintf(info->szProtocol, WSAPROTOCOL_LEN + 1, L"%hs", name);
        int place = 0;
        for (char *one = strtok(chain, ","); one != NULL && place < MAX_PROTOCOL_CHAIN; one = strtok(NULL, ","))
            info->ProtocolChain.ChainEntries[place++] = strtoul(one, NULL, 0);
        const char *at = strchr(word(arguments, i), '@');
        info->dwCatalogEntryId = at == NULL ? 0 : strtoul(at + 1, NULL, 0);
        info->iVersion = 2;
    }
    if (strcmp(word(arguments, index), "!") == 0)
        *count = 1;
    return index < arguments->count ? pointer(word(arguments, index), list) : NULL;
}

static void of_last_error(int result)
{
    error = result == 0 ? 0 : WSAGetLastError();
}

/* The functions -------------------------------------------------------------------------------------------------- */

static int enum_protocols(const struct arguments *arguments)
{
    static WSAPROTOCOL_INFOW list[MOST];
    INT protocols[8] = {0};
    bool all = strcmp(word(arguments, 0), "all") == 0 || arguments->count == 0;
    DWORD size = all ? sizeof(list) : number(arguments, 0);
    for (int i = 1; i < arguments->count && i < 8; i++)
        protocols[i - 1] = (INT)number(arguments, i);
    int count = OF(arguments, WSCEnumProtocols)(arguments->count > 1 ? protocols : NULL, list, &size, &error);
    for (int i = 0; i < count; i++)
        printf("%s%lu", i == 0 ? "ids=" : ",", list[i].dwCatalogEntryId);
    printf(count > 0 ? " " : "size=%lu ", size);
    return count;
}

static int get_path(const struct arguments *arguments)
{
    GUID guid;
    wchar_t path[TEXT] = L"";
    INT length = arguments->count > 1 ? (INT)number(arguments, 1) : MAX_PATH;
    int result = OF(arguments, WSCGetProviderPath)(id(arguments, 0, &guid), path, &length, &error);
    if (result == 0)
        printf("path=%ls ", path);
    return result;
}

static int install(const struct arguments *arguments)
{
    static WSAPROTOCOL_INFOW list[MOST];
    static wchar_t path[TEXT];
    GUID guid;
    DWORD count;
    WSAPROTOCOL_INFOW *given = infos(arguments, 2, list, &count);
    return WSCInstallProvider(id(arguments, 0, &guid), text(arguments, 1, path), given, count, &error);
}

static int update(const struct arguments *arguments)
{
    static WSAPROTOCOL_INFOW list[MOST];
    static wchar_t path[TEXT];
    GUID guid;
    DWORD count;
    WSAPROTOCOL_INFOW *given = infos(arguments, 2, list, &count);
    return OF(arguments, WSCUpdateProvider)(id(arguments, 0, &guid), text(arguments, 1, path), given, count, &error);
}

static int deinstall(const struct arguments *arguments)
{
    GUID guid;
    return OF(arguments, WSCDeinstallProvider)(id(arguments, 0, &guid), &error);
}

static int order(const struct arguments *arguments)
{
    DWORD ids[MOST];
    DWORD count = 0;
    for (; (int)count < arguments->count && count < MOST; count++)
        ids[count] = number(arguments, (int)count);
    error = OF(arguments, WSCWriteProviderOrder)(pointer(word(arguments, 0), ids), count);
    return error;
}

/* ID VALUE [SIZE [CLASS]] */
static int set_info(const struct arguments *arguments)
{
    GUID guid;
    DWORD value = number(arguments, 1);
    size_t size = arguments->count > 2 ? number(arguments, 2) : sizeof(value);
    WSC_PROVIDER_INFO_TYPE class = (WSC_PROVIDER_INFO_TYPE)(arguments->count > 3 ? number(arguments, 3) : 0);
    return OF(arguments, WSCSetProviderInfo)(id(arguments, 0, &guid), class, pointer(word(arguments, 1), &value), size,
                                             0, &error);
}

/* ID [SIZE [CLASS]] */
static int get_info(const struct arguments *arguments)
{
    GUID guid;
    DWORD value = 0;
    size_t size = arguments->count > 1 ? number(arguments, 1) : sizeof(value);
    WSC_PROVIDER_INFO_TYPE class = (WSC_PROVIDER_INFO_TYPE)(arguments->count > 2 ? number(arguments, 2) : 0);
    int result = OF(arguments, WSCGetProviderInfo)(id(arguments, 0, &guid), class, (BYTE *)&value, &size, 0, &error);
    if (result == 0)
        printf("value=%#lx ", value);
    else
        printf("size=%lu ", (unsigned long)size);
    return result;
}

static DWORD length_of(const wchar_t *given)
{
    return given == NULL || given == NOWHERE ? 4 : (DWORD)wcslen(given);
}

/* PATH EXTRA VALUE */
static int permit(const struct arguments *arguments)
{
    static wchar_t path[TEXT], extra[TEXT];
    DWORD before = 0xdddd;
    const wchar_t *given = text(arguments, 0, path), *more = text(arguments, 1, extra);
    int result = WSCSetApplicationCategory(given, length_of(given), more, more == NULL ? 0 : length_of(more),
                                           number(arguments, 2), &before, &error);
    if (result == 0)
        printf("before=%#lx ", before);
    return result;
}

static int permitted(const struct arguments *arguments)
{
    static wchar_t path[TEXT], extra[TEXT];
    DWORD value = 0;
    const wchar_t *given = text(arguments, 0, path), *more = text(arguments, 1, extra);
    int result =
        WSCGetApplicationCategory(given, length_of(given), more, more == NULL ? 0 : length_of(more), &value, &error);
    if (result == 0)
        printf("value=%#lx ", value);
    return result;
}

/* ID PATH [PATH32] NAME FLAGS [INFO…]; the second path on 64-bit Windows alone. `nothing` for INFO: a list of none. */
static int install_chains(const struct arguments *arguments)
{
    static WSAPROTOCOL_INFOW list[MOST];
    static wchar_t path[TEXT], name[TEXT];
    GUID guid;
    DWORD count, entry = 0;
    int next = sizeof(void *) == 8 ? 3 : 2;
    WSAPROTOCOL_INFOW *given = infos(arguments, next + 2, list, &count);
#ifdef _WIN64
    static wchar_t path32[TEXT];
    int result = WSCInstallProviderAndChains64_32(
        id(arguments, 0, &guid), text(arguments, 1, path), text(arguments, 2, path32), text(arguments, next, name),
        number(arguments, next + 1), (LPWSAPROTOCOL_INFO)given, count, &entry, &error);
#else
    int result =
        WSCInstallProviderAndChains(id(arguments, 0, &guid), text(arguments, 1, path), text(arguments, next, name),
                                    number(arguments, next + 1), (LPWSAPROTOCOL_INFO)given, count, &entry, &error);
#endif
    if (result == 0)
        printf("id=%lu ", entry);
    return result;
}

/* ID NAME PATH SPACE VERSION [DATA] */
static int install_name_space(const struct arguments *arguments)
{
    static wchar_t name[TEXT], path[TEXT];
    GUID guid;
    BLOB blob = {(ULONG)strlen(word(arguments, 5)), (BYTE *)word(arguments, 5)};
    wchar_t *own = text(arguments, 1, name), *dll = text(arguments, 2, path);
    GUID *given = id(arguments, 0, &guid);
    int result;
    if (arguments->count > 5)
        result =
            OF(arguments, WSCInstallNameSpaceEx)(own, dll, number(arguments, 3), number(arguments, 4), given, &blob);
    else
        result = OF(arguments, WSCInstallNameSpace)(own, dll, number(arguments, 3), number(arguments, 4), given);
    of_last_error(result);
    return result;
}

static int remove_name_space(const struct arguments *arguments)
{
    GUID guid;
    int result = OF(arguments, WSCUnInstallNameSpace)(id(arguments, 0, &guid));
    of_last_error(result);
    return result;
}

static int enable_name_space(const struct arguments *arguments)
{
    GUID guid;
    int result = OF(arguments, WSCEnableNSProvider)(id(arguments, 0, &guid), number(arguments, 1) != 0);
    of_last_error(result);
    return result;
}

static int order_name_spaces(const struct arguments *arguments)
{
    GUID ids[MOST];
    DWORD count = 0;
    for (; (int)count < arguments->count && count < MOST; count++)
        id(arguments, (int)count, &ids[count]);
    error = OF(arguments, WSCWriteNameSpaceOrder)(pointer(word(arguments, 0), ids), count);
    return error;
}

static int enum_name_spaces(const struct arguments *arguments)
{
    static union {
        WSANAMESPACE_INFOEXW first;
        char room[16384];
    } list;
    DWORD size = arguments->count > 0 ? number(arguments, 0) : sizeof(list);
#ifdef _WIN64
    int count = arguments->in32 ? WSCEnumNameSpaceProvidersEx32(&size, &list.first)
                                : WSAEnumNameSpaceProvidersExW(&size, &list.first);
#else
    int count = WSAEnumNameSpaceProvidersExW(&size, &list.first);
#endif
    of_last_error(count == SOCKET_ERROR ? SOCKET_ERROR : 0);
    for (int i = 0; i < count; i++) {
        const WSANAMESPACE_INFOEXW *one = &list.first + i;
        printf("%ls/%lu/%d/%.*s ", one->lpszIdentifier, one->dwNameSpace, one->fActive != FALSE,
               (int)one->ProviderSpecific.cbSize, (const char *)one->ProviderSpecific.pBlobData);
    }
    return count;
}

/* MARK: waits for a change by somebody else, after it has made the file MARK. */
static int wait_for_change(const struct arguments *arguments)
{
    HANDLE handle = NULL;
    WSAOVERLAPPED overlapped = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    /* "the first call … lpNotificationHandle points at NULL": it gives the handle */
    int result = WSAProviderConfigChange(&handle, NULL, NULL);
    if (result == 0)
        result = WSAProviderConfigChange(&handle, &overlapped, NULL);
    of_last_error(result);
    if (result == SOCKET_ERROR && error == WSA_IO_PENDING) {
        FILE *mark = fopen(word(arguments, 0), "w");
        if (mark != NULL)
            fclose(mark);
        result = WaitForSingleObject(overlapped.hEvent, 10000) == WAIT_OBJECT_0 ? 0 : -2;
    }
    CloseHandle(handle);
    CloseHandle(overlapped.hEvent);
    return result;
}

static const struct function {
    const char *name;
    int (*call)(const struct arguments *arguments);
} functions[] = {
    {"enum", enum_protocols},
    {"path", get_path},
    {"install", install},
    {"update", update},
    {"remove", deinstall},
    {"order", order},
    {"set-info", set_info},
    {"get-info", get_info},
    {"permit", permit},
    {"permitted", permitted},
    {"chains", install_chains},
    {"ns-install", install_name_space},
    {"ns-remove", remove_name_space},
    {"ns-enable", enable_name_space},
    {"ns-order", order_name_spaces},
    {"ns-enum", enum_name_spaces},
    {"wait", wait_for_change},
};

#ifdef _WIN64
static int install_both(const struct arguments *arguments)
{
    static WSAPROTOCOL_INFOW list[MOST];
    static wchar_t path[TEXT];
    GUID guid;
    DWORD count;
    WSAPROTOCOL_INFOW *given = infos(arguments, 2, list, &count);
    return WSCInstallProvider64_32(id(arguments, 0, &guid), text(arguments, 1, path), given, count, &error);
}
#endif

static const struct function *find(char *name, BOOL *in32)
{
    size_t length = strlen(name);
#ifdef _WIN64
    static const struct function both = {"install64_32", install_both};
    if (strcmp(name, both.name) == 0)
        return &both;
#endif
    *in32 = length > 2 && strcmp(name + length - 2, "32") == 0;
    if (*in32)
        name[length - 2] = '\0';
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (strcmp(name, functions[i].name) == 0)
            return &functions[i];
    return NULL;
}

int main(int argc, char **argv)
{
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 97;
    setvbuf(stdout, NULL, _IONBF, 0);
    for (int i = 1; i < argc; i++) {
        struct arguments arguments = {FALSE, 0, &argv[i + 1]};
        const struct function *function = find(argv[i], &arguments.in32);
        while (i + 1 + arguments.count < argc && strcmp(argv[i + 1 + arguments.count], "+") != 0)
            arguments.count++;
        if (function == NULL) {
            printf("what is %s?\n", argv[i]);
            return 98;
        }
        error = 0;
        int result = function->call(&arguments);
        printf("%d %d\n", result,
               result >= 0 && function->call != order && function->call != order_name_spaces ? 0 : error);
        i += 1 + arguments.count;
    }
    WSACleanup();
    return 0;
}
