/* Reading SYSTEM hives. The hives are made by tests/make_hive.py, whose .reg parser and hivex know nothing of the code
 * under test; damage is done by the offsets of the published regf format. Run from the project's root. */
#define _GNU_SOURCE
#include "support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lsp-core/registry/hive.h"
#include "lsp-core/registry/regfile.h"
#include "lsp-core/base/text.h"

/* Offsets in a key's and a value's cell, from the signature "nk" or "vk" on. */
enum {
    NK_SUBKEY_COUNT = 20,
    NK_SUBKEY_LIST = 28,
    NK_VALUE_COUNT = 36,
    NK_NAME = 76,
    VK_DATA_SIZE = 4,
    VK_NAME = 20,
};

static const char fixture[] = "tests/fixtures/windows11.reg";

static const char several_sets[] =
    "Windows Registry Editor Version 5.00\n\n"
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Control\\Lsa]\n\"x\"=dword:1\n"
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\Other]\n"
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\WinSock2\\Parameters]\n"
    "@=\"default\"\n\"\xC3\xA9\xE2\x82\xAC\"=\"\xC3\xA9\"\n\"none\"=hex(0):\n\"one\"=hex:01\n\"four\"=hex:01,02,03,04\n"
    "\"five\"=hex:01,02,03,04,05\n\"q\"=hex(b):01,02,03,04,05,06,07,08\n\"odd\"=hex(ffff):01\n"
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet002\\Services\\WinSock2]\n\"y\"=dword:2\n"
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet003\\Services]\n";

static struct wsplsp_error error;

static char *temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");
    char *path = text_format("%s/wsplsp-hive.XXXXXX", folder == NULL ? "/tmp" : folder);
    assert_non_null(mkdtemp(path));
    return path;
}

