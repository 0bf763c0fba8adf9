/* The trace's settings for wsplsp's own layer; see layer_settings.h. */
#include "layer_settings.h"

#include <stdint.h>
#include <wchar.h>

#include "config.h"
#include "wsplsp/layer.h"

enum { TRIES = 1000 };

static wchar_t trace_file[CONFIG_PATH + 32]; /* empty: no trace */

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
    };
    configure(&settings);
}
