/* Where a snapshot comes from: the running system, or a file of either kind. The one door through which commands get
 * their catalogs. */
#ifndef WSPLSP_CORE_CATALOG_SOURCE_H
#define WSPLSP_CORE_CATALOG_SOURCE_H

#include <stddef.h>

#include "catalog.h"

/* Reads the catalog in `path` (a .reg file or a SYSTEM hive, told apart by content; "-" for standard input). Its DLL
 * paths are in `code_page`; where that is CODE_PAGE_UNKNOWN, in the one that the file tells, if it does. */
enum wsplsp_status source_load_file(const char *path, uint32_t code_page, struct wsplsp_snapshot **snapshot,
                                    struct wsplsp_error *error);

/* The same for bytes in memory; `source` is for messages. */
enum wsplsp_status source_load_bytes(const void *bytes, size_t size, const char *source, uint32_t code_page,
                                     struct wsplsp_snapshot **snapshot, struct wsplsp_error *error);

/* The running system's catalog; an error with a hint in the native build. */
enum wsplsp_status source_load_live(struct wsplsp_snapshot **snapshot, struct wsplsp_error *error);

#endif
