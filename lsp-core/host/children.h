/* The functions of kernel32 and advapi32 that make processes: each child gets the host before it runs. */
#ifndef WSPLSP_CORE_HOST_CHILDREN_H
#define WSPLSP_CORE_HOST_CHILDREN_H

#include <stddef.h>

#include "lsp-core/host/redirect/redirect.h"

/* Puts the host into a child that has not run yet; says it and reports it where that cannot be done. */
void children_host(HANDLE process, DWORD id);

/* To be redirected with the others. */
extern const struct redirect_export children_exports[];
extern const size_t children_export_count;

#endif
