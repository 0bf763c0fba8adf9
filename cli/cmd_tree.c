/* wsplsp tree: each chain as Winsock walks it, from the top layer down to its base. */
#include <stdlib.h>

#include "chain.h"
#include "commands.h"
#include "describe.h"
#include "flags.h"
#include "input.h"
#include "memory.h"
#include "out_json.h"
#include "out_text.h"
#include "select.h"

static const struct table_column member_columns[] = {
    {"Id", false, 0},
    {"Kind", false, 0},
    {"Name", false, 12},
    {"DLL", false, 8},
};

static const struct table_column single_columns[] = {
    {"Id", true, 0},
    {"Protocol", false, 8},
    {"Name", false, 12},
    {"DLL", false, 8},
};

enum {
    MEMBER_COLUMNS = sizeof member_columns / sizeof member_columns[0],
    SINGLE_COLUMNS = sizeof single_columns / sizeof single_columns[0],
    INDENT = 2,
};

#define BRANCH      "\xE2\x94\x9C\xE2\x94\x80" /* U+251C U+2500 */
#define BRANCH_LAST "\xE2\x94\x94\xE2\x94\x80" /* U+2514 U+2500 */

struct tree {
    const struct wsplsp_catalog *catalog;
    bool *in_chain; /* for each entry: some chain has it as a member … */
    bool *is_end;   /* … and as its last one */
};

static void mark_members(struct tree *tree, const struct wsplsp_entry *chain)
{
    size_t length = chain_length(chain);
    for (size_t i = 0; i < length; i++) {
        const struct wsplsp_entry *member = chain_member(tree->catalog, chain, i);
        if (member == NULL)
            continue;
        tree->in_chain[member->position - 1] = true;
        if (i + 1 == length)
            tree->is_end[member->position - 1] = true;
    }
}

static bool is_chain(const struct wsplsp_entry *entry)
{
    return entry->undecoded == NULL && wsplsp_entry_kind(entry) == WSPLSP_KIND_CHAIN;
}

static struct tree tree_make(const struct wsplsp_catalog *catalog)
{
    size_t size = catalog->entry_count * sizeof(bool);
    struct tree tree = {catalog, memory_alloc(size), memory_alloc(size)};
    for (size_t i = 0; i < catalog->entry_count; i++) {
        if (is_chain(&catalog->entries[i]))
            mark_members(&tree, &catalog->entries[i]);
    }
    return tree;
}

static void tree_free(struct tree *tree)
{
    free(tree->in_chain);
    free(tree->is_end);
}

enum member_state { MEMBER_OK, MEMBER_MISSING, MEMBER_SELF };

static const struct wsplsp_entry *tree_member(const struct tree *tree, const struct wsplsp_entry *chain, size_t i,
                                              enum member_state *state)
{
    const struct wsplsp_entry *member = chain_member(tree->catalog, chain, i);
    if (chain->info.chain[i] == chain->info.catalog_id)
        *state = MEMBER_SELF;
    else
        *state = member == NULL ? MEMBER_MISSING : MEMBER_OK;
    return member;
}

/* Entries that stand alone: bases that no chain ends in, layer entries that no chain names. */
static bool is_lone(const struct tree *tree, const struct wsplsp_entry *entry, enum wsplsp_kind kind)
{
    if (entry->undecoded != NULL || wsplsp_entry_kind(entry) != kind)
        return false;
    return kind == WSPLSP_KIND_BASE ? !tree->is_end[entry->position - 1] : !tree->in_chain[entry->position - 1];
}

static const char *shown_dll(const struct wsplsp_entry *entry, bool verbose)
{
    if (entry->dll == NULL)
        return "?";
    return verbose ? entry->dll : describe_file_name(entry->dll);
}

static void add_member(struct table *table, const struct tree *tree, const struct wsplsp_entry *chain, size_t i,
                       bool verbose)
{
    enum member_state state;
    const struct wsplsp_entry *member = tree_member(tree, chain, i, &state);
    unsigned long id = chain->info.chain[i];
    bool last = i + 1 == chain_length(chain);
    table_cell_format(table, TEXT_PLAIN, "%s %lu", last ? BRANCH_LAST : BRANCH, id);
    if (state == MEMBER_OK) {
        enum wsplsp_kind kind = wsplsp_entry_kind(member);
        bool no_base = last && kind != WSPLSP_KIND_BASE;
        table_cell(table, kind == WSPLSP_KIND_BASE ? TEXT_PLAIN : TEXT_LAYERED, wsplsp_kind_name(kind));
        if (no_base)
            table_cell(table, TEXT_ERROR, TEXT_CROSS " no base at the end");
        else
            table_cell(table, TEXT_PLAIN, member->name);
        table_cell(table, TEXT_PLAIN, shown_dll(member, verbose));
        return;
    }
    table_cell(table, TEXT_ERROR, "?");
    if (state == MEMBER_SELF)
        table_cell(table, TEXT_ERROR, TEXT_CROSS " the chain itself");
    else
        table_cell_format(table, TEXT_ERROR, TEXT_CROSS " missing entry %lu", id);
    table_cell(table, TEXT_PLAIN, "");
}

