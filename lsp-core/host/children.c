/* Children of a hosted process; see children.h. Programs that make a process behind these functions' back
 * (NtCreateUserProcess, a service, WMI) get one without the host. ShellExecute calls them from shell32.dll, where it
 * does not leave the work to another process (elevation, a running instance of the program). */
#include "children.h"

#include <stdio.h>

#include "lsp-core/host/launch/config.h"
#include "lsp-core/host/launch/launch.h"
#include "lsp-core/host/launch/report.h"
#include "suspended.h"

#define DEBUGGED     (DEBUG_PROCESS | DEBUG_ONLY_THIS_PROCESS)
#define COMMAND_LINE 32768 /* CreateProcess's limit */

/* The launcher tells it when the run ends. At once only with --verbose: one line, in one write, so that those of
 * several processes don't mix. */
static void say_unhosted(DWORD id, const struct wsplsp_error *why)
{
    char line[1024];
    DWORD written;
    report_send(REPORT_UNHOSTED, id, why);
    if ((config_get()->flags & CONFIG_VERBOSE) == 0)
        return;
    int length = snprintf(line, sizeof line, "wsplsp: child process %lu runs without the host: %s\n", id, why->message);
    length = length < (int)sizeof line ? length : (int)sizeof line - 1;
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), line, (DWORD)length, &written, NULL);
}

void children_host(HANDLE process, DWORD id)
{
    struct wsplsp_error error;
    if (launch_inject(process, false, &error) == WSPLSP_OK)
        report_send(REPORT_SETTLED, id, NULL);
    else
        say_unhosted(id, &error);
}

/* The real function has run, with CREATE_SUSPENDED. Returns what it returned, with its last error. */
static BOOL host_child(BOOL created, DWORD flags, const PROCESS_INFORMATION *child)
{
    if (!created)
        return FALSE;
    DWORD last_error = GetLastError();
    struct wsplsp_error error;
    /* Its debugger, this very thread, would have to answer the events of the threads that load the host. */
    if ((flags & DEBUGGED) != 0) {
        wsplsp_fail(&error, WSPLSP_SYSTEM, 0, "DEBUGGED", "it is being debugged");
        say_unhosted(child->dwProcessId, &error);
    } else if ((flags & CREATE_SUSPENDED) == 0 || !suspended_remember(child)) {
        children_host(child->hProcess, child->dwProcessId);
    }
    if ((flags & CREATE_SUSPENDED) == 0)
        ResumeThread(child->hThread);
    SetLastError(last_error);
    return TRUE;
}

static BOOL WINAPI child_CreateProcessA(LPCSTR application, LPSTR command_line, LPSECURITY_ATTRIBUTES process,
                                        LPSECURITY_ATTRIBUTES thread, BOOL inherit, DWORD flags, LPVOID environment,
                                        LPCSTR folder, LPSTARTUPINFOA startup, LPPROCESS_INFORMATION child)
{
    BOOL created = CreateProcessA(application, command_line, process, thread, inherit, flags | CREATE_SUSPENDED,
                                  environment, folder, startup, child);
    return host_child(created, flags, child);
}

static BOOL WINAPI child_CreateProcessW(LPCWSTR application, LPWSTR command_line, LPSECURITY_ATTRIBUTES process,
                                        LPSECURITY_ATTRIBUTES thread, BOOL inherit, DWORD flags, LPVOID environment,
                                        LPCWSTR folder, LPSTARTUPINFOW startup, LPPROCESS_INFORMATION child)
{
    BOOL created = CreateProcessW(application, command_line, process, thread, inherit, flags | CREATE_SUSPENDED,
                                  environment, folder, startup, child);
    return host_child(created, flags, child);
}

static BOOL WINAPI child_CreateProcessAsUserA(HANDLE token, LPCSTR application, LPSTR command_line,
                                              LPSECURITY_ATTRIBUTES process, LPSECURITY_ATTRIBUTES thread, BOOL inherit,
                                              DWORD flags, LPVOID environment, LPCSTR folder, LPSTARTUPINFOA startup,
                                              LPPROCESS_INFORMATION child)
{
    BOOL created = CreateProcessAsUserA(token, application, command_line, process, thread, inherit,
                                        flags | CREATE_SUSPENDED, environment, folder, startup, child);
    return host_child(created, flags, child);
}

