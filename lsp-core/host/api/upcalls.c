/* What the host offers to service providers; see upcalls.h. Every error that a function's page names is given; what
 * has no page (a NULL pointer where one must not be) is WSAEFAULT. */
#include "upcalls.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/text.h"
#include "api.h"
#include "lsp-core/host/launch/config.h"
#include "lsp-core/host/handles/handles.h"
#include "hidden_id.h"
#include "lsp-core/host/catalog/private.h"
#include "lsp-core/host/provider/provider.h"
#include "lsp-core/base/handle_table.h"
#include "startup.h"
#include "lsp-core/base/sysdll_win.h"
#include "lsp-core/host/provider/thread.h"

#define REPLACEMENT(function) ((FARPROC)(void (*)(void))(function))

/* In ntdll's import library, but in no header. The information is EventBasicInformation's. */
LONG NTAPI NtQueryEvent(HANDLE event, int class, void *information, ULONG size, ULONG *returned);

/* Thread handles that WPUOpenCurrentThread opened and WPUCloseThread has not closed; each is its own value. */
static struct sockets opened_threads;
static volatile LONG opened_count;

static __typeof__(WPUCompleteOverlappedRequest) upcall_complete_overlapped_request;

static int fail(INT *error, INT code)
{
    if (error != NULL)
        *error = code;
    return SOCKET_ERROR;
}

static WINBOOL WSPAPI upcall_close_event(WSAEVENT event, INT *error)
{
    LONG state[2];
    if (NtQueryEvent(event, 0, state, sizeof(state), NULL) >= 0 && CloseHandle(event))
        return TRUE;
    fail(error, WSA_INVALID_HANDLE);
    return FALSE;
}

static int WSPAPI upcall_close_socket_handle(SOCKET s, INT *error)
{
    void *owner = sockets_find(&sockets, s);
    if (!handles_ours((HANDLE)s))
        return fail(error, WSAENOTSOCK);
    /* Under closesocket it is taken out by that function. */
    if ((uintptr_t)owner > (uintptr_t)SOCKETS_CLOSING)
        sockets_replace(&sockets, s, owner, NULL);
    return handles_close(s) ? 0 : fail(error, WSAENOTSOCK);
}

static WSAEVENT WSPAPI upcall_create_event(INT *error)
{
    WSAEVENT event = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (event == NULL)
        fail(error, WSA_NOT_ENOUGH_MEMORY);
    return event;
}

/* Finds the provider that an id means; NULL in it where nothing is to be recorded. */
static int mean(struct hidden_id *use, struct provider **provider)
{
    struct provider_meant meant;
    use->error = provider_mean(use->id, &meant);
    use->chain = meant.chain;
    if (meant.hidden)
        hidden_id_note(use);
    *provider = meant.provider;
    return use->error;
}

/* The upcall that this stands in, for mean(). */
#define USE(what)                                                                                \
    {                                                                                            \
        .function = WSPLSP_TRACE_##what, .id = catalog_id, .caller = __builtin_return_address(0) \
    }

static SOCKET WSPAPI upcall_create_socket_handle(DWORD catalog_id, DWORD_PTR context, INT *error)
{
    struct hidden_id use = USE(CREATE_SOCKET_HANDLE);
    struct provider *provider;
    int code = mean(&use, &provider);
    SOCKET s = code == 0 ? handles_create(context, config_posts(catalog_id)) : INVALID_SOCKET;
    if (code == 0)
        code = s == INVALID_SOCKET ? WSA_NOT_ENOUGH_MEMORY : provider_own_socket(provider, s);
    if (code == 0)
        return s;
    if (s != INVALID_SOCKET)
        handles_close(s);
    fail(error, code == WSA_NOT_ENOUGH_MEMORY ? WSAENOBUFS : code);
    return INVALID_SOCKET;
}

