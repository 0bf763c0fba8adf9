/* Chains and lone entries; see tree_build.h. */
#include "tree_build.h"

#include <stdlib.h>

#include "lsp-core/catalog/chain.h"
#include "cli/base/memory.h"

static void mark_members(struct tree *tree, const struct wsplsp_entry *chain)
{
    size_t length = chain_length(chain);
    for (size_t i = 0; i < length; i++) {
        const struct wsplsp_entry *member = chain_member(tree->catalog, chain, i);
        if (member == NULL)
            continue;
        tree->in_chain[member->position - 1] = true;
        if (i + 1 == length)
            tree->is_end[member->position - 1] = true;
    }
}

bool tree_is_chain(const struct wsplsp_entry *entry)
{
    return entry->undecoded == NULL && wsplsp_entry_kind(entry) == WSPLSP_KIND_CHAIN;
}

struct tree tree_make(const struct wsplsp_catalog *catalog)
{
    size_t size = catalog->entry_count * sizeof(bool);
    struct tree tree = {catalog, memory_alloc(size), memory_alloc(size)};
    for (size_t i = 0; i < catalog->entry_count; i++) {
        if (tree_is_chain(&catalog->entries[i]))
            mark_members(&tree, &catalog->entries[i]);
    }
    return tree;
}

void tree_free(struct tree *tree)
{
    free(tree->in_chain);
    free(tree->is_end);
}

const struct wsplsp_entry *tree_member(const struct tree *tree, const struct wsplsp_entry *chain, size_t i,
                                       enum tree_member_state *state)
{
    const struct wsplsp_entry *member = chain_member(tree->catalog, chain, i);
    if (chain->info.chain[i] == chain->info.catalog_id)
        *state = TREE_MEMBER_SELF;
    else
        *state = member == NULL ? TREE_MEMBER_MISSING : TREE_MEMBER_OK;
    return member;
}

bool tree_is_lone(const struct tree *tree, const struct wsplsp_entry *entry, enum wsplsp_kind kind)
{
    if (entry->undecoded != NULL || wsplsp_entry_kind(entry) != kind)
        return false;
    return kind == WSPLSP_KIND_BASE ? !tree->is_end[entry->position - 1] : !tree->in_chain[entry->position - 1];
}
