/* Writes a new file; see new_file.h. */
#include "new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#ifdef _WIN32
#include <io.h>
#include <sys/stat.h>
#include <wchar.h>
#else
#include <unistd.h>
#endif

#include <stdbool.h>
#include <stdlib.h>

#include "text.h"

#ifdef _WIN32
static FILE *create(const char *path)
{
    size_t units;
    uint16_t *wide = text_to_utf16(path, &units);
    int file = wide == NULL
                   ? -1
                   : _wopen((const wchar_t *)wide, _O_CREAT | _O_EXCL | _O_WRONLY | _O_BINARY, _S_IREAD | _S_IWRITE);
    free(wide);
    return file < 0 ? NULL : _fdopen(file, "wb");
}

static void delete_file(const char *path)
{
    size_t units;
    uint16_t *wide = text_to_utf16(path, &units);
    if (wide != NULL)
        _wunlink((const wchar_t *)wide);
    free(wide);
}
#else
static FILE *create(const char *path)
{
    int file = open(path, O_CREAT | O_EXCL | O_WRONLY, 0666);
    return file < 0 ? NULL : fdopen(file, "wb");
}

static void delete_file(const char *path)
{
    unlink(path);
}
#endif

enum wsplsp_status new_file_write(const char *path, const void *bytes, size_t size, struct wsplsp_error *error)
{
    FILE *file = create(path);
    if (file == NULL && errno == EEXIST) {
        wsplsp_fail(error, WSPLSP_REFUSED, EEXIST, "EEXIST", "'%.400s' is there already", path);
        return wsplsp_hint(error, "give a new name, or delete the file first");
    }
    if (file == NULL)
        return wsplsp_fail_errno(error, errno, "make", path);
    bool written = fwrite(bytes, 1, size, file) == size;
    int code = errno;
    if (fclose(file) != 0 && written) {
        written = false;
        code = errno;
    }
    if (written)
        return WSPLSP_OK;
    delete_file(path);
    return wsplsp_fail_errno(error, code, "write", path);
}
