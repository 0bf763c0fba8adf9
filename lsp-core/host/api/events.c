/* Network events: WSAEventSelect and WSAEnumNetworkEvents. The event objects themselves are the system's. */
#include "api.h"
#include "call.h"

int WSAAPI api_WSAEventSelect(SOCKET s, WSAEVENT event, __LONG32 events)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPEventSelect(s, event, events, &call.error));
}

int WSAAPI api_WSAEnumNetworkEvents(SOCKET s, WSAEVENT event, WSANETWORKEVENTS *events)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    return call_result(&call, call.provider->procs.lpWSPEnumNetworkEvents(s, event, events, &call.error));
}
