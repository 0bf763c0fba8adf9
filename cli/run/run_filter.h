/* The filter of `wsplsp run --filter DLL`. */
#ifndef WSPLSP_CLI_RUN_RUN_FILTER_H
#define WSPLSP_CLI_RUN_RUN_FILTER_H

#include "cli/base/options.h"
#include "program.h"

/* Looks into the DLLs and sets the request's `filter_file`; run_filter_free frees that. Does nothing without --filter.
 */
enum wsplsp_status run_filter_read(const struct options *options, struct run_request *request,
                                   struct wsplsp_error *error);
void run_filter_free(struct run_request *request);

#endif
