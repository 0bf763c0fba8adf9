/* Snapshots of the run's catalog, the current one and those that are still being read; see private.h. */
#include "private.h"

#include <stdlib.h>
#include <string.h>

#include "catalog_store.h"
#include "lsp-core/base/code_page.h"
#include "lsp-core/host/launch/config.h"
#include "lsp-core/registry/hive.h"
#include "lsp-core/catalog/layout.h"
#include "lsp-core/win/lock.h"
#include "lsp-core/registry/regfile.h"
#include "lsp-core/catalog/source.h"
#include "lsp-core/base/text.h"

struct held {
    struct held *next;
    struct wsplsp_snapshot *snapshot;
    size_t references; /* of readers, and one while it is the current one */
};

/* Never held while anything else is done than counting. */
static SRWLOCK list_lock = SRWLOCK_INIT;
static struct held *list; /* the current one first */

/* What the current snapshot was read from. Under the store's lock, as is every change of the current one. */
static void *current_bytes;
static size_t current_size;

const struct wsplsp_snapshot *private_catalog_acquire(void)
{
    lock_exclusive(&list_lock);
    list->references++;
    const struct wsplsp_snapshot *snapshot = list->snapshot;
    unlock_exclusive(&list_lock);
    return snapshot;
}

void private_catalog_release(const struct wsplsp_snapshot *snapshot)
{
    struct held *unused = NULL;
    lock_exclusive(&list_lock);
    struct held **at = &list;
    while ((*at)->snapshot != snapshot)
        at = &(*at)->next;
    if (--(*at)->references == 0) {
        unused = *at;
        *at = unused->next;
    }
    unlock_exclusive(&list_lock);
    if (unused != NULL) {
        wsplsp_snapshot_free(unused->snapshot);
        free(unused);
    }
}

/* A catalog as a reader sees it, not yet the current one. Has its bytes, too. */
struct loaded {
    void *bytes;
    size_t size;
    struct held *held;
};

static void discard(struct loaded *loaded)
{
    if (loaded->held != NULL)
        wsplsp_snapshot_free(loaded->held->snapshot);
    free(loaded->held);
    free(loaded->bytes);
}

/* What the launcher has found to be the code page of the catalog's DLL paths. */
static uint32_t code_page(void)
{
    const struct config *config = config_get();
    return config == NULL ? CODE_PAGE_UNKNOWN : config->code_page;
}

/* Reads the snapshot in `loaded->bytes`. */
static enum wsplsp_status parse(struct loaded *loaded, struct wsplsp_error *error)
{
    loaded->held = calloc(1, sizeof *loaded->held);
    if (loaded->held == NULL)
        return wsplsp_fail_memory(error);
    return source_load_bytes(loaded->bytes, loaded->size, catalog_store_name(), code_page(), &loaded->held->snapshot,
                             error);
}

/* Takes over what `loaded` has. */
static void publish(struct loaded *loaded)
{
    free(current_bytes);
    current_bytes = loaded->bytes;
    current_size = loaded->size;
    loaded->held->references = 1;
    lock_exclusive(&list_lock);
    const struct wsplsp_snapshot *old = list == NULL ? NULL : list->snapshot;
    loaded->held->next = list;
    list = loaded->held;
    unlock_exclusive(&list_lock);
    if (old != NULL)
        private_catalog_release(old);
}

/* Makes what the store holds the current one, unless it is. Under the lock. */
static enum wsplsp_status refresh(struct wsplsp_error *error)
{
    struct loaded loaded = {NULL, 0, NULL};
    enum wsplsp_status status = catalog_store_read(&loaded.bytes, &loaded.size, error);
    if (status != WSPLSP_OK)
        return status;
    bool same =
        current_bytes != NULL && loaded.size == current_size && memcmp(loaded.bytes, current_bytes, current_size) == 0;
    if (!same)
        status = parse(&loaded, error);
    if (same || status != WSPLSP_OK)
        discard(&loaded);
    else
        publish(&loaded);
    return status;
}

