/* Conversions between UTF-8 and UTF-16LE, without locale or system functions, so that a file reads the same
 * everywhere. */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT 0xFFFDu

static size_t put_utf8(char *out, uint32_t point)
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xC0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xE0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (point & 0x3F));
    return 4;
}

size_t text_next_utf8(const void *utf8, size_t size, uint32_t *point)
{
    const uint8_t *bytes = utf8;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = bytes[0] < 0x80   ? 1
                    : bytes[0] < 0xC2 ? 0
                    : bytes[0] < 0xE0 ? 2
                    : bytes[0] < 0xF0 ? 3
                    : bytes[0] < 0xF5 ? 4
                                      : 0;
    *point = bytes[0];
    if (length == 1)
        return 1;
    if (length == 0 || length > size)
        return 0;
    uint32_t value = bytes[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (bytes[i] & 0x3Fu);
    }
    if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
        return 0;
    *point = value;
    return length;
}

char *text_from_utf16(const void *utf16le, size_t units)
{
    const uint8_t *bytes = utf16le;
    size_t length = 0;
    while (length < units && (bytes[2 * length] | bytes[2 * length + 1]) != 0)
        length++;
    char *text = malloc(3 * length + 1);
    if (text == NULL)
        return NULL;
    size_t at = 0;
    for (size_t i = 0; i < length; i++) {
        uint32_t point = (uint32_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
        if (point >= 0xD800 && point < 0xE000) {
            uint32_t low = i + 1 < length ? (uint32_t)(bytes[2 * i + 2] | bytes[2 * i + 3] << 8) : 0;
            bool pair = point < 0xDC00 && low >= 0xDC00 && low < 0xE000;
            point = pair ? 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00) : REPLACEMENT;
            i += pair;
        }
        at += put_utf8(text + at, point);
    }
    text[at] = '\0';
    char *fitted = realloc(text, at + 1);
    return fitted == NULL ? text : fitted;
}

size_t text_put_utf16(void *utf16le, uint32_t point)
{
    uint8_t *out = utf16le;
    if (point < 0x10000) {
        out[0] = (uint8_t)point;
        out[1] = (uint8_t)(point >> 8);
        return 1;
    }
    text_put_utf16(out, 0xD800 + ((point - 0x10000) >> 10));
    text_put_utf16(out + 2, 0xDC00 + ((point - 0x10000) & 0x3FF));
    return 2;
}

uint16_t *text_to_utf16(const char *utf8, size_t *units)
{
    size_t size = strlen(utf8);
    /* Never more units than bytes: a pair takes four bytes of UTF-8. */
    uint16_t *utf16 = malloc((size + 1) * sizeof *utf16);
    if (utf16 == NULL)
        return NULL;
    size_t at = 0;
    for (size_t i = 0; i < size;) {
        uint32_t point;
        size_t length = text_next_utf8(utf8 + i, size - i, &point);
        at += text_put_utf16(utf16 + at, length == 0 ? REPLACEMENT : point);
        i += length == 0 ? 1 : length;
    }
    utf16[at] = 0;
    *units = at + 1;
    return utf16;
}

static int lower(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte;
}

int text_compare_nocase(const char *a, const char *b)
{
    return text_compare_nocase_n(a, b, SIZE_MAX);
}

int text_compare_nocase_n(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        int difference = lower(a[i]) - lower(b[i]);
        if (difference != 0 || a[i] == '\0')
            return difference;
    }
    return 0;
}

bool text_is_number(const char *text, uint32_t *number)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    unsigned long long value = strtoull(text, &end, 10);
    *number = (uint32_t)value;
    return *end == '\0' && value <= UINT32_MAX;
}

char *text_duplicate(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

char *text_format(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text == NULL)
        return NULL;
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}