/* The hive of a .reg file, or of `text` where it is not NULL. */
static uint8_t *make_hive(const char *reg_path, const char *text, size_t *size)
{
    char *folder = temporary_folder();
    char *reg = text == NULL ? text_duplicate(reg_path) : text_format("%s/text.reg", folder);
    char *hive = text_format("%s/SYSTEM", folder);
    if (text != NULL) {
        FILE *file = fopen(reg, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
        assert_int_equal(fclose(file), 0);
    }
    char *command = text_format("python3 tests/make_hive.py '%s' '%s'", reg, hive);
    int status = system(command);
    uint8_t *bytes = status == 0 ? support_read_file(hive, size) : NULL;
    if (text != NULL)
        unlink(reg);
    unlink(hive);
    rmdir(folder);
    free(command);
    free(hive);
    free(reg);
    free(folder);
    assert_int_equal(status, 0);
    return bytes;
}

static struct reg_key *read_hive(const uint8_t *bytes, size_t size)
{
    struct reg_key *root = NULL;
    if (hive_read(bytes, size, "SYSTEM", &root, &error) != WSPLSP_OK)
        fail_msg("%s", error.message);
    return root;
}

static void expect_damaged(const uint8_t *bytes, size_t size, const char *message)
{
    struct reg_key *root = NULL;
    memset(&error, 0, sizeof error);
    assert_int_equal(hive_read(bytes, size, "SYSTEM", &root, &error), WSPLSP_SYSTEM);
    assert_null(root);
    assert_string_equal(error.name, "BAD_FORMAT");
    assert_string_equal(error.message, message);
}

/* Everything in `expected` is in `actual`, and nothing else; the order is the hive's. */
static void expect_same_content(const struct reg_key *expected, const struct reg_key *actual)
{
    assert_int_equal(reg_key_value_count(actual), reg_key_value_count(expected));
    assert_int_equal(reg_key_child_count(actual), reg_key_child_count(expected));
    for (size_t i = 0; i < reg_key_value_count(expected); i++) {
        const struct reg_value *left = reg_key_value_at(expected, i);
        const struct reg_value *right = reg_key_value(actual, left->name);
        assert_non_null(right);
        assert_string_equal(right->name, left->name);
        assert_int_equal(right->type, left->type);
        assert_int_equal(right->size, left->size);
        assert_memory_equal(right->data, left->data, left->size);
    }
    for (size_t i = 0; i < reg_key_child_count(expected); i++) {
        const struct reg_key *left = reg_key_child_at(expected, i);
        const struct reg_key *right = reg_key_find(actual, reg_key_name(left));
        assert_non_null(right);
        assert_string_equal(reg_key_name(right), reg_key_name(left));
        expect_same_content(left, right);
    }
}

static void hives_are_known_by_their_signature(void **state)
{
    (void)state;
    assert_true(hive_recognise("regf", 4));
    assert_false(hive_recognise("regf", 3));
    assert_false(hive_recognise("REGEDIT4", 8));
}

static void a_hive_reads_as_what_it_was_made_from(void **state)
{
    (void)state;
    size_t size;
    uint8_t *bytes = make_hive(fixture, NULL, &size);
    struct reg_key *root = read_hive(bytes, size);
    free(bytes);
    bytes = support_read_file(fixture, &size);
    struct reg_key *source;
    uint32_t code_page = 0;
    assert_int_equal(regfile_read(bytes, size, fixture, &code_page, &source, &error), WSPLSP_OK);
    free(bytes);
    expect_same_content(reg_key_find(source, "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\WinSock2"),
                        reg_key_find(root, "ControlSet001\\Services\\WinSock2"));
    uint32_t current;
    assert_true(reg_key_dword(reg_key_find(root, "Select"), "Current", &current));
    assert_int_equal(current, 1);
    reg_key_free(source);
    reg_key_free(root);
}

static void only_select_and_the_winsock2_keys_are_read(void **state)
{
    (void)state;
    size_t size;
    uint8_t *bytes = make_hive(NULL, several_sets, &size);
    struct reg_key *root = read_hive(bytes, size);
    free(bytes);
    assert_int_equal(reg_key_child_count(root), 3);
    assert_non_null(reg_key_find(root, "Select"));
    const struct reg_key *first = reg_key_find(root, "ControlSet001");
    assert_int_equal(reg_key_child_count(first), 1);
    assert_int_equal(reg_key_child_count(reg_key_find(first, "Services")), 1);
    const struct reg_key *parameters = reg_key_find(first, "Services\\WinSock2\\Parameters");
    assert_int_equal(reg_key_value_count(parameters), 8);
    assert_int_equal(reg_key_value(parameters, "")->size, 16);
    assert_memory_equal(reg_key_value(parameters, "\xC3\xA9\xE2\x82\xAC")->data, "\xE9\0\0\0", 4);
    assert_int_equal(reg_key_value(parameters, "none")->size, 0);
    assert_int_equal(reg_key_value(parameters, "one")->size, 1);
    assert_memory_equal(reg_key_value(parameters, "five")->data, "\1\2\3\4\5", 5);
    assert_int_equal(reg_key_value(parameters, "odd")->type, 0xFFFF);
    assert_non_null(reg_key_value(reg_key_find(root, "ControlSet002\\Services\\WinSock2"), "y"));
    reg_key_free(root);
}

/* Of the control set that has a catalog, the values alone. */
static void the_code_page_is_read_with_its_catalog(void **state)
{
    (void)state;
    static const char text[] = "Windows Registry Editor Version 5.00\n\n"
                               "[ControlSet001\\Services\\WinSock2\\Parameters]\n\"a\"=\"b\"\n"
                               "[ControlSet001\\Control\\Nls\\CodePage]\n\"ACP\"=\"932\"\n\"932\"=\"c_932.nls\"\n"
                               "[ControlSet001\\Control\\Nls\\CodePage\\EUDCCodeRange]\n\"932\"=\"F040-F9FC\"\n"
                               "[ControlSet001\\Control\\Other]\n\"x\"=\"y\"\n"
                               "[ControlSet002\\Control\\Nls\\CodePage]\n\"ACP\"=\"1251\"\n";
    size_t size;
    uint8_t *bytes = make_hive(NULL, text, &size);
    struct reg_key *root = read_hive(bytes, size);
    free(bytes);
    const struct reg_key *key = reg_key_find(root, "ControlSet001\\Control\\Nls\\CodePage");
    assert_non_null(key);
    assert_int_equal(reg_key_value_count(key), 2);
    assert_memory_equal(reg_key_value(key, "ACP")->data, "9\0003\0002\0\0", 8);
    assert_int_equal(reg_key_child_count(key), 0);
    assert_int_equal(reg_key_child_count(reg_key_find(root, "ControlSet001\\Control")), 1);
    assert_null(reg_key_find(root, "ControlSet002"));
    reg_key_free(root);
}

/* The cell with that signature and name. */
static uint8_t *find_cell(uint8_t *bytes, size_t size, const char *signature, size_t name_at, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 4096; i + name_at + length <= size; i++) {
        if (memcmp(bytes + i, signature, 2) == 0 && memcmp(bytes + i + name_at, name, length) == 0)
            return bytes + i;
    }
    fail_msg("no %s cell %s", signature, name);
    return NULL;
}

static void other_keys_at_the_root_are_left_alone(void **state)
{
    (void)state;
    static const char *const names[] = {"ControlSet0a2", "ControlSets02"};
    size_t size;
    uint8_t *bytes = make_hive(NULL, several_sets, &size);
    uint8_t *key = find_cell(bytes, size, "nk", NK_NAME, "ControlSet002");
    for (size_t i = 0; i < 2; i++) {
        memcpy(key + NK_NAME, names[i], strlen(names[i]));
        struct reg_key *root = read_hive(bytes, size);
        assert_int_equal(reg_key_child_count(root), 2);
        assert_non_null(reg_key_find(root, "ControlSet001"));
        assert_non_null(reg_key_find(root, "Select"));
        reg_key_free(root);
    }
    free(bytes);
}

static void put32(uint8_t *at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (8 * i));
}

