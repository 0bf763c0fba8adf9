/* Asking an LSP for its provider id; see lsp_guid.h. */
#include "lsp_guid.h"

#include <stdlib.h>

#include "lsp-core/host/launch/ask_guid.h"
#include "cli/base/own_layer.h"

enum wsplsp_status lsp_guid_ask(const char *dll, int bits, struct wsplsp_guid *id, struct wsplsp_error *error)
{
    char *helper;
    if (bundled_helper(bits, &helper, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = ask_guid(helper, dll, id, error);
    free(helper);
    return status;
}
