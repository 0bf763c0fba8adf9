/* Backups and the folder that keeps them. */
#include "folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lsp-core/change/backup.h"
#include "lsp-core/diff/diff.h"
#include "doctor.h"
#include "lsp-core/registry/regfile.h"
#include "lsp-core/registry/regtree.h"
#include "lsp-core/catalog/source.h"
#include "lsp-core/base/text.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

static struct backup_folder *open_folder(void **state)
{
    struct backup_folder *folder = NULL;
    struct wsplsp_error error;
    assert_int_equal(backup_folder_open(folder_path(state, "backups"), BACKUP_ACCESS_INHERITED, true, &folder, &error),
                     WSPLSP_OK);
    return folder;
}

/* ---- names */

static void a_name_says_when_and_what_for(void **state)
{
    (void)state;
    struct backup_name name;
    assert_true(backup_name_parse("20261120T155640.123Z-ns-install.reg", &name));
    assert_string_equal(name.time, "20261120T155640.123Z");
    assert_string_equal(name.command, "ns-install");
    assert_false(name.undone);
    assert_true(backup_name_parse("20261120T155640.123Z-remove.undone.reg", &name));
    assert_string_equal(name.command, "remove");
    assert_true(name.undone);
    char *words = backup_time_words("20261120T155640.123Z");
    assert_string_equal(words, "2026-11-20T15:56:40Z");
    free(words);
}

static void other_files_are_no_backups(void **state)
{
    (void)state;
    static const char *const others[] = {"",
                                         "lock",
                                         "unfinished.journal",
                                         "20261120T155640.123Z-.reg",
                                         "20261120T155640.123Z-install.reg.bak",
                                         "20261120T155640.123Z-install",
                                         "20261120T155640.123-install.reg",
                                         "2026112OT155640.123Z-install.reg",
                                         "20261120T155640.123Z-INSTALL.reg",
                                         "20261120T155640.123Z-a b.reg",
                                         "20261120T155640.123Z-install.other.reg",
                                         "x20261120T155640.123Z-install.reg",
                                         "20261120T155640.123Z-a234567890123456789012345678901234567890.reg"};
    struct backup_name name;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (backup_name_parse(others[i], &name))
            fail_msg("'%s' was taken for a backup", others[i]);
    }
}

/* ---- text */

static void *make_text(const struct wsplsp_snapshot *snapshot, const char *words, size_t *size)
{
    void *bytes = NULL;
    struct wsplsp_error error;
    assert_int_equal(backup_text(snapshot, "install", words, &bytes, size, &error), WSPLSP_OK);
    return bytes;
}

static void assert_same(const struct wsplsp_snapshot *a, const struct wsplsp_snapshot *b)
{
    struct diff *diff;
    struct wsplsp_error error;
    assert_int_equal(diff_snapshots(a, b, &diff, &error), WSPLSP_OK);
    for (size_t i = 0; i < diff->count; i++)
        print_message("# %s %s %s: %s -> %s\n", diff_kind_name(diff->changes[i].kind), diff->changes[i].name,
                      diff->changes[i].field, diff->changes[i].before, diff->changes[i].after);
    assert_int_equal(diff->count, 0);
    diff_free(diff);
}

static void a_backup_is_the_whole_catalog(void **state)
{
    (void)state;
    struct wsplsp_snapshot *before, *after;
    struct wsplsp_error error;
    size_t size;
    assert_int_equal(source_load_file("tests/fixtures/windows11-two-lsps.reg", 0, &before, &error), WSPLSP_OK);
    void *bytes = make_text(before, "two layers", &size);
    assert_int_equal(backup_parse(bytes, size, "backup", 0, &after, &error), WSPLSP_OK);
    assert_same(before, after);
    assert_int_equal(before->catalogs[1].entry_count, after->catalogs[1].entry_count);
    wsplsp_snapshot_free(before);
    wsplsp_snapshot_free(after);
    free(bytes);
}

