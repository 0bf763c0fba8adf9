/* Asking an LSP's DLL for its provider id; see ask_guid.h. */
#include "ask_guid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/text.h"
#include "lsp-core/win/errors_win.h"

/* A DLL that takes longer than this to be loaded and to copy 16 bytes will not do so at all. */
enum { ANSWER_MILLISECONDS = 30000 };

enum stage { STAGE_LOADING, STAGE_NOT_LOADED, STAGE_NOT_EXPORTED, STAGE_ASKING, STAGE_ANSWERED };

/* In an unnamed section; the same layout in both bitnesses. */
struct order {
    uint32_t stage;
    uint32_t code; /* the Win32 error of STAGE_NOT_LOADED, or the exception that ended the helper */
    uint8_t id[sizeof(struct wsplsp_guid)];
};

/* ---- the helper's part */

static struct order *current;

static LONG WINAPI fault(EXCEPTION_POINTERS *exception)
{
    current->code = exception->ExceptionRecord->ExceptionCode;
    TerminateProcess(GetCurrentProcess(), 1);
    return EXCEPTION_CONTINUE_SEARCH;
}

/* WSPAPI is __stdcall, but not every author has written it: the stack is put back for either convention. */
static void call(FARPROC function, void *id)
{
#ifdef __i386__
    __asm__ volatile("movl %%esp, %%esi\n\tpushl %1\n\tcall *%0\n\tmovl %%esi, %%esp"
                     :
                     : "r"(function), "r"(id)
                     : "eax", "ecx", "edx", "esi", "memory", "cc");
#else
    ((void(WSPAPI *)(void *))(void *)function)(id);
#endif
}

static void load_and_ask(struct order *order, const wchar_t *dll)
{
    wchar_t path[4 * MAX_PATH];
    DWORD length = ExpandEnvironmentStringsW(dll, path, sizeof path / sizeof *path);
    order->code = ERROR_FILENAME_EXCED_RANGE;
    HMODULE module = NULL;
    if (length > 0 && length <= sizeof path / sizeof *path) {
        /* As Winsock and the host load it: its own libraries lie beside it. */
        module = LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
        order->code = module == NULL ? GetLastError() : 0;
    }
    if (module == NULL) {
        order->stage = STAGE_NOT_LOADED;
        return;
    }
    FARPROC function = GetProcAddress(module, ASK_GUID_EXPORT);
    order->stage = function == NULL ? STAGE_NOT_EXPORTED : STAGE_ASKING;
    if (function == NULL)
        return;
    call(function, order->id);
    order->stage = STAGE_ANSWERED;
}

int ask_guid_answer(const wchar_t *order, const wchar_t *dll)
{
    current = MapViewOfFile((HANDLE)(uintptr_t)wcstoul(order, NULL, 10), FILE_MAP_READ | FILE_MAP_WRITE, 0, 0,
                            sizeof *current);
    if (current == NULL)
        return WSPLSP_USAGE;
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
    SetUnhandledExceptionFilter(fault);
    load_and_ask(current, dll);
    /* The DLL is not asked how it would like to end. */
    TerminateProcess(GetCurrentProcess(), 0);
    return WSPLSP_OK;
}

/* ---- wsplsp's part */

/* Starts the helper with nothing inherited but the section. Its folder is the system's: a DLL's own libraries must not
 * be taken from wherever the user happens to be. */
static HANDLE start_helper(const wchar_t *helper, wchar_t *command_line, HANDLE section)
{
    wchar_t folder[MAX_PATH];
    SIZE_T size = 0;
    PROCESS_INFORMATION process = {0};
    STARTUPINFOEXW startup = {.StartupInfo = {.cb = sizeof startup}};
    InitializeProcThreadAttributeList(NULL, 1, 0, &size);
    startup.lpAttributeList = malloc(size);
    if (startup.lpAttributeList == NULL || !InitializeProcThreadAttributeList(startup.lpAttributeList, 1, 0, &size)) {
        free(startup.lpAttributeList);
        return NULL;
    }
    GetSystemDirectoryW(folder, MAX_PATH);
    bool started = UpdateProcThreadAttribute(startup.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, &section,
                                             sizeof section, NULL, NULL) &&
                   CreateProcessW(helper, command_line, NULL, NULL, TRUE, EXTENDED_STARTUPINFO_PRESENT, NULL, folder,
                                  &startup.StartupInfo, &process);
    DWORD code = GetLastError();
    DeleteProcThreadAttributeList(startup.lpAttributeList);
    free(startup.lpAttributeList);
    if (started)
        CloseHandle(process.hThread);
    SetLastError(code);
    return process.hProcess;
}

