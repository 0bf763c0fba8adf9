/* Handles of the layer's own over a recording provider: what goes down is the next provider's handle, wherever a handle
 * stands. Expected values are the reference's: WPUCreateSocketHandle, WPUQuerySocketHandleContext,
 * LPWSPAsyncSelect, SOL_SOCKET options. TAP. */
#include <stdlib.h>

#include <mswsock.h>

#include "recorder.h"
#include "tap.h"
#include "upper.h"
#include "winsock_part.h"

enum { NEXT = 0x1000, OTHER = 0x2000, UNTOUCHED = 0x55aa };

static WSPPROC_TABLE procs;
static SOCKET s;

static SOCKET make(SOCKET next)
{
    INT error;
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    recorder.result = next;
    SOCKET made = procs.lpWSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, &info, 0, 0, &error);
    recorder.result = 0;
    return made;
}

static void begin(void)
{
    recorder_reset();
    upper_reset();
    upper_nonifs();
    EXPECT(part_start(CHAIN, &procs) == 0);
    s = make(NEXT);
    EXPECT(upper_is_open(s) && s != NEXT && upper.create_id == CHAIN);
}

static void end(void)
{
    INT error;
    recorder.fail = false;
    recorder.result = 0;
    EXPECT(procs.lpWSPCleanup(&error) == 0);
    EXPECT(upper_open_handles() == 0 && upper.wrong == 0);
}

static int index_of(const char *name)
{
    int i = 0;
    while (strcmp(recorded[i].name, name) != 0)
        i++;
    return i;
}

static void fill(const char *parameters, uintptr_t *argument, INT *error)
{
    for (int i = 0; parameters[i] != 0; i++) {
        argument[i] = 0x11000000u + (uintptr_t)i * 0x10101u;
        if (parameters[i] == 'p')
            argument[i] |= (uintptr_t)0x7ffe << (sizeof(uintptr_t) * 4);
        else if (parameters[i] == 's')
            argument[i] = s;
        else if (parameters[i] == 'e')
            argument[i] = (uintptr_t)error;
    }
}

/* WSPCloseSocket, WSPDuplicateSocket and the results of operations have scenarios of their own. */
static bool goes_down(int function)
{
    return recorded[function].parameters[0] == 's' && function != index_of("CloseSocket") &&
           function != index_of("DuplicateSocket") && function != index_of("GetOverlappedResult") &&
           function != index_of("AsyncSelect");
}

/* The socket is not overlapped, and so neither structure nor routine go down (WSASend). */
static bool dropped(int function, int argument)
{
    static const struct {
        const char *name;
        int overlapped;
    } calls[] = {{"Send", 5}, {"SendTo", 7}, {"Recv", 5}, {"RecvFrom", 7}, {"Ioctl", 7}};
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        if (function == index_of(calls[i].name))
            return argument == calls[i].overlapped || argument == calls[i].overlapped + 1;
    return false;
}

static bool as_expected(int function, const uintptr_t *given)
{
    const char *parameters = recorded[function].parameters;
    for (int i = 0; parameters[i] != 0; i++) {
        uintptr_t wanted = i == 0 ? NEXT : dropped(function, i) ? 0 : given[i];
        bool equal =
            parameters[i] == 'i' ? (uint32_t)recorder.argument[i] == (uint32_t)wanted : recorder.argument[i] == wanted;
        if (!equal) {
            printf("# WSP%s: argument %d\n", recorded[function].name, i);
            return false;
        }
    }
    return true;
}

static uintptr_t call(int function, const uintptr_t *argument)
{
    return recorder_call(recorder_proc(&procs, function), (int)strlen(recorded[function].parameters), argument);
}

static void calls_go_down_with_the_next_handle(void)
{
    begin();
    for (int i = 0; i < FUNCTIONS; i++) {
        uintptr_t argument[ARGUMENTS] = {0};
        INT error = UNTOUCHED;
        if (!goes_down(i))
            continue;
        fill(recorded[i].parameters, argument, &error);
        recorder.result = recorded[i].result == 's' ? OTHER + (uintptr_t)i * 4 : recorded[i].result == 'b' ? 7 : 41;
        uintptr_t result = call(i, argument);
        EXPECT(recorder.function == i && as_expected(i, argument) && error == UNTOUCHED);
        if (recorded[i].result == 's')
            EXPECT(upper_is_open(result));
        else
            EXPECT((uint32_t)result == (uint32_t)recorder.result);
    }
    end();
}

