/* wsplsp-wsk.sys for real: loaded through the service control manager, it connects to listeners of this process. TAP.
 *   test_wsk_driver.exe DRIVER-FILE
 * Status 3: the process that the driver runs in under Wine is lost. */
#include "driver_service.h"
#include "peer.h"
#include "tap.h"
#include "wsplsp/wsk_device.h"

#include <stdlib.h>

#define STATUS_OF(value) ((int32_t)(value))

enum {
    OK = 0,
    REFUSED = STATUS_OF(0xc0000236),             /* STATUS_CONNECTION_REFUSED */
    NETWORK_UNREACHABLE = STATUS_OF(0xc000023c), /* STATUS_NETWORK_UNREACHABLE */
    NO_MEMORY = STATUS_OF(0xc0000017),           /* STATUS_NO_MEMORY */
    IO_TIMEOUT = STATUS_OF(0xc00000b5),          /* STATUS_IO_TIMEOUT */
    BAD_PARAMETER = STATUS_OF(0xc000000d),       /* STATUS_INVALID_PARAMETER */
    NOT_IMPLEMENTED = STATUS_OF(0xc0000002),     /* STATUS_NOT_IMPLEMENTED */
};

enum {
    CONNECT_STEPS = 1 << WSPLSP_WSK_STEP_SOCKET | 1 << WSPLSP_WSK_STEP_BIND | 1 << WSPLSP_WSK_STEP_CONNECT,
    CLOSE_STEP = 1 << WSPLSP_WSK_STEP_CLOSE,
};

enum { DRIVER_LOST = 3 };

static HANDLE device;

static const struct wsplsp_wsk_header plain = {WSPLSP_WSK_VERSION, sizeof plain};

static struct wsplsp_wsk_address address_of(uint16_t family, uint16_t port)
{
    struct wsplsp_wsk_address address = {.family = family, .port = port};
    if (port != 0) {
        static const uint8_t loopback4[4] = {127, 0, 0, 1};
        if (family == 2)
            memcpy(address.address, loopback4, 4);
        else
            address.address[15] = 1;
    }
    return address;
}

static struct wsplsp_wsk_connect connect_to(uint16_t family, uint16_t port, uint32_t count, uint32_t timeout_ms)
{
    return (struct wsplsp_wsk_connect){
        .header = {WSPLSP_WSK_VERSION, sizeof(struct wsplsp_wsk_connect)},
        .local = address_of(family, 0),
        .remote = address_of(family, port),
        .socket_type = 1,
        .protocol = 6,
        .timeout_ms = timeout_ms,
        .count = count,
    };
}

static struct wsplsp_wsk_echo echo_to(uint16_t port, uint32_t size, uint32_t timeout_ms)
{
    return (struct wsplsp_wsk_echo){
        .header = {WSPLSP_WSK_VERSION, sizeof(struct wsplsp_wsk_echo)},
        .local = address_of(2, 0),
        .remote = address_of(2, port),
        .timeout_ms = timeout_ms,
        .send_size = size,
        .receive_size = size,
        .seed = 7,
    };
}

/* One connection; its attempt, with `status` 1 where the request itself failed. */
static struct wsplsp_wsk_attempt attempt(const struct wsplsp_wsk_connect *request)
{
    struct {
        struct wsplsp_wsk_connected answer;
        struct wsplsp_wsk_attempt attempt;
    } buffer;
    DWORD returned;
    DWORD error =
        device_request(device, WSPLSP_WSK_CONNECT, request, sizeof *request, &buffer, sizeof buffer, &returned);
    if (error != 0 || returned != sizeof buffer || buffer.answer.count != 1) {
        printf("# request: error %lu, %lu bytes\n", error, returned);
        return (struct wsplsp_wsk_attempt){.status = 1};
    }
    return buffer.attempt;
}

static struct wsplsp_wsk_status status_now(void)
{
    struct wsplsp_wsk_status status = {0};
    DWORD returned;
    EXPECT(device_request(device, WSPLSP_WSK_STATUS, &plain, sizeof plain, &status, sizeof status, &returned) == 0);
    EXPECT(returned == sizeof status);
    return status;
}

