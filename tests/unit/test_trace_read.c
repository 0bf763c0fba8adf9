/* The trace's reader on files made here byte by byte: order, damage, filters, sums. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/trace/filter.h"
#include "lsp-core/trace/names.h"
#include "lsp-core/trace/read.h"
#include "lsp-core/trace/summary.h"
#include "lsp-core/trace/text.h"

#define START   UINT64_C(134000000000000000) /* FILETIME */
#define MS      UINT64_C(1000000)            /* nanoseconds */
#define PENDING 997

enum { RING = 4096, RECORD = 128, CAPACITY = (RING - 128) / RECORD };

/* A file whose clock counts nanoseconds, with two rings. */
struct image {
    struct wsplsp_trace_header header;
    struct {
        struct wsplsp_trace_ring head;
        struct wsplsp_trace_record records[CAPACITY];
    } rings[2];
};

static struct image image;

static void begin_image(uint32_t process, uint64_t counter)
{
    static const char name[] = "C:\\a.exe";
    memset(&image, 0, sizeof image);
    struct wsplsp_trace_header *header = &image.header;
    memcpy(header->magic, "WSPTRACE", 8);
    header->version = 1;
    header->header_size = sizeof *header;
    header->record_size = RECORD;
    header->ring_size = sizeof image.rings[0];
    header->process_id = process;
    header->bits = 64;
    header->clock = WSPLSP_TRACE_TSC;
    header->start_time = START;
    header->frequency = 10000000;
    header->latest = 1;
    header->moment[0] = (struct wsplsp_trace_moment){1000, counter};
    header->moment[1] = (struct wsplsp_trace_moment){1000 + 1000 * MS, counter + 10000000}; /* a second later */
    for (size_t i = 0; i < sizeof name; i++)
        header->image[i] = (uint16_t)name[i];
}

/* A call at `at` nanoseconds that took `duration`; it is still under way where that is UINT64_MAX. */
static struct wsplsp_trace_record *add(int ring, unsigned function, uint64_t socket, uint64_t at, uint64_t duration)
{
    struct wsplsp_trace_ring *head = &image.rings[ring].head;
    head->magic = WSPLSP_TRACE_RING_MAGIC;
    uint64_t number = head->written++;
    struct wsplsp_trace_record *record = &image.rings[ring].records[number % CAPACITY];
    *record = (struct wsplsp_trace_record){
        .sequence = 2 * number + (duration == UINT64_MAX ? 1 : 2),
        .begin = 1000 + at,
        .end = 1000 + at + duration,
        .socket = socket,
        .function = (uint16_t)function,
        .thread = 500 + (uint32_t)ring,
        .provider = 1100,
    };
    record->check = ~(uint32_t)record->sequence;
    return record;
}

static void fail_with(struct wsplsp_trace_record *record, int error)
{
    record->result = -1;
    record->error = error;
    record->flags = error == PENDING ? record->flags | WSPLSP_TRACE_PENDING : record->flags;
}

static void set_address(struct wsplsp_trace_record *record, int kind, uint8_t last, uint16_t port)
{
    const uint8_t address[16] = {2, 0, (uint8_t)(port >> 8), (uint8_t)port, 127, 0, 0, last};
    memcpy(record->address, address, sizeof address);
    record->address_kind = (uint8_t)kind;
    record->address_length = sizeof address;
}

static struct wsplsp_error error;

static enum wsplsp_status read_part(struct trace *trace, size_t size)
{
    void *bytes = malloc(size > 0 ? size : 1);
    assert_non_null(bytes);
    memcpy(bytes, &image, size);
    return trace_add(trace, bytes, size, "x.trace", &error);
}

static void read_image(struct trace *trace)
{
    assert_int_equal(read_part(trace, sizeof image), WSPLSP_OK);
}

/* --- reading --- */

