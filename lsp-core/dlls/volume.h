/* A mounted volume of somebody else's Windows: opens regular files below one folder, names compared as Windows does,
 * and follows no link, since a link on a foreign disk may lead anywhere on this machine. */
#ifndef WSPLSP_CORE_DLLS_VOLUME_H
#define WSPLSP_CORE_DLLS_VOLUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlls.h"

struct files_volume;

enum wsplsp_status files_volume_open(const char *path, struct files_volume **volume, struct wsplsp_error *error);
void files_volume_close(struct files_volume *volume);

/* Whether there is a folder of that name: components from the volume's root, each ended by '\\' but the last. */
bool files_volume_has_folder(struct files_volume *volume, const char *path);

/* Looks a file up by such a path and reads it. Sets facts' presence and image with what is known of them; `*bytes` is
 * new, NULL where the file could not be read. False when out of memory. */
bool files_volume_read(struct files_volume *volume, const char *path, struct files_facts *facts, uint8_t **bytes,
                       size_t *size);

/* Why a file is not looked at, for both systems' implementations. */
#define FILES_VOLUME_LINK     "it is behind a link (or compressed by Windows in a form that looks like one here)"
#define FILES_VOLUME_DENIED   "this user may not look into its folder"
#define FILES_VOLUME_NO_READ  "it cannot be read"
#define FILES_VOLUME_NO_FILE  "it is not a regular file"
#define FILES_VOLUME_TOO_LONG "it is larger than 64 MiB"

#endif
