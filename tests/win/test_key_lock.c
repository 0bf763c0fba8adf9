/* The protocol catalog's own lock, in a key of the test's own below HKEY_LOCAL_MACHINE that it takes away again. What
 * other writers do is done here by hand, as Winsock's readers know it: a subkey named "%08lX" of Serial_Access_Num. */
#include "lsp-core/registry/key_lock_win.h"

#include <stdlib.h>
#include <wchar.h>

#include "tap.h"

static wchar_t parameters[64];
static HKEY catalog;
static struct wsplsp_error error;

static void set_serial(DWORD serial)
{
    if (RegSetValueExW(catalog, L"Serial_Access_Num", 0, REG_DWORD, (const BYTE *)&serial, sizeof serial) != 0)
        abort();
}

static void make_catalog(const wchar_t *name, HKEY *made)
{
    wchar_t path[128];
    swprintf(path, 128, L"%ls\\%ls", parameters, name);
    if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, 0, KEY_ALL_ACCESS, NULL, made, NULL) != 0)
        abort();
}

static bool has(const wchar_t *name)
{
    HKEY key;
    if (RegOpenKeyExW(catalog, name, 0, KEY_QUERY_VALUE, &key) != ERROR_SUCCESS)
        return false;
    RegCloseKey(key);
    return true;
}

static void lock_by_another(const wchar_t *name)
{
    HKEY key;
    if (RegCreateKeyExW(catalog, name, 0, NULL, REG_OPTION_VOLATILE, KEY_ALL_ACCESS, NULL, &key, NULL) != 0)
        abort();
    RegCloseKey(key);
}

static void a_subkey_named_after_the_serial_number(void)
{
    struct key_lock lock;
    set_serial(0x1a);
    EXPECT(key_lock_take(parameters, &lock, &error) == WSPLSP_OK);
    EXPECT(lock.catalog != NULL && has(L"0000001A"));
    key_lock_give(&lock);
    EXPECT(!has(L"0000001A"));
    key_lock_give(&lock); /* given already */
}

static void another_writer_stays(void)
{
    struct key_lock lock;
    set_serial(7);
    lock_by_another(L"00000007");
    EXPECT(key_lock_take(parameters, &lock, &error) == WSPLSP_SYSTEM);
    EXPECT_TEXT(error.name, "BUSY");
    EXPECT(lock.catalog == NULL && has(L"00000007")); /* somebody else's lock is nobody's to take away */
    key_lock_give(&lock);
    EXPECT(has(L"00000007"));
    RegDeleteKeyW(catalog, L"00000007");
}

static DWORD WINAPI take_in_thread(void *context)
{
    struct wsplsp_error own;
    return key_lock_take(parameters, context, &own) == WSPLSP_OK ? 0 : 1;
}

/* A writer counts the serial number on and then gives up its lock, which had the number before for a name. */
static void another_writer_ends(void)
{
    struct key_lock lock;
    DWORD code = 1;
    set_serial(8);
    lock_by_another(L"00000008");
    HANDLE thread = CreateThread(NULL, 0, take_in_thread, &lock, 0, NULL);
    EXPECT(WaitForSingleObject(thread, 200) == WAIT_TIMEOUT);
    set_serial(9);
    RegDeleteKeyW(catalog, L"00000008");
    EXPECT(WaitForSingleObject(thread, 20000) == WAIT_OBJECT_0);
    EXPECT(GetExitCodeThread(thread, &code) && code == 0);
    EXPECT(has(L"00000009") && !has(L"00000008"));
    key_lock_give(&lock);
    EXPECT(!has(L"00000009"));
    CloseHandle(thread);
}

static void the_catalog_that_winsock_names(void)
{
    static const wchar_t name[] = L"Protocol_Catalog10";
    struct key_lock lock;
    HKEY above, usual = catalog;
    set_serial(3);
    make_catalog(name, &catalog);
    set_serial(4);
    RegOpenKeyExW(HKEY_LOCAL_MACHINE, parameters, 0, KEY_ALL_ACCESS, &above);
    RegSetValueExW(above, L"Current_Protocol_Catalog", 0, REG_SZ, (const BYTE *)name, sizeof name);
    EXPECT(key_lock_take(parameters, &lock, &error) == WSPLSP_OK);
    EXPECT(has(L"00000004"));
    key_lock_give(&lock);
    EXPECT(!has(L"00000004"));
    RegDeleteValueW(above, L"Current_Protocol_Catalog");
    RegCloseKey(catalog);
    RegDeleteKeyW(above, name);
    RegCloseKey(above);
    catalog = usual;
}

/* Nobody writes a catalog that is not there, and nobody can lock one without the number. */
static void nothing_to_lock(void)
{
    struct key_lock lock;
    RegDeleteValueW(catalog, L"Serial_Access_Num");
    EXPECT(key_lock_take(parameters, &lock, &error) == WSPLSP_OK && lock.catalog == NULL);
    key_lock_give(&lock);
    EXPECT(key_lock_take(L"Software\\wsplsp-none", &lock, &error) == WSPLSP_OK && lock.catalog == NULL);
    key_lock_give(&lock);
}

int main(void)
{
    swprintf(parameters, 64, L"Software\\wsplsp-test-%lu", GetCurrentProcessId());
    make_catalog(L"Protocol_Catalog9", &catalog);
    RUN(a_subkey_named_after_the_serial_number);
    RUN(another_writer_stays);
    RUN(another_writer_ends);
    RUN(the_catalog_that_winsock_names);
    RUN(nothing_to_lock);
    RegCloseKey(catalog);
    wchar_t usual[128];
    swprintf(usual, 128, L"%ls\\Protocol_Catalog9", parameters);
    RegDeleteKeyW(HKEY_LOCAL_MACHINE, usual);
    RegDeleteKeyW(HKEY_LOCAL_MACHINE, parameters);
    return tap_end();
}
