/* Who may wait for whom while chains start and stop: nobody under a lock, and at the end of the process nobody at all.
 * The next provider's WSPStartup and WSPCleanup wait for other threads that call the layer, and a process ends with a
 * thread inside of a call. TAP. */
#include <stdlib.h>
#include <string.h>

#include "recorder.h"
#include "tap.h"
#include "winsock_part.h"

/* Decides nothing: a test that works never waits so long. */
enum { LIMIT = 120000 };

static WSPPROC_TABLE procs;
static volatile LONG got_through;

static void begin(void)
{
    static const DWORD second[] = {LAYER, BASE_6, 0};
    recorder_reset();
    part_catalog();
    part_chain(CHAIN + 1, second);
    part.modify_error = 0;
    part.modify_tag = 0;
    part.waits = 0;
    recorder.own_handles = true;
    recorder.last_handle = 0x1000;
    got_through = 0;
}

static INT clean_up(void)
{
    INT error = 0;
    return procs.lpWSPCleanup(&error) == 0 ? 0 : error;
}

/* Zero, or the error. */
static INT make(DWORD id)
{
    INT error = 0;
    WSAPROTOCOL_INFOW info = *part_entry(id);
    return procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error) == INVALID_SOCKET ? error : 0;
}

static HANDLE run(LPTHREAD_START_ROUTINE function)
{
    return CreateThread(NULL, 0, function, NULL, 0, NULL);
}

static bool finish(HANDLE thread)
{
    DWORD code = 1;
    bool over = WaitForSingleObject(thread, LIMIT) == WAIT_OBJECT_0;
    GetExitCodeThread(thread, &code);
    CloseHandle(thread);
    return over && code == 0;
}

static bool wait_for(volatile LONG *value, LONG wanted)
{
    ULONGLONG begin = GetTickCount64();
    while (*value < wanted && GetTickCount64() - begin < LIMIT)
        Sleep(1);
    return *value >= wanted;
}

/* --- under no lock --- */

/* All that a program does on another thread meanwhile. */
static DWORD WINAPI use_the_place(void *unused)
{
    WSPPROC_TABLE other;
    (void)unused;
    return part_start(CHAIN, &other) != 0 || make(CHAIN) != 0 || clean_up() != 0;
}

static void let_another_through(void)
{
    void (*starting)(void) = recorder.starting, (*cleaning)(void) = recorder.cleaning,
         (*closing)(void) = recorder.closing;
    recorder.starting = recorder.cleaning = recorder.closing = NULL;
    got_through += finish(run(use_the_place));
    recorder.starting = starting;
    recorder.cleaning = cleaning;
    recorder.closing = closing;
}

static void during_startup(void)
{
    WSPPROC_TABLE other;
    begin();
    EXPECT(part_start(CHAIN, &procs) == 0);
    recorder.starting = let_another_through;
    /* By WSPStartup, and on demand. */
    EXPECT(part_start(CHAIN + 1, &other) == 0 && got_through == 1);
    recorder.starting = NULL;
    EXPECT(clean_up() == 0 && clean_up() == 0 && recorder.cleanups == recorder.startups);
    EXPECT(part_start(CHAIN, &procs) == 0);
    recorder.starting = let_another_through;
    EXPECT(make(CHAIN + 1) == 0 && got_through == 2);
    recorder.starting = NULL;
    EXPECT(clean_up() == 0 && recorder.cleanups == recorder.startups);
}

/* Another thread starts the place anew while its last cleanup is under way; its sockets are its own. */
static void during_cleanup(void)
{
    begin();
    EXPECT(part_start(CHAIN, &procs) == 0 && make(CHAIN) == 0);
    recorder.cleaning = let_another_through;
    EXPECT(clean_up() == 0 && got_through == 1);
    recorder.cleaning = NULL;
    EXPECT(recorder.startups == 2 && recorder.cleanups == 2 && recorder.closes == 2);
    EXPECT(part_start(CHAIN, &procs) == 0 && make(CHAIN) == 0);
    recorder.closing = let_another_through;
    EXPECT(clean_up() == 0 && got_through == 2);
    recorder.closing = NULL;
    EXPECT(recorder.startups == 4 && recorder.cleanups == 4 && recorder.closes == 4);
    EXPECT(make(CHAIN) == WSANOTINITIALISED);
}

static SOCKET kept;

static DWORD WINAPI start_and_stay(void *unused)
{
    INT error;
    WSPPROC_TABLE other;
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    (void)unused;
    if (part_start(CHAIN, &other) != 0)
        return 1;
    kept = other.lpWSPSocket(0, 0, 0, &info, 0, 0, &error);
    return kept == INVALID_SOCKET;
}

