/* The way of a call from the program to the socket's provider. Everything here is inlined into each function of the
 * interface; a call costs the look-up, two writes to the thread's own record and the jump, and no lock. */
#ifndef WSPLSP_CORE_HOST_API_CALL_H
#define WSPLSP_CORE_HOST_API_CALL_H

#include "lsp-core/host/provider/provider.h"
#include "lsp-core/base/handle_table.h"
#include "lsp-core/host/provider/thread.h"

struct call {
    struct host_thread *thread;
    struct provider *provider;
    INT error; /* lpErrno */
};

/* Fills `call` for a socket that is not in the table, or fails: WSANOTINITIALISED, WSAEINPROGRESS, WSAENOTSOCK,
 * WSA_NOT_ENOUGH_MEMORY as the last error. A socket from outside (inherited) is the base provider's from now on. */
bool call_begin_slowly(struct call *call, SOCKET s);

static inline bool call_begin(struct call *call, SOCKET s)
{
    struct host_thread *thread = thread_current();
    call->thread = thread;
    if (__builtin_expect(thread == NULL || thread->in_hook, 0))
        return call_begin_slowly(call, s);
    /* Before the look-up: provider_stop_all first empties the table, then looks for threads that are inside. */
    thread->calls++;
    call->provider = sockets_find(&sockets, s);
    if (__builtin_expect((uintptr_t)call->provider > (uintptr_t)SOCKETS_CLOSING, 1)) {
        /* For a provider that fails without saying why. */
        call->error = WSASYSCALLFAILURE;
        return true;
    }
    thread->calls--;
    return call_begin_slowly(call, s);
}

/* For a call that has no socket: a provider has been found in another way. Fails like call_begin_slowly. */
bool call_begin_without_socket(struct call *call);

static inline void call_end(struct call *call, bool failed)
{
    call->thread->calls--;
    if (__builtin_expect(failed, 0))
        SetLastError((DWORD)call->error);
}

/* Begins a call on `s`, or returns `failure`. */
#define CALL_BEGIN(s, failure)   \
    struct call call;            \
    if (!call_begin(&call, (s))) \
    return (failure)

/* The result of an int function: SOCKET_ERROR is its failure. */
static inline int call_result(struct call *call, int result)
{
    call_end(call, result == SOCKET_ERROR);
    return result;
}

#endif
