/* WSPIoctl's codes about calls that the SPI has no function for ("Winsock IOCTLs"), on sockets with handles of the
 * layer's own; see lsp-core/layer/nonifs/sockets.h. SIO_BSP_HANDLE_SELECT and SIO_BSP_HANDLE_POLL go down like any
 * other code, so that the answer is the base's handle: select and WSAPoll then go past all layers. */
#include "lsp-core/layer/nonifs/sockets.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/cancel_code.h"
#include "lsp-core/layer/nonifs/operation.h"
#include "spi.h"

static int fail(int code, INT *error)
{
    *error = code;
    return SOCKET_ERROR;
}

/* WSASendMsg wants to know whose it is. An overlapped one that went past the layer would complete at the base's handle,
 * which the program's completion port knows nothing of; so the layer answers with its own, where the next provider
 * answers at all. */
static int answer_own_handle(const struct nonifs_socket *found, SOCKET s, void *out, DWORD out_size, DWORD *returned,
                             WSATHREADID *thread, INT *error)
{
    if (out == NULL || out_size < sizeof(s) || returned == NULL)
        return fail(WSAEFAULT, error);
    int result = found->chain->next.lpWSPIoctl(found->next, SIO_BSP_HANDLE, NULL, 0, out, out_size, returned, NULL,
                                               NULL, thread, error);
    if (result == 0) {
        memcpy(out, &s, sizeof(s));
        *returned = sizeof(s);
    }
    return result;
}

/* "The actual error code is returned via the lpvOutBuffer parameter" (Microsoft's sample). */
static int send_msg(const struct nonifs_socket *found, SOCKET s, const WSASENDMSG *arguments, DWORD size, void *out,
                    DWORD out_size, DWORD *returned, INT *error)
{
    DWORD code = 0;
    if (arguments == NULL || size < sizeof(*arguments))
        return fail(WSAEFAULT, error);
    LPFN_WSASENDMSG send = (LPFN_WSASENDMSG)spi_of(found->chain->place, false)->extensions[EXTENSION_SEND_MSG];
    int result = send(s, arguments->lpMsg, arguments->dwFlags, arguments->lpNumberOfBytesSent, arguments->lpOverlapped,
                      arguments->lpCompletionRoutine);
    if (result == SOCKET_ERROR)
        code = GetLastError();
    if (out != NULL && out_size >= sizeof(code)) {
        memcpy(out, &code, sizeof(code));
        if (returned != NULL)
            *returned = sizeof(code);
    }
    return result == SOCKET_ERROR ? fail((int)code, error) : 0;
}

/* Below it is the same call with the next provider's handles; one that is none of the place's stays, as in select. */
static int poll_below(const struct nonifs_socket *found, WSAPOLLDATA *data, WSAPOLLDATA *below, DWORD size,
                      DWORD *returned, WSATHREADID *thread, INT *error)
{
    struct nonifs_socket other;
    memcpy(below, data, size);
    for (ULONG i = 0; i < data->fds; i++)
        if (nonifs_find(found->chain->place, data->fdArray[i].fd, &other))
            below->fdArray[i].fd = other.next;
    int result = found->chain->next.lpWSPIoctl(found->next, SIO_EXT_POLL, below, size, below, size, returned, NULL,
                                               NULL, thread, error);
    data->result = below->result;
    for (ULONG i = 0; i < data->fds && result == 0; i++)
        data->fdArray[i].revents = below->fdArray[i].revents;
    return result;
}

/* The results stand in what came in, where Microsoft's sample looks for them; the two buffers mostly are one. */
static int poll(const struct nonifs_socket *found, WSAPOLLDATA *data, DWORD size, void *out, DWORD out_size,
                DWORD *returned, WSATHREADID *thread, INT *error)
{
    if (data == NULL || size < offsetof(WSAPOLLDATA, fdArray) ||
        data->fds > (size - offsetof(WSAPOLLDATA, fdArray)) / sizeof(WSAPOLLFD))
        return fail(WSAEFAULT, error);
    WSAPOLLDATA *below = malloc(size);
    if (below == NULL)
        return fail(WSAENOBUFS, error);
    int result = poll_below(found, data, below, size, returned, thread, error);
    free(below);
    if (result == 0 && out != NULL && out_size >= size)
        memmove(out, data, size);
    return result;
}

static int cancel(const struct nonifs_socket *found, const void *in, DWORD in_size, INT *error)
{
    const WSAOVERLAPPED *overlapped;
    if (in == NULL || in_size < sizeof(overlapped))
        return fail(WSAEFAULT, error);
    memcpy(&overlapped, in, sizeof(overlapped));
    return operation_cancel(found, overlapped) ? 0 : fail(ERROR_NOT_FOUND, error);
}

bool nonifs_own_code(DWORD code)
{
    return code == SIO_BSP_HANDLE || code == SIO_EXT_SENDMSG || code == SIO_EXT_POLL || code == WSPLSP_SIO_CANCEL;
}

int nonifs_own_ioctl(const struct nonifs_socket *found, SOCKET s, DWORD code, void *in, DWORD in_size, void *out,
                     DWORD out_size, DWORD *returned, WSATHREADID *thread, INT *error)
{
    switch (code) {
    case SIO_BSP_HANDLE:
        return answer_own_handle(found, s, out, out_size, returned, thread, error);
    case SIO_EXT_SENDMSG:
        return send_msg(found, s, in, in_size, out, out_size, returned, error);
    case SIO_EXT_POLL:
        return poll(found, in, in_size, out, out_size, returned, thread, error);
    default:
        return cancel(found, in, in_size, error);
    }
}
