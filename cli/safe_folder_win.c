/* The folder that traces go to; see safe_folder_win.h. Microsoft's reference: "File Access Rights Constants",
 * "FSCTL_SET_REPARSE_POINT", "Security Descriptor String Format". */
#include "safe_folder_win.h"

#include <aclapi.h>
#include <sddl.h>
#include <stdbool.h>
#include <wchar.h>

#include "errors_win.h"

/* Nobody but administrators may take a folder away or give rights to it. */
#define CHANGE_ABOVE (FILE_DELETE_CHILD | DELETE | WRITE_DAC | WRITE_OWNER)
/* The folder itself must not become a link either. */
#define CHANGE_FOLDER (CHANGE_ABOVE | FILE_ADD_SUBDIRECTORY | FILE_WRITE_ATTRIBUTES | FILE_WRITE_EA)

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

static bool is_well_known(PSID sid)
{
    static const WELL_KNOWN_SID_TYPE types[] = {WinLocalSystemSid, WinBuiltinAdministratorsSid, WinCreatorOwnerSid};
    /* NT SERVICE\TrustedInstaller, which owns the drive's root: S-1-5-80-956008885-... */
    static const DWORD installer[] = {80, 956008885, 3418522649u, 1831038044, 1853292631, 2271478464u};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (IsWellKnownSid(sid, types[i]))
            return true;
    }
    bool same = *GetSidSubAuthorityCount(sid) == sizeof installer / sizeof installer[0];
    for (DWORD i = 0; same && i < sizeof installer / sizeof installer[0]; i++)
        same = *GetSidSubAuthority(sid, i) == installer[i];
    return same;
}

/* The person at work, who is an administrator, else nothing here would succeed. */
static bool is_self(PSID sid)
{
    union {
        TOKEN_USER user;
        BYTE room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } own;
    DWORD size;
    HANDLE token;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return false;
    bool self = GetTokenInformation(token, TokenUser, &own, sizeof own, &size) && EqualSid(own.user.User.Sid, sid);
    CloseHandle(token);
    return self;
}

static bool is_trusted(PSID sid)
{
    return is_well_known(sid) || is_self(sid);
}

/* Whether an entry lets somebody else do what is in `wanted`; kinds of entries that are not known could. */
static bool ace_grants(const ACE_HEADER *header, DWORD wanted)
{
    if ((header->AceFlags & INHERIT_ONLY_ACE) != 0 || header->AceType == ACCESS_DENIED_ACE_TYPE)
        return false;
    if (header->AceType != ACCESS_ALLOWED_ACE_TYPE)
        return true;
    const ACCESS_ALLOWED_ACE *ace = (const ACCESS_ALLOWED_ACE *)header;
    GENERIC_MAPPING mapping = {FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE, FILE_ALL_ACCESS};
    DWORD mask = ace->Mask;
    MapGenericMask(&mask, &mapping);
    return (mask & wanted) != 0 && !is_trusted((PSID)&ace->SidStart);
}

static bool dacl_grants(ACL *dacl, DWORD wanted)
{
    if (dacl == NULL)
        return true;
    for (DWORD i = 0; i < dacl->AceCount; i++) {
        void *ace;
        if (!GetAce(dacl, i, &ace) || ace_grants(ace, wanted))
            return true;
    }
    return false;
}

static enum wsplsp_status check(const wchar_t *path, DWORD wanted, struct wsplsp_error *error)
{
    PSID owner = NULL;
    PACL dacl = NULL;
    PSECURITY_DESCRIPTOR descriptor = NULL;
    DWORD attributes = GetFileAttributesW(path);
    if (attributes == INVALID_FILE_ATTRIBUTES)
        return errors_win_fail(error, GetLastError(), "cannot look at the traces' folder");
    if ((attributes & FILE_ATTRIBUTE_DIRECTORY) == 0 || (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0)
        return refuse(path, "it is a file, or leads elsewhere", error);
    DWORD code =
        GetNamedSecurityInfoW((wchar_t *)path, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                              &owner, NULL, &dacl, NULL, &descriptor);
    if (code != ERROR_SUCCESS)
        return errors_win_fail(error, code, "cannot read the rights of the traces' folder");
    bool safe = owner != NULL && is_trusted(owner) && !dacl_grants(dacl, wanted);
    LocalFree(descriptor);
    return safe ? WSPLSP_OK : refuse(path, "users who are no administrators could change it", error);
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

/* Each folder from the drive's root down: made where it is missing, and checked, for another may have made it. */
enum wsplsp_status safe_folder_make(const wchar_t *path, struct wsplsp_error *error)
{
    wchar_t part[MAX_PATH];
    size_t length = wcslen(path);
    if (length >= MAX_PATH - sizeof MARKER || length < 4 || path[1] != L':' || path[2] != L'\\' ||
        wcschr(path, L'/') != NULL || path[length - 1] == L'\\')
        return refuse(path, "it is no full path, or a drive's root, or too long", error);
    for (size_t at = 3; at <= length; at++) {
        DWORD code;
        bool last = at == length;
        if (path[at] != L'\\' && !last && at != 3)
            continue;
        wmemcpy(part, path, at);
        part[at] = L'\0';
        if (at > 3) {
            make(part, last ? FOLDER_RIGHTS : ABOVE_RIGHTS, &code);
            if (code != ERROR_SUCCESS)
                return errors_win_fail(error, code, "cannot make the traces' folder");
        }
        if (check(part, last ? CHANGE_FOLDER : CHANGE_ABOVE, error) != WSPLSP_OK)
            return error->status;
    }
    return write_marker(path, error);
}
