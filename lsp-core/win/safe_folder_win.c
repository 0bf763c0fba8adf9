/* The folder that traces go to; see safe_folder_win.h. Microsoft's reference: "File Access Rights Constants",
 * "FSCTL_SET_REPARSE_POINT", "Security Descriptor String Format". */
#include "safe_folder_win.h"

#include <sddl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "access_win.h"
#include "data_folder_win.h"
#include "errors_win.h"

/* The folder itself must not become a link either. */
#define CHANGE_FOLDER (ACCESS_CHANGE_ABOVE | ACCESS_APPEND_DATA | ACCESS_WRITE_ATTRIBUTES | ACCESS_WRITE_EA)

/* System and administrators may do all. Others (authenticated users) may add a file (0x2), go through (0x20) and wait
 * for it (0x100000), but not list; a file is its creator's. */
#define FOLDER_RIGHTS L"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;;0x100022;;;AU)(A;OIIO;FA;;;CO)"
#define ABOVE_RIGHTS  L"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;GRGX;;;AU)"

/* An empty folder can be made a link by whoever may add a file to it: both rights are one bit. So it never is empty. */
#define MARKER L"wsplsp-traces.txt"
#define MARKER_TEXT \
    "Traces of programs, made by wsplsp-layer.dll; see wsplsp-trace(1).\r\nThis file keeps the folder a folder.\r\n"

static enum wsplsp_status refuse(const wchar_t *path, const char *why, struct wsplsp_error *error)
{
    char name[300];
    if (WideCharToMultiByte(CP_UTF8, 0, path, -1, name, sizeof name, NULL, NULL) == 0)
        name[0] = '\0'; /* too long to be said */
    wsplsp_fail(error, WSPLSP_REFUSED, 0, "UNSAFE_FOLDER", "'%s' cannot hold traces: %s", name, why);
    return wsplsp_hint(error, "name a folder that is not there yet, in one that only administrators may change");
}

static enum wsplsp_status check(const wchar_t *path, uint32_t wanted, struct wsplsp_error *error)
{
    BY_HANDLE_FILE_INFORMATION info;
    char why[ACCESS_WHO + 64];
    size_t size = 0;
    HANDLE folder =
        CreateFileW(path, READ_CONTROL | FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (folder == INVALID_HANDLE_VALUE)
        return errors_win_fail(error, GetLastError(), "cannot look at the traces' folder");
    bool real = GetFileInformationByHandle(folder, &info) && (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0 &&
                (info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0;
    void *descriptor = access_descriptor(folder, &size);
    DWORD code = descriptor == NULL ? GetLastError() : ERROR_SUCCESS;
    struct access_judgement judgement = access_changes(descriptor, size, wanted, access_also());
    free(descriptor);
    CloseHandle(folder);
    if (!real)
        return refuse(path, "it is a file, or leads elsewhere", error);
    if (code != ERROR_SUCCESS)
        return errors_win_fail(error, code, "cannot read the rights of the traces' folder");
    if (judgement.answer == ACCESS_NO)
        return WSPLSP_OK;
    snprintf(why, sizeof why, "%s could change it",
             judgement.answer == ACCESS_YES ? judgement.who : "users who are no administrators");
    return refuse(path, why, error);
}

/* False where it is there already. */
static bool make(const wchar_t *path, const wchar_t *rights, DWORD *code)
{
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, NULL, FALSE};
    *code = ERROR_SUCCESS;
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(rights, SDDL_REVISION_1, &attributes.lpSecurityDescriptor,
                                                              NULL)) {
        *code = GetLastError();
        return false;
    }
    bool made = CreateDirectoryW(path, &attributes);
    DWORD why = GetLastError();
    LocalFree(attributes.lpSecurityDescriptor);
    if (!made && why != ERROR_ALREADY_EXISTS)
        *code = why;
    return made;
}

static enum wsplsp_status write_marker(const wchar_t *folder, struct wsplsp_error *error)
{
    wchar_t path[2 * MAX_PATH];
    DWORD written;
    swprintf(path, sizeof path / sizeof path[0], L"%ls\\" MARKER, folder);
    HANDLE file = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return GetLastError() == ERROR_FILE_EXISTS
                   ? WSPLSP_OK
                   : errors_win_fail(error, GetLastError(), "cannot write to the traces' folder");
    bool done = WriteFile(file, MARKER_TEXT, sizeof MARKER_TEXT - 1, &written, NULL);
    DWORD code = GetLastError();
    CloseHandle(file);
    return done ? WSPLSP_OK : errors_win_fail(error, code, "cannot write to the traces' folder");
}

/* Takes back those that have just been made, `first` being the length of the topmost one's path; 0: none was. */
static void unmake(const wchar_t *path, size_t first)
{
    wchar_t part[MAX_PATH];
    wcscpy(part, path);
    for (size_t at = wcslen(part); first > 0 && at >= first; at--) {
        if (part[at] != L'\0' && part[at] != L'\\')
            continue;
        part[at] = L'\0';
        RemoveDirectoryW(part);
    }
}

/* Each folder from the drive's root down: made where it is missing, and checked, for another may have made it. `*first`
 * is the length of the path of the topmost that was made. */
static enum wsplsp_status make_all(const wchar_t *path, size_t *first, struct wsplsp_error *error)
{
    wchar_t part[MAX_PATH];
    size_t length = wcslen(path);
    for (size_t at = 3; at <= length; at++) {
        DWORD code = ERROR_SUCCESS;
        bool last = at == length, root = at == 3;
        if (path[at] != L'\\' && !last && !root)
            continue;
        wmemcpy(part, path, at);
        part[at] = L'\0';
        if (!root && make(part, last ? FOLDER_RIGHTS : ABOVE_RIGHTS, &code) && *first == 0)
            *first = at;
        if (code != ERROR_SUCCESS)
            return errors_win_fail(error, code, "cannot make the traces' folder");
        if (check(part, last ? CHANGE_FOLDER : root ? ACCESS_CHANGE_ROOT : ACCESS_CHANGE_ABOVE, error) != WSPLSP_OK)
            return error->status;
    }
    return write_marker(path, error);
}

enum wsplsp_status safe_folder_make(const wchar_t *path, struct wsplsp_error *error)
{
    size_t first = 0, length = wcslen(path);
    if (length >= MAX_PATH - sizeof MARKER || length < 4 || path[1] != L':' || path[2] != L'\\' ||
        wcschr(path, L'/') != NULL || path[length - 1] == L'\\')
        return refuse(path, "it is no full path, or a drive's root, or too long", error);
    enum wsplsp_status status = make_all(path, &first, error);
    if (status != WSPLSP_OK)
        unmake(path, first);
    return status;
}

enum wsplsp_status safe_folder_usual(wchar_t path[MAX_PATH], char **note, struct wsplsp_error *error)
{
    enum wsplsp_status status = data_folder_make(DATA_FOLDER_TRACES, TRUSTED_TRACES, path, note, error);
    return status == WSPLSP_OK ? write_marker(path, error) : status;
}
