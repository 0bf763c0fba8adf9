/* The text of a .reg file as UTF-16 units, whatever the file's own encoding: what regfile_read.c parses. */
#ifndef WSPLSP_CORE_REGISTRY_REGFILE_TEXT_H
#define WSPLSP_CORE_REGISTRY_REGFILE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lsp-core/base/error.h"

struct regfile_text {
    uint16_t *units; /* all of the text; for the caller to free */
    size_t count;
    size_t header;      /* the number of units that the header takes, without its line's end */
    bool ansi;          /* headed REGEDIT4: strings given in hexadecimal are ANSI */
    bool bytes;         /* the text itself is ANSI: units from REGFILE_BYTE on are bytes that could not be decided */
    uint32_t code_page; /* as given, or as the text tells; CODE_PAGE_UNKNOWN where neither does */
};

/* Unpaired surrogates, so that no character is taken for one. */
#define REGFILE_BYTE 0xDC00u

/* A comment before the first key, by which wsplsp notes the code page of the DLL paths that the file holds. */
#define REGFILE_CODE_PAGE_WORD "; code page: "

/* Decodes UTF-16LE with BOM, UTF-8 with or without, and ANSI, and checks the header. A code page that is given beats
 * what the text tells: in a comment, or, ANSI text only, by the registry key that holds it (layout_names.h). Other text
 * is read first, then searched for that key. */
enum wsplsp_status regfile_text_decode(const void *bytes, size_t size, const char *source, uint32_t code_page,
                                       struct regfile_text *text, struct wsplsp_error *error);

/* The line that begins with `word`, behind it, the first at or after unit `*at`; new. `*at` becomes the next line's.
 * NULL where there is none before the first key. False when out of memory. */
bool regfile_text_comment(const struct regfile_text *text, const char *word, size_t *at, char **line);

#endif
