/* How a base provider answers WSPIoctl's codes about calls that the SPI has no function for, for tests whose next
 * provider is none itself. Rules: "Winsock IOCTLs" (SIO_BASE_HANDLE, SIO_BSP_HANDLE, SIO_BSP_HANDLE_SELECT,
 * SIO_BSP_HANDLE_POLL) and mswsock.h (WSAPOLLDATA, WSASENDMSG). */
#ifndef WSPLSP_TESTS_LAYER_BASE_CODES_H
#define WSPLSP_TESTS_LAYER_BASE_CODES_H

#include <stdbool.h>

#include "lsp-core/layer/chain/winsock_spi.h"

/* Same value in all headers that have it; mswsock.h has not. */
#define BASE_HANDLE_CODE 0x48000022u

enum { BASE_POLLED = 8 };

struct base_codes {
    int asked; /* calls */
    DWORD code;
    SOCKET s;
    bool overlapped;
    INT refuses; /* with this error, unless 0 */
    /* SIO_EXT_POLL: what it was given, and its result; the revents are 1 and up. */
    ULONG fds;
    INT timeout, result;
    WSAPOLLFD polled[BASE_POLLED];
};
extern struct base_codes base_codes;

void base_codes_reset(void);

/* Zero, or the error. */
INT base_codes_answer(SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,
                      const WSAOVERLAPPED *overlapped);

#endif
