/* The API functions of the host (lsp-core/host/api/api.h), called directly, over a scripted provider that this program
 * is itself: the catalog names the program's own file, which exports WSPStartup. Below that provider is the host's base
 * provider with the system's Winsock. TAP; expected values are those of the functions' reference pages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/host/api/api.h"
#include "lsp-core/host/provider/base.h"
#include "lsp-core/host/api/call.h"
#include "lsp-core/host/api/extension.h"
#include "host_fakes.h"
#include "lsp-core/host/api/protocol_ansi.h"
#include "lsp-core/host/redirect/real.h"
#include "lsp-core/host/api/startup.h"
#include "lsp-core/base/text.h"
#include "lsp-core/host/api/upcalls.h"

enum {
    CHAIN_TCP = 1101,
    LAYER = 1100,
    CHAIN_NO_DLL = 1201,
    CHAIN_SCRIPTED = 1203,
    /* No ids that the system's catalog has: which one an answer comes from must show. */
    BASE_TCP = 2001,
    BASE_UDP = 2002,
    BASE_RAW = 2003,
    BASE_TCP6 = 2004,
    BASE_UDP6 = 2005,
    /* Families that exist in this catalog alone, each with a provider that cannot be used. */
    FAMILY_NO_DLL = 91,
    FAMILY_NO_EXPORT = 92,
    FAMILY_SCRIPTED = 93,
    FAMILY_DLL = 94, /* provider_at_once.dll, where it lies beside the program */
    MY_ERROR = 12345,
    UNTOUCHED = 4711,
};

static int tests;
static int failures;
static volatile LONG arrived; /* threads about to make a socket */

static void ok(bool passed, const char *name)
{
    printf("%sok %d - %s\n", passed ? "" : "not ", ++tests, name);
    if (!passed)
        failures++;
    fflush(stdout);
}

static void is(long long got, long long expected, const char *name)
{
    if (got != expected)
        printf("# got %lld, expected %lld\n", got, expected);
    ok(got == expected, name);
}

/* The scripted provider ------------------------------------------------------------------------------------------- */

static struct {
    int startup_result;
    WORD version;
    int missing; /* index of the function that the table lacks, or -1 */
    int startups;
    int cleanups;
    WORD requested;
    WSAPROTOCOL_INFOW info;
    bool upcalls_complete;
    WSPUPCALLTABLE upcalls;
    WSPPROC_TABLE next;
    int fail;         /* every function fails with this, if not 0 */
    const char *last; /* the function called last */
    int calls;
    /* What it was called with. */
    SOCKET s;
    const void *pointers[4];
    long long numbers[4];
    WSATHREADID thread;
    bool has_thread;
    WSAPROTOCOL_INFOW socket_info;
    DWORD recv_flags; /* given back by WSPRecv */
    /* To SIO_BSP_HANDLE and its like, instead of passing them down. */
    bool own_handle;      /* answer with the program's own handle */
    int refuse;           /* or fail with this */
    SOCKET named_handle;  /* or name this one */
    bool says_nothing;    /* or succeed without an answer */
    const void *ext_data; /* of SIO_EXT_POLL and SIO_EXT_SENDMSG */
    DWORD ext_size;
    int ext_error;  /* of SIO_EXT_SENDMSG, in the output buffer alone */
    DWORD codes[4]; /* of WSPIoctl, the last ones */
    int code_count;
    bool register_handles;
    DWORD id; /* to register them with, if not 0: not the chain's */
    bool register_in_startup;
    SOCKET nested;
    bool make_socket_in_startup;
    bool cross;                /* WSPStartup asks for the other chain's provider while that one starts */
    HANDLE event;              /* what WSPStartup registers */
    bool make_socket_in_close; /* of FAMILY_SCRIPTED, with the value of the one just closed */
    SOCKET value;              /* what WSPSocket gives back, if not 0, without registering it */
    LONG gather;               /* WSPStartup lasts until that many threads have come to make a socket */
    int nested_error;
} script;

#define ENTER(name, socket_of_call)  \
    do {                             \
        script.last = name;          \
        script.calls++;              \
        script.s = (socket_of_call); \
        if (script.fail != 0) {      \
            *error = script.fail;    \
            return FAILURE;          \
        }                            \
    } while (0)

static void keep(const void *a, const void *b, long long c, long long d)
{
    script.pointers[0] = a;
    script.pointers[1] = b;
    script.numbers[0] = c;
    script.numbers[1] = d;
}

static void keep_thread(const WSATHREADID *thread)
{
    script.has_thread = thread != NULL;
    if (thread != NULL)
        script.thread = *thread;
}

#define FAILURE INVALID_SOCKET

static SOCKET register_handle(SOCKET s, INT *error)
{
    if (s == INVALID_SOCKET || !script.register_handles)
        return s;
    return script.upcalls.lpWPUModifyIFSHandle(script.id == 0 ? script.info.dwCatalogEntryId : script.id, s, error);
}

static SOCKET WSPAPI s_accept(SOCKET s, struct sockaddr *address, INT *length, LPCONDITIONPROC condition,
                              DWORD_PTR data, INT *error)
{
    keep(address, length, (long long)(ULONG_PTR)condition, (long long)data);
    ENTER("WSPAccept", s);
    return register_handle(script.next.lpWSPAccept(s, address, length, condition, data, error), error);
}

static SOCKET WSPAPI s_socket(int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group, DWORD flags,
                              INT *error)
{
    WSAPROTOCOL_INFOW below = *info;
    keep(info, NULL, family, type);
    script.numbers[2] = protocol;
    script.numbers[3] = ((long long)group << 32) | flags;
    script.socket_info = *info;
    ENTER("WSPSocket", 0);
    if (script.value != 0)
        return script.value;
    below.dwCatalogEntryId = BASE_TCP;
    return register_handle(script.next.lpWSPSocket(family, type, protocol, &below, group, flags, error), error);
}

static SOCKET WSPAPI s_join_leaf(SOCKET s, const struct sockaddr *name, int length, WSABUF *caller, WSABUF *callee,
                                 QOS *socket_qos, QOS *group_qos, DWORD flags, INT *error)
{
    (void)caller, (void)callee, (void)socket_qos, (void)group_qos;
    keep(name, NULL, length, flags);
    ENTER("WSPJoinLeaf", s);
    return s;
}

#undef FAILURE
#define FAILURE FALSE

static WINBOOL WSPAPI s_get_overlapped_result(SOCKET s, WSAOVERLAPPED *overlapped, DWORD *bytes, WINBOOL wait,
                                              DWORD *flags, INT *error)
{
    keep(overlapped, bytes, wait, (long long)(ULONG_PTR)flags);
    ENTER("WSPGetOverlappedResult", s);
    return script.next.lpWSPGetOverlappedResult(s, overlapped, bytes, wait, flags, error);
}

static WINBOOL WSPAPI s_get_qos_by_name(SOCKET s, WSABUF *name, QOS *qos, INT *error)
{
    keep(name, qos, 0, 0);
    ENTER("WSPGetQOSByName", s);
    return TRUE;
}

#undef FAILURE
#define FAILURE SOCKET_ERROR

static INT WSPAPI s_address_to_string(SOCKADDR *address, DWORD length, WSAPROTOCOL_INFOW *info, WCHAR *text,
                                      DWORD *text_length, INT *error)
{
    keep(address, text, length, info->dwCatalogEntryId);
    ENTER("WSPAddressToString", 0);
    return script.next.lpWSPAddressToString(address, length, info, text, text_length, error);
}

static INT WSPAPI s_string_to_address(WCHAR *text, INT family, WSAPROTOCOL_INFOW *info, SOCKADDR *address, INT *length,
                                      INT *error)
{
    keep(address, length, family, info->dwCatalogEntryId);
    ENTER("WSPStringToAddress", 0);
    return script.next.lpWSPStringToAddress(text, family, info, address, length, error);
}

static int WSPAPI s_async_select(SOCKET s, HWND window, unsigned int message, __LONG32 events, INT *error)
{
    keep(window, NULL, message, events);
    ENTER("WSPAsyncSelect", s);
    return 0;
}

static int WSPAPI s_bind(SOCKET s, const struct sockaddr *name, int length, INT *error)
{
    keep(name, NULL, length, 0);
    ENTER("WSPBind", s);
    return script.next.lpWSPBind(s, name, length, error);
}

static int WSPAPI s_cancel_blocking_call(INT *error)
{
    ENTER("WSPCancelBlockingCall", 0);
    return 0;
}

static int WSPAPI s_cleanup(INT *error)
{
    script.cleanups++;
    return script.next.lpWSPCleanup == NULL ? 0 : script.next.lpWSPCleanup(error);
}

static int WSPAPI s_close_socket(SOCKET s, INT *error)
{
    ENTER("WSPCloseSocket", s);
    int result = script.next.lpWSPCloseSocket(s, error);
    if (script.make_socket_in_close) {
        script.value = s;
        script.nested = api_socket(FAMILY_SCRIPTED, SOCK_STREAM, 1);
    }
    return result;
}

/* Blocks as a provider for Windows Sockets 1.1 does: it runs the blocking hook and gives up when that says so. */
static int WSPAPI s_connect(SOCKET s, const struct sockaddr *name, int length, WSABUF *caller, WSABUF *callee,
                            QOS *socket_qos, QOS *group_qos, INT *error)
{
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context = 0;
    keep(name, caller, length, (long long)(ULONG_PTR)callee);
    ENTER("WSPConnect", s);
    script.upcalls.lpWPUQueryBlockingCallback(CHAIN_TCP, &callback, &context, error);
    if (callback != NULL && !callback(context)) {
        *error = WSAEINTR;
        return SOCKET_ERROR;
    }
    return script.next.lpWSPConnect(s, name, length, caller, callee, socket_qos, group_qos, error);
}

static int WSPAPI s_duplicate_socket(SOCKET s, DWORD process, WSAPROTOCOL_INFOW *info, INT *error)
{
    keep(info, NULL, process, 0);
    ENTER("WSPDuplicateSocket", s);
    int result = script.next.lpWSPDuplicateSocket(s, process, info, error);
    if (result == 0) {
        /* As Microsoft's samples do: all is the layer's own but for what the base has reserved. */
        DWORD reserved = info->dwProviderReserved;
        *info = script.info;
        info->dwProviderReserved = reserved;
    }
    return result;
}

static int WSPAPI s_enum_network_events(SOCKET s, WSAEVENT event, WSANETWORKEVENTS *events, INT *error)
{
    keep(event, events, 0, 0);
    ENTER("WSPEnumNetworkEvents", s);
    return script.next.lpWSPEnumNetworkEvents(s, event, events, error);
}

static int WSPAPI s_event_select(SOCKET s, WSAEVENT event, __LONG32 events, INT *error)
{
    keep(event, NULL, events, 0);
    ENTER("WSPEventSelect", s);
    return script.next.lpWSPEventSelect(s, event, events, error);
}

static int WSPAPI s_get_peer_name(SOCKET s, struct sockaddr *name, INT *length, INT *error)
{
    keep(name, length, 0, 0);
    ENTER("WSPGetPeerName", s);
    return script.next.lpWSPGetPeerName(s, name, length, error);
}

static int WSPAPI s_get_sock_name(SOCKET s, struct sockaddr *name, INT *length, INT *error)
{
    keep(name, length, 0, 0);
    ENTER("WSPGetSockName", s);
    return script.next.lpWSPGetSockName(s, name, length, error);
}

static int WSPAPI s_get_sock_opt(SOCKET s, int level, int option, char *value, INT *length, INT *error)
{
    keep(value, length, level, option);
    ENTER("WSPGetSockOpt", s);
    return script.next.lpWSPGetSockOpt(s, level, option, value, length, error);
}

static int PASCAL extension_send_msg(SOCKET s, WSAMSG *message, DWORD flags, DWORD *bytes, WSAOVERLAPPED *overlapped,
                                     LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    (void)message, (void)flags, (void)overlapped, (void)routine;
    script.last = "my WSASendMsg";
    script.s = s;
    *bytes = 77;
    return 0;
}

static bool answers_itself(DWORD code)
{
    bool bsp = code == SIO_BSP_HANDLE || code == SIO_BSP_HANDLE_SELECT || code == SIO_BSP_HANDLE_POLL;
    return bsp && (script.own_handle || script.refuse != 0 || script.named_handle != 0 || script.says_nothing);
}

static int WSPAPI s_ioctl(SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,
                          WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread,
                          INT *error)
{
    static const GUID send_msg = WSAID_WSASENDMSG;
    keep(in, out, in_size, out_size);
    keep_thread(thread);
    if (script.code_count < 4)
        script.codes[script.code_count++] = code;
    ENTER("WSPIoctl", s);
    if (answers_itself(code)) {
        if (script.refuse != 0) {
            *error = script.refuse;
            return SOCKET_ERROR;
        }
        SOCKET answer = script.own_handle ? s : script.named_handle;
        if (!script.says_nothing)
            memcpy(out, &answer, sizeof(SOCKET)); /* and no count of bytes, as Microsoft's sample */
        return 0;
    }
    if (code == SIO_EXT_POLL || code == SIO_EXT_SENDMSG) {
        script.ext_data = in;
        script.ext_size = in_size;
    }
    if (code == SIO_EXT_SENDMSG && script.ext_error != 0) {
        memcpy(out, &script.ext_error, sizeof(script.ext_error));
        return 0;
    }
    if (code == SIO_GET_EXTENSION_FUNCTION_POINTER && memcmp(in, &send_msg, sizeof(send_msg)) == 0) {
        *(void **)out = (void *)extension_send_msg;
        *returned = sizeof(void *);
        return 0;
    }
    return script.next.lpWSPIoctl(s, code, in, in_size, out, out_size, returned, overlapped, routine, thread, error);
}

