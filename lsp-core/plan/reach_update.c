/* The steps that describe entries anew: WSCUpdateProvider takes a whole WSAPROTOCOL_INFO, the chain included, and is
 * "applicable to base protocols, layered protocols, and protocol chains"; ids and places stay. See plan_reach.h. */
#include "plan_reach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/chain.h"
#include "lsp-core/base/code_page.h"
#include "lsp-core/base/text.h"

/* The id in `after` of the entry that a chain of the goal refers to; 0 where it is not there. */
static uint32_t id_of(const struct reach *reach, size_t c, uint32_t goal_id, bool final)
{
    const struct plan_side *side = &reach->sides[c];
    const struct wsplsp_entry *member = wsplsp_catalog_find(side->goal, goal_id);
    if (member == NULL)
        return final ? goal_id : 0;
    return side->ids[plan_index(side->goal, member)];
}

bool reach_describe(const struct reach *reach, size_t c, size_t index, bool final, struct wsplsp_protocol_info *info)
{
    const struct plan_side *side = &reach->sides[c];
    const struct wsplsp_entry *wanted = &side->goal->entries[index];
    const struct wsplsp_entry *entry = reach_entry(reach, c, index);
    *info = wanted->info;
    if (entry != NULL) {
        info->catalog_id = entry->info.catalog_id;
        /* The same name may be stored as a reference or resolved. */
        if (strcmp(entry->name, wanted->name) == 0)
            memcpy(info->name, entry->info.name, sizeof info->name);
    }
    if (wsplsp_entry_kind(wanted) != WSPLSP_KIND_CHAIN) {
        if (entry != NULL && side->old_of[index] != PLAN_NONE)
            memcpy(info->chain, entry->info.chain, sizeof info->chain);
        return true;
    }
    memset(info->chain, 0, sizeof info->chain);
    for (size_t i = 0; i < chain_length(wanted); i++) {
        info->chain[i] = id_of(reach, c, wanted->info.chain[i], final);
        if (info->chain[i] == 0)
            return false;
    }
    return true;
}

static bool other_dll(const struct wsplsp_entry *entry, const struct wsplsp_entry *wanted)
{
    return wanted->dll != NULL && (entry->dll == NULL || text_compare_nocase(entry->dll, wanted->dll) != 0);
}

/* An unused member of a chain means nothing. */
static bool same_info(const struct wsplsp_protocol_info *a, const struct wsplsp_protocol_info *b)
{
    struct wsplsp_protocol_info left = *a, right = *b;
    for (int32_t i = a->chain_len > 1 ? a->chain_len : 0; i < WSPLSP_MAX_PROTOCOL_CHAIN; i++)
        left.chain[i] = right.chain[i] = 0;
    return memcmp(&left, &right, sizeof left) == 0;
}

bool reach_differs(const struct reach *reach, size_t c, size_t index, const struct wsplsp_protocol_info *info)
{
    const struct wsplsp_entry *entry = reach_entry(reach, c, index);
    return entry != NULL && (!same_info(&entry->info, info) || other_dll(entry, &reach->sides[c].goal->entries[index]));
}

struct plan_item reach_item(const struct reach *reach, size_t c, const struct wsplsp_entry *entry,
                            const struct wsplsp_protocol_info *info)
{
    const struct wsplsp_catalog *after = &reach->planner->plan->after->catalogs[c];
    struct plan_item item = {.info = *info};
    if (entry != NULL) {
        item.self = plan_make_ref(reach->planner, after->bits, entry);
    } else {
        item.self = (struct plan_ref){.created = true,
                                      .provider_id = info->provider_id,
                                      .kind = info->chain_len == 0   ? WSPLSP_KIND_LAYER
                                              : info->chain_len == 1 ? WSPLSP_KIND_BASE
                                                                     : WSPLSP_KIND_CHAIN,
                                      .family = info->family,
                                      .socket_type = info->socket_type,
                                      .protocol = info->protocol};
    }
    for (int32_t i = 0; info->chain_len > 1 && i < info->chain_len && i < WSPLSP_MAX_PROTOCOL_CHAIN; i++) {
        const struct wsplsp_entry *member = wsplsp_catalog_find(after, info->chain[i]);
        if (member != NULL)
            item.members[i] = plan_make_ref(reach->planner, after->bits, member);
        else
            item.members[i] = (struct plan_ref){.catalog_id = info->chain[i]}; /* missing, and meant to be */
    }
    return item;
}

