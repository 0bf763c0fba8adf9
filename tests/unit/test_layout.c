/* The registry layout, both ways: trees are built here value by value from the facts, read as snapshots, and written
 * back; what is written must be what was read, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/layout.h"
#include "lsp-core/registry/regtree.h"
#include "lsp-core/base/text.h"

#define PROTOCOLS   "Parameters\\Protocol_Catalog9"
#define NAME_SPACES "Parameters\\NameSpace_Catalog5"

static void put_string(struct reg_key *key, const char *name, const char *text)
{
    assert_true(reg_key_put_string(key, name, REGTREE_SZ, text));
}

/* A PackedCatalogItem by its offsets: path at 0, dwServiceFlags1 at 260, ProviderId at 280, dwCatalogEntryId at 296,
 * ChainLen at 300, iAddressFamily at 336, szProtocol at 376. */
static void make_item(uint8_t item[888], uint32_t id, uint32_t length, const char *name)
{
    static const char path[] = "%SystemRoot%\\system32\\mswsock.dll";
    memset(item, 0, 888);
    memcpy(item, path, sizeof path);
    item[260] = 0x66;
    item[262] = 0x02;
    memset(item + 280, 0xab, 16);
    memcpy(item + 296, &id, 4);
    memcpy(item + 300, &length, 4);
    item[336] = 2;
    for (size_t i = 0; name[i] != '\0'; i++)
        item[376 + 2 * i] = (uint8_t)name[i];
}

static struct reg_key *add_entry(struct reg_key *winsock2, const char *catalog, unsigned number, uint32_t id)
{
    uint8_t item[888];
    char path[128];
    snprintf(path, sizeof path, PROTOCOLS "\\%s\\%012u", catalog, number);
    struct reg_key *key = reg_key_make(winsock2, path);
    assert_non_null(key);
    make_item(item, id, 1, "Entry");
    assert_true(reg_key_set(key, "PackedCatalogItem", REGTREE_BINARY, item, sizeof item));
    put_string(key, "ProtocolName", "Entry");
    return key;
}

static void add_name_space(struct reg_key *winsock2)
{
    static const uint8_t id[16] = {1, 2, 3};
    struct reg_key *key = reg_key_make(winsock2, NAME_SPACES "\\Catalog_Entries\\000000000001");
    assert_non_null(key);
    put_string(key, "LibraryPath", "%SystemRoot%\\System32\\mswsock.dll");
    put_string(key, "DisplayString", "@%SystemRoot%\\system32\\wshtcpip.dll,-60103");
    assert_true(reg_key_set(key, "ProviderId", REGTREE_BINARY, id, sizeof id));
    assert_true(reg_key_set(key, "ProviderInfo", REGTREE_BINARY, "", 0));
    assert_true(reg_key_put_dword(key, "SupportedNameSpace", 12));
    assert_true(reg_key_put_dword(key, "Enabled", 1));
    assert_true(reg_key_put_dword(key, "Version", 0));
    assert_true(reg_key_put_dword(key, "StoresServiceClassInfo", 0));
}

/* Two entries in each catalog, one name space, one application, the settings. */
static struct reg_key *make_winsock2(void)
{
    struct reg_key *winsock2 = reg_key_new("WinSock2");
    struct reg_key *protocols = reg_key_make(winsock2, PROTOCOLS);
    struct reg_key *parameters = reg_key_find(winsock2, "Parameters");
    put_string(parameters, "Current_Protocol_Catalog", "Protocol_Catalog9");
    put_string(parameters, "Current_NameSpace_Catalog", "NameSpace_Catalog5");
    put_string(parameters, "AutodialDLL", "rasadhlp.dll");
    assert_true(
        reg_key_put_string(parameters, "NameSpace_Callout", REGTREE_EXPAND_SZ, "%SystemRoot%\\System32\\fwpuclnt.dll"));
    assert_true(reg_key_put_dword(protocols, "Next_Catalog_Entry_ID", 1003));
    assert_true(reg_key_put_dword(protocols, "Num_Catalog_Entries", 2));
    assert_true(reg_key_put_dword(protocols, "Num_Catalog_Entries64", 2));
    assert_true(reg_key_put_dword(protocols, "Serial_Access_Num", 5));
    add_entry(winsock2, "Catalog_Entries", 1, 1002);
    add_entry(winsock2, "Catalog_Entries", 2, 1001);
    add_entry(winsock2, "Catalog_Entries64", 1, 1001);
    add_entry(winsock2, "Catalog_Entries64", 2, 1002);
    add_name_space(winsock2);
    struct reg_key *name_spaces = reg_key_find(winsock2, NAME_SPACES);
    assert_true(reg_key_put_dword(name_spaces, "Num_Catalog_Entries", 1));
    assert_true(reg_key_put_dword(name_spaces, "Serial_Access_Num", 9));
    struct reg_key *application = reg_key_make(winsock2, "Parameters\\AppId_Catalog\\2C69D9F1-0F0A6651");
    put_string(application, "AppFullPath", "C:\\Windows\\System32\\svchost.exe");
    put_string(application, "AppArgs", "-k NetworkService");
    assert_true(reg_key_put_dword(application, "PermittedLspCategories", 0x80000044));
    return winsock2;
}

