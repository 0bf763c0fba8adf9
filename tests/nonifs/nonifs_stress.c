/* Overlapped I/O from many threads at once: a random mix of sends, receives, cancels and closes on streams whose every
 * byte says where it belongs. Nothing may be lost, doubled or reordered, each request completes exactly once, and the
 * process ends up with as many handles and as much memory as after the first round. It needs nothing of a host, and
 * runs bare as well.
 * usage: nonifs_stress [ROUNDS [SEED]] */
#define PSAPI_VERSION 2 /* GetProcessMemoryInfo is kernel32's */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <psapi.h>
#include <stdint.h>
#include <stdlib.h>

#include "tap.h"

enum {
    THREADS = 64,    /* each has a stream of its own, and takes completions of all */
    DEPTH = 4,       /* receives that are outstanding on a stream */
    OPERATIONS = 40, /* sends of a stream in a round */
    MOST = 3000,     /* bytes of a send or a receive */
    PATIENCE = 60000,
    /* Of a process whose threads have ended in another order. */
    MEMORY_SLOP = 2 << 20,
    HANDLE_SLOP = 8,
};

#define CANARY 0xC5u

static volatile LONG wrong; /* what must not happen, counted; the first is said */

static void broken(const char *what, unsigned stream)
{
    if (InterlockedIncrement(&wrong) == 1)
        printf("# stream %u: %s\n", stream, what);
}

enum kind { SEND, RECEIVE };

/* A request, with guards on all sides: whoever writes outside of what it was given is noticed. */
struct request {
    uint8_t before[64];
    WSAOVERLAPPED overlapped;
    uint8_t between[64];
    uint8_t data[MOST];
    uint8_t after[64];
    enum kind kind;
    struct stream *stream;
    volatile LONG completions;
    uint64_t number; /* of the stream's receives */
    uint32_t asked, done;
    bool failed;
};

struct stream {
    SOCKET from, to;
    unsigned index, random;
    uint64_t sent, received; /* bytes, and the next ones' values */
    uint64_t begun, taken;   /* receives */
    CRITICAL_SECTION lock;   /* of the receiving side */
    struct request send, receive[DEPTH];
    struct request *waiting[DEPTH]; /* completed, by number: completions may be taken by several threads */
    HANDLE sent_event;
    bool closing, ended;
    volatile LONG outstanding;
};

static struct stream streams[THREADS];
static HANDLE port;
static volatile LONG live; /* streams that are not over */

static unsigned chance(struct stream *stream, unsigned range)
{
    stream->random = stream->random * 1103515245 + 12345;
    return (stream->random >> 16) % range;
}

/* A byte's value by its place in the stream. */
static uint8_t byte_at(const struct stream *stream, uint64_t place)
{
    uint64_t mixed = (place + stream->index * 0x9E3779B97F4A7C15u) * 0xBF58476D1CE4E5B9u;
    return (uint8_t)(mixed >> 56);
}

static void arm(struct request *request)
{
    memset(request->before, CANARY, sizeof(request->before));
    memset(request->between, CANARY, sizeof(request->between));
    memset(request->after, CANARY, sizeof(request->after));
    HANDLE event = request->overlapped.hEvent;
    memset(&request->overlapped, 0, sizeof(request->overlapped));
    request->overlapped.hEvent = event;
    request->completions = 0;
    request->failed = false;
}

static bool intact(const uint8_t *guard, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (guard[i] != CANARY)
            return false;
    return true;
}

static void check_guards(const struct request *request)
{
    if (!intact(request->before, sizeof(request->before)) || !intact(request->between, sizeof(request->between)) ||
        !intact(request->after, sizeof(request->after)))
        broken("written outside of the request", request->stream->index);
    for (uint32_t i = request->done; request->kind == RECEIVE && i < request->asked; i++)
        if (request->data[i] != CANARY) {
            broken("more received than reported", request->stream->index);
            return;
        }
}

/* --- receiving --- */

