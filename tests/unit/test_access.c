/* Who may change and who may read: the security descriptors of real places as Windows' own tools print them (Windows 10
 * and 11, Server 2025), and what is hostile, damaged, or of a kind that nobody knows. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/win/access.h"
#include "lsp-core/win/access_path.h"
#include "sddl.h"

#define PERSON "S-1-5-21-1111111111-2222222222-3333333333-1001"
#define RX_ALL "(A;;0x1200a9;;;BU)(A;;0x1200a9;;;AC)(A;;0x1200a9;;;S-1-15-2-2)"

/* C:\ of Windows 10 and 11, and of Server 2025. */
#define DRIVE                                                                                                     \
    "O:" SDDL_TI "G:" SDDL_TI "D:PAI(A;;LC;;;AU)(A;OICIIO;SDGXGWGR;;;AU)(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;" \
    "0x1200a9;;;BU)(A;;0x1000a1;;;S-1-15-3-65536-1888954469-739942743)"
#define DRIVE_SERVER                                                                                            \
    "O:" SDDL_TI "G:SYD:(A;OICIIO;GA;;;CO)(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)(A;CI;LC;;;BU)" \
    "(A;CIIO;DC;;;BU)"
/* A second drive as it is formatted. */
#define SECOND_DRIVE                                                                                         \
    "O:SYG:SYD:AI(A;OICIIO;SDGXGWGR;;;AU)(A;;0x1301bf;;;AU)(A;;FA;;;SY)(A;OICIIO;GA;;;SY)(A;OICIIO;GA;;;BA)" \
    "(A;;FA;;;BA)(A;;0x1200a9;;;BU)(A;OICIIO;GXGR;;;BU)"
/* C:\Program Files, C:\Windows, C:\Windows\System32. */
#define PROGRAM_FILES                                                                                         \
    "O:" SDDL_TI "G:" SDDL_TI "D:PAI(A;OICIIO;GA;;;CO)(A;OICIIO;GA;;;SY)(A;;0x1301bf;;;SY)(A;OICIIO;GA;;;BA)" \
    "(A;;0x1301bf;;;BA)(A;OICIIO;GXGR;;;BU)(A;;0x1200a9;;;BU)(A;CIIO;GA;;;" SDDL_TI ")(A;;FA;;;" SDDL_TI ")"  \
    "(A;;0x1200a9;;;AC)(A;OICIIO;GXGR;;;AC)(A;;0x1200a9;;;S-1-15-2-2)(A;OICIIO;GXGR;;;S-1-15-2-2)"
/* What an administrator's installer makes below it. */
#define VENDOR                                                                                                       \
    "O:BAG:BAD:AI(A;ID;FA;;;" SDDL_TI ")(A;CIIOID;GA;;;" SDDL_TI ")(A;ID;FA;;;SY)(A;OICIIOID;GA;;;SY)(A;ID;FA;;;BA)" \
    "(A;OICIIOID;GA;;;BA)(A;ID;0x1200a9;;;BU)(A;OICIIOID;GXGR;;;BU)(A;OICIIOID;GA;;;CO)(A;ID;0x1200a9;;;AC)"         \
    "(A;OICIIOID;GXGR;;;AC)(A;ID;0x1200a9;;;S-1-15-2-2)(A;OICIIOID;GXGR;;;S-1-15-2-2)"
#define VENDOR_FILE                                                                    \
    "O:BAG:BAD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)(A;ID;0x1200a9;;;AC)" \
    "(A;ID;0x1200a9;;;S-1-15-2-2)"
/* A file of Windows' own in System32. */
#define WINDOWS_FILE "O:" SDDL_TI "G:" SDDL_TI "D:PAI(A;;FA;;;" SDDL_TI ")(A;;0x1200a9;;;BA)(A;;0x1200a9;;;SY)" RX_ALL
#define PROGRAM_DATA                                                                        \
    "O:SYG:SYD:PAI(A;OICIIO;GA;;;CO)(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)" \
    "(A;CI;DCLCRPCR;;;BU)"
/* What somebody without rights, and what an administrator makes below that. */
#define BELOW_PROGRAM_DATA                                                 \
    "O:BAG:BAD:AI(A;OICIIOID;GA;;;CO)(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)" \
    "(A;OICIID;0x1200a9;;;BU)(A;CIID;DCLCRPCR;;;BU)"
#define PROFILES                                                                          \
    "O:SYG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;;0x1200a9;;;BU)(A;OICIIO;GXGR;;;BU)" \
    "(A;;0x1200a9;;;WD)(A;OICIIO;GXGR;;;WD)"
#define PROFILE "O:SYG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;" PERSON ")"
/* A protected folder that Explorer's "Continue" has been pressed for: one more entry, for the one who pressed it. */
#define CONTINUED "O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;" PERSON ")(A;OICI;0x1200a9;;;BU)"

