/* kernel32's file functions on the handles that WPUCreateSocketHandle gave out; see handle_io.h. Each begins with the
 * test whether the handle is one; all others go straight on to the system. GetFileType and SetHandleInformation are not
 * here: the kernel's answers are right already. */
#include "handle_io.h"

#include "api.h"
#include "call.h"
#include "lsp-core/base/cancel_code.h"
#include "lsp-core/host/handles/handles.h"
#include "lsp-core/host/handles/io_routine.h"
#include "lsp-core/host/handles/io_status.h"
#include "lsp-core/host/handles/ports.h"

/* clang-format off */
#define IO_FUNCTIONS(X) \
    X(ReadFile) X(WriteFile) X(ReadFileEx) X(WriteFileEx) X(GetOverlappedResult) X(GetOverlappedResultEx) \
    X(CancelIo) X(CancelIoEx) X(CreateIoCompletionPort) X(SetFileCompletionNotificationModes) X(DuplicateHandle) \
    X(CloseHandle)
/* clang-format on */

/* Each has the type of the one that it stands for. */
#define IO_PROTOTYPE(name) static __typeof__(name) io_##name;
IO_FUNCTIONS(IO_PROTOTYPE)
#undef IO_PROTOTYPE

/* Windows 8; linked to, it would keep the host from loading on Windows 7. */
static __typeof__(GetOverlappedResultEx) *real_GetOverlappedResultEx;

void handle_io_load(void)
{
    HMODULE kernel = GetModuleHandleW(L"kernel32.dll");
    *(void **)&real_GetOverlappedResultEx = (void *)GetProcAddress(kernel, "GetOverlappedResultEx");
}

/* The kernel doesn't look at the two lowest bits of a handle, which programs may use for themselves. */
static SOCKET socket_of(HANDLE handle)
{
    return (SOCKET)handle & ~(SOCKET)3;
}

static bool fail(DWORD error)
{
    SetLastError(error);
    return false;
}

/* Ends a call as kernel32 does: with a Win32 error, not Winsock's. */
static bool end(struct call *call, bool failed)
{
    call->error = failed ? (INT)io_status_win32((DWORD)call->error) : call->error;
    call_end(call, failed);
    return !failed;
}

static bool begin(struct call *call, HANDLE handle)
{
    return call_begin(call, socket_of(handle)) || fail(io_status_win32(GetLastError()));
}

struct transfer {
    bool sending;
    HANDLE handle;
    WSABUF buffer;
    DWORD *done; /* may be NULL */
    OVERLAPPED *overlapped;
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
};

/* "redirecting the file system functions ReadFile and WriteFile to this service provider's WSPRecv and WSPSend"
 * (WPUCreateSocketHandle). True, or false with the last error, ERROR_IO_PENDING among them. */
static bool run(const struct transfer *transfer)
{
    struct call call;
    WSABUF buffer = transfer->buffer;
    OVERLAPPED *overlapped = transfer->overlapped;
    DWORD bytes = 0;
    DWORD flags = 0;
    if (!begin(&call, transfer->handle))
        return false;
    /* ReadFile: "the event … is set to the nonsignaled state" when the operation begins. */
    uintptr_t event = overlapped == NULL || transfer->routine != NULL ? 0 : (uintptr_t)overlapped->hEvent;
    bool tells_by_file = overlapped != NULL && transfer->routine == NULL && (event & ~(uintptr_t)1) == 0;
    const WSPPROC_TABLE *procs = &call.provider->procs;
    SOCKET s = socket_of(transfer->handle);
    if ((event & ~(uintptr_t)1) != 0)
        ResetEvent((HANDLE)(event & ~(uintptr_t)1));
    else if (tells_by_file)
        handles_begin(s);
    int result = transfer->sending ? procs->lpWSPSend(s, &buffer, 1, &bytes, 0, overlapped, transfer->routine,
                                                      &call.thread->id, &call.error)
                                   : procs->lpWSPRecv(s, &buffer, 1, &bytes, &flags, overlapped, transfer->routine,
                                                      &call.thread->id, &call.error);
    if (tells_by_file && (result == 0 || call.error != WSA_IO_PENDING))
        handles_end(s);
    if (result == 0 && transfer->done != NULL)
        *transfer->done = bytes;
    if (result == 0 && (flags & MSG_PARTIAL) != 0) {
        call.error = WSAEMSGSIZE;
        result = SOCKET_ERROR;
    }
    return end(&call, result == SOCKET_ERROR);
}

/* ReadFile: the count is set to zero before anything is done or checked, and may be absent from an overlapped call. */
static bool run_with_count(const struct transfer *transfer)
{
    if (transfer->done != NULL)
        *transfer->done = 0;
    else if (transfer->overlapped == NULL)
        return fail(ERROR_INVALID_PARAMETER);
    return run(transfer);
}

