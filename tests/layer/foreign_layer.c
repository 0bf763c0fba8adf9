/* A layer that knows nothing of wsplsp, for chains in which it lies above or below wsplsp's own: file handles, and all
 * functions are the next provider's but those that make sockets. It finds its place in the chain by its file's name. */
#include "lsp-core/layer/chain/winsock_spi.h"

#include <stdlib.h>

enum { CHAINS = 16, ENTRIES = 128 };

/* Of the chains started so far; each with the next provider's functions. */
static struct {
    DWORD chain_id;
    BOOL base;
    WSAPROTOCOL_INFOW below;
    WSPPROC_TABLE next;
} chains[CHAINS];
static int chain_count;
static LONG startups;
static SRWLOCK lock = SRWLOCK_INIT;
static WSPUPCALLTABLE upcalls;

static WSAPROTOCOL_INFOW entries[ENTRIES];
static int entry_count;

static WSAPROTOCOL_INFOW *entry_of(DWORD id)
{
    for (int i = 0; i < entry_count; i++)
        if (entries[i].dwCatalogEntryId == id)
            return &entries[i];
    return NULL;
}

static BOOL dll_of(DWORD id, wchar_t *path)
{
    wchar_t stored[MAX_PATH];
    INT length = MAX_PATH, error;
    WSAPROTOCOL_INFOW *entry = entry_of(id);
    return entry != NULL && WSCGetProviderPath(&entry->ProviderId, stored, &length, &error) == 0 &&
           ExpandEnvironmentStringsW(stored, path, MAX_PATH) != 0;
}

/* All sockets of one test run are of chains whose next providers have the same functions. */
static const WSPPROC_TABLE *next(void)
{
    return &chains[0].next;
}

static SOCKET give_out(DWORD id, SOCKET s, INT *error)
{
    return s == INVALID_SOCKET ? s : upcalls.lpWPUModifyIFSHandle(id, s, error);
}

static SOCKET WSPAPI make(int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group, DWORD flags,
                          INT *error)
{
    int i = 0;
    while (i < chain_count && chains[i].chain_id != info->dwCatalogEntryId)
        i++;
    if (i == chain_count) {
        *error = WSAEINVAL;
        return INVALID_SOCKET;
    }
    WSAPROTOCOL_INFOW below = chains[i].base ? chains[i].below : *info;
    below.dwProviderReserved = info->dwProviderReserved;
    return give_out(chains[i].chain_id, chains[i].next.lpWSPSocket(family, type, protocol, &below, group, flags, error),
                    error);
}

static SOCKET WSPAPI take(SOCKET s, struct sockaddr *address, INT *length, LPCONDITIONPROC condition, DWORD_PTR data,
                          INT *error)
{
    return give_out(chains[0].chain_id, next()->lpWSPAccept(s, address, length, condition, data, error), error);
}

static int WSPAPI cleanup(INT *error)
{
    int count = 0;
    AcquireSRWLockExclusive(&lock);
    if (--startups == 0) {
        count = chain_count;
        chain_count = 0;
    }
    ReleaseSRWLockExclusive(&lock);
    for (int i = 0; i < count; i++)
        chains[i].next.lpWSPCleanup(error);
    return 0;
}

/* Its own entry: the one of the chain whose DLL has this file's name. */
static int own_position(const WSAPROTOCOL_INFOW *info)
{
    wchar_t path[MAX_PATH];
    for (int i = 0; i < info->ProtocolChain.ChainLen - 1; i++)
        if (dll_of(info->ProtocolChain.ChainEntries[i], path) && wcsstr(path, L"foreign_layer.dll") != NULL)
            return i;
    return -1;
}

static int start_chain(WSAPROTOCOL_INFOW *info)
{
    wchar_t path[MAX_PATH];
    WSPDATA data;
    DWORD size = sizeof(entries);
    INT error;
    entry_count = WSCEnumProtocols(NULL, entries, &size, &error);
    int at = own_position(info);
    if (at < 0 || chain_count == CHAINS)
        return WSASYSNOTREADY;
    DWORD next_id = info->ProtocolChain.ChainEntries[at + 1];
    chains[chain_count].chain_id = info->dwCatalogEntryId;
    chains[chain_count].base = at + 2 == info->ProtocolChain.ChainLen;
    HMODULE module = dll_of(next_id, path) ? LoadLibraryW(path) : NULL;
    LPWSPSTARTUP startup = module == NULL ? NULL : (LPWSPSTARTUP)(void *)GetProcAddress(module, "WSPStartup");
    if (startup == NULL)
        return WSASYSNOTREADY;
    chains[chain_count].below = *entry_of(next_id);
    WSAPROTOCOL_INFOW below = chains[chain_count].base ? chains[chain_count].below : *info;
    error = startup(MAKEWORD(2, 2), &data, &below, upcalls, &chains[chain_count].next);
    chain_count += error == 0;
    return error;
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD requested, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE table, LPWSPPROC_TABLE procs)
{
    (void)requested;
    AcquireSRWLockExclusive(&lock);
    upcalls = table;
    int error = start_chain(info);
    startups += error == 0;
    if (error == 0)
        *procs = chains[chain_count - 1].next;
    ReleaseSRWLockExclusive(&lock);
    if (error != 0)
        return error;
    procs->lpWSPSocket = make;
    procs->lpWSPAccept = take;
    procs->lpWSPCleanup = cleanup;
    data->wVersion = data->wHighVersion = MAKEWORD(2, 2);
    return 0;
}
