/* A layer, over a base entry, that starts a thread as soon as it is loaded, as some layers do: whoever unloads it
 * without its WSPCleanup takes the code away from under that thread. THREAD_LAYER in the environment is "fail"
 * (WSPStartup fails) or "hang" (WSPCleanup does not come back); otherwise it passes everything on. */
#include <winsock2.h>
#include <ws2spi.h>

#include <stdlib.h>
#include <string.h>

enum { ENTRIES_MAX = 64 };

static WSPUPCALLTABLE upcalls;
static WSPPROC_TABLE next;
static WSAPROTOCOL_INFOW all[ENTRIES_MAX];
static WSAPROTOCOL_INFOW *base;
static DWORD chain_id;
static HANDLE thread;
static volatile LONG stop, turns, in_cleanup;

/* How often the thread has come round. */
__declspec(dllexport) LONG WINAPI thread_layer_turns(void);
/* Whether WSPCleanup is hanging. */
__declspec(dllexport) LONG WINAPI thread_layer_hangs(void);

LONG WINAPI thread_layer_turns(void)
{
    return turns;
}

LONG WINAPI thread_layer_hangs(void)
{
    return in_cleanup;
}

static BOOL told(const char *what)
{
    char value[16] = "";
    GetEnvironmentVariableA("THREAD_LAYER", value, sizeof value);
    return strcmp(value, what) == 0;
}

static DWORD WINAPI turn(void *context)
{
    (void)context;
    while (!stop) {
        InterlockedIncrement(&turns);
        Sleep(1);
    }
    return 0;
}

static SOCKET WSPAPI layer_socket(int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group, DWORD flags,
                                  INT *error)
{
    (void)info;
    SOCKET s = next.lpWSPSocket(family, type, protocol, base, group, flags, error);
    return s == INVALID_SOCKET ? s : upcalls.lpWPUModifyIFSHandle(chain_id, s, error);
}

static int WSPAPI layer_cleanup(INT *error)
{
    if (told("hang")) {
        InterlockedExchange(&in_cleanup, 1);
        Sleep(INFINITE);
    }
    InterlockedExchange(&stop, 1);
    /* At the process's end it is gone already. */
    WaitForSingleObject(thread, INFINITE);
    return next.lpWSPCleanup(error);
}

static WSAPROTOCOL_INFOW *find_base(const WSAPROTOCOLCHAIN *chain)
{
    DWORD size = sizeof all;
    INT error;
    int count = WSCEnumProtocols(NULL, all, &size, &error);
    for (int i = 0; i < count; i++)
        if (all[i].dwCatalogEntryId == chain->ChainEntries[chain->ChainLen - 1])
            return &all[i];
    return NULL;
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE table, LPWSPPROC_TABLE procs)
{
    WSPDATA below;
    HMODULE module = LoadLibraryW(L"mswsock.dll");
    LPWSPSTARTUP startup = (LPWSPSTARTUP)(void *)GetProcAddress(module, "WSPStartup");
    base = find_base(&info->ProtocolChain);
    if (told("fail") || startup == NULL || base == NULL)
        return WSASYSNOTREADY;
    upcalls = table;
    chain_id = info->dwCatalogEntryId;
    int code = startup(version, &below, base, table, &next);
    if (code != 0)
        return code;
    *procs = next;
    procs->lpWSPSocket = layer_socket;
    procs->lpWSPCleanup = layer_cleanup;
    memset(data, 0, sizeof *data);
    data->wVersion = data->wHighVersion = MAKEWORD(2, 2);
    return 0;
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    (void)reserved, (void)module;
    if (reason == DLL_PROCESS_ATTACH)
        thread = CreateThread(NULL, 0, turn, NULL, 0, NULL);
    return TRUE;
}
