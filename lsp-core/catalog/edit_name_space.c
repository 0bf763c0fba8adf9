/* Changes to the name space providers of a catalog; see edit.h. */
#include "edit.h"

#include <stdlib.h>
#include <string.h>

#include "edit_part.h"
#include "names.h"
#include "lsp-core/registry/regtree.h"
#include "lsp-core/base/text.h"

#define INFO_VALUE "ProviderInfo"
#define PATH_UNITS 260 /* MAX_PATH */

static struct wsplsp_name_space *find(struct wsplsp_catalog *catalog, const struct wsplsp_guid *id)
{
    for (size_t i = 0; i < catalog->name_space_count; i++) {
        struct wsplsp_name_space *name_space = &catalog->name_spaces[i];
        if (name_space->undecoded == NULL && wsplsp_guid_equal(&name_space->provider_id, id))
            return name_space;
    }
    return NULL;
}

static enum catalog_edit_result settle(struct wsplsp_snapshot *snapshot, struct wsplsp_catalog *catalog)
{
    for (size_t i = 0; i < catalog->name_space_count; i++) {
        catalog->name_spaces[i].position = i + 1;
        catalog->name_spaces[i].number = (uint32_t)i + 1;
    }
    /* Said even where it becomes 0: the layout leaves a catalog out that has neither providers nor a count. */
    catalog->name_spaces_stored = (struct wsplsp_counter){true, (uint32_t)catalog->name_space_count};
    catalog_edit_count_up(&snapshot->name_space_serial);
    return CATALOG_EDIT_DONE;
}

/* The path is kept as text, so any character will do. */
static enum catalog_edit_result check(const struct catalog_edit_name_space *from)
{
    size_t units = 0;
    uint16_t *wide = text_to_utf16(from->dll, &units);
    free(wide);
    if (wide == NULL)
        return CATALOG_EDIT_NO_MEMORY;
    if (units == 1 || units > PATH_UNITS)
        return CATALOG_EDIT_BAD_PATH;
    return from->name[0] == '\0' ? CATALOG_EDIT_BAD_NAME : CATALOG_EDIT_DONE;
}

static bool fill(struct wsplsp_name_space *to, const struct catalog_edit_name_space *from)
{
    const char *known = names_lookup(from->name);
    to->provider_id = from->id;
    to->name_space = from->name_space;
    to->version = from->version;
    to->enabled = true;
    to->name_raw = text_duplicate(from->name);
    to->name = text_duplicate(known != NULL ? known : from->name);
    to->dll = text_duplicate(from->dll);
    if (to->name_raw == NULL || to->name == NULL || to->dll == NULL)
        return false;
    if (from->info == NULL)
        return true;
    struct reg_key *key = catalog_edit_origin(&to->origin, "DisplayString", from->name);
    return key != NULL && reg_key_set(key, INFO_VALUE, REGTREE_BINARY, from->info, from->info_size);
}

enum catalog_edit_result catalog_edit_install_name_space(struct wsplsp_snapshot *snapshot, int bits,
                                                         const struct catalog_edit_name_space *name_space)
{
    struct wsplsp_catalog *catalog = catalog_edit_catalog(snapshot, bits);
    enum catalog_edit_result result = catalog == NULL ? CATALOG_EDIT_NO_CATALOG : check(name_space);
    if (result != CATALOG_EDIT_DONE)
        return result;
    if (find(catalog, &name_space->id) != NULL)
        return CATALOG_EDIT_INSTALLED;
    struct wsplsp_name_space *added = wsplsp_catalog_add_name_space(catalog);
    return added != NULL && fill(added, name_space) ? settle(snapshot, catalog) : CATALOG_EDIT_NO_MEMORY;
}

static void clear(struct wsplsp_name_space *name_space)
{
    free(name_space->undecoded);
    free(name_space->name_raw);
    free(name_space->name);
    free(name_space->dll);
    reg_key_free(name_space->origin);
}

enum catalog_edit_result catalog_edit_remove_name_space(struct wsplsp_snapshot *snapshot, int bits,
                                                        const struct wsplsp_guid *id)
{
    struct wsplsp_catalog *catalog = catalog_edit_catalog(snapshot, bits);
    struct wsplsp_name_space *found = catalog == NULL ? NULL : find(catalog, id);
    if (found == NULL)
        return catalog == NULL ? CATALOG_EDIT_NO_CATALOG : CATALOG_EDIT_UNKNOWN;
    clear(found);
    size_t index = (size_t)(found - catalog->name_spaces);
    memmove(found, found + 1, (--catalog->name_space_count - index) * sizeof *found);
    return settle(snapshot, catalog);
}

enum catalog_edit_result catalog_edit_enable_name_space(struct wsplsp_snapshot *snapshot, int bits,
                                                        const struct wsplsp_guid *id, bool enabled)
{
    struct wsplsp_catalog *catalog = catalog_edit_catalog(snapshot, bits);
    struct wsplsp_name_space *found = catalog == NULL ? NULL : find(catalog, id);
    if (found == NULL)
        return catalog == NULL ? CATALOG_EDIT_NO_CATALOG : CATALOG_EDIT_UNKNOWN;
    found->enabled = enabled;
    return settle(snapshot, catalog);
}

static bool permute(const struct wsplsp_catalog *catalog, const struct wsplsp_guid *ids, size_t count, bool *used,
                    struct wsplsp_name_space *ordered)
{
    size_t next = 0;
    for (size_t i = 0; i < catalog->name_space_count; i++) {
        const struct wsplsp_name_space *own = &catalog->name_spaces[i];
        size_t found = i;
        if (own->undecoded == NULL) {
            found = 0;
            while (next < count && found < catalog->name_space_count &&
                   (used[found] || catalog->name_spaces[found].undecoded != NULL ||
                    !wsplsp_guid_equal(&catalog->name_spaces[found].provider_id, &ids[next])))
                found++;
            if (next++ >= count || found == catalog->name_space_count)
                return false;
            used[found] = true;
        }
        ordered[i] = catalog->name_spaces[found];
    }
    return next == count;
}

enum catalog_edit_result catalog_edit_order_name_spaces(struct wsplsp_snapshot *snapshot, int bits,
                                                        const struct wsplsp_guid *ids, size_t count)
{
    struct wsplsp_catalog *catalog = catalog_edit_catalog(snapshot, bits);
    if (catalog == NULL)
        return CATALOG_EDIT_NO_CATALOG;
    bool *used = calloc(catalog->name_space_count + 1, sizeof *used);
    struct wsplsp_name_space *ordered = calloc(catalog->name_space_count + 1, sizeof *ordered);
    enum catalog_edit_result result = CATALOG_EDIT_NO_MEMORY;
    if (used != NULL && ordered != NULL)
        result = permute(catalog, ids, count, used, ordered) ? CATALOG_EDIT_DONE : CATALOG_EDIT_BAD_ORDER;
    if (result == CATALOG_EDIT_DONE) {
        if (catalog->name_space_count > 0)
            memcpy(catalog->name_spaces, ordered, catalog->name_space_count * sizeof *ordered);
        result = settle(snapshot, catalog);
    }
    free(used);
    free(ordered);
    return result;
}

const void *catalog_edit_name_space_info(const struct wsplsp_name_space *name_space, size_t *size)
{
    const struct reg_value *value = name_space->origin == NULL ? NULL : reg_key_value(name_space->origin, INFO_VALUE);
    *size = value == NULL ? 0 : value->size;
    return value == NULL || value->size == 0 ? NULL : value->data;
}