/* Under the stream's lock. */
static void begin_receive(struct request *request)
{
    struct stream *stream = request->stream;
    DWORD flags = 0;
    arm(request);
    request->asked = 1 + chance(stream, MOST);
    request->done = 0;
    request->number = stream->begun++;
    memset(request->data, CANARY, request->asked);
    WSABUF part[2] = {{request->asked / 2, (char *)request->data},
                      {request->asked - request->asked / 2, (char *)request->data + request->asked / 2}};
    InterlockedIncrement(&stream->outstanding);
    if (WSARecv(stream->to, part, 2, NULL, &flags, &request->overlapped, NULL) == 0 ||
        WSAGetLastError() == WSA_IO_PENDING) {
        memset(part, 0xff, sizeof(part)); /* "may be reused at once" */
        return;
    }
    InterlockedDecrement(&stream->outstanding);
    stream->begun--;
    stream->ended = true;
}

static bool pattern_holds(struct stream *stream, const struct request *request)
{
    for (uint32_t i = 0; i < request->done; i++)
        if (request->data[i] != byte_at(stream, stream->received + i))
            return false;
    return true;
}

/* The next one in the order of the calls; true when the stream goes on. */
static void take_in_order(struct stream *stream, struct request *request)
{
    stream->taken++;
    if (request->failed) {
        if (!stream->closing) /* cancelled: nothing was received, so that nothing is lost */
            stream->ended = stream->ended || request->done != 0;
    } else if (request->done == 0) {
        stream->ended = true;
    } else if (!pattern_holds(stream, request)) {
        broken("bytes lost, doubled or reordered", stream->index);
        stream->ended = true;
    } else {
        stream->received += request->done;
    }
    if (!stream->ended && !stream->closing)
        begin_receive(request);
}

static void received(struct request *request)
{
    struct stream *stream = request->stream;
    EnterCriticalSection(&stream->lock);
    stream->waiting[request->number % DEPTH] = request;
    for (struct request *next; (next = stream->waiting[stream->taken % DEPTH]) != NULL;) {
        stream->waiting[stream->taken % DEPTH] = NULL;
        take_in_order(stream, next);
    }
    LeaveCriticalSection(&stream->lock);
}

static void take(OVERLAPPED *overlapped, DWORD bytes, bool failed)
{
    struct request *request = CONTAINING_RECORD(overlapped, struct request, overlapped);
    struct stream *stream = request->stream;
    if (InterlockedIncrement(&request->completions) != 1)
        broken("completed twice", stream->index);
    request->done = bytes;
    request->failed = failed;
    check_guards(request);
    if (request->kind == SEND)
        SetEvent(stream->sent_event);
    else
        received(request);
    InterlockedDecrement(&stream->outstanding);
}

static DWORD WINAPI work(void *ignored)
{
    (void)ignored;
    for (;;) {
        DWORD bytes = 0;
        ULONG_PTR key = 0;
        OVERLAPPED *overlapped = NULL;
        BOOL good = GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, INFINITE);
        if (overlapped == NULL)
            return 0;
        take(overlapped, bytes, !good);
    }
}

/* --- sending --- */

/* One send of a random size, waited for; false when the stream is over. */
static bool send_some(struct stream *stream)
{
    struct request *request = &stream->send;
    arm(request);
    request->asked = 1 + chance(stream, MOST);
    for (uint32_t i = 0; i < request->asked; i++)
        request->data[i] = byte_at(stream, stream->sent + i);
    WSABUF part[3] = {{request->asked / 3, (char *)request->data},
                      {request->asked / 3, (char *)request->data + request->asked / 3},
                      {request->asked - request->asked / 3 * 2, (char *)request->data + request->asked / 3 * 2}};
    InterlockedIncrement(&stream->outstanding);
    if (WSASend(stream->from, part, 3, NULL, 0, &request->overlapped, NULL) != 0 &&
        WSAGetLastError() != WSA_IO_PENDING) {
        InterlockedDecrement(&stream->outstanding);
        return false;
    }
    if (WaitForSingleObject(stream->sent_event, PATIENCE) != WAIT_OBJECT_0) {
        broken("a send that is not announced", stream->index);
        return false;
    }
    if (!request->failed && request->done != request->asked)
        broken("sent in part", stream->index);
    stream->sent += request->done;
    return !request->failed;
}

