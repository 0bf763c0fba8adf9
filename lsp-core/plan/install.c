/* Putting a layer in: its own entry and a chain for each base that it is put over; see plan.h. */
#include "plan_install.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/edit.h"
#include "lsp-core/catalog/edit_part.h"
#include "lsp-core/catalog/flags.h"
#include "plan_over.h"
#include "lsp-core/base/text.h"

static bool set_name(struct wsplsp_protocol_info *info, const char *name)
{
    size_t units;
    uint16_t *wide = text_to_utf16(name, &units);
    if (wide == NULL)
        return false;
    memset(info->name, 0, sizeof info->name);
    for (size_t i = 0; i < units && i < WSPLSP_PROTOCOL_NAME_LENGTH - 1; i++)
        info->name[i] = wide[i];
    free(wide);
    return true;
}

static const char *dll_of(const struct installing *installing, const struct wsplsp_catalog *catalog)
{
    return catalog->bits == 64 ? installing->request->dll64 : installing->request->dll32;
}

/* ---- the entries */

static enum wsplsp_status chain_id(struct installing *installing, size_t number, struct wsplsp_guid *id)
{
    while (installing->chain_count <= number) {
        struct wsplsp_guid *grown =
            realloc(installing->chain_ids, (installing->chain_count + 1) * sizeof *installing->chain_ids);
        if (grown == NULL)
            return wsplsp_fail_memory(installing->planner->error);
        installing->chain_ids = grown;
        if (!installing->planner->new_id(&grown[installing->chain_count]))
            return wsplsp_fail(installing->planner->error, WSPLSP_SYSTEM, 0, "NO_RANDOM",
                               "the system gave no random numbers for a provider id");
        installing->chain_count++;
    }
    *id = installing->chain_ids[number];
    return WSPLSP_OK;
}

/* Appends the entry, which begins as a copy of the one below, under a name made of both. */
static struct wsplsp_entry *append_like(struct installing *installing, struct wsplsp_catalog *catalog,
                                        const struct wsplsp_entry *like, const struct wsplsp_guid *id, size_t number)
{
    struct wsplsp_protocol_info info = like->info;
    char *name = text_format("%s over [%s]", installing->request->name, plan_entry_name(like));
    bool named = name != NULL && set_name(&info, name);
    free(name);
    if (!named)
        return NULL;
    return catalog_edit_append(catalog, &info, id, installing->own_id + 1 + (uint32_t)number,
                               dll_of(installing, catalog));
}

/* Both catalogs' chains for one protocol get one provider id and one number, so that one call can install both. */
static enum wsplsp_status append_chain(struct installing *installing, struct wsplsp_catalog *catalog, size_t number,
                                       const struct plan_spot *spot)
{
    struct plan_chain chain = spot->below;
    struct wsplsp_guid id;
    enum wsplsp_status status =
        plan_insert_member(installing, &chain, 0, installing->own_id, &catalog->entries[spot->like]);
    if (status == WSPLSP_OK)
        status = chain_id(installing, number, &id);
    if (status != WSPLSP_OK)
        return status;
    struct wsplsp_entry like = catalog->entries[spot->like]; /* adding entries moves the array */
    struct wsplsp_entry *entry = append_like(installing, catalog, &like, &id, number);
    if (entry == NULL)
        return wsplsp_fail_memory(installing->planner->error);
    plan_set_chain(entry, &chain);
    plan_move(catalog, catalog->entry_count - 1, spot->index);
    return WSPLSP_OK;
}

