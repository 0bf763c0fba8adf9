/* Resolves DLL paths; see dllpath_win.h. Microsoft's reference: "File System Redirector", "WOW64 Implementation
 * Details" (environment variables). */
#include "dllpath_win.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "lsp-core/base/sysdll_win.h"
#include "lsp-core/base/text.h"

enum { WIDE, NARROW }; /* indices of the folder pairs */

static void read_setting(const wchar_t *name, wchar_t value[MAX_PATH], bool wow64)
{
    HKEY key;
    DWORD size = (MAX_PATH - 1) * sizeof *value, type;
    value[0] = L'\0';
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion", 0,
                      KEY_QUERY_VALUE | (wow64 ? KEY_WOW64_64KEY : 0), &key) != ERROR_SUCCESS)
        return;
    LONG code = RegQueryValueExW(key, name, NULL, &type, (BYTE *)value, &size);
    RegCloseKey(key);
    if (code != ERROR_SUCCESS || type != REG_SZ)
        size = 0;
    value[size / sizeof *value] = L'\0';
}

void dllpath_system_read(struct dllpath_system *system)
{
    memset(system, 0, sizeof *system);
    system->wow64 = sysdll_is_wow64();
    system->wide = sizeof(void *) == 8 || system->wow64;
    UINT length = GetSystemWindowsDirectoryW(system->windows, MAX_PATH);
    if (length >= MAX_PATH)
        system->windows[0] = L'\0';
    /* On 32-bit Windows there is only the first name of each pair. */
    read_setting(L"ProgramFilesDir", system->program_files[system->wide ? WIDE : NARROW], system->wow64);
    read_setting(L"CommonFilesDir", system->common_files[system->wide ? WIDE : NARROW], system->wow64);
    if (system->wide) {
        read_setting(L"ProgramFilesDir (x86)", system->program_files[NARROW], system->wow64);
        read_setting(L"CommonFilesDir (x86)", system->common_files[NARROW], system->wow64);
    }
}

static bool is_name(const wchar_t *name, size_t length, const wchar_t *wanted)
{
    return wcslen(wanted) == length && _wcsnicmp(name, wanted, length) == 0;
}

/* The value for a process of `bits`, in `value`; false where there is none. The variables that every process has are
 * taken from the system: this process's own environment belongs to whoever started it. */
static bool variable(const struct dllpath_system *system, const wchar_t *name, size_t length, int bits,
                     wchar_t value[DLLPATH_UNITS])
{
    int own = bits == 64 ? WIDE : NARROW;
    const struct {
        const wchar_t *name;
        const wchar_t *value;
    } known[] = {
        {L"SystemRoot", system->windows},
        {L"windir", system->windows},
        {L"ProgramFiles", system->program_files[own]},
        {L"ProgramFiles(x86)", system->program_files[NARROW]},
        {L"ProgramW6432", system->program_files[WIDE]},
        {L"CommonProgramFiles", system->common_files[own]},
        {L"CommonProgramFiles(x86)", system->common_files[NARROW]},
        {L"CommonProgramW6432", system->common_files[WIDE]},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (is_name(name, length, known[i].name)) {
            wcscpy(value, known[i].value);
            return value[0] != L'\0';
        }
    }
    if (is_name(name, length, L"SystemDrive") && system->windows[0] != L'\0') {
        wcsncpy(value, system->windows, 2);
        value[2] = L'\0';
        return true;
    }
    wchar_t other[128];
    if (length == 0 || length >= sizeof other / sizeof other[0])
        return false;
    wmemcpy(other, name, length);
    other[length] = L'\0';
    DWORD used = GetEnvironmentVariableW(other, value, DLLPATH_UNITS);
    return used > 0 && used < DLLPATH_UNITS;
}

static const char *expand(const struct dllpath_system *system, const wchar_t *stored, int bits,
                          wchar_t expanded[DLLPATH_UNITS])
{
    wchar_t value[DLLPATH_UNITS];
    size_t used = 0;
    while (*stored != L'\0') {
        const wchar_t *end = *stored == L'%' ? wcschr(stored + 1, L'%') : NULL;
        size_t length = 1;
        const wchar_t *part = stored;
        if (end != NULL) {
            if (!variable(system, stored + 1, (size_t)(end - stored - 1), bits, value))
                return "its path has an environment variable that is not set here";
            part = value;
            length = wcslen(value);
            stored = end;
        }
        if (used + length >= DLLPATH_UNITS)
            return "its path is too long";
        wmemcpy(expanded + used, part, length);
        used += length;
        stored++;
    }
    expanded[used] = L'\0';
    return NULL;
}

/* LoadLibrary's reference page: ".dll" is appended to a file name without an extension. (A dot at its end says that it
 * has none; GetFullPathName drops that dot.) */
