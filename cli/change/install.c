/* wsplsp install: puts a layered provider over the catalog's protocols. */
#include <stdlib.h>
#include <string.h>

#include "cli/base/own_layer.h"
#include "perform.h"
#include "arguments.h"
#include "cli/base/command.h"
#include "dll_check.h"
#include "dll_guid.h"
#include "lsp-core/catalog/over.h"

static enum wsplsp_status usage(struct wsplsp_error *error, const char *message, const char *hint)
{
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "%s", message);
    return wsplsp_hint(error, "%s", hint);
}

/* Before anything is read. */
static enum wsplsp_status check_usage(const struct options *options, struct wsplsp_error *error)
{
    bool bundled = options_has(options, OPTION_BUNDLED);
    if (bundled && (options->operand_count > 0 || options_has(options, OPTION_DLL32)))
        return usage(error, "--bundled brings its own DLLs", "leave out DLL and --dll32");
    if (!bundled && options->operand_count == 0)
        return usage(error, "'install' needs DLL", "'wsplsp help install' shows how it is used");
    const char *name = options->values[OPTION_NAME];
    if (!bundled && (name == NULL || name[0] == '\0'))
        return usage(error, "the new layer has no name", "give it one with --name");
    return WSPLSP_OK;
}

static enum wsplsp_status read_mode(const struct options *options, bool *ifs, struct wsplsp_error *error)
{
    const char *mode = options->values[OPTION_MODE];
    *ifs = mode == NULL || strcmp(mode, "ifs") == 0;
    if (*ifs || strcmp(mode, "non-ifs") == 0)
        return WSPLSP_OK;
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "a layer has no mode '%.100s'", mode);
    return wsplsp_hint(error, "--mode takes ifs or non-ifs");
}

static enum wsplsp_status read_position(const struct options *options, struct plan_install_request *request,
                                        struct wsplsp_error *error)
{
    static const struct {
        const char *word;
        enum plan_position position;
        bool beside;
    } places[] = {
        {"top", PLAN_TOP, false},
        {"bottom-of-layers", PLAN_BOTTOM_OF_LAYERS, false},
        {"above", PLAN_ABOVE, true},
        {"below", PLAN_BELOW, true},
    };
    const char *place = options->values[OPTION_POSITION] != NULL ? options->values[OPTION_POSITION] : "top";
    size_t length = strcspn(place, " ");
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (strlen(places[i].word) != length || strncmp(places[i].word, place, length) != 0)
            continue;
        const char *rest = place[length] == ' ' ? place + length + 1 : options->beside;
        if (places[i].beside != (rest != NULL && rest[0] != '\0'))
            break;
        request->position = places[i].position;
        request->beside = rest;
        return WSPLSP_OK;
    }
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "there is no position '%.100s'", place);
    return wsplsp_hint(error, "--position takes top, bottom-of-layers, above ID or below ID");
}

static enum wsplsp_status read_over(const struct options *options, struct word_list *over, struct wsplsp_error *error)
{
    word_list_split(options->values[OPTION_OVER], over);
    for (size_t i = 0; i < over->count; i++) {
        if (over_is_word(over->words[i]))
            continue;
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "a layer cannot go over '%.100s'", over->words[i]);
        return wsplsp_hint(error, "--over takes all, tcp, udp, raw or catalog ids, joined by commas");
    }
    if (options->values[OPTION_OVER] != NULL && over->count == 0)
        return usage(error, "--over names nothing", "--over takes all, tcp, udp, raw or catalog ids");
    return WSPLSP_OK;
}

/* Owned by the caller: the bundled layer's paths and what `over` holds. */
struct install {
    struct plan_install_request request;
    struct wsplsp_guid id;
    struct word_list over;
    char *bundled64, *bundled32;
};

static void install_free(struct install *install)
{
    word_list_free(&install->over);
    free(install->bundled64);
    free(install->bundled32);
}

static enum wsplsp_status read_request(const struct options *options, struct install *install,
                                       struct wsplsp_error *error)
{
    struct plan_install_request *request = &install->request;
    const char *category = options->values[OPTION_CATEGORY];
    bool has_id;
    request->name = options->values[OPTION_NAME] != NULL ? options->values[OPTION_NAME] : BUNDLED_NAME;
    request->exact = options_has(options, OPTION_EXACT);
    request->has_categories = category != NULL;
    if (read_mode(options, &request->ifs, error) != WSPLSP_OK || read_position(options, request, error) != WSPLSP_OK ||
        read_over(options, &install->over, error) != WSPLSP_OK ||
        read_guid(options, &install->id, &has_id, error) != WSPLSP_OK ||
        (category != NULL && read_categories(category, &request->categories, error) != WSPLSP_OK))
        return error->status;
    request->over = install->over.words;
    request->over_count = install->over.count;
    request->id = has_id ? &install->id : NULL;
    return WSPLSP_OK;
}

static enum wsplsp_status find_bundled(struct install *install, struct wsplsp_error *error)
{
    if ((install->request.catalogs & PLAN_64) != 0 && bundled_layer(64, &install->bundled64, error) != WSPLSP_OK)
        return error->status;
    if ((install->request.catalogs & PLAN_32) != 0 && bundled_layer(32, &install->bundled32, error) != WSPLSP_OK)
        return error->status;
    install->request.dll64 = install->bundled64;
    install->request.dll32 = install->bundled32;
    return WSPLSP_OK;
}

static enum wsplsp_status find_dlls(struct change_context *context, struct install *install, struct wsplsp_error *error)
{
    const struct options *options = context->options;
    struct plan_install_request *request = &install->request;
    if (read_catalogs(options, context->before, &request->catalogs, error) != WSPLSP_OK)
        return error->status;
    if (options_has(options, OPTION_BUNDLED))
        return find_bundled(install, error);
    struct dll_pair pair;
    if (read_dlls(options, options->operands[0], request->catalogs, &pair, error) != WSPLSP_OK)
        return error->status;
    if (pair.ignored)
        text_list_add(&context->warnings, "--dll32 is left out: there is no 32-bit catalog");
    request->dll64 = pair.dll64;
    request->dll32 = pair.dll32;
    return WSPLSP_OK;
}

/* The DLL's own provider id, unless --guid has another. */
static enum wsplsp_status find_id(struct change_context *context, struct install *install, struct wsplsp_error *error)
{
    struct plan_install_request *request = &install->request;
    struct wsplsp_guid told;
    bool tells;
    enum wsplsp_status status =
        dll_guid_ask(context, request->dll64, request->dll32, request->id, &told, &tells, error);
    if (status == WSPLSP_OK && tells && request->id == NULL) {
        install->id = told;
        request->id = &install->id;
    }
    return status;
}

static enum wsplsp_status plan(struct change_context *context, struct plan **plan, struct wsplsp_error *error)
{
    struct install install = {.bundled64 = NULL};
    if (read_request(context->options, &install, error) == WSPLSP_OK &&
        find_dlls(context, &install, error) == WSPLSP_OK &&
        dll_check_pair(context, install.request.dll64, install.request.dll32, false, error) == WSPLSP_OK &&
        find_id(context, &install, error) == WSPLSP_OK)
        plan_install(context->before, &install.request, change_new_id, plan, error);
    install_free(&install);
    return *plan != NULL ? WSPLSP_OK : error->status;
}

enum wsplsp_status cmd_install(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    if (check_usage(options, error) != WSPLSP_OK)
        return error->status;
    return change_command("install", plan, options, output, error);
}
