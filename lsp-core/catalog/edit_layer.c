/* A layer with its chains, put into a catalog at once; see edit.h and the pages of WSCInstallProviderAndChains
 * and WSCInstallProviderAndChains64_32. */
#include "edit.h"

#include <stdlib.h>
#include <string.h>

#include "edit_part.h"
#include "flags.h"
#include "lsp-core/base/text.h"

/* One chain of the layer's: what it goes over in each catalog, and the ids that it has in both. */
struct chain {
    struct catalog_edit_protocol protocol;
    const struct wsplsp_entry *below[2]; /* NULL where that catalog has none; stale once entries are added */
    struct wsplsp_protocol_info below_info[2];
    struct wsplsp_guid id;
    uint32_t catalog_id;
};

struct chains {
    struct chain *items;
    size_t count;
};

static bool serves(const struct wsplsp_protocol_info *info, const struct catalog_edit_protocol *protocol)
{
    return info->family == protocol->family && info->socket_type == protocol->type &&
           info->protocol == protocol->protocol;
}

/* Whether a program could get the entry: chains are made over no other. */
static bool is_open(const struct wsplsp_entry *entry)
{
    return entry->undecoded == NULL && entry->info.chain_len >= 1 && (entry->info.provider_flags & PFL_HIDDEN) == 0;
}

static struct chain *find_chain(const struct chains *chains, const struct catalog_edit_protocol *protocol)
{
    for (size_t i = 0; i < chains->count; i++) {
        const struct catalog_edit_protocol *known = &chains->items[i].protocol;
        if (known->family == protocol->family && known->type == protocol->type && known->protocol == protocol->protocol)
            return &chains->items[i];
    }
    return NULL;
}

/* There is room for all that may come. */
static void add_chain(struct chains *chains, const struct catalog_edit_protocol *protocol, unsigned catalog,
                      const struct wsplsp_entry *below)
{
    struct chain *chain = find_chain(chains, protocol);
    if (chain == NULL) {
        chain = &chains->items[chains->count++];
        chain->protocol = *protocol;
    }
    if (chain->below[catalog] == NULL) {
        chain->below[catalog] = below;
        chain->below_info[catalog] = below->info;
    }
}

/* "over the base protocol for each unique protocol type as defined by the address family, socket type, and protocol" */
static enum catalog_edit_result choose_bases(struct chains *chains, unsigned c, const struct wsplsp_catalog *catalog)
{
    bool found = false;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (!is_open(entry) || entry->info.chain_len != 1)
            continue;
        struct catalog_edit_protocol protocol = {entry->info.family, entry->info.socket_type, entry->info.protocol};
        add_chain(chains, &protocol, c, entry);
        found = true;
    }
    return found ? CATALOG_EDIT_DONE : CATALOG_EDIT_NO_BASE;
}

/* "the top-most entry in the configuration information that matches"; duplicates are ignored. */
static enum catalog_edit_result choose_topmost(struct chains *chains, unsigned c, const struct wsplsp_catalog *catalog,
                                               const struct catalog_edit_layer *layer)
{
    for (size_t i = 0; i < layer->over_count; i++) {
        size_t at = 0;
        while (at < catalog->entry_count &&
               !(is_open(&catalog->entries[at]) && serves(&catalog->entries[at].info, &layer->over[i])))
            at++;
        if (at == catalog->entry_count)
            return CATALOG_EDIT_NO_MATCH;
        if (catalog->entries[at].info.chain_len >= WSPLSP_MAX_PROTOCOL_CHAIN)
            return CATALOG_EDIT_CHAIN_TOO_LONG;
        add_chain(chains, &layer->over[i], c, &catalog->entries[at]);
    }
    return CATALOG_EDIT_DONE;
}

static bool set_name(struct wsplsp_protocol_info *info, const char *name)
{
    size_t units;
    uint16_t *wide = text_to_utf16(name, &units);
    if (wide == NULL)
        return false;
    memset(info->name, 0, sizeof info->name);
    for (size_t i = 0; i < units && i < WSPLSP_PROTOCOL_NAME_LENGTH - 1; i++)
        info->name[i] = wide[i];
    free(wide);
    return true;
}

