/* This system's functions and registry for the live store; see live_win.h. Nothing is opened for more than reading. */
#include "live_win.h"

#include <string.h>

#include "lsp-core/win/errors_win.h"
#include "lsp-core/catalog/names_win.h"
#include "lsp-core/registry/regread_win.h"
#include "lsp-core/catalog/source.h"
#include "lsp-core/base/sysdll_win.h"

#define WINSOCK2_KEY "SYSTEM\\CurrentControlSet\\Services\\WinSock2"

static enum wsplsp_status read_registry(struct reg_key **winsock2, struct wsplsp_snapshot *snapshot,
                                        struct wsplsp_error *error)
{
    HKEY opened;
    LONG code = regread_registry.open(HKEY_LOCAL_MACHINE, L"" WINSOCK2_KEY, &opened);
    if (code != ERROR_SUCCESS)
        return errors_win_fail(error, (uint32_t)code, "cannot open the registry key HKLM\\" WINSOCK2_KEY " (%s)",
                               errors_win_name((uint32_t)code));
    struct regread_skipped skipped;
    struct reg_key *key = reg_key_new("WinSock2");
    enum wsplsp_status status =
        key == NULL ? wsplsp_fail_memory(error) : regread_into(&regread_registry, opened, key, &skipped, error);
    regread_registry.close(opened);
    if (status == WSPLSP_OK && skipped.count > 0 &&
        !wsplsp_snapshot_note(snapshot, "%zu registry keys below WinSock2 could not be opened (the first: '%s', %s)",
                              skipped.count, skipped.first, errors_win_name((uint32_t)skipped.code)))
        status = wsplsp_fail_memory(error);
    if (status == WSPLSP_OK)
        *winsock2 = key;
    else
        reg_key_free(key);
    return status;
}

void live_functions_system(struct live_functions *functions)
{
    HMODULE ws2_32 = sysdll_load(L"ws2_32.dll");
    struct live_catalog_functions *own = &functions->own;
    struct live_catalog_functions *other32 = &functions->other32;

    memset(functions, 0, sizeof *functions);
    functions->process_bits = (int)sizeof(void *) * 8;
    functions->wow64 = sysdll_is_wow64();
    functions->startup = WSAStartup;
    functions->cleanup = WSACleanup;
    functions->last_error = WSAGetLastError;
    functions->read_registry = read_registry;
    functions->resolve_name = names_win_resolve;

    sysdll_function(ws2_32, "WSCEnumProtocols", &own->enum_protocols);
    sysdll_function(ws2_32, "WSCGetProviderPath", &own->get_provider_path);
    sysdll_function(ws2_32, "WSCGetProviderInfo", &own->get_provider_info);
    sysdll_function(ws2_32, "WSAEnumNameSpaceProvidersExW", &own->enum_name_spaces_ex);
    sysdll_function(ws2_32, "WSAEnumNameSpaceProvidersW", &own->enum_name_spaces);
    sysdll_function(ws2_32, "WSCEnumProtocols32", &other32->enum_protocols);
    sysdll_function(ws2_32, "WSCGetProviderPath32", &other32->get_provider_path);
    sysdll_function(ws2_32, "WSCGetProviderInfo32", &other32->get_provider_info);
    sysdll_function(ws2_32, "WSCEnumNameSpaceProvidersEx32", &other32->enum_name_spaces_ex);
    sysdll_function(ws2_32, "WSCEnumNameSpaceProviders32", &other32->enum_name_spaces);
}

enum wsplsp_status source_load_live(struct wsplsp_snapshot **snapshot, struct wsplsp_error *error)
{
    struct live_functions functions;
    live_functions_system(&functions);
    return live_load(&functions, snapshot, error);
}
