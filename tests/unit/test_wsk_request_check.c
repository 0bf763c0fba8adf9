/* What the driver's device accepts, and its CRC-32. */
#include "support.h"

#include "lsp-core/wsk/crc32.h"
#include "lsp-core/wsk/request_check.h"

#include <stdlib.h>

static const struct wsplsp_wsk_address any4 = {.family = 2}, any6 = {.family = 23};

static struct wsplsp_wsk_connect good_connect(void)
{
    return (struct wsplsp_wsk_connect){
        .header = {WSPLSP_WSK_VERSION, sizeof(struct wsplsp_wsk_connect)},
        .local = any4,
        .remote = any4,
        .socket_type = 1,
        .protocol = 6,
        .timeout_ms = 1,
        .count = 10,
    };
}

static struct wsplsp_wsk_echo good_echo(void)
{
    return (struct wsplsp_wsk_echo){
        .header = {WSPLSP_WSK_VERSION, sizeof(struct wsplsp_wsk_echo)},
        .local = any6,
        .remote = any6,
        .timeout_ms = 1000,
        .send_size = WSPLSP_WSK_TRAFFIC_MAX,
        .receive_size = WSPLSP_WSK_TRAFFIC_MAX,
    };
}

/* Through a copy of the exact size, so that the address sanitizer sees any byte read past it. */
static NTSTATUS check(ULONG code, const void *input, SIZE_T size, SIZE_T output_size)
{
    void *copy = size != 0 ? malloc(size) : NULL;
    if (size != 0)
        memcpy(copy, input, size);
    NTSTATUS status = request_check(code, copy, size, output_size);
    free(copy);
    return status;
}

static NTSTATUS check_connect(const struct wsplsp_wsk_connect *request)
{
    return check(WSPLSP_WSK_CONNECT, request, sizeof *request, 16 + 10 * 80);
}

static NTSTATUS check_echo(const struct wsplsp_wsk_echo *request)
{
    return check(WSPLSP_WSK_ECHO, request, sizeof *request, 112);
}

static void good_requests_pass(void **state)
{
    UNREFERENCED_PARAMETER(state);
    struct wsplsp_wsk_header header = {WSPLSP_WSK_VERSION, 8};
    struct wsplsp_wsk_connect connect = good_connect();
    struct wsplsp_wsk_echo echo = good_echo();
    assert_int_equal(check(WSPLSP_WSK_STATUS, &header, 8, 56), STATUS_SUCCESS);
    assert_int_equal(check(WSPLSP_WSK_TRANSPORTS, &header, 8, 24), STATUS_SUCCESS);
    assert_int_equal(check_connect(&connect), STATUS_SUCCESS);
    assert_int_equal(check_echo(&echo), STATUS_SUCCESS);
    struct {
        struct wsplsp_wsk_echo echo;
        char data[3];
    } with_data = {.echo = good_echo()};
    with_data.echo.header.size = with_data.echo.send_size = with_data.echo.data_size = 3;
    with_data.echo.header.size += sizeof with_data.echo;
    assert_int_equal(check(WSPLSP_WSK_ECHO, &with_data, sizeof with_data.echo + 3, 112), STATUS_SUCCESS);
}

