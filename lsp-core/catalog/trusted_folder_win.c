/* Folders for administrators alone; see trusted_folder_win.h. */
#include "trusted_folder_win.h"

#include <aclapi.h>
#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>

#include "backup_folder.h"
#include "errors_win.h"
#include "sysdll_win.h"

/* Nothing inherited; full access, also to the files within, for the system and the administrators; these own it. */
#define ADMINISTRATORS_ONLY L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
#define TRIES               3

static bool is_trusted(PSID sid, PSID also)
{
    return IsWellKnownSid(sid, WinLocalSystemSid) || IsWellKnownSid(sid, WinBuiltinAdministratorsSid) ||
           (also != NULL && EqualSid(sid, also));
}

bool trusted_folder_rights(PSID owner, const ACL *dacl, PSID also)
{
    if (owner == NULL || dacl == NULL || !is_trusted(owner, also))
        return false;
    for (DWORD i = 0; i < dacl->AceCount; i++) {
        void *ace;
        if (!GetAce((ACL *)dacl, i, &ace))
            return false;
        const ACE_HEADER *header = ace;
        if (header->AceType == ACCESS_DENIED_ACE_TYPE)
            continue;
        if (header->AceType != ACCESS_ALLOWED_ACE_TYPE || !is_trusted(&((ACCESS_ALLOWED_ACE *)ace)->SidStart, also))
            return false;
    }
    return true;
}

/* Wine has no owners but its user, whatever is asked for. NULL elsewhere; otherwise new. */
static TOKEN_USER *wine_user(void)
{
    HANDLE token;
    DWORD size = 0;
    if (!sysdll_is_wine() || !OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return NULL;
    GetTokenInformation(token, TokenUser, NULL, 0, &size);
    TOKEN_USER *user = malloc(size);
    if (user != NULL && !GetTokenInformation(token, TokenUser, user, size, &size)) {
        free(user);
        user = NULL;
    }
    CloseHandle(token);
    return user;
}

/* Asks the opened folder itself, not what its name leads to. ERROR_SUCCESS or the failing call's error. */
static DWORD look(HANDLE folder, bool *trusted)
{
    BY_HANDLE_FILE_INFORMATION info;
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PSID owner = NULL;
    PACL dacl = NULL;
    *trusted = false;
    if (!GetFileInformationByHandle(folder, &info))
        return GetLastError();
    if ((info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0 ||
        (info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0)
        return ERROR_SUCCESS;
    DWORD code = GetSecurityInfo(folder, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &owner,
                                 NULL, &dacl, NULL, &descriptor);
    if (code != ERROR_SUCCESS)
        return code;
    TOKEN_USER *user = wine_user();
    *trusted = trusted_folder_rights(owner, dacl, user == NULL ? NULL : user->User.Sid);
    free(user);
    LocalFree(descriptor);
    return ERROR_SUCCESS;
}

static DWORD check(const wchar_t *path, bool *trusted)
{
    HANDLE folder =
        CreateFileW(path, READ_CONTROL | FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (folder == INVALID_HANDLE_VALUE)
        return GetLastError();
    DWORD code = look(folder, trusted);
    CloseHandle(folder);
    return code;
}

static DWORD make(const wchar_t *path)
{
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, NULL, FALSE};
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(ADMINISTRATORS_ONLY, SDDL_REVISION_1,
                                                              &attributes.lpSecurityDescriptor, NULL))
        return GetLastError();
    DWORD code = CreateDirectoryW(path, &attributes) ? ERROR_SUCCESS : GetLastError();
    LocalFree(attributes.lpSecurityDescriptor);
    return code;
}

static DWORD move_aside(const wchar_t *path)
{
    char time[BACKUP_TIME];
    wchar_t aside[2 * MAX_PATH];
    backup_time_now(time);
    int length = _snwprintf(aside, 2 * MAX_PATH, L"%ls.untrusted-%hs", path, time);
    if (length < 0 || length >= 2 * MAX_PATH)
        return ERROR_FILENAME_EXCED_RANGE;
    return MoveFileExW(path, aside, 0) ? ERROR_SUCCESS : GetLastError();
}

enum wsplsp_status trusted_folder_make(const wchar_t *path, struct wsplsp_error *error)
{
    /* Who makes a folder of that name anew each time could keep this going: it ends. */
    for (int tries = 0; tries < TRIES; tries++) {
        bool trusted = false;
        DWORD code = make(path);
        if (code == ERROR_SUCCESS)
            return WSPLSP_OK;
        if (code == ERROR_ALREADY_EXISTS)
            code = check(path, &trusted);
        if (code == ERROR_SUCCESS && trusted)
            return WSPLSP_OK;
        if (code == ERROR_SUCCESS)
            code = move_aside(path);
        if (code != ERROR_SUCCESS && code != ERROR_FILE_NOT_FOUND)
            return errors_win_fail(error, code, "cannot make the folder '%ls' for administrators alone (%s)", path,
                                   errors_win_name(code));
    }
    wsplsp_fail(error, WSPLSP_REFUSED, 0, "UNTRUSTED_FOLDER", "others keep making the folder '%ls'", path);
    return wsplsp_hint(error, "find out who does; backups have to be kept where nobody else can change them");
}
