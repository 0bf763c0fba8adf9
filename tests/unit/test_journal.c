/* The journal's text: there and back, and nothing believed of one that is damaged. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/change/journal.h"

static const struct journal example = {
    .command = "install",
    .words = "install layer 'Ünï'",
    .started = "2026-11-20T15:56:40Z",
    .target = "C:\\a catalog.reg",
    .backup = "20261120T155640.123Z-install.reg",
    .process = 4294967295u,
    .steps = 5,
    .steps_done = 3,
    .in_step = true,
    .has_assigned = true,
    .assigned = {{0xa0, 0x1a, 0x0f, 0xe7, 0x8b, 0xab, 0xcf, 0x11, 0x8c, 0xa3, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92}},
};

static void a_journal_reads_back_as_it_was(void **state)
{
    (void)state;
    struct journal read;
    struct wsplsp_error error;
    size_t size;
    char *text = journal_format(&example, &size);
    assert_non_null(text);
    assert_int_equal(journal_parse(text, size, &read, &error), WSPLSP_OK);
    assert_string_equal(read.command, example.command);
    assert_string_equal(read.words, example.words);
    assert_string_equal(read.started, example.started);
    assert_string_equal(read.target, example.target);
    assert_string_equal(read.backup, example.backup);
    assert_int_equal(read.process, example.process);
    assert_int_equal(read.steps, 5);
    assert_int_equal(read.steps_done, 3);
    assert_true(read.in_step && read.has_assigned);
    assert_true(wsplsp_guid_equal(&read.assigned, &example.assigned));
    journal_free(&read);
    free(text);
}

static void the_numbers_stand_for_themselves(void **state)
{
    (void)state;
    struct journal other = example, read;
    struct wsplsp_error error;
    size_t size;
    other.steps_done = 5;
    other.in_step = other.has_assigned = false;
    char *text = journal_format(&other, &size);
    assert_int_equal(journal_parse(text, size, &read, &error), WSPLSP_OK);
    assert_int_equal(read.steps_done, 5);
    assert_false(read.in_step || read.has_assigned);
    journal_free(&read);
    free(text);
}

static void assert_damaged(const char *text, size_t size)
{
    struct journal read;
    struct wsplsp_error error;
    assert_int_equal(journal_parse(text, size, &read, &error), WSPLSP_SYSTEM);
    assert_string_equal(error.name, "BAD_FORMAT");
    assert_null(read.backup);
}

static void any_byte_that_changes_is_noticed(void **state)
{
    (void)state;
    size_t size;
    char *text = journal_format(&example, &size);
    for (size_t i = 0; i < size; i++) {
        char was = text[i];
        for (int bit = 0; bit < 8; bit++) {
            text[i] = (char)(was ^ 1 << bit);
            assert_damaged(text, size);
        }
        text[i] = '\0';
        assert_damaged(text, size);
        text[i] = was;
    }
    free(text);
}

static void any_end_that_is_missing_is_noticed(void **state)
{
    (void)state;
    size_t size;
    char *text = journal_format(&example, &size);
    for (size_t i = 0; i < size; i++)
        assert_damaged(text, i);
    free(text);
}

/* Right about itself, and still not to be followed. */
static void assert_refused(const struct journal *journal)
{
    size_t size;
    char *text = journal_format(journal, &size);
    assert_damaged(text, size);
    free(text);
}

static void a_backup_is_nothing_from_elsewhere(void **state)
{
    (void)state;
    static char *const names[] = {"../x.reg", "a/b.reg", "..\\x.reg", "C:x.reg", ""};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct journal other = example;
        other.backup = names[i];
        assert_refused(&other);
    }
}

static void more_steps_done_than_there_are_is_damage(void **state)
{
    (void)state;
    struct journal other = example;
    other.steps_done = 6;
    assert_refused(&other);
}

static bool there_and_back(void *context)
{
    struct journal read;
    struct wsplsp_error error;
    size_t size;
    (void)context;
    char *text = journal_format(&example, &size);
    bool ok = text != NULL && journal_parse(text, size, &read, &error) == WSPLSP_OK;
    if (ok)
        journal_free(&read);
    else if (text != NULL)
        assert_string_equal(error.name, "ENOMEM");
    free(text);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    support_fail_allocations(there_and_back, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_journal_reads_back_as_it_was),
        cmocka_unit_test(the_numbers_stand_for_themselves),
        cmocka_unit_test(any_byte_that_changes_is_noticed),
        cmocka_unit_test(any_end_that_is_missing_is_noticed),
        cmocka_unit_test(a_backup_is_nothing_from_elsewhere),
        cmocka_unit_test(more_steps_done_than_there_are_is_damage),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
