/* What a plan is applied to, behind one interface: the running system's Winsock, or a .reg file. The transaction knows
 * nothing else of them; tests play others. */
#ifndef WSPLSP_CORE_CHANGE_STORE_H
#define WSPLSP_CORE_CHANGE_STORE_H

#include <stdbool.h>

#include "backup_folder.h"
#include "lsp-core/plan/plan.h"

struct store;

struct store_functions {
    /* Whether this process may change it: WSPLSP_DENIED with how to get the rights. */
    enum wsplsp_status (*may_change)(struct store *store, struct wsplsp_error *error);
    /* Until `end`, nobody who keeps to the same rules changes it. */
    enum wsplsp_status (*begin)(struct store *store, struct wsplsp_error *error);
    void (*end)(struct store *store);
    /* The catalog as it is, new. */
    enum wsplsp_status (*load)(struct store *store, struct wsplsp_snapshot **snapshot, struct wsplsp_error *error);
    /* Between begin and end, after a load: carries one step out. Where it fails the step has changed nothing. */
    enum wsplsp_status (*apply)(struct store *store, const struct plan_step *step, struct wsplsp_error *error);
    /* Makes what has been applied since the last load or commit last. A store whose steps each take effect at once has
     * nothing left to do here. */
    enum wsplsp_status (*commit)(struct store *store, struct wsplsp_error *error);
    void (*free)(struct store *store);
};

/* The first member of every store's own structure. */
struct store {
    const struct store_functions *functions;
    char *name;                /* for messages */
    bool system;               /* the machine's own catalog */
    bool atomic;               /* steps have no effect before `commit`, which has all of it or none */
    char *folder;              /* of its backups */
    enum backup_access access; /* … and who may get into that */
    plan_new_id new_id;
};

/* A .reg file; store_file.c. `code_page` as for source_load_file. */
enum wsplsp_status store_open_file(const char *path, uint32_t code_page, plan_new_id new_id, struct store **store,
                                   struct wsplsp_error *error);

/* The running system's Winsock; store_winsock_win.c, store_winsock_native.c. */
enum wsplsp_status store_open_winsock(plan_new_id new_id, struct store **store, struct wsplsp_error *error);

/* Frees what all stores have; for the stores' own `free`. */
void store_free_common(struct store *store);

#endif
