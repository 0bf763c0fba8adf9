/* Folders for administrators; see trusted_folder_win.h. Everything is asked of, and done to, an opened handle: a name
 * may lead elsewhere a moment later. Microsoft's reference: "Privilege Constants", SetSecurityInfo, FILE_RENAME_INFO.
 */
#include "trusted_folder_win.h"

#include <aclapi.h>
#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>

#include "access_win.h"
#include "lsp-core/base/time_name.h"
#include "errors_win.h"
#include "lsp-core/base/sysdll_win.h"
#include "lsp-core/base/text.h"

#define TRIES 3

/* Nothing is inherited, the system and administrators may do all, and administrators own it. `changes`: what nobody
 * else may do. */
static const struct {
    const wchar_t *rights;
    uint32_t changes;
} policies[] = {
    [TRUSTED_DATA] = {L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;;0x1200a9;;;AU)",
                      ACCESS_CHANGE_LINK | ACCESS_WITH_INHERITED},
    [TRUSTED_BACKUPS] = {L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)", ACCESS_CHANGE_LINK | ACCESS_WITH_INHERITED},
    /* Add a file (0x2), go through (0x20) and wait for it (0x100000), but not list; a file is its creator's. */
    [TRUSTED_TRACES] = {L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;;0x100022;;;AU)(A;OIIO;FA;;;CO)",
                        ACCESS_CHANGE_ABOVE | ACCESS_APPEND_DATA | ACCESS_WRITE_ATTRIBUTES | ACCESS_WRITE_EA},
};

bool trusted_file(HANDLE file, bool *changeable)
{
    size_t size = 0;
    void *descriptor = access_descriptor(file, &size);
    bool trusted = descriptor != NULL && access_owner_is_trusted(descriptor, size, access_also());
    *changeable = trusted && access_changes(descriptor, size, ACCESS_CHANGE_FILE, access_also()).answer != ACCESS_NO;
    free(descriptor);
    return trusted;
}

