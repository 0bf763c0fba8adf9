/* Changes to the protocol entries of a catalog; see edit.h. */
#include "edit.h"

#include <stdlib.h>
#include <string.h>

#include "edit_part.h"
#include "lsp-core/base/code_page.h"
#include "lsp-core/registry/layout_names.h"
#include "names.h"
#include "packed.h"
#include "lsp-core/registry/regtree.h"
#include "lsp-core/base/text.h"

struct wsplsp_catalog *catalog_edit_catalog(struct wsplsp_snapshot *snapshot, int bits)
{
    struct wsplsp_catalog *catalog = &snapshot->catalogs[bits == 64 ? 0 : 1];
    return catalog->present ? catalog : NULL;
}

enum catalog_edit_result catalog_edit_check_path(uint32_t code_page, const char *dll)
{
    char stored[PACKED_PATH_SIZE];
    if (dll == NULL || dll[0] == '\0')
        return CATALOG_EDIT_BAD_PATH;
    switch (code_page_write_path(code_page, dll, stored, sizeof stored)) {
    case CODE_PAGE_DONE:
        return CATALOG_EDIT_DONE;
    case CODE_PAGE_NO_MEMORY:
        return CATALOG_EDIT_NO_MEMORY;
    default:
        return CATALOG_EDIT_BAD_PATH;
    }
}

uint32_t catalog_edit_next_id(const struct wsplsp_snapshot *snapshot)
{
    uint32_t next = 1001; /* Windows' own first one */
    if (snapshot->next_catalog_id.present && snapshot->next_catalog_id.value > next)
        next = snapshot->next_catalog_id.value;
    for (size_t c = 0; c < 2; c++) {
        for (size_t i = 0; i < snapshot->catalogs[c].entry_count; i++) {
            uint32_t id = snapshot->catalogs[c].entries[i].info.catalog_id;
            next = id >= next && id != UINT32_MAX ? id + 1 : next;
        }
    }
    return next;
}

void catalog_edit_clear_entry(struct wsplsp_entry *entry)
{
    free(entry->undecoded);
    free(entry->name_raw);
    free(entry->name);
    free(entry->dll);
    reg_key_free(entry->origin);
}

void catalog_edit_count_up(struct wsplsp_counter *serial)
{
    serial->value = serial->present && serial->value != UINT32_MAX ? serial->value + 1 : 1;
    serial->present = true;
}

enum catalog_edit_result catalog_edit_settle(struct wsplsp_catalog *catalog)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        catalog->entries[i].position = i + 1;
        catalog->entries[i].number = (uint32_t)i + 1;
    }
    catalog->entries_stored.value = (uint32_t)catalog->entry_count;
    return wsplsp_catalog_index(catalog) ? CATALOG_EDIT_DONE : CATALOG_EDIT_NO_MEMORY;
}

struct reg_key *catalog_edit_origin(struct reg_key **origin, const char *name_value, const char *name)
{
    if (*origin != NULL)
        return *origin;
    struct reg_key *key = reg_key_new("");
    if (key != NULL && !reg_key_put_string(key, name_value, REGTREE_SZ, name)) {
        reg_key_free(key);
        key = NULL;
    }
    return *origin = key;
}

static bool set_text(char **to, const char *text)
{
    char *copy = text_duplicate(text);
    if (copy == NULL)
        return false;
    free(*to);
    *to = copy;
    return true;
}

/* Describes the entry anew, by all but its ids and its DLL. */
static bool set_info(struct wsplsp_entry *entry, const struct wsplsp_protocol_info *info)
{
    struct wsplsp_guid id = entry->info.provider_id;
    uint32_t catalog_id = entry->info.catalog_id;
    entry->info = *info;
    entry->info.provider_id = id;
    entry->info.catalog_id = catalog_id;
    entry->info.name[WSPLSP_PROTOCOL_NAME_LENGTH - 1] = 0;
    char *raw = text_from_utf16(entry->info.name, WSPLSP_PROTOCOL_NAME_LENGTH);
    if (raw == NULL)
        return false;
    free(entry->name_raw);
    entry->name_raw = raw;
    const char *known = names_lookup(raw);
    return set_text(&entry->name, known != NULL ? known : raw);
}

struct wsplsp_entry *catalog_edit_append(struct wsplsp_catalog *catalog, const struct wsplsp_protocol_info *info,
                                         const struct wsplsp_guid *id, uint32_t catalog_id, const char *dll)
{
    struct wsplsp_entry *entry = wsplsp_catalog_add_entry(catalog);
    if (entry == NULL)
        return NULL;
    entry->info.provider_id = *id;
    entry->info.catalog_id = catalog_id;
    return set_info(entry, info) && set_text(&entry->dll, dll) ? entry : NULL;
}

