/* The live store against invented systems: every function that it asks is a fake, told by each scenario what to give.
 */
#include "lsp-core/catalog/live/live_win.h"
#include "lsp-core/catalog/source.h"

#include <stdlib.h>
#include <wchar.h>

#include "tap.h"

static const GUID guid_tcp = {0x11111111, 0x2222, 0x3333, {1, 2, 3, 4, 5, 6, 7, 8}};
static const GUID guid_lsp = {0xAAAAAAAA, 0xBBBB, 0xCCCC, {8, 7, 6, 5, 4, 3, 2, 1}};

/* What the fakes give. [0]: the functions without suffix, [1]: those with "32". */
static struct fake {
    WSAPROTOCOL_INFOW *infos;
    int count;
    int error;       /* instead of a result */
    int report;      /* a count that is a lie, or 0 */
    bool insatiable; /* whatever the buffer, a larger one is asked for */
    int calls;
    DWORD largest;
    const wchar_t *path;
    int path_error;
    DWORD categories;
    int info_error;
    const wchar_t *name_space;
    int name_space_count;
    int name_space_error;
    DWORD name_space_need; /* buffer size below which WSAEFAULT is given */
} fakes[2];

static int last_error, startup_result, startups, cleanups;
static struct reg_key *registry; /* what read_registry gives a copy of; NULL: it fails */
static const char *resolved;     /* what resolve_name gives */

static int enum_protocols(struct fake *fake, LPWSAPROTOCOL_INFOW buffer, DWORD *length, INT *code)
{
    DWORD need = (DWORD)(fake->count * (int)sizeof *buffer);
    fake->calls++;
    fake->largest = *length;
    if (fake->insatiable || (fake->error == 0 && *length < need)) {
        *length = fake->insatiable ? *length + 1 : need;
        *code = WSAENOBUFS;
        return SOCKET_ERROR;
    }
    if (fake->error != 0) {
        *code = fake->error;
        return SOCKET_ERROR;
    }
    if (need > 0)
        memcpy(buffer, fake->infos, need);
    return fake->report != 0 ? fake->report : fake->count;
}

static int get_path(const struct fake *fake, WCHAR *buffer, INT *length, INT *code)
{
    *code = fake->path_error;
    if (fake->path_error != 0)
        return SOCKET_ERROR;
    if (fake->path == NULL)
        return 0;
    if (*length <= (INT)wcslen(fake->path)) {
        *code = WSAEFAULT;
        return SOCKET_ERROR;
    }
    wcscpy(buffer, fake->path);
    return 0;
}

static int get_info(const struct fake *fake, WSC_PROVIDER_INFO_TYPE type, PBYTE info, size_t *size, INT *code)
{
    *code = fake->info_error;
    if (fake->info_error != 0)
        return SOCKET_ERROR;
    EXPECT(type == ProviderInfoLspCategories && *size == sizeof(DWORD));
    memcpy(info, &fake->categories, sizeof(DWORD));
    return 0;
}

static INT enum_name_spaces_ex(const struct fake *fake, DWORD *length, LPWSANAMESPACE_INFOEXW infos)
{
    last_error = fake->name_space_error;
    if (fake->name_space_error == 0 && *length < fake->name_space_need) {
        *length = fake->name_space_need;
        last_error = WSAEFAULT;
    }
    if (last_error != 0)
        return SOCKET_ERROR;
    for (int i = 0; i < fake->name_space_count; i++) {
        infos[i] = (WSANAMESPACE_INFOEXW){.NSProviderId = guid_tcp,
                                          .dwNameSpace = NS_DNS,
                                          .fActive = TRUE,
                                          .dwVersion = 3,
                                          .lpszIdentifier = (LPWSTR)fake->name_space};
        infos[i].NSProviderId.Data1 += (DWORD)i;
    }
    return fake->name_space_count;
}

