/* The system's DLLs, found at run time; see sysdll_win.h. */
#include "sysdll_win.h"

#include <string.h>
#include <wchar.h>

HMODULE sysdll_load(const wchar_t *name)
{
    wchar_t path[MAX_PATH + 32];
    UINT length = GetSystemDirectoryW(path, MAX_PATH);
    if (length == 0 || length >= MAX_PATH)
        return NULL;
    if (length + 1 + wcslen(name) >= sizeof path / sizeof path[0] || wcschr(name, L':') != NULL) {
        SetLastError(ERROR_MOD_NOT_FOUND);
        return NULL;
    }
    path[length] = L'\\';
    wcscpy(path + length + 1, name);
    /* LoadLibraryEx: with an absolute path this flag makes the DLL's own folder, the system's, the first that is
     * searched for what it needs. LOAD_LIBRARY_SEARCH_SYSTEM32 is unknown to Windows 7 without its update. */
    return LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
}

bool sysdll_function(HMODULE dll, const char *name, void *function)
{
    FARPROC address = dll == NULL ? NULL : GetProcAddress(dll, name);
    memcpy(function, &address, sizeof address);
    return address != NULL;
}

bool sysdll_is_wine(void)
{
    const char *(*wine_get_version)(void);
    return sysdll_function(GetModuleHandleW(L"ntdll.dll"), "wine_get_version", &wine_get_version);
}

bool sysdll_is_wow64(void)
{
    BOOL(WINAPI * is_wow64)(HANDLE, PBOOL);
    BOOL wow64 = FALSE;
    /* IsWow64Process: Windows XP SP2. A system without it has no 64-bit side. */
    if (!sysdll_function(GetModuleHandleW(L"kernel32.dll"), "IsWow64Process", &is_wow64))
        return false;
    return is_wow64(GetCurrentProcess(), &wow64) && wow64;
}
