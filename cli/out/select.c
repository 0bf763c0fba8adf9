/* Which entries a command is about; see select.h. */
#include "select.h"

#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "lsp-core/catalog/flags.h"
#include "cli/base/memory.h"
#include "lsp-core/base/text.h"

enum { TYPE_RAW = 3 }; /* SOCK_RAW */

/* The families whose protocol numbers have names. */
static const int32_t named_families[] = {2, 23, 32, 34};

bool select_bits(const struct options *options, int bits)
{
    if (options->bits64 == options->bits32)
        return true;
    return options->bits64 ? bits == 64 : bits == 32;
}

static bool parse_number(const char *text, long long *number)
{
    char *end;
    *number = strtoll(text, &end, 10);
    return end != text && *end == '\0' && strchr("-0123456789", text[0]) != NULL;
}

/* "tcp" and "IPPROTO_TCP" both name it. */
static bool is_called(const char *constant, const char *name)
{
    return constant != NULL &&
           (text_compare_nocase(constant, name) == 0 || text_compare_nocase(describe_short(constant), name) == 0);
}

enum wsplsp_status select_check_protocol(const char *protocol, struct wsplsp_error *error)
{
    long long number;
    if (protocol == NULL || parse_number(protocol, &number) || text_compare_nocase(protocol, "raw") == 0)
        return WSPLSP_OK;
    for (size_t i = 0; i < sizeof named_families / sizeof named_families[0]; i++) {
        for (int32_t candidate = 0; candidate < 256; candidate++) {
            if (is_called(flags_protocol_name(named_families[i], candidate), protocol))
                return WSPLSP_OK;
        }
    }
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%.100s' is no protocol", protocol);
    return wsplsp_hint(error, "--protocol takes tcp, udp, raw, icmp, icmpv6, igmp, pgm, rfcomm or a number");
}

static bool fits_protocol(const struct wsplsp_protocol_info *info, const char *protocol)
{
    long long number;
    if (parse_number(protocol, &number))
        return info->protocol == number;
    /* Windows' raw entries have protocol 0: SOCK_RAW is what makes them so. */
    if (text_compare_nocase(protocol, "raw") == 0 && info->socket_type == TYPE_RAW)
        return true;
    return is_called(flags_protocol_name(info->family, info->protocol), protocol);
}

bool select_entry(const struct options *options, const struct wsplsp_entry *entry)
{
    if (!select_bits(options, entry->bits))
        return false;
    if (entry->undecoded != NULL)
        return true;
    bool is_base = wsplsp_entry_kind(entry) == WSPLSP_KIND_BASE;
    if (options->base != options->layered && is_base != options->base)
        return false;
    if (options->hidden && (entry->info.provider_flags & PFL_HIDDEN) == 0)
        return false;
    return options->protocol == NULL || fits_protocol(&entry->info, options->protocol);
}

/* How an entry can fit what was asked for; each is tried on all entries before the next. */
enum match { MATCH_ID, MATCH_GUID, MATCH_NAME, MATCH_PART };

struct wanted {
    enum match match;
    const char *text;
    long long number;
    struct wsplsp_guid guid;
};

static bool contains_nocase(const char *text, const char *part)
{
    size_t length = strlen(part);
    for (; strlen(text) >= length; text++) {
        if (text_compare_nocase_n(text, part, length) == 0)
            return true;
    }
    return false;
}

static bool fits_wanted(const struct wsplsp_entry *entry, const struct wanted *wanted)
{
    switch (wanted->match) {
    case MATCH_ID:
        return entry->info.catalog_id == wanted->number;
    case MATCH_GUID:
        return wsplsp_guid_equal(&entry->info.provider_id, &wanted->guid);
    case MATCH_NAME:
        return text_compare_nocase(entry->name, wanted->text) == 0 ||
               text_compare_nocase(entry->name_raw, wanted->text) == 0;
    default:
        return contains_nocase(entry->name, wanted->text);
    }
}

static void add_selected(struct selection *selection, const struct wsplsp_entry *entry)
{
    selection->entries = memory_grow(selection->entries, (selection->count + 1) * sizeof(const struct wsplsp_entry *));
    selection->entries[selection->count++] = entry;
}

static void select_catalog(const struct wsplsp_catalog *catalog, const struct wanted *wanted,
                           struct selection *selection)
{
    size_t before = selection->count;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded == NULL && fits_wanted(entry, wanted))
            add_selected(selection, entry);
    }
    /* An id that two entries have is a fault of the catalog's: both are what was asked for. */
    if (selection->count - before > 1 && wanted->match != MATCH_ID)
        selection->ambiguous = true;
}

void select_find(const struct wsplsp_snapshot *snapshot, const struct options *options, const char *text,
                 struct selection *selection)
{
    struct wanted wanted = {.match = MATCH_NAME, .text = text};
    *selection = (struct selection){NULL, 0, false};
    if (parse_number(text, &wanted.number))
        wanted.match = MATCH_ID;
    else if (wsplsp_guid_parse(text, &wanted.guid))
        wanted.match = MATCH_GUID;
    do {
        for (size_t i = 0; i < 2; i++) {
            if (select_bits(options, snapshot->catalogs[i].bits))
                select_catalog(&snapshot->catalogs[i], &wanted, selection);
        }
    } while (selection->count == 0 && wanted.match++ == MATCH_NAME);
}
