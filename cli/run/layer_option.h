/* The argument of `wsplsp run --layer`: DLL[,name=NAME][,mode=ifs|non-ifs][,skip=post][,over=WHAT[+WHAT...]]
 * [,guid=GUID]. The DLL is asked for its provider id where it tells one and none is given. */
#ifndef WSPLSP_CLI_RUN_LAYER_OPTION_H
#define WSPLSP_CLI_RUN_LAYER_OPTION_H

#include "lsp-core/catalog/layers.h"

/* Reads it and looks into the DLL. The parts of `layer` are new: layer_option_free. */
enum wsplsp_status layer_option_read(const char *argument, struct layer *layer, struct wsplsp_error *error);

void layer_option_free(struct layer *layer);

#endif
