/* Sockets with several handles: of DuplicateHandle, of WSADuplicateSocket, and inherited by another process. */
#include "closing.h"

#include <stdio.h>
#include <stdlib.h>

/* A handle that is no socket to closesocket is one to CloseHandle all the same. */
static void close_anyhow(const char *name, SOCKET s)
{
    if (!close_step(name, s))
        close_handle_step("CloseHandle instead", s);
}

static int copy_closed_first(void)
{
    SOCKET s = open_to_peer('a'), copy = copy_step(s, 0);
    send_step("send on the copy", copy, "b");
    close_handle_step("CloseHandle of the copy", copy);
    ask("open a");
    send_step("send", s, "c");
    close_step("closesocket", s);
    ask("seen a");
    return 0;
}

static int copy_closed_last(void)
{
    SOCKET s = open_to_peer('a'), copy = copy_step(s, 0);
    close_handle_step("CloseHandle", s);
    ask("open a");
    send_step("send on the copy", copy, "b");
    ask("open a");
    close_anyhow("closesocket of the copy", copy);
    ask("seen a");
    return 0;
}

/* What is closed is the handle, or the socket; then the other handle is one of nothing. */
static int copy_closed_as_socket(void)
{
    SOCKET s = open_to_peer('a'), copy = copy_step(s, 0);
    send_step("send on the copy", copy, "b");
    close_anyhow("closesocket of the copy", copy);
    ask("open a");
    send_step("send", s, "c");
    close_handle_step("CloseHandle", s);
    ask("seen a");
    close_step("closesocket", s);
    return 0;
}

/* The copy may get the number that it takes the place of. */
static int copy_in_its_place(void)
{
    SOCKET s = open_to_peer('a'), copy = copy_step(s, DUPLICATE_CLOSE_SOURCE);
    ask("open a");
    send_step("send on the copy", copy, "b");
    close_anyhow("closesocket of the copy", copy);
    ask("seen a");
    return 0;
}

/* Winsock has never heard of the copy. */
static int copy_unused(void)
{
    SOCKET s = open_to_peer('a'), copy = copy_step(s, 0), other = open_to_peer('b'), others = copy_step(other, 0);
    close_handle_step("CloseHandle", s);
    ask("open a");
    close_handle_step("CloseHandle of the copy", copy);
    ask("seen a");
    close_handle_step("CloseHandle of the copy", others);
    ask("open b");
    close_handle_step("CloseHandle", other);
    ask("seen b");
    return 0;
}

static int copy_of_a_closed_socket(void)
{
    SOCKET s = open_to_peer('a'), copy = copy_step(s, 0);
    close_step("closesocket", s);
    send_step("send on the copy", copy, "b");
    close_handle_step("CloseHandle of the copy", copy);
    ask("seen a");
    return 0;
}

static int copy_of_a_copy(void)
{
    SOCKET s = open_to_peer('a'), copy = copy_step(s, DUPLICATE_CLOSE_SOURCE);
    SOCKET second = copy_step(copy, DUPLICATE_CLOSE_SOURCE);
    ask("open a");
    close_handle_step("CloseHandle of the second copy", second);
    close_handle_step("CloseHandle of the second copy again", second);
    ask("seen a");
    return 0;
}

static SOCKET share(SOCKET s)
{
    WSAPROTOCOL_INFOW info;
    must("WSADuplicateSocket", WSADuplicateSocketW(s, GetCurrentProcessId(), &info) == 0);
    SOCKET shared =
        WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED);
    must("WSASocket", shared != INVALID_SOCKET);
    return shared;
}

static int shared_closed_as_file(void)
{
    SOCKET s = open_to_peer('a'), shared = share(s);
    send_step("send", shared, "b");
    close_handle_step("CloseHandle of the second", shared);
    ask("open a");
    send_step("send", s, "c");
    close_step("closesocket", s);
    ask("seen a");
    return 0;
}

