/* The base provider; see base.h. */
#include "base.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/text.h"
#include "lsp-core/base/cancel_code.h"
#include "lsp-core/catalog/choose.h"
#include "lsp-core/win/lock.h"
#include "lsp-core/host/catalog/private.h"
#include "provider.h"
#include "lsp-core/host/redirect/real.h"
#include "lsp-core/base/handle_table.h"
#include "thread.h"

/* dwServiceFlags4 in what Wine's WSADuplicateSocket gives; dwServiceFlags3 is the handle then. */
#define WINE_DUPLICATE 0xff00ff00u

/* The catalog id, as a pointer, of the entry that each socket was made for. */
static struct sockets entries;

/* Guards the count; WSPStartup and WSPCleanup may come from several layers at once. */
static SRWLOCK lock = SRWLOCK_INIT;
static unsigned startups;
/* "The service provider must use only the most recently supplied upcall dispatch table" (WSPStartup). */
static WSPUPCALLTABLE upcalls;
static volatile LONG upcalls_given;

static int failed(INT *error)
{
    *error = (INT)GetLastError();
    return SOCKET_ERROR;
}

static int result_of(int result, INT *error)
{
    return result == SOCKET_ERROR ? failed(error) : result;
}

/* Finds the base entry of the private catalog for a socket of the system; false where it has none. */
static bool entry_info(const WSAPROTOCOL_INFOW *system, WSAPROTOCOL_INFOW *info)
{
    /* Wine knows nothing of a raw socket over IPv6; zero would stand for any entry. */
    if (system->iAddressFamily == 0 || system->iSocketType == 0)
        return false;
    const struct wsplsp_snapshot *snapshot = private_catalog_acquire();
    const struct wsplsp_entry *entry =
        choose_base(private_catalog_own(snapshot), system->iAddressFamily, system->iSocketType, system->iProtocol);
    if (entry != NULL)
        provider_info(entry, info);
    private_catalog_release(snapshot);
    return entry != NULL;
}

static bool system_info(SOCKET s, WSAPROTOCOL_INFOW *info)
{
    int size = sizeof(*info);
    return real.getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)info, &size) == 0;
}

/* The catalog id of the entry that a socket is of; 0 where the catalog has none such. */
static DWORD socket_entry(SOCKET s)
{
    DWORD id = (DWORD)(UINT_PTR)sockets_find(&entries, s);
    WSAPROTOCOL_INFOW info;
    if (id != 0 || !system_info(s, &info) || !entry_info(&info, &info))
        return id;
    sockets_set(&entries, s, (void *)(UINT_PTR)info.dwCatalogEntryId);
    return info.dwCatalogEntryId;
}

/* Registers a new socket with the host; closes it where that fails. */
static SOCKET give_out(SOCKET s, DWORD entry, INT *error)
{
    const WSPUPCALLTABLE *table = upcalls_given ? &upcalls : provider_upcalls();
    if (entry == 0)
        return s;
    sockets_set(&entries, s, (void *)(UINT_PTR)entry);
    SOCKET given = table->lpWPUModifyIFSHandle(entry, s, error);
    if (given == INVALID_SOCKET)
        real.closesocket(s);
    return given;
}

/* Wine's ws2_32.dll refuses most calls on a socket that came from another process, inherited or duplicated, until its
 * own WSASocket has seen the handle in the two reserved flags that its WSADuplicateSocket sets. Windows' asks the
 * system by itself, so that this is not reached there. */
static bool introduce(SOCKET s)
{
    WSAPROTOCOL_INFOW info;
    memset(&info, 0, sizeof(info));
    info.dwServiceFlags3 = (DWORD)s;
    info.dwServiceFlags4 = WINE_DUPLICATE;
    SOCKET known =
        real.WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED);
    if (known != INVALID_SOCKET && known != s)
        real.closesocket(known);
    return known == s;
}

/* A socket without a name has WSAEINVAL from getsockname; what is no socket has other errors. */
static bool has_name(SOCKET s)
{
    SOCKADDR_STORAGE name;
    int size = sizeof(name);
    return real.getsockname(s, (struct sockaddr *)&name, &size) == 0 || GetLastError() == WSAEINVAL;
}

bool base_is_socket(SOCKET s)
{
    DWORD last_error = GetLastError();
    WSAPROTOCOL_INFOW info;
    bool is = system_info(s, &info) || (has_name(s) && introduce(s));
    SetLastError(last_error);
    return is;
}

