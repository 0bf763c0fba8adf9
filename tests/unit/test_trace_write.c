/* The trace's writer over a system of the test's own, read back by the reader. A writer is for a process's whole life,
 * so each case writes in a process of its own, and kills it where a case is about that. */
#include "support.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

#include "lsp-core/base/file.h"
#include "lsp-core/layer/trace/os.h"
#include "lsp-core/trace/read.h"

/* --- the system --- */

#define FREQUENCY 10000000u /* 100 ns, as on Windows */
#define TSC_RATE  3u        /* ticks a nanosecond */

static char path[] = "/tmp/wsplsp-trace-XXXXXX";
static int file = -1;
static struct trace_writer *current;
static uint32_t thread_id = 1000;
static uint32_t living_from = 0; /* threads with a smaller id have ended */
static uint64_t now;             /* nanoseconds */
static unsigned maps_left = 1000;
static bool steady_tsc = true;

bool trace_os_create(const char *name)
{
    file = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    return file >= 0;
}

void trace_os_discard(void)
{
    close(file);
    unlink(path);
}

void *trace_os_map(uint64_t offset, size_t bytes)
{
    if (maps_left == 0)
        return NULL;
    maps_left--;
    off_t end = (off_t)(offset + bytes);
    if (lseek(file, 0, SEEK_END) < end && ftruncate(file, end) != 0)
        return NULL;
    void *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, (off_t)offset);
    return address == MAP_FAILED ? NULL : address;
}

void trace_os_set_writer(struct trace_writer *writer)
{
    current = writer;
}

struct trace_writer *trace_os_writer(void)
{
    return current;
}

uint32_t trace_os_process(void)
{
    return 77;
}

uint32_t trace_os_thread(void)
{
    return thread_id;
}

bool trace_os_thread_lives(uint32_t thread)
{
    return thread >= living_from;
}

void trace_os_image(uint16_t *image)
{
    static const char name[] = "C:\\test.exe";
    for (size_t i = 0; i < sizeof name; i++)
        image[i] = (uint16_t)name[i];
}

/* Time goes on whenever somebody looks. */
uint64_t trace_os_counter(void)
{
    return (now += 100) / (1000000000u / FREQUENCY);
}

uint64_t trace_os_frequency(void)
{
    return FREQUENCY;
}

uint64_t trace_os_file_time(void)
{
    return UINT64_C(134000000000000000);
}

bool trace_os_tsc_is_steady(void)
{
    return steady_tsc;
}

uint64_t trace_os_tsc(void)
{
    return now * TSC_RATE;
}

bool trace_copy(void *to, const void *from, size_t bytes)
{
    if ((uintptr_t)from < 4096) /* nothing is mapped there */
        return false;
    memcpy(to, from, bytes);
    return true;
}

/* --- the cases --- */

static void switch_thread(uint32_t id, struct trace_writer **writer)
{
    current = *writer;
    thread_id = id;
}

