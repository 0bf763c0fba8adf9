/* The functions over the private catalog (lsp-core/host/wsc/wsc.h), called directly, with a catalog in a file of its
 * own in the temporary folder; other processes of the run are this program again. TAP; expected values are those of the
 * functions' reference pages. */
#include <stdlib.h>
#include <wchar.h>

#include "lsp-core/host/launch/config.h"
#include "lsp-core/catalog/layout.h"
#include "lsp-core/host/catalog/private.h"
#include "lsp-core/registry/regfile.h"
#include "lsp-core/host/api/startup.h"
#include "tap.h"
#include "lsp-core/base/text.h"
#include "lsp-core/host/wsc/wsc.h"

#ifdef _WIN64
#define BITS 64
#else
#define BITS 32
#endif

#define WINSOCK2_KEY "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\WinSock2"

static bool started = true;

/* lsp-core/host/api/startup.c's */
bool startup_done(void)
{
    return started;
}

static wchar_t folder[MAX_PATH], file[MAX_PATH + 32], new_file[MAX_PATH + 64];
static void *nowhere; /* memory that is not there */

static GUID base_id = {1, 0, 0, {0}}, own_id = {3, 0, 0, {0}}, unknown_id = {9, 0, 0, {0}};

static GUID id_of(unsigned long number)
{
    return (GUID){0x10000 + number, 0, 0, {0}};
}

/* The catalog file --------------------------------------------------------------------------------------------------
 */

static void add_base(struct wsplsp_catalog *catalog, uint32_t id, int family, int type, int protocol, const char *name)
{
    struct wsplsp_entry *entry = wsplsp_catalog_add_entry(catalog);
    entry->info.catalog_id = id;
    memcpy(&entry->info.provider_id, &base_id, sizeof base_id);
    entry->info.chain_len = 1;
    entry->info.version = 2;
    entry->info.family = family;
    entry->info.socket_type = type;
    entry->info.protocol = protocol;
    entry->info.service_flags[0] = XP1_IFS_HANDLES | 0x66;
    for (size_t i = 0; name[i] != '\0'; i++)
        entry->info.name[i] = (uint8_t)name[i];
    entry->name_raw = text_duplicate(name);
    entry->name = text_duplicate(name);
    entry->dll = text_duplicate("%SystemRoot%\\system32\\mswsock.dll");
}

/* Three base entries in each catalog, the last of them hidden. */
static void *make_text(size_t *size)
{
    struct wsplsp_error error;
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("test");
    struct reg_key *key;
    void *text = NULL;
    for (size_t c = 0; c < 2; c++) {
        struct wsplsp_catalog *catalog = &snapshot->catalogs[c];
        catalog->present = true;
        add_base(catalog, 1001, AF_INET, SOCK_STREAM, IPPROTO_TCP, "TCP");
        add_base(catalog, 1002, AF_INET, SOCK_DGRAM, IPPROTO_UDP, "UDP");
        add_base(catalog, 1003, AF_INET, SOCK_RAW, 0, "RAW");
        catalog->entries[2].info.provider_flags = PFL_HIDDEN;
    }
    if (layout_write(snapshot, &key, &error) != WSPLSP_OK ||
        regfile_write(key, WINSOCK2_KEY, 0, NULL, &text, size, &error) != WSPLSP_OK)
        abort();
    reg_key_free(key);
    wsplsp_snapshot_free(snapshot);
    return text;
}

static bool write_file(const wchar_t *path, const void *bytes, size_t size)
{
    FILE *to = _wfopen(path, L"wb");
    bool written = to != NULL && fwrite(bytes, 1, size, to) == size;
    return to != NULL && fclose(to) == 0 && written;
}

static void *read_whole(const wchar_t *path, size_t *size)
{
    FILE *from = _wfopen(path, L"rb");
    void *bytes = calloc(1, 1 << 20);
    *size = from == NULL ? 0 : fread(bytes, 1, 1 << 20, from);
    if (from != NULL)
        fclose(from);
    return bytes;
}

static void fresh_file(void)
{
    size_t size;
    void *text = make_text(&size);
    if (!write_file(file, text, size))
        abort();
    free(text);
}

static bool attach(bool in_file)
{
    struct wsplsp_error error;
    struct config_settings settings = {.catalog_file = in_file ? file : NULL};
    if (config_create(&settings, &error) != WSPLSP_OK)
        return false;
    if (!in_file) {
        size_t size;
        void *text = make_text(&size);
        if (config_lock(true, &error) != WSPLSP_OK || config_catalog_write(text, size, &error) != WSPLSP_OK)
            return false;
        config_unlock();
        free(text);
    }
    return private_catalog_start(&error) == WSPLSP_OK;
}

/* What is asked of the catalog ----------------------------------------------------------------------------------------
 */

static WSAPROTOCOL_INFOW all[200];

/* The number of entries, which are then in `all`, of which bitness' catalog. */
static int list_catalog(int bits)
{
    DWORD size = sizeof all;
    INT error = 0;
    (void)bits;
#ifdef _WIN64
    if (bits == 32)
        return wsc_WSCEnumProtocols32(NULL, all, &size, &error);
#endif
    return wsc_WSCEnumProtocols(NULL, all, &size, &error);
}

static bool has_order(int count, const DWORD *ids)
{
    bool same = list_catalog(BITS) == count;
    for (int i = 0; same && i < count; i++)
        same = all[i].dwCatalogEntryId == ids[i];
    return same;
}

#define HAS_ORDER(...) has_order((int)(sizeof((DWORD[]){__VA_ARGS__}) / sizeof(DWORD)), (DWORD[]){__VA_ARGS__})

static int install(GUID *id)
{
    WSAPROTOCOL_INFOW info = {.iVersion = 2, .iAddressFamily = 40, .iProtocol = 41, .ProtocolChain.ChainLen = 1};
    INT error = 0;
    wcscpy(info.szProtocol, L"Own");
    return wsc_WSCInstallProvider(id, L"%SystemRoot%\\own.dll", &info, 1, &error) == 0 ? 0 : error;
}

static int deinstall(GUID *id)
{
    INT error = 0;
    return wsc_WSCDeinstallProvider(id, &error) == 0 ? 0 : error;
}

/* Expects the call to fail with that code in `error`. */
#define EXPECT_ERROR(call, code)        \
    do {                                \
        error = 0;                      \
        EXPECT((call) == SOCKET_ERROR); \
        EXPECT(error == (code));        \
    } while (0)

/* … with that code as the last error. */
#define EXPECT_LAST(call, code)              \
    do {                                     \
        SetLastError(0);                     \
        EXPECT((call) == SOCKET_ERROR);      \
        EXPECT(WSAGetLastError() == (code)); \
    } while (0)

/* Scenarios
 * ------------------------------------------------------------------------------------------------------------ */

static void enum_protocols_lists_hidden_entries_too(void)
{
    EXPECT(HAS_ORDER(1001, 1002, 1003));
    EXPECT(wcscmp(all[0].szProtocol, L"TCP") == 0);
    EXPECT(all[2].dwProviderFlags == PFL_HIDDEN);
    EXPECT(all[1].iProtocol == IPPROTO_UDP);
}

