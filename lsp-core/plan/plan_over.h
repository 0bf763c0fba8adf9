/* Which base entries a layer is put over: the --over of `install`. */
#ifndef WSPLSP_CORE_PLAN_PLAN_OVER_H
#define WSPLSP_CORE_PLAN_PLAN_OVER_H

#include "part.h"

/* Sets covered[index] for the base entries of the catalog that the request means. WSPLSP_NOT_FOUND where something
 * that it names has none. */
enum wsplsp_status plan_over(struct planner *planner, const struct plan_install_request *request,
                             const struct wsplsp_catalog *catalog, bool *covered);

#endif
