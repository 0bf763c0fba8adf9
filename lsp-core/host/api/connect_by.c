/* WSAConnectByName and WSAConnectByList: one address after the other, each with the ConnectEx of the socket's provider,
 * so that they block on a non-blocking socket as well. */
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "call.h"
#include "extension.h"
#include "lsp-core/host/redirect/real.h"

/* Where the caller wants to know the connection's two ends. */
struct ends {
    DWORD *local_length;
    SOCKADDR *local;
    DWORD *remote_length;
    SOCKADDR *remote;
    bool without_port; /* WSAConnectByName leaves the local port out */
};

static bool holds(const SOCKADDR *address, const DWORD *length, int needed)
{
    return address == NULL || length == NULL || *length >= (DWORD)needed;
}

/* Before anything is tried: a connection whose ends cannot be told is not made. */
static bool ends_hold(const struct ends *ends, int needed)
{
    if (holds(ends->local, ends->local_length, needed) && holds(ends->remote, ends->remote_length, needed))
        return true;
    WSASetLastError(WSAEFAULT);
    return false;
}

/* "The function requires an unbound socket"; ConnectEx a bound one. A bound one is left as it is (Windows 10). */
static bool bind_any(SOCKET s, int family)
{
    SOCKADDR_STORAGE any;
    memset(&any, 0, sizeof(any));
    any.ss_family = (ADDRESS_FAMILY)family;
    int length = family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if (api_bind(s, (struct sockaddr *)&any, length) == 0)
        return true;
    return WSAGetLastError() == WSAEINVAL; /* "the socket is already bound to an address" (bind) */
}

/* Nothing but the connection attempt is under way on the socket, so all that the base has may go: a layer with handles
 * of its own has another structure there (WPUCreateSocketHandle), and hands the end of its attempt up. */
static void cancel(SOCKET s, WSAOVERLAPPED *overlapped)
{
    SOCKET base = s;
    DWORD returned;
    if (!CancelIoEx((HANDLE)s, overlapped) &&
        api_WSAIoctl(s, SIO_BASE_HANDLE, NULL, 0, &base, sizeof(base), &returned, NULL, NULL) == 0 && base != s)
        CancelIoEx((HANDLE)base, NULL);
}

/* Waits for a started ConnectEx, which is cancelled at the deadline. */
static bool finish(SOCKET s, WSAOVERLAPPED *overlapped, HANDLE event, ULONGLONG deadline)
{
    DWORD ignored;
    DWORD flags;
    bool late = false;
    for (;;) {
        ULONGLONG now = GetTickCount64();
        DWORD left = late || deadline == 0 ? INFINITE : now < deadline ? (DWORD)(deadline - now) : 0;
        DWORD waited = WaitForSingleObjectEx(event, left, TRUE);
        if (waited == WAIT_OBJECT_0)
            break;
        if (waited == WAIT_TIMEOUT) {
            late = true;
            cancel(s, overlapped);
        }
    }
    if (api_WSAGetOverlappedResult(s, overlapped, &ignored, FALSE, &flags))
        return true;
    if (late)
        WSASetLastError(WSAETIMEDOUT);
    return false;
}

static bool connect_one(SOCKET s, const SOCKET_ADDRESS *address, LPFN_CONNECTEX connect_ex, HANDLE event,
                        ULONGLONG deadline)
{
    WSAOVERLAPPED overlapped;
    memset(&overlapped, 0, sizeof(overlapped));
    /* The lowest bit keeps the completion from a port that the program has associated (GetQueuedCompletionStatus). */
    overlapped.hEvent = (HANDLE)((ULONG_PTR)event | 1);
    ResetEvent(event);
    if (connect_ex(s, address->lpSockaddr, address->iSockaddrLength, NULL, 0, NULL, &overlapped))
        return true;
    return WSAGetLastError() == WSA_IO_PENDING && finish(s, &overlapped, event, deadline);
}

static void give(const SOCKADDR *address, int length, SOCKADDR *out, DWORD *out_length)
{
    if (out == NULL || out_length == NULL)
        return;
    memcpy(out, address, (DWORD)length < *out_length ? (DWORD)length : *out_length);
    *out_length = (DWORD)length;
}

