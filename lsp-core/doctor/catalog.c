/* The rules about a catalog as a whole: ids, counters, numbering, what it has to have. What reads the counters, and
 * how, is in no reference page: known readers take the numbered keys from 1 to the stored number, and nothing if one
 * lacks. */
#include <stdlib.h>
#include <string.h>

#include "part.h"
#include "rules.h"
#include "lsp-core/base/code_page.h"
#include "lsp-core/dlls/path.h"
#include "lsp-core/base/text.h"

void check_duplicate_catalog_id(struct check *check)
{
    for (size_t i = 0; i < 2; i++) {
        const struct check_catalog *catalog = &check->catalogs[i];
        for (size_t j = 1; j < catalog->decoded; j++) {
            if (catalog->by_id[j].id != catalog->by_id[j - 1].id)
                continue;
            const struct wsplsp_entry *entry = catalog->by_id[j].entry;
            check_report_entry(
                check, entry, CHECK_ERROR, CHECK_ADVICE_REBUILD,
                "%s has the catalog id that %s has already. Chains, programs and uninstallers that ask for "
                "this id get the first one, so %s can end up with the wrong provider.",
                check_label(entry).text,
                check_label(wsplsp_catalog_find(catalog->catalog, entry->info.catalog_id)).text,
                check_programs(check, entry->bits));
        }
    }
}

static int compare_providers(const void *left, const void *right)
{
    const struct wsplsp_entry *a = ((const struct check_pair *)left)->entry;
    const struct wsplsp_entry *b = ((const struct check_pair *)right)->entry;
    int order = memcmp(&a->info.provider_id, &b->info.provider_id, sizeof a->info.provider_id);
    return order != 0 ? order : (a->position > b->position) - (a->position < b->position);
}

/* The decoded entries by provider id, then position, in `scratch`; returns how many. */
static size_t sort_by_provider(struct check_catalog *catalog)
{
    memcpy(catalog->scratch, catalog->by_id, catalog->decoded * sizeof *catalog->scratch);
    qsort(catalog->scratch, catalog->decoded, sizeof *catalog->scratch, compare_providers);
    return catalog->decoded;
}

static bool same_provider(const struct wsplsp_entry *a, const struct wsplsp_entry *b)
{
    return wsplsp_guid_equal(&a->info.provider_id, &b->info.provider_id);
}

/* Several entries of one provider share its id, rightly: then they share its DLL, too (WSCInstallProvider). */
static void check_providers(struct check *check, struct check_catalog *catalog)
{
    size_t count = sort_by_provider(catalog);
    const struct wsplsp_entry *told = NULL;
    for (size_t i = 1, first = 0; i < count; i++) {
        const struct wsplsp_entry *entry = catalog->scratch[i].entry;
        const struct wsplsp_entry *one = catalog->scratch[first].entry;
        if (!same_provider(one, entry)) {
            first = i;
            continue;
        }
        if (entry->dll == NULL || one->dll == NULL || files_path_equal(entry->dll, one->dll) ||
            code_page_is_undecided(entry->dll) || code_page_is_undecided(one->dll) ||
            (told != NULL && same_provider(told, entry)))
            continue;
        told = entry;
        check_report_entry(
            check, entry, CHECK_ERROR, CHECK_ADVICE_REINSTALL,
            "%s has the provider id of %s, but another DLL (%s, not %s). Windows finds a provider's DLL by "
            "this id: %s can load the wrong one, and removing either provider removes both.",
            check_label(entry).text, check_label(one).text, entry->dll, one->dll, check_programs(check, entry->bits));
    }
}

void check_duplicate_provider_id(struct check *check)
{
    for (size_t i = 0; i < 2; i++)
        check_providers(check, &check->catalogs[i]);
}

/* The registry keys' numbers of either kind of entry, sorted. */
struct numbering {
    uint32_t *numbers;
    size_t count;
    bool known;
    uint32_t lacking; /* the first that lacks below the highest, 0 for none */
    uint32_t doubled; /* the first that is there twice, 0 for none */
};

