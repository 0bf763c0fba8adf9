/* Writing the trace; see write.h, and wsplsp/trace.h for what a reader relies on. */
#include "write.h"

#include <stdatomic.h>
#include <string.h>

#include "os.h"

enum {
    CLOCK_EVERY = 4096,      /* records of a ring between two looks at both clocks */
    CALIBRATION_PART = 1000, /* of a second: how long the start waits for its second look */
    BUFFERS_AT_ONCE = 8,
    CACHE_LINE = 128,       /* processors fetch them in pairs */
    TRACE_IO_PENDING = 997, /* WSA_IO_PENDING */
};

/* A thread's place in the file. What it goes by is here, in the process's own memory: whoever else can write to the
 * file must not be able to lead this process astray. */
struct trace_writer {
    _Alignas(CACHE_LINE) struct wsplsp_trace_ring *ring; /* NULL: not mapped, or there is none for this thread */
    uint8_t *next;                                       /* record */
    uint8_t *end;                                        /* behind the last */
    uint64_t written;
    uint32_t thread;
    _Atomic uint32_t owner; /* thread id; 0: free */
};

atomic_bool trace_on;

static struct wsplsp_trace_header *header;
static struct trace_writer writers[WSPLSP_TRACE_RING_LIMIT];
static atomic_uint writer_count; /* may exceed the array */
static struct trace_writer no_writer;
static atomic_flag clock_busy = ATOMIC_FLAG_INIT;
static uint32_t record_size;
static uint32_t data_limit;
static bool use_tsc;

uint64_t trace_time(void)
{
    return use_tsc ? trace_os_tsc() : trace_os_counter();
}

static void take_moment(struct wsplsp_trace_moment *moment)
{
    moment->counter = trace_os_counter();
    moment->ticks = trace_time();
}

/* One thread at a time; the others need not wait, for their next one will do. */
static void update_clock(void)
{
    if (atomic_flag_test_and_set_explicit(&clock_busy, memory_order_acquire))
        return;
    uint32_t index = header->latest == 1 ? 2 : 1;
    take_moment(&header->moment[index]);
    atomic_thread_fence(memory_order_release);
    header->latest = index;
    atomic_flag_clear_explicit(&clock_busy, memory_order_release);
}

static void start_clock(void)
{
    use_tsc = trace_os_tsc_is_steady();
    header->clock = use_tsc ? WSPLSP_TRACE_TSC : WSPLSP_TRACE_COUNTER;
    header->frequency = trace_os_frequency();
    header->start_time = trace_os_file_time();
    take_moment(&header->moment[0]);
    if (use_tsc) {
        while (trace_os_counter() - header->moment[0].counter < header->frequency / CALIBRATION_PART)
            ;
    }
    update_clock();
}

static void fill_header(uint32_t data_bytes)
{
    data_limit = data_bytes < WSPLSP_TRACE_DATA_LIMIT ? data_bytes : WSPLSP_TRACE_DATA_LIMIT;
    record_size = (uint32_t)sizeof(struct wsplsp_trace_record) + ((data_limit + 7) & ~7u);
    header->version = WSPLSP_TRACE_VERSION;
    header->header_size = WSPLSP_TRACE_HEADER_SIZE;
    header->record_size = record_size;
    header->ring_size = WSPLSP_TRACE_RING_SIZE;
    header->ring_limit = WSPLSP_TRACE_RING_LIMIT;
    header->data_bytes = data_limit;
    header->process_id = trace_os_process();
    header->bits = 8 * sizeof(void *);
    trace_os_image(header->image);
    start_clock();
    /* Last: a file with it has all of the header. */
    atomic_thread_fence(memory_order_release);
    memcpy(header->magic, WSPLSP_TRACE_MAGIC, sizeof header->magic);
}

bool trace_start(const trace_char *file, uint32_t data_bytes)
{
    if (trace_is_on())
        return true;
    if (header != NULL || !trace_os_create(file))
        return false;
    header = trace_os_map(0, WSPLSP_TRACE_HEADER_SIZE);
    if (header == NULL) {
        trace_os_discard();
        return false;
    }
    fill_header(data_bytes);
    atomic_store_explicit(&trace_on, true, memory_order_release);
    return true;
}

