/* The filter of `wsplsp run --filter DLL`; see run_filter.h. */
#include "run_filter.h"

#include <stdlib.h>

#include "lsp-core/dlls/dll_file.h"

static enum wsplsp_status read_one(const char *given, struct run_request *request, struct wsplsp_error *error)
{
    static const struct dll_kind kind = {"filter", "wsplsp_filter_start", "NO_WSPLSP_FILTER_START", "filter"};
    char *path;
    struct dll_facts facts;
    if (given[0] == '\0')
        return wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "--filter names no DLL");
    if (run_full_path(given, &path, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = dll_file_look(path, &kind, &facts, error);
    const char **place = &request->filter_file[facts.bits == 32];
    if (status == WSPLSP_OK && *place != NULL) {
        status = wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "there are two filters of %d bits", facts.bits);
        wsplsp_hint(error, "a program has one; --filter may be given twice for programs of both bitnesses");
    }
    if (status == WSPLSP_OK)
        *place = path;
    else
        free(path);
    return status;
}

enum wsplsp_status run_filter_read(const struct options *options, struct run_request *request,
                                   struct wsplsp_error *error)
{
    enum wsplsp_status status = WSPLSP_OK;
    for (size_t i = 0; i < options->filter_count && status == WSPLSP_OK; i++)
        status = read_one(options->filters[i], request, error);
    return status;
}

void run_filter_free(struct run_request *request)
{
    for (size_t i = 0; i < 2; i++) {
        free((char *)request->filter_file[i]);
        request->filter_file[i] = NULL;
    }
}
