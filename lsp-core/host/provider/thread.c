/* What the host keeps for each thread that uses sockets; see thread.h. */
#include "thread.h"

#include <stddef.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <winternl.h>

#include "lsp-core/win/lock.h"

#define TEB_SLOTS 64 /* TlsSlots of the TEB; the slots above are behind another pointer */

ULONG_PTR thread_offset;

static DWORD thread_slot = TLS_OUT_OF_INDEXES;
/* Not NULL on a thread whose end the loader has told this module of: a record that is made now is made late. */
static DWORD ending_slot = TLS_OUT_OF_INDEXES;

static SRWLOCK list_lock = SRWLOCK_INIT;
static struct host_thread *list;
static volatile LONG ending_count; /* records in the list whose thread is ending */

/* Takes a record out of the list whose thread said that it ends and now has ended; NULL where there is none. */
static struct host_thread *take_ended(void)
{
    struct host_thread *ended = NULL;
    lock_exclusive(&list_lock);
    for (struct host_thread **place = &list; *place != NULL && ended == NULL;) {
        if ((*place)->ending && WaitForSingleObject((*place)->id.ThreadHandle, 0) == WAIT_OBJECT_0) {
            ended = *place;
            *place = ended->next;
            ending_count--;
        } else {
            place = &(*place)->next;
        }
    }
    unlock_exclusive(&list_lock);
    return ended;
}

/* A record outlives the loader's notice: DLLs that were loaded before the host are told after it, and may still close
 * sockets. It goes when a later thread comes or ends, so there are never more left over than threads ended at once. */
static void free_ended(void)
{
    struct host_thread *ended;
    while (ending_count > 0 && (ended = take_ended()) != NULL) {
        CloseHandle(ended->id.ThreadHandle);
        _aligned_free(ended);
    }
}

static void mark_ending(struct host_thread *thread)
{
    lock_exclusive(&list_lock);
    thread->ending = true;
    ending_count++;
    unlock_exclusive(&list_lock);
}

/* The loader calls it on each thread that ends. A fiber-local slot's callback would not do: it runs at a fiber's end,
 * perhaps on another thread, while this one's goes on. */
static void NTAPI thread_ended(void *module, DWORD reason, void *reserved)
{
    (void)module, (void)reserved;
    if (reason != DLL_THREAD_DETACH || thread_slot == TLS_OUT_OF_INDEXES)
        return;
    struct host_thread *thread = thread_find();
    TlsSetValue(ending_slot, &ending_slot);
    free_ended();
    if (thread != NULL)
        mark_ending(thread);
}

/* Among the callbacks of the image's TLS directory ("PE Format", The .tls Section). */
__attribute__((section(".CRT$XLY"), used)) static const PIMAGE_TLS_CALLBACK thread_callback = thread_ended;

bool thread_initialize(void)
{
    DWORD slot = TlsAlloc();
    ending_slot = TlsAlloc();
    if (slot == TLS_OUT_OF_INDEXES || ending_slot == TLS_OUT_OF_INDEXES) {
        TlsFree(slot);
        return false;
    }
    thread_offset = slot < TEB_SLOTS ? offsetof(TEB, TlsSlots) + slot * sizeof(void *) : 0;
    thread_slot = slot;
    return true;
}

struct host_thread *thread_find_above(void)
{
    if (thread_slot == TLS_OUT_OF_INDEXES)
        return NULL;
    DWORD last_error = GetLastError();
    struct host_thread *thread = TlsGetValue(thread_slot);
    SetLastError(last_error);
    return thread;
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
    thread->ending = TlsGetValue(ending_slot) != NULL;
    free_ended();
    lock_exclusive(&list_lock);
    ending_count += thread->ending;
    thread->next = list;
    list = thread;
    unlock_exclusive(&list_lock);
    TlsSetValue(thread_slot, thread);
    SetLastError(last_error);
    return thread;
}

size_t thread_count(void)
{
    size_t count = 0;
    lock_shared(&list_lock);
    for (const struct host_thread *thread = list; thread != NULL; thread = thread->next)
        count++;
    unlock_shared(&list_lock);
    return count;
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
