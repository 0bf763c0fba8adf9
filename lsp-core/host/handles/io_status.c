/* Winsock's error numbers in the system's other two tongues; see io_status.h. */
#include "io_status.h"

#include <stddef.h>
#include <winternl.h>

/* NTSTATUS_FROM_WIN32 of [MS-ERREF] with the severity of a warning: the form whose low word RtlNtStatusToDosError
 * gives back unchanged, on every version of Windows and on Wine, and that libraries (libuv) read as well. */
#define FROM_WIN32(error) (0x80070000u | ((error)&0xFFFFu))

static const struct {
    DWORD error;
    DWORD status; /* from ntstatus.h, whose macros clash with those of winnt.h */
} known[] = {
    {ERROR_SUCCESS, 0x00000000},
    {ERROR_INVALID_HANDLE, 0xC0000008},    /* STATUS_INVALID_HANDLE */
    {WSAENOTSOCK, 0xC0000008},             /* likewise */
    {ERROR_OPERATION_ABORTED, 0xC0000120}, /* STATUS_CANCELLED */
    {WSAEINTR, 0xC0000120},                /* likewise */
    {WSAEFAULT, 0xC0000005},               /* STATUS_ACCESS_VIOLATION */
    {WSAEINVAL, 0xC000000D},               /* STATUS_INVALID_PARAMETER */
    {WSAEMSGSIZE, 0x80000005},             /* STATUS_BUFFER_OVERFLOW */
    {WSAEOPNOTSUPP, 0xC00000BB},           /* STATUS_NOT_SUPPORTED */
    {WSAENOBUFS, 0xC000009A},              /* STATUS_INSUFFICIENT_RESOURCES */
    {WSAETIMEDOUT, 0xC00000B5},            /* STATUS_IO_TIMEOUT */
    {WSAECONNRESET, 0xC000020D},           /* STATUS_CONNECTION_RESET */
    {WSAECONNREFUSED, 0xC0000236},         /* STATUS_CONNECTION_REFUSED */
    {WSAEDISCON, 0xC0000237},              /* STATUS_GRACEFUL_DISCONNECT */
    {WSAENETUNREACH, 0xC000023C},          /* STATUS_NETWORK_UNREACHABLE */
    {WSAEHOSTUNREACH, 0xC000023D},         /* STATUS_HOST_UNREACHABLE */
    {WSAECONNABORTED, 0xC0000241},         /* STATUS_CONNECTION_ABORTED */
};

LONG io_status_of(DWORD error)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i].error == error)
            return (LONG)known[i].status;
    return (LONG)FROM_WIN32(error);
}

DWORD io_status_win32(DWORD error)
{
    return RtlNtStatusToDosError(io_status_of(error));
}
