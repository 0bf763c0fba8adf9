/* Folders and files on Linux; see files.h. */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lsp-core/base/text.h"

bool trace_folder_list(const char *path, bool (*found)(void *context, const char *name), void *context)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? text_duplicate(".") : text_format("%.*s", (int)(slash - path) + 1, path);
    if (folder == NULL)
        return false;
    DIR *listing = opendir(folder);
    free(folder);
    if (listing == NULL)
        return true;
    bool going = true;
    struct dirent *entry;
    while (going && (entry = readdir(listing)) != NULL)
        going = found(context, entry->d_name);
    closedir(listing);
    return going;
}

int trace_file_begin(const char *path, void *bytes, size_t size, size_t *got)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return errno;
    *got = fread(bytes, 1, size, file);
    int code = ferror(file) ? errno : 0;
    fclose(file);
    return code;
}

int trace_file_delete(const char *path)
{
    return unlink(path) == 0 ? 0 : errno;
}
