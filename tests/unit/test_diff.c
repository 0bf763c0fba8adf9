/* The differences between two snapshots, one kind a test, on catalogs built here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/diff/diff.h"
#include "lsp-core/registry/regtree.h"
#include "lsp-core/base/text.h"

enum { BASE_GUID = 0x11, LAYER_GUID = 0x22, CHAIN_GUID = 0x33 };

static struct wsplsp_entry *add(struct wsplsp_snapshot *snapshot, uint8_t guid, uint32_t id, int32_t protocol,
                                const char *name)
{
    struct wsplsp_catalog *catalog = &snapshot->catalogs[0];
    struct wsplsp_entry *entry = wsplsp_catalog_add_entry(catalog);
    assert_non_null(entry);
    catalog->present = true;
    entry->info.catalog_id = id;
    entry->info.chain_len = 1;
    entry->info.family = 2;
    entry->info.socket_type = protocol == 6 ? 1 : 2;
    entry->info.protocol = protocol;
    memset(entry->info.provider_id.bytes, guid, 16);
    entry->name = text_duplicate(name);
    entry->name_raw = text_duplicate(name);
    entry->dll = text_duplicate("%SystemRoot%\\system32\\mswsock.dll");
    return entry;
}

static struct wsplsp_snapshot *two_bases(uint32_t first_id)
{
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("test");
    add(snapshot, BASE_GUID, first_id, 6, "TCP");
    add(snapshot, BASE_GUID, first_id + 1, 17, "UDP");
    return snapshot;
}

/* A layer over TCP: its entry, and its chain in front. */
static void add_layer(struct wsplsp_snapshot *snapshot, uint32_t id, uint32_t base_id)
{
    struct wsplsp_entry *layer = add(snapshot, LAYER_GUID, id, 6, "Layer");
    layer->info.chain_len = 0;
    struct wsplsp_entry *chain = add(snapshot, CHAIN_GUID, id + 1, 6, "Layer over TCP");
    chain->info.chain_len = 2;
    chain->info.chain[0] = id;
    chain->info.chain[1] = base_id;
}

static struct diff *compare(struct wsplsp_snapshot *a, struct wsplsp_snapshot *b)
{
    struct diff *diff = NULL;
    struct wsplsp_error error;
    assert_int_equal(diff_snapshots(a, b, &diff, &error), WSPLSP_OK);
    wsplsp_snapshot_free(a);
    wsplsp_snapshot_free(b);
    return diff;
}

static void assert_change(const struct diff *diff, size_t index, enum diff_kind kind, const char *name,
                          const char *field, const char *before, const char *after)
{
    assert_true(index < diff->count);
    const struct diff_change *change = &diff->changes[index];
    assert_int_equal(change->kind, kind);
    assert_string_equal(change->name, name);
    assert_string_equal(change->field == NULL ? "-" : change->field, field == NULL ? "-" : field);
    assert_string_equal(change->before == NULL ? "-" : change->before, before == NULL ? "-" : before);
    assert_string_equal(change->after == NULL ? "-" : change->after, after == NULL ? "-" : after);
}

static void ids_that_only_shifted_are_no_difference(void **state)
{
    (void)state;
    struct wsplsp_snapshot *a = two_bases(1001), *b = two_bases(2001);
    add_layer(a, 1010, 1001);
    add_layer(b, 2010, 2001);
    struct diff *diff = compare(a, b);
    assert_int_equal(diff->count, 0);
    diff_free(diff);
}

static void an_added_layer_is_two_added_entries(void **state)
{
    (void)state;
    struct wsplsp_snapshot *a = two_bases(1001), *b = two_bases(1001);
    add_layer(b, 1010, 1001);
    struct diff *diff = compare(a, b);
    assert_int_equal(diff->count, 2);
    assert_change(diff, 0, DIFF_ADDED, "Layer", NULL, NULL, NULL);
    assert_change(diff, 1, DIFF_ADDED, "Layer over TCP", NULL, NULL, NULL);
    assert_string_equal(diff->changes[0].provider_id, "{22222222-2222-2222-2222-222222222222}");
    assert_int_equal(diff->changes[0].bits, 64);
    diff_free(diff);
}

static void a_removed_entry_is_told_by_name(void **state)
{
    (void)state;
    struct wsplsp_snapshot *a = two_bases(1001), *b = two_bases(1001);
    add_layer(a, 1010, 1001);
    struct diff *diff = compare(a, b);
    assert_int_equal(diff->count, 2);
    assert_change(diff, 0, DIFF_REMOVED, "Layer", NULL, NULL, NULL);
    diff_free(diff);
}

static void one_entry_put_in_front_is_one_move(void **state)
{
    (void)state;
    struct wsplsp_snapshot *a = wsplsp_snapshot_new("a"), *b = wsplsp_snapshot_new("b");
    for (uint8_t i = 1; i <= 5; i++)
        add(a, i, 1000u + i, 6, "entry");
    static const uint8_t order[] = {5, 1, 2, 3, 4};
    for (size_t i = 0; i < 5; i++)
        add(b, order[i], 1000u + order[i], 6, "entry");
    struct diff *diff = compare(a, b);
    assert_int_equal(diff->count, 1);
    assert_change(diff, 0, DIFF_MOVED, "entry", "position", "5", "1");
    diff_free(diff);
}