/* The folder itself, not what its name leads to. */
static HANDLE open_itself(const wchar_t *path, DWORD access)
{
    return CreateFileW(path, access | READ_CONTROL | FILE_READ_ATTRIBUTES,
                       FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                       FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
}

/* ERROR_SUCCESS or the failing call's error. `who` can change it, where that is known. */
static DWORD look(HANDLE folder, enum trusted_kind kind, enum trusted_state *state, char who[ACCESS_WHO])
{
    BY_HANDLE_FILE_INFORMATION info;
    size_t size;
    *state = TRUSTED_FOREIGN;
    who[0] = '\0';
    if (!GetFileInformationByHandle(folder, &info))
        return GetLastError();
    if ((info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0 ||
        (info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0)
        return ERROR_SUCCESS;
    void *descriptor = access_descriptor(folder, &size);
    if (descriptor == NULL)
        return GetLastError();
    struct access_judgement judgement = access_changes(descriptor, size, policies[kind].changes, access_also());
    if (access_owner_is_trusted(descriptor, size, access_also()))
        *state = judgement.answer == ACCESS_NO ? TRUSTED_GOOD : TRUSTED_WIDENED;
    if (judgement.answer == ACCESS_YES)
        strcpy(who, judgement.who);
    free(descriptor);
    return ERROR_SUCCESS;
}

enum wsplsp_status trusted_folder_look(const wchar_t *path, enum trusted_kind kind, enum trusted_state *state,
                                       struct wsplsp_error *error)
{
    char who[ACCESS_WHO];
    HANDLE folder = open_itself(path, 0);
    DWORD code = folder == INVALID_HANDLE_VALUE ? GetLastError() : look(folder, kind, state, who);
    if (folder != INVALID_HANDLE_VALUE)
        CloseHandle(folder);
    if (code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND) {
        *state = TRUSTED_ABSENT;
        return WSPLSP_OK;
    }
    if (code == ERROR_SUCCESS)
        return WSPLSP_OK;
    /* Who keeps administrators from looking at a folder of that name is no administrator. */
    *state = TRUSTED_FOREIGN;
    return code == ERROR_ACCESS_DENIED || code == ERROR_SHARING_VIOLATION
               ? WSPLSP_OK
               : errors_win_fail(error, code, "cannot look at the folder '%ls' (%s)", path, errors_win_name(code));
}

static PSECURITY_DESCRIPTOR descriptor_of(enum trusted_kind kind)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    return ConvertStringSecurityDescriptorToSecurityDescriptorW(policies[kind].rights, SDDL_REVISION_1, &descriptor,
                                                                NULL)
               ? descriptor
               : NULL;
}

static DWORD make(const wchar_t *path, enum trusted_kind kind)
{
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, descriptor_of(kind), FALSE};
    if (attributes.lpSecurityDescriptor == NULL)
        return GetLastError();
    DWORD code = CreateDirectoryW(path, &attributes) ? ERROR_SUCCESS : GetLastError();
    LocalFree(attributes.lpSecurityDescriptor);
    return code;
}

/* Sets the kind's rights, which what is in the folder inherits, and with `own` its owner. */
static DWORD set_rights(HANDLE folder, enum trusted_kind kind, bool own)
{
    PSID owner = NULL;
    PACL dacl = NULL;
    BOOL present, defaulted;
    SECURITY_INFORMATION what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    PSECURITY_DESCRIPTOR descriptor = descriptor_of(kind);
    if (descriptor == NULL)
        return GetLastError();
    GetSecurityDescriptorOwner(descriptor, &owner, &defaulted);
    GetSecurityDescriptorDacl(descriptor, &present, &dacl, &defaulted);
    DWORD code = ERROR_SUCCESS;
    if (own && !sysdll_is_wine()) /* which has no owners but its user */
        code = SetSecurityInfo(folder, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION, owner, NULL, NULL, NULL);
    if (code == ERROR_SUCCESS)
        code = SetSecurityInfo(folder, SE_FILE_OBJECT, what, NULL, NULL, dacl, NULL); /* also for what is within */
    /* Wine mixes the entries of the folder around it in. */
    if (code == ERROR_SUCCESS && !SetKernelObjectSecurity(folder, what, descriptor))
        code = GetLastError();
    LocalFree(descriptor);
    return code;
}

/* Administrators have these, but not switched on: they open what its owner has barred them from. */
static void switch_privileges_on(void)
{
    static const wchar_t *const names[] = {L"SeTakeOwnershipPrivilege", L"SeRestorePrivilege", L"SeBackupPrivilege"};
    HANDLE token;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES, &token))
        return;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        TOKEN_PRIVILEGES privileges = {.PrivilegeCount = 1, .Privileges[0].Attributes = SE_PRIVILEGE_ENABLED};
        if (LookupPrivilegeValueW(NULL, names[i], &privileges.Privileges[0].Luid))
            AdjustTokenPrivileges(token, FALSE, &privileges, 0, NULL, NULL);
    }
    CloseHandle(token);
}

void trusted_folder_tell(char **note, char *text)
{
    char *both = *note != NULL && text != NULL ? text_format("%s\n%s", *note, text) : NULL;
    if (both != NULL) {
        free(*note);
        free(text);
        *note = both;
    } else if (*note == NULL) {
        *note = text;
    } else {
        free(text);
    }
}

static DWORD repair(const wchar_t *path, enum trusted_kind kind, const char *who, char **note)
{
    HANDLE folder = open_itself(path, WRITE_DAC);
    if (folder == INVALID_HANDLE_VALUE) {
        switch_privileges_on();
        folder = open_itself(path, WRITE_DAC);
    }
    if (folder == INVALID_HANDLE_VALUE)
        return GetLastError();
    enum trusted_state state;
    char ignored[ACCESS_WHO];
    DWORD code = look(folder, kind, &state, ignored);
    if (code == ERROR_SUCCESS && state == TRUSTED_WIDENED)
        code = set_rights(folder, kind, false);
    if (code == ERROR_SUCCESS)
        code = look(folder, kind, &state, ignored);
    if (code == ERROR_SUCCESS && state != TRUSTED_GOOD)
        code = ERROR_ACCESS_DENIED; /* accepted, but not kept */
    CloseHandle(folder);
    char *shown = text_from_utf16(path, wcslen(path));
    if (code == ERROR_SUCCESS && shown != NULL)
        trusted_folder_tell(note, text_format("'%s' could be changed by %s: its access rights have been put right.",
                                              shown, who[0] != '\0' ? who : "others than administrators"));
    free(shown);
    return code;
}

