/* Steps as calls; see winsock_calls_win.h. */
#include "winsock_calls_win.h"

#include <ws2spi.h>
#include <sporder.h>

#include <stdlib.h>
#include <string.h>

#include "lsp-core/win/errors_win.h"
#include "lsp-core/base/sysdll_win.h"
#include "lsp-core/base/text.h"

_Static_assert(sizeof(WSAPROTOCOL_INFOW) == sizeof(struct wsplsp_protocol_info), "both are 628 bytes");
_Static_assert(sizeof(GUID) == sizeof(struct wsplsp_guid), "both are 16 bytes");

FARPROC winsock_find_system(const char *name)
{
    FARPROC function;
    if (!sysdll_function(sysdll_load(L"ws2_32.dll"), name, &function))
        sysdll_function(sysdll_load(L"sporder.dll"), name, &function);
    return function;
}

/* A step, its ids and its texts as the functions take them. */
struct call {
    winsock_find find;
    const struct plan_step *step;
    struct plan_call bound;
    GUID id;
    wchar_t *dll, *dll32, *name, *path, *arguments; /* NULL where the step has none */
};

static wchar_t *to_wide(const char *text, bool *made)
{
    size_t units;
    wchar_t *wide = text == NULL ? NULL : (wchar_t *)text_to_utf16(text, &units);
    *made = *made && (text == NULL || wide != NULL);
    return wide;
}

static bool fill_texts(struct call *call)
{
    bool made = true;
    call->dll = to_wide(call->step->dll, &made);
    call->dll32 = to_wide(call->step->dll32, &made);
    call->name = to_wide(call->step->name, &made);
    call->path = to_wide(call->step->path, &made);
    call->arguments = to_wide(call->step->arguments, &made);
    return made;
}

static void free_call(struct call *call)
{
    plan_call_free(&call->bound);
    free(call->dll);
    free(call->dll32);
    free(call->name);
    free(call->path);
    free(call->arguments);
}

/* GetProcAddress tells no types. */
#define FIND(call, type) \
    __typeof__(type) *function = (__typeof__(type) *)(void (*)(void))(call)->find((call)->step->function)

#define MISSING (-2) /* no code of a function's */

/* The wrappers below return 0 or the failing function's code. Until a function says better, WSANO_RECOVERY is what the
 * reference has for "under several conditions". */

static int install_layer(struct call *call)
{
    INT code = WSANO_RECOVERY;
    LPWSAPROTOCOL_INFO infos = (LPWSAPROTOCOL_INFO)call->bound.infos; /* of WSAPROTOCOL_INFOW, whatever UNICODE says */
    DWORD count = (DWORD)call->bound.info_count;
#ifdef _WIN64
    FIND(call, WSCInstallProviderAndChains64_32);
    if (function == NULL)
        return MISSING;
    return function(&call->id, call->dll, call->dll32, call->name, call->step->service_flags, infos, count, NULL,
                    &code) == 0
               ? 0
               : code;
#else
    FIND(call, WSCInstallProviderAndChains);
    if (function == NULL)
        return MISSING;
    return function(&call->id, call->dll, call->name, call->step->service_flags, infos, count, NULL, &code) == 0 ? 0
                                                                                                                 : code;
#endif
}

/* WSCInstallProvider, WSCUpdateProvider, WSCUpdateProvider32 take the same arguments. */
static int install(struct call *call)
{
    INT code = WSANO_RECOVERY;
    FIND(call, WSCInstallProvider);
    if (function == NULL)
        return MISSING;
    LPWSAPROTOCOL_INFOW infos = (LPWSAPROTOCOL_INFOW)call->bound.infos;
    return function(&call->id, call->dll, infos, (DWORD)call->bound.info_count, &code) == 0 ? 0 : code;
}

static int deinstall(struct call *call)
{
    INT code = WSANO_RECOVERY;
    FIND(call, WSCDeinstallProvider);
    if (function == NULL)
        return MISSING;
    return function(&call->id, &code) == 0 ? 0 : code;
}

/* These two return the code itself. */
static int write_order(struct call *call)
{
    FIND(call, WSCWriteProviderOrder);
    return function == NULL ? MISSING : function((LPDWORD)call->bound.ids, (DWORD)call->bound.id_count);
}

static int write_name_space_order(struct call *call)
{
    FIND(call, WSCWriteNameSpaceOrder);
    return function == NULL ? MISSING
                            : function((LPGUID)call->step->name_space_order, (DWORD)call->step->name_space_order_count);
}

