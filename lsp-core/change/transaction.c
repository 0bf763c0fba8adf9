/* One change from its backup to its end, and the way back; see part.h, and the picture in journal.h. Whatever fails,
 * and wherever the process dies, either the journal says so or the catalog is the old one or the new one. */
#include "part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup.h"
#include "lsp-core/diff/diff.h"
#include "lsp-core/base/text.h"

void change_tell(const struct change_watcher *watcher, enum change_event event, size_t step)
{
    if (watcher != NULL && watcher->tell != NULL)
        watcher->tell(event, step, watcher->context);
}

struct transaction {
    struct store *store;
    struct backup_folder *folder;
    const struct plan *plan;
    const struct change_watcher *watcher;
    struct journal journal;
    struct change_result *result;
};

/* A copy that is one line, as the journal's text needs it; NULL when out of memory. */
static char *one_line(const char *text)
{
    char *copy = text_duplicate(text);
    for (char *at = copy; at != NULL && *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20)
            *at = ' ';
    }
    return copy;
}

static enum wsplsp_status write_journal(struct transaction *transaction, struct wsplsp_error *error)
{
    size_t size;
    char *text = journal_format(&transaction->journal, &size);
    if (text == NULL)
        return wsplsp_fail_memory(error);
    enum wsplsp_status status = backup_folder_replace(transaction->folder, JOURNAL_NAME, text, size, error);
    free(text);
    return status;
}

/* The journal last: while it is there, what it speaks of is. */
static enum wsplsp_status close_journal(struct backup_folder *folder, struct wsplsp_error *error)
{
    struct wsplsp_error ignored;
    enum wsplsp_status status = backup_folder_remove(folder, JOURNAL_NAME, error);
    if (status == WSPLSP_OK)
        backup_folder_remove(folder, JOURNAL_AFTER, &ignored); /* without a journal it says nothing */
    return status;
}

/* Everything that has to be on the disk before the first step. */
static enum wsplsp_status prepare(struct transaction *transaction, const struct change_request *request,
                                  struct wsplsp_error *error)
{
    struct journal *journal = &transaction->journal;
    struct backup_name name;
    void *bytes = NULL;
    size_t size;
    enum wsplsp_status status = backup_write(transaction->folder, request->plan->before, request->command,
                                             request->words, &journal->backup, error);
    if (status != WSPLSP_OK)
        return status;
    change_tell(transaction->watcher, CHANGE_BACKED_UP, 0);
    backup_name_parse(journal->backup, &name);
    journal->started = backup_time_words(name.time);
    journal->command = one_line(request->command);
    journal->words = one_line(request->words);
    journal->target = one_line(transaction->store->name);
    journal->process = (uint32_t)getpid();
    journal->steps = (uint32_t)request->plan->step_count;
    journal->has_assigned = request->plan->has_assigned;
    journal->assigned = request->plan->assigned;
    if (journal->started == NULL || journal->command == NULL || journal->words == NULL || journal->target == NULL)
        return wsplsp_fail_memory(error);
    status = backup_text(request->plan->after, request->command, request->words, &bytes, &size, error);
    if (status == WSPLSP_OK)
        status = backup_folder_replace(transaction->folder, JOURNAL_AFTER, bytes, size, error);
    free(bytes);
    if (status == WSPLSP_OK)
        status = write_journal(transaction, error);
    if (status == WSPLSP_OK)
        change_tell(transaction->watcher, CHANGE_JOURNALLED, 0);
    return status;
}

static enum wsplsp_status run_step(struct transaction *transaction, size_t index, struct wsplsp_error *error)
{
    struct journal *journal = &transaction->journal;
    journal->in_step = true;
    if (write_journal(transaction, error) != WSPLSP_OK)
        return error->status;
    change_tell(transaction->watcher, CHANGE_STEP_BEGUN, index + 1);
    struct store *store = transaction->store;
    if (store->functions->apply(store, &transaction->plan->steps[index], error) != WSPLSP_OK)
        return error->status;
    transaction->result->steps++;
    journal->in_step = false;
    journal->steps_done++;
    if (write_journal(transaction, error) != WSPLSP_OK)
        return error->status;
    change_tell(transaction->watcher, CHANGE_STEP_DONE, index + 1);
    return WSPLSP_OK;
}

static enum wsplsp_status run_steps(struct transaction *transaction, struct wsplsp_error *error)
{
    struct store *store = transaction->store;
    for (size_t i = 0; i < transaction->plan->step_count; i++) {
        if (run_step(transaction, i, error) != WSPLSP_OK)
            return error->status;
    }
    enum wsplsp_status status = store->functions->commit(store, error);
    if (status == WSPLSP_OK)
        change_tell(transaction->watcher, CHANGE_APPLIED, 0);
    return status;
}

