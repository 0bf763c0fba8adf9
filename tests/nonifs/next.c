/* A next provider for the tests; see next.h. */
#include "next.h"

#include <stdlib.h>
#include <string.h>

#include <mswsock.h>

#include "upper.h"

#define STATUS_CUT_OFF 0x80000005 /* STATUS_BUFFER_OVERFLOW; ntstatus.h's macros clash with those of winnt.h */

struct next next;

static volatile LONG is_open[NEXT_SOCKETS];
static struct {
    SRWLOCK lock;
    WSAOVERLAPPED *below[NEXT_OUTSTANDING];
    SOCKET s[NEXT_OUTSTANDING];
} outstanding;

void next_reset(void)
{
    memset(&next, 0, sizeof(next));
    memset((void *)is_open, 0, sizeof(is_open));
}

static SOCKET handle_at(LONG index)
{
    return NEXT_FIRST + 4 * (SOCKET)index;
}

SOCKET next_last(void)
{
    return handle_at(next.sockets - 1);
}

static bool check(SOCKET s)
{
    size_t index = (s - NEXT_FIRST) / 4;
    InterlockedIncrement(&next.calls);
    return s >= NEXT_FIRST && index < NEXT_SOCKETS && is_open[index] != 0;
}

static int no_socket(INT *error)
{
    *error = WSAENOTSOCK;
    return SOCKET_ERROR;
}

static SOCKET new_socket(INT *error)
{
    if (next.answer == NEXT_FAILS) {
        *error = next.error;
        return INVALID_SOCKET;
    }
    LONG index = InterlockedIncrement(&next.sockets) - 1;
    if (index >= NEXT_SOCKETS)
        exit(97);
    is_open[index] = 1;
    return handle_at(index);
}

/* --- operations --- */

/* The operation's result is kept in its own structure, as the system's base provider does it. */
static void tell(SOCKET s, WSAOVERLAPPED *below, INT error, DWORD bytes, DWORD flags, bool packet)
{
    ULONG_PTR key = 0;
    HANDLE event = (HANDLE)((ULONG_PTR)below->hEvent & ~(ULONG_PTR)1), port = NULL;
    if (event == NULL && packet)
        port = upper_port(s, &key);
    below->Offset = flags;
    below->InternalHigh = bytes;
    below->Internal = error == 0 ? 0 : 0xC0000000 | (DWORD)error;
    if (event != NULL && !next.no_event)
        SetEvent(event);
    else if (event == NULL && packet)
        PostQueuedCompletionStatus(port, bytes, key, below);
}

void next_packet(SOCKET s, WSAOVERLAPPED *below, DWORD bytes)
{
    ULONG_PTR key = 0;
    HANDLE port = upper_port(s, &key);
    PostQueuedCompletionStatus(port, bytes, key, below);
}

/* False where the socket has been closed meanwhile, and what was outstanding aborted. */
static bool remember(SOCKET s, WSAOVERLAPPED *below)
{
    size_t i = 0;
    AcquireSRWLockExclusive(&outstanding.lock);
    bool open = is_open[(s - NEXT_FIRST) / 4] != 0;
    while (i < NEXT_OUTSTANDING && outstanding.below[i] != NULL)
        i++;
    if (i == NEXT_OUTSTANDING)
        exit(96);
    if (open) {
        outstanding.below[i] = below;
        outstanding.s[i] = s;
    }
    ReleaseSRWLockExclusive(&outstanding.lock);
    return open;
}

bool next_complete(WSAOVERLAPPED *below, INT error, DWORD bytes, DWORD flags)
{
    size_t i = 0;
    SOCKET s = 0;
    AcquireSRWLockExclusive(&outstanding.lock);
    while (i < NEXT_OUTSTANDING && outstanding.below[i] != below)
        i++;
    if (i < NEXT_OUTSTANDING) {
        outstanding.below[i] = NULL;
        s = outstanding.s[i];
    }
    ReleaseSRWLockExclusive(&outstanding.lock);
    if (s != 0)
        tell(s, below, error, bytes, flags, true);
    return s != 0;
}

static void fail_as_told(SOCKET s, DWORD *bytes, DWORD *flags, WSAOVERLAPPED *overlapped)
{
    if (bytes != NULL && next.failed_bytes != 0)
        *bytes = next.failed_bytes;
    if (flags != NULL && next.failed_flags != 0)
        *flags = next.failed_flags;
    if (overlapped == NULL || next.failed_status == 0)
        return;
    overlapped->InternalHigh = next.bytes;
    overlapped->Internal = next.failed_status;
    next_packet(s, overlapped, next.bytes);
}

