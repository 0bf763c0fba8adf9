/* Reads .reg files. Takes what regedit takes (Microsoft's page "Distribute registry changes with .reg files"), but
 * where regedit silently skips a line that it can't read, this reader refuses the file: a catalog read in part would be
 * judged wrongly. */
#include "regfile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/code_page.h"
#include "regfile_text.h"
#include "lsp-core/base/text.h"

struct reader {
    const uint16_t *start;
    const uint16_t *at;
    const uint16_t *end;
    bool ansi; /* as in struct regfile_text, as are the next two */
    bool bytes;
    uint32_t code_page;
    const char *source;
    struct reg_key *root;
    struct reg_key *key; /* where values go; NULL before the first key and behind a deleted one */
    uint8_t *data;       /* the string or bytes last read */
    size_t size;
    size_t room;
    struct wsplsp_error *error;
};

static size_t line_number(const struct reader *reader)
{
    size_t line = 1;
    for (const uint16_t *at = reader->start; at < reader->at; at++) {
        bool crlf = *at == '\r' && at + 1 < reader->end && at[1] == '\n';
        line += *at == '\n' || (*at == '\r' && !crlf);
    }
    return line;
}

static bool fail(struct reader *reader, const char *reason)
{
    wsplsp_fail(reader->error, WSPLSP_SYSTEM, 0, "BAD_FORMAT", "%s, line %zu: %s", reader->source, line_number(reader),
                reason);
    return false;
}

static bool fail_memory(struct reader *reader)
{
    wsplsp_fail_memory(reader->error);
    return false;
}

/* 0 at the end. */
static uint16_t peek(const struct reader *reader)
{
    return reader->at < reader->end ? *reader->at : 0;
}

static bool at_newline(const struct reader *reader)
{
    return reader->at == reader->end || *reader->at == '\r' || *reader->at == '\n';
}

static void skip_blanks(struct reader *reader)
{
    while (peek(reader) == ' ' || peek(reader) == '\t')
        reader->at++;
}

static void skip_line(struct reader *reader)
{
    while (!at_newline(reader))
        reader->at++;
    if (peek(reader) == '\r')
        reader->at++;
    if (peek(reader) == '\n')
        reader->at++;
}

/* Nothing but blanks and a comment may be left on the line. */
static bool end_line(struct reader *reader)
{
    skip_blanks(reader);
    if (!at_newline(reader) && peek(reader) != ';')
        return fail(reader, "unexpected text at the end of the line");
    skip_line(reader);
    return true;
}

/* Where the text goes on with `word`, in either case, steps over it. */
static bool take_word(struct reader *reader, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(reader->end - reader->at) < length)
        return false;
    for (size_t i = 0; i < length; i++) {
        uint16_t unit = reader->at[i];
        if ((unit >= 'A' && unit <= 'Z' ? unit + ('a' - 'A') : unit) != word[i])
            return false;
    }
    reader->at += length;
    return true;
}

static bool add_byte(struct reader *reader, uint8_t byte)
{
    if (reader->size == reader->room) {
        size_t room = reader->room == 0 ? 64 : reader->room * 2;
        uint8_t *data = realloc(reader->data, room);
        if (data == NULL)
            return fail_memory(reader);
        reader->data = data;
        reader->room = room;
    }
    reader->data[reader->size++] = byte;
    return true;
}

static bool add_unit(struct reader *reader, uint16_t unit)
{
    return add_byte(reader, (uint8_t)unit) && add_byte(reader, (uint8_t)(unit >> 8));
}

