/* Conversions between UTF-8 and UTF-16LE, which is what Windows stores nearly everywhere (else: code_page.h). */
#ifndef WSPLSP_CORE_BASE_TEXT_H
#define WSPLSP_CORE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* UTF-16 units (host order, read byte by byte so that alignment does not matter) up to `units` or the first NUL, as a
 * new UTF-8 string; unpaired surrogates become U+FFFD. NULL when out of memory. */
char *text_from_utf16(const void *utf16le, size_t units);

/* The UTF-16LE form of a UTF-8 string with its final NUL, `*units` (NUL included) long; malformed bytes become U+FFFD.
 * NULL when out of memory. */
uint16_t *text_to_utf16(const char *utf8, size_t *units);

/* Reads one character of UTF-8, `size` (at least 1) bytes of which are there; returns its length in bytes, or 0 where
 * they are malformed. */
size_t text_next_utf8(const void *utf8, size_t size, uint32_t *point);

/* Writes one character as one or two UTF-16LE units and returns how many. */
size_t text_put_utf16(void *utf16le, uint32_t point);

/* strcasecmp for ASCII, the same on every system and in every locale. */
int text_compare_nocase(const char *a, const char *b);
int text_compare_nocase_n(const char *a, const char *b, size_t length);

/* Whether it is a decimal number of 32 bits, such as a catalog id, and nothing else. */
bool text_is_number(const char *text, uint32_t *number);

char *text_duplicate(const char *text);
/* printf into a new string; NULL when out of memory. */
char *text_format(const char *format, ...) WSPLSP_PRINTF(1, 2);

#endif
