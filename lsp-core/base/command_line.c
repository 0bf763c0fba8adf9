/* Command lines; see command_line.h. The rules are those of "Parsing C Command-Line Arguments" in Microsoft's C
 * reference; where a word ends is all that matters here. */
#include "command_line.h"

#include <stdbool.h>

static bool is_blank(wchar_t unit)
{
    return unit == L' ' || unit == L'\t';
}

/* The program's name: backslashes mean nothing, quotes hide blanks. */
static const wchar_t *skip_program(const wchar_t *at)
{
    bool quoted = false;
    for (; *at != L'\0' && (quoted || !is_blank(*at)); at++)
        quoted = quoted != (*at == L'"');
    return at;
}

/* An argument: a quote behind an odd number of backslashes is an ordinary character, and so are two in a quotation. */
static const wchar_t *skip_argument(const wchar_t *at)
{
    bool quoted = false;
    size_t backslashes = 0;
    for (; *at != L'\0' && (quoted || !is_blank(*at)); at++) {
        bool quote = *at == L'"' && backslashes % 2 == 0;
        if (quote && quoted && at[1] == L'"')
            at++;
        else if (quote)
            quoted = !quoted;
        backslashes = *at == L'\\' ? backslashes + 1 : 0;
    }
    return at;
}

static const wchar_t *skip_blanks(const wchar_t *at)
{
    while (is_blank(*at))
        at++;
    return at;
}

size_t command_line_words(const wchar_t *line)
{
    size_t count = 1;
    for (line = skip_blanks(skip_program(line)); *line != L'\0'; line = skip_blanks(skip_argument(line)))
        count++;
    return count;
}

const wchar_t *command_line_from(const wchar_t *line, size_t word)
{
    for (size_t i = 0; i < word; i++)
        line = skip_blanks(i == 0 ? skip_program(line) : skip_argument(line));
    return line;
}
