/* The journal of a change that is being made: a small text that is replaced as a whole before and after each step, so
 * that whoever comes after a death finds the one or the other.
 *
 *       no journal <--------------------------------------------------------------------------------------+
 *           |                                                                                             |
 *           | change_apply: backup_folder_lock, check_journal                                             |
 *           | transaction_run: the store's begin, check_before                                            |
 *           | prepare: backup_write, unfinished.after, write_journal                                      |
 *           v                                                                                             |
 *   +-> steps-done: i, in-step: 0 -- all steps done --> commit --> verify --> finish: transaction_settle -+
 *   |       |                                                                                             |
 *   |       | run_step: write_journal                                                                     |
 *   |       v                                                                                             |
 *   |   steps-done: i, in-step: 1                                                                         |
 *   |       |                                                                                             |
 *   +-------+ run_step: the store's apply, write_journal; i is one more                                   |
 *                                                                                                         |
 *   prepare fails; or a step, commit or verify (undo)                                                     |
 *      |                                                                                                  |
 *      +-- nothing has been changed ----> give_up: close_journal, and the backup is deleted --------------+
 *      |                                                                                                  |
 *      +-- else -> roll_back: transaction_restore of `before`, transaction_settle (backup marked undone) -+
 *                     |                                                                                   |
 *                     +-- transaction_restore fails: the journal stays                                    |
 *                                     |                                                                   |
 *   the process dies: the journal stays                                                                   |
 *      |                              |                                                                   |
 *      +------------------------------+                                                                   |
 *      |                                                                                                  |
 *      +--> change_apply, change_check: refuse_unfinished; nothing is done                                |
 *      |                                                                                                  |
 *      +--> change_recover: transaction_recover                                                           |
 *              |                                                                                          |
 *              +-- is_complete: the catalog is what unfinished.after says -> transaction_settle ----------+
 *              |                                                                                          |
 *              +-- else -> go_back: transaction_restore of the backup, transaction_settle (undone) -------+
 *
 * transaction_restore does not write the journal: whatever happens on the way back, the journal leads to the same
 * backup. Where a recovery fails, or close_journal itself, the journal stays for the next recovery.
 *
 * One process at a time: it takes the folder's lock (backup_folder_lock) before it reads the journal, and keeps it
 * until it closes the folder or dies. Within that time the store's begin and end keep others away from the catalog. */
#ifndef WSPLSP_CORE_CHANGE_JOURNAL_H
#define WSPLSP_CORE_CHANGE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lsp-core/catalog/catalog.h"

#define JOURNAL_NAME  "unfinished.journal"
#define JOURNAL_AFTER "unfinished.after" /* beside it: the planned result, as a backup's text */

struct journal {
    char *command, *words;
    char *started; /* as backup_time_words */
    char *target;  /* for people who look into the file */
    char *backup;  /* file name */
    uint32_t process;
    uint32_t steps, steps_done;
    bool in_step;
    bool has_assigned; /* of the plan */
    struct wsplsp_guid assigned;
};

/* The text, new, ending with a NUL that `*size` does not count; NULL when out of memory. */
char *journal_format(const struct journal *journal, size_t *size);

/* Reads it; WSPLSP_SYSTEM, BAD_FORMAT, for one that is damaged, down to a single changed byte. */
enum wsplsp_status journal_parse(const void *bytes, size_t size, struct journal *journal, struct wsplsp_error *error);
void journal_free(struct journal *journal);

#endif