/* Runs `write` in a process of its own and reads what it has left. */
static void record(void (*write)(void), struct trace *trace)
{
    struct wsplsp_error error;
    void *bytes;
    size_t size;
    int status;
    unlink(path);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        write();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true((WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
                (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
    assert_int_equal(file_read(path, &bytes, &size, &error), WSPLSP_OK);
    memset(trace, 0, sizeof *trace);
    assert_int_equal(trace_add(trace, bytes, size, path, &error), WSPLSP_OK);
    trace_finish(trace);
}

static void start(uint32_t data_bytes)
{
    if (!trace_start(path, data_bytes))
        _exit(1);
}

static void one_call(unsigned function, uintptr_t socket, int error)
{
    struct trace_call call;
    trace_begin(&call, function, socket, 1100);
    trace_enter(&call);
    now += 1000;
    trace_end(&call, error == 0 ? 0 : -1, error);
}

static void write_connect(void)
{
    static const uint8_t address[16] = {2, 0, 0x1f, 0x90, 127, 0, 0, 1};
    struct trace_call call;
    start(0);
    trace_begin(&call, WSPLSP_TRACE_CONNECT, 0x1a4, 1100);
    trace_address(&call, WSPLSP_TRACE_REMOTE, address, sizeof address);
    trace_arguments(&call, 7, 8, 0, 0);
    trace_enter(&call);
    now += 2500000;
    trace_end(&call, -1, 10061);
    trace_stop();
}

static void test_call(void **state)
{
    (void)state;
    struct trace trace;
    record(write_connect, &trace);
    assert_int_equal(trace.process_count, 1);
    const struct trace_process *process = trace.processes[0];
    assert_string_equal(process->image, "C:\\test.exe");
    assert_int_equal(process->id, 77);
    assert_true(process->ended);
    assert_int_equal(process->start, UINT64_C(13400000000000000000));
    assert_int_equal(process->dropped + process->lost + process->torn, 0);
    assert_int_equal(trace.event_count, 1);
    const struct trace_event *event = &trace.events[0];
    assert_int_equal(event->record->function, WSPLSP_TRACE_CONNECT);
    assert_int_equal(event->record->socket, 0x1a4);
    assert_int_equal(event->record->provider, 1100);
    assert_int_equal(event->record->thread, 1000);
    assert_int_equal(event->record->result, -1);
    assert_int_equal(event->record->error, 10061);
    assert_int_equal(event->record->argument[0], 7);
    assert_int_equal(event->record->argument[1], 8);
    assert_int_equal(event->record->address_kind, WSPLSP_TRACE_REMOTE);
    assert_int_equal(event->record->address_length, 16);
    assert_int_equal(event->record->address[3], 0x90);
    assert_true(trace_failed(event));
    assert_false(event->under_way);
    assert_in_range(event->duration, 2500000 - 300, 2500000 + 300); /* the two clocks are 100 ns apart */
    trace_clear(&trace);
}

static void write_on_counter(void)
{
    steady_tsc = false;
    write_connect();
}

static void test_counter(void **state)
{
    (void)state;
    struct trace trace;
    record(write_on_counter, &trace);
    assert_int_equal(trace.event_count, 1);
    assert_in_range(trace.events[0].duration, 2500000, 2500300);
    trace_clear(&trace);
}

static void write_and_hang(void)
{
    struct trace_call call;
    trace_buffer buffer = {100, NULL};
    start(0);
    one_call(WSPLSP_TRACE_BIND, 8, 0);
    trace_begin(&call, WSPLSP_TRACE_RECV, 8, 1100);
    trace_asked(&call, &buffer, 1);
    trace_enter(&call);
    kill(getpid(), SIGKILL);
}

static void test_killed(void **state)
{
    (void)state;
    struct trace trace;
    record(write_and_hang, &trace);
    assert_false(trace.processes[0]->ended);
    assert_int_equal(trace.processes[0]->torn, 0);
    assert_int_equal(trace.event_count, 2);
    assert_false(trace.events[0].under_way);
    assert_true(trace.events[1].under_way);
    assert_int_equal(trace.events[1].record->asked, 100);
    assert_int_equal(trace.events[1].duration, 0);
    assert_false(trace_failed(&trace.events[1]));
    trace_clear(&trace);
}

static void write_and_die_writing(void)
{
    struct trace_call call;
    start(0);
    one_call(WSPLSP_TRACE_BIND, 8, 0);
    trace_begin(&call, WSPLSP_TRACE_RECV, 8, 1100);
    kill(getpid(), SIGKILL);
}

/* A record that was begun and not yet published is no call, but is counted. */
static void test_killed_writing(void **state)
{
    (void)state;
    struct trace trace;
    record(write_and_die_writing, &trace);
    assert_int_equal(trace.event_count, 1);
    assert_int_equal(trace.processes[0]->torn, 1);
    trace_clear(&trace);
}

enum { CAPACITY = (WSPLSP_TRACE_RING_SIZE - 128) / 128, EXTRA = 17 };

static void write_too_many(void)
{
    start(0);
    for (uintptr_t i = 1; i <= CAPACITY + EXTRA; i++)
        one_call(WSPLSP_TRACE_SEND, i, 0);
    trace_stop();
}

static void test_full_ring(void **state)
{
    (void)state;
    struct trace trace;
    record(write_too_many, &trace);
    assert_int_equal(trace.event_count, CAPACITY);
    assert_int_equal(trace.processes[0]->dropped, EXTRA);
    assert_int_equal(trace.processes[0]->torn, 0);
    for (size_t i = 0; i < CAPACITY; i++) {
        assert_int_equal(trace.events[i].record->socket, EXTRA + 1 + i);
        assert_true(i == 0 || trace.events[i].time > trace.events[i - 1].time);
    }
    trace_clear(&trace);
}

static void write_over_and_die(void)
{
    struct trace_call call;
    start(0);
    for (uintptr_t i = 1; i <= CAPACITY; i++)
        one_call(WSPLSP_TRACE_SEND, i, 0);
    trace_begin(&call, WSPLSP_TRACE_RECV, 8, 1100);
    kill(getpid(), SIGKILL);
}

/* The old record is no longer one while a new one is written over it: a reader may look at any time. */
static void test_written_over(void **state)
{
    (void)state;
    struct trace trace;
    record(write_over_and_die, &trace);
    const struct wsplsp_trace_record *first =
        (const void *)((const uint8_t *)trace.processes[0]->bytes + WSPLSP_TRACE_HEADER_SIZE + 128);
    assert_int_equal(first->function, WSPLSP_TRACE_RECV);
    assert_int_equal(first->sequence, 0);
    assert_int_equal(first->check, 0);
    assert_int_equal(trace.event_count, CAPACITY - 1);
    assert_int_equal(trace.processes[0]->dropped, 1);
    assert_int_equal(trace.processes[0]->torn, 1);
    trace_clear(&trace);
}

/* A call that lasts until newer ones have filled the ring must not write into theirs. */
static void write_around(void)
{
    struct trace_call outer;
    start(0);
    trace_begin(&outer, WSPLSP_TRACE_SELECT, 1, 1100);
    trace_enter(&outer);
    for (uintptr_t i = 1; i <= CAPACITY; i++)
        one_call(WSPLSP_TRACE_SEND, 2, 0);
    trace_end(&outer, -1, 10004);
    trace_stop();
}

static void test_overtaken(void **state)
{
    (void)state;
    struct trace trace;
    record(write_around, &trace);
    assert_int_equal(trace.event_count, CAPACITY);
    assert_int_equal(trace.processes[0]->torn, 0);
    for (size_t i = 0; i < CAPACITY; i++)
        assert_int_equal(trace.events[i].record->error, 0);
    trace_clear(&trace);
}

/* Thread 1001's ring goes to 1003, its records stay; 1002 keeps its own. */
static void write_from_threads(void)
{
    struct trace_writer *none = NULL, *second = NULL;
    start(0);
    switch_thread(1001, &none);
    one_call(WSPLSP_TRACE_BIND, 1, 0);
    trace_thread_end();
    switch_thread(1002, &none);
    thread_id = 1002;
    one_call(WSPLSP_TRACE_BIND, 2, 0);
    second = current;
    switch_thread(1003, &none);
    one_call(WSPLSP_TRACE_BIND, 3, 0);
    switch_thread(1002, &second);
    one_call(WSPLSP_TRACE_BIND, 4, 0);
    trace_stop();
}

static void test_threads(void **state)
{
    (void)state;
    struct trace trace;
    static const uint32_t threads[] = {1001, 1002, 1003, 1002};
    record(write_from_threads, &trace);
    assert_int_equal(trace.event_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(trace.events[i].record->socket, i + 1);
        assert_int_equal(trace.events[i].record->thread, threads[i]);
    }
    const struct wsplsp_trace_header *header = trace.processes[0]->bytes;
    assert_int_equal(header->rings, 2);
    trace_clear(&trace);
}

/* All rings taken: calls are counted as lost, until a thread has ended without giving its ring back. */
static void write_from_crowd(void)
{
    struct trace_writer *none = NULL;
    start(0);
    for (uint32_t i = 0; i < WSPLSP_TRACE_RING_LIMIT; i++) {
        switch_thread(5000 + i, &none);
        one_call(WSPLSP_TRACE_BIND, 1, 0);
    }
    for (int i = 0; i < 2; i++) {
        switch_thread(9000, &none);
        one_call(WSPLSP_TRACE_BIND, 2, 0);
        one_call(WSPLSP_TRACE_BIND, 2, 0);
    }
    trace_thread_end(); /* has none to give back */
    living_from = 5001;
    switch_thread(9001, &none);
    one_call(WSPLSP_TRACE_BIND, 3, 0);
    trace_stop();
}

static void test_crowd(void **state)
{
    (void)state;
    struct trace trace;
    record(write_from_crowd, &trace);
    assert_int_equal(trace.event_count, WSPLSP_TRACE_RING_LIMIT + 1);
    assert_int_equal(trace.processes[0]->lost, 4);
    assert_int_equal(trace.processes[0]->dropped, 0);
    assert_int_equal(trace.events[WSPLSP_TRACE_RING_LIMIT].record->socket, 3);
    trace_clear(&trace);
}

/* The disk is full when a second thread needs its ring; the first one's goes on. */
static void write_on_full_disk(void)
{
    struct trace_writer *none = NULL, *first;
    maps_left = 2; /* the header, one ring */
    start(0);
    one_call(WSPLSP_TRACE_BIND, 1, 0);
    first = current;
    switch_thread(1001, &none);
    one_call(WSPLSP_TRACE_BIND, 2, 0);
    switch_thread(1000, &first);
    one_call(WSPLSP_TRACE_BIND, 3, 0);
    trace_stop();
}

static void test_full_disk(void **state)
{
    (void)state;
    struct trace trace;
    record(write_on_full_disk, &trace);
    assert_int_equal(trace.event_count, 2);
    assert_int_equal(trace.events[1].record->socket, 3);
    assert_int_equal(trace.processes[0]->lost, 1);
    trace_clear(&trace);
}

static void test_no_start(void **state)
{
    (void)state;
    unlink(path);
    maps_left = 0;
    assert_false(trace_start(path, 0));
    assert_int_not_equal(access(path, F_OK), 0); /* nothing is left */
    assert_false(trace_is_on());
    maps_left = 1000;
    FILE *other = fopen(path, "w");
    assert_non_null(other);
    fclose(other);
    assert_false(trace_start(path, 0)); /* what is there is left alone */
    assert_false(trace_is_on());
}

static void write_data(void)
{
    char text[] = "abcdefghijklmnop";
    trace_buffer buffers[] = {{3, text}, {0, NULL}, {4, text + 3}, {9, text + 7}};
    trace_buffer bad[] = {{3, text}, {5, (char *)16}};
    struct trace_call call;
    start(10);
    trace_begin(&call, WSPLSP_TRACE_SEND, 1, 1100);
    trace_asked(&call, buffers, 4);
    trace_data(&call, buffers, 4, UINT32_MAX);
    trace_enter(&call);
    trace_done(&call, 16);
    trace_end(&call, 0, 0);

    trace_begin(&call, WSPLSP_TRACE_RECV, 2, 1100);
    trace_data(&call, buffers, 4, 5);
    trace_end(&call, 0, 0);

    /* What the program hands over cannot be read: no crash, and the rest is recorded. */
    trace_begin(&call, WSPLSP_TRACE_SEND, 3, 1100);
    trace_asked(&call, (trace_buffer *)8, 2);
    trace_data(&call, bad, 2, UINT32_MAX);
    trace_address(&call, WSPLSP_TRACE_REMOTE, (void *)24, 16);
    trace_value(&call, 3, (void *)32, 4);
    trace_end(&call, -1, 10014);

    trace_begin(&call, WSPLSP_TRACE_SET_SOCK_OPT, UINTPTR_MAX, 1100);
    trace_value(&call, 3, "\x01\x02", 2);
    trace_overlapped(&call, NULL, true);
    trace_end(&call, 0, 0);
    trace_stop();
}

static void test_data(void **state)
{
    (void)state;
    struct trace trace;
    size_t length;
    record(write_data, &trace);
    assert_int_equal(trace.event_count, 4);
    assert_int_equal(trace.processes[0]->data_bytes, 10);
    assert_int_equal(trace.events[0].record->asked, 16);
    assert_int_equal(trace.events[0].record->done, 16);
    assert_memory_equal(trace_event_data(&trace.events[0], &length), "abcdefghij", 10);
    assert_int_equal(length, 10);
    assert_memory_equal(trace_event_data(&trace.events[1], &length), "abcde", 5);
    assert_int_equal(length, 5);
    assert_memory_equal(trace_event_data(&trace.events[2], &length), "abc", 3);
    assert_int_equal(length, 3);
    assert_int_equal(trace.events[2].record->asked, 0);
    assert_int_equal(trace.events[2].record->address_kind, WSPLSP_TRACE_NO_ADDRESS);
    assert_int_equal(trace.events[3].record->argument[3], 0x0201);
    assert_int_equal(trace.events[3].record->socket, 0);
    assert_int_equal(trace.events[3].record->flags, 0);
    trace_clear(&trace);
}

static void write_pending(void)
{
    struct trace_call call;
    int overlapped;
    start(0);
    trace_begin(&call, WSPLSP_TRACE_RECV, 1, 1100);
    trace_overlapped(&call, &overlapped, true);
    uint64_t begin = trace_time();
    trace_enter(&call);
    trace_end(&call, -1, 997);
    now += 5000000;
    trace_completion(WSPLSP_TRACE_RECV, 1, 1100, &overlapped, begin, 42, 0);
    trace_completion(WSPLSP_TRACE_RECV, 1, 1100, &overlapped, begin, 0, 995);
    trace_stop();
}

static void test_pending(void **state)
{
    (void)state;
    struct trace trace;
    record(write_pending, &trace);
    assert_int_equal(trace.event_count, 3);
    assert_int_equal(trace.events[0].record->flags,
                     WSPLSP_TRACE_OVERLAPPED | WSPLSP_TRACE_ROUTINE | WSPLSP_TRACE_PENDING);
    assert_false(trace_failed(&trace.events[0]));
    const struct trace_event *completion = &trace.events[1];
    assert_true(trace_is_completion(completion));
    assert_int_equal(completion->record->overlapped, trace.events[0].record->overlapped);
    assert_int_equal(completion->record->done, 42);
    assert_in_range(completion->duration, 5000000 - 1000, 5000000 + 1000);
    assert_int_equal(trace.events[2].record->result, -1);
    assert_true(trace_failed(&trace.events[2]));
    trace_clear(&trace);
}

static int make_name(void **state)
{
    (void)state;
    int made = mkstemp(path);
    if (made >= 0)
        close(made);
    return made < 0;
}

static int remove_name(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_call),           cmocka_unit_test(test_counter),   cmocka_unit_test(test_killed),
        cmocka_unit_test(test_killed_writing), cmocka_unit_test(test_full_ring), cmocka_unit_test(test_overtaken),
        cmocka_unit_test(test_written_over),   cmocka_unit_test(test_threads),   cmocka_unit_test(test_crowd),
        cmocka_unit_test(test_full_disk),      cmocka_unit_test(test_data),      cmocka_unit_test(test_pending),
        cmocka_unit_test(test_no_start),
    };
    return cmocka_run_group_tests_name("trace_write", tests, make_name, remove_name);
}
