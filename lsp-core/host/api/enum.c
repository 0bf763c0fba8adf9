/* WSAEnumProtocols: what sockets can be made of, from the private catalog. */
#include "api.h"
#include "call.h"
#include "lsp-core/host/catalog/private.h"
#include "protocol_ansi.h"
#include "startup.h"

static DWORD count_entries(const struct wsplsp_catalog *catalog, const INT *protocols)
{
    DWORD count = 0;
    for (size_t i = 0; i < catalog->entry_count; i++)
        count += choose_enumerated(catalog, &catalog->entries[i], protocols, startup_application());
    return count;
}

static void copy_entry(const struct wsplsp_entry *entry, bool ansi, void *buffer, DWORD index)
{
    WSAPROTOCOL_INFOW info;
    provider_info(entry, &info);
    if (ansi)
        protocol_to_ansi(&info, (WSAPROTOCOL_INFOA *)buffer + index);
    else
        ((WSAPROTOCOL_INFOW *)buffer)[index] = info;
}

/* The number of entries, or SOCKET_ERROR with WSAENOBUFS and the size needed; so it is also without a buffer, whatever
 * the size given, and even where nothing would be put there. */
static INT enumerate(const struct wsplsp_catalog *catalog, const INT *protocols, bool ansi, void *buffer, DWORD *size,
                     INT *error)
{
    DWORD count = count_entries(catalog, protocols);
    DWORD needed = count * (DWORD)(ansi ? sizeof(WSAPROTOCOL_INFOA) : sizeof(WSAPROTOCOL_INFOW));
    DWORD index = 0;
    if (*size < needed || buffer == NULL) {
        *error = WSAENOBUFS;
        *size = needed;
        return SOCKET_ERROR;
    }
    for (size_t i = 0; i < catalog->entry_count; i++)
        if (choose_enumerated(catalog, &catalog->entries[i], protocols, startup_application()))
            copy_entry(&catalog->entries[i], ansi, buffer, index++);
    return (INT)count;
}

static INT enumerate_own(const INT *protocols, bool ansi, void *buffer, DWORD *size)
{
    struct call call;
    if (!call_begin_without_socket(&call))
        return SOCKET_ERROR;
    call.error = WSAEFAULT;
    if (size == NULL)
        return call_result(&call, SOCKET_ERROR);
    const struct wsplsp_snapshot *snapshot = private_catalog_acquire();
    INT count = enumerate(private_catalog_own(snapshot), protocols, ansi, buffer, size, &call.error);
    private_catalog_release(snapshot);
    return call_result(&call, count);
}

INT WSAAPI api_WSAEnumProtocolsA(INT *protocols, WSAPROTOCOL_INFOA *buffer, DWORD *size)
{
    return enumerate_own(protocols, true, buffer, size);
}

INT WSAAPI api_WSAEnumProtocolsW(INT *protocols, WSAPROTOCOL_INFOW *buffer, DWORD *size)
{
    return enumerate_own(protocols, false, buffer, size);
}
