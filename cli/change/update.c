/* wsplsp update: gives a layered provider another DLL. */
#include "perform.h"
#include "arguments.h"
#include "cli/base/command.h"
#include "dll_check.h"
#include "dll_guid.h"

/* The catalogs that have the layer, or those of them that --only names. */
static enum wsplsp_status layer_catalogs(const struct change_context *context, unsigned *catalogs,
                                         struct wsplsp_guid *id, struct wsplsp_error *error)
{
    if (read_only(context->options, catalogs, error) != WSPLSP_OK ||
        plan_find_layer(context->before, context->options->operands[0], id, error) != WSPLSP_OK)
        return error->status;
    if (*catalogs != 0)
        return WSPLSP_OK;
    for (size_t i = 0; i < 2; i++) {
        const struct wsplsp_catalog *catalog = &context->before->catalogs[i];
        for (size_t j = 0; j < catalog->entry_count; j++) {
            if (wsplsp_guid_equal(&catalog->entries[j].info.provider_id, id))
                *catalogs |= catalog->bits == 64 ? PLAN_64 : PLAN_32;
        }
    }
    return WSPLSP_OK;
}

static enum wsplsp_status plan(struct change_context *context, struct plan **plan, struct wsplsp_error *error)
{
    const struct options *options = context->options;
    unsigned catalogs;
    struct dll_pair pair;
    struct wsplsp_guid id, told;
    bool tells;
    if (layer_catalogs(context, &catalogs, &id, error) != WSPLSP_OK ||
        read_dlls(options, options->values[OPTION_DLL], catalogs, &pair, error) != WSPLSP_OK)
        return error->status;
    if (pair.ignored)
        text_list_add(&context->warnings, "--dll32 is left out: the layer is not in the 32-bit catalog");
    if (dll_check_pair(context, pair.dll64, pair.dll32, false, error) != WSPLSP_OK ||
        dll_guid_ask(context, pair.dll64, pair.dll32, &id, &told, &tells, error) != WSPLSP_OK)
        return error->status;
    return plan_update(context->before, options->operands[0], pair.dll64, pair.dll32, change_new_id, plan, error);
}

enum wsplsp_status cmd_update(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    if (!options_has(options, OPTION_DLL)) {
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'update' needs the new DLL");
        return wsplsp_hint(error, "give it with --dll, the one for 32-bit programs with --dll32");
    }
    return change_command("update", plan, options, output, error);
}
