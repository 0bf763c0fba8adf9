/* The functions that list and change protocol entries. */
#include "wsc.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/text.h"
#include "part.h"

#define PATH_LIMIT MAX_PATH

static const struct wsc_errors provider_errors = {
    .save = WSANO_RECOVERY,
    .denied = WSANO_RECOVERY,
    .busy = WSANO_RECOVERY,
    .memory = WSA_NOT_ENOUGH_MEMORY,
    .installed = WSANO_RECOVERY,
    .chain = WSAEINVAL,
};

static bool is_listed(const struct wsplsp_entry *entry, const INT *protocols)
{
    if (entry->undecoded != NULL)
        return false;
    for (const INT *protocol = protocols; protocol != NULL && *protocol != 0; protocol++) {
        if (*protocol == entry->info.protocol)
            return true;
    }
    return protocols == NULL;
}

/* All entries, hidden ones and layers too: WSCEnumProtocols differs in that from WSAEnumProtocols. */
static int enumerate(const struct wsplsp_catalog *catalog, const INT *protocols, void *buffer, DWORD *length,
                     int *count)
{
    DWORD needed = 0, given = *length;
    for (size_t i = 0; i < catalog->entry_count; i++)
        needed += is_listed(&catalog->entries[i], protocols) ? (DWORD)sizeof(WSAPROTOCOL_INFOW) : 0;
    *length = needed;
    *count = (int)(needed / sizeof(WSAPROTOCOL_INFOW));
    if (given < needed)
        return WSAENOBUFS;
    WSAPROTOCOL_INFOW *to = buffer;
    for (size_t i = 0; i < catalog->entry_count; i++) {
        if (is_listed(&catalog->entries[i], protocols) && !wsc_write(to++, &catalog->entries[i].info, sizeof *to))
            return WSAEFAULT;
    }
    return 0;
}

/* A new copy of a list that ends with a zero. */
static int read_protocols(const INT *from, INT **to)
{
    INT protocol;
    size_t count = 0;
    *to = NULL;
    if (from == NULL)
        return 0;
    do {
        if (!wsc_read(&protocol, from + count, sizeof protocol))
            return WSAEFAULT;
        count++;
    } while (protocol != 0);
    void *copy;
    int code = wsc_read_array(&copy, from, count, sizeof *from);
    *to = copy;
    return code;
}

static int enum_protocols(int bits, const INT *protocols, void *buffer, DWORD *length, INT *error)
{
    INT *list;
    DWORD size;
    int count = 0;
    int code = read_protocols(protocols, &list);
    if (code == 0 && !(wsc_can_write(length, sizeof *length) && wsc_read(&size, length, sizeof size)))
        code = WSAEFAULT;
    if (code == 0) {
        const struct wsplsp_snapshot *snapshot = wsc_acquire();
        code = enumerate(wsplsp_snapshot_catalog(snapshot, bits), list, buffer, &size, &count);
        private_catalog_release(snapshot);
        wsc_write(length, &size, sizeof size);
    }
    free(list);
    return code == 0 ? count : wsc_result(error, code);
}

int WSPAPI wsc_WSCEnumProtocols(INT *protocols, WSAPROTOCOL_INFOW *buffer, DWORD *length, INT *error)
{
    return enum_protocols(WSC_OWN_BITS, protocols, buffer, length, error);
}

/* The path as it is stored; `*length` counts characters, with the NUL. */
static int copy_path(const struct wsplsp_entry *entry, wchar_t *buffer, INT *length)
{
    size_t units;
    INT given = *length;
    if (entry == NULL || entry->dll == NULL)
        return WSAEINVAL;
    uint16_t *path = text_to_utf16(entry->dll, &units);
    if (path == NULL)
        return WSAEFAULT;
    *length = (INT)units;
    bool copied = given >= (INT)units && wsc_write(buffer, path, units * sizeof *path);
    free(path);
    return copied ? 0 : WSAEFAULT;
}

static int get_path(int bits, const GUID *id, wchar_t *buffer, INT *length, INT *error)
{
    struct wsplsp_guid own;
    INT size;
    if (!wsc_can_write(length, sizeof *length) || !wsc_read(&size, length, sizeof size))
        return wsc_result(error, WSAEFAULT);
    /* The id "does not specify a valid provider"; a length without a buffer counts as such an argument, too. */
    if (!wsc_read(&own, id, sizeof own) || buffer == NULL)
        return wsc_result(error, WSAEINVAL);
    const struct wsplsp_snapshot *snapshot = wsc_acquire();
    int code = copy_path(catalog_edit_find_provider(wsplsp_snapshot_catalog(snapshot, bits), &own), buffer, &size);
    private_catalog_release(snapshot);
    wsc_write(length, &size, sizeof size);
    return wsc_result(error, code);
}

int WSPAPI wsc_WSCGetProviderPath(GUID *id, WCHAR *path, INT *length, INT *error)
{
    return get_path(WSC_OWN_BITS, id, path, length, error);
}

struct request {
    int bits;
    unsigned catalogs;
    struct catalog_edit_provider provider;
    const uint32_t *ids;
    size_t id_count;
};

