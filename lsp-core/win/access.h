/* Who may change, and who may read, a file or folder, judged from the bytes of its security descriptor alone: a
 * function of owner and entries that needs no Windows. Microsoft's reference: [MS-DTYP] 2.4 (SID, ACE, ACL,
 * SECURITY_DESCRIPTOR) and "How AccessCheck Works". */
#ifndef WSPLSP_CORE_WIN_ACCESS_H
#define WSPLSP_CORE_WIN_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum access_answer { ACCESS_NO, ACCESS_YES, ACCESS_UNKNOWN };

enum {
    ACCESS_READ_DATA = 0x1,   /* of a folder: list it */
    ACCESS_WRITE_DATA = 0x2,  /* add a file */
    ACCESS_APPEND_DATA = 0x4, /* add a folder */
    ACCESS_WRITE_EA = 0x10,   /* extended attributes */
    ACCESS_EXECUTE = 0x20,    /* go through */
    ACCESS_DELETE_CHILD = 0x40,
    ACCESS_READ_ATTRIBUTES = 0x80,
    ACCESS_WRITE_ATTRIBUTES = 0x100,
    ACCESS_DELETE = 0x10000,
    ACCESS_WRITE_DAC = 0x40000,
    ACCESS_WRITE_OWNER = 0x80000,
    ACCESS_SYNCHRONIZE = 0x100000,
};

/* Whoever has one of these changes a file, … */
#define ACCESS_CHANGE_FILE \
    (ACCESS_WRITE_DATA | ACCESS_APPEND_DATA | ACCESS_DELETE | ACCESS_WRITE_DAC | ACCESS_WRITE_OWNER)
/* … puts other files into a folder in the place of those that are there, … */
#define ACCESS_CHANGE_ABOVE (ACCESS_DELETE_CHILD | ACCESS_DELETE | ACCESS_WRITE_DAC | ACCESS_WRITE_OWNER)
/* … or beside them: a layer's own DLLs are looked for in its folder first (LOAD_WITH_ALTERED_SEARCH_PATH). */
#define ACCESS_CHANGE_FOLDER (ACCESS_CHANGE_ABOVE | ACCESS_WRITE_DATA)
/* A volume's root is neither deleted nor renamed, whatever its rights say (as those of a fresh second drive do). */
#define ACCESS_CHANGE_ROOT (ACCESS_CHANGE_ABOVE & ~ACCESS_DELETE)
/* A link leads elsewhere for whoever may set its reparse point, too. */
#define ACCESS_CHANGE_LINK \
    (ACCESS_CHANGE_ABOVE | ACCESS_WRITE_DATA | ACCESS_APPEND_DATA | ACCESS_WRITE_EA | ACCESS_WRITE_ATTRIBUTES)

/* Counts, too, what entries give to whatever is made in a folder from now on. */
#define ACCESS_WITH_INHERITED 0x1000000u

/* What loading a DLL takes. */
#define ACCESS_LOAD (ACCESS_READ_DATA | ACCESS_EXECUTE | ACCESS_READ_ATTRIBUTES | ACCESS_SYNCHRONIZE)

#define ACCESS_WHO 256

struct access_judgement {
    enum access_answer answer;
    char who[ACCESS_WHO]; /* ACCESS_YES: a name ("Users") or a SID; several of them from access_lacks */
    const char *why;      /* ACCESS_UNKNOWN: a static text */
};

/* Whether anybody has one of the `rights` but SYSTEM, Administrators, TrustedInstaller and the SID `also` (may be
 * NULL): every other account, group, service, app or logon session counts. Who owns the object may change its DACL,
 * unless an entry for OWNER RIGHTS says what owners may do. The descriptor is a self-relative one of `size` bytes; what
 * is damaged or of a kind that is not known is ACCESS_UNKNOWN, never ACCESS_NO. */
struct access_judgement access_changes(const void *descriptor, size_t size, uint32_t rights, const void *also);

/* Whether the descriptor's owner is one of those that access_changes passes over. */
bool access_owner_is_trusted(const void *descriptor, size_t size, const void *also);

/* Programs of several kinds that a provider's DLL is loaded into. */
enum {
    ACCESS_USERS = 1,         /* any user's */
    ACCESS_APPS = 2,          /* in an AppContainer: Store apps, sandboxes; since Windows 8 */
    ACCESS_LOCAL_SERVICE = 4, /* services of these three accounts */
    ACCESS_NETWORK_SERVICE = 8,
    ACCESS_SYSTEM = 16,
};

/* Whether one of the `kinds` lacks one of the `rights`; `who` then names all that do. */
struct access_judgement access_lacks(const void *descriptor, size_t size, uint32_t rights, unsigned kinds);

/* Bytes of a SID as it stands in a descriptor. */
#define ACCESS_SID_MAX 68

#endif
