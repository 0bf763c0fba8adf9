/* The doctor's rules about DLLs and about Winsock's own two helpers, over files whose facts the tests make up. */
#include "doctor.h"

#include <string.h>

#define LAYER_DLL  "C:\\Program Files\\Contoso\\layer.dll"
#define NAME_SPACE "%SystemRoot%\\System32\\winrnr.dll"
#define BASE_DLL   "%SystemRoot%\\system32\\mswsock.dll"

/* What is found where one DLL of the 64-bit catalog is not in order. */
static void expect_with(const char *path, struct files_facts facts, const char *expected)
{
    doctor_expect_files(doctor_layered(), doctor_files(path, 64, &facts), expected);
}

static void expect_skip_with(struct files_facts facts, const char *code, const char *reason)
{
    doctor_expect_skip(doctor_layered(), doctor_files(LAYER_DLL, 64, &facts), code, reason);
}

static void dlls_in_order(void **state)
{
    (void)state;
    doctor_expect_files(doctor_layered(), doctor_files(NULL, 0, NULL), "");
}

static void missing(void **state)
{
    (void)state;
    struct files_facts facts = {.presence = FILES_MISSING};
    expect_with(LAYER_DLL, facts, "error dll-missing 64 1010\n");
    expect_with(BASE_DLL, facts, "error dll-missing 64 1001\n");
    expect_with(NAME_SPACE, facts, "error ns-dll-missing 64 -\n");
}

static void a_name_space_that_is_switched_off_needs_no_dll(void **state)
{
    (void)state;
    struct files_facts facts = {.presence = FILES_MISSING};
    struct wsplsp_snapshot *snapshot = doctor_windows();
    doctor_catalog(snapshot, 64)->name_spaces[0].enabled = false;
    doctor_expect_files(snapshot, doctor_files(NAME_SPACE, 64, &facts), "");
}

static void wrong_architecture(void **state)
{
    (void)state;
    static const enum files_image images[] = {FILES_IMAGE_NONE, FILES_IMAGE_32, FILES_IMAGE_OTHER};
    for (size_t i = 0; i < 3; i++) {
        struct files_facts facts = doctor_good_dll(64);
        facts.image = images[i];
        facts.exports_wsp_startup = facts.exports_nsp_startup = false;
        expect_with(LAYER_DLL, facts, "error dll-wrong-architecture 64 1010\n");
        expect_with(NAME_SPACE, facts, "error dll-wrong-architecture 64 -\n");
    }
    struct files_facts wide = doctor_good_dll(64);
    doctor_expect_files(doctor_layered(), doctor_files(LAYER_DLL, 32, &wide), "error dll-wrong-architecture 32 1010\n");
}

static void exports(void **state)
{
    (void)state;
    struct files_facts facts = doctor_good_dll(64);
    facts.exports_wsp_startup = false;
    expect_with(LAYER_DLL, facts, "error dll-no-wspstartup 64 1010\n");
    expect_with(NAME_SPACE, facts, "");
    facts = doctor_good_dll(64);
    facts.exports_nsp_startup = false;
    expect_with(NAME_SPACE, facts, "error ns-dll-no-nspstartup 64 -\n");
    expect_with(LAYER_DLL, facts, "");
}

static void writable(void **state)
{
    (void)state;
    struct files_facts facts = doctor_good_dll(64);
    facts.writable = FILES_YES;
    facts.writer = (char *)"BUILTIN\\Users";
    facts.writable_at = (char *)"C:\\Program Files\\Contoso";
    expect_with(LAYER_DLL, facts, "error dll-folder-writable 64 1010\n");
    expect_with(NAME_SPACE, facts, "error dll-folder-writable 64 -\n");
}

static void programs_that_cannot_load_it(void **state)
{
    (void)state;
    struct files_facts facts = doctor_good_dll(64);
    facts.unloadable = FILES_YES;
    facts.unloadable_by = (char *)"services of LOCAL SERVICE";
    expect_with(LAYER_DLL, facts, "error dll-unloadable 64 1010\n");
    expect_with(NAME_SPACE, facts, "error dll-unloadable 64 -\n");
    facts = doctor_good_dll(64);
    facts.unloadable = FILES_UNKNOWN;
    facts.unloadable_unknown = "the test hides it, too";
    expect_skip_with(facts, "dll-unloadable", "the test hides it, too");
}

