/* Cures for what the doctor finds; see plan.h. A cure is safe if what it takes away could not have worked. */
#include "part.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/chain.h"
#include "lsp-core/doctor/doctor.h"
#include "plan_remove.h"
#include "lsp-core/base/text.h"

const char *const plan_fix_codes[] = {"chain-member-missing", "chain-self",
                                      "chain-circle",         "chain-no-base",
                                      "chain-too-long",       "chain-without-layer",
                                      "dll-missing",          "dll-wrong-architecture",
                                      "dll-no-wspstartup",    "layer-without-chain",
                                      "count-mismatch",       "numbering-gap",
                                      "serial-zero",          NULL};

struct fixing {
    struct planner *planner;
    const struct check_report *report;
    const char *const *only;
    size_t only_count;
    struct plan_marks marks;
};

static bool has_cure(const char *code)
{
    for (size_t i = 0; plan_fix_codes[i] != NULL; i++) {
        if (strcmp(plan_fix_codes[i], code) == 0)
            return true;
    }
    return false;
}

static bool is_wanted(const struct fixing *fixing, const char *code)
{
    if (fixing->only == NULL)
        return has_cure(code);
    for (size_t i = 0; i < fixing->only_count; i++) {
        if (strcmp(fixing->only[i], code) == 0)
            return true;
    }
    return false;
}

/* Whether the doctor has found that in the catalog, and it is to be cured. */
static bool is_found(const struct fixing *fixing, const char *code, int bits)
{
    for (size_t i = 0; i < fixing->report->finding_count; i++) {
        const struct check_finding *finding = &fixing->report->findings[i];
        if (strcmp(finding->code, code) == 0 && (finding->bits == bits || finding->bits == 0))
            return is_wanted(fixing, code);
    }
    return false;
}

/* ---- broken chains: the doctor names one of several, so each is looked at */

/* Whether following members that are chains leads back to the entry. */
static bool is_in_circle(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *from,
                         const struct wsplsp_entry *entry, size_t depth)
{
    for (size_t i = 0; i < chain_length(entry) && entry->info.chain_len > 1; i++) {
        const struct wsplsp_entry *member = chain_member(catalog, entry, i);
        if (member == NULL || member->info.chain_len < 2 || member == entry)
            continue;
        if (member == from || (depth < WSPLSP_MAX_PROTOCOL_CHAIN && is_in_circle(catalog, from, member, depth + 1)))
            return true;
    }
    return false;
}

static bool is_missing_member(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry)
{
    for (size_t i = 1; i < chain_length(entry); i++) {
        if (chain_member(catalog, entry, i) == NULL)
            return true;
    }
    return false;
}

static bool has_itself(const struct wsplsp_entry *entry)
{
    for (size_t i = 0; i < chain_length(entry); i++) {
        if (entry->info.chain[i] == entry->info.catalog_id)
            return true;
    }
    return false;
}

/* The code under which the doctor finds the chain's fault; NULL for a sound one. */
static const char *fault_of(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry)
{
    if (entry->undecoded != NULL || wsplsp_entry_kind(entry) != WSPLSP_KIND_CHAIN)
        return NULL;
    if (entry->info.chain_len < 0 || entry->info.chain_len > WSPLSP_MAX_PROTOCOL_CHAIN)
        return "chain-too-long";
    if (has_itself(entry))
        return "chain-self";
    const struct wsplsp_entry *top = chain_member(catalog, entry, 0);
    if (top == NULL || wsplsp_entry_kind(top) == WSPLSP_KIND_BASE)
        return "chain-without-layer";
    if (is_missing_member(catalog, entry))
        return "chain-member-missing";
    if (is_in_circle(catalog, entry, entry, 0))
        return "chain-circle";
    return chain_base(catalog, entry) == NULL ? "chain-no-base" : NULL;
}

/* What is left of a chain without the members that are missing or go; false where that is no chain. */
static bool mend(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry, const bool *going,
                 struct plan_chain *chain)
{
    chain->length = 0;
    for (size_t i = 0; i < chain_length(entry); i++) {
        const struct wsplsp_entry *member = chain_member(catalog, entry, i);
        if (member == NULL || going[plan_index(catalog, member)])
            continue;
        if (wsplsp_entry_kind(member) == WSPLSP_KIND_CHAIN)
            return false;
        chain->ids[chain->length++] = member->info.catalog_id;
    }
    struct wsplsp_entry mended = *entry;
    plan_set_chain(&mended, chain);
    return plan_is_sound(catalog, &mended);
}

