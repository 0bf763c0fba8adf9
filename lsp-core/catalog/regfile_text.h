/* The text of a .reg file as UTF-16 units, whatever the file's own encoding: what regfile_read.c parses. */
#ifndef WSPLSP_REGFILE_TEXT_H
#define WSPLSP_REGFILE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wsplsp/error.h"

struct regfile_text {
    uint16_t *units; /* all of the text; for the caller to free */
    size_t count;
    size_t header; /* the number of units that the header takes, without its line's end */
    bool ansi;     /* headed REGEDIT4: strings given in hexadecimal are ANSI */
};

/* Decodes UTF-16LE with BOM, UTF-8 with or without, and ANSI (Windows-1252), and checks the header. */
enum wsplsp_status regfile_text_decode(const void *bytes, size_t size, const char *source, struct regfile_text *text,
                                       struct wsplsp_error *error);

#endif
