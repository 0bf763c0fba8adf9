/* Reads DACLs the way an access check does; see access_win.h. Microsoft's reference: "How AccessCheck Works", "Order of
 * ACEs in a DACL". */
#include "access_win.h"

#include <aclapi.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A group that ordinary people's tokens hold: the last number of its SID, and which of the persons below hold it. */
struct group {
    const char *name;
    BYTE authority; /* S-1-AUTHORITY-… */
    BYTE count;     /* of the numbers behind it */
    DWORD numbers[2];
    unsigned persons;
};

/* One ordinary person at a time: deny entries only count for who holds the group. */
enum { USER = 1, REMOTE_USER = 2, GUEST = 4, ANONYMOUS = 8, LAST_PERSON = ANONYMOUS };

static const struct group groups[] = {
    {"Everyone", 1, 1, {0}, USER | REMOTE_USER | GUEST},
    {"Local", 2, 1, {0}, USER | GUEST},
    {"Console Logon", 2, 1, {1}, USER | GUEST},
    {"Network", 5, 1, {2}, REMOTE_USER},
    {"Interactive", 5, 1, {4}, USER | GUEST},
    {"Anonymous", 5, 1, {7}, ANONYMOUS},
    {"Authenticated Users", 5, 1, {11}, USER | REMOTE_USER},
    {"This Organization", 5, 1, {15}, USER | REMOTE_USER},
    {"Users", 5, 2, {32, 545}, USER | REMOTE_USER},
    {"Guests", 5, 2, {32, 546}, GUEST},
};

enum { DOMAIN_USERS = 513, DOMAIN_GUESTS = 514 };

static bool is_group(const SID *sid, const struct group *group)
{
    static const BYTE zeros[5] = {0};
    return memcmp(sid->IdentifierAuthority.Value, zeros, sizeof zeros) == 0 &&
           sid->IdentifierAuthority.Value[5] == group->authority && sid->SubAuthorityCount == group->count &&
           memcmp(sid->SubAuthority, group->numbers, group->count * sizeof group->numbers[0]) == 0;
}

/* The persons that hold a SID, and its name; 0 for any that ordinary people need not hold. */
static unsigned persons_of(const SID *sid, const char **name)
{
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        if (is_group(sid, &groups[i])) {
            *name = groups[i].name;
            return groups[i].persons;
        }
    }
    /* S-1-5-21-A-B-C-513 */
    if (sid->IdentifierAuthority.Value[5] != 5 || sid->SubAuthorityCount != 5 || sid->SubAuthority[0] != 21)
        return 0;
    if (sid->SubAuthority[4] != DOMAIN_USERS && sid->SubAuthority[4] != DOMAIN_GUESTS)
        return 0;
    bool users = sid->SubAuthority[4] == DOMAIN_USERS;
    *name = users ? "Domain Users" : "Domain Guests";
    return users ? USER | REMOTE_USER : GUEST;
}

/* "Owner Rights" (S-1-3-4) in a DACL replaces what an owner may do anyway. */
static bool is_owner_rights(const SID *sid)
{
    const struct group owner_rights = {"", 3, 1, {4}, 0};
    return is_group(sid, &owner_rights);
}

struct walk {
    DWORD wanted;
    unsigned person;
    DWORD granted, denied;
    const char *who;
    bool uncertain; /* a conditional entry might have decided */
    bool owner_rights;
};

static void walk_ace(struct walk *walk, const ACE_HEADER *header)
{
    bool conditional =
        header->AceType == ACCESS_ALLOWED_CALLBACK_ACE_TYPE || header->AceType == ACCESS_DENIED_CALLBACK_ACE_TYPE;
    bool denies = header->AceType == ACCESS_DENIED_ACE_TYPE || header->AceType == ACCESS_DENIED_CALLBACK_ACE_TYPE;
    if (header->AceType != ACCESS_ALLOWED_ACE_TYPE && !denies && !conditional)
        return;
    if ((header->AceFlags & INHERIT_ONLY_ACE) != 0 || header->AceSize < sizeof(ACCESS_ALLOWED_ACE))
        return;
    /* All four kinds begin alike: header, mask, SID. */
    const ACCESS_ALLOWED_ACE *ace = (const ACCESS_ALLOWED_ACE *)header;
    const SID *sid = (const SID *)&ace->SidStart;
    GENERIC_MAPPING mapping = {FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE, FILE_ALL_ACCESS};
    DWORD mask = ace->Mask;
    MapGenericMask(&mask, &mapping);
    mask &= walk->wanted;
    const char *name = NULL;
    walk->owner_rights = walk->owner_rights || is_owner_rights(sid);
    if (mask == 0 || (persons_of(sid, &name) & walk->person) == 0)
        return;
    if (conditional) {
        walk->uncertain = walk->uncertain || (mask & ~walk->granted & ~walk->denied) != 0;
    } else if (denies) {
        walk->denied |= mask;
    } else if ((mask & ~walk->denied & ~walk->granted) != 0) {
        if (walk->who == NULL)
            walk->who = name;
        walk->granted |= mask & ~walk->denied;
    }
}

