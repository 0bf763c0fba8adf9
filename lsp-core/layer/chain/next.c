/* The next provider of a chain; see next.h. */
#include "next.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <wchar.h>

static bool absolute(const wchar_t *path)
{
    return path[0] != 0 &&
           ((path[1] == ':' && (path[2] == '\\' || path[2] == '/')) || (path[0] == '\\' && path[1] == '\\'));
}

/* A provider's own libraries lie beside it: hence the flag, which asks for an absolute path. */
static HMODULE load_absolute(const wchar_t *path)
{
    return LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
}

/* A name without a folder is looked for in the system's alone: the program's folder, the current one and PATH may be
 * writable for others. LOAD_LIBRARY_SEARCH_SYSTEM32 says the same, but Windows 7 without KB2533623 fails on it. */
static HMODULE load_from_system(const wchar_t *name)
{
    wchar_t path[2 * MAX_PATH];
    const size_t room = sizeof(path) / sizeof(path[0]);
    UINT length = GetSystemDirectoryW(path, MAX_PATH);
    if (length == 0 || length >= MAX_PATH)
        return NULL;
    if (name[0] == 0 || wcschr(name, ':') != NULL || length + 1 + wcslen(name) >= room) {
        SetLastError(ERROR_MOD_NOT_FOUND);
        return NULL;
    }
    path[length] = '\\';
    wcscpy(path + length + 1, name);
    return load_absolute(path);
}

static HMODULE load(const wchar_t *path)
{
    return absolute(path) ? load_absolute(path) : load_from_system(path);
}

static bool complete(const WSPPROC_TABLE *procs)
{
    void *functions[sizeof(*procs) / sizeof(void *)];
    memcpy(functions, procs, sizeof(functions));
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (functions[i] == NULL)
            return false;
    return true;
}

static int call_startup(LPWSPSTARTUP startup, WSAPROTOCOL_INFOW *info, const WSPUPCALLTABLE *upcalls,
                        WSPPROC_TABLE *procs)
{
    WSPDATA data;
    INT ignored;
    memset(&data, 0, sizeof(data));
    memset(procs, 0, sizeof(*procs));
    int error = startup(MAKEWORD(2, 2), &data, info, *upcalls, procs);
    if (error != 0)
        return error;
    if (data.wVersion != MAKEWORD(2, 2))
        error = WSAVERNOTSUPPORTED;
    else if (!complete(procs))
        error = WSASYSNOTREADY;
    if (error != 0 && procs->lpWSPCleanup != NULL)
        procs->lpWSPCleanup(&ignored);
    return error;
}

int next_start(const wchar_t *path, WSAPROTOCOL_INFOW *info, const WSPUPCALLTABLE *upcalls, struct next *next)
{
    next->module = load(path);
    if (next->module == NULL)
        return WSASYSNOTREADY;
    LPWSPSTARTUP startup = (LPWSPSTARTUP)(void *)GetProcAddress(next->module, "WSPStartup");
    int error = startup == NULL ? WSASYSNOTREADY : call_startup(startup, info, upcalls, &next->procs);
    if (error != 0)
        next_unload(next);
    return error;
}

void next_stop(const struct next *next)
{
    INT ignored;
    next->procs.lpWSPCleanup(&ignored);
}

void next_unload(struct next *next)
{
    FreeLibrary(next->module);
    next->module = NULL;
}
