/* The JSON Schemas of the changing commands. */
#ifndef WSPLSP_CLI_SCHEMA_SCHEMA_CHANGE_H
#define WSPLSP_CLI_SCHEMA_SCHEMA_CHANGE_H

#include <cjson/cJSON.h>

void schema_change(cJSON *schema, cJSON *defs); /* a plan, and what came of it */
void schema_backup(cJSON *schema, cJSON *defs);
void schema_history(cJSON *schema, cJSON *defs);
void schema_recover(cJSON *schema, cJSON *defs);

#endif
