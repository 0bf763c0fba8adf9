/* Which of the layer's own places in a chain the calling thread is inside of. With several entries of the layer in one
 * chain, perhaps with other layers between them, WSPStartup gets the same WSAPROTOCOL_INFO for each; which place is
 * meant shows in who is calling: the chain is started and its sockets are made from the top down, on one thread. */
#ifndef WSPLSP_CORE_LAYER_CHAIN_NESTING_H
#define WSPLSP_CORE_LAYER_CHAIN_NESTING_H

#include <stdbool.h>

#include "winsock_spi.h"

struct nesting {
    DWORD chain_id;
    int position;
    struct nesting *outer;
};

/* For DllMain. */
bool nesting_initialize(void);
void nesting_free(void);

/* Around a call of the next provider's WSPStartup, WSPSocket and other functions that get the WSAPROTOCOL_INFO. */
void nesting_enter(struct nesting *nesting, DWORD chain_id, int position);
void nesting_leave(const struct nesting *nesting);

/* The first position in the chain that a call on this thread can mean: below the innermost place it is inside of. */
int nesting_lowest(DWORD chain_id);

#endif
