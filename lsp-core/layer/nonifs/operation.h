/* An overlapped operation of a program's on a socket with a handle of the layer's own: below, the next provider works
 * on the operation's own WSAOVERLAPPED; what the program gave is kept until the result can be announced to it, once. */
#ifndef WSPLSP_CORE_LAYER_NONIFS_OPERATION_H
#define WSPLSP_CORE_LAYER_NONIFS_OPERATION_H

#include "sockets.h"
#include "wsplsp/trace.h"

#ifndef STATUS_PENDING
#define STATUS_PENDING ((DWORD)0x103)
#endif

enum direction {
    DIRECTION_IN,  /* receiving, accepting */
    DIRECTION_OUT, /* sending, connecting and the rest */
};

/* "The caller may reuse the WSABUF array at once" (LPWSPSend), which is why it is copied. Longer ones get memory, which
 * the operation keeps. */
enum { OPERATION_BUFFERS = 8 };

/* What the next provider works on. Where success at once should bring no packet, one may come all the same, at any time
 * (UDP, SetFileCompletionNotificationModes). So an operation that has ended without its packet is not used again with
 * the same structure: of a packet the address alone says which operation it is about. When all are used up, it rests
 * (worker_rest). */
enum { OPERATION_LIVES = 8 };

struct operation_below {
    WSAOVERLAPPED overlapped; /* first */
    struct operation *operation;
};

/* How the next provider tells that it has completed an operation. */
enum told {
    TOLD_BY_PACKET, /* or by an event, where the socket could not be attached to a port */
    TOLD_BY_EVENT,  /* whatever the socket is attached to */
    TOLD_BY_RETURN, /* it knows nothing of an operation, and is done when it returns */
};

struct operation {
    SLIST_ENTRY free; /* first, for its alignment */
    struct operation_below lives[OPERATION_LIVES];
    WSAOVERLAPPED *below; /* the present one */
    /* A number for each use, which of `lives` that is, and its stage (operation.c); in one, so that a packet finds out
     * at once whether it belongs to this use. */
    atomic_uint state;
    bool unsure; /* a packet may come that nobody waits for */
    unsigned worker;
    struct operation *next_resting;
    struct operation *next_made;
    struct place *place;
    struct slot *slot;     /* held */
    struct slot *accepted; /* AcceptEx's other socket, held; or NULL */
    struct chain *chain;
    atomic_long *counter;       /* of the place's operations */
    SOCKET handle, given, next; /* sockets.h */
    enum direction direction;
    atomic_int needed; /* by who announces it, and by a completion routine; the last puts it back */
    enum told told_by;
    HANDLE event, wait;      /* where no packet of the next provider's is to be relied on (worker.h) */
    struct operation *later; /* in line for its event, which the worker has been told of */
    bool told;
    /* The program's. */
    WSAOVERLAPPED *overlapped;
    _Atomic(const WSAOVERLAPPED *) cancellable; /* the same while the operation is one, for operation_cancel */
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
    WSATHREADID thread;
    bool opened_thread; /* `thread` is ours to close */
    ULONG_PTR internal_before;
    /* The result. */
    DWORD flags, bytes;
    INT error;
    /* What it is, for the trace. */
    enum wsplsp_trace_function function;
    uint64_t begin;
    WSABUF *buffers, own_buffers[OPERATION_BUFFERS];
    DWORD buffer_count, buffer_room;
    /* For the filter: what it has changed, ours to free, and what only it looks at. */
    struct filter_copy *copy;
    bool peeked;
    const struct sockaddr *from;
    const INT *from_length;
    DWORD address_length[2];
};

/* A call that begins an operation; on the caller's stack. Once it has gone down, the operation itself may be another
 * one's already: a worker may have announced it. */
struct operation_call {
    struct operation *operation;
    bool skips;         /* done at once brings no completion beside */
    bool alone;         /* no other one was outstanding in its direction when it began, or that does not matter */
    DWORD bytes, flags; /* for the next provider to fill, or to leave as the program has them */
};

/* What the program gave, and what the call is. */
struct operation_request {
    enum wsplsp_trace_function function;
    enum direction direction;
    WSAOVERLAPPED *overlapped;
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
    const WSATHREADID *thread; /* NULL for extension functions: the calling thread's is looked up */
    const WSABUF *buffers;
    DWORD buffer_count;
    SOCKET accepted;            /* AcceptEx's, else 0 */
    const DWORD *bytes, *flags; /* the program's variables, or NULL */
    enum told told_by;
    /* For the filter, with `buffers` also of extension functions. */
    bool peeked;                 /* MSG_PEEK */
    const struct sockaddr *from; /* where the sender's address comes, or NULL */
    const INT *from_length;
    DWORD address_length[2]; /* AcceptEx's: local, remote */
};

/* Begins an operation on a socket that has been found, and that cannot become another one from here on. False, and
 * `*error`: WSAENOTSOCK, WSAENOBUFS, or WSAEOPNOTSUPP where its completion could not be waited for. The program's
 * structure says from here on that it is under way. */
bool operation_begin(struct operation_call *call, struct place *place, struct nonifs_socket *socket,
                     const struct operation_request *request, INT *error);

/* After the call to the next provider: announces what is done, leaves alone what is pending, takes back what failed.
 * The result is the SPI's: 0, or SOCKET_ERROR with `*error`, which is what the next provider said. `*bytes` and
 * `*flags`, which may be NULL, are as the next provider has left them, unless the operation is pending. */
int operation_return(struct operation_call *call, bool succeeded, DWORD *bytes, DWORD *flags, INT *error);

/* By a worker, when the next provider has completed what it works on there: `known` is that the result is there since
 * operation_return; `bytes` NULL where no packet tells of success. Nothing where no operation waits for that. */
void operation_complete(struct operation_below *below, bool known, const DWORD *bytes);

/* By a worker, when no packet can come any more that nobody waits for. */
void operation_rested(struct operation *operation);

/* WSPGetOverlappedResult for a structure of the program's. */
BOOL operation_result(WSAOVERLAPPED *overlapped, DWORD *bytes, BOOL wait, DWORD *flags, INT *error);

/* Cancels the operation for a structure of the program's on a socket that has been found. False where there is none, or
 * where it has come to its end already. */
bool operation_cancel(const struct nonifs_socket *socket, const WSAOVERLAPPED *overlapped);

/* Whether APCs have been queued that have not run. */
bool operation_apcs_outstanding(void);

/* Frees what is kept for later operations; none is outstanding. */
void operation_free_all(void);

#endif