static enum wsplsp_status append_own(struct installing *installing, struct wsplsp_catalog *catalog, size_t base)
{
    struct wsplsp_protocol_info info = catalog->entries[base].info;
    info.chain_len = 0;
    memset(info.chain, 0, sizeof info.chain);
    info.provider_flags |= PFL_HIDDEN;
    info.service_flags[0] &= ~XP1_IFS_HANDLES;
    if (installing->request->ifs)
        info.service_flags[0] |= XP1_IFS_HANDLES;
    if (!set_name(&info, installing->request->name))
        return wsplsp_fail_memory(installing->planner->error);
    struct wsplsp_entry *own =
        catalog_edit_append(catalog, &info, &installing->id, installing->own_id, dll_of(installing, catalog));
    if (own == NULL)
        return wsplsp_fail_memory(installing->planner->error);
    own->has_categories = installing->request->has_categories;
    own->categories = installing->request->categories;
    return WSPLSP_OK;
}

/* The other layer's own entry; 0 where this catalog has none of it. */
static uint32_t beside_in(const struct installing *installing, const struct wsplsp_catalog *catalog,
                          const struct wsplsp_guid *beside)
{
    const struct wsplsp_entry *layer =
        installing->request->position < PLAN_ABOVE ? NULL : catalog_edit_find_layer(catalog, beside);
    return layer == NULL ? 0 : layer->info.catalog_id;
}

static size_t index_of(const struct wsplsp_catalog *catalog, uint32_t id)
{
    const struct wsplsp_entry *entry = wsplsp_catalog_find(catalog, id);
    return entry == NULL ? PLAN_NONE : plan_index(catalog, entry);
}

static enum wsplsp_status cover_base(struct installing *installing, struct wsplsp_catalog *catalog, uint32_t base_id,
                                     uint32_t layer, size_t number, size_t *at_top)
{
    struct plan_spot spot;
    enum wsplsp_status status = plan_spot_find(installing, catalog, index_of(catalog, base_id), layer, at_top, &spot);
    return status == WSPLSP_OK ? append_chain(installing, catalog, number, &spot) : status;
}

static bool same_base(const struct wsplsp_protocol_info *a, const struct wsplsp_protocol_info *b)
{
    return wsplsp_guid_equal(&a->provider_id, &b->provider_id) && a->family == b->family &&
           a->socket_type == b->socket_type && a->protocol == b->protocol;
}

/* A number for each base that is covered, the same for both catalogs' entries of one. */
static size_t number_of(const struct wsplsp_snapshot *before, bool *const covered[2], size_t c, size_t index)
{
    const struct wsplsp_protocol_info *info = &before->catalogs[c].entries[index].info;
    size_t number = 0;
    for (size_t k = 0; k <= c; k++) {
        const struct wsplsp_catalog *catalog = &before->catalogs[k];
        for (size_t i = 0; i < catalog->entry_count; i++) {
            if (!covered[k][i])
                continue;
            if (k == c ? i == index : same_base(&catalog->entries[i].info, info))
                return number;
            number++;
        }
    }
    return number;
}

static enum wsplsp_status edit_catalog(struct installing *installing, size_t c, bool *const covered[2],
                                       const struct wsplsp_guid *beside)
{
    const struct wsplsp_catalog *old = &installing->planner->plan->before->catalogs[c];
    struct wsplsp_catalog *catalog = &installing->planner->goal->catalogs[c];
    uint32_t beside_id = beside_in(installing, catalog, beside);
    size_t first = 0, at_top = 0;
    while (first < old->entry_count && !covered[c][first])
        first++;
    enum wsplsp_status status = append_own(installing, catalog, first);
    for (size_t i = 0; i < old->entry_count && status == WSPLSP_OK; i++) {
        if (covered[c][i])
            status = cover_base(installing, catalog, old->entries[i].info.catalog_id, beside_id,
                                number_of(installing->planner->plan->before, covered, c, i), &at_top);
    }
    for (size_t i = 0; i < catalog->entry_count && status == WSPLSP_OK; i++) {
        if (plan_passes(catalog, &catalog->entries[i], installing->own_id))
            plan_set_ifs(catalog, &catalog->entries[i]);
    }
    return status;
}

static bool is_chosen(const struct installing *installing, size_t c)
{
    return (installing->catalogs & (1u << c)) != 0;
}