/* "64-bit entry 'X': chain is 'A > B', not 'B'" */
static enum wsplsp_status fail_difference(const struct diff *diff, struct wsplsp_error *error)
{
    const struct diff_change *change = &diff->changes[0];
    char catalog[16] = "";
    if (change->bits != 0)
        snprintf(catalog, sizeof catalog, "%d-bit ", change->bits);
    return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NOT_AS_PLANNED",
                       "the catalog is not as planned: %s%s '%.100s' is %s%s%.40s (differences: %zu)", catalog,
                       diff_subject_name(change->subject), change->name == NULL ? "" : change->name,
                       diff_kind_name(change->kind), change->field == NULL ? "" : ": ",
                       change->field == NULL ? "" : change->field, diff->count);
}

/* Whether the catalog as it is now is the plan's result: WSPLSP_OK, or what differs. */
static enum wsplsp_status verify(struct store *store, const struct plan *plan, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *now;
    struct diff *diff = NULL;
    enum wsplsp_status status = store->functions->load(store, &now, error);
    if (status != WSPLSP_OK)
        return status;
    status = plan_compare(plan, now, &diff, error);
    wsplsp_snapshot_free(now);
    if (status != WSPLSP_OK)
        return status;
    if (diff->count > 0)
        status = fail_difference(diff, error);
    diff_free(diff);
    return status;
}

/* As verify, against a whole other catalog. */
static enum wsplsp_status verify_restored(struct store *store, const struct wsplsp_snapshot *wanted,
                                          struct wsplsp_error *error)
{
    struct wsplsp_snapshot *now;
    struct diff *diff = NULL;
    enum wsplsp_status status = store->functions->load(store, &now, error);
    if (status != WSPLSP_OK)
        return status;
    status = plan_compare_restored(wanted, now, &diff, error);
    wsplsp_snapshot_free(now);
    if (status != WSPLSP_OK)
        return status;
    if (diff->count > 0)
        status = fail_difference(diff, error);
    diff_free(diff);
    return status;
}

enum wsplsp_status transaction_restore(struct store *store, const struct wsplsp_snapshot *wanted,
                                       const struct change_watcher *watcher, size_t *steps, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *now;
    struct plan *plan = NULL;
    change_tell(watcher, CHANGE_UNDOING, 0);
    enum wsplsp_status status = store->functions->load(store, &now, error);
    if (status != WSPLSP_OK)
        return status;
    status = plan_restore(now, wanted, store->new_id, &plan, error);
    wsplsp_snapshot_free(now);
    for (size_t i = 0; status == WSPLSP_OK && i < plan->step_count; i++) {
        change_tell(watcher, CHANGE_STEP_BEGUN, i + 1);
        status = store->functions->apply(store, &plan->steps[i], error);
        *steps += status == WSPLSP_OK;
        if (status == WSPLSP_OK)
            change_tell(watcher, CHANGE_STEP_DONE, i + 1);
    }
    if (status == WSPLSP_OK)
        status = store->functions->commit(store, error);
    if (status == WSPLSP_OK)
        status = verify_restored(store, wanted, error);
    plan_free(plan);
    if (status == WSPLSP_OK)
        change_tell(watcher, CHANGE_UNDONE, 0);
    return status;
}

static enum wsplsp_status take_backup_path(struct backup_folder *folder, const char *name, struct change_result *result,
                                           struct wsplsp_error *error)
{
    free(result->backup);
    result->backup = backup_folder_file(folder, name);
    return result->backup != NULL ? WSPLSP_OK : wsplsp_fail_memory(error);
}

enum wsplsp_status transaction_settle(struct backup_folder *folder, const char *backup, bool undone,
                                      const struct change_watcher *watcher, struct change_result *result,
                                      struct wsplsp_error *error)
{
    char *name = text_duplicate(backup);
    if (name == NULL)
        return wsplsp_fail_memory(error);
    enum wsplsp_status status = take_backup_path(folder, name, result, error);
    if (status == WSPLSP_OK)
        status = close_journal(folder, error);
    if (status == WSPLSP_OK)
        change_tell(watcher, CHANGE_CLOSED, 0);
    if (status == WSPLSP_OK && undone)
        status = backup_mark_undone(folder, &name, error);
    if (status == WSPLSP_OK && undone)
        status = take_backup_path(folder, name, result, error);
    free(name);
    return status;
}

/* `error` keeps the code of what failed first. */
static enum wsplsp_status fail_with(struct wsplsp_error *error, enum wsplsp_status status, const char *what,
                                    const char *hint)
{
    struct wsplsp_error cause = *error;
    wsplsp_fail(error, status, cause.code, cause.name, "%.400s; %s", cause.message, what);
    return wsplsp_hint(error, "%s", hint == NULL ? cause.hint : hint);
}