static int WSPAPI s_listen(SOCKET s, int backlog, INT *error)
{
    keep(NULL, NULL, backlog, 0);
    ENTER("WSPListen", s);
    return script.next.lpWSPListen(s, backlog, error);
}

static int WSPAPI s_recv(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags, WSAOVERLAPPED *overlapped,
                         LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    keep(buffers->buf, overlapped, (long long)buffers->len, *flags);
    keep_thread(thread);
    ENTER("WSPRecv", s);
    if (script.recv_flags != 0) {
        *flags = script.recv_flags;
        *bytes = buffers->len;
        return 0;
    }
    return script.next.lpWSPRecv(s, buffers, count, bytes, flags, overlapped, routine, thread, error);
}

static int WSPAPI s_recv_disconnect(SOCKET s, WSABUF *data, INT *error)
{
    keep(data, NULL, 0, 0);
    ENTER("WSPRecvDisconnect", s);
    return 0;
}

static int WSPAPI s_recv_from(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags, struct sockaddr *from,
                              INT *from_length, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                              WSATHREADID *thread, INT *error)
{
    (void)count, (void)overlapped, (void)routine;
    keep(from, from_length, (long long)buffers->len, *flags);
    keep_thread(thread);
    ENTER("WSPRecvFrom", s);
    *bytes = 5;
    return 0;
}

static int WSPAPI s_select(int count, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout, INT *error)
{
    keep(read, write, count, (long long)(ULONG_PTR)except);
    ENTER("WSPSelect", 0);
    return script.next.lpWSPSelect(count, read, write, except, timeout, error);
}

static int WSPAPI s_send(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags, WSAOVERLAPPED *overlapped,
                         LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    keep(buffers->buf, overlapped, (long long)buffers->len, flags);
    keep_thread(thread);
    ENTER("WSPSend", s);
    return script.next.lpWSPSend(s, buffers, count, bytes, flags, overlapped, routine, thread, error);
}

static int WSPAPI s_send_disconnect(SOCKET s, WSABUF *data, INT *error)
{
    keep(data, NULL, 0, 0);
    ENTER("WSPSendDisconnect", s);
    return 0;
}

static int WSPAPI s_send_to(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags,
                            const struct sockaddr *to, int to_length, WSAOVERLAPPED *overlapped,
                            LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    (void)count, (void)overlapped, (void)routine;
    keep(buffers->buf, to, flags, to_length);
    keep_thread(thread);
    ENTER("WSPSendTo", s);
    *bytes = buffers->len;
    return 0;
}

static int WSPAPI s_set_sock_opt(SOCKET s, int level, int option, const char *value, int length, INT *error)
{
    keep(value, NULL, level, option);
    script.numbers[2] = length;
    ENTER("WSPSetSockOpt", s);
    return script.next.lpWSPSetSockOpt(s, level, option, value, length, error);
}

static int WSPAPI s_shutdown(SOCKET s, int how, INT *error)
{
    keep(NULL, NULL, how, 0);
    ENTER("WSPShutdown", s);
    return script.next.lpWSPShutdown(s, how, error);
}

static const WSPPROC_TABLE script_procs = {
    s_accept,
    s_address_to_string,
    s_async_select,
    s_bind,
    s_cancel_blocking_call,
    s_cleanup,
    s_close_socket,
    s_connect,
    s_duplicate_socket,
    s_enum_network_events,
    s_event_select,
    s_get_overlapped_result,
    s_get_peer_name,
    s_get_sock_name,
    s_get_sock_opt,
    s_get_qos_by_name,
    s_ioctl,
    s_join_leaf,
    s_listen,
    s_recv,
    s_recv_disconnect,
    s_recv_from,
    s_select,
    s_send,
    s_send_disconnect,
    s_send_to,
    s_set_sock_opt,
    s_shutdown,
    s_socket,
    s_string_to_address,
};

enum { FUNCTIONS = sizeof(WSPPROC_TABLE) / sizeof(void *) };

/* When both are inside of WSPStartup. */
static volatile LONG starting;
static DWORD other_of[2];

static void ask_for_the_other(DWORD id)
{
    struct provider_meant meant;
    const DWORD other = id == CHAIN_TCP ? CHAIN_SCRIPTED : CHAIN_TCP;
    InterlockedIncrement(&starting);
    while (starting < 2)
        SwitchToThread();
    if (provider_mean(other, &meant) == 0 && meant.provider != NULL)
        other_of[id == CHAIN_TCP ? 0 : 1] = meant.provider->info.dwCatalogEntryId;
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD requested, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE table, LPWSPPROC_TABLE procs)
{
    WSPDATA below;
    script.startups++;
    script.requested = requested;
    script.info = *info;
    script.upcalls = table;
    script.upcalls_complete = true;
    for (size_t i = 0; i < sizeof(table) / sizeof(void *); i++)
        script.upcalls_complete = script.upcalls_complete && ((void **)&table)[i] != NULL;
    while (arrived < script.gather)
        SwitchToThread();
    if (script.make_socket_in_startup) {
        script.nested = api_socket(info->iAddressFamily, info->iSocketType, 0);
        script.nested_error = WSAGetLastError();
    }
    if (script.register_in_startup) {
        if (script.event == NULL)
            script.event = CreateEventW(NULL, TRUE, FALSE, NULL);
        script.nested = table.lpWPUModifyIFSHandle(info->dwCatalogEntryId, (SOCKET)script.event, &script.nested_error);
    }
    if (script.cross)
        ask_for_the_other(info->dwCatalogEntryId);
    if (script.startup_result != 0)
        return script.startup_result;
    *procs = script_procs;
    if (script.missing >= 0)
        ((void **)procs)[script.missing] = NULL;
    memset(data, 0, sizeof(*data));
    data->wVersion = data->wHighVersion = script.version;
    memset(&script.next, 0, sizeof(script.next));
    return script.version == MAKEWORD(2, 2) && script.missing < 0
               ? base_startup(requested, &below, info, table, &script.next)
               : 0;
}

/* As WPUModifyIFSHandle does. */
static int own_socket(DWORD id, SOCKET s)
{
    struct provider_meant meant;
    int error = provider_mean(id, &meant);
    return error != 0 ? error : provider_own_socket(meant.provider, s);
}

static void reset_script(void)
{
    memset(&script, 0, sizeof(script));
    script.version = MAKEWORD(2, 2);
    script.missing = -1;
    script.register_handles = true;
}

/* The tests -------------------------------------------------------------------------------------------------------- */

static void start_winsock(WORD version)
{
    WSADATA data;
    if (api_WSAStartup(version, &data) != 0) {
        printf("Bail out! WSAStartup failed\n");
        exit(1);
    }
}

static void make_catalog(void)
{
    static const DWORD chain[] = {LAYER, BASE_TCP};
    wchar_t path[MAX_PATH];
    GetModuleFileNameW(NULL, path, MAX_PATH);
    char *self = text_from_utf16(path, wcslen(path));
    wcscpy(wcsrchr(path, '\\') + 1, L"provider_at_once.dll");
    char *dll = text_from_utf16(path, wcslen(path));
    fakes_entry(CHAIN_TCP, 2, chain, AF_INET, SOCK_STREAM, IPPROTO_TCP, self);
    fakes_entry(BASE_TCP, 1, NULL, AF_INET, SOCK_STREAM, IPPROTO_TCP, "%SystemRoot%\\system32\\mswsock.dll");
    fakes_entry(BASE_UDP, 1, NULL, AF_INET, SOCK_DGRAM, IPPROTO_UDP, NULL);
    fakes_entry(BASE_RAW, 1, NULL, AF_INET, SOCK_RAW, 0, NULL)->info.provider_flags |= PFL_HIDDEN;
    fakes_entry(BASE_TCP6, 1, NULL, AF_INET6, SOCK_STREAM, IPPROTO_TCP, NULL);
    fakes_entry(BASE_UDP6, 1, NULL, AF_INET6, SOCK_DGRAM, IPPROTO_UDP, NULL);
    fakes_entry(LAYER, 0, NULL, AF_INET, SOCK_STREAM, IPPROTO_TCP, self)->info.provider_flags |= PFL_HIDDEN;
    fakes_entry(CHAIN_NO_DLL, 2, chain, FAMILY_NO_DLL, SOCK_STREAM, 1, "C:\\no such\\layer.dll");
    fakes_entry(1202, 2, chain, FAMILY_NO_EXPORT, SOCK_STREAM, 1, "%SystemRoot%\\system32\\kernel32.dll");
    fakes_entry(CHAIN_SCRIPTED, 2, chain, FAMILY_SCRIPTED, SOCK_STREAM, 1, self);
    fakes_entry(1204, 2, chain, FAMILY_DLL, SOCK_STREAM, 1, dll);
    free(self);
    free(dll);
}

static void test_not_started(void)
{
    WSAPROTOCOL_INFOW info[1];
    DWORD size = sizeof(info);
    struct sockaddr_in address = {.sin_family = AF_INET};
    WCHAR text[64];
    DWORD length = 64;
    fd_set set = {1, {4}};
    char byte;
    is(api_socket(AF_INET, SOCK_STREAM, 0), INVALID_SOCKET, "socket before WSAStartup");
    is(WSAGetLastError(), WSANOTINITIALISED, "socket: WSANOTINITIALISED");
    is(api_send(4, &byte, 1, 0), SOCKET_ERROR, "send before WSAStartup");
    is(WSAGetLastError(), WSANOTINITIALISED, "send: WSANOTINITIALISED");
    is(api_WSAEnumProtocolsW(NULL, info, &size), SOCKET_ERROR, "WSAEnumProtocols before WSAStartup");
    is(WSAGetLastError(), WSANOTINITIALISED, "WSAEnumProtocols: WSANOTINITIALISED");
    is(api_select(0, &set, NULL, NULL, NULL), SOCKET_ERROR, "select before WSAStartup");
    is(WSAGetLastError(), WSANOTINITIALISED, "select: WSANOTINITIALISED");
    is(api_WSAPoll(NULL, 0, 0), SOCKET_ERROR, "WSAPoll before WSAStartup");
    is(WSAGetLastError(), WSANOTINITIALISED, "WSAPoll: WSANOTINITIALISED");
    is(api_WSAAddressToStringW((SOCKADDR *)&address, sizeof(address), NULL, text, &length), SOCKET_ERROR,
       "WSAAddressToString before WSAStartup");
    is(WSAGetLastError(), WSANOTINITIALISED, "WSAAddressToString: WSANOTINITIALISED");
    is(api_WSACleanup(), SOCKET_ERROR, "WSACleanup before WSAStartup");
    is(WSAGetLastError(), WSANOTINITIALISED, "WSACleanup: WSANOTINITIALISED");
}

static void test_startup_versions(void)
{
    WSADATA data;
    is(api_WSAStartup(MAKEWORD(0, 0), &data), WSAVERNOTSUPPORTED, "WSAStartup 0.0: WSAVERNOTSUPPORTED");
    is(api_WSAStartup(MAKEWORD(2, 2), NULL), WSAEFAULT, "WSAStartup without WSADATA: WSAEFAULT");
    is(startup_done(), false, "a failed WSAStartup does not count");
    is(api_WSAStartup(MAKEWORD(9, 9), &data), 0, "WSAStartup 9.9 succeeds");
    is(data.wVersion, MAKEWORD(2, 2), "WSAStartup 9.9 gives 2.2");
    is(api_WSACleanup(), 0, "WSACleanup");
}

static void test_counting(void)
{
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    start_winsock(MAKEWORD(2, 2));
    is(script.startups, 0, "WSAStartup starts no provider");
    SOCKET first = api_socket(AF_INET, SOCK_STREAM, 0);
    SOCKET second = api_WSASocketW(AF_INET, 0, IPPROTO_TCP, NULL, 0, 0);
    ok(first != INVALID_SOCKET && second != INVALID_SOCKET, "two sockets of the chain");
    is(script.startups, 1, "WSPStartup ran once");
    is(script.requested, MAKEWORD(2, 2), "it was asked for version 2.2");
    is(script.info.dwCatalogEntryId, CHAIN_TCP, "it got the chain's entry");
    is(script.info.ProtocolChain.ChainLen, 2, "with its chain");
    ok(script.upcalls_complete, "and all upcalls");
    ok(sockets_find(&sockets, first) != provider_base(), "the socket is the layer's, not the base's");
    ok(!((struct provider *)sockets_find(&sockets, first))->base, "whose provider is not the base");
    is(api_WSACleanup(), 0, "first WSACleanup");
    is(script.cleanups, 0, "stops nothing");
    is(api_listen(first, 1), SOCKET_ERROR, "an unbound socket does not listen");
    is(WSAGetLastError(), WSAEINVAL, "listen: WSAEINVAL, so the socket is still one");
    is(api_WSACleanup(), 0, "last WSACleanup");
    is(script.cleanups, 1, "ran WSPCleanup once");
    is(api_listen(first, 1), SOCKET_ERROR, "its sockets are none any more");
    is(WSAGetLastError(), WSANOTINITIALISED, "WSANOTINITIALISED");
    is(api_WSACleanup(), SOCKET_ERROR, "one WSACleanup too many");
    start_winsock(MAKEWORD(2, 2));
    first = api_socket(AF_INET, SOCK_STREAM, 0);
    is(script.startups, 2, "after it all starts again");
    is(api_closesocket(first), 0, "and works");
    api_WSACleanup();
    is(script.cleanups, 2, "and stops again");
}

