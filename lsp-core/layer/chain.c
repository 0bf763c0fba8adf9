/* A chain as one place of the layer sees it; see chain.h.
 *
 * Next providers are started with the chain, not with its first socket. "Delayed" startup would save nothing where it
 * counts: Winsock starts a provider when a program makes a socket of it, so that an idle process has not even loaded
 * the layer; and a provider that fails is reported by WSPStartup, as Winsock expects, and not by each socket. Only
 * chains beyond the one that WSPStartup names wait until a socket needs them. */
#include "chain.h"

#include <stdlib.h>

#include "filter.h"
#include "nesting.h"
#include "nonifs.h"
#include "upcall.h"

static struct chain *find_any(const struct place *place, DWORD id)
{
    struct chain *chain = atomic_load_explicit(&place->chains, memory_order_acquire);
    while (chain != NULL && chain->info.dwCatalogEntryId != id)
        chain = chain->sibling;
    return chain;
}

struct chain *chain_find(const struct place *place, DWORD id)
{
    struct chain *chain = find_any(place, id);
    return chain != NULL && atomic_load_explicit(&chain->running, memory_order_acquire) ? chain : NULL;
}

/* The chain's object, new where the place has had none. */
static struct chain *find_or_add(struct place *place, DWORD id)
{
    struct chain *chain = find_any(place, id);
    if (chain != NULL)
        return chain;
    chain = calloc(1, sizeof(*chain));
    if (chain == NULL)
        return NULL;
    chain->place = place;
    chain->info.dwCatalogEntryId = id;
    chain->sibling = atomic_load_explicit(&place->chains, memory_order_relaxed);
    atomic_store_explicit(&place->chains, chain, memory_order_release);
    return chain;
}

static void describe(struct chain *chain, const struct members *members, int position)
{
    chain->own_id = members->member[position].info.dwCatalogEntryId;
    chain->position = position;
    chain->ifs = (members->member[position].info.dwServiceFlags1 & XP1_IFS_HANDLES) != 0;
    chain->on_base = position + 2 == members->chain.ProtocolChain.ChainLen;
    chain->again_below = members_own_position(members, position + 1) >= 0;
    chain->filtered = filter_is_on() && members_own_position(members, 0) == position;
    chain->info = members->chain;
    chain->below = members->member[position + 1].info;
}

static int start_next(struct chain *chain, WSAPROTOCOL_INFOW *info, const WSPUPCALLTABLE *upcalls)
{
    struct nesting nesting;
    WSAPROTOCOL_INFOW base = chain->below;
    wchar_t *path = members_provider_path(&chain->below.ProviderId);
    if (path == NULL)
        return WSASYSNOTREADY;
    nesting_enter(&nesting, chain->info.dwCatalogEntryId, chain->position);
    int error = next_start(path, chain->on_base ? &base : info, upcalls, &chain->provider);
    nesting_leave(&nesting);
    free(path);
    return error;
}

int chain_start(struct place *place, const struct members *members, int position, WSAPROTOCOL_INFOW *info,
                const WSPUPCALLTABLE *upcalls, struct chain **started)
{
    *started = chain_find(place, members->chain.dwCatalogEntryId);
    if (*started != NULL)
        return 0;
    if (!members->member[position + 1].found)
        return WSASYSNOTREADY;
    struct chain *chain = find_or_add(place, members->chain.dwCatalogEntryId);
    if (chain == NULL)
        return WSASYSNOTREADY;
    describe(chain, members, position);
    if (!chain->ifs && !nonifs_start(place))
        return WSASYSNOTREADY;
    int error = start_next(chain, info, upcalls);
    if (error != 0)
        return error;
    chain->next = chain->provider.procs;
    extension_reset(&chain->extensions);
    if (chain->filtered && !chain->told)
        filter_chain_started(chain);
    chain->told = chain->filtered;
    atomic_store_explicit(&chain->running, true, memory_order_release);
    *started = chain;
    return 0;
}

/* The place's own position in the chain, but for a provider above that keeps one place's functions for chains in which
 * it stands at different heights: then the next position down. */
static int position_for(const struct place *place, const struct members *members)
{
    int lowest = nesting_lowest(members->chain.dwCatalogEntryId);
    if (place->index >= lowest && members->member[place->index].own)
        return place->index;
    return members_own_position(members, lowest);
}

static struct chain *start_on_demand(struct place *place, WSAPROTOCOL_INFOW *info, INT *error)
{
    WSPUPCALLTABLE upcalls;
    struct chain *chain = NULL;
    struct members *members = members_read(info);
    int position = members == NULL ? -1 : position_for(place, members);
    *error = WSAEINVAL;
    if (position >= 0) {
        EnterCriticalSection(&place->lock);
        upcall_get(&upcalls);
        *error = place->startups == 0 ? WSANOTINITIALISED : 0;
        /* WSASocket has no other code for a provider that cannot be started. */
        if (*error == 0 && chain_start(place, members, position, info, &upcalls, &chain) != 0)
            *error = WSAEPROVIDERFAILEDINIT;
        LeaveCriticalSection(&place->lock);
    }
    free(members);
    return chain;
}

struct chain *chain_for(struct place *place, WSAPROTOCOL_INFOW *info, INT *error)
{
    if (info == NULL) {
        *error = WSAEINVAL;
        return NULL;
    }
    struct chain *chain = chain_find(place, info->dwCatalogEntryId);
    if (__builtin_expect(chain != NULL, 1))
        return chain;
    DWORD last_error = GetLastError();
    chain = start_on_demand(place, info, error);
    SetLastError(last_error);
    return chain;
}

WSAPROTOCOL_INFOW *chain_info_below(const struct chain *chain, WSAPROTOCOL_INFOW *info, WSAPROTOCOL_INFOW *own)
{
    if (!chain->on_base)
        return info;
    *own = chain->below;
    own->dwProviderReserved = info->dwProviderReserved;
    return own;
}

static void close_left(uintptr_t s, void *owner, void *context)
{
    struct place *place = context;
    struct chain *chain = owner;
    INT ignored;
    if (owner != SOCKETS_CLOSING && sockets_replace(&place->sockets, s, owner, NULL))
        chain->next.lpWSPCloseSocket(s, &ignored);
}

/* Sockets go through the next provider while that still runs, in place of leaving them to its WSPCleanup: it may be
 * used by others, too, and then its cleanup is not its last. */
bool chain_stop_all(struct place *place, DWORD milliseconds)
{
    struct chain *chain;
    for (chain = atomic_load(&place->chains); chain != NULL; chain = chain->sibling)
        if (atomic_load(&chain->running))
            atomic_store(&chain->running, false);
    sockets_each(&place->sockets, close_left, place);
    bool finished = nonifs_stop(place, milliseconds);
    extension_forget_all(place);
    for (chain = atomic_load(&place->chains); chain != NULL; chain = chain->sibling)
        if (chain->provider.module != NULL)
            next_stop(&chain->provider);
    return finished;
}

void chain_unload_all(struct place *place)
{
    for (struct chain *chain = atomic_load(&place->chains); chain != NULL; chain = chain->sibling)
        if (chain->provider.module != NULL)
            next_unload(&chain->provider);
}

void chain_keep_all(struct place *place)
{
    for (struct chain *chain = atomic_load(&place->chains); chain != NULL; chain = chain->sibling)
        chain->provider.module = NULL;
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
