/* Winsock's part above one layered provider: a catalog of a base, a layer and a chain entry, and the upcalls. The
 * catalog's functions answer in the layer's DLL alone, whose imports are redirected. */
#ifndef TESTS_LAYER_BENCH_WINSOCK_PART_H
#define TESTS_LAYER_BENCH_WINSOCK_PART_H

#include <stdbool.h>
#include <winsock2.h>
#include <ws2spi.h>

/* Both paths are absolute. False where a DLL cannot be loaded. */
bool part_load(const wchar_t *layer, const wchar_t *next, bool ifs);

/* WSPStartup of the layer over the next provider; of the next provider alone. The error that it returns. */
int part_start_layer(WSPPROC_TABLE *procs);
int part_start_next(WSPPROC_TABLE *procs);

/* The chain's entry, for WSPSocket through the layer; the base's, for the next provider. */
WSAPROTOCOL_INFOW *part_chain(void);
WSAPROTOCOL_INFOW *part_base(void);

HMODULE part_layer(void);

#endif
