/* wsplsp run: a program under the host, with a catalog of its own. */
#include "cli/base/command.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/code_page.h"
#include "lsp-core/base/file.h"
#include "lsp-core/catalog/layers.h"
#include "run_filter.h"
#include "run_layers.h"
#include "program.h"
#include "report.h"
#include "run_trace.h"
#include "lsp-core/catalog/source.h"

/* The system's base entries. */
static enum wsplsp_status load_system(struct wsplsp_snapshot **catalog, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *system;
    if (source_load_live(&system, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = layers_seed(system, catalog, error);
    wsplsp_snapshot_free(system);
    return status;
}

/* A catalog that the program's processes could not read, or not write, is an error now, not in each of them. */
static enum wsplsp_status load_file(const char *path, uint32_t code_page, struct wsplsp_snapshot **catalog,
                                    struct wsplsp_error *error)
{
    void *bytes = NULL;
    size_t size;
    enum wsplsp_status status;
    if (strcmp(path, "-") == 0)
        status = wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'run' leaves standard input to the program");
    else if ((status = file_read(path, &bytes, &size, error)) == WSPLSP_OK && size >= 4 &&
             memcmp(bytes, "regf", 4) == 0)
        status = wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%.300s' is a hive: 'run' takes a .reg file", path);
    else if (status == WSPLSP_OK)
        status = source_load_bytes(bytes, size, path, code_page, catalog, error);
    /* The program takes it for the catalog of the Windows that it runs on. */
    if (status == WSPLSP_OK && (*catalog)->code_page == CODE_PAGE_UNKNOWN && code_page_system() != CODE_PAGE_UNKNOWN) {
        wsplsp_snapshot_free(*catalog);
        *catalog = NULL;
        status = source_load_bytes(bytes, size, path, code_page_system(), catalog, error);
    }
    free(bytes);
    return status;
}

/* Whether the run's catalog is the file itself. With layers of this run the file is only where the catalog begins:
 * saved, they would stay in it. */
static bool is_in_file(const struct options *options)
{
    return options->catalog != NULL && options->layer_count == 0;
}

/* The layer that asks a filter records, too: one of it is enough. For a filter it is one that sees all data; who asks
 * for a filter does not ask for what programs meet with such layers. */
static enum wsplsp_status add_own_layer(const struct options *options, struct wsplsp_snapshot *catalog,
                                        struct run_posting *posting, struct wsplsp_error *error)
{
    if (options->filter_count > 0)
        return run_layers_add_own(options, ",name=wsplsp filter,mode=non-ifs,skip=post", "to load the filter", catalog,
                                  posting, error);
    if (options->trace != NULL)
        return run_layers_add_own(options, ",name=wsplsp trace", "to record with", catalog, posting, error);
    return WSPLSP_OK;
}

/* The catalog that the run begins with. */
static enum wsplsp_status make_catalog(const struct options *options, struct wsplsp_snapshot **catalog,
                                       struct run_posting *posting, struct wsplsp_error *error)
{
    enum wsplsp_status status = options->catalog != NULL
                                    ? load_file(options->catalog, options->code_page, catalog, error)
                                    : load_system(catalog, error);
    for (size_t i = 0; status == WSPLSP_OK && i < options->layer_count; i++)
        status = run_layers_add(*catalog, options->layers[i], posting, error);
    if (status == WSPLSP_OK && !is_in_file(options))
        status = add_own_layer(options, *catalog, posting, error);
    return status;
}

static enum wsplsp_status run_with(const struct options *options, struct run_request *request,
                                   struct run_result *result, struct wsplsp_error *error)
{
    enum wsplsp_status status = run_filter_read(options, request, error);
    if (status == WSPLSP_OK)
        status = run_trace_prepare(options, request, error);
    if (status == WSPLSP_OK)
        status = run_program(request, result, error);
    if (status == WSPLSP_OK)
        run_trace_finish(request);
    free((char *)request->trace_file);
    run_filter_free(request);
    return status;
}

enum wsplsp_status cmd_run(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    (void)output;
    struct wsplsp_snapshot *catalog = NULL;
    struct run_result result;
    struct run_request request = {
        .words = options->operands,
        .word_count = options->operand_count,
        .verbose = options->verbose,
        .strict = options_has(options, OPTION_STRICT),
        .catalog_file = is_in_file(options) ? options->catalog : NULL,
    };
    if (run_trace_check(options, &request, error) != WSPLSP_OK || run_possible(error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = make_catalog(options, &catalog, &request.posting, error);
    request.catalog = is_in_file(options) ? NULL : catalog;
    request.code_page = catalog == NULL ? CODE_PAGE_UNKNOWN : catalog->code_page;
    if (status == WSPLSP_OK)
        status = run_with(options, &request, &result, error);
    wsplsp_snapshot_free(catalog);
    if (status != WSPLSP_OK)
        return status;
    run_report(options, &result);
    /* Here the status isn't ours, and may be any number of 32 bits. */
    exit((int)result.exit_code);
}
