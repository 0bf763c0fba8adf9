/* A file as a lock; see lock_file_win.h. */
#include "lock_file_win.h"

#define PAUSE         5   /* ms */
#define DENIED_PAUSES 100 /* a file on its way out is denied, too, until its last handle is closed */

BOOL lock_file_is_denied(DWORD code)
{
    return code == ERROR_ACCESS_DENIED || code == ERROR_WRITE_PROTECT || code == ERROR_NETWORK_ACCESS_DENIED;
}

static HANDLE take(const wchar_t *path)
{
    return CreateFileW(path, DELETE | FILE_WRITE_ATTRIBUTES, 0, NULL, OPEN_ALWAYS,
                       FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE |
                           FILE_FLAG_OPEN_REPARSE_POINT,
                       NULL);
}

DWORD lock_file_take(const wchar_t *path, DWORD timeout, HANDLE *lock)
{
    DWORD start = GetTickCount();
    int denied = 0;
    for (;;) {
        *lock = take(path);
        if (*lock != INVALID_HANDLE_VALUE)
            return ERROR_SUCCESS;
        DWORD code = GetLastError();
        if (code == ERROR_ACCESS_DENIED && denied++ < DENIED_PAUSES)
            code = ERROR_SHARING_VIOLATION;
        if (code != ERROR_SHARING_VIOLATION)
            return code;
        if (GetTickCount() - start >= timeout)
            return WAIT_TIMEOUT;
        Sleep(PAUSE);
    }
}

void lock_file_give(HANDLE lock)
{
    CloseHandle(lock);
}
