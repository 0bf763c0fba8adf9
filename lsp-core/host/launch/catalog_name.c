/* What a program under the host may want to know of its catalog: `wsplsp` itself keeps that catalog's backups. */
#include "config.h"

__declspec(dllexport) const wchar_t *wsplsp_host_catalog_file(void);

/* The file's full path; NULL for a catalog in memory. */
const wchar_t *wsplsp_host_catalog_file(void)
{
    const struct config *config = config_get();
    return config == NULL || (config->flags & CONFIG_FILE_CATALOG) == 0 ? NULL : config->catalog_file;
}
