/* wsplsp ns install, remove, enable, disable and order: name space providers. */
#include <stdlib.h>

#include "perform.h"
#include "arguments.h"
#include "cli/base/command.h"
#include "cli/out/describe.h"
#include "dll_check.h"
#include "lsp-core/base/text.h"

enum { HIGHEST_NAMED = 255 };

/* "dns", "NS_DNS" or a number. */
static bool read_name_space(const char *text, uint32_t *number)
{
    char *end;
    for (uint32_t candidate = 0; candidate <= HIGHEST_NAMED; candidate++) {
        const char *name = flags_name_space_name(candidate);
        /* describe_short would cut NS_TCPIP_LOCAL to its last word. */
        if (name != NULL && (text_compare_nocase(name, text) == 0 || text_compare_nocase(name + 3, text) == 0)) {
            *number = candidate;
            return true;
        }
    }
    unsigned long long value = strtoull(text, &end, 0);
    *number = (uint32_t)value;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && value <= UINT32_MAX;
}

static enum wsplsp_status read_request(struct change_context *context, struct plan_name_space_request *request,
                                       struct wsplsp_guid *id, struct wsplsp_error *error)
{
    const struct options *options = context->options;
    struct dll_pair pair;
    bool has_id;
    if (!read_name_space(options->values[OPTION_NAME_SPACE], &request->name_space)) {
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%.100s' is no name space", options->values[OPTION_NAME_SPACE]);
        return wsplsp_hint(error, "--name-space takes dns, nla, wins, ... or a number");
    }
    if (read_guid(options, id, &has_id, error) != WSPLSP_OK ||
        read_catalogs(options, context->before, &request->catalogs, error) != WSPLSP_OK ||
        read_dlls(options, options->operands[0], request->catalogs, &pair, error) != WSPLSP_OK)
        return error->status;
    if (pair.ignored)
        text_list_add(&context->warnings, "--dll32 is left out: there is no 32-bit catalog");
    request->dll64 = pair.dll64;
    request->dll32 = pair.dll32;
    request->id = has_id ? id : NULL;
    return WSPLSP_OK;
}

static enum wsplsp_status plan_install_one(struct change_context *context, struct plan **plan,
                                           struct wsplsp_error *error)
{
    struct wsplsp_guid id;
    struct plan_name_space_request request = {.name = context->options->values[OPTION_NAME], .version = 1};
    if (read_request(context, &request, &id, error) != WSPLSP_OK ||
        dll_check_pair(context, request.dll64, request.dll32, true, error) != WSPLSP_OK)
        return error->status;
    return plan_name_space_install(context->before, &request, change_new_id, plan, error);
}

enum wsplsp_status cmd_ns_install(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    if (!options_has(options, OPTION_NAME) || !options_has(options, OPTION_NAME_SPACE)) {
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'ns install' needs --name and --name-space");
        return wsplsp_hint(error, "'wsplsp help ns install' shows how it is used");
    }
    return change_command("ns install", plan_install_one, options, output, error);
}

static enum wsplsp_status plan_removal(struct change_context *context, struct plan **plan, struct wsplsp_error *error)
{
    unsigned catalogs;
    if (read_only(context->options, &catalogs, error) != WSPLSP_OK)
        return error->status;
    return plan_name_space_remove(context->before, context->options->operands[0], catalogs, plan, error);
}

static enum wsplsp_status switch_one(struct change_context *context, bool enabled, struct plan **plan,
                                     struct wsplsp_error *error)
{
    unsigned catalogs;
    if (read_only(context->options, &catalogs, error) != WSPLSP_OK)
        return error->status;
    return plan_name_space_enable(context->before, context->options->operands[0], enabled, catalogs, plan, error);
}

static enum wsplsp_status plan_enabling(struct change_context *context, struct plan **plan, struct wsplsp_error *error)
{
    return switch_one(context, true, plan, error);
}

static enum wsplsp_status plan_disabling(struct change_context *context, struct plan **plan, struct wsplsp_error *error)
{
    return switch_one(context, false, plan, error);
}

static enum wsplsp_status plan_the_order(struct change_context *context, struct plan **plan, struct wsplsp_error *error)
{
    const struct options *options = context->options;
    unsigned catalogs;
    if (read_only(options, &catalogs, error) != WSPLSP_OK)
        return error->status;
    return plan_name_space_order(context->before, options->operands, options->operand_count, catalogs, plan, error);
}

enum wsplsp_status cmd_ns_remove(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    return change_command("ns remove", plan_removal, options, output, error);
}

enum wsplsp_status cmd_ns_enable(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    return change_command("ns enable", plan_enabling, options, output, error);
}

enum wsplsp_status cmd_ns_disable(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    return change_command("ns disable", plan_disabling, options, output, error);
}

enum wsplsp_status cmd_ns_order(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    return change_command("ns order", plan_the_order, options, output, error);
}
