/* Whether two paths of a program are the same, as "WSCSetApplicationCategory" takes them: environment strings in either
 * are expanded, and case does not matter. */
#ifndef WSPLSP_HOST_PATH_EQUAL_H
#define WSPLSP_HOST_PATH_EQUAL_H

#include <stdbool.h>

/* Both in UTF-8. False when out of memory. */
bool path_equal(const char *a, const char *b);

#endif
