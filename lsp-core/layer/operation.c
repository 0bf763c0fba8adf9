/* Overlapped operations; see operation.h. */
#include "operation.h"

#include <stdlib.h>

#include "filter_calls.h"
#include "filter_data.h"
#include "trace_write.h"
#include "upcall.h"
#include "worker.h"

/* Operations are used again: none is allocated once as many have been outstanding before. */
static SLIST_HEADER unused;
static _Atomic(struct operation *) made;
static atomic_long apcs;

/* Who waits in WSPGetOverlappedResult for a structure without an event. */
static struct {
    SRWLOCK lock;
    CONDITION_VARIABLE changed;
    atomic_long count;
} waiters;

enum stage { CALL_UNDER_WAY, CALL_OVER, ANNOUNCED, PACKET_HERE };

static struct operation *take(void)
{
    SLIST_ENTRY *entry = InterlockedPopEntrySList(&unused);
    if (__builtin_expect(entry != NULL, true))
        return CONTAINING_RECORD(entry, struct operation, free);
    struct operation *operation = calloc(1, sizeof(*operation));
    if (operation == NULL)
        return NULL;
    operation->buffers = operation->own_buffers;
    operation->buffer_room = OPERATION_BUFFERS;
    operation->next_made = atomic_load(&made);
    while (!atomic_compare_exchange_weak(&made, &operation->next_made, operation)) {
    }
    return operation;
}

static void put_back(struct operation *operation)
{
    free(operation->copy);
    operation->copy = NULL;
    InterlockedPushEntrySList(&unused, &operation->free);
}

static bool copy_buffers(struct operation *operation, const WSABUF *buffers, DWORD count)
{
    if (count > operation->buffer_room) {
        WSABUF *room = malloc(count * sizeof(*room));
        if (room == NULL)
            return false;
        if (operation->buffers != operation->own_buffers)
            free(operation->buffers);
        operation->buffers = room;
        operation->buffer_room = count;
    }
    for (DWORD i = 0; i < count; i++)
        operation->buffers[i] = buffers[i];
    operation->buffer_count = count;
    return true;
}

/* "The provider should store the referenced WSATHREADID structure (not the pointer to same)" (LPWSPSend). */
static int remember_thread(struct operation *operation, const struct operation_request *request, INT *error)
{
    operation->opened_thread = false;
    if (request->routine == NULL)
        return 0;
    if (request->thread != NULL) {
        operation->thread = *request->thread;
        return 0;
    }
    operation->opened_thread = true;
    return upcall_open_current_thread(&operation->thread, error);
}

static void forget_thread(struct operation *operation)
{
    INT ignored;
    if (operation->opened_thread)
        upcall_close_thread(&operation->thread, &ignored);
    operation->opened_thread = false;
}

static void release(struct operation *operation)
{
    atomic_fetch_sub(&operation->slot->data.pending[operation->direction], 1);
    if (operation->accepted != NULL)
        nonifs_let_go(operation->place, operation->accepted);
    nonifs_let_go(operation->place, operation->slot);
}

/* The last thing that is done about an operation: then WSPCleanup may free it. */
static void put_away(struct operation *operation)
{
    atomic_long *counter = operation->counter;
    release(operation);
    put_back(operation);
    calls_leave(counter);
}

/* What was found stays as it is once it is held; before, it may have been closed, and be another socket. */
static bool hold(struct operation *operation, struct nonifs_socket *socket, SOCKET accepted)
{
    struct nonifs_socket other;
    operation->accepted = NULL;
    operation->handle = socket->handle;
    if (!slot_hold(socket->slot, socket->handle))
        return false;
    operation->slot = socket->slot;
    operation->chain = socket->chain = socket->slot->owner;
    operation->next = socket->next = atomic_load_explicit(&socket->slot->next, memory_order_relaxed);
    if (accepted != 0 && nonifs_find(operation->place, accepted, &other) && slot_hold(other.slot, other.handle))
        operation->accepted = other.slot;
    if (accepted == 0 || operation->accepted != NULL)
        return true;
    nonifs_let_go(operation->place, operation->slot);
    return false;
}

