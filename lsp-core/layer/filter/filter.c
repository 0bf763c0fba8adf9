/* The process's filter; see filter.h. */
#include "filter.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lsp-core/layer/chain/chain.h"

enum { OLDEST_VERSION = 1 };

struct wsplsp_filter filter;

static struct {
    bool asked, verbose;
    atomic_bool on;
    atomic_int error; /* WSASYSNOTREADY while it is being loaded: nothing goes past it then, either */
    DWORD last_error;
} state;

static bool absolute(const wchar_t *path)
{
    return path[0] != 0 && ((path[1] == ':' && path[2] == '\\') || (path[0] == '\\' && path[1] == '\\'));
}

static int start(HMODULE module)
{
    static const struct wsplsp_filter_layer layer = {sizeof(layer), WSPLSP_FILTER_VERSION};
    wsplsp_filter_start_function function =
        (wsplsp_filter_start_function)(void *)GetProcAddress(module, WSPLSP_FILTER_START);
    if (function == NULL)
        return WSAEINVALIDPROCTABLE;
    const struct wsplsp_filter *table = function(&layer);
    if (table == NULL)
        return WSAEREFUSED;
    if (table->version < OLDEST_VERSION || table->version > WSPLSP_FILTER_VERSION)
        return WSAVERNOTSUPPORTED;
    if (table->size < sizeof(*table))
        return WSAEINVALIDPROCTABLE;
    memcpy(&filter, table, sizeof(filter));
    return 0;
}

static int load(const wchar_t *file)
{
    HMODULE self;
    /* A thread may be inside of a filtered call at any time; and a layer that is loaded anew would not know that it
     * must not work without the filter. */
    if (!absolute(file) || !GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                                               (const wchar_t *)(void *)&filter, &self))
        return WSAEPROVIDERFAILEDINIT;
    HMODULE module = LoadLibraryExW(file, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    if (module == NULL)
        return WSAEPROVIDERFAILEDINIT;
    int error = start(module);
    if (error != 0)
        FreeLibrary(module);
    return error;
}

int filter_load(const wchar_t *file, bool verbose, void (*ready)(void))
{
    if (!state.asked) {
        state.asked = true;
        state.verbose = verbose;
        atomic_store(&state.error, WSASYSNOTREADY);
        SetLastError(ERROR_INVALID_PARAMETER);
        int error = load(file);
        state.last_error = GetLastError();
        if (error == 0)
            ready();
        atomic_store(&state.on, error == 0);
        atomic_store(&state.error, error);
    }
    SetLastError(state.last_error);
    return state.error;
}

bool filter_is_on(void)
{
    return state.on;
}

bool filter_is_missing(void)
{
    return state.error != 0;
}

/* In one write, so that the lines of several processes don't mix. */
static void say_limits(void)
{
    static LONG said;
    static const char text[] = "wsplsp: an IFS layer: its filter does not see what is received overlapped, accepted by "
                               "AcceptEx or goes through ReadFile and WriteFile, and cannot change what is sent "
                               "overlapped\n";
    DWORD written;
    if (state.verbose && InterlockedExchange(&said, 1) == 0)
        WriteFile(GetStdHandle(STD_ERROR_HANDLE), text, sizeof(text) - 1, &written, NULL);
}

void filter_chain_started(struct chain *chain)
{
    DWORD last_error = GetLastError();
    const struct wsplsp_filter_chain told = {
        .size = sizeof(told),
        .catalog_id = chain->info.dwCatalogEntryId,
        .ifs = chain->ifs,
        .limits = chain->ifs ? WSPLSP_FILTER_NO_OVERLAPPED_RECEIVES | WSPLSP_FILTER_NO_OVERLAPPED_CHANGES |
                                   WSPLSP_FILTER_NO_FILE_CALLS
                             : 0,
        .name = chain->info.szProtocol,
    };
    if (chain->ifs)
        say_limits();
    if (filter.chain != NULL)
        filter.chain(filter.context, &told);
    SetLastError(last_error);
}

int filter_ask_socket(SOCKET handle, int family, int type, int protocol)
{
    DWORD last_error = GetLastError();
    int refused = filter.socket(filter.context, handle, family, type, protocol);
    SetLastError(last_error);
    return refused;
}

int filter_ask_address(filter_address_function function, SOCKET handle, struct wsplsp_filter_address *address)
{
    DWORD last_error = GetLastError();
    int refused = function(filter.context, handle, address);
    SetLastError(last_error);
    if (refused == 0 && (address->length < 0 || address->length > (int32_t)sizeof(address->address)))
        refused = WSAEFAULT;
    return refused;
}

int filter_ask_accept(SOCKET listening, SOCKET accepted, const struct wsplsp_filter_address *peer)
{
    DWORD last_error = GetLastError();
    int refused = filter.accept(filter.context, listening, accepted, peer);
    SetLastError(last_error);
    return refused;
}

int filter_ask_data(filter_data_function function, SOCKET handle, struct wsplsp_filter_data *data)
{
    DWORD last_error = GetLastError();
    int refused = function(filter.context, handle, data);
    SetLastError(last_error);
    if (data->length > data->room)
        data->length = data->room;
    return refused;
}

void filter_tell_close(SOCKET handle)
{
    DWORD last_error = GetLastError();
    filter.close(filter.context, handle);
    SetLastError(last_error);
}
