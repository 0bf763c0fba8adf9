/* wsplsp list: the protocol entries of both catalogs, in their order. */
#include <stdlib.h>

#include "cli/base/command.h"
#include "cli/out/describe.h"
#include "lsp-core/catalog/flags.h"
#include "lsp-core/catalog/live/input.h"
#include "cli/out/json.h"
#include "cli/out/snapshot.h"
#include "cli/out/text.h"
#include "cli/out/select.h"

static const struct table_column columns[] = {
    {"Cat", true, 0},       {"Pos", true, 0},    {"Id", true, 0},   {"Kind", false, 0},
    {"Protocol", false, 8}, {"Name", false, 12}, {"DLL", false, 8}, {"Flags", false, 12},
};

enum { COLUMNS_VERBOSE = sizeof columns / sizeof columns[0], COLUMNS = COLUMNS_VERBOSE - 1 };

static enum text_style kind_style(const struct wsplsp_entry *entry)
{
    return wsplsp_entry_kind(entry) == WSPLSP_KIND_BASE ? TEXT_PLAIN : TEXT_LAYERED;
}

/* What makes a difference to programs, of all the flags that `show` explains. */
static const char *notable_flags(const struct wsplsp_entry *entry)
{
    bool hidden = (entry->info.provider_flags & PFL_HIDDEN) != 0;
    if ((entry->info.service_flags[0] & XP1_IFS_HANDLES) != 0)
        return hidden ? "IFS, hidden" : "IFS";
    return hidden ? "non-IFS, hidden" : "non-IFS";
}

static void add_decoded(struct table *table, const struct wsplsp_entry *entry, bool verbose)
{
    char *protocol = describe_protocol(entry);
    enum text_style style = kind_style(entry);
    table_cell_format(table, TEXT_PLAIN, "%lu", (unsigned long)entry->info.catalog_id);
    table_cell(table, style, wsplsp_kind_name(wsplsp_entry_kind(entry)));
    table_cell(table, TEXT_PLAIN, protocol);
    table_cell(table, style, entry->name);
    table_cell(table, TEXT_PLAIN, entry->dll == NULL ? "?" : verbose ? entry->dll : describe_file_name(entry->dll));
    if (verbose)
        table_cell(table, TEXT_PLAIN, notable_flags(entry));
    free(protocol);
}

static void add_undecoded(struct table *table, const struct wsplsp_entry *entry, bool verbose)
{
    table_cell(table, TEXT_PLAIN, "?");
    table_cell(table, TEXT_ERROR, "?");
    table_cell(table, TEXT_PLAIN, "?");
    table_cell(table, TEXT_ERROR, entry->undecoded);
    table_cell(table, TEXT_PLAIN, "?");
    if (verbose)
        table_cell(table, TEXT_PLAIN, "");
}

static void add_catalog(struct table *table, const struct wsplsp_catalog *catalog, const struct options *options)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (!select_entry(options, entry))
            continue;
        table_cell_format(table, TEXT_PLAIN, "%d", entry->bits);
        table_cell_format(table, TEXT_PLAIN, "%zu", entry->position);
        if (entry->undecoded == NULL)
            add_decoded(table, entry, options->verbose);
        else
            add_undecoded(table, entry, options->verbose);
    }
}

/* A catalog that was asked for and isn't there is worth a line. */
static void print_absent(const struct wsplsp_snapshot *snapshot, const struct options *options, struct output *output)
{
    for (size_t i = 0; i < 2; i++) {
        const struct wsplsp_catalog *catalog = &snapshot->catalogs[i];
        if (catalog->present || !select_bits(options, catalog->bits))
            continue;
        const char *first = catalog->bits == 64 ? "No 64-bit catalog: " : "No 32-bit catalog: ";
        buffer_text(&output->buffer, "\n");
        text_wrap(output, 4, first, catalog->absent);
    }
}

static void print_text(const struct wsplsp_snapshot *snapshot, const struct options *options, struct output *output)
{
    struct table table = {
        .columns = columns, .column_count = options->verbose ? COLUMNS_VERBOSE : COLUMNS, .wide = options->verbose};
    for (size_t i = 0; i < 2; i++)
        add_catalog(&table, &snapshot->catalogs[i], options);
    if (table.cell_count > 0)
        table_print(&table, output, !options->quiet);
    else if (!options->quiet)
        buffer_text(&output->buffer, "No entries.\n");
    if (options->quiet)
        return;
    print_absent(snapshot, options, output);
    text_notes(output, snapshot);
}

static void print_json(const struct wsplsp_snapshot *snapshot, const struct options *options, struct output *output)
{
    cJSON *object = json_envelope("list");
    json_source(object, snapshot);
    cJSON *catalogs = cJSON_AddArrayToObject(object, "catalogs");
    cJSON *undecoded = cJSON_CreateArray();
    for (size_t i = 0; i < 2; i++)
        cJSON_AddItemToArray(catalogs, json_catalog(&snapshot->catalogs[i]));
    json_entries(snapshot, options, object, undecoded);
    cJSON_AddItemToObject(object, "undecoded", undecoded);
    json_notes(object, snapshot);
    json_print(output, object);
}

enum wsplsp_status cmd_list(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *snapshot;
    if (select_check_protocol(options->protocol, error) != WSPLSP_OK ||
        input_load(options->catalog, options->code_page, &snapshot, error) != WSPLSP_OK)
        return error->status;
    if (options->json)
        print_json(snapshot, options, output);
    else
        print_text(snapshot, options, output);
    wsplsp_snapshot_free(snapshot);
    return WSPLSP_OK;
}
