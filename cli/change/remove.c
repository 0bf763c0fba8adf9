/* wsplsp remove and reset: take layered providers out of the catalog. */
#include "perform.h"
#include "arguments.h"
#include "cli/base/command.h"

static enum wsplsp_status plan_removal(struct change_context *context, struct plan **plan, struct wsplsp_error *error)
{
    const struct options *options = context->options;
    struct plan_remove_request request = {
        .wanted = options->operand_count > 0 ? options->operands[0] : NULL,
        .all_layered = options_has(options, OPTION_ALL_LAYERED),
        .cascade = options_has(options, OPTION_CASCADE),
    };
    if (read_only(options, &request.catalogs, error) != WSPLSP_OK)
        return error->status;
    return plan_remove(context->before, &request, change_new_id, plan, error);
}

enum wsplsp_status cmd_remove(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    if (options_has(options, OPTION_ALL_LAYERED) == (options->operand_count > 0)) {
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'remove' needs NAME|GUID|ID or --all-layered%s",
                    options->operand_count > 0 ? ", not both" : "");
        return wsplsp_hint(error, "'wsplsp help remove' shows how it is used");
    }
    return change_command("remove", plan_removal, options, output, error);
}

static enum wsplsp_status plan_a_reset(struct change_context *context, struct plan **plan, struct wsplsp_error *error)
{
    return plan_reset(context->before, change_new_id, plan, error);
}

enum wsplsp_status cmd_reset(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    return change_command("reset", plan_a_reset, options, output, error);
}