static enum wsplsp_status edit(struct installing *installing, bool *const covered[2], const struct wsplsp_guid *beside)
{
    enum wsplsp_status status = WSPLSP_OK;
    installing->own_id = catalog_edit_next_id(installing->planner->plan->before);
    for (size_t c = 0; c < 2 && status == WSPLSP_OK; c++) {
        if (is_chosen(installing, c))
            status = edit_catalog(installing, c, covered, beside);
    }
    return status;
}

/* ---- what can be said before */

static enum wsplsp_status check_catalogs(struct installing *installing)
{
    const struct wsplsp_snapshot *before = installing->planner->plan->before;
    const struct plan_install_request *request = installing->request;
    installing->catalogs = request->catalogs;
    for (size_t c = 0; c < 2; c++) {
        if (request->catalogs == 0 && before->catalogs[c].present)
            installing->catalogs |= 1u << c;
        if (!is_chosen(installing, c))
            continue;
        if (!before->catalogs[c].present)
            return wsplsp_fail(installing->planner->error, WSPLSP_NOT_FOUND, 0, "NO_CATALOG",
                               "there is no %d-bit catalog", before->catalogs[c].bits);
        const char *dll = dll_of(installing, &before->catalogs[c]);
        if (plan_check_path(before, dll, before->catalogs[c].bits, installing->planner->error) != WSPLSP_OK)
            return installing->planner->error->status;
    }
    size_t units = 0;
    uint16_t *wide = text_to_utf16(request->name, &units);
    free(wide);
    if (wide == NULL)
        return wsplsp_fail_memory(installing->planner->error);
    if (units == 1 || units > WSPLSP_PROTOCOL_NAME_LENGTH)
        return wsplsp_fail(installing->planner->error, WSPLSP_USAGE, 0, "BAD_NAME",
                           "a layer's name has 1 to %d characters (WSAPROTOCOL_LEN)", WSPLSP_PROTOCOL_NAME_LENGTH - 1);
    return WSPLSP_OK;
}

static bool is_called(const struct wsplsp_entry *entry, const char *name)
{
    return entry->undecoded == NULL &&
           (text_compare_nocase(entry->name_raw, name) == 0 || text_compare_nocase(entry->name, name) == 0);
}

/* Whether the layer entry is what is to be installed: same DLL and mode, and over all that is covered. */
static bool is_already(const struct installing *installing, const struct wsplsp_catalog *catalog,
                       const struct wsplsp_entry *own, const bool *covered)
{
    const struct plan_install_request *request = installing->request;
    bool ifs = (own->info.service_flags[0] & XP1_IFS_HANDLES) != 0;
    if (wsplsp_entry_kind(own) != WSPLSP_KIND_LAYER || own->dll == NULL || ifs != request->ifs ||
        text_compare_nocase(own->dll, dll_of(installing, catalog)) != 0 ||
        (request->id != NULL && !wsplsp_guid_equal(request->id, &own->info.provider_id)))
        return false;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        if (covered[i] && plan_first_through(catalog, i, own->info.catalog_id) == PLAN_NONE)
            return false;
    }
    return true;
}

