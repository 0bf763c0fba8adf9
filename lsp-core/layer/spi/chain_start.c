/* A chain as one place of the layer sees it; see lifecycle.h.
 *
 * Next providers are started with the chain, not with its first socket. "Delayed" startup would save nothing where it
 * counts: Winsock starts a provider when a program makes a socket of it, so that an idle process has not even loaded
 * the layer; and a provider that fails is reported by WSPStartup, as Winsock expects, and not by each socket. Only
 * chains beyond the one that WSPStartup names wait until a socket needs them.
 *
 * A start may load DLLs, which needs the loader's lock, and calls the next provider, which may do what it likes: wait
 * for another thread that calls the layer, for one. So it is done under no lock, and the chain's phase keeps others
 * away: they wait, and hold nothing meanwhile but what they came with. That may be the loader's lock (a DllMain that
 * uses Winsock), and then the start that they wait for cannot end before they have gone on. So the wait has a limit,
 * after which the waiting thread starts the chain itself; of two that have started it, the second takes its start back
 * (WSPStartup and WSPCleanup are counted). */
#include "lifecycle.h"

#include <limits.h>
#include <stdlib.h>

#include "lsp-core/layer/filter/filter.h"
#include "lsp-core/layer/chain/nesting.h"
#include "lsp-core/layer/nonifs/sockets.h"
#include "lsp-core/layer/chain/upcall.h"

/* For another thread's start of the same chain. */
enum { START_MILLISECONDS = 3000 };

/* --- under the place's lock --- */

static struct chain *find_starting(const struct place *place, DWORD id, bool own)
{
    struct chain *chain = atomic_load_explicit(&place->chains, memory_order_relaxed);
    while (chain != NULL && (chain->info.dwCatalogEntryId != id || chain->phase != CHAIN_STARTING ||
                             (own && chain->starter != GetCurrentThreadId())))
        chain = chain->sibling;
    return chain;
}

/* An object for a start of the chain: one that it has had before, where nothing of that is left, or a new one. */
static struct chain *find_or_add(struct place *place, DWORD id)
{
    bool told = false;
    for (struct chain *old = atomic_load(&place->chains); old != NULL; old = old->sibling) {
        if (old->info.dwCatalogEntryId != id)
            continue;
        if (old->phase == CHAIN_STOPPED && old->provider.module == NULL)
            return old;
        told = told || old->told;
    }
    struct chain *chain = calloc(1, sizeof(*chain));
    if (chain == NULL)
        return NULL;
    chain->place = place;
    chain->told = told;
    chain->info.dwCatalogEntryId = id;
    chain->sibling = atomic_load_explicit(&place->chains, memory_order_relaxed);
    atomic_store_explicit(&place->chains, chain, memory_order_release);
    return chain;
}

static bool all_ifs(const struct members *members, int position)
{
    bool all = true;
    for (; position < members->chain.ProtocolChain.ChainLen; position++)
        all = all && members->member[position].found &&
              (members->member[position].info.dwServiceFlags1 & XP1_IFS_HANDLES) != 0;
    return all;
}

static void describe(struct chain *chain, const struct members *members, int position)
{
    chain->own_id = members->member[position].info.dwCatalogEntryId;
    chain->position = position;
    chain->ifs = (members->member[position].info.dwServiceFlags1 & XP1_IFS_HANDLES) != 0;
    chain->ifs_below = all_ifs(members, position + 1);
    chain->on_base = position + 2 == members->chain.ProtocolChain.ChainLen;
    chain->again_below = members_own_position(members, position + 1) >= 0;
    chain->filtered = filter_is_on() && members_own_position(members, 0) == position;
    chain->info = members->chain;
    chain->below = members->member[position + 1].info;
}

bool chain_is_up(struct place *place, DWORD id)
{
    place_lock(place);
    bool up = chain_find(place, id) != NULL || find_starting(place, id, true) != NULL;
    place_unlock(place);
    return up;
}

