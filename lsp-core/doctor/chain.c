/* The rules about chains: what they refer to, and where they stand. Microsoft's reference: "Layered Protocols and
 * Protocol Chains", WSAPROTOCOLCHAIN, WSPStartup. */
#include <string.h>

#include "lsp-core/catalog/chain.h"
#include "part.h"
#include "rules.h"

/* What each program meets that is given such a chain. */
#define FAILS "%s sockets of %s that get this chain cannot be opened."

static const struct check_catalog *catalog_of(const struct check *check, const struct wsplsp_entry *entry)
{
    return &check->catalogs[entry->bits == 64 ? 0 : 1];
}

typedef void (*chain_report)(struct check *check, const struct wsplsp_entry *entry);

static void each_fault(struct check *check, enum check_fault fault, chain_report report)
{
    for (size_t i = 0; i < 2; i++) {
        const struct wsplsp_catalog *catalog = &check->snapshot->catalogs[i];
        for (size_t j = 0; j < catalog->entry_count; j++) {
            if (check_fault_of(&check->catalogs[i], &catalog->entries[j]) == fault)
                report(check, &catalog->entries[j]);
        }
    }
}

static void report_self(struct check *check, const struct wsplsp_entry *entry)
{
    check_report_entry(check, entry, CHECK_ERROR, CHECK_ADVICE_REINSTALL,
                       "%s has itself in its chain, so the layer would call itself without end. " FAILS,
                       check_label(entry).text, check_protocol(entry).text, check_programs(check, entry->bits));
}

void check_chain_self(struct check *check)
{
    each_fault(check, CHECK_CHAIN_SELF, report_self);
}

static void report_circle(struct check *check, const struct wsplsp_entry *entry)
{
    check_report_entry(check, entry, CHECK_ERROR, CHECK_ADVICE_REINSTALL,
                       "The chain of %s leads through other chains back to itself. " FAILS, check_label(entry).text,
                       check_protocol(entry).text, check_programs(check, entry->bits));
}

void check_chain_circle(struct check *check)
{
    each_fault(check, CHECK_CHAIN_CIRCLE, report_circle);
}

static void report_no_base(struct check *check, const struct wsplsp_entry *entry)
{
    uint32_t last = entry->info.chain[chain_length(entry) - 1];
    check_report_entry(check, entry, CHECK_ERROR, CHECK_ADVICE_REINSTALL,
                       "The chain of %s ends in %s instead of a base provider, so nothing carries its data. " FAILS,
                       check_label(entry).text,
                       check_label(wsplsp_catalog_find(catalog_of(check, entry)->catalog, last)).text,
                       check_protocol(entry).text, check_programs(check, entry->bits));
}

void check_chain_no_base(struct check *check)
{
    each_fault(check, CHECK_CHAIN_NO_BASE, report_no_base);
}

static void report_too_long(struct check *check, const struct wsplsp_entry *entry)
{
    check_report_entry(
        check, entry, CHECK_ERROR, CHECK_ADVICE_REINSTALL,
        "%s says that its chain has %d members, where 0 to %d are possible (MAX_PROTOCOL_CHAIN). Programs and "
        "layers that walk it read what is not there: %s sockets of %s can fail or crash them.",
        check_label(entry).text, (int)entry->info.chain_len, WSPLSP_MAX_PROTOCOL_CHAIN, check_protocol(entry).text,
        check_programs(check, entry->bits));
}

void check_chain_too_long(struct check *check)
{
    each_fault(check, CHECK_CHAIN_TOO_LONG, report_too_long);
}

/* The member that explains the fault: the top one, or else the first that is missing. */
static uint32_t culprit(const struct check_catalog *catalog, const struct wsplsp_entry *entry)
{
    size_t i = 0;
    if (check_fault_of(catalog, entry) == CHECK_CHAIN_MEMBER_MISSING) {
        while (wsplsp_catalog_find(catalog->catalog, entry->info.chain[i]) != NULL)
            i++;
    }
    return entry->info.chain[i];
}

