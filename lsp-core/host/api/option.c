/* Options, controls and byte order of a socket. */
#include <string.h>

#include "api.h"
#include "call.h"
#include "protocol_ansi.h"

/* SO_OPENTYPE (mswsock.h) belongs to the thread, not to a socket, and `s` may be INVALID_SOCKET. */
static bool is_open_type(int level, int option)
{
    return level == SOL_SOCKET && option == SO_OPENTYPE;
}

/* The length counts without a sign, and success is told by the last error, too. */
static int end_open_type(struct call *call, bool fits)
{
    call->error = WSAEFAULT;
    int result = call_result(call, fits ? 0 : SOCKET_ERROR);
    if (fits)
        SetLastError(0);
    return result;
}

static int get_open_type(char *value, int *length)
{
    struct call call;
    if (!call_begin_without_socket(&call))
        return SOCKET_ERROR;
    bool fits = value != NULL && length != NULL && (unsigned)*length >= sizeof(int);
    if (fits) {
        memcpy(value, &call.thread->open_type, sizeof(int));
        *length = sizeof(int);
    }
    return end_open_type(&call, fits);
}

static int set_open_type(const char *value, int length)
{
    struct call call;
    if (!call_begin_without_socket(&call))
        return SOCKET_ERROR;
    bool fits = value != NULL && (unsigned)length >= sizeof(int);
    if (fits)
        memcpy(&call.thread->open_type, value, sizeof(int));
    return end_open_type(&call, fits);
}

/* Providers know the wide form alone (WSPGetSockOpt). Room to spare leaves the length as it is. */
static int get_protocol_ansi(struct call *call, SOCKET s, char *value, int *length)
{
    WSAPROTOCOL_INFOW info;
    INT size = sizeof(info);
    if (value == NULL || length == NULL || *length < (int)sizeof(WSAPROTOCOL_INFOA)) {
        if (length != NULL)
            *length = sizeof(WSAPROTOCOL_INFOA);
        call->error = WSAEFAULT;
        return SOCKET_ERROR;
    }
    int result =
        call->provider->procs.lpWSPGetSockOpt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &size, &call->error);
    if (result == 0)
        protocol_to_ansi(&info, (WSAPROTOCOL_INFOA *)value);
    return result;
}

int WSAAPI api_getsockopt(SOCKET s, int level, int option, char *value, int *length)
{
    if (is_open_type(level, option))
        return get_open_type(value, length);
    CALL_BEGIN(s, SOCKET_ERROR);
    if (level == SOL_SOCKET && option == SO_PROTOCOL_INFOA)
        return call_result(&call, get_protocol_ansi(&call, s, value, length));
    return call_result(&call, call.provider->procs.lpWSPGetSockOpt(s, level, option, value, length, &call.error));
}

int WSAAPI api_setsockopt(SOCKET s, int level, int option, const char *value, int length)
{
    if (is_open_type(level, option))
        return set_open_type(value, length);
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPSetSockOpt(s, level, option, value, length, &call.error));
}

int WSAAPI api_ioctlsocket(SOCKET s, __LONG32 command, u_long *argument)
{
    DWORD returned = 0;
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPIoctl(s, (DWORD)command, argument, sizeof(*argument), argument,
                                                              sizeof(*argument), &returned, NULL, NULL,
                                                              &call.thread->id, &call.error));
}

int WSAAPI api_WSAIoctl(SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,
                        WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPIoctl(s, code, in, in_size, out, out_size, returned, overlapped,
                                                              routine, &call.thread->id, &call.error));
}

WINBOOL WSAAPI api_WSAGetQOSByName(SOCKET s, WSABUF *name, QOS *qos)
{
    CALL_BEGIN(s, FALSE);
    WINBOOL found = call.provider->procs.lpWSPGetQOSByName(s, name, qos, &call.error);
    call_end(&call, !found);
    return found;
}

/* WSAHtonl and its like "take the byte order of the socket's protocol" (iNetworkByteOrder). */
static bool swaps(const struct call *call)
{
    return call->provider->info.iNetworkByteOrder == BIGENDIAN;
}

static int order_long(SOCKET s, u_long value, u_long *result)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    if (result != NULL)
        *result = swaps(&call) ? __builtin_bswap32(value) : value;
    call.error = WSAEFAULT;
    return call_result(&call, result == NULL ? SOCKET_ERROR : 0);
}

static int order_short(SOCKET s, u_short value, u_short *result)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    if (result != NULL)
        *result = swaps(&call) ? __builtin_bswap16(value) : value;
    call.error = WSAEFAULT;
    return call_result(&call, result == NULL ? SOCKET_ERROR : 0);
}

int WSAAPI api_WSAHtonl(SOCKET s, u_long value, u_long *result)
{
    return order_long(s, value, result);
}

int WSAAPI api_WSAHtons(SOCKET s, u_short value, u_short *result)
{
    return order_short(s, value, result);
}

int WSAAPI api_WSANtohl(SOCKET s, u_long value, u_long *result)
{
    return order_long(s, value, result);
}

int WSAAPI api_WSANtohs(SOCKET s, u_short value, u_short *result)
{
    return order_short(s, value, result);
}
