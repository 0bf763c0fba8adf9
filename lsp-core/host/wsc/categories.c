/* The LSP categories of layers and applications. */
#include "wsc.h"

#include <stdlib.h>

#include "lsp-core/win/path_win.h"
#include "part.h"

#define TEXT_LIMIT 32767 /* units: what a path or a command line can have */

static const struct wsc_errors category_errors = {
    .save = WSANO_RECOVERY,
    .denied = WSANO_RECOVERY,
    .busy = WSANO_RECOVERY,
    .memory = WSA_NOT_ENOUGH_MEMORY,
    .installed = WSANO_RECOVERY,
    .chain = WSANO_RECOVERY,
};

/* 0 for the one class that there is. */
static int check_class(WSC_PROVIDER_INFO_TYPE class)
{
    if (class == ProviderInfoAudit)
        return ERROR_CALL_NOT_IMPLEMENTED;
    return class == ProviderInfoLspCategories ? 0 : WSAEINVAL;
}

struct categories {
    int bits;
    struct wsplsp_guid id;
    DWORD value;
};

static int edit_categories(struct wsplsp_snapshot *snapshot, void *context)
{
    const struct categories *request = context;
    return (int)catalog_edit_set_categories(snapshot, request->bits, &request->id, request->value);
}

static int set_info(int bits, const GUID *id, WSC_PROVIDER_INFO_TYPE class, const BYTE *info, size_t size, INT *error)
{
    struct categories request = {.bits = bits};
    if (!wsc_can_write(error, sizeof *error))
        return wsc_last_error(WSAEFAULT);
    int code = check_class(class);
    if (code == 0 && !wsc_read(&request.id, id, sizeof request.id))
        code = WSAEFAULT;
    if (code == 0 && size != sizeof request.value)
        code = WSAEINVAL;
    if (code == 0 && !wsc_read(&request.value, info, sizeof request.value))
        code = WSAEFAULT;
    if (code == 0)
        code = wsc_change(edit_categories, &request, &category_errors);
    return wsc_result(error, code);
}

static bool has_provider(const struct wsplsp_catalog *catalog, const struct wsplsp_guid *id)
{
    return catalog_edit_find_provider(catalog, id) != NULL;
}

/* "If an LSP is not categorized, its category is effectively zero." A provider that the catalog does not have at all is
 * WSANO_RECOVERY; one that is no layer has no categories. */
static int find_categories(int bits, const struct wsplsp_guid *id, DWORD *categories)
{
    const struct wsplsp_snapshot *snapshot = wsc_acquire();
    const struct wsplsp_catalog *catalog = wsplsp_snapshot_catalog(snapshot, bits);
    const struct wsplsp_entry *layer = catalog_edit_find_layer(catalog, id);
    int code = has_provider(catalog, id) ? WSAEINVALIDPROVIDER : WSANO_RECOVERY;
    if (layer != NULL) {
        *categories = layer->has_categories ? layer->categories : 0;
        code = 0;
    }
    private_catalog_release(snapshot);
    return code;
}

static int get_info(int bits, const GUID *id, WSC_PROVIDER_INFO_TYPE class, BYTE *info, size_t *size, INT *error)
{
    struct wsplsp_guid own;
    const size_t needed = sizeof(DWORD);
    size_t given;
    DWORD categories = 0;
    if (!wsc_can_write(error, sizeof *error))
        return wsc_last_error(WSAEFAULT);
    /* The provider goes before all other arguments. */
    int code = wsc_read(&own, id, sizeof own) ? find_categories(bits, &own, &categories) : WSAEFAULT;
    if (code == 0 || code == WSAEINVALIDPROVIDER) {
        int wrong = check_class(class);
        if (wrong == 0 && !(wsc_can_write(size, sizeof *size) && wsc_read(&given, size, sizeof given)))
            wrong = WSAEFAULT;
        code = wrong != 0 ? wrong : code;
    }
    if (code == 0) {
        /* "returns failure and the size required for this buffer is returned in the InfoSize parameter" */
        wsc_write(size, &needed, sizeof needed);
        if (given < needed || !wsc_write(info, &categories, sizeof categories))
            code = WSAEFAULT;
    }
    return wsc_result(error, code);
}