static void give_ends(SOCKET s, const SOCKET_ADDRESS *address, const struct ends *ends)
{
    SOCKADDR_STORAGE local;
    int length = sizeof(local);
    /* getsockname knows the address after this alone; the page asks the program to do it too. */
    api_setsockopt(s, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0);
    bool known = api_getsockname(s, (struct sockaddr *)&local, &length) == 0;
    if (known && ends->without_port)
        ((struct sockaddr_in *)&local)->sin_port = 0; /* IPv6 has it at the same place */
    if (known)
        give((SOCKADDR *)&local, length, ends->local, ends->local_length);
    give(address->lpSockaddr, address->iSockaddrLength, ends->remote, ends->remote_length);
}

static ULONGLONG deadline_of(const struct timeval *timeout)
{
    if (timeout == NULL)
        return 0;
    return GetTickCount64() + (ULONGLONG)timeout->tv_sec * 1000 + (ULONGLONG)timeout->tv_usec / 1000 + 1;
}

/* The error is that of the last attempt (WSAConnectByList). */
static bool connect_any(SOCKET s, const SOCKET_ADDRESS_LIST *list, const struct timeval *timeout,
                        const struct ends *ends)
{
    static const GUID id = WSAID_CONNECTEX;
    LPFN_CONNECTEX connect_ex;
    ULONGLONG deadline = deadline_of(timeout);
    bool connected = false;
    if (!extension_find(s, &id, (void **)&connect_ex))
        return false;
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (event == NULL) {
        WSASetLastError(WSAENOBUFS);
        return false;
    }
    WSASetLastError(WSAEHOSTUNREACH);
    for (INT i = 0; i < list->iAddressCount && !connected; i++) {
        if (deadline != 0 && GetTickCount64() >= deadline) {
            WSASetLastError(WSAETIMEDOUT);
            break;
        }
        connected = bind_any(s, list->Address[i].lpSockaddr->sa_family) &&
                    connect_one(s, &list->Address[i], connect_ex, event, deadline);
        /* Under Wine a socket reports once more that the attempt before was given up. */
        if (!connected && i > 0 && WSAGetLastError() == WSAECONNABORTED)
            connected = connect_one(s, &list->Address[i], connect_ex, event, deadline);
        if (connected)
            give_ends(s, &list->Address[i], ends);
    }
    DWORD error = GetLastError();
    CloseHandle(event);
    SetLastError(error);
    return connected;
}

/* Whether a call on the socket may be made at all; sets the last error. */
static bool usable(SOCKET s)
{
    CALL_BEGIN(s, false);
    call_end(&call, false);
    return true;
}

static int longest(const SOCKET_ADDRESS_LIST *list)
{
    int length = 0;
    for (INT i = 0; i < list->iAddressCount; i++)
        if (list->Address[i].iSockaddrLength > length)
            length = list->Address[i].iSockaddrLength;
    return length;
}

WINBOOL PASCAL api_WSAConnectByList(SOCKET s, SOCKET_ADDRESS_LIST *list, DWORD *local_length, SOCKADDR *local,
                                    DWORD *remote_length, SOCKADDR *remote, const PTIMEVAL timeout,
                                    WSAOVERLAPPED *reserved)
{
    struct ends ends = {local_length, local, remote_length, remote, false};
    if (!usable(s))
        return FALSE;
    if (list == NULL || reserved != NULL) {
        WSASetLastError(WSAEINVAL);
        return FALSE;
    }
    return ends_hold(&ends, longest(list)) && connect_any(s, list, timeout, &ends);
}

/* An IPv4 address in the form that an IPv6 socket takes. */
static void map_address(const struct sockaddr_in *from, struct sockaddr_in6 *to)
{
    memset(to, 0, sizeof(*to));
    to->sin6_family = AF_INET6;
    to->sin6_port = from->sin_port;
    to->sin6_addr.s6_addr[10] = to->sin6_addr.s6_addr[11] = 0xff;
    memcpy(&to->sin6_addr.s6_addr[12], &from->sin_addr, sizeof(from->sin_addr));
}

/* The found addresses that the socket can connect to, as one block with the mapped ones behind it; NULL when out of
 * memory. */
