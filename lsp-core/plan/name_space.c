/* Name space providers: what is asked of them; see plan.h. */
#include "part.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/edit.h"
#include "lsp-core/base/text.h"

static size_t find(const struct wsplsp_catalog *catalog, const char *wanted)
{
    struct wsplsp_guid id;
    if (wsplsp_guid_parse(wanted, &id))
        return plan_find_name_space(catalog, &id);
    for (size_t i = 0; i < catalog->name_space_count; i++) {
        const struct wsplsp_name_space *name_space = &catalog->name_spaces[i];
        if (name_space->undecoded == NULL && (text_compare_nocase(name_space->name, wanted) == 0 ||
                                              text_compare_nocase(name_space->name_raw, wanted) == 0))
            return i;
    }
    return PLAN_NONE;
}

static bool is_chosen(const struct planner *planner, unsigned catalogs, size_t c)
{
    const struct wsplsp_catalog *catalog = &planner->plan->before->catalogs[c];
    return catalog->present && (catalogs == 0 || (catalogs & plan_bit(catalog->bits)) != 0);
}

static enum wsplsp_status add_wanted(struct planner *planner, size_t c, const struct plan_name_space_request *request,
                                     const struct wsplsp_guid *id, bool *taken)
{
    struct wsplsp_catalog *goal = &planner->goal->catalogs[c];
    const char *dll = c == 0 ? request->dll64 : request->dll32;
    if (dll == NULL)
        return wsplsp_fail(planner->error, WSPLSP_USAGE, 0, "BAD_PATH", "no DLL is given for the %d-bit catalog",
                           goal->bits);
    size_t index = request->id != NULL ? plan_find_name_space(goal, id) : find(goal, request->name);
    if (index != PLAN_NONE) {
        const struct wsplsp_name_space *is = &goal->name_spaces[index];
        *taken = *taken || is->dll == NULL || text_compare_nocase(is->dll, dll) != 0 ||
                 is->name_space != request->name_space || text_compare_nocase(is->name_raw, request->name) != 0;
        return WSPLSP_OK;
    }
    const struct catalog_edit_name_space made = {
        .id = *id,
        .name = request->name,
        .dll = dll,
        .name_space = request->name_space,
        .version = request->version,
        .info = request->info,
        .info_size = request->info_size,
    };
    enum catalog_edit_result result = catalog_edit_install_name_space(planner->goal, goal->bits, &made);
    if (result == CATALOG_EDIT_DONE)
        return WSPLSP_OK;
    return result == CATALOG_EDIT_NO_MEMORY
               ? wsplsp_fail_memory(planner->error)
               : wsplsp_fail(planner->error, WSPLSP_USAGE, 0, "USAGE",
                             "the name or the DLL's path is empty, or the path too long (MAX_PATH)");
}

enum wsplsp_status plan_name_space_install(const struct wsplsp_snapshot *before,
                                           const struct plan_name_space_request *request, plan_new_id new_id,
                                           struct plan **plan, struct wsplsp_error *error)
{
    struct planner planner;
    struct wsplsp_guid id = {{0}};
    bool taken = false;
    enum wsplsp_status status = planner_begin(&planner, before, new_id, error);
    if (request->id != NULL)
        id = *request->id;
    else if (status == WSPLSP_OK && !new_id(&id))
        status =
            wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NO_RANDOM", "the system gave no random numbers for a provider id");
    for (size_t c = 0; c < 2 && status == WSPLSP_OK; c++) {
        if (is_chosen(&planner, request->catalogs, c))
            status = add_wanted(&planner, c, request, &id, &taken);
    }
    if (status == WSPLSP_OK && taken)
        status = wsplsp_fail(error, WSPLSP_REFUSED, 0, "INSTALLED",
                             "another name space provider has the name or the provider id of '%.150s'", request->name);
    if (status == WSPLSP_OK)
        status = plan_reach_name_spaces(&planner);
    if (status == WSPLSP_OK && planner.plan->step_count == 0)
        status = planner_nothing(&planner, "'%s' is installed already", request->name);
    return planner_end(&planner, status, plan);
}

static enum wsplsp_status not_found(struct wsplsp_error *error, const char *wanted)
{
    wsplsp_fail(error, WSPLSP_NOT_FOUND, 0, "NOT_FOUND", "there is no name space provider '%.200s'", wanted);
    return wsplsp_hint(error, "'wsplsp ns list' shows names and ids; a name has to be given in full");
}