bool base_made(SOCKET s)
{
    return sockets_find(&entries, s) != NULL;
}

/* WSAEFAULT, as the pages have it, for a null pointer that Wine would read or write through. */
static int no_buffer(SOCKET s, INT *error)
{
    *error = base_is_socket(s) ? WSAEFAULT : WSAENOTSOCK;
    return SOCKET_ERROR;
}

static SOCKET WSPAPI base_accept(SOCKET s, struct sockaddr *address, INT *length, LPCONDITIONPROC condition,
                                 DWORD_PTR data, INT *error)
{
    SOCKET accepted = real.WSAAccept(s, address, length, condition, data);
    if (accepted == INVALID_SOCKET) {
        failed(error);
        return INVALID_SOCKET;
    }
    return give_out(accepted, socket_entry(s), error);
}

/* The system's functions get no WSAPROTOCOL_INFOW: the entry is the private catalog's, not the system's. The family in
 * the address says all that a base needs. */
static INT WSPAPI base_address_to_string(SOCKADDR *address, DWORD length, WSAPROTOCOL_INFOW *info, WCHAR *text,
                                         DWORD *text_length, INT *error)
{
    (void)info;
    return result_of(real.WSAAddressToStringW(address, length, NULL, text, text_length), error);
}

static int WSPAPI base_async_select(SOCKET s, HWND window, unsigned int message, __LONG32 events, INT *error)
{
    return result_of(real.WSAAsyncSelect(s, window, message, events), error);
}

static int WSPAPI base_bind(SOCKET s, const struct sockaddr *name, int length, INT *error)
{
    return result_of(real.bind(s, name, length), error);
}

static int WSPAPI base_cancel_blocking_call(INT *error)
{
    /* The blocking hook runs inside the host, never inside the system's functions, so nothing of theirs blocks. */
    *error = WSAEOPNOTSUPP;
    return SOCKET_ERROR;
}

static int WSPAPI base_cleanup(INT *error)
{
    lock_exclusive(&lock);
    bool started = startups > 0;
    if (started && --startups == 0) {
        InterlockedExchange(&upcalls_given, 0);
        sockets_forget_all(&entries);
    }
    unlock_exclusive(&lock);
    if (started)
        real.WSACleanup();
    else
        *error = WSANOTINITIALISED;
    return started ? 0 : SOCKET_ERROR;
}

/* The handle's value may be another's as soon as the system has closed it, so it is taken out of the tables before. */
static int WSPAPI base_close_socket(SOCKET s, INT *error)
{
    void *owner = sockets_find(&sockets, s);
    void *entry = sockets_find(&entries, s);
    bool marked = owner != NULL && owner != SOCKETS_CLOSING && sockets_replace(&sockets, s, owner, SOCKETS_CLOSING);
    sockets_replace(&entries, s, entry, NULL);
    if (real.closesocket(s) == SOCKET_ERROR) {
        failed(error);
        sockets_replace(&entries, s, NULL, entry);
        if (marked)
            sockets_replace(&sockets, s, SOCKETS_CLOSING, owner);
        return SOCKET_ERROR;
    }
    if (marked)
        sockets_replace(&sockets, s, SOCKETS_CLOSING, NULL);
    return 0;
}

static int WSPAPI base_connect(SOCKET s, const struct sockaddr *name, int length, WSABUF *caller, WSABUF *callee,
                               QOS *socket_qos, QOS *group_qos, INT *error)
{
    if (name == NULL)
        return no_buffer(s, error);
    return result_of(real.WSAConnect(s, name, length, caller, callee, socket_qos, group_qos), error);
}

/* The answer names the private catalog's entry. Windows leaves the new handle's value in dwProviderReserved; Wine
 * leaves it in a reserved service flag, which layers do not hand on (they replace the whole entry but for
 * dwProviderReserved), so it is put where Windows has it. */
static int WSPAPI base_duplicate_socket(SOCKET s, DWORD process, WSAPROTOCOL_INFOW *info, INT *error)
{
    WSAPROTOCOL_INFOW system;
    memset(&system, 0, sizeof(system));
    if (info == NULL)
        return no_buffer(s, error);
    if (real.WSADuplicateSocketW(s, process, &system) == SOCKET_ERROR)
        return failed(error);
    if (!entry_info(&system, info))
        *info = system;
    info->dwServiceFlags2 = system.dwServiceFlags2;
    info->dwServiceFlags3 = system.dwServiceFlags3;
    info->dwServiceFlags4 = system.dwServiceFlags4;
    info->dwProviderReserved = system.dwProviderReserved != 0 ? system.dwProviderReserved : system.dwServiceFlags3;
    return 0;
}