static void enum_protocols_filters(void)
{
    INT protocols[] = {IPPROTO_UDP, 77, 0}, error = 0;
    DWORD size = sizeof all;
    EXPECT(wsc_WSCEnumProtocols(protocols, all, &size, &error) == 1);
    EXPECT(all[0].dwCatalogEntryId == 1002);
    EXPECT(size == sizeof all[0]);
}

static void enum_protocols_reports_errors(void)
{
    INT error;
    DWORD size = 3 * sizeof all[0] - 1;
    EXPECT_ERROR(wsc_WSCEnumProtocols(NULL, all, &size, &error), WSAENOBUFS);
    EXPECT(size == 3 * sizeof all[0]);
    EXPECT_ERROR(wsc_WSCEnumProtocols(NULL, NULL, &size, &error), WSAEFAULT);
    EXPECT_ERROR(wsc_WSCEnumProtocols(NULL, nowhere, &size, &error), WSAEFAULT);
    EXPECT_ERROR(wsc_WSCEnumProtocols(NULL, all, NULL, &error), WSAEFAULT);
    EXPECT_ERROR(wsc_WSCEnumProtocols(nowhere, all, &size, &error), WSAEFAULT);
    EXPECT(wsc_WSCEnumProtocols(NULL, NULL, &size, NULL) == SOCKET_ERROR);
}

static void provider_path_is_not_expanded(void)
{
    static const wchar_t wanted[] = L"%SystemRoot%\\system32\\mswsock.dll";
    wchar_t path[MAX_PATH];
    INT error = 0, length = MAX_PATH;
    EXPECT(wsc_WSCGetProviderPath(&base_id, path, &length, &error) == 0);
    EXPECT(wcscmp(path, wanted) == 0);
    length = sizeof wanted / sizeof *wanted;
    EXPECT(wsc_WSCGetProviderPath(&base_id, path, &length, &error) == 0);
    length--;
    EXPECT_ERROR(wsc_WSCGetProviderPath(&base_id, path, &length, &error), WSAEFAULT);
    EXPECT(length == sizeof wanted / sizeof *wanted);
    length = MAX_PATH;
    EXPECT_ERROR(wsc_WSCGetProviderPath(&base_id, NULL, &length, &error), WSAEINVAL);
    EXPECT_ERROR(wsc_WSCGetProviderPath(&unknown_id, NULL, &length, &error), WSAEINVAL);
    EXPECT(length == MAX_PATH);
    EXPECT_ERROR(wsc_WSCGetProviderPath(&base_id, path, NULL, &error), WSAEFAULT);
    EXPECT_ERROR(wsc_WSCGetProviderPath(NULL, NULL, NULL, &error), WSAEFAULT);
    EXPECT_ERROR(wsc_WSCGetProviderPath(&unknown_id, path, &length, &error), WSAEINVAL);
    EXPECT_ERROR(wsc_WSCGetProviderPath(NULL, path, &length, &error), WSAEINVAL);
    EXPECT(wsc_WSCGetProviderPath(&unknown_id, path, &length, NULL) == SOCKET_ERROR);
}

static void install_and_deinstall(void)
{
    wchar_t path[MAX_PATH];
    INT error = 0, length = MAX_PATH;
    EXPECT(install(&own_id) == 0);
    EXPECT(HAS_ORDER(1001, 1002, 1003, 1004));
    EXPECT(IsEqualGUID(&all[3].ProviderId, &own_id));
    EXPECT(wcscmp(all[3].szProtocol, L"Own") == 0);
    EXPECT(wsc_WSCGetProviderPath(&own_id, path, &length, &error) == 0 && wcscmp(path, L"%SystemRoot%\\own.dll") == 0);
    EXPECT(install(&own_id) == WSANO_RECOVERY); /* already installed */
    EXPECT(deinstall(&own_id) == 0);
    EXPECT(HAS_ORDER(1001, 1002, 1003));
    EXPECT(deinstall(&own_id) == WSAEINVAL);
    EXPECT(install(&own_id) == 0);
    EXPECT(HAS_ORDER(1001, 1002, 1003, 1005)); /* no id is given twice */
    EXPECT(deinstall(&own_id) == 0);
}

static void install_reports_errors(void)
{
    WSAPROTOCOL_INFOW info = {.ProtocolChain.ChainLen = 1};
    wchar_t path[MAX_PATH + 1];
    INT error;
    wmemset(path, L'p', MAX_PATH);
    path[MAX_PATH] = 0;
    EXPECT_ERROR(wsc_WSCInstallProvider(&own_id, path, &info, 1, &error), WSAEINVAL);
    EXPECT_ERROR(wsc_WSCInstallProvider(&own_id, L"", &info, 1, &error), WSAEINVAL);
    EXPECT_ERROR(wsc_WSCInstallProvider(&own_id, L"a.dll", &info, 0, &error), WSAEINVAL);
    EXPECT_ERROR(wsc_WSCInstallProvider(NULL, L"a.dll", &info, 1, &error), WSAEFAULT);
    EXPECT_ERROR(wsc_WSCInstallProvider(&own_id, nowhere, &info, 1, &error), WSAEFAULT);
    EXPECT_ERROR(wsc_WSCInstallProvider(&own_id, L"a.dll", NULL, 1, &error), WSAEFAULT);
    EXPECT_ERROR(wsc_WSCInstallProvider(&own_id, L"a.dll", nowhere, 1, &error), WSAEFAULT);
    info.ProtocolChain.ChainLen = MAX_PROTOCOL_CHAIN + 1;
    EXPECT_ERROR(wsc_WSCInstallProvider(&own_id, L"a.dll", &info, 1, &error), WSAEINVAL);
    EXPECT_LAST(wsc_WSCInstallProvider(&own_id, L"a.dll", &info, 1, NULL), WSAEFAULT);
    EXPECT_LAST(wsc_WSCDeinstallProvider(&base_id, NULL), WSAEFAULT);
    EXPECT_ERROR(wsc_WSCDeinstallProvider(NULL, &error), WSAEINVAL);
    EXPECT(HAS_ORDER(1001, 1002, 1003));
}

static void update_modifies_a_provider(void)
{
    wchar_t path[MAX_PATH];
    INT error = 0, length = MAX_PATH;
    EXPECT(install(&own_id) == 0);
    EXPECT(list_catalog(BITS) == 4);
    WSAPROTOCOL_INFOW info = all[3];
    info.iAddressFamily = 44;
    EXPECT(wsc_WSCUpdateProvider(&own_id, L"new.dll", &info, 1, &error) == 0);
    EXPECT(list_catalog(BITS) == 4 && all[3].iAddressFamily == 44);
    EXPECT(wsc_WSCGetProviderPath(&own_id, path, &length, &error) == 0 && wcscmp(path, L"new.dll") == 0);
    EXPECT_ERROR(wsc_WSCUpdateProvider(&base_id, L"new.dll", &info, 1, &error), WSAEINVAL);
    EXPECT_ERROR(wsc_WSCUpdateProvider(&unknown_id, L"new.dll", &info, 1, &error), WSAEINVAL);
    EXPECT_ERROR(wsc_WSCUpdateProvider(&own_id, nowhere, &info, 1, &error), WSAEFAULT);
    EXPECT_LAST(wsc_WSCUpdateProvider(&own_id, L"new.dll", &info, 1, NULL), WSAEFAULT);
    EXPECT(deinstall(&own_id) == 0);
}

