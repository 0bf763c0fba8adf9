/* What the driver is asked for by wsk transports and wsk connect; see wsk_driver.h. */
#include "wsk_driver.h"

#include <stdlib.h>
#include <string.h>

#include "cli/base/memory.h"
#include "lsp-core/base/probe_errors.h"
#include "wsk_device_win.h"

enum wsplsp_status wsk_get_transports(struct wsplsp_wsk_transports **transports, struct wsplsp_error *error)
{
    HANDLE device;
    struct wsplsp_wsk_header request;
    if (wsk_device_open(&device, error) != WSPLSP_OK)
        return error->status;
    const size_t size = sizeof **transports + WSPLSP_WSK_TRANSPORTS_MAX * sizeof(*transports)->transports[0];
    *transports = memory_alloc(size);
    enum wsplsp_status status =
        wsk_device_ask(device, WSPLSP_WSK_TRANSPORTS, &request, sizeof request, *transports, (DWORD)size, error);
    CloseHandle(device);
    if (status != WSPLSP_OK)
        free(*transports);
    return status;
}

/* The addresses of both ends: the remote one's family is the local one's, where that is given. */
static enum wsplsp_status find_ends(const struct wsk_connect_request *request, struct wsplsp_wsk_connect *connect,
                                    char address[64], struct wsplsp_error *error)
{
    ADDRINFOW *local = NULL, *remote;
    int family = AF_UNSPEC;
    if (request->local != NULL) {
        if (wsk_resolve(request->local, AF_UNSPEC, &local, error) != WSPLSP_OK)
            return error->status;
        family = local->ai_family;
        wsk_device_address(local->ai_addr, &connect->local);
        FreeAddrInfoW(local);
    }
    if (wsk_resolve(request->host, family, &remote, error) != WSPLSP_OK)
        return error->status;
    wsk_address_text(remote->ai_addr, address);
    wsk_device_address(remote->ai_addr, &connect->remote);
    connect->remote.port = request->port;
    connect->local.family = connect->remote.family;
    FreeAddrInfoW(remote);
    return WSPLSP_OK;
}

static enum wsplsp_status ask(const struct wsk_connect_request *request, struct wsplsp_wsk_connect *connect,
                              struct wsplsp_wsk_connected **connected, struct wsplsp_error *error)
{
    HANDLE device;
    if (wsk_device_open(&device, error) != WSPLSP_OK)
        return error->status;
    connect->socket_type = SOCK_STREAM;
    connect->protocol = IPPROTO_TCP;
    connect->timeout_ms = request->timeout;
    connect->count = request->count;
    const size_t size = sizeof **connected + request->count * sizeof(*connected)->attempts[0];
    *connected = memory_alloc(size);
    enum wsplsp_status status =
        wsk_device_ask(device, WSPLSP_WSK_CONNECT, connect, sizeof *connect, *connected, (DWORD)size, error);
    CloseHandle(device);
    if (status != WSPLSP_OK)
        free(*connected);
    return status;
}

enum wsplsp_status wsk_connect(const struct wsk_connect_request *request, char address[64],
                               struct wsplsp_wsk_connected **connected, struct wsplsp_error *error)
{
    struct wsplsp_wsk_connect connect = {0};
    WSADATA data;
    int code = WSAStartup(MAKEWORD(2, 2), &data);
    if (code != 0) {
        char name[48];
        probe_winsock_name((uint32_t)code, name, sizeof name);
        return wsplsp_fail(error, WSPLSP_SYSTEM, (uint32_t)code, name, "Winsock does not start");
    }
    enum wsplsp_status status = find_ends(request, &connect, address, error);
    WSACleanup();
    return status == WSPLSP_OK ? ask(request, &connect, connected, error) : status;
}
