/* closing-dll.dll closes a socket in its DllMain, when it was told to, or opens one when it is loaded, where
 * CLOSING_PORT in the environment says to whom. Linked to ws2_32.dll like any DLL that uses it: it is loaded late, and
 * what it calls has to lead to where the program's own calls lead. */
#include "closing.h"

#include <stdio.h>
#include <stdlib.h>

__declspec(dllexport) void arm(enum closing_arm what, SOCKET s);

static enum closing_arm armed = ARM_NOTHING;
static SOCKET armed_socket = INVALID_SOCKET;

void arm(enum closing_arm what, SOCKET s)
{
    armed = what;
    armed_socket = s;
}

static void tell(const char *name, bool done)
{
    char line[100];
    DWORD written;
    int length = done ? snprintf(line, sizeof line, "%s: done\n", name)
                      : snprintf(line, sizeof line, "%s: error %lu\n", name, GetLastError());
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), line, (DWORD)length, &written, NULL);
}

static void talk(unsigned short port)
{
    WSADATA data;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    tell("WSAStartup in DllMain", WSAStartup(MAKEWORD(2, 2), &data) == 0);
    SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    tell("socket in DllMain", s != INVALID_SOCKET);
    tell("connect in DllMain", connect(s, (struct sockaddr *)&address, sizeof address) == 0);
    tell("send in DllMain", send(s, "ab", 2, 0) == 2);
    tell("closesocket in DllMain", closesocket(s) == 0);
    tell("WSACleanup in DllMain", WSACleanup() == 0);
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    enum closing_arm what = armed;
    char port[10];
    if (reason == DLL_PROCESS_ATTACH && GetEnvironmentVariableA("CLOSING_PORT", port, sizeof port) != 0)
        talk((unsigned short)atoi(port));
    (void)module;
    (void)reserved;
    bool process =
        reason == DLL_PROCESS_DETACH && (what == ARM_PROCESS_DETACH || what == ARM_PROCESS_DETACH_AND_CLEANUP);
    if (!process && (reason != DLL_THREAD_DETACH || what != ARM_THREAD_DETACH))
        return TRUE;
    armed = ARM_NOTHING;
    tell("closesocket in DllMain", closesocket(armed_socket) == 0);
    if (what == ARM_PROCESS_DETACH_AND_CLEANUP)
        tell("WSACleanup in DllMain", WSACleanup() == 0);
    return TRUE;
}
