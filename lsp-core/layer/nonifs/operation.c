/* Overlapped operations; see operation.h. */
#include "operation.h"

#include <stdlib.h>

#include "lsp-core/base/cancel_code.h"
#include "lsp-core/layer/filter/calls.h"
#include "lsp-core/layer/filter/data.h"
#include "lsp-core/layer/trace/write.h"
#include "lsp-core/layer/chain/upcall.h"
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

/* While an operation is being cancelled, none becomes another one. */
static atomic_long cancels;

/* Both the call and the worker may need an operation: who is last goes on with it.
 *
 *                          UNUSED <------------------------------------------------------------+
 *                            |                                                                 |
 *                            | C: operation_begin (describe)                                   |
 *                            v                                                                 |
 *                      CALL_UNDER_WAY -------------------------------------------------------->+
 *                            |            C: start             it could not begin              |
 *                            |            C: take_back         it failed at once               |
 *                            |            C: pending, finish   worker_has_ended said so        |
 *                            |            C: announce_at_once  it is done, and no packet comes |
 *                            |                                                                 |
 *        +-------------+-----+-------+------------------------+                                |
 *        | C: pending  | C: done     | C: announce_at_once    | (the packet comes              |
 *        v             v             v                        | before C gets there)           |
 *    CALL_OVER       POSTED      ANNOUNCED                    |                                |
 *        |             |             |                        |                                |
 *        +-------------+-----+-------+------------------------+                                |
 *                            |                                                                 |
 *                            | W: operation_complete                                           |
 *                            v                                                                 |
 *                       PACKET_HERE ---------------------------------------------------------->+
 *                                         W: finish            after CALL_OVER, POSTED
 *                                         W: put_away          after ANNOUNCED
 *                                         C: finish, put_away  after CALL_UNDER_WAY, where leave_to_worker fails
 *
 * C is the thread that makes the call, in operation_begin and operation_return. W is the socket's worker (worker.c),
 * woken by the next provider's packet or event; for POSTED, by the packet that worker_post has queued. No lock guards
 * the stage. Where both threads may change it, the compare-and-swap in leave_to_worker or operation_complete decides.
 *
 * `finish` and announce_at_once tell the program (announce): by WPUCompleteOverlappedRequest, or by WPUQueueApc where
 * there is a completion routine. In that case run_routine, an APC on the program's thread, needs the operation as well;
 * whoever is last to call let_go puts it back. Every way to UNUSED ends in put_back.
 *
 * Not in the picture: where worker_post fails, C announces the operation itself. And a packet that nobody waits for
 * (`unsure`) may lead to PACKET_HERE during a call; C then takes the operation back, announces it or posts it as if
 * there had been none. */
enum stage {
    UNUSED,
    CALL_UNDER_WAY,
    CALL_OVER, /* it is the worker's, when the next provider has completed it */
    POSTED,    /* it is done, and the worker's in its turn (worker_post) */
    ANNOUNCED, /* its packet is still to come */
    PACKET_HERE,
    STAGES = 8,
};
#define STATE_LIFE   ((unsigned)STAGES)
#define STATE_NUMBER (STATE_LIFE * OPERATION_LIVES)

static unsigned life_of(unsigned state)
{
    return state / STATE_LIFE % OPERATION_LIVES;
}

static void set_stage(struct operation *operation, enum stage stage)
{
    unsigned state = atomic_load_explicit(&operation->state, memory_order_relaxed);
    atomic_store(&operation->state, state - state % STAGES + stage);
}

/* False where its packet came while the call was under way. */
static bool leave_to_worker(struct operation *operation, enum stage stage)
{
    unsigned state = atomic_load_explicit(&operation->state, memory_order_relaxed);
    return state % STAGES == CALL_UNDER_WAY &&
           atomic_compare_exchange_strong(&operation->state, &state, state - CALL_UNDER_WAY + stage);
}

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
    for (int i = 0; i < OPERATION_LIVES; i++)
        operation->lives[i].operation = operation;
    operation->next_made = atomic_load(&made);
    while (!atomic_compare_exchange_weak(&made, &operation->next_made, operation)) {
    }
    return operation;
}

/* Either operation_cancel sees here that the operation is over, or it is seen and waited for. */
static void no_more_cancellable(struct operation *operation)
{
    atomic_store(&operation->cancellable, NULL);
    while (__builtin_expect(atomic_load(&cancels) != 0, false))
        Sleep(0);
}

