/* The functions that change name space providers. All but the order's report through WSAGetLastError. */
#include "wsc.h"

#include <stdlib.h>

#include "part.h"

/* Texts longer than any path are refused where they are read; catalog_edit knows the limits. */
#define TEXT_LIMIT 32768

static const struct wsc_errors install_errors = {
    .save = WSANO_RECOVERY,
    .denied = WSAEACCES,
    .busy = WSANO_RECOVERY,
    .memory = WSA_NOT_ENOUGH_MEMORY,
    .installed = WSANO_RECOVERY,
    .chain = WSANO_RECOVERY,
};

/* WSCUnInstallNameSpace's page has WSANO_RECOVERY for who is no administrator only, the tables of that page and of
 * WSCEnableNSProvider's nothing else for a failure. */
static const struct wsc_errors change_errors = {
    .save = WSASYSCALLFAILURE,
    .denied = WSANO_RECOVERY,
    .busy = WSASYSCALLFAILURE,
    .memory = WSA_NOT_ENOUGH_MEMORY,
    .installed = WSASYSCALLFAILURE,
    .chain = WSASYSCALLFAILURE,
};

static const struct wsc_errors order_errors = {
    .save = WSANO_RECOVERY,
    .denied = WSANO_RECOVERY,
    .busy = WSATRY_AGAIN,
    .memory = WSA_NOT_ENOUGH_MEMORY,
    .installed = WSANO_RECOVERY,
    .chain = WSANO_RECOVERY,
};

struct request {
    int bits;
    struct catalog_edit_name_space name_space;
    struct wsplsp_guid id;
    bool enable;
    const struct wsplsp_guid *ids;
    size_t id_count;
};

static int edit_install(struct wsplsp_snapshot *snapshot, void *context)
{
    const struct request *request = context;
    return (int)catalog_edit_install_name_space(snapshot, request->bits, &request->name_space);
}

static int edit_remove(struct wsplsp_snapshot *snapshot, void *context)
{
    const struct request *request = context;
    return (int)catalog_edit_remove_name_space(snapshot, request->bits, &request->id);
}

static int edit_enable(struct wsplsp_snapshot *snapshot, void *context)
{
    const struct request *request = context;
    return (int)catalog_edit_enable_name_space(snapshot, request->bits, &request->id, request->enable);
}

static int edit_order(struct wsplsp_snapshot *snapshot, void *context)
{
    const struct request *request = context;
    return (int)catalog_edit_order_name_spaces(snapshot, request->bits, request->ids, request->id_count);
}

/* A new copy of the provider's own data, which there need not be. */
static int read_blob(const BLOB *from, void **bytes, size_t *size)
{
    BLOB blob;
    *bytes = NULL;
    *size = 0;
    if (from == NULL)
        return 0;
    if (!wsc_read(&blob, from, sizeof blob))
        return WSAEFAULT;
    if (blob.cbSize == 0)
        return 0;
    *size = blob.cbSize;
    return wsc_read_array(bytes, blob.pBlobData, blob.cbSize, 1);
}

/* The pages know no WSAEFAULT: what cannot be read is an invalid argument. */
static int install(int bits, const wchar_t *name, const wchar_t *path, DWORD name_space, DWORD version, const GUID *id,
                   const BLOB *info)
{
    struct request request = {.bits = bits};
    char *own_name = NULL, *dll = NULL;
    void *bytes = NULL;
    size_t size = 0;
    int code = wsc_read(&request.name_space.id, id, sizeof request.name_space.id) ? 0 : WSAEFAULT;
    if (code == 0)
        code = wsc_read_text(&own_name, name, TEXT_LIMIT);
    if (code == 0)
        code = wsc_read_text(&dll, path, TEXT_LIMIT);
    if (code == 0)
        code = read_blob(info, &bytes, &size);
    if (code == 0) {
        request.name_space.name = own_name;
        request.name_space.dll = dll;
        request.name_space.name_space = name_space;
        request.name_space.version = version;
        request.name_space.info = bytes;
        request.name_space.info_size = size;
        code = wsc_change(edit_install, &request, &install_errors);
    }
    free(own_name);
    free(dll);
    free(bytes);
    return wsc_last_error(code == WSAEFAULT ? WSAEINVAL : code);
}

static int change_one(private_catalog_edit edit, int bits, const GUID *id, bool enable)
{
    struct request request = {.bits = bits, .enable = enable};
    if (!wsc_read(&request.id, id, sizeof request.id))
        return wsc_last_error(WSAEFAULT);
    return wsc_last_error(wsc_change(edit, &request, &change_errors));
}

/* Returns the error itself. */
static int write_order(int bits, const GUID *ids, DWORD count)
{
    void *list;
    int code = wsc_read_array(&list, ids, count, sizeof *ids);
    if (code != 0)
        return code;
    struct request request = {.bits = bits, .ids = list, .id_count = count};
    code = wsc_change(edit_order, &request, &order_errors);
    free(list);
    return code;
}

INT WSPAPI wsc_WSCInstallNameSpace(LPWSTR name, LPWSTR path, DWORD name_space, DWORD version, GUID *id)
{
    return install(WSC_OWN_BITS, name, path, name_space, version, id, NULL);
}

int WSAAPI wsc_WSCInstallNameSpaceEx(LPWSTR name, LPWSTR path, DWORD name_space, DWORD version, GUID *id, LPBLOB info)
{
    return install(WSC_OWN_BITS, name, path, name_space, version, id, info);
}

INT WSPAPI wsc_WSCUnInstallNameSpace(GUID *id)
{
    return change_one(edit_remove, WSC_OWN_BITS, id, false);
}

INT WSPAPI wsc_WSCEnableNSProvider(GUID *id, WINBOOL enable)
{
    return change_one(edit_enable, WSC_OWN_BITS, id, enable != FALSE);
}

int WSPAPI wsc_WSCWriteNameSpaceOrder(GUID *ids, DWORD count)
{
    return write_order(WSC_OWN_BITS, ids, count);
}

#ifdef _WIN64
INT WSPAPI wsc_WSCInstallNameSpace32(LPWSTR name, LPWSTR path, DWORD name_space, DWORD version, GUID *id)
{
    return install(32, name, path, name_space, version, id, NULL);
}

int WSAAPI wsc_WSCInstallNameSpaceEx32(LPWSTR name, LPWSTR path, DWORD name_space, DWORD version, GUID *id, LPBLOB info)
{
    return install(32, name, path, name_space, version, id, info);
}

INT WSPAPI wsc_WSCUnInstallNameSpace32(GUID *id)
{
    return change_one(edit_remove, 32, id, false);
}

INT WSPAPI wsc_WSCEnableNSProvider32(GUID *id, WINBOOL enable)
{
    return change_one(edit_enable, 32, id, enable != FALSE);
}

int WSPAPI wsc_WSCWriteNameSpaceOrder32(GUID *ids, DWORD count)
{
    return write_order(32, ids, count);
}
#endif