static WINBOOL WINAPI io_ReadFile(HANDLE handle, void *buffer, DWORD size, DWORD *done, OVERLAPPED *overlapped)
{
    if (!handles_ours(handle))
        return ReadFile(handle, buffer, size, done, overlapped);
    return run_with_count(&(struct transfer){false, handle, {size, buffer}, done, overlapped, NULL});
}

static WINBOOL WINAPI io_WriteFile(HANDLE handle, const void *buffer, DWORD size, DWORD *done, OVERLAPPED *overlapped)
{
    if (!handles_ours(handle))
        return WriteFile(handle, buffer, size, done, overlapped);
    return run_with_count(&(struct transfer){true, handle, {size, (char *)buffer}, done, overlapped, NULL});
}

/* A transfer with the program's completion routine, which wants fewer parameters and other errors than Winsock's. Such
 * a call succeeds when it has begun. */
static bool run_with_routine(struct transfer *transfer, LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    if (transfer->overlapped == NULL || routine == NULL)
        return fail(ERROR_INVALID_PARAMETER);
    if (!io_routine_add(transfer->overlapped, routine))
        return fail(ERROR_NOT_ENOUGH_MEMORY);
    transfer->routine = io_routine_completed;
    if (run(transfer) || GetLastError() == ERROR_IO_PENDING)
        return true;
    io_routine_remove(transfer->overlapped);
    return false;
}

static WINBOOL WINAPI io_ReadFileEx(HANDLE handle, void *buffer, DWORD size, OVERLAPPED *overlapped,
                                    LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    if (!handles_ours(handle))
        return ReadFileEx(handle, buffer, size, overlapped, routine);
    return run_with_routine(&(struct transfer){false, handle, {size, buffer}, NULL, overlapped, NULL}, routine);
}

static WINBOOL WINAPI io_WriteFileEx(HANDLE handle, const void *buffer, DWORD size, OVERLAPPED *overlapped,
                                     LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    if (!handles_ours(handle))
        return WriteFileEx(handle, buffer, size, overlapped, routine);
    return run_with_routine(&(struct transfer){true, handle, {size, (char *)buffer}, NULL, overlapped, NULL}, routine);
}

/* What has ended the structure alone tells, also when its socket has been closed: the handle stays until the last
 * operation has. */
static bool get_result(HANDLE handle, OVERLAPPED *overlapped, DWORD *bytes, bool wait)
{
    struct call call;
    DWORD flags = 0;
    if (!begin(&call, handle))
        return HasOverlappedIoCompleted(overlapped) && GetOverlappedResult(handle, overlapped, bytes, FALSE);
    bool done =
        call.provider->procs.lpWSPGetOverlappedResult(socket_of(handle), overlapped, bytes, wait, &flags, &call.error);
    if (done && (flags & MSG_PARTIAL) != 0) {
        call.error = WSAEMSGSIZE;
        done = false;
    }
    return end(&call, !done);
}

/* Without an event there is nothing to wait for but the structure itself: the kernel would signal the file, which
 * knows nothing of the operation (WPUCompleteOverlappedRequest). */
static DWORD wait_without_event(const OVERLAPPED *overlapped, DWORD timeout, bool alertable)
{
    ULONGLONG start = GetTickCount64();
    while (!HasOverlappedIoCompleted(overlapped)) {
        if (GetTickCount64() - start >= timeout && timeout != INFINITE)
            return WAIT_TIMEOUT;
        if (SleepEx(1, alertable) == WAIT_IO_COMPLETION)
            return WAIT_IO_COMPLETION;
    }
    return WAIT_OBJECT_0;
}

/* GetOverlappedResult waits for the file where there is no event; a provider has only the event to wait for
 * (WSPGetOverlappedResult). */
static WINBOOL WINAPI io_GetOverlappedResult(HANDLE handle, OVERLAPPED *overlapped, DWORD *bytes, WINBOOL wait)
{
    if (!handles_ours(handle))
        return GetOverlappedResult(handle, overlapped, bytes, wait);
    if (wait && ((uintptr_t)overlapped->hEvent & ~(uintptr_t)1) == 0)
        wait_without_event(overlapped, INFINITE, false);
    return get_result(handle, overlapped, bytes, wait != FALSE);
}

