/* The table from handle to provider (lsp-core/base/handle_table.h): what it remembers, what it refuses, and that
 * readers see either the old or the new owner while others write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lsp-core/base/handle_table.h"

static struct sockets table;
static int owners[2];

static int free_table(void **state)
{
    (void)state;
    sockets_free(&table);
    return 0;
}

static void test_empty(void **state)
{
    (void)state;
    assert_null(sockets_find(&table, 0));
    assert_null(sockets_find(&table, 4));
    assert_null(sockets_find(&table, 0xfffffffc));
    assert_null(sockets_find(&table, UINTPTR_MAX)); /* INVALID_SOCKET */
}

/* The ends of each level's range, and their neighbours, do not disturb each other. */
static void test_handles(void **state)
{
    static const uintptr_t handles[] = {0,          4,          0xffc,      0x1000,     0x3ffffc,  0x400000,
                                        0x7ffffffc, 0x80000000, 0xfffffff8, 0xfffffffc, 0x12345678};
    size_t count = sizeof(handles) / sizeof(handles[0]);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_null(sockets_find(&table, handles[i]));
        assert_true(sockets_set(&table, handles[i], (void *)(0x100 + i)));
    }
    for (size_t i = 0; i < count; i++)
        assert_ptr_equal(sockets_find(&table, handles[i]), (void *)(0x100 + i));
    assert_null(sockets_find(&table, 8));
    assert_null(sockets_find(&table, 0x1004));
}

/* The system ignores the two lowest bits of a handle, and so must the table. */
static void test_tag_bits(void **state)
{
    (void)state;
    assert_true(sockets_set(&table, 0x104, &owners[0]));
    assert_ptr_equal(sockets_find(&table, 0x105), &owners[0]);
    assert_ptr_equal(sockets_find(&table, 0x107), &owners[0]);
    assert_null(sockets_find(&table, 0x108));
}

static void test_no_handle(void **state)
{
    (void)state;
#if UINTPTR_MAX > 0xffffffff
    assert_false(sockets_set(&table, 0x100000000, &owners[0]));
    assert_null(sockets_offer(&table, 0x100000000, &owners[0]));
    assert_false(sockets_replace(&table, 0x100000000, NULL, &owners[0]));
    assert_null(sockets_find(&table, 0x100000000));
    assert_null(sockets_find(&table, 0)); /* not taken for the handle with the same low bits */
#endif
}

static void test_replace(void **state)
{
    (void)state;
    assert_true(sockets_replace(&table, 0x40, NULL, NULL));
    assert_false(sockets_replace(&table, 0x40, &owners[0], NULL));
    assert_true(sockets_set(&table, 0x40, &owners[0]));
    assert_false(sockets_replace(&table, 0x40, &owners[1], SOCKETS_CLOSING));
    assert_true(sockets_replace(&table, 0x40, &owners[0], SOCKETS_CLOSING));
    assert_ptr_equal(sockets_find(&table, 0x40), SOCKETS_CLOSING);
    /* The value came back as a new socket's before the old one's close was over. */
    assert_true(sockets_set(&table, 0x40, &owners[1]));
    assert_false(sockets_replace(&table, 0x40, SOCKETS_CLOSING, NULL));
    assert_ptr_equal(sockets_find(&table, 0x40), &owners[1]);
}

static void test_offer(void **state)
{
    (void)state;
    assert_ptr_equal(sockets_offer(&table, 0x44, &owners[0]), &owners[0]);
    assert_ptr_equal(sockets_offer(&table, 0x44, &owners[1]), &owners[0]);
    assert_ptr_equal(sockets_find(&table, 0x44), &owners[0]);
}

static void count_one(uintptr_t handle, void *owner, void *context)
{
    assert_ptr_equal(owner, &owners[0]);
    *(uintptr_t *)context += handle;
}

static void test_each_and_forget(void **state)
{
    uintptr_t sum = 0;
    (void)state;
    assert_true(sockets_set(&table, 0x10, &owners[0]));
    assert_true(sockets_set(&table, 0x5000, &owners[0]));
    assert_true(sockets_set(&table, 0xf0000000, &owners[0]));
    sockets_each(&table, count_one, &sum);
    assert_int_equal(sum, 0xf0005010);
    sockets_forget_all(&table);
    sum = 0;
    sockets_each(&table, count_one, &sum);
    assert_int_equal(sum, 0);
    assert_null(sockets_find(&table, 0x5000));
}

enum { ROUNDS = 20000, SPREAD = 64 };

/* Sets and clears its own owner on handles that others use too, all through fresh parts of the table. */
static void *churn(void *owner)
{
    for (uintptr_t round = 0; round < ROUNDS; round++) {
        uintptr_t handle = (round % SPREAD) << 12;
        sockets_set(&table, handle, owner);
        void *found = sockets_find(&table, handle);
        if (found != NULL && found != &owners[0] && found != &owners[1] && found != SOCKETS_CLOSING)
            return found;
        if (sockets_replace(&table, handle, owner, SOCKETS_CLOSING))
            sockets_replace(&table, handle, SOCKETS_CLOSING, NULL);
    }
    return NULL;
}

static void test_threads(void **state)
{
    pthread_t threads[4];
    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, churn, &owners[i % 2]), 0);
    for (size_t i = 0; i < 4; i++) {
        void *wrong;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
}

/* Of all threads that offer an owner for one handle, each learns the same one. */
static void *offer(void *owner)
{
    uintptr_t mine = 0;
    for (uintptr_t handle = 4; handle < 4 * ROUNDS; handle += 4)
        mine += sockets_offer(&table, handle, owner) == owner;
    return (void *)mine;
}

static void test_offer_threads(void **state)
{
    pthread_t threads[2];
    void *mine[2];
    (void)state;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, offer, &owners[i]), 0);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], &mine[i]), 0);
    assert_int_equal((uintptr_t)mine[0] + (uintptr_t)mine[1], ROUNDS - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_empty, free_table),
        cmocka_unit_test_teardown(test_handles, free_table),
        cmocka_unit_test_teardown(test_tag_bits, free_table),
        cmocka_unit_test_teardown(test_no_handle, free_table),
        cmocka_unit_test_teardown(test_replace, free_table),
        cmocka_unit_test_teardown(test_offer, free_table),
        cmocka_unit_test_teardown(test_each_and_forget, free_table),
        cmocka_unit_test_teardown(test_threads, free_table),
        cmocka_unit_test_teardown(test_offer_threads, free_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
