/* What the files that put a layer in share; see install.c. */
#ifndef WSPLSP_CORE_PLAN_PLAN_INSTALL_H
#define WSPLSP_CORE_PLAN_PLAN_INSTALL_H

#include "part.h"

struct installing {
    struct planner *planner;
    const struct plan_install_request *request;
    unsigned catalogs;
    struct wsplsp_guid id;
    uint32_t own_id;    /* of the layer's own entry in the goal; its chains' follow */
    size_t chain_count; /* whose provider ids are made */
    struct wsplsp_guid *chain_ids;
};

/* The new chain: its members below the layer, the entry that stands for these now, and its place. */
struct plan_spot {
    struct plan_chain below;
    size_t like;
    size_t index;
};

/* Where the layer's chain over that base goes, and leads the chains of others through the layer where its position is
 * below them. `layer`: the own entry of the one to go beside, or 0. `at_top` counts the chains that stand in front
 * already. */
enum wsplsp_status plan_spot_find(struct installing *installing, struct wsplsp_catalog *catalog, size_t base,
                                  uint32_t layer, size_t *at_top, struct plan_spot *spot);
/* The first sound chain over the base that has the layer as a member; PLAN_NONE where there is none. */
size_t plan_first_through(const struct wsplsp_catalog *catalog, size_t base, uint32_t layer);
/* Puts a member into a chain that `below` stands for; refuses where it is full. */
enum wsplsp_status plan_insert_member(struct installing *installing, struct plan_chain *chain, size_t place,
                                      uint32_t id, const struct wsplsp_entry *below);

/* Installs the layer and those of its chains that it can by WSCInstallProviderAndChains(64_32), and adapts the goal to
 * what the call makes; adds no step where it makes nothing. `covered`: by catalog and index, the base entries it goes
 * over. */
enum wsplsp_status plan_install_at_once(struct installing *installing, bool *const covered[2]);

#endif
