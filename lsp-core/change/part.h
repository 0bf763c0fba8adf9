/* Between the parts that apply plans: what is changed, and how one change goes. Also for tests, which bring stores of
 * their own. */
#ifndef WSPLSP_CORE_CHANGE_PART_H
#define WSPLSP_CORE_CHANGE_PART_H

#include "backup_folder.h"
#include "journal.h"
#include "store.h"
#include "change.h"

struct change_target {
    struct store *store;
    unsigned lock_limit; /* ms to wait for another wsplsp */
    char *notes;         /* sentences, a line each, or NULL */
};

/* Takes the store over, also where it fails. */
enum wsplsp_status change_open_store(struct store *store, struct change_target **target, struct wsplsp_error *error);

/* One change, or the end of one that was begun; the folder's lock is held, and for transaction_run there is no
 * journal. */
enum wsplsp_status transaction_run(struct store *store, struct backup_folder *folder,
                                   const struct change_request *request, struct change_result *result,
                                   struct wsplsp_error *error);
enum wsplsp_status transaction_recover(struct store *store, struct backup_folder *folder, const struct journal *journal,
                                       const struct change_watcher *watcher, struct change_result *result,
                                       struct wsplsp_error *error);

/* The folder's journal. `*found` is false where there is none. */
enum wsplsp_status journal_load(struct backup_folder *folder, struct journal *journal, bool *found,
                                struct wsplsp_error *error);

/* Removes the journal; after that, where the change has been undone, its backup gets the name that says so. */
enum wsplsp_status transaction_settle(struct backup_folder *folder, const char *backup, bool undone,
                                      const struct change_watcher *watcher, struct change_result *result,
                                      struct wsplsp_error *error);

/* Makes the store what `wanted` is, step by step, and makes sure of it; `*steps` counts those carried out. */
enum wsplsp_status transaction_restore(struct store *store, const struct wsplsp_snapshot *wanted,
                                       const struct change_watcher *watcher, size_t *steps, struct wsplsp_error *error);

void change_tell(const struct change_watcher *watcher, enum change_event event, size_t step);

#endif
