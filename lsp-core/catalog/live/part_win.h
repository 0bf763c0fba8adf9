/* Between the live store's files: one catalog being read, and what is said about its functions. Not for others. */
#ifndef WSPLSP_CORE_CATALOG_LIVE_PART_WIN_H
#define WSPLSP_CORE_CATALOG_LIVE_PART_WIN_H

#include "live_win.h"

/* The names of one catalog's functions, and static texts that name them. */
struct live_texts {
    const char *enum_protocols;
    const char *enum_missing;
    const char *enum_failed;
    const char *path_missing;
    const char *path_failed;
    const char *path_empty;
    const char *info_missing;
    const char *info_failed;
    const char *info_no_recovery;
    const char *info_no_provider;
    const char *enum_name_spaces;
};

/* One catalog of the snapshot, which already holds what the registry has of it. */
struct live_part {
    const struct live_functions *functions;
    const struct live_catalog_functions *calls;
    const struct live_texts *texts;
    struct wsplsp_snapshot *snapshot;
    struct wsplsp_catalog *catalog;
    struct wsplsp_error *error;
};

/* Puts the functions' word over the registry's: entries, order, paths and categories; what the registry alone knows
 * (each entry's own key) stays. */
enum wsplsp_status live_read_entries(const struct live_part *part);

/* The same for the name space providers. */
enum wsplsp_status live_read_name_spaces(const struct live_part *part);

/* Sets `*name` to what is shown for `raw`: `given` where a function gave a resolved text, else what the system makes of
 * a reference, else what the table of well-known ones says, else `raw`. False when out of memory. */
bool live_show_name(const struct live_functions *functions, const char *raw, const char *given, char **name);

/* Hands the catalog's entries or name spaces to `old`, whose owner frees them; the catalog is left without. */
void live_move_entries(struct wsplsp_catalog *catalog, struct wsplsp_snapshot *old);
void live_move_name_spaces(struct wsplsp_catalog *catalog, struct wsplsp_snapshot *old);

/* How often something was seen, and with which catalog id first; becomes one note, not one for each entry. */
struct live_tally {
    size_t count;
    uint32_t first;
};

void live_count(struct live_tally *tally, uint32_t catalog_id);
/* "64-bit catalog: WHAT (3 entries; the first is 1001)"; nothing for a count of 0. False when out of memory. */
bool live_note(const struct live_part *part, const struct live_tally *tally, const char *what);

#endif
