/* Taking layers out: the chains of others are rebuilt without them; see plan.h. */
#include "part.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/chain.h"
#include "plan_remove.h"
#include "lsp-core/base/text.h"

bool plan_marks_make(struct plan_marks *marks, const struct wsplsp_snapshot *snapshot)
{
    for (size_t c = 0; c < 2; c++)
        marks->going[c] = calloc(snapshot->catalogs[c].entry_count + 1, sizeof *marks->going[c]);
    return marks->going[0] != NULL && marks->going[1] != NULL;
}

void plan_marks_free(struct plan_marks *marks)
{
    free(marks->going[0]);
    free(marks->going[1]);
}

void plan_mark_layer(const struct wsplsp_catalog *catalog, size_t index, bool *going)
{
    const struct wsplsp_entry *layer = &catalog->entries[index];
    going[index] = true;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded == NULL && wsplsp_entry_kind(entry) == WSPLSP_KIND_CHAIN &&
            plan_layer_of(catalog, entry) == layer)
            going[i] = true;
    }
}

/* Whether a chain that was sound refers to what goes. */
static bool is_concerned(const struct wsplsp_catalog *catalog, size_t index, const bool *going)
{
    const struct wsplsp_entry *entry = &catalog->entries[index];
    if (going[index] || !plan_is_sound(catalog, entry))
        return false;
    for (size_t i = 0; i < chain_length(entry); i++) {
        if (going[plan_index(catalog, chain_member(catalog, entry, i))])
            return true;
    }
    return false;
}

/* A layer that loses its last chain goes with it. */
static void mark_idle_layer(const struct wsplsp_catalog *catalog, size_t chain, bool *going)
{
    const struct wsplsp_entry *layer = plan_layer_of(catalog, &catalog->entries[chain]);
    for (size_t i = 0; layer != NULL && i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded == NULL && wsplsp_entry_kind(entry) == WSPLSP_KIND_CHAIN && !going[i] &&
            plan_passes(catalog, entry, layer->info.catalog_id))
            return;
    }
    if (layer != NULL)
        going[plan_index(catalog, layer)] = true;
}

static enum wsplsp_status refuse_rebuild(struct planner *planner, const struct wsplsp_catalog *catalog,
                                         const struct wsplsp_entry *entry)
{
    wsplsp_fail(planner->error, WSPLSP_REFUSED, 0, "CHAIN_NEEDED",
                "'%.200s' (%lu) in the %d-bit catalog cannot be rebuilt without what is to be removed",
                plan_entry_name(entry), (unsigned long)entry->info.catalog_id, catalog->bits);
    return wsplsp_hint(planner->error, "--cascade removes it too");
}

/* With cascade, marks chains that cannot be rebuilt until none is left; without, refuses the first. */
static enum wsplsp_status spread(struct planner *planner, const struct wsplsp_catalog *catalog, bool *going,
                                 bool cascade)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < catalog->entry_count; i++) {
            struct plan_chain chain;
            const struct wsplsp_entry *entry = &catalog->entries[i];
            if (!is_concerned(catalog, i, going) || plan_reduce(catalog, entry, going, &chain))
                continue;
            if (!cascade)
                return refuse_rebuild(planner, catalog, entry);
            going[i] = true;
            mark_idle_layer(catalog, i, going);
            changed = true;
        }
    }
    return WSPLSP_OK;
}

static enum wsplsp_status rebuild(struct planner *planner, const struct wsplsp_catalog *old,
                                  struct wsplsp_catalog *goal, const bool *going)
{
    for (size_t i = 0; i < old->entry_count; i++) {
        struct plan_chain chain;
        if (!is_concerned(old, i, going) || !plan_reduce(old, &old->entries[i], going, &chain))
            continue;
        plan_set_chain(&goal->entries[i], &chain);
        plan_set_ifs(goal, &goal->entries[i]);
        enum wsplsp_status status = planner_warn(planner, "The chain '%s' is rebuilt without what is removed",
                                                 plan_entry_name(&old->entries[i]));
        if (status != WSPLSP_OK)
            return status;
    }
    return WSPLSP_OK;
}

enum wsplsp_status plan_take_out(struct planner *planner, struct plan_marks *marks, bool cascade)
{
    const struct wsplsp_snapshot *before = planner->plan->before;
    enum wsplsp_status status = WSPLSP_OK;
    for (size_t c = 0; c < 2 && status == WSPLSP_OK; c++) {
        const struct wsplsp_catalog *old = &before->catalogs[c];
        struct wsplsp_catalog *goal = &planner->goal->catalogs[c];
        status = spread(planner, old, marks->going[c], cascade);
        if (status == WSPLSP_OK)
            status = rebuild(planner, old, goal, marks->going[c]);
        for (size_t i = old->entry_count; i > 0 && status == WSPLSP_OK; i--) {
            if (marks->going[c][i - 1])
                plan_cut(goal, i - 1);
        }
    }
    return status == WSPLSP_OK ? plan_reach_entries(planner) : status;
}

static enum wsplsp_status refuse_base(struct planner *planner, const struct wsplsp_entry *entry)
{
    wsplsp_fail(planner->error, WSPLSP_REFUSED, 0, "BASE_PROVIDER",
                "'%.150s' (%lu) is a base entry; programs would lose the network without it", plan_entry_name(entry),
                (unsigned long)entry->info.catalog_id);
    return wsplsp_hint(planner->error, "only layers can be removed");
}

