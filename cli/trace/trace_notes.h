/* What stands above and below the text of `wsplsp trace`: the processes, and what the files do not hold. */
#ifndef WSPLSP_CLI_TRACE_TRACE_NOTES_H
#define WSPLSP_CLI_TRACE_TRACE_NOTES_H

#include "cli/base/output.h"
#include "lsp-core/trace/read.h"

void trace_notes_head(struct output *output, const struct trace *trace);
void trace_notes_losses(struct output *output, const struct trace *trace);

#endif
