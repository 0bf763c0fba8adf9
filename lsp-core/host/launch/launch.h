/* Starts a process with the host in it: suspended, the host's DLL loaded and started by threads of their own, and only
 * then let go. Used by the command line tool and, for children, by the host itself. */
#ifndef WSPLSP_CORE_HOST_LAUNCH_LAUNCH_H
#define WSPLSP_CORE_HOST_LAUNCH_LAUNCH_H

#include <stdbool.h>

#include "lsp-core/win/winsock.h"
#include "lsp-core/base/error.h"

/* Runs `program` (a full path) with the command line as it stands, this process's streams, folder and environment, and
 * waits for it. config_create has been called. On any failure, whose status is WSPLSP_SYSTEM, no instruction at the
 * program's entry or behind it has run. Ctrl-C is left to the program. */
enum wsplsp_status launch_run(const wchar_t *program, wchar_t *command_line, DWORD *exit_code,
                              struct wsplsp_error *error);

/* Puts the host into a process whose first thread has not yet run, of either bitness. `first` as in struct host_start.
 * On failure the process goes on as it would have without, or has ended. */
enum wsplsp_status launch_inject(HANDLE process, bool first, struct wsplsp_error *error);

#endif
