/* Pairs the entries of the catalog with those of the goal; see plan_match.h.
 *
 * The functions of Winsock work on providers: WSCDeinstallProvider removes all entries of a provider id,
 * WSCInstallProvider adds none to a provider that is there. So a provider one of whose entries comes or goes has to go
 * as a whole and come back, and the chains that pass through it have to do without it meanwhile. */
#include "plan_match.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/chain.h"
#include "lsp-core/catalog/copy.h"

static bool same_provider(const struct wsplsp_entry *a, const struct wsplsp_entry *b)
{
    return a->undecoded == NULL && b->undecoded == NULL &&
           wsplsp_guid_equal(&a->info.provider_id, &b->info.provider_id);
}

enum { LEVEL_ID, LEVEL_NAME, LEVEL_PROTOCOL, LEVELS };

static bool is_pair(const struct wsplsp_entry *a, const struct wsplsp_entry *b, int level)
{
    if (!same_provider(a, b) || wsplsp_entry_kind(a) != wsplsp_entry_kind(b) || a->info.family != b->info.family ||
        a->info.socket_type != b->info.socket_type || a->info.protocol != b->info.protocol)
        return false;
    if (level <= LEVEL_NAME && strcmp(a->name_raw, b->name_raw) != 0 && strcmp(a->name, b->name) != 0)
        return false;
    return level > LEVEL_ID || a->info.catalog_id == b->info.catalog_id;
}

static void pair_level(struct plan_side *side, int level)
{
    for (size_t g = 0; g < side->goal->entry_count; g++) {
        for (size_t o = 0; o < side->old->entry_count && side->old_of[g] == PLAN_NONE; o++) {
            if (side->goal_of[o] == PLAN_NONE && is_pair(&side->old->entries[o], &side->goal->entries[g], level)) {
                side->goal_of[o] = g;
                side->old_of[g] = o;
            }
        }
    }
}

void plan_match_free(struct plan_side sides[2])
{
    for (size_t c = 0; c < 2; c++) {
        free(sides[c].goal_of);
        free(sides[c].old_of);
        free(sides[c].ids);
        free(sides[c].early);
        free(sides[c].detached);
        sides[c] = (struct plan_side){0};
    }
}

static bool pair(struct planner *planner, struct plan_side sides[2])
{
    plan_match_free(sides);
    for (size_t c = 0; c < 2; c++) {
        struct plan_side *side = &sides[c];
        side->old = &planner->start->catalogs[c];
        side->goal = &planner->goal->catalogs[c];
        side->bits = side->goal->bits;
        size_t old_count = side->old->entry_count, goal_count = side->goal->entry_count;
        side->goal_of = malloc((old_count + 1) * sizeof *side->goal_of);
        side->early = calloc(old_count + 1, sizeof *side->early);
        side->detached = calloc(old_count + 1, sizeof *side->detached);
        side->old_of = malloc((goal_count + 1) * sizeof *side->old_of);
        side->ids = calloc(goal_count + 1, sizeof *side->ids);
        if (side->goal_of == NULL || side->early == NULL || side->detached == NULL || side->old_of == NULL ||
            side->ids == NULL)
            return false;
        for (size_t i = 0; i < old_count; i++)
            side->goal_of[i] = PLAN_NONE;
        for (size_t i = 0; i < goal_count; i++)
            side->old_of[i] = PLAN_NONE;
        for (int level = 0; level < LEVELS; level++)
            pair_level(side, level);
    }
    return true;
}

/* ---- what cannot be done */

static bool has_base(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *of)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        if (same_provider(&catalog->entries[i], of) && wsplsp_entry_kind(&catalog->entries[i]) == WSPLSP_KIND_BASE)
            return true;
    }
    return false;
}

/* An entry of a base provider would go: it stays instead, behind all others. */
static enum wsplsp_status keep(struct planner *planner, struct plan_side *side, const struct wsplsp_entry *entry)
{
    if (!planner->lenient)
        return wsplsp_fail(planner->error, WSPLSP_REFUSED, 0, "BASE_PROVIDER",
                           "'%.150s' (%lu) is of a base provider, which is never removed", plan_entry_name(entry),
                           (unsigned long)entry->info.catalog_id);
    struct wsplsp_entry *kept = wsplsp_catalog_add_entry(side->goal);
    if (kept == NULL || !copy_entry(kept, entry))
        return wsplsp_fail_memory(planner->error);
    return planner_warn(planner, "'%s' is of a base provider that is not to be found there; it stays",
                        plan_entry_name(entry));
}

/* An entry of a base provider would come, though others of that provider are there. */
static enum wsplsp_status leave_out(struct planner *planner, struct plan_side *side, size_t index)
{
    const struct wsplsp_entry *entry = &side->goal->entries[index];
    if (!planner->lenient)
        return wsplsp_fail(planner->error, WSPLSP_REFUSED, 0, "BASE_PROVIDER",
                           "'%.150s' cannot be added to a base provider that is installed", plan_entry_name(entry));
    enum wsplsp_status status =
        planner_warn(planner, "'%s' is missing from a base provider that is installed, and cannot be added to it",
                     plan_entry_name(entry));
    plan_cut(side->goal, index);
    return status;
}

