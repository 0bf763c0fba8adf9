/* Winsock's part above one layered provider; see winsock_part.h. */
#include "winsock_part.h"

#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "lsp-core/host/redirect/image.h"
#include "lsp-core/host/redirect/patch.h"

enum { BASE_ID = 1001, LAYER_ID = 1100, CHAIN_ID = 1101, FIRST_HANDLE = 0x10000000, CONTEXTS = 1 << 18 };

enum { ENTRY_CHAIN, ENTRY_BASE, ENTRY_LAYER, ENTRIES };

static WSAPROTOCOL_INFOW entries[ENTRIES];
static wchar_t paths[ENTRIES][MAX_PATH];
static HMODULE layer, next;

/* Of the handles that a layer without IFS handles makes. */
static DWORD_PTR contexts[CONTEXTS];
static volatile LONG last_context;

/* --- the catalog --- */

static int WSAAPI enum_protocols(int *protocols, WSAPROTOCOL_INFOW *buffer, DWORD *size, INT *error)
{
    (void)protocols;
    if (buffer == NULL || *size < sizeof(entries)) {
        *size = sizeof(entries);
        *error = WSAENOBUFS;
        return SOCKET_ERROR;
    }
    memcpy(buffer, entries, sizeof(entries));
    return ENTRIES;
}

static int WSAAPI get_provider_path(GUID *id, WCHAR *path, INT *length, INT *error)
{
    for (int i = 0; i < ENTRIES; i++) {
        int needed = (int)wcslen(paths[i]) + 1;
        if (!IsEqualGUID(&entries[i].ProviderId, id))
            continue;
        if (path == NULL || *length < needed) {
            *length = needed;
            *error = WSAEFAULT;
            return SOCKET_ERROR;
        }
        wcscpy(path, paths[i]);
        *length = needed;
        return 0;
    }
    *error = WSAEINVAL;
    return SOCKET_ERROR;
}

static int WSAAPI wsa_enum_protocols(int *protocols, WSAPROTOCOL_INFOW *buffer, DWORD *size)
{
    INT error = 0;
    return enum_protocols(protocols, buffer, size, &error);
}

static FARPROC WINAPI get_proc_address(HMODULE module, const char *name);

static FARPROC replacement(const char *name)
{
    static const struct {
        const char *name;
        void *function;
    } replaced[] = {{"WSCEnumProtocols", (void *)enum_protocols},
                    {"WSCGetProviderPath", (void *)get_provider_path},
                    {"WSAEnumProtocolsW", (void *)wsa_enum_protocols},
                    {"GetProcAddress", (void *)get_proc_address}};
    for (size_t i = 0; name != NULL && (uintptr_t)name > 0xffff && i < sizeof(replaced) / sizeof(replaced[0]); i++)
        if (strcmp(name, replaced[i].name) == 0)
            return (FARPROC)replaced[i].function;
    return NULL;
}

static FARPROC WINAPI get_proc_address(HMODULE module, const char *name)
{
    FARPROC function = replacement(name);
    return function != NULL ? function : GetProcAddress(module, name);
}

static bool redirect(const struct image_import *import, void *context)
{
    (void)context;
    FARPROC function = replacement(import->name);
    return function == NULL || patch_pointer(import->slot, function);
}

/* --- the upcalls --- */

/* A layer names its chain, a base itself. */
static bool is_provider(DWORD id, INT *error)
{
    bool known = id == CHAIN_ID || id == BASE_ID;
    if (!known)
        *error = WSAEINVAL;
    return known;
}

static SOCKET WSPAPI modify_ifs_handle(DWORD id, SOCKET proposed, INT *error)
{
    return is_provider(id, error) ? proposed : INVALID_SOCKET;
}

static SOCKET WSPAPI create_socket_handle(DWORD id, DWORD_PTR context, INT *error)
{
    if (!is_provider(id, error))
        return INVALID_SOCKET;
    LONG index = InterlockedIncrement(&last_context) - 1;
    if (index >= CONTEXTS) {
        *error = WSAENOBUFS;
        return INVALID_SOCKET;
    }
    contexts[index] = context;
    return FIRST_HANDLE + 4 * (SOCKET)index;
}