static struct access_judgement changes(const char *text, uint32_t rights)
{
    struct sddl descriptor;
    sddl_make(text, &descriptor);
    return access_changes(descriptor.bytes, descriptor.size, rights, NULL);
}

static void nobody(const char *text, uint32_t rights)
{
    struct access_judgement judgement = changes(text, rights);
    if (judgement.answer != ACCESS_NO)
        fail_msg("%s: %s%s", text, judgement.who, judgement.why != NULL ? judgement.why : "");
}

static void somebody(const char *text, uint32_t rights, const char *who)
{
    struct access_judgement judgement = changes(text, rights);
    if (judgement.answer != ACCESS_YES)
        fail_msg("%s: nobody", text);
    assert_string_equal(judgement.who, who);
}

static void unsure(const char *text, uint32_t rights)
{
    struct access_judgement judgement = changes(text, rights);
    if (judgement.answer != ACCESS_UNKNOWN)
        fail_msg("%s: answer %d", text, judgement.answer);
    assert_non_null(judgement.why);
}

static void safe_places(void **state)
{
    (void)state;
    nobody(DRIVE, ACCESS_CHANGE_ABOVE); /* a new folder in C:\ replaces nothing */
    nobody(DRIVE_SERVER, ACCESS_CHANGE_ABOVE);
    nobody(PROGRAM_FILES, ACCESS_CHANGE_FOLDER);
    nobody(PROGRAM_FILES, ACCESS_CHANGE_ABOVE);
    nobody(VENDOR, ACCESS_CHANGE_FOLDER);
    nobody(VENDOR_FILE, ACCESS_CHANGE_FILE);
    nobody(WINDOWS_FILE, ACCESS_CHANGE_FILE);
    nobody(PROGRAM_DATA, ACCESS_CHANGE_ABOVE);
    nobody(PROFILES, ACCESS_CHANGE_ABOVE);
    nobody(SECOND_DRIVE, ACCESS_CHANGE_ROOT); /* DELETE means nothing at a volume's root */
}

static void unsafe_places(void **state)
{
    (void)state;
    somebody(SECOND_DRIVE, ACCESS_CHANGE_ABOVE, "Authenticated Users");
    somebody(SECOND_DRIVE, ACCESS_CHANGE_FOLDER, "Authenticated Users");
    somebody(PROGRAM_DATA, ACCESS_CHANGE_FOLDER, "Users");
    somebody(BELOW_PROGRAM_DATA, ACCESS_CHANGE_FOLDER, "Users");
    somebody(PROFILE, ACCESS_CHANGE_ABOVE, PERSON);
    somebody(CONTINUED, ACCESS_CHANGE_ABOVE, PERSON);
    somebody(CONTINUED, ACCESS_CHANGE_FILE, PERSON);
    /* A folder that an administrator makes in C:\, where Authenticated Users inherit nearly all. */
    somebody("O:BAG:BAD:AI(A;ID;FA;;;BA)(A;OICIIOID;GA;;;BA)(A;ID;FA;;;SY)(A;OICIID;0x1200a9;;;BU)(A;ID;0x1301bf;;;AU)"
             "(A;OICIIOID;SDGXGWGR;;;AU)",
             ACCESS_CHANGE_ABOVE, "Authenticated Users");
}

static void everybody_counts(void **state)
{
    (void)state;
    static const char *const whom[][2] = {
        {"WD", "Everyone"},
        {"BU", "Users"},
        {"AU", "Authenticated Users"},
        {"IU", "Interactive"},
        {"NU", "Network"},
        {"BG", "Guests"},
        {"AN", "Anonymous"},
        {"PU", "Power Users"},
        {"SU", "SERVICE"},
        {"LS", "LOCAL SERVICE"},
        {"NS", "NETWORK SERVICE"},
        {"AC", "ALL APPLICATION PACKAGES"},
        {"CO", "Creator Owner"}, /* where it is not inherit-only */
        {PERSON, PERSON},
        {"S-1-5-21-1-2-3-512", "S-1-5-21-1-2-3-512"}, /* Domain Admins of a domain that nobody here vouches for */
        {"S-1-5-21-1-2-3-513", "Domain Users"},
        {"S-1-5-21-1-2-3-4711", "S-1-5-21-1-2-3-4711"}, /* somebody's own group */
        {"S-1-5-32-551", "Backup Operators"},
        {"S-1-5-80-0", "ALL SERVICES"},
        /* TrustedInstaller's number, but for the last */
        {"S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478465",
         "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478465"},
        {"S-1-5-5-0-123456", "S-1-5-5-0-123456"},             /* a logon session */
        {"S-1-15-2-1-2-3-4-5-6-7", "S-1-15-2-1-2-3-4-5-6-7"}, /* one app */
        {"S-1-15-3-1024-1-2-3-4", "S-1-15-3-1024-1-2-3-4"},   /* a capability */
        {"S-1-12-1-5-6-7-8", "S-1-12-1-5-6-7-8"},             /* an Entra account */
        {"S-1-16-12288", "S-1-16-12288"},
    };
    char text[256];
    for (size_t i = 0; i < sizeof whom / sizeof whom[0]; i++) {
        snprintf(text, sizeof text, "O:BAD:(A;;FA;;;SY)(A;;FA;;;%s)", whom[i][0]);
        somebody(text, ACCESS_CHANGE_FILE, whom[i][1]);
        snprintf(text, sizeof text, "O:BAD:(A;;FA;;;SY)(A;OICIIO;FA;;;%s)", whom[i][0]);
        nobody(text, ACCESS_CHANGE_FOLDER);
        snprintf(text, sizeof text, "O:BAD:(A;;FA;;;SY)(A;;0x1200a9;;;%s)", whom[i][0]);
        nobody(text, ACCESS_CHANGE_FOLDER);
        if (strcmp(whom[i][0], "CO") != 0) {
            snprintf(text, sizeof text, "O:%sD:(A;;FA;;;BA)", whom[i][0]);
            somebody(text, ACCESS_CHANGE_FILE, whom[i][1]);
        }
    }
}

