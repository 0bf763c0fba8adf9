/* Taking marked entries out of the catalog; for requests that decide themselves what goes. */
#ifndef WSPLSP_CORE_PLAN_PLAN_REMOVE_H
#define WSPLSP_CORE_PLAN_PLAN_REMOVE_H

#include "part.h"

/* For each catalog of the plan's `before`, by index: whether the entry goes. */
struct plan_marks {
    bool *going[2];
};

bool plan_marks_make(struct plan_marks *marks, const struct wsplsp_snapshot *snapshot);
void plan_marks_free(struct plan_marks *marks);
/* Marks a layer's own entry and its chains. */
void plan_mark_layer(const struct wsplsp_catalog *catalog, size_t index, bool *going);

/* Takes what is marked out of the goal (a copy of `before` still), rebuilds other layers' chains without it, and finds
 * the steps. What cannot be rebuilt is removed too, or refused. */
enum wsplsp_status plan_take_out(struct planner *planner, struct plan_marks *marks, bool cascade);

#endif
