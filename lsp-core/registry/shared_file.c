/* What both systems' catalog files have in common; see catalog_file_part.h. */
#include "catalog_file_part.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/file.h"

enum wsplsp_status catalog_file_read(struct catalog_file *file, void **bytes, size_t *size, struct wsplsp_error *error)
{
    return file_read(catalog_file_path(file), bytes, size, error);
}

enum wsplsp_status catalog_file_check(struct catalog_file *file, const void *old, size_t old_size,
                                      struct wsplsp_error *error)
{
    void *now;
    size_t size;
    if (catalog_file_read(file, &now, &size, error) != WSPLSP_OK)
        return error->status;
    bool same = size == old_size && memcmp(now, old, size) == 0;
    free(now);
    if (same)
        return WSPLSP_OK;
    wsplsp_fail(error, WSPLSP_REFUSED, 0, "CHANGED_MEANWHILE", "somebody else has changed '%.400s' meanwhile",
                catalog_file_path(file));
    return wsplsp_hint(error, "nothing was written; look at the file and try again");
}
