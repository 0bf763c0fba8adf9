/* Data as the filter is shown it; see data.h. */
#include "data.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/layer/trace/write.h"

/* Copies that an operation may take. */
static struct {
    SRWLOCK lock;
    struct filter_sending *first;
} offered;

static void offer(struct filter_sending *sending)
{
    AcquireSRWLockExclusive(&offered.lock);
    sending->offered = true;
    sending->other = offered.first;
    offered.first = sending;
    ReleaseSRWLockExclusive(&offered.lock);
}

static void take_off(struct filter_sending *sending)
{
    AcquireSRWLockExclusive(&offered.lock);
    struct filter_sending **at = &offered.first;
    while (*at != sending)
        at = &(*at)->other;
    *at = sending->other;
    ReleaseSRWLockExclusive(&offered.lock);
}

/* By the buffer's address: one that has been taken may be free already, and its memory another one's. */
struct filter_copy *filter_take_copy(const WSABUF *buffers, DWORD count)
{
    struct filter_copy *copy = NULL;
    if (count != 1)
        return NULL;
    AcquireSRWLockExclusive(&offered.lock);
    struct filter_sending *sending = offered.first;
    while (sending != NULL && (sending->taken || sending->own.buf != buffers[0].buf))
        sending = sending->other;
    if (sending != NULL) {
        copy = sending->copy;
        sending->taken = true;
    }
    ReleaseSRWLockExclusive(&offered.lock);
    return copy;
}

static bool sum(const WSABUF *buffers, DWORD count, DWORD *total)
{
    uint64_t bytes = 0;
    for (DWORD i = 0; i < count; i++) {
        WSABUF buffer;
        if (!trace_copy(&buffer, &buffers[i], sizeof(buffer)))
            return false;
        bytes += buffer.len;
    }
    *total = (DWORD)bytes;
    return bytes <= UINT32_MAX;
}

static bool gather(uint8_t *to, const WSABUF *buffers, DWORD count, DWORD bytes)
{
    for (DWORD i = 0; i < count && bytes > 0; i++) {
        WSABUF buffer;
        if (!trace_copy(&buffer, &buffers[i], sizeof(buffer)))
            return false;
        DWORD length = buffer.len < bytes ? buffer.len : bytes;
        if (!trace_copy(to, buffer.buf, length))
            return false;
        to += length;
        bytes -= length;
    }
    return true;
}

static void scatter(const WSABUF *buffers, DWORD count, const uint8_t *from, DWORD bytes)
{
    for (DWORD i = 0; i < count && bytes > 0; i++) {
        DWORD length = buffers[i].len < bytes ? buffers[i].len : bytes;
        memcpy(buffers[i].buf, from, length);
        from += length;
        bytes -= length;
    }
}

static bool is_stream(const struct chain *chain)
{
    return chain->info.iSocketType == SOCK_STREAM;
}

static int show(struct filter_copy *copy, const struct filter_request *request, bool fixed)
{
    bool stream = is_stream(request->chain);
    struct wsplsp_filter_data data = {
        .size = sizeof(data),
        .flags = (stream ? 0 : WSPLSP_FILTER_DATAGRAM) | (request->overlapped ? WSPLSP_FILTER_OVERLAPPED : 0) |
                 (fixed ? WSPLSP_FILTER_FIXED : 0),
        .bytes = copy->bytes,
        .length = copy->given,
        .room = copy->given,
        .peer_length = request->to_length,
        .peer = request->to,
    };
    int refused = filter_ask_data(filter.send, request->handle, &data);
    copy->length = stream ? copy->given : data.length;
    return refused;
}

/* Overlapped, a copy has to last until the completion, which an IFS layer does not see. */
static void settle(struct filter_sending *sending, const struct filter_request *request, bool fixed)
{
    if (fixed) {
        free(sending->copy);
        sending->copy = NULL;
        return;
    }
    sending->own = (WSABUF){sending->copy->length, (char *)sending->copy->bytes};
    sending->buffers = &sending->own;
    sending->count = 1;
    if (request->overlapped)
        offer(sending);
}

/* Where the program's buffers cannot be read, the next provider is to say what it says then. */
int filter_send(struct filter_sending *sending, const struct filter_request *request)
{
    DWORD total;
    bool fixed = request->overlapped && request->chain->ifs;
    *sending = (struct filter_sending){.buffers = request->buffers, .count = request->count};
    if (request->buffers == NULL || !sum(request->buffers, request->count, &total))
        return 0;
    sending->copy = malloc(sizeof(*sending->copy) + total + 1);
    if (sending->copy == NULL)
        return WSAENOBUFS;
    sending->copy->given = total;
    bool readable = gather(sending->copy->bytes, request->buffers, request->count, total);
    int refused = readable ? show(sending->copy, request, fixed) : 0;
    if (readable && refused == 0) {
        settle(sending, request, fixed);
    } else {
        free(sending->copy);
        sending->copy = NULL;
    }
    return refused;
}

void filter_sent(struct filter_sending *sending, DWORD *bytes)
{
    if (sending->offered)
        take_off(sending);
    if (sending->copy == NULL || sending->taken)
        return;
    if (bytes != NULL && *bytes == sending->copy->length)
        *bytes = sending->copy->given;
    free(sending->copy);
}

static int ask(struct filter_received *received, uint8_t *bytes, DWORD room)
{
    struct wsplsp_filter_data data = {
        .size = sizeof(data),
        .flags = (is_stream(received->chain) ? 0 : WSPLSP_FILTER_DATAGRAM) |
                 (received->peeked ? WSPLSP_FILTER_PEEKED : 0) | (received->overlapped ? WSPLSP_FILTER_OVERLAPPED : 0),
        .bytes = bytes,
        .length = received->bytes < room ? received->bytes : room,
        .room = room,
        .peer_length = received->from_length,
        .peer = received->from,
    };
    int refused = filter_ask_data(filter.receive, received->handle, &data);
    received->bytes = data.length;
    return refused;
}

/* The buffers are good: the next provider has written to them. */
int filter_receive(struct filter_received *received)
{
    DWORD room;
    if (filter.receive == NULL || !sum(received->buffers, received->count, &room) || room == 0)
        return 0; /* nothing that the program could see */
    if (received->count == 1)
        return ask(received, (uint8_t *)received->buffers[0].buf, room);
    uint8_t *bytes = malloc(room);
    if (bytes == NULL)
        return WSAENOBUFS;
    gather(bytes, received->buffers, received->count, received->bytes < room ? received->bytes : room);
    int refused = ask(received, bytes, room);
    scatter(received->buffers, received->count, bytes, received->bytes);
    free(bytes);
    return refused;
}
