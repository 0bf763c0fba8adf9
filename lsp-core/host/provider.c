/* Loaded service providers; see provider.h. */
#include "provider.h"

#include <stdlib.h>
#include <string.h>

#include "../catalog/chain.h"
#include "../catalog/text.h"
#include "base.h"
#include "handles.h"
#include "private_catalog.h"
#include "thread.h"
#include "upcalls.h"

struct sockets sockets;

void (*provider_loaded)(HMODULE module);

_Static_assert(sizeof(struct wsplsp_protocol_info) == sizeof(WSAPROTOCOL_INFOW), "the model is the structure itself");

enum phase {
    PHASE_STOPPED,
    PHASE_STARTING, /* `starter` is inside WSPStartup */
    PHASE_RUNNING,
};

struct loaded {
    struct provider *provider; /* `own`, or base_provider */
    struct provider own;
    enum phase phase;
    DWORD starter;
    HMODULE module; /* NULL for the base provider */
    HMODULE parked; /* the module of an earlier life, that a thread was still inside of */
    struct loaded *next;
};

/* `list_lock` guards the list and each element's phase; it is not held while a provider's functions run. */
static SRWLOCK list_lock = SRWLOCK_INIT;
static CONDITION_VARIABLE phase_changed = CONDITION_VARIABLE_INIT;
static struct loaded base = {.provider = &base_provider};
static struct loaded *list = &base;

struct provider *provider_base(void)
{
    return &base_provider;
}

void provider_info(const struct wsplsp_entry *entry, WSAPROTOCOL_INFOW *info)
{
    memcpy(info, &entry->info, sizeof(*info));
}

/* The DLL that an entry names, its environment strings expanded; a new string, or NULL. */
static wchar_t *expand_path(const char *dll)
{
    size_t units;
    uint16_t *raw = text_to_utf16(dll, &units);
    if (raw == NULL)
        return NULL;
    DWORD size = ExpandEnvironmentStringsW((const wchar_t *)raw, NULL, 0);
    wchar_t *path = size == 0 ? NULL : malloc(size * sizeof(*path));
    if (path != NULL && ExpandEnvironmentStringsW((const wchar_t *)raw, path, size) == 0) {
        free(path);
        path = NULL;
    }
    free(raw);
    return path;
}

/* A chain names its top layer's DLL itself; where its own item gives none, the layer's does. */
static const char *entry_dll(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry)
{
    if (entry->dll != NULL)
        return entry->dll;
    const struct wsplsp_entry *top = entry->info.chain_len > 1 ? chain_member(catalog, entry, 0) : NULL;
    return top == NULL ? NULL : top->dll;
}

static bool absolute(const wchar_t *path)
{
    return path[0] != 0 &&
           ((path[1] == ':' && (path[2] == '\\' || path[2] == '/')) || (path[0] == '\\' && path[1] == '\\'));
}

/* Loads the DLL and finds its WSPStartup; on failure the Win32 error is returned. */
static DWORD load_module(const char *dll, HMODULE *module, LPWSPSTARTUP *startup)
{
    DWORD error = ERROR_SUCCESS;
    wchar_t *path = dll == NULL ? NULL : expand_path(dll);
    if (path == NULL)
        return dll == NULL ? ERROR_FILE_NOT_FOUND : ERROR_NOT_ENOUGH_MEMORY;
    /* A provider's own libraries lie beside it, not beside the program. */
    *module = LoadLibraryExW(path, NULL, absolute(path) ? LOAD_WITH_ALTERED_SEARCH_PATH : 0);
    if (*module == NULL)
        error = GetLastError();
    free(path);
    if (error != ERROR_SUCCESS)
        return error;
    *(void **)startup = (void *)GetProcAddress(*module, "WSPStartup");
    if (*startup != NULL) {
        if (provider_loaded != NULL)
            provider_loaded(*module);
        return ERROR_SUCCESS;
    }
    error = GetLastError();
    FreeLibrary(*module);
    return error;
}

/* WSAEINVALIDPROCTABLE: "an invalid or incomplete procedure table". */
static bool complete(const WSPPROC_TABLE *procs)
{
    void *functions[sizeof(*procs) / sizeof(void *)];
    memcpy(functions, procs, sizeof(functions));
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (functions[i] == NULL)
            return false;
    return true;
}

/* Calls WSPStartup and checks what it gave, as the pages of WSPStartup and WSASocket say. Zero, or WSASocket's error;
 * then the provider has been cleaned up, where it had started. */