int WSPAPI wsc_WSCSetProviderInfo(GUID *id, WSC_PROVIDER_INFO_TYPE class, BYTE *info, size_t size, DWORD flags,
                                  INT *error)
{
    (void)flags; /* none is documented */
    return set_info(WSC_OWN_BITS, id, class, info, size, error);
}

int WSPAPI wsc_WSCGetProviderInfo(GUID *id, WSC_PROVIDER_INFO_TYPE class, BYTE *info, size_t *size, DWORD flags,
                                  INT *error)
{
    (void)flags;
    return get_info(WSC_OWN_BITS, id, class, info, size, error);
}

#ifdef _WIN64
int WSPAPI wsc_WSCSetProviderInfo32(GUID *id, WSC_PROVIDER_INFO_TYPE class, BYTE *info, size_t size, DWORD flags,
                                    INT *error)
{
    (void)flags;
    return set_info(32, id, class, info, size, error);
}

int WSPAPI wsc_WSCGetProviderInfo32(GUID *id, WSC_PROVIDER_INFO_TYPE class, BYTE *info, size_t *size, DWORD flags,
                                    INT *error)
{
    (void)flags;
    return get_info(32, id, class, info, size, error);
}
#endif

struct application {
    char *path;
    char *arguments; /* NULL: any */
    DWORD categories;
    uint32_t before;
};

/* The lengths count; the texts need not end with a NUL. */
static int read_application(struct application *application, const wchar_t *path, DWORD path_length,
                            const wchar_t *extra, DWORD extra_length)
{
    *application = (struct application){0};
    if (path != NULL && (path_length == 0 || path_length > TEXT_LIMIT || extra_length > TEXT_LIMIT))
        return WSAEINVAL;
    int code = wsc_read_text_n(&application->path, path, path_length);
    if (code == 0 && extra != NULL && extra_length > 0)
        code = wsc_read_text_n(&application->arguments, extra, extra_length);
    return code;
}

static void free_application(struct application *application)
{
    free(application->path);
    free(application->arguments);
}

static int edit_permit(struct wsplsp_snapshot *snapshot, void *context)
{
    struct application *request = context;
    return (int)catalog_edit_permit(snapshot, request->path, request->arguments, request->categories, path_equal,
                                    &request->before);
}

int WSPAPI wsc_WSCSetApplicationCategory(LPCWSTR path, DWORD path_length, LPCWSTR extra, DWORD extra_length,
                                         DWORD permitted, DWORD *previous, INT *error)
{
    struct application application;
    if (!wsc_can_write(error, sizeof *error))
        return wsc_last_error(WSAEFAULT);
    int code = read_application(&application, path, path_length, extra, extra_length);
    if (code == 0 && previous != NULL && !wsc_can_write(previous, sizeof *previous))
        code = WSAEFAULT;
    application.categories = permitted;
    if (code == 0)
        code = wsc_change(edit_permit, &application, &category_errors);
    if (code == 0 && previous != NULL)
        wsc_write(previous, &application.before, sizeof application.before);
    free_application(&application);
    return wsc_result(error, code);
}

static int find_permitted(const struct application *wanted, DWORD *permitted)
{
    const struct wsplsp_snapshot *snapshot = wsc_acquire();
    const struct wsplsp_application *found =
        catalog_edit_find_application(snapshot, wanted->path, wanted->arguments, path_equal);
    int code = found == NULL ? WSASERVICE_NOT_FOUND : 0;
    if (found != NULL && !wsc_write(permitted, &found->categories, sizeof found->categories))
        code = WSAEFAULT;
    private_catalog_release(snapshot);
    return code;
}

int WSPAPI wsc_WSCGetApplicationCategory(LPCWSTR path, DWORD path_length, LPCWSTR extra, DWORD extra_length,
                                         DWORD *permitted, INT *error)
{
    struct application application;
    if (!wsc_can_write(error, sizeof *error))
        return wsc_last_error(WSAEFAULT);
    int code = read_application(&application, path, path_length, extra, extra_length);
    if (code == 0)
        code = find_permitted(&application, permitted);
    free_application(&application);
    return wsc_result(error, code);
}
