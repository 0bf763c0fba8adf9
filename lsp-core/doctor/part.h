/* What the doctor's rules share: the snapshot with indices over it, and the ways to report. Nothing here is for anyone
 * else than the files of this folder. */
#ifndef WSPLSP_CORE_DOCTOR_PART_H
#define WSPLSP_CORE_DOCTOR_PART_H

#include "doctor.h"
#include "lsp-core/dlls/dlls.h"

/* What is wrong with a chain as such. Each chain has one: its first. */
enum check_fault {
    CHECK_CHAIN_SOUND, /* also: not a chain */
    CHECK_CHAIN_TOO_LONG,
    CHECK_CHAIN_SELF,
    CHECK_CHAIN_NO_LAYER, /* its top member is missing or a base */
    CHECK_CHAIN_MEMBER_MISSING,
    CHECK_CHAIN_CIRCLE,    /* the first entry of a circle … */
    CHECK_CHAIN_IN_CIRCLE, /* … and the others */
    CHECK_CHAIN_NO_BASE,
};

/* An entry under a number by which rules group or find it. */
struct check_pair {
    uint32_t id;
    const struct wsplsp_entry *entry;
};

/* One catalog, indexed. */
struct check_catalog {
    const struct wsplsp_catalog *catalog;
    struct check_pair *by_id; /* the decoded entries by catalog id, then position */
    size_t decoded;
    unsigned char *faults;      /* an enum check_fault for each entry */
    bool *in_chain;             /* for each entry: it is a member of another one's chain */
    struct check_pair *scratch; /* room for as many pairs as there are entries, for one rule at a time */
};

/* A DLL that one catalog names, with the entry to report it at: its layer entry if it has one, else its first. */
struct check_dll {
    const char *path;
    int bits;
    const struct wsplsp_entry *entry;           /* NULL for a name space provider's … */
    const struct wsplsp_name_space *name_space; /* … first one */
    size_t order;                               /* among all that were gathered */
};

struct check {
    const struct wsplsp_snapshot *snapshot;
    struct check_files *files;     /* NULL: rules that need files aren't run */
    const struct check_rule *rule; /* the one being run */
    struct check_catalog catalogs[2];
    struct check_dll *dlls;
    size_t dll_count;
    struct check_report *report;
    bool out_of_memory;
};

/* index.c */
void check_index_make(struct check *check);
void check_index_free(struct check *check);
enum check_fault check_fault_of(const struct check_catalog *catalog, const struct wsplsp_entry *entry);
/* Whether the entry is decoded, of that kind, and the first with its id. */
bool check_is(const struct check_catalog *catalog, const struct wsplsp_entry *entry, enum wsplsp_kind kind);
void check_pairs_sort(struct check_pair *pairs, size_t count);
/* The end of the group of equal numbers that begins at `start`. */
size_t check_pairs_end(const struct check_pair *pairs, size_t count, size_t start);

/* chain_faults.c: fills `faults`. */
void check_chain_faults(struct check *check, struct check_catalog *catalog);

/* report.c: add to the report. Messages are one or two sentences, without a final newline. */
void check_report_entry(struct check *check, const struct wsplsp_entry *entry, enum check_severity severity,
                        const char *advice, const char *format, ...) WSPLSP_PRINTF(5, 6);
/* `bits` 0: of no one catalog. */
void check_report_catalog(struct check *check, int bits, enum check_severity severity, const char *advice,
                          const char *format, ...) WSPLSP_PRINTF(5, 6);
/* At the DLL's entry, or in its catalog. */
void check_report_dll(struct check *check, const struct check_dll *dll, enum check_severity severity,
                      const char *advice, const char *format, ...) WSPLSP_PRINTF(5, 6);
/* Says that the rule could not be looked at; once for each reason. */
void check_skip(struct check *check, const char *format, ...) WSPLSP_PRINTF(2, 3);
void check_report_sort(struct check *check);

/* text.c: the words that messages share. */
struct check_text {
    char text[256];
};
/* chain entry 1016 "Contoso over TCP" */
struct check_text check_label(const struct wsplsp_entry *entry);
/* name space provider "NLA" */
struct check_text check_name_space_label(const struct wsplsp_name_space *name_space);
/* "IPv4 TCP" */
struct check_text check_protocol(const struct wsplsp_entry *entry);
/* " and 5 more chains", or nothing for 0. */
struct check_text check_more(size_t count, const char *one, const char *many);
/* "64-bit programs"; "programs" where there is one catalog only. */
const char *check_programs(const struct check *check, int bits);

/* Advice that several rules give. */
#define CHECK_ADVICE_REINSTALL                                                                                         \
    "Reinstall, repair or uninstall the program that this provider belongs to. If nothing else helps, `netsh winsock " \
    "reset` in an administrator's prompt rebuilds the catalog with Windows' own providers only: every layered "        \
    "provider is gone then, programs that need theirs have to be reinstalled, and the computer must be restarted."
#define CHECK_ADVICE_REBUILD                                                                                         \
    "Put a backup of the catalog back. Without one, `netsh winsock reset` in an administrator's prompt rebuilds it " \
    "with Windows' own providers only: every layered provider is gone then, programs that need theirs have to be "   \
    "reinstalled, and the computer must be restarted."

#endif