static void changed_fields_are_told_one_by_one(void **state)
{
    (void)state;
    struct wsplsp_snapshot *a = two_bases(1001), *b = two_bases(1001);
    struct wsplsp_entry *tcp = &b->catalogs[0].entries[0];
    free(tcp->dll);
    tcp->dll = text_duplicate("C:\\x.dll");
    tcp->info.service_flags[0] = 0x20066;
    tcp->info.max_message_size = 0xffffffff;
    struct diff *diff = compare(a, b);
    assert_int_equal(diff->count, 3);
    assert_change(diff, 0, DIFF_CHANGED, "TCP", "dll", "%SystemRoot%\\system32\\mswsock.dll", "C:\\x.dll");
    assert_change(diff, 1, DIFF_CHANGED, "TCP", "max_message_size", "0", "4294967295");
    assert_change(diff, 2, DIFF_CHANGED, "TCP", "service_flags", "0x00000000", "0x00020066");
    diff_free(diff);
}

static void a_chain_led_elsewhere_is_a_changed_chain(void **state)
{
    (void)state;
    struct wsplsp_snapshot *a = two_bases(1001), *b = two_bases(1001);
    add_layer(a, 1010, 1001);
    add_layer(b, 1010, 1999);
    struct diff *diff = compare(a, b);
    assert_int_equal(diff->count, 1);
    assert_change(diff, 0, DIFF_CHANGED, "Layer over TCP", "chain", "Layer > TCP", "Layer > missing entry 1999");
    diff_free(diff);
}

static void what_means_the_same_is_no_difference(void **state)
{
    (void)state;
    struct wsplsp_snapshot *a = two_bases(1001), *b = two_bases(1001);
    struct wsplsp_entry *tcp = &b->catalogs[0].entries[0];
    free(tcp->dll);
    tcp->dll = text_duplicate("%systemroot%\\SYSTEM32\\mswsock.dll");
    free(tcp->name_raw);
    tcp->name_raw = text_duplicate("@elsewhere.dll,-1");
    struct wsplsp_entry *udp = &b->catalogs[0].entries[1];
    free(udp->dll);
    udp->dll = NULL;
    udp->dll_absent = "the system does not tell";
    a->autodial_dll = text_duplicate("rasadhlp.dll");
    b->autodial_dll = text_duplicate("RASADHLP.DLL");
    struct diff *diff = compare(a, b);
    assert_int_equal(diff->count, 0);
    diff_free(diff);
}

static void a_whole_catalog_more_is_one_difference(void **state)
{
    (void)state;
    struct wsplsp_snapshot *a = two_bases(1001), *b = two_bases(1001);
    b->catalogs[1].present = true;
    struct diff *diff = compare(a, b);
    assert_int_equal(diff->count, 1);
    assert_int_equal(diff->changes[0].subject, DIFF_CATALOG);
    assert_change(diff, 0, DIFF_ADDED, "32-bit catalog", NULL, NULL, "0 entries");
    diff_free(diff);
}

static struct wsplsp_application *add_application(struct wsplsp_snapshot *snapshot, const char *path,
                                                  const char *arguments, uint32_t categories)
{
    struct wsplsp_application *application = wsplsp_snapshot_add_application(snapshot);
    assert_non_null(application);
    application->key = text_duplicate("12345678");
    application->path = text_duplicate(path);
    application->arguments = arguments == NULL ? NULL : text_duplicate(arguments);
    application->categories = categories;
    return application;
}

static void applications_are_told_apart_by_path_and_arguments(void **state)
{
    (void)state;
    struct wsplsp_snapshot *a = two_bases(1001), *b = two_bases(1001);
    add_application(a, "C:\\Windows\\System32\\svchost.exe", "-k LocalService", 0x80000044);
    add_application(a, "C:\\Windows\\System32\\svchost.exe", "-k NetworkService", 0x80000044);
    add_application(b, "c:\\windows\\system32\\SVCHOST.EXE", "-k NetworkService", 0x80000000);
    add_application(b, "C:\\Windows\\System32\\wsl.exe", NULL, 0x80000000);
    struct diff *diff = compare(a, b);
    assert_int_equal(diff->count, 3);
    assert_change(diff, 0, DIFF_REMOVED, "C:\\Windows\\System32\\svchost.exe", NULL, NULL, NULL);
    assert_change(diff, 1, DIFF_CHANGED, "C:\\Windows\\System32\\svchost.exe", "categories", "0x80000044",
                  "0x80000000");
    assert_change(diff, 2, DIFF_ADDED, "C:\\Windows\\System32\\wsl.exe", NULL, NULL, NULL);
    diff_free(diff);
}

