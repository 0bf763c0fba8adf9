/* The handles that WPUCreateSocketHandle gives out; see handles.h. */
#include "handles.h"

#include <stdlib.h>
#include <wchar.h>

#include "file_signal.h"
#include "io_status.h"
#include "lsp-core/win/lock.h"
#include "ports.h"

enum { PIPE_TRIES = 16 };

/* One more handle of the same socket. */
struct duplicate {
    SOCKET s;
    struct duplicate *next;
};

/* Records are used again, never freed: who has looked one up may read and lock it, and then sees by looking up again
 * whether it still is that handle's. */
struct record {
    _Atomic(DWORD_PTR) context;
    SRWLOCK lock; /* guards all below */
    SOCKET s;
    bool kept; /* HANDLES_KEPT */
    struct duplicate *duplicates;
    void *owner;       /* of the duplicates */
    struct port *port; /* NULL: none is associated */
    ULONG_PTR key;
    bool posts, skips; /* handles_create, handles_skip */
    struct file_signal signal;
    struct record *next_free; /* under free_lock */
};

struct sockets handles;

static SRWLOCK free_lock = SRWLOCK_INIT;
static struct record *free_records;

static struct record *make_record(DWORD_PTR context)
{
    lock_exclusive(&free_lock);
    struct record *record = free_records;
    if (record != NULL)
        free_records = record->next_free;
    unlock_exclusive(&free_lock);
    if (record == NULL)
        record = calloc(1, sizeof(*record));
    if (record != NULL)
        atomic_store(&record->context, context);
    return record;
}

static void drop_record(struct record *record)
{
    lock_exclusive(&free_lock);
    record->next_free = free_records;
    free_records = record;
    unlock_exclusive(&free_lock);
}

/* A pipe's end. The name is new each time; should someone hold it already, FIRST_PIPE_INSTANCE makes it fail. The
 * empty access list keeps everybody from connecting, on this machine, and PIPE_REJECT_REMOTE_CLIENTS elsewhere. */
static HANDLE make_pipe(void)
{
    static volatile LONG counter;
    ACL nobody;
    SECURITY_DESCRIPTOR descriptor;
    SECURITY_ATTRIBUTES attributes = {sizeof(attributes), &descriptor, FALSE};
    HANDLE pipe = INVALID_HANDLE_VALUE;
    if (!InitializeAcl(&nobody, sizeof(nobody), ACL_REVISION) ||
        !InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION) ||
        !SetSecurityDescriptorDacl(&descriptor, TRUE, &nobody, FALSE))
        return pipe;
    for (int i = 0; i < PIPE_TRIES && pipe == INVALID_HANDLE_VALUE; i++) {
        wchar_t name[80];
        LARGE_INTEGER now;
        QueryPerformanceCounter(&now);
        swprintf(name, sizeof(name) / sizeof(name[0]), L"\\\\.\\pipe\\wsplsp-%lx-%lx-%lx%08lx",
                 (unsigned long)GetCurrentProcessId(), (unsigned long)InterlockedIncrement(&counter),
                 (unsigned long)now.HighPart, (unsigned long)now.LowPart);
        pipe = CreateNamedPipeW(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE,
                                PIPE_TYPE_BYTE | PIPE_REJECT_REMOTE_CLIENTS, 1, 0, 0, 0, &attributes);
    }
    return pipe;
}

SOCKET handles_create(DWORD_PTR context, bool posts)
{
    DWORD last_error = GetLastError();
    struct record *record = make_record(context);
    HANDLE pipe = record == NULL ? INVALID_HANDLE_VALUE : make_pipe();
    bool done = false;
    if (pipe != INVALID_HANDLE_VALUE) {
        record->s = (SOCKET)pipe;
        record->kept = false;
        record->owner = NULL;
        record->posts = posts;
        record->skips = false;
        done = sockets_set(&handles, (uintptr_t)pipe, record);
        if (!done)
            CloseHandle(pipe);
    }
    if (!done && record != NULL)
        drop_record(record);
    SetLastError(last_error);
    return done ? (SOCKET)pipe : INVALID_SOCKET;
}

/* The handle's record, locked; NULL where it is not one of ours. */
static struct record *acquire(SOCKET s)
{
    struct record *record;
    while ((record = sockets_find(&handles, s)) != NULL) {
        lock_exclusive(&record->lock);
        if (sockets_find(&handles, s) == record)
            return record;
        unlock_exclusive(&record->lock);
    }
    return NULL;
}

static void release(struct record *record)
{
    unlock_exclusive(&record->lock);
}

/* Takes the record's handles out of the table, before any of them is closed and its value may be another's. */
static void forget(struct record *record)
{
    sockets_replace(&handles, record->s, record, NULL);
    while (record->duplicates != NULL) {
        struct duplicate *duplicate = record->duplicates;
        record->duplicates = duplicate->next;
        sockets_replace(&handles, duplicate->s, record, NULL);
        free(duplicate);
    }
    if (record->port != NULL)
        ports_release(record->port);
    record->port = NULL;
}

bool handles_close(SOCKET s)
{
    struct record *record = acquire(s);
    if (record == NULL)
        return false;
    SOCKET kept = record->kept && record->s != s ? record->s : INVALID_SOCKET;
    forget(record);
    file_signal_set(&record->signal, (HANDLE)s);
    bool unused = !file_signal_busy(&record->signal); /* if not, the kernel has yet to end what is cancelled here */
    release(record);
    if (unused)
        drop_record(record);
    CloseHandle((HANDLE)s);
    if (kept != INVALID_SOCKET)
        CloseHandle((HANDLE)kept);
    return true;
}

