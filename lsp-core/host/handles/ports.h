/* The program's completion ports that handles of WPUCreateSocketHandle are associated with. The host queues packets to
 * them through a handle of its own, and gives that up together with the program's last one, so that closing a port ends
 * waits on it as it does without the host ("GetQueuedCompletionStatus"). */
#ifndef WSPLSP_CORE_HOST_HANDLES_PORTS_H
#define WSPLSP_CORE_HOST_HANDLES_PORTS_H

#include <stdbool.h>

#include "lsp-core/base/handle_table.h"
#include "lsp-core/win/winsock.h"

struct port;

/* From each of the program's handles of such a port to its struct port. */
extern struct sockets ports;

/* Whether the handle's closing and duplication have to be told. */
static inline bool ports_known(HANDLE handle)
{
    return sockets_find(&ports, (uintptr_t)handle) != NULL;
}

/* The port behind one of the program's handles, to be given back with ports_release; NULL with the last error set. */
struct port *ports_acquire(HANDLE handle);
void ports_release(struct port *port);

/* Queues a packet; does nothing when the program has closed the port. Keeps the last error. */
void ports_queue(struct port *port, ULONG_PTR key, OVERLAPPED *overlapped, LONG status, DWORD bytes);

/* The program has duplicated a known handle. */
void ports_duplicated(HANDLE handle, HANDLE copy);

/* The program is about to close a known handle. */
void ports_closing(HANDLE handle);

#endif