/* Edits the goal's provider of that name in each catalog. */
static enum wsplsp_status each(struct planner *planner, const char *wanted, unsigned catalogs,
                               enum catalog_edit_result (*edit)(struct wsplsp_snapshot *goal, int bits,
                                                                const struct wsplsp_guid *id))
{
    bool found = false;
    for (size_t c = 0; c < 2; c++) {
        struct wsplsp_catalog *goal = &planner->goal->catalogs[c];
        size_t index = is_chosen(planner, catalogs, c) ? find(goal, wanted) : PLAN_NONE;
        if (index == PLAN_NONE)
            continue;
        struct wsplsp_guid id = goal->name_spaces[index].provider_id;
        if (edit(planner->goal, goal->bits, &id) != CATALOG_EDIT_DONE)
            return wsplsp_fail_memory(planner->error);
        found = true;
    }
    return found ? plan_reach_name_spaces(planner) : not_found(planner->error, wanted);
}

enum wsplsp_status plan_name_space_remove(const struct wsplsp_snapshot *before, const char *wanted, unsigned catalogs,
                                          struct plan **plan, struct wsplsp_error *error)
{
    struct planner planner;
    enum wsplsp_status status = planner_begin(&planner, before, NULL, error);
    if (status == WSPLSP_OK)
        status = each(&planner, wanted, catalogs, catalog_edit_remove_name_space);
    return planner_end(&planner, status, plan);
}

static enum catalog_edit_result enable(struct wsplsp_snapshot *goal, int bits, const struct wsplsp_guid *id)
{
    return catalog_edit_enable_name_space(goal, bits, id, true);
}

static enum catalog_edit_result disable(struct wsplsp_snapshot *goal, int bits, const struct wsplsp_guid *id)
{
    return catalog_edit_enable_name_space(goal, bits, id, false);
}

enum wsplsp_status plan_name_space_enable(const struct wsplsp_snapshot *before, const char *wanted, bool enabled,
                                          unsigned catalogs, struct plan **plan, struct wsplsp_error *error)
{
    struct planner planner;
    enum wsplsp_status status = planner_begin(&planner, before, NULL, error);
    if (status == WSPLSP_OK)
        status = each(&planner, wanted, catalogs, enabled ? enable : disable);
    if (status == WSPLSP_OK && planner.plan->step_count == 0)
        status = planner_nothing(&planner, "'%s' is %s already", wanted, enabled ? "enabled" : "disabled");
    return planner_end(&planner, status, plan);
}

static void move(struct wsplsp_catalog *catalog, size_t from, size_t to)
{
    struct wsplsp_name_space moved = catalog->name_spaces[from];
    memmove(&catalog->name_spaces[to + 1], &catalog->name_spaces[to], (from - to) * sizeof moved);
    catalog->name_spaces[to] = moved;
}

static enum wsplsp_status bring_forward(struct planner *planner, const char *const *wanted, size_t count,
                                        unsigned catalogs)
{
    size_t front[2] = {0, 0};
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t c = 0; c < 2; c++) {
            struct wsplsp_catalog *goal = &planner->goal->catalogs[c];
            size_t index = is_chosen(planner, catalogs, c) ? find(goal, wanted[i]) : PLAN_NONE;
            if (index == PLAN_NONE)
                continue;
            if (index < front[c])
                return wsplsp_fail(planner->error, WSPLSP_USAGE, 0, "USAGE", "'%.200s' is there twice", wanted[i]);
            move(goal, index, front[c]++);
            found = true;
        }
        if (!found)
            return not_found(planner->error, wanted[i]);
    }
    return plan_reach_name_spaces(planner);
}

enum wsplsp_status plan_name_space_order(const struct wsplsp_snapshot *before, const char *const *wanted, size_t count,
                                         unsigned catalogs, struct plan **plan, struct wsplsp_error *error)
{
    struct planner planner;
    enum wsplsp_status status = planner_begin(&planner, before, NULL, error);
    if (status == WSPLSP_OK)
        status = bring_forward(&planner, wanted, count, catalogs);
    if (status == WSPLSP_OK && planner.plan->step_count == 0)
        status = planner_nothing(&planner, "The name space providers stand in that order already");
    return planner_end(&planner, status, plan);
}