static int edit_install(struct wsplsp_snapshot *snapshot, void *context)
{
    const struct request *request = context;
    return (int)catalog_edit_install(snapshot, request->catalogs, &request->provider);
}

static int edit_update(struct wsplsp_snapshot *snapshot, void *context)
{
    const struct request *request = context;
    return (int)catalog_edit_update(snapshot, request->bits, &request->provider);
}

static int edit_remove(struct wsplsp_snapshot *snapshot, void *context)
{
    const struct request *request = context;
    return (int)catalog_edit_remove(snapshot, request->bits, &request->provider.id);
}

static int edit_order(struct wsplsp_snapshot *snapshot, void *context)
{
    const struct request *request = context;
    return (int)catalog_edit_order(snapshot, request->bits, request->ids, request->id_count);
}

/* WSCInstallProvider and WSCUpdateProvider take the same arguments. */
static int change_provider(private_catalog_edit edit, struct request *request, const GUID *id, const wchar_t *path,
                           const WSAPROTOCOL_INFOW *infos, DWORD count, INT *error)
{
    char *dll = NULL;
    void *list = NULL;
    if (!wsc_can_write(error, sizeof *error))
        return wsc_last_error(WSAEFAULT);
    int code = wsc_read(&request->provider.id, id, sizeof request->provider.id) ? 0 : WSAEFAULT;
    if (code == 0)
        code = wsc_read_text(&dll, path, PATH_LIMIT);
    if (code == 0)
        code = wsc_read_array(&list, infos, count, sizeof *infos);
    if (code == 0) {
        request->provider.dll = dll;
        request->provider.infos = list; /* byte for byte the same structure */
        request->provider.count = count;
        code = wsc_change(edit, request, &provider_errors);
    }
    free(dll);
    free(list);
    return wsc_result(error, code);
}

int WSPAPI wsc_WSCInstallProvider(GUID *id, const WCHAR *path, const LPWSAPROTOCOL_INFOW infos, DWORD count, INT *error)
{
    struct request request = {.catalogs = WSC_OWN_BITS == 64 ? CATALOG_EDIT_64 : CATALOG_EDIT_32};
    return change_provider(edit_install, &request, id, path, infos, count, error);
}

int WSPAPI wsc_WSCUpdateProvider(GUID *id, const WCHAR *path, const LPWSAPROTOCOL_INFOW infos, DWORD count, INT *error)
{
    struct request request = {.bits = WSC_OWN_BITS};
    return change_provider(edit_update, &request, id, path, infos, count, error);
}

static int deinstall(int bits, const GUID *id, INT *error)
{
    struct request request = {.bits = bits};
    if (!wsc_can_write(error, sizeof *error))
        return wsc_last_error(WSAEFAULT);
    if (!wsc_read(&request.provider.id, id, sizeof request.provider.id))
        return wsc_result(error, WSAEINVAL); /* "does not specify a valid provider" */
    return wsc_result(error, wsc_change(edit_remove, &request, &provider_errors));
}

int WSPAPI wsc_WSCDeinstallProvider(GUID *id, INT *error)
{
    return deinstall(WSC_OWN_BITS, id, error);
}

/* Returns the error itself. */
static int write_order(int bits, const DWORD *ids, DWORD count)
{
    void *list;
    int code = wsc_read_array(&list, ids, count, sizeof *ids);
    if (code != 0)
        return code == WSAEFAULT ? WSAEINVAL : code; /* the page knows no WSAEFAULT */
    struct request request = {.bits = bits, .ids = list, .id_count = count};
    code = wsc_change(edit_order, &request, &provider_errors);
    free(list);
    return code;
}

int WSPAPI wsc_WSCWriteProviderOrder(DWORD *ids, DWORD count)
{
    return write_order(WSC_OWN_BITS, ids, count);
}

#ifdef _WIN64
int WSPAPI wsc_WSCEnumProtocols32(INT *protocols, WSAPROTOCOL_INFOW *buffer, DWORD *length, INT *error)
{
    return enum_protocols(32, protocols, buffer, length, error);
}

int WSPAPI wsc_WSCGetProviderPath32(GUID *id, WCHAR *path, INT *length, INT *error)
{
    return get_path(32, id, path, length, error);
}

int WSPAPI wsc_WSCInstallProvider64_32(GUID *id, const WCHAR *path, const LPWSAPROTOCOL_INFOW infos, DWORD count,
                                       INT *error)
{
    struct request request = {.catalogs = CATALOG_EDIT_64 | CATALOG_EDIT_32};
    return change_provider(edit_install, &request, id, path, infos, count, error);
}

int WSPAPI wsc_WSCUpdateProvider32(GUID *id, const WCHAR *path, const LPWSAPROTOCOL_INFOW infos, DWORD count,
                                   INT *error)
{
    struct request request = {.bits = 32};
    return change_provider(edit_update, &request, id, path, infos, count, error);
}

int WSPAPI wsc_WSCDeinstallProvider32(GUID *id, INT *error)
{
    return deinstall(32, id, error);
}

int WSPAPI wsc_WSCWriteProviderOrder32(DWORD *ids, DWORD count)
{
    return write_order(32, ids, count);
}
#endif
