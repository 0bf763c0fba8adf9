/* A DLL for the program of `wsplsp run`; see dll_file.h. */
#include "dll_file.h"

#include <stdlib.h>

#include "lsp-core/base/file.h"
#include "pe.h"

enum wsplsp_status dll_file_look(const char *path, const struct dll_kind *kind, struct dll_facts *facts,
                                 struct wsplsp_error *error)
{
    void *bytes;
    size_t size;
    struct pe_image image;
    if (file_read(path, &bytes, &size, error) != WSPLSP_OK) {
        struct wsplsp_error cause = *error;
        return wsplsp_fail(error, WSPLSP_SYSTEM, cause.code, cause.name, "cannot load the %s: %s", kind->what,
                           cause.message);
    }
    bool read = pe_read(bytes, size, &image);
    bool exports = read && pe_exports(&image, kind->export);
    facts->exports_lsp_guid = read && pe_exports(&image, "GetLspGuid");
    free(bytes);
    facts->bits = read && image.machine == PE_MACHINE_AMD64 ? 64 : read && image.machine == PE_MACHINE_I386 ? 32 : 0;
    if (!read)
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "BAD_FORMAT", "cannot load the %s: '%.300s' is no DLL", kind->what,
                           path);
    if (facts->bits == 0)
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "ARCHITECTURE",
                           "cannot load the %s: '%.300s' is made for another architecture", kind->what, path);
    if (!exports)
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, kind->missing,
                           "cannot load the %s: '%.300s' is no %s, it exports no %s", kind->what, path, kind->is_no,
                           kind->export);
    return WSPLSP_OK;
}
