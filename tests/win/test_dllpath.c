/* Where DLL paths lead: invented systems, so that a 64-bit test sees what a 32-bit process on 64-bit Windows opens. */
#include "lsp-core/dlls/dllpath_win.h"

#include <wchar.h>

#include "tap.h"

static const struct dllpath_system wide = {
    .wide = true,
    .windows = L"C:\\Windows",
    .program_files = {L"C:\\Program Files", L"C:\\Program Files (x86)"},
    .common_files = {L"C:\\Program Files\\Common Files", L"C:\\Program Files (x86)\\Common Files"},
};

static const struct dllpath_system narrow = {
    .windows = L"C:\\WINNT",
    .program_files = {L"", L"C:\\Program Files"},
    .common_files = {L"", L"C:\\Program Files\\Common Files"},
};

/* Whether the path leads there; `open` NULL: by the same name. */
static bool leads(const struct dllpath_system *system, const char *stored, int bits, const wchar_t *shown,
                  const wchar_t *open)
{
    static struct dllpath path;
    const char *why = dllpath_resolve(system, stored, bits, &path);
    bool good = why == NULL && wcscmp(path.shown, shown) == 0 && wcscmp(path.open, open == NULL ? shown : open) == 0;
    if (!good)
        printf("# %s (%d): '%ls' by '%ls', %s\n", stored, bits, path.shown, path.open, why == NULL ? "" : why);
    return good;
}

static const char *refusal(const char *stored)
{
    static struct dllpath path;
    const char *why = dllpath_resolve(&wide, stored, 64, &path);
    EXPECT(why == NULL || path.shown[0] == L'\0');
    return why;
}

static void variables_of_each_kind_of_process(void)
{
    EXPECT(leads(&wide, "%SystemRoot%\\system32\\mswsock.dll", 64, L"C:\\Windows\\system32\\mswsock.dll", NULL));
    EXPECT(leads(&wide, "%windir%\\a.dll", 64, L"C:\\Windows\\a.dll", NULL));
    EXPECT(leads(&wide, "%SYSTEMDRIVE%\\a.dll", 32, L"C:\\a.dll", NULL));
    EXPECT(leads(&wide, "%ProgramFiles%\\X\\a.dll", 64, L"C:\\Program Files\\X\\a.dll", NULL));
    EXPECT(leads(&wide, "%ProgramFiles%\\X\\a.dll", 32, L"C:\\Program Files (x86)\\X\\a.dll", NULL));
    EXPECT(leads(&wide, "%ProgramFiles(x86)%\\a.dll", 64, L"C:\\Program Files (x86)\\a.dll", NULL));
    EXPECT(leads(&wide, "%ProgramW6432%\\a.dll", 32, L"C:\\Program Files\\a.dll", NULL));
    EXPECT(leads(&wide, "%CommonProgramFiles%\\a.dll", 32, L"C:\\Program Files (x86)\\Common Files\\a.dll", NULL));
    EXPECT(leads(&narrow, "%ProgramFiles%\\a.dll", 32, L"C:\\Program Files\\a.dll", NULL));
}

static void the_system_folder_of_each_kind_of_process(void)
{
    EXPECT(leads(&wide, "%SystemRoot%\\System32\\a.dll", 32, L"C:\\Windows\\SysWOW64\\a.dll", NULL));
    EXPECT(leads(&wide, "c:\\windows\\SYSTEM32\\sub\\a.dll", 32, L"C:\\Windows\\SysWOW64\\sub\\a.dll", NULL));
    EXPECT(leads(&wide, "C:\\Windows\\Sysnative\\a.dll", 32, L"C:\\Windows\\System32\\a.dll", NULL));
    EXPECT(leads(&wide, "C:\\Windows\\System32\\spool\\a.dll", 32, L"C:\\Windows\\System32\\spool\\a.dll", NULL));
    EXPECT(leads(&wide, "C:\\Windows\\System32x\\a.dll", 32, L"C:\\Windows\\System32x\\a.dll", NULL));
    EXPECT(leads(&wide, "C:\\Windows\\SysWOW64\\a.dll", 64, L"C:\\Windows\\SysWOW64\\a.dll", NULL));
    EXPECT(leads(&narrow, "%SystemRoot%\\System32\\a.dll", 32, L"C:\\WINNT\\System32\\a.dll", NULL));
}

