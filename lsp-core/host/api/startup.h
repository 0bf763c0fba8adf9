/* The process's use of Winsock: WSAStartup and WSACleanup counted, and what is decided once for the process. */
#ifndef WSPLSP_CORE_HOST_API_STARTUP_H
#define WSPLSP_CORE_HOST_API_STARTUP_H

#include <stdbool.h>

#include "lsp-core/catalog/choose.h"
#include "lsp-core/win/winsock.h"

/* More WSAStartup than WSACleanup so far. */
bool startup_done(void);

/* All versions negotiated so far are below 2.0: the blocking hook and its functions exist. */
bool startup_only_version_1(void);

/* What this program permits, by the private catalog; looked up at the first WSAStartup, as "Categorizing Layered
 * Service Providers and Applications" says: when a process loads Winsock. */
struct choose_application startup_application(void);

#endif
