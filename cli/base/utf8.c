/* UTF-8 as a terminal takes it; see utf8.h. */
#include "utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "lsp-core/base/text.h"

#define MALFORMED      UINT32_MAX
#define UTF8_BYTES_MAX 4

struct range {
    uint32_t first;
    uint32_t last;
};

static bool in_ranges(uint32_t point, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    }
    return false;
}

#define IN_RANGES(point, ranges) in_ranges(point, ranges, sizeof ranges / sizeof ranges[0])

/* Takes one code point off the text, which ends with a NUL: its value, or MALFORMED with one byte taken. */
static uint32_t next_point(const char **text)
{
    uint32_t point;
    size_t length = text_next_utf8(*text, strnlen(*text, UTF8_BYTES_MAX), &point);
    *text += length == 0 ? 1 : length;
    return length == 0 ? MALFORMED : point;
}

/* C0 and C1 controls, soft hyphen, zero-width and bidirectional controls, line separators, annotations, tags. */
static bool is_hidden(uint32_t point)
{
    static const struct range ranges[] = {
        {0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},   {0x180E, 0x180E},   {0x200B, 0x200F},
        {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF},
    };
    return IN_RANGES(point, ranges);
}

/* Combining marks and variation selectors, then what East Asian Width calls W and F (Unicode's EastAsianWidth.txt, in
 * blocks: an unassigned point does not matter here). */
static size_t point_columns(uint32_t point)
{
    static const struct range none[] = {
        {0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},   {0x610, 0x61A},   {0x64B, 0x65F},
        {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
    };
    static const struct range wide[] = {
        {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},
        {0xA960, 0xA97C},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
        {0xFFE0, 0xFFE6},   {0x16FE0, 0x18CFF}, {0x1AFF0, 0x1B2FF}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF},
        {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
    };
    if (point < 0x300)
        return 1;
    if (IN_RANGES(point, none))
        return 0;
    return IN_RANGES(point, wide) ? 2 : 1;
}

static char *copy(const char *text, bool escape_hidden)
{
    struct buffer result = {NULL, 0, 0};
    while (*text != '\0') {
        const char *start = text;
        uint32_t point = next_point(&text);
        if (point == MALFORMED)
            buffer_text(&result, "\xEF\xBF\xBD");
        else if (escape_hidden && is_hidden(point))
            buffer_format(&result, "\\u%04X", (unsigned)point);
        else
            buffer_put(&result, start, (size_t)(text - start));
    }
    buffer_put(&result, "", 1);
    return result.bytes;
}

char *utf8_shown(const char *text)
{
    return copy(text, true);
}

char *utf8_valid(const char *text)
{
    return copy(text, false);
}

size_t utf8_columns(const char *text)
{
    size_t columns = 0;
    while (*text != '\0')
        columns += point_columns(next_point(&text));
    return columns;
}

size_t utf8_fit(const char *text, size_t columns)
{
    const char *end = text;
    while (*end != '\0') {
        const char *after = end;
        size_t width = point_columns(next_point(&after));
        if (width > columns)
            break;
        columns -= width;
        end = after;
    }
    return (size_t)(end - text);
}
