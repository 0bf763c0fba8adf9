/* Pairs the things of two lists by keys that say what they are, and tells which of the pairs stand in another order. */
#ifndef WSPLSP_CORE_DIFF_MATCH_H
#define WSPLSP_CORE_DIFF_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#define DIFF_NO_MATCH ((size_t)-1)

/* A thing's keys, from the closest description to the loosest; a pair is made at the closest level at which both sides
 * have a thing left. Equal keys pair in order. */
enum { DIFF_KEY_LEVELS = 3 };

struct diff_item {
    char *keys[DIFF_KEY_LEVELS];
    size_t match; /* index on the other side, or DIFF_NO_MATCH */
    bool moved;   /* set on side a only */
};

/* Fills match on both sides and moved on side a: the fewest items that have to move for the pairs to stand in one
 * order. False when out of memory. */
bool diff_match(struct diff_item *a, size_t a_count, struct diff_item *b, size_t b_count);

#endif
