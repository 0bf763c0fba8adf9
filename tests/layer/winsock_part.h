/* Winsock's part for tests of the layer: loads wsplsp-layer.dll, answers its questions about the catalog, and gives it
 * upcalls that record. The functions that the layer imports are replaced in its import table. */
#ifndef WSPLSP_TESTS_LAYER_WINSOCK_PART_H
#define WSPLSP_TESTS_LAYER_WINSOCK_PART_H

#include <stdbool.h>

#include "lsp-core/layer/chain/winsock_spi.h"

/* Catalog ids. */
enum {
    BASE = 1001,   /* the recording provider, as are the other two */
    BASE_6 = 1002, /* another base entry of the same DLL */
    LAYER = 1100,  /* entries of the layer */
    LAYER_2 = 1101,
    LAYER_3 = 1102,
    FOREIGN = 1200, /* a layer of the test's own */
    CHAIN = 2000,   /* chains: part_chain makes them */
};

#define PART_ENTRIES 64

struct part {
    HMODULE module;
    LPWSPSTARTUP startup;
    WSPUPCALLTABLE upcalls;
    int entry_count;
    WSAPROTOCOL_INFOW entry[PART_ENTRIES];
    wchar_t path[PART_ENTRIES][MAX_PATH];
    bool no_catalog; /* WSCEnumProtocols fails */
    bool no_path;    /* WSCGetProviderPath fails */
    /* LoadLibraryEx as the layer calls it. */
    wchar_t loaded_path[MAX_PATH]; /* of the latest call */
    int load_refused;              /* calls that an older Windows would not have understood */
    /* WPUModifyIFSHandle. */
    volatile LONG modified;
    DWORD modify_id;
    SOCKET modify_handle;
    INT modify_error;     /* 0: succeed, for a chain's id */
    ULONG_PTR modify_tag; /* put into the two lowest bits of the handle */
    /* The layer's allocations: how many have not been freed, how many there were, how many succeed before one fails
     * (-1: all). */
    volatile LONG outstanding, allocations, allow;
    /* The process is ending, the layer thinks: what nobody may do then is counted (waiting, taking a lock, loading,
     * starting a thread). */
    bool ending;
    volatile LONG forbidden;
    volatile LONG waits;  /* for a start on another thread */
    volatile LONG sleeps; /* for calls to end */
    bool impatient;       /* which end at once, as all others do: the layer's clock leaps */
};

extern struct part part;

/* Loads the layer that lies in the folder above this program's; ends the program where it cannot. */
void part_load(void);
/* Before the first startup: its trace goes to `file`. */
void part_trace(const wchar_t *file);
/* As if the process were ending, or it really is. */
bool part_is_ending(void);
/* Whether the DLL is gone then. */
bool part_unload(void);

/* A catalog with the three bases (DLL: this program) and the layer's entries. */
void part_catalog(void);
WSAPROTOCOL_INFOW *part_add(DWORD id, int chain_len, const wchar_t *path);
WSAPROTOCOL_INFOW *part_entry(DWORD id);
void part_set_path(DWORD id, const wchar_t *path);

/* Adds a chain entry, its members from the top down, ended by 0. */
WSAPROTOCOL_INFOW *part_chain(DWORD id, const DWORD *members);

/* Whether an upcall may name that entry: a layer names its chain; a base, where it is a provider that makes handles of
 * its own and not the recorder, itself. */
bool part_may_name(DWORD id);

/* WSPStartup for a chain, version 2.2. */
int part_start(DWORD chain, WSPPROC_TABLE *procs);

#endif
