/* DllMain: no more than what has to be there before any other function runs. What it must not do: load libraries, start
 * threads, wait. */
#include "lsp-core/layer/chain/members.h"
#include "lsp-core/layer/chain/nesting.h"
#include "lsp-core/layer/chain/place.h"
#include "lsp-core/layer/nonifs/operation.h"
#include "stack_guard.h"

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    if (reason == DLL_PROCESS_ATTACH) {
        stack_guard_initialize();
        members_own_module = module;
        places_initialize();
        return nesting_initialize();
    }
    /* `reserved`: the process ends, and its memory with it. */
    if (reason == DLL_PROCESS_DETACH && reserved == NULL) {
        places_free();
        operation_free_all();
        nesting_free();
    }
    return TRUE;
}