static int begin(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags, WSAOVERLAPPED *overlapped,
                 LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, INT *error)
{
    if (!check(s))
        return no_socket(error);
    if (routine != NULL) /* the layer calls it, nobody else */
        InterlockedIncrement(&next.wrong);
    next.s = s;
    next.below = overlapped;
    next.buffers = buffers;
    next.count = count;
    for (DWORD i = 0; i < count && i < NEXT_BUFFERS; i++)
        next.copy[i] = buffers[i];
    if (next.answer == NEXT_FAILS) {
        fail_as_told(s, bytes, flags, overlapped);
        *error = next.error;
        return SOCKET_ERROR;
    }
    if (next.answer == NEXT_PENDING && overlapped != NULL) {
        overlapped->Internal = 0x103;
        if (!remember(s, overlapped))
            return no_socket(error);
        if (next.at_once_after_all)
            next_complete(overlapped, 0, 17, 0);
        if (next.yield)
            Sleep(1);
        *error = WSA_IO_PENDING;
        return SOCKET_ERROR;
    }
    if (bytes != NULL)
        *bytes = next.bytes;
    if (flags != NULL)
        *flags = next.flags;
    if (overlapped != NULL && !next.no_completion)
        tell(s, overlapped, 0, next.bytes, next.flags, !upper_skips(s));
    for (int i = 0; overlapped != NULL && i < next.packets; i++)
        next_packet(s, overlapped, next.bytes);
    if (overlapped != NULL && next.yield)
        Sleep(1);
    return 0;
}

static int WSPAPI next_send(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags,
                            WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread,
                            INT *error)
{
    (void)flags, (void)thread;
    return begin(s, buffers, count, bytes, NULL, overlapped, routine, error);
}

static int WSPAPI next_send_to(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags,
                               const struct sockaddr *to, int length, WSAOVERLAPPED *overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    (void)to, (void)length;
    return next_send(s, buffers, count, bytes, flags, overlapped, routine, thread, error);
}

static int WSPAPI next_recv(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags,
                            WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread,
                            INT *error)
{
    (void)thread;
    return begin(s, buffers, count, bytes, flags, overlapped, routine, error);
}

static int WSPAPI next_recv_from(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags,
                                 struct sockaddr *from, INT *length, WSAOVERLAPPED *overlapped,
                                 LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    (void)from, (void)length;
    return next_recv(s, buffers, count, bytes, flags, overlapped, routine, thread, error);
}

static WINBOOL WSPAPI next_get_result(SOCKET s, WSAOVERLAPPED *overlapped, DWORD *bytes, WINBOOL wait, DWORD *flags,
                                      INT *error)
{
    (void)wait;
    if (!check(s) || next.forgets)
        return no_socket(error), FALSE;
    *bytes = (DWORD)overlapped->InternalHigh;
    *flags = overlapped->Offset;
    *error = overlapped->Internal == STATUS_CUT_OFF ? WSAEMSGSIZE : (INT)(overlapped->Internal & 0xffff);
    return overlapped->Internal == 0;
}

/* --- the extension functions, which fail by the last error --- */

static bool run(SOCKET s, DWORD *bytes, OVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    INT error = 0;
    int result = begin(s, NULL, 0, bytes, NULL, overlapped, routine, &error);
    if (result != 0)
        SetLastError((DWORD)error);
    return result == 0;
}

static BOOL PASCAL next_accept_ex(SOCKET s, SOCKET accepted, void *buffer, DWORD data, DWORD local, DWORD remote,
                                  DWORD *bytes, OVERLAPPED *overlapped)
{
    (void)buffer, (void)data, (void)local, (void)remote;
    next.other = accepted;
    return run(s, bytes, overlapped, NULL);
}

static BOOL PASCAL next_disconnect_ex(SOCKET s, OVERLAPPED *overlapped, DWORD flags, DWORD reserved)
{
    (void)flags, (void)reserved;
    return run(s, NULL, overlapped, NULL);
}

static INT PASCAL next_recv_msg(SOCKET s, WSAMSG *message, DWORD *bytes, WSAOVERLAPPED *overlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    (void)message;
    return run(s, bytes, overlapped, routine) ? 0 : SOCKET_ERROR;
}

static INT PASCAL next_send_msg(SOCKET s, WSAMSG *message, DWORD flags, DWORD *bytes, WSAOVERLAPPED *overlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    (void)flags;
    next.sent_message = message;
    return run(s, bytes, overlapped, routine) ? 0 : SOCKET_ERROR;
}

static int command(SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,
                   WSAOVERLAPPED *overlapped, INT *error)
{
    if (!check(s))
        return no_socket(error);
    INT failure = next.command(s, code, in, in_size, out, out_size, returned, overlapped);
    if (failure != 0) {
        *error = failure;
        return SOCKET_ERROR;
    }
    next.bytes = *returned;
    return overlapped == NULL ? 0 : begin(s, NULL, 0, returned, NULL, overlapped, NULL, error);
}

