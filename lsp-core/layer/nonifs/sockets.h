/* Sockets with handles of the layer's own (non-IFS): what the program holds comes from WPUCreateSocketHandle, and every
 * call is made on the next provider's socket behind it. Which mode a chain is in is said by XP1_IFS_HANDLES in the
 * layer's own catalog entry. */
#ifndef WSPLSP_CORE_LAYER_NONIFS_SOCKETS_H
#define WSPLSP_CORE_LAYER_NONIFS_SOCKETS_H

#include "lsp-core/layer/chain/chain.h"
#include "lsp-core/layer/chain/slots.h"
#include "lsp-core/layer/chain/spi_list.h"

/* A socket of the program's, found. */
struct nonifs_socket {
    struct slot *slot;
    SOCKET handle; /* the slot's: for a duplicate, the handle that it is one of */
    SOCKET given;  /* the program's */
    struct chain *chain;
    SOCKET next;
};

/* By WPUQuerySocketHandleContext: a handle that the table does not know may be another one for the same socket
 * (DuplicateHandle). */
bool nonifs_find_slowly(struct place *place, SOCKET s, struct nonifs_socket *found);

/* False for what is no socket of the place's, or is one that is being closed: WSAENOTSOCK. */
static inline bool nonifs_find(struct place *place, SOCKET s, struct nonifs_socket *found)
{
    struct slot *slot = slots_find(place->slots, s);
    if (__builtin_expect(slot == NULL, false))
        return nonifs_find_slowly(place, s, found);
    found->slot = slot;
    found->handle = found->given = s;
    found->chain = slot->owner;
    found->next = atomic_load_explicit(&slot->next, memory_order_relaxed);
    return __builtin_expect(slot_is(slot, s), true);
}

/* A slot whose socket is gone, or has not come to be. */
void nonifs_give_back(struct place *place, struct slot *slot);

/* The last one lets go of a closed socket: its handle goes back to Winsock. */
void nonifs_let_go(struct place *place, struct slot *slot);

/* With each start of a chain of the mode. False when out of memory. */
bool nonifs_start(struct place *place);

/* At the place's last WSPCleanup, before the next providers': closes every socket that is left in the chains that are
 * being stopped (chain_stop_all). */
void nonifs_close_all(struct place *place, const void *stopping);

/* Takes a nonifs_start back. `over`: all operations have been announced; with the last one, what has announced them
 * ends, too. */
void nonifs_end(bool over);

/* WSPIoctl with a code that the layer sees to itself, at once: SIO_BSP_HANDLE, SIO_EXT_SENDMSG and SIO_EXT_POLL, and
 * the host's (cancel_code.h). */
bool nonifs_own_code(DWORD code);
int nonifs_own_ioctl(const struct nonifs_socket *found, SOCKET s, DWORD code, void *in, DWORD in_size, void *out,
                     DWORD out_size, DWORD *returned, WSATHREADID *thread, INT *error);

#define NONIFS_UNWRAP(...) __VA_ARGS__
#define NONIFS_DECLARE(type, failure, name, parameters, arguments, number) \
    type nonifs_##name(struct place *place, NONIFS_UNWRAP parameters);
SPI_FORWARDED(NONIFS_DECLARE)
SPI_MOSTLY_FORWARDED(NONIFS_DECLARE)
SPI_SOCKETS(NONIFS_DECLARE)
SPI_EXTENSIONS(NONIFS_DECLARE)
#undef NONIFS_DECLARE

#endif