static int WSPAPI base_enum_network_events(SOCKET s, WSAEVENT event, WSANETWORKEVENTS *events, INT *error)
{
    if (events == NULL)
        return no_buffer(s, error);
    return result_of(real.WSAEnumNetworkEvents(s, event, events), error);
}

static int WSPAPI base_event_select(SOCKET s, WSAEVENT event, __LONG32 events, INT *error)
{
    return result_of(real.WSAEventSelect(s, event, events), error);
}

static WINBOOL WSPAPI base_get_overlapped_result(SOCKET s, WSAOVERLAPPED *overlapped, DWORD *bytes, WINBOOL wait,
                                                 DWORD *flags, INT *error)
{
    WINBOOL done = real.WSAGetOverlappedResult(s, overlapped, bytes, wait, flags);
    if (!done)
        failed(error);
    return done;
}

static int WSPAPI base_get_peer_name(SOCKET s, struct sockaddr *name, INT *length, INT *error)
{
    return result_of(real.getpeername(s, name, length), error);
}

static int WSPAPI base_get_sock_name(SOCKET s, struct sockaddr *name, INT *length, INT *error)
{
    return result_of(real.getsockname(s, name, length), error);
}

static int WSPAPI base_get_sock_opt(SOCKET s, int level, int option, char *value, INT *length, INT *error)
{
    if (real.getsockopt(s, level, option, value, length) == SOCKET_ERROR)
        return failed(error);
    if (level == SOL_SOCKET && option == SO_PROTOCOL_INFOW)
        entry_info((WSAPROTOCOL_INFOW *)value, (WSAPROTOCOL_INFOW *)value);
    return 0;
}

static WINBOOL WSPAPI base_get_qos_by_name(SOCKET s, WSABUF *name, QOS *qos, INT *error)
{
    if (real.WSAGetQOSByName != NULL && real.WSAGetQOSByName(s, name, qos))
        return TRUE;
    *error = real.WSAGetQOSByName == NULL ? WSAEOPNOTSUPP : (INT)GetLastError();
    return FALSE;
}

static bool is_bsp_handle_code(DWORD code)
{
    return code == SIO_BSP_HANDLE || code == SIO_BSP_HANDLE_SELECT || code == SIO_BSP_HANDLE_POLL;
}

/* Tells past_layers.h that the question has come down to the base. */
static int answered(const void *out)
{
    struct host_thread *thread = thread_current();
    if (thread != NULL)
        memcpy(&thread->base_answered, out, sizeof(thread->base_answered));
    return 0;
}

static int answer_base_handle(SOCKET s, void *out, DWORD *returned)
{
    memcpy(out, &s, sizeof(s));
    *returned = sizeof(s);
    return answered(out);
}

/* SIO_BSP_HANDLE and its like come with every select: for a socket of its own the base has the answer without the
 * system. */
static int base_handle_ioctl(SOCKET s, DWORD code, void *out, DWORD out_size, DWORD *returned,
                             WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, INT *error)
{
    /* "Winsock IOCTLs" has WSAEFAULT for it; Wine would write there. */
    if (out == NULL || out_size < sizeof(s) || returned == NULL ||
        (code == SIO_BSP_HANDLE_POLL && overlapped != NULL)) {
        *error = WSAEFAULT;
        return SOCKET_ERROR;
    }
    if (is_bsp_handle_code(code) && overlapped == NULL && base_made(s))
        return answer_base_handle(s, out, returned);
    if (real.WSAIoctl(s, code, NULL, 0, out, out_size, returned, overlapped, routine) == 0)
        return answered(out);
    failed(error);
    if (overlapped != NULL || *error == WSAENOTSOCK || *error == WSAEFAULT)
        return SOCKET_ERROR;
    /* Where the system does not know the codes: Wine has SIO_BASE_HANDLE alone. */
    if (base_is_socket(s))
        return answer_base_handle(s, out, returned);
    *error = WSAENOTSOCK;
    return SOCKET_ERROR;
}

