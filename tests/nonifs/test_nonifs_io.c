/* Overlapped operations on handles of the layer's own, over a provider that ends them as the test says. Expected values
 * are the reference's: LPWSPSend, LPWSPRecv, LPWSPGetOverlappedResult, WPUCompleteOverlappedRequest, WPUQueueApc. TAP.
 */
#include <stddef.h>
#include <stdlib.h>

#include <mswsock.h>

#include "next.h"
#include "tap.h"
#include "upper.h"
#include "winsock_part.h"

enum { UNTOUCHED = 0x55aa, MANY = 200 };

static WSPPROC_TABLE procs;
static SOCKET s, below;
static WSATHREADID thread;
static char data[64];
static WSABUF buffer = {sizeof(data), data};

static SOCKET open_socket(DWORD flags)
{
    INT error;
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    return procs.lpWSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, &info, 0, flags, &error);
}

static void begin(void)
{
    upper_reset();
    next_reset();
    upper_nonifs();
    EXPECT(part_start(CHAIN, &procs) == 0);
    s = open_socket(WSA_FLAG_OVERLAPPED);
    below = next_last();
    EXPECT(upper_is_open(s) && upper.create_id == CHAIN);
}

/* Nothing is left behind: not below, not above. */
static void end(void)
{
    INT error;
    next.answer = NEXT_AT_ONCE;
    next.close_error = 0;
    EXPECT(procs.lpWSPCleanup(&error) == 0);
    EXPECT(upper_open_handles() == 0 && upper.wrong == 0);
    EXPECT(next.sockets == next.closes && next.wrong == 0);
    EXPECT(upper.opened_threads == upper.closed_threads);
}

static int send_on(SOCKET on, WSAOVERLAPPED *overlapped, DWORD *bytes, INT *error)
{
    return procs.lpWSPSend(on, &buffer, 1, bytes, 0, overlapped, NULL, &thread, error);
}

static int receive_on(SOCKET on, WSAOVERLAPPED *overlapped, DWORD *bytes, DWORD *flags, INT *error)
{
    return procs.lpWSPRecv(on, &buffer, 1, bytes, flags, overlapped, NULL, &thread, error);
}

static bool announced(LONG index, SOCKET on, const WSAOVERLAPPED *overlapped, DWORD error, DWORD bytes)
{
    const struct upper_completion *told = &upper.completion[index];
    return upper_wait(index + 1) && told->s == on && told->overlapped == overlapped && told->error == error &&
           told->bytes == bytes;
}

/* --- when it ends --- */

static void at_once(void)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = 0, flags = 0;
    INT error = UNTOUCHED;
    begin();
    next.bytes = 11;
    EXPECT(send_on(s, &overlapped, &bytes, &error) == 0 && bytes == 11 && error == UNTOUCHED);
    EXPECT(next.s == below && next.below != &overlapped);
    EXPECT(upper.completions == 1 && announced(0, s, &overlapped, 0, 11));
    next.flags = MSG_PARTIAL;
    EXPECT(receive_on(s, &overlapped, &bytes, &flags, &error) == 0 && flags == MSG_PARTIAL);
    EXPECT(upper.completions == 2 && announced(1, s, &overlapped, 0, 11));
    flags = 0;
    EXPECT(procs.lpWSPGetOverlappedResult(s, &overlapped, &bytes, FALSE, &flags, &error));
    EXPECT(bytes == 11 && flags == MSG_PARTIAL);
    end();
    EXPECT(upper.completions == 2);
}

/* Without FILE_SKIP_COMPLETION_PORT_ON_SUCCESS the packet comes as well, before or after the call has returned: the
 * program is told once, and by the time of the return. */
static void at_once_with_a_packet(void)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = UNTOUCHED, flags = 0;
    INT error = 0;
    begin();
    upper.no_skip = true;
    next.bytes = 12;
    for (LONG i = 0; i < 400; i++) {
        SOCKET one = open_socket(WSA_FLAG_OVERLAPPED); /* with nothing outstanding */
        next.yield = i % 2 == 0;
        int result = i % 4 < 2 ? send_on(one, &overlapped, &bytes, &error)
                               : receive_on(one, &overlapped, &bytes, &flags, &error);
        EXPECT(result == 0 && bytes == 12 && upper.completions == i + 1 && announced(i, one, &overlapped, 0, 12));
        EXPECT(procs.lpWSPCloseSocket(one, &error) == 0);
    }
    for (LONG i = 0; i < 400; i++)
        if (receive_on(s, &overlapped, &bytes, &flags, &error) != 0)
            EXPECT(error == WSA_IO_PENDING && upper_wait(400 + i + 1));
    end();
    EXPECT(upper.completions == 800);
}

