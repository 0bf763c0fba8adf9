/* A process that cannot take the host in: it waits at its start for its creator, who waits for it. The creator's
 * patience ends, and the process goes on without the host. The test's other half is run_probe.exe, with RUN_PROBE_WAIT.
 */
#include <stdio.h>
#include <string.h>

#include "lsp-core/host/launch/config.h"
#include "lsp-core/host/launch/inject.h"
#include "lsp-core/host/launch/launch.h"
#include "tap.h"

enum { LIMIT = 1000, END = 60000 }; /* ms */

static wchar_t folder[MAX_PATH];

static PROCESS_INFORMATION start_probe(const wchar_t *event)
{
    wchar_t command_line[] = L"run_probe.exe hosted";
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process = {0};
    SetEnvironmentVariableW(L"RUN_PROBE_WAIT", event);
    EXPECT(CreateProcessW(NULL, command_line, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &startup, &process));
    return process;
}

static DWORD let_go(const PROCESS_INFORMATION *process)
{
    DWORD status = 99;
    fflush(stdout);
    ResumeThread(process->hThread);
    EXPECT(WaitForSingleObject(process->hProcess, END) == WAIT_OBJECT_0);
    GetExitCodeProcess(process->hProcess, &status);
    CloseHandle(process->hThread);
    CloseHandle(process->hProcess);
    return status;
}

static void patience_ends(void)
{
    struct wsplsp_error error;
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, L"wsplsp-test-inject");
    PROCESS_INFORMATION process = start_probe(L"wsplsp-test-inject");
    inject_limit = LIMIT;
    EXPECT(launch_inject(process.hProcess, false, &error) == WSPLSP_SYSTEM);
    EXPECT_TEXT(error.name, INJECT_TIMED_OUT);
    EXPECT(WaitForSingleObject(process.hProcess, 0) == WAIT_TIMEOUT);
    SetEvent(event); /* what its creator does once it has been created */
    EXPECT(let_go(&process) == 0);
    CloseHandle(event);
}

static void another_is_hosted(void)
{
    struct wsplsp_error error;
    PROCESS_INFORMATION process = start_probe(NULL);
    inject_limit = END;
    error.message[0] = 0;
    EXPECT(launch_inject(process.hProcess, false, &error) == WSPLSP_OK);
    EXPECT_TEXT(error.message, "");
    EXPECT(let_go(&process) == 0);
}

int main(void)
{
    struct wsplsp_error error;
    struct config_settings settings = {.catalog_file = NULL};
    static const char catalog[] = "Windows Registry Editor Version 5.00\r\n\r\n"
                                  "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\WinSock2\\Parameters\\"
                                  "Protocol_Catalog9\\Catalog_Entries]\r\n";
    GetModuleFileNameW(NULL, folder, MAX_PATH);
    for (int i = 0; i < 2; i++)
        *wcsrchr(folder, L'\\') = 0;
    settings.folder[sizeof(void *) == 8 ? 0 : 1] = folder;
    if (config_create(&settings, &error) != WSPLSP_OK ||
        config_catalog_write(catalog, sizeof catalog - 1, &error) != WSPLSP_OK) {
        printf("Bail out! %s\n", error.message);
        return 1;
    }
    setvbuf(stdout, NULL, _IONBF, 0);
    RUN(patience_ends);
    RUN(another_is_hosted);
    return tap_end();
}