static void test_two_processes(void **state)
{
    (void)state;
    struct trace trace = {0};
    begin_image(10, 5000000);
    add(0, WSPLSP_TRACE_BIND, 1, 10 * MS, MS);
    add(1, WSPLSP_TRACE_BIND, 2, 5 * MS, MS);
    read_image(&trace);
    /* 20 ms later by the machine's counter; the time of day is 15 ms behind. */
    begin_image(11, 5200000);
    image.header.start_time += 50000;
    add(0, WSPLSP_TRACE_BIND, 3, 0, MS);
    add(0, WSPLSP_TRACE_BIND, 4, 1 * MS, MS);
    read_image(&trace);
    trace_finish(&trace);
    assert_int_equal(trace.event_count, 4);
    static const uint64_t sockets[] = {2, 1, 3, 4};
    static const uint64_t times[] = {5, 10, 20, 21};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(trace.events[i].record->socket, sockets[i]);
        assert_int_equal(trace.events[i].time - trace.processes[0]->start, times[i] * MS);
        assert_int_equal(trace.events[i].duration, MS);
        assert_true(trace_seconds(&trace, &trace.events[i]) == (double)times[i] / 1e3); /* to the nanosecond */
    }
    trace_clear(&trace);
}

/* After a restart the counter begins anew: the time of day is all there is. */
static void test_after_restart(void **state)
{
    (void)state;
    struct trace trace = {0};
    begin_image(10, 50000000000);
    add(0, WSPLSP_TRACE_BIND, 1, 0, MS);
    read_image(&trace);
    begin_image(10, 3000000);
    image.header.start_time += 600 * UINT64_C(10000000);
    add(0, WSPLSP_TRACE_BIND, 2, 0, MS);
    read_image(&trace);
    trace_finish(&trace);
    assert_int_equal(trace.events[1].record->socket, 2);
    assert_int_equal(trace.events[1].time - trace.events[0].time, 600000 * MS);
    trace_clear(&trace);
}

static void test_dropped_and_torn(void **state)
{
    (void)state;
    struct trace trace = {0};
    begin_image(10, 0);
    for (uint64_t i = 0; i < CAPACITY + 5; i++)
        add(0, WSPLSP_TRACE_SEND, i, i * MS, 1000);
    image.rings[0].records[7].check ^= 1;    /* being written */
    image.rings[0].records[8].sequence += 2; /* of no call of this slot */
    image.rings[0].records[8].check = ~(uint32_t)image.rings[0].records[8].sequence;
    add(1, WSPLSP_TRACE_RECV, 99, 0, UINT64_MAX);
    image.rings[1].head.written = 12345; /* the ring's header is damaged */
    read_image(&trace);
    trace_finish(&trace);
    assert_int_equal(trace.processes[0]->dropped, 5);
    assert_int_equal(trace.processes[0]->torn, 2);
    assert_int_equal(trace.event_count, CAPACITY - 2 + 1);
    assert_true(trace.events[0].under_way);
    assert_int_equal(trace.events[1].record->socket, 5);
    trace_clear(&trace);
}

static void test_cut_short(void **state)
{
    (void)state;
    struct trace trace = {0};
    begin_image(10, 0);
    for (uint64_t i = 0; i < 10; i++)
        add(0, WSPLSP_TRACE_SEND, i, i * MS, 1000);
    const size_t four = sizeof image.header + sizeof(struct wsplsp_trace_ring) + 4 * RECORD + 60;
    assert_int_equal(read_part(&trace, four), WSPLSP_OK);
    trace_finish(&trace);
    assert_true(trace.processes[0]->cut_short);
    assert_int_equal(trace.event_count, 4);
    trace_clear(&trace);
    for (size_t size = 0; size <= sizeof image; size += 7) {
        enum wsplsp_status status = read_part(&trace, size);
        assert_int_equal(status, size < sizeof image.header ? WSPLSP_SYSTEM : WSPLSP_OK);
        trace_clear(&trace);
    }
}

