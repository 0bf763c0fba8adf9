/* Whether a catalog is what a plan expects, before its first step and after its last; see plan.h. */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/copy.h"
#include "lsp-core/catalog/edit.h"
#include "lsp-core/catalog/chain.h"
#include "lsp-core/diff/diff.h"
#include "part.h"
#include "lsp-core/base/text.h"

/* ---- chains that the system has made */

static bool same_member(const struct wsplsp_entry *a, const struct wsplsp_entry *b)
{
    return a != NULL && b != NULL && wsplsp_guid_equal(&a->info.provider_id, &b->info.provider_id) &&
           wsplsp_entry_kind(a) == wsplsp_entry_kind(b) &&
           (wsplsp_entry_kind(a) != WSPLSP_KIND_BASE ||
            (a->info.family == b->info.family && a->info.socket_type == b->info.socket_type &&
             a->info.protocol == b->info.protocol));
}

bool plan_same_chain(const struct wsplsp_catalog *a_catalog, const struct wsplsp_entry *a,
                     const struct wsplsp_catalog *b_catalog, const struct wsplsp_entry *b)
{
    if (a->undecoded != NULL || b->undecoded != NULL || a->info.chain_len != b->info.chain_len ||
        a->info.chain_len < 2 || a->info.family != b->info.family || a->info.socket_type != b->info.socket_type ||
        a->info.protocol != b->info.protocol)
        return false;
    for (size_t i = 0; i < chain_length(a); i++) {
        if (!same_member(chain_member(a_catalog, a, i), chain_member(b_catalog, b, i)))
            return false;
    }
    return true;
}

static bool is_of_layer(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry,
                        const struct wsplsp_guid *layer)
{
    if (entry->undecoded != NULL || wsplsp_entry_kind(entry) == WSPLSP_KIND_BASE)
        return false;
    const struct wsplsp_entry *own = plan_layer_of(catalog, entry);
    return own != NULL && wsplsp_guid_equal(&own->info.provider_id, layer);
}

/* Takes over what was the system's to choose: provider id, name, flags. */
static bool adopt(struct wsplsp_entry *actual, const struct wsplsp_entry *expected)
{
    struct wsplsp_protocol_info info = expected->info;
    info.catalog_id = actual->info.catalog_id;
    info.chain_len = actual->info.chain_len;
    memcpy(info.chain, actual->info.chain, sizeof info.chain);
    char *raw = text_duplicate(expected->name_raw), *name = text_duplicate(expected->name);
    if (raw == NULL || name == NULL) {
        free(raw);
        free(name);
        return false;
    }
    free(actual->name_raw);
    free(actual->name);
    actual->info = info;
    actual->name_raw = raw;
    actual->name = name;
    return true;
}

static size_t find_match(const struct wsplsp_catalog *expected, const struct wsplsp_catalog *actual, size_t wanted,
                         size_t from, const struct wsplsp_guid *layer)
{
    const struct wsplsp_entry *entry = &expected->entries[wanted];
    for (size_t i = from; i < actual->entry_count; i++) {
        if (!is_of_layer(actual, &actual->entries[i], layer))
            continue;
        bool own = wsplsp_entry_kind(entry) == WSPLSP_KIND_LAYER &&
                   wsplsp_entry_kind(&actual->entries[i]) == WSPLSP_KIND_LAYER;
        if (own || plan_same_chain(expected, entry, actual, &actual->entries[i]))
            return i;
    }
    return PLAN_NONE;
}

/* How many entries that a program could get instead stand before this one. */
static size_t rank(const struct wsplsp_catalog *catalog, size_t index)
{
    const struct wsplsp_protocol_info *info = &catalog->entries[index].info;
    size_t before = 0;
    for (size_t i = 0; i < index; i++) {
        const struct wsplsp_protocol_info *other = &catalog->entries[i].info;
        before += catalog->entries[i].undecoded == NULL && other->chain_len >= 1 && other->family == info->family &&
                  other->socket_type == info->socket_type && other->protocol == info->protocol;
    }
    return before;
}

/* Where among the others the system puts the layer's entries is its choice; which of those for one protocol comes first
 * is not. */
