/* The file or the section that holds a run's catalog; see catalog_store.h. */
#include "catalog_store.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "lsp-core/host/launch/config.h"
#include "lsp-core/win/errors_win.h"
#include "lsp-core/base/file.h"
#include "lsp-core/win/lock.h"
#include "lsp-core/registry/lock_file_win.h"
#include "lsp-core/base/text.h"

#define RENAME_TRIES  25 /* readers and virus scanners have a file open for moments */
#define RENAME_PAUSE  20 /* ms */
#define NEW_SUFFIX    L".wsplsp-new"
#define NAME_LENGTH   64
#define FULL_PATH_MAX 32767

/* Of the file; all unused for a section. */
static wchar_t *path;     /* the final one, as GetFinalPathNameByHandle gives it */
static wchar_t *new_path; /* what is renamed over it; made and removed under the lock, so one name will do */
static char *name;        /* the path in UTF-8 */
static uint64_t path_hash;
static wchar_t *lock_path;
/* Among the process's threads, then among processes. */
static SRWLOCK thread_lock = SRWLOCK_INIT;
static HANDLE lock_file; /* NULL: nobody here has it, or who has may only read */

static bool is_file(void)
{
    return (config_get()->flags & CONFIG_FILE_CATALOG) != 0;
}

/* FNV-1a */
static uint64_t hash(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint64_t value = 14695981039346656037u;
    for (size_t i = 0; at != NULL && i < size; i++)
        value = (value ^ at[i]) * 1099511628211u;
    return value;
}

/* A kernel object's name that belongs to the file. In the global name space, so that all sessions share it: anybody may
 * have taken it, so nothing depends on it. */
static void object_name(wchar_t text[NAME_LENGTH], const wchar_t *kind, uint64_t number)
{
    _snwprintf(text, NAME_LENGTH, L"Global\\wsplsp-%ls-%08lx%08lx-%08lx%08lx", kind, (unsigned long)(path_hash >> 32),
               (unsigned long)(path_hash & 0xffffffffu), (unsigned long)(number >> 32),
               (unsigned long)(number & 0xffffffffu));
    text[NAME_LENGTH - 1] = 0;
}

/* The file may be reached by links, short names and other cases: there has to be one name for the lock, and a link is
 * not to be replaced by a file. */