void trace_stop(void)
{
    if (!trace_is_on())
        return;
    atomic_store_explicit(&trace_on, false, memory_order_relaxed);
    update_clock();
    header->ended = 1;
}

void trace_thread_end(void)
{
    struct trace_writer *writer = trace_os_writer();
    trace_os_set_writer(NULL);
    if (writer == NULL || writer == &no_writer)
        return;
    writer->ring->owner = 0;
    atomic_store_explicit(&writer->owner, 0, memory_order_release);
}

/* Maps a new ring into an array element that this thread has for itself. */
static bool make_ring(struct trace_writer *writer, uint32_t index)
{
    struct wsplsp_trace_ring *ring =
        trace_os_map(WSPLSP_TRACE_HEADER_SIZE + (uint64_t)index * WSPLSP_TRACE_RING_SIZE, WSPLSP_TRACE_RING_SIZE);
    if (ring == NULL)
        return false;
    uint32_t capacity = (uint32_t)((WSPLSP_TRACE_RING_SIZE - sizeof *ring) / record_size);
    ring->index = index;
    ring->capacity = capacity;
    atomic_thread_fence(memory_order_release);
    ring->magic = WSPLSP_TRACE_RING_MAGIC;
    writer->next = (uint8_t *)(ring + 1);
    writer->end = writer->next + (size_t)capacity * record_size;
    writer->ring = ring;
    return true;
}

/* A ring that has been made and whose owner is `from`, for this thread. */
static bool take_over(struct trace_writer *writer, uint32_t from, uint32_t thread)
{
    return atomic_compare_exchange_strong_explicit(&writer->owner, &from, thread, memory_order_acquire,
                                                   memory_order_relaxed);
}

static struct trace_writer *find_free(uint32_t thread)
{
    uint32_t count = atomic_load_explicit(&writer_count, memory_order_acquire);
    for (uint32_t i = 0; i < count && i < WSPLSP_TRACE_RING_LIMIT; i++) {
        uint32_t owner = atomic_load_explicit(&writers[i].owner, memory_order_relaxed);
        if (owner == 0 && take_over(&writers[i], 0, thread)) {
            if (writers[i].ring != NULL)
                return &writers[i];
            /* It is being made by another thread, or could not be. */
            atomic_store_explicit(&writers[i].owner, 0, memory_order_release);
        }
    }
    return NULL;
}

/* TerminateThread lets no one return anything. */
static struct trace_writer *find_abandoned(uint32_t thread)
{
    for (uint32_t i = 0; i < WSPLSP_TRACE_RING_LIMIT; i++) {
        uint32_t owner = atomic_load_explicit(&writers[i].owner, memory_order_relaxed);
        if (owner != 0 && writers[i].ring != NULL && !trace_os_thread_lives(owner) &&
            take_over(&writers[i], owner, thread))
            return &writers[i];
    }
    return NULL;
}

static struct trace_writer *find_new(uint32_t thread)
{
    uint32_t index = atomic_fetch_add_explicit(&writer_count, 1, memory_order_acq_rel);
    if (index >= WSPLSP_TRACE_RING_LIMIT) {
        atomic_store_explicit(&writer_count, WSPLSP_TRACE_RING_LIMIT + 1, memory_order_relaxed);
        return NULL;
    }
    while (!take_over(&writers[index], 0, thread))
        ; /* find_free of another thread has just looked into it */
    if (make_ring(&writers[index], index))
        return &writers[index];
    atomic_store_explicit(&writers[index].owner, 0, memory_order_release);
    return NULL;
}

/* For a thread's first call. */
static struct trace_writer *claim_writer(void)
{
    uint32_t thread = trace_os_thread();
    struct trace_writer *writer = find_free(thread);
    if (writer == NULL)
        writer = find_new(thread);
    if (writer == NULL)
        writer = find_abandoned(thread);
    if (writer == NULL) {
        trace_os_set_writer(&no_writer);
        return &no_writer;
    }
    writer->thread = thread;
    writer->ring->owner = thread;
    header->rings = atomic_load_explicit(&writer_count, memory_order_relaxed);
    trace_os_set_writer(writer);
    return writer;
}

