/* What one call costs in the host alone: send over a provider that returns at once, against calling that provider's
 * function directly; with 1 and 100,000 sockets open, from 1 and 2 threads. Windows; takes provider_at_once.dll's path.
 * Prints the best of several rounds in nanoseconds a call: the machine has other work to do. */
#include <stdio.h>
#include <stdlib.h>

#include "lsp-core/host/api/api.h"
#include "lsp-core/host/api/call.h"
#include "host_fakes.h"
#include "lsp-core/host/redirect/real.h"

enum { MANY = 100000, STRIDE = 7919 /* no divisor of MANY */, CALLS = 4000000, ROUNDS = 7 };

/* In the order in which they are used, not in that of their values: reading the array itself costs next to nothing. */
static SOCKET handles[MANY];
static volatile LONG ready;
static int threads_wanted;

static double now(void)
{
    LARGE_INTEGER count, frequency;
    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&frequency);
    return (double)count.QuadPart / (double)frequency.QuadPart;
}

struct work {
    size_t sockets;
    bool direct;
    double best;
};

static double run_api(size_t sockets)
{
    char byte = 0;
    double begin = now();
    for (size_t i = 0, at = 0; i < CALLS; i++) {
        if (api_send(handles[at], &byte, 1, 0) != 1)
            abort();
        if (++at == sockets)
            at = 0;
    }
    return (now() - begin) / CALLS * 1e9;
}

static double run_direct(size_t count)
{
    char byte = 0;
    struct provider *provider = sockets_find(&sockets, handles[0]);
    double begin = now();
    for (size_t i = 0, at = 0; i < CALLS; i++) {
        WSABUF buffer = {1, &byte};
        DWORD bytes;
        INT error;
        if (provider->procs.lpWSPSend(handles[at], &buffer, 1, &bytes, 0, NULL, NULL, NULL, &error) != 0 || bytes != 1)
            abort();
        if (++at == count)
            at = 0;
    }
    return (now() - begin) / CALLS * 1e9;
}

static DWORD WINAPI run(void *context)
{
    struct work *work = context;
    InterlockedIncrement(&ready);
    while (ready < threads_wanted)
        ;
    for (int i = 0; i < ROUNDS; i++) {
        double ns = work->direct ? run_direct(work->sockets) : run_api(work->sockets);
        if (i == 0 || ns < work->best)
            work->best = ns;
    }
    return 0;
}

static double measure(size_t sockets, int threads, bool direct)
{
    struct work work[2] = {{sockets, direct, 0}, {sockets, direct, 0}};
    HANDLE handle[2];
    ready = 0;
    threads_wanted = threads;
    for (int i = 0; i < threads; i++)
        handle[i] = CreateThread(NULL, 0, run, &work[i], 0, NULL);
    WaitForMultipleObjects((DWORD)threads, handle, TRUE, INFINITE);
    double sum = 0;
    for (int i = 0; i < threads; i++) {
        CloseHandle(handle[i]);
        sum += work[i].best / threads;
    }
    return sum;
}

int main(int argc, char **argv)
{
    static const DWORD chain[] = {1100, 1001};
    struct wsplsp_error error;
    WSADATA data;
    if (argc != 2)
        return 2;
    if (real_load(&error) != WSPLSP_OK || !thread_initialize())
        return 1;
    fakes_entry(1101, 2, chain, AF_INET, SOCK_STREAM, IPPROTO_TCP, argv[1]);
    if (api_WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 1;
    for (size_t i = 0; i < MANY; i++) {
        SOCKET made = api_WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
        handles[i * STRIDE % MANY] = made;
        if (made == INVALID_SOCKET) {
            printf("socket %u failed: %d\n", (unsigned)i, WSAGetLastError());
            return 1;
        }
    }
    printf("provider alone, 1 thread, 1 socket:      %6.2f ns\n", measure(1, 1, true));
    printf("through the host, 1 thread, 1 socket:    %6.2f ns\n", measure(1, 1, false));
    printf("through the host, 2 threads, 1 socket:   %6.2f ns\n", measure(1, 2, false));
    printf("provider alone, 1 thread, %d sockets:    %6.2f ns\n", MANY, measure(MANY, 1, true));
    printf("through the host, 1 thread, %d sockets:  %6.2f ns\n", MANY, measure(MANY, 1, false));
    printf("through the host, 2 threads, %d sockets: %6.2f ns\n", MANY, measure(MANY, 2, false));
    for (size_t i = 0; i < MANY; i++)
        if (api_closesocket(handles[i]) != 0)
            return 1;
    return api_WSACleanup() != 0;
}
