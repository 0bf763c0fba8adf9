/* The catalog model: one snapshot holds all that Windows keeps about Winsock 2 providers. Portable; every command
 * reads snapshots and nothing else. Strings are UTF-8 and owned by the structure they stand in. */
#ifndef WSPLSP_CORE_CATALOG_CATALOG_H
#define WSPLSP_CORE_CATALOG_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lsp-core/base/error.h"
#include "lsp-core/base/guid.h"

#define WSPLSP_MAX_PROTOCOL_CHAIN   7   /* MAX_PROTOCOL_CHAIN */
#define WSPLSP_PROTOCOL_NAME_LENGTH 256 /* WSAPROTOCOL_LEN + 1, in UTF-16 units */

struct reg_key;

/* WSAPROTOCOL_INFOW, byte for byte (628 bytes, little endian); see that structure's page in Microsoft's reference. */
struct wsplsp_protocol_info {
    uint32_t service_flags[4]; /* [0]: XP1_*; the others are reserved */
    uint32_t provider_flags;   /* PFL_* */
    struct wsplsp_guid provider_id;
    uint32_t catalog_id;
    int32_t chain_len; /* 0 layer entry, 1 base entry, more: chain entry */
    uint32_t chain[WSPLSP_MAX_PROTOCOL_CHAIN];
    int32_t version;
    int32_t family;
    int32_t max_address_length;
    int32_t min_address_length;
    int32_t socket_type;
    int32_t protocol;
    int32_t protocol_max_offset;
    int32_t byte_order;
    int32_t security_scheme;
    uint32_t max_message_size;
    uint32_t provider_reserved;
    uint16_t name[WSPLSP_PROTOCOL_NAME_LENGTH];
};

enum wsplsp_kind {
    WSPLSP_KIND_BASE,  /* ChainLen 1 */
    WSPLSP_KIND_LAYER, /* ChainLen 0: a layered provider's hidden entry */
    WSPLSP_KIND_CHAIN, /* ChainLen over 1 */
};

/* One protocol entry. An entry whose registry item cannot be decoded keeps its place, with `undecoded` saying why,
 * `info` all zero, and the raw bytes in `origin`. */
struct wsplsp_entry {
    int bits;        /* 64 or 32: the catalog it stands in */
    size_t position; /* 1-based, in its catalog's order */
    uint32_t number; /* its registry subkey's number; 0 where the entry does not come from a registry */
    char *undecoded; /* NULL for an entry that could be decoded */
    struct wsplsp_protocol_info info;
    char *name_raw;         /* szProtocol as stored, perhaps "@dll,-id" */
    char *name;             /* shown: name_raw with a resolved reference; the raw form where that is not known */
    char *dll;              /* the provider's DLL as stored, environment strings not expanded; NULL where not known;
                               code_page_is_undecided where its bytes cannot be told apart */
    const char *dll_absent; /* static text: why `dll` is NULL */
    bool has_categories;
    uint32_t categories;           /* LSP_* bits, from WSCGetProviderInfo */
    const char *categories_absent; /* static text: why there are none; NULL where has_categories */
    struct reg_key *origin;        /* the entry's registry key as read, or NULL */
};

/* One name space provider, as WSANAMESPACE_INFOEXW or the registry gives it. */
struct wsplsp_name_space {
    int bits;
    size_t position;
    uint32_t number;
    char *undecoded; /* NULL unless a value it cannot do without is missing or malformed */
    struct wsplsp_guid provider_id;
    char *name_raw;
    char *name;
    char *dll; /* NULL where not known */
    const char *dll_absent;
    uint32_t name_space; /* NS_* */
    uint32_t version;
    bool enabled;
    bool stores_service_class_info;
    struct reg_key *origin;
};