static WINBOOL WINAPI io_GetOverlappedResultEx(HANDLE handle, OVERLAPPED *overlapped, DWORD *bytes, DWORD timeout,
                                               WINBOOL alertable)
{
    DWORD waited = WAIT_OBJECT_0;
    if (!handles_ours(handle))
        return real_GetOverlappedResultEx(handle, overlapped, bytes, timeout, alertable);
    HANDLE event = (HANDLE)((uintptr_t)overlapped->hEvent & ~(uintptr_t)1);
    if (timeout != 0 && !HasOverlappedIoCompleted(overlapped))
        waited = event == NULL ? wait_without_event(overlapped, timeout, alertable != FALSE)
                               : WaitForSingleObjectEx(event, timeout, alertable);
    if (waited == WAIT_FAILED)
        return FALSE;
    if (waited != WAIT_OBJECT_0)
        return fail(waited); /* WAIT_TIMEOUT and WAIT_IO_COMPLETION are the errors, too */
    return get_result(handle, overlapped, bytes, false);
}

/* The handle that the operations really run on. The SPI has no function to cancel them, so that is where it is done;
 * the layers above see them end with WSA_OPERATION_ABORTED, and report so. */
static bool base_handle(HANDLE handle, HANDLE *base)
{
    struct call call;
    SOCKET found = INVALID_SOCKET;
    DWORD returned = 0;
    if (!begin(&call, handle))
        return false;
    WSATHREADID id = call.thread->id;
    int result = call.provider->procs.lpWSPIoctl(socket_of(handle), SIO_BASE_HANDLE, NULL, 0, &found, sizeof(found),
                                                 &returned, NULL, NULL, &id, &call.error);
    *base = (HANDLE)found;
    if (!end(&call, result == SOCKET_ERROR))
        return false;
    return !handles_ours(*base) || fail(ERROR_NOT_SUPPORTED);
}

static WINBOOL WINAPI io_CancelIo(HANDLE handle)
{
    HANDLE base;
    if (!handles_ours(handle))
        return CancelIo(handle);
    return base_handle(handle, &base) && CancelIo(base);
}

/* A layer of this project knows what stands for the program's structure; any other refuses the code. */
static bool cancelled_by_layer(HANDLE handle, OVERLAPPED *overlapped)
{
    struct call call;
    DWORD returned = 0;
    if (overlapped == NULL || !begin(&call, handle))
        return false;
    WSATHREADID id = call.thread->id;
    int result = call.provider->procs.lpWSPIoctl(socket_of(handle), WSPLSP_SIO_CANCEL, &overlapped, sizeof(overlapped),
                                                 NULL, 0, &returned, NULL, NULL, &id, &call.error);
    return end(&call, result == SOCKET_ERROR);
}

/* A single operation is found where its layer knows it, or where the layers have handed the program's structure down;
 * else it is CancelIoEx's ERROR_NOT_FOUND. A layer of somebody else's that passes another structure on, as
 * WPUCreateSocketHandle's page tells it to, is the only one who knows which of its own stands for the program's; there
 * is no upcall to ask it, and a guess by thread or by order would cancel another operation in a layer that queues or
 * splits requests. */
static WINBOOL WINAPI io_CancelIoEx(HANDLE handle, OVERLAPPED *overlapped)
{
    HANDLE base;
    if (!handles_ours(handle))
        return CancelIoEx(handle, overlapped);
    return cancelled_by_layer(handle, overlapped) || (base_handle(handle, &base) && CancelIoEx(base, overlapped));
}

static HANDLE WINAPI io_CreateIoCompletionPort(HANDLE handle, HANDLE port, ULONG_PTR key, DWORD threads)
{
    if (!handles_ours(handle))
        return CreateIoCompletionPort(handle, port, key, threads);
    if (handles_kept(socket_of(handle))) {
        fail(ERROR_INVALID_HANDLE);
        return NULL;
    }
    return handles_associate(socket_of(handle), port, key, threads);
}

/* The kernel keeps the mode, and its answers are right; but it sees no operation of the socket's. */
static WINBOOL WINAPI io_SetFileCompletionNotificationModes(HANDLE handle, UCHAR flags)
{
    if (handles_kept(socket_of(handle)))
        return fail(ERROR_INVALID_HANDLE);
    bool done = SetFileCompletionNotificationModes(handle, flags);
    if (done && (flags & FILE_SKIP_COMPLETION_PORT_ON_SUCCESS) != 0 && handles_ours(handle))
        handles_skip(socket_of(handle));
    return done;
}

/* The value leaves the table of sockets before the handle is closed, and comes back where that fails. */
static bool close_plainly(HANDLE handle)
{
    SOCKET s = socket_of(handle);
    void *owner = sockets_find(&sockets, s);
    bool forgotten = (uintptr_t)owner > (uintptr_t)SOCKETS_CLOSING && sockets_replace(&sockets, s, owner, NULL);
    bool closed = CloseHandle(handle);
    if (!closed && forgotten)
        sockets_replace(&sockets, s, NULL, owner);
    return closed;
}

