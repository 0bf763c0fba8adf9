/* Sockets with handles of the layer's own come and go; see nonifs.h. */
#include "nonifs.h"

#include <stdlib.h>

#include "extension.h"
#include "nesting.h"
#include "nonifs_window.h"
#include "operation.h"
#include "upcall.h"
#include "worker.h"

static SOCKET fail(INT *error, INT code)
{
    *error = code;
    return INVALID_SOCKET;
}

bool nonifs_find_slowly(struct place *place, SOCKET s, struct nonifs_socket *found)
{
    DWORD_PTR context;
    INT ignored;
    DWORD last_error = GetLastError();
    int result = upcall_query_socket_handle_context(s, &context, &ignored);
    SetLastError(last_error);
    struct slot *slot = result == 0 ? slots_of_context(place->slots, context) : NULL;
    if (slot == NULL)
        return false;
    found->slot = slot;
    found->handle = atomic_load_explicit(&slot->handle, memory_order_relaxed);
    found->chain = slot->owner;
    found->next = atomic_load_explicit(&slot->next, memory_order_relaxed);
    /* Still that socket's after `next` has been read. */
    return slots_of_context(place->slots, context) == slot;
}

/* "WPUCreateSocketHandle": no room is WSAENOBUFS, and the next provider's socket must not be left behind. The id is
 * that of the chain's entry, as with WPUModifyIFSHandle (spi_socket.c). */
SOCKET nonifs_give_out(struct chain *chain, SOCKET next, bool overlapped, const struct slot *like, INT *error)
{
    struct place *place = chain->place;
    INT ignored;
    if (next == INVALID_SOCKET)
        return next;
    struct slot *slot = slots_take(place->slots, chain, next);
    SOCKET s = slot == NULL ? fail(error, WSAENOBUFS)
                            : upcall_create_socket_handle(chain->info.dwCatalogEntryId, slot_context(slot), error);
    if (s != INVALID_SOCKET) {
        slot->data.overlapped = overlapped;
        nonifs_window_inherit(slot, like);
        if (slots_publish(place->slots, slot, s)) {
            nonifs_window_known(place, slot);
            return s;
        }
        upcall_close_socket_handle(s, &ignored);
        fail(error, WSAENOBUFS);
    }
    if (slot != NULL) {
        slot_release(slot);
        slots_give(place->slots, slot);
    }
    chain->next.lpWSPCloseSocket(next, &ignored);
    return INVALID_SOCKET;
}

static SOCKET make(struct chain *chain, int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group,
                   DWORD flags, INT *error)
{
    WSAPROTOCOL_INFOW base;
    struct nesting nesting;
    WSAPROTOCOL_INFOW *below = chain_info_below(chain, info, &base);
    if (chain->again_below)
        nesting_enter(&nesting, chain->info.dwCatalogEntryId, chain->position);
    SOCKET next = chain->next.lpWSPSocket(family, type, protocol, below, group, flags, error);
    if (chain->again_below)
        nesting_leave(&nesting);
    return nonifs_give_out(chain, next, (flags & WSA_FLAG_OVERLAPPED) != 0, NULL, error);
}

SOCKET nonifs_Socket(struct place *place, int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group,
                     DWORD flags, INT *error)
{
    struct chain *chain = chain_for(place, info, error);
    if (chain == NULL)
        return INVALID_SOCKET;
    atomic_long *counter = calls_enter(&place->calls);
    SOCKET s = atomic_load(&chain->running) ? make(chain, family, type, protocol, info, group, flags, error)
                                            : fail(error, WSANOTINITIALISED);
    calls_leave(counter);
    return s;
}

SOCKET nonifs_Accept(struct place *place, SOCKET s, struct sockaddr *address, INT *length, LPCONDITIONPROC condition,
                     DWORD_PTR data, INT *error)
{
    struct nonifs_socket listening;
    if (!nonifs_find(place, s, &listening))
        return fail(error, WSAENOTSOCK);
    atomic_long *counter = calls_enter(&place->calls);
    struct chain *chain = listening.chain;
    SOCKET next = chain->next.lpWSPAccept(listening.next, address, length, condition, data, error);
    SOCKET accepted = nonifs_give_out(chain, next, listening.slot->data.overlapped, listening.slot, error);
    calls_leave(counter);
    return accepted;
}