static bool adopt_chains(const struct wsplsp_catalog *expected, struct wsplsp_catalog *actual,
                         const struct wsplsp_guid *layer)
{
    for (size_t i = 0; i < expected->entry_count; i++) {
        if (!is_of_layer(expected, &expected->entries[i], layer))
            continue;
        bool chain = wsplsp_entry_kind(&expected->entries[i]) == WSPLSP_KIND_CHAIN;
        size_t match = find_match(expected, actual, i, chain ? i : 0, layer);
        if (match == PLAN_NONE)
            continue;
        if (!adopt(&actual->entries[match], &expected->entries[i]))
            return false;
        if (match == i || i >= actual->entry_count || (chain && rank(actual, match) != rank(expected, i)))
            continue;
        plan_move(actual, match, i);
        if (!wsplsp_catalog_index(actual))
            return false;
    }
    return true;
}

enum wsplsp_status plan_compare(const struct plan *plan, const struct wsplsp_snapshot *actual, struct diff **diff,
                                struct wsplsp_error *error)
{
    if (!plan->has_assigned)
        return diff_snapshots(plan->after, actual, diff, error);
    struct wsplsp_snapshot *copy = copy_snapshot(actual);
    bool ok = copy != NULL;
    for (size_t c = 0; c < 2 && ok; c++)
        ok = adopt_chains(&plan->after->catalogs[c], &copy->catalogs[c], &plan->assigned);
    enum wsplsp_status status = ok ? diff_snapshots(plan->after, copy, diff, error) : wsplsp_fail_memory(error);
    wsplsp_snapshot_free(copy);
    return status;
}

/* ---- after going back */

static bool has_id(const struct wsplsp_catalog *catalog, const struct wsplsp_guid *id)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        if (catalog->entries[i].undecoded == NULL && wsplsp_guid_equal(&catalog->entries[i].info.provider_id, id))
            return true;
    }
    return false;
}

/* See plan_split. */
static void take_ids(const struct wsplsp_catalog *wanted, struct wsplsp_catalog *actual)
{
    for (size_t i = 0; i < actual->entry_count; i++) {
        struct wsplsp_entry *entry = &actual->entries[i];
        bool found = entry->undecoded != NULL || has_id(wanted, &entry->info.provider_id);
        for (size_t j = 0; j < wanted->entry_count && !found; j++) {
            found = plan_same_chain(wanted, &wanted->entries[j], actual, entry);
            if (found)
                entry->info.provider_id = wanted->entries[j].info.provider_id;
        }
    }
}

enum wsplsp_status plan_compare_restored(const struct wsplsp_snapshot *wanted, const struct wsplsp_snapshot *actual,
                                         struct diff **diff, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *copy = copy_snapshot(actual);
    if (copy == NULL)
        return wsplsp_fail_memory(error);
    take_ids(&wanted->catalogs[1], &copy->catalogs[1]);
    enum wsplsp_status status = diff_snapshots(wanted, copy, diff, error);
    wsplsp_snapshot_free(copy);
    return status;
}

/* ---- before the first step */

static enum wsplsp_status changed(const char *what, struct wsplsp_error *error)
{
    wsplsp_fail(error, WSPLSP_REFUSED, 0, "CATALOG_CHANGED", "the catalog has changed since the plan was made: %.300s",
                what);
    return wsplsp_hint(error, "something else is changing it; try again");
}

/* A plan's steps go by ids: those have to be the very same. */
static bool same_ids(const struct wsplsp_catalog *a, const struct wsplsp_catalog *b)
{
    if (a->present != b->present || a->entry_count != b->entry_count)
        return false;
    for (size_t i = 0; i < a->entry_count; i++) {
        if (a->entries[i].info.catalog_id != b->entries[i].info.catalog_id ||
            !wsplsp_guid_equal(&a->entries[i].info.provider_id, &b->entries[i].info.provider_id))
            return false;
    }
    return true;
}

enum wsplsp_status plan_check_before(const struct plan *plan, const struct wsplsp_snapshot *now,
                                     struct wsplsp_error *error)
{
    struct diff *diff;
    enum wsplsp_status status = diff_snapshots(plan->before, now, &diff, error);
    if (status != WSPLSP_OK)
        return status;
    if (diff->count > 0)
        status = changed(diff->changes[0].name, error);
    for (size_t c = 0; c < 2 && status == WSPLSP_OK; c++) {
        if (!same_ids(&plan->before->catalogs[c], &now->catalogs[c]))
            status = changed("entries have other ids", error);
    }
    diff_free(diff);
    return status;
}
