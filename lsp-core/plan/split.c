/* Gives entries that share a provider id ids of their own where they can only be installed one by one; see
 * plan_match.h. */
#include "plan_match.h"

#include "lsp-core/catalog/chain.h"

static bool is_coming(const struct plan_side *side, size_t index)
{
    return side->goal->entries[index].undecoded == NULL && side->old_of[index] == PLAN_NONE;
}

static bool has_id(const struct wsplsp_catalog *catalog, const struct wsplsp_guid *id)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        if (catalog->entries[i].undecoded == NULL && wsplsp_guid_equal(&catalog->entries[i].info.provider_id, id))
            return true;
    }
    return false;
}

/* The entry that keeps the provider id: a layer's own, which the layer looks for, or the first one. */
static size_t keeper(const struct plan_side *side, const struct wsplsp_guid *id)
{
    size_t first = PLAN_NONE;
    for (size_t i = 0; i < side->goal->entry_count; i++) {
        const struct wsplsp_entry *entry = &side->goal->entries[i];
        if (!is_coming(side, i) || !wsplsp_guid_equal(&entry->info.provider_id, id))
            continue;
        if (wsplsp_entry_kind(entry) == WSPLSP_KIND_LAYER)
            return i;
        first = first == PLAN_NONE ? i : first;
    }
    return first;
}

/* A chain that means the same and has an id that nothing else needs has been split off before: it stays. */
static const struct wsplsp_entry *find_split(const struct plan_side *side, const struct wsplsp_entry *entry)
{
    for (size_t i = 0; i < side->old->entry_count; i++) {
        const struct wsplsp_entry *old = &side->old->entries[i];
        if (old->undecoded == NULL && plan_same_chain(side->old, old, side->goal, entry) &&
            !has_id(side->goal, &old->info.provider_id))
            return old;
    }
    return NULL;
}

static enum wsplsp_status split_off(struct planner *planner, struct plan_side *side, size_t index)
{
    struct wsplsp_entry *entry = &side->goal->entries[index];
    const struct wsplsp_entry *split = find_split(side, entry);
    if (wsplsp_entry_kind(entry) == WSPLSP_KIND_BASE && !planner->lenient)
        return wsplsp_fail(planner->error, WSPLSP_REFUSED, 0, "NO_FUNCTION",
                           "no function brings a second entry of one base provider, '%.150s', into the 32-bit catalog",
                           plan_entry_name(entry));
    if (wsplsp_entry_kind(entry) == WSPLSP_KIND_BASE) {
        enum wsplsp_status status = planner_warn(
            planner, "'%s' is missing from a base provider, and cannot be added to it", plan_entry_name(entry));
        plan_cut(side->goal, index);
        return status;
    }
    if (split != NULL) {
        entry->info.provider_id = split->info.provider_id;
        return WSPLSP_OK;
    }
    if (!planner->new_id(&entry->info.provider_id))
        return wsplsp_fail(planner->error, WSPLSP_SYSTEM, 0, "NO_RANDOM",
                           "the system gave no random numbers for a provider id");
    return planner_warn(
        planner,
        "'%s' gets a provider id of its own in the 32-bit catalog, where no available function installs "
        "several entries with one",
        plan_entry_name(entry));
}

enum wsplsp_status plan_split(struct planner *planner, struct plan_side *side, bool *again)
{
    *again = false;
    if (!planner->plan->before->catalogs[0].present)
        return WSPLSP_OK;
    for (size_t i = 0; i < side->goal->entry_count; i++) {
        if (!is_coming(side, i) || keeper(side, &side->goal->entries[i].info.provider_id) == i)
            continue;
        *again = true;
        size_t count = side->goal->entry_count;
        enum wsplsp_status status = split_off(planner, side, i);
        if (status != WSPLSP_OK)
            return status;
        if (side->goal->entry_count != count) /* the rest does not stand where `side` has it: next time */
            break;
    }
    return *again ? plan_settle(planner->goal, planner->error) : WSPLSP_OK;
}