static void expect_start_failure(int error, const char *name)
{
    SetLastError(UNTOUCHED);
    SOCKET s = api_socket(FAMILY_SCRIPTED, SOCK_STREAM, 0);
    ok(s == INVALID_SOCKET && WSAGetLastError() == error, name);
}

static void test_start_failures(void)
{
    bool all = true;
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    is(api_socket(FAMILY_NO_DLL, SOCK_STREAM, 0), INVALID_SOCKET, "a layer whose DLL is missing");
    is(WSAGetLastError(), WSAEPROVIDERFAILEDINIT, "WSAEPROVIDERFAILEDINIT");
    is(api_socket(FAMILY_NO_EXPORT, SOCK_STREAM, 0), INVALID_SOCKET, "a layer without WSPStartup");
    is(WSAGetLastError(), WSAEPROVIDERFAILEDINIT, "WSAEPROVIDERFAILEDINIT");
    script.startup_result = WSAEPROCLIM;
    expect_start_failure(WSAEPROVIDERFAILEDINIT, "WSPStartup fails: WSAEPROVIDERFAILEDINIT");
    is(script.cleanups, 0, "without WSPCleanup");
    script.startup_result = WSAVERNOTSUPPORTED;
    expect_start_failure(WSAEPROVIDERFAILEDINIT, "WSPStartup supports no such version: WSAEPROVIDERFAILEDINIT");
    reset_script();
    script.version = MAKEWORD(1, 1);
    expect_start_failure(WSAEINVALIDPROVIDER, "WSPStartup offers 1.1: WSAEINVALIDPROVIDER");
    is(script.cleanups, 1, "after WSPCleanup");
    reset_script();
    for (script.missing = 0; script.missing < FUNCTIONS; script.missing++) {
        SOCKET s = api_socket(FAMILY_SCRIPTED, SOCK_STREAM, 0);
        all = all && s == INVALID_SOCKET && WSAGetLastError() == WSAEINVALIDPROCTABLE;
    }
    ok(all, "each of the 30 functions missing: WSAEINVALIDPROCTABLE");
    is(script.cleanups, FUNCTIONS - 1, "each time with WSPCleanup, where there is one");
    reset_script();
    script.make_socket_in_startup = true;
    script.startup_result = WSASYSNOTREADY;
    expect_start_failure(WSAEPROVIDERFAILEDINIT, "a WSPStartup that makes a socket of its own chain comes back");
    is(script.nested_error, WSAEPROVIDERFAILEDINIT, "its socket fails with WSAEPROVIDERFAILEDINIT");
    api_WSACleanup();
}

/* A structure that names an entry, with numbers that are none. */
static void test_numbers(void)
{
    WSAPROTOCOL_INFOW info;
    WSAPROTOCOL_INFOA ansi;
    provider_info(wsplsp_catalog_find(fakes_catalog(), CHAIN_TCP), &info);
    info.iAddressFamily = info.iSocketType = info.iProtocol = -1;
    is(api_WSASocketW(0, 0, IPPROTO_UDP, &info, 0, 0), INVALID_SOCKET, "numbers of -1");
    is(WSAGetLastError(), WSAEAFNOSUPPORT, "WSAEAFNOSUPPORT");
    protocol_to_ansi(&info, &ansi);
    is(api_WSASocketA(-1, -1, -1, &ansi, 0, 0), INVALID_SOCKET, "in the other form");
    is(WSAGetLastError(), WSAEAFNOSUPPORT, "WSAEAFNOSUPPORT");
    info.iAddressFamily = AF_INET;
    is(api_WSASocketW(0, 0, IPPROTO_TCP, &info, 0, 0), INVALID_SOCKET, "a type of -1");
    is(WSAGetLastError(), WSAESOCKTNOSUPPORT, "WSAESOCKTNOSUPPORT");
    info.iSocketType = SOCK_STREAM;
    is(api_WSASocketW(0, 0, -1, &info, 0, 0), INVALID_SOCKET, "a protocol of -1");
    is(WSAGetLastError(), WSAEPROTONOSUPPORT, "WSAEPROTONOSUPPORT");
    info.iAddressFamily = info.iSocketType = info.iProtocol = 0;
    is(api_WSASocketW(0, 0, IPPROTO_UDP, &info, 0, 0), INVALID_SOCKET, "numbers of 0");
    is(WSAGetLastError(), WSAEAFNOSUPPORT, "WSAEAFNOSUPPORT");
    api_closesocket(api_WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, &info, 0, 0));
    ok(script.numbers[0] == AF_INET && script.numbers[1] == SOCK_STREAM && script.numbers[2] == IPPROTO_TCP,
       "beside numbers of the call's they do not count");
}

/* What neither the private catalog nor the system's list has, and the system makes. */
static void test_unlisted(void)
{
    WSAPROTOCOL_INFOW info;
    int size = sizeof(info);
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    SOCKET raw = api_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    if (raw == INVALID_SOCKET && WSAGetLastError() == WSAEACCES) {
        api_WSACleanup();
        return;
    }
    ok(raw != INVALID_SOCKET && sockets_find(&sockets, raw) == provider_base(), "a raw socket is the base's");
    is(api_getsockopt(raw, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &size), 0, "SO_PROTOCOL_INFOW of it");
    is(info.iSocketType, SOCK_RAW, "is the system's answer");
    SOCKET second = api_WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, 0);
    ok(second != INVALID_SOCKET && second != raw, "with the system's structure, another is made");
    is(api_closesocket(second), 0, "and closed");
    is(api_WSADuplicateSocketW(raw, GetCurrentProcessId(), &info), 0, "WSADuplicateSocket of it");
    second = api_WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, 0);
    ok(second != INVALID_SOCKET && second != raw, "gives a descriptor of the same socket");
    is(api_closesocket(second), 0, "which can be closed by itself");
    is(api_closesocket(raw), 0, "closesocket");
    is(script.startups, 0, "no layer has been asked");
    /* The system lists UDP over IPv6: a catalog without it is one from which that has been taken. */
    struct wsplsp_entry *udp6 = (struct wsplsp_entry *)wsplsp_catalog_find(fakes_catalog(), BASE_UDP6);
    udp6->info.family = FAMILY_DLL + 2;
    is(api_socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP), INVALID_SOCKET, "what the system lists and the catalog has not");
    is(WSAGetLastError(), WSAESOCKTNOSUPPORT, "stays an error");
    udp6->info.family = AF_INET6;
    api_WSACleanup();
}

static void test_choice(void)
{
    WSAPROTOCOL_INFOW info;
    WSAPROTOCOL_INFOA ansi;
    int size = sizeof(info);
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    is(api_socket(0, 0, 0), INVALID_SOCKET, "socket(0, 0, 0)");
    is(WSAGetLastError(), WSAEINVAL, "WSAEINVAL");
    is(api_socket(FAMILY_DLL + 1, SOCK_STREAM, 0), INVALID_SOCKET, "an unknown family");
    is(WSAGetLastError(), WSAEAFNOSUPPORT, "WSAEAFNOSUPPORT");
    SOCKET udp = api_socket(AF_INET, SOCK_DGRAM, 0);
    ok(udp != INVALID_SOCKET && sockets_find(&sockets, udp) == provider_base(), "UDP has no layer: the base's");
    is(script.startups, 0, "the layer is not even started");
    is(api_getsockopt(udp, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &size), 0, "SO_PROTOCOL_INFOW of the base");
    is(info.dwCatalogEntryId, BASE_UDP, "names the private catalog's entry");
    size = sizeof(ansi);
    is(api_getsockopt(udp, SOL_SOCKET, SO_PROTOCOL_INFOA, (char *)&ansi, &size), 0, "SO_PROTOCOL_INFOA");
    ok(ansi.dwCatalogEntryId == BASE_UDP && size == sizeof(ansi), "is the same entry");
    size = sizeof(ansi) - 1;
    is(api_getsockopt(udp, SOL_SOCKET, SO_PROTOCOL_INFOA, (char *)&ansi, &size), SOCKET_ERROR, "too small a buffer");
    ok(WSAGetLastError() == WSAEFAULT && size == sizeof(ansi), "WSAEFAULT, and the size needed");
    size = sizeof(ansi) + 7;
    is(api_getsockopt(udp, SOL_SOCKET, SO_PROTOCOL_INFOA, (char *)&ansi, &size), 0, "a larger one");
    is(size, sizeof(ansi) + 7, "is left as it is");
    is(api_WSADuplicateSocketW(udp, 0, NULL), SOCKET_ERROR, "WSADuplicateSocket for no process, into nothing");
    is(WSAGetLastError(), WSAEINVAL, "WSAEINVAL");
    is(api_WSADuplicateSocketA(udp, GetCurrentProcessId(), NULL), SOCKET_ERROR, "for a process, into nothing");
    is(WSAGetLastError(), WSAEFAULT, "WSAEFAULT");
    is(api_WSADuplicateSocketA(INVALID_SOCKET, 0, NULL), SOCKET_ERROR, "of no socket");
    is(WSAGetLastError(), WSAENOTSOCK, "WSAENOTSOCK");

    provider_info(wsplsp_catalog_find(fakes_catalog(), CHAIN_TCP), &info);
    SOCKET s = api_WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0x55,
                              WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    ok(s != INVALID_SOCKET, "a socket of a named entry");
    ok(script.numbers[0] == -1 && script.numbers[1] == -1 && script.numbers[2] == -1,
       "FROM_PROTOCOL_INFO reaches the provider unmodified");
    is(script.numbers[3], (0x55LL << 32) | WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT, "so do group and flags");
    is(script.socket_info.dwCatalogEntryId, CHAIN_TCP, "and the entry");
    api_closesocket(s);
    info.dwCatalogEntryId = 4711;
    is(api_WSASocketW(-1, -1, -1, &info, 0, 0), INVALID_SOCKET, "an id that the catalog has not");
    is(WSAGetLastError(), WSAEINVAL, "WSAEINVAL");
    provider_info(wsplsp_catalog_find(fakes_catalog(), LAYER), &info);
    is(api_WSASocketW(-1, -1, -1, &info, 0, 0), INVALID_SOCKET, "a layer's own entry");
    is(WSAGetLastError(), WSAEINVAL, "WSAEINVAL");
    test_numbers();
    provider_info(wsplsp_catalog_find(fakes_catalog(), BASE_UDP), &info);
    s = api_WSASocketW(0, 0, 0, &info, 0, 0);
    int type = 0;
    size = sizeof(type);
    ok(api_getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &size) == 0 && type == SOCK_DGRAM,
       "zero with a named base entry: its own type");
    api_closesocket(s);
    api_closesocket(udp);
    api_WSACleanup();
}

