/* The blocking hook of Windows Sockets 1.1. Its functions "have been removed in compliance with the Windows Sockets 2
 * specification" (WSASetBlockingHook): a process that has negotiated 2.0 or more gets WSAEOPNOTSUPP. */
#include "api.h"
#include "lsp-core/host/provider/provider.h"
#include "startup.h"
#include "lsp-core/host/provider/thread.h"

/* The thread's record where the function may be used, or NULL with the last error set. */
static struct host_thread *begin(void)
{
    struct host_thread *thread = thread_current();
    int error = 0;
    if (!startup_done())
        error = WSANOTINITIALISED;
    else if (!startup_only_version_1())
        error = WSAEOPNOTSUPP;
    else if (thread == NULL)
        error = WSAENOBUFS;
    if (error == 0)
        return thread;
    WSASetLastError(error);
    return NULL;
}

WINBOOL WSAAPI api_WSAIsBlocking(void)
{
    const struct host_thread *thread = thread_find();
    return thread != NULL && thread->in_hook;
}

FARPROC WSAAPI api_WSASetBlockingHook(FARPROC hook)
{
    struct host_thread *thread = begin();
    if (thread == NULL)
        return NULL;
    FARPROC previous = thread->hook;
    thread->hook = hook;
    return previous;
}

int WSAAPI api_WSAUnhookBlockingHook(void)
{
    struct host_thread *thread = begin();
    if (thread == NULL)
        return SOCKET_ERROR;
    thread->hook = NULL;
    return 0;
}

int WSAAPI api_WSACancelBlockingCall(void)
{
    struct host_thread *thread = begin();
    INT error = WSAEINVAL; /* "there is no outstanding blocking call" */
    if (thread == NULL)
        return SOCKET_ERROR;
    if (!thread->in_hook) {
        WSASetLastError(error);
        return SOCKET_ERROR;
    }
    thread->cancelled = true;
    if (thread->blocking == NULL || thread->blocking->procs.lpWSPCancelBlockingCall(&error) != SOCKET_ERROR)
        return 0;
    WSASetLastError(error);
    return SOCKET_ERROR;
}
