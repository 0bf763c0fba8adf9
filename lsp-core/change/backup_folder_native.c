/* The backups' folder on a POSIX system; see backup_folder.h. The folder is opened once: what becomes of its name
 * afterwards does not matter. */
#include "backup_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lsp-core/base/file.h"
#include "lsp-core/base/text.h"

#define LOCK_NAME  "lock"
#define NEW_NAME   "new" /* of the file that is to replace another; made and removed under the lock */
#define LOCK_PAUSE 20    /* ms */

struct backup_folder {
    char *path;
    int folder;
    int lock; /* -1 while it is not held */
};

static enum wsplsp_status failed(const struct backup_folder *folder, const char *action, const char *name,
                                 struct wsplsp_error *error)
{
    char object[400];
    int code = errno;
    snprintf(object, sizeof object, "'%s/%s'", folder->path, name);
    return wsplsp_fail_errno(error, code, action, object);
}

static enum wsplsp_status open_folder(struct backup_folder *folder, bool make, struct wsplsp_error *error)
{
    if (make && mkdir(folder->path, 0777) != 0 && errno != EEXIST)
        return wsplsp_fail_errno(error, errno, "make the folder", folder->path);
    folder->folder = open(folder->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder->folder >= 0)
        return WSPLSP_OK;
    if (errno == ELOOP || errno == ENOTDIR)
        return wsplsp_fail(error, WSPLSP_REFUSED, (uint32_t)errno, "ENOTDIR",
                           "'%.400s', where the backups belong, is a link or no folder", folder->path);
    return wsplsp_fail_errno(error, errno, "open the folder", folder->path);
}

enum wsplsp_status backup_folder_open(const char *path, enum backup_access access, bool make,
                                      struct backup_folder **folder, struct wsplsp_error *error)
{
    (void)access;
    struct backup_folder *opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return wsplsp_fail_memory(error);
    opened->folder = opened->lock = -1;
    opened->path = text_duplicate(path);
    enum wsplsp_status status = opened->path == NULL ? wsplsp_fail_memory(error) : open_folder(opened, make, error);
    if (status == WSPLSP_OK)
        *folder = opened;
    else
        backup_folder_close(opened);
    return status;
}

void backup_folder_close(struct backup_folder *folder)
{
    if (folder == NULL)
        return;
    backup_folder_unlock(folder);
    if (folder->folder >= 0)
        close(folder->folder);
    free(folder->path);
    free(folder);
}

const char *backup_folder_path(const struct backup_folder *folder)
{
    return folder->path;
}

const char *backup_folder_note(const struct backup_folder *folder)
{
    (void)folder;
    return NULL;
}

enum wsplsp_status backup_folder_find_aside(const char *path, enum backup_access access, const char *name,
                                            struct backup_folder **folder, char **untrusted, struct wsplsp_error *error)
{
    (void)path, (void)access, (void)name, (void)error;
    *folder = NULL;
    *untrusted = NULL;
    return WSPLSP_OK;
}

char *backup_folder_file(const struct backup_folder *folder, const char *name)
{
    return text_format("%s/%s", folder->path, name);
}

/* A lock of the process's own, which dies with it. */
enum wsplsp_status backup_folder_lock(struct backup_folder *folder, unsigned limit, bool *locked,
                                      struct wsplsp_error *error)
{
    const struct timespec pause = {0, LOCK_PAUSE * 1000000L};
    struct flock request = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int file = openat(folder->folder, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (file < 0)
        return failed(folder, "open", LOCK_NAME, error);
    *locked = false;
    for (unsigned waited = 0;; waited += LOCK_PAUSE) {
        if (fcntl(file, F_SETLK, &request) == 0) {
            folder->lock = file;
            *locked = true;
            return WSPLSP_OK;
        }
        if ((errno != EACCES && errno != EAGAIN) || waited >= limit)
            break;
        nanosleep(&pause, NULL);
    }
    enum wsplsp_status status =
        errno == EACCES || errno == EAGAIN ? WSPLSP_OK : failed(folder, "lock", LOCK_NAME, error);
    close(file);
    return status;
}

void backup_folder_unlock(struct backup_folder *folder)
{
    if (folder->lock >= 0)
        close(folder->lock);
    folder->lock = -1;
}

static bool write_all(int file, const void *bytes, size_t size)
{
    const char *next = bytes;
    while (size > 0) {
        ssize_t written = write(file, next, size);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            next += written;
            size -= (size_t)written;
        }
    }
    return fsync(file) == 0;
}

