/* The provider id that an LSP is made for, where its DLL exports GetLspGuid; see lsp-core/host/launch/ask_guid.h. */
#ifndef WSPLSP_CLI_CHANGE_LSP_GUID_H
#define WSPLSP_CLI_CHANGE_LSP_GUID_H

#include "lsp-core/base/guid.h"

/* Asks the DLL at that full path, which is for programs of `bits`. */
enum wsplsp_status lsp_guid_ask(const char *dll, int bits, struct wsplsp_guid *id, struct wsplsp_error *error);

#endif
