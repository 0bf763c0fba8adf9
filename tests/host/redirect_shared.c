/* A DLL whose exports share one function, as linkers make of functions with equal code; for test_redirect.c. */
#include <windows.h>

__declspec(dllexport) int shared_one(void)
{
    return 1;
}

/* By redirect_shared.def: shared_two is shared_one again; the export of ordinal 7, without a name, is this one. */
int shared_unnamed(void)
{
    return 7;
}
