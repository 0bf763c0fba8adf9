/* Children that their program has made suspended: it may still write into them, change their context or their token,
 * and gets a process that has not run. They get the host when it lets them go. */
#ifndef WSPLSP_CORE_HOST_SUSPENDED_H
#define WSPLSP_CORE_HOST_SUSPENDED_H

#include <stdbool.h>
#include <stddef.h>

#include "lsp-core/host/redirect/redirect.h"

/* The functions that let a process go, to be redirected with the others. */
extern const struct redirect_export suspended_exports[];
extern const size_t suspended_export_count;

/* Fetches the system's own functions; before anything is redirected. */
void suspended_load(void);

/* Remembers a new child; false where it has to be hosted now, or never will be. Keeps the last error. */
bool suspended_remember(const PROCESS_INFORMATION *child);

#endif
