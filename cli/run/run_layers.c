/* The layers of `wsplsp run`; see run_layers.h. */
#include "run_layers.h"

#include <stdlib.h>

#include "layer_option.h"
#include "lsp-core/catalog/layers.h"
#include "cli/base/memory.h"
#include "lsp-core/base/guid.h"
#include "lsp-core/base/text.h"

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

/* The layer that has been added last: its own entry comes last in its catalog, and its chains' ids behind its own. */
static enum wsplsp_status note_posting(const struct wsplsp_snapshot *snapshot, const struct layer *layer,
                                       struct run_posting *posting, struct wsplsp_error *error)
{
    const struct wsplsp_catalog *catalog = &snapshot->catalogs[layer->bits == 64 ? 0 : 1];
    for (int i = 0; i < RUN_POSTING; i++) {
        if (posting->ids[i][1] != 0)
            continue;
        posting->ids[i][0] = catalog->entries[catalog->entry_count - 1].info.catalog_id;
        posting->ids[i][1] = snapshot->next_catalog_id.value - 1;
        return WSPLSP_OK;
    }
    return wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "more than %d layers with skip=post", RUN_POSTING);
}

enum wsplsp_status run_layers_add(struct wsplsp_snapshot *catalog, const char *argument, struct run_posting *posting,
                                  struct wsplsp_error *error)
{
    struct layer layer;
    if (layer_option_read(argument, &layer, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = layers_add(catalog, &layer, new_guid, error);
    if (status == WSPLSP_OK && layer.posts)
        status = note_posting(catalog, &layer, posting, error);
    layer_option_free(&layer);
    return status;
}

enum wsplsp_status run_layers_add_own(const struct options *options, const char *settings, const char *purpose,
                                      struct wsplsp_snapshot *catalog, struct run_posting *posting,
                                      struct wsplsp_error *error)
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
        status = run_layers_add(catalog, argument, posting, error);
        added = true;
        free(argument);
        free(dll);
    }
    if (added)
        return status;
    wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NO_LAYER", "there is no " OWN_LAYER " beside wsplsp.exe %s", purpose);
    return wsplsp_hint(error, "--layer names it where it is");
}
