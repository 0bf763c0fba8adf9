/* The doctor's rules about a catalog as a whole: ids, counters, numbering, entries that can't be decoded, bases. */
#include "doctor.h"

#include <stdlib.h>
#include <string.h>

static void one_id_twice(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    doctor_entry(snapshot, 64, 1006)->info.catalog_id = 1005;
    doctor_expect(snapshot, "error duplicate-catalog-id 64 1005\n");
    /* A number of its own for each catalog is no duplicate: doctor_windows() has the same ones in both. */
    doctor_expect(doctor_windows(), "");
}

static void a_layer_entry_twice_is_one_finding(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    struct wsplsp_entry *layer = doctor_add(snapshot, 64, 1010, "Layer", 2, 0, 0);
    layer->info.chain_len = 0;
    layer->info.provider_id = doctor_entry(snapshot, 64, 1010)->info.provider_id;
    doctor_set_text(&layer->dll, doctor_entry(snapshot, 64, 1010)->dll);
    doctor_expect(snapshot, "error duplicate-catalog-id 64 1010\n");
}

static void one_provider_id_with_two_dlls(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    doctor_set_text(&doctor_entry(snapshot, 64, 1002)->dll, "C:\\Evil\\mswsock.dll");
    doctor_set_text(&doctor_entry(snapshot, 64, 1003)->dll, "C:\\Evil\\mswsock.dll");
    doctor_expect(snapshot, "error duplicate-provider-id 64 1002\n");
}

static void one_dll_by_two_paths_is_one_dll(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    doctor_set_text(&doctor_entry(snapshot, 64, 1002)->dll, "c:\\WINDOWS\\System32\\MSWSOCK.DLL");
    doctor_set_text(&doctor_entry(snapshot, 64, 1003)->dll, "%windir%\\system32\\mswsock.dll");
    doctor_expect(snapshot, "");
}

static void counts(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    doctor_catalog(snapshot, 64)->entries_stored.value = 7;
    doctor_expect(snapshot, "error count-mismatch 64 -\n");

    snapshot = doctor_windows();
    doctor_catalog(snapshot, 32)->entries_stored.value = 5;
    doctor_expect(snapshot, "error count-mismatch 32 -\n");

    snapshot = doctor_windows();
    doctor_catalog(snapshot, 32)->name_spaces_stored.value = 2;
    doctor_expect(snapshot, "error count-mismatch 32 -\n");
}

static void numbering(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    doctor_catalog(snapshot, 64)->entries[5].number = 7;
    doctor_expect(snapshot, "error numbering-gap 64 -\n");

    snapshot = doctor_windows();
    doctor_catalog(snapshot, 64)->entries[5].number = 5;
    doctor_expect(snapshot, "error numbering-gap 64 -\n");

    snapshot = doctor_windows();
    doctor_catalog(snapshot, 64)->name_spaces[0].number = 2;
    doctor_expect(snapshot, "error numbering-gap 64 -\n");
}

static void a_key_taken_out_is_one_finding(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    doctor_catalog(snapshot, 64)->entries[5].number = 7;
    doctor_catalog(snapshot, 64)->entries_stored.value = 7;
    doctor_expect(snapshot, "error numbering-gap 64 -\n");
}

static void a_gap_and_another_count_are_two_findings(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    doctor_catalog(snapshot, 64)->entries[5].number = 7;
    doctor_catalog(snapshot, 64)->entries_stored.value = 12;
    doctor_expect(snapshot, "error count-mismatch 64 -\nerror numbering-gap 64 -\n");
}

static void the_order_of_numbers_does_not_matter(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    doctor_catalog(snapshot, 64)->entries[0].number = 6;
    doctor_catalog(snapshot, 64)->entries[5].number = 1;
    doctor_expect(snapshot, "");
}

static void next_id(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    snapshot->next_catalog_id.value = 1006;
    doctor_expect(snapshot, "warning next-id-too-low 0 -\n");

    snapshot = doctor_windows();
    snapshot->next_catalog_id.value = 1007;
    doctor_expect(snapshot, "");
}

static void serial_and_lock(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    snapshot->serial.value = 0;
    snapshot->locked = true;
    doctor_expect(snapshot, "error serial-zero 0 -\nwarning catalog-locked 0 -\n");
}