int base_poll(WSAPOLLFD *polled, ULONG count, INT timeout, INT *error)
{
    return result_of(real.WSAPoll(polled, count, timeout), error);
}

/* SIO_EXT_POLL: "passing WSAPoll arguments through WSAIoctl" (mswsock.h). The results stand in what came in, which is
 * where Microsoft's sample looks for them; the two buffers mostly are one. */
static int poll_ioctl(WSAPOLLDATA *data, DWORD in_size, void *out, DWORD out_size, DWORD *returned, INT *error)
{
    DWORD size;
    if (data == NULL || in_size < offsetof(WSAPOLLDATA, fdArray) || returned == NULL ||
        data->fds > (in_size - offsetof(WSAPOLLDATA, fdArray)) / sizeof(WSAPOLLFD)) {
        *error = WSAEFAULT;
        return SOCKET_ERROR;
    }
    data->result = base_poll(data->fdArray, data->fds, data->timeout, error);
    size = (DWORD)(offsetof(WSAPOLLDATA, fdArray) + data->fds * sizeof(WSAPOLLFD));
    if (out != NULL && out_size >= size)
        memmove(out, data, size);
    *returned = size;
    return data->result == SOCKET_ERROR ? SOCKET_ERROR : 0;
}

int base_send_msg(SOCKET s, const WSASENDMSG *arguments, INT *error)
{
    if (real.WSASendMsg == NULL) {
        *error = WSAEOPNOTSUPP;
        return SOCKET_ERROR;
    }
    return result_of(real.WSASendMsg(s, arguments->lpMsg, arguments->dwFlags, arguments->lpNumberOfBytesSent,
                                     arguments->lpOverlapped, arguments->lpCompletionRoutine),
                     error);
}

/* SIO_EXT_SENDMSG: "the actual error code is returned via the lpvOutBuffer parameter" (Microsoft's sample). */
static int send_msg_ioctl(SOCKET s, const void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,
                          INT *error)
{
    DWORD code = 0;
    if (in == NULL || in_size < sizeof(WSASENDMSG)) {
        *error = WSAEFAULT;
        return SOCKET_ERROR;
    }
    int result = base_send_msg(s, in, error);
    if (result == SOCKET_ERROR)
        code = (DWORD)*error;
    if (out != NULL && out_size >= sizeof(code)) {
        memcpy(out, &code, sizeof(code));
        if (returned != NULL)
            *returned = sizeof(code);
    }
    return result;
}

static int WSPAPI base_ioctl(SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,
                             WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread,
                             INT *error)
{
    (void)thread; /* the system queues its completion routines to the calling thread by itself */
    if (is_bsp_handle_code(code) || code == SIO_BASE_HANDLE)
        return base_handle_ioctl(s, code, out, out_size, returned, overlapped, routine, error);
    if (code == WSPLSP_SIO_CANCEL) { /* a layer's alone: the base's operations are the system's to cancel */
        *error = WSAEOPNOTSUPP;
        return SOCKET_ERROR;
    }
    if ((code == SIO_EXT_POLL || code == SIO_EXT_SENDMSG) && overlapped != NULL) {
        *error = WSAEFAULT; /* as for SIO_BSP_HANDLE_POLL: nothing would ever tell of its completion */
        return SOCKET_ERROR;
    }
    if (code == SIO_EXT_POLL)
        return poll_ioctl(in, in_size, out, out_size, returned, error);
    if (code == SIO_EXT_SENDMSG)
        return send_msg_ioctl(s, in, in_size, out, out_size, returned, error);
    return result_of(real.WSAIoctl(s, code, in, in_size, out, out_size, returned, overlapped, routine), error);
}

static SOCKET WSPAPI base_join_leaf(SOCKET s, const struct sockaddr *name, int length, WSABUF *caller, WSABUF *callee,
                                    QOS *socket_qos, QOS *group_qos, DWORD flags, INT *error)
{
    SOCKET leaf = INVALID_SOCKET;
    *error = WSAEOPNOTSUPP;
    if (real.WSAJoinLeaf == NULL)
        return INVALID_SOCKET;
    leaf = real.WSAJoinLeaf(s, name, length, caller, callee, socket_qos, group_qos, flags);
    if (leaf == INVALID_SOCKET)
        failed(error);
    /* A leaf that joins a session without a root gets no socket of its own: the answer is `s`. */
    return leaf == INVALID_SOCKET || leaf == s ? leaf : give_out(leaf, socket_entry(s), error);
}