/* ---- words */

static char *names_of(const struct reach *reach, size_t c, const uint32_t *ids, size_t count)
{
    const struct wsplsp_catalog *after = &reach->planner->plan->after->catalogs[c];
    char *text = text_duplicate("");
    for (size_t i = 0; text != NULL && i < count; i++) {
        const struct wsplsp_entry *member = wsplsp_catalog_find(after, ids[i]);
        char *longer =
            text_format("%s%s%s", text, i == 0 ? "" : " > ", member == NULL ? "(missing)" : plan_entry_name(member));
        free(text);
        text = longer;
    }
    return text;
}

static bool is_led_elsewhere(const struct wsplsp_entry *entry, const struct wsplsp_protocol_info *info)
{
    return info->chain_len > 1 &&
           (entry->info.chain_len != info->chain_len ||
            memcmp(entry->info.chain, info->chain, (size_t)info->chain_len * sizeof *info->chain) != 0);
}

static char *update_words(const struct reach *reach, size_t c, const struct plan_step *step)
{
    const struct wsplsp_catalog *after = &reach->planner->plan->after->catalogs[c];
    const struct plan_item *item = &step->items[0];
    const struct wsplsp_entry *entry = wsplsp_catalog_find(after, item->self.catalog_id);
    const char *where = plan_catalog_name(step->catalogs);
    char more[48] = "";
    if (entry == NULL)
        return text_format("Describe a provider anew in %s", where);
    if (step->item_count > 1)
        snprintf(more, sizeof more, " and %lu more", (unsigned long)step->item_count - 1);
    if (is_led_elsewhere(entry, &item->info)) {
        char *names = names_of(reach, c, item->info.chain, (size_t)item->info.chain_len);
        char *words = names == NULL ? NULL
                                    : text_format("Set the chain of '%s'%s in %s to %s", plan_entry_name(entry), more,
                                                  where, names);
        free(names);
        return words;
    }
    if (entry->dll == NULL || strcmp(entry->dll, step->dll) != 0)
        return text_format("Give '%s'%s in %s the DLL %s", plan_entry_name(entry), more, where, step->dll);
    return text_format("Describe '%s'%s in %s anew", plan_entry_name(entry), more, where);
}

/* ---- steps */

static enum wsplsp_status add_update(struct reach *reach, size_t c, struct plan_step *step, const char *dll)
{
    bool plain = plan_is_plain(reach->planner->plan->after, reach->sides[c].bits);
    step->action = PLAN_UPDATE;
    step->function = plain ? "WSCUpdateProvider" : "WSCUpdateProvider32";
    step->catalogs = plan_bit(reach->sides[c].bits);
    step->provider_id = step->items[0].self.provider_id;
    if (dll == NULL) {
        plan_step_clear(step);
        return wsplsp_fail(reach->planner->error, WSPLSP_REFUSED, 0, "DLL_UNKNOWN",
                           "a provider's entries have to be changed, but its DLL is not known");
    }
    step->dll = text_duplicate(dll);
    step->words = step->dll == NULL ? NULL : update_words(reach, c, step);
    return planner_add(reach->planner, step);
}

/* The function gives all of a provider's entries one path: none of them may lose one that cannot be decided. */
static enum wsplsp_status check_paths(const struct reach *reach, const struct wsplsp_catalog *catalog,
                                      const struct wsplsp_guid *id, const char *dll)
{
    for (size_t i = 0; i < catalog->entry_count && dll != NULL; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        bool of_it = entry->undecoded == NULL && wsplsp_guid_equal(&entry->info.provider_id, id);
        const char *path = of_it ? entry->dll : NULL;
        if (path != NULL && strcmp(path, dll) != 0 && (code_page_is_undecided(path) || code_page_is_undecided(dll)))
            return wsplsp_fail(reach->planner->error, WSPLSP_REFUSED, 0, "CODE_PAGE",
                               "entries of one provider have to be changed whose DLL paths cannot be compared: "
                               "'%.150s' and '%.150s'",
                               path, dll);
    }
    return WSPLSP_OK;
}

