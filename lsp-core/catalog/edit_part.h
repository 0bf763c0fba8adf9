/* What the files of catalog_edit share. */
#ifndef WSPLSP_CORE_CATALOG_EDIT_PART_H
#define WSPLSP_CORE_CATALOG_EDIT_PART_H

#include "edit.h"

/* The catalog of that bitness; NULL where the snapshot has none. */
struct wsplsp_catalog *catalog_edit_catalog(struct wsplsp_snapshot *snapshot, int bits);

/* CATALOG_EDIT_BAD_PATH where the registry item of a catalog in that code page cannot hold the path. */
enum catalog_edit_result catalog_edit_check_path(uint32_t code_page, const char *dll);

/* What Windows would give the next entry: the stored counter, but never an id that is in use. */
uint32_t catalog_edit_next_id(const struct wsplsp_snapshot *snapshot);

/* Appends an entry of that description. NULL when out of memory. */
struct wsplsp_entry *catalog_edit_append(struct wsplsp_catalog *catalog, const struct wsplsp_protocol_info *info,
                                         const struct wsplsp_guid *id, uint32_t catalog_id, const char *dll);

/* A layer's own entry. */
struct catalog_edit_own {
    struct wsplsp_guid id;
    uint32_t catalog_id;
    const char *name, *dll;
    uint32_t service_flags;
};

/* A chain entry of it. */
struct catalog_edit_chain {
    struct wsplsp_protocol_info below; /* the base or chain entry that it goes over */
    const char *over;                  /* what its name calls that; NULL: by that entry's own name */
    struct wsplsp_guid id;
    uint32_t catalog_id;
};

/* Adds a layer with one chain at least: its own entry, hidden, which tells of the first chain's protocol, last; its
 * chains, in their order, before all other entries. */
enum catalog_edit_result catalog_edit_add_layer(struct wsplsp_catalog *catalog, const struct catalog_edit_own *own,
                                                const struct catalog_edit_chain *chains, size_t count);

/* Ends a change to the entries: their positions and numbers, the catalog's count, its index. */
enum catalog_edit_result catalog_edit_settle(struct wsplsp_catalog *catalog);

/* Ends a change: the serial number goes on, 0 left out, which readers take for an empty catalog. */
void catalog_edit_count_up(struct wsplsp_counter *serial);

/* Frees what an entry holds. */
void catalog_edit_clear_entry(struct wsplsp_entry *entry);

/* The key in which an element's own values are kept, made where there is none; NULL when out of memory. */
struct reg_key *catalog_edit_origin(struct reg_key **origin, const char *name_value, const char *name);

#endif