/* Leaves the tree as it is: what layout_read moves is a copy. */
static struct wsplsp_snapshot *read_snapshot(const struct reg_key *winsock2)
{
    struct wsplsp_error error;
    struct reg_key *copy = reg_key_clone(winsock2);
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("test");
    assert_int_equal(layout_read(copy, snapshot, &error), WSPLSP_OK);
    reg_key_free(copy);
    return snapshot;
}

static void assert_same_value(const struct reg_value *a, const struct reg_value *b)
{
    assert_non_null(b);
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->size, b->size);
    if (a->size > 0)
        assert_memory_equal(a->data, b->data, a->size);
}

/* Every value of `a` is in `b` and there are no more; subkeys likewise, whatever their order. */
static void assert_same_tree(const struct reg_key *a, const struct reg_key *b)
{
    assert_non_null(b);
    assert_int_equal(reg_key_value_count(a), reg_key_value_count(b));
    assert_int_equal(reg_key_child_count(a), reg_key_child_count(b));
    for (size_t i = 0; i < reg_key_value_count(a); i++) {
        const struct reg_value *value = reg_key_value_at(a, i);
        assert_same_value(value, reg_key_value(b, value->name));
    }
    for (size_t i = 0; i < reg_key_child_count(a); i++) {
        const struct reg_key *child = reg_key_child_at(a, i);
        assert_same_tree(child, reg_key_find(b, reg_key_name(child)));
    }
}

static void assert_written_as_read(struct reg_key *winsock2)
{
    struct wsplsp_error error;
    struct reg_key *written = NULL;
    struct wsplsp_snapshot *snapshot = read_snapshot(winsock2);
    assert_int_equal(layout_write(snapshot, &written, &error), WSPLSP_OK);
    assert_same_tree(winsock2, written);
    wsplsp_snapshot_free(snapshot);
    reg_key_free(written);
    reg_key_free(winsock2);
}

static void a_whole_key_becomes_a_snapshot(void **state)
{
    (void)state;
    struct reg_key *winsock2 = make_winsock2();
    struct wsplsp_snapshot *snapshot = read_snapshot(winsock2);
    const struct wsplsp_catalog *narrow = wsplsp_snapshot_catalog(snapshot, 32);
    assert_true(narrow->present);
    assert_int_equal(narrow->entry_count, 2);
    assert_int_equal(narrow->entries[0].info.catalog_id, 1002);
    assert_int_equal(narrow->entries[1].info.catalog_id, 1001);
    const struct wsplsp_entry *entry = &wsplsp_snapshot_catalog(snapshot, 64)->entries[0];
    assert_null(entry->undecoded);
    assert_int_equal(entry->bits, 64);
    assert_int_equal(entry->position, 1);
    assert_int_equal(entry->number, 1);
    assert_int_equal(entry->info.service_flags[0], 0x20066);
    assert_int_equal(entry->info.family, 2);
    assert_string_equal(entry->dll, "%SystemRoot%\\system32\\mswsock.dll");
    assert_string_equal(entry->name, "Entry");
    assert_false(entry->has_categories);
    assert_non_null(entry->categories_absent);
    assert_int_equal(snapshot->next_catalog_id.value, 1003);
    assert_int_equal(snapshot->serial.value, 5);
    assert_int_equal(narrow->entries_stored.value, 2);
    assert_int_equal(snapshot->name_space_serial.value, 9);
    assert_false(snapshot->locked);
    assert_string_equal(snapshot->autodial_dll, "rasadhlp.dll");
    assert_string_equal(snapshot->name_space_callout, "%SystemRoot%\\System32\\fwpuclnt.dll");
    wsplsp_snapshot_free(snapshot);
    reg_key_free(winsock2);
}