static int WSPAPI query_socket_handle_context(SOCKET s, PDWORD_PTR context, INT *error)
{
    SOCKET index = (s - FIRST_HANDLE) / 4;
    if (index >= CONTEXTS) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    *context = contexts[index];
    return 0;
}

static int WSPAPI close_socket_handle(SOCKET s, INT *error)
{
    (void)s, (void)error;
    return 0;
}

static int WSPAPI get_provider_path_upcall(GUID *id, WCHAR *path, INT *length, INT *error)
{
    return get_provider_path(id, path, length, error);
}

static int WSPAPI current_thread(WSATHREADID *thread, INT *error)
{
    (void)error;
    thread->ThreadHandle = GetCurrentThread();
    return 0;
}

static int WSPAPI query_blocking_callback(DWORD id, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, INT *error)
{
    (void)id, (void)error;
    *callback = NULL;
    *context = 0;
    return 0;
}

static WSPUPCALLTABLE upcalls(void)
{
    WSPUPCALLTABLE table;
    memset(&table, 0, sizeof(table));
    table.lpWPUCloseEvent = NULL;
    table.lpWPUCloseSocketHandle = close_socket_handle;
    table.lpWPUCreateSocketHandle = create_socket_handle;
    table.lpWPUGetProviderPath = get_provider_path_upcall;
    table.lpWPUModifyIFSHandle = modify_ifs_handle;
    table.lpWPUQueryBlockingCallback = query_blocking_callback;
    table.lpWPUQuerySocketHandleContext = query_socket_handle_context;
    table.lpWPUOpenCurrentThread = current_thread;
    return table;
}

/* --- loading --- */

static void describe(int index, DWORD id, int chain_length, bool ifs, const wchar_t *path, const wchar_t *name)
{
    WSAPROTOCOL_INFOW *info = &entries[index];
    info->dwServiceFlags1 = 0x66 | (ifs ? XP1_IFS_HANDLES : 0); /* as TCP */
    info->dwProviderFlags = chain_length == 0 ? PFL_HIDDEN : PFL_MATCHES_PROTOCOL_ZERO;
    info->ProviderId.Data1 = id;
    info->dwCatalogEntryId = id;
    info->ProtocolChain.ChainLen = chain_length;
    info->ProtocolChain.ChainEntries[0] = chain_length > 1 ? LAYER_ID : id;
    info->ProtocolChain.ChainEntries[1] = chain_length > 1 ? BASE_ID : 0;
    info->iVersion = 2;
    info->iAddressFamily = AF_INET;
    info->iMaxSockAddr = info->iMinSockAddr = sizeof(struct sockaddr_in);
    info->iSocketType = SOCK_STREAM;
    info->iProtocol = IPPROTO_TCP;
    wcscpy(info->szProtocol, name);
    wcscpy(paths[index], path);
}

bool part_load(const wchar_t *layer_path, const wchar_t *next_path, bool ifs)
{
    describe(ENTRY_CHAIN, CHAIN_ID, 2, ifs, layer_path, L"layer over base");
    describe(ENTRY_BASE, BASE_ID, 1, true, next_path, L"base");
    describe(ENTRY_LAYER, LAYER_ID, 0, ifs, layer_path, L"layer");
    layer = LoadLibraryExW(layer_path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    next = LoadLibraryExW(next_path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    return layer != NULL && next != NULL && image_imports(layer, redirect, NULL);
}

static int start(HMODULE module, WSAPROTOCOL_INFOW *info, WSPPROC_TABLE *procs)
{
    LPWSPSTARTUP startup = (LPWSPSTARTUP)(void *)GetProcAddress(module, "WSPStartup");
    WSPDATA data;
    memset(procs, 0, sizeof(*procs));
    return startup == NULL ? WSAEINVALIDPROVIDER : startup(MAKEWORD(2, 2), &data, info, upcalls(), procs);
}

int part_start_layer(WSPPROC_TABLE *procs)
{
    return start(layer, &entries[ENTRY_CHAIN], procs);
}

int part_start_next(WSPPROC_TABLE *procs)
{
    return start(next, &entries[ENTRY_BASE], procs);
}

WSAPROTOCOL_INFOW *part_chain(void)
{
    return &entries[ENTRY_CHAIN];
}

WSAPROTOCOL_INFOW *part_base(void)
{
    return &entries[ENTRY_BASE];
}

HMODULE part_layer(void)
{
    return layer;
}
