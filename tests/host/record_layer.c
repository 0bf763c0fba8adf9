/* record_layer.dll: a layered service provider that passes every call on and notes it; see record.h. IFS or non-IFS by
 * the flag XP1_IFS_HANDLES of its own entry in the catalog. WSPStartup, and the functions that are passed on plainly.
 */
#include "record_layer.h"

#include <string.h>
#include <wchar.h>

WSPUPCALLTABLE upcalls;

static SRWLOCK lock = SRWLOCK_INIT;
static int startups;

static void note_name(struct step *step, const struct sockaddr *name, int length)
{
    if (name != NULL && length > 0 && (size_t)length <= sizeof(step->note.name))
        memcpy(&step->note.name, name, (size_t)length);
}

/* An int function of a socket that goes down as it came. */
#define PLAIN(step, s, CALL)                                           \
    do {                                                               \
        int result = SOCKET_ERROR;                                     \
        if (step_begin(&(step), (s)))                                  \
            result = CALL;                                             \
        return (int)step_end(&(step), result, result == SOCKET_ERROR); \
    } while (0)

static SOCKET WSPAPI spi_accept(SOCKET s, struct sockaddr *address, INT *length, LPCONDITIONPROC condition,
                                DWORD_PTR data, INT *error)
{
    struct step step = STEP(Accept, s, (uintptr_t)address, (uintptr_t)length, (uintptr_t)condition, data);
    SOCKET accepted = INVALID_SOCKET;
    if (step_begin(&step, s))
        accepted = step.chain->next.lpWSPAccept(step.lower, address, length, condition, data, error);
    if (accepted != INVALID_SOCKET)
        accepted = socket_make(step.chain, accepted, error);
    if (accepted != INVALID_SOCKET)
        async_select_inherit(step.socket, socket_find(accepted));
    return (SOCKET)step_end(&step, (intptr_t)accepted, accepted == INVALID_SOCKET);
}

static INT WSPAPI spi_address_to_string(SOCKADDR *address, DWORD length, WSAPROTOCOL_INFOW *info, WCHAR *text,
                                        DWORD *text_length, INT *error)
{
    struct step step =
        STEP(AddressToString, (uintptr_t)address, length, (uintptr_t)info, (uintptr_t)text, (uintptr_t)text_length);
    note_name(&step, address, (int)length);
    if (info != NULL)
        step.note.info = *info;
    PLAIN(step, INVALID_SOCKET, step.chain->next.lpWSPAddressToString(address, length, info, text, text_length, error));
}

static int WSPAPI spi_bind(SOCKET s, const struct sockaddr *name, int length, INT *error)
{
    struct step step = STEP(Bind, s, (uintptr_t)name, (uintptr_t)length);
    note_name(&step, name, length);
    PLAIN(step, s, step.chain->next.lpWSPBind(step.lower, name, length, error));
}

static int WSPAPI spi_cancel_blocking_call(INT *error)
{
    struct step step = STEP(CancelBlockingCall, 0);
    PLAIN(step, INVALID_SOCKET, step.chain->next.lpWSPCancelBlockingCall(error));
}

/* "There must be a call to WSPCleanup for every successful WSPStartup call … Only the final WSPCleanup … performs the
 * actual cleanup." */
static int WSPAPI spi_cleanup(INT *error)
{
    struct step step = STEP(Cleanup, 0);
    int result = SOCKET_ERROR;
    *error = WSANOTINITIALISED;
    if (step_begin(&step, INVALID_SOCKET)) {
        AcquireSRWLockExclusive(&lock);
        bool last = startups > 0 && --startups == 0;
        ReleaseSRWLockExclusive(&lock);
        if (last) {
            operations_stop();
            chain_stop_all();
        }
        result = 0;
    }
    return (int)step_end(&step, result, result != 0);
}

static int WSPAPI spi_close_socket(SOCKET s, INT *error)
{
    struct step step = STEP(CloseSocket, s);
    PLAIN(step, s, socket_close(step.socket, error));
}

