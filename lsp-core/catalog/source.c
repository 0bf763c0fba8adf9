/* Where a snapshot comes from; see source.h. The running system's part is in live_win.c and live_native.c. */
#include "source.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/code_page.h"
#include "lsp-core/base/file.h"
#include "lsp-core/registry/hive.h"
#include "layout.h"
#include "lsp-core/registry/regfile.h"

static enum wsplsp_status read_tree(const void *bytes, size_t size, const char *source, uint32_t *code_page,
                                    struct reg_key **root, struct wsplsp_error *error)
{
    if (hive_recognise(bytes, size))
        return hive_read(bytes, size, source, root, error);
    return regfile_read(bytes, size, source, code_page, root, error);
}

/* Where neither the user nor a comment says it, the system's own setting may be there. */
static bool find_code_page(const struct reg_key *root, const struct reg_key *winsock2, struct wsplsp_snapshot *snapshot)
{
    char *named = NULL;
    if (snapshot->code_page != CODE_PAGE_UNKNOWN)
        return true;
    bool found = layout_find_code_page(root, winsock2, &snapshot->code_page, &named);
    if (named != NULL)
        found = wsplsp_snapshot_note(snapshot, "the source names '%.20s' as its code page, which is none that is known",
                                     named);
    free(named);
    return found;
}

static enum wsplsp_status read_snapshot(const struct reg_key *root, struct wsplsp_snapshot *snapshot,
                                        struct wsplsp_error *error)
{
    char *note;
    struct reg_key *winsock2 = layout_find_winsock2(root, &note);
    bool noted = note == NULL || wsplsp_snapshot_note(snapshot, "%s", note);
    free(note);
    if (!noted)
        return wsplsp_fail_memory(error);
    if (winsock2 == NULL) {
        wsplsp_fail(error, WSPLSP_NOT_FOUND, 0, "NO_CATALOG", "'%s' holds no Winsock catalog", snapshot->source);
        return wsplsp_hint(error,
                           "give a SYSTEM hive, or an export of HKLM\\SYSTEM\\CurrentControlSet\\Services\\WinSock2");
    }
    return find_code_page(root, winsock2, snapshot) ? layout_read(winsock2, snapshot, error)
                                                    : wsplsp_fail_memory(error);
}

enum wsplsp_status source_load_bytes(const void *bytes, size_t size, const char *source, uint32_t code_page,
                                     struct wsplsp_snapshot **snapshot, struct wsplsp_error *error)
{
    struct reg_key *root = NULL;
    enum wsplsp_status status = read_tree(bytes, size, source, &code_page, &root, error);
    if (status != WSPLSP_OK)
        return status;
    struct wsplsp_snapshot *loaded = wsplsp_snapshot_new(source);
    if (loaded != NULL)
        loaded->code_page = code_page;
    status = loaded == NULL ? wsplsp_fail_memory(error) : read_snapshot(root, loaded, error);
    reg_key_free(root);
    if (status != WSPLSP_OK)
        wsplsp_snapshot_free(loaded);
    else
        *snapshot = loaded;
    return status;
}

enum wsplsp_status source_load_file(const char *path, uint32_t code_page, struct wsplsp_snapshot **snapshot,
                                    struct wsplsp_error *error)
{
    void *bytes;
    size_t size;
    enum wsplsp_status status = file_read(path, &bytes, &size, error);
    if (status != WSPLSP_OK)
        return status;
    status =
        source_load_bytes(bytes, size, strcmp(path, "-") == 0 ? "standard input" : path, code_page, snapshot, error);
    free(bytes);
    return status;
}
