/* A program to be run by `wsplsp run`: says whether it is hosted, what it was given, and starts children in every way.
 * usage: run_probe COMMAND [ARGUMENT...]
 *   hosted              "hosted 64" or "bare 64"
 *   exit CODE           ends with that status
 *   words …             its arguments, each in brackets, and the raw command line
 *   copy                standard input to standard output, and a line to standard error
 *   note FILE           writes into the file what `hosted` says
 *   control-c           presses Ctrl-C; its own handler ends it with 77 (79: there is no console)
 *   start WAY WORDS…     starts itself with WORDS as WAY says, waits, and ends as that child did
 *   other WAY WORDS…    the same with the program that RUN_PROBE_OTHER names
 * A way that does not exist on this system ends with 77. */
#include <winsock2.h>
#include <shellapi.h>
#include <winternl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Set by this program in its child, before that has run. */
static volatile LONG written;

/* With RUN_PROBE_WAIT=NAME the process does not come up before somebody sets the event of that name. */
static void NTAPI wait_at_start(void *module, DWORD reason, void *reserved)
{
    char name[64];
    (void)module, (void)reserved;
    if (reason != DLL_PROCESS_ATTACH || GetEnvironmentVariableA("RUN_PROBE_WAIT", name, sizeof name) == 0)
        return;
    HANDLE event = OpenEventA(SYNCHRONIZE, FALSE, name);
    WaitForSingleObject(event, INFINITE);
    CloseHandle(event);
}

__attribute__((section(".CRT$XLY"), used)) static const PIMAGE_TLS_CALLBACK start_callback = wait_at_start;

/* Hosted: what this program calls is outside of the system's ws2_32.dll. */
static int hosted(void)
{
    const char *base = (const char *)GetModuleHandleW(L"ws2_32.dll");
    const IMAGE_NT_HEADERS *nt = (const void *)(base + ((const IMAGE_DOS_HEADER *)base)->e_lfanew);
    const char *imported = (const char *)(void *)send;
    const char *looked_up = (const char *)(void *)GetProcAddress(GetModuleHandleW(L"ws2_32.dll"), "send");
    int inside = imported >= base && imported < base + nt->OptionalHeader.SizeOfImage;
    if (imported != looked_up)
        printf("the two ways to send differ\n");
    return !inside;
}

static int say_hosted(void)
{
    printf("%s %d\n", hosted() ? "hosted" : "bare", (int)(8 * sizeof(void *)));
    return 0;
}

static int say_written(void)
{
    printf("%s, written %ld\n", hosted() ? "hosted" : "bare", written);
    return 0;
}

static int say_words(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        printf("[%s]", argv[i]);
    printf("\n%s\n", GetCommandLineA());
    return 0;
}

static int copy(void)
{
    char bytes[4096];
    DWORD size, written;
    HANDLE in = GetStdHandle(STD_INPUT_HANDLE), out = GetStdHandle(STD_OUTPUT_HANDLE);
    while (ReadFile(in, bytes, sizeof bytes, &size, NULL) && size > 0)
        WriteFile(out, bytes, size, &written, NULL);
    fprintf(stderr, "to standard error\n");
    return 0;
}

/* The file appears with its content. */
static int note(const char *path)
{
    char draft[MAX_PATH + 8];
    snprintf(draft, sizeof draft, "%s.new", path);
    FILE *file = fopen(draft, "w");
    if (file == NULL)
        return 1;
    fprintf(file, "%s %d\n", hosted() ? "hosted" : "bare", (int)(8 * sizeof(void *)));
    fclose(file);
    return !MoveFileA(draft, path);
}

static BOOL WINAPI on_control(DWORD event)
{
    ExitProcess(event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT ? 77 : 78);
}

static int wait_for_control(DWORD event)
{
    SetConsoleCtrlHandler(on_control, TRUE);
    /* To all of the console's processes: wsplsp, too. */
    if (!GenerateConsoleCtrlEvent(event, 0))
        return 79;
    Sleep(30000);
    return 1;
}

static int finish(const PROCESS_INFORMATION *child)
{
    DWORD status = 99;
    WaitForSingleObject(child->hProcess, INFINITE);
    GetExitCodeProcess(child->hProcess, &status);
    CloseHandle(child->hThread);
    CloseHandle(child->hProcess);
    return (int)status;
}

