/* Carries plans out and looks at what they do; see planning.h. */
#include "planning.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/copy.h"
#include "lsp-core/diff/diff.h"
#include "lsp-core/catalog/source.h"
#include "lsp-core/base/text.h"

static uint32_t next_guid = 1;
static bool ids_fail;

void planning_fail_ids(bool fail)
{
    ids_fail = fail;
}

bool planning_new_id(struct wsplsp_guid *id)
{
    if (ids_fail)
        return false;
    memset(id, 0xAB, sizeof *id);
    memcpy(id->bytes, &next_guid, sizeof next_guid);
    next_guid++;
    return true;
}

struct wsplsp_snapshot *planning_fixture(const char *name)
{
    struct wsplsp_snapshot *snapshot = NULL;
    struct wsplsp_error error;
    char *path = text_format("tests/fixtures/%s.reg", name);
    assert_non_null(path);
    if (source_load_file(path, 0, &snapshot, &error) != WSPLSP_OK)
        fail_msg("%s: %s", path, error.message);
    free(path);
    return snapshot;
}

void planning_name(struct wsplsp_snapshot *snapshot)
{
    for (size_t c = 0; c < 2; c++) {
        for (size_t i = 0; i < snapshot->catalogs[c].entry_count; i++) {
            struct wsplsp_entry *entry = &snapshot->catalogs[c].entries[i];
            for (size_t n = 0; entry->undecoded == NULL && n <= strlen(entry->name); n++)
                entry->info.name[n] = (uint16_t)entry->name[n];
        }
        assert_true(wsplsp_catalog_index(&snapshot->catalogs[c]));
    }
}

/* ---- what has to hold */

static const struct wsplsp_entry *by_id(const struct wsplsp_catalog *catalog, uint32_t id)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        if (catalog->entries[i].undecoded == NULL && catalog->entries[i].info.catalog_id == id)
            return &catalog->entries[i];
    }
    return NULL;
}

/* A member that is a chain has to be whole itself; one that leads back to itself is not. */
static bool is_whole_within(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry, int depth)
{
    int32_t length = entry->info.chain_len;
    if (length < 2 || length > WSPLSP_MAX_PROTOCOL_CHAIN || depth > WSPLSP_MAX_PROTOCOL_CHAIN)
        return false;
    for (int32_t i = 0; i < length; i++) {
        const struct wsplsp_entry *member = by_id(catalog, entry->info.chain[i]);
        if (member == NULL || (member->info.chain_len == 1) != (i == length - 1))
            return false;
        if (member->info.chain_len > 1 && !is_whole_within(catalog, member, depth + 1))
            return false;
    }
    return true;
}

static bool is_whole(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry)
{
    return is_whole_within(catalog, entry, 0);
}

/* A catalog that is gone back to may have been broken; the plan says so, and the chain is as broken there. */
static const struct wsplsp_snapshot *broken_goal;

static bool is_broken_in_goal(const struct wsplsp_entry *entry)
{
    const struct wsplsp_catalog *goal = broken_goal == NULL ? NULL : wsplsp_snapshot_catalog(broken_goal, entry->bits);
    for (size_t i = 0; goal != NULL && i < goal->entry_count; i++) {
        if (wsplsp_guid_equal(&goal->entries[i].info.provider_id, &entry->info.provider_id) &&
            goal->entries[i].info.chain_len > 1 && !is_whole(goal, &goal->entries[i]))
            return true;
    }
    return false;
}

static void check_chains(const struct wsplsp_catalog *start, const struct wsplsp_catalog *now)
{
    for (size_t i = 0; i < now->entry_count; i++) {
        const struct wsplsp_entry *entry = &now->entries[i];
        if (entry->undecoded != NULL || entry->info.chain_len == 0 || entry->info.chain_len == 1 ||
            is_whole(now, entry) || is_broken_in_goal(entry))
            continue;
        const struct wsplsp_entry *before = by_id(start, entry->info.catalog_id);
        if (before == NULL || before->info.chain_len < 2 || is_whole(start, before))
            fail_msg("%d-bit chain %u '%s' is broken", now->bits, (unsigned)entry->info.catalog_id, entry->name);
    }
}

static void check_bases(const struct wsplsp_catalog *start, const struct wsplsp_catalog *now)
{
    for (size_t i = 0; i < start->entry_count; i++) {
        const struct wsplsp_entry *base = &start->entries[i];
        if (base->undecoded != NULL || base->info.chain_len != 1)
            continue;
        const struct wsplsp_entry *is = by_id(now, base->info.catalog_id);
        if (is == NULL || memcmp(&is->info, &base->info, sizeof base->info) != 0 || strcmp(is->dll, base->dll) != 0)
            fail_msg("%d-bit base entry %u has been touched", now->bits, (unsigned)base->info.catalog_id);
    }
}

static void check_ids(const struct wsplsp_catalog *now)
{
    for (size_t i = 0; i < now->entry_count; i++) {
        if (now->entries[i].undecoded == NULL && by_id(now, now->entries[i].info.catalog_id) != &now->entries[i])
            fail_msg("id %u is there twice", (unsigned)now->entries[i].info.catalog_id);
    }
}

static bool serves(const struct wsplsp_catalog *catalog, int32_t type, int32_t protocol)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_protocol_info *info = &catalog->entries[i].info;
        if (catalog->entries[i].undecoded == NULL && info->chain_len >= 1 && info->family == 2 &&
            info->socket_type == type && info->protocol == protocol)
            return info->chain_len == 1 || is_whole(catalog, &catalog->entries[i]);
    }
    return false;
}

