/* A provider's DLL before it is installed; see dll_check.h. */
#include "dll_check.h"

#include <stdio.h>

#include "lsp-core/base/code_page.h"
#include "cli/out/describe.h"
#include "lsp-core/dlls/dlls.h"
#include "lsp-core/dlls/path.h"

struct dll_rules {
    struct check_files *files; /* NULL: the DLLs cannot be seen from here */
    bool force;                /* what can be meant is told, not refused */
    bool name_space;
    bool live; /* the catalog is in force for all programs of this machine */
};

static enum wsplsp_status check_path(const char *path, struct wsplsp_error *error)
{
    if (!files_path_is_relative(path))
        return WSPLSP_OK;
    wsplsp_fail(error, WSPLSP_REFUSED, 0, "NOT_ABSOLUTE",
                "'%.300s' is no absolute path: each program would look for it somewhere else", path);
    return wsplsp_hint(error, "give the whole path, such as C:\\Program Files\\Vendor\\layer.dll");
}

static enum wsplsp_status check_image(const struct files_facts *facts, const struct dll_rules *rules, const char *path,
                                      int bits, struct wsplsp_error *error)
{
    if (facts->image == FILES_IMAGE_NONE)
        return wsplsp_fail(error, WSPLSP_REFUSED, 0, "BAD_FORMAT", "'%.300s' is no DLL", path);
    if (facts->image != (bits == 64 ? FILES_IMAGE_64 : FILES_IMAGE_32)) {
        wsplsp_fail(error, WSPLSP_REFUSED, 0, "ARCHITECTURE", "'%.300s' is not for %s programs", path,
                    describe_bits(bits));
        return wsplsp_hint(error, "DLL is the one for 64-bit programs where there are both, --dll32 the one for 32-bit "
                                  "programs; --only installs for one kind alone");
    }
    if (rules->name_space ? facts->exports_nsp_startup : facts->exports_wsp_startup)
        return WSPLSP_OK;
    return wsplsp_fail(error, WSPLSP_REFUSED, 0, rules->name_space ? "NO_NSPSTARTUP" : "NO_WSPSTARTUP",
                       "'%.300s' is no %s, it does not export %s", path,
                       rules->name_space ? "name space provider" : "service provider",
                       rules->name_space ? "NSPStartup" : "WSPStartup");
}

/* What speaks against the DLL but can be meant: refused; with --force, told. */
static enum wsplsp_status object(const struct dll_rules *rules, const char *name, const char *path, const char *what,
                                 struct text_list *warnings, struct wsplsp_error *error)
{
    if (rules->force) {
        text_list_add(warnings, "'%.300s': %s", path, what);
        return WSPLSP_OK;
    }
    wsplsp_fail(error, WSPLSP_REFUSED, 0, name, "'%.200s': %.300s", path, what);
    return wsplsp_hint(error, "put the DLL where administrators alone can write, such as below C:\\Program Files; "
                              "--force does it nevertheless");
}

static enum wsplsp_status check_access(const struct files_facts *facts, const struct dll_rules *rules, const char *path,
                                       struct text_list *warnings, struct wsplsp_error *error)
{
    char what[512];
    if (!files_functions(rules->files)->tells_writable || facts->writable == FILES_NO)
        return WSPLSP_OK;
    if (facts->writable == FILES_YES)
        snprintf(what, sizeof what, "%.100s can replace it, and so run code in every program (by writing to '%.300s')",
                 facts->writer, facts->writable_at);
    else
        snprintf(what, sizeof what, "whether others than administrators can replace it cannot be told: %.200s",
                 facts->writable_unknown);
    return object(rules, "WRITABLE", path, what, warnings, error);
}