static void assert_refused(void)
{
    struct trace trace = {0};
    assert_int_equal(read_part(&trace, sizeof image), WSPLSP_SYSTEM);
    assert_string_equal(error.name, "BAD_FORMAT");
    assert_int_equal(trace.process_count, 0);
    trace_clear(&trace);
}

#define REFUSED(change)       \
    do {                      \
        begin_image(10, 100); \
        change;               \
        assert_refused();     \
    } while (0)

static void test_damaged_header(void **state)
{
    (void)state;
    REFUSED(image.header.magic[0] = 'w');
    REFUSED(image.header.version = 2);
    REFUSED(image.header.header_size = 8);
    REFUSED(image.header.header_size = 1u << 30);
    REFUSED(image.header.header_size += 4);
    REFUSED(image.header.record_size = 0);
    REFUSED(image.header.record_size = 132);
    REFUSED(image.header.record_size = 1u << 20);
    REFUSED(image.header.data_bytes = 1);
    REFUSED(image.header.ring_size = 0);
    REFUSED(image.header.ring_size = 255);
    REFUSED(image.header.ring_size = UINT32_MAX - 7);
    REFUSED(image.header.frequency = 0);
    REFUSED(image.header.latest = 3);
    REFUSED(image.header.latest = 0);
    REFUSED(image.header.clock = 9);
    REFUSED(image.header.moment[1].ticks = 10);
    REFUSED(image.header.moment[1].counter = 10);
}

/* A layer's copy further down records the same call again; a completion routine's calls come in at the top. */
static void test_nested(void **state)
{
    (void)state;
    static const bool nested[] = {false, true, false, false, false, true, false};
    struct trace trace = {0};
    begin_image(10, 0);
    add(0, WSPLSP_TRACE_CONNECT, 1, 0, 10 * MS);
    add(0, WSPLSP_TRACE_CONNECT, 1, 1 * MS, 8 * MS)->provider = 1101;
    add(0, WSPLSP_TRACE_RECV, 2, 5 * MS, MS);
    add(1, WSPLSP_TRACE_SEND, 1, 6 * MS, MS)->provider = 1101; /* another thread */
    add(0, WSPLSP_TRACE_SOCKET, 0, 20 * MS, 10 * MS)->provider = 0;
    add(0, WSPLSP_TRACE_SOCKET, 0, 21 * MS, 8 * MS)->provider = 0;
    add(0, WSPLSP_TRACE_SEND, 1, 31 * MS, MS)->provider = 1101;
    read_image(&trace);
    trace_finish(&trace);
    assert_int_equal(trace.event_count, 7);
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(trace.events[i].nested, nested[i]);
    trace_clear(&trace);
}

static bool read_and_sum(void *context)
{
    (void)context;
    struct trace trace = {0};
    struct trace_summary summary = {0};
    const struct trace_filter filter = {0};
    void *bytes = malloc(sizeof image);
    if (bytes == NULL)
        return false;
    memcpy(bytes, &image, sizeof image);
    bool done = trace_add(&trace, bytes, sizeof image, "x", &error) == WSPLSP_OK;
    if (done) {
        trace_finish(&trace);
        done = trace_summarize(&trace, &filter, &summary, &error) == WSPLSP_OK;
    }
    trace_summary_free(&summary);
    trace_clear(&trace);
    return done;
}

static void test_no_memory(void **state)
{
    (void)state;
    begin_image(10, 0);
    for (uint64_t i = 0; i < CAPACITY; i++)
        fail_with(add(0, WSPLSP_TRACE_SEND, 4 * i, i * MS, 1000), PENDING);
    support_fail_allocations(read_and_sum, NULL);
}

/* --- filters --- */

