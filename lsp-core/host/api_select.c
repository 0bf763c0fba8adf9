/* Waiting for several sockets: select, WSAPoll, __WSAFDIsSet. */
#include <stdlib.h>

#include "api.h"
#include "call.h"
#include "real.h"
#include "startup.h"

static const fd_set *first_set(const fd_set *read, const fd_set *write, const fd_set *except)
{
    const fd_set *sets[] = {read, write, except};
    for (size_t i = 0; i < 3; i++)
        if (sets[i] != NULL && sets[i]->fd_count > 0)
            return sets[i];
    return NULL;
}

/* "The sockets contained within the fd_set structures must be associated with a single service provider" (select). As
 * Windows does, the provider of the first socket in the first set that is not empty gets them all: it knows best which
 * others it can wait for (the base takes IPv4 and IPv6 sockets, and those of IFS layers, together), and says
 * WSAENOTSOCK for one that is not its own. */
int WSAAPI api_select(int count, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout)
{
    const fd_set *set = first_set(read, write, except);
    if (set == NULL) {
        WSASetLastError(startup_done() ? WSAEINVAL : WSANOTINITIALISED);
        return SOCKET_ERROR;
    }
    CALL_BEGIN(set->fd_array[0], SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPSelect(count, read, write, except, timeout, &call.error));
}

int WSAAPI api___WSAFDIsSet(SOCKET s, fd_set *set)
{
    for (u_int i = 0; i < set->fd_count; i++)
        if (set->fd_array[i] == s)
            return 1;
    return 0;
}

/* The base provider's handle behind a socket, for a wait that goes past the layers: SIO_BSP_HANDLE_POLL lets a layer
 * name the handle to wait for. A socket that is none, or whose layer has no answer, stays: the system says POLLNVAL. */
static SOCKET poll_handle(const struct call *call, SOCKET s)
{
    struct provider *provider = sockets_find(&sockets, s);
    SOCKET handle = s;
    DWORD returned = 0;
    INT error;
    WSATHREADID id = call->thread->id;
    if ((uintptr_t)provider <= (uintptr_t)SOCKETS_CLOSING || provider->base)
        return s;
    if (provider->procs.lpWSPIoctl(s, SIO_BSP_HANDLE_POLL, NULL, 0, &handle, sizeof(handle), &returned, NULL, NULL, &id,
                                   &error) == 0)
        return handle;
    /* Layers older than Windows Vista know neither; those of its time know one or the other. */
    if (provider->procs.lpWSPIoctl(s, SIO_BASE_HANDLE, NULL, 0, &handle, sizeof(handle), &returned, NULL, NULL, &id,
                                   &error) == 0)
        return handle;
    return s;
}

static int poll_handles(struct call *call, WSAPOLLFD *polled, const WSAPOLLFD *own, ULONG count, INT timeout)
{
    for (ULONG i = 0; i < count; i++) {
        polled[i] = own[i];
        polled[i].fd = poll_handle(call, own[i].fd);
    }
    int result = real.WSAPoll(polled, count, timeout);
    call->error = result == SOCKET_ERROR ? (INT)GetLastError() : 0;
    return result;
}

int WSAAPI api_WSAPoll(WSAPOLLFD *own, ULONG count, INT timeout)
{
    enum { FEW = 32 };
    WSAPOLLFD few[FEW];
    WSAPOLLFD *polled = few;
    struct call call;
    int result = SOCKET_ERROR;
    if (!call_begin_without_socket(&call))
        return SOCKET_ERROR;
    if (own == NULL || count == 0) {
        result = real.WSAPoll(own, count, timeout);
        call.error = (INT)GetLastError();
        return call_result(&call, result);
    }
    if (count > FEW)
        polled = calloc(count, sizeof(*polled));
    call.error = WSAENOBUFS;
    if (polled != NULL)
        result = poll_handles(&call, polled, own, count, timeout);
    for (ULONG i = 0; i < count && result != SOCKET_ERROR; i++)
        own[i].revents = polled[i].revents;
    if (polled != few)
        free(polled);
    return call_result(&call, result);
}
