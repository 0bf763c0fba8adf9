/* A private folder for a copy of the user's file; see private_folder_win.h. */
#include "private_folder_win.h"

#include <sddl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "errors_win.h"
#include "lsp-core/base/sysdll_win.h"

/* The current user's SID as text, to be freed with LocalFree; NULL with GetLastError on failure. */
static wchar_t *user_sid(void)
{
    HANDLE token;
    DWORD size = 0;
    wchar_t *text = NULL;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return NULL;
    GetTokenInformation(token, TokenUser, NULL, 0, &size);
    TOKEN_USER *user = malloc(size);
    if (user == NULL)
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    else if (GetTokenInformation(token, TokenUser, user, size, &size) && !ConvertSidToStringSidW(user->User.Sid, &text))
        text = NULL;
    free(user);
    CloseHandle(token);
    return text;
}

/* A protected DACL (nothing inherited from the temporary folder) with the user alone, also for the files within. */
static PSECURITY_DESCRIPTOR user_only(void)
{
    wchar_t text[256];
    wchar_t *sid = user_sid();
    if (sid == NULL)
        return NULL;
    PSECURITY_DESCRIPTOR descriptor = NULL;
    bool fits = wcslen(sid) < 200;
    if (fits) {
        wcscpy(text, L"D:P(A;OICI;FA;;;");
        wcscat(text, sid);
        wcscat(text, L")");
    }
    LocalFree(sid);
    if (!fits || !ConvertStringSecurityDescriptorToSecurityDescriptorW(text, SDDL_REVISION_1, &descriptor, NULL))
        return NULL;
    return descriptor;
}

/* RtlGenRandom, exported as SystemFunction036 since Windows XP. */
static bool random_bytes(void *bytes, ULONG size)
{
    BOOLEAN(APIENTRY * generate)(void *, ULONG);
    return sysdll_function(sysdll_load(L"advapi32.dll"), "SystemFunction036", &generate) && generate(bytes, size);
}

/* CreateDirectory fails where the name exists, so nobody can have prepared the folder; its access rights are in place
 * from the first moment. */
static DWORD make_folder(struct private_folder *folder)
{
    wchar_t parent[MAX_PATH];
    unsigned random[2];
    DWORD length = GetTempPathW(MAX_PATH, parent);
    if (length == 0 || length + 32 > MAX_PATH)
        return length == 0 ? GetLastError() : ERROR_FILENAME_EXCED_RANGE;
    if (!random_bytes(random, sizeof random))
        return ERROR_GEN_FAILURE;
    swprintf(folder->path, MAX_PATH, L"%lswsplsp-%08x%08x", parent, random[0], random[1]);
    wcscpy(folder->file, folder->path);
    wcscat(folder->file, L"\\hive");

    SECURITY_ATTRIBUTES attributes = {sizeof attributes, user_only(), FALSE};
    if (attributes.lpSecurityDescriptor == NULL)
        return GetLastError();
    DWORD code = CreateDirectoryW(folder->path, &attributes) ? ERROR_SUCCESS : GetLastError();
    LocalFree(attributes.lpSecurityDescriptor);
    return code;
}

static DWORD write_file(const wchar_t *path, const void *bytes, size_t size)
{
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_TEMPORARY, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return GetLastError();
    DWORD code = ERROR_SUCCESS;
    const char *next = bytes;
    while (size > 0 && code == ERROR_SUCCESS) {
        DWORD part = size > (1u << 24) ? 1u << 24 : (DWORD)size;
        DWORD written;
        if (!WriteFile(file, next, part, &written, NULL))
            code = GetLastError();
        else if (written == 0)
            code = ERROR_DISK_FULL;
        else
            next += written, size -= written;
    }
    CloseHandle(file);
    return code;
}

void private_folder_remove(const struct private_folder *folder)
{
    wchar_t path[2 * MAX_PATH];
    WIN32_FIND_DATAW found;
    swprintf(path, sizeof path / sizeof path[0], L"%ls\\*", folder->path);
    HANDLE search = FindFirstFileW(path, &found);
    if (search != INVALID_HANDLE_VALUE) {
        /* Loading a hive leaves logs beside it. */
        do {
            swprintf(path, sizeof path / sizeof path[0], L"%ls\\%ls", folder->path, found.cFileName);
            DeleteFileW(path);
        } while (FindNextFileW(search, &found));
        FindClose(search);
    }
    RemoveDirectoryW(folder->path);
}

enum wsplsp_status private_folder_make(struct private_folder *folder, const void *bytes, size_t size,
                                       struct wsplsp_error *error)
{
    DWORD code = make_folder(folder);
    if (code != ERROR_SUCCESS)
        return errors_win_fail(error, code, "cannot make a private folder for a copy of the hive");
    code = write_file(folder->file, bytes, size);
    if (code == ERROR_SUCCESS)
        return WSPLSP_OK;
    private_folder_remove(folder);
    return errors_win_fail(error, code, "cannot write a copy of the hive to a private folder");
}
