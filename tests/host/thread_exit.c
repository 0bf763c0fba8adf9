/* A DLL that uses Winsock when its process ends, as the clean-up of some programs does; for thread_user.c. */
#include <winsock2.h>

#include <stdio.h>

/* The C runtime's streams may be closed by now. */
static void say(const char *text, int result, int error)
{
    char line[100];
    DWORD written;
    int length = snprintf(line, sizeof line, "%s %d %d\n", text, result, error);
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), line, (DWORD)length, &written, NULL);
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    WSADATA data;
    (void)module;
    if (reason != DLL_PROCESS_DETACH || reserved == NULL)
        return TRUE;
    int result = WSACleanup();
    say("cleanup", result, result == 0 ? 0 : WSAGetLastError());
    say("startup", WSAStartup(MAKEWORD(2, 2), &data), 0);
    /* No layer is over TCP. Making it would wait for whoever stops the providers, if that one still lived. */
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    say("socket", s == INVALID_SOCKET ? -1 : closesocket(s), 0);
    result = WSACleanup();
    say("cleanup", result, result == 0 ? 0 : WSAGetLastError());
    return TRUE;
}
