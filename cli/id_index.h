/* Finds entries by catalog id without walking the catalog each time: a tree of 5,000 entries asks very often. */
#ifndef WSPLSP_CLI_ID_INDEX_H
#define WSPLSP_CLI_ID_INDEX_H

#include "wsplsp/catalog.h"

struct id_slot {
    const struct wsplsp_entry *entry;
    bool in_chain; /* some chain entry names it as a member */
    bool is_end;   /* and as its last one */
};

struct id_index {
    struct id_slot *slots; /* by id, and in catalog order for equal ids; decoded entries only */
    size_t count;
};

void id_index_make(struct id_index *index, const struct wsplsp_catalog *catalog);
void id_index_free(struct id_index *index);

/* The slot of the first entry with that id, or NULL. */
struct id_slot *id_index_find(const struct id_index *index, uint32_t id);

#endif
