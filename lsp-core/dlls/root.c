/* The doctor's eyes on a mounted Windows volume; see dlls.h. Finds the paths as processes of that Windows would, and
 * leaves the opening to volume.h. */
#include <stdlib.h>
#include <string.h>

#include "dlls.h"
#include "path.h"
#include "volume.h"
#include "lsp-core/base/text.h"

struct root {
    struct files_volume *volume;
    int system_bits;
};

/* Makes a path from "C:\" clean: one '\\' between components, none that stands for nothing. NULL, or why not. */
static const char *normalize(const char *path, char clean[FILES_PATH_MAX])
{
    size_t used = 0;
    while (*path != '\0') {
        size_t length = strcspn(path, "\\/");
        if (length == 2 && memcmp(path, "..", 2) == 0)
            return "its path climbs out of folders with \"..\"";
        if (memchr(path, ':', length) != NULL)
            return "its path is malformed";
        if (length > 0 && !(length == 1 && *path == '.')) {
            if (used > 0)
                clean[used++] = '\\';
            memcpy(clean + used, path, length);
            used += length;
        }
        path += length + (path[length] != '\0');
    }
    clean[used] = '\0';
    return used == 0 ? "its path is malformed" : NULL;
}

/* "File System Redirector": System32 is SysWOW64 to a 32-bit process on 64-bit Windows, and Sysnative is System32. */
static const char *redirect(const struct root *root, int bits, const char *path, char redirected[FILES_PATH_MAX])
{
    static const struct {
        const char *from, *to;
    } folders[] = {{"Windows\\System32\\", "Windows\\SysWOW64\\"}, {"Windows\\Sysnative\\", "Windows\\System32\\"}};
    const char *to = "";
    for (size_t i = 0; i < 2 && bits == 32 && root->system_bits == 64; i++) {
        size_t length = strlen(folders[i].from);
        if (text_compare_nocase_n(path, folders[i].from, length) == 0) {
            to = folders[i].to;
            path += length;
            break;
        }
    }
    if (strlen(to) + strlen(path) >= FILES_PATH_MAX)
        return "its path is too long";
    strcpy(redirected, to);
    strcat(redirected, path);
    return NULL;
}

/* The path from the volume's root, in `path`; NULL, or why it can't be told. */
static const char *resolve(const struct root *root, const char *stored, int bits, char path[FILES_PATH_MAX])
{
    char expanded[FILES_PATH_MAX], clean[FILES_PATH_MAX];
    const char *why = files_path_expand(stored, bits, root->system_bits, expanded);
    if (why != NULL)
        return why;
    if (expanded[0] != 'C' && expanded[0] != 'c')
        return "its path leads to another drive or to the network";
    why = normalize(expanded + 2, clean);
    return why != NULL ? why : redirect(root, bits, clean, path);
}

/* "PROGRA~1": Windows makes up such names beside the long ones, and a copy or a mount of its volume may lack them. */
static bool has_short_name(const char *path)
{
    for (const char *tilde = path; (tilde = strchr(tilde, '~')) != NULL; tilde++) {
        if (tilde[1] >= '1' && tilde[1] <= '9')
            return true;
    }
    return false;
}

static bool look(void *context, const char *stored, int bits, struct files_facts *facts)
{
    struct root *root = context;
    char path[FILES_PATH_MAX];
    facts->writable_unknown = facts->signature_unknown = "only Windows itself can tell";
    facts->presence_unknown = resolve(root, stored, bits, path);
    if (facts->presence_unknown != NULL)
        return true;
    facts->resolved = text_format("C:\\%s", path);
    if (facts->resolved == NULL)
        return false;
    uint8_t *bytes = NULL;
    size_t size = 0;
    bool ok = files_volume_read(root->volume, path, facts, &bytes, &size);
    if (bytes != NULL)
        files_read_image(bytes, size, facts);
    free(bytes);
    if (facts->presence == FILES_MISSING && has_short_name(path)) {
        facts->presence = FILES_PRESENCE_UNKNOWN;
        facts->presence_unknown = "its path has a short name (8.3), which the volume may not tell here";
    }
    return ok;
}

static void close_root(void *context)
{
    struct root *root = context;
    files_volume_close(root->volume);
    free(root);
}

enum wsplsp_status files_root_open(const char *path, struct check_files **files, struct wsplsp_error *error)
{
    static const struct files_functions functions = {.look = look, .close = close_root};
    struct root *root = calloc(1, sizeof *root);
    if (root == NULL)
        return wsplsp_fail_memory(error);
    enum wsplsp_status status = files_volume_open(path, &root->volume, error);
    if (status != WSPLSP_OK) {
        free(root);
        return status;
    }
    root->system_bits = files_volume_has_folder(root->volume, "Windows\\SysWOW64") ? 64 : 32;
    return files_new(&functions, root, files, error);
}
