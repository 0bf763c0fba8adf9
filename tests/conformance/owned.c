/* What the running case has opened, and the count of what the process holds. */
#include "owned.h"

#include "harness.h"

#include <tlhelp32.h>
#include <winternl.h>

#include <stdlib.h>

enum kind { SOCKETS, HANDLES, WINDOWS, PROCESSES, THREADS };

struct thread {
    HANDLE handle;
    thread_function run;
    void *argument;
};

struct owned {
    struct owned *next;
    enum kind kind;
    UINT_PTR value;
};

static SRWLOCK lock = SRWLOCK_INIT;
static struct owned *list;

static void add(enum kind kind, UINT_PTR value)
{
    struct owned *owned = malloc(sizeof *owned);
    if (owned == NULL)
        abort();
    owned->kind = kind;
    owned->value = value;
    AcquireSRWLockExclusive(&lock);
    owned->next = list;
    list = owned;
    ReleaseSRWLockExclusive(&lock);
}

static bool take(enum kind kind, UINT_PTR value)
{
    struct owned *found = NULL;
    AcquireSRWLockExclusive(&lock);
    for (struct owned **link = &list; *link != NULL; link = &(*link)->next) {
        if ((*link)->kind == kind && (*link)->value == value) {
            found = *link;
            *link = found->next;
            break;
        }
    }
    ReleaseSRWLockExclusive(&lock);
    free(found);
    return found != NULL;
}

/* One of a kind, or false. */
static bool take_any(enum kind kind, UINT_PTR *value)
{
    struct owned *found = list;
    while (found != NULL && found->kind != kind)
        found = found->next;
    if (found == NULL)
        return false;
    *value = found->value;
    return take(kind, *value);
}

SOCKET own_socket(SOCKET s)
{
    REQUIRE(s != INVALID_SOCKET);
    add(SOCKETS, s);
    return s;
}

HANDLE own_handle(HANDLE handle)
{
    REQUIRE(handle != NULL && handle != INVALID_HANDLE_VALUE);
    add(HANDLES, (UINT_PTR)handle);
    return handle;
}

HWND own_window(HWND window)
{
    REQUIRE(window != NULL);
    add(WINDOWS, (UINT_PTR)window);
    return window;
}

HANDLE own_process(HANDLE process)
{
    REQUIRE(process != NULL);
    add(PROCESSES, (UINT_PTR)process);
    return process;
}

void disown_socket(SOCKET s)
{
    take(SOCKETS, s);
}

void close_owned_socket(SOCKET s)
{
    take(SOCKETS, s);
    CHECK_EQUAL(closesocket(s), 0);
}

static DWORD WINAPI enter_thread(void *argument)
{
    struct thread *thread = argument;
    return thread->run(thread->argument);
}

struct thread *start_thread(thread_function run, void *argument)
{
    struct thread *thread = calloc(1, sizeof *thread);
    REQUIRE(thread != NULL);
    thread->run = run;
    thread->argument = argument;
    thread->handle = CreateThread(NULL, 0, enter_thread, thread, 0, NULL);
    REQUIRE(thread->handle != NULL);
    add(THREADS, (UINT_PTR)thread);
    return thread;
}

static bool end_thread(struct thread *thread, DWORD *result)
{
    bool ended = WaitForSingleObject(thread->handle, DEADLINE) == WAIT_OBJECT_0;
    if (!ended)
        return false;
    GetExitCodeThread(thread->handle, result);
    CloseHandle(thread->handle);
    free(thread);
    return true;
}

DWORD join_thread(struct thread *thread)
{
    DWORD result = 0;
    bool ended = WaitForSingleObject(thread->handle, DEADLINE) == WAIT_OBJECT_0;
    REQUIRE(ended);
    take(THREADS, (UINT_PTR)thread);
    end_thread(thread, &result);
    return result;
}

static void end_process(HANDLE process)
{
    bool ended = WaitForSingleObject(process, 0) == WAIT_OBJECT_0;
    CHECK(ended);
    if (!ended)
        TerminateProcess(process, 99);
    WaitForSingleObject(process, DEADLINE);
    CloseHandle(process);
}

/* Sockets first: that ends the calls which threads may still wait in. */
bool owned_close(void)
{
    UINT_PTR value;
    DWORD result;
    while (take_any(WINDOWS, &value))
        DestroyWindow((HWND)value);
    while (take_any(SOCKETS, &value))
        closesocket((SOCKET)value);
    while (take_any(THREADS, &value)) {
        if (!end_thread((struct thread *)value, &result))
            return false;
    }
    while (take_any(PROCESSES, &value))
        end_process((HANDLE)value);
    while (take_any(HANDLES, &value))
        CloseHandle((HANDLE)value);
    return true;
}

/* Wine 8's GetProcessHandleCount says 0; the system's list of all handles it has. */
struct system_handle {
    USHORT process;
    USHORT trace;
    UCHAR type;
    UCHAR attributes;
    USHORT handle;
    void *object;
    ULONG access;
};
struct system_handles {
    ULONG count;
    struct system_handle handles[];
};
enum { SYSTEM_HANDLES = 16 };

static unsigned long count_listed_handles(void)
{
    static struct system_handles *handles;
    static ULONG size = 1 << 16;
    unsigned long count = 0;
    for (;;) {
        if (handles == NULL && (handles = malloc(size)) == NULL)
            abort();
        if (NtQuerySystemInformation((SYSTEM_INFORMATION_CLASS)SYSTEM_HANDLES, handles, size, NULL) >= 0)
            break;
        free(handles);
        handles = NULL;
        size *= 2;
    }
    for (ULONG i = 0; i < handles->count; i++)
        count += handles->handles[i].process == (USHORT)GetCurrentProcessId();
    return count;
}

unsigned long count_handles(void)
{
    DWORD count;
    if (GetProcessHandleCount(GetCurrentProcess(), &count) && count != 0)
        return count;
    return count_listed_handles();
}

unsigned long count_threads(void)
{
    THREADENTRY32 entry = {.dwSize = sizeof entry};
    unsigned long count = 0;
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    if (snapshot == INVALID_HANDLE_VALUE)
        return 0;
    for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry))
        count += entry.th32OwnerProcessID == GetCurrentProcessId();
    CloseHandle(snapshot);
    return count;
}
