/* The lock of a catalog's file: a file beside it that one process at a time has open, for itself, and that goes with
 * its handle. A kernel object's name would be anybody's to take first; a file needs the right to change that folder,
 * which is what changing the catalog's file needs. The host and shared_file_win.c take the same one. */
#ifndef WSPLSP_CORE_REGISTRY_LOCK_FILE_WIN_H
#define WSPLSP_CORE_REGISTRY_LOCK_FILE_WIN_H

#include <windows.h>

#define LOCK_FILE_SUFFIX  ".wsplsp-lock" /* behind the name of what it is for */
#define LOCK_FILE_TIMEOUT 30000          /* ms; a change takes some milliseconds */

/* ERROR_SUCCESS; WAIT_TIMEOUT where another has it all that time; else why there can be none, such as
 * ERROR_ACCESS_DENIED in a folder that this process may not change. */
DWORD lock_file_take(const wchar_t *path, DWORD timeout, HANDLE *lock);
void lock_file_give(HANDLE lock);

/* Whether that code says that this process may change nothing there: what is only read needs no lock then, as files
 * are replaced as a whole. */
BOOL lock_file_is_denied(DWORD code);

#endif
