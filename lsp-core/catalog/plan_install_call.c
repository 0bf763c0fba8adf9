/* A layer with its chains by one call, where that does what is wanted; see plan_install.h. */
#include "plan_install.h"

#include <stdlib.h>
#include <string.h>

#include "catalog_edit.h"
#include "flags.h"
#include "text.h"

/* Whether two catalogs hold the same entries in the same order, but for names and flags of chains. */
static bool same_structure(const struct wsplsp_catalog *a, const struct wsplsp_catalog *b)
{
    if (a->entry_count != b->entry_count)
        return false;
    for (size_t i = 0; i < a->entry_count; i++) {
        const struct wsplsp_protocol_info *x = &a->entries[i].info, *y = &b->entries[i].info;
        if (x->chain_len != y->chain_len || x->family != y->family || x->socket_type != y->socket_type ||
            x->protocol != y->protocol || (x->chain_len <= 1 && x->catalog_id != y->catalog_id) ||
            (x->chain_len > 1 && memcmp(x->chain, y->chain, (size_t)x->chain_len * sizeof *x->chain) != 0))
            return false;
    }
    return true;
}

static bool fill_over(const struct installing *installing, bool *const covered[2], struct plan_step *step)
{
    const struct wsplsp_snapshot *before = installing->planner->plan->before;
    step->over = calloc(before->catalogs[0].entry_count + before->catalogs[1].entry_count + 1, sizeof *step->over);
    for (size_t c = 0; c < 2 && step->over != NULL; c++) {
        for (size_t i = 0; i < before->catalogs[c].entry_count; i++) {
            const struct wsplsp_protocol_info *info = &before->catalogs[c].entries[i].info;
            size_t known = 0;
            if (!covered[c][i])
                continue;
            while (known < step->over_count &&
                   (step->over[known].family != info->family || step->over[known].socket_type != info->socket_type ||
                    step->over[known].protocol != info->protocol))
                known++;
            if (known == step->over_count)
                step->over[step->over_count++] =
                    (struct plan_protocol){info->family, info->socket_type, info->protocol};
        }
    }
    return step->over != NULL;
}

static bool make_call(const struct installing *installing, bool *const covered[2], struct plan_step *step)
{
    const struct plan_install_request *request = installing->request;
    bool both = installing->catalogs == (PLAN_64 | PLAN_32);
    *step = (struct plan_step){
        .action = PLAN_INSTALL_LAYER,
        .function = both ? "WSCInstallProviderAndChains64_32" : "WSCInstallProviderAndChains",
        .catalogs = installing->catalogs,
        .provider_id = installing->id,
        .dll = text_duplicate(both ? request->dll64 : request->dll32),
        .dll32 = both ? text_duplicate(request->dll32) : NULL,
        .name = text_duplicate(request->name),
        .service_flags = request->ifs ? XP1_IFS_HANDLES : 0,
        .words = text_format("Install the layer '%s' with its chains in %s, in front of all others", request->name,
                             plan_catalog_name(installing->catalogs)),
    };
    return step->dll != NULL && (!both || step->dll32 != NULL) && step->name != NULL && step->words != NULL &&
           fill_over(installing, covered, step);
}

/* Whether the call, tried on a copy, does what is wanted. */
static enum wsplsp_status try_call(const struct installing *installing, const struct plan_step *step, bool *does_it)
{
    const struct wsplsp_snapshot *goal = installing->planner->goal;
    struct wsplsp_error ignored;
    struct wsplsp_snapshot *copy = plan_copy_snapshot(installing->planner->plan->before);
    if (copy == NULL)
        return wsplsp_fail_memory(installing->planner->error);
    enum wsplsp_status status = plan_step_apply(step, copy, installing->planner->new_id, &ignored);
    *does_it = status == WSPLSP_OK && same_structure(&copy->catalogs[0], &goal->catalogs[0]) &&
               same_structure(&copy->catalogs[1], &goal->catalogs[1]);
    wsplsp_snapshot_free(copy);
    /* That the function would refuse is no failure: single steps are tried instead. */
    return status == WSPLSP_SYSTEM ? wsplsp_fail_memory(installing->planner->error) : WSPLSP_OK;
}

/* The goal is what the function makes of it, with the categories. */
static enum wsplsp_status adopt(struct installing *installing)
{
    struct planner *planner = installing->planner;
    struct wsplsp_snapshot *goal = plan_copy_snapshot(planner->plan->after);
    if (goal == NULL)
        return wsplsp_fail_memory(planner->error);
    wsplsp_snapshot_free(planner->goal);
    planner->goal = goal;
    planner->plan->has_assigned = true;
    planner->plan->assigned = installing->id;
    for (size_t c = 0; c < 2; c++) {
        struct wsplsp_entry *own = (struct wsplsp_entry *)catalog_edit_find_layer(&goal->catalogs[c], &installing->id);
        if (own != NULL && installing->request->has_categories) {
            own->has_categories = true;
            own->categories = installing->request->categories;
        }
    }
    return WSPLSP_OK;
}

/* On 64-bit Windows there is no such function for one catalog alone. */
static bool has_call(const struct installing *installing)
{
    bool both = installing->catalogs == (PLAN_64 | PLAN_32);
    bool alone = installing->catalogs == PLAN_32 && !installing->planner->plan->before->catalogs[0].present;
    return installing->request->position == PLAN_TOP && (both || alone);
}

enum wsplsp_status plan_install_at_once(struct installing *installing, bool *const covered[2])
{
    struct plan_step step;
    bool does_it = false;
    if (!has_call(installing))
        return WSPLSP_OK;
    enum wsplsp_status status = make_call(installing, covered, &step) ? try_call(installing, &step, &does_it)
                                                                      : wsplsp_fail_memory(installing->planner->error);
    if (status != WSPLSP_OK || !does_it) {
        plan_step_clear(&step);
        return status;
    }
    status = planner_add(installing->planner, &step);
    return status == WSPLSP_OK ? adopt(installing) : status;
}
