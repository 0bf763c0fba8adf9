/* Loads and unloads wsplsp-wsk.sys through the service control manager, and says what hinders it. Never installs the
 * driver for good: its service is there from load to unload. */
#include "wsk_driver.h"

#include <winsock2.h>

#include <stdlib.h>
#include <string.h>
#include <winsvc.h>
#include <winternl.h>

#include "lsp-core/win/access_win.h"
#include "lsp-core/win/errors_win.h"
#include "cli/base/memory.h"
#include "lsp-core/base/sysdll_win.h"
#include "lsp-core/base/text.h"
#include "wsk_device_win.h"

#define STATE_LIMIT 30000 /* milliseconds that a change of state may take */

/* The full path of the driver beside this program, new. Not quoted: the image path of a driver is no command line, it
 * is opened as it is, blanks and all. */
static wchar_t *driver_path(void)
{
    const size_t room = 32768;
    wchar_t *path = memory_alloc((room + sizeof WSPLSP_WSK_FILE) * sizeof *path);
    GetModuleFileNameW(NULL, path, (DWORD)room - 1);
    wchar_t *name = wcsrchr(path, L'\\');
    wcscpy(name == NULL ? path : name + 1, WSPLSP_WSK_FILE);
    return path;
}

static bool is_file(const wchar_t *path)
{
    DWORD attributes = GetFileAttributesW(path);
    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0;
}

static char *to_utf8(const wchar_t *wide)
{
    char *text = text_from_utf16((const uint16_t *)wide, wcslen(wide));
    return text != NULL ? text : memory_text("?");
}

/* NULL with an error. */
static SC_HANDLE open_manager(DWORD access, struct wsplsp_error *error)
{
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, access);
    if (manager == NULL) {
        errors_win_fail(error, GetLastError(), "cannot open the service control manager");
        if (error->status == WSPLSP_DENIED)
            wsplsp_hint(error, "run wsplsp as administrator");
    }
    return manager;
}

/* NonPagedPoolNx, which the driver takes its memory from, came with Windows 8 (6.2); RtlGetVersion tells the true
 * number whatever a manifest says. */
static enum wsplsp_status check_version(struct wsplsp_error *error)
{
    LONG(WINAPI * get_version)(RTL_OSVERSIONINFOW *);
    RTL_OSVERSIONINFOW version = {.dwOSVersionInfoSize = sizeof version};
    if (!sysdll_function(GetModuleHandleW(L"ntdll.dll"), "RtlGetVersion", &get_version) || get_version(&version) != 0 ||
        version.dwMajorVersion > 6 || (version.dwMajorVersion == 6 && version.dwMinorVersion >= 2))
        return WSPLSP_OK;
    wsplsp_fail(error, WSPLSP_SYSTEM, ERROR_OLD_WIN_VERSION, "ERROR_OLD_WIN_VERSION",
                "the driver needs Windows 8 or Windows Server 2012; this is Windows %lu.%lu",
                (unsigned long)version.dwMajorVersion, (unsigned long)version.dwMinorVersion);
    return wsplsp_hint(error, "'wsplsp probe' goes the other ways without the driver");
}