static void order_has_to_be_a_permutation(void)
{
    DWORD order[] = {1003, 1001, 1002}, twice[] = {1003, 1001, 1001}, back[] = {1001, 1002, 1003};
    EXPECT(wsc_WSCWriteProviderOrder(order, 3) == 0);
    EXPECT(HAS_ORDER(1003, 1001, 1002));
    EXPECT(wsc_WSCWriteProviderOrder(twice, 3) == WSAEINVAL);
    EXPECT(wsc_WSCWriteProviderOrder(order, 2) == WSAEINVAL);
    EXPECT(wsc_WSCWriteProviderOrder(NULL, 3) == WSAEINVAL);
    EXPECT(wsc_WSCWriteProviderOrder(nowhere, 3) == WSAEINVAL);
    EXPECT(HAS_ORDER(1003, 1001, 1002));
    EXPECT(wsc_WSCWriteProviderOrder(back, 3) == 0);
}

static int install_layer(GUID *id, const wchar_t *path, const wchar_t *name, WSAPROTOCOL_INFOW *infos, DWORD count,
                         DWORD *entry, INT *error)
{
#ifdef _WIN64
    return wsc_WSCInstallProviderAndChains64_32(id, (LPWSTR)path, (LPWSTR)L"C:\\layer32.dll", (LPWSTR)name,
                                                XP1_IFS_HANDLES, (LPWSAPROTOCOL_INFO)infos, count, entry, error);
#else
    return wsc_WSCInstallProviderAndChains(id, (LPWSTR)path, (LPWSTR)name, XP1_IFS_HANDLES, (LPWSAPROTOCOL_INFO)infos,
                                           count, entry, error);
#endif
}

static void remove_layer(DWORD own)
{
    for (int bits = BITS; bits >= 32; bits -= 32) {
        GUID ids[20];
        int count = 0, listed = list_catalog(bits);
        for (int i = 0; i < listed; i++) {
            if (all[i].dwCatalogEntryId == own || all[i].ProtocolChain.ChainEntries[0] == own)
                ids[count++] = all[i].ProviderId;
        }
        for (int i = 0; i < count; i++) {
            INT error = 0;
            (void)error;
#ifdef _WIN64
            EXPECT((bits == 32 ? wsc_WSCDeinstallProvider32 : wsc_WSCDeinstallProvider)(&ids[i], &error) == 0);
#else
            EXPECT(wsc_WSCDeinstallProvider(&ids[i], &error) == 0);
#endif
        }
    }
}

static void layer_comes_with_its_chains(void)
{
    WSAPROTOCOL_INFOW infos[2] = {{.iAddressFamily = AF_INET, .iSocketType = SOCK_DGRAM, .iProtocol = IPPROTO_UDP}};
    DWORD own = 0;
    INT error = 0;
    infos[1] = infos[0];
    EXPECT(install_layer(&own_id, L"C:\\layer.dll", L"Layer", infos, 2, &own, &error) == 0);
    for (int bits = BITS; bits >= 32; bits -= 32) {
        EXPECT(list_catalog(bits) == 5);
        EXPECT(all[0].ProtocolChain.ChainLen == 2 && all[0].ProtocolChain.ChainEntries[0] == own &&
               all[0].ProtocolChain.ChainEntries[1] == 1002);
        EXPECT(all[4].dwCatalogEntryId == own && all[4].ProtocolChain.ChainLen == 0);
        EXPECT((all[4].dwProviderFlags & PFL_HIDDEN) != 0 && IsEqualGUID(&all[4].ProviderId, &own_id));
        EXPECT(all[4].dwServiceFlags1 == XP1_IFS_HANDLES && wcscmp(all[4].szProtocol, L"Layer") == 0);
    }
    remove_layer(own);
    EXPECT(install_layer(&own_id, L"C:\\layer.dll", L"Layer", NULL, 0, &own, &error) == 0);
    EXPECT(list_catalog(BITS) == 6); /* TCP and UDP, not the hidden RAW */
    remove_layer(own);
    EXPECT(HAS_ORDER(1001, 1002, 1003));
}

static void layer_is_refused(void)
{
    WSAPROTOCOL_INFOW info = {.iAddressFamily = AF_INET, .iSocketType = SOCK_STREAM, .iProtocol = IPPROTO_TCP};
    WSAPROTOCOL_INFOW strange = {.iAddressFamily = 99};
    wchar_t text[MAX_PATH + 1];
    INT error;
    wmemset(text, L'n', MAX_PATH);
    text[MAX_PATH] = 0;
    EXPECT_ERROR(install_layer(NULL, L"l.dll", L"L", &info, 1, NULL, &error), WSAEINVAL);
    EXPECT_ERROR(install_layer(nowhere, L"l.dll", L"L", &info, 1, NULL, &error), WSAEFAULT);
    EXPECT_ERROR(install_layer(&own_id, NULL, L"L", &info, 1, NULL, &error), WSAEINVAL);
    EXPECT_ERROR(install_layer(&own_id, text, L"L", &info, 1, NULL, &error), WSAEINVAL);
    EXPECT_ERROR(install_layer(&own_id, nowhere, L"L", &info, 1, NULL, &error), WSAEFAULT);
    EXPECT_ERROR(install_layer(&own_id, L"l.dll", NULL, &info, 1, NULL, &error), WSAEINVAL);
    text[WSAPROTOCOL_LEN + 1] = 0;
    EXPECT_ERROR(install_layer(&own_id, L"l.dll", text, &info, 1, NULL, &error), WSAEINVAL);
    EXPECT_ERROR(install_layer(&own_id, L"l.dll", L"L", &info, 0, NULL, &error), WSAEINVAL);
    EXPECT_ERROR(install_layer(&own_id, L"l.dll", L"L", nowhere, 1, NULL, &error), WSAEFAULT);
    EXPECT_ERROR(install_layer(&own_id, L"l.dll", L"L", &info, 1, nowhere, &error), WSAEFAULT);
    EXPECT_ERROR(install_layer(&base_id, L"l.dll", L"L", &info, 1, NULL, &error), WSAEINVAL);
    EXPECT_ERROR(install_layer(&own_id, L"l.dll", L"TCP", &info, 1, NULL, &error), WSAEINVAL);
    EXPECT_ERROR(install_layer(&own_id, L"l.dll", L"L", &strange, 1, NULL, &error), WSAEINVAL);
    EXPECT_LAST(install_layer(&own_id, L"l.dll", L"L", &info, 1, NULL, NULL), WSAEFAULT);
    EXPECT(HAS_ORDER(1001, 1002, 1003));
}

