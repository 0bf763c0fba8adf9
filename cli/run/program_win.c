/* `wsplsp run` on Windows; see program.h. */
#include "program.h"

#include <winsock2.h>

#include <stdlib.h>
#include <string.h>

#include "lsp-core/base/command_line.h"
#include "lsp-core/host/launch/config.h"
#include "lsp-core/win/errors_win.h"
#include "lsp-core/host/launch/launch.h"
#include "cli/base/own_layer.h"
#include "lsp-core/catalog/layout.h"
#include "cli/base/memory.h"
#include "lsp-core/registry/regfile.h"
#include "lsp-core/host/launch/report.h"
#include "lsp-core/base/text.h"

_Static_assert(RUN_POSTING == CONFIG_POSTING, "the host takes as many layers with skip=post");

#define WINSOCK2_KEY "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\WinSock2"

static wchar_t *to_wide(const char *text)
{
    int size = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    wchar_t *wide = memory_alloc((size_t)size * sizeof *wide);
    MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, size);
    return wide;
}

/* A new text of two parts. */
static wchar_t *join(const wchar_t *first, const wchar_t *second)
{
    wchar_t *joined = memory_alloc((wcslen(first) + wcslen(second) + 1) * sizeof *joined);
    wcscpy(joined, first);
    wcscat(joined, second);
    return joined;
}

static wchar_t *full_path(const wchar_t *path)
{
    DWORD size = GetFullPathNameW(path, 0, NULL, NULL);
    wchar_t *full = memory_alloc(((size_t)size + 1) * sizeof *full);
    GetFullPathNameW(path, size + 1, full, NULL);
    return full;
}

static bool is_file(const wchar_t *path)
{
    DWORD attributes = GetFileAttributesW(path);
    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0;
}

/* Where a command prompt looks for a program: the current folder, unless the user has forbidden that
 * (NeedCurrentDirectoryForExePath), then PATH. Never beside wsplsp.exe, where CreateProcess would look first. */
static wchar_t *search_folders(const wchar_t *name)
{
    DWORD size = GetEnvironmentVariableW(L"PATH", NULL, 0);
    wchar_t *path = memory_alloc(((size_t)size + 1) * sizeof *path);
    GetEnvironmentVariableW(L"PATH", path, size);
    wchar_t *folders = join(NeedCurrentDirectoryForExePathW(name) ? L".;" : L"", path);
    free(path);
    return folders;
}

static wchar_t *find_in(const wchar_t *folders, const wchar_t *name)
{
    DWORD size = SearchPathW(folders, name, NULL, 0, NULL, NULL);
    wchar_t *found = memory_alloc(((size_t)size + 1) * sizeof *found);
    if (size != 0 && SearchPathW(folders, name, NULL, size + 1, found, NULL) != 0 && is_file(found)) {
        wchar_t *full = full_path(found);
        free(found);
        return full;
    }
    free(found);
    return NULL;
}

/* The program that a name, with or without folder and extension, means; new. Where there is none, the name made a full
 * path, for CreateProcess to say what is wrong with it. */
static wchar_t *find_program(const wchar_t *name)
{
    static const wchar_t *const extensions[] = {L"", L".exe", L".com", L".bat", L".cmd"};
    bool has_folder = wcspbrk(name, L"\\/:") != NULL;
    wchar_t *folders = has_folder ? NULL : search_folders(name);
    wchar_t *found = NULL;
    for (size_t i = 0; found == NULL && i < sizeof extensions / sizeof extensions[0]; i++) {
        wchar_t *candidate = join(name, extensions[i]);
        if (!has_folder)
            found = find_in(folders, candidate);
        else if (is_file(candidate))
            found = full_path(candidate);
        free(candidate);
    }
    free(folders);
    return found != NULL ? found : full_path(name);
}

/* The folder of this program; of it, with `sibling`, the other bitness' build: "..\x86" beside "x64". */
static wchar_t *own_folder(void)
{
    wchar_t *path = memory_alloc(32768 * sizeof *path); /* the longest path there is */
    GetModuleFileNameW(NULL, path, 32767);
    wchar_t *end = wcsrchr(path, L'\\');
    if (end != NULL)
        *end = L'\0';
    return path;
}

