/* Loaded service providers: one per provider id and process, started once with WSPStartup, stopped with WSPCleanup when
 * the process's last WSACleanup has run. A struct provider is never freed, so a pointer to one stays good; a stopped
 * one is started again when its entry is next used. */
#ifndef WSPLSP_HOST_PROVIDER_H
#define WSPLSP_HOST_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include "sockets.h"
#include "winsock.h"

#include "wsplsp/catalog.h"
#include "wsplsp/error.h"

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

/* The provider that serves `entry` (a chain or base entry of `catalog`), loaded and started where it is not yet. Where
 * that fails: NULL, and `*error` is WSAEPROVIDERFAILEDINIT, WSAEINVALIDPROVIDER, WSAEINVALIDPROCTABLE or
 * WSA_NOT_ENOUGH_MEMORY, as WSASocket reports them. */
struct provider *provider_start(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry, int *error);

/* The base provider; there is no need to start it, and it is good at any time. */
struct provider *provider_base(void);

/* The running provider that a WPU* call means by its catalog id: that of a chain or base entry, or, by the id of a
 * layer's own entry, the one of its chains whose function the calling thread is in, or any. NULL where the catalog has
 * no such entry, or where the host did not start that provider (a layer below another). */
struct provider *provider_of_entry(uint32_t catalog_id);

/* Records that new socket `s` belongs to the provider that `catalog_id` means: WPUModifyIFSHandle and
 * WPUCreateSocketHandle. Zero, WSAEINVAL for an id that is not in the catalog, or WSA_NOT_ENOUGH_MEMORY. A layer below
 * another changes nothing: the one above, when it gets the handle, registers it as its own. */
int provider_own_socket(uint32_t catalog_id, SOCKET s);

/* Calls WSPCleanup of every running provider and forgets all sockets. The DLLs are unloaded too, each as soon as no
 * thread is inside one of its functions. For WSACleanup. */
void provider_stop_all(void);

/* Tries to load the DLL of each layer and chain of the catalog, without starting it: whether a program run with it will
 * find its layers. */
enum wsplsp_status provider_check(const struct wsplsp_catalog *catalog, struct wsplsp_error *error);

/* A catalog entry's WSAPROTOCOL_INFOW. */
void provider_info(const struct wsplsp_entry *entry, WSAPROTOCOL_INFOW *info);

#endif