static enum catalog_edit_result check_name(const struct wsplsp_catalog *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded == NULL && entry->name_raw != NULL && strcmp(entry->name_raw, name) == 0)
            return CATALOG_EDIT_NAME_TAKEN;
    }
    return CATALOG_EDIT_DONE;
}

static enum catalog_edit_result check_layer(const struct catalog_edit_layer *layer, unsigned catalogs,
                                            uint32_t code_page)
{
    enum catalog_edit_result result = CATALOG_EDIT_DONE;
    if ((catalogs & CATALOG_EDIT_64) != 0)
        result = catalog_edit_check_path(code_page, layer->dll64);
    if (result == CATALOG_EDIT_DONE && (catalogs & CATALOG_EDIT_32) != 0)
        result = catalog_edit_check_path(code_page, layer->dll32);
    if (result != CATALOG_EDIT_DONE)
        return result;
    size_t units = 0;
    uint16_t *wide = text_to_utf16(layer->name, &units);
    free(wide);
    if (wide == NULL)
        return CATALOG_EDIT_NO_MEMORY;
    if (units == 1 || units > WSPLSP_PROTOCOL_NAME_LENGTH)
        return CATALOG_EDIT_BAD_NAME;
    return layer->over != NULL && layer->over_count == 0 ? CATALOG_EDIT_BAD_LIST : CATALOG_EDIT_DONE;
}

static enum catalog_edit_result choose(struct chains *chains, unsigned c, const struct wsplsp_catalog *catalog,
                                       const struct catalog_edit_layer *layer)
{
    if (!catalog->present)
        return CATALOG_EDIT_NO_CATALOG;
    if (catalog_edit_find_provider(catalog, &layer->id) != NULL)
        return CATALOG_EDIT_INSTALLED;
    enum catalog_edit_result result = check_name(catalog, layer->name);
    if (result != CATALOG_EDIT_DONE)
        return result;
    return layer->over == NULL ? choose_bases(chains, c, catalog) : choose_topmost(chains, c, catalog, layer);
}

static bool append_own(struct wsplsp_catalog *catalog, const struct catalog_edit_own *own,
                       const struct wsplsp_protocol_info *like)
{
    struct wsplsp_protocol_info info = *like;
    info.service_flags[0] = own->service_flags;
    info.provider_flags |= PFL_HIDDEN;
    info.chain_len = 0;
    memset(info.chain, 0, sizeof info.chain);
    return set_name(&info, own->name) &&
           catalog_edit_append(catalog, &info, &own->id, own->catalog_id, own->dll) != NULL;
}

static bool set_chain_name(struct wsplsp_protocol_info *info, const char *layer, const struct catalog_edit_chain *chain)
{
    char *stored = text_from_utf16(chain->below.name, WSPLSP_PROTOCOL_NAME_LENGTH);
    const char *over = chain->over != NULL ? chain->over : stored;
    char *name = over == NULL ? NULL : text_format("%s over [%s]", layer, over);
    bool set = name != NULL && set_name(info, name);
    free(stored);
    free(name);
    return set;
}

static bool append_chain(struct wsplsp_catalog *catalog, const struct catalog_edit_own *own,
                         const struct catalog_edit_chain *chain)
{
    const struct wsplsp_protocol_info *below = &chain->below;
    struct wsplsp_protocol_info info = *below;
    /* Handles that a layer makes itself are no file handles, whatever is below. */
    if ((own->service_flags & XP1_IFS_HANDLES) == 0)
        info.service_flags[0] &= ~XP1_IFS_HANDLES;
    bool on_base = below->chain_len == 1;
    info.chain_len = below->chain_len + 1;
    info.chain[0] = own->catalog_id;
    for (int i = 0; i < below->chain_len; i++)
        info.chain[i + 1] = on_base ? below->catalog_id : below->chain[i];
    return set_chain_name(&info, own->name, chain) &&
           catalog_edit_append(catalog, &info, &chain->id, chain->catalog_id, own->dll) != NULL;
}

