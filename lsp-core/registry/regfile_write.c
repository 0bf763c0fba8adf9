/* Writes .reg files as regedit's own export does: UTF-16LE, lines wrapped past column 76, plain text where a string is
 * plain. Everything else is written in hexadecimal, so that what is read back is the same, byte for byte. */
#include "regfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/code_page.h"
#include "regfile_text.h"
#include "lsp-core/base/text.h"

#define WRAP_COLUMN 76

struct writer {
    uint8_t *bytes;
    size_t size;
    size_t room;
    size_t column; /* units on the current line */
    bool no_memory;
    const char *root; /* the path of the whole */
    uint32_t code_page;
    const char *const *over; /* see regfile_write_over */
};

static void put_unit(struct writer *writer, uint16_t unit)
{
    if (writer->no_memory)
        return;
    if (writer->room - writer->size < 2) {
        size_t room = writer->room == 0 ? 4096 : writer->room * 2;
        uint8_t *bytes = realloc(writer->bytes, room);
        if (bytes == NULL) {
            writer->no_memory = true;
            return;
        }
        writer->bytes = bytes;
        writer->room = room;
    }
    text_put_utf16(writer->bytes + writer->size, unit);
    writer->size += 2;
    writer->column = unit == '\n' ? 0 : writer->column + 1;
}

static void put_ascii(struct writer *writer, const char *text)
{
    for (; *text != '\0'; text++)
        put_unit(writer, (unsigned char)*text);
}

/* One unit of a quoted string. */
static void put_escaped(struct writer *writer, uint16_t unit)
{
    if (unit == '"' || unit == '\\')
        put_unit(writer, '\\');
    put_unit(writer, unit);
}

/* UTF-8 text, escaped where it goes between quotes. */
static void put_text(struct writer *writer, const char *text, bool quoted)
{
    size_t units;
    uint16_t *utf16 = text_to_utf16(text, &units);
    if (utf16 == NULL) {
        writer->no_memory = true;
        return;
    }
    for (size_t i = 0; i + 1 < units; i++) {
        const uint8_t *bytes = (const uint8_t *)&utf16[i];
        uint16_t unit = (uint16_t)(bytes[0] | bytes[1] << 8);
        if (quoted)
            put_escaped(writer, unit);
        else
            put_unit(writer, unit);
    }
    free(utf16);
}

static void put_hex_number(struct writer *writer, uint32_t number, int digits)
{
    for (int shift = 28; shift >= 0; shift -= 4) {
        if (shift < 4 * digits || number >> shift != 0)
            put_unit(writer, (unsigned char)"0123456789abcdef"[number >> shift & 0xF]);
    }
}

static uint16_t unit_at(const struct reg_value *value, size_t index)
{
    return (uint16_t)(value->data[2 * index] | value->data[2 * index + 1] << 8);
}

/* Whether a value reads back the same from "text": one NUL, at its end, and nothing that an editor might change. */
static bool is_plain(const struct reg_value *value)
{
    if (value->type != REGTREE_SZ || value->size < 2 || value->size % 2 != 0)
        return false;
    size_t units = value->size / 2;
    for (size_t i = 0; i + 1 < units; i++) {
        if (unit_at(value, i) < 0x20)
            return false;
    }
    return unit_at(value, units - 1) == 0;
}

static void put_bytes(struct writer *writer, const struct reg_value *value)
{
    for (size_t i = 0; i < value->size; i++) {
        put_hex_number(writer, value->data[i], 2);
        if (i + 1 == value->size)
            break;
        put_unit(writer, ',');
        if (writer->column > WRAP_COLUMN)
            put_ascii(writer, "\\\r\n  ");
    }
}

static void put_data(struct writer *writer, const struct reg_value *value)
{
    if (is_plain(value)) {
        put_unit(writer, '"');
        for (size_t i = 0; i + 1 < value->size / 2; i++)
            put_escaped(writer, unit_at(value, i));
        put_unit(writer, '"');
    } else if (value->type == REGTREE_DWORD && value->size == 4) {
        put_ascii(writer, "dword:");
        put_hex_number(writer, (uint32_t)unit_at(value, 1) << 16 | unit_at(value, 0), 8);
    } else if (value->type == REGTREE_BINARY) {
        put_ascii(writer, "hex:");
        put_bytes(writer, value);
    } else {
        put_ascii(writer, "hex(");
        put_hex_number(writer, value->type, 1);
        put_ascii(writer, "):");
        put_bytes(writer, value);
    }
}

static void put_value(struct writer *writer, const struct reg_value *value)
{
    if (value->name[0] == '\0') {
        put_unit(writer, '@');
    } else {
        put_unit(writer, '"');
        put_text(writer, value->name, true);
        put_unit(writer, '"');
    }
    put_unit(writer, '=');
    put_data(writer, value);
    put_ascii(writer, "\r\n");
}

static enum wsplsp_status put_key(struct writer *writer, const struct reg_key *key, const char *path,
                                  struct wsplsp_error *error);

