/* The threads that learn of completions; see worker.h. */
#include "worker.h"

#include "lsp-core/layer/chain/members.h"

enum {
    PACKET_NEXT = 1, /* the next provider's packet */
    PACKET_DONE,     /* worker_post */
    PACKET_EVENT,    /* the event of some operation in line has been signalled */
    PACKET_RESTED,   /* what comes later than worker_rest */
    PACKET_END,
};

enum attached {
    ATTACHED_NOT,
    ATTACHED_PORT,
    ATTACHED_PORT_SKIPPING, /* success at once brings no packet */
    ATTACHED_EVENTS,
};

static struct {
    SRWLOCK lock; /* of a socket's association with a port */
    _Atomic(HANDLE) port[WORKERS];
    _Atomic unsigned count;
} workers;

/* Operations with events, as they began; a line for each worker. Events may be noticed in any order, and are announced
 * in this one. */
static struct line {
    SRWLOCK lock;
    struct operation *first;
    unsigned unwatched; /* of them, those that nothing waits for: the worker looks at them now and then */
} lines[WORKERS];

enum { LOOK_MILLISECONDS = 10 };

/* Operations that rest; how many at least, for one packet to end that for all. */
enum { RESTING = 32 };
static struct {
    SRWLOCK lock;
    struct operation *first, *about_to_end;
    unsigned count;
} rest[WORKERS];

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
    struct operation_below *below = CONTAINING_RECORD(packet, struct operation_below, overlapped);
    operation_complete(below, key == PACKET_DONE, key == PACKET_NEXT ? bytes : NULL);
}

unsigned worker_of(const struct slot *slot)
{
    return slot->index % worker_count();
}

static struct line *line_of(const struct operation *operation)
{
    return &lines[operation->worker];
}

/* True: the worker has something to do for it. */
static bool join_line(struct operation *operation)
{
    struct line *line = line_of(operation);
    operation->later = NULL;
    AcquireSRWLockExclusive(&line->lock);
    struct operation **end = &line->first;
    while (*end != NULL)
        end = &(*end)->later;
    *end = operation;
    line->unwatched += operation->wait == NULL;
    bool news = operation->told || operation->wait == NULL;
    ReleaseSRWLockExclusive(&line->lock);
    return news;
}