/* One call on a socket of the scripted provider: that the right function gets it, and what becomes of its failure. */
#define EXPECT_CALL(expression, failed_value, function)                                                         \
    do {                                                                                                        \
        script.fail = MY_ERROR;                                                                                 \
        script.last = NULL;                                                                                     \
        SetLastError(UNTOUCHED);                                                                                \
        bool failed = (long long)(expression) == (long long)(failed_value);                                     \
        ok(failed &&WSAGetLastError() == MY_ERROR && script.last != NULL && strcmp(script.last, function) == 0, \
           #expression " -> " function ", its error");                                                          \
        ok(thread_current()->calls == 0, "no call left behind");                                                \
        script.fail = 0;                                                                                        \
    } while (0)

static void test_each_function(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    struct sockaddr *name = (struct sockaddr *)&address;
    int length = sizeof(address);
    char data[16] = "";
    char value[16] = "";
    int value_size = sizeof(value);
    WSABUF buffer = {sizeof(data), data};
    DWORD bytes = 0;
    DWORD flags = 0;
    u_long argument = 0;
    WSAOVERLAPPED overlapped;
    WSANETWORKEVENTS events;
    WSAPROTOCOL_INFOW info;
    WSAPROTOCOL_INFOA ansi;
    QOS qos;
    WCHAR text[64] = L"127.0.0.1";
    char narrow[64] = "127.0.0.1";
    DWORD text_length = 64;
    struct timeval no_time = {0, 0};
    SYSTEM_INFO ignored;
    GetSystemInfo(&ignored);
    memset(&overlapped, 0, sizeof(overlapped));
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    SOCKET s = api_socket(AF_INET, SOCK_STREAM, 0);
    fd_set set = {1, {s}};
    EXPECT_CALL(api_socket(AF_INET, SOCK_STREAM, 0), INVALID_SOCKET, "WSPSocket");
    EXPECT_CALL(api_WSASocketA(AF_INET, SOCK_STREAM, 0, NULL, 0, 0), INVALID_SOCKET, "WSPSocket");
    EXPECT_CALL(api_accept(s, name, &length), INVALID_SOCKET, "WSPAccept");
    EXPECT_CALL(api_WSAAccept(s, name, &length, NULL, 0), INVALID_SOCKET, "WSPAccept");
    EXPECT_CALL(api_WSAJoinLeaf(s, name, length, NULL, NULL, NULL, NULL, 0), INVALID_SOCKET, "WSPJoinLeaf");
    EXPECT_CALL(api_bind(s, name, length), SOCKET_ERROR, "WSPBind");
    EXPECT_CALL(api_listen(s, 5), SOCKET_ERROR, "WSPListen");
    EXPECT_CALL(api_connect(s, name, length), SOCKET_ERROR, "WSPConnect");
    EXPECT_CALL(api_WSAConnect(s, name, length, NULL, NULL, NULL, NULL), SOCKET_ERROR, "WSPConnect");
    EXPECT_CALL(api_shutdown(s, SD_BOTH), SOCKET_ERROR, "WSPShutdown");
    EXPECT_CALL(api_WSASendDisconnect(s, NULL), SOCKET_ERROR, "WSPSendDisconnect");
    EXPECT_CALL(api_WSARecvDisconnect(s, NULL), SOCKET_ERROR, "WSPRecvDisconnect");
    EXPECT_CALL(api_getpeername(s, name, &length), SOCKET_ERROR, "WSPGetPeerName");
    EXPECT_CALL(api_getsockname(s, name, &length), SOCKET_ERROR, "WSPGetSockName");
    EXPECT_CALL(api_getsockopt(s, SOL_SOCKET, SO_TYPE, value, &value_size), SOCKET_ERROR, "WSPGetSockOpt");
    EXPECT_CALL(api_setsockopt(s, SOL_SOCKET, SO_LINGER, value, value_size), SOCKET_ERROR, "WSPSetSockOpt");
    EXPECT_CALL(api_ioctlsocket(s, (long)FIONBIO, &argument), SOCKET_ERROR, "WSPIoctl");
    EXPECT_CALL(api_WSAIoctl(s, FIONBIO, value, 4, value, 4, &bytes, NULL, NULL), SOCKET_ERROR, "WSPIoctl");
    EXPECT_CALL(api_WSADuplicateSocketW(s, 4, &info), SOCKET_ERROR, "WSPDuplicateSocket");
    EXPECT_CALL(api_WSADuplicateSocketA(s, 4, &ansi), SOCKET_ERROR, "WSPDuplicateSocket");
    EXPECT_CALL(api_WSAGetQOSByName(s, &buffer, &qos), FALSE, "WSPGetQOSByName");
    EXPECT_CALL(api_send(s, data, 3, 0), SOCKET_ERROR, "WSPSend");
    EXPECT_CALL(api_sendto(s, data, 3, 0, name, length), SOCKET_ERROR, "WSPSendTo");
    EXPECT_CALL(api_recv(s, data, 3, 0), SOCKET_ERROR, "WSPRecv");
    EXPECT_CALL(api_recvfrom(s, data, 3, 0, name, &length), SOCKET_ERROR, "WSPRecvFrom");
    EXPECT_CALL(api_WSASend(s, &buffer, 1, &bytes, 0, &overlapped, NULL), SOCKET_ERROR, "WSPSend");
    EXPECT_CALL(api_WSASendTo(s, &buffer, 1, &bytes, 0, name, length, &overlapped, NULL), SOCKET_ERROR, "WSPSendTo");
    EXPECT_CALL(api_WSARecv(s, &buffer, 1, &bytes, &flags, &overlapped, NULL), SOCKET_ERROR, "WSPRecv");
    EXPECT_CALL(api_WSARecvFrom(s, &buffer, 1, &bytes, &flags, name, &length, &overlapped, NULL), SOCKET_ERROR,
                "WSPRecvFrom");
    EXPECT_CALL(api_WSASendMsg(s, NULL, 0, &bytes, NULL, NULL), SOCKET_ERROR, "WSPIoctl");
    EXPECT_CALL(api_WSAGetOverlappedResult(s, &overlapped, &bytes, FALSE, &flags), FALSE, "WSPGetOverlappedResult");
    EXPECT_CALL(api_select(1, &set, NULL, NULL, &no_time), SOCKET_ERROR, "WSPSelect"); /* it refuses the question */
    EXPECT_CALL(api_WSAEventSelect(s, NULL, FD_READ), SOCKET_ERROR, "WSPEventSelect");
    EXPECT_CALL(api_WSAEnumNetworkEvents(s, NULL, &events), SOCKET_ERROR, "WSPEnumNetworkEvents");
    EXPECT_CALL(api_WSAAsyncSelect(s, NULL, 1, FD_READ), SOCKET_ERROR, "WSPAsyncSelect");
    EXPECT_CALL(api_WSAAddressToStringW(name, sizeof(address), NULL, text, &text_length), SOCKET_ERROR,
                "WSPAddressToString");
    EXPECT_CALL(api_WSAAddressToStringA(name, sizeof(address), NULL, narrow, &text_length), SOCKET_ERROR,
                "WSPAddressToString");
    EXPECT_CALL(api_WSAStringToAddressW(text, AF_INET, NULL, name, &length), SOCKET_ERROR, "WSPStringToAddress");
    EXPECT_CALL(api_WSAStringToAddressA(narrow, AF_INET, NULL, name, &length), SOCKET_ERROR, "WSPStringToAddress");
    EXPECT_CALL(api_AcceptEx(s, s, data, 0, 0, 0, &bytes, NULL), FALSE, "WSPIoctl");
    EXPECT_CALL(api_TransmitFile(s, NULL, 0, 0, NULL, NULL, 0), FALSE, "WSPIoctl");
    EXPECT_CALL(api_WSARecvEx(s, data, 3, NULL), SOCKET_ERROR, "WSPRecv");
    EXPECT_CALL(api_WSAConnectByList(s, (SOCKET_ADDRESS_LIST *)value, NULL, NULL, NULL, NULL, NULL, NULL), FALSE,
                "WSPIoctl");
    EXPECT_CALL(api_WSAConnectByNameW(s, L"localhost", L"1", NULL, NULL, NULL, NULL, NULL, NULL), FALSE,
                "WSPGetSockOpt");
    EXPECT_CALL(api_closesocket(s), SOCKET_ERROR, "WSPCloseSocket");
    is(api_listen(s, 1), SOCKET_ERROR, "the socket that failed to close");
    is(WSAGetLastError(), WSAEINVAL, "is still one");
    ok(!((struct provider *)sockets_find(&sockets, s))->base, "and the layer's");
    api_closesocket(s);
    api_WSACleanup();
}

#define EXPECT_NO_SOCKET(expression, failed_value)                                                   \
    do {                                                                                             \
        SetLastError(UNTOUCHED);                                                                     \
        ok((long long)(expression) == (long long)(failed_value) && WSAGetLastError() == WSAENOTSOCK, \
           #expression " -> WSAENOTSOCK");                                                           \
    } while (0)

static void check_no_socket(SOCKET s)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct sockaddr *name = (struct sockaddr *)&address;
    int length = sizeof(address);
    char data[16];
    WSABUF buffer = {1, data};
    DWORD bytes, flags = 0;
    u_long argument = 0;
    WSAPROTOCOL_INFOW info;
    WSAOVERLAPPED overlapped;
    WSANETWORKEVENTS events;
    fd_set set = {1, {s}};
    EXPECT_NO_SOCKET(api_accept(s, NULL, NULL), INVALID_SOCKET);
    EXPECT_NO_SOCKET(api_WSAAccept(s, NULL, NULL, NULL, 0), INVALID_SOCKET);
    EXPECT_NO_SOCKET(api_WSAJoinLeaf(s, name, length, NULL, NULL, NULL, NULL, 0), INVALID_SOCKET);
    EXPECT_NO_SOCKET(api_bind(s, name, length), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_listen(s, 1), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_connect(s, name, length), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_shutdown(s, SD_BOTH), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_WSASendDisconnect(s, NULL), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_WSARecvDisconnect(s, NULL), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_getpeername(s, name, &length), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_getsockname(s, name, &length), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_getsockopt(s, SOL_SOCKET, SO_TYPE, data, &length), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_setsockopt(s, SOL_SOCKET, SO_LINGER, data, length), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_ioctlsocket(s, (long)FIONBIO, &argument), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_WSAIoctl(s, FIONBIO, data, 4, data, 4, &bytes, NULL, NULL), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_WSADuplicateSocketW(s, GetCurrentProcessId(), &info), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_WSAGetQOSByName(s, &buffer, NULL), FALSE);
    EXPECT_NO_SOCKET(api_WSAHtonl(s, 1, &argument), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_send(s, data, 1, 0), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_sendto(s, data, 1, 0, name, length), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_recv(s, data, 1, 0), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_recvfrom(s, data, 1, 0, NULL, NULL), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_WSASend(s, &buffer, 1, &bytes, 0, NULL, NULL), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_WSASendTo(s, &buffer, 1, &bytes, 0, name, length, NULL, NULL), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_WSARecv(s, &buffer, 1, &bytes, &flags, NULL, NULL), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_WSARecvFrom(s, &buffer, 1, &bytes, &flags, NULL, NULL, NULL, NULL), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_WSASendMsg(s, NULL, 0, &bytes, NULL, NULL), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_WSAGetOverlappedResult(s, &overlapped, &bytes, FALSE, &flags), FALSE);
    EXPECT_NO_SOCKET(api_select(1, &set, NULL, NULL, NULL), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_WSAEventSelect(s, NULL, 0), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_WSAEnumNetworkEvents(s, NULL, &events), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_WSAAsyncSelect(s, NULL, 0, 0), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_AcceptEx(s, s, data, 0, 0, 0, &bytes, NULL), FALSE);
    EXPECT_NO_SOCKET(api_TransmitFile(s, NULL, 0, 0, NULL, NULL, 0), FALSE);
    EXPECT_NO_SOCKET(api_WSARecvEx(s, data, 1, NULL), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_WSAConnectByList(s, NULL, NULL, NULL, NULL, NULL, NULL, NULL), FALSE);
    EXPECT_NO_SOCKET(api_closesocket(s), SOCKET_ERROR);
}

static void test_no_socket(void)
{
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    check_no_socket((SOCKET)event);
    DWORD ignored;
    ok(GetHandleInformation(event, &ignored), "closesocket did not close what is no socket");
    CloseHandle(event);
    EXPECT_NO_SOCKET(api_listen(INVALID_SOCKET, 1), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_listen(0, 1), SOCKET_ERROR);
    SOCKET s = api_socket(AF_INET, SOCK_STREAM, 0);
    api_closesocket(s);
    EXPECT_NO_SOCKET(api_listen(s, 1), SOCKET_ERROR);
    EXPECT_NO_SOCKET(api_closesocket(s), SOCKET_ERROR);
    api_WSACleanup();
}

static void WSAAPI noted(ULONG_PTR context)
{
    *(DWORD *)context = GetCurrentThreadId();
}

/* What reaches the provider, and what comes back from it. */
static void test_arguments(void)
{
    char data[8] = "";
    u_long argument = 1;
    DWORD apc_thread = 0;
    int flags = 0;
    u_long wide = 0;
    u_short narrow = 0;
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    SOCKET s = api_socket(AF_INET, SOCK_STREAM, 0);
    is((DWORD)script.numbers[3], WSA_FLAG_OVERLAPPED, "socket makes an overlapped socket");
    int open_type = SO_SYNCHRONOUS_NONALERT;
    is(api_setsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (char *)&open_type, sizeof(open_type)), 0,
       "SO_OPENTYPE needs no socket");
    api_closesocket(api_socket(AF_INET, SOCK_STREAM, 0));
    is((DWORD)script.numbers[3], 0, "after it socket makes none that is overlapped");
    int size = sizeof(int);
    int read_back = 0;
    api_getsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (char *)&read_back, &size);
    is(read_back, SO_SYNCHRONOUS_NONALERT, "and it can be read");
    size = 3;
    is(api_getsockopt(s, SOL_SOCKET, SO_OPENTYPE, (char *)&read_back, &size), SOCKET_ERROR, "not into less");
    ok(WSAGetLastError() == WSAEFAULT && size == 3, "WSAEFAULT");
    size = -1;
    WSASetLastError(1);
    is(api_getsockopt(s, SOL_SOCKET, SO_OPENTYPE, (char *)&read_back, &size), 0, "a length has no sign");
    ok(WSAGetLastError() == 0 && size == sizeof(int), "and success is no error");
    is(api_setsockopt(s, SOL_SOCKET, SO_OPENTYPE, (char *)&open_type, 0), SOCKET_ERROR, "nor set from nothing");
    is(WSAGetLastError(), WSAEFAULT, "WSAEFAULT");
    open_type = 0;
    api_setsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (char *)&open_type, sizeof(open_type));

    api_send(s, data, 3, MSG_OOB);
    ok(script.s == s && script.pointers[0] == data && script.numbers[0] == 3 && script.numbers[1] == MSG_OOB,
       "send: socket, data, length, flags");
    ok(script.has_thread, "a thread id comes along");
    ok(QueueUserAPC(noted, script.thread.ThreadHandle, (ULONG_PTR)&apc_thread) != 0, "its handle takes an APC");
    SleepEx(0, TRUE);
    is(apc_thread, GetCurrentThreadId(), "which runs on the calling thread");

    SetLastError(UNTOUCHED);
    is(api_WSAJoinLeaf(s, NULL, 0, NULL, NULL, NULL, NULL, 0), s, "WSAJoinLeaf");
    is(GetLastError(), UNTOUCHED, "a call that succeeds leaves the last error alone");
    is(api_ioctlsocket(s, (long)FIONBIO, &argument), 0, "ioctlsocket");
    ok(script.pointers[0] == &argument && script.pointers[1] == &argument && script.numbers[0] == 4 &&
           script.numbers[1] == 4,
       "it is WSPIoctl with the argument in and out");

    script.recv_flags = MSG_PARTIAL;
    is(api_recv(s, data, 4, 0), SOCKET_ERROR, "recv of a part of a message");
    is(WSAGetLastError(), WSAEMSGSIZE, "WSAEMSGSIZE");
    is(api_WSARecvEx(s, data, 4, &flags), 4, "WSARecvEx of it");
    is(flags, MSG_PARTIAL, "MSG_PARTIAL");
    script.recv_flags = 0;
    script.fail = WSAEMSGSIZE;
    flags = 0;
    is(api_WSARecvEx(s, data, 4, &flags), 4, "WSARecvEx where the provider says WSAEMSGSIZE");
    is(flags, MSG_PARTIAL, "MSG_PARTIAL");
    script.fail = 0;

    is(api_WSAHtonl(s, 0x11223344, &wide), 0, "WSAHtonl");
    is(wide, 0x44332211, "network order");
    is(api_WSANtohs(s, 0x1122, &narrow), 0, "WSANtohs");
    is(narrow, 0x2211, "host order");
    is(api_WSAHtons(s, 1, NULL), SOCKET_ERROR, "WSAHtons without a place for it");
    is(WSAGetLastError(), WSAEFAULT, "WSAEFAULT");
    api_closesocket(s);
    api_WSACleanup();
}

