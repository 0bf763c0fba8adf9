/* wsplsp order: which entries Winsock looks at first. */
#include <stdlib.h>

#include "perform.h"
#include "arguments.h"
#include "cli/base/command.h"
#include "cli/base/memory.h"

static enum wsplsp_status read_ids(const struct options *options, uint32_t *ids, struct wsplsp_error *error)
{
    for (size_t i = 0; i < options->operand_count; i++) {
        const char *text = options->operands[i];
        char *end;
        unsigned long long number = strtoull(text, &end, 10);
        if (text[0] < '0' || text[0] > '9' || *end != '\0' || number > UINT32_MAX) {
            wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%.100s' is no catalog id", text);
            return wsplsp_hint(error, "'wsplsp list' shows the ids; --top takes a name");
        }
        ids[i] = (uint32_t)number;
    }
    return WSPLSP_OK;
}

static enum wsplsp_status plan(struct change_context *context, struct plan **plan, struct wsplsp_error *error)
{
    const struct options *options = context->options;
    uint32_t *ids = memory_alloc(options->operand_count * sizeof *ids);
    struct plan_order_request request = {
        .top = options->values[OPTION_TOP], .ids = ids, .id_count = options->operand_count};
    if (read_only(options, &request.catalogs, error) == WSPLSP_OK && read_ids(options, ids, error) == WSPLSP_OK)
        plan_order(context->before, &request, change_new_id, plan, error);
    free(ids);
    return *plan != NULL ? WSPLSP_OK : error->status;
}

enum wsplsp_status cmd_order(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    if (options_has(options, OPTION_TOP) == (options->operand_count > 0)) {
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'order' needs ID... or --top NAME%s",
                    options->operand_count > 0 ? ", not both" : "");
        return wsplsp_hint(error, "'wsplsp help order' shows how it is used");
    }
    return change_command("order", plan, options, output, error);
}
