/* The upcall table; see upcall.h. */
#include "upcall.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

enum { COUNT = sizeof(WSPUPCALLTABLE) / sizeof(void *) };

/* Replaced under the feet of calls on other threads: each pointer by itself is always a good one. */
static _Atomic(void *) functions[COUNT];

void upcall_set(const WSPUPCALLTABLE *table)
{
    void *given[COUNT];
    memcpy(given, table, sizeof(given));
    for (size_t i = 0; i < COUNT; i++)
        atomic_store_explicit(&functions[i], given[i], memory_order_release);
}

void upcall_get(WSPUPCALLTABLE *table)
{
    void *current[COUNT] = {NULL};
    for (size_t i = 0; i < COUNT; i++)
        current[i] = atomic_load_explicit(&functions[i], memory_order_acquire);
    memcpy(table, current, sizeof(current));
}

#define UPCALL(member, type)                                                                          \
    ((type)atomic_load_explicit(&functions[offsetof(WSPUPCALLTABLE, lpWPU##member) / sizeof(void *)], \
                                memory_order_acquire))

SOCKET upcall_modify_ifs_handle(DWORD catalog_id, SOCKET proposed, INT *error)
{
    return UPCALL(ModifyIFSHandle, LPWPUMODIFYIFSHANDLE)(catalog_id, proposed, error);
}

SOCKET upcall_create_socket_handle(DWORD catalog_id, DWORD_PTR context, INT *error)
{
    return UPCALL(CreateSocketHandle, LPWPUCREATESOCKETHANDLE)(catalog_id, context, error);
}

int upcall_close_socket_handle(SOCKET s, INT *error)
{
    return UPCALL(CloseSocketHandle, LPWPUCLOSESOCKETHANDLE)(s, error);
}

int upcall_query_socket_handle_context(SOCKET s, DWORD_PTR *context, INT *error)
{
    return UPCALL(QuerySocketHandleContext, LPWPUQUERYSOCKETHANDLECONTEXT)(s, context, error);
}

int upcall_queue_apc(WSATHREADID *thread, LPWSAUSERAPC routine, DWORD_PTR context, INT *error)
{
    return UPCALL(QueueApc, LPWPUQUEUEAPC)(thread, routine, context, error);
}

int upcall_open_current_thread(WSATHREADID *thread, INT *error)
{
    return UPCALL(OpenCurrentThread, LPWPUOPENCURRENTTHREAD)(thread, error);
}

int upcall_close_thread(WSATHREADID *thread, INT *error)
{
    return UPCALL(CloseThread, LPWPUCLOSETHREAD)(thread, error);
}

int upcall_reset_event(WSAEVENT event, INT *error)
{
    return UPCALL(ResetEvent, LPWPURESETEVENT)(event, error);
}

BOOL upcall_post_message(HWND window, UINT message, WPARAM first, LPARAM second)
{
    return UPCALL(PostMessage, LPWPUPOSTMESSAGE)(window, message, first, second);
}

/* Linked to like the catalog's functions: the DLL that plays Winsock's part is there before any provider. */
int upcall_complete_overlapped_request(SOCKET s, WSAOVERLAPPED *overlapped, DWORD error, DWORD bytes, INT *failure)
{
    return WPUCompleteOverlappedRequest(s, overlapped, error, bytes, failure);
}
