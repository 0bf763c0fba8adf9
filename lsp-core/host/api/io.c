/* Data in and out. The functions without overlapped parameters are the provider's, called without them. */
#include "api.h"
#include "lsp-core/host/provider/base.h"
#include "call.h"
#include "past_layers.h"
#include "startup.h"

int WSAAPI api_send(SOCKET s, const char *data, int length, int flags)
{
    WSABUF buffer = {(u_long)length, (char *)data};
    DWORD bytes = 0;
    CALL_BEGIN(s, SOCKET_ERROR);
    int result =
        call.provider->procs.lpWSPSend(s, &buffer, 1, &bytes, (DWORD)flags, NULL, NULL, &call.thread->id, &call.error);
    call_end(&call, result == SOCKET_ERROR);
    return result == SOCKET_ERROR ? SOCKET_ERROR : (int)bytes;
}

int WSAAPI api_sendto(SOCKET s, const char *data, int length, int flags, const struct sockaddr *to, int to_length)
{
    WSABUF buffer = {(u_long)length, (char *)data};
    DWORD bytes = 0;
    CALL_BEGIN(s, SOCKET_ERROR);
    int result = call.provider->procs.lpWSPSendTo(s, &buffer, 1, &bytes, (DWORD)flags, to, to_length, NULL, NULL,
                                                  &call.thread->id, &call.error);
    call_end(&call, result == SOCKET_ERROR);
    return result == SOCKET_ERROR ? SOCKET_ERROR : (int)bytes;
}

/* recv and recvfrom have no flags to give back: that a message was cut off is an error there (WSAEMSGSIZE), also where
 * the provider says it with MSG_PARTIAL. */
static int received(struct call *call, int result, DWORD bytes, DWORD flags)
{
    if (result != SOCKET_ERROR && (flags & MSG_PARTIAL) != 0) {
        call->error = WSAEMSGSIZE;
        result = SOCKET_ERROR;
    }
    call_end(call, result == SOCKET_ERROR);
    return result == SOCKET_ERROR ? SOCKET_ERROR : (int)bytes;
}

int WSAAPI api_recv(SOCKET s, char *data, int length, int flags)
{
    WSABUF buffer = {(u_long)length, data};
    DWORD bytes = 0;
    DWORD inout = (DWORD)flags;
    CALL_BEGIN(s, SOCKET_ERROR);
    int result =
        call.provider->procs.lpWSPRecv(s, &buffer, 1, &bytes, &inout, NULL, NULL, &call.thread->id, &call.error);
    return received(&call, result, bytes, inout);
}

int WSAAPI api_recvfrom(SOCKET s, char *data, int length, int flags, struct sockaddr *from, int *from_length)
{
    WSABUF buffer = {(u_long)length, data};
    DWORD bytes = 0;
    DWORD inout = (DWORD)flags;
    CALL_BEGIN(s, SOCKET_ERROR);
    int result = call.provider->procs.lpWSPRecvFrom(s, &buffer, 1, &bytes, &inout, from, from_length, NULL, NULL,
                                                    &call.thread->id, &call.error);
    return received(&call, result, bytes, inout);
}

int WSAAPI api_WSASend(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags, WSAOVERLAPPED *overlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPSend(s, buffers, count, bytes, flags, overlapped, routine,
                                                             &call.thread->id, &call.error));
}

int WSAAPI api_WSASendTo(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags, const struct sockaddr *to,
                         int to_length, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPSendTo(s, buffers, count, bytes, flags, to, to_length,
                                                               overlapped, routine, &call.thread->id, &call.error));
}

int WSAAPI api_WSARecv(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags, WSAOVERLAPPED *overlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPRecv(s, buffers, count, bytes, flags, overlapped, routine,
                                                             &call.thread->id, &call.error));
}

int WSAAPI api_WSARecvFrom(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags, struct sockaddr *from,
                           int *from_length, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPRecvFrom(s, buffers, count, bytes, flags, from, from_length,
                                                                 overlapped, routine, &call.thread->id, &call.error));
}

/* Nothing can be under way on a handle that no function has had as a socket in this process: what DuplicateHandle has
 * made of one is none before it has been used as such. */
WINBOOL WSAAPI api_WSAGetOverlappedResult(SOCKET s, WSAOVERLAPPED *overlapped, DWORD *bytes, WINBOOL wait, DWORD *flags)
{
    if (startup_done() && sockets_find(&sockets, s) == NULL) {
        WSASetLastError(WSAENOTSOCK);
        return FALSE;
    }
    CALL_BEGIN(s, FALSE);
    WINBOOL done = call.provider->procs.lpWSPGetOverlappedResult(s, overlapped, bytes, wait, flags, &call.error);
    call_end(&call, !done);
    return done;
}

/* A layer that wants the call is given it by SIO_EXT_SENDMSG. */
static int send_msg_by_layer(struct call *call, SOCKET s, WSASENDMSG *arguments)
{
    DWORD code = 0, returned = 0;
    int result = call->provider->procs.lpWSPIoctl(s, SIO_EXT_SENDMSG, arguments, sizeof(*arguments), &code,
                                                  sizeof(code), &returned, NULL, NULL, &call->thread->id, &call->error);
    if (code == 0)
        return result;
    call->error = (INT)code;
    return SOCKET_ERROR;
}

/* One that does not know the question has at least an extension function. */
static int send_msg_by_function(struct call *call, SOCKET s, const WSASENDMSG *arguments)
{
    static const GUID id = WSAID_WSASENDMSG;
    LPFN_WSASENDMSG function = NULL;
    DWORD returned = 0;
    if (call->provider->procs.lpWSPIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, (void *)&id, sizeof(id), &function,
                                         sizeof(function), &returned, NULL, NULL, &call->thread->id,
                                         &call->error) == SOCKET_ERROR)
        return SOCKET_ERROR;
    int result = function(s, arguments->lpMsg, arguments->dwFlags, arguments->lpNumberOfBytesSent,
                          arguments->lpOverlapped, arguments->lpCompletionRoutine);
    if (result == SOCKET_ERROR)
        call->error = (INT)GetLastError();
    return result;
}

/* The SPI has no function for it. */
int WSAAPI api_WSASendMsg(SOCKET s, WSAMSG *message, DWORD flags, DWORD *bytes, WSAOVERLAPPED *overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSASENDMSG arguments = {message, flags, bytes, overlapped, routine};
    SOCKET handle = s;
    CALL_BEGIN(s, SOCKET_ERROR);
    enum past_layers past =
        call.provider->base ? PAST_LAYERS : past_layers_ask(&call, call.provider, s, SIO_BSP_HANDLE, &handle);
    if (past == PAST_LAYERS)
        return call_result(&call, base_send_msg(handle, &arguments, &call.error));
    if (past == PAST_OWN)
        return call_result(&call, send_msg_by_layer(&call, s, &arguments));
    return call_result(&call, send_msg_by_function(&call, s, &arguments));
}
