/* wsplsp tree: each chain as Winsock walks it, from the top layer down to its base. */
#include "lsp-core/catalog/chain.h"
#include "cli/base/command.h"
#include "lsp-core/catalog/live/input.h"
#include "cli/out/json.h"
#include "cli/out/text.h"
#include "cli/out/tree.h"
#include "cli/out/select.h"
#include "cli/out/tree_build.h"

static void print_text(const struct wsplsp_snapshot *snapshot, const struct options *options, struct output *output)
{
    tree_print(snapshot, options, output);
    if (!options->quiet)
        text_notes(output, snapshot);
}

static cJSON *member_json(const struct tree *tree, const struct wsplsp_entry *chain, size_t i)
{
    static const char *const states[] = {"ok", "missing", "self"};
    enum tree_member_state state;
    const struct wsplsp_entry *member = tree_member(tree, chain, i, &state);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "catalog_id", chain->info.chain[i]);
    json_text(object, "state", states[state]);
    json_text(object, "kind", member == NULL ? NULL : wsplsp_kind_name(wsplsp_entry_kind(member)));
    json_text(object, "name", member == NULL ? NULL : member->name);
    json_path(object, "dll", member == NULL ? NULL : member->dll);
    return object;
}

/* What chains and lone entries have in common. */
static cJSON *place_json(const struct wsplsp_entry *entry)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "catalog", entry->bits);
    cJSON_AddNumberToObject(object, "position", (double)entry->position);
    cJSON_AddNumberToObject(object, "catalog_id", entry->info.catalog_id);
    json_guid(object, "provider_id", &entry->info.provider_id);
    json_text(object, "name", entry->name);
    cJSON_AddNumberToObject(object, "family", entry->info.family);
    cJSON_AddNumberToObject(object, "socket_type", entry->info.socket_type);
    cJSON_AddNumberToObject(object, "protocol", entry->info.protocol);
    json_path(object, "dll", entry->dll);
    return object;
}

static cJSON *chain_json(const struct tree *tree, const struct wsplsp_entry *chain)
{
    cJSON *object = place_json(chain);
    size_t length = chain_length(chain);
    cJSON_AddNumberToObject(object, "chain_length", chain->info.chain_len);
    cJSON *members = cJSON_AddArrayToObject(object, "members");
    for (size_t i = 0; i < length; i++)
        cJSON_AddItemToArray(members, member_json(tree, chain, i));

    const struct wsplsp_entry *base = chain_base(tree->catalog, chain);
    json_number_or_null(object, "base", base != NULL, base != NULL ? base->info.catalog_id : 0);
    return object;
}

struct tree_arrays {
    cJSON *catalogs, *chains, *layers, *bases, *undecoded;
};

static void add_catalog_json(const struct wsplsp_catalog *catalog, const struct tree_arrays *arrays)
{
    struct tree tree = tree_make(catalog);
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded != NULL)
            cJSON_AddItemToArray(arrays->undecoded, json_undecoded(entry));
        else if (tree_is_chain(entry))
            cJSON_AddItemToArray(arrays->chains, chain_json(&tree, entry));
        else if (tree_is_lone(&tree, entry, WSPLSP_KIND_LAYER))
            cJSON_AddItemToArray(arrays->layers, place_json(entry));
        else if (tree_is_lone(&tree, entry, WSPLSP_KIND_BASE))
            cJSON_AddItemToArray(arrays->bases, place_json(entry));
    }
    tree_free(&tree);
}

static void print_json(const struct wsplsp_snapshot *snapshot, const struct options *options, struct output *output)
{
    cJSON *object = json_envelope("tree");
    json_source(object, snapshot);
    struct tree_arrays arrays = {
        .catalogs = cJSON_AddArrayToObject(object, "catalogs"),
        .chains = cJSON_AddArrayToObject(object, "chains"),
        .layers = cJSON_AddArrayToObject(object, "layers_without_chain"),
        .bases = cJSON_AddArrayToObject(object, "bases_without_layer"),
        .undecoded = cJSON_AddArrayToObject(object, "undecoded"),
    };
    for (size_t i = 0; i < 2; i++) {
        cJSON_AddItemToArray(arrays.catalogs, json_catalog(&snapshot->catalogs[i]));
        if (select_bits(options, snapshot->catalogs[i].bits))
            add_catalog_json(&snapshot->catalogs[i], &arrays);
    }
    json_notes(object, snapshot);
    json_print(output, object);
}

enum wsplsp_status cmd_tree(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *snapshot;
    if (input_load(options->catalog, options->code_page, &snapshot, error) != WSPLSP_OK)
        return error->status;
    if (options->json)
        print_json(snapshot, options, output);
    else
        print_text(snapshot, options, output);
    wsplsp_snapshot_free(snapshot);
    return WSPLSP_OK;
}
