/* What the doctor's tests share: a healthy catalog built from Windows' own facts, one layer in good order on top, the
 * ways to break it, and the exact comparison of what is found. */
#ifndef WSPLSP_TESTS_DOCTOR_H
#define WSPLSP_TESTS_DOCTOR_H

#include "support.h"

#include "lsp-core/doctor/doctor.h"
#include "lsp-core/dlls/dlls.h"
#include "lsp-core/catalog/catalog.h"

/* A 64-bit Windows with both catalogs: TCP, UDP and RAW of IPv4 (1001 to 1003) and IPv6 (1004 to 1006), one name space
 * provider, counters that agree. */
struct wsplsp_snapshot *doctor_windows(void);

/* The same with a layer in both catalogs: chain entries 1011 to 1016 over the bases in front, layer entry 1010 last. */
struct wsplsp_snapshot *doctor_layered(void);

/* Adds an entry at the end of a catalog with all that a base provider's has; counters follow. */
struct wsplsp_entry *doctor_add(struct wsplsp_snapshot *snapshot, int bits, uint32_t id, const char *name,
                                int32_t family, int32_t type, int32_t protocol);

struct wsplsp_catalog *doctor_catalog(struct wsplsp_snapshot *snapshot, int bits);
/* The entry of that id; fails the test where there is none. */
struct wsplsp_entry *doctor_entry(struct wsplsp_snapshot *snapshot, int bits, uint32_t id);
void doctor_chain(struct wsplsp_entry *entry, size_t length, const uint32_t *members);
void doctor_set_text(char **text, const char *value);
/* Takes an entry out; what stays is renumbered and counted anew. */
void doctor_remove(struct wsplsp_snapshot *snapshot, int bits, uint32_t id);
void doctor_move_to_end(struct wsplsp_snapshot *snapshot, int bits, uint32_t id);
/* Takes the whole 64-bit catalog away, as on 32-bit Windows. */
void doctor_drop_64(struct wsplsp_snapshot *snapshot);

/* Looks the snapshot over, asserts that what is found is exactly `expected`, a line each ("error chain-self 64 1011\n",
 * "-" for no id), in order, and frees the snapshot. Without files, the rules that need them are skipped. */
void doctor_expect(struct wsplsp_snapshot *snapshot, const char *expected);
void doctor_expect_files(struct wsplsp_snapshot *snapshot, struct check_files *files, const char *expected);

/* Asserts that the rule was skipped once, with a reason that has `reason` in it (NULL: that it was not skipped), and
 * frees the snapshot. */
void doctor_expect_skip(struct wsplsp_snapshot *snapshot, struct check_files *files, const char *code,
                        const char *reason);

/* The texts of the first finding of that code, in new strings' place: asserts that its message has `words` in it. */
void doctor_expect_words(struct wsplsp_snapshot *snapshot, const char *code, const char *words);

/* DLLs that are all in order, but for the one at `path` (of `bits`), whose facts are these. Texts in it are copied. */
struct check_files *doctor_files(const char *path, int bits, const struct files_facts *facts);
/* What is true of a DLL in order. */
struct files_facts doctor_good_dll(int bits);

#endif
