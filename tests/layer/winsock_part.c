/* Winsock's part for tests of the layer; see winsock_part.h. */
#include "winsock_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wsplsp/layer.h"

struct part part;

/* This program's file, which is the recorder. */
static wchar_t program[MAX_PATH];

static void bail(const char *what)
{
    printf("Bail out! %s: %lu\n", what, GetLastError());
    exit(99);
}

/* --- the catalog --- */

static int WSPAPI fake_enum_protocols(INT *protocols, WSAPROTOCOL_INFOW *buffer, DWORD *length, INT *error)
{
    DWORD needed = (DWORD)(part.entry_count * (int)sizeof(*buffer));
    (void)protocols;
    if (part.no_catalog || *length < needed) {
        *error = part.no_catalog ? WSANO_RECOVERY : WSAENOBUFS;
        *length = needed;
        return SOCKET_ERROR;
    }
    memcpy(buffer, part.entry, needed);
    return part.entry_count;
}

static int WSPAPI fake_get_provider_path(GUID *id, WCHAR *path, INT *length, INT *error)
{
    for (int i = 0; i < part.entry_count && !part.no_path; i++) {
        if (memcmp(&part.entry[i].ProviderId, id, sizeof(*id)) != 0 || part.path[i][0] == 0)
            continue;
        wcscpy(path, part.path[i]);
        *length = (INT)wcslen(path) + 1;
        return 0;
    }
    *error = WSAEINVAL;
    return SOCKET_ERROR;
}

/* --- memory --- */

static bool allowed(void)
{
    if (part.allow == 0)
        return false;
    if (part.allow > 0)
        InterlockedDecrement(&part.allow);
    InterlockedIncrement(&part.allocations);
    InterlockedIncrement(&part.outstanding);
    return true;
}

static void *fake_malloc(size_t size)
{
    return allowed() ? malloc(size) : NULL;
}

static void *fake_calloc(size_t count, size_t size)
{
    return allowed() ? calloc(count, size) : NULL;
}

static void fake_free(void *memory)
{
    if (memory != NULL)
        InterlockedDecrement(&part.outstanding);
    free(memory);
}

/* --- the system --- */

bool part_is_ending(void)
{
    typedef BOOLEAN(NTAPI * function)(void);
    static function real;
    if (real == NULL)
        real = (function)(void *)GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "RtlDllShutdownInProgress");
    return part.ending || (real != NULL && real());
}

static BOOLEAN NTAPI fake_shutdown_in_progress(void)
{
    return part_is_ending();
}

static void forbidden_at_end(void)
{
    if (part_is_ending())
        InterlockedIncrement(&part.forbidden);
}

static void WINAPI fake_sleep(DWORD milliseconds)
{
    forbidden_at_end();
    InterlockedIncrement(&part.sleeps);
    Sleep(part.impatient || part_is_ending() ? 0 : milliseconds);
}

static ULONGLONG WINAPI fake_tick_count(void)
{
    static volatile LONG leaps;
    return GetTickCount64() + (part.impatient ? 1000u * (ULONGLONG)InterlockedIncrement(&leaps) : 0);
}

static void WINAPI fake_acquire(SRWLOCK *lock)
{
    forbidden_at_end();
    AcquireSRWLockExclusive(lock);
}

static BOOL WINAPI fake_wait(CONDITION_VARIABLE *condition, SRWLOCK *lock, DWORD milliseconds, ULONG flags)
{
    forbidden_at_end();
    InterlockedIncrement(&part.waits);
    if (!part.impatient)
        return SleepConditionVariableSRW(condition, lock, milliseconds, flags);
    SetLastError(ERROR_TIMEOUT);
    return FALSE;
}

static HANDLE WINAPI fake_create_thread(SECURITY_ATTRIBUTES *security, SIZE_T stack, LPTHREAD_START_ROUTINE start,
                                        void *context, DWORD flags, DWORD *id)
{
    forbidden_at_end();
    return CreateThread(security, stack, start, context, flags, id);
}

/* --- loading by the layer --- */

