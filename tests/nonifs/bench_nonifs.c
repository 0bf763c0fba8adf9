/* What the layer's non-IFS mode adds to a call and to an overlapped operation, over a next provider that is done at
 * once, with 1 and with 100,000 sockets. Prints nanoseconds, the best of several rounds.
 * usage: bench_nonifs */
#include <stdio.h>
#include <stdlib.h>

#include "next.h"
#include "upper.h"
#include "winsock_part.h"

enum { SOCKETS = 100000, CALLS = 20000, ROUNDS = 60 };

static WSPPROC_TABLE procs;
static SOCKET *sockets;
static char data;
static WSABUF buffer = {1, &data};

static double now(void)
{
    LARGE_INTEGER count, frequency;
    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&frequency);
    return (double)count.QuadPart / (double)frequency.QuadPart;
}

static double once(LPWSPSEND send, const SOCKET *all, size_t count, WSAOVERLAPPED *overlapped)
{
    DWORD bytes;
    INT error;
    size_t at = 0;
    double begin = now();
    for (int i = 0; i < CALLS; i++) {
        if (send(all[at], &buffer, 1, &bytes, 0, overlapped, NULL, NULL, &error) != 0)
            exit(1);
        at = (at + 7919) % count;
    }
    return (now() - begin) / CALLS * 1e9;
}

static double best(LPWSPSEND send, const SOCKET *all, size_t count, WSAOVERLAPPED *overlapped)
{
    double least = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        double ns = once(send, all, count, overlapped);
        least = ns < least ? ns : least;
    }
    return least;
}

int main(void)
{
    WSAPROTOCOL_INFOW info;
    WSAOVERLAPPED overlapped = {0};
    INT error;
    part_load();
    upper_install();
    upper_nonifs();
    next_reset();
    sockets = calloc(2 * SOCKETS, sizeof(*sockets));
    if (sockets == NULL || part_start(CHAIN, &procs) != 0)
        return 1;
    info = *part_entry(CHAIN);
    for (int i = 0; i < SOCKETS; i++) {
        sockets[i] = procs.lpWSPSocket(0, 0, 0, &info, 0, WSA_FLAG_OVERLAPPED, &error);
        sockets[SOCKETS + i] = next_last();
        if (sockets[i] == INVALID_SOCKET)
            return 1;
    }
    /* Each has been attached, and the structures' memory is there. */
    for (int i = 0; i < SOCKETS; i++)
        procs.lpWSPSend(sockets[i], &buffer, 1, &overlapped.Offset, 0, &overlapped, NULL, NULL, &error);
    LONG allocations = part.allocations;
    for (size_t count = 1; count <= SOCKETS; count *= SOCKETS) {
        double next_sync = best(next_functions()->lpWSPSend, sockets + SOCKETS, count, NULL);
        double sync = best(procs.lpWSPSend, sockets, count, NULL);
        double next_over = best(next_functions()->lpWSPSend, sockets + SOCKETS, count, &overlapped);
        double over = best(procs.lpWSPSend, sockets, count, &overlapped);
        printf("non-IFS, %6u sockets: a call %.1f ns more, an overlapped operation %.1f ns more (with the tests' own "
               "WPUCompleteOverlappedRequest)\n",
               (unsigned)count, sync - next_sync, over - next_over);
    }
    printf("non-IFS: %ld allocations by %d calls and operations\n", part.allocations - allocations, 4 * ROUNDS * CALLS);
    return part.allocations != allocations;
}
