/* Tells a .reg file's encoding by its byte order mark and header, as regedit does, and takes files without a mark that
 * other tools write as UTF-8. */
#include "regfile_text.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

static const char header_4[] = "REGEDIT4";
static const char header_5[] = "Windows Registry Editor Version 5.00";

static size_t decode_utf16(const uint8_t *bytes, size_t size, uint16_t *units)
{
    for (size_t i = 0; i < size / 2; i++)
        units[i] = (uint16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
    return size / 2;
}

static size_t decode_ansi(const uint8_t *bytes, size_t size, uint16_t *units)
{
    for (size_t i = 0; i < size; i++)
        units[i] = text_ansi_unit(bytes[i]);
    return size;
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

/* The number of units, or SIZE_MAX. */
static size_t decode(const uint8_t *bytes, size_t size, uint16_t *units)
{
    if (size >= 2 && memcmp(bytes, "\xFF\xFE", 2) == 0)
        return size % 2 == 0 ? decode_utf16(bytes + 2, size - 2, units) : SIZE_MAX;
    if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
        return decode_utf8(bytes + 3, size - 3, units);
    if (size >= sizeof header_4 - 1 && memcmp(bytes, header_4, sizeof header_4 - 1) == 0)
        return decode_ansi(bytes, size, units);
    size_t count = decode_utf8(bytes, size, units);
    return count == SIZE_MAX ? decode_ansi(bytes, size, units) : count;
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

enum wsplsp_status regfile_text_decode(const void *bytes, size_t size, const char *source, struct regfile_text *text,
                                       struct wsplsp_error *error)
{
    if (size == 0)
        return not_a_reg_file(source, error);
    uint16_t *units = calloc(size, sizeof *units);
    if (units == NULL)
        return wsplsp_fail_memory(error);
    size_t count = decode(bytes, size, units);
    if (count == SIZE_MAX) {
        free(units);
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "BAD_FORMAT", "%s: not the encoding its byte order mark promises",
                           source);
    }
    size_t header = match_header(units, count, header_5);
    text->ansi = header == 0;
    if (header == 0)
        header = match_header(units, count, header_4);
    if (header == 0) {
        free(units);
        return not_a_reg_file(source, error);
    }
    text->units = units;
    text->count = count;
    text->header = header;
    return WSPLSP_OK;
}