static int WSPAPI spi_connect(SOCKET s, const struct sockaddr *name, int length, WSABUF *caller, WSABUF *callee,
                              QOS *socket_qos, QOS *group_qos, INT *error)
{
    struct step step = STEP(Connect, s, (uintptr_t)name, (uintptr_t)length, (uintptr_t)caller, (uintptr_t)callee,
                            (uintptr_t)socket_qos, (uintptr_t)group_qos);
    note_name(&step, name, length);
    PLAIN(step, s,
          step.chain->next.lpWSPConnect(step.lower, name, length, caller, callee, socket_qos, group_qos, error));
}

/* The process that gets it makes the socket through the same chain. */
static int WSPAPI spi_duplicate_socket(SOCKET s, DWORD process, WSAPROTOCOL_INFOW *info, INT *error)
{
    struct step step = STEP(DuplicateSocket, s, process, (uintptr_t)info);
    int result = SOCKET_ERROR;
    if (step_begin(&step, s))
        result = step.chain->next.lpWSPDuplicateSocket(step.lower, process, info, error);
    if (result == 0) {
        DWORD reserved = info->dwProviderReserved;
        *info = step.chain->info;
        info->dwProviderReserved = reserved;
    }
    return (int)step_end(&step, result, result == SOCKET_ERROR);
}

static int WSPAPI spi_enum_network_events(SOCKET s, WSAEVENT event, WSANETWORKEVENTS *events, INT *error)
{
    struct step step = STEP(EnumNetworkEvents, s, (uintptr_t)event, (uintptr_t)events);
    PLAIN(step, s, step.chain->next.lpWSPEnumNetworkEvents(step.lower, event, events, error));
}

static int WSPAPI spi_event_select(SOCKET s, WSAEVENT event, __LONG32 events, INT *error)
{
    struct step step = STEP(EventSelect, s, (uintptr_t)event, (uintptr_t)events);
    PLAIN(step, s, step.chain->next.lpWSPEventSelect(step.lower, event, events, error));
}

static int WSPAPI spi_get_peer_name(SOCKET s, struct sockaddr *name, INT *length, INT *error)
{
    struct step step = STEP(GetPeerName, s, (uintptr_t)name, (uintptr_t)length);
    PLAIN(step, s, step.chain->next.lpWSPGetPeerName(step.lower, name, length, error));
}

static int WSPAPI spi_get_sock_name(SOCKET s, struct sockaddr *name, INT *length, INT *error)
{
    struct step step = STEP(GetSockName, s, (uintptr_t)name, (uintptr_t)length);
    PLAIN(step, s, step.chain->next.lpWSPGetSockName(step.lower, name, length, error));
}

/* SO_PROTOCOL_INFO is the chain's, not the base's. */
static int WSPAPI spi_get_sock_opt(SOCKET s, int level, int option, char *value, INT *length, INT *error)
{
    struct step step = STEP(GetSockOpt, s, (uintptr_t)level, (uintptr_t)option, (uintptr_t)value, (uintptr_t)length);
    int result = SOCKET_ERROR;
    if (step_begin(&step, s))
        result = step.chain->next.lpWSPGetSockOpt(step.lower, level, option, value, length, error);
    if (result == 0 && level == SOL_SOCKET && option == SO_PROTOCOL_INFOW)
        memcpy(value, &step.chain->info, sizeof(step.chain->info));
    return (int)step_end(&step, result, result == SOCKET_ERROR);
}

static WINBOOL WSPAPI spi_get_qos_by_name(SOCKET s, WSABUF *name, QOS *qos, INT *error)
{
    struct step step = STEP(GetQOSByName, s, (uintptr_t)name, (uintptr_t)qos);
    WINBOOL found = FALSE;
    if (name != NULL)
        step.note.buffer = *name;
    if (step_begin(&step, s))
        found = step.chain->next.lpWSPGetQOSByName(step.lower, name, qos, error);
    return (WINBOOL)step_end(&step, found, !found);
}

