/* A .reg file as a store: the steps are carried out in memory, the file is replaced once, at the end; see store.h. */
#include "store.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/catalog/edit.h"
#include "lsp-core/registry/shared_file.h"
#include "lsp-core/registry/hive.h"
#include "lsp-core/catalog/layout.h"
#include "lsp-core/registry/regfile.h"
#include "lsp-core/catalog/source.h"
#include "lsp-core/base/text.h"

#define FOLDER_ENDING ".wsplsp-backups"

struct file_store {
    struct store common;
    struct catalog_file *file;
    uint32_t code_page; /* as given */
    void *bytes;        /* as read or written last; NULL before the first load */
    size_t size;
    struct wsplsp_snapshot *pending; /* `bytes` with the steps since; NULL where there were none */
};

static enum wsplsp_status may_change(struct store *store, struct wsplsp_error *error)
{
    (void)store;
    (void)error;
    return WSPLSP_OK; /* the file system says no where it has to */
}

static enum wsplsp_status begin(struct store *store, struct wsplsp_error *error)
{
    return catalog_file_lock(((struct file_store *)store)->file, error);
}

static void drop_pending(struct file_store *own)
{
    wsplsp_snapshot_free(own->pending);
    own->pending = NULL;
}

static void end(struct store *store)
{
    struct file_store *own = (struct file_store *)store;
    drop_pending(own);
    catalog_file_unlock(own->file);
}

static enum wsplsp_status parse(const struct file_store *own, struct wsplsp_snapshot **snapshot,
                                struct wsplsp_error *error)
{
    return source_load_bytes(own->bytes, own->size, own->common.name, own->code_page, snapshot, error);
}

static enum wsplsp_status load(struct store *store, struct wsplsp_snapshot **snapshot, struct wsplsp_error *error)
{
    struct file_store *own = (struct file_store *)store;
    void *bytes;
    size_t size;
    enum wsplsp_status status = catalog_file_read(own->file, &bytes, &size, error);
    if (status != WSPLSP_OK)
        return status;
    drop_pending(own);
    free(own->bytes);
    own->bytes = bytes;
    own->size = size;
    return parse(own, snapshot, error);
}

static enum wsplsp_status apply(struct store *store, const struct plan_step *step, struct wsplsp_error *error)
{
    struct file_store *own = (struct file_store *)store;
    if (own->pending == NULL && parse(own, &own->pending, error) != WSPLSP_OK)
        return error->status;
    return plan_step_apply(step, own->pending, store->new_id, error);
}

/* Where the WinSock2 key stands in the text, new; NULL with `*only` false where there is anything beside it, which
 * would be lost, and NULL with `*only` true when out of memory. */
static char *find_key(const struct reg_key *root, bool *only)
{
    const struct reg_key *key = root;
    char *path = NULL;
    *only = true;
    while (path == NULL || text_compare_nocase(reg_key_name(key), "WinSock2") != 0) {
        *only = reg_key_child_count(key) == 1 && reg_key_value_count(key) == 0;
        key = *only ? reg_key_child_at(key, 0) : NULL;
        char *longer = key == NULL    ? NULL
                       : path == NULL ? text_duplicate(reg_key_name(key))
                                      : text_format("%s\\%s", path, reg_key_name(key));
        free(path);
        if (longer == NULL)
            return NULL;
        path = longer;
    }
    return path;
}

static enum wsplsp_status check_kind(const struct file_store *own, char **path, struct wsplsp_error *error)
{
    struct reg_key *root;
    uint32_t code_page = own->code_page;
    bool only;
    *path = NULL;
    if (hive_recognise(own->bytes, own->size))
        return wsplsp_fail(error, WSPLSP_REFUSED, 0, "HIVE", "'%.400s' is a hive: only .reg files are changed",
                           own->common.name);
    if (regfile_read(own->bytes, own->size, own->common.name, &code_page, &root, error) != WSPLSP_OK)
        return error->status;
    *path = find_key(root, &only);
    reg_key_free(root);
    if (*path != NULL)
        return WSPLSP_OK;
    if (only)
        return wsplsp_fail_memory(error);
    wsplsp_fail(error, WSPLSP_REFUSED, 0, "MORE_THAN_WINSOCK2",
                "'%.400s' holds more than the WinSock2 key, and is not changed", own->common.name);
    return wsplsp_hint(error, "export HKLM\\SYSTEM\\CurrentControlSet\\Services\\WinSock2 alone");
}

static enum wsplsp_status compose(const struct file_store *own, void **bytes, size_t *size, struct wsplsp_error *error)
{
    struct reg_key *key = NULL;
    char *path;
    enum wsplsp_status status = check_kind(own, &path, error);
    if (status == WSPLSP_OK)
        status = layout_write(own->pending, &key, error);
    if (status == WSPLSP_OK)
        status = regfile_write(key, path, own->pending->code_page, NULL, bytes, size, error);
    reg_key_free(key);
    free(path);
    return status;
}

static enum wsplsp_status commit(struct store *store, struct wsplsp_error *error)
{
    struct file_store *own = (struct file_store *)store;
    void *bytes;
    size_t size;
    if (own->pending == NULL)
        return WSPLSP_OK;
    enum wsplsp_status status = compose(own, &bytes, &size, error);
    if (status != WSPLSP_OK)
        return status;
    status = catalog_file_write(own->file, own->bytes, own->size, bytes, size, error);
    if (status != WSPLSP_OK) {
        free(bytes);
        return status;
    }
    drop_pending(own);
    free(own->bytes);
    own->bytes = bytes;
    own->size = size;
    return WSPLSP_OK;
}

static void free_store(struct store *store)
{
    struct file_store *own = (struct file_store *)store;
    drop_pending(own);
    free(own->bytes);
    catalog_file_close(own->file);
    store_free_common(store);
    free(own);
}

static const struct store_functions functions = {may_change, begin, end, load, apply, commit, free_store};

/* What cannot be changed is said before anybody is asked or waits. */
static enum wsplsp_status check_file(struct file_store *own, struct wsplsp_error *error)
{
    char *path;
    enum wsplsp_status status = catalog_file_read(own->file, &own->bytes, &own->size, error);
    if (status == WSPLSP_OK)
        status = check_kind(own, &path, error);
    if (status == WSPLSP_OK)
        free(path);
    return status;
}

enum wsplsp_status store_open_file(const char *path, uint32_t code_page, plan_new_id new_id, struct store **store,
                                   struct wsplsp_error *error)
{
    if (strcmp(path, "-") == 0)
        return wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "standard input cannot be changed: give a file");
    struct file_store *own = calloc(1, sizeof *own);
    if (own == NULL)
        return wsplsp_fail_memory(error);
    own->common.functions = &functions;
    own->common.new_id = new_id;
    own->common.atomic = true;
    own->code_page = code_page;
    enum wsplsp_status status = catalog_file_open(path, &own->file, error);
    if (status == WSPLSP_OK) {
        own->common.name = text_duplicate(path);
        own->common.folder = text_format("%s" FOLDER_ENDING, catalog_file_path(own->file));
        bool made = own->common.name != NULL && own->common.folder != NULL;
        status = made ? check_file(own, error) : wsplsp_fail_memory(error);
    }
    if (status == WSPLSP_OK)
        *store = &own->common;
    else
        free_store(&own->common);
    return status;
}

void store_free_common(struct store *store)
{
    free(store->name);
    free(store->folder);
}