/* CreateService, or the service of an earlier load: that one may be of another folder. `*created` says which. */
static SC_HANDLE make_service(SC_HANDLE manager, const wchar_t *path, bool *created, struct wsplsp_error *error)
{
    const DWORD access = SERVICE_START | SERVICE_STOP | SERVICE_QUERY_STATUS | SERVICE_CHANGE_CONFIG | DELETE;
    SC_HANDLE service = CreateServiceW(manager, WSPLSP_WSK_SERVICE, NULL, access, SERVICE_KERNEL_DRIVER,
                                       SERVICE_DEMAND_START, SERVICE_ERROR_NORMAL, path, NULL, NULL, NULL, NULL, NULL);
    DWORD code = service == NULL ? GetLastError() : 0;
    *created = service != NULL;
    if (code == ERROR_SERVICE_EXISTS) {
        service = OpenServiceW(manager, WSPLSP_WSK_SERVICE, access);
        code = service == NULL ? GetLastError() : 0;
    }
    if (code == ERROR_SERVICE_MARKED_FOR_DELETE) {
        wsplsp_fail(error, WSPLSP_SYSTEM, code, "ERROR_SERVICE_MARKED_FOR_DELETE",
                    "the driver's service is being removed");
        wsplsp_hint(error, "close the programs that look at services, or restart the system");
    } else if (service == NULL) {
        errors_win_fail(error, code, "cannot make a service for the driver");
        if (error->status == WSPLSP_DENIED)
            wsplsp_hint(error, "run wsplsp as administrator");
    }
    return service;
}

/* Waits for a state; the last one that was seen. */
static DWORD wait_for_state(SC_HANDLE service, DWORD wanted)
{
    SERVICE_STATUS status = {0};
    DWORD start = GetTickCount();
    while (QueryServiceStatus(service, &status) && status.dwCurrentState != wanted &&
           GetTickCount() - start < STATE_LIMIT)
        Sleep(10);
    return status.dwCurrentState;
}

/* StartService gives the loader's own errors: what they mean for a driver that nobody has signed. */
static enum wsplsp_status fail_start(DWORD code, struct wsplsp_error *error)
{
    /* ERROR_INVALID_IMAGE_HASH, …_DRIVER_BLOCKED, …_SYSTEM_INTEGRITY_POLICY_VIOLATION: some headers lack them. */
    enum { BAD_HASH = 577, BLOCKED = 1275, POLICY = 4551 };
    switch (code) {
    case BAD_HASH:
    case BLOCKED:
    case POLICY:
        wsplsp_fail(error, WSPLSP_REFUSED, code, code == BAD_HASH ? "ERROR_INVALID_IMAGE_HASH" : "ERROR_DRIVER_BLOCKED",
                    "Windows does not load the driver: it has no signature that Windows trusts");
        return wsplsp_hint(error, "switch Secure Boot off in the firmware, then 'bcdedit /set testsigning on', sign "
                                  "the driver with a test certificate, and restart; 'wsplsp wsk status' shows both");
    case ERROR_NOT_SUPPORTED:
        return wsplsp_fail(error, WSPLSP_SYSTEM, code, "ERROR_NOT_SUPPORTED",
                           "the driver does not run on this Windows: it needs Windows 8 or Windows Server 2012");
    case ERROR_ACCESS_DENIED:
        errors_win_fail(error, code, "cannot load the driver");
        return wsplsp_hint(error, "run wsplsp as administrator");
    default:
        return errors_win_fail(error, code, "cannot load the driver");
    }
}

/* Whoever can replace a driver's file becomes the kernel. */
static enum wsplsp_status check_writers(const wchar_t *path, struct wsplsp_error *error)
{
    struct access_finding finding;
    if (!access_path_changes(path, &finding))
        return wsplsp_fail_memory(error);
    const struct access_judgement *judgement = &finding.judgement;
    const char *at = finding.at != NULL ? finding.at : "it";
    if (judgement->answer == ACCESS_YES)
        wsplsp_fail(error, WSPLSP_REFUSED, 0, "WRITABLE", "%.100s can replace the driver, by writing to '%.300s'",
                    judgement->who, at);
    else if (judgement->answer == ACCESS_UNKNOWN)
        wsplsp_fail(error, WSPLSP_REFUSED, 0, "WRITABLE",
                    "whether others than administrators can replace the driver cannot be told: '%.300s': %.200s", at,
                    judgement->why);
    bool safe = judgement->answer == ACCESS_NO;
    access_finding_free(&finding);
    if (safe)
        return WSPLSP_OK;
    return wsplsp_hint(error, "put wsplsp where administrators alone can write, such as below C:\\Program Files; "
                              "--force loads it nevertheless");
}