/* Its event alone tells that it has ended; the structure saves asking for most. */
static bool has_ended(const struct operation *operation)
{
    return operation->told || (*(const volatile ULONG_PTR *)&operation->below->Internal != STATUS_PENDING &&
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
        line->unwatched -= operation->wait == NULL;
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
}

static void take_events(struct line *line)
{
    struct operation *operation;
    while ((operation = take_ended(line)) != NULL) {
        forget_event(operation);
        operation_complete(CONTAINING_RECORD(operation->below, struct operation_below, overlapped), false, NULL);
    }
}

static void end_rest(unsigned worker)
{
    AcquireSRWLockExclusive(&rest[worker].lock);
    struct operation *operation = rest[worker].about_to_end;
    rest[worker].about_to_end = NULL;
    ReleaseSRWLockExclusive(&rest[worker].lock);
    while (operation != NULL) {
        struct operation *next = operation->next_resting;
        operation_rested(operation);
        operation = next;
    }
}

static DWORD time_to_look(struct line *line)
{
    AcquireSRWLockShared(&line->lock);
    DWORD time = line->unwatched > 0 ? LOOK_MILLISECONDS : INFINITE;
    ReleaseSRWLockShared(&line->lock);
    return time;
}

static DWORD WINAPI work(void *port)
{
    ULONG_PTR key = 0;
    struct line *line = NULL; /* none, as long as no event has been heard of */
    while (key != PACKET_END) {
        DWORD bytes = 0, timeout = line == NULL ? INFINITE : time_to_look(line);
        OVERLAPPED *packet = NULL;
        BOOL succeeded = GetQueuedCompletionStatus(port, &bytes, &key, &packet, timeout);
        if (packet != NULL)
            take_packet(packet, key, succeeded ? &bytes : NULL);
        else if (succeeded && key == PACKET_EVENT)
            take_events(line = &lines[bytes]);
        else if (succeeded && key == PACKET_RESTED)
            end_rest(bytes);
        else if (!succeeded && timeout != INFINITE && GetLastError() == WAIT_TIMEOUT)
            take_events(line);
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

static void end_worker(HANDLE port)
{
    if (port != NULL)
        PostQueuedCompletionStatus(port, 0, PACKET_END, NULL);
}

/* A worker is started under no lock: that needs the loader's, which a thread that waits for this one may hold (a
 * DllMain that uses Winsock). Of two that start it at once, the second one's ends again. */
static HANDLE port_of(const struct slot *slot)
{
    _Atomic(HANDLE) *place = &workers.port[worker_of(slot)];
    HANDLE port = atomic_load_explicit(place, memory_order_acquire);
    if (__builtin_expect(port != NULL, true))
        return port;
    HANDLE made = start_worker();
    if (made == NULL)
        return atomic_load(place);
    if (atomic_compare_exchange_strong(place, &port, made))
        return made;
    end_worker(made);
    return port;
}

typedef BOOL(WINAPI *set_modes_function)(HANDLE, UCHAR);

/* A call that is done at once is announced by the calling thread, which saves the way through the worker. The next
 * provider's handle has to be the base's for that: the I/O manager sees to it, and with a layer's own there would be no
 * packets at all (KB 2568167). Datagrams have theirs nevertheless, on some versions of Windows or all. NULL: where
 * packets come always. */
static set_modes_function skipping(const struct nonifs_socket *socket)
{
    if (!socket->chain->ifs_below || !socket->slot->data.stream)
        return NULL;
    return (set_modes_function)(void *)GetProcAddress(GetModuleHandleW(L"kernel32.dll"),
                                                      "SetFileCompletionNotificationModes");
}

static enum attached attach(const struct nonifs_socket *socket, HANDLE port, set_modes_function set_modes)
{
    if (CreateIoCompletionPort((HANDLE)socket->next, port, PACKET_NEXT, 0) == NULL)
        return ATTACHED_EVENTS;
    bool skips = set_modes != NULL && set_modes((HANDLE)socket->next, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS);
    return skips ? ATTACHED_PORT_SKIPPING : ATTACHED_PORT;
}

bool worker_attach(const struct nonifs_socket *socket)
{
    _Atomic uint32_t *attached = &socket->slot->data.attached;
    HANDLE port = port_of(socket->slot);
    if (port == NULL)
        return false;
    if (__builtin_expect(atomic_load_explicit(attached, memory_order_acquire) != ATTACHED_NOT, true))
        return true;
    set_modes_function set_modes = skipping(socket); /* the loader's lock is taken outside the other */
    AcquireSRWLockExclusive(&workers.lock);
    if (atomic_load(attached) == ATTACHED_NOT)
        atomic_store(attached, attach(socket, port, set_modes));
    ReleaseSRWLockExclusive(&workers.lock);
    return true;
}

static void tell_worker(const struct operation *operation)
{
    PostQueuedCompletionStatus(atomic_load(&workers.port[operation->worker]), operation->worker, PACKET_EVENT, NULL);
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
        tell_worker(operation);
}

bool worker_expect(struct operation *operation)
{
    bool by_event =
        operation->told_by == TOLD_BY_EVENT || atomic_load(&operation->slot->data.attached) == ATTACHED_EVENTS;
    operation->told = false;
    if (__builtin_expect(!by_event, true))
        return true;
    operation->event = CreateEventW(NULL, TRUE, FALSE, NULL);
    /* The lowest bit keeps the packet from the port that the file object has (GetQueuedCompletionStatus). */
    operation->below->hEvent = (HANDLE)((ULONG_PTR)operation->event | 1);
    return operation->event != NULL;
}

void worker_expect_no_more(struct operation *operation)
{
    if (operation->event != NULL)
        CloseHandle(operation->event);
}

/* The event of what has ended already is not waited for: Wine 8 has commands that fail without one. */
void worker_watch(struct operation *operation)
{
    if (operation->event == NULL)
        return;
    operation->told = *(const volatile ULONG_PTR *)&operation->below->Internal != STATUS_PENDING;
    if (operation->told || !RegisterWaitForSingleObject(&operation->wait, operation->event, signalled, operation,
                                                        INFINITE, WT_EXECUTEONLYONCE | WT_EXECUTEINWAITTHREAD))
        operation->wait = NULL;
    if (join_line(operation))
        tell_worker(operation);
}

/* The system holds on to the event that it is to signal, and Wine 8 does not signal it for what it refuses at once;
 * another layer may be about to signal what it knows by its handle. */
bool worker_has_ended(const struct operation *operation)
{
    return operation->event != NULL && *(const volatile ULONG_PTR *)&operation->below->Internal != STATUS_PENDING &&
           (operation->chain->ifs_below || WaitForSingleObject(operation->event, 0) == WAIT_OBJECT_0);
}

bool worker_skips(const struct operation *operation)
{
    uint32_t attached = atomic_load_explicit(&operation->slot->data.attached, memory_order_relaxed);
    return operation->told_by == TOLD_BY_RETURN || (attached == ATTACHED_PORT_SKIPPING && operation->event == NULL);
}

bool worker_post(struct operation *operation)
{
    return PostQueuedCompletionStatus(port_of(operation->slot), operation->bytes, PACKET_DONE, operation->below);
}

/* Where the packet cannot be queued, they rest on, until the next one has been. */
void worker_rest(struct operation *operation)
{
    unsigned worker = operation->worker;
    HANDLE port = atomic_load(&workers.port[worker]);
    AcquireSRWLockExclusive(&rest[worker].lock);
    operation->next_resting = rest[worker].first;
    rest[worker].first = operation;
    bool enough = ++rest[worker].count >= RESTING && rest[worker].about_to_end == NULL;
    if (enough && port != NULL && PostQueuedCompletionStatus(port, worker, PACKET_RESTED, NULL)) {
        rest[worker].about_to_end = rest[worker].first;
        rest[worker].first = NULL;
        rest[worker].count = 0;
    }
    ReleaseSRWLockExclusive(&rest[worker].lock);
}

void workers_end(void)
{
    for (unsigned i = 0; i < WORKERS; i++)
        end_worker(atomic_exchange(&workers.port[i], NULL));
}