#define FAKES(number)                                                                                                  \
    static int WSPAPI enum_protocols_##number(LPINT protocols, LPWSAPROTOCOL_INFOW buffer, LPDWORD length, LPINT code) \
    {                                                                                                                  \
        EXPECT(protocols == NULL);                                                                                     \
        return enum_protocols(&fakes[number], buffer, length, code);                                                   \
    }                                                                                                                  \
    static int WSPAPI get_path_##number(LPGUID id, WCHAR *buffer, LPINT length, LPINT code)                            \
    {                                                                                                                  \
        EXPECT(id != NULL);                                                                                            \
        return get_path(&fakes[number], buffer, length, code);                                                         \
    }                                                                                                                  \
    static int WSPAPI get_info_##number(LPGUID id, WSC_PROVIDER_INFO_TYPE type, PBYTE info, size_t *size, DWORD flags, \
                                        LPINT code)                                                                    \
    {                                                                                                                  \
        EXPECT(id != NULL && flags == 0);                                                                              \
        return get_info(&fakes[number], type, info, size, code);                                                       \
    }                                                                                                                  \
    static INT WSAAPI enum_name_spaces_ex_##number(LPDWORD length, LPWSANAMESPACE_INFOEXW infos)                       \
    {                                                                                                                  \
        return enum_name_spaces_ex(&fakes[number], length, infos);                                                     \
    }

FAKES(0)
FAKES(1)

static INT WSAAPI enum_name_spaces_0(LPDWORD length, LPWSANAMESPACE_INFOW infos)
{
    EXPECT(*length >= sizeof *infos);
    *infos = (WSANAMESPACE_INFOW){.NSProviderId = guid_tcp,
                                  .dwNameSpace = NS_NTDS,
                                  .fActive = FALSE,
                                  .dwVersion = 9,
                                  .lpszIdentifier = (LPWSTR)L"older"};
    return 1;
}

static int WSAAPI startup(WORD version, LPWSADATA data)
{
    EXPECT(version == MAKEWORD(2, 2) && data != NULL);
    startups++;
    return startup_result;
}

static int WSAAPI cleanup(void)
{
    cleanups++;
    return 0;
}

static int WSAAPI get_last_error(void)
{
    return last_error;
}

static enum wsplsp_status read_registry(struct reg_key **winsock2, struct wsplsp_snapshot *snapshot,
                                        struct wsplsp_error *error)
{
    (void)snapshot;
    if (registry == NULL)
        return wsplsp_fail(error, WSPLSP_DENIED, ERROR_ACCESS_DENIED, "ERROR_ACCESS_DENIED", "no registry");
    *winsock2 = reg_key_clone(registry);
    return WSPLSP_OK;
}

static char *resolve_name(const char *raw)
{
    EXPECT(raw[0] == '@');
    return resolved == NULL ? NULL : _strdup(resolved);
}

/* A 64-bit process with every function, no registry and two entries in each catalog. */
static struct live_functions functions;
static WSAPROTOCOL_INFOW two[2];

static WSAPROTOCOL_INFOW make_info(DWORD id, const GUID *provider, const wchar_t *name)
{
    WSAPROTOCOL_INFOW info = {.dwServiceFlags1 = 0x20066,
                              .dwProviderFlags = 8,
                              .ProviderId = *provider,
                              .dwCatalogEntryId = id,
                              .iVersion = 2,
                              .iAddressFamily = AF_INET,
                              .iMaxSockAddr = 16,
                              .iMinSockAddr = 16,
                              .iSocketType = SOCK_STREAM,
                              .iProtocol = IPPROTO_TCP};
    info.ProtocolChain.ChainLen = 1;
    wcscpy(info.szProtocol, name);
    return info;
}

