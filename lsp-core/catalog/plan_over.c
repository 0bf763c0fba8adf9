/* Which base entries a layer is put over; see plan_over.h. */
#include "plan_over.h"

#include <stdlib.h>
#include <string.h>

enum {
    FAMILY_IPV4 = 2,
    FAMILY_IPV6 = 23,
    TYPE_STREAM = 1,
    TYPE_DATAGRAM = 2,
    TYPE_RAW = 3,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17
};

static bool is_base(const struct wsplsp_entry *entry)
{
    return entry->undecoded == NULL && wsplsp_entry_kind(entry) == WSPLSP_KIND_BASE;
}

/* "for each unique protocol type as defined by the address family, socket type, and protocol": further bases of the
 * same type, such as those of RSVP, are never given to programs that ask for a protocol. */
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

/* Windows hides its RAW entries from WSAEnumProtocols, yet raw sockets are made of them. */
static bool is_raw(const struct wsplsp_protocol_info *base)
{
    return is_internet(base) && base->socket_type == TYPE_RAW;
}

static bool means(const char *over, const struct wsplsp_catalog *catalog, size_t index)
{
    const struct wsplsp_protocol_info *base = &catalog->entries[index].info;
    uint32_t id;
    if (plan_is_number(over, &id))
        return id == base->catalog_id;
    if (!is_first_of_type(catalog, index))
        return false;
    return strcmp(over, "all") == 0 || (strcmp(over, "tcp") == 0 && is_tcp(base)) ||
           (strcmp(over, "udp") == 0 && is_udp(base)) || (strcmp(over, "raw") == 0 && is_raw(base));
}

static enum wsplsp_status cover(struct planner *planner, const char *over, const struct wsplsp_catalog *catalog,
                                bool *covered)
{
    bool found = false;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        bool meant = is_base(&catalog->entries[i]) && means(over, catalog, i);
        covered[i] = covered[i] || meant;
        found = found || meant;
    }
    if (found)
        return WSPLSP_OK;
    wsplsp_fail(planner->error, WSPLSP_NOT_FOUND, 0, "NOT_FOUND", "the %d-bit catalog has no base entry for '%.100s'",
                catalog->bits, over);
    return wsplsp_hint(planner->error, "a layer goes over tcp, udp, raw, all, or the catalog ids of base entries");
}

/* The base provider doesn't know the handles of a non-IFS layer: select over sockets of which only some are a layer's
 * fails ("The (new) trouble with select and LSPs" of Windows Core Networking). */
static enum wsplsp_status complete_family(struct planner *planner, const struct wsplsp_catalog *catalog, int32_t family,
                                          bool *covered)
{
    bool some = false, added = false;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_protocol_info *info = &catalog->entries[i].info;
        some = some || (covered[i] && info->family == family && (is_tcp(info) || is_udp(info) || is_raw(info)));
    }
    for (size_t i = 0; some && i < catalog->entry_count; i++) {
        const struct wsplsp_protocol_info *info = &catalog->entries[i].info;
        if (!covered[i] && is_base(&catalog->entries[i]) && info->family == family && is_first_of_type(catalog, i) &&
            (is_tcp(info) || is_udp(info) || is_raw(info)))
            added = covered[i] = true;
    }
    if (!added)
        return WSPLSP_OK;
    return planner_warn(planner,
                        "The layer also goes over the rest of TCP, UDP and RAW of %s: select fails over sockets of "
                        "which only some are a layer's (--exact leaves them out)",
                        family == FAMILY_IPV4 ? "IPv4" : "IPv6");
}

enum wsplsp_status plan_over(struct planner *planner, const struct plan_install_request *request,
                             const struct wsplsp_catalog *catalog, bool *covered)
{
    bool by_word = request->over_count == 0;
    enum wsplsp_status status = by_word ? cover(planner, "all", catalog, covered) : WSPLSP_OK;
    for (size_t i = 0; i < request->over_count && status == WSPLSP_OK; i++) {
        uint32_t id;
        by_word = by_word || !plan_is_number(request->over[i], &id);
        status = cover(planner, request->over[i], catalog, covered);
    }
    /* Who names entries by their ids means these. */
    if (status == WSPLSP_OK && by_word && !request->exact) {
        status = complete_family(planner, catalog, FAMILY_IPV4, covered);
        if (status == WSPLSP_OK)
            status = complete_family(planner, catalog, FAMILY_IPV6, covered);
    }
    return status;
}
