/* The backups' folder on Windows; see backup_folder.h. */
#include "backup_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "lsp-core/win/data_folder_win.h"
#include "lsp-core/win/errors_win.h"
#include "lsp-core/base/file.h"
#include "lsp-core/base/text.h"
#include "lsp-core/win/trusted_folder_win.h"

#define LOCK_NAME    "lock"
#define NEW_NAME     "new" /* of the file that is to replace another; made and removed under the lock */
#define LOCK_PAUSE   20    /* ms */
#define RENAME_TRIES 25    /* virus scanners have a file open for moments */

struct backup_folder {
    char *path;
    wchar_t *wide;
    HANDLE folder; /* keeps it from being renamed or deleted meanwhile */
    HANDLE lock;   /* INVALID_HANDLE_VALUE while it is not held */
    bool trusted;  /* administrators' alone: what others could have changed is not read */
    bool told_changeable;
    char *note;
};

static enum wsplsp_status failed(const struct backup_folder *folder, DWORD code, const char *action, const char *name,
                                 struct wsplsp_error *error)
{
    return errors_win_fail(error, code, "cannot %s '%.300s\\%.100s' (%s)", action, folder->path, name,
                           errors_win_name(code));
}

/* A new path; NULL with GetLastError when out of memory. */
static wchar_t *file_path(const struct backup_folder *folder, const char *name)
{
    size_t units;
    char *text = backup_folder_file(folder, name);
    wchar_t *path = text == NULL ? NULL : (wchar_t *)text_to_utf16(text, &units);
    free(text);
    if (path == NULL)
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return path;
}

static enum wsplsp_status take_path(struct backup_folder *folder, const wchar_t *path, struct wsplsp_error *error)
{
    size_t units;
    char *text = text_from_utf16(path, wcslen(path));
    wchar_t *wide = text == NULL ? NULL : (wchar_t *)text_to_utf16(text, &units);
    if (wide == NULL) {
        free(text);
        return wsplsp_fail_memory(error);
    }
    free(folder->path);
    free(folder->wide);
    folder->path = text;
    folder->wide = wide;
    return WSPLSP_OK;
}

static enum wsplsp_status make_trusted(struct backup_folder *folder, struct wsplsp_error *error)
{
    wchar_t path[MAX_PATH];
    enum wsplsp_status status = data_folder_make(DATA_FOLDER_BACKUPS, TRUSTED_BACKUPS, path, &folder->note, error);
    return status == WSPLSP_OK ? take_path(folder, path, error) : status;
}

/* Without making it: what others own is none of wsplsp's, nor is what is in a folder of theirs. */
static enum wsplsp_status look_trusted(struct backup_folder *folder, struct wsplsp_error *error)
{
    enum trusted_state state = TRUSTED_ABSENT;
    wchar_t *slash = wcsrchr(folder->wide, L'\\');
    *slash = L'\0';
    enum wsplsp_status status = trusted_folder_look(folder->wide, TRUSTED_DATA, &state, error);
    *slash = L'\\';
    bool good = state == TRUSTED_GOOD || state == TRUSTED_WIDENED;
    if (status == WSPLSP_OK && good)
        status = trusted_folder_look(folder->wide, TRUSTED_BACKUPS, &state, error);
    good = state == TRUSTED_GOOD || state == TRUSTED_WIDENED;
    if (status == WSPLSP_OK && !good)
        status = wsplsp_fail(error, WSPLSP_NOT_FOUND, 0, "NO_BACKUPS", "there is no folder '%.400s' of administrators",
                             folder->path);
    return status;
}

static enum wsplsp_status make_folder(struct backup_folder *folder, struct wsplsp_error *error)
{
    if (folder->trusted)
        return make_trusted(folder, error);
    if (CreateDirectoryW(folder->wide, NULL) || GetLastError() == ERROR_ALREADY_EXISTS)
        return WSPLSP_OK;
    DWORD code = GetLastError();
    return errors_win_fail(error, code, "cannot make the folder '%.400s' (%s)", folder->path, errors_win_name(code));
}

