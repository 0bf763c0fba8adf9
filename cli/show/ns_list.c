/* wsplsp ns list: the name space providers of both catalogs. */
#include "cli/base/command.h"
#include "lsp-core/catalog/live/input.h"
#include "cli/out/json.h"
#include "cli/out/snapshot.h"
#include "cli/out/text.h"

static void print_text(const struct wsplsp_snapshot *snapshot, const struct options *options, struct output *output)
{
    if (!print_name_spaces(snapshot, options, output) && !options->quiet)
        buffer_text(&output->buffer, "No name space providers.\n");
    if (!options->quiet)
        text_notes(output, snapshot);
}

static void print_json(const struct wsplsp_snapshot *snapshot, const struct options *options, struct output *output)
{
    cJSON *object = json_envelope("ns-list");
    cJSON *undecoded = cJSON_CreateArray();
    json_source(object, snapshot);
    cJSON *catalogs = cJSON_AddArrayToObject(object, "catalogs");
    for (size_t i = 0; i < 2; i++)
        cJSON_AddItemToArray(catalogs, json_catalog(&snapshot->catalogs[i]));
    json_name_spaces(snapshot, options, object, undecoded);
    cJSON_AddItemToObject(object, "undecoded", undecoded);
    json_notes(object, snapshot);
    json_print(output, object);
}

enum wsplsp_status cmd_ns_list(const struct options *options, struct output *output, struct wsplsp_error *error)
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
