/* The steps from the plan's `after` to the goal, for name space providers; see part.h. Each catalog has functions
 * of its own, so each is a list by itself. */
#include "part.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/edit.h"
#include "lsp-core/base/text.h"

size_t plan_find_name_space(const struct wsplsp_catalog *catalog, const struct wsplsp_guid *id)
{
    for (size_t i = 0; i < catalog->name_space_count; i++) {
        if (catalog->name_spaces[i].undecoded == NULL && wsplsp_guid_equal(&catalog->name_spaces[i].provider_id, id))
            return i;
    }
    return PLAN_NONE;
}

struct functions {
    const char *install, *install_with_info, *remove, *enable, *order;
};

static const struct functions *functions_for(const struct planner *planner, int bits)
{
    static const struct functions plain = {"WSCInstallNameSpace", "WSCInstallNameSpaceEx", "WSCUnInstallNameSpace",
                                           "WSCEnableNSProvider", "WSCWriteNameSpaceOrder"};
    static const struct functions other = {"WSCInstallNameSpace32", "WSCInstallNameSpaceEx32",
                                           "WSCUnInstallNameSpace32", "WSCEnableNSProvider32",
                                           "WSCWriteNameSpaceOrder32"};
    return plan_is_plain(planner->plan->after, bits) ? &plain : &other;
}

static const char *where(const struct wsplsp_catalog *catalog)
{
    return plan_catalog_name(plan_bit(catalog->bits));
}

static enum wsplsp_status remove_one(struct planner *planner, const struct wsplsp_catalog *catalog, size_t index)
{
    const struct wsplsp_name_space *name_space = &catalog->name_spaces[index];
    struct plan_step step = {
        .action = PLAN_REMOVE_NAME_SPACE,
        .function = functions_for(planner, catalog->bits)->remove,
        .words = text_format("Remove the name space provider '%s' from %s", name_space->name, where(catalog)),
        .catalogs = plan_bit(catalog->bits),
        .provider_id = name_space->provider_id,
    };
    return planner_add(planner, &step);
}

static enum wsplsp_status enable_one(struct planner *planner, const struct wsplsp_name_space *wanted)
{
    const struct wsplsp_catalog *catalog = plan_catalog(planner->plan->after, wanted->bits);
    struct plan_step step = {
        .action = PLAN_ENABLE_NAME_SPACE,
        .function = functions_for(planner, wanted->bits)->enable,
        .words = text_format("%s the name space provider '%s' in %s", wanted->enabled ? "Enable" : "Disable",
                             wanted->name, where(catalog)),
        .catalogs = plan_bit(wanted->bits),
        .provider_id = wanted->provider_id,
        .enabled = wanted->enabled,
    };
    return planner_add(planner, &step);
}

static bool copy_info(struct plan_step *step, const struct wsplsp_name_space *wanted)
{
    const void *info = catalog_edit_name_space_info(wanted, &step->info_size);
    if (info == NULL)
        return true;
    step->info = malloc(step->info_size);
    if (step->info != NULL)
        memcpy(step->info, info, step->info_size);
    return step->info != NULL;
}

static enum wsplsp_status install_one(struct planner *planner, const struct wsplsp_name_space *wanted)
{
    if (wanted->dll == NULL)
        return planner->lenient ? planner_warn(planner,
                                               "The name space provider '%s' cannot be installed: its DLL is "
                                               "not known",
                                               wanted->name)
                                : wsplsp_fail(planner->error, WSPLSP_REFUSED, 0, "DLL_UNKNOWN",
                                              "the DLL of '%.200s' is not known", wanted->name);
    struct plan_step step = {
        .action = PLAN_INSTALL_NAME_SPACE,
        .words = text_format("Install the name space provider '%s' in %s: %s", wanted->name,
                             plan_catalog_name(plan_bit(wanted->bits)), wanted->dll),
        .catalogs = plan_bit(wanted->bits),
        .provider_id = wanted->provider_id,
        .dll = text_duplicate(wanted->dll),
        .name = text_duplicate(wanted->name_raw),
        .name_space = wanted->name_space,
        .version = wanted->version,
    };
    if (step.dll == NULL || step.name == NULL || !copy_info(&step, wanted)) {
        plan_step_clear(&step);
        return wsplsp_fail_memory(planner->error);
    }
    const struct functions *functions = functions_for(planner, wanted->bits);
    step.function = step.info != NULL ? functions->install_with_info : functions->install;
    enum wsplsp_status status = planner_add(planner, &step);
    return status == WSPLSP_OK && !wanted->enabled ? enable_one(planner, wanted) : status;
}