/* The program's structure as the system leaves it when it takes a request. */
static void mark_pending(struct operation *operation)
{
    WSAOVERLAPPED *overlapped = operation->overlapped;
    INT ignored;
    operation->internal_before = overlapped->Internal;
    overlapped->Internal = STATUS_PENDING;
    overlapped->InternalHigh = 0;
    /* With a completion routine hEvent is the program's own. */
    if (operation->routine == NULL && overlapped->hEvent != NULL)
        upcall_reset_event((WSAEVENT)((ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1), &ignored);
}

static void describe(struct operation *operation, struct place *place, const struct operation_request *request)
{
    operation->place = place;
    operation->direction = request->direction;
    operation->overlapped = request->overlapped;
    operation->routine = request->routine;
    operation->function = request->function;
    operation->begin = trace_is_on() ? trace_time() : 0;
    operation->below = (WSAOVERLAPPED){0};
    operation->packet_to_come = false;
    operation->flags = operation->bytes = 0;
    operation->error = 0;
    operation->peeked = request->peeked;
    operation->from = request->from;
    operation->from_length = request->from_length;
    operation->address_length[0] = request->address_length[0];
    operation->address_length[1] = request->address_length[1];
}

/* What can fail, each with what it is reported as. */
static INT prepare(struct operation *operation, const struct nonifs_socket *socket,
                   const struct operation_request *request)
{
    INT error = WSAENOBUFS;
    if (!worker_attach(socket))
        return WSAEOPNOTSUPP;
    if (!copy_buffers(operation, request->buffers, request->buffer_count))
        return WSAENOBUFS;
    if (remember_thread(operation, request, &error) != 0) {
        operation->opened_thread = false;
        return error;
    }
    if (worker_expect(operation, request->by_event))
        return 0;
    forget_thread(operation);
    return WSAEOPNOTSUPP;
}

/* Zero, or an error, and then the operation is not there any more. */
static INT start(struct operation *operation, struct nonifs_socket *socket, const struct operation_request *request)
{
    if (!hold(operation, socket, request->accepted)) {
        put_back(operation);
        return WSAENOTSOCK;
    }
    operation->counter = calls_enter(&operation->place->operations);
    atomic_fetch_add(&operation->slot->data.pending[operation->direction], 1);
    INT error = prepare(operation, socket, request);
    if (error != 0)
        put_away(operation);
    return error;
}

bool operation_begin(struct operation_call *call, struct place *place, struct nonifs_socket *socket,
                     const struct operation_request *request, INT *error)
{
    DWORD last_error = GetLastError();
    struct operation *operation = take();
    INT failure = WSAENOBUFS;
    if (operation != NULL) {
        describe(operation, place, request);
        failure = start(operation, socket, request);
    }
    SetLastError(last_error);
    if (failure != 0) {
        *error = failure;
        return false;
    }
    if (operation->chain->filtered)
        operation->copy = filter_take_copy(operation->buffers, operation->buffer_count);
    mark_pending(operation);
    call->operation = operation;
    call->skips = worker_skips(operation);
    atomic_store(&operation->stage, call->skips ? CALL_OVER : CALL_UNDER_WAY);
    call->alone = atomic_load(&operation->slot->data.pending[operation->direction]) == 1;
    call->bytes = call->flags = 0;
    return true;
}

static void CALLBACK run_routine(DWORD_PTR context)
{
    struct operation *operation = (struct operation *)context;
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine = operation->routine;
    WSAOVERLAPPED *overlapped = operation->overlapped;
    DWORD error = (DWORD)operation->error, bytes = operation->bytes, flags = operation->flags;
    forget_thread(operation);
    put_back(operation);
    /* The routine may end the thread, or Winsock. */
    atomic_fetch_sub(&apcs, 1);
    routine(error, bytes, overlapped, flags);
}

/* The system's value for an error, as the next provider has left it, or any failure. */
static ULONG_PTR status_of(const struct operation *operation)
{
    if (operation->error == 0)
        return 0;
    return operation->below.Internal != 0 && operation->below.Internal != STATUS_PENDING
               ? operation->below.Internal
               : (ULONG_PTR)(0xC0000000u | (DWORD)operation->error);
}

static void wake_waiters(void)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (__builtin_expect(atomic_load(&waiters.count) == 0, true))
        return;
    AcquireSRWLockExclusive(&waiters.lock);
    ReleaseSRWLockExclusive(&waiters.lock);
    WakeAllConditionVariable(&waiters.changed);
}

