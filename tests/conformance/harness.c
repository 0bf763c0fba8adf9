/* The runner: which cases, in what order, what is printed, and that a case leaves nothing behind. */
#include "harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "owned.h"
#include "known.h"

enum {
    MAX_CASES = 2048,
    MAX_NOTES = 20,
    ATTEMPTS = 3,
    PASSES = 10,
    SETTLE = 2000,
    LONG_WAIT = 10000,
    SHORT_WAIT = 1000
};

int harness_deadline = LONG_WAIT;

struct run {
    const struct test_case *test_case;
    int family;
    char name[96];
};

static struct {
    SRWLOCK lock;
    DWORD main_thread;
    jmp_buf out;
    bool failed;
    bool bailed;
    const char *skip;
    char notes[MAX_NOTES][256];
    int note_count;
    /* The watchdog's. */
    HANDLE tick;
    int number;
    const char *name;
} state = {.lock = SRWLOCK_INIT};

void harness_check(bool passed, const char *file, int line, const char *format, ...)
{
    if (passed)
        return;
    int error = WSAGetLastError();
    const char *slash = strrchr(file, '/');
    va_list arguments;
    AcquireSRWLockExclusive(&state.lock);
    state.failed = true;
    if (state.note_count < MAX_NOTES) {
        char *note = state.notes[state.note_count++];
        int at = snprintf(note, sizeof state.notes[0], "%s:%d: ", slash != NULL ? slash + 1 : file, line);
        va_start(arguments, format);
        vsnprintf(note + at, sizeof state.notes[0] - (size_t)at, format, arguments);
        va_end(arguments);
    }
    ReleaseSRWLockExclusive(&state.lock);
    WSASetLastError(error);
}

static void close_owned(void)
{
    if (owned_close())
        return;
    state.bailed = true;
    harness_check(false, __FILE__, __LINE__, "a thread of the case does not end");
}

void harness_abort(void)
{
    if (GetCurrentThreadId() != state.main_thread)
        ExitThread(1);
    /* Now, while what the case's threads may use is still on the stack. */
    close_owned();
    longjmp(state.out, 1);
}

void harness_skip(const char *reason)
{
    state.skip = reason;
    longjmp(state.out, 1);
}

bool harness_startup(void)
{
    WSADATA data;
    state.main_thread = GetCurrentThreadId();
    return WSAStartup(MAKEWORD(2, 2), &data) == 0;
}

/* --- output --- */

static void print_notes(void)
{
    for (int i = 0; i < state.note_count; i++)
        printf("# %s\n", state.notes[i]);
}

/* The program cannot go on: what the case has left behind is unknown. */
static void bail_out(const char *why)
{
    printf("not ok %d - %s\n# %s\n", state.number, state.name, why);
    print_notes();
    printf("Bail out! %s: %s\n", state.name, why);
    fflush(stdout);
    TerminateProcess(GetCurrentProcess(), 3);
}

static LONG WINAPI crash(EXCEPTION_POINTERS *exception)
{
    char why[64];
    snprintf(why, sizeof why, "crashes (exception %08lx)", exception->ExceptionRecord->ExceptionCode);
    if (state.name != NULL)
        bail_out(why);
    return EXCEPTION_CONTINUE_SEARCH;
}

static DWORD WINAPI watch(void *unused)
{
    (void)unused;
    for (;;) {
        if (WaitForSingleObject(state.tick, CASE_DEADLINE) != WAIT_TIMEOUT || state.name == NULL)
            continue;
        bail_out("hangs");
    }
    return 0;
}

/* --- one case --- */

static bool has_ipv6(void)
{
    static int known;
    if (known == 0) {
        struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
        SOCKET s = socket(AF_INET6, SOCK_STREAM, 0);
        known = s != INVALID_SOCKET && bind(s, (struct sockaddr *)&address, sizeof address) == 0 ? 1 : -1;
        if (s != INVALID_SOCKET)
            closesocket(s);
    }
    return known > 0;
}

/* Everything between here and the longjmp is in `state` or unchanged. */
static void run_body(const struct run *run)
{
    const struct test test = {.family = run->family, .data = run->test_case->data};
    if (setjmp(state.out) == 0)
        run->test_case->run(&test);
}

/* Threads end and the system closes what it had open for a request a little after the event that says so. */
static bool settles(unsigned long handles, unsigned long threads)
{
    ULONGLONG end = GetTickCount64() + SETTLE;
    do {
        if (count_threads() <= threads && count_handles() <= handles)
            return true;
        Sleep(1);
    } while (GetTickCount64() < end);
    return false;
}

static bool over(void)
{
    return state.failed || state.skip != NULL;
}

/* False if it leaves something open. WSACleanup closes forgotten sockets, so the count is taken before it. */
static bool run_once(const struct run *run)
{
    bool starts = (run->test_case->flags & NO_STARTUP) == 0;
    WSADATA data;
    if (starts && WSAStartup(MAKEWORD(2, 2), &data) != 0) {
        harness_check(false, __FILE__, __LINE__, "WSAStartup fails");
        return false;
    }
    if (starts && run->family == AF_INET6 && !has_ipv6())
        state.skip = "no IPv6 on this machine";
    bool clean = over();
    /* A provider may start threads of its own, as needed, up to one a processor, and keep them until WSACleanup. */
    for (int i = 0; i < PASSES && !clean; i++) {
        unsigned long handles = count_handles(), threads = count_threads();
        run_body(run);
        close_owned();
        clean = over() || settles(handles, threads);
    }
    if (starts && WSACleanup() != 0)
        harness_check(false, __FILE__, __LINE__, "WSACleanup fails with %s", error_name(WSAGetLastError()));
    return clean;
}