static void settings_are_compared(void **state)
{
    (void)state;
    struct wsplsp_snapshot *a = two_bases(1001), *b = two_bases(1001);
    a->autodial_dll = text_duplicate("rasadhlp.dll");
    b->autodial_dll = text_duplicate("C:\\evil.dll");
    b->name_space_callout = text_duplicate("C:\\callout.dll");
    struct diff *diff = compare(a, b);
    assert_int_equal(diff->count, 2);
    assert_int_equal(diff->changes[0].subject, DIFF_SETTING);
    assert_change(diff, 0, DIFF_CHANGED, "AutodialDLL", NULL, "rasadhlp.dll", "C:\\evil.dll");
    assert_change(diff, 1, DIFF_ADDED, "NameSpace_Callout", NULL, NULL, "C:\\callout.dll");
    diff_free(diff);
}

static struct wsplsp_name_space *add_name_space(struct wsplsp_snapshot *snapshot, bool enabled)
{
    struct wsplsp_name_space *name_space = wsplsp_catalog_add_name_space(&snapshot->catalogs[0]);
    assert_non_null(name_space);
    memset(name_space->provider_id.bytes, 0x44, 16);
    name_space->name = text_duplicate("Tcpip");
    name_space->name_raw = text_duplicate("Tcpip");
    name_space->dll = text_duplicate("%SystemRoot%\\System32\\mswsock.dll");
    name_space->name_space = 12;
    name_space->enabled = enabled;
    return name_space;
}

static void a_disabled_name_space_is_a_change(void **state)
{
    (void)state;
    struct wsplsp_snapshot *a = two_bases(1001), *b = two_bases(1001);
    add_name_space(a, true);
    add_name_space(b, false);
    struct diff *diff = compare(a, b);
    assert_int_equal(diff->count, 1);
    assert_int_equal(diff->changes[0].subject, DIFF_NAME_SPACE);
    assert_change(diff, 0, DIFF_CHANGED, "Tcpip", "enabled", "true", "false");
    diff_free(diff);
}

static void a_registry_that_could_not_be_read_is_no_difference(void **state)
{
    (void)state;
    struct wsplsp_snapshot *a = two_bases(1001), *b = two_bases(1001);
    add_application(a, "C:\\Windows\\System32\\wsl.exe", NULL, 0x80000000);
    a->autodial_dll = text_duplicate("rasadhlp.dll");
    b->live = true;
    struct diff *diff = compare(a, b);
    assert_int_equal(diff->count, 0);
    diff_free(diff);
}

static void a_name_space_that_lost_its_dll_is_a_change(void **state)
{
    (void)state;
    struct wsplsp_snapshot *a = two_bases(1001), *b = two_bases(1001);
    add_name_space(a, true);
    struct wsplsp_name_space *without = add_name_space(b, true);
    free(without->dll);
    without->dll = NULL;
    without->origin = reg_key_new("000000000001");
    struct diff *diff = compare(a, b);
    assert_int_equal(diff->count, 1);
    assert_change(diff, 0, DIFF_CHANGED, "Tcpip", "dll", "%SystemRoot%\\System32\\mswsock.dll", NULL);
    diff_free(diff);
}

/* A number that is 0 and one that is missing read alike. */
static void what_cannot_be_decoded_any_more_is_a_change(void **state)
{
    (void)state;
    struct wsplsp_snapshot *a = two_bases(1001), *b = two_bases(1001);
    add_name_space(a, false);
    add_name_space(b, false)->undecoded = text_duplicate("it has no Enabled number");
    add_application(a, "C:\\a.exe", NULL, 0)->undecoded = text_duplicate("it has no number");
    add_application(b, "C:\\a.exe", NULL, 0);
    struct diff *diff = compare(a, b);
    assert_int_equal(diff->count, 2);
    assert_change(diff, 0, DIFF_CHANGED, "Tcpip", "undecoded", NULL, "it has no Enabled number");
    assert_change(diff, 1, DIFF_CHANGED, "C:\\a.exe", "undecoded", "it has no number", NULL);
    diff_free(diff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_that_only_shifted_are_no_difference),
        cmocka_unit_test(an_added_layer_is_two_added_entries),
        cmocka_unit_test(a_removed_entry_is_told_by_name),
        cmocka_unit_test(one_entry_put_in_front_is_one_move),
        cmocka_unit_test(changed_fields_are_told_one_by_one),
        cmocka_unit_test(a_chain_led_elsewhere_is_a_changed_chain),
        cmocka_unit_test(what_means_the_same_is_no_difference),
        cmocka_unit_test(a_whole_catalog_more_is_one_difference),
        cmocka_unit_test(applications_are_told_apart_by_path_and_arguments),
        cmocka_unit_test(settings_are_compared),
        cmocka_unit_test(a_disabled_name_space_is_a_change),
        cmocka_unit_test(a_registry_that_could_not_be_read_is_no_difference),
        cmocka_unit_test(a_name_space_that_lost_its_dll_is_a_change),
        cmocka_unit_test(what_cannot_be_decoded_any_more_is_a_change),
    };
    return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
