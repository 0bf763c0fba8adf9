/* A filter whose DllMain and start call functions of the test's: what a filter may do while the layer loads it. */
#include "wsplsp/filter.h"

static void call(const char *name)
{
    void (*function)(void) = (void (*)(void))(void *)GetProcAddress(GetModuleHandleW(NULL), name);
    if (function != NULL)
        function();
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    (void)module, (void)reserved;
    if (reason == DLL_PROCESS_ATTACH)
        call("filter_is_attached");
    return TRUE;
}

__declspec(dllexport) const struct wsplsp_filter *__cdecl wsplsp_filter_start(const struct wsplsp_filter_layer *layer)
{
    static const struct wsplsp_filter filter = {.size = sizeof(filter), .version = WSPLSP_FILTER_VERSION};
    (void)layer;
    call("filter_is_started");
    return &filter;
}
