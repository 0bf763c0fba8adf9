/* Judges security descriptors; see access.h. Generic rights are mapped as for files, and entries count in their order:
 * what an earlier one has denied a later one does not give. */
#include "access.h"

#include <stdio.h>
#include <string.h>

enum {
    HEADER_SIZE = 20, /* of a descriptor */
    CONTROL_AT = 2,
    OWNER_AT = 4,
    DACL_AT = 16,
    DACL_PRESENT = 0x4,
    SELF_RELATIVE = 0x8000,
    ACL_HEADER_SIZE = 8,
    ACE_SID_AT = 8, /* behind header and mask */
    SID_HEADER_SIZE = 8,
    SID_NUMBERS_MAX = 15,
};

enum {
    ALLOWED = 0,
    DENIED = 1,
    CALLBACK_ALLOWED = 9,
    CALLBACK_DENIED = 10,
    OBJECT_DENIED = 6,
    CALLBACK_OBJECT_DENIED = 12
};

enum { INHERIT_ONLY = 0x8 };

static const char damaged[] = "its access rights are damaged";
static const char conditional[] = "its access rights depend on conditions";
static const char unknown_kind[] = "its access rights hold an entry of a kind that is not known";

/* A SID in a descriptor: revision, count, authority of 6 bytes, and as many numbers. */
struct sid {
    const uint8_t *bytes;
    size_t size;
};

struct named_sid {
    const char *name;
    uint8_t authority;
    uint8_t count;
    uint32_t numbers[6];
};

static const struct named_sid everyone = {"Everyone", 1, 1, {0}};
static const struct named_sid anonymous = {"Anonymous", 5, 1, {7}};
static const struct named_sid owner_rights = {"OWNER RIGHTS", 3, 1, {4}};
static const struct named_sid system_account = {"SYSTEM", 5, 1, {18}};
static const struct named_sid administrators = {"Administrators", 5, 2, {32, 544}};
static const struct named_sid trusted_installer = {
    "TrustedInstaller", 5, 6, {80, 956008885, 3418522649u, 1831038044, 1853292631, 2271478464u}};
static const struct named_sid creator_owner = {"Creator Owner", 3, 1, {0}};
static const struct named_sid users = {"Users", 5, 2, {32, 545}};
static const struct named_sid authenticated = {"Authenticated Users", 5, 1, {11}};
static const struct named_sid service = {"SERVICE", 5, 1, {6}};
static const struct named_sid local_service = {"LOCAL SERVICE", 5, 1, {19}};
static const struct named_sid network_service = {"NETWORK SERVICE", 5, 1, {20}};
static const struct named_sid all_packages = {"ALL APPLICATION PACKAGES", 15, 2, {2, 1}};

/* Others that people know by name; whoever is not here is told by number. */
static const struct named_sid others[] = {
    {"Local", 2, 1, {0}},
    {"Console Logon", 2, 1, {1}},
    {"Creator Group", 3, 1, {1}},
    {"Dialup", 5, 1, {1}},
    {"Network", 5, 1, {2}},
    {"Batch", 5, 1, {3}},
    {"Interactive", 5, 1, {4}},
    {"This Organization", 5, 1, {15}},
    {"Guests", 5, 2, {32, 546}},
    {"Power Users", 5, 2, {32, 547}},
    {"Account Operators", 5, 2, {32, 548}},
    {"Server Operators", 5, 2, {32, 549}},
    {"Print Operators", 5, 2, {32, 550}},
    {"Backup Operators", 5, 2, {32, 551}},
    {"Remote Desktop Users", 5, 2, {32, 555}},
    {"Network Configuration Operators", 5, 2, {32, 556}},
    {"ALL SERVICES", 5, 2, {80, 0}},
    {"ALL RESTRICTED APPLICATION PACKAGES", 15, 2, {2, 2}},
};

static uint32_t number_at(const uint8_t *bytes, size_t size)
{
    uint32_t number = 0;
    for (size_t i = size; i > 0; i--)
        number = number << 8 | bytes[i - 1];
    return number;
}

static uint32_t sid_number(struct sid sid, size_t index)
{
    return number_at(sid.bytes + SID_HEADER_SIZE + 4 * index, 4);
}

/* Of at most `room` bytes; false where they hold none. */
static bool sid_read(const uint8_t *bytes, size_t room, struct sid *sid)
{
    if (room < SID_HEADER_SIZE || bytes[0] != 1 || bytes[1] > SID_NUMBERS_MAX)
        return false;
    *sid = (struct sid){bytes, SID_HEADER_SIZE + 4 * (size_t)bytes[1]};
    return sid->size <= room;
}

