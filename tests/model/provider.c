/* The model's base provider and its other vendor's layer, the witness: one WSPStartup for both, which tells them apart
 * by the entry it is given, as a DLL with several providers does; see model.h. */
#include <stdio.h>
#include <string.h>

#include "model.h"

enum { FIRST = 0x100000, SOCKETS = 4096, RESERVED = 0x5151 };
static bool open_sockets[SOCKETS];
static int socket_count;

bool provider_is_handle(SOCKET s)
{
    size_t index = (s - FIRST) / 4;
    return s >= FIRST && s % 4 == 0 && index < (size_t)socket_count && open_sockets[index];
}

static SOCKET new_socket(INT *error)
{
    if (socket_count == SOCKETS) {
        *error = WSAENOBUFS;
        return INVALID_SOCKET;
    }
    open_sockets[socket_count] = true;
    return notes.base_socket = FIRST + 4 * (SOCKET)socket_count++;
}

static bool check_socket(SOCKET s, INT *error)
{
    if (provider_is_handle(s))
        return true;
    wrong("the base gets its own handles");
    *error = WSAENOTSOCK;
    return false;
}

static void check_base_info(const WSAPROTOCOL_INFOW *info)
{
    if (!same_info(info, &model.base))
        wrong("the base gets its own WSAPROTOCOL_INFO (WSPStartup)");
}

/* ---- the base: what is not asked for here is not supported */

#define REFUSED(name, failure, parameters)                   \
    static __typeof__(failure) WSPAPI base_##name parameters \
    {                                                        \
        *error = WSAEOPNOTSUPP;                              \
        return failure;                                      \
    }
#define ERROR_RESULT SOCKET_ERROR
#define NO_SOCKET    ((SOCKET)INVALID_SOCKET)
#define FALSE_RESULT ((WINBOOL)FALSE)
/* clang-format off: one function a line */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
REFUSED(async_select, ERROR_RESULT, (SOCKET s, HWND w, unsigned m, __LONG32 e, INT *error))
REFUSED(bind, ERROR_RESULT, (SOCKET s, const struct sockaddr *a, int l, INT *error))
REFUSED(cancel, ERROR_RESULT, (INT * error))
REFUSED(connect, ERROR_RESULT,
        (SOCKET s, const struct sockaddr *a, int l, WSABUF *b, WSABUF *c, QOS *d, QOS *e, INT *error))
REFUSED(enum_events, ERROR_RESULT, (SOCKET s, WSAEVENT v, WSANETWORKEVENTS *e, INT *error))
REFUSED(event_select, ERROR_RESULT, (SOCKET s, WSAEVENT v, __LONG32 e, INT *error))
REFUSED(overlapped_result, FALSE_RESULT, (SOCKET s, WSAOVERLAPPED *o, DWORD *b, WINBOOL w, DWORD *f, INT *error))
REFUSED(name, ERROR_RESULT, (SOCKET s, struct sockaddr *a, INT *l, INT *error))
REFUSED(get_option, ERROR_RESULT, (SOCKET s, int l, int o, char *v, INT *n, INT *error))
REFUSED(set_option, ERROR_RESULT, (SOCKET s, int l, int o, const char *v, int n, INT *error))
REFUSED(qos_by_name, FALSE_RESULT, (SOCKET s, WSABUF *n, QOS *q, INT *error))
REFUSED(ioctl, ERROR_RESULT,
        (SOCKET s, DWORD c, void *i, DWORD in, void *o, DWORD on, DWORD *r, WSAOVERLAPPED *v,
         LPWSAOVERLAPPED_COMPLETION_ROUTINE d, WSATHREADID *t, INT *error))
REFUSED(listen, ERROR_RESULT, (SOCKET s, int b, INT *error))
REFUSED(recv, ERROR_RESULT,
        (SOCKET s, WSABUF *b, DWORD n, DWORD *d, DWORD *f, WSAOVERLAPPED *o, LPWSAOVERLAPPED_COMPLETION_ROUTINE r,
         WSATHREADID *t, INT *error))
REFUSED(recv_from, ERROR_RESULT,
        (SOCKET s, WSABUF *b, DWORD n, DWORD *d, DWORD *f, struct sockaddr *a, INT *l, WSAOVERLAPPED *o,
         LPWSAOVERLAPPED_COMPLETION_ROUTINE r, WSATHREADID *t, INT *error))
REFUSED(select, ERROR_RESULT, (int n, fd_set *r, fd_set *w, fd_set *e, const struct timeval *t, INT *error))
REFUSED(send_to, ERROR_RESULT,
        (SOCKET s, WSABUF *b, DWORD n, DWORD *d, DWORD f, const struct sockaddr *a, int l, WSAOVERLAPPED *o,
         LPWSAOVERLAPPED_COMPLETION_ROUTINE r, WSATHREADID *t, INT *error))
REFUSED(disconnect, ERROR_RESULT, (SOCKET s, WSABUF *b, INT *error))
REFUSED(shutdown, ERROR_RESULT, (SOCKET s, int h, INT *error))
#pragma GCC diagnostic pop
/* clang-format on */

