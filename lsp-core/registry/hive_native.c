/* Reads hives with libhivex. A hive may come from an attacker's disk: libhivex checks its structure, and this file
 * bounds what is made of it by the hive's own size, so that circles and blocks used twice end in an error. */
#define _GNU_SOURCE
#include "hive.h"

#include <errno.h>
#include <hivex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "layout_names.h"
#include "lsp-core/base/text.h"

/* The least that a key and a value take in a hive: their cells' fixed parts, in Microsoft's regf layout. */
#define KEY_CELL_SIZE   80
#define VALUE_CELL_SIZE 24

struct hive {
    hive_h *handle;
    const char *source;
    size_t keys_left;
    size_t values_left;
    size_t bytes_left;
    struct wsplsp_error *error;
};

static enum wsplsp_status fail_damaged(const struct hive *hive, const char *reason)
{
    wsplsp_fail(hive->error, WSPLSP_SYSTEM, 0, "BAD_FORMAT", "%s: a damaged hive: %s", hive->source, reason);
    return wsplsp_hint(hive->error, "copy the hive anew, or export its WinSock2 key to a .reg file");
}

/* libhivex says EINVAL, ENOTSUP, EFAULT, ELOOP, ERANGE … of what it can't read; only these are the system's. */
static enum wsplsp_status fail_hivex(const struct hive *hive, const char *reason)
{
    if (errno == ENOMEM)
        return wsplsp_fail_memory(hive->error);
    if (errno == EMFILE || errno == ENFILE || errno == EIO)
        return wsplsp_fail_errno(hive->error, errno, "read", hive->source);
    return fail_damaged(hive, reason);
}

/* Writes all of it; libhivex takes no bytes in memory, so they go to a file that has no name. */
static int private_file(const void *bytes, size_t size)
{
    int file = memfd_create("hive", MFD_CLOEXEC);
    const char *at = bytes;
    while (file >= 0 && size > 0) {
        ssize_t written = write(file, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            int code = written == 0 ? ENOSPC : errno;
            close(file);
            errno = code;
            return -1;
        }
        at += written;
        size -= (size_t)written;
    }
    return file;
}

static enum wsplsp_status open_hive(struct hive *hive, const void *bytes, size_t size)
{
    int file = private_file(bytes, size);
    if (file < 0)
        return wsplsp_fail_errno(hive->error, errno, "copy", hive->source);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    hive->handle = hivex_open(path, 0);
    int code = errno;
    close(file);
    errno = code;
    return hive->handle == NULL ? fail_hivex(hive, "libhivex does not accept it") : WSPLSP_OK;
}

/* What a value claims to hold is looked at before libhivex allocates it. */
static enum wsplsp_status add_value(struct hive *hive, hive_value_h value, struct reg_key *key)
{
    hive_type type;
    size_t size;
    char *name = hivex_value_key(hive->handle, value);
    if (name == NULL || hivex_value_type(hive->handle, value, &type, &size) != 0) {
        enum wsplsp_status status = fail_hivex(hive, "a value can't be read");
        free(name);
        return status;
    }
    if (strlen(name) > hive->bytes_left || size > hive->bytes_left - strlen(name)) {
        free(name);
        return fail_damaged(hive, "its values hold more than the whole hive");
    }
    char *data = hivex_value_value(hive->handle, value, &type, &size);
    enum wsplsp_status status = WSPLSP_OK;
    if (data == NULL)
        status = fail_hivex(hive, "a value's data can't be read");
    else if (!reg_key_set(key, name, (uint32_t)type, data, size))
        status = wsplsp_fail_memory(hive->error);
    else
        hive->bytes_left -= size + strlen(name);
    free(data);
    free(name);
    return status;
}

