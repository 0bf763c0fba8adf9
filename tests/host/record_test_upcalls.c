/* test_record.exe upcalls, blocking: the functions that the host gives to a layer, called inside of one of its
 * functions; success, and each failure that their pages tell. */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "record_test.h"
#include "tap.h"

enum { UNKNOWN_ID = 4711, MY_CONTEXT = 0x1234, KEY = 77 };

static SOCKET tcp;
static const struct record_inside *in; /* while a scenario runs */

static void run_scenario(const struct record_inside *inside, void *context)
{
    in = inside;
    ((void (*)(void))context)();
    in = NULL;
}

/* Runs it inside the layer's WSPGetSockName. */
static void inside(void (*scenario)(void))
{
    SOCKADDR_STORAGE name;
    int length = sizeof(name);
    LONG before = record_calls(&top, RECORD_GetSockName);
    record_set_hook(&top, RECORD_GetSockName, run_scenario, (void *)scenario);
    getsockname(tcp, (struct sockaddr *)&name, &length);
    record_set_hook(&top, RECORD_GetSockName, NULL, NULL);
    EXPECT(record_calls(&top, RECORD_GetSockName) == before + 1);
}

#define INSIDE(scenario)                 \
    static void scenario##_inside(void); \
    static void scenario(void)           \
    {                                    \
        inside(scenario##_inside);       \
    }                                    \
    static void scenario##_inside(void)

static bool is_set(HANDLE event)
{
    return WaitForSingleObject(event, 0) == WAIT_OBJECT_0;
}

/* WPUCreateEvent: "a manual-reset event object with an initial state of nonsignaled". */
INSIDE(events)
{
    INT error = 0;
    WSAEVENT event = in->up->lpWPUCreateEvent(&error);
    EXPECT(event != NULL && !is_set(event));
    EXPECT(in->up->lpWPUSetEvent(event, &error) && is_set(event) && is_set(event));
    EXPECT(in->up->lpWPUResetEvent(event, &error) && !is_set(event));
    EXPECT(in->up->lpWPUCloseEvent(event, &error) && error == 0);
    EXPECT(!in->up->lpWPUSetEvent(event, &error) && error == WSA_INVALID_HANDLE);
    error = 0;
    EXPECT(!in->up->lpWPUResetEvent(event, &error) && error == WSA_INVALID_HANDLE);
    error = 0;
    EXPECT(!in->up->lpWPUCloseEvent(event, &error) && error == WSA_INVALID_HANDLE);
    error = 0; /* a handle, but no event */
    EXPECT(!in->up->lpWPUCloseEvent((WSAEVENT)in->s, &error) && error == WSA_INVALID_HANDLE);
    error = 0;
    EXPECT(!in->up->lpWPUSetEvent(NULL, &error) && error == WSA_INVALID_HANDLE);
}

INSIDE(handles_carry_a_context)
{
    DWORD_PTR context = 0;
    INT error = 0;
    SOCKET s = in->up->lpWPUCreateSocketHandle(in->chain_id, MY_CONTEXT, &error);
    EXPECT(s != INVALID_SOCKET && s != 0);
    EXPECT(in->up->lpWPUQuerySocketHandleContext(s, &context, &error) == 0 && context == MY_CONTEXT);
    EXPECT(GetFileType((HANDLE)s) == FILE_TYPE_PIPE);
    EXPECT(in->up->lpWPUCloseSocketHandle(s, &error) == 0 && error == 0);
    EXPECT(in->up->lpWPUQuerySocketHandleContext(s, &context, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
    error = 0;
    EXPECT(in->up->lpWPUCloseSocketHandle(s, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
    error = 0;
    EXPECT(in->up->lpWPUQuerySocketHandleContext(INVALID_SOCKET, &context, &error) == SOCKET_ERROR &&
           error == WSAENOTSOCK);
    EXPECT(in->up->lpWPUCreateSocketHandle(UNKNOWN_ID, MY_CONTEXT, &error) == INVALID_SOCKET);
}

/* A socket of the system's that no provider has made through WPUCreateSocketHandle. */
static SOCKET base_socket(void)
{
    SOCKET base = INVALID_SOCKET;
    DWORD returned;
    WSAIoctl(tcp, SIO_BASE_HANDLE, NULL, 0, &base, sizeof(base), &returned, NULL, NULL);
    return base;
}

INSIDE(foreign_handles_have_none)
{
    DWORD_PTR context;
    INT error = 0;
    DWORD flags;
    SOCKET base = base_socket();
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    EXPECT(base != INVALID_SOCKET);
    EXPECT(in->up->lpWPUQuerySocketHandleContext(base, &context, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
    error = 0;
    EXPECT(in->up->lpWPUCloseSocketHandle(base, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
    EXPECT(GetHandleInformation((HANDLE)base, &flags)); /* and it is still open */
    error = 0;
    EXPECT(in->up->lpWPUCloseSocketHandle((SOCKET)event, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
    EXPECT(GetHandleInformation(event, &flags));
    CloseHandle(event);
}

/* "The returned handle is guaranteed to be indistinguishable from the proposed handle as far as the operating system is
 * concerned." */
INSIDE(system_handles_are_taken_over)
{
    INT error = 0;
    DWORD flags;
    SOCKET base = base_socket();
    SOCKET given = in->up->lpWPUModifyIFSHandle(in->chain_id, base, &error);
    EXPECT(given != INVALID_SOCKET && GetHandleInformation((HANDLE)given, &flags));
    HANDLE closed = CreateEventW(NULL, TRUE, FALSE, NULL);
    CloseHandle(closed);
    EXPECT(in->up->lpWPUModifyIFSHandle(in->chain_id, (SOCKET)closed, &error) == INVALID_SOCKET && error == WSAEINVAL);
    error = 0;
    EXPECT(in->up->lpWPUModifyIFSHandle(in->chain_id, INVALID_SOCKET, &error) == INVALID_SOCKET && error == WSAEINVAL);
    error = 0;
    EXPECT(in->up->lpWPUModifyIFSHandle(UNKNOWN_ID, base, &error) == INVALID_SOCKET && error == WSAEINVAL);
}

INSIDE(membership_of_a_set)
{
    fd_set set = {3, {8, 16, in->s}};
    EXPECT(in->up->lpWPUFDIsSet(in->s, &set) != 0 && in->up->lpWPUFDIsSet(8, &set) != 0);
    EXPECT(in->up->lpWPUFDIsSet(12, &set) == 0);
    set.fd_count = 2;
    EXPECT(in->up->lpWPUFDIsSet(in->s, &set) == 0);
}

static WSAPROTOCOL_INFOW *find_entry(DWORD id)
{
    static WSAPROTOCOL_INFOW list[64];
    DWORD size = sizeof(list);
    INT error;
    int count = WSCEnumProtocols(NULL, list, &size, &error);
    for (int i = 0; i < count; i++)
        if (list[i].dwCatalogEntryId == id)
            return &list[i];
    return NULL;
}

INSIDE(paths_of_providers)
{
    wchar_t path[MAX_PATH] = L"", own[MAX_PATH];
    INT length = MAX_PATH, error = 0;
    WSAPROTOCOL_INFOW *entry = find_entry(in->layer_id);
    GUID unknown = {0x4711, 0, 0, {0}};
    EXPECT(entry != NULL && GetModuleFileNameW(GetModuleHandleW(L"record_layer.dll"), own, MAX_PATH) != 0);
    EXPECT(in->up->lpWPUGetProviderPath(&entry->ProviderId, path, &length, &error) == 0 && _wcsicmp(path, own) == 0);
    length = (INT)wcslen(own) + 1; /* just enough: "in characters", with the null */
    EXPECT(in->up->lpWPUGetProviderPath(&entry->ProviderId, path, &length, &error) == 0);
    length = (INT)wcslen(own);
    EXPECT(in->up->lpWPUGetProviderPath(&entry->ProviderId, path, &length, &error) == SOCKET_ERROR &&
           error == WSAEFAULT);
    length = MAX_PATH;
    error = 0;
    EXPECT(in->up->lpWPUGetProviderPath(&entry->ProviderId, NULL, &length, &error) == SOCKET_ERROR &&
           error == WSAEFAULT);
    error = 0;
    EXPECT(in->up->lpWPUGetProviderPath(&unknown, path, &length, &error) == SOCKET_ERROR && error == WSAEINVAL);
}

/* "any embedded environment strings (such as %SystemRoot%) have not been expanded" */
INSIDE(paths_are_not_expanded)
{
    wchar_t path[MAX_PATH] = L"";
    INT length = MAX_PATH, error = 0;
    WSAPROTOCOL_INFOW base;
    int size = sizeof(base);
    SOCKET s = base_socket();
    EXPECT(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&base, &size) == 0);
    const WSAPROTOCOL_INFOW *chain = find_entry(base.dwCatalogEntryId);
    if (chain != NULL && chain->ProtocolChain.ChainLen > 1)
        chain = find_entry(chain->ProtocolChain.ChainEntries[chain->ProtocolChain.ChainLen - 1]);
    GUID id = chain == NULL ? base.ProviderId : chain->ProviderId;
    EXPECT(in->up->lpWPUGetProviderPath(&id, path, &length, &error) == 0);
    EXPECT(_wcsnicmp(path, L"%SystemRoot%\\", 13) == 0);
}

INSIDE(messages_are_posted)
{
    MSG message;
    HWND window = CreateWindowExW(0, L"STATIC", L"", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
    EXPECT(window != NULL);
    EXPECT(in->up->lpWPUPostMessage(window, WM_USER + 7, 11, 22));
    EXPECT(PeekMessageW(&message, window, WM_USER + 7, WM_USER + 7, PM_REMOVE) && message.wParam == 11 &&
           message.lParam == 22);
    DestroyWindow(window);
    EXPECT(!in->up->lpWPUPostMessage(window, WM_USER + 7, 11, 22));
}

static struct {
    int runs;
    DWORD_PTR context;
    DWORD thread;
} user_apc;

static void CALLBACK note_apc(DWORD_PTR context)
{
    user_apc.runs++;
    user_apc.context = context;
    user_apc.thread = GetCurrentThreadId();
}

INSIDE(apcs_are_queued)
{
    WSATHREADID thread = {NULL, 0};
    INT error = 0;
    memset(&user_apc, 0, sizeof(user_apc));
    EXPECT(in->up->lpWPUOpenCurrentThread(&thread, &error) == 0 && thread.ThreadHandle != NULL);
    EXPECT(in->up->lpWPUQueueApc(&thread, (LPWSAUSERAPC)note_apc, MY_CONTEXT, &error) == 0);
    EXPECT(user_apc.runs == 0); /* "only … when the specified thread is blocked in an alertable wait" */
    EXPECT(SleepEx(0, TRUE) == WAIT_IO_COMPLETION);
    EXPECT(user_apc.runs == 1 && user_apc.context == MY_CONTEXT && user_apc.thread == GetCurrentThreadId());
    EXPECT(in->up->lpWPUCloseThread(&thread, &error) == 0);
    EXPECT(in->up->lpWPUQueueApc(&thread, (LPWSAUSERAPC)note_apc, MY_CONTEXT, &error) == SOCKET_ERROR &&
           error == WSAEFAULT);
    error = 0;
    EXPECT(in->up->lpWPUQueueApc(NULL, (LPWSAUSERAPC)note_apc, MY_CONTEXT, &error) == SOCKET_ERROR &&
           error == WSAEFAULT);
    EXPECT(SleepEx(0, TRUE) == 0 && user_apc.runs == 1);
}

static DWORD WINAPI sleep_alertably(void *started)
{
    SetEvent(started);
    return SleepEx(10000, TRUE);
}

/* The identity of another thread, as a layer copies it from an overlapped call. */
static DWORD WINAPI call_from_thread(void *copied)
{
    record_fail(&top, RECORD_Send, WSAENOTCONN);
    send(tcp, "", 0, 0);
    AcquireSRWLockExclusive(&top.lock);
    WSATHREADID thread = top.functions[RECORD_Send].last.thread;
    ReleaseSRWLockExclusive(&top.lock);
    *(WSATHREADID *)copied = thread;
    return 0;
}

static DWORD WINAPI call_and_sleep(void *context)
{
    void **both = context;
    call_from_thread(both[0]);
    return sleep_alertably(both[1]);
}

INSIDE(apcs_reach_other_threads)
{
    WSATHREADID thread = {NULL, 0};
    HANDLE started = CreateEventW(NULL, TRUE, FALSE, NULL);
    void *both[] = {&thread, started};
    INT error = 0;
    DWORD id = 0, code = 0;
    HANDLE other = CreateThread(NULL, 0, call_and_sleep, both, 0, &id);
    memset(&user_apc, 0, sizeof(user_apc));
    EXPECT(WaitForSingleObject(started, 10000) == WAIT_OBJECT_0);
    EXPECT(in->up->lpWPUQueueApc(&thread, (LPWSAUSERAPC)note_apc, MY_CONTEXT, &error) == 0);
    EXPECT(WaitForSingleObject(other, 10000) == WAIT_OBJECT_0);
    EXPECT(GetExitCodeThread(other, &code) && code == WAIT_IO_COMPLETION);
    EXPECT(user_apc.runs == 1 && user_apc.thread == id && user_apc.context == MY_CONTEXT);
    CloseHandle(other);
    CloseHandle(started);
}

INSIDE(threads_are_opened_and_closed_in_pairs)
{
    WSATHREADID first = {NULL, 0}, other = {NULL, 0};
    INT error = 0;
    EXPECT(in->up->lpWPUOpenCurrentThread(&first, &error) == 0 && in->up->lpWPUOpenCurrentThread(&other, &error) == 0);
    EXPECT(first.ThreadHandle != other.ThreadHandle);
    EXPECT(in->up->lpWPUCloseThread(&first, &error) == 0 && in->up->lpWPUCloseThread(&other, &error) == 0);
    EXPECT(in->up->lpWPUCloseThread(&other, &error) == SOCKET_ERROR);
}

INSIDE(completion_is_announced)
{
    INT error = 0;
    SOCKET s = in->up->lpWPUCreateSocketHandle(in->chain_id, MY_CONTEXT, &error);
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    WSAOVERLAPPED overlapped = {.Internal = STATUS_PENDING, .hEvent = event};
    EXPECT(in->complete(s, &overlapped, 0, 9, &error) == 0 && is_set(event));
    EXPECT(overlapped.InternalHigh == 9 && overlapped.Internal != STATUS_PENDING);
    HANDLE port = CreateIoCompletionPort((HANDLE)s, NULL, KEY, 0);
    DWORD bytes = 0;
    ULONG_PTR key = 0;
    OVERLAPPED *got = NULL;
    EXPECT(port != NULL && in->complete(s, &overlapped, 0, 12, &error) == 0);
    EXPECT(GetQueuedCompletionStatus(port, &bytes, &key, &got, 5000) && bytes == 12 && key == KEY &&
           got == &overlapped);
    EXPECT(in->complete(s, &overlapped, WSA_OPERATION_ABORTED, 0, &error) == 0);
    EXPECT(!GetQueuedCompletionStatus(port, &bytes, &key, &got, 5000) && got == &overlapped &&
           GetLastError() == ERROR_OPERATION_ABORTED);
    CloseHandle(port);
    CloseHandle(event);
    in->up->lpWPUCloseSocketHandle(s, &error);
    EXPECT(in->complete(s, &overlapped, 0, 9, &error) == SOCKET_ERROR && error == WSAEINVAL);
    error = 0;
    EXPECT(in->complete(base_socket(), &overlapped, 0, 9, &error) == SOCKET_ERROR && error == WSAEINVAL);
}

/* "this function can return null in lpfnCallback, indicating that no user defined-blocking hook is installed" */
INSIDE(no_blocking_hook)
{
    LPBLOCKINGCALLBACK callback = (LPBLOCKINGCALLBACK)(void *)1;
    DWORD_PTR context;
    INT error = 0;
    EXPECT(in->up->lpWPUQueryBlockingCallback(in->chain_id, &callback, &context, &error) == 0 && callback == NULL);
    EXPECT(in->up->lpWPUQueryBlockingCallback(UNKNOWN_ID, &callback, &context, &error) == SOCKET_ERROR &&
           error == WSAEINVAL);
    error = 0;
    EXPECT(in->up->lpWPUQueryBlockingCallback(in->chain_id, NULL, &context, &error) == SOCKET_ERROR &&
           error == WSAEFAULT);
    error = 0;
    EXPECT(in->up->lpWPUQueryBlockingCallback(in->chain_id, &callback, NULL, &error) == SOCKET_ERROR &&
           error == WSAEFAULT);
}

/* All upcalls of a layer have arrived in its table. */
INSIDE(the_table_is_complete)
{
    void *functions[sizeof(WSPUPCALLTABLE) / sizeof(void *)];
    memcpy(functions, in->up, sizeof(functions));
    EXPECT(sizeof(functions) / sizeof(functions[0]) == 15);
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        EXPECT(functions[i] != NULL);
}

static WSPUPCALLTABLE kept;

INSIDE(keep_the_table)
{
    kept = *in->up;
}

/* "A successful WSPStartup call must occur before using this function." */
static void threads_need_a_startup(void)
{
    WSATHREADID thread = {NULL, 0};
    INT error = 0;
    keep_the_table();
    closesocket(tcp);
    EXPECT(WSACleanup() == 0);
    EXPECT(kept.lpWPUOpenCurrentThread(&thread, &error) == SOCKET_ERROR && error == WSANOTINITIALISED);
    error = 0;
    EXPECT(kept.lpWPUCloseThread(&thread, &error) == SOCKET_ERROR && error == WSANOTINITIALISED);
}

int test_upcalls(void)
{
    SOCKADDR_STORAGE name;
    int length;
    start();
    tcp = make_listener(AF_INET, &name, &length);
    RUN(the_table_is_complete);
    RUN(events);
    RUN(handles_carry_a_context);
    RUN(foreign_handles_have_none);
    RUN(system_handles_are_taken_over);
    closesocket(tcp);
    tcp = make_listener(AF_INET, &name, &length);
    RUN(membership_of_a_set);
    RUN(paths_of_providers);
    RUN(paths_are_not_expanded);
    RUN(messages_are_posted);
    RUN(apcs_are_queued);
    RUN(apcs_reach_other_threads);
    RUN(threads_are_opened_and_closed_in_pairs);
    RUN(completion_is_announced);
    RUN(no_blocking_hook);
    RUN(threads_need_a_startup);
    return tap_end();
}

/* The blocking hook of Windows Sockets 1.1 ------------------------------------------------------------------------ */

static int hook_runs;
static bool hook_cancels, was_blocking;
static int cancel_result, other_call_error;

static INT_PTR CALLBACK blocking_hook(void)
{
    char byte;
    hook_runs++;
    was_blocking = WSAIsBlocking() != FALSE;
    other_call_error = recv(tcp, &byte, 1, 0) == SOCKET_ERROR ? WSAGetLastError() : 0;
    if (hook_cancels)
        cancel_result = WSACancelBlockingCall();
    return 0; /* "returns FALSE when it has nothing more to do" */
}

/* A layer that services a blocking operation; the INT is what its callback said. */
static void ask_callback(const struct record_inside *inside, void *result)
{
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context = 0;
    INT error = 0;
    record_set_hook(&top, RECORD_Connect, NULL, NULL);
    EXPECT(inside->up->lpWPUQueryBlockingCallback(inside->chain_id, &callback, &context, &error) == 0);
    EXPECT(callback != NULL);
    if (callback != NULL)
        *(INT *)result = callback(context);
}

static void block(INT *callback_said)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = 0, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    hook_runs = 0;
    *callback_said = -1;
    record_set_hook(&top, RECORD_Connect, ask_callback, callback_said);
    record_fail(&top, RECORD_Connect, WSAEINTR);
    EXPECT(connect(tcp, (struct sockaddr *)&name, sizeof(name)) == SOCKET_ERROR && WSAGetLastError() == WSAEINTR);
}

/* "TRUE if the service provider is to continue waiting" */
static void the_hook_runs(void)
{
    INT said;
    hook_cancels = false;
    block(&said);
    EXPECT(hook_runs == 1 && said == TRUE && was_blocking && other_call_error == WSAEINPROGRESS);
    EXPECT(record_calls(&top, RECORD_CancelBlockingCall) == 0 && !WSAIsBlocking());
}

/* "FALSE if the blocking operation has been canceled with the WSPCancelBlockingCall" */
static void the_hook_cancels(void)
{
    INT said;
    LONG before = record_calls(&top, RECORD_CancelBlockingCall);
    hook_cancels = true;
    block(&said);
    EXPECT(hook_runs == 1 && said == FALSE);
    EXPECT(record_calls(&top, RECORD_CancelBlockingCall) == before + 1);
}

static void cancelling_can_fail(void)
{
    INT said;
    hook_cancels = true;
    record_fail(&top, RECORD_CancelBlockingCall, WSAEOPNOTSUPP);
    block(&said);
    EXPECT(cancel_result == SOCKET_ERROR);
}

static void nothing_to_cancel(void)
{
    EXPECT(WSACancelBlockingCall() == SOCKET_ERROR && WSAGetLastError() == WSAEINVAL);
    EXPECT(WSAUnhookBlockingHook() == 0);
}

int test_blocking(void)
{
    start_version(MAKEWORD(1, 1));
    tcp = make_socket(AF_INET, SOCK_STREAM);
    WSASetBlockingHook((FARPROC)(void (*)(void))blocking_hook);
    RUN(the_hook_runs);
    RUN(the_hook_cancels);
    RUN(cancelling_can_fail);
    RUN(nothing_to_cancel);
    closesocket(tcp);
    WSACleanup();
    return tap_end();
}

/* A layer that registers its sockets with its own entry's id, as Microsoft's sample of 1999 does ----------------------
 */

static void goes_through_all_the_same(void)
{
    char byte = 0;
    top.own_id = true;
    struct pair pair = make_pair(AF_INET);
    EXPECT(send(pair.client, "x", 1, 0) == 1 && recv(pair.server, &byte, 1, 0) == 1 && byte == 'x');
    EXPECT(record_calls(&top, RECORD_Send) == 1 && record_calls(&top, RECORD_Recv) == 1);
    close_pair(pair);
}

/* And the next one, with the chain's id, is made. */
static void is_refused(void)
{
    top.own_id = true;
    EXPECT(socket(AF_INET, SOCK_STREAM, 0) == INVALID_SOCKET && WSAGetLastError() == WSAEINVAL);
    top.own_id = false;
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT(s != INVALID_SOCKET && closesocket(s) == 0);
}

int test_own_id(const char *strictness)
{
    start();
    record_reset(&top);
    if (strcmp(strictness, "strict") == 0)
        RUN(is_refused);
    else
        RUN(goes_through_all_the_same);
    WSACleanup();
    return tap_end();
}
