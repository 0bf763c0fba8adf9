/* The running system as a store: each step is a call that takes effect at once; see store.h. In a process that `wsplsp
 * run` hosts, "the running system" is the host's private catalog: its functions answer, the rest is in its file. */
#include "store_winsock_win.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/code_page.h"
#include "lsp-core/win/data_folder_win.h"
#include "lsp-core/win/elevation_win.h"
#include "lsp-core/win/errors_win.h"
#include "lsp-core/registry/key_lock_win.h"
#include "lsp-core/catalog/source.h"
#include "lsp-core/base/sysdll_win.h"
#include "lsp-core/base/text.h"

#define PARAMETERS_KEY   L"SYSTEM\\CurrentControlSet\\Services\\WinSock2\\Parameters"
#define APPLICATIONS_KEY PARAMETERS_KEY L"\\AppId_Catalog"

struct winsock_store {
    struct store common;
    winsock_find find;
    bool hosted;
    struct store *file; /* hosted: the private catalog's file; NULL for one in memory */
};

static enum wsplsp_status may_change(struct store *store, struct wsplsp_error *error)
{
    const struct winsock_store *own = (struct winsock_store *)store;
    if (own->hosted && own->file == NULL) {
        wsplsp_fail(error, WSPLSP_REFUSED, 0, "IN_MEMORY",
                    "the catalog of this 'wsplsp run' is in memory: there is nowhere to keep its backups");
        return wsplsp_hint(error, "start the outer one with --catalog FILE ('wsplsp catalog new' makes a file)");
    }
    /* There the functions without "32" in their names are for the 32-bit catalog, and none is for the other one. */
    if (sysdll_is_wow64()) {
        wsplsp_fail(error, WSPLSP_REFUSED, 0, "WOW64", "this is the 32-bit wsplsp on a 64-bit Windows");
        return wsplsp_hint(error, "use the 64-bit wsplsp, which changes both catalogs");
    }
    return own->hosted ? WSPLSP_OK : elevation_check(error);
}

/* No WSAStartup here: "only instances of the Ws2_32.dll created by calling WSAStartup after a successful completion of
 * this function will include the new entries", so each reading has its own (lsp-core/catalog/live/load_win.c), and so
 * has each call that needs one (winsock_calls_win.c). */
static enum wsplsp_status begin(struct store *store, struct wsplsp_error *error)
{
    (void)store;
    (void)error;
    return WSPLSP_OK;
}

static void end(struct store *store)
{
    (void)store;
}

/* No function lists the applications; on Windows the registry does, and for a private catalog its file. */
static enum wsplsp_status take_applications(struct winsock_store *own, struct wsplsp_snapshot *snapshot,
                                            struct wsplsp_error *error)
{
    struct wsplsp_snapshot *kept;
    if (own->file->functions->load(own->file, &kept, error) != WSPLSP_OK)
        return error->status;
    struct wsplsp_application *applications = snapshot->applications;
    size_t count = snapshot->application_count;
    snapshot->applications = kept->applications;
    snapshot->application_count = kept->application_count;
    snapshot->applications_absent = kept->applications_absent;
    kept->applications = applications;
    kept->application_count = count;
    wsplsp_snapshot_free(kept);
    return WSPLSP_OK;
}

static enum wsplsp_status load(struct store *store, struct wsplsp_snapshot **snapshot, struct wsplsp_error *error)
{
    struct winsock_store *own = (struct winsock_store *)store;
    struct wsplsp_snapshot *loaded;
    enum wsplsp_status status = source_load_live(&loaded, error);
    if (status == WSPLSP_OK && own->file != NULL) {
        status = take_applications(own, loaded, error);
        if (status != WSPLSP_OK)
            wsplsp_snapshot_free(loaded);
    }
    if (status == WSPLSP_OK)
        *snapshot = loaded;
    return status;
}

/* No function does this: the reference's WSCSetApplicationCategory only adds. So it is done as a writer of the catalog
 * would, under its lock. */
static enum wsplsp_status forget_in_registry(const char *key, struct wsplsp_error *error)
{
    HKEY applications;
    size_t units;
    if (key == NULL || key[0] == '\0' || strchr(key, '\\') != NULL)
        return wsplsp_fail(error, WSPLSP_SYSTEM, ERROR_BADKEY, "ERROR_BADKEY",
                           "the application's registry key is not known");
    wchar_t *wide = (wchar_t *)text_to_utf16(key, &units);
    if (wide == NULL)
        return wsplsp_fail_memory(error);
    struct key_lock lock;
    if (key_lock_take(PARAMETERS_KEY, &lock, error) != WSPLSP_OK) {
        free(wide);
        return error->status;
    }
    LONG code = RegOpenKeyExW(HKEY_LOCAL_MACHINE, APPLICATIONS_KEY, 0, DELETE, &applications);
    if (code == ERROR_SUCCESS) {
        code = RegDeleteKeyW(applications, wide);
        RegCloseKey(applications);
    }
    key_lock_give(&lock);
    free(wide);
    if (code == ERROR_SUCCESS)
        return WSPLSP_OK;
    return errors_win_fail(error, (uint32_t)code, "cannot delete the registry key AppId_Catalog\\%.100s (%s)", key,
                           errors_win_name((uint32_t)code));
}

