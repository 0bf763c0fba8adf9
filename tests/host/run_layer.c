/* Layers for run.bats, never called: one that can be loaded and, built with REFUSE, one that refuses to be. */
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

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    (void)module;
    (void)reserved;
    return reason != DLL_PROCESS_ATTACH || LOADABLE;
}
