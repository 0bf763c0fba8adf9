/* The trace of `wsplsp run --trace FILE`; see run_trace.h. */
#include "run_trace.h"

#include <stdlib.h>
#include <string.h>

#include "cli/base/memory.h"
#include "run_layers.h"
#include "cli/base/terminal.h"
#include "lsp-core/trace/files.h"
#include "cli/trace/input.h"

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