static void failures_pass(void)
{
    begin();
    for (int i = 0; i < FUNCTIONS; i++) {
        uintptr_t argument[ARGUMENTS] = {0};
        INT error = UNTOUCHED;
        if (!goes_down(i))
            continue;
        recorder.fail = true;
        recorder.error = 10000 + i;
        fill(recorded[i].parameters, argument, &error);
        uintptr_t result = call(i, argument);
        EXPECT((uint32_t)result == (uint32_t)recorded_failure(i) && error == 10000 + i);
    }
    EXPECT(upper.created == 1);
    end();
}

static void no_socket(SOCKET none)
{
    int before = recorder.calls;
    for (int i = 0; i < FUNCTIONS; i++) {
        uintptr_t argument[ARGUMENTS] = {0};
        INT error = UNTOUCHED;
        if (recorded[i].parameters[0] != 's')
            continue;
        fill(recorded[i].parameters, argument, &error);
        argument[0] = none;
        uintptr_t result = call(i, argument);
        if ((uint32_t)result != (uint32_t)recorded_failure(i) || error != WSAENOTSOCK) {
            tap_good = false;
            printf("# WSP%s: %d\n", recorded[i].name, error);
        }
    }
    EXPECT(recorder.calls == before);
}

static void stale_and_foreign_handles_are_none(void)
{
    static const SOCKET none[] = {0, 4, NEXT, UPPER_FIRST + 4000, INVALID_SOCKET};
    INT error;
    begin();
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        no_socket(none[i]);
    SOCKET closed = make(OTHER);
    EXPECT(procs.lpWSPCloseSocket(closed, &error) == 0 && recorder.closed == OTHER);
    no_socket(closed);
    /* Winsock may still know a handle that the layer has closed: its context is outdated. */
    upper.alias = closed;
    upper.alias_of = s;
    EXPECT(procs.lpWSPListen(closed, 1, &error) == 0 && recorder.argument[0] == NEXT);
    EXPECT(procs.lpWSPCloseSocket(s, &error) == 0);
    SOCKET again = make(OTHER); /* the slot is used again */
    no_socket(s);
    upper.alias_of = s;
    no_socket(closed);
    EXPECT(procs.lpWSPListen(again, 1, &error) == 0 && recorder.argument[0] == OTHER);
    end();
}

/* DuplicateHandle makes handles that only Winsock knows (WPUQuerySocketHandleContext). */
static void duplicates_are_asked_about(void)
{
    INT error = 0;
    begin();
    LONG before = upper.queries;
    EXPECT(procs.lpWSPListen(s, 1, &error) == 0 && upper.queries == before);
    upper.alias = 0x7770;
    upper.alias_of = s;
    SetLastError(77);
    EXPECT(procs.lpWSPListen(0x7770, 1, &error) == 0 && recorder.argument[0] == NEXT && GetLastError() == 77);
    EXPECT(upper.queries == before + 1);
    upper.query_error = WSAENOTSOCK;
    EXPECT(procs.lpWSPListen(0x7770, 1, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
    end();
}

/* What goes back to Winsock is the handle that the program has closed; its others are none of the layer's any more. */
static void a_duplicate_closes_the_socket(void)
{
    INT error = 0;
    for (int i = 0; i < 2; i++) {
        begin();
        upper.alias = 0x7770;
        upper.alias_of = s;
        upper.alias_alone = i == 1;
        EXPECT(procs.lpWSPCloseSocket(0x7770, &error) == 0 && recorder.closed == NEXT && recorder.closes == 1);
        EXPECT(upper.closed_handle == 0x7770 && upper.closed == 1);
        no_socket(s);
        no_socket(0x7770);
        end();
    }
}

/* "WSAENOBUFS: … not enough buffers available": the next provider's socket must not stay. */
static void no_handle(void)
{
    INT error = 0;
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    begin();
    upper.create_error = WSAENOBUFS;
    recorder.result = OTHER;
    EXPECT(procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error) == INVALID_SOCKET && error == WSAENOBUFS);
    EXPECT(recorder.closed == OTHER && recorder.closes == 1);
    error = 0;
    recorder.result = OTHER + 4;
    EXPECT(procs.lpWSPAccept(s, NULL, NULL, NULL, 0, &error) == INVALID_SOCKET && error == WSAENOBUFS);
    EXPECT(recorder.closed == OTHER + 4 && recorder.closes == 2);
    error = 0;
    recorder.result = OTHER + 8;
    EXPECT(procs.lpWSPJoinLeaf(s, NULL, 0, NULL, NULL, NULL, NULL, 0, &error) == INVALID_SOCKET && error == WSAENOBUFS);
    EXPECT(recorder.closed == OTHER + 8 && recorder.closes == 3);
    upper.create_error = 0;
    EXPECT(upper.created == 1);
    LONG memory = part.outstanding;
    upper.create_error = WSAENOBUFS;
    for (int i = 0; i < 5000; i++)
        procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error);
    EXPECT(part.outstanding == memory);
    end();
}

