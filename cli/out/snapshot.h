/* Parts of a snapshot as tables and as JSON: what the commands that list them and the plans that change them have in
 * common. */
#ifndef WSPLSP_CLI_OUT_SNAPSHOT_H
#define WSPLSP_CLI_OUT_SNAPSHOT_H

#include <cjson/cJSON.h>

#include "cli/base/options.h"
#include "cli/base/output.h"
#include "lsp-core/catalog/catalog.h"

/* A table, with titles unless --quiet, of what the options leave in; false where that is nothing. */
bool print_name_spaces(const struct wsplsp_snapshot *snapshot, const struct options *options, struct output *output);
/* `path` NULL: all applications. */
bool print_applications(const struct wsplsp_snapshot *snapshot, const char *path, const struct options *options,
                        struct output *output);

/* Add the arrays "entries", "name_spaces" and "applications" with what the options leave in, and what cannot be decoded
 * to `undecoded`. */
void json_entries(const struct wsplsp_snapshot *snapshot, const struct options *options, cJSON *object,
                  cJSON *undecoded);
void json_name_spaces(const struct wsplsp_snapshot *snapshot, const struct options *options, cJSON *object,
                      cJSON *undecoded);
void json_applications(const struct wsplsp_snapshot *snapshot, const char *path, cJSON *object, cJSON *undecoded);

#endif
