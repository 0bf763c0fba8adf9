/* The chains of a place, and what one passes down; see chain.h. How they are started and stopped is in
 * lsp-core/layer/spi/lifecycle.h. */
#include "chain.h"

#include <stdlib.h>

struct chain *chain_find(const struct place *place, DWORD id)
{
    struct chain *chain = atomic_load_explicit(&place->chains, memory_order_acquire);
    while (chain != NULL &&
           (chain->info.dwCatalogEntryId != id || !atomic_load_explicit(&chain->running, memory_order_acquire)))
        chain = chain->sibling;
    return chain;
}

/* "These values … passed unmodified" (WSASocket): what the program has changed in its copy of the chain's entry. */
static void keep_changes(WSAPROTOCOL_INFOW *own, const WSAPROTOCOL_INFOW *info, const WSAPROTOCOL_INFOW *entry)
{
    if (info->iAddressFamily != entry->iAddressFamily)
        own->iAddressFamily = info->iAddressFamily;
    if (info->iSocketType != entry->iSocketType)
        own->iSocketType = info->iSocketType;
    if (info->iProtocol != entry->iProtocol)
        own->iProtocol = info->iProtocol;
}

WSAPROTOCOL_INFOW *chain_info_below(const struct chain *chain, WSAPROTOCOL_INFOW *info, WSAPROTOCOL_INFOW *own)
{
    bool chains = info->dwCatalogEntryId == chain->info.dwCatalogEntryId;
    if (!chain->on_base && chains)
        return info;
    *own = chain->on_base ? chain->below : chain->info;
    own->dwProviderReserved = info->dwProviderReserved;
    if (chains)
        keep_changes(own, info, &chain->info);
    return own;
}

void chain_free_all(struct place *place)
{
    struct chain *chain = atomic_exchange(&place->chains, NULL);
    while (chain != NULL) {
        struct chain *sibling = chain->sibling;
        free(chain);
        chain = sibling;
    }
}