static void walk_dacl(struct walk *walk, const ACL *dacl, PSID owner)
{
    for (DWORD i = 0; i < dacl->AceCount; i++) {
        void *ace;
        if (GetAce((ACL *)dacl, i, &ace))
            walk_ace(walk, ace);
    }
    const char *name = NULL;
    if (owner != NULL && !walk->owner_rights && (persons_of(owner, &name) & walk->person) != 0 &&
        (walk->wanted & WRITE_DAC) != 0) {
        walk->granted |= WRITE_DAC;
        if (walk->who == NULL)
            walk->who = name;
    }
}

enum access_answer access_dacl_grants(const ACL *dacl, PSID owner, DWORD wanted, const char **who, const char **why)
{
    bool uncertain = false;
    if (dacl == NULL) {
        *who = "Everyone";
        return ACCESS_YES;
    }
    for (unsigned person = USER; person <= LAST_PERSON; person <<= 1) {
        struct walk walk = {.wanted = wanted, .person = person};
        walk_dacl(&walk, dacl, owner);
        if (walk.granted != 0 && !walk.uncertain) {
            *who = walk.who;
            return ACCESS_YES;
        }
        uncertain = uncertain || walk.uncertain;
    }
    if (!uncertain)
        return ACCESS_NO;
    *why = "its access rights depend on conditions";
    return ACCESS_UNKNOWN;
}

static enum access_answer check_object(const wchar_t *path, DWORD wanted, const char **who, const char **why)
{
    PSID owner = NULL;
    PACL dacl = NULL;
    PSECURITY_DESCRIPTOR descriptor = NULL;
    DWORD code =
        GetNamedSecurityInfoW((wchar_t *)path, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                              &owner, NULL, &dacl, NULL, &descriptor);
    if (code != ERROR_SUCCESS) {
        *why = code == ERROR_ACCESS_DENIED ? "its access rights may not be read by this user"
                                           : "its access rights cannot be read";
        return ACCESS_UNKNOWN;
    }
    enum access_answer answer = access_dacl_grants(dacl, owner, wanted, who, why);
    LocalFree(descriptor);
    return answer;
}

/* Cuts the last name off; false at the drive's root. "C:\a" becomes "C:\". */
static bool to_parent(wchar_t *path)
{
    wchar_t *slash = wcsrchr(path, L'\\');
    if (slash == NULL || slash[1] == L'\0')
        return false;
    if (slash == path + 2)
        slash++;
    *slash = L'\0';
    return true;
}

enum access_answer access_path_writable(const wchar_t *path, const char **who, wchar_t **at, const char **why)
{
    static const DWORD wanted[] = {ACCESS_CHANGE_FILE, ACCESS_CHANGE_FOLDER, ACCESS_CHANGE_ABOVE};
    const char *unknown = NULL;
    wchar_t *rest = _wcsdup(path);
    if (rest == NULL) {
        *why = "memory has run out";
        return ACCESS_UNKNOWN;
    }
    size_t level = 0;
    do {
        enum access_answer answer = check_object(rest, wanted[level < 2 ? level : 2], who, why);
        if (answer == ACCESS_YES) {
            *at = rest;
            return answer;
        }
        if (answer == ACCESS_UNKNOWN && unknown == NULL)
            unknown = *why;
        level++;
    } while (to_parent(rest));
    free(rest);
    *why = unknown;
    return unknown == NULL ? ACCESS_NO : ACCESS_UNKNOWN;
}
