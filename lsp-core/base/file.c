/* Reads a whole file into memory; see file.h. */
#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#include <wchar.h>
#include <windows.h>
#endif

#include "text.h"

#ifdef _WIN32
static FILE *open_binary(const char *path)
{
    size_t units;
    uint16_t *wide = text_to_utf16(path, &units);
    FILE *file = wide == NULL ? NULL : _wfopen((const wchar_t *)wide, L"rb");
    /* In the moment in which another process replaces a file by renaming, nobody may open it. */
    for (int left = 50; wide != NULL && file == NULL && errno == EACCES && left > 0; left--) {
        Sleep(10);
        file = _wfopen((const wchar_t *)wide, L"rb");
    }
    free(wide);
    return file;
}

static FILE *standard_input(void)
{
    _setmode(_fileno(stdin), _O_BINARY);
    return stdin;
}
#else
static FILE *open_binary(const char *path)
{
    return fopen(path, "rb");
}

static FILE *standard_input(void)
{
    return stdin;
}
#endif

/* errno of a read that failed, EFBIG for a file over the limit, 0 on success. */
static int read_to_end(FILE *file, void **bytes, size_t *size)
{
    char *buffer = NULL;
    size_t room = 0, used = 0;
    for (;;) {
        if (used == room) {
            room = room == 0 ? 64 * 1024 : room * 2;
            char *grown = room > FILE_SIZE_MAX ? NULL : realloc(buffer, room);
            if (grown == NULL) {
                free(buffer);
                return room > FILE_SIZE_MAX ? EFBIG : ENOMEM;
            }
            buffer = grown;
        }
        size_t got = fread(buffer + used, 1, room - used, file);
        used += got;
        if (got == 0)
            break;
    }
    if (ferror(file)) {
        int code = errno;
        free(buffer);
        return code;
    }
    *bytes = buffer;
    *size = used;
    return 0;
}

static bool is_folder(FILE *file)
{
    struct stat info;
    return fstat(fileno(file), &info) == 0 && S_ISDIR(info.st_mode);
}

enum wsplsp_status file_read(const char *path, void **bytes, size_t *size, struct wsplsp_error *error)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? standard_input() : open_binary(path);
    if (file == NULL)
        return wsplsp_fail_errno(error, errno, "read", path);
    int code = is_folder(file) ? EISDIR : read_to_end(file, bytes, size);
    if (!standard)
        fclose(file);
    return code == 0 ? WSPLSP_OK : wsplsp_fail_errno(error, code, "read", standard ? "standard input" : path);
}
