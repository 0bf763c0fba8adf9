/* Loaded service providers; see provider.h. */
#include "provider.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/chain.h"
#include "lsp-core/base/sysdll_win.h"
#include "lsp-core/base/text.h"
#include "base.h"
#include "lsp-core/host/handles/handles.h"
#include "lsp-core/win/lock.h"
#include "lsp-core/host/catalog/private.h"
#include "thread.h"

struct sockets sockets;

void (*provider_loaded)(HMODULE module);
bool provider_strict;

static const WSPUPCALLTABLE *upcall_table;
static bool (*program_wants)(void);

void provider_init(const WSPUPCALLTABLE *upcalls, bool (*wanted)(void))
{
    upcall_table = upcalls;
    program_wants = wanted;
}

const WSPUPCALLTABLE *provider_upcalls(void)
{
    return upcall_table;
}

static bool is_wanted(void)
{
    return program_wants != NULL && program_wants();
}

_Static_assert(sizeof(struct wsplsp_protocol_info) == sizeof(WSAPROTOCOL_INFOW), "the model is the structure itself");

/* Of a provider:
 *
 *           find_or_add: a new element, or the one with that provider id
 *                                  |
 *                                  v
 *          +---------------> PHASE_STOPPED
 *          |                   |       ^
 *          |             claim |       | start_loaded: start has failed
 *          |                   v       |
 *          |                 PHASE_STARTING
 *          |                       |
 *          |                       | start_loaded: start has succeeded
 *          |                       v
 *          +---------------- PHASE_RUNNING
 *             take_running
 *
 * The phase changes under list_lock, held exclusively. DLLs and providers are called without it:
 *   before claim         load: the DLL, on each thread that wants the provider.
 *   PHASE_STARTING       start: WSPStartup, on the thread `starter`. Others wait for phase_changed (await_turn);
 *                        one that would wait for itself gets an error instead (waits_for_this_thread).
 *   after take_running   WSPCleanup, on the thread that is in the last WSACleanup (provider_stop_all). It is `stopper`
 *                        from provider_stop_begin until all providers have been stopped. Threads that want to start
 *                        one wait for that, too; only then does claim ask whether the program still wants any.
 *
 * And of a reference to a provider's DLL (the base provider has none):
 *
 *     load_module -----> start_loaded ------ start has succeeded ------> loaded->module
 *          |                  |                                                |
 *          | no WSPStartup,   | start has failed,                              | provider_stop_all
 *          | provider_check   | or nothing was claimed                         |
 *          v                  v                                                v
 *        keep: `modules`, or FreeLibrary for a second reference to a DLL that is there
 *          |
 *          | unload_stopped, at the end of provider_stop_all: those that are `stopped`, if no thread is in a provider
 *          v
 *     FreeLibrary */
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
    const struct loaded *awaited; /* the one that `starter` waits for meanwhile */
    HMODULE module;               /* NULL for the base provider */
    struct loaded *next;
};

/* `list_lock` guards the list, each element's phase and `stopper`, and the list of modules. It is held for as long as
 * it takes to look at them: DllMain functions want it, too, so that nothing is loaded, freed or called under it. */
static SRWLOCK list_lock = SRWLOCK_INIT;
static CONDITION_VARIABLE phase_changed = CONDITION_VARIABLE_INIT;
static struct loaded base = {.provider = &base_provider};
static struct loaded *list = &base;

/* The thread that is stopping all providers; 0: none is. */
static DWORD stopper;

/* A DLL that no running provider needs. It may have started threads that only its WSPCleanup ends, so what has not been
 * through that stays: a DLL that was only looked at, or whose WSPStartup has failed. Windows does not load the first at
 * all; a DLL that fails is seldom worth a crash. The others go with the last WSACleanup that finds no thread inside. */
struct module {
    HMODULE handle; /* one reference */
    bool stopped;   /* its WSPCleanup has been called */
    struct module *next;
};

static struct module *modules;

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

static struct module *find_module(HMODULE handle)
{
    for (struct module *module = modules; module != NULL; module = module->next)
        if (module->handle == handle)
            return module;
    return NULL;
}

/* Takes over one reference to the DLL. Out of memory, it is never given up. */
static void keep(HMODULE handle, bool stopped)
{
    struct module *new = calloc(1, sizeof(*new));
    lock_exclusive(&list_lock);
    struct module *known = find_module(handle);
    if (known != NULL) {
        known->stopped = known->stopped || stopped;
    } else if (new != NULL) {
        *new = (struct module){handle, stopped, modules};
        modules = new;
        new = NULL;
    }
    unlock_exclusive(&list_lock);
    free(new);
    if (known != NULL)
        FreeLibrary(handle); /* not the last reference */
}

