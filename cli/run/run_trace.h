/* The trace of `wsplsp run --trace FILE`. */
#ifndef WSPLSP_CLI_RUN_RUN_TRACE_H
#define WSPLSP_CLI_RUN_RUN_TRACE_H

#include "cli/base/options.h"
#include "program.h"

/* How --trace and --data are used; sets the request's `trace_data_bytes`. */
enum wsplsp_status run_trace_check(const struct options *options, struct run_request *request,
                                   struct wsplsp_error *error);

/* Deletes the trace that FILE was, and sets the request's `trace_file`, which is then the caller's to free. Does
 * nothing without --trace. */
enum wsplsp_status run_trace_prepare(const struct options *options, struct run_request *request,
                                     struct wsplsp_error *error);

/* Says on standard error where nothing has been recorded. */
void run_trace_finish(const struct run_request *request);

#endif
