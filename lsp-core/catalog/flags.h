/* The field's names for numbers: service and provider flags, LSP categories, families, socket types, protocols, name
 * spaces. Names and values as in winsock2.h, ws2spi.h and nspapi.h; meanings in a few words. */
#ifndef WSPLSP_CORE_CATALOG_FLAGS_H
#define WSPLSP_CORE_CATALOG_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flag {
    uint32_t value;
    const char *name;    /* "XP1_IFS_HANDLES" */
    const char *meaning; /* "sockets are file system handles" */
};

/* The tables end with a NULL name. */
extern const struct flag flags_service[];  /* XP1_* */
extern const struct flag flags_provider[]; /* PFL_* */
extern const struct flag flags_category[]; /* LSP_* */

/* A set of flags by name, such as "LSP_FIREWALL, LSP_SYSTEM, 0x1000", or "none"; new, or NULL when out of memory. */
char *flags_text(uint32_t value, const struct flag *table);

/* A number's name, or NULL: "AF_INET", "SOCK_STREAM", "IPPROTO_TCP" (of that family), "NS_DNS". */
const char *flags_family_name(int32_t family);
const char *flags_socket_type_name(int32_t type);
const char *flags_protocol_name(int32_t family, int32_t protocol);
const char *flags_name_space_name(uint32_t name_space);

/* The bits the tests and checks ask for by name. */
#define XP1_CONNECTIONLESS          0x00000001u
#define XP1_IFS_HANDLES             0x00020000u
#define PFL_MULTIPLE_PROTO_ENTRIES  0x00000001u
#define PFL_RECOMMENDED_PROTO_ENTRY 0x00000002u
#define PFL_HIDDEN                  0x00000004u
#define PFL_MATCHES_PROTOCOL_ZERO   0x00000008u
#define PFL_NETWORKDIRECT_PROVIDER  0x00000010u

#endif