static void places(void **state)
{
    (void)state;
    static const enum files_place odd[] = {FILES_PLACE_PROFILE, FILES_PLACE_NETWORK, FILES_PLACE_REMOVABLE};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        struct files_facts facts = doctor_good_dll(64);
        facts.place = odd[i];
        expect_with(LAYER_DLL, facts, "warning dll-misplaced 64 1010\n");
        assert_non_null(files_place_words(odd[i]));
    }
    assert_null(files_place_words(FILES_PLACE_USUAL));
    assert_true(files_in_folder("c:\\users\\a\\x.dll", "C:\\Users"));
    assert_true(files_in_folder("C:\\Users\\a\\x.dll", "C:\\Users\\"));
    assert_false(files_in_folder("C:\\Users2\\a\\x.dll", "C:\\Users"));
    assert_false(files_in_folder("C:\\Users", "C:\\Users"));
    assert_false(files_in_folder("C:\\Users\\x.dll", ""));
}

static void signatures(void **state)
{
    (void)state;
    struct files_facts facts = doctor_good_dll(64);
    facts.signature = FILES_UNSIGNED;
    expect_with(LAYER_DLL, facts, "warning dll-unsigned 64 1010\n");
    facts.signature = FILES_SIGNATURE_INVALID;
    expect_with(LAYER_DLL, facts, "error dll-signature-invalid 64 1010\n");
}

static void each_unknown_answer_is_a_skip_of_its_own_rule(void **state)
{
    (void)state;
    struct files_facts facts = {.presence_unknown = "it is behind a link"};
    expect_with(LAYER_DLL, facts, "");
    expect_skip_with(facts, "dll-missing", LAYER_DLL ": it is behind a link");
    expect_skip_with(facts, "dll-wrong-architecture", NULL);
    facts = doctor_good_dll(64);
    facts.image = FILES_IMAGE_UNKNOWN;
    facts.image_unknown = "it is larger than 64 MiB";
    expect_with(LAYER_DLL, facts, "");
    expect_skip_with(facts, "dll-wrong-architecture", "it is larger than 64 MiB");
    expect_skip_with(facts, "dll-no-wspstartup", NULL);
    facts = doctor_good_dll(64);
    facts.writable = FILES_UNKNOWN;
    facts.writable_unknown = "the test hides it";
    facts.signature = FILES_SIGNATURE_UNKNOWN;
    facts.signature_unknown = "Wine's own DLLs carry no signature";
    expect_with(LAYER_DLL, facts, "");
    expect_skip_with(facts, "dll-folder-writable", "the test hides it");
    expect_skip_with(facts, "dll-unsigned", "Wine's own DLLs carry no signature");
    expect_skip_with(facts, "dll-signature-invalid", "Wine's own DLLs carry no signature");
}

static bool look_without_windows(void *context, const char *path, int bits, struct files_facts *facts)
{
    (void)context;
    (void)path;
    *facts = doctor_good_dll(bits);
    facts->writable = FILES_UNKNOWN;
    facts->signature = FILES_SIGNATURE_UNKNOWN;
    facts->writable_unknown = facts->signature_unknown = "not asked";
    return true;
}

static void close_nothing(void *context)
{
    (void)context;
}

static void what_only_windows_can_tell_is_skipped_as_a_whole(void **state)
{
    (void)state;
    static const struct files_functions functions = {.look = look_without_windows, .close = close_nothing};
    static const char *const codes[] = {"dll-folder-writable", "dll-unloadable", "dll-misplaced", "dll-unsigned",
                                        "dll-signature-invalid"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct check_files *files;
        struct wsplsp_error error;
        assert_int_equal(files_new(&functions, NULL, &files, &error), WSPLSP_OK);
        doctor_expect_skip(doctor_layered(), files, codes[i], "only be looked at on the running Windows");
    }
}

static void without_files_every_rule_that_needs_them_is_skipped(void **state)
{
    (void)state;
    size_t count = 0;
    for (const struct check_rule *rule = check_rules; rule->code != NULL; rule++) {
        count += rule->needs_files;
        if (rule->needs_files)
            doctor_expect_skip(doctor_layered(), NULL, rule->code, "no files in this test");
    }
    assert_int_equal(count, 10);
}

static void an_unknown_dll_is_a_skip(void **state)
{
    (void)state;
    struct wsplsp_snapshot *snapshot = doctor_windows();
    doctor_set_text(&doctor_entry(snapshot, 64, 1001)->dll, NULL);
    doctor_set_text(&doctor_entry(snapshot, 64, 1002)->dll, NULL);
    doctor_entry(snapshot, 64, 1001)->dll_absent = doctor_entry(snapshot, 64, 1002)->dll_absent =
        "WSCGetProviderPath tells none";
    doctor_expect_skip(snapshot, doctor_files(NULL, 0, NULL), "dll-missing", "WSCGetProviderPath tells none");
}

