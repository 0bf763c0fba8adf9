/* The section that the processes of a run share; see config.h. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/win/errors_win.h"
#include "report.h"
#include "run_object.h"

#define LOCK_TIMEOUT 30000 /* ms; a change takes some milliseconds */

/* What children get: to look at the section; of the mutex, nothing but that it is the one. */
#define SECTION_LOOK (SECTION_QUERY | SECTION_MAP_READ)
#define MUTEX_LOOK   READ_CONTROL

static struct config settings; /* this process's copy */
static bool attached;
static const struct config_section *view;
static HANDLE section, mutex, report;
static HANDLE own_mutex; /* of this process's threads */
static HANDLE change;    /* the run's mutex, held; under own_mutex */

static enum wsplsp_status failed(DWORD code, const char *what, struct wsplsp_error *error)
{
    enum wsplsp_status status = code == ERROR_ACCESS_DENIED ? WSPLSP_DENIED : WSPLSP_SYSTEM;
    return wsplsp_fail(error, status, code, errors_win_name(code), "%s", what);
}

static enum wsplsp_status take_over(struct wsplsp_error *error)
{
    own_mutex = CreateMutexW(NULL, FALSE, NULL);
    view = MapViewOfFile(section, FILE_MAP_READ, 0, 0, sizeof *view);
    if (view == NULL || own_mutex == NULL)
        return failed(GetLastError(), "cannot map the run's settings", error);
    switch (config_section_settings(view, &settings)) {
    case CONFIG_SECTION_DONE:
        attached = true;
        return WSPLSP_OK;
    case CONFIG_SECTION_OTHER_BUILD:
        return failed(ERROR_REVISION_MISMATCH, "wsplsp-host.dll is not of the same version as wsplsp", error);
    default:
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "BAD_FORMAT", "the run's settings are damaged");
    }
}

static bool copy_path(wchar_t *to, const wchar_t *from)
{
    if (from == NULL)
        return true; /* the section begins as zeros */
    if (wcslen(from) >= CONFIG_PATH)
        return false;
    wcscpy(to, from);
    return true;
}

static bool fill(struct config *config, const struct config_settings *from)
{
    config->magic = CONFIG_MAGIC;
    config->version = CONFIG_VERSION;
    config->size = sizeof *config;
    config->flags = from->flags | (from->catalog_file != NULL ? CONFIG_FILE_CATALOG : 0);
    config->trace_data_bytes = from->trace_data_bytes;
    config->code_page = from->code_page;
    if (from->posting != NULL)
        memcpy(config->posting, from->posting, sizeof config->posting);
    bool fits = copy_path(config->catalog_file, from->catalog_file) && copy_path(config->trace_file, from->trace_file);
    for (int i = 0; i < 2; i++)
        fits = fits && copy_path(config->filter_file[i], from->filter_file[i]) &&
               copy_path(config->folder[i], from->folder[i]);
    return fits;
}

/* A name that is there already is none of ours: random numbers do not meet. */
static HANDLE only_new(HANDLE object)
{
    if (object == NULL || GetLastError() != ERROR_ALREADY_EXISTS)
        return object;
    CloseHandle(object);
    SetLastError(ERROR_ALREADY_EXISTS);
    return NULL;
}

static bool make_objects(void)
{
    struct run_object_security security;
    wchar_t name[RUN_OBJECT_NAME];
    bool made = run_object_security(&security);
    if (made && run_object_name(name, L"wsplsp-run-"))
        section = only_new(
            CreateFileMappingW(INVALID_HANDLE_VALUE, &security.attributes, PAGE_READWRITE, 0, sizeof *view, name));
    if (section != NULL && run_object_name(name, L"wsplsp-lock-"))
        mutex = only_new(CreateMutexW(&security.attributes, FALSE, name));
    made = mutex != NULL && report_create(&security.attributes, &report);
    run_object_free(&security);
    return made;
}

enum wsplsp_status config_create(const struct config_settings *from, struct wsplsp_error *error)
{
    struct config_section *writable = NULL;
    if (make_objects())
        writable = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, sizeof *writable);
    if (writable == NULL)
        return failed(GetLastError(), "cannot make the run's settings", error);
    bool fits = fill(&writable->settings, from);
    UnmapViewOfFile(writable);
    return fits ? take_over(error) : failed(ERROR_FILENAME_EXCED_RANGE, "a file's name is too long", error);
}

enum wsplsp_status config_attach(const struct host_start *start, struct wsplsp_error *error)
{
    if (start->size != sizeof *start || start->version != CONFIG_VERSION)
        return failed(ERROR_REVISION_MISMATCH, "wsplsp-host.dll is not of the same version as wsplsp", error);
    section = (HANDLE)(uintptr_t)start->section;
    mutex = (HANDLE)(uintptr_t)start->mutex;
    report = (HANDLE)(uintptr_t)start->report;
    return take_over(error);
}