static void categories_are_read_where_they_are_kept(void **state)
{
    (void)state;
    struct reg_key *winsock2 = make_winsock2();
    struct reg_key *key = reg_key_make(winsock2, PROTOCOLS "\\Catalog_Entries64\\000000000001");
    assert_non_null(key);
    assert_true(reg_key_put_dword(key, "LspCategories", 0x80000008u));
    struct wsplsp_snapshot *snapshot = read_snapshot(winsock2);
    const struct wsplsp_entry *entry = &wsplsp_snapshot_catalog(snapshot, 64)->entries[0];
    assert_true(entry->has_categories);
    assert_int_equal(entry->categories, 0x80000008u);
    assert_null(entry->categories_absent);
    assert_false(wsplsp_snapshot_catalog(snapshot, 32)->entries[0].has_categories);
    wsplsp_snapshot_free(snapshot);
    assert_written_as_read(winsock2);
}

static void name_spaces_and_applications_are_read(void **state)
{
    (void)state;
    struct reg_key *winsock2 = make_winsock2();
    struct wsplsp_snapshot *snapshot = read_snapshot(winsock2);
    const struct wsplsp_catalog *narrow = wsplsp_snapshot_catalog(snapshot, 32);
    assert_int_equal(narrow->name_space_count, 1);
    assert_string_equal(narrow->name_spaces[0].name, "Tcpip");
    assert_int_equal(narrow->name_spaces[0].name_space, 12);
    assert_true(narrow->name_spaces[0].enabled);
    assert_int_equal(snapshot->application_count, 1);
    assert_string_equal(snapshot->applications[0].path, "C:\\Windows\\System32\\svchost.exe");
    assert_string_equal(snapshot->applications[0].arguments, "-k NetworkService");
    assert_int_equal(snapshot->applications[0].categories, 0x80000044);
    wsplsp_snapshot_free(snapshot);
    reg_key_free(winsock2);
}

static void a_healthy_key_is_written_as_it_was(void **state)
{
    (void)state;
    assert_written_as_read(make_winsock2());
}

static void what_the_model_does_not_name_is_kept(void **state)
{
    (void)state;
    struct reg_key *winsock2 = make_winsock2();
    put_string(reg_key_find(winsock2, "Parameters"), "WinSock_Registry_Version", "2.0");
    put_string(reg_key_find(winsock2, PROTOCOLS "\\Catalog_Entries\\000000000001"), "Vendor", "x");
    assert_non_null(reg_key_make(winsock2, PROTOCOLS "\\Catalog_Entries\\000000000001\\Sub"));
    assert_non_null(reg_key_make(winsock2, PROTOCOLS "\\Catalog_Entries\\Odd"));
    assert_non_null(reg_key_make(winsock2, PROTOCOLS "\\00000005"));
    assert_non_null(reg_key_make(winsock2, "Setup Migration\\Providers"));
    assert_written_as_read(winsock2);
}

static void leftovers_behind_path_and_item_are_kept(void **state)
{
    (void)state;
    uint8_t item[900];
    make_item(item, 1001, 1, "Entry");
    item[100] = 0x5a;
    memset(item + 888, 0x77, 12);
    struct reg_key *winsock2 = make_winsock2();
    struct reg_key *key = reg_key_find(winsock2, PROTOCOLS "\\Catalog_Entries64\\000000000001");
    assert_true(reg_key_set(key, "PackedCatalogItem", REGTREE_BINARY, item, sizeof item));
    assert_written_as_read(winsock2);
}

