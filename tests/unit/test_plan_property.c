/* The planner over random catalogs and random requests, the same ones in every run: after every step of every plan the
 * network works, layers stand as asked for, and going back to the start gives the start. */
#include "planning.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/copy.h"
#include "lsp-core/catalog/edit.h"
#include "lsp-core/catalog/edit_part.h"
#include "lsp-core/diff/diff.h"
#include "lsp-core/base/text.h"

enum { SEQUENCES = 100, REQUESTS = 16, LAYER_NAMES = 8 };

static uint64_t state;

static uint32_t pick(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % below;
}

/* ---- random catalogs */

static void add_base(struct wsplsp_catalog *catalog, uint32_t id, int32_t family, int32_t type, int32_t protocol,
                     uint8_t provider, bool hidden)
{
    struct wsplsp_protocol_info info = {.family = family, .socket_type = type, .protocol = protocol, .chain_len = 1};
    struct wsplsp_guid guid;
    char name[32];
    memset(guid.bytes, provider, sizeof guid.bytes);
    snprintf(name, sizeof name, "%s%d %02x",
             type == 1   ? "TCP"
             : type == 2 ? "UDP"
                         : "RAW",
             family == 2 ? 4 : 6, provider);
    for (size_t i = 0; name[i] != '\0'; i++)
        info.name[i] = (uint16_t)name[i];
    info.service_flags[0] = 0x20000;
    info.provider_flags = hidden ? 8 | 4 : 8;
    assert_non_null(catalog_edit_append(catalog, &info, &guid, id, "%SystemRoot%\\system32\\mswsock.dll"));
}

static void add_bases(struct wsplsp_catalog *catalog, uint32_t first_id, bool extra)
{
    static const int32_t kinds[3][2] = {{1, 6}, {2, 17}, {3, 0}};
    catalog->present = true;
    for (uint32_t i = 0; i < 6; i++)
        add_base(catalog, first_id + i, i < 3 ? 2 : 23, kinds[i % 3][0], kinds[i % 3][1], i < 3 ? 0xE7 : 0xF9,
                 i % 3 == 2);
    for (uint32_t i = 0; extra && i < 4; i++)
        add_base(catalog, first_id + 6 + i, i < 2 ? 2 : 23, kinds[i % 2][0], kinds[i % 2][1], 0x9D, false);
    assert_int_equal(catalog_edit_settle(catalog), CATALOG_EDIT_DONE);
}

/* Somebody else's layer, all of whose entries have one provider id; perhaps with a chain whose layer is gone. */
static void add_foreign(struct wsplsp_catalog *catalog)
{
    struct wsplsp_protocol_info info = catalog->entries[0].info;
    struct wsplsp_guid id;
    uint32_t own = catalog->entries[0].info.catalog_id + 500;
    memset(id.bytes, 0x77, sizeof id.bytes);
    info.chain_len = 0;
    info.name[0] = 'F';
    assert_non_null(catalog_edit_append(catalog, &info, &id, own, "C:\\f\\f.dll"));
    for (uint32_t i = 0; i < 3; i++) {
        info = catalog->entries[i].info;
        info.chain_len = 2;
        info.chain[0] = own;
        info.chain[1] = catalog->entries[i].info.catalog_id;
        info.name[0] = 'f';
        assert_non_null(catalog_edit_append(catalog, &info, &id, own + 1 + i, "C:\\f\\f.dll"));
    }
    if (pick(2) == 0) {
        memset(id.bytes, 0x78, sizeof id.bytes);
        info.chain[0] = 999;
        info.name[0] = 'b';
        assert_non_null(catalog_edit_append(catalog, &info, &id, own + 9, "C:\\gone.dll"));
    }
    assert_int_equal(catalog_edit_settle(catalog), CATALOG_EDIT_DONE);
}

static struct wsplsp_snapshot *random_windows(void)
{
    struct wsplsp_snapshot *snapshot = wsplsp_snapshot_new("random");
    assert_non_null(snapshot);
    bool extra = pick(2) == 0;
    uint32_t which = pick(5); /* both mostly, sometimes one alone */
    if (which != 1)
        add_bases(&snapshot->catalogs[0], 1001, extra);
    if (which != 2)
        add_bases(&snapshot->catalogs[1], pick(3) == 0 ? 1101 : 1001, extra);
    for (size_t c = 0; c < 2; c++) {
        if (snapshot->catalogs[c].present && pick(3) == 0)
            add_foreign(&snapshot->catalogs[c]);
    }
    return snapshot;
}

/* ---- random requests */

static const char *const names[LAYER_NAMES] = {"Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta", "Theta"};
static const char *const dlls[LAYER_NAMES] = {"C:\\a\\a.dll", "C:\\b\\b.dll", "C:\\c\\c.dll", "C:\\d\\d.dll",
                                              "C:\\e\\e.dll", "C:\\f\\f.dll", "C:\\g\\g.dll", "C:\\h\\h.dll"};

