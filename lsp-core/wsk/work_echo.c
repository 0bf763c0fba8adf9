/* WSPLSP_WSK_ECHO: sends, receives, compares. */
#include "connection.h"
#include "crc32.h"
#include "resources.h"
#include "work.h"

/* What is sent before as much is expected back: little enough for the peer's buffers to hold both directions of it. */
#define TURN 16384u

struct echo {
    struct wsplsp_wsk_echo request;
    struct wsplsp_wsk_echoed answer;
    struct connection connection;
    uint8_t *sending; /* WSPLSP_WSK_DATA_MAX bytes, as the next */
    uint8_t *receiving;
    uint8_t *kept; /* the first bytes received: where the answer's data is */
    uint32_t kept_max;
};

static uint8_t sent_byte(const struct echo *echo, uint32_t offset)
{
    return echo->request.data_size != 0 ? echo->sending[offset] : wsplsp_wsk_pattern(echo->request.seed, offset);
}

static NTSTATUS send_turn(struct echo *echo)
{
    uint32_t left = echo->request.send_size - echo->answer.sent;
    uint32_t size = echo->request.data_size != 0 || left < TURN ? left : TURN;
    if (echo->request.data_size == 0)
        for (uint32_t i = 0; i < size; i++)
            echo->sending[i] = sent_byte(echo, echo->answer.sent + i);
    for (uint32_t at = 0; at < size;) {
        ULONG done;
        NTSTATUS status = connection_send(&echo->connection, echo->sending + at, size - at, &done);
        if (!NT_SUCCESS(status))
            return status;
        /* WskSend ends when all is sent; a provider that sends nothing and says so would keep us here forever. */
        if (done == 0 || done > size - at)
            return STATUS_UNEXPECTED_NETWORK_ERROR;
        echo->answer.sent_crc32 = crc32_more(echo->answer.sent_crc32, echo->sending + at, done);
        echo->answer.sent += done;
        at += done;
    }
    return STATUS_SUCCESS;
}

static void take_received(struct echo *echo, uint32_t size)
{
    struct wsplsp_wsk_echoed *answer = &echo->answer;
    answer->received_crc32 = crc32_more(answer->received_crc32, echo->receiving, size);
    for (uint32_t i = 0; i < size; i++) {
        uint32_t offset = answer->received + i;
        if (offset < echo->kept_max)
            echo->kept[offset] = echo->receiving[i];
        if (offset < echo->request.send_size && answer->differs_at == WSPLSP_WSK_NO_DIFFERENCE &&
            echo->receiving[i] != sent_byte(echo, offset))
            answer->differs_at = offset;
    }
    answer->received += size;
}

/* Until `wanted` bytes have come, all in all. *ended: the peer has ended its side. */
static NTSTATUS receive_until(struct echo *echo, uint32_t wanted, BOOLEAN *ended)
{
    while (echo->answer.received < wanted) {
        uint32_t left = wanted - echo->answer.received;
        ULONG done;
        NTSTATUS status = connection_receive(&echo->connection, echo->receiving,
                                             left < WSPLSP_WSK_DATA_MAX ? left : WSPLSP_WSK_DATA_MAX, &done);
        if (!NT_SUCCESS(status))
            return status;
        *ended = done == 0;
        if (*ended)
            return STATUS_SUCCESS;
        take_received(echo, done);
    }
    return STATUS_SUCCESS;
}

static NTSTATUS exchange(struct echo *echo)
{
    const struct wsplsp_wsk_echo *request = &echo->request;
    BOOLEAN ended = FALSE;
    NTSTATUS status = STATUS_SUCCESS;
    while (NT_SUCCESS(status) && !ended && echo->answer.sent < request->send_size) {
        status = send_turn(echo);
        if (NT_SUCCESS(status))
            status = receive_until(
                echo, echo->answer.sent < request->receive_size ? echo->answer.sent : request->receive_size, &ended);
    }
    if (NT_SUCCESS(status) && !ended)
        status = receive_until(echo, request->receive_size, &ended);
    return status;
}

static void run(struct echo *echo, PKEVENT cancel)
{
    const struct wsplsp_wsk_echo *request = &echo->request;
    struct limit limit = {clock_deadline(request->timeout_ms), cancel};
    struct connection_target target = {
        .local = &request->local,
        .remote = &request->remote,
        .socket_type = SOCK_STREAM,
        .protocol = IPPROTO_TCP,
        .implementation = request->implementation,
    };
    NTSTATUS status = connection_open(&echo->connection, &target, &limit, &echo->answer.attempt);
    if (NT_SUCCESS(status))
        status = exchange(echo);
    if (NT_SUCCESS(status))
        connection_disconnect(&echo->connection);
    connection_close(&echo->connection);
    if (!NT_SUCCESS(status) && NT_SUCCESS(echo->answer.attempt.status)) {
        echo->answer.attempt.status = status;
        echo->answer.attempt.failed_step = WSPLSP_WSK_STEP_SEND;
    }
}

static void answer(struct echo *echo, struct work *work)
{
    struct wsplsp_wsk_echoed *result = &echo->answer;
    result->data_size = result->received < echo->kept_max ? result->received : echo->kept_max;
    work->answer_size = sizeof *result + result->data_size;
    result->header.version = WSPLSP_WSK_VERSION;
    result->header.size = (ULONG)work->answer_size;
    RtlCopyMemory(work->buffer, result, sizeof *result);
}

NTSTATUS work_echo(struct work *work)
{
    struct echo *echo = resources_take(sizeof *echo + 2 * WSPLSP_WSK_DATA_MAX);
    if (echo == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    const uint8_t *input = work->buffer;
    SIZE_T room = work->output_size - sizeof echo->answer;
    RtlCopyMemory(&echo->request, input, sizeof echo->request);
    echo->answer.differs_at = WSPLSP_WSK_NO_DIFFERENCE;
    echo->sending = (uint8_t *)(echo + 1);
    echo->receiving = echo->sending + WSPLSP_WSK_DATA_MAX;
    RtlCopyMemory(echo->sending, input + sizeof echo->request, echo->request.data_size);
    echo->kept = (uint8_t *)work->buffer + sizeof echo->answer;
    echo->kept_max = room < WSPLSP_WSK_DATA_MAX ? (uint32_t)room : WSPLSP_WSK_DATA_MAX;
    run(echo, work->cancel);
    answer(echo, work);
    resources_give(echo);
    return KeReadStateEvent(work->cancel) != 0 ? STATUS_CANCELLED : STATUS_SUCCESS;
}