static void chains_have_an_end(void)
{
    WSAPROTOCOL_INFOW info = {.iAddressFamily = AF_INET, .iSocketType = SOCK_STREAM, .iProtocol = IPPROTO_TCP};
    DWORD own[MAX_PROTOCOL_CHAIN - 1];
    INT error = 0;
    for (unsigned i = 0; i < MAX_PROTOCOL_CHAIN - 1; i++) {
        wchar_t name[] = {L'L', (wchar_t)(L'0' + i), 0};
        GUID id = id_of(i);
        EXPECT(install_layer(&id, L"l.dll", name, &info, 1, &own[i], &error) == 0);
    }
    EXPECT_ERROR(install_layer(&own_id, L"l.dll", L"One more", &info, 1, NULL, &error), WSANO_RECOVERY);
    for (unsigned i = MAX_PROTOCOL_CHAIN - 1; i-- > 0;)
        remove_layer(own[i]);
    EXPECT(HAS_ORDER(1001, 1002, 1003));
}

static void categories_of_layers(void)
{
    WSAPROTOCOL_INFOW info = {.iAddressFamily = AF_INET, .iSocketType = SOCK_STREAM, .iProtocol = IPPROTO_TCP};
    DWORD own, value = LSP_FIREWALL | LSP_SYSTEM, got = 99;
    BYTE *bytes = (BYTE *)&value;
    size_t size = 0;
    INT error = 0;
    EXPECT(install_layer(&own_id, L"l.dll", L"Layer", &info, 1, &own, &error) == 0);
    EXPECT_ERROR(wsc_WSCGetProviderInfo(&own_id, ProviderInfoLspCategories, NULL, &size, 0, &error), WSAEFAULT);
    EXPECT(size == sizeof(DWORD));
    EXPECT(wsc_WSCGetProviderInfo(&own_id, ProviderInfoLspCategories, (BYTE *)&got, &size, 0, &error) == 0 && got == 0);
    EXPECT(wsc_WSCSetProviderInfo(&own_id, ProviderInfoLspCategories, bytes, sizeof value, 0, &error) == 0);
    EXPECT(wsc_WSCGetProviderInfo(&own_id, ProviderInfoLspCategories, (BYTE *)&got, &size, 0, &error) == 0);
    EXPECT(got == value);
    size = 3;
    EXPECT_ERROR(wsc_WSCGetProviderInfo(&own_id, ProviderInfoLspCategories, bytes, &size, 0, &error), WSAEFAULT);
    EXPECT(size == sizeof(DWORD));
    EXPECT_ERROR(wsc_WSCGetProviderInfo(&base_id, ProviderInfoLspCategories, bytes, &size, 0, &error),
                 WSAEINVALIDPROVIDER);
    /* A provider that is not there goes before whatever else is wrong. */
    EXPECT_ERROR(wsc_WSCGetProviderInfo(&unknown_id, ProviderInfoLspCategories, bytes, &size, 0, &error),
                 WSANO_RECOVERY);
    EXPECT_ERROR(wsc_WSCGetProviderInfo(&unknown_id, ProviderInfoAudit, bytes, &size, 0, &error), WSANO_RECOVERY);
    EXPECT_ERROR(wsc_WSCGetProviderInfo(&unknown_id, (WSC_PROVIDER_INFO_TYPE)-1, bytes, &size, 0, &error),
                 WSANO_RECOVERY);
    EXPECT_ERROR(wsc_WSCGetProviderInfo(&unknown_id, ProviderInfoLspCategories, NULL, &size, 0, &error),
                 WSANO_RECOVERY);
    EXPECT_ERROR(wsc_WSCGetProviderInfo(&unknown_id, ProviderInfoLspCategories, bytes, NULL, 0, &error),
                 WSANO_RECOVERY);
    EXPECT_ERROR(wsc_WSCGetProviderInfo(NULL, ProviderInfoLspCategories, bytes, &size, 0, &error), WSAEFAULT);
    EXPECT_ERROR(wsc_WSCGetProviderInfo(&own_id, ProviderInfoAudit, bytes, &size, 0, &error),
                 ERROR_CALL_NOT_IMPLEMENTED);
    EXPECT_ERROR(wsc_WSCGetProviderInfo(&own_id, ProviderInfoLspCategories, bytes, NULL, 0, &error), WSAEFAULT);
    EXPECT_ERROR(wsc_WSCSetProviderInfo(&own_id, ProviderInfoAudit, bytes, 4, 0, &error), ERROR_CALL_NOT_IMPLEMENTED);
    EXPECT_ERROR(wsc_WSCSetProviderInfo(&own_id, (WSC_PROVIDER_INFO_TYPE)7, bytes, 4, 0, &error), WSAEINVAL);
    EXPECT_ERROR(wsc_WSCSetProviderInfo(&own_id, ProviderInfoLspCategories, bytes, 3, 0, &error), WSAEINVAL);
    EXPECT_ERROR(wsc_WSCSetProviderInfo(&own_id, ProviderInfoLspCategories, NULL, 4, 0, &error), WSAEFAULT);
    EXPECT_ERROR(wsc_WSCSetProviderInfo(&unknown_id, ProviderInfoLspCategories, bytes, 4, 0, &error), WSAEINVAL);
    EXPECT_LAST(wsc_WSCSetProviderInfo(&own_id, ProviderInfoLspCategories, bytes, 4, 0, NULL), WSAEFAULT);
    remove_layer(own);
}

static int permit(const wchar_t *path, const wchar_t *extra, DWORD categories, DWORD *previous, INT *error)
{
    return wsc_WSCSetApplicationCategory(path, (DWORD)wcslen(path), extra, extra == NULL ? 0 : (DWORD)wcslen(extra),
                                         categories, previous, error);
}

static void categories_of_applications(void)
{
    static const wchar_t path[] = L"%SystemRoot%\\system32\\some.exe";
    wchar_t expanded[MAX_PATH];
    DWORD previous = 99, got = 99, length = sizeof path / sizeof *path - 1;
    INT error = 0;
    ExpandEnvironmentStringsW(path, expanded, MAX_PATH);
    EXPECT_ERROR(wsc_WSCGetApplicationCategory(path, length, NULL, 0, &got, &error), WSASERVICE_NOT_FOUND);
    EXPECT(permit(path, NULL, LSP_SYSTEM, &previous, &error) == 0 && previous == 0);
    EXPECT(permit(expanded, NULL, LSP_REDIRECTOR, &previous, &error) == 0 && previous == LSP_SYSTEM);
    EXPECT(permit(path, L"-k net", LSP_PROXY, NULL, &error) == 0);
    EXPECT(wsc_WSCGetApplicationCategory(path, length, NULL, 0, &got, &error) == 0);
    EXPECT(got == (LSP_SYSTEM | LSP_REDIRECTOR));
    EXPECT(wsc_WSCGetApplicationCategory(path, length, L"-k network", 6, &got, &error) == 0 && got == LSP_PROXY);
    EXPECT_ERROR(wsc_WSCGetApplicationCategory(path, length, L"-k network", 10, &got, &error), WSASERVICE_NOT_FOUND);
    EXPECT_ERROR(wsc_WSCGetApplicationCategory(path, length, NULL, 0, nowhere, &error), WSAEFAULT);
    EXPECT_ERROR(wsc_WSCGetApplicationCategory(NULL, length, NULL, 0, &got, &error), WSAEFAULT);
    EXPECT_ERROR(wsc_WSCSetApplicationCategory(path, 0, NULL, 0, 1, NULL, &error), WSAEINVAL);
    EXPECT_ERROR(wsc_WSCSetApplicationCategory(nowhere, 5, NULL, 0, 1, NULL, &error), WSAEFAULT);
    EXPECT_ERROR(wsc_WSCSetApplicationCategory(path, length, nowhere, 5, 1, NULL, &error), WSAEFAULT);
    EXPECT_ERROR(wsc_WSCSetApplicationCategory(path, length, NULL, 0, 1, nowhere, &error), WSAEFAULT);
    EXPECT_LAST(wsc_WSCSetApplicationCategory(path, length, NULL, 0, 1, NULL, NULL), WSAEFAULT);
    EXPECT_LAST(wsc_WSCGetApplicationCategory(path, length, NULL, 0, &got, NULL), WSAEFAULT);
}

