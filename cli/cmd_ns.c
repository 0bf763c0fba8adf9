/* wsplsp ns list: the name space providers of both catalogs. */
#include <stdlib.h>

#include "commands.h"
#include "describe.h"
#include "flags.h"
#include "input.h"
#include "out_json.h"
#include "out_text.h"
#include "select.h"

static const struct table_column columns[] = {
    {"Cat", true, 0},    {"Pos", true, 0},  {"Name space", false, 0},  {"Enabled", false, 0},
    {"Name", false, 12}, {"DLL", false, 8}, {"Provider id", false, 0},
};

enum { COLUMNS_VERBOSE = sizeof columns / sizeof columns[0], COLUMNS = COLUMNS_VERBOSE - 1 };

static void add_name_space(struct table *table, const struct wsplsp_name_space *name_space, bool verbose)
{
    const char *kind = flags_name_space_name(name_space->name_space);
    if (name_space->undecoded != NULL)
        table_cell(table, TEXT_ERROR, "?");
    else if (kind != NULL)
        table_cell(table, TEXT_PLAIN, kind);
    else
        table_cell_format(table, TEXT_PLAIN, "%lu", (unsigned long)name_space->name_space);
    table_cell(table, TEXT_PLAIN, name_space->undecoded != NULL ? "?" : name_space->enabled ? "yes" : "no");
    if (name_space->undecoded != NULL)
        table_cell(table, TEXT_ERROR, name_space->undecoded);
    else
        table_cell(table, TEXT_PLAIN, name_space->name);
    const char *dll = name_space->dll == NULL ? "?" : name_space->dll;
    table_cell(table, TEXT_PLAIN, verbose ? dll : describe_file_name(dll));
    if (verbose) {
        char id[WSPLSP_GUID_TEXT];
        wsplsp_guid_format(&name_space->provider_id, id);
        table_cell(table, TEXT_PLAIN, id);
    }
}

static void print_text(const struct wsplsp_snapshot *snapshot, const struct options *options, struct output *output)
{
    struct table table = {
        .columns = columns, .column_count = options->verbose ? COLUMNS_VERBOSE : COLUMNS, .wide = options->verbose};
    for (size_t i = 0; i < 2; i++) {
        const struct wsplsp_catalog *catalog = &snapshot->catalogs[i];
        for (size_t j = 0; select_bits(options, catalog->bits) && j < catalog->name_space_count; j++) {
            table_cell_format(&table, TEXT_PLAIN, "%d", catalog->bits);
            table_cell_format(&table, TEXT_PLAIN, "%zu", catalog->name_spaces[j].position);
            add_name_space(&table, &catalog->name_spaces[j], options->verbose);
        }
    }
    if (table.cell_count > 0)
        table_print(&table, output, !options->quiet);
    else if (!options->quiet)
        buffer_text(&output->buffer, "No name space providers.\n");
    if (!options->quiet)
        text_notes(output, snapshot);
}

static cJSON *name_space_json(const struct wsplsp_name_space *name_space)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "catalog", name_space->bits);
    cJSON_AddNumberToObject(object, "position", (double)name_space->position);
    json_guid(object, "provider_id", &name_space->provider_id);
    json_text(object, "name", name_space->name);
    json_text(object, "name_raw", name_space->name_raw);
    json_text(object, "dll", name_space->dll);
    cJSON_AddNumberToObject(object, "name_space", name_space->name_space);
    json_text(object, "name_space_name", flags_name_space_name(name_space->name_space));
    cJSON_AddNumberToObject(object, "version", name_space->version);
    cJSON_AddBoolToObject(object, "enabled", name_space->enabled);
    cJSON_AddBoolToObject(object, "stores_service_class_info", name_space->stores_service_class_info);
    cJSON *absent = cJSON_AddObjectToObject(object, "absent");
    if (name_space->dll == NULL)
        json_text(absent, "dll", name_space->dll_absent);
    return object;
}

static cJSON *undecoded_json(const struct wsplsp_name_space *name_space)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "catalog", name_space->bits);
    cJSON_AddNumberToObject(object, "position", (double)name_space->position);
    cJSON_AddNumberToObject(object, "number", name_space->number);
    json_text(object, "reason", name_space->undecoded);
    return object;
}

static void print_json(const struct wsplsp_snapshot *snapshot, const struct options *options, struct output *output)
{
    cJSON *object = json_envelope("ns-list");
    json_source(object, snapshot);
    cJSON *catalogs = cJSON_AddArrayToObject(object, "catalogs");
    cJSON *name_spaces = cJSON_AddArrayToObject(object, "name_spaces");
    cJSON *undecoded = cJSON_AddArrayToObject(object, "undecoded");
    for (size_t i = 0; i < 2; i++) {
        const struct wsplsp_catalog *catalog = &snapshot->catalogs[i];
        cJSON_AddItemToArray(catalogs, json_catalog(catalog));
        for (size_t j = 0; select_bits(options, catalog->bits) && j < catalog->name_space_count; j++) {
            const struct wsplsp_name_space *name_space = &catalog->name_spaces[j];
            if (name_space->undecoded == NULL)
                cJSON_AddItemToArray(name_spaces, name_space_json(name_space));
            else
                cJSON_AddItemToArray(undecoded, undecoded_json(name_space));
        }
    }
    json_notes(object, snapshot);
    json_print(output, object);
}

enum wsplsp_status cmd_ns_list(const struct options *options, struct output *output, struct wsplsp_error *error)
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