static void each_right_counts(void **state)
{
    (void)state;
    static const struct {
        const char *right;
        bool file, folder, above;
    } rights[] = {
        {"0x2", true, true, false},   {"0x4", true, false, false},   {"0x40", false, true, true},
        {"SD", true, true, true},     {"WD", true, true, true},      {"WO", true, true, true},
        {"GW", true, true, false},    {"GA", true, true, true},      {"0x80", false, false, false},
        {"0x1", false, false, false}, {"GRGX", false, false, false},
    };
    char text[64];
    for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++) {
        snprintf(text, sizeof text, "O:SYD:(A;;%s;;;BU)", rights[i].right);
        assert_int_equal(changes(text, ACCESS_CHANGE_FILE).answer, rights[i].file ? ACCESS_YES : ACCESS_NO);
        assert_int_equal(changes(text, ACCESS_CHANGE_FOLDER).answer, rights[i].folder ? ACCESS_YES : ACCESS_NO);
        assert_int_equal(changes(text, ACCESS_CHANGE_ABOVE).answer, rights[i].above ? ACCESS_YES : ACCESS_NO);
    }
    somebody("O:SYD:(A;;0x100;;;BU)", ACCESS_CHANGE_LINK, "Users");
    somebody("O:SYD:(A;;0x10;;;BU)", ACCESS_CHANGE_LINK, "Users");
}

static void denials_count_in_their_order(void **state)
{
    (void)state;
    nobody("O:SYD:(D;;FA;;;BU)(A;;FA;;;BU)", ACCESS_CHANGE_FILE);
    somebody("O:SYD:(A;;FA;;;BU)(D;;FA;;;BU)", ACCESS_CHANGE_FILE, "Users");
    somebody("O:SYD:(D;;0x2;;;BU)(A;;0x6;;;BU)", ACCESS_CHANGE_FILE, "Users"); /* appending is left */
    nobody("O:SYD:(D;;GA;;;WD)(A;;FA;;;BU)", ACCESS_CHANGE_FILE);
    somebody("O:SYD:(D;;FA;;;WD)(A;;FA;;;AN)", ACCESS_CHANGE_FILE, "Anonymous"); /* anonymous logons hold no Everyone */
    somebody("O:SYD:(D;OICIIO;FA;;;BU)(A;;FA;;;BU)", ACCESS_CHANGE_FOLDER, "Users");
    /* A denial for some is none for all. */
    somebody("O:SYD:(D;;FA;;;BG)(A;;FA;;;WD)", ACCESS_CHANGE_FILE, "Everyone");
    somebody("O:SYD:(D;;FA;;;IU)(A;;FA;;;BU)", ACCESS_CHANGE_FILE, "Users");
    somebody("O:SYD:(D;;FA;;;" PERSON ")(A;;FA;;;BU)", ACCESS_CHANGE_FILE, "Users");
    somebody("O:SYD:(XD;;FA;;;BU)(A;;FA;;;BU)", ACCESS_CHANGE_FILE, "Users");
}

