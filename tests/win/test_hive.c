/* Hives on Windows: the loaders are fakes that show a key of this user's registry as the loaded hive, so that all but
 * the loading itself is real; and what hive_read says on a system (Wine) whose RegLoadAppKeyW only pretends. */
#include "lsp-core/registry/hive.h"
#include "lsp-core/registry/hive_win.h"

#include <stdlib.h>
#include <wchar.h>
#include <windows.h>
#include <aclapi.h>

#include "lsp-core/win/access_win.h"
#include "lsp-core/base/sysdll_win.h"
#include "tap.h"

#define TEST_KEY L"Software\\wsplsp-test-hive"

static LONG load_result[HIVE_LOADERS];
static int loads[HIVE_LOADERS], unloads;
static wchar_t loaded_path[1024];
static char loaded_bytes[16];
static DWORD loaded_size;
static const wchar_t *denied; /* a key's name that refuses to be opened */

static enum access_answer readable; /* whether others may look into the copy's folder */

static void look_at_folder(void)
{
    wchar_t folder[1024];
    size_t size = 0;
    wcscpy(folder, loaded_path);
    *wcsrchr(folder, L'\\') = L'\0';
    HANDLE handle = CreateFileW(folder, READ_CONTROL, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING,
                                FILE_FLAG_BACKUP_SEMANTICS, NULL);
    void *descriptor = access_descriptor(handle, &size);
    EXPECT(descriptor != NULL);
    readable = access_changes(descriptor, size, FILE_ALL_ACCESS, access_also()).answer;
    free(descriptor);
    CloseHandle(handle);
}

static LONG load(int loader, const wchar_t *path, HKEY *root)
{
    loads[loader]++;
    wcscpy(loaded_path, path);
    look_at_folder();
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    EXPECT(file != INVALID_HANDLE_VALUE && ReadFile(file, loaded_bytes, sizeof loaded_bytes, &loaded_size, NULL));
    CloseHandle(file);
    if (load_result[loader] != ERROR_SUCCESS)
        return load_result[loader];
    /* Windows leaves logs beside a hive that it loads. */
    wchar_t log[1100];
    wcscpy(log, path);
    wcscat(log, L".LOG1");
    CloseHandle(
        CreateFileW(log, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM, NULL));
    return RegOpenKeyExW(HKEY_CURRENT_USER, TEST_KEY, 0, KEY_READ, root);
}

static LONG load_first(const wchar_t *path, HKEY *root)
{
    return load(0, path, root);
}

static LONG load_second(const wchar_t *path, HKEY *root)
{
    return load(1, path, root);
}

static LONG unload(HKEY root)
{
    unloads++;
    return RegCloseKey(root);
}

static LONG open_key(HKEY key, const wchar_t *path, HKEY *opened)
{
    if (denied != NULL && wcscmp(path, denied) == 0)
        return ERROR_ACCESS_DENIED;
    return regread_registry.open(key, path, opened);
}

static struct hive_loader loaders[HIVE_LOADERS];
static struct reg_key *root;
static struct wsplsp_error error;

static void begin(void)
{
    memset(loads, 0, sizeof loads);
    memset(load_result, 0, sizeof load_result);
    memset(&error, 0, sizeof error);
    unloads = 0;
    denied = NULL;
    root = NULL;
    for (int i = 0; i < HIVE_LOADERS; i++) {
        loaders[i] = (struct hive_loader){i == 0 ? "OROpenHive" : "RegLoadAppKeyW", true,
                                          i == 0 ? load_first : load_second, unload, regread_registry};
        loaders[i].keys.open = open_key;
    }
}

static enum wsplsp_status read_bytes(void)
{
    return hive_load(loaders, "regfBYTES", 9, "disk/SYSTEM", &root, &error);
}

static bool folder_is_gone(void)
{
    wchar_t folder[1024];
    wcscpy(folder, loaded_path);
    *wcsrchr(folder, L'\\') = L'\0';
    return GetFileAttributesW(folder) == INVALID_FILE_ATTRIBUTES;
}

