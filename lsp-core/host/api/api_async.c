/* Network events as window messages. */
#include "api.h"
#include "call.h"

int WSAAPI api_WSAAsyncSelect(SOCKET s, HWND window, u_int message, __LONG32 events)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPAsyncSelect(s, window, message, events, &call.error));
}
