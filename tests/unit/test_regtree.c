/* Registry trees in memory: names, order, replacing, removing, and the lookups by name when there are many. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/registry/regtree.h"
#include "lsp-core/base/text.h"

static void number_name(char name[16], size_t number)
{
    snprintf(name, 16, "Key%zu", number);
}

static struct reg_key *key_with_children(size_t count)
{
    struct reg_key *key = reg_key_new("parent");
    char name[16];
    for (size_t i = 0; i < count; i++) {
        number_name(name, i);
        assert_non_null(reg_key_make(key, name));
    }
    return key;
}

static void paths_are_made_once_and_found_in_any_case(void **state)
{
    (void)state;
    struct reg_key *root = reg_key_new("");
    struct reg_key *leaf = reg_key_make(root, "HKLM\\System\\Select");
    assert_ptr_equal(reg_key_make(root, "hklm\\SYSTEM\\select"), leaf);
    assert_ptr_equal(reg_key_find(root, "Hklm\\sYSTEM\\Select"), leaf);
    assert_string_equal(reg_key_name(leaf), "Select");
    assert_int_equal(reg_key_child_count(root), 1);
    assert_null(reg_key_find(root, "HKLM\\System\\Select\\Deeper"));
    assert_null(reg_key_find(root, "HKLM\\Sys"));
    assert_null(reg_key_find(root, "HKLM\\Systems"));
    assert_null(reg_key_find(root, ""));
    reg_key_free(root);
    reg_key_free(NULL);
}

static void many_subkeys_keep_their_order_and_are_all_found(void **state)
{
    (void)state;
    const size_t count = 5000;
    struct reg_key *key = key_with_children(count);
    assert_int_equal(reg_key_child_count(key), count);
    for (size_t i = 0; i < count; i++) {
        char name[16];
        number_name(name, i);
        assert_string_equal(reg_key_name(reg_key_child_at(key, i)), name);
        name[0] = 'k';
        assert_ptr_equal(reg_key_find(key, name), reg_key_child_at(key, i));
    }
    assert_null(reg_key_find(key, "Key5000"));
    reg_key_free(key);
}

static void removing_leaves_the_others_to_be_found(void **state)
{
    (void)state;
    const size_t count = 1000;
    struct reg_key *key = key_with_children(count);
    char name[16];
    for (size_t i = 0; i < count; i += 3) {
        number_name(name, i);
        reg_key_remove(key, name);
        reg_key_remove(key, name);
    }
    for (size_t i = 0; i < count; i++) {
        number_name(name, i);
        struct reg_key *child = reg_key_find(key, name);
        if (i % 3 == 0)
            assert_null(child);
        else
            assert_string_equal(reg_key_name(child), name);
    }
    assert_int_equal(reg_key_child_count(key), count - 334);
    assert_string_equal(reg_key_name(reg_key_child_at(key, 0)), "Key1");
    assert_string_equal(reg_key_name(reg_key_child_at(key, 1)), "Key2");
    assert_string_equal(reg_key_name(reg_key_child_at(key, 2)), "Key4");
    reg_key_free(key);
}

/* As a hostile file does: makes and deletes names, always as many as fit. Quadratic work would take minutes here. */
static void making_and_removing_by_turns_stays_fast(void **state)
{
    (void)state;
    const size_t count = 1 << 15;
    struct reg_key *key = key_with_children(count);
    char name[16];
    for (size_t i = 0; i < 4 * count; i++) {
        number_name(name, i);
        reg_key_remove(key, name);
        number_name(name, count + i);
        assert_non_null(reg_key_make(key, name));
    }
    for (size_t i = 0; i < count; i++) {
        number_name(name, 4 * count + i);
        assert_non_null(reg_key_find(key, name));
        if (i % 2 == 0)
            reg_key_remove(key, name);
    }
    assert_int_equal(reg_key_child_count(key), count / 2);
    number_name(name, 4 * count + 2 * 7 + 1);
    assert_string_equal(reg_key_name(reg_key_child_at(key, 7)), name);
    reg_key_compact(key);
    assert_int_equal(reg_key_child_count(key), count / 2);
    assert_string_equal(reg_key_name(reg_key_child_at(key, 7)), name);
    assert_ptr_equal(reg_key_find(key, name), reg_key_child_at(key, 7));
    struct reg_key *copy = reg_key_clone(key);
    assert_int_equal(reg_key_child_count(copy), count / 2);
    reg_key_free(copy);
    reg_key_free(key);
}