static void set(const wchar_t *path, const wchar_t *name, DWORD type, const void *data, DWORD size)
{
    HKEY key;
    wchar_t whole[512] = TEST_KEY L"\\";
    wcscat(whole, path);
    EXPECT(RegCreateKeyExW(HKEY_CURRENT_USER, whole, 0, NULL, 0, KEY_WRITE, NULL, &key, NULL) == ERROR_SUCCESS);
    EXPECT(RegSetValueExW(key, name, 0, type, data, size) == ERROR_SUCCESS);
    RegCloseKey(key);
}

static BYTE large[10000];

static void make_hive(void)
{
    DWORD current = 2;
    memset(large, 0xa5, sizeof large);
    set(L"Select", L"Current", REG_DWORD, &current, 4);
    set(L"ControlSet001\\Services\\WinSock2\\Parameters", L"AutodialDLL", REG_EXPAND_SZ, L"%x%", 8);
    set(L"ControlSet001\\Services\\Other", L"value", REG_SZ, L"x", 4);
    set(L"ControlSet002\\Services\\WinSock2\\Parameters\\Sub", L"", 0x77, "odd", 3);
    set(L"ControlSet002\\Services\\WinSock2\\Parameters\\Sub", L"large", REG_BINARY, large, sizeof large);
    set(L"ControlSet002\\Services\\WinSock2\\Parameters\\Sub", L"empty", REG_BINARY, large, 0);
    set(L"ControlSet002\\Control\\Nls\\CodePage", L"ACP", REG_SZ, L"932", 8);
    set(L"ControlSet002\\Control\\Nls\\Language", L"Default", REG_SZ, L"0411", 10);
    set(L"ControlSet002\\Control\\Other", L"value", REG_SZ, L"x", 4);
    set(L"ControlSetX\\Services\\WinSock2", L"value", REG_SZ, L"x", 4);
    set(L"Software", L"value", REG_SZ, L"x", 4);
}

static void values_come_with_type_and_bytes(void)
{
    uint32_t current = 0;
    begin();
    EXPECT(read_bytes() == WSPLSP_OK);
    EXPECT(loads[0] == 1 && loads[1] == 0 && unloads == 1);
    EXPECT(loaded_size == 9 && memcmp(loaded_bytes, "regfBYTES", 9) == 0);
    struct reg_key *select = reg_key_find(root, "Select");
    EXPECT(select != NULL && reg_key_dword(select, "Current", &current) && current == 2);
    struct reg_key *parameters = reg_key_find(root, "ControlSet001\\Services\\WinSock2\\Parameters");
    const struct reg_value *value = parameters == NULL ? NULL : reg_key_value(parameters, "AutodialDLL");
    EXPECT(value != NULL && value->type == REG_EXPAND_SZ && value->size == 8 && memcmp(value->data, L"%x%", 8) == 0);
    struct reg_key *sub = reg_key_find(root, "ControlSet002\\Services\\WinSock2\\Parameters\\Sub");
    value = sub == NULL ? NULL : reg_key_value(sub, "");
    EXPECT(value != NULL && value->type == 0x77 && value->size == 3 && memcmp(value->data, "odd", 3) == 0);
    value = sub == NULL ? NULL : reg_key_value(sub, "large");
    EXPECT(value != NULL && value->size == sizeof large && memcmp(value->data, large, sizeof large) == 0);
    value = sub == NULL ? NULL : reg_key_value(sub, "empty");
    EXPECT(value != NULL && value->size == 0);
    reg_key_free(root);
}

static void only_the_catalogs_keys_are_read(void)
{
    begin();
    EXPECT(read_bytes() == WSPLSP_OK);
    EXPECT(root != NULL && reg_key_child_count(root) == 3);
    EXPECT(reg_key_find(root, "Software") == NULL && reg_key_find(root, "ControlSetX") == NULL);
    EXPECT(reg_key_find(root, "ControlSet001\\Services\\Other") == NULL);
    EXPECT(reg_key_find(root, "ControlSet002\\Control\\Other") == NULL);
    EXPECT(reg_key_find(root, "ControlSet002\\Control\\Nls\\Language") == NULL);
    reg_key_free(root);
}

static void the_code_page_is_read(void)
{
    begin();
    EXPECT(read_bytes() == WSPLSP_OK);
    const struct reg_key *key = root == NULL ? NULL : reg_key_find(root, "ControlSet002\\Control\\Nls\\CodePage");
    char *page = key == NULL ? NULL : reg_key_string(key, "ACP");
    EXPECT(page != NULL && strcmp(page, "932") == 0);
    free(page);
    reg_key_free(root);
}

