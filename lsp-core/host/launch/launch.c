/* Starting a hosted process; see launch.h. */
#include "launch.h"

#include <stdio.h>

#include "config.h"
#include "lsp-core/win/errors_win.h"
#include "inject.h"

#define HELPER_TIME 30000 /* milliseconds that wsplsp-inject.exe has for itself */

#ifndef ERROR_ELEVATION_REQUIRED
#define ERROR_ELEVATION_REQUIRED 740 /* missing from MinGW's winerror.h */
#endif

static enum wsplsp_status failed(DWORD code, const char *what, struct wsplsp_error *error)
{
    return wsplsp_fail(error, WSPLSP_SYSTEM, code, errors_win_name(code), "%s", what);
}

/* 64 or 32; 0 for what the host isn't built for (ARM). */
static int process_bits(HANDLE process)
{
    /* Windows 10 version 1511. Before it there was no other architecture that runs x86 programs. */
    typedef BOOL(WINAPI * is_wow64_process2)(HANDLE, USHORT *, USHORT *);
    is_wow64_process2 ask =
        (is_wow64_process2)(void *)GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "IsWow64Process2");
    USHORT machine, native;
    if (ask != NULL && ask(process, &machine, &native)) {
        machine = machine == IMAGE_FILE_MACHINE_UNKNOWN ? native : machine;
        return machine == IMAGE_FILE_MACHINE_AMD64 ? 64 : machine == IMAGE_FILE_MACHINE_I386 ? 32 : 0;
    }
    SYSTEM_INFO system;
    BOOL wow64 = FALSE;
    GetNativeSystemInfo(&system);
    IsWow64Process(process, &wow64);
    return system.wProcessorArchitecture == PROCESSOR_ARCHITECTURE_AMD64 && !wow64 ? 64 : 32;
}

/* Gives the helper the handles that its order names, and lets it work. */
static enum wsplsp_status run_helper(const PROCESS_INFORMATION *helper, HANDLE process, struct inject_order *order,
                                     struct wsplsp_error *error)
{
    struct host_start start;
    HANDLE copy;
    if (config_share(helper->hProcess, &start, error) != WSPLSP_OK)
        return error->status;
    if (!DuplicateHandle(GetCurrentProcess(), process, helper->hProcess, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS))
        return failed(GetLastError(), "cannot hand the process to wsplsp-inject.exe", error);
    order->process = (uint32_t)(uintptr_t)copy;
    order->section = start.section;
    order->mutex = start.mutex;
    order->report = start.report;
    DWORD status = WSPLSP_SYSTEM;
    ResumeThread(helper->hThread);
    if (WaitForSingleObject(helper->hProcess, inject_limit + HELPER_TIME) == WAIT_TIMEOUT)
        return wsplsp_fail(error, WSPLSP_SYSTEM, WAIT_TIMEOUT, INJECT_TIMED_OUT, "wsplsp-inject.exe does not end");
    GetExitCodeProcess(helper->hProcess, &status);
    if (status == WSPLSP_OK)
        return WSPLSP_OK;
    *error = order->answer;
    error->name[sizeof error->name - 1] = error->message[sizeof error->message - 1] = '\0';
    error->hint[sizeof error->hint - 1] = '\0';
    return error->message[0] != '\0' ? WSPLSP_SYSTEM : failed(status, "wsplsp-inject.exe does not work", error);
}

static enum wsplsp_status start_helper(const wchar_t *folder, HANDLE process, HANDLE section,
                                       struct inject_order *order, struct wsplsp_error *error)
{
    wchar_t path[CONFIG_PATH + 32], command_line[64];
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION helper;
    swprintf(path, sizeof path / sizeof path[0], L"%ls\\" INJECT_HELPER, folder);
    swprintf(command_line, sizeof command_line / sizeof command_line[0], L"wsplsp-inject %lu %lu",
             GetCurrentProcessId(), (unsigned long)(uintptr_t)section);
    if (!CreateProcessW(path, command_line, NULL, NULL, FALSE, CREATE_SUSPENDED | DETACHED_PROCESS, NULL, NULL,
                        &startup, &helper))
        return failed(GetLastError(), "cannot start wsplsp-inject.exe of the other bitness", error);
    enum wsplsp_status status = run_helper(&helper, process, order, error);
    if (status != WSPLSP_OK)
        TerminateProcess(helper.hProcess, WSPLSP_SYSTEM); /* it may not have been resumed */
    CloseHandle(helper.hThread);
    CloseHandle(helper.hProcess);
    return status;
}

