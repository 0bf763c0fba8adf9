/* The trace of `wsplsp run --trace FILE`; see run_trace.h. */
#include "run_trace.h"

#include <stdlib.h>
#include <string.h>

#include "layer_option.h"
#include "layers.h"

#include "memory.h"
#include "new_guid.h"
#include "terminal.h"
#include "text.h"
#include "trace_files.h"
#include "trace_input.h"

#define OWN_LAYER "wsplsp-layer.dll"

enum wsplsp_status run_trace_check(const struct options *options, struct run_request *request,
                                   struct wsplsp_error *error)
{
    if (options->trace == NULL && options->data != NULL)
        return wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "--data goes with --trace");
    if (options->trace != NULL && (options->trace[0] == '\0' || strcmp(options->trace, "-") == 0))
        return wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "--trace takes the name of a file");
    return trace_input_data(options, &request->trace_data_bytes, error);
}

enum wsplsp_status run_trace_prepare(const struct options *options, struct run_request *request,
                                     struct wsplsp_error *error)
{
    char *full;
    if (options->trace == NULL)
        return WSPLSP_OK;
    if (run_full_path(options->trace, &full, error) != WSPLSP_OK)
        return error->status;
    if (trace_files_remove(full, error) != WSPLSP_OK) {
        free(full);
        return error->status;
    }
    request->trace_file = full;
    return WSPLSP_OK;
}

/* DLL[,...] */
static bool is_own_layer(const char *argument)
{
    const char *name = argument;
    for (const char *at = argument; *at != '\0' && *at != ','; at++) {
        if (*at == '\\' || *at == '/')
            name = at + 1;
    }
    size_t length = sizeof OWN_LAYER - 1;
    return text_compare_nocase_n(name, OWN_LAYER, length) == 0 && (name[length] == '\0' || name[length] == ',');
}

static enum wsplsp_status add_layer(struct wsplsp_snapshot *catalog, const char *dll, struct wsplsp_error *error)
{
    struct layer layer;
    char *argument = memory_format("%s,name=wsplsp trace", dll);
    enum wsplsp_status status = layer_option_read(argument, &layer, error);
    free(argument);
    if (status != WSPLSP_OK)
        return status;
    status = layers_add(catalog, &layer, new_guid, error);
    layer_option_free(&layer);
    return status;
}

enum wsplsp_status run_trace_add_layer(const struct options *options, struct wsplsp_snapshot *catalog,
                                       struct wsplsp_error *error)
{
    static const int bits[] = {64, 32};
    enum wsplsp_status status = WSPLSP_OK;
    bool added = false;
    if (options->trace == NULL)
        return WSPLSP_OK;
    for (size_t i = 0; i < options->layer_count; i++) {
        if (is_own_layer(options->layers[i]))
            return WSPLSP_OK;
    }
    for (size_t i = 0; i < 2 && status == WSPLSP_OK; i++) {
        char *dll = run_own_layer(bits[i]);
        if (dll == NULL)
            continue;
        status = add_layer(catalog, dll, error);
        added = true;
        free(dll);
    }
    if (added)
        return status;
    wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NO_LAYER", "there is no " OWN_LAYER " beside wsplsp.exe to record with");
    return wsplsp_hint(error, "--layer names it where it is");
}

void run_trace_finish(const struct run_request *request)
{
    struct wsplsp_error ignored;
    if (request->trace_file == NULL || trace_file_is_trace(request->trace_file))
        return;
    char *text = memory_format("wsplsp: nothing has been recorded: no process that has begun made '%s'; is its folder "
                               "there, and " OWN_LAYER " in the catalog?\n",
                               request->trace_file);
    terminal_write(TERMINAL_ERR, text, strlen(text), &ignored);
    free(text);
}