static bool fail_code_page(struct reader *reader)
{
    if (reader->code_page != CODE_PAGE_UNKNOWN) {
        wsplsp_fail(reader->error, WSPLSP_REFUSED, 0, "CODE_PAGE",
                    "%s, line %zu: a string that is no text in code page %lu", reader->source, line_number(reader),
                    (unsigned long)reader->code_page);
        wsplsp_hint(reader->error, "is it another code page? --code-page NUMBER says which");
        return false;
    }
    wsplsp_fail(reader->error, WSPLSP_REFUSED, 0, "CODE_PAGE",
                "%s, line %zu: a string in an ANSI code page, and nothing tells which", reader->source,
                line_number(reader));
    wsplsp_hint(reader->error,
                "--code-page NUMBER says which: 932 for a Japanese Windows, 936, 949, 950, 1250 to 1258, "
                "874, or 65001 (UTF-8)");
    return false;
}

/* Takes over the text's next unit. */
static bool add_text(struct reader *reader)
{
    if (reader->bytes && *reader->at >= REGFILE_BYTE + 0x80 && *reader->at < REGFILE_BYTE + 0x100)
        return fail_code_page(reader);
    if (*reader->at == 0)
        return fail(reader, "a NUL character in a name or a string");
    return add_unit(reader, *reader->at++);
}

static int hex_digit(uint16_t unit)
{
    if (unit >= '0' && unit <= '9')
        return unit - '0';
    if (unit >= 'a' && unit <= 'f')
        return unit - 'a' + 10;
    if (unit >= 'A' && unit <= 'F')
        return unit - 'A' + 10;
    return -1;
}

/* Reads 1 to `most` hexadecimal digits; false, without an error, where there are none or more. */
static bool take_hex(struct reader *reader, int most, uint32_t *number)
{
    int count = 0;
    *number = 0;
    for (int digit; (digit = hex_digit(peek(reader))) >= 0; reader->at++) {
        if (++count > most)
            return false;
        *number = *number << 4 | (uint32_t)digit;
    }
    return count > 0;
}

/* A quoted string, its opening quote read already, into `data`, with a final NUL. Newlines inside belong to it: regedit
 * writes those of a string's own as they are. */
static bool read_quoted(struct reader *reader)
{
    const uint16_t *opening = reader->at;
    reader->size = 0;
    while (peek(reader) != '"') {
        if (reader->at == reader->end) {
            reader->at = opening;
            return fail(reader, "a string without its closing quote");
        }
        if (*reader->at == '\\') {
            reader->at++;
            if (peek(reader) != '\\' && peek(reader) != '"')
                return fail(reader, "a backslash in a string has to be doubled or stand before a quote");
        }
        if (!add_text(reader))
            return false;
    }
    reader->at++;
    return add_unit(reader, 0);
}

/* What stands between the bytes of two lines: `\`, perhaps a comment, and then perhaps lines without any bytes. */
static bool continue_line(struct reader *reader)
{
    reader->at++;
    if (!end_line(reader))
        return false;
    for (skip_blanks(reader); at_newline(reader) || peek(reader) == ';'; skip_blanks(reader)) {
        if (reader->at == reader->end)
            return fail(reader, "the file ends in the middle of a value");
        skip_line(reader);
    }
    if (hex_digit(peek(reader)) < 0)
        return fail(reader, "a continued line has to begin with a byte");
    return true;
}

/* Bytes as in "01,02,\": a comma may end them. */
static bool read_bytes(struct reader *reader)
{
    reader->size = 0;
    skip_blanks(reader);
    while (!at_newline(reader) && peek(reader) != ';') {
        if (peek(reader) == '\\') {
            if (!continue_line(reader))
                return false;
            continue;
        }
        uint32_t byte;
        if (!take_hex(reader, 2, &byte))
            return fail(reader, "not a byte of one or two hexadecimal digits");
        if (!add_byte(reader, (uint8_t)byte))
            return false;
        skip_blanks(reader);
        if (peek(reader) != ',')
            break;
        reader->at++;
        skip_blanks(reader);
    }
    return end_line(reader);
}