static int compare_numbers(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static void read_numbering(struct check *check, const struct wsplsp_catalog *catalog, bool name_spaces,
                           struct numbering *numbering)
{
    memset(numbering, 0, sizeof *numbering);
    numbering->count = name_spaces ? catalog->name_space_count : catalog->entry_count;
    numbering->known = true;
    numbering->numbers = calloc(numbering->count + 1, sizeof *numbering->numbers);
    if (numbering->numbers == NULL) {
        check->out_of_memory = true;
        numbering->count = 0;
        return;
    }
    for (size_t i = 0; i < numbering->count; i++) {
        numbering->numbers[i] = name_spaces ? catalog->name_spaces[i].number : catalog->entries[i].number;
        numbering->known = numbering->known && numbering->numbers[i] != 0;
    }
    qsort(numbering->numbers, numbering->count, sizeof *numbering->numbers, compare_numbers);
    uint32_t last = 0;
    for (size_t i = 0; i < numbering->count; i++) {
        uint32_t number = numbering->numbers[i];
        if (number == last && numbering->doubled == 0)
            numbering->doubled = number;
        if (number > last + 1 && numbering->lacking == 0)
            numbering->lacking = last + 1;
        last = number;
    }
}

static uint32_t highest(const struct numbering *numbering)
{
    return numbering->count == 0 ? 0 : numbering->numbers[numbering->count - 1];
}

static const char *kind_of(bool name_spaces)
{
    return name_spaces ? "name space providers" : "protocol entries";
}

static const char *effect_of(bool name_spaces)
{
    return name_spaces ? "resolve names" : "open sockets";
}

static void check_count(struct check *check, const struct wsplsp_catalog *catalog, bool name_spaces)
{
    struct wsplsp_counter stored = name_spaces ? catalog->name_spaces_stored : catalog->entries_stored;
    struct numbering numbering;
    read_numbering(check, catalog, name_spaces, &numbering);
    /* A key that was taken out leaves a gap and a number too high: that is numbering-gap's to tell. */
    bool gap = numbering.known && numbering.lacking != 0 && stored.value == highest(&numbering);
    if (!stored.present)
        check_skip(check, "the number of the %d-bit catalog's %s is not stored or cannot be read", catalog->bits,
                   kind_of(name_spaces));
    else if (stored.value != numbering.count && !gap)
        check_report_catalog(
            check, catalog->bits, CHECK_ERROR, CHECK_ADVICE_REBUILD,
            "The stored number of the %d-bit catalog's %s is %u, but there are %zu. A reader that finds too "
            "few takes the catalog for empty, and one that expects fewer does not see the last: %s may not "
            "be able to %s.",
            catalog->bits, kind_of(name_spaces), (unsigned)stored.value, numbering.count,
            check_programs(check, catalog->bits), effect_of(name_spaces));
    free(numbering.numbers);
}

static void check_numbers(struct check *check, const struct wsplsp_catalog *catalog, bool name_spaces)
{
    struct numbering numbering;
    read_numbering(check, catalog, name_spaces, &numbering);
    uint32_t number = numbering.lacking != 0 ? numbering.lacking : numbering.doubled;
    if (!numbering.known)
        check_skip(check, "the registry keys of the %d-bit catalog's %s are not known", catalog->bits,
                   kind_of(name_spaces));
    else if (number != 0)
        check_report_catalog(
            check, catalog->bits, CHECK_ERROR, CHECK_ADVICE_REBUILD,
            "The registry keys of the %d-bit catalog's %s are not numbered one after the other: number %u %s. "
            "Readers that count the keys off take the catalog for empty: %s may not be able to %s.",
            catalog->bits, kind_of(name_spaces), (unsigned)number,
            numbering.lacking != 0 ? "is missing" : "is there twice", check_programs(check, catalog->bits),
            effect_of(name_spaces));
    free(numbering.numbers);
}

static void each_list(struct check *check,
                      void (*rule)(struct check *check, const struct wsplsp_catalog *catalog, bool name_spaces))
{
    for (size_t i = 0; i < 2; i++) {
        const struct wsplsp_catalog *catalog = &check->snapshot->catalogs[i];
        if (catalog->present)
            rule(check, catalog, false);
        if (catalog->present && (catalog->name_space_count > 0 || catalog->name_spaces_stored.present))
            rule(check, catalog, true);
    }
}

void check_count_mismatch(struct check *check)
{
    each_list(check, check_count);
}

void check_numbering_gap(struct check *check)
{
    each_list(check, check_numbers);
}

void check_next_id_too_low(struct check *check)
{
    uint32_t last = 0;
    for (size_t i = 0; i < 2; i++) {
        const struct check_catalog *catalog = &check->catalogs[i];
        if (catalog->decoded > 0 && catalog->by_id[catalog->decoded - 1].id > last)
            last = catalog->by_id[catalog->decoded - 1].id;
    }
    const struct wsplsp_counter *next = &check->snapshot->next_catalog_id;
    if (!next->present)
        check_skip(check, "the next catalog id is not stored or cannot be read");
    else if (next->value <= last)
        check_report_catalog(
            check, 0, CHECK_WARNING, CHECK_ADVICE_REBUILD,
            "The next catalog id to be given out is %u, but ids up to %u are in use. The next provider that is "
            "installed can get an id that another entry has, and break both.",
            (unsigned)next->value, (unsigned)last);
}

void check_serial_zero(struct check *check)
{
    const struct wsplsp_counter *serial = &check->snapshot->serial;
    if (!serial->present)
        check_skip(check, "the catalog's serial number is not stored or cannot be read");
    else if (serial->value == 0)
        check_report_catalog(
            check, 0, CHECK_ERROR, CHECK_ADVICE_REBUILD,
            "The protocol catalog's serial number (Serial_Access_Num) is 0, by which readers know an empty "
            "catalog: programs may not be able to open any socket.");
}

void check_catalog_locked(struct check *check)
{
    if (check->snapshot->locked)
        check_report_catalog(
            check, 0, CHECK_WARNING,
            "Wait for installers that are running, then restart the computer. If it is still there "
            "afterwards, a writer died: an administrator can delete the subkey named after the serial number "
            "below Protocol_Catalog9.",
            "The protocol catalog is locked for writing: an installer is at work, or was stopped in the middle. "
            "While the lock is there, programs that start may wait for it, and no provider can be installed.");
}

static void check_undecoded(struct check *check, const struct wsplsp_catalog *catalog)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded != NULL)
            check_report_entry(
                check, entry, CHECK_ERROR, CHECK_ADVICE_REBUILD,
                "The protocol entry at position %zu of the %d-bit catalog (registry key %012u) cannot be "
                "decoded: %s. So %s may not get its protocol, or none at all.",
                entry->position, entry->bits, (unsigned)entry->number, entry->undecoded,
                check_programs(check, entry->bits));
    }
    for (size_t i = 0; i < catalog->name_space_count; i++) {
        const struct wsplsp_name_space *name_space = &catalog->name_spaces[i];
        if (name_space->undecoded != NULL)
            check_report_catalog(
                check, catalog->bits, CHECK_ERROR, CHECK_ADVICE_REBUILD,
                "The name space provider at position %zu of the %d-bit catalog (registry key %012u) cannot be "
                "decoded: %s. Programs may not be able to resolve names through it.",
                name_space->position, catalog->bits, (unsigned)name_space->number, name_space->undecoded);
    }
}

