/* Winsock's part for tests of the layer's non-IFS mode: upcalls that record, and what of kernel32 the layer starts its
 * service threads with. Beside winsock_part.h, which has the catalog and the layer's memory. */
#ifndef WSPLSP_TESTS_NONIFS_UPPER_H
#define WSPLSP_TESTS_NONIFS_UPPER_H

#include <stdbool.h>

#include "lsp-core/layer/chain/winsock_spi.h"

enum { UPPER_HANDLES = 1 << 17, UPPER_COMPLETIONS = 4096, UPPER_FIRST = 0x100000 };

struct upper_completion {
    SOCKET s;
    WSAOVERLAPPED *overlapped;
    DWORD error, bytes;
};

struct upper {
    volatile LONG created, closed, queries, opened_threads, closed_threads, apcs, posts, resets;
    volatile LONG wrong; /* upcalls that no layer may make: closing what is not open, and the like */
    DWORD create_id;
    /* What the upcalls fail with; 0: they succeed. */
    INT create_error, query_error, apc_error, open_error, complete_error;
    bool post_fails;
    SOCKET alias, alias_of; /* another handle for the same socket, as DuplicateHandle makes one */
    bool alias_alone;       /* and the first one has been closed */
    SOCKET closed_handle;   /* WPUCloseSocketHandle's last */
    /* WPUPostMessage's. */
    HWND window;
    UINT message;
    WPARAM first;
    LPARAM second;
    /* WPUCompleteOverlappedRequest's, in their order. */
    volatile LONG completions;
    struct upper_completion completion[UPPER_COMPLETIONS];
    /* kernel32's. */
    volatile LONG threads;
    volatile LONG packet_waits; /* for the next provider's packets */
    bool slow;                  /* they take their time */
    volatile bool hold_packets; /* they come when the test says so */
    bool hold_threads;          /* they begin when that is over */
    void (*starting)(void);     /* called from within CreateThread, and from within the question for … */
    void (*asking)(void);       /* … SetFileCompletionNotificationModes */
    bool no_thread, no_port, no_attach, no_skip, no_wait, no_event, no_post;
    bool hold_waits; /* they end when the test says so */
    LONG held;
};
extern struct upper upper;

/* After part_load. */
void upper_install(void);
void upper_reset(void);

/* The catalog's layer has handles of its own from now on. */
void upper_nonifs(void);

/* Says that the event of the held wait with that number is signalled. */
void upper_end_wait(LONG number);

/* Handles that have been made and not closed. */
LONG upper_open_handles(void);
bool upper_is_open(SOCKET s);

/* Waits, at most 20 s, until so many operations have been announced. */
bool upper_wait(LONG completions);
bool upper_wait_for(volatile LONG *value, LONG wanted);

/* The port that a next provider's handle has been associated with, and whether success at once brings no packet. */
HANDLE upper_port(SOCKET next, ULONG_PTR *key);
bool upper_skips(SOCKET next);

#endif
