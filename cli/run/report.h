/* What `wsplsp run` says when the program has ended. */
#ifndef WSPLSP_CLI_RUN_REPORT_H
#define WSPLSP_CLI_RUN_REPORT_H

#include "cli/base/options.h"
#include "program.h"

/* On standard error, for standard output is the program's: with --json one object in one line, always; otherwise a line
 * for each reason why children ran without the host, unless --quiet. Frees the list. */
void run_report(const struct options *options, struct run_result *result);

#endif
