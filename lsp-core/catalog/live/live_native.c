/* The running system's catalog where there is none: anywhere but on Windows. */
#include "lsp-core/catalog/source.h"

enum wsplsp_status source_load_live(struct wsplsp_snapshot **snapshot, struct wsplsp_error *error)
{
    (void)snapshot;
    wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NO_LIVE_CATALOG", "this system has no Winsock catalog of its own");
    return wsplsp_hint(error, "name a SYSTEM hive or a .reg export of a Windows system: --catalog FILE");
}
