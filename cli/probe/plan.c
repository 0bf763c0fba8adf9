/* Which entries a probe enters; see plan.h. */
#include "plan.h"

#include <string.h>

#include "lsp-core/catalog/chain.h"
#include "cli/base/memory.h"

enum { SOCK_STREAM_TYPE = 1, TCP = 6 };

static char *copy_name(const struct wsplsp_entry *entry)
{
    return memory_text(entry->name != NULL ? entry->name : "?");
}

/* Notes which layer member `index` of a chain stands for. Installers put a layer's own entry there, or a chain of that
 * layer. */
static void note_layer(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *chain, size_t index,
                       struct probe_result *result)
{
    const struct wsplsp_entry *member = chain_member(catalog, chain, index);
    if (member != NULL && wsplsp_entry_kind(member) == WSPLSP_KIND_CHAIN && chain_member(catalog, member, 0) != NULL)
        member = chain_member(catalog, member, 0);
    result->layer_id = chain->info.chain[index];
    if (member != NULL)
        result->layer_id = member->info.catalog_id;
    result->layer =
        member != NULL ? copy_name(member) : memory_format("entry %u, which is missing", (unsigned)result->layer_id);
}

/* The chain entry through which the rest of `chain` from `index` on can be entered: a layer's own entry makes no
 * sockets, so it takes a chain of that layer over exactly what is below it here. */
static const struct wsplsp_entry *find_rest(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *chain,
                                            size_t index)
{
    const struct wsplsp_entry *member = chain_member(catalog, chain, index);
    if (member != NULL && wsplsp_entry_kind(member) == WSPLSP_KIND_CHAIN)
        return member;
    size_t length = chain_length(chain) - index;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded == NULL && chain_length(entry) == length && entry->info.family == chain->info.family &&
            memcmp(entry->info.chain, chain->info.chain + index, length * sizeof entry->info.chain[0]) == 0)
            return entry;
    }
    return NULL;
}

static void plan_layer(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *chain, size_t index,
                       bool each_layer, struct probe_result *result, const struct wsplsp_entry **entry)
{
    *entry = find_rest(catalog, chain, index);
    *result = (struct probe_result){.way = PROBE_LAYER};
    note_layer(catalog, chain, index, result);
    if (*entry == NULL) {
        result->untried = memory_text("no chain of this layer over the same base is in the catalog");
        return;
    }
    result->entry = copy_name(*entry);
    result->catalog_id = (*entry)->info.catalog_id;
    result->unasked = !each_layer;
    if (!each_layer)
        result->untried = memory_text("only with --each-layer");
}

static void plan_base(const struct wsplsp_entry *base, struct probe_result *result, const struct wsplsp_entry **entry)
{
    *entry = base;
    *result = (struct probe_result){.way = PROBE_BASE};
    if (base == NULL) {
        result->untried = memory_text("the catalog has no base entry for this");
        return;
    }
    result->entry = copy_name(base);
    result->catalog_id = base->info.catalog_id;
}

size_t probe_plan(const struct wsplsp_catalog *catalog, int32_t family, struct choose_application application,
                  bool each_layer, struct probe_result results[PROBE_RESULTS_MAX],
                  const struct wsplsp_entry *entries[PROBE_RESULTS_MAX])
{
    const struct wsplsp_entry *top = NULL, *base = NULL;
    size_t count = 0;
    /* Without an entry an application's own call fails as well: that is what it is tried for. */
    results[count] = (struct probe_result){.way = PROBE_CATALOG};
    entries[count++] = NULL;
    if (choose_socket(catalog, family, SOCK_STREAM_TYPE, TCP, application, &top) == CHOOSE_OK) {
        results[0].entry = copy_name(top);
        results[0].catalog_id = top->info.catalog_id;
        base = chain_base(catalog, top);
    }
    if (top != NULL && wsplsp_entry_kind(top) == WSPLSP_KIND_CHAIN) {
        size_t layers = chain_length(top) - (base != NULL ? 1 : 0);
        note_layer(catalog, top, 0, &results[0]);
        for (size_t i = 1; i < layers; i++, count++)
            plan_layer(catalog, top, i, each_layer, &results[count], &entries[count]);
    }
    if (base == NULL)
        base = choose_base(catalog, family, SOCK_STREAM_TYPE, TCP);
    plan_base(base, &results[count], &entries[count]);
    return count + 1;
}
