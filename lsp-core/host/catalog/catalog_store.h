/* Where the catalog of a run is kept, as .reg text that all its processes share: a file of the user's, or the section
 * of the run's settings (config.h). */
#ifndef WSPLSP_CORE_HOST_CATALOG_CATALOG_STORE_H
#define WSPLSP_CORE_HOST_CATALOG_CATALOG_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lsp-core/win/winsock.h"
#include "lsp-core/base/error.h"

/* For a file: finds what it is really called, whatever path it was named by, and so the mutex that goes with it. */
enum wsplsp_status catalog_store_open(struct wsplsp_error *error);

/* For messages. */
const char *catalog_store_name(void);

/* One thread of one process at a time; who died with it has left the old text or the new one, never a half. Fails with
 * the name WAIT_TIMEOUT where another process keeps it, with WSPLSP_DENIED where this one may only read. Without
 * `change` the text may still be replaced by another process where it is kept in the section; it is read whole
 * nevertheless. */
enum wsplsp_status catalog_store_lock(bool change, struct wsplsp_error *error);
void catalog_store_unlock(void);

/* Under the lock. `*bytes` is new. */
enum wsplsp_status catalog_store_read(void **bytes, size_t *size, struct wsplsp_error *error);

/* Under the lock for a change. A file is replaced as a whole, by renaming a flushed new one over it: on failure it is
 * the old one.
 */
enum wsplsp_status catalog_store_write(const void *bytes, size_t size, struct wsplsp_error *error);

/* Which text the store holds; differs from what it was whenever a process of the run has changed it. Under the lock. */
uint64_t catalog_store_epoch(const void *bytes, size_t size);

/* An event that is set when the text of that epoch is replaced, to be closed; `*poll` instead where only looking again
 * every now and then helps (NULL is returned). NULL without `*poll` on failure. */
HANDLE catalog_store_watch(uint64_t epoch, bool *poll);

/* Whether the store still holds the text of that epoch. */
bool catalog_store_is_at(uint64_t epoch);

/* Tells who watches that the text of that epoch has been replaced. */
void catalog_store_announce(uint64_t epoch);

#endif
