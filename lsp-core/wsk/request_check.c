/* The rules for what a program may send to the device. */
#include "request_check.h"

static BOOLEAN all_zero(const uint8_t *bytes, SIZE_T count)
{
    for (SIZE_T i = 0; i < count; i++)
        if (bytes[i] != 0)
            return FALSE;
    return TRUE;
}

static BOOLEAN good_address(const struct wsplsp_wsk_address *address)
{
    if (address->family == AF_INET)
        return address->scope_id == 0 && all_zero(address->address + 4, 12);
    return address->family == AF_INET6;
}

static BOOLEAN good_implementation(uint32_t implementation)
{
    return implementation == WSPLSP_WSK_ANY || implementation == WSPLSP_WSK_PROVIDER ||
           implementation == WSPLSP_WSK_OWN;
}

static BOOLEAN good_timeout(uint32_t timeout_ms)
{
    return timeout_ms >= 1 && timeout_ms <= WSPLSP_WSK_TIMEOUT_MAX;
}

static NTSTATUS check_header(const struct wsplsp_wsk_header *header, SIZE_T input_size)
{
    if (header->version != WSPLSP_WSK_VERSION)
        return STATUS_REVISION_MISMATCH;
    return header->size == input_size ? STATUS_SUCCESS : STATUS_INFO_LENGTH_MISMATCH;
}

static NTSTATUS check_connect(const struct wsplsp_wsk_connect *request, SIZE_T input_size, SIZE_T output_size)
{
    if (input_size != sizeof *request)
        return STATUS_INFO_LENGTH_MISMATCH;
    if (!good_address(&request->local) || !good_address(&request->remote) || request->reserved != 0 ||
        !good_implementation(request->implementation) || !good_timeout(request->timeout_ms) || request->count < 1 ||
        request->count > WSPLSP_WSK_COUNT_MAX)
        return STATUS_INVALID_PARAMETER;
    SIZE_T needed = sizeof(struct wsplsp_wsk_connected) + request->count * sizeof(struct wsplsp_wsk_attempt);
    return output_size >= needed ? STATUS_SUCCESS : STATUS_BUFFER_TOO_SMALL;
}

static NTSTATUS check_echo(const struct wsplsp_wsk_echo *request, SIZE_T input_size, SIZE_T output_size)
{
    if (input_size < sizeof *request || input_size - sizeof *request != request->data_size)
        return STATUS_INFO_LENGTH_MISMATCH;
    if (!good_address(&request->local) || !good_address(&request->remote) ||
        !good_implementation(request->implementation) || !good_timeout(request->timeout_ms) ||
        request->send_size > WSPLSP_WSK_TRAFFIC_MAX || request->receive_size > WSPLSP_WSK_TRAFFIC_MAX ||
        request->data_size > WSPLSP_WSK_DATA_MAX ||
        (request->data_size != 0 && request->data_size != request->send_size))
        return STATUS_INVALID_PARAMETER;
    return output_size >= sizeof(struct wsplsp_wsk_echoed) ? STATUS_SUCCESS : STATUS_BUFFER_TOO_SMALL;
}

static NTSTATUS check_plain(SIZE_T input_size, SIZE_T output_size, SIZE_T answer_size)
{
    if (input_size != sizeof(struct wsplsp_wsk_header))
        return STATUS_INFO_LENGTH_MISMATCH;
    return output_size >= answer_size ? STATUS_SUCCESS : STATUS_BUFFER_TOO_SMALL;
}

NTSTATUS request_check(ULONG code, const void *input, SIZE_T input_size, SIZE_T output_size)
{
    if (code != WSPLSP_WSK_STATUS && code != WSPLSP_WSK_CONNECT && code != WSPLSP_WSK_ECHO &&
        code != WSPLSP_WSK_TRANSPORTS)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (input_size < sizeof(struct wsplsp_wsk_header))
        return STATUS_INFO_LENGTH_MISMATCH;
    NTSTATUS status = check_header(input, input_size);
    if (!NT_SUCCESS(status))
        return status;
    switch (code) {
    case WSPLSP_WSK_STATUS:
        return check_plain(input_size, output_size, sizeof(struct wsplsp_wsk_status));
    case WSPLSP_WSK_CONNECT:
        return check_connect(input, input_size, output_size);
    case WSPLSP_WSK_ECHO:
        return check_echo(input, input_size, output_size);
    default:
        return check_plain(input_size, output_size, sizeof(struct wsplsp_wsk_transports));
    }
}
