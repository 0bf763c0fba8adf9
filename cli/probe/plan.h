/* Which entries of the catalog a probe enters for an address family. Portable. */
#ifndef WSPLSP_CLI_PROBE_PLAN_H
#define WSPLSP_CLI_PROBE_PLAN_H

#include "lsp-core/catalog/choose.h"
#include "report.h"
#include "lsp-core/catalog/catalog.h"

/* Fills the results' way, entry and layer, and why one cannot be tried; `entries` has each one's entry, or NULL. From
 * the top down, without PROBE_KERNEL. Returns how many there are. */
size_t probe_plan(const struct wsplsp_catalog *catalog, int32_t family, struct choose_application application,
                  bool each_layer, struct probe_result results[PROBE_RESULTS_MAX],
                  const struct wsplsp_entry *entries[PROBE_RESULTS_MAX]);

#endif
