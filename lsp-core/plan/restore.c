/* Back to the catalog of another snapshot; see plan.h. */
#include "part.h"
#include "lsp-core/catalog/copy.h"

#include <string.h>

static size_t undecoded_count(const struct wsplsp_catalog *catalog)
{
    size_t count = 0;
    for (size_t i = 0; i < catalog->entry_count; i++)
        count += catalog->entries[i].undecoded != NULL;
    return count;
}

static enum wsplsp_status warn_unreachable(struct planner *planner, const struct wsplsp_catalog *now,
                                           const struct wsplsp_catalog *backup)
{
    if (undecoded_count(now) != undecoded_count(backup))
        return planner_warn(planner, "Entries of the %d-bit catalog that cannot be decoded are left as they are",
                            now->bits);
    for (size_t i = 0; i < backup->entry_count; i++) {
        if (backup->entries[i].undecoded == NULL && wsplsp_entry_kind(&backup->entries[i]) == WSPLSP_KIND_CHAIN &&
            !plan_is_sound(backup, &backup->entries[i]))
            return planner_warn(planner, "The %d-bit catalog to go back to has broken chains", now->bits);
    }
    return WSPLSP_OK;
}

/* What the backup does not tell is left as it is. */
static enum wsplsp_status set_goal(struct planner *planner, const struct wsplsp_snapshot *backup)
{
    struct wsplsp_snapshot *goal = planner->goal, *copy = copy_snapshot(backup);
    enum wsplsp_status status = copy == NULL ? wsplsp_fail_memory(planner->error) : WSPLSP_OK;
    for (size_t c = 0; c < 2 && status == WSPLSP_OK; c++) {
        if (backup->catalogs[c].present != goal->catalogs[c].present)
            status = wsplsp_fail(planner->error, WSPLSP_REFUSED, 0, "OTHER_SYSTEM",
                                 "only one of the two has a %d-bit catalog: it is another system's",
                                 backup->catalogs[c].bits);
        else
            status = warn_unreachable(planner, &planner->plan->before->catalogs[c], &backup->catalogs[c]);
    }
    if (status != WSPLSP_OK) {
        wsplsp_snapshot_free(copy);
        return status;
    }
    wsplsp_snapshot_free(goal);
    planner->goal = copy;
    return WSPLSP_OK;
}

static bool tells_applications(const struct wsplsp_snapshot *snapshot)
{
    return !snapshot->live || snapshot->applications_absent == NULL;
}

enum wsplsp_status plan_restore(const struct wsplsp_snapshot *before, const struct wsplsp_snapshot *backup,
                                plan_new_id new_id, struct plan **plan, struct wsplsp_error *error)
{
    struct planner planner;
    enum wsplsp_status status = planner_begin(&planner, before, new_id, error);
    planner.lenient = true;
    if (status == WSPLSP_OK)
        status = plan_check_backup(before, backup, error);
    if (status == WSPLSP_OK)
        status = set_goal(&planner, backup);
    if (status == WSPLSP_OK)
        status = plan_reach_entries(&planner);
    if (status == WSPLSP_OK)
        status = plan_reach_name_spaces(&planner);
    if (status == WSPLSP_OK && tells_applications(before) && tells_applications(backup))
        status = plan_reach_applications(&planner);
    return planner_end(&planner, status, plan);
}
