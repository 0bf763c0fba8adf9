/* What the system makes without listing it; see unlisted.h. */
#include "unlisted.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/choose.h"
#include "lsp-core/host/redirect/real.h"

struct system_list {
    WSAPROTOCOL_INFOW *entries; /* NULL: it could not be read */
    int count;
};

/* WSAEnumProtocols, as bare programs get it. The list may become longer between the two calls. */
static struct system_list read_system(void)
{
    enum { ATTEMPTS = 5 };
    struct system_list list = {NULL, 0};
    DWORD size = 0;
    for (int i = 0; i < ATTEMPTS && real.WSAEnumProtocolsW != NULL; i++) {
        list.count = real.WSAEnumProtocolsW(NULL, list.entries, &size);
        if (list.entries != NULL && list.count != SOCKET_ERROR)
            return list;
        free(list.entries);
        list.entries = malloc(size);
        if (list.entries == NULL)
            break;
    }
    free(list.entries);
    return (struct system_list){NULL, 0};
}

/* The numbers that count where a WSAPROTOCOL_INFO has been given. */
static int resolve(int argument, const WSAPROTOCOL_INFOW *given, int number)
{
    return given != NULL && (argument == 0 || argument == FROM_PROTOCOL_INFO) ? number : argument;
}

static bool lists_kind(const struct system_list *list, int family, int type, int protocol)
{
    bool found = false;
    for (int i = 0; i < list->count && !found; i++)
        found = choose_stands_for((const struct wsplsp_protocol_info *)&list->entries[i], family, type, protocol);
    return found;
}

static bool lists_entry(const struct system_list *list, const WSAPROTOCOL_INFOW *given)
{
    bool found = false;
    for (int i = 0; i < list->count && !found; i++)
        found = list->entries[i].dwCatalogEntryId == given->dwCatalogEntryId &&
                memcmp(&list->entries[i].ProviderId, &given->ProviderId, sizeof(GUID)) == 0;
    return found;
}

static bool lists_family(const struct system_list *list, int family)
{
    bool found = false;
    for (int i = 0; i < list->count && !found; i++)
        found = list->entries[i].iAddressFamily == family;
    return found;
}

/* A base entry that no catalog has. Its id is 0, which no entry has, so that nobody registers the socket under it. */
static struct provider *start_base(const struct wsplsp_catalog *catalog, int family, int type, int protocol,
                                   WSAPROTOCOL_INFOW *info, INT *error)
{
    struct wsplsp_entry entry;
    memset(&entry, 0, sizeof(entry));
    entry.info.chain_len = 1;
    entry.info.family = family;
    entry.info.socket_type = type;
    entry.info.protocol = protocol;
    provider_info(&entry, info);
    return provider_start(catalog, &entry, error);
}

static bool names_entry(const struct wsplsp_catalog *catalog, const WSAPROTOCOL_INFOW *given)
{
    const struct wsplsp_entry *entry = wsplsp_catalog_find(catalog, given->dwCatalogEntryId);
    return entry != NULL && memcmp(&entry->info.provider_id, &given->ProviderId, sizeof(GUID)) == 0;
}

struct provider *unlisted_socket(const struct wsplsp_catalog *catalog, int family, int type, int protocol,
                                 const WSAPROTOCOL_INFOW *given, WSAPROTOCOL_INFOW *info, INT *error)
{
    int starts = 0;
    int wanted_family = resolve(family, given, given == NULL ? 0 : given->iAddressFamily);
    int wanted_type = resolve(type, given, given == NULL ? 0 : given->iSocketType);
    int wanted_protocol = resolve(protocol, given, given == NULL ? 0 : given->iProtocol);
    bool listed = choose_lists(catalog, wanted_family, wanted_type, wanted_protocol);
    /* What the catalog has, and the application may not have, it does not get in another way either. Neither family
     * nor protocol is nothing at all (socket). */
    if (given != NULL ? names_entry(catalog, given) : listed || (family == 0 && protocol == 0))
        return NULL;
    struct provider *base = start_base(catalog, wanted_family, wanted_type, wanted_protocol, info, &starts);
    if (base == NULL) {
        *error = starts;
        return NULL;
    }
    struct system_list list = read_system();
    bool through = !listed && (wanted_family != 0 || wanted_protocol != 0) && list.entries != NULL &&
                   !lists_kind(&list, wanted_family, wanted_type, wanted_protocol);
    /* An entry of the system's that came from a process without a host, perhaps with a duplicated socket. */
    if (given != NULL) {
        through = through || lists_entry(&list, given);
        *info = *given;
        info->dwCatalogEntryId = 0;
    }
    free(list.entries);
    return through ? base : NULL;
}

struct provider *unlisted_family(const struct wsplsp_catalog *catalog, int family, WSAPROTOCOL_INFOW *info, INT *error)
{
    int starts = 0;
    if (choose_lists_family(catalog, family))
        return NULL;
    struct provider *base = start_base(catalog, family, 0, 0, info, &starts);
    if (base == NULL) {
        *error = starts;
        return NULL;
    }
    struct system_list list = read_system();
    bool through = list.entries != NULL && !lists_family(&list, family);
    free(list.entries);
    return through ? base : NULL;
}