/* Whether only installing it anew makes the one into the other. */
static bool is_other(const struct wsplsp_name_space *is, const struct wsplsp_name_space *wanted)
{
    bool renamed = strcmp(is->name_raw, wanted->name_raw) != 0 && strcmp(is->name, wanted->name) != 0;
    bool moved = is->dll != NULL && wanted->dll != NULL && text_compare_nocase(is->dll, wanted->dll) != 0;
    return renamed || moved || is->name_space != wanted->name_space || is->version != wanted->version;
}

static enum wsplsp_status order_all(struct planner *planner, const struct wsplsp_catalog *goal)
{
    const struct wsplsp_catalog *after = plan_catalog(planner->plan->after, goal->bits);
    struct plan_step step = {
        .action = PLAN_ORDER_NAME_SPACES,
        .function = functions_for(planner, goal->bits)->order,
        .words = text_format("Write the new order of the name space providers of %s", where(goal)),
        .catalogs = plan_bit(goal->bits),
        .name_space_order = calloc(after->name_space_count + 1, sizeof *step.name_space_order),
    };
    bool differs = false;
    for (size_t i = 0; step.name_space_order != NULL && i < goal->name_space_count; i++) {
        const struct wsplsp_guid *id = &goal->name_spaces[i].provider_id;
        if (goal->name_spaces[i].undecoded == NULL && plan_find_name_space(after, id) != PLAN_NONE &&
            step.name_space_order_count < after->name_space_count)
            step.name_space_order[step.name_space_order_count++] = *id;
    }
    for (size_t i = 0, next = 0; step.name_space_order != NULL && i < after->name_space_count; i++) {
        if (after->name_spaces[i].undecoded == NULL && next < step.name_space_order_count)
            differs = !wsplsp_guid_equal(&after->name_spaces[i].provider_id, &step.name_space_order[next++]) || differs;
    }
    if (step.name_space_order == NULL || step.words == NULL) {
        plan_step_clear(&step);
        return wsplsp_fail_memory(planner->error);
    }
    if (differs)
        return planner_add(planner, &step);
    plan_step_clear(&step);
    return WSPLSP_OK;
}

static enum wsplsp_status reach_one(struct planner *planner, const struct wsplsp_name_space *wanted)
{
    const struct wsplsp_catalog *after = plan_catalog(planner->plan->after, wanted->bits);
    size_t index = plan_find_name_space(after, &wanted->provider_id);
    if (index == PLAN_NONE)
        return install_one(planner, wanted);
    const struct wsplsp_name_space *is = &after->name_spaces[index];
    if (is_other(is, wanted) && wanted->dll != NULL) {
        enum wsplsp_status status = remove_one(planner, after, index);
        return status == WSPLSP_OK ? install_one(planner, wanted) : status;
    }
    return is->enabled == wanted->enabled ? WSPLSP_OK : enable_one(planner, wanted);
}

enum wsplsp_status plan_reach_name_spaces(struct planner *planner)
{
    enum wsplsp_status status = WSPLSP_OK;
    for (size_t c = 0; c < 2; c++) {
        const struct wsplsp_catalog *goal = &planner->goal->catalogs[c];
        const struct wsplsp_catalog *before = &planner->plan->before->catalogs[c];
        const struct wsplsp_catalog *after = &planner->plan->after->catalogs[c];
        for (size_t i = 0; i < goal->name_space_count && status == WSPLSP_OK; i++) {
            if (goal->name_spaces[i].undecoded == NULL)
                status = reach_one(planner, &goal->name_spaces[i]);
        }
        for (size_t i = 0; i < before->name_space_count && status == WSPLSP_OK; i++) {
            const struct wsplsp_name_space *old = &before->name_spaces[i];
            if (old->undecoded == NULL && plan_find_name_space(goal, &old->provider_id) == PLAN_NONE)
                status = remove_one(planner, after, plan_find_name_space(after, &old->provider_id));
        }
        if (status == WSPLSP_OK)
            status = order_all(planner, goal);
    }
    return status;
}
