/* Reads a chain as the host would walk it: member after member from the top layer down, each looked up by its id. */
#ifndef WSPLSP_CORE_CATALOG_CHAIN_H
#define WSPLSP_CORE_CATALOG_CHAIN_H

#include "catalog.h"

/* The number of members that can be read of an entry's chain: ChainLen, but never outside 0 to MAX_PROTOCOL_CHAIN. */
size_t chain_length(const struct wsplsp_entry *entry);

/* The entry that member `index` (0: top) refers to, or NULL where the catalog has none. */
const struct wsplsp_entry *chain_member(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry,
                                        size_t index);

/* The base entry the chain ends in (the entry itself for a base); NULL where its last member is none. */
const struct wsplsp_entry *chain_base(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry);

#endif
