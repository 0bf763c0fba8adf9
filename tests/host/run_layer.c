/* Layers for run.bats, never called: one that can be loaded; built with REFUSE, one that refuses to be; built with
 * TELL, one that tells its provider id as Microsoft's samples do, or behaves badly where RUN_LAYER_GUID says so. */
#include <winsock2.h>
#include <ws2spi.h>

#ifdef REFUSE
enum { LOADABLE = FALSE };
#else
enum { LOADABLE = TRUE };
#endif

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                      LPWSPPROC_TABLE procs)
{
    (void)version;
    (void)data;
    (void)info;
    (void)upcalls;
    (void)procs;
    return WSASYSNOTREADY;
}

#ifdef TELL
/* As an author who forgot WSPAPI would have it, with CDECL. */
#ifdef CDECL_TELL
#define TELL_API
#else
#define TELL_API WSPAPI
#endif
void TELL_API GetLspGuid(GUID *id)
{
    static const GUID own = {0x6d2c1f0a, 0x1b2e, 0x4d5a, {0x9c, 0x31, 0x55, 0x0e, 0x7a, 0x42, 0x13, 0x8f}};
    char how[16] = "";
    GetEnvironmentVariableA("RUN_LAYER_GUID", how, sizeof(how));
    if (how[0] == 'c')
        RaiseException(EXCEPTION_ACCESS_VIOLATION, 0, 0, NULL);
    if (how[0] == 'h')
        Sleep(INFINITE);
    if (how[0] == 'e')
        ExitProcess(0);
    if (how[0] != 'n')
        *id = own;
}
#endif

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    (void)module;
    (void)reserved;
    return reason != DLL_PROCESS_ATTACH || LOADABLE;
}
