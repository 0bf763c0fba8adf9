/* The running system's DLLs as the doctor sees them: on Wine, whose own DLLs carry no signature, and files made here.
 */
#include "lsp-core/dlls/dlls.h"

#include <stdlib.h>
#include <windows.h>

#include "lsp-core/catalog/names_win.h"
#include "lsp-core/base/sysdll_win.h"
#include "tap.h"

static struct check_files *files;
static int system_bits; /* this Windows is a 64-bit or a 32-bit one, and so are the DLLs in its system folder */
static char folder[MAX_PATH], path[MAX_PATH + 32];

/* Only running out of memory gives no facts. */
static const struct files_facts *look(const char *stored, int bits)
{
    const struct files_facts *facts = files_look(files, stored, bits);
    if (facts == NULL)
        abort();
    return facts;
}

static const char *make(const char *name, const void *bytes, DWORD size)
{
    DWORD written;
    snprintf(path, sizeof path, "%s\\%s", folder, name);
    HANDLE file = CreateFileA(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    EXPECT(file != INVALID_HANDLE_VALUE && WriteFile(file, bytes, size, &written, NULL));
    CloseHandle(file);
    return path;
}

static enum files_image system_image(void)
{
    return system_bits == 64 ? FILES_IMAGE_64 : FILES_IMAGE_32;
}

static void a_system_dll(void)
{
    const struct files_facts *facts = look("%SystemRoot%\\System32\\mswsock.dll", system_bits);
    EXPECT(facts->presence == FILES_PRESENT && facts->image == system_image());
    EXPECT(facts->resolved != NULL && strstr(facts->resolved, "mswsock.dll") != NULL);
    EXPECT(facts->signature == (sysdll_is_wine() ? FILES_SIGNATURE_UNKNOWN : FILES_SIGNATURE_VALID));
    if (sysdll_is_wine())
        EXPECT_TEXT(facts->signature_unknown, "Wine's own DLLs carry no signature");
}

static void a_bare_name(void)
{
    const struct files_facts *facts = look("ws2_32.dll", system_bits);
    EXPECT(facts->presence == FILES_PRESENT && facts->image == system_image());
}

static void a_file_that_is_missing(void)
{
    const struct files_facts *facts = look("%SystemRoot%\\System32\\wsplsp-no-such.dll", system_bits);
    EXPECT(facts->presence == FILES_MISSING);
    facts = look("C:\\wsplsp-no-such\\a.dll", system_bits);
    EXPECT(facts->presence == FILES_MISSING);
}

static void a_folder_is_no_dll(void)
{
    const struct files_facts *facts = look("%SystemRoot%\\System32", system_bits);
    EXPECT(facts->presence == FILES_MISSING);
}

static void a_path_on_the_network(void)
{
    const struct files_facts *facts = look("\\\\server\\share\\a.dll", system_bits);
    EXPECT(facts->presence == FILES_PRESENCE_UNKNOWN && facts->resolved == NULL);
    EXPECT_TEXT(facts->presence_unknown, "its path leads to the network or a device, which is not looked at");
}

static void a_file_without_signature(void)
{
    char self[MAX_PATH];
    EXPECT(GetModuleFileNameA(NULL, self, MAX_PATH) > 0);
    const struct files_facts *facts = look(self, system_bits);
    EXPECT(facts->presence == FILES_PRESENT);
    EXPECT(facts->image == (sizeof(void *) == 8 ? FILES_IMAGE_64 : FILES_IMAGE_32));
    EXPECT(facts->signature == FILES_UNSIGNED && facts->signature_unknown == NULL);
    EXPECT(!facts->exports_wsp_startup);
}

static void a_file_that_is_no_image(void)
{
    const struct files_facts *facts = look(make("text.dll", "no image", 8), system_bits);
    EXPECT(facts->presence == FILES_PRESENT && facts->image == FILES_IMAGE_NONE);
    facts = look(make("empty.dll", "", 0), system_bits);
    EXPECT(facts->presence == FILES_PRESENT && facts->image == FILES_IMAGE_NONE);
}

static void a_file_too_large_to_read(void)
{
    make("large.dll", "MZ", 2);
    HANDLE file = CreateFileA(path, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    LARGE_INTEGER end = {.QuadPart = ((LONGLONG)64 << 20) + 1};
    EXPECT(SetFilePointerEx(file, end, NULL, FILE_BEGIN) && SetEndOfFile(file));
    CloseHandle(file);
    const struct files_facts *facts = look(path, system_bits);
    EXPECT(facts->image == FILES_IMAGE_UNKNOWN);
    EXPECT_TEXT(facts->image_unknown, "the file is larger than 64 MiB");
}

/* shell32's name for the computer, read here as a resource: 9216 on Windows, 21 on Wine. */
static unsigned computer_name(char *name, int size)
{
    HMODULE shell = LoadLibraryExA("shell32.dll", NULL, LOAD_LIBRARY_AS_DATAFILE);
    unsigned id = LoadStringA(shell, 9216, name, size) > 0 ? 9216 : 21;
    EXPECT(LoadStringA(shell, id, name, size) > 0);
    FreeLibrary(shell);
    return id;
}

static bool resolves(const char *file, unsigned id, const char *wanted)
{
    char reference[64];
    snprintf(reference, sizeof reference, "@%s,-%u", file, id);
    char *text = names_win_resolve(reference);
    bool good = wanted == NULL ? text == NULL : text != NULL && strcmp(text, wanted) == 0;
    free(text);
    return good;
}

static void names_that_the_system_resolves(void)
{
    char name[256];
    unsigned id = computer_name(name, sizeof name);
    EXPECT(resolves("shell32.dll", id, name));
    EXPECT(resolves("%SystemRoot%\\System32\\shell32.dll", id, name));
    EXPECT(resolves("wsplsp-no-such.dll", id, NULL));
    EXPECT(names_win_resolve("@{package?ms-resource:x}") == NULL);
    EXPECT(names_win_resolve("plain") == NULL);
}

/* The file is there, but the way to it leads over a device or network path, or over the current folder. */
static void names_behind_other_paths_are_left_alone(void)
{
    char name[256], windows[MAX_PATH], before[MAX_PATH];
    unsigned id = computer_name(name, sizeof name);
    EXPECT(resolves("\\\\?\\C:\\windows\\system32\\shell32.dll", id, NULL));
    GetCurrentDirectoryA(MAX_PATH, before);
    GetWindowsDirectoryA(windows, MAX_PATH);
    EXPECT(SetCurrentDirectoryA(windows));
    EXPECT(resolves("system32\\shell32.dll", id, NULL));
    SetCurrentDirectoryA(before);
}

static void remove_folder(void)
{
    static const char *const names[] = {"text.dll", "empty.dll", "large.dll"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s\\%s", folder, names[i]);
        DeleteFileA(path);
    }
    RemoveDirectoryA(folder);
}

int main(void)
{
    struct wsplsp_error error;
    char temp[MAX_PATH];
    if (GetTempPathA(MAX_PATH, temp) == 0 || strlen(temp) > MAX_PATH - 40)
        return 1;
    snprintf(folder, sizeof folder, "%.200swsplsp-test-%lu", temp, (unsigned long)GetCurrentProcessId());
    if (!CreateDirectoryA(folder, NULL) || files_live_open(&files, &error) != WSPLSP_OK)
        return 1;
    system_bits = sizeof(void *) == 8 || sysdll_is_wow64() ? 64 : 32;
    RUN(a_system_dll);
    RUN(a_bare_name);
    RUN(a_file_that_is_missing);
    RUN(a_folder_is_no_dll);
    RUN(a_path_on_the_network);
    RUN(a_file_without_signature);
    RUN(a_file_that_is_no_image);
    RUN(a_file_too_large_to_read);
    RUN(names_that_the_system_resolves);
    RUN(names_behind_other_paths_are_left_alone);
    files_close(files);
    remove_folder();
    return tap_end();
}