static void begin(void)
{
    memset(fakes, 0, sizeof fakes);
    two[0] = make_info(1001, &guid_tcp, L"first");
    two[1] = make_info(1002, &guid_lsp, L"second");
    for (int i = 0; i < 2; i++) {
        fakes[i].infos = two;
        fakes[i].count = 2;
        fakes[i].path = i == 0 ? L"%SystemRoot%\\System32\\a.dll" : L"%SystemRoot%\\SysWOW64\\b.dll";
        fakes[i].categories = i == 0 ? 0x80000000 : 0x10;
        fakes[i].name_space = L"names";
    }
    functions = (struct live_functions){
        .process_bits = 64,
        .startup = startup,
        .cleanup = cleanup,
        .last_error = get_last_error,
        .own = {enum_protocols_0, get_path_0, get_info_0, enum_name_spaces_ex_0, enum_name_spaces_0},
        .other32 = {enum_protocols_1, get_path_1, get_info_1, enum_name_spaces_ex_1, NULL},
        .read_registry = read_registry,
        .resolve_name = resolve_name,
    };
    reg_key_free(registry);
    registry = NULL;
    resolved = NULL;
    last_error = startup_result = startups = cleanups = 0;
}

static struct wsplsp_snapshot *snapshot;
static struct wsplsp_error error;

static enum wsplsp_status load(void)
{
    snapshot = NULL;
    memset(&error, 0, sizeof error);
    return live_load(&functions, &snapshot, &error);
}

static void end(void)
{
    wsplsp_snapshot_free(snapshot);
    snapshot = NULL;
}

static bool noted(const char *part)
{
    for (size_t i = 0; i < snapshot->note_count; i++) {
        if (strstr(snapshot->notes[i], part) != NULL)
            return true;
    }
    return false;
}

/* The registry: 260 bytes of path and the structure, as real hives have it. */
static struct reg_key *store(const char *entries, unsigned number, const WSAPROTOCOL_INFOW *info, const char *path)
{
    BYTE item[888] = {0};
    char key_path[160];
    if (registry == NULL)
        registry = reg_key_new("WinSock2");
    snprintf(key_path, sizeof key_path, "Parameters\\Protocol_Catalog9\\%s\\%012u", entries, number);
    struct reg_key *key = reg_key_make(registry, key_path);
    strcpy((char *)item, path);
    memcpy(item + 260, info, sizeof *info);
    reg_key_set(key, "PackedCatalogItem", REG_BINARY, item, sizeof item);
    return key;
}

static void store_two(const char *entries, const char *path)
{
    store(entries, 1, &two[0], path);
    store(entries, 2, &two[1], path);
}

static void both_catalogs_come_from_their_functions(void)
{
    begin();
    EXPECT(load() == WSPLSP_OK);
    EXPECT(snapshot->live && startups == 1 && cleanups == 1);
    for (int i = 0; i < 2; i++) {
        struct wsplsp_catalog *catalog = &snapshot->catalogs[i];
        EXPECT(catalog->present && catalog->absent == NULL && catalog->entry_count == 2);
        EXPECT(catalog->entries[0].position == 1 && catalog->entries[1].position == 2);
        EXPECT(catalog->entries[0].bits == (i == 0 ? 64 : 32));
        EXPECT(catalog->entries[0].info.catalog_id == 1001 && catalog->entries[1].info.catalog_id == 1002);
        EXPECT(memcmp(&catalog->entries[1].info, &two[1], sizeof two[1]) == 0);
        EXPECT_TEXT(catalog->entries[1].name, "second");
        EXPECT(catalog->entries[0].has_categories && catalog->entries[0].categories == fakes[i].categories);
    }
    EXPECT_TEXT(snapshot->catalogs[0].entries[0].dll, "%SystemRoot%\\System32\\a.dll");
    EXPECT_TEXT(snapshot->catalogs[1].entries[0].dll, "%SystemRoot%\\SysWOW64\\b.dll");
    end();
}

static void buffer_grows_on_wsaenobufs(void)
{
    enum { MANY = 300 };
    static WSAPROTOCOL_INFOW many[MANY];
    begin();
    for (DWORD i = 0; i < MANY; i++)
        many[i] = make_info(2000 + i, &guid_tcp, L"many");
    fakes[0].infos = many;
    fakes[0].count = MANY;
    EXPECT(load() == WSPLSP_OK);
    EXPECT(fakes[0].calls == 2 && snapshot->catalogs[0].entry_count == MANY);
    EXPECT(snapshot->catalogs[0].entries[MANY - 1].info.catalog_id == 2000 + MANY - 1);
    end();
}