/* All that the driver holds at rest: no request, no socket, and the memory it had. */
static void expect_at_rest(uint32_t allocations)
{
    struct wsplsp_wsk_status status = {0};
    for (ULONGLONG end = GetTickCount64() + 20000; GetTickCount64() < end; Sleep(10)) {
        status = status_now();
        if (status.requests == 0)
            break;
    }
    EXPECT(status.requests == 0);
    EXPECT(status.sockets == 0);
    EXPECT(status.allocations == allocations);
}

static void status_answers(void)
{
    struct wsplsp_wsk_status status = status_now();
    EXPECT(status.header.version == WSPLSP_WSK_VERSION);
    EXPECT(status.header.size == sizeof status);
    EXPECT_TEXT(status.driver_version, WSPLSP_VERSION);
    EXPECT(status.wsk_version >= 0x100);
    EXPECT(status.requests == 0);
    EXPECT(status.sockets == 0);
}

static void a_listener_is_connected_to(void)
{
    struct peer peer;
    uint32_t held = status_now().allocations;
    EXPECT(peer_start(&peer, AF_INET, PEER_ECHO, 0));
    struct wsplsp_wsk_connect request = connect_to(2, peer.port, 1, 10000);
    struct wsplsp_wsk_attempt result = attempt(&request);
    EXPECT(result.status == OK);
    EXPECT(result.failed_step == WSPLSP_WSK_STEP_NONE);
    EXPECT(result.implementation == WSPLSP_WSK_OWN);
    EXPECT(result.steps_taken == (CONNECT_STEPS | CLOSE_STEP));
    uint64_t sum = 0;
    for (int step = 0; step < WSPLSP_WSK_STEPS; step++)
        sum += result.step_ns[step];
    EXPECT(result.step_ns[WSPLSP_WSK_STEP_CONNECT] > 0);
    EXPECT(result.total_ns >= sum);
    EXPECT(result.total_ns < 10000000000u);
    expect_at_rest(held);
    EXPECT(peer_wait_for(&peer.ended, 1));
    peer_stop(&peer);
    EXPECT(peer.accepted == 1);
    EXPECT(peer.ended == 1);
}

/* Wine 8 makes an IPv6 socket but does not bind it. */
static void ipv6_is_tried(void)
{
    struct peer peer;
    uint32_t held = status_now().allocations;
    EXPECT(peer_start(&peer, AF_INET6, PEER_ECHO, 0));
    struct wsplsp_wsk_connect request = connect_to(23, peer.port, 1, 10000);
    struct wsplsp_wsk_attempt result = attempt(&request);
    bool wine8 = result.status == NO_MEMORY && result.failed_step == WSPLSP_WSK_STEP_BIND;
    EXPECT(result.status == OK || wine8);
    expect_at_rest(held);
    peer_stop(&peer);
    EXPECT(peer.accepted == !wine8);
}

static void a_refused_port_says_so(void)
{
    struct peer peer;
    uint32_t held = status_now().allocations;
    EXPECT(peer_start(&peer, AF_INET, PEER_REFUSING, 0));
    struct wsplsp_wsk_connect request = connect_to(2, peer.port, 1, 10000);
    struct wsplsp_wsk_attempt result = attempt(&request);
    EXPECT(result.status == REFUSED);
    EXPECT(result.failed_step == WSPLSP_WSK_STEP_CONNECT);
    EXPECT(result.steps_taken == CONNECT_STEPS);
    expect_at_rest(held);
    peer_stop(&peer);
}

/* TCP reaches no broadcast address, on any machine. */
static void an_unreachable_address_says_so(void)
{
    uint32_t held = status_now().allocations;
    struct wsplsp_wsk_connect request = connect_to(2, 9, 1, 10000);
    memset(request.remote.address, 255, 4);
    struct wsplsp_wsk_attempt result = attempt(&request);
    EXPECT(result.status == NETWORK_UNREACHABLE);
    EXPECT(result.failed_step == WSPLSP_WSK_STEP_CONNECT);
    expect_at_rest(held);
}