/* The DLL path of the first entry with that provider id, as stored; a new UTF-16 string, or NULL. */
static uint16_t *find_path(const GUID *id, size_t *units)
{
    const struct wsplsp_snapshot *snapshot = private_catalog_acquire();
    const struct wsplsp_catalog *catalog = private_catalog_own(snapshot);
    uint16_t *path = NULL;
    for (size_t i = 0; i < catalog->entry_count && path == NULL; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded == NULL && entry->dll != NULL && memcmp(&entry->info.provider_id, id, sizeof(*id)) == 0)
            path = text_to_utf16(entry->dll, units);
    }
    private_catalog_release(snapshot);
    return path;
}

static int WSPAPI upcall_get_provider_path(GUID *id, WCHAR *path, INT *length, INT *error)
{
    size_t units = 0;
    if (id == NULL || path == NULL || length == NULL || error == NULL)
        return fail(error, WSAEFAULT);
    uint16_t *stored = find_path(id, &units);
    if (stored == NULL)
        return fail(error, WSAEINVAL);
    bool fits = *length >= 0 && (size_t)*length >= units;
    if (fits)
        memcpy(path, stored, units * sizeof(*path));
    /* The page calls the length an answer as well, but not which: here it is what is needed, or has been put there. */
    *length = (INT)units;
    free(stored);
    return fits ? 0 : fail(error, WSAEFAULT);
}

/* Asking the kernel costs more than all else here, so it is not asked about a handle that a provider below has already
 * registered, nor about the base provider's, which the system has just made. */
static bool valid_handle(const struct provider *provider, SOCKET s)
{
    DWORD flags;
    if ((uintptr_t)sockets_find(&sockets, s) > (uintptr_t)SOCKETS_CLOSING || provider == provider_base())
        return true;
    return GetHandleInformation((HANDLE)s, &flags);
}

static SOCKET WSPAPI upcall_modify_ifs_handle(DWORD catalog_id, SOCKET proposed, INT *error)
{
    struct hidden_id use = USE(MODIFY_IFS_HANDLE);
    struct provider *provider = NULL;
    int code = WSAEINVAL;
    if (proposed != INVALID_SOCKET && proposed != 0)
        code = mean(&use, &provider);
    if (code == 0)
        code = valid_handle(provider, proposed) ? provider_own_socket(provider, proposed) : WSAEINVAL;
    if (code == 0)
        return proposed;
    fail(error, code);
    return INVALID_SOCKET;
}

typedef WINBOOL(WINAPI *post_message)(HWND window, UINT message, WPARAM wide, LPARAM narrow);

/* user32 is loaded here first, because most programs that use sockets have no windows. A window's program has loaded
 * it already, so this never fails for want of it where it could succeed. */
static WINBOOL WSPAPI upcall_post_message(HWND window, UINT message, WPARAM wide, LPARAM narrow)
{
    post_message post;
    return sysdll_function(sysdll_load(L"user32.dll"), "PostMessageW", &post) && post(window, message, wide, narrow);
}

static int WSPAPI upcall_query_blocking_callback(DWORD catalog_id, LPBLOCKINGCALLBACK *callback, DWORD_PTR *context,
                                                 INT *error)
{
    struct hidden_id use = USE(QUERY_BLOCKING_CALLBACK);
    struct provider *provider;
    if (callback == NULL || context == NULL)
        return fail(error, WSAEFAULT);
    int code = mean(&use, &provider);
    if (code != 0)
        return fail(error, code == WSA_NOT_ENOUGH_MEMORY ? WSAENOBUFS : code);
    thread_query_blocking(provider, callback, context);
    return 0;
}

static int WSPAPI upcall_query_socket_handle_context(SOCKET s, DWORD_PTR *context, INT *error)
{
    if (context == NULL)
        return fail(error, WSAEFAULT);
    return handles_context(s, context) ? 0 : fail(error, WSAENOTSOCK);
}

