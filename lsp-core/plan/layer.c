/* Which layer is meant, and changes to one that stays where it is: another DLL, other categories; see plan.h. */
#include "part.h"

#include <stdlib.h>

#include "lsp-core/catalog/edit.h"
#include "lsp-core/base/text.h"

enum wsplsp_status plan_find_layer(const struct wsplsp_snapshot *snapshot, const char *wanted, struct wsplsp_guid *id,
                                   struct wsplsp_error *error)
{
    const struct wsplsp_entry *other = NULL;
    for (size_t c = 0; c < 2; c++) {
        const struct wsplsp_catalog *catalog = &snapshot->catalogs[c];
        size_t index = plan_find(catalog, wanted);
        if (index == PLAN_NONE)
            continue;
        const struct wsplsp_entry *layer = plan_layer_of(catalog, &catalog->entries[index]);
        if (layer != NULL) {
            *id = layer->info.provider_id;
            return WSPLSP_OK;
        }
        other = &catalog->entries[index];
    }
    if (other != NULL)
        return wsplsp_fail(error, WSPLSP_REFUSED, 0, "NO_LAYER", "'%.150s' (%lu) is no layer", plan_entry_name(other),
                           (unsigned long)other->info.catalog_id);
    wsplsp_fail(error, WSPLSP_NOT_FOUND, 0, "NOT_FOUND", "the catalog has no layer '%.200s'", wanted);
    return wsplsp_hint(error, "'wsplsp list' shows names and ids; a name has to be given in full");
}

static bool set_dll(struct wsplsp_entry *entry, const char *dll)
{
    char *copy = text_duplicate(dll);
    if (copy == NULL)
        return false;
    free(entry->dll);
    entry->dll = copy;
    return true;
}

/* The chains have the DLL of the layer on top of them. */
static enum wsplsp_status give_dll(struct planner *planner, size_t c, const struct wsplsp_guid *id, const char *dll,
                                   bool *found)
{
    struct wsplsp_catalog *catalog = &planner->goal->catalogs[c];
    const struct wsplsp_entry *layer = catalog_edit_find_layer(catalog, id);
    if (layer == NULL || dll == NULL)
        return WSPLSP_OK;
    *found = true;
    if (plan_check_path(planner->plan->before, dll, catalog->bits, planner->error) != WSPLSP_OK)
        return planner->error->status;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded != NULL || plan_layer_of(catalog, entry) != layer)
            continue;
        if (plan_check_replaced(planner->plan->before, entry, planner->error) != WSPLSP_OK)
            return planner->error->status;
        if (!set_dll(entry, dll))
            return wsplsp_fail_memory(planner->error);
    }
    return WSPLSP_OK;
}

enum wsplsp_status plan_update(const struct wsplsp_snapshot *before, const char *wanted, const char *dll64,
                               const char *dll32, plan_new_id new_id, struct plan **plan, struct wsplsp_error *error)
{
    struct planner planner;
    struct wsplsp_guid id;
    bool found = false;
    enum wsplsp_status status = planner_begin(&planner, before, new_id, error);
    if (status == WSPLSP_OK)
        status = plan_find_layer(before, wanted, &id, error);
    if (status == WSPLSP_OK)
        status = give_dll(&planner, 0, &id, dll64, &found);
    if (status == WSPLSP_OK)
        status = give_dll(&planner, 1, &id, dll32, &found);
    if (status == WSPLSP_OK && !found)
        status = wsplsp_fail(error, WSPLSP_NOT_FOUND, 0, "NOT_FOUND",
                             "no catalog that a DLL is given for has the layer '%.200s'", wanted);
    if (status == WSPLSP_OK)
        status = plan_reach_entries(&planner);
    if (status == WSPLSP_OK && planner.plan->step_count == 0)
        status = planner_nothing(&planner, "'%s' has that DLL already", wanted);
    return planner_end(&planner, status, plan);
}

enum wsplsp_status plan_categorize(const struct wsplsp_snapshot *before, const char *wanted, uint32_t categories,
                                   unsigned catalogs, plan_new_id new_id, struct plan **plan,
                                   struct wsplsp_error *error)
{
    struct planner planner;
    struct wsplsp_guid id;
    enum wsplsp_status status = planner_begin(&planner, before, new_id, error);
    if (status == WSPLSP_OK)
        status = plan_find_layer(before, wanted, &id, error);
    for (size_t c = 0; c < 2 && status == WSPLSP_OK; c++) {
        struct wsplsp_entry *own = (struct wsplsp_entry *)catalog_edit_find_layer(&planner.goal->catalogs[c], &id);
        if (own == NULL || (catalogs != 0 && (catalogs & plan_bit(own->bits)) == 0))
            continue;
        own->has_categories = true;
        own->categories = categories;
    }
    if (status == WSPLSP_OK)
        status = plan_reach_entries(&planner);
    if (status == WSPLSP_OK && planner.plan->step_count == 0)
        status = planner_nothing(&planner, "'%s' has these categories already", wanted);
    return planner_end(&planner, status, plan);
}
