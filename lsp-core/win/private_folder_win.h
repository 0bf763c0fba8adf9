/* A fresh folder among the temporary files that only the current user can look into, for one file at a time. */
#ifndef WSPLSP_CORE_WIN_PRIVATE_FOLDER_WIN_H
#define WSPLSP_CORE_WIN_PRIVATE_FOLDER_WIN_H

#include <stddef.h>
#include <windows.h>

#include "lsp-core/base/error.h"

struct private_folder {
    wchar_t path[MAX_PATH];
    wchar_t file[MAX_PATH + 16]; /* the file in it */
};

/* Makes the folder and in it a file of these bytes. Nothing is left behind on failure. */
enum wsplsp_status private_folder_make(struct private_folder *folder, const void *bytes, size_t size,
                                       struct wsplsp_error *error);

/* Deletes the folder and every file in it. */
void private_folder_remove(const struct private_folder *folder);

#endif
