/* Hosting suspended children when they are let go; see suspended.h. What another process lets go that has got a handle
 * of the child is not seen here: the launcher then tells that the child ran without the host. */
#include "suspended.h"

#include <stdbool.h>
#include <stdlib.h>
#include <winternl.h>

#include "children.h"
#include "lsp-core/host/launch/report.h"

struct child {
    DWORD process_id, thread_id;
    HANDLE process; /* of our own: the program may close its own before it resumes the thread */
    struct child *next;
};

static SRWLOCK lock = SRWLOCK_INIT;
static struct child *list;

static void forget(struct child *child)
{
    CloseHandle(child->process);
    free(child);
}

/* Takes out the first that ended before it was let go; under the lock. */
static struct child *take_ended(void)
{
    for (struct child **place = &list; *place != NULL; place = &(*place)->next) {
        struct child *child = *place;
        if (WaitForSingleObject(child->process, 0) != WAIT_OBJECT_0)
            continue;
        *place = child->next;
        return child;
    }
    return NULL;
}

/* Programs that start a child only to end it: nothing is kept of them longer than to the next one. */
static void forget_ended(void)
{
    struct child *ended;
    do {
        AcquireSRWLockExclusive(&lock);
        ended = take_ended();
        ReleaseSRWLockExclusive(&lock);
        if (ended != NULL)
            forget(ended);
    } while (ended != NULL);
}

bool suspended_remember(const PROCESS_INFORMATION *made)
{
    DWORD last_error = GetLastError();
    forget_ended();
    struct child *child = malloc(sizeof *child);
    bool known = child != NULL && DuplicateHandle(GetCurrentProcess(), made->hProcess, GetCurrentProcess(),
                                                  &child->process, 0, FALSE, DUPLICATE_SAME_ACCESS);
    if (known) {
        child->process_id = made->dwProcessId;
        child->thread_id = made->dwThreadId;
        report_send(REPORT_SUSPENDED, child->process_id, NULL);
        AcquireSRWLockExclusive(&lock);
        child->next = list;
        list = child;
        ReleaseSRWLockExclusive(&lock);
    } else {
        free(child);
    }
    SetLastError(last_error);
    return known;
}

/* Takes out the child with this first thread, or this process; 0 is none. */
static struct child *take(DWORD thread_id, DWORD process_id)
{
    AcquireSRWLockExclusive(&lock);
    struct child **place = &list;
    while (*place != NULL && (thread_id == 0 || (*place)->thread_id != thread_id) &&
           (process_id == 0 || (*place)->process_id != process_id))
        place = &(*place)->next;
    struct child *found = *place;
    if (found != NULL)
        *place = found->next;
    ReleaseSRWLockExclusive(&lock);
    return found;
}

static void host(struct child *child)
{
    if (child == NULL)
        return;
    children_host(child->process, child->process_id);
    forget(child);
}

/* The thread's id, also through a handle that is good for resuming only. */
static DWORD id_of(HANDLE thread)
{
    HANDLE asking;
    DWORD id = GetThreadId(thread);
    if (id != 0 || !DuplicateHandle(GetCurrentProcess(), thread, GetCurrentProcess(), &asking,
                                    THREAD_QUERY_LIMITED_INFORMATION, FALSE, 0))
        return id;
    id = GetThreadId(asking);
    CloseHandle(asking);
    return id;
}

/* Whether this is the resumption that lets the thread run. It is asked by suspending it once more. */
static bool is_last(HANDLE thread)
{
    DWORD count = SuspendThread(thread);
    if (count == (DWORD)-1)
        return false;
    ResumeThread(thread);
    return count == 1;
}

static void before_resuming(HANDLE thread)
{
    DWORD last_error = GetLastError();
    if (list != NULL) {
        DWORD id = id_of(thread);
        if (id != 0 && is_last(thread))
            host(take(id, 0));
    }
    SetLastError(last_error);
}

static DWORD WINAPI suspended_ResumeThread(HANDLE thread)
{
    before_resuming(thread);
    return ResumeThread(thread);
}

/* What the function above stands on; not in any header. */
static FARPROC system_function(const char *name)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), name);
}

typedef LONG(NTAPI *resume_thread_function)(HANDLE thread, ULONG *count);
typedef LONG(NTAPI *resume_process_function)(HANDLE process);

static resume_thread_function true_resume_thread, true_alert_resume_thread;
static resume_process_function true_resume_process;

void suspended_load(void)
{
    true_resume_thread = (resume_thread_function)(void *)system_function("NtResumeThread");
    true_alert_resume_thread = (resume_thread_function)(void *)system_function("NtAlertResumeThread");
    true_resume_process = (resume_process_function)(void *)system_function("NtResumeProcess");
}

static LONG NTAPI suspended_NtResumeThread(HANDLE thread, ULONG *count)
{
    before_resuming(thread);
    return true_resume_thread(thread, count);
}

static LONG NTAPI suspended_NtAlertResumeThread(HANDLE thread, ULONG *count)
{
    before_resuming(thread);
    return true_alert_resume_thread(thread, count);
}

static LONG NTAPI suspended_NtResumeProcess(HANDLE process)
{
    DWORD last_error = GetLastError();
    if (list != NULL)
        host(take(0, GetProcessId(process)));
    SetLastError(last_error);
    return true_resume_process(process);
}

#define REPLACED(module, name, function)                       \
    {                                                          \
        module, name, 0, (FARPROC)(void *)suspended_##function \
    }

/* A name that the system lacks is left out of the table. */
const struct redirect_export suspended_exports[] = {
    REPLACED("kernel32.dll", "ResumeThread", ResumeThread),
    REPLACED("ntdll.dll", "NtResumeThread", NtResumeThread),
    REPLACED("ntdll.dll", "ZwResumeThread", NtResumeThread),
    REPLACED("ntdll.dll", "NtAlertResumeThread", NtAlertResumeThread),
    REPLACED("ntdll.dll", "ZwAlertResumeThread", NtAlertResumeThread),
    REPLACED("ntdll.dll", "NtResumeProcess", NtResumeProcess),
    REPLACED("ntdll.dll", "ZwResumeProcess", NtResumeProcess),
};
const size_t suspended_export_count = sizeof suspended_exports / sizeof suspended_exports[0];
