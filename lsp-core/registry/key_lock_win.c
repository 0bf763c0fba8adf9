/* The protocol catalog's own lock; see key_lock_win.h. */
#include "key_lock_win.h"

#include <stdbool.h>
#include <wchar.h>

#include "lsp-core/win/errors_win.h"

#define USUAL_CATALOG L"Protocol_Catalog9"
#define PAUSE         20   /* ms */
#define LIMIT         3000 /* ms; a writer takes some milliseconds */
#define NAME_MAX_SIZE 256

static LONG open_catalog(const wchar_t *path, HKEY *catalog)
{
    HKEY parameters;
    wchar_t name[NAME_MAX_SIZE + 1];
    DWORD type, size = sizeof name - sizeof *name;
    LONG code = RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_QUERY_VALUE, &parameters);
    if (code != ERROR_SUCCESS)
        return code;
    if (RegQueryValueExW(parameters, L"Current_Protocol_Catalog", NULL, &type, (BYTE *)name, &size) == ERROR_SUCCESS &&
        type == REG_SZ)
        name[size / sizeof *name] = L'\0';
    else
        wcscpy(name, USUAL_CATALOG);
    code = RegOpenKeyExW(parameters, name, 0, KEY_QUERY_VALUE | KEY_CREATE_SUB_KEY, catalog);
    RegCloseKey(parameters);
    return code;
}

/* False where the catalog has no serial number, and so no lock. */
static bool name_lock(HKEY catalog, wchar_t name[9])
{
    DWORD type, serial, size = sizeof serial;
    if (RegQueryValueExW(catalog, L"Serial_Access_Num", NULL, &type, (BYTE *)&serial, &size) != ERROR_SUCCESS ||
        type != REG_DWORD)
        return false;
    wsprintfW(name, L"%08lX", serial);
    return true;
}

/* Volatile: a lock of a process that dies does not outlive the system. */
static LONG try_lock(struct key_lock *lock, bool *taken)
{
    HKEY key;
    DWORD disposition;
    wchar_t now[9];
    *taken = false;
    LONG code = RegCreateKeyExW(lock->catalog, lock->name, 0, NULL, REG_OPTION_VOLATILE, KEY_QUERY_VALUE, NULL, &key,
                                &disposition);
    if (code != ERROR_SUCCESS)
        return code;
    RegCloseKey(key);
    if (disposition != REG_CREATED_NEW_KEY)
        return ERROR_SUCCESS;
    /* The writer before may have counted on since the name was made. */
    *taken = name_lock(lock->catalog, now) && wcscmp(now, lock->name) == 0;
    if (!*taken)
        RegDeleteKeyW(lock->catalog, lock->name);
    return ERROR_SUCCESS;
}

static enum wsplsp_status wait_for_it(struct key_lock *lock, struct wsplsp_error *error)
{
    bool taken = false;
    for (DWORD start = GetTickCount(); name_lock(lock->catalog, lock->name);) {
        LONG code = try_lock(lock, &taken);
        if (code != ERROR_SUCCESS)
            return errors_win_fail(error, (uint32_t)code, "cannot lock the protocol catalog (%s)",
                                   errors_win_name((uint32_t)code));
        if (taken)
            return WSPLSP_OK;
        if (GetTickCount() - start >= LIMIT) {
            wsplsp_fail(error, WSPLSP_SYSTEM, ERROR_BUSY, "BUSY", "another program is writing the protocol catalog");
            return wsplsp_hint(error, "try again; 'wsplsp doctor' tells of a lock that stays (catalog-locked)");
        }
        Sleep(PAUSE);
    }
    RegCloseKey(lock->catalog);
    lock->catalog = NULL;
    return WSPLSP_OK;
}

enum wsplsp_status key_lock_take(const wchar_t *path, struct key_lock *lock, struct wsplsp_error *error)
{
    lock->catalog = NULL;
    LONG code = open_catalog(path, &lock->catalog);
    if (code == ERROR_FILE_NOT_FOUND)
        return WSPLSP_OK;
    if (code != ERROR_SUCCESS)
        return errors_win_fail(error, (uint32_t)code, "cannot open the protocol catalog's key (%s)",
                               errors_win_name((uint32_t)code));
    enum wsplsp_status status = wait_for_it(lock, error);
    if (status != WSPLSP_OK) {
        RegCloseKey(lock->catalog);
        lock->catalog = NULL;
    }
    return status;
}

void key_lock_give(struct key_lock *lock)
{
    if (lock->catalog == NULL)
        return;
    RegDeleteKeyW(lock->catalog, lock->name);
    RegCloseKey(lock->catalog);
    lock->catalog = NULL;
}