static int shared_closed_first(void)
{
    SOCKET s = open_to_peer('a'), shared = share(s);
    close_handle_step("CloseHandle", s);
    ask("open a");
    send_step("send on the second", shared, "b");
    ask("has a 2");
    close_step("closesocket of the second", shared);
    ask("seen a");
    close_step("closesocket", s);
    return 0;
}

static PROCESS_INFORMATION create_child(const char *way, SOCKET s, DWORD flags, STARTUPINFOA startup)
{
    char path[MAX_PATH], command[2 * MAX_PATH];
    PROCESS_INFORMATION process;
    must("the program's name", GetModuleFileNameA(NULL, path, sizeof path) != 0);
    snprintf(command, sizeof command, "\"%s\" %s 0 %llu", path, way, (unsigned long long)s);
    must("CreateProcess", CreateProcessA(path, command, NULL, NULL, TRUE, flags, NULL, NULL, &startup, &process));
    return process;
}

static void await_child(PROCESS_INFORMATION child)
{
    DWORD status = 99;
    await("the child's end", child.hProcess);
    GetExitCodeProcess(child.hProcess, &status);
    say_number("the child's status", status);
    CloseHandle(child.hThread);
    CloseHandle(child.hProcess);
}

static const STARTUPINFOA plain = {.cb = sizeof plain};

static SOCKET inherited(void)
{
    return (SOCKET)strtoull(closing_argument, NULL, 10);
}

static int inherited_closed(void)
{
    if (closing_argument != NULL) {
        close_handle_step("CloseHandle in the child", inherited());
        return 3;
    }
    SOCKET s = open_to_peer('a');
    await_child(create_child("inherited-closed", s, 0, plain));
    ask("open a");
    send_step("send", s, "b");
    close_step("closesocket", s);
    ask("seen a");
    return 0;
}

static int inherited_used(void)
{
    if (closing_argument != NULL) {
        send_step("send in the child", inherited(), "b");
        close_anyhow("closesocket in the child", inherited());
        return 3;
    }
    SOCKET s = open_to_peer('a');
    await_child(create_child("inherited-used", s, 0, plain));
    ask("open a");
    send_step("send", s, "c");
    close_handle_step("CloseHandle", s);
    ask("seen a");
    return 0;
}

/* The child has the connection until it ends, whether it knows or not. */
static int inherited_left(void)
{
    if (closing_argument != NULL) {
        say("the child runs");
        ask("open a");
        return 3;
    }
    SOCKET s = open_to_peer('a');
    PROCESS_INFORMATION child = create_child("inherited-left", s, CREATE_SUSPENDED, plain);
    close_step("closesocket", s);
    ask("open a");
    step("ResumeThread", ResumeThread(child.hThread) == 1);
    await_child(child);
    ask("seen a");
    return 0;
}

/* As inetd does it: the child knows nothing of sockets. */
static int inherited_as_output(void)
{
    if (closing_argument != NULL) {
        say("from the child");
        return 3;
    }
    STARTUPINFOA startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
    SOCKET s = open_to_peer('a');
    startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    startup.hStdOutput = (HANDLE)s;
    startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    PROCESS_INFORMATION child = create_child("inherited-as-output", s, 0, startup);
    close_step("closesocket", s);
    await_child(child);
    ask("seen a");
    return 0;
}

const struct way ways_copy[] = {
    {"copy-closed-first", copy_closed_first},
    {"copy-closed-last", copy_closed_last},
    {"copy-closed-as-socket", copy_closed_as_socket},
    {"copy-in-its-place", copy_in_its_place},
    {"copy-unused", copy_unused},
    {"copy-of-a-closed-socket", copy_of_a_closed_socket},
    {"copy-of-a-copy", copy_of_a_copy},
    {"shared-closed-as-file", shared_closed_as_file},
    {"shared-closed-first", shared_closed_first},
    {"inherited-closed", inherited_closed},
    {"inherited-used", inherited_used},
    {"inherited-left", inherited_left},
    {"inherited-as-output", inherited_as_output},
    {0},
};
