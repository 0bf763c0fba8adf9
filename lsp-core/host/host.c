/* The host in a process: loaded by one thread of the launcher's, started by another; see launch.h. Nothing is done in
 * DllMain, where loading DLLs is forbidden. */
#include "host.h"

#include <string.h>

#include "lsp-core/win/errors_win.h"
#include "exports.h"
#include "lsp-core/host/launch/layer_settings.h"
#include "lsp-core/host/catalog/private.h"
#include "lsp-core/host/provider/provider.h"
#include "lsp-core/host/redirect/real.h"
#include "lsp-core/host/provider/thread.h"

/* The layers that the user asked for have to be there: a program that runs without them would say nothing of it. */
static enum wsplsp_status check_layers(struct wsplsp_error *error)
{
    const struct wsplsp_snapshot *snapshot = private_catalog_acquire();
    enum wsplsp_status status = provider_check(private_catalog_own(snapshot), error);
    private_catalog_release(snapshot);
    return status;
}

/* The order matters: `real` is read from export tables that are still the system's, and a layer's DLL may link to
 * ws2_32.dll, which has to lead to the host. */
static enum wsplsp_status begin(const struct host_start *start, struct wsplsp_error *error)
{
    static LONG started;
    HMODULE self;
    /* `wsplsp run` inside `wsplsp run`: the outer one has hosted this process as a child of the inner wsplsp. */
    if (InterlockedExchange(&started, 1) != 0) {
        wsplsp_fail(error, WSPLSP_SYSTEM, 0, "ALREADY_HOSTED", "another 'wsplsp run' hosts the program already");
        return wsplsp_hint(error, "start the inner wsplsp outside of it");
    }
    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                            (LPCWSTR)(void *)wsplsp_host_start, &self))
        return wsplsp_fail(error, WSPLSP_SYSTEM, GetLastError(), errors_win_name(GetLastError()),
                           "the host cannot stay in the process");
    if (config_attach(start, error) != WSPLSP_OK || real_load(error) != WSPLSP_OK)
        return error->status;
    if (!thread_initialize())
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "TLS", "the process has no thread-local storage left");
    if (private_catalog_start(error) != WSPLSP_OK)
        return error->status;
    if (*(volatile const uint32_t *)&start->cancelled != 0)
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "CANCELLED", "the process already runs without the host");
    if (exports_install(error) != WSPLSP_OK)
        return error->status;
    layer_settings_start(start->first);
    provider_loaded = layer_settings_hand_over;
    provider_strict = (config_get()->flags & CONFIG_STRICT) != 0;
    /* wsplsp's own layer may be below one that loads it without the host; a trace or filter has to be on by then. */
    if (!start->first && layer_settings_are_any())
        check_layers(error);
    if (!start->first)
        return WSPLSP_OK;
    return check_layers(error) == WSPLSP_OK ? layer_settings_check(error) : error->status;
}

DWORD WINAPI wsplsp_host_start(struct host_start *start)
{
    struct wsplsp_error error;
    memset(&error, 0, sizeof error);
    start->status = begin(start, &error);
    start->code = error.code;
    memcpy(start->name, error.name, sizeof start->name);
    memcpy(start->message, error.message, sizeof start->message);
    memcpy(start->hint, error.hint, sizeof start->hint);
    return start->status;
}
