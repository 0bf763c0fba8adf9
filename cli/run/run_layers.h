/* The layers that `wsplsp run` puts into its catalog: those of --layer, and wsplsp's own for --trace and --filter. */
#ifndef WSPLSP_CLI_RUN_RUN_LAYERS_H
#define WSPLSP_CLI_RUN_RUN_LAYERS_H

#include "cli/base/options.h"
#include "program.h"

#define OWN_LAYER "wsplsp-layer.dll"

/* On top of the catalog: DLL[,name=NAME]..., as it is written behind --layer. What is no part of a catalog goes to
 * `posting`. */
enum wsplsp_status run_layers_add(struct wsplsp_snapshot *catalog, const char *argument, struct run_posting *posting,
                                  struct wsplsp_error *error);

/* Puts wsplsp's own on top of the catalog, for programs of each bitness that it is there for, where no --layer names
 * it. `settings`: ",name=..." as for --layer. `purpose`, for the error that it is not there: "to record with". */
enum wsplsp_status run_layers_add_own(const struct options *options, const char *settings, const char *purpose,
                                      struct wsplsp_snapshot *catalog, struct run_posting *posting,
                                      struct wsplsp_error *error);

#endif
