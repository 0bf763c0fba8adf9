/* What the commands use; see change.h. */
#include "change.h"

#include <stdlib.h>
#include <string.h>

#include "backup.h"
#include "part.h"
#include "lsp-core/base/file.h"
#include "lsp-core/catalog/layout.h"
#include "lsp-core/base/text.h"

#define LOCK_LIMIT 15000 /* ms; a change takes far less, and a wait is not to look like a hang */

enum wsplsp_status change_open_store(struct store *store, struct change_target **target, struct wsplsp_error *error)
{
    struct change_target *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        store->functions->free(store);
        return wsplsp_fail_memory(error);
    }
    opened->store = store;
    opened->lock_limit = LOCK_LIMIT;
    *target = opened;
    return WSPLSP_OK;
}

enum wsplsp_status change_open_system(plan_new_id new_id, struct change_target **target, struct wsplsp_error *error)
{
    struct store *store;
    if (store_open_winsock(new_id, &store, error) != WSPLSP_OK)
        return error->status;
    return change_open_store(store, target, error);
}

enum wsplsp_status change_open_file(const char *path, uint32_t code_page, plan_new_id new_id,
                                    struct change_target **target, struct wsplsp_error *error)
{
    struct store *store;
    if (store_open_file(path, code_page, new_id, &store, error) != WSPLSP_OK)
        return error->status;
    return change_open_store(store, target, error);
}

void change_close(struct change_target *target)
{
    if (target == NULL)
        return;
    target->store->functions->free(target->store);
    free(target->notes);
    free(target);
}

const char *change_notes(const struct change_target *target)
{
    return target == NULL ? NULL : target->notes;
}

const char *change_target_name(const struct change_target *target)
{
    return target->store->name;
}

bool change_target_is_system(const struct change_target *target)
{
    return target->store->system;
}

enum wsplsp_status change_load(struct change_target *target, struct wsplsp_snapshot **snapshot,
                               struct wsplsp_error *error)
{
    return target->store->functions->load(target->store, snapshot, error);
}

/* Without memory it goes unsaid. */
static void add_note(struct change_target *target, const char *note)
{
    char *notes = target->notes == NULL ? text_duplicate(note) : text_format("%s\n%s", target->notes, note);
    if (notes == NULL)
        return;
    free(target->notes);
    target->notes = notes;
}

static enum wsplsp_status open_folder(struct change_target *target, bool make, struct backup_folder **folder,
                                      struct wsplsp_error *error)
{
    return backup_folder_open(target->store->folder, target->store->access, make, folder, error);
}

/* Keeps what is to be said of it. */
static void close_folder(struct change_target *target, struct backup_folder *folder)
{
    if (folder != NULL && backup_folder_note(folder) != NULL)
        add_note(target, backup_folder_note(folder));
    backup_folder_close(folder);
}

/* Without making it: `*folder` is NULL where there is none. */
static enum wsplsp_status look_folder(struct change_target *target, struct backup_folder **folder,
                                      struct wsplsp_error *error)
{
    enum wsplsp_status status = target->store->functions->may_change(target->store, error);
    *folder = NULL;
    if (status == WSPLSP_OK)
        status = open_folder(target, false, folder, error);
    return status == WSPLSP_NOT_FOUND ? WSPLSP_OK : status;
}

static enum wsplsp_status fail_busy(const struct change_target *target, struct wsplsp_error *error)
{
    wsplsp_fail(error, WSPLSP_SYSTEM, 0, "BUSY", "another wsplsp is changing %.300s; nothing has been changed",
                target->store->name);
    return wsplsp_hint(error, "wait for it to end, or end it, and try again");
}

static enum wsplsp_status lock(struct change_target *target, struct backup_folder *folder, struct wsplsp_error *error)
{
    bool locked;
    enum wsplsp_status status = backup_folder_lock(folder, target->lock_limit, &locked, error);
    return status != WSPLSP_OK || locked ? status : fail_busy(target, error);
}

static enum wsplsp_status refuse_unfinished(const struct journal *journal, struct wsplsp_error *error)
{
    wsplsp_fail(error, WSPLSP_REFUSED, 0, "UNFINISHED",
                "the change '%.200s' of %s was not finished: %lu of %lu steps are done", journal->words,
                journal->started, (unsigned long)journal->steps_done, (unsigned long)journal->steps);
    return wsplsp_hint(error, "'wsplsp recover' ends it: the old state comes back, or the new one is complete");
}