/* One application's permitted LSP categories (WSCSetApplicationCategory). */
struct wsplsp_application {
    char *key;       /* its registry subkey's name */
    char *undecoded; /* NULL unless AppFullPath or PermittedLspCategories is missing or malformed */
    char *path;
    char *arguments; /* NULL for "any arguments" */
    uint32_t categories;
    struct reg_key *origin;
};

/* A registry number that may be absent. */
struct wsplsp_counter {
    bool present;
    uint32_t value;
};

/* One of the two catalogs: the one that 64-bit processes see, or 32-bit ones. */
struct wsplsp_catalog {
    int bits;
    bool present;
    const char *absent; /* static text: why it is not present */
    struct wsplsp_entry *entries;
    size_t entry_count;
    size_t *by_id; /* made by wsplsp_catalog_index, else NULL: the decoded entries' indices by id, then by position */
    size_t by_id_count;
    struct wsplsp_counter entries_stored; /* Num_Catalog_Entries[64] of Protocol_Catalog9 */
    struct wsplsp_name_space *name_spaces;
    size_t name_space_count;
    struct wsplsp_counter name_spaces_stored; /* Num_Catalog_Entries[64] of NameSpace_Catalog5 */
};

struct wsplsp_snapshot {
    bool live;                         /* the running system's, not a file's */
    uint32_t code_page;                /* in which DLL paths are stored (code_page.h); 0 where nothing tells */
    char *source;                      /* for messages: "the running system", or the file's name */
    struct wsplsp_catalog catalogs[2]; /* [0]: 64-bit, [1]: 32-bit */
    struct wsplsp_application *applications;
    size_t application_count;
    const char *applications_absent; /* static text; NULL where they could be read */
    struct wsplsp_counter next_catalog_id;
    struct wsplsp_counter serial;            /* Serial_Access_Num of Protocol_Catalog9 */
    struct wsplsp_counter name_space_serial; /* Serial_Access_Num of NameSpace_Catalog5 */
    bool locked;              /* a subkey named after the serial number: a writer's lock, left behind or in use */
    char *autodial_dll;       /* NULL where absent */
    char *name_space_callout; /* NULL where absent */
    char **notes; /* what a reader of the snapshot should know: other control sets, functions that are missing, … */
    size_t note_count;
    struct reg_key *origin; /* the WinSock2 key as read, without the entries' own subkeys; NULL where none was read */
};

/* An empty snapshot; NULL when out of memory. */
struct wsplsp_snapshot *wsplsp_snapshot_new(const char *source);
void wsplsp_snapshot_free(struct wsplsp_snapshot *snapshot);

/* Appends a zeroed element with bits and position set; NULL when out of memory. The pointer is good until the next
 * append to the same array. */
struct wsplsp_entry *wsplsp_catalog_add_entry(struct wsplsp_catalog *catalog);
struct wsplsp_name_space *wsplsp_catalog_add_name_space(struct wsplsp_catalog *catalog);
struct wsplsp_application *wsplsp_snapshot_add_application(struct wsplsp_snapshot *snapshot);

/* Appends a note; false when out of memory. */
bool wsplsp_snapshot_note(struct wsplsp_snapshot *snapshot, const char *format, ...) WSPLSP_PRINTF(2, 3);

/* The catalog of 64 or 32 bits. */
const struct wsplsp_catalog *wsplsp_snapshot_catalog(const struct wsplsp_snapshot *snapshot, int bits);

/* Makes wsplsp_catalog_find fast; the readers of snapshots have called it. Adding an entry undoes it, changing ids
 * calls for it anew. False when out of memory. */
bool wsplsp_catalog_index(struct wsplsp_catalog *catalog);

/* The first decoded entry with that id, or NULL. */
const struct wsplsp_entry *wsplsp_catalog_find(const struct wsplsp_catalog *catalog, uint32_t catalog_id);

enum wsplsp_kind wsplsp_entry_kind(const struct wsplsp_entry *entry);
const char *wsplsp_kind_name(enum wsplsp_kind kind); /* "base", "layer", "chain" */

#endif
