/* What the filtered functions of both modes ask about a socket, and the addresses they read from the program. */
#ifndef WSPLSP_CORE_LAYER_FILTER_FILTER_FIND_H
#define WSPLSP_CORE_LAYER_FILTER_FILTER_FIND_H

#include "lsp-core/layer/chain/chain.h"
#include "calls.h"
#include "wsplsp/filter.h"

struct filter_socket {
    struct chain *chain;
    bool overlapped; /* it was made for overlapped operations, or may have been */
};

/* False for a socket that the filter has nothing to do with: no socket, or one of a chain in which the layer stands
 * once more above this place. */
bool filter_find(const struct filter_at *at, SOCKET s, struct filter_socket *found);

/* Whether a call with that structure is over only with its completion. An IFS layer cannot know whether the socket was
 * made for that. */
bool filter_overlapped(const struct filter_socket *found, const WSAOVERLAPPED *overlapped);

/* False where there is none, or it cannot be read. What is longer than any address there is gets cut. */
bool filter_read_address(struct wsplsp_filter_address *address, const struct sockaddr *name, int length);

#endif
