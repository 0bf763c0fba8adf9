/* What all changing commands have in common; see perform.h. */
#include "perform.h"

#include <stdlib.h>
#include <string.h>

#include "confirm.h"
#include "cli/out/folder_notes.h"
#include "cli/base/memory.h"
#include "cli/out/plan.h"
#include "cli/out/text.h"
#include "cli/base/utf8.h"

/* The command as it was given, for `history`: one line, whatever is in its operands. */
static char *command_words(const char *name, const struct options *options)
{
    const option_set unsaid = OPTIONS_GLOBAL | OPTIONS_CHANGE;
    char *words = memory_text(name);
    for (size_t i = 0; i < options->operand_count; i++) {
        char *longer = memory_format("%s '%s'", words, options->operands[i]);
        free(words);
        words = longer;
    }
    for (int key = 0; key < OPTION_COUNT; key++) {
        if (!options_has(options, (enum option_key)key) || (unsaid & OPTION_BIT(key)) != 0)
            continue;
        const char *value = options->values[key];
        char *longer = memory_format("%s --%s%s%s%s", words, option_texts[key].name, value != NULL ? " '" : "",
                                     value != NULL ? value : "", value != NULL ? "'" : "");
        free(words);
        words = longer;
    }
    char *shown = utf8_shown(words);
    free(words);
    return shown;
}

/* "app exempt" as a name for files and schemas. */
static char *command_id(const char *name)
{
    char *id = memory_text(name);
    for (char *space = strchr(id, ' '); space != NULL; space = strchr(space, ' '))
        *space = '-';
    return id;
}

static enum wsplsp_status apply(const struct change_context *context, const char *name, const struct plan *plan,
                                struct change_result *result, struct wsplsp_error *error)
{
    char *id = command_id(name);
    char *words = command_words(name, context->options);
    struct change_request request = {.plan = plan, .command = id, .words = words};
    enum wsplsp_status status = change_apply(context->target, &request, result, error);
    free(id);
    free(words);
    return status;
}

/* Shows the plan and, unless that is all, carries it out. */
static enum wsplsp_status carry_out(struct change_context *context, const char *name, const struct plan *plan,
                                    struct output *output, struct wsplsp_error *error)
{
    const struct options *options = context->options;
    struct change_result result = {.backup = NULL};
    struct plan_report report = {.name = name, .plan = plan, .warnings = &context->warnings, .outcome = "planned"};
    enum wsplsp_status status = WSPLSP_OK;
    bool dry = options_has(options, OPTION_DRY_RUN);
    if (!options->json && (dry || !options->quiet || confirm_asks(options)))
        print_plan(&report, options, output);
    if (plan->step_count == 0) {
        report.outcome = "nothing";
        status = WSPLSP_FINDINGS;
    } else if (!dry) {
        status = confirm(options, change_target_is_system(context->target), "Change the catalog?", output, error);
        if (status == WSPLSP_OK)
            status = apply(context, name, plan, &result, error);
        report.outcome = "done";
        report.backup = result.backup;
    }
    if (status == WSPLSP_OK || status == WSPLSP_FINDINGS) {
        if (options->json) {
            folder_notes_add(&context->warnings, change_notes(context->target));
            print_plan_json(&report, options, output);
        } else {
            if (!options->quiet)
                print_plan_outcome(&report, options, output);
            folder_notes_print(output, change_notes(context->target));
        }
    }
    change_result_free(&result);
    return status;
}

enum wsplsp_status change_command(const char *name, change_planner planner, const struct options *options,
                                  struct output *output, struct wsplsp_error *error)
{
    struct change_context context = {.options = options};
    struct wsplsp_snapshot *before = NULL;
    struct plan *plan = NULL;
    enum wsplsp_status status =
        target_load(options, !options_has(options, OPTION_DRY_RUN), &context.target, &before, error);
    context.before = before;
    if (status == WSPLSP_OK)
        status = planner(&context, &plan, error);
    if (status == WSPLSP_OK)
        status = carry_out(&context, name, plan, output, error);
    plan_free(plan);
    text_list_free(&context.warnings);
    wsplsp_snapshot_free(before);
    change_close(context.target);
    return status;
}