/* Each allocation that a socket needs fails once. */
static void no_memory_for_a_socket(void)
{
    INT error = 0;
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    begin();
    SOCKET made = INVALID_SOCKET;
    /* More than one chunk of slots, so that the next one needs memory. */
    for (int i = 0; i < 255; i++)
        make(OTHER);
    for (LONG allow = 0; made == INVALID_SOCKET && allow < 20; allow++) {
        LONG closes = recorder.closes, open = upper_open_handles();
        part.allow = allow;
        error = 0;
        recorder.result = 0x60000000; /* far from the others in the tables */
        made = procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error);
        part.allow = -1;
        EXPECT(made != INVALID_SOCKET ||
               (error == WSAENOBUFS && recorder.closes == closes + 1 && upper_open_handles() == open));
        EXPECT(allow > 0 || made == INVALID_SOCKET);
    }
    EXPECT(upper_is_open(made));
    end();
}

static void accepted_sockets_get_handles(void)
{
    INT error;
    begin();
    recorder.result = OTHER;
    SOCKET accepted = procs.lpWSPAccept(s, NULL, NULL, NULL, 0, &error);
    EXPECT(upper_is_open(accepted) && accepted != s && recorder.argument[0] == NEXT);
    recorder.result = 0;
    EXPECT(procs.lpWSPListen(accepted, 1, &error) == 0 && recorder.argument[0] == OTHER);
    /* "the returned socket descriptor is the same as the input socket" for a leaf. */
    recorder.result = NEXT;
    EXPECT(procs.lpWSPJoinLeaf(s, NULL, 0, NULL, NULL, NULL, NULL, 0, &error) == s && upper.created == 2);
    recorder.result = OTHER + 4;
    SOCKET leaf = procs.lpWSPJoinLeaf(s, NULL, 0, NULL, NULL, NULL, NULL, 0, &error);
    EXPECT(upper_is_open(leaf) && leaf != s && upper.created == 3);
    recorder.fail = true;
    recorder.error = WSAEWOULDBLOCK;
    EXPECT(procs.lpWSPAccept(s, NULL, NULL, NULL, 0, &error) == INVALID_SOCKET && error == WSAEWOULDBLOCK);
    EXPECT(upper.created == 3);
    end();
}

static void options_that_carry_a_handle(void)
{
    static const int options[] = {SO_UPDATE_ACCEPT_CONTEXT, SO_UPDATE_CONNECT_CONTEXT};
    INT error;
    begin();
    SOCKET accepted = make(OTHER), value;
    for (int i = 0; i < 2; i++) {
        value = s;
        EXPECT(procs.lpWSPSetSockOpt(accepted, SOL_SOCKET, options[i], (char *)&value, sizeof(value), &error) == 0);
        EXPECT(recorder.argument[0] == OTHER && (int)recorder.argument[2] == options[i]);
        /* The program's value stays; what went down was a copy, gone by now but for its address and size. */
        EXPECT(value == s && recorder.argument[3] != (uintptr_t)&value && recorder.argument[4] == sizeof(SOCKET));
        value = 0x7770; /* none of the layer's: for the next provider to refuse */
        EXPECT(procs.lpWSPSetSockOpt(accepted, SOL_SOCKET, options[i], (char *)&value, sizeof(value), &error) == 0);
        EXPECT(recorder.argument[3] == (uintptr_t)&value);
        EXPECT(procs.lpWSPSetSockOpt(accepted, SOL_SOCKET, options[i], NULL, 0, &error) == 0);
        EXPECT(recorder.argument[3] == 0);
    }
    value = s; /* the same number of another level or option is no handle */
    EXPECT(procs.lpWSPSetSockOpt(accepted, IPPROTO_TCP, options[0], (char *)&value, sizeof(value), &error) == 0);
    EXPECT(recorder.argument[3] == (uintptr_t)&value);
    EXPECT(procs.lpWSPSetSockOpt(accepted, SOL_SOCKET, SO_RCVBUF, (char *)&value, sizeof(value), &error) == 0);
    EXPECT(recorder.argument[3] == (uintptr_t)&value);
    end();
}

