/* Sockets with handles of the layer's own come and go; see lsp-core/layer/nonifs/sockets.h. */
#include "lsp-core/layer/nonifs/sockets.h"

#include <stdlib.h>

#include "lsp-core/layer/chain/extension.h"
#include "lsp-core/layer/chain/nesting.h"
#include "lsp-core/layer/nonifs/window.h"
#include "lsp-core/layer/nonifs/operation.h"
#include "lsp-core/layer/chain/upcall.h"
#include "lsp-core/layer/nonifs/worker.h"
#include "lifecycle.h"

static SOCKET fail(INT *error, INT code)
{
    *error = code;
    return INVALID_SOCKET;
}

struct kind {
    bool overlapped, stream;
};

static struct kind kind_of(const struct slot *slot)
{
    return (struct kind){slot->data.overlapped, slot->data.stream};
}

/* Gives the program a handle for a new socket of the next provider's, which is closed where that fails. `like` is the
 * listening socket whose window messages an accepted one inherits, or NULL.
 * "WPUCreateSocketHandle": no room is WSAENOBUFS, and the next provider's socket must not be left behind. The id is
 * that of the chain's entry, as with WPUModifyIFSHandle (ifs_socket.c). */
static SOCKET give_out(struct chain *chain, SOCKET next, struct kind kind, const struct slot *like, INT *error)
{
    struct place *place = chain->place;
    INT ignored;
    if (next == INVALID_SOCKET)
        return next;
    struct slot *slot = slots_take(place->slots, chain, next);
    SOCKET s = slot == NULL ? fail(error, WSAENOBUFS)
                            : upcall_create_socket_handle(chain->info.dwCatalogEntryId, slot_context(slot), error);
    if (s != INVALID_SOCKET) {
        slot->data.overlapped = kind.overlapped;
        slot->data.stream = kind.stream;
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
        nonifs_give_back(place, slot);
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
    int made = type == 0 || type == FROM_PROTOCOL_INFO ? info->iSocketType : type;
    struct kind kind = {(flags & WSA_FLAG_OVERLAPPED) != 0, made == SOCK_STREAM};
    return give_out(chain, next, kind, NULL, error);
}

SOCKET nonifs_Socket(struct place *place, int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group,
                     DWORD flags, INT *error)
{
    struct chain *chain = chain_for_socket(place, family, type, protocol, info, error);
    if (chain == NULL)
        return INVALID_SOCKET;
    return atomic_load(&chain->running) ? make(chain, family, type, protocol, info, group, flags, error)
                                        : fail(error, WSANOTINITIALISED);
}

SOCKET nonifs_Accept(struct place *place, SOCKET s, struct sockaddr *address, INT *length, LPCONDITIONPROC condition,
                     DWORD_PTR data, INT *error)
{
    struct nonifs_socket listening;
    if (!nonifs_find(place, s, &listening))
        return fail(error, WSAENOTSOCK);
    struct chain *chain = listening.chain;
    SOCKET next = chain->next.lpWSPAccept(listening.next, address, length, condition, data, error);
    return give_out(chain, next, kind_of(listening.slot), listening.slot, error);
}

/* A leaf that joins gets no socket of its own: "the returned socket descriptor is the same as the input". */
SOCKET nonifs_JoinLeaf(struct place *place, SOCKET s, const struct sockaddr *name, int length, WSABUF *caller,
                       WSABUF *callee, QOS *socket_qos, QOS *group_qos, DWORD flags, INT *error)
{
    struct nonifs_socket root;
    if (!nonifs_find(place, s, &root))
        return fail(error, WSAENOTSOCK);
    struct chain *chain = root.chain;
    SOCKET next =
        chain->next.lpWSPJoinLeaf(root.next, name, length, caller, callee, socket_qos, group_qos, flags, error);
    return next == root.next ? s : give_out(chain, next, kind_of(root.slot), root.slot, error);
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

/* The next provider's socket is closed at once: that is what ends calls and operations which wait on it. The handle
 * stays until the last of them has been announced on it. */
static int close_found(struct place *place, struct nonifs_socket *found, INT *error)
{
    if (!slots_close(place->slots, found->slot, found->handle)) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    /* Nobody else closes it from here on; before, the slot may have become another socket's with that handle. */
    found->chain = found->slot->owner;
    found->next = atomic_load(&found->slot->next);
    sockets_replace(&place->slots_below, found->next, found->slot, NULL);
    extension_forget(place, found->handle);
    if (found->given != found->handle)
        extension_forget(place, found->given);
    int result = found->chain->next.lpWSPCloseSocket(found->next, error);
    if (result != 0 && *error != WSAENOTSOCK) {
        /* WSAEWOULDBLOCK: it lingers, and the program has to try again. */
        sockets_set(&place->slots_below, found->next, found->slot);
        if (slots_reopen(place->slots, found->slot))
            return result;
    }
    /* Winsock gets the handle that the program has closed; the program closes its others itself. */
    atomic_store(&found->slot->handle, found->given);
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
    return close_found(place, &found, error);
}

struct closing {
    struct place *place;
    const void *stopping;
};

/* Sockets of other chains come and go meanwhile: held, the slot stays what it is. */
static void close_left(struct slot *slot, void *context)
{
    const struct closing *closing = context;
    INT ignored;
    SOCKET s = atomic_load(&slot->handle);
    if (s == 0 || !slot_hold(slot, s))
        return;
    struct chain *chain = slot->owner;
    struct nonifs_socket found = {slot, s, s, chain, atomic_load(&slot->next)};
    if (atomic_load(&chain->stopping) == closing->stopping)
        close_found(closing->place, &found, &ignored);
    nonifs_let_go(closing->place, slot);
}

/* Chains of this mode that have been started. */
static struct {
    SRWLOCK lock; /* of starting and ending */
    unsigned long count;
} users;

bool nonifs_start(struct place *place)
{
    AcquireSRWLockExclusive(&users.lock);
    if (place->slots == NULL)
        place->slots = calloc(1, sizeof(*place->slots));
    bool started = place->slots != NULL;
    if (started)
        users.count++;
    ReleaseSRWLockExclusive(&users.lock);
    return started;
}

void nonifs_close_all(struct place *place, const void *stopping)
{
    struct closing closing = {place, stopping};
    if (place->slots != NULL)
        slots_each(place->slots, close_left, &closing);
}

/* What ends is told so, and not waited for. */
void nonifs_end(bool over)
{
    AcquireSRWLockExclusive(&users.lock);
    if (--users.count == 0 && over) {
        workers_end();
        nonifs_window_end();
    }
    ReleaseSRWLockExclusive(&users.lock);
}
