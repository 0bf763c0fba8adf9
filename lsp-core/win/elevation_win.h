/* Whether this process may change the running system's catalog. elevation_win.c. */
#ifndef WSPLSP_CORE_WIN_ELEVATION_WIN_H
#define WSPLSP_CORE_WIN_ELEVATION_WIN_H

#include "lsp-core/base/error.h"

/* WSPLSP_DENIED with how to get the rights, for a process that is not run as an administrator. Asks the calling
 * thread's token, which counts for a group that User Account Control has taken away. */
enum wsplsp_status elevation_check(struct wsplsp_error *error);

#endif
