/* The rule about providers that only one of the two catalogs has. WSCInstallProviderAndChains64_32's page: "On 64-bit
 * platforms, there must be both a 32-bit and 64-bit version of the LSP installed." */
#include <stdlib.h>
#include <string.h>

#include "part.h"
#include "rules.h"
#include "lsp-core/base/text.h"

static int compare_ids(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(struct wsplsp_guid));
}

static int compare_names(const void *left, const void *right)
{
    return text_compare_nocase(*(char *const *)left, *(char *const *)right);
}

/* Who is in a catalog, for binary search. */
struct census {
    struct wsplsp_guid *ids; /* of all providers */
    const char **names;      /* of layered providers: some installers give each catalog's an id of its own */
    size_t id_count, name_count;
};

static void census_free(struct census *census)
{
    free(census->ids);
    free(census->names);
}

static bool census_take(const struct check_catalog *catalog, struct census *census)
{
    memset(census, 0, sizeof *census);
    census->ids = calloc(catalog->decoded + 1, sizeof *census->ids);
    census->names = calloc(catalog->decoded + 1, sizeof *census->names);
    if (census->ids == NULL || census->names == NULL)
        return false;
    for (size_t i = 0; i < catalog->decoded; i++) {
        const struct wsplsp_entry *entry = catalog->by_id[i].entry;
        census->ids[census->id_count++] = entry->info.provider_id;
        if (wsplsp_entry_kind(entry) == WSPLSP_KIND_LAYER && entry->name_raw != NULL)
            census->names[census->name_count++] = entry->name_raw;
    }
    qsort(census->ids, census->id_count, sizeof *census->ids, compare_ids);
    qsort(census->names, census->name_count, sizeof *census->names, compare_names);
    return true;
}

static bool census_has(const struct census *census, const struct wsplsp_entry *entry)
{
    if (bsearch(&entry->info.provider_id, census->ids, census->id_count, sizeof *census->ids, compare_ids) != NULL)
        return true;
    return wsplsp_entry_kind(entry) == WSPLSP_KIND_LAYER && entry->name_raw != NULL &&
           bsearch(&entry->name_raw, census->names, census->name_count, sizeof *census->names, compare_names) != NULL;
}

static void report(struct check *check, const struct wsplsp_entry *entry)
{
    int other = entry->bits == 64 ? 32 : 64;
    if (wsplsp_entry_kind(entry) == WSPLSP_KIND_LAYER)
        check_report_entry(
            check, entry, CHECK_WARNING, CHECK_ADVICE_REINSTALL,
            "%s is in the %d-bit catalog only: sockets of %d-bit programs go past the layer, which may be "
            "meant to protect or to see them.",
            check_label(entry).text, entry->bits, other);
    else
        check_report_entry(
            check, entry, CHECK_INFO, "Nothing has to be done unless a program of the other kind needs this protocol.",
            "%s and what else its provider has are in the %d-bit catalog only: %d-bit programs cannot use them.",
            check_label(entry).text, entry->bits, other);
}

/* Chains go with their layer. */
static void compare_with(struct check *check, struct check_catalog *catalog, const struct census *other)
{
    struct wsplsp_guid told = {{0}};
    bool has_told = false;
    for (size_t i = 0; i < catalog->catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->catalog->entries[i];
        if (!check_is(catalog, entry, wsplsp_entry_kind(entry)) || wsplsp_entry_kind(entry) == WSPLSP_KIND_CHAIN ||
            census_has(other, entry))
            continue;
        /* A base provider's entries stand together, and need not be told one by one. */
        bool base = wsplsp_entry_kind(entry) == WSPLSP_KIND_BASE;
        if (base && has_told && wsplsp_guid_equal(&told, &entry->info.provider_id))
            continue;
        report(check, entry);
        has_told = has_told || base;
        if (base)
            told = entry->info.provider_id;
    }
}

void check_one_catalog_only(struct check *check)
{
    for (size_t i = 0; i < 2; i++) {
        if (!check->snapshot->catalogs[i].present) {
            const char *why = check->snapshot->catalogs[i].absent;
            check_skip(check, "there is only one catalog to look at: %s", why != NULL ? why : "the other is absent");
            return;
        }
        /* An empty catalog is another rule's to tell. */
        if (check->catalogs[i].decoded == 0)
            return;
    }
    for (size_t i = 0; i < 2 && !check->out_of_memory; i++) {
        struct census census;
        if (census_take(&check->catalogs[1 - i], &census))
            compare_with(check, &check->catalogs[i], &census);
        else
            check->out_of_memory = true;
        census_free(&census);
    }
}