/* The system keeps some handles for later (a thread's event, a message window): they must not become more each time. */
static void run_case(const struct run *run)
{
    for (int i = 0; i < ATTEMPTS; i++) {
        unsigned long handles = count_handles(), threads = count_threads();
        SetEvent(state.tick);
        bool clean = run_once(run);
        clean = over() || (settles(handles, threads) && clean);
        if (clean)
            return;
    }
    harness_check(false, __FILE__, __LINE__, "leaves handles or threads behind, each time");
}

/* 1 if it counts as failed. */
static int report(const struct run *run, const struct known *known, bool strict)
{
    bool failed = state.failed;
    if (known != NULL && failed) {
        printf("ok %d - %s # skip Wine 8: %s\n", state.number, run->name, known->reason);
        print_notes();
        return 0;
    }
    if (known != NULL && strict && state.skip == NULL) {
        printf("not ok %d - %s\n# is listed as failing (%s), and passes\n", state.number, run->name, known->reason);
        return 1;
    }
    printf("%sok %d - %s", failed ? "not " : "", state.number, run->name);
    if (!failed && state.skip != NULL)
        printf(" # skip %s", state.skip);
    printf("\n");
    print_notes();
    return failed;
}

/* Winsock stays started for the next case, or not: some look at one that has not been started. */
static void keep(bool started)
{
    static bool kept;
    WSADATA data;
    if (started && !kept)
        kept = WSAStartup(MAKEWORD(2, 2), &data) == 0;
    else if (!started && kept)
        kept = WSACleanup() != 0;
}

static int run_and_report(const struct run *run, int number, const struct options *options)
{
    const struct known *known = known_find(run->name);
    state.failed = false;
    state.skip = NULL;
    state.note_count = 0;
    state.number = number;
    state.name = run->name;
    harness_deadline = known != NULL ? SHORT_WAIT : LONG_WAIT;
    if (known != NULL && known->sign == '!')
        state.failed = true;
    else {
        keep(options->keep && (run->test_case->flags & NO_STARTUP) == 0);
        run_case(run);
        SetEvent(state.tick);
    }
    state.name = NULL;
    int failed = report(run, known, options->strict);
    fflush(stdout);
    return failed;
}

/* --- which cases --- */

static bool wanted(const char *name, const struct options *options)
{
    return options->only == NULL || known_matches(options->only, name);
}

static int choose_case(const struct test_case *test_case, const struct options *options, struct run *runs, int count)
{
    static const int families[] = {AF_INET, AF_INET6};
    bool both = (test_case->flags & BOTH_FAMILIES) != 0;
    for (int i = 0; i < (both ? 2 : 1); i++) {
        struct run *run = &runs[count];
        int digit = families[i] == AF_INET ? 4 : 6;
        if (both && options->family != 0 && options->family != digit)
            continue;
        run->test_case = test_case;
        run->family = families[i];
        if (both)
            snprintf(run->name, sizeof run->name, "%s/%d", test_case->name, digit);
        else
            snprintf(run->name, sizeof run->name, "%s", test_case->name);
        if (wanted(run->name, options) && count < MAX_CASES - 1)
            count++;
    }
    return count;
}

static int choose(const struct test_case *const *topics, const struct options *options, struct run *runs)
{
    int count = 0;
    for (; *topics != NULL; topics++) {
        for (const struct test_case *test_case = *topics; test_case->name != NULL; test_case++)
            count = choose_case(test_case, options, runs, count);
    }
    return count;
}

/* The lists, each line of which must be about a case that there is. */
static bool load_expected(const struct test_case *const *topics, const struct options *options)
{
    static struct run all[MAX_CASES];
    for (int i = 0; i < options->expected_count; i++) {
        if (!known_load(options->expected[i])) {
            printf("Bail out! cannot read %s\n", options->expected[i]);
            return false;
        }
    }
    int count = choose(topics, &(const struct options){.only = NULL}, all);
    for (int i = 0; i < count; i++)
        known_note(all[i].name);
    const struct known *unused = known_unused();
    if (unused != NULL)
        printf("Bail out! no case that %s says anything of\n", unused->pattern);
    return unused == NULL;
}

int harness_run(const struct test_case *const *topics, const struct options *options)
{
    static struct run runs[MAX_CASES];
    int count = choose(topics, options, runs), failures = 0;
    if (!load_expected(topics, options))
        return 2;
    if (options->list) {
        for (int i = 0; i < count; i++)
            printf("%s\n", runs[i].name);
        return 0;
    }
    state.main_thread = GetCurrentThreadId();
    SetUnhandledExceptionFilter(crash);
    state.tick = CreateEventW(NULL, FALSE, FALSE, NULL);
    HANDLE watchdog = CreateThread(NULL, 0, watch, NULL, 0, NULL);
    if (state.tick == NULL || watchdog == NULL)
        return 2;
    printf("1..%d\n", count);
    for (int i = 0; i < count && !state.bailed; i++)
        failures += run_and_report(&runs[i], i + 1, options);
    keep(false);
    if (state.bailed)
        printf("Bail out! a thread hangs\n");
    if (count == 0)
        printf("# no such case\n");
    return failures != 0 || state.bailed || count == 0;
}
