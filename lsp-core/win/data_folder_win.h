/* The machine's folder for what wsplsp keeps: %ProgramData%\wsplsp, with backups and traces side by side in folders of
 * their own. Everybody may make a folder in %ProgramData%; where somebody keeps that name taken, another one is used,
 * and remembered in HKEY_LOCAL_MACHINE\SOFTWARE\wsplsp, DataFolder. */
#ifndef WSPLSP_CORE_WIN_DATA_FOLDER_WIN_H
#define WSPLSP_CORE_WIN_DATA_FOLDER_WIN_H

#include <stdbool.h>
#include <windows.h>

#include "trusted_folder_win.h"

#define DATA_FOLDER_BACKUPS L"backups"
#define DATA_FOLDER_TRACES  L"trace"

/* Where `name` is, or would be made. False where the system does not tell of %ProgramData%. */
bool data_folder_path(const wchar_t *name, wchar_t path[MAX_PATH]);

/* Makes it, with what is above; `path` is where it is. `*note` as in trusted_folder_make. */
enum wsplsp_status data_folder_make(const wchar_t *name, enum trusted_kind kind, wchar_t path[MAX_PATH], char **note,
                                    struct wsplsp_error *error);

/* The usual place, whatever is remembered. */
bool data_folder_usual(wchar_t path[MAX_PATH]);

#endif