static void test_select(void)
{
    struct timeval none = {0, 0};
    fd_set empty = {0, {0}};
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    is(api_select(0, NULL, NULL, NULL, &none), SOCKET_ERROR, "select of nothing");
    is(WSAGetLastError(), WSAEINVAL, "WSAEINVAL");
    is(api_select(0, &empty, &empty, NULL, &none), SOCKET_ERROR, "select of empty sets");
    is(WSAGetLastError(), WSAEINVAL, "WSAEINVAL");
    SOCKET udp = api_socket(AF_INET, SOCK_DGRAM, 0);
    SOCKET udp6 = api_socket(AF_INET6, SOCK_DGRAM, 0);
    fd_set other = {2, {udp, udp6}};
    script.calls = 0;
    is(api_select(0, NULL, &other, NULL, &none), 2, "IPv4 and IPv6 sockets of the base in one select");
    is(script.calls, 0, "are the base's");
    ok(api___WSAFDIsSet(udp, &other) && api___WSAFDIsSet(udp6, &other) && !api___WSAFDIsSet(0, &other), "__WSAFDIsSet");
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    fd_set mixed = {2, {udp, (SOCKET)event}};
    is(api_select(0, &mixed, NULL, NULL, &none), SOCKET_ERROR, "select with what is no socket behind one");
    is(WSAGetLastError(), WSAENOTSOCK, "WSAENOTSOCK");
    CloseHandle(event);
    api_closesocket(udp);
    api_closesocket(udp6);
    api_WSACleanup();
}

/* What a select over the layer's socket and one of the base led to. */
static struct {
    SOCKET layered, udp, ready; /* `ready` is the base's, and there is something to read */
} waited;

static void start_waiting(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int length = sizeof(address);
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    waited.layered = api_socket(AF_INET, SOCK_STREAM, 0);
    waited.udp = api_socket(AF_INET, SOCK_DGRAM, 0);
    waited.ready = api_socket(AF_INET, SOCK_DGRAM, 0);
    api_bind(waited.ready, (SOCKADDR *)&address, length);
    api_getsockname(waited.ready, (SOCKADDR *)&address, &length);
    api_sendto(waited.udp, "x", 1, 0, (SOCKADDR *)&address, length);
    script.calls = script.code_count = 0;
    script.last = "";
}

static void end_waiting(void)
{
    api_closesocket(waited.layered);
    api_closesocket(waited.udp);
    api_closesocket(waited.ready);
    api_WSACleanup();
}

/* select for writing with the layer's socket behind or before one of the base. */
static int select_both(bool layered_first)
{
    struct timeval none = {0, 0};
    fd_set write = {2, {layered_first ? waited.layered : waited.udp, layered_first ? waited.udp : waited.layered}};
    script.calls = script.code_count = 0;
    script.last = "";
    return api_select(0, NULL, &write, NULL, &none);
}

static void expect_past_layers(const char *what)
{
    ok(select_both(true) >= 1 && script.calls == 1 && strcmp(script.last, "WSPIoctl") == 0, what);
    is(script.codes[0], SIO_BSP_HANDLE_SELECT, "was asked with SIO_BSP_HANDLE_SELECT, and that is all");
    ok(select_both(false) >= 1 && script.calls == 1, "in the other order, too");
}

static void expect_layer(const char *what)
{
    ok(select_both(true) >= 1 && strcmp(script.last, "WSPSelect") == 0, what);
    is(script.code_count, 1, "was asked once");
    ok(select_both(false) >= 1 && strcmp(script.last, "WSPIoctl") == 0, "with the base's socket first: the base");
}

/* "Winsock will bypass all LSPs" unless one answers SIO_BSP_HANDLE_SELECT with its own handle (Microsoft's sample). */
static void test_select_past_layers(void)
{
    struct timeval some = {5, 0};
    start_waiting();
    expect_past_layers("a layer that passes the question down");
    script.own_handle = true;
    expect_layer("a layer that answers with its own handle");
    script.own_handle = false;
    script.refuse = WSAEINVAL;
    expect_layer("a layer that does not know the question: as before Windows Vista");
    script.refuse = WSAEOPNOTSUPP;
    expect_layer("whatever the error");
    script.refuse = 0;
    script.says_nothing = true;
    expect_layer("a layer that says nothing");
    script.says_nothing = false;
    script.named_handle = INVALID_SOCKET;
    expect_layer("a layer that names no socket");
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    script.named_handle = (SOCKET)event;
    expect_layer("or what is none");
    CloseHandle(event);
    script.named_handle = waited.ready;
    expect_past_layers("a layer that names another handle of the base's");

    fd_set read = {2, {waited.udp, waited.layered}};
    fd_set write = {3, {waited.layered, waited.udp, waited.layered}};
    fd_set except = {1, {waited.layered}};
    script.code_count = 0;
    is(api_select(0, &read, &write, &except, &some), 3, "that handle is waited for");
    ok(read.fd_count == 1 && read.fd_array[0] == waited.layered, "and what comes back is the program's");
    ok(write.fd_count == 2 && write.fd_array[0] == waited.layered && write.fd_array[1] == waited.udp,
       "in its order, and once");
    is(except.fd_count, 0, "what is not ready is taken out");
    is(script.code_count, 1, "each socket is asked about once, in however many sets it is");
    end_waiting();
}

static void test_select_many(void)
{
    enum { MANY = 300 };
    static struct {
        u_int count;
        SOCKET sockets[MANY];
    } set;
    struct timeval some = {5, 0};
    SOCKET many[MANY];
    start_waiting();
    script.named_handle = waited.ready;
    for (int i = 0; i < MANY; i++)
        many[i] = set.sockets[i] = i == MANY - 2 ? waited.layered : api_socket(AF_INET, SOCK_DGRAM, 0);
    set.count = MANY;
    is(api_select(0, (fd_set *)&set, NULL, NULL, &some), 1, "select of more than fit on the stack");
    ok(set.count == 1 && set.sockets[0] == waited.layered, "finds the one");
    for (int i = 0; i < MANY; i++)
        if (many[i] != waited.layered)
            api_closesocket(many[i]);
    end_waiting();
}

static void test_poll(void)
{
    enum { MANY = 40 };
    WSAPOLLFD many[MANY];
    start_waiting();
    for (int i = 0; i < MANY; i++)
        many[i] = (WSAPOLLFD){api_socket(AF_INET, SOCK_DGRAM, 0), POLLWRNORM, 7};
    WSAPOLLFD fds[2] = {{waited.layered, POLLRDNORM, 7}, {many[0].fd, POLLWRNORM, 7}};
    script.named_handle = waited.ready;
    is(api_WSAPoll(fds, 2, 5000), 2, "WSAPoll finds both sockets ready");
    is(script.codes[0], SIO_BSP_HANDLE_POLL, "the layer was asked with SIO_BSP_HANDLE_POLL");
    is(script.code_count, 1, "and that was all");
    ok(fds[0].fd == waited.layered && fds[0].revents == POLLRDNORM,
       "the layer's handle stays in the array, its answer is there");
    is(fds[1].revents, POLLWRNORM, "so is the base's");
    script.named_handle = 0;
    script.code_count = 0;
    script.fail = WSAEINVAL;
    api_WSAPoll(fds, 2, 0);
    script.fail = 0;
    ok(script.code_count == 2 && script.codes[1] == SIO_BASE_HANDLE, "a layer that refuses is asked SIO_BASE_HANDLE");
    script.code_count = 0;
    is(api_WSAPoll(fds, 2, 0) >= 1 ? script.code_count : -1, 1, "a layer that passes the question down is past");
    is(api_WSAPoll(many, MANY, 0), MANY, "more than fit on the stack");
    is(many[MANY - 1].revents, POLLWRNORM, "to the last");
    is(api_WSAPoll(many, 0, 0), SOCKET_ERROR, "WSAPoll of none");
    is(WSAGetLastError(), WSAEINVAL, "WSAEINVAL");
    is(api_WSAPoll(many, 0x20000000, 0), SOCKET_ERROR, "WSAPoll of more than there can be");
    is(WSAGetLastError(), WSAENOBUFS, "WSAENOBUFS");
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    WSAPOLLFD invalid[2] = {{(SOCKET)event, POLLRDNORM, 7}, {INVALID_SOCKET, POLLRDNORM, 7}};
    is(api_WSAPoll(invalid, 2, 0), SOCKET_ERROR, "WSAPoll without a valid socket");
    is(WSAGetLastError(), WSAENOTSOCK, "WSAENOTSOCK");
    ok(invalid[0].revents == POLLNVAL && invalid[1].revents == POLLNVAL, "and each is POLLNVAL");
    CloseHandle(event);
    for (int i = 0; i < MANY; i++)
        api_closesocket(many[i].fd);
    end_waiting();
}

/* A layer that has answered with its own handle gets the call by WSPIoctl with SIO_EXT_POLL. */
static void test_poll_layer(void)
{
    start_waiting();
    WSAPOLLFD fds[] = {{waited.ready, POLLRDNORM, 7}, {waited.layered, POLLWRNORM, 7}};
    script.own_handle = true;
    is(api_WSAPoll(fds, 2, 5000) >= 1, true, "WSAPoll with a layer that wants it");
    is(script.codes[1], SIO_EXT_POLL, "is SIO_EXT_POLL");
    ok(script.s == waited.layered && script.ext_size == sizeof(WSAPOLLDATA) + 2 * sizeof(WSAPOLLFD) &&
           script.pointers[1] == script.ext_data && script.numbers[1] == script.ext_size,
       "of the layer's socket, with the array in and out");
    ok(fds[0].revents == POLLRDNORM && fds[1].revents != 7, "and the results come back");
    script.fail = 0;
    fds[0].fd = INVALID_SOCKET;
    fds[0].revents = fds[1].revents = 7;
    script.own_handle = false;
    script.refuse = WSAEINVAL;
    ok(api_WSAPoll(fds, 2, 0) != SOCKET_ERROR && fds[0].revents == POLLNVAL, "with what is no socket beside one");
    end_waiting();
}

/* WSASendMsg: SIO_BSP_HANDLE, and SIO_EXT_SENDMSG for a layer that wants it. */
static void test_send_msg(void)
{
    char text[] = "ab";
    WSABUF buffer = {2, text};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int length = sizeof(address);
    DWORD bytes = 0;
    start_waiting();
    api_getsockname(waited.ready, (SOCKADDR *)&address, &length);
    WSAMSG message = {.name = (SOCKADDR *)&address, .namelen = length, .lpBuffers = &buffer, .dwBufferCount = 1};
    script.named_handle = waited.udp;
    is(api_WSASendMsg(waited.layered, &message, 0, &bytes, NULL, NULL), 0, "WSASendMsg");
    ok(bytes == 2 && script.code_count == 1 && script.codes[0] == SIO_BSP_HANDLE,
       "goes past a layer, to the handle named");
    script.named_handle = 0;
    script.own_handle = true;
    script.code_count = 0;
    api_WSASendMsg(waited.layered, &message, 0, &bytes, NULL, NULL);
    const WSASENDMSG *arguments = script.ext_data;
    ok(script.code_count == 2 && script.codes[1] == SIO_EXT_SENDMSG && script.ext_size == sizeof(*arguments),
       "a layer that wants it is given it with SIO_EXT_SENDMSG");
    script.ext_error = WSAEMSGSIZE;
    is(api_WSASendMsg(waited.layered, &message, 0, &bytes, NULL, NULL), SOCKET_ERROR, "its error");
    is(WSAGetLastError(), WSAEMSGSIZE, "is in the output buffer");
    script.own_handle = false;
    script.refuse = WSAEINVAL;
    is(api_WSASendMsg(waited.layered, NULL, 0, &bytes, NULL, NULL), 0,
       "WSASendMsg where the layer does not know the question");
    ok(bytes == 77 && strcmp(script.last, "my WSASendMsg") == 0, "is the layer's own extension function");
    end_waiting();
}

