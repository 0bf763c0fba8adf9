/* The layer under load: startups and cleanups from many threads, many sockets, calls that are under way at the last
 * cleanup, and what it costs a process to have it loaded. TAP; measured figures as comments. */
#include <stdatomic.h>

#include "recorder.h"
#include "tap.h"
#include "winsock_part.h"

#include <tlhelp32.h>

enum { THREADS = 64, ROUNDS = 200, MANY = 100000, LIFES = 300, IDLE_LIMIT = 256 * 1024 };

static WSPPROC_TABLE procs;

static void begin(void)
{
    recorder_reset();
    part_catalog();
    recorder.own_handles = true;
    recorder.last_handle = 0x1000;
}

/* --- what the process has --- */

/* Bytes that are the process's alone: committed memory that is no file's, and what of images can be written to. */
static SIZE_T private_bytes(void)
{
    MEMORY_BASIC_INFORMATION memory;
    SIZE_T sum = 0;
    for (BYTE *at = NULL; VirtualQuery(at, &memory, sizeof(memory)) != 0;
         at = (BYTE *)memory.BaseAddress + memory.RegionSize) {
        bool writable = (memory.Protect & (PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE)) != 0;
        if (memory.State == MEM_COMMIT && (memory.Type == MEM_PRIVATE || (memory.Type == MEM_IMAGE && writable)))
            sum += memory.RegionSize;
    }
    return sum;
}

static int threads(void)
{
    THREADENTRY32 entry = {.dwSize = sizeof(entry)};
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    int count = 0;
    for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry))
        count += entry.th32OwnerProcessID == GetCurrentProcessId();
    CloseHandle(snapshot);
    return count;
}

static DWORD handles(void)
{
    DWORD count = 0;
    GetProcessHandleCount(GetCurrentProcess(), &count);
    return count;
}

/* --- scenarios --- */

static void cheap_when_idle(void)
{
    INT error;
    begin();
    SIZE_T bytes = private_bytes();
    int thread_count = threads();
    DWORD handle_count = handles();
    part_load();
    EXPECT(part_start(CHAIN, &procs) == 0);
    printf("# loaded and started: %lu KiB private\n", (unsigned long)((private_bytes() - bytes) / 1024));
    EXPECT(private_bytes() - bytes < IDLE_LIMIT);
    EXPECT(threads() == thread_count);
    printf("# handles: %lu before, %lu after\n", handle_count, handles());
    EXPECT(procs.lpWSPCleanup(&error) == 0);
}

static atomic_int failures;

static void round_of(DWORD chain, int number)
{
    INT error;
    WSPPROC_TABLE own;
    WSAPROTOCOL_INFOW info = *part_entry(chain);
    if (part_start(chain, &own) != 0) {
        failures++;
        return;
    }
    SOCKET s = own.lpWSPSocket(0, 0, 0, &info, 0, 0, &error);
    WSABUF buffer = {1, "x"};
    DWORD bytes;
    bool sent = s != INVALID_SOCKET && own.lpWSPSend(s, &buffer, 1, &bytes, 0, NULL, NULL, NULL, &error) == 0;
    /* Every third is left to the last cleanup. */
    if (!sent || (number % 3 != 0 && own.lpWSPCloseSocket(s, &error) != 0) || own.lpWSPCleanup(&error) != 0)
        failures++;
}

static DWORD WINAPI rounds(void *chain)
{
    for (int i = 0; i < ROUNDS; i++)
        round_of((DWORD)(ULONG_PTR)chain, i);
    return 0;
}

static void race(DWORD first, DWORD second)
{
    HANDLE thread[THREADS];
    failures = 0;
    for (int i = 0; i < THREADS; i++)
        thread[i] = CreateThread(NULL, 0, rounds, (void *)(ULONG_PTR)(i % 2 == 0 ? first : second), 0, NULL);
    EXPECT(WaitForMultipleObjects(THREADS, thread, TRUE, 240000) == WAIT_OBJECT_0);
    for (int i = 0; i < THREADS; i++)
        CloseHandle(thread[i]);
    EXPECT(failures == 0);
}

/* Two chains of one place, then chains of two and three places; whatever has been opened has been closed. */
static void startups_and_cleanups_race(void)
{
    static const DWORD other[] = {LAYER, BASE_6, 0}, two[] = {LAYER, LAYER_2, BASE, 0},
                       three[] = {LAYER, LAYER_2, LAYER_3, BASE, 0};
    begin();
    part_chain(CHAIN + 1, other);
    part_chain(CHAIN + 2, two);
    part_chain(CHAIN + 3, three);
    race(CHAIN, CHAIN + 1);
    race(CHAIN + 2, CHAIN + 3);
    race(CHAIN, CHAIN + 3);
    printf("# next provider: %ld startups, %ld cleanups, %ld sockets, %ld closed\n", recorder.startups,
           recorder.cleanups, (recorder.last_handle - 0x1000) / 4, recorder.closes);
    EXPECT(recorder.startups == recorder.cleanups && recorder.startups > 1);
    EXPECT(recorder.closes == 3 * THREADS * ROUNDS);
    EXPECT(recorder.closes == (recorder.last_handle - 0x1000) / 4);
}

