/* The running system as a store where there is none: anywhere but on Windows. */
#include "store.h"

#include "lsp-core/catalog/source.h"

enum wsplsp_status store_open_winsock(plan_new_id new_id, struct store **store, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *none;
    (void)new_id;
    (void)store;
    return source_load_live(&none, error); /* always the error that says what to do */
}
