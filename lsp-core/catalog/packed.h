/* PackedCatalogItem: the registry's form of a protocol entry, 260 bytes of DLL path and a WSAPROTOCOL_INFOW. */
#ifndef WSPLSP_CORE_CATALOG_PACKED_H
#define WSPLSP_CORE_CATALOG_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lsp-core/base/code_page.h"
#include "catalog.h"

#define PACKED_PATH_SIZE 260 /* MAX_PATH, in bytes */
#define PACKED_SIZE      888 /* PACKED_PATH_SIZE + sizeof(WSAPROTOCOL_INFOW) */

/* Decodes `size` bytes. On success `*dll` is a new UTF-8 string, as code_page_read_path gives it. On failure returns a
 * static text saying why ("truncated: …") and sets nothing. Bytes after the 888th are accepted and ignored. Returns
 * NULL on success, and packed_out_of_memory when out of memory. */
const char *packed_decode(const uint8_t *bytes, size_t size, uint32_t code_page, struct wsplsp_protocol_info *info,
                          char **dll);
extern const char packed_out_of_memory[];

/* Encodes into `bytes`. Where `bytes` holds an item already (pass `has_old`) and its path reads as `dll`, or `dll` is
 * NULL, all of its 260 bytes stay as they are: a character can be stored in several ways, and real catalogs have
 * leftovers behind the path, which a backup keeps. Else as code_page_write_path says. */
enum code_page_result packed_encode(const struct wsplsp_protocol_info *info, const char *dll, uint32_t code_page,
                                    uint8_t bytes[PACKED_SIZE], bool has_old);

#endif
