/* What a changing command changes; see target.h. */
#include "target.h"

#include <string.h>

#include "lsp-core/catalog/live/input.h"
#include "lsp-core/base/guid.h"

bool change_new_id(struct wsplsp_guid *id)
{
    struct wsplsp_error ignored;
    return new_guid(id, &ignored) == WSPLSP_OK;
}

enum wsplsp_status target_open(const struct options *options, struct change_target **target, struct wsplsp_error *error)
{
    *target = NULL;
    if (options->catalog == NULL)
        return change_open_system(change_new_id, target, error);
    if (strcmp(options->catalog, "-") != 0)
        return change_open_file(options->catalog, options->code_page, change_new_id, target, error);
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "a catalog from standard input cannot be changed");
    return wsplsp_hint(error, "name a .reg file; 'wsplsp catalog new' makes one");
}

enum wsplsp_status target_load(const struct options *options, bool changes, struct change_target **target,
                               struct wsplsp_snapshot **snapshot, struct wsplsp_error *error)
{
    enum wsplsp_status status = target_open(options, target, error);
    if (status == WSPLSP_OK && changes)
        status = change_check(*target, error);
    if (status == WSPLSP_OK)
        return change_load(*target, snapshot, error);
    if (!changes && options->catalog != NULL && (status == WSPLSP_REFUSED || status == WSPLSP_USAGE))
        return input_load(options->catalog, options->code_page, snapshot, error);
    return status;
}
