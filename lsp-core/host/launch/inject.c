/* Injection; see inject.h. The first thread of a new process to run initializes it, loading all that the program links
 * to: here that is the thread which loads the host (the program's first thread is suspended). */
#include "inject.h"

#include <psapi.h>
#include <string.h>

#include "config.h"
#include "lsp-core/win/errors_win.h"
#include "lsp-core/host/redirect/image.h"

#define DYING_TIME 10000 /* milliseconds */

DWORD inject_limit = 60000;

/* What is written into the other process: its answer, and the DLL's name. */
struct parcel {
    struct host_start start;
    wchar_t dll[CONFIG_PATH + 32];
};

static enum wsplsp_status failed(DWORD code, const char *what, struct wsplsp_error *error)
{
    return wsplsp_fail(error, WSPLSP_SYSTEM, code, errors_win_name(code), "%s", what);
}

/* The status codes with which Windows ends a process that it could not initialize. */
static enum wsplsp_status fail_ended(HANDLE process, struct wsplsp_error *error)
{
    static const struct {
        DWORD code;
        const char *name, *meaning;
    } causes[] = {
        {0xC0000135, "STATUS_DLL_NOT_FOUND", "a DLL that it needs is missing"},
        {0xC0000139, "STATUS_ENTRYPOINT_NOT_FOUND", "a DLL that it needs lacks a function"},
        {0xC0000138, "STATUS_ORDINAL_NOT_FOUND", "a DLL that it needs lacks a function"},
        {0xC0000142, "STATUS_DLL_INIT_FAILED", "a DLL that it needs did not start"},
        {0xC000007B, "STATUS_INVALID_IMAGE_FORMAT", "a DLL that it needs is damaged or of another architecture"},
    };
    DWORD code = 0;
    GetExitCodeProcess(process, &code);
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        if (causes[i].code == code)
            return wsplsp_fail(error, WSPLSP_SYSTEM, code, causes[i].name, "the program cannot start: %s",
                               causes[i].meaning);
    }
    return wsplsp_fail(error, WSPLSP_SYSTEM, code, "PROCESS_ENDED", "the process ended while the host was put into it");
}

static bool timed_out(const struct wsplsp_error *error)
{
    return strcmp(error->name, INJECT_TIMED_OUT) == 0;
}

/* Runs one function there, to its end or to the time's; `*result` is what it returned. A thread that does not end is
 * left alone: ended by force it would keep what it holds, the loader's lock above all. */
static enum wsplsp_status call(HANDLE process, FARPROC function, void *argument, ULONGLONG until, DWORD *result,
                               struct wsplsp_error *error)
{
    LPTHREAD_START_ROUTINE start = (LPTHREAD_START_ROUTINE)(void *)function;
    HANDLE thread = CreateRemoteThread(process, NULL, 0, start, argument, 0, NULL);
    if (thread == NULL)
        return failed(GetLastError(), "cannot run the host in the process", error);
    HANDLE ends[] = {process, thread};
    ULONGLONG now = GetTickCount64();
    DWORD end = WaitForMultipleObjects(2, ends, FALSE, now < until ? (DWORD)(until - now) : 0);
    BOOL known = end == WAIT_OBJECT_0 + 1 && GetExitCodeThread(thread, result);
    DWORD code = GetLastError();
    CloseHandle(thread);
    if (end == WAIT_OBJECT_0)
        return fail_ended(process, error);
    if (end == WAIT_TIMEOUT)
        return wsplsp_fail(error, WSPLSP_SYSTEM, WAIT_TIMEOUT, INJECT_TIMED_OUT,
                           "it did not take the host in within %lu seconds", (inject_limit + 999) / 1000);
    return known ? WSPLSP_OK : failed(code, "cannot wait for the host", error);
}

/* Where the host was loaded there; NULL where it was not. A thread's exit code has too few bits to tell. */
static char *find_host(HANDLE process)
{
    HMODULE modules[1024];
    wchar_t name[64];
    DWORD size = 0;
    if (!K32EnumProcessModules(process, modules, sizeof modules, &size))
        return NULL;
    size = size < sizeof modules ? size : sizeof modules;
    for (size_t i = size / sizeof modules[0]; i-- > 0;) {
        if (K32GetModuleBaseNameW(process, modules[i], name, sizeof name / sizeof name[0]) != 0 &&
            _wcsicmp(name, INJECT_HOST) == 0)
            return (char *)modules[i];
    }
    return NULL;
}

/* How far behind its base the DLL has its entry. It is mapped for that, not run. */
static enum wsplsp_status find_entry(const wchar_t *dll, size_t *offset, struct wsplsp_error *error)
{
    HMODULE module = LoadLibraryExW(dll, NULL, DONT_RESOLVE_DLL_REFERENCES);
    DWORD code = GetLastError();
    FARPROC entry = module != NULL ? GetProcAddress(module, "wsplsp_host_start") : NULL;
    if (entry == NULL) {
        failed(module == NULL ? code : ERROR_PROC_NOT_FOUND, "cannot load wsplsp-host.dll", error);
        if (module != NULL)
            FreeLibrary(module);
        return wsplsp_hint(error, "it belongs beside wsplsp.exe, from the same build");
    }
    *offset = (size_t)((char *)(void *)entry - (char *)module);
    FreeLibrary(module);
    return WSPLSP_OK;
}