static void what_wsk_socket_connect_forbids_fails(void)
{
    struct peer peer;
    uint32_t held = status_now().allocations;
    EXPECT(peer_start(&peer, AF_INET, PEER_ECHO, 0));
    const struct wsplsp_wsk_connect good = connect_to(2, peer.port, 1, 10000);
    struct wsplsp_wsk_connect request = good;
    request.flags = 1;
    EXPECT(attempt(&request).status == BAD_PARAMETER);
    request = good;
    request.remote = address_of(23, peer.port);
    EXPECT(attempt(&request).status == BAD_PARAMETER);
    request = good;
    request.socket_type = 5;
    EXPECT(attempt(&request).status < 0);
    request = good;
    request.protocol = 17;
    EXPECT(attempt(&request).status < 0);
    request = good;
    request.implementation = WSPLSP_WSK_PROVIDER;
    EXPECT(attempt(&request).status == NOT_IMPLEMENTED);
    expect_at_rest(held);
    peer_stop(&peer);
    EXPECT(peer.accepted == 0);
}

static void a_thousand_connections_leave_nothing_behind(void)
{
    enum { COUNT = 1000 };
    struct peer peer;
    uint32_t held = status_now().allocations;
    uint64_t tried = status_now().connections;
    EXPECT(peer_start(&peer, AF_INET, PEER_ECHO, 0));
    struct wsplsp_wsk_connect request = connect_to(2, peer.port, COUNT, 10000);
    DWORD size = sizeof(struct wsplsp_wsk_connected) + COUNT * sizeof(struct wsplsp_wsk_attempt);
    struct wsplsp_wsk_connected *answer = calloc(1, size);
    DWORD returned;
    EXPECT(device_request(device, WSPLSP_WSK_CONNECT, &request, sizeof request, answer, size, &returned) == 0);
    EXPECT(returned == size);
    EXPECT(answer->count == COUNT);
    for (uint32_t i = 0; i < answer->count; i++)
        EXPECT(answer->attempts[i].status == OK);
    free(answer);
    expect_at_rest(held);
    EXPECT(status_now().connections == tried + COUNT);
    EXPECT(peer_wait_for(&peer.ended, COUNT));
    peer_stop(&peer);
    EXPECT(peer.accepted == COUNT && peer.ended == COUNT);
}

static void no_answer_in_time_is_a_timeout(void)
{
    struct peer peer;
    uint32_t held = status_now().allocations;
    EXPECT(peer_start(&peer, AF_INET, PEER_FULL, 0));
    struct wsplsp_wsk_connect request = connect_to(2, peer.port, 1, 300);
    struct wsplsp_wsk_attempt result = attempt(&request);
    EXPECT(result.status == IO_TIMEOUT);
    EXPECT(result.failed_step == WSPLSP_WSK_STEP_CONNECT);
    EXPECT(result.total_ns >= 250000000);
    EXPECT(result.total_ns < 10000000000u);
    expect_at_rest(held);
    peer_stop(&peer);
}

/* A connect request that hangs until it is cancelled. */
struct hanging {
    struct wsplsp_wsk_connect request;
    struct {
        struct wsplsp_wsk_connected answer;
        struct wsplsp_wsk_attempt attempt;
    } buffer;
    OVERLAPPED overlapped;
};

static bool hang(HANDLE on, struct hanging *hanging, uint16_t port)
{
    memset(hanging, 0, sizeof *hanging);
    hanging->request = connect_to(2, port, 1, WSPLSP_WSK_TIMEOUT_MAX);
    hanging->overlapped.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    return !DeviceIoControl(on, WSPLSP_WSK_CONNECT, &hanging->request, sizeof hanging->request, &hanging->buffer,
                            sizeof hanging->buffer, NULL, &hanging->overlapped) &&
           GetLastError() == ERROR_IO_PENDING;
}

/* Its error; WAIT_TIMEOUT where it goes on hanging. */
static DWORD end_of(HANDLE on, OVERLAPPED *overlapped)
{
    DWORD returned, error = WaitForSingleObject(overlapped->hEvent, 20000);
    if (error == WAIT_OBJECT_0)
        error = GetOverlappedResult(on, overlapped, &returned, FALSE) ? 0 : GetLastError();
    CloseHandle(overlapped->hEvent);
    return error;
}

static bool wait_for_sockets(uint32_t sockets)
{
    for (ULONGLONG end = GetTickCount64() + 20000; tap_good && GetTickCount64() < end; Sleep(10))
        if (status_now().sockets == sockets)
            return true;
    return false;
}

