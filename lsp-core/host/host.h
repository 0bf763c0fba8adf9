/* The host's entry: what the launcher calls in a new process. */
#ifndef WSPLSP_CORE_HOST_HOST_H
#define WSPLSP_CORE_HOST_HOST_H

#include "lsp-core/host/launch/config.h"
#include "lsp-core/win/winsock.h"

/* The thread function that the launcher starts in the new process once the DLL has been loaded. Its result is the
 * answer's status; the rest of the answer is in `start`. */
__declspec(dllexport) DWORD WINAPI wsplsp_host_start(struct host_start *start);

#endif
