/* The lists of known differences: where a case's result is known not to be the reference's. One a line:
 *   PATTERN reason…    the case fails here; it is run all the same
 *   !PATTERN reason…   the case is not run: it would hang or end the program
 *   +PATTERN reason…   the case passes here, though a list before this one says that it does not
 * In a pattern * stands for any text. Empty lines and those that begin with # are comments.
 *
 * Each mode has a list of its own, and it is exact: with --strict a listed case that passes is a failure like any
 * other. It is put together from files, the general one first; of the lines that match a case, the last one decides:
 *   bare                                 wine8 bare
 *   hosted                               wine8
 *   through layers, IFS                  wine8
 *   through another's layer, non-IFS     wine8 nonifs
 *   through wsplsp-layer.dll, non-IFS    wine8 nonifs nonifs_own
 * (each a file NAME.expected). wine8 is what Wine does below, and so in every mode; bare what it does where otherwise
 * the host stands in its place; nonifs comes of handles that are not the base's. IFS layers change nothing. */
#ifndef CONFORMANCE_KNOWN_H
#define CONFORMANCE_KNOWN_H

#include <stdbool.h>

struct known {
    char *pattern;
    char *reason;
    char sign; /* '!', '+' or 0 */
    bool used;
};

/* Adds a file to the list. */
bool known_load(const char *file);

/* NULL: the case should pass. */
const struct known *known_find(const char *name);

/* Notes that there is a case of that name; then, a line that says nothing of any case, or NULL. */
void known_note(const char *name);
const struct known *known_unused(void);

bool known_matches(const char *pattern, const char *name);

#endif
