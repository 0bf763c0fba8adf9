/* A registry key in memory, with its values and subkeys in order: what the .reg and hive readers produce and what
 * layout.c turns into a snapshot. Names are UTF-8 and compared without regard to ASCII case. */
#ifndef WSPLSP_CORE_REGISTRY_REGTREE_H
#define WSPLSP_CORE_REGISTRY_REGTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    REGTREE_NONE = 0,
    REGTREE_SZ = 1,
    REGTREE_EXPAND_SZ = 2,
    REGTREE_BINARY = 3,
    REGTREE_DWORD = 4,
    REGTREE_MULTI_SZ = 7,
    REGTREE_QWORD = 11,
};

/* A registry tree is at most this deep ("Registry element size limits" in Microsoft's reference). The readers refuse
 * deeper ones, so that a hostile file can't exhaust the stack of whoever walks its tree. */
#define REGTREE_DEPTH_MAX 512

struct reg_key;

struct reg_value {
    char *name; /* "" for a key's default value */
    uint32_t type;
    uint8_t *data; /* as the registry keeps it; strings are UTF-16LE */
    size_t size;   /* bytes */
};

/* A key without values and subkeys; NULL when out of memory. */
struct reg_key *reg_key_new(const char *name);
void reg_key_free(struct reg_key *key);

const char *reg_key_name(const struct reg_key *key);
size_t reg_key_child_count(const struct reg_key *key);
struct reg_key *reg_key_child_at(const struct reg_key *key, size_t index);
size_t reg_key_value_count(const struct reg_key *key);
const struct reg_value *reg_key_value_at(const struct reg_key *key, size_t index);

/* The subkey at a path of one or more names ("A\\B"), or NULL. */
struct reg_key *reg_key_find(const struct reg_key *key, const char *path);
/* The same, made where it does not exist; NULL when out of memory. */
struct reg_key *reg_key_make(struct reg_key *key, const char *path);
/* Appends `child` (which it then owns) without looking whether the name is taken; false when out of memory. */
bool reg_key_adopt(struct reg_key *key, struct reg_key *child);
/* Offers each subkey in order to `take`; one for which that returns true leaves the key and is the taker's own. */
void reg_key_offer(struct reg_key *key, bool (*take)(struct reg_key *child, void *context), void *context);
/* Removes the subkey of that name with all below it; nothing where there is none. */
void reg_key_remove(struct reg_key *key, const char *name);
/* After many removals: makes looking at subkeys and values by index fast again, in the key and all below it. */
void reg_key_compact(struct reg_key *key);
/* A copy with all below it; NULL when out of memory. */
struct reg_key *reg_key_clone(const struct reg_key *key);

const struct reg_value *reg_key_value(const struct reg_key *key, const char *name);
/* Sets a value, replacing one of the same name in its place; copies the data; false when out of memory. */
bool reg_key_set(struct reg_key *key, const char *name, uint32_t type, const void *data, size_t size);
void reg_key_unset(struct reg_key *key, const char *name);

/* A REG_DWORD's number; false where the value is absent, of another type or of another size. */
bool reg_key_dword(const struct reg_key *key, const char *name, uint32_t *number);
/* A REG_SZ or REG_EXPAND_SZ as UTF-8 up to its first NUL, for the caller to free; NULL where the value is absent, of
 * another type or of odd size, or when out of memory. */
char *reg_key_string(const struct reg_key *key, const char *name);

/* Set a value unless what is stored already reads as the same; a string that exists keeps its type. False when out of
 * memory. */
bool reg_key_put_dword(struct reg_key *key, const char *name, uint32_t number);
bool reg_key_put_string(struct reg_key *key, const char *name, uint32_t type, const char *text);

#endif
