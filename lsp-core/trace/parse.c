/* One trace file's bytes; see read.h. Nothing in them is trusted: a number that would lead out of the file, or
 * into a division by zero, makes it no trace. */
#include "read.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/text.h"

#define FILETIME_SECOND UINT64_C(10000000)
#define SECOND          1e9

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "files are read as they lie in memory");

/* How deep copies of the layer can be inside of one another; a chain has seven members. */
enum { NESTING = 8 };

/* Of the header's and a ring's size, so that no sum of them overflows. */
enum { PART_MAX = 1 << 28 };

struct parse {
    const struct wsplsp_trace_header *header;
    const uint8_t *bytes;
    size_t size;
    struct trace *trace;
    struct trace_process *process;
    double tick; /* nanoseconds */
};

/* A slot of a ring and the number of the call that it holds. */
struct ring {
    const uint8_t *records;
    size_t slots; /* of the file's part */
    uint32_t capacity;
    uint64_t written;
};

static enum wsplsp_status fail(const char *path, const char *why, struct wsplsp_error *error)
{
    wsplsp_fail(error, WSPLSP_SYSTEM, 0, "BAD_FORMAT", "'%.300s' is no trace that can be read: %s", path, why);
    return wsplsp_hint(error, "'wsplsp run --trace FILE' makes one");
}

/* What is wrong with the header; NULL where nothing is. */
static const char *header_fault(const struct wsplsp_trace_header *header, size_t size)
{
    if (size < sizeof *header || memcmp(header->magic, WSPLSP_TRACE_MAGIC, sizeof header->magic) != 0)
        return "it does not begin as one";
    if (header->version != WSPLSP_TRACE_VERSION)
        return "another version of wsplsp has made it";
    bool sizes = header->header_size >= sizeof *header && header->header_size <= PART_MAX &&
                 header->header_size % 8 == 0 && header->record_size >= sizeof(struct wsplsp_trace_record) &&
                 header->record_size % 8 == 0 &&
                 header->record_size <= sizeof(struct wsplsp_trace_record) + WSPLSP_TRACE_DATA_LIMIT &&
                 header->data_bytes <= header->record_size - sizeof(struct wsplsp_trace_record) &&
                 header->ring_size >= sizeof(struct wsplsp_trace_ring) + header->record_size &&
                 header->ring_size <= PART_MAX && header->ring_size % 8 == 0;
    if (!sizes)
        return "its header is damaged";
    return header->frequency == 0 || header->latest < 1 || header->latest > 2 ? "its clock is damaged" : NULL;
}

/* Nanoseconds a tick; 0 where the header's two moments give none. */
static double tick_length(const struct wsplsp_trace_header *header)
{
    const struct wsplsp_trace_moment *first = &header->moment[0], *last = &header->moment[header->latest];
    double counter = SECOND / (double)header->frequency;
    if (header->clock == WSPLSP_TRACE_COUNTER)
        return counter;
    if (header->clock != WSPLSP_TRACE_TSC || last->ticks <= first->ticks || last->counter <= first->counter)
        return 0;
    return (double)(last->counter - first->counter) / (double)(last->ticks - first->ticks) * counter;
}

/* Nanoseconds from one number of ticks to another; 0 where time would run backwards or for centuries. */
static uint64_t elapsed(const struct parse *parse, uint64_t from, uint64_t to)
{
    double ns = to > from ? (double)(to - from) * parse->tick : 0;
    return ns < 1e18 ? (uint64_t)ns : 0;
}

static enum wsplsp_status add_process(struct parse *parse, const char *path, struct wsplsp_error *error)
{
    struct trace *trace = parse->trace;
    const struct wsplsp_trace_header *header = parse->header;
    struct trace_process *process = calloc(1, sizeof *process);
    struct trace_process **grown = realloc(trace->processes, (trace->process_count + 1) * sizeof *grown);
    if (grown != NULL)
        trace->processes = grown;
    char *copy = text_duplicate(path);
    char *image = text_from_utf16(header->image, WSPLSP_TRACE_IMAGE);
    if (process == NULL || grown == NULL || copy == NULL || image == NULL) {
        free(process);
        free(copy);
        free(image);
        return wsplsp_fail_memory(error);
    }
    *process = (struct trace_process){
        .path = copy,
        .image = image,
        .id = header->process_id,
        .bits = header->bits == 32 ? 32 : 64,
        .ended = header->ended == 1,
        .data_bytes = header->data_bytes,
        .start = header->start_time % (UINT64_MAX / 100) * 100,
        .lost = header->lost,
        .counter =
            (uint64_t)((double)(header->moment[0].counter % header->frequency) * SECOND / (double)header->frequency) +
            header->moment[0].counter / header->frequency * (uint64_t)SECOND,
    };
    trace->processes[trace->process_count++] = process;
    parse->process = process;
    return WSPLSP_OK;
}

static enum wsplsp_status add_event(struct parse *parse, const struct trace_event *event, struct wsplsp_error *error)
{
    struct trace *trace = parse->trace;
    if (trace->event_count == trace->event_room) {
        size_t room = trace->event_room == 0 ? 256 : 2 * trace->event_room;
        struct trace_event *grown = realloc(trace->events, room * sizeof *grown);
        if (grown == NULL)
            return wsplsp_fail_memory(error);
        trace->events = grown;
        trace->event_room = room;
    }
    trace->events[trace->event_count++] = *event;
    return WSPLSP_OK;
}