/* UTF-16LE as ASCII. */
static char *plain(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    char *text = calloc(1, size / 2 + 1);
    for (size_t i = 0; i < size / 2; i++)
        text[i] = at[2 * i + 1] == 0 && at[2 * i] != 0 ? (char)at[2 * i] : '?';
    return text;
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

/* Never are all entries gone, as they would be without their parents' keys; and what was numbered higher goes last. */
static void importing_one_replaces_the_numbered_keys(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    size_t size;
    void *bytes = make_text(snapshot, "x", &size);
    char *text = plain(bytes, size);
#define KEY     "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\WinSock2\\Parameters\\"
#define ENTRIES KEY "Protocol_Catalog9\\Catalog_Entries64\\"
    assert_null(strstr(text, "[-" KEY "Protocol_Catalog9]"));
    assert_null(strstr(text, "Catalog_Entries64]\r\n\r\n[-" KEY "Protocol_Catalog9\\Catalog_Entries64]"));
    assert_null(strstr(text, "[-" KEY "NameSpace_Catalog5]"));
    assert_null(strstr(text, "[-" KEY "AppId_Catalog]"));
    size_t entries = snapshot->catalogs[0].entry_count;
    assert_int_equal(count_of(text, "[" ENTRIES), entries);
    assert_int_equal(count_of(text, "[-" ENTRIES), entries + 64);
    assert_non_null(strstr(text, "[-" ENTRIES "000000000002]\r\n\r\n[" ENTRIES "000000000002]\r\n"));
    char last[160];
    snprintf(last, sizeof last, "[-" ENTRIES "%012zu]\r\n", entries + 1);
    assert_true(strstr(text, last) > strstr(text, "[" ENTRIES "000000000001]"));
    assert_true(strncmp(text + 1, "Windows Registry Editor Version 5.00\r\n", 38) == 0);
    free(text);
    free(bytes);
    wsplsp_snapshot_free(snapshot);
}

/* "Serial_Access_Num 0 counts as an empty catalog", and one that readers have seen as the catalog that they have read.
 */
static void importing_one_raises_the_serial_number(void **state)
{
    (void)state;
    static const uint32_t serials[] = {0, 20, UINT32_MAX};
    for (size_t i = 0; i < 3; i++) {
        struct wsplsp_snapshot *snapshot, *after;
        struct wsplsp_error error;
        assert_int_equal(source_load_file("tests/fixtures/windows10.reg", 0, &snapshot, &error), WSPLSP_OK);
        snapshot->serial = snapshot->name_space_serial = (struct wsplsp_counter){true, serials[i]};
        snapshot->next_catalog_id = (struct wsplsp_counter){true, 1030};
        size_t size;
        void *bytes = make_text(snapshot, "x", &size);
        assert_int_equal(backup_parse(bytes, size, "backup", 0, &after, &error), WSPLSP_OK);
        assert_true(after->serial.present && after->serial.value != 0 && after->serial.value != serials[i]);
        assert_true(i == 2 || after->serial.value > serials[i] + 1000);
        assert_true(after->name_space_serial.value != serials[i]);
        assert_true(after->next_catalog_id.value >= 1030);
        assert_same(snapshot, after); /* the numbers mean nothing else */
        wsplsp_snapshot_free(snapshot);
        wsplsp_snapshot_free(after);
        free(bytes);
    }
}

/* "A subkey named %08lX of the serial serves as a write lock": imported, it would last. */
static void a_writer_s_lock_is_not_backed_up(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = NULL;
    struct wsplsp_error error;
    assert_int_equal(source_load_file("tests/fixtures/windows10.reg", 0, &snapshot, &error), WSPLSP_OK);
    assert_non_null(reg_key_make(snapshot->origin, "Parameters\\Protocol_Catalog9\\00000014"));
    size_t size;
    void *bytes = make_text(snapshot, "x", &size);
    char *text = plain(bytes, size);
    assert_null(strstr(text, "Protocol_Catalog9\\00000014]"));
    assert_non_null(strstr(text, "restart Windows"));
    free(text);
    free(bytes);
    wsplsp_snapshot_free(snapshot);
}

static void the_comments_say_what_was_changed(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    struct wsplsp_error error;
    char *words;
    size_t size;
    void *bytes = make_text(snapshot, "install layer 'Ü'\r\n[HKEY_CURRENT_USER\\x]\n", &size);
    assert_int_equal(backup_words(bytes, size, &words, &error), WSPLSP_OK);
    assert_string_equal(words, "install layer 'Ü'  [HKEY_CURRENT_USER\\x] ");
    struct reg_key *root;
    uint32_t code_page = 0;
    assert_int_equal(regfile_read(bytes, size, "backup", &code_page, &root, &error), WSPLSP_OK);
    assert_int_equal(reg_key_child_count(root), 1); /* nothing of the words has become a key */
    reg_key_free(root);
    free(words);
    free(bytes);
    wsplsp_snapshot_free(snapshot);
}

static void another_reg_file_has_no_words(void **state)
{
    (void)state;
    struct wsplsp_error error;
    char *words;
    size_t size;
    uint8_t *bytes = support_read_file("tests/fixtures/windows10.reg", &size);
    assert_int_equal(backup_words(bytes, size, &words, &error), WSPLSP_OK);
    assert_string_equal(words, "");
    free(words);
    free(bytes);
}

static void categories_are_kept(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered(), *read;
    struct wsplsp_error error;
    size_t size;
    struct wsplsp_entry *layer = doctor_entry(snapshot, 32, 1010);
    layer->has_categories = true;
    layer->categories = 0x80000044;
    doctor_entry(snapshot, 64, 1010)->has_categories = false;
    void *bytes = make_text(snapshot, "x", &size);
    assert_int_equal(backup_parse(bytes, size, "backup", 0, &read, &error), WSPLSP_OK);
    assert_true(doctor_entry(read, 32, 1010)->has_categories);
    assert_int_equal(doctor_entry(read, 32, 1010)->categories, 0x80000044);
    assert_false(doctor_entry(read, 64, 1010)->has_categories);
    wsplsp_snapshot_free(read);
    wsplsp_snapshot_free(snapshot);
    free(bytes);
}

static void no_backup_without_every_dll(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    struct wsplsp_error error;
    void *bytes = NULL;
    size_t size;
    struct wsplsp_entry *entry = doctor_entry(snapshot, 64, 1002);
    free(entry->dll);
    entry->dll = NULL;
    assert_int_equal(backup_text(snapshot, "install", "x", &bytes, &size, &error), WSPLSP_SYSTEM);
    assert_string_equal(error.name, "DLL_UNKNOWN");
    wsplsp_snapshot_free(snapshot);
}

static bool text_and_back(void *context)
{
    struct wsplsp_snapshot *read;
    struct wsplsp_error error;
    void *bytes;
    char *words;
    size_t size;
    if (backup_text(context, "install", "x", &bytes, &size, &error) != WSPLSP_OK)
        return false;
    bool ok = backup_parse(bytes, size, "backup", 0, &read, &error) == WSPLSP_OK;
    if (ok)
        wsplsp_snapshot_free(read);
    ok = ok && backup_words(bytes, size, &words, &error) == WSPLSP_OK;
    if (ok)
        free(words);
    free(bytes);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_layered();
    doctor_entry(snapshot, 64, 1010)->has_categories = true;
    support_fail_allocations(text_and_back, snapshot);
    wsplsp_snapshot_free(snapshot);
}

/* ---- the folder */

static char *write_backup(struct backup_folder *folder)
{
    struct wsplsp_snapshot *snapshot = doctor_windows();
    struct wsplsp_error error;
    char *name;
    assert_int_equal(backup_write(folder, snapshot, "install", "x", &name, &error), WSPLSP_OK);
    wsplsp_snapshot_free(snapshot);
    return name;
}

static void each_backup_is_a_file_of_its_own(void **state)
{
    struct backup_folder *folder = open_folder(state);
    struct backup_list list;
    struct wsplsp_error error;
    char *names[20];
    for (size_t i = 0; i < 20; i++)
        names[i] = write_backup(folder);
    assert_int_equal(backup_list_read(folder, &list, &error), WSPLSP_OK);
    assert_int_equal(list.count, 20);
    for (size_t i = 0; i < 20; i++) { /* made one after the other: that is their order */
        assert_string_equal(list.names[i], names[i]);
        free(names[i]);
    }
    backup_list_free(&list);
    backup_folder_close(folder);
}

static void make_file(void **state, const char *name)
{
    char path[FOLDER_PATH];
    snprintf(path, sizeof path, "backups/%s", name);
    folder_write(folder_path(state, path), "x", 1);
}

static void only_the_oldest_of_ours_are_removed(void **state)
{
    struct backup_folder *folder = open_folder(state);
    struct backup_list list;
    struct wsplsp_error error;
    make_file(state, "20200101T000000.000Z-notes.txt");
    make_file(state, "20200101T000000.000Z-mine.reg.txt");
    make_file(state, "20210101T000000.000Z-install.reg");
    make_file(state, "20190101T000000.000Z-remove.undone.reg");
    make_file(state, "20220101T000000.000Z-install.reg");
    make_file(state, "20230101T000000.000Z-order.reg");
    assert_int_equal(backup_prune(folder, 2, &error), WSPLSP_OK);
    assert_int_equal(backup_list_read(folder, &list, &error), WSPLSP_OK);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.names[0], "20220101T000000.000Z-install.reg");
    assert_string_equal(list.names[1], "20230101T000000.000Z-order.reg");
    assert_true(folder_has(folder_path(state, "backups/20200101T000000.000Z-notes.txt")));
    assert_true(folder_has(folder_path(state, "backups/20200101T000000.000Z-mine.reg.txt")));
    backup_list_free(&list);
    backup_folder_close(folder);
}

