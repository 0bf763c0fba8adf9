/* A chain as one place of the layer sees it: which provider comes next, and what that is told. */
#ifndef WSPLSP_LAYER_CHAIN_H
#define WSPLSP_LAYER_CHAIN_H

#include <stdatomic.h>
#include <stdbool.h>

#include "extension.h"
#include "members.h"
#include "next.h"
#include "place.h"

struct chain {
    WSPPROC_TABLE next; /* first: what every call needs */
    struct extension_functions extensions;
    struct place *place;
    DWORD own_id;     /* of the layer's own entry, which is hidden: names the place in a trace; no upcall gets it */
    int position;     /* in the chain; the place's index but for odd providers above (chain.c) */
    bool ifs;         /* XP1_IFS_HANDLES of the layer's own entry: which handles its sockets have */
    bool on_base;     /* the next provider is the base */
    bool again_below; /* the layer stands in this chain once more, further down */
    bool filtered;    /* the filter sees this place's calls */
    bool told;        /* and has been told of the chain */
    WSAPROTOCOL_INFOW info;  /* the chain's entry */
    WSAPROTOCOL_INFOW below; /* the next provider's */
    atomic_bool running;
    struct next provider;
    struct chain *sibling;
};

/* The place's running chain with that catalog id, or NULL. */
struct chain *chain_find(const struct place *place, DWORD id);

/* Starts the chain at a position of its own, where it is not running yet: loads and starts the next provider. Under the
 * place's lock. Zero, or WSPStartup's error. */
int chain_start(struct place *place, const struct members *members, int position, WSAPROTOCOL_INFOW *info,
                const WSPUPCALLTABLE *upcalls, struct chain **started);

/* The chain that a WSAPROTOCOL_INFO means, for the functions that get one; started where it is not running: providers
 * are started by provider id, and one provider id can have several chains. NULL, and `*error`. */
struct chain *chain_for(struct place *place, WSAPROTOCOL_INFOW *info, INT *error);

/* What the next provider is given for `info`: another layer gets it as it is, a base gets its own entry (WSPStartup).
 * dwProviderReserved stays the program's: it tells a duplicate (WSPDuplicateSocket). `own` is room for it. */
WSAPROTOCOL_INFOW *chain_info_below(const struct chain *chain, WSAPROTOCOL_INFOW *info, WSAPROTOCOL_INFOW *own);

/* Closes what sockets are left and cleans up each next provider. Under the place's lock, as the next two. False where
 * operations are still outstanding after so long. */
bool chain_stop_all(struct place *place, DWORD milliseconds);

/* Unloads the next providers of stopped chains: when no call is under way in them. Else chain_keep_all, which leaves
 * them loaded for ever: better than a thread that returns to where there is no code. */
void chain_unload_all(struct place *place);
void chain_keep_all(struct place *place);

void chain_free_all(struct place *place);

#endif