/* From here on until `publish` a reader takes no notice of the record. The halves are stored one by one because an
 * atomic store of 64 bits goes through a floating point register in 32-bit code. */
static void unpublish(struct wsplsp_trace_record *record)
{
    volatile uint32_t *half = (volatile uint32_t *)&record->sequence;
    half[0] = 0;
    half[1] = 0;
    *(volatile uint32_t *)&record->check = 0;
    atomic_thread_fence(memory_order_release);
}

static void publish(struct wsplsp_trace_record *record, uint64_t sequence)
{
    volatile uint32_t *half = (volatile uint32_t *)&record->sequence;
    atomic_thread_fence(memory_order_release);
    *(volatile uint32_t *)&record->check = ~(uint32_t)sequence;
    half[1] = (uint32_t)(sequence >> 32);
    half[0] = (uint32_t)sequence;
}

static void lose(struct trace_call *call)
{
    call->record = NULL;
    __atomic_fetch_add((uint32_t *)&header->lost, 1, __ATOMIC_RELAXED); /* its low half will do */
}

/* The writer's next record, unpublished; its number goes to `call`. */
static struct wsplsp_trace_record *next_record(struct trace_writer *writer, struct trace_call *call)
{
    struct wsplsp_trace_record *record = (struct wsplsp_trace_record *)writer->next;
    uint64_t number = writer->written++;
    writer->next += record_size;
    if (writer->next == writer->end)
        writer->next = (uint8_t *)(writer->ring + 1);
    unpublish(record);
    writer->ring->written = number + 1;
    if (number % CLOCK_EVERY == CLOCK_EVERY - 1)
        update_clock();
    call->record = record;
    call->sequence = 2 * number + 2;
    return record;
}

/* What setters may leave out. One by one: memset's start takes as long as a whole record. */
static void clear(struct wsplsp_trace_record *record)
{
    record->other = 0;
    record->overlapped = 0;
    record->asked = 0;
    record->done = 0;
    record->flags = 0;
    record->data_length = 0;
    record->address_kind = WSPLSP_TRACE_NO_ADDRESS;
    record->address_length = 0;
    for (size_t i = 0; i < WSPLSP_TRACE_ARGUMENTS; i++)
        record->argument[i] = 0;
}

static struct wsplsp_trace_record *open_record(struct trace_call *call, enum wsplsp_trace_function function,
                                               uintptr_t socket, uint32_t provider)
{
    struct trace_writer *writer = trace_os_writer();
    if (__builtin_expect(writer == NULL, 0))
        writer = claim_writer();
    if (__builtin_expect(writer->ring == NULL, 0)) {
        lose(call);
        return NULL;
    }
    struct wsplsp_trace_record *record = next_record(writer, call);
    clear(record);
    record->socket = socket == UINTPTR_MAX ? 0 : socket; /* INVALID_SOCKET: the function has none */
    record->function = (uint16_t)function;
    record->thread = writer->thread;
    record->provider = provider;
    return record;
}

void trace_begin(struct trace_call *call, enum wsplsp_trace_function function, uintptr_t socket, uint32_t provider)
{
    struct wsplsp_trace_record *record = open_record(call, function, socket, provider);
    if (record != NULL)
        record->begin = trace_time();
}

void trace_enter(const struct trace_call *call)
{
    if (call->record != NULL)
        publish(call->record, call->sequence - 1);
}

/* Whether the record is the call's still: what ran inside of it (a completion routine) may have filled the ring. */
static bool is_own(const struct trace_call *call)
{
    const struct wsplsp_trace_record *record = call->record;
    return record->sequence == 0 || record->sequence == call->sequence - 1;
}

