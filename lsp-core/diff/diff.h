/* What differs between two snapshots, told by provider id and meaning: ids and positions that merely shifted because
 * something else was added or removed are no difference. Pure. */
#ifndef WSPLSP_CORE_DIFF_DIFF_H
#define WSPLSP_CORE_DIFF_DIFF_H

#include "lsp-core/catalog/catalog.h"

enum diff_kind { DIFF_ADDED, DIFF_REMOVED, DIFF_MOVED, DIFF_CHANGED };
enum diff_subject { DIFF_ENTRY, DIFF_NAME_SPACE, DIFF_APPLICATION, DIFF_SETTING, DIFF_CATALOG };

struct diff_change {
    enum diff_kind kind;
    enum diff_subject subject;
    int bits;          /* 64, 32, or 0 where the subject belongs to no one catalog */
    char *provider_id; /* "{…}", or NULL */
    char *name;        /* the entry's or name space's shown name, the application's path, the setting's name */
    char *field;  /* what changed ("dll", "provider_flags", "chain", …); NULL unless DIFF_CHANGED or DIFF_MOVED */
    char *before; /* as text; NULL where added */
    char *after;  /* as text; NULL where removed */
};

struct diff {
    struct diff_change *changes;
    size_t count;
};

enum wsplsp_status diff_snapshots(const struct wsplsp_snapshot *a, const struct wsplsp_snapshot *b, struct diff **diff,
                                  struct wsplsp_error *error);
void diff_free(struct diff *diff);
const char *diff_kind_name(enum diff_kind kind);          /* "added", … */
const char *diff_subject_name(enum diff_subject subject); /* "entry", "name_space", … */

#endif
