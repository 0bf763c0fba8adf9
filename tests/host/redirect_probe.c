/* Stands for the host in test_redirect.c: a DLL whose functions take the place of the system's and count their calls.
 */
#include <winsock2.h>

#include "lsp-core/host/redirect/redirect.h"

static volatile LONG calls;

static int WSAAPI probe_send(SOCKET socket, const char *bytes, int size, int flags)
{
    InterlockedIncrement(&calls);
    /* The host's own import: has to be the system's, or this never ends. */
    int result = send(socket, bytes, size, flags);
    return result == SOCKET_ERROR && WSAGetLastError() == WSAENOTSOCK ? 1000 + size : result;
}

static int WSAAPI probe_missing(void)
{
    return 4711;
}

static DWORD WINAPI probe_file_type(HANDLE file)
{
    return 0x100 + GetFileType(file);
}

static int WSAAPI probe_late(void)
{
    return 4712;
}

static const struct redirect_export table[] = {
    {"ws2_32.dll", "send", 0, (FARPROC)(void *)probe_send},
    {"ws2_32.dll", "WSAAAAAMissing", 0, (FARPROC)(void *)probe_missing},
    {"ws2_32.dll", "WSCZMissing", 0, (FARPROC)(void *)probe_missing},
    {"kernel32.dll", "GetFileType", 0, (FARPROC)(void *)probe_file_type},
    {"kernel32.dll", "NoSuchFunction", 0, (FARPROC)(void *)probe_missing},
    {"mswsock.dll", "GetAcceptExSockaddrs", 0, (FARPROC)(void *)probe_late},
    {"redirect_late.dll", "late_number", 0, (FARPROC)(void *)probe_late},
    {"redirect_shared.dll", "shared_one", 0, (FARPROC)(void *)probe_missing},
    {"redirect_shared.dll", NULL, 7, (FARPROC)(void *)probe_late},
    /* The test program exports nothing: redirecting it cannot work. */
    {"test_redirect.exe", "main", 0, (FARPROC)(void *)probe_missing},
};

__declspec(dllexport) int probe_install(int failing)
{
    struct wsplsp_error error;
    return (int)redirect_install(table, sizeof table / sizeof table[0] - !failing, &error);
}

__declspec(dllexport) void probe_remove(void)
{
    redirect_remove();
}

__declspec(dllexport) long probe_calls(void)
{
    return InterlockedExchange(&calls, 0);
}
