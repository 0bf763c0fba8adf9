/* Conversions of text. Expected values: the Unicode standard's encoding forms, and Microsoft's table of Windows-1252.
 */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/text.h"

static void check_from_utf16(const void *bytes, size_t units, const char *expected)
{
    char *text = text_from_utf16(bytes, units);
    assert_string_equal(text, expected);
    free(text);
}

static void from_utf16_takes_every_plane_and_stops_at_nul(void **state)
{
    (void)state;
    check_from_utf16("A\0\xAC\x20\x3D\xD8\x00\xDE", 4, "A\xE2\x82\xAC\xF0\x9F\x98\x80");
    check_from_utf16("A\0\0\0B\0", 3, "A");
    check_from_utf16("\xE9\0", 1, "\xC3\xA9");
    check_from_utf16("", 0, "");
}

static void from_utf16_replaces_unpaired_surrogates(void **state)
{
    (void)state;
    check_from_utf16("\x3D\xD8", 1, "\xEF\xBF\xBD");
    check_from_utf16("\x3D\xD8"
                     "A\0",
                     2,
                     "\xEF\xBF\xBD"
                     "A");
    check_from_utf16("\x00\xDC\x00\xDE", 2, "\xEF\xBF\xBD\xEF\xBF\xBD");
    check_from_utf16("\x00\xDE\x3D\xD8\x00\xDE", 3, "\xEF\xBF\xBD\xF0\x9F\x98\x80");
}

static void from_utf16_needs_no_alignment(void **state)
{
    (void)state;
    char bytes[] = "xA\0B\0";
    check_from_utf16(bytes + 1, 2, "AB");
}

static void check_to_utf16(const char *text, const void *expected, size_t expected_units)
{
    size_t units;
    uint16_t *utf16 = text_to_utf16(text, &units);
    assert_non_null(utf16);
    assert_int_equal(units, expected_units);
    assert_memory_equal(utf16, expected, units * 2);
    free(utf16);
}

static void to_utf16_pairs_surrogates_and_ends_with_nul(void **state)
{
    (void)state;
    check_to_utf16("A\xE2\x82\xAC\xF0\x9F\x98\x80", "A\0\xAC\x20\x3D\xD8\x00\xDE\0", 5);
    check_to_utf16("", "\0", 1);
}

static void to_utf16_replaces_malformed_bytes(void **state)
{
    (void)state;
    check_to_utf16("\xC0\x80", "\xFD\xFF\xFD\xFF\0", 3); /* overlong */
    check_to_utf16("\xE0\x9F\xBF", "\xFD\xFF\xFD\xFF\xFD\xFF\0", 4);
    check_to_utf16("\xF0\x8F\xBF\xBF", "\xFD\xFF\xFD\xFF\xFD\xFF\xFD\xFF\0", 5);
    check_to_utf16("\xED\xA0\x80", "\xFD\xFF\xFD\xFF\xFD\xFF\0", 4);             /* a surrogate */
    check_to_utf16("\xF4\x90\x80\x80", "\xFD\xFF\xFD\xFF\xFD\xFF\xFD\xFF\0", 5); /* above U+10FFFF */
    check_to_utf16("\xE2\x82", "\xFD\xFF\xFD\xFF\0", 3);                         /* cut off */
    check_to_utf16("\xFF"
                   "A",
                   "\xFD\xFF"
                   "A\0\0",
                   3);
}

static void compare_ignores_ascii_case_only(void **state)
{
    (void)state;
    assert_int_equal(text_compare_nocase("WinSock2", "WINSOCK2"), 0);
    assert_true(text_compare_nocase("a", "B") < 0);
    assert_true(text_compare_nocase("ab", "A") > 0);
    assert_true(text_compare_nocase("[", "a") < 0);
    assert_true(text_compare_nocase("\xC3\x84", "\xC3\xA4") != 0);
    assert_int_equal(text_compare_nocase_n("ControlSet001", "controlset", 10), 0);
    assert_true(text_compare_nocase_n("Contro", "controlset", 10) < 0);
}

static void format_makes_a_string_of_any_length(void **state)
{
    (void)state;
    char *text = text_format("%s-%zu-%08lX", "a", (size_t)7, 255UL);
    assert_string_equal(text, "a-7-000000FF");
    free(text);
    text = text_format("%1000d", 1);
    assert_int_equal(strlen(text), 1000);
    free(text);
}

static bool convert_all(void *context)
{
    (void)context;
    size_t units;
    void *results[] = {text_from_utf16("A\0", 1), text_to_utf16("A", &units), text_duplicate("A"),
                       text_format("%d", 1)};
    bool ok = true;
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        ok = ok && results[i] != NULL;
        free(results[i]);
    }
    return ok;
}

static void running_out_of_memory_gives_null(void **state)
{
    (void)state;
    support_fail_allocations(convert_all, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_utf16_takes_every_plane_and_stops_at_nul),
        cmocka_unit_test(from_utf16_replaces_unpaired_surrogates),
        cmocka_unit_test(from_utf16_needs_no_alignment),
        cmocka_unit_test(to_utf16_pairs_surrogates_and_ends_with_nul),
        cmocka_unit_test(to_utf16_replaces_malformed_bytes),
        cmocka_unit_test(compare_ignores_ascii_case_only),
        cmocka_unit_test(format_makes_a_string_of_any_length),
        cmocka_unit_test(running_out_of_memory_gives_null),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
