/* What the host offers to service providers: the WPU* functions. */
#ifndef WSPLSP_CORE_HOST_API_UPCALLS_H
#define WSPLSP_CORE_HOST_API_UPCALLS_H

#include <stddef.h>

#include "lsp-core/host/redirect/redirect.h"
#include "lsp-core/win/winsock.h"

/* All 15 functions, the same table at each call. */
const WSPUPCALLTABLE *upcalls_table(void);

/* WPUCompleteOverlappedRequest and what else ws2_32.dll exports for providers. To be redirected with the others. */
extern const struct redirect_export upcalls_exports[];
extern const size_t upcalls_export_count;

#endif