static int start_a(char *command_line, DWORD flags)
{
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION child;
    if (!CreateProcessA(NULL, command_line, NULL, NULL, TRUE, flags, NULL, NULL, &startup, &child))
        return 90;
    if ((flags & CREATE_SUSPENDED) == 0)
        return finish(&child);
    /* Its own creator lets it go, and only that: the count before is 1. */
    DWORD count = ResumeThread(child.hThread);
    if (count != 1)
        printf("the child was suspended %lu times\n", count);
    return finish(&child);
}

/* What a program does that prepares its child: writes into it, and starts it some other way than by ResumeThread alone.
 * The child's own code must not have run by then: the loader's data, behind the PEB's third pointer, are not there. */
static int start_prepared(const char *way, char *command_line)
{
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION child;
    PROCESS_BASIC_INFORMATION basic;
    struct {
        void *flags, *mutant;
        char *image;
        void *loader;
    } peb;
    LONG mark = 4711;
    LONG(NTAPI * resume_thread)
    (HANDLE, ULONG *) =
        (LONG(NTAPI *)(HANDLE, ULONG *))(void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtResumeThread");
    LONG(NTAPI * resume_process)
    (HANDLE) = (LONG(NTAPI *)(HANDLE))(void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtResumeProcess");
    char *own = (char *)GetModuleHandleA(NULL);
    if (!CreateProcessA(NULL, command_line, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &startup, &child))
        return 90;
    if (NtQueryInformationProcess(child.hProcess, ProcessBasicInformation, &basic, sizeof basic, NULL) < 0 ||
        !ReadProcessMemory(child.hProcess, basic.PebBaseAddress, &peb, sizeof peb, NULL) ||
        !WriteProcessMemory(child.hProcess, peb.image + ((char *)(void *)&written - own), &mark, sizeof mark, NULL))
        return 91;
    if (peb.loader != NULL)
        printf("the child has run before it was resumed\n");
    fflush(stdout);
    if (strcmp(way, "ended") == 0) {
        TerminateProcess(child.hProcess, 8);
    } else if (strcmp(way, "twice") == 0) {
        SuspendThread(child.hThread);
        ResumeThread(child.hThread);
        if (WaitForSingleObject(child.hProcess, 0) != WAIT_TIMEOUT || ResumeThread(child.hThread) != 1)
            printf("the child was resumed too early\n");
    } else if (strcmp(way, "ntthread") == 0) {
        ULONG count = 0;
        if (resume_thread(child.hThread, &count) < 0 || count != 1)
            printf("the child was suspended %lu times\n", count);
    } else if (strcmp(way, "ntprocess") == 0) {
        resume_process(child.hProcess);
    } else {
        HANDLE thread = child.hThread, only_resuming;
        DuplicateHandle(GetCurrentProcess(), thread, GetCurrentProcess(), &only_resuming, THREAD_SUSPEND_RESUME, FALSE,
                        0);
        ResumeThread(only_resuming);
        CloseHandle(only_resuming);
    }
    return finish(&child);
}

static int start_w(const char *command_line, HANDLE token)
{
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION child;
    wchar_t wide[4096];
    MultiByteToWideChar(CP_ACP, 0, command_line, -1, wide, 4096);
    BOOL created = token == NULL
                       ? CreateProcessW(NULL, wide, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &child)
                       : CreateProcessAsUserW(token, NULL, wide, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &child);
    return created ? finish(&child) : 91;
}

static int start_as_user(const char *command_line)
{
    HANDLE token;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &token))
        return 92;
    return start_w(command_line, token);
}

/* By the service that makes processes for other users, where the system has one. */
static int start_with_token(const char *command_line)
{
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION child;
    wchar_t wide[4096];
    HANDLE token;
    __typeof__(&CreateProcessWithTokenW) create = (__typeof__(&CreateProcessWithTokenW))(void *)GetProcAddress(
        LoadLibraryW(L"advapi32.dll"), "CreateProcessWithTokenW");
    MultiByteToWideChar(CP_ACP, 0, command_line, -1, wide, 4096);
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &token))
        return 92;
    if (create == NULL || !create(token, 0, NULL, wide, 0, NULL, NULL, &startup, &child))
        return 77;
    return finish(&child);
}

static int start_with_logon(const char *command_line)
{
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION child;
    wchar_t wide[4096];
    MultiByteToWideChar(CP_ACP, 0, command_line, -1, wide, 4096);
    if (!CreateProcessWithLogonW(L"nobody", L".", L"none", 0, NULL, wide, 0, NULL, NULL, &startup, &child))
        return 77;
    return finish(&child);
}

