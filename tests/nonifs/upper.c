/* Upcalls that record, and kernel32's part; see upper.h. */
#include "upper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/host/redirect/image.h"
#include "next.h"
#include "lsp-core/host/redirect/patch.h"
#include "winsock_part.h"

struct upper upper;

static DWORD_PTR contexts[UPPER_HANDLES];
static volatile LONG is_open[UPPER_HANDLES];
static SRWLOCK completion_lock;

struct attachment {
    HANDLE port;
    ULONG_PTR key;
    bool skips;
};
static struct attachment attachments[NEXT_SOCKETS];

static size_t index_of(SOCKET s)
{
    size_t index = (s - UPPER_FIRST) / 4;
    return s >= UPPER_FIRST && s % 4 == 0 && index < UPPER_HANDLES ? index : UPPER_HANDLES;
}

bool upper_is_open(SOCKET s)
{
    if (s == upper.alias && s != 0)
        s = upper.alias_of;
    else if (upper.alias_alone && s == upper.alias_of)
        return false;
    size_t index = index_of(s);
    return index < UPPER_HANDLES && is_open[index] != 0;
}

LONG upper_open_handles(void)
{
    return upper.created - upper.closed;
}

static int fail(INT *error, INT code)
{
    *error = code;
    return SOCKET_ERROR;
}

/* --- upcalls --- */

static SOCKET WSPAPI create_socket_handle(DWORD id, DWORD_PTR context, INT *error)
{
    upper.create_id = id;
    if (!part_may_name(id))
        return fail(error, WSAEINVAL), INVALID_SOCKET;
    if (upper.create_error != 0)
        return fail(error, upper.create_error), INVALID_SOCKET;
    LONG index = InterlockedIncrement(&upper.created) - 1;
    if (index >= UPPER_HANDLES)
        return fail(error, WSAENOBUFS), INVALID_SOCKET;
    contexts[index] = context;
    is_open[index] = 1;
    return UPPER_FIRST + 4 * (SOCKET)index;
}

static int WSPAPI close_socket_handle(SOCKET s, INT *error)
{
    bool another = s == upper.alias && s != 0;
    size_t index = index_of(another ? upper.alias_of : !upper_is_open(s) ? 0 : s);
    if (index == UPPER_HANDLES || InterlockedExchange(&is_open[index], 0) == 0) {
        InterlockedIncrement(&upper.wrong);
        return fail(error, WSAENOTSOCK);
    }
    upper.closed_handle = s;
    InterlockedIncrement(&upper.closed);
    return 0;
}

static int WSPAPI query_socket_handle_context(SOCKET s, PDWORD_PTR context, INT *error)
{
    InterlockedIncrement(&upper.queries);
    if (upper.query_error != 0 || !upper_is_open(s))
        return fail(error, upper.query_error != 0 ? upper.query_error : WSAENOTSOCK);
    if (s == upper.alias)
        s = upper.alias_of;
    *context = contexts[index_of(s)];
    return 0;
}

static int WSPAPI queue_apc(WSATHREADID *thread, LPWSAUSERAPC routine, DWORD_PTR context, INT *error)
{
    InterlockedIncrement(&upper.apcs);
    if (upper.apc_error != 0 || !QueueUserAPC(routine, thread->ThreadHandle, context))
        return fail(error, upper.apc_error);
    return 0;
}

static int WSPAPI open_current_thread(WSATHREADID *thread, INT *error)
{
    if (upper.open_error != 0)
        return fail(error, upper.open_error);
    thread->ThreadHandle = OpenThread(THREAD_SET_CONTEXT, FALSE, GetCurrentThreadId());
    InterlockedIncrement(&upper.opened_threads);
    return 0;
}

static int WSPAPI close_thread(WSATHREADID *thread, INT *error)
{
    (void)error;
    if (!CloseHandle(thread->ThreadHandle))
        InterlockedIncrement(&upper.wrong);
    InterlockedIncrement(&upper.closed_threads);
    return 0;
}

static BOOL WSPAPI post_message(HWND window, UINT message, WPARAM first, LPARAM second)
{
    upper.window = window;
    upper.message = message;
    upper.first = first;
    upper.second = second;
    InterlockedIncrement(&upper.posts);
    return !upper.post_fails;
}