/* Who would be without network: asked for a catalog that is in force, every program's. */
static enum wsplsp_status check_readers(const struct files_facts *facts, const struct dll_rules *rules,
                                        const char *path, struct text_list *warnings, struct wsplsp_error *error)
{
    char what[512];
    if (!rules->live || !files_functions(rules->files)->tells_writable || facts->unloadable == FILES_NO)
        return WSPLSP_OK;
    if (facts->unloadable == FILES_YES)
        snprintf(what, sizeof what, "%.250s may not read and execute it, and would have no network",
                 facts->unloadable_by);
    else if (facts->unloadable_unknown != NULL)
        snprintf(what, sizeof what, "whether every program may read and execute it cannot be told: %.200s",
                 facts->unloadable_unknown);
    else
        return WSPLSP_OK;
    return object(rules, "UNLOADABLE", path, what, warnings, error);
}

static enum wsplsp_status check_place(const struct files_facts *facts, const struct dll_rules *rules, const char *path,
                                      struct text_list *warnings, struct wsplsp_error *error)
{
    char what[256];
    const char *where = files_place_words(facts->place);
    if (!rules->live || where == NULL)
        return WSPLSP_OK;
    snprintf(what, sizeof what, "it is %s: other users' programs and services that do not reach it have no network",
             where);
    return object(rules, "MISPLACED", path, what, warnings, error);
}

static enum wsplsp_status check_dll(const struct dll_rules *rules, const char *path, int bits,
                                    struct text_list *warnings, struct wsplsp_error *error)
{
    char what[256];
    if (check_path(path, error) != WSPLSP_OK)
        return error->status;
    if (rules->files == NULL) {
        text_list_add(warnings, "'%.300s' has not been looked at: no --root names the volume that it is on", path);
        return WSPLSP_OK;
    }
    if (code_page_is_undecided(path))
        return object(rules, "CODE_PAGE", path, "it cannot be looked at, for the code page of its path is not known",
                      warnings, error);
    const struct files_facts *facts = files_look(rules->files, path, bits);
    if (facts == NULL)
        return wsplsp_fail_memory(error);
    if (facts->presence == FILES_MISSING)
        return wsplsp_fail(error, WSPLSP_NOT_FOUND, 0, "NO_DLL", "there is no file '%.300s'",
                           facts->resolved != NULL ? facts->resolved : path);
    if (check_place(facts, rules, path, warnings, error) != WSPLSP_OK)
        return error->status;
    const char *unknown = facts->presence != FILES_PRESENT ? facts->presence_unknown : facts->image_unknown;
    if (unknown != NULL) {
        snprintf(what, sizeof what, "whether it is a layer's DLL cannot be told: %.150s", unknown);
        return object(rules, "UNREADABLE", path, what, warnings, error);
    }
    if (check_image(facts, rules, path, bits, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = check_access(facts, rules, path, warnings, error);
    return status == WSPLSP_OK ? check_readers(facts, rules, path, warnings, error) : status;
}

/* A catalog in a file is for `run` on this machine, where that is a Windows. */
enum wsplsp_status dll_check_files(const struct change_context *context, struct check_files **files,
                                   struct wsplsp_error *error)
{
    *files = NULL;
    if (context->options->root != NULL)
        return files_root_open(context->options->root, files, error);
    if (files_live_open(files, error) != WSPLSP_OK && context->before->live)
        return error->status;
    return WSPLSP_OK;
}

enum wsplsp_status dll_check_pair(struct change_context *context, const char *dll64, const char *dll32, bool name_space,
                                  struct wsplsp_error *error)
{
    struct dll_rules rules = {
        .force = options_has(context->options, OPTION_FORCE), .name_space = name_space, .live = context->before->live};
    enum wsplsp_status status = dll_check_files(context, &rules.files, error);
    if (status == WSPLSP_OK && dll64 != NULL)
        status = check_dll(&rules, dll64, 64, &context->warnings, error);
    if (status == WSPLSP_OK && dll32 != NULL)
        status = check_dll(&rules, dll32, 32, &context->warnings, error);
    files_close(rules.files);
    return status;
}
