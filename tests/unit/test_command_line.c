/* The examples of "Parsing C Command-Line Arguments" in Microsoft's C reference, and what `wsplsp run` makes of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <wchar.h>

#include "lsp-core/base/command_line.h"

static void assert_from(const wchar_t *line, size_t word, const wchar_t *rest)
{
    assert_int_equal(wcscmp(command_line_from(line, word), rest), 0);
}

static void test_words_of_the_reference(void **state)
{
    (void)state;
    assert_int_equal(command_line_words(L"p \"a b c\" d e"), 4);
    assert_int_equal(command_line_words(L"p \"ab\\\"c\" \"\\\\\" d"), 4);
    assert_int_equal(command_line_words(L"p a\\\\\\b d\"e f\"g h"), 4);
    assert_int_equal(command_line_words(L"p a\\\\\\\"b c d"), 4);
    assert_int_equal(command_line_words(L"p a\\\\\\\\\"b c\" d e"), 4);
    assert_int_equal(command_line_words(L"p a\"b\"\" c d"), 2);
}

static void test_program_name_has_its_own_rules(void **state)
{
    (void)state;
    /* Backslashes before the closing quote mean nothing there. */
    assert_int_equal(command_line_words(L"\"C:\\a b\\\" c"), 2);
    assert_from(L"\"C:\\a b\\\" c", 1, L"c");
    assert_int_equal(command_line_words(L""), 1);
}

static void test_rest_is_as_written(void **state)
{
    (void)state;
    const wchar_t *line = L"wsplsp  run --layer \"a b.dll\" --  \"my app\"  x\\\"y \"\" ";
    assert_int_equal(command_line_words(line), 8);
    assert_from(line, 0, line);
    assert_from(line, 5, L"\"my app\"  x\\\"y \"\" ");
    assert_from(line, 7, L"\"\" ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_of_the_reference),
        cmocka_unit_test(test_program_name_has_its_own_rules),
        cmocka_unit_test(test_rest_is_as_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
