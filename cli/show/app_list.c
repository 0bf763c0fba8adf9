/* wsplsp app list and app show: the applications that permit only some categories of layered providers. */
#include "cli/base/command.h"
#include "lsp-core/dlls/path.h"
#include "lsp-core/catalog/live/input.h"
#include "cli/out/json.h"
#include "cli/out/snapshot.h"
#include "cli/out/text.h"

static void print_text(const struct wsplsp_snapshot *snapshot, const char *path, const struct options *options,
                       struct output *output)
{
    bool any = print_applications(snapshot, path, options, output);
    if (!any && !options->quiet && snapshot->applications_absent != NULL)
        text_wrap(output, 4, "Not known: ", snapshot->applications_absent);
    else if (!any && !options->quiet)
        buffer_text(&output->buffer, "No applications.\n");
    if (!options->quiet)
        text_notes(output, snapshot);
}

static void print_json(const struct wsplsp_snapshot *snapshot, const char *path, struct output *output)
{
    cJSON *object = json_envelope(path == NULL ? "app-list" : "app-show");
    cJSON *undecoded = cJSON_CreateArray();
    json_source(object, snapshot);
    json_applications(snapshot, path, object, undecoded);
    cJSON_AddItemToObject(object, "undecoded", undecoded);
    cJSON *absent = cJSON_AddObjectToObject(object, "absent");
    if (snapshot->applications_absent != NULL)
        json_text(absent, "applications", snapshot->applications_absent);
    json_notes(object, snapshot);
    json_print(output, object);
}

static bool is_known(const struct wsplsp_snapshot *snapshot, const char *path)
{
    for (size_t i = 0; i < snapshot->application_count; i++) {
        const char *stored = snapshot->applications[i].path;
        if (stored != NULL && files_path_equal(stored, path))
            return true;
    }
    return false;
}

static enum wsplsp_status fail_unknown(const struct wsplsp_snapshot *snapshot, const char *path,
                                       struct wsplsp_error *error)
{
    if (snapshot->applications_absent != NULL)
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "UNKNOWN", "the applications are not known: %s",
                           snapshot->applications_absent);
    wsplsp_fail(error, WSPLSP_NOT_FOUND, 0, "NOT_FOUND", "no LSP categories are set for '%.300s'", path);
    return wsplsp_hint(error, "all layered providers are loaded into it; 'wsplsp app list' shows where some are set");
}

static enum wsplsp_status list(const char *path, const struct options *options, struct output *output,
                               struct wsplsp_error *error)
{
    struct wsplsp_snapshot *snapshot;
    if (input_load(options->catalog, options->code_page, &snapshot, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = WSPLSP_OK;
    if (path != NULL && !is_known(snapshot, path))
        status = fail_unknown(snapshot, path, error);
    else if (options->json)
        print_json(snapshot, path, output);
    else
        print_text(snapshot, path, options, output);
    wsplsp_snapshot_free(snapshot);
    return status;
}

enum wsplsp_status cmd_app_list(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    return list(NULL, options, output, error);
}

enum wsplsp_status cmd_app_show(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    return list(options->operands[0], options, output, error);
}
