/* A growing run of bytes: all output is rendered into one and written once, so that a failing write is seen. */
#ifndef WSPLSP_CLI_BASE_BUFFER_H
#define WSPLSP_CLI_BASE_BUFFER_H

#include <stddef.h>

#include "lsp-core/base/error.h"

struct buffer {
    char *bytes;
    size_t size;
    size_t room;
};

void buffer_free(struct buffer *buffer);
void buffer_put(struct buffer *buffer, const char *bytes, size_t size);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_format(struct buffer *buffer, const char *format, ...) WSPLSP_PRINTF(2, 3);
void buffer_blanks(struct buffer *buffer, size_t count);

#endif