static void a_key_that_is_its_own_subkey_is_refused(void **state)
{
    (void)state;
    size_t size;
    uint8_t *bytes = make_hive(fixture, NULL, &size);
    uint8_t *parent = find_cell(bytes, size, "nk", NK_NAME, "Services");
    uint8_t *key = find_cell(bytes, size, "nk", NK_NAME, "WinSock2");
    memcpy(key + NK_SUBKEY_COUNT, parent + NK_SUBKEY_COUNT, 4);
    memcpy(key + NK_SUBKEY_LIST, parent + NK_SUBKEY_LIST, 4);
    expect_damaged(bytes, size, "SYSTEM: a damaged hive: its keys are nested deeper than 512 levels");
    free(bytes);
}

static void counts_beyond_the_hives_size_are_refused(void **state)
{
    (void)state;
    size_t size;
    uint8_t *bytes = make_hive(fixture, NULL, &size);
    uint8_t *key = find_cell(bytes, size, "nk", NK_NAME, "Parameters");
    uint8_t *value = find_cell(bytes, size, "vk", VK_NAME, "AutodialDLL");
    uint8_t before[4];
    memcpy(before, key + NK_SUBKEY_COUNT, 4);
    put32(key + NK_SUBKEY_COUNT, 60000);
    expect_damaged(bytes, size, "SYSTEM: a damaged hive: it has more keys than there is room for");
    memcpy(key + NK_SUBKEY_COUNT, before, 4);
    memcpy(before, key + NK_VALUE_COUNT, 4);
    put32(key + NK_VALUE_COUNT, 60000);
    expect_damaged(bytes, size, "SYSTEM: a damaged hive: it has more values than there is room for");
    memcpy(key + NK_VALUE_COUNT, before, 4);
    put32(value + VK_DATA_SIZE, 0x700000);
    expect_damaged(bytes, size, "SYSTEM: a damaged hive: its values hold more than the whole hive");
    free(bytes);
}

static void a_damaged_header_is_refused(void **state)
{
    (void)state;
    size_t size;
    uint8_t *bytes = make_hive(fixture, NULL, &size);
    bytes[508] ^= 1; /* the checksum */
    expect_damaged(bytes, size, "SYSTEM: a damaged hive: libhivex does not accept it");
    bytes[508] ^= 1;
    bytes[0] = 'R';
    expect_damaged(bytes, size, "SYSTEM: not a registry hive");
    bytes[0] = 'r';
    expect_damaged(bytes, 4096, "SYSTEM: a damaged hive: libhivex does not accept it");
    expect_damaged(bytes, 4, "SYSTEM: a damaged hive: libhivex does not accept it");
    expect_damaged(bytes, 0, "SYSTEM: not a registry hive");
    free(bytes);
}

/* A hive cut at any page either reads or is refused. */
static void a_cut_hive_never_crashes(void **state)
{
    (void)state;
    size_t size;
    uint8_t *bytes = make_hive(fixture, NULL, &size);
    for (size_t length = 1; length < size; length += 511) {
        struct reg_key *root;
        uint8_t *exact = malloc(length);
        memcpy(exact, bytes, length);
        if (hive_read(exact, length, "SYSTEM", &root, &error) == WSPLSP_OK)
            reg_key_free(root);
        else
            assert_string_equal(error.name, "BAD_FORMAT");
        free(exact);
    }
    free(bytes);
}

static size_t open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    size_t count = 0;
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static void no_file_stays_open(void **state)
{
    (void)state;
    size_t size;
    uint8_t *bytes = make_hive(fixture, NULL, &size);
    size_t before = open_files();
    reg_key_free(read_hive(bytes, size));
    bytes[508] ^= 1;
    expect_damaged(bytes, size, "SYSTEM: a damaged hive: libhivex does not accept it");
    assert_int_equal(open_files(), before);
    free(bytes);
}

struct hive_bytes {
    uint8_t *bytes;
    size_t size;
};

static bool read_once(void *context)
{
    const struct hive_bytes *hive = context;
    struct reg_key *root;
    if (hive_read(hive->bytes, hive->size, "SYSTEM", &root, &error) != WSPLSP_OK) {
        assert_string_equal(error.message, "out of memory");
        return false;
    }
    reg_key_free(root);
    return true;
}

static void running_out_of_memory_is_an_error_of_its_own(void **state)
{
    (void)state;
    struct hive_bytes hive;
    hive.bytes = make_hive(NULL, several_sets, &hive.size);
    support_fail_allocations(read_once, &hive);
    free(hive.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hives_are_known_by_their_signature),
        cmocka_unit_test(a_hive_reads_as_what_it_was_made_from),
        cmocka_unit_test(only_select_and_the_winsock2_keys_are_read),
        cmocka_unit_test(the_code_page_is_read_with_its_catalog),
        cmocka_unit_test(other_keys_at_the_root_are_left_alone),
        cmocka_unit_test(a_key_that_is_its_own_subkey_is_refused),
        cmocka_unit_test(counts_beyond_the_hives_size_are_refused),
        cmocka_unit_test(a_damaged_header_is_refused),
        cmocka_unit_test(a_cut_hive_never_crashes),
        cmocka_unit_test(no_file_stays_open),
        cmocka_unit_test(running_out_of_memory_is_an_error_of_its_own),
    };
    return cmocka_run_group_tests_name("hive", tests, NULL, NULL);
}