/* A leaf that joins gets no socket of its own: "the returned socket descriptor is the same as the input". */
SOCKET nonifs_JoinLeaf(struct place *place, SOCKET s, const struct sockaddr *name, int length, WSABUF *caller,
                       WSABUF *callee, QOS *socket_qos, QOS *group_qos, DWORD flags, INT *error)
{
    struct nonifs_socket root;
    if (!nonifs_find(place, s, &root))
        return fail(error, WSAENOTSOCK);
    atomic_long *counter = calls_enter(&place->calls);
    struct chain *chain = root.chain;
    SOCKET next =
        chain->next.lpWSPJoinLeaf(root.next, name, length, caller, callee, socket_qos, group_qos, flags, error);
    SOCKET leaf = next == root.next ? s : nonifs_give_out(chain, next, root.slot->data.overlapped, root.slot, error);
    calls_leave(counter);
    return leaf;
}

int nonifs_DuplicateSocket(struct place *place, SOCKET s, DWORD process, WSAPROTOCOL_INFOW *info, INT *error)
{
    struct nonifs_socket found;
    if (!nonifs_find(place, s, &found)) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    WSAPROTOCOL_INFOW base = found.chain->below;
    WSAPROTOCOL_INFOW *below = found.chain->on_base && info != NULL ? &base : info;
    int result = found.chain->next.lpWSPDuplicateSocket(found.next, process, below, error);
    if (result != 0 || info == NULL)
        return result;
    DWORD reserved = below->dwProviderReserved;
    *info = found.chain->info;
    info->dwProviderReserved = reserved;
    return 0;
}

void nonifs_let_go(struct place *place, struct slot *slot)
{
    INT ignored;
    if (!slot_release(slot))
        return;
    upcall_close_socket_handle(atomic_load(&slot->handle), &ignored);
    slots_give(place->slots, slot);
}

/* The next provider's socket is closed at once: that is what ends calls and operations which wait on it. The handle
 * stays until the last of them has been announced on it. */
static int close_found(struct place *place, SOCKET s, struct nonifs_socket *found, INT *error)
{
    if (!slots_close(place->slots, found->slot, s)) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    /* Nobody else closes it from here on; before, the slot may have become another socket's with that handle. */
    found->chain = found->slot->owner;
    found->next = atomic_load(&found->slot->next);
    sockets_replace(&place->slots_below, found->next, found->slot, NULL);
    extension_forget(place, s);
    int result = found->chain->next.lpWSPCloseSocket(found->next, error);
    if (result != 0 && *error != WSAENOTSOCK) {
        /* WSAEWOULDBLOCK: it lingers, and the program has to try again. */
        sockets_set(&place->slots_below, found->next, found->slot);
        if (slots_reopen(place->slots, found->slot))
            return result;
    }
    nonifs_let_go(place, found->slot);
    return result;
}

int nonifs_CloseSocket(struct place *place, SOCKET s, INT *error)
{
    struct nonifs_socket found;
    if (!nonifs_find(place, s, &found)) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    atomic_long *counter = calls_enter(&place->calls);
    int result = close_found(place, s, &found, error);
    calls_leave(counter);
    return result;
}

static void close_left(struct slot *slot, void *context)
{
    INT ignored;
    SOCKET s = atomic_load(&slot->handle);
    struct nonifs_socket found = {slot, s, slot->owner, atomic_load(&slot->next)};
    if (s != 0)
        close_found(context, s, &found, &ignored);
}

/* Places that have chains of this mode. */
static atomic_long users;

bool nonifs_start(struct place *place)
{
    if (place->slots == NULL)
        place->slots = calloc(1, sizeof(*place->slots));
    if (place->slots == NULL)
        return false;
    if (!place->nonifs_running)
        atomic_fetch_add(&users, 1);
    place->nonifs_running = true;
    return true;
}

bool nonifs_stop(struct place *place, DWORD milliseconds)
{
    if (!place->nonifs_running)
        return true;
    slots_each(place->slots, close_left, place);
    bool finished = calls_wait(&place->operations, milliseconds) && !operation_apcs_outstanding();
    place->nonifs_running = false;
    if (atomic_fetch_sub(&users, 1) == 1 && finished) {
        workers_end();
        nonifs_window_end();
    }
    return finished;
}
