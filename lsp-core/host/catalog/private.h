/* The process's private catalog: a snapshot that readers keep hold of while a writer puts a new one in its place. */
#ifndef WSPLSP_CORE_HOST_CATALOG_PRIVATE_H
#define WSPLSP_CORE_HOST_CATALOG_PRIVATE_H

#include "lsp-core/catalog/catalog.h"

/* Loads the run's catalog: the file or the section that the configuration names. Call it once, before anything else
 * here. */
enum wsplsp_status private_catalog_start(struct wsplsp_error *error);

/* The current snapshot; never NULL once the host has started. It stays as it is until released, and so do pointers
 * into it. */
const struct wsplsp_snapshot *private_catalog_acquire(void);
void private_catalog_release(const struct wsplsp_snapshot *snapshot);

/* Takes over what other processes of the run have changed since. On failure the snapshot stays the one it was. For
 * WSAStartup ("only instances of Ws2_32.dll created by calling WSAStartup after … will include the new entries") and
 * for functions that are about the catalog; sockets are made without. */
enum wsplsp_status private_catalog_refresh(struct wsplsp_error *error);

/* Changes a snapshot that nobody else has; 0 for done, anything else for nothing to be saved. */
typedef int (*private_catalog_edit)(struct wsplsp_snapshot *snapshot, void *context);

/* Lets `edit` change the catalog as it is now for all processes of the run, saves it, and makes it the current one.
 * No other process changes it in between. `*result` is what `edit` returned. When saving fails nothing has changed,
 * neither here nor in the store. */
enum wsplsp_status private_catalog_change(private_catalog_edit edit, void *context, int *result,
                                          struct wsplsp_error *error);

/* Waiting for the next change of the run's catalog, by whatever process. */
struct private_catalog_watch {
    void *event;    /* a HANDLE that is set then, to be closed; NULL: there is only private_catalog_changed */
    uint64_t epoch; /* the catalog as it was */
};

/* From now on. */
enum wsplsp_status private_catalog_watch(struct private_catalog_watch *watch, struct wsplsp_error *error);
bool private_catalog_changed(const struct private_catalog_watch *watch);

/* The catalog that a process of this bitness sees. */
static inline const struct wsplsp_catalog *private_catalog_own(const struct wsplsp_snapshot *snapshot)
{
    return wsplsp_snapshot_catalog(snapshot, (int)(8 * sizeof(void *)));
}

#endif
