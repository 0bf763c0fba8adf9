/* A table from handle to pointer; see handle_table.h. */
#include "handle_table.h"

#include <stdlib.h>

static struct sockets_node *make_node(_Atomic(struct sockets_node *) *place)
{
    struct sockets_node *node = atomic_load_explicit(place, memory_order_acquire);
    if (node != NULL)
        return node;
    struct sockets_node *made = calloc(1, sizeof(*made));
    if (made == NULL || atomic_compare_exchange_strong(place, &node, made))
        return made;
    free(made); /* another thread was first, and `node` is its */
    return node;
}

static struct sockets_leaf *make_leaf(_Atomic(struct sockets_leaf *) *place)
{
    struct sockets_leaf *leaf = atomic_load_explicit(place, memory_order_acquire);
    if (leaf != NULL)
        return leaf;
    struct sockets_leaf *made = calloc(1, sizeof(*made));
    if (made == NULL || atomic_compare_exchange_strong(place, &leaf, made))
        return made;
    free(made);
    return leaf;
}

/* The handle's slot, with the levels above it made where they are missing. */
static _Atomic(void *) *make_slot(struct sockets *table, uintptr_t handle)
{
    uintptr_t index = handle >> 2;
    if (index >> (3 * SOCKETS_BITS) != 0)
        return NULL;
    struct sockets_node *node = make_node(&table->node[index >> (2 * SOCKETS_BITS)]);
    struct sockets_leaf *leaf = node == NULL ? NULL : make_leaf(&node->leaf[(index >> SOCKETS_BITS) & SOCKETS_MASK]);
    return leaf == NULL ? NULL : &leaf->owner[index & SOCKETS_MASK];
}

bool sockets_set(struct sockets *table, uintptr_t handle, void *owner)
{
    _Atomic(void *) *slot = make_slot(table, handle);
    if (slot != NULL)
        atomic_store_explicit(slot, owner, memory_order_release);
    return slot != NULL;
}

void *sockets_offer(struct sockets *table, uintptr_t handle, void *owner)
{
    _Atomic(void *) *slot = make_slot(table, handle);
    void *found = NULL;
    if (slot == NULL)
        return NULL;
    return atomic_compare_exchange_strong(slot, &found, owner) ? owner : found;
}

bool sockets_replace(struct sockets *table, uintptr_t handle, void *expected, void *owner)
{
    _Atomic(void *) *slot = sockets_slot(table, handle);
    if (slot == NULL)
        return expected == NULL && owner == NULL;
    return atomic_compare_exchange_strong(slot, &expected, owner);
}

static void visit_node(struct sockets_node *node, uintptr_t base,
                       void (*visit)(uintptr_t handle, void *owner, void *context), void *context)
{
    for (uintptr_t i = 0; i < SOCKETS_WIDTH; i++) {
        struct sockets_leaf *leaf = atomic_load_explicit(&node->leaf[i], memory_order_acquire);
        if (leaf == NULL)
            continue;
        for (uintptr_t j = 0; j < SOCKETS_WIDTH; j++) {
            void *owner = atomic_load_explicit(&leaf->owner[j], memory_order_acquire);
            if (owner != NULL)
                visit((base | i << SOCKETS_BITS | j) << 2, owner, context);
        }
    }
}

void sockets_each(struct sockets *table, void (*visit)(uintptr_t handle, void *owner, void *context), void *context)
{
    for (uintptr_t i = 0; i < SOCKETS_WIDTH; i++) {
        struct sockets_node *node = atomic_load_explicit(&table->node[i], memory_order_acquire);
        if (node != NULL)
            visit_node(node, i << (2 * SOCKETS_BITS), visit, context);
    }
}

static void forget(uintptr_t handle, void *owner, void *context)
{
    sockets_replace(context, handle, owner, NULL);
}

void sockets_forget_all(struct sockets *table)
{
    sockets_each(table, forget, table);
}

void sockets_free(struct sockets *table)
{
    for (uintptr_t i = 0; i < SOCKETS_WIDTH; i++) {
        struct sockets_node *node = atomic_exchange(&table->node[i], NULL);
        if (node == NULL)
            continue;
        for (uintptr_t j = 0; j < SOCKETS_WIDTH; j++)
            free(atomic_load(&node->leaf[j]));
        free(node);
    }
}