/* What the base answers to whoever asks: Winsock, or a layer above it. */
static void test_base_extensions(void)
{
    char text[] = "ab";
    WSABUF buffer = {2, text};
    struct sockaddr_in address;
    int length = sizeof(address);
    struct {
        WSAPOLLDATA data;
        WSAPOLLFD fds[2];
    } poll;
    DWORD bytes = 0, sent = 0, code = 7;
    SOCKET handle;
    WSAOVERLAPPED overlapped = {.hEvent = NULL};
    start_waiting();
    memset(&poll, 0, sizeof(poll));
    poll.data.fds = 2;
    poll.fds[0] = (WSAPOLLFD){waited.udp, POLLWRNORM, 0};
    poll.fds[1] = (WSAPOLLFD){waited.ready, POLLRDNORM, 0};
    is(api_WSAIoctl(waited.udp, SIO_EXT_POLL, &poll, sizeof(poll), &poll, sizeof(poll), &bytes, NULL, NULL), 0,
       "SIO_EXT_POLL of the base");
    ok(poll.data.result == 2 && poll.fds[0].revents == POLLWRNORM && poll.fds[1].revents == POLLRDNORM, "polls");
    is(api_WSAIoctl(waited.udp, SIO_EXT_POLL, &poll, sizeof(poll) - 1, &poll, sizeof(poll), &bytes, NULL, NULL),
       SOCKET_ERROR, "with less than it says");
    is(WSAGetLastError(), WSAEFAULT, "WSAEFAULT");
    api_getsockname(waited.ready, (SOCKADDR *)&address, &length);
    WSAMSG message = {.name = (SOCKADDR *)&address, .namelen = length, .lpBuffers = &buffer, .dwBufferCount = 1};
    WSASENDMSG arguments = {&message, 0, &sent, NULL, NULL};
    is(api_WSAIoctl(waited.udp, SIO_EXT_SENDMSG, &arguments, sizeof(arguments), &code, sizeof(code), &bytes, NULL,
                    NULL),
       0, "SIO_EXT_SENDMSG of the base");
    ok(sent == 2 && code == 0, "sends");
    is(api_WSAIoctl(waited.udp, SIO_EXT_SENDMSG, &arguments, sizeof(arguments) - 1, &code, sizeof(code), &bytes, NULL,
                    NULL),
       SOCKET_ERROR, "with less than its arguments");
    is(WSAGetLastError(), WSAEFAULT, "WSAEFAULT");
    is(api_WSAIoctl(waited.udp, SIO_BSP_HANDLE_POLL, NULL, 0, &handle, sizeof(handle), &bytes, &overlapped, NULL),
       SOCKET_ERROR, "an overlapped SIO_BSP_HANDLE_POLL");
    is(WSAGetLastError(), WSAEFAULT, "WSAEFAULT");
    is(api_WSAIoctl(waited.udp, SIO_EXT_POLL, &poll, sizeof(poll), &poll, sizeof(poll), &bytes, &overlapped, NULL),
       SOCKET_ERROR, "an overlapped SIO_EXT_POLL");
    is(WSAGetLastError(), WSAEFAULT, "WSAEFAULT");
    is(api_WSAIoctl(waited.udp, SIO_EXT_SENDMSG, &arguments, sizeof(arguments), &code, sizeof(code), &bytes,
                    &overlapped, NULL),
       SOCKET_ERROR, "an overlapped SIO_EXT_SENDMSG");
    is(WSAGetLastError(), WSAEFAULT, "WSAEFAULT");
    is(api_connect(waited.udp, NULL, sizeof(address)), SOCKET_ERROR, "connect to no address");
    is(WSAGetLastError(), WSAEFAULT, "WSAEFAULT");
    is(api_WSAEnumNetworkEvents(waited.udp, NULL, NULL), SOCKET_ERROR, "WSAEnumNetworkEvents into nothing");
    is(WSAGetLastError(), WSAEFAULT, "WSAEFAULT");
    end_waiting();
}

static SOCKET listen_on_loopback(int family, SOCKADDR_STORAGE *address, int *length)
{
    SOCKET s = api_socket(family, SOCK_STREAM, 0);
    memset(address, 0, sizeof(*address));
    address->ss_family = (ADDRESS_FAMILY)family;
    *length = family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if (family == AF_INET6)
        ((struct sockaddr_in6 *)address)->sin6_addr = in6addr_loopback;
    else
        ((struct sockaddr_in *)address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (api_bind(s, (struct sockaddr *)address, *length) != 0 || api_listen(s, 5) != 0 ||
        api_getsockname(s, (struct sockaddr *)address, length) != 0) {
        printf("# no listener: %d\n", WSAGetLastError());
        return INVALID_SOCKET;
    }
    return s;
}

/* "Winsock IOCTLs": the handle of the base, through the layer and directly. */
static void test_base_handles(void)
{
    static const DWORD codes[] = {SIO_BASE_HANDLE, SIO_BSP_HANDLE, SIO_BSP_HANDLE_SELECT, SIO_BSP_HANDLE_POLL};
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    SOCKET sockets_of_both[] = {api_socket(AF_INET, SOCK_STREAM, 0), api_socket(AF_INET, SOCK_DGRAM, 0)};
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 4; j++) {
            SOCKET s = sockets_of_both[i];
            SOCKET handle = 0;
            DWORD bytes = 0;
            ok(api_WSAIoctl(s, codes[j], NULL, 0, &handle, sizeof(handle), &bytes, NULL, NULL) == 0 && handle == s &&
                   bytes == sizeof(handle),
               i == 0 ? "a base handle code through the layer" : "a base handle code to the base");
            is(api_WSAIoctl(s, codes[j], NULL, 0, NULL, 0, &bytes, NULL, NULL), SOCKET_ERROR, "without a buffer");
            is(WSAGetLastError(), WSAEFAULT, "WSAEFAULT");
        }
    api_closesocket(sockets_of_both[0]);
    api_closesocket(sockets_of_both[1]);
    api_WSACleanup();
}

static void test_accept_ex(void)
{
    SOCKADDR_STORAGE address;
    char buffer[2 * (sizeof(address) + 16)];
    char data[4] = "";
    WSAOVERLAPPED overlapped;
    DWORD bytes = 0;
    DWORD flags = 0;
    int length;
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    SOCKET listener = listen_on_loopback(AF_INET, &address, &length);
    SOCKET accepted = api_socket(AF_INET, SOCK_STREAM, 0);
    SOCKET client = api_socket(AF_INET, SOCK_STREAM, 0);
    memset(&overlapped, 0, sizeof(overlapped));
    overlapped.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    is(api_AcceptEx(listener, accepted, buffer, 0, sizeof(address) + 16, sizeof(address) + 16, &bytes, &overlapped),
       FALSE, "AcceptEx");
    is(WSAGetLastError(), WSA_IO_PENDING, "is pending");
    is(api_connect(client, (struct sockaddr *)&address, length), 0, "somebody connects");
    ok(api_WSAGetOverlappedResult(listener, &overlapped, &bytes, TRUE, &flags), "it completes");
    SOCKADDR_STORAGE from;
    SOCKADDR *local = NULL, *remote = NULL;
    int from_length = sizeof(from), local_length = 0, remote_length = 0;
    api_getsockname(client, (struct sockaddr *)&from, &from_length);
    api_GetAcceptExSockaddrs(buffer, 0, sizeof(address) + 16, sizeof(address) + 16, &local, &local_length, &remote,
                             &remote_length);
    ok(local_length == length && remote_length == from_length && memcmp(local, &address, (size_t)length) == 0 &&
           memcmp(remote, &from, (size_t)from_length) == 0,
       "GetAcceptExSockaddrs finds both addresses");
    is(api_setsockopt(accepted, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener, sizeof(listener)), 0,
       "SO_UPDATE_ACCEPT_CONTEXT");
    is(api_send(client, "ex", 2, 0), 2, "the client sends");
    ok(api_recv(accepted, data, 4, 0) == 2 && memcmp(data, "ex", 2) == 0, "the accepted socket receives");
    CloseHandle(overlapped.hEvent);
    api_closesocket(accepted);
    api_closesocket(client);
    api_closesocket(listener);
    api_WSACleanup();
}

static int routine_calls;
static DWORD routine_bytes;

static void CALLBACK completed(DWORD error, DWORD bytes, WSAOVERLAPPED *overlapped, DWORD flags)
{
    (void)overlapped, (void)flags;
    routine_calls++;
    routine_bytes = error == 0 ? bytes : 0;
}

static void converse(int family)
{
    SOCKADDR_STORAGE address;
    int length;
    char data[8] = "";
    SOCKET listener = listen_on_loopback(family, &address, &length);
    SOCKET client = api_socket(family, SOCK_STREAM, 0);
    is(api_connect(client, (struct sockaddr *)&address, length), 0, "connect");
    SOCKET server = api_accept(listener, NULL, NULL);
    ok(server != INVALID_SOCKET, "accept");
    ok(sockets_find(&sockets, server) == sockets_find(&sockets, listener),
       "the accepted socket is the same provider's");
    is(api_send(client, "hello", 5, 0), 5, "send");
    is(api_recv(server, data, sizeof(data), 0), 5, "recv");
    ok(memcmp(data, "hello", 5) == 0, "the same bytes");

    WSABUF buffer = {sizeof(data), data};
    WSAOVERLAPPED overlapped;
    DWORD flags = 0;
    DWORD bytes = 0;
    memset(&overlapped, 0, sizeof(overlapped));
    overlapped.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    is(api_WSARecv(server, &buffer, 1, NULL, &flags, &overlapped, NULL), SOCKET_ERROR, "overlapped WSARecv");
    is(WSAGetLastError(), WSA_IO_PENDING, "is pending");
    api_send(client, "abc", 3, 0);
    ok(api_WSAGetOverlappedResult(server, &overlapped, &bytes, TRUE, &flags) && bytes == 3,
       "WSAGetOverlappedResult waits for it");
    CloseHandle(overlapped.hEvent);
    memset(&overlapped, 0, sizeof(overlapped));
    routine_calls = 0;
    api_WSARecv(server, &buffer, 1, NULL, &flags, &overlapped, completed);
    api_send(client, "defg", 4, 0);
    for (int i = 0; i < 50 && routine_calls == 0; i++)
        SleepEx(100, TRUE);
    ok(routine_calls == 1 && routine_bytes == 4, "a completion routine runs once");

    WSAPROTOCOL_INFOW info;
    is(api_WSADuplicateSocketW(server, GetCurrentProcessId(), &info), 0, "WSADuplicateSocket to this process");
    SOCKET twin =
        api_WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED);
    ok(twin != INVALID_SOCKET && twin != server, "WSASocket takes it");
    is(api_send(twin, "twin", 4, 0), 4, "the duplicate sends");
    ok(api_recv(client, data, sizeof(data), 0) == 4 && memcmp(data, "twin", 4) == 0, "on the same connection");
    is(api_WSASocketW(-1, -1, -1, &info, 0, 0), INVALID_SOCKET, "a second WSASocket of it");
    is(WSAGetLastError(), WSAEINVAL, "WSAEINVAL");
    api_closesocket(twin);
    is(api_shutdown(client, SD_SEND), 0, "shutdown");
    is(api_recv(server, data, sizeof(data), 0), 0, "the other end sees it");
    api_closesocket(server);
    api_closesocket(client);
    api_closesocket(listener);
}

static void test_conversation(void)
{
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    printf("# IPv4, through the layer\n");
    converse(AF_INET);
    ok(script.calls > 20, "the layer saw it all");
    printf("# IPv6, on the base alone\n");
    script.calls = 0;
    converse(AF_INET6);
    is(script.calls, 0, "no layer saw it");
    api_WSACleanup();
}

/* A provider that neither registers its handles nor has a lower one that does. */
static void test_unregistered(void)
{
    reset_script();
    script.register_handles = false;
    start_winsock(MAKEWORD(2, 2));
    SOCKET s = api_socket(AF_INET, SOCK_STREAM, 0);
    ok(sockets_find(&sockets, s) == provider_base(), "a layer that does not register is passed over: the base has");
    is(own_socket(CHAIN_TCP, s), 0, "a chain's id");
    ok(((struct provider *)sockets_find(&sockets, s))->base == false, "is the layer's provider");
    is(own_socket(BASE_UDP, s), 0, "a base's id");
    ok(sockets_find(&sockets, s) == provider_base(), "is the base provider");
    is(own_socket(4711, s), WSAEINVAL, "an id that the catalog has not: WSAEINVAL");
    ok(sockets_find(&sockets, s) == provider_base(), "changes nothing");
    api_closesocket(s);
    ok(sockets_find(&sockets, s) == NULL, "a closed socket is out of the table");
    api_WSACleanup();
}

/* Microsoft's sample of 1999 passes it; its sockets go through its chain all the same. */
static void test_hidden_id(void)
{
    struct provider_meant meant;
    reset_script();
    script.id = LAYER;
    start_winsock(MAKEWORD(2, 2));
    SOCKET s = api_socket(AF_INET, SOCK_STREAM, 0);
    ok(s != INVALID_SOCKET && script.startups == 1, "a layer that registers with its own entry's id");
    const struct provider *owner = sockets_find(&sockets, s);
    is((uintptr_t)owner > (uintptr_t)SOCKETS_CLOSING ? (long long)owner->info.dwCatalogEntryId : 0, CHAIN_TCP,
       "gets its socket as the chain's");
    is(provider_mean(LAYER, &meant), 0, "outside of WSPSocket");
    ok(meant.provider == owner && meant.hidden && meant.chain == CHAIN_TCP, "it is the running chain's, and is noted");
    is(provider_mean(CHAIN_TCP, &meant), 0, "the chain's id");
    ok(meant.provider == owner && !meant.hidden, "is not");
    api_closesocket(s);
    provider_strict = true;
    s = api_socket(AF_INET, SOCK_STREAM, 0);
    ok(s == INVALID_SOCKET && WSAGetLastError() == WSAEINVAL, "in a strict run it is WSAEINVAL");
    is(provider_mean(LAYER, &meant), WSAEINVAL, "anywhere");
    ok(meant.hidden && meant.chain == CHAIN_TCP, "and noted");
    is(provider_mean(CHAIN_TCP, &meant), 0, "a chain's id is none of these");
    is(provider_mean(BASE_TCP, &meant), 0, "nor is a base's");
    provider_strict = false;
    api_WSACleanup();
}

