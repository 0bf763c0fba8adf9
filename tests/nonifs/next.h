/* A next provider whose operations end as the test says: at once, later, or not at all. The test program exports its
 * WSPStartup. Its sockets are numbers. */
#ifndef WSPLSP_TESTS_NONIFS_NEXT_H
#define WSPLSP_TESTS_NONIFS_NEXT_H

#include <stdbool.h>

#include "lsp-core/layer/chain/winsock_spi.h"

enum { NEXT_FIRST = 0x4000000, NEXT_SOCKETS = 1 << 17, NEXT_BUFFERS = 64, NEXT_OUTSTANDING = 4096 };

enum next_answer { NEXT_AT_ONCE, NEXT_PENDING, NEXT_FAILS };

struct next {
    enum next_answer answer;
    INT error; /* of NEXT_FAILS; and WSPCloseSocket's, unless 0 */
    INT close_error;
    DWORD failed_bytes, failed_flags; /* what NEXT_FAILS says of them, unless 0 */
    DWORD failed_status;              /* … and of the structure, unless 0; it is then completed with a packet, too */
    DWORD bytes, flags;               /* of NEXT_AT_ONCE */
    DWORD answer_bytes;               /* WSPIoctl's, where it is done at once; `bytes` are the completion's */
    int packets;                      /* that many come of what is done at once though they should be skipped */
    bool no_completion;               /* what is done at once leaves the structure alone */
    bool no_event;                    /* what is completed does not signal its event */
    volatile LONG sockets, closes, calls;
    volatile LONG wrong; /* calls on what is not open, or with what the layer must not hand down */
    /* The last overlapped call's. */
    SOCKET s, other;
    WSAOVERLAPPED *below, *query; /* `query`: of the extension query */
    WSABUF *buffers, copy[NEXT_BUFFERS];
    DWORD count;
    SOCKET closed;          /* the last one */
    WSAPROTOCOL_INFOW info; /* WSPSocket's last */
    /* WSPAsyncSelect's. */
    HWND window;
    UINT message;
    bool forgets;           /* WSPGetOverlappedResult knows no socket any more */
    bool yield;             /* the worker gets time before an operation that is done at once returns */
    bool at_once_after_all; /* what is pending is completed before the call returns: 17 bytes */
    WSAMSG *sent_message;   /* the last WSASendMsg's */
    /* Answers WSPIoctl's codes but for the extension query: zero or the error. Then it is done at once, with the size
     * that is in `*returned`. NULL: as `answer` says. */
    INT(*command)
    (SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,
     const WSAOVERLAPPED *overlapped);
    int(WSPAPI *select)(int count, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout, INT *error);
};
extern struct next next;

void next_reset(void);

/* The socket that WSPSocket or WSPAccept has given last. */
SOCKET next_last(void);

/* Its functions, for calls past the layer. */
const WSPPROC_TABLE *next_functions(void);

/* Ends an operation that is pending; false where it is none. */
bool next_complete(WSAOVERLAPPED *below, INT error, DWORD bytes, DWORD flags);

/* Queues a packet that there is no reason for. */
void next_packet(SOCKET s, WSAOVERLAPPED *below, DWORD bytes);

#endif