/* Counts a startup, or looks whether there was one. */
static int use_place(struct place *place, enum chain_use use)
{
    if (use == CHAIN_FOR_CALL)
        return place->startups == 0 ? WSANOTINITIALISED : 0;
    if (place->startups == ULONG_MAX)
        return WSAEPROCLIM;
    place->startups++;
    return 0;
}

/* The chain once it is running, or the calling thread's own start, where that will do; else NULL: it is to be started,
 * which is what a start by this thread itself, further up its stack, and the end of the process are an error for. */
static struct chain *wait_for_start(struct place *place, DWORD id, enum chain_use use, int *error)
{
    struct chain *chain = chain_find(place, id);
    ULONGLONG begin = GetTickCount64(), waited = 0;
    *error = 0;
    while (chain == NULL && find_starting(place, id, false) != NULL && waited < START_MILLISECONDS) {
        if (use == CHAIN_FOR_LAYER && find_starting(place, id, true) != NULL)
            return find_starting(place, id, true);
        if (find_starting(place, id, true) != NULL || process_is_ending()) {
            *error = WSASYSNOTREADY;
            return NULL;
        }
        if (!SleepConditionVariableSRW(&place->changed, &place->lock, START_MILLISECONDS - (DWORD)waited, 0))
            break;
        waited = GetTickCount64() - begin;
        chain = chain_find(place, id);
    }
    if (chain == NULL && process_is_ending())
        *error = WSASYSNOTREADY;
    return chain;
}

/* --- under no lock --- */

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

static int start_claimed(struct chain *chain, WSAPROTOCOL_INFOW *info, const WSPUPCALLTABLE *upcalls)
{
    if (!chain->ifs && !nonifs_start(chain->place))
        return WSASYSNOTREADY;
    int error = start_next(chain, info, upcalls);
    if (error != 0) {
        if (!chain->ifs)
            nonifs_end(true);
        return error;
    }
    chain->next = chain->provider.procs;
    extension_reset(&chain->extensions);
    if (chain->filtered && !chain->told)
        filter_chain_started(chain);
    chain->told = chain->filtered;
    return 0;
}

static void enter_phase(struct chain *chain, enum chain_phase phase)
{
    place_lock(chain->place);
    chain->phase = phase;
    place_unlock(chain->place);
}

/* Another thread has started the chain, too, and was first; or has cleaned up the place. */
static void take_back(struct chain *chain)
{
    next_stop(&chain->provider);
    if (!chain->ifs)
        nonifs_end(true);
    next_unload(&chain->provider);
    enter_phase(chain, CHAIN_STOPPED);
}

/* Ends a start. */
static int settle(struct chain *chain, int error, enum chain_use use, struct chain **started)
{
    struct place *place = chain->place;
    bool loaded = error == 0;
    place_lock(place);
    struct chain *first = chain_find(place, chain->info.dwCatalogEntryId);
    if (loaded || first != NULL)
        error = use_place(place, use);
    bool runs = loaded && first == NULL && error == 0;
    chain->phase = runs ? CHAIN_RUNNING : loaded ? CHAIN_STOPPING : CHAIN_STOPPED;
    if (runs)
        atomic_store_explicit(&chain->running, true, memory_order_release);
    place_unlock(place);
    WakeAllConditionVariable(&place->changed);
    if (error == 0)
        *started = runs ? chain : first;
    if (loaded && !runs)
        take_back(chain);
    return error;
}

int chain_start(struct place *place, const struct members *members, int position, WSAPROTOCOL_INFOW *info,
                const WSPUPCALLTABLE *upcalls, enum chain_use use, struct chain **started)
{
    struct chain *claimed = NULL;
    int error;
    place_lock(place);
    *started = wait_for_start(place, members->chain.dwCatalogEntryId, use, &error);
    if (*started != NULL) {
        error = use_place(place, use);
    } else if (error == 0) {
        error = use == CHAIN_FOR_CALL && place->startups == 0 ? WSANOTINITIALISED : WSASYSNOTREADY;
        if (error == WSASYSNOTREADY && members->member[position + 1].found)
            claimed = find_or_add(place, members->chain.dwCatalogEntryId);
    }
    if (claimed != NULL) {
        claimed->phase = CHAIN_STARTING;
        claimed->starter = GetCurrentThreadId();
        describe(claimed, members, position);
    }
    place_unlock(place);
    return claimed == NULL ? error : settle(claimed, start_claimed(claimed, info, upcalls), use, started);
}