static int WSPAPI next_ioctl(SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,
                             WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread,
                             INT *error)
{
    static const GUID accept_ex = WSAID_ACCEPTEX, disconnect_ex = WSAID_DISCONNECTEX, recv_msg = WSAID_WSARECVMSG,
                      send_msg = WSAID_WSASENDMSG;
    void *function = NULL;
    (void)thread;
    if (code != SIO_GET_EXTENSION_FUNCTION_POINTER && next.command != NULL)
        return command(s, code, in, in_size, out, out_size, returned, overlapped, error);
    if (code != SIO_GET_EXTENSION_FUNCTION_POINTER) {
        int result = begin(s, NULL, 0, returned, NULL, overlapped, routine, error);
        if (result == 0)
            *returned = next.answer_bytes;
        return result;
    }
    next.query = overlapped;
    if (memcmp(in, &accept_ex, sizeof(GUID)) == 0)
        function = (void *)next_accept_ex;
    else if (memcmp(in, &disconnect_ex, sizeof(GUID)) == 0)
        function = (void *)next_disconnect_ex;
    else if (memcmp(in, &recv_msg, sizeof(GUID)) == 0)
        function = (void *)next_recv_msg;
    else if (memcmp(in, &send_msg, sizeof(GUID)) == 0)
        function = (void *)next_send_msg;
    *error = WSAEINVAL;
    if (function == NULL)
        return SOCKET_ERROR;
    memcpy(out, &function, sizeof(function));
    *returned = sizeof(function);
    return 0;
}

/* --- the rest --- */

static SOCKET WSPAPI next_socket(int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group, DWORD flags,
                                 INT *error)
{
    (void)family, (void)type, (void)protocol, (void)group, (void)flags;
    next.info = *info;
    return new_socket(error);
}

static SOCKET WSPAPI next_accept(SOCKET s, struct sockaddr *address, INT *length, LPCONDITIONPROC condition,
                                 DWORD_PTR data, INT *error)
{
    (void)address, (void)length, (void)condition, (void)data;
    return check(s) ? new_socket(error) : (no_socket(error), INVALID_SOCKET);
}

static int WSPAPI next_close(SOCKET s, INT *error)
{
    WSAOVERLAPPED *aborted;
    if (!check(s))
        return no_socket(error);
    if (next.close_error != 0) {
        *error = next.close_error;
        return SOCKET_ERROR;
    }
    AcquireSRWLockExclusive(&outstanding.lock);
    is_open[(s - NEXT_FIRST) / 4] = 0;
    ReleaseSRWLockExclusive(&outstanding.lock);
    next.closed = s;
    InterlockedIncrement(&next.closes);
    for (size_t i = 0; i < NEXT_OUTSTANDING; i++) {
        AcquireSRWLockExclusive(&outstanding.lock);
        aborted = outstanding.s[i] == s ? outstanding.below[i] : NULL;
        ReleaseSRWLockExclusive(&outstanding.lock);
        if (aborted != NULL)
            next_complete(aborted, WSA_OPERATION_ABORTED, 0, 0);
    }
    return 0;
}

static int WSPAPI next_listen(SOCKET s, int backlog, INT *error)
{
    size_t index = (s - NEXT_FIRST) / 4;
    /* The test says which socket it means; of one that has been closed it may be told so only. */
    if (index >= NEXT_SOCKETS || (int)index != backlog) {
        InterlockedIncrement(&next.wrong);
        return no_socket(error);
    }
    return check(s) ? 0 : no_socket(error);
}

static int WSPAPI next_async_select(SOCKET s, HWND window, unsigned message, long events, INT *error)
{
    (void)events;
    if (!check(s))
        return no_socket(error);
    next.window = window;
    next.message = message;
    *error = next.error;
    return next.answer == NEXT_FAILS ? SOCKET_ERROR : 0;
}

static int WSPAPI next_select(int count, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout,
                              INT *error)
{
    InterlockedIncrement(&next.calls);
    return next.select(count, read, write, except, timeout, error);
}

static int WSPAPI next_cleanup(INT *error)
{
    (void)error;
    return 0;
}

/* For what no test here calls; on x86 a caller would unbalance the stack. */
static int WSPAPI absent(void)
{
    exit(95);
}

static WSPPROC_TABLE functions;

const WSPPROC_TABLE *next_functions(void)
{
    return &functions;
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD requested, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE procs)
{
    void *all[sizeof(*procs) / sizeof(void *)] = {NULL};
    (void)info, (void)upcalls;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        all[i] = (void *)absent;
    memcpy(procs, all, sizeof(all));
    procs->lpWSPAccept = next_accept;
    procs->lpWSPAsyncSelect = next_async_select;
    procs->lpWSPCleanup = next_cleanup;
    procs->lpWSPCloseSocket = next_close;
    procs->lpWSPGetOverlappedResult = next_get_result;
    procs->lpWSPIoctl = next_ioctl;
    procs->lpWSPListen = next_listen;
    procs->lpWSPRecv = next_recv;
    procs->lpWSPRecvFrom = next_recv_from;
    procs->lpWSPSelect = next_select;
    procs->lpWSPSend = next_send;
    procs->lpWSPSendTo = next_send_to;
    procs->lpWSPSocket = next_socket;
    functions = *procs;
    data->wVersion = data->wHighVersion = requested;
    return 0;
}