static void a_request_can_be_cancelled(void)
{
    struct peer peer;
    struct hanging hanging;
    uint32_t held = status_now().allocations;
    EXPECT(peer_start(&peer, AF_INET, PEER_FULL, 0));
    EXPECT(hang(device, &hanging, peer.port));
    EXPECT(wait_for_sockets(1));
    EXPECT(status_now().requests == 1);
    EXPECT(CancelIoEx(device, &hanging.overlapped));
    EXPECT(end_of(device, &hanging.overlapped) == ERROR_OPERATION_ABORTED);
    expect_at_rest(held);
    peer_stop(&peer);
}

static void closing_the_handle_cancels(void)
{
    struct peer peer;
    struct hanging hanging;
    uint32_t held = status_now().allocations;
    EXPECT(peer_start(&peer, AF_INET, PEER_FULL, 0));
    HANDLE other = device_open();
    EXPECT(hang(other, &hanging, peer.port));
    EXPECT(wait_for_sockets(1));
    CloseHandle(other);
    expect_at_rest(held);
    CloseHandle(hanging.overlapped.hEvent);
    peer_stop(&peer);
}

/* They wait for an answer that never comes, and end without being cancelled, with the connection: see driver_lost. */
static void one_request_too_many_is_refused(void)
{
    struct peer peer;
    static struct {
        struct wsplsp_wsk_echoed answer;
        OVERLAPPED overlapped;
    } waiting[WSPLSP_WSK_REQUESTS_MAX];
    struct hanging more;
    uint32_t held = status_now().allocations;
    EXPECT(peer_start(&peer, AF_INET, PEER_HOLDING, 0));
    struct wsplsp_wsk_echo request = echo_to(peer.port, 1, WSPLSP_WSK_TIMEOUT_MAX);
    for (int i = 0; i < WSPLSP_WSK_REQUESTS_MAX; i++) {
        waiting[i].overlapped.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
        EXPECT(!DeviceIoControl(device, WSPLSP_WSK_ECHO, &request, sizeof request, &waiting[i].answer,
                                sizeof waiting[i].answer, NULL, &waiting[i].overlapped) &&
               GetLastError() == ERROR_IO_PENDING);
    }
    EXPECT(!hang(device, &more, peer.port));
    EXPECT(GetLastError() == ERROR_NO_SYSTEM_RESOURCES);
    CloseHandle(more.overlapped.hEvent);
    EXPECT(peer_wait_for(&peer.accepted, WSPLSP_WSK_REQUESTS_MAX));
    peer_stop(&peer);
    for (int i = 0; i < WSPLSP_WSK_REQUESTS_MAX; i++) {
        EXPECT(end_of(device, &waiting[i].overlapped) == 0);
        EXPECT(waiting[i].answer.sent == 1 && waiting[i].answer.received == 0);
    }
    expect_at_rest(held);
}

static void unloading_ends_what_is_under_way(void)
{
    struct peer peer;
    struct hanging hanging[3];
    EXPECT(peer_start(&peer, AF_INET, PEER_FULL, 0));
    for (int i = 0; i < 3; i++)
        EXPECT(hang(device, &hanging[i], peer.port));
    EXPECT(wait_for_sockets(3));
    EXPECT(service_stop());
    for (int i = 0; i < 3; i++)
        EXPECT(end_of(device, &hanging[i].overlapped) == ERROR_OPERATION_ABORTED);
    CloseHandle(device);
    EXPECT(device_open() == INVALID_HANDLE_VALUE);
    peer_stop(&peer);
    EXPECT(service_start());
    device = device_open();
    EXPECT(device != INVALID_HANDLE_VALUE);
    status_answers();
}

/* The answer to an echo, with its data behind; false where the request itself failed. */
static bool echo(const void *request, DWORD size, struct wsplsp_wsk_echoed *answer, DWORD room)
{
    DWORD returned, error = device_request(device, WSPLSP_WSK_ECHO, request, size, answer, room, &returned);
    if (error != 0)
        printf("# echo: error %lu\n", error);
    return error == 0 && returned == answer->header.size && returned == sizeof *answer + answer->data_size;
}

static uint32_t pattern_crc32(uint32_t seed, uint32_t size)
{
    uint32_t crc = 0;
    for (uint32_t i = 0; i < size; i++) {
        uint8_t byte = wsplsp_wsk_pattern(seed, i);
        crc = peer_crc32(crc, &byte, 1);
    }
    return crc;
}