void check_item_undecodable(struct check *check)
{
    for (size_t i = 0; i < 2; i++)
        check_undecoded(check, &check->snapshot->catalogs[i]);
    for (size_t i = 0; i < check->snapshot->application_count; i++) {
        const struct wsplsp_application *application = &check->snapshot->applications[i];
        if (application->undecoded != NULL)
            check_report_catalog(
                check, 0, CHECK_WARNING,
                "Set the program's categories anew, or have an administrator delete the key below "
                "AppId_Catalog.",
                "The application categories in the registry key %s cannot be decoded: %s. Windows may load "
                "layers into that program that it should not have.",
                application->key, application->undecoded);
    }
}

enum { AF_INET_NUMBER = 2, AF_INET6_NUMBER = 23 };

static bool has_base(const struct check_catalog *catalog, int32_t family, int32_t type, int32_t protocol)
{
    for (size_t i = 0; i < catalog->decoded; i++) {
        const struct wsplsp_entry *entry = catalog->by_id[i].entry;
        if (wsplsp_entry_kind(entry) == WSPLSP_KIND_BASE && entry->info.family == family &&
            entry->info.socket_type == type && entry->info.protocol == protocol)
            return true;
    }
    return false;
}

static void check_base(struct check *check, int32_t type, int32_t protocol, const char *name, const char *what)
{
    for (size_t i = 0; i < 2; i++) {
        const struct check_catalog *catalog = &check->catalogs[i];
        int bits = catalog->catalog->bits;
        if (!catalog->catalog->present || has_base(catalog, AF_INET_NUMBER, type, protocol))
            continue;
        bool six = has_base(catalog, AF_INET6_NUMBER, type, protocol);
        check_report_catalog(check, bits, six ? CHECK_WARNING : CHECK_ERROR, CHECK_ADVICE_REBUILD,
                             "The %d-bit catalog %s no base provider for %s%s: %s cannot %s%s.", bits,
                             catalog->catalog->entry_count == 0 ? "is empty and so has" : "has", name,
                             six ? " over IPv4" : "", check_programs(check, bits), what, six ? " over IPv4" : "");
    }
}

void check_no_base_tcp(struct check *check)
{
    check_base(check, 1, 6, "TCP", "make or take any connection");
}

void check_no_base_udp(struct check *check)
{
    check_base(check, 2, 17, "UDP", "send or receive datagrams, nor look names up");
}
