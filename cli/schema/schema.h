/* The JSON Schemas (draft 2020-12) of what `--json` prints: strict, so that a test which validates an output against
 * them finds a field too few and one too many. */
#ifndef WSPLSP_CLI_SCHEMA_SCHEMA_H
#define WSPLSP_CLI_SCHEMA_SCHEMA_H

#include <cjson/cJSON.h>

/* The names there are ("list", "ns-list", "error"), by index; NULL behind the last. */
const char *schema_name(size_t index);

/* A new schema; NULL where there is none of that name. */
cJSON *schema_build(const char *name);

#endif