/* The next provider in a DLL that comes and goes. */
static void the_next_dll_comes_and_goes(void)
{
    static const DWORD other[] = {LAYER_2, LAYER, BASE_6, 0};
    wchar_t path[MAX_PATH];
    begin();
    GetModuleFileNameW(NULL, path, MAX_PATH);
    wcscpy(wcsrchr(path, L'\\'), L"\\provider_at_once.dll");
    part_set_path(BASE_6, path);
    part_chain(CHAIN + 1, other);
    race(CHAIN + 1, CHAIN);
    EXPECT(GetModuleHandleW(path) == NULL);
}

static void hundred_thousand_sockets(void)
{
    INT error;
    SIZE_T used[3];
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    begin();
    EXPECT(part_start(CHAIN, &procs) == 0);
    for (int life = 0; life < 3; life++) {
        recorder.last_handle = 0x1000;
        LONG allocations = part.allocations;
        for (int i = 0; i < MANY; i++)
            if (procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error) == INVALID_SOCKET)
                failures++;
        /* 8 KiB for each 1024 handles at first, and nothing for a socket itself. */
        EXPECT(part.allocations - allocations <= (life == 0 ? MANY / 1024 + 3 : 0));
        for (SOCKET s = 0x1004; s < 0x1004 + 4 * MANY; s += 4)
            if (procs.lpWSPListen(s, 1, &error) != 0 || recorder.argument[0] != s ||
                procs.lpWSPCloseSocket(s, &error) != 0)
                failures++;
        used[life] = private_bytes();
    }
    EXPECT(failures == 0);
    EXPECT(used[2] <= used[1]);
    EXPECT(procs.lpWSPCleanup(&error) == 0);
    EXPECT(recorder.closes == 3 * MANY);
}

/* Startup to cleanup, again and again, with sockets left open: memory, handles and allocations stay what they were. */
static void lifes_leave_nothing(void)
{
    INT error;
    SIZE_T bytes = 0;
    DWORD handle_count = 0;
    LONG outstanding = 0;
    begin();
    for (int life = 0; life < LIFES; life++) {
        WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
        if (life == LIFES / 2) {
            bytes = private_bytes();
            handle_count = handles();
            outstanding = part.outstanding;
        }
        EXPECT(part_start(CHAIN, &procs) == 0);
        for (int i = 0; i < 50; i++)
            procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error);
        recorder.last_handle = 0x1000;
        EXPECT(procs.lpWSPCleanup(&error) == 0);
    }
    EXPECT(recorder.closes == LIFES * 50);
    EXPECT(private_bytes() <= bytes && handles() == handle_count && part.outstanding == outstanding);
}

/* A WSPAccept that returns only when its socket is closed, as a blocked one does, and then takes its time. */
static volatile LONG inside, left, back;

static void wait_for_close(void)
{
    InterlockedExchange(&inside, 1);
    for (int i = 0; i < 5000 && recorder.closes == 0; i++)
        Sleep(1);
    Sleep(100);
    InterlockedExchange(&left, 1);
}

static DWORD WINAPI accepting(void *socket)
{
    INT error = 0;
    SOCKET accepted = procs.lpWSPAccept((SOCKET)(ULONG_PTR)socket, NULL, NULL, NULL, 0, &error);
    InterlockedExchange(&back, 1);
    return accepted == INVALID_SOCKET ? (DWORD)error : 0;
}

static void cleanup_waits_for_calls(void)
{
    INT error;
    DWORD result = 0;
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    begin();
    EXPECT(part_start(CHAIN, &procs) == 0);
    SOCKET s = procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error);
    recorder.inside = wait_for_close;
    HANDLE thread = CreateThread(NULL, 0, accepting, (void *)(ULONG_PTR)s, 0, NULL);
    for (int i = 0; i < 5000 && !inside; i++)
        Sleep(1);
    EXPECT(inside && !back);
    WSPPROC_TABLE copy = procs;
    EXPECT(copy.lpWSPCleanup(&error) == 0);
    /* The call has come back from the next provider; a socket that it brought is not given out. */
    EXPECT(left);
    EXPECT(WaitForSingleObject(thread, 10000) == WAIT_OBJECT_0);
    GetExitCodeThread(thread, &result);
    EXPECT(result == WSANOTINITIALISED && back);
    EXPECT(recorder.closes == 2);
    CloseHandle(thread);
}

/* Last: it takes the DLL away. What the C runtime allocates before the test can count, and frees in the end, is the
 * same where the DLL has not been used at all. */
static void unloading_frees_all(void)
{
    EXPECT(part_unload());
    LONG used = part.outstanding;
    printf("# %ld allocations\n", part.allocations);
    part.outstanding = 0;
    part_load();
    EXPECT(part_unload());
    EXPECT(used == part.outstanding);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    RUN(cheap_when_idle);
    RUN(startups_and_cleanups_race);
    RUN(the_next_dll_comes_and_goes);
    RUN(hundred_thousand_sockets);
    RUN(lifes_leave_nothing);
    RUN(cleanup_waits_for_calls);
    RUN(unloading_frees_all);
    return tap_end();
}