static BOOL WSPAPI reset_event(WSAEVENT event, INT *error)
{
    (void)error;
    InterlockedIncrement(&upper.resets);
    return ResetEvent(event);
}

/* What Winsock does with it (WPUCompleteOverlappedRequest). */
static int WSPAPI complete_overlapped_request(SOCKET s, WSAOVERLAPPED *overlapped, DWORD error, DWORD bytes,
                                              INT *failure)
{
    HANDLE event = (HANDLE)((ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1);
    if (upper.alias_alone && s == upper.alias_of)
        return fail(failure, WSAEINVAL);
    if (!upper_is_open(s))
        InterlockedIncrement(&upper.wrong);
    AcquireSRWLockExclusive(&completion_lock);
    LONG count = upper.completions;
    if (count < UPPER_COMPLETIONS)
        upper.completion[count] = (struct upper_completion){s, overlapped, error, bytes};
    InterlockedIncrement(&upper.completions);
    ReleaseSRWLockExclusive(&completion_lock);
    if (upper.complete_error != 0)
        return fail(failure, upper.complete_error);
    overlapped->InternalHigh = bytes;
    *(volatile ULONG_PTR *)&overlapped->Internal = error == 0 ? 0 : 0xC0000000 | error;
    if (event != NULL)
        SetEvent(event);
    return 0;
}

/* --- kernel32 --- */

struct held_thread {
    LPTHREAD_START_ROUTINE start;
    void *context;
};

static DWORD WINAPI begin_later(void *held)
{
    struct held_thread thread = *(struct held_thread *)held;
    free(held);
    while (*(volatile bool *)&upper.hold_threads)
        Sleep(1);
    return thread.start(thread.context);
}

static HANDLE WINAPI create_thread(SECURITY_ATTRIBUTES *security, SIZE_T stack, LPTHREAD_START_ROUTINE start,
                                   void *context, DWORD flags, DWORD *id)
{
    if (upper.no_thread) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    InterlockedIncrement(&upper.threads);
    if (upper.starting != NULL)
        upper.starting();
    if (!upper.hold_threads)
        return CreateThread(security, stack, start, context, flags, id);
    struct held_thread *held = malloc(sizeof(*held));
    if (held == NULL)
        return NULL;
    *held = (struct held_thread){start, context};
    return CreateThread(security, stack, begin_later, held, flags, id);
}

static struct attachment *attachment_of(SOCKET next)
{
    size_t index = (next - NEXT_FIRST) / 4;
    if (next < NEXT_FIRST || index >= NEXT_SOCKETS)
        exit(98);
    return &attachments[index];
}

static HANDLE WINAPI create_port(HANDLE file, HANDLE port, ULONG_PTR key, DWORD threads)
{
    if (file == INVALID_HANDLE_VALUE)
        return upper.no_port ? NULL : CreateIoCompletionPort(file, port, key, threads);
    if (upper.no_attach)
        return NULL;
    *attachment_of((SOCKET)file) = (struct attachment){port, key, false};
    return port;
}

/* The next provider's failures: what a packet cannot be made to say. */
static BOOL WINAPI get_packet(HANDLE port, DWORD *bytes, ULONG_PTR *key, OVERLAPPED **packet, DWORD timeout)
{
    InterlockedIncrement(&upper.packet_waits);
    BOOL good = GetQueuedCompletionStatus(port, bytes, key, packet, timeout);
    if (upper.slow)
        Sleep(5);
    while (upper.hold_packets)
        Sleep(1);
    return good && (*packet == NULL || (*packet)->Internal == 0);
}

static BOOL WINAPI post_packet(HANDLE port, DWORD bytes, ULONG_PTR key, OVERLAPPED *packet)
{
    return !upper.no_post && PostQueuedCompletionStatus(port, bytes, key, packet);
}

static BOOL WINAPI set_modes(HANDLE file, UCHAR flags)
{
    if (upper.no_skip || (flags & 1) == 0)
        return FALSE;
    attachment_of((SOCKET)file)->skips = true;
    return TRUE;
}

static FARPROC WINAPI get_proc_address(HMODULE module, const char *name)
{
    if (upper.asking != NULL)
        upper.asking();
    if (strcmp(name, "SetFileCompletionNotificationModes") == 0)
        return (FARPROC)(void *)set_modes;
    return GetProcAddress(module, name);
}

static struct {
    WAITORTIMERCALLBACK callback;
    void *context;
} held_waits[8];

/* A held one waits for what never comes, so that it can be unregistered like any other. */
static BOOL WINAPI register_wait(HANDLE *wait, HANDLE object, WAITORTIMERCALLBACK callback, void *context,
                                 ULONG milliseconds, ULONG flags)
{
    static HANDLE never;
    if (upper.no_wait)
        return FALSE;
    if (upper.hold_waits) {
        if (never == NULL)
            never = CreateEventW(NULL, TRUE, FALSE, NULL);
        object = never;
        held_waits[upper.held].callback = callback;
        held_waits[upper.held++].context = context;
    }
    return RegisterWaitForSingleObject(wait, object, callback, context, milliseconds, flags);
}

void upper_end_wait(LONG number)
{
    held_waits[number].callback(held_waits[number].context, FALSE);
}

static HANDLE WINAPI create_event(SECURITY_ATTRIBUTES *security, BOOL manual, BOOL set, const wchar_t *name)
{
    return upper.no_event ? NULL : CreateEventW(security, manual, set, name);
}

static bool redirect(const struct image_import *import, void *context)
{
    static const struct {
        const char *name;
        void *function;
    } table[] = {
        {"WPUCompleteOverlappedRequest", (void *)complete_overlapped_request},
        {"CreateThread", (void *)create_thread},
        {"CreateIoCompletionPort", (void *)create_port},
        {"GetQueuedCompletionStatus", (void *)get_packet},
        {"PostQueuedCompletionStatus", (void *)post_packet},
        {"GetProcAddress", (void *)get_proc_address},
        {"RegisterWaitForSingleObject", (void *)register_wait},
        {"CreateEventW", (void *)create_event},
    };
    size_t *found = context;
    for (size_t i = 0; import->name != NULL && i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(import->name, table[i].name) != 0)
            continue;
        *found |= (size_t)1 << i;
        return patch_pointer(import->slot, (FARPROC)table[i].function);
    }
    return true;
}

