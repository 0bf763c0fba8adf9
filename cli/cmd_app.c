/* wsplsp app list: the applications that permit only some categories of layered providers. */
#include <stdlib.h>

#include "commands.h"
#include "describe.h"
#include "flags.h"
#include "input.h"
#include "out_json.h"
#include "out_text.h"

static const struct table_column columns[] = {
    {"Application", false, 24},
    {"Arguments", false, 12},
    {"Permitted LSP categories", false, 20},
};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

static void add_application(struct table *table, const struct wsplsp_application *application, bool verbose)
{
    if (application->undecoded != NULL) {
        table_cell(table, TEXT_ERROR, application->key);
        table_cell(table, TEXT_ERROR, "?");
        table_cell(table, TEXT_ERROR, application->undecoded);
        return;
    }
    char *categories = describe_flags(application->categories, flags_category);
    table_cell(table, TEXT_PLAIN, verbose ? application->path : describe_file_name(application->path));
    table_cell(table, TEXT_PLAIN, application->arguments == NULL ? "any" : application->arguments);
    table_cell(table, TEXT_PLAIN, categories);
    free(categories);
}

static void print_text(const struct wsplsp_snapshot *snapshot, const struct options *options, struct output *output)
{
    struct table table = {.columns = columns, .column_count = COLUMNS, .wide = options->verbose};
    for (size_t i = 0; i < snapshot->application_count; i++)
        add_application(&table, &snapshot->applications[i], options->verbose);
    if (table.cell_count > 0)
        table_print(&table, output, !options->quiet);
    else if (!options->quiet && snapshot->applications_absent != NULL)
        text_wrap(output, 4, "Not known: ", snapshot->applications_absent);
    else if (!options->quiet)
        buffer_text(&output->buffer, "No applications.\n");
    if (!options->quiet)
        text_notes(output, snapshot);
}

static void add_json(const struct wsplsp_application *application, cJSON *applications, cJSON *undecoded)
{
    cJSON *object = cJSON_CreateObject();
    json_text(object, "key", application->key);
    if (application->undecoded != NULL) {
        json_text(object, "reason", application->undecoded);
        cJSON_AddItemToArray(undecoded, object);
        return;
    }
    json_text(object, "path", application->path);
    json_text(object, "arguments", application->arguments);
    json_flags(object, "categories", application->categories, flags_category);
    cJSON_AddItemToArray(applications, object);
}

static void print_json(const struct wsplsp_snapshot *snapshot, struct output *output)
{
    cJSON *object = json_envelope("app-list");
    json_source(object, snapshot);
    cJSON *applications = cJSON_AddArrayToObject(object, "applications");
    cJSON *undecoded = cJSON_AddArrayToObject(object, "undecoded");
    for (size_t i = 0; i < snapshot->application_count; i++)
        add_json(&snapshot->applications[i], applications, undecoded);
    cJSON *absent = cJSON_AddObjectToObject(object, "absent");
    if (snapshot->applications_absent != NULL)
        json_text(absent, "applications", snapshot->applications_absent);
    json_notes(object, snapshot);
    json_print(output, object);
}

enum wsplsp_status cmd_app_list(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *snapshot;
    if (input_load(options->catalog, &snapshot, error) != WSPLSP_OK)
        return error->status;
    if (options->json)
        print_json(snapshot, output);
    else
        print_text(snapshot, options, output);
    wsplsp_snapshot_free(snapshot);
    return WSPLSP_OK;
}