static void the_copy_and_its_logs_are_deleted(void)
{
    begin();
    EXPECT(read_bytes() == WSPLSP_OK && folder_is_gone());
    reg_key_free(root);
    begin();
    load_result[0] = load_result[1] = ERROR_BADDB;
    EXPECT(read_bytes() == WSPLSP_SYSTEM && folder_is_gone());
}

static void the_second_loader_is_tried(void)
{
    begin();
    load_result[0] = ERROR_NOT_REGISTRY_FILE;
    EXPECT(read_bytes() == WSPLSP_OK && loads[0] == 1 && loads[1] == 1);
    reg_key_free(root);
    begin();
    loaders[0].available = false;
    EXPECT(read_bytes() == WSPLSP_OK && loads[0] == 0 && loads[1] == 1);
    reg_key_free(root);
}

static void failing_loaders_are_reported(void)
{
    begin();
    load_result[0] = ERROR_NOT_REGISTRY_FILE;
    load_result[1] = ERROR_BADDB;
    EXPECT(read_bytes() == WSPLSP_SYSTEM && error.code == ERROR_NOT_REGISTRY_FILE);
    EXPECT_TEXT(error.name, "ERROR_NOT_REGISTRY_FILE");
    EXPECT_TEXT(error.message, "cannot read the hive 'disk/SYSTEM': OROpenHive failed");
    EXPECT(strstr(error.hint, "Linux build") != NULL && root == NULL);
}

static void a_system_without_loaders_says_so(void)
{
    begin();
    loaders[0].available = loaders[1].available = false;
    EXPECT(read_bytes() == WSPLSP_SYSTEM && root == NULL);
    EXPECT(strstr(error.message, "this system can't load hives offline") != NULL);
    EXPECT_TEXT(error.hint, "use the Linux build, or export the key with reg.exe and give the .reg file");
}

static void a_key_that_refuses_fails_the_reading(void)
{
    begin();
    denied = L"Sub";
    EXPECT(read_bytes() == WSPLSP_DENIED && unloads == 1 && root == NULL && folder_is_gone());
    EXPECT(strstr(error.message, "'Sub'") != NULL);
}

/* Wine 8: RegLoadAppKeyW returns success and a handle that is none; there is no offreg.dll. */
static void wines_pretence_is_seen_through(void)
{
    begin();
    enum wsplsp_status status = hive_read("regf", 4, "SYSTEM", &root, &error);
    EXPECT(status == WSPLSP_SYSTEM && root == NULL);
    EXPECT(!sysdll_is_wine() || strstr(error.message, "this system can't load hives offline") != NULL);
}

static void the_copys_folder_is_new_each_time(void)
{
    wchar_t first[1024];
    begin();
    EXPECT(read_bytes() == WSPLSP_OK);
    reg_key_free(root);
    wcscpy(first, loaded_path);
    EXPECT(read_bytes() == WSPLSP_OK);
    reg_key_free(root);
    EXPECT(wcscmp(first, loaded_path) != 0);
}

static void the_copy_is_the_users_alone(void)
{
    begin();
    readable = ACCESS_UNKNOWN;
    EXPECT(read_bytes() == WSPLSP_OK && readable == ACCESS_NO);
    reg_key_free(root);
}

int main(void)
{
    RegDeleteTreeW(HKEY_CURRENT_USER, TEST_KEY);
    tap_good = true;
    make_hive();
    RUN(values_come_with_type_and_bytes);
    RUN(only_the_catalogs_keys_are_read);
    RUN(the_code_page_is_read);
    RUN(the_copy_and_its_logs_are_deleted);
    RUN(the_second_loader_is_tried);
    RUN(failing_loaders_are_reported);
    RUN(a_system_without_loaders_says_so);
    RUN(a_key_that_refuses_fails_the_reading);
    RUN(wines_pretence_is_seen_through);
    RUN(the_copys_folder_is_new_each_time);
    RUN(the_copy_is_the_users_alone);
    RegDeleteTreeW(HKEY_CURRENT_USER, TEST_KEY);
    return tap_end();
}