static enum wsplsp_status add_values(struct hive *hive, hive_node_h node, struct reg_key *key)
{
    size_t count = hivex_node_nr_values(hive->handle, node);
    if (count > hive->values_left)
        return fail_damaged(hive, "it has more values than there is room for");
    hive_value_h *values = hivex_node_values(hive->handle, node);
    if (values == NULL)
        return fail_hivex(hive, "a key's list of values can't be read");
    hive->values_left -= count;
    enum wsplsp_status status = WSPLSP_OK;
    for (size_t i = 0; values[i] != 0 && status == WSPLSP_OK; i++)
        status = add_value(hive, values[i], key);
    free(values);
    return status;
}

/* The key's subkeys, for the caller to free. Each key of a sound hive stands in one list, so all lists together have no
 * more entries than the hive has room for keys; libhivex allocates as many as a key claims to have. */
static enum wsplsp_status list_children(struct hive *hive, hive_node_h node, hive_node_h **children)
{
    size_t count = hivex_node_nr_children(hive->handle, node);
    if (count > hive->keys_left)
        return fail_damaged(hive, "it has more keys than there is room for");
    hive->keys_left -= count;
    *children = hivex_node_children(hive->handle, node);
    return *children == NULL ? fail_hivex(hive, "a key's list of subkeys can't be read") : WSPLSP_OK;
}

static enum wsplsp_status add_key(struct hive *hive, hive_node_h node, struct reg_key *parent, const char *name,
                                  int depth);

static enum wsplsp_status add_children(struct hive *hive, hive_node_h node, struct reg_key *key, int depth)
{
    hive_node_h *children;
    enum wsplsp_status status = list_children(hive, node, &children);
    if (status != WSPLSP_OK)
        return status;
    for (size_t i = 0; children[i] != 0 && status == WSPLSP_OK; i++) {
        char *name = hivex_node_name(hive->handle, children[i]);
        status = name == NULL ? fail_hivex(hive, "a key's name can't be read")
                              : add_key(hive, children[i], key, name, depth);
        free(name);
    }
    free(children);
    return status;
}

/* Copies a key and all below it. */
static enum wsplsp_status add_key(struct hive *hive, hive_node_h node, struct reg_key *parent, const char *name,
                                  int depth)
{
    if (depth > REGTREE_DEPTH_MAX)
        return fail_damaged(hive, "its keys are nested deeper than 512 levels");
    if (strlen(name) > hive->bytes_left)
        return fail_damaged(hive, "its names take more than the whole hive");
    hive->bytes_left -= strlen(name);
    struct reg_key *key = reg_key_new(name);
    if (key == NULL || !reg_key_adopt(parent, key)) {
        reg_key_free(key);
        return wsplsp_fail_memory(hive->error);
    }
    enum wsplsp_status status = add_values(hive, node, key);
    return status == WSPLSP_OK ? add_children(hive, node, key, depth + 1) : status;
}

static bool is_control_set(const char *name)
{
    static const char prefix[] = "ControlSet";
    size_t length = sizeof prefix - 1;
    return text_compare_nocase_n(name, prefix, length) == 0 && strlen(name) == length + 3 &&
           strspn(name + length, "0123456789") == 3;
}

/* Looks for subkeys by their names: found[i] is that of names[i], or 0. */
static enum wsplsp_status find_children(struct hive *hive, hive_node_h node, const char *const *names, size_t count,
                                        hive_node_h *found)
{
    for (size_t i = 0; i < count; i++)
        found[i] = 0;
    hive_node_h *children;
    enum wsplsp_status status = list_children(hive, node, &children);
    if (status != WSPLSP_OK)
        return status;
    for (size_t i = 0; children[i] != 0 && status == WSPLSP_OK; i++) {
        char *child_name = hivex_node_name(hive->handle, children[i]);
        if (child_name == NULL)
            status = fail_hivex(hive, "a key's name can't be read");
        for (size_t j = 0; j < count && child_name != NULL; j++) {
            if (found[j] == 0 && text_compare_nocase(child_name, names[j]) == 0)
                found[j] = children[i];
        }
        free(child_name);
    }
    free(children);
    return status;
}

