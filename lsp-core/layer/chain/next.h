/* The next provider of a chain: its DLL loaded and started. Chains that go on to the same provider start it once each;
 * the loader and the provider itself count, as every provider has to (WSPStartup). */
#ifndef WSPLSP_CORE_LAYER_CHAIN_NEXT_H
#define WSPLSP_CORE_LAYER_CHAIN_NEXT_H

#include "winsock_spi.h"

struct next {
    HMODULE module;
    WSPPROC_TABLE procs;
};

/* Zero, or WSPStartup's error: the provider's own; WSAVERNOTSUPPORTED where it offers less than 2.2; WSASYSNOTREADY
 * where the DLL is missing, is no provider, or its procedure table has holes. Then it has been unloaded again. */
int next_start(const wchar_t *path, WSAPROTOCOL_INFOW *info, const WSPUPCALLTABLE *upcalls, struct next *next);

/* WSPCleanup. */
void next_stop(const struct next *next);

void next_unload(struct next *next);

#endif
