/* The base provider under the layer's bench: every function returns at once, so that what is measured above it is the
 * layer's part alone. Its sockets are numbers; nothing is behind them. */
#include <winsock2.h>
#include <mswsock.h>
#include <ws2spi.h>

#include <string.h>

static volatile LONG last_handle;

static SOCKET WSPAPI make(int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group, DWORD flags,
                          INT *error)
{
    (void)family, (void)type, (void)protocol, (void)info, (void)group, (void)flags, (void)error;
    return (SOCKET)InterlockedAdd(&last_handle, 4);
}

static SOCKET WSPAPI accept_one(SOCKET s, struct sockaddr *name, INT *length, LPCONDITIONPROC condition, DWORD_PTR data,
                                INT *error)
{
    (void)s, (void)name, (void)length, (void)condition, (void)data, (void)error;
    return (SOCKET)InterlockedAdd(&last_handle, 4);
}

static int WSPAPI close_it(SOCKET s, INT *error)
{
    (void)s, (void)error;
    return 0;
}

static int WSPAPI send_it(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags, WSAOVERLAPPED *overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    (void)s, (void)count, (void)flags, (void)overlapped, (void)routine, (void)thread, (void)error;
    *bytes = buffers[0].len;
    return 0;
}

static int WSPAPI receive(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags, WSAOVERLAPPED *overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    (void)s, (void)count, (void)flags, (void)overlapped, (void)routine, (void)thread, (void)error;
    *bytes = buffers[0].len;
    return 0;
}

static int WSPAPI send_to(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags, const struct sockaddr *to,
                          int length, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          WSATHREADID *thread, INT *error)
{
    (void)s, (void)count, (void)flags, (void)to, (void)length, (void)overlapped, (void)routine, (void)thread;
    (void)error;
    *bytes = buffers[0].len;
    return 0;
}

static int WSPAPI receive_from(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags,
                               struct sockaddr *from, INT *length, WSAOVERLAPPED *overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    (void)s, (void)count, (void)flags, (void)from, (void)length, (void)overlapped, (void)routine, (void)thread;
    (void)error;
    *bytes = buffers[0].len;
    return 0;
}

static int WSPAPI bind_it(SOCKET s, const struct sockaddr *name, int length, INT *error)
{
    (void)s, (void)name, (void)length, (void)error;
    return 0;
}

static int WSPAPI connect_it(SOCKET s, const struct sockaddr *name, int length, WSABUF *caller, WSABUF *callee,
                             QOS *sqos, QOS *gqos, INT *error)
{
    (void)s, (void)name, (void)length, (void)caller, (void)callee, (void)sqos, (void)gqos, (void)error;
    return 0;
}

static int WSPAPI get_name(SOCKET s, struct sockaddr *name, INT *length, INT *error)
{
    (void)s, (void)name, (void)length, (void)error;
    return 0;
}

static int WSPAPI get_option(SOCKET s, int level, int option, char *value, INT *length, INT *error)
{
    (void)s, (void)level, (void)option, (void)value, (void)length, (void)error;
    return 0;
}

static int WSPAPI set_option(SOCKET s, int level, int option, const char *value, int length, INT *error)
{
    (void)s, (void)level, (void)option, (void)value, (void)length, (void)error;
    return 0;
}

static int WSPAPI two_arguments(SOCKET s, int argument, INT *error)
{
    (void)s, (void)argument, (void)error;
    return 0;
}

static int WSPAPI event_select(SOCKET s, WSAEVENT event, long events, INT *error)
{
    (void)s, (void)event, (void)events, (void)error;
    return 0;
}

static int WSPAPI async_select(SOCKET s, HWND window, unsigned message, long events, INT *error)
{
    (void)s, (void)window, (void)message, (void)events, (void)error;
    return 0;
}

static int WSPAPI enum_events(SOCKET s, WSAEVENT event, WSANETWORKEVENTS *events, INT *error)
{
    (void)s, (void)event, (void)events, (void)error;
    return 0;
}

static BOOL WSPAPI overlapped_result(SOCKET s, WSAOVERLAPPED *overlapped, DWORD *bytes, BOOL wait, DWORD *flags,
                                     INT *error)
{
    (void)s, (void)overlapped, (void)wait, (void)flags, (void)error;
    *bytes = 1;
    return TRUE;
}

static int WSPAPI io_control(SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *bytes,
                             WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread,
                             INT *error)
{
    (void)s, (void)code, (void)in, (void)in_size, (void)out, (void)out_size, (void)overlapped, (void)routine;
    (void)thread, (void)error;
    *bytes = 0;
    return 0;
}

static int WSPAPI select_it(int count, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout, INT *error)
{
    (void)count, (void)read, (void)write, (void)except, (void)timeout, (void)error;
    return 1;
}

static int WSPAPI send_disconnect(SOCKET s, WSABUF *data, INT *error)
{
    (void)s, (void)data, (void)error;
    return 0;
}

static int WSPAPI cleanup(INT *error)
{
    (void)error;
    return 0;
}

/* For the functions that the bench leaves out; a caller would unbalance the stack on x86. */
static int WSPAPI absent(void)
{
    DebugBreak();
    return SOCKET_ERROR;
}

static void fill(WSPPROC_TABLE *procs)
{
    procs->lpWSPAccept = accept_one;
    procs->lpWSPAsyncSelect = async_select;
    procs->lpWSPBind = bind_it;
    procs->lpWSPCleanup = cleanup;
    procs->lpWSPCloseSocket = close_it;
    procs->lpWSPConnect = connect_it;
    procs->lpWSPEnumNetworkEvents = enum_events;
    procs->lpWSPEventSelect = event_select;
    procs->lpWSPGetOverlappedResult = overlapped_result;
    procs->lpWSPGetPeerName = get_name;
    procs->lpWSPGetSockName = get_name;
    procs->lpWSPGetSockOpt = get_option;
    procs->lpWSPIoctl = io_control;
    procs->lpWSPListen = two_arguments;
    procs->lpWSPRecv = receive;
    procs->lpWSPRecvDisconnect = send_disconnect;
    procs->lpWSPRecvFrom = receive_from;
    procs->lpWSPSelect = select_it;
    procs->lpWSPSend = send_it;
    procs->lpWSPSendDisconnect = send_disconnect;
    procs->lpWSPSendTo = send_to;
    procs->lpWSPSetSockOpt = set_option;
    procs->lpWSPShutdown = two_arguments;
    procs->lpWSPSocket = make;
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD requested, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE table, LPWSPPROC_TABLE procs)
{
    void **all = (void **)procs;
    (void)requested, (void)info, (void)table;
    for (size_t i = 0; i < sizeof(*procs) / sizeof(void *); i++)
        all[i] = (void *)absent;
    fill(procs);
    data->wVersion = data->wHighVersion = MAKEWORD(2, 2);
    return 0;
}
