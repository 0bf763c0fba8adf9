/* The doctor as a whole: its table, the order of what it finds, catalogs of thousands of entries, no memory. */
#include "doctor.h"

#include <stdio.h>
#include <string.h>

static void the_table_is_in_order(void **state)
{
    (void)state;
    for (const struct check_rule *rule = check_rules; rule->code != NULL; rule++) {
        assert_int_equal(strspn(rule->code, "abcdefghijklmnopqrstuvwxyz-"), strlen(rule->code));
        assert_true(strlen(rule->summary) > 10);
        assert_true(rule->needs_files || !rule->needs_windows);
        for (const struct check_rule *other = check_rules; other != rule; other++)
            assert_string_not_equal(other->code, rule->code);
    }
    assert_string_equal(check_severity_name(CHECK_INFO), "info");
    assert_string_equal(check_severity_name(CHECK_WARNING), "warning");
    assert_string_equal(check_severity_name(CHECK_ERROR), "error");
}

/* Errors first; within a severity the 64-bit catalog first, in its order, and what concerns no entry behind. */
static void findings_are_in_order(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    snapshot->next_catalog_id.value = 1;
    snapshot->serial.value = 0;
    doctor_catalog(snapshot, 64)->entries_stored.value = 99;
    doctor_chain(doctor_entry(snapshot, 32, 1011), 2, (const uint32_t[]){1010, 1999});
    doctor_chain(doctor_entry(snapshot, 64, 1015), 2, (const uint32_t[]){1010, 1010});
    doctor_chain(doctor_entry(snapshot, 64, 1012), 3, (const uint32_t[]){1010, 1012, 1002});
    doctor_move_to_end(snapshot, 32, 1013);
    doctor_catalog(snapshot, 64)->entries_stored.value = 99;
    doctor_expect(snapshot, "error chain-self 64 1012\n"
                            "error chain-no-base 64 1015\n"
                            "error count-mismatch 64 -\n"
                            "error chain-member-missing 32 1011\n"
                            "error serial-zero 0 -\n"
                            "warning chain-behind-base 32 1013\n"
                            "warning next-id-too-low 0 -\n");
}

static void absent_catalogs_are_not_looked_at(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("nothing");
    assert_non_null(snapshot);
    doctor_expect(snapshot, "");
}

enum { ENTRIES = 20000 };

/* One long path through thousands of chains, each upon the one before. */
static struct wsplsp_snapshot *large(bool broken)
{
    struct wsplsp_snapshot *snapshot = doctor_layered();
    doctor_drop_64(snapshot);
    for (uint32_t i = 0; i < ENTRIES; i++) {
        struct wsplsp_entry *entry = doctor_add(snapshot, 32, 2000 + i, "Bulk", 99, 1, (int32_t)i);
        char dll[64];
        snprintf(dll, sizeof dll, "C:\\Bulk\\%u.dll", (unsigned)i);
        memcpy(&entry->info.provider_id, &entry->info.catalog_id, sizeof entry->info.catalog_id);
        doctor_set_text(&entry->dll, dll);
        if (broken)
            doctor_chain(entry, 2, (const uint32_t[]){1010, 900000 + i});
        else if (i + 1 < ENTRIES)
            doctor_chain(entry, 3, (const uint32_t[]){1010, 2001 + i, 1001});
        else
            doctor_chain(entry, 2, (const uint32_t[]){1010, 1001});
    }
    snapshot->next_catalog_id.value = 2000 + ENTRIES;
    assert_true(wsplsp_catalog_index(&snapshot->catalogs[1]));
    return snapshot;
}

/* Depth is what could hurt here (a walk that recurses, a quadratic rule); how long it takes, make bench says. */
static void examine_large(bool broken, size_t findings)
{
    struct wsplsp_snapshot *snapshot = large(broken);
    struct check_files *files = doctor_files(NULL, 0, NULL);
    struct check_report *report;
    struct wsplsp_error error;
    assert_int_equal(check_snapshot(snapshot, files, NULL, &report, &error), WSPLSP_OK);
    assert_int_equal(report->finding_count, findings);
    check_report_free(report);
    files_close(files);
    wsplsp_snapshot_free(snapshot);
}

static void thousands_of_entries(void **state)
{
    (void)state;
    examine_large(false, 0);
}

static void thousands_of_findings(void **state)
{
    (void)state;
    examine_large(true, ENTRIES);
}

static bool examine_with_failures(void *context)
{
    struct check_report *report;
    struct wsplsp_error error;
    if (check_snapshot(context, NULL, "no files in this test", &report, &error) != WSPLSP_OK) {
        assert_string_equal(error.name, "ENOMEM");
        return false;
    }
    check_report_free(report);
    return true;
}

static void out_of_memory(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    snapshot->serial.value = 0;
    doctor_chain(doctor_entry(snapshot, 64, 1011), 2, (const uint32_t[]){1010, 1999});
    support_fail_allocations(examine_with_failures, snapshot);
    wsplsp_snapshot_free(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_in_order),
        cmocka_unit_test(findings_are_in_order),
        cmocka_unit_test(absent_catalogs_are_not_looked_at),
        cmocka_unit_test(thousands_of_entries),
        cmocka_unit_test(thousands_of_findings),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