static void close_one(uintptr_t handle, void *owner, void *context)
{
    (void)owner;
    (void)context;
    handles_close(handle);
}

void handles_close_all(void)
{
    sockets_each(&handles, close_one, NULL);
}

bool handles_context(SOCKET s, DWORD_PTR *context)
{
    struct record *record;
    while ((record = sockets_find(&handles, s)) != NULL) {
        *context = atomic_load(&record->context);
        if (sockets_find(&handles, s) == record)
            return true;
    }
    return false;
}

/* Associates the record with a port that is the program's. */
static HANDLE associate(struct record *record, SOCKET s, HANDLE port, ULONG_PTR key, DWORD threads)
{
    struct port *acquired = ports_acquire(port);
    if (acquired == NULL)
        return NULL;
    HANDLE result = CreateIoCompletionPort((HANDLE)s, port, key, threads);
    if (result == NULL) {
        DWORD last_error = GetLastError();
        ports_release(acquired);
        SetLastError(last_error);
        return NULL;
    }
    record->port = acquired;
    record->key = key;
    return result;
}

/* The kernel associates the pipe as well, so that all checks and errors are its own: one port for a file, and no
 * other for as long as it lives. */
HANDLE handles_associate(SOCKET s, HANDLE port, ULONG_PTR key, DWORD threads)
{
    HANDLE made = port == NULL ? CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, threads) : port;
    struct record *record = made == NULL ? NULL : acquire(s);
    HANDLE result = NULL;
    if (made == NULL)
        return NULL;
    if (record != NULL) {
        result = associate(record, s, made, key, threads);
        release(record);
    } else {
        SetLastError(ERROR_INVALID_HANDLE);
    }
    if (result == NULL && port == NULL) {
        DWORD last_error = GetLastError();
        ports_closing(made);
        CloseHandle(made);
        SetLastError(last_error);
    }
    return result;
}

void handles_skip(SOCKET s)
{
    struct record *record = acquire(s);
    if (record == NULL)
        return;
    record->skips = !record->posts;
    release(record);
}

bool handles_duplicated(SOCKET s, SOCKET copy, void *owner)
{
    struct duplicate *duplicate = malloc(sizeof(*duplicate));
    struct record *record = duplicate == NULL ? NULL : acquire(s);
    bool done = false;
    if (record != NULL) {
        done = sockets_set(&handles, copy, record);
        if (done) {
            *duplicate = (struct duplicate){copy, record->duplicates};
            record->duplicates = duplicate;
            if (owner != NULL)
                record->owner = owner;
        }
        release(record);
    }
    if (!done)
        free(duplicate);
    return done;
}

void *handles_duplicate_owner(SOCKET s)
{
    struct record *record = acquire(s);
    if (record == NULL)
        return NULL;
    void *owner = record->s == s ? NULL : record->owner;
    release(record);
    return owner;
}

/* Takes the duplicate from the record. */
static void take(struct record *record, SOCKET s)
{
    struct duplicate **place = &record->duplicates;
    while (*place != NULL && (*place)->s != s)
        place = &(*place)->next;
    struct duplicate *duplicate = *place;
    if (duplicate == NULL)
        return;
    *place = duplicate->next;
    free(duplicate);
    sockets_replace(&handles, s, record, NULL);
}

static enum handles_closing let_go(struct record *record, SOCKET s)
{
    if (record->s == s && record->kept)
        return HANDLES_CLOSED;
    if (record->s == s) {
        record->kept = record->duplicates != NULL;
        return record->kept ? HANDLES_KEPT : HANDLES_LAST;
    }
    if (record->kept && record->duplicates->next == NULL)
        return HANDLES_LAST;
    take(record, s);
    return HANDLES_OTHERS;
}

enum handles_closing handles_let_go(SOCKET s, SOCKET *first)
{
    struct record *record = acquire(s);
    *first = s;
    if (record == NULL)
        return HANDLES_LAST;
    enum handles_closing closing = let_go(record, s);
    *first = record->s;
    release(record);
    return closing;
}

bool handles_kept(SOCKET s)
{
    struct record *record = acquire(s);
    if (record == NULL)
        return false;
    bool kept = record->kept && record->s == s;
    release(record);
    return kept;
}

void handles_begin(SOCKET s)
{
    struct record *record = acquire(s);
    if (record == NULL)
        return;
    if (record->port == NULL)
        file_signal_clear(&record->signal, (HANDLE)s);
    release(record);
}

void handles_end(SOCKET s)
{
    struct record *record = acquire(s);
    if (record == NULL)
        return;
    file_signal_set(&record->signal, (HANDLE)s);
    release(record);
}

/* A shared lock would do, but nothing else locks a live record often. */
bool handles_complete(SOCKET s, OVERLAPPED *overlapped, DWORD error, DWORD bytes)
{
    struct record *record = acquire(s);
    if (record == NULL)
        return false;
    LONG status = io_status_of(error);
    /* Who polls Internal may take the structure away as soon as it is set, so the event is read before. The low bit of
     * hEvent says that no packet is wanted (GetQueuedCompletionStatus). */
    uintptr_t event = (uintptr_t)overlapped->hEvent;
    overlapped->InternalHigh = bytes;
    __atomic_store_n(&overlapped->Internal, (ULONG_PTR)(ULONG)status, __ATOMIC_RELEASE);
    if ((event & ~(uintptr_t)1) != 0)
        SetEvent((HANDLE)(event & ~(uintptr_t)1));
    else
        file_signal_set(&record->signal, (HANDLE)s);
    if (record->port != NULL && (event & 1) == 0 && !record->skips)
        ports_queue(record->port, record->key, overlapped, status, bytes);
    release(record);
    return true;
}