static int call_startup(LPWSPSTARTUP startup, WSAPROTOCOL_INFOW *info, WSPPROC_TABLE *procs)
{
    WSPDATA data;
    INT ignored;
    memset(&data, 0, sizeof(data));
    memset(procs, 0, sizeof(*procs));
    if (startup(MAKEWORD(2, 2), &data, info, *upcalls_table(), procs) != 0)
        return WSAEPROVIDERFAILEDINIT;
    int error = 0;
    if (data.wVersion != MAKEWORD(2, 2))
        error = WSAEINVALIDPROVIDER;
    else if (!complete(procs))
        error = WSAEINVALIDPROCTABLE;
    if (error != 0 && procs->lpWSPCleanup != NULL)
        procs->lpWSPCleanup(&ignored);
    return error;
}

static void unload(struct loaded *loaded)
{
    HMODULE module = InterlockedExchangePointer((void **)&loaded->parked, NULL);
    if (module != NULL)
        FreeLibrary(module);
}

/* Loads and starts; the caller has made the phase PHASE_STARTING, so no other thread is here for the same one. */
static int start(struct loaded *loaded, const char *dll)
{
    LPWSPSTARTUP startup = base_startup;
    WSPPROC_TABLE procs;
    HMODULE module = NULL;
    if (!loaded->provider->base && load_module(dll, &module, &startup) != ERROR_SUCCESS)
        return WSAEPROVIDERFAILEDINIT;
    unload(loaded); /* the one just loaded keeps the DLL in */
    int error = call_startup(startup, &loaded->provider->info, &procs);
    if (error == 0 && module != NULL) {
        loaded->provider->procs = procs;
        loaded->module = module;
    } else if (module != NULL) {
        FreeLibrary(module);
    }
    return error;
}

/* Under the lock. */
static struct loaded *find(const struct wsplsp_guid *id)
{
    for (struct loaded *loaded = list; loaded != NULL; loaded = loaded->next)
        if (!loaded->provider->base && wsplsp_guid_equal(&loaded->provider->id, id))
            return loaded;
    return NULL;
}

/* The element for an entry, new where there is none; under the lock, exclusively. NULL when out of memory. */
static struct loaded *find_or_add(const struct wsplsp_entry *entry)
{
    struct loaded *loaded = entry->info.chain_len == 1 ? &base : find(&entry->info.provider_id);
    if (loaded != NULL)
        return loaded;
    loaded = calloc(1, sizeof(*loaded));
    if (loaded == NULL)
        return NULL;
    loaded->provider = &loaded->own;
    loaded->provider->id = entry->info.provider_id;
    loaded->next = list;
    list = loaded;
    return loaded;
}

static struct provider *find_running(const struct wsplsp_entry *entry)
{
    AcquireSRWLockShared(&list_lock);
    struct loaded *loaded = entry->info.chain_len == 1 ? &base : find(&entry->info.provider_id);
    bool running = loaded != NULL && loaded->phase == PHASE_RUNNING;
    ReleaseSRWLockShared(&list_lock);
    return running ? loaded->provider : NULL;
}

/* Waits until no other thread is starting it; false where it runs already, or where this thread is starting it (a
 * WSPStartup that makes a socket of its own chain): then `*error` is set. Under the lock, exclusively. */
static bool claim(struct loaded *loaded, int *error)
{
    while (loaded->phase == PHASE_STARTING && loaded->starter != GetCurrentThreadId())
        SleepConditionVariableSRW(&phase_changed, &list_lock, INFINITE, 0);
    *error = loaded->phase == PHASE_STARTING ? WSAEPROVIDERFAILEDINIT : 0;
    if (loaded->phase != PHASE_STOPPED)
        return false;
    loaded->phase = PHASE_STARTING;
    loaded->starter = GetCurrentThreadId();
    return true;
}

struct provider *provider_start(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry, int *error)
{
    struct provider *running = find_running(entry);
    if (running != NULL)
        return running;
    AcquireSRWLockExclusive(&list_lock);
    struct loaded *loaded = find_or_add(entry);
    bool claimed = false;
    *error = WSA_NOT_ENOUGH_MEMORY;
    if (loaded != NULL)
        claimed = claim(loaded, error);
    if (claimed)
        provider_info(entry, &loaded->provider->info);
    ReleaseSRWLockExclusive(&list_lock);
    if (claimed) {
        *error = start(loaded, entry_dll(catalog, entry));
        AcquireSRWLockExclusive(&list_lock);
        loaded->phase = *error == 0 ? PHASE_RUNNING : PHASE_STOPPED;
        ReleaseSRWLockExclusive(&list_lock);
        WakeAllConditionVariable(&phase_changed);
    }
    return *error == 0 ? loaded->provider : NULL;
}

static bool is_top(const WSAPROTOCOL_INFOW *info, uint32_t catalog_id)
{
    return info->ProtocolChain.ChainLen > 1 && info->ProtocolChain.ChainEntries[0] == catalog_id;
}

