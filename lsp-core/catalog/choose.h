/* Which catalog entry serves a socket: the rules of WSASocket, WSAStringToAddress, WSAEnumProtocols and of the page
 * "Categorizing Layered Service Providers and Applications". Portable; works on a catalog alone. */
#ifndef WSPLSP_CORE_CATALOG_CHOOSE_H
#define WSPLSP_CORE_CATALOG_CHOOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog.h"

#define CHOOSE_FROM_PROTOCOL_INFO (-1) /* FROM_PROTOCOL_INFO */

/* Winsock's error numbers, the same as in winsock2.h, which portable code has not. */
enum choose_error {
    CHOOSE_OK = 0,
    CHOOSE_INVALID = 10022,                /* WSAEINVAL */
    CHOOSE_PROTOCOL_NOT_SUPPORTED = 10043, /* WSAEPROTONOSUPPORT */
    CHOOSE_TYPE_NOT_SUPPORTED = 10044,     /* WSAESOCKTNOSUPPORT */
    CHOOSE_FAMILY_NOT_SUPPORTED = 10047,   /* WSAEAFNOSUPPORT */
};

/* The LSP categories that an application permits, from its entry in the catalog (WSCSetApplicationCategory). */
struct choose_application {
    bool categorized; /* false: any layer may be loaded */
    uint32_t permitted;
};

/* What the snapshot says about the program `path`, started with `arguments` (the command line behind the program's
 * name); the entry without arguments stands for any. `paths_equal` compares a path as stored, perhaps with
 * environment strings, with the program's. */
struct choose_application choose_application(const struct wsplsp_snapshot *snapshot, const char *path,
                                             const char *arguments,
                                             bool (*paths_equal)(const char *stored, const char *path));

/* Whether a layer of these categories (0 where it has none) may be loaded into the application. */
bool choose_categories_match(struct choose_application application, uint32_t categories);

/* Whether sockets may be made of the entry: a base entry, or a chain all of whose layers the application permits.
 * Never a layer's own entry. */
bool choose_usable(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry,
                   struct choose_application application);

/* The entry that WSASocket(family, type, protocol) takes without a WSAPROTOCOL_INFO: the first usable one that
 * matches. On CHOOSE_OK `*entry` is set. */
enum choose_error choose_socket(const struct wsplsp_catalog *catalog, int32_t family, int32_t type, int32_t protocol,
                                struct choose_application application, const struct wsplsp_entry **entry);

/* Whether an entry with this information stands for sockets of that kind; zero is any family or type. */
bool choose_stands_for(const struct wsplsp_protocol_info *info, int32_t family, int32_t type, int32_t protocol);

/* Whether the catalog speaks of sockets of that kind, or of a family, at all: it has a base or chain entry for them,
 * usable or not. */
bool choose_lists(const struct wsplsp_catalog *catalog, int32_t family, int32_t type, int32_t protocol);
bool choose_lists_family(const struct wsplsp_catalog *catalog, int32_t family);

/* The usable entry that a WSAPROTOCOL_INFO given by the program names; NULL where the catalog has none with that
 * catalog id and provider id. */
const struct wsplsp_entry *choose_named(const struct wsplsp_catalog *catalog, uint32_t catalog_id,
                                        const struct wsplsp_guid *provider_id, struct choose_application application);

/* The first usable entry of a family: WSAAddressToString and WSAStringToAddress without a WSAPROTOCOL_INFO. */
const struct wsplsp_entry *choose_family(const struct wsplsp_catalog *catalog, int32_t family,
                                         struct choose_application application);

/* The first base entry that stands for sockets of that kind, hidden or not; NULL where there is none. */
const struct wsplsp_entry *choose_base(const struct wsplsp_catalog *catalog, int32_t family, int32_t type,
                                       int32_t protocol);

/* Whether WSAEnumProtocols shows the entry: usable, not PFL_HIDDEN, and among `protocols` (ends with 0; NULL: all). */
bool choose_enumerated(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry, const int *protocols,
                       struct choose_application application);

#endif