static void owners(void **state)
{
    (void)state;
    somebody("O:" PERSON "D:(A;;FA;;;BA)", ACCESS_CHANGE_FILE, PERSON); /* may change the DACL */
    somebody("O:" PERSON "D:", ACCESS_CHANGE_FILE, PERSON);
    nobody("O:" PERSON "D:(A;;FR;;;OW)(A;;FA;;;BA)", ACCESS_CHANGE_FILE);
    nobody("O:" PERSON "D:(D;;WD;;;OW)(A;;FA;;;BA)", ACCESS_CHANGE_FILE);
    somebody("O:" PERSON "D:(A;OICIIO;FR;;;OW)(A;;FA;;;BA)", ACCESS_CHANGE_FOLDER, PERSON);
    somebody("O:" PERSON "D:(A;;FRSD;;;OW)(A;;FA;;;BA)", ACCESS_CHANGE_FILE, PERSON);
    nobody("O:BAD:(A;;FA;;;OW)", ACCESS_CHANGE_FILE);
    nobody("O:SYD:", ACCESS_CHANGE_FILE); /* an empty DACL */
    nobody("O:" SDDL_TI "D:(A;;FA;;;BA)", ACCESS_CHANGE_FILE);
    unsure("D:(A;;FA;;;BA)", ACCESS_CHANGE_FILE);
    somebody("D:(A;;FA;;;BU)", ACCESS_CHANGE_FILE, "Users");
    struct sddl descriptor;
    sddl_make("O:BA", &descriptor);
    assert_true(access_owner_is_trusted(descriptor.bytes, descriptor.size, NULL));
    sddl_make("O:" PERSON, &descriptor);
    assert_false(access_owner_is_trusted(descriptor.bytes, descriptor.size, NULL));
}

/* The folder of backups: what is made in it must not be others' to change either; to read it does no harm. */
static void what_a_folder_hands_on(void **state)
{
    (void)state;
    const uint32_t own = ACCESS_CHANGE_LINK | ACCESS_WITH_INHERITED;
    nobody("O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;;0x1200a9;;;AU)", own);
    nobody("O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FR;;;" PERSON ")", own);
    nobody("O:BAD:P(A;OICI;FA;;;BA)(A;OICIIO;GA;;;CO)", own); /* who makes it there is an administrator */
    somebody("O:BAD:P(A;OICI;FA;;;BA)(A;OICIIO;FA;;;BU)", own, "Users");
    nobody("O:BAD:P(A;OICI;FA;;;BA)(A;OICIIO;FA;;;BU)", ACCESS_CHANGE_LINK);
    somebody("O:BAD:P(A;OICI;FA;;;BA)(A;;0x2;;;BU)", own, "Users");
    somebody("O:BAD:P(A;OICI;FA;;;BA)(A;;0x4;;;BU)", own, "Users");
    somebody("O:BAD:P(A;OICI;FA;;;BA)(A;;0x100;;;BU)", own, "Users");
    somebody("O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;" PERSON ")", own, PERSON); /* "Continue" */
}

static void no_dacl_lets_everyone(void **state)
{
    (void)state;
    somebody("O:SY", ACCESS_CHANGE_FILE, "Everyone");
    struct sddl descriptor; /* present, but none */
    sddl_make("O:SY", &descriptor);
    descriptor.bytes[2] |= 0x4;
    assert_int_equal(access_changes(descriptor.bytes, descriptor.size, ACCESS_CHANGE_FILE, NULL).answer, ACCESS_YES);
}

static void kinds_that_are_not_known(void **state)
{
    (void)state;
    unsure("O:SYD:(XA;;FA;;;BU)", ACCESS_CHANGE_FILE);
    unsure("O:SYD:(OA;;FA;;;BU)", ACCESS_CHANGE_FILE);
    somebody("O:SYD:(OA;;FA;;;BU)(A;;FA;;;WD)", ACCESS_CHANGE_FILE, "Everyone"); /* what is certain goes first */
    nobody("O:SYD:(OA;IO;FA;;;BU)", ACCESS_CHANGE_FILE);
    nobody("O:SYD:(XA;;FA;;;BA)", ACCESS_CHANGE_FILE);
    nobody("O:SYD:(XA;;FR;;;BU)", ACCESS_CHANGE_FILE);
    struct sddl descriptor;
    for (unsigned kind = 0; kind < 256; kind++) {
        sddl_make("O:SYD:(A;;FA;;;BU)", &descriptor);
        descriptor.bytes[20 + 12 + 8] = (uint8_t)kind; /* behind header, owner and the DACL's header */
        enum access_answer answer = access_changes(descriptor.bytes, descriptor.size, ACCESS_CHANGE_FILE, NULL).answer;
        bool denies = kind == 1 || kind == 6 || kind == 10 || kind == 12;
        assert_int_equal(answer, kind == 0 ? ACCESS_YES : denies ? ACCESS_NO : ACCESS_UNKNOWN);
    }
}