static SOCKET WSPAPI spi_join_leaf(SOCKET s, const struct sockaddr *name, int length, WSABUF *caller, WSABUF *callee,
                                   QOS *socket_qos, QOS *group_qos, DWORD flags, INT *error)
{
    struct step step = STEP(JoinLeaf, s, (uintptr_t)name, (uintptr_t)length, (uintptr_t)caller, (uintptr_t)callee,
                            (uintptr_t)socket_qos, (uintptr_t)group_qos, flags);
    SOCKET leaf = INVALID_SOCKET;
    note_name(&step, name, length);
    if (step_begin(&step, s))
        leaf = step.chain->next.lpWSPJoinLeaf(step.lower, name, length, caller, callee, socket_qos, group_qos, flags,
                                              error);
    if (leaf == step.lower && leaf != INVALID_SOCKET)
        leaf = s;
    else if (leaf != INVALID_SOCKET)
        leaf = socket_make(step.chain, leaf, error);
    return (SOCKET)step_end(&step, (intptr_t)leaf, leaf == INVALID_SOCKET);
}

static int WSPAPI spi_listen(SOCKET s, int backlog, INT *error)
{
    struct step step = STEP(Listen, s, (uintptr_t)backlog);
    PLAIN(step, s, step.chain->next.lpWSPListen(step.lower, backlog, error));
}

static int WSPAPI spi_recv_disconnect(SOCKET s, WSABUF *data, INT *error)
{
    struct step step = STEP(RecvDisconnect, s, (uintptr_t)data);
    PLAIN(step, s, step.chain->next.lpWSPRecvDisconnect(step.lower, data, error));
}

static int WSPAPI spi_send_disconnect(SOCKET s, WSABUF *data, INT *error)
{
    struct step step = STEP(SendDisconnect, s, (uintptr_t)data);
    PLAIN(step, s, step.chain->next.lpWSPSendDisconnect(step.lower, data, error));
}

/* The two options that take over a context name another socket of the layer's. */
static int set_option(const struct step *step, int level, int option, const char *value, int length, INT *error)
{
    SOCKET named;
    if (level != SOL_SOCKET || option != SO_UPDATE_ACCEPT_CONTEXT || length != (int)sizeof(named))
        return step->chain->next.lpWSPSetSockOpt(step->lower, level, option, value, length, error);
    memcpy(&named, value, sizeof(named));
    const struct socket *other = socket_find(named);
    if (other != NULL)
        named = other->lower;
    return step->chain->next.lpWSPSetSockOpt(step->lower, level, option, (const char *)&named, length, error);
}

static int WSPAPI spi_set_sock_opt(SOCKET s, int level, int option, const char *value, int length, INT *error)
{
    struct step step = STEP(SetSockOpt, s, (uintptr_t)level, (uintptr_t)option, (uintptr_t)value, (uintptr_t)length);
    PLAIN(step, s, set_option(&step, level, option, value, length, error));
}

static int WSPAPI spi_shutdown(SOCKET s, int how, INT *error)
{
    struct step step = STEP(Shutdown, s, (uintptr_t)how);
    PLAIN(step, s, step.chain->next.lpWSPShutdown(step.lower, how, error));
}

static SOCKET WSPAPI spi_socket(int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group, DWORD flags,
                                INT *error)
{
    struct step step =
        STEP(Socket, (uintptr_t)family, (uintptr_t)type, (uintptr_t)protocol, (uintptr_t)info, group, flags);
    SOCKET s = INVALID_SOCKET;
    step.note.info = *info;
    if (step_begin(&step, INVALID_SOCKET)) {
        const struct chain *chain = chain_get(info, error);
        WSAPROTOCOL_INFOW next_info = chain == NULL ? *info : chain->next_info;
        next_info.dwProviderReserved = info->dwProviderReserved;
        if (chain != NULL)
            s = chain->next.lpWSPSocket(family, type, protocol, &next_info, group, flags, error);
        if (s != INVALID_SOCKET)
            s = socket_make(chain, s, error);
    }
    return (SOCKET)step_end(&step, (intptr_t)s, s == INVALID_SOCKET);
}

