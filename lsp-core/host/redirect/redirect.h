/* Puts functions of the host in the place of the system's, for all of this process: in the import tables of modules
 * already loaded and in the export tables that GetProcAddress and the loader read for everything that comes later. */
#ifndef WSPLSP_CORE_HOST_REDIRECT_REDIRECT_H
#define WSPLSP_CORE_HOST_REDIRECT_REDIRECT_H

#include <stddef.h>
#include <stdint.h>

#include "lsp-core/win/winsock.h"
#include "lsp-core/base/error.h"

/* One function to replace. A name that the system's ws2_32.dll does not export is added to it, so that a program finds
 * the whole documented interface also on a system that lacks a part of it; in other DLLs it is left out. */
struct redirect_export {
    const char *module;  /* "ws2_32.dll". "kernel32.dll" means kernelbase.dll as well, to which api-ms-win-* leads */
    const char *name;    /* NULL for an export by ordinal alone */
    uint16_t ordinal;    /* used where `name` is NULL; otherwise it may be 0 */
    FARPROC replacement; /* never NULL */
};

/* Redirects all of `table`, which has to stay, or nothing. Call it once, from no DllMain, after the host has taken the
 * addresses that it needs itself: afterwards GetProcAddress gives the replacements to the host, too. Modules named in
 * the table and the host keep their own imports, so what they call is the system's. A module of the table that is not
 * loaded yet is redirected when it comes. */
enum wsplsp_status redirect_install(const struct redirect_export *table, size_t count, struct wsplsp_error *error);

/* Puts everything back that nobody has changed since. The jumps stay: a program may have kept their addresses. */
void redirect_remove(void);

#endif
