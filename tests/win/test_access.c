/* Access rights: DACLs in SDDL, with the answer that an access check would give an ordinary user. */
#include "access_win.h"

#include <sddl.h>

#include "tap.h"

static const char *who, *why;

/* The answer for a DACL in SDDL ("D:(A;;FA;;;WD)"), owned by SYSTEM unless it says otherwise. */
static enum access_answer ask(const char *sddl, DWORD wanted)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PACL dacl = NULL;
    PSID owner = NULL;
    BOOL present = FALSE, defaulted;
    who = why = NULL;
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorA(sddl, SDDL_REVISION_1, &descriptor, NULL) ||
        !GetSecurityDescriptorDacl(descriptor, &present, &dacl, &defaulted) ||
        !GetSecurityDescriptorOwner(descriptor, &owner, &defaulted) || !present) {
        EXPECT(!"the SDDL is understood");
        return ACCESS_UNKNOWN;
    }
    enum access_answer answer = access_dacl_grants(dacl, owner, wanted, &who, &why);
    LocalFree(descriptor);
    return answer;
}

static void windows_own_folders_are_safe(void)
{
    /* As icacls shows System32: TrustedInstaller, SYSTEM and Administrators write, Users read and execute. */
    EXPECT(ask("O:SYD:(A;;FA;;;SY)(A;;0x1301bf;;;BA)(A;;0x1200a9;;;BU)(A;;0x1200a9;;;AC)", ACCESS_CHANGE_FOLDER) ==
           ACCESS_NO);
    EXPECT(ask("O:SYD:(A;;GRGX;;;WD)", ACCESS_CHANGE_FILE) == ACCESS_NO);
}

static void every_ordinary_group_counts(void)
{
    EXPECT(ask("O:SYD:(A;;FA;;;WD)", ACCESS_CHANGE_FILE) == ACCESS_YES);
    EXPECT_TEXT(who, "Everyone");
    EXPECT(ask("O:SYD:(A;;FA;;;BU)", ACCESS_CHANGE_FILE) == ACCESS_YES);
    EXPECT_TEXT(who, "Users");
    EXPECT(ask("O:SYD:(A;;FA;;;AU)", ACCESS_CHANGE_FILE) == ACCESS_YES);
    EXPECT_TEXT(who, "Authenticated Users");
    EXPECT(ask("O:SYD:(A;;FA;;;IU)", ACCESS_CHANGE_FILE) == ACCESS_YES);
    EXPECT_TEXT(who, "Interactive");
    EXPECT(ask("O:SYD:(A;;FA;;;BG)", ACCESS_CHANGE_FILE) == ACCESS_YES);
    EXPECT_TEXT(who, "Guests");
    EXPECT(ask("O:SYD:(A;;FA;;;AN)", ACCESS_CHANGE_FILE) == ACCESS_YES);
    EXPECT_TEXT(who, "Anonymous");
    EXPECT(ask("O:SYD:(A;;FA;;;S-1-5-21-1-2-3-513)", ACCESS_CHANGE_FILE) == ACCESS_YES);
    EXPECT_TEXT(who, "Domain Users");
    EXPECT(ask("O:SYD:(A;;FA;;;NU)", ACCESS_CHANGE_FILE) == ACCESS_YES);
}

static void administrators_and_single_people_do_not(void)
{
    EXPECT(ask("O:SYD:(A;;FA;;;BA)(A;;FA;;;SY)(A;;FA;;;S-1-5-21-1-2-3-512)(A;;FA;;;S-1-5-21-1-2-3-1001)",
               ACCESS_CHANGE_FILE) == ACCESS_NO);
}

static void each_right_counts(void)
{
    EXPECT(ask("O:SYD:(A;;0x2;;;BU)", ACCESS_CHANGE_FILE) == ACCESS_YES);    /* write data */
    EXPECT(ask("O:SYD:(A;;0x4;;;BU)", ACCESS_CHANGE_FILE) == ACCESS_YES);    /* append data */
    EXPECT(ask("O:SYD:(A;;SD;;;BU)", ACCESS_CHANGE_FILE) == ACCESS_YES);     /* delete */
    EXPECT(ask("O:SYD:(A;;WD;;;BU)", ACCESS_CHANGE_FILE) == ACCESS_YES);     /* change the DACL */
    EXPECT(ask("O:SYD:(A;;WO;;;BU)", ACCESS_CHANGE_FILE) == ACCESS_YES);     /* take ownership */
    EXPECT(ask("O:SYD:(A;;GW;;;BU)", ACCESS_CHANGE_FILE) == ACCESS_YES);     /* generic write */
    EXPECT(ask("O:SYD:(A;;GA;;;BU)", ACCESS_CHANGE_FILE) == ACCESS_YES);     /* generic all */
    EXPECT(ask("O:SYD:(A;;0x2;;;BU)", ACCESS_CHANGE_FOLDER) == ACCESS_YES);  /* add a file */
    EXPECT(ask("O:SYD:(A;;0x40;;;BU)", ACCESS_CHANGE_FOLDER) == ACCESS_YES); /* delete a child */
    EXPECT(ask("O:SYD:(A;;0x40;;;BU)", ACCESS_CHANGE_ABOVE) == ACCESS_YES);
    EXPECT(ask("O:SYD:(A;;0x80;;;BU)", ACCESS_CHANGE_FILE) == ACCESS_NO);  /* read attributes */
    EXPECT(ask("O:SYD:(A;;0x4;;;BU)", ACCESS_CHANGE_FOLDER) == ACCESS_NO); /* add a folder: as in C:\ */
    EXPECT(ask("O:SYD:(A;;0x2;;;BU)", ACCESS_CHANGE_ABOVE) == ACCESS_NO);  /* a file beside the folder */
}