static void name_spaces_come_change_and_go(void)
{
    union {
        WSANAMESPACE_INFOEXW list[2];
        char bytes[4096];
    } buffer;
    GUID one = id_of(1), two = id_of(2), order[2] = {two, one};
    BLOB blob = {3, (BYTE *)"abc"};
    DWORD size = sizeof buffer;
    EXPECT(wsc_WSCInstallNameSpace((LPWSTR)L"One", (LPWSTR)L"%SystemRoot%\\ns.dll", NS_DNS, 3, &one) == 0);
    EXPECT(wsc_WSCInstallNameSpaceEx((LPWSTR)L"Two", (LPWSTR)L"ns.dll", NS_NLA, 0, &two, &blob) == 0);
    EXPECT(wsc_WSCWriteNameSpaceOrder(order, 2) == 0);
    EXPECT(wsc_WSCEnableNSProvider(&one, FALSE) == 0);
    EXPECT(wsc_WSAEnumNameSpaceProvidersExW(&size, buffer.list) == 2);
    EXPECT(IsEqualGUID(&buffer.list[0].NSProviderId, &two) && wcscmp(buffer.list[0].lpszIdentifier, L"Two") == 0);
    EXPECT(buffer.list[0].fActive == TRUE && buffer.list[0].dwNameSpace == NS_NLA);
    EXPECT(buffer.list[0].ProviderSpecific.cbSize == 3 &&
           memcmp(buffer.list[0].ProviderSpecific.pBlobData, "abc", 3) == 0);
    EXPECT(buffer.list[1].fActive == FALSE && buffer.list[1].dwVersion == 3);
    EXPECT(buffer.list[1].ProviderSpecific.cbSize == 0 && buffer.list[1].ProviderSpecific.pBlobData == NULL);
    WSANAMESPACE_INFOA *ansi = (void *)&buffer;
    size = sizeof buffer;
    EXPECT(wsc_WSAEnumNameSpaceProvidersA(&size, ansi) == 2 && strcmp(ansi[1].lpszIdentifier, "One") == 0);
    WSANAMESPACE_INFOW *wide = (void *)&buffer;
    size = sizeof buffer;
    EXPECT(wsc_WSAEnumNameSpaceProvidersW(&size, wide) == 2 && wcscmp(wide[1].lpszIdentifier, L"One") == 0);
    WSANAMESPACE_INFOEXA *ansi_ex = (void *)&buffer;
    size = sizeof buffer;
    EXPECT(wsc_WSAEnumNameSpaceProvidersExA(&size, ansi_ex) == 2 && strcmp(ansi_ex[0].lpszIdentifier, "Two") == 0);
    EXPECT(wsc_WSCUnInstallNameSpace(&one) == 0 && wsc_WSCUnInstallNameSpace(&two) == 0);
    size = sizeof buffer;
    EXPECT(wsc_WSAEnumNameSpaceProvidersW(&size, wide) == 0);
}

static void name_space_functions_report_errors(void)
{
    char buffer[1024];
    wchar_t path[MAX_PATH + 1];
    GUID one = id_of(1), order[1] = {one}, twice[2] = {one, one};
    BLOB blob = {3, nowhere};
    DWORD size = 0, needed;
    wmemset(path, L'p', MAX_PATH);
    path[MAX_PATH] = 0;
    EXPECT_LAST(wsc_WSCInstallNameSpace((LPWSTR)L"One", path, NS_DNS, 3, &one), WSAEINVAL);
    EXPECT_LAST(wsc_WSCInstallNameSpace(NULL, (LPWSTR)L"ns.dll", NS_DNS, 3, &one), WSAEINVAL);
    EXPECT_LAST(wsc_WSCInstallNameSpace((LPWSTR)L"One", nowhere, NS_DNS, 3, &one), WSAEINVAL);
    EXPECT_LAST(wsc_WSCInstallNameSpace((LPWSTR)L"One", (LPWSTR)L"ns.dll", NS_DNS, 3, NULL), WSAEINVAL);
    EXPECT_LAST(wsc_WSCInstallNameSpaceEx((LPWSTR)L"One", (LPWSTR)L"ns.dll", NS_DNS, 3, &one, &blob), WSAEINVAL);
    EXPECT(wsc_WSCInstallNameSpace((LPWSTR)L"One", (LPWSTR)L"ns.dll", NS_DNS, 3, &one) == 0);
    EXPECT_LAST(wsc_WSCInstallNameSpace((LPWSTR)L"One", (LPWSTR)L"ns.dll", NS_DNS, 3, &one), WSANO_RECOVERY);
    EXPECT(wsc_WSCWriteNameSpaceOrder(twice, 2) == WSAEINVAL);
    EXPECT(wsc_WSCWriteNameSpaceOrder(order, 0) == WSAEINVAL);
    EXPECT(wsc_WSCWriteNameSpaceOrder(NULL, 1) == WSAEFAULT);
    EXPECT(wsc_WSCWriteNameSpaceOrder(nowhere, 1) == WSAEFAULT);
    EXPECT_LAST(wsc_WSCEnableNSProvider(&unknown_id, TRUE), WSAEINVAL);
    EXPECT_LAST(wsc_WSCEnableNSProvider(NULL, TRUE), WSAEFAULT);
    EXPECT_LAST(wsc_WSCUnInstallNameSpace(&unknown_id), WSAEINVAL);
    EXPECT_LAST(wsc_WSCUnInstallNameSpace(nowhere), WSAEFAULT);
    EXPECT_LAST(wsc_WSAEnumNameSpaceProvidersW(&size, (void *)buffer), WSAEFAULT);
    EXPECT(size > sizeof(WSANAMESPACE_INFOW) && size <= sizeof buffer);
    needed = size;
    EXPECT(wsc_WSAEnumNameSpaceProvidersW(&size, (void *)buffer) == 1);
    size = needed - 1;
    EXPECT_LAST(wsc_WSAEnumNameSpaceProvidersW(&size, (void *)buffer), WSAEFAULT);
    EXPECT(size == needed);
    EXPECT_LAST(wsc_WSAEnumNameSpaceProvidersW(&size, NULL), WSAEFAULT);
    EXPECT_LAST(wsc_WSAEnumNameSpaceProvidersW(NULL, (void *)buffer), WSAEFAULT);
    started = false;
    EXPECT_LAST(wsc_WSAEnumNameSpaceProvidersW(&size, (void *)buffer), WSANOTINITIALISED);
    started = true;
    EXPECT(wsc_WSCUnInstallNameSpace(&one) == 0);
}

