/* A provider that records; see recorder.h. */
#include "recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "winsock_part.h"

struct recorder recorder;
WSPPROC_TABLE foreign_next;
WSAPROTOCOL_INFOW foreign_info;
bool foreign_delayed;

const struct recorded_function recorded[FUNCTIONS] = {
    {"Accept", "sppppe", 's'},        {"AddressToString", "pinppe", 'i'},
    {"AsyncSelect", "spiie", 'i'},    {"Bind", "spie", 'i'},
    {"CancelBlockingCall", "e", 'i'}, {"Cleanup", "e", 'i'},
    {"CloseSocket", "se", 'i'},       {"Connect", "spippppe", 'i'},
    {"DuplicateSocket", "sine", 'i'}, {"EnumNetworkEvents", "sppe", 'i'},
    {"EventSelect", "spie", 'i'},     {"GetOverlappedResult", "sppipe", 'b'},
    {"GetPeerName", "sppe", 'i'},     {"GetSockName", "sppe", 'i'},
    {"GetSockOpt", "siippe", 'i'},    {"GetQOSByName", "sppe", 'b'},
    {"Ioctl", "sipipippppe", 'i'},    {"JoinLeaf", "spippppie", 's'},
    {"Listen", "sie", 'i'},           {"Recv", "spipppppe", 'i'},
    {"RecvDisconnect", "spe", 'i'},   {"RecvFrom", "spipppppppe", 'i'},
    {"Select", "ippppe", 'i'},        {"Send", "spipipppe", 'i'},
    {"SendDisconnect", "spe", 'i'},   {"SendTo", "spipipipppe", 'i'},
    {"SetSockOpt", "siipie", 'i'},    {"Shutdown", "sie", 'i'},
    {"Socket", "iiiniie", 's'},       {"StringToAddress", "pinppe", 'i'},
};

enum {
    ACCEPT = 0,
    CLEANUP = 5,
    CLOSE_SOCKET = 6,
    DUPLICATE_SOCKET = 8,
    IOCTL = 16,
    SOCKET_ = 28,
};

uintptr_t recorded_failure(int function)
{
    if (recorded[function].result == 'b')
        return FALSE;
    return recorded[function].result == 's' ? INVALID_SOCKET : (uintptr_t)(unsigned)SOCKET_ERROR;
}

void recorder_reset(void)
{
    memset(&recorder, 0, sizeof(recorder));
    foreign_delayed = false;
}

static uintptr_t new_handle(void)
{
    return (uintptr_t)InterlockedAdd(&recorder.last_handle, 4);
}

static void duplicate(const uintptr_t *argument)
{
    WSAPROTOCOL_INFOW *info = (WSAPROTOCOL_INFOW *)argument[2];
    *info = *part_entry(BASE);
    info->dwProviderReserved = recorder.put_reserved;
}

static bool answer_extension(const uintptr_t *argument)
{
    void *function;
    if (recorder.extension == NULL || (DWORD)argument[1] != SIO_GET_EXTENSION_FUNCTION_POINTER)
        return false;
    function = recorder.extension((SOCKET)argument[0], (const GUID *)argument[2]);
    memcpy((void *)argument[4], &function, sizeof(function));
    *(DWORD *)argument[6] = sizeof(function);
    return true;
}

static void remember(int function, const uintptr_t *argument)
{
    const char *info = strchr(recorded[function].parameters, 'n');
    recorder.function = function;
    memcpy(recorder.argument, argument, sizeof(recorder.argument));
    if (info != NULL && argument[info - recorded[function].parameters] != 0)
        recorder.info = *(WSAPROTOCOL_INFOW *)argument[info - recorded[function].parameters];
}