/* Cut off anywhere, or with any byte changed, it is never read beyond its end, and never called safe for that. */
static void damaged_ones(void **state)
{
    (void)state;
    struct sddl whole;
    sddl_make(CONTINUED, &whole);
    for (size_t size = 0; size < whole.size; size++) {
        uint8_t *cut = malloc(size + 1);
        memcpy(cut, whole.bytes, size);
        uint8_t *exact = realloc(cut, size > 0 ? size : 1);
        assert_int_equal(access_changes(exact, size, ACCESS_CHANGE_FILE, NULL).answer, ACCESS_UNKNOWN);
        assert_int_equal(access_lacks(exact, size, ACCESS_LOAD, ACCESS_USERS).answer, ACCESS_UNKNOWN);
        free(exact);
    }
    for (size_t at = 0; at < whole.size; at++) {
        for (unsigned value = 0; value < 256; value++) {
            uint8_t *changed = malloc(whole.size);
            memcpy(changed, whole.bytes, whole.size);
            changed[at] = (uint8_t)value;
            access_changes(changed, whole.size, ACCESS_CHANGE_FILE, NULL);
            access_lacks(changed, whole.size, ACCESS_LOAD, ACCESS_USERS | ACCESS_APPS);
            free(changed);
        }
    }
    assert_int_equal(access_changes(NULL, 0, ACCESS_CHANGE_FILE, NULL).answer, ACCESS_UNKNOWN);
    /* More entries than there are. */
    whole.bytes[20 + 16 + 4] = 200;
    assert_int_equal(access_changes(whole.bytes, whole.size, ACCESS_DELETE_CHILD, NULL).answer, ACCESS_YES);
    sddl_make(VENDOR_FILE, &whole);
    size_t dacl = whole.bytes[16];
    whole.bytes[dacl + 4] = 200;
    assert_int_equal(access_changes(whole.bytes, whole.size, ACCESS_CHANGE_FILE, NULL).answer, ACCESS_UNKNOWN);
}

static void one_more_is_trusted(void **state)
{
    (void)state;
    uint8_t own[ACCESS_SID_MAX];
    struct sddl descriptor;
    sddl_sid(PERSON, strlen(PERSON), own);
    sddl_make("O:" PERSON "D:(A;;FA;;;" PERSON ")", &descriptor);
    assert_int_equal(access_changes(descriptor.bytes, descriptor.size, ACCESS_CHANGE_FILE, own).answer, ACCESS_NO);
    sddl_make("O:" PERSON "D:(A;;FA;;;" PERSON "2)", &descriptor);
    assert_int_equal(access_changes(descriptor.bytes, descriptor.size, ACCESS_CHANGE_FILE, own).answer, ACCESS_YES);
}

/* --- who may read --- */

enum { ALL = ACCESS_USERS | ACCESS_APPS | ACCESS_LOCAL_SERVICE | ACCESS_NETWORK_SERVICE | ACCESS_SYSTEM };

static void lacks(const char *text, unsigned kinds, const char *who)
{
    struct sddl descriptor;
    sddl_make(text, &descriptor);
    struct access_judgement judgement = access_lacks(descriptor.bytes, descriptor.size, ACCESS_LOAD, kinds);
    if (judgement.answer != (who == NULL ? ACCESS_NO : ACCESS_YES))
        fail_msg("%s: answer %d %s", text, judgement.answer, judgement.who);
    if (who != NULL)
        assert_string_equal(judgement.who, who);
}

#define APPS "Store apps and sandboxed programs (ALL APPLICATION PACKAGES)"

static void who_can_load(void **state)
{
    (void)state;
    lacks(WINDOWS_FILE, ALL, NULL);
    lacks(VENDOR_FILE, ALL, NULL);
    lacks(PROGRAM_FILES, ALL, NULL);
    lacks("O:BA", ALL, NULL);
    lacks("O:BAD:(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x1200a9;;;BU)", ALL, APPS); /* as below ProgramData, or on Windows 7 */
    lacks("O:BAD:(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x1200a9;;;BU)", ALL & ~ACCESS_APPS, NULL);
    lacks("O:BAD:(A;;FA;;;BA)(A;;GRGX;;;WD)(A;;GRGX;;;AC)", ALL, NULL);
    lacks("O:BAD:(A;;FA;;;BA)(A;;FR;;;WD)(A;;FR;;;AC)", ACCESS_USERS, "ordinary users (Users)"); /* no execute */
    lacks("O:BAD:(A;;FA;;;BA)(A;;FX;;;AU)", ACCESS_USERS, "ordinary users (Users)");             /* no read */
    lacks("O:BAD:(A;;FR;;;BU)(A;;FX;;;AU)(A;;FR;;;LS)(A;;FX;;;SU)", ALL & ~(ACCESS_APPS | ACCESS_SYSTEM), NULL);
    lacks("O:BAD:(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x1200a9;;;IU)(A;;0x1200a9;;;AC)", ALL,
          "ordinary users (Users), services of LOCAL SERVICE, services of NETWORK SERVICE");
    lacks("O:BAD:(D;;FX;;;NS)(A;;0x1200a9;;;WD)", ACCESS_LOCAL_SERVICE | ACCESS_NETWORK_SERVICE,
          "services of NETWORK SERVICE");
    lacks("O:BAD:(D;;FR;;;AC)(A;;GRGX;;;AC)", ACCESS_APPS, APPS);
    lacks("O:BAD:(A;;GRGX;;;AC)(D;;FR;;;AC)", ACCESS_APPS, NULL);
    lacks("O:BAD:(A;OICIIO;GRGX;;;WD)", ACCESS_USERS, "ordinary users (Users)");
    lacks("O:BUD:", ACCESS_USERS, "ordinary users (Users)"); /* owning is not reading */
    lacks(PROFILE, ALL, "ordinary users (Users), " APPS ", services of LOCAL SERVICE, services of NETWORK SERVICE");
    struct sddl descriptor;
    sddl_make("O:BAD:(XA;;GRGX;;;WD)", &descriptor);
    assert_int_equal(access_lacks(descriptor.bytes, descriptor.size, ACCESS_LOAD, ACCESS_USERS).answer, ACCESS_UNKNOWN);
    sddl_make("O:BAD:(OA;;GRGX;;;WD)", &descriptor);
    assert_int_equal(access_lacks(descriptor.bytes, descriptor.size, ACCESS_LOAD, ACCESS_USERS).answer, ACCESS_UNKNOWN);
    sddl_make("O:BAD:(A;;GRGX;;;WD)(OA;;GRGX;;;WD)", &descriptor);
    assert_int_equal(access_lacks(descriptor.bytes, descriptor.size, ACCESS_LOAD, ACCESS_USERS).answer, ACCESS_NO);
}