/* As on Windows 7 without KB2533623, where no LOAD_LIBRARY_SEARCH_* is known. LOAD_WITH_ALTERED_SEARCH_PATH: "If this
 * value is used and lpFileName specifies a relative path, the behavior is undefined." */
static HMODULE WINAPI fake_load_library_ex(const wchar_t *file, HANDLE reserved, DWORD flags)
{
    bool absolute = (file[0] != 0 && file[1] == ':' && file[2] == '\\') || (file[0] == '\\' && file[1] == '\\');
    forbidden_at_end();
    lstrcpynW(part.loaded_path, file, MAX_PATH);
    if ((flags & 0xff00) != 0 || ((flags & LOAD_WITH_ALTERED_SEARCH_PATH) != 0 && !absolute)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        part.load_refused++;
        return NULL;
    }
    return LoadLibraryExW(file, reserved, flags);
}

/* --- the import table --- */

static void *replacement(const char *name)
{
    static const struct {
        const char *name;
        void *function;
    } table[] = {
        {"WSCEnumProtocols", (void *)fake_enum_protocols},
        {"WSCGetProviderPath", (void *)fake_get_provider_path},
        {"LoadLibraryExW", (void *)fake_load_library_ex},
        {"malloc", (void *)fake_malloc},
        {"calloc", (void *)fake_calloc},
        {"free", (void *)fake_free},
        {"RtlDllShutdownInProgress", (void *)fake_shutdown_in_progress},
        {"Sleep", (void *)fake_sleep},
        {"GetTickCount64", (void *)fake_tick_count},
        {"AcquireSRWLockExclusive", (void *)fake_acquire},
        {"SleepConditionVariableSRW", (void *)fake_wait},
        {"CreateThread", (void *)fake_create_thread},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(name, table[i].name) == 0)
            return table[i].function;
    return NULL;
}

static void replace_imports(BYTE *image)
{
    const IMAGE_NT_HEADERS *headers = (void *)(image + ((IMAGE_DOS_HEADER *)image)->e_lfanew);
    const IMAGE_DATA_DIRECTORY *imports = &headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
    IMAGE_IMPORT_DESCRIPTOR *dll = (void *)(image + imports->VirtualAddress);
    for (; dll->Name != 0; dll++) {
        const IMAGE_THUNK_DATA *name = (void *)(image + dll->OriginalFirstThunk);
        IMAGE_THUNK_DATA *address = (void *)(image + dll->FirstThunk);
        for (; name->u1.AddressOfData != 0; name++, address++) {
            DWORD before;
            void *own = IMAGE_SNAP_BY_ORDINAL(name->u1.Ordinal)
                            ? NULL
                            : replacement((char *)((IMAGE_IMPORT_BY_NAME *)(image + name->u1.AddressOfData))->Name);
            if (own == NULL)
                continue;
            if (!VirtualProtect(address, sizeof(*address), PAGE_READWRITE, &before))
                bail("VirtualProtect");
            address->u1.Function = (ULONG_PTR)own;
            VirtualProtect(address, sizeof(*address), before, &before);
        }
    }
}

/* --- upcalls --- */

bool part_may_name(DWORD id)
{
    for (int i = 0; i < part.entry_count; i++)
        if (part.entry[i].dwCatalogEntryId == id)
            return part.entry[i].ProtocolChain.ChainLen > 1 ||
                   (part.entry[i].ProtocolChain.ChainLen == 1 && wcscmp(part.path[i], program) != 0);
    return false;
}

static SOCKET WSPAPI modify_ifs_handle(DWORD id, SOCKET proposed, INT *error)
{
    INT refused = part_may_name(id) ? part.modify_error : WSAEINVAL;
    InterlockedIncrement(&part.modified);
    part.modify_id = id;
    part.modify_handle = proposed;
    if (refused == 0)
        return proposed | part.modify_tag;
    *error = refused;
    return INVALID_SOCKET;
}

/* --- loading --- */

