/* Tells a .reg file's encoding by its byte order mark and header, as regedit does, and takes files without a mark that
 * other tools write as UTF-8. */
#include "regfile_text.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/code_page.h"
#include "layout_names.h"
#include "lsp-core/base/text.h"

static const char header_4[] = "REGEDIT4";
static const char header_5[] = "Windows Registry Editor Version 5.00";

static size_t decode_utf16(const uint8_t *bytes, size_t size, uint16_t *units)
{
    for (size_t i = 0; i < size / 2; i++)
        units[i] = (uint16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
    return size / 2;
}

/* SIZE_MAX where the bytes are not UTF-8. */
static size_t decode_utf8(const uint8_t *bytes, size_t size, uint16_t *units)
{
    size_t count = 0;
    for (size_t i = 0; i < size;) {
        uint32_t point;
        size_t length = text_next_utf8(bytes + i, size - i, &point);
        if (length == 0)
            return SIZE_MAX;
        if (point < 0x10000) {
            units[count++] = (uint16_t)point;
        } else {
            units[count++] = (uint16_t)(0xD800 + ((point - 0x10000) >> 10));
            units[count++] = (uint16_t)(0xDC00 + ((point - 0x10000) & 0x3FF));
        }
        i += length;
    }
    return count;
}

/* ---- ANSI */

/* One line; neither its end nor a NUL is ever part of a character of two bytes. False when out of memory. */
static bool decode_ansi_line(const uint8_t *bytes, size_t size, uint32_t code_page, uint16_t *units, size_t *count)
{
    char *utf8 = NULL;
    enum code_page_result result = code_page_to_utf8(code_page, bytes, size, &utf8);
    if (result == CODE_PAGE_NO_MEMORY)
        return false;
    if (result == CODE_PAGE_DONE) {
        /* Never more units than bytes, nor than bytes of UTF-8. */
        *count += decode_utf8((const uint8_t *)utf8, strlen(utf8), units + *count);
        free(utf8);
        return true;
    }
    for (size_t i = 0; i < size; i++)
        units[(*count)++] = (uint16_t)(bytes[i] < 0x80 ? bytes[i] : REGFILE_BYTE + bytes[i]);
    return true;
}

static size_t line_size(const uint8_t *bytes, size_t size)
{
    const uint8_t *end = memchr(bytes, '\n', size);
    return end == NULL ? size : (size_t)(end - bytes) + 1;
}

static bool decode_ansi(const uint8_t *bytes, size_t size, uint32_t code_page, uint16_t *units, size_t *count)
{
    bool decoded = true;
    *count = 0;
    for (size_t at = 0, length; at < size && decoded; at += length) {
        length = line_size(bytes + at, size - at);
        const uint8_t *nul = memchr(bytes + at, 0, length);
        if (nul != NULL)
            length = (size_t)(nul - (bytes + at));
        decoded = decode_ansi_line(bytes + at, length, code_page, units, count);
        if (nul != NULL) {
            units[(*count)++] = 0; /* the reader objects to it */
            length++;
        }
    }
    return decoded;
}

/* ---- which code page */

bool regfile_text_comment(const struct regfile_text *text, const char *word, size_t *at, char **line)
{
    *line = NULL;
    while (*at < text->count && text->units[*at] != '[') {
        size_t start = *at, end = start, matched = 0;
        while (end < text->count && text->units[end] != '\n')
            end++;
        *at = end + 1;
        while (word[matched] != '\0' && start + matched < end && text->units[start + matched] == (uint8_t)word[matched])
            matched++;
        if (word[matched] != '\0')
            continue;
        if (end > start + matched && text->units[end - 1] == '\r')
            end--;
        *line = text_from_utf16(&text->units[start + matched], end - start - matched);
        return *line != NULL;
    }
    return true;
}

/* A comment that names none, or none that is known, is none of ours. */
static bool find_comment(struct regfile_text *text)
{
    size_t at = 0;
    char *line;
    if (!regfile_text_comment(text, REGFILE_CODE_PAGE_WORD, &at, &line))
        return false;
    if (line != NULL)
        code_page_parse(line, &text->code_page);
    free(line);
    return true;
}

/* Whether the line, which is ASCII as far as it matters, ends in that text, in any case of letters. */
static bool ends_in(const char *line, size_t size, const char *ending)
{
    while (size > 0 && strchr(" \t\r\n", line[size - 1]) != NULL)
        size--;
    size_t length = strlen(ending);
    return size >= length && text_compare_nocase_n(line + size - length, ending, length) == 0;
}

/* "ACP"="932" */
static void read_acp(const char *line, size_t size, uint32_t *code_page)
{
    static const char name[] = "\"" LAYOUT_CODE_PAGE_ACP "\"=\"";
    char number[16] = "";
    size_t length = sizeof name - 1, digits = 0;
    if (size <= length || text_compare_nocase_n(line, name, length) != 0)
        return;
    while (length + digits < size && line[length + digits] >= '0' && line[length + digits] <= '9' &&
           digits + 1 < sizeof number) {
        number[digits] = line[length + digits];
        digits++;
    }
    code_page_parse(number, code_page);
}

/* ANSI text cannot be read before its code page is known, but these lines are ASCII in all of them. */
static uint32_t find_acp(const uint8_t *bytes, size_t size)
{
    uint32_t code_page = CODE_PAGE_UNKNOWN;
    bool inside = false;
    for (size_t at = 0, length; at < size; at += length) {
        const char *line = (const char *)bytes + at;
        length = line_size(bytes + at, size - at);
        if (line[0] == '[')
            inside = ends_in(line, length, "\\" LAYOUT_CODE_PAGE "]");
        else if (inside)
            read_acp(line, length, &code_page);
    }
    return code_page;
}

/* ---- all of it */

enum encoding { UTF16, UTF8_MARKED, UTF8, ANSI };

static enum encoding find_encoding(const uint8_t *bytes, size_t size)
{
    if (size >= 2 && memcmp(bytes, "\xFF\xFE", 2) == 0)
        return UTF16;
    if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
        return UTF8_MARKED;
    return size >= sizeof header_4 - 1 && memcmp(bytes, header_4, sizeof header_4 - 1) == 0 ? ANSI : UTF8;
}

/* Fills in the units; `text->count` becomes SIZE_MAX where the encoding is not kept to. False when out of memory. */
static bool decode(const uint8_t *bytes, size_t size, struct regfile_text *text)
{
    enum encoding encoding = find_encoding(bytes, size);
    if (encoding == UTF16)
        text->count = size % 2 == 0 ? decode_utf16(bytes + 2, size - 2, text->units) : SIZE_MAX;
    if (encoding == UTF8_MARKED)
        text->count = decode_utf8(bytes + 3, size - 3, text->units);
    if (encoding == UTF8)
        text->count = decode_utf8(bytes, size, text->units);
    text->bytes = encoding == ANSI || (encoding == UTF8 && text->count == SIZE_MAX);
    if (!text->bytes)
        return text->count == SIZE_MAX || text->code_page != CODE_PAGE_UNKNOWN || find_comment(text);
    if (!decode_ansi(bytes, size, text->code_page, text->units, &text->count))
        return false;
    if (text->code_page != CODE_PAGE_UNKNOWN)
        return true;
    if (!find_comment(text))
        return false;
    if (text->code_page == CODE_PAGE_UNKNOWN)
        text->code_page = find_acp(bytes, size);
    return text->code_page == CODE_PAGE_UNKNOWN || decode_ansi(bytes, size, text->code_page, text->units, &text->count);
}

/* The header's length where the text begins with that line, else 0. Blanks may follow. */
static size_t match_header(const uint16_t *units, size_t count, const char *header)
{
    size_t length = strlen(header);
    for (size_t i = 0; i < length; i++) {
        if (i == count || units[i] != (unsigned char)header[i])
            return 0;
    }
    size_t end = length;
    while (end < count && (units[end] == ' ' || units[end] == '\t'))
        end++;
    return end == count || units[end] == '\r' || units[end] == '\n' ? end : 0;
}

static enum wsplsp_status not_a_reg_file(const char *source, struct wsplsp_error *error)
{
    wsplsp_fail(error, WSPLSP_SYSTEM, 0, "BAD_FORMAT", "%s, line 1: neither \"%s\" nor \"%s\" is its first line",
                source, header_5, header_4);
    return wsplsp_hint(error, "give a file that regedit, \"reg export\" or a hive tool wrote");
}

enum wsplsp_status regfile_text_decode(const void *bytes, size_t size, const char *source, uint32_t code_page,
                                       struct regfile_text *text, struct wsplsp_error *error)
{
    *text = (struct regfile_text){.code_page = code_page};
    if (size == 0)
        return not_a_reg_file(source, error);
    text->units = calloc(size, sizeof *text->units);
    if (text->units == NULL || !decode(bytes, size, text)) {
        free(text->units);
        return wsplsp_fail_memory(error);
    }
    if (text->count == SIZE_MAX) {
        free(text->units);
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "BAD_FORMAT", "%s: not the encoding its byte order mark promises",
                           source);
    }
    text->header = match_header(text->units, text->count, header_5);
    text->ansi = text->header == 0;
    if (text->header == 0)
        text->header = match_header(text->units, text->count, header_4);
    if (text->header == 0) {
        free(text->units);
        return not_a_reg_file(source, error);
    }
    return WSPLSP_OK;
}
