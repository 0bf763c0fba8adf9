/* The ends of threads, DLLs and the process, with sockets that are open or being used. */
#include "closing.h"

#include <stdlib.h>

static SOCKET kept;

static void close_kept(void)
{
    close_step("closesocket at exit", kept);
}

static void close_kept_and_clean_up(void)
{
    close_step("closesocket at exit", kept);
    step("WSACleanup at exit", WSACleanup() == 0);
}

static int at_exit(void)
{
    kept = open_to_peer('a');
    send_step("send", kept, "b");
    atexit(close_kept);
    return 6;
}

static int at_exit_with_cleanup(void)
{
    kept = open_to_peer('a');
    open_to_peer('b');
    atexit(close_kept_and_clean_up);
    return 7;
}

static int left_open(void)
{
    SOCKET s = open_to_peer('a'), other = open_from_peer('b');
    send_step("send", s, "c");
    send_step("send on the other", other, "d");
    copy_step(s, 0);
    return 8;
}

static int left_unread(void)
{
    SOCKET s = open_to_peer('a');
    char byte;
    ask("say a unread");
    step("recv of one byte", recv(s, &byte, 1, 0) == 1);
    ask("has a 1");
    return 8;
}

static arm_function load_dll(HMODULE *module)
{
    *module = LoadLibraryW(L"closing-dll.dll");
    must("LoadLibrary", *module != NULL);
    arm_function arm = (arm_function)(void *)GetProcAddress(*module, "arm");
    must("GetProcAddress", arm != NULL);
    return arm;
}

static int dll_unloaded(void)
{
    HMODULE module;
    SOCKET s = open_to_peer('a');
    load_dll (&module)(ARM_PROCESS_DETACH, s);
    send_step("send", s, "b");
    step("FreeLibrary", FreeLibrary(module));
    ask("seen a");
    close_step("closesocket", s);
    return 0;
}

static int dll_unloaded_with_cleanup(void)
{
    HMODULE module;
    SOCKET s = open_to_peer('a');
    load_dll (&module)(ARM_PROCESS_DETACH_AND_CLEANUP, s);
    step("FreeLibrary", FreeLibrary(module));
    ask("seen a");
    close_step("closesocket", s);
    return 0;
}

static int dll_at_exit(void)
{
    HMODULE module;
    SOCKET s = open_to_peer('a');
    load_dll (&module)(ARM_PROCESS_DETACH, s);
    send_step("send", s, "b");
    return 9;
}

static int dll_at_exit_with_cleanup(void)
{
    HMODULE module;
    SOCKET s = open_to_peer('a');
    open_to_peer('b');
    load_dll (&module)(ARM_PROCESS_DETACH_AND_CLEANUP, s);
    return 10;
}

static DWORD WINAPI arms_and_ends(void *argument)
{
    HMODULE module;
    SOCKET s = open_to_peer('a');
    (void)argument;
    load_dll (&module)(ARM_THREAD_DETACH, s);
    send_step("send", s, "b");
    return 0;
}

static int thread_detach(void)
{
    HANDLE thread = start_thread(arms_and_ends, NULL);
    await("the thread's end", thread);
    ask("seen a");
    return 0;
}

static DWORD WINAPI opens_and_ends(void *socket)
{
    *(SOCKET *)socket = open_to_peer('a');
    return 0;
}

static int opened_by_a_thread(void)
{
    SOCKET s;
    HANDLE thread = start_thread(opens_and_ends, &s);
    await("the thread's end", thread);
    send_step("send", s, "b");
    ask("say a answer");
    receive_step("recv", s);
    close_step("closesocket", s);
    ask("seen a");
    return 0;
}

static int threads_in_calls(void)
{
    HANDLE threads[THREADS_IN_CALLS];
    start_threads_in_calls(threads);
    return 11;
}

/* Of which nobody will hear. */
static int operation_pending(void)
{
    static WSAOVERLAPPED overlapped;
    static char byte;
    WSABUF buffer = {1, &byte};
    DWORD flags = 0;
    SOCKET s = open_to_peer('a');
    overlapped.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    step("WSARecv is pending",
         WSARecv(s, &buffer, 1, NULL, &flags, &overlapped, NULL) != 0 && WSAGetLastError() == WSA_IO_PENDING);
    return 12;
}

