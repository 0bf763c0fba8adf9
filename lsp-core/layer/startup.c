/* WSPStartup, the DLL's one required export, and WSPCleanup. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "config.h"
#include "filter.h"
#include "nesting.h"
#include "spi.h"
#include "trace_write.h"
#include "upcall.h"
#include "version.h"

/* For a call that is still inside of the layer at the last WSPCleanup, though its socket has been closed. */
enum { LAST_CALLS_MILLISECONDS = 2000 };

#define WIDE_TEXT(text) L##text
#define WIDE(text)      WIDE_TEXT(text)

static void fill(WSPDATA *data, struct version_answer answer)
{
    memset(data, 0, sizeof(*data));
    data->wVersion = answer.version;
    data->wHighVersion = answer.highest;
    wcscpy(data->szDescription, L"wsplsp layer " WIDE(WSPLSP_VERSION));
}

static int start_place(struct place *place, const struct members *members, int position, WSAPROTOCOL_INFOW *info,
                       const WSPUPCALLTABLE *upcalls, struct chain **chain)
{
    EnterCriticalSection(&place->lock);
    int error = place->startups == ULONG_MAX ? WSAEPROCLIM : 0;
    if (error == 0)
        error = chain_start(place, members, position, info, upcalls, chain);
    if (error == 0) {
        place->startups++;
        upcall_set(upcalls);
    }
    LeaveCriticalSection(&place->lock);
    return error;
}

/* The errors that the page does not name are those of an entry or a chain that is not what it should be. */
static int start(WSAPROTOCOL_INFOW *info, const WSPUPCALLTABLE *upcalls, struct chain **chain)
{
    struct members *members = members_read(info);
    int position = members == NULL ? -1 : members_own_position(members, nesting_lowest(info->dwCatalogEntryId));
    int error = WSASYSNOTREADY;
    if (position >= 0)
        error = start_place(&places[position], members, position, info, upcalls, chain);
    free(members);
    return error;
}

/* What remains when the parameters are good. */
static int start_traced(WORD requested, WORD answered, WSAPROTOCOL_INFOW *info, const WSPUPCALLTABLE *upcalls,
                        struct chain **chain)
{
    struct trace_call call;
    if (!trace_is_on())
        return start(info, upcalls, chain);
    trace_begin(&call, WSPLSP_TRACE_STARTUP, INVALID_SOCKET, info->dwCatalogEntryId);
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
    config_read();
    int error = filter_is_missing() ? WSASYSNOTREADY : start_traced(requested, answer.version, info, &upcalls, &chain);
    SetLastError(last_error);
    if (error != 0)
        return error;
    fill(data, answer);
    *procs = spi_of(chain->place, chain->ifs)->procs;
    return 0;
}

/* Under the place's lock, so that a startup that comes meanwhile waits for it. */
static void stop(struct place *place)
{
    HMODULE self;
    DWORD last_error = GetLastError();
    bool finished = chain_stop_all(place, LAST_CALLS_MILLISECONDS);
    if (finished && calls_wait(&place->calls, LAST_CALLS_MILLISECONDS)) {
        chain_unload_all(place);
    } else {
        chain_keep_all(place);
        GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                           (const wchar_t *)(void *)&places, &self);
    }
    SetLastError(last_error);
}

int spi_Cleanup(struct place *place, INT *error)
{
    EnterCriticalSection(&place->lock);
    bool started = place->startups > 0;
    if (started && --place->startups == 0)
        stop(place);
    LeaveCriticalSection(&place->lock);
    if (!started)
        *error = WSANOTINITIALISED;
    return started ? 0 : SOCKET_ERROR;
}
