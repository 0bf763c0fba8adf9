/* Layers for one run; see layers.h. The entries are what an installer makes with WSCInstallProviderAndChains; see
 * "Winsock Layered Service Provider (LSP) Installation" in Microsoft's reference. */
#include "layers.h"

#include <stdlib.h>
#include <string.h>

#include "flags.h"
#include "text.h"

/* What Windows' own base entries name; which DLL it is does not matter to the host. */
#define BASE_DLL "%SystemRoot%\\system32\\mswsock.dll"

enum {
    FAMILY_IPV4 = 2,
    FAMILY_IPV6 = 23,
    TYPE_STREAM = 1,
    TYPE_DATAGRAM = 2,
    TYPE_RAW = 3,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17
};

static bool set_text(char **to, const char *from)
{
    *to = from == NULL ? NULL : text_duplicate(from);
    return from == NULL || *to != NULL;
}

static bool copy_base(struct wsplsp_catalog *to, const struct wsplsp_entry *from)
{
    struct wsplsp_entry *entry = wsplsp_catalog_add_entry(to);
    if (entry == NULL)
        return false;
    entry->info = from->info;
    return set_text(&entry->name_raw, from->name_raw) && set_text(&entry->name, from->name) &&
           set_text(&entry->dll, from->dll != NULL ? from->dll : BASE_DLL);
}

static bool copy_name_space(struct wsplsp_catalog *to, const struct wsplsp_name_space *from)
{
    struct wsplsp_name_space *own = wsplsp_catalog_add_name_space(to);
    if (own == NULL)
        return false;
    own->provider_id = from->provider_id;
    own->name_space = from->name_space;
    own->version = from->version;
    own->enabled = from->enabled;
    own->stores_service_class_info = from->stores_service_class_info;
    return set_text(&own->name_raw, from->name_raw) && set_text(&own->name, from->name) &&
           set_text(&own->dll, from->dll != NULL ? from->dll : BASE_DLL);
}

static bool copy_catalog(struct wsplsp_catalog *to, const struct wsplsp_catalog *from)
{
    to->present = true;
    to->absent = NULL;
    for (size_t i = 0; i < from->entry_count; i++) {
        const struct wsplsp_entry *entry = &from->entries[i];
        if (entry->undecoded == NULL && wsplsp_entry_kind(entry) == WSPLSP_KIND_BASE && !copy_base(to, entry))
            return false;
    }
    for (size_t i = 0; i < from->name_space_count; i++) {
        if (from->name_spaces[i].undecoded == NULL && !copy_name_space(to, &from->name_spaces[i]))
            return false;
    }
    return true;
}

enum wsplsp_status layers_seed(const struct wsplsp_snapshot *system, struct wsplsp_snapshot **seed,
                               struct wsplsp_error *error)
{
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("the catalog of this run");
    bool copied = snapshot != NULL;
    for (int i = 0; copied && i < 2; i++)
        copied = copy_catalog(&snapshot->catalogs[i], &system->catalogs[system->catalogs[i].present ? i : !i]);
    if (!copied) {
        wsplsp_snapshot_free(snapshot);
        return wsplsp_fail_memory(error);
    }
    *seed = snapshot;
    return WSPLSP_OK;
}

/* Whether `over` means that base entry. */
static bool means(const char *over, const struct wsplsp_protocol_info *base)
{
    bool internet = base->family == FAMILY_IPV4 || base->family == FAMILY_IPV6;
    char *end;
    unsigned long id = strtoul(over, &end, 10);
    if (*over != '\0' && *end == '\0')
        return id == base->catalog_id;
    if ((base->provider_flags & PFL_HIDDEN) != 0)
        return false; /* no program gets it */
    if (strcmp(over, "all") == 0)
        return true;
    if (strcmp(over, "tcp") == 0)
        return internet && base->socket_type == TYPE_STREAM && base->protocol == PROTOCOL_TCP;
    if (strcmp(over, "udp") == 0)
        return internet && base->socket_type == TYPE_DATAGRAM && base->protocol == PROTOCOL_UDP;
    return strcmp(over, "raw") == 0 && internet && base->socket_type == TYPE_RAW;
}

static bool is_wanted(const struct layer *layer, const struct wsplsp_protocol_info *base)
{
    bool wanted = false;
    for (size_t i = 0; i < layer->over_count; i++)
        wanted = wanted || means(layer->over[i], base);
    return wanted;
}

/* The entry that a program gets today where it could have that base: the first chain that ends in it, or itself. */
static const struct wsplsp_entry *topmost(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *base)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_protocol_info *info = &catalog->entries[i].info;
        if (info->chain_len > 1 && info->chain[info->chain_len - 1] == base->info.catalog_id)
            return &catalog->entries[i];
    }
    return base;
}

static bool set_name(struct wsplsp_entry *entry, const char *name)
{
    size_t units;
    uint16_t *wide = text_to_utf16(name, &units);
    if (wide == NULL)
        return false;
    memset(entry->info.name, 0, sizeof entry->info.name);
    for (size_t i = 0; i < units && i < WSPLSP_PROTOCOL_NAME_LENGTH - 1; i++)
        entry->info.name[i] = wide[i];
    free(wide);
    entry->name_raw = text_from_utf16(entry->info.name, WSPLSP_PROTOCOL_NAME_LENGTH);
    return entry->name_raw != NULL && set_text(&entry->name, entry->name_raw);
}

