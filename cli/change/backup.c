/* wsplsp backup and history: the copies that a catalog can be put back from, and what they were made for. */
#include <stdlib.h>

#include "cli/base/command.h"
#include "cli/out/folder_notes.h"
#include "lsp-core/catalog/layout.h"
#include "cli/base/memory.h"
#include "lsp-core/base/new_file.h"
#include "cli/out/json.h"
#include "cli/out/text.h"
#include "target.h"

/* What `history` says of it. */
#define WORDS "a backup that was asked for"

/* `*notes` is new, or NULL. */
static enum wsplsp_status backup_to_file(const struct options *options, const char *path, char **notes,
                                         struct wsplsp_error *error)
{
    struct change_target *target;
    struct wsplsp_snapshot *snapshot = NULL;
    void *bytes;
    size_t size;
    enum wsplsp_status status = target_load(options, false, &target, &snapshot, error);
    if (status == WSPLSP_OK)
        status = change_backup_text(snapshot, "backup", WORDS, &bytes, &size, error);
    *notes = status == WSPLSP_OK ? layout_undecided(snapshot) : NULL;
    wsplsp_snapshot_free(snapshot);
    change_close(target);
    if (status != WSPLSP_OK)
        return status;
    status = new_file_write(path, bytes, size, error);
    free(bytes);
    return status;
}

/* As backup_to_file. */
static enum wsplsp_status backup_to_folder(const struct options *options, char **path, char **notes,
                                           struct wsplsp_error *error)
{
    struct change_target *target;
    if (target_open(options, &target, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = change_backup(target, "backup", WORDS, path, error);
    *notes = change_notes(target) == NULL ? NULL : memory_text(change_notes(target));
    change_close(target);
    return status;
}

enum wsplsp_status cmd_backup(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    const char *file = options->operand_count > 0 ? options->operands[0] : NULL;
    char *made = NULL, *notes = NULL;
    enum wsplsp_status status =
        file != NULL ? backup_to_file(options, file, &notes, error) : backup_to_folder(options, &made, &notes, error);
    if (status == WSPLSP_OK && options->json) {
        cJSON *object = json_envelope("backup");
        json_text(object, "catalog", options->catalog);
        json_text(object, "file", file != NULL ? file : made);
        folder_notes_json(object, notes);
        json_print(output, object);
    } else if (status == WSPLSP_OK) {
        text_put(output, TEXT_PLAIN, file != NULL ? file : made);
        buffer_text(&output->buffer, "\n");
        folder_notes_print(output, notes);
    }
    free(notes);
    free(made);
    return status;
}

static const char *record_state(const struct change_record *record)
{
    return record->unfinished ? "unfinished" : record->undone ? "undone" : "done";
}

static void print_history(const struct change_history *history, const struct options *options, struct output *output)
{
    for (size_t i = 0; i < history->count; i++) {
        const struct change_record *record = &history->records[i];
        text_put(output, TEXT_BOLD, record->time);
        buffer_text(&output->buffer, "  ");
        text_put(output, TEXT_PLAIN, record->command);
        if (record->unfinished || record->undone) {
            buffer_text(&output->buffer, "  ");
            text_put(output, TEXT_WARNING, record_state(record));
        }
        buffer_text(&output->buffer, "\n");
        if (record->words[0] != '\0')
            text_wrap(output, 4, "    ", record->words);
        text_wrap(output, 4, "    ", options->verbose ? record->path : record->name);
    }
    if (options->quiet)
        return;
    if (history->count == 0) {
        buffer_text(&output->buffer, "Nothing has been changed, and no backup made.\n");
        return;
    }
    buffer_text(&output->buffer, "\nEach backup holds the catalog as it was before. They are in\n    ");
    text_put(output, TEXT_PLAIN, history->folder);
    buffer_text(&output->buffer, "\n");
}

static void print_history_json(const struct change_history *history, const char *notes, const struct options *options,
                               struct output *output)
{
    cJSON *object = json_envelope("history");
    json_text(object, "catalog", options->catalog);
    json_text(object, "folder", history->folder);
    cJSON *records = cJSON_AddArrayToObject(object, "records");
    for (size_t i = 0; i < history->count; i++) {
        const struct change_record *record = &history->records[i];
        cJSON *item = cJSON_CreateObject();
        json_text(item, "time", record->time);
        json_text(item, "command", record->command);
        json_text(item, "words", record->words);
        json_text(item, "state", record_state(record));
        json_text(item, "name", record->name);
        json_text(item, "path", record->path);
        cJSON_AddItemToArray(records, item);
    }
    folder_notes_json(object, notes);
    json_print(output, object);
}

enum wsplsp_status cmd_history(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct change_target *target;
    struct change_history *history;
    if (target_open(options, &target, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = change_read_history(target, &history, error);
    if (status == WSPLSP_OK && options->json)
        print_history_json(history, change_notes(target), options, output);
    else if (status == WSPLSP_OK)
        print_history(history, options, output);
    if (status == WSPLSP_OK && !options->json)
        folder_notes_print(output, change_notes(target));
    if (status == WSPLSP_OK)
        change_history_free(history);
    change_close(target);
    return status;
}
