/* The steps that bring providers. WSCInstallProvider is for the 64-bit catalog (or the only one). Into the 32-bit
 * catalog of a 64-bit Windows, WSCInstallProvider64_32 was the way ("no longer available for use as of Windows Vista");
 * what is left is WSCInstallProviderAndChains64_32, which puts a hidden entry into both and a chain on top of each. So
 * an entry comes by that call; the chain goes again, from the catalog that is not to have it the entry too, and
 * WSCUpdateProvider(32), "applicable to base protocols, layered protocols, and protocol chains", makes it what it is to
 * be. The call's chain goes over a protocol that few programs miss meanwhile. See plan_reach.h. */
#include "plan_reach.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/edit.h"
#include "lsp-core/catalog/chain.h"
#include "lsp-core/catalog/flags.h"
#include "lsp-core/base/text.h"

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

/* Whether the chain is a sound one in that catalog of `after`. */
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

static char *install_words(const struct reach *reach, const struct coming *coming, size_t c, const char *dll,
                           bool inert)
{
    const struct wsplsp_entry *first = wanted(reach, coming, c, 0);
    const char *where = plan_catalog_name(plan_bit(reach->sides[c].bits));
    const char *as = inert ? ", for now without its members," : "";
    if (coming->count[c] > 1)
        return text_format("Install the %lu entries of '%s' in %s: %s", (unsigned long)coming->count[c],
                           plan_entry_name(first), where, dll);
    return text_format("Install the %s entry '%s'%s in %s: %s", wsplsp_kind_name(wsplsp_entry_kind(first)),
                       plan_entry_name(first), as, where, dll);
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

/* A chain is left without its members where it would be broken until more has come. */
static enum wsplsp_status install(struct reach *reach, const struct coming *coming, size_t c)
{
    const char *dll = wanted(reach, coming, c, 0)->dll;
    bool inert = false;
    struct plan_step step = {.action = PLAN_INSTALL, .function = "WSCInstallProvider", .provider_id = coming->id};
    step.catalogs = plan_bit(reach->sides[c].bits);
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
        if (info.chain_len > 1 && (!described || !fits(reach, c, &info))) {
            make_inert(&info);
            inert = true;
        }
        step.items[step.item_count++] = reach_item(reach, c, NULL, &info);
    }
    step.words = install_words(reach, coming, c, dll, inert);
    return planner_add(reach->planner, &step);
}

/* ---- into the 32-bit catalog of a 64-bit Windows */

/* How much a protocol's programs would miss it: the call takes one, over which there is a chain too many for a moment.
 */
static int busyness(const struct wsplsp_protocol_info *info)
{
    enum { INET = 2, INET6 = 23, STREAM = 1 };
    if (info->family != INET && info->family != INET6)
        return 0;
    return (info->family == INET ? 3 : 1) + (info->socket_type == STREAM);
}

static bool find_quiet(const struct reach *reach, struct plan_protocol *quiet)
{
    const struct wsplsp_snapshot *after = reach->planner->plan->after;
    int least = -1;
    for (size_t i = 0; i < after->catalogs[1].entry_count; i++) {
        const struct wsplsp_protocol_info *info = &after->catalogs[1].entries[i].info;
        const struct plan_protocol protocol = {info->family, info->socket_type, info->protocol};
        if (after->catalogs[1].entries[i].undecoded != NULL || (least >= 0 && busyness(info) >= least) ||
            !plan_has_room_over(after, PLAN_64 | PLAN_32, &protocol))
            continue;
        *quiet = protocol;
        least = busyness(info);
    }
    return least >= 0;
}

static bool is_name_free(const struct wsplsp_snapshot *snapshot, const char *name)
{
    for (size_t c = 0; c < 2; c++) {
        for (size_t i = 0; i < snapshot->catalogs[c].entry_count; i++) {
            const struct wsplsp_entry *entry = &snapshot->catalogs[c].entries[i];
            if (entry->undecoded == NULL && entry->name_raw != NULL && text_compare_nocase(entry->name_raw, name) == 0)
                return false;
        }
    }
    return true;
}

/* "a duplicate provider ID or the layered service provider name already exist in the catalog": the name is put right
 * later. Nobody sees it, so it need not be a nice one. */
static char *free_name(const struct reach *reach, const struct wsplsp_entry *entry)
{
    char id[WSPLSP_GUID_TEXT];
    if (entry->name_raw != NULL && entry->name_raw[0] != '\0' &&
        is_name_free(reach->planner->plan->after, entry->name_raw))
        return text_duplicate(entry->name_raw);
    wsplsp_guid_format(&entry->info.provider_id, id);
    return text_duplicate(id);
}