static void relative_paths(void **state)
{
    (void)state;
    static const char *const relative[] = {"layer.dll", "Contoso\\layer.dll", "C:layer.dll", "\\layer.dll",
                                           ".\\layer.dll"};
    for (size_t i = 0; i < sizeof relative / sizeof relative[0]; i++) {
        struct wsplsp_snapshot *snapshot = doctor_layered();
        for (uint32_t id = 1010; id <= 1016; id++)
            doctor_set_text(&doctor_entry(snapshot, 64, id)->dll, relative[i]);
        doctor_expect(snapshot, "warning dll-relative-path 64 1010\n");
    }
    static const char *const absolute[] = {"D:/layer.dll", "\\\\server\\share\\layer.dll", "\\\\?\\C:\\layer.dll",
                                           "%ProgramFiles%\\layer.dll", "\\SystemRoot\\System32\\layer.dll"};
    for (size_t i = 0; i < sizeof absolute / sizeof absolute[0]; i++) {
        struct wsplsp_snapshot *snapshot = doctor_layered();
        for (uint32_t id = 1010; id <= 1016; id++)
            doctor_set_text(&doctor_entry(snapshot, 64, id)->dll, absolute[i]);
        doctor_expect(snapshot, "");
    }
}

static void helpers_of_windows_own(void **state)
{
    (void)state;
    /* Windows 7 to 11 store it in one of these forms. */
    static const char *const own[] = {"rasadhlp.dll", "C:\\Windows\\System32\\rasadhlp.dll",
                                      "%SystemRoot%\\system32\\RASADHLP.DLL", "D:\\WINNT\\system32\\rasadhlp.dll", ""};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        struct wsplsp_snapshot *snapshot = doctor_windows();
        doctor_set_text(&snapshot->autodial_dll, own[i]);
        doctor_expect(snapshot, "");
    }
    struct wsplsp_snapshot *snapshot = doctor_windows();
    doctor_set_text(&snapshot->autodial_dll, NULL);
    doctor_set_text(&snapshot->name_space_callout, NULL);
    doctor_expect(snapshot, "");
}

/* Only the files can tell where System32 is then; here, that the two paths lead to one file. */
static void helpers_of_a_windows_in_another_folder(void **state)
{
    (void)state;
    struct files_facts facts = doctor_good_dll(64);
    facts.resolved = (char *)"%SystemRoot%\\System32\\rasadhlp.dll";
    struct wsplsp_snapshot *snapshot = doctor_windows();
    doctor_set_text(&snapshot->autodial_dll, "E:\\Second\\System32\\rasadhlp.dll");
    doctor_expect_files(snapshot, doctor_files("E:\\Second\\System32\\rasadhlp.dll", 64, &facts), "");

    snapshot = doctor_windows();
    doctor_set_text(&snapshot->autodial_dll, "E:\\Second\\System32\\rasadhlp.dll");
    doctor_expect_files(snapshot, doctor_files(NULL, 0, NULL), "warning autodial-foreign 0 -\n");
}

static void foreign_helpers(void **state)
{
    (void)state;
    static const char *const foreign[] = {"C:\\Evil\\System32\\rasadhlp.dll",
                                          "C:\\Windows\\rasadhlp.dll",
                                          "C:\\Windows\\System32\\fwpuclnt.dll",
                                          "%TEMP%\\rasadhlp.dll",
                                          "C:\\Windows\\System32\\..\\Temp\\rasadhlp.dll",
                                          "evil.dll",
                                          "\\\\server\\Windows\\System32\\rasadhlp.dll"};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        struct wsplsp_snapshot *snapshot = doctor_windows();
        doctor_set_text(&snapshot->autodial_dll, foreign[i]);
        doctor_expect(snapshot, "warning autodial-foreign 0 -\n");
    }
    struct wsplsp_snapshot *snapshot = doctor_windows();
    doctor_set_text(&snapshot->name_space_callout, "C:\\Windows\\System32\\rasadhlp.dll");
    doctor_expect(snapshot, "warning callout-foreign 0 -\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dlls_in_order),
        cmocka_unit_test(missing),
        cmocka_unit_test(a_name_space_that_is_switched_off_needs_no_dll),
        cmocka_unit_test(wrong_architecture),
        cmocka_unit_test(exports),
        cmocka_unit_test(writable),
        cmocka_unit_test(programs_that_cannot_load_it),
        cmocka_unit_test(places),
        cmocka_unit_test(signatures),
        cmocka_unit_test(each_unknown_answer_is_a_skip_of_its_own_rule),
        cmocka_unit_test(what_only_windows_can_tell_is_skipped_as_a_whole),
        cmocka_unit_test(without_files_every_rule_that_needs_them_is_skipped),
        cmocka_unit_test(an_unknown_dll_is_a_skip),
        cmocka_unit_test(relative_paths),
        cmocka_unit_test(helpers_of_windows_own),
        cmocka_unit_test(helpers_of_a_windows_in_another_folder),
        cmocka_unit_test(foreign_helpers),
    };
    return cmocka_run_group_tests_name("check_files", tests, NULL, NULL);
}
