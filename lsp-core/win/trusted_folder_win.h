/* Folders of wsplsp's own that nobody but administrators may change, made or made sure of: for what an elevated program
 * will believe later. Judged is what rights allow, not who is named in them. */
#ifndef WSPLSP_CORE_WIN_TRUSTED_FOLDER_WIN_H
#define WSPLSP_CORE_WIN_TRUSTED_FOLDER_WIN_H

#include <stdbool.h>
#include <windows.h>

#include "lsp-core/base/error.h"

enum trusted_kind {
    TRUSTED_DATA,    /* the folder around the others: everybody may look, and nothing more */
    TRUSTED_BACKUPS, /* administrators' alone */
    TRUSTED_TRACES,  /* everybody may add a file, which is that person's own */
};

enum trusted_state {
    TRUSTED_ABSENT,
    TRUSTED_GOOD,
    TRUSTED_WIDENED, /* administrators own it, but others may change it */
    TRUSTED_FOREIGN, /* somebody else owns it, or it is a link, or no folder */
};

/* Looks, and changes nothing. */
enum wsplsp_status trusted_folder_look(const wchar_t *path, enum trusted_kind kind, enum trusted_state *state,
                                       struct wsplsp_error *error);

/* Makes the folder; its parent exists. One that is there and was widened gets its rights back. A foreign one is taken
 * over by its handle and renamed: what is in it is not wsplsp's. A sentence about that is then
 * added to `*note` (new, or NULL), as a line of its own. WSPLSP_REFUSED where the name stays taken. */
enum wsplsp_status trusted_folder_make(const wchar_t *path, enum trusted_kind kind, char **note,
                                       struct wsplsp_error *error);

/* Adds a sentence to a note, and takes it over; without memory it goes unsaid. */
void trusted_folder_tell(char **note, char *text);

/* Whether administrators or the system own an opened file; `*changeable`: somebody else may change it nevertheless. */
bool trusted_file(HANDLE file, bool *changeable);

/* What a foreign folder's name goes on with once it has been set aside: a time follows. */
#define TRUSTED_ASIDE L".untrusted-"

#endif