static void a_mebibyte_comes_back_as_it_was_sent(void)
{
    enum { SIZE = 1024 * 1024 };
    struct peer peer;
    struct wsplsp_wsk_echoed answer;
    uint32_t held = status_now().allocations;
    EXPECT(peer_start(&peer, AF_INET, PEER_ECHO, 0));
    struct wsplsp_wsk_echo request = echo_to(peer.port, SIZE, 50000);
    EXPECT(echo(&request, sizeof request, &answer, sizeof answer));
    EXPECT(answer.attempt.status == OK);
    EXPECT(answer.sent == SIZE);
    EXPECT(answer.received == SIZE);
    EXPECT(answer.differs_at == WSPLSP_WSK_NO_DIFFERENCE);
    EXPECT(answer.sent_crc32 == pattern_crc32(7, SIZE));
    EXPECT(answer.received_crc32 == answer.sent_crc32);
    EXPECT(answer.attempt.steps_taken & 1 << WSPLSP_WSK_STEP_SEND);
    EXPECT(answer.attempt.steps_taken & 1 << WSPLSP_WSK_STEP_RECEIVE);
    EXPECT(peer_wait_for(&peer.ended, 1));
    peer_stop(&peer);
    EXPECT(peer.received == SIZE);
    EXPECT(peer.received_crc32 == answer.sent_crc32);
    /* Wine's WskDisconnect does nothing, once: an IRP and its event. */
    struct wsplsp_wsk_status status = status_now();
    EXPECT(status.allocations == held || status.allocations == held + 2);
    EXPECT(status.sockets == 0);
}

static void the_callers_own_data_goes_and_comes(void)
{
    struct peer peer;
    struct {
        struct wsplsp_wsk_echo request;
        char data[5];
    } request;
    struct {
        struct wsplsp_wsk_echoed answer;
        char data[100];
    } buffer;
    uint32_t held = status_now().allocations;
    EXPECT(peer_start(&peer, AF_INET, PEER_ECHO, 0));
    request.request = echo_to(peer.port, 5, 10000);
    request.request.data_size = 5;
    request.request.header.size += 5;
    memcpy(request.data, "hello", 5);
    DWORD size = request.request.header.size;
    EXPECT(echo(&request, size, &buffer.answer, sizeof buffer));
    EXPECT(buffer.answer.attempt.status == OK);
    EXPECT(buffer.answer.sent_crc32 == 0x3610a686); /* of "hello": zlib.crc32 */
    EXPECT(buffer.answer.data_size == 5);
    EXPECT(memcmp(&buffer.answer + 1, "hello", 5) == 0);
    /* with room for two bytes of it */
    EXPECT(echo(&request, size, &buffer.answer, sizeof buffer.answer + 2));
    EXPECT(buffer.answer.received == 5);
    EXPECT(buffer.answer.data_size == 2);
    expect_at_rest(held);
    peer_stop(&peer);
}

static void a_byte_that_changed_on_the_way_is_found(void)
{
    struct peer peer;
    struct wsplsp_wsk_echoed answer;
    EXPECT(peer_start(&peer, AF_INET, PEER_CORRUPT, 54321));
    struct wsplsp_wsk_echo request = echo_to(peer.port, 100000, 50000);
    EXPECT(echo(&request, sizeof request, &answer, sizeof answer));
    EXPECT(answer.attempt.status == OK);
    EXPECT(answer.received == 100000);
    EXPECT(answer.differs_at == 54321);
    EXPECT(answer.received_crc32 != answer.sent_crc32);
    peer_stop(&peer);
}

static void a_peer_that_ends_early_is_no_error(void)
{
    struct peer peer;
    struct wsplsp_wsk_echoed answer;
    EXPECT(peer_start(&peer, AF_INET, PEER_STOP, 1000));
    struct wsplsp_wsk_echo request = echo_to(peer.port, 5000, 50000);
    EXPECT(echo(&request, sizeof request, &answer, sizeof answer));
    EXPECT(answer.attempt.status == OK);
    EXPECT(answer.sent == 5000);
    EXPECT(answer.received == 1000);
    EXPECT(answer.differs_at == WSPLSP_WSK_NO_DIFFERENCE);
    peer_stop(&peer);
}

