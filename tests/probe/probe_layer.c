/* A layered provider for probe.bats: it hands every call to the next provider, but for the one that MANNER spoils. It
 * is loaded under the host only, whose base provider and upcalls it stands on. */
#include <winsock2.h>
#include <ws2spi.h>

#include <string.h>

#define CLEAN   0
#define REFUSE  1 /* connects end with WSAECONNREFUSED */
#define DELAY   2 /* and later than they would */
#define CORRUPT 3 /* bit 0 of each third byte that is received is turned over */
#define HANG    4 /* connects never come back */
#define REWRITE 5 /* errors of connects become another one */

#ifndef MANNER
#define MANNER CLEAN
#endif

enum { DELAY_TIME = 700, ENTRIES_MAX = 64 };

static WSPUPCALLTABLE upcalls;
static WSPPROC_TABLE next;
static WSAPROTOCOL_INFOW next_info; /* the base entry, where that is next */
static BOOL next_is_base;
static DWORD chain_id;
static HMODULE own_module;
static size_t received;

static SOCKET WSPAPI layer_socket(int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group, DWORD flags,
                                  INT *error)
{
    SOCKET s = next.lpWSPSocket(family, type, protocol, next_is_base ? &next_info : info, group, flags, error);
    return s == INVALID_SOCKET ? s : upcalls.lpWPUModifyIFSHandle(chain_id, s, error);
}

static int WSPAPI layer_connect(SOCKET s, const struct sockaddr *name, int length, WSABUF *caller, WSABUF *callee,
                                QOS *socket_qos, QOS *group_qos, INT *error)
{
    if (MANNER == REFUSE) {
        *error = WSAECONNREFUSED;
        return SOCKET_ERROR;
    }
    if (MANNER == DELAY)
        Sleep(DELAY_TIME);
    if (MANNER == HANG)
        Sleep(INFINITE);
    int result = next.lpWSPConnect(s, name, length, caller, callee, socket_qos, group_qos, error);
    if (MANNER == REWRITE) {
        *error = WSAEACCES;
        return SOCKET_ERROR;
    }
    return result;
}

static int WSPAPI layer_recv(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags,
                             WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread,
                             INT *error)
{
    int result = next.lpWSPRecv(s, buffers, count, bytes, flags, overlapped, routine, thread, error);
    for (DWORD i = 0; MANNER == CORRUPT && result == 0 && i < *bytes; i++) {
        if (++received % 3 == 0)
            buffers[0].buf[i] ^= 1;
    }
    return result;
}

/* The DLL of an entry, loaded; NULL. */
static HMODULE load_entry(WSAPROTOCOL_INFOW *info, BOOL only_loaded)
{
    WCHAR raw[MAX_PATH], path[MAX_PATH];
    INT length = MAX_PATH, error;
    if (WSCGetProviderPath(&info->ProviderId, raw, &length, &error) != 0 ||
        ExpandEnvironmentStringsW(raw, path, MAX_PATH) == 0)
        return NULL;
    return only_loaded ? GetModuleHandleW(path) : LoadLibraryW(path);
}

static WSAPROTOCOL_INFOW *find_entry(WSAPROTOCOL_INFOW *all, int count, DWORD id)
{
    for (int i = 0; i < count; i++) {
        if (all[i].dwCatalogEntryId == id)
            return &all[i];
    }
    return NULL;
}

/* The place of this DLL in the chain: the first member whose DLL it is. -1: none. */
static int find_self(WSAPROTOCOL_INFOW *all, int count, const WSAPROTOCOLCHAIN *chain)
{
    for (int i = 0; i < chain->ChainLen - 1; i++) {
        WSAPROTOCOL_INFOW *member = find_entry(all, count, chain->ChainEntries[i]);
        if (member != NULL && load_entry(member, TRUE) == own_module)
            return i;
    }
    return -1;
}

static int start_next(WSAPROTOCOL_INFOW *all, int count, WORD version, WSAPROTOCOL_INFOW *info, WSPUPCALLTABLE table)
{
    WSPDATA data;
    int self = find_self(all, count, &info->ProtocolChain);
    WSAPROTOCOL_INFOW *below = self < 0 ? NULL : find_entry(all, count, info->ProtocolChain.ChainEntries[self + 1]);
    HMODULE module = below == NULL ? NULL : load_entry(below, FALSE);
    LPWSPSTARTUP startup = NULL;
    if (module != NULL)
        startup = (LPWSPSTARTUP)(void *)GetProcAddress(module, "WSPStartup");
    if (startup == NULL)
        return WSAEPROVIDERFAILEDINIT;
    chain_id = info->dwCatalogEntryId;
    next_is_base = below->ProtocolChain.ChainLen == 1;
    next_info = *below;
    return startup(version, &data, next_is_base ? &next_info : info, table, &next);
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE table, LPWSPPROC_TABLE procs)
{
    static WSAPROTOCOL_INFOW all[ENTRIES_MAX];
    DWORD size = sizeof all;
    INT error;
    int count = WSCEnumProtocols(NULL, all, &size, &error);
    if (count == SOCKET_ERROR)
        return WSAEPROVIDERFAILEDINIT;
    upcalls = table;
    int code = start_next(all, count, version, info, table);
    if (code != 0)
        return code;
    *procs = next;
    procs->lpWSPSocket = layer_socket;
    procs->lpWSPConnect = layer_connect;
    procs->lpWSPRecv = layer_recv;
    memset(data, 0, sizeof *data);
    data->wVersion = data->wHighVersion = MAKEWORD(2, 2);
    return 0;
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH)
        own_module = module;
    return TRUE;
}