/* An export's own code in the module's image, whoever has changed what GetProcAddress gives or this module imports
 * (application compatibility's shims, security software): such a stand-in is not there in the other process. NULL where
 * the export table itself leads elsewhere. */
static FARPROC true_export(HMODULE module, const char *name)
{
    struct image_exports exports;
    long index = image_exports_open(module, &exports) ? image_exports_find(&exports, name, 0) : -1;
    if (index < 0 || exports.functions[index] - exports.first < exports.size)
        return NULL;
    return (FARPROC)image_at(module, exports.functions[index], 1);
}

/* As it is in all processes of this bitness: kernel32.dll has one address in them from one start of Windows to the
 * next. Where its table was changed, kernelbase.dll has the same function. */
static FARPROC load_library(void)
{
    static const wchar_t *const modules[] = {L"kernel32.dll", L"kernelbase.dll"};
    FARPROC function = NULL;
    for (size_t i = 0; i < sizeof modules / sizeof modules[0] && function == NULL; i++) {
        HMODULE module = GetModuleHandleW(modules[i]);
        function = module == NULL ? NULL : true_export(module, "LoadLibraryW");
    }
    return function;
}

/* Loads and starts the host; `there` is where the parcel lies in that process. */
static enum wsplsp_status load_and_start(HANDLE process, struct parcel *there, size_t entry, struct wsplsp_error *error)
{
    const ULONGLONG until = GetTickCount64() + inject_limit;
    DWORD result;
    FARPROC load = load_library();
    if (load == NULL)
        return failed(ERROR_PROC_NOT_FOUND, "the system's LoadLibraryW cannot be found", error);
    if (call(process, load, there->dll, until, &result, error) != WSPLSP_OK)
        return error->status;
    if (result == 0)
        return failed(ERROR_MOD_NOT_FOUND, "the process cannot load wsplsp-host.dll", error);
    char *host = find_host(process);
    if (host == NULL) /* LoadLibrary never came to run: a process that cannot be initialized is about to end */
        return WaitForSingleObject(process, DYING_TIME) == WAIT_OBJECT_0
                   ? fail_ended(process, error)
                   : failed(ERROR_MOD_NOT_FOUND, "the process does not show wsplsp-host.dll", error);
    if (call(process, (FARPROC)(void *)(host + entry), &there->start, until, &result, error) != WSPLSP_OK)
        return error->status;

    struct host_start answer;
    if (!ReadProcessMemory(process, &there->start, &answer, sizeof answer, NULL))
        return failed(GetLastError(), "cannot read the host's answer", error);
    if (answer.status == WSPLSP_OK)
        return WSPLSP_OK;
    answer.name[sizeof answer.name - 1] = answer.message[sizeof answer.message - 1] = '\0';
    answer.hint[sizeof answer.hint - 1] = '\0';
    wsplsp_fail(error, WSPLSP_SYSTEM, answer.code, answer.name, "%s", answer.message);
    return answer.hint[0] != '\0' ? wsplsp_hint(error, "%s", answer.hint) : error->status;
}

/* Writes the parcel there and sees it through. */
static enum wsplsp_status deliver(HANDLE process, const struct parcel *parcel, size_t entry, struct wsplsp_error *error)
{
    struct parcel *there = VirtualAllocEx(process, NULL, sizeof *there, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (there == NULL)
        return failed(GetLastError(), "cannot allocate memory in the process", error);
    enum wsplsp_status status;
    if (WriteProcessMemory(process, there, parcel, sizeof *parcel, NULL))
        status = load_and_start(process, there, entry, error);
    else
        status = failed(GetLastError(), "cannot write into the process", error);
    if (status != WSPLSP_OK && timed_out(error)) {
        /* A thread there may come to it yet: then it finds that nobody wants the host any more. */
        const uint32_t cancelled = 1;
        WriteProcessMemory(process, &there->start.cancelled, &cancelled, sizeof cancelled, NULL);
        return status;
    }
    VirtualFreeEx(process, there, 0, MEM_RELEASE);
    return status;
}

enum wsplsp_status inject(HANDLE process, bool first, struct wsplsp_error *error)
{
    const wchar_t *folder = config_get()->folder[sizeof(void *) == 8 ? 0 : 1];
    struct parcel parcel;
    size_t entry = 0;
    memset(&parcel, 0, sizeof parcel);
    wcscpy(parcel.dll, folder);
    wcscat(parcel.dll, L"\\" INJECT_HOST);
    if (find_entry(parcel.dll, &entry, error) != WSPLSP_OK || config_share(process, &parcel.start, error) != WSPLSP_OK)
        return error->status;
    parcel.start.first = first;
    enum wsplsp_status status = deliver(process, &parcel, entry, error);
    if (status != WSPLSP_OK && !timed_out(error))
        config_unshare(process, &parcel.start);
    return status;
}
