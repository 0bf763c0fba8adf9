/* Help for one command, which `--help` asks for as well as `wsplsp help`. */
#ifndef WSPLSP_CLI_HELP_H
#define WSPLSP_CLI_HELP_H

#include "commands.h"

enum wsplsp_status help_command(const struct command *command, const struct options *options, struct output *output);

#endif
