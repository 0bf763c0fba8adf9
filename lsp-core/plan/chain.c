/* What the planner asks of chains and entries, and how it edits its goal; see part.h. */
#include "part.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/edit.h"
#include "lsp-core/catalog/edit_part.h"
#include "lsp-core/catalog/chain.h"
#include "lsp-core/catalog/flags.h"
#include "lsp-core/base/text.h"

unsigned plan_bit(int bits)
{
    return bits == 64 ? PLAN_64 : PLAN_32;
}

const char *plan_catalog_name(unsigned catalogs)
{
    if (catalogs == (PLAN_64 | PLAN_32))
        return "both catalogs";
    return catalogs == PLAN_64 ? "the 64-bit catalog" : "the 32-bit catalog";
}

bool plan_is_plain(const struct wsplsp_snapshot *snapshot, int bits)
{
    return bits == 64 || !snapshot->catalogs[0].present;
}

struct wsplsp_catalog *plan_catalog(struct wsplsp_snapshot *snapshot, int bits)
{
    return &snapshot->catalogs[bits == 64 ? 0 : 1];
}

size_t plan_index(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry)
{
    return (size_t)(entry - catalog->entries);
}

const char *plan_entry_name(const struct wsplsp_entry *entry)
{
    return entry->name != NULL ? entry->name : "?";
}

bool plan_is_sound(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry)
{
    int32_t length = entry->info.chain_len;
    if (entry->undecoded != NULL || length < 2 || length > WSPLSP_MAX_PROTOCOL_CHAIN)
        return false;
    for (int32_t i = 0; i < length; i++) {
        const struct wsplsp_entry *member = chain_member(catalog, entry, (size_t)i);
        if (member == NULL || member == entry || (member->info.chain_len == 1) != (i == length - 1))
            return false;
    }
    return true;
}

const struct wsplsp_entry *plan_layer_of(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry)
{
    /* The top member may be a chain, whose top member is another: as deep as there are entries, should it be a circle.
     */
    for (size_t depth = 0; entry != NULL && entry->undecoded == NULL && depth <= catalog->entry_count; depth++) {
        if (wsplsp_entry_kind(entry) == WSPLSP_KIND_LAYER)
            return entry;
        if (wsplsp_entry_kind(entry) == WSPLSP_KIND_BASE)
            return NULL;
        entry = chain_member(catalog, entry, 0);
    }
    return NULL;
}

/* Appends the members of `entry` that stay. Depth is bounded by the entries: chains may be in a circle. */
static bool append_members(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry, const bool *going,
                           size_t depth, struct plan_chain *chain)
{
    if (depth > catalog->entry_count || entry->info.chain_len < 2 || entry->info.chain_len > WSPLSP_MAX_PROTOCOL_CHAIN)
        return false;
    for (size_t i = 0; i < chain_length(entry); i++) {
        const struct wsplsp_entry *member = chain_member(catalog, entry, i);
        if (member == NULL)
            return false;
        if (going[plan_index(catalog, member)]) {
            if (wsplsp_entry_kind(member) == WSPLSP_KIND_CHAIN &&
                !append_members(catalog, member, going, depth + 1, chain))
                return false;
            continue;
        }
        if (chain->length == WSPLSP_MAX_PROTOCOL_CHAIN)
            return false;
        chain->ids[chain->length++] = member->info.catalog_id;
    }
    return true;
}

/* A chain that gave way to its members left its base behind, which only the last member is. */
static void drop_inner_bases(const struct wsplsp_catalog *catalog, struct plan_chain *chain)
{
    size_t kept = 0;
    for (size_t i = 0; i < chain->length; i++) {
        if (i + 1 == chain->length || wsplsp_catalog_find(catalog, chain->ids[i])->info.chain_len != 1)
            chain->ids[kept++] = chain->ids[i];
    }
    chain->length = kept;
}

bool plan_reduce(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry, const bool *going,
                 struct plan_chain *chain)
{
    chain->length = 0;
    if (!append_members(catalog, entry, going, 0, chain))
        return false;
    drop_inner_bases(catalog, chain);
    return chain->length >= 2 && wsplsp_catalog_find(catalog, chain->ids[chain->length - 1])->info.chain_len == 1;
}

void plan_set_chain(struct wsplsp_entry *entry, const struct plan_chain *chain)
{
    memset(entry->info.chain, 0, sizeof entry->info.chain);
    memcpy(entry->info.chain, chain->ids, chain->length * sizeof *chain->ids);
    entry->info.chain_len = (int32_t)chain->length;
}

