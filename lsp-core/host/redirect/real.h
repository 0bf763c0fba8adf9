/* The system's own Winsock functions, fetched before anything is redirected. Whatever in the host wants the system's
 * Winsock calls real.send(...): a plain call of send would come back into the host. */
#ifndef WSPLSP_CORE_HOST_REDIRECT_REAL_H
#define WSPLSP_CORE_HOST_REDIRECT_REAL_H

#include "lsp-core/win/winsock.h"

#include "lsp-core/base/error.h"

/* Every documented export of ws2_32.dll that MinGW declares. */
/* clang-format off */
#define REAL_FUNCTIONS(X) \
    X(FreeAddrInfoEx) X(FreeAddrInfoExW) X(FreeAddrInfoW) X(GetAddrInfoExA) X(GetAddrInfoExW) X(GetAddrInfoW) \
    X(GetHostNameW) X(GetNameInfoW) X(InetNtopW) X(InetPtonW) X(SetAddrInfoExA) X(SetAddrInfoExW) \
    X(WPUCompleteOverlappedRequest) X(WSAAccept) X(WSAAddressToStringA) X(WSAAddressToStringW) \
    X(WSAAdvertiseProvider) X(WSAAsyncGetHostByAddr) X(WSAAsyncGetHostByName) X(WSAAsyncGetProtoByName) \
    X(WSAAsyncGetProtoByNumber) X(WSAAsyncGetServByName) X(WSAAsyncGetServByPort) X(WSAAsyncSelect) \
    X(WSACancelAsyncRequest) X(WSACancelBlockingCall) X(WSACleanup) X(WSACloseEvent) X(WSAConnect) \
    X(WSAConnectByList) X(WSAConnectByNameA) X(WSAConnectByNameW) X(WSACreateEvent) X(WSADuplicateSocketA) \
    X(WSADuplicateSocketW) X(WSAEnumNameSpaceProvidersA) X(WSAEnumNameSpaceProvidersExA) \
    X(WSAEnumNameSpaceProvidersExW) X(WSAEnumNameSpaceProvidersW) X(WSAEnumNetworkEvents) X(WSAEnumProtocolsA) \
    X(WSAEnumProtocolsW) X(WSAEventSelect) X(WSAGetLastError) X(WSAGetOverlappedResult) X(WSAGetQOSByName) \
    X(WSAGetServiceClassInfoA) X(WSAGetServiceClassInfoW) X(WSAGetServiceClassNameByClassIdA) \
    X(WSAGetServiceClassNameByClassIdW) X(WSAHtonl) X(WSAHtons) X(WSAInstallServiceClassA) \
    X(WSAInstallServiceClassW) X(WSAIoctl) X(WSAIsBlocking) X(WSAJoinLeaf) X(WSALookupServiceBeginA) \
    X(WSALookupServiceBeginW) X(WSALookupServiceEnd) X(WSALookupServiceNextA) X(WSALookupServiceNextW) \
    X(WSANSPIoctl) X(WSANtohl) X(WSANtohs) X(WSAPoll) X(WSAProviderCompleteAsyncCall) X(WSAProviderConfigChange) \
    X(WSARecv) X(WSARecvDisconnect) X(WSARecvFrom) X(WSARemoveServiceClass) X(WSAResetEvent) X(WSASend) \
    X(WSASendDisconnect) X(WSASendMsg) X(WSASendTo) X(WSASetBlockingHook) X(WSASetEvent) X(WSASetLastError) \
    X(WSASetServiceA) X(WSASetServiceW) X(WSASocketA) X(WSASocketW) X(WSAStartup) X(WSAStringToAddressA) \
    X(WSAStringToAddressW) X(WSAUnadvertiseProvider) X(WSAUnhookBlockingHook) X(WSAWaitForMultipleEvents) \
    X(WSCDeinstallProvider) X(WSCEnableNSProvider) X(WSCEnumProtocols) X(WSCGetApplicationCategory) \
    X(WSCGetProviderInfo) X(WSCGetProviderPath) X(WSCInstallNameSpace) X(WSCInstallNameSpaceEx) \
    X(WSCInstallProvider) X(WSCSetApplicationCategory) X(WSCSetProviderInfo) \
    X(WSCUnInstallNameSpace) X(WSCUpdateProvider) X(WSCWriteNameSpaceOrder) X(WSCWriteProviderOrder) \
    X(__WSAFDIsSet) X(accept) X(bind) X(closesocket) X(connect) X(freeaddrinfo) X(getaddrinfo) X(gethostbyaddr) \
    X(gethostbyname) X(gethostname) X(getnameinfo) X(getpeername) X(getprotobyname) X(getprotobynumber) \
    X(getservbyname) X(getservbyport) X(getsockname) X(getsockopt) X(htonl) X(htons) X(inet_addr) X(inet_ntoa) \
    X(inet_ntop) X(inet_pton) X(ioctlsocket) X(listen) X(ntohl) X(ntohs) X(recv) X(recvfrom) X(select) X(send) \
    X(sendto) X(setsockopt) X(shutdown) X(socket) \
    REAL_FUNCTIONS_BITS(X)

#ifdef _WIN64
#define REAL_FUNCTIONS_BITS(X) \
    X(WSCDeinstallProvider32) X(WSCEnableNSProvider32) X(WSCEnumNameSpaceProviders32) \
    X(WSCEnumNameSpaceProvidersEx32) X(WSCEnumProtocols32) X(WSCGetProviderInfo32) X(WSCGetProviderPath32) \
    X(WSCInstallNameSpace32) X(WSCInstallNameSpaceEx32) X(WSCInstallProvider64_32) \
    X(WSCInstallProviderAndChains64_32) X(WSCSetProviderInfo32) X(WSCUnInstallNameSpace32) \
    X(WSCUpdateProvider32) X(WSCWriteNameSpaceOrder32) X(WSCWriteProviderOrder32)
#else
#define REAL_FUNCTIONS_BITS(X) X(WSCInstallProviderAndChains)
#endif
/* clang-format on */

/* A member is NULL where the system's ws2_32.dll lacks the function: Wine, and older versions of Windows. */
struct real_functions {
#define REAL_MEMBER(name) __typeof__(name) *name;
    REAL_FUNCTIONS(REAL_MEMBER)
#undef REAL_MEMBER
};

extern struct real_functions real;

/* Fills `real`; call it before redirection. Fails where a function is missing that the base provider cannot do
 * without. */
enum wsplsp_status real_load(struct wsplsp_error *error);

#endif