static bool sid_same(struct sid a, struct sid b)
{
    return a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
}

static bool sid_is(struct sid sid, const struct named_sid *named)
{
    static const uint8_t zeros[5] = {0};
    bool same = sid.bytes[1] == named->count && memcmp(sid.bytes + 2, zeros, sizeof zeros) == 0 &&
                sid.bytes[7] == named->authority;
    for (size_t i = 0; same && i < named->count; i++)
        same = sid_number(sid, i) == named->numbers[i];
    return same;
}

static bool sid_is_any(struct sid sid, const struct named_sid *const *named)
{
    for (; *named != NULL; named++) {
        if (sid_is(sid, *named))
            return true;
    }
    return false;
}

static const char *sid_name(struct sid sid)
{
    static const struct named_sid *const mine[] = {
        &everyone,      &anonymous, &owner_rights,  &system_account,  &administrators, &trusted_installer, &users,
        &authenticated, &service,   &local_service, &network_service, &all_packages,   &creator_owner};
    for (size_t i = 0; i < sizeof mine / sizeof mine[0]; i++) {
        if (sid_is(sid, mine[i]))
            return mine[i]->name;
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (sid_is(sid, &others[i]))
            return others[i].name;
    }
    return NULL;
}

/* Groups of a domain's or a machine's own that every one has: S-1-5-21-A-B-C-NUMBER. */
static const char *domain_name(struct sid sid)
{
    if (sid.bytes[7] != 5 || sid.bytes[1] != 5 || sid_number(sid, 0) != 21)
        return NULL;
    switch (sid_number(sid, 4)) {
    case 513:
        return "Domain Users";
    case 514:
        return "Domain Guests";
    default:
        return NULL;
    }
}

static void sid_tell(struct sid sid, char who[ACCESS_WHO])
{
    const char *name = sid_name(sid) != NULL ? sid_name(sid) : domain_name(sid);
    if (name != NULL) {
        snprintf(who, ACCESS_WHO, "%s", name);
        return;
    }
    uint64_t authority = 0;
    for (size_t i = 2; i < SID_HEADER_SIZE; i++)
        authority = authority << 8 | sid.bytes[i];
    int length = snprintf(who, ACCESS_WHO, "S-1-%llu", (unsigned long long)authority);
    for (size_t i = 0; i < sid.bytes[1]; i++)
        length += snprintf(who + length, ACCESS_WHO - (size_t)length, "-%lu", (unsigned long)sid_number(sid, i));
}

/* A descriptor taken apart. */
struct rights {
    bool intact;
    bool has_owner;
    struct sid owner;
    bool everything; /* no DACL: everyone may do all */
    const uint8_t *entries, *end;
    size_t count;
};

struct entry {
    uint8_t type;
    bool effective; /* not for what is made in the folder alone */
    uint32_t mask;  /* without generic rights */
    bool has_sid;   /* of the kinds that begin alike: header, mask, SID */
    struct sid sid;
};

static bool read_dacl(const uint8_t *bytes, size_t size, size_t at, struct rights *rights)
{
    if (at < HEADER_SIZE || at > size || size - at < ACL_HEADER_SIZE)
        return false;
    size_t length = number_at(bytes + at + 2, 2);
    if (length < ACL_HEADER_SIZE || length > size - at)
        return false;
    rights->entries = bytes + at + ACL_HEADER_SIZE;
    rights->end = bytes + at + length;
    rights->count = number_at(bytes + at + 4, 2);
    return true;
}

static struct rights rights_read(const void *descriptor, size_t size)
{
    const uint8_t *bytes = descriptor;
    struct rights rights = {.intact = false};
    if (bytes == NULL || size < HEADER_SIZE || bytes[0] != 1)
        return rights;
    uint32_t control = number_at(bytes + CONTROL_AT, 2);
    size_t owner = number_at(bytes + OWNER_AT, 4), dacl = number_at(bytes + DACL_AT, 4);
    rights.has_owner = owner != 0;
    rights.everything = (control & DACL_PRESENT) == 0 || dacl == 0;
    rights.intact = (control & SELF_RELATIVE) != 0 &&
                    (owner == 0 ||
                     (owner >= HEADER_SIZE && owner < size && sid_read(bytes + owner, size - owner, &rights.owner))) &&
                    (rights.everything || read_dacl(bytes, size, dacl, &rights));
    return rights;
}

