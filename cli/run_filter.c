/* The filter of `wsplsp run --filter DLL`; see run_filter.h. */
#include "run_filter.h"

#include <stdlib.h>

#include "dll_file.h"
#include "layer_option.h"
#include "layers.h"
#include "memory.h"
#include "new_guid.h"
#include "text.h"

#define OWN_LAYER "wsplsp-layer.dll"

static enum wsplsp_status read_one(const char *given, struct run_request *request, struct wsplsp_error *error)
{
    static const struct dll_kind kind = {"filter", "wsplsp_filter_start", "NO_WSPLSP_FILTER_START", "filter"};
    char *path;
    int bits;
    if (given[0] == '\0')
        return wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "--filter names no DLL");
    if (run_full_path(given, &path, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = dll_file_look(path, &kind, &bits, error);
    const char **place = &request->filter_file[bits == 32];
    if (status == WSPLSP_OK && *place != NULL) {
        status = wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "there are two filters of %d bits", bits);
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
    char *argument = memory_format("%s,name=wsplsp filter,mode=non-ifs", dll);
    enum wsplsp_status status = layer_option_read(argument, &layer, error);
    free(argument);
    if (status != WSPLSP_OK)
        return status;
    status = layers_add(catalog, &layer, new_guid, error);
    layer_option_free(&layer);
    return status;
}

enum wsplsp_status run_filter_add_layer(const struct options *options, struct wsplsp_snapshot *catalog,
                                        struct wsplsp_error *error)
{
    static const int bits[] = {64, 32};
    enum wsplsp_status status = WSPLSP_OK;
    bool added = options->filter_count == 0;
    for (size_t i = 0; i < options->layer_count; i++)
        added = added || is_own_layer(options->layers[i]);
    if (added)
        return WSPLSP_OK;
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
    wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NO_LAYER", "there is no " OWN_LAYER " beside wsplsp.exe to load the filter");
    return wsplsp_hint(error, "--layer names it where it is");
}