void plan_set_ifs(const struct wsplsp_catalog *catalog, struct wsplsp_entry *entry)
{
    uint32_t all = XP1_IFS_HANDLES;
    for (size_t i = 0; i < chain_length(entry); i++) {
        const struct wsplsp_entry *member = chain_member(catalog, entry, i);
        if (member != NULL)
            all &= member->info.service_flags[0];
    }
    entry->info.service_flags[0] = (entry->info.service_flags[0] & ~XP1_IFS_HANDLES) | all;
}

bool plan_passes(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry, uint32_t member_id)
{
    for (size_t i = 0; i < chain_length(entry) && entry->info.chain_len > 1; i++) {
        const struct wsplsp_entry *member = chain_member(catalog, entry, i);
        if (entry->info.chain[i] == member_id)
            return true;
        /* A chain as a member is itself made of layers alone: one more look is all that sound catalogs need. */
        if (member != NULL && member != entry && member->info.chain_len > 1) {
            for (size_t j = 0; j < chain_length(member); j++) {
                if (member->info.chain[j] == member_id)
                    return true;
            }
        }
    }
    return false;
}

static void drop_index(struct wsplsp_catalog *catalog)
{
    free(catalog->by_id);
    catalog->by_id = NULL;
    catalog->by_id_count = 0;
}

void plan_cut(struct wsplsp_catalog *catalog, size_t index)
{
    struct wsplsp_entry *entry = &catalog->entries[index];
    drop_index(catalog);
    catalog_edit_clear_entry(entry);
    memmove(entry, entry + 1, (--catalog->entry_count - index) * sizeof *entry);
}

void plan_move(struct wsplsp_catalog *catalog, size_t from, size_t to)
{
    struct wsplsp_entry *entries = catalog->entries;
    struct wsplsp_entry moved = entries[from];
    drop_index(catalog);
    if (from < to)
        memmove(&entries[from], &entries[from + 1], (to - from) * sizeof moved);
    else
        memmove(&entries[to + 1], &entries[to], (from - to) * sizeof moved);
    entries[to] = moved;
}

enum wsplsp_status plan_settle(struct wsplsp_snapshot *goal, struct wsplsp_error *error)
{
    for (size_t c = 0; c < 2; c++) {
        struct wsplsp_catalog *catalog = &goal->catalogs[c];
        for (size_t i = 0; i < catalog->entry_count; i++)
            catalog->entries[i].position = i + 1;
        if (!wsplsp_catalog_index(catalog))
            return wsplsp_fail_memory(error);
    }
    return WSPLSP_OK;
}

/* How well a name fits: layers' own entries first, then others; whole names only, as changes should be meant. */
static size_t find_name(const struct wsplsp_catalog *catalog, const char *wanted)
{
    size_t other = PLAN_NONE;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded != NULL ||
            (text_compare_nocase(entry->name, wanted) != 0 && text_compare_nocase(entry->name_raw, wanted) != 0))
            continue;
        if (wsplsp_entry_kind(entry) == WSPLSP_KIND_LAYER)
            return i;
        if (other == PLAN_NONE)
            other = i;
    }
    return other;
}

static size_t find_provider(const struct wsplsp_catalog *catalog, const struct wsplsp_guid *id)
{
    const struct wsplsp_entry *entry = catalog_edit_find_layer(catalog, id);
    if (entry == NULL)
        entry = catalog_edit_find_provider(catalog, id);
    return entry == NULL ? PLAN_NONE : plan_index(catalog, entry);
}

size_t plan_find(const struct wsplsp_catalog *catalog, const char *wanted)
{
    uint32_t number;
    struct wsplsp_guid id;
    if (text_is_number(wanted, &number)) {
        const struct wsplsp_entry *entry = wsplsp_catalog_find(catalog, number);
        if (entry != NULL)
            return plan_index(catalog, entry);
    }
    if (wsplsp_guid_parse(wanted, &id))
        return find_provider(catalog, &id);
    return find_name(catalog, wanted);
}

char *plan_chain_words(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry)
{
    char *text = text_duplicate("");
    for (size_t i = 0; text != NULL && i < chain_length(entry); i++) {
        const struct wsplsp_entry *member = chain_member(catalog, entry, i);
        char *longer = member != NULL ? text_format("%s%s%s", text, i == 0 ? "" : " > ", plan_entry_name(member))
                                      : text_format("%s%sentry %lu, which is missing", text, i == 0 ? "" : " > ",
                                                    (unsigned long)entry->info.chain[i]);
        free(text);
        text = longer;
    }
    return text;
}