static void a_32_bit_process_opens_the_real_system_folder(void)
{
    struct dllpath_system wow64 = wide;
    wow64.wow64 = true;
    EXPECT(leads(&wow64, "%SystemRoot%\\System32\\a.dll", 64, L"C:\\Windows\\System32\\a.dll",
                 L"C:\\Windows\\Sysnative\\a.dll"));
    EXPECT(leads(&wow64, "%SystemRoot%\\System32\\a.dll", 32, L"C:\\Windows\\SysWOW64\\a.dll", NULL));
    EXPECT(leads(&wow64, "C:\\X\\a.dll", 64, L"C:\\X\\a.dll", NULL));
}

static void bare_names_are_the_system_folders(void)
{
    EXPECT(leads(&wide, "rasadhlp.dll", 64, L"C:\\Windows\\System32\\rasadhlp.dll", NULL));
    EXPECT(leads(&wide, "rasadhlp.dll", 32, L"C:\\Windows\\SysWOW64\\rasadhlp.dll", NULL));
}

/* LoadLibrary's "default library extension". */
static void names_without_extension_get_one(void)
{
    EXPECT(leads(&wide, "C:\\X.Y\\a", 64, L"C:\\X.Y\\a.dll", NULL));
    EXPECT(leads(&wide, "rasadhlp", 64, L"C:\\Windows\\System32\\rasadhlp.dll", NULL));
    EXPECT(leads(&wide, "C:\\X\\a.", 64, L"C:\\X\\a", NULL));
    EXPECT(leads(&wide, "C:\\X\\a.b", 64, L"C:\\X\\a.b", NULL));
}

static void odd_spellings_are_straightened(void)
{
    EXPECT(leads(&wide, "C:/X/./Y/../a.dll", 64, L"C:\\X\\a.dll", NULL));
    EXPECT(leads(&wide, "C:\\Windows\\Temp\\..\\System32\\a.dll", 32, L"C:\\Windows\\SysWOW64\\a.dll", NULL));
    EXPECT(leads(&wide, "\\\\?\\C:\\X\\a.dll", 64, L"C:\\X\\a.dll", NULL));
    EXPECT(leads(&wide, "C:\\100%\\a.dll", 64, L"C:\\100%\\a.dll", NULL));
}

static void other_paths_are_refused(void)
{
    char lengthy[6000];
    memset(lengthy, 'x', sizeof lengthy - 1);
    memcpy(lengthy, "C:\\", 3);
    lengthy[sizeof lengthy - 1] = '\0';
    EXPECT_TEXT(refusal("\\\\server\\share\\a.dll"),
                "its path leads to the network or a device, which is not looked at");
    EXPECT_TEXT(refusal("//server/share/a.dll"), "its path leads to the network or a device, which is not looked at");
    EXPECT_TEXT(refusal("\\\\?\\UNC\\server\\a.dll"),
                "its path is relative to a folder that differs from process to process");
    EXPECT_TEXT(refusal("\\\\.\\pipe\\a"), "its path leads to the network or a device, which is not looked at");
    EXPECT_TEXT(refusal("sub\\a.dll"), "its path is relative to a folder that differs from process to process");
    EXPECT_TEXT(refusal("C:a.dll"), "its path is relative to a folder that differs from process to process");
    EXPECT_TEXT(refusal("%wsplsp-no-such%\\a.dll"), "its path has an environment variable that is not set here");
    EXPECT_TEXT(refusal("C:\\a.dll:stream"), "its path is malformed");
    EXPECT_TEXT(refusal(lengthy), "its path is too long");
}

static void this_systems_folders(void)
{
    struct dllpath_system system;
    dllpath_system_read(&system);
    EXPECT(GetFileAttributesW(system.windows) != INVALID_FILE_ATTRIBUTES);
    EXPECT(system.program_files[1][0] != L'\0');
    EXPECT(!system.wide || system.program_files[0][0] != L'\0');
}

int main(void)
{
    RUN(variables_of_each_kind_of_process);
    RUN(the_system_folder_of_each_kind_of_process);
    RUN(a_32_bit_process_opens_the_real_system_folder);
    RUN(bare_names_are_the_system_folders);
    RUN(names_without_extension_get_one);
    RUN(odd_spellings_are_straightened);
    RUN(other_paths_are_refused);
    RUN(this_systems_folders);
    return tap_end();
}
