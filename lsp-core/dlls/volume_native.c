/* A mounted volume on Linux; see volume.h. Every component is opened from the one before it, never through a
 * link, so that nothing on the volume can lead out of it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "volume.h"
#include "lsp-core/base/text.h"

/* Not waiting: in a file's place there may be a pipe. */
#define OPEN_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

struct files_volume {
    int root;
};

enum wsplsp_status files_volume_open(const char *path, struct files_volume **volume, struct wsplsp_error *error)
{
    *volume = malloc(sizeof **volume);
    if (*volume == NULL)
        return wsplsp_fail_memory(error);
    (*volume)->root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if ((*volume)->root < 0) {
        int code = errno;
        free(*volume);
        *volume = NULL;
        return wsplsp_fail_errno(error, code, "open the folder", path);
    }
    return WSPLSP_OK;
}

void files_volume_close(struct files_volume *volume)
{
    close(volume->root);
    free(volume);
}

/* Opens what is called so but for case; -1 with errno. */
static int open_by_any_case(int folder, const char *name)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    if (entries == NULL) {
        if (copy >= 0)
            close(copy);
        return -1;
    }
    int opened = -1, code = ENOENT;
    const struct dirent *entry;
    while (code == ENOENT && (entry = readdir(entries)) != NULL) {
        if (text_compare_nocase(entry->d_name, name) != 0)
            continue;
        opened = openat(folder, entry->d_name, OPEN_FLAGS);
        code = opened < 0 ? errno : 0;
    }
    closedir(entries);
    errno = code;
    return opened;
}

static int open_component(int folder, const char *name)
{
    int opened = openat(folder, name, OPEN_FLAGS);
    return opened >= 0 || errno != ENOENT ? opened : open_by_any_case(folder, name);
}

/* Opens a path; -1 with errno. */
static int open_path(const struct files_volume *volume, const char *path)
{
    int folder = volume->root;
    for (;;) {
        char name[256];
        size_t length = strcspn(path, "\\");
        int opened = -1;
        errno = ENAMETOOLONG;
        if (length < sizeof name) {
            memcpy(name, path, length);
            name[length] = '\0';
            opened = open_component(folder, name);
        }
        int code = errno;
        if (folder != volume->root)
            close(folder);
        errno = code;
        if (opened < 0 || path[length] == '\0')
            return opened;
        folder = opened;
        path += length + 1;
    }
}

bool files_volume_has_folder(struct files_volume *volume, const char *path)
{
    struct stat info;
    int opened = open_path(volume, path);
    bool has = opened >= 0 && fstat(opened, &info) == 0 && S_ISDIR(info.st_mode);
    if (opened >= 0)
        close(opened);
    return has;
}

static void tell_failure(int code, struct files_facts *facts)
{
    switch (code) {
    case ENOENT:
    case ENOTDIR: /* a file in a folder's place: nothing can be below it */
    case ENAMETOOLONG:
        facts->presence = FILES_MISSING;
        break;
    case ELOOP: /* what O_NOFOLLOW says of a link */
        facts->presence_unknown = FILES_VOLUME_LINK;
        break;
    case EACCES:
    case EPERM:
        facts->presence_unknown = FILES_VOLUME_DENIED;
        break;
    case ENXIO: /* a socket */
        facts->presence_unknown = FILES_VOLUME_NO_FILE;
        break;
    default:
        facts->presence_unknown = FILES_VOLUME_NO_READ;
        break;
    }
}

/* The file's bytes: as many as it had when it was opened, or fewer. Returns false when out of memory. */
static bool read_all(int file, size_t length, uint8_t **bytes, size_t *size, struct files_facts *facts)
{
    *bytes = malloc(length + 1);
    if (*bytes == NULL)
        return false;
    *size = 0;
    while (*size < length) {
        ssize_t got = read(file, *bytes + *size, length - *size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            facts->image_unknown = FILES_VOLUME_NO_READ;
            free(*bytes);
            *bytes = NULL;
        }
        if (got <= 0)
            break;
        *size += (size_t)got;
    }
    return true;
}

bool files_volume_read(struct files_volume *volume, const char *path, struct files_facts *facts, uint8_t **bytes,
                       size_t *size)
{
    struct stat info;
    *bytes = NULL;
    int file = open_path(volume, path);
    if (file < 0) {
        tell_failure(errno, facts);
        return true;
    }
    bool ok = true;
    if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
        facts->presence_unknown = FILES_VOLUME_NO_FILE;
    } else {
        facts->presence = FILES_PRESENT;
        if ((uint64_t)info.st_size > FILES_IMAGE_MAX)
            facts->image_unknown = FILES_VOLUME_TOO_LONG;
        else
            ok = read_all(file, (size_t)info.st_size, bytes, size, facts);
    }
    close(file);
    return ok;
}