/* Nothing is left of a file that could not be written. */
static bool write_new(struct backup_folder *folder, const char *name, const void *bytes, size_t size)
{
    int file = openat(folder->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0)
        return false;
    bool written = write_all(file, bytes, size);
    int code = errno;
    if (close(file) != 0 && written) {
        written = false;
        code = errno;
    }
    if (!written) {
        unlinkat(folder->folder, name, 0);
        errno = code;
    }
    return written;
}

enum wsplsp_status backup_folder_write(struct backup_folder *folder, const char *name, const void *bytes, size_t size,
                                       bool *exists, struct wsplsp_error *error)
{
    bool written = write_new(folder, name, bytes, size);
    *exists = !written && errno == EEXIST;
    if (*exists)
        return WSPLSP_OK;
    if (!written)
        return failed(folder, "write", name, error);
    fsync(folder->folder);
    return WSPLSP_OK;
}

enum wsplsp_status backup_folder_replace(struct backup_folder *folder, const char *name, const void *bytes, size_t size,
                                         struct wsplsp_error *error)
{
    /* What a process left that died in the middle of this. */
    unlinkat(folder->folder, NEW_NAME, 0);
    if (!write_new(folder, NEW_NAME, bytes, size))
        return failed(folder, "write", name, error);
    if (renameat(folder->folder, NEW_NAME, folder->folder, name) != 0) {
        enum wsplsp_status status = failed(folder, "write", name, error);
        unlinkat(folder->folder, NEW_NAME, 0);
        return status;
    }
    fsync(folder->folder);
    return WSPLSP_OK;
}

enum wsplsp_status backup_folder_read(struct backup_folder *folder, const char *name, void **bytes, size_t *size,
                                      struct wsplsp_error *error)
{
    *bytes = NULL;
    *size = 0;
    char *path = backup_folder_file(folder, name);
    if (path == NULL)
        return wsplsp_fail_memory(error);
    enum wsplsp_status status = file_read(path, bytes, size, error);
    free(path);
    return status == WSPLSP_NOT_FOUND ? WSPLSP_OK : status;
}

enum wsplsp_status backup_folder_remove(struct backup_folder *folder, const char *name, struct wsplsp_error *error)
{
    if (unlinkat(folder->folder, name, 0) != 0 && errno != ENOENT)
        return failed(folder, "delete", name, error);
    fsync(folder->folder);
    return WSPLSP_OK;
}

enum wsplsp_status backup_folder_rename(struct backup_folder *folder, const char *from, const char *to,
                                        struct wsplsp_error *error)
{
    return renameat(folder->folder, from, folder->folder, to) == 0 ? WSPLSP_OK : failed(folder, "rename", from, error);
}

enum wsplsp_status backup_folder_list(struct backup_folder *folder, bool (*take)(const char *name, void *context),
                                      void *context, struct wsplsp_error *error)
{
    DIR *entries = opendir(folder->path);
    if (entries == NULL)
        return wsplsp_fail_errno(error, errno, "list", folder->path);
    enum wsplsp_status status = WSPLSP_OK;
    for (const struct dirent *entry; status == WSPLSP_OK && (entry = readdir(entries)) != NULL;) {
        if (entry->d_name[0] != '.' && !take(entry->d_name, context))
            status = wsplsp_fail_memory(error);
    }
    closedir(entries);
    return status;
}
