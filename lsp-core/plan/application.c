/* What applications permit. WSCSetApplicationCategory only ever adds: "the categories are ORed together"; for less, the
 * application's key is deleted and made anew. See plan.h. */
#include "part.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/flags.h"
#include "lsp-core/base/text.h"

static bool same_application(const struct wsplsp_application *application, const char *path, const char *arguments)
{
    if (application->undecoded != NULL || text_compare_nocase(application->path, path) != 0)
        return false;
    if (application->arguments == NULL || arguments == NULL)
        return application->arguments == NULL && arguments == NULL;
    return strcmp(application->arguments, arguments) == 0;
}

static const struct wsplsp_application *find(const struct wsplsp_snapshot *snapshot, const char *path,
                                             const char *arguments)
{
    for (size_t i = 0; i < snapshot->application_count; i++) {
        if (same_application(&snapshot->applications[i], path, arguments))
            return &snapshot->applications[i];
    }
    return NULL;
}

static bool copy(char **to, const char *from)
{
    *to = from == NULL ? NULL : text_duplicate(from);
    return from == NULL || *to != NULL;
}

static enum wsplsp_status add(struct planner *planner, struct plan_step *step, const char *path, const char *arguments,
                              const char *key)
{
    if (copy(&step->path, path) && copy(&step->arguments, arguments) && copy(&step->application_key, key))
        return planner_add(planner, step);
    plan_step_clear(step);
    return wsplsp_fail_memory(planner->error);
}

static enum wsplsp_status permit(struct planner *planner, const char *path, const char *arguments, uint32_t categories)
{
    char *names = flags_text(categories, flags_category);
    if (names == NULL)
        return wsplsp_fail_memory(planner->error);
    struct plan_step step = {
        .action = PLAN_PERMIT_APPLICATION,
        .function = "WSCSetApplicationCategory",
        .words = text_format("Let %s%s%s permit layers of these categories: %s", path, arguments == NULL ? "" : " ",
                             arguments == NULL ? "" : arguments, names),
        .categories = categories,
    };
    free(names);
    return add(planner, &step, path, arguments, NULL);
}

static enum wsplsp_status forget(struct planner *planner, const char *path, const char *arguments)
{
    const struct wsplsp_application *application = find(planner->plan->after, path, arguments);
    struct plan_step step = {
        .action = PLAN_FORGET_APPLICATION,
        .function = "RegDeleteKey",
        .words = text_format("Forget what %s%s%s permits (registry key AppId_Catalog\\%s)", path,
                             arguments == NULL ? "" : " ", arguments == NULL ? "" : arguments, application->key),
    };
    return add(planner, &step, path, arguments, application->key);
}

static enum wsplsp_status reach(struct planner *planner, const struct wsplsp_application *wanted)
{
    const struct wsplsp_application *is = find(planner->plan->after, wanted->path, wanted->arguments);
    if (is != NULL && is->categories == wanted->categories)
        return WSPLSP_OK;
    if (is != NULL && (is->categories & ~wanted->categories) != 0) {
        enum wsplsp_status status = forget(planner, wanted->path, wanted->arguments);
        if (status != WSPLSP_OK)
            return status;
    }
    return permit(planner, wanted->path, wanted->arguments, wanted->categories);
}

enum wsplsp_status plan_reach_applications(struct planner *planner)
{
    const struct wsplsp_snapshot *goal = planner->goal, *before = planner->plan->before;
    enum wsplsp_status status = WSPLSP_OK;
    for (size_t i = 0; i < before->application_count && status == WSPLSP_OK; i++) {
        const struct wsplsp_application *is = &before->applications[i];
        if (is->undecoded == NULL && find(goal, is->path, is->arguments) == NULL &&
            find(planner->plan->after, is->path, is->arguments) != NULL)
            status = forget(planner, is->path, is->arguments);
    }
    for (size_t i = 0; i < goal->application_count && status == WSPLSP_OK; i++) {
        if (goal->applications[i].undecoded == NULL)
            status = reach(planner, &goal->applications[i]);
    }
    return status;
}

enum wsplsp_status plan_application_set(const struct wsplsp_snapshot *before, const char *path, const char *arguments,
                                        uint32_t categories, struct plan **plan, struct wsplsp_error *error)
{
    struct planner planner;
    const struct wsplsp_application wanted = {
        .path = (char *)path, .arguments = (char *)arguments, .categories = categories};
    enum wsplsp_status status = planner_begin(&planner, before, NULL, error);
    if (status == WSPLSP_OK && path[0] == '\0')
        status = wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "no application is named");
    if (status == WSPLSP_OK)
        status = reach(&planner, &wanted);
    if (status == WSPLSP_OK && planner.plan->step_count == 0)
        status = planner_nothing(&planner, "%s permits just these categories already", path);
    return planner_end(&planner, status, plan);
}

enum wsplsp_status plan_application_clear(const struct wsplsp_snapshot *before, const char *path, const char *arguments,
                                          struct plan **plan, struct wsplsp_error *error)
{
    struct planner planner;
    enum wsplsp_status status = planner_begin(&planner, before, NULL, error);
    if (status == WSPLSP_OK && find(before, path, arguments) == NULL)
        status = wsplsp_fail(error, WSPLSP_NOT_FOUND, 0, "NOT_FOUND", "%.300s has no application category", path);
    if (status == WSPLSP_OK)
        status = forget(&planner, path, arguments);
    return planner_end(&planner, status, plan);
}
