/* The backups in their folder; see backup.h. */
#include "backup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/text.h"

#define UNDONE ".undone.reg"
#define ENDING ".reg"

/* "20261120T155640.123Z": digits where the pattern has 0. */
static bool is_time(const char *text)
{
    static const char pattern[] = "00000000T000000.000Z";
    for (size_t i = 0; i < sizeof pattern - 1; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (pattern[i] == '0' ? !digit : text[i] != pattern[i])
            return false;
    }
    return true;
}

static bool is_command(const char *text, size_t length)
{
    if (length == 0 || length >= BACKUP_COMMAND)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-", text[i]) == NULL)
            return false;
    }
    return true;
}

bool backup_name_parse(const char *file, struct backup_name *name)
{
    if (!is_time(file) || file[TIME_NAME - 1] != '-')
        return false;
    const char *command = file + TIME_NAME;
    size_t length = strcspn(command, ".");
    name->undone = strcmp(command + length, UNDONE) == 0;
    if (!is_command(command, length) || (!name->undone && strcmp(command + length, ENDING) != 0))
        return false;
    memcpy(name->time, file, TIME_NAME - 1);
    name->time[TIME_NAME - 1] = '\0';
    memcpy(name->command, command, length);
    name->command[length] = '\0';
    return true;
}

char *backup_time_words(const char time[TIME_NAME])
{
    return text_format("%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", time, time + 4, time + 6, time + 9, time + 11, time + 13);
}

enum wsplsp_status backup_write(struct backup_folder *folder, const struct wsplsp_snapshot *snapshot,
                                const char *command, const char *words, char **name, struct wsplsp_error *error)
{
    char time[TIME_NAME];
    void *bytes;
    size_t size;
    *name = NULL;
    enum wsplsp_status status = backup_text(snapshot, command, words, &bytes, &size, error);
    if (status != WSPLSP_OK)
        return status;
    bool exists = true;
    while (status == WSPLSP_OK && exists) { /* the next millisecond has another name */
        free(*name);
        time_name_now(time);
        *name = text_format("%s-%s" ENDING, time, command);
        status =
            *name == NULL ? wsplsp_fail_memory(error) : backup_folder_write(folder, *name, bytes, size, &exists, error);
    }
    free(bytes);
    if (status != WSPLSP_OK) {
        free(*name);
        *name = NULL;
    }
    return status;
}

static bool add_name(const char *name, void *context)
{
    struct backup_list *list = context;
    struct backup_name parsed;
    if (!backup_name_parse(name, &parsed))
        return true;
    char **names = realloc(list->names, (list->count + 1) * sizeof *names);
    if (names == NULL)
        return false;
    list->names = names;
    names[list->count] = text_duplicate(name);
    return names[list->count++] != NULL;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum wsplsp_status backup_list_read(struct backup_folder *folder, struct backup_list *list, struct wsplsp_error *error)
{
    *list = (struct backup_list){0};
    enum wsplsp_status status = backup_folder_list(folder, add_name, list, error);
    if (status != WSPLSP_OK)
        backup_list_free(list);
    else if (list->count > 0)
        qsort(list->names, list->count, sizeof *list->names, compare_names);
    return status;
}

void backup_list_free(struct backup_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->names[i]);
    free(list->names);
    *list = (struct backup_list){0};
}

enum wsplsp_status backup_mark_undone(struct backup_folder *folder, char **name, struct wsplsp_error *error)
{
    struct backup_name parsed;
    if (!backup_name_parse(*name, &parsed) || parsed.undone)
        return WSPLSP_OK;
    char *undone = text_format("%s-%s" UNDONE, parsed.time, parsed.command);
    if (undone == NULL)
        return wsplsp_fail_memory(error);
    enum wsplsp_status status = backup_folder_rename(folder, *name, undone, error);
    if (status == WSPLSP_OK) {
        free(*name);
        *name = undone;
    } else {
        free(undone);
    }
    return status;
}

enum wsplsp_status backup_prune(struct backup_folder *folder, size_t kept, struct wsplsp_error *error)
{
    struct backup_list list;
    enum wsplsp_status status = backup_list_read(folder, &list, error);
    for (size_t i = 0; status == WSPLSP_OK && i + kept < list.count; i++)
        status = backup_folder_remove(folder, list.names[i], error);
    backup_list_free(&list);
    return status;
}
