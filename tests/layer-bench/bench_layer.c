/* What one SPI call costs in a layered provider alone: through it, over a next provider that returns at once, against
 * calling that next provider directly. From 1 and 2 threads, with 1 and 100,000 sockets, and for wsplsp's own layer
 * with the trace off and on. Prints the best of several rounds in nanoseconds a call: the machine has other work to do.
 * usage: bench_layer [--lsp DLL] [--non-ifs] [--calls N]       the next provider and the trace are beside the program
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <winsock2.h>
#include <psapi.h>
#include <tlhelp32.h>
#include <windows.h>

#include "calls.h"
#include "winsock_part.h"
#include "wsplsp/layer.h"

/* Rounds are shorter than a time slice, so that some are not interrupted. */
enum { MANY = 100000, ROUNDS = 60, THREADS = 2, CASES = 4 };

static size_t call_count = 20000;         /* in a round */
static SOCKET through[MANY], below[MANY]; /* the sockets as the layer and as the next provider know them */

struct work {
    const struct call *call;
    const WSPPROC_TABLE *procs;
    const SOCKET *sockets;
    size_t socket_count;
    size_t at;   /* where the next round goes on */
    double best; /* nanoseconds */
};

static volatile LONG ready;
static LONG threads_wanted;

static double now(void)
{
    LARGE_INTEGER count, frequency;
    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&frequency);
    return (double)count.QuadPart / (double)frequency.QuadPart;
}

/* A stride that visits all sockets, out of order. */
static double run_once(struct work *work)
{
    double begin = now();
    size_t at = work->at;
    for (size_t i = 0; i < call_count; i++) {
        if (!work->call->run(work->procs, work->sockets[at])) {
            printf("%s failed\n", work->call->name);
            exit(1);
        }
        at += 7919;
        if (at >= work->socket_count)
            at %= work->socket_count;
    }
    work->at = at;
    return (now() - begin) / (double)call_count * 1e9;
}

static DWORD WINAPI run(void *context)
{
    struct work *work = context;
    InterlockedIncrement(&ready);
    while (ready < threads_wanted)
        ;
    for (int i = 0; i < ROUNDS; i++) {
        double ns = run_once(work);
        if (i == 0 || ns < work->best)
            work->best = ns;
    }
    return 0;
}

static double measure(const struct work *model, int threads)
{
    struct work work[THREADS] = {*model};
    HANDLE handle[THREADS] = {NULL};
    double sum = 0;
    ready = 0;
    threads_wanted = threads;
    for (int i = 0; i < threads; i++) {
        work[i] = *model;
        handle[i] = CreateThread(NULL, 0, run, &work[i], 0, NULL);
        if (handle[i] == NULL)
            exit(1);
    }
    WaitForMultipleObjects((DWORD)threads, handle, TRUE, INFINITE);
    for (int i = 0; i < threads; i++) {
        CloseHandle(handle[i]);
        sum += work[i].best / threads;
    }
    return sum;
}

static void open_sockets(const WSPPROC_TABLE *procs, WSAPROTOCOL_INFOW *info, SOCKET *sockets)
{
    INT error = 0;
    for (size_t i = 0; i < MANY; i++) {
        sockets[i] = procs->lpWSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, info, 0, WSA_FLAG_OVERLAPPED, &error);
        if (sockets[i] == INVALID_SOCKET) {
            printf("WSPSocket %u failed: %d\n", (unsigned)i, error);
            exit(1);
        }
    }
}

static void close_sockets(const WSPPROC_TABLE *procs, const SOCKET *sockets)
{
    INT error = 0;
    for (size_t i = 0; i < MANY; i++)
        if (procs->lpWSPCloseSocket(sockets[i], &error) != 0) {
            printf("WSPCloseSocket failed: %d\n", error);
            exit(1);
        }
}

static double time_open_close(const WSPPROC_TABLE *procs, WSAPROTOCOL_INFOW *info, SOCKET *sockets)
{
    double best = 0;
    for (int i = 0; i < 3; i++) {
        double begin = now();
        open_sockets(procs, info, sockets);
        close_sockets(procs, sockets);
        double ns = (now() - begin) / MANY * 1e9;
        best = i == 0 || ns < best ? ns : best;
    }
    return best;
}

