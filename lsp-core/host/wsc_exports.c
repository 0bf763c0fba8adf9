/* What of ws2_32.dll and sporder.dll the functions over the private catalog stand for. */
#include "lsp-core/host/wsc/wsc.h"

#define REPLACEMENT(function) ((FARPROC)(void (*)(void))(function))
#define ROW(module, name)     {module, #name, 0, REPLACEMENT(wsc_##name)},
#define WS2_ROW(name)         ROW("ws2_32.dll", name)
#define SPORDER_ROW(name)     ROW("sporder.dll", name)

const struct redirect_export wsc_exports[] = {
    WSC_FUNCTIONS(WS2_ROW)
    /* "Sporder.dll that exports this procedural interface": WSCWriteProviderOrder. */
    SPORDER_ROW(WSCWriteProviderOrder) SPORDER_ROW(WSCWriteNameSpaceOrder)
#ifdef _WIN64
        SPORDER_ROW(WSCWriteProviderOrder32) SPORDER_ROW(WSCWriteNameSpaceOrder32)
#endif
};
const size_t wsc_export_count = sizeof wsc_exports / sizeof wsc_exports[0];
