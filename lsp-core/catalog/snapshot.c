/* The catalog model's own memory: making, growing and freeing snapshots, and the small questions every part asks of
 * them. */
#include "catalog.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/registry/regtree.h"
#include "lsp-core/base/text.h"

_Static_assert(sizeof(struct wsplsp_protocol_info) == 628, "WSAPROTOCOL_INFOW is 628 bytes");

static void *append(void **items, size_t *count, size_t item_size)
{
    /* Grown when the count is a power of two, so that no capacity has to be kept. */
    if ((*count & (*count - 1)) == 0) {
        size_t room = *count == 0 ? 1 : *count * 2;
        void *grown = realloc(*items, room * item_size);
        if (grown == NULL)
            return NULL;
        *items = grown;
    }
    void *item = (char *)*items + *count * item_size;
    memset(item, 0, item_size);
    (*count)++;
    return item;
}

static void entry_clear(struct wsplsp_entry *entry)
{
    free(entry->undecoded);
    free(entry->name_raw);
    free(entry->name);
    free(entry->dll);
    reg_key_free(entry->origin);
}

static void name_space_clear(struct wsplsp_name_space *name_space)
{
    free(name_space->undecoded);
    free(name_space->name_raw);
    free(name_space->name);
    free(name_space->dll);
    reg_key_free(name_space->origin);
}

static void application_clear(struct wsplsp_application *application)
{
    free(application->key);
    free(application->undecoded);
    free(application->path);
    free(application->arguments);
    reg_key_free(application->origin);
}

static void catalog_clear(struct wsplsp_catalog *catalog)
{
    for (size_t i = 0; i < catalog->entry_count; i++)
        entry_clear(&catalog->entries[i]);
    free(catalog->entries);
    free(catalog->by_id);
    for (size_t i = 0; i < catalog->name_space_count; i++)
        name_space_clear(&catalog->name_spaces[i]);
    free(catalog->name_spaces);
}

struct wsplsp_snapshot *wsplsp_snapshot_new(const char *source)
{
    struct wsplsp_snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (snapshot == NULL)
        return NULL;
    snapshot->catalogs[0].bits = 64;
    snapshot->catalogs[1].bits = 32;
    snapshot->source = text_duplicate(source);
    if (snapshot->source == NULL) {
        free(snapshot);
        return NULL;
    }
    return snapshot;
}

void wsplsp_snapshot_free(struct wsplsp_snapshot *snapshot)
{
    if (snapshot == NULL)
        return;
    for (size_t i = 0; i < 2; i++)
        catalog_clear(&snapshot->catalogs[i]);
    for (size_t i = 0; i < snapshot->application_count; i++)
        application_clear(&snapshot->applications[i]);
    free(snapshot->applications);
    for (size_t i = 0; i < snapshot->note_count; i++)
        free(snapshot->notes[i]);
    free(snapshot->notes);
    free(snapshot->source);
    free(snapshot->autodial_dll);
    free(snapshot->name_space_callout);
    reg_key_free(snapshot->origin);
    free(snapshot);
}

struct wsplsp_entry *wsplsp_catalog_add_entry(struct wsplsp_catalog *catalog)
{
    struct wsplsp_entry *entry = append((void **)&catalog->entries, &catalog->entry_count, sizeof *entry);
    if (entry != NULL) {
        free(catalog->by_id);
        catalog->by_id = NULL;
        entry->bits = catalog->bits;
        entry->position = catalog->entry_count;
    }
    return entry;
}

struct wsplsp_name_space *wsplsp_catalog_add_name_space(struct wsplsp_catalog *catalog)
{
    struct wsplsp_name_space *name_space =
        append((void **)&catalog->name_spaces, &catalog->name_space_count, sizeof *name_space);
    if (name_space != NULL) {
        name_space->bits = catalog->bits;
        name_space->position = catalog->name_space_count;
    }
    return name_space;
}

struct wsplsp_application *wsplsp_snapshot_add_application(struct wsplsp_snapshot *snapshot)
{
    return append((void **)&snapshot->applications, &snapshot->application_count, sizeof *snapshot->applications);
}

bool wsplsp_snapshot_note(struct wsplsp_snapshot *snapshot, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);

    char **note = append((void **)&snapshot->notes, &snapshot->note_count, sizeof *snapshot->notes);
    if (note == NULL)
        return false;
    *note = text_duplicate(text);
    if (*note == NULL)
        snapshot->note_count--;
    return *note != NULL;
}

const struct wsplsp_catalog *wsplsp_snapshot_catalog(const struct wsplsp_snapshot *snapshot, int bits)
{
    return &snapshot->catalogs[bits == 64 ? 0 : 1];
}

struct id_place {
    uint32_t id;
    size_t index;
};

static int compare_places(const void *left, const void *right)
{
    const struct id_place *a = left;
    const struct id_place *b = right;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

bool wsplsp_catalog_index(struct wsplsp_catalog *catalog)
{
    struct id_place *places = calloc(catalog->entry_count + 1, sizeof *places);
    size_t *by_id = calloc(catalog->entry_count + 1, sizeof *by_id);
    if (places == NULL || by_id == NULL) {
        free(places);
        free(by_id);
        return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        if (catalog->entries[i].undecoded == NULL)
            places[count++] = (struct id_place){catalog->entries[i].info.catalog_id, i};
    }
    qsort(places, count, sizeof *places, compare_places);
    for (size_t i = 0; i < count; i++)
        by_id[i] = places[i].index;
    free(places);
    free(catalog->by_id);
    catalog->by_id = by_id;
    catalog->by_id_count = count;
    return true;
}

static const struct wsplsp_entry *find_indexed(const struct wsplsp_catalog *catalog, uint32_t catalog_id)
{
    size_t low = 0, high = catalog->by_id_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (catalog->entries[catalog->by_id[middle]].info.catalog_id < catalog_id)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == catalog->by_id_count)
        return NULL;
    const struct wsplsp_entry *entry = &catalog->entries[catalog->by_id[low]];
    return entry->info.catalog_id == catalog_id ? entry : NULL;
}

const struct wsplsp_entry *wsplsp_catalog_find(const struct wsplsp_catalog *catalog, uint32_t catalog_id)
{
    if (catalog->by_id != NULL)
        return find_indexed(catalog, catalog_id);
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded == NULL && entry->info.catalog_id == catalog_id)
            return entry;
    }
    return NULL;
}

enum wsplsp_kind wsplsp_entry_kind(const struct wsplsp_entry *entry)
{
    if (entry->info.chain_len == 0)
        return WSPLSP_KIND_LAYER;
    return entry->info.chain_len == 1 ? WSPLSP_KIND_BASE : WSPLSP_KIND_CHAIN;
}

const char *wsplsp_kind_name(enum wsplsp_kind kind)
{
    static const char *const names[] = {"base", "layer", "chain"};
    return names[kind];
}