static enum wsplsp_status check_journal(struct backup_folder *folder, struct wsplsp_error *error)
{
    struct journal journal;
    bool found;
    enum wsplsp_status status = journal_load(folder, &journal, &found, error);
    if (status == WSPLSP_OK && found)
        status = refuse_unfinished(&journal, error);
    journal_free(&journal);
    return status;
}

/* A change that was begun in a folder which has been set aside since, with its journal in it; `*folder` is NULL where
 * there is none. */
static enum wsplsp_status find_aside(struct change_target *target, struct backup_folder **folder,
                                     struct wsplsp_error *error)
{
    char *untrusted;
    const struct store *store = target->store;
    enum wsplsp_status status =
        backup_folder_find_aside(store->folder, store->access, JOURNAL_NAME, folder, &untrusted, error);
    if (status != WSPLSP_OK || untrusted == NULL)
        return status;
    char *note =
        text_format("'%s' tells of an unfinished change, but is not administrators' own: it is left alone.", untrusted);
    if (note != NULL && *folder == NULL)
        add_note(target, note);
    free(note);
    free(untrusted);
    return status;
}

/* The folder with the journal of an unfinished change in it: the target's own, or one that was set aside. Otherwise the
 * target's own, or NULL. Not for a target that somebody is at work on. */
static enum wsplsp_status unfinished_folder(struct change_target *target, struct backup_folder **folder, bool *locked,
                                            unsigned limit, struct wsplsp_error *error)
{
    struct backup_folder *aside = NULL;
    void *bytes = NULL;
    size_t size;
    *locked = false;
    enum wsplsp_status status = look_folder(target, folder, error);
    if (status == WSPLSP_OK && *folder != NULL)
        status = backup_folder_lock(*folder, limit, locked, error);
    if (status == WSPLSP_OK && *locked)
        status = backup_folder_read(*folder, JOURNAL_NAME, &bytes, &size, error);
    bool found = bytes != NULL;
    free(bytes);
    if (status == WSPLSP_OK && !found && (*folder == NULL || *locked))
        status = find_aside(target, &aside, error);
    if (status == WSPLSP_OK && aside != NULL)
        status = backup_folder_lock(aside, limit, locked, error);
    if (aside != NULL) {
        close_folder(target, *folder);
        *folder = aside;
    }
    return status;
}

enum wsplsp_status change_check(struct change_target *target, struct wsplsp_error *error)
{
    struct backup_folder *folder;
    bool locked;
    /* A journal while somebody is at work is no unfinished change. */
    enum wsplsp_status status = unfinished_folder(target, &folder, &locked, 0, error);
    if (status == WSPLSP_OK && locked)
        status = check_journal(folder, error);
    close_folder(target, folder);
    return status;
}

enum wsplsp_status change_apply(struct change_target *target, const struct change_request *request,
                                struct change_result *result, struct wsplsp_error *error)
{
    struct backup_folder *folder;
    *result = (struct change_result){.outcome = CHANGE_OUTCOME_NOTHING};
    if (request->plan->step_count == 0)
        return WSPLSP_OK;
    result->outcome = CHANGE_OUTCOME_UNCHANGED;
    enum wsplsp_status status = target->store->functions->may_change(target->store, error);
    if (status == WSPLSP_OK)
        status = open_folder(target, true, &folder, error);
    if (status != WSPLSP_OK)
        return status;
    status = lock(target, folder, error);
    if (status == WSPLSP_OK)
        status = check_journal(folder, error);
    if (status == WSPLSP_OK)
        status = transaction_run(target->store, folder, request, result, error);
    close_folder(target, folder);
    return status;
}

enum wsplsp_status change_recover(struct change_target *target, const struct change_watcher *watcher,
                                  struct change_result *result, struct wsplsp_error *error)
{
    struct backup_folder *folder;
    struct journal journal = {0};
    bool found = false, locked;
    *result = (struct change_result){.outcome = CHANGE_OUTCOME_NOTHING};
    enum wsplsp_status status = unfinished_folder(target, &folder, &locked, target->lock_limit, error);
    if (status == WSPLSP_OK && folder != NULL && !locked)
        status = fail_busy(target, error);
    if (status == WSPLSP_OK && folder != NULL)
        status = journal_load(folder, &journal, &found, error);
    if (status == WSPLSP_OK && found)
        status = transaction_recover(target->store, folder, &journal, watcher, result, error);
    journal_free(&journal);
    close_folder(target, folder);
    return status;
}

void change_result_free(struct change_result *result)
{
    free(result->backup);
    free(result->command);
    free(result->words);
    *result = (struct change_result){.outcome = result->outcome};
}

