/* The question before a change. */
#ifndef WSPLSP_CLI_CHANGE_CONFIRM_H
#define WSPLSP_CLI_CHANGE_CONFIRM_H

#include <stdbool.h>

#include "cli/base/options.h"
#include "cli/base/output.h"

/* Whether somebody will be asked. */
bool confirm_asks(const struct options *options);

/* WSPLSP_OK where --yes says so, where somebody at a terminal does, having been shown what `output` holds so far, or
 * where nobody can be asked and it is not about the running system. */
enum wsplsp_status confirm(const struct options *options, bool system, const char *question, struct output *output,
                           struct wsplsp_error *error);

#endif