static INT WSPAPI spi_string_to_address(WCHAR *text, INT family, WSAPROTOCOL_INFOW *info, SOCKADDR *address,
                                        INT *length, INT *error)
{
    struct step step = STEP(StringToAddress, (uintptr_t)text, (uintptr_t)family, (uintptr_t)info, (uintptr_t)address,
                            (uintptr_t)length);
    if (text != NULL)
        wcsncpy(step.note.text, text, sizeof(step.note.text) / sizeof(step.note.text[0]) - 1);
    if (info != NULL)
        step.note.info = *info;
    PLAIN(step, INVALID_SOCKET, step.chain->next.lpWSPStringToAddress(text, family, info, address, length, error));
}

static const WSPPROC_TABLE functions = {
    .lpWSPAccept = spi_accept,
    .lpWSPAddressToString = spi_address_to_string,
    .lpWSPAsyncSelect = spi_async_select,
    .lpWSPBind = spi_bind,
    .lpWSPCancelBlockingCall = spi_cancel_blocking_call,
    .lpWSPCleanup = spi_cleanup,
    .lpWSPCloseSocket = spi_close_socket,
    .lpWSPConnect = spi_connect,
    .lpWSPDuplicateSocket = spi_duplicate_socket,
    .lpWSPEnumNetworkEvents = spi_enum_network_events,
    .lpWSPEventSelect = spi_event_select,
    .lpWSPGetOverlappedResult = spi_get_overlapped_result,
    .lpWSPGetPeerName = spi_get_peer_name,
    .lpWSPGetSockName = spi_get_sock_name,
    .lpWSPGetSockOpt = spi_get_sock_opt,
    .lpWSPGetQOSByName = spi_get_qos_by_name,
    .lpWSPIoctl = spi_ioctl,
    .lpWSPJoinLeaf = spi_join_leaf,
    .lpWSPListen = spi_listen,
    .lpWSPRecv = spi_recv,
    .lpWSPRecvDisconnect = spi_recv_disconnect,
    .lpWSPRecvFrom = spi_recv_from,
    .lpWSPSelect = spi_select,
    .lpWSPSend = spi_send_data,
    .lpWSPSendDisconnect = spi_send_disconnect,
    .lpWSPSendTo = spi_send_to,
    .lpWSPSetSockOpt = spi_set_sock_opt,
    .lpWSPShutdown = spi_shutdown,
    .lpWSPSocket = spi_socket,
    .lpWSPStringToAddress = spi_string_to_address,
};

static void give_functions(WSPPROC_TABLE *procs, int missing)
{
    void *none = NULL;
    *procs = functions;
    if (missing > 0)
        memcpy((char *)procs + (size_t)(missing - 1) * sizeof(none), &none, sizeof(none));
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD requested, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE table, LPWSPPROC_TABLE procs)
{
    struct record *record = note_get();
    INT error;
    note_startup(requested, info);
    if (record->startup_error != 0)
        return record->startup_error;
    if (LOBYTE(requested) < 2 || (LOBYTE(requested) == 2 && HIBYTE(requested) < 2))
        return WSAVERNOTSUPPORTED;
    AcquireSRWLockExclusive(&lock);
    upcalls = table;
    const struct chain *chain = chain_get(info, &error);
    startups += chain != NULL;
    ReleaseSRWLockExclusive(&lock);
    if (chain == NULL)
        return error;
    data->wVersion = data->wHighVersion = record->version != 0 ? record->version : MAKEWORD(2, 2);
    wcscpy(data->szDescription, L"record_layer");
    give_functions(procs, record->missing);
    return 0;
}