static bool find_final_path(const wchar_t *given)
{
    HANDLE file = CreateFileW(given, FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return false;
    path = calloc(FULL_PATH_MAX + 1, sizeof *path);
    DWORD length = path == NULL ? 0 : GetFinalPathNameByHandleW(file, path, FULL_PATH_MAX, FILE_NAME_NORMALIZED);
    DWORD code = GetLastError();
    CloseHandle(file);
    SetLastError(path == NULL ? ERROR_NOT_ENOUGH_MEMORY : code);
    return length > 0 && length < FULL_PATH_MAX;
}

static bool name_objects(void)
{
    size_t length = wcslen(path);
    wchar_t *upper = calloc(length + 1, sizeof *upper);
    new_path = calloc(length + sizeof NEW_SUFFIX / sizeof(wchar_t), sizeof *new_path);
    lock_path = calloc(length + sizeof LOCK_FILE_SUFFIX, sizeof *lock_path);
    name = text_from_utf16(path, length);
    bool named = upper != NULL && new_path != NULL && lock_path != NULL && name != NULL;
    if (named) {
        wcscpy(new_path, path);
        wcscat(new_path, NEW_SUFFIX);
        wcscpy(lock_path, path);
        wcscat(lock_path, L"" LOCK_FILE_SUFFIX);
        LCMapStringW(LOCALE_INVARIANT, LCMAP_UPPERCASE, path, (int)length, upper, (int)length);
        path_hash = hash(upper, length * sizeof *upper);
    }
    free(upper);
    return named;
}

enum wsplsp_status catalog_store_open(struct wsplsp_error *error)
{
    if (!is_file())
        return WSPLSP_OK;
    if (!find_final_path(config_get()->catalog_file))
        return errors_win_fail(error, GetLastError(), "cannot open the catalog's file");
    return name_objects() ? WSPLSP_OK : wsplsp_fail_memory(error);
}

const char *catalog_store_name(void)
{
    return name != NULL ? name : "the catalog of this run";
}

enum wsplsp_status catalog_store_lock(bool change, struct wsplsp_error *error)
{
    if (!is_file())
        return config_lock(change, error);
    HANDLE taken = NULL;
    if (lock_process_ends() && lock_file != NULL)
        return WSPLSP_OK; /* it was a thread's that is gone: this process has it already */
    lock_exclusive(&thread_lock);
    DWORD code = lock_file_take(lock_path, LOCK_FILE_TIMEOUT, &taken);
    lock_file = code == ERROR_SUCCESS ? taken : NULL;
    if (code == ERROR_SUCCESS || lock_file_is_denied(code))
        return WSPLSP_OK;
    unlock_exclusive(&thread_lock);
    if (code == WAIT_TIMEOUT)
        return wsplsp_fail(error, WSPLSP_SYSTEM, WAIT_TIMEOUT, "WAIT_TIMEOUT", "another process keeps '%.400s' locked",
                           name);
    return errors_win_fail(error, code, "cannot lock the catalog's file");
}

void catalog_store_unlock(void)
{
    if (!is_file()) {
        config_unlock();
        return;
    }
    if (lock_file != NULL)
        lock_file_give(lock_file);
    lock_file = NULL;
    unlock_exclusive(&thread_lock);
}

enum wsplsp_status catalog_store_read(void **bytes, size_t *size, struct wsplsp_error *error)
{
    LONG generation;
    if (is_file())
        return file_read(name, bytes, size, error);
    return config_catalog_read(bytes, size, &generation, error);
}

static bool write_new(const void *bytes, size_t size)
{
    /* What a process left that died in the middle of this. CREATE_NEW then never follows a link. */
    DeleteFileW(new_path);
    HANDLE file = CreateFileW(new_path, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return false;
    DWORD written = 0;
    bool complete = WriteFile(file, bytes, (DWORD)size, &written, NULL) && written == size && FlushFileBuffers(file);
    DWORD code = GetLastError();
    CloseHandle(file);
    SetLastError(code);
    return complete;
}

static bool rename_over(void)
{
    for (int tries = 0; !MoveFileExW(new_path, path, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH); tries++) {
        DWORD code = GetLastError();
        if ((code != ERROR_SHARING_VIOLATION && code != ERROR_ACCESS_DENIED) || tries == RENAME_TRIES)
            return false;
        Sleep(RENAME_PAUSE);
        SetLastError(code);
    }
    return true;
}

enum wsplsp_status catalog_store_write(const void *bytes, size_t size, struct wsplsp_error *error)
{
    if (!is_file())
        return config_catalog_write(bytes, size, error);
    if (lock_file == NULL)
        return errors_win_fail(error, ERROR_ACCESS_DENIED, "'%.400s' is in a folder that may not be changed", name);
    if (size > MAXDWORD)
        return errors_win_fail(error, ERROR_DISK_FULL, "the catalog has become too large for its file");
    /* Windows refuses to replace such a file, Wine does not. */
    DWORD attributes = GetFileAttributesW(path);
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_READONLY) != 0)
        return errors_win_fail(error, ERROR_ACCESS_DENIED, "'%.400s' is read-only", name);
    if (write_new(bytes, size) && rename_over())
        return WSPLSP_OK;
    DWORD code = GetLastError();
    DeleteFileW(new_path);
    return errors_win_fail(error, code, "cannot save '%.400s'", name);
}

uint64_t catalog_store_epoch(const void *bytes, size_t size)
{
    return is_file() ? hash(bytes, size) : (uint64_t)(ULONG)config_generation();
}

HANDLE catalog_store_watch(uint64_t epoch, bool *poll)
{
    wchar_t text[NAME_LENGTH];
    *poll = !is_file(); /* what has no name cannot be opened by the other processes */
    if (*poll)
        return NULL;
    object_name(text, L"change", epoch);
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, text);
    *poll = event == NULL; /* another user has taken the name */
    return event;
}

bool catalog_store_is_at(uint64_t epoch)
{
    void *bytes;
    size_t size;
    struct wsplsp_error error;
    if (!is_file())
        return catalog_store_epoch(NULL, 0) == epoch;
    if (file_read(name, &bytes, &size, &error) != WSPLSP_OK)
        return true; /* not readable just now: it will be looked at again */
    bool same = hash(bytes, size) == epoch;
    free(bytes);
    return same;
}

void catalog_store_announce(uint64_t epoch)
{
    wchar_t text[NAME_LENGTH];
    if (!is_file())
        return;
    object_name(text, L"change", epoch);
    HANDLE event = OpenEventW(EVENT_MODIFY_STATE, FALSE, text); /* nobody watches where there is none */
    if (event == NULL)
        return;
    SetEvent(event);
    CloseHandle(event);
}
