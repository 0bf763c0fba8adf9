/* Code pages. Expected values are those of Microsoft's tables at unicode.org (Public/MAPPINGS/VENDORS/MICSFT: WINDOWS
 * and WindowsBestFit); tests/bats/code_page.bats compares whole tables with another implementation's. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/code_page.h"

static void expect_path(uint32_t page, const char *bytes, const char *path)
{
    char again[260];
    char *read = code_page_read_path(page, bytes, strlen(bytes) + 1);
    assert_string_equal(read, path);
    assert_int_equal(code_page_write_path(page, read, again, sizeof again), CODE_PAGE_DONE);
    assert_string_equal(again, bytes);
    free(read);
}

static void known_pages_are_those_that_windows_has(void **state)
{
    (void)state;
    static const uint32_t pages[] = {874,  932,  936,  949,  950,  1250, 1251, 1252,
                                     1253, 1254, 1255, 1256, 1257, 1258, 65001};
    static const char *const bad[] = {"",      "0",     "437",  "1200",  "cp932", "932 ",       "-1",
                                      "0x3A4", "65000", "+932", "54936", "932.0", "4294968228", "99999999999999999999"};
    uint32_t page = 7;
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        assert_true(code_page_is_known(pages[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(code_page_parse(bad[i], &page));
    assert_int_equal(page, 7);
    assert_true(code_page_parse("932", &page));
    assert_int_equal(page, 932);
    assert_false(code_page_is_known(CODE_PAGE_UNKNOWN));
    assert_int_equal(code_page_system(), CODE_PAGE_UNKNOWN); /* the native build has no Windows */
}

static void paths_read_and_come_back(void **state)
{
    (void)state;
    expect_path(932, "C:\\\x83\x5C\x83\x74\x83\x67\\a.dll", "C:\\ソフト\\a.dll"); /* a second byte that is 0x5C */
    expect_path(932, "C:\\~\xB1.dll", "C:\\~ｱ.dll");
    expect_path(1251, "C:\\\xCF\xF0\xEE\xE3\xF0\xE0\xEC\xEC\xFB.dll", "C:\\Программы.dll");
    expect_path(936, "C:\\\xD6\xD0\x80.dll", "C:\\中€.dll");
    expect_path(949, "C:\\\xC7\xD1\x81\x41.dll", "C:\\한갂.dll");
    expect_path(950, "C:\\\xA4\xA4\xB3\x5C.dll", "C:\\中許.dll");
    expect_path(65001, "C:\\ソフト.dll", "C:\\ソフト.dll");
    expect_path(1252, "C:\\\x80\xE9.dll", "C:\\€é.dll");
    expect_path(1255, "C:\\\xE9\xC4.dll", "C:\\\xD7\x99\xD6\xB4.dll"); /* yod and hiriq stay two characters */
    expect_path(1258, "C:\\a\xCC.dll", "C:\\a\xCC\x80.dll");           /* so do a and its grave accent */
    expect_path(874, "C:\\\xA1.dll", "C:\\ก.dll");
}

/* Undefined in the standard, but controls for Windows. */
static void undefined_bytes_are_controls(void **state)
{
    (void)state;
    expect_path(1252, "\x81\x8D\x8F\x90\x9D", "\xC2\x81\xC2\x8D\xC2\x8F\xC2\x90\xC2\x9D");
    expect_path(1251, "\x98", "\xC2\x98");
    expect_path(932, "\x80", "\xC2\x80");
}

static void every_byte_of_1252_comes_back(void **state)
{
    (void)state;
    char bytes[256], again[256];
    for (int i = 1; i < 256; i++)
        bytes[i - 1] = (char)i;
    bytes[255] = '\0';
    char *text = code_page_read_path(1252, bytes, sizeof bytes);
    assert_false(code_page_is_undecided(text));
    assert_int_equal(code_page_write_path(1252, text, again, sizeof again), CODE_PAGE_DONE);
    assert_memory_equal(again, bytes, sizeof bytes);
    free(text);
}