static SOCKET WSPAPI base_accept(SOCKET s, struct sockaddr *address, INT *length, LPCONDITIONPROC condition,
                                 DWORD_PTR data, INT *error)
{
    (void)address;
    (void)length;
    (void)condition;
    (void)data;
    return check_socket(s, error) ? new_socket(error) : INVALID_SOCKET;
}

static SOCKET WSPAPI base_join(SOCKET s, const struct sockaddr *name, int length, WSABUF *caller, WSABUF *callee,
                               QOS *socket_qos, QOS *group_qos, DWORD flags, INT *error)
{
    (void)name;
    (void)length;
    (void)caller;
    (void)callee;
    (void)socket_qos;
    (void)group_qos;
    (void)flags;
    return base_accept(s, NULL, NULL, NULL, 0, error);
}

static INT WSPAPI base_to_string(struct sockaddr *address, DWORD size, WSAPROTOCOL_INFOW *info, WCHAR *text,
                                 DWORD *length, INT *error)
{
    (void)address;
    (void)size;
    (void)error;
    check_base_info(info);
    wcscpy(text, L"model");
    *length = 6;
    return 0;
}

static INT WSPAPI base_to_address(WCHAR *text, INT family, WSAPROTOCOL_INFOW *info, struct sockaddr *address,
                                  INT *length, INT *error)
{
    (void)text;
    (void)length;
    (void)error;
    check_base_info(info);
    address->sa_family = (u_short)family;
    return 0;
}

static int WSPAPI base_cleanup(INT *error)
{
    (void)error;
    notes.base_cleanups++;
    if (notes.base_cleanups > notes.base_startups)
        wrong("a WSPCleanup has a WSPStartup");
    return 0;
}

static int WSPAPI base_close(SOCKET s, INT *error)
{
    if (!check_socket(s, error))
        return SOCKET_ERROR;
    open_sockets[(s - FIRST) / 4] = false;
    notes.base_closes++;
    return 0;
}

static int WSPAPI base_duplicate(SOCKET s, DWORD process, WSAPROTOCOL_INFOW *info, INT *error)
{
    (void)process;
    if (!check_socket(s, error))
        return SOCKET_ERROR;
    *info = model.base;
    info->dwProviderReserved = RESERVED;
    return 0;
}

static int WSPAPI base_send(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags,
                            WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread,
                            INT *error)
{
    (void)flags;
    (void)overlapped;
    (void)routine;
    (void)thread;
    if (!check_socket(s, error))
        return SOCKET_ERROR;
    notes.base_sent = s;
    *bytes = count > 0 ? buffers[0].len : 0;
    return 0;
}

/* A base would tell Winsock of its new handle under its own entry's id, which is not what is tested here. */
static SOCKET WSPAPI base_socket(int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group, DWORD flags,
                                 INT *error)
{
    (void)group;
    (void)flags;
    check_base_info(info);
    if (family != AF_INET || type != SOCK_STREAM || protocol != IPPROTO_TCP)
        wrong("family, type and protocol go down as they are (WSPSocket)");
    return new_socket(error);
}

static const WSPPROC_TABLE base_procs = {
    .lpWSPAccept = base_accept,
    .lpWSPAddressToString = base_to_string,
    .lpWSPAsyncSelect = base_async_select,
    .lpWSPBind = base_bind,
    .lpWSPCancelBlockingCall = base_cancel,
    .lpWSPCleanup = base_cleanup,
    .lpWSPCloseSocket = base_close,
    .lpWSPConnect = base_connect,
    .lpWSPDuplicateSocket = base_duplicate,
    .lpWSPEnumNetworkEvents = base_enum_events,
    .lpWSPEventSelect = base_event_select,
    .lpWSPGetOverlappedResult = base_overlapped_result,
    .lpWSPGetPeerName = base_name,
    .lpWSPGetSockName = base_name,
    .lpWSPGetSockOpt = base_get_option,
    .lpWSPGetQOSByName = base_qos_by_name,
    .lpWSPIoctl = base_ioctl,
    .lpWSPJoinLeaf = base_join,
    .lpWSPListen = base_listen,
    .lpWSPRecv = base_recv,
    .lpWSPRecvDisconnect = base_disconnect,
    .lpWSPRecvFrom = base_recv_from,
    .lpWSPSelect = (LPWSPSELECT)base_select,
    .lpWSPSend = base_send,
    .lpWSPSendDisconnect = base_disconnect,
    .lpWSPSendTo = base_send_to,
    .lpWSPSetSockOpt = base_set_option,
    .lpWSPShutdown = base_shutdown,
    .lpWSPSocket = base_socket,
    .lpWSPStringToAddress = base_to_address,
};

/* ---- the witness: another vendor's layer, which passes handles through */

static WSPPROC_TABLE below;
static WSPUPCALLTABLE witness_upcalls;
static int witness_running;

static const WSAPROTOCOL_INFOW *info_below(void)
{
    return model.witness + 1 == model.depth ? &model.base : &model.chain;
}