static void the_name_of_an_undone_change_says_so(void **state)
{
    struct backup_folder *folder = open_folder(state);
    struct backup_name parsed;
    struct wsplsp_error error;
    char *name = write_backup(folder);
    for (int times = 0; times < 2; times++) { /* the second time there is nothing left to do */
        assert_int_equal(backup_mark_undone(folder, &name, &error), WSPLSP_OK);
        assert_true(backup_name_parse(name, &parsed));
        assert_true(parsed.undone);
    }
    char *path = backup_folder_file(folder, name);
    assert_true(folder_has(path));
    free(path);
    free(name);
    backup_folder_close(folder);
}

static void a_file_that_is_there_is_not_written_over(void **state)
{
    struct backup_folder *folder = open_folder(state);
    struct wsplsp_error error;
    void *bytes;
    size_t size;
    bool exists;
    assert_int_equal(symlink(folder_path(state, "victim"), folder_path(state, "backups/a")), 0);
    assert_int_equal(backup_folder_write(folder, "a", "new", 3, &exists, &error), WSPLSP_OK);
    assert_true(exists);
    assert_false(folder_has(folder_path(state, "victim")));
    make_file(state, "b");
    assert_int_equal(backup_folder_write(folder, "b", "new", 3, &exists, &error), WSPLSP_OK);
    assert_true(exists);
    assert_int_equal(backup_folder_read(folder, "b", &bytes, &size, &error), WSPLSP_OK);
    assert_memory_equal(bytes, "x", 1);
    free(bytes);
    backup_folder_close(folder);
}

