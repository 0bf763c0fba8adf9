/* WSPStartup, the DLL's one required export. WSPCleanup is in spi/chain_stop.c. */
#include <stdlib.h>
#include <string.h>

#include "lsp-core/layer/spi/lifecycle.h"
#include "lsp-core/layer/chain/chain.h"
#include "config.h"
#include "lsp-core/layer/filter/filter.h"
#include "lsp-core/layer/chain/nesting.h"
#include "lsp-core/layer/spi/spi.h"
#include "lsp-core/layer/trace/write.h"
#include "lsp-core/layer/chain/upcall.h"
#include "version.h"

#define WIDE_TEXT(text) L##text
#define WIDE(text)      WIDE_TEXT(text)

static void fill(WSPDATA *data, struct version_answer answer)
{
    memset(data, 0, sizeof(*data));
    data->wVersion = answer.version;
    data->wHighVersion = answer.highest;
    wcscpy(data->szDescription, L"wsplsp layer " WIDE(WSPLSP_VERSION));
}

static int start_chain(const struct members *members, int position, WSAPROTOCOL_INFOW *info,
                       const WSPUPCALLTABLE *upcalls, enum chain_use use, struct chain **chain)
{
    int error = chain_start(&places[position], members, position, info, upcalls, use, chain);
    if (error == 0)
        upcall_set(upcalls);
    return error;
}

/* One of the chains with the layer's own entry: the first that is running or being started by this very thread, if
 * there is one, else the first that can be started. */
static int start_with(DWORD layer_id, bool running, const WSPUPCALLTABLE *upcalls, struct chain **chain)
{
    struct members *members;
    int error = WSASYSNOTREADY, result = WSASYSNOTREADY;
    for (int i = 0; *chain == NULL && (members = members_read_with(layer_id, i)) != NULL; i++) {
        WSAPROTOCOL_INFOW entry = members->chain;
        int position = members_own_position(members, 0);
        if (position >= 0 && (!running || chain_is_up(&places[position], entry.dwCatalogEntryId)))
            error = start_chain(members, position, &entry, upcalls, CHAIN_FOR_LAYER, chain);
        result = i == 0 || error == 0 ? error : result;
        free(members);
    }
    return result;
}

/* Winsock starts the provider of whatever entry it is handed an id of: the layer's own, hidden one, too, when another
 * layer gives that to an upcall, as Microsoft's sample of 1999 does, or a program asks for it (WSASocket). An error
 * would cost the program all sockets of that kind, so that the entry stands for its chains: the functions are those of
 * the layer's first place in one of them, and the startup is counted there like any other. Before any of them runs, the
 * first one that can be started is; that which cannot leaves the next one its turn. Only a layer that no chain has
 * cannot be started: there is nothing that it could go on to. Which chain a socket is made in is then said by
 * WSPSocket's WSAPROTOCOL_INFO (chain_for_socket). */
static int start_layer(DWORD layer_id, const WSPUPCALLTABLE *upcalls, struct chain **chain)
{
    int error = start_with(layer_id, true, upcalls, chain);
    return *chain != NULL ? error : start_with(layer_id, false, upcalls, chain);
}

/* The errors that the page does not name are those of an entry or a chain that is not what it should be. */
static int start(WSAPROTOCOL_INFOW *info, const WSPUPCALLTABLE *upcalls, struct chain **chain)
{
    struct members *members = members_read(info);
    if (members == NULL)
        return start_layer(info->dwCatalogEntryId, upcalls, chain);
    int position = members_own_position(members, nesting_lowest(info->dwCatalogEntryId));
    int error = WSASYSNOTREADY;
    if (position >= 0)
        error = start_chain(members, position, info, upcalls, CHAIN_FOR_STARTUP, chain);
    free(members);
    return error;
}

/* The layer's own entry at the place that is meant, as in all records. */
static DWORD own_entry(const WSAPROTOCOL_INFOW *info)
{
    struct members *members = members_read(info);
    int position = members == NULL ? -1 : members_own_position(members, nesting_lowest(info->dwCatalogEntryId));
    DWORD id = position < 0 ? info->dwCatalogEntryId : members->member[position].info.dwCatalogEntryId;
    free(members);
    return id;
}

/* What remains when the parameters are good. */
static int start_traced(WORD requested, WORD answered, WSAPROTOCOL_INFOW *info, const WSPUPCALLTABLE *upcalls,
                        struct chain **chain)
{
    struct trace_call call;
    if (!trace_is_on())
        return start(info, upcalls, chain);
    trace_begin(&call, WSPLSP_TRACE_STARTUP, INVALID_SOCKET, own_entry(info));
    trace_arguments(&call, requested, answered, 0, 0);
    trace_enter(&call);
    int error = start(info, upcalls, chain);
    trace_end(&call, error, error);
    return error;
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD requested, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE procs)
{
    static const struct version_range own = {VERSION_OF(2, 2), VERSION_OF(2, 2)};
    struct version_answer answer;
    struct chain *chain = NULL;
    if (data == NULL || info == NULL || procs == NULL)
        return WSAEFAULT;
    if (!version_negotiate(own, requested, &answer))
        return WSAVERNOTSUPPORTED;
    DWORD last_error = GetLastError();
    if (!process_is_ending())
        config_read();
    int error = filter_is_missing() ? WSASYSNOTREADY : start_traced(requested, answer.version, info, &upcalls, &chain);
    SetLastError(last_error);
    if (error != 0)
        return error;
    fill(data, answer);
    *procs = spi_of(chain->place, chain->ifs)->procs;
    return 0;
}