static char *plant_words(const struct wsplsp_entry *entry, const char *dll64, const char *dll32, bool both)
{
    bool two = both && strcmp(dll64, dll32) != 0;
    return text_format("Install '%s', hidden, with a chain that the next steps remove again, in both catalogs: %s%s%s",
                       plan_entry_name(entry), dll32, two ? ", " : "", two ? dll64 : "");
}

static enum wsplsp_status plant(struct reach *reach, const struct coming *coming, const struct plan_protocol *quiet)
{
    const struct wsplsp_entry *entry = wanted(reach, coming, 1, 0);
    bool both = coming->count[0] == 1;
    const char *dll32 = entry->dll, *dll64 = both ? wanted(reach, coming, 0, 0)->dll : dll32;
    if (dll32 == NULL || dll64 == NULL)
        return wsplsp_fail(reach->planner->error, WSPLSP_REFUSED, 0, "DLL_UNKNOWN",
                           "'%.150s' has to be installed, but its DLL is not known", plan_entry_name(entry));
    struct plan_step step = {
        .action = PLAN_INSTALL_LAYER,
        .function = "WSCInstallProviderAndChains64_32",
        .catalogs = PLAN_64 | PLAN_32,
        .provider_id = coming->id,
        .dll = text_duplicate(dll64),
        .dll32 = text_duplicate(dll32),
        .name = free_name(reach, entry),
        .service_flags = entry->info.service_flags[0] & XP1_IFS_HANDLES,
        .over = malloc(sizeof *step.over),
        .over_count = 1,
        .words = plant_words(entry, dll64, dll32, both),
    };
    if (step.dll == NULL || step.dll32 == NULL || step.name == NULL || step.over == NULL) {
        plan_step_clear(&step);
        return wsplsp_fail_memory(reach->planner->error);
    }
    step.over[0] = *quiet;
    return planner_add(reach->planner, &step);
}

static const struct wsplsp_entry *find_chain_of(const struct wsplsp_catalog *catalog, uint32_t layer)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded == NULL && entry->info.chain_len > 1 && entry->info.chain[0] == layer)
            return entry;
    }
    return NULL;
}

/* Takes out the chain that came along. */
static enum wsplsp_status weed(struct reach *reach, size_t c, const struct wsplsp_guid *id)
{
    const struct wsplsp_catalog *after = &reach->planner->plan->after->catalogs[c];
    const struct wsplsp_entry *own = catalog_edit_find_provider(after, id);
    const struct wsplsp_entry *chain = own == NULL ? NULL : find_chain_of(after, own->info.catalog_id);
    if (chain == NULL)
        return WSPLSP_OK;
    struct wsplsp_guid chain_id = chain->info.provider_id;
    return reach_remove(reach, c, &chain_id);
}

/* One entry, which becomes what it is to be once it is there. In the 64-bit catalog it stays where one entry is wanted
 * there, too. */
static enum wsplsp_status install_in_32(struct reach *reach, const struct coming *coming)
{
    struct plan_protocol quiet;
    bool both = coming->count[0] == 1;
    if (!find_quiet(reach, &quiet))
        return wsplsp_fail(reach->planner->error, WSPLSP_REFUSED, 0, "NO_FUNCTION",
                           "'%.150s' cannot be installed: the two catalogs have no protocol in common",
                           plan_entry_name(wanted(reach, coming, 1, 0)));
    enum wsplsp_status status = plant(reach, coming, &quiet);
    for (size_t c = 0; c < 2 && status == WSPLSP_OK; c++)
        status = weed(reach, c, &coming->id);
    if (status != WSPLSP_OK)
        return status;
    note_ids(reach, coming, 1);
    if (both)
        note_ids(reach, coming, 0);
    status = both ? reach_update(reach, 0, &coming->id, false) : reach_remove(reach, 0, &coming->id);
    return status == WSPLSP_OK ? reach_update(reach, 1, &coming->id, false) : status;
}

static enum wsplsp_status install_in_one(struct reach *reach, const struct coming *coming, size_t c)
{
    enum wsplsp_status status = install(reach, coming, c);
    if (status != WSPLSP_OK)
        return status;
    note_ids(reach, coming, c);
    return reach_update(reach, c, &coming->id, false);
}

static enum wsplsp_status install_provider(struct reach *reach, const struct coming *coming)
{
    enum wsplsp_status status = WSPLSP_OK;
    bool in_32 = coming->count[1] > 0 && reach->planner->plan->before->catalogs[0].present;
    if (in_32)
        status = install_in_32(reach, coming);
    else if (coming->count[1] > 0)
        status = install_in_one(reach, coming, 1);
    if (status == WSPLSP_OK && coming->count[0] > 0 && !(in_32 && coming->count[0] == 1))
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
