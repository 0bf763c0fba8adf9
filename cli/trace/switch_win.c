/* The trace of an installed layer, in the registry (wsplsp/layer.h); see switch.h. */
#include "switch.h"

#include <winsock2.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "lsp-core/win/data_folder_win.h"
#include "lsp-core/win/errors_win.h"
#include "cli/base/memory.h"
#include "lsp-core/win/safe_folder_win.h"
#include "lsp-core/base/text.h"
#include "wsplsp/layer.h"

static enum wsplsp_status fail(DWORD code, const char *what, struct wsplsp_error *error)
{
    errors_win_fail(error, code, "%s", what);
    if (error->status == WSPLSP_DENIED)
        wsplsp_hint(error, "run wsplsp as an administrator");
    return error->status;
}

/* The value with two zeros behind it; NULL where there is none of that type. */
static wchar_t *read_text(HKEY key, const wchar_t *name, DWORD wanted)
{
    DWORD type, size = 0;
    if (RegQueryValueExW(key, name, NULL, &type, NULL, &size) != ERROR_SUCCESS || type != wanted)
        return NULL;
    wchar_t *text = memory_alloc(size + 2 * sizeof *text);
    if (RegQueryValueExW(key, name, NULL, &type, (BYTE *)text, &size) == ERROR_SUCCESS && type == wanted)
        return text;
    free(text);
    return NULL;
}

static char *to_utf8(const wchar_t *wide)
{
    char *text = text_from_utf16(wide, wcslen(wide));
    return text != NULL ? text : memory_text("");
}

static void read_programs(HKEY key, struct trace_switch *settings)
{
    wchar_t *list = read_text(key, WSPLSP_LAYER_TRACE_PROGRAMS, REG_MULTI_SZ);
    for (const wchar_t *at = list; at != NULL && *at != L'\0'; at += wcslen(at) + 1) {
        settings->programs =
            memory_grow(settings->programs, (settings->program_count + 1) * sizeof *settings->programs);
        settings->programs[settings->program_count++] = to_utf8(at);
    }
    free(list);
}

enum wsplsp_status trace_switch_read(struct trace_switch *settings, struct wsplsp_error *error)
{
    HKEY key;
    DWORD type, data_bytes, size = sizeof data_bytes;
    *settings = (struct trace_switch){0};
    DWORD code = RegOpenKeyExW(HKEY_LOCAL_MACHINE, WSPLSP_LAYER_TRACE_KEY, 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY, &key);
    if (code == ERROR_FILE_NOT_FOUND)
        return WSPLSP_OK;
    if (code != ERROR_SUCCESS)
        return fail(code, "cannot read the trace's settings", error);
    read_programs(key, settings);
    wchar_t *folder = read_text(key, WSPLSP_LAYER_TRACE_FOLDER, REG_SZ);
    settings->folder = folder == NULL ? NULL : to_utf8(folder);
    free(folder);
    if (RegQueryValueExW(key, WSPLSP_LAYER_TRACE_DATA, NULL, &type, (BYTE *)&data_bytes, &size) == ERROR_SUCCESS &&
        type == REG_DWORD)
        settings->data_bytes = data_bytes;
    RegCloseKey(key);
    return WSPLSP_OK;
}

static wchar_t *to_wide(const char *text)
{
    size_t units;
    wchar_t *wide = (wchar_t *)text_to_utf16(text, &units);
    return wide != NULL ? wide : memory_alloc(sizeof *wide);
}

/* The folder named before, or asked for: whether it is the usual one, or was it before that had to move. */
static bool is_usual(const wchar_t *path)
{
    wchar_t usual[MAX_PATH];
    if (data_folder_path(DATA_FOLDER_TRACES, usual) && _wcsicmp(path, usual) == 0)
        return true;
    if (!data_folder_usual(usual))
        return false;
    wcscat(usual, L"\\" DATA_FOLDER_TRACES);
    return _wcsicmp(path, usual) == 0;
}