static void let_another_stay(void)
{
    recorder.cleaning = NULL;
    got_through += finish(run(start_and_stay));
}

/* … and goes on when that cleanup is over. */
static void after_cleanup(void)
{
    INT error;
    begin();
    EXPECT(part_start(CHAIN, &procs) == 0 && make(CHAIN) == 0);
    recorder.cleaning = let_another_stay;
    EXPECT(clean_up() == 0 && got_through == 1);
    EXPECT(recorder.startups == 2 && recorder.cleanups == 1 && recorder.closes == 1);
    EXPECT(procs.lpWSPListen(kept, 1, &error) == 0 && make(CHAIN) == 0);
    EXPECT(clean_up() == 0 && recorder.cleanups == 2 && recorder.closes == 3);
    EXPECT(clean_up() == WSANOTINITIALISED);
}

/* --- the chain that is just being started --- */

static INT own_socket, own_startup;

static void start_from_within(void)
{
    WSPPROC_TABLE other;
    recorder.starting = NULL;
    own_socket = make(CHAIN + 1);
    own_startup = part_start(LAYER, &other);
}

/* By the thread that starts it: it cannot wait for itself, and is below the layer's last place in the chain. The
 * layer's own entry is there already. */
static void by_its_own_thread(void)
{
    begin();
    EXPECT(part_start(CHAIN, &procs) == 0 && clean_up() == 0);
    part_entry(CHAIN)->ProtocolChain.ChainEntries[0] = LAYER_2;
    EXPECT(part_start(CHAIN, &procs) == 0);
    recorder.startups = recorder.cleanups = 0;
    recorder.starting = start_from_within;
    EXPECT(make(CHAIN + 1) == 0);
    EXPECT(own_socket == WSAEINVAL && own_startup == 0 && part.waits == 0);
    EXPECT(recorder.startups == 1 && clean_up() == 0 && recorder.cleanups == 0);
    EXPECT(clean_up() == 0 && recorder.cleanups == 2 && clean_up() == WSANOTINITIALISED);
}

static HANDLE second_thread;

static DWORD WINAPI make_in_second(void *unused)
{
    (void)unused;
    return (DWORD)make(CHAIN + 1);
}

/* The other thread waits by now. */
static void until_it_waits(void)
{
    recorder.starting = NULL;
    second_thread = run(make_in_second);
    got_through += wait_for(&part.waits, 1);
}

static void by_another_thread(void)
{
    begin();
    EXPECT(part_start(CHAIN, &procs) == 0);
    recorder.starting = until_it_waits;
    EXPECT(make(CHAIN + 1) == 0 && got_through == 1);
    EXPECT(finish(second_thread));
    EXPECT(recorder.startups == 2 && recorder.cleanups == 0);
    EXPECT(clean_up() == 0 && recorder.cleanups == 2 && recorder.closes == 2);
}

/* The other thread has what this start needs (the loader's lock), and would wait for ever: it starts the chain itself.
 */
static void until_it_is_over(void)
{
    recorder.starting = NULL;
    part.impatient = true;
    got_through += finish(run(make_in_second));
    part.impatient = false;
}

static void by_another_that_is_needed(void)
{
    begin();
    EXPECT(part_start(CHAIN, &procs) == 0);
    recorder.starting = until_it_is_over;
    EXPECT(make(CHAIN + 1) == 0 && got_through == 1 && part.waits == 1);
    /* CHAIN's, and two of CHAIN + 1, of which one has been taken back. */
    EXPECT(recorder.startups == 3 && recorder.cleanups == 1);
    EXPECT(clean_up() == 0 && recorder.cleanups == 3 && recorder.closes == 2);
}

static DWORD WINAPI last_cleanup(void *unused)
{
    (void)unused;
    return (DWORD)clean_up();
}

static void clean_up_meanwhile(void)
{
    recorder.starting = NULL;
    part.impatient = true;
    got_through += finish(run(last_cleanup));
    part.impatient = false;
}

/* The place has been cleaned up when the start is over: it is taken back. */
static void cleaned_up_meanwhile(void)
{
    begin();
    EXPECT(part_start(CHAIN, &procs) == 0);
    recorder.starting = clean_up_meanwhile;
    EXPECT(make(CHAIN + 1) == WSANOTINITIALISED && got_through == 1);
    EXPECT(recorder.startups == 2 && recorder.cleanups == 2);
    EXPECT(clean_up() == WSANOTINITIALISED);
}

/* --- the end of the process --- */

