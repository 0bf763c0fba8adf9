/* WSPCleanup, and a place's chains at its last one; see lifecycle.h. What can take its time is done under no lock, as
 * with a start (chain_start.c): another thread may start the place anew meanwhile, and has chains of its own then. */
#include "lifecycle.h"

#include <stdlib.h>

#include "lsp-core/layer/nonifs/sockets.h"
#include "lsp-core/layer/nonifs/operation.h"
#include "spi.h"

/* For operations that have not been announced, and then for calls that are still inside of the layer, though their
 * sockets have been closed. */
enum { LAST_CALLS_MILLISECONDS = 2000 };

static struct chain *first_chain(const struct place *place)
{
    return atomic_load_explicit(&place->chains, memory_order_acquire);
}

/* Also those that an earlier one could not unload. */
void chain_take_running(struct place *place, const void *stopping)
{
    for (struct chain *chain = first_chain(place); chain != NULL; chain = chain->sibling) {
        bool left = chain->phase == CHAIN_STOPPED && chain->provider.module != NULL;
        if (chain->phase != CHAIN_RUNNING && !left)
            continue;
        atomic_store(&chain->running, false);
        chain->cleanup_due = !left;
        chain->phase = CHAIN_STOPPING;
        atomic_store(&chain->stopping, stopping);
    }
}

/* What one chain_stop_all has to do. */
struct stop {
    struct place *place;
    const void *stopping;
};

static bool is_stopped_by(const struct chain *chain, const struct stop *stop)
{
    return atomic_load(&chain->stopping) == stop->stopping;
}

static void close_left(uintptr_t s, void *owner, void *context)
{
    const struct stop *stop = context;
    struct chain *chain = owner;
    INT ignored;
    if (owner == SOCKETS_CLOSING || !is_stopped_by(chain, stop) ||
        !sockets_replace(&stop->place->sockets, s, owner, NULL))
        return;
    extension_forget(stop->place, s);
    chain->next.lpWSPCloseSocket(s, &ignored);
}

/* No call is under way; or the place runs again, and its next last cleanup looks after what is left. False: too late.
 */
static bool wait_until_over(struct place *place, const struct calls *calls, bool *again)
{
    const ULONGLONG begin = GetTickCount64();
    for (;;) {
        place_lock(place);
        *again = place->startups != 0;
        place_unlock(place);
        if (*again || !calls_any(calls))
            return true;
        if (GetTickCount64() - begin >= LAST_CALLS_MILLISECONDS)
            return false;
        Sleep(1);
    }
}

/* Sockets go through the next provider while that still runs, in place of leaving them to its WSPCleanup: it may be
 * used by others, too, and then its cleanup is not its last. */
static bool clean_up(const struct stop *stop, bool *again)
{
    struct place *place = stop->place;
    sockets_each(&place->sockets, close_left, (void *)stop);
    nonifs_close_all(place, stop->stopping);
    bool over = wait_until_over(place, &place->operations, again) && !operation_apcs_outstanding();
    if (!*again)
        extension_forget_all(place);
    for (struct chain *chain = first_chain(place); chain != NULL; chain = chain->sibling) {
        if (!is_stopped_by(chain, stop) || !chain->cleanup_due)
            continue;
        chain->cleanup_due = false;
        next_stop(&chain->provider);
        if (!chain->ifs)
            nonifs_end(over && !*again);
    }
    return over;
}

static void unload(const struct stop *stop)
{
    for (struct chain *chain = first_chain(stop->place); chain != NULL; chain = chain->sibling)
        if (is_stopped_by(chain, stop))
            next_unload(&chain->provider);
}

static void keep(const struct stop *stop)
{
    HMODULE self;
    for (struct chain *chain = first_chain(stop->place); chain != NULL; chain = chain->sibling)
        if (is_stopped_by(chain, stop))
            chain->provider.module = NULL;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                       (const wchar_t *)(void *)&places, &self);
}

void chain_stop_all(struct place *place, const void *stopping)
{
    const struct stop stop = {place, stopping};
    bool again = false;
    bool over = clean_up(&stop, &again);
    if (over && !again)
        over = wait_until_over(place, &place->calls, &again);
    if (!over)
        keep(&stop);
    else if (!again)
        unload(&stop);
    place_lock(place);
    for (struct chain *chain = first_chain(place); chain != NULL; chain = chain->sibling) {
        if (!is_stopped_by(chain, &stop))
            continue;
        atomic_store(&chain->stopping, NULL);
        chain->phase = CHAIN_STOPPED;
    }
    place_unlock(place);
}

/* The system closes the sockets. The next provider is told, as Winsock would tell it without the layer: what it does at
 * the end of the process is its own business. */
void chain_stop_at_end(struct place *place)
{
    for (struct chain *chain = first_chain(place); chain != NULL; chain = chain->sibling)
        if (atomic_exchange(&chain->running, false))
            next_stop(&chain->provider);
}

/* --- WSPCleanup --- */

static int not_started(INT *error)
{
    *error = WSANOTINITIALISED;
    return SOCKET_ERROR;
}

static int clean_up_at_end(struct place *place, INT *error)
{
    if (place->startups == 0)
        return not_started(error);
    if (--place->startups == 0)
        chain_stop_at_end(place);
    return 0;
}

int spi_Cleanup(struct place *place, INT *error)
{
    if (process_is_ending())
        return clean_up_at_end(place, error);
    DWORD last_error = GetLastError();
    place_lock(place);
    bool started = place->startups > 0;
    bool last = place->startups == 1;
    if (started)
        place->startups--;
    if (last)
        chain_take_running(place, &last);
    place_unlock(place);
    if (last)
        chain_stop_all(place, &last);
    SetLastError(last_error);
    return started ? 0 : not_started(error);
}