static void growing_has_a_limit(void)
{
    begin();
    fakes[0].insatiable = true;
    EXPECT(load() == WSPLSP_SYSTEM && error.code == WSAENOBUFS);
    EXPECT_TEXT(error.name, "WSAENOBUFS");
    EXPECT(fakes[0].calls < 20 && fakes[0].largest == 64 << 20);
}

static void count_beyond_the_buffer_is_a_failure(void)
{
    begin();
    fakes[0].report = 1000;
    EXPECT(load() == WSPLSP_SYSTEM && error.code == WSANO_RECOVERY);
}

static void failure_without_registry_is_an_error(void)
{
    begin();
    fakes[0].error = WSANO_RECOVERY;
    EXPECT(load() == WSPLSP_SYSTEM && error.code == 11003 && snapshot == NULL);
    EXPECT_TEXT(error.name, "WSANO_RECOVERY");
    EXPECT(strstr(error.message, "WSCEnumProtocols failed") != NULL);
    EXPECT(cleanups == 1);
}

static void failure_with_registry_shows_the_registry(void)
{
    begin();
    store_two("Catalog_Entries64", "stored.dll");
    fakes[0].error = WSANO_RECOVERY;
    EXPECT(load() == WSPLSP_OK);
    EXPECT(snapshot->catalogs[0].present && snapshot->catalogs[0].entry_count == 2);
    EXPECT_TEXT(snapshot->catalogs[0].entries[0].dll, "stored.dll");
    EXPECT(!snapshot->catalogs[0].entries[0].has_categories);
    EXPECT_TEXT(snapshot->catalogs[0].entries[0].categories_absent, "WSCEnumProtocols failed");
    EXPECT(noted("WSCEnumProtocols failed with WSANO_RECOVERY (11003): the 64-bit catalog is shown as the registry"));
    end();
}

static void functions_that_are_missing_are_named(void)
{
    begin();
    functions.other32 = (struct live_catalog_functions){NULL, NULL, NULL, NULL, NULL};
    functions.own.get_provider_path = NULL;
    functions.own.get_provider_info = NULL;
    functions.own.enum_name_spaces_ex = NULL;
    functions.own.enum_name_spaces = NULL;
    EXPECT(load() == WSPLSP_OK);
    struct wsplsp_entry *entry = &snapshot->catalogs[0].entries[0];
    EXPECT(entry->dll == NULL && !entry->has_categories && !snapshot->catalogs[1].present);
    EXPECT_TEXT(entry->dll_absent, "this system's ws2_32.dll has no WSCGetProviderPath");
    EXPECT_TEXT(entry->categories_absent, "this system's ws2_32.dll has no WSCGetProviderInfo");
    EXPECT_TEXT(snapshot->catalogs[1].absent, "this system's ws2_32.dll has no WSCEnumProtocols32");
    EXPECT(noted("no WSCGetProviderPath:") && noted("no WSCGetProviderInfo:"));
    EXPECT(noted("no WSCEnumProtocols32: the 32-bit catalog is unknown"));
    EXPECT(noted("WSAEnumNameSpaceProvidersEx is missing from this system's ws2_32.dll"));
    end();
}

static void empty_registry_keys_make_no_catalog(void)
{
    begin();
    functions.other32.enum_protocols = NULL;
    registry = reg_key_new("WinSock2");
    reg_key_make(registry, "Parameters\\Protocol_Catalog9\\Catalog_Entries");
    EXPECT(load() == WSPLSP_OK);
    EXPECT(snapshot->catalogs[0].present && !snapshot->catalogs[1].present && snapshot->catalogs[1].absent != NULL);
    end();
}