/* Absolute, without a backslash at its end. */
static enum wsplsp_status settle_folder(struct trace_switch *settings, struct wsplsp_error *error)
{
    wchar_t path[MAX_PATH];
    bool usual = settings->folder == NULL;
    if (!usual) {
        wchar_t *given = to_wide(settings->folder);
        DWORD length = GetFullPathNameW(given, MAX_PATH, path, NULL);
        free(given);
        if (length == 0 || length >= MAX_PATH)
            return fail(ERROR_FILENAME_EXCED_RANGE, "the folder's name is too long", error);
        if (length > 3 && path[length - 1] == L'\\')
            path[length - 1] = L'\0';
        usual = is_usual(path);
    }
    enum wsplsp_status status = usual ? safe_folder_usual(path, &settings->note, error) : safe_folder_make(path, error);
    if (status != WSPLSP_OK)
        return status;
    free(settings->folder);
    settings->folder = to_utf8(path);
    return WSPLSP_OK;
}

/* A REG_MULTI_SZ, `*size` bytes long. */
static wchar_t *join_programs(const struct trace_switch *settings, DWORD *size)
{
    size_t used = 0;
    wchar_t *list = memory_alloc(2 * sizeof *list);
    for (size_t i = 0; i < settings->program_count; i++) {
        wchar_t *program = to_wide(settings->programs[i]);
        size_t length = wcslen(program) + 1;
        list = memory_grow(list, (used + length + 1) * sizeof *list);
        wmemcpy(list + used, program, length);
        used += length;
        free(program);
    }
    list[used] = L'\0';
    *size = (DWORD)((used + 1) * sizeof *list);
    return list;
}

/* The folder first, the programs last: what is half written traces nothing new. */
static DWORD write_values(HKEY key, const struct trace_switch *settings)
{
    DWORD size, data_bytes = settings->data_bytes;
    wchar_t *folder = to_wide(settings->folder);
    wchar_t *programs = join_programs(settings, &size);
    DWORD code = RegSetValueExW(key, WSPLSP_LAYER_TRACE_FOLDER, 0, REG_SZ, (const BYTE *)folder,
                                (DWORD)((wcslen(folder) + 1) * sizeof *folder));
    if (code == ERROR_SUCCESS)
        code = RegSetValueExW(key, WSPLSP_LAYER_TRACE_DATA, 0, REG_DWORD, (const BYTE *)&data_bytes, sizeof data_bytes);
    if (code == ERROR_SUCCESS)
        code = RegSetValueExW(key, WSPLSP_LAYER_TRACE_PROGRAMS, 0, REG_MULTI_SZ, (const BYTE *)programs, size);
    free(folder);
    free(programs);
    return code;
}

enum wsplsp_status trace_switch_write(struct trace_switch *settings, struct wsplsp_error *error)
{
    HKEY key;
    DWORD made;
    DWORD code = RegCreateKeyExW(HKEY_LOCAL_MACHINE, WSPLSP_LAYER_TRACE_KEY, 0, NULL, 0,
                                 KEY_SET_VALUE | KEY_WOW64_64KEY, NULL, &key, &made);
    if (code != ERROR_SUCCESS)
        return fail(code, "cannot change the trace's settings", error);
    if (settle_folder(settings, error) != WSPLSP_OK) {
        RegCloseKey(key);
        if (made == REG_CREATED_NEW_KEY)
            RegDeleteKeyExW(HKEY_LOCAL_MACHINE, WSPLSP_LAYER_TRACE_KEY, KEY_WOW64_64KEY, 0);
        return error->status;
    }
    code = write_values(key, settings);
    RegCloseKey(key);
    return code == ERROR_SUCCESS ? WSPLSP_OK : fail(code, "cannot change the trace's settings", error);
}

enum wsplsp_status trace_switch_clear(struct wsplsp_error *error)
{
    DWORD code = RegDeleteKeyExW(HKEY_LOCAL_MACHINE, WSPLSP_LAYER_TRACE_KEY, KEY_WOW64_64KEY, 0);
    return code == ERROR_SUCCESS || code == ERROR_FILE_NOT_FOUND
               ? WSPLSP_OK
               : fail(code, "cannot change the trace's settings", error);
}
