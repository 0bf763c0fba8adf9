/* The state behind the layer's own handles (lsp-core/layer/chain/slots.h): what is found by handle and by context, that
 * nothing outdated is, and that a closed socket's slot is given back exactly once, by whoever lets go of it last. */
#include "support.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/layer/chain/slots.h"

static struct slots slots;
static int owner;

static int teardown(void **state)
{
    (void)state;
    slots_free(&slots);
    return 0;
}

static struct slot *open_socket(uintptr_t handle, uintptr_t next)
{
    struct slot *slot = slots_take(&slots, &owner, next);
    assert_non_null(slot);
    assert_true(slots_publish(&slots, slot, handle));
    return slot;
}

static void close_socket(struct slot *slot, uintptr_t handle)
{
    assert_true(slots_close(&slots, slot, handle));
    assert_true(slot_release(slot));
    slots_give(&slots, slot);
}

static void test_found(void **state)
{
    (void)state;
    struct slot *slot = open_socket(0x100, 0x200);
    assert_ptr_equal(slots_find(&slots, 0x100), slot);
    assert_true(slot_is(slot, 0x100));
    assert_int_equal(slot->next, 0x200);
    assert_ptr_equal(slot->owner, &owner);
    assert_null(slots_find(&slots, 0x200)); /* the next provider's handle is no socket of ours */
    assert_null(slots_find(&slots, 0x104));
    assert_null(slots_find(&slots, UINTPTR_MAX));
    close_socket(slot, 0x100);
    assert_null(slots_find(&slots, 0x100));
    assert_false(slot_is(slot, 0x100));
}

static void test_context(void **state)
{
    (void)state;
    struct slot *a = open_socket(0x100, 0x200), *b = open_socket(0x104, 0x204);
    uintptr_t context = slot_context(a);
    assert_int_not_equal(context, 0);
    assert_int_not_equal(context, slot_context(b));
    assert_ptr_equal(slots_of_context(&slots, context), a);
    assert_ptr_equal(slots_of_context(&slots, slot_context(b)), b);
    assert_null(slots_of_context(&slots, 0));
    assert_null(slots_of_context(&slots, UINTPTR_MAX));
    assert_null(slots_of_context(&slots, (uintptr_t)a)); /* no pointers */
    for (uintptr_t made_up = 0; made_up < 4096; made_up++) {
        struct slot *found = slots_of_context(&slots, made_up);
        assert_true(found == NULL || slot_context(found) == made_up);
    }
    close_socket(a, 0x100);
    assert_null(slots_of_context(&slots, context));
    assert_ptr_equal(open_socket(0x108, 0x208), a); /* the same slot, another socket */
    assert_null(slots_of_context(&slots, context));
    assert_int_not_equal(slot_context(a), context);
}

/* An operation that is outstanding when the socket is closed keeps the slot. */
static void test_holds(void **state)
{
    (void)state;
    struct slot *slot = open_socket(0x100, 0x200);
    uintptr_t context = slot_context(slot);
    assert_true(slot_hold(slot, 0x100));
    assert_false(slot_hold(slot, 0x104)); /* not that socket's */
    assert_true(slot_hold(slot, 0x100));
    assert_false(slot_release(slot)); /* not closed */
    assert_true(slots_close(&slots, slot, 0x100));
    assert_false(slots_close(&slots, slot, 0x100)); /* only once */
    assert_null(slots_find(&slots, 0x100));
    assert_null(slots_of_context(&slots, context));
    assert_false(slot_hold(slot, 0x100));
    assert_false(slot_release(slot)); /* closesocket's own */
    assert_ptr_not_equal(slots_take(&slots, &owner, 1), slot);
    assert_true(slot_release(slot)); /* the operation's: the last one */
    slots_give(&slots, slot);
    assert_ptr_equal(slots_take(&slots, &owner, 1), slot);
}

static void test_reopen(void **state)
{
    (void)state;
    struct slot *slot = open_socket(0x100, 0x200);
    assert_true(slots_close(&slots, slot, 0x100));
    assert_true(slots_reopen(&slots, slot));
    assert_ptr_equal(slots_find(&slots, 0x100), slot);
    assert_true(slot_hold(slot, 0x100));
    assert_false(slot_release(slot));
    close_socket(slot, 0x100);
}

/* A handle's value comes again, for another socket in another slot, before the old slot is given back. */
static void test_value_again(void **state)
{
    (void)state;
    struct slot *old = open_socket(0x100, 0x200);
    assert_true(slot_hold(old, 0x100));
    assert_true(slots_close(&slots, old, 0x100));
    struct slot *young = open_socket(0x100, 0x300);
    assert_ptr_equal(slots_find(&slots, 0x100), young);
    assert_false(slots_close(&slots, old, 0x100));
    assert_false(slot_release(old));
    assert_true(slot_release(old));
    slots_give(&slots, old);
    assert_ptr_equal(slots_find(&slots, 0x100), young);
}