/* One that is there, mostly. */
static const char *random_layer(const struct wsplsp_snapshot *snapshot)
{
    const struct wsplsp_catalog *catalog = &snapshot->catalogs[pick(2)];
    for (size_t i = pick(6) == 0 ? catalog->entry_count : 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[catalog->entry_count - 1 - i];
        if (entry->info.chain_len == 0 && pick(2) == 0)
            return entry->name;
    }
    return pick(4) == 0 ? "FCP4 e7" : names[pick(LAYER_NAMES)];
}

static unsigned random_catalogs(const struct wsplsp_snapshot *snapshot)
{
    unsigned present = (snapshot->catalogs[0].present ? PLAN_64 : 0) | (snapshot->catalogs[1].present ? PLAN_32 : 0);
    return pick(3) != 0 ? 0 : pick(2) == 0 ? present & PLAN_64 : present & PLAN_32;
}

static enum wsplsp_status random_install(const struct wsplsp_snapshot *now, struct plan **plan,
                                         struct plan_install_request *request, struct wsplsp_error *error)
{
    static const char *const overs[][2] = {{"all"}, {"tcp"}, {"udp"}, {"raw"}, {"tcp", "udp"}};
    uint32_t layer = pick(LAYER_NAMES), over = pick(5);
    *request = (struct plan_install_request){
        .catalogs = random_catalogs(now),
        .name = names[layer],
        .dll64 = dlls[layer],
        .dll32 = pick(2) == 0 ? dlls[layer] : "C:\\x86\\layer.dll",
        .ifs = pick(3) != 0,
        .over = overs[over],
        .over_count = over == 4 ? 2 : 1,
        .exact = pick(2) == 0,
        .position = (enum plan_position)pick(4),
        .beside = random_layer(now),
        .has_categories = pick(4) == 0,
        .categories = 1u << pick(9),
    };
    return plan_install(now, request, planning_new_id, plan, error);
}

static enum wsplsp_status random_order(const struct wsplsp_snapshot *now, struct plan **plan,
                                       struct wsplsp_error *error)
{
    struct plan_order_request request = {.top = random_layer(now), .catalogs = random_catalogs(now)};
    uint32_t ids[3];
    if (pick(2) == 0) {
        const struct wsplsp_catalog *catalog = &now->catalogs[now->catalogs[0].present ? 0 : 1];
        request.top = NULL;
        request.ids = ids;
        for (size_t i = 0; i < 3; i++)
            ids[request.id_count++] = catalog->entries[pick((uint32_t)catalog->entry_count)].info.catalog_id;
    }
    return plan_order(now, &request, planning_new_id, plan, error);
}

static enum wsplsp_status random_removal(const struct wsplsp_snapshot *now, struct plan **plan,
                                         struct wsplsp_error *error)
{
    struct plan_remove_request request = {
        .wanted = random_layer(now),
        .all_layered = pick(8) == 0,
        .cascade = pick(2) == 0,
        .catalogs = random_catalogs(now),
    };
    return plan_remove(now, &request, planning_new_id, plan, error);
}

/* ---- what was asked for */

static const struct wsplsp_entry *first_for(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *base)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_protocol_info *info = &catalog->entries[i].info;
        if (info->chain_len == 1 ? info->catalog_id == base->info.catalog_id
                                 : info->chain_len > 1 && info->chain[info->chain_len - 1] == base->info.catalog_id &&
                                       wsplsp_catalog_find(catalog, info->chain[0]) != NULL)
            return &catalog->entries[i];
    }
    return NULL;
}

static bool is_there(const struct wsplsp_catalog *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        if (strncmp(catalog->entries[i].name, name, strlen(name)) == 0)
            return true;
    }
    return false;
}

/* On top: programs get the new layer before what they got. Elsewhere: it stands in some chain. */
static void check_installed(const struct wsplsp_snapshot *before, const struct wsplsp_snapshot *after,
                            const struct plan_install_request *request)
{
    for (size_t c = 0; c < 2; c++) {
        const struct wsplsp_catalog *old = &before->catalogs[c], *new = &after->catalogs[c];
        if (!new->present || (request->catalogs != 0 && (request->catalogs & 1u << c) == 0))
            continue;
        assert_true(is_there(new, request->name));
        for (size_t i = 0; i < old->entry_count && request->position == PLAN_TOP; i++) {
            const struct wsplsp_entry *base = &old->entries[i];
            if (base->info.chain_len != 1)
                continue;
            const struct wsplsp_entry *was = first_for(old, base), *is = first_for(new, base);
            if (was->info.chain_len == is->info.chain_len && was->info.catalog_id != is->info.catalog_id)
                fail_msg("programs get another entry for a base, though no layer came over it");
            if (was->info.catalog_id == is->info.catalog_id || was->info.chain_len == 0)
                continue;
            assert_int_equal(is->info.chain_len, was->info.chain_len + 1);
            const struct wsplsp_entry *top = wsplsp_catalog_find(new, is->info.chain[0]);
            assert_string_equal(top->name, request->name);
        }
    }
}

