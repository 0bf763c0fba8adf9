/* wsplsp app exempt, permit and clear: which layered providers Winsock may load into an application. */
#include <stdlib.h>

#include "perform.h"
#include "arguments.h"
#include "cli/base/command.h"
#include "lsp-core/dlls/path.h"

/* "LSPs ... LSP_SYSTEM": an application that permits this category alone gets no layer but those made for system
 * processes ("Categorizing Layered Service Providers and Applications"). */
#define SYSTEM_ONLY 0x80000000u

static enum wsplsp_status check_path(const char *path, struct wsplsp_error *error)
{
    if (!files_path_is_relative(path))
        return WSPLSP_OK;
    wsplsp_fail(error, WSPLSP_REFUSED, 0, "NOT_ABSOLUTE", "'%.300s' is no absolute path", path);
    return wsplsp_hint(error, "give the application's whole path, such as C:\\Windows\\System32\\wsl.exe");
}

static enum wsplsp_status set(struct change_context *context, uint32_t categories, struct plan **plan,
                              struct wsplsp_error *error)
{
    const struct options *options = context->options;
    if (check_path(options->operands[0], error) != WSPLSP_OK)
        return error->status;
    return plan_application_set(context->before, options->operands[0], options->values[OPTION_ARGS], categories, plan,
                                error);
}

static enum wsplsp_status plan_exempt(struct change_context *context, struct plan **plan, struct wsplsp_error *error)
{
    return set(context, SYSTEM_ONLY, plan, error);
}

static enum wsplsp_status plan_permit(struct change_context *context, struct plan **plan, struct wsplsp_error *error)
{
    uint32_t categories = 0;
    for (size_t i = 1; i < context->options->operand_count; i++) {
        if (read_categories(context->options->operands[i], &categories, error) != WSPLSP_OK)
            return error->status;
    }
    return set(context, categories, plan, error);
}

static enum wsplsp_status plan_clear(struct change_context *context, struct plan **plan, struct wsplsp_error *error)
{
    const struct options *options = context->options;
    return plan_application_clear(context->before, options->operands[0], options->values[OPTION_ARGS], plan, error);
}

enum wsplsp_status cmd_app_exempt(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    return change_command("app exempt", plan_exempt, options, output, error);
}

enum wsplsp_status cmd_app_permit(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    return change_command("app permit", plan_permit, options, output, error);
}

enum wsplsp_status cmd_app_clear(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    return change_command("app clear", plan_clear, options, output, error);
}