static void print_chain(const struct tree *tree, const struct wsplsp_entry *chain, const struct options *options,
                        struct output *output)
{
    struct table table = {
        .columns = member_columns, .column_count = MEMBER_COLUMNS, .indent = INDENT * 2, .wide = options->verbose};
    char *protocol = describe_protocol(chain);
    char *first = memory_format("%*s%lu ", INDENT, "", (unsigned long)chain->info.catalog_id);
    char *text = memory_format("%s (%s)", chain->name, protocol);
    text_wrap(output, INDENT * 2, first, text);
    free(text);
    free(first);
    free(protocol);
    if (chain->info.chain_len < 0 || chain->info.chain_len > WSPLSP_MAX_PROTOCOL_CHAIN) {
        buffer_blanks(&output->buffer, INDENT * 2);
        char *fault = memory_format(TEXT_CROSS " ChainLen is %ld, a chain has 2 to %d members",
                                    (long)chain->info.chain_len, WSPLSP_MAX_PROTOCOL_CHAIN);
        text_put(output, TEXT_ERROR, fault);
        buffer_text(&output->buffer, "\n");
        free(fault);
    }
    for (size_t i = 0; i < chain_length(chain); i++)
        add_member(&table, tree, chain, i, options->verbose);
    table_print(&table, output, false);
}

static void print_lone(const struct tree *tree, enum wsplsp_kind kind, const char *heading,
                       const struct options *options, struct output *output)
{
    struct table table = {
        .columns = single_columns, .column_count = SINGLE_COLUMNS, .indent = INDENT * 2, .wide = options->verbose};
    for (size_t i = 0; i < tree->catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &tree->catalog->entries[i];
        if (!is_lone(tree, entry, kind))
            continue;
        char *protocol = describe_protocol(entry);
        table_cell_format(&table, TEXT_PLAIN, "%lu", (unsigned long)entry->info.catalog_id);
        table_cell(&table, TEXT_PLAIN, protocol);
        table_cell(&table, TEXT_PLAIN, entry->name);
        table_cell(&table, TEXT_PLAIN, shown_dll(entry, options->verbose));
        free(protocol);
    }
    if (table.cell_count > 0)
        buffer_format(&output->buffer, "%*s%s\n", INDENT, "", heading);
    table_print(&table, output, false);
}

static void print_undecoded(const struct wsplsp_catalog *catalog, struct output *output)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded == NULL)
            continue;
        char *first = memory_format("%*s" TEXT_CROSS " position %zu cannot be decoded: ", INDENT, "", entry->position);
        text_wrap(output, INDENT * 2, first, entry->undecoded);
        free(first);
    }
}

static void print_catalog(const struct wsplsp_catalog *catalog, const struct options *options, struct output *output)
{
    struct tree tree = tree_make(catalog);
    size_t chains = 0;
    text_heading(output, catalog->bits == 64 ? "64-bit catalog" : "32-bit catalog");
    for (size_t i = 0; i < catalog->entry_count; i++) {
        if (!is_chain(&catalog->entries[i]))
            continue;
        print_chain(&tree, &catalog->entries[i], options, output);
        chains++;
    }
    if (!catalog->present)
        text_wrap(output, INDENT * 2, "  not present: ", catalog->absent);
    else if (chains == 0 && !options->quiet)
        buffer_text(&output->buffer, "  no chains: nothing is layered\n");
    print_lone(&tree, WSPLSP_KIND_LAYER, "layer entries that no chain uses:", options, output);
    print_lone(&tree, WSPLSP_KIND_BASE, "bases without layers:", options, output);
    print_undecoded(catalog, output);
    tree_free(&tree);
}

static void print_text(const struct wsplsp_snapshot *snapshot, const struct options *options, struct output *output)
{
    bool first = true;
    for (size_t i = 0; i < 2; i++) {
        if (!select_bits(options, snapshot->catalogs[i].bits))
            continue;
        if (!first)
            buffer_text(&output->buffer, "\n");
        print_catalog(&snapshot->catalogs[i], options, output);
        first = false;
    }
    if (!options->quiet)
        text_notes(output, snapshot);
}

static cJSON *member_json(const struct tree *tree, const struct wsplsp_entry *chain, size_t i)
{
    static const char *const states[] = {"ok", "missing", "self"};
    enum member_state state;
    const struct wsplsp_entry *member = tree_member(tree, chain, i, &state);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "catalog_id", chain->info.chain[i]);
    json_text(object, "state", states[state]);
    json_text(object, "kind", member == NULL ? NULL : wsplsp_kind_name(wsplsp_entry_kind(member)));
    json_text(object, "name", member == NULL ? NULL : member->name);
    json_text(object, "dll", member == NULL ? NULL : member->dll);
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
    json_text(object, "dll", entry->dll);
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
        else if (is_chain(entry))
            cJSON_AddItemToArray(arrays->chains, chain_json(&tree, entry));
        else if (is_lone(&tree, entry, WSPLSP_KIND_LAYER))
            cJSON_AddItemToArray(arrays->layers, place_json(entry));
        else if (is_lone(&tree, entry, WSPLSP_KIND_BASE))
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
    if (input_load(options->catalog, &snapshot, error) != WSPLSP_OK)
        return error->status;
    if (options->json)
        print_json(snapshot, options, output);
    else
        print_text(snapshot, options, output);
    wsplsp_snapshot_free(snapshot);
    return WSPLSP_OK;
}
