/* An ordered list of things that have a name, found by it in constant time however many there are: a registry key's
 * subkeys and its values. Names are compared without regard to ASCII case; one may stand in the list twice. */
#ifndef WSPLSP_CORE_BASE_NAME_LIST_H
#define WSPLSP_CORE_BASE_NAME_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: empty. The items are the caller's; each begins with a `char *name` that doesn't change while it is listed.
 * The list itself must not move. Kept small, because hostile files hold a key for every two bytes. */
struct name_list {
    void **items; /* `used` of them, NULL where one was removed; room for 1 << room, then perhaps an index */
    uint32_t used;
    uint32_t holes : 26; /* how many of them are NULL */
    uint32_t room : 5;
    uint32_t repeats : 1; /* some name stands in it more than once */
};

size_t name_list_count(const struct name_list *list);
/* Item number `index`, holes not counted; takes long in a list with holes. */
void *name_list_at(const struct name_list *list, size_t index);
/* False when out of memory. */
bool name_list_append(struct name_list *list, void *item);
/* The first item whose name is the `length` bytes at `name`, or NULL. */
void *name_list_find(const struct name_list *list, const char *name, size_t length);
/* Takes out that item, which is in the list; in constant time on average, but it may leave a hole. */
void name_list_remove(struct name_list *list, const void *item);
/* Closes the holes. */
void name_list_compact(struct name_list *list);
/* Frees the list, not the items. */
void name_list_clear(struct name_list *list);

#endif