/* The started provider with that id, or the first whose chain has that layer at its top. Also one that is still
 * starting: it may make sockets for itself. */
static struct provider *find_started(const struct wsplsp_entry *entry)
{
    AcquireSRWLockShared(&list_lock);
    struct loaded *found = find(&entry->info.provider_id);
    if (found != NULL && found->phase == PHASE_STOPPED)
        found = NULL;
    for (struct loaded *loaded = list; loaded != NULL && found == NULL; loaded = loaded->next)
        if (loaded->phase != PHASE_STOPPED && is_top(&loaded->provider->info, entry->info.catalog_id))
            found = loaded;
    ReleaseSRWLockShared(&list_lock);
    return found == NULL ? NULL : found->provider;
}

/* `*known` says whether the catalog has the entry. */
static struct provider *resolve(uint32_t catalog_id, bool *known)
{
    const struct host_thread *thread = thread_find();
    struct provider *making = thread == NULL ? NULL : thread->making;
    *known = true;
    if (making != NULL && !making->base &&
        (making->info.dwCatalogEntryId == catalog_id || is_top(&making->info, catalog_id)))
        return making;
    const struct wsplsp_snapshot *snapshot = private_catalog_acquire();
    const struct wsplsp_entry *entry = wsplsp_catalog_find(private_catalog_own(snapshot), catalog_id);
    struct provider *provider = NULL;
    *known = entry != NULL;
    if (entry != NULL)
        provider = entry->info.chain_len == 1 ? provider_base() : find_started(entry);
    private_catalog_release(snapshot);
    return provider;
}

struct provider *provider_of_entry(uint32_t catalog_id)
{
    bool known;
    return resolve(catalog_id, &known);
}

int provider_own_socket(uint32_t catalog_id, SOCKET s)
{
    bool known;
    struct provider *provider = resolve(catalog_id, &known);
    if (!known)
        return WSAEINVAL;
    if (provider == NULL)
        return 0;
    return sockets_set(&sockets, s, provider) ? 0 : WSA_NOT_ENOUGH_MEMORY;
}

/* Takes the next running provider out of its phase; layers before the base that they stand on. */
static struct loaded *take_running(void)
{
    struct loaded *found = NULL;
    AcquireSRWLockExclusive(&list_lock);
    for (struct loaded *loaded = list; loaded != NULL; loaded = loaded->next)
        if (loaded->phase == PHASE_RUNNING && (found == NULL || !loaded->provider->base))
            found = loaded;
    if (found != NULL)
        found->phase = PHASE_STOPPED;
    ReleaseSRWLockExclusive(&list_lock);
    return found;
}

/* What no thread is inside of any more goes; the rest stays for the next time. */
static void unload_parked(void)
{
    bool calling = thread_calling();
    AcquireSRWLockShared(&list_lock);
    struct loaded *first = list;
    ReleaseSRWLockShared(&list_lock);
    for (struct loaded *loaded = first; loaded != NULL && !calling; loaded = loaded->next)
        unload(loaded);
}

void provider_stop_all(void)
{
    struct loaded *loaded;
    INT ignored;
    sockets_forget_all(&sockets);
    while ((loaded = take_running()) != NULL) {
        loaded->provider->procs.lpWSPCleanup(&ignored);
        loaded->parked = loaded->module;
        loaded->module = NULL;
    }
    handles_close_all();
    unload_parked();
}

static bool checked_before(const struct wsplsp_catalog *catalog, size_t index, const char *dll)
{
    for (size_t i = 0; i < index; i++) {
        const char *other = entry_dll(catalog, &catalog->entries[i]);
        if (catalog->entries[i].info.chain_len != 1 && other != NULL && text_compare_nocase(other, dll) == 0)
            return true;
    }
    return false;
}

enum wsplsp_status provider_check(const struct wsplsp_catalog *catalog, struct wsplsp_error *error)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        const char *dll = entry_dll(catalog, entry);
        HMODULE module;
        LPWSPSTARTUP startup;
        if (entry->undecoded != NULL || entry->info.chain_len == 1 || (dll != NULL && checked_before(catalog, i, dll)))
            continue;
        DWORD code = load_module(dll, &module, &startup);
        if (code != ERROR_SUCCESS)
            return wsplsp_fail(error, WSPLSP_SYSTEM, code, "LAYER_NOT_LOADED", "cannot load %s, the layer of entry %u",
                               dll == NULL ? "a DLL that is not named" : dll, (unsigned)entry->info.catalog_id);
        FreeLibrary(module);
    }
    return WSPLSP_OK;
}