static enum wsplsp_status open_folder(struct backup_folder *folder, struct wsplsp_error *error)
{
    BY_HANDLE_FILE_INFORMATION info;
    folder->folder =
        CreateFileW(folder->wide, FILE_READ_ATTRIBUTES | FILE_LIST_DIRECTORY, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                    OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (folder->folder == INVALID_HANDLE_VALUE || !GetFileInformationByHandle(folder->folder, &info)) {
        DWORD code = GetLastError();
        return errors_win_fail(error, code, "cannot open the folder '%.400s' (%s)", folder->path,
                               errors_win_name(code));
    }
    if ((info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0 &&
        (info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0)
        return WSPLSP_OK;
    return wsplsp_fail(error, WSPLSP_REFUSED, ERROR_DIRECTORY, "ERROR_DIRECTORY",
                       "'%.400s', where the backups belong, is a link or no folder", folder->path);
}

static struct backup_folder *folder_new(const char *path, enum backup_access access)
{
    size_t units;
    struct backup_folder *folder = calloc(1, sizeof *folder);
    if (folder == NULL)
        return NULL;
    folder->folder = folder->lock = INVALID_HANDLE_VALUE;
    folder->trusted = access == BACKUP_ACCESS_ADMINISTRATORS;
    folder->path = text_duplicate(path);
    folder->wide = (wchar_t *)text_to_utf16(path, &units);
    if (folder->path != NULL && folder->wide != NULL)
        return folder;
    backup_folder_close(folder);
    return NULL;
}

enum wsplsp_status backup_folder_open(const char *path, enum backup_access access, bool make,
                                      struct backup_folder **folder, struct wsplsp_error *error)
{
    struct backup_folder *opened = folder_new(path, access);
    if (opened == NULL)
        return wsplsp_fail_memory(error);
    enum wsplsp_status status = WSPLSP_OK;
    if (make)
        status = make_folder(opened, error);
    else if (opened->trusted)
        status = look_trusted(opened, error);
    if (status == WSPLSP_OK)
        status = open_folder(opened, error);
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
    if (folder->folder != INVALID_HANDLE_VALUE)
        CloseHandle(folder->folder);
    free(folder->path);
    free(folder->wide);
    free(folder->note);
    free(folder);
}

const char *backup_folder_note(const struct backup_folder *folder)
{
    return folder->note;
}

const char *backup_folder_path(const struct backup_folder *folder)
{
    return folder->path;
}

char *backup_folder_file(const struct backup_folder *folder, const char *name)
{
    return text_format("%s\\%s", folder->path, name);
}

/* A file that is opened for this process alone, rather than a mutex: a mutex's name is anybody's to take first, while
 * into this folder only those get that may change the target anyway. It is given up when the process dies. */
enum wsplsp_status backup_folder_lock(struct backup_folder *folder, unsigned limit, bool *locked,
                                      struct wsplsp_error *error)
{
    wchar_t *path = file_path(folder, LOCK_NAME);
    DWORD code = path == NULL ? ERROR_NOT_ENOUGH_MEMORY : ERROR_SHARING_VIOLATION;
    *locked = false;
    for (unsigned waited = 0; code == ERROR_SHARING_VIOLATION; waited += LOCK_PAUSE) {
        folder->lock = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_ALWAYS,
                                   FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
        *locked = folder->lock != INVALID_HANDLE_VALUE;
        code = *locked ? ERROR_SUCCESS : GetLastError();
        if (waited >= limit)
            break;
        if (code == ERROR_SHARING_VIOLATION)
            Sleep(LOCK_PAUSE);
    }
    free(path);
    return code == ERROR_SUCCESS || code == ERROR_SHARING_VIOLATION ? WSPLSP_OK
                                                                    : failed(folder, code, "lock", LOCK_NAME, error);
}

void backup_folder_unlock(struct backup_folder *folder)
{
    if (folder->lock != INVALID_HANDLE_VALUE)
        CloseHandle(folder->lock);
    folder->lock = INVALID_HANDLE_VALUE;
}

/* CREATE_NEW follows no link. Nothing is left of a file that could not be written. */
static DWORD write_new(const wchar_t *path, const void *bytes, size_t size)
{
    DWORD written = 0;
    if (size > MAXDWORD)
        return ERROR_FILE_TOO_LARGE;
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return GetLastError();
    DWORD code = ERROR_SUCCESS;
    if (!WriteFile(file, bytes, (DWORD)size, &written, NULL) || !FlushFileBuffers(file))
        code = GetLastError();
    else if (written != size)
        code = ERROR_DISK_FULL;
    CloseHandle(file);
    if (code != ERROR_SUCCESS)
        DeleteFileW(path);
    return code;
}

enum wsplsp_status backup_folder_write(struct backup_folder *folder, const char *name, const void *bytes, size_t size,
                                       bool *exists, struct wsplsp_error *error)
{
    wchar_t *path = file_path(folder, name);
    DWORD code = path == NULL ? ERROR_NOT_ENOUGH_MEMORY : write_new(path, bytes, size);
    free(path);
    *exists = code == ERROR_FILE_EXISTS;
    return code == ERROR_SUCCESS || *exists ? WSPLSP_OK : failed(folder, code, "write", name, error);
}

static DWORD move_file(const wchar_t *from, const wchar_t *to, DWORD flags)
{
    for (int tries = 0; !MoveFileExW(from, to, flags | MOVEFILE_WRITE_THROUGH); tries++) {
        DWORD code = GetLastError();
        if ((code != ERROR_SHARING_VIOLATION && code != ERROR_ACCESS_DENIED) || tries == RENAME_TRIES)
            return code;
        Sleep(LOCK_PAUSE);
    }
    return ERROR_SUCCESS;
}

enum wsplsp_status backup_folder_replace(struct backup_folder *folder, const char *name, const void *bytes, size_t size,
                                         struct wsplsp_error *error)
{
    wchar_t *new_path = file_path(folder, NEW_NAME), *path = file_path(folder, name);
    DWORD code = ERROR_NOT_ENOUGH_MEMORY;
    if (new_path != NULL && path != NULL) {
        /* What a process left that died in the middle of this. */
        DeleteFileW(new_path);
        code = write_new(new_path, bytes, size);
        if (code == ERROR_SUCCESS)
            code = move_file(new_path, path, MOVEFILE_REPLACE_EXISTING);
        if (code != ERROR_SUCCESS)
            DeleteFileW(new_path);
    }
    free(new_path);
    free(path);
    return code == ERROR_SUCCESS ? WSPLSP_OK : failed(folder, code, "write", name, error);
}

/* The file itself, whatever its name leads to a moment later. */
static DWORD open_file(const wchar_t *path, HANDLE *file)
{
    for (int tries = 0;; tries++) {
        *file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                            OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, NULL);
        DWORD code = *file != INVALID_HANDLE_VALUE ? ERROR_SUCCESS : GetLastError();
        /* Another process may be replacing it. */
        if ((code != ERROR_SHARING_VIOLATION && code != ERROR_ACCESS_DENIED) || tries == RENAME_TRIES)
            return code;
        Sleep(LOCK_PAUSE);
    }
}

static DWORD read_file(HANDLE file, void **bytes, size_t *size)
{
    LARGE_INTEGER length;
    DWORD got = 0;
    if (!GetFileSizeEx(file, &length))
        return GetLastError();
    if ((uint64_t)length.QuadPart > FILE_SIZE_MAX)
        return ERROR_FILE_TOO_LARGE;
    char *read = malloc((size_t)length.QuadPart + 1);
    if (read == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (!ReadFile(file, read, (DWORD)length.QuadPart, &got, NULL)) {
        free(read);
        return GetLastError();
    }
    *bytes = read;
    *size = got;
    return ERROR_SUCCESS;
}

static bool is_link(HANDLE file)
{
    BY_HANDLE_FILE_INFORMATION info;
    return !GetFileInformationByHandle(file, &info) ||
           (info.dwFileAttributes & (FILE_ATTRIBUTE_REPARSE_POINT | FILE_ATTRIBUTE_DIRECTORY)) != 0;
}

/* A file that others own is none of wsplsp's; one that they could have changed is read, and named. */
static bool is_own(struct backup_folder *folder, const char *name, HANDLE file)
{
    bool changeable;
    bool own = !is_link(file) && trusted_file(file, &changeable);
    if (!own)
        trusted_folder_tell(&folder->note,
                            text_format("'%s\\%s' is not administrators' own: it is left alone.", folder->path, name));
    else if (changeable && !folder->told_changeable)
        trusted_folder_tell(&folder->note, text_format("Others than administrators could have changed files in '%s', "
                                                       "such as '%s'.",
                                                       folder->path, name));
    folder->told_changeable = folder->told_changeable || (own && changeable);
    return own;
}

static enum wsplsp_status read_trusted(struct backup_folder *folder, const char *name, void **bytes, size_t *size,
                                       struct wsplsp_error *error)
{
    HANDLE file = INVALID_HANDLE_VALUE;
    wchar_t *path = file_path(folder, name);
    DWORD code = path == NULL ? ERROR_NOT_ENOUGH_MEMORY : open_file(path, &file);
    free(path);
    if (code == ERROR_SUCCESS && is_own(folder, name, file))
        code = read_file(file, bytes, size);
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    return code == ERROR_FILE_NOT_FOUND || code == ERROR_SUCCESS ? WSPLSP_OK
                                                                 : failed(folder, code, "read", name, error);
}

enum wsplsp_status backup_folder_read(struct backup_folder *folder, const char *name, void **bytes, size_t *size,
                                      struct wsplsp_error *error)
{
    *bytes = NULL;
    *size = 0;
    if (folder->trusted)
        return read_trusted(folder, name, bytes, size, error);
    char *path = backup_folder_file(folder, name);
    if (path == NULL)
        return wsplsp_fail_memory(error);
    enum wsplsp_status status = file_read(path, bytes, size, error);
    free(path);
    return status == WSPLSP_NOT_FOUND ? WSPLSP_OK : status;
}

/* --- what was set aside --- */

struct aside {
    const char *name;
    struct backup_folder *folder;
    char *untrusted;
    struct wsplsp_error *error;
};

/* Where the file is in this folder and can be believed, the search is over. */
static bool try_folder(struct aside *aside, const wchar_t *path)
{
    HANDLE file = INVALID_HANDLE_VALUE;
    char *text = text_from_utf16(path, wcslen(path));
    struct backup_folder *folder = text == NULL ? NULL : folder_new(text, BACKUP_ACCESS_ADMINISTRATORS);
    wchar_t *name = folder == NULL ? NULL : file_path(folder, aside->name);
    bool there = name != NULL && open_file(name, &file) == ERROR_SUCCESS;
    bool changeable, good = there && !is_link(file) && trusted_file(file, &changeable);
    if (there)
        CloseHandle(file);
    if (there && !good && aside->untrusted == NULL)
        aside->untrusted = backup_folder_file(folder, aside->name);
    if (good && open_folder(folder, aside->error) == WSPLSP_OK) {
        aside->folder = folder;
        folder = NULL;
    }
    backup_folder_close(folder);
    free(name);
    free(text);
    return aside->folder != NULL;
}

/* Each "PATH.untrusted-…", with `below` behind it. */
static bool try_asides(struct aside *aside, const wchar_t *path, const wchar_t *below)
{
    wchar_t found_path[4 * MAX_PATH];
    WIN32_FIND_DATAW found;
    const wchar_t *slash = wcsrchr(path, L'\\');
    if (slash == NULL || wcslen(path) > 2 * MAX_PATH)
        return false;
    swprintf(found_path, 4 * MAX_PATH, L"%ls" TRUSTED_ASIDE L"*", path);
    HANDLE search = FindFirstFileW(found_path, &found);
    bool done = false;
    if (search == INVALID_HANDLE_VALUE)
        return false;
    do {
        swprintf(found_path, 4 * MAX_PATH, L"%.*ls\\%ls%ls", (int)(slash - path), path, found.cFileName, below);
        done = try_folder(aside, found_path);
    } while (!done && FindNextFileW(search, &found));
    FindClose(search);
    return done;
}

/* Around one place of the data folder: the place itself, where it is another one, and what was set aside from it. */
static bool try_base(struct aside *aside, const wchar_t *base, bool itself)
{
    wchar_t path[2 * MAX_PATH];
    swprintf(path, 2 * MAX_PATH, L"%ls\\" DATA_FOLDER_BACKUPS, base);
    return (itself && try_folder(aside, path)) || try_asides(aside, path, L"") ||
           try_asides(aside, base, L"\\" DATA_FOLDER_BACKUPS);
}

enum wsplsp_status backup_folder_find_aside(const char *path, enum backup_access access, const char *name,
                                            struct backup_folder **folder, char **untrusted, struct wsplsp_error *error)
{
    struct wsplsp_error ignored;
    struct aside aside = {.name = name, .error = &ignored};
    wchar_t usual[MAX_PATH];
    struct backup_folder *own = folder_new(path, access);
    if (own == NULL)
        return wsplsp_fail_memory(error);
    wchar_t *slash = wcsrchr(own->wide, L'\\');
    if (access == BACKUP_ACCESS_ADMINISTRATORS && slash != NULL) {
        *slash = L'\0';
        if (!try_base(&aside, own->wide, false) && data_folder_usual(usual) && wcscmp(usual, own->wide) != 0)
            try_base(&aside, usual, true);
    }
    backup_folder_close(own);
    *folder = aside.folder;
    *untrusted = aside.untrusted;
    return WSPLSP_OK;
}

enum wsplsp_status backup_folder_remove(struct backup_folder *folder, const char *name, struct wsplsp_error *error)
{
    wchar_t *path = file_path(folder, name);
    DWORD code = path != NULL && DeleteFileW(path) ? ERROR_SUCCESS : GetLastError();
    free(path);
    return code == ERROR_SUCCESS || code == ERROR_FILE_NOT_FOUND ? WSPLSP_OK
                                                                 : failed(folder, code, "delete", name, error);
}

enum wsplsp_status backup_folder_rename(struct backup_folder *folder, const char *from, const char *to,
                                        struct wsplsp_error *error)
{
    wchar_t *old_path = file_path(folder, from), *new_path = file_path(folder, to);
    DWORD code = ERROR_NOT_ENOUGH_MEMORY;
    if (old_path != NULL && new_path != NULL)
        code = move_file(old_path, new_path, 0);
    free(old_path);
    free(new_path);
    return code == ERROR_SUCCESS ? WSPLSP_OK : failed(folder, code, "rename", from, error);
}

static enum wsplsp_status take_names(HANDLE search, WIN32_FIND_DATAW *found,
                                     bool (*take)(const char *name, void *context), void *context,
                                     struct wsplsp_error *error)
{
    do {
        char *name = text_from_utf16(found->cFileName, MAX_PATH);
        bool taken = name != NULL && (name[0] == '.' || take(name, context));
        free(name);
        if (!taken)
            return wsplsp_fail_memory(error);
    } while (FindNextFileW(search, found));
    return GetLastError() == ERROR_NO_MORE_FILES ? WSPLSP_OK
                                                 : errors_win_fail(error, GetLastError(), "cannot list the backups");
}

enum wsplsp_status backup_folder_list(struct backup_folder *folder, bool (*take)(const char *name, void *context),
                                      void *context, struct wsplsp_error *error)
{
    WIN32_FIND_DATAW found;
    wchar_t *pattern = file_path(folder, "*");
    if (pattern == NULL)
        return wsplsp_fail_memory(error);
    HANDLE search = FindFirstFileW(pattern, &found);
    free(pattern);
    if (search == INVALID_HANDLE_VALUE)
        return failed(folder, GetLastError(), "list", "*", error);
    enum wsplsp_status status = take_names(search, &found, take, context, error);
    FindClose(search);
    return status;
}
