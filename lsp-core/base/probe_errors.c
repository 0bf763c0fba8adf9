/* Names and pairs of connection errors; see probe_errors.h. The pairs: "Winsock Kernel" gives NTSTATUS values where
 * "Windows Sockets Error Codes" has numbers of its own, with the same meanings. */
#include "probe_errors.h"

#include <stdio.h>

#define NO_STATUS 0

/* A Winsock error may have several NTSTATUS values: each its own line. */
static const struct {
    uint32_t winsock;
    const char *winsock_name;
    uint32_t status;
    const char *status_name;
} errors[] = {
    {10004, "WSAEINTR", 0xC0000120, "STATUS_CANCELLED"},
    {10013, "WSAEACCES", 0xC0000022, "STATUS_ACCESS_DENIED"},
    {10014, "WSAEFAULT", 0xC0000005, "STATUS_ACCESS_VIOLATION"},
    {10022, "WSAEINVAL", 0xC000000D, "STATUS_INVALID_PARAMETER"},
    {10024, "WSAEMFILE", NO_STATUS, NULL},
    {10035, "WSAEWOULDBLOCK", NO_STATUS, NULL},
    {10036, "WSAEINPROGRESS", NO_STATUS, NULL},
    {10037, "WSAEALREADY", NO_STATUS, NULL},
    {10038, "WSAENOTSOCK", NO_STATUS, NULL},
    {10043, "WSAEPROTONOSUPPORT", NO_STATUS, NULL},
    {10044, "WSAESOCKTNOSUPPORT", NO_STATUS, NULL},
    {10045, "WSAEOPNOTSUPP", 0xC00000BB, "STATUS_NOT_SUPPORTED"},
    {10045, "WSAEOPNOTSUPP", 0xC0000002, "STATUS_NOT_IMPLEMENTED"},
    {10047, "WSAEAFNOSUPPORT", NO_STATUS, NULL},
    {10048, "WSAEADDRINUSE", 0xC000020A, "STATUS_ADDRESS_ALREADY_EXISTS"},
    {10048, "WSAEADDRINUSE", 0xC0000043, "STATUS_SHARING_VIOLATION"},
    {10049, "WSAEADDRNOTAVAIL", 0xC0000141, "STATUS_INVALID_ADDRESS"},
    {10049, "WSAEADDRNOTAVAIL", 0xC0000207, "STATUS_INVALID_ADDRESS_COMPONENT"},
    {10050, "WSAENETDOWN", NO_STATUS, NULL},
    {10051, "WSAENETUNREACH", 0xC000023C, "STATUS_NETWORK_UNREACHABLE"},
    {10052, "WSAENETRESET", NO_STATUS, NULL},
    {10053, "WSAECONNABORTED", 0xC0000241, "STATUS_CONNECTION_ABORTED"},
    {10053, "WSAECONNABORTED", 0xC000013B, "STATUS_LOCAL_DISCONNECT"},
    {10054, "WSAECONNRESET", 0xC000020D, "STATUS_CONNECTION_RESET"},
    {10054, "WSAECONNRESET", 0xC000013C, "STATUS_REMOTE_DISCONNECT"},
    {10055, "WSAENOBUFS", 0xC000009A, "STATUS_INSUFFICIENT_RESOURCES"},
    {10056, "WSAEISCONN", 0xC000023B, "STATUS_CONNECTION_ACTIVE"},
    {10057, "WSAENOTCONN", 0xC000020C, "STATUS_CONNECTION_DISCONNECTED"},
    {10058, "WSAESHUTDOWN", NO_STATUS, NULL},
    {PROBE_TIMED_OUT, "WSAETIMEDOUT", 0xC00000B5, "STATUS_IO_TIMEOUT"},
    {10061, "WSAECONNREFUSED", 0xC0000236, "STATUS_CONNECTION_REFUSED"},
    {10064, "WSAEHOSTDOWN", NO_STATUS, NULL},
    {10065, "WSAEHOSTUNREACH", 0xC000023D, "STATUS_HOST_UNREACHABLE"},
    {10051, "WSAENETUNREACH", 0xC000023E, "STATUS_PROTOCOL_UNREACHABLE"},
    {10054, "WSAECONNRESET", 0xC000023F, "STATUS_PORT_UNREACHABLE"},
    {10091, "WSASYSNOTREADY", NO_STATUS, NULL},
    {10093, "WSANOTINITIALISED", NO_STATUS, NULL},
    {10104, "WSAEINVALIDPROCTABLE", NO_STATUS, NULL},
    {10105, "WSAEINVALIDPROVIDER", NO_STATUS, NULL},
    {10106, "WSAEPROVIDERFAILEDINIT", NO_STATUS, NULL},
    {10107, "WSASYSCALLFAILURE", NO_STATUS, NULL},
    {11001, "WSAHOST_NOT_FOUND", NO_STATUS, NULL},
    {11002, "WSATRY_AGAIN", NO_STATUS, NULL},
    {11003, "WSANO_RECOVERY", NO_STATUS, NULL},
    {11004, "WSANO_DATA", NO_STATUS, NULL},
};

enum { ERRORS = sizeof errors / sizeof errors[0] };

void probe_winsock_name(uint32_t code, char *name, size_t size)
{
    for (size_t i = 0; i < ERRORS; i++) {
        if (errors[i].winsock == code) {
            snprintf(name, size, "%s", errors[i].winsock_name);
            return;
        }
    }
    snprintf(name, size, "Winsock error %u", (unsigned)code);
}

void probe_ntstatus_name(uint32_t status, char *name, size_t size)
{
    for (size_t i = 0; i < ERRORS; i++) {
        if (errors[i].status_name != NULL && errors[i].status == status) {
            snprintf(name, size, "%s", errors[i].status_name);
            return;
        }
    }
    snprintf(name, size, "NTSTATUS 0x%08X", (unsigned)status);
}

uint32_t probe_winsock_of_ntstatus(uint32_t status)
{
    for (size_t i = 0; i < ERRORS; i++) {
        if (errors[i].status_name != NULL && errors[i].status == status)
            return errors[i].winsock;
    }
    return 0;
}