static void a_file_is_replaced_as_a_whole(void **state)
{
    struct backup_folder *folder = open_folder(state);
    struct wsplsp_error error;
    void *bytes;
    size_t size;
    folder_write(folder_path(state, "victim"), "old", 3);
    assert_int_equal(symlink(folder_path(state, "victim"), folder_path(state, "backups/new")), 0);
    assert_int_equal(backup_folder_replace(folder, "j", "first", 5, &error), WSPLSP_OK);
    assert_int_equal(backup_folder_replace(folder, "j", "second", 6, &error), WSPLSP_OK);
    assert_int_equal(backup_folder_read(folder, "j", &bytes, &size, &error), WSPLSP_OK);
    assert_int_equal(size, 6);
    assert_memory_equal(bytes, "second", 6);
    free(bytes);
    bytes = support_read_file(folder_path(state, "victim"), &size); /* not reached through the link */
    assert_memory_equal(bytes, "old", 3);
    free(bytes);
    backup_folder_close(folder);
}

static void a_file_that_is_not_there_is_no_error(void **state)
{
    struct backup_folder *folder = open_folder(state);
    struct wsplsp_error error;
    void *bytes;
    size_t size;
    assert_int_equal(backup_folder_read(folder, "none", &bytes, &size, &error), WSPLSP_OK);
    assert_null(bytes);
    assert_int_equal(backup_folder_remove(folder, "none", &error), WSPLSP_OK);
    assert_int_equal(backup_folder_rename(folder, "none", "other", &error), WSPLSP_NOT_FOUND);
    backup_folder_close(folder);
}

