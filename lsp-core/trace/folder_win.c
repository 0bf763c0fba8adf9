/* Folders and files on Windows; see files.h. */
#include "files.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

#include "lsp-core/base/text.h"

static wchar_t *to_wide(const char *text)
{
    size_t units;
    return (wchar_t *)text_to_utf16(text, &units);
}

bool trace_folder_list(const char *path, bool (*found)(void *context, const char *name), void *context)
{
    char *pattern = text_format("%s.*", path);
    wchar_t *wide = pattern == NULL ? NULL : to_wide(pattern);
    free(pattern);
    if (wide == NULL)
        return false;
    WIN32_FIND_DATAW data;
    HANDLE search = FindFirstFileW(wide, &data);
    free(wide);
    if (search == INVALID_HANDLE_VALUE)
        return true;
    bool going;
    do {
        char *name = text_from_utf16(data.cFileName, wcslen(data.cFileName));
        going = name != NULL && found(context, name);
        free(name);
    } while (going && FindNextFileW(search, &data));
    FindClose(search);
    return going;
}

int trace_file_begin(const char *path, void *bytes, size_t size, size_t *got)
{
    wchar_t *wide = to_wide(path);
    if (wide == NULL)
        return ENOMEM;
    FILE *file = _wfopen(wide, L"rb");
    free(wide);
    if (file == NULL)
        return errno;
    *got = fread(bytes, 1, size, file);
    int code = ferror(file) ? errno : 0;
    fclose(file);
    return code;
}

int trace_file_delete(const char *path)
{
    wchar_t *wide = to_wide(path);
    if (wide == NULL)
        return ENOMEM;
    int code = _wunlink(wide) == 0 ? 0 : errno;
    free(wide);
    return code;
}
