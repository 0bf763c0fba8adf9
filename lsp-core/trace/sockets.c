/* The sockets of a trace, followed from call to call; see sockets.h. */
#include "sockets.h"

#include <stdlib.h>
#include <string.h>

enum { PENDING = 997, CONNECT_BLOCKS = 10035, NONE = -1 }; /* WSA_IO_PENDING, WSAEWOULDBLOCK */

enum direction { NO_DATA, OUTWARD, INWARD };

/* An overlapped operation whose bytes are not known yet. */
struct operation {
    uint64_t overlapped;
    uint32_t provider; /* the layer's copy that the call came in by */
    enum direction direction;
    bool counted;
};

/* A handle's operations, and which socket it is at the moment. */
struct handle {
    const struct trace_process *process; /* NULL: an empty place of the table */
    uint64_t socket;
    long current; /* index of its struct trace_socket; NONE: closed */
    struct operation *operations;
    size_t operation_count;
};

struct trace_sockets {
    struct trace_socket *list;
    size_t count, room;
    struct handle *table; /* by hash, open addressing; its size is a power of two */
    size_t used, size;
};

struct trace_sockets *trace_sockets_new(void)
{
    struct trace_sockets *sockets = calloc(1, sizeof *sockets);
    if (sockets == NULL)
        return NULL;
    sockets->size = 64;
    sockets->table = calloc(sockets->size, sizeof sockets->table[0]);
    if (sockets->table != NULL)
        return sockets;
    free(sockets);
    return NULL;
}

static size_t hash(const struct trace_process *process, uint64_t socket)
{
    uint64_t mixed = (socket ^ (uint64_t)process->id << 32) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(mixed >> 32);
}

/* Its place in the table, or the empty one where it would go. */
static struct handle *find(const struct trace_sockets *sockets, const struct trace_process *process, uint64_t socket)
{
    size_t at = hash(process, socket) & (sockets->size - 1);
    while (sockets->table[at].process != NULL &&
           (sockets->table[at].process != process || sockets->table[at].socket != socket))
        at = (at + 1) & (sockets->size - 1);
    return &sockets->table[at];
}

static bool grow_table(struct trace_sockets *sockets)
{
    struct trace_sockets larger = {.size = 2 * sockets->size};
    larger.table = calloc(larger.size, sizeof larger.table[0]);
    if (larger.table == NULL)
        return false;
    for (size_t i = 0; i < sockets->size; i++) {
        const struct handle *handle = &sockets->table[i];
        if (handle->process != NULL)
            *find(&larger, handle->process, handle->socket) = *handle;
    }
    free(sockets->table);
    sockets->table = larger.table;
    sockets->size = larger.size;
    return true;
}

static struct handle *get_handle(struct trace_sockets *sockets, const struct trace_process *process, uint64_t socket)
{
    struct handle *handle = find(sockets, process, socket);
    if (handle->process != NULL)
        return handle;
    if (4 * (sockets->used + 1) > 3 * sockets->size) {
        if (!grow_table(sockets))
            return NULL;
        handle = find(sockets, process, socket);
    }
    *handle = (struct handle){.process = process, .socket = socket, .current = NONE};
    sockets->used++;
    return handle;
}

static bool start_socket(struct trace_sockets *sockets, struct handle *handle, uint64_t time, bool made)
{
    if (sockets->count == sockets->room) {
        size_t room = sockets->room == 0 ? 64 : 2 * sockets->room;
        struct trace_socket *grown = realloc(sockets->list, room * sizeof *grown);
        if (grown == NULL)
            return false;
        sockets->list = grown;
        sockets->room = room;
    }
    handle->current = (long)sockets->count;
    handle->operation_count = 0;
    sockets->list[sockets->count++] = (struct trace_socket){
        .process = handle->process, .socket = handle->socket, .made = made, .first = time, .last = time};
    return true;
}

static enum direction direction_of(unsigned function)
{
    switch (function) {
    case WSPLSP_TRACE_SEND:
    case WSPLSP_TRACE_SEND_TO:
    case WSPLSP_TRACE_SEND_MSG:
    case WSPLSP_TRACE_CONNECT_EX:
    case WSPLSP_TRACE_TRANSMIT_FILE:
    case WSPLSP_TRACE_TRANSMIT_PACKETS:
        return OUTWARD;
    case WSPLSP_TRACE_RECV:
    case WSPLSP_TRACE_RECV_FROM:
    case WSPLSP_TRACE_RECV_MSG:
    case WSPLSP_TRACE_ACCEPT_EX:
        return INWARD;
    default:
        return NO_DATA;
    }
}

static void add_bytes(struct trace_socket *socket, enum direction direction, uint32_t bytes)
{
    if (direction == OUTWARD)
        socket->sent += bytes;
    else if (direction == INWARD)
        socket->received += bytes;
}

static struct operation *find_operation(const struct handle *handle, uint64_t overlapped)
{
    for (size_t i = 0; i < handle->operation_count; i++) {
        if (handle->operations[i].overlapped == overlapped)
            return &handle->operations[i];
    }
    return NULL;
}

static bool add_operation(struct handle *handle, const struct trace_event *event, struct trace_socket *socket,
                          bool counted)
{
    const struct wsplsp_trace_record *record = event->record;
    /* The same OVERLAPPED again: the operation before it has ended without the trace having been told. */
    struct operation *operation = find_operation(handle, record->overlapped);
    if (operation == NULL) {
        struct operation *grown =
            realloc(handle->operations, (handle->operation_count + 1) * sizeof *handle->operations);
        if (grown == NULL)
            return false;
        handle->operations = grown;
        operation = &grown[handle->operation_count++];
    }
    *operation = (struct operation){record->overlapped, record->provider, direction_of(record->function), counted};
    socket->unknown += counted && operation->direction != NO_DATA;
    return true;
}

