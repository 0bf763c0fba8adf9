/* What the catalog says about a chain; see members.h. */
#include "members.h"

#include <stdlib.h>
#include <string.h>

HMODULE members_own_module;

static wchar_t *expand(const wchar_t *stored)
{
    DWORD size = ExpandEnvironmentStringsW(stored, NULL, 0);
    wchar_t *path = size == 0 ? NULL : malloc(size * sizeof(*path));
    if (path != NULL && ExpandEnvironmentStringsW(stored, path, size) == 0) {
        free(path);
        path = NULL;
    }
    return path;
}

wchar_t *members_provider_path(const GUID *id)
{
    wchar_t stored[MAX_PATH]; /* what a catalog entry has room for is less */
    INT length = MAX_PATH, error;
    GUID provider = *id;
    if (WSCGetProviderPath(&provider, stored, &length, &error) != 0)
        return NULL;
    stored[MAX_PATH - 1] = 0;
    return expand(stored);
}

/* By module, not by text: one DLL has many names (8.3, SysWOW64, a link), and the loader knows which of them it loaded
 * this one by. */
static bool is_own(const WSAPROTOCOL_INFOW *entry)
{
    HMODULE module = NULL;
    wchar_t *path = members_provider_path(&entry->ProviderId);
    bool own = path != NULL && GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, path, &module) &&
               module == members_own_module;
    free(path);
    return own;
}

/* All entries of the catalog, a new array. */
static WSAPROTOCOL_INFOW *read_catalog(int *count)
{
    WSAPROTOCOL_INFOW *entries = NULL;
    DWORD size = 0;
    INT error = WSAENOBUFS;
    *count = WSCEnumProtocols(NULL, NULL, &size, &error);
    /* It may grow between two calls. */
    while (*count == SOCKET_ERROR && error == WSAENOBUFS) {
        free(entries);
        entries = malloc(size);
        if (entries == NULL)
            return NULL;
        *count = WSCEnumProtocols(NULL, entries, &size, &error);
    }
    if (*count == SOCKET_ERROR) {
        free(entries);
        return NULL;
    }
    return entries;
}

static const WSAPROTOCOL_INFOW *find(const WSAPROTOCOL_INFOW *entries, int count, DWORD id)
{
    for (int i = 0; i < count; i++)
        if (entries[i].dwCatalogEntryId == id)
            return &entries[i];
    return NULL;
}

static bool is_chain(const WSAPROTOCOL_INFOW *info)
{
    return info->ProtocolChain.ChainLen > 1 && info->ProtocolChain.ChainLen <= MAX_PROTOCOL_CHAIN;
}

/* The structure may be the program's (WSASocket), and anything may be in it, so that the catalog's own entry is taken
 * where it has that id. */
static struct members *look_up(const WSAPROTOCOL_INFOW *info, const WSAPROTOCOL_INFOW *entries, int count)
{
    const WSAPROTOCOL_INFOW *chain = find(entries, count, info->dwCatalogEntryId);
    struct members *members;
    if (chain == NULL || !is_chain(chain))
        chain = info;
    members = is_chain(chain) ? calloc(1, sizeof(*members)) : NULL;
    if (members == NULL)
        return NULL;
    members->chain = *chain;
    for (int i = 0; i < chain->ProtocolChain.ChainLen; i++) {
        const WSAPROTOCOL_INFOW *entry = find(entries, count, chain->ProtocolChain.ChainEntries[i]);
        members->member[i].found = entry != NULL;
        if (entry == NULL)
            continue;
        members->member[i].info = *entry;
        members->member[i].own = i + 1 < chain->ProtocolChain.ChainLen && is_own(entry);
    }
    return members;
}

struct members *members_read(const WSAPROTOCOL_INFOW *info)
{
    int count;
    WSAPROTOCOL_INFOW *entries = read_catalog(&count);
    struct members *members = entries == NULL ? NULL : look_up(info, entries, count);
    free(entries);
    return members;
}

static bool has_member(const WSAPROTOCOL_INFOW *chain, DWORD id)
{
    int i = 0;
    while (i < chain->ProtocolChain.ChainLen && chain->ProtocolChain.ChainEntries[i] != id)
        i++;
    return i < chain->ProtocolChain.ChainLen;
}

static const WSAPROTOCOL_INFOW *find_with(const WSAPROTOCOL_INFOW *entries, int count, DWORD layer_id, int number)
{
    const WSAPROTOCOL_INFOW *layer = find(entries, count, layer_id);
    if (layer == NULL || layer->ProtocolChain.ChainLen != LAYERED_PROTOCOL || !is_own(layer))
        return NULL;
    for (int i = 0; i < count; i++)
        if (is_chain(&entries[i]) && has_member(&entries[i], layer_id) && number-- == 0)
            return &entries[i];
    return NULL;
}

struct members *members_read_with(DWORD layer_id, int number)
{
    int count;
    WSAPROTOCOL_INFOW *entries = read_catalog(&count);
    const WSAPROTOCOL_INFOW *chain = entries == NULL ? NULL : find_with(entries, count, layer_id, number);
    struct members *members = chain == NULL ? NULL : look_up(chain, entries, count);
    free(entries);
    return members;
}

int members_own_position(const struct members *members, int lowest)
{
    for (int i = lowest; i < members->chain.ProtocolChain.ChainLen; i++)
        if (members->member[i].own)
            return i;
    return -1;
}
