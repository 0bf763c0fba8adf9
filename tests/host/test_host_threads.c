/* The host's record of a thread: also where the process has used up the TEB's own slots ("above"), and on a thread
 * whose end other DLLs are told of after the host, which may still close sockets then. */
#include <stdio.h>
#include <string.h>

#include "tap.h"
#include "lsp-core/host/provider/thread.h"

enum { TEB_SLOTS = 64, THREADS = 60 };

static volatile LONG late_calls;
static bool early;     /* the thread uses sockets before it ends */
static bool call_late; /* and after the host has been told that it ends */

/* A record's owner may write to all of it. */
static void use(void)
{
    struct host_thread *thread = thread_current();
    thread->calls++;
    thread->calls--;
}

/* Behind the host's own callback in the image's TLS directory, whose order is that of the sections' names. */
static void NTAPI told_later(void *module, DWORD reason, void *reserved)
{
    (void)module, (void)reserved;
    if (reason != DLL_THREAD_DETACH || !call_late)
        return;
    use();
    InterlockedIncrement(&late_calls);
}

__attribute__((section(".CRT$XLYZ"), used)) static const PIMAGE_TLS_CALLBACK late_callback = told_later;

static DWORD WINAPI run_thread(void *context)
{
    (void)context;
    if (early)
        use();
    return 0;
}

/* One after the other. */
static void run_threads(void)
{
    for (int i = 0; i < THREADS; i++) {
        HANDLE thread = CreateThread(NULL, 0, run_thread, NULL, 0, NULL);
        WaitForSingleObject(thread, INFINITE);
        CloseHandle(thread);
    }
}

static void records_go_with_their_threads(void)
{
    for (int way = 0; way < 4; way++) {
        early = (way & 1) != 0;
        call_late = (way & 2) != 0;
        late_calls = 0;
        run_threads();
        EXPECT(late_calls == (call_late ? THREADS : 0));
        /* This thread's and the last one's, which goes when another comes. */
        EXPECT(thread_count() <= 2);
    }
}

/* What a process has that keeps its values in many slots. */
static void use_up_slots(void)
{
    DWORD slot;
    do
        slot = TlsAlloc();
    while (slot != TLS_OUT_OF_INDEXES && slot < TEB_SLOTS - 1);
    EXPECT(slot != TLS_OUT_OF_INDEXES);
}

static bool above;

static void one_record_a_thread(void)
{
    EXPECT(thread_find() == NULL);
    if (above)
        use_up_slots();
    EXPECT(thread_initialize());
    EXPECT((thread_offset == 0) == above);
    EXPECT(thread_find() == NULL);
    SetLastError(4711);
    struct host_thread *thread = thread_current();
    EXPECT(thread != NULL && thread_find() == thread && thread_current() == thread);
    EXPECT(GetLastError() == 4711);
}

int main(int argc, char **argv)
{
    above = argc > 1 && strcmp(argv[1], "above") == 0;
    setvbuf(stdout, NULL, _IONBF, 0);
    RUN(one_record_a_thread);
    RUN(records_go_with_their_threads);
    return tap_end();
}
