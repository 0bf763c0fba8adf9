/* A step, done to a snapshot: what the function that it names does to a catalog (lsp-core/catalog/edit.h); see
 * plan.h. */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/edit.h"
#include "part.h"
#include "lsp-core/registry/regtree.h"
#include "lsp-core/base/text.h"

_Static_assert(PLAN_64 == CATALOG_EDIT_64 && PLAN_32 == CATALOG_EDIT_32, "the same sets of catalogs");

static const char *reason(enum catalog_edit_result result)
{
    switch (result) {
    case CATALOG_EDIT_NO_CATALOG:
        return "there is no such catalog";
    case CATALOG_EDIT_BAD_PATH:
        return "the DLL's path is empty, too long (MAX_PATH), or has characters that the catalog cannot hold";
    case CATALOG_EDIT_BAD_NAME:
        return "the name is empty or too long (WSAPROTOCOL_LEN)";
    case CATALOG_EDIT_INSTALLED:
        return "the provider id is in the catalog already";
    case CATALOG_EDIT_NAME_TAKEN:
        return "the name is in the catalog already";
    case CATALOG_EDIT_UNKNOWN:
        return "there is no such entry";
    case CATALOG_EDIT_CHAIN_TOO_LONG:
        return "the chain would be longer than MAX_PROTOCOL_CHAIN (7)";
    case CATALOG_EDIT_NO_ID:
        return "the system gave no random numbers for a provider id";
    default:
        return "the arguments do not fit the catalog";
    }
}

static enum wsplsp_status result_of(enum catalog_edit_result result, const struct plan_step *step,
                                    struct wsplsp_error *error)
{
    if (result == CATALOG_EDIT_DONE)
        return WSPLSP_OK;
    if (result == CATALOG_EDIT_NO_MEMORY)
        return wsplsp_fail_memory(error);
    return wsplsp_fail(error, WSPLSP_REFUSED, 0, "IMPOSSIBLE", "%s would fail: %s", step->function, reason(result));
}

/* As WSCSetApplicationCategory's page has it, the program is known by its path and arguments; Windows paths mean the
 * same in any case. */
static bool same_path(const char *stored, const char *path)
{
    return text_compare_nocase(stored, path) == 0;
}

static enum catalog_edit_result forget_application(struct wsplsp_snapshot *snapshot, const struct plan_step *step)
{
    const struct wsplsp_application *found =
        catalog_edit_find_application(snapshot, step->path, step->arguments, same_path);
    if (found == NULL)
        return CATALOG_EDIT_UNKNOWN;
    struct wsplsp_application *gone = &snapshot->applications[found - snapshot->applications];
    free(gone->key);
    free(gone->undecoded);
    free(gone->path);
    free(gone->arguments);
    reg_key_free(gone->origin);
    size_t behind = (size_t)(snapshot->applications + snapshot->application_count - (gone + 1));
    memmove(gone, gone + 1, behind * sizeof *gone);
    snapshot->application_count--;
    return CATALOG_EDIT_DONE;
}

static enum catalog_edit_result install_layer(const struct plan_step *step, const struct plan_call *call,
                                              struct wsplsp_snapshot *snapshot, plan_new_id new_id)
{
    struct catalog_edit_protocol *over = calloc(call->info_count + 1, sizeof *over);
    if (over == NULL)
        return CATALOG_EDIT_NO_MEMORY;
    for (size_t i = 0; i < call->info_count; i++)
        over[i] =
            (struct catalog_edit_protocol){call->infos[i].family, call->infos[i].socket_type, call->infos[i].protocol};
    bool both = step->catalogs == (PLAN_64 | PLAN_32);
    const struct catalog_edit_layer layer = {
        .id = step->provider_id,
        .dll64 = step->dll,
        .dll32 = both ? step->dll32 : step->dll,
        .name = step->name,
        .service_flags = step->service_flags,
        .over = over,
        .over_count = call->info_count,
        .new_id = new_id,
    };
    enum catalog_edit_result result = catalog_edit_install_layer(snapshot, step->catalogs, &layer, NULL);
    free(over);
    return result;
}

static enum catalog_edit_result install_name_space(const struct plan_step *step, struct wsplsp_snapshot *snapshot,
                                                   int bits)
{
    const struct catalog_edit_name_space name_space = {
        .id = step->provider_id,
        .name = step->name,
        .dll = step->dll,
        .name_space = step->name_space,
        .version = step->version,
        .info = step->info,
        .info_size = step->info_size,
    };
    return catalog_edit_install_name_space(snapshot, bits, &name_space);
}

static enum catalog_edit_result do_to_entries(const struct plan_step *step, const struct plan_call *call,
                                              struct wsplsp_snapshot *snapshot, int bits, plan_new_id new_id)
{
    const struct catalog_edit_provider provider = {call->provider_id, step->dll, call->infos, call->info_count};
    switch (step->action) {
    case PLAN_INSTALL_LAYER:
        return install_layer(step, call, snapshot, new_id);
    case PLAN_INSTALL:
        return catalog_edit_install(snapshot, step->catalogs, &provider);
    case PLAN_UPDATE:
        return catalog_edit_update(snapshot, bits, &provider);
    case PLAN_REMOVE:
        return catalog_edit_remove(snapshot, bits, &call->provider_id);
    case PLAN_ORDER:
        return catalog_edit_order(snapshot, bits, call->ids, call->id_count);
    default:
        return catalog_edit_set_categories(snapshot, bits, &step->provider_id, step->categories);
    }
}

static enum catalog_edit_result do_to_rest(const struct plan_step *step, struct wsplsp_snapshot *snapshot, int bits)
{
    uint32_t permitted;
    switch (step->action) {
    case PLAN_PERMIT_APPLICATION:
        return catalog_edit_permit(snapshot, step->path, step->arguments, step->categories, same_path, &permitted);
    case PLAN_FORGET_APPLICATION:
        return forget_application(snapshot, step);
    case PLAN_INSTALL_NAME_SPACE:
        return install_name_space(step, snapshot, bits);
    case PLAN_REMOVE_NAME_SPACE:
        return catalog_edit_remove_name_space(snapshot, bits, &step->provider_id);
    case PLAN_ENABLE_NAME_SPACE:
        return catalog_edit_enable_name_space(snapshot, bits, &step->provider_id, step->enabled);
    default:
        return catalog_edit_order_name_spaces(snapshot, bits, step->name_space_order, step->name_space_order_count);
    }
}

enum wsplsp_status plan_step_apply(const struct plan_step *step, struct wsplsp_snapshot *snapshot, plan_new_id new_id,
                                   struct wsplsp_error *error)
{
    struct plan_call call;
    enum wsplsp_status status = plan_step_bind(step, snapshot, &call, error);
    if (status != WSPLSP_OK)
        return status;
    int bits = (step->catalogs & PLAN_64) != 0 ? 64 : 32;
    enum catalog_edit_result result = step->action <= PLAN_SET_CATEGORIES
                                          ? do_to_entries(step, &call, snapshot, bits, new_id)
                                          : do_to_rest(step, snapshot, bits);
    plan_call_free(&call);
    return result_of(result, step, error);
}