/* As on Wine, whose registry has no catalog. */
static struct wsplsp_snapshot *without_registry(void)
{
    struct wsplsp_snapshot *snapshot = doctor_windows();
    snapshot->live = true;
    snapshot->next_catalog_id.present = snapshot->serial.present = false;
    snapshot->next_catalog_id.value = 0;
    doctor_drop_64(snapshot);
    struct wsplsp_catalog *catalog = doctor_catalog(snapshot, 32);
    catalog->entries_stored.present = catalog->name_spaces_stored.present = false;
    catalog->entries_stored.value = 0;
    for (size_t i = 0; i < catalog->entry_count; i++)
        catalog->entries[i].number = 0;
    free(catalog->name_spaces[0].name);
    free(catalog->name_spaces[0].name_raw);
    free(catalog->name_spaces[0].dll);
    catalog->name_space_count = 0;
    return snapshot;
}

static void what_is_not_stored_is_skipped(void **state)
{
    (void)state;
    doctor_expect(without_registry(), "");
    doctor_expect_skip(without_registry(), NULL, "count-mismatch", "not stored");
    doctor_expect_skip(without_registry(), NULL, "numbering-gap", "not known");
    doctor_expect_skip(without_registry(), NULL, "next-id-too-low", "not stored");
    doctor_expect_skip(without_registry(), NULL, "serial-zero", "not stored");
    doctor_expect_skip(doctor_windows(), NULL, "count-mismatch", NULL);
    doctor_expect_skip(doctor_windows(), NULL, "numbering-gap", NULL);
    doctor_expect_skip(doctor_windows(), NULL, "next-id-too-low", NULL);
    doctor_expect_skip(doctor_windows(), NULL, "serial-zero", NULL);
}

static void undecodable(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    struct wsplsp_entry *entry = doctor_entry(snapshot, 64, 1005);
    memset(&entry->info, 0, sizeof entry->info);
    doctor_set_text(&entry->undecoded, "truncated");
    doctor_set_text(&entry->dll, NULL);
    doctor_set_text(&doctor_catalog(snapshot, 32)->name_spaces[0].undecoded, "it has no ProviderId of 16 bytes");
    struct wsplsp_application *application = wsplsp_snapshot_add_application(snapshot);
    assert_non_null(application);
    doctor_set_text(&application->key, "0BADF00D");
    doctor_set_text(&application->undecoded, "it has no AppFullPath string");
    doctor_expect(snapshot, "error item-undecodable 64 -\nerror item-undecodable 32 -\nwarning item-undecodable 0 -\n");
}

static void a_member_that_may_be_undecodable(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    struct wsplsp_entry *entry = doctor_entry(snapshot, 64, 1005);
    memset(&entry->info, 0, sizeof entry->info);
    doctor_set_text(&entry->undecoded, "truncated");
    doctor_expect_words(snapshot, "chain-member-missing", "it may be one that cannot be decoded");
}

static void no_base(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    doctor_remove(snapshot, 64, 1001);
    doctor_remove(snapshot, 64, 1004);
    doctor_expect(snapshot, "error no-base-tcp 64 -\n");

    snapshot = doctor_windows();
    doctor_remove(snapshot, 32, 1002);
    doctor_remove(snapshot, 32, 1005);
    doctor_expect(snapshot, "error no-base-udp 32 -\n");
}

static void no_base_of_one_family(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    doctor_remove(snapshot, 64, 1001);
    doctor_expect(snapshot, "warning no-base-tcp 64 -\n");

    snapshot = doctor_windows();
    for (uint32_t id = 1004; id <= 1006; id++)
        doctor_remove(snapshot, 64, id);
    for (uint32_t id = 1004; id <= 1006; id++)
        doctor_remove(snapshot, 32, id);
    doctor_expect(snapshot, "");
}

static void an_empty_catalog_has_no_bases(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    for (uint32_t id = 1001; id <= 1006; id++)
        doctor_remove(snapshot, 64, id);
    doctor_expect(snapshot, "error no-base-tcp 64 -\nerror no-base-udp 64 -\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_id_twice),
        cmocka_unit_test(a_layer_entry_twice_is_one_finding),
        cmocka_unit_test(one_provider_id_with_two_dlls),
        cmocka_unit_test(one_dll_by_two_paths_is_one_dll),
        cmocka_unit_test(counts),
        cmocka_unit_test(numbering),
        cmocka_unit_test(a_key_taken_out_is_one_finding),
        cmocka_unit_test(a_gap_and_another_count_are_two_findings),
        cmocka_unit_test(the_order_of_numbers_does_not_matter),
        cmocka_unit_test(next_id),
        cmocka_unit_test(serial_and_lock),
        cmocka_unit_test(what_is_not_stored_is_skipped),
        cmocka_unit_test(undecodable),
        cmocka_unit_test(a_member_that_may_be_undecodable),
        cmocka_unit_test(no_base),
        cmocka_unit_test(no_base_of_one_family),
        cmocka_unit_test(an_empty_catalog_has_no_bases),
    };
    return cmocka_run_group_tests_name("check_catalog", tests, NULL, NULL);
}
