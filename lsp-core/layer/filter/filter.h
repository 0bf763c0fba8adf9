/* The process's filter (wsplsp/filter.h), one at most: loading it, and the functions of its table. The functions that
 * see a call before or after the next provider are in calls.h; without a filter none of them is handed out. */
#ifndef WSPLSP_CORE_LAYER_FILTER_FILTER_H
#define WSPLSP_CORE_LAYER_FILTER_FILTER_H

#include <stdbool.h>

#include "lsp-core/layer/chain/winsock_spi.h"
#include "wsplsp/filter.h"

struct chain;

/* All NULL where there is no filter. */
extern struct wsplsp_filter filter;

/* Loads it, once a process; both it and the layer stay loaded. Later calls repeat the first one's answer, which is
 * wsplsp_layer_configure's, with the last error. By one thread at a time (config.c), and under no lock. `ready` makes
 * the functions that ask it, before anybody gets them. */
int filter_load(const wchar_t *file, bool verbose, void (*ready)(void));

bool filter_is_on(void);

/* There should be a filter, and there is none, or none yet: nothing may go past it. */
bool filter_is_missing(void);

/* A chain whose sockets the filter sees has been started. */
void filter_chain_started(struct chain *chain);

/* The calls of the table; not to be made where the function is NULL. They keep the last error. */
typedef int(__cdecl *filter_address_function)(void *context, SOCKET handle, struct wsplsp_filter_address *address);
typedef int(__cdecl *filter_data_function)(void *context, SOCKET handle, struct wsplsp_filter_data *data);
int filter_ask_socket(SOCKET handle, int family, int type, int protocol);
int filter_ask_address(filter_address_function function, SOCKET handle, struct wsplsp_filter_address *address);
int filter_ask_accept(SOCKET listening, SOCKET accepted, const struct wsplsp_filter_address *peer);
int filter_ask_data(filter_data_function function, SOCKET handle, struct wsplsp_filter_data *data);
void filter_tell_close(SOCKET handle);

#endif
