/* WskSocketConnect for providers that lack it, of WskSocket, WskBind and WskConnect. Asynchronous: nothing waits,
 * nothing needs paged memory, so that it can be called at IRQL <= DISPATCH_LEVEL as the reference says of the real one.
 */
#ifndef WSPLSP_CORE_WSK_SOCKET_CONNECT_H
#define WSPLSP_CORE_WSK_SOCKET_CONNECT_H

#include "nt.h"

/* The steps, as in enum wsplsp_wsk_step. */
enum socket_connect_step {
    SOCKET_CONNECT_SOCKET,
    SOCKET_CONNECT_BIND,
    SOCKET_CONNECT_CONNECT,
    SOCKET_CONNECT_STEPS,
};

/* What happened when, by KeQueryPerformanceCounter. */
struct socket_connect_times {
    LONGLONG begun[SOCKET_CONNECT_STEPS]; /* 0: not begun */
    LONGLONG ended[SOCKET_CONNECT_STEPS]; /* 0: not ended */
    ULONG failed_step;                    /* SOCKET_CONNECT_STEPS: none failed */
};

/* WskSocketConnect's parameters but the client and the IRP. */
struct socket_connect_request {
    USHORT socket_type;
    ULONG protocol;
    PSOCKADDR local_address; /* the addresses are copied */
    PSOCKADDR remote_address;
    ULONG flags;
    PVOID socket_context;
    const WSK_CLIENT_CONNECTION_DISPATCH *dispatch;
    PEPROCESS owning_process;
    PETHREAD owning_thread;
    PSECURITY_DESCRIPTOR security_descriptor;
};

/* Before the first connect: the provider, whose client the callers name (a driver has one registration, and so one
 * provider), which must stay captured while any connect is under way; whether it implements WskSocketConnect; and the
 * driver's device, which work items belong to. */
void socket_connect_use(const WSK_PROVIDER_NPI *npi, BOOLEAN implemented, PDEVICE_OBJECT device);

/* WskSocketConnect: the provider's, which gets these very arguments, or else PFN_WSK_SOCKET_CONNECT to the letter:
 * STATUS_PENDING, or the status that the IRP has been completed with; the socket
 * in its IoStatus.Information; no event callback enabled; on any failure no socket is left, and the IRP completes after
 * that. Cancelling the IRP cancels the step in flight; it completes with STATUS_CANCELLED, once. */
NTSTATUS WSKAPI socket_connect(PWSK_CLIENT client, USHORT socket_type, ULONG protocol, PSOCKADDR local_address,
                               PSOCKADDR remote_address, ULONG flags, PVOID socket_context,
                               const WSK_CLIENT_CONNECTION_DISPATCH *dispatch, PEPROCESS owning_process,
                               PETHREAD owning_thread, PSECURITY_DESCRIPTOR security_descriptor, PIRP irp);

/* The driver's own in any case, noting the time of each step in `times` (may be NULL), which has to stay until the
 * IRP is complete. */
NTSTATUS socket_connect_timed(PWSK_CLIENT client, const struct socket_connect_request *request,
                              struct socket_connect_times *times, PIRP irp);

#endif
