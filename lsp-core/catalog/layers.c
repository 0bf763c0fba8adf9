/* Layers for one run; see layers.h. The entries are what an installer makes with WSCInstallProviderAndChains; see
 * "Winsock Layered Service Provider (LSP) Installation" in Microsoft's reference. */
#include "layers.h"

#include <stdlib.h>
#include <string.h>

#include "edit_part.h"
#include "chain.h"
#include "flags.h"
#include "over.h"
#include "lsp-core/base/text.h"

/* What Windows' own base entries name; which DLL it is does not matter to the host. */
#define BASE_DLL "%SystemRoot%\\system32\\mswsock.dll"

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
    if (copied)
        snapshot->code_page = system->code_page;
    for (int i = 0; copied && i < 2; i++)
        copied = copy_catalog(&snapshot->catalogs[i], &system->catalogs[system->catalogs[i].present ? i : !i]);
    if (!copied) {
        wsplsp_snapshot_free(snapshot);
        return wsplsp_fail_memory(error);
    }
    *seed = snapshot;
    return WSPLSP_OK;
}

static bool is_wanted(const struct layer *layer, const struct wsplsp_catalog *catalog, size_t index)
{
    bool wanted = false;
    for (size_t i = 0; i < layer->over_count; i++)
        wanted = wanted || over_means(layer->over[i], catalog, index);
    return wanted;
}

/* The entry that a program gets today where it could have the base at `index`: the first chain before it that ends in
 * it, or itself. Hidden ones too: see choose_socket. */
static const struct wsplsp_entry *topmost(const struct wsplsp_catalog *catalog, size_t index)
{
    const struct wsplsp_entry *base = &catalog->entries[index];
    for (size_t i = 0; i < index; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded == NULL && wsplsp_entry_kind(entry) == WSPLSP_KIND_CHAIN &&
            chain_base(catalog, entry) == base)
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

static enum wsplsp_status add_chain(struct addition *addition, const struct wsplsp_catalog *catalog, size_t index,
                                    layers_new_id new_id, struct wsplsp_error *error)
{
    const struct wsplsp_entry *base = &catalog->entries[index];
    struct catalog_edit_chain *chain = &addition->chains[addition->count];
    chain->below = topmost(catalog, index)->info;
    if (chain->below.chain_len >= WSPLSP_MAX_PROTOCOL_CHAIN)
        return wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "more than %d layers over one base entry",
                           WSPLSP_MAX_PROTOCOL_CHAIN - 1);
    chain->over = base->name != NULL ? base->name : "";
    chain->catalog_id = addition->own.catalog_id + 1 + (uint32_t)addition->count++;
    return new_id(&chain->id, error);
}

/* Winsock finds a provider's DLL by the provider id (WSCGetProviderPath), and an LSP its own entry by it. */
static enum wsplsp_status own_id(struct addition *addition, const struct wsplsp_catalog *catalog,
                                 const struct layer *layer, layers_new_id new_id, struct wsplsp_error *error)
{
    char text[WSPLSP_GUID_TEXT];
    if (layer->id == NULL)
        return new_id(&addition->own.id, error);
    addition->own.id = *layer->id;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded != NULL || !wsplsp_guid_equal(&entry->info.provider_id, layer->id))
            continue;
        wsplsp_guid_format(layer->id, text);
        wsplsp_fail(error, WSPLSP_USAGE, 0, "SAME_GUID", "'%.100s' and '%.100s' have the same provider id, %s",
                    layer->name, entry->name != NULL ? entry->name : "another entry", text);
        return wsplsp_hint(error, "Winsock tells providers apart by it; guid= gives one of them another");
    }
    return WSPLSP_OK;
}

static enum wsplsp_status choose_chains(struct addition *addition, const struct wsplsp_catalog *catalog,
                                        const struct layer *layer, layers_new_id new_id, struct wsplsp_error *error)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *base = &catalog->entries[i];
        if (!is_wanted(layer, catalog, i))
            continue;
        if (addition->count == 0)
            addition->own.service_flags =
                (base->info.service_flags[0] & ~XP1_IFS_HANDLES) | (layer->ifs ? XP1_IFS_HANDLES : 0);
        if (add_chain(addition, catalog, i, new_id, error) != WSPLSP_OK)
            return error->status;
    }
    if (addition->count == 0)
        return wsplsp_fail(error, WSPLSP_NOT_FOUND, 0, "NOT_FOUND", "no base entry fits what '%.100s' is to go over",
                           layer->name);
    return own_id(addition, catalog, layer, new_id, error);
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
