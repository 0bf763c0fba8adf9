/* The system's own Winsock functions; see real.h. */
#include "real.h"

#include <stdbool.h>

#include "lsp-core/base/sysdll_win.h"

struct real_functions real;

/* What the base provider and the host's own functions call without asking whether it is there. */
static bool complete(const char **missing)
{
#define NEED(name)           \
    if (real.name == NULL) { \
        *missing = #name;    \
        return false;        \
    }
    NEED(WSAStartup)
    NEED(WSACleanup)
    NEED(WSASocketW)
    NEED(WSAAccept)
    NEED(WSAAddressToStringW)
    NEED(WSAStringToAddressW)
    NEED(WSAAsyncSelect)
    NEED(bind)
    NEED(closesocket)
    NEED(WSAConnect)
    NEED(WSADuplicateSocketW)
    NEED(WSAEnumNetworkEvents)
    NEED(WSAEventSelect)
    NEED(WSAGetOverlappedResult)
    NEED(getpeername)
    NEED(getsockname)
    NEED(getsockopt)
    NEED(WSAIoctl)
    NEED(listen)
    NEED(WSARecv)
    NEED(WSARecvFrom)
    NEED(select)
    NEED(WSASend)
    NEED(WSASendTo)
    NEED(setsockopt)
    NEED(shutdown)
    NEED(GetAddrInfoW)
    NEED(FreeAddrInfoW)
    NEED(WSAPoll)
#undef NEED
    return true;
}

enum wsplsp_status real_load(struct wsplsp_error *error)
{
    const char *missing = NULL;
    HMODULE module = sysdll_load(L"ws2_32.dll");
    if (module == NULL)
        return wsplsp_fail(error, WSPLSP_SYSTEM, GetLastError(), "WS2_32_MISSING", "cannot load ws2_32.dll");
        /* Through void *: GetProcAddress's type is no function of ours. */
#define FETCH(name) *(void **)&real.name = (void *)GetProcAddress(module, #name);
    REAL_FUNCTIONS(FETCH)
#undef FETCH
    if (!complete(&missing))
        return wsplsp_fail(error, WSPLSP_SYSTEM, ERROR_PROC_NOT_FOUND, "ERROR_PROC_NOT_FOUND", "ws2_32.dll has no %s",
                           missing);
    return WSPLSP_OK;
}
