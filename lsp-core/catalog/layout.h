/* Where Windows keeps the catalog in the registry: turns a registry tree into a snapshot and back. What the model does
 * not name (other values, odd subkeys, bytes behind a path) is kept with the snapshot and written back as it was. */
#ifndef WSPLSP_CORE_CATALOG_LAYOUT_H
#define WSPLSP_CORE_CATALOG_LAYOUT_H

#include "lsp-core/registry/regtree.h"
#include "catalog.h"

/* The WinSock2 key inside a whole tree (from hive.h or regfile.h): under CurrentControlSet if there is one, else under
 * the control set that Select\Current names, else the first in the tree. NULL where there is none. Where there was a
 * choice to make, `*note` becomes a new text that says so; otherwise NULL. */
struct reg_key *layout_find_winsock2(const struct reg_key *root, char **note);

/* The ANSI code page of the Windows that the WinSock2 key in the tree is of, where the tree has the key that tells it
 * (Control\Nls\CodePage of the same control set); else CODE_PAGE_UNKNOWN. `*named`, where it names one that is not
 * known here, becomes a new text; otherwise NULL. False when out of memory. */
bool layout_find_code_page(const struct reg_key *root, const struct reg_key *winsock2, uint32_t *code_page,
                           char **named);

/* Fills a snapshot, whose code page is set, from a WinSock2 key. The entries' own subkeys move into the snapshot, the
 * rest is copied. What can't be decoded is kept and marked. On failure the snapshot is good for freeing only. */
enum wsplsp_status layout_read(struct reg_key *winsock2, struct wsplsp_snapshot *snapshot, struct wsplsp_error *error);

/* What of the snapshot's DLL paths could not be decided, and what helps: a new text. NULL where all are, or when out of
 * memory. layout_read has added it to the snapshot's notes. */
char *layout_undecided(const struct wsplsp_snapshot *snapshot);

/* The WinSock2 key for a snapshot, new. Entries without a number follow their predecessor's, counters that the snapshot
 * does not have are counted; all else is written as it stands, faults included, so that a backup of a broken catalog is
 * that catalog. Fails for an entry whose DLL is not known. */
enum wsplsp_status layout_write(const struct wsplsp_snapshot *snapshot, struct reg_key **winsock2,
                                struct wsplsp_error *error);

#endif
