/* Which catalog entry serves a socket; see choose.h. */
#include "choose.h"

#include <string.h>

#include "chain.h"
#include "flags.h"

#define LSP_SYSTEM 0x80000000u

struct choose_application choose_application(const struct wsplsp_snapshot *snapshot, const char *path,
                                             const char *arguments,
                                             bool (*paths_equal)(const char *stored, const char *path))
{
    struct choose_application any = {false, 0};
    for (size_t i = 0; i < snapshot->application_count; i++) {
        const struct wsplsp_application *entry = &snapshot->applications[i];
        if (entry->undecoded != NULL || !paths_equal(entry->path, path))
            continue;
        /* WSCSetApplicationCategory: Extra tells apart instances of one program, so it goes before an entry without. */
        if (entry->arguments != NULL && arguments != NULL && strcmp(entry->arguments, arguments) == 0)
            return (struct choose_application){true, entry->categories};
        if (entry->arguments == NULL && !any.categorized)
            any = (struct choose_application){true, entry->categories};
    }
    return any;
}

bool choose_categories_match(struct choose_application application, uint32_t categories)
{
    if (!application.categorized)
        return true;
    return (categories & application.permitted) != 0 && (categories & ~application.permitted) == 0 &&
           ((application.permitted & LSP_SYSTEM) == 0 || (categories & LSP_SYSTEM) != 0);
}

/* "WSCSetProviderInfo … is called with a GUID to identify the LSP hidden entry": a chain's categories are those of its
 * members' own entries. The base at its end has none. */
bool choose_usable(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry,
                   struct choose_application application)
{
    if (entry->undecoded != NULL || entry->info.chain_len < 1)
        return false;
    if (entry->info.chain_len == 1 || !application.categorized)
        return true;
    for (size_t i = 0; i < chain_length(entry); i++) {
        const struct wsplsp_entry *member = chain_member(catalog, entry, i);
        if (member != NULL && member->info.chain_len == 1)
            continue;
        uint32_t categories = member != NULL && member->has_categories ? member->categories : 0;
        if (!choose_categories_match(application, categories))
            return false;
    }
    return true;
}

static bool match_family(const struct wsplsp_protocol_info *info, int32_t family)
{
    return family == 0 || info->family == family;
}

static bool match_type(const struct wsplsp_protocol_info *info, int32_t type)
{
    return type == 0 || info->socket_type == type;
}

/* Zero is no wildcard here, unless the entry says so; see "Transport Division of Responsibilities Between DLL and
 * Service Providers", and iProtocolMaxOffset of WSAPROTOCOL_INFO. */
static bool match_protocol(const struct wsplsp_protocol_info *info, int32_t protocol)
{
    if (protocol == 0 && (info->provider_flags & PFL_MATCHES_PROTOCOL_ZERO) != 0)
        return true;
    int64_t first = info->protocol;
    int64_t last = first + (info->protocol_max_offset > 0 ? info->protocol_max_offset : 0);
    return protocol >= first && protocol <= last;
}

bool choose_stands_for(const struct wsplsp_protocol_info *info, int32_t family, int32_t type, int32_t protocol)
{
    return match_family(info, family) && match_type(info, type) && match_protocol(info, protocol);
}

bool choose_lists(const struct wsplsp_catalog *catalog, int32_t family, int32_t type, int32_t protocol)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded == NULL && entry->info.chain_len >= 1 &&
            choose_stands_for(&entry->info, family, type, protocol))
            return true;
    }
    return false;
}

bool choose_lists_family(const struct wsplsp_catalog *catalog, int32_t family)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded == NULL && entry->info.chain_len >= 1 && entry->info.family == family)
            return true;
    }
    return false;
}

/* PFL_HIDDEN keeps an entry from WSAEnumProtocols alone: Windows' own raw entries carry it, and raw sockets are made
 * of them. */
enum choose_error choose_socket(const struct wsplsp_catalog *catalog, int32_t family, int32_t type, int32_t protocol,
                                struct choose_application application, const struct wsplsp_entry **entry)
{
    bool family_found = false;
    bool type_found = false;
    /* The page of socket: neither family nor protocol leaves nothing to go by. */
    if (family == 0 && protocol == 0)
        return CHOOSE_INVALID;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *candidate = &catalog->entries[i];
        if (!choose_usable(catalog, candidate, application) || !match_family(&candidate->info, family))
            continue;
        family_found = true;
        if (!match_type(&candidate->info, type))
            continue;
        type_found = true;
        if (!match_protocol(&candidate->info, protocol))
            continue;
        *entry = candidate;
        return CHOOSE_OK;
    }
    if (!family_found)
        return CHOOSE_FAMILY_NOT_SUPPORTED;
    return type_found ? CHOOSE_PROTOCOL_NOT_SUPPORTED : CHOOSE_TYPE_NOT_SUPPORTED;
}

const struct wsplsp_entry *choose_named(const struct wsplsp_catalog *catalog, uint32_t catalog_id,
                                        const struct wsplsp_guid *provider_id, struct choose_application application)
{
    const struct wsplsp_entry *entry = wsplsp_catalog_find(catalog, catalog_id);
    if (entry == NULL || !wsplsp_guid_equal(&entry->info.provider_id, provider_id))
        return NULL;
    return choose_usable(catalog, entry, application) ? entry : NULL;
}

const struct wsplsp_entry *choose_family(const struct wsplsp_catalog *catalog, int32_t family,
                                         struct choose_application application)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (choose_usable(catalog, entry, application) && entry->info.family == family)
            return entry;
    }
    return NULL;
}

const struct wsplsp_entry *choose_base(const struct wsplsp_catalog *catalog, int32_t family, int32_t type,
                                       int32_t protocol)
{
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_entry *entry = &catalog->entries[i];
        if (entry->undecoded == NULL && entry->info.chain_len == 1 &&
            choose_stands_for(&entry->info, family, type, protocol))
            return entry;
    }
    return NULL;
}

bool choose_enumerated(const struct wsplsp_catalog *catalog, const struct wsplsp_entry *entry, const int *protocols,
                       struct choose_application application)
{
    if (!choose_usable(catalog, entry, application) || (entry->info.provider_flags & PFL_HIDDEN) != 0)
        return false;
    if (protocols == NULL)
        return true;
    for (; *protocols != 0; protocols++)
        if (*protocols == entry->info.protocol)
            return true;
    return false;
}