static uint32_t next_id(const struct wsplsp_snapshot *snapshot)
{
    uint32_t next = 1001; /* Windows' own first one */
    for (int c = 0; c < 2; c++) {
        for (size_t i = 0; i < snapshot->catalogs[c].entry_count; i++) {
            uint32_t id = snapshot->catalogs[c].entries[i].info.catalog_id;
            next = id >= next ? id + 1 : next;
        }
    }
    return next;
}

/* Appends an entry of the layer's that begins as a copy of `like`. */
static struct wsplsp_entry *append(struct wsplsp_catalog *catalog, const struct layer *layer,
                                   const struct wsplsp_protocol_info *like, uint32_t id)
{
    struct wsplsp_entry *entry = wsplsp_catalog_add_entry(catalog);
    if (entry == NULL || !set_text(&entry->dll, layer->dll))
        return NULL;
    entry->info = *like;
    entry->info.catalog_id = id;
    if (!layer->ifs)
        entry->info.service_flags[0] &= ~XP1_IFS_HANDLES;
    return entry;
}

static enum wsplsp_status add_own_entry(struct wsplsp_catalog *catalog, const struct layer *layer,
                                        const struct wsplsp_entry *base, uint32_t id, layers_new_id new_id,
                                        struct wsplsp_error *error)
{
    struct wsplsp_protocol_info like = base->info;
    struct wsplsp_entry *entry = append(catalog, layer, &like, id);
    if (entry == NULL || !set_name(entry, layer->name))
        return wsplsp_fail_memory(error);
    entry->info.chain_len = 0;
    memset(entry->info.chain, 0, sizeof entry->info.chain);
    entry->info.provider_flags |= PFL_HIDDEN;
    return new_id(&entry->info.provider_id, error);
}

static enum wsplsp_status add_chain(struct wsplsp_catalog *catalog, const struct layer *layer, uint32_t own_id,
                                    const struct wsplsp_entry *base, uint32_t id, layers_new_id new_id,
                                    struct wsplsp_error *error)
{
    struct wsplsp_protocol_info below = topmost(catalog, base)->info;
    if (below.chain_len >= WSPLSP_MAX_PROTOCOL_CHAIN)
        return wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "more than %d layers over one base entry",
                           WSPLSP_MAX_PROTOCOL_CHAIN - 1);
    char *name = text_format("%s over [%s]", layer->name, base->name != NULL ? base->name : "");
    struct wsplsp_entry *entry = name == NULL ? NULL : append(catalog, layer, &below, id);
    bool named = entry != NULL && set_name(entry, name);
    free(name);
    if (!named)
        return wsplsp_fail_memory(error);
    bool on_base = below.chain_len == 1;
    entry->info.chain_len = below.chain_len + 1;
    entry->info.chain[0] = own_id;
    for (int i = 0; i < below.chain_len; i++)
        entry->info.chain[i + 1] = on_base ? below.catalog_id : below.chain[i];
    return new_id(&entry->info.provider_id, error);
}

/* Moves the entries from index `first` on to the front, each group in its order. */
static enum wsplsp_status move_to_front(struct wsplsp_catalog *catalog, size_t first, struct wsplsp_error *error)
{
    size_t count = catalog->entry_count - first;
    struct wsplsp_entry *moved = malloc((count + 1) * sizeof *moved);
    if (moved == NULL)
        return wsplsp_fail_memory(error);
    memcpy(moved, catalog->entries + first, count * sizeof *moved);
    memmove(catalog->entries + count, catalog->entries, first * sizeof *moved);
    memcpy(catalog->entries, moved, count * sizeof *moved);
    free(moved);
    for (size_t i = 0; i < catalog->entry_count; i++)
        catalog->entries[i].position = i + 1;
    return WSPLSP_OK;
}

enum wsplsp_status layers_add(struct wsplsp_snapshot *snapshot, const struct layer *layer, layers_new_id new_id,
                              struct wsplsp_error *error)
{
    struct wsplsp_catalog *catalog = &snapshot->catalogs[layer->bits == 64 ? 0 : 1];
    uint32_t own_id = next_id(snapshot), id = own_id;
    size_t before = catalog->entry_count, chains = before;
    for (size_t i = 0; i < before; i++) {
        struct wsplsp_entry base = catalog->entries[i]; /* adding entries moves the array */
        if (wsplsp_entry_kind(&base) != WSPLSP_KIND_BASE || !is_wanted(layer, &base.info))
            continue;
        if (id == own_id) {
            if (add_own_entry(catalog, layer, &base, id++, new_id, error) != WSPLSP_OK)
                return error->status;
            chains = catalog->entry_count;
        }
        if (add_chain(catalog, layer, own_id, &base, id++, new_id, error) != WSPLSP_OK)
            return error->status;
    }
    if (id == own_id)
        return wsplsp_fail(error, WSPLSP_NOT_FOUND, 0, "NOT_FOUND", "no base entry fits what '%.100s' is to go over",
                           layer->name);
    return move_to_front(catalog, chains, error);
}