static struct module *take_stopped_modules(void)
{
    struct module *taken = NULL;
    lock_exclusive(&list_lock);
    for (struct module **place = &modules; *place != NULL;) {
        struct module *module = *place;
        if (module->stopped) {
            *place = module->next;
            module->next = taken;
            taken = module;
        } else {
            place = &module->next;
        }
    }
    unlock_exclusive(&list_lock);
    return taken;
}

/* Where a thread is inside of one, they all stay until the next time. */
static void unload_stopped(void)
{
    if (thread_calling())
        return;
    struct module *module = take_stopped_modules();
    while (module != NULL) {
        struct module *next = module->next;
        FreeLibrary(module->handle);
        free(module);
        module = next;
    }
}

/* Loads the DLL and finds its WSPStartup; on failure the Win32 error is returned. */
static DWORD load_module(const char *dll, HMODULE *module, LPWSPSTARTUP *startup)
{
    DWORD error = ERROR_SUCCESS;
    wchar_t *path = dll == NULL ? NULL : expand_path(dll);
    if (path == NULL)
        return dll == NULL ? ERROR_FILE_NOT_FOUND : ERROR_NOT_ENOUGH_MEMORY;
    /* A provider's own libraries lie beside it, not beside the program; one without a folder is the system's. */
    *module = absolute(path) ? LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH) : sysdll_load(path);
    if (*module == NULL)
        error = GetLastError();
    free(path);
    if (error != ERROR_SUCCESS)
        return error;
    *(void **)startup = (void *)GetProcAddress(*module, "WSPStartup");
    if (*startup != NULL)
        return ERROR_SUCCESS;
    error = GetLastError();
    keep(*module, false);
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
 * then `*cleaned_up` says whether the provider had started and its WSPCleanup has been called. */
static int call_startup(LPWSPSTARTUP startup, WSAPROTOCOL_INFOW *info, WSPPROC_TABLE *procs, bool *cleaned_up)
{
    WSPDATA data;
    INT ignored;
    memset(&data, 0, sizeof(data));
    memset(procs, 0, sizeof(*procs));
    *cleaned_up = false;
    if (startup(MAKEWORD(2, 2), &data, info, *provider_upcalls(), procs) != 0)
        return WSAEPROVIDERFAILEDINIT;
    int error = 0;
    if (data.wVersion != MAKEWORD(2, 2))
        error = WSAEINVALIDPROVIDER;
    else if (!complete(procs))
        error = WSAEINVALIDPROCTABLE;
    *cleaned_up = error != 0 && procs->lpWSPCleanup != NULL;
    if (*cleaned_up)
        procs->lpWSPCleanup(&ignored);
    return error;
}

static void forget_socket(uintptr_t s, void *owner, void *context)
{
    if (owner == context)
        sockets_replace(&sockets, s, owner, NULL);
}

