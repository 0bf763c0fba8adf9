/* Many sockets: one after another, at once, and from many threads. It needs nothing of the host and runs bare as well
 * as hosted; what a leak is, is measured by the process itself, after a part of the work has been done once.
 * usage: test_host_stress [PERCENT]   of the work; 100 is 100,000 lives, 10,000 sockets, 64 threads */
#define PSAPI_VERSION 2 /* GetProcessMemoryInfo is kernel32's */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <psapi.h>
#include <stdint.h>
#include <stdlib.h>

#include "tap.h"

#define LIVES    100000
#define STARTUPS 1000
#define AT_ONCE  10000
#define THREADS  64
#define ROUNDS   400 /* of each thread */
#define SLOTS    128
#define PATIENCE 60000 /* ms; a receive that takes longer has failed */
/* Bytes that a process may have more without a leak: of 100,000 lives, one each. Each thread's end leaves the heap in
 * another order. */
#define SLOP         (96 << 10)
#define THREADS_SLOP (1 << 20)

static unsigned percent = 100;

static unsigned scaled(unsigned full)
{
    unsigned part = (unsigned)((uint64_t)full * percent / 100);
    return part == 0 ? 1 : part;
}

/* --- sockets in use --- */

static struct sockaddr_in loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* At a port of its own, which `address` gets. */
static bool bind_loopback(SOCKET s, struct sockaddr_in *address)
{
    int size = sizeof(*address);
    *address = loopback();
    return bind(s, (struct sockaddr *)address, size) == 0 && getsockname(s, (struct sockaddr *)address, &size) == 0;
}

static SOCKET udp_open(struct sockaddr_in *address)
{
    DWORD patience = PATIENCE;
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    if (s == INVALID_SOCKET)
        return s;
    if (bind_loopback(s, address) && setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&patience, sizeof(patience)) == 0)
        return s;
    closesocket(s);
    return INVALID_SOCKET;
}

static SOCKET listener_open(struct sockaddr_in *address)
{
    SOCKET s = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (s == INVALID_SOCKET || (bind_loopback(s, address) && listen(s, 16) == 0))
        return s;
    closesocket(s);
    return INVALID_SOCKET;
}

struct pair {
    SOCKET one, two;
};

/* Closed without TIME_WAIT: the ports of 100,000 connections would not last. */
static bool end_hard(SOCKET s)
{
    struct linger hard = {1, 0};
    bool set = setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof(hard)) == 0;
    return closesocket(s) == 0 && set;
}

static bool pair_close(struct pair *pair)
{
    bool one = pair->one == INVALID_SOCKET || end_hard(pair->one);
    bool two = pair->two == INVALID_SOCKET || end_hard(pair->two);
    pair->one = pair->two = INVALID_SOCKET;
    return one && two;
}

static bool pair_open(struct pair *pair)
{
    struct sockaddr_in address;
    DWORD patience = PATIENCE;
    SOCKET listener = listener_open(&address);
    pair->two = INVALID_SOCKET;
    pair->one = socket(AF_INET, SOCK_STREAM, 0);
    bool good = listener != INVALID_SOCKET && pair->one != INVALID_SOCKET &&
                connect(pair->one, (struct sockaddr *)&address, sizeof(address)) == 0;
    if (good)
        pair->two = accept(listener, NULL, NULL);
    if (listener != INVALID_SOCKET)
        good = closesocket(listener) == 0 && good;
    if (good && pair->two != INVALID_SOCKET &&
        setsockopt(pair->one, SOL_SOCKET, SO_RCVTIMEO, (char *)&patience, sizeof(patience)) == 0 &&
        setsockopt(pair->two, SOL_SOCKET, SO_RCVTIMEO, (char *)&patience, sizeof(patience)) == 0)
        return true;
    pair_close(pair);
    return false;
}

/* From one end to the other, something that no other socket sends at the time. */
static bool pair_use(const struct pair *pair, bool back, uint32_t mark)
{
    SOCKET from = back ? pair->two : pair->one, to = back ? pair->one : pair->two;
    uint32_t got = ~mark;
    return send(from, (char *)&mark, sizeof(mark), 0) == sizeof(mark) &&
           recv(to, (char *)&got, sizeof(got), MSG_WAITALL) == sizeof(got) && got == mark;
}

/* --- what the process has --- */