static wchar_t *other_folder(const wchar_t *own)
{
    wchar_t *beside = join(own, sizeof(void *) == 8 ? L"\\..\\x86" : L"\\..\\x64");
    wchar_t *helper = join(beside, L"\\wsplsp-inject.exe");
    wchar_t *folder = is_file(helper) ? full_path(beside) : NULL;
    free(beside);
    free(helper);
    return folder;
}

static enum wsplsp_status make_config(const struct run_request *request, struct wsplsp_error *error)
{
    const int own_index = sizeof(void *) == 8 ? 0 : 1;
    wchar_t *file = request->catalog_file == NULL ? NULL : to_wide(request->catalog_file);
    wchar_t *full = file == NULL ? NULL : full_path(file);
    wchar_t *own = own_folder();
    wchar_t *other = other_folder(own);
    wchar_t *trace = request->trace_file == NULL ? NULL : to_wide(request->trace_file);
    wchar_t *filters[2];
    for (int i = 0; i < 2; i++)
        filters[i] = request->filter_file[i] == NULL ? NULL : to_wide(request->filter_file[i]);
    struct config_settings settings = {
        .flags = (request->verbose ? CONFIG_VERBOSE : 0) | (request->strict ? CONFIG_STRICT : 0),
        .catalog_file = full,
        .trace_file = trace,
        .posting = request->posting.ids,
        .trace_data_bytes = request->trace_data_bytes,
        .code_page = request->code_page,
        .filter_file = {filters[0], filters[1]},
    };
    settings.folder[own_index] = own;
    settings.folder[!own_index] = other;
    enum wsplsp_status status = config_create(&settings, error);
    free(file);
    free(full);
    free(trace);
    free(filters[0]);
    free(filters[1]);
    free(own);
    free(other);
    return status;
}

/* Puts the catalog where the hosted processes find it. */
static enum wsplsp_status share_catalog(const struct wsplsp_snapshot *catalog, struct wsplsp_error *error)
{
    struct reg_key *key;
    void *text = NULL;
    size_t size;
    if (layout_write(catalog, &key, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = regfile_write(key, WINSOCK2_KEY, catalog->code_page, NULL, &text, &size, error);
    if (status == WSPLSP_OK)
        status = config_catalog_write(text, size, error);
    free(text);
    reg_key_free(key);
    return status;
}

enum wsplsp_status run_program(const struct run_request *request, struct run_result *result, struct wsplsp_error *error)
{
    if (make_config(request, error) != WSPLSP_OK ||
        (request->catalog != NULL && share_catalog(request->catalog, error) != WSPLSP_OK) ||
        report_start(error) != WSPLSP_OK)
        return error->status;
    /* The program gets its command line as the user wrote it: what was cut into words and put together again would not
     * be the same for programs that have rules of their own. */
    const wchar_t *line = GetCommandLineW();
    const wchar_t *rest = command_line_from(line, command_line_words(line) - request->word_count);
    wchar_t *command_line = join(rest, L"");
    wchar_t *name = to_wide(request->words[0]);
    wchar_t *program = find_program(name);
    DWORD code = 0;
    enum wsplsp_status status = launch_run(program, command_line, &code, error);
    report_finish(&result->unhosted);
    result->exit_code = code;
    if (status != WSPLSP_OK)
        report_list_free(&result->unhosted);
    free(program);
    free(name);
    free(command_line);
    return status;
}

enum wsplsp_status run_full_path(const char *path, char **full, struct wsplsp_error *error)
{
    wchar_t *wide = to_wide(path);
    wchar_t *wide_full = full_path(wide);
    free(wide);
    *full = text_from_utf16(wide_full, wcslen(wide_full));
    free(wide_full);
    return *full != NULL ? WSPLSP_OK : wsplsp_fail_memory(error);
}

char *run_own_layer(int bits)
{
    char *path;
    struct wsplsp_error ignored;
    if (bundled_layer(bits, &path, &ignored) != WSPLSP_OK)
        return NULL;
    wchar_t *wide = to_wide(path);
    if (wide == NULL || !is_file(wide)) {
        free(path);
        path = NULL;
    }
    free(wide);
    return path;
}

enum wsplsp_status run_possible(struct wsplsp_error *error)
{
    (void)error;
    return WSPLSP_OK;
}
