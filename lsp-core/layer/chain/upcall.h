/* The upcall table. "The service provider must use only the most recently supplied upcall dispatch table" of the
 * process (WSPStartup), whichever of the layer's entries it came with. */
#ifndef WSPLSP_CORE_LAYER_CHAIN_UPCALL_H
#define WSPLSP_CORE_LAYER_CHAIN_UPCALL_H

#include "winsock_spi.h"

void upcall_set(const WSPUPCALLTABLE *table);

/* The latest table, for a next provider's WSPStartup. */
void upcall_get(WSPUPCALLTABLE *table);

/* The upcalls, by their names. */
SOCKET upcall_modify_ifs_handle(DWORD catalog_id, SOCKET proposed, INT *error);
SOCKET upcall_create_socket_handle(DWORD catalog_id, DWORD_PTR context, INT *error);
int upcall_close_socket_handle(SOCKET s, INT *error);
int upcall_query_socket_handle_context(SOCKET s, DWORD_PTR *context, INT *error);
int upcall_queue_apc(WSATHREADID *thread, LPWSAUSERAPC routine, DWORD_PTR context, INT *error);
int upcall_open_current_thread(WSATHREADID *thread, INT *error);
int upcall_close_thread(WSATHREADID *thread, INT *error);
int upcall_reset_event(WSAEVENT event, INT *error);
BOOL upcall_post_message(HWND window, UINT message, WPARAM first, LPARAM second);

/* WPUCompleteOverlappedRequest, which is no member of the table but an export of Ws2_32.dll. */
int upcall_complete_overlapped_request(SOCKET s, WSAOVERLAPPED *overlapped, DWORD error, DWORD bytes, INT *failure);

#endif
