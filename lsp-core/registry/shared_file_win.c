/* A catalog's file on Windows; see shared_file.h. The events' names, and how the file is replaced, are the host's:
 * change them in both places. */
#include "catalog_file_part.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "lsp-core/win/errors_win.h"
#include "lock_file_win.h"
#include "lsp-core/base/text.h"

#define RENAME_TRIES  25 /* readers and virus scanners have a file open for moments */
#define RENAME_PAUSE  20 /* ms */
#define NAME_LENGTH   64
#define FULL_PATH_MAX 32767

struct catalog_file {
    wchar_t *wide;
    wchar_t *new_path;
    char *path;
    uint64_t path_hash;
    wchar_t *lock_path;
    HANDLE lock;
};

/* FNV-1a */
static uint64_t hash(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint64_t value = 14695981039346656037u;
    for (size_t i = 0; i < size; i++)
        value = (value ^ at[i]) * 1099511628211u;
    return value;
}

static void object_name(const struct catalog_file *file, wchar_t text[NAME_LENGTH], const wchar_t *kind,
                        uint64_t number)
{
    _snwprintf(text, NAME_LENGTH, L"Global\\wsplsp-%ls-%08lx%08lx-%08lx%08lx", kind,
               (unsigned long)(file->path_hash >> 32), (unsigned long)(file->path_hash & 0xffffffffu),
               (unsigned long)(number >> 32), (unsigned long)(number & 0xffffffffu));
    text[NAME_LENGTH - 1] = 0;
}

/* NULL with GetLastError on failure. */
static wchar_t *final_path(const char *path)
{
    size_t units;
    wchar_t *given = (wchar_t *)text_to_utf16(path, &units), *final = NULL;
    if (given == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    HANDLE file = CreateFileW(given, FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, 0, NULL);
    DWORD code = GetLastError();
    if (file != INVALID_HANDLE_VALUE) {
        final = calloc(FULL_PATH_MAX + 1, sizeof *final);
        DWORD length = final == NULL ? 0 : GetFinalPathNameByHandleW(file, final, FULL_PATH_MAX, FILE_NAME_NORMALIZED);
        code = final == NULL ? ERROR_NOT_ENOUGH_MEMORY : length > 0 ? ERROR_FILENAME_EXCED_RANGE : GetLastError();
        CloseHandle(file);
        if (length == 0 || length >= FULL_PATH_MAX) {
            free(final);
            final = NULL;
        }
    }
    free(given);
    SetLastError(code);
    return final;
}

/* "\\?\C:\…" is for programs; people and .reg tools read "C:\…". */
static const wchar_t *without_prefix(const wchar_t *path)
{
    bool drive = wcsncmp(path, L"\\\\?\\", 4) == 0 && path[4] != L'\0' && path[5] == L':';
    return drive ? path + 4 : path;
}

static bool fill_names(struct catalog_file *file)
{
    const wchar_t *shown = without_prefix(file->wide);
    size_t length = wcslen(file->wide);
    wchar_t *upper = calloc(length + 1, sizeof *upper);
    file->new_path = calloc(length + sizeof CATALOG_FILE_NEW, sizeof *file->new_path);
    file->lock_path = calloc(length + sizeof LOCK_FILE_SUFFIX, sizeof *file->lock_path);
    file->path = text_from_utf16(shown, wcslen(shown));
    bool filled = upper != NULL && file->new_path != NULL && file->lock_path != NULL && file->path != NULL;
    if (filled) {
        wcscpy(file->new_path, file->wide);
        wcscat(file->new_path, L"" CATALOG_FILE_NEW);
        wcscpy(file->lock_path, file->wide);
        wcscat(file->lock_path, L"" LOCK_FILE_SUFFIX);
        LCMapStringW(LOCALE_INVARIANT, LCMAP_UPPERCASE, file->wide, (int)length, upper, (int)length);
        file->path_hash = hash(upper, length * sizeof *upper);
    }
    free(upper);
    return filled;
}

enum wsplsp_status catalog_file_open(const char *path, struct catalog_file **file, struct wsplsp_error *error)
{
    struct catalog_file *opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return wsplsp_fail_memory(error);
    enum wsplsp_status status = WSPLSP_OK;
    opened->wide = final_path(path);
    if (opened->wide == NULL) {
        DWORD code = GetLastError();
        status = errors_win_fail(error, code, "cannot open '%.400s' (%s)", path, errors_win_name(code));
    } else if (!fill_names(opened)) {
        status = wsplsp_fail_memory(error);
    }
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
    free(file->wide);
    free(file->new_path);
    free(file->lock_path);
    free(file->path);
    free(file);
}

const char *catalog_file_path(const struct catalog_file *file)
{
    return file->path;
}

enum wsplsp_status catalog_file_lock(struct catalog_file *file, struct wsplsp_error *error)
{
    DWORD code = lock_file_take(file->lock_path, LOCK_FILE_TIMEOUT, &file->lock);
    if (code == ERROR_SUCCESS)
        return WSPLSP_OK;
    if (code == WAIT_TIMEOUT)
        return wsplsp_fail(error, WSPLSP_SYSTEM, WAIT_TIMEOUT, "WAIT_TIMEOUT", "another process keeps '%.400s' locked",
                           file->path);
    return errors_win_fail(error, code, "cannot lock '%.400s' (%s)", file->path, errors_win_name(code));
}

void catalog_file_unlock(struct catalog_file *file)
{
    lock_file_give(file->lock);
}

static DWORD write_new(const struct catalog_file *file, const void *bytes, size_t size)
{
    DWORD written = 0, code = ERROR_SUCCESS;
    DWORD attributes = GetFileAttributesW(file->wide);
    if (size > MAXDWORD)
        return ERROR_FILE_TOO_LARGE;
    /* Windows refuses to replace such a file, Wine does not. */
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_READONLY) != 0)
        return ERROR_ACCESS_DENIED;
    /* What a process left that died in the middle of this. CREATE_NEW then never follows a link. */
    DeleteFileW(file->new_path);
    HANDLE made = CreateFileW(file->new_path, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    if (made == INVALID_HANDLE_VALUE)
        return GetLastError();
    if (!WriteFile(made, bytes, (DWORD)size, &written, NULL) || !FlushFileBuffers(made))
        code = GetLastError();
    else if (written != size)
        code = ERROR_DISK_FULL;
    CloseHandle(made);
    return code;
}