static void wow64_takes_the_64_bit_catalog_from_the_registry(void)
{
    begin();
    store_two("Catalog_Entries64", "wide.dll");
    store_two("Catalog_Entries", "narrow.dll");
    functions.process_bits = 32;
    functions.wow64 = true;
    EXPECT(load() == WSPLSP_OK);
    EXPECT(fakes[0].calls == 1 && fakes[1].calls == 0);
    EXPECT(snapshot->catalogs[0].present && snapshot->catalogs[0].entry_count == 2);
    EXPECT_TEXT(snapshot->catalogs[0].entries[0].dll, "wide.dll");
    EXPECT_TEXT(snapshot->catalogs[0].entries[0].categories_absent,
                "a 32-bit process cannot ask for the 64-bit catalog's categories");
    EXPECT_TEXT(snapshot->catalogs[1].entries[0].dll, "%SystemRoot%\\System32\\a.dll");
    EXPECT(noted("the 64-bit catalog is shown as the registry has it"));
    end();
}

/* As in Wine, whose registry has no 64-bit catalog: this is no 32-bit Windows all the same. */
static void wow64_without_a_stored_64_bit_catalog_says_so(void)
{
    begin();
    store_two("Catalog_Entries", "narrow.dll");
    functions.process_bits = 32;
    functions.wow64 = true;
    EXPECT(load() == WSPLSP_OK);
    EXPECT(!snapshot->catalogs[0].present && snapshot->catalogs[1].present);
    EXPECT_TEXT(snapshot->catalogs[0].absent,
                "the registry does not tell it, and a 32-bit process has no function that does");
    EXPECT(noted("this is a 32-bit process on 64-bit Windows: the 64-bit catalog is unknown"));
    end();
}

static void a_32_bit_windows_has_one_catalog(void)
{
    begin();
    functions.process_bits = 32;
    EXPECT(load() == WSPLSP_OK);
    EXPECT(!snapshot->catalogs[0].present && snapshot->catalogs[1].present);
    EXPECT_TEXT(snapshot->catalogs[0].absent, "this is 32-bit Windows");
    EXPECT(snapshot->catalogs[1].entry_count == 2 && fakes[1].calls == 0);
    end();
}

static void paths_that_cannot_be_told_say_why(void)
{
    begin();
    fakes[0].path = NULL; /* Wine: success, but nothing written */
    fakes[1].path_error = WSAEINVAL;
    EXPECT(load() == WSPLSP_OK);
    EXPECT(snapshot->catalogs[0].entries[0].dll == NULL && snapshot->catalogs[1].entries[0].dll == NULL);
    EXPECT_TEXT(snapshot->catalogs[0].entries[0].dll_absent, "WSCGetProviderPath gave no path");
    EXPECT_TEXT(snapshot->catalogs[1].entries[0].dll_absent, "WSCGetProviderPath32 failed");
    end();
}

static void long_paths_get_a_larger_buffer(void)
{
    static wchar_t path[1001];
    begin();
    wmemset(path, L'x', 1000);
    fakes[0].path = path;
    EXPECT(load() == WSPLSP_OK);
    EXPECT(snapshot->catalogs[0].entries[0].dll != NULL && strlen(snapshot->catalogs[0].entries[0].dll) == 1000);
    end();
}

static void categories_that_cannot_be_told_say_why(void)
{
    begin();
    fakes[0].info_error = WSANO_RECOVERY;
    fakes[1].info_error = WSAEINVALIDPROVIDER;
    EXPECT(load() == WSPLSP_OK);
    EXPECT(!snapshot->catalogs[0].entries[0].has_categories && !snapshot->catalogs[1].entries[0].has_categories);
    EXPECT_TEXT(snapshot->catalogs[0].entries[0].categories_absent,
                "WSCGetProviderInfo failed with WSANO_RECOVERY (11003)");
    EXPECT_TEXT(snapshot->catalogs[1].entries[0].categories_absent,
                "WSCGetProviderInfo32 failed with WSAEINVALIDPROVIDER (10105)");
    end();
}

