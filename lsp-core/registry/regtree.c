/* Registry keys in memory. Freeing and copying recurse by level: the readers keep trees within REGTREE_DEPTH_MAX. */
#include "regtree.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/name_list.h"
#include "lsp-core/base/text.h"

struct reg_key {
    char *name; /* points to `text` */
    struct name_list values;
    struct name_list children;
    char text[];
};

static struct reg_key *key_new(const char *name, size_t length)
{
    struct reg_key *key = calloc(1, sizeof *key + length + 1);
    if (key == NULL)
        return NULL;
    key->name = memcpy(key->text, name, length);
    return key;
}

static void value_free(struct reg_value *value)
{
    if (value == NULL)
        return;
    free(value->data);
    free(value);
}

struct reg_key *reg_key_new(const char *name)
{
    return key_new(name, strlen(name));
}

void reg_key_free(struct reg_key *key)
{
    if (key == NULL)
        return;
    for (size_t i = 0; i < key->values.used; i++)
        value_free(key->values.items[i]);
    for (size_t i = 0; i < key->children.used; i++)
        reg_key_free(key->children.items[i]);
    name_list_clear(&key->values);
    name_list_clear(&key->children);
    free(key);
}

const char *reg_key_name(const struct reg_key *key)
{
    return key->name;
}

size_t reg_key_child_count(const struct reg_key *key)
{
    return name_list_count(&key->children);
}

struct reg_key *reg_key_child_at(const struct reg_key *key, size_t index)
{
    return name_list_at(&key->children, index);
}

size_t reg_key_value_count(const struct reg_key *key)
{
    return name_list_count(&key->values);
}

const struct reg_value *reg_key_value_at(const struct reg_key *key, size_t index)
{
    return name_list_at(&key->values, index);
}

struct reg_key *reg_key_find(const struct reg_key *key, const char *path)
{
    for (;;) {
        size_t length = strcspn(path, "\\");
        struct reg_key *child = name_list_find(&key->children, path, length);
        if (child == NULL || path[length] == '\0')
            return child;
        key = child;
        path += length + 1;
    }
}

struct reg_key *reg_key_make(struct reg_key *key, const char *path)
{
    for (;;) {
        size_t length = strcspn(path, "\\");
        struct reg_key *child = name_list_find(&key->children, path, length);
        if (child == NULL) {
            child = key_new(path, length);
            if (child == NULL)
                return NULL;
            if (!reg_key_adopt(key, child)) {
                reg_key_free(child);
                return NULL;
            }
        }
        if (path[length] == '\0')
            return child;
        key = child;
        path += length + 1;
    }
}

bool reg_key_adopt(struct reg_key *key, struct reg_key *child)
{
    return name_list_append(&key->children, child);
}

void reg_key_offer(struct reg_key *key, bool (*take)(struct reg_key *child, void *context), void *context)
{
    struct name_list *children = &key->children;
    for (size_t i = 0; i < children->used; i++) {
        if (children->items[i] == NULL || !take(children->items[i], context))
            continue;
        children->items[i] = NULL;
        children->holes++;
    }
    name_list_compact(children);
}

void reg_key_remove(struct reg_key *key, const char *name)
{
    struct reg_key *child = name_list_find(&key->children, name, strlen(name));
    if (child == NULL)
        return;
    name_list_remove(&key->children, child);
    reg_key_free(child);
}

void reg_key_compact(struct reg_key *key)
{
    name_list_compact(&key->values);
    name_list_compact(&key->children);
    for (size_t i = 0; i < key->children.used; i++)
        reg_key_compact(key->children.items[i]);
}

static bool copy_contents(const struct reg_key *from, struct reg_key *to)
{
    for (size_t i = 0; i < from->values.used; i++) {
        const struct reg_value *value = from->values.items[i];
        if (value != NULL && !reg_key_set(to, value->name, value->type, value->data, value->size))
            return false;
    }
    for (size_t i = 0; i < from->children.used; i++) {
        if (from->children.items[i] == NULL)
            continue;
        struct reg_key *child = reg_key_clone(from->children.items[i]);
        if (child == NULL)
            return false;
        if (!reg_key_adopt(to, child)) {
            reg_key_free(child);
            return false;
        }
    }
    return true;
}

struct reg_key *reg_key_clone(const struct reg_key *key)
{
    struct reg_key *copy = reg_key_new(key->name);
    if (copy != NULL && !copy_contents(key, copy)) {
        reg_key_free(copy);
        return NULL;
    }
    return copy;
}

const struct reg_value *reg_key_value(const struct reg_key *key, const char *name)
{
    return name_list_find(&key->values, name, strlen(name));
}

static struct reg_value *value_new(struct reg_key *key, const char *name)
{
    size_t size = strlen(name) + 1;
    struct reg_value *value = calloc(1, sizeof *value + size);
    if (value == NULL)
        return NULL;
    value->name = memcpy(value + 1, name, size);
    if (!name_list_append(&key->values, value)) {
        free(value);
        return NULL;
    }
    return value;
}

bool reg_key_set(struct reg_key *key, const char *name, uint32_t type, const void *data, size_t size)
{
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    if (copy == NULL)
        return false;
    if (size > 0)
        memcpy(copy, data, size);
    struct reg_value *value = name_list_find(&key->values, name, strlen(name));
    if (value == NULL)
        value = value_new(key, name);
    if (value == NULL) {
        free(copy);
        return false;
    }
    free(value->data);
    value->type = type;
    value->data = copy;
    value->size = size;
    return true;
}

void reg_key_unset(struct reg_key *key, const char *name)
{
    struct reg_value *value = name_list_find(&key->values, name, strlen(name));
    if (value == NULL)
        return;
    name_list_remove(&key->values, value);
    value_free(value);
}

bool reg_key_dword(const struct reg_key *key, const char *name, uint32_t *number)
{
    const struct reg_value *value = reg_key_value(key, name);
    if (value == NULL || value->type != REGTREE_DWORD || value->size != 4)
        return false;
    const uint8_t *p = value->data;
    *number = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    return true;
}

char *reg_key_string(const struct reg_key *key, const char *name)
{
    const struct reg_value *value = reg_key_value(key, name);
    if (value == NULL || (value->type != REGTREE_SZ && value->type != REGTREE_EXPAND_SZ) || value->size % 2 != 0)
        return NULL;
    return text_from_utf16(value->data, value->size / 2);
}

bool reg_key_put_dword(struct reg_key *key, const char *name, uint32_t number)
{
    uint32_t stored;
    if (reg_key_dword(key, name, &stored) && stored == number)
        return true;
    uint8_t data[4] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16), (uint8_t)(number >> 24)};
    return reg_key_set(key, name, REGTREE_DWORD, data, sizeof data);
}

bool reg_key_put_string(struct reg_key *key, const char *name, uint32_t type, const char *text)
{
    const struct reg_value *value = reg_key_value(key, name);
    if (value != NULL && (value->type == REGTREE_SZ || value->type == REGTREE_EXPAND_SZ)) {
        char *stored = reg_key_string(key, name);
        bool same = stored != NULL && strcmp(stored, text) == 0;
        free(stored);
        if (same)
            return true;
        type = value->type;
    }
    size_t units;
    uint16_t *utf16 = text_to_utf16(text, &units);
    bool ok = utf16 != NULL && reg_key_set(key, name, type, utf16, units * 2);
    free(utf16);
    return ok;
}
