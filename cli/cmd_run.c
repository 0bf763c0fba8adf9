/* wsplsp run: a program under the host, with a catalog of its own. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "layer_option.h"
#include "layers.h"
#include "run_program.h"
#include "source.h"

static enum wsplsp_status add_layer(struct wsplsp_snapshot *snapshot, const char *argument, struct wsplsp_error *error)
{
    struct layer layer;
    if (layer_option_read(argument, &layer, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = layers_add(snapshot, &layer, run_new_guid, error);
    layer_option_free(&layer);
    return status;
}

/* The catalog in memory: the system's base entries and the layers. */
static enum wsplsp_status make_catalog(const struct options *options, struct wsplsp_snapshot **catalog,
                                       struct wsplsp_error *error)
{
    struct wsplsp_snapshot *system;
    if (source_load_live(&system, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = layers_seed(system, catalog, error);
    wsplsp_snapshot_free(system);
    for (size_t i = 0; status == WSPLSP_OK && i < options->layer_count; i++) {
        status = add_layer(*catalog, options->layers[i], error);
        if (status != WSPLSP_OK) {
            wsplsp_snapshot_free(*catalog);
            *catalog = NULL;
        }
    }
    return status;
}

/* A catalog that the program's processes could not read, or not write, is an error now, not in each of them. */
static enum wsplsp_status check_file(const char *path, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *snapshot = NULL;
    void *bytes = NULL;
    size_t size;
    enum wsplsp_status status;
    if (strcmp(path, "-") == 0)
        status = wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'run' cannot save changes to standard input");
    else if ((status = file_read(path, &bytes, &size, error)) == WSPLSP_OK && size >= 4 &&
             memcmp(bytes, "regf", 4) == 0)
        status = wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%.300s' is a hive: 'run' takes a .reg file", path);
    else if (status == WSPLSP_OK)
        status = source_load_bytes(bytes, size, path, &snapshot, error);
    wsplsp_snapshot_free(snapshot);
    free(bytes);
    return status;
}

enum wsplsp_status cmd_run(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    (void)output;
    struct wsplsp_snapshot *catalog = NULL;
    uint32_t exit_code;
    if (options->catalog != NULL && options->layer_count > 0) {
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'run' takes --layer or --catalog, not both");
        return wsplsp_hint(error,
                           "--layer adds to a catalog in memory; the layers of a file are those installed in it");
    }
    if (run_possible(error) != WSPLSP_OK)
        return error->status;
    if ((options->catalog != NULL ? check_file(options->catalog, error) : make_catalog(options, &catalog, error)) !=
        WSPLSP_OK)
        return error->status;
    struct run_request request = {
        .words = options->operands,
        .word_count = options->operand_count,
        .verbose = options->verbose,
        .catalog_file = options->catalog,
        .catalog = catalog,
    };
    enum wsplsp_status status = run_program(&request, &exit_code, error);
    wsplsp_snapshot_free(catalog);
    if (status != WSPLSP_OK)
        return status;
    /* Here the status isn't ours, and may be any number of 32 bits. */
    exit((int)exit_code);
}
