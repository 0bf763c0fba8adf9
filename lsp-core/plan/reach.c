/* The steps from the plan's `after` to the goal, for protocol entries; see part.h. Their order keeps the network
 * in work after each one: what is needed comes first, inert or behind all others; then what stays is led over it, and
 * the order written; only then what is needed no more goes, chains before layers. */
#include "plan_reach.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/chain.h"
#include "lsp-core/catalog/copy.h"
#include "lsp-core/diff/diff.h"
#include "lsp-core/catalog/flags.h"
#include "lsp-core/base/text.h"

bool reach_is_of(const struct plan_side *side, size_t index, const struct wsplsp_guid *id)
{
    const struct wsplsp_entry *entry = &side->goal->entries[index];
    return entry->undecoded == NULL && wsplsp_guid_equal(&entry->info.provider_id, id);
}

static bool is_provider(const struct wsplsp_entry *entry, const struct wsplsp_guid *id)
{
    return entry->undecoded == NULL && wsplsp_guid_equal(&entry->info.provider_id, id);
}

const struct wsplsp_entry *reach_entry(const struct reach *reach, size_t c, size_t index)
{
    const struct plan_side *side = &reach->sides[c];
    const struct wsplsp_catalog *after = &reach->planner->plan->after->catalogs[c];
    const struct wsplsp_entry *wanted = &side->goal->entries[index];
    for (size_t i = 0; side->ids[index] != 0 && i < after->entry_count; i++) {
        const struct wsplsp_entry *entry = &after->entries[i];
        if (is_provider(entry, &wanted->info.provider_id) && entry->info.catalog_id == side->ids[index])
            return entry;
    }
    return NULL;
}

/* ---- removing */

static char *remove_words(const struct wsplsp_catalog *catalog, const struct wsplsp_guid *id)
{
    const struct wsplsp_entry *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        if (!is_provider(&catalog->entries[i], id))
            continue;
        if (first == NULL || wsplsp_entry_kind(&catalog->entries[i]) == WSPLSP_KIND_LAYER)
            first = &catalog->entries[i];
        count++;
    }
    const char *from = plan_catalog_name(plan_bit(catalog->bits));
    if (first == NULL)
        return text_duplicate("Remove a provider");
    if (count > 1)
        return text_format("Remove '%s' and what else has its provider id (%lu entries) from %s",
                           plan_entry_name(first), (unsigned long)count, from);
    return text_format("Remove the %s entry '%s' from %s", wsplsp_kind_name(wsplsp_entry_kind(first)),
                       plan_entry_name(first), from);
}

enum wsplsp_status reach_remove(struct reach *reach, size_t c, const struct wsplsp_guid *id)
{
    const struct wsplsp_snapshot *after = reach->planner->plan->after;
    int bits = reach->sides[c].bits;
    struct plan_step step = {
        .action = PLAN_REMOVE,
        .function = plan_is_plain(after, bits) ? "WSCDeinstallProvider" : "WSCDeinstallProvider32",
        .words = remove_words(&after->catalogs[c], id),
        .catalogs = plan_bit(bits),
        .provider_id = *id,
    };
    for (size_t i = 0; i < after->catalogs[c].entry_count; i++) {
        if (is_provider(&after->catalogs[c].entries[i], id))
            step.target = plan_make_ref(reach->planner, bits, &after->catalogs[c].entries[i]);
    }
    return planner_add(reach->planner, &step);
}

static bool still_has(const struct reach *reach, size_t c, const struct wsplsp_guid *id)
{
    const struct wsplsp_catalog *after = &reach->planner->plan->after->catalogs[c];
    for (size_t i = 0; i < after->entry_count; i++) {
        if (is_provider(&after->entries[i], id))
            return true;
    }
    return false;
}

/* Whether a chain of another provider refers to this one. */
static bool is_needed(const struct reach *reach, size_t c, const struct wsplsp_guid *id)
{
    const struct wsplsp_catalog *after = &reach->planner->plan->after->catalogs[c];
    for (size_t i = 0; i < after->entry_count; i++) {
        const struct wsplsp_entry *entry = &after->entries[i];
        for (size_t m = 0; m < chain_length(entry) && entry->info.chain_len > 1 && !is_provider(entry, id); m++) {
            const struct wsplsp_entry *member = chain_member(after, entry, m);
            if (member != NULL && is_provider(member, id))
                return true;
        }
    }
    return false;
}

