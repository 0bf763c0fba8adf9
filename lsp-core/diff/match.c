/* Pairing by keys; see match.h. Sorting keeps it at n log n for catalogs of thousands of entries. */
#include "match.h"

#include <stdlib.h>
#include <string.h>

struct keyed {
    const char *key;
    size_t index;
};

static int compare_keyed(const void *left, const void *right)
{
    const struct keyed *a = left;
    const struct keyed *b = right;
    int order = strcmp(a->key, b->key);
    if (order != 0)
        return order;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* The items without a match yet, sorted by that level's key; NULL when out of memory. */
static struct keyed *unmatched(const struct diff_item *items, size_t count, size_t level, size_t *found)
{
    struct keyed *list = malloc((count + 1) * sizeof *list);
    if (list == NULL)
        return NULL;
    *found = 0;
    for (size_t i = 0; i < count; i++) {
        if (items[i].match == DIFF_NO_MATCH)
            list[(*found)++] = (struct keyed){items[i].keys[level], i};
    }
    qsort(list, *found, sizeof *list, compare_keyed);
    return list;
}

static bool match_level(struct diff_item *a, size_t a_count, struct diff_item *b, size_t b_count, size_t level)
{
    size_t a_found = 0, b_found = 0;
    struct keyed *left = unmatched(a, a_count, level, &a_found);
    struct keyed *right = unmatched(b, b_count, level, &b_found);
    bool ok = left != NULL && right != NULL;
    for (size_t i = 0, j = 0; ok && i < a_found && j < b_found;) {
        int order = strcmp(left[i].key, right[j].key);
        if (order == 0) {
            a[left[i].index].match = right[j].index;
            b[right[j].index].match = left[i].index;
        }
        i += order <= 0;
        j += order >= 0;
    }
    free(left);
    free(right);
    return ok;
}

/* Marks the pairs outside a longest run that both sides have in the same order (patience sorting): `tails[n]` is the
 * item that ends the best run of n + 1 found so far, `before` links each item to its predecessor in such a run. */
static bool mark_moved(struct diff_item *a, size_t count)
{
    size_t *tails = malloc((count + 1) * sizeof *tails);
    size_t *before = malloc((count + 1) * sizeof *before);
    bool ok = tails != NULL && before != NULL;
    size_t length = 0;
    for (size_t i = 0; ok && i < count; i++) {
        if (a[i].match == DIFF_NO_MATCH)
            continue;
        a[i].moved = true;
        size_t low = 0, high = length;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (a[tails[middle]].match < a[i].match)
                low = middle + 1;
            else
                high = middle;
        }
        before[i] = low == 0 ? DIFF_NO_MATCH : tails[low - 1];
        tails[low] = i;
        if (low == length)
            length++;
    }
    for (size_t i = ok && length > 0 ? tails[length - 1] : DIFF_NO_MATCH; i != DIFF_NO_MATCH; i = before[i])
        a[i].moved = false;
    free(tails);
    free(before);
    return ok;
}

bool diff_match(struct diff_item *a, size_t a_count, struct diff_item *b, size_t b_count)
{
    for (size_t i = 0; i < a_count; i++)
        a[i].match = DIFF_NO_MATCH;
    for (size_t i = 0; i < b_count; i++)
        b[i].match = DIFF_NO_MATCH;
    for (size_t level = 0; level < DIFF_KEY_LEVELS; level++) {
        if (!match_level(a, a_count, b, b_count, level))
            return false;
    }
    return mark_moved(a, a_count);
}