/* Moves the entries from index `first` on to the front, each group in its order. */
static bool move_to_front(struct wsplsp_catalog *catalog, size_t first)
{
    size_t count = catalog->entry_count - first;
    struct wsplsp_entry *moved = malloc((count + 1) * sizeof *moved);
    if (moved == NULL)
        return false;
    memcpy(moved, catalog->entries + first, count * sizeof *moved);
    memmove(catalog->entries + count, catalog->entries, first * sizeof *moved);
    memcpy(catalog->entries, moved, count * sizeof *moved);
    free(moved);
    return true;
}

enum catalog_edit_result catalog_edit_add_layer(struct wsplsp_catalog *catalog, const struct catalog_edit_own *own,
                                                const struct catalog_edit_chain *chains, size_t count)
{
    bool added = append_own(catalog, own, &chains[0].below);
    size_t first = catalog->entry_count;
    for (size_t i = 0; added && i < count; i++)
        added = append_chain(catalog, own, &chains[i]);
    return added && move_to_front(catalog, first) ? catalog_edit_settle(catalog) : CATALOG_EDIT_NO_MEMORY;
}

/* What of the layer goes into one catalog. */
static enum catalog_edit_result add_to(struct wsplsp_catalog *catalog, const struct catalog_edit_layer *layer,
                                       const struct chains *chains, unsigned c, uint32_t own_id)
{
    struct catalog_edit_own own = {.id = layer->id,
                                   .catalog_id = own_id,
                                   .name = layer->name,
                                   .dll = c == 0 ? layer->dll64 : layer->dll32,
                                   .service_flags = layer->service_flags};
    struct catalog_edit_chain *parts = calloc(chains->count, sizeof *parts);
    size_t count = 0;
    if (parts == NULL)
        return CATALOG_EDIT_NO_MEMORY;
    for (size_t i = 0; i < chains->count; i++) {
        const struct chain *chain = &chains->items[i];
        if (chain->below[c] != NULL)
            parts[count++] = (struct catalog_edit_chain){chain->below_info[c], NULL, chain->id, chain->catalog_id};
    }
    enum catalog_edit_result result = catalog_edit_add_layer(catalog, &own, parts, count);
    free(parts);
    return result;
}

static enum catalog_edit_result install(struct wsplsp_snapshot *snapshot, unsigned catalogs,
                                        const struct catalog_edit_layer *layer, struct chains *chains, uint32_t own_id)
{
    enum catalog_edit_result result = CATALOG_EDIT_DONE;
    for (unsigned c = 0; c < 2 && result == CATALOG_EDIT_DONE; c++) {
        if ((catalogs & 1u << c) != 0)
            result = choose(chains, c, &snapshot->catalogs[c], layer);
    }
    for (size_t i = 0; i < chains->count && result == CATALOG_EDIT_DONE; i++) {
        chains->items[i].catalog_id = own_id + 1 + (uint32_t)i;
        if (!layer->new_id(&chains->items[i].id))
            result = CATALOG_EDIT_NO_ID;
    }
    for (unsigned c = 0; c < 2 && result == CATALOG_EDIT_DONE; c++) {
        if ((catalogs & 1u << c) != 0)
            result = add_to(&snapshot->catalogs[c], layer, chains, c, own_id);
    }
    return result;
}

enum catalog_edit_result catalog_edit_install_layer(struct wsplsp_snapshot *snapshot, unsigned catalogs,
                                                    const struct catalog_edit_layer *layer, uint32_t *layer_id)
{
    enum catalog_edit_result result = check_layer(layer, catalogs, snapshot->code_page);
    if (result != CATALOG_EDIT_DONE)
        return result;
    size_t room = layer->over_count + snapshot->catalogs[0].entry_count + snapshot->catalogs[1].entry_count + 1;
    struct chains chains = {calloc(room, sizeof *chains.items), 0};
    if (chains.items == NULL)
        return CATALOG_EDIT_NO_MEMORY;
    uint32_t own_id = catalog_edit_next_id(snapshot);
    result = install(snapshot, catalogs, layer, &chains, own_id);
    if (result == CATALOG_EDIT_DONE) {
        snapshot->next_catalog_id = (struct wsplsp_counter){true, own_id + 1 + (uint32_t)chains.count};
        catalog_edit_count_up(&snapshot->serial);
        if (layer_id != NULL)
            *layer_id = own_id;
    }
    free(chains.items);
    return result;
}