static void entries_keep_their_registry_keys(void)
{
    begin();
    struct reg_key *key = store("Catalog_Entries64", 7, &two[1], "%SystemRoot%\\System32\\a.dll");
    reg_key_set(key, "Odd", REG_BINARY, "\x5a", 1);
    store("Catalog_Entries64", 9, &two[0], "%SystemRoot%\\System32\\a.dll");
    EXPECT(load() == WSPLSP_OK);
    struct wsplsp_entry *entries = snapshot->catalogs[0].entries;
    EXPECT(snapshot->catalogs[0].entry_count == 2);
    EXPECT(entries[0].info.catalog_id == 1001 && entries[0].number == 9 && entries[0].position == 1);
    EXPECT(entries[1].info.catalog_id == 1002 && entries[1].number == 7 && entries[1].position == 2);
    const struct reg_value *odd = entries[1].origin == NULL ? NULL : reg_key_value(entries[1].origin, "Odd");
    EXPECT(odd != NULL && odd->size == 1 && odd->data[0] == 0x5a);
    EXPECT(noted("64-bit catalog: the registry has another order than the function tells"));
    EXPECT(!noted("holds something else") && !noted("DLL path"));
    end();
}

static void the_functions_word_counts(void)
{
    begin();
    WSAPROTOCOL_INFOW changed = two[0], gone = make_info(1009, &guid_tcp, L"gone");
    changed.iSocketType = SOCK_DGRAM;
    store("Catalog_Entries64", 1, &changed, "%SystemRoot%\\System32\\a.dll");
    store("Catalog_Entries64", 2, &gone, "%SystemRoot%\\System32\\a.dll");
    EXPECT(load() == WSPLSP_OK);
    EXPECT(snapshot->catalogs[0].entry_count == 2);
    EXPECT(snapshot->catalogs[0].entries[0].info.socket_type == SOCK_STREAM);
    EXPECT(snapshot->catalogs[0].entries[1].info.catalog_id == 1002);
    EXPECT(noted("the registry holds something else than the function tells, which is shown (entry 1001)"));
    EXPECT(noted("the function tells what the registry does not hold (entry 1002)"));
    EXPECT(noted("so it is not shown (entry 1009)"));
    end();
}

static void the_functions_path_counts(void)
{
    begin();
    store("Catalog_Entries64", 1, &two[0], "%systemroot%\\system32\\A.DLL");
    store("Catalog_Entries64", 2, &two[1], "other.dll");
    EXPECT(load() == WSPLSP_OK);
    EXPECT_TEXT(snapshot->catalogs[0].entries[0].dll, "%systemroot%\\system32\\A.DLL");
    EXPECT_TEXT(snapshot->catalogs[0].entries[1].dll, "%SystemRoot%\\System32\\a.dll");
    EXPECT(noted("64-bit catalog: the registry holds another DLL path than the function tells, which is shown (entry "
                 "1002)"));
    end();
}

/* Asked by provider id, the function can only answer for one of the entries that share it. */
static void shared_provider_ids_keep_their_own_paths(void)
{
    begin();
    two[1].ProviderId = guid_tcp;
    store("Catalog_Entries64", 1, &two[0], "%SystemRoot%\\System32\\a.dll");
    store("Catalog_Entries64", 2, &two[1], "own.dll");
    EXPECT(load() == WSPLSP_OK);
    EXPECT_TEXT(snapshot->catalogs[0].entries[1].dll, "own.dll");
    EXPECT(noted("one provider id has several DLL paths"));
    end();
}

static void undecodable_entries_are_kept(void)
{
    begin();
    struct reg_key *key = store("Catalog_Entries64", 1, &two[0], "a.dll");
    reg_key_set(key, "PackedCatalogItem", REG_BINARY, "short", 5);
    store("Catalog_Entries64", 2, &two[0], "%SystemRoot%\\System32\\a.dll");
    EXPECT(load() == WSPLSP_OK);
    EXPECT(snapshot->catalogs[0].entry_count == 3);
    struct wsplsp_entry *last = &snapshot->catalogs[0].entries[2];
    EXPECT(last->undecoded != NULL && last->number == 1 && last->position == 3 && last->origin != NULL);
    EXPECT(noted("cannot be decoded"));
    end();
}

