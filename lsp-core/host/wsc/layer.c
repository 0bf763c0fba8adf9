/* WSCInstallProviderAndChains and WSCInstallProviderAndChains64_32. */
#include "wsc.h"

#include <stdlib.h>
#include <string.h>
#include <ntsecapi.h>

#include "lsp-core/base/text.h"
#include "part.h"

static const struct wsc_errors layer_errors = {
    .save = WSANO_RECOVERY,
    .denied = WSANO_RECOVERY,
    .busy = WSAEINPROGRESS,
    .memory = WSAENOBUFS,
    .installed = WSAEINVAL,
    .chain = WSANO_RECOVERY,
};

/* A new random GUID (version 4); Data3 is little endian. */
static bool new_id(struct wsplsp_guid *id)
{
    if (!RtlGenRandom(id->bytes, sizeof id->bytes))
        return false;
    id->bytes[7] = (id->bytes[7] & 0x0f) | 0x40;
    id->bytes[8] = (id->bytes[8] & 0x3f) | 0x80;
    return true;
}

struct request {
    unsigned catalogs;
    struct catalog_edit_layer layer;
    uint32_t id;
};

static int edit_install_layer(struct wsplsp_snapshot *snapshot, void *context)
{
    struct request *request = context;
    return (int)catalog_edit_install_layer(snapshot, request->catalogs, &request->layer, &request->id);
}

/* A NULL pointer is an invalid argument here, other memory that is not there a fault. */
static int read_text(char **to, const wchar_t *from, size_t limit)
{
    *to = NULL;
    return from == NULL ? WSAEINVAL : wsc_read_text(to, from, limit);
}

/* "The members … that are examined are iProtocol, iAddressFamily, and iSocketType." */
static int read_over(struct catalog_edit_protocol **over, const WSAPROTOCOL_INFOW *infos, DWORD count)
{
    void *copy;
    *over = NULL;
    if (infos == NULL)
        return 0;
    if (count == 0)
        return WSAEINVAL;
    int code = wsc_read_array(&copy, infos, count, sizeof *infos);
    if (code != 0)
        return code == WSA_NOT_ENOUGH_MEMORY ? WSAENOBUFS : code;
    const WSAPROTOCOL_INFOW *list = copy;
    *over = calloc(count, sizeof **over);
    for (DWORD i = 0; *over != NULL && i < count; i++)
        (*over)[i] = (struct catalog_edit_protocol){list[i].iAddressFamily, list[i].iSocketType, list[i].iProtocol};
    free(copy);
    return *over != NULL ? 0 : WSAENOBUFS;
}

struct arguments {
    const GUID *id;
    const wchar_t *name;
    const WSAPROTOCOL_INFOW *infos;
    DWORD count;
    DWORD *entry_id; /* may be NULL */
};

/* The request has its paths already. */
static int install(struct request *request, const struct arguments *arguments)
{
    char *name = NULL;
    struct catalog_edit_protocol *over = NULL;
    int code = arguments->id == NULL ? WSAEINVAL : 0;
    if (code == 0 && !wsc_read(&request->layer.id, arguments->id, sizeof request->layer.id))
        code = WSAEFAULT;
    if (code == 0 && arguments->entry_id != NULL && !wsc_can_write(arguments->entry_id, sizeof(DWORD)))
        code = WSAEFAULT;
    if (code == 0)
        code = read_text(&name, arguments->name, WSAPROTOCOL_LEN + 1);
    if (code == 0)
        code = read_over(&over, arguments->infos, arguments->count);
    if (code == 0) {
        request->layer.name = name;
        request->layer.over = over;
        request->layer.over_count = arguments->infos == NULL ? 0 : arguments->count;
        request->layer.new_id = new_id;
        code = wsc_change(edit_install_layer, request, &layer_errors);
    }
    if (code == 0 && arguments->entry_id != NULL)
        wsc_write(arguments->entry_id, &request->id, sizeof request->id);
    free(name);
    free(over);
    return code;
}

#ifdef _WIN64
/* Whether the DLL is right in the system folder, where the file system redirector finds another one for 32-bit
 * processes under the same path. */
static bool is_in_system_folder(const wchar_t *path)
{
    wchar_t expanded[2 * MAX_PATH], folder[MAX_PATH];
    DWORD size = ExpandEnvironmentStringsW(path, expanded, 2 * MAX_PATH);
    UINT length = GetSystemDirectoryW(folder, MAX_PATH);
    if (size == 0 || size > 2 * MAX_PATH || length == 0 || length >= MAX_PATH || size <= length + 2)
        return false;
    return CompareStringOrdinal(expanded, (int)length, folder, (int)length, TRUE) == CSTR_EQUAL &&
           expanded[length] == L'\\' && wcspbrk(expanded + length + 1, L"\\/") == NULL;
}

/* Without a path for the 32-bit DLL "lpszProviderDllPath must be set to %windir%\system32\<dllname>. If not, the call
 * fails and returns the WSAEINVAL error code." */
static int read_path32(char **to, const wchar_t *path32, const char *dll64)
{
    if (path32 != NULL)
        return read_text(to, path32, MAX_PATH);
    size_t units;
    uint16_t *path = text_to_utf16(dll64, &units);
    if (path == NULL)
        return WSAENOBUFS;
    bool right = is_in_system_folder((const wchar_t *)path);
    free(path);
    *to = right ? text_duplicate(dll64) : NULL;
    return !right ? WSAEINVAL : *to == NULL ? WSAENOBUFS : 0;
}

int WSPAPI wsc_WSCInstallProviderAndChains64_32(const LPGUID id, const LPWSTR path, const LPWSTR path32,
                                                const LPWSTR name, DWORD service_flags, const LPWSAPROTOCOL_INFO infos,
                                                DWORD count, DWORD *entry_id, INT *error)
{
    char *dll64 = NULL, *dll32 = NULL;
    if (!wsc_can_write(error, sizeof *error))
        return wsc_last_error(WSAEFAULT);
    int code = read_text(&dll64, path, MAX_PATH);
    if (code == 0)
        code = read_path32(&dll32, path32, dll64);
    if (code == 0) {
        /* The list is of WSAPROTOCOL_INFOW always, whatever UNICODE says. */
        struct arguments arguments = {id, name, (const WSAPROTOCOL_INFOW *)infos, count, entry_id};
        struct request request = {.catalogs = CATALOG_EDIT_64 | CATALOG_EDIT_32,
                                  .layer = {.dll64 = dll64, .dll32 = dll32, .service_flags = service_flags}};
        code = install(&request, &arguments);
    }
    free(dll64);
    free(dll32);
    return wsc_result(error, code);
}
#else
int WSPAPI wsc_WSCInstallProviderAndChains(const LPGUID id, const LPWSTR path, const LPWSTR name, DWORD service_flags,
                                           const LPWSAPROTOCOL_INFO infos, DWORD count, DWORD *entry_id, INT *error)
{
    char *dll = NULL;
    if (!wsc_can_write(error, sizeof *error))
        return wsc_last_error(WSAEFAULT);
    int code = read_text(&dll, path, MAX_PATH);
    if (code == 0) {
        /* The list is of WSAPROTOCOL_INFOW always, whatever UNICODE says. */
        struct arguments arguments = {id, name, (const WSAPROTOCOL_INFOW *)infos, count, entry_id};
        struct request request = {.catalogs = CATALOG_EDIT_32, .layer = {.dll32 = dll, .service_flags = service_flags}};
        code = install(&request, &arguments);
    }
    free(dll);
    return wsc_result(error, code);
}
#endif
