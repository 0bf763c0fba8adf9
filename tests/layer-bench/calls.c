/* The SPI calls that the bench times; see calls.h. */
#include "calls.h"

static const struct sockaddr_in address = {.sin_family = AF_INET};

/* Each in a function of its own, with what it needs on the stack, as a program has it. */
#define CALL(name) static bool run_##name(const WSPPROC_TABLE *procs, SOCKET s)

CALL(send)
{
    char byte = 0;
    WSABUF buffer = {1, &byte};
    DWORD bytes;
    INT error;
    return procs->lpWSPSend(s, &buffer, 1, &bytes, 0, NULL, NULL, NULL, &error) == 0;
}

CALL(recv)
{
    char byte;
    WSABUF buffer = {1, &byte};
    DWORD bytes, flags = 0;
    INT error;
    return procs->lpWSPRecv(s, &buffer, 1, &bytes, &flags, NULL, NULL, NULL, &error) == 0;
}

CALL(send_to)
{
    char byte = 0;
    WSABUF buffer = {1, &byte};
    DWORD bytes;
    INT error;
    return procs->lpWSPSendTo(s, &buffer, 1, &bytes, 0, (const struct sockaddr *)&address, sizeof(address), NULL, NULL,
                              NULL, &error) == 0;
}

CALL(recv_from)
{
    char byte;
    WSABUF buffer = {1, &byte};
    DWORD bytes, flags = 0;
    struct sockaddr_in from = {.sin_family = AF_INET};
    INT error, length = sizeof(from);
    return procs->lpWSPRecvFrom(s, &buffer, 1, &bytes, &flags, (struct sockaddr *)&from, &length, NULL, NULL, NULL,
                                &error) == 0;
}

CALL(bind)
{
    INT error;
    return procs->lpWSPBind(s, (const struct sockaddr *)&address, sizeof(address), &error) == 0;
}

CALL(connect)
{
    INT error;
    return procs->lpWSPConnect(s, (const struct sockaddr *)&address, sizeof(address), NULL, NULL, NULL, NULL, &error) ==
           0;
}

CALL(listen)
{
    INT error;
    return procs->lpWSPListen(s, 5, &error) == 0;
}

CALL(shutdown)
{
    INT error;
    return procs->lpWSPShutdown(s, SD_SEND, &error) == 0;
}

CALL(get_sock_name)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    INT error, length = sizeof(name);
    return procs->lpWSPGetSockName(s, (struct sockaddr *)&name, &length, &error) == 0;
}

CALL(get_peer_name)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    INT error, length = sizeof(name);
    return procs->lpWSPGetPeerName(s, (struct sockaddr *)&name, &length, &error) == 0;
}

CALL(get_sock_opt)
{
    int value = 0;
    INT error, length = sizeof(value);
    return procs->lpWSPGetSockOpt(s, SOL_SOCKET, SO_RCVBUF, (char *)&value, &length, &error) == 0;
}

CALL(set_sock_opt)
{
    int value = 1;
    INT error;
    return procs->lpWSPSetSockOpt(s, SOL_SOCKET, SO_RCVBUF, (const char *)&value, sizeof(value), &error) == 0;
}

CALL(ioctl)
{
    u_long on = 1;
    DWORD bytes;
    INT error;
    return procs->lpWSPIoctl(s, (DWORD)FIONBIO, &on, sizeof(on), NULL, 0, &bytes, NULL, NULL, NULL, &error) == 0;
}

CALL(event_select)
{
    INT error;
    return procs->lpWSPEventSelect(s, NULL, 0, &error) == 0;
}

CALL(enum_network_events)
{
    WSANETWORKEVENTS events = {0};
    INT error;
    return procs->lpWSPEnumNetworkEvents(s, NULL, &events, &error) == 0;
}

CALL(async_select)
{
    INT error;
    return procs->lpWSPAsyncSelect(s, NULL, 0, 0, &error) == 0;
}

CALL(select)
{
    fd_set read;
    INT error;
    read.fd_count = 1;
    read.fd_array[0] = s;
    return procs->lpWSPSelect(1, &read, NULL, NULL, NULL, &error) == 1;
}

CALL(get_overlapped_result)
{
    WSAOVERLAPPED overlapped = {.Internal = 0};
    DWORD bytes, flags = 0;
    INT error;
    return procs->lpWSPGetOverlappedResult(s, &overlapped, &bytes, FALSE, &flags, &error);
}

const struct call calls[] = {
    {"WSPSend", run_send},
    {"WSPRecv", run_recv},
    {"WSPSendTo", run_send_to},
    {"WSPRecvFrom", run_recv_from},
    {"WSPSelect", run_select},
    {"WSPIoctl", run_ioctl},
    {"WSPGetSockOpt", run_get_sock_opt},
    {"WSPSetSockOpt", run_set_sock_opt},
    {"WSPGetSockName", run_get_sock_name},
    {"WSPGetPeerName", run_get_peer_name},
    {"WSPEventSelect", run_event_select},
    {"WSPEnumNetworkEvents", run_enum_network_events},
    {"WSPAsyncSelect", run_async_select},
    {"WSPGetOverlappedResult", run_get_overlapped_result},
    {"WSPBind", run_bind},
    {"WSPListen", run_listen},
    {"WSPConnect", run_connect},
    {"WSPShutdown", run_shutdown},
    {NULL, NULL},
};
