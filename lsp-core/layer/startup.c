/* WSPStartup, the DLL's one required export, and WSPCleanup. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "config.h"
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
                       const WSPUPCALLTABLE *upcalls)
{
    struct chain *chain;
    EnterCriticalSection(&place->lock);
    int error = place->startups == ULONG_MAX ? WSAEPROCLIM : 0;
    if (error == 0)
        error = chain_start(place, members, position, info, upcalls, &chain);
    if (error == 0) {
        place->startups++;
        upcall_set(upcalls);
    }
    LeaveCriticalSection(&place->lock);
    return error;
}

/* The errors that the page does not name are those of an entry or a chain that is not what it should be. */
static int start(WSAPROTOCOL_INFOW *info, const WSPUPCALLTABLE *upcalls, struct place **place)
{
    struct members *members = members_read(info);
    int position = members == NULL ? -1 : members_own_position(members, nesting_lowest(info->dwCatalogEntryId));
    int error = WSASYSNOTREADY;
    /* Only file handles pass through (WPUModifyIFSHandle). */
    if (position >= 0 && (members->member[position].info.dwServiceFlags1 & XP1_IFS_HANDLES) != 0) {
        *place = &places[position];
        error = start_place(*place, members, position, info, upcalls);
    }
    free(members);
    return error;
}

/* What remains when the parameters are good. */
static int start_traced(WORD requested, WORD answered, WSAPROTOCOL_INFOW *info, const WSPUPCALLTABLE *upcalls,
                        struct place **place)
{
    struct trace_call call;
    if (!trace_is_on())
        return start(info, upcalls, place);
    trace_begin(&call, WSPLSP_TRACE_STARTUP, INVALID_SOCKET, info->dwCatalogEntryId);
    trace_arguments(&call, requested, answered, 0, 0);
    trace_enter(&call);
    int error = start(info, upcalls, place);
    trace_end(&call, error, error);
    return error;
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD requested, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE procs)
{
    static const struct version_range own = {VERSION_OF(2, 2), VERSION_OF(2, 2)};
    struct version_answer answer;
    struct place *place = NULL;
    if (data == NULL || info == NULL || procs == NULL)
        return WSAEFAULT;
    if (!version_negotiate(own, requested, &answer))
        return WSAVERNOTSUPPORTED;
    DWORD last_error = GetLastError();
    config_read();
    int error = start_traced(requested, answer.version, info, &upcalls, &place);
    SetLastError(last_error);
    if (error != 0)
        return error;
    fill(data, answer);
    *procs = spi_of(place)->procs;
    return 0;
}

/* Under the place's lock, so that a startup that comes meanwhile waits for it. */
static void stop(struct place *place)
{
    HMODULE self;
    DWORD last_error = GetLastError();
    chain_stop_all(place);
    if (calls_wait(&place->calls, LAST_CALLS_MILLISECONDS)) {
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