void upper_install(void)
{
    size_t found = 0;
    if (!image_imports(part.module, redirect, &found) || found != 0xff) {
        printf("Bail out! the layer's imports: %u\n", (unsigned)found);
        exit(99);
    }
    part.upcalls.lpWPUCreateSocketHandle = create_socket_handle;
    part.upcalls.lpWPUCloseSocketHandle = close_socket_handle;
    part.upcalls.lpWPUQuerySocketHandleContext = query_socket_handle_context;
    part.upcalls.lpWPUQueueApc = queue_apc;
    part.upcalls.lpWPUOpenCurrentThread = open_current_thread;
    part.upcalls.lpWPUCloseThread = close_thread;
    part.upcalls.lpWPUPostMessage = post_message;
    part.upcalls.lpWPUResetEvent = reset_event;
}

void upper_reset(void)
{
    memset(&upper, 0, sizeof(upper));
    memset((void *)is_open, 0, sizeof(is_open));
}

void upper_nonifs(void)
{
    part_catalog();
    part_entry(LAYER)->dwServiceFlags1 &= ~(DWORD)XP1_IFS_HANDLES;
    part_entry(CHAIN)->dwServiceFlags1 &= ~(DWORD)XP1_IFS_HANDLES;
}

bool upper_wait_for(volatile LONG *value, LONG wanted)
{
    ULONGLONG start = GetTickCount64();
    while (*value < wanted && GetTickCount64() - start < 20000)
        Sleep(1);
    return *value >= wanted;
}

bool upper_wait(LONG completions)
{
    return upper_wait_for(&upper.completions, completions);
}

HANDLE upper_port(SOCKET next, ULONG_PTR *key)
{
    *key = attachment_of(next)->key;
    return attachment_of(next)->port;
}

bool upper_skips(SOCKET next)
{
    return attachment_of(next)->skips;
}
