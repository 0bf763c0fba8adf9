/* Which base entries a layer is put over; see plan_over.h. */
#include "plan_over.h"

#include "lsp-core/catalog/over.h"
#include "lsp-core/base/text.h"

enum { FAMILY_IPV4 = 2, FAMILY_IPV6 = 23 };

static enum wsplsp_status cover(struct planner *planner, const char *over, const struct wsplsp_catalog *catalog,
                                bool *covered)
{
    bool found = false;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        bool meant = over_means(over, catalog, i);
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
 * fails ("The (new) trouble with select and LSPs" of Windows Core Networking), since Windows Vista only where the layer
 * wants select for itself, which no catalog tells. */
static enum wsplsp_status complete_family(struct planner *planner, const struct wsplsp_catalog *catalog, int32_t family,
                                          bool *covered)
{
    bool some = false, added = false;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        const struct wsplsp_protocol_info *info = &catalog->entries[i].info;
        some = some || (covered[i] && info->family == family && over_is_internet(catalog, i));
    }
    for (size_t i = 0; some && i < catalog->entry_count; i++) {
        const struct wsplsp_protocol_info *info = &catalog->entries[i].info;
        if (!covered[i] && info->family == family && over_is_internet(catalog, i))
            added = covered[i] = true;
    }
    if (!added)
        return WSPLSP_OK;
    return planner_warn(planner,
                        "The layer also goes over the rest of TCP, UDP and RAW of %s: select can fail over sockets of "
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
        by_word = by_word || !text_is_number(request->over[i], &id);
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
