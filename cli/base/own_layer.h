/* Where wsplsp's own layer and helper are: beside the program. own_layer_win.c, own_layer_native.c. */
#ifndef WSPLSP_CLI_BASE_OWN_LAYER_H
#define WSPLSP_CLI_BASE_OWN_LAYER_H

#include "lsp-core/base/error.h"

#define BUNDLED_NAME "wsplsp"

/* The full path of the layer's DLL for programs of `bits`, new. Whether it is there is not looked at. */
enum wsplsp_status bundled_layer(int bits, char **path, struct wsplsp_error *error);

/* The same for wsplsp-inject.exe, which does what has to be done in a process of that bitness. */
enum wsplsp_status bundled_helper(int bits, char **path, struct wsplsp_error *error);

#endif
