/* A layer with its chains by one call, as far as that makes what is wanted; see plan_install.h. "If a layered service
 * provider is being installed, then WSCInstallProviderAndChains64_32 should be used." The call puts a chain over what
 * stands first for each protocol; where the layer is to go elsewhere its chains are led there afterwards. */
#include "plan_install.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/copy.h"
#include "lsp-core/catalog/edit.h"
#include "lsp-core/catalog/edit_part.h"
#include "lsp-core/catalog/flags.h"
#include "lsp-core/base/text.h"

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

/* Whether a program could get the entry: chains are made over no other. */
static bool is_open(const struct wsplsp_entry *entry)
{
    return entry->undecoded == NULL && entry->info.chain_len >= 1 && (entry->info.provider_flags & PFL_HIDDEN) == 0;
}

static bool has_room_over(const struct wsplsp_catalog *catalog, const struct plan_protocol *over)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (!is_open(entry) || entry->info.family != over->family || entry->info.socket_type != over->socket_type ||
            entry->info.protocol != over->protocol)
            continue;
        return entry->info.chain_len == 1 ||
               (entry->info.chain_len < WSPLSP_MAX_PROTOCOL_CHAIN && plan_is_sound(catalog, entry));
    }
    return false;
}

bool plan_has_room_over(const struct wsplsp_snapshot *snapshot, unsigned catalogs, const struct plan_protocol *over)
{
    for (size_t c = 0; c < 2; c++) {
        if ((catalogs & 1u << c) != 0 && !has_room_over(&snapshot->catalogs[c], over))
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
            const struct plan_protocol over = {info->family, info->socket_type, info->protocol};
            size_t known = 0;
            if (!covered[c][i] || !plan_has_room_over(before, installing->catalogs, &over))
                continue;
            while (known < step->over_count &&
                   (step->over[known].family != info->family || step->over[known].socket_type != info->socket_type ||
                    step->over[known].protocol != info->protocol))
                known++;
            if (known == step->over_count)
                step->over[step->over_count++] = over;
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

/* Whether the call, tried on a copy, succeeds, and whether nothing is left to do then. */
static enum wsplsp_status try_call(const struct installing *installing, const struct plan_step *step, bool *succeeds,
                                   bool *does_it)
{
    const struct wsplsp_snapshot *goal = installing->planner->goal;
    struct wsplsp_error ignored;
    struct wsplsp_snapshot *copy = copy_snapshot(installing->planner->plan->before);
    if (copy == NULL)
        return wsplsp_fail_memory(installing->planner->error);
    enum wsplsp_status status = plan_step_apply(step, copy, installing->planner->new_id, &ignored);
    *succeeds = status == WSPLSP_OK;
    *does_it = *succeeds && same_structure(&copy->catalogs[0], &goal->catalogs[0]) &&
               same_structure(&copy->catalogs[1], &goal->catalogs[1]);
    wsplsp_snapshot_free(copy);
    /* That the function would refuse is no failure: single steps are tried instead. */
    return status == WSPLSP_SYSTEM ? wsplsp_fail_memory(installing->planner->error) : WSPLSP_OK;
}

static void set_categories(const struct installing *installing, struct wsplsp_catalog *catalog)
{
    struct wsplsp_entry *own = (struct wsplsp_entry *)catalog_edit_find_layer(catalog, &installing->id);
    if (own != NULL && installing->request->has_categories) {
        own->has_categories = true;
        own->categories = installing->request->categories;
    }
}

/* The goal is what the function makes of it, with the categories. */
static enum wsplsp_status adopt_all(struct installing *installing)
{
    struct planner *planner = installing->planner;
    struct wsplsp_snapshot *goal = copy_snapshot(planner->plan->after);
    if (goal == NULL)
        return wsplsp_fail_memory(planner->error);
    wsplsp_snapshot_free(planner->goal);
    planner->goal = goal;
    for (size_t c = 0; c < 2; c++)
        set_categories(installing, &goal->catalogs[c]);
    return WSPLSP_OK;
}

static const struct wsplsp_entry *find_made(const struct wsplsp_catalog *after, uint32_t own_id,
                                            const struct wsplsp_protocol_info *like)
{
    for (size_t i = 0; i < after->entry_count; i++) {
        const struct wsplsp_protocol_info *info = &after->entries[i].info;
        if (after->entries[i].undecoded == NULL && info->chain_len > 1 && info->chain[0] == own_id &&
            info->family == like->family && info->socket_type == like->socket_type && info->protocol == like->protocol)
            return &after->entries[i];
    }
    return NULL;
}

/* The entry is what the call makes, over the members that it is to have. */
static bool take_over(struct wsplsp_entry *entry, const struct wsplsp_entry *made)
{
    struct wsplsp_protocol_info info = made->info;
    info.chain_len = entry->info.chain_len;
    memcpy(info.chain, entry->info.chain, sizeof info.chain);
    char *raw = text_duplicate(made->name_raw), *name = text_duplicate(made->name);
    if (raw == NULL || name == NULL) {
        free(raw);
        free(name);
        return false;
    }
    free(entry->name_raw);
    free(entry->name);
    entry->info = info;
    entry->name_raw = raw;
    entry->name = name;
    return true;
}

static bool is_taken(const struct wsplsp_catalog *goal, const struct wsplsp_entry *made)
{
    for (size_t i = 0; i < goal->entry_count; i++) {
        if (wsplsp_guid_equal(&goal->entries[i].info.provider_id, &made->info.provider_id))
            return true;
    }
    return false;
}

/* The goal's entries of the layer become those that the call makes, as far as it makes them; what it makes besides is
 * not in the goal, and goes. */
static bool adopt_part(struct wsplsp_catalog *goal, const struct wsplsp_catalog *after, uint32_t own_id,
                       uint32_t *next_id)
{
    for (size_t i = 0; i < goal->entry_count; i++) {
        struct wsplsp_entry *entry = &goal->entries[i];
        bool own = entry->undecoded == NULL && entry->info.catalog_id == own_id;
        bool chain = entry->undecoded == NULL && entry->info.chain_len > 1 && entry->info.chain[0] == own_id;
        const struct wsplsp_entry *made = own     ? wsplsp_catalog_find(after, own_id)
                                          : chain ? find_made(after, own_id, &entry->info)
                                                  : NULL;
        if (made != NULL && (own || !is_taken(goal, made))) {
            if (!take_over(entry, made))
                return false;
            if (chain)
                plan_set_ifs(goal, entry);
        } else if (chain) {
            entry->info.catalog_id = (*next_id)++;
        }
    }
    return true;
}

static enum wsplsp_status adopt_parts(struct installing *installing)
{
    struct planner *planner = installing->planner;
    uint32_t next_id = catalog_edit_next_id(planner->plan->after);
    for (size_t c = 0; c < 2; c++) {
        if ((installing->catalogs & 1u << c) != 0 &&
            !adopt_part(&planner->goal->catalogs[c], &planner->plan->after->catalogs[c], installing->own_id, &next_id))
            return wsplsp_fail_memory(planner->error);
    }
    return plan_settle(planner->goal, planner->error);
}

/* On 64-bit Windows there is no such function for one catalog alone. */
static bool has_call(const struct installing *installing)
{
    bool both = installing->catalogs == (PLAN_64 | PLAN_32);
    bool alone = installing->catalogs == PLAN_32 && !installing->planner->plan->before->catalogs[0].present;
    return both || alone;
}

enum wsplsp_status plan_install_at_once(struct installing *installing, bool *const covered[2])
{
    struct plan_step step;
    bool succeeds = false, does_it = false;
    if (!has_call(installing))
        return WSPLSP_OK;
    enum wsplsp_status status = make_call(installing, covered, &step) ? try_call(installing, &step, &succeeds, &does_it)
                                                                      : wsplsp_fail_memory(installing->planner->error);
    if (status != WSPLSP_OK || !succeeds || step.over_count == 0) {
        plan_step_clear(&step);
        return status;
    }
    status = planner_add(installing->planner, &step);
    installing->planner->plan->has_assigned = true;
    installing->planner->plan->assigned = installing->id;
    if (status != WSPLSP_OK)
        return status;
    return does_it ? adopt_all(installing) : adopt_parts(installing);
}