static void test_filters(void **state)
{
    (void)state;
    struct trace trace = {0};
    begin_image(10, 0);
    add(0, WSPLSP_TRACE_ACCEPT, 1, 0, 10 * MS)->other = 8;
    fail_with(add(0, WSPLSP_TRACE_CONNECT, 2, 20 * MS, 5 * MS), 10061);
    fail_with(add(0, WSPLSP_TRACE_RECV, 2, 30 * MS, 1 * MS), PENDING);
    add(0, WSPLSP_TRACE_RECV, 3, 40 * MS, UINT64_MAX);
    read_image(&trace);
    trace_finish(&trace);
    static const struct {
        struct trace_filter filter;
        bool passes[4];
    } cases[] = {
        {{0}, {true, true, true, true}},
        {{.by_socket = true, .socket = 2}, {false, true, true, false}},
        {{.by_socket = true, .socket = 8}, {true, false, false, false}},
        {{.by_function = true, .function = WSPLSP_TRACE_RECV}, {false, false, true, true}},
        {{.by_process = true, .process = 10}, {true, true, true, true}},
        {{.by_process = true, .process = 11}, {false, false, false, false}},
        {{.errors = true}, {false, true, false, false}},
        {{.slower = 5 * MS}, {true, true, false, true}},
        {{.slower = 5 * MS + 1}, {true, false, false, true}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t j = 0; j < 4; j++)
            assert_int_equal(trace_filter_passes(&cases[i].filter, &trace.events[j]), cases[i].passes[j]);
    }
    trace_clear(&trace);
}

static void test_filter_texts(void **state)
{
    (void)state;
    uint64_t value;
    static const struct {
        const char *text;
        uint64_t nanoseconds;
    } durations[] = {{"10ms", 10 * MS}, {"1.5s", 1500 * MS}, {"250us", 250000}, {"80ns", 80}, {"0.001ms", 1000}};
    static const char *const wrong[] = {"",      "10",    "ms", "-1ms", "1.ms",           ".5s",
                                        "1e3ms", "10 ms", "0s", "10m",  "99999999999999s"};
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        assert_true(trace_filter_duration(durations[i].text, &value));
        assert_int_equal(value, durations[i].nanoseconds);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(trace_filter_duration(wrong[i], &value));
    assert_true(trace_filter_number("0x1A4", UINT64_MAX, &value));
    assert_int_equal(value, 420);
    assert_true(trace_filter_number("18446744073709551615", UINT64_MAX, &value));
    assert_int_equal(value, UINT64_MAX);
    assert_true(trace_filter_number("4096", 4096, &value));
    static const char *const no_numbers[] = {"", "0x", "1a", "-1", "18446744073709551616", " 1"};
    for (size_t i = 0; i < sizeof no_numbers / sizeof no_numbers[0]; i++)
        assert_false(trace_filter_number(no_numbers[i], UINT64_MAX, &value));
    assert_false(trace_filter_number("4097", 4096, &value));
}

/* --- words --- */

static void test_addresses(void **state)
{
    (void)state;
    /* RFC 5952's own examples, and the SOCKADDR_IN6 around them. */
    static const struct {
        uint8_t address[16];
        uint8_t scope;
        const char *text;
    } cases[] = {
        {{0x20, 0x01, 0x0d, 0xb8, [15] = 1}, 0, "[2001:db8::1]:80"},
        {{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}, 0, "[2001:db8:0:1:1:1:1:1]:80"},
        {{0x20, 0x01, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}, 0, "[2001:0:0:1::1]:80"},
        {{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1}, 0, "[2001:db8::1:0:0:1]:80"},
        {{0}, 0, "[::]:80"},
        {{[15] = 1}, 0, "[::1]:80"},
        {{0xfe, 0x80, [15] = 1}, 4, "[fe80::1%4]:80"},
        {{[10] = 0xff, 0xff, 192, 0, 2, 128}, 0, "[::ffff:192.0.2.128]:80"},
        {{0x20, 0x01, 0x0d, 0xb8}, 0, "[2001:db8::]:80"},
    };
    char text[TRACE_ADDRESS_ROOM];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wsplsp_trace_record record = {.address_kind = WSPLSP_TRACE_REMOTE, .address_length = 28};
        memcpy(record.address, (uint8_t[]){23, 0, 0, 80}, 4);
        memcpy(record.address + 8, cases[i].address, 16);
        record.address[24] = cases[i].scope;
        trace_address_text(&record, text);
        assert_string_equal(text, cases[i].text);
    }
    struct wsplsp_trace_record record = {0};
    trace_address_text(&record, text);
    assert_string_equal(text, "");
    set_address(&record, WSPLSP_TRACE_LOCAL, 1, 65535);
    trace_address_text(&record, text);
    assert_string_equal(text, "127.0.0.1:65535");
    record.address_length = 15;
    trace_address_text(&record, text);
    assert_string_equal(text, "family 2, 15 bytes");
}