/* --- the way to a file --- */

/* A world of files: what is at each path, and what of it is a link. */
struct place {
    const char *path, *text, *target;
};

static bool look(void *context, const char *path, struct access_object *object)
{
    for (const struct place *place = context; place->path != NULL; place++) {
        if (strcmp(place->path, path) != 0)
            continue;
        if (place->text != NULL) {
            struct sddl descriptor;
            sddl_make(place->text, &descriptor);
            object->descriptor = malloc(descriptor.size);
            if (object->descriptor == NULL)
                return false;
            memcpy(object->descriptor, descriptor.bytes, descriptor.size);
            object->size = descriptor.size;
        }
        object->why = "it cannot be read";
        object->link = place->target != NULL;
        if (object->link && place->target[0] != '\0') {
            object->target = malloc(strlen(place->target) + 1);
            if (object->target == NULL)
                return false;
            strcpy(object->target, place->target);
        }
        return true;
    }
    object->why = "it is not there";
    return true;
}

static struct access_finding walk(const struct place *places, const char *path)
{
    struct access_finding finding;
    struct access_eyes eyes = {.look = look, .context = (void *)places};
    assert_true(access_path_judge(&eyes, path, &finding));
    return finding;
}

static void way(const struct place *places, const char *path, enum access_answer answer, const char *at)
{
    struct access_finding finding = walk(places, path);
    if (finding.judgement.answer != answer)
        fail_msg("%s: answer %d at %s", path, finding.judgement.answer, finding.at != NULL ? finding.at : "-");
    if (at != NULL)
        assert_string_equal(finding.at, at);
    access_finding_free(&finding);
}

#define CLEAN(path)        \
    {                      \
        path, VENDOR, NULL \
    }