#ifdef _WIN64
static void catalog32_is_another(void)
{
    WSAPROTOCOL_INFOW info = {.ProtocolChain.ChainLen = 1};
    DWORD order[] = {1002, 1001, 1003}, back[] = {1001, 1002, 1003}, size = sizeof all;
    wchar_t path[MAX_PATH];
    INT error = 0, length = MAX_PATH;
    EXPECT(wsc_WSCWriteProviderOrder32(order, 3) == 0);
    EXPECT(list_catalog(32) == 3 && all[0].dwCatalogEntryId == 1002);
    EXPECT(HAS_ORDER(1001, 1002, 1003));
    EXPECT(wsc_WSCWriteProviderOrder32(back, 3) == 0);
    EXPECT(wsc_WSCInstallProvider64_32(&own_id, L"%windir%\\own.dll", &info, 1, &error) == 0);
    EXPECT(list_catalog(32) == 4 && list_catalog(64) == 4);
    info = all[3];
    info.iAddressFamily = 45;
    EXPECT(wsc_WSCUpdateProvider32(&own_id, L"own32.dll", &info, 1, &error) == 0);
    EXPECT(wsc_WSCGetProviderPath32(&own_id, path, &length, &error) == 0 && wcscmp(path, L"own32.dll") == 0);
    length = MAX_PATH;
    EXPECT(wsc_WSCGetProviderPath(&own_id, path, &length, &error) == 0 && wcscmp(path, L"%windir%\\own.dll") == 0);
    EXPECT(wsc_WSCEnumProtocols32(NULL, all, &size, &error) == 4 && all[3].iAddressFamily == 45);
    EXPECT(wsc_WSCDeinstallProvider32(&own_id, &error) == 0);
    EXPECT_ERROR(wsc_WSCDeinstallProvider32(&own_id, &error), WSAEINVAL);
    EXPECT(list_catalog(32) == 3 && list_catalog(64) == 4);
    EXPECT(deinstall(&own_id) == 0);
}

static void name_spaces32_are_others(void)
{
    WSANAMESPACE_INFOEXW list[8];
    GUID one = id_of(1);
    DWORD size = sizeof list;
    EXPECT(wsc_WSCInstallNameSpace32((LPWSTR)L"One", (LPWSTR)L"ns.dll", NS_DNS, 3, &one) == 0);
    EXPECT(wsc_WSCEnumNameSpaceProvidersEx32(&size, list) == 1);
    size = sizeof list;
    EXPECT(wsc_WSCEnumNameSpaceProviders32(&size, (void *)list) == 1);
    size = sizeof list;
    EXPECT(wsc_WSAEnumNameSpaceProvidersExW(&size, list) == 0);
    EXPECT(wsc_WSCEnableNSProvider32(&one, FALSE) == 0);
    EXPECT(wsc_WSCWriteNameSpaceOrder32(&one, 1) == 0);
    EXPECT_LAST(wsc_WSCUnInstallNameSpace(&one), WSAEINVAL);
    EXPECT(wsc_WSCUnInstallNameSpace32(&one) == 0);
    EXPECT(wsc_WSCInstallNameSpaceEx32((LPWSTR)L"One", (LPWSTR)L"ns.dll", NS_DNS, 3, &one, NULL) == 0);
    EXPECT(wsc_WSCUnInstallNameSpace32(&one) == 0);
}

static void one_path_for_both_has_to_be_in_the_system_folder(void)
{
    static const wchar_t *const wrong[] = {L"C:\\layer.dll",
                                           L"layer.dll",
                                           L"%windir%\\system32\\sub\\layer.dll",
                                           L"%windir%\\system32",
                                           L"%windir%\\system32x\\layer.dll",
                                           L"%windir%\\system32layer.dll"};
    DWORD own = 0;
    INT error;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        EXPECT_ERROR(wsc_WSCInstallProviderAndChains64_32(&own_id, (LPWSTR)wrong[i], NULL, (LPWSTR)L"L", 0, NULL, 0,
                                                          &own, &error),
                     WSAEINVAL);
    EXPECT(wsc_WSCInstallProviderAndChains64_32(&own_id, (LPWSTR)L"%windir%\\system32\\layer.dll", NULL, (LPWSTR)L"L",
                                                0, NULL, 0, &own, &error) == 0);
    EXPECT(list_catalog(32) == 6 && (all[0].dwServiceFlags1 & XP1_IFS_HANDLES) == 0);
    remove_layer(own);
}
#endif

/* Snapshots and the store ------------------------------------------------------------------------------------------ */

static void readers_keep_what_they_have(void)
{
    EXPECT(install(&own_id) == 0);
    const struct wsplsp_snapshot *before = private_catalog_acquire();
    EXPECT(deinstall(&own_id) == 0);
    const struct wsplsp_snapshot *after = private_catalog_acquire();
    EXPECT(private_catalog_own(before)->entry_count == 4);
    EXPECT_TEXT(private_catalog_own(before)->entries[3].name, "Own");
    EXPECT(private_catalog_own(after)->entry_count == 3);
    private_catalog_release(before);
    private_catalog_release(after);
}

static volatile LONG stop_readers, torn;

static DWORD WINAPI read_often(void *unused)
{
    (void)unused;
    while (!stop_readers) {
        const struct wsplsp_snapshot *snapshot = private_catalog_acquire();
        size_t count = private_catalog_own(snapshot)->entry_count;
        if (count != 3 && count != 4)
            InterlockedIncrement(&torn);
        private_catalog_release(snapshot);
    }
    return 0;
}

static void readers_and_writers_at_once(void)
{
    HANDLE threads[4];
    stop_readers = 0;
    for (int i = 0; i < 4; i++)
        threads[i] = CreateThread(NULL, 0, read_often, NULL, 0, NULL);
    for (int i = 0; i < 20; i++) {
        EXPECT(install(&own_id) == 0);
        EXPECT(deinstall(&own_id) == 0);
    }
    stop_readers = 1;
    WaitForMultipleObjects(4, threads, TRUE, INFINITE);
    for (int i = 0; i < 4; i++)
        CloseHandle(threads[i]);
    EXPECT(torn == 0);
}

/* Starts this program with these arguments. */
static HANDLE start_child(const wchar_t *arguments)
{
    wchar_t program[MAX_PATH], line[3 * MAX_PATH];
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process = {0};
    GetModuleFileNameW(NULL, program, MAX_PATH);
    _snwprintf(line, 3 * MAX_PATH, L"\"%ls\" %ls", program, arguments);
    if (!CreateProcessW(program, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process))
        return NULL;
    CloseHandle(process.hThread);
    return process.hProcess;
}

static DWORD end_of(HANDLE process)
{
    DWORD code = 999;
    WaitForSingleObject(process, INFINITE);
    GetExitCodeProcess(process, &code);
    CloseHandle(process);
    return code;
}

