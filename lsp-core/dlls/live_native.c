/* The running system's files, where the running system is not Windows: none; see dlls.h. */
#include "dlls.h"

enum wsplsp_status files_live_open(struct check_files **files, struct wsplsp_error *error)
{
    *files = NULL;
    wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NOT_WINDOWS", "this system is not Windows and has no provider DLLs");
    return wsplsp_hint(error, "name a mounted Windows volume with --root DIR");
}
