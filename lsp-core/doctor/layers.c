/* The rules about layered providers: what they cover, in which catalogs, with which handles and categories. Microsoft's
 * reference: "Categorizing Layered Service Providers and Applications", WPUModifyIFSHandle, WSCInstallProvider64_32. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/chain.h"
#include "part.h"
#include "rules.h"
#include "lsp-core/catalog/flags.h"

static bool is_ifs(const struct wsplsp_entry *entry)
{
    return (entry->info.service_flags[0] & XP1_IFS_HANDLES) != 0;
}

static size_t place_of(const struct check_catalog *catalog, const struct wsplsp_entry *entry)
{
    return (size_t)(entry - catalog->catalog->entries);
}

typedef void (*layer_report)(struct check *check, const struct check_catalog *catalog,
                             const struct wsplsp_entry *entry);

static void each_layer(struct check *check, layer_report report)
{
    for (size_t i = 0; i < 2; i++) {
        const struct check_catalog *catalog = &check->catalogs[i];
        for (size_t j = 0; j < catalog->catalog->entry_count; j++) {
            const struct wsplsp_entry *entry = &catalog->catalog->entries[j];
            if (check_is(catalog, entry, WSPLSP_KIND_LAYER))
                report(check, catalog, entry);
        }
    }
}

static void report_without_chain(struct check *check, const struct check_catalog *catalog,
                                 const struct wsplsp_entry *entry)
{
    if (!catalog->in_chain[place_of(catalog, entry)])
        check_report_entry(check, entry, CHECK_WARNING, CHECK_ADVICE_REINSTALL,
                           "%s stands in no chain: the layer is installed, but no socket of %s goes through it.",
                           check_label(entry).text, check_programs(check, entry->bits));
}

void check_layer_without_chain(struct check *check)
{
    each_layer(check, report_without_chain);
}

/* A layer that stands in no chain harms no socket. */
static void report_non_ifs(struct check *check, const struct check_catalog *catalog, const struct wsplsp_entry *entry)
{
    if (is_ifs(entry) || !catalog->in_chain[place_of(catalog, entry)])
        return;
    check_report_entry(
        check, entry, CHECK_WARNING,
        "Ask the layer's vendor for a version with IFS handles (XP1_IFS_HANDLES) or one built on the Windows "
        "Filtering Platform, or uninstall it if one of these programs is needed.",
        "%s makes sockets that are not file handles (no XP1_IFS_HANDLES), which some %s mind: .NET's SqlClient fails, "
        "those that call SetFileCompletionNotificationModes wait for completions that never come (Microsoft's KB "
        "2568167), libuv (Node.js) and Go give up their fast paths, and wsl.exe fails with any layer.",
        check_label(entry).text, check_programs(check, entry->bits));
}

void check_non_ifs_layer(struct check *check)
{
    each_layer(check, report_non_ifs);
}

static void report_without_category(struct check *check, const struct check_catalog *catalog,
                                    const struct wsplsp_entry *entry)
{
    (void)catalog;
    if (!entry->has_categories)
        check_skip(check, "%s", entry->categories_absent != NULL ? entry->categories_absent : "it is not known");
    else if (entry->categories == 0)
        check_report_entry(
            check, entry, CHECK_INFO,
            "Nothing has to be done unless the layer is wanted in services; its vendor sets the category with "
            "WSCSetProviderInfo.",
            "%s has no LSP category. Windows doesn't load it into services and system processes, whose sockets "
            "go past it.",
            check_label(entry).text);
}

void check_layer_without_category(struct check *check)
{
    each_layer(check, report_without_category);
}

/* TCP, UDP and RAW of IPv4 and IPv6, a bit each. */
enum { TCP = 1, UDP = 2, RAW = 4, FAMILY_BITS = 3, FAMILY_MASK = 7 };

