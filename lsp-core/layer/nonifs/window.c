/* WSPAsyncSelect; see window.h. The hidden window is one for all places: each has a message of its own.
 *
 * Its thread begins with the loader's lock, which a thread that comes here from a DllMain may hold. So it is started
 * under no lock, and the wait for it has a limit, as with a chain's start (chain_start.c); after it the call fails, and
 * the window is there for a later one. */
#include "window.h"

#include <string.h>

#include "lsp-core/layer/chain/members.h"
#include "lsp-core/layer/chain/upcall.h"

enum {
    MESSAGE_SOCKET =
        WM_APP, /* … and the place's index: wParam is the next provider's socket, lParam as the program's */
    MESSAGE_KNOWN = MESSAGE_SOCKET + PLACES,
    MESSAGE_END,
};

/* Messages about sockets that have been accepted below, and whose handles the program is about to get. */
enum { HELD = 256 };
struct held {
    struct place *place;
    SOCKET next;
    LPARAM event;
};

/* For the window's thread. */
enum { START_MILLISECONDS = 3000 };

static struct {
    SRWLOCK lock; /* of `starting` and `unwanted`; under it nothing is started or waited for */
    CONDITION_VARIABLE changed;
    bool starting; /* a thread is on its way to making the window */
    bool unwanted; /* and is to end at once: the last WSPCleanup has come */
    _Atomic(HWND) handle;
    atomic_uint held_count;
    struct held held[HELD]; /* the window's thread's */
} window;

/* False: the socket is not known. */
static bool send_on(struct place *place, SOCKET next, LPARAM event)
{
    struct slot *slot = sockets_find(&place->slots_below, next);
    if (slot == NULL)
        return false;
    SOCKET s = atomic_load(&slot->handle);
    HWND to = atomic_load(&slot->data.window);
    UINT message = atomic_load(&slot->data.message);
    if (to != NULL && slot_is(slot, s))
        upcall_post_message(to, message, s, event);
    return true;
}

/* The oldest one is dropped where there are too many: its socket was closed before anyone got it. */
static void hold(struct place *place, SOCKET next, LPARAM event)
{
    unsigned count = atomic_load(&window.held_count);
    if (count == HELD) {
        memmove(window.held, window.held + 1, (HELD - 1) * sizeof(window.held[0]));
        count--;
    }
    window.held[count] = (struct held){place, next, event};
    atomic_store(&window.held_count, count + 1);
}

static void retry(void)
{
    unsigned count = atomic_load(&window.held_count), left = 0;
    for (unsigned i = 0; i < count; i++) {
        const struct held *held = &window.held[i];
        if (!send_on(held->place, held->next, held->event))
            window.held[left++] = *held;
    }
    atomic_store(&window.held_count, left);
}

static LRESULT CALLBACK procedure(HWND handle, UINT message, WPARAM first, LPARAM second)
{
    if (message >= MESSAGE_SOCKET && message < MESSAGE_SOCKET + PLACES) {
        struct place *place = &places[message - MESSAGE_SOCKET];
        if (!send_on(place, first, second)) {
            hold(place, first, second);
            atomic_thread_fence(memory_order_seq_cst);
            retry(); /* it may have become known between the two */
        }
        return 0;
    }
    if (message == MESSAGE_KNOWN) {
        retry();
        return 0;
    }
    if (message == MESSAGE_END) {
        DestroyWindow(handle);
        PostQuitMessage(0);
        return 0;
    }
    return DefWindowProcW(handle, message, first, second);
}

static HWND make_window(void)
{
    static const wchar_t name[] = L"wsplsp layer";
    WNDCLASSEXW class = {
        .cbSize = sizeof(class), .lpfnWndProc = procedure, .hInstance = members_own_module, .lpszClassName = name};
    if (RegisterClassExW(&class) == 0 && GetLastError() != ERROR_CLASS_ALREADY_EXISTS)
        return NULL;
    return CreateWindowExW(0, name, NULL, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, members_own_module, NULL);
}

/* Ends a start. False: there is no window, or nobody wants it any more. */
static bool publish(HWND handle)
{
    AcquireSRWLockExclusive(&window.lock);
    bool wanted = handle != NULL && !window.unwanted;
    if (wanted)
        atomic_store_explicit(&window.handle, handle, memory_order_release);
    window.starting = window.unwanted = false;
    ReleaseSRWLockExclusive(&window.lock);
    WakeAllConditionVariable(&window.changed);
    return wanted;
}

