/* A DLL that the program of `wsplsp run` is to load: whether it can be one at all, and of which bitness. Loading it is
 * left to that program's own process. */
#ifndef WSPLSP_CORE_DLLS_DLL_FILE_H
#define WSPLSP_CORE_DLLS_DLL_FILE_H

#include <stdbool.h>

#include "lsp-core/base/error.h"

struct dll_kind {
    const char *what;    /* "layer": for messages */
    const char *export;  /* what it has to export */
    const char *missing; /* the error's name where it does not, and what it is not then */
    const char *is_no;
};

struct dll_facts {
    int bits;              /* 64 or 32 */
    bool exports_lsp_guid; /* GetLspGuid, see lsp_guid.h */
};

enum wsplsp_status dll_file_look(const char *path, const struct dll_kind *kind, struct dll_facts *facts,
                                 struct wsplsp_error *error);

#endif