static void a_link_is_no_folder(void **state)
{
    struct backup_folder *folder;
    struct wsplsp_error error;
    const char *path = folder_path(state, "backups");
    assert_int_equal(symlink(*state, path), 0);
    assert_int_equal(backup_folder_open(path, BACKUP_ACCESS_INHERITED, true, &folder, &error), WSPLSP_REFUSED);
    assert_int_equal(unlink(path), 0);
    folder_write(path, "x", 1);
    assert_int_equal(backup_folder_open(path, BACKUP_ACCESS_INHERITED, true, &folder, &error), WSPLSP_REFUSED);
}

static void a_folder_that_is_only_looked_for_is_not_made(void **state)
{
    struct backup_folder *folder;
    struct wsplsp_error error;
    const char *path = folder_path(state, "backups");
    assert_int_equal(backup_folder_open(path, BACKUP_ACCESS_INHERITED, false, &folder, &error), WSPLSP_NOT_FOUND);
    assert_false(folder_has(path));
}

/* The other process says when it has the lock, and keeps it until it is killed. */
static void the_lock_is_one_process_s_and_dies_with_it(void **state)
{
    struct backup_folder *folder = open_folder(state);
    struct wsplsp_error error;
    bool locked;
    int pipes[2], status;
    char byte;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        alarm(60); /* where the test fails, nobody kills it */
        bool mine = backup_folder_lock(folder, 0, &locked, &error) == WSPLSP_OK && locked;
        if (write(pipes[1], mine ? "y" : "n", 1) == 1)
            pause();
        _exit(1);
    }
    assert_int_equal(read(pipes[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    assert_int_equal(backup_folder_lock(folder, 100, &locked, &error), WSPLSP_OK);
    assert_false(locked);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(backup_folder_lock(folder, 0, &locked, &error), WSPLSP_OK);
    assert_true(locked);
    close(pipes[0]);
    close(pipes[1]);
    backup_folder_close(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_says_when_and_what_for),
        cmocka_unit_test(other_files_are_no_backups),
        cmocka_unit_test(a_backup_is_the_whole_catalog),
        cmocka_unit_test(importing_one_replaces_the_numbered_keys),
        cmocka_unit_test(importing_one_raises_the_serial_number),
        cmocka_unit_test(a_writer_s_lock_is_not_backed_up),
        cmocka_unit_test(the_comments_say_what_was_changed),
        cmocka_unit_test(another_reg_file_has_no_words),
        cmocka_unit_test(categories_are_kept),
        cmocka_unit_test(no_backup_without_every_dll),
        cmocka_unit_test(memory_may_run_out),
        TEST(each_backup_is_a_file_of_its_own),
        TEST(only_the_oldest_of_ours_are_removed),
        TEST(the_name_of_an_undone_change_says_so),
        TEST(a_file_that_is_there_is_not_written_over),
        TEST(a_file_is_replaced_as_a_whole),
        TEST(a_file_that_is_not_there_is_no_error),
        TEST(a_link_is_no_folder),
        TEST(a_folder_that_is_only_looked_for_is_not_made),
        TEST(the_lock_is_one_process_s_and_dies_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
