/* The doctor: looks a snapshot over and lists what is wrong with it. Each rule has a stable code; `doctor
 * --list-checks`, the man page and the JSON schema take the codes from one table. */
#ifndef WSPLSP_CORE_DOCTOR_DOCTOR_H
#define WSPLSP_CORE_DOCTOR_DOCTOR_H

#include "lsp-core/catalog/catalog.h"

enum check_severity { CHECK_INFO, CHECK_WARNING, CHECK_ERROR };

struct check_finding {
    const char *code; /* "chain-member-missing"; static, from check_rules */
    enum check_severity severity;
    int bits;        /* 64, 32, or 0 where it concerns no one catalog */
    size_t position; /* the entry's, 0 where it concerns none */
    bool has_catalog_id;
    uint32_t catalog_id;
    char *message; /* what is wrong and what it does to the user, one or two sentences */
    char *advice;  /* what to do */
};

struct check_rule {
    const char *code;
    enum check_severity severity; /* its usual one */
    const char *summary;          /* a line for the man page and for `doctor --list-checks` */
    bool needs_files;             /* looks at DLLs: skipped for an offline catalog without a root */
    bool needs_windows;           /* asks Windows itself (signatures, access rights): skipped elsewhere */
};

/* Ends with a NULL code. */
extern const struct check_rule check_rules[];

struct check_skip {
    const char *code;
    char *reason;
};

struct check_report {
    struct check_finding *findings; /* errors first, then warnings, then infos; in catalog order within */
    size_t finding_count;
    struct check_skip *skips; /* rules that could not be looked at, and why */
    size_t skip_count;
};

/* How the rules look at the DLLs that a catalog names; see lsp-core/dlls/dlls.h. */
struct check_files;

/* The catalogs should be indexed (wsplsp_catalog_index), else large ones take long. `files` NULL: all rules that need
 * files are skipped, with `files_absent` (static text) as the reason. */
enum wsplsp_status check_snapshot(const struct wsplsp_snapshot *snapshot, struct check_files *files,
                                  const char *files_absent, struct check_report **report, struct wsplsp_error *error);
void check_report_free(struct check_report *report);
const char *check_severity_name(enum check_severity severity); /* "error", … */

#endif