static void deny_entries_count_in_their_order(void)
{
    EXPECT(ask("O:SYD:(D;;FA;;;BU)(A;;FA;;;BU)", ACCESS_CHANGE_FILE) == ACCESS_NO);
    EXPECT(ask("O:SYD:(A;;FA;;;BU)(D;;FA;;;BU)", ACCESS_CHANGE_FILE) == ACCESS_YES);
    EXPECT(ask("O:SYD:(D;;0x2;;;BU)(A;;0x6;;;BU)", ACCESS_CHANGE_FILE) == ACCESS_YES); /* append is left */
    EXPECT(ask("O:SYD:(D;;FA;;;WD)(A;;FA;;;BU)", ACCESS_CHANGE_FILE) == ACCESS_NO);
    /* Guests are denied, users are not. */
    EXPECT(ask("O:SYD:(D;;FA;;;BG)(A;;FA;;;WD)", ACCESS_CHANGE_FILE) == ACCESS_YES);
    /* Users at the machine are denied, users over the network are not. */
    EXPECT(ask("O:SYD:(D;;FA;;;IU)(A;;FA;;;BU)", ACCESS_CHANGE_FILE) == ACCESS_YES);
}

static void inherited_and_inherit_only_entries(void)
{
    EXPECT(ask("O:SYD:(A;ID;FA;;;BU)", ACCESS_CHANGE_FILE) == ACCESS_YES);
    EXPECT(ask("O:SYD:(A;OICIIO;FA;;;BU)", ACCESS_CHANGE_FOLDER) == ACCESS_NO);
    EXPECT(ask("O:SYD:(D;OICIIO;FA;;;BU)(A;;FA;;;BU)", ACCESS_CHANGE_FOLDER) == ACCESS_YES);
}

static void no_dacl_lets_everyone_and_an_empty_one_nobody(void)
{
    const char *everyone = NULL, *reason = NULL;
    EXPECT(access_dacl_grants(NULL, NULL, ACCESS_CHANGE_FILE, &everyone, &reason) == ACCESS_YES);
    EXPECT_TEXT(everyone, "Everyone");
    ACL empty;
    EXPECT(InitializeAcl(&empty, sizeof empty, ACL_REVISION));
    EXPECT(access_dacl_grants(&empty, NULL, ACCESS_CHANGE_FILE, &everyone, &reason) == ACCESS_NO);
}

static void an_ordinary_owner_may_change_the_dacl(void)
{
    EXPECT(ask("O:BUD:(A;;FA;;;BA)", ACCESS_CHANGE_FILE) == ACCESS_YES);
    EXPECT_TEXT(who, "Users");
    EXPECT(ask("O:BAD:(A;;FA;;;BA)", ACCESS_CHANGE_FILE) == ACCESS_NO);
    EXPECT(ask("O:BUD:(A;;FR;;;S-1-3-4)(A;;FA;;;BA)", ACCESS_CHANGE_FILE) == ACCESS_NO);
}

/* A callback ACE holds a condition that only the system can judge. Built by hand: few systems parse it from SDDL. */
static void conditions_leave_it_open(void)
{
    BYTE buffer[256];
    ACL *dacl = (ACL *)buffer;
    SID everyone = {SID_REVISION, 1, {{0, 0, 0, 0, 0, 1}}, {SECURITY_WORLD_RID}};
    who = why = NULL;
    EXPECT(InitializeAcl(dacl, sizeof buffer, ACL_REVISION));
    EXPECT(AddAccessAllowedAce(dacl, ACL_REVISION, FILE_ALL_ACCESS, &everyone));
    void *ace;
    EXPECT(GetAce(dacl, 0, &ace));
    ((ACE_HEADER *)ace)->AceType = ACCESS_ALLOWED_CALLBACK_ACE_TYPE;
    EXPECT(access_dacl_grants(dacl, NULL, ACCESS_CHANGE_FILE, &who, &why) == ACCESS_UNKNOWN);
    EXPECT_TEXT(why, "its access rights depend on conditions");
}

int main(void)
{
    RUN(windows_own_folders_are_safe);
    RUN(every_ordinary_group_counts);
    RUN(administrators_and_single_people_do_not);
    RUN(each_right_counts);
    RUN(deny_entries_count_in_their_order);
    RUN(inherited_and_inherit_only_entries);
    RUN(no_dacl_lets_everyone_and_an_empty_one_nobody);
    RUN(an_ordinary_owner_may_change_the_dacl);
    RUN(conditions_leave_it_open);
    return tap_end();
}
