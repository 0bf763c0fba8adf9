/* The program's completion ports; see ports.h. */
#include "ports.h"

#include <stdlib.h>
#include <winternl.h>

#include "lsp-core/win/lock.h"

struct port {
    unsigned references; /* by sockets' handles and by slots of `ports` */
    SRWLOCK lock;        /* `own` stays open while it is held */
    HANDLE own;          /* NULL once the program has closed the port */
};

struct sockets ports;

/* Guards `references` and the changes to `ports`; never taken to queue a packet. */
static SRWLOCK ports_lock = SRWLOCK_INIT;

/* In ntdll's import library, but in no header. */
NTSTATUS NTAPI NtSetIoCompletion(HANDLE port, ULONG_PTR key, ULONG_PTR value, NTSTATUS status, ULONG_PTR information);

static void release(struct port *port)
{
    if (--port->references != 0)
        return;
    if (port->own != NULL)
        CloseHandle(port->own);
    free(port);
}

/* A port that is not known yet, with the one reference of its slot. */
static struct port *make(HANDLE handle)
{
    struct port *port = calloc(1, sizeof(*port));
    if (port == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    if (!DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &port->own, 0, FALSE,
                         DUPLICATE_SAME_ACCESS)) {
        free(port);
        return NULL;
    }
    port->references = 1;
    if (sockets_set(&ports, (uintptr_t)handle, port))
        return port;
    release(port);
    SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return NULL;
}

struct port *ports_acquire(HANDLE handle)
{
    lock_exclusive(&ports_lock);
    struct port *port = sockets_find(&ports, (uintptr_t)handle);
    if (port == NULL)
        port = make(handle);
    if (port != NULL)
        port->references++;
    unlock_exclusive(&ports_lock);
    return port;
}

void ports_release(struct port *port)
{
    lock_exclusive(&ports_lock);
    release(port);
    unlock_exclusive(&ports_lock);
}

/* PostQueuedCompletionStatus can only say success; a packet of a failed operation makes GetQueuedCompletionStatus
 * return FALSE, with the overlapped and the operation's error. */
void ports_queue(struct port *port, ULONG_PTR key, OVERLAPPED *overlapped, LONG status, DWORD bytes)
{
    lock_shared(&port->lock);
    if (port->own != NULL)
        NtSetIoCompletion(port->own, key, (ULONG_PTR)overlapped, status, bytes);
    unlock_shared(&port->lock);
}

void ports_duplicated(HANDLE handle, HANDLE copy)
{
    lock_exclusive(&ports_lock);
    struct port *port = sockets_find(&ports, (uintptr_t)handle);
    if (port != NULL && sockets_set(&ports, (uintptr_t)copy, port))
        port->references++;
    unlock_exclusive(&ports_lock);
}

/* Whether the program has one handle of the port left, beside the host's. */
static bool last_of_program(HANDLE own)
{
    PUBLIC_OBJECT_BASIC_INFORMATION info = {0};
    NTSTATUS status = NtQueryObject(own, ObjectBasicInformation, &info, sizeof(info), NULL);
    return status == 0 && info.HandleCount <= 2;
}

void ports_closing(HANDLE handle)
{
    lock_exclusive(&ports_lock);
    struct port *port = sockets_find(&ports, (uintptr_t)handle);
    if (port != NULL) {
        sockets_replace(&ports, (uintptr_t)handle, port, NULL);
        lock_exclusive(&port->lock);
        if (port->own != NULL && last_of_program(port->own)) {
            CloseHandle(port->own);
            port->own = NULL;
        }
        unlock_exclusive(&port->lock);
        release(port);
    }
    unlock_exclusive(&ports_lock);
}
