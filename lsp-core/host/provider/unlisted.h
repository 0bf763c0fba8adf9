/* What the system's Winsock makes without listing it, and the private catalog does not speak of: raw sockets, AF_UNIX,
 * IrDA, Bluetooth under Wine. A program gets that hosted as it does bare, so the host lets it through to the base
 * provider with the program's own numbers, and the result is the system's. What the system does list and the private
 * catalog does not is missing there on purpose, and stays an error. */
#ifndef WSPLSP_CORE_HOST_PROVIDER_UNLISTED_H
#define WSPLSP_CORE_HOST_PROVIDER_UNLISTED_H

#include "provider.h"

/* The base provider, started, where WSASocket's arguments are such a case, and the WSAPROTOCOL_INFOW for its WSPSocket;
 * for a catalog that has no entry to take for them. `given` is the program's, or NULL. NULL where it is none: then
 * `*error` is left alone; or where the base provider does not start. */
struct provider *unlisted_socket(const struct wsplsp_catalog *catalog, int family, int type, int protocol,
                                 const WSAPROTOCOL_INFOW *given, WSAPROTOCOL_INFOW *info, INT *error);

/* The same for the addresses of a family. */
struct provider *unlisted_family(const struct wsplsp_catalog *catalog, int family, WSAPROTOCOL_INFOW *info, INT *error);

#endif