/* A damaged hive may have a name twice; the first one counts until it is gone. */
static void namesakes_take_each_others_place(void **state)
{
    (void)state;
    static const size_t others[] = {0, 100}; /* few: searched; many: hashed */
    for (size_t i = 0; i < 2; i++) {
        struct reg_key *key = key_with_children(others[i]);
        struct reg_key *first = reg_key_new("Twin");
        struct reg_key *second = reg_key_new("TWIN");
        assert_true(reg_key_adopt(key, first));
        assert_true(reg_key_adopt(key, second));
        assert_ptr_equal(reg_key_find(key, "twin"), first);
        reg_key_remove(key, "twin");
        assert_ptr_equal(reg_key_find(key, "twin"), second);
        reg_key_remove(key, "twin");
        assert_null(reg_key_find(key, "twin"));
        assert_int_equal(reg_key_child_count(key), others[i]);
        reg_key_free(key);
    }
}

struct taker {
    char but; /* names that end so stay */
    size_t taken;
};

static bool take_unless(struct reg_key *key, void *context)
{
    struct taker *taker = context;
    const char *name = reg_key_name(key);
    if (name[strlen(name) - 1] == taker->but)
        return false;
    taker->taken++;
    reg_key_free(key);
    return true;
}

static void what_a_taker_leaves_stays(void **state)
{
    (void)state;
    static const size_t counts[] = {10, 1000}; /* searched, hashed */
    for (size_t i = 0; i < 2; i++) {
        struct reg_key *key = key_with_children(counts[i]);
        struct taker taker = {.but = '7'};
        reg_key_offer(key, take_unless, &taker);
        assert_int_equal(taker.taken, counts[i] - counts[i] / 10);
        assert_int_equal(reg_key_child_count(key), counts[i] / 10);
        assert_string_equal(reg_key_name(reg_key_child_at(key, 0)), "Key7");
        assert_ptr_equal(reg_key_find(key, "key7"), reg_key_child_at(key, 0));
        assert_null(reg_key_find(key, "Key8"));
        taker.but = 'x';
        reg_key_offer(key, take_unless, &taker);
        assert_int_equal(reg_key_child_count(key), 0);
        assert_null(reg_key_find(key, "Key7"));
        assert_non_null(reg_key_make(key, "Key7"));
        reg_key_free(key);
    }
}

static void values_are_replaced_in_their_place(void **state)
{
    (void)state;
    struct reg_key *key = reg_key_new("k");
    assert_true(reg_key_set(key, "", REGTREE_BINARY, "a", 1));
    assert_true(reg_key_set(key, "Name", REGTREE_BINARY, "b", 1));
    assert_true(reg_key_set(key, "Last", REGTREE_NONE, NULL, 0));
    assert_true(reg_key_set(key, "NAME", REGTREE_DWORD, "cdef", 4));
    assert_int_equal(reg_key_value_count(key), 3);
    const struct reg_value *value = reg_key_value_at(key, 1);
    assert_string_equal(value->name, "Name");
    assert_int_equal(value->type, REGTREE_DWORD);
    assert_int_equal(value->size, 4);
    assert_memory_equal(value->data, "cdef", 4);
    assert_ptr_equal(reg_key_value(key, "name"), value);
    assert_int_equal(reg_key_value(key, "Last")->size, 0);
    reg_key_unset(key, "name");
    reg_key_unset(key, "name");
    assert_null(reg_key_value(key, "Name"));
    assert_string_equal(reg_key_value_at(key, 1)->name, "Last");
    assert_string_equal(reg_key_value(key, "")->name, "");
    reg_key_free(key);
}

static void many_values_are_all_found(void **state)
{
    (void)state;
    struct reg_key *key = reg_key_new("k");
    char name[16];
    for (size_t i = 0; i < 3000; i++) {
        number_name(name, i);
        assert_true(reg_key_set(key, name, REGTREE_BINARY, &i, sizeof i));
    }
    for (size_t i = 0; i < 3000; i++) {
        number_name(name, i);
        assert_memory_equal(reg_key_value(key, name)->data, &i, sizeof i);
    }
    reg_key_free(key);
}

static void dword_reads_four_bytes_of_its_type_only(void **state)
{
    (void)state;
    struct reg_key *key = reg_key_new("k");
    uint32_t number = 7;
    assert_false(reg_key_dword(key, "n", &number));
    reg_key_set(key, "n", REGTREE_DWORD, "\x04\x03\x02\xF1", 4);
    assert_true(reg_key_dword(key, "N", &number));
    assert_int_equal(number, 0xF1020304u);
    reg_key_set(key, "n", REGTREE_DWORD, "abc", 3);
    assert_false(reg_key_dword(key, "n", &number));
    reg_key_set(key, "n", REGTREE_BINARY, "abcd", 4);
    assert_false(reg_key_dword(key, "n", &number));
    assert_int_equal(number, 0xF1020304u);
    reg_key_free(key);
}

static void check_string(const struct reg_key *key, const char *expected)
{
    char *text = reg_key_string(key, "s");
    if (expected == NULL)
        assert_null(text);
    else
        assert_string_equal(text, expected);
    free(text);
}

