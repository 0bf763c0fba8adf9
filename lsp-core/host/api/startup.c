/* WSAStartup and WSACleanup, and what is decided at the first one; see startup.h. */
#include "startup.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/text.h"
#include "api.h"
#include "lsp-core/win/lock.h"
#include "lsp-core/win/path_win.h"
#include "lsp-core/host/catalog/private.h"
#include "lsp-core/host/provider/provider.h"
#include "upcalls.h"
#include "lsp-core/host/redirect/real.h"
#include "lsp-core/host/provider/thread.h"

enum { PATH_ROOM = 32768 };

/* Guards what follows, and is held for no more than a look at it: DllMain functions come here, too. */
static SRWLOCK lock = SRWLOCK_INIT;
static volatile LONG startups;
static bool version_2;
static struct choose_application application;

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

/* What the program that this process runs permits, by name and arguments; where its name cannot be had, anything. */
static struct choose_application find_application(void)
{
    wchar_t *path = malloc(PATH_ROOM * sizeof(*path));
    const wchar_t *arguments = skip_program(GetCommandLineW());
    DWORD length = path == NULL ? 0 : GetModuleFileNameW(NULL, path, PATH_ROOM);
    char *own = length == 0 ? NULL : text_from_utf16(path, length);
    char *rest = text_from_utf16(arguments, wcslen(arguments));
    struct choose_application found = {false, 0};
    struct wsplsp_error ignored;
    /* A catalog that cannot be read anew stays the one it was. */
    private_catalog_refresh(&ignored);
    const struct wsplsp_snapshot *snapshot = private_catalog_acquire();
    if (own != NULL)
        found = choose_application(snapshot, own, rest, path_equal);
    private_catalog_release(snapshot);
    free(own);
    free(rest);
    free(path);
    return found;
}

/* Counts a startup that is not the first; false where it would be. */
static bool add_startup(void)
{
    lock_exclusive(&lock);
    bool added = startups > 0;
    startups += added;
    unlock_exclusive(&lock);
    return added;
}

/* Two threads may come here at once; what the first has found counts. */
static void first_startup(struct choose_application found)
{
    lock_exclusive(&lock);
    if (startups++ == 0) {
        version_2 = false;
        application = found;
    }
    unlock_exclusive(&lock);
}

/* The system's own count goes along: its name functions are called by the program directly. */
int WSAAPI api_WSAStartup(WORD requested, WSADATA *data)
{
    int error = real.WSAStartup(requested, data);
    if (error != 0)
        return error;
    if (!add_startup()) {
        provider_init(upcalls_table(), startup_done);
        first_startup(find_application());
    }
    lock_exclusive(&lock);
    version_2 = version_2 || LOBYTE(data->wVersion) >= 2;
    unlock_exclusive(&lock);
    return 0;
}

/* A startup that another thread makes from here on waits with its first socket until the providers have stopped. */
static bool take_startup(bool *last)
{
    lock_exclusive(&lock);
    bool taken = startups > 0;
    *last = taken && --startups == 0;
    if (*last)
        provider_stop_begin();
    unlock_exclusive(&lock);
    return taken;
}

int WSAAPI api_WSACleanup(void)
{
    const struct host_thread *thread = thread_find();
    bool last;
    if (startup_done() && thread != NULL && thread->in_hook) {
        WSASetLastError(WSAEINPROGRESS);
        return SOCKET_ERROR;
    }
    if (!take_startup(&last)) {
        WSASetLastError(WSANOTINITIALISED);
        return SOCKET_ERROR;
    }
    if (last)
        provider_stop_all();
    int result = real.WSACleanup();
    if (result == 0)
        WSASetLastError(0); /* success is told by the last error, too */
    return result;
}
