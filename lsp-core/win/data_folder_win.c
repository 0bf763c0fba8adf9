/* Finds and makes the folder for backups and traces; see data_folder_win.h. */
#include "data_folder_win.h"

#include <shlobj.h>
#include <stdlib.h>
#include <wchar.h>

#include "errors_win.h"
#include "lsp-core/base/sysdll_win.h"
#include "lsp-core/base/text.h"

#define KEY   L"SOFTWARE\\wsplsp"
#define VALUE L"DataFolder"
#define USUAL L"\\wsplsp"

enum { NAME_ROOM = 64 }; /* for what comes behind */

bool data_folder_usual(wchar_t path[MAX_PATH])
{
    HRESULT(WINAPI * get)(HWND, int, HANDLE, DWORD, LPWSTR);
    if (!sysdll_function(sysdll_load(L"shell32.dll"), "SHGetFolderPathW", &get) ||
        get(NULL, CSIDL_COMMON_APPDATA, NULL, SHGFP_TYPE_CURRENT, path) != S_OK || wcslen(path) > MAX_PATH - NAME_ROOM)
        return false;
    wcscat(path, USUAL);
    return true;
}

/* What is remembered is believed, for administrators alone can write it; but only a path in the usual one's folder. */
static bool remembered(wchar_t path[MAX_PATH])
{
    HKEY key;
    wchar_t usual[MAX_PATH];
    DWORD type, size = (MAX_PATH - NAME_ROOM) * sizeof *path;
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, KEY, 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY, &key) != ERROR_SUCCESS)
        return false;
    DWORD code = RegQueryValueExW(key, VALUE, NULL, &type, (BYTE *)path, &size);
    RegCloseKey(key);
    if (code != ERROR_SUCCESS || type != REG_SZ || size < sizeof *path || !data_folder_usual(usual))
        return false;
    path[size / sizeof *path] = L'\0';
    size_t length = wcslen(usual);
    return wcsncmp(path, usual, length) == 0 && path[length] == L'-' && wcschr(path + length, L'\\') == NULL;
}

static bool remember(const wchar_t *path)
{
    HKEY key;
    if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, KEY, 0, NULL, 0, KEY_SET_VALUE | KEY_WOW64_64KEY, NULL, &key, NULL) !=
        ERROR_SUCCESS)
        return false;
    DWORD code = RegSetValueExW(key, VALUE, 0, REG_SZ, (const BYTE *)path, (DWORD)((wcslen(path) + 1) * sizeof *path));
    RegCloseKey(key);
    return code == ERROR_SUCCESS;
}

static bool current(wchar_t path[MAX_PATH])
{
    return remembered(path) || data_folder_usual(path);
}

bool data_folder_path(const wchar_t *name, wchar_t path[MAX_PATH])
{
    if (!current(path))
        return false;
    wcscat(path, L"\\");
    wcscat(path, name);
    return true;
}

static enum wsplsp_status make_both(wchar_t *base, const wchar_t *name, enum trusted_kind kind, char **note,
                                    struct wsplsp_error *error)
{
    enum wsplsp_status status = trusted_folder_make(base, TRUSTED_DATA, note, error);
    wcscat(base, L"\\");
    wcscat(base, name);
    return status == WSPLSP_OK ? trusted_folder_make(base, kind, note, error) : status;
}

/* A name that nobody can have taken beforehand. */
static bool another(wchar_t path[MAX_PATH])
{
    BOOLEAN(APIENTRY * generate)(void *, ULONG); /* RtlGenRandom */
    wchar_t name[20];
    unsigned random[2];
    if (!data_folder_usual(path) || !sysdll_function(sysdll_load(L"advapi32.dll"), "SystemFunction036", &generate) ||
        !generate(random, sizeof random))
        return false;
    swprintf(name, sizeof name / sizeof name[0], L"-%08x%08x", random[0], random[1]);
    wcscat(path, name);
    return true;
}

enum wsplsp_status data_folder_make(const wchar_t *name, enum trusted_kind kind, wchar_t path[MAX_PATH], char **note,
                                    struct wsplsp_error *error)
{
    wchar_t base[MAX_PATH];
    if (!current(path))
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NO_PROGRAM_DATA", "the system has no folder for program data");
    enum wsplsp_status status = make_both(path, name, kind, note, error);
    if (status != WSPLSP_REFUSED || !another(path))
        return status;
    wcscpy(base, path);
    status = make_both(path, name, kind, note, error);
    if (status == WSPLSP_OK && !remember(base))
        status = errors_win_fail(error, GetLastError(), "cannot remember the folder '%ls' in the registry", base);
    char *shown = status == WSPLSP_OK ? text_from_utf16(base, wcslen(base)) : NULL;
    if (shown != NULL)
        trusted_folder_tell(note, text_format("Others keep the usual folder taken: backups and traces go to '%s' from "
                                              "now on.",
                                              shown));
    free(shown);
    return status;
}