/* A sound chain stands for its layer; a broken entry for itself alone. */
static enum wsplsp_status mark_wanted(struct planner *planner, const struct wsplsp_catalog *catalog, size_t index,
                                      bool *going)
{
    const struct wsplsp_entry *entry = &catalog->entries[index];
    enum wsplsp_kind kind = wsplsp_entry_kind(entry);
    if (kind == WSPLSP_KIND_BASE)
        return refuse_base(planner, entry);
    const struct wsplsp_entry *layer = plan_layer_of(catalog, entry);
    if (kind == WSPLSP_KIND_CHAIN && (layer == NULL || !plan_is_sound(catalog, entry)))
        going[index] = true;
    else
        plan_mark_layer(catalog, plan_index(catalog, layer), going);
    return WSPLSP_OK;
}

/* What the name means in the first catalog decides: in the other one it is the same provider. Of a broken entry, only
 * one with the same number too. */
static enum wsplsp_status mark_named(struct planner *planner, const char *wanted, unsigned catalogs,
                                     struct plan_marks *marks)
{
    const struct wsplsp_entry *meant = NULL;
    char id[WSPLSP_GUID_TEXT];
    const char *name = wanted;
    for (size_t c = 0; c < 2; c++) {
        const struct wsplsp_catalog *catalog = &planner->plan->before->catalogs[c];
        size_t index = (catalogs & plan_bit(catalog->bits)) == 0 ? PLAN_NONE : plan_find(catalog, name);
        if (index == PLAN_NONE)
            continue;
        const struct wsplsp_entry *entry = &catalog->entries[index], *layer = plan_layer_of(catalog, entry);
        bool alone = meant != NULL && wsplsp_entry_kind(meant) == WSPLSP_KIND_CHAIN;
        if (meant != NULL && (!wsplsp_guid_equal(&meant->info.provider_id, &entry->info.provider_id) ||
                              (alone && plan_is_sound(catalog, entry))))
            continue;
        enum wsplsp_status status = mark_wanted(planner, catalog, index, marks->going[c]);
        if (status != WSPLSP_OK)
            return status;
        meant = entry;
        if (layer == NULL || !marks->going[c][plan_index(catalog, layer)])
            continue;
        meant = layer;
        wsplsp_guid_format(&layer->info.provider_id, id);
        name = id;
    }
    if (meant != NULL)
        return WSPLSP_OK;
    wsplsp_fail(planner->error, WSPLSP_NOT_FOUND, 0, "NOT_FOUND", "the catalog has no '%.200s'", wanted);
    return wsplsp_hint(planner->error, "'wsplsp list' shows names and ids; a name has to be given in full");
}

static void mark_layered(const struct wsplsp_snapshot *before, unsigned catalogs, struct plan_marks *marks)
{
    for (size_t c = 0; c < 2; c++) {
        const struct wsplsp_catalog *catalog = &before->catalogs[c];
        for (size_t i = 0; i < catalog->entry_count && (catalogs & plan_bit(catalog->bits)) != 0; i++) {
            const struct wsplsp_entry *entry = &catalog->entries[i];
            marks->going[c][i] = entry->undecoded == NULL && wsplsp_entry_kind(entry) != WSPLSP_KIND_BASE;
        }
    }
}

static enum wsplsp_status warn_undecoded(struct planner *planner)
{
    for (size_t c = 0; c < 2; c++) {
        const struct wsplsp_catalog *catalog = &planner->plan->before->catalogs[c];
        for (size_t i = 0; i < catalog->entry_count; i++) {
            if (catalog->entries[i].undecoded != NULL)
                return planner_warn(planner, "Entries that cannot be decoded stay: the functions of Winsock cannot "
                                             "name them");
        }
    }
    return WSPLSP_OK;
}

static enum wsplsp_status remove_marked(struct planner *planner, const struct plan_remove_request *request,
                                        struct plan_marks *marks)
{
    unsigned catalogs = request->catalogs != 0 ? request->catalogs : PLAN_64 | PLAN_32;
    if (!plan_marks_make(marks, planner->plan->before))
        return wsplsp_fail_memory(planner->error);
    if (!request->all_layered) {
        enum wsplsp_status status = mark_named(planner, request->wanted, catalogs, marks);
        return status == WSPLSP_OK ? plan_take_out(planner, marks, request->cascade) : status;
    }
    mark_layered(planner->plan->before, catalogs, marks);
    enum wsplsp_status status = warn_undecoded(planner);
    return status == WSPLSP_OK ? plan_take_out(planner, marks, true) : status;
}

enum wsplsp_status plan_remove(const struct wsplsp_snapshot *before, const struct plan_remove_request *request,
                               plan_new_id new_id, struct plan **plan, struct wsplsp_error *error)
{
    struct planner planner;
    struct plan_marks marks = {{NULL, NULL}};
    enum wsplsp_status status = planner_begin(&planner, before, new_id, error);
    if (status == WSPLSP_OK)
        status = remove_marked(&planner, request, &marks);
    if (status == WSPLSP_OK && planner.plan->step_count == 0)
        status = planner_nothing(&planner, "There are no layers");
    plan_marks_free(&marks);
    return planner_end(&planner, status, plan);
}

enum wsplsp_status plan_reset(const struct wsplsp_snapshot *before, plan_new_id new_id, struct plan **plan,
                              struct wsplsp_error *error)
{
    const struct plan_remove_request request = {.all_layered = true};
    return plan_remove(before, &request, new_id, plan, error);
}