static void complete_name(wchar_t *path)
{
    size_t length = wcslen(path);
    const wchar_t *name = path + length;
    while (name > path && name[-1] != L'\\' && name[-1] != L'/')
        name--;
    if (*name != L'\0' && wcschr(name, L'.') == NULL)
        wcscpy(path + length, L".dll");
}

/* Makes it a path from a drive's root, without "." and ".."; LoadLibrary finds a bare name in the system folder, unless
 * the program's own folder has one. */
static const char *absolute(const struct dllpath_system *system, const wchar_t *expanded, wchar_t full[DLLPATH_UNITS])
{
    wchar_t whole[DLLPATH_UNITS + MAX_PATH + 16];
    if (wcsncmp(expanded, L"\\\\?\\", 4) == 0 || wcsncmp(expanded, L"\\??\\", 4) == 0)
        expanded += 4;
    if (wcspbrk(expanded, L"\\/:") == NULL) {
        wcscpy(whole, system->windows);
        wcscat(whole, L"\\System32\\");
        wcscat(whole, expanded);
    } else if ((expanded[0] == L'\\' || expanded[0] == L'/') && (expanded[1] == L'\\' || expanded[1] == L'/')) {
        return "its path leads to the network or a device, which is not looked at";
    } else if (expanded[0] != L'\0' && expanded[1] == L':' && (expanded[2] == L'\\' || expanded[2] == L'/')) {
        wcscpy(whole, expanded);
    } else {
        return "its path is relative to a folder that differs from process to process";
    }
    if (wcschr(whole + 2, L':') != NULL)
        return "its path is malformed";
    complete_name(whole);
    DWORD length = GetFullPathNameW(whole, DLLPATH_UNITS, full, NULL);
    if (length == 0 || length >= DLLPATH_UNITS || full[0] == L'\\')
        return "its path is malformed";
    return NULL;
}

/* What follows `folder` and its backslash in `path`, or NULL. */
static const wchar_t *below(const wchar_t *path, const wchar_t *parent, const wchar_t *name)
{
    size_t first = wcslen(parent), second = wcslen(name);
    if (first == 0 || _wcsnicmp(path, parent, first) != 0 || path[first] != L'\\' ||
        _wcsnicmp(path + first + 1, name, second) != 0 || path[first + 1 + second] != L'\\')
        return NULL;
    return path + first + 2 + second;
}

/* These stay what they are for 32-bit processes. */
static bool is_exempt(const wchar_t *rest)
{
    static const wchar_t *const exempt[] = {L"catroot\\",      L"catroot2\\", L"driverstore\\",
                                            L"drivers\\etc\\", L"logfiles\\", L"spool\\"};
    for (size_t i = 0; i < sizeof exempt / sizeof exempt[0]; i++) {
        if (_wcsnicmp(rest, exempt[i], wcslen(exempt[i])) == 0)
            return true;
    }
    return false;
}

static void set(const struct dllpath_system *system, wchar_t *path, const wchar_t *folder, const wchar_t *rest)
{
    wchar_t kept[DLLPATH_UNITS]; /* `rest` may point into `path` */
    wcscpy(kept, rest);
    wcscpy(path, system->windows);
    wcscat(path, L"\\");
    wcscat(path, folder);
    wcscat(path, L"\\");
    wcscat(path, kept);
}

/* The longest name is one unit longer than the one it replaces. */
static const char *redirect(const struct dllpath_system *system, int bits, struct dllpath *path)
{
    if (wcslen(path->shown) + 2 >= DLLPATH_UNITS)
        return "its path is too long";
    const wchar_t *in_system32 = below(path->shown, system->windows, L"System32");
    const wchar_t *in_sysnative = below(path->shown, system->windows, L"Sysnative");
    bool narrow = bits == 32 && system->wide;
    if (narrow && in_system32 != NULL && !is_exempt(in_system32))
        set(system, path->shown, L"SysWOW64", in_system32);
    else if (narrow && in_sysnative != NULL)
        set(system, path->shown, L"System32", in_sysnative);

    wcscpy(path->open, path->shown);
    const wchar_t *rest = below(path->shown, system->windows, L"System32");
    if (system->wow64 && rest != NULL)
        set(system, path->open, L"Sysnative", rest);
    return NULL;
}

const char *dllpath_resolve(const struct dllpath_system *system, const char *stored, int bits, struct dllpath *path)
{
    wchar_t expanded[DLLPATH_UNITS];
    size_t units;
    path->shown[0] = path->open[0] = L'\0';
    uint16_t *wide = text_to_utf16(stored, &units);
    if (wide == NULL)
        return "memory has run out";
    const char *why = expand(system, (const wchar_t *)wide, bits, expanded);
    free(wide);
    if (why == NULL)
        why = absolute(system, expanded, path->shown);
    if (why != NULL)
        path->shown[0] = L'\0';
    return why != NULL ? why : redirect(system, bits, path);
}