static int WSPAPI upcall_queue_apc(WSATHREADID *thread, LPWSAUSERAPC routine, DWORD_PTR context, INT *error)
{
    if (thread == NULL || routine == NULL || !QueueUserAPC((PAPCFUNC)routine, thread->ThreadHandle, context))
        return fail(error, WSAEFAULT);
    return 0;
}

static WINBOOL WSPAPI upcall_reset_event(WSAEVENT event, INT *error)
{
    if (ResetEvent(event))
        return TRUE;
    fail(error, WSA_INVALID_HANDLE);
    return FALSE;
}

static WINBOOL WSPAPI upcall_set_event(WSAEVENT event, INT *error)
{
    if (SetEvent(event))
        return TRUE;
    fail(error, WSA_INVALID_HANDLE);
    return FALSE;
}

static int WSPAPI upcall_open_current_thread(WSATHREADID *thread, INT *error)
{
    HANDLE handle;
    if (thread == NULL)
        return fail(error, WSAEFAULT);
    if (!startup_done())
        return fail(error, WSANOTINITIALISED);
    if (!DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &handle,
                         THREAD_SET_CONTEXT | SYNCHRONIZE, FALSE, 0))
        return fail(error, WSAENOBUFS);
    if (!sockets_set(&opened_threads, (uintptr_t)handle, handle)) {
        CloseHandle(handle);
        return fail(error, WSAENOBUFS);
    }
    InterlockedIncrement(&opened_count);
    thread->ThreadHandle = handle;
    thread->Reserved = GetCurrentThreadId();
    return 0;
}

/* What was opened before the last WSACleanup may still be closed behind it: a layer's own threads end in its
 * WSPCleanup. The handles that programs' threads have from the host are not closed here. */
static int WSPAPI upcall_close_thread(WSATHREADID *thread, INT *error)
{
    if (!startup_done() && opened_count == 0)
        return fail(error, WSANOTINITIALISED);
    if (thread == NULL || thread->ThreadHandle == NULL ||
        !sockets_replace(&opened_threads, (uintptr_t)thread->ThreadHandle, thread->ThreadHandle, NULL))
        return fail(error, WSAEFAULT);
    InterlockedDecrement(&opened_count);
    CloseHandle(thread->ThreadHandle);
    return 0;
}

static int WSPAPI upcall_complete_overlapped_request(SOCKET s, WSAOVERLAPPED *overlapped, DWORD status, DWORD bytes,
                                                     INT *error)
{
    if (overlapped == NULL)
        return fail(error, WSAEFAULT);
    return handles_complete(s, overlapped, status, bytes) ? 0 : fail(error, WSAEINVAL);
}

const WSPUPCALLTABLE *upcalls_table(void)
{
    static const WSPUPCALLTABLE table = {
        .lpWPUCloseEvent = upcall_close_event,
        .lpWPUCloseSocketHandle = upcall_close_socket_handle,
        .lpWPUCreateEvent = upcall_create_event,
        .lpWPUCreateSocketHandle = upcall_create_socket_handle,
        .lpWPUFDIsSet = api___WSAFDIsSet,
        .lpWPUGetProviderPath = upcall_get_provider_path,
        .lpWPUModifyIFSHandle = upcall_modify_ifs_handle,
        .lpWPUPostMessage = upcall_post_message,
        .lpWPUQueryBlockingCallback = upcall_query_blocking_callback,
        .lpWPUQuerySocketHandleContext = upcall_query_socket_handle_context,
        .lpWPUQueueApc = upcall_queue_apc,
        .lpWPUResetEvent = upcall_reset_event,
        .lpWPUSetEvent = upcall_set_event,
        .lpWPUOpenCurrentThread = upcall_open_current_thread,
        .lpWPUCloseThread = upcall_close_thread,
    };
    return &table;
}

const struct redirect_export upcalls_exports[] = {
    {"ws2_32.dll", "WPUCompleteOverlappedRequest", 0, REPLACEMENT(upcall_complete_overlapped_request)},
};
const size_t upcalls_export_count = sizeof(upcalls_exports) / sizeof(upcalls_exports[0]);