void trace_end(struct trace_call *call, int result, int error)
{
    struct wsplsp_trace_record *record = call->record;
    if (record == NULL || !is_own(call))
        return;
    unpublish(record);
    record->end = trace_time();
    record->result = result;
    record->error = error;
    if (error == TRACE_IO_PENDING)
        record->flags |= WSPLSP_TRACE_PENDING;
    publish(record, call->sequence);
}

void trace_completion(enum wsplsp_trace_function function, uintptr_t socket, uint32_t provider, const void *overlapped,
                      uint64_t begin, uint32_t bytes, int error)
{
    struct trace_call call;
    struct wsplsp_trace_record *record = open_record(&call, function, socket, provider);
    if (record == NULL)
        return;
    record->begin = begin;
    record->end = trace_time();
    record->overlapped = (uintptr_t)overlapped;
    record->flags = WSPLSP_TRACE_COMPLETION | WSPLSP_TRACE_OVERLAPPED;
    record->done = bytes;
    record->result = error == 0 ? 0 : -1;
    record->error = error;
    publish(record, call.sequence);
}

void trace_value(struct trace_call *call, unsigned index, const void *value, int length)
{
    uint32_t first = 0;
    if (call->record == NULL || value == NULL || length <= 0)
        return;
    if (trace_copy(&first, value, (size_t)length < sizeof first ? (size_t)length : sizeof first))
        call->record->argument[index] = first;
}

/* The next few of `*count` buffers, which go on at `*buffers`; 0 where there are no more, or none that can be read. */
static uint32_t read_buffers(const trace_buffer **buffers, uint32_t *count, trace_buffer part[BUFFERS_AT_ONCE])
{
    uint32_t taken = *count < BUFFERS_AT_ONCE ? *count : BUFFERS_AT_ONCE;
    if (taken == 0 || !trace_copy(part, *buffers, taken * sizeof part[0]))
        return 0;
    *buffers += taken;
    *count -= taken;
    return taken;
}

void trace_asked(struct trace_call *call, const trace_buffer *buffers, uint32_t count)
{
    trace_buffer part[BUFFERS_AT_ONCE];
    uint64_t sum = 0;
    uint32_t taken;
    if (call->record == NULL || buffers == NULL)
        return;
    while ((taken = read_buffers(&buffers, &count, part)) != 0) {
        for (uint32_t i = 0; i < taken; i++)
            sum += part[i].len;
    }
    call->record->asked = sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
}

/* Adds a buffer's bytes behind those that are there; false where that was all, or it cannot be read. */
static bool add_data(uint8_t *data, uint32_t *used, uint32_t limit, const trace_buffer *buffer)
{
    uint32_t bytes = buffer->len < limit - *used ? buffer->len : limit - *used;
    if (bytes != 0 && !trace_copy(data + *used, buffer->buf, bytes))
        return false;
    *used += bytes;
    return *used < limit;
}

void trace_data(struct trace_call *call, const trace_buffer *buffers, uint32_t count, uint32_t bytes)
{
    trace_buffer part[BUFFERS_AT_ONCE];
    uint32_t limit = bytes < data_limit ? bytes : data_limit;
    uint32_t used = 0, taken;
    bool more = true;
    if (call->record == NULL || buffers == NULL || limit == 0)
        return;
    while (more && (taken = read_buffers(&buffers, &count, part)) != 0) {
        for (uint32_t i = 0; i < taken && more; i++)
            more = add_data((uint8_t *)(call->record + 1), &used, limit, &part[i]);
    }
    atomic_signal_fence(memory_order_release);
    call->record->data_length = (uint16_t)used;
}

void trace_address(struct trace_call *call, enum wsplsp_trace_address_kind kind, const void *address, int length)
{
    struct wsplsp_trace_record *record = call->record;
    if (record == NULL || address == NULL || length <= 0)
        return;
    size_t kept = (size_t)length < sizeof record->address ? (size_t)length : sizeof record->address;
    if (!trace_copy(record->address, address, kept))
        return;
    record->address_length = (uint8_t)(length < UINT8_MAX ? length : UINT8_MAX);
    atomic_signal_fence(memory_order_release);
    record->address_kind = (uint8_t)kind;
}
