/* The handles that WPUCreateSocketHandle gives out: real handles of the kernel, each with the provider's context and,
 * where the program wants it, a completion port.
 *
 * The object is the server's end of a named pipe that nobody may connect to and nothing is ever sent through. It is
 * what the kernel itself calls FILE_TYPE_PIPE, as it does sockets; it takes a completion port, SetHandleInformation,
 * SetFileCompletionNotificationModes and DuplicateHandle like any file, and needs one handle.
 *
 * It is never asked to do anything but to listen, which decides whether waiting for it ends (file_signal.h).
 *
 * Once FILE_SKIP_COMPLETION_PORT_ON_SUCCESS has been set, no packet is queued any more: "this mode is only compatible
 * with Layered Service Providers (LSP) that return Installable File Systems (IFS) handles", and what a program meets
 * that sets it all the same is told in KB 2568167: it "will not experience completions for these … function calls over
 * the associated I/O completion port".
 *
 * A socket's handles; the first is the one that WPUCreateSocketHandle returned, and that the provider knows:
 *
 *                        | WPUCreateSocketHandle: handles_create
 *                        v
 *         +-----> the first alone ---- CloseHandle: HANDLES_LAST ---------------------------------+
 *         |              |                                                                        |
 *         |              | DuplicateHandle: handles_duplicated                                    |
 *         |              v                                                                        |
 *         +---- first and duplicates     (CloseHandle of a duplicate: HANDLES_OTHERS;             |
 *                        |                after the last of them the first is alone again)        |
 *                        |                                                                        |
 *                        | CloseHandle of the first: HANDLES_KEPT                                 |
 *                        v                                                                        |
 *              first kept, duplicates    (CloseHandle of a duplicate with others: HANDLES_OTHERS; |
 *                        |                of the first once more: HANDLES_CLOSED, an error;       |
 *                        |                DuplicateHandle of a duplicate: one more of these)      |
 *                        |                                                                        |
 *                        +---- CloseHandle of the only duplicate: HANDLES_LAST ------------------>+
 *                                                                                                 |
 *         any of these -------- closesocket ----------------------------------------------------->+
 *              |                                                                                  v
 *              | provider_stop_all: handles_close_all                                      WSPCloseSocket
 *              v                                                                                  |
 *          forgotten <--------- WPUCloseSocketHandle: handles_close ------------------------------+
 *
 * (CloseHandle goes straight to handles_close where the host knows no provider of the socket: close_socket.)
 *
 * Two more things are set once, and hold until the handles are forgotten: the port (handles_associate), and that no
 * packets are queued (handles_skip, which `posts` overrules). When an operation ends, handles_complete sets its event
 * or, without one, signals the file. Then it queues a packet, unless there is no port, packets are off, or the low bit
 * of hEvent is set.
 *
 * Each socket has one record with a lock of its own, which any thread may take. Only the context, and the table that
 * leads from a handle to its record, are read without it. So a record is looked up, locked and looked up again
 * (acquire): in between it may have become another socket's. */
#ifndef WSPLSP_CORE_HOST_HANDLES_HANDLES_H
#define WSPLSP_CORE_HOST_HANDLES_HANDLES_H

#include <stdbool.h>

#include "lsp-core/base/handle_table.h"
#include "lsp-core/win/winsock.h"

/* From handle to its record. */
extern struct sockets handles;

/* Whether the handle is one of these, or a duplicate of one. */
static inline bool handles_ours(HANDLE handle)
{
    return sockets_find(&handles, (uintptr_t)handle) != NULL;
}

/* A new handle; INVALID_SOCKET when memory or handles have run out. Keeps the last error. `posts`: that its packets are
 * queued whatever the program sets (skip=post of --layer). */
SOCKET handles_create(DWORD_PTR context, bool posts);

/* Closes the handle and forgets it together with the socket's others, which stay open: nothing but a pipe's end any
 * more. One that was kept is closed with it. False where it is not one of ours. */
bool handles_close(SOCKET s);

/* Closes all that there are; for the time when all providers have been stopped. */
void handles_close_all(void);

/* The context; false where the handle is not one of ours. */
bool handles_context(SOCKET s, DWORD_PTR *context);

/* CreateIoCompletionPort for one of our handles: the kernel's answers, and the port is remembered. */
HANDLE handles_associate(SOCKET s, HANDLE port, ULONG_PTR key, DWORD threads);

/* FILE_SKIP_COMPLETION_PORT_ON_SUCCESS has been set: for good, and for the handle's duplicates as well. */
void handles_skip(SOCKET s);

/* Makes `copy`, a duplicate in this process, one of ours as well. `owner` is who the socket belongs to, NULL where that
 * has been said before, or nobody knows. False when out of memory, or when the handle is no longer one of ours. */
bool handles_duplicated(SOCKET s, SOCKET copy, void *owner);

/* Who a duplicate belongs to when it is first used as a socket: who the socket was of when it was duplicated. NULL for
 * all else. */
void *handles_duplicate_owner(SOCKET s);

/* What closing one handle of a socket comes to. */
enum handles_closing {
    HANDLES_OTHERS, /* there are others: it has been forgotten, and is to be closed as what it is */
    HANDLES_KEPT,   /* there are others, but it is the one that its provider knows: it stays open, for the provider
                       alone, and with it its value, which would else be another's while the provider still uses it */
    HANDLES_LAST,   /* nothing has been done: closing it closes the socket */
    HANDLES_CLOSED, /* it is one that was kept: none for the program any more */
};

/* For the last one, `*first` is the handle that the provider knows the socket by: itself, or the one that was kept. */
enum handles_closing handles_let_go(SOCKET s, SOCKET *first);

/* Whether it is one that was kept. */
bool handles_kept(SOCKET s);

/* An operation begins, or has ended at once, that no event tells of: waiting for the handle itself then does not end
 * yet, or does. Nothing for a handle with a port, whose packets tell, or for one that is not ours. */
void handles_begin(SOCKET s);
void handles_end(SOCKET s);

/* The end of an overlapped operation: fills the structure, then sets its event or the handle itself and queues a
 * packet, as the program has arranged. `error` is a Winsock or Win32 error. False where the handle is not one of ours.
 */
bool handles_complete(SOCKET s, OVERLAPPED *overlapped, DWORD error, DWORD bytes);

#endif
