/* The argument of --layer; see layer_option.h. */
#include "layer_option.h"

#include <stdlib.h>
#include <string.h>

#include "cli/change/arguments.h"
#include "lsp-core/dlls/dll_file.h"
#include "cli/change/lsp_guid.h"
#include "cli/base/memory.h"
#include "lsp-core/catalog/over.h"
#include "program.h"

/* Where the next of the settings begins, or the end: a comma that no setting follows belongs to the text before it. */
static const char *next_setting(const char *at)
{
    for (; *at != '\0'; at++) {
        if (strncmp(at, ",name=", 6) == 0 || strncmp(at, ",mode=", 6) == 0 || strncmp(at, ",over=", 6) == 0 ||
            strncmp(at, ",guid=", 6) == 0 || strncmp(at, ",skip=", 6) == 0)
            return at;
    }
    return at;
}

/* A DLL without a folder is one in the current folder: that it is found elsewhere by chance would be no help. */
static const char *base_name(const char *path)
{
    const char *name = path;
    for (const char *at = path; *at != '\0'; at++) {
        if (*at == '\\' || *at == '/' || *at == ':')
            name = at + 1;
    }
    return name;
}

static enum wsplsp_status set_over(struct layer *layer, const char *value, struct wsplsp_error *error)
{
    while (true) {
        size_t length = strcspn(value, "+");
        char *what = memory_text_n(value, length);
        const char **over = memory_grow((void *)layer->over, (layer->over_count + 1) * sizeof *over);
        over[layer->over_count++] = what;
        layer->over = over;
        if (!over_is_word(what)) {
            wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "a layer cannot go over '%.100s'", what);
            return wsplsp_hint(error, "over= takes tcp, udp, raw, all or catalog ids, joined by +");
        }
        if (value[length] == '\0')
            return WSPLSP_OK;
        value += length + 1;
    }
}

static enum wsplsp_status set_guid(struct layer *layer, const char *value, struct wsplsp_error *error)
{
    struct wsplsp_guid *id = memory_alloc(sizeof *id);
    free((struct wsplsp_guid *)layer->id);
    layer->id = id;
    return parse_guid(value, id, error);
}

static enum wsplsp_status set_skip(struct layer *layer, const char *value, struct wsplsp_error *error)
{
    layer->posts = strcmp(value, "post") == 0;
    if (layer->posts)
        return WSPLSP_OK;
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "a layer cannot skip '%.100s'", value);
    return wsplsp_hint(error, "skip= takes post");
}

static enum wsplsp_status set_setting(struct layer *layer, const char *key, const char *value,
                                      struct wsplsp_error *error)
{
    if (strncmp(key, "over", 4) == 0)
        return set_over(layer, value, error);
    if (strncmp(key, "guid", 4) == 0)
        return set_guid(layer, value, error);
    if (strncmp(key, "skip", 4) == 0)
        return set_skip(layer, value, error);
    if (strncmp(key, "name", 4) == 0) {
        free((char *)layer->name);
        layer->name = memory_text(value);
        return WSPLSP_OK;
    }
    layer->ifs = strcmp(value, "ifs") == 0;
    if (layer->ifs || strcmp(value, "non-ifs") == 0)
        return WSPLSP_OK;
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "a layer has no mode '%.100s'", value);
    return wsplsp_hint(error, "mode= takes ifs or non-ifs");
}

static enum wsplsp_status read_settings(const char *at, struct layer *layer, struct wsplsp_error *error)
{
    while (*at != '\0') {
        const char *key = at + 1; /* behind the comma; a key is four letters and an equals sign */
        at = next_setting(key);
        char *value = memory_text_n(key + 5, (size_t)(at - key) - 5);
        enum wsplsp_status status = set_setting(layer, key, value, error);
        free(value);
        if (status != WSPLSP_OK)
            return status;
    }
    return WSPLSP_OK;
}

/* The id that the layer starts under, where its DLL tells one. */
static enum wsplsp_status ask(struct layer *layer, struct wsplsp_error *error)
{
    struct wsplsp_guid *id = memory_alloc(sizeof *id);
    layer->id = id;
    return lsp_guid_ask(layer->dll, layer->bits, id, error);
}

enum wsplsp_status layer_option_read(const char *argument, struct layer *layer, struct wsplsp_error *error)
{
    static const struct dll_kind kind = {"layer", "WSPStartup", "NO_WSPSTARTUP", "service provider"};
    struct dll_facts facts = {0};
    const char *settings = next_setting(argument);
    char *given = memory_text_n(argument, (size_t)(settings - argument));
    *layer = (struct layer){.name = memory_text(base_name(given)), .ifs = true};
    enum wsplsp_status status = WSPLSP_USAGE;
    if (given[0] == '\0')
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "--layer names no DLL");
    else
        status = read_settings(settings, layer, error);
    if (status == WSPLSP_OK && layer->posts && layer->ifs) {
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "skip=post is for layers with handles of their own only");
        status = wsplsp_hint(error, "mode=non-ifs makes the layer one of these");
    }
    if (status == WSPLSP_OK && layer->over_count == 0)
        status = set_over(layer, "all", error);
    if (status == WSPLSP_OK)
        status = run_full_path(given, (char **)&layer->dll, error);
    free(given);
    if (status == WSPLSP_OK)
        status = dll_file_look(layer->dll, &kind, &facts, error);
    layer->bits = facts.bits;
    if (status == WSPLSP_OK && layer->id == NULL && facts.exports_lsp_guid)
        status = ask(layer, error);
    if (status != WSPLSP_OK)
        layer_option_free(layer);
    return status;
}

void layer_option_free(struct layer *layer)
{
    for (size_t i = 0; i < layer->over_count; i++)
        free((char *)layer->over[i]);
    free((void *)layer->over);
    free((char *)layer->name);
    free((char *)layer->dll);
    free((struct wsplsp_guid *)layer->id);
    *layer = (struct layer){0};
}