static enum wsplsp_status start_service(SC_HANDLE service, const wchar_t *path, bool force, bool *changed,
                                        struct wsplsp_error *error)
{
    SERVICE_STATUS status;
    *changed = false;
    if (QueryServiceStatus(service, &status) && status.dwCurrentState == SERVICE_RUNNING)
        return WSPLSP_OK;
    if (!force && check_writers(path, error) != WSPLSP_OK)
        return error->status;
    if (!ChangeServiceConfigW(service, SERVICE_NO_CHANGE, SERVICE_NO_CHANGE, SERVICE_NO_CHANGE, path, NULL, NULL, NULL,
                              NULL, NULL, NULL))
        return errors_win_fail(error, GetLastError(), "cannot set up the driver's service");
    *changed = true;
    if (!StartServiceW(service, 0, NULL) && GetLastError() != ERROR_SERVICE_ALREADY_RUNNING)
        return fail_start(GetLastError(), error);
    if (wait_for_state(service, SERVICE_RUNNING) == SERVICE_RUNNING)
        return WSPLSP_OK;
    return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "DRIVER_STATE", "the driver has been started, but does not run");
}

static enum wsplsp_status load(SC_HANDLE manager, const wchar_t *path, bool force, bool *changed,
                               struct wsplsp_error *error)
{
    bool created;
    SC_HANDLE service = make_service(manager, path, &created, error);
    if (service == NULL)
        return error->status;
    enum wsplsp_status status = start_service(service, path, force, changed, error);
    if (status != WSPLSP_OK && created)
        DeleteService(service);
    CloseServiceHandle(service);
    return status;
}

enum wsplsp_status wsk_load(bool force, bool *changed, struct wsplsp_error *error)
{
    wchar_t *path = driver_path();
    SC_HANDLE manager = NULL;
    enum wsplsp_status status = check_version(error);
    if (status != WSPLSP_OK) {
        /* nothing is looked at any more */
    } else if (!is_file(path)) {
        char *shown = to_utf8(path);
        wsplsp_fail(error, WSPLSP_NOT_FOUND, ERROR_FILE_NOT_FOUND, "ERROR_FILE_NOT_FOUND",
                    "there is no driver '%.300s'", shown);
        status = wsplsp_hint(error, "it belongs beside wsplsp.exe, and is made for x64 only");
        free(shown);
    } else {
        manager = open_manager(SC_MANAGER_CONNECT | SC_MANAGER_CREATE_SERVICE, error);
        status = manager == NULL ? error->status : load(manager, path, force, changed, error);
    }
    if (manager != NULL)
        CloseServiceHandle(manager);
    free(path);
    return status;
}

static enum wsplsp_status stop_and_remove(SC_HANDLE service, struct wsplsp_error *error)
{
    SERVICE_STATUS ignored;
    bool running = true;
    if (!ControlService(service, SERVICE_CONTROL_STOP, &ignored)) {
        DWORD code = GetLastError();
        running = code != ERROR_SERVICE_NOT_ACTIVE;
        if (running)
            return errors_win_fail(error, code, "cannot unload the driver");
    }
    if (running && wait_for_state(service, SERVICE_STOPPED) != SERVICE_STOPPED)
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "DRIVER_STATE", "the driver does not stop");
    if (!DeleteService(service) && GetLastError() != ERROR_SERVICE_MARKED_FOR_DELETE)
        return errors_win_fail(error, GetLastError(), "cannot remove the driver's service");
    return WSPLSP_OK;
}

