/* The eyes that access_path.h judges with, on the running Windows; see access_win.h. Each file, folder and link is
 * opened itself, and asked by that handle. */
#include "access_win.h"

#include <stdlib.h>
#include <string.h>
#include <winioctl.h>

#include "lsp-core/base/sysdll_win.h"
#include "lsp-core/base/text.h"

#ifndef FSCTL_GET_REPARSE_POINT
#define FSCTL_GET_REPARSE_POINT 0x900a8
#endif

enum { REPARSE_DATA_MAX = 16 * 1024 }; /* MAXIMUM_REPARSE_DATA_BUFFER_SIZE */

const void *access_also(void)
{
    static BYTE sid[ACCESS_SID_MAX];
    static bool asked;
    union {
        TOKEN_USER user;
        BYTE room[sizeof(TOKEN_USER) + ACCESS_SID_MAX];
    } own;
    HANDLE token;
    DWORD size;
    if (!sysdll_is_wine())
        return NULL;
    if (!asked && OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) {
        if (GetTokenInformation(token, TokenUser, &own, sizeof own, &size))
            asked = CopySid(sizeof sid, sid, own.user.User.Sid);
        CloseHandle(token);
    }
    return asked ? sid : NULL;
}

void *access_descriptor(HANDLE object, size_t *size)
{
    const SECURITY_INFORMATION what = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    DWORD room = 0, needed = 0;
    void *descriptor = NULL;
    /* It may grow between two questions. */
    for (int tries = 0; tries < 4; tries++) {
        if (GetKernelObjectSecurity(object, what, descriptor, room, &needed)) {
            *size = needed < room ? needed : room;
            return descriptor;
        }
        DWORD code = GetLastError();
        free(descriptor);
        descriptor = NULL;
        if (code != ERROR_INSUFFICIENT_BUFFER || needed <= room) {
            SetLastError(code);
            return NULL;
        }
        room = needed;
        descriptor = malloc(room);
        if (descriptor == NULL) {
            SetLastError(ERROR_NOT_ENOUGH_MEMORY);
            return NULL;
        }
    }
    free(descriptor);
    SetLastError(ERROR_INSUFFICIENT_BUFFER);
    return NULL;
}

/* Wine tells of links but does not let them be read, and follows them by itself. */
static void look_at_link(HANDLE handle, const char *path, struct access_object *object)
{
    BY_HANDLE_FILE_INFORMATION info;
    DWORD size = 0;
    if (!GetFileInformationByHandle(handle, &info) || (info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0)
        return;
    void *data = malloc(REPARSE_DATA_MAX);
    object->link = true;
    if (data != NULL && DeviceIoControl(handle, FSCTL_GET_REPARSE_POINT, NULL, 0, data, REPARSE_DATA_MAX, &size, NULL))
        object->target = access_link_target(data, size, path, &object->link);
    else if (sysdll_is_wine())
        object->link = false;
    free(data);
}

static bool is_root(const char *path)
{
    return path[0] != '\0' && path[1] == ':' && path[2] == '\\' && path[3] == '\0';
}

/* A drive letter that somebody has made for a folder (subst) means another one, or none, to others. */
static bool stands_for_folder(const wchar_t *root)
{
    const wchar_t drive[] = {root[0], L':', L'\0'};
    wchar_t target[1024];
    DWORD length = QueryDosDeviceW(drive, target, sizeof target / sizeof target[0]);
    return !sysdll_is_wine() && (length == 0 || wcsncmp(target, L"\\Device\\", 8) != 0);
}

static bool look(void *context, const char *path, struct access_object *object)
{
    (void)context;
    size_t units;
    wchar_t *wide = (wchar_t *)text_to_utf16(path, &units);
    if (wide == NULL)
        return false;
    bool folder = is_root(path) && stands_for_folder(wide);
    HANDLE handle = folder ? INVALID_HANDLE_VALUE
                           : CreateFileW(wide, READ_CONTROL | FILE_READ_ATTRIBUTES,
                                         FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                                         FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    free(wide);
    object->why = folder ? "its drive letter stands for a folder" : "its access rights cannot be read";
    if (handle == INVALID_HANDLE_VALUE) {
        if (!folder && GetLastError() == ERROR_ACCESS_DENIED)
            object->why = "its access rights may not be read by this user";
        return true;
    }
    object->descriptor = access_descriptor(handle, &object->size);
    look_at_link(handle, path, object);
    CloseHandle(handle);
    return true;
}

bool access_path_changes(const wchar_t *path, struct access_finding *finding)
{
    struct access_eyes eyes = {.look = look, .also = access_also()};
    char *text = text_from_utf16(path, wcslen(path));
    bool done = text != NULL && access_path_judge(&eyes, text, finding);
    free(text);
    return done;
}
