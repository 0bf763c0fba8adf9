/* Names and connections of a socket: bind, listen, connect, shutdown, getsockname, getpeername. */
#include "api.h"
#include "call.h"

int WSAAPI api_bind(SOCKET s, const struct sockaddr *name, int length)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPBind(s, name, length, &call.error));
}

int WSAAPI api_listen(SOCKET s, int backlog)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPListen(s, backlog, &call.error));
}

int WSAAPI api_WSAConnect(SOCKET s, const struct sockaddr *name, int length, WSABUF *caller, WSABUF *callee,
                          QOS *socket_qos, QOS *group_qos)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(
        &call, call.provider->procs.lpWSPConnect(s, name, length, caller, callee, socket_qos, group_qos, &call.error));
}

int WSAAPI api_connect(SOCKET s, const struct sockaddr *name, int length)
{
    return api_WSAConnect(s, name, length, NULL, NULL, NULL, NULL);
}

int WSAAPI api_shutdown(SOCKET s, int how)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPShutdown(s, how, &call.error));
}

int WSAAPI api_WSASendDisconnect(SOCKET s, WSABUF *data)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPSendDisconnect(s, data, &call.error));
}

int WSAAPI api_WSARecvDisconnect(SOCKET s, WSABUF *data)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPRecvDisconnect(s, data, &call.error));
}

int WSAAPI api_getpeername(SOCKET s, struct sockaddr *name, int *length)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPGetPeerName(s, name, length, &call.error));
}

int WSAAPI api_getsockname(SOCKET s, struct sockaddr *name, int *length)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPGetSockName(s, name, length, &call.error));
}
