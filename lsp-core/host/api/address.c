/* Addresses to text and back. */
#include <stdlib.h>

#include "api.h"
#include "call.h"
#include "lsp-core/host/catalog/private.h"
#include "protocol_ansi.h"
#include "startup.h"
#include "lsp-core/host/provider/unlisted.h"

/* "Optional. The WSAPROTOCOL_INFO structure for a particular provider. If this parameter is NULL, the call is routed to
 * the provider of the first protocol supporting the address family" (WSAAddressToString). */
static struct provider *choose_provider(int family, const WSAPROTOCOL_INFOW *given, WSAPROTOCOL_INFOW *info, INT *error)
{
    const struct wsplsp_snapshot *snapshot = private_catalog_acquire();
    const struct wsplsp_catalog *catalog = private_catalog_own(snapshot);
    const struct wsplsp_entry *entry;
    struct provider *provider = NULL;
    if (given != NULL)
        entry = choose_named(catalog, given->dwCatalogEntryId, (const struct wsplsp_guid *)&given->ProviderId,
                             startup_application());
    else
        entry = choose_family(catalog, family, startup_application());
    *error = WSAEINVAL;
    if (entry != NULL) {
        provider = provider_start(catalog, entry, error);
        provider_info(entry, info);
    } else if (given == NULL) {
        provider = unlisted_family(catalog, family, info, error);
    }
    private_catalog_release(snapshot);
    return provider;
}

INT WSAAPI api_WSAAddressToStringW(SOCKADDR *address, DWORD length, WSAPROTOCOL_INFOW *given, WCHAR *text,
                                   DWORD *text_length)
{
    struct call call;
    WSAPROTOCOL_INFOW info;
    if (!call_begin_without_socket(&call))
        return SOCKET_ERROR;
    call.error = WSAEFAULT;
    if (address == NULL || length < sizeof(address->sa_family) || text_length == NULL)
        return call_result(&call, SOCKET_ERROR);
    call.provider = choose_provider(address->sa_family, given, &info, &call.error);
    if (call.provider == NULL)
        return call_result(&call, SOCKET_ERROR);
    return call_result(
        &call, call.provider->procs.lpWSPAddressToString(address, length, &info, text, text_length, &call.error));
}

/* `*size` is the buffer's, and becomes what the text needs, its NUL included. */
static INT to_ansi(const WCHAR *wide, char *text, DWORD *size)
{
    int needed = WideCharToMultiByte(CP_ACP, 0, wide, -1, NULL, 0, NULL, NULL);
    bool fits = text != NULL && needed > 0 && (DWORD)needed <= *size;
    *size = (DWORD)needed;
    if (fits && WideCharToMultiByte(CP_ACP, 0, wide, -1, text, needed, NULL, NULL) > 0)
        return 0;
    WSASetLastError(WSAEFAULT);
    return SOCKET_ERROR;
}

INT WSAAPI api_WSAAddressToStringA(SOCKADDR *address, DWORD length, WSAPROTOCOL_INFOA *given, char *text,
                                   DWORD *text_length)
{
    enum { LONGEST = 1024 }; /* an address of AF_UNIX or Bluetooth is far below */
    WCHAR wide[LONGEST];
    DWORD wide_length = LONGEST;
    WSAPROTOCOL_INFOW info;
    if (given != NULL)
        protocol_to_wide(given, &info);
    INT result = api_WSAAddressToStringW(address, length, given == NULL ? NULL : &info, wide,
                                         text_length == NULL ? NULL : &wide_length);
    return result == 0 ? to_ansi(wide, text, text_length) : result;
}

INT WSAAPI api_WSAStringToAddressW(WCHAR *text, INT family, WSAPROTOCOL_INFOW *given, SOCKADDR *address, INT *length)
{
    struct call call;
    WSAPROTOCOL_INFOW info;
    if (!call_begin_without_socket(&call))
        return SOCKET_ERROR;
    call.error = WSAEFAULT;
    if (text == NULL || length == NULL)
        return call_result(&call, SOCKET_ERROR);
    call.provider = choose_provider(family, given, &info, &call.error);
    if (call.provider == NULL)
        return call_result(&call, SOCKET_ERROR);
    return call_result(&call,
                       call.provider->procs.lpWSPStringToAddress(text, family, &info, address, length, &call.error));
}

INT WSAAPI api_WSAStringToAddressA(char *text, INT family, WSAPROTOCOL_INFOA *given, SOCKADDR *address, INT *length)
{
    WSAPROTOCOL_INFOW info;
    int units = text == NULL ? 0 : MultiByteToWideChar(CP_ACP, 0, text, -1, NULL, 0);
    WCHAR *wide = units == 0 ? NULL : malloc((size_t)units * sizeof(*wide));
    if (text != NULL && wide == NULL) {
        WSASetLastError(startup_done() ? WSA_NOT_ENOUGH_MEMORY : WSANOTINITIALISED);
        return SOCKET_ERROR;
    }
    if (wide != NULL)
        MultiByteToWideChar(CP_ACP, 0, text, -1, wide, units);
    if (given != NULL)
        protocol_to_wide(given, &info);
    INT result = api_WSAStringToAddressW(wide, family, given == NULL ? NULL : &info, address, length);
    free(wide);
    return result;
}
