/* What wsplsp has changed: told from the backups alone, so that no list of its own can disagree with them; see
 * change.h. */
#include "change.h"

#include <stdlib.h>
#include <string.h>

#include "backup.h"
#include "part.h"
#include "lsp-core/base/text.h"

static enum wsplsp_status fill_record(struct backup_folder *folder, const char *name, const char *unfinished,
                                      struct change_record *record, struct wsplsp_error *error)
{
    struct backup_name parsed;
    void *bytes;
    size_t size;
    backup_name_parse(name, &parsed);
    record->name = text_duplicate(name);
    record->path = backup_folder_file(folder, name);
    record->time = backup_time_words(parsed.time);
    record->command = text_duplicate(parsed.command);
    record->undone = parsed.undone;
    record->unfinished = unfinished != NULL && strcmp(unfinished, name) == 0;
    if (record->name == NULL || record->path == NULL || record->time == NULL || record->command == NULL)
        return wsplsp_fail_memory(error);
    enum wsplsp_status status = backup_folder_read(folder, name, &bytes, &size, error);
    if (status != WSPLSP_OK)
        return status;
    /* A backup that is damaged, or has been removed just now, still has its name. */
    struct wsplsp_error no_words;
    if (bytes == NULL || backup_words(bytes, size, &record->words, &no_words) != WSPLSP_OK)
        record->words = text_duplicate("");
    free(bytes);
    return record->words != NULL ? WSPLSP_OK : wsplsp_fail_memory(error);
}

static enum wsplsp_status fill(struct backup_folder *folder, const struct backup_list *list, const char *unfinished,
                               struct change_history *history, struct wsplsp_error *error)
{
    enum wsplsp_status status = WSPLSP_OK;
    history->records = calloc(list->count + 1, sizeof *history->records);
    if (history->records == NULL)
        return wsplsp_fail_memory(error);
    for (size_t i = 0; i < list->count && status == WSPLSP_OK; i++)
        status = fill_record(folder, list->names[i], unfinished, &history->records[history->count++], error);
    return status;
}

static enum wsplsp_status read_folder(struct backup_folder *folder, struct change_history *history,
                                      struct wsplsp_error *error)
{
    struct backup_list list;
    struct journal journal;
    struct wsplsp_error damaged;
    bool found = false;
    enum wsplsp_status status = backup_list_read(folder, &list, error);
    if (status != WSPLSP_OK)
        return status;
    /* A damaged journal is for the commands that change something to complain about. */
    found = journal_load(folder, &journal, &found, &damaged) == WSPLSP_OK && found;
    status = fill(folder, &list, found ? journal.backup : NULL, history, error);
    journal_free(&journal);
    backup_list_free(&list);
    return status;
}

enum wsplsp_status change_read_history(struct change_target *target, struct change_history **history,
                                       struct wsplsp_error *error)
{
    struct store *store = target->store;
    struct backup_folder *folder = NULL;
    struct change_history *made = calloc(1, sizeof *made);
    if (made == NULL)
        return wsplsp_fail_memory(error);
    made->folder = text_duplicate(store->folder);
    enum wsplsp_status status =
        made->folder == NULL ? wsplsp_fail_memory(error) : store->functions->may_change(store, error);
    if (status == WSPLSP_OK) {
        status = backup_folder_open(store->folder, store->access, false, &folder, error);
        if (status == WSPLSP_OK)
            status = read_folder(folder, made, error);
        else if (status == WSPLSP_NOT_FOUND)
            status = WSPLSP_OK; /* nothing has ever been changed */
        backup_folder_close(folder);
    }
    if (status == WSPLSP_OK)
        *history = made;
    else
        change_history_free(made);
    return status;
}

void change_history_free(struct change_history *history)
{
    if (history == NULL)
        return;
    for (size_t i = 0; i < history->count; i++) {
        struct change_record *record = &history->records[i];
        free(record->name);
        free(record->path);
        free(record->time);
        free(record->command);
        free(record->words);
    }
    free(history->records);
    free(history->folder);
    free(history);
}
