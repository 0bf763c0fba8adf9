/* What the API functions of the host need of its other parts, as small as it can be, so that they can be tested alone:
 * a catalog in memory, and upcalls that only register handles. */
#ifndef TESTS_WIN_HOST_FAKES_H
#define TESTS_WIN_HOST_FAKES_H

#include "lsp-core/win/winsock.h"

#include "lsp-core/catalog/catalog.h"

/* The catalog that this process sees; empty at first, and to be filled before a thread uses it. */
struct wsplsp_catalog *fakes_catalog(void);
struct wsplsp_snapshot *fakes_snapshot(void);

/* Appends an entry; its provider id is its catalog id, and `dll` may be NULL. Ends the program when out of memory. */
struct wsplsp_entry *fakes_entry(DWORD id, int chain_len, const DWORD *chain, int family, int type, int protocol,
                                 const char *dll);

#endif