static bool wait_until(volatile LONG *value, LONG wanted)
{
    ULONGLONG start = GetTickCount64();
    while (*value != wanted && GetTickCount64() - start < PATIENCE)
        Sleep(1);
    return *value == wanted;
}

/* All that was sent has to arrive; then the receiver sees the end of the stream. */
static bool arrives(struct stream *stream)
{
    ULONGLONG start = GetTickCount64();
    bool over = false;
    shutdown(stream->from, SD_SEND);
    while (!over && GetTickCount64() - start < PATIENCE) {
        EnterCriticalSection(&stream->lock);
        over = stream->ended;
        LeaveCriticalSection(&stream->lock);
        if (!over)
            Sleep(1);
    }
    return over && stream->received == stream->sent;
}

static DWORD WINAPI play(void *context)
{
    struct stream *stream = context;
    bool abrupt = chance(stream, 3) == 0, good = true;
    for (int i = 0; i < OPERATIONS && good; i++) {
        good = send_some(stream);
        /* Receives are cancelled: what they would have got is there for the next ones. */
        if (chance(stream, 8) == 0)
            CancelIoEx((HANDLE)stream->to, NULL);
    }
    if (!good)
        broken("a send has failed", stream->index);
    if (good && !abrupt && !arrives(stream))
        broken("not all has arrived", stream->index);
    EnterCriticalSection(&stream->lock);
    stream->closing = true;
    LeaveCriticalSection(&stream->lock);
    /* With receives outstanding, where it is abrupt. */
    closesocket(stream->to);
    closesocket(stream->from);
    if (!wait_until(&stream->outstanding, 0))
        broken("a request that never completes", stream->index);
    InterlockedDecrement(&live);
    return 0;
}

/* --- a round --- */

static bool connect_pair(SOCKET pair[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct linger hard = {1, 0}; /* the ports of all rounds would not last else */
    int size = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    SOCKET listener = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    pair[0] = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    bool good = bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 4) == 0 &&
                getsockname(listener, (struct sockaddr *)&address, &size) == 0 &&
                connect(pair[0], (struct sockaddr *)&address, size) == 0;
    pair[1] = good ? accept(listener, NULL, NULL) : INVALID_SOCKET;
    closesocket(listener);
    for (int i = 0; i < 2; i++)
        good = good && setsockopt(pair[i], SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof(hard)) == 0 &&
               CreateIoCompletionPort((HANDLE)pair[i], port, 0, 0) == port;
    return good && pair[1] != INVALID_SOCKET;
}

static bool open_stream(struct stream *stream, unsigned index, unsigned seed)
{
    SOCKET pair[2];
    memset(stream, 0, sizeof(*stream));
    stream->index = index;
    stream->random = seed * 2654435761u + index;
    if (!connect_pair(pair))
        return false;
    stream->from = pair[0];
    stream->to = pair[1];
    stream->sent_event = CreateEventW(NULL, FALSE, FALSE, NULL);
    InitializeCriticalSection(&stream->lock);
    stream->send.kind = SEND;
    stream->send.stream = stream;
    EnterCriticalSection(&stream->lock);
    for (int i = 0; i < DEPTH; i++) {
        stream->receive[i].kind = RECEIVE;
        stream->receive[i].stream = stream;
        begin_receive(&stream->receive[i]);
    }
    LeaveCriticalSection(&stream->lock);
    return true;
}

enum { WORKERS = 4 };