static void put_back(struct operation *operation)
{
    no_more_cancellable(operation);
    free(operation->copy);
    operation->copy = NULL;
    unsigned state = atomic_load_explicit(&operation->state, memory_order_relaxed);
    unsigned life = life_of(state) + operation->unsure;
    atomic_store(&operation->state, state / STATE_NUMBER * STATE_NUMBER + life % OPERATION_LIVES * STATE_LIFE + UNUSED);
    if (life < OPERATION_LIVES)
        InterlockedPushEntrySList(&unused, &operation->free);
    else
        worker_rest(operation);
}

void operation_rested(struct operation *operation)
{
    InterlockedPushEntrySList(&unused, &operation->free);
}

static void let_go(struct operation *operation)
{
    if (atomic_fetch_sub(&operation->needed, 1) == 1)
        put_back(operation);
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

/* The last thing that is done about an operation, but for a completion routine: then WSPCleanup may end. */
static void put_away(struct operation *operation)
{
    atomic_long *counter = operation->counter;
    release(operation);
    let_go(operation);
    calls_leave(counter);
}

/* The same; but where the worker is still to come to it, it is the worker who does so. */
static void end(struct operation *operation, bool worker_comes)
{
    if (!worker_comes || !leave_to_worker(operation, ANNOUNCED))
        put_away(operation);
}

/* What was found stays as it is once it is held; before, it may have been closed, and be another socket. */
static bool hold(struct operation *operation, struct nonifs_socket *socket, SOCKET accepted)
{
    struct nonifs_socket other;
    operation->accepted = NULL;
    operation->handle = socket->handle;
    operation->given = socket->given;
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
    operation->told_by = request->told_by;
    operation->event = operation->wait = NULL;
    operation->unsure = false;
    atomic_store_explicit(&operation->needed, 1, memory_order_relaxed);
    unsigned state = atomic_load_explicit(&operation->state, memory_order_relaxed) + STATE_NUMBER;
    operation->below = &operation->lives[life_of(state)].overlapped;
    *operation->below = (WSAOVERLAPPED){.Internal = STATUS_PENDING};
    atomic_store(&operation->state, state - state % STAGES + CALL_UNDER_WAY);
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
    if (request->told_by != TOLD_BY_RETURN && !worker_attach(socket))
        return WSAEOPNOTSUPP;
    if (!copy_buffers(operation, request->buffers, request->buffer_count))
        return WSAENOBUFS;
    if (remember_thread(operation, request, &error) != 0) {
        operation->opened_thread = false;
        return error;
    }
    if (request->told_by == TOLD_BY_RETURN || worker_expect(operation))
        return 0;
    forget_thread(operation);
    return WSAEOPNOTSUPP;
}

/* Zero, or an error, and then the operation is not there any more. */
static INT start(struct operation *operation, struct nonifs_socket *socket, const struct operation_request *request)
{
    if (!hold(operation, socket, request->accepted)) {
        let_go(operation);
        return WSAENOTSOCK;
    }
    operation->worker = worker_of(operation->slot);
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
    atomic_store_explicit(&operation->cancellable, operation->overlapped, memory_order_release);
    call->skips = worker_skips(operation);
    call->alone = request->function == WSPLSP_TRACE_IOCTL ||
                  atomic_load(&operation->slot->data.pending[operation->direction]) == 1;
    call->bytes = request->bytes == NULL ? 0 : *request->bytes;
    call->flags = request->flags == NULL ? 0 : *request->flags;
    return true;
}

static void CALLBACK run_routine(DWORD_PTR context)
{
    struct operation *operation = (struct operation *)context;
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine = operation->routine;
    WSAOVERLAPPED *overlapped = operation->overlapped;
    DWORD error = (DWORD)operation->error, bytes = operation->bytes, flags = operation->flags;
    forget_thread(operation);
    let_go(operation);
    /* The routine may end the thread, or Winsock. */
    atomic_fetch_sub(&apcs, 1);
    routine(error, bytes, overlapped, flags);
}

/* The system's value for an error, as the next provider has left it, or any failure. */
static ULONG_PTR status_of(const struct operation *operation)
{
    if (operation->error == 0)
        return 0;
    return operation->below->Internal != 0 && operation->below->Internal != STATUS_PENDING
               ? operation->below->Internal
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

static void announce_by_routine(struct operation *operation)
{
    INT ignored;
    WSAOVERLAPPED *overlapped = operation->overlapped;
    overlapped->InternalHigh = operation->bytes;
    atomic_thread_fence(memory_order_release);
    overlapped->Internal = status_of(operation);
    atomic_fetch_add(&operation->needed, 1);
    atomic_fetch_add(&apcs, 1);
    if (upcall_queue_apc(&operation->thread, run_routine, (DWORD_PTR)operation, &ignored) != 0) {
        atomic_fetch_sub(&apcs, 1); /* its thread has ended, and nobody waits for it */
        forget_thread(operation);
        let_go(operation);
    }
}

static bool complete_on(const struct operation *operation, SOCKET s)
{
    INT ignored;
    return upcall_complete_overlapped_request(s, operation->overlapped, (DWORD)operation->error, operation->bytes,
                                              &ignored) == 0;
}

/* The program may have closed the handle that the socket was made with, and use a duplicate. */
static bool complete(const struct operation *operation)
{
    return complete_on(operation, operation->handle) ||
           (operation->given != operation->handle && complete_on(operation, operation->given));
}

/* Offset and OffsetHigh are "reserved for use by service providers" (WSAOVERLAPPED): WSPGetOverlappedResult finds there
 * what Internal has no room for. What has been sent has none of that, and programs that send a file in parts go on from
 * the offset that they have given (TransmitFile). */
static void keep_result(const struct operation *operation)
{
    if (operation->direction == DIRECTION_OUT && operation->error == 0)
        return;
    operation->overlapped->Offset = operation->flags;
    operation->overlapped->OffsetHigh = (DWORD)operation->error;
}

/* The program may give its structure back as soon as it is told, so that nothing of it is touched afterwards. */
static void announce(struct operation *operation, bool worker_comes)
{
    keep_result(operation);
    if (operation->routine != NULL)
        announce_by_routine(operation);
    else if (!complete(operation))
        complete_unannounced(operation);
    wake_waiters();
    end(operation, worker_comes);
}

/* It has failed at once. Whatever comes of it nevertheless is nobody's. The caller's variables are as the next provider
 * has left them: of too small a buffer it tells the size needed. So is the structure: a base marks it for everything
 * but commands, and does not take that back. */
static int take_back(struct operation_call *call, DWORD *bytes, DWORD *flags)
{
    struct operation *operation = call->operation;
    if (bytes != NULL)
        *bytes = call->bytes;
    if (flags != NULL)
        *flags = call->flags;
    if (operation->function == WSPLSP_TRACE_IOCTL)
        operation->overlapped->Internal = operation->internal_before;
    operation->unsure = operation->event == NULL && operation->told_by != TOLD_BY_RETURN;
    worker_expect_no_more(operation);
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
    if (operation->chain->next.lpWSPGetOverlappedResult(operation->next, operation->below, &bytes, FALSE, &flags,
                                                        &error)) {
        operation->bytes = bytes;
        operation->flags = flags;
        return;
    }
    bool closed = error == WSAENOTSOCK || error == 0;
    bool succeeded = closed && operation->below->Internal == 0;
    operation->bytes = succeeded ? (DWORD)operation->below->InternalHigh : bytes;
    operation->flags = flags;
    operation->error = succeeded ? 0 : closed ? WSA_OPERATION_ABORTED : error;
}

static void finish(struct operation *operation, bool known, const DWORD *packet_bytes)
{
    /* Only what has been received has flags. */
    if (!known && packet_bytes != NULL && operation->direction == DIRECTION_OUT)
        operation->bytes = *packet_bytes;
    else if (!known)
        ask(operation);
    if (trace_is_on())
        trace_completion(operation->function, operation->handle, operation->chain->own_id, operation->overlapped,
                         operation->begin, operation->bytes, operation->error);
    if (operation->chain->filtered)
        filter_complete(operation);
    announce(operation, false);
}

/* The worker goes on with it, or has left it to this thread. What its event would tell of has often ended by now (a
 * command that nobody knows is refused only by its completion): with nothing before it, it is announced at once, since
 * programs look for it as soon as the call returns. */
static int pending(struct operation_call *call, INT *error)
{
    struct operation *operation = call->operation;
    *error = WSA_IO_PENDING;
    if (call->alone && worker_has_ended(operation)) {
        worker_expect_no_more(operation);
        finish(operation, false, NULL);
        return SOCKET_ERROR;
    }
    worker_watch(operation);
    if (!leave_to_worker(operation, CALL_OVER))
        finish(operation, false, NULL);
    return SOCKET_ERROR;
}

/* The system completes a request that ends with a warning (a message cut off: STATUS_BUFFER_OVERFLOW), also where it
 * does so at once; of one that ends with an error nothing is heard any more. Wine tells the caller of the former, too,
 * as of a failure. Only the system's own handles have the system's status there. */
static bool completes_all_the_same(const struct operation *operation)
{
    enum { SEVERITY_SHIFT = 30, WARNING = 2 };
    DWORD status = (DWORD) * (const volatile ULONG_PTR *)&operation->below->Internal;
    return operation->chain->ifs_below && status >> SEVERITY_SHIFT == WARNING;
}

/* What the completion says of a command that is done at once: of a query that the base provider answers by itself 0,
 * though the caller has been told how much there is. */
static DWORD size_of_answer(const struct operation *operation)
{
    DWORD bytes = 0, flags;
    INT error;
    if (operation->told_by == TOLD_BY_RETURN || !operation->chain->next.lpWSPGetOverlappedResult(
                                                    operation->next, operation->below, &bytes, FALSE, &flags, &error))
        return 0;
    return bytes;
}

/* At once, and by this thread. Where the worker comes to it as well, it finds it announced. */
static int announce_at_once(struct operation_call *call, bool worker_comes, DWORD *bytes, DWORD *flags, INT *error)
{
    struct operation *operation = call->operation;
    if (operation->chain->filtered)
        filter_complete(operation);
    /* Refused by the filter: only a completion can say so. */
    bool succeeded = operation->error == 0;
    if (succeeded && bytes != NULL)
        *bytes = operation->function == WSPLSP_TRACE_IOCTL ? call->bytes : operation->bytes;
    if (succeeded && flags != NULL)
        *flags = call->flags;
    announce(operation, worker_comes);
    if (!succeeded)
        *error = WSA_IO_PENDING;
    return succeeded ? 0 : SOCKET_ERROR;
}

/* At once: announced behind those that a worker has not announced yet. */
static int done(struct operation_call *call, DWORD *bytes, DWORD *flags, INT *error)
{
    struct operation *operation = call->operation;
    /* Its packet is on the way or has been there: that is what has it announced in its turn. */
    if (!call->skips && !call->alone)
        return pending(call, error);
    operation->bytes = operation->function == WSPLSP_TRACE_IOCTL ? size_of_answer(operation) : call->bytes;
    operation->flags = call->flags;
    operation->unsure = call->skips && operation->told_by != TOLD_BY_RETURN;
    if (!call->alone) {
        set_stage(operation, POSTED);
        *error = WSA_IO_PENDING;
        if (worker_post(operation))
            return SOCKET_ERROR;
    }
    worker_expect_no_more(operation);
    return announce_at_once(call, !call->skips && operation->event == NULL, bytes, flags, error);
}

int operation_return(struct operation_call *call, bool succeeded, DWORD *bytes, DWORD *flags, INT *error)
{
    DWORD last_error = GetLastError();
    int result = SOCKET_ERROR;
    if (succeeded)
        result = done(call, bytes, flags, error);
    else if (call->operation->told_by != TOLD_BY_RETURN &&
             (*error == WSA_IO_PENDING || completes_all_the_same(call->operation)))
        pending(call, error);
    else
        take_back(call, bytes, flags);
    SetLastError(last_error);
    return result;
}

void operation_complete(struct operation_below *below, bool known, const DWORD *bytes)
{
    struct operation *operation = below->operation;
    unsigned life = (unsigned)(below - operation->lives), state = atomic_load(&operation->state), stage;
    do {
        stage = state % STAGES;
        if (life_of(state) != life || stage == UNUSED || stage == PACKET_HERE || (stage == POSTED) != known)
            return;
    } while (!atomic_compare_exchange_weak(&operation->state, &state, state - stage + PACKET_HERE));
    if (stage == ANNOUNCED)
        put_away(operation);
    else if (stage != CALL_UNDER_WAY)
        finish(operation, known, bytes);
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
    if (overlapped == NULL || bytes == NULL) {
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
    if (flags != NULL)
        *flags = overlapped->Offset;
    if (overlapped->Internal == 0 || overlapped->OffsetHigh == 0)
        return TRUE;
    *error = (INT)overlapped->OffsetHigh;
    return FALSE;
}

/* The next provider may be another place of the layer, with handles of its own; where it has none, its sockets are the
 * system's files. */
static bool cancel_below(struct operation *operation)
{
    WSAOVERLAPPED *below = operation->below;
    WSATHREADID thread = {NULL, 0};
    DWORD returned = 0;
    INT error;
    return operation->chain->next.lpWSPIoctl(operation->next, WSPLSP_SIO_CANCEL, &below, sizeof(below), NULL, 0,
                                             &returned, NULL, NULL, &thread, &error) == 0 ||
           CancelIoEx((HANDLE)operation->next, (OVERLAPPED *)below);
}

bool operation_cancel(const struct nonifs_socket *socket, const WSAOVERLAPPED *overlapped)
{
    bool cancelled = false;
    DWORD last_error = GetLastError();
    atomic_fetch_add(&cancels, 1);
    struct operation *operation = atomic_load(&made);
    while (operation != NULL && (atomic_load(&operation->cancellable) != overlapped || operation->slot != socket->slot))
        operation = operation->next_made;
    if (operation != NULL)
        cancelled = cancel_below(operation);
    atomic_fetch_sub(&cancels, 1);
    SetLastError(last_error);
    return cancelled;
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
