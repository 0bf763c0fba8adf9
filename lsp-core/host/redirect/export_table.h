/* Replaces functions in a loaded module's export table, and adds names that it lacks. */
#ifndef WSPLSP_CORE_HOST_REDIRECT_EXPORT_TABLE_H
#define WSPLSP_CORE_HOST_REDIRECT_EXPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "lsp-core/win/winsock.h"

/* One function in one module. */
struct export_target {
    const char *name; /* NULL: by ordinal */
    WORD ordinal;
    FARPROC replacement;
    FARPROC original; /* what the module exported; NULL for a forwarder, and for what it did not export */
    FARPROC exposed;  /* what it exports now: the replacement, or a jump to it; NULL where nothing was replaced */
    bool shared;      /* other exports of the module have the same original */
};

/* Fills in each target and changes the table, through patch.h; with `add`, names that are missing are added, otherwise
 * left alone. False, with GetLastError, when something failed: what has been changed is in patch.h's journal. */
bool export_table_redirect(HMODULE module, struct export_target *targets, size_t count, bool add);

#endif
