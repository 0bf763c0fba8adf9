/* What all changing commands have in common: load, plan, show, ask, apply, and say what came of it. */
#ifndef WSPLSP_CLI_CHANGE_PERFORM_H
#define WSPLSP_CLI_CHANGE_PERFORM_H

#include "cli/base/options.h"
#include "cli/base/output.h"
#include "target.h"
#include "cli/base/text_list.h"

/* The options that each of them has. */
#define OPTIONS_CHANGE (OPTION(DRY_RUN) | OPTION(YES))

struct change_context {
    const struct options *options;
    struct change_target *target; /* NULL for a plan over what cannot be changed, such as a hive */
    const struct wsplsp_snapshot *before;
    struct text_list warnings; /* besides the plan's own */
};

/* Makes the plan. */
typedef enum wsplsp_status (*change_planner)(struct change_context *context, struct plan **plan,
                                             struct wsplsp_error *error);

/* `name` is the command's ("app exempt"). WSPLSP_FINDINGS where there was nothing to do. */
enum wsplsp_status change_command(const char *name, change_planner planner, const struct options *options,
                                  struct output *output, struct wsplsp_error *error);

#endif