enum wsplsp_status reach_update(struct reach *reach, size_t c, const struct wsplsp_guid *id, bool final)
{
    const struct plan_side *side = &reach->sides[c];
    struct plan_step step = {.items = calloc(side->goal->entry_count + 1, sizeof *step.items)};
    const char *dll = NULL;
    if (step.items == NULL)
        return wsplsp_fail_memory(reach->planner->error);
    for (size_t i = 0; i < side->goal->entry_count; i++) {
        struct wsplsp_protocol_info info;
        const struct wsplsp_entry *entry = reach_is_of(side, i, id) ? reach_entry(reach, c, i) : NULL;
        if (entry == NULL)
            continue;
        if (dll == NULL)
            dll = side->goal->entries[i].dll != NULL ? side->goal->entries[i].dll : entry->dll;
        if (reach_describe(reach, c, i, final, &info) && reach_differs(reach, c, i, &info))
            step.items[step.item_count++] = reach_item(reach, c, entry, &info);
    }
    if (step.item_count > 0 && check_paths(reach, side->goal, id, dll) != WSPLSP_OK) {
        plan_step_clear(&step);
        return reach->planner->error->status;
    }
    if (step.item_count > 0)
        return add_update(reach, c, &step, dll);
    plan_step_clear(&step);
    return WSPLSP_OK;
}

/* Whether the provider of this entry has none before it. */
static bool is_first(const struct wsplsp_catalog *catalog, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (catalog->entries[i].undecoded == NULL &&
            wsplsp_guid_equal(&catalog->entries[i].info.provider_id, &catalog->entries[index].info.provider_id))
            return false;
    }
    return true;
}

enum wsplsp_status reach_update_all(struct reach *reach)
{
    enum wsplsp_status status = WSPLSP_OK;
    for (size_t c = 0; c < 2; c++) {
        const struct wsplsp_catalog *goal = reach->sides[c].goal;
        for (size_t i = 0; i < goal->entry_count && status == WSPLSP_OK; i++) {
            if (goal->entries[i].undecoded == NULL && is_first(goal, i))
                status = reach_update(reach, c, &goal->entries[i].info.provider_id, true);
        }
    }
    return status;
}

static bool has_item(const struct plan_side *side, size_t index, const struct wsplsp_guid *id)
{
    return side->detached[index] && wsplsp_guid_equal(&side->old->entries[index].info.provider_id, id);
}

static enum wsplsp_status detach(struct reach *reach, size_t c, size_t first)
{
    const struct plan_side *side = &reach->sides[c];
    const struct wsplsp_guid *id = &side->old->entries[first].info.provider_id;
    struct plan_step step = {.items = calloc(side->old->entry_count + 1, sizeof *step.items)};
    if (step.items == NULL)
        return wsplsp_fail_memory(reach->planner->error);
    for (size_t i = first; i < side->old->entry_count; i++) {
        struct plan_chain chain;
        struct wsplsp_entry entry = side->old->entries[i];
        if (!has_item(side, i, id) || !plan_reduce(side->old, &entry, side->early, &chain))
            continue;
        plan_set_chain(&entry, &chain);
        step.items[step.item_count++] = reach_item(reach, c, &side->old->entries[i], &entry.info);
    }
    if (check_paths(reach, side->old, id, side->old->entries[first].dll) != WSPLSP_OK) {
        plan_step_clear(&step);
        return reach->planner->error->status;
    }
    return add_update(reach, c, &step, side->old->entries[first].dll);
}

enum wsplsp_status reach_detach(struct reach *reach)
{
    enum wsplsp_status status = WSPLSP_OK;
    for (size_t c = 0; c < 2; c++) {
        const struct plan_side *side = &reach->sides[c];
        for (size_t i = 0; i < side->old->entry_count && status == WSPLSP_OK; i++) {
            bool done = !side->detached[i];
            for (size_t j = 0; j < i && !done; j++)
                done = has_item(side, j, &side->old->entries[i].info.provider_id);
            if (!done)
                status = detach(reach, c, i);
        }
    }
    return status;
}
