/* Parts of a snapshot as tables and as JSON; see snapshot.h. */
#include "snapshot.h"

#include <stdlib.h>

#include "describe.h"
#include "cli/base/memory.h"
#include "lsp-core/dlls/path.h"
#include "lsp-core/catalog/flags.h"
#include "json.h"
#include "text.h"
#include "select.h"

static const struct table_column name_space_columns[] = {
    {"Cat", true, 0},    {"Pos", true, 0},  {"Name space", false, 0},  {"Enabled", false, 0},
    {"Name", false, 12}, {"DLL", false, 8}, {"Provider id", false, 0},
};

enum {
    NAME_SPACE_COLUMNS_VERBOSE = sizeof name_space_columns / sizeof name_space_columns[0],
    NAME_SPACE_COLUMNS = NAME_SPACE_COLUMNS_VERBOSE - 1
};

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

bool print_name_spaces(const struct wsplsp_snapshot *snapshot, const struct options *options, struct output *output)
{
    struct table table = {.columns = name_space_columns,
                          .column_count = options->verbose ? NAME_SPACE_COLUMNS_VERBOSE : NAME_SPACE_COLUMNS,
                          .wide = options->verbose};
    for (size_t i = 0; i < 2; i++) {
        const struct wsplsp_catalog *catalog = &snapshot->catalogs[i];
        for (size_t j = 0; select_bits(options, catalog->bits) && j < catalog->name_space_count; j++) {
            table_cell_format(&table, TEXT_PLAIN, "%d", catalog->bits);
            table_cell_format(&table, TEXT_PLAIN, "%zu", catalog->name_spaces[j].position);
            add_name_space(&table, &catalog->name_spaces[j], options->verbose);
        }
    }
    bool any = table.cell_count > 0;
    if (any)
        table_print(&table, output, !options->quiet);
    return any;
}

static const struct table_column application_columns[] = {
    {"Application", false, 24},
    {"Arguments", false, 12},
    {"Permitted LSP categories", false, 20},
};

enum { APPLICATION_COLUMNS = sizeof application_columns / sizeof application_columns[0] };

static void add_application(struct table *table, const struct wsplsp_application *application, bool verbose)
{
    if (application->undecoded != NULL) {
        table_cell(table, TEXT_ERROR, application->key);
        table_cell(table, TEXT_ERROR, "?");
        table_cell(table, TEXT_ERROR, application->undecoded);
        return;
    }
    char *categories = memory_given(flags_text(application->categories, flags_category));
    table_cell(table, TEXT_PLAIN, verbose ? application->path : describe_file_name(application->path));
    table_cell(table, TEXT_PLAIN, application->arguments == NULL ? "any" : application->arguments);
    table_cell(table, TEXT_PLAIN, categories);
    free(categories);
}

static bool is_about(const struct wsplsp_application *application, const char *path)
{
    return path == NULL || (application->path != NULL && files_path_equal(application->path, path));
}

bool print_applications(const struct wsplsp_snapshot *snapshot, const char *path, const struct options *options,
                        struct output *output)
{
    struct table table = {
        .columns = application_columns, .column_count = APPLICATION_COLUMNS, .wide = options->verbose};
    for (size_t i = 0; i < snapshot->application_count; i++) {
        if (is_about(&snapshot->applications[i], path))
            add_application(&table, &snapshot->applications[i], options->verbose);
    }
    bool any = table.cell_count > 0;
    if (any)
        table_print(&table, output, !options->quiet);
    return any;
}

void json_entries(const struct wsplsp_snapshot *snapshot, const struct options *options, cJSON *object,
                  cJSON *undecoded)
{
    cJSON *entries = cJSON_AddArrayToObject(object, "entries");
    for (size_t i = 0; i < 2; i++) {
        const struct wsplsp_catalog *catalog = &snapshot->catalogs[i];
        for (size_t j = 0; j < catalog->entry_count; j++) {
            const struct wsplsp_entry *entry = &catalog->entries[j];
            if (!select_entry(options, entry))
                continue;
            if (entry->undecoded == NULL)
                cJSON_AddItemToArray(entries, json_entry(entry));
            else
                cJSON_AddItemToArray(undecoded, json_undecoded(entry));
        }
    }
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

static cJSON *undecoded_name_space_json(const struct wsplsp_name_space *name_space)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "catalog", name_space->bits);
    cJSON_AddNumberToObject(object, "position", (double)name_space->position);
    cJSON_AddNumberToObject(object, "number", name_space->number);
    json_text(object, "reason", name_space->undecoded);
    return object;
}

void json_name_spaces(const struct wsplsp_snapshot *snapshot, const struct options *options, cJSON *object,
                      cJSON *undecoded)
{
    cJSON *name_spaces = cJSON_AddArrayToObject(object, "name_spaces");
    for (size_t i = 0; i < 2; i++) {
        const struct wsplsp_catalog *catalog = &snapshot->catalogs[i];
        for (size_t j = 0; select_bits(options, catalog->bits) && j < catalog->name_space_count; j++) {
            const struct wsplsp_name_space *name_space = &catalog->name_spaces[j];
            if (name_space->undecoded == NULL)
                cJSON_AddItemToArray(name_spaces, name_space_json(name_space));
            else
                cJSON_AddItemToArray(undecoded, undecoded_name_space_json(name_space));
        }
    }
}

static cJSON *application_json(const struct wsplsp_application *application)
{
    cJSON *object = cJSON_CreateObject();
    json_text(object, "key", application->key);
    if (application->undecoded != NULL) {
        json_text(object, "reason", application->undecoded);
        return object;
    }
    json_text(object, "path", application->path);
    json_text(object, "arguments", application->arguments);
    json_flags(object, "categories", application->categories, flags_category);
    return object;
}

void json_applications(const struct wsplsp_snapshot *snapshot, const char *path, cJSON *object, cJSON *undecoded)
{
    cJSON *applications = cJSON_AddArrayToObject(object, "applications");
    for (size_t i = 0; i < snapshot->application_count; i++) {
        const struct wsplsp_application *application = &snapshot->applications[i];
        if (!is_about(application, path))
            continue;
        cJSON_AddItemToArray(application->undecoded == NULL ? applications : undecoded, application_json(application));
    }
}