static void check_layer_info(const WSAPROTOCOL_INFOW *info)
{
    if (!same_info(info, &model.chain))
        wrong("a layer gets the chain's WSAPROTOCOL_INFO unmodified (WSPStartup)");
}

/* "IFS providers must call this function before returning any newly created socket descriptor". */
static SOCKET pass_up(SOCKET s, INT *error)
{
    return s == INVALID_SOCKET ? s : witness_upcalls.lpWPUModifyIFSHandle(model.chain.dwCatalogEntryId, s, error);
}

static SOCKET WSPAPI witness_accept(SOCKET s, struct sockaddr *address, INT *length, LPCONDITIONPROC condition,
                                    DWORD_PTR data, INT *error)
{
    return pass_up(below.lpWSPAccept(s, address, length, condition, data, error), error);
}

static SOCKET WSPAPI witness_join(SOCKET s, const struct sockaddr *name, int length, WSABUF *caller, WSABUF *callee,
                                  QOS *socket_qos, QOS *group_qos, DWORD flags, INT *error)
{
    return pass_up(below.lpWSPJoinLeaf(s, name, length, caller, callee, socket_qos, group_qos, flags, error), error);
}

static SOCKET WSPAPI witness_socket(int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group,
                                    DWORD flags, INT *error)
{
    WSAPROTOCOL_INFOW next = *info_below();
    check_layer_info(info);
    next.dwProviderReserved = info->dwProviderReserved;
    return pass_up(below.lpWSPSocket(family, type, protocol, &next, group, flags, error), error);
}

static INT WSPAPI witness_to_string(struct sockaddr *address, DWORD size, WSAPROTOCOL_INFOW *info, WCHAR *text,
                                    DWORD *length, INT *error)
{
    WSAPROTOCOL_INFOW next = *info_below();
    check_layer_info(info);
    return below.lpWSPAddressToString(address, size, &next, text, length, error);
}

static INT WSPAPI witness_to_address(WCHAR *text, INT family, WSAPROTOCOL_INFOW *info, struct sockaddr *address,
                                     INT *length, INT *error)
{
    WSAPROTOCOL_INFOW next = *info_below();
    check_layer_info(info);
    return below.lpWSPStringToAddress(text, family, &next, address, length, error);
}

static int WSPAPI witness_duplicate(SOCKET s, DWORD process, WSAPROTOCOL_INFOW *info, INT *error)
{
    WSAPROTOCOL_INFOW next = *info_below();
    if (below.lpWSPDuplicateSocket(s, process, &next, error) != 0)
        return SOCKET_ERROR;
    *info = model.chain;
    info->dwProviderReserved = next.dwProviderReserved;
    return 0;
}

static int WSPAPI witness_cleanup(INT *error)
{
    notes.witness_cleanups++;
    if (--witness_running < 0)
        wrong("a WSPCleanup has a WSPStartup");
    return witness_running == 0 ? below.lpWSPCleanup(error) : 0;
}

static int start_below(void)
{
    WSPDATA data;
    WSAPROTOCOL_INFOW next = *info_below();
    bool on_base = model.witness + 1 == model.depth;
    LPWSPSTARTUP start = on_base ? WSPStartup : model_startup_of(model.path[model.witness + 1]);
    return start == NULL ? WSASYSNOTREADY : start(MAKEWORD(2, 2), &data, &next, witness_upcalls, &below);
}

static int start_witness(const WSAPROTOCOL_INFOW *info, const WSPUPCALLTABLE *upcalls, WSPPROC_TABLE *procs)
{
    check_layer_info(info);
    notes.witness_startups++;
    witness_upcalls = *upcalls;
    int error = witness_running == 0 ? start_below() : 0;
    if (error != 0)
        return error;
    witness_running++;
    *procs = below;
    procs->lpWSPAccept = witness_accept;
    procs->lpWSPJoinLeaf = witness_join;
    procs->lpWSPSocket = witness_socket;
    procs->lpWSPAddressToString = witness_to_string;
    procs->lpWSPStringToAddress = witness_to_address;
    procs->lpWSPDuplicateSocket = witness_duplicate;
    procs->lpWSPCleanup = witness_cleanup;
    return 0;
}

static int start_base(const WSAPROTOCOL_INFOW *info, WSPPROC_TABLE *procs)
{
    check_base_info(info);
    notes.base_startups++;
    *procs = base_procs;
    return 0;
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD version, WSPDATA *data, WSAPROTOCOL_INFOW *info, WSPUPCALLTABLE upcalls, WSPPROC_TABLE *procs)
{
    if (version != MAKEWORD(2, 2))
        wrong("a layer for version 2.2 asks for 2.2");
    if (data == NULL || info == NULL || procs == NULL)
        return WSAEFAULT;
    memset(data, 0, sizeof(*data));
    data->wVersion = data->wHighVersion = MAKEWORD(2, 2);
    return info->ProtocolChain.ChainLen == BASE_PROTOCOL ? start_base(info, procs)
                                                         : start_witness(info, &upcalls, procs);
}