/* No wait, no lock, no start; the next provider is told. */
static void when_it_is_ending(void)
{
    WSPPROC_TABLE other;
    begin();
    EXPECT(part_start(CHAIN, &procs) == 0 && part_start(CHAIN, &procs) == 0 && make(CHAIN) == 0);
    part.ending = true;
    part.forbidden = 0;
    EXPECT(part_start(CHAIN, &other) == 0 && make(CHAIN) == 0);
    EXPECT(make(CHAIN + 1) == WSAEPROVIDERFAILEDINIT && part_start(CHAIN + 1, &other) == WSASYSNOTREADY);
    EXPECT(clean_up() == 0 && clean_up() == 0 && recorder.cleanups == 0);
    EXPECT(clean_up() == 0 && recorder.cleanups == 1 && recorder.closes == 0);
    EXPECT(clean_up() == WSANOTINITIALISED && recorder.startups == 1);
    EXPECT(part.forbidden == 0);
    part.ending = false;
}

/* What a child process does: a thread of it is inside of WSPAccept. */
static HANDLE inside, release, blocked;
static volatile LONG left;

/* Comes back when a cleanup is waiting for it. */
static void block(void)
{
    SetEvent(inside);
    WaitForSingleObject(release, INFINITE);
    left = wait_for(&part.sleeps, 1);
}

static DWORD WINAPI accept_for_ever(void *unused)
{
    INT error;
    (void)unused;
    procs.lpWSPAccept(0x1004, NULL, NULL, NULL, 0, &error);
    return 0;
}

/* What was good, as bits; all of them make the child's status. */
enum { CLEANED = 1, TOLD = 2, NEITHER_WAITED_NOR_LOCKED = 4, WAITED_FOR_THREAD = 8 };

static void clean_up_at_detach(void)
{
    int good = clean_up() == 0 ? CLEANED : 0;
    good |= recorder.cleanups == 1 ? TOLD : 0;
    good |= part_is_ending() && part.forbidden == 0 ? NEITHER_WAITED_NOR_LOCKED : 0;
    TerminateProcess(GetCurrentProcess(), (UINT)good);
}

/* All threads are still there: closing the socket ends the call, and the cleanup waits for it. */
static void end_the_call(void)
{
    SetEvent(release);
}

static void clean_up_at_exit(void)
{
    recorder.closing = end_the_call;
    int good = clean_up() == 0 ? CLEANED : 0;
    good |= recorder.cleanups == 1 ? TOLD : 0;
    good |= left ? WAITED_FOR_THREAD : 0;
    TerminateProcess(GetCurrentProcess(), (UINT)good);
}

static int child(const char *what)
{
    begin();
    inside = CreateEventW(NULL, TRUE, FALSE, NULL);
    release = CreateEventW(NULL, TRUE, FALSE, NULL);
    recorder.inside = block;
    if (part_start(CHAIN, &procs) != 0 || make(CHAIN) != 0)
        return 98;
    blocked = run(accept_for_ever);
    WaitForSingleObject(inside, INFINITE);
    if (strcmp(what, "atexit") == 0) {
        atexit(clean_up_at_exit);
        exit(97);
    }
    HMODULE module = LoadLibraryW(L"at_detach.dll");
    void (*at_detach)(void (*)(void)) =
        module == NULL ? NULL : (void (*)(void (*)(void)))(void *)GetProcAddress(module, "at_detach");
    if (at_detach == NULL)
        return 96;
    at_detach(clean_up_at_detach);
    ExitProcess(95);
}

static DWORD status_of_child(const wchar_t *what)
{
    wchar_t command[2 * MAX_PATH] = L"\"";
    STARTUPINFOW startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION process;
    DWORD status = 94;
    GetModuleFileNameW(NULL, command + 1, MAX_PATH);
    wcscat(wcscat(command, L"\" "), what);
    if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process))
        return 93;
    if (WaitForSingleObject(process.hProcess, LIMIT) != WAIT_OBJECT_0)
        TerminateProcess(process.hProcess, 92);
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &status);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return status;
}

static void thread_is_gone(void)
{
    EXPECT(status_of_child(L"detach") == (CLEANED | TOLD | NEITHER_WAITED_NOR_LOCKED));
}

static void thread_is_there(void)
{
    EXPECT(status_of_child(L"atexit") == (CLEANED | TOLD | WAITED_FOR_THREAD));
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    part_load();
    if (argc > 1)
        return child(argv[1]);
    RUN(during_startup);
    RUN(during_cleanup);
    RUN(after_cleanup);
    RUN(by_its_own_thread);
    RUN(by_another_thread);
    RUN(by_another_that_is_needed);
    RUN(cleaned_up_meanwhile);
    RUN(when_it_is_ending);
    RUN(thread_is_gone);
    RUN(thread_is_there);
    return tap_end();
}
