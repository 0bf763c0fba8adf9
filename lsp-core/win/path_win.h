/* Whether two paths of a program are the same, as "WSCSetApplicationCategory" takes them: environment strings in either
 * are expanded, and case does not matter. */
#ifndef WSPLSP_CORE_WIN_PATH_WIN_H
#define WSPLSP_CORE_WIN_PATH_WIN_H

#include <stdbool.h>

/* Both in UTF-8. False when out of memory. */
bool path_equal(const char *a, const char *b);

#endif
