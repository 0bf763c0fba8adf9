/* The steps that bring providers. WSCInstallProvider is for the 64-bit catalog (or the only one),
 * WSCInstallProvider64_32 for both with one list and one DLL; no function is for the 32-bit catalog of a 64-bit Windows
 * alone. What differs between the two is put right with WSCUpdateProvider(32), what is wanted in one alone is removed
 * from the other; a chain that would be broken in one of them until then is first installed without its members. See
 * plan_reach.h. */
#include "plan_reach.h"

#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "text.h"

/* The entries of one provider that are to come, by their indices in the goal. */
struct coming {
    struct wsplsp_guid id;
    size_t *at[2];
    size_t count[2];
};

static bool is_coming(const struct reach *reach, size_t c, size_t index)
{
    const struct plan_side *side = &reach->sides[c];
    return side->goal->entries[index].undecoded == NULL && side->old_of[index] == PLAN_NONE && side->ids[index] == 0;
}

static bool gather(const struct reach *reach, const struct wsplsp_guid *id, struct coming *coming)
{
    *coming = (struct coming){.id = *id};
    for (size_t c = 0; c < 2; c++) {
        const struct plan_side *side = &reach->sides[c];
        coming->at[c] = calloc(side->goal->entry_count + 1, sizeof *coming->at[c]);
        if (coming->at[c] == NULL)
            return false;
        for (size_t i = 0; i < side->goal->entry_count; i++) {
            if (is_coming(reach, c, i) && reach_is_of(side, i, id))
                coming->at[c][coming->count[c]++] = i;
        }
    }
    return true;
}

static void coming_free(struct coming *coming)
{
    free(coming->at[0]);
    free(coming->at[1]);
}

static const struct wsplsp_entry *wanted(const struct reach *reach, const struct coming *coming, size_t c, size_t i)
{
    return &reach->sides[c].goal->entries[coming->at[c][i]];
}

/* Whether one list can be installed in both catalogs. */
static bool is_parallel(const struct reach *reach, const struct coming *coming)
{
    if (coming->count[0] != coming->count[1])
        return false;
    for (size_t i = 0; i < coming->count[0]; i++) {
        const struct wsplsp_entry *a = wanted(reach, coming, 0, i), *b = wanted(reach, coming, 1, i);
        if (wsplsp_entry_kind(a) != wsplsp_entry_kind(b) || a->info.family != b->info.family ||
            a->info.socket_type != b->info.socket_type || a->info.protocol != b->info.protocol)
            return false;
    }
    return true;
}

/* Whether the chain is a sound one in that catalog of `after`, which its ids may not be meant for. */
static bool fits(const struct reach *reach, size_t c, const struct wsplsp_protocol_info *info)
{
    const struct wsplsp_entry entry = {.info = *info};
    return plan_is_sound(&reach->planner->plan->after->catalogs[c], &entry);
}

static void make_inert(struct wsplsp_protocol_info *info)
{
    info->chain_len = 0;
    memset(info->chain, 0, sizeof info->chain);
}

static char *install_words(const struct reach *reach, const struct coming *coming, size_t c, unsigned catalogs,
                           const char *dll, bool inert)
{
    const struct wsplsp_entry *first = wanted(reach, coming, c, 0);
    const char *as = inert ? ", for now without its members," : "";
    if (coming->count[c] > 1)
        return text_format("Install the %lu entries of '%s' in %s: %s", (unsigned long)coming->count[c],
                           plan_entry_name(first), plan_catalog_name(catalogs), dll);
    return text_format("Install the %s entry '%s'%s in %s: %s", wsplsp_kind_name(wsplsp_entry_kind(first)),
                       plan_entry_name(first), as, plan_catalog_name(catalogs), dll);
}

/* Installing gives ids in the order of the list: the n-th lowest is that of the n-th entry. */
static void note_ids(struct reach *reach, const struct coming *coming, size_t c)
{
    struct plan_side *side = &reach->sides[c];
    const struct wsplsp_catalog *after = &reach->planner->plan->after->catalogs[c];
    uint32_t last = 0;
    for (size_t i = 0; i < coming->count[c]; i++) {
        uint32_t lowest = UINT32_MAX;
        for (size_t j = 0; j < after->entry_count; j++) {
            const struct wsplsp_protocol_info *info = &after->entries[j].info;
            if (after->entries[j].undecoded == NULL && wsplsp_guid_equal(&info->provider_id, &coming->id) &&
                info->catalog_id > last && info->catalog_id < lowest)
                lowest = info->catalog_id;
        }
        side->ids[coming->at[c][i]] = last = lowest;
    }
}

/* Installs the list of catalog `c`. A chain is left without its members where it would be broken in one of the
 * catalogs. */
