/* Names of the error codes that cases expect or meet. */
#include "harness.h"

#define NAMES(X)                \
    X(WSAEINTR)                 \
    X(WSAEBADF)                 \
    X(WSAEACCES)                \
    X(WSAEFAULT)                \
    X(WSAEINVAL)                \
    X(WSAEMFILE)                \
    X(WSAEWOULDBLOCK)           \
    X(WSAEINPROGRESS)           \
    X(WSAEALREADY)              \
    X(WSAENOTSOCK)              \
    X(WSAEDESTADDRREQ)          \
    X(WSAEMSGSIZE)              \
    X(WSAEPROTOTYPE)            \
    X(WSAENOPROTOOPT)           \
    X(WSAEPROTONOSUPPORT)       \
    X(WSAESOCKTNOSUPPORT)       \
    X(WSAEOPNOTSUPP)            \
    X(WSAEPFNOSUPPORT)          \
    X(WSAEAFNOSUPPORT)          \
    X(WSAEADDRINUSE)            \
    X(WSAEADDRNOTAVAIL)         \
    X(WSAENETDOWN)              \
    X(WSAENETUNREACH)           \
    X(WSAENETRESET)             \
    X(WSAECONNABORTED)          \
    X(WSAECONNRESET)            \
    X(WSAENOBUFS)               \
    X(WSAEISCONN)               \
    X(WSAENOTCONN)              \
    X(WSAESHUTDOWN)             \
    X(WSAETIMEDOUT)             \
    X(WSAECONNREFUSED)          \
    X(WSAEHOSTUNREACH)          \
    X(WSASYSNOTREADY)           \
    X(WSAVERNOTSUPPORTED)       \
    X(WSANOTINITIALISED)        \
    X(WSAEDISCON)               \
    X(WSAEINVALIDPROCTABLE)     \
    X(WSAEINVALIDPROVIDER)      \
    X(WSAEPROVIDERFAILEDINIT)   \
    X(WSASYSCALLFAILURE)        \
    X(WSATYPE_NOT_FOUND)        \
    X(WSAHOST_NOT_FOUND)        \
    X(WSATRY_AGAIN)             \
    X(WSANO_RECOVERY)           \
    X(WSANO_DATA)               \
    X(WSA_IO_PENDING)           \
    X(WSA_IO_INCOMPLETE)        \
    X(WSA_INVALID_HANDLE)       \
    X(WSA_INVALID_PARAMETER)    \
    X(WSA_OPERATION_ABORTED)    \
    X(ERROR_NETNAME_DELETED)    \
    X(ERROR_INVALID_FUNCTION)   \
    X(ERROR_NOT_FOUND)          \
    X(ERROR_MORE_DATA)          \
    X(ERROR_CONNECTION_REFUSED) \
    X(ERROR_CONNECTION_ABORTED) \
    X(ERROR_NOT_SUPPORTED)      \
    X(ERROR_CALL_NOT_IMPLEMENTED)

#include <stdio.h>

const char *error_name(int code)
{
    /* Two names may be asked for in one message, by several threads. */
    static _Thread_local char numbers[4][16];
    static _Thread_local unsigned next;
#define NAME(code_name)           \
    if (code == (int)(code_name)) \
        return #code_name;
    NAMES(NAME)
    char *number = numbers[next++ % 4];
    snprintf(number, sizeof numbers[0], "%d", code);
    return number;
}