static void layer_path(wchar_t *path)
{
    if (GetModuleFileNameW(NULL, path, MAX_PATH) == 0)
        bail("GetModuleFileName");
    for (int i = 0; i < 2; i++)
        *wcsrchr(path, L'\\') = 0;
    wcscat(path, L"\\wsplsp-layer.dll");
}

void part_load(void)
{
    wchar_t path[MAX_PATH];
    layer_path(path);
    part.allow = -1;
    part.module = LoadLibraryW(path);
    if (part.module == NULL)
        bail("wsplsp-layer.dll");
    part.startup = (LPWSPSTARTUP)(void *)GetProcAddress(part.module, "WSPStartup");
    if (part.startup == NULL)
        bail("WSPStartup");
    part.upcalls.lpWPUModifyIFSHandle = modify_ifs_handle;
    replace_imports((BYTE *)part.module);
    part_catalog();
}

void part_trace(const wchar_t *file)
{
    wsplsp_layer_configure_function configure =
        (wsplsp_layer_configure_function)(void *)GetProcAddress(part.module, WSPLSP_LAYER_CONFIGURE);
    struct wsplsp_layer_config config = {.size = sizeof(config), .trace_data_bytes = 16, .trace_file = file};
    if (configure == NULL || configure(&config) != 0)
        bail("wsplsp_layer_configure");
}

bool part_unload(void)
{
    wchar_t path[MAX_PATH];
    layer_path(path);
    FreeLibrary(part.module);
    return GetModuleHandleW(path) == NULL;
}

WSAPROTOCOL_INFOW *part_add(DWORD id, int chain_len, const wchar_t *path)
{
    WSAPROTOCOL_INFOW *entry = &part.entry[part.entry_count];
    if (part.entry_count == PART_ENTRIES)
        bail("too many entries");
    memset(entry, 0, sizeof(*entry));
    entry->dwCatalogEntryId = id;
    entry->ProviderId.Data1 = id;
    entry->dwServiceFlags1 = XP1_IFS_HANDLES;
    entry->ProtocolChain.ChainLen = chain_len;
    entry->iAddressFamily = AF_INET;
    entry->iSocketType = SOCK_STREAM;
    entry->iProtocol = IPPROTO_TCP;
    wsprintfW(entry->szProtocol, L"entry %u", id);
    wcscpy(part.path[part.entry_count++], path);
    return entry;
}

WSAPROTOCOL_INFOW *part_entry(DWORD id)
{
    for (int i = 0; i < part.entry_count; i++)
        if (part.entry[i].dwCatalogEntryId == id)
            return &part.entry[i];
    bail("no such entry");
    return NULL;
}

void part_set_path(DWORD id, const wchar_t *path)
{
    wcscpy(part.path[part_entry(id) - part.entry], path);
}

WSAPROTOCOL_INFOW *part_chain(DWORD id, const DWORD *members)
{
    wchar_t *path = part.path[part_entry(members[0]) - part.entry];
    WSAPROTOCOL_INFOW *entry = part_add(id, 0, path);
    while (members[entry->ProtocolChain.ChainLen] != 0) {
        entry->ProtocolChain.ChainEntries[entry->ProtocolChain.ChainLen] = members[entry->ProtocolChain.ChainLen];
        entry->ProtocolChain.ChainLen++;
    }
    return entry;
}

void part_catalog(void)
{
    static const DWORD one[] = {LAYER, BASE, 0};
    wchar_t layer[MAX_PATH];
    GetModuleFileNameW(NULL, program, MAX_PATH);
    layer_path(layer);
    part.entry_count = 0;
    part_add(BASE, 1, program);
    part_add(BASE_6, 1, program);
    part_add(FOREIGN, 0, program);
    part_add(LAYER, 0, layer);
    part_add(LAYER_2, 0, layer);
    part_add(LAYER_3, 0, layer);
    part_chain(CHAIN, one);
}

int part_start(DWORD chain, WSPPROC_TABLE *procs)
{
    WSPDATA data;
    WSAPROTOCOL_INFOW info = *part_entry(chain);
    return part.startup(MAKEWORD(2, 2), &data, &info, part.upcalls, procs);
}
