/* What becomes of thread_layer.dll and of a process that ends while Winsock is in use:
 *   wsplsp run --layer thread_layer.dll,over=udp -- thread_user.exe TOPIC
 * TAP for the topics unused, fails and used. With ends-in-cleanup and ends-in-call the process ends while another
 * thread is inside of the layer, and thread_exit.dll says what Winsock did in its DLL_PROCESS_DETACH. */
#include <winsock2.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

typedef LONG(WINAPI *layer_function)(void);

static LONG ask_layer(const char *name)
{
    HMODULE layer = GetModuleHandleW(L"thread_layer.dll");
    layer_function function = layer == NULL ? NULL : (layer_function)(void *)GetProcAddress(layer, name);
    return function == NULL ? -1 : function();
}

/* Its thread comes round again and again, so its code is still there. */
static bool turns(void)
{
    LONG before = ask_layer("thread_layer_turns");
    while (before >= 0 && ask_layer("thread_layer_turns") < before + 20)
        Sleep(1);
    return before >= 0;
}

static void start(void)
{
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        exit(99);
}

static void a_layer_that_was_only_looked_at_stays(void)
{
    EXPECT(turns());
    start();
    EXPECT(WSACleanup() == 0 && turns());
}

static void a_layer_that_does_not_start_stays(void)
{
    start();
    for (int i = 0; i < 3; i++) {
        EXPECT(socket(AF_INET, SOCK_DGRAM, 0) == INVALID_SOCKET && WSAGetLastError() == WSAEPROVIDERFAILEDINIT);
        EXPECT(turns());
    }
    EXPECT(WSACleanup() == 0 && turns());
}

static void a_layer_that_was_cleaned_up_goes(void)
{
    start();
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    EXPECT(s != INVALID_SOCKET && closesocket(s) == 0 && turns());
    EXPECT(WSACleanup() == 0);
    EXPECT(GetModuleHandleW(L"thread_layer.dll") == NULL);
}

static SOCKET bound(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (s == INVALID_SOCKET || bind(s, (struct sockaddr *)&any, sizeof any) != 0)
        exit(98);
    return s;
}

static volatile LONG about_to;

static DWORD WINAPI clean_up(void *context)
{
    (void)context;
    WSACleanup();
    return 0;
}

static DWORD WINAPI receive(void *context)
{
    char byte;
    InterlockedExchange(&about_to, 1);
    recv((SOCKET)context, &byte, 1, 0);
    return 0;
}

/* Returns, and so ends the process, while another thread is inside. */
static int end_inside(bool in_cleanup)
{
    if (LoadLibraryW(L"thread_exit.dll") == NULL)
        return 97;
    start();
    SOCKET s = bound();
    CloseHandle(CreateThread(NULL, 0, in_cleanup ? clean_up : receive, (void *)s, 0, NULL));
    while (in_cleanup ? ask_layer("thread_layer_hangs") != 1 : about_to == 0)
        Sleep(1);
    return 0;
}

int main(int argc, char **argv)
{
    const char *topic = argc == 2 ? argv[1] : "";
    setvbuf(stdout, NULL, _IONBF, 0);
    if (strcmp(topic, "ends-in-cleanup") == 0)
        return end_inside(true);
    if (strcmp(topic, "ends-in-call") == 0)
        return end_inside(false);
    if (strcmp(topic, "unused") == 0)
        RUN(a_layer_that_was_only_looked_at_stays);
    else if (strcmp(topic, "fails") == 0)
        RUN(a_layer_that_does_not_start_stays);
    else
        RUN(a_layer_that_was_cleaned_up_goes);
    return tap_end();
}