static void a_peer_that_stays_silent_is_a_timeout(void)
{
    struct peer peer;
    struct wsplsp_wsk_echoed answer;
    uint32_t held = status_now().allocations;
    EXPECT(peer_start(&peer, AF_INET, PEER_SILENT, 0));
    struct wsplsp_wsk_echo request = echo_to(peer.port, 100, 300);
    EXPECT(echo(&request, sizeof request, &answer, sizeof answer));
    EXPECT(answer.attempt.status == IO_TIMEOUT);
    EXPECT(answer.attempt.failed_step == WSPLSP_WSK_STEP_RECEIVE);
    EXPECT(answer.sent == 100);
    EXPECT(answer.received == 0);
    expect_at_rest(held);
    peer_stop(&peer);
}

/* Wine lists none; sockets of TCP and UDP over IPv4 it makes. */
static void transports_are_told(void)
{
    struct {
        struct wsplsp_wsk_transports answer;
        struct wsplsp_wsk_transport transports[WSPLSP_WSK_TRANSPORTS_MAX];
    } buffer;
    uint32_t held = status_now().allocations;
    DWORD returned;
    EXPECT(device_request(device, WSPLSP_WSK_TRANSPORTS, &plain, sizeof plain, &buffer, sizeof buffer, &returned) == 0);
    const struct wsplsp_wsk_transports *answer = &buffer.answer;
    EXPECT(answer->source == WSPLSP_WSK_TRIED);
    EXPECT(answer->query_status == NOT_IMPLEMENTED);
    EXPECT(answer->count == answer->total);
    EXPECT(returned == sizeof *answer + answer->count * sizeof answer->transports[0]);
    bool tcp = false;
    for (uint32_t i = 0; i < answer->count; i++)
        tcp |= answer->transports[i].family == 2 && answer->transports[i].socket_type == 1 &&
               answer->transports[i].protocol == 6;
    EXPECT(tcp);
    uint32_t total = answer->total;
    EXPECT(device_request(device, WSPLSP_WSK_TRANSPORTS, &plain, sizeof plain, &buffer, sizeof buffer.answer,
                          &returned) == 0);
    EXPECT(returned == sizeof buffer.answer);
    EXPECT(answer->total == total && answer->count == 0);
    expect_at_rest(held);
}

static const DWORD codes[] = {WSPLSP_WSK_STATUS, WSPLSP_WSK_CONNECT, WSPLSP_WSK_ECHO, WSPLSP_WSK_TRANSPORTS};

static DWORD send_raw(DWORD code, const void *input, DWORD input_size, DWORD output_size)
{
    static uint8_t output[4096];
    DWORD returned;
    return device_request(device, code, input, input_size, output, output_size, &returned);
}

static void requests_of_a_wrong_shape_fail(void)
{
    static uint8_t input[WSPLSP_WSK_DATA_MAX + 4096];
    struct wsplsp_wsk_connect good = connect_to(2, 9, 1, 1000);
    uint32_t held = status_now().allocations;
    for (int i = 0; i < 4; i++) {
        memset(input, 0, sizeof input);
        EXPECT(send_raw(codes[i], NULL, 0, 4096) == ERROR_BAD_LENGTH);
        EXPECT(send_raw(codes[i], input, 7, 4096) == ERROR_BAD_LENGTH);
        EXPECT(send_raw(codes[i], input, sizeof input, 4096) == ERROR_REVISION_MISMATCH);
        memcpy(input, &(struct wsplsp_wsk_header){WSPLSP_WSK_VERSION, sizeof input}, 8);
        EXPECT(send_raw(codes[i], input, sizeof input, 4096) == ERROR_BAD_LENGTH);
    }
    EXPECT(send_raw(WSPLSP_WSK_CONNECT, &good, sizeof good - 1, 4096) == ERROR_BAD_LENGTH);
    EXPECT(send_raw(WSPLSP_WSK_CONNECT, &good, sizeof good, sizeof(struct wsplsp_wsk_connected)) ==
           ERROR_INSUFFICIENT_BUFFER);
    EXPECT(send_raw(WSPLSP_WSK_STATUS, &plain, sizeof plain, 0) == ERROR_INSUFFICIENT_BUFFER);
    EXPECT(send_raw(WSPLSP_WSK_CODE(4), &plain, sizeof plain, 4096) == ERROR_INVALID_FUNCTION);
    good.header.version++;
    EXPECT(send_raw(WSPLSP_WSK_CONNECT, &good, sizeof good, 4096) == ERROR_REVISION_MISMATCH);
    good = connect_to(99, 9, 1, 1000);
    EXPECT(send_raw(WSPLSP_WSK_CONNECT, &good, sizeof good, 4096) == ERROR_INVALID_PARAMETER);
    expect_at_rest(held);
}

