/* The threads that learn of completions; see worker.h. */
#include "worker.h"

#include "members.h"

enum {
    PACKET_NEXT = 1, /* the next provider's packet */
    PACKET_DONE,     /* worker_post */
    PACKET_EVENT,    /* the event of some operation in line has been signalled */
    PACKET_END,
};

enum attached {
    ATTACHED_NOT,
    ATTACHED_PORT,
    ATTACHED_PORT_SKIPPING, /* success at once brings no packet */
    ATTACHED_EVENTS,
};

static struct {
    SRWLOCK lock; /* of starting and ending */
    _Atomic(HANDLE) port[WORKERS];
    _Atomic unsigned count;
} workers;

/* Operations with events, as they began; a line for each worker. Events may be noticed in any order, and are announced
 * in this one. */
static struct line {
    SRWLOCK lock;
    struct operation *first;
} lines[WORKERS];

static unsigned worker_count(void)
{
    unsigned count = atomic_load_explicit(&workers.count, memory_order_relaxed);
    if (count == 0) {
        SYSTEM_INFO system;
        GetSystemInfo(&system);
        count = system.dwNumberOfProcessors < WORKERS ? system.dwNumberOfProcessors : WORKERS;
        atomic_store_explicit(&workers.count, count, memory_order_relaxed);
    }
    return count;
}

static void take_packet(OVERLAPPED *packet, ULONG_PTR key, const DWORD *bytes)
{
    struct operation *operation = CONTAINING_RECORD(packet, struct operation, below);
    operation_complete(operation, key == PACKET_DONE, key == PACKET_NEXT ? bytes : NULL);
}

static struct line *line_of(const struct operation *operation)
{
    return &lines[operation->slot->index % worker_count()];
}

static void join_line(struct operation *operation)
{
    struct line *line = line_of(operation);
    operation->told = false;
    operation->later = NULL;
    AcquireSRWLockExclusive(&line->lock);
    struct operation **end = &line->first;
    while (*end != NULL)
        end = &(*end)->later;
    *end = operation;
    ReleaseSRWLockExclusive(&line->lock);
}

static void leave_line(struct operation *operation)
{
    struct line *line = line_of(operation);
    AcquireSRWLockExclusive(&line->lock);
    struct operation **link = &line->first;
    while (*link != NULL && *link != operation)
        link = &(*link)->later;
    if (*link != NULL)
        *link = operation->later;
    ReleaseSRWLockExclusive(&line->lock);
}

/* Its event alone tells that it has ended; the structure saves asking for most. */
static bool has_ended(const struct operation *operation)
{
    return operation->told || (*(const volatile ULONG_PTR *)&operation->below.Internal != STATUS_PENDING &&
                               WaitForSingleObject(operation->event, 0) == WAIT_OBJECT_0);
}

static struct operation *take_ended(struct line *line)
{
    AcquireSRWLockExclusive(&line->lock);
    struct operation **link = &line->first;
    while (*link != NULL && !has_ended(*link))
        link = &(*link)->later;
    struct operation *operation = *link;
    if (operation != NULL) {
        operation->told = true;
        *link = operation->later;
    }
    ReleaseSRWLockExclusive(&line->lock);
    return operation;
}

static void forget_event(struct operation *operation)
{
    if (operation->wait != NULL)
        UnregisterWaitEx(operation->wait, INVALID_HANDLE_VALUE);
    CloseHandle(operation->event);
    operation->event = operation->wait = NULL;
}

static void take_events(struct line *line)
{
    struct operation *operation;
    while ((operation = take_ended(line)) != NULL) {
        forget_event(operation);
        operation_complete(operation, false, NULL);
    }
}

static DWORD WINAPI work(void *port)
{
    ULONG_PTR key = 0;
    while (key != PACKET_END) {
        DWORD bytes = 0;
        OVERLAPPED *packet = NULL;
        BOOL succeeded = GetQueuedCompletionStatus(port, &bytes, &key, &packet, INFINITE);
        if (packet != NULL)
            take_packet(packet, key, succeeded ? &bytes : NULL);
        else if (succeeded && key == PACKET_EVENT)
            take_events(&lines[bytes]);
        else if (!succeeded)
            break; /* the port is gone */
    }
    CloseHandle(port);
    FreeLibraryAndExitThread(members_own_module, 0);
}

static HANDLE start_worker(void)
{
    HMODULE self;
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1), thread = NULL;
    if (port == NULL)
        return NULL;
    if (GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const wchar_t *)(void *)&workers, &self)) {
        thread = CreateThread(NULL, 128 << 10, work, port, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
        if (thread == NULL)
            FreeLibrary(self);
    }
    if (thread == NULL) {
        CloseHandle(port);
        return NULL;
    }
    CloseHandle(thread);
    return port;
}

