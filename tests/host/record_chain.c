/* The protocol chains that record_layer.dll is in: which provider comes next, loaded as the page of WSPStartup says. */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "record_layer.h"

enum { CHAINS = 64 };

extern IMAGE_DOS_HEADER __ImageBase;

static SRWLOCK lock = SRWLOCK_INIT;
static struct chain chains[CHAINS];
static int chain_count;

/* All entries of the catalog; the caller frees them. */
static WSAPROTOCOL_INFOW *entries(int *count)
{
    DWORD size = 0;
    INT error;
    WSCEnumProtocols(NULL, NULL, &size, &error);
    WSAPROTOCOL_INFOW *list = malloc(size + 1);
    *count = list == NULL ? 0 : WSCEnumProtocols(NULL, list, &size, &error);
    return list;
}

static const WSAPROTOCOL_INFOW *find(const WSAPROTOCOL_INFOW *list, int count, DWORD id)
{
    for (int i = 0; i < count; i++)
        if (list[i].dwCatalogEntryId == id)
            return &list[i];
    return NULL;
}

static bool provider_path(const WSAPROTOCOL_INFOW *info, wchar_t *path)
{
    wchar_t raw[MAX_PATH];
    INT length = MAX_PATH;
    INT error;
    GUID id = info->ProviderId;
    return WSCGetProviderPath(&id, raw, &length, &error) == 0 && ExpandEnvironmentStringsW(raw, path, MAX_PATH) != 0;
}

static bool is_own(const WSAPROTOCOL_INFOW *info)
{
    wchar_t path[MAX_PATH];
    wchar_t own[MAX_PATH];
    return provider_path(info, path) && GetModuleFileNameW((HMODULE)&__ImageBase, own, MAX_PATH) != 0 &&
           _wcsicmp(path, own) == 0;
}

/* Fills in which entry is the layer's own and which comes next. */
static const WSAPROTOCOL_INFOW *find_next(struct chain *chain, const WSAPROTOCOL_INFOW *list, int count)
{
    const WSAPROTOCOLCHAIN *ids = &chain->info.ProtocolChain;
    for (int i = 0; i + 1 < ids->ChainLen; i++) {
        const WSAPROTOCOL_INFOW *own = find(list, count, ids->ChainEntries[i]);
        if (own == NULL || !is_own(own))
            continue;
        chain->layer_id = own->dwCatalogEntryId;
        chain->ifs = (own->dwServiceFlags1 & XP1_IFS_HANDLES) != 0;
        return find(list, count, ids->ChainEntries[i + 1]);
    }
    return NULL;
}

static INT start(struct chain *chain, const WSAPROTOCOL_INFOW *next)
{
    wchar_t path[MAX_PATH];
    WSPDATA data;
    if (!provider_path(next, path))
        return WSAEPROVIDERFAILEDINIT;
    chain->next_info = next->ProtocolChain.ChainLen == BASE_PROTOCOL ? *next : chain->info;
    chain->module = LoadLibraryW(path);
    if (chain->module == NULL)
        return WSAEPROVIDERFAILEDINIT;
    LPWSPSTARTUP startup = (LPWSPSTARTUP)(void *)GetProcAddress(chain->module, "WSPStartup");
    INT error = startup == NULL ? WSAEPROVIDERFAILEDINIT
                                : startup(MAKEWORD(2, 2), &data, &chain->next_info, upcalls, &chain->next);
    if (error != 0)
        FreeLibrary(chain->module);
    return error;
}

static INT add(const WSAPROTOCOL_INFOW *info)
{
    struct chain *chain = &chains[chain_count];
    int count;
    if (chain_count == CHAINS)
        return WSAENOBUFS;
    memset(chain, 0, sizeof(*chain));
    WSAPROTOCOL_INFOW *list = entries(&count);
    const WSAPROTOCOL_INFOW *entry = find(list, count, info->dwCatalogEntryId);
    chain->info = entry == NULL ? *info : *entry; /* without what belongs to one socket */
    const WSAPROTOCOL_INFOW *next = find_next(chain, list, count);
    INT error = next == NULL ? WSAEINVALIDPROVIDER : start(chain, next);
    free(list);
    if (error == 0)
        chain_count++;
    return error;
}

static struct chain *known(DWORD id)
{
    for (int i = 0; i < chain_count; i++)
        if (chains[i].info.dwCatalogEntryId == id)
            return &chains[i];
    return NULL;
}

const struct chain *chain_get(const WSAPROTOCOL_INFOW *info, INT *error)
{
    AcquireSRWLockExclusive(&lock);
    *error = known(info->dwCatalogEntryId) == NULL ? add(info) : 0;
    const struct chain *chain = *error == 0 ? known(info->dwCatalogEntryId) : NULL;
    ReleaseSRWLockExclusive(&lock);
    return chain;
}

const struct chain *chain_first(void)
{
    return chain_count > 0 ? &chains[0] : NULL;
}

void chain_stop_all(void)
{
    INT ignored;
    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < chain_count; i++) {
        chains[i].next.lpWSPCleanup(&ignored);
        FreeLibrary(chains[i].module);
    }
    chain_count = 0;
    ReleaseSRWLockExclusive(&lock);
}
