/* What stored paths stand for; see path.h. Microsoft's reference: "Recognized environment variables", "WOW64
 * Implementation Details". */
#include "path.h"

#include <stdio.h>
#include <string.h>

#include "lsp-core/base/text.h"

static bool is_separator(char c)
{
    return c == '\\' || c == '/';
}

static bool has_drive(const char *path)
{
    return ((path[0] >= 'A' && path[0] <= 'Z') || (path[0] >= 'a' && path[0] <= 'z')) && path[1] == ':';
}

static const char *variable(const char *name, size_t length, int bits, int system_bits)
{
    bool narrow = bits == 32 && system_bits == 64;
    const struct {
        const char *name;
        const char *value;
    } known[] = {
        {"SystemRoot", "C:\\Windows"},
        {"windir", "C:\\Windows"},
        {"SystemDrive", "C:"},
        {"ProgramFiles", narrow ? "C:\\Program Files (x86)" : "C:\\Program Files"},
        {"ProgramFiles(x86)", "C:\\Program Files (x86)"},
        {"ProgramW6432", "C:\\Program Files"},
        {"CommonProgramFiles", narrow ? "C:\\Program Files (x86)\\Common Files" : "C:\\Program Files\\Common Files"},
        {"CommonProgramFiles(x86)", "C:\\Program Files (x86)\\Common Files"},
        {"CommonProgramW6432", "C:\\Program Files\\Common Files"},
        {"ProgramData", "C:\\ProgramData"},
        {"ALLUSERSPROFILE", "C:\\ProgramData"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strlen(known[i].name) == length && text_compare_nocase_n(name, known[i].name, length) == 0)
            return known[i].value;
    }
    return NULL;
}

static const char too_long[] = "its path is too long";

static const char *expand_variables(const char *stored, int bits, int system_bits, char expanded[FILES_PATH_MAX])
{
    size_t used = 0;
    while (*stored != '\0') {
        const char *end = *stored == '%' ? strchr(stored + 1, '%') : NULL;
        const char *part = stored;
        size_t length = 1;
        if (end != NULL) {
            part = variable(stored + 1, (size_t)(end - stored - 1), bits, system_bits);
            if (part == NULL)
                return "its path has an environment variable whose value on that system is not known";
            length = strlen(part);
            stored = end;
        }
        if (used + length >= FILES_PATH_MAX)
            return too_long;
        memcpy(expanded + used, part, length);
        used += length;
        stored++;
    }
    expanded[used] = '\0';
    return NULL;
}

/* LoadLibrary's reference page: ".dll" is appended to a file name without an extension; a dot at its end says that it
 * has none. */
static bool complete_name(char path[FILES_PATH_MAX])
{
    size_t length = strlen(path);
    size_t name = length;
    while (name > 0 && !is_separator(path[name - 1]))
        name--;
    if (name == length)
        return true;
    if (path[length - 1] == '.') {
        path[length - 1] = '\0';
    } else if (strchr(path + name, '.') == NULL) {
        if (length + sizeof ".dll" > FILES_PATH_MAX)
            return false;
        memcpy(path + length, ".dll", sizeof ".dll");
    }
    return true;
}

const char *files_path_expand(const char *stored, int bits, int system_bits, char expanded[FILES_PATH_MAX])
{
    char whole[FILES_PATH_MAX];
    const char *why = expand_variables(stored, bits, system_bits, whole);
    if (why != NULL)
        return why;
    const char *path = whole;
    if (strncmp(path, "\\\\?\\", 4) == 0 || strncmp(path, "\\??\\", 4) == 0)
        path += 4;
    const char *prefix = "";
    if (path[0] != '\0' && strpbrk(path, "\\/:") == NULL)
        prefix = "C:\\Windows\\System32\\";
    else if (text_compare_nocase_n(path, "\\SystemRoot\\", 12) == 0)
        prefix = "C:\\Windows", path += 11;
    else if (!(is_separator(path[0]) && is_separator(path[1])) && !(has_drive(path) && is_separator(path[2])))
        return "its path is relative to a folder that differs from process to process";
    int length = snprintf(expanded, FILES_PATH_MAX, "%s%s", prefix, path);
    return length < 0 || length >= FILES_PATH_MAX || !complete_name(expanded) ? too_long : NULL;
}

bool files_path_is_relative(const char *stored)
{
    if (stored[0] == '%' && strchr(stored + 1, '%') != NULL)
        return false;
    if (is_separator(stored[0]))
        return !is_separator(stored[1]) && strncmp(stored, "\\??\\", 4) != 0 &&
               text_compare_nocase_n(stored, "\\SystemRoot\\", 12) != 0;
    return !(has_drive(stored) && is_separator(stored[2]));
}

bool files_path_equal(const char *a, const char *b)
{
    char expanded[2][FILES_PATH_MAX];
    if (text_compare_nocase(a, b) == 0)
        return true;
    return files_path_expand(a, 64, 64, expanded[0]) == NULL && files_path_expand(b, 64, 64, expanded[1]) == NULL &&
           text_compare_nocase(expanded[0], expanded[1]) == 0;
}

/* What follows `folder` and a separator at the start of `path`, or NULL. */
static const char *below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return text_compare_nocase_n(path, folder, length) == 0 && is_separator(path[length]) ? path + length + 1 : NULL;
}

bool files_path_is_system_dll(const char *stored, const char *name)
{
    char expanded[FILES_PATH_MAX];
    if (files_path_expand(stored, 64, 64, expanded) != NULL || !has_drive(expanded))
        return false;
    static const char *const folders[] = {"\\Windows\\System32", "\\WINNT\\System32"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        const char *rest = below(expanded + 2, folders[i]);
        if (rest != NULL && text_compare_nocase(rest, name) == 0)
            return true;
    }
    return false;
}
