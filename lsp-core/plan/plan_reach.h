/* What the files that find the steps between two states of the protocol entries share; see reach.c. */
#ifndef WSPLSP_CORE_PLAN_PLAN_REACH_H
#define WSPLSP_CORE_PLAN_PLAN_REACH_H

#include "plan_match.h"

struct reach {
    struct planner *planner;
    struct plan_side sides[2];
};

/* The entry of the plan's `after` that stands for one of the goal; NULL while it is not there. */
const struct wsplsp_entry *reach_entry(const struct reach *reach, size_t c, size_t index);
bool reach_is_of(const struct plan_side *side, size_t index, const struct wsplsp_guid *id);

/* How the goal describes an entry, in the ids of `after`. False where a member of its chain is not there yet; with
 * `final`, one that the goal itself lacks keeps its number. */
bool reach_describe(const struct reach *reach, size_t c, size_t index, bool final, struct wsplsp_protocol_info *info);
bool reach_differs(const struct reach *reach, size_t c, size_t index, const struct wsplsp_protocol_info *info);

/* The description with references, as a step has it. `entry` is the one in `after`, or NULL before it is there. */
struct plan_item reach_item(const struct reach *reach, size_t c, const struct wsplsp_entry *entry,
                            const struct wsplsp_protocol_info *info);

/* Adds the step that gives the provider's entries what the goal says, as far as that is possible yet; none where
 * nothing differs. */
enum wsplsp_status reach_update(struct reach *reach, size_t c, const struct wsplsp_guid *id, bool final);
enum wsplsp_status reach_update_all(struct reach *reach);
/* For those that stay while members of their chains go early. */
enum wsplsp_status reach_detach(struct reach *reach);

/* Adds the steps that bring all providers that are not there. */
enum wsplsp_status reach_install_all(struct reach *reach);

/* Adds the step that removes a provider from a catalog. */
enum wsplsp_status reach_remove(struct reach *reach, size_t c, const struct wsplsp_guid *id);

#endif