static uint32_t without_generic(uint32_t mask)
{
    static const struct {
        uint32_t generic, rights;
    } map[] = {{0x80000000u, 0x120089}, {0x40000000, 0x120116}, {0x20000000, 0x1200a0}, {0x10000000, 0x1f01ff}};
    for (size_t i = 0; i < sizeof map / sizeof map[0]; i++) {
        if ((mask & map[i].generic) != 0)
            mask |= map[i].rights;
    }
    return mask & 0x0fffffff;
}

/* Takes the entry at `*next`, which moves on; false where it is damaged. */
static bool entry_read(const struct rights *rights, const uint8_t **next, struct entry *entry)
{
    size_t room = (size_t)(rights->end - *next);
    if (room < 4)
        return false;
    const uint8_t *at = *next;
    size_t size = number_at(at + 2, 2);
    if (size < 4 || size > room)
        return false;
    *next = at + size;
    *entry = (struct entry){.type = at[0], .effective = (at[1] & INHERIT_ONLY) == 0};
    if (at[0] != ALLOWED && at[0] != DENIED && at[0] != CALLBACK_ALLOWED && at[0] != CALLBACK_DENIED)
        return true;
    if (size < ACE_SID_AT || !sid_read(at + ACE_SID_AT, size - ACE_SID_AT, &entry->sid))
        return false;
    entry->has_sid = true;
    entry->mask = without_generic(number_at(at + 4, 4));
    return true;
}

static bool is_trusted(struct sid sid, const void *also)
{
    static const struct named_sid *const trusted[] = {&system_account, &administrators, &trusted_installer, NULL};
    struct sid own;
    return sid_is_any(sid, trusted) || (also != NULL && sid_read(also, ACCESS_SID_MAX, &own) && sid_same(sid, own));
}

/* What the entries before `end` deny everybody who holds `sid` for certain: those for itself, and those for Everyone,
 * which only anonymous logons may not hold. */
static uint32_t denied_before(const struct rights *rights, const uint8_t *end, struct sid sid)
{
    uint32_t denied = 0;
    struct entry entry;
    for (const uint8_t *next = rights->entries; next < end && entry_read(rights, &next, &entry);) {
        if (entry.type == DENIED && entry.effective && next <= end &&
            (sid_same(entry.sid, sid) || (sid_is(entry.sid, &everyone) && !sid_is(sid, &anonymous))))
            denied |= entry.mask;
    }
    return denied;
}

static bool has_owner_rights(const struct rights *rights)
{
    struct entry entry;
    const uint8_t *next = rights->entries;
    for (size_t i = 0; i < rights->count && entry_read(rights, &next, &entry); i++) {
        if (entry.has_sid && entry.effective && sid_is(entry.sid, &owner_rights) &&
            (entry.type == ALLOWED || entry.type == DENIED))
            return true;
    }
    return false;
}

static void tell(struct access_judgement *judgement, struct sid sid)
{
    judgement->answer = ACCESS_YES;
    sid_tell(sid, judgement->who);
}

static void doubt(struct access_judgement *judgement, const char *why)
{
    if (judgement->answer == ACCESS_NO) {
        judgement->answer = ACCESS_UNKNOWN;
        judgement->why = why;
    }
}

/* Entries that only take away need no understanding: without them more is said to be possible, not less. */
static bool takes_away(uint8_t type)
{
    return type == DENIED || type == CALLBACK_DENIED || type == OBJECT_DENIED || type == CALLBACK_OBJECT_DENIED;
}

static void judge_entry(struct access_judgement *judgement, const struct rights *rights, const uint8_t *at,
                        const struct entry *entry, uint32_t wanted, const void *also)
{
    if ((!entry->effective && (wanted & ACCESS_WITH_INHERITED) == 0) || takes_away(entry->type))
        return;
    if (!entry->has_sid) {
        doubt(judgement, unknown_kind);
        return;
    }
    /* What the owner is given by name of the role is the owner's. */
    struct sid sid = rights->has_owner && sid_is(entry->sid, &owner_rights) ? rights->owner : entry->sid;
    if (is_trusted(sid, also) || (!entry->effective && sid_is(sid, &creator_owner)) ||
        (entry->mask & wanted & ~denied_before(rights, at, entry->sid)) == 0)
        return;
    if (entry->type == ALLOWED)
        tell(judgement, sid);
    else
        doubt(judgement, conditional);
}