/* The next provider to remove: one that nothing refers to, or, among broken ones, any. */
static const struct wsplsp_guid *next_to_remove(const struct reach *reach, size_t c, bool early)
{
    const struct plan_side *side = &reach->sides[c];
    const struct wsplsp_guid *any = NULL;
    for (size_t i = 0; i < side->old->entry_count; i++) {
        const struct wsplsp_guid *id = &side->old->entries[i].info.provider_id;
        if (side->old->entries[i].undecoded != NULL || side->goal_of[i] != PLAN_NONE || side->early[i] != early ||
            !still_has(reach, c, id))
            continue;
        if (!is_needed(reach, c, id))
            return id;
        any = any == NULL ? id : any;
    }
    return any;
}

static enum wsplsp_status remove_all(struct reach *reach, bool early)
{
    enum wsplsp_status status = WSPLSP_OK;
    for (size_t c = 0; c < 2; c++) {
        const struct wsplsp_guid *id;
        while (status == WSPLSP_OK && (id = next_to_remove(reach, c, early)) != NULL)
            status = reach_remove(reach, c, id);
    }
    return status;
}

/* ---- order */

static bool is_wanted(const struct plan_side *side, uint32_t id, const struct wsplsp_guid *provider)
{
    for (size_t i = 0; i < side->goal->entry_count; i++) {
        if (side->ids[i] == id && reach_is_of(side, i, provider))
            return true;
    }
    return false;
}

/* Whether what is to stay stands in the goal's order already. */
static bool is_in_order(const struct reach *reach, size_t c)
{
    const struct plan_side *side = &reach->sides[c];
    const struct wsplsp_catalog *after = &reach->planner->plan->after->catalogs[c];
    size_t next = 0;
    for (size_t i = 0; i < after->entry_count; i++) {
        const struct wsplsp_entry *entry = &after->entries[i];
        if (entry->undecoded != NULL || !is_wanted(side, entry->info.catalog_id, &entry->info.provider_id))
            continue;
        while (next < side->goal->entry_count && side->goal->entries[next].undecoded != NULL)
            next++;
        if (next == side->goal->entry_count || side->ids[next] != entry->info.catalog_id)
            return false;
        next++;
    }
    return true;
}

/* The goal's order; what is to go stands behind it. */
static size_t list_order(const struct reach *reach, size_t c, struct plan_ref *order)
{
    const struct plan_side *side = &reach->sides[c];
    const struct wsplsp_catalog *after = &reach->planner->plan->after->catalogs[c];
    size_t count = 0;
    for (size_t i = 0; i < side->goal->entry_count; i++) {
        const struct wsplsp_entry *entry = reach_entry(reach, c, i);
        if (entry != NULL)
            order[count++] = plan_make_ref(reach->planner, side->bits, entry);
    }
    for (size_t i = 0; i < after->entry_count; i++) {
        const struct wsplsp_entry *entry = &after->entries[i];
        if (entry->undecoded == NULL && !is_wanted(side, entry->info.catalog_id, &entry->info.provider_id))
            order[count++] = plan_make_ref(reach->planner, side->bits, entry);
    }
    return count;
}

static enum wsplsp_status write_order(struct reach *reach, size_t c)
{
    const struct plan_side *side = &reach->sides[c];
    const struct wsplsp_snapshot *after = reach->planner->plan->after;
    if (is_in_order(reach, c))
        return WSPLSP_OK;
    struct plan_step step = {
        .action = PLAN_ORDER,
        .function = plan_is_plain(after, side->bits) ? "WSCWriteProviderOrder" : "WSCWriteProviderOrder32",
        .catalogs = plan_bit(side->bits),
        .order = calloc(after->catalogs[c].entry_count + 1, sizeof *step.order),
    };
    if (step.order == NULL)
        return wsplsp_fail_memory(reach->planner->error);
    step.order_count = list_order(reach, c, step.order);
    const struct wsplsp_entry *first =
        step.order_count == 0 ? NULL : wsplsp_catalog_find(&after->catalogs[c], step.order[0].catalog_id);
    step.words = text_format("Write the new order of %s, '%s' first", plan_catalog_name(step.catalogs),
                             first == NULL ? "?" : plan_entry_name(first));
    return planner_add(reach->planner, &step);
}

/* ---- categories */