static void stored_references_stay_raw(void)
{
    begin();
    WSAPROTOCOL_INFOW stored = two[0];
    wcscpy(stored.szProtocol, L"@%SystemRoot%\\System32\\mswsock.dll,-60100");
    store("Catalog_Entries64", 1, &stored, "%SystemRoot%\\System32\\a.dll");
    EXPECT(load() == WSPLSP_OK);
    struct wsplsp_entry *entry = &snapshot->catalogs[0].entries[0];
    EXPECT_TEXT(entry->name_raw, "@%SystemRoot%\\System32\\mswsock.dll,-60100");
    EXPECT_TEXT(entry->name, "first");
    EXPECT(memcmp(&entry->info, &stored, sizeof stored) == 0 && !noted("holds something else"));
    end();
}

static void references_are_resolved_by_the_system_then_the_table(void)
{
    begin();
    wcscpy(two[0].szProtocol, L"@%SystemRoot%\\System32\\mswsock.dll,-60100");
    wcscpy(two[1].szProtocol, L"@unknown.dll,-1");
    resolved = "in the user's language";
    EXPECT(load() == WSPLSP_OK);
    EXPECT_TEXT(snapshot->catalogs[0].entries[0].name, "in the user's language");
    end();
    resolved = NULL;
    EXPECT(load() == WSPLSP_OK);
    EXPECT_TEXT(snapshot->catalogs[0].entries[0].name, "MSAFD Tcpip [TCP/IP]");
    EXPECT_TEXT(snapshot->catalogs[0].entries[1].name, "@unknown.dll,-1");
    end();
}

static void store_name_space(unsigned number, const GUID *id, const wchar_t *path)
{
    char key_path[160];
    DWORD one = 1, dns = NS_DNS;
    if (registry == NULL)
        registry = reg_key_new("WinSock2");
    snprintf(key_path, sizeof key_path, "Parameters\\NameSpace_Catalog5\\Catalog_Entries64\\%012u", number);
    struct reg_key *key = reg_key_make(registry, key_path);
    reg_key_set(key, "ProviderId", REG_BINARY, id, sizeof *id);
    reg_key_set(key, "LibraryPath", REG_SZ, path, (wcslen(path) + 1) * 2);
    reg_key_set(key, "DisplayString", REG_SZ, L"@x.dll,-1", 20);
    reg_key_set(key, "SupportedNameSpace", REG_DWORD, &dns, 4);
    reg_key_set(key, "Enabled", REG_DWORD, &one, 4);
    reg_key_set(key, "StoresServiceClassInfo", REG_DWORD, &one, 4);
}

static void name_spaces_take_their_dll_from_the_registry(void)
{
    begin();
    store_name_space(1, &guid_tcp, L"ns.dll");
    store_name_space(2, &guid_lsp, L"unlisted.dll");
    fakes[0].name_space_count = 2;
    fakes[0].name_space_need = 100000;
    EXPECT(load() == WSPLSP_OK);
    EXPECT(snapshot->catalogs[0].name_space_count == 2);
    struct wsplsp_name_space *name_space = &snapshot->catalogs[0].name_spaces[0];
    EXPECT_TEXT(name_space->dll, "ns.dll");
    EXPECT_TEXT(name_space->name, "names");
    EXPECT_TEXT(name_space->name_raw, "@x.dll,-1");
    EXPECT(name_space->version == 3 && name_space->stores_service_class_info && name_space->origin != NULL);
    EXPECT(name_space[1].dll == NULL && name_space[1].dll_absent != NULL && name_space[1].position == 2);
    EXPECT(noted("1 name space providers that WSAEnumNameSpaceProvidersEx does not tell"));
    end();
}

static void the_older_name_space_function_serves_too(void)
{
    begin();
    functions.own.enum_name_spaces_ex = NULL;
    EXPECT(load() == WSPLSP_OK);
    EXPECT(snapshot->catalogs[0].name_space_count == 1);
    struct wsplsp_name_space *name_space = &snapshot->catalogs[0].name_spaces[0];
    EXPECT_TEXT(name_space->name, "older");
    EXPECT(name_space->name_space == NS_NTDS && !name_space->enabled && name_space->version == 9);
    end();
}

