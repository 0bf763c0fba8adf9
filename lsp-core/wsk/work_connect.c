/* WSPLSP_WSK_CONNECT: connects and closes, again and again. */
#include "connection.h"
#include "work.h"

NTSTATUS work_connect(struct work *work)
{
    struct wsplsp_wsk_connect request;
    RtlCopyMemory(&request, work->buffer, sizeof request);
    struct wsplsp_wsk_connected *answer = work->buffer;
    struct connection_target target = {
        .local = &request.local,
        .remote = &request.remote,
        .socket_type = request.socket_type,
        .protocol = request.protocol,
        .flags = request.flags,
        .implementation = request.implementation,
    };
    for (ULONG i = 0; i < request.count; i++) {
        struct limit limit = {clock_deadline(request.timeout_ms), work->cancel};
        struct connection connection;
        connection_open(&connection, &target, &limit, &answer->attempts[i]);
        connection_close(&connection);
        if (KeReadStateEvent(work->cancel) != 0)
            return STATUS_CANCELLED;
    }
    work->answer_size = sizeof *answer + request.count * sizeof answer->attempts[0];
    answer->header.version = WSPLSP_WSK_VERSION;
    answer->header.size = (ULONG)work->answer_size;
    answer->count = request.count;
    answer->reserved = 0;
    return STATUS_SUCCESS;
}