static enum wsplsp_status run_helper(const wchar_t *helper, const wchar_t *dll, HANDLE section, bool *in_time,
                                     struct wsplsp_error *error)
{
    size_t room = wcslen(helper) + wcslen(dll) + 64;
    wchar_t *command_line = malloc(room * sizeof *command_line);
    if (command_line == NULL)
        return wsplsp_fail_memory(error);
    swprintf(command_line, room, L"\"%ls\" %ls %lu \"%ls\"", helper, ASK_GUID_WORD, (unsigned long)(uintptr_t)section,
             dll);
    HANDLE process = start_helper(helper, command_line, section);
    DWORD code = GetLastError();
    free(command_line);
    if (process == NULL) {
        wsplsp_fail(error, WSPLSP_SYSTEM, code, errors_win_name(code),
                    "cannot ask the layer for its provider id: wsplsp-inject.exe of its bitness cannot be started");
        return wsplsp_hint(error, "give the id that the layer is made for");
    }
    *in_time = WaitForSingleObject(process, ANSWER_MILLISECONDS) == WAIT_OBJECT_0;
    if (!*in_time)
        TerminateProcess(process, 1);
    CloseHandle(process);
    return WSPLSP_OK;
}

static enum wsplsp_status judge(const struct order *order, bool in_time, const char *dll, struct wsplsp_guid *id,
                                struct wsplsp_error *error)
{
    static const struct wsplsp_guid none;
    memcpy(id, order->id, sizeof *id);
    if (in_time && order->stage == STAGE_ANSWERED && !wsplsp_guid_equal(id, &none))
        return WSPLSP_OK;
    if (order->stage == STAGE_NOT_LOADED)
        return wsplsp_fail(error, WSPLSP_SYSTEM, order->code, errors_win_name(order->code),
                           "cannot load the layer: '%.300s'", dll);
    const char *what = !in_time                             ? "does not come to an end"
                       : order->stage == STAGE_ANSWERED     ? "gives none"
                       : order->stage == STAGE_NOT_EXPORTED ? "is not exported"
                       : order->code != 0                   ? "fails with an exception"
                                                            : "ends the process";
    wsplsp_fail(error, WSPLSP_SYSTEM, order->code, "NO_LSP_GUID",
                "'%.300s' cannot be asked for its provider id: " ASK_GUID_EXPORT " %s", dll, what);
    return wsplsp_hint(error, "give the id that the layer is made for");
}

/* A section that only the helper gets to see. */
static struct order *make_section(HANDLE *section)
{
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
    *section = CreateFileMappingW(INVALID_HANDLE_VALUE, &inherited, PAGE_READWRITE, 0, sizeof(struct order), NULL);
    return *section == NULL ? NULL
                            : MapViewOfFile(*section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, sizeof(struct order));
}

enum wsplsp_status ask_guid(const char *helper, const char *dll, struct wsplsp_guid *id, struct wsplsp_error *error)
{
    HANDLE section;
    size_t units;
    bool in_time = false;
    struct order *order = make_section(&section);
    wchar_t *wide_helper = (wchar_t *)text_to_utf16(helper, &units), *wide_dll = (wchar_t *)text_to_utf16(dll, &units);
    enum wsplsp_status status = WSPLSP_OK;
    if (order == NULL || wide_helper == NULL || wide_dll == NULL)
        status = wsplsp_fail_memory(error);
    if (status == WSPLSP_OK)
        status = run_helper(wide_helper, wide_dll, section, &in_time, error);
    if (status == WSPLSP_OK) {
        struct order answer = *order; /* the helper is ended; what a thread of the DLL's has written counts once */
        status = judge(&answer, in_time, dll, id, error);
    }
    free(wide_helper);
    free(wide_dll);
    if (order != NULL)
        UnmapViewOfFile(order);
    if (section != NULL)
        CloseHandle(section);
    return status;
}
