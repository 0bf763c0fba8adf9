/* Whether two registry trees are the same, names, order, types and bytes. */
#ifndef WSPLSP_FUZZ_SAME_TREE_H
#define WSPLSP_FUZZ_SAME_TREE_H

#include <stdbool.h>
#include <string.h>

#include "lsp-core/registry/regtree.h"

static inline bool same_value(const struct reg_value *a, const struct reg_value *b)
{
    return strcmp(a->name, b->name) == 0 && a->type == b->type && a->size == b->size &&
           memcmp(a->data, b->data, a->size) == 0;
}

static inline bool same_tree(const struct reg_key *a, const struct reg_key *b)
{
    bool same = strcmp(reg_key_name(a), reg_key_name(b)) == 0 && reg_key_value_count(a) == reg_key_value_count(b) &&
                reg_key_child_count(a) == reg_key_child_count(b);
    for (size_t i = 0; same && i < reg_key_value_count(a); i++)
        same = same_value(reg_key_value_at(a, i), reg_key_value_at(b, i));
    for (size_t i = 0; same && i < reg_key_child_count(a); i++)
        same = same_tree(reg_key_child_at(a, i), reg_key_child_at(b, i));
    return same;
}

#endif
