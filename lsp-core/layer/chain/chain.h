/* A chain as one place of the layer sees it: which provider comes next, and what that is told. */
#ifndef WSPLSP_CORE_LAYER_CHAIN_CHAIN_H
#define WSPLSP_CORE_LAYER_CHAIN_CHAIN_H

#include <stdatomic.h>
#include <stdbool.h>

#include "extension.h"
#include "members.h"
#include "next.h"
#include "place.h"

/* A chain that is stopped may be started again. One that is stopping may, too, while its next provider still cleans up:
 * in another object with the same id.
 *
 *            find_or_add: a new object, or a stopped one with that id, its provider unloaded
 *                                      |
 *                                      v
 *              +---------------> CHAIN_STOPPED ---------------------------------------------+
 *              |                   |       ^                                                |
 *              |       chain_start |       | settle: start_claimed has failed               |
 *              |                   v       |                                                |
 *              |                CHAIN_STARTING --------------------------+                  |
 *              |                      |                                  |                  |
 *              |                      | settle: the first to start it    | settle: too late | chain_take_running:
 *              |                      v                                  |                  | its provider is still
 *              |                CHAIN_RUNNING                            |                  | loaded
 *              |                      |                                  |                  |
 *              |                      | chain_take_running               |                  |
 *              |                      v                                  |                  |
 *              +--------------- CHAIN_STOPPING <-------------------------+------------------+
 *                 take_back,
 *                 chain_stop_all
 *
 * The phase changes under the place's lock. What may take long is done without it, in these phases:
 *   STARTING   start_claimed, on the thread `starter`: next_start loads the DLL and calls WSPStartup. Other threads
 *              wait for the place's `changed` (wait_for_start); after START_MILLISECONDS they start another object.
 *   STOPPING   "Too late" means that another thread's start was first, or that the startup cannot be counted
 *              (use_place): take_back, on the same thread, calls WSPCleanup and unloads the DLL.
 *              After chain_take_running, chain_stop_all, on the thread that is in the place's last WSPCleanup, closes
 *              the sockets that are left, waits for operations, calls the next provider's WSPCleanup (unless an earlier
 *              stop has done so), waits for calls and unloads the DLL.
 *              If the place has been started again meanwhile, the DLL stays loaded until the next chain_stop_all; if
 *              an operation or a call does not end in time, it stays for good.
 * When the process is ending, chain_stop_at_end calls the next provider's WSPCleanup and leaves the phase alone. */
enum chain_phase {
    CHAIN_STOPPED,
    CHAIN_STARTING,
    CHAIN_RUNNING,
    CHAIN_STOPPING,
};

struct chain {
    WSPPROC_TABLE next; /* first: what every call needs */
    struct extension_functions extensions;
    struct place *place;
    DWORD own_id;     /* of the layer's own entry, which is hidden: names the place in a trace; no upcall gets it */
    int position;     /* in the chain; the place's index but for odd providers above (chain_start.c) */
    bool ifs;         /* XP1_IFS_HANDLES of the layer's own entry: which handles its sockets have */
    bool ifs_below;   /* and those of every provider further down are the base's */
    bool on_base;     /* the next provider is the base */
    bool again_below; /* the layer stands in this chain once more, further down */
    bool filtered;    /* the filter sees this place's calls */
    bool told;        /* and has been told of the chain */
    WSAPROTOCOL_INFOW info;  /* the chain's entry */
    WSAPROTOCOL_INFOW below; /* the next provider's */
    atomic_bool running;     /* what `phase` says of it, for those who look without a lock */
    /* Under the place's lock. */
    enum chain_phase phase;
    DWORD starter;                  /* while it is starting: the thread that does it */
    bool cleanup_due;               /* the next provider's WSPCleanup has still to be called */
    _Atomic(const void *) stopping; /* while it is stopping: by which chain_stop_all */
    struct next provider; /* still loaded while it is stopped: another startup came before it could be unloaded */
    struct chain *sibling;
};

/* The place's running chain with that catalog id, or NULL. */
struct chain *chain_find(const struct place *place, DWORD id);

/* What the next provider is given for `info`: another layer gets it as it is, a base gets its own entry (WSPStartup).
 * Where `info` was the layer's own entry, a layer gets the chain's. dwProviderReserved stays the program's: it tells a
 * duplicate (WSPDuplicateSocket). So do family, type and protocol that are not the chain's: they stand for arguments
 * that say nothing (0, FROM_PROTOCOL_INFO). `own` is room for it. */
WSAPROTOCOL_INFOW *chain_info_below(const struct chain *chain, WSAPROTOCOL_INFOW *info, WSAPROTOCOL_INFOW *own);

/* With the DLL. */
void chain_free_all(struct place *place);

#endif
