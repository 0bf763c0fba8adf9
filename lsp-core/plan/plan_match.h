/* Which entry of the goal is which of the catalog before, and which entries have to go before others can come. */
#ifndef WSPLSP_CORE_PLAN_PLAN_MATCH_H
#define WSPLSP_CORE_PLAN_PLAN_MATCH_H

#include "part.h"

/* One catalog's two sides. */
struct plan_side {
    int bits;
    const struct wsplsp_catalog *old; /* of the planner's `start` */
    struct wsplsp_catalog *goal;
    size_t *goal_of; /* by index in `old`: the index in `goal`, or PLAN_NONE for an entry that goes */
    size_t *old_of;  /* by index in `goal`: the index in `old`, or PLAN_NONE for an entry that comes */
    uint32_t *ids;   /* by index in `goal`: the catalog id by which the plan's `after` has it; 0 while it has not */
    bool *early;     /* by index in `old`: goes before anything comes, because its provider id is needed again */
    bool *detached;  /* by index in `old`: stays, but until all is there its chain leaves out what goes early */
};

/* Fills both sides; what the functions of Winsock cannot do is taken out of the goal with a warning if the planner is
 * lenient, else refused. The sides are to be freed in any case. */
enum wsplsp_status plan_match(struct planner *planner, struct plan_side sides[2]);
/* WSCInstallProviderAndChains64_32, the only way into the 32-bit catalog of a 64-bit Windows, brings one entry with a
 * given provider id: where several with one are to come to that side, the others get ids of their own. `*again`: the
 * goal has changed, and is to be matched anew. */
enum wsplsp_status plan_split(struct planner *planner, struct plan_side *side, bool *again);
void plan_match_free(struct plan_side sides[2]);

#endif