/* What all functions do. */
static uintptr_t called(int function, const uintptr_t *argument)
{
    if (function == CLEANUP) {
        InterlockedIncrement(&recorder.cleanups);
        if (recorder.cleaning != NULL)
            recorder.cleaning();
        return 0;
    }
    InterlockedIncrement(&recorder.calls);
    remember(function, argument);
    if (function == CLOSE_SOCKET && !recorder.fail) {
        InterlockedIncrement(&recorder.closes);
        recorder.closed = argument[0];
        if (recorder.closing != NULL)
            recorder.closing();
    }
    if (function == ACCEPT && recorder.inside != NULL)
        recorder.inside();
    if (recorder.last_error != 0)
        SetLastError(recorder.last_error);
    if (recorder.fail) {
        *(INT *)argument[strlen(recorded[function].parameters) - 1] = recorder.error;
        return recorded_failure(function);
    }
    if (function == DUPLICATE_SOCKET && recorder.put_reserved != 0)
        duplicate(argument);
    if (function == IOCTL && answer_extension(argument))
        return 0;
    if (function == IOCTL && recorder.command != NULL) {
        INT *error = (INT *)argument[10], failure = recorder.command(argument);
        *error = failure != 0 ? failure : *error;
        return failure != 0 ? recorded_failure(IOCTL) : 0;
    }
    if ((function == SOCKET_ || function == ACCEPT) && recorder.own_handles)
        return new_handle();
    return recorder.result;
}

