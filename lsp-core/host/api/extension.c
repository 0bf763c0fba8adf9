/* mswsock.dll's functions: each is the one of the socket's own provider. */
#include "api.h"
#include "call.h"
#include "extension.h"
#include "lsp-core/host/redirect/real.h"

bool extension_find(SOCKET s, const GUID *id, void **function)
{
    DWORD returned = 0;
    CALL_BEGIN(s, false);
    int result =
        call.provider->procs.lpWSPIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, (void *)id, sizeof(*id), function,
                                        sizeof(*function), &returned, NULL, NULL, &call.thread->id, &call.error);
    call_end(&call, result == SOCKET_ERROR);
    return result != SOCKET_ERROR;
}

WINBOOL WINAPI api_AcceptEx(SOCKET s, SOCKET accepted, void *buffer, DWORD data_length, DWORD local_length,
                            DWORD remote_length, DWORD *bytes, OVERLAPPED *overlapped)
{
    static const GUID id = WSAID_ACCEPTEX;
    LPFN_ACCEPTEX function;
    if (!extension_find(s, &id, (void **)&function))
        return FALSE;
    return function(s, accepted, buffer, data_length, local_length, remote_length, bytes, overlapped);
}

/* The base's, asked of a socket made for that: the call names none. NULL where the system makes no socket. */
static LPFN_GETACCEPTEXSOCKADDRS ask_base_for_addresses(void)
{
    GUID id = WSAID_GETACCEPTEXSOCKADDRS;
    void *function = NULL;
    DWORD returned = 0;
    SOCKET s = real.WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (s == INVALID_SOCKET)
        return NULL;
    if (real.WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id), &function, sizeof(function), &returned,
                      NULL, NULL) == SOCKET_ERROR)
        function = NULL;
    real.closesocket(s);
    return (LPFN_GETACCEPTEXSOCKADDRS)function;
}

/* No socket tells whose AcceptEx has filled the buffer. On Windows mswsock.dll itself reads what the base has put
 * there, also below layers, none of which has another layout. Wine's reads nothing before its own AcceptEx has been
 * called, and that never is: the function is the base's, as AcceptEx in the end is. Keeps the last error, as the
 * system's. */
void WINAPI api_GetAcceptExSockaddrs(void *buffer, DWORD data_length, DWORD local_length, DWORD remote_length,
                                     struct sockaddr **local, int *local_size, struct sockaddr **remote,
                                     int *remote_size)
{
    static void *volatile known;
    DWORD last_error = GetLastError();
    LPFN_GETACCEPTEXSOCKADDRS function = (LPFN_GETACCEPTEXSOCKADDRS)known;
    if (function == NULL)
        InterlockedExchangePointer((void **)&known, (void *)(function = ask_base_for_addresses()));
    SetLastError(last_error);
    if (function != NULL) {
        function(buffer, data_length, local_length, remote_length, local, local_size, remote, remote_size);
        return;
    }
    *local = *remote = NULL;
    *local_size = *remote_size = 0;
}

WINBOOL WINAPI api_TransmitFile(SOCKET s, HANDLE file, DWORD length, DWORD per_send, OVERLAPPED *overlapped,
                                TRANSMIT_FILE_BUFFERS *buffers, DWORD flags)
{
    static const GUID id = WSAID_TRANSMITFILE;
    LPFN_TRANSMITFILE function;
    if (!extension_find(s, &id, (void **)&function))
        return FALSE;
    return function(s, file, length, per_send, overlapped, buffers, flags);
}

/* recv, but "if a partial message is received, the MSG_PARTIAL bit is set in the flags parameter" (WSARecvEx): also
 * where the provider tells a cut-off message by WSAEMSGSIZE. */
int PASCAL api_WSARecvEx(SOCKET s, char *data, int length, int *flags)
{
    WSABUF buffer = {(u_long)length, data};
    DWORD bytes = 0;
    DWORD inout = flags == NULL ? 0 : (DWORD)*flags;
    CALL_BEGIN(s, SOCKET_ERROR);
    int result =
        call.provider->procs.lpWSPRecv(s, &buffer, 1, &bytes, &inout, NULL, NULL, &call.thread->id, &call.error);
    if (result == SOCKET_ERROR && call.error == WSAEMSGSIZE && flags != NULL) {
        result = 0;
        bytes = (DWORD)length;
        inout = MSG_PARTIAL;
    }
    call_end(&call, result == SOCKET_ERROR);
    if (result == SOCKET_ERROR)
        return SOCKET_ERROR;
    if (flags != NULL)
        *flags = (int)inout;
    return (int)bytes;
}
