/* A provider that records: each function keeps what it was called with, and returns what it has been told to. The test
 * program exports its WSPStartup, and the catalog names the program's own file. Where the WSAPROTOCOL_INFO is a chain
 * with FOREIGN in it, it is a layer: it starts what comes next in that chain, and hands its functions on. */
#ifndef WSPLSP_TESTS_LAYER_RECORDER_H
#define WSPLSP_TESTS_LAYER_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "lsp-core/layer/chain/winsock_spi.h"

enum { FUNCTIONS = sizeof(WSPPROC_TABLE) / sizeof(void *), ARGUMENTS = 11 };

/* The 30 functions in the table's order, as ws2spi.h declares them. Parameters: s a socket, p what has a pointer's
 * size, i what has 32 bits, n the WSAPROTOCOL_INFO, e lpErrno. Result: i an int, b a BOOL, s a SOCKET. */
struct recorded_function {
    const char *name;
    const char *parameters;
    char result;
};
extern const struct recorded_function recorded[FUNCTIONS];

/* The value that means failure. */
uintptr_t recorded_failure(int function);

enum startup_fault {
    STARTUP_WORKS,
    STARTUP_FAILS, /* with `startup_error` */
    STARTUP_LOW,   /* offers 1.1 */
    STARTUP_HOLE,  /* no function at `hole` */
};

struct recorder {
    volatile LONG calls; /* of any function but WSPStartup and WSPCleanup */
    volatile LONG startups, cleanups;
    int function; /* the last call's */
    uintptr_t argument[ARGUMENTS];
    WSAPROTOCOL_INFOW info; /* what it was given, by WSPStartup or a function */
    bool fail;
    INT error;
    uintptr_t result; /* of a success */
    DWORD last_error; /* set by each call, unless 0 */
    SOCKET closed;    /* by the last WSPCloseSocket */
    volatile LONG closes;
    enum startup_fault fault;
    int startup_error, hole;
    WORD requested;
    WSPUPCALLTABLE upcalls;
    bool own_handles; /* WSPSocket and WSPAccept make a new handle each */
    volatile LONG last_handle;
    DWORD put_reserved; /* WSPDuplicateSocket writes it to dwProviderReserved, and the base's id */
    void *(*extension)(SOCKET s, const GUID *id); /* answers SIO_GET_EXTENSION_FUNCTION_POINTER; NULL: as any code */
    INT (*command)(const uintptr_t *argument);    /* answers WSPIoctl's other codes: zero or the error; may be NULL */
    void (*inside)(void);                         /* called from within WSPAccept */
    void (*starting)(void);                       /* and from within WSPStartup, WSPCleanup and WSPCloseSocket */
    void (*cleaning)(void);
    void (*closing)(void);
};

extern struct recorder recorder;

/* The layer above, for tests that have FOREIGN in the chain: the procedures that it was given by what comes next. */
extern WSPPROC_TABLE foreign_next;
extern WSAPROTOCOL_INFOW foreign_info;
/* FOREIGN starts what comes next only when a socket is made. */
extern bool foreign_delayed;

void recorder_reset(void);

/* Calls a function of a procedure table by its index, with `count` arguments of a pointer's size each. */
uintptr_t recorder_call(const void *function, int count, const uintptr_t *argument);
void *recorder_proc(const WSPPROC_TABLE *procs, int function);

#endif
