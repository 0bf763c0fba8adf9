/* The state behind the layer's own handles; see slots.h. */
#include "slots.h"

#include <stdlib.h>
#include <string.h>

/* A context is index + 1 in the low bits and the generation above, of which x86 has 11 bits and x64 32. */
#define INDEX_BITS 21
#define INDEX_MASK (((uintptr_t)1 << INDEX_BITS) - 1)

static struct slot *slot_at(struct slots *slots, uint32_t index)
{
    struct slot *chunk = atomic_load_explicit(&slots->chunks[index / SLOTS_CHUNK], memory_order_acquire);
    return chunk == NULL ? NULL : &chunk[index % SLOTS_CHUNK];
}

/* Sockets come and go seldom enough for a lock, which is held for three instructions: a stack without one would need
 * exchanges of twice a pointer's size. */
static void lock(struct slots *slots)
{
    while (atomic_flag_test_and_set_explicit(&slots->locked, memory_order_acquire)) {
    }
}

static void unlock(struct slots *slots)
{
    atomic_flag_clear_explicit(&slots->locked, memory_order_release);
}

/* The slot that was freed last, or NULL. */
static struct slot *pop(struct slots *slots)
{
    lock(slots);
    struct slot *slot = slots->free;
    if (slot != NULL)
        slots->free = slot->next_free;
    unlock(slots);
    return slot;
}

static void push(struct slots *slots, struct slot *slot)
{
    lock(slots);
    slot->next_free = slots->free;
    slots->free = slot;
    unlock(slots);
}

/* A slot that has never been used. */
static struct slot *grow(struct slots *slots)
{
    uint32_t index = atomic_load_explicit(&slots->count, memory_order_relaxed);
    do {
        if (index >= SLOTS_CHUNK * SLOTS_CHUNKS)
            return NULL;
    } while (!atomic_compare_exchange_weak_explicit(&slots->count, &index, index + 1, memory_order_relaxed,
                                                    memory_order_relaxed));
    _Atomic(struct slot *) *place = &slots->chunks[index / SLOTS_CHUNK];
    struct slot *chunk = atomic_load_explicit(place, memory_order_acquire);
    if (chunk == NULL) {
        struct slot *made = calloc(SLOTS_CHUNK, sizeof(*made));
        /* The number is lost then, but not the memory behind it: its neighbours try again. */
        if (made == NULL)
            return NULL;
        if (atomic_compare_exchange_strong(place, &chunk, made))
            chunk = made;
        else
            free(made); /* another thread was first, and `chunk` is its */
    }
    struct slot *slot = &chunk[index % SLOTS_CHUNK];
    slot->index = index;
    return slot;
}

struct slot *slots_take(struct slots *slots, void *owner, uintptr_t next)
{
    struct slot *slot = pop(slots);
    if (slot == NULL)
        slot = grow(slots);
    if (slot == NULL)
        return NULL;
    slot->owner = owner;
    memset(&slot->data, 0, sizeof(slot->data));
    atomic_store_explicit(&slot->next, next, memory_order_relaxed);
    /* A free slot has no holds and is not closing: only the generation is there, which overflows harmlessly. */
    atomic_fetch_add_explicit(&slot->state, SLOT_GENERATION + SLOT_HOLD, memory_order_release);
    return slot;
}

static bool is_open(uintptr_t state)
{
    return (state & (SLOT_GENERATION - 1)) != 0 && (state & SLOT_CLOSING) == 0;
}

/* The generation that a context can hold. */
static uintptr_t context_of(const struct slot *slot, uintptr_t state)
{
    return state / SLOT_GENERATION << INDEX_BITS | (slot->index + 1);
}

uintptr_t slot_context(const struct slot *slot)
{
    return context_of(slot, atomic_load_explicit(&slot->state, memory_order_relaxed));
}

struct slot *slots_of_context(struct slots *slots, uintptr_t context)
{
    uintptr_t number = context & INDEX_MASK;
    if (number == 0 || number > SLOTS_CHUNK * SLOTS_CHUNKS)
        return NULL;
    struct slot *slot = slot_at(slots, (uint32_t)number - 1);
    if (slot == NULL)
        return NULL;
    uintptr_t state = atomic_load_explicit(&slot->state, memory_order_acquire);
    return is_open(state) && context_of(slot, state) == context ? slot : NULL;
}

bool slots_publish(struct slots *slots, struct slot *slot, uintptr_t handle)
{
    /* Before the table has it: whoever finds the slot sees its handle. */
    atomic_store_explicit(&slot->handle, handle, memory_order_release);
    if (sockets_set(&slots->table, handle, slot))
        return true;
    atomic_store_explicit(&slot->handle, 0, memory_order_release);
    return false;
}

bool slot_hold(struct slot *slot, uintptr_t handle)
{
    uintptr_t state = atomic_load_explicit(&slot->state, memory_order_acquire);
    do {
        /* The handle after the state: a socket that came later has another generation, and the exchange fails. */
        if (!is_open(state) || atomic_load_explicit(&slot->handle, memory_order_acquire) != handle)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, state + SLOT_HOLD, memory_order_acq_rel,
                                                    memory_order_acquire));
    return true;
}

bool slot_release(struct slot *slot)
{
    uintptr_t state = atomic_fetch_sub_explicit(&slot->state, SLOT_HOLD, memory_order_acq_rel) - SLOT_HOLD;
    return (state & (SLOT_GENERATION - 1)) == SLOT_CLOSING;
}

bool slots_close(struct slots *slots, struct slot *slot, uintptr_t handle)
{
    uintptr_t state = atomic_load_explicit(&slot->state, memory_order_acquire);
    do {
        if (!is_open(state) || atomic_load_explicit(&slot->handle, memory_order_acquire) != handle)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, state | SLOT_CLOSING, memory_order_acq_rel,
                                                    memory_order_acquire));
    sockets_replace(&slots->table, handle, slot, NULL);
    return true;
}

bool slots_reopen(struct slots *slots, struct slot *slot)
{
    atomic_fetch_and_explicit(&slot->state, ~SLOT_CLOSING, memory_order_acq_rel);
    return sockets_set(&slots->table, atomic_load_explicit(&slot->handle, memory_order_relaxed), slot);
}

void slots_give(struct slots *slots, struct slot *slot)
{
    atomic_store_explicit(&slot->handle, 0, memory_order_release);
    /* The holds are none; what is left is the generation. */
    atomic_fetch_and_explicit(&slot->state, ~(SLOT_GENERATION - 1), memory_order_release);
    push(slots, slot);
}

void slots_each(struct slots *slots, void (*visit)(struct slot *slot, void *context), void *context)
{
    uint32_t count = atomic_load_explicit(&slots->count, memory_order_acquire);
    for (uint32_t index = 0; index < count; index++) {
        struct slot *slot = slot_at(slots, index);
        if (slot != NULL && (atomic_load_explicit(&slot->state, memory_order_acquire) & (SLOT_GENERATION - 1)) != 0)
            visit(slot, context);
    }
}

void slots_free(struct slots *slots)
{
    for (size_t chunk = 0; chunk < SLOTS_CHUNKS; chunk++)
        free(atomic_load_explicit(&slots->chunks[chunk], memory_order_relaxed));
    sockets_free(&slots->table);
    memset(slots, 0, sizeof(*slots));
}