/* A chain that has lost a member in its middle can do without; every other broken one goes. */
static void fix_chains(struct fixing *fixing, size_t c)
{
    const struct wsplsp_catalog *old = &fixing->planner->plan->before->catalogs[c];
    struct wsplsp_catalog *goal = &fixing->planner->goal->catalogs[c];
    for (size_t i = 0; i < old->entry_count; i++) {
        struct plan_chain chain;
        const char *fault = fault_of(old, &old->entries[i]);
        if (fault == NULL || fixing->marks.going[c][i] || !is_found(fixing, fault, old->bits))
            continue;
        if (strcmp(fault, "chain-member-missing") != 0 ||
            !mend(old, &old->entries[i], fixing->marks.going[c], &chain)) {
            fixing->marks.going[c][i] = true;
            continue;
        }
        plan_set_chain(&goal->entries[i], &chain);
        plan_set_ifs(goal, &goal->entries[i]);
    }
}

/* ---- layers that cannot be loaded, or do nothing */

static void mark_entry(const struct wsplsp_catalog *catalog, size_t index, bool *going)
{
    if (wsplsp_entry_kind(&catalog->entries[index]) == WSPLSP_KIND_LAYER)
        plan_mark_layer(catalog, index, going);
    else
        going[index] = true;
}

/* All that is loaded from the DLL of the entry found. */
static enum wsplsp_status mark_dll(struct fixing *fixing, size_t c, const struct wsplsp_entry *found)
{
    const struct wsplsp_catalog *catalog = &fixing->planner->plan->before->catalogs[c];
    if (wsplsp_entry_kind(found) == WSPLSP_KIND_BASE)
        return planner_warn(fixing->planner, "'%s' is a base entry and stays, though its DLL cannot be loaded",
                            plan_entry_name(found));
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded == NULL && wsplsp_entry_kind(entry) != WSPLSP_KIND_BASE && entry->dll != NULL &&
            found->dll != NULL && text_compare_nocase(entry->dll, found->dll) == 0)
            mark_entry(catalog, i, fixing->marks.going[c]);
    }
    return WSPLSP_OK;
}

static enum wsplsp_status mark_finding(struct fixing *fixing, const struct check_finding *finding)
{
    size_t c = finding->bits == 64 ? 0 : 1;
    const struct wsplsp_catalog *catalog = &fixing->planner->plan->before->catalogs[c];
    if (finding->position == 0 || finding->position > catalog->entry_count || !is_wanted(fixing, finding->code))
        return WSPLSP_OK;
    const struct wsplsp_entry *entry = &catalog->entries[finding->position - 1];
    if (strcmp(finding->code, "layer-without-chain") == 0) {
        fixing->marks.going[c][finding->position - 1] = true;
        return WSPLSP_OK;
    }
    bool by_dll = strcmp(finding->code, "dll-missing") == 0 || strcmp(finding->code, "dll-wrong-architecture") == 0 ||
                  strcmp(finding->code, "dll-no-wspstartup") == 0;
    return by_dll ? mark_dll(fixing, c, entry) : WSPLSP_OK;
}

/* ---- counts and numbers: writing the order anew writes them all */

static bool is_miscounted(const struct wsplsp_catalog *catalog)
{
    bool wrong = catalog->entries_stored.present && catalog->entries_stored.value != catalog->entry_count;
    for (size_t i = 0; i < catalog->entry_count; i++)
        wrong = wrong || (catalog->entries[i].number != 0 && catalog->entries[i].number != i + 1);
    return wrong;
}

static bool are_name_spaces_miscounted(const struct wsplsp_catalog *catalog)
{
    bool wrong = catalog->name_spaces_stored.present && catalog->name_spaces_stored.value != catalog->name_space_count;
    for (size_t i = 0; i < catalog->name_space_count; i++)
        wrong = wrong || (catalog->name_spaces[i].number != 0 && catalog->name_spaces[i].number != i + 1);
    return wrong;
}

static enum wsplsp_status rewrite(struct planner *planner, size_t c)
{
    const struct wsplsp_catalog *after = &planner->plan->after->catalogs[c];
    struct plan_step step = {
        .action = PLAN_ORDER,
        .function =
            plan_is_plain(planner->plan->after, after->bits) ? "WSCWriteProviderOrder" : "WSCWriteProviderOrder32",
        .catalogs = plan_bit(after->bits),
        .words = text_format("Write %s anew in its present order, so that its counts and numbers are right",
                             plan_catalog_name(plan_bit(after->bits))),
        .order = calloc(after->entry_count + 1, sizeof *step.order),
    };
    for (size_t i = 0; step.order != NULL && i < after->entry_count; i++) {
        if (after->entries[i].undecoded == NULL)
            step.order[step.order_count++] = plan_make_ref(planner, after->bits, &after->entries[i]);
    }
    if (step.order != NULL)
        return planner_add(planner, &step);
    plan_step_clear(&step);
    return wsplsp_fail_memory(planner->error);
}