static int WSPAPI base_listen(SOCKET s, int backlog, INT *error)
{
    return result_of(real.listen(s, backlog), error);
}

static int WSPAPI base_recv(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags,
                            WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread,
                            INT *error)
{
    (void)thread;
    return result_of(real.WSARecv(s, buffers, count, bytes, flags, overlapped, routine), error);
}

static int WSPAPI base_recv_disconnect(SOCKET s, WSABUF *data, INT *error)
{
    if (real.WSARecvDisconnect != NULL)
        return result_of(real.WSARecvDisconnect(s, data), error);
    *error = WSAEOPNOTSUPP;
    return SOCKET_ERROR;
}

static int WSPAPI base_recv_from(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags,
                                 struct sockaddr *from, INT *from_length, WSAOVERLAPPED *overlapped,
                                 LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    (void)thread;
    return result_of(real.WSARecvFrom(s, buffers, count, bytes, flags, from, from_length, overlapped, routine), error);
}

static int WSPAPI base_select(int count, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout,
                              INT *error)
{
    return result_of(real.select(count, read, write, except, timeout), error);
}

static int WSPAPI base_send(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags,
                            WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread,
                            INT *error)
{
    (void)thread;
    return result_of(real.WSASend(s, buffers, count, bytes, flags, overlapped, routine), error);
}

static int WSPAPI base_send_disconnect(SOCKET s, WSABUF *data, INT *error)
{
    if (real.WSASendDisconnect != NULL)
        return result_of(real.WSASendDisconnect(s, data), error);
    *error = WSAEOPNOTSUPP;
    return SOCKET_ERROR;
}

static int WSPAPI base_send_to(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags,
                               const struct sockaddr *to, int to_length, WSAOVERLAPPED *overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    (void)thread;
    return result_of(real.WSASendTo(s, buffers, count, bytes, flags, to, to_length, overlapped, routine), error);
}

static int WSPAPI base_set_sock_opt(SOCKET s, int level, int option, const char *value, int length, INT *error)
{
    return result_of(real.setsockopt(s, level, option, value, length), error);
}

static int WSPAPI base_shutdown(SOCKET s, int how, INT *error)
{
    return result_of(real.shutdown(s, how), error);
}

/* "The value of zero for af and type" and FROM_PROTOCOL_INFO "must be accepted" (WSPSocket): the entry's then. So is a
 * protocol of zero, which leaves the choice to the provider. */
static int from_entry(int argument, int entry)
{
    return argument == 0 || argument == FROM_PROTOCOL_INFO ? entry : argument;
}

void base_name_duplicate(WSAPROTOCOL_INFOW *info)
{
    if (info->dwProviderReserved == 0 && info->dwServiceFlags4 == WINE_DUPLICATE)
        info->dwProviderReserved = info->dwServiceFlags3;
}

/* A socket that another process, or this one, has duplicated into this one: dwProviderReserved is the handle's value,
 * see base_duplicate_socket. */
static SOCKET take_duplicate(const WSAPROTOCOL_INFOW *info, INT *error)
{
    SOCKET s = (SOCKET)info->dwProviderReserved;
    if (sockets_find(&sockets, s) == NULL && base_is_socket(s))
        return s;
    /* WSASocket: "the WSAPROTOCOL_INFO structure has already been used in an earlier duplicate socket operation". */
    *error = WSAEINVAL;
    return INVALID_SOCKET;
}

static SOCKET WSPAPI base_socket(int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group, DWORD flags,
                                 INT *error)
{
    SOCKET s;
    if (info == NULL) {
        *error = WSAEFAULT;
        return INVALID_SOCKET;
    }
    if (info->dwProviderReserved != 0) {
        s = take_duplicate(info, error);
        return s == INVALID_SOCKET ? s : give_out(s, info->dwCatalogEntryId, error);
    }
    s = real.WSASocketW(from_entry(family, info->iAddressFamily), from_entry(type, info->iSocketType),
                        from_entry(protocol, info->iProtocol), NULL, group, flags);
    if (s == INVALID_SOCKET) {
        failed(error);
        return INVALID_SOCKET;
    }
    return give_out(s, info->dwCatalogEntryId, error);
}