/* Where Winsock does not do it, the program must not wait for ever; only its completion port gets no packet then. */
static void complete_unannounced(const struct operation *operation)
{
    WSAOVERLAPPED *overlapped = operation->overlapped;
    HANDLE event = (HANDLE)((ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1);
    overlapped->InternalHigh = operation->bytes;
    atomic_thread_fence(memory_order_release);
    overlapped->Internal = status_of(operation);
    if (event != NULL)
        SetEvent(event);
}

/* The program may give its structure back as soon as it is told, so that nothing of it is touched afterwards. Offset
 * and OffsetHigh are "reserved for use by service providers" (WSAOVERLAPPED): WSPGetOverlappedResult finds there what
 * Internal has no room for. */
static void announce(struct operation *operation)
{
    INT ignored;
    WSAOVERLAPPED *overlapped = operation->overlapped;
    bool routine = operation->routine != NULL;
    overlapped->Offset = operation->flags;
    overlapped->OffsetHigh = (DWORD)operation->error;
    if (routine) {
        overlapped->InternalHigh = operation->bytes;
        atomic_thread_fence(memory_order_release);
        overlapped->Internal = status_of(operation);
        wake_waiters();
        atomic_long *counter = operation->counter;
        atomic_fetch_add(&apcs, 1);
        release(operation);
        if (upcall_queue_apc(&operation->thread, run_routine, (DWORD_PTR)operation, &ignored) != 0) {
            atomic_fetch_sub(&apcs, 1); /* its thread has ended, and nobody waits for it */
            forget_thread(operation);
            put_back(operation);
        }
        calls_leave(counter);
    } else {
        if (upcall_complete_overlapped_request(operation->handle, overlapped, (DWORD)operation->error, operation->bytes,
                                               &ignored) != 0)
            complete_unannounced(operation);
        wake_waiters();
        if (!operation->packet_to_come || atomic_exchange(&operation->stage, ANNOUNCED) == PACKET_HERE)
            put_away(operation);
    }
}

static int take_back(struct operation *operation)
{
    worker_expect_no_more(operation);
    operation->overlapped->Internal = operation->internal_before;
    forget_thread(operation);
    put_away(operation);
    return SOCKET_ERROR;
}

/* A socket that has been closed since cannot be asked any more. What had come to its end before that is a success, as
 * the structure says; all else has been aborted. */
static void ask(struct operation *operation)
{
    INT error = 0;
    DWORD bytes = 0, flags = 0;
    if (operation->chain->next.lpWSPGetOverlappedResult(operation->next, &operation->below, &bytes, FALSE, &flags,
                                                        &error)) {
        operation->bytes = bytes;
        operation->flags = flags;
        return;
    }
    bool closed = error == WSAENOTSOCK || error == 0;
    bool succeeded = closed && operation->below.Internal == 0;
    operation->bytes = succeeded ? (DWORD)operation->below.InternalHigh : bytes;
    operation->flags = flags;
    operation->error = succeeded ? 0 : closed ? WSA_OPERATION_ABORTED : error;
}

static void finish(struct operation *operation)
{
    if (!operation->packet_known) {
        /* Only what has been received has flags. */
        if (operation->packet_succeeded && operation->direction == DIRECTION_OUT)
            operation->bytes = operation->packet_bytes;
        else
            ask(operation);
    }
    if (trace_is_on())
        trace_completion(operation->function, operation->handle, operation->chain->own_id, operation->overlapped,
                         operation->begin, operation->bytes, operation->error);
    if (operation->chain->filtered)
        filter_complete(operation);
    announce(operation);
}

/* The worker goes on with it, or has left it to this thread. */
static void call_over(struct operation_call *call)
{
    if (!call->skips && atomic_exchange(&call->operation->stage, CALL_OVER) == PACKET_HERE)
        finish(call->operation);
}

static int pending(struct operation_call *call, INT *error)
{
    *error = WSA_IO_PENDING;
    call_over(call);
    return SOCKET_ERROR;
}

/* At once, and its packet is on the way or has been there: that is what has it announced in its turn. For a routine
 * that makes no difference. */
static int at_once_by_packet(struct operation_call *call, DWORD *bytes, DWORD *flags, INT *error)
{
    if (call->operation->routine == NULL || call->operation->chain->filtered)
        return pending(call, error);
    if (bytes != NULL)
        *bytes = call->bytes;
    if (flags != NULL)
        *flags = call->flags;
    call_over(call);
    return 0;
}

/* At once: by this thread, but behind those that a worker has not announced yet. */
static int done(struct operation_call *call, DWORD *bytes, DWORD *flags, INT *error)
{
    struct operation *operation = call->operation;
    if (!call->skips && (!call->alone || operation->routine != NULL))
        return at_once_by_packet(call, bytes, flags, error);
    operation->bytes = call->bytes;
    operation->flags = call->flags;
    operation->packet_to_come = !call->skips;
    if (!call->alone && worker_post(operation))
        return pending(call, error);
    if (operation->chain->filtered)
        filter_complete(operation);
    /* Refused by the filter: only a completion can say so. */
    bool succeeded = operation->error == 0;
    if (succeeded && bytes != NULL)
        *bytes = operation->bytes;
    if (succeeded && flags != NULL)
        *flags = call->flags;
    announce(operation);
    if (!succeeded)
        *error = WSA_IO_PENDING;
    return succeeded ? 0 : SOCKET_ERROR;
}

int operation_return(struct operation_call *call, bool succeeded, DWORD *bytes, DWORD *flags, INT *error)
{
    DWORD last_error = GetLastError();
    int result = SOCKET_ERROR;
    if (succeeded)
        result = done(call, bytes, flags, error);
    else if (*error == WSA_IO_PENDING)
        call_over(call);
    else
        take_back(call->operation);
    SetLastError(last_error);
    return result;
}

void operation_complete(struct operation *operation, bool known, const DWORD *packet_bytes)
{
    operation->packet_known = known;
    operation->packet_succeeded = packet_bytes != NULL;
    operation->packet_bytes = packet_bytes == NULL ? 0 : *packet_bytes;
    int before = atomic_exchange(&operation->stage, PACKET_HERE);
    if (before == ANNOUNCED)
        put_away(operation);
    else if (before == CALL_OVER)
        finish(operation);
}

static bool is_pending(const WSAOVERLAPPED *overlapped)
{
    return *(const volatile ULONG_PTR *)&overlapped->Internal == STATUS_PENDING;
}

static void wait_without_event(const WSAOVERLAPPED *overlapped)
{
    atomic_fetch_add(&waiters.count, 1);
    AcquireSRWLockExclusive(&waiters.lock);
    while (is_pending(overlapped))
        SleepConditionVariableSRW(&waiters.changed, &waiters.lock, INFINITE, 0);
    ReleaseSRWLockExclusive(&waiters.lock);
    atomic_fetch_sub(&waiters.count, 1);
}

BOOL operation_result(WSAOVERLAPPED *overlapped, DWORD *bytes, BOOL wait, DWORD *flags, INT *error)
{
    if (overlapped == NULL || bytes == NULL || flags == NULL) {
        *error = WSAEFAULT;
        return FALSE;
    }
    if (is_pending(overlapped)) {
        HANDLE event = (HANDLE)((ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1);
        if (!wait) {
            *error = WSA_IO_INCOMPLETE;
            return FALSE;
        }
        if (event == NULL)
            wait_without_event(overlapped);
        else if (WaitForSingleObject(event, INFINITE) != WAIT_OBJECT_0) {
            *error = WSA_INVALID_HANDLE;
            return FALSE;
        }
    }
    *bytes = (DWORD)overlapped->InternalHigh;
    *flags = overlapped->Offset;
    if (overlapped->OffsetHigh == 0)
        return TRUE;
    *error = (INT)overlapped->OffsetHigh;
    return FALSE;
}

bool operation_apcs_outstanding(void)
{
    return atomic_load(&apcs) != 0;
}

void operation_free_all(void)
{
    InterlockedFlushSList(&unused);
    struct operation *operation = atomic_exchange(&made, NULL);
    while (operation != NULL) {
        struct operation *next = operation->next_made;
        if (operation->buffers != operation->own_buffers)
            free(operation->buffers);
        free(operation);
        operation = next;
    }
}
