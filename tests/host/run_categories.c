/* A program for run_categories.bats: installs layers with LSP categories into the catalog that it is hosted with,
 * categorizes programs, and says which layers its own sockets get. Each layer goes over one kind of socket, so that one
 * process shows all of them.
 * usage: run_categories install DLL KIND NAME CATEGORIES
 *        run_categories permit PROGRAM CATEGORIES [ARGUMENTS]
 *        run_categories sockets             a line each: KIND, and "layer" or "base"
 * KIND is one of the kinds below; CATEGORIES is a number, or "none". */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <ws2spi.h>
#include <sporder.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* By name, at run time: older systems and Wine lack some of them. */
#define FUNCTION(name) ((__typeof__(&(name)))(void *)GetProcAddress(GetModuleHandleW(L"ws2_32.dll"), #name))

static const struct {
    const char *name;
    int family, type, protocol;
} kinds[] = {
    {"tcp4", AF_INET, SOCK_STREAM, IPPROTO_TCP},
    {"udp4", AF_INET, SOCK_DGRAM, IPPROTO_UDP},
    {"tcp6", AF_INET6, SOCK_STREAM, IPPROTO_TCP},
    {"udp6", AF_INET6, SOCK_DGRAM, IPPROTO_UDP},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static int failed(const char *what, int code)
{
    printf("%s: %d\n", what, code);
    return 1;
}

static void widen(const char *text, wchar_t *wide, int size)
{
    MultiByteToWideChar(CP_ACP, 0, text, -1, wide, size);
}

static DWORD number(const char *text)
{
    return (DWORD)strtoul(text, NULL, 0);
}

static WSAPROTOCOL_INFOW infos[64];

static int enumerate(void)
{
    DWORD size = sizeof infos;
    INT error;
    return FUNCTION(WSCEnumProtocols)(NULL, infos, &size, &error);
}

/* The base entry of that kind, as the catalog has it; NULL where it has none. */
static const WSAPROTOCOL_INFOW *find_base(int kind)
{
    int count = enumerate();
    for (int i = 0; i < count; i++) {
        if (infos[i].ProtocolChain.ChainLen == 1 && infos[i].iAddressFamily == kinds[kind].family &&
            infos[i].iSocketType == kinds[kind].type && infos[i].iProtocol == kinds[kind].protocol)
            return &infos[i];
    }
    return NULL;
}

/* Appends an entry; its catalog id becomes `*catalog_id`. */
static int append(const wchar_t *dll, GUID *id, WSAPROTOCOL_INFOW *info, DWORD *catalog_id)
{
    INT error;
    if (FUNCTION(WSCInstallProvider)(id, dll, info, 1, &error) != 0)
        return failed("WSCInstallProvider", error);
    *catalog_id = infos[enumerate() - 1].dwCatalogEntryId;
    return 0;
}

/* The last entry becomes the first. */
static int bring_forward(void)
{
    DWORD order[64];
    int count = enumerate();
    for (int i = 0; i < count; i++)
        order[i] = infos[(i + count - 1) % count].dwCatalogEntryId;
    int error = FUNCTION(WSCWriteProviderOrder)(order, (DWORD)count);
    return error == 0 ? 0 : failed("WSCWriteProviderOrder", error);
}

/* The layer's own entry first, for its id goes into the chain, which stands before all others. */
static int install_entries(const wchar_t *dll, int kind, const char *name, GUID *layer)
{
    const WSAPROTOCOL_INFOW *base = find_base(kind);
    if (base == NULL)
        return failed("no base entry", kind);
    WSAPROTOCOL_INFOW own = *base, chain = *base;
    GUID chain_id = *layer;
    DWORD unused;
    own.ProtocolChain.ChainLen = 0;
    own.dwProviderFlags |= PFL_HIDDEN;
    widen(name, own.szProtocol, WSAPROTOCOL_LEN);
    chain.ProtocolChain.ChainLen = 2;
    chain.ProtocolChain.ChainEntries[1] = base->dwCatalogEntryId;
    chain_id.Data2++;
    if (append(dll, layer, &own, &chain.ProtocolChain.ChainEntries[0]) != 0 ||
        append(dll, &chain_id, &chain, &unused) != 0)
        return 1;
    return bring_forward();
}

static int install(const char *dll, const char *kind_name, const char *name, const char *categories)
{
    wchar_t path[MAX_PATH];
    INT error;
    int kind = 0;
    while (kind < KINDS && strcmp(kinds[kind].name, kind_name) != 0)
        kind++;
    if (kind == KINDS)
        return failed(kind_name, 0);
    GUID layer = {(DWORD)kind, 0x1234, 0x5678, {1, 2, 3, 4, 5, 6, 7, 8}};
    widen(dll, path, MAX_PATH);
    if (install_entries(path, kind, name, &layer) != 0)
        return 1;
    if (strcmp(categories, "none") == 0)
        return 0;
    DWORD value = number(categories);
    if (FUNCTION(WSCSetProviderInfo)(&layer, ProviderInfoLspCategories, (BYTE *)&value, sizeof value, 0, &error) != 0)
        return failed("WSCSetProviderInfo", error);
    return 0;
}

static int permit(const char *program, const char *categories, const char *arguments)
{
    wchar_t path[MAX_PATH], extra[MAX_PATH] = L"";
    INT error;
    widen(program, path, MAX_PATH);
    if (arguments != NULL)
        widen(arguments, extra, MAX_PATH);
    if (FUNCTION(WSCSetApplicationCategory)(path, (DWORD)wcslen(path), arguments == NULL ? NULL : extra,
                                            (DWORD)wcslen(extra), number(categories), NULL, &error) != 0)
        return failed("WSCSetApplicationCategory", error);
    return 0;
}

/* The layers here refuse to start: a socket that cannot be made has got its layer, one that can has got the base. */
static int say_sockets(void)
{
    for (int i = 0; i < KINDS; i++) {
        SOCKET s = socket(kinds[i].family, kinds[i].type, kinds[i].protocol);
        int error = WSAGetLastError();
        if (s == INVALID_SOCKET && error != WSAEPROVIDERFAILEDINIT)
            return failed("socket", error);
        printf("%s %s\n", kinds[i].name, s == INVALID_SOCKET ? "layer" : "base");
        if (s != INVALID_SOCKET)
            closesocket(s);
    }
    return 0;
}

int main(int argc, char **argv)
{
    WSADATA data;
    int error = WSAStartup(MAKEWORD(2, 2), &data);
    const char *command = argc > 1 ? argv[1] : "";
    if (error != 0)
        return failed("WSAStartup", error);
    if (strcmp(command, "install") == 0 && argc == 6)
        return install(argv[2], argv[3], argv[4], argv[5]);
    if (strcmp(command, "permit") == 0 && argc >= 4)
        return permit(argv[2], argv[3], argc > 4 ? argv[4] : NULL);
    if (strcmp(command, "sockets") == 0)
        return say_sockets();
    return failed("usage", argc);
}
