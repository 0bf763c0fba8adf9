/* The tree of chains as text: what `tree` prints, and what a plan leads to. */
#ifndef WSPLSP_CLI_OUT_TREE_H
#define WSPLSP_CLI_OUT_TREE_H

#include "cli/base/options.h"
#include "cli/base/output.h"
#include "lsp-core/catalog/catalog.h"

/* The catalogs that the options leave in. */
void tree_print(const struct wsplsp_snapshot *snapshot, const struct options *options, struct output *output);

#endif
