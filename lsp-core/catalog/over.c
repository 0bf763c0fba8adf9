/* Which base entries a layer is put over; see over.h. */
#include "over.h"

#include <string.h>

#include "lsp-core/base/text.h"

enum {
    FAMILY_IPV4 = 2,
    FAMILY_IPV6 = 23,
    TYPE_STREAM = 1,
    TYPE_DATAGRAM = 2,
    TYPE_RAW = 3,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17
};

bool over_is_word(const char *word)
{
    uint32_t id;
    return strcmp(word, "tcp") == 0 || strcmp(word, "udp") == 0 || strcmp(word, "raw") == 0 ||
           strcmp(word, "all") == 0 || text_is_number(word, &id);
}

static bool is_base(const struct wsplsp_entry *entry)
{
    return entry->undecoded == NULL && wsplsp_entry_kind(entry) == WSPLSP_KIND_BASE;
}

/* WSCInstallProviderAndChains: "for each unique protocol type as defined by the address family, socket type, and
 * protocol". Further bases of the same type, such as those of RSVP, are never given to programs that ask for a
 * protocol. */
static bool is_first_of_type(const struct wsplsp_catalog *catalog, size_t index)
{
    const struct wsplsp_protocol_info *info = &catalog->entries[index].info;
    for (size_t i = 0; i < index; i++) {
        const struct wsplsp_protocol_info *other = &catalog->entries[i].info;
        if (is_base(&catalog->entries[i]) && other->family == info->family && other->socket_type == info->socket_type &&
            other->protocol == info->protocol)
            return false;
    }
    return true;
}

static bool is_internet(const struct wsplsp_protocol_info *base)
{
    return base->family == FAMILY_IPV4 || base->family == FAMILY_IPV6;
}

static bool is_tcp(const struct wsplsp_protocol_info *base)
{
    return is_internet(base) && base->socket_type == TYPE_STREAM && base->protocol == PROTOCOL_TCP;
}

static bool is_udp(const struct wsplsp_protocol_info *base)
{
    return is_internet(base) && base->socket_type == TYPE_DATAGRAM && base->protocol == PROTOCOL_UDP;
}

static bool is_raw(const struct wsplsp_protocol_info *base)
{
    return is_internet(base) && base->socket_type == TYPE_RAW;
}

bool over_means(const char *word, const struct wsplsp_catalog *catalog, size_t index)
{
    const struct wsplsp_protocol_info *base = &catalog->entries[index].info;
    uint32_t id;
    if (!is_base(&catalog->entries[index]))
        return false;
    if (text_is_number(word, &id))
        return id == base->catalog_id;
    if (!is_first_of_type(catalog, index))
        return false;
    return strcmp(word, "all") == 0 || (strcmp(word, "tcp") == 0 && is_tcp(base)) ||
           (strcmp(word, "udp") == 0 && is_udp(base)) || (strcmp(word, "raw") == 0 && is_raw(base));
}

bool over_is_internet(const struct wsplsp_catalog *catalog, size_t index)
{
    const struct wsplsp_protocol_info *info = &catalog->entries[index].info;
    return is_base(&catalog->entries[index]) && is_first_of_type(catalog, index) &&
           (is_tcp(info) || is_udp(info) || is_raw(info));
}