static enum wsplsp_status inject_other(HANDLE process, bool first, struct wsplsp_error *error)
{
    const wchar_t *folder = config_get()->folder[sizeof(void *) == 8 ? 1 : 0];
    if (folder[0] == L'\0') {
        failed(ERROR_EXE_MACHINE_TYPE_MISMATCH, "the program has another bitness than wsplsp.exe", error);
        return wsplsp_hint(error, "use the wsplsp.exe of its bitness, or install both builds side by side");
    }
    HANDLE section =
        CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(struct inject_order), NULL);
    struct inject_order *order =
        section == NULL ? NULL : MapViewOfFile(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, sizeof *order);
    enum wsplsp_status status = WSPLSP_SYSTEM;
    if (order == NULL) {
        failed(GetLastError(), "cannot give wsplsp-inject.exe its order", error);
    } else {
        order->first = first;
        status = start_helper(folder, process, section, order, error);
        UnmapViewOfFile(order);
    }
    if (section != NULL)
        CloseHandle(section);
    return status;
}

enum wsplsp_status launch_inject(HANDLE process, bool first, struct wsplsp_error *error)
{
    int bits = process_bits(process);
    if (bits == 0)
        return failed(ERROR_EXE_MACHINE_TYPE_MISMATCH, "the program is made for another architecture", error);
    return bits == (int)(8 * sizeof(void *)) ? inject(process, first, error) : inject_other(process, first, error);
}

static enum wsplsp_status fail_create(DWORD code, const wchar_t *program, struct wsplsp_error *error)
{
    const char *why;
    switch (code) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
        why = "there is no such file";
        break;
    case ERROR_BAD_EXE_FORMAT:
    case ERROR_INVALID_EXE_SIGNATURE:
        why = "it is no program for Windows";
        break;
    case ERROR_EXE_MACHINE_TYPE_MISMATCH:
        why = "it is made for another architecture";
        break;
    case ERROR_ELEVATION_REQUIRED:
        why = "it asks for elevated rights";
        break;
    default:
        why = "Windows refuses";
        break;
    }
    char name[300];
    if (WideCharToMultiByte(CP_UTF8, 0, program, -1, name, sizeof name, NULL, NULL) == 0)
        name[0] = '\0'; /* too long to be said */
    wsplsp_fail(error, WSPLSP_SYSTEM, code, errors_win_name(code), "cannot start '%s': %s", name, why);
    if (code == ERROR_ELEVATION_REQUIRED)
        wsplsp_hint(error, "start wsplsp from an administrator's command prompt");
    return error->status;
}

/* Only Ctrl-C and Ctrl-Break: what ends the session ends wsplsp, too. A handler isn't inherited, as ignoring would be.
 */
static BOOL WINAPI leave_to_program(DWORD event)
{
    return event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
}

enum wsplsp_status launch_run(const wchar_t *program, wchar_t *command_line, DWORD *exit_code,
                              struct wsplsp_error *error)
{
    STARTUPINFOW startup;
    PROCESS_INFORMATION process;
    /* The outer run's host in this process would put a second one into the program when it is let go. */
    if (GetModuleHandleW(INJECT_HOST) != NULL) {
        wsplsp_fail(error, WSPLSP_SYSTEM, 0, "ALREADY_HOSTED", "another 'wsplsp run' hosts the program already");
        return wsplsp_hint(error, "start the inner wsplsp outside of it");
    }
    /* As wsplsp itself was started: window, streams, and the C runtime's open files in the reserved members. */
    GetStartupInfoW(&startup);
    SetConsoleCtrlHandler(leave_to_program, TRUE);
    if (!CreateProcessW(program, command_line, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &startup, &process))
        return fail_create(GetLastError(), program, error);
    enum wsplsp_status status = launch_inject(process.hProcess, true, error);
    if (status == WSPLSP_OK)
        ResumeThread(process.hThread);
    else
        TerminateProcess(process.hProcess, WSPLSP_SYSTEM);
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, exit_code);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return status;
}