static enum wsplsp_status forget_in_file(struct store *file, const struct plan_step *step, struct wsplsp_error *error)
{
    struct wsplsp_snapshot *snapshot = NULL;
    enum wsplsp_status status = file->functions->begin(file, error);
    if (status != WSPLSP_OK)
        return status;
    status = file->functions->load(file, &snapshot, error);
    if (status == WSPLSP_OK)
        status = file->functions->apply(file, step, error);
    if (status == WSPLSP_OK)
        status = file->functions->commit(file, error);
    file->functions->end(file);
    wsplsp_snapshot_free(snapshot);
    return status;
}

static enum wsplsp_status apply(struct store *store, const struct plan_step *step, struct wsplsp_error *error)
{
    struct winsock_store *own = (struct winsock_store *)store;
    struct wsplsp_snapshot *now;
    if (step->action == PLAN_FORGET_APPLICATION)
        return own->file != NULL ? forget_in_file(own->file, step, error)
                                 : forget_in_registry(step->application_key, error);
    if (load(store, &now, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = winsock_call(own->find, step, now, error);
    wsplsp_snapshot_free(now);
    return status;
}

static enum wsplsp_status commit(struct store *store, struct wsplsp_error *error)
{
    (void)store;
    (void)error;
    return WSPLSP_OK;
}

static void free_store(struct store *store)
{
    struct winsock_store *own = (struct winsock_store *)store;
    if (own->file != NULL)
        own->file->functions->free(own->file);
    store_free_common(store);
    free(own);
}

static const struct store_functions functions = {may_change, begin, end, load, apply, commit, free_store};

/* The file of the private catalog, new, or NULL for one in memory. */
static char *hosted_file(HMODULE host)
{
    const wchar_t *(*catalog_file)(void);
    const wchar_t *file = sysdll_function(host, "wsplsp_host_catalog_file", &catalog_file) ? catalog_file() : NULL;
    return file == NULL ? NULL : text_from_utf16(file, wcslen(file));
}

static enum wsplsp_status open_hosted(struct winsock_store *own, HMODULE host, struct wsplsp_error *error)
{
    char *path = hosted_file(host);
    own->hosted = true;
    own->common.name = text_duplicate(path != NULL ? path : "the catalog of this run");
    enum wsplsp_status status = own->common.name == NULL ? wsplsp_fail_memory(error) : WSPLSP_OK;
    if (status == WSPLSP_OK && path != NULL)
        status = store_open_file(path, CODE_PAGE_UNKNOWN, own->common.new_id, &own->file, error);
    if (status == WSPLSP_OK && path != NULL) {
        own->common.folder = text_duplicate(own->file->folder);
        own->common.access = own->file->access;
        status = own->common.folder == NULL ? wsplsp_fail_memory(error) : WSPLSP_OK;
    }
    free(path);
    return status;
}

static enum wsplsp_status open_system(struct winsock_store *own, struct wsplsp_error *error)
{
    wchar_t folder[MAX_PATH];
    if (!data_folder_path(DATA_FOLDER_BACKUPS, folder))
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NO_PROGRAM_DATA", "the system has no folder for program data");
    own->common.system = true;
    own->common.name = text_duplicate("the running system");
    own->common.folder = text_from_utf16(folder, MAX_PATH);
    own->common.access = BACKUP_ACCESS_ADMINISTRATORS;
    return own->common.name != NULL && own->common.folder != NULL ? WSPLSP_OK : wsplsp_fail_memory(error);
}

enum wsplsp_status store_open_winsock_with(winsock_find find, plan_new_id new_id, struct store **store,
                                           struct wsplsp_error *error)
{
    HMODULE host = GetModuleHandleW(L"wsplsp-host.dll");
    struct winsock_store *own = calloc(1, sizeof *own);
    if (own == NULL)
        return wsplsp_fail_memory(error);
    own->common.functions = &functions;
    own->common.new_id = new_id;
    own->find = find;
    enum wsplsp_status status = host != NULL ? open_hosted(own, host, error) : open_system(own, error);
    if (status == WSPLSP_OK)
        *store = &own->common;
    else
        free_store(&own->common);
    return status;
}

enum wsplsp_status store_open_winsock(plan_new_id new_id, struct store **store, struct wsplsp_error *error)
{
    return store_open_winsock_with(winsock_find_system, new_id, store, error);
}
