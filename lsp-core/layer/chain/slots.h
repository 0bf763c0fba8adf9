/* The state behind the handles that the layer makes itself (non-IFS): one slot a socket, in memory that is used again
 * but not given back while the layer runs. So a pointer to a slot stays good, whoever closes the socket meanwhile, and
 * finding one takes no lock and writes nothing. Portable; knows nothing of Winsock. */
#ifndef WSPLSP_CORE_LAYER_CHAIN_SLOTS_H
#define WSPLSP_CORE_LAYER_CHAIN_SLOTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lsp-core/base/handle_table.h"

#define SLOTS_CHUNK  256u  /* slots that are allocated at once */
#define SLOTS_CHUNKS 4096u /* so there are at most 2^20 sockets at a time */

/* A slot's state: how many need it to stay what it is (the socket itself, and each outstanding operation), whether
 * closesocket has begun, and above that a generation, which is a new one for each socket. */
#define SLOT_HOLD       ((uintptr_t)1)
#define SLOT_CLOSING    ((uintptr_t)1 << (sizeof(uintptr_t) == 8 ? 31 : 20))
#define SLOT_GENERATION (SLOT_CLOSING << 1)

struct slot {
    _Atomic uintptr_t handle; /* the program's; 0: none yet, or none any more */
    _Atomic uintptr_t next;   /* the next provider's */
    _Atomic uintptr_t state;
    uint32_t index; /* of itself */
    struct slot *next_free;
    void *owner; /* the chain that the socket belongs to */
    /* The owner's; all zero for a new socket. */
    struct slot_data {
        _Atomic uint32_t pending[2]; /* outstanding operations, by direction */
        _Atomic uint32_t attached;   /* how completions of the next provider's come (worker.h) */
        bool overlapped;             /* made with WSA_FLAG_OVERLAPPED */
        bool stream;                 /* made as SOCK_STREAM, whatever the chain's entry says */
        _Atomic uint32_t message;    /* of WSPAsyncSelect, and the window for it */
        _Atomic(void *) window;
    } data;
};

/* All zero is an empty one. */
struct slots {
    _Atomic(struct slot *) chunks[SLOTS_CHUNKS];
    atomic_flag locked; /* of `free` */
    struct slot *free;
    _Atomic uint32_t count; /* slots that there are, free or not */
    struct sockets table;   /* program's handle to slot */
};

/* A slot for a new socket of the next provider, with one hold: the socket's own. Its handle is to be set by
 * slots_publish. NULL when out of memory, or with 2^20 sockets. */
struct slot *slots_take(struct slots *slots, void *owner, uintptr_t next);

/* The value to be given to WPUCreateSocketHandle as the handle's context: index and generation rather than a pointer,
 * so that slots_of_context can tell a made-up or outdated one. Never 0. */
uintptr_t slot_context(const struct slot *slot);

/* The open socket whose context that is, or NULL. */
struct slot *slots_of_context(struct slots *slots, uintptr_t context);

/* From now on slots_find knows the slot by `handle`. False when out of memory. */
bool slots_publish(struct slots *slots, struct slot *slot, uintptr_t handle);

/* The open socket with that handle, or NULL. What is read from it is of that socket for as long as slot_is says so. */
static inline struct slot *slots_find(struct slots *slots, uintptr_t handle)
{
    return sockets_find(&slots->table, handle);
}

/* Whether the slot is still that of the handle it was found by. To be asked after its fields have been read. */
static inline bool slot_is(struct slot *slot, uintptr_t handle)
{
    atomic_thread_fence(memory_order_acquire);
    return atomic_load_explicit(&slot->handle, memory_order_relaxed) == handle;
}

/* Keeps the slot what it is, for an operation on `handle`; false where that socket is being closed or is gone. */
bool slot_hold(struct slot *slot, uintptr_t handle);

/* Ends a hold. True: it was the last one of a closed socket; the caller now gives back what the slot stands for, and
 * then the slot itself, by slots_give. */
bool slot_release(struct slot *slot);

/* Begins closing: no slots_find, slot_hold or slots_of_context succeeds any more. False where another thread was
 * first, or the slot is no longer that of `handle`. The socket's own hold is still there. */
bool slots_close(struct slots *slots, struct slot *slot, uintptr_t handle);

/* Takes that back: the next provider could not close. False when out of memory. */
bool slots_reopen(struct slots *slots, struct slot *slot);

/* Makes the slot free. */
void slots_give(struct slots *slots, struct slot *slot);

/* Calls `visit` for every slot that is in use. What is opened or closed meanwhile may be missed. */
void slots_each(struct slots *slots, void (*visit)(struct slot *slot, void *context), void *context);

/* Frees all memory; nobody may be using it. */
void slots_free(struct slots *slots);

#endif