/* Takes the journal's texts over. */
static enum wsplsp_status tell_unfinished(struct backup_folder *folder, struct journal *journal,
                                          struct change_unfinished **unfinished, struct wsplsp_error *error)
{
    struct change_unfinished *told = calloc(1, sizeof *told);
    char *backup = backup_folder_file(folder, journal->backup);
    if (told == NULL || backup == NULL) {
        free(told);
        free(backup);
        return wsplsp_fail_memory(error);
    }
    told->command = journal->command;
    told->words = journal->words;
    told->started = journal->started;
    journal->command = journal->words = journal->started = NULL;
    told->backup = backup;
    told->process = journal->process;
    told->steps = journal->steps;
    told->steps_done = journal->steps_done;
    told->in_step = journal->in_step;
    *unfinished = told;
    return WSPLSP_OK;
}

enum wsplsp_status change_find_unfinished(struct change_target *target, struct change_unfinished **unfinished,
                                          struct wsplsp_error *error)
{
    struct backup_folder *folder;
    struct journal journal = {0};
    bool locked = false, found = false;
    *unfinished = NULL;
    enum wsplsp_status status = unfinished_folder(target, &folder, &locked, 0, error);
    if (status == WSPLSP_OK && locked)
        status = journal_load(folder, &journal, &found, error);
    if (status == WSPLSP_OK && found)
        status = tell_unfinished(folder, &journal, unfinished, error);
    journal_free(&journal);
    close_folder(target, folder);
    return status;
}

void change_unfinished_free(struct change_unfinished *unfinished)
{
    if (unfinished == NULL)
        return;
    free(unfinished->command);
    free(unfinished->words);
    free(unfinished->started);
    free(unfinished->backup);
    free(unfinished);
}

enum wsplsp_status change_backup_text(const struct wsplsp_snapshot *snapshot, const char *command, const char *words,
                                      void **bytes, size_t *size, struct wsplsp_error *error)
{
    return backup_text(snapshot, command, words, bytes, size, error);
}

static void note_undecided(struct change_target *target, const struct wsplsp_snapshot *snapshot)
{
    char *note = layout_undecided(snapshot);
    if (note != NULL)
        add_note(target, note);
    free(note);
}

enum wsplsp_status change_backup(struct change_target *target, const char *command, const char *words, char **path,
                                 struct wsplsp_error *error)
{
    struct backup_folder *folder;
    struct wsplsp_snapshot *snapshot = NULL;
    char *name = NULL;
    enum wsplsp_status status = target->store->functions->may_change(target->store, error);
    if (status == WSPLSP_OK)
        status = open_folder(target, true, &folder, error);
    if (status != WSPLSP_OK)
        return status;
    status = change_load(target, &snapshot, error);
    if (status == WSPLSP_OK)
        note_undecided(target, snapshot);
    if (status == WSPLSP_OK)
        status = backup_write(folder, snapshot, command, words, &name, error);
    if (status == WSPLSP_OK)
        status = backup_prune(folder, BACKUP_KEPT, error);
    if (status == WSPLSP_OK) {
        *path = backup_folder_file(folder, name);
        status = *path != NULL ? WSPLSP_OK : wsplsp_fail_memory(error);
    }
    free(name);
    wsplsp_snapshot_free(snapshot);
    close_folder(target, folder);
    return status;
}

/* A backup by its file name alone; `*bytes` is NULL where there is none. */
static enum wsplsp_status read_from_folder(struct change_target *target, const char *name, void **bytes, size_t *size,
                                           struct wsplsp_error *error)
{
    struct backup_folder *folder;
    *bytes = NULL;
    enum wsplsp_status status = look_folder(target, &folder, error);
    if (status == WSPLSP_OK && folder != NULL)
        status = backup_folder_read(folder, name, bytes, size, error);
    close_folder(target, folder);
    return status;
}

enum wsplsp_status change_load_backup(struct change_target *target, const char *name, uint32_t code_page,
                                      struct wsplsp_snapshot **snapshot, struct wsplsp_error *error)
{
    void *bytes = NULL;
    size_t size;
    enum wsplsp_status status = WSPLSP_OK;
    /* What history shows is meant, not what somebody has put into the current folder under that name. */
    if (target != NULL && strpbrk(name, "/\\:") == NULL && strcmp(name, "-") != 0)
        status = read_from_folder(target, name, &bytes, &size, error);
    if (status == WSPLSP_OK && bytes == NULL)
        status = file_read(name, &bytes, &size, error);
    if (status == WSPLSP_OK)
        status = backup_parse(bytes, size, name, code_page, snapshot, error);
    free(bytes);
    return status;
}
