/* Folders that only the system and administrators may read or change, made or made sure of: for what an elevated
 * program will believe later. */
#ifndef WSPLSP_TRUSTED_FOLDER_WIN_H
#define WSPLSP_TRUSTED_FOLDER_WIN_H

#include <stdbool.h>
#include <windows.h>

#include "wsplsp/error.h"

/* Makes the folder; its parent exists. One that is there already and is not trusted, or is a link, is renamed, for
 * rights that are corrected do not help against handles that somebody has opened before. */
enum wsplsp_status trusted_folder_make(const wchar_t *path, struct wsplsp_error *error);

/* Whether somebody else than the system, administrators and `also` (may be NULL) owns a thing or has any right to it.
 * NULL for a DACL grants everything. */
bool trusted_folder_rights(PSID owner, const ACL *dacl, PSID also);

#endif
