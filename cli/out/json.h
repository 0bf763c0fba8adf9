/* JSON output: the envelope that every object has, and the pieces that more than one command prints. The order of
 * fields is that of the design; schema.c describes the same objects. */
#ifndef WSPLSP_CLI_OUT_JSON_H
#define WSPLSP_CLI_OUT_JSON_H

#include <cjson/cJSON.h>

#include "lsp-core/catalog/flags.h"
#include "cli/base/output.h"
#include "lsp-core/catalog/catalog.h"

/* Before anything else here: makes cJSON take its memory from memory.h, so that none of its calls can fail. */
void json_prepare(void);

/* {"schema": "wsplsp/<name>/1", "wsplsp": version}, new. */
cJSON *json_envelope(const char *name);
/* Prints the object and frees it. */
void json_print(struct output *output, cJSON *object);

/* The same in one line. */
void json_print_line(struct output *output, cJSON *object);

/* Add a field; a NULL text is null. */
void json_text(cJSON *object, const char *name, const char *text);
void json_number_or_null(cJSON *object, const char *name, bool known, double number);
void json_flags(cJSON *object, const char *name, uint32_t value, const struct flag *table);
/* `name`: the path; null, and its bytes in hexadecimal as `name`_bytes, where they could not be decided. */
void json_path(cJSON *object, const char *name, const char *path);
void json_guid(cJSON *object, const char *name, const struct wsplsp_guid *guid);
void json_source(cJSON *object, const struct wsplsp_snapshot *snapshot); /* "source", "live" */
void json_notes(cJSON *object, const struct wsplsp_snapshot *snapshot);  /* "notes" */

/* Whether one of the two catalogs is there. */
cJSON *json_catalog(const struct wsplsp_catalog *catalog);
cJSON *json_entry(const struct wsplsp_entry *entry);
/* An entry that could not be decoded. */
cJSON *json_undecoded(const struct wsplsp_entry *entry);

void json_error(struct output *output, const struct wsplsp_error *error);

#endif
