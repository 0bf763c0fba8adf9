/* The settings of the run for wsplsp's own layer; see layer_settings.h. */
#include "layer_settings.h"

#include <stdatomic.h>
#include <stdint.h>
#include <wchar.h>

#include "config.h"
#include "wsplsp/layer.h"

enum { TRIES = 1000 };

static wchar_t trace_file[CONFIG_PATH + 32]; /* empty: no trace */

/* What came of the filter, which a layer has been given. */
static bool handed_over;
static int filter_error;
static DWORD filter_code;

/* Of a layer whose trace is on, which stays loaded from then on. */
static _Atomic(wsplsp_layer_trace_upcall_function) trace_upcall;

static const int own_bits = sizeof(void *) == 8 ? 0 : 1;

/* NULL: the run has none. One for programs of the other bitness cannot be loaded, and that is how it should be: what
 * goes past the filter would do so unnoticed. */
static const wchar_t *filter_file(void)
{
    const struct config *config = config_get();
    const wchar_t *own = config->filter_file[own_bits], *other = config->filter_file[!own_bits];
    return own[0] != L'\0' ? own : other[0] != L'\0' ? other : NULL;
}

static bool is_there(const wchar_t *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

/* The first process writes the file that was asked for, each other one FILE.<process id>; where an earlier process of
 * the run had that id, FILE.<process id>-2 and so on. */
void layer_settings_start(bool first)
{
    const struct config *config = config_get();
    const size_t room = sizeof(trace_file) / sizeof(trace_file[0]);
    if (config->trace_file[0] == L'\0')
        return;
    if (first) {
        wcscpy(trace_file, config->trace_file);
        return;
    }
    swprintf(trace_file, room, L"%ls.%lu", config->trace_file, GetCurrentProcessId());
    for (int number = 2; number < TRIES && is_there(trace_file); number++)
        swprintf(trace_file, room, L"%ls.%lu-%d", config->trace_file, GetCurrentProcessId(), number);
}

bool layer_settings_are_any(void)
{
    return config_get()->trace_file[0] != L'\0' || filter_file() != NULL;
}

void layer_settings_hand_over(HMODULE layer)
{
    wsplsp_layer_configure_function configure =
        (wsplsp_layer_configure_function)(void *)GetProcAddress(layer, WSPLSP_LAYER_CONFIGURE);
    const struct config *config = config_get();
    if (configure == NULL || config == NULL)
        return;
    const struct wsplsp_layer_config settings = {
        .size = sizeof(settings),
        .trace_data_bytes = config->trace_data_bytes,
        .trace_file = trace_file[0] == L'\0' ? NULL : trace_file,
        .filter_file = filter_file(),
        .flags = (config->flags & CONFIG_VERBOSE) != 0 ? WSPLSP_LAYER_VERBOSE : 0,
    };
    int failure = configure(&settings);
    if (failure == WSAEINPROGRESS)
        return; /* another thread is handing them over, and will know what came of it */
    filter_code = GetLastError();
    if (settings.trace_file != NULL && failure != WSASYSNOTREADY)
        trace_upcall = (wsplsp_layer_trace_upcall_function)(void *)GetProcAddress(layer, WSPLSP_LAYER_TRACE_UPCALL);
    filter_error = failure == WSASYSNOTREADY ? 0 : failure; /* that is the trace's */
    handed_over = true;
}

void layer_settings_trace_upcall(uint32_t function, uint32_t id, uint32_t chain, int error)
{
    const wsplsp_layer_trace_upcall_function record = trace_upcall;
    if (record != NULL)
        record(function, id, chain, error);
}

static const char *reason(void)
{
    if (config_get()->filter_file[own_bits][0] == L'\0')
        return "it is made for programs of the other bitness";
    switch (filter_error) {
    case WSAEINVALIDPROCTABLE:
        return "it exports no wsplsp_filter_start, or its table is too small";
    case WSAVERNOTSUPPORTED:
        return "its interface is of a version that wsplsp-layer.dll does not know";
    case WSAEREFUSED:
        return "it refuses to work";
    default:
        return "Windows cannot load it";
    }
}

enum wsplsp_status layer_settings_check(struct wsplsp_error *error)
{
    char name[300] = "";
    const wchar_t *file = filter_file();
    if (file == NULL || (handed_over && filter_error == 0))
        return WSPLSP_OK;
    if (!handed_over) {
        wsplsp_fail(error, WSPLSP_SYSTEM, 0, "NO_LAYER", "no layer in the program's catalog takes a filter");
        return wsplsp_hint(error, "the catalog has to have wsplsp-layer.dll in it, for programs of this bitness");
    }
    WideCharToMultiByte(CP_UTF8, 0, file, -1, name, sizeof name, NULL, NULL);
    return wsplsp_fail(error, WSPLSP_SYSTEM, filter_error == WSAEPROVIDERFAILEDINIT ? filter_code : 0,
                       "FILTER_NOT_LOADED", "cannot load the filter '%s': %s", name, reason());
}
