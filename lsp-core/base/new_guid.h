/* New provider ids. guid_win.c, guid_native.c. */
#ifndef WSPLSP_CORE_BASE_NEW_GUID_H
#define WSPLSP_CORE_BASE_NEW_GUID_H

#include "lsp-core/catalog/catalog.h"

/* A random GUID (version 4). */
enum wsplsp_status new_guid(struct wsplsp_guid *guid, struct wsplsp_error *error);

#endif