static int start_by_shell(char *command_line)
{
    HMODULE shell = LoadLibraryW(L"shell32.dll");
    __typeof__(&ShellExecuteExA) execute =
        (__typeof__(&ShellExecuteExA))(void *)GetProcAddress(shell, "ShellExecuteExA");
    char *space = strchr(command_line, ' ');
    *space = '\0';
    SHELLEXECUTEINFOA info = {.cbSize = sizeof info,
                              .fMask = SEE_MASK_NOCLOSEPROCESS | SEE_MASK_FLAG_NO_UI | SEE_MASK_NO_CONSOLE,
                              .lpFile = command_line,
                              .lpParameters = space + 1,
                              .nShow = SW_SHOWNORMAL};
    if (execute == NULL || !execute(&info) || info.hProcess == NULL)
        return 95;
    DWORD status = 99;
    WaitForSingleObject(info.hProcess, INFINITE);
    GetExitCodeProcess(info.hProcess, &status);
    CloseHandle(info.hProcess);
    return (int)status;
}

/* LoadModule's page: the command line is its length in one byte, then the text; the window's state is two numbers, the
 * first of which is 2. */
static int start_module(char *command_line)
{
    char *space = strchr(command_line, ' ');
    char counted[258];
    WORD show[2] = {2, SW_SHOWNORMAL};
    struct {
        const char *environment, *command_line;
        WORD *show;
        DWORD reserved;
    } parameters = {NULL, counted, show, 0};
    *space = '\0';
    snprintf(counted + 1, sizeof counted - 1, "%s", space + 1);
    counted[0] = (char)strlen(counted + 1);
    return LoadModule(command_line, &parameters) > 31 ? 0 : 95;
}

/* As a debugger: the events are answered until the child has ended. */
static int start_debugged(char *command_line)
{
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION child;
    DEBUG_EVENT event;
    if (!CreateProcessA(NULL, command_line, NULL, NULL, TRUE, DEBUG_ONLY_THIS_PROCESS, NULL, NULL, &startup, &child))
        return 93;
    do {
        if (!WaitForDebugEvent(&event, 30000))
            return 94;
        ContinueDebugEvent(event.dwProcessId, event.dwThreadId, DBG_CONTINUE);
    } while (event.dwDebugEventCode != EXIT_PROCESS_DEBUG_EVENT);
    return finish(&child);
}

/* What a shim gives a program for LoadLibraryW. It is in this process alone. */
static const unsigned char stand_in[] = {0x31, 0xc0, 0xc3}; /* xor eax, eax; ret */

/* Memory that an RVA of that module can lead to. */
static char *allocate_behind(char *module, size_t size)
{
    char *page = NULL;
    for (size_t offset = 0x100000; page == NULL && offset < 0x40000000; offset += 0x10000)
        page = VirtualAlloc(module + offset, size, MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE_READWRITE);
    return page;
}

/* Puts a value into a table that is not to be written. */
static void overwrite(void *slot, const void *value, size_t size)
{
    DWORD before;
    VirtualProtect(slot, size, PAGE_READWRITE, &before);
    memcpy(slot, value, size);
    VirtualProtect(slot, size, before, &before);
}

static char *at(char *module, DWORD rva)
{
    return module + rva;
}

static IMAGE_DATA_DIRECTORY directory(char *module, unsigned index)
{
    const IMAGE_NT_HEADERS *nt = (const void *)at(module, (DWORD)((IMAGE_DOS_HEADER *)(void *)module)->e_lfanew);
    return nt->OptionalHeader.DataDirectory[index];
}

/* In the export table of kernel32.dll: what GetProcAddress gives. */
static int shim_export(char *kernel32, const char *code)
{
    IMAGE_EXPORT_DIRECTORY *exports = (void *)at(kernel32, directory(kernel32, 0).VirtualAddress);
    DWORD *names = (void *)at(kernel32, exports->AddressOfNames), rva = (DWORD)(code - kernel32);
    WORD *ordinals = (void *)at(kernel32, exports->AddressOfNameOrdinals);
    DWORD *functions = (void *)at(kernel32, exports->AddressOfFunctions);
    for (DWORD i = 0; i < exports->NumberOfNames; i++)
        if (strcmp(at(kernel32, names[i]), "LoadLibraryW") == 0)
            overwrite(&functions[ordinals[i]], &rva, sizeof rva);
    return (const char *)(void *)GetProcAddress((HMODULE)(void *)kernel32, "LoadLibraryW") == code ? 0 : 98;
}