/* The caller has made the phase PHASE_STARTING, so no other thread is here for the same one. */
static int start(struct loaded *loaded, HMODULE module, LPWSPSTARTUP startup)
{
    WSPPROC_TABLE procs;
    bool cleaned_up;
    if (module != NULL && provider_loaded != NULL)
        provider_loaded(module);
    int error = call_startup(startup, &loaded->provider->info, &procs, &cleaned_up);
    if (error == 0) {
        loaded->provider->procs = procs;
        loaded->module = module;
        return 0;
    }
    /* Sockets that it has registered meanwhile would lead to functions that there are not. */
    if (!loaded->provider->base)
        sockets_each(&sockets, forget_socket, loaded->provider);
    if (module != NULL)
        keep(module, cleaned_up);
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

/* Under the lock. When the process ends, nobody stops them any more. */
static bool others_stop(void)
{
    return stopper != 0 && stopper != GetCurrentThreadId() && !lock_process_ends();
}

static struct provider *find_running(const struct wsplsp_entry *entry)
{
    lock_shared(&list_lock);
    struct loaded *loaded = entry->info.chain_len == 1 ? &base : find(&entry->info.provider_id);
    bool running = loaded != NULL && loaded->phase == PHASE_RUNNING && !others_stop();
    unlock_shared(&list_lock);
    return running ? loaded->provider : NULL;
}

/* Whether this thread is starting it, or another that waits, directly or by way of others, for what this thread is
 * starting: it would wait for itself. Under the lock. */
static bool waits_for_this_thread(const struct loaded *loaded)
{
    while (loaded != NULL && loaded->phase == PHASE_STARTING && loaded->starter != GetCurrentThreadId())
        loaded = loaded->awaited;
    return loaded != NULL && loaded->phase == PHASE_STARTING;
}

/* Notes what this thread waits for with all that it is starting. Under the lock. */
static void set_awaited(const struct loaded *awaited)
{
    for (struct loaded *loaded = list; loaded != NULL; loaded = loaded->next)
        if (loaded->phase == PHASE_STARTING && loaded->starter == GetCurrentThreadId())
            loaded->awaited = awaited;
}

/* Waits until no other thread is starting it, and none is stopping the providers. False where that would be waiting for
 * this thread itself (a WSPStartup that makes a socket of its own chain), or for one that ended with the process. Under
 * the lock, exclusively. */
static bool await_turn(struct loaded *loaded)
{
    while (others_stop() || loaded->phase == PHASE_STARTING) {
        if (lock_process_ends() || waits_for_this_thread(loaded))
            return false;
        set_awaited(loaded);
        SleepConditionVariableSRW(&phase_changed, &list_lock, INFINITE, 0);
        set_awaited(NULL);
    }
    return true;
}

/* Makes it this thread's to start; false where it runs already, and where it cannot be started now: then `*error` is
 * set. Under the lock, exclusively. */
static bool claim(struct loaded *loaded, int *error)
{
    *error = await_turn(loaded) ? 0 : WSAEPROVIDERFAILEDINIT;
    if (*error != 0 || loaded->phase == PHASE_RUNNING)
        return false;
    if (!is_wanted()) {
        *error = WSANOTINITIALISED; /* the last WSACleanup has come in between */
        return false;
    }
    loaded->phase = PHASE_STARTING;
    loaded->starter = GetCurrentThreadId();
    loaded->awaited = NULL;
    return true;
}

/* The DLL is loaded before anything is claimed: a thread that waits for this one may hold the loader's lock. */
static int load(const struct loaded *loaded, const char *dll, HMODULE *module, LPWSPSTARTUP *startup)
{
    struct host_thread *thread = thread_current();
    if (thread == NULL)
        return WSA_NOT_ENOUGH_MEMORY;
    if (thread->loading == loaded)
        return WSAEPROVIDERFAILEDINIT; /* from its DllMain */
    const void *before = thread->loading;
    thread->loading = loaded;
    DWORD code = load_module(dll, module, startup);
    thread->loading = before;
    return code == ERROR_SUCCESS ? 0 : WSAEPROVIDERFAILEDINIT;
}

static int start_loaded(struct loaded *loaded, const struct wsplsp_entry *entry, HMODULE module, LPWSPSTARTUP startup)
{
    int error;
    lock_exclusive(&list_lock);
    bool claimed = claim(loaded, &error);
    if (claimed)
        provider_info(entry, &loaded->provider->info);
    unlock_exclusive(&list_lock);
    if (!claimed) {
        if (module != NULL)
            keep(module, error == 0);
        return error;
    }
    error = start(loaded, module, startup);
    lock_exclusive(&list_lock);
    loaded->phase = error == 0 ? PHASE_RUNNING : PHASE_STOPPED;
    unlock_exclusive(&list_lock);
    WakeAllConditionVariable(&phase_changed);
    return error;
}

struct provider *provider_start(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry, int *error)
{
    struct provider *running = find_running(entry);
    if (running != NULL)
        return running;
    HMODULE module = NULL;
    LPWSPSTARTUP startup = base_startup;
    lock_exclusive(&list_lock);
    struct loaded *loaded = find_or_add(entry);
    unlock_exclusive(&list_lock);
    if (loaded == NULL)
        *error = WSA_NOT_ENOUGH_MEMORY;
    else
        *error = loaded->provider->base ? 0 : load(loaded, entry_dll(catalog, entry), &module, &startup);
    if (*error == 0)
        *error = start_loaded(loaded, entry, module, startup);
    return *error == 0 ? loaded->provider : NULL;
}

static bool is_top(const WSAPROTOCOL_INFOW *info, uint32_t catalog_id)
{
    return info->ProtocolChain.ChainLen > 1 && info->ProtocolChain.ChainEntries[0] == catalog_id;
}

static bool is_member(const WSAPROTOCOL_INFOW *info, uint32_t catalog_id)
{
    for (int i = 0; i < info->ProtocolChain.ChainLen && i < MAX_PROTOCOL_CHAIN; i++)
        if (info->ProtocolChain.ChainEntries[i] == catalog_id)
            return true;
    return false;
}

/* The provider whose WSPSocket, WSPAccept or WSPJoinLeaf the thread is in, where it is a chain's. */
static struct provider *chain_under_way(void)
{
    const struct host_thread *thread = thread_find();
    struct provider *making = thread == NULL ? NULL : thread->making;
    return making != NULL && !making->base ? making : NULL;
}

/* What a layer's own id is taken for. For a layer below another nothing is recorded: the one above, when it gets the
 * handle, registers it as its own. */
static void mean_hidden(uint32_t catalog_id, struct provider_meant *meant)
{
    struct provider *making = chain_under_way();
    meant->hidden = true;
    if (making != NULL && is_member(&making->info, catalog_id)) {
        meant->chain = making->info.dwCatalogEntryId;
        meant->provider = is_top(&making->info, catalog_id) ? making : NULL;
        return;
    }
    lock_shared(&list_lock);
    for (struct loaded *loaded = list; loaded != NULL && meant->provider == NULL; loaded = loaded->next) {
        const WSAPROTOCOL_INFOW *info = &loaded->provider->info;
        if (loaded->phase == PHASE_STOPPED || loaded->provider->base || !is_member(info, catalog_id))
            continue;
        if (meant->chain == 0)
            meant->chain = info->dwCatalogEntryId;
        if (is_top(info, catalog_id))
            meant->provider = loaded->provider;
    }
    unlock_shared(&list_lock);
}

/* The chain's provider where it runs; where it is starting, too, as long as this thread is not one that could use the
 * socket before it runs: a thread that is in no call is the layer's own, and WSPStartup may be waiting for it. `*over`:
 * the providers are being stopped. */
static struct provider *find_started(const struct wsplsp_entry *entry, bool *over)
{
    const struct host_thread *thread = thread_find();
    lock_shared(&list_lock);
    struct loaded *loaded = find(&entry->info.provider_id);
    bool usable = loaded != NULL && loaded->phase == PHASE_RUNNING;
    if (loaded != NULL && loaded->phase == PHASE_STARTING)
        usable = thread == NULL || thread->calls == 0 || waits_for_this_thread(loaded);
    *over = stopper != 0 || !is_wanted();
    unlock_shared(&list_lock);
    return usable ? loaded->provider : NULL;
}

static int mean_chain(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry,
                      struct provider_meant *meant)
{
    bool over;
    int error = 0;
    meant->provider = find_started(entry, &over);
    if (meant->provider == NULL && !over)
        meant->provider = provider_start(catalog, entry, &error);
    /* Two that ask for each other's at once: by now the other one waits for this thread. */
    if (error == WSAEPROVIDERFAILEDINIT && (meant->provider = find_started(entry, &over)) != NULL)
        error = 0;
    return error == 0 || error == WSA_NOT_ENOUGH_MEMORY ? error : WSAEINVAL;
}

int provider_mean(uint32_t catalog_id, struct provider_meant *meant)
{
    struct provider *making = chain_under_way();
    *meant = (struct provider_meant){NULL, false, 0};
    if (making != NULL && making->info.dwCatalogEntryId == catalog_id) {
        meant->provider = making;
        return 0;
    }
    const struct wsplsp_snapshot *snapshot = private_catalog_acquire();
    const struct wsplsp_catalog *catalog = private_catalog_own(snapshot);
    const struct wsplsp_entry *entry = wsplsp_catalog_find(catalog, catalog_id);
    int error = 0;
    if (entry == NULL)
        error = WSAEINVAL;
    else if (entry->info.chain_len == 1)
        meant->provider = provider_base();
    else if (entry->info.chain_len > 1)
        error = mean_chain(catalog, entry, meant);
    else
        mean_hidden(catalog_id, meant);
    private_catalog_release(snapshot);
    return meant->hidden && provider_strict ? WSAEINVAL : error;
}

int provider_own_socket(struct provider *provider, SOCKET s)
{
    return provider == NULL || sockets_set(&sockets, s, provider) ? 0 : WSA_NOT_ENOUGH_MEMORY;
}

/* Takes the next running provider out of its phase; layers before the base that they stand on. */
static struct loaded *take_running(void)
{
    struct loaded *found = NULL;
    lock_exclusive(&list_lock);
    for (struct loaded *loaded = list; loaded != NULL; loaded = loaded->next)
        if (loaded->phase == PHASE_RUNNING && (found == NULL || !loaded->provider->base))
            found = loaded;
    if (found != NULL)
        found->phase = PHASE_STOPPED;
    unlock_exclusive(&list_lock);
    return found;
}

void provider_stop_begin(void)
{
    lock_exclusive(&list_lock);
    stopper = GetCurrentThreadId();
    unlock_exclusive(&list_lock);
}

void provider_stop_all(void)
{
    const bool ending = lock_process_ends();
    struct loaded *loaded;
    INT ignored;
    provider_stop_begin();
    sockets_forget_all(&sockets);
    while ((loaded = take_running()) != NULL) {
        HMODULE module = loaded->module;
        loaded->provider->procs.lpWSPCleanup(&ignored);
        loaded->module = NULL;
        if (module != NULL && !ending)
            keep(module, true);
    }
    if (!ending)
        handles_close_all(); /* the system closes what the process leaves */
    lock_exclusive(&list_lock);
    stopper = 0;
    unlock_exclusive(&list_lock);
    WakeAllConditionVariable(&phase_changed);
    /* Only now: who waits for the end of this may hold the loader's lock, which unloading needs. */
    if (!ending)
        unload_stopped();
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
        if (provider_loaded != NULL)
            provider_loaded(module);
        keep(module, false);
    }
    return WSPLSP_OK;
}
