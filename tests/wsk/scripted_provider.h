/* A WSK provider that does what a script says, over the kernel stand-in. */
#ifndef WSPLSP_TESTS_SCRIPTED_PROVIDER_H
#define WSPLSP_TESTS_SCRIPTED_PROVIDER_H

#include "lsp-core/wsk/nt.h"

enum script_call {
    SCRIPT_SOCKET,
    SCRIPT_BIND,
    SCRIPT_CONNECT,
    SCRIPT_CLOSE,
    SCRIPT_CALLS,
};

enum script_way {
    SCRIPT_AT_ONCE,      /* success before the function returns */
    SCRIPT_LATER,        /* success when script_complete is called */
    SCRIPT_FAIL_AT_ONCE, /* script_failure likewise */
    SCRIPT_FAIL_LATER,
    SCRIPT_WAYS,
};

struct script {
    enum script_way way[SCRIPT_CALLS];
    BOOLEAN obeys_cancel; /* its IRPs have a cancel routine; else only closing the socket ends them */
    int hook_at;          /* call `hook` inside this call, before anything else; -1: nowhere */
    void (*hook)(void *context);
    void *hook_context;

    /* What happened. */
    int calls[SCRIPT_CALLS];
    int open_sockets;
    PIRP waiting[SCRIPT_CALLS]; /* IRPs that script_complete can complete */
    struct {                    /* what came with WskSocket */
        PWSK_CLIENT client;
        ADDRESS_FAMILY family;
        USHORT socket_type;
        ULONG protocol;
        ULONG flags;
        PVOID context;
        const VOID *dispatch;
        PEPROCESS process;
        PETHREAD thread;
        PSECURITY_DESCRIPTOR descriptor;
    } socket;
    SOCKADDR_STORAGE local; /* with WskBind, WskConnect */
    SOCKADDR_STORAGE remote;
};

/* The status a failing call has. */
NTSTATUS script_failure(enum script_call call);

/* The provider's table; `script` is what its functions follow from now on. */
const WSK_PROVIDER_DISPATCH *script_use(struct script *script);

/* Completes the IRP of a call that waits, as the script says; FALSE if none waits. Thread-safe against cancelling. */
BOOLEAN script_complete(enum script_call call);

/* The one socket there can be. */
PWSK_SOCKET script_socket(void);

#endif
