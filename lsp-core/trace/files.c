/* The files of one run; see files.h. */
#include "files.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/text.h"
#include "wsplsp/trace.h"

#define DIGITS "0123456789"

struct search {
    const char *path;
    const char *name; /* the path's last part */
    char **paths;
    size_t count;
};

static const char *last_part(const char *path)
{
    const char *name = path;
    for (const char *at = path; *at != '\0'; at++) {
        if (*at == '/' || *at == '\\')
            name = at + 1;
    }
    return name;
}

/* "FILE.1234", "FILE.1234-2" */
static bool is_companion(const char *name, const char *of)
{
    size_t length = strlen(of);
    if (strncmp(name, of, length) != 0 || name[length] != '.')
        return false;
    const char *number = name + length + 1;
    size_t digits = strspn(number, DIGITS);
    if (digits == 0 || digits > 10)
        return false;
    const char *rest = number + digits;
    return *rest == '\0' || (*rest == '-' && rest[1] != '\0' && rest[1 + strspn(rest + 1, DIGITS)] == '\0');
}

static bool add_companion(void *context, const char *name)
{
    struct search *search = context;
    if (!is_companion(name, search->name))
        return true;
    char **grown = realloc(search->paths, (search->count + 1) * sizeof *grown);
    if (grown == NULL)
        return false;
    search->paths = grown;
    grown[search->count] = text_format("%s%s", search->path, name + strlen(search->name));
    return grown[search->count++] != NULL;
}

static int compare_paths(const void *left, const void *right)
{
    const char *a = *(char *const *)left, *b = *(char *const *)right;
    size_t length_a = strlen(a), length_b = strlen(b);
    if (length_a != length_b)
        return length_a < length_b ? -1 : 1; /* the numbers have no zeros in front */
    return strcmp(a, b);
}

void trace_files_free(char **paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(paths[i]);
    free(paths);
}

enum wsplsp_status trace_files_companions(const char *path, char ***paths, size_t *count, struct wsplsp_error *error)
{
    struct search search = {.path = path, .name = last_part(path)};
    if (!trace_folder_list(path, add_companion, &search)) {
        trace_files_free(search.paths, search.count);
        return wsplsp_fail_memory(error);
    }
    if (search.count > 0)
        qsort(search.paths, search.count, sizeof search.paths[0], compare_paths);
    *paths = search.paths;
    *count = search.count;
    return WSPLSP_OK;
}

bool trace_file_is_trace(const char *path)
{
    char magic[sizeof WSPLSP_TRACE_MAGIC - 1];
    size_t got;
    return trace_file_begin(path, magic, sizeof magic, &got) == 0 && got == sizeof magic &&
           memcmp(magic, WSPLSP_TRACE_MAGIC, sizeof magic) == 0;
}

static enum wsplsp_status remove_file(const char *path, struct wsplsp_error *error)
{
    int code = trace_file_delete(path);
    return code == 0 || code == ENOENT ? WSPLSP_OK : wsplsp_fail_errno(error, code, "delete the old trace", path);
}

static enum wsplsp_status remove_own(const char *path, struct wsplsp_error *error)
{
    char begin;
    size_t got;
    int code = trace_file_begin(path, &begin, 1, &got);
    if (code == ENOENT)
        return WSPLSP_OK;
    if (code != 0)
        return wsplsp_fail_errno(error, code, "read", path);
    if (!trace_file_is_trace(path)) {
        wsplsp_fail(error, WSPLSP_REFUSED, EEXIST, "EEXIST", "'%.400s' is there already, and is no trace", path);
        return wsplsp_hint(error, "give a new name, or delete the file first");
    }
    return remove_file(path, error);
}

enum wsplsp_status trace_files_remove(const char *path, struct wsplsp_error *error)
{
    char **companions;
    size_t count;
    if (remove_own(path, error) != WSPLSP_OK || trace_files_companions(path, &companions, &count, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = WSPLSP_OK;
    for (size_t i = 0; i < count && status == WSPLSP_OK; i++) {
        if (trace_file_is_trace(companions[i]))
            status = remove_file(companions[i], error);
    }
    trace_files_free(companions, count);
    return status;
}