static HANDLE port_of(const struct slot *slot)
{
    _Atomic(HANDLE) *place = &workers.port[slot->index % worker_count()];
    HANDLE port = atomic_load_explicit(place, memory_order_acquire);
    if (__builtin_expect(port != NULL, true))
        return port;
    AcquireSRWLockExclusive(&workers.lock);
    port = atomic_load(place);
    if (port == NULL) {
        port = start_worker();
        atomic_store(place, port);
    }
    ReleaseSRWLockExclusive(&workers.lock);
    return port;
}

/* A call that is done at once is announced by the calling thread, which saves the way through the worker. The next
 * provider has to be IFS for that: the I/O manager sees to it, and with other handles it does not work (KB 2568167). */
static bool skip_on_success(const struct nonifs_socket *socket)
{
    typedef BOOL(WINAPI * set_modes)(HANDLE, UCHAR);
    if ((socket->chain->below.dwServiceFlags1 & XP1_IFS_HANDLES) == 0)
        return false;
    set_modes set =
        (set_modes)(void *)GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "SetFileCompletionNotificationModes");
    return set != NULL && set((HANDLE)socket->next, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS);
}

static enum attached attach(const struct nonifs_socket *socket, HANDLE port)
{
    if (CreateIoCompletionPort((HANDLE)socket->next, port, PACKET_NEXT, 0) == NULL)
        return ATTACHED_EVENTS;
    return skip_on_success(socket) ? ATTACHED_PORT_SKIPPING : ATTACHED_PORT;
}

bool worker_attach(const struct nonifs_socket *socket)
{
    _Atomic uint32_t *attached = &socket->slot->data.attached;
    HANDLE port = port_of(socket->slot);
    if (port == NULL)
        return false;
    if (__builtin_expect(atomic_load_explicit(attached, memory_order_acquire) != ATTACHED_NOT, true))
        return true;
    AcquireSRWLockExclusive(&workers.lock);
    if (atomic_load(attached) == ATTACHED_NOT)
        atomic_store(attached, attach(socket, port));
    ReleaseSRWLockExclusive(&workers.lock);
    return true;
}

/* Unless the worker has already come to it, being at another one's. */
static void CALLBACK signalled(void *context, BOOLEAN timed_out)
{
    struct operation *operation = context;
    struct line *line = line_of(operation);
    (void)timed_out;
    AcquireSRWLockExclusive(&line->lock);
    bool news = !operation->told;
    operation->told = true;
    ReleaseSRWLockExclusive(&line->lock);
    if (news)
        PostQueuedCompletionStatus(port_of(operation->slot), (DWORD)(line - lines), PACKET_EVENT, NULL);
}

bool worker_expect(struct operation *operation, bool by_event)
{
    operation->event = operation->wait = NULL;
    if (__builtin_expect(!by_event && atomic_load(&operation->slot->data.attached) != ATTACHED_EVENTS, true))
        return true;
    operation->event = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (operation->event == NULL)
        return false;
    /* The lowest bit keeps the packet from the port that the file object has (GetQueuedCompletionStatus). */
    operation->below.hEvent = (HANDLE)((ULONG_PTR)operation->event | 1);
    join_line(operation);
    if (RegisterWaitForSingleObject(&operation->wait, operation->event, signalled, operation, INFINITE,
                                    WT_EXECUTEONLYONCE | WT_EXECUTEINWAITTHREAD))
        return true;
    operation->wait = NULL;
    worker_expect_no_more(operation);
    return false;
}

void worker_expect_no_more(struct operation *operation)
{
    if (operation->event == NULL)
        return;
    leave_line(operation);
    forget_event(operation);
}

bool worker_skips(const struct operation *operation)
{
    uint32_t attached = atomic_load_explicit(&operation->slot->data.attached, memory_order_relaxed);
    return attached == ATTACHED_PORT_SKIPPING && operation->event == NULL;
}

bool worker_post(struct operation *operation)
{
    return PostQueuedCompletionStatus(port_of(operation->slot), operation->bytes, PACKET_DONE, &operation->below);
}

void workers_end(void)
{
    AcquireSRWLockExclusive(&workers.lock);
    for (unsigned i = 0; i < WORKERS; i++) {
        HANDLE port = atomic_exchange(&workers.port[i], NULL);
        if (port != NULL)
            PostQueuedCompletionStatus(port, 0, PACKET_END, NULL);
    }
    ReleaseSRWLockExclusive(&workers.lock);
}
