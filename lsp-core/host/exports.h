/* All that the host redirects, in one table. */
#ifndef WSPLSP_CORE_HOST_EXPORTS_H
#define WSPLSP_CORE_HOST_EXPORTS_H

#include "lsp-core/base/error.h"

/* Redirects the functions of every part of the host; call it once, after real_load. */
enum wsplsp_status exports_install(struct wsplsp_error *error);

#endif
