/* Whether people without administrator rights may change a file, or swap it for another by way of its folders, asked of
 * the running Windows; access.h judges. */
#ifndef WSPLSP_CORE_WIN_ACCESS_WIN_H
#define WSPLSP_CORE_WIN_ACCESS_WIN_H

#include <windows.h>

#include "access_path.h"

/* Owner and DACL of an opened file or folder, self-relative and new; NULL with GetLastError. */
void *access_descriptor(HANDLE object, size_t *size);

/* The SID that is trusted besides: under Wine its user, the only owner of files that it has; NULL on Windows. */
const void *access_also(void);

/* For a file at an absolute path with a drive letter. False only when out of memory. */
bool access_path_changes(const wchar_t *path, struct access_finding *finding);

#endif