/* The functions themselves: by number, with as many parameters as they have, which on x86 the callee takes off. */
#define P(n) uintptr_t a##n
#define P1   P(0)
#define P2   P1, P(1)
#define P3   P2, P(2)
#define P4   P3, P(3)
#define P5   P4, P(4)
#define P6   P5, P(5)
#define P8   P6, P(6), P(7)
#define P7   P6, P(6)
#define P9   P8, P(8)
#define P11  P9, P(9), P(10)
#define A1   a0
#define A2   A1, a1
#define A3   A2, a2
#define A4   A3, a3
#define A5   A4, a4
#define A6   A5, a5
#define A7   A6, a6
#define A8   A7, a7
#define A9   A8, a8
#define A11  A9, a9, a10
#define FUNCTION(index, count)                            \
    static uintptr_t WSPAPI function_##index(P##count)    \
    {                                                     \
        const uintptr_t argument[ARGUMENTS] = {A##count}; \
        return called(index, argument);                   \
    }
FUNCTION(0, 6)
FUNCTION(1, 6)
FUNCTION(2, 5)
FUNCTION(3, 4)
FUNCTION(4, 1)
FUNCTION(5, 1)
FUNCTION(6, 2)
FUNCTION(7, 8)
FUNCTION(8, 4)
FUNCTION(9, 4)
FUNCTION(10, 4)
FUNCTION(11, 6)
FUNCTION(12, 4)
FUNCTION(13, 4)
FUNCTION(14, 6)
FUNCTION(15, 4)
FUNCTION(16, 11)
FUNCTION(17, 9)
FUNCTION(18, 3)
FUNCTION(19, 9)
FUNCTION(20, 3)
FUNCTION(21, 11)
FUNCTION(22, 6)
FUNCTION(23, 9)
FUNCTION(24, 3)
FUNCTION(25, 11)
FUNCTION(26, 6)
FUNCTION(27, 3)
FUNCTION(28, 7)
FUNCTION(29, 6)

static void *const functions[FUNCTIONS] = {
    (void *)function_0,  (void *)function_1,  (void *)function_2,  (void *)function_3,  (void *)function_4,
    (void *)function_5,  (void *)function_6,  (void *)function_7,  (void *)function_8,  (void *)function_9,
    (void *)function_10, (void *)function_11, (void *)function_12, (void *)function_13, (void *)function_14,
    (void *)function_15, (void *)function_16, (void *)function_17, (void *)function_18, (void *)function_19,
    (void *)function_20, (void *)function_21, (void *)function_22, (void *)function_23, (void *)function_24,
    (void *)function_25, (void *)function_26, (void *)function_27, (void *)function_28, (void *)function_29,
};

uintptr_t recorder_call(const void *function, int count, const uintptr_t *a)
{
    switch (count) {
    case 1:
        return ((uintptr_t(WSPAPI *)(P1))function)(a[0]);
    case 2:
        return ((uintptr_t(WSPAPI *)(P2))function)(a[0], a[1]);
    case 3:
        return ((uintptr_t(WSPAPI *)(P3))function)(a[0], a[1], a[2]);
    case 4:
        return ((uintptr_t(WSPAPI *)(P4))function)(a[0], a[1], a[2], a[3]);
    case 5:
        return ((uintptr_t(WSPAPI *)(P5))function)(a[0], a[1], a[2], a[3], a[4]);
    case 6:
        return ((uintptr_t(WSPAPI *)(P6))function)(a[0], a[1], a[2], a[3], a[4], a[5]);
    case 7:
        return ((uintptr_t(WSPAPI *)(P7))function)(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
    case 8:
        return ((uintptr_t(WSPAPI *)(P8))function)(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
    case 9:
        return ((uintptr_t(WSPAPI *)(P9))function)(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8]);
    default:
        return ((uintptr_t(WSPAPI *)(P11))function)(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10]);
    }
}

void *recorder_proc(const WSPPROC_TABLE *procs, int function)
{
    void *all[FUNCTIONS];
    memcpy(all, procs, sizeof(all));
    return all[function];
}

/* --- the foreign layer: what comes next is the layer under test, or the recorder as base --- */

static DWORD foreign_start(WSAPROTOCOL_INFOW *info)
{
    WSPDATA data;
    int at = 0;
    while (info->ProtocolChain.ChainEntries[at] != FOREIGN)
        at++;
    WSAPROTOCOL_INFOW *next = part_entry(info->ProtocolChain.ChainEntries[at + 1]);
    bool base = next->ProtocolChain.ChainLen == 1;
    LPWSPSTARTUP startup = base ? WSPStartup : part.startup;
    WSAPROTOCOL_INFOW copy = base ? *next : *info;
    return (DWORD)startup(MAKEWORD(2, 2), &data, &copy, part.upcalls, &foreign_next);
}

/* Substitutes the base's entry as a layer has to. */
static SOCKET WSPAPI foreign_socket(int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group,
                                    DWORD flags, INT *error)
{
    WSAPROTOCOL_INFOW base;
    foreign_info = *info;
    if (foreign_delayed && foreign_next.lpWSPSocket == NULL && foreign_start(info) != 0) {
        *error = WSAEPROVIDERFAILEDINIT;
        return INVALID_SOCKET;
    }
    if (info->ProtocolChain.ChainEntries[info->ProtocolChain.ChainLen - 2] == FOREIGN) {
        base = *part_entry(info->ProtocolChain.ChainEntries[info->ProtocolChain.ChainLen - 1]);
        info = &base;
    }
    return foreign_next.lpWSPSocket(family, type, protocol, info, group, flags, error);
}

static int WSPAPI foreign_close(SOCKET s, INT *error)
{
    return foreign_next.lpWSPCloseSocket(s, error);
}

static int WSPAPI foreign_listen(SOCKET s, int backlog, INT *error)
{
    return foreign_next.lpWSPListen(s, backlog, error);
}

static int WSPAPI foreign_cleanup(INT *error)
{
    int result = foreign_next.lpWSPCleanup == NULL ? 0 : foreign_next.lpWSPCleanup(error);
    memset(&foreign_next, 0, sizeof(foreign_next));
    return result;
}

static int start_foreign(WSPDATA *data, WSAPROTOCOL_INFOW *info, WSPPROC_TABLE *procs)
{
    if (!foreign_delayed && foreign_start(info) != 0)
        return WSASYSNOTREADY;
    memcpy(procs, functions, sizeof(*procs));
    procs->lpWSPSocket = foreign_socket;
    procs->lpWSPCloseSocket = foreign_close;
    procs->lpWSPListen = foreign_listen;
    procs->lpWSPCleanup = foreign_cleanup;
    data->wVersion = data->wHighVersion = MAKEWORD(2, 2);
    return 0;
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD requested, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE procs)
{
    void *all[FUNCTIONS];
    if (info->ProtocolChain.ChainLen > 1)
        return start_foreign(data, info, procs);
    recorder.requested = requested;
    recorder.info = *info;
    recorder.upcalls = upcalls;
    if (recorder.fault == STARTUP_FAILS)
        return recorder.startup_error;
    InterlockedIncrement(&recorder.startups);
    if (recorder.starting != NULL)
        recorder.starting();
    memcpy(all, functions, sizeof(all));
    if (recorder.fault == STARTUP_HOLE)
        all[recorder.hole] = NULL;
    memcpy(procs, all, sizeof(all));
    data->wVersion = recorder.fault == STARTUP_LOW ? MAKEWORD(1, 1) : MAKEWORD(2, 2);
    data->wHighVersion = MAKEWORD(2, 2);
    return 0;
}
