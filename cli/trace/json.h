/* The JSON of calls and processes, for `wsplsp trace`. */
#ifndef WSPLSP_CLI_TRACE_JSON_H
#define WSPLSP_CLI_TRACE_JSON_H

#include <cjson/cJSON.h>

#include "lsp-core/trace/read.h"

/* Adds a call's fields. */
void trace_json_call(cJSON *object, const struct trace *trace, const struct trace_event *event);

/* Adds "processes". */
void trace_json_processes(cJSON *object, const struct trace *trace);

/* "2026-11-20T16:00:00.123456789Z" */
void trace_json_time(cJSON *object, const char *name, uint64_t time);

#endif
