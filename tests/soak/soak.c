/* Mixed traffic over loopback for a given time, from several threads; every byte is checked, and what the process holds
 * (memory, handles, threads) must not grow. It needs nothing of wsplsp and runs bare, hosted and over layers.
 * usage: soak SECONDS   Prints what it holds every tenth of the time. Status 0: all arrived, and nothing grew. */
#define PSAPI_VERSION 2 /* GetProcessMemoryInfo is kernel32's */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <psapi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off: tlhelp32.h wants windows.h first */
#include <windows.h>
#include <tlhelp32.h>
/* clang-format on */

enum {
    THREADS = 8,
    BLOCK = 4096,
    BLOCKS = 16,      /* of one connection */
    PATIENCE = 60000, /* ms; what takes longer has failed */
    SAMPLES = 10,
    WARM = 3,         /* samples until all that is made once has been made */
    SLOP = 512 << 10, /* bytes of memory, and … */
    HANDLE_SLOP = 64, /* … handles that may come and go */
};

static volatile LONG ending, failures, rounds;

struct held {
    size_t bytes;
    DWORD handles;
    DWORD threads;
};

static void fail(const char *what)
{
    printf("failed: %s, error %d\n", what, WSAGetLastError());
    InterlockedIncrement(&failures);
}

/* --- a connection --- */

static bool bind_loopback(SOCKET s, struct sockaddr_in *address)
{
    int size = sizeof(*address);
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return bind(s, (struct sockaddr *)address, size) == 0 && getsockname(s, (struct sockaddr *)address, &size) == 0;
}

static void set_patience(SOCKET s)
{
    DWORD patience = PATIENCE;
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&patience, sizeof(patience));
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, (char *)&patience, sizeof(patience));
}

static bool open_pair(SOCKET pair[2])
{
    struct sockaddr_in at;
    SOCKET listener = socket(AF_INET, SOCK_STREAM, 0);
    pair[0] = socket(AF_INET, SOCK_STREAM, 0);
    pair[1] = INVALID_SOCKET;
    if (listener != INVALID_SOCKET && bind_loopback(listener, &at) && listen(listener, 1) == 0 &&
        connect(pair[0], (struct sockaddr *)&at, sizeof(at)) == 0)
        pair[1] = accept(listener, NULL, NULL);
    closesocket(listener);
    set_patience(pair[0]);
    set_patience(pair[1]);
    return pair[1] != INVALID_SOCKET;
}

static void fill(char *block, unsigned seed)
{
    for (unsigned i = 0; i < BLOCK; i++)
        block[i] = (char)(seed * 31 + i * 7 + (i >> 8));
}

static bool is_filled(const char *block, unsigned seed)
{
    char expected[BLOCK];
    fill(expected, seed);
    return memcmp(block, expected, BLOCK) == 0;
}

/* --- the ways to receive one block; each false where it does not arrive --- */

static bool receive_blocking(SOCKET s, char *block)
{
    int have = 0;
    while (have < BLOCK) {
        int part = recv(s, block + have, BLOCK - have, 0);
        if (part <= 0)
            return false;
        have += part;
    }
    return true;
}

static bool receive_selected(SOCKET s, char *block)
{
    u_long nonblocking = 1;
    int have = 0;
    ioctlsocket(s, FIONBIO, &nonblocking);
    while (have < BLOCK) {
        fd_set set;
        struct timeval patience = {PATIENCE / 1000, 0};
        FD_ZERO(&set);
        FD_SET(s, &set);
        if (select(0, &set, NULL, NULL, &patience) != 1)
            return false;
        int part = recv(s, block + have, BLOCK - have, 0);
        if (part <= 0)
            return false;
        have += part;
    }
    nonblocking = 0;
    return ioctlsocket(s, FIONBIO, &nonblocking) == 0;
}

static bool receive_by_event(SOCKET s, char *block)
{
    DWORD have = 0;
    WSAEVENT event = WSACreateEvent();
    while (have < BLOCK) {
        WSABUF buffer = {BLOCK - have, block + have};
        WSAOVERLAPPED overlapped = {.hEvent = event};
        DWORD bytes = 0, flags = 0;
        if (WSARecv(s, &buffer, 1, NULL, &flags, &overlapped, NULL) != 0 && WSAGetLastError() != WSA_IO_PENDING)
            break;
        if (WaitForSingleObject(event, PATIENCE) != WAIT_OBJECT_0) {
            CancelIo((HANDLE)s);
            WSAGetOverlappedResult(s, &overlapped, &bytes, TRUE, &flags);
            break;
        }
        if (!WSAGetOverlappedResult(s, &overlapped, &bytes, FALSE, &flags) || bytes == 0)
            break;
        have += bytes;
    }
    WSACloseEvent(event);
    return have == BLOCK;
}

struct routine_result {
    WSAOVERLAPPED overlapped; /* first */
    DWORD error, bytes;
    bool called;
};

static void CALLBACK routine(DWORD error, DWORD bytes, WSAOVERLAPPED *overlapped, DWORD flags)
{
    struct routine_result *result = (struct routine_result *)overlapped;
    (void)flags;
    result->error = error;
    result->bytes = bytes;
    result->called = true;
}

static bool receive_by_routine(SOCKET s, char *block)
{
    DWORD have = 0;
    while (have < BLOCK) {
        WSABUF buffer = {BLOCK - have, block + have};
        struct routine_result result = {.called = false};
        DWORD flags = 0, end = GetTickCount() + PATIENCE;
        if (WSARecv(s, &buffer, 1, NULL, &flags, &result.overlapped, routine) != 0 &&
            WSAGetLastError() != WSA_IO_PENDING)
            return false;
        while (!result.called && (LONG)(end - GetTickCount()) > 0)
            SleepEx(1000, TRUE);
        if (!result.called || result.error != 0 || result.bytes == 0)
            return false;
        have += result.bytes;
    }
    return true;
}

