/* What is wrong with each chain as such: one fault a chain, the one that explains the others; see part.h. */
#include <stdlib.h>

#include "lsp-core/catalog/chain.h"
#include "part.h"

static bool is_chain(const struct wsplsp_entry *entry)
{
    return entry->undecoded == NULL && wsplsp_entry_kind(entry) == WSPLSP_KIND_CHAIN;
}

/* The faults that can be seen from the chain alone. */
static enum check_fault own_fault(const struct check_catalog *catalog, const struct wsplsp_entry *entry)
{
    size_t length = chain_length(entry);
    if (entry->info.chain_len < 0 || entry->info.chain_len > WSPLSP_MAX_PROTOCOL_CHAIN)
        return CHECK_CHAIN_TOO_LONG;
    for (size_t i = 0; i < length; i++) {
        if (entry->info.chain[i] == entry->info.catalog_id)
            return CHECK_CHAIN_SELF;
    }
    /* The top member is the layer's own entry; Microsoft's sample installer also builds chains upon chain entries. */
    const struct wsplsp_entry *top = wsplsp_catalog_find(catalog->catalog, entry->info.chain[0]);
    if (top == NULL || wsplsp_entry_kind(top) == WSPLSP_KIND_BASE)
        return CHECK_CHAIN_NO_LAYER;
    for (size_t i = 1; i < length; i++) {
        if (wsplsp_catalog_find(catalog->catalog, entry->info.chain[i]) == NULL)
            return CHECK_CHAIN_MEMBER_MISSING;
    }
    return CHECK_CHAIN_SOUND;
}

enum visit { UNSEEN, ON_PATH, DONE };

/* One step of the path that is being followed. */
struct step {
    size_t entry;
    size_t member; /* the next one to look at */
};

struct walk {
    struct check_catalog *catalog;
    unsigned char *visits;
    struct step *path;
    size_t length;
};

/* The path has come back to `entry`: all from there on are a circle. */
static void mark_circle(const struct walk *walk, size_t entry)
{
    size_t start = walk->length, first = entry;
    do {
        start--;
        size_t step = walk->path[start].entry;
        if (walk->catalog->faults[step] != CHECK_CHAIN_SOUND)
            return; /* told with the circle that was found first */
        if (step < first)
            first = step;
    } while (walk->path[start].entry != entry);
    for (size_t i = start; i < walk->length; i++)
        walk->catalog->faults[walk->path[i].entry] = CHECK_CHAIN_IN_CIRCLE;
    walk->catalog->faults[first] = CHECK_CHAIN_CIRCLE;
}

static void enter(struct walk *walk, size_t entry)
{
    walk->visits[entry] = ON_PATH;
    walk->path[walk->length++] = (struct step){entry, 0};
}

/* Follows the members that are chains themselves, in depth, without recursion: a catalog may have thousands. */
static void follow(struct walk *walk, size_t from)
{
    const struct wsplsp_entry *entries = walk->catalog->catalog->entries;
    enter(walk, from);
    while (walk->length > 0) {
        struct step *step = &walk->path[walk->length - 1];
        const struct wsplsp_entry *entry = &entries[step->entry];
        if (step->member == chain_length(entry)) {
            walk->visits[step->entry] = DONE;
            walk->length--;
            continue;
        }
        const struct wsplsp_entry *member =
            wsplsp_catalog_find(walk->catalog->catalog, entry->info.chain[step->member++]);
        if (member == NULL || !is_chain(member) || member == entry)
            continue;
        size_t next = (size_t)(member - entries);
        if (walk->visits[next] == ON_PATH)
            mark_circle(walk, next);
        else if (walk->visits[next] == UNSEEN)
            enter(walk, next);
    }
}

static void find_circles(struct check *check, struct check_catalog *catalog)
{
    size_t count = catalog->catalog->entry_count;
    struct walk walk = {.catalog = catalog};
    walk.visits = calloc(count + 1, sizeof *walk.visits);
    walk.path = calloc(count + 1, sizeof *walk.path);
    if (walk.visits == NULL || walk.path == NULL)
        check->out_of_memory = true;
    for (size_t i = 0; i < count && !check->out_of_memory; i++) {
        if (is_chain(&catalog->catalog->entries[i]) && walk.visits[i] == UNSEEN)
            follow(&walk, i);
    }
    free(walk.visits);
    free(walk.path);
}

void check_chain_faults(struct check *check, struct check_catalog *catalog)
{
    const struct wsplsp_entry *entries = catalog->catalog->entries;
    for (size_t i = 0; i < catalog->catalog->entry_count; i++) {
        if (is_chain(&entries[i]))
            catalog->faults[i] = (unsigned char)own_fault(catalog, &entries[i]);
    }
    find_circles(check, catalog);
    for (size_t i = 0; i < catalog->catalog->entry_count; i++) {
        if (!is_chain(&entries[i]) || catalog->faults[i] != CHECK_CHAIN_SOUND)
            continue;
        const struct wsplsp_entry *last =
            wsplsp_catalog_find(catalog->catalog, entries[i].info.chain[chain_length(&entries[i]) - 1]);
        if (last->info.chain_len != 1)
            catalog->faults[i] = CHECK_CHAIN_NO_BASE;
    }
}