/* Looks for one thing that cannot be done, and settles it; `*found` says whether there was one. */
static enum wsplsp_status adjust(struct planner *planner, struct plan_side sides[2], bool *found)
{
    *found = true;
    for (size_t c = 0; c < 2; c++) {
        struct plan_side *side = &sides[c];
        for (size_t i = 0; i < side->old->entry_count; i++) {
            const struct wsplsp_entry *entry = &side->old->entries[i];
            if (entry->undecoded == NULL && side->goal_of[i] == PLAN_NONE && has_base(side->old, entry))
                return keep(planner, side, entry);
        }
        for (size_t i = 0; i < side->goal->entry_count; i++) {
            const struct wsplsp_entry *entry = &side->goal->entries[i];
            if (entry->undecoded == NULL && side->old_of[i] == PLAN_NONE &&
                (has_base(side->old, entry) || (c == 1 && has_base(sides[0].old, entry))))
                return leave_out(planner, side, i);
        }
    }
    *found = false;
    return WSPLSP_OK;
}

/* ---- what has to go early */

static bool set_early(struct plan_side *side, size_t index)
{
    if (side->early[index])
        return false;
    side->early[index] = true;
    if (side->goal_of[index] != PLAN_NONE)
        side->old_of[side->goal_of[index]] = PLAN_NONE;
    side->goal_of[index] = PLAN_NONE;
    return true;
}

/* Whether an entry of that provider comes into the catalog. */
static bool comes(const struct plan_side *side, const struct wsplsp_entry *of)
{
    for (size_t i = 0; i < side->goal->entry_count; i++) {
        if (side->old_of[i] == PLAN_NONE && same_provider(&side->goal->entries[i], of))
            return true;
    }
    return false;
}

/* Whether one of the provider's entries goes early, or goes while this one stays. */
static bool is_torn(const struct plan_side *side, size_t index)
{
    for (size_t i = 0; i < side->old->entry_count; i++) {
        if (i != index && same_provider(&side->old->entries[i], &side->old->entries[index]) &&
            (side->early[i] || (side->goal_of[i] == PLAN_NONE) != (side->goal_of[index] == PLAN_NONE)))
            return true;
    }
    return false;
}

static bool passes_early(const struct plan_side *side, const struct wsplsp_entry *entry)
{
    for (size_t i = 0; i < chain_length(entry) && entry->info.chain_len > 1; i++) {
        const struct wsplsp_entry *member = chain_member(side->old, entry, i);
        if (member != NULL && side->early[plan_index(side->old, member)])
            return true;
    }
    return false;
}

/* WSCInstallProviderAndChains64_32, the only way into the 32-bit catalog, wants the provider to be in neither. */
static bool is_in_the_way(const struct plan_side sides[2], size_t c, size_t index)
{
    const struct wsplsp_entry *entry = &sides[c].old->entries[index];
    return comes(&sides[c], entry) || (c == 0 && sides[1].goal->present && comes(&sides[1], entry));
}

static bool look_at(struct plan_side sides[2], size_t c, size_t index)
{
    struct plan_side *side = &sides[c];
    const struct wsplsp_entry *entry = &side->old->entries[index];
    struct plan_chain chain;
    if (entry->undecoded != NULL || side->early[index])
        return false;
    if (is_in_the_way(sides, c, index) || is_torn(side, index))
        return set_early(side, index);
    side->detached[index] = false;
    if (!plan_is_sound(side->old, entry) || !passes_early(side, entry))
        return false;
    if (side->goal_of[index] == PLAN_NONE || !plan_reduce(side->old, entry, side->early, &chain))
        return set_early(side, index);
    side->detached[index] = true;
    return false;
}

enum wsplsp_status plan_match(struct planner *planner, struct plan_side sides[2])
{
    bool again = true;
    while (again) {
        if (!pair(planner, sides))
            return wsplsp_fail_memory(planner->error);
        enum wsplsp_status status = adjust(planner, sides, &again);
        if (status == WSPLSP_OK && again)
            status = plan_settle(planner->goal, planner->error);
        if (status != WSPLSP_OK)
            return status;
    }
    /* Each early one may make others so; there are no more rounds than entries. */
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t c = 0; c < 2; c++) {
            for (size_t i = 0; i < sides[c].old->entry_count; i++)
                changed = look_at(sides, c, i) || changed;
        }
    }
    for (size_t c = 0; c < 2; c++) {
        for (size_t i = 0; i < sides[c].goal->entry_count; i++) {
            if (sides[c].old_of[i] != PLAN_NONE)
                sides[c].ids[i] = sides[c].old->entries[sides[c].old_of[i]].info.catalog_id;
        }
    }
    return WSPLSP_OK;
}
