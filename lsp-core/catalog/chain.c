/* Reads a chain as the host would walk it; see chain.h. */
#include "chain.h"

size_t chain_length(const struct wsplsp_entry *entry)
{
    if (entry->info.chain_len <= 0)
        return 0;
    if (entry->info.chain_len > WSPLSP_MAX_PROTOCOL_CHAIN)
        return WSPLSP_MAX_PROTOCOL_CHAIN;
    return (size_t)entry->info.chain_len;
}

const struct wsplsp_entry *chain_member(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry,
                                        size_t index)
{
    return index < chain_length(entry) ? wsplsp_catalog_find(catalog, entry->info.chain[index]) : NULL;
}

const struct wsplsp_entry *chain_base(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry)
{
    if (entry->info.chain_len == 1)
        return entry;
    size_t length = chain_length(entry);
    const struct wsplsp_entry *last = length == 0 ? NULL : chain_member(catalog, entry, length - 1);
    return last != NULL && last->info.chain_len == 1 ? last : NULL;
}
