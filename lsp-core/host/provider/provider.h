/* Loaded service providers: one per provider id and process, started once with WSPStartup, stopped with WSPCleanup when
 * the process's last WSACleanup has run. A struct provider is never freed, so a pointer to one stays good; a stopped
 * one is started again when its entry is next used. */
#ifndef WSPLSP_CORE_HOST_PROVIDER_PROVIDER_H
#define WSPLSP_CORE_HOST_PROVIDER_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include "lsp-core/base/handle_table.h"
#include "lsp-core/win/winsock.h"

#include "lsp-core/catalog/catalog.h"
#include "lsp-core/base/error.h"

struct provider {
    WSPPROC_TABLE procs; /* first: what every call needs */
    bool base;           /* the host's own base provider (base.h) */
    struct wsplsp_guid id;
    WSAPROTOCOL_INFOW info; /* the entry that it was started with */
};

/* The process's sockets: the values are `struct provider *`. */
extern struct sockets sockets;

/* Called with each provider's DLL that has been loaded, before its WSPStartup. Set once, before any other function here
 * is called; NULL: nobody wants to know. */
extern void (*provider_loaded)(HMODULE module);

/* What the providers are handed, and whether the program has more WSAStartup than WSACleanup so far: without that none
 * is started. Before the program's first startup counts; the same at each call. */
void provider_init(const WSPUPCALLTABLE *upcalls, bool (*wanted)(void));

/* NULL before provider_init. */
const WSPUPCALLTABLE *provider_upcalls(void);

/* A strict run: the id of a layer's own entry is none that an upcall takes. Set once, likewise. */
extern bool provider_strict;

/* The provider that serves `entry` (a chain or base entry of `catalog`), loaded and started where it is not yet. Where
 * that fails: NULL, and `*error` is WSAEPROVIDERFAILEDINIT, WSAEINVALIDPROVIDER, WSAEINVALIDPROCTABLE or
 * WSA_NOT_ENOUGH_MEMORY, as WSASocket reports them. */
struct provider *provider_start(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry, int *error);

/* The base provider; there is no need to start it, and it is good at any time. */
struct provider *provider_base(void);

/* What the catalog id in an upcall means. */
struct provider_meant {
    struct provider *provider; /* NULL: none that the host has started, so that nothing is to be recorded */
    bool hidden;               /* the id is that of a layer's own entry, where a chain's should be */
    uint32_t chain;            /* then: the id that should be there; 0: no chain that is running has that layer */
};

/* An id means that entry's provider, which is started where it is not running: a chain entry's its chain, a base
 * entry's the base provider. A layer's own entry is none that a program's sockets can belong to; layers pass it all the
 * same, as Microsoft's sample of 1999 does. It is taken for the chain whose function the calling thread is in, or any
 * that has the layer on top, but not in a strict run.
 *
 * A provider that is still starting is meant, too: it may make sockets for itself. Nothing is started while the
 * providers are being stopped.
 *
 * Zero; WSAEINVAL for an id that the catalog does not have, for a layer's own in a strict run, and where the provider
 * does not start (the functions' pages have no other error for an id); or WSA_NOT_ENOUGH_MEMORY. `hidden` and `chain`
 * are set in each case. */
int provider_mean(uint32_t catalog_id, struct provider_meant *meant);

/* Records that new socket `s` belongs to `provider`: WPUModifyIFSHandle and WPUCreateSocketHandle. In a chain the lower
 * layers come first, and the top one has the last word. Zero or WSA_NOT_ENOUGH_MEMORY; does nothing for NULL. */
int provider_own_socket(struct provider *provider, SOCKET s);

/* Ends what the last WSACleanup ends: calls WSPCleanup of every running provider and forgets all sockets. DLLs whose
 * WSPCleanup has been called are unloaded as soon as no thread is inside a provider's function; when the process ends,
 * nothing is waited for or unloaded. From provider_stop_begin on nobody else starts a provider until all are stopped;
 * it returns at once. */
void provider_stop_begin(void);
void provider_stop_all(void);

/* Tries to load the DLL of each layer and chain of the catalog, without starting it: whether a program run with it will
 * find its layers. They stay loaded: see provider.c. */
enum wsplsp_status provider_check(const struct wsplsp_catalog *catalog, struct wsplsp_error *error);

/* A catalog entry's WSAPROTOCOL_INFOW. */
void provider_info(const struct wsplsp_entry *entry, WSAPROTOCOL_INFOW *info);

#endif
