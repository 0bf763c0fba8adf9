/* What of code pages is the same on every system; see code_page.h. */
#include "code_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code_page_part.h"
#include "text.h"

#define CODE_PAGE_UTF8 65001u

/* "Code Page Identifiers" in Microsoft's reference: the ANSI ones, and UTF-8, which a Windows 10 can have instead. */
static const uint16_t ansi_pages[] = {874,  932,  936,  949,  950,  1250, 1251,          1252,
                                      1253, 1254, 1255, 1256, 1257, 1258, CODE_PAGE_UTF8};

bool code_page_is_known(uint32_t page)
{
    for (size_t i = 0; i < sizeof ansi_pages / sizeof ansi_pages[0]; i++) {
        if (ansi_pages[i] == page)
            return page == CODE_PAGE_UTF8 || code_page_convertible(page);
    }
    return false;
}

bool code_page_parse(const char *text, uint32_t *page)
{
    uint32_t number;
    if (!text_is_number(text, &number) || !code_page_is_known(number))
        return false;
    *page = number;
    return true;
}

static bool is_ascii(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)bytes[i] >= 0x80)
            return false;
    }
    return true;
}

bool code_page_is_ascii(const char *text)
{
    return is_ascii(text, strlen(text));
}

static bool is_utf8(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size;) {
        uint32_t point;
        size_t length = text_next_utf8(bytes + i, size - i, &point);
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}

static enum code_page_result copy(const char *bytes, size_t size, char **utf8)
{
    char *text = malloc(size + 1);
    if (text == NULL)
        return CODE_PAGE_NO_MEMORY;
    if (size > 0)
        memcpy(text, bytes, size);
    text[size] = '\0';
    *utf8 = text;
    return CODE_PAGE_DONE;
}

enum code_page_result code_page_to_utf8(uint32_t page, const void *bytes, size_t size, char **utf8)
{
    if (is_ascii(bytes, size) || (page == CODE_PAGE_UTF8 && is_utf8(bytes, size)))
        return copy(bytes, size, utf8);
    if (page == CODE_PAGE_UTF8 || !code_page_is_known(page))
        return CODE_PAGE_REFUSED;
    return code_page_decode(page, bytes, size, utf8);
}

static int hex_digit(char digit)
{
    return digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* The byte that "<8f>" at the beginning of the text stands for, or -1. */
static int undecided_byte(const char *text)
{
    if (text[0] != '<' || hex_digit(text[1]) < 0 || hex_digit(text[2]) < 0 || text[3] != '>')
        return -1;
    return hex_digit(text[1]) << 4 | hex_digit(text[2]);
}

bool code_page_is_undecided(const char *path)
{
    for (; *path != '\0'; path++) {
        if (undecided_byte(path) >= 0)
            return true;
    }
    return false;
}

/* What follows a byte beyond ASCII may be the second one of a character: 0x5C is no backslash then. */
static char *show_bytes(const uint8_t *bytes, size_t size)
{
    char *text = malloc(4 * size + 1);
    char *at = text;
    bool behind = false;
    for (size_t i = 0; i < size && text != NULL; i++) {
        bool shown = bytes[i] >= 0x80 || behind || bytes[i] == '<';
        at += shown ? sprintf(at, "<%02x>", bytes[i]) : sprintf(at, "%c", bytes[i]);
        behind = bytes[i] >= 0x80;
    }
    return text;
}

char *code_page_read_path(uint32_t page, const void *bytes, size_t size)
{
    const char *end = memchr(bytes, 0, size);
    size_t length = end == NULL ? size : (size_t)(end - (const char *)bytes);
    char *path = NULL;
    enum code_page_result result = code_page_to_utf8(page, bytes, length, &path);
    if (result == CODE_PAGE_NO_MEMORY || (result == CODE_PAGE_DONE && !code_page_is_undecided(path)))
        return path;
    free(path);
    return length == 0 ? text_duplicate("") : show_bytes(bytes, length);
}

static enum code_page_result write_undecided(const char *path, char *bytes, size_t size)
{
    size_t at = 0;
    while (*path != '\0' && at < size) {
        int byte = undecided_byte(path);
        if (byte <= 0 && (unsigned char)*path >= 0x80)
            return CODE_PAGE_REFUSED;
        bytes[at++] = byte > 0 ? (char)byte : *path;
        path += byte > 0 ? 4 : 1;
    }
    if (at >= size)
        return CODE_PAGE_REFUSED;
    bytes[at] = '\0';
    return CODE_PAGE_DONE;
}

/* Converts, and looks whether the result means the same: no system may put a similar character in another's place. */
static enum code_page_result convert(uint32_t page, const char *path, char **bytes)
{
    size_t size = strlen(path);
    char *again = NULL;
    if (code_page_is_ascii(path) || (page == CODE_PAGE_UTF8 && is_utf8(path, size)))
        return copy(path, size, bytes);
    if (page == CODE_PAGE_UTF8 || !code_page_is_known(page) || !is_utf8(path, size))
        return CODE_PAGE_REFUSED;
    enum code_page_result result = code_page_encode(page, path, bytes);
    if (result != CODE_PAGE_DONE)
        return result;
    result = code_page_to_utf8(page, *bytes, strlen(*bytes), &again);
    if (result == CODE_PAGE_DONE && strcmp(again, path) != 0)
        result = CODE_PAGE_REFUSED;
    free(again);
    if (result != CODE_PAGE_DONE)
        free(*bytes);
    return result;
}

enum code_page_result code_page_write_path(uint32_t page, const char *path, char *bytes, size_t size)
{
    if (code_page_is_undecided(path))
        return write_undecided(path, bytes, size);
    char *stored = NULL;
    enum code_page_result result = convert(page, path, &stored);
    if (result != CODE_PAGE_DONE)
        return result;
    if (strlen(stored) < size)
        memcpy(bytes, stored, strlen(stored) + 1);
    else
        result = CODE_PAGE_REFUSED;
    free(stored);
    return result;
}
