/* The running system as a store, with what tests put in the place of the system. */
#ifndef WSPLSP_CORE_CHANGE_STORE_WINSOCK_WIN_H
#define WSPLSP_CORE_CHANGE_STORE_WINSOCK_WIN_H

#include "store.h"
#include "winsock_calls_win.h"

/* store_open_winsock over other functions. */
enum wsplsp_status store_open_winsock_with(winsock_find find, plan_new_id new_id, struct store **store,
                                           struct wsplsp_error *error);

#endif
