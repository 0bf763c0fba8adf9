/* The functions that take the place of ws2_32.dll's and mswsock.dll's: each has the name and type of the one it stands
 * for, with api_ before it. */
#ifndef WSPLSP_CORE_HOST_API_API_H
#define WSPLSP_CORE_HOST_API_API_H

#include <stddef.h>

#include "lsp-core/host/redirect/redirect.h"
#include "lsp-core/win/winsock.h"

/* clang-format off */
#define API_WS2_FUNCTIONS(X) \
    X(WSAStartup) X(WSACleanup) X(WSAIsBlocking) X(WSASetBlockingHook) X(WSAUnhookBlockingHook) \
    X(WSACancelBlockingCall) \
    X(socket) X(WSASocketA) X(WSASocketW) X(closesocket) X(accept) X(WSAAccept) X(bind) X(listen) X(connect) \
    X(WSAConnect) X(WSAJoinLeaf) X(shutdown) X(WSASendDisconnect) X(WSARecvDisconnect) X(getsockopt) X(setsockopt) \
    X(ioctlsocket) X(WSAIoctl) X(WSADuplicateSocketA) X(WSADuplicateSocketW) X(getpeername) X(getsockname) \
    X(WSAGetQOSByName) X(WSAHtonl) X(WSAHtons) X(WSANtohl) X(WSANtohs) \
    X(WSAConnectByNameA) X(WSAConnectByNameW) X(WSAConnectByList) \
    X(send) X(sendto) X(recv) X(recvfrom) X(WSASend) X(WSASendTo) X(WSARecv) X(WSARecvFrom) X(WSASendMsg) \
    X(WSAGetOverlappedResult) \
    X(select) X(WSAPoll) X(__WSAFDIsSet) \
    X(WSAEventSelect) X(WSAEnumNetworkEvents) X(WSAAsyncSelect) \
    X(WSAAddressToStringA) X(WSAAddressToStringW) X(WSAStringToAddressA) X(WSAStringToAddressW) \
    X(WSAEnumProtocolsA) X(WSAEnumProtocolsW)

/* All of mswsock.dll that is about sockets. What else it exports asks the name spaces, the registry or the catalog. */
#define API_MSWSOCK_FUNCTIONS(X) X(AcceptEx) X(GetAcceptExSockaddrs) X(TransmitFile) X(WSARecvEx)
/* clang-format on */

#define API_PROTOTYPE(name) __typeof__(name) api_##name;
API_WS2_FUNCTIONS(API_PROTOTYPE)
API_MSWSOCK_FUNCTIONS(API_PROTOTYPE)
#undef API_PROTOTYPE

/* To be redirected with the others. */
extern const struct redirect_export api_exports[];
extern const size_t api_export_count;

#endif
