/* The filter and operations that complete; see lsp-core/layer/filter/calls.h. */
#include "lsp-core/layer/filter/filter.h"

#include <string.h>

#include "lsp-core/layer/filter/calls.h"
#include "lsp-core/layer/filter/data.h"
#include "operation.h"

static void show_received(struct operation *operation, const WSABUF *buffers, DWORD count)
{
    struct filter_received received = {.chain = operation->chain,
                                       .handle = operation->handle,
                                       .buffers = buffers,
                                       .count = count,
                                       .bytes = operation->bytes,
                                       .peeked = operation->peeked,
                                       .overlapped = true};
    if (operation->from != NULL && operation->from_length != NULL) {
        received.from = operation->from;
        received.from_length = *operation->from_length;
    }
    int refused = filter_receive(&received);
    if (refused != 0)
        operation->error = refused;
    operation->bytes = refused != 0 ? 0 : received.bytes;
}

/* Only the provider knows where in the buffer it has put the addresses. */
static void read_peer(const struct operation *operation, struct wsplsp_filter_address *peer)
{
    GUID id = WSAID_GETACCEPTEXSOCKADDRS;
    LPFN_GETACCEPTEXSOCKADDRS get = NULL;
    DWORD returned;
    INT error, local_length, remote_length = 0;
    struct sockaddr *local, *remote = NULL;
    WSATHREADID thread = {NULL, 0};
    *peer = (struct wsplsp_filter_address){0};
    if (operation->chain->next.lpWSPIoctl(operation->next, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id), &get,
                                          sizeof(get), &returned, NULL, NULL, &thread, &error) != 0)
        return;
    get(operation->buffers[0].buf, operation->buffers[0].len, operation->address_length[0],
        operation->address_length[1], &local, &local_length, &remote, &remote_length);
    if (remote != NULL && remote_length > 0 && remote_length <= (INT)sizeof(peer->address)) {
        peer->length = remote_length;
        memcpy(&peer->address, remote, (size_t)remote_length);
    }
}

/* The program's socket is still its own, but not the connection: "shutdown" needs to know of that first (AcceptEx). */
static void cut_off(const struct operation *operation)
{
    INT ignored;
    SOCKET accepted = atomic_load(&operation->accepted->next);
    const WSPPROC_TABLE *next = &operation->chain->next;
    next->lpWSPSetSockOpt(accepted, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (const char *)&operation->next,
                          sizeof(operation->next), &ignored);
    next->lpWSPShutdown(accepted, SD_BOTH, &ignored);
}

static void show_accepted(struct operation *operation)
{
    struct wsplsp_filter_address peer;
    int refused = 0;
    if (filter.accept != NULL) {
        read_peer(operation, &peer);
        refused = filter_ask_accept(operation->handle, atomic_load(&operation->accepted->handle), &peer);
    }
    if (refused != 0) {
        cut_off(operation);
        operation->error = refused;
        operation->bytes = 0;
    } else if (operation->bytes > 0) {
        SOCKET listening = operation->handle;
        operation->handle = atomic_load(&operation->accepted->handle);
        show_received(operation, operation->buffers, 1);
        operation->handle = listening;
    }
}

void filter_complete(struct operation *operation)
{
    bool received = operation->error == 0 || operation->error == WSAEMSGSIZE;
    switch (operation->function) {
    case WSPLSP_TRACE_RECV:
    case WSPLSP_TRACE_RECV_FROM:
    case WSPLSP_TRACE_RECV_MSG:
        if (received)
            show_received(operation, operation->buffers, operation->buffer_count);
        break;
    case WSPLSP_TRACE_ACCEPT_EX:
        if (operation->error == 0)
            show_accepted(operation);
        break;
    default:
        if (operation->copy != NULL && operation->error == 0 && operation->bytes == operation->copy->length)
            operation->bytes = operation->copy->given;
        break;
    }
}