static void test_times(void **state)
{
    (void)state;
    char text[40];
    /* FILETIME's reference: 100 ns since January 1, 1601; 1970-01-01 is 116444736000000000. */
    trace_time_text(UINT64_C(11644473600) * 1000000000, 9, text);
    assert_string_equal(text, "1970-01-01 00:00:00.000000000");
    trace_time_text((UINT64_C(11644473600) + 1709251199) * 1000000000 + 123456789, 3,
                    text); /* date -u -d @1709251199 */
    assert_string_equal(text, "2024-02-29 23:59:59.123");
    trace_time_text((UINT64_C(11644473600) + 4107542400) * 1000000000, 0, text); /* 2100 is no leap year */
    assert_string_equal(text, "2100-03-01 00:00:00.");
    char duration[16];
    static const struct {
        uint64_t value;
        const char *text;
    } cases[] = {{0, "0 ns"},           {999, "999 ns"},         {1000, "1.00 us"},     {9994, "9.99 us"},
                 {9996, "10.0 us"},     {123456, "123 us"},      {12345678, "12.3 ms"}, {99960000, "100 ms"},
                 {1500 * MS, "1.50 s"}, {3600000 * MS, "3600 s"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        trace_duration_text(cases[i].value, duration);
        assert_string_equal(duration, cases[i].text);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_int_equal(trace_function_find("WSPConnect"), WSPLSP_TRACE_CONNECT);
    assert_int_equal(trace_function_find("connect"), WSPLSP_TRACE_CONNECT);
    assert_int_equal(trace_function_find("wsarecvmsg"), WSPLSP_TRACE_RECV_MSG);
    assert_int_equal(trace_function_find("AcceptEx"), WSPLSP_TRACE_ACCEPT_EX);
    assert_int_equal(trace_function_find(""), 0);
    assert_int_equal(trace_function_find("WSP"), 0);
    size_t count = 0;
    for (unsigned function; (function = trace_function_at(count)) != 0; count++) {
        assert_non_null(trace_function_name(function));
        assert_int_equal(trace_function_find(trace_function_name(function)), function);
    }
    /* The SPI and WSPStartup, the extension functions, the upcalls that a host notes. */
    assert_int_equal(count, 30 + 1 + 7 + 3);
    assert_string_equal(trace_error_name(10061), "WSAECONNREFUSED");
    assert_string_equal(trace_error_name(997), "WSA_IO_PENDING");
    assert_null(trace_error_name(424242));
    assert_string_equal(trace_option_name(0xffff, 0x1002), "SO_RCVBUF");
    assert_string_equal(trace_option_name(6, 1), "TCP_NODELAY");
    assert_string_equal(trace_option_name(41, 27), "IPV6_V6ONLY");
    assert_null(trace_option_name(99, 1));
    assert_string_equal(trace_ioctl_name(0x8004667e), "FIONBIO");
    assert_string_equal(trace_ioctl_name(0x48000022), "SIO_BASE_HANDLE");
    assert_string_equal(trace_shutdown_name(1), "SD_SEND");
}

static void test_arguments(void **state)
{
    (void)state;
    struct trace_value values[WSPLSP_TRACE_ARGUMENTS];
    struct wsplsp_trace_record record = {.function = WSPLSP_TRACE_RECV, .argument = {0x42, 0x8000, 3, 0}};
    assert_int_equal(trace_arguments_of(&record, false, values), 3);
    assert_string_equal(values[0].name, "flags");
    assert_string_equal(values[0].text, "MSG_PEEK|0x40");
    assert_string_equal(values[1].text, "MSG_PARTIAL");
    assert_int_equal(values[2].value, 3);
    assert_int_equal(trace_arguments_of(&record, true, values), 2); /* what came back is not known yet */
    record.flags = WSPLSP_TRACE_COMPLETION;
    assert_int_equal(trace_arguments_of(&record, false, values), 0);
    record = (struct wsplsp_trace_record){.function = WSPLSP_TRACE_SOCKET, .argument = {23, 1, 6, 1}};
    assert_int_equal(trace_arguments_of(&record, false, values), 4);
    assert_string_equal(values[0].text, "AF_INET6");
    assert_string_equal(values[1].text, "SOCK_STREAM");
    assert_string_equal(values[2].text, "IPPROTO_TCP");
    assert_string_equal(values[3].text, "WSA_FLAG_OVERLAPPED");
    record = (struct wsplsp_trace_record){.function = WSPLSP_TRACE_SELECT, .argument = {1, 0, 0, UINT32_MAX}};
    assert_int_equal(trace_arguments_of(&record, false, values), 4);
    assert_string_equal(values[3].text, "no limit");
    record = (struct wsplsp_trace_record){.function = 999};
    assert_int_equal(trace_arguments_of(&record, false, values), 0);
}

/* --- sums --- */

static void summarize(struct trace *trace, const struct trace_filter *filter, struct trace_summary *summary)
{
    read_image(trace);
    trace_finish(trace);
    assert_int_equal(trace_summarize(trace, filter, summary, &error), WSPLSP_OK);
}

static void test_functions(void **state)
{
    (void)state;
    const struct trace_filter all = {0};
    struct trace trace = {0};
    struct trace_summary summary;
    begin_image(10, 0);
    for (uint64_t i = 1; i <= 20; i++)
        add(0, WSPLSP_TRACE_SEND, 1, i * 10 * MS, i * MS);
    fail_with(add(0, WSPLSP_TRACE_BIND, 1, 500 * MS, MS), 10048);
    add(0, WSPLSP_TRACE_BIND, 1, 600 * MS, UINT64_MAX);
    summarize(&trace, &all, &summary);
    assert_int_equal(summary.function_count, 2);
    const struct trace_function *bind = &summary.functions[0], *send = &summary.functions[1];
    assert_int_equal(bind->function, WSPLSP_TRACE_BIND);
    assert_int_equal(bind->count, 2);
    assert_int_equal(bind->errors, 1);
    assert_int_equal(bind->under_way, 1);
    assert_int_equal(bind->p50, MS);
    assert_int_equal(send->count, 20);
    assert_int_equal(send->errors, 0);
    assert_int_equal(send->p50, 10 * MS); /* nearest rank: the 10th of 20 */
    assert_int_equal(send->p99, 20 * MS);
    assert_int_equal(send->max, 20 * MS);
    trace_summary_free(&summary);
    trace_clear(&trace);
}

static void test_socket_life(void **state)
{
    (void)state;
    const struct trace_filter all = {0};
    struct trace trace = {0};
    struct trace_summary summary;
    struct wsplsp_trace_record *record;
    begin_image(10, 0);
    record = add(0, WSPLSP_TRACE_SOCKET, 0, 0, 2 * MS);
    record->other = 4;
    record->argument[0] = 2, record->argument[1] = 1, record->argument[2] = 6;
    record = add(0, WSPLSP_TRACE_CONNECT, 4, 5 * MS, 50 * MS);
    set_address(record, WSPLSP_TRACE_REMOTE, 1, 80);
    record = add(0, WSPLSP_TRACE_SEND, 4, 60 * MS, MS);
    record->asked = 100, record->done = 90;
    record = add(0, WSPLSP_TRACE_SEND, 4, 65 * MS, MS);
    record->asked = 100;
    fail_with(record, 10035);
    record = add(0, WSPLSP_TRACE_RECV, 4, 70 * MS, MS);
    record->asked = 500, record->done = 30;
    record = add(0, WSPLSP_TRACE_GET_SOCK_NAME, 4, 80 * MS, MS);
    set_address(record, WSPLSP_TRACE_LOCAL, 1, 4711);
    add(0, WSPLSP_TRACE_CLOSE_SOCKET, 4, 90 * MS, 10 * MS);
    add(0, WSPLSP_TRACE_LISTEN, 4, 200 * MS, MS); /* the handle again, of a socket that the trace has not seen made */
    summarize(&trace, &all, &summary);
    assert_int_equal(summary.socket_count, 2);
    const struct trace_socket *socket = &summary.sockets[0];
    assert_int_equal(socket->socket, 4);
    assert_true(socket->made && socket->closed);
    assert_int_equal(socket->last - socket->first, 98 * MS);
    assert_int_equal(socket->type, 1);
    assert_int_equal(socket->protocol, 6);
    assert_string_equal(socket->peer, "127.0.0.1:80");
    assert_string_equal(socket->local, "127.0.0.1:4711");
    assert_int_equal(socket->sent, 90);
    assert_int_equal(socket->received, 30);
    assert_int_equal(socket->unknown, 0);
    assert_int_equal(socket->calls, 7);
    assert_int_equal(socket->errors, 1);
    assert_int_equal(socket->slowest, 50 * MS);
    assert_int_equal(socket->slowest_function, WSPLSP_TRACE_CONNECT);
    assert_false(summary.sockets[1].made || summary.sockets[1].closed);
    trace_summary_free(&summary);
    trace_clear(&trace);
}

/* While a thread waits in accept, another closes a socket whose handle the new one then gets. */
static void test_accepted_handle_again(void **state)
{
    (void)state;
    const struct trace_filter all = {0};
    struct trace trace = {0};
    struct trace_summary summary;
    struct wsplsp_trace_record *record;
    begin_image(10, 0);
    record = add(0, WSPLSP_TRACE_ACCEPT, 4, 10 * MS, 100 * MS);
    record->other = 8;
    set_address(record, WSPLSP_TRACE_REMOTE, 1, 5000);
    add(1, WSPLSP_TRACE_SEND, 8, 0, MS)->done = 1;
    add(1, WSPLSP_TRACE_SEND, 8, 20 * MS, MS)->done = 2;
    add(1, WSPLSP_TRACE_CLOSE_SOCKET, 8, 30 * MS, MS);
    add(1, WSPLSP_TRACE_SEND, 8, 120 * MS, MS)->done = 40;
    summarize(&trace, &all, &summary);
    assert_int_equal(summary.socket_count, 3);
    assert_int_equal(summary.sockets[0].socket, 8);
    assert_int_equal(summary.sockets[0].sent, 3);
    assert_true(summary.sockets[0].closed);
    assert_string_equal(summary.sockets[0].peer, "");
    assert_int_equal(summary.sockets[1].socket, 4);
    assert_string_equal(summary.sockets[1].peer, ""); /* the listening one's */
    assert_int_equal(summary.sockets[2].socket, 8);
    assert_int_equal(summary.sockets[2].sent, 40);
    assert_string_equal(summary.sockets[2].peer, "127.0.0.1:5000");
    trace_summary_free(&summary);
    trace_clear(&trace);
}

static void add_pending(unsigned function, uint64_t at, uint64_t overlapped)
{
    struct wsplsp_trace_record *record = add(0, function, 4, at, 1000);
    record->overlapped = overlapped;
    record->flags = WSPLSP_TRACE_OVERLAPPED;
    fail_with(record, PENDING);
}

static void test_overlapped_bytes(void **state)
{
    (void)state;
    const struct trace_filter all = {0};
    struct trace trace = {0};
    struct trace_summary summary;
    struct wsplsp_trace_record *record;
    begin_image(10, 0);
    add_pending(WSPLSP_TRACE_RECV, 0, 0x100);
    add_pending(WSPLSP_TRACE_SEND, MS, 0x200);
    add_pending(WSPLSP_TRACE_RECV, 2 * MS, 0x300); /* its end is not in the trace */
    record = add(0, WSPLSP_TRACE_RECV, 4, 10 * MS, MS);
    record->flags = WSPLSP_TRACE_COMPLETION | WSPLSP_TRACE_OVERLAPPED;
    record->overlapped = 0x100;
    record->done = 70;
    record = add(0, WSPLSP_TRACE_GET_OVERLAPPED_RESULT, 4, 20 * MS, MS);
    record->overlapped = 0x200;
    record->done = 33;
    record = add(0, WSPLSP_TRACE_GET_OVERLAPPED_RESULT, 4, 30 * MS, MS); /* asked once more */
    record->overlapped = 0x200;
    record->done = 33;
    summarize(&trace, &all, &summary);
    assert_int_equal(summary.socket_count, 1);
    assert_int_equal(summary.sockets[0].received, 70);
    assert_int_equal(summary.sockets[0].sent, 33);
    assert_int_equal(summary.sockets[0].unknown, 1);
    assert_int_equal(summary.sockets[0].calls, 5);
    assert_int_equal(summary.sockets[0].errors, 0);
    trace_summary_free(&summary);
    trace_clear(&trace);
}

/* Calls that the filter leaves out are not counted, but the peer is known from them. */
static void test_filtered_sums(void **state)
{
    (void)state;
    const struct trace_filter filter = {.by_function = true, .function = WSPLSP_TRACE_SEND};
    struct trace trace = {0};
    struct trace_summary summary;
    begin_image(10, 0);
    set_address(add(0, WSPLSP_TRACE_CONNECT, 4, 0, MS), WSPLSP_TRACE_REMOTE, 1, 80);
    add(0, WSPLSP_TRACE_SEND, 4, 10 * MS, MS)->done = 5;
    add(0, WSPLSP_TRACE_RECV, 4, 20 * MS, MS)->done = 6;
    add(0, WSPLSP_TRACE_RECV, 5, 30 * MS, MS)->done = 7;
    summarize(&trace, &filter, &summary);
    assert_int_equal(summary.function_count, 1);
    assert_int_equal(summary.socket_count, 1);
    assert_int_equal(summary.sockets[0].sent, 5);
    assert_int_equal(summary.sockets[0].received, 0);
    assert_int_equal(summary.sockets[0].calls, 1);
    assert_string_equal(summary.sockets[0].peer, "127.0.0.1:80");
    trace_summary_free(&summary);
    trace_clear(&trace);
}

static void test_nothing(void **state)
{
    (void)state;
    const struct trace_filter all = {0};
    struct trace trace = {0};
    struct trace_summary summary;
    begin_image(10, 0);
    summarize(&trace, &all, &summary);
    assert_int_equal(trace.event_count, 0);
    assert_int_equal(summary.function_count + summary.socket_count, 0);
    trace_summary_free(&summary);
    trace_clear(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_processes),
        cmocka_unit_test(test_after_restart),
        cmocka_unit_test(test_dropped_and_torn),
        cmocka_unit_test(test_cut_short),
        cmocka_unit_test(test_damaged_header),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_filters),
        cmocka_unit_test(test_filter_texts),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_functions),
        cmocka_unit_test(test_socket_life),
        cmocka_unit_test(test_accepted_handle_again),
        cmocka_unit_test(test_overlapped_bytes),
        cmocka_unit_test(test_filtered_sums),
        cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests_name("trace_read", tests, NULL, NULL);
}