static SIZE_T memory_now(void)
{
    PROCESS_MEMORY_COUNTERS counters = {.cb = sizeof(counters)};
    return GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof(counters)) ? counters.PagefileUsage : 0;
}

/* The number of handles; under a Wine that does not count them, the largest value that a few new ones get, which are
 * the lowest free ones there. */
static DWORD handles_now(void)
{
    HANDLE events[16];
    DWORD count = 0, largest = 0;
    if (GetProcessHandleCount(GetCurrentProcess(), &count) && count > 0)
        return count;
    for (size_t i = 0; i < 16; i++) {
        events[i] = CreateEventW(NULL, TRUE, FALSE, NULL);
        largest = max(largest, (DWORD)(UINT_PTR)events[i]);
    }
    for (size_t i = 0; i < 16; i++)
        CloseHandle(events[i]);
    return largest;
}

static void expect_same(SIZE_T memory, DWORD handles, SIZE_T slop)
{
    SIZE_T memory_after = memory_now();
    DWORD handles_after = handles_now();
    printf("# memory %llu -> %llu KiB, handles %lu -> %lu\n", (unsigned long long)memory / 1024,
           (unsigned long long)memory_after / 1024, handles, handles_after);
    EXPECT(memory_after <= memory + slop);
    EXPECT(handles_after <= handles);
}

/* --- the tests --- */

/* In turn: opened only; bound; connected to itself and used, every hundredth time by TCP; with a receive under way. */
static bool live(unsigned i)
{
    struct sockaddr_in address;
    struct pair pair;
    SOCKET s;
    switch (i % 100 == 0 ? 4 : i % 4) {
    case 0:
        s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
        return s != INVALID_SOCKET && closesocket(s) == 0;
    case 1:
        s = listener_open(&address);
        return s != INVALID_SOCKET && closesocket(s) == 0;
    case 2:
        s = udp_open(&address);
        pair = (struct pair){s, s};
        return s != INVALID_SOCKET && connect(s, (struct sockaddr *)&address, sizeof(address)) == 0 &&
               pair_use(&pair, false, i) && closesocket(s) == 0;
    case 3:
        s = WSASocketW(AF_INET6, SOCK_DGRAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
        u_long on = 1;
        return s != INVALID_SOCKET && ioctlsocket(s, FIONBIO, &on) == 0 && closesocket(s) == 0;
    default:
        return pair_open(&pair) && pair_use(&pair, i % 8 == 0, i) && pair_close(&pair);
    }
}

static unsigned lives(unsigned count)
{
    unsigned failed = 0;
    for (unsigned i = 0; i < count; i++)
        failed += !live(i);
    return failed;
}

static void one_after_another(void)
{
    EXPECT(lives(scaled(LIVES) / 10) == 0);
    SIZE_T memory = memory_now();
    DWORD handles = handles_now();
    EXPECT(lives(scaled(LIVES)) == 0);
    expect_same(memory, handles, SLOP);
}

static unsigned startups(unsigned count)
{
    WSADATA data;
    unsigned failed = 0;
    for (unsigned i = 0; i < count; i++) {
        failed += WSAStartup(MAKEWORD(2, 2), &data) != 0;
        failed += !live(i);
        failed += WSACleanup() != 0;
        failed += socket(AF_INET, SOCK_STREAM, 0) != INVALID_SOCKET || WSAGetLastError() != WSANOTINITIALISED;
    }
    return failed;
}

/* Outside of WSAStartup and WSACleanup of main. */
static void each_with_its_own_startup(void)
{
    EXPECT(startups(scaled(STARTUPS) / 10) == 0);
    SIZE_T memory = memory_now();
    DWORD handles = handles_now();
    EXPECT(startups(scaled(STARTUPS)) == 0);
    expect_same(memory, handles, SLOP);
}

/* Each socket sends to the one before it; all are open all the time. Gives how many could be opened. */
static unsigned use_all(SOCKET *sockets, struct sockaddr_in *addresses, unsigned count)
{
    unsigned opened = 0;
    while (opened < count && (sockets[opened] = udp_open(&addresses[opened])) != INVALID_SOCKET)
        opened++;
    if (opened < count)
        printf("# socket %u: error %d\n", opened, WSAGetLastError());
    for (unsigned i = 0; i < opened; i++) {
        const struct sockaddr_in *to = &addresses[(i + opened - 1) % opened];
        EXPECT(sendto(sockets[i], (char *)&i, sizeof(i), 0, (const struct sockaddr *)to, sizeof(*to)) == sizeof(i));
    }
    for (unsigned i = 0; i < opened; i++) {
        unsigned got = opened;
        EXPECT(recv(sockets[i], (char *)&got, sizeof(got), 0) == sizeof(got) && got == (i + 1) % opened);
    }
    for (unsigned i = 0; i < opened; i++)
        EXPECT(closesocket(sockets[i]) == 0);
    /* What was closed is no socket. */
    for (unsigned i = 0; i < opened; i += 97)
        EXPECT(closesocket(sockets[i]) == SOCKET_ERROR && WSAGetLastError() == WSAENOTSOCK);
    return opened;
}

static void many_at_once(void)
{
    unsigned count = scaled(AT_ONCE);
    SOCKET *sockets = malloc(count * sizeof(*sockets));
    struct sockaddr_in *addresses = malloc(count * sizeof(*addresses));
    EXPECT(sockets != NULL && addresses != NULL);
    if (sockets != NULL && addresses != NULL) {
        EXPECT(use_all(sockets, addresses, count) == count);
        SIZE_T memory = memory_now();
        DWORD handles = handles_now();
        EXPECT(use_all(sockets, addresses, count) == count);
        expect_same(memory, handles, SLOP);
    }
    free(sockets);
    free(addresses);
}

/* A pair that any thread opens, uses and closes; so a handle's value goes from thread to thread. */
static struct slot {
    SRWLOCK lock;
    bool open;
    struct pair pair;
} slots[SLOTS];

static volatile LONG opened, used, closed, failed;

/* xorshift, for the same choices in every run */
static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    return *state ^= *state << 5;
}