/* A completion, or WSPGetOverlappedResult: now its bytes are known. */
static void end_operation(struct handle *handle, const struct wsplsp_trace_record *record, struct trace_socket *socket)
{
    struct operation *operation = find_operation(handle, record->overlapped);
    if (operation == NULL || operation->provider != record->provider)
        return;
    if (operation->counted && operation->direction != NO_DATA) {
        socket->unknown--;
        add_bytes(socket, operation->direction, record->done);
    }
    *operation = handle->operations[--handle->operation_count];
}

static bool count_bytes(struct handle *handle, const struct trace_event *event, struct trace_socket *socket,
                        bool counted)
{
    const struct wsplsp_trace_record *record = event->record;
    if (event->under_way || event->nested)
        return true;
    if ((record->flags & WSPLSP_TRACE_PENDING) != 0 && record->overlapped != 0 && !trace_is_completion(event))
        return add_operation(handle, event, socket, counted);
    bool told =
        trace_is_completion(event) || (record->function == WSPLSP_TRACE_GET_OVERLAPPED_RESULT && record->error == 0);
    if (told)
        end_operation(handle, record, socket);
    else if (counted && record->error == 0)
        add_bytes(socket, direction_of(record->function), record->done);
    return true;
}

static void note_address(struct trace_socket *socket, const struct trace_event *event)
{
    const struct wsplsp_trace_record *record = event->record;
    bool connecting = record->error == PENDING || record->error == CONNECT_BLOCKS;
    if (event->under_way || (record->error != 0 && !connecting))
        return;
    if (record->address_kind == WSPLSP_TRACE_LOCAL)
        trace_address_text(record, socket->local);
    else if (record->address_kind == WSPLSP_TRACE_REMOTE)
        trace_address_text(record, socket->peer);
}

static void count_call(struct trace_socket *socket, const struct trace_event *event)
{
    if (trace_is_completion(event)) {
        socket->errors += trace_failed(event);
        return;
    }
    socket->calls++;
    socket->errors += trace_failed(event);
    if (event->duration >= socket->slowest && !event->under_way) {
        socket->slowest = event->duration;
        socket->slowest_function = event->record->function;
    }
}

/* The call's own socket: that of an accept is the listening one, whose peer is not the address. */
static bool add_to_own(struct trace_sockets *sockets, const struct trace_event *event, bool counted)
{
    const struct wsplsp_trace_record *record = event->record;
    struct handle *handle = get_handle(sockets, event->process, record->socket);
    if (handle == NULL)
        return false;
    if (handle->current == NONE) {
        /* What comes after a close belongs to nothing. */
        if (trace_is_completion(event) || (record->function == WSPLSP_TRACE_CLOSE_SOCKET && trace_failed(event)))
            return true;
        if (!start_socket(sockets, handle, event->time, false))
            return false;
    }
    struct trace_socket *socket = &sockets->list[handle->current];
    uint64_t end = event->time + (trace_is_completion(event) ? 0 : event->duration);
    socket->last = end > socket->last ? end : socket->last;
    if (counted && !event->nested)
        count_call(socket, event);
    if (record->function != WSPLSP_TRACE_ACCEPT && record->function != WSPLSP_TRACE_ACCEPT_EX)
        note_address(socket, event);
    if (!count_bytes(handle, event, socket, counted))
        return false;
    if (record->function == WSPLSP_TRACE_CLOSE_SOCKET && !event->nested && !event->under_way && record->error == 0) {
        socket->closed = true;
        handle->current = NONE;
    }
    return true;
}

bool trace_sockets_add(struct trace_sockets *sockets, const struct trace_event *event, bool counted)
{
    return event->record->function == WSPLSP_TRACE_SOCKET || event->record->socket == 0 ||
           add_to_own(sockets, event, counted);
}

bool trace_sockets_makes(const struct trace_event *event)
{
    return event->record->other != 0 && !event->nested && !event->under_way && !trace_is_completion(event) &&
           !trace_failed(event);
}

/* AcceptEx was given its socket, and it is there already. */
bool trace_sockets_made(struct trace_sockets *sockets, const struct trace_event *event, bool counted)
{
    const struct wsplsp_trace_record *record = event->record;
    struct handle *handle = get_handle(sockets, event->process, record->other);
    if (handle == NULL)
        return false;
    bool made = record->function != WSPLSP_TRACE_ACCEPT_EX;
    if ((made || handle->current == NONE) && !start_socket(sockets, handle, event->time + event->duration, made))
        return false;
    struct trace_socket *socket = &sockets->list[handle->current];
    note_address(socket, event);
    if (record->function == WSPLSP_TRACE_SOCKET) {
        socket->family = record->argument[0];
        socket->type = record->argument[1];
        socket->protocol = record->argument[2];
        if (counted)
            count_call(socket, event);
    }
    return true;
}

void trace_sockets_free(struct trace_sockets *sockets)
{
    if (sockets == NULL)
        return;
    for (size_t i = 0; i < sockets->size; i++)
        free(sockets->table[i].operations);
    free(sockets->table);
    free(sockets->list);
    free(sockets);
}

struct trace_socket *trace_sockets_take(struct trace_sockets *sockets, size_t *count)
{
    struct trace_socket *list = sockets->list;
    *count = 0;
    for (size_t i = 0; i < sockets->count; i++) {
        if (list[i].calls != 0)
            list[(*count)++] = list[i];
    }
    sockets->list = NULL;
    trace_sockets_free(sockets);
    return list;
}