static void put_deletion(struct writer *writer, const char *path, const char *subkey)
{
    put_ascii(writer, "[-");
    put_text(writer, path, false);
    put_unit(writer, '\\');
    put_text(writer, subkey, false);
    put_ascii(writer, "]\r\n\r\n");
}

static bool is_over(const struct writer *writer, const char *path)
{
    size_t root = strlen(writer->root);
    for (size_t i = 0; writer->over != NULL && writer->over[i] != NULL; i++) {
        if (strncmp(path, writer->root, root) == 0 && path[root] == '\\' &&
            text_compare_nocase(path + root + 1, writer->over[i]) == 0)
            return true;
    }
    return false;
}

/* The numbers behind those that the key's subkeys have, whose names are as many digits. */
static void put_spare(struct writer *writer, const struct reg_key *key, const char *path)
{
    enum { DIGITS = 12 };
    unsigned long highest = 0;
    char name[DIGITS + 1];
    for (size_t i = 0; i < reg_key_child_count(key); i++) {
        const char *child = reg_key_name(reg_key_child_at(key, i));
        if (strlen(child) != DIGITS || strspn(child, "0123456789") != DIGITS || strncmp(child, "00", 2) != 0)
            return;
        unsigned long number = strtoul(child, NULL, 10);
        highest = number > highest ? number : highest;
    }
    for (unsigned long number = highest + 1; highest != 0 && number <= highest + REGFILE_SPARE; number++) {
        snprintf(name, sizeof name, "%0*lu", DIGITS, number % 1000000000ul);
        put_deletion(writer, path, name);
    }
}

static enum wsplsp_status put_child(struct writer *writer, const struct reg_key *child, const char *path,
                                    struct wsplsp_error *error)
{
    const char *name = reg_key_name(child);
    if (name[0] == '\0' || strpbrk(name, "\\\r\n") != NULL)
        return wsplsp_fail(
            error, WSPLSP_REFUSED, 0, "BAD_NAME",
            "below %s, a key's name is empty or has a backslash or a line's end: no .reg file can hold it", path);
    char *child_path = text_format("%s\\%s", path, name);
    if (child_path == NULL)
        return wsplsp_fail_memory(error);
    enum wsplsp_status status = put_key(writer, child, child_path, error);
    free(child_path);
    return status;
}

static enum wsplsp_status put_key(struct writer *writer, const struct reg_key *key, const char *path,
                                  struct wsplsp_error *error)
{
    put_unit(writer, '[');
    put_text(writer, path, false);
    put_ascii(writer, "]\r\n");
    for (size_t i = 0; i < reg_key_value_count(key); i++)
        put_value(writer, reg_key_value_at(key, i));
    put_ascii(writer, "\r\n");
    enum wsplsp_status status = writer->no_memory ? wsplsp_fail_memory(error) : WSPLSP_OK;
    bool over = is_over(writer, path);
    for (size_t i = 0; i < reg_key_child_count(key) && status == WSPLSP_OK; i++) {
        const struct reg_key *child = reg_key_child_at(key, i);
        if (over)
            put_deletion(writer, path, reg_key_name(child));
        status = put_child(writer, child, path, error);
    }
    if (over)
        put_spare(writer, key, path);
    return status;
}

static void put_code_page(struct writer *writer)
{
    char number[16];
    if (writer->code_page == CODE_PAGE_UNKNOWN)
        return;
    snprintf(number, sizeof number, "%lu", (unsigned long)writer->code_page);
    put_ascii(writer, REGFILE_CODE_PAGE_WORD);
    put_ascii(writer, number);
    put_ascii(writer, "\r\n");
}

static enum wsplsp_status write_file(struct writer *writer, const struct reg_key *key, const char *const *replace,
                                     void **bytes, size_t *size, struct wsplsp_error *error)
{
    put_unit(writer, 0xFEFF);
    put_ascii(writer, "Windows Registry Editor Version 5.00\r\n");
    put_code_page(writer);
    put_ascii(writer, "\r\n");
    for (; replace != NULL && *replace != NULL; replace++)
        put_deletion(writer, writer->root, *replace);
    enum wsplsp_status status = put_key(writer, key, writer->root, error);
    if (status == WSPLSP_OK && writer->no_memory)
        status = wsplsp_fail_memory(error);
    if (status != WSPLSP_OK) {
        free(writer->bytes);
        return status;
    }
    *bytes = writer->bytes;
    *size = writer->size;
    return WSPLSP_OK;
}

enum wsplsp_status regfile_write(const struct reg_key *key, const char *path, uint32_t code_page,
                                 const char *const *replace, void **bytes, size_t *size, struct wsplsp_error *error)
{
    struct writer writer = {.root = path, .code_page = code_page};
    return write_file(&writer, key, replace, bytes, size, error);
}

enum wsplsp_status regfile_write_over(const struct reg_key *key, const char *path, uint32_t code_page,
                                      const char *const *over, void **bytes, size_t *size, struct wsplsp_error *error)
{
    struct writer writer = {.root = path, .code_page = code_page, .over = over};
    return write_file(&writer, key, NULL, bytes, size, error);
}
