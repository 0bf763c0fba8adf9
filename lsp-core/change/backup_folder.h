/* The folder that keeps a target's backups and its journal: new files, replaced files, and one lock for who changes the
 * target. Names have no folder in them. Paths are UTF-8. */
#ifndef WSPLSP_CORE_CHANGE_BACKUP_FOLDER_H
#define WSPLSP_CORE_CHANGE_BACKUP_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "lsp-core/base/error.h"

enum backup_access {
    BACKUP_ACCESS_INHERITED,      /* the rights of the folder around it */
    BACKUP_ACCESS_ADMINISTRATORS, /* the system's and administrators' alone; Windows only */
};

struct backup_folder;

/* Opens the folder, with `make` also where there is none yet; without it that is WSPLSP_NOT_FOUND. What others could
 * have prepared is not trusted: a link is refused, and with BACKUP_ACCESS_ADMINISTRATORS a file that others own is
 * none. A folder of that kind which others own is none; with `make` it is set aside, and a new one made, if need
 * be in another place (see backup_folder_path). One that administrators own and others may change gets its rights back
 * with `make`, and is read without. That kind's parent is made, and looked at, likewise. */
enum wsplsp_status backup_folder_open(const char *path, enum backup_access access, bool make,
                                      struct backup_folder **folder, struct wsplsp_error *error);
/* Gives the lock up, too. NULL is allowed. */
void backup_folder_close(struct backup_folder *folder);

const char *backup_folder_path(const struct backup_folder *folder);
/* Sentences, a line each, that say what was done to the folder to make it safe, or what in it others could have made or
 * changed; NULL where there is nothing to say. */
const char *backup_folder_note(const struct backup_folder *folder);

/* Opens the folder that was set aside from `path`, or is where backups were kept before, with a file `name` in it that
 * administrators own; `*folder` is NULL where there is none. `*untrusted` is then the path of such a file that others
 * own, new, or NULL. */
enum wsplsp_status backup_folder_find_aside(const char *path, enum backup_access access, const char *name,
                                            struct backup_folder **folder, char **untrusted,
                                            struct wsplsp_error *error);
/* The full path of a file in it, new; NULL when out of memory. */
char *backup_folder_file(const struct backup_folder *folder, const char *name);

/* One process at a time, for as long as it lives. `*locked` is false where another one kept it for `limit` ms. */
enum wsplsp_status backup_folder_lock(struct backup_folder *folder, unsigned limit, bool *locked,
                                      struct wsplsp_error *error);
void backup_folder_unlock(struct backup_folder *folder);

/* A new file, on the disk when this returns; `*exists` instead where the name is taken. */
enum wsplsp_status backup_folder_write(struct backup_folder *folder, const char *name, const void *bytes, size_t size,
                                       bool *exists, struct wsplsp_error *error);
/* Puts a file in the place of the one of that name, if any: whoever reads finds the old one or the new one. */
enum wsplsp_status backup_folder_replace(struct backup_folder *folder, const char *name, const void *bytes, size_t size,
                                         struct wsplsp_error *error);
/* `*bytes` is new, and NULL where there is no such file. */
enum wsplsp_status backup_folder_read(struct backup_folder *folder, const char *name, void **bytes, size_t *size,
                                      struct wsplsp_error *error);
/* No error where there is no such file. */
enum wsplsp_status backup_folder_remove(struct backup_folder *folder, const char *name, struct wsplsp_error *error);
enum wsplsp_status backup_folder_rename(struct backup_folder *folder, const char *from, const char *to,
                                        struct wsplsp_error *error);
/* The names of the files, in any order; `take` returns false to end it with WSPLSP_SYSTEM, out of memory. */
enum wsplsp_status backup_folder_list(struct backup_folder *folder, bool (*take)(const char *name, void *context),
                                      void *context, struct wsplsp_error *error);

#endif
