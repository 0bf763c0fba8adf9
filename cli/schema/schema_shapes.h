/* What more than one of the JSON Schemas has: the shapes of entries, name spaces, applications and the like. */
#ifndef WSPLSP_CLI_SCHEMA_SCHEMA_SHAPES_H
#define WSPLSP_CLI_SCHEMA_SCHEMA_SHAPES_H

#include <cjson/cJSON.h>

cJSON *shape_bits(void);
cJSON *shape_position(void);
cJSON *shape_guid(void);
cJSON *shape_kind(void);
/* "dll", and "dll_bytes" where it cannot be decided. */
void shape_dll(cJSON *part);
cJSON *shape_entry(void);
cJSON *shape_undecoded(void);
cJSON *shape_name_space(void);
cJSON *shape_undecoded_name_space(void);
cJSON *shape_application(void);
cJSON *shape_undecoded_application(void);

/* Add fields to an object. */
void shape_source(cJSON *object);   /* "source", "live" */
void shape_notes(cJSON *object);    /* "notes" */
void shape_catalogs(cJSON *object); /* "catalogs" */

#endif