void planning_check(const struct wsplsp_snapshot *start, const struct wsplsp_snapshot *now)
{
    for (size_t c = 0; c < 2; c++) {
        const struct wsplsp_catalog *before = &start->catalogs[c], *after = &now->catalogs[c];
        check_chains(before, after);
        check_bases(before, after);
        check_ids(after);
        if (serves(before, 1, 6) && !serves(after, 1, 6))
            fail_msg("%d-bit programs have lost TCP", after->bits);
        if (serves(before, 2, 17) && !serves(after, 2, 17))
            fail_msg("%d-bit programs have lost UDP", after->bits);
    }
}

/* ---- carrying out */

/* The system's counter is further than the plan thinks: something was installed and removed meanwhile. */
static void waste_ids(struct wsplsp_snapshot *system)
{
    uint32_t highest = 2000;
    for (size_t c = 0; c < 2; c++) {
        for (size_t i = 0; i < system->catalogs[c].entry_count; i++) {
            uint32_t id = system->catalogs[c].entries[i].info.catalog_id;
            highest = id > highest ? id : highest;
        }
    }
    system->next_catalog_id = (struct wsplsp_counter){true, highest + 7};
}

struct wsplsp_snapshot *planning_carry_out(const struct plan *plan, const struct wsplsp_snapshot *from)
{
    struct wsplsp_snapshot *system = copy_snapshot(from);
    struct wsplsp_error error;
    struct diff *diff;
    assert_non_null(system);
    assert_int_equal(plan_check_before(plan, system, &error), WSPLSP_OK);
    broken_goal = NULL;
    for (size_t i = 0; i < plan->warning_count; i++) {
        if (strstr(plan->warnings[i], "broken chains") != NULL)
            broken_goal = plan->after;
    }
    for (size_t i = 0; i < plan->step_count; i++) {
        /* "no longer available for use as of Windows Vista", says its page. */
        assert_string_not_equal(plan->steps[i].function, "WSCInstallProvider64_32");
        waste_ids(system);
        if (plan_step_apply(&plan->steps[i], system, planning_new_id, &error) != WSPLSP_OK)
            fail_msg("step %u (%s): %s", (unsigned)i + 1, plan->steps[i].words, error.message);
        planning_check(from, system);
    }
    assert_int_equal(plan_compare(plan, system, &diff, &error), WSPLSP_OK);
    if (diff->count > 0)
        fail_msg("not as planned: %s %s %s", diff_kind_name(diff->changes[0].kind), diff->changes[0].name,
                 diff->changes[0].field == NULL ? "" : diff->changes[0].field);
    diff_free(diff);
    broken_goal = NULL;
    return system;
}

/* ---- words */

static char *append(char *text, const char *more, size_t length)
{
    size_t old = strlen(text);
    char *longer = realloc(text, old + length + 1);
    assert_non_null(longer);
    memcpy(longer + old, more, length);
    longer[old + length] = '\0';
    return longer;
}

static char *append_name(char *text, const struct wsplsp_entry *entry)
{
    const char *name = entry == NULL ? "?" : entry->name;
    const char *over = strstr(name, " over [");
    return append(text, name, over == NULL ? strlen(name) : (size_t)(over - name));
}

char *planning_tell(const struct wsplsp_snapshot *snapshot, int bits)
{
    const struct wsplsp_catalog *catalog = wsplsp_snapshot_catalog(snapshot, bits);
    char *text = text_duplicate("");
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded != NULL) {
            text = append(text, "undecoded\n", 10);
            continue;
        }
        const char *kind = wsplsp_kind_name(wsplsp_entry_kind(entry));
        text = append(append(text, kind, strlen(kind)), " ", 1);
        if (entry->info.chain_len > 1) {
            for (int32_t m = 0; m < entry->info.chain_len && m < WSPLSP_MAX_PROTOCOL_CHAIN; m++) {
                text = append(text, " > ", m == 0 ? 0 : 3);
                text = append_name(text, by_id(catalog, entry->info.chain[m]));
            }
        } else {
            text = append_name(text, entry);
        }
        text = append(text, "\n", 1);
    }
    return text;
}

char *planning_functions(const struct plan *plan)
{
    char *text = text_duplicate("");
    for (size_t i = 0; i < plan->step_count; i++) {
        text = append(text, " ", i == 0 ? 0 : 1);
        text = append(text, plan->steps[i].function, strlen(plan->steps[i].function));
    }
    return text;
}

void planning_same(const struct wsplsp_snapshot *a, const struct wsplsp_snapshot *b)
{
    struct wsplsp_error error;
    struct diff *diff;
    assert_int_equal(plan_compare_restored(a, b, &diff, &error), WSPLSP_OK);
    if (diff->count > 0)
        fail_msg("%s %s %s: %s, %s", diff_kind_name(diff->changes[0].kind), diff->changes[0].name,
                 diff->changes[0].field == NULL ? "" : diff->changes[0].field,
                 diff->changes[0].before == NULL ? "-" : diff->changes[0].before,
                 diff->changes[0].after == NULL ? "-" : diff->changes[0].after);
    diff_free(diff);
    for (int bits = 64; bits >= 32; bits -= 32) {
        char *left = planning_tell(a, bits), *right = planning_tell(b, bits);
        assert_string_equal(left, right);
        free(left);
        free(right);
    }
}