/* Whether it is there already, in all catalogs; a name or provider id that something else has is refused. */
static enum wsplsp_status look_for_it(struct installing *installing, bool *const covered[2], bool *there)
{
    const struct wsplsp_entry *taken = NULL;
    *there = true;
    for (size_t c = 0; c < 2; c++) {
        const struct wsplsp_catalog *catalog = &installing->planner->plan->before->catalogs[c];
        const struct wsplsp_entry *found = NULL;
        for (size_t i = 0; is_chosen(installing, c) && i < catalog->entry_count; i++) {
            const struct wsplsp_entry *entry = &catalog->entries[i];
            bool same_id = entry->undecoded == NULL && installing->request->id != NULL &&
                           wsplsp_guid_equal(&entry->info.provider_id, installing->request->id);
            if ((same_id || is_called(entry, installing->request->name)) &&
                (found == NULL || wsplsp_entry_kind(entry) == WSPLSP_KIND_LAYER))
                found = entry;
        }
        taken = found != NULL ? found : taken;
        if (is_chosen(installing, c) && (found == NULL || !is_already(installing, catalog, found, covered[c])))
            *there = false;
    }
    if (*there || taken == NULL)
        return WSPLSP_OK;
    bool by_name = is_called(taken, installing->request->name);
    wsplsp_fail(installing->planner->error, WSPLSP_REFUSED, 0, by_name ? "NAME_TAKEN" : "INSTALLED",
                "the %d-bit catalog has '%.150s' (%lu) already, which is another one or goes over other protocols",
                taken->bits, plan_entry_name(taken), (unsigned long)taken->info.catalog_id);
    return wsplsp_hint(installing->planner->error,
                       by_name ? "choose another name, or remove that one first" : "choose another provider id");
}

/* ---- all together */

static enum wsplsp_status find_beside(const struct installing *installing, struct wsplsp_guid *beside)
{
    const struct plan_install_request *request = installing->request;
    if (request->position != PLAN_ABOVE && request->position != PLAN_BELOW)
        return WSPLSP_OK;
    return plan_find_layer(installing->planner->plan->before, request->beside, beside, installing->planner->error);
}

static enum wsplsp_status make_id(struct installing *installing)
{
    if (installing->request->id != NULL)
        installing->id = *installing->request->id;
    else if (!installing->planner->new_id(&installing->id))
        return wsplsp_fail(installing->planner->error, WSPLSP_SYSTEM, 0, "NO_RANDOM",
                           "the system gave no random numbers for a provider id");
    return WSPLSP_OK;
}

static enum wsplsp_status cover_all(struct installing *installing, bool *const covered[2])
{
    enum wsplsp_status status = check_catalogs(installing);
    for (size_t c = 0; c < 2 && status == WSPLSP_OK; c++) {
        if (is_chosen(installing, c))
            status = plan_over(installing->planner, installing->request,
                               &installing->planner->plan->before->catalogs[c], covered[c]);
    }
    return status;
}

static enum wsplsp_status do_install(struct installing *installing, bool *const covered[2])
{
    struct wsplsp_guid beside = {{0}};
    bool there = false;
    enum wsplsp_status status = cover_all(installing, covered);
    if (status == WSPLSP_OK)
        status = look_for_it(installing, covered, &there);
    if (status == WSPLSP_OK && there)
        return planner_nothing(installing->planner, "'%s' is installed already", installing->request->name);
    if (status == WSPLSP_OK)
        status = find_beside(installing, &beside);
    if (status == WSPLSP_OK)
        status = make_id(installing);
    if (status == WSPLSP_OK)
        status = edit(installing, covered, &beside);
    if (status == WSPLSP_OK)
        status = plan_settle(installing->planner->goal, installing->planner->error);
    if (status == WSPLSP_OK)
        status = plan_install_at_once(installing, covered);
    return status == WSPLSP_OK ? plan_reach_entries(installing->planner) : status;
}

enum wsplsp_status plan_install(const struct wsplsp_snapshot *before, const struct plan_install_request *request,
                                plan_new_id new_id, struct plan **plan, struct wsplsp_error *error)
{
    struct planner planner;
    struct installing installing = {.planner = &planner, .request = request};
    bool *covered[2] = {calloc(before->catalogs[0].entry_count + 1, sizeof(bool)),
                        calloc(before->catalogs[1].entry_count + 1, sizeof(bool))};
    enum wsplsp_status status = planner_begin(&planner, before, new_id, error);
    if (status == WSPLSP_OK && (covered[0] == NULL || covered[1] == NULL))
        status = wsplsp_fail_memory(error);
    if (status == WSPLSP_OK)
        status = do_install(&installing, covered);
    free(installing.chain_ids);
    free(covered[0]);
    free(covered[1]);
    return planner_end(&planner, status, plan);
}