/* Closing the last handle of a socket closes the socket; its provider then closes the handle itself. */
static bool close_socket(SOCKET s)
{
    if (api_closesocket(s) == 0)
        return true;
    DWORD error = GetLastError();
    /* Nobody the host knows of is its provider: it belongs to a layer below another, or all have been stopped. */
    if ((error == WSAENOTSOCK || error == WSANOTINITIALISED) && sockets_find(&sockets, s) == NULL && handles_close(s))
        return true;
    return fail(io_status_win32(error));
}

/* The provider is asked to close what it gave out: a duplicate is one that it need not know. */
static bool close_last_duplicate(HANDLE handle, SOCKET first)
{
    void *owner = handles_duplicate_owner(socket_of(handle));
    if (owner != NULL)
        sockets_offer(&sockets, first, owner);
    if (close_socket(first))
        return handles_ours(handle) || close_plainly(handle);
    if (owner != NULL)
        sockets_replace(&sockets, first, owner, NULL);
    return false;
}

static void forget_socket(SOCKET s)
{
    void *owner = sockets_find(&sockets, s);
    if ((uintptr_t)owner > (uintptr_t)SOCKETS_CLOSING)
        sockets_replace(&sockets, s, owner, NULL);
}

static bool close_ours(HANDLE handle)
{
    DWORD flags;
    SOCKET s = socket_of(handle), first;
    if (GetHandleInformation(handle, &flags) && (flags & HANDLE_FLAG_PROTECT_FROM_CLOSE) != 0)
        return fail(ERROR_INVALID_HANDLE);
    switch (handles_let_go(s, &first)) {
    case HANDLES_OTHERS:
        return close_plainly(handle);
    case HANDLES_KEPT:
        forget_socket(s);
        return true;
    case HANDLES_LAST:
        return first == s ? close_socket(s) : close_last_duplicate(handle, first);
    case HANDLES_CLOSED:
        break;
    }
    return fail(ERROR_INVALID_HANDLE);
}

static WINBOOL WINAPI io_CloseHandle(HANDLE handle)
{
    if (handles_ours(handle))
        return close_ours(handle);
    if (ports_known(handle))
        ports_closing(handle);
    /* A socket of the system's that is closed as a file goes past its provider, on Windows as well. */
    if (sockets_find(&sockets, (uintptr_t)handle) != NULL)
        return close_plainly(handle);
    return CloseHandle(handle);
}

static bool this_process(HANDLE process)
{
    return process == GetCurrentProcess() || GetProcessId(process) == GetCurrentProcessId();
}

/* What the host knows of a handle of this process, it knows of the copy as well; but a copy of a socket's is no socket
 * before it is used as one (call.c). */
static bool copied(HANDLE handle, HANDLE copy)
{
    if (ports_known(handle))
        ports_duplicated(handle, copy);
    if (!handles_ours(handle))
        return true;
    void *owner = sockets_find(&sockets, socket_of(handle));
    return handles_duplicated(socket_of(handle), socket_of(copy), owner == SOCKETS_CLOSING ? NULL : owner);
}

static WINBOOL WINAPI io_DuplicateHandle(HANDLE from, HANDLE handle, HANDLE to, HANDLE *target, DWORD access,
                                         WINBOOL inherit, DWORD options)
{
    bool closes = (options & DUPLICATE_CLOSE_SOURCE) != 0;
    bool known =
        handles_ours(handle) || ports_known(handle) || (closes && sockets_find(&sockets, (uintptr_t)handle) != NULL);
    HANDLE copy = NULL;
    if (!known || !this_process(from))
        return DuplicateHandle(from, handle, to, target, access, inherit, options);
    if (handles_kept(socket_of(handle)))
        return fail(ERROR_INVALID_HANDLE);
    bool done = DuplicateHandle(from, handle, to, &copy, access, inherit, options & ~(DWORD)DUPLICATE_CLOSE_SOURCE);
    if (done && to != NULL && this_process(to) && !copied(handle, copy)) {
        io_CloseHandle(copy);
        done = fail(ERROR_NOT_ENOUGH_MEMORY);
    }
    if (done && target != NULL)
        *target = copy;
    DWORD last_error = GetLastError();
    if (closes) /* "occurs regardless of any error status returned" */
        io_CloseHandle(handle);
    SetLastError(last_error);
    return done;
}

#define IO_ROW(name) {"kernel32.dll", #name, 0, (FARPROC)(void (*)(void))io_##name},

const struct redirect_export handle_io_exports[] = {IO_FUNCTIONS(IO_ROW)};
const size_t handle_io_export_count = sizeof(handle_io_exports) / sizeof(handle_io_exports[0]);
