/* JSON Schema, piece by piece: the words that schema.c writes its schemas with. Each returns a new piece, which the
 * piece it is put into then owns. */
#ifndef WSPLSP_CLI_SCHEMA_SCHEMA_PARTS_H
#define WSPLSP_CLI_SCHEMA_SCHEMA_PARTS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "lsp-core/catalog/flags.h"

cJSON *part_type(const char *type); /* "string", "boolean" */
cJSON *part_text_or_null(void);
cJSON *part_integer(double minimum, double maximum);
cJSON *part_count(void); /* 0 to 2^53 */
cJSON *part_int32(void);
cJSON *part_uint32(void);
cJSON *part_array(cJSON *items);
cJSON *part_pattern(const char *pattern);
cJSON *part_constant(const char *text);
/* One of these texts, ended by NULL. */
cJSON *part_one_of(const char *const *texts);
cJSON *part_or_null(cJSON *part);
/* What "$defs" has under that name. */
cJSON *part_ref(const char *name);
/* {"value", "names"} of that table. */
cJSON *part_flags(const struct flag *table);

/* An object that has exactly the fields which are then put into it. */
cJSON *part_object(void);
void part_field(cJSON *object, const char *name, cJSON *part);
void part_optional_field(cJSON *object, const char *name, cJSON *part);

/* Adds the rule that field `name` is null exactly where the object `absent` gives a reason under the same name. */
void part_absent_rule(cJSON *object, const char *name);

#endif
