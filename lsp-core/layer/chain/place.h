/* A place of the layer in a chain, counted from the top. One DLL can stand in a chain several times, and then one IFS
 * handle passes through each of its places with the same value: neither the handle nor the WSAPROTOCOL_INFO says which
 * place a call has reached. So each place has procedures, a table of sockets and a count of startups of its own; a
 * provider above gets those of the place that it goes on to. */
#ifndef WSPLSP_CORE_LAYER_CHAIN_PLACE_H
#define WSPLSP_CORE_LAYER_CHAIN_PLACE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "calls.h"
#include "ending.h"
#include "slots.h"
#include "winsock_spi.h"

/* The last of a chain is the base provider. */
#define PLACES (MAX_PROTOCOL_CHAIN - 1)

struct chain;
struct extension_records;

struct place {
    struct sockets sockets; /* IFS handles; the values are `struct chain *` */
    /* Non-IFS (lsp-core/layer/nonifs/sockets.h): made with the first chain of that mode, and from then on never NULL.
     */
    struct slots *slots;
    struct calls operations;    /* that are outstanding (operation.h) */
    struct sockets slots_below; /* by the next provider's handle; the values are `struct slot *` */
    /* Never taken off, so that they can be looked at without a lock: a chain that is stopped waits to be started
     * again. Freed with the DLL. */
    _Atomic(struct chain *) chains;
    _Atomic(struct extension_records *) extension_records;
    struct calls calls;
    /* Of `startups` and of the chains' phases (chain.h). Under it nothing loads, starts, calls out or waits: another
     * thread may come here from a DllMain, and so have the lock that loading needs. */
    SRWLOCK lock;
    CONDITION_VARIABLE changed; /* a start is over, in one way or the other */
    unsigned long startups;     /* WSPStartup less WSPCleanup */
    int index;
};

extern struct place places[PLACES];

/* For DllMain. places_free is for a DLL that is unloaded while the process goes on: all places have been cleaned up. */
void places_initialize(void);
void places_free(void);

/* Nobody else is there when the process is ending; but whoever was may have taken the lock along. */
static inline void place_lock(struct place *place)
{
    if (!process_is_ending())
        AcquireSRWLockExclusive(&place->lock);
}

static inline void place_unlock(struct place *place)
{
    if (!process_is_ending())
        ReleaseSRWLockExclusive(&place->lock);
}

/* The chain of a socket, NULL for a handle that is none (of this place). It stays good until the DLL is unloaded. */
static inline struct chain *place_chain(struct place *place, SOCKET s)
{
    void *owner = sockets_find(&place->sockets, s);
    return __builtin_expect((uintptr_t)owner > (uintptr_t)SOCKETS_CLOSING, 1) ? owner : NULL;
}

#endif
