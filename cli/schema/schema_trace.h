/* The JSON Schemas of `wsplsp trace`; rows of the table in schema.c. */
#ifndef WSPLSP_CLI_SCHEMA_SCHEMA_TRACE_H
#define WSPLSP_CLI_SCHEMA_SCHEMA_TRACE_H

#include <cjson/cJSON.h>

void schema_trace_show(cJSON *schema, cJSON *defs);
void schema_trace_summary(cJSON *schema, cJSON *defs);
void schema_trace_json(cJSON *schema, cJSON *defs);
void schema_trace_switch(cJSON *schema, cJSON *defs);

#endif
