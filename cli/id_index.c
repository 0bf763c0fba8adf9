/* Finds entries by catalog id; see id_index.h. */
#include "id_index.h"

#include <stdlib.h>

#include "chain.h"
#include "memory.h"

static int compare_slots(const void *left, const void *right)
{
    const struct wsplsp_entry *a = ((const struct id_slot *)left)->entry;
    const struct wsplsp_entry *b = ((const struct id_slot *)right)->entry;
    if (a->info.catalog_id != b->info.catalog_id)
        return a->info.catalog_id < b->info.catalog_id ? -1 : 1;
    return a->position < b->position ? -1 : 1;
}

static void mark_members(struct id_index *index, const struct wsplsp_entry *entry)
{
    size_t length = chain_length(entry);
    for (size_t i = 0; i < length; i++) {
        struct id_slot *slot = id_index_find(index, entry->info.chain[i]);
        if (slot == NULL)
            continue;
        slot->in_chain = true;
        slot->is_end = slot->is_end || i + 1 == length;
    }
}

void id_index_make(struct id_index *index, const struct wsplsp_catalog *catalog)
{
    index->slots = memory_alloc(catalog->entry_count * sizeof *index->slots);
    index->count = 0;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        if (catalog->entries[i].undecoded == NULL)
            index->slots[index->count++].entry = &catalog->entries[i];
    }
    qsort(index->slots, index->count, sizeof *index->slots, compare_slots);
    for (size_t i = 0; i < index->count; i++) {
        if (wsplsp_entry_kind(index->slots[i].entry) == WSPLSP_KIND_CHAIN)
            mark_members(index, index->slots[i].entry);
    }
}

void id_index_free(struct id_index *index)
{
    free(index->slots);
    index->slots = NULL;
    index->count = 0;
}

struct id_slot *id_index_find(const struct id_index *index, uint32_t id)
{
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->slots[middle].entry->info.catalog_id < id)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == index->count || index->slots[low].entry->info.catalog_id != id)
        return NULL;
    return &index->slots[low];
}
