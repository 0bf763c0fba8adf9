/* What a changing command changes: the running system, or the file of --catalog. */
#ifndef WSPLSP_CLI_CHANGE_TARGET_H
#define WSPLSP_CLI_CHANGE_TARGET_H

#include "cli/base/options.h"
#include "lsp-core/change/change.h"

/* To be closed with change_close. */
enum wsplsp_status target_open(const struct options *options, struct change_target **target,
                               struct wsplsp_error *error);

/* The same, and reads it. Where nothing `changes`, what can only be read will do, such as a hive: `*target` is NULL
 * then.
 */
enum wsplsp_status target_load(const struct options *options, bool changes, struct change_target **target,
                               struct wsplsp_snapshot **snapshot, struct wsplsp_error *error);

/* A provider id for what plans make. */
bool change_new_id(struct wsplsp_guid *id);

#endif
