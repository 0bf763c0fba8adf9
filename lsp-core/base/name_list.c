/* The list and its index: open addressing with linear probing over the items' positions. Removing leaves a hole, so
 * that positions stay and a file that makes and deletes thousands of names is no slower than one that only makes them.
 */
#include "name_list.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

/* From 1 << INDEXED items on; a short list is searched faster than hashed. */
#define INDEXED  4
#define ROOM_MAX 24

static const char *name_of(const void *item)
{
    return *(char *const *)item;
}

static bool is_named(const void *item, const char *name, size_t length)
{
    return text_compare_nocase_n(name_of(item), name, length) == 0 && name_of(item)[length] == '\0';
}

static bool is_indexed(const struct name_list *list)
{
    return list->items != NULL && list->room >= INDEXED;
}

/* Behind the items, twice as many positions, counted from 1; 0 is a free slot. */
static uint32_t *slots_of(const struct name_list *list)
{
    return (uint32_t *)(list->items + ((size_t)1 << list->room));
}

static size_t slot_mask(const struct name_list *list)
{
    return ((size_t)2 << list->room) - 1;
}

/* FNV-1a of the lower-case form. It starts from the list's address, so that no file can be made whose names all fall
 * together. */
static size_t home_slot(const struct name_list *list, const char *name, size_t length)
{
    uint32_t sum = 2166136261u ^ (uint32_t)((uintptr_t)list >> 4);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)name[i];
        sum = (sum ^ (byte >= 'A' && byte <= 'Z' ? byte + 32u : byte)) * 16777619u;
    }
    return (sum ^ sum >> 15) & slot_mask(list);
}

static void *item_in(const struct name_list *list, size_t slot)
{
    uint32_t position = slots_of(list)[slot];
    return position == 0 ? NULL : list->items[position - 1];
}

/* The slot of that name, or the free one where it would stand. */
static size_t find_slot(const struct name_list *list, const char *name, size_t length)
{
    size_t slot = home_slot(list, name, length);
    for (void *item; (item = item_in(list, slot)) != NULL && !is_named(item, name, length);)
        slot = (slot + 1) & slot_mask(list);
    return slot;
}

static void index_item(struct name_list *list, uint32_t position)
{
    const char *name = name_of(list->items[position - 1]);
    size_t slot = find_slot(list, name, strlen(name));
    if (slots_of(list)[slot] == 0)
        slots_of(list)[slot] = position;
    else
        list->repeats = true;
}

static void rebuild(struct name_list *list)
{
    if (!is_indexed(list))
        return;
    memset(slots_of(list), 0, (slot_mask(list) + 1) * sizeof(uint32_t));
    list->repeats = false;
    for (uint32_t i = 0; i < list->used; i++) {
        if (list->items[i] != NULL)
            index_item(list, i + 1);
    }
}

/* Empties a slot and moves up what was displaced past it. */
static void free_slot(struct name_list *list, size_t hole)
{
    uint32_t *slots = slots_of(list);
    size_t mask = slot_mask(list);
    for (size_t slot = (hole + 1) & mask; slots[slot] != 0; slot = (slot + 1) & mask) {
        const char *name = name_of(item_in(list, slot));
        size_t home = home_slot(list, name, strlen(name));
        if (((slot - home) & mask) >= ((slot - hole) & mask)) {
            slots[hole] = slots[slot];
            hole = slot;
        }
    }
    slots[hole] = 0;
}

static bool grow(struct name_list *list)
{
    uint32_t room = list->items == NULL ? 0 : list->room + 1u;
    if (room > ROOM_MAX)
        return false;
    size_t items_size = ((size_t)1 << room) * sizeof(void *);
    size_t slots_size = room < INDEXED ? 0 : ((size_t)2 << room) * sizeof(uint32_t);
    void **items = realloc(list->items, items_size + slots_size);
    if (items == NULL)
        return false;
    list->items = items;
    list->room = room & 31;
    rebuild(list);
    return true;
}

size_t name_list_count(const struct name_list *list)
{
    return list->used - list->holes;
}

void *name_list_at(const struct name_list *list, size_t index)
{
    if (list->holes == 0)
        return list->items[index];
    size_t at = 0;
    for (size_t left = index + 1; left > 0; at++)
        left -= list->items[at] != NULL;
    return list->items[at - 1];
}

bool name_list_append(struct name_list *list, void *item)
{
    if (list->items == NULL || list->used == (size_t)1 << list->room) {
        if (list->holes > list->used / 4)
            name_list_compact(list);
        else if (!grow(list))
            return false;
    }
    list->items[list->used++] = item;
    if (is_indexed(list))
        index_item(list, list->used);
    return true;
}

void *name_list_find(const struct name_list *list, const char *name, size_t length)
{
    if (is_indexed(list))
        return item_in(list, find_slot(list, name, length));
    for (size_t i = 0; i < list->used; i++) {
        if (list->items[i] != NULL && is_named(list->items[i], name, length))
            return list->items[i];
    }
    return NULL;
}

static void remove_indexed(struct name_list *list, const void *item)
{
    uint32_t at = 0;
    if (list->repeats) {
        while (list->items[at] != item)
            at++;
    } else {
        size_t slot = find_slot(list, name_of(item), strlen(name_of(item)));
        at = slots_of(list)[slot] - 1;
        free_slot(list, slot);
    }
    list->items[at] = NULL;
    list->holes++;
    /* A namesake further down may have to take the item's place in the index. */
    if (list->repeats)
        rebuild(list);
    if (list->holes > list->used / 2)
        name_list_compact(list);
}

void name_list_remove(struct name_list *list, const void *item)
{
    if (is_indexed(list)) {
        remove_indexed(list, item);
        return;
    }
    size_t at = 0;
    while (list->items[at] != item)
        at++;
    list->used--;
    memmove(&list->items[at], &list->items[at + 1], (list->used - at) * sizeof(void *));
}

void name_list_compact(struct name_list *list)
{
    if (list->holes == 0)
        return;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < list->used; i++) {
        if (list->items[i] != NULL)
            list->items[kept++] = list->items[i];
    }
    list->used = kept;
    list->holes = 0;
    rebuild(list);
}

void name_list_clear(struct name_list *list)
{
    free(list->items);
    *list = (struct name_list){0};
}