static void string_reads_text_types_of_even_size_only(void **state)
{
    (void)state;
    struct reg_key *key = reg_key_new("k");
    check_string(key, NULL);
    reg_key_set(key, "s", REGTREE_SZ, "A\0\0\0B\0", 6);
    check_string(key, "A");
    reg_key_set(key, "s", REGTREE_EXPAND_SZ, "A\0B\0", 4); /* without its NUL */
    check_string(key, "AB");
    reg_key_set(key, "s", REGTREE_SZ, "A\0B", 3);
    check_string(key, NULL);
    reg_key_set(key, "s", REGTREE_MULTI_SZ, "A\0\0\0", 4);
    check_string(key, NULL);
    reg_key_set(key, "s", REGTREE_SZ, NULL, 0);
    check_string(key, "");
    reg_key_free(key);
}

/* What is stored and means the same stays byte for byte; a string keeps the type it has. */
static void put_leaves_alone_what_reads_the_same(void **state)
{
    (void)state;
    struct reg_key *key = reg_key_new("k");
    reg_key_set(key, "s", REGTREE_EXPAND_SZ, "A\0\0\0x\0", 6);
    assert_true(reg_key_put_string(key, "s", REGTREE_SZ, "A"));
    assert_int_equal(reg_key_value(key, "s")->size, 6);
    assert_true(reg_key_put_string(key, "s", REGTREE_SZ, "B"));
    assert_int_equal(reg_key_value(key, "s")->type, REGTREE_EXPAND_SZ);
    assert_int_equal(reg_key_value(key, "s")->size, 4);
    assert_memory_equal(reg_key_value(key, "s")->data, "B\0\0\0", 4);

    reg_key_set(key, "n", REGTREE_BINARY, "\x01\0\0\0", 4);
    assert_true(reg_key_put_dword(key, "n", 1));
    assert_int_equal(reg_key_value(key, "n")->type, REGTREE_DWORD);
    assert_true(reg_key_put_dword(key, "n", 0x01020304));
    assert_memory_equal(reg_key_value(key, "n")->data, "\x04\x03\x02\x01", 4);
    assert_true(reg_key_put_string(key, "n", REGTREE_SZ, "x"));
    assert_int_equal(reg_key_value(key, "n")->type, REGTREE_SZ);
    reg_key_free(key);
}

static struct reg_key *sample_tree(void)
{
    struct reg_key *root = reg_key_new("root");
    struct reg_key *leaf = root == NULL ? NULL : reg_key_make(root, "a\\b");
    if (leaf == NULL || !reg_key_set(leaf, "v", REGTREE_SZ, "x\0\0\0", 4) ||
        !reg_key_put_string(leaf, "s", REGTREE_SZ, "text") || reg_key_make(root, "c") == NULL) {
        reg_key_free(root);
        return NULL;
    }
    return root;
}

static void a_clone_is_deep_and_on_its_own(void **state)
{
    (void)state;
    struct reg_key *root = sample_tree();
    struct reg_key *copy = reg_key_clone(root);
    reg_key_free(root);
    assert_string_equal(reg_key_name(copy), "root");
    assert_int_equal(reg_key_child_count(copy), 2);
    const struct reg_value *value = reg_key_value(reg_key_find(copy, "A\\B"), "V");
    assert_string_equal(value->name, "v");
    assert_int_equal(value->type, REGTREE_SZ);
    assert_int_equal(value->size, 4);
    assert_memory_equal(value->data, "x\0\0\0", 4);
    reg_key_free(copy);
}

static bool make_and_clone(void *context)
{
    (void)context;
    struct reg_key *root = sample_tree();
    struct reg_key *copy = root == NULL ? NULL : reg_key_clone(root);
    reg_key_free(root);
    reg_key_free(copy);
    return copy != NULL;
}

static void running_out_of_memory_leaves_nothing_behind(void **state)
{
    (void)state;
    support_fail_allocations(make_and_clone, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_made_once_and_found_in_any_case),
        cmocka_unit_test(many_subkeys_keep_their_order_and_are_all_found),
        cmocka_unit_test(removing_leaves_the_others_to_be_found),
        cmocka_unit_test(making_and_removing_by_turns_stays_fast),
        cmocka_unit_test(namesakes_take_each_others_place),
        cmocka_unit_test(what_a_taker_leaves_stays),
        cmocka_unit_test(values_are_replaced_in_their_place),
        cmocka_unit_test(many_values_are_all_found),
        cmocka_unit_test(dword_reads_four_bytes_of_its_type_only),
        cmocka_unit_test(string_reads_text_types_of_even_size_only),
        cmocka_unit_test(put_leaves_alone_what_reads_the_same),
        cmocka_unit_test(a_clone_is_deep_and_on_its_own),
        cmocka_unit_test(running_out_of_memory_leaves_nothing_behind),
    };
    return cmocka_run_group_tests_name("regtree", tests, NULL, NULL);
}
