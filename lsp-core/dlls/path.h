/* The paths that a catalog stores, for a Windows that isn't running: what they stand for where Windows is laid out as
 * its setup does it, on drive C. */
#ifndef WSPLSP_CORE_DLLS_PATH_H
#define WSPLSP_CORE_DLLS_PATH_H

#include <stdbool.h>
#include <stddef.h>

#define FILES_PATH_MAX 1024

/* Expands the environment strings that every Windows has, as a process of `bits` on a Windows of `system_bits` sees
 * them; the result goes from a drive's or server's root. As LoadLibrary does, it takes a name without a folder for one
 * in System32, and one without an extension for a .dll. Returns NULL, or a static text: why it can't be told. */
const char *files_path_expand(const char *stored, int bits, int system_bits, char expanded[FILES_PATH_MAX]);

/* Whether the path depends on the folder or drive that a process works in, or on its own folder. */
bool files_path_is_relative(const char *stored);

/* Whether two stored paths stand for one file, as far as that can be told. */
bool files_path_equal(const char *a, const char *b);

/* Whether it is the DLL of that name in the system folder of a Windows in the usual folder, on whatever drive. */
bool files_path_is_system_dll(const char *stored, const char *name);

#endif
