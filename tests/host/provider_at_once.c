/* A service provider that returns from each function at once: what is measured above it is the caller's part alone. Its
 * sockets are handles of events, registered with WPUModifyIFSHandle, which takes none but the kernel's. */
#include "lsp-core/win/winsock.h"

static WSPUPCALLTABLE upcalls;
static DWORD entry;

static SOCKET WSPAPI make(int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group, DWORD flags,
                          INT *error)
{
    (void)family, (void)type, (void)protocol, (void)group, (void)flags;
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);
    *error = WSAENOBUFS;
    return event == NULL ? INVALID_SOCKET : upcalls.lpWPUModifyIFSHandle(info->dwCatalogEntryId, (SOCKET)event, error);
}

static int WSPAPI close_it(SOCKET s, INT *error)
{
    (void)error;
    CloseHandle((HANDLE)s);
    return 0;
}

static int WSPAPI send_it(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags, WSAOVERLAPPED *overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    (void)s, (void)count, (void)flags, (void)overlapped, (void)routine, (void)thread, (void)error;
    *bytes = buffers[0].len;
    return 0;
}

static int WSPAPI receive(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags, WSAOVERLAPPED *overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    (void)flags;
    return send_it(s, buffers, count, bytes, 0, overlapped, routine, thread, error);
}

static int WSPAPI cleanup(INT *error)
{
    (void)error;
    return 0;
}

/* For the functions that nothing here calls; a caller would unbalance the stack on x86. */
static int WSPAPI absent(void)
{
    DebugBreak();
    return SOCKET_ERROR;
}

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD requested, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE table, LPWSPPROC_TABLE procs)
{
    void **all = (void **)procs;
    (void)requested;
    upcalls = table;
    entry = info->dwCatalogEntryId;
    for (size_t i = 0; i < sizeof(*procs) / sizeof(void *); i++)
        all[i] = (void *)absent;
    procs->lpWSPSocket = make;
    procs->lpWSPCloseSocket = close_it;
    procs->lpWSPSend = send_it;
    procs->lpWSPRecv = receive;
    procs->lpWSPCleanup = cleanup;
    data->wVersion = data->wHighVersion = MAKEWORD(2, 2);
    return 0;
}