static enum wsplsp_status find_child(struct hive *hive, hive_node_h node, const char *name, hive_node_h *child)
{
    if (node != 0)
        return find_children(hive, node, &name, 1, child);
    *child = 0;
    return WSPLSP_OK;
}

static struct reg_key *make_key(struct reg_key *root, const char *control_set, const char *below)
{
    char *path = text_format("%s\\%s", control_set, below);
    struct reg_key *key = path == NULL ? NULL : reg_key_make(root, path);
    free(path);
    return key;
}

/* The values that tell the code page; nothing where there are none. */
static enum wsplsp_status add_code_page(struct hive *hive, hive_node_h control, struct reg_key *root,
                                        const char *control_set)
{
    hive_node_h nls, code_page = 0;
    enum wsplsp_status status = find_child(hive, control, "Nls", &nls);
    if (status == WSPLSP_OK)
        status = find_child(hive, nls, "CodePage", &code_page);
    if (status != WSPLSP_OK || code_page == 0)
        return status;
    struct reg_key *key = make_key(root, control_set, LAYOUT_CODE_PAGE);
    return key == NULL ? wsplsp_fail_memory(hive->error) : add_values(hive, code_page, key);
}

/* Of a control set, only its Services\WinSock2 and what tells the code page of that. Each list of subkeys is gone
 * through once (list_children). */
static enum wsplsp_status add_control_set(struct hive *hive, hive_node_h node, struct reg_key *root, const char *name)
{
    static const char *const names[] = {"Services", "Control"};
    hive_node_h found[2], winsock2 = 0;
    enum wsplsp_status status = find_children(hive, node, names, 2, found);
    if (status == WSPLSP_OK)
        status = find_child(hive, found[0], "WinSock2", &winsock2);
    if (status != WSPLSP_OK || winsock2 == 0)
        return status;
    struct reg_key *parent = make_key(root, name, "Services");
    status = parent == NULL ? wsplsp_fail_memory(hive->error) : add_key(hive, winsock2, parent, "WinSock2", 3);
    return status == WSPLSP_OK ? add_code_page(hive, found[1], root, name) : status;
}

static enum wsplsp_status add_root(struct hive *hive, struct reg_key *root)
{
    hive_node_h node = hivex_root(hive->handle);
    if (node == 0)
        return fail_hivex(hive, "its root can't be read");
    hive_node_h *children;
    enum wsplsp_status status = list_children(hive, node, &children);
    if (status != WSPLSP_OK)
        return status;
    for (size_t i = 0; children[i] != 0 && status == WSPLSP_OK; i++) {
        char *name = hivex_node_name(hive->handle, children[i]);
        if (name == NULL)
            status = fail_hivex(hive, "a key's name can't be read");
        else if (text_compare_nocase(name, "Select") == 0)
            status = add_key(hive, children[i], root, name, 1);
        else if (is_control_set(name))
            status = add_control_set(hive, children[i], root, name);
        free(name);
    }
    free(children);
    return status;
}

enum wsplsp_status hive_read(const void *bytes, size_t size, const char *source, struct reg_key **root,
                             struct wsplsp_error *error)
{
    struct hive hive = {
        .source = source,
        .keys_left = size / KEY_CELL_SIZE,
        .values_left = size / VALUE_CELL_SIZE,
        .bytes_left = size,
        .error = error,
    };
    if (!hive_recognise(bytes, size))
        return wsplsp_fail(error, WSPLSP_SYSTEM, 0, "BAD_FORMAT", "%s: not a registry hive", source);
    enum wsplsp_status status = open_hive(&hive, bytes, size);
    if (status != WSPLSP_OK)
        return status;
    struct reg_key *tree = reg_key_new("");
    status = tree == NULL ? wsplsp_fail_memory(error) : add_root(&hive, tree);
    hivex_close(hive.handle);
    if (status != WSPLSP_OK) {
        reg_key_free(tree);
        return status;
    }
    *root = tree;
    return WSPLSP_OK;
}
