/* WSACleanup: with sockets and operations that are left, and the use of Winsock behind it. */
#include "closing.h"

static void startup(void)
{
    WSADATA data;
    int error = WSAStartup(MAKEWORD(2, 2), &data);
    SetLastError((DWORD)error);
    step("WSAStartup", error == 0);
}

static void cleanup(void)
{
    step("WSACleanup", WSACleanup() == 0);
}

static int with_sockets(void)
{
    SOCKET s = open_to_peer('a');
    send_step("send", s, "b");
    ask("has a 2");
    cleanup();
    ask("seen a");
    send_step("send after WSACleanup", s, "c");
    close_step("closesocket after WSACleanup", s);
    startup();
    send_step("send after WSAStartup", s, "d");
    SOCKET next = open_to_peer('e');
    send_step("send on a new socket", next, "f");
    close_step("closesocket of the new socket", next);
    cleanup();
    return 0;
}

static int closed_as_file_behind(void)
{
    SOCKET s = open_to_peer('a');
    ask("has a 1");
    cleanup();
    close_handle_step("CloseHandle after WSACleanup", s);
    ask("seen a");
    return 0;
}

static int counted(void)
{
    SOCKET s = open_to_peer('a');
    startup();
    cleanup();
    send_step("send", s, "b");
    close_step("closesocket", s);
    ask("seen a");
    cleanup();
    cleanup();
    return 0;
}

static int again_and_again(void)
{
    cleanup();
    for (int i = 0; i < 3; i++) {
        startup();
        SOCKET s = open_to_peer((char)('a' + i));
        send_step("send", s, "12");
        close_step("closesocket", s);
        cleanup();
    }
    return 0;
}

/* "any pending blocking or asynchronous Windows Sockets calls issued by any thread in this process are canceled" */
static int in_calls(void)
{
    HANDLE threads[THREADS_IN_CALLS];
    start_threads_in_calls(threads);
    cleanup();
    step("the threads' end", WaitForMultipleObjects(THREADS_IN_CALLS, threads, TRUE, LIMIT) == WAIT_OBJECT_0);
    return 4;
}

static int with_port(void)
{
    static WSAOVERLAPPED overlapped;
    static char byte;
    WSABUF buffer = {1, &byte};
    DWORD flags = 0;
    SOCKET s = open_to_peer('a');
    HANDLE port = CreateIoCompletionPort((HANDLE)s, NULL, 1, 0);
    step("CreateIoCompletionPort", port != NULL);
    step("WSARecv is pending",
         WSARecv(s, &buffer, 1, NULL, &flags, &overlapped, NULL) != 0 && WSAGetLastError() == WSA_IO_PENDING);
    ask("has a 1");
    cleanup();
    step("CloseHandle of the port", CloseHandle(port));
    return 5;
}

/* It never comes back from its call. */
static int behind_a_terminated_thread(void)
{
    HANDLE threads[THREADS_IN_CALLS];
    SOCKET s = open_to_peer('c');
    start_threads_in_calls(threads);
    for (int i = 0; i < THREADS_IN_CALLS; i++)
        TerminateThread(threads[i], 1);
    step("the threads' end", WaitForMultipleObjects(THREADS_IN_CALLS, threads, TRUE, LIMIT) == WAIT_OBJECT_0);
    send_step("send", s, "d");
    close_step("closesocket", s);
    ask("seen c");
    cleanup();
    return 6;
}

const struct way ways_cleanup[] = {
    {"cleanup-with-sockets", with_sockets},
    {"cleanup-then-close-handle", closed_as_file_behind},
    {"cleanup-counted", counted},
    {"cleanup-again-and-again", again_and_again},
    {"cleanup-in-calls", in_calls},
    {"cleanup-with-port", with_port},
    {"cleanup-behind-a-terminated-thread", behind_a_terminated_thread},
    {0},
};
