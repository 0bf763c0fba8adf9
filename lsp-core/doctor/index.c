/* Indices over the snapshot, so that each rule takes no more than n log n steps; see part.h. */
#include <stdlib.h>

#include "lsp-core/catalog/chain.h"
#include "part.h"
#include "lsp-core/base/code_page.h"
#include "lsp-core/base/text.h"

static int compare_pairs(const void *left, const void *right)
{
    const struct check_pair *a = left;
    const struct check_pair *b = right;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return (a->entry->position > b->entry->position) - (a->entry->position < b->entry->position);
}

void check_pairs_sort(struct check_pair *pairs, size_t count)
{
    qsort(pairs, count, sizeof *pairs, compare_pairs);
}

size_t check_pairs_end(const struct check_pair *pairs, size_t count, size_t start)
{
    size_t end = start;
    while (end < count && pairs[end].id == pairs[start].id)
        end++;
    return end;
}

enum check_fault check_fault_of(const struct check_catalog *catalog, const struct wsplsp_entry *entry)
{
    return catalog->faults[entry - catalog->catalog->entries];
}

bool check_is(const struct check_catalog *catalog, const struct wsplsp_entry *entry, enum wsplsp_kind kind)
{
    return entry->undecoded == NULL && wsplsp_entry_kind(entry) == kind &&
           wsplsp_catalog_find(catalog->catalog, entry->info.catalog_id) == entry;
}

static void mark_members(struct check_catalog *catalog)
{
    for (size_t i = 0; i < catalog->catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->catalog->entries[i];
        if (entry->undecoded != NULL || wsplsp_entry_kind(entry) != WSPLSP_KIND_CHAIN)
            continue;
        for (size_t j = 0; j < chain_length(entry); j++) {
            const struct wsplsp_entry *member = wsplsp_catalog_find(catalog->catalog, entry->info.chain[j]);
            if (member != NULL)
                catalog->in_chain[member - catalog->catalog->entries] = true;
        }
    }
}

static void index_catalog(struct check *check, const struct wsplsp_catalog *from, struct check_catalog *catalog)
{
    size_t count = from->entry_count;
    catalog->catalog = from;
    catalog->by_id = calloc(count + 1, sizeof *catalog->by_id);
    catalog->scratch = calloc(count + 1, sizeof *catalog->scratch);
    catalog->faults = calloc(count + 1, sizeof *catalog->faults);
    catalog->in_chain = calloc(count + 1, sizeof *catalog->in_chain);
    if (catalog->by_id == NULL || catalog->scratch == NULL || catalog->faults == NULL || catalog->in_chain == NULL) {
        check->out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct wsplsp_entry *entry = &from->entries[i];
        if (entry->undecoded == NULL)
            catalog->by_id[catalog->decoded++] = (struct check_pair){entry->info.catalog_id, entry};
    }
    check_pairs_sort(catalog->by_id, catalog->decoded);
    mark_members(catalog);
    check_chain_faults(check, catalog);
}

static bool is_layer(const struct check_dll *dll)
{
    return dll->entry != NULL && wsplsp_entry_kind(dll->entry) == WSPLSP_KIND_LAYER;
}

/* What is one DLL: the catalog, then the kind of provider, then the path. */
static int compare_dll_names(const struct check_dll *a, const struct check_dll *b)
{
    if (a->bits != b->bits)
        return a->bits > b->bits ? -1 : 1;
    if ((a->entry == NULL) != (b->entry == NULL))
        return a->entry != NULL ? -1 : 1;
    return text_compare_nocase(a->path, b->path);
}

static int compare_dlls(const void *left, const void *right)
{
    const struct check_dll *a = left;
    const struct check_dll *b = right;
    int names = compare_dll_names(a, b);
    if (names != 0)
        return names;
    if (is_layer(a) != is_layer(b))
        return is_layer(a) ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

static int compare_order(const void *left, const void *right)
{
    const struct check_dll *a = left;
    const struct check_dll *b = right;
    return (a->order > b->order) - (a->order < b->order);
}

static void gather_dll(struct check *check, const char *path, int bits, const struct wsplsp_entry *entry,
                       const struct wsplsp_name_space *name_space)
{
    check->dlls[check->dll_count] = (struct check_dll){path, bits, entry, name_space, check->dll_count};
    check->dll_count++;
}

static void gather_dlls(struct check *check, const struct wsplsp_catalog *catalog)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded == NULL && entry->dll != NULL && !code_page_is_undecided(entry->dll))
            gather_dll(check, entry->dll, catalog->bits, entry, NULL);
    }
    for (size_t i = 0; i < catalog->name_space_count; i++) {
        const struct wsplsp_name_space *name_space = &catalog->name_spaces[i];
        /* One that is not enabled is never loaded. */
        if (name_space->undecoded == NULL && name_space->dll != NULL && name_space->enabled)
            gather_dll(check, name_space->dll, catalog->bits, NULL, name_space);
    }
}

static void index_dlls(struct check *check)
{
    size_t room = 1;
    for (size_t i = 0; i < 2; i++)
        room += check->snapshot->catalogs[i].entry_count + check->snapshot->catalogs[i].name_space_count;
    check->dlls = calloc(room, sizeof *check->dlls);
    if (check->dlls == NULL) {
        check->out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < 2; i++)
        gather_dlls(check, &check->snapshot->catalogs[i]);
    qsort(check->dlls, check->dll_count, sizeof *check->dlls, compare_dlls);
    size_t kept = 0;
    for (size_t i = 0; i < check->dll_count; i++) {
        if (i == 0 || compare_dll_names(&check->dlls[kept - 1], &check->dlls[i]) != 0)
            check->dlls[kept++] = check->dlls[i];
    }
    check->dll_count = kept;
    qsort(check->dlls, check->dll_count, sizeof *check->dlls, compare_order);
}

void check_index_make(struct check *check)
{
    for (size_t i = 0; i < 2 && !check->out_of_memory; i++)
        index_catalog(check, &check->snapshot->catalogs[i], &check->catalogs[i]);
    if (!check->out_of_memory)
        index_dlls(check);
}

void check_index_free(struct check *check)
{
    for (size_t i = 0; i < 2; i++) {
        free(check->catalogs[i].by_id);
        free(check->catalogs[i].scratch);
        free(check->catalogs[i].faults);
        free(check->catalogs[i].in_chain);
    }
    free(check->dlls);
}