static bool is_of(const struct wsplsp_entry *entry, const struct wsplsp_guid *id)
{
    return entry->undecoded == NULL && wsplsp_guid_equal(&entry->info.provider_id, id);
}

const struct wsplsp_entry *catalog_edit_find_provider(const struct wsplsp_catalog *catalog,
                                                      const struct wsplsp_guid *id)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        if (is_of(&catalog->entries[i], id))
            return &catalog->entries[i];
    }
    return NULL;
}

const struct wsplsp_entry *catalog_edit_find_layer(const struct wsplsp_catalog *catalog, const struct wsplsp_guid *id)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (is_of(entry, id) && wsplsp_entry_kind(entry) == WSPLSP_KIND_LAYER)
            return entry;
    }
    return NULL;
}

static enum catalog_edit_result check_provider(const struct wsplsp_snapshot *snapshot,
                                               const struct catalog_edit_provider *provider)
{
    enum catalog_edit_result result = catalog_edit_check_path(snapshot->code_page, provider->dll);
    if (result != CATALOG_EDIT_DONE)
        return result;
    if (provider->count == 0)
        return CATALOG_EDIT_BAD_LIST;
    for (size_t i = 0; i < provider->count; i++) {
        if (provider->infos[i].chain_len < 0)
            return CATALOG_EDIT_BAD_LIST;
        if (provider->infos[i].chain_len > WSPLSP_MAX_PROTOCOL_CHAIN)
            return CATALOG_EDIT_CHAIN_TOO_LONG;
    }
    return CATALOG_EDIT_DONE;
}

enum catalog_edit_result catalog_edit_install(struct wsplsp_snapshot *snapshot, unsigned catalogs,
                                              const struct catalog_edit_provider *provider)
{
    enum catalog_edit_result result = check_provider(snapshot, provider);
    uint32_t first = catalog_edit_next_id(snapshot);
    for (unsigned c = 0; c < 2 && result == CATALOG_EDIT_DONE; c++) {
        if ((catalogs & 1u << c) != 0 && !snapshot->catalogs[c].present)
            result = CATALOG_EDIT_NO_CATALOG;
        else if ((catalogs & 1u << c) != 0 && catalog_edit_find_provider(&snapshot->catalogs[c], &provider->id) != NULL)
            result = CATALOG_EDIT_INSTALLED;
    }
    for (unsigned c = 0; c < 2 && result == CATALOG_EDIT_DONE; c++) {
        if ((catalogs & 1u << c) == 0)
            continue;
        struct wsplsp_catalog *catalog = &snapshot->catalogs[c];
        for (size_t i = 0; i < provider->count; i++) {
            uint32_t id = first + (uint32_t)i;
            if (catalog_edit_append(catalog, &provider->infos[i], &provider->id, id, provider->dll) == NULL)
                return CATALOG_EDIT_NO_MEMORY;
        }
        result = catalog_edit_settle(catalog);
    }
    if (result == CATALOG_EDIT_DONE) {
        snapshot->next_catalog_id = (struct wsplsp_counter){true, first + (uint32_t)provider->count};
        catalog_edit_count_up(&snapshot->serial);
    }
    return result;
}

/* The provider's entry with that catalog id. */
static struct wsplsp_entry *find_entry(struct wsplsp_catalog *catalog, const struct wsplsp_guid *id,
                                       uint32_t catalog_id)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        struct wsplsp_entry *entry = &catalog->entries[i];
        if (is_of(entry, id) && entry->info.catalog_id == catalog_id)
            return entry;
    }
    return NULL;
}

enum catalog_edit_result catalog_edit_update(struct wsplsp_snapshot *snapshot, int bits,
                                             const struct catalog_edit_provider *provider)
{
    struct wsplsp_catalog *catalog = catalog_edit_catalog(snapshot, bits);
    enum catalog_edit_result result = catalog == NULL ? CATALOG_EDIT_NO_CATALOG : check_provider(snapshot, provider);
    if (result != CATALOG_EDIT_DONE)
        return result;
    for (size_t i = 0; i < provider->count; i++) {
        if (find_entry(catalog, &provider->id, provider->infos[i].catalog_id) == NULL)
            return CATALOG_EDIT_UNKNOWN;
    }
    for (size_t i = 0; i < catalog->entry_count; i++) {
        struct wsplsp_entry *entry = &catalog->entries[i];
        if (is_of(entry, &provider->id) && !set_text(&entry->dll, provider->dll))
            return CATALOG_EDIT_NO_MEMORY;
    }
    for (size_t i = 0; i < provider->count; i++) {
        const struct wsplsp_protocol_info *info = &provider->infos[i];
        if (!set_info(find_entry(catalog, &provider->id, info->catalog_id), info))
            return CATALOG_EDIT_NO_MEMORY;
    }
    catalog_edit_count_up(&snapshot->serial);
    return CATALOG_EDIT_DONE;
}

