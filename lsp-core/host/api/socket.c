/* Sockets come and go: socket, WSASocket, accept, WSAJoinLeaf, WSADuplicateSocket, closesocket. */
#include "api.h"
#include "lsp-core/host/provider/base.h"
#include "call.h"
#include "lsp-core/host/catalog/private.h"
#include "protocol_ansi.h"
#include "startup.h"
#include "lsp-core/host/provider/unlisted.h"

/* A number that is FROM_PROTOCOL_INFO itself is none, but where the entry has it: NetBIOS has a protocol of -1. */
static bool says_nothing(int argument, int number, int own)
{
    return (argument == 0 || argument == FROM_PROTOCOL_INFO) && number == FROM_PROTOCOL_INFO && number != own;
}

/* The structure names an entry, but its numbers may be anything. Where they are what the socket is to be made of, there
 * has to be a number; and a family of zero, any for a socket made without a structure, is none here. */
static INT check_given(const struct wsplsp_entry *entry, int family, int type, int protocol,
                       const WSAPROTOCOL_INFOW *given)
{
    if (says_nothing(family, given->iAddressFamily, entry->info.family) ||
        ((family == 0 || family == FROM_PROTOCOL_INFO) && given->iAddressFamily == 0))
        return WSAEAFNOSUPPORT;
    if (says_nothing(type, given->iSocketType, entry->info.socket_type))
        return WSAESOCKTNOSUPPORT;
    return says_nothing(protocol, given->iProtocol, entry->info.protocol) ? WSAEPROTONOSUPPORT : 0;
}

/* Which provider, and the WSAPROTOCOL_INFOW it gets. On failure NULL and `*error`. */
static struct provider *choose_provider(int family, int type, int protocol, const WSAPROTOCOL_INFOW *given,
                                        WSAPROTOCOL_INFOW *info, INT *error)
{
    const struct wsplsp_snapshot *snapshot = private_catalog_acquire();
    const struct wsplsp_catalog *catalog = private_catalog_own(snapshot);
    const struct wsplsp_entry *entry = NULL;
    struct provider *provider = NULL;
    if (given != NULL) {
        entry = choose_named(catalog, given->dwCatalogEntryId, (const struct wsplsp_guid *)&given->ProviderId,
                             startup_application());
        *error = entry == NULL ? WSAEINVAL : 0;
    } else {
        *error = (INT)choose_socket(catalog, family, type, protocol, startup_application(), &entry);
    }
    if (entry != NULL && given != NULL)
        *error = check_given(entry, family, type, protocol, given);
    if (entry == NULL) {
        provider = unlisted_socket(catalog, family, type, protocol, given, info, error);
    } else if (*error == 0) {
        provider = provider_start(catalog, entry, error);
        provider_info(entry, info);
        /* The program's own: "the values specified … are passed unmodified to the transport-service provider", and
         * dwProviderReserved tells a duplicate. */
        if (given != NULL)
            *info = *given;
    }
    if (provider != NULL)
        base_name_duplicate(info);
    private_catalog_release(snapshot);
    return provider;
}

/* A provider has to register a new socket itself (WPUModifyIFSHandle, WPUCreateSocketHandle); one that did not, and
 * whose lower providers did not either, gets it all the same. The value may have been another socket's, whose
 * closesocket has not returned yet: that one leaves alone what is no longer SOCKETS_CLOSING. */
static void own(struct provider *provider, SOCKET s)
{
    while (sockets_offer(&sockets, s, provider) == SOCKETS_CLOSING &&
           !sockets_replace(&sockets, s, SOCKETS_CLOSING, provider))
        ;
}

static SOCKET made(struct call *call, struct provider *before, SOCKET s)
{
    call->thread->making = before;
    if (s != INVALID_SOCKET)
        own(call->provider, s);
    call_end(call, s == INVALID_SOCKET);
    return s;
}