enum wsplsp_status private_catalog_refresh(struct wsplsp_error *error)
{
    if (catalog_store_lock(false, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = refresh(error);
    catalog_store_unlock();
    return status;
}

enum wsplsp_status private_catalog_start(struct wsplsp_error *error)
{
    if (catalog_store_open(error) != WSPLSP_OK)
        return error->status;
    return private_catalog_refresh(error);
}

/* Where the WinSock2 key stands in the text, new; NULL where the text holds anything else beside it, which a new text
 * would not. */
static char *find_path(const struct reg_key *root)
{
    const struct reg_key *key = root;
    char *path = NULL;
    while (path == NULL || text_compare_nocase(reg_key_name(key), "WinSock2") != 0) {
        if (reg_key_child_count(key) != 1 || reg_key_value_count(key) != 0) {
            free(path);
            return NULL;
        }
        key = reg_key_child_at(key, 0);
        char *longer = text_format("%s%s%s", path == NULL ? "" : path, path == NULL ? "" : "\\", reg_key_name(key));
        free(path);
        if (longer == NULL)
            return NULL;
        path = longer;
    }
    return path;
}

static enum wsplsp_status choose_path(char **path, struct wsplsp_error *error)
{
    struct reg_key *root;
    uint32_t page = code_page();
    *path = NULL;
    if (hive_recognise(current_bytes, current_size))
        return wsplsp_fail(error, WSPLSP_REFUSED, 0, "REFUSED", "'%.400s' is a hive, which is not changed here",
                           catalog_store_name());
    if (regfile_read(current_bytes, current_size, catalog_store_name(), &page, &root, error) != WSPLSP_OK)
        return error->status;
    *path = find_path(root);
    reg_key_free(root);
    if (*path != NULL)
        return WSPLSP_OK;
    return wsplsp_fail(error, WSPLSP_REFUSED, 0, "REFUSED",
                       "'%.400s' holds more than the WinSock2 key, and is not changed", catalog_store_name());
}

/* The text of a changed catalog, and the snapshot that everybody will read from it. */
static enum wsplsp_status compose(const struct wsplsp_snapshot *changed, struct loaded *loaded,
                                  struct wsplsp_error *error)
{
    struct reg_key *key = NULL;
    char *path;
    enum wsplsp_status status = choose_path(&path, error);
    if (status == WSPLSP_OK)
        status = layout_write(changed, &key, error);
    if (status == WSPLSP_OK)
        status = regfile_write(key, path, changed->code_page, NULL, &loaded->bytes, &loaded->size, error);
    if (status == WSPLSP_OK)
        status = parse(loaded, error);
    reg_key_free(key);
    free(path);
    return status;
}

static enum wsplsp_status save(const struct wsplsp_snapshot *changed, struct wsplsp_error *error)
{
    struct loaded loaded = {NULL, 0, NULL};
    uint64_t epoch = catalog_store_epoch(current_bytes, current_size);
    enum wsplsp_status status = compose(changed, &loaded, error);
    if (status == WSPLSP_OK)
        status = catalog_store_write(loaded.bytes, loaded.size, error);
    if (status != WSPLSP_OK) {
        discard(&loaded);
        return status;
    }
    publish(&loaded);
    catalog_store_announce(epoch);
    return WSPLSP_OK;
}

enum wsplsp_status private_catalog_change(private_catalog_edit edit, void *context, int *result,
                                          struct wsplsp_error *error)
{
    struct wsplsp_snapshot *copy;
    if (catalog_store_lock(true, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = refresh(error);
    if (status == WSPLSP_OK)
        status = source_load_bytes(current_bytes, current_size, catalog_store_name(), code_page(), &copy, error);
    if (status == WSPLSP_OK) {
        *result = edit(copy, context);
        if (*result == 0)
            status = save(copy, error);
        wsplsp_snapshot_free(copy);
    }
    catalog_store_unlock();
    return status;
}

enum wsplsp_status private_catalog_watch(struct private_catalog_watch *watch, struct wsplsp_error *error)
{
    if (catalog_store_lock(false, error) != WSPLSP_OK)
        return error->status;
    /* Asked first: what changes while the text is read has changed since. */
    uint64_t before = catalog_store_epoch(current_bytes, current_size);
    enum wsplsp_status status = refresh(error);
    if (status == WSPLSP_OK) {
        bool poll;
        watch->epoch = catalog_store_epoch(current_bytes, current_size);
        watch->event = catalog_store_watch(watch->epoch, &poll);
        watch->epoch = poll ? before : watch->epoch;
        if (watch->event == NULL && !poll)
            status = wsplsp_fail_memory(error);
    }
    catalog_store_unlock();
    return status;
}

bool private_catalog_changed(const struct private_catalog_watch *watch)
{
    if (watch->event != NULL)
        return WaitForSingleObject(watch->event, 0) == WAIT_OBJECT_0;
    return !catalog_store_is_at(watch->epoch);
}
