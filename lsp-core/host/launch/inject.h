/* Loads the host's DLL into another process of this process's own bitness and starts it there; see launch_inject for
 * either bitness. */
#ifndef WSPLSP_CORE_HOST_LAUNCH_INJECT_H
#define WSPLSP_CORE_HOST_LAUNCH_INJECT_H

#include <stdbool.h>

#include "lsp-core/win/winsock.h"
#include "lsp-core/base/error.h"

#define INJECT_HOST   L"wsplsp-host.dll"   /* in the folders that struct config names */
#define INJECT_HELPER L"wsplsp-inject.exe" /* likewise: injects on behalf of a process of the other bitness */

/* How long the process has to load and start the host, in milliseconds: a DLL of its own that waits for its creator
 * would wait for ever, for the creator waits here. */
extern DWORD inject_limit;

/* The name of the error that it was not enough. The process goes on without the host. */
#define INJECT_TIMED_OUT "TIMED_OUT"

/* Needs config_create or config_attach to have been called. */
enum wsplsp_status inject(HANDLE process, bool first, struct wsplsp_error *error);

/* What a helper is to do, in an unnamed section. Its command line is the decimal numbers of the process that sent for
 * it and of that process's handle of the section. All else is said in the helper's own handles. */
struct inject_order {
    uint32_t process;
    uint32_t section, mutex, report; /* as in struct host_start */
    uint32_t first;
    struct wsplsp_error answer; /* the same layout on both sides: no pointers in it */
};

#endif
