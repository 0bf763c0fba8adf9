/* The functions that providers have beside the SPI: AcceptEx and its like. */
#ifndef WSPLSP_CORE_HOST_API_EXTENSION_H
#define WSPLSP_CORE_HOST_API_EXTENSION_H

#include <stdbool.h>

#include "lsp-core/win/winsock.h"

/* Asks the socket's provider for a function (SIO_GET_EXTENSION_FUNCTION_POINTER); false with the last error set. Each
 * provider has its own, so nobody may keep one of them for all sockets. */
bool extension_find(SOCKET s, const GUID *id, void **function);

#endif
