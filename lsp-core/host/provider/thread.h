/* What the host keeps for each thread that uses sockets: the WSATHREADID that providers get, the calls under way, and
 * the blocking hook of Windows Sockets 1.1. */
#ifndef WSPLSP_CORE_HOST_PROVIDER_THREAD_H
#define WSPLSP_CORE_HOST_PROVIDER_THREAD_H

#include <stdbool.h>

#include "lsp-core/win/winsock.h"

struct provider;

/* Alone in its cache lines (of pairs that processors fetch together): `calls` is written at each call, and must not
 * slow down another thread's. */
struct __attribute__((aligned(128))) host_thread {
    /* Calls into providers under way on this thread; written by it alone, read when providers are unloaded. */
    volatile LONG calls;
    bool in_hook;              /* inside the blocking hook: every call but three fails with WSAEINPROGRESS */
    bool cancelled;            /* WSACancelBlockingCall was called from the hook */
    int open_type;             /* SO_OPENTYPE */
    WSATHREADID id;            /* ThreadHandle: open for THREAD_SET_CONTEXT; Reserved: the thread's id */
    struct provider *making;   /* whose WSPSocket, WSPAccept or WSPJoinLeaf is under way, for WPUModifyIFSHandle */
    struct provider *blocking; /* whose blocking call is running the hook */
    const void *loading;       /* the provider whose DLL is being loaded; see provider.c */
    FARPROC hook;              /* WSASetBlockingHook */
    SOCKET base_answered;      /* the base's last answer to one of the SIO_BSP_HANDLE codes, for past_layers.h */
    bool ending;               /* the loader has said that the thread ends; DLLs that it tells later may still call */
    struct host_thread *next;
};

/* Where in the TEB this thread's record is: one of the 64 TlsSlots that winternl.h documents. 0 where the process had
 * used these up, and the record is in a slot above them. Set by thread_initialize. */
extern ULONG_PTR thread_offset;

/* Call it once, before any other function. False when the process is out of slots. */
bool thread_initialize(void);

/* Makes this thread's record; NULL when out of memory. Keeps the last error. */
struct host_thread *thread_create(void);

/* For a slot above the TEB's own. Keeps the last error. */
struct host_thread *thread_find_above(void);

/* This thread's record, or NULL. Read from the TEB, because TlsGetValue clears the last error, and a call that succeeds
 * must leave it alone. */
static inline struct host_thread *thread_find(void)
{
    struct host_thread *thread;
    if (__builtin_expect(thread_offset == 0, 0))
        return thread_find_above();
#ifdef _WIN64
    __asm__ volatile("movq %%gs:(%1), %0" : "=r"(thread) : "r"(thread_offset));
#else
    __asm__ volatile("movl %%fs:(%1), %0" : "=r"(thread) : "r"(thread_offset));
#endif
    return thread;
}

/* This thread's record, made where there is none. */
static inline struct host_thread *thread_current(void)
{
    struct host_thread *thread = thread_find();
    return __builtin_expect(thread != NULL, 1) ? thread : thread_create();
}

/* How many records there are, for tests. */
size_t thread_count(void);

/* Whether any thread is inside a provider. Who asks has emptied the table of sockets before. */
bool thread_calling(void);

/* WPUQueryBlockingCallback for the calling thread: `*callback` is NULL where it has no hook. */
void thread_query_blocking(struct provider *provider, LPBLOCKINGCALLBACK *callback, DWORD_PTR *context);

#endif