static void two_processes_change_it_at_once(void)
{
    enum { EACH = 20 };
    wchar_t first[2 * MAX_PATH], second[2 * MAX_PATH];
    bool found[2 * EACH] = {false}, distinct = true;
    _snwprintf(first, 2 * MAX_PATH, L"install \"%ls\" 0 %d", file, EACH);
    _snwprintf(second, 2 * MAX_PATH, L"install \"%ls\\.\\CATALOG.REG\" %d %d", folder, EACH, EACH);
    HANDLE one = start_child(first), two = start_child(second);
    EXPECT(one != NULL && two != NULL);
    EXPECT(end_of(one) == 0);
    EXPECT(end_of(two) == 0);
    int count = list_catalog(BITS);
    EXPECT(count == 3 + 2 * EACH);
    for (int i = 3; i < count; i++) {
        unsigned long number = all[i].ProviderId.Data1 - 0x10000;
        if (number < 2 * EACH)
            found[number] = true;
        for (int j = 0; j < i; j++)
            distinct = distinct && all[j].dwCatalogEntryId != all[i].dwCatalogEntryId;
    }
    for (int i = 0; i < 2 * EACH; i++)
        EXPECT(found[i]);
    EXPECT(distinct);
    fresh_file();
    EXPECT(HAS_ORDER(1001, 1002, 1003));
}

/* `fails` says what install is to give; the file and what this process sees have to stay. */
static void expect_save(int fails)
{
    size_t before_size, after_size;
    void *before = read_whole(file, &before_size);
    EXPECT(install(&own_id) == fails);
    void *after = read_whole(file, &after_size);
    EXPECT(before_size == after_size && memcmp(before, after, before_size) == 0);
    EXPECT(HAS_ORDER(1001, 1002, 1003));
    free(before);
    free(after);
}

static void locked_file_stays_as_it_is(void)
{
    HANDLE locked = CreateFileW(file, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    EXPECT(locked != INVALID_HANDLE_VALUE);
    expect_save(WSANO_RECOVERY);
    CloseHandle(locked);
    EXPECT(GetFileAttributesW(new_file) == INVALID_FILE_ATTRIBUTES);
    EXPECT(install(&own_id) == 0);
    EXPECT(deinstall(&own_id) == 0);
}

/* What a read-only folder amounts to, also for an administrator: the new file cannot be made. */
static void file_stays_where_no_new_one_can_be_made(void)
{
    EXPECT(CreateDirectoryW(new_file, NULL));
    expect_save(WSANO_RECOVERY);
    EXPECT(RemoveDirectoryW(new_file));
}

static void read_only_file_stays_as_it_is(void)
{
    GUID one = id_of(1);
    EXPECT(SetFileAttributesW(file, FILE_ATTRIBUTE_READONLY));
    expect_save(WSANO_RECOVERY);
    EXPECT_LAST(wsc_WSCInstallNameSpace((LPWSTR)L"One", (LPWSTR)L"ns.dll", NS_DNS, 3, &one),
                WSAEACCES); /* "does not have sufficient privileges" */
    EXPECT(SetFileAttributesW(file, FILE_ATTRIBUTE_NORMAL));
}

static void leftovers_of_a_crash_do_no_harm(void)
{
    EXPECT(write_file(new_file, "half", 4));
    EXPECT(install(&own_id) == 0);
    EXPECT(GetFileAttributesW(new_file) == INVALID_FILE_ATTRIBUTES);
    EXPECT(deinstall(&own_id) == 0);
}

static void damaged_file_is_not_overwritten(void)
{
    EXPECT(write_file(file, "no catalog", 10));
    EXPECT(install(&own_id) == WSANO_RECOVERY);
    EXPECT(list_catalog(BITS) == 3); /* the one that was read last */
    fresh_file();
    EXPECT(install(&own_id) == 0);
    EXPECT(deinstall(&own_id) == 0);
}

static void file_with_other_keys_is_not_overwritten(void)
{
    static const wchar_t other[] = L"\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Mine]\r\n\"a\"=\"b\"\r\n";
    size_t size;
    char *text = make_text(&size);
    char *longer = calloc(1, size + sizeof other);
    memcpy(longer, text, size);
    memcpy(longer + size, other, sizeof other - 2);
    EXPECT(write_file(file, longer, size + sizeof other - 2));
    free(text);
    free(longer);
    expect_save(WSANO_RECOVERY);
    fresh_file();
}

/* Notifications ---------------------------------------------------------------------------------------------------- */

static int routine_calls;

static void CALLBACK routine(DWORD error, DWORD bytes, WSAOVERLAPPED *overlapped, DWORD flags)
{
    (void)flags;
    if (error == 0 && bytes == 0 && overlapped->Internal == 0)
        routine_calls++;
}

static void change_is_notified_by_event(void)
{
    HANDLE notification = NULL;
    WSAOVERLAPPED overlapped = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    EXPECT(wsc_WSAProviderConfigChange(&notification, &overlapped, NULL) == 0 && notification != NULL);
    EXPECT_LAST(wsc_WSAProviderConfigChange(&notification, &overlapped, NULL), WSA_IO_PENDING);
    EXPECT(WaitForSingleObject(overlapped.hEvent, 300) == WAIT_TIMEOUT);
    EXPECT(install(&own_id) == 0);
    EXPECT(WaitForSingleObject(overlapped.hEvent, 10000) == WAIT_OBJECT_0);
    EXPECT(overlapped.Internal == 0);
    /* From now on, not from then. */
    EXPECT_LAST(wsc_WSAProviderConfigChange(&notification, &overlapped, NULL), WSA_IO_PENDING);
    EXPECT(WaitForSingleObject(overlapped.hEvent, 300) == WAIT_TIMEOUT);
    EXPECT(deinstall(&own_id) == 0);
    EXPECT(WaitForSingleObject(overlapped.hEvent, 10000) == WAIT_OBJECT_0);
    EXPECT(CloseHandle(notification));
    CloseHandle(overlapped.hEvent);
}

static void change_of_another_process_is_notified(void)
{
    wchar_t arguments[2 * MAX_PATH];
    HANDLE notification = NULL;
    WSAOVERLAPPED overlapped = {0};
    _snwprintf(arguments, 2 * MAX_PATH, L"install \"%ls\" 7 1", file);
    EXPECT(wsc_WSAProviderConfigChange(&notification, NULL, NULL) == 0);
    EXPECT_LAST(wsc_WSAProviderConfigChange(&notification, &overlapped, routine), WSA_IO_PENDING);
    HANDLE child = start_child(arguments);
    routine_calls = 0;
    EXPECT(SleepEx(30000, TRUE) == WAIT_IO_COMPLETION);
    EXPECT(routine_calls == 1);
    /* What a program that has been told looks at next is up to date. */
    const struct wsplsp_snapshot *snapshot = private_catalog_acquire();
    EXPECT(private_catalog_own(snapshot)->entry_count == 4);
    private_catalog_release(snapshot);
    EXPECT(end_of(child) == 0);
    GUID id = id_of(7);
    EXPECT(deinstall(&id) == 0);
    EXPECT(CloseHandle(notification));
}

static DWORD WINAPI wait_for_change(void *notification)
{
    return (DWORD)wsc_WSAProviderConfigChange(notification, NULL, NULL);
}

static void blocking_call_waits_for_a_change(void)
{
    HANDLE notification = NULL;
    DWORD result = 99;
    EXPECT(wsc_WSAProviderConfigChange(&notification, NULL, NULL) == 0);
    HANDLE thread = CreateThread(NULL, 0, wait_for_change, &notification, 0, NULL);
    EXPECT(WaitForSingleObject(thread, 300) == WAIT_TIMEOUT);
    /* Several changes: nothing says when the thread has come as far as to wait. */
    for (int i = 0; i < 50 && WaitForSingleObject(thread, 100) == WAIT_TIMEOUT; i++) {
        EXPECT(install(&own_id) == 0);
        EXPECT(deinstall(&own_id) == 0);
    }
    EXPECT(GetExitCodeThread(thread, &result) && result == 0);
    CloseHandle(thread);
    EXPECT(CloseHandle(notification));
}

static void notification_needs_its_handle(void)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL), closed = (HANDLE)(ULONG_PTR)0x7ffc, none = NULL;
    WSAOVERLAPPED overlapped = {0};
    EXPECT_LAST(wsc_WSAProviderConfigChange(&event, &overlapped, NULL), WSA_INVALID_HANDLE);
    EXPECT_LAST(wsc_WSAProviderConfigChange(&closed, &overlapped, NULL), WSA_INVALID_HANDLE);
    started = false;
    EXPECT_LAST(wsc_WSAProviderConfigChange(&none, NULL, NULL), WSANOTINITIALISED);
    started = true;
    CloseHandle(event);
}