static unsigned cover_bit(const struct wsplsp_entry *entry)
{
    const struct wsplsp_protocol_info *info = &entry->info;
    unsigned bit = 0;
    if (info->socket_type == 1 && info->protocol == 6)
        bit = TCP;
    else if (info->socket_type == 2 && info->protocol == 17)
        bit = UDP;
    else if (info->socket_type == 3 && info->protocol == 0)
        bit = RAW;
    if (info->family == 2)
        return bit;
    return info->family == 23 ? bit << FAMILY_BITS : 0;
}

/* What there is to cover. */
static unsigned bases_cover(const struct check_catalog *catalog)
{
    unsigned bases = 0;
    for (size_t i = 0; i < catalog->decoded; i++) {
        if (wsplsp_entry_kind(catalog->by_id[i].entry) == WSPLSP_KIND_BASE)
            bases |= cover_bit(catalog->by_id[i].entry);
    }
    return bases;
}

/* What broken chains would cover, could they be used: their own finding says enough. */
static unsigned broken_cover(const struct check_catalog *catalog)
{
    unsigned broken = 0;
    for (size_t i = 0; i < catalog->catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->catalog->entries[i];
        if (check_fault_of(catalog, entry) != CHECK_CHAIN_SOUND)
            broken |= cover_bit(entry);
    }
    return broken;
}

/* What each entry's chains cover, where the entry is a layer's; and each one's first chain. */
static void gather_cover(const struct check_catalog *catalog, unsigned char *cover, const struct wsplsp_entry **firsts)
{
    for (size_t i = 0; i < catalog->catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->catalog->entries[i];
        if (entry->undecoded != NULL || wsplsp_entry_kind(entry) != WSPLSP_KIND_CHAIN)
            continue;
        for (size_t j = 0; j < chain_length(entry); j++) {
            const struct wsplsp_entry *member = wsplsp_catalog_find(catalog->catalog, entry->info.chain[j]);
            if (member == NULL || wsplsp_entry_kind(member) != WSPLSP_KIND_LAYER)
                continue;
            cover[place_of(catalog, member)] |= (unsigned char)cover_bit(entry);
            if (firsts[place_of(catalog, member)] == NULL)
                firsts[place_of(catalog, member)] = entry;
        }
    }
}

/* "IPv4 UDP and RAW": what of a family is in `bits`. */
static void append_family(char *text, size_t size, unsigned bits, const char *family)
{
    static const char *const names[] = {"TCP", "UDP", "RAW"};
    for (size_t i = 0; i < 3; i++) {
        if ((bits & (1u << i)) == 0)
            continue;
        size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%s %s", used == 0 ? "" : ", ", family, names[i]);
    }
}

/* What is in a family of which something, but not all, is covered. */
static unsigned uncovered(unsigned bases, unsigned cover)
{
    unsigned missing = 0;
    for (unsigned shift = 0; shift <= FAMILY_BITS; shift += FAMILY_BITS) {
        unsigned mask = (unsigned)FAMILY_MASK << shift;
        if ((cover & mask) != 0)
            missing |= bases & ~cover & mask;
    }
    return missing;
}

static void report_partly_layered(struct check *check, const struct wsplsp_entry *layer,
                                  const struct wsplsp_entry *chain, unsigned cover, unsigned missing)
{
    char covered[64] = "", open[64] = "";
    append_family(covered, sizeof covered, cover & FAMILY_MASK, "IPv4");
    append_family(covered, sizeof covered, cover >> FAMILY_BITS, "IPv6");
    append_family(open, sizeof open, missing & FAMILY_MASK, "IPv4");
    append_family(open, sizeof open, missing >> FAMILY_BITS, "IPv6");
    /* Windows Core Networking's "The (new) trouble with select and LSPs": a base provider doesn't know the handles of a
     * non-IFS layer; those of an IFS layer are its own. Since Windows Vista select goes past the layers, unless one
     * answers SIO_BSP_HANDLE_SELECT with its own handle (Microsoft's sample). */
    if (is_ifs(layer))
        check_report_entry(check, chain, CHECK_INFO,
                           "Nothing has to be done unless the layer is meant to see all traffic.",
                           "%s covers %s, but not %s: such sockets of %s go past it.", check_label(layer).text, covered,
                           open, check_programs(check, layer->bits));
    else
        check_report_entry(
            check, chain, CHECK_WARNING, CHECK_ADVICE_REINSTALL,
            "%s covers %s, but not %s. Where the layer wants select for itself, and always before Windows Vista, a "
            "call "
            "of select over sockets of both kinds fails with WSAENOTSOCK, by which some %s lose the network.",
            check_label(layer).text, covered, open, check_programs(check, layer->bits));
}