static DWORD WINAPI pump(void *unused)
{
    MSG message;
    HWND handle = make_window();
    (void)unused;
    bool wanted = publish(handle);
    if (handle != NULL && !wanted)
        DestroyWindow(handle);
    while (wanted && GetMessageW(&message, NULL, 0, 0) > 0)
        DispatchMessageW(&message);
    /* The class is the DLL's, and would outlive it. */
    UnregisterClassW(L"wsplsp layer", members_own_module);
    FreeLibraryAndExitThread(members_own_module, 0);
}

static bool start_thread(void)
{
    HMODULE self;
    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const wchar_t *)(void *)&window, &self))
        return false;
    HANDLE thread = CreateThread(NULL, 128 << 10, pump, NULL, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    if (thread == NULL)
        FreeLibrary(self);
    else
        CloseHandle(thread);
    return thread != NULL;
}

/* True: the window is this thread's to start. */
static bool claim_start(void)
{
    AcquireSRWLockExclusive(&window.lock);
    bool claimed = atomic_load(&window.handle) == NULL && !window.starting;
    window.starting = window.starting || claimed;
    window.unwanted = false;
    ReleaseSRWLockExclusive(&window.lock);
    return claimed;
}

static HWND await_window(void)
{
    const ULONGLONG begin = GetTickCount64();
    ULONGLONG waited = 0;
    AcquireSRWLockExclusive(&window.lock);
    while (window.starting && waited < START_MILLISECONDS &&
           SleepConditionVariableSRW(&window.changed, &window.lock, START_MILLISECONDS - (DWORD)waited, 0))
        waited = GetTickCount64() - begin;
    HWND handle = atomic_load(&window.handle);
    ReleaseSRWLockExclusive(&window.lock);
    return handle;
}

static HWND hidden_window(void)
{
    HWND handle = atomic_load_explicit(&window.handle, memory_order_acquire);
    if (handle != NULL || process_is_ending())
        return handle;
    if (claim_start() && !start_thread())
        publish(NULL);
    return await_window();
}

/* Without events: no more messages, and no window is needed to say so. */
int nonifs_AsyncSelect(struct place *place, SOCKET s, HWND to, unsigned int message, __LONG32 events, INT *error)
{
    struct nonifs_socket found;
    if (!nonifs_find(place, s, &found)) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    DWORD last_error = GetLastError();
    HWND hidden = events == 0 ? atomic_load(&window.handle) : hidden_window();
    bool valid = events == 0 || IsWindow(to);
    SetLastError(last_error);
    if (events != 0 && (hidden == NULL || !valid)) {
        *error = valid ? WSAENOBUFS : WSAEINVAL;
        return SOCKET_ERROR;
    }
    /* Before the call: its first message may come during it. */
    HWND window_before = atomic_exchange(&found.slot->data.window, to);
    UINT message_before = atomic_exchange(&found.slot->data.message, message);
    int result =
        found.chain->next.lpWSPAsyncSelect(found.next, hidden, MESSAGE_SOCKET + (UINT)place->index, events, error);
    if (result != 0) {
        atomic_store(&found.slot->data.window, window_before);
        atomic_store(&found.slot->data.message, message_before);
    }
    return result;
}

void nonifs_window_inherit(struct slot *slot, const struct slot *like)
{
    if (like == NULL)
        return;
    atomic_store(&slot->data.window, atomic_load(&like->data.window));
    atomic_store(&slot->data.message, atomic_load(&like->data.message));
}

void nonifs_window_known(struct place *place, struct slot *slot)
{
    /* Without the entry only messages are lost, for a program that waits for messages when memory runs out. */
    sockets_set(&place->slots_below, atomic_load(&slot->next), slot);
    atomic_thread_fence(memory_order_seq_cst); /* its message is held by now, or finds the socket */
    if (__builtin_expect(atomic_load(&window.held_count) != 0, false))
        PostMessageW(atomic_load(&window.handle), MESSAGE_KNOWN, 0, 0);
}

void nonifs_window_end(void)
{
    AcquireSRWLockExclusive(&window.lock);
    HWND handle = atomic_exchange(&window.handle, NULL);
    window.unwanted = window.starting;
    if (handle != NULL)
        PostMessageW(handle, MESSAGE_END, 0, 0);
    ReleaseSRWLockExclusive(&window.lock);
}
