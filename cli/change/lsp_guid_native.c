/* Asking an LSP for its provider id, where its DLL cannot be loaded; see lsp_guid.h. */
#include "lsp_guid.h"

enum wsplsp_status lsp_guid_ask(const char *dll, int bits, struct wsplsp_guid *id, struct wsplsp_error *error)
{
    (void)bits;
    (void)id;
    wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NOT_WINDOWS", "'%.300s' can be asked for its provider id on Windows only",
                dll);
    return wsplsp_hint(error, "give the id that the layer is made for");
}
