/* A base provider's answers to WSPIoctl; see base_codes.h. */
#include "base_codes.h"

#include <stddef.h>
#include <string.h>

#include <mswsock.h>

struct base_codes base_codes;

void base_codes_reset(void)
{
    memset(&base_codes, 0, sizeof(base_codes));
}

static INT answer_handle(SOCKET s, void *out, DWORD out_size, DWORD *returned, bool wrong)
{
    if (out == NULL || out_size < sizeof(s) || returned == NULL || wrong)
        return WSAEFAULT;
    memcpy(out, &s, sizeof(s));
    *returned = sizeof(s);
    return 0;
}

static INT poll(WSAPOLLDATA *data, DWORD size, void *out, DWORD out_size, DWORD *returned)
{
    base_codes.fds = data->fds;
    base_codes.timeout = data->timeout;
    for (ULONG i = 0; i < data->fds && i < BASE_POLLED; i++) {
        base_codes.polled[i] = data->fdArray[i];
        data->fdArray[i].revents = (SHORT)(i + 1);
    }
    data->result = base_codes.result;
    if (out_size >= size)
        memmove(out, data, size);
    *returned = size;
    return 0;
}

INT base_codes_answer(SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,
                      const WSAOVERLAPPED *overlapped)
{
    base_codes.asked++;
    base_codes.code = code;
    base_codes.s = s;
    base_codes.overlapped = overlapped != NULL;
    if (base_codes.refuses != 0)
        return base_codes.refuses;
    switch (code) {
    case BASE_HANDLE_CODE:
    case SIO_BSP_HANDLE:
    case SIO_BSP_HANDLE_SELECT:
    case SIO_BSP_HANDLE_POLL:
        return answer_handle(s, out, out_size, returned, code == SIO_BSP_HANDLE_POLL && overlapped != NULL);
    case SIO_EXT_POLL:
        if (in == NULL || in_size < offsetof(WSAPOLLDATA, fdArray) || overlapped != NULL)
            return WSAEFAULT;
        return poll(in, in_size, out, out_size, returned);
    default:
        return WSAEINVAL;
    }
}
