/* WSAStartup and WSACleanup, and what is decided at the first one; see startup.h. */
#include "startup.h"

#include <stdlib.h>
#include <string.h>

#include "../catalog/text.h"
#include "api.h"
#include "path_equal.h"
#include "private_catalog.h"
#include "provider.h"
#include "real.h"
#include "thread.h"

/* `stopping`: the providers are being stopped, by the thread `stopper`, which does not hold the lock meanwhile: a
 * provider's WSPCleanup may call WSACleanup itself. */
static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE stopped = CONDITION_VARIABLE_INIT;
static bool stopping;
static DWORD stopper;
static volatile LONG startups;
static bool version_2;
static struct choose_application application;

/* Whoever comes while another thread stops the providers waits until that is done. */
static void enter(void)
{
    AcquireSRWLockExclusive(&lock);
    while (stopping && stopper != GetCurrentThreadId())
        SleepConditionVariableSRW(&stopped, &lock, INFINITE, 0);
}

static void leave(void)
{
    ReleaseSRWLockExclusive(&lock);
}

/* After `stopping` has been set together with the count's zero, so that no provider starts in between. */
static void stop_providers(void)
{
    provider_stop_all();
    AcquireSRWLockExclusive(&lock);
    stopping = false;
    ReleaseSRWLockExclusive(&lock);
    WakeAllConditionVariable(&stopped);
}

bool startup_done(void)
{
    return startups > 0;
}

bool startup_only_version_1(void)
{
    return !version_2;
}

struct choose_application startup_application(void)
{
    return application;
}

/* Where the arguments begin in a command line: behind the program's name, which may be quoted. */
static const wchar_t *skip_program(const wchar_t *line)
{
    bool quoted = false;
    for (; *line != 0 && (quoted || (*line != ' ' && *line != '\t')); line++)
        if (*line == '"')
            quoted = !quoted;
    while (*line == ' ' || *line == '\t')
        line++;
    return line;
}

/* The program that this process runs, by name and arguments, in UTF-8. */
static void find_application(void)
{
    static wchar_t path[32768];
    const wchar_t *arguments = skip_program(GetCommandLineW());
    DWORD length = GetModuleFileNameW(NULL, path, sizeof(path) / sizeof(path[0]));
    char *own = length == 0 ? NULL : text_from_utf16(path, length);
    char *rest = text_from_utf16(arguments, wcslen(arguments));
    struct wsplsp_error ignored;
    /* A catalog that cannot be read anew stays the one it was. */
    private_catalog_refresh(&ignored);
    const struct wsplsp_snapshot *snapshot = private_catalog_acquire();
    application = (struct choose_application){false, 0};
    if (own != NULL)
        application = choose_application(snapshot, own, rest, path_equal);
    private_catalog_release(snapshot);
    free(own);
    free(rest);
}

/* The system's own count goes along: its name functions are called by the program directly. */
int WSAAPI api_WSAStartup(WORD requested, WSADATA *data)
{
    int error = real.WSAStartup(requested, data);
    if (error != 0)
        return error;
    enter();
    if (startups == 0) {
        version_2 = false;
        find_application();
    }
    version_2 = version_2 || LOBYTE(data->wVersion) >= 2;
    startups++;
    leave();
    return 0;
}

int WSAAPI api_WSACleanup(void)
{
    const struct host_thread *thread = thread_find();
    if (startup_done() && thread != NULL && thread->in_hook) {
        WSASetLastError(WSAEINPROGRESS);
        return SOCKET_ERROR;
    }
    enter();
    bool started = startups > 0;
    bool last = started && --startups == 0;
    if (last) {
        stopping = true;
        stopper = GetCurrentThreadId();
    }
    leave();
    if (last)
        stop_providers();
    if (!started) {
        WSASetLastError(WSANOTINITIALISED);
        return SOCKET_ERROR;
    }
    int result = real.WSACleanup();
    if (result == 0)
        WSASetLastError(0); /* success is told by the last error, too */
    return result;
}