enum catalog_edit_result catalog_edit_remove(struct wsplsp_snapshot *snapshot, int bits, const struct wsplsp_guid *id)
{
    struct wsplsp_catalog *catalog = catalog_edit_catalog(snapshot, bits);
    if (catalog == NULL)
        return CATALOG_EDIT_NO_CATALOG;
    if (catalog_edit_find_provider(catalog, id) == NULL)
        return CATALOG_EDIT_UNKNOWN;
    /* An id is never given twice, not even that of the last entry: a chain may still refer to it. */
    snapshot->next_catalog_id = (struct wsplsp_counter){true, catalog_edit_next_id(snapshot)};
    size_t kept = 0;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        struct wsplsp_entry *entry = &catalog->entries[i];
        if (is_of(entry, id))
            catalog_edit_clear_entry(entry);
        else
            catalog->entries[kept++] = *entry;
    }
    /* wsplsp_catalog_add_entry makes room anew where the count is a power of two: a smaller one needs no care. */
    catalog->entry_count = kept;
    catalog_edit_count_up(&snapshot->serial);
    return catalog_edit_settle(catalog);
}

/* The index of the first unused entry with that id, or the count. */
static size_t find_unused(const struct wsplsp_catalog *catalog, uint32_t catalog_id, const bool *used)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (!used[i] && entry->undecoded == NULL && entry->info.catalog_id == catalog_id)
            return i;
    }
    return catalog->entry_count;
}

/* Fills `ordered` with the entries in their new order; false where `ids` is no permutation. */
static bool permute(const struct wsplsp_catalog *catalog, const uint32_t *ids, size_t count, bool *used,
                    struct wsplsp_entry *ordered)
{
    size_t next = 0;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        if (catalog->entries[i].undecoded != NULL) {
            ordered[i] = catalog->entries[i];
            continue;
        }
        size_t found = next < count ? find_unused(catalog, ids[next], used) : catalog->entry_count;
        if (found == catalog->entry_count)
            return false;
        used[found] = true;
        ordered[i] = catalog->entries[found];
        next++;
    }
    return next == count;
}

enum catalog_edit_result catalog_edit_order(struct wsplsp_snapshot *snapshot, int bits, const uint32_t *ids,
                                            size_t count)
{
    struct wsplsp_catalog *catalog = catalog_edit_catalog(snapshot, bits);
    if (catalog == NULL)
        return CATALOG_EDIT_NO_CATALOG;
    bool *used = calloc(catalog->entry_count + 1, sizeof *used);
    struct wsplsp_entry *ordered = calloc(catalog->entry_count + 1, sizeof *ordered);
    enum catalog_edit_result result = CATALOG_EDIT_NO_MEMORY;
    if (used != NULL && ordered != NULL)
        result = permute(catalog, ids, count, used, ordered) ? CATALOG_EDIT_DONE : CATALOG_EDIT_BAD_ORDER;
    if (result == CATALOG_EDIT_DONE) {
        if (catalog->entry_count > 0)
            memcpy(catalog->entries, ordered, catalog->entry_count * sizeof *ordered);
        catalog_edit_count_up(&snapshot->serial);
        result = catalog_edit_settle(catalog);
    }
    free(used);
    free(ordered);
    return result;
}

enum catalog_edit_result catalog_edit_set_categories(struct wsplsp_snapshot *snapshot, int bits,
                                                     const struct wsplsp_guid *id, uint32_t categories)
{
    struct wsplsp_catalog *catalog = catalog_edit_catalog(snapshot, bits);
    if (catalog == NULL)
        return CATALOG_EDIT_NO_CATALOG;
    struct wsplsp_entry *entry = (struct wsplsp_entry *)catalog_edit_find_layer(catalog, id);
    if (entry == NULL)
        return CATALOG_EDIT_UNKNOWN;
    struct reg_key *key = catalog_edit_origin(&entry->origin, "ProtocolName", entry->name_raw);
    if (key == NULL || !reg_key_put_dword(key, LAYOUT_CATEGORIES, categories))
        return CATALOG_EDIT_NO_MEMORY;
    entry->has_categories = true;
    entry->categories = categories;
    entry->categories_absent = NULL;
    catalog_edit_count_up(&snapshot->serial);
    return CATALOG_EDIT_DONE;
}