static INT WSPAPI base_string_to_address(WCHAR *text, INT family, WSAPROTOCOL_INFOW *info, SOCKADDR *address,
                                         INT *length, INT *error)
{
    (void)info; /* as in base_address_to_string */
    return result_of(real.WSAStringToAddressW(text, family, NULL, address, length), error);
}

struct provider base_provider = {
    .base = true,
    .procs =
        {
            .lpWSPAccept = base_accept,
            .lpWSPAddressToString = base_address_to_string,
            .lpWSPAsyncSelect = base_async_select,
            .lpWSPBind = base_bind,
            .lpWSPCancelBlockingCall = base_cancel_blocking_call,
            .lpWSPCleanup = base_cleanup,
            .lpWSPCloseSocket = base_close_socket,
            .lpWSPConnect = base_connect,
            .lpWSPDuplicateSocket = base_duplicate_socket,
            .lpWSPEnumNetworkEvents = base_enum_network_events,
            .lpWSPEventSelect = base_event_select,
            .lpWSPGetOverlappedResult = base_get_overlapped_result,
            .lpWSPGetPeerName = base_get_peer_name,
            .lpWSPGetSockName = base_get_sock_name,
            .lpWSPGetSockOpt = base_get_sock_opt,
            .lpWSPGetQOSByName = base_get_qos_by_name,
            .lpWSPIoctl = base_ioctl,
            .lpWSPJoinLeaf = base_join_leaf,
            .lpWSPListen = base_listen,
            .lpWSPRecv = base_recv,
            .lpWSPRecvDisconnect = base_recv_disconnect,
            .lpWSPRecvFrom = base_recv_from,
            .lpWSPSelect = base_select,
            .lpWSPSend = base_send,
            .lpWSPSendDisconnect = base_send_disconnect,
            .lpWSPSendTo = base_send_to,
            .lpWSPSetSockOpt = base_set_sock_opt,
            .lpWSPShutdown = base_shutdown,
            .lpWSPSocket = base_socket,
            .lpWSPStringToAddress = base_string_to_address,
        },
};

static bool version_too_low(WORD requested)
{
    return LOBYTE(requested) < 2 || (LOBYTE(requested) == 2 && HIBYTE(requested) < 2);
}

int WSPAPI base_startup(WORD requested, WSPDATA *data, WSAPROTOCOL_INFOW *info, WSPUPCALLTABLE table,
                        WSPPROC_TABLE *procs)
{
    WSADATA system;
    (void)info; /* one provider for all entries: what differs comes with each WSPSocket */
    if (data == NULL || procs == NULL)
        return WSAEFAULT;
    if (version_too_low(requested))
        return WSAVERNOTSUPPORTED;
    /* The system counts, too; it may load DLLs, which a lock is not held for. */
    int error = real.WSAStartup(MAKEWORD(2, 2), &system);
    if (error != 0)
        return error;
    lock_exclusive(&lock);
    startups++;
    upcalls = table;
    InterlockedExchange(&upcalls_given, 1);
    unlock_exclusive(&lock);
    memset(data, 0, sizeof(*data));
    data->wVersion = data->wHighVersion = MAKEWORD(2, 2);
    wcscpy(data->szDescription, L"wsplsp base provider");
    *procs = base_provider.procs;
    return 0;
}

static bool names_module(const char *dll, HMODULE module)
{
    wchar_t path[MAX_PATH];
    size_t units;
    uint16_t *raw = text_to_utf16(dll, &units);
    DWORD length = raw == NULL ? 0 : ExpandEnvironmentStringsW((const wchar_t *)raw, path, MAX_PATH);
    free(raw);
    return length > 0 && length <= MAX_PATH && GetModuleHandleW(path) == module;
}

FARPROC WINAPI base_get_proc_address(HMODULE module, const char *name)
{
    bool base = false;
    if ((ULONG_PTR)name >> 16 == 0 || strcmp(name, "WSPStartup") != 0)
        return GetProcAddress(module, name);
    const struct wsplsp_snapshot *snapshot = private_catalog_acquire();
    const struct wsplsp_catalog *catalog = private_catalog_own(snapshot);
    for (size_t i = 0; i < catalog->entry_count && !base; i++)
        base = catalog->entries[i].info.chain_len == 1 && catalog->entries[i].dll != NULL &&
               names_module(catalog->entries[i].dll, module);
    private_catalog_release(snapshot);
    return base ? (FARPROC)(void (*)(void))base_startup : GetProcAddress(module, name);
}
