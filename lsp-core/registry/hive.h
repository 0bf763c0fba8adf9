/* Offline SYSTEM hives: hive_native.c reads them with libhivex, hive_win.c with the registry's own offline loading. */
#ifndef WSPLSP_CORE_REGISTRY_HIVE_H
#define WSPLSP_CORE_REGISTRY_HIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "regtree.h"
#include "lsp-core/base/error.h"

/* Whether the bytes begin as a hive does ("regf"). */
bool hive_recognise(const void *bytes, size_t size);

/* Reads Select, each ControlSetNNN\Services\WinSock2, and what tells the code page of its DLL paths
 * (ControlSetNNN\Control\Nls\CodePage), of the hive in `bytes` into a new tree whose root is the hive's
 * (its first level: "Select", "ControlSet001" …). Nothing is ever written to a file of the user's. */
enum wsplsp_status hive_read(const void *bytes, size_t size, const char *source, struct reg_key **root,
                             struct wsplsp_error *error);

#endif