static void run_in_memory(void)
{
    HANDLE child = start_child(L"memory");
    EXPECT(child != NULL && end_of(child) == 0);
}

static void every_function_is_redirected(void)
{
    size_t ws2 = 0, sporder = 0;
    for (size_t i = 0; i < wsc_export_count; i++) {
        ws2 += strcmp(wsc_exports[i].module, "ws2_32.dll") == 0;
        sporder += strcmp(wsc_exports[i].module, "sporder.dll") == 0;
        EXPECT(wsc_exports[i].replacement != NULL);
    }
    EXPECT(ws2 == (BITS == 64 ? 36 : 21));
    EXPECT(sporder == (BITS == 64 ? 4 : 2));
}

/* The other processes ------------------------------------------------------------------------------------------------
 */

static int child_install(const char *path, int first, int count)
{
    if (MultiByteToWideChar(CP_ACP, 0, path, -1, file, MAX_PATH + 32) == 0 || !attach(true))
        return 10;
    for (int i = first; i < first + count; i++) {
        GUID id = id_of((unsigned long)i);
        if (install(&id) != 0)
            return 11;
    }
    return 0;
}

/* The same interface over a run in memory. Exits with the number of the step that went wrong. */
static int child_memory(void)
{
    WSAOVERLAPPED overlapped = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    HANDLE notification = NULL;
    if (!attach(false))
        return 20;
    if (!HAS_ORDER(1001, 1002, 1003))
        return 21;
    LONG generation = config_generation();
    if (wsc_WSAProviderConfigChange(&notification, NULL, NULL) != 0 ||
        wsc_WSAProviderConfigChange(&notification, &overlapped, NULL) != SOCKET_ERROR ||
        WSAGetLastError() != WSA_IO_PENDING)
        return 22;
    if (WaitForSingleObject(overlapped.hEvent, 300) != WAIT_TIMEOUT)
        return 29; /* nothing has changed yet */
    if (install(&own_id) != 0 || !HAS_ORDER(1001, 1002, 1003, 1004))
        return 23;
    if (WaitForSingleObject(overlapped.hEvent, 10000) != WAIT_OBJECT_0)
        return 24;
    if (config_generation() == generation)
        return 25; /* the other processes would not see it */
    if (deinstall(&own_id) != 0 || !HAS_ORDER(1001, 1002, 1003))
        return 26;
    /* Another process of the run writes to the section. */
    struct wsplsp_error error;
    size_t size;
    void *text = make_text(&size);
    ((char *)text)[size - 2] = '\n';
    if (install(&own_id) != 0 || config_catalog_write(text, size, &error) != WSPLSP_OK)
        return 27;
    return HAS_ORDER(1001, 1002, 1003) ? 0 : 28;
}

static void make_folder(void)
{
    wchar_t temporary[MAX_PATH];
    SYSTEM_INFO info;
    GetTempPathW(MAX_PATH - 40, temporary);
    _snwprintf(folder, MAX_PATH, L"%lswsplsp-test-wsc-%lu", temporary, (unsigned long)GetCurrentProcessId());
    CreateDirectoryW(folder, NULL);
    _snwprintf(file, MAX_PATH + 32, L"%ls\\catalog.reg", folder);
    _snwprintf(new_file, MAX_PATH + 64, L"%ls.wsplsp-new", file);
    fresh_file();
    GetSystemInfo(&info);
    nowhere = VirtualAlloc(NULL, info.dwPageSize, MEM_RESERVE, PAGE_NOACCESS);
}

static void run_all(void)
{
    RUN(every_function_is_redirected);
    RUN(enum_protocols_lists_hidden_entries_too);
    RUN(enum_protocols_filters);
    RUN(enum_protocols_reports_errors);
    RUN(provider_path_is_not_expanded);
    RUN(install_and_deinstall);
    RUN(install_reports_errors);
    RUN(update_modifies_a_provider);
    RUN(order_has_to_be_a_permutation);
    RUN(layer_comes_with_its_chains);
    RUN(layer_is_refused);
    RUN(chains_have_an_end);
    RUN(categories_of_layers);
    RUN(categories_of_applications);
    RUN(name_spaces_come_change_and_go);
    RUN(name_space_functions_report_errors);
#ifdef _WIN64
    RUN(catalog32_is_another);
    RUN(name_spaces32_are_others);
    RUN(one_path_for_both_has_to_be_in_the_system_folder);
#endif
    RUN(readers_keep_what_they_have);
    RUN(readers_and_writers_at_once);
    fresh_file();
    RUN(two_processes_change_it_at_once);
    RUN(locked_file_stays_as_it_is);
    RUN(file_stays_where_no_new_one_can_be_made);
    RUN(read_only_file_stays_as_it_is);
    RUN(leftovers_of_a_crash_do_no_harm);
    RUN(damaged_file_is_not_overwritten);
    RUN(file_with_other_keys_is_not_overwritten);
    RUN(change_is_notified_by_event);
    RUN(change_of_another_process_is_notified);
    RUN(blocking_call_waits_for_a_change);
    RUN(notification_needs_its_handle);
    RUN(run_in_memory);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc == 5 && strcmp(argv[1], "install") == 0)
        return child_install(argv[2], atoi(argv[3]), atoi(argv[4]));
    if (argc == 2 && strcmp(argv[1], "memory") == 0)
        return child_memory();
    make_folder();
    if (!attach(true)) {
        printf("Bail out! the catalog cannot be loaded\n");
        return 1;
    }
    run_all();
    DeleteFileW(file);
    RemoveDirectoryW(folder);
    return tap_end();
}
