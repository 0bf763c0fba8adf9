/* Finds, in the catalog as it is right before a step, the ids that the step speaks of; see plan.h. */
#include "plan.h"

#include <stdlib.h>

#include "lsp-core/catalog/chain.h"
#include "part.h"

static bool is_chain_of(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry,
                        const struct wsplsp_guid *layer)
{
    const struct wsplsp_entry *top = entry->info.chain_len > 1 ? chain_member(catalog, entry, 0) : NULL;
    return top != NULL && wsplsp_entry_kind(top) == WSPLSP_KIND_LAYER &&
           wsplsp_guid_equal(&top->info.provider_id, layer);
}

static bool is_meant(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry, const struct plan_ref *ref)
{
    return entry->undecoded == NULL && entry->info.family == ref->family &&
           entry->info.socket_type == ref->socket_type && entry->info.protocol == ref->protocol &&
           (ref->made ? is_chain_of(catalog, entry, &ref->layer)
                      : wsplsp_guid_equal(&entry->info.provider_id, &ref->provider_id));
}

/* How many of the entries that could be meant have a lower id. Installing gives ids in the order of the list. */
static size_t ordinal_of(const struct wsplsp_catalog *catalog, const struct plan_ref *ref, uint32_t id)
{
    size_t lower = 0;
    for (size_t i = 0; i < catalog->entry_count; i++)
        lower += is_meant(catalog, &catalog->entries[i], ref) && catalog->entries[i].info.catalog_id < id;
    return lower;
}

/* Whether the provider id is one that the plan gives to the system, not the other way round. */
static bool is_given(const struct plan *plan, const struct wsplsp_guid *id)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];
        if ((step->action == PLAN_INSTALL || step->action == PLAN_INSTALL_LAYER) &&
            wsplsp_guid_equal(&step->provider_id, id))
            return true;
    }
    return false;
}

struct plan_ref plan_make_ref(const struct planner *planner, int bits, const struct wsplsp_entry *entry)
{
    const struct wsplsp_protocol_info *info = &entry->info;
    struct plan_ref ref = {
        .catalog_id = info->catalog_id,
        .created = wsplsp_catalog_find(wsplsp_snapshot_catalog(planner->plan->before, bits), info->catalog_id) == NULL,
        .provider_id = info->provider_id,
        .kind = wsplsp_entry_kind(entry),
        .family = info->family,
        .socket_type = info->socket_type,
        .protocol = info->protocol,
    };
    const struct wsplsp_catalog *after = wsplsp_snapshot_catalog(planner->plan->after, bits);
    const struct wsplsp_entry *top = ref.kind == WSPLSP_KIND_CHAIN ? chain_member(after, entry, 0) : NULL;
    ref.made = ref.created && top != NULL && !is_given(planner->plan, &ref.provider_id);
    if (ref.made)
        ref.layer = top->info.provider_id;
    if (ref.created)
        ref.ordinal = ordinal_of(after, &ref, info->catalog_id);
    return ref;
}

static bool resolve(const struct wsplsp_catalog *catalog, const struct plan_ref *ref, uint32_t *id)
{
    *id = ref->catalog_id;
    if (!ref->created)
        return true;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (is_meant(catalog, entry, ref) && ordinal_of(catalog, ref, entry->info.catalog_id) == ref->ordinal) {
            *id = entry->info.catalog_id;
            return true;
        }
    }
    return false;
}

static enum wsplsp_status refuse(const struct plan_step *step, const char *why, struct wsplsp_error *error)
{
    wsplsp_fail(error, WSPLSP_REFUSED, 0, "CATALOG_CHANGED", "%s cannot be called: %s", step->function, why);
    return wsplsp_hint(error, "something else has changed the catalog meanwhile; try again");
}

static enum wsplsp_status bind_provider(const struct plan_step *step, const struct wsplsp_catalog *catalog,
                                        struct plan_call *call, struct wsplsp_error *error)
{
    uint32_t id;
    call->provider_id = step->provider_id;
    if (!plan_step_is_guess(step))
        return WSPLSP_OK;
    if (!resolve(catalog, step->action == PLAN_UPDATE ? &step->items[0].self : &step->target, &id))
        return refuse(step, "a chain that an earlier step has made is not in the catalog", error);
    call->provider_id = wsplsp_catalog_find(catalog, id)->info.provider_id;
    return WSPLSP_OK;
}