/* An id means that entry's provider, whether it runs or not. */
static void test_id_starts_its_provider(void)
{
    struct provider_meant meant;
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    is(provider_mean(CHAIN_TCP, &meant), 0, "the id of a chain that does not run yet");
    is(script.startups, 1, "starts it");
    is(script.info.dwCatalogEntryId, CHAIN_TCP, "with that entry");
    ok(meant.provider != NULL && meant.provider->info.dwCatalogEntryId == CHAIN_TCP, "and means it");
    SOCKET s = api_socket(AF_INET, SOCK_STREAM, 0);
    is(script.startups, 1, "once");
    ok(sockets_find(&sockets, s) == meant.provider, "for all its sockets");
    api_closesocket(s);
    is(provider_mean(CHAIN_SCRIPTED, &meant), 0, "another chain's id, with the first one running");
    is(script.startups, 2, "starts that one");
    is(script.info.dwCatalogEntryId, CHAIN_SCRIPTED, "with its own entry");
    api_WSACleanup();
    is(script.cleanups, 2, "each is stopped");
    is(provider_mean(CHAIN_TCP, &meant), 0, "after the last WSACleanup");
    ok(meant.provider == NULL && script.startups == 2, "nothing is started");
}

/* WPUModifyIFSHandle and WPUQueryBlockingCallback have no other error for an id than WSAEINVAL. */
static void test_id_of_what_cannot_start(void)
{
    struct provider_meant meant;
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    script.startup_result = WSASYSNOTREADY;
    script.register_in_startup = true;
    is(provider_mean(CHAIN_TCP, &meant), WSAEINVAL, "the id of a chain that fails to start: WSAEINVAL");
    ok(meant.provider == NULL && script.startups == 1, "after a try");
    is(script.nested, (SOCKET)(ULONG_PTR)script.event, "in which it could register a handle");
    ok(sockets_find(&sockets, script.nested) == NULL, "that is nobody's afterwards");
    is(provider_mean(CHAIN_NO_DLL, &meant), WSAEINVAL, "the id of a chain whose DLL is missing: WSAEINVAL");
    script.startup_result = 0;
    SOCKET s = api_socket(AF_INET, SOCK_STREAM, 0);
    ok(s != INVALID_SOCKET, "the first one, tried again: its WSPStartup, which registers a handle, comes back");
    is(provider_mean(CHAIN_TCP, &meant), 0, "it runs");
    ok(sockets_find(&sockets, script.nested) == meant.provider && meant.provider != NULL, "and the handle is its own");
    api_closesocket(s);
    sockets_replace(&sockets, script.nested, meant.provider, NULL);
    CloseHandle(script.event);
    api_WSACleanup();
}

/* Two threads, each inside the WSPStartup of a chain, that ask for the other's. */
static DWORD WINAPI start_one(void *context)
{
    struct provider_meant meant;
    thread_current()->calls++; /* as in a function of Winsock's: it waits for what another thread is starting */
    DWORD error = (DWORD)provider_mean((DWORD)(ULONG_PTR)context, &meant);
    thread_current()->calls--;
    return error;
}

/* Both have started, once each, and have been told of the other. */
static bool start_each_other(void)
{
    HANDLE threads[2];
    DWORD codes[2] = {1, 1};
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    script.cross = true;
    starting = 0;
    other_of[0] = other_of[1] = 0;
    for (int i = 0; i < 2; i++)
        threads[i] =
            CreateThread(NULL, 0, start_one, (void *)(ULONG_PTR)(i == 0 ? CHAIN_TCP : CHAIN_SCRIPTED), 0, NULL);
    if (WaitForMultipleObjects(2, threads, TRUE, 60000) != WAIT_OBJECT_0) {
        printf("Bail out! they wait for each other\n");
        exit(1);
    }
    for (int i = 0; i < 2; i++) {
        GetExitCodeThread(threads[i], &codes[i]);
        CloseHandle(threads[i]);
    }
    bool good = codes[0] == 0 && codes[1] == 0 && script.startups == 2 && other_of[0] == CHAIN_SCRIPTED &&
                other_of[1] == CHAIN_TCP;
    script.cross = false;
    api_WSACleanup();
    return good;
}

static void test_two_that_start_each_other(void)
{
    enum { ROUNDS = 100 };
    int good = 0;
    for (int i = 0; i < ROUNDS; i++)
        good += start_each_other();
    is(good, ROUNDS, "two providers that ask for each other's id while they start");
}

/* The kernel may give a handle's value to another socket before closesocket has returned: here the provider itself
 * makes that one, in WSPCloseSocket. */
static void test_value_used_again(void)
{
    reset_script();
    script.register_handles = false;
    script.make_socket_in_close = true;
    start_winsock(MAKEWORD(2, 2));
    SOCKET s = api_socket(AF_INET, SOCK_STREAM, 0);
    own_socket(CHAIN_TCP, s);
    is(api_closesocket(s), 0, "a socket whose value is given away while it is closed");
    is(script.nested, s, "to a new socket");
    const struct provider *owner = sockets_find(&sockets, s);
    ok((uintptr_t)owner > (uintptr_t)SOCKETS_CLOSING, "which closesocket leaves in the table");
    is((uintptr_t)owner > (uintptr_t)SOCKETS_CLOSING ? (long long)owner->info.dwCatalogEntryId : 0, CHAIN_SCRIPTED,
       "as its own provider's");
    sockets_replace(&sockets, s, (void *)owner, NULL); /* there is no such handle */
    api_WSACleanup();
}

/* A socket from outside the host: made by the system's own function. */
static void test_adoption(void)
{
    int type = 0;
    int size = sizeof(type);
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    SOCKET s = real.WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    ok(sockets_find(&sockets, s) == NULL, "a socket that the host did not make");
    is(api_getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &size), 0, "getsockopt on it");
    ok(sockets_find(&sockets, s) == provider_base(), "it is the base provider's now");
    WSAPROTOCOL_INFOW info;
    size = sizeof(info);
    api_getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &size);
    is(info.dwCatalogEntryId, BASE_TCP, "with the base's entry");
    is(api_closesocket(s), 0, "and can be closed");
    ok(sockets_find(&sockets, s) == NULL, "and is out of the table");
    api_WSACleanup();
}

static void test_addresses(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct sockaddr_in6 address6;
    INT length = sizeof(address);
    WCHAR text[64];
    char narrow[64];
    DWORD size = 64;
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    is(api_WSAStringToAddressW(L"10.1.2.3:80", AF_INET, NULL, (SOCKADDR *)&address, &length), 0, "WSAStringToAddressW");
    ok(address.sin_addr.s_addr == htonl(0x0a010203) && address.sin_port == htons(80), "is the address and port");
    is(script.numbers[1], CHAIN_TCP, "the first provider of the family did it, with its entry");
    is(api_WSAAddressToStringW((SOCKADDR *)&address, sizeof(address), NULL, text, &size), 0, "WSAAddressToStringW");
    ok(wcscmp(text, L"10.1.2.3:80") == 0 && size == 12, "is the text, and its length with the NUL");
    size = 64;
    is(api_WSAAddressToStringA((SOCKADDR *)&address, sizeof(address), NULL, narrow, &size), 0, "WSAAddressToStringA");
    ok(strcmp(narrow, "10.1.2.3:80") == 0 && size == 12, "is the same");
    size = 5;
    is(api_WSAAddressToStringA((SOCKADDR *)&address, sizeof(address), NULL, narrow, &size), SOCKET_ERROR,
       "too small a buffer");
    ok(WSAGetLastError() == WSAEFAULT && size == 12, "WSAEFAULT, and the size needed");
    length = sizeof(address6);
    is(api_WSAStringToAddressA("::1", AF_INET6, NULL, (SOCKADDR *)&address6, &length), 0, "WSAStringToAddressA");
    ok(memcmp(&address6.sin6_addr, &in6addr_loopback, 16) == 0, "is ::1");
    length = sizeof(address);
    is(api_WSAStringToAddressA("300.1.2.3", AF_INET, NULL, (SOCKADDR *)&address, &length), SOCKET_ERROR,
       "what is no address");
    is(WSAGetLastError(), WSAEINVAL, "WSAEINVAL");
    is(api_WSAStringToAddressW(L"1", FAMILY_DLL + 1, NULL, (SOCKADDR *)&address, &length), SOCKET_ERROR,
       "a family that no provider has");
    is(WSAGetLastError(), WSAEINVAL, "WSAEINVAL");
    is(api_WSAStringToAddressA(NULL, AF_INET, NULL, (SOCKADDR *)&address, &length), SOCKET_ERROR, "no text");
    is(WSAGetLastError(), WSAEFAULT, "WSAEFAULT");
    api_WSACleanup();
}

static void test_enum(void)
{
    WSAPROTOCOL_INFOW info[16];
    WSAPROTOCOL_INFOA ansi[16];
    INT udp_only[] = {IPPROTO_UDP, 0};
    INT nothing[] = {4711, 0};
    DWORD size = 0;
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    is(api_WSAEnumProtocolsW(NULL, NULL, &size), SOCKET_ERROR, "WSAEnumProtocols without a buffer");
    is(WSAGetLastError(), WSAENOBUFS, "WSAENOBUFS");
    is(size, 9 * sizeof(WSAPROTOCOL_INFOW), "and the size needed: 9 entries are neither hidden nor layers");
    size += 5;
    is(api_WSAEnumProtocolsW(NULL, NULL, &size), SOCKET_ERROR, "nor with a size");
    ok(WSAGetLastError() == WSAENOBUFS && size == 9 * sizeof(WSAPROTOCOL_INFOW), "WSAENOBUFS, and the size needed");
    size = 0;
    is(api_WSAEnumProtocolsA(nothing, NULL, &size), SOCKET_ERROR, "nor of protocols that there are not");
    ok(WSAGetLastError() == WSAENOBUFS && size == 0, "WSAENOBUFS, and nothing is needed");
    size = sizeof(info);
    is(api_WSAEnumProtocolsW(NULL, info, &size), 9, "WSAEnumProtocolsW");
    is(info[0].dwCatalogEntryId, CHAIN_TCP, "in the catalog's order");
    size = sizeof(ansi);
    is(api_WSAEnumProtocolsA(udp_only, ansi, &size), 2, "WSAEnumProtocolsA of one protocol");
    ok(ansi[0].dwCatalogEntryId == BASE_UDP && ansi[1].dwCatalogEntryId == BASE_UDP6, "these two");
    is(api_WSAEnumProtocolsW(NULL, info, NULL), SOCKET_ERROR, "without a size");
    is(WSAGetLastError(), WSAEFAULT, "WSAEFAULT");
    api_WSACleanup();
}

static void expect_not_by_name(SOCKET s, DWORD *local_size, DWORD *remote_size, int error, const char *what)
{
    SOCKADDR_STORAGE address;
    is(api_WSAConnectByNameW(s, L"127.0.0.1", L"1", local_size, (SOCKADDR *)&address, remote_size, (SOCKADDR *)&address,
                             NULL, NULL),
       FALSE, what);
    is(WSAGetLastError(), error, "with the right error");
}

static void test_connect_by_errors(SOCKET s, SOCKET_ADDRESS_LIST *list)
{
    SOCKADDR_STORAGE address;
    DWORD size = sizeof(address);
    DWORD small = sizeof(struct sockaddr_in) - 1;
    SOCKET udp = api_socket(AF_INET, SOCK_DGRAM, 0);
    expect_not_by_name(udp, NULL, NULL, WSAEINVAL, "WSAConnectByName of a datagram socket");
    api_closesocket(udp);
    expect_not_by_name(udp, NULL, NULL, WSAEINVAL, "of a closed one");
    expect_not_by_name(INVALID_SOCKET, NULL, NULL, WSAENOTSOCK, "of INVALID_SOCKET");
    expect_not_by_name(0, NULL, NULL, WSAENOTSOCK, "of 0");
    expect_not_by_name(s, &small, &size, WSAEFAULT, "too small a local length");
    expect_not_by_name(s, &size, &small, WSAEFAULT, "too small a remote length");
    ok(size == sizeof(address) && small == sizeof(struct sockaddr_in) - 1, "and the lengths are as they were");
    is(api_WSAConnectByList(s, list, &small, (SOCKADDR *)&address, NULL, NULL, NULL, NULL), FALSE,
       "WSAConnectByList with too small a length");
    is(WSAGetLastError(), WSAEFAULT, "WSAEFAULT");
}