static bool start_all(HANDLE *threads, int count, LPTHREAD_START_ROUTINE start)
{
    for (int i = 0; i < count; i++) {
        threads[i] = CreateThread(NULL, 64 << 10, start, &streams[i], STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
        if (threads[i] == NULL)
            return false;
    }
    return true;
}

static void join_all(HANDLE *threads, int count)
{
    WaitForMultipleObjects((DWORD)count, threads, TRUE, INFINITE);
    for (int i = 0; i < count; i++)
        CloseHandle(threads[i]);
}

static bool round_of(unsigned seed)
{
    HANDLE players[THREADS], workers[WORKERS];
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    if (port == NULL || !start_all(workers, WORKERS, work))
        return false;
    for (unsigned i = 0; i < THREADS; i++)
        if (!open_stream(&streams[i], i, seed))
            return false;
    live = THREADS;
    if (!start_all(players, THREADS, play))
        return false;
    join_all(players, THREADS);
    for (int i = 0; i < WORKERS; i++)
        PostQueuedCompletionStatus(port, 0, 0, NULL);
    join_all(workers, WORKERS);
    for (unsigned i = 0; i < THREADS; i++) {
        for (int j = 0; j < DEPTH; j++)
            if (streams[i].receive[j].completions > 1)
                broken("completed twice", i);
        CloseHandle(streams[i].sent_event);
        DeleteCriticalSection(&streams[i].lock);
    }
    return CloseHandle(port) && wrong == 0;
}

struct use {
    DWORD handles;
    SIZE_T bytes;
};

/* Wine 8 does not count handles, but gives the lowest free value: the largest of a few new ones says how many there
 * are. */
static DWORD handles_in_use(void)
{
    HANDLE events[16];
    DWORD count = 0, largest = 0;
    if (GetProcessHandleCount(GetCurrentProcess(), &count) && count > 0)
        return count;
    for (int i = 0; i < 16; i++) {
        events[i] = CreateEventW(NULL, TRUE, FALSE, NULL);
        DWORD number = (DWORD)((UINT_PTR)events[i] / 4);
        largest = number > largest ? number : largest;
    }
    for (int i = 0; i < 16; i++)
        CloseHandle(events[i]);
    return largest;
}

static struct use in_use(void)
{
    struct use use = {.handles = handles_in_use()};
    PROCESS_MEMORY_COUNTERS memory = {.cb = sizeof(memory)};
    if (GetProcessMemoryInfo(GetCurrentProcess(), &memory, sizeof(memory)))
        use.bytes = memory.PagefileUsage;
    return use;
}

static unsigned rounds = 3, seed = 1;

static void no_byte_is_lost(void)
{
    EXPECT(round_of(seed));
}

static void nothing_is_left_behind(void)
{
    struct use before = in_use();
    for (unsigned i = 1; i < rounds; i++)
        EXPECT(round_of(seed + i));
    struct use after = in_use();
    printf("# handles %lu to %lu, KiB %lu to %lu\n", before.handles, after.handles, (unsigned long)(before.bytes >> 10),
           (unsigned long)(after.bytes >> 10));
    EXPECT(before.handles > 0 && before.bytes > 0);
    EXPECT(after.handles <= before.handles + HANDLE_SLOP);
    EXPECT(after.bytes <= before.bytes + MEMORY_SLOP);
}

/* WSACleanup, and then the process's end, with receives outstanding. */
static void ending_with_requests_outstanding(void)
{
    static struct stream left[2];
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    EXPECT(open_stream(&left[0], 0, seed));
    EXPECT(WSACleanup() == 0);
    for (int i = 0; i < DEPTH; i++) {
        DWORD bytes;
        ULONG_PTR key;
        OVERLAPPED *overlapped = NULL;
        GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, PATIENCE);
        EXPECT(overlapped != NULL);
    }
    WSADATA data;
    EXPECT(WSAStartup(MAKEWORD(2, 2), &data) == 0);
    EXPECT(open_stream(&left[1], 1, seed));
}

int main(int argc, char **argv)
{
    WSADATA data;
    if (argc > 1)
        rounds = (unsigned)strtoul(argv[1], NULL, 10);
    if (argc > 2)
        seed = (unsigned)strtoul(argv[2], NULL, 10);
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 2;
    RUN(no_byte_is_lost);
    RUN(nothing_is_left_behind);
    RUN(ending_with_requests_outstanding);
    fflush(stdout);
    return tap_end();
}
