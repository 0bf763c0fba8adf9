/* --bench: 64 outstanding receives on each of 256 sockets, one completion port, one thread. */
#include "bench.h"
#include "overlapped.h"

#include <stdlib.h>

enum { SOCKETS = 256, EACH = 64, MESSAGE = 64 };

static const char message[MESSAGE];

static struct pair pairs[SOCKETS];
static struct operation *receives;

static void receive(int socket, struct operation *operation)
{
    int error = begin_receive(pairs[socket].server, operation, NULL);
    bench_need(error == 0 || error == WSA_IO_PENDING, "WSARecv");
}

static DWORD packet(HANDLE port, ULONG_PTR *socket, struct operation **operation)
{
    DWORD bytes = 0;
    OVERLAPPED *overlapped = NULL;
    GetQueuedCompletionStatus(port, &bytes, socket, &overlapped, DEADLINE);
    bench_need(overlapped != NULL, "the packet");
    *operation = CONTAINING_RECORD(overlapped, struct operation, overlapped);
    return bytes;
}

/* One message to each socket; for each that has come, its receive begins anew. */
static void turn(HANDLE port)
{
    for (int i = 0; i < SOCKETS; i++)
        bench_need(send(pairs[i].client, message, MESSAGE, 0) == MESSAGE, "send");
    for (int i = 0; i < SOCKETS; i++) {
        ULONG_PTR socket;
        struct operation *operation;
        bench_need(packet(port, &socket, &operation) == MESSAGE, "a whole message");
        receive((int)socket, operation);
    }
}

double bench_receives(int family, long operations)
{
    HANDLE port = open_port();
    receives = calloc((size_t)SOCKETS * EACH, sizeof *receives);
    bench_need(receives != NULL, "memory");
    for (int i = 0; i < SOCKETS; i++) {
        pairs[i] = open_pair(family);
        associate(port, pairs[i].server, (ULONG_PTR)i);
        for (int k = 0; k < EACH; k++)
            receive(i, &receives[i * EACH + k]);
    }
    turn(port); /* warm */
    double begun = bench_now();
    for (long done = 0; done < operations; done += SOCKETS)
        turn(port);
    double seconds = bench_now() - begun;

    for (int i = 0; i < SOCKETS; i++)
        bench_need(closesocket(pairs[i].client) == 0 && closesocket(pairs[i].server) == 0, "closesocket");
    for (int i = 0; i < SOCKETS * EACH; i++) {
        ULONG_PTR socket;
        struct operation *operation;
        packet(port, &socket, &operation);
    }
    free(receives);
    return seconds;
}
