/* Tells of layers that pass their own entry's id; see hidden_id.h. */
#include "hidden_id.h"

#include <stdbool.h>
#include <stdio.h>

#include "lsp-core/host/launch/config.h"
#include "lsp-core/host/launch/layer_settings.h"

enum { NOTED_MOST = 64, PATH_ROOM = 1024 };

/* Whether it is new; where there is no more room, nothing is. */
static bool is_new(const struct hidden_id *use)
{
    static volatile LONG64 noted[NOTED_MOST];
    const LONG64 key = (LONG64)((uint64_t)use->function << 32 | use->id);
    for (int i = 0; i < NOTED_MOST; i++) {
        LONG64 before = InterlockedCompareExchange64(&noted[i], key, 0);
        if (before == 0 || before == key)
            return before == 0;
    }
    return false;
}

static const char *name_of(enum wsplsp_trace_function function)
{
    return function == WSPLSP_TRACE_MODIFY_IFS_HANDLE      ? "WPUModifyIFSHandle"
           : function == WSPLSP_TRACE_CREATE_SOCKET_HANDLE ? "WPUCreateSocketHandle"
                                                           : "WPUQueryBlockingCallback";
}

/* The DLL's name without its folder, in UTF-8. */
static void find_layer(const void *address, char *name, int size)
{
    wchar_t path[PATH_ROOM];
    HMODULE module = NULL;
    const DWORD flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    name[0] = '\0';
    if (!GetModuleHandleExW(flags, (LPCWSTR)address, &module) || GetModuleFileNameW(module, path, PATH_ROOM) == 0)
        module = NULL;
    const wchar_t *file = module == NULL ? NULL : wcsrchr(path, L'\\');
    file = file == NULL ? path : file + 1;
    if (module == NULL || WideCharToMultiByte(CP_UTF8, 0, file, -1, name, size, NULL, NULL) == 0)
        snprintf(name, (size_t)size, "a layer");
}

/* In one write, so that lines of several processes do not mix. */
static void say(const struct hidden_id *use)
{
    char line[1024], layer[400], chain[100] = "";
    DWORD written;
    find_layer(use->caller, layer, sizeof layer);
    if (use->chain != 0)
        snprintf(chain, sizeof chain, " (here %lu)", (unsigned long)use->chain);
    int length = snprintf(line, sizeof line,
                          "wsplsp: process %lu: %s passes %lu to %s, the id of a layer's hidden entry%s; Windows wants "
                          "that of the chain that WSPStartup was given%s\n",
                          GetCurrentProcessId(), layer, (unsigned long)use->id, name_of(use->function),
                          use->error != 0 ? ", and is refused" : "", chain);
    length = length < (int)sizeof line ? length : (int)sizeof line - 1;
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), line, (DWORD)length, &written, NULL);
}

void hidden_id_note(const struct hidden_id *use)
{
    const struct config *config = config_get();
    if (config == NULL || !is_new(use))
        return;
    DWORD last_error = GetLastError();
    layer_settings_trace_upcall(use->function, use->id, use->chain, use->error);
    if ((config->flags & CONFIG_VERBOSE) != 0)
        say(use);
    SetLastError(last_error);
}
