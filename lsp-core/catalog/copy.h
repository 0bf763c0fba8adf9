/* Deep copies of a snapshot and of its parts. */
#ifndef WSPLSP_CORE_CATALOG_COPY_H
#define WSPLSP_CORE_CATALOG_COPY_H

#include "catalog.h"

/* A copy with all it holds; NULL when out of memory. */
struct wsplsp_snapshot *copy_snapshot(const struct wsplsp_snapshot *snapshot);

/* False when out of memory; `to` can be freed either way. */
bool copy_entry(struct wsplsp_entry *to, const struct wsplsp_entry *from);

#endif