SOCKET WSAAPI api_WSASocketW(int family, int type, int protocol, WSAPROTOCOL_INFOW *given, GROUP group, DWORD flags)
{
    struct call call;
    WSAPROTOCOL_INFOW info;
    if (!call_begin_without_socket(&call))
        return INVALID_SOCKET;
    struct provider *before = call.thread->making;
    call.provider = choose_provider(family, type, protocol, given, &info, &call.error);
    if (call.provider == NULL) {
        call_end(&call, true);
        return INVALID_SOCKET;
    }
    call.error = WSASYSCALLFAILURE;
    call.thread->making = call.provider;
    return made(&call, before,
                call.provider->procs.lpWSPSocket(family, type, protocol, &info, group, flags, &call.error));
}

SOCKET WSAAPI api_WSASocketA(int family, int type, int protocol, WSAPROTOCOL_INFOA *given, GROUP group, DWORD flags)
{
    WSAPROTOCOL_INFOW info;
    if (given != NULL)
        protocol_to_wide(given, &info);
    return api_WSASocketW(family, type, protocol, given == NULL ? NULL : &info, group, flags);
}

/* "The socket that is created will have the overlapped attribute as a default … SO_OPENTYPE can affect this default" */
SOCKET WSAAPI api_socket(int family, int type, int protocol)
{
    const struct host_thread *thread = thread_find();
    bool overlapped = thread == NULL || thread->open_type == 0;
    return api_WSASocketW(family, type, protocol, NULL, 0, overlapped ? WSA_FLAG_OVERLAPPED : 0);
}

SOCKET WSAAPI api_WSAAccept(SOCKET s, struct sockaddr *address, INT *length, LPCONDITIONPROC condition, DWORD_PTR data)
{
    CALL_BEGIN(s, INVALID_SOCKET);
    struct provider *before = call.thread->making;
    call.thread->making = call.provider;
    return made(&call, before, call.provider->procs.lpWSPAccept(s, address, length, condition, data, &call.error));
}

SOCKET WSAAPI api_accept(SOCKET s, struct sockaddr *address, int *length)
{
    return api_WSAAccept(s, address, length, NULL, 0);
}

SOCKET WSAAPI api_WSAJoinLeaf(SOCKET s, const struct sockaddr *name, int length, WSABUF *caller, WSABUF *callee,
                              QOS *socket_qos, QOS *group_qos, DWORD flags)
{
    CALL_BEGIN(s, INVALID_SOCKET);
    struct provider *before = call.thread->making;
    call.thread->making = call.provider;
    return made(
        &call, before,
        call.provider->procs.lpWSPJoinLeaf(s, name, length, caller, callee, socket_qos, group_qos, flags, &call.error));
}

/* The handle leaves the table before the provider closes it: afterwards its value may be another socket's. */
int WSAAPI api_closesocket(SOCKET s)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    if (!sockets_replace(&sockets, s, call.provider, SOCKETS_CLOSING)) {
        call.error = WSAENOTSOCK; /* another thread is closing it */
        return call_result(&call, SOCKET_ERROR);
    }
    int result = call.provider->procs.lpWSPCloseSocket(s, &call.error);
    sockets_replace(&sockets, s, SOCKETS_CLOSING, result == SOCKET_ERROR ? call.provider : NULL);
    return call_result(&call, result);
}

/* Without a place for the answer no provider is asked; a process that is none goes first (WSAEINVAL). */
static INT no_place(DWORD process)
{
    HANDLE opened = OpenProcess(PROCESS_DUP_HANDLE, FALSE, process);
    if (opened == NULL)
        return WSAEINVAL;
    CloseHandle(opened);
    return WSAEFAULT;
}

int WSAAPI api_WSADuplicateSocketW(SOCKET s, DWORD process, WSAPROTOCOL_INFOW *info)
{
    CALL_BEGIN(s, SOCKET_ERROR);
    if (info == NULL) {
        call.error = no_place(process);
        return call_result(&call, SOCKET_ERROR);
    }
    return call_result(&call, call.provider->procs.lpWSPDuplicateSocket(s, process, info, &call.error));
}

int WSAAPI api_WSADuplicateSocketA(SOCKET s, DWORD process, WSAPROTOCOL_INFOA *info)
{
    WSAPROTOCOL_INFOW wide;
    int result = api_WSADuplicateSocketW(s, process, info == NULL ? NULL : &wide);
    if (result == 0 && info != NULL)
        protocol_to_ansi(&wide, info);
    return result;
}