/* One line a call: the next provider alone, then what the layer adds in each case. */
static void print_calls(const WSPPROC_TABLE *layer, const WSPPROC_TABLE *next)
{
    static const struct {
        int threads;
        size_t sockets;
    } cases[CASES] = {{1, 1}, {2, 1}, {1, MANY}, {2, MANY}};
    double sums[CASES] = {0}, alone_sum = 0;
    int count = 0;
    printf("%-23s %8s  %s\n%-23s %8s  %8s %8s %8s %8s   %s\n", "", "directly", "added through the layer, ns",
           "threads x sockets", "1x1", "1x1", "2x1", "1x100k", "2x100k", "through : directly, 1x1");
    for (const struct call *call = calls; call->name != NULL; call++, count++) {
        double added[CASES], first = 0;
        for (int i = 0; i < CASES; i++) {
            struct work work = {call, next, below, cases[i].sockets, 0, 0};
            double alone = measure(&work, cases[i].threads);
            work.procs = layer;
            work.sockets = through;
            added[i] = measure(&work, cases[i].threads) - alone;
            sums[i] += added[i];
            first = i == 0 ? alone : first;
        }
        alone_sum += first;
        printf("%-23s %8.2f  %8.2f %8.2f %8.2f %8.2f   %.2f\n", call->name, first, added[0], added[1], added[2],
               added[3], (first + added[0]) / first);
    }
    printf("%-23s %8.2f  %8.2f %8.2f %8.2f %8.2f   %.2f\n", "mean", alone_sum / count, sums[0] / count, sums[1] / count,
           sums[2] / count, sums[3] / count, (alone_sum + sums[0]) / alone_sum);
}

static void start(WSPPROC_TABLE *layer)
{
    int error = part_start_layer(layer);
    if (error != 0) {
        printf("the layer's WSPStartup failed: %d\n", error);
        exit(1);
    }
}

static void stop(const WSPPROC_TABLE *procs)
{
    INT error;
    procs->lpWSPCleanup(&error);
}

static void bench(const char *title, const WSPPROC_TABLE *next)
{
    WSPPROC_TABLE layer;
    start(&layer);
    printf("%s\n", title);
    double alone = time_open_close(next, part_base(), below);
    double both = time_open_close(&layer, part_chain(), through);
    open_sockets(next, part_base(), below);
    open_sockets(&layer, part_chain(), through);
    print_calls(&layer, next);
    printf("%-23s %8.2f  %8.2f\n", "WSPSocket, CloseSocket", alone, both - alone);
    close_sockets(&layer, through);
    close_sockets(next, below);
    stop(&layer);
}

struct cost {
    size_t private_bytes;
    int threads;
};

static struct cost process_cost(void)
{
    struct cost cost = {0, 0};
    PROCESS_MEMORY_COUNTERS_EX memory = {.cb = sizeof(memory)};
    THREADENTRY32 thread = {.dwSize = sizeof(thread)};
    if (GetProcessMemoryInfo(GetCurrentProcess(), (PROCESS_MEMORY_COUNTERS *)&memory, sizeof(memory)))
        cost.private_bytes = memory.PrivateUsage;
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    for (BOOL more = Thread32First(snapshot, &thread); more; more = Thread32Next(snapshot, &thread))
        cost.threads += thread.th32OwnerProcessID == GetCurrentProcessId();
    CloseHandle(snapshot);
    return cost;
}

static bool turn_trace_on(const wchar_t *folder, wchar_t *file)
{
    wsplsp_layer_configure_function configure =
        (wsplsp_layer_configure_function)(void *)GetProcAddress(part_layer(), WSPLSP_LAYER_CONFIGURE);
    if (configure == NULL)
        return false;
    swprintf(file, MAX_PATH, L"%ls\\bench_layer.trace", folder);
    DeleteFileW(file); /* of the run before: it is mapped until the process ends */
    const struct wsplsp_layer_config config = {.size = sizeof(config), .trace_file = file};
    return configure(&config) == 0;
}

static void own_folder(wchar_t folder[MAX_PATH])
{
    GetModuleFileNameW(NULL, folder, MAX_PATH);
    *wcsrchr(folder, L'\\') = L'\0';
}

int wmain(int argc, wchar_t **argv)
{
    wchar_t folder[MAX_PATH], next[MAX_PATH], layer[MAX_PATH] = L"", trace[MAX_PATH];
    bool ifs = true;
    WSPPROC_TABLE procs;
    own_folder(folder);
    swprintf(next, MAX_PATH, L"%ls\\next_at_once.dll", folder);
    swprintf(layer, MAX_PATH, L"%ls\\..\\wsplsp-layer.dll", folder);
    for (int i = 1; i < argc; i++) {
        if (wcscmp(argv[i], L"--lsp") == 0 && i + 1 < argc)
            GetFullPathNameW(argv[++i], MAX_PATH, layer, NULL);
        else if (wcscmp(argv[i], L"--calls") == 0 && i + 1 < argc)
            call_count = wcstoul(argv[++i], NULL, 10);
        else if (wcscmp(argv[i], L"--non-ifs") == 0)
            ifs = false;
        else
            return 2;
    }
    if (call_count == 0)
        return 2;
    if (!part_load(layer, next, ifs)) {
        printf("cannot load %ls over %ls: %lu\n", layer, next, GetLastError());
        return 1;
    }
    struct cost before = process_cost();
    WSPPROC_TABLE idle;
    start(&idle);
    struct cost after = process_cost();
    printf("idle: %d threads and %ld KiB of private memory more, once started\n", after.threads - before.threads,
           (long)((after.private_bytes - before.private_bytes) / 1024));
    stop(&idle);
    if (part_start_next(&procs) != 0)
        return 1;
    bench("trace off", &procs);
    if (turn_trace_on(folder, trace))
        bench("trace on", &procs);
    return 0;
}