static bool receive_by_port(SOCKET s, char *block)
{
    DWORD have = 0;
    HANDLE port = CreateIoCompletionPort((HANDLE)s, NULL, 5, 1);
    while (port != NULL && have < BLOCK) {
        WSABUF buffer = {BLOCK - have, block + have};
        WSAOVERLAPPED overlapped = {.hEvent = NULL};
        OVERLAPPED *done = NULL;
        ULONG_PTR key = 0;
        DWORD bytes = 0, flags = 0;
        if (WSARecv(s, &buffer, 1, NULL, &flags, &overlapped, NULL) != 0 && WSAGetLastError() != WSA_IO_PENDING)
            break;
        if (!GetQueuedCompletionStatus(port, &bytes, &key, &done, PATIENCE) || key != 5 ||
            done != (OVERLAPPED *)&overlapped || bytes == 0)
            break;
        have += bytes;
    }
    CloseHandle(port);
    return have == BLOCK;
}

/* --- rounds --- */

/* The port stays with the socket, so that this way is the last one of a connection. */
static bool receive(SOCKET s, char *block, unsigned number)
{
    static bool (*const ways[])(SOCKET, char *) = {receive_blocking, receive_selected, receive_by_event,
                                                   receive_by_routine};
    return number == BLOCKS - 1 ? receive_by_port(s, block) : ways[number % 4](s, block);
}

static bool stream_round(unsigned seed)
{
    SOCKET pair[2];
    char sent[BLOCK], received[BLOCK];
    bool good = open_pair(pair);
    for (unsigned i = 0; good && i < BLOCKS; i++) {
        fill(sent, seed + i);
        good = send(pair[0], sent, BLOCK, 0) == BLOCK && receive(pair[1], received, i) && is_filled(received, seed + i);
    }
    if (!good)
        fail("a stream");
    closesocket(pair[0]);
    closesocket(pair[1]);
    return good;
}

static bool datagram_round(unsigned seed)
{
    struct sockaddr_in at, from;
    int size = sizeof(from);
    char sent[BLOCK], received[BLOCK];
    SOCKET a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);
    set_patience(b);
    fill(sent, seed);
    bool good = bind_loopback(b, &at) && sendto(a, sent, BLOCK, 0, (struct sockaddr *)&at, sizeof(at)) == BLOCK &&
                recvfrom(b, received, BLOCK, 0, (struct sockaddr *)&from, &size) == BLOCK && is_filled(received, seed);
    if (!good)
        fail("a datagram");
    closesocket(a);
    closesocket(b);
    return good;
}

static DWORD WINAPI work(void *number)
{
    unsigned seed = (unsigned)(ULONG_PTR)number << 16;
    while (!ending && stream_round(seed) && datagram_round(seed)) {
        seed += BLOCKS;
        InterlockedIncrement(&rounds);
    }
    return 0;
}

/* --- what the process holds --- */

static DWORD count_threads(void)
{
    DWORD count = 0, self = GetCurrentProcessId();
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 entry = {.dwSize = sizeof(entry)};
    for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry))
        count += entry.th32OwnerProcessID == self;
    CloseHandle(snapshot);
    return count;
}

/* Wine 8 does not count them; there a new handle gets the lowest free value. */
static DWORD count_handles(void)
{
    DWORD count = 0;
    if (GetProcessHandleCount(GetCurrentProcess(), &count) && count > 0)
        return count;
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    CloseHandle(event);
    return (DWORD)((ULONG_PTR)event / 4);
}

static struct held look(void)
{
    PROCESS_MEMORY_COUNTERS memory = {.cb = sizeof(memory)};
    struct held held = {.handles = count_handles(), .threads = count_threads()};
    if (GetProcessMemoryInfo(GetCurrentProcess(), &memory, sizeof(memory)))
        held.bytes = memory.PagefileUsage;
    return held;
}

static bool grew(const struct held *first, const struct held *last)
{
    return last->bytes > first->bytes + SLOP || last->handles > first->handles + HANDLE_SLOP ||
           last->threads > first->threads;
}

static bool watch(DWORD milliseconds)
{
    struct held first = {0}, now;
    for (int i = 1; i <= SAMPLES && failures == 0; i++) {
        Sleep(milliseconds / SAMPLES);
        now = look();
        printf("%3d%%: %ld rounds, %zu KiB, %lu handles, %lu threads\n", i * 100 / SAMPLES, rounds, now.bytes >> 10,
               now.handles, now.threads);
        fflush(stdout);
        if (i == WARM)
            first = now;
    }
    return failures == 0 && !grew(&first, &now);
}

int main(int argc, char **argv)
{
    WSADATA data;
    HANDLE threads[THREADS];
    DWORD seconds = argc == 2 ? (DWORD)strtoul(argv[1], NULL, 10) : 0;
    if (seconds == 0) {
        fprintf(stderr, "usage: soak SECONDS\n");
        return 2;
    }
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 1;
    for (int i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, work, (void *)(ULONG_PTR)(i + 1), 0, NULL);
    bool good = watch(seconds * 1000);
    ending = 1;
    bool ended = WaitForMultipleObjects(THREADS, threads, TRUE, 2 * PATIENCE) != WAIT_TIMEOUT;
    good = good && ended && failures == 0 && rounds > 0;
    printf("%s: %ld rounds\n", good ? "nothing grew" : "NOT good", rounds);
    if (ended)
        WSACleanup();
    return good ? 0 : 1;
}
