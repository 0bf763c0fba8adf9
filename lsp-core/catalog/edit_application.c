/* The categories that applications permit; see edit.h and the page of WSCSetApplicationCategory. */
#include "edit.h"

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/text.h"

static bool same_arguments(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

const struct wsplsp_application *
catalog_edit_find_application(const struct wsplsp_snapshot *snapshot, const char *path, const char *arguments,
                              bool (*paths_equal)(const char *stored, const char *path))
{
    for (size_t i = 0; i < snapshot->application_count; i++) {
        const struct wsplsp_application *application = &snapshot->applications[i];
        if (application->undecoded == NULL && paths_equal(application->path, path) &&
            same_arguments(application->arguments, arguments))
            return application;
    }
    return NULL;
}

/* FNV-1a, regardless of ASCII case. Windows' own hash is not documented; the key's name only has to be the
 * application's own. */
static uint32_t hash(const char *text)
{
    uint32_t value = 2166136261u;
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        value = (value ^ (c >= 'a' && c <= 'z' ? c - 32u : c)) * 16777619u;
    }
    return value;
}

static bool is_taken(const struct wsplsp_snapshot *snapshot, const char *key)
{
    for (size_t i = 0; i < snapshot->application_count; i++) {
        if (snapshot->applications[i].key != NULL && text_compare_nocase(snapshot->applications[i].key, key) == 0)
            return true;
    }
    return false;
}

/* A new key of the form that Windows gives them: the path's hash, and that of the arguments. */
static char *make_key(const struct wsplsp_snapshot *snapshot, const char *path, const char *arguments)
{
    for (uint32_t try = 0;; try++) {
        unsigned long first = (hash(path) + try) & 0xffffffffu;
        char *key = arguments == NULL ? text_format("%08lX", first)
                                      : text_format("%08lX-%08lX", first, (unsigned long)hash(arguments));
        if (key == NULL || !is_taken(snapshot, key))
            return key;
        free(key);
    }
}

static enum catalog_edit_result add(struct wsplsp_snapshot *snapshot, const char *path, const char *arguments,
                                    uint32_t categories)
{
    char *key = make_key(snapshot, path, arguments);
    struct wsplsp_application *application = key == NULL ? NULL : wsplsp_snapshot_add_application(snapshot);
    if (application == NULL) {
        free(key);
        return CATALOG_EDIT_NO_MEMORY;
    }
    application->key = key;
    application->path = text_duplicate(path);
    application->arguments = arguments == NULL ? NULL : text_duplicate(arguments);
    application->categories = categories;
    snapshot->applications_absent = NULL;
    bool copied = application->path != NULL && (arguments == NULL || application->arguments != NULL);
    return copied ? CATALOG_EDIT_DONE : CATALOG_EDIT_NO_MEMORY;
}

enum catalog_edit_result catalog_edit_permit(struct wsplsp_snapshot *snapshot, const char *path, const char *arguments,
                                             uint32_t categories,
                                             bool (*paths_equal)(const char *stored, const char *path),
                                             uint32_t *before)
{
    if (path[0] == '\0')
        return CATALOG_EDIT_BAD_PATH;
    struct wsplsp_application *application =
        (struct wsplsp_application *)catalog_edit_find_application(snapshot, path, arguments, paths_equal);
    *before = application == NULL ? 0 : application->categories;
    if (application == NULL)
        return add(snapshot, path, arguments, categories);
    application->categories |= categories; /* "then the categories are ORed together" */
    return CATALOG_EDIT_DONE;
}