/* The number of the call whose whole record this is; false where it is none of that slot's. */
static bool record_number(const struct wsplsp_trace_record *record, size_t slot, uint32_t capacity, uint64_t *number)
{
    if (record->sequence == 0 || record->check != ~(uint32_t)record->sequence)
        return false;
    *number = (record->sequence - 1) / 2;
    return *number % capacity == slot;
}

static const struct wsplsp_trace_record *record_at(const struct parse *parse, const struct ring *ring, size_t slot)
{
    return (const struct wsplsp_trace_record *)(ring->records + slot * parse->header->record_size);
}

static struct trace_event make_event(const struct parse *parse, const struct wsplsp_trace_record *record)
{
    struct trace_event event = {
        .record = record,
        .process = parse->process,
        .under_way = record->sequence % 2 == 1,
    };
    bool completion = (record->flags & WSPLSP_TRACE_COMPLETION) != 0;
    uint64_t from = parse->header->moment[0].ticks;
    event.time = parse->process->start + elapsed(parse, from, completion ? record->end : record->begin);
    if (!event.under_way)
        event.duration = elapsed(parse, record->begin, record->end);
    return event;
}

/* The calls that are under way where the next record of the ring begins. */
struct enclosing {
    const struct wsplsp_trace_record *record[NESTING];
    size_t depth;
};

/* A call of another copy of the layer than the one that the thread came in by. What comes in by that one again is a
 * call of a completion routine's. */
static bool is_nested(struct enclosing *enclosing, const struct wsplsp_trace_record *record)
{
    if ((record->flags & WSPLSP_TRACE_COMPLETION) != 0)
        return false;
    while (enclosing->depth > 0) {
        const struct wsplsp_trace_record *top = enclosing->record[enclosing->depth - 1];
        bool inside = top->thread == record->thread && (top->sequence % 2 == 1 || record->begin < top->end);
        if (inside)
            break;
        enclosing->depth--;
    }
    bool nested = enclosing->depth > 0 && (record->provider == 0 || enclosing->record[0]->provider != record->provider);
    if (enclosing->depth < NESTING)
        enclosing->record[enclosing->depth++] = record;
    return nested;
}

static enum wsplsp_status add_ring_events(struct parse *parse, const struct ring *ring, struct wsplsp_error *error)
{
    struct enclosing enclosing = {.depth = 0};
    uint64_t first = ring->written > ring->capacity ? ring->written - ring->capacity : 0;
    uint64_t number;
    parse->process->dropped += first;
    for (uint64_t wanted = first; wanted < ring->written; wanted++) {
        size_t slot = (size_t)(wanted % ring->capacity);
        if (slot >= ring->slots || !record_number(record_at(parse, ring, slot), slot, ring->capacity, &number) ||
            number != wanted) {
            parse->process->torn++;
            continue;
        }
        struct trace_event event = make_event(parse, record_at(parse, ring, slot));
        event.nested = is_nested(&enclosing, event.record);
        if (add_event(parse, &event, error) != WSPLSP_OK)
            return error->status;
    }
    return WSPLSP_OK;
}

/* How many calls the ring has taken: the records themselves tell it better than its header, which may be damaged. */
static uint64_t count_written(const struct parse *parse, const struct ring *ring, uint64_t claimed)
{
    uint64_t last = 0, number;
    for (size_t slot = 0; slot < ring->slots; slot++) {
        if (record_number(record_at(parse, ring, slot), slot, ring->capacity, &number) && number >= last)
            last = number + 1;
    }
    /* The one that is being written is in the header alone. */
    return claimed == last + 1 ? claimed : last;
}

static enum wsplsp_status add_ring(struct parse *parse, size_t offset, struct wsplsp_error *error)
{
    const struct wsplsp_trace_ring *head = (const struct wsplsp_trace_ring *)(parse->bytes + offset);
    uint32_t record_size = parse->header->record_size;
    size_t there = parse->size - offset;
    if (there < parse->header->ring_size)
        parse->process->cut_short = true;
    else
        there = parse->header->ring_size;
    if (there < sizeof *head || head->magic == 0)
        return WSPLSP_OK;
    struct ring ring = {
        .records = parse->bytes + offset + sizeof *head,
        .slots = (there - sizeof *head) / record_size,
        .capacity = (uint32_t)((parse->header->ring_size - sizeof *head) / record_size),
    };
    ring.written = count_written(parse, &ring, head->written);
    return add_ring_events(parse, &ring, error);
}

enum wsplsp_status trace_add(struct trace *trace, void *bytes, size_t size, const char *path,
                             struct wsplsp_error *error)
{
    struct parse parse = {.header = bytes, .bytes = bytes, .size = size, .trace = trace};
    const char *fault = header_fault(bytes, size);
    if (fault == NULL) {
        parse.tick = tick_length(parse.header);
        fault = parse.tick > 0 ? NULL : "its clock is damaged";
    }
    enum wsplsp_status status = fault == NULL ? add_process(&parse, path, error) : fail(path, fault, error);
    if (status != WSPLSP_OK) {
        free(bytes);
        return status;
    }
    parse.process->bytes = bytes;
    size_t offset = parse.header->header_size;
    for (; status == WSPLSP_OK && offset < size; offset += parse.header->ring_size)
        status = add_ring(&parse, offset, error);
    return status;
}