static void the_way_to_a_file(void **state)
{
    (void)state;
    const struct place usual[] = {{"C:\\", DRIVE, NULL},
                                  {"C:\\Program Files", PROGRAM_FILES, NULL},
                                  CLEAN("C:\\Program Files\\Vendor"),
                                  {"C:\\Program Files\\Vendor\\layer.dll", VENDOR_FILE, NULL},
                                  {NULL, NULL, NULL}};
    way(usual, "C:\\Program Files\\Vendor\\layer.dll", ACCESS_NO, NULL);
    way(usual, "C:\\Program Files\\Other\\..\\.\\Vendor\\layer.dll", ACCESS_UNKNOWN, "C:\\Program Files\\Other");
    way(usual, "\\\\server\\share\\layer.dll", ACCESS_UNKNOWN, NULL);
    const struct place above[] = {{"D:\\", SECOND_DRIVE, NULL},
                                  {"D:\\a", CONTINUED, NULL},
                                  CLEAN("D:\\a\\b"),
                                  CLEAN("D:\\a\\b\\c"),
                                  {"D:\\a\\b\\c\\x.dll", VENDOR_FILE, NULL},
                                  {"D:\\x.dll", VENDOR_FILE, NULL},
                                  {NULL, NULL, NULL}};
    way(above, "D:\\a\\b\\c\\x.dll", ACCESS_YES, "D:\\a");
    way(above, "D:\\x.dll", ACCESS_YES, "D:\\"); /* beside it anybody may put a DLL */
    /* Who may delete a folder on the way may put one of his own in its place, and so may who may rename it. */
    const struct place deletable[] = {{"C:\\", DRIVE, NULL},
                                      {"C:\\a", "O:BAD:(A;;FA;;;BA)(A;;SD;;;BU)", NULL},
                                      CLEAN("C:\\a\\b"),
                                      {"C:\\a\\b\\x.dll", VENDOR_FILE, NULL},
                                      {NULL, NULL, NULL}};
    way(deletable, "C:\\a\\b\\x.dll", ACCESS_YES, "C:\\a");
    /* In the file's own folder it is enough to add files: those that the DLL loads are looked for there. */
    const struct place beside[] = {{"C:\\", DRIVE, NULL},
                                   {"C:\\ProgramData", PROGRAM_DATA, NULL},
                                   {"C:\\ProgramData\\v", BELOW_PROGRAM_DATA, NULL},
                                   {"C:\\ProgramData\\v\\x.dll", VENDOR_FILE, NULL},
                                   CLEAN("C:\\ProgramData\\v\\w"),
                                   {"C:\\ProgramData\\v\\w\\x.dll", VENDOR_FILE, NULL},
                                   {NULL, NULL, NULL}};
    way(beside, "C:\\ProgramData\\v\\x.dll", ACCESS_YES, "C:\\ProgramData\\v");
    way(beside, "C:\\ProgramData\\v\\w\\x.dll", ACCESS_NO, NULL);
    const struct place file[] = {
        {"C:\\", DRIVE, NULL}, CLEAN("C:\\a"), {"C:\\a\\x.dll", CONTINUED, NULL}, {NULL, NULL, NULL}};
    way(file, "C:\\a\\x.dll", ACCESS_YES, "C:\\a\\x.dll");
    const struct place secret[] = {
        {"C:\\", DRIVE, NULL}, {"C:\\a", NULL, NULL}, {"C:\\a\\x.dll", VENDOR_FILE, NULL}, {NULL, NULL, NULL}};
    way(secret, "C:\\a\\x.dll", ACCESS_UNKNOWN, "C:\\a");
}

static void links_on_the_way(void **state)
{
    (void)state;
    const struct place junction[] = {{"C:\\", DRIVE, NULL},
                                     {"C:\\link", VENDOR, "D:\\real"},
                                     {"D:\\", SECOND_DRIVE, NULL},
                                     CLEAN("D:\\real"),
                                     CLEAN("D:\\real\\v"),
                                     {"D:\\real\\v\\x.dll", VENDOR_FILE, NULL},
                                     {NULL, NULL, NULL}};
    struct access_finding finding = walk(junction, "C:\\link\\v\\x.dll");
    assert_int_equal(finding.judgement.answer, ACCESS_NO);
    assert_string_equal(finding.real, "D:\\real\\v\\x.dll");
    access_finding_free(&finding);

    struct place bad[sizeof junction / sizeof junction[0]];
    memcpy(bad, junction, sizeof junction);
    bad[1].text = CONTINUED; /* who may change the link */
    way(bad, "C:\\link\\v\\x.dll", ACCESS_YES, "C:\\link");
    memcpy(bad, junction, sizeof junction);
    bad[1].text = "O:BAD:(A;;FA;;;BA)(A;;0x100;;;BU)";
    way(bad, "C:\\link\\v\\x.dll", ACCESS_YES, "C:\\link");
    memcpy(bad, junction, sizeof junction);
    bad[3].text = CONTINUED; /* who may change what is behind it */
    way(bad, "C:\\link\\v\\x.dll", ACCESS_YES, "D:\\real");
    memcpy(bad, junction, sizeof junction);
    bad[1].target = ""; /* of a kind that is not known */
    way(bad, "C:\\link\\v\\x.dll", ACCESS_UNKNOWN, "C:\\link");
    memcpy(bad, junction, sizeof junction);
    bad[1].target = "\\\\server\\share";
    way(bad, "C:\\link\\v\\x.dll", ACCESS_UNKNOWN, NULL);
    memcpy(bad, junction, sizeof junction);
    bad[1].target = "C:\\link"; /* leads to itself */
    way(bad, "C:\\link\\v\\x.dll", ACCESS_UNKNOWN, "C:\\link");

    /* A link of a link: the one between counts, and the folder that it is in. */
    struct place twice[] = {{"C:\\", DRIVE, NULL},
                            CLEAN("C:\\a"),
                            {"C:\\a\\x.dll", VENDOR_FILE, "C:\\b\\y.dll"},
                            CLEAN("C:\\b"),
                            {"C:\\b\\y.dll", VENDOR_FILE, "C:\\c\\z.dll"},
                            CLEAN("C:\\c"),
                            {"C:\\c\\z.dll", VENDOR_FILE, NULL},
                            {NULL, NULL, NULL}};
    way(twice, "C:\\a\\x.dll", ACCESS_NO, NULL);
    twice[3].text = CONTINUED;
    way(twice, "C:\\a\\x.dll", ACCESS_YES, "C:\\b");
    twice[3].text = VENDOR;
    twice[4].text = "O:" PERSON "D:(A;;FA;;;BA)";
    way(twice, "C:\\a\\x.dll", ACCESS_YES, "C:\\b\\y.dll");

    const struct place mounted[] = {{"C:\\", DRIVE, NULL},
                                    {"C:\\m", VENDOR, "\\\\?\\Volume{1}\\"},
                                    {"\\\\?\\Volume{1}\\", SECOND_DRIVE, NULL},
                                    CLEAN("\\\\?\\Volume{1}\\v"),
                                    {"\\\\?\\Volume{1}\\v\\x.dll", VENDOR_FILE, NULL},
                                    {NULL, NULL, NULL}};
    way(mounted, "C:\\m\\v\\x.dll", ACCESS_NO, NULL);
}