static enum wsplsp_status categorize(struct reach *reach, size_t c, size_t index)
{
    const struct plan_side *side = &reach->sides[c];
    const struct wsplsp_entry *wanted = &side->goal->entries[index];
    const struct wsplsp_entry *entry = reach_entry(reach, c, index);
    if (entry == NULL || wsplsp_entry_kind(wanted) != WSPLSP_KIND_LAYER || !wanted->has_categories)
        return WSPLSP_OK;
    /* One that has never had any is as good as one that has none. */
    if (entry->has_categories ? entry->categories == wanted->categories : wanted->categories == 0)
        return WSPLSP_OK;
    bool plain = plan_is_plain(reach->planner->plan->after, side->bits);
    char *names = flags_text(wanted->categories, flags_category);
    if (names == NULL)
        return wsplsp_fail_memory(reach->planner->error);
    struct plan_step step = {
        .action = PLAN_SET_CATEGORIES,
        .function = plain ? "WSCSetProviderInfo" : "WSCSetProviderInfo32",
        .words = text_format("Set the LSP categories of '%s' in %s: %s", plan_entry_name(entry),
                             plan_catalog_name(plan_bit(side->bits)), names),
        .catalogs = plan_bit(side->bits),
        .provider_id = entry->info.provider_id,
        .categories = wanted->categories,
    };
    free(names);
    return planner_add(reach->planner, &step);
}

static enum wsplsp_status categorize_all(struct reach *reach)
{
    enum wsplsp_status status = WSPLSP_OK;
    for (size_t c = 0; c < 2; c++) {
        for (size_t i = 0; i < reach->sides[c].goal->entry_count && status == WSPLSP_OK; i++)
            status = categorize(reach, c, i);
    }
    return status;
}

/* ---- all together */

/* The steps are found by rules; that they lead to the goal is looked at, not believed. */
static enum wsplsp_status check(const struct reach *reach)
{
    struct planner *planner = reach->planner;
    struct diff *diff;
    enum wsplsp_status status = diff_snapshots(planner->goal, planner->plan->after, &diff, planner->error);
    if (status != WSPLSP_OK)
        return status;
    for (size_t i = 0; i < diff->count && status == WSPLSP_OK; i++) {
        const struct diff_change *change = &diff->changes[i];
        if (change->subject != DIFF_ENTRY || (change->field != NULL && strcmp(change->field, "undecoded") == 0) ||
            strcmp(change->name, "(undecoded entry)") == 0)
            continue;
        const char *what = change->field != NULL ? change->field : diff_kind_name(change->kind);
        status = planner->lenient ? planner_warn(planner, "'%s' stays as it is: %s", change->name, what)
                                  : wsplsp_fail(planner->error, WSPLSP_REFUSED, 0, "NOT_REACHED",
                                                "the functions of Winsock cannot bring '%.150s' where it should be: "
                                                "%.100s",
                                                change->name, what);
    }
    diff_free(diff);
    return status;
}

static enum wsplsp_status take_steps(struct reach *reach)
{
    enum wsplsp_status status = reach_detach(reach);
    if (status == WSPLSP_OK)
        status = remove_all(reach, true);
    if (status == WSPLSP_OK)
        status = reach_install_all(reach);
    if (status == WSPLSP_OK)
        status = reach_update_all(reach);
    for (size_t c = 0; c < 2 && status == WSPLSP_OK; c++)
        status = write_order(reach, c);
    if (status == WSPLSP_OK)
        status = remove_all(reach, false);
    if (status == WSPLSP_OK)
        status = categorize_all(reach);
    return status == WSPLSP_OK ? check(reach) : status;
}

enum wsplsp_status plan_reach_entries(struct planner *planner)
{
    struct reach reach = {.planner = planner};
    enum wsplsp_status status = plan_settle(planner->goal, planner->error);
    planner->start = copy_snapshot(planner->plan->after);
    if (status == WSPLSP_OK && planner->start == NULL)
        status = wsplsp_fail_memory(planner->error);
    bool again = true;
    while (status == WSPLSP_OK && again) {
        status = plan_match(planner, reach.sides);
        if (status == WSPLSP_OK)
            status = plan_split(planner, &reach.sides[1], &again);
    }
    if (status == WSPLSP_OK)
        status = take_steps(&reach);
    plan_match_free(reach.sides);
    wsplsp_snapshot_free(planner->start);
    planner->start = NULL;
    return status;
}
