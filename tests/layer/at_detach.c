/* A DLL that calls a function of the test's when the process ends: a program that uses Winsock in DllMain. */
#include <windows.h>

static void (*function)(void);

__declspec(dllexport) void at_detach(void (*wanted)(void))
{
    function = wanted;
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    (void)module;
    if (reason == DLL_PROCESS_DETACH && reserved != NULL && function != NULL)
        function();
    return TRUE;
}
