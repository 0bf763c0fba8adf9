/* Where in the chains of a catalog a new layer goes; see plan_install.h. */
#include "plan_install.h"

#include <string.h>

#include "lsp-core/catalog/chain.h"

/* ---- what a program gets for a base: the first chain over it that stands before it, else the base itself */

static size_t topmost(const struct wsplsp_catalog *catalog, size_t base)
{
    for (size_t i = 0; i < base; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (plan_is_sound(catalog, entry) && chain_base(catalog, entry) == &catalog->entries[base])
            return i;
    }
    return base;
}

/* The members that an entry stands for, top first: those of a chain, or the base. */
static struct plan_chain members_of(const struct wsplsp_entry *entry)
{
    struct plan_chain chain = {{entry->info.catalog_id}, 1};
    if (entry->info.chain_len > 1) {
        chain.length = chain_length(entry);
        memcpy(chain.ids, entry->info.chain, chain.length * sizeof *chain.ids);
    }
    return chain;
}

static size_t place_in(const struct plan_chain *chain, uint32_t id)
{
    size_t place = 0;
    while (place < chain->length && chain->ids[place] != id)
        place++;
    return place;
}

enum wsplsp_status plan_insert_member(struct installing *installing, struct plan_chain *chain, size_t place,
                                      uint32_t id, const struct wsplsp_entry *below)
{
    if (chain->length == WSPLSP_MAX_PROTOCOL_CHAIN) {
        wsplsp_fail(installing->planner->error, WSPLSP_REFUSED, 0, "CHAIN_TOO_LONG",
                    "'%.150s' is %d members long already, which is all that a chain can have (MAX_PROTOCOL_CHAIN)",
                    plan_entry_name(below), WSPLSP_MAX_PROTOCOL_CHAIN);
        return wsplsp_hint(installing->planner->error, "remove a layer first");
    }
    memmove(&chain->ids[place + 1], &chain->ids[place], (chain->length - place) * sizeof *chain->ids);
    chain->ids[place] = id;
    chain->length++;
    return WSPLSP_OK;
}

/* ---- where the layer goes, for one base */

static bool is_over(const struct wsplsp_catalog *catalog, size_t index, size_t base)
{
    const struct wsplsp_entry *entry = &catalog->entries[index];
    return plan_is_sound(catalog, entry) && chain_base(catalog, entry) == &catalog->entries[base];
}

size_t plan_first_through(const struct wsplsp_catalog *catalog, size_t base, uint32_t layer)
{
    for (size_t i = 0; i < catalog->entry_count && layer != 0; i++) {
        struct plan_chain chain = members_of(&catalog->entries[i]);
        if (is_over(catalog, i, base) && place_in(&chain, layer) < chain.length)
            return i;
    }
    return PLAN_NONE;
}

/* The first chain over the base that has the layer on top, or PLAN_NONE. */
static size_t first_of(const struct wsplsp_catalog *catalog, size_t base, uint32_t layer)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        if (is_over(catalog, i, base) && catalog->entries[i].info.chain[0] == layer)
            return i;
    }
    return PLAN_NONE;
}

/* The chain over the base with just these members, else the base. */
static size_t standing_for(const struct wsplsp_catalog *catalog, size_t base, const struct plan_chain *members)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        struct plan_chain chain = members_of(&catalog->entries[i]);
        if (is_over(catalog, i, base) && chain.length == members->length &&
            memcmp(chain.ids, members->ids, chain.length * sizeof *chain.ids) == 0)
            return i;
    }
    return base;
}

static struct plan_spot on_top(const struct wsplsp_catalog *catalog, size_t base)
{
    size_t top = topmost(catalog, base);
    return (struct plan_spot){members_of(&catalog->entries[top]), top, top};
}

/* Programs are to get the other layer's chain, which leads to the new one, before the new one's own; so that stands
 * behind it where it goes below, and before it where it goes above. */
static struct plan_spot beside_layer(const struct wsplsp_catalog *catalog, size_t base, size_t through, uint32_t layer,
                                     bool above)
{
    struct plan_chain chain = members_of(&catalog->entries[through]);
    size_t place = place_in(&chain, layer) + !above, own = first_of(catalog, base, layer);
    struct plan_spot spot = {.index = own == PLAN_NONE ? through + 1 : above ? own : own + 1};
    spot.below.length = chain.length - place;
    memcpy(spot.below.ids, &chain.ids[place], spot.below.length * sizeof *chain.ids);
    spot.like = standing_for(catalog, base, &spot.below);
    if (spot.index > base)
        spot.index = base;
    return spot;
}

/* Where a chain of others takes the new layer in; PLAN_NONE where it does not. */
static size_t threading_place(enum plan_position position, const struct plan_chain *chain, uint32_t layer)
{
    if (position == PLAN_BOTTOM_OF_LAYERS)
        return chain->length - 1;
    size_t place = place_in(chain, layer);
    if (place == chain->length || (position == PLAN_ABOVE && place == 0))
        return PLAN_NONE;
    return position == PLAN_ABOVE ? place : place + 1;
}

/* Leads the chains of others over the base through the new layer. */
static enum wsplsp_status thread(struct installing *installing, struct wsplsp_catalog *catalog, size_t base,
                                 uint32_t layer)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        struct wsplsp_entry *entry = &catalog->entries[i];
        if (!is_over(catalog, i, base))
            continue;
        struct plan_chain chain = members_of(entry);
        size_t place = threading_place(installing->request->position, &chain, layer);
        if (place == PLAN_NONE)
            continue;
        enum wsplsp_status status = plan_insert_member(installing, &chain, place, installing->own_id, entry);
        if (status == WSPLSP_OK)
            status = planner_warn(installing->planner, "The chain '%s' is led through the new layer",
                                  plan_entry_name(entry));
        if (status != WSPLSP_OK)
            return status;
        plan_set_chain(entry, &chain);
    }
    return WSPLSP_OK;
}

enum wsplsp_status plan_spot_find(struct installing *installing, struct wsplsp_catalog *catalog, size_t base,
                                  uint32_t layer, size_t *at_top, struct plan_spot *spot)
{
    enum plan_position position = installing->request->position;
    *spot = on_top(catalog, base);
    if (position == PLAN_TOP) {
        spot->index = (*at_top)++;
        return WSPLSP_OK;
    }
    if (position == PLAN_BOTTOM_OF_LAYERS) {
        *spot = (struct plan_spot){members_of(&catalog->entries[base]), base, base};
        return thread(installing, catalog, base, 0);
    }
    size_t through = plan_first_through(catalog, base, layer);
    if (through == PLAN_NONE)
        return planner_warn(installing->planner, "'%s' has no '%s' over it: there the new layer goes on top",
                            plan_entry_name(&catalog->entries[base]), installing->request->beside);
    *spot = beside_layer(catalog, base, through, layer, position == PLAN_ABOVE);
    return thread(installing, catalog, base, layer);
}
