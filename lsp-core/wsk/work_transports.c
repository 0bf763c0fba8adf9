/* WSPLSP_WSK_TRANSPORTS: the provider's list (WSK_TRANSPORT_LIST_QUERY), or what sockets it makes. */
#include "operation.h"
#include "provider.h"
#include "resources.h"
#include "work.h"

#define SOCKET_TIMEOUT 5000

/* "WSK Address Families" names the combinations of TCP and UDP; raw sockets are of the protocol one asks for. */
struct candidate {
    USHORT family;
    USHORT socket_type;
    ULONG protocol;
    ULONG category;
};

static const struct candidate candidates[] = {
    {AF_INET, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_CONNECTION_SOCKET},
    {AF_INET, SOCK_DGRAM, IPPROTO_UDP, WSK_FLAG_DATAGRAM_SOCKET},
    {AF_INET, SOCK_RAW, IPPROTO_ICMP, WSK_FLAG_DATAGRAM_SOCKET},
    {AF_INET6, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_CONNECTION_SOCKET},
    {AF_INET6, SOCK_DGRAM, IPPROTO_UDP, WSK_FLAG_DATAGRAM_SOCKET},
    {AF_INET6, SOCK_RAW, IPPROTO_ICMPV6, WSK_FLAG_DATAGRAM_SOCKET},
};

struct answer_writer {
    struct wsplsp_wsk_transports *answer;
    ULONG room; /* transports that fit */
};

static void add(struct answer_writer *writer, const struct wsplsp_wsk_transport *transport)
{
    struct wsplsp_wsk_transports *answer = writer->answer;
    answer->total++;
    if (answer->count < writer->room)
        answer->transports[answer->count++] = *transport;
}

static NTSTATUS close_tried(PWSK_SOCKET socket, struct operation *closing)
{
    const WSK_PROVIDER_BASIC_DISPATCH *functions = socket->Dispatch;
    functions->WskCloseSocket(socket, closing->irp);
    NTSTATUS status = operation_wait_for_end(closing);
    resources_count_socket(-1);
    return status;
}

static NTSTATUS try_socket(const struct candidate *candidate, PKEVENT cancel)
{
    struct operation opening = {0}, closing = {0};
    NTSTATUS status = operation_prepare(&closing);
    if (NT_SUCCESS(status))
        status = operation_prepare(&opening);
    if (NT_SUCCESS(status)) {
        const WSK_PROVIDER_NPI *npi = provider_npi();
        struct limit limit = {clock_deadline(SOCKET_TIMEOUT), cancel};
        status = operation_wait(&opening,
                                npi->Dispatch->WskSocket(npi->Client, candidate->family, candidate->socket_type,
                                                         candidate->protocol, candidate->category, NULL, NULL, NULL,
                                                         NULL, NULL, opening.irp),
                                &limit);
        if (opening.outstanding) {
            IoCancelIrp(opening.irp);
            status = operation_wait_for_end(&opening);
        }
        if (NT_SUCCESS(status)) {
            resources_count_socket(1);
            close_tried((PWSK_SOCKET)opening.irp->IoStatus.Information, &closing);
        }
    }
    operation_release(&opening);
    operation_release(&closing);
    return status;
}

static void try_all(struct answer_writer *writer, PKEVENT cancel)
{
    writer->answer->source = WSPLSP_WSK_TRIED;
    for (ULONG i = 0; i < ARRAYSIZE(candidates) && KeReadStateEvent(cancel) == 0; i++)
        if (NT_SUCCESS(try_socket(&candidates[i], cancel))) {
            struct wsplsp_wsk_transport transport = {
                .family = candidates[i].family,
                .socket_type = candidates[i].socket_type,
                .protocol = candidates[i].protocol,
            };
            add(writer, &transport);
        }
}

static void copy_list(struct answer_writer *writer, const WSK_TRANSPORT *list, SIZE_T count)
{
    writer->answer->source = WSPLSP_WSK_LISTED;
    for (SIZE_T i = 0; i < count; i++) {
        struct wsplsp_wsk_transport transport = {
            .family = list[i].AddressFamily,
            .socket_type = list[i].SocketType,
            .protocol = list[i].Protocol,
            .version = list[i].Version,
        };
        RtlCopyMemory(transport.provider_id, &list[i].ProviderId, sizeof transport.provider_id);
        add(writer, &transport);
    }
}

/* WSK_TRANSPORT_LIST_QUERY: without an IRP, so it ends at once. */
static NTSTATUS query(struct answer_writer *writer)
{
    const SIZE_T size = WSPLSP_WSK_TRANSPORTS_MAX * sizeof(WSK_TRANSPORT);
    WSK_TRANSPORT *list = resources_take(size);
    if (list == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    const WSK_PROVIDER_NPI *npi = provider_npi();
    SIZE_T returned = 0;
    NTSTATUS status =
        npi->Dispatch->WskControlClient(npi->Client, WSK_TRANSPORT_LIST_QUERY, 0, NULL, size, list, &returned, NULL);
    if (NT_SUCCESS(status))
        copy_list(writer, list, (returned < size ? returned : size) / sizeof *list);
    resources_give(list);
    return status;
}

NTSTATUS work_transports(struct work *work)
{
    struct wsplsp_wsk_transports *answer = work->buffer;
    SIZE_T room = (work->output_size - sizeof *answer) / sizeof answer->transports[0];
    struct answer_writer writer = {answer, room < WSPLSP_WSK_TRANSPORTS_MAX ? (ULONG)room : WSPLSP_WSK_TRANSPORTS_MAX};
    RtlZeroMemory(answer, sizeof *answer);
    answer->query_status = query(&writer);
    if (!NT_SUCCESS(answer->query_status))
        try_all(&writer, work->cancel);
    work->answer_size = sizeof *answer + answer->count * sizeof answer->transports[0];
    answer->header.version = WSPLSP_WSK_VERSION;
    answer->header.size = (ULONG)work->answer_size;
    return KeReadStateEvent(work->cancel) != 0 ? STATUS_CANCELLED : STATUS_SUCCESS;
}
