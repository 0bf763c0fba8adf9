/* The end of a change that its process did not live to see; see part.h, and the picture in journal.h. */
#include "part.h"

#include <stdlib.h>

#include "backup.h"
#include "lsp-core/base/code_page.h"
#include "lsp-core/diff/diff.h"
#include "lsp-core/base/text.h"

enum wsplsp_status journal_load(struct backup_folder *folder, struct journal *journal, bool *found,
                                struct wsplsp_error *error)
{
    void *bytes;
    size_t size;
    *journal = (struct journal){0};
    enum wsplsp_status status = backup_folder_read(folder, JOURNAL_NAME, &bytes, &size, error);
    if (status != WSPLSP_OK)
        return status;
    *found = bytes != NULL;
    if (!*found)
        return WSPLSP_OK;
    status = journal_parse(bytes, size, journal, error);
    free(bytes);
    if (status != WSPLSP_OK)
        wsplsp_hint(error, "compare the newest backup in '%.120s' with the catalog; then delete '%s' there",
                    backup_folder_path(folder), JOURNAL_NAME);
    return status;
}

/* Reads a backup of the folder's; `*snapshot` is NULL where there is no such file. */
static enum wsplsp_status read_backup(struct backup_folder *folder, const char *name, struct wsplsp_snapshot **snapshot,
                                      struct wsplsp_error *error)
{
    void *bytes;
    size_t size;
    *snapshot = NULL;
    enum wsplsp_status status = backup_folder_read(folder, name, &bytes, &size, error);
    if (status == WSPLSP_OK && bytes != NULL)
        status = backup_parse(bytes, size, name, CODE_PAGE_UNKNOWN, snapshot, error);
    free(bytes);
    return status;
}

/* Whether the catalog is what the change was to make of it. */
static enum wsplsp_status is_complete(struct store *store, struct backup_folder *folder, const struct journal *journal,
                                      bool *complete, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *now = NULL;
    struct diff *diff = NULL;
    struct plan plan = {.has_assigned = journal->has_assigned, .assigned = journal->assigned};
    *complete = false;
    /* All steps in the file store's memory are none in the file; the catalog itself decides. */
    enum wsplsp_status status = read_backup(folder, JOURNAL_AFTER, &plan.after, error);
    if (status != WSPLSP_OK || plan.after == NULL)
        return status;
    status = store->functions->load(store, &now, error);
    if (status == WSPLSP_OK)
        status = plan_compare(&plan, now, &diff, error);
    if (status == WSPLSP_OK)
        *complete = diff->count == 0;
    diff_free(diff);
    wsplsp_snapshot_free(now);
    wsplsp_snapshot_free(plan.after);
    return status;
}

static enum wsplsp_status go_back(struct store *store, struct backup_folder *folder, const struct journal *journal,
                                  const struct change_watcher *watcher, struct change_result *result,
                                  struct wsplsp_error *error)
{
    struct wsplsp_snapshot *backup;
    enum wsplsp_status status = read_backup(folder, journal->backup, &backup, error);
    if (status != WSPLSP_OK)
        return status;
    if (backup == NULL) {
        wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NO_BACKUP", "the unfinished change's backup '%.200s' is gone",
                    journal->backup);
        return wsplsp_hint(error, "delete '%s' in '%.150s' once the catalog is as you want it", JOURNAL_NAME,
                           backup_folder_path(folder));
    }
    status = transaction_restore(store, backup, watcher, &result->steps, error);
    wsplsp_snapshot_free(backup);
    return status;
}

static enum wsplsp_status recover(struct store *store, struct backup_folder *folder, const struct journal *journal,
                                  const struct change_watcher *watcher, struct change_result *result,
                                  struct wsplsp_error *error)
{
    bool complete;
    enum wsplsp_status status = is_complete(store, folder, journal, &complete, error);
    if (status == WSPLSP_OK && !complete)
        status = go_back(store, folder, journal, watcher, result, error);
    else if (status == WSPLSP_OK)
        change_tell(watcher, CHANGE_VERIFIED, 0);
    if (status == WSPLSP_OK)
        status = transaction_settle(folder, journal->backup, !complete, watcher, result, error);
    if (status == WSPLSP_OK)
        result->outcome = complete ? CHANGE_OUTCOME_DONE : CHANGE_OUTCOME_UNDONE;
    return status;
}

enum wsplsp_status transaction_recover(struct store *store, struct backup_folder *folder, const struct journal *journal,
                                       const struct change_watcher *watcher, struct change_result *result,
                                       struct wsplsp_error *error)
{
    result->outcome = CHANGE_OUTCOME_UNCHANGED;
    result->command = text_duplicate(journal->command);
    result->words = text_duplicate(journal->words);
    if (result->command == NULL || result->words == NULL)
        return wsplsp_fail_memory(error);
    enum wsplsp_status status = store->functions->begin(store, error);
    if (status != WSPLSP_OK)
        return status;
    status = recover(store, folder, journal, watcher, result, error);
    store->functions->end(store);
    return status;
}
