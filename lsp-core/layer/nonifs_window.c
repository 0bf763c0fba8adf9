/* WSPAsyncSelect; see nonifs_window.h. The hidden window is one for all places: each has a message of its own. */
#include "nonifs_window.h"

#include <string.h>

#include "members.h"
#include "upcall.h"

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

static struct {
    SRWLOCK lock; /* of starting and ending */
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

struct start {
    HANDLE ready;
    HWND handle;
};

static HWND make_window(void)
{
    static const wchar_t name[] = L"wsplsp layer";
    WNDCLASSEXW class = {
        .cbSize = sizeof(class), .lpfnWndProc = procedure, .hInstance = members_own_module, .lpszClassName = name};
    if (RegisterClassExW(&class) == 0 && GetLastError() != ERROR_CLASS_ALREADY_EXISTS)
        return NULL;
    return CreateWindowExW(0, name, NULL, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, members_own_module, NULL);
}

static DWORD WINAPI pump(void *context)
{
    MSG message;
    struct start *start = context;
    HWND handle = start->handle = make_window();
    SetEvent(start->ready); /* `start` is gone from here on */
    while (handle != NULL && GetMessageW(&message, NULL, 0, 0) > 0)
        DispatchMessageW(&message);
    /* The class is the DLL's, and would outlive it. */
    UnregisterClassW(L"wsplsp layer", members_own_module);
    FreeLibraryAndExitThread(members_own_module, 0);
}

/* Under the lock. */
static HWND start_window(void)
{
    HMODULE self;
    struct start start = {CreateEventW(NULL, TRUE, FALSE, NULL), NULL};
    HANDLE thread = NULL;
    if (start.ready == NULL)
        return NULL;
    if (GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const wchar_t *)(void *)&window, &self)) {
        thread = CreateThread(NULL, 128 << 10, pump, &start, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
        if (thread == NULL)
            FreeLibrary(self);
    }
    if (thread != NULL) {
        WaitForSingleObject(start.ready, INFINITE);
        CloseHandle(thread);
    }
    CloseHandle(start.ready);
    return start.handle;
}

static HWND hidden_window(void)
{
    HWND handle = atomic_load_explicit(&window.handle, memory_order_acquire);
    if (handle != NULL)
        return handle;
    AcquireSRWLockExclusive(&window.lock);
    handle = atomic_load(&window.handle);
    if (handle == NULL) {
        handle = start_window();
        atomic_store(&window.handle, handle);
    }
    ReleaseSRWLockExclusive(&window.lock);
    return handle;
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
    if (handle != NULL)
        PostMessageW(handle, MESSAGE_END, 0, 0);
    ReleaseSRWLockExclusive(&window.lock);
}
