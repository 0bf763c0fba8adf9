/* The way of a call from the program to the socket's provider, where it is not the straight one; see call.h. */
#include "call.h"

#include "lsp-core/host/provider/base.h"
#include "lsp-core/host/handles/handles.h"
#include "startup.h"

static bool fail(int error)
{
    WSASetLastError(error);
    return false;
}

/* Enters a call on this thread, unless Winsock must not be used on it now. */
static bool enter(struct call *call)
{
    call->thread = thread_current();
    call->error = WSASYSCALLFAILURE;
    if (call->thread == NULL)
        return fail(WSAENOBUFS);
    if (!startup_done())
        return fail(WSANOTINITIALISED);
    /* WSASetBlockingHook: in the hook no function may be called but WSAIsBlocking, WSACancelBlockingCall and those
     * that are no socket's. */
    if (call->thread->in_hook)
        return fail(WSAEINPROGRESS);
    call->thread->calls++;
    return true;
}

/* Asking the system goes through no layer: a socket that came from outside (inherited, duplicated by hand, or made
 * before the host was there) is none that a layer of this process has seen. But what DuplicateHandle makes of a handle
 * of WPUCreateSocketHandle's has the same context, and is the same provider's. */
static struct provider *find_outside(SOCKET s)
{
    struct provider *owner = handles_ours((HANDLE)s) ? handles_duplicate_owner(s) : NULL;
    if (owner == NULL && s != INVALID_SOCKET && !handles_ours((HANDLE)s) && base_is_socket(s))
        owner = provider_base();
    return owner == NULL ? NULL : sockets_offer(&sockets, s, owner);
}

bool call_begin_slowly(struct call *call, SOCKET s)
{
    if (!enter(call))
        return false;
    call->provider = sockets_find(&sockets, s);
    if (call->provider == NULL)
        call->provider = find_outside(s);
    if ((uintptr_t)call->provider > (uintptr_t)SOCKETS_CLOSING)
        return true;
    call->thread->calls--;
    return fail(WSAENOTSOCK);
}

bool call_begin_without_socket(struct call *call)
{
    call->provider = NULL;
    return enter(call);
}