static void bytes_that_are_no_text_stay_bytes(void **state)
{
    (void)state;
    expect_path(0, "C:\\Windows\\a.dll", "C:\\Windows\\a.dll");
    expect_path(0, "C:\\M\xFCller\\a.dll", "C:\\M<fc><6c>ler\\a.dll");
    /* No backslash may come of a second byte. */
    expect_path(0, "C:\\\x83\x5C.dll", "C:\\<83><5c>.dll");
    expect_path(932, "C:\\a\x83", "C:\\a<83>"); /* cut off */
    expect_path(932, "C:\\\x83\x20.dll", "C:\\<83><20>.dll");
    expect_path(932, "C:\\\xFF.dll", "C:\\<ff><2e>dll");
    expect_path(65001, "C:\\\xE9.dll", "C:\\<e9><2e>dll");
    expect_path(65001, "C:\\\xED\xA0\x80", "C:\\<ed><a0><80>"); /* a surrogate */
    expect_path(437, "\xE9", "<e9>");
    /* Text that looks like such a byte is not one. */
    expect_path(1252, "C:\\<e9>\xE9.dll", "C:\\<3c>e9><e9><2e>dll");
    expect_path(0, "a<b>.dll", "a<b>.dll");
    assert_false(code_page_is_undecided("a<b><E9><e9"));
    assert_true(code_page_is_undecided("C:\\<e9>"));
}

static void read_stops_at_the_end(void **state)
{
    (void)state;
    char *path = code_page_read_path(932, "AB\0\x83", 4);
    assert_string_equal(path, "AB");
    free(path);
    path = code_page_read_path(0, "\xE9\xE9", 1);
    assert_string_equal(path, "<e9>");
    free(path);
    path = code_page_read_path(0, "", 0);
    assert_string_equal(path, "");
    free(path);
}

static void expect_refused(uint32_t page, const char *path)
{
    char bytes[8];
    assert_int_equal(code_page_write_path(page, path, bytes, sizeof bytes), CODE_PAGE_REFUSED);
}

static void write_refuses_what_does_not_fit_or_exist(void **state)
{
    (void)state;
    char bytes[8];
    assert_int_equal(code_page_write_path(0, "1234567", bytes, sizeof bytes), CODE_PAGE_DONE);
    expect_refused(0, "12345678");
    /* The room is for bytes: three characters of two each fit, four do not. */
    assert_int_equal(code_page_write_path(932, "ソソソ", bytes, sizeof bytes), CODE_PAGE_DONE);
    expect_refused(932, "ソソソソ");
    assert_int_equal(code_page_write_path(0, "<e9><e9><e9><e9><e9><e9><e9>", bytes, sizeof bytes), CODE_PAGE_DONE);
    expect_refused(0, "<e9><e9><e9><e9><e9><e9><e9><e9>");
    assert_int_equal(code_page_write_path(0, "", bytes, 0), CODE_PAGE_REFUSED);
    expect_refused(0, "é");
    expect_refused(1252, "Ā");
    expect_refused(1252, "\xC2\x80"); /* 0x80 is the euro sign */
    expect_refused(1252, "\xFF");
    expect_refused(1251, "é");
    expect_refused(932, "é");
    /* Neither a similar character nor one put together of others. */
    expect_refused(932, "¥");
    expect_refused(932, "〜"); /* U+301C; 932 has U+FF5E there */
    expect_refused(1258, "ầ");
    expect_refused(1255, "\xEF\xAC\xAA"); /* U+FB2A, shin with its dot */
    /* Bytes and characters that they might be do not go together. */
    expect_refused(1252, "<e9>é");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_pages_are_those_that_windows_has),
        cmocka_unit_test(paths_read_and_come_back),
        cmocka_unit_test(undefined_bytes_are_controls),
        cmocka_unit_test(every_byte_of_1252_comes_back),
        cmocka_unit_test(bytes_that_are_no_text_stay_bytes),
        cmocka_unit_test(read_stops_at_the_end),
        cmocka_unit_test(write_refuses_what_does_not_fit_or_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
