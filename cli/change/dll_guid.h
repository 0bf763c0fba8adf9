/* The provider id that a layer's DLLs are made for. An LSP finds its own entries by the id that is built into it, so
 * that under another one most do not start; see lsp_guid.h. */
#ifndef WSPLSP_CLI_CHANGE_DLL_GUID_H
#define WSPLSP_CLI_CHANGE_DLL_GUID_H

#include <stdbool.h>

#include "perform.h"

/* Asks the DLLs for the 64-bit and the 32-bit catalog (NULL: none), which have passed dll_check_pair; `*told` is false
 * where neither tells. With `given`, the id that they are to have: only warns, where they are made for another. DLLs of
 * another system (--root) are never run, and so not asked. */
enum wsplsp_status dll_guid_ask(struct change_context *context, const char *dll64, const char *dll32,
                                const struct wsplsp_guid *given, struct wsplsp_guid *id, bool *told,
                                struct wsplsp_error *error);

#endif
