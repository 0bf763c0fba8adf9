/* Backups: complete .reg files in a folder, named by time and command. Which command a backup was made for, what it
 * changed and the layers' categories stand in comments at its head, which regedit passes over. */
#ifndef WSPLSP_CORE_CHANGE_BACKUP_H
#define WSPLSP_CORE_CHANGE_BACKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "backup_folder.h"
#include "lsp-core/base/time_name.h"
#include "lsp-core/catalog/catalog.h"

#define BACKUP_COMMAND 40 /* of its name, with a NUL */
#define BACKUP_KEPT    50 /* in one folder; what is older is removed */

/* What a backup's file name says: "20261120T155640.123Z-install.reg"; one whose change was undone ends ".undone.reg".
 */
struct backup_name {
    char time[TIME_NAME];
    char command[BACKUP_COMMAND];
    bool undone;
};

/* False for the name of anything else. */
bool backup_name_parse(const char *file, struct backup_name *name);

/* "2026-11-20T15:56:40Z" for a backup's time; new, or NULL when out of memory. */
char *backup_time_words(const char time[TIME_NAME]);

/* The text of a backup, new; see change_backup_text. */
enum wsplsp_status backup_text(const struct wsplsp_snapshot *snapshot, const char *command, const char *words,
                               void **bytes, size_t *size, struct wsplsp_error *error);

/* Writes one into the folder; `*name` is its new file name. */
enum wsplsp_status backup_write(struct backup_folder *folder, const struct wsplsp_snapshot *snapshot,
                                const char *command, const char *words, char **name, struct wsplsp_error *error);

/* The catalog in a backup's text, with its categories; also in any other .reg file or hive. `code_page` as for
 * source_load_bytes. */
enum wsplsp_status backup_parse(const void *bytes, size_t size, const char *source, uint32_t code_page,
                                struct wsplsp_snapshot **snapshot, struct wsplsp_error *error);
/* What a backup's comments say was changed, new; "" where they do not tell. */
enum wsplsp_status backup_words(const void *bytes, size_t size, char **words, struct wsplsp_error *error);

/* The file names of the folder's backups, the oldest first. */
struct backup_list {
    char **names;
    size_t count;
};
enum wsplsp_status backup_list_read(struct backup_folder *folder, struct backup_list *list, struct wsplsp_error *error);
void backup_list_free(struct backup_list *list);

/* Renames the backup of a change that has been undone; `*name` becomes the new name. */
enum wsplsp_status backup_mark_undone(struct backup_folder *folder, char **name, struct wsplsp_error *error);

/* Removes the oldest backups that are more than `kept`. */
enum wsplsp_status backup_prune(struct backup_folder *folder, size_t kept, struct wsplsp_error *error);

#endif
