/* Starting and stopping the chains of a place, with the next providers, the filter and the worker threads that belong
 * to them. What the chains are, and the picture of their phases, is in lsp-core/layer/chain/chain.h. */
#ifndef WSPLSP_CORE_LAYER_SPI_LIFECYCLE_H
#define WSPLSP_CORE_LAYER_SPI_LIFECYCLE_H

#include "lsp-core/layer/chain/chain.h"

/* What a chain is started for. */
enum chain_use {
    CHAIN_FOR_STARTUP, /* WSPStartup, which is counted */
    CHAIN_FOR_LAYER, /* the same for the layer's own entry: also where the calling thread is just starting the chain */
    CHAIN_FOR_CALL,  /* a call, and the place has to be started */
};

/* Whether it is running, or the calling thread is just starting it. */
bool chain_is_up(struct place *place, DWORD id);

/* Starts the chain at a position of its own, where it is not running yet: loads and starts the next provider. Zero, or
 * WSPStartup's error. */
int chain_start(struct place *place, const struct members *members, int position, WSAPROTOCOL_INFOW *info,
                const WSPUPCALLTABLE *upcalls, enum chain_use use, struct chain **started);

/* The chain that a WSAPROTOCOL_INFO means, for the functions that get one; started where it is not running: providers
 * are started by provider id, and one provider id can have several chains. NULL, and `*error`. */
struct chain *chain_for(struct place *place, WSAPROTOCOL_INFOW *info, INT *error);

/* The same for a new socket, of which more is known: the layer's own entry means that chain of its chains which serves
 * it. */
struct chain *chain_for_socket(struct place *place, int family, int type, int protocol, WSAPROTOCOL_INFOW *info,
                               INT *error);

/* The last WSPCleanup. Closes what sockets are left, cleans up each next provider, waits for what is under way, and
 * unloads them. Calls whose end does not come are better off with what stays loaded for ever: no thread may return to
 * where there is no code. chain_take_running comes first, in the same hold of the lock as the count; `stopping` is one
 * address for both. */
void chain_take_running(struct place *place, const void *stopping);
void chain_stop_all(struct place *place, const void *stopping);

/* The same when the process is ending: no more than the next providers' WSPCleanup. */
void chain_stop_at_end(struct place *place);

#endif
