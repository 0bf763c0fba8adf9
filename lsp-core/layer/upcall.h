/* The upcall table. "The service provider must use only the most recently supplied upcall dispatch table" of the
 * process (WSPStartup), whichever of the layer's entries it came with. */
#ifndef WSPLSP_LAYER_UPCALL_H
#define WSPLSP_LAYER_UPCALL_H

#include "winsock_spi.h"

void upcall_set(const WSPUPCALLTABLE *table);

/* The latest table, for a next provider's WSPStartup. */
void upcall_get(WSPUPCALLTABLE *table);

SOCKET upcall_modify_ifs_handle(DWORD catalog_id, SOCKET proposed, INT *error);

#endif