static bool give(HANDLE process, HANDLE handle, DWORD access, uint32_t *value)
{
    HANDLE copy;
    if (!DuplicateHandle(GetCurrentProcess(), handle, process, &copy, access, FALSE, 0))
        return false;
    *value = (uint32_t)(uintptr_t)copy;
    return true;
}

enum wsplsp_status config_share(HANDLE process, struct host_start *start, struct wsplsp_error *error)
{
    memset(start, 0, sizeof *start);
    start->size = sizeof *start;
    start->version = CONFIG_VERSION;
    if (give(process, section, SECTION_LOOK, &start->section) && give(process, mutex, MUTEX_LOOK, &start->mutex) &&
        give(process, report, REPORT_ACCESS, &start->report))
        return WSPLSP_OK;
    DWORD code = GetLastError();
    config_unshare(process, start);
    return wsplsp_fail(error, WSPLSP_SYSTEM, code, errors_win_name(code),
                       "cannot hand the run's settings to the process");
}

void config_unshare(HANDLE process, const struct host_start *start)
{
    const uint32_t values[] = {start->section, start->mutex, start->report};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (values[i] != 0)
            DuplicateHandle(process, (HANDLE)(uintptr_t)values[i], NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE);
    }
}

const struct config *config_get(void)
{
    return attached ? &settings : NULL;
}

bool config_posts(uint32_t catalog_id)
{
    bool posts = false;
    for (size_t i = 0; attached && i < CONFIG_POSTING; i++)
        posts = posts || (catalog_id >= settings.posting[i][0] && catalog_id <= settings.posting[i][1]);
    return posts && catalog_id != 0;
}

HANDLE config_report_pipe(void)
{
    return report;
}

/* An abandoned mutex is as good: the catalog still is the whole one from before, for a writer switches to its text as
 * the last step. */
static DWORD take(HANDLE handle, DWORD time)
{
    DWORD result = WaitForSingleObject(handle, time);
    if (result == WAIT_OBJECT_0 || result == WAIT_ABANDONED)
        return ERROR_SUCCESS;
    return result == WAIT_TIMEOUT ? WAIT_TIMEOUT : GetLastError();
}

enum wsplsp_status config_lock(bool for_change, struct wsplsp_error *error)
{
    DWORD code = take(own_mutex, INFINITE);
    if (code != ERROR_SUCCESS)
        return failed(code, "cannot lock the run's catalog", error);
    if (!for_change)
        return WSPLSP_OK;
    change = run_object_reopen(mutex, SYNCHRONIZE | MUTEX_MODIFY_STATE);
    code = change == NULL ? GetLastError() : take(change, LOCK_TIMEOUT);
    if (code == ERROR_SUCCESS)
        return WSPLSP_OK;
    if (change != NULL)
        CloseHandle(change);
    change = NULL;
    ReleaseMutex(own_mutex);
    if (code == WAIT_TIMEOUT)
        return wsplsp_fail(error, WSPLSP_SYSTEM, WAIT_TIMEOUT, "WAIT_TIMEOUT",
                           "another process keeps the run's catalog locked");
    return failed(code, "this process may not change the run's catalog", error);
}

void config_unlock(void)
{
    if (change != NULL) {
        ReleaseMutex(change);
        CloseHandle(change);
        change = NULL;
    }
    ReleaseMutex(own_mutex);
}

LONG config_generation(void)
{
    return config_section_generation(view);
}

enum wsplsp_status config_catalog_read(void **text, size_t *size, LONG *generation, struct wsplsp_error *error)
{
    int32_t number = 0;
    switch (config_section_catalog(view, text, size, &number)) {
    case CONFIG_SECTION_DONE:
        *generation = number;
        return WSPLSP_OK;
    case CONFIG_SECTION_NO_MEMORY:
        return wsplsp_fail_memory(error);
    case CONFIG_SECTION_BUSY:
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "BUSY", "the run's catalog changes all the time");
    default:
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "BAD_FORMAT", "the run's catalog is damaged");
    }
}

/* The right to write lasts no longer than this takes: what a process may that gives up its rights later is asked again
 * at the next change. */
enum wsplsp_status config_catalog_write(const void *text, size_t size, struct wsplsp_error *error)
{
    if (size > CONFIG_CATALOG_SIZE)
        return failed(ERROR_DISK_FULL, "the run's catalog has become too large", error);
    HANDLE writable = run_object_reopen(section, SECTION_MAP_READ | SECTION_MAP_WRITE);
    struct config_section *to = writable == NULL ? NULL : MapViewOfFile(writable, FILE_MAP_WRITE, 0, 0, sizeof *to);
    DWORD code = GetLastError();
    if (to != NULL) {
        config_section_write(to, text, size);
        UnmapViewOfFile(to);
    }
    if (writable != NULL)
        CloseHandle(writable);
    return to != NULL ? WSPLSP_OK : failed(code, "this process may not change the run's catalog", error);
}
