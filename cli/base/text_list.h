/* Sentences that are gathered to be shown at the end: warnings of one command. */
#ifndef WSPLSP_CLI_BASE_TEXT_LIST_H
#define WSPLSP_CLI_BASE_TEXT_LIST_H

#include <stddef.h>

#include "lsp-core/base/error.h"

/* All zero: empty. */
struct text_list {
    char **texts;
    size_t count;
};

void text_list_add(struct text_list *list, const char *format, ...) WSPLSP_PRINTF(2, 3);
void text_list_free(struct text_list *list);

#endif