static DWORD rename_over(const struct catalog_file *file)
{
    for (int tries = 0; !MoveFileExW(file->new_path, file->wide, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH);
         tries++) {
        DWORD code = GetLastError();
        if ((code != ERROR_SHARING_VIOLATION && code != ERROR_ACCESS_DENIED) || tries == RENAME_TRIES)
            return code;
        Sleep(RENAME_PAUSE);
    }
    return ERROR_SUCCESS;
}

/* The hosts wait for an event that belongs to the text which they have read. */
static void announce(const struct catalog_file *file, const void *old, size_t old_size)
{
    wchar_t name[NAME_LENGTH];
    object_name(file, name, L"change", hash(old, old_size));
    HANDLE event = OpenEventW(EVENT_MODIFY_STATE, FALSE, name);
    if (event == NULL)
        return;
    SetEvent(event);
    CloseHandle(event);
}

enum wsplsp_status catalog_file_write(struct catalog_file *file, const void *old, size_t old_size, const void *bytes,
                                      size_t size, struct wsplsp_error *error)
{
    enum wsplsp_status status = catalog_file_check(file, old, old_size, error);
    if (status != WSPLSP_OK)
        return status;
    DWORD code = write_new(file, bytes, size);
    if (code == ERROR_SUCCESS)
        code = rename_over(file);
    if (code == ERROR_SUCCESS) {
        announce(file, old, old_size);
        return WSPLSP_OK;
    }
    DeleteFileW(file->new_path);
    return errors_win_fail(error, code, "cannot write '%.400s' (%s)", file->path, errors_win_name(code));
}
