/* One catalog's chains, as Winsock walks them: which entries are members of a chain, and which stand alone. */
#ifndef WSPLSP_CLI_OUT_TREE_BUILD_H
#define WSPLSP_CLI_OUT_TREE_BUILD_H

#include <stdbool.h>

#include "lsp-core/catalog/catalog.h"

struct tree {
    const struct wsplsp_catalog *catalog;
    bool *in_chain; /* for each entry: some chain has it as a member … */
    bool *is_end;   /* … and as its last one */
};

struct tree tree_make(const struct wsplsp_catalog *catalog);
void tree_free(struct tree *tree);

bool tree_is_chain(const struct wsplsp_entry *entry);

enum tree_member_state { TREE_MEMBER_OK, TREE_MEMBER_MISSING, TREE_MEMBER_SELF };

/* Member number `i` of a chain; NULL where the catalog has none. */
const struct wsplsp_entry *tree_member(const struct tree *tree, const struct wsplsp_entry *chain, size_t i,
                                       enum tree_member_state *state);

/* Entries that stand alone: bases that no chain ends in, layer entries that no chain names. */
bool tree_is_lone(const struct tree *tree, const struct wsplsp_entry *entry, enum wsplsp_kind kind);

#endif
