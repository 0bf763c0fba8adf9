/* Calls of the layer that are under way and go on in its own code when the next provider returns. WSPCleanup "should
 * not return until the service provider DLL is prepared to be unloaded", so it waits for them. Calls that end in a jump
 * to the next provider are never counted, nor seen again: lsp-core/layer/spi/functions.c has both kinds, and
 * scripts/layer-jumps looks in what the compiler has made of it whether they are what they should be. With the trace on
 * or with a filter, the DLL is never unloaded. */
#ifndef WSPLSP_CORE_LAYER_CHAIN_CALLS_H
#define WSPLSP_CORE_LAYER_CHAIN_CALLS_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "winsock_spi.h"

enum { CALLS_SLOTS = 16 };

/* Several counters, each in cache lines of its own, so that threads do not slow each other down. */
struct calls {
    struct {
        alignas(128) atomic_long under_way;
    } slot[CALLS_SLOTS];
};

/* Returns what calls_leave is to be given. */
static inline atomic_long *calls_enter(struct calls *calls)
{
    atomic_long *counter = &calls->slot[GetCurrentThreadId() / 4 % CALLS_SLOTS].under_way;
    atomic_fetch_add(counter, 1);
    return counter;
}

static inline void calls_leave(atomic_long *counter)
{
    atomic_fetch_sub(counter, 1);
}

bool calls_any(const struct calls *calls);

#endif