/* Appends a string of UTF-8, without its NUL. */
static bool add_utf8(struct reader *reader, const char *utf8)
{
    size_t units;
    uint16_t *wide = text_to_utf16(utf8, &units);
    if (wide == NULL)
        return fail_memory(reader);
    const uint8_t *bytes = (const uint8_t *)wide;
    bool added = true;
    for (size_t i = 0; i < 2 * (units - 1) && added; i++)
        added = add_byte(reader, bytes[i]);
    free(wide);
    return added;
}

/* REGEDIT4 gives the bytes of strings as ANSI; the registry keeps UTF-16LE. A NUL ends each string of several. */
static bool widen(struct reader *reader)
{
    uint8_t *narrow = reader->data;
    size_t size = reader->size;
    reader->data = NULL;
    reader->size = reader->room = 0;
    bool added = true;
    for (size_t at = 0, length; at < size && added; at += length + 1) {
        const uint8_t *end = memchr(narrow + at, 0, size - at);
        char *utf8 = NULL;
        length = end == NULL ? size - at : (size_t)(end - narrow) - at;
        enum code_page_result result = code_page_to_utf8(reader->code_page, narrow + at, length, &utf8);
        if (result == CODE_PAGE_DONE)
            added = add_utf8(reader, utf8) && (end == NULL || add_unit(reader, 0));
        else
            added = result == CODE_PAGE_NO_MEMORY ? fail_memory(reader) : fail_code_page(reader);
        free(utf8);
    }
    free(narrow);
    return added;
}

static bool set_value(struct reader *reader, const char *name, uint32_t type)
{
    return reg_key_set(reader->key, name, type, reader->data, reader->size) || fail_memory(reader);
}

static bool read_dword(struct reader *reader, const char *name)
{
    uint32_t number;
    skip_blanks(reader);
    if (!take_hex(reader, 8, &number))
        return fail(reader, "dword: takes one to eight hexadecimal digits");
    reader->size = 0;
    for (int i = 0; i < 4; i++) {
        if (!add_byte(reader, (uint8_t)(number >> (8 * i))))
            return false;
    }
    return end_line(reader) && set_value(reader, name, REGTREE_DWORD);
}

static bool read_hex(struct reader *reader, const char *name)
{
    uint32_t type = REGTREE_BINARY;
    if (peek(reader) == '(') {
        reader->at++;
        if (!take_hex(reader, 8, &type) || peek(reader) != ')')
            return fail(reader, "not a value type of one to eight hexadecimal digits in hex(…)");
        reader->at++;
    }
    if (peek(reader) != ':')
        return fail(reader, "hex without its colon");
    reader->at++;
    if (!read_bytes(reader))
        return false;
    bool text = type == REGTREE_SZ || type == REGTREE_EXPAND_SZ || type == REGTREE_MULTI_SZ;
    if (text && reader->ansi && !widen(reader))
        return false;
    return set_value(reader, name, type);
}

static bool read_data(struct reader *reader, const char *name)
{
    if (take_word(reader, "\""))
        return read_quoted(reader) && end_line(reader) && set_value(reader, name, REGTREE_SZ);
    if (take_word(reader, "dword:"))
        return read_dword(reader, name);
    if (take_word(reader, "hex"))
        return read_hex(reader, name);
    if (!take_word(reader, "-"))
        return fail(reader, "no data of a known form behind the equals sign");
    reg_key_unset(reader->key, name);
    return end_line(reader);
}

/* "name"=data or @=data. */
static bool read_value(struct reader *reader)
{
    if (reader->key == NULL)
        return fail(reader, "a value that belongs to no key");
    reader->size = 0;
    if (*reader->at++ == '"' && !read_quoted(reader))
        return false;
    char *name = text_from_utf16(reader->data, reader->size / 2);
    if (name == NULL)
        return fail_memory(reader);
    skip_blanks(reader);
    bool ok = take_word(reader, "=") || fail(reader, "a value's name without an equals sign");
    if (ok) {
        skip_blanks(reader);
        ok = read_data(reader, name);
    }
    free(name);
    return ok;
}

