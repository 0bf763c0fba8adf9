/* The rights to change the catalog; see elevation_win.h. */
#include "elevation_win.h"

#include <windows.h>

#include "errors_win.h"

enum wsplsp_status elevation_check(struct wsplsp_error *error)
{
    BYTE administrators[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof administrators;
    BOOL member = FALSE;
    /* CheckTokenMembership: "checks whether the SID is present and enabled". */
    if (!CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, administrators, &size) ||
        !CheckTokenMembership(NULL, administrators, &member))
        return errors_win_fail(error, GetLastError(), "cannot find out whether this user is an administrator");
    if (member)
        return WSPLSP_OK;
    wsplsp_fail(error, WSPLSP_DENIED, ERROR_ACCESS_DENIED, "ERROR_ACCESS_DENIED",
                "only administrators may change the running system's catalog");
    return wsplsp_hint(error, "start the command prompt with 'Run as administrator' and try again");
}
