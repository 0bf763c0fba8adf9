/* WSAProviderConfigChange: waiting for the next change of the private catalog by any process of the run. */
#include "wsc.h"

#include <stdlib.h>

#include "lsp-core/win/lock.h"
#include "lsp-core/host/api/startup.h"
#include "part.h"

#define POLL_PAUSE     100 /* ms, where a run in memory leaves nothing else; see catalog_store_watch */
#define STATUS_SUCCESS 0

/* All notification handles are duplicates of one event that is never set. */
static SRWLOCK marker_lock = SRWLOCK_INIT;
static HANDLE marker;

static HANDLE marker_get(void)
{
    lock_exclusive(&marker_lock);
    if (marker == NULL)
        marker = CreateEventW(NULL, TRUE, FALSE, NULL);
    unlock_exclusive(&marker_lock);
    return marker;
}

static int give_handle(HANDLE *to)
{
    HANDLE copy;
    if (marker_get() == NULL ||
        !DuplicateHandle(GetCurrentProcess(), marker, GetCurrentProcess(), &copy, SYNCHRONIZE, FALSE, 0))
        return WSA_NOT_ENOUGH_MEMORY;
    if (wsc_write(to, &copy, sizeof copy))
        return 0;
    CloseHandle(copy);
    return WSAEFAULT;
}

/* CompareObjectHandles is new in Windows 10; before, any open handle passes for one. */
static bool is_notification_handle(HANDLE handle)
{
    static BOOL(WINAPI * compare)(HANDLE, HANDLE);
    DWORD flags;
    if (compare == NULL)
        compare = (BOOL(WINAPI *)(HANDLE, HANDLE))(void (*)(void))GetProcAddress(GetModuleHandleW(L"kernelbase.dll"),
                                                                                 "CompareObjectHandles");
    if (marker_get() == NULL)
        return false;
    return compare != NULL ? compare(handle, marker) : GetHandleInformation(handle, &flags);
}

/* One overlapped call under way. */
struct pending {
    OVERLAPPED *overlapped;
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine; /* NULL: the overlapped structure's event */
    HANDLE thread;                              /* that gets the routine */
    struct private_catalog_watch watch;
    HANDLE wait;
};

/* Held until `wait` is set: a wait may be over before. */
static SRWLOCK pending_lock = SRWLOCK_INIT;

static void discard(struct pending *pending)
{
    if (pending->thread != NULL)
        CloseHandle(pending->thread);
    if (pending->watch.event != NULL)
        CloseHandle(pending->watch.event);
    free(pending);
}

static void CALLBACK run_routine(ULONG_PTR parameter)
{
    struct pending *pending = (struct pending *)parameter;
    pending->routine(0, 0, pending->overlapped, 0);
    discard(pending);
}

static void complete(struct pending *pending)
{
    OVERLAPPED *overlapped = pending->overlapped;
    struct wsplsp_error error;
    private_catalog_refresh(&error); /* the program is going to look what has changed */
    overlapped->InternalHigh = 0;
    InterlockedExchangePointer((void **)&overlapped->Internal, STATUS_SUCCESS);
    if (pending->routine != NULL) {
        if (QueueUserAPC(run_routine, pending->thread, (ULONG_PTR)pending) == 0)
            discard(pending); /* the thread has ended */
        return;
    }
    /* "GetQueuedCompletionStatus": the lowest bit says something about completion ports only. */
    HANDLE event = (HANDLE)((ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1);
    discard(pending);
    if (event != NULL)
        SetEvent(event);
}

static bool start_waiting(struct pending *pending);

/* In the thread pool: when the watch's event is set, or after POLL_PAUSE where there is none. */
static void CALLBACK woken(void *context, BOOLEAN timed_out)
{
    struct pending *pending = context;
    (void)timed_out;
    lock_exclusive(&pending_lock);
    HANDLE wait = pending->wait;
    unlock_exclusive(&pending_lock);
    UnregisterWait(wait);
    /* Where the thread pool gives out, a notification too many is better than none. */
    if (private_catalog_changed(&pending->watch) || !start_waiting(pending))
        complete(pending);
}

/* Afterwards `pending` may be gone. */
static bool start_waiting(struct pending *pending)
{
    bool poll = pending->watch.event == NULL;
    lock_exclusive(&pending_lock);
    bool started = RegisterWaitForSingleObject(&pending->wait, poll ? marker : pending->watch.event, woken, pending,
                                               poll ? POLL_PAUSE : INFINITE, WT_EXECUTEONLYONCE);
    unlock_exclusive(&pending_lock);
    return started;
}

static int begin(OVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct wsplsp_error error;
    struct pending *pending = calloc(1, sizeof *pending);
    if (pending == NULL)
        return WSA_NOT_ENOUGH_MEMORY;
    pending->overlapped = overlapped;
    pending->routine = routine;
    bool ready = routine == NULL || DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(),
                                                    &pending->thread, THREAD_SET_CONTEXT, FALSE, 0);
    if (ready && private_catalog_watch(&pending->watch, &error) == WSPLSP_OK) {
        overlapped->Internal = (ULONG_PTR)STATUS_PENDING;
        if (routine == NULL && overlapped->hEvent != NULL)
            ResetEvent((HANDLE)((ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1));
        if (start_waiting(pending))
            return WSA_IO_PENDING;
    }
    discard(pending);
    return WSA_NOT_ENOUGH_MEMORY;
}

static int wait_here(void)
{
    struct private_catalog_watch watch;
    struct wsplsp_error error;
    if (private_catalog_watch(&watch, &error) != WSPLSP_OK)
        return WSA_NOT_ENOUGH_MEMORY;
    while (!private_catalog_changed(&watch))
        WaitForSingleObject(watch.event != NULL ? watch.event : marker_get(),
                            watch.event != NULL ? INFINITE : POLL_PAUSE);
    if (watch.event != NULL)
        CloseHandle(watch.event);
    private_catalog_refresh(&error);
    return 0;
}

int WSAAPI wsc_WSAProviderConfigChange(HANDLE *notification, OVERLAPPED *overlapped,
                                       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    HANDLE handle;
    if (!startup_done())
        return wsc_last_error(WSANOTINITIALISED);
    if (!wsc_read(&handle, notification, sizeof handle))
        return wsc_last_error(WSAEFAULT);
    if (handle == NULL)
        return wsc_last_error(give_handle(notification));
    if (!is_notification_handle(handle))
        return wsc_last_error(WSA_INVALID_HANDLE);
    if (overlapped == NULL)
        return wsc_last_error(wait_here());
    if (!wsc_can_write(&overlapped->Internal, sizeof overlapped->Internal))
        return wsc_last_error(WSAEFAULT);
    return wsc_last_error(begin(overlapped, routine));
}
