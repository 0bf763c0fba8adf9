/* Reads an offline hive with the system's own loaders; see hive_win.h. A copy is loaded, never the user's file: loading
 * writes logs beside the file and may bring the file itself up to date. */
#include "hive.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/win/errors_win.h"
#include "hive_win.h"
#include "layout_names.h"
#include "lsp-core/win/private_folder_win.h"
#include "lsp-core/base/sysdll_win.h"
#include "lsp-core/base/text.h"

/* The offline registry library (offreg.dll). It reads a hive in this process, whatever the access rights of its keys.
 */
static struct {
    DWORD(WINAPI *open_hive)(const wchar_t *, HKEY *);
    DWORD(WINAPI *close_hive)(HKEY);
    DWORD(WINAPI *open_key)(HKEY, const wchar_t *, HKEY *);
    DWORD(WINAPI *close_key)(HKEY);
    DWORD(WINAPI *enum_key)(HKEY, DWORD, wchar_t *, DWORD *, wchar_t *, DWORD *, FILETIME *);
    DWORD(WINAPI *enum_value)(HKEY, DWORD, wchar_t *, DWORD *, DWORD *, BYTE *, DWORD *);
} offreg;

static LONG offreg_load(const wchar_t *path, HKEY *root)
{
    return (LONG)offreg.open_hive(path, root);
}

static LONG offreg_unload(HKEY root)
{
    return (LONG)offreg.close_hive(root);
}

static LONG offreg_open(HKEY key, const wchar_t *path, HKEY *opened)
{
    return (LONG)offreg.open_key(key, path, opened);
}

static LONG offreg_close(HKEY key)
{
    return (LONG)offreg.close_key(key);
}

static LONG offreg_enum_key(HKEY key, DWORD index, wchar_t *name, DWORD *length)
{
    return (LONG)offreg.enum_key(key, index, name, length, NULL, NULL, NULL);
}

static LONG offreg_enum_value(HKEY key, DWORD index, wchar_t *name, DWORD *length, DWORD *type, BYTE *data, DWORD *size)
{
    return (LONG)offreg.enum_value(key, index, name, length, type, data, size);
}

/* RegLoadAppKeyW (Windows Vista) loads into the kernel, and only hives whose keys all have one security descriptor:
 * what reg.exe or a program saved, hardly ever a whole SYSTEM hive. */
static LONG(WINAPI *reg_load_app_key)(const wchar_t *, HKEY *, REGSAM, DWORD, DWORD);

static LONG app_key_load(const wchar_t *path, HKEY *root)
{
    LONG code = reg_load_app_key(path, root, KEY_READ, REG_PROCESS_APPKEY, 0);
    /* Wine 8 says it was loaded and gives a handle that is none. */
    if (code == ERROR_SUCCESS &&
        RegQueryInfoKeyW(*root, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL) != ERROR_SUCCESS)
        return ERROR_CALL_NOT_IMPLEMENTED;
    return code;
}

static LONG app_key_unload(HKEY root)
{
    return RegCloseKey(root);
}

void hive_loaders_system(struct hive_loader loaders[HIVE_LOADERS])
{
    HMODULE dll = sysdll_load(L"offreg.dll");
    loaders[0] = (struct hive_loader){
        .name = "OROpenHive",
        .available = sysdll_function(dll, "OROpenHive", &offreg.open_hive) &&
                     sysdll_function(dll, "ORCloseHive", &offreg.close_hive) &&
                     sysdll_function(dll, "OROpenKey", &offreg.open_key) &&
                     sysdll_function(dll, "ORCloseKey", &offreg.close_key) &&
                     sysdll_function(dll, "OREnumKey", &offreg.enum_key) &&
                     sysdll_function(dll, "OREnumValue", &offreg.enum_value),
        .load = offreg_load,
        .unload = offreg_unload,
        .keys = {offreg_open, offreg_close, offreg_enum_key, offreg_enum_value},
    };
    loaders[1] = (struct hive_loader){
        .name = "RegLoadAppKeyW",
        .available = sysdll_function(sysdll_load(L"advapi32.dll"), "RegLoadAppKeyW", &reg_load_app_key),
        .load = app_key_load,
        .unload = app_key_unload,
        .keys = regread_registry,
    };
}

/* Copies the key at `path` to the same path below `root`; nothing where the hive has none. */
static enum wsplsp_status read_key(const struct hive_loader *loader, HKEY hive, const char *path, struct reg_key *root,
                                   struct wsplsp_error *error)
{
    HKEY opened;
    size_t units;
    uint16_t *wide = text_to_utf16(path, &units);
    if (wide == NULL)
        return wsplsp_fail_memory(error);
    LONG code = loader->keys.open(hive, (const wchar_t *)wide, &opened);
    free(wide);
    if (code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND)
        return WSPLSP_OK;
    if (code != ERROR_SUCCESS)
        return errors_win_fail(error, (uint32_t)code, "cannot open the key '%s' of the hive", path);
    struct regread_skipped skipped;
    struct reg_key *key = reg_key_make(root, path);
    enum wsplsp_status status =
        key == NULL ? wsplsp_fail_memory(error) : regread_into(&loader->keys, opened, key, &skipped, error);
    loader->keys.close(opened);
    /* Half a catalog would pass for a whole one. */
    if (status == WSPLSP_OK && skipped.count > 0)
        return errors_win_fail(error, (uint32_t)skipped.code, "cannot open the key '%s' below '%s' of the hive",
                               skipped.first, path);
    return status;
}

