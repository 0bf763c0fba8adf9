/* Whether people without administrator rights may change a file, or swap it for another by way of its folders. */
#ifndef WSPLSP_ACCESS_WIN_H
#define WSPLSP_ACCESS_WIN_H

#include <windows.h>

enum access_answer { ACCESS_NO, ACCESS_YES, ACCESS_UNKNOWN };

/* Rights that let one change a file, put files into a folder, or take a folder's place further up. */
#define ACCESS_CHANGE_FILE   (FILE_WRITE_DATA | FILE_APPEND_DATA | DELETE | WRITE_DAC | WRITE_OWNER)
#define ACCESS_CHANGE_FOLDER (FILE_ADD_FILE | FILE_DELETE_CHILD | DELETE | WRITE_DAC | WRITE_OWNER)
#define ACCESS_CHANGE_ABOVE  (FILE_DELETE_CHILD | WRITE_DAC | WRITE_OWNER)

/* Whether the DACL (NULL: everyone may do all) gives ordinary users one of the `wanted` rights, none of them generic.
 * `*who` is then a static name; for ACCESS_UNKNOWN `*why` is a static text. `owner` may be NULL. */
enum access_answer access_dacl_grants(const ACL *dacl, PSID owner, DWORD wanted, const char **who, const char **why);

/* The same for a file, its folder and the folders above; `*at` is then the one of them that it is, new. The path is
 * absolute, with a drive letter. */
enum access_answer access_path_writable(const wchar_t *path, const char **who, wchar_t **at, const char **why);

#endif
