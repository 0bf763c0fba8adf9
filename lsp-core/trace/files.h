/* The files of one run: FILE, and beside it FILE.<process id> of the other processes, FILE.<process id>-2
 * where a process id came twice. */
#ifndef WSPLSP_CORE_TRACE_FILES_H
#define WSPLSP_CORE_TRACE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "lsp-core/base/error.h"

/* New strings in a new array: the existing companions of `path`, by process id. Free it with trace_files_free. */
enum wsplsp_status trace_files_companions(const char *path, char ***paths, size_t *count, struct wsplsp_error *error);
void trace_files_free(char **paths, size_t count);

/* Deletes what an earlier run left under these names. Refuses where `path` is there and is no trace, and leaves other
 * companions than traces alone. */
enum wsplsp_status trace_files_remove(const char *path, struct wsplsp_error *error);

/* Whether the file can be read and begins as a trace does. */
bool trace_file_is_trace(const char *path);

/* --- The part that each system has its own of: trace_folder_*.c --- */

/* Calls `found` with the name of each file in the folder that `path` is in, until it returns false; false is returned
 * where memory ran out. A folder that cannot be listed has no files. */
bool trace_folder_list(const char *path, bool (*found)(void *context, const char *name), void *context);

/* Both give errno, or 0; the first reads up to `size` bytes from the beginning and sets `*got`. */
int trace_file_begin(const char *path, void *bytes, size_t size, size_t *got);
int trace_file_delete(const char *path);

#endif
