/* The in-memory catalog of `wsplsp run`: the system's base entries, or a whole catalog, and layers put on top.
 * Portable.
 */
#ifndef WSPLSP_CORE_CATALOG_LAYERS_H
#define WSPLSP_CORE_CATALOG_LAYERS_H

#include <stdbool.h>
#include <stddef.h>

#include "catalog.h"

struct layer {
    const char *dll; /* a full path */
    const char *name;
    const struct wsplsp_guid *id; /* its provider id; NULL: a new one */
    int bits;                     /* of the DLL: it goes into that catalog alone */
    bool ifs;                     /* its handles are the base's own (XP1_IFS_HANDLES) */
    /* If not: packets come though a program has set FILE_SKIP_COMPLETION_PORT_ON_SUCCESS. For the host, not for
     * layers_add. */
    bool posts;
    /* What it is put over: at least one word, see over.h. */
    const char *const *over;
    size_t over_count;
};

/* Makes a provider id; fails as the system's random numbers do. */
typedef enum wsplsp_status (*layers_new_id)(struct wsplsp_guid *id, struct wsplsp_error *error);

/* A new snapshot with the base entries and the name space providers of another. A catalog that the other one lacks gets
 * those of the one it has: Wine on x64 alone has no 32-bit catalog, but programs of both kinds may come. */
enum wsplsp_status layers_seed(const struct wsplsp_snapshot *system, struct wsplsp_snapshot **seed,
                               struct wsplsp_error *error);

/* Adds a layer: its own entry, hidden, last, and before all others a chain entry for each base that it is put over. A
 * chain runs over what a program would have got for that base until then, so that layers pile up in the order they
 * come. WSPLSP_USAGE where the catalog has something else with the layer's provider id. */
enum wsplsp_status layers_add(struct wsplsp_snapshot *snapshot, const struct layer *layer, layers_new_id new_id,
                              struct wsplsp_error *error);

#endif