struct access_judgement access_changes(const void *descriptor, size_t size, uint32_t wanted, const void *also)
{
    struct access_judgement judgement = {.answer = ACCESS_NO};
    struct rights rights = rights_read(descriptor, size);
    struct entry entry;
    if (!rights.intact) {
        doubt(&judgement, damaged);
        return judgement;
    }
    if (rights.everything) {
        judgement.answer = ACCESS_YES;
        snprintf(judgement.who, sizeof judgement.who, "%s", everyone.name);
        return judgement;
    }
    const uint8_t *next = rights.entries;
    for (size_t i = 0; i < rights.count && judgement.answer != ACCESS_YES; i++) {
        const uint8_t *at = next;
        if (!entry_read(&rights, &next, &entry)) {
            doubt(&judgement, damaged);
            break;
        }
        judge_entry(&judgement, &rights, at, &entry, wanted, also);
    }
    if (judgement.answer != ACCESS_YES && (wanted & ACCESS_WRITE_DAC) != 0 && !has_owner_rights(&rights)) {
        if (!rights.has_owner)
            doubt(&judgement, "it has no owner");
        else if (!is_trusted(rights.owner, also))
            tell(&judgement, rights.owner);
    }
    return judgement;
}

bool access_owner_is_trusted(const void *descriptor, size_t size, const void *also)
{
    struct rights rights = rights_read(descriptor, size);
    return rights.intact && rights.has_owner && is_trusted(rights.owner, also);
}

/* --- who may read --- */

/* What the tokens of such programs hold for certain. */
struct reader {
    unsigned kind;
    const char *name;
    const struct named_sid *const *holds;
};

static const struct named_sid *const users_hold[] = {&everyone, &authenticated, &users, NULL};
static const struct named_sid *const apps_hold[] = {&all_packages, NULL};
static const struct named_sid *const local_service_holds[] = {&local_service, &everyone, &authenticated,
                                                              &users,         &service,  NULL};
static const struct named_sid *const network_service_holds[] = {&network_service, &everyone, &authenticated,
                                                                &users,           &service,  NULL};
static const struct named_sid *const system_holds[] = {&system_account, &administrators, &everyone, &authenticated,
                                                       NULL};

static const struct reader readers[] = {
    {ACCESS_USERS, "ordinary users (Users)", users_hold},
    {ACCESS_APPS, "Store apps and sandboxed programs (ALL APPLICATION PACKAGES)", apps_hold},
    {ACCESS_LOCAL_SERVICE, "services of LOCAL SERVICE", local_service_holds},
    {ACCESS_NETWORK_SERVICE, "services of NETWORK SERVICE", network_service_holds},
    {ACCESS_SYSTEM, "services of SYSTEM", system_holds},
};

/* As an access check does: each right is decided by the first entry that speaks of it. ACCESS_NO: nothing lacks. */
static enum access_answer reader_lacks(const struct rights *rights, const struct reader *reader, uint32_t wanted,
                                       const char **why)
{
    uint32_t granted = 0, denied = 0;
    struct entry entry;
    const uint8_t *next = rights->entries;
    const char *unsure = NULL;
    for (size_t i = 0; i < rights->count; i++) {
        if (!entry_read(rights, &next, &entry)) {
            unsure = damaged;
            break;
        }
        if (!entry.effective)
            continue;
        if (!entry.has_sid && (wanted & ~granted & ~denied) != 0)
            unsure = unknown_kind;
        if (!entry.has_sid || !sid_is_any(entry.sid, reader->holds))
            continue;
        if (entry.type == ALLOWED)
            granted |= entry.mask & ~denied;
        else if (entry.type == DENIED)
            denied |= entry.mask & ~granted;
        else if ((entry.mask & wanted & ~granted & ~denied) != 0)
            unsure = conditional;
    }
    if (unsure != NULL && (denied & wanted) == 0) {
        *why = unsure;
        return ACCESS_UNKNOWN;
    }
    return (wanted & ~granted) != 0 ? ACCESS_YES : ACCESS_NO;
}

struct access_judgement access_lacks(const void *descriptor, size_t size, uint32_t wanted, unsigned kinds)
{
    struct access_judgement judgement = {.answer = ACCESS_NO};
    struct rights rights = rights_read(descriptor, size);
    if (!rights.intact) {
        doubt(&judgement, damaged);
        return judgement;
    }
    size_t length = 0;
    for (size_t i = 0; i < sizeof readers / sizeof readers[0] && !rights.everything; i++) {
        const char *why = NULL;
        enum access_answer answer =
            (kinds & readers[i].kind) == 0 ? ACCESS_NO : reader_lacks(&rights, &readers[i], wanted, &why);
        if (answer == ACCESS_UNKNOWN)
            doubt(&judgement, why);
        if (answer != ACCESS_YES)
            continue;
        judgement.answer = ACCESS_YES;
        length += (size_t)snprintf(judgement.who + length, sizeof judgement.who - length, "%s%s",
                                   length > 0 ? ", " : "", readers[i].name);
    }
    return judgement;
}