static enum wsplsp_status bind_items(const struct plan_step *step, const struct wsplsp_catalog *catalog,
                                     struct plan_call *call, struct wsplsp_error *error)
{
    call->infos = calloc(step->item_count + 1, sizeof *call->infos);
    if (call->infos == NULL)
        return wsplsp_fail_memory(error);
    call->info_count = step->item_count;
    for (size_t i = 0; i < step->item_count; i++) {
        const struct plan_item *item = &step->items[i];
        struct wsplsp_protocol_info *info = &call->infos[i];
        *info = item->info;
        info->provider_id = call->provider_id;
        for (int32_t m = 0; info->chain_len > 1 && m < info->chain_len && m < WSPLSP_MAX_PROTOCOL_CHAIN; m++) {
            if (!resolve(catalog, &item->members[m], &info->chain[m]))
                return refuse(step, "a member of the chain is not in the catalog", error);
        }
        if (step->action != PLAN_UPDATE)
            continue;
        if (!resolve(catalog, &item->self, &info->catalog_id))
            return refuse(step, "the entry is not in the catalog", error);
    }
    return WSPLSP_OK;
}

static enum wsplsp_status bind_over(const struct plan_step *step, struct plan_call *call, struct wsplsp_error *error)
{
    call->infos = calloc(step->over_count + 1, sizeof *call->infos);
    if (call->infos == NULL)
        return wsplsp_fail_memory(error);
    call->info_count = step->over_count;
    for (size_t i = 0; i < step->over_count; i++) {
        call->infos[i].family = step->over[i].family;
        call->infos[i].socket_type = step->over[i].socket_type;
        call->infos[i].protocol = step->over[i].protocol;
    }
    return WSPLSP_OK;
}

static size_t decoded_count(const struct wsplsp_catalog *catalog)
{
    size_t count = 0;
    for (size_t i = 0; i < catalog->entry_count; i++)
        count += catalog->entries[i].undecoded == NULL;
    return count;
}

/* WSCWriteProviderOrder wants each id of the catalog: a list that leaves something out that came meanwhile would fail
 * or lose it. */
static enum wsplsp_status bind_order(const struct plan_step *step, const struct wsplsp_catalog *catalog,
                                     struct plan_call *call, struct wsplsp_error *error)
{
    call->ids = calloc(step->order_count + 1, sizeof *call->ids);
    if (call->ids == NULL)
        return wsplsp_fail_memory(error);
    call->id_count = step->order_count;
    if (decoded_count(catalog) != step->order_count)
        return refuse(step, "the catalog has other entries than the plan knows of", error);
    for (size_t i = 0; i < step->order_count; i++) {
        if (!resolve(catalog, &step->order[i], &call->ids[i]) || wsplsp_catalog_find(catalog, call->ids[i]) == NULL)
            return refuse(step, "an entry is not in the catalog", error);
    }
    return WSPLSP_OK;
}

enum wsplsp_status plan_step_bind(const struct plan_step *step, const struct wsplsp_snapshot *now,
                                  struct plan_call *call, struct wsplsp_error *error)
{
    const struct wsplsp_catalog *catalog = wsplsp_snapshot_catalog(now, (step->catalogs & PLAN_64) != 0 ? 64 : 32);
    *call = (struct plan_call){0};
    enum wsplsp_status status = bind_provider(step, catalog, call, error);
    if (status != WSPLSP_OK)
        return status;
    if (step->action == PLAN_INSTALL || step->action == PLAN_UPDATE)
        status = bind_items(step, catalog, call, error);
    else if (step->action == PLAN_INSTALL_LAYER)
        status = bind_over(step, call, error);
    else if (step->action == PLAN_ORDER)
        status = bind_order(step, catalog, call, error);
    if (status != WSPLSP_OK)
        plan_call_free(call);
    return status;
}

void plan_call_free(struct plan_call *call)
{
    free(call->infos);
    free(call->ids);
    *call = (struct plan_call){0};
}
