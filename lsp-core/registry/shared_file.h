/* A .reg file that several processes read and change: found under its real name, locked, and replaced as a whole. The
 * lock and the names are those of the host (catalog_store.h), so that programs under `wsplsp run --catalog FILE` may
 * use the file meanwhile. shared_file_win.c, shared_file_native.c. */
#ifndef WSPLSP_CORE_REGISTRY_SHARED_FILE_H
#define WSPLSP_CORE_REGISTRY_SHARED_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "lsp-core/base/error.h"

struct catalog_file;

/* The file exists. Links, short names and other cases lead to the one real file. */
enum wsplsp_status catalog_file_open(const char *path, struct catalog_file **file, struct wsplsp_error *error);
/* NULL is allowed. */
void catalog_file_close(struct catalog_file *file);

/* The real file's full path. */
const char *catalog_file_path(const struct catalog_file *file);

/* Waits for the hosts' lock, for a while; a system without hosts has none. Fails with the name WAIT_TIMEOUT. */
enum wsplsp_status catalog_file_lock(struct catalog_file *file, struct wsplsp_error *error);
void catalog_file_unlock(struct catalog_file *file);

/* `*bytes` is new. */
enum wsplsp_status catalog_file_read(struct catalog_file *file, void **bytes, size_t *size, struct wsplsp_error *error);

/* Puts a flushed new file in its place, if it still holds `old`, and tells who watches. WSPLSP_REFUSED where it does
 * not; on any failure it is the old file. */
enum wsplsp_status catalog_file_write(struct catalog_file *file, const void *old, size_t old_size, const void *bytes,
                                      size_t size, struct wsplsp_error *error);

#endif