static uint32_t random_state = 20260101;

static uint32_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

/* Random bytes as such, and behind a good header; the same ones every time. None of them makes sense. */
static void random_requests_fail(void)
{
    static uint8_t input[512];
    uint32_t held = status_now().allocations;
    for (int i = 0; i < 2000; i++) {
        DWORD size = random_next() % sizeof input;
        for (DWORD at = 0; at < size; at++)
            input[at] = (uint8_t)random_next();
        DWORD code = codes[random_next() % 4];
        if (i % 2 != 0 && size > 8)
            memcpy(input, &(struct wsplsp_wsk_header){WSPLSP_WSK_VERSION, size}, 8);
        if (i % 4 == 3 && code == WSPLSP_WSK_CONNECT) {
            size = sizeof(struct wsplsp_wsk_connect);
            memcpy(input, &(struct wsplsp_wsk_header){WSPLSP_WSK_VERSION, size}, 8);
        }
        EXPECT(send_raw(code, input, size, random_next() % 4096) != 0);
    }
    expect_at_rest(held);
}

/* The driver's process is gone (its device answers STATUS_FILE_DELETED), or a thread of it, and with it a request. It
 * is Wine 8's own fault, now and then: its WskCloseSocket frees the socket although the callback of a request that it
 * cancels may still come, about one time in 150 on a busy machine. In that session of Wine the driver cannot be loaded
 * again, so there is no use in going on. */
static bool driver_lost(void)
{
    struct wsplsp_wsk_status status = {0};
    DWORD returned,
        error = device_request(device, WSPLSP_WSK_STATUS, &plain, sizeof plain, &status, sizeof status, &returned);
    return error == ERROR_ACCESS_DENIED || error == WAIT_TIMEOUT || status.requests > 0;
}

static void run(const char *name, void (*scenario)(void))
{
    tap_good = true;
    scenario();
    if (!tap_good && driver_lost()) {
        printf("Bail out! the driver was lost during %s\n", name);
        exit(DRIVER_LOST);
    }
    tap_failed += !tap_good;
    printf("%sok %d - %s\n", tap_good ? "" : "not ", ++tap_count, name);
}

#undef RUN
#define RUN(scenario) run(#scenario, scenario)

int main(int argc, char **argv)
{
    WSADATA data;
    wchar_t file[MAX_PATH];
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc != 2 || WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 2;
    wchar_t given[MAX_PATH];
    if (MultiByteToWideChar(CP_UTF8, 0, argv[1], -1, given, MAX_PATH) == 0 ||
        GetFullPathNameW(given, MAX_PATH, file, NULL) == 0)
        return 2;
    if (!service_install(file) || !service_start() || (device = device_open()) == INVALID_HANDLE_VALUE) {
        printf("Bail out! the driver cannot be loaded\n");
        service_remove();
        return 1;
    }
    RUN(status_answers);
    RUN(a_listener_is_connected_to);
    RUN(ipv6_is_tried);
    RUN(a_refused_port_says_so);
    RUN(an_unreachable_address_says_so);
    RUN(what_wsk_socket_connect_forbids_fails);
    RUN(a_thousand_connections_leave_nothing_behind);
    RUN(no_answer_in_time_is_a_timeout);
    RUN(a_request_can_be_cancelled);
    RUN(closing_the_handle_cancels);
    RUN(a_mebibyte_comes_back_as_it_was_sent); /* the first one that disconnects */
    RUN(one_request_too_many_is_refused);
    RUN(the_callers_own_data_goes_and_comes);
    RUN(a_byte_that_changed_on_the_way_is_found);
    RUN(a_peer_that_ends_early_is_no_error);
    RUN(a_peer_that_stays_silent_is_a_timeout);
    RUN(transports_are_told);
    RUN(requests_of_a_wrong_shape_fail);
    RUN(random_requests_fail);
    RUN(unloading_ends_what_is_under_way);
    CloseHandle(device);
    service_remove();
    WSACleanup();
    return tap_end();
}
