/* What record_layer.dll, a layered service provider for tests, notes of each call, and what a test tells it to do. The
 * notes lie in the program's memory where the program exports `record_find`, so that they outlive the DLL; a program
 * without it is only passed through. */
#ifndef WSPLSP_TESTS_RECORD_H
#define WSPLSP_TESTS_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "lsp-core/win/winsock.h"

/* The members of WSPPROC_TABLE, in its order. */
/* clang-format off */
#define RECORD_FUNCTIONS(X) \
    X(Accept) X(AddressToString) X(AsyncSelect) X(Bind) X(CancelBlockingCall) X(Cleanup) X(CloseSocket) X(Connect) \
    X(DuplicateSocket) X(EnumNetworkEvents) X(EventSelect) X(GetOverlappedResult) X(GetPeerName) X(GetSockName) \
    X(GetSockOpt) X(GetQOSByName) X(Ioctl) X(JoinLeaf) X(Listen) X(Recv) X(RecvDisconnect) X(RecvFrom) X(Select) \
    X(Send) X(SendDisconnect) X(SendTo) X(SetSockOpt) X(Shutdown) X(Socket) X(StringToAddress)
/* clang-format on */

enum record_function {
#define RECORD_NUMBER(name) RECORD_##name,
    RECORD_FUNCTIONS(RECORD_NUMBER)
#undef RECORD_NUMBER
        RECORD_COUNT
};

struct record_call {
    uintptr_t arguments[11]; /* as they came, in their order, without lpErrno */
    WSATHREADID thread;      /* what lpThreadId pointed at */
    WSABUF buffer;           /* the first of lpBuffers */
    DWORD flags;             /* what lpFlags pointed at */
    SOCKADDR_STORAGE name;   /* what the address argument pointed at */
    wchar_t text[80];        /* what the string argument pointed at */
    WSAPROTOCOL_INFOW info;  /* what lpProtocolInfo pointed at */
    intptr_t result;
    INT error; /* *lpErrno, where the result is a failure */
};

/* What a hook sees of the layer that it is inside of. */
struct record_inside {
    const WSPUPCALLTABLE *up;
    LPWPUCOMPLETEOVERLAPPEDREQUEST complete; /* the layer's own import */
    DWORD chain_id, layer_id;                /* of the chain's entry, and of the layer's own */
    SOCKET s;
};
typedef void (*record_hook)(const struct record_inside *inside, void *context);

struct record {
    SRWLOCK lock;
    struct {
        LONG calls;
        struct record_call last;
        LONG fail_at; /* this call, counted from 1, fails with the error; 0: none does */
        INT fail_error;
        record_hook hook; /* runs before each call goes on */
        void *context;
    } functions[RECORD_COUNT];
    LONG startups, startups_failed; /* of WSPStartup */
    WORD startup_version;           /* what it was asked for */
    WSAPROTOCOL_INFOW startup_info;
    int startup_error;   /* what it is to return; 0: succeed */
    WORD version;        /* what it is to answer; 0: 2.2 */
    int missing;         /* which member of its proc table is to be NULL, counted from 1; 0: none */
    bool own_id;         /* its sockets are registered with its own entry's id */
    bool own_call;       /* its next function asks ws2_32 for the socket's name */
    INT own_call_result; /* what that said */
};

/* The notes for a DLL of that name (without folder). */
typedef struct record *(*record_find_function)(const wchar_t *dll);
#define RECORD_FIND "record_find"

#endif