static bool do_something(struct slot *slot, uint32_t random)
{
    if (!slot->open) {
        slot->open = pair_open(&slot->pair);
        InterlockedIncrement(&opened);
        return slot->open;
    }
    if (random % 3 > 0) {
        InterlockedIncrement(&used);
        return pair_use(&slot->pair, random % 2, random);
    }
    InterlockedIncrement(&closed);
    slot->open = false;
    return pair_close(&slot->pair);
}

static DWORD WINAPI thread_main(void *number)
{
    uint32_t state = 2463534242u + (uint32_t)(UINT_PTR)number * 7919;
    for (unsigned i = 0; i < scaled(ROUNDS); i++) {
        struct slot *slot = &slots[next_random(&state) % SLOTS];
        AcquireSRWLockExclusive(&slot->lock);
        if (!do_something(slot, next_random(&state)) && InterlockedIncrement(&failed) == 1)
            printf("# the first failure: error %d\n", WSAGetLastError());
        ReleaseSRWLockExclusive(&slot->lock);
    }
    return 0;
}

static void run_threads(void)
{
    HANDLE threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        threads[i] = CreateThread(NULL, 0, thread_main, (void *)i, 0, NULL);
        EXPECT(threads[i] != NULL);
    }
    for (size_t i = 0; i < THREADS; i++) {
        if (threads[i] != NULL)
            WaitForSingleObject(threads[i], INFINITE);
        CloseHandle(threads[i]);
    }
    for (size_t i = 0; i < SLOTS; i++) {
        if (!slots[i].open)
            continue;
        EXPECT(pair_use(&slots[i].pair, true, (uint32_t)i));
        EXPECT(pair_close(&slots[i].pair));
        slots[i].open = false;
        closed++;
    }
}

static void many_threads(void)
{
    run_threads();
    SIZE_T memory = memory_now();
    DWORD handles = handles_now();
    run_threads();
    printf("# %ld pairs opened, %ld times used, %ld closed\n", opened, used, closed);
    EXPECT(failed == 0);
    EXPECT(opened == closed);
    EXPECT(opened > (LONG)scaled(1000) && used > (LONG)scaled(1000));
    expect_same(memory, handles, THREADS_SLOP);
}

int main(int argc, char **argv)
{
    WSADATA data;
    if (argc > 1)
        percent = (unsigned)strtoul(argv[1], NULL, 10);
    setvbuf(stdout, NULL, _IONBF, 0);
    RUN(each_with_its_own_startup);
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 2;
    RUN(one_after_another);
    RUN(many_at_once);
    RUN(many_threads);
    WSACleanup();
    return tap_end();
}
