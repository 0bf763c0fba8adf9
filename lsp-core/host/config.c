/* The section that the processes of a run share; see config.h. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "errors_win.h"

static struct config *view;
static HANDLE section, mutex;

static enum wsplsp_status failed(DWORD code, const char *what, struct wsplsp_error *error)
{
    return wsplsp_fail(error, WSPLSP_SYSTEM, code, errors_win_name(code), "%s", what);
}

static enum wsplsp_status map(struct wsplsp_error *error)
{
    view = MapViewOfFile(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, sizeof *view);
    return view != NULL ? WSPLSP_OK : failed(GetLastError(), "cannot map the run's settings", error);
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

enum wsplsp_status config_create(const struct config_settings *settings, struct wsplsp_error *error)
{
    section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof *view, NULL);
    mutex = CreateMutexW(NULL, FALSE, NULL);
    if (section == NULL || mutex == NULL)
        return failed(GetLastError(), "cannot make the run's settings", error);
    if (map(error) != WSPLSP_OK)
        return error->status;
    view->magic = CONFIG_MAGIC;
    view->version = CONFIG_VERSION;
    view->size = sizeof *view;
    view->flags = settings->flags | (settings->catalog_file != NULL ? CONFIG_FILE_CATALOG : 0);
    view->trace_data_bytes = settings->trace_data_bytes;
    if (settings->posting != NULL)
        memcpy(view->posting, settings->posting, sizeof view->posting);
    bool fits = copy_path(view->catalog_file, settings->catalog_file) &&
                copy_path(view->trace_file, settings->trace_file) &&
                copy_path(view->filter_file[0], settings->filter_file[0]) &&
                copy_path(view->filter_file[1], settings->filter_file[1]) &&
                copy_path(view->folder[0], settings->folder[0]) && copy_path(view->folder[1], settings->folder[1]);
    return fits ? WSPLSP_OK : failed(ERROR_FILENAME_EXCED_RANGE, "a file's name is too long", error);
}

enum wsplsp_status config_attach(const struct host_start *start, struct wsplsp_error *error)
{
    if (start->size != sizeof *start || start->version != CONFIG_VERSION)
        return failed(ERROR_REVISION_MISMATCH, "wsplsp-host.dll is not of the same version as wsplsp", error);
    section = (HANDLE)(uintptr_t)start->section;
    mutex = (HANDLE)(uintptr_t)start->mutex;
    if (map(error) != WSPLSP_OK)
        return error->status;
    if (view->magic != CONFIG_MAGIC || view->version != CONFIG_VERSION || view->size != sizeof *view)
        return failed(ERROR_REVISION_MISMATCH, "wsplsp-host.dll is not of the same version as wsplsp", error);
    return WSPLSP_OK;
}

static bool give(HANDLE process, HANDLE handle, uint32_t *value)
{
    HANDLE copy;
    if (!DuplicateHandle(GetCurrentProcess(), handle, process, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS))
        return false;
    *value = (uint32_t)(uintptr_t)copy;
    return true;
}

enum wsplsp_status config_share(HANDLE process, struct host_start *start, struct wsplsp_error *error)
{
    memset(start, 0, sizeof *start);
    start->size = sizeof *start;
    start->version = CONFIG_VERSION;
    if (give(process, section, &start->section) && give(process, mutex, &start->mutex))
        return WSPLSP_OK;
    DWORD code = GetLastError();
    config_unshare(process, start);
    return failed(code, "cannot hand the run's settings to the process", error);
}

void config_unshare(HANDLE process, const struct host_start *start)
{
    const uint32_t values[] = {start->section, start->mutex};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (values[i] != 0)
            DuplicateHandle(process, (HANDLE)(uintptr_t)values[i], NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE);
    }
}

const struct config *config_get(void)
{
    return view;
}

bool config_posts(uint32_t catalog_id)
{
    bool posts = false;
    for (size_t i = 0; view != NULL && i < CONFIG_POSTING; i++)
        posts = posts || (catalog_id >= view->posting[i][0] && catalog_id <= view->posting[i][1]);
    return posts && catalog_id != 0;
}

enum wsplsp_status config_lock(struct wsplsp_error *error)
{
    DWORD result = WaitForSingleObject(mutex, INFINITE);
    /* Abandoned: the catalog still is the whole one from before, for a writer switches to its text as the last step. */
    if (result == WAIT_OBJECT_0 || result == WAIT_ABANDONED)
        return WSPLSP_OK;
    return failed(GetLastError(), "cannot lock the run's catalog", error);
}

void config_unlock(void)
{
    ReleaseMutex(mutex);
}

LONG config_generation(void)
{
    return view->generation;
}

enum wsplsp_status config_catalog_read(void **text, size_t *size, LONG *generation, struct wsplsp_error *error)
{
    if (config_lock(error) != WSPLSP_OK)
        return error->status;
    unsigned half = view->generation & 1;
    uint32_t bytes = view->catalog_bytes[half];
    bool damaged = bytes > CONFIG_CATALOG_SIZE; /* a hosted program can write here by accident */
    *text = damaged ? NULL : malloc(bytes + 1);
    if (*text != NULL) {
        memcpy(*text, view->catalog[half], bytes);
        *size = bytes;
        *generation = view->generation;
    }
    config_unlock();
    if (damaged)
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "BAD_FORMAT", "the run's catalog is damaged");
    return *text != NULL ? WSPLSP_OK : wsplsp_fail_memory(error);
}

enum wsplsp_status config_catalog_write(const void *text, size_t size, struct wsplsp_error *error)
{
    if (size > CONFIG_CATALOG_SIZE)
        return failed(ERROR_DISK_FULL, "the run's catalog has become too large", error);
    unsigned half = ~view->generation & 1;
    memcpy(view->catalog[half], text, size);
    view->catalog_bytes[half] = (uint32_t)size;
    InterlockedIncrement(&view->generation);
    return WSPLSP_OK;
}
