/* What a process takes over from the memory that a run shares (lsp-core/host/launch/config_section.h), and from the
 * reports of its processes (report_list.h): also where somebody has written there what he liked. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/host/launch/config_section.h"
#include "lsp-core/host/launch/report_list.h"

static struct config_section *section;
static struct config copy;

static int setup(void **state)
{
    (void)state;
    section = calloc(1, sizeof *section);
    if (section == NULL)
        return -1;
    section->settings.magic = CONFIG_MAGIC;
    section->settings.version = CONFIG_VERSION;
    section->settings.size = sizeof section->settings;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(section);
    return 0;
}

static void test_settings_are_copied(void **state)
{
    (void)state;
    section->settings.flags = CONFIG_VERBOSE;
    section->settings.trace_data_bytes = 7;
    wcscpy(section->settings.folder[1], L"C:\\x86");
    assert_int_equal(config_section_settings(section, &copy), CONFIG_SECTION_DONE);
    memset(&section->settings, 0xff, sizeof section->settings); /* the copy is another place */
    assert_int_equal(copy.flags, CONFIG_VERBOSE);
    assert_int_equal(copy.trace_data_bytes, 7);
    assert_true(wcscmp(copy.folder[1], L"C:\\x86") == 0);
}

static void test_settings_of_another_build(void **state)
{
    (void)state;
    uint32_t *const heads[] = {&section->settings.magic, &section->settings.version, &section->settings.size};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        (*heads[i])++;
        assert_int_equal(config_section_settings(section, &copy), CONFIG_SECTION_OTHER_BUILD);
        (*heads[i])--;
    }
}

static void fill(wchar_t *text)
{
    for (size_t i = 0; i < CONFIG_PATH; i++)
        text[i] = L'x';
}

static void test_texts_without_an_end(void **state)
{
    (void)state;
    struct config *settings = &section->settings;
    wchar_t *const texts[] = {settings->catalog_file,   settings->trace_file, settings->filter_file[0],
                              settings->filter_file[1], settings->folder[0],  settings->folder[1]};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        fill(texts[i]);
        assert_int_equal(config_section_settings(section, &copy), CONFIG_SECTION_DAMAGED);
        texts[i][CONFIG_PATH - 1] = 0;
        assert_int_equal(config_section_settings(section, &copy), CONFIG_SECTION_DONE);
    }
}

static void expect_catalog(const char *expected)
{
    void *text;
    size_t size;
    int32_t generation;
    assert_int_equal(config_section_catalog(section, &text, &size, &generation), CONFIG_SECTION_DONE);
    assert_int_equal(size, strlen(expected));
    assert_string_equal(text, expected); /* it ends, too */
    assert_int_equal(generation, config_section_generation(section));
    free(text);
}

static void test_catalog(void **state)
{
    (void)state;
    expect_catalog("");
    config_section_write(section, "one", 3);
    expect_catalog("one");
    config_section_write(section, "another", 7);
    expect_catalog("another");
    section->generation = INT32_MAX;
    config_section_write(section, "beyond", 6);
    expect_catalog("beyond");
}

static void test_catalog_with_a_wrong_length(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {CONFIG_CATALOG_SIZE + 1, 0x7fffffff, 0x80000000, UINT32_MAX};
    void *text = section;
    size_t size;
    int32_t generation;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        section->catalog_bytes[0] = lengths[i];
        assert_int_equal(config_section_catalog(section, &text, &size, &generation), CONFIG_SECTION_DAMAGED);
        assert_null(text);
    }
    section->catalog_bytes[0] = CONFIG_CATALOG_SIZE;
    assert_int_equal(config_section_catalog(section, &text, &size, &generation), CONFIG_SECTION_DONE);
    assert_int_equal(size, CONFIG_CATALOG_SIZE);
    free(text);
}

static bool read_catalog(void *context)
{
    void *text;
    size_t size;
    int32_t generation;
    enum config_section_result result = config_section_catalog(context, &text, &size, &generation);
    assert_true(result == CONFIG_SECTION_DONE || result == CONFIG_SECTION_NO_MEMORY);
    free(text);
    return result == CONFIG_SECTION_DONE;
}

static void test_catalog_without_memory(void **state)
{
    (void)state;
    support_fail_allocations(read_catalog, section);
}

static struct report_message make(enum report_kind kind, uint32_t process)
{
    return (struct report_message){
        .kind = kind, .process = process, .code = 5, .name = "NAME", .message = "it is what it is"};
}

static void take(struct report_list *list, enum report_kind kind, uint32_t process)
{
    struct report_message message = make(kind, process);
    report_list_take(list, &message, sizeof message);
}

static void test_reports(void **state)
{
    (void)state;
    struct report_list list = {NULL, 0, 0, 0};
    take(&list, REPORT_UNHOSTED, 1);
    take(&list, REPORT_SUSPENDED, 2);
    take(&list, REPORT_SUSPENDED, 3);
    take(&list, REPORT_SUSPENDED, 4);
    take(&list, REPORT_SETTLED, 3);
    take(&list, REPORT_UNHOSTED, 4);
    take(&list, REPORT_SETTLED, 5);
    report_list_close(&list);
    assert_int_equal(list.count, 3);
    assert_int_equal(list.entries[0].process, 1);
    assert_string_equal(list.entries[0].name, "NAME");
    assert_int_equal(list.entries[1].process, 2);
    assert_string_equal(list.entries[1].name, "NOT_RESUMED");
    assert_int_equal(list.entries[2].process, 4);
    assert_string_equal(list.entries[2].message, "it is what it is");
    report_list_free(&list);
}

static void test_reports_of_any_content(void **state)
{
    (void)state;
    struct report_list list = {NULL, 0, 0, 0};
    struct report_message message;
    memset(&message, 0x1b, sizeof message);
    message.kind = REPORT_UNHOSTED;
    for (size_t size = 0; size < sizeof message; size += 7)
        report_list_take(&list, &message, size);
    assert_int_equal(list.count, 0);
    report_list_take(&list, &message, sizeof message);
    assert_int_equal(list.count, 1);
    assert_int_equal(strlen(list.entries[0].name), REPORT_NAME - 1);
    assert_int_equal(strlen(list.entries[0].message), REPORT_MESSAGE - 1);
    assert_null(strchr(list.entries[0].message, 0x1b));
    message.kind = 0x7fffffff;
    report_list_take(&list, &message, sizeof message);
    assert_int_equal(list.count, 1);
    for (uint32_t i = 0; i < 2 * REPORT_LIMIT; i++)
        take(&list, i % 2 == 0 ? REPORT_UNHOSTED : REPORT_SUSPENDED, i);
    assert_int_equal(list.count, REPORT_LIMIT);
    assert_in_range(list.left_out, 1, 2 * REPORT_LIMIT);
    report_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_settings_are_copied, setup, teardown),
        cmocka_unit_test_setup_teardown(test_settings_of_another_build, setup, teardown),
        cmocka_unit_test_setup_teardown(test_texts_without_an_end, setup, teardown),
        cmocka_unit_test_setup_teardown(test_catalog, setup, teardown),
        cmocka_unit_test_setup_teardown(test_catalog_with_a_wrong_length, setup, teardown),
        cmocka_unit_test_setup_teardown(test_catalog_without_memory, setup, teardown),
        cmocka_unit_test(test_reports),
        cmocka_unit_test(test_reports_of_any_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