static enum wsplsp_status install(struct reach *reach, const struct coming *coming, size_t c, unsigned catalogs)
{
    const char *dll = wanted(reach, coming, c, 0)->dll;
    bool inert = false;
    struct plan_step step = {.action = PLAN_INSTALL, .catalogs = catalogs, .provider_id = coming->id};
    step.function = catalogs == (PLAN_64 | PLAN_32) ? "WSCInstallProvider64_32" : "WSCInstallProvider";
    if (dll == NULL)
        return wsplsp_fail(reach->planner->error, WSPLSP_REFUSED, 0, "DLL_UNKNOWN",
                           "'%.150s' has to be installed, but its DLL is not known",
                           plan_entry_name(wanted(reach, coming, c, 0)));
    step.items = calloc(coming->count[c], sizeof *step.items);
    step.dll = text_duplicate(dll);
    if (step.items == NULL || step.dll == NULL) {
        plan_step_clear(&step);
        return wsplsp_fail_memory(reach->planner->error);
    }
    for (size_t i = 0; i < coming->count[c]; i++) {
        struct wsplsp_protocol_info info;
        bool described = reach_describe(reach, c, coming->at[c][i], false, &info);
        if (info.chain_len > 1 && (!described || ((catalogs & PLAN_64) != 0 && !fits(reach, 0, &info)) ||
                                   ((catalogs & PLAN_32) != 0 && !fits(reach, 1, &info)))) {
            make_inert(&info);
            inert = true;
        }
        step.items[step.item_count++] = reach_item(reach, c, NULL, &info);
    }
    step.words = install_words(reach, coming, c, catalogs, dll, inert);
    return planner_add(reach->planner, &step);
}

static bool refers_to_created(const struct reach *reach, const struct coming *coming, size_t c)
{
    const struct wsplsp_catalog *before = &reach->planner->plan->before->catalogs[c];
    for (size_t i = 0; i < coming->count[c]; i++) {
        struct wsplsp_protocol_info info;
        if (!reach_describe(reach, c, coming->at[c][i], false, &info))
            continue;
        for (int32_t m = 0; info.chain_len > 1 && m < info.chain_len; m++) {
            if (wsplsp_catalog_find(before, info.chain[m]) == NULL)
                return true;
        }
    }
    return false;
}

static enum wsplsp_status install_in_both(struct reach *reach, const struct coming *coming)
{
    enum wsplsp_status status = install(reach, coming, 0, PLAN_64 | PLAN_32);
    if (status != WSPLSP_OK)
        return status;
    note_ids(reach, coming, 0);
    note_ids(reach, coming, 1);
    status = reach_update(reach, 0, &coming->id, false, false);
    /* The reference does not say that an entry gets the same id in both catalogs: where a chain refers to a new one,
     * the 32-bit catalog's is written for itself. */
    if (status == WSPLSP_OK)
        status = reach_update(reach, 1, &coming->id, false, refers_to_created(reach, coming, 1));
    return status;
}

/* The 64-bit catalog has the entries too for a moment; chains without members, once their layer is gone from there. */
static enum wsplsp_status install_in_32_alone(struct reach *reach, const struct coming *coming)
{
    enum wsplsp_status status = install(reach, coming, 1, PLAN_64 | PLAN_32);
    if (status != WSPLSP_OK)
        return status;
    note_ids(reach, coming, 1);
    status = reach_remove(reach, 0, &coming->id);
    return status == WSPLSP_OK ? reach_update(reach, 1, &coming->id, false, false) : status;
}

static enum wsplsp_status install_in_one(struct reach *reach, const struct coming *coming, size_t c)
{
    enum wsplsp_status status = install(reach, coming, c, plan_bit(reach->sides[c].bits));
    if (status != WSPLSP_OK)
        return status;
    note_ids(reach, coming, c);
    return reach_update(reach, c, &coming->id, false, false);
}

static enum wsplsp_status install_provider(struct reach *reach, const struct coming *coming)
{
    if (coming->count[0] > 0 && coming->count[1] > 0 && is_parallel(reach, coming))
        return install_in_both(reach, coming);
    enum wsplsp_status status = WSPLSP_OK;
    if (coming->count[1] > 0)
        status = reach->sides[0].goal->present ? install_in_32_alone(reach, coming) : install_in_one(reach, coming, 1);
    if (status == WSPLSP_OK && coming->count[0] > 0)
        status = install_in_one(reach, coming, 0);
    return status;
}

/* Whether all that its chains refer to is there, chains of its own left aside. */
static bool is_ready(const struct reach *reach, const struct coming *coming)
{
    for (size_t c = 0; c < 2; c++) {
        for (size_t i = 0; i < coming->count[c]; i++) {
            struct wsplsp_protocol_info info;
            if (!reach_describe(reach, c, coming->at[c][i], false, &info))
                return false;
        }
    }
    return true;
}

/* Installs the providers that are ready, in the goal's order. With `any`, also the next one that is not: chains that
 * refer to each other, or to a layer of their own provider, get their members when all is there. */
static enum wsplsp_status install_round(struct reach *reach, bool any, bool *installed)
{
    *installed = false;
    for (size_t c = 0; c < 2; c++) {
        for (size_t i = 0; i < reach->sides[c].goal->entry_count; i++) {
            struct coming coming;
            enum wsplsp_status status = WSPLSP_OK;
            if (!is_coming(reach, c, i))
                continue;
            if (!gather(reach, &reach->sides[c].goal->entries[i].info.provider_id, &coming))
                status = wsplsp_fail_memory(reach->planner->error);
            bool now = status == WSPLSP_OK && ((any && !*installed) || is_ready(reach, &coming));
            if (now)
                status = install_provider(reach, &coming);
            *installed = *installed || now;
            coming_free(&coming);
            if (status != WSPLSP_OK)
                return status;
        }
    }
    return WSPLSP_OK;
}

enum wsplsp_status reach_install_all(struct reach *reach)
{
    enum wsplsp_status status;
    bool installed, any = false, tried_any;
    do {
        tried_any = any;
        status = install_round(reach, any, &installed);
        any = !installed; /* nothing was ready: the next round takes one all the same */
    } while (status == WSPLSP_OK && (installed || !tried_any));
    return status;
}