static const struct wsplsp_guid *member_id(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry,
                                           int32_t member)
{
    const struct wsplsp_entry *found = wsplsp_catalog_find(catalog, entry->info.chain[member]);
    return found == NULL ? NULL : &found->info.provider_id;
}

/* Whether the chain is the other one without some of its members, the rest in their order. */
static bool is_within(const struct wsplsp_catalog *new, const struct wsplsp_entry *chain,
                      const struct wsplsp_catalog *old, const struct wsplsp_entry *whole)
{
    int32_t next = 0;
    for (int32_t i = 0; i < whole->info.chain_len && next < chain->info.chain_len; i++) {
        const struct wsplsp_guid *a = member_id(new, chain, next), *b = member_id(old, whole, i);
        next += a == NULL || b == NULL ? a == b : wsplsp_guid_equal(a, b);
    }
    return next == chain->info.chain_len;
}

static void check_removed(const struct wsplsp_snapshot *before, const struct wsplsp_snapshot *after)
{
    for (size_t c = 0; c < 2; c++) {
        const struct wsplsp_catalog *old = &before->catalogs[c], *new = &after->catalogs[c];
        for (size_t i = 0; i < new->entry_count; i++) {
            const struct wsplsp_entry *chain = &new->entries[i];
            size_t j = 0;
            while (j < old->entry_count &&
                   !(wsplsp_guid_equal(&old->entries[j].info.provider_id, &chain->info.provider_id) &&
                     old->entries[j].info.chain_len >= chain->info.chain_len &&
                     strcmp(old->entries[j].name, chain->name) == 0))
                j++;
            assert_true(j < old->entry_count);
            if (chain->info.chain_len > 1 && !is_within(new, chain, old, &old->entries[j]))
                fail_msg("'%s' has got members that it had not", chain->name);
        }
    }
}

static struct wsplsp_snapshot *one_request(struct wsplsp_snapshot *now, size_t counts[3])
{
    struct plan *plan = NULL;
    struct plan_install_request request = {0};
    struct wsplsp_error error;
    static const uint32_t kinds[] = {0, 0, 0, 0, 1, 1, 2};
    uint32_t kind = kinds[pick(7)];
    enum wsplsp_status status = kind == 0   ? random_install(now, &plan, &request, &error)
                                : kind == 1 ? random_removal(now, &plan, &error)
                                            : random_order(now, &plan, &error);
    if (status != WSPLSP_OK) {
        assert_true(status == WSPLSP_REFUSED || status == WSPLSP_NOT_FOUND || status == WSPLSP_USAGE);
        /* What is refused is refused for a reason, not because the steps would fail. */
        if (strcmp(error.name, "NOT_REACHED") == 0 || strcmp(error.name, "IMPOSSIBLE") == 0)
            fail_msg("%s", error.message);
        return now;
    }
    struct wsplsp_snapshot *next = planning_carry_out(plan, now);
    if (kind == 0 && plan->step_count > 0)
        check_installed(now, next, &request);
    if (kind == 1)
        check_removed(now, next);
    if (plan->step_count > 0)
        counts[kind]++;
    plan_free(plan);
    wsplsp_snapshot_free(now);
    return next;
}

static void go_back(const struct wsplsp_snapshot *start, const struct wsplsp_snapshot *now)
{
    struct plan *plan = NULL;
    struct wsplsp_error error;
    assert_int_equal(plan_restore(now, start, planning_new_id, &plan, &error), WSPLSP_OK);
    struct wsplsp_snapshot *back = planning_carry_out(plan, now);
    planning_same(start, back);
    plan_free(plan);
    /* And from there, forth again: whatever the layers were, they come back. */
    assert_int_equal(plan_restore(back, now, planning_new_id, &plan, &error), WSPLSP_OK);
    struct wsplsp_snapshot *forth = planning_carry_out(plan, back);
    planning_same(now, forth);
    plan_free(plan);
    wsplsp_snapshot_free(forth);
    wsplsp_snapshot_free(back);
}

static void any_sequence_keeps_the_network_and_can_be_undone(void **unused)
{
    (void)unused;
    size_t counts[3] = {0, 0, 0};
    for (uint64_t seed = 1; seed <= SEQUENCES; seed++) {
        state = seed * 0x9E3779B97F4A7C15u;
        struct wsplsp_snapshot *start = random_windows();
        struct wsplsp_snapshot *now = copy_snapshot(start);
        struct wsplsp_snapshot *middle = NULL;
        for (size_t i = 0; i < REQUESTS; i++) {
            now = one_request(now, counts);
            if (i == REQUESTS / 2)
                middle = copy_snapshot(now);
        }
        go_back(start, now);
        go_back(middle, now);
        wsplsp_snapshot_free(middle);
        wsplsp_snapshot_free(now);
        wsplsp_snapshot_free(start);
    }
    /* The requests were worth the name. */
    assert_true(counts[0] > SEQUENCES && counts[1] > SEQUENCES / 2 && counts[2] > SEQUENCES / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_sequence_keeps_the_network_and_can_be_undone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
