/* The driver's device; see wsk_device_win.h. */
#include "wsk_device_win.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/win/errors_win.h"
#include "cli/base/memory.h"
#include "lsp-core/base/probe_errors.h"

enum wsplsp_status wsk_device_open(HANDLE *device, struct wsplsp_error *error)
{
    *device = CreateFileW(WSPLSP_WSK_DEVICE, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                          OPEN_EXISTING, 0, NULL);
    if (*device != INVALID_HANDLE_VALUE)
        return WSPLSP_OK;
    DWORD code = GetLastError();
    if (code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND) {
        wsplsp_fail(error, WSPLSP_NOT_FOUND, code, errors_win_name(code), "the driver is not loaded");
        return wsplsp_hint(error, "'wsplsp wsk load' loads it");
    }
    errors_win_fail(error, code, "cannot open the driver's device");
    return error->status == WSPLSP_DENIED ? wsplsp_hint(error, "only administrators may: run wsplsp as administrator")
                                          : error->status;
}

static enum wsplsp_status fail_version(struct wsplsp_error *error)
{
    wsplsp_fail(error, WSPLSP_SYSTEM, 0, "DRIVER_VERSION", "the driver is of another version than this program");
    return wsplsp_hint(error, "'wsplsp wsk unload', then 'wsplsp wsk load'");
}

enum wsplsp_status wsk_device_ask(HANDLE device, DWORD code, void *input, DWORD input_size, void *output,
                                  DWORD output_size, struct wsplsp_error *error)
{
    struct wsplsp_wsk_header header = {WSPLSP_WSK_VERSION, input_size}, answer;
    DWORD returned = 0;
    memcpy(input, &header, sizeof header);
    if (!DeviceIoControl(device, code, input, input_size, output, output_size, &returned, NULL)) {
        DWORD failure = GetLastError();
        if (failure == ERROR_REVISION_MISMATCH)
            return fail_version(error);
        return errors_win_fail(error, failure, "the driver does not answer");
    }
    if (returned < sizeof answer)
        return fail_version(error);
    memcpy(&answer, output, sizeof answer);
    return answer.version == WSPLSP_WSK_VERSION && answer.size <= returned ? WSPLSP_OK : fail_version(error);
}

void wsk_device_address(const SOCKADDR *from, struct wsplsp_wsk_address *to)
{
    memset(to, 0, sizeof *to);
    to->family = from->sa_family;
    if (from->sa_family == AF_INET) {
        const SOCKADDR_IN *in = (const SOCKADDR_IN *)from;
        to->port = ntohs(in->sin_port);
        memcpy(to->address, &in->sin_addr, sizeof in->sin_addr);
    } else {
        const SOCKADDR_IN6 *in6 = (const SOCKADDR_IN6 *)from;
        to->port = ntohs(in6->sin6_port);
        to->scope_id = in6->sin6_scope_id;
        memcpy(to->address, &in6->sin6_addr, sizeof in6->sin6_addr);
    }
}

enum wsplsp_status wsk_resolve(const char *host, int family, ADDRINFOW **addresses, struct wsplsp_error *error)
{
    ADDRINFOW hints = {.ai_family = family, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
    int size = MultiByteToWideChar(CP_UTF8, 0, host, -1, NULL, 0);
    wchar_t *wide = memory_alloc((size_t)size * sizeof *wide);
    MultiByteToWideChar(CP_UTF8, 0, host, -1, wide, size);
    int code = GetAddrInfoW(wide, NULL, &hints, addresses);
    free(wide);
    if (code == 0)
        return WSPLSP_OK;
    char name[48];
    probe_winsock_name((uint32_t)code, name, sizeof name);
    enum wsplsp_status status = code == WSAHOST_NOT_FOUND || code == WSANO_DATA ? WSPLSP_NOT_FOUND : WSPLSP_SYSTEM;
    return wsplsp_fail(error, status, (uint32_t)code, name, "cannot find an address of '%.200s'", host);
}

void wsk_address_text(const SOCKADDR *address, char text[64])
{
    int length = address->sa_family == AF_INET ? (int)sizeof(SOCKADDR_IN) : (int)sizeof(SOCKADDR_IN6);
    if (getnameinfo(address, length, text, 64, NULL, 0, NI_NUMERICHOST) != 0)
        snprintf(text, 64, "?");
}