static void faults_are_written_as_they_were(void **state)
{
    (void)state;
    struct reg_key *winsock2 = make_winsock2();
    struct reg_key *protocols = reg_key_find(winsock2, PROTOCOLS);
    assert_true(reg_key_put_dword(protocols, "Num_Catalog_Entries", 77));
    assert_true(reg_key_put_dword(protocols, "Next_Catalog_Entry_ID", 1));
    add_entry(winsock2, "Catalog_Entries", 9, 1009);
    struct reg_key *key = reg_key_find(winsock2, PROTOCOLS "\\Catalog_Entries64\\000000000002");
    assert_true(reg_key_set(key, "PackedCatalogItem", REGTREE_BINARY, "short", 5));
    put_string(reg_key_find(winsock2, PROTOCOLS "\\Catalog_Entries\\000000000001"), "ProtocolName", "Other");
    reg_key_unset(reg_key_find(winsock2, NAME_SPACES "\\Catalog_Entries\\000000000001"), "ProviderId");
    reg_key_unset(reg_key_find(winsock2, "Parameters\\AppId_Catalog\\2C69D9F1-0F0A6651"), "AppFullPath");
    assert_written_as_read(winsock2);
}

static void what_a_name_space_lacks_is_not_made_up(void **state)
{
    (void)state;
    struct reg_key *winsock2 = make_winsock2();
    struct reg_key *key = reg_key_find(winsock2, NAME_SPACES "\\Catalog_Entries\\000000000001");
    reg_key_unset(key, "LibraryPath");
    reg_key_unset(key, "DisplayString");
    reg_key_unset(key, "StoresServiceClassInfo");
    assert_true(reg_key_set(key, "Version", REGTREE_BINARY, "x", 1));
    assert_written_as_read(winsock2);
}

static void entries_that_cannot_be_decoded_keep_their_place(void **state)
{
    (void)state;
    struct reg_key *winsock2 = make_winsock2();
    struct reg_key *key = reg_key_find(winsock2, PROTOCOLS "\\Catalog_Entries64\\000000000001");
    assert_true(reg_key_set(key, "PackedCatalogItem", REGTREE_BINARY, "short", 5));
    reg_key_unset(reg_key_find(winsock2, PROTOCOLS "\\Catalog_Entries\\000000000002"), "PackedCatalogItem");
    struct wsplsp_snapshot *snapshot = read_snapshot(winsock2);
    const struct wsplsp_catalog *wide = wsplsp_snapshot_catalog(snapshot, 64);
    assert_int_equal(wide->entry_count, 2);
    assert_non_null(wide->entries[0].undecoded);
    assert_int_equal(wide->entries[0].position, 1);
    assert_int_equal(reg_key_value(wide->entries[0].origin, "PackedCatalogItem")->size, 5);
    assert_null(wsplsp_catalog_find(wide, 0));
    assert_string_equal(wsplsp_snapshot_catalog(snapshot, 32)->entries[1].undecoded,
                        "it has no PackedCatalogItem value");
    wsplsp_snapshot_free(snapshot);
    reg_key_free(winsock2);
}

