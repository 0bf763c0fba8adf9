/* A plan, in words with the tree it leads to, or in JSON; and what came of it. */
#ifndef WSPLSP_CLI_OUT_PLAN_H
#define WSPLSP_CLI_OUT_PLAN_H

#include "cli/base/options.h"
#include "cli/base/output.h"
#include "cli/base/text_list.h"
#include "lsp-core/plan/plan.h"

struct plan_report {
    const char *name; /* the command's */
    const struct plan *plan;
    const struct text_list *warnings; /* besides the plan's own */
    const char *outcome;              /* "planned", "done" or "nothing" */
    const char *backup;               /* its path, or NULL */
};

void print_plan(const struct plan_report *report, const struct options *options, struct output *output);
/* The lines behind a plan that has been shown. */
void print_plan_outcome(const struct plan_report *report, const struct options *options, struct output *output);

void print_plan_json(const struct plan_report *report, const struct options *options, struct output *output);

#endif