/* In the import table of a module. */
static void shim_imports(char *module, const void *before, const char *code)
{
    IMAGE_DATA_DIRECTORY table = directory(module, IMAGE_DIRECTORY_ENTRY_IAT);
    void **slots = (void *)at(module, table.VirtualAddress);
    for (size_t i = 0; i < table.Size / sizeof *slots; i++)
        if (slots[i] == before)
            overwrite(&slots[i], &code, sizeof code);
}

/* As under application compatibility's shims or security software, for which LoadLibraryW is a function of their own.
 */
static int start_shimmed(char *command_line)
{
    char *kernel32 = (void *)GetModuleHandleW(L"kernel32.dll"), *host = (void *)GetModuleHandleW(L"wsplsp-host.dll");
    const void *load = (const void *)GetProcAddress((HMODULE)(void *)kernel32, "LoadLibraryW");
    char *code = allocate_behind(kernel32, sizeof stand_in);
    if (code == NULL || load == NULL)
        return 98;
    memcpy(code, stand_in, sizeof stand_in);
    if (host != NULL)
        shim_imports(host, load, code);
    int failed = shim_export(kernel32, code);
    return failed != 0 ? failed : start_a(command_line, 0);
}

static int start(const char *way, char *command_line)
{
    if (strcmp(way, "shimmed") == 0)
        return start_shimmed(command_line);
    if (strcmp(way, "a") == 0)
        return start_a(command_line, 0);
    if (strcmp(way, "suspended") == 0)
        return start_a(command_line, CREATE_SUSPENDED);
    if (strncmp(way, "prepared-", 9) == 0)
        return start_prepared(way + 9, command_line);
    if (strcmp(way, "w") == 0)
        return start_w(command_line, NULL);
    if (strcmp(way, "user") == 0)
        return start_as_user(command_line);
    if (strcmp(way, "system") == 0)
        return system(command_line);
    if (strcmp(way, "debugged") == 0)
        return start_debugged(command_line);
    if (strcmp(way, "token") == 0)
        return start_with_token(command_line);
    if (strcmp(way, "logon") == 0)
        return start_with_logon(command_line);
    if (strcmp(way, "shell") == 0)
        return start_by_shell(command_line);
    if (strcmp(way, "loadmodule") == 0)
        return start_module(command_line);
    if (strcmp(way, "winexec") == 0)
        return WinExec(command_line, SW_SHOWNORMAL) > 31 ? 0 : 95;
    return 96;
}

static int start_self(const char *program, int argc, char **argv)
{
    char command_line[4096];
    if (argc < 2)
        return 97;
    snprintf(command_line, sizeof command_line, "%s", program);
    for (int i = 1; i < argc; i++) {
        strncat(command_line, " ", sizeof command_line - strlen(command_line) - 1);
        strncat(command_line, argv[i], sizeof command_line - strlen(command_line) - 1);
    }
    fflush(stdout);
    return start(argv[0], command_line);
}

int main(int argc, char **argv)
{
    char program[MAX_PATH];
    GetModuleFileNameA(NULL, program, MAX_PATH);
    const char *command = argc > 1 ? argv[1] : "";
    const char *other = getenv("RUN_PROBE_OTHER"); /* the other bitness' build, for `other WAY WORDS…` */
    if (strcmp(command, "hosted") == 0)
        return say_hosted();
    if (strcmp(command, "written") == 0)
        return say_written();
    if (strcmp(command, "exit") == 0)
        return (int)strtoul(argv[2], NULL, 0);
    if (strcmp(command, "words") == 0)
        return say_words(argc - 2, argv + 2);
    if (strcmp(command, "copy") == 0)
        return copy();
    if (strcmp(command, "note") == 0)
        return note(argv[2]);
    if (strcmp(command, "control-c") == 0)
        return wait_for_control(CTRL_C_EVENT);
    if (strcmp(command, "start") == 0)
        return start_self(program, argc - 2, argv + 2);
    if (strcmp(command, "other") == 0 && other != NULL)
        return start_self(other, argc - 2, argv + 2);
    fprintf(stderr, "run_probe: what?\n");
    return 98;
}
