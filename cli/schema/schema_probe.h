/* The JSON Schemas of probe and the wsk commands; parts of schema.c's table. */
#ifndef WSPLSP_CLI_SCHEMA_SCHEMA_PROBE_H
#define WSPLSP_CLI_SCHEMA_SCHEMA_PROBE_H

#include <cjson/cJSON.h>

void schema_probe(cJSON *schema, cJSON *defs);
void schema_wsk_status(cJSON *schema, cJSON *defs);
void schema_wsk_transports(cJSON *schema, cJSON *defs);
void schema_wsk_connect(cJSON *schema, cJSON *defs);

#endif