/* --- for calls --- */

/* The place's own position in the chain, but for a provider above that keeps one place's functions for chains in which
 * it stands at different heights: then the next position down. */
static int position_for(const struct place *place, const struct members *members)
{
    int lowest = nesting_lowest(members->chain.dwCatalogEntryId);
    if (place->index >= lowest && members->member[place->index].own)
        return place->index;
    return members_own_position(members, lowest);
}

static int start_for_call(struct place *place, struct members *members, WSAPROTOCOL_INFOW *info, struct chain **chain)
{
    WSPUPCALLTABLE upcalls;
    int position = position_for(place, members);
    if (position < 0)
        return WSAEINVAL;
    upcall_get(&upcalls);
    int error = chain_start(place, members, position, info, &upcalls, CHAIN_FOR_CALL, chain);
    /* WSASocket has no other code for a provider that cannot be started. */
    return error == 0 || error == WSANOTINITIALISED ? error : WSAEPROVIDERFAILEDINIT;
}

/* Zero and FROM_PROTOCOL_INFO leave it to the entry. */
static bool is_left_open(int asked)
{
    return asked == 0 || asked == FROM_PROTOCOL_INFO;
}

static bool serves(const WSAPROTOCOL_INFOW *chain, int family, int type, int protocol)
{
    return (is_left_open(family) || family == chain->iAddressFamily) &&
           (is_left_open(type) || type == chain->iSocketType) &&
           (is_left_open(protocol) ||
            (protocol >= chain->iProtocol && protocol - chain->iProtocol <= chain->iProtocolMaxOffset));
}

/* The layer's own entry, which WSPStartup takes, too (startup.c), names no chain, and there may be several with it.
 * What the program would get without that entry is the first one in the catalog's order that serves what it asks for;
 * the very first where none does, whose next provider then says what is wrong with it. */
static struct members *members_of_layer(const struct place *place, DWORD id, int family, int type, int protocol)
{
    struct members *chosen = NULL, *members;
    for (int i = 0; (members = members_read_with(id, i)) != NULL; i++) {
        bool fits = position_for(place, members) >= 0 && serves(&members->chain, family, type, protocol);
        if (fits || (chosen == NULL && position_for(place, members) >= 0)) {
            free(chosen);
            chosen = members;
        } else {
            free(members);
        }
        if (fits)
            break;
    }
    return chosen;
}

static struct chain *start_on_demand(struct place *place, int family, int type, int protocol, WSAPROTOCOL_INFOW *info,
                                     INT *error)
{
    struct chain *chain = NULL;
    struct members *members = members_read(info);
    *error = WSAEINVAL;
    if (members != NULL) {
        *error = start_for_call(place, members, info, &chain);
    } else if ((members = members_of_layer(place, info->dwCatalogEntryId, family, type, protocol)) != NULL) {
        WSAPROTOCOL_INFOW entry = members->chain;
        *error = start_for_call(place, members, &entry, &chain);
    }
    free(members);
    return *error == 0 ? chain : NULL;
}

struct chain *chain_for_socket(struct place *place, int family, int type, int protocol, WSAPROTOCOL_INFOW *info,
                               INT *error)
{
    if (info == NULL) {
        *error = WSAEINVAL;
        return NULL;
    }
    struct chain *chain = chain_find(place, info->dwCatalogEntryId);
    if (__builtin_expect(chain != NULL, 1))
        return chain;
    DWORD last_error = GetLastError();
    chain = start_on_demand(place, family, type, protocol, info, error);
    SetLastError(last_error);
    return chain;
}

struct chain *chain_for(struct place *place, WSAPROTOCOL_INFOW *info, INT *error)
{
    const int family = info == NULL ? 0 : info->iAddressFamily;
    return chain_for_socket(place, family, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, info, error);
}