static enum wsplsp_status rewrite_name_spaces(struct planner *planner, size_t c)
{
    const struct wsplsp_catalog *after = &planner->plan->after->catalogs[c];
    struct plan_step step = {
        .action = PLAN_ORDER_NAME_SPACES,
        .function =
            plan_is_plain(planner->plan->after, after->bits) ? "WSCWriteNameSpaceOrder" : "WSCWriteNameSpaceOrder32",
        .catalogs = plan_bit(after->bits),
        .words = text_format("Write the name space providers of %s anew in their present order, so that their counts "
                             "and numbers are right",
                             plan_catalog_name(plan_bit(after->bits))),
        .name_space_order = calloc(after->name_space_count + 1, sizeof *step.name_space_order),
    };
    for (size_t i = 0; step.name_space_order != NULL && i < after->name_space_count; i++) {
        if (after->name_spaces[i].undecoded == NULL)
            step.name_space_order[step.name_space_order_count++] = after->name_spaces[i].provider_id;
    }
    if (step.name_space_order != NULL)
        return planner_add(planner, &step);
    plan_step_clear(&step);
    return wsplsp_fail_memory(planner->error);
}

static enum wsplsp_status fix_counts(struct fixing *fixing, size_t c)
{
    struct planner *planner = fixing->planner;
    const struct wsplsp_catalog *after = &planner->plan->after->catalogs[c];
    bool counts = is_found(fixing, "count-mismatch", after->bits) || is_found(fixing, "numbering-gap", after->bits);
    enum wsplsp_status status = WSPLSP_OK;
    if (!after->present)
        return status;
    if ((counts && is_miscounted(after)) ||
        (is_found(fixing, "serial-zero", 0) && planner->plan->after->serial.present &&
         planner->plan->after->serial.value == 0))
        status = rewrite(planner, c);
    if (status == WSPLSP_OK &&
        ((counts && are_name_spaces_miscounted(after)) ||
         (is_found(fixing, "serial-zero", 0) && planner->plan->after->name_space_serial.present &&
          planner->plan->after->name_space_serial.value == 0 && after->name_space_count > 0)))
        status = rewrite_name_spaces(planner, c);
    return status;
}

/* ---- all together */

static enum wsplsp_status check_only(const struct fixing *fixing)
{
    for (size_t i = 0; i < fixing->only_count; i++) {
        if (has_cure(fixing->only[i]))
            continue;
        wsplsp_fail(fixing->planner->error, WSPLSP_USAGE, 0, "USAGE", "there is no safe cure for '%.100s'",
                    fixing->only[i]);
        return wsplsp_hint(fixing->planner->error, "'wsplsp doctor' says what to do about it");
    }
    return WSPLSP_OK;
}

static enum wsplsp_status fix(struct fixing *fixing)
{
    enum wsplsp_status status = check_only(fixing);
    if (status == WSPLSP_OK && !plan_marks_make(&fixing->marks, fixing->planner->plan->before))
        status = wsplsp_fail_memory(fixing->planner->error);
    for (size_t i = 0; i < fixing->report->finding_count && status == WSPLSP_OK; i++)
        status = mark_finding(fixing, &fixing->report->findings[i]);
    for (size_t c = 0; c < 2 && status == WSPLSP_OK; c++)
        fix_chains(fixing, c);
    if (status == WSPLSP_OK)
        status = plan_take_out(fixing->planner, &fixing->marks, true);
    for (size_t c = 0; c < 2 && status == WSPLSP_OK; c++)
        status = fix_counts(fixing, c);
    return status;
}

enum wsplsp_status plan_fix(const struct wsplsp_snapshot *before, const struct check_report *report,
                            const char *const *only, size_t only_count, plan_new_id new_id, struct plan **plan,
                            struct wsplsp_error *error)
{
    struct planner planner;
    struct fixing fixing = {
        .planner = &planner, .report = report, .only = only, .only_count = only == NULL ? 0 : only_count};
    enum wsplsp_status status = planner_begin(&planner, before, new_id, error);
    if (status == WSPLSP_OK)
        status = fix(&fixing);
    if (status == WSPLSP_OK && planner.plan->step_count == 0)
        status = planner_nothing(&planner, "Nothing was found that has a safe cure");
    plan_marks_free(&fixing.marks);
    return planner_end(&planner, status, plan);
}
