/* All that the host redirects; see exports.h. */
#include "exports.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/host/api/api.h"
#include "lsp-core/host/provider/base.h"
#include "children.h"
#include "lsp-core/host/api/handle_io.h"
#include "lsp-core/host/redirect/redirect.h"
#include "suspended.h"
#include "lsp-core/host/api/upcalls.h"
#include "lsp-core/host/wsc/wsc.h"

/* A function's address as redirect takes it; the detour says that the types differ on purpose. */
#define REPLACEMENT(function) ((FARPROC)(void (*)(void))(function))
#define ROW(module, name)     {module, #name, 0, REPLACEMENT(api_##name)},
#define WS2_ROW(name)         ROW("ws2_32.dll", name)
#define MSWSOCK_ROW(name)     ROW("mswsock.dll", name)

const struct redirect_export api_exports[] = {
    API_WS2_FUNCTIONS(WS2_ROW)
        API_MSWSOCK_FUNCTIONS(MSWSOCK_ROW){"kernel32.dll", "GetProcAddress", 0, REPLACEMENT(base_get_proc_address)},
};
const size_t api_export_count = sizeof(api_exports) / sizeof(api_exports[0]);

enum wsplsp_status exports_install(struct wsplsp_error *error)
{
    const struct {
        const struct redirect_export *rows;
        size_t count;
    } parts[] = {
        {api_exports, api_export_count},           {upcalls_exports, upcalls_export_count},
        {wsc_exports, wsc_export_count},           {handle_io_exports, handle_io_export_count},
        {children_exports, children_export_count}, {suspended_exports, suspended_export_count},
    };
    size_t count = 0;
    handle_io_load();
    suspended_load();
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        count += parts[i].count;
    struct redirect_export *table = calloc(count, sizeof(*table)); /* stays, as redirect_install asks */
    if (table == NULL)
        return wsplsp_fail_memory(error);
    count = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        memcpy(table + count, parts[i].rows, parts[i].count * sizeof(*table));
        count += parts[i].count;
    }
    return redirect_install(table, count, error);
}