static void test_connect_by(void)
{
    SOCKADDR_STORAGE address;
    SOCKADDR_STORAGE local;
    struct sockaddr_in remote;
    DWORD local_size = sizeof(local);
    DWORD remote_size = sizeof(remote);
    WCHAR port[8];
    int length;
    struct {
        INT count;
        SOCKET_ADDRESS address[2];
    } list;
    struct sockaddr_in nobody = {.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    struct timeval seconds = {10, 0};
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    SOCKET listener = listen_on_loopback(AF_INET, &address, &length);
    _snwprintf(port, 8, L"%u", ntohs(((struct sockaddr_in *)&address)->sin_port));
    SOCKET s = api_socket(AF_INET, SOCK_STREAM, 0);
    ok(api_WSAConnectByNameW(s, L"127.0.0.1", port, &local_size, (SOCKADDR *)&local, &remote_size, (SOCKADDR *)&remote,
                             &seconds, NULL),
       "WSAConnectByNameW");
    ok(remote_size == sizeof(remote) && memcmp(&remote, &address, 8) == 0, "gives the remote address");
    ok(local_size == sizeof(struct sockaddr_in) && local.ss_family == AF_INET, "and the local one");
    is(((struct sockaddr_in *)&local)->sin_port, 0, "without its port");
    api_closesocket(api_accept(listener, NULL, NULL));
    api_closesocket(s);
    /* Nothing listens on the first address of the list. */
    SOCKET bound = api_socket(AF_INET, SOCK_STREAM, 0);
    api_bind(bound, (struct sockaddr *)&nobody, sizeof(nobody));
    length = sizeof(nobody);
    api_getsockname(bound, (struct sockaddr *)&nobody, &length);
    list.count = 2;
    list.address[0] = (SOCKET_ADDRESS){(SOCKADDR *)&nobody, sizeof(nobody)};
    list.address[1] = (SOCKET_ADDRESS){(SOCKADDR *)&address, sizeof(nobody)};
    s = api_socket(AF_INET, SOCK_STREAM, 0);
    bool second = api_WSAConnectByList(s, (SOCKET_ADDRESS_LIST *)&list, NULL, NULL, NULL, NULL, NULL, NULL);
    if (!second)
        printf("# error %d\n", WSAGetLastError());
    ok(second, "WSAConnectByList goes on to the second address");
    if (second)
        api_closesocket(api_accept(listener, NULL, NULL));
    api_closesocket(s);
    list.count = 1;
    s = api_socket(AF_INET, SOCK_STREAM, 0);
    is(api_WSAConnectByList(s, (SOCKET_ADDRESS_LIST *)&list, NULL, NULL, NULL, NULL, NULL, NULL), FALSE,
       "WSAConnectByList to nobody");
    is(WSAGetLastError(), WSAECONNREFUSED, "the last attempt's error");
    is(api_WSAConnectByNameA(s, NULL, "1", NULL, NULL, NULL, NULL, NULL, NULL), FALSE,
       "WSAConnectByName without a name");
    is(WSAGetLastError(), WSAEINVAL, "WSAEINVAL");
    test_connect_by_errors(s, (SOCKET_ADDRESS_LIST *)&list);
    api_closesocket(s);
    api_closesocket(bound);
    api_closesocket(listener);
    api_WSACleanup();
}

static int hook_runs;
static bool hook_cancels;
static SOCKET hook_socket;
static int hook_error;
static int hook_cancel_result;
static bool hook_is_blocking;

static WINBOOL PASCAL blocking_hook(void)
{
    char byte;
    hook_is_blocking = api_WSAIsBlocking();
    api_recv(hook_socket, &byte, 1, 0);
    hook_error = WSAGetLastError();
    if (hook_cancels)
        hook_cancel_result = api_WSACancelBlockingCall();
    return ++hook_runs < 3;
}

static void test_blocking(void)
{
    SOCKADDR_STORAGE address;
    int length;
    reset_script();
    start_winsock(MAKEWORD(1, 1));
    SOCKET listener = listen_on_loopback(AF_INET, &address, &length);
    hook_socket = api_socket(AF_INET, SOCK_STREAM, 0);
    ok(api_WSASetBlockingHook((FARPROC)(void (*)(void))blocking_hook) == NULL, "WSASetBlockingHook");
    is(api_WSACancelBlockingCall(), SOCKET_ERROR, "WSACancelBlockingCall with nothing under way");
    is(WSAGetLastError(), WSAEINVAL, "WSAEINVAL");
    is(api_WSAIsBlocking(), FALSE, "WSAIsBlocking: no");
    is(api_connect(hook_socket, (struct sockaddr *)&address, length), 0, "connect, with the hook");
    is(hook_runs, 3, "the hook ran until it had nothing to do");
    is(hook_is_blocking, TRUE, "WSAIsBlocking in it: yes");
    is(hook_error, WSAEINPROGRESS, "another call in it: WSAEINPROGRESS");
    hook_cancels = true;
    SOCKET s = api_socket(AF_INET, SOCK_STREAM, 0);
    is(api_connect(s, (struct sockaddr *)&address, length), SOCKET_ERROR, "connect, cancelled in the hook");
    is(WSAGetLastError(), WSAEINTR, "WSAEINTR");
    is(hook_cancel_result, 0, "WSACancelBlockingCall succeeded");
    is(api_WSAUnhookBlockingHook(), 0, "WSAUnhookBlockingHook");
    hook_runs = 0;
    is(api_connect(s, (struct sockaddr *)&address, length), 0, "connect without the hook");
    is(hook_runs, 0, "which did not run");
    start_winsock(MAKEWORD(2, 2));
    ok(api_WSASetBlockingHook(NULL) == NULL && WSAGetLastError() == WSAEOPNOTSUPP,
       "in a process that has negotiated 2.2: WSAEOPNOTSUPP");
    api_closesocket(s);
    api_closesocket(hook_socket);
    api_closesocket(listener);
    api_WSACleanup();
    api_WSACleanup();
}

static void test_get_proc_address(void)
{
    HMODULE mswsock = LoadLibraryW(L"mswsock.dll");
    HMODULE kernel = GetModuleHandleW(L"kernel32.dll");
    ok(base_get_proc_address(mswsock, "WSPStartup") == (FARPROC)(void (*)(void))base_startup,
       "WSPStartup of a base entry's DLL is the base provider's");
    ok(base_get_proc_address(mswsock, "AcceptEx") == GetProcAddress(mswsock, "AcceptEx"),
       "its other exports are its own");
    ok(base_get_proc_address(kernel, "WSPStartup") == NULL, "another DLL's WSPStartup is not there");
    ok(base_get_proc_address(kernel, (const char *)1) == GetProcAddress(kernel, (const char *)1), "ordinals too");
    FreeLibrary(mswsock);
}

static void test_check_and_unload(void)
{
    struct wsplsp_error error;
    struct wsplsp_catalog *catalog = fakes_catalog();
    reset_script();
    ok(provider_check(catalog, &error) == WSPLSP_SYSTEM && strstr(error.message, "no such") != NULL,
       "provider_check names the layer that is missing");
    start_winsock(MAKEWORD(2, 2));
    SOCKET s = api_socket(FAMILY_DLL, SOCK_STREAM, 0);
    if (s == INVALID_SOCKET) {
        printf("ok %d # SKIP provider_at_once.dll is not beside this program\n", ++tests);
        api_WSACleanup();
        return;
    }
    ok(GetModuleHandleW(L"provider_at_once.dll") != NULL, "a layer's DLL is loaded with its first socket");
    api_WSACleanup();
    ok(GetModuleHandleW(L"provider_at_once.dll") == NULL, "and unloaded by the last WSACleanup");
}

/* Many threads open, use and close at once; the number of rounds is fixed. */
static volatile LONG wrong;

static DWORD WINAPI churn(void *context)
{
    (void)context;
    InterlockedIncrement(&arrived);
    for (int i = 1; i < 200; i++) {
        int type = 0;
        int size = sizeof(type);
        SOCKET s = api_socket(AF_INET, i % 2 ? SOCK_STREAM : SOCK_DGRAM, 0);
        if (s == INVALID_SOCKET || api_getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &size) != 0 ||
            type != (i % 2 ? SOCK_STREAM : SOCK_DGRAM) || api_closesocket(s) != 0)
            InterlockedIncrement(&wrong);
    }
    return 0;
}

static void test_threads(void)
{
    enum { THREADS = 16 };
    HANDLE threads[THREADS];
    reset_script();
    script.gather = THREADS;
    start_winsock(MAKEWORD(2, 2));
    for (int i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, churn, NULL, 0, NULL);
    WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE);
    for (int i = 0; i < THREADS; i++)
        CloseHandle(threads[i]);
    is(wrong, 0, "16 threads, 199 sockets each");
    is(script.startups, 1, "one WSPStartup for all");
    ok(!thread_calling(), "no call left behind");
    api_WSACleanup();
}

static DWORD WINAPI call_once(void *context)
{
    api_listen((SOCKET)context, 1);
    return 0;
}

/* How far up the values of new handles go: the lowest free ones are given first, so it grows with those that are open.
 * (Wine's GetProcessHandleCount always says 0.) */
static ULONG_PTR highest_handle(void)
{
    enum { HANDLES = 40 };
    HANDLE events[HANDLES];
    ULONG_PTR highest = 0;
    for (int i = 0; i < HANDLES; i++) {
        events[i] = CreateEventW(NULL, TRUE, FALSE, NULL);
        if ((ULONG_PTR)events[i] > highest)
            highest = (ULONG_PTR)events[i];
    }
    for (int i = 0; i < HANDLES; i++)
        CloseHandle(events[i]);
    return highest;
}

/* What the host keeps for a thread goes with it. */
static void test_thread_end(void)
{
    enum { THREADS = 200 };
    ULONG_PTR before = 0;
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    SOCKET s = api_socket(AF_INET, SOCK_DGRAM, 0);
    for (int i = 0; i <= THREADS; i++) {
        HANDLE thread = CreateThread(NULL, 0, call_once, (void *)s, 0, NULL);
        WaitForSingleObject(thread, INFINITE);
        CloseHandle(thread);
        if (i == 0)
            before = highest_handle();
    }
    ok(highest_handle() < before + 4 * THREADS / 10, "threads that end leave no handles behind");
    api_closesocket(s);
    api_WSACleanup();
}

/* Another process: this program again, with an inherited handle, or with a duplicate's WSAPROTOCOL_INFOW in a section.
 */
struct shared {
    SOCKET inherited;
    WSAPROTOCOL_INFOW info;
    int results[2]; /* zero, or the error */
};

static int child(HANDLE section)
{
    struct shared *shared = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    shared->results[0] = api_send(shared->inherited, "inherited", 9, 0) == 9 ? 0 : WSAGetLastError();
    SOCKET s = api_WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &shared->info, 0,
                              WSA_FLAG_OVERLAPPED);
    shared->results[1] = s != INVALID_SOCKET && api_send(s, "duplicate", 9, 0) == 9 ? 0 : WSAGetLastError();
    api_closesocket(s);
    api_WSACleanup();
    return 0;
}

static bool receive_all(SOCKET s, char *data, int size)
{
    for (int got = 0, now; got < size; got += now)
        if ((now = api_recv(s, data + got, size - got, 0)) <= 0)
            return false;
    return true;
}

static void test_other_process(void)
{
    SECURITY_ATTRIBUTES inherit = {sizeof(inherit), NULL, TRUE};
    STARTUPINFOW startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION process;
    wchar_t path[MAX_PATH];
    wchar_t line[MAX_PATH + 64];
    SOCKADDR_STORAGE address;
    char data[18];
    int length;
    reset_script();
    start_winsock(MAKEWORD(2, 2));
    HANDLE section = CreateFileMappingW(INVALID_HANDLE_VALUE, &inherit, PAGE_READWRITE, 0, sizeof(struct shared), NULL);
    struct shared *shared = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    SOCKET listener = listen_on_loopback(AF_INET, &address, &length);
    SOCKET client = api_socket(AF_INET, SOCK_STREAM, 0);
    api_connect(client, (struct sockaddr *)&address, length);
    SOCKET server = api_accept(listener, NULL, NULL);
    SetHandleInformation((HANDLE)client, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    shared->inherited = client;
    GetModuleFileNameW(NULL, path, MAX_PATH);
    _snwprintf(line, MAX_PATH + 64, L"\"%ls\" child %u", path, (unsigned)(ULONG_PTR)section);
    if (!CreateProcessW(path, line, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &startup, &process)) {
        ok(false, "a child process starts");
        return;
    }
    is(api_WSADuplicateSocketW(client, process.dwProcessId, &shared->info), 0, "WSADuplicateSocket to another process");
    ResumeThread(process.hThread);
    WaitForSingleObject(process.hProcess, INFINITE);
    is(shared->results[0], 0, "the child sends on the socket that it inherited");
    is(shared->results[1], 0, "and on the one duplicated into it");
    api_shutdown(client, SD_SEND); /* so that what is missing does not hang */
    ok(receive_all(server, data, 18) && memcmp(data, "inheritedduplicate", 18) == 0, "both arrive");
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    api_closesocket(server);
    api_closesocket(client);
    api_closesocket(listener);
    UnmapViewOfFile(shared);
    CloseHandle(section);
    api_WSACleanup();
}

int main(int argc, char **argv)
{
    struct wsplsp_error error;
    if (real_load(&error) != WSPLSP_OK || !thread_initialize()) {
        printf("Bail out! no Winsock\n");
        return 1;
    }
    make_catalog();
    if (argc == 3 && strcmp(argv[1], "child") == 0)
        return child((HANDLE)(ULONG_PTR)strtoul(argv[2], NULL, 10));
    test_not_started();
    test_startup_versions();
    test_counting();
    test_start_failures();
    test_choice();
    test_unlisted();
    test_each_function();
    test_no_socket();
    test_arguments();
    test_select();
    test_select_past_layers();
    test_select_many();
    test_poll();
    test_poll_layer();
    test_send_msg();
    test_base_extensions();
    test_base_handles();
    test_accept_ex();
    test_conversation();
    test_unregistered();
    test_hidden_id();
    test_id_starts_its_provider();
    test_id_of_what_cannot_start();
    test_two_that_start_each_other();
    test_value_used_again();
    test_adoption();
    test_addresses();
    test_enum();
    test_connect_by();
    test_blocking();
    test_get_proc_address();
    test_check_and_unload();
    test_threads();
    test_thread_end();
    test_other_process();
    printf("1..%d\n", tests);
    return failures != 0;
}
