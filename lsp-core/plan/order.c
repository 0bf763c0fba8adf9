/* Another order, and what that does to programs; see plan.h. */
#include "part.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/chain.h"
#include "lsp-core/catalog/choose.h"
#include "lsp-core/base/text.h"

/* ---- who serves what */

static const struct wsplsp_entry *chosen(const struct wsplsp_catalog *catalog, const struct wsplsp_protocol_info *base)
{
    static const struct choose_application anyone = {false, 0};
    const struct wsplsp_entry *entry = NULL;
    enum choose_error result = choose_socket(catalog, base->family, base->socket_type, base->protocol, anyone, &entry);
    return result == CHOOSE_OK ? entry : NULL;
}

static char *served_by(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry)
{
    return entry->info.chain_len == 1 ? text_duplicate(plan_entry_name(entry)) : plan_chain_words(catalog, entry);
}

static enum wsplsp_status warn_change(struct planner *planner, const struct wsplsp_catalog *old,
                                      const struct wsplsp_entry *was, const struct wsplsp_catalog *new,
                                      const struct wsplsp_entry *is)
{
    char *before = served_by(old, was), *after = served_by(new, is);
    const struct wsplsp_entry *old_base = chain_base(old, was), *new_base = chain_base(new, is);
    bool same_base = old_base != NULL && new_base != NULL && old_base->info.catalog_id == new_base->info.catalog_id;
    enum wsplsp_status status = WSPLSP_OK;
    if (before == NULL || after == NULL)
        status = wsplsp_fail_memory(planner->error);
    else if (same_base)
        status =
            planner_warn(planner, "%d-bit programs that went through %s will go through %s", old->bits, before, after);
    else
        status = planner_warn(planner, "%d-bit programs will get another base provider: %s instead of %s", old->bits,
                              after, before);
    free(before);
    free(after);
    return status;
}

/* An order decides which entry programs get for a protocol: says where that is another one. */
static enum wsplsp_status warn_choices(struct planner *planner)
{
    for (size_t c = 0; c < 2; c++) {
        const struct wsplsp_catalog *old = &planner->plan->before->catalogs[c];
        const struct wsplsp_catalog *new = &planner->plan->after->catalogs[c];
        for (size_t i = 0; i < old->entry_count; i++) {
            const struct wsplsp_entry *base = &old->entries[i];
            if (base->undecoded != NULL || wsplsp_entry_kind(base) != WSPLSP_KIND_BASE)
                continue;
            const struct wsplsp_entry *was = chosen(old, &base->info), *is = chosen(new, &base->info);
            if (was == NULL || is == NULL || was->info.catalog_id == is->info.catalog_id)
                continue;
            enum wsplsp_status status = warn_change(planner, old, was, new, is);
            if (status != WSPLSP_OK)
                return status;
        }
    }
    return WSPLSP_OK;
}

/* ---- the order */

/* Whether the entry is one of those that `wanted` names: its chains for a layer, all of the provider's for a base. */
static bool is_meant(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *wanted,
                     const struct wsplsp_entry *entry)
{
    if (entry->undecoded != NULL)
        return false;
    if (wsplsp_entry_kind(wanted) == WSPLSP_KIND_BASE)
        return entry == wanted;
    const struct wsplsp_entry *layer = plan_layer_of(catalog, wanted);
    if (layer == NULL)
        return entry == wanted;
    return wsplsp_entry_kind(entry) == WSPLSP_KIND_CHAIN && plan_layer_of(catalog, entry) == layer;
}

/* Moves entries to the front, one behind the other. */
static void bring_forward(struct wsplsp_catalog *goal, const struct wsplsp_catalog *old, const bool *meant)
{
    size_t front = 0;
    for (size_t i = 0; i < old->entry_count; i++) {
        if (!meant[i])
            continue;
        size_t at = front;
        while (at < goal->entry_count && (goal->entries[at].undecoded != NULL ||
                                          goal->entries[at].info.catalog_id != old->entries[i].info.catalog_id))
            at++;
        if (at < goal->entry_count)
            plan_move(goal, at, front++);
    }
}

static enum wsplsp_status mark_top(const struct wsplsp_catalog *catalog, const char *wanted, bool *meant, bool *found)
{
    size_t index = plan_find(catalog, wanted);
    if (index == PLAN_NONE)
        return WSPLSP_OK;
    *found = true;
    for (size_t i = 0; i < catalog->entry_count; i++)
        meant[i] = is_meant(catalog, &catalog->entries[index], &catalog->entries[i]);
    return WSPLSP_OK;
}

static enum wsplsp_status top(struct planner *planner, const char *wanted, unsigned catalogs)
{
    bool found = false;
    for (size_t c = 0; c < 2; c++) {
        const struct wsplsp_catalog *old = &planner->plan->before->catalogs[c];
        bool *meant = calloc(old->entry_count + 1, sizeof *meant);
        if (meant == NULL)
            return wsplsp_fail_memory(planner->error);
        if ((catalogs & plan_bit(old->bits)) != 0) {
            mark_top(old, wanted, meant, &found);
            bring_forward(&planner->goal->catalogs[c], old, meant);
        }
        free(meant);
    }
    return found ? WSPLSP_OK
                 : wsplsp_fail(planner->error, WSPLSP_NOT_FOUND, 0, "NOT_FOUND", "the catalog has no '%.200s'", wanted);
}

static size_t place_of(const struct wsplsp_catalog *catalog, uint32_t id)
{
    size_t place = 0;
    while (place < catalog->entry_count &&
           (catalog->entries[place].undecoded != NULL || catalog->entries[place].info.catalog_id != id))
        place++;
    return place;
}

static enum wsplsp_status order_ids(struct planner *planner, const struct plan_order_request *request,
                                    unsigned catalogs)
{
    size_t front[2] = {0, 0};
    for (size_t i = 0; i < request->id_count; i++) {
        bool found = false;
        for (size_t j = 0; j < i; j++) {
            if (request->ids[j] == request->ids[i])
                return wsplsp_fail(planner->error, WSPLSP_USAGE, 0, "USAGE", "%lu is there twice",
                                   (unsigned long)request->ids[i]);
        }
        for (size_t c = 0; c < 2; c++) {
            struct wsplsp_catalog *goal = &planner->goal->catalogs[c];
            size_t place = place_of(goal, request->ids[i]);
            if ((catalogs & plan_bit(goal->bits)) == 0 || place == goal->entry_count)
                continue;
            plan_move(goal, place, front[c]++);
            found = true;
        }
        if (!found)
            return wsplsp_fail(planner->error, WSPLSP_NOT_FOUND, 0, "NOT_FOUND", "the catalog has no entry %lu",
                               (unsigned long)request->ids[i]);
    }
    return WSPLSP_OK;
}

enum wsplsp_status plan_order(const struct wsplsp_snapshot *before, const struct plan_order_request *request,
                              plan_new_id new_id, struct plan **plan, struct wsplsp_error *error)
{
    struct planner planner;
    unsigned catalogs = request->catalogs != 0 ? request->catalogs : PLAN_64 | PLAN_32;
    enum wsplsp_status status = planner_begin(&planner, before, new_id, error);
    if (status == WSPLSP_OK)
        status = request->top != NULL ? top(&planner, request->top, catalogs) : order_ids(&planner, request, catalogs);
    if (status == WSPLSP_OK)
        status = plan_reach_entries(&planner);
    if (status == WSPLSP_OK)
        status = warn_choices(&planner);
    if (status == WSPLSP_OK && planner.plan->step_count == 0)
        status = planner_nothing(&planner, "The entries stand in that order already");
    return planner_end(&planner, status, plan);
}