static SOCKET_ADDRESS_LIST *usable_addresses(const ADDRINFOW *found, int family)
{
    size_t count = 0;
    for (const ADDRINFOW *info = found; info != NULL; info = info->ai_next)
        count++;
    size_t head = offsetof(SOCKET_ADDRESS_LIST, Address) + count * sizeof(SOCKET_ADDRESS);
    head = (head + 15) & ~(size_t)15;
    SOCKET_ADDRESS_LIST *list = calloc(1, head + count * sizeof(struct sockaddr_in6));
    if (list == NULL)
        return NULL;
    struct sockaddr_in6 *mapped = (struct sockaddr_in6 *)((char *)list + head);
    for (const ADDRINFOW *info = found; info != NULL; info = info->ai_next) {
        SOCKET_ADDRESS *address = &list->Address[list->iAddressCount];
        if (info->ai_family == family) {
            address->lpSockaddr = info->ai_addr;
            address->iSockaddrLength = (INT)info->ai_addrlen;
        } else if (family == AF_INET6 && info->ai_family == AF_INET) {
            map_address((const struct sockaddr_in *)info->ai_addr, mapped);
            address->lpSockaddr = (SOCKADDR *)mapped++;
            address->iSockaddrLength = sizeof(*mapped);
        } else {
            continue;
        }
        list->iAddressCount++;
    }
    return list;
}

static bool connect_by_name(SOCKET s, const WCHAR *node, const WCHAR *service, const struct timeval *timeout,
                            const struct ends *ends)
{
    WSAPROTOCOL_INFOW info;
    ADDRINFOW hints;
    ADDRINFOW *found;
    int size = sizeof(info);
    if (api_getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &size) == SOCKET_ERROR)
        return false;
    /* "It works only for connection-oriented sockets, such as those of type SOCK_STREAM." */
    if (info.iSocketType == SOCK_DGRAM || (info.dwServiceFlags1 & XP1_CONNECTIONLESS) != 0) {
        WSASetLastError(WSAEINVAL);
        return false;
    }
    if (!ends_hold(ends, info.iAddressFamily == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in)))
        return false;
    memset(&hints, 0, sizeof(hints));
    hints.ai_socktype = info.iSocketType;
    int error = real.GetAddrInfoW(node, service, &hints, &found);
    if (error != 0) {
        WSASetLastError(error);
        return false;
    }
    SOCKET_ADDRESS_LIST *list = usable_addresses(found, info.iAddressFamily);
    bool connected = list != NULL && connect_any(s, list, timeout, ends);
    error = list == NULL ? WSAENOBUFS : WSAGetLastError();
    free(list);
    real.FreeAddrInfoW(found);
    WSASetLastError(error);
    return connected;
}

/* WSAENOTSOCK is for "INVALID_SOCKET or NULL" alone: what is no socket otherwise is an invalid parameter here. */
static bool usable_by_name(SOCKET s)
{
    if (usable(s))
        return true;
    if (WSAGetLastError() == WSAENOTSOCK && s != INVALID_SOCKET && s != 0)
        WSASetLastError(WSAEINVAL);
    return false;
}

WINBOOL PASCAL api_WSAConnectByNameW(SOCKET s, WCHAR *node, WCHAR *service, DWORD *local_length, SOCKADDR *local,
                                     DWORD *remote_length, SOCKADDR *remote, const PTIMEVAL timeout,
                                     WSAOVERLAPPED *reserved)
{
    struct ends ends = {local_length, local, remote_length, remote, true};
    if (!usable_by_name(s))
        return FALSE;
    if (node == NULL || service == NULL || reserved != NULL) {
        WSASetLastError(WSAEINVAL);
        return FALSE;
    }
    return connect_by_name(s, node, service, timeout, &ends);
}

/* `*wide` is a new string, or NULL for NULL; false when out of memory. */
static bool widen(const char *text, WCHAR **wide)
{
    *wide = NULL;
    if (text == NULL)
        return true;
    int units = MultiByteToWideChar(CP_ACP, 0, text, -1, NULL, 0);
    *wide = malloc((size_t)units * sizeof(**wide));
    return *wide != NULL && MultiByteToWideChar(CP_ACP, 0, text, -1, *wide, units) > 0;
}

WINBOOL PASCAL api_WSAConnectByNameA(SOCKET s, char *node, char *service, DWORD *local_length, SOCKADDR *local,
                                     DWORD *remote_length, SOCKADDR *remote, const PTIMEVAL timeout,
                                     WSAOVERLAPPED *reserved)
{
    WCHAR *wide_node = NULL;
    WCHAR *wide_service = NULL;
    WINBOOL connected = FALSE;
    if (widen(node, &wide_node) && widen(service, &wide_service))
        connected = api_WSAConnectByNameW(s, wide_node, wide_service, local_length, local, remote_length, remote,
                                          timeout, reserved);
    else
        WSASetLastError(WSAENOBUFS);
    free(wide_node);
    free(wide_service);
    return connected;
}
