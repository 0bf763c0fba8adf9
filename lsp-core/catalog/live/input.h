/* The catalog a command works on. */
#ifndef WSPLSP_CORE_CATALOG_LIVE_INPUT_H
#define WSPLSP_CORE_CATALOG_LIVE_INPUT_H

#include "lsp-core/catalog/catalog.h"

/* Reads the catalog in `path`, with that code page as for source_load_file; NULL stands for the running system's. */
enum wsplsp_status input_load(const char *path, uint32_t code_page, struct wsplsp_snapshot **snapshot,
                              struct wsplsp_error *error);

#endif