static void entries_are_ordered_by_number(void **state)
{
    (void)state;
    struct reg_key *winsock2 = make_winsock2();
    add_entry(winsock2, "Catalog_Entries64", 12, 1012);
    add_entry(winsock2, "Catalog_Entries64", 3, 1003);
    struct wsplsp_snapshot *snapshot = read_snapshot(winsock2);
    const struct wsplsp_catalog *wide = wsplsp_snapshot_catalog(snapshot, 64);
    static const uint32_t ids[] = {1001, 1002, 1003, 1012};
    assert_int_equal(wide->entry_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(wide->entries[i].info.catalog_id, ids[i]);
    wsplsp_snapshot_free(snapshot);
    reg_key_free(winsock2);
}

static void a_lock_is_seen(void **state)
{
    (void)state;
    struct reg_key *winsock2 = make_winsock2();
    assert_non_null(reg_key_make(winsock2, PROTOCOLS "\\00000005"));
    struct wsplsp_snapshot *snapshot = read_snapshot(winsock2);
    assert_true(snapshot->locked);
    wsplsp_snapshot_free(snapshot);
    reg_key_free(winsock2);
}

static void a_32_bit_windows_has_one_catalog(void **state)
{
    (void)state;
    struct reg_key *winsock2 = make_winsock2();
    struct reg_key *protocols = reg_key_find(winsock2, PROTOCOLS);
    reg_key_remove(protocols, "Catalog_Entries64");
    reg_key_unset(protocols, "Num_Catalog_Entries64");
    struct wsplsp_snapshot *snapshot = read_snapshot(winsock2);
    assert_false(wsplsp_snapshot_catalog(snapshot, 64)->present);
    assert_non_null(wsplsp_snapshot_catalog(snapshot, 64)->absent);
    assert_true(wsplsp_snapshot_catalog(snapshot, 32)->present);
    wsplsp_snapshot_free(snapshot);
    assert_written_as_read(winsock2);
}

/* Where the counter says that there is a 64-bit catalog, a missing key is a fault to report and not another Windows. */
static void a_catalog_whose_entries_are_gone_is_empty(void **state)
{
    (void)state;
    struct reg_key *winsock2 = make_winsock2();
    reg_key_remove(reg_key_find(winsock2, PROTOCOLS), "Catalog_Entries64");
    struct wsplsp_snapshot *snapshot = read_snapshot(winsock2);
    assert_true(wsplsp_snapshot_catalog(snapshot, 64)->present);
    assert_int_equal(wsplsp_snapshot_catalog(snapshot, 64)->entry_count, 0);
    wsplsp_snapshot_free(snapshot);
    reg_key_free(winsock2);
}

static void the_catalog_in_use_is_the_one_that_is_named(void **state)
{
    (void)state;
    struct reg_key *winsock2 = make_winsock2();
    put_string(reg_key_find(winsock2, "Parameters"), "Current_Protocol_Catalog", "Protocol_Catalog10");
    struct reg_key *other = reg_key_make(winsock2, "Parameters\\Protocol_Catalog10");
    assert_true(reg_key_put_dword(other, "Next_Catalog_Entry_ID", 4711));
    struct wsplsp_snapshot *snapshot = read_snapshot(winsock2);
    assert_int_equal(snapshot->next_catalog_id.value, 4711);
    wsplsp_snapshot_free(snapshot);
    assert_written_as_read(winsock2);
}

static void a_key_without_parameters_is_no_catalog(void **state)
{
    (void)state;
    struct wsplsp_error error;
    struct reg_key *winsock2 = reg_key_new("WinSock2");
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("test");
    assert_int_equal(layout_read(winsock2, snapshot, &error), WSPLSP_NOT_FOUND);
    wsplsp_snapshot_free(snapshot);
    reg_key_free(winsock2);
}

static void a_snapshot_without_origin_is_written_whole(void **state)
{
    (void)state;
    struct wsplsp_error error;
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("test");
    snapshot->catalogs[0].present = true;
    for (uint32_t i = 0; i < 2; i++) {
        struct wsplsp_entry *entry = wsplsp_catalog_add_entry(&snapshot->catalogs[0]);
        entry->info.catalog_id = 1001 + i;
        entry->info.chain_len = 1;
        entry->dll = text_duplicate("C:\\a.dll");
        entry->name_raw = text_duplicate("N");
        entry->info.name[0] = 'N';
    }
    struct reg_key *written = NULL;
    assert_int_equal(layout_write(snapshot, &written, &error), WSPLSP_OK);
    wsplsp_snapshot_free(snapshot);

    snapshot = read_snapshot(written);
    assert_int_equal(snapshot->catalogs[0].entry_count, 2);
    assert_int_equal(snapshot->catalogs[0].entries_stored.value, 2);
    assert_int_equal(snapshot->next_catalog_id.value, 1003);
    assert_int_not_equal(snapshot->serial.value, 0); /* 0 reads as an empty catalog */
    assert_int_equal(snapshot->catalogs[0].entries[1].number, 2);
    assert_string_equal(snapshot->catalogs[0].entries[1].dll, "C:\\a.dll");
    assert_string_equal(snapshot->catalogs[0].entries[1].name, "N");
    wsplsp_snapshot_free(snapshot);
    reg_key_free(written);
}

static void an_entry_without_a_known_dll_is_not_written(void **state)
{
    (void)state;
    struct wsplsp_error error;
    struct reg_key *written = NULL;
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("test");
    snapshot->catalogs[0].present = true;
    struct wsplsp_entry *entry = wsplsp_catalog_add_entry(&snapshot->catalogs[0]);
    entry->name_raw = text_duplicate("");
    assert_int_equal(layout_write(snapshot, &written, &error), WSPLSP_SYSTEM);
    assert_string_equal(error.name, "DLL_UNKNOWN");
    assert_null(written);
    wsplsp_snapshot_free(snapshot);
}

/* ---- finding the key */

static struct reg_key *add_control_set(struct reg_key *root, const char *system, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s%s\\Services\\WinSock2\\Parameters", system, name);
    assert_non_null(reg_key_make(root, path));
    snprintf(path, sizeof path, "%s%s\\Services\\WinSock2", system, name);
    return reg_key_find(root, path);
}

static void the_key_is_found_below_any_prefix(void **state)
{
    (void)state;
    static const char *const prefixes[] = {"HKEY_LOCAL_MACHINE\\SYSTEM\\", "HKLM\\SYSTEM\\", "HKLM\\OFFLINE\\", "",
                                           "HKEY_LOCAL_MACHINE\\a\\b\\"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        char *note;
        struct reg_key *root = reg_key_new("");
        const struct reg_key *expected = add_control_set(root, prefixes[i], "ControlSet001");
        assert_ptr_equal(layout_find_winsock2(root, &note), expected);
        assert_null(note);
        reg_key_free(root);
    }
}

static void the_control_set_in_use_is_chosen(void **state)
{
    (void)state;
    char *note;
    struct reg_key *root = reg_key_new("");
    const struct reg_key *first = add_control_set(root, "SYSTEM\\", "ControlSet001");
    const struct reg_key *second = add_control_set(root, "SYSTEM\\", "ControlSet002");
    assert_ptr_equal(layout_find_winsock2(root, &note), first);
    assert_non_null(strstr(note, "ControlSet001"));
    free(note);

    struct reg_key *select = reg_key_make(root, "SYSTEM\\Select");
    assert_true(reg_key_put_dword(select, "Current", 2));
    assert_ptr_equal(layout_find_winsock2(root, &note), second);
    assert_non_null(strstr(note, "ControlSet002"));
    free(note);

    const struct reg_key *current = add_control_set(root, "SYSTEM\\", "CurrentControlSet");
    assert_ptr_equal(layout_find_winsock2(root, &note), current);
    assert_non_null(strstr(note, "CurrentControlSet"));
    free(note);
    reg_key_free(root);
}

static void no_key_is_no_key(void **state)
{
    (void)state;
    char *note;
    struct reg_key *root = reg_key_new("");
    assert_non_null(reg_key_make(root, "HKLM\\SYSTEM\\ControlSet001\\Services\\WinSock2"));
    assert_null(layout_find_winsock2(root, &note));
    assert_null(note);
    reg_key_free(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_key_becomes_a_snapshot),
        cmocka_unit_test(categories_are_read_where_they_are_kept),
        cmocka_unit_test(name_spaces_and_applications_are_read),
        cmocka_unit_test(a_healthy_key_is_written_as_it_was),
        cmocka_unit_test(what_the_model_does_not_name_is_kept),
        cmocka_unit_test(leftovers_behind_path_and_item_are_kept),
        cmocka_unit_test(faults_are_written_as_they_were),
        cmocka_unit_test(what_a_name_space_lacks_is_not_made_up),
        cmocka_unit_test(entries_that_cannot_be_decoded_keep_their_place),
        cmocka_unit_test(entries_are_ordered_by_number),
        cmocka_unit_test(a_lock_is_seen),
        cmocka_unit_test(a_32_bit_windows_has_one_catalog),
        cmocka_unit_test(a_catalog_whose_entries_are_gone_is_empty),
        cmocka_unit_test(the_catalog_in_use_is_the_one_that_is_named),
        cmocka_unit_test(a_key_without_parameters_is_no_catalog),
        cmocka_unit_test(a_snapshot_without_origin_is_written_whole),
        cmocka_unit_test(an_entry_without_a_known_dll_is_not_written),
        cmocka_unit_test(the_key_is_found_below_any_prefix),
        cmocka_unit_test(the_control_set_in_use_is_chosen),
        cmocka_unit_test(no_key_is_no_key),
    };
    return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