/* Nothing has been changed: nothing is left behind, the backup neither. */
static enum wsplsp_status give_up(struct transaction *transaction, struct wsplsp_error *error)
{
    struct wsplsp_error ignored;
    transaction->result->outcome = CHANGE_OUTCOME_UNCHANGED;
    if (strcmp(error->name, "DLL_UNKNOWN") == 0)
        wsplsp_hint(error, "without it no backup would be complete; Wine's own Winsock does not tell it, and keeps no "
                           "changes: use 'wsplsp run --catalog FILE' there");
    if (close_journal(transaction->folder, &ignored) == WSPLSP_OK && transaction->journal.backup != NULL)
        backup_folder_remove(transaction->folder, transaction->journal.backup, &ignored);
    return fail_with(error, error->status, "nothing has been changed", NULL);
}

static enum wsplsp_status roll_back(struct transaction *transaction, struct wsplsp_error *error)
{
    struct wsplsp_error second;
    struct change_result *result = transaction->result;
    enum wsplsp_status status = transaction_restore(transaction->store, transaction->plan->before, transaction->watcher,
                                                    &result->steps, &second);
    if (status == WSPLSP_OK)
        status = transaction_settle(transaction->folder, transaction->journal.backup, true, transaction->watcher,
                                    result, &second);
    if (status == WSPLSP_OK) {
        result->outcome = CHANGE_OUTCOME_UNDONE;
        return fail_with(error, WSPLSP_ROLLED_BACK, "the change has been undone", NULL);
    }
    char what[300];
    snprintf(what, sizeof what, "undoing it failed, too: %.250s", second.message);
    take_backup_path(transaction->folder, transaction->journal.backup, result, &second);
    return fail_with(error, WSPLSP_SYSTEM, what,
                     "run 'wsplsp recover'; the backup is a .reg file: regedit imports it, then restart Windows");
}

/* After a failure, before or after all steps were `applied`: is there anything to undo? */
static enum wsplsp_status undo(struct transaction *transaction, bool applied, struct wsplsp_error *error)
{
    struct store *store = transaction->store;
    struct wsplsp_snapshot *now;
    struct wsplsp_error second;
    bool unchanged = store->atomic && !applied; /* what differs now is another's doing */
    if (!unchanged && store->functions->load(store, &now, &second) == WSPLSP_OK) {
        unchanged = plan_check_before(transaction->plan, now, &second) == WSPLSP_OK;
        wsplsp_snapshot_free(now);
    }
    if (!unchanged)
        return roll_back(transaction, error);
    /* A later step may have failed because an earlier one left no trace. */
    if (applied || (!store->atomic && transaction->result->steps > 0)) {
        wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NOT_KEPT", "the system accepted the change and kept nothing of it");
        wsplsp_hint(error, "its Winsock does not support changes to the catalog, as Wine's does not");
    }
    return give_up(transaction, error);
}

static enum wsplsp_status finish(struct transaction *transaction, struct wsplsp_error *error)
{
    struct wsplsp_error ignored;
    change_tell(transaction->watcher, CHANGE_VERIFIED, 0);
    transaction->result->outcome = CHANGE_OUTCOME_DONE;
    if (transaction_settle(transaction->folder, transaction->journal.backup, false, transaction->watcher,
                           transaction->result, error) != WSPLSP_OK)
        return fail_with(error, error->status, "the change itself is done", "run 'wsplsp recover'");
    backup_prune(transaction->folder, BACKUP_KEPT, &ignored); /* old backups too many are no reason to fail */
    return WSPLSP_OK;
}

static enum wsplsp_status check_before(struct store *store, const struct plan *plan, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *now;
    enum wsplsp_status status = store->functions->load(store, &now, error);
    if (status != WSPLSP_OK)
        return status;
    status = plan_check_before(plan, now, error);
    wsplsp_snapshot_free(now);
    return status;
}

static enum wsplsp_status run(struct transaction *transaction, const struct change_request *request,
                              struct wsplsp_error *error)
{
    enum wsplsp_status status = check_before(transaction->store, transaction->plan, error);
    if (status != WSPLSP_OK)
        return status;
    change_tell(transaction->watcher, CHANGE_LOCKED, 0);
    if (prepare(transaction, request, error) != WSPLSP_OK)
        return give_up(transaction, error);
    status = run_steps(transaction, error);
    bool applied = status == WSPLSP_OK;
    if (applied)
        status = verify(transaction->store, transaction->plan, error);
    return status == WSPLSP_OK ? finish(transaction, error) : undo(transaction, applied, error);
}

enum wsplsp_status transaction_run(struct store *store, struct backup_folder *folder,
                                   const struct change_request *request, struct change_result *result,
                                   struct wsplsp_error *error)
{
    struct transaction transaction = {
        .store = store, .folder = folder, .plan = request->plan, .watcher = &request->watcher, .result = result};
    result->outcome = CHANGE_OUTCOME_UNCHANGED;
    enum wsplsp_status status = store->functions->begin(store, error);
    if (status != WSPLSP_OK)
        return status;
    status = run(&transaction, request, error);
    store->functions->end(store);
    journal_free(&transaction.journal);
    return status;
}
