/* The layers of `wsplsp run`; see run_layers.h. */
#include "run_layers.h"

#include <stdlib.h>

#include "layer_option.h"
#include "layers.h"
#include "memory.h"
#include "new_guid.h"
#include "text.h"

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

enum wsplsp_status run_layers_add(struct wsplsp_snapshot *catalog, const char *argument, struct wsplsp_error *error)
{
    struct layer layer;
    if (layer_option_read(argument, &layer, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = layers_add(catalog, &layer, new_guid, error);
    layer_option_free(&layer);
    return status;
}

enum wsplsp_status run_layers_add_own(const struct options *options, const char *settings, const char *purpose,
                                      struct wsplsp_snapshot *catalog, struct wsplsp_error *error)
{
    static const int bits[] = {64, 32};
    enum wsplsp_status status = WSPLSP_OK;
    bool added = false;
    for (size_t i = 0; i < options->layer_count; i++) {
        if (is_own_layer(options->layers[i]))
            return WSPLSP_OK;
    }
    for (size_t i = 0; i < 2 && status == WSPLSP_OK; i++) {
        char *dll = run_own_layer(bits[i]);
        if (dll == NULL)
            continue;
        char *argument = memory_format("%s%s", dll, settings);
        status = run_layers_add(catalog, argument, error);
        added = true;
        free(argument);
        free(dll);
    }
    if (added)
        return status;
    wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NO_LAYER", "there is no " OWN_LAYER " beside wsplsp.exe %s", purpose);
    return wsplsp_hint(error, "--layer names it where it is");
}