static void count_one(struct slot *slot, void *context)
{
    (void)slot;
    ++*(size_t *)context;
}

static void test_many(void **state)
{
    enum { COUNT = 100000 };
    size_t count = 0;
    (void)state;
    for (uintptr_t i = 1; i <= COUNT; i++)
        open_socket(i << 2, i);
    slots_each(&slots, count_one, &count);
    assert_int_equal(count, COUNT);
    for (uintptr_t i = 1; i <= COUNT; i++) {
        struct slot *slot = slots_find(&slots, i << 2);
        assert_int_equal(slot->next, i);
        assert_ptr_equal(slots_of_context(&slots, slot_context(slot)), slot);
        close_socket(slot, i << 2);
    }
    count = 0;
    slots_each(&slots, count_one, &count);
    assert_int_equal(count, 0);
    uint32_t used = slots.count;
    for (uintptr_t i = 1; i <= COUNT; i++)
        open_socket(i << 2, i);
    assert_int_equal(slots.count, used); /* no new memory */
}

static void test_full(void **state)
{
    (void)state;
    slots.count = SLOTS_CHUNK * SLOTS_CHUNKS;
    assert_null(slots_take(&slots, &owner, 1));
    slots.count = SLOTS_CHUNK * SLOTS_CHUNKS - 1;
    struct slot *last = slots_take(&slots, &owner, 1);
    assert_non_null(last);
    assert_ptr_equal(slots_of_context(&slots, slot_context(last)), last);
}

static bool take_and_publish(void *context)
{
    (void)context;
    struct slot *slot = slots_take(&slots, &owner, 1);
    bool done = slot != NULL && slots_publish(&slots, slot, 0x7ff00);
    if (slot != NULL && !done) {
        assert_int_equal(slot->handle, 0);
        slots_give(&slots, slot);
    }
    if (done)
        close_socket(slot, 0x7ff00);
    slots_free(&slots);
    return done;
}

static void test_no_memory(void **state)
{
    (void)state;
    support_fail_allocations(take_and_publish, NULL);
}

/* Threads open, use and close the sockets of a few handle values. Each opened socket has to be given back once, and a
 * hold has to be one on the socket that it was asked for. */
enum { THREADS = 8, ROUNDS = 20000, VALUES = 4 };
static _Atomic int taken[VALUES];
static _Atomic int opened, given;

static void let_go(struct slot *slot)
{
    if (slot_release(slot)) {
        atomic_fetch_add(&given, 1);
        slots_give(&slots, slot);
    }
}

static void use(unsigned value)
{
    uintptr_t handle = (value + 1) << 2;
    struct slot *slot = slots_find(&slots, handle);
    if (slot == NULL || !slot_hold(slot, handle))
        return;
    assert_int_equal(slot->handle, handle);
    assert_int_equal(slot->next & 0xff, value);
    let_go(slot);
}

static void open_one(unsigned value)
{
    int expected = 0;
    /* A handle's value belongs to one socket at a time: the system sees to that. */
    if (!atomic_compare_exchange_strong(&taken[value], &expected, 1))
        return;
    open_socket((value + 1) << 2, value | 0x100);
    atomic_fetch_add(&opened, 1);
    atomic_store(&taken[value], 2);
}

static void close_one(unsigned value)
{
    uintptr_t handle = (value + 1) << 2;
    struct slot *slot = slots_find(&slots, handle);
    if (slot == NULL || !slots_close(&slots, slot, handle))
        return;
    while (atomic_load(&taken[value]) != 2) {
    }
    atomic_store(&taken[value], 0);
    let_go(slot);
}

static void *play(void *argument)
{
    unsigned seed = *(unsigned *)argument;
    for (int i = 0; i < ROUNDS; i++) {
        seed = seed * 1103515245 + 12345;
        unsigned value = seed >> 16 & (VALUES - 1);
        switch (seed >> 24 & 3) {
        case 0:
            open_one(value);
            break;
        case 1:
            close_one(value);
            break;
        default:
            use(value);
        }
    }
    return NULL;
}

static void test_threads(void **state)
{
    pthread_t threads[THREADS];
    unsigned seeds[THREADS];
    size_t left = 0;
    (void)state;
    for (unsigned i = 0; i < THREADS; i++) {
        seeds[i] = i + 1;
        assert_int_equal(pthread_create(&threads[i], NULL, play, &seeds[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    slots_each(&slots, count_one, &left);
    assert_int_equal(opened, given + (int)left);
    assert_true(given > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_found, teardown),       cmocka_unit_test_teardown(test_context, teardown),
        cmocka_unit_test_teardown(test_holds, teardown),       cmocka_unit_test_teardown(test_reopen, teardown),
        cmocka_unit_test_teardown(test_value_again, teardown), cmocka_unit_test_teardown(test_many, teardown),
        cmocka_unit_test_teardown(test_full, teardown),        cmocka_unit_test_teardown(test_no_memory, teardown),
        cmocka_unit_test_teardown(test_threads, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