static DWORD WINAPI ends_the_process(void *argument)
{
    HANDLE threads[THREADS_IN_CALLS];
    (void)argument;
    start_threads_in_calls(threads);
    ExitProcess(13);
}

static int ended_from_a_thread(void)
{
    char byte;
    SOCKET s = open_to_peer('c');
    start_thread(ends_the_process, NULL);
    recv(s, &byte, 1, 0);
    Sleep(INFINITE);
    return 0;
}

static int cleanup_then_ended(void)
{
    HANDLE threads[THREADS_IN_CALLS];
    start_threads_in_calls(threads);
    atexit(close_kept_and_clean_up);
    kept = open_to_peer('d');
    return 14;
}

static int terminated(void)
{
    HANDLE threads[THREADS_IN_CALLS];
    start_threads_in_calls(threads);
    TerminateProcess(GetCurrentProcess(), 15);
    return 0;
}

static LONG WINAPI filter(EXCEPTION_POINTERS *pointers)
{
    (void)pointers;
    return EXCEPTION_EXECUTE_HANDLER;
}

/* Nobody is asked, and no debugger comes. */
static int crashed(void)
{
    HANDLE threads[THREADS_IN_CALLS];
    start_threads_in_calls(threads);
    SetUnhandledExceptionFilter(filter);
    RaiseException(0xE0001234, EXCEPTION_NONCONTINUABLE, 0, NULL);
    return 0;
}

static DWORD WINAPI closes_late(void *main_thread)
{
    await("the main thread's end", main_thread);
    close_step("closesocket", kept);
    ask("seen a");
    ExitProcess(16);
}

static void WINAPI ends_here(DWORD error, DWORD bytes, WSAOVERLAPPED *overlapped, DWORD flags)
{
    (void)error;
    (void)bytes;
    (void)overlapped;
    (void)flags;
    ExitProcess(17);
}

static int in_a_routine(void)
{
    WSAOVERLAPPED overlapped = {0};
    char byte;
    WSABUF buffer = {1, &byte};
    DWORD flags = 0;
    SOCKET s = open_to_peer('a');
    step("WSARecv is pending",
         WSARecv(s, &buffer, 1, NULL, &flags, &overlapped, ends_here) != 0 && WSAGetLastError() == WSA_IO_PENDING);
    ask("say a answer");
    SleepEx(LIMIT, TRUE);
    return 0;
}

/* The DLL's DllMain is the first to make a socket, and the last to need Winsock. */
static int dll_loaded(void)
{
    step("WSACleanup", WSACleanup() == 0);
    must("the environment", SetEnvironmentVariableA("CLOSING_PORT", peer_port_text()));
    HMODULE module = LoadLibraryW(L"closing-dll.dll");
    step("LoadLibrary", module != NULL);
    ask("seen a");
    step("FreeLibrary", FreeLibrary(module));
    return 0;
}

static int main_thread_ends(void)
{
    HANDLE thread = NULL;
    kept = open_to_peer('a');
    step("DuplicateHandle", DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &thread, 0,
                                            FALSE, DUPLICATE_SAME_ACCESS));
    start_thread(closes_late, thread);
    ExitThread(0);
}

const struct way ways_end[] = {
    {"at-exit", at_exit},
    {"at-exit-with-cleanup", at_exit_with_cleanup},
    {"left-open", left_open},
    {"left-unread", left_unread},
    {"dll-unloaded", dll_unloaded},
    {"dll-unloaded-with-cleanup", dll_unloaded_with_cleanup},
    {"dll-at-exit", dll_at_exit},
    {"dll-at-exit-with-cleanup", dll_at_exit_with_cleanup},
    {"thread-detach", thread_detach},
    {"opened-by-a-thread", opened_by_a_thread},
    {"threads-in-calls", threads_in_calls},
    {"threads-in-calls-and-cleanup-at-exit", cleanup_then_ended},
    {"operation-pending", operation_pending},
    {"ended-from-a-thread", ended_from_a_thread},
    {"terminated", terminated},
    {"crashed", crashed},
    {"main-thread-ends", main_thread_ends},
    {"in-a-routine", in_a_routine},
    {"dll-loaded", dll_loaded},
    {0},
};
