/* Layers for one run; see layers.h. The entries are what an installer makes with WSCInstallProviderAndChains; see
 * "Winsock Layered Service Provider (LSP) Installation" in Microsoft's reference. */
#include "layers.h"

#include <stdlib.h>
#include <string.h>

#include "catalog_edit_part.h"
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
        const struct wsplsp_entry *entry = &catalog->entries[i];
        const struct wsplsp_protocol_info *info = &entry->info;
        if (entry->undecoded == NULL && info->chain_len > 1 && (info->provider_flags & PFL_HIDDEN) == 0 &&
            info->chain[info->chain_len - 1] == base->info.catalog_id)
            return entry;
    }
    return base;
}

/* What the layer adds to a catalog. */
struct addition {
    struct catalog_edit_own own;
    struct catalog_edit_chain *chains; /* room for all that may come */
    size_t count;
};

static enum wsplsp_status add_chain(struct addition *addition, const struct wsplsp_catalog *catalog,
                                    const struct wsplsp_entry *base, layers_new_id new_id, struct wsplsp_error *error)
{
    struct catalog_edit_chain *chain = &addition->chains[addition->count];
    chain->below = topmost(catalog, base)->info;
    if (chain->below.chain_len >= WSPLSP_MAX_PROTOCOL_CHAIN)
        return wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "more than %d layers over one base entry",
                           WSPLSP_MAX_PROTOCOL_CHAIN - 1);
    chain->over = base->name != NULL ? base->name : "";
    chain->catalog_id = addition->own.catalog_id + 1 + (uint32_t)addition->count++;
    return new_id(&chain->id, error);
}

static enum wsplsp_status choose_chains(struct addition *addition, const struct wsplsp_catalog *catalog,
                                        const struct layer *layer, layers_new_id new_id, struct wsplsp_error *error)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *base = &catalog->entries[i];
        if (base->undecoded != NULL || wsplsp_entry_kind(base) != WSPLSP_KIND_BASE || !is_wanted(layer, &base->info))
            continue;
        if (addition->count == 0)
            addition->own.service_flags =
                (base->info.service_flags[0] & ~XP1_IFS_HANDLES) | (layer->ifs ? XP1_IFS_HANDLES : 0);
        if (add_chain(addition, catalog, base, new_id, error) != WSPLSP_OK)
            return error->status;
    }
    if (addition->count == 0)
        return wsplsp_fail(error, WSPLSP_NOT_FOUND, 0, "NOT_FOUND", "no base entry fits what '%.100s' is to go over",
                           layer->name);
    return new_id(&addition->own.id, error);
}

enum wsplsp_status layers_add(struct wsplsp_snapshot *snapshot, const struct layer *layer, layers_new_id new_id,
                              struct wsplsp_error *error)
{
    struct wsplsp_catalog *catalog = &snapshot->catalogs[layer->bits == 64 ? 0 : 1];
    struct addition addition = {
        .own = {.catalog_id = catalog_edit_next_id(snapshot), .name = layer->name, .dll = layer->dll},
        .chains = calloc(catalog->entry_count + 1, sizeof *addition.chains)};
    if (addition.chains == NULL)
        return wsplsp_fail_memory(error);
    enum wsplsp_status status = choose_chains(&addition, catalog, layer, new_id, error);
    if (status == WSPLSP_OK &&
        catalog_edit_add_layer(catalog, &addition.own, addition.chains, addition.count) != CATALOG_EDIT_DONE)
        status = wsplsp_fail_memory(error);
    if (status == WSPLSP_OK)
        snapshot->next_catalog_id =
            (struct wsplsp_counter){true, addition.own.catalog_id + 1 + (uint32_t)addition.count};
    free(addition.chains);
    return status;
}
