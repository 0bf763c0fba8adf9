/* wsplsp provider category: the LSP categories of a layered provider. */
#include "perform.h"
#include "arguments.h"
#include "cli/base/command.h"

static enum wsplsp_status plan(struct change_context *context, struct plan **plan, struct wsplsp_error *error)
{
    const struct options *options = context->options;
    uint32_t categories = 0;
    unsigned catalogs;
    for (size_t i = 1; i < options->operand_count; i++) {
        if (read_categories(options->operands[i], &categories, error) != WSPLSP_OK)
            return error->status;
    }
    if (read_only(options, &catalogs, error) != WSPLSP_OK)
        return error->status;
    return plan_categorize(context->before, options->operands[0], categories, catalogs, change_new_id, plan, error);
}

enum wsplsp_status cmd_provider_category(const struct options *options, struct output *output,
                                         struct wsplsp_error *error)
{
    return change_command("provider category", plan, options, output, error);
}