/* A packet that is still on its way when all has been announced must not end another operation. */
static void a_late_packet(void)
{
    WSAOVERLAPPED overlapped = {0}, other = {0};
    DWORD bytes, flags = 0;
    INT error = 0;
    begin();
    upper.no_skip = upper.slow = true;
    for (LONG i = 0; i < 20; i++) {
        SOCKET one = open_socket(WSA_FLAG_OVERLAPPED);
        next.answer = NEXT_AT_ONCE;
        LONG waits = upper.packet_waits;
        EXPECT(send_on(one, &overlapped, &bytes, &error) == 0 && upper.completions == 2 * i + 1);
        next.answer = NEXT_PENDING;
        EXPECT(receive_on(s, &other, &bytes, &flags, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
        /* The worker has been there, and waits for the next one. */
        EXPECT(upper_wait_for(&upper.packet_waits, waits + 1) && upper.completions == 2 * i + 1);
        EXPECT(next_complete(next.below, 0, 6, 0) && announced(2 * i + 1, s, &other, 0, 6));
        upper_wait_for(&upper.packet_waits, waits + 2);
    }
    upper.slow = false;
    end();
}

static void later_with_the_call_under_way(void)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = UNTOUCHED, flags = 0;
    INT error = 0;
    begin();
    upper.no_skip = true;
    next.answer = NEXT_PENDING;
    next.at_once_after_all = true;
    for (LONG i = 0; i < 100; i++) {
        next.yield = i % 2 == 0;
        EXPECT(receive_on(s, &overlapped, &bytes, &flags, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
        EXPECT(announced(i, s, &overlapped, 0, 17));
    }
    end();
    EXPECT(upper.completions == 100);
}

static void later(void)
{
    WSAOVERLAPPED overlapped = {.Internal = 7, .InternalHigh = 8};
    DWORD bytes = UNTOUCHED, flags = MSG_PEEK;
    INT error = 0;
    begin();
    next.answer = NEXT_PENDING;
    EXPECT(receive_on(s, &overlapped, &bytes, &flags, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
    EXPECT(bytes == UNTOUCHED && flags == MSG_PEEK && overlapped.Internal == 0x103);
    EXPECT(!procs.lpWSPGetOverlappedResult(s, &overlapped, &bytes, FALSE, &flags, &error));
    EXPECT(error == WSA_IO_INCOMPLETE && upper.completions == 0);
    EXPECT(next_complete(next.below, 0, 5, MSG_PARTIAL));
    EXPECT(announced(0, s, &overlapped, 0, 5));
    EXPECT(procs.lpWSPGetOverlappedResult(s, &overlapped, &bytes, TRUE, &flags, &error));
    EXPECT(bytes == 5 && flags == MSG_PARTIAL);
    EXPECT(send_on(s, &overlapped, &bytes, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
    EXPECT(next_complete(next.below, 0, 6, 0));
    EXPECT(announced(1, s, &overlapped, 0, 6));
    end();
    EXPECT(upper.completions == 2);
}

static void later_in_failure(void)
{
    static const INT codes[] = {WSAECONNRESET, WSAEMSGSIZE, WSA_OPERATION_ABORTED, WSAENETDOWN};
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = 0, flags = 0;
    INT error = 0;
    begin();
    next.answer = NEXT_PENDING;
    for (LONG i = 0; i < 8; i++) {
        if (i % 2 == 0)
            receive_on(s, &overlapped, &bytes, &flags, &error);
        else
            send_on(s, &overlapped, &bytes, &error);
        EXPECT(error == WSA_IO_PENDING && next_complete(next.below, codes[i / 2], 3, 0));
        EXPECT(announced(i, s, &overlapped, (DWORD)codes[i / 2], 3));
        EXPECT(!procs.lpWSPGetOverlappedResult(s, &overlapped, &bytes, TRUE, &flags, &error));
        EXPECT(error == codes[i / 2] && bytes == 3);
    }
    end();
}

/* "Any other error code indicates that no overlapped operation was initiated and no completion indication". */
static void refused(void)
{
    WSAOVERLAPPED overlapped = {.InternalHigh = 8, .hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    DWORD bytes = 0, flags = 0;
    INT error = 0;
    begin();
    next.answer = NEXT_FAILS;
    next.error = WSAENOTCONN;
    for (int i = 0; i < 100; i++) {
        EXPECT(send_on(s, &overlapped, &bytes, &error) == SOCKET_ERROR && error == WSAENOTCONN);
        EXPECT(receive_on(s, &overlapped, &bytes, &flags, &error) == SOCKET_ERROR && error == WSAENOTCONN);
    }
    /* As Windows leaves it. */
    EXPECT(overlapped.Internal == STATUS_PENDING && overlapped.InternalHigh == 8);
    EXPECT(WaitForSingleObject(overlapped.hEvent, 0) == WAIT_TIMEOUT);
    end();
    EXPECT(upper.completions == 0);
    CloseHandle(overlapped.hEvent);
}

/* What the next provider has left in the caller's variables, be it nothing, is what the caller gets. */
static void refused_with_counts(void)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = UNTOUCHED, flags = MSG_PEEK;
    INT error = 0;
    begin();
    next.answer = NEXT_FAILS;
    next.error = WSAENOTCONN;
    EXPECT(send_on(s, &overlapped, &bytes, &error) == SOCKET_ERROR && bytes == UNTOUCHED);
    EXPECT(receive_on(s, &overlapped, &bytes, &flags, &error) == SOCKET_ERROR);
    EXPECT(bytes == UNTOUCHED && flags == MSG_PEEK);
    next.failed_bytes = 104;
    next.failed_flags = MSG_PARTIAL;
    EXPECT(send_on(s, &overlapped, &bytes, &error) == SOCKET_ERROR && bytes == 104);
    bytes = 0;
    EXPECT(receive_on(s, &overlapped, &bytes, &flags, &error) == SOCKET_ERROR);
    EXPECT(bytes == 104 && flags == MSG_PARTIAL);
    EXPECT(send_on(s, &overlapped, NULL, &error) == SOCKET_ERROR && error == WSAENOTCONN);
    end();
}

/* TransmitFile's offset is the program's own, and stays. */
static void sent_from_an_offset(void)
{
    WSAOVERLAPPED overlapped = {.Offset = 10, .OffsetHigh = 2};
    DWORD bytes = 0, flags = 0;
    INT error = 0;
    begin();
    next.bytes = 6;
    EXPECT(send_on(s, &overlapped, &bytes, &error) == 0 && overlapped.Offset == 10 && overlapped.OffsetHigh == 2);
    EXPECT(procs.lpWSPGetOverlappedResult(s, &overlapped, &bytes, FALSE, &flags, &error) && bytes == 6);
    next.answer = NEXT_PENDING;
    EXPECT(send_on(s, &overlapped, &bytes, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
    EXPECT(next_complete(next.below, WSAENETDOWN, 0, 0) && upper_wait(2));
    EXPECT(!procs.lpWSPGetOverlappedResult(s, &overlapped, &bytes, FALSE, &flags, &error) && error == WSAENETDOWN);
    end();
}

/* A message cut off is a warning: the system completes the receive nevertheless, and the program is told by that. */
static void cut_off_at_once(void)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = UNTOUCHED, flags = 0;
    INT error = 0;
    begin();
    next.answer = NEXT_FAILS;
    next.error = WSAEMSGSIZE;
    next.failed_status = 0x80000005;
    next.bytes = 3;
    for (LONG i = 0; tap_good && i < 50; i++) {
        EXPECT(receive_on(s, &overlapped, &bytes, &flags, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
        EXPECT(announced(i, s, &overlapped, WSAEMSGSIZE, 3) && bytes == UNTOUCHED);
    }
    /* An error is none of that. */
    next.failed_status = 0xC0000005;
    EXPECT(receive_on(s, &overlapped, &bytes, &flags, &error) == SOCKET_ERROR && error == WSAEMSGSIZE);
    end();
    EXPECT(upper.completions == 50);
}

/* Without WSA_FLAG_OVERLAPPED the structure counts for nothing (WSASend). */
static void not_an_overlapped_socket(void)
{
    WSAOVERLAPPED overlapped = {.Internal = 7};
    DWORD bytes = 0, flags = 0;
    INT error = 0;
    begin();
    SOCKET plain = open_socket(0);
    next.bytes = 4;
    EXPECT(send_on(plain, &overlapped, &bytes, &error) == 0 && bytes == 4 && next.below == NULL);
    EXPECT(receive_on(plain, &overlapped, &bytes, &flags, &error) == 0 && next.below == NULL);
    EXPECT(overlapped.Internal == 7 && upper.completions == 0);
    end();
}

static void the_array_is_copied(void)
{
    enum { LONG_ARRAY = 40 };
    WSAOVERLAPPED overlapped = {0};
    WSABUF buffers[LONG_ARRAY];
    DWORD bytes = 0;
    INT error = 0;
    begin();
    next.answer = NEXT_PENDING;
    for (DWORD count = 1; count <= LONG_ARRAY; count += 3) {
        for (DWORD i = 0; i < count; i++)
            buffers[i] = (WSABUF){i + count, data + i};
        EXPECT(procs.lpWSPSend(s, buffers, count, &bytes, 0, &overlapped, NULL, &thread, &error) == SOCKET_ERROR);
        EXPECT(error == WSA_IO_PENDING && next.count == count && next.buffers != buffers);
        memset(buffers, 0xff, sizeof(buffers));
        for (DWORD i = 0; i < count; i++)
            EXPECT(next.buffers[i].len == i + count && next.buffers[i].buf == data + i);
        LONG before = upper.completions;
        EXPECT(next_complete(next.below, 0, 0, 0) && upper_wait(before + 1));
    }
    end();
}

/* --- order --- */

static void order_is_kept(void)
{
    static WSAOVERLAPPED overlapped[MANY];
    DWORD bytes, flags;
    INT error;
    WSAOVERLAPPED *first;
    begin();
    for (int round = 0; round < 50; round++) {
        LONG at = upper.completions;
        next.answer = NEXT_PENDING;
        flags = 0;
        receive_on(s, &overlapped[0], &bytes, &flags, &error);
        first = next.below;
        next_complete(first, 0, 1, 0);
        next.answer = NEXT_AT_ONCE;
        for (int i = 1; i < 8; i++)
            receive_on(s, &overlapped[i], &bytes, &flags, &error);
        EXPECT(upper_wait(at + 8));
        for (int i = 0; i < 8; i++)
            EXPECT(upper.completion[at + i].overlapped == &overlapped[i]);
    }
    next.answer = NEXT_PENDING;
    static WSAOVERLAPPED *belows[MANY];
    LONG at = upper.completions;
    for (int i = 0; i < MANY; i++) {
        receive_on(s, &overlapped[i], &bytes, &flags, &error);
        belows[i] = next.below;
    }
    for (int i = 0; i < MANY; i++)
        next_complete(belows[i], 0, (DWORD)i, 0);
    EXPECT(upper_wait(at + MANY));
    for (int i = 0; i < MANY; i++)
        EXPECT(upper.completion[at + i].overlapped == &overlapped[i] && upper.completion[at + i].bytes == (DWORD)i);
    end();
    EXPECT(upper.completions == at + MANY);
}

/* --- WSPGetOverlappedResult --- */

static DWORD WINAPI complete_when_waited_for(void *context)
{
    WSAOVERLAPPED *operation = context;
    Sleep(30); /* so that the wait has begun, mostly: both orders have to work */
    next_complete(operation, 0, 9, 0);
    return 0;
}

static void waiting_for_the_result(void)
{
    INT error;
    begin();
    next.answer = NEXT_PENDING;
    for (int with_event = 0; with_event < 2; with_event++) {
        WSAOVERLAPPED overlapped = {0};
        DWORD bytes = 0, flags = 0;
        overlapped.hEvent = with_event ? CreateEventW(NULL, TRUE, TRUE, NULL) : NULL;
        receive_on(s, &overlapped, &bytes, &flags, &error);
        /* It is reset when the operation begins. */
        EXPECT(!with_event || WaitForSingleObject(overlapped.hEvent, 0) == WAIT_TIMEOUT);
        HANDLE other = CreateThread(NULL, 0, complete_when_waited_for, next.below, 0, NULL);
        EXPECT(procs.lpWSPGetOverlappedResult(s, &overlapped, &bytes, TRUE, &flags, &error) && bytes == 9);
        WaitForSingleObject(other, INFINITE);
        CloseHandle(other);
        if (with_event)
            CloseHandle(overlapped.hEvent);
    }
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes, flags;
    EXPECT(!procs.lpWSPGetOverlappedResult(s, NULL, &bytes, FALSE, &flags, &error) && error == WSAEFAULT);
    EXPECT(!procs.lpWSPGetOverlappedResult(s, &overlapped, NULL, FALSE, &flags, &error) && error == WSAEFAULT);
    /* Programs pass no flags where they want none; Windows has long ceased to call that WSAEFAULT. */
    overlapped.InternalHigh = 3;
    EXPECT(procs.lpWSPGetOverlappedResult(s, &overlapped, &bytes, FALSE, NULL, &error) && bytes == 3);
    EXPECT(!procs.lpWSPGetOverlappedResult(s + 4, &overlapped, &bytes, FALSE, &flags, &error) && error == WSAENOTSOCK);
    end();
}

/* --- completion routines --- */

static struct {
    volatile LONG count;
    DWORD error, bytes, flags, thread;
    WSAOVERLAPPED *overlapped;
} routine_call;

static void CALLBACK routine(DWORD error, DWORD bytes, WSAOVERLAPPED *overlapped, DWORD flags)
{
    routine_call.error = error;
    routine_call.bytes = bytes;
    routine_call.flags = flags;
    routine_call.overlapped = overlapped;
    routine_call.thread = GetCurrentThreadId();
    InterlockedIncrement(&routine_call.count);
}

static int receive_by_routine(WSAOVERLAPPED *overlapped, INT *error)
{
    DWORD bytes, flags = 0;
    return procs.lpWSPRecv(s, &buffer, 1, &bytes, &flags, overlapped, routine, &thread, error);
}

static void routines_run_on_the_calling_thread(void)
{
    /* hEvent is the program's own then. */
    WSAOVERLAPPED overlapped = {.hEvent = (HANDLE)(ULONG_PTR)0x1235};
    INT error = 0;
    begin();
    memset(&routine_call, 0, sizeof(routine_call));
    next.bytes = 13;
    next.flags = MSG_PARTIAL;
    /* "regardless of whether the operation completes immediately": always by the routine (LPWSPRecv). */
    EXPECT(receive_by_routine(&overlapped, &error) == 0);
    EXPECT(routine_call.count == 0 && upper.apcs == 1);
    SleepEx(0, TRUE);
    EXPECT(routine_call.count == 1 && routine_call.bytes == 13 && routine_call.flags == MSG_PARTIAL &&
           routine_call.error == 0 && routine_call.overlapped == &overlapped &&
           routine_call.thread == GetCurrentThreadId());
    next.answer = NEXT_PENDING;
    EXPECT(receive_by_routine(&overlapped, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
    SleepEx(0, TRUE);
    EXPECT(routine_call.count == 1);
    EXPECT(next_complete(next.below, WSAECONNRESET, 0, 0) && upper_wait_for(&upper.apcs, 2));
    EXPECT(SleepEx(5000, TRUE) == WAIT_IO_COMPLETION);
    EXPECT(routine_call.count == 2 && routine_call.error == WSAECONNRESET && routine_call.bytes == 0);
    EXPECT(overlapped.hEvent == (HANDLE)(ULONG_PTR)0x1235 && upper.resets == 0 && upper.completions == 0);
    end();
}

static void no_apc(void)
{
    WSAOVERLAPPED overlapped = {0};
    INT error = 0;
    begin();
    memset(&routine_call, 0, sizeof(routine_call));
    upper.apc_error = WSAENOBUFS;
    EXPECT(receive_by_routine(&overlapped, &error) == 0);
    next.answer = NEXT_PENDING;
    EXPECT(receive_by_routine(&overlapped, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
    EXPECT(next_complete(next.below, 0, 0, 0) && upper_wait_for(&upper.apcs, 2));
    SleepEx(0, TRUE);
    EXPECT(routine_call.count == 0);
    /* The socket is let go of all the same: its handle closes. */
    EXPECT(procs.lpWSPCloseSocket(s, &error) == 0 && upper_wait_for(&upper.closed, 1));
    end();
}

static void *extension(SOCKET on, const GUID *id)
{
    void *function = NULL;
    DWORD bytes;
    INT error;
    GUID copy = *id;
    procs.lpWSPIoctl(on, SIO_GET_EXTENSION_FUNCTION_POINTER, &copy, sizeof(copy), &function, sizeof(function), &bytes,
                     NULL, NULL, &thread, &error);
    return function;
}

/* They have no WSATHREADID, and the thread is looked up. */
static void routines_of_extension_functions(void)
{
    static const GUID id = WSAID_WSARECVMSG;
    WSAOVERLAPPED overlapped = {0};
    WSAMSG message = {0};
    DWORD bytes;
    begin();
    memset(&routine_call, 0, sizeof(routine_call));
    LPFN_WSARECVMSG receive = (LPFN_WSARECVMSG)extension(s, &id);
    EXPECT(receive != NULL);
    next.answer = NEXT_PENDING;
    EXPECT(receive(s, &message, &bytes, &overlapped, routine) == SOCKET_ERROR && GetLastError() == WSA_IO_PENDING);
    EXPECT(upper.opened_threads == 1 && upper.closed_threads == 0);
    EXPECT(next_complete(next.below, 0, 21, 0) && upper_wait_for(&upper.apcs, 1));
    EXPECT(SleepEx(5000, TRUE) == WAIT_IO_COMPLETION && routine_call.count == 1 && routine_call.bytes == 21);
    EXPECT(upper.closed_threads == 1);
    upper.open_error = WSAENOBUFS;
    EXPECT(receive(s, &message, &bytes, &overlapped, routine) == SOCKET_ERROR && GetLastError() == WSAENOBUFS);
    upper.open_error = 0;
    next.answer = NEXT_FAILS;
    next.error = WSAEINVAL;
    EXPECT(receive(s, &message, &bytes, &overlapped, routine) == SOCKET_ERROR && GetLastError() == WSAEINVAL);
    EXPECT(receive(s + 4, &message, &bytes, &overlapped, routine) == SOCKET_ERROR && GetLastError() == WSAENOTSOCK);
    end();
}

/* --- what fails --- */

static void no_completion_upcall(void)
{
    WSAOVERLAPPED overlapped = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    DWORD bytes = 0, flags = 0;
    INT error = 0;
    begin();
    upper.complete_error = WSAEINVAL;
    next.answer = NEXT_PENDING;
    EXPECT(receive_on(s, &overlapped, &bytes, &flags, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
    EXPECT(next_complete(next.below, 0, 5, 0));
    EXPECT(WaitForSingleObject(overlapped.hEvent, 20000) == WAIT_OBJECT_0);
    EXPECT(procs.lpWSPGetOverlappedResult(s, &overlapped, &bytes, TRUE, &flags, &error) && bytes == 5);
    EXPECT(upper.completions == 1);
    upper.complete_error = 0;
    end();
    CloseHandle(overlapped.hEvent);
}

static void no_threads_before_the_first_operation(void)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes, flags = 0;
    INT error;
    SYSTEM_INFO system;
    GetSystemInfo(&system);
    begin();
    EXPECT(send_on(s, NULL, &bytes, &error) == 0 && receive_on(s, NULL, &bytes, &flags, &error) == 0);
    EXPECT(upper.threads == 0);
    for (int i = 0; i < 100; i++) {
        SOCKET one = open_socket(WSA_FLAG_OVERLAPPED);
        EXPECT(send_on(one, &overlapped, &bytes, &error) == 0);
    }
    EXPECT(upper.threads >= 1 && (DWORD)upper.threads <= system.dwNumberOfProcessors);
    end();
}

/* "Their failure to start is WSAEOPNOTSUPP". */
static void no_service_threads(void)
{
    WSAOVERLAPPED overlapped = {.Internal = 7};
    DWORD bytes;
    INT error = 0;
    begin();
    for (int i = 0; i < 2; i++) {
        upper.no_thread = i == 0;
        upper.no_port = i == 1;
        EXPECT(send_on(s, &overlapped, &bytes, &error) == SOCKET_ERROR && error == WSAEOPNOTSUPP);
        EXPECT(overlapped.Internal == 7);
    }
    EXPECT(send_on(s, NULL, &bytes, &error) == 0);
    upper.no_port = false;
    EXPECT(send_on(s, &overlapped, &bytes, &error) == 0 && upper.threads == 1 && upper.completions == 1);
    EXPECT(procs.lpWSPCloseSocket(s, &error) == 0 && upper.closed == 1);
    end();
}

/* A file object that has a port already cannot get another one: events tell of completions then. */
static void a_socket_that_cannot_be_attached(void)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = 0, flags = 0;
    INT error = 0;
    begin();
    upper.no_attach = true;
    next.bytes = 3;
    EXPECT(receive_on(s, &overlapped, &bytes, &flags, &error) == 0 && bytes == 3);
    EXPECT(announced(0, s, &overlapped, 0, 3));
    next.answer = NEXT_PENDING;
    EXPECT(send_on(s, &overlapped, &bytes, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
    EXPECT(next_complete(next.below, 0, 4, 0) && announced(1, s, &overlapped, 0, 4));
    /* Where nothing can wait for the event, the worker looks at it now and then. */
    upper.no_wait = true;
    EXPECT(send_on(s, &overlapped, &bytes, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
    EXPECT(next_complete(next.below, 0, 6, 0) && announced(2, s, &overlapped, 0, 6));
    upper.no_wait = false;
    upper.no_event = true;
    EXPECT(send_on(s, &overlapped, &bytes, &error) == SOCKET_ERROR && error == WSAEOPNOTSUPP);
    upper.no_event = false;
    next.answer = NEXT_FAILS;
    next.error = WSAENOBUFS;
    EXPECT(send_on(s, &overlapped, &bytes, &error) == SOCKET_ERROR && error == WSAENOBUFS);
    EXPECT(procs.lpWSPCloseSocket(s, &error) == 0 && upper_wait_for(&upper.closed, 1));
    end();
    EXPECT(upper.completions == 3);
}

/* Of three that have ended, the last one's event is noticed first; of three others, only the last one has ended. */
static void events_in_any_order(void)
{
    static WSAOVERLAPPED overlapped[6];
    WSAOVERLAPPED *belows[6];
    DWORD bytes, flags = 0;
    INT error;
    begin();
    upper.no_attach = upper.hold_waits = true;
    next.answer = NEXT_PENDING;
    for (int i = 0; i < 6; i++) {
        EXPECT(receive_on(s, &overlapped[i], &bytes, &flags, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
        belows[i] = next.below;
    }
    for (int i = 0; i < 3; i++)
        EXPECT(next_complete(belows[i], 0, (DWORD)i + 1, 0));
    upper_end_wait(2);
    for (int i = 0; i < 3; i++)
        EXPECT(announced(i, s, &overlapped[i], 0, (DWORD)i + 1));
    EXPECT(next_complete(belows[5], 0, 6, 0));
    upper_end_wait(5);
    EXPECT(announced(3, s, &overlapped[5], 0, 6));
    EXPECT(next_complete(belows[4], 0, 5, 0) && next_complete(belows[3], 0, 4, 0));
    upper_end_wait(4);
    EXPECT(announced(4, s, &overlapped[3], 0, 4) && announced(5, s, &overlapped[4], 0, 5));
    end();
    EXPECT(upper.completions == 6);
}

/* Of the calls of malloc and calloc, each fails once. */
static void no_memory(void)
{
    WSABUF buffers[NEXT_BUFFERS];
    WSAOVERLAPPED overlapped[4] = {{0}};
    DWORD bytes;
    INT error = 0;
    bool done = false;
    begin();
    for (int i = 0; i < NEXT_BUFFERS; i++)
        buffers[i] = buffer;
    next.answer = NEXT_PENDING;
    for (LONG allow = 0; !done && allow < 20; allow++) {
        part.allow = allow;
        WSAOVERLAPPED *belows[4] = {NULL};
        done = true;
        for (int i = 0; i < 4; i++) {
            int result = procs.lpWSPSend(s, buffers, NEXT_BUFFERS, &bytes, 0, &overlapped[i], NULL, &thread, &error);
            EXPECT(result == SOCKET_ERROR && (error == WSA_IO_PENDING || error == WSAENOBUFS));
            done = done && error == WSA_IO_PENDING;
            belows[i] = error == WSA_IO_PENDING ? next.below : NULL;
        }
        part.allow = -1;
        for (int i = 0; i < 4; i++) {
            LONG before = upper.completions;
            EXPECT(belows[i] == NULL || (next_complete(belows[i], 0, 0, 0) && upper_wait(before + 1)));
        }
    }
    EXPECT(done);
    end();
}

/* An operation that comes to its end by the worker shows that the worker has seen all before it, too. */
static void some_operations(int at_once)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes, flags = 0;
    INT error;
    next.answer = NEXT_AT_ONCE;
    for (int i = 0; i < at_once; i++) {
        send_on(s, &overlapped, &bytes, &error);
        receive_on(s, &overlapped, &bytes, &flags, &error);
    }
    next.answer = NEXT_PENDING;
    LONG at = upper.completions;
    receive_on(s, &overlapped, &bytes, &flags, &error);
    EXPECT(next_complete(next.below, 0, 0, 0) && upper_wait(at + 1));
}

static void no_allocation_once_warm(void)
{
    begin();
    for (int i = 0; i < 20; i++)
        some_operations(100);
    LONG before = part.allocations;
    for (int i = 0; i < 20; i++)
        some_operations(100);
    EXPECT(part.allocations == before);
    end();
}

/* --- packets that nobody waits for --- */

/* "Datagrams have their packets nevertheless": a packet about what was announced at once, while the call is still under
 * way, when it is over, and when the operation's memory has become another operation's. */
static void unexpected_packets(void)
{
    WSAOVERLAPPED overlapped = {0}, other = {0};
    DWORD bytes = 0, flags = 0;
    INT error = 0;
    begin();
    next.bytes = 9;
    LONG told = 0;
    for (int i = 0; tap_good && i < 300; i++) {
        next.answer = NEXT_AT_ONCE;
        next.packets = i % 3;
        next.yield = i % 2 == 0;
        EXPECT(send_on(s, &overlapped, &bytes, &error) == 0 && bytes == 9);
        EXPECT(announced(told++, s, &overlapped, 0, 9) && upper.completions == told);
        WSAOVERLAPPED *first = next.below;
        next.packets = 0;
        next.answer = NEXT_PENDING;
        EXPECT(receive_on(s, &other, &bytes, &flags, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
        WSAOVERLAPPED *second = next.below;
        EXPECT(second != first);
        LONG waits = upper.packet_waits;
        next_packet(below, first, 77);
        next_packet(below, first, 78);
        EXPECT(upper_wait_for(&upper.packet_waits, waits + 2));
        EXPECT(upper.completions == told && other.Internal == 0x103);
        EXPECT(next_complete(second, 0, 5, 0) && announced(told++, s, &other, 0, 5));
        /* One about what has had its packet, too. */
        next_packet(below, second, 79);
    }
    end();
    EXPECT(upper.completions == told);
}

/* Each operation is followed by the packet of the one before; many times more than there are structures for. */
static void unexpected_packets_of_earlier_uses(void)
{
    WSAOVERLAPPED overlapped = {0}, *before = NULL;
    DWORD bytes = 0, flags = 0;
    INT error = 0;
    begin();
    LONG told = 0;
    for (DWORD i = 0; tap_good && i < 3000; i++) {
        next.answer = i % 7 == 0 ? NEXT_PENDING : i % 7 == 3 ? NEXT_FAILS : NEXT_AT_ONCE;
        next.error = WSAENOBUFS;
        next.bytes = i;
        int result = receive_on(s, &overlapped, &bytes, &flags, &error);
        WSAOVERLAPPED *present = next.below;
        EXPECT(present != before);
        if (before != NULL)
            next_packet(below, before, 1);
        if (next.answer == NEXT_FAILS) {
            EXPECT(result == SOCKET_ERROR && error == WSAENOBUFS);
            before = present;
            continue;
        }
        EXPECT(result == 0 ? bytes == i : next_complete(present, 0, i, 0));
        LONG index = told++;
        EXPECT(upper_wait(told));
        EXPECT(upper.completion[index].overlapped == &overlapped && upper.completion[index].bytes == i);
        before = result == 0 ? present : NULL;
    }
    end();
    EXPECT(upper.completions == told);
}

/* As long as such packets are on their way, nothing is used again that they are about. */
static void unexpected_packets_that_are_long_on_their_way(void)
{
    enum { LONG_WAY = 2000 };
    static WSAOVERLAPPED *used[LONG_WAY];
    WSAOVERLAPPED overlapped = {0}, last = {0};
    DWORD bytes = 0, flags = 0;
    INT error = 0;
    begin();
    some_operations(0);
    upper.hold_packets = true;
    LONG told = upper.completions;
    next.answer = NEXT_AT_ONCE;
    next.packets = 1;
    for (int i = 0; tap_good && i < LONG_WAY; i++) {
        EXPECT(send_on(s, &overlapped, &bytes, &error) == 0 && upper.completions == told + i + 1);
        used[i] = next.below;
        for (int j = 0; tap_good && j < i; j++)
            EXPECT(used[j] != used[i]);
    }
    next.packets = 0;
    next.answer = NEXT_PENDING;
    told = upper.completions;
    EXPECT(receive_on(s, &last, &bytes, &flags, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
    WSAOVERLAPPED *present = next.below;
    upper.hold_packets = false;
    EXPECT(next_complete(present, 0, 5, 0) && announced(told, s, &last, 0, 5));
    end();
    EXPECT(upper.completions == told + 1);
}

/* Each failure, too, may have its packet (the system queues one with some). */
static void unexpected_packets_of_failures(void)
{
    WSAOVERLAPPED overlapped = {0}, other = {0};
    DWORD bytes = 0, flags = 0;
    INT error = 0;
    begin();
    next.error = WSAEMSGSIZE;
    for (LONG i = 0; tap_good && i < 50; i++) {
        next.answer = NEXT_FAILS;
        EXPECT(receive_on(s, &overlapped, &bytes, &flags, &error) == SOCKET_ERROR && error == WSAEMSGSIZE);
        WSAOVERLAPPED *first = next.below;
        next.answer = NEXT_PENDING;
        EXPECT(receive_on(s, &other, &bytes, &flags, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
        LONG waits = upper.packet_waits;
        next_packet(below, first, 77);
        EXPECT(upper_wait_for(&upper.packet_waits, waits + 1) && upper.completions == i);
        EXPECT(next_complete(next.below, 0, 5, 0) && announced(i, s, &other, 0, 5));
    }
    end();
}

/* The mode is not set for datagrams. What is done at once is still announced with the call. */
static void datagrams_are_not_skipped(void)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = 0;
    INT error = 0;
    upper_reset();
    next_reset();
    upper_nonifs();
    EXPECT(part_start(CHAIN, &procs) == 0);
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    /* Whatever the entry says: the socket's own type counts. */
    s = procs.lpWSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP, &info, 0, WSA_FLAG_OVERLAPPED, &error);
    EXPECT(send_on(s, &overlapped, &bytes, &error) == 0 && !upper_skips(next_last()));
    procs.lpWSPCloseSocket(s, &error);
    info.iSocketType = SOCK_DGRAM;
    info.iProtocol = IPPROTO_UDP;
    s = procs.lpWSPSocket(AF_INET, 0, FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED, &error);
    EXPECT(next.info.iSocketType == SOCK_DGRAM && next.info.iProtocol == IPPROTO_UDP);
    EXPECT(next.info.dwCatalogEntryId == BASE && next.info.iAddressFamily == AF_INET);
    upper.completions = 0;
    next.bytes = 6;
    for (LONG i = 0; tap_good && i < 100; i++) {
        next.yield = i % 2 == 0;
        LONG waits = upper.packet_waits;
        EXPECT(send_on(s, &overlapped, &bytes, &error) == 0 && bytes == 6);
        EXPECT(upper.completions == i + 1 && announced(i, s, &overlapped, 0, 6));
        EXPECT(upper_wait_for(&upper.packet_waits, waits + 1)); /* its packet has been there */
        some_operations(0);
        upper.completions = i + 1;
        next.answer = NEXT_AT_ONCE;
    }
    EXPECT(!upper_skips(next_last()));
    end();
}

/* --- WSPIoctl --- */

static int control(DWORD code, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE completion,
                   DWORD *returned, INT *error)
{
    char out[64];
    return procs.lpWSPIoctl(s, code, NULL, 0, out, sizeof(out), returned, overlapped, completion, &thread, error);
}

/* What the caller is told at once is the output's size, and what the completion says is the next provider's. */
static void commands_at_once(void)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = 0, flags = 0;
    INT error = 0;
    for (int packets = 0; packets < 2; packets++) {
        begin();
        upper.no_skip = packets != 0;
        next.answer_bytes = 4;
        for (LONG i = 0; tap_good && i < 40; i++) {
            next.no_completion = i % 4 == 1;
            next.no_event = i % 4 == 2;
            next.bytes = i % 4 == 3 ? 12 : 0;
            EXPECT(control(FIONREAD, &overlapped, NULL, &bytes, &error) == 0 && bytes == 4);
            EXPECT(upper.completions == i + 1 && announced(i, s, &overlapped, 0, next.bytes));
            EXPECT(procs.lpWSPGetOverlappedResult(s, &overlapped, &bytes, FALSE, &flags, &error) &&
                   bytes == next.bytes);
        }
        next.no_completion = next.no_event = false;
        end();
        EXPECT(upper.completions == 40);
    }
}

/* Others that are outstanding change nothing about that. */
static void commands_between_others(void)
{
    WSAOVERLAPPED overlapped = {0}, outstanding = {0};
    DWORD bytes = 0;
    INT error = 0;
    begin();
    next.answer = NEXT_PENDING;
    EXPECT(send_on(s, &outstanding, &bytes, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
    WSAOVERLAPPED *first = next.below;
    next.answer = NEXT_AT_ONCE;
    next.answer_bytes = 4;
    EXPECT(control(FIONREAD, &overlapped, NULL, &bytes, &error) == 0 && announced(0, s, &overlapped, 0, 0));
    EXPECT(next_complete(first, 0, 3, 0) && announced(1, s, &outstanding, 0, 3));
    end();
}

static void commands_later(void)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = 0;
    INT error = 0;
    begin();
    next.answer = NEXT_PENDING;
    for (LONG i = 0; tap_good && i < 30; i++) {
        /* Before or after it is pending for the layer; with or without its event (as some do in Wine 8). */
        next.at_once_after_all = i % 3 != 0;
        next.no_event = i % 3 == 2;
        DWORD size = next.at_once_after_all ? 17 : 300;
        EXPECT(control(SIO_ADDRESS_LIST_QUERY, &overlapped, NULL, &bytes, &error) == SOCKET_ERROR &&
               error == WSA_IO_PENDING);
        /* Ended by now: announced by now. */
        EXPECT(upper.completions == i + next.at_once_after_all);
        EXPECT(next.at_once_after_all || next_complete(next.below, 0, size, 0));
        EXPECT(announced(i, s, &overlapped, 0, size));
    }
    next.at_once_after_all = next.no_event = false;
    EXPECT(control(SIO_ADDRESS_LIST_CHANGE, &overlapped, NULL, &bytes, &error) == SOCKET_ERROR);
    EXPECT(procs.lpWSPCloseSocket(s, &error) == 0 && announced(30, s, &overlapped, WSA_OPERATION_ABORTED, 0));
    end();
}

static void commands_by_routine(void)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = 0;
    INT error = 0;
    begin();
    next.answer_bytes = 4;
    memset(&routine_call, 0, sizeof(routine_call));
    EXPECT(control(FIONREAD, &overlapped, routine, &bytes, &error) == 0 && bytes == 4 && upper.apcs == 1);
    EXPECT(routine_call.count == 0 && SleepEx(0, TRUE) == WAIT_IO_COMPLETION && routine_call.count == 1);
    EXPECT(routine_call.bytes == 0 && routine_call.error == 0 && routine_call.overlapped == &overlapped);
    next.answer = NEXT_PENDING;
    EXPECT(control(SIO_GET_INTERFACE_LIST, &overlapped, routine, &bytes, &error) == SOCKET_ERROR &&
           error == WSA_IO_PENDING);
    EXPECT(next_complete(next.below, 0, 152, 0) && upper_wait_for(&upper.apcs, 2));
    EXPECT(SleepEx(20000, TRUE) == WAIT_IO_COMPLETION && routine_call.bytes == 152 && upper.completions == 0);
    end();
}

static void commands_that_fail(void)
{
    WSAOVERLAPPED overlapped = {.Internal = 7};
    DWORD bytes = 0;
    INT error = 0;
    begin();
    LONG calls = next.calls;
    EXPECT(control(FIONREAD, &overlapped, NULL, NULL, &error) == SOCKET_ERROR && error == WSAEFAULT);
    EXPECT(control(SIO_GET_EXTENSION_FUNCTION_POINTER, &overlapped, NULL, NULL, &error) == SOCKET_ERROR &&
           error == WSAEFAULT);
    EXPECT(next.calls == calls && overlapped.Internal == 7);
    next.answer = NEXT_FAILS;
    next.error = WSAEOPNOTSUPP;
    bytes = UNTOUCHED;
    for (int i = 0; i < 50; i++)
        EXPECT(control(FIONREAD, &overlapped, NULL, &bytes, &error) == SOCKET_ERROR && error == WSAEOPNOTSUPP);
    EXPECT(bytes == UNTOUCHED);
    next.failed_bytes = 104; /* the size needed */
    EXPECT(control(SIO_ADDRESS_LIST_QUERY, &overlapped, NULL, &bytes, &error) == SOCKET_ERROR && bytes == 104);
    end();
    EXPECT(upper.completions == 0 && overlapped.Internal == 7);
}

/* The next provider need know nothing of a structure; with or without packets, and with others outstanding. */
static void the_extension_query(void)
{
    static const GUID known = WSAID_WSARECVMSG, unknown = {.Data1 = 0x12345678};
    for (int packets = 0; packets < 2; packets++) {
        WSAOVERLAPPED overlapped = {0}, outstanding = {0};
        void *function = NULL;
        DWORD bytes = 0, flags = 0;
        INT error = 0;
        GUID id = known;
        begin();
        upper.no_skip = packets != 0;
        for (LONG i = 0; tap_good && i < 30; i++) {
            if (i == 20) {
                next.answer = NEXT_PENDING;
                EXPECT(send_on(s, &outstanding, &bytes, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
            }
            EXPECT(procs.lpWSPIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id), &function, sizeof(function),
                                    &bytes, &overlapped, NULL, &thread, &error) == 0);
            EXPECT(bytes == sizeof(function) && function != NULL && function == extension(s, &known));
            EXPECT(next.query == NULL && upper.completions == i + 1 && announced(i, s, &overlapped, 0, 0));
            EXPECT(procs.lpWSPGetOverlappedResult(s, &overlapped, &bytes, FALSE, &flags, &error) && bytes == 0);
        }
        memset(&routine_call, 0, sizeof(routine_call));
        EXPECT(procs.lpWSPIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id), &function, sizeof(function),
                                &bytes, &overlapped, routine, &thread, &error) == 0);
        EXPECT(upper.apcs == 1 && SleepEx(0, TRUE) == WAIT_IO_COMPLETION && routine_call.count == 1 &&
               routine_call.bytes == 0);
        id = unknown;
        EXPECT(procs.lpWSPIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id), &function, sizeof(function),
                                &bytes, &overlapped, NULL, &thread, &error) == SOCKET_ERROR &&
               error == WSAEINVAL);
        EXPECT(next_complete(next.below, 0, 3, 0) && announced(30, s, &outstanding, 0, 3));
        end();
        EXPECT(upper.completions == 31);
    }
}

/* Also where its packet is still to come, the routine has been queued when the call returns. */
static void routines_at_once_with_a_packet(void)
{
    WSAOVERLAPPED overlapped = {0};
    INT error = 0;
    begin();
    upper.no_skip = true;
    next.bytes = 14;
    memset(&routine_call, 0, sizeof(routine_call));
    for (LONG i = 0; tap_good && i < 200; i++) {
        SOCKET before = s;
        s = open_socket(WSA_FLAG_OVERLAPPED); /* with nothing outstanding */
        next.yield = i % 2 == 0;
        EXPECT(receive_by_routine(&overlapped, &error) == 0 && upper.apcs == i + 1);
        if (i % 4 < 2) /* before or after its packet */
            next_packet(next_last(), next.below, 14);
        EXPECT(SleepEx(0, TRUE) == WAIT_IO_COMPLETION && routine_call.count == i + 1 && routine_call.bytes == 14);
        EXPECT(procs.lpWSPCloseSocket(s, &error) == 0);
        s = before;
    }
    end();
    EXPECT(upper.apcs == 200 && routine_call.count == 200 && upper.completions == 0);
}

/* --- closing --- */

static void closing_with_operations_outstanding(void)
{
    WSAOVERLAPPED overlapped[3] = {{0}};
    DWORD bytes = 0, flags = 0;
    INT error = 0;
    begin();
    next.answer = NEXT_PENDING;
    receive_on(s, &overlapped[0], &bytes, &flags, &error);
    receive_on(s, &overlapped[1], &bytes, &flags, &error);
    send_on(s, &overlapped[2], &bytes, &error);
    EXPECT(procs.lpWSPCloseSocket(s, &error) == 0 && next.closed == below);
    EXPECT(upper_wait(3));
    for (int i = 0; i < 3; i++)
        EXPECT(upper.completion[i].s == s && upper.completion[i].error == WSA_OPERATION_ABORTED);
    /* Only then the handle is closed; `wrong` counts what is announced on a closed one. */
    EXPECT(upper_wait_for(&upper.closed, 1) && !upper_is_open(s));
    EXPECT(receive_on(s, &overlapped[0], &bytes, &flags, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
    end();
    EXPECT(upper.completions == 3);
}

/* The program has closed the handle that it was given: a completion is told on the one that it uses. */
static void a_duplicate_that_is_alone(void)
{
    enum { ALIAS = 0x7770 };
    WSAOVERLAPPED overlapped[2] = {{0}};
    DWORD bytes = 0, flags = 0;
    INT error = 0;
    begin();
    upper.alias = ALIAS;
    upper.alias_of = s;
    upper.alias_alone = true;
    EXPECT(send_on(ALIAS, &overlapped[0], &bytes, &error) == 0 && announced(0, ALIAS, &overlapped[0], 0, bytes));
    next.answer = NEXT_PENDING;
    receive_on(ALIAS, &overlapped[1], &bytes, &flags, &error);
    next.close_error = WSAEWOULDBLOCK;
    EXPECT(procs.lpWSPCloseSocket(ALIAS, &error) == SOCKET_ERROR && error == WSAEWOULDBLOCK);
    next.close_error = 0;
    EXPECT(procs.lpWSPListen(ALIAS, 0, &error) == 0);
    EXPECT(procs.lpWSPCloseSocket(ALIAS, &error) == 0 && upper_wait_for(&upper.closed, 1));
    EXPECT(announced(1, ALIAS, &overlapped[1], WSA_OPERATION_ABORTED, 0) && upper.closed_handle == ALIAS);
    end();
}

/* Its packet is looked at when the socket has been closed: what it has received is the program's all the same. */
static void ended_before_closing(void)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes, flags = 0;
    INT error = 0;
    begin();
    next.answer = NEXT_PENDING;
    next.forgets = true;
    receive_on(s, &overlapped, &bytes, &flags, &error);
    EXPECT(next_complete(next.below, 0, 5, 0) && announced(0, s, &overlapped, 0, 5));
    receive_on(s, &overlapped, &bytes, &flags, &error);
    EXPECT(next_complete(next.below, WSA_OPERATION_ABORTED, 0, 0) &&
           announced(1, s, &overlapped, WSA_OPERATION_ABORTED, 0));
    end();
}

/* "WSAEWOULDBLOCK: the socket is marked as nonblocking, and the linger interval is nonzero". */
static void closing_that_would_block(void)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes, flags = 0;
    INT error = 0;
    begin();
    next.answer = NEXT_PENDING;
    receive_on(s, &overlapped, &bytes, &flags, &error);
    WSAOVERLAPPED *operation = next.below;
    next.close_error = WSAEWOULDBLOCK;
    EXPECT(procs.lpWSPCloseSocket(s, &error) == SOCKET_ERROR && error == WSAEWOULDBLOCK && upper_is_open(s));
    next.close_error = 0;
    EXPECT(procs.lpWSPListen(s, 0, &error) == 0);
    EXPECT(next_complete(operation, 0, 1, 0) && announced(0, s, &overlapped, 0, 1));
    EXPECT(procs.lpWSPCloseSocket(s, &error) == 0 && upper_wait_for(&upper.closed, 1));
    EXPECT(procs.lpWSPCloseSocket(s, &error) == SOCKET_ERROR && error == WSAENOTSOCK && next.closes == 1);
    end();
}

static void cleanup_with_operations_outstanding(void)
{
    static WSAOVERLAPPED overlapped[MANY];
    DWORD bytes, flags = 0;
    INT error = 0;
    begin();
    next.answer = NEXT_PENDING;
    for (int i = 0; i < MANY; i++) {
        SOCKET one = i % 2 == 0 ? s : open_socket(WSA_FLAG_OVERLAPPED);
        overlapped[i] = (WSAOVERLAPPED){0};
        receive_on(one, &overlapped[i], &bytes, &flags, &error);
    }
    end();
    EXPECT(upper.completions == MANY);
    for (int i = 0; i < MANY; i++)
        EXPECT(upper.completion[i].error == WSA_OPERATION_ABORTED);
}

/* Each announced once, though the socket is closed by one thread while others begin and end operations on it. */
static volatile LONG started, hammered;

static DWORD WINAPI hammer(void *context)
{
    WSAOVERLAPPED *own = context;
    DWORD bytes, flags = 0;
    INT error = 0;
    for (int i = 0; i < 40 && error != WSAENOTSOCK; i++) {
        own[i] = (WSAOVERLAPPED){0};
        if (receive_on(s, &own[i], &bytes, &flags, &error) == 0 || error == WSA_IO_PENDING)
            InterlockedIncrement(&started);
        InterlockedIncrement(&hammered);
    }
    return 0;
}

static void closing_under_the_feet_of_others(void)
{
    static WSAOVERLAPPED own[4][40];
    HANDLE threads[4];
    INT error;
    for (int round = 0; round < 20; round++) {
        begin();
        started = hammered = 0;
        next.answer = round % 2 == 0 ? NEXT_PENDING : NEXT_AT_ONCE;
        for (int i = 0; i < 4; i++)
            threads[i] = CreateThread(NULL, 0, hammer, own[i], 0, NULL);
        upper_wait_for(&hammered, 20);
        EXPECT(procs.lpWSPCloseSocket(s, &error) == 0);
        WaitForMultipleObjects(4, threads, TRUE, INFINITE);
        for (int i = 0; i < 4; i++)
            CloseHandle(threads[i]);
        EXPECT(upper_wait(started) && upper_wait_for(&upper.closed, 1));
        end();
        EXPECT(upper.completions == started);
    }
}

/* A handle that another thread closes is its own socket or none: the slot behind it is used again at once, for sockets
 * that the calls must not reach. The next provider is told by the backlog which one is meant, and counts the others. */
enum { LIVES = 3000, CALLERS = 3 };
static volatile LONG born, called;
static SOCKET life[LIVES];

static DWORD WINAPI call_until_closed(void *context)
{
    (void)context;
    for (LONG i = 0; i < LIVES; i++) {
        INT error = 0;
        while (born <= i)
            YieldProcessor();
        while (error != WSAENOTSOCK) {
            procs.lpWSPListen(life[i], i + 1, &error); /* `s` is number 0 */
            InterlockedIncrement(&called);
        }
    }
    return 0;
}

static void stale_while_others_close(void)
{
    HANDLE threads[CALLERS];
    INT error;
    begin();
    born = called = 0;
    for (int i = 0; i < CALLERS; i++)
        threads[i] = CreateThread(NULL, 0, call_until_closed, NULL, 0, NULL);
    for (LONG i = 0; i < LIVES; i++) {
        LONG calls = called;
        life[i] = open_socket(0);
        InterlockedIncrement(&born);
        for (int spin = 0; spin < 2000 && called == calls; spin++)
            YieldProcessor();
        EXPECT(procs.lpWSPCloseSocket(life[i], &error) == 0);
    }
    WaitForMultipleObjects(CALLERS, threads, TRUE, INFINITE);
    for (int i = 0; i < CALLERS; i++)
        CloseHandle(threads[i]);
    EXPECT(next.wrong == 0);
    end();
}

/* --- AcceptEx and DisconnectEx --- */

static void both_sockets_of_accept_ex(void)
{
    static const GUID id = WSAID_ACCEPTEX;
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes;
    INT error;
    begin();
    SOCKET accepted = open_socket(WSA_FLAG_OVERLAPPED), accepted_below = next_last();
    LPFN_ACCEPTEX accept = (LPFN_ACCEPTEX)extension(s, &id);
    next.answer = NEXT_PENDING;
    EXPECT(!accept(s, accepted, data, 0, 32, 32, &bytes, &overlapped) && GetLastError() == ERROR_IO_PENDING);
    EXPECT(next.s == below && next.other == accepted_below);
    /* The accepted socket's handle has to stay until the operation is over. */
    EXPECT(procs.lpWSPCloseSocket(accepted, &error) == 0 && upper_is_open(accepted));
    EXPECT(next_complete(next.below, WSA_OPERATION_ABORTED, 0, 0) && upper_wait_for(&upper.closed, 1));
    EXPECT(!upper_is_open(accepted) && announced(0, s, &overlapped, WSA_OPERATION_ABORTED, 0));
    LONG calls = next.calls;
    EXPECT(!accept(s, accepted, data, 0, 32, 32, &bytes, &overlapped) && GetLastError() == WSAENOTSOCK);
    EXPECT(!accept(accepted, s, data, 0, 32, 32, &bytes, &overlapped) && GetLastError() == WSAENOTSOCK);
    EXPECT(next.calls == calls);
    end();
}

static void disconnect_ex_is_told_by_an_event(void)
{
    static const GUID id = WSAID_DISCONNECTEX;
    WSAOVERLAPPED overlapped = {0};
    begin();
    LPFN_DISCONNECTEX disconnect = (LPFN_DISCONNECTEX)extension(s, &id);
    next.answer = NEXT_PENDING;
    EXPECT(!disconnect(s, &overlapped, TF_REUSE_SOCKET, 0) && GetLastError() == ERROR_IO_PENDING);
    EXPECT(next.below->hEvent != NULL && next_complete(next.below, 0, 0, 0) && announced(0, s, &overlapped, 0, 0));
    end();
}

/* --- WSPSelect --- */

enum { IN_SET = 300, MEMBER = NEXT_FIRST + 4 /* below; `s` is before them */ };

struct big_set {
    u_int count;
    SOCKET array[IN_SET];
};

static struct big_set seen[3], answer;
static bool select_fails;

/* Keeps the sets that came down, and answers the first one. */
static int WSPAPI select_below(int count, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout,
                               INT *error)
{
    fd_set *const sets[] = {read, write, except};
    (void)count, (void)timeout;
    for (int i = 0; i < 3; i++) {
        seen[i].count = sets[i] == NULL ? IN_SET + 1 : sets[i]->fd_count;
        if (sets[i] != NULL)
            memcpy(seen[i].array, sets[i]->fd_array, sets[i]->fd_count * sizeof(SOCKET));
    }
    memcpy(read, &answer, offsetof(struct big_set, array) + answer.count * sizeof(SOCKET));
    if (select_fails)
        *error = WSAENOTSOCK;
    return select_fails ? SOCKET_ERROR : (int)answer.count;
}

static SOCKET member[IN_SET];

static void begin_select(void)
{
    begin();
    next.select = select_below;
    for (int i = 0; i < IN_SET; i++)
        member[i] = open_socket(0);
}

static void sets_are_translated(void)
{
    INT error;
    begin_select();
    /* Mixed with another provider's, and one of them twice. */
    struct big_set read = {5, {member[0], 0x7770, member[2], member[0], member[3]}}, write = {1, {member[4]}};
    answer = (struct big_set){3, {0x7770, MEMBER, MEMBER + 12}};
    EXPECT(procs.lpWSPSelect(0, (fd_set *)&read, (fd_set *)&write, NULL, NULL, &error) == 3);
    EXPECT(seen[0].count == 5 && seen[0].array[0] == MEMBER && seen[0].array[1] == 0x7770 &&
           seen[0].array[2] == MEMBER + 8 && seen[0].array[3] == MEMBER && seen[0].array[4] == MEMBER + 12);
    EXPECT(seen[1].count == 1 && seen[1].array[0] == MEMBER + 16 && seen[2].count == IN_SET + 1);
    bool has[5] = {false};
    for (u_int i = 0; i < read.count; i++)
        for (int j = 0; j < 5; j++)
            has[j] = has[j] || read.array[i] == (j == 1 ? 0x7770 : member[j]);
    EXPECT(has[0] && has[1] && !has[2] && has[3]);
    end();
}

/* A handle is in a result once; two sets of the program's that are one get what either has; and the number is that of
 * what is there. Also where select fails: a set is left as the next provider has left it. */
static void sets_that_overlap(void)
{
    INT error = 0;
    begin_select();
    struct big_set read = {4, {member[0], member[1], member[0], member[0]}}, write = {1, {member[4]}};
    answer = (struct big_set){2, {MEMBER, MEMBER + 4}};
    EXPECT(procs.lpWSPSelect(0, (fd_set *)&read, (fd_set *)&write, NULL, NULL, &error) == 2);
    EXPECT(read.count == 2 && read.array[0] == member[0] && read.array[1] == member[1] && write.count == 1);
    read = (struct big_set){3, {member[0], member[1], member[2]}};
    answer = (struct big_set){1, {MEMBER + 4}};
    /* The second set comes back with all three. */
    EXPECT(procs.lpWSPSelect(0, (fd_set *)&read, (fd_set *)&read, NULL, NULL, &error) == 0);
    EXPECT(read.count == 3 && read.array[0] == member[1] && read.array[1] == member[0] && read.array[2] == member[2]);
    select_fails = true;
    answer.count = 0;
    EXPECT(procs.lpWSPSelect(0, (fd_set *)&read, (fd_set *)&write, NULL, NULL, &error) == SOCKET_ERROR);
    EXPECT(error == WSAENOTSOCK && read.count == 0 && write.count == 1 && write.array[0] == member[4]);
    select_fails = false;
    end();
}

static void large_sets(void)
{
    INT error;
    struct big_set read = {.count = IN_SET};
    begin_select();
    memcpy(read.array, member, sizeof(member));
    /* Every third, from the last to the first: the next provider need not keep the order. */
    answer.count = 0;
    for (int i = IN_SET - 1; i >= 0; i -= 3)
        answer.array[answer.count++] = MEMBER + 4 * (SOCKET)i;
    EXPECT(procs.lpWSPSelect(0, (fd_set *)&read, NULL, NULL, NULL, &error) == IN_SET / 3);
    EXPECT(seen[0].count == IN_SET && read.count == IN_SET / 3);
    for (u_int i = 0; i < read.count; i++)
        EXPECT(read.array[i] == member[3 * i + 2]);
    read.count = IN_SET;
    part.allow = 0;
    EXPECT(procs.lpWSPSelect(0, (fd_set *)&read, NULL, NULL, NULL, &error) == SOCKET_ERROR && error == WSAENOBUFS);
    part.allow = -1;
    end();
}

static void sets_without_a_socket_of_ours(void)
{
    INT error;
    struct big_set strange = {1, {0x7770}};
    begin();
    LONG calls = next.calls;
    next.select = select_below;
    EXPECT(procs.lpWSPSelect(0, (fd_set *)&strange, NULL, NULL, NULL, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
    EXPECT(procs.lpWSPSelect(0, NULL, NULL, NULL, NULL, &error) == SOCKET_ERROR && error == WSAEINVAL);
    EXPECT(next.calls == calls);
    end();
}

/* --- under no lock --- */

static SOCKET other_socket;
static WSAOVERLAPPED other_overlapped, *other_below;

static DWORD WINAPI receive_on_other(void *unused)
{
    DWORD bytes, flags = 0;
    INT error = 0;
    (void)unused;
    return receive_on(other_socket, &other_overlapped, &bytes, &flags, &error) == SOCKET_ERROR ? (DWORD)error : 0;
}

static DWORD other_result;

/* On a thread of its own, which holds nothing that the calling one may wait for. */
static void another_receives(void)
{
    upper.starting = upper.asking = NULL;
    other_result = STILL_ACTIVE;
    HANDLE other = CreateThread(NULL, 0, receive_on_other, NULL, 0, NULL);
    WaitForSingleObject(other, 20000);
    GetExitCodeThread(other, &other_result);
    CloseHandle(other);
    other_below = next.below;
}

/* Both are announced, whoever was first. */
static void receive_both(void)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes, flags = 0;
    INT error = 0;
    memset(&other_overlapped, 0, sizeof(other_overlapped));
    next.answer = NEXT_PENDING;
    EXPECT(receive_on(s, &overlapped, &bytes, &flags, &error) == SOCKET_ERROR && error == WSA_IO_PENDING);
    EXPECT(other_result == WSA_IO_PENDING);
    EXPECT(other_below != NULL && next_complete(other_below, 0, 5, 0) &&
           announced(0, other_socket, &other_overlapped, 0, 5));
    EXPECT(next_complete(next.below, 0, 6, 0) && announced(1, s, &overlapped, 0, 6));
}

/* A thread begins with the loader's lock, which another one may hold that comes here (DllMain): it is not kept out, but
 * has one started of its own, and one of the two ends again. */
static void service_threads_are_started_under_no_lock(void)
{
    begin();
    other_socket = s;
    upper.starting = another_receives;
    receive_both();
    EXPECT(upper.threads == 2);
    end();
}

/* And so the loader is asked for a function of kernel32's. */
static void the_loader_is_asked_under_no_lock(void)
{
    begin();
    other_socket = open_socket(WSA_FLAG_OVERLAPPED);
    upper.asking = another_receives;
    receive_both();
    end();
}

int main(void)
{
    part_load();
    upper_install();
    thread.ThreadHandle = OpenThread(THREAD_SET_CONTEXT, FALSE, GetCurrentThreadId());
    RUN(at_once);
    RUN(at_once_with_a_packet);
    RUN(a_late_packet);
    RUN(later_with_the_call_under_way);
    RUN(later);
    RUN(later_in_failure);
    RUN(refused);
    RUN(refused_with_counts);
    RUN(cut_off_at_once);
    RUN(sent_from_an_offset);
    RUN(not_an_overlapped_socket);
    RUN(the_array_is_copied);
    RUN(order_is_kept);
    RUN(waiting_for_the_result);
    RUN(routines_run_on_the_calling_thread);
    RUN(no_apc);
    RUN(routines_of_extension_functions);
    RUN(no_completion_upcall);
    RUN(no_threads_before_the_first_operation);
    RUN(no_service_threads);
    RUN(service_threads_are_started_under_no_lock);
    RUN(the_loader_is_asked_under_no_lock);
    RUN(a_socket_that_cannot_be_attached);
    RUN(events_in_any_order);
    RUN(no_memory);
    RUN(no_allocation_once_warm);
    RUN(unexpected_packets);
    RUN(unexpected_packets_of_earlier_uses);
    RUN(unexpected_packets_that_are_long_on_their_way);
    RUN(unexpected_packets_of_failures);
    RUN(datagrams_are_not_skipped);
    RUN(commands_at_once);
    RUN(commands_between_others);
    RUN(commands_later);
    RUN(commands_by_routine);
    RUN(commands_that_fail);
    RUN(the_extension_query);
    RUN(routines_at_once_with_a_packet);
    RUN(closing_with_operations_outstanding);
    RUN(a_duplicate_that_is_alone);
    RUN(ended_before_closing);
    RUN(closing_that_would_block);
    RUN(cleanup_with_operations_outstanding);
    RUN(closing_under_the_feet_of_others);
    RUN(stale_while_others_close);
    RUN(both_sockets_of_accept_ex);
    RUN(disconnect_ex_is_told_by_an_event);
    RUN(sets_are_translated);
    RUN(sets_that_overlap);
    RUN(large_sets);
    RUN(sets_without_a_socket_of_ours);
    return tap_end();
}
