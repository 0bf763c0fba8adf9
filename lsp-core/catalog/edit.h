/* Changes to a catalog: what the WSC* functions do to it, on a snapshot in memory. Portable; knows no store and no
 * Winsock error numbers. All arguments are checked before anything is changed; but when memory runs out the snapshot
 * may be half changed and is good for freeing only, so work on one that nobody else reads. */
#ifndef WSPLSP_CORE_CATALOG_EDIT_H
#define WSPLSP_CORE_CATALOG_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog.h"

enum catalog_edit_result {
    CATALOG_EDIT_DONE,
    CATALOG_EDIT_NO_CATALOG,     /* the snapshot lacks the catalog of that bitness */
    CATALOG_EDIT_BAD_PATH,       /* empty, longer than MAX_PATH, or not to be stored in the catalog's code page */
    CATALOG_EDIT_BAD_NAME,       /* empty, or longer than WSAPROTOCOL_LEN */
    CATALOG_EDIT_BAD_LIST,       /* no entries, or a chain length that there is not */
    CATALOG_EDIT_BAD_ORDER,      /* not each id exactly once */
    CATALOG_EDIT_INSTALLED,      /* the provider id is in the catalog already */
    CATALOG_EDIT_NAME_TAKEN,     /* so is the layer's name */
    CATALOG_EDIT_UNKNOWN,        /* no such provider, entry or application */
    CATALOG_EDIT_NO_MATCH,       /* nothing for a layer to go over: for one of the protocols asked for, … */
    CATALOG_EDIT_NO_BASE,        /* … or at all */
    CATALOG_EDIT_CHAIN_TOO_LONG, /* over MAX_PROTOCOL_CHAIN */
    CATALOG_EDIT_NO_ID,          /* no provider id could be made */
    CATALOG_EDIT_NO_MEMORY,
};

/* Which catalogs an installation goes into: a set. In both it gets the same catalog ids. */
#define CATALOG_EDIT_64 1u
#define CATALOG_EDIT_32 2u

/* Both infos' catalog and provider ids are ignored: the catalog gives the one, `id` is the other. */
struct catalog_edit_provider {
    struct wsplsp_guid id;
    const char *dll;
    const struct wsplsp_protocol_info *infos;
    size_t count;
};

/* WSCInstallProvider(64_32): appends the provider's entries. */
enum catalog_edit_result catalog_edit_install(struct wsplsp_snapshot *snapshot, unsigned catalogs,
                                              const struct catalog_edit_provider *provider);

/* WSCUpdateProvider(32): gives all entries of the provider the DLL, and those with the infos' catalog ids the rest. */
enum catalog_edit_result catalog_edit_update(struct wsplsp_snapshot *snapshot, int bits,
                                             const struct catalog_edit_provider *provider);

/* WSCDeinstallProvider(32): removes the entries with that provider id, and no others. */
enum catalog_edit_result catalog_edit_remove(struct wsplsp_snapshot *snapshot, int bits, const struct wsplsp_guid *id);

/* WSCWriteProviderOrder(32). Entries that cannot be decoded have no id and stay where they are. */
enum catalog_edit_result catalog_edit_order(struct wsplsp_snapshot *snapshot, int bits, const uint32_t *ids,
                                            size_t count);

struct catalog_edit_protocol {
    int32_t family, type, protocol;
};

struct catalog_edit_layer {
    struct wsplsp_guid id; /* of its own entry */
    const char *dll64, *dll32;
    const char *name;
    uint32_t service_flags;                   /* of its own entry */
    const struct catalog_edit_protocol *over; /* NULL: the base entries of all protocols */
    size_t over_count;
    /* Makes the provider id of a chain. */
    bool (*new_id)(struct wsplsp_guid *id);
};

/* WSCInstallProviderAndChains(64_32): the layer's own entry, hidden, goes last; its chains go before all others.
 * `*layer_id`, which may be NULL, becomes the own entry's catalog id. */
enum catalog_edit_result catalog_edit_install_layer(struct wsplsp_snapshot *snapshot, unsigned catalogs,
                                                    const struct catalog_edit_layer *layer, uint32_t *layer_id);

/* The own entry of the layer with that provider id, which is what has categories; or NULL. */
const struct wsplsp_entry *catalog_edit_find_layer(const struct wsplsp_catalog *catalog, const struct wsplsp_guid *id);

/* The provider's first entry, or NULL. */
const struct wsplsp_entry *catalog_edit_find_provider(const struct wsplsp_catalog *catalog,
                                                      const struct wsplsp_guid *id);

/* WSCSetProviderInfo(32) with ProviderInfoLspCategories. Where Windows keeps this is not documented; here it is a value
 * of the entry's key (LAYOUT_CATEGORIES). */
enum catalog_edit_result catalog_edit_set_categories(struct wsplsp_snapshot *snapshot, int bits,
                                                     const struct wsplsp_guid *id, uint32_t categories);

/* WSCSetApplicationCategory: adds to the categories that the application permits; `*before` becomes what it permitted
 * so far, or 0. `arguments` may be NULL. `paths_equal` as for choose_application. */
enum catalog_edit_result catalog_edit_permit(struct wsplsp_snapshot *snapshot, const char *path, const char *arguments,
                                             uint32_t categories,
                                             bool (*paths_equal)(const char *stored, const char *path),
                                             uint32_t *before);
/* The application's entry, or NULL. */
const struct wsplsp_application *
catalog_edit_find_application(const struct wsplsp_snapshot *snapshot, const char *path, const char *arguments,
                              bool (*paths_equal)(const char *stored, const char *path));

struct catalog_edit_name_space {
    struct wsplsp_guid id;
    const char *name;
    const char *dll;
    uint32_t name_space;
    uint32_t version;
    const void *info; /* ProviderInfo; NULL for none */
    size_t info_size;
};

/* WSCInstallNameSpace(Ex)(32), WSCUnInstallNameSpace(32), WSCEnableNSProvider(32), WSCWriteNameSpaceOrder(32). */
enum catalog_edit_result catalog_edit_install_name_space(struct wsplsp_snapshot *snapshot, int bits,
                                                         const struct catalog_edit_name_space *name_space);
enum catalog_edit_result catalog_edit_remove_name_space(struct wsplsp_snapshot *snapshot, int bits,
                                                        const struct wsplsp_guid *id);
enum catalog_edit_result catalog_edit_enable_name_space(struct wsplsp_snapshot *snapshot, int bits,
                                                        const struct wsplsp_guid *id, bool enabled);
enum catalog_edit_result catalog_edit_order_name_spaces(struct wsplsp_snapshot *snapshot, int bits,
                                                        const struct wsplsp_guid *ids, size_t count);

/* The bytes of ProviderInfo as stored, or NULL; `*size` is 0 then. */
const void *catalog_edit_name_space_info(const struct wsplsp_name_space *name_space, size_t *size);

#endif