static void failing_name_space_function_is_noted(void)
{
    begin();
    store_name_space(1, &guid_tcp, L"ns.dll");
    fakes[0].name_space_error = WSANOTINITIALISED;
    EXPECT(load() == WSPLSP_OK);
    EXPECT(snapshot->catalogs[0].name_space_count == 1);
    EXPECT(noted("WSAEnumNameSpaceProvidersEx failed with WSANOTINITIALISED (10093)"));
    end();
}

static void unreadable_registry_is_noted(void)
{
    begin();
    EXPECT(load() == WSPLSP_OK);
    EXPECT(noted("no registry: application categories, counters, AutodialDLL and NameSpace_Callout are unknown"));
    EXPECT(snapshot->applications_absent != NULL && !snapshot->next_catalog_id.present && snapshot->origin == NULL);
    EXPECT(!noted("does not hold"));
    end();
}

static void registry_tells_what_no_function_does(void)
{
    DWORD next = 1017, categories = 0x80000000;
    begin();
    store_two("Catalog_Entries64", "%SystemRoot%\\System32\\a.dll");
    struct reg_key *parameters = reg_key_find(registry, "Parameters");
    reg_key_set(reg_key_find(parameters, "Protocol_Catalog9"), "Next_Catalog_Entry_ID", REG_DWORD, &next, 4);
    reg_key_set(parameters, "AutodialDLL", REG_SZ, L"r.dll", 12);
    struct reg_key *application = reg_key_make(parameters, "AppId_Catalog\\01234567");
    reg_key_set(application, "AppFullPath", REG_SZ, L"C:\\a.exe", 18);
    reg_key_set(application, "PermittedLspCategories", REG_DWORD, &categories, 4);
    EXPECT(load() == WSPLSP_OK);
    EXPECT(snapshot->next_catalog_id.present && snapshot->next_catalog_id.value == 1017);
    EXPECT_TEXT(snapshot->autodial_dll, "r.dll");
    EXPECT(snapshot->application_count == 1 && snapshot->applications[0].categories == 0x80000000);
    EXPECT(snapshot->origin != NULL);
    end();
}

static void failing_startup_is_noted(void)
{
    begin();
    startup_result = WSASYSNOTREADY;
    EXPECT(load() == WSPLSP_OK);
    EXPECT(noted("WSAStartup failed with WSASYSNOTREADY (10091)") && cleanups == 0);
    end();
}

int main(void)
{
    RUN(both_catalogs_come_from_their_functions);
    RUN(buffer_grows_on_wsaenobufs);
    RUN(growing_has_a_limit);
    RUN(count_beyond_the_buffer_is_a_failure);
    RUN(failure_without_registry_is_an_error);
    RUN(failure_with_registry_shows_the_registry);
    RUN(functions_that_are_missing_are_named);
    RUN(empty_registry_keys_make_no_catalog);
    RUN(wow64_takes_the_64_bit_catalog_from_the_registry);
    RUN(wow64_without_a_stored_64_bit_catalog_says_so);
    RUN(a_32_bit_windows_has_one_catalog);
    RUN(paths_that_cannot_be_told_say_why);
    RUN(long_paths_get_a_larger_buffer);
    RUN(categories_that_cannot_be_told_say_why);
    RUN(entries_keep_their_registry_keys);
    RUN(the_functions_word_counts);
    RUN(the_functions_path_counts);
    RUN(shared_provider_ids_keep_their_own_paths);
    RUN(undecodable_entries_are_kept);
    RUN(stored_references_stay_raw);
    RUN(references_are_resolved_by_the_system_then_the_table);
    RUN(name_spaces_take_their_dll_from_the_registry);
    RUN(the_older_name_space_function_serves_too);
    RUN(failing_name_space_function_is_noted);
    RUN(unreadable_registry_is_noted);
    RUN(registry_tells_what_no_function_does);
    RUN(failing_startup_is_noted);
    return tap_end();
}
