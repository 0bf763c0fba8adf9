/* PackedCatalogItem: the registry's form of a protocol entry, 260 bytes of DLL path and a WSAPROTOCOL_INFOW. */
#ifndef WSPLSP_PACKED_H
#define WSPLSP_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wsplsp/catalog.h"

#define PACKED_PATH_SIZE 260 /* MAX_PATH, in bytes */
#define PACKED_SIZE      888 /* PACKED_PATH_SIZE + sizeof(WSAPROTOCOL_INFOW) */

/* Decodes `size` bytes. On success `*dll` is a new UTF-8 string. On failure returns a static text saying why
 * ("truncated: …") and sets nothing. Bytes after the 888th are accepted and ignored. Returns NULL on success, and
 * packed_out_of_memory when out of memory. */
const char *packed_decode(const uint8_t *bytes, size_t size, struct wsplsp_protocol_info *info, char **dll);
extern const char packed_out_of_memory[];

/* Encodes into `bytes`. Where `bytes` holds an item with the same path already (pass `has_old`), the bytes behind the
 * path's NUL stay as they are: real catalogs have leftovers there, and a backup keeps them. False where the path does
 * not fit or has a character outside Windows-1252. */
bool packed_encode(const struct wsplsp_protocol_info *info, const char *dll, uint8_t bytes[PACKED_SIZE], bool has_old);

#endif