static BOOL WINAPI child_CreateProcessAsUserW(HANDLE token, LPCWSTR application, LPWSTR command_line,
                                              LPSECURITY_ATTRIBUTES process, LPSECURITY_ATTRIBUTES thread, BOOL inherit,
                                              DWORD flags, LPVOID environment, LPCWSTR folder, LPSTARTUPINFOW startup,
                                              LPPROCESS_INFORMATION child)
{
    BOOL created = CreateProcessAsUserW(token, application, command_line, process, thread, inherit,
                                        flags | CREATE_SUSPENDED, environment, folder, startup, child);
    return host_child(created, flags, child);
}

static BOOL WINAPI child_CreateProcessWithLogonW(LPCWSTR user, LPCWSTR domain, LPCWSTR password, DWORD logon,
                                                 LPCWSTR application, LPWSTR command_line, DWORD flags,
                                                 LPVOID environment, LPCWSTR folder, LPSTARTUPINFOW startup,
                                                 LPPROCESS_INFORMATION child)
{
    BOOL created = CreateProcessWithLogonW(user, domain, password, logon, application, command_line,
                                           flags | CREATE_SUSPENDED, environment, folder, startup, child);
    return host_child(created, flags, child);
}

static BOOL WINAPI child_CreateProcessWithTokenW(HANDLE token, DWORD logon, LPCWSTR application, LPWSTR command_line,
                                                 DWORD flags, LPVOID environment, LPCWSTR folder,
                                                 LPSTARTUPINFOW startup, LPPROCESS_INFORMATION child)
{
    BOOL created = CreateProcessWithTokenW(token, logon, application, command_line, flags | CREATE_SUSPENDED,
                                           environment, folder, startup, child);
    return host_child(created, flags, child);
}

/* WinExec and LoadModule call CreateProcess inside kernel32.dll, where nothing is redirected. Their result is a value
 * over 31, or one of the four errors that their pages list. */
static DWORD start_and_forget(char *command_line, WORD show, void *environment)
{
    STARTUPINFOA startup = {.cb = sizeof startup, .dwFlags = STARTF_USESHOWWINDOW, .wShowWindow = show};
    PROCESS_INFORMATION child;
    if (!child_CreateProcessA(NULL, command_line, NULL, NULL, FALSE, 0, environment, NULL, &startup, &child)) {
        DWORD code = GetLastError();
        bool missing = code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND;
        return missing ? code : code == ERROR_NOT_ENOUGH_MEMORY ? 0 : ERROR_BAD_FORMAT;
    }
    CloseHandle(child.hThread);
    CloseHandle(child.hProcess);
    return 33;
}

static UINT WINAPI child_WinExec(LPCSTR command, UINT show)
{
    char command_line[COMMAND_LINE]; /* the page says nothing of writing to `command` */
    int length = snprintf(command_line, sizeof command_line, "%s", command);
    if (length < 0 || length >= (int)sizeof command_line)
        return ERROR_BAD_FORMAT;
    return start_and_forget(command_line, (WORD)show, NULL);
}

/* LOADPARMS32, which is in LoadModule's page, but in no header. */
struct load_parameters {
    char *environment;
    const unsigned char *command_line; /* its length, then the text */
    const WORD *show;                  /* the second number */
    DWORD reserved;
};

/* A module without a folder is looked for where CreateProcess looks for one. */
static DWORD WINAPI child_LoadModule(LPCSTR module, LPVOID parameters)
{
    const struct load_parameters *given = parameters;
    char command_line[COMMAND_LINE];
    int length = snprintf(command_line, sizeof command_line, "\"%s\" %.*s", module, (int)given->command_line[0],
                          (const char *)given->command_line + 1);
    if (length < 0 || length >= (int)sizeof command_line)
        return ERROR_BAD_FORMAT;
    return start_and_forget(command_line, given->show == NULL ? SW_SHOWNORMAL : given->show[1], given->environment);
}

#define REPLACED(module, name)                          \
    {                                                   \
        module, #name, 0, (FARPROC)(void *)child_##name \
    }

const struct redirect_export children_exports[] = {
    REPLACED("kernel32.dll", CreateProcessA),
    REPLACED("kernel32.dll", CreateProcessW),
    REPLACED("kernel32.dll", CreateProcessAsUserA), /* in kernelbase.dll, and kernel32.dll since Windows 8 */
    REPLACED("kernel32.dll", CreateProcessAsUserW),
    REPLACED("kernel32.dll", WinExec),
    REPLACED("kernel32.dll", LoadModule),
    REPLACED("advapi32.dll", CreateProcessAsUserA),
    REPLACED("advapi32.dll", CreateProcessAsUserW),
    REPLACED("advapi32.dll", CreateProcessWithLogonW),
    REPLACED("advapi32.dll", CreateProcessWithTokenW),
};
const size_t children_export_count = sizeof children_exports / sizeof children_exports[0];