static void duplicates_name_the_chain(void)
{
    INT error;
    WSAPROTOCOL_INFOW info, sent;
    begin();
    recorder.put_reserved = 0x1234;
    memset(&info, 0xff, sizeof(info));
    EXPECT(procs.lpWSPDuplicateSocket(s, 42, &info, &error) == 0 && recorder.argument[0] == NEXT);
    EXPECT((DWORD)recorder.argument[1] == 42 && recorder.info.dwCatalogEntryId == BASE);
    sent = *part_entry(CHAIN);
    sent.dwProviderReserved = 0x1234;
    EXPECT(memcmp(&info, &sent, sizeof(info)) == 0);
    recorder.fail = true;
    recorder.error = WSAEMFILE;
    EXPECT(procs.lpWSPDuplicateSocket(s, 42, &info, &error) == SOCKET_ERROR && error == WSAEMFILE);
    end();
}

/* --- WSPAsyncSelect --- */

static void messages_are_passed_on(void)
{
    INT error = 0;
    HWND window = CreateWindowExW(0, L"STATIC", NULL, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
    begin();
    EXPECT(window != NULL && procs.lpWSPAsyncSelect(s, window, WM_USER + 5, FD_READ, &error) == 0);
    EXPECT(recorder.argument[0] == NEXT && (HWND)recorder.argument[1] != window);
    HWND hidden = (HWND)recorder.argument[1];
    UINT message = (UINT)recorder.argument[2];
    EXPECT(PostMessageW(hidden, message, NEXT, WSAMAKESELECTREPLY(FD_READ, 0)) && upper_wait_for(&upper.posts, 1));
    EXPECT(upper.window == window && upper.message == WM_USER + 5 && upper.first == s &&
           upper.second == WSAMAKESELECTREPLY(FD_READ, 0));
    /* A message that Winsock does not take is lost, as it is without the layer; the next one comes. */
    upper.post_fails = true;
    EXPECT(PostMessageW(hidden, message, NEXT, FD_READ) && upper_wait_for(&upper.posts, 2));
    upper.post_fails = false;
    EXPECT(PostMessageW(hidden, message, NEXT, FD_CLOSE) && upper_wait_for(&upper.posts, 3));
    EXPECT(upper.second == FD_CLOSE);
    /* The window of a call that failed below is not taken over. */
    recorder.fail = true;
    recorder.error = WSAENETDOWN;
    EXPECT(procs.lpWSPAsyncSelect(s, window, WM_USER + 6, FD_READ, &error) == SOCKET_ERROR && error == WSAENETDOWN);
    recorder.fail = false;
    EXPECT(PostMessageW(hidden, message, NEXT, FD_READ) && upper_wait_for(&upper.posts, 4));
    EXPECT(upper.message == WM_USER + 5);
    EXPECT(procs.lpWSPAsyncSelect(s, (HWND)(ULONG_PTR)0x7ffffff0, WM_USER, FD_READ, &error) == SOCKET_ERROR &&
           error == WSAEINVAL);
    /* An accepted socket inherits both; its first message may come before its handle. */
    EXPECT(PostMessageW(hidden, message, OTHER, FD_WRITE));
    recorder.result = OTHER;
    SOCKET accepted = procs.lpWSPAccept(s, NULL, NULL, NULL, 0, &error);
    EXPECT(upper_wait_for(&upper.posts, 5) && upper.first == accepted && upper.second == FD_WRITE);
    end();
    DestroyWindow(window);
}

static void no_window(void)
{
    INT error = 0;
    HWND window = CreateWindowExW(0, L"STATIC", NULL, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
    begin();
    upper.no_thread = true;
    EXPECT(procs.lpWSPAsyncSelect(s, window, WM_USER, FD_READ, &error) == SOCKET_ERROR && error == WSAENOBUFS);
    upper.no_thread = false;
    EXPECT(procs.lpWSPAsyncSelect(s, window, WM_USER, 0, &error) == 0 && upper.threads == 0);
    end();
    DestroyWindow(window);
}

static HWND selecting;

/* Zero, or the error. */
static DWORD WINAPI select_messages(void *unused)
{
    INT error = 0;
    (void)unused;
    return procs.lpWSPAsyncSelect(s, selecting, WM_USER, FD_READ, &error) == 0 ? 0 : (DWORD)error;
}

/* The same, not waiting for the window's thread. */
static DWORD select_at_once(void)
{
    DWORD code = STILL_ACTIVE;
    part.impatient = true;
    HANDLE thread = CreateThread(NULL, 0, select_messages, NULL, 0, NULL);
    WaitForSingleObject(thread, 20000);
    GetExitCodeThread(thread, &code);
    CloseHandle(thread);
    part.impatient = false;
    return code;
}

static DWORD while_starting;

static void another_selects(void)
{
    upper.starting = NULL;
    while_starting = select_at_once();
}

/* A thread begins with the loader's lock, which another one may hold that comes here: it is not kept for ever. */
static void the_window_is_started_under_no_lock(void)
{
    selecting = CreateWindowExW(0, L"STATIC", NULL, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
    begin();
    part.waits = 0;
    upper.starting = another_selects;
    EXPECT(select_messages(NULL) == 0);
    EXPECT(while_starting == WSAENOBUFS && part.waits >= 1);
    EXPECT(select_messages(NULL) == 0 && upper.threads == 1);
    end();
    DestroyWindow(selecting);
}

/* Who waits gets it when it comes; who does not wait so long gets it the next time. */
static void the_window_comes_late(void)
{
    DWORD code = 1;
    selecting = CreateWindowExW(0, L"STATIC", NULL, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
    begin();
    upper.hold_threads = true;
    part.waits = 0;
    EXPECT(select_at_once() == WSAENOBUFS && select_at_once() == WSAENOBUFS && part.waits == 2);
    HANDLE waiting = CreateThread(NULL, 0, select_messages, NULL, 0, NULL);
    EXPECT(upper_wait_for(&part.waits, 3));
    upper.hold_threads = false;
    EXPECT(WaitForSingleObject(waiting, 20000) == WAIT_OBJECT_0 && GetExitCodeThread(waiting, &code) && code == 0);
    CloseHandle(waiting);
    EXPECT(select_messages(NULL) == 0 && upper.threads == 1);
    end();
    DestroyWindow(selecting);
}

/* The last WSPCleanup does not wait for it; it ends when it comes, and the DLL can be unloaded then. */
static void the_window_comes_too_late(void)
{
    selecting = CreateWindowExW(0, L"STATIC", NULL, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
    begin();
    upper.hold_threads = true;
    EXPECT(select_at_once() == WSAENOBUFS);
    end();
    upper.hold_threads = false;
    begin();
    EXPECT(select_messages(NULL) == 0);
    end();
    DestroyWindow(selecting);
}

/* --- the whole --- */

static void sockets_left_are_closed(void)
{
    begin();
    for (SOCKET i = 0; i < 500; i++)
        make(0x8000 + 4 * i);
    end();
    EXPECT(recorder.closes == 501);
}

static void the_dll_can_be_unloaded(void)
{
    ULONGLONG start = GetTickCount64();
    part_unload();
    while (GetModuleHandleW(L"wsplsp-layer.dll") != NULL && GetTickCount64() - start < 20000)
        Sleep(1);
    EXPECT(GetModuleHandleW(L"wsplsp-layer.dll") == NULL);
    EXPECT(part.outstanding <= 0); /* what DllMain has allocated came before it was counted */
}

int main(void)
{
    part_load();
    upper_install();
    RUN(calls_go_down_with_the_next_handle);
    RUN(failures_pass);
    RUN(stale_and_foreign_handles_are_none);
    RUN(duplicates_are_asked_about);
    RUN(a_duplicate_closes_the_socket);
    RUN(no_handle);
    RUN(no_memory_for_a_socket);
    RUN(accepted_sockets_get_handles);
    RUN(options_that_carry_a_handle);
    RUN(duplicates_name_the_chain);
    RUN(messages_are_passed_on);
    RUN(no_window);
    RUN(the_window_is_started_under_no_lock);
    RUN(the_window_comes_late);
    RUN(the_window_comes_too_late);
    RUN(sockets_left_are_closed);
    RUN(the_dll_can_be_unloaded);
    return tap_end();
}
