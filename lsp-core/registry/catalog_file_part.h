/* Between the catalog file's parts. Not for others. */
#ifndef WSPLSP_CORE_REGISTRY_CATALOG_FILE_PART_H
#define WSPLSP_CORE_REGISTRY_CATALOG_FILE_PART_H

#include "shared_file.h"

#define CATALOG_FILE_NEW ".wsplsp-new" /* behind the file's name: what is renamed over it */

/* WSPLSP_REFUSED where the file does not hold these bytes any more. */
enum wsplsp_status catalog_file_check(struct catalog_file *file, const void *old, size_t old_size,
                                      struct wsplsp_error *error);

#endif