static void check_partly(struct check *check, const struct check_catalog *catalog)
{
    size_t count = catalog->catalog->entry_count;
    unsigned char *cover = calloc(count + 1, sizeof *cover);
    const struct wsplsp_entry **firsts = calloc(count + 1, sizeof *firsts);
    if (cover == NULL || firsts == NULL) {
        check->out_of_memory = true;
    } else {
        unsigned bases = bases_cover(catalog) & ~broken_cover(catalog);
        gather_cover(catalog, cover, firsts);
        for (size_t i = 0; i < count; i++) {
            unsigned missing = uncovered(bases, cover[i]);
            if (missing != 0)
                report_partly_layered(check, &catalog->catalog->entries[i], firsts[i], cover[i], missing);
        }
    }
    free(cover);
    free(firsts);
}

void check_protocol_partly_layered(struct check *check)
{
    for (size_t i = 0; i < 2 && !check->out_of_memory; i++)
        check_partly(check, &check->catalogs[i]);
}

/* An IFS layer gives out the handles it gets (WPUModifyIFSHandle), so a chain's handles are file handles where those of
 * all its members are. Members that are chains tell nothing of their own. */
static bool has_wrong_flag(const struct check_catalog *catalog, const struct wsplsp_entry *entry)
{
    if (!check_is(catalog, entry, WSPLSP_KIND_CHAIN) || check_fault_of(catalog, entry) != CHECK_CHAIN_SOUND)
        return false;
    bool all = true;
    for (size_t i = 0; i < chain_length(entry); i++) {
        const struct wsplsp_entry *member = wsplsp_catalog_find(catalog->catalog, entry->info.chain[i]);
        if (wsplsp_entry_kind(member) != WSPLSP_KIND_CHAIN && !is_ifs(member))
            all = false;
    }
    return is_ifs(entry) != all;
}

static void report_wrong_flag(struct check *check, const struct wsplsp_entry *first, size_t more)
{
    if (is_ifs(first))
        check_report_entry(
            check, first, CHECK_WARNING, CHECK_ADVICE_REINSTALL,
            "%s%s says that its sockets are file handles (XP1_IFS_HANDLES), but not all of its members' are. "
            "Some %s use them as such (ReadFile, completion ports), and then fail.",
            check_label(first).text, check_more(more, "chain", "chains").text, check_programs(check, first->bits));
    else
        check_report_entry(
            check, first, CHECK_WARNING, CHECK_ADVICE_REINSTALL,
            "%s%s lacks XP1_IFS_HANDLES, though all of its members make sockets that are file handles. Some "
            "%s look at the flag, and then give up their fast paths or refuse to work.",
            check_label(first).text, check_more(more, "chain", "chains").text, check_programs(check, first->bits));
}

static void check_flags(struct check *check, struct check_catalog *catalog)
{
    size_t count = 0;
    for (size_t i = 0; i < catalog->catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->catalog->entries[i];
        if (has_wrong_flag(catalog, entry))
            catalog->scratch[count++] = (struct check_pair){entry->info.chain[0], entry};
    }
    check_pairs_sort(catalog->scratch, count);
    for (size_t start = 0, end; start < count; start = end) {
        end = check_pairs_end(catalog->scratch, count, start);
        report_wrong_flag(check, catalog->scratch[start].entry, end - start - 1);
    }
}

void check_ifs_flag_mismatch(struct check *check)
{
    for (size_t i = 0; i < 2; i++)
        check_flags(check, &check->catalogs[i]);
}
