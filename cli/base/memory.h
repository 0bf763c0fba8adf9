/* Allocation for the command line tool: it cannot go on without memory, so these end the program (status 6) instead of
 * failing. Everything is for the caller to free(). */
#ifndef WSPLSP_CLI_BASE_MEMORY_H
#define WSPLSP_CLI_BASE_MEMORY_H

#include <stddef.h>

#include "lsp-core/base/error.h"

/* From now on "out of memory" is said as a JSON object on standard output. */
void memory_report_json(void);

void *memory_alloc(size_t size); /* zeroed */
void *memory_grow(void *block, size_t size);
/* What a library function has allocated, which gives NULL where there is no memory. */
void *memory_given(void *block);
char *memory_text(const char *text);
char *memory_text_n(const char *text, size_t size);
char *memory_format(const char *format, ...) WSPLSP_PRINTF(1, 2);

#endif
