/* One connection from the first step to the last, with the time of each. IRQL PASSIVE_LEVEL; one thread at a time. */
#ifndef WSPLSP_CORE_WSK_CONNECTION_H
#define WSPLSP_CORE_WSK_CONNECTION_H

#include "operation.h"
#include "wsplsp/wsk_device.h"

struct connection_target {
    const struct wsplsp_wsk_address *local;
    const struct wsplsp_wsk_address *remote;
    USHORT socket_type;
    ULONG protocol;
    ULONG flags;
    ULONG implementation; /* enum wsplsp_wsk_implementation */
};

struct connection {
    const struct limit *limit;
    struct wsplsp_wsk_attempt *attempt; /* what happens is noted here */
    PWSK_SOCKET socket;                 /* NULL: not connected */
    struct operation operation;
    struct operation closing;
    PIO_WORKITEM close_item;
    LONGLONG begun;
};

/* Before the first one: whose work items close sockets. */
void connection_use(PDEVICE_OBJECT device);

/* Connects. Every open, failed ones too, needs a connection_close. The status is the attempt's. */
NTSTATUS connection_open(struct connection *connection, const struct connection_target *target,
                         const struct limit *limit, struct wsplsp_wsk_attempt *attempt);

/* Sends all of `size` bytes, or receives up to `size`; *done is how many. The memory is non-paged. */
NTSTATUS connection_send(struct connection *connection, void *data, ULONG size, ULONG *done);
NTSTATUS connection_receive(struct connection *connection, void *data, ULONG size, ULONG *done);

/* Ends the connection gracefully; where the provider cannot (Wine 8), closing it does what there is to do. */
NTSTATUS connection_disconnect(struct connection *connection);

/* Closes the socket, if there is one, which completes whatever is outstanding, and frees everything. */
void connection_close(struct connection *connection);

/* Connections tried so far, and what the latest one used. */
ULONGLONG connection_count(void);
enum wsplsp_wsk_implementation connection_latest(void);

#endif
