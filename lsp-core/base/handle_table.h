/* A table from handle to pointer: which provider a socket belongs to. The host has one, and so has the layer. Looking
 * up takes no lock and writes nothing, so it costs the same whatever the number of sockets and threads. Portable.
 * Memory is only ever added, 8 KiB for each 1024 neighbouring handle values; Windows and Wine give the lowest free
 * value, so it follows the largest number of handles the process has had. */
#ifndef WSPLSP_CORE_BASE_HANDLE_TABLE_H
#define WSPLSP_CORE_BASE_HANDLE_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOCKETS_BITS  10 /* of the index, at each of the three levels */
#define SOCKETS_WIDTH (1u << SOCKETS_BITS)
#define SOCKETS_MASK  (SOCKETS_WIDTH - 1u)

struct sockets_leaf {
    _Atomic(void *) owner[SOCKETS_WIDTH];
};

struct sockets_node {
    _Atomic(struct sockets_leaf *) leaf[SOCKETS_WIDTH];
};

/* All zero is an empty table. */
struct sockets {
    _Atomic(struct sockets_node *) node[SOCKETS_WIDTH];
};

/* In a slot while closesocket is under way. A handle in that state is no socket any more, and must not be asked about
 * either: its value may be a new handle's already. */
#define SOCKETS_CLOSING ((void *)1)

/* Handles are multiples of 4 with 32 significant bits ("Interprocess Communication Between 32-bit and 64-bit
 * Applications"); anything above is never in the table. */
static inline _Atomic(void *) *sockets_slot(struct sockets *table, uintptr_t handle)
{
    uintptr_t index = handle >> 2;
    if (index >> (3 * SOCKETS_BITS) != 0)
        return NULL;
    struct sockets_node *node = atomic_load_explicit(&table->node[index >> (2 * SOCKETS_BITS)], memory_order_acquire);
    if (node == NULL)
        return NULL;
    struct sockets_leaf *leaf =
        atomic_load_explicit(&node->leaf[(index >> SOCKETS_BITS) & SOCKETS_MASK], memory_order_acquire);
    return leaf == NULL ? NULL : &leaf->owner[index & SOCKETS_MASK];
}

/* The handle's owner, SOCKETS_CLOSING, or NULL. */
static inline void *sockets_find(struct sockets *table, uintptr_t handle)
{
    _Atomic(void *) *slot = sockets_slot(table, handle);
    return slot == NULL ? NULL : atomic_load_explicit(slot, memory_order_acquire);
}

/* Makes `owner` (never NULL) the handle's owner, whoever was it before. False when out of memory, or for a value that
 * no handle has. */
bool sockets_set(struct sockets *table, uintptr_t handle, void *owner);

/* Makes `owner` the handle's owner where it has none; returns who is it now. NULL as sockets_set returns false. */
void *sockets_offer(struct sockets *table, uintptr_t handle, void *owner);

/* Replaces `expected` (NULL: no owner) by `owner` (NULL: none); false where it was not the owner. */
bool sockets_replace(struct sockets *table, uintptr_t handle, void *expected, void *owner);

/* Calls `visit` for each handle with an owner, SOCKETS_CLOSING included. */
void sockets_each(struct sockets *table, void (*visit)(uintptr_t handle, void *owner, void *context), void *context);

/* Forgets every handle; keeps the memory. */
void sockets_forget_all(struct sockets *table);

/* Frees all memory; nobody may be using the table. */
void sockets_free(struct sockets *table);

#endif
