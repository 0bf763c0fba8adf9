/* What the host keeps for each thread that uses sockets; see thread.h. */
#include "thread.h"

#include <stddef.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <winternl.h>

#include "lock.h"

#define TEB_SLOTS 64 /* TlsSlots of the TEB; the slots above are behind another pointer */

ULONG_PTR thread_offset;

static DWORD thread_slot;

static SRWLOCK list_lock = SRWLOCK_INIT;
static struct host_thread *list;

static void remove_from_list(const struct host_thread *thread)
{
    lock_exclusive(&list_lock);
    struct host_thread **place = &list;
    while (*place != NULL && *place != thread)
        place = &(*place)->next;
    if (*place != NULL)
        *place = thread->next;
    unlock_exclusive(&list_lock);
}

/* The loader calls it on each thread that ends. A fiber-local slot's callback would not do: it runs at a fiber's end,
 * perhaps on another thread, while this one's goes on. */
static void NTAPI thread_ended(void *module, DWORD reason, void *reserved)
{
    (void)module, (void)reserved;
    if (reason != DLL_THREAD_DETACH || thread_offset == 0)
        return;
    struct host_thread *thread = thread_find();
    if (thread == NULL)
        return;
    TlsSetValue(thread_slot, NULL);
    remove_from_list(thread);
    CloseHandle(thread->id.ThreadHandle);
    _aligned_free(thread);
}

/* Among the callbacks of the image's TLS directory ("PE Format", The .tls Section). */
__attribute__((section(".CRT$XLY"), used)) static const PIMAGE_TLS_CALLBACK thread_callback = thread_ended;

bool thread_initialize(void)
{
    DWORD slot = TlsAlloc();
    if (slot == TLS_OUT_OF_INDEXES)
        return false;
    if (slot >= TEB_SLOTS) {
        TlsFree(slot);
        return false;
    }
    thread_slot = slot;
    thread_offset = offsetof(TEB, TlsSlots) + slot * sizeof(void *);
    return true;
}

struct host_thread *thread_create(void)
{
    DWORD last_error = GetLastError();
    struct host_thread *thread = _aligned_malloc(sizeof(*thread), __alignof__(struct host_thread));
    if (thread == NULL)
        return NULL;
    memset(thread, 0, sizeof(*thread));
    if (!DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &thread->id.ThreadHandle,
                         THREAD_SET_CONTEXT | SYNCHRONIZE, FALSE, 0)) {
        _aligned_free(thread);
        SetLastError(last_error);
        return NULL;
    }
    thread->id.Reserved = GetCurrentThreadId();
    lock_exclusive(&list_lock);
    thread->next = list;
    list = thread;
    unlock_exclusive(&list_lock);
    TlsSetValue(thread_slot, thread);
    SetLastError(last_error);
    return thread;
}

bool thread_calling(void)
{
    bool calling = false;
    /* Makes each thread's `calls` visible here that was written before it looked a socket up. */
    FlushProcessWriteBuffers();
    lock_shared(&list_lock);
    for (const struct host_thread *thread = list; thread != NULL && !calling; thread = thread->next)
        calling = thread->calls != 0;
    unlock_shared(&list_lock);
    return calling;
}

/* LPBLOCKINGCALLBACK, see WPUQueryBlockingCallback: FALSE asks the provider to give up with WSAEINTR. The hook is
 * called until it has nothing more to do (WSASetBlockingHook). */
static WINBOOL CALLBACK run_hook(DWORD_PTR context)
{
    struct host_thread *thread = (struct host_thread *)context;
    if (thread->hook == NULL)
        return TRUE;
    thread->cancelled = false;
    thread->in_hook = true;
    while (!thread->cancelled && thread->hook() != 0)
        ;
    thread->in_hook = false;
    return !thread->cancelled;
}

void thread_query_blocking(struct provider *provider, LPBLOCKINGCALLBACK *callback, DWORD_PTR *context)
{
    struct host_thread *thread = thread_current();
    *callback = thread == NULL || thread->hook == NULL ? NULL : run_hook;
    *context = (DWORD_PTR)thread;
    if (thread != NULL)
        thread->blocking = provider;
}
