/* The tree of chains as text; see tree.h. */
#include "tree.h"

#include <stdlib.h>

#include "lsp-core/catalog/chain.h"
#include "describe.h"
#include "cli/base/memory.h"
#include "text.h"
#include "select.h"
#include "tree_build.h"

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

static const char *shown_dll(const struct wsplsp_entry *entry, bool verbose)
{
    if (entry->dll == NULL)
        return "?";
    return verbose ? entry->dll : describe_file_name(entry->dll);
}

static void add_member(struct table *table, const struct tree *tree, const struct wsplsp_entry *chain, size_t i,
                       bool verbose)
{
    enum tree_member_state state;
    const struct wsplsp_entry *member = tree_member(tree, chain, i, &state);
    unsigned long id = chain->info.chain[i];
    bool last = i + 1 == chain_length(chain);
    table_cell_format(table, TEXT_PLAIN, "%s %lu", last ? BRANCH_LAST : BRANCH, id);
    if (state == TREE_MEMBER_OK) {
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
    if (state == TREE_MEMBER_SELF)
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
        if (!tree_is_lone(tree, entry, kind))
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
        if (!tree_is_chain(&catalog->entries[i]))
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

void tree_print(const struct wsplsp_snapshot *snapshot, const struct options *options, struct output *output)
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
}
