/* The list of cases in which the system at hand is known to differ from the reference (wine8.expected). One a line:
 *   PATTERN reason…    the case is run; if it fails, that is said and does not count
 *   !PATTERN reason…   the case is not run: it would hang or end the program
 * In a pattern * stands for any text. Empty lines and those that begin with # are comments. */
#ifndef CONFORMANCE_KNOWN_H
#define CONFORMANCE_KNOWN_H

#include <stdbool.h>

struct known {
    char *pattern;
    char *reason;
    bool never;
};

bool known_load(const char *file);
const struct known *known_find(const char *name); /* NULL: not listed */
bool known_matches(const char *pattern, const char *name);

#endif