static int set_categories(struct call *call)
{
    INT code = WSANO_RECOVERY;
    DWORD categories = call->step->categories;
    FIND(call, WSCSetProviderInfo);
    if (function == NULL)
        return MISSING;
    return function(&call->id, ProviderInfoLspCategories, (PBYTE)&categories, sizeof categories, 0, &code) == 0 ? 0
                                                                                                                : code;
}

static int permit_application(struct call *call)
{
    INT code = WSANO_RECOVERY;
    FIND(call, WSCSetApplicationCategory);
    if (function == NULL)
        return MISSING;
    DWORD extra = call->arguments == NULL ? 0 : (DWORD)wcslen(call->arguments);
    return function(call->path, (DWORD)wcslen(call->path), call->arguments, extra, call->step->categories, NULL,
                    &code) == 0
               ? 0
               : code;
}

/* The functions for name spaces report through WSAGetLastError. */
static int last_error(INT result)
{
    int code = result == 0 ? 0 : WSAGetLastError();
    return result != 0 && code == 0 ? WSANO_RECOVERY : code;
}

static int install_name_space_with_info(struct call *call)
{
    BLOB blob = {(ULONG)call->step->info_size, call->step->info};
    FIND(call, WSCInstallNameSpaceEx);
    return function == NULL ? MISSING
                            : last_error(function(call->name, call->dll, call->step->name_space, call->step->version,
                                                  &call->id, &blob));
}

static int install_name_space(struct call *call)
{
    if (call->step->info != NULL)
        return install_name_space_with_info(call);
    FIND(call, WSCInstallNameSpace);
    return function == NULL
               ? MISSING
               : last_error(function(call->name, call->dll, call->step->name_space, call->step->version, &call->id));
}

static int remove_name_space(struct call *call)
{
    FIND(call, WSCUnInstallNameSpace);
    return function == NULL ? MISSING : last_error(function(&call->id));
}

static int enable_name_space(struct call *call)
{
    FIND(call, WSCEnableNSProvider);
    return function == NULL ? MISSING : last_error(function(&call->id, call->step->enabled));
}

static int (*const wrappers[])(struct call *call) = {
    [PLAN_INSTALL_LAYER] = install_layer,
    [PLAN_INSTALL] = install,
    [PLAN_UPDATE] = install,
    [PLAN_REMOVE] = deinstall,
    [PLAN_ORDER] = write_order,
    [PLAN_SET_CATEGORIES] = set_categories,
    [PLAN_PERMIT_APPLICATION] = permit_application,
    [PLAN_INSTALL_NAME_SPACE] = install_name_space,
    [PLAN_REMOVE_NAME_SPACE] = remove_name_space,
    [PLAN_ENABLE_NAME_SPACE] = enable_name_space,
    [PLAN_ORDER_NAME_SPACES] = write_name_space_order,
};

/* The functions about providers do without WSAStartup, those about name spaces do not. In a damaged catalog it may
 * fail, which is no reason not to try to repair that. It ends with the call: what is read next must not come from this
 * startup's copy of the catalog. */
static int call_started(struct call *call)
{
    WSADATA data;
    bool started = call->step->action >= PLAN_INSTALL_NAME_SPACE && WSAStartup(MAKEWORD(2, 2), &data) == 0;
    int code = wrappers[call->step->action](call);
    if (started)
        WSACleanup();
    return code;
}

static enum wsplsp_status run(struct call *call, struct wsplsp_error *error)
{
    const char *name = call->step->function;
    if ((size_t)call->step->action >= sizeof wrappers / sizeof wrappers[0] || wrappers[call->step->action] == NULL)
        return wsplsp_fail(error, WSPLSP_SYSTEM, ERROR_NOT_SUPPORTED, "ERROR_NOT_SUPPORTED",
                           "Winsock has no function for '%.300s'", call->step->words);
    int code = call_started(call);
    if (code == 0)
        return WSPLSP_OK;
    if (code == MISSING)
        return wsplsp_fail(error, WSPLSP_SYSTEM, ERROR_PROC_NOT_FOUND, "ERROR_PROC_NOT_FOUND",
                           "this system's ws2_32.dll has no %s", name);
    return errors_win_fail(error, (uint32_t)code, "%s failed with %s (%d)", name, errors_win_name((uint32_t)code),
                           code);
}

enum wsplsp_status winsock_call(winsock_find find, const struct plan_step *step, const struct wsplsp_snapshot *now,
                                struct wsplsp_error *error)
{
    struct call call = {.find = find, .step = step};
    enum wsplsp_status status = plan_step_bind(step, now, &call.bound, error);
    memcpy(&call.id, &call.bound.provider_id, sizeof call.id);
    if (status == WSPLSP_OK)
        status = fill_texts(&call) ? run(&call, error) : wsplsp_fail_memory(error);
    free_call(&call);
    return status;
}
