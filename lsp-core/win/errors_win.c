/* Names for error codes of Windows; see errors_win.h. */
#include "errors_win.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <winsock2.h>

struct error_name {
    uint32_t code;
    const char *name;
};

#define NAMED(code) \
    {               \
        code, #code \
    }

static const struct error_name names[] = {
    NAMED(ERROR_INVALID_FUNCTION),
    NAMED(ERROR_FILE_NOT_FOUND),
    NAMED(ERROR_PATH_NOT_FOUND),
    NAMED(ERROR_ACCESS_DENIED),
    NAMED(ERROR_INVALID_HANDLE),
    NAMED(ERROR_NOT_ENOUGH_MEMORY),
    NAMED(ERROR_OUTOFMEMORY),
    NAMED(ERROR_SHARING_VIOLATION),
    NAMED(ERROR_HANDLE_DISK_FULL),
    NAMED(ERROR_NOT_SUPPORTED),
    NAMED(ERROR_INVALID_PARAMETER),
    NAMED(ERROR_DISK_FULL),
    NAMED(ERROR_CALL_NOT_IMPLEMENTED),
    NAMED(ERROR_INSUFFICIENT_BUFFER),
    NAMED(ERROR_MOD_NOT_FOUND),
    NAMED(ERROR_PROC_NOT_FOUND),
    NAMED(ERROR_ALREADY_EXISTS),
    NAMED(ERROR_MORE_DATA),
    NAMED(ERROR_BADDB),
    NAMED(ERROR_BADKEY),
    NAMED(ERROR_REGISTRY_CORRUPT),
    NAMED(ERROR_REGISTRY_IO_FAILED),
    NAMED(ERROR_NOT_REGISTRY_FILE),
    NAMED(ERROR_KEY_DELETED),
    NAMED(ERROR_PRIVILEGE_NOT_HELD),
    NAMED(ERROR_NO_SYSTEM_RESOURCES),
    NAMED(WSAEACCES),
    NAMED(WSAEFAULT),
    NAMED(WSAEINVAL),
    NAMED(WSAEPROCLIM),
    NAMED(WSAEINPROGRESS),
    NAMED(WSAEOPNOTSUPP),
    NAMED(WSAENETDOWN),
    NAMED(WSAENOBUFS),
    NAMED(WSASYSNOTREADY),
    NAMED(WSAVERNOTSUPPORTED),
    NAMED(WSANOTINITIALISED),
    NAMED(WSAEINVALIDPROCTABLE),
    NAMED(WSAEINVALIDPROVIDER),
    NAMED(WSAEPROVIDERFAILEDINIT),
    NAMED(WSASYSCALLFAILURE),
    NAMED(WSANO_RECOVERY),
};

const char *errors_win_name(uint32_t code)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].code == code)
            return names[i].name;
    }
    return code >= 10000 && code < 12000 ? "Winsock error" : "Windows error";
}

static enum wsplsp_status status_of(uint32_t code)
{
    switch (code) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
        return WSPLSP_NOT_FOUND;
    case ERROR_ACCESS_DENIED:
    case ERROR_PRIVILEGE_NOT_HELD:
    case WSAEACCES:
        return WSPLSP_DENIED;
    default:
        return WSPLSP_SYSTEM;
    }
}

enum wsplsp_status errors_win_fail(struct wsplsp_error *error, uint32_t code, const char *format, ...)
{
    char message[sizeof error->message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return wsplsp_fail(error, status_of(code), code, errors_win_name(code), "%s", message);
}