static void room_for_the_answer_is_needed(void **state)
{
    UNREFERENCED_PARAMETER(state);
    struct wsplsp_wsk_header header = {WSPLSP_WSK_VERSION, 8};
    struct wsplsp_wsk_connect connect = good_connect();
    struct wsplsp_wsk_echo echo = good_echo();
    assert_int_equal(check(WSPLSP_WSK_STATUS, &header, 8, 55), STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(check(WSPLSP_WSK_TRANSPORTS, &header, 8, 23), STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(check(WSPLSP_WSK_CONNECT, &connect, sizeof connect, 16 + 10 * 80 - 1), STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(check(WSPLSP_WSK_ECHO, &echo, sizeof echo, 111), STATUS_BUFFER_TOO_SMALL);
}

static void sizes_have_to_agree(void **state)
{
    UNREFERENCED_PARAMETER(state);
    static const ULONG codes[] = {WSPLSP_WSK_STATUS, WSPLSP_WSK_CONNECT, WSPLSP_WSK_ECHO, WSPLSP_WSK_TRANSPORTS};
    static const SIZE_T sizes[] = {8, 80, 80, 8};
    union {
        struct wsplsp_wsk_header header;
        struct wsplsp_wsk_connect connect;
        struct wsplsp_wsk_echo echo;
        uint8_t bytes[200];
    } request;
    for (int i = 0; i < 4; i++)
        for (uint32_t size = 0; size < sizeof request; size++) {
            memset(&request, 0, sizeof request);
            if (codes[i] == WSPLSP_WSK_CONNECT)
                request.connect = good_connect();
            if (codes[i] == WSPLSP_WSK_ECHO)
                request.echo = good_echo();
            request.header = (struct wsplsp_wsk_header){WSPLSP_WSK_VERSION, size};
            assert_int_equal(check(codes[i], &request, size, 5000),
                             size == sizes[i] ? STATUS_SUCCESS : STATUS_INFO_LENGTH_MISMATCH);
            request.header.size++;
            assert_int_equal(check(codes[i], &request, size, 5000), STATUS_INFO_LENGTH_MISMATCH);
            request.header = (struct wsplsp_wsk_header){WSPLSP_WSK_VERSION + 1, size};
            assert_int_equal(check(codes[i], &request, size, 5000),
                             size < 8 ? STATUS_INFO_LENGTH_MISMATCH : STATUS_REVISION_MISMATCH);
        }
    assert_int_equal(check(WSPLSP_WSK_CODE(4), &request, 8, 5000), STATUS_INVALID_DEVICE_REQUEST);
}

#define BAD(kind, change)                                                   \
    do {                                                                    \
        struct wsplsp_wsk_##kind request = good_##kind();                   \
        change;                                                             \
        assert_int_equal(check_##kind(&request), STATUS_INVALID_PARAMETER); \
    } while (0)

static void values_out_of_range_fail(void **state)
{
    UNREFERENCED_PARAMETER(state);
    BAD(connect, request.local.family = 0);
    BAD(connect, request.remote.family = 6);
    BAD(connect, request.local.scope_id = 1);
    BAD(connect, request.remote.address[4] = 1);
    BAD(connect, request.reserved = 1);
    BAD(connect, request.implementation = 3);
    BAD(connect, request.timeout_ms = 0);
    BAD(connect, request.timeout_ms = WSPLSP_WSK_TIMEOUT_MAX + 1);
    BAD(connect, request.count = 0);
    BAD(connect, request.count = WSPLSP_WSK_COUNT_MAX + 1);
    BAD(connect, request.count = UINT32_MAX);
    BAD(echo, request.local.family = 99);
    BAD(echo, request.remote.family = 99);
    BAD(echo, request.implementation = 3);
    BAD(echo, request.timeout_ms = 0);
    BAD(echo, request.send_size = WSPLSP_WSK_TRAFFIC_MAX + 1);
    BAD(echo, request.receive_size = WSPLSP_WSK_TRAFFIC_MAX + 1);
}

static void data_has_to_be_what_is_sent(void **state)
{
    UNREFERENCED_PARAMETER(state);
    static struct {
        struct wsplsp_wsk_echo echo;
        uint8_t data[WSPLSP_WSK_DATA_MAX + 1];
    } request;
    request.echo = good_echo();
    request.echo.header.size = sizeof request.echo + 5;
    request.echo.data_size = 5;
    request.echo.send_size = 6;
    assert_int_equal(check(WSPLSP_WSK_ECHO, &request, sizeof request.echo + 5, 112), STATUS_INVALID_PARAMETER);
    request.echo.data_size = 6;
    assert_int_equal(check(WSPLSP_WSK_ECHO, &request, sizeof request.echo + 5, 112), STATUS_INFO_LENGTH_MISMATCH);
    request.echo.data_size = request.echo.send_size = WSPLSP_WSK_DATA_MAX + 1;
    request.echo.header.size = sizeof request.echo + WSPLSP_WSK_DATA_MAX + 1;
    assert_int_equal(check(WSPLSP_WSK_ECHO, &request, request.echo.header.size, 112), STATUS_INVALID_PARAMETER);
    request.echo.data_size = request.echo.send_size = WSPLSP_WSK_DATA_MAX;
    request.echo.header.size--;
    assert_int_equal(check(WSPLSP_WSK_ECHO, &request, request.echo.header.size, 112), STATUS_SUCCESS);
}

/* The check value of ISO-HDLC, and zlib.crc32 of some bytes. */
static void crc32_is_zlibs(void **state)
{
    UNREFERENCED_PARAMETER(state);
    assert_int_equal(crc32_more(0, "123456789", 9), 0xcbf43926);
    assert_int_equal(crc32_more(crc32_more(0, "12345", 5), "6789", 4), 0xcbf43926);
    assert_int_equal(crc32_more(0, "hello", 5), 0x3610a686);
    assert_int_equal(crc32_more(0, "\xff\x00\x80", 3), 0xac616edf);
    assert_int_equal(crc32_more(0, "", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_requests_pass),          cmocka_unit_test(room_for_the_answer_is_needed),
        cmocka_unit_test(sizes_have_to_agree),         cmocka_unit_test(values_out_of_range_fail),
        cmocka_unit_test(data_has_to_be_what_is_sent), cmocka_unit_test(crc32_is_zlibs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
