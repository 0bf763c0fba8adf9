/* --bench: what calls cost end to end over loopback. Bounded by operations, not by time. A line each:
 *   bench NAME family=4 operations=N seconds=S per_second=P
 * A failed call ends the run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "known.h"
#include "overlapped.h"
#include "topics.h"

enum {
    MESSAGE = 64,
    BLOCK = 65536,
    PING_PONGS = 10000,
    BLOCKS = 8192,
    CONNECTS = 3000,
    RECEIVES = 256 * 20,
    WARM_UP = 200
};

void bench_need(bool good, const char *what)
{
    if (good)
        return;
    printf("Bail out! %s: %s\n", what, error_name(WSAGetLastError()));
    fflush(stdout);
    exit(1);
}

double bench_now(void)
{
    LARGE_INTEGER counter, frequency;
    QueryPerformanceCounter(&counter);
    QueryPerformanceFrequency(&frequency);
    return (double)counter.QuadPart / (double)frequency.QuadPart;
}

static void say(const char *name, int family, long operations, double seconds)
{
    printf("bench %s family=%d operations=%ld seconds=%.6f per_second=%.1f\n", name, family == AF_INET ? 4 : 6,
           operations, seconds, (double)operations / seconds);
    fflush(stdout);
}

static struct pair quick_pair(int family)
{
    struct pair pair = open_pair(family);
    BOOL on = TRUE;
    setsockopt(pair.client, IPPROTO_TCP, TCP_NODELAY, (char *)&on, sizeof on);
    setsockopt(pair.server, IPPROTO_TCP, TCP_NODELAY, (char *)&on, sizeof on);
    return pair;
}

static bool receive_all(SOCKET s, char *buffer, int size)
{
    for (int at = 0, got; at < size; at += got) {
        if ((got = recv(s, buffer + at, size - at, 0)) <= 0)
            return false;
    }
    return true;
}

/* --- small messages to and fro --- */

static DWORD pong(void *argument)
{
    SOCKET s = *(SOCKET *)argument;
    char buffer[MESSAGE];
    while (receive_all(s, buffer, MESSAGE)) {
        if (send(s, buffer, MESSAGE, 0) != MESSAGE)
            return 1;
    }
    return 0;
}

static double ping_pong(int family, long operations)
{
    struct pair pair = quick_pair(family);
    struct thread *thread = start_thread(pong, &pair.server);
    char buffer[MESSAGE] = "";
    double begun = 0;
    for (long i = -WARM_UP; i < operations; i++) {
        if (i == 0)
            begun = bench_now();
        bench_need(send(pair.client, buffer, MESSAGE, 0) == MESSAGE && receive_all(pair.client, buffer, MESSAGE),
                   "ping-pong");
    }
    double seconds = bench_now() - begun;
    bench_need(shutdown(pair.client, SD_SEND) == 0 && join_thread(thread) == 0, "ping-pong's end");
    return seconds;
}

/* --- 64 KiB blocks one way --- */

static DWORD drain(void *argument)
{
    static char buffer[BLOCK];
    SOCKET s = *(SOCKET *)argument;
    while (recv(s, buffer, sizeof buffer, 0) > 0)
        ;
    return closesocket(s) == 0 ? 0 : 1;
}

static double stream(int family, long operations)
{
    static char buffer[BLOCK];
    struct pair pair = open_pair(family);
    disown_socket(pair.server);
    struct thread *thread = start_thread(drain, &pair.server);
    double begun = bench_now();
    for (long i = 0; i < operations; i++)
        bench_need(send(pair.client, buffer, BLOCK, 0) == BLOCK, "stream");
    /* Until the other side has read it all and closed. */
    bench_need(shutdown(pair.client, SD_SEND) == 0 && recv(pair.client, buffer, 1, 0) == 0, "stream's end");
    double seconds = bench_now() - begun;
    bench_need(join_thread(thread) == 0, "the receiver");
    return seconds;
}

/* --- connections: socket, connect, accept, close, close --- */

static double connects(int family, long operations)
{
    struct address at;
    SOCKET listener = open_listener(family, &at);
    double begun = 0;
    for (long i = -WARM_UP; i < operations; i++) {
        if (i == 0)
            begun = bench_now();
        SOCKET client = socket(family, SOCK_STREAM, IPPROTO_TCP);
        bench_need(client != INVALID_SOCKET && connect(client, &at.any, at.length) == 0, "connect");
        SOCKET server = accept(listener, NULL, NULL);
        bench_need(server != INVALID_SOCKET && closesocket(client) == 0 && closesocket(server) == 0, "accept");
    }
    return bench_now() - begun;
}

/* --- overlapped ping-pong over a completion port, in one thread --- */

static void begin(SOCKET s, struct operation *operation)
{
    int error = begin_receive(s, operation, NULL);
    bench_need(error == 0 || error == WSA_IO_PENDING, "WSARecv");
}

static OVERLAPPED *packet(HANDLE port)
{
    DWORD bytes;
    ULONG_PTR key;
    OVERLAPPED *overlapped;
    bench_need(GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, DEADLINE) && bytes == MESSAGE, "the packet");
    return overlapped;
}

static void answer(HANDLE port, SOCKET s, struct operation *sending)
{
    WSABUF buffer = {.len = MESSAGE, .buf = sending->data};
    int result = WSASend(s, &buffer, 1, NULL, 0, &sending->overlapped, NULL);
    bench_need(result == 0 || WSAGetLastError() == WSA_IO_PENDING, "WSASend");
    /* Two packets, in any order: the one sent and the one received by the other side. */
    OVERLAPPED *first = packet(port), *second = packet(port);
    bench_need(first != second, "two packets");
}

static double port_ping_pong(int family, long operations)
{
    static struct operation client_receive, server_receive, client_send, server_send;
    struct pair pair = quick_pair(family);
    HANDLE port = open_port();
    double begun = 0;
    memset(&client_receive, 0, sizeof client_receive);
    memset(&server_receive, 0, sizeof server_receive);
    memset(&client_send, 0, sizeof client_send);
    memset(&server_send, 0, sizeof server_send);
    associate(port, pair.client, 1);
    associate(port, pair.server, 2);
    for (long i = -WARM_UP; i < operations; i++) {
        if (i == 0)
            begun = bench_now();
        begin(pair.server, &server_receive);
        answer(port, pair.client, &client_send);
        begin(pair.client, &client_receive);
        answer(port, pair.server, &server_send);
    }
    return bench_now() - begun;
}

static const struct {
    const char *name;
    double (*run)(int family, long operations);
    long operations;
} benches[] = {
    {"tcp-ping-pong", ping_pong, PING_PONGS},
    {"tcp-stream-64k", stream, BLOCKS},
    {"tcp-connect", connects, CONNECTS},
    {"iocp-ping-pong", port_ping_pong, PING_PONGS / 2},
    {"iocp-256x64-receives", bench_receives, RECEIVES},
};

int bench_run(double factor, const char *only)
{
    bench_need(harness_startup(), "WSAStartup");
    for (size_t i = 0; i < sizeof benches / sizeof *benches; i++) {
        long operations = (long)((double)benches[i].operations * factor);
        if (only != NULL && !known_matches(only, benches[i].name))
            continue;
        if (operations < 1)
            operations = 1;
        say(benches[i].name, AF_INET, operations, benches[i].run(AF_INET, operations));
    }
    return 0;
}