/* Cuts the backslashes off a key path's end, as regedit does, and looks whether each of its names can be one. */
static const char *check_path(char *path)
{
    size_t length = strlen(path);
    while (length > 0 && path[length - 1] == '\\')
        path[--length] = '\0';
    if (path[0] == ' ' || path[0] == '\t')
        return "a key that begins with a blank";
    size_t depth = 1;
    for (const char *name = path;; depth++) {
        size_t name_length = strcspn(name, "\\");
        if (name_length == 0)
            return "a key with an empty name";
        if (name[name_length] == '\0')
            break;
        name += name_length + 1;
    }
    return depth > REGTREE_DEPTH_MAX ? "a key deeper than the registry's 512 levels" : NULL;
}

static void delete_key(struct reader *reader, char *path)
{
    char *name = strrchr(path, '\\');
    struct reg_key *parent = reader->root;
    if (name != NULL) {
        *name++ = '\0';
        parent = reg_key_find(reader->root, path);
    }
    if (parent != NULL)
        reg_key_remove(parent, name == NULL ? path : name);
    reader->key = NULL;
}

static bool enter_key(struct reader *reader, char *path)
{
    bool delete = path[0] == '-';
    path += delete;
    const char *fault = check_path(path);
    if (fault != NULL)
        return fail(reader, fault);
    if (delete) {
        delete_key(reader, path);
        return true;
    }
    reader->key = reg_key_make(reader->root, path);
    return reader->key != NULL || fail_memory(reader);
}

/* [path] or [-path]; the line's last bracket closes it, since names may have brackets. */
static bool read_key(struct reader *reader)
{
    const uint16_t *path = ++reader->at;
    const uint16_t *close = NULL;
    for (; !at_newline(reader); reader->at++) {
        if (*reader->at == ']')
            close = reader->at;
    }
    reader->at = path;
    if (close == NULL)
        return fail(reader, "a key without its closing bracket");
    reader->size = 0;
    while (reader->at < close) {
        if (!add_text(reader))
            return false;
    }
    char *text = text_from_utf16(reader->data, reader->size / 2);
    bool ok = text == NULL ? fail_memory(reader) : enter_key(reader, text);
    free(text);
    reader->at = close + 1;
    return ok && end_line(reader);
}

static bool read_line(struct reader *reader)
{
    skip_blanks(reader);
    switch (peek(reader)) {
    case '[':
        return read_key(reader);
    case '"':
    case '@':
        return read_value(reader);
    case ';':
    case '#': /* no comment to regedit, but ignored by it, and so used as one */
        skip_line(reader);
        return true;
    default:
        if (!at_newline(reader))
            return fail(reader, "neither a key, a value nor a comment");
        skip_line(reader);
        return true;
    }
}

static bool read_lines(struct reader *reader)
{
    while (reader->at < reader->end) {
        if (!read_line(reader))
            return false;
    }
    return true;
}

enum wsplsp_status regfile_read(const void *bytes, size_t size, const char *source, uint32_t *code_page,
                                struct reg_key **root, struct wsplsp_error *error)
{
    struct regfile_text text;
    enum wsplsp_status status = regfile_text_decode(bytes, size, source, *code_page, &text, error);
    if (status != WSPLSP_OK)
        return status;
    struct reader reader = {
        .start = text.units,
        .at = text.units + text.header,
        .end = text.units + text.count,
        .ansi = text.ansi,
        .bytes = text.bytes,
        .code_page = text.code_page,
        .source = source,
        .root = reg_key_new(""),
        .error = error,
    };
    bool ok = reader.root == NULL ? fail_memory(&reader) : read_lines(&reader);
    free(reader.data);
    free(text.units);
    if (!ok) {
        reg_key_free(reader.root);
        return error->status;
    }
    reg_key_compact(reader.root);
    *code_page = text.code_page;
    *root = reader.root;
    return WSPLSP_OK;
}