static void report_missing(struct check *check, const struct check_catalog *catalog, uint32_t id,
                           const struct wsplsp_entry *first, size_t more)
{
    const struct wsplsp_entry *member = wsplsp_catalog_find(catalog->catalog, id);
    const char *aside =
        catalog->decoded < catalog->catalog->entry_count ? " (it may be one that cannot be decoded)" : "";
    if (member != NULL)
        check_report_entry(check, first, CHECK_ERROR, CHECK_ADVICE_REINSTALL,
                           "%s%s has %s in the place of its layer. " FAILS, check_label(first).text,
                           check_more(more, "chain", "chains").text, check_label(member).text,
                           check_protocol(first).text, check_programs(check, first->bits));
    else
        check_report_entry(check, first, CHECK_ERROR, CHECK_ADVICE_REINSTALL,
                           "%s%s refers to %sentry %u, which is not in the catalog%s. " FAILS, check_label(first).text,
                           check_more(more, "chain", "chains").text, first->info.chain[0] == id ? "its layer by " : "",
                           (unsigned)id, aside, check_protocol(first).text, check_programs(check, first->bits));
}

/* One finding for each missing member, however many chains refer to it. Where some chain has it on top, it is that
 * chain's layer. */
static void report_missing_members(struct check *check, struct check_catalog *catalog, bool layers)
{
    size_t count = 0;
    for (size_t i = 0; i < catalog->catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->catalog->entries[i];
        enum check_fault fault = check_fault_of(catalog, entry);
        if (fault == CHECK_CHAIN_NO_LAYER || fault == CHECK_CHAIN_MEMBER_MISSING)
            catalog->scratch[count++] = (struct check_pair){culprit(catalog, entry), entry};
    }
    check_pairs_sort(catalog->scratch, count);
    for (size_t start = 0, end; start < count; start = end) {
        const struct wsplsp_entry *first = NULL;
        end = check_pairs_end(catalog->scratch, count, start);
        for (size_t i = start; i < end && first == NULL; i++) {
            if (check_fault_of(catalog, catalog->scratch[i].entry) == CHECK_CHAIN_NO_LAYER)
                first = catalog->scratch[i].entry;
        }
        if (layers == (first != NULL))
            report_missing(check, catalog, catalog->scratch[start].id,
                           first != NULL ? first : catalog->scratch[start].entry, end - start - 1);
    }
}

void check_chain_member_missing(struct check *check)
{
    for (size_t i = 0; i < 2; i++)
        report_missing_members(check, &check->catalogs[i], false);
}

void check_chain_without_layer(struct check *check)
{
    for (size_t i = 0; i < 2; i++)
        report_missing_members(check, &check->catalogs[i], true);
}

/* The host takes the first entry that fits; a chain upon which another one is built is reached through that one. */
static bool is_behind_base(const struct check_catalog *catalog, const struct wsplsp_entry *entry)
{
    if (!check_is(catalog, entry, WSPLSP_KIND_CHAIN) || check_fault_of(catalog, entry) != CHECK_CHAIN_SOUND ||
        catalog->in_chain[entry - catalog->catalog->entries])
        return false;
    const struct wsplsp_entry *base = wsplsp_catalog_find(catalog->catalog, entry->info.chain[chain_length(entry) - 1]);
    return base->position < entry->position && base->info.family == entry->info.family &&
           base->info.socket_type == entry->info.socket_type && base->info.protocol == entry->info.protocol;
}

static void report_behind(struct check *check, struct check_catalog *catalog)
{
    size_t count = 0;
    for (size_t i = 0; i < catalog->catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->catalog->entries[i];
        if (is_behind_base(catalog, entry))
            catalog->scratch[count++] = (struct check_pair){entry->info.chain[0], entry};
    }
    check_pairs_sort(catalog->scratch, count);
    for (size_t start = 0, end; start < count; start = end) {
        end = check_pairs_end(catalog->scratch, count, start);
        const struct wsplsp_entry *first = catalog->scratch[start].entry;
        const struct wsplsp_entry *base =
            wsplsp_catalog_find(catalog->catalog, first->info.chain[chain_length(first) - 1]);
        check_report_entry(
            check, first, CHECK_WARNING,
            "Put the chains in front of the bases they cover, as the layer's installer should have done "
            "(WSCWriteProviderOrder), for example by installing the layer's program anew.",
            "%s%s stands behind %s, which it covers. Windows takes the first entry that fits, so %s sockets of "
            "%s go past the layer.",
            check_label(first).text, check_more(end - start - 1, "chain", "chains").text, check_label(base).text,
            check_protocol(first).text, check_programs(check, first->bits));
    }
}

void check_chain_behind_base(struct check *check)
{
    for (size_t i = 0; i < 2; i++)
        report_behind(check, &check->catalogs[i]);
}
