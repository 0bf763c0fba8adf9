/* The folder that the traces of an installed layer go to: every user's processes may add files to it, and nobody but an
 * administrator and a file's own owner may read one, or lead a file elsewhere. */
#ifndef WSPLSP_CORE_WIN_SAFE_FOLDER_WIN_H
#define WSPLSP_CORE_WIN_SAFE_FOLDER_WIN_H

#include <windows.h>

#include "lsp-core/base/error.h"

/* Makes `path` (absolute, with a drive letter) and what is missing above it. What is there already is checked, and
 * refused where anybody but administrators could change it: WSPLSP_REFUSED. */
enum wsplsp_status safe_folder_make(const wchar_t *path, struct wsplsp_error *error);

/* The usual one, in the machine's folder for what wsplsp keeps (data_folder_win.h), made or made sure of. What had to
 * be done for that is added to `*note`, as in trusted_folder_win.h. */
enum wsplsp_status safe_folder_usual(wchar_t path[MAX_PATH], char **note, struct wsplsp_error *error);

#endif
