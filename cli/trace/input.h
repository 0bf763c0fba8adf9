/* What `wsplsp trace show`, `summary` and `json` read: the files named, and the filter that the options make. */
#ifndef WSPLSP_CLI_TRACE_INPUT_H
#define WSPLSP_CLI_TRACE_INPUT_H

#include "cli/base/options.h"
#include "lsp-core/trace/filter.h"
#include "lsp-core/trace/read.h"

/* `*trace` is new: trace_free. */
enum wsplsp_status trace_input(const struct options *options, struct trace **trace, struct trace_filter *filter,
                               struct wsplsp_error *error);

/* --data: bytes up to WSPLSP_TRACE_DATA_LIMIT; 0 where it is not given. */
enum wsplsp_status trace_input_data(const struct options *options, uint32_t *bytes, struct wsplsp_error *error);

#endif