static bool walk_without_memory(void *context)
{
    struct access_finding finding;
    struct access_eyes eyes = {.look = look, .context = context};
    if (!access_path_judge(&eyes, "C:\\link\\v\\x.dll", &finding))
        return false;
    bool good = finding.judgement.answer == ACCESS_NO && finding.real != NULL;
    access_finding_free(&finding);
    return good;
}

static void memory_that_runs_out(void **state)
{
    (void)state;
    struct place places[] = {
        {"C:\\", DRIVE, NULL}, {"C:\\link", VENDOR, "C:\\a\\..\\b"},   CLEAN("C:\\a"),    CLEAN("C:\\b"),
        CLEAN("C:\\b\\v"),     {"C:\\b\\v\\x.dll", VENDOR_FILE, NULL}, {NULL, NULL, NULL}};
    support_fail_allocations(walk_without_memory, places);
}

/* --- reparse points --- */

static char *target_of(uint32_t tag, bool relative, const char *stored, const char *path, bool *link)
{
    uint8_t bytes[512] = {0};
    size_t names = tag == 0xA000000Cu ? 20 : 16, length = 2 * strlen(stored);
    for (size_t i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(tag >> (8 * i));
    bytes[8] = 4; /* the printed name stands before it, as it may */
    bytes[10] = (uint8_t)length;
    bytes[16] = relative ? 1 : 0;
    memcpy(bytes + names, "p\0n\0", 4);
    for (size_t i = 0; i < strlen(stored); i++)
        bytes[names + 4 + 2 * i] = (uint8_t)stored[i];
    for (size_t cut = 0; cut < names + 4 + length; cut++)
        assert_null(access_link_target(bytes, cut, path, link));
    return access_link_target(bytes, names + 4 + length, path, link);
}

static void where_links_lead(void **state)
{
    (void)state;
    static const struct {
        uint32_t tag;
        bool relative;
        const char *stored, *target;
    } links[] = {
        {0xA0000003u, false, "\\??\\D:\\real\\", "D:\\real\\"},
        {0xA0000003u, false, "\\??\\D:", "D:\\"},
        {0xA0000003u, false, "\\??\\Volume{1-2}\\", "\\\\?\\Volume{1-2}\\"},
        {0xA000000Cu, false, "\\??\\D:\\real\\x.dll", "D:\\real\\x.dll"},
        {0xA000000Cu, false, "\\??\\UNC\\server\\share", "UNC\\server\\share"},
        {0xA000000Cu, true, "..\\y.dll", "C:\\a\\..\\y.dll"},
        {0xA000000Cu, true, "y.dll", "C:\\a\\y.dll"},
        {0xA000000Cu, true, "\\b\\y.dll", "C:\\b\\y.dll"},
    };
    bool link;
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        char *target = target_of(links[i].tag, links[i].relative, links[i].stored, "C:\\a\\x.dll", &link);
        assert_true(link);
        assert_string_equal(target, links[i].target);
        free(target);
    }
    assert_null(target_of(0xA000001Du, false, "x", "C:\\a", &link)); /* IO_REPARSE_TAG_LX_SYMLINK: leads somewhere */
    assert_true(link);
    assert_null(target_of(0x80000017u, false, "x", "C:\\a", &link)); /* WOF: a compressed file is that file */
    assert_false(link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(safe_places),
        cmocka_unit_test(unsafe_places),
        cmocka_unit_test(everybody_counts),
        cmocka_unit_test(each_right_counts),
        cmocka_unit_test(denials_count_in_their_order),
        cmocka_unit_test(owners),
        cmocka_unit_test(what_a_folder_hands_on),
        cmocka_unit_test(no_dacl_lets_everyone),
        cmocka_unit_test(kinds_that_are_not_known),
        cmocka_unit_test(damaged_ones),
        cmocka_unit_test(one_more_is_trusted),
        cmocka_unit_test(who_can_load),
        cmocka_unit_test(the_way_to_a_file),
        cmocka_unit_test(links_on_the_way),
        cmocka_unit_test(memory_that_runs_out),
        cmocka_unit_test(where_links_lead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