/* "ControlSet001" and its like; only these have their services read, a whole SYSTEM hive is large. */
static bool is_control_set(const char *name)
{
    return text_compare_nocase_n(name, "ControlSet", 10) == 0 && strspn(name + 10, "0123456789") == 3 &&
           name[13] == '\0';
}

static enum wsplsp_status read_control_set(const struct hive_loader *loader, HKEY hive, const wchar_t *name,
                                           struct reg_key *root, struct wsplsp_error *error)
{
    static const char *const keys[] = {"Services\\WinSock2", LAYOUT_CODE_PAGE};
    char *text = text_from_utf16(name, wcslen(name));
    enum wsplsp_status status = text == NULL ? wsplsp_fail_memory(error) : WSPLSP_OK;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && status == WSPLSP_OK && is_control_set(text); i++) {
        char *path = text_format("%s\\%s", text, keys[i]);
        status = path == NULL ? wsplsp_fail_memory(error) : read_key(loader, hive, path, root, error);
        free(path);
    }
    free(text);
    return status;
}

static enum wsplsp_status read_hive(const struct hive_loader *loader, HKEY hive, struct reg_key *root,
                                    struct wsplsp_error *error)
{
    enum wsplsp_status status = read_key(loader, hive, "Select", root, error);
    for (DWORD index = 0; status == WSPLSP_OK; index++) {
        wchar_t name[256];
        DWORD length = sizeof name / sizeof name[0];
        LONG code = loader->keys.enum_key(hive, index, name, &length);
        if (code == ERROR_NO_MORE_ITEMS)
            break;
        if (code != ERROR_SUCCESS)
            return errors_win_fail(error, (uint32_t)code, "cannot list the keys of the hive");
        status = read_control_set(loader, hive, name, root, error);
    }
    return status;
}

static enum wsplsp_status fail_to_load(const char *source, const struct hive_loader *loader, LONG code,
                                       struct wsplsp_error *error)
{
    if (loader == NULL || code == ERROR_CALL_NOT_IMPLEMENTED) {
        wsplsp_fail(error, WSPLSP_SYSTEM, ERROR_CALL_NOT_IMPLEMENTED, "ERROR_CALL_NOT_IMPLEMENTED",
                    "cannot read the hive '%s': this system can't load hives offline", source);
        return wsplsp_hint(error, "use the Linux build, or export the key with reg.exe and give the .reg file");
    }
    wsplsp_fail(error, WSPLSP_SYSTEM, (uint32_t)code, errors_win_name((uint32_t)code),
                "cannot read the hive '%s': %s failed", source, loader->name);
    return wsplsp_hint(error, "the hive may be damaged, or its keys protected; use the Linux build, or (as an "
                              "administrator) reg.exe load and export, and give the .reg file");
}

static enum wsplsp_status load_file(const struct hive_loader loaders[HIVE_LOADERS], const wchar_t *path,
                                    const char *source, struct reg_key *root, struct wsplsp_error *error)
{
    const struct hive_loader *tried = NULL;
    LONG code = ERROR_CALL_NOT_IMPLEMENTED;
    for (size_t i = 0; i < HIVE_LOADERS; i++) {
        HKEY hive;
        if (!loaders[i].available)
            continue;
        LONG result = loaders[i].load(path, &hive);
        if (result == ERROR_SUCCESS) {
            enum wsplsp_status status = read_hive(&loaders[i], hive, root, error);
            loaders[i].unload(hive);
            return status;
        }
        /* The first loader's reason tells more than the second's, which hardly any SYSTEM hive suits. */
        if (tried == NULL) {
            tried = &loaders[i];
            code = result;
        }
    }
    return fail_to_load(source, tried, code, error);
}

enum wsplsp_status hive_load(const struct hive_loader loaders[HIVE_LOADERS], const void *bytes, size_t size,
                             const char *source, struct reg_key **root, struct wsplsp_error *error)
{
    struct private_folder folder;
    struct reg_key *loaded = reg_key_new("");
    if (loaded == NULL)
        return wsplsp_fail_memory(error);
    enum wsplsp_status status = private_folder_make(&folder, bytes, size, error);
    if (status == WSPLSP_OK) {
        status = load_file(loaders, folder.file, source, loaded, error);
        private_folder_remove(&folder);
    }
    if (status == WSPLSP_OK)
        *root = loaded;
    else
        reg_key_free(loaded);
    return status;
}

enum wsplsp_status hive_read(const void *bytes, size_t size, const char *source, struct reg_key **root,
                             struct wsplsp_error *error)
{
    struct hive_loader loaders[HIVE_LOADERS];
    hive_loaders_system(loaders);
    return hive_load(loaders, bytes, size, source, root, error);
}
