/* wsplsp restore: puts a backup back. */
#include "change_command.h"
#include "commands.h"

static enum wsplsp_status plan(struct change_context *context, struct plan **plan, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *backup;
    if (change_load_backup(context->target, context->options->operands[0], &backup, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = plan_restore(context->before, backup, change_new_id, plan, error);
    wsplsp_snapshot_free(backup);
    return status;
}

enum wsplsp_status cmd_restore(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    return change_command("restore", plan, options, output, error);
}
