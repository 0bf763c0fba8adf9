/* The plan's own memory and the planner's beginning and end; see plan.h and part.h. */
#include "plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "part.h"
#include "lsp-core/base/text.h"
#include "lsp-core/catalog/copy.h"

const char *plan_action_name(enum plan_action action)
{
    static const char *const names[] = {"install_layer",
                                        "install",
                                        "update",
                                        "remove",
                                        "order",
                                        "set_categories",
                                        "permit_application",
                                        "forget_application",
                                        "install_name_space",
                                        "remove_name_space",
                                        "enable_name_space",
                                        "order_name_spaces"};
    return names[action];
}

bool plan_step_is_guess(const struct plan_step *step)
{
    return step->target.made || (step->action == PLAN_UPDATE && step->item_count > 0 && step->items[0].self.made);
}

void plan_step_clear(struct plan_step *step)
{
    free(step->words);
    free(step->dll);
    free(step->dll32);
    free(step->name);
    free(step->over);
    free(step->items);
    free(step->order);
    free(step->path);
    free(step->arguments);
    free(step->application_key);
    free(step->info);
    free(step->name_space_order);
    memset(step, 0, sizeof *step);
}

void plan_free(struct plan *plan)
{
    if (plan == NULL)
        return;
    wsplsp_snapshot_free(plan->before);
    wsplsp_snapshot_free(plan->after);
    for (size_t i = 0; i < plan->step_count; i++)
        plan_step_clear(&plan->steps[i]);
    for (size_t i = 0; i < plan->warning_count; i++)
        free(plan->warnings[i]);
    free(plan->steps);
    free(plan->warnings);
    free(plan->nothing);
    free(plan);
}

/* Grown when the count is a power of two. */
static bool make_room(void **items, size_t count, size_t item_size)
{
    if ((count & (count - 1)) != 0)
        return true;
    void *grown = realloc(*items, (count == 0 ? 1 : count * 2) * item_size);
    if (grown == NULL)
        return false;
    *items = grown;
    return true;
}

enum wsplsp_status planner_begin(struct planner *planner, const struct wsplsp_snapshot *before, plan_new_id new_id,
                                 struct wsplsp_error *error)
{
    *planner = (struct planner){.new_id = new_id, .error = error};
    planner->plan = calloc(1, sizeof *planner->plan);
    if (planner->plan == NULL)
        return wsplsp_fail_memory(error);
    planner->plan->before = copy_snapshot(before);
    planner->plan->after = copy_snapshot(before);
    planner->goal = copy_snapshot(before);
    if (planner->plan->before == NULL || planner->plan->after == NULL || planner->goal == NULL)
        return wsplsp_fail_memory(error);
    return WSPLSP_OK;
}

enum wsplsp_status planner_end(struct planner *planner, enum wsplsp_status status, struct plan **plan)
{
    wsplsp_snapshot_free(planner->goal);
    planner->goal = NULL;
    if (status == WSPLSP_OK && planner->plan->step_count == 0 && planner->plan->nothing == NULL)
        status = planner_nothing(planner, "The catalog is as asked for already");
    if (status == WSPLSP_OK)
        *plan = planner->plan;
    else
        plan_free(planner->plan);
    return status;
}

enum wsplsp_status planner_add(struct planner *planner, struct plan_step *step)
{
    struct plan *plan = planner->plan;
    if (step->words == NULL || !make_room((void **)&plan->steps, plan->step_count, sizeof *step)) {
        plan_step_clear(step);
        return wsplsp_fail_memory(planner->error);
    }
    plan->steps[plan->step_count++] = *step;
    if (plan_check_step(plan->before, step, planner->error) != WSPLSP_OK)
        return planner->error->status;
    return plan_step_apply(step, plan->after, planner->new_id, planner->error);
}

static char *format_new(const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

enum wsplsp_status planner_warn(struct planner *planner, const char *format, ...)
{
    struct plan *plan = planner->plan;
    va_list arguments;
    va_start(arguments, format);
    char *text = format_new(format, arguments);
    va_end(arguments);
    if (text == NULL || !make_room((void **)&plan->warnings, plan->warning_count, sizeof *plan->warnings)) {
        free(text);
        return wsplsp_fail_memory(planner->error);
    }
    for (size_t i = 0; i < plan->warning_count; i++) {
        if (strcmp(plan->warnings[i], text) == 0) { /* both catalogs often give the same reason */
            free(text);
            return WSPLSP_OK;
        }
    }
    plan->warnings[plan->warning_count++] = text;
    return WSPLSP_OK;
}

enum wsplsp_status planner_nothing(struct planner *planner, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    free(planner->plan->nothing);
    planner->plan->nothing = format_new(format, arguments);
    va_end(arguments);
    return planner->plan->nothing != NULL ? WSPLSP_OK : wsplsp_fail_memory(planner->error);
}
