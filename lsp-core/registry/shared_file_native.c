/* A catalog's file on a POSIX system; see shared_file.h. No host runs here, so there is no lock but the backups'. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "catalog_file_part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lsp-core/base/text.h"

struct catalog_file {
    char *path;
    char *new_path;
};

enum wsplsp_status catalog_file_open(const char *path, struct catalog_file **file, struct wsplsp_error *error)
{
    struct catalog_file *opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return wsplsp_fail_memory(error);
    char *real = realpath(path, NULL);
    int code = errno;
    if (real != NULL) {
        opened->path = text_duplicate(real);
        opened->new_path = text_format("%s" CATALOG_FILE_NEW, real);
    }
    enum wsplsp_status status = WSPLSP_OK;
    if (real == NULL)
        status = wsplsp_fail_errno(error, code, "read", path);
    else if (opened->path == NULL || opened->new_path == NULL)
        status = wsplsp_fail_memory(error);
    free(real);
    if (status == WSPLSP_OK)
        *file = opened;
    else
        catalog_file_close(opened);
    return status;
}

void catalog_file_close(struct catalog_file *file)
{
    if (file == NULL)
        return;
    free(file->path);
    free(file->new_path);
    free(file);
}

const char *catalog_file_path(const struct catalog_file *file)
{
    return file->path;
}

enum wsplsp_status catalog_file_lock(struct catalog_file *file, struct wsplsp_error *error)
{
    (void)file;
    (void)error;
    return WSPLSP_OK;
}

void catalog_file_unlock(struct catalog_file *file)
{
    (void)file;
}

/* 0, or errno. */
static int write_all(int file, const void *bytes, size_t size)
{
    const char *next = bytes;
    while (size > 0) {
        ssize_t written = write(file, next, size);
        if (written < 0 && errno != EINTR)
            return errno;
        if (written > 0) {
            next += written;
            size -= (size_t)written;
        }
    }
    return fsync(file) == 0 ? 0 : errno;
}

/* With the old file's mode. 0, or errno. */
static int write_new(const struct catalog_file *file, const void *bytes, size_t size)
{
    struct stat info;
    if (access(file->path, W_OK) != 0 || stat(file->path, &info) != 0)
        return errno;
    /* What a process left that died in the middle of this. O_EXCL then never follows a link. */
    unlink(file->new_path);
    int opened = open(file->new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (opened < 0)
        return errno;
    int code = write_all(opened, bytes, size);
    if (code == 0 && fchmod(opened, info.st_mode & 07777) != 0)
        code = errno;
    if (close(opened) != 0 && code == 0)
        code = errno;
    return code;
}

/* So that the new name is on the disk, too. */
static void flush_folder(const char *path)
{
    char *folder = text_duplicate(path);
    if (folder == NULL)
        return;
    char *slash = strrchr(folder, '/'); /* a real path begins with one */
    slash[slash == folder ? 1 : 0] = '\0';
    int opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened >= 0) {
        fsync(opened);
        close(opened);
    }
    free(folder);
}

enum wsplsp_status catalog_file_write(struct catalog_file *file, const void *old, size_t old_size, const void *bytes,
                                      size_t size, struct wsplsp_error *error)
{
    int code = write_new(file, bytes, size);
    enum wsplsp_status status = code == 0 ? catalog_file_check(file, old, old_size, error)
                                          : wsplsp_fail_errno(error, code, "write", file->path);
    if (status == WSPLSP_OK && rename(file->new_path, file->path) != 0)
        status = wsplsp_fail_errno(error, errno, "replace", file->path);
    if (status == WSPLSP_OK)
        flush_folder(file->path);
    else
        unlink(file->new_path);
    return status;
}