enum wsplsp_status wsk_unload(struct wsplsp_error *error)
{
    SC_HANDLE manager = open_manager(SC_MANAGER_CONNECT, error);
    if (manager == NULL)
        return error->status;
    SC_HANDLE service = OpenServiceW(manager, WSPLSP_WSK_SERVICE, SERVICE_STOP | SERVICE_QUERY_STATUS | DELETE);
    DWORD code = service == NULL ? GetLastError() : 0;
    enum wsplsp_status status;
    if (service != NULL)
        status = stop_and_remove(service, error);
    else if (code == ERROR_SERVICE_DOES_NOT_EXIST)
        status = wsplsp_fail(error, WSPLSP_NOT_FOUND, code, "ERROR_SERVICE_DOES_NOT_EXIST",
                             "the driver is not loaded: there is nothing to unload");
    else
        status = errors_win_fail(error, code, "cannot open the driver's service");
    if (status == WSPLSP_DENIED)
        wsplsp_hint(error, "run wsplsp as administrator");
    if (service != NULL)
        CloseServiceHandle(service);
    CloseServiceHandle(manager);
    return status;
}

static const char *service_state(struct wsplsp_error *error)
{
    SC_HANDLE manager = open_manager(SC_MANAGER_CONNECT, error);
    if (manager == NULL)
        return NULL;
    SERVICE_STATUS status;
    const char *state = "absent";
    SC_HANDLE service = OpenServiceW(manager, WSPLSP_WSK_SERVICE, SERVICE_QUERY_STATUS);
    if (service != NULL && QueryServiceStatus(service, &status))
        state = status.dwCurrentState == SERVICE_RUNNING   ? "running"
                : status.dwCurrentState == SERVICE_STOPPED ? "stopped"
                                                           : "changing";
    if (service != NULL)
        CloseServiceHandle(service);
    CloseServiceHandle(manager);
    return state;
}

/* NtQuerySystemInformation with SystemCodeIntegrityInformation: CODEINTEGRITY_OPTION_TESTSIGN. */
static enum wsk_switch test_signing(void)
{
    NTSTATUS(NTAPI * query)(ULONG, void *, ULONG, ULONG *);
    struct {
        ULONG length, options;
    } information = {sizeof information, 0};
    if (sysdll_is_wine() || !sysdll_function(GetModuleHandleW(L"ntdll.dll"), "NtQuerySystemInformation", &query) ||
        query(103, &information, sizeof information, NULL) < 0)
        return WSK_UNKNOWN;
    return (information.options & 2) != 0 ? WSK_ON : WSK_OFF;
}

/* The key is there on systems that were started by UEFI. */
static enum wsk_switch secure_boot(void)
{
    HKEY key;
    DWORD value = 0, size = sizeof value, type = 0;
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SYSTEM\\CurrentControlSet\\Control\\SecureBoot\\State", 0, KEY_QUERY_VALUE,
                      &key) != ERROR_SUCCESS)
        return WSK_UNKNOWN;
    LONG code = RegQueryValueExW(key, L"UEFISecureBootEnabled", NULL, &type, (BYTE *)&value, &size);
    RegCloseKey(key);
    if (code != ERROR_SUCCESS || type != REG_DWORD)
        return WSK_UNKNOWN;
    return value != 0 ? WSK_ON : WSK_OFF;
}

enum wsplsp_status wsk_get_state(struct wsk_state *state, struct wsplsp_error *error)
{
    HANDLE device;
    struct wsplsp_wsk_header request;
    *state = (struct wsk_state){.service = service_state(error)};
    if (state->service == NULL)
        return error->status;
    wchar_t *path = driver_path();
    state->file = to_utf8(path);
    state->file_present = is_file(path);
    free(path);
    state->test_signing = test_signing();
    state->secure_boot = secure_boot();
    if (wsk_device_open(&device, &state->unanswered) != WSPLSP_OK)
        return WSPLSP_OK;
    state->answered = wsk_device_ask(device, WSPLSP_WSK_STATUS, &request, sizeof request, &state->driver,
                                     sizeof state->driver, &state->unanswered) == WSPLSP_OK;
    CloseHandle(device);
    return WSPLSP_OK;
}