static DWORD rename_by_handle(HANDLE folder, const wchar_t *to)
{
    BOOL(WINAPI * set)(HANDLE, FILE_INFO_BY_HANDLE_CLASS, LPVOID, DWORD);
    size_t length = wcslen(to) * sizeof *to;
    DWORD size = (DWORD)(sizeof(FILE_RENAME_INFO) + length);
    if (!sysdll_function(GetModuleHandleW(L"kernel32.dll"), "SetFileInformationByHandle", &set))
        return ERROR_CALL_NOT_IMPLEMENTED;
    FILE_RENAME_INFO *info = calloc(1, size);
    if (info == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    info->FileNameLength = (DWORD)length;
    memcpy(info->FileName, to, length);
    DWORD code = set(folder, FileRenameInfo, info, size) ? ERROR_SUCCESS : GetLastError();
    free(info);
    return code;
}

/* Its owner loses it first, so that nobody puts it back. A link or a file is only renamed. */
static DWORD set_aside(const wchar_t *path, enum trusted_kind kind, char **note)
{
    BY_HANDLE_FILE_INFORMATION info;
    char time[TIME_NAME];
    wchar_t aside[2 * MAX_PATH];
    time_name_now(time);
    int length = _snwprintf(aside, 2 * MAX_PATH, L"%ls" TRUSTED_ASIDE L"%hs", path, time);
    if (length < 0 || length >= 2 * MAX_PATH)
        return ERROR_FILENAME_EXCED_RANGE;
    switch_privileges_on();
    HANDLE folder = open_itself(path, DELETE | WRITE_DAC | WRITE_OWNER);
    if (folder == INVALID_HANDLE_VALUE)
        return GetLastError();
    bool real = GetFileInformationByHandle(folder, &info) && (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0 &&
                (info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0;
    DWORD code = real ? set_rights(folder, kind == TRUSTED_TRACES ? TRUSTED_BACKUPS : kind, true) : ERROR_SUCCESS;
    if (code == ERROR_SUCCESS)
        code = rename_by_handle(folder, aside);
    CloseHandle(folder);
    char *shown = text_from_utf16(path, wcslen(path)), *moved = text_from_utf16(aside, wcslen(aside));
    if (code == ERROR_SUCCESS && shown != NULL && moved != NULL)
        trusted_folder_tell(note, text_format("'%s' was not administrators' own: it is '%s' now.", shown, moved));
    free(shown);
    free(moved);
    return code;
}

/* One step towards it; ERROR_SUCCESS where it is there. */
static DWORD settle(const wchar_t *path, enum trusted_kind kind, char **note, bool *again)
{
    enum trusted_state state;
    char who[ACCESS_WHO];
    DWORD code = make(path, kind);
    *again = false;
    if (code != ERROR_ALREADY_EXISTS)
        return code;
    HANDLE folder = open_itself(path, 0);
    if (folder == INVALID_HANDLE_VALUE) {
        code = GetLastError();
        state = TRUSTED_FOREIGN;
        if (code == ERROR_ACCESS_DENIED || code == ERROR_SHARING_VIOLATION)
            code = ERROR_SUCCESS;
    } else {
        code = look(folder, kind, &state, who);
        CloseHandle(folder);
    }
    if (code == ERROR_SUCCESS && state == TRUSTED_WIDENED)
        return repair(path, kind, who, note);
    if (code == ERROR_SUCCESS && state == TRUSTED_FOREIGN)
        code = set_aside(path, kind, note);
    else if (code == ERROR_SUCCESS)
        return code;
    *again = code == ERROR_SUCCESS || code == ERROR_FILE_NOT_FOUND;
    return code;
}

enum wsplsp_status trusted_folder_make(const wchar_t *path, enum trusted_kind kind, char **note,
                                       struct wsplsp_error *error)
{
    /* Who makes a folder of that name anew each time could keep this going: it ends. */
    bool again = true;
    DWORD code = ERROR_SUCCESS;
    for (int tries = 0; tries < TRIES && again; tries++)
        code = settle(path, kind, note, &again);
    if (code == ERROR_SUCCESS && !again)
        return WSPLSP_OK;
    if (again)
        wsplsp_fail(error, WSPLSP_REFUSED, 0, "UNTRUSTED_FOLDER", "others keep making the folder '%ls'", path);
    else
        wsplsp_fail(error, WSPLSP_REFUSED, code, errors_win_name(code),
                    "cannot make '%ls' a folder that administrators alone can change (%s)", path,
                    errors_win_name(code));
    return wsplsp_hint(error, "find out who does; backups have to be kept where nobody else can change them");
}
