/* The security of what a run's processes share; see run_object.h. */
#include "run_object.h"

#include <ntsecapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One kind of information about this process's token, new; NULL, with GetLastError. */
static void *token_information(TOKEN_INFORMATION_CLASS kind)
{
    HANDLE token;
    DWORD size = 0;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return NULL;
    GetTokenInformation(token, kind, NULL, 0, &size);
    void *information = size == 0 ? NULL : malloc(size);
    if (information != NULL && !GetTokenInformation(token, kind, information, size, &size)) {
        free(information);
        information = NULL;
    }
    DWORD code = GetLastError();
    CloseHandle(token);
    SetLastError(code);
    return information;
}

/* An empty list with room for one entry about each of the two; `entry` is the size of one without its SID. */
static ACL *new_list(DWORD entry, PSID first, PSID second)
{
    DWORD size = sizeof(ACL) + 2 * entry + GetLengthSid(first) + (second == NULL ? 0 : GetLengthSid(second));
    size = (size + 3) & ~3u; /* InitializeAcl: aligned on a DWORD boundary */
    ACL *list = malloc(size);
    if (list == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    } else if (!InitializeAcl(list, size, ACL_REVISION)) {
        free(list);
        list = NULL;
    }
    return list;
}

static bool allow_user_and_system(struct run_object_security *security)
{
    BYTE system[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof system;
    security->user = token_information(TokenUser);
    if (security->user == NULL || !CreateWellKnownSid(WinLocalSystemSid, NULL, system, &size))
        return false;
    PSID user = ((TOKEN_USER *)security->user)->User.Sid;
    security->dacl = new_list(sizeof(ACCESS_ALLOWED_ACE), user, system);
    return security->dacl != NULL && AddAccessAllowedAce(security->dacl, ACL_REVISION, GENERIC_ALL, user) &&
           AddAccessAllowedAce(security->dacl, ACL_REVISION, GENERIC_ALL, system) &&
           SetSecurityDescriptorDacl(&security->descriptor, TRUE, security->dacl, FALSE) &&
           SetSecurityDescriptorControl(&security->descriptor, SE_DACL_PROTECTED, SE_DACL_PROTECTED);
}

/* Without a label an object counts as one of medium integrity, also where a process of high integrity made it. */
static bool bar_lower_integrity(struct run_object_security *security)
{
    security->label = token_information(TokenIntegrityLevel);
    if (security->label == NULL)
        return false;
    PSID level = ((TOKEN_MANDATORY_LABEL *)security->label)->Label.Sid;
    security->sacl = new_list(sizeof(SYSTEM_MANDATORY_LABEL_ACE), level, NULL);
    return security->sacl != NULL &&
           AddMandatoryAce(security->sacl, ACL_REVISION, 0, SYSTEM_MANDATORY_LABEL_NO_WRITE_UP, level) &&
           SetSecurityDescriptorSacl(&security->descriptor, TRUE, security->sacl, FALSE);
}

bool run_object_security(struct run_object_security *security)
{
    memset(security, 0, sizeof *security);
    security->attributes.nLength = sizeof security->attributes;
    security->attributes.lpSecurityDescriptor = &security->descriptor;
    return InitializeSecurityDescriptor(&security->descriptor, SECURITY_DESCRIPTOR_REVISION) &&
           allow_user_and_system(security) && bar_lower_integrity(security);
}

void run_object_free(struct run_object_security *security)
{
    DWORD code = GetLastError();
    free(security->user);
    free(security->label);
    free(security->dacl);
    free(security->sacl);
    SetLastError(code);
}

bool run_object_name(wchar_t name[RUN_OBJECT_NAME], const wchar_t *prefix)
{
    ULONG random[4];
    if (!RtlGenRandom(random, sizeof random)) {
        SetLastError(ERROR_GEN_FAILURE);
        return false;
    }
    int length = _snwprintf(name, RUN_OBJECT_NAME, L"%ls%08lx%08lx%08lx%08lx", prefix, random[0], random[1], random[2],
                            random[3]);
    return length > 0 && length < RUN_OBJECT_NAME;
}

HANDLE run_object_reopen(HANDLE handle, DWORD access)
{
    HANDLE copy = NULL;
    return DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &copy, access, FALSE, 0) ? copy : NULL;
}
