/* Looking DLLs up on a mounted Windows volume: paths as each kind of process sees them, any case, and nothing that
 * leads out of the volume. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lsp-core/dlls/dlls.h"
#include "lsp-core/dlls/path.h"

static char volume[64];

static void whole_path(char path[256], const char *name)
{
    snprintf(path, 256, "%s/%s", volume, name);
}

static void make_folder(const char *name)
{
    char path[256];
    whole_path(path, name);
    assert_int_equal(mkdir(path, 0755), 0);
}

static void make_file(const char *name)
{
    char path[256];
    whole_path(path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("no image", file);
    assert_int_equal(fclose(file), 0);
}

static const char *const folders[] = {"WINDOWS",
                                      "WINDOWS/system32",
                                      "Program Files",
                                      "Program Files/Contoso",
                                      "Program Files (x86)",
                                      "Program Files (x86)/Common Files",
                                      "outside.dll"};
static const char *const files[] = {"WINDOWS/system32/MsWSock.DLL", "Program Files/Contoso/layer.dll",
                                    "Program Files (x86)/Common Files/both.dll", "root.dll"};
static const char *const others[] = {"WINDOWS/SysWOW64/narrow.dll", "WINDOWS/system32/link.dll", "linked",
                                     "WINDOWS/system32/pipe.dll", "WINDOWS/system32/huge.dll"};

static int set_up(void **state)
{
    (void)state;
    strcpy(volume, "/tmp/wsplsp-volume-XXXXXX");
    if (mkdtemp(volume) == NULL)
        return -1;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        make_folder(folders[i]);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        make_file(files[i]);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char path[256];
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        whole_path(path, others[i]);
        unlink(path);
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        whole_path(path, files[i]);
        unlink(path);
    }
    whole_path(path, "WINDOWS/SysWOW64");
    rmdir(path);
    for (size_t i = sizeof folders / sizeof folders[0]; i > 0; i--) {
        whole_path(path, folders[i - 1]);
        rmdir(path);
    }
    return rmdir(volume);
}

static struct check_files *open_volume(void)
{
    struct check_files *opened;
    struct wsplsp_error error;
    assert_int_equal(files_root_open(volume, &opened, &error), WSPLSP_OK);
    return opened;
}

static void expect(struct check_files *opened, const char *path, int bits, enum files_presence presence,
                   const char *told)
{
    const struct files_facts *facts = files_look(opened, path, bits);
    assert_non_null(facts);
    if (facts->presence != presence)
        fail_msg("%s: presence %d, %s", path, facts->presence,
                 facts->presence_unknown != NULL ? facts->presence_unknown : "no reason");
    const char *found = presence == FILES_PRESENCE_UNKNOWN ? facts->presence_unknown : facts->resolved;
    assert_non_null(found);
    if (strstr(found, told) == NULL)
        fail_msg("%s: %s", path, found);
}

static void paths_of_every_form(void **state)
{
    (void)state;
    struct check_files *opened = open_volume();
    expect(opened, "%SystemRoot%\\System32\\mswsock.dll", 32, FILES_PRESENT, "C:\\Windows\\System32\\mswsock.dll");
    expect(opened, "%WINDIR%/system32/MSWSOCK.dll", 32, FILES_PRESENT, "C:\\Windows\\system32\\MSWSOCK.dll");
    expect(opened, "%WINDIR%\\system32\\mswsock", 32, FILES_PRESENT, "C:\\Windows\\system32\\mswsock.dll");
    expect(opened, "mswsock", 32, FILES_PRESENT, "C:\\Windows\\System32\\mswsock.dll");
    expect(opened, "mswsock.dll.", 32, FILES_PRESENT, "C:\\Windows\\System32\\mswsock.dll");
    expect(opened, "mswsock.", 32, FILES_MISSING, "C:\\Windows\\System32\\mswsock");
    expect(opened, "mswsock.dll", 32, FILES_PRESENT, "C:\\Windows\\System32\\mswsock.dll");
    expect(opened, "\\SystemRoot\\System32\\mswsock.dll", 32, FILES_PRESENT, "C:\\Windows\\System32\\mswsock.dll");
    expect(opened, "\\\\?\\C:\\root.dll", 32, FILES_PRESENT, "C:\\root.dll");
    expect(opened, "\\??\\C:\\root.dll", 32, FILES_PRESENT, "C:\\root.dll");
    expect(opened, "%SystemDrive%\\.\\\\root.dll", 32, FILES_PRESENT, "C:\\root.dll");
    expect(opened, "%ProgramFiles%\\Contoso\\LAYER.DLL", 32, FILES_PRESENT, "C:\\Program Files\\Contoso\\LAYER.DLL");
    expect(opened, "c:\\Program Files\\contoso\\gone.dll", 32, FILES_MISSING, "gone.dll");
    expect(opened, "C:\\gone\\layer.dll", 32, FILES_MISSING, "C:\\gone\\layer.dll");
    expect(opened, "C:\\root.dll\\layer.dll", 32, FILES_MISSING, "C:\\root.dll\\layer.dll");
    files_close(opened);
}

/* Microsoft's "File System Redirector" and "WOW64 Implementation Details". */
static void thirty_two_bit_programs_on_64_bit_windows(void **state)
{
    (void)state;
    make_folder("WINDOWS/SysWOW64");
    make_file("WINDOWS/SysWOW64/narrow.dll");
    struct check_files *opened = open_volume();
    expect(opened, "%SystemRoot%\\System32\\narrow.dll", 32, FILES_PRESENT, "C:\\Windows\\SysWOW64\\narrow.dll");
    expect(opened, "%SystemRoot%\\System32\\narrow.dll", 64, FILES_MISSING, "C:\\Windows\\System32\\narrow.dll");
    expect(opened, "%SystemRoot%\\system32\\mswsock.dll", 32, FILES_MISSING, "C:\\Windows\\SysWOW64\\mswsock.dll");
    expect(opened, "%SystemRoot%\\Sysnative\\mswsock.dll", 32, FILES_PRESENT, "C:\\Windows\\System32\\mswsock.dll");
    expect(opened, "%CommonProgramFiles%\\both.dll", 32, FILES_PRESENT, "(x86)\\Common Files\\both.dll");
    expect(opened, "%CommonProgramFiles%\\both.dll", 64, FILES_MISSING, "C:\\Program Files\\Common Files\\both.dll");
    expect(opened, "%CommonProgramFiles(x86)%\\both.dll", 64, FILES_PRESENT, "(x86)\\Common Files\\both.dll");
    expect(opened, "%ProgramW6432%\\Contoso\\layer.dll", 32, FILES_PRESENT, "C:\\Program Files\\Contoso");
    files_close(opened);
}

static void paths_that_can_not_be_told(void **state)
{
    (void)state;
    struct check_files *opened = open_volume();
    expect(opened, "%CONTOSO_HOME%\\layer.dll", 64, FILES_PRESENCE_UNKNOWN, "environment variable");
    expect(opened, "C:\\PROGRA~1\\Contoso\\layer.dll", 64, FILES_PRESENCE_UNKNOWN, "short name");
    expect(opened, "D:\\layer.dll", 64, FILES_PRESENCE_UNKNOWN, "another drive");
    expect(opened, "\\\\server\\share\\layer.dll", 64, FILES_PRESENCE_UNKNOWN, "network");
    expect(opened, "Contoso\\layer.dll", 64, FILES_PRESENCE_UNKNOWN, "relative");
    expect(opened, "", 64, FILES_PRESENCE_UNKNOWN, "relative");
    expect(opened, "C:\\Windows\\..\\root.dll", 64, FILES_PRESENCE_UNKNOWN, "climbs");
    expect(opened, "C:\\..\\..\\etc\\passwd", 64, FILES_PRESENCE_UNKNOWN, "climbs");
    expect(opened, "C:\\root.dll:hidden", 64, FILES_PRESENCE_UNKNOWN, "malformed");
    char path[FILES_PATH_MAX + 64] = "C:\\";
    memset(path + 3, 'x', sizeof path - 4);
    path[sizeof path - 1] = '\0';
    expect(opened, path, 64, FILES_PRESENCE_UNKNOWN, "too long");
    path[600] = '\0'; /* a component longer than any file system has */
    expect(opened, path, 64, FILES_MISSING, "C:\\xxx");
    files_close(opened);
}

static void links_are_not_followed(void **state)
{
    (void)state;
    char from[256];
    whole_path(from, "WINDOWS/system32/link.dll");
    assert_int_equal(symlink("MsWSock.DLL", from), 0);
    whole_path(from, "linked");
    assert_int_equal(symlink("/", from), 0);
    struct check_files *opened = open_volume();
    expect(opened, "C:\\Windows\\System32\\link.dll", 64, FILES_PRESENCE_UNKNOWN, "link");
    expect(opened, "C:\\linked\\etc\\passwd", 64, FILES_PRESENCE_UNKNOWN, "link");
    expect(opened, "C:\\LINKED\\etc\\passwd", 64, FILES_PRESENCE_UNKNOWN, "link");
    files_close(opened);
}

static void only_regular_files_are_read(void **state)
{
    (void)state;
    char path[256];
    whole_path(path, "WINDOWS/system32/pipe.dll");
    assert_int_equal(mkfifo(path, 0644), 0);
    whole_path(path, "WINDOWS/system32/huge.dll");
    int huge = open(path, O_WRONLY | O_CREAT, 0644);
    assert_true(huge >= 0);
    assert_int_equal(ftruncate(huge, (off_t)FILES_IMAGE_MAX + 1), 0);
    close(huge);
    struct check_files *opened = open_volume();
    expect(opened, "pipe.dll", 64, FILES_PRESENCE_UNKNOWN, "regular");
    expect(opened, "C:\\outside.dll", 64, FILES_PRESENCE_UNKNOWN, "regular");
    expect(opened, "huge.dll", 64, FILES_PRESENT, "huge.dll");
    assert_int_equal(files_look(opened, "huge.dll", 64)->image, FILES_IMAGE_UNKNOWN);
    assert_string_equal(files_look(opened, "huge.dll", 64)->image_unknown, "it is larger than 64 MiB");
    assert_int_equal(files_look(opened, "mswsock.dll", 64)->image, FILES_IMAGE_NONE);
    files_close(opened);
}

static void answers_are_kept(void **state)
{
    (void)state;
    struct check_files *opened = open_volume();
    const struct files_facts *facts = files_look(opened, "C:\\root.dll", 64);
    char path[256];
    whole_path(path, "root.dll");
    assert_int_equal(unlink(path), 0);
    assert_ptr_equal(files_look(opened, "C:\\root.dll", 64), facts);
    assert_int_equal(facts->presence, FILES_PRESENT);
    assert_int_equal(files_look(opened, "C:\\root.dll", 32)->presence, FILES_MISSING);
    files_close(opened);
    make_file("root.dll");
}

static void a_root_that_is_none(void **state)
{
    (void)state;
    struct check_files *opened;
    struct wsplsp_error error;
    char path[256];
    whole_path(path, "nowhere");
    assert_int_equal(files_root_open(path, &opened, &error), WSPLSP_NOT_FOUND);
    whole_path(path, "root.dll");
    assert_int_equal(files_root_open(path, &opened, &error), WSPLSP_SYSTEM);
    assert_string_equal(error.name, "ENOTDIR");
}

static void the_running_system_is_not_windows(void **state)
{
    (void)state;
    struct check_files *opened;
    struct wsplsp_error error;
    assert_int_equal(files_live_open(&opened, &error), WSPLSP_SYSTEM);
    assert_non_null(strstr(error.hint, "--root"));
}

static bool look_with_failures(void *context)
{
    (void)context;
    struct check_files *opened;
    struct wsplsp_error error;
    if (files_root_open(volume, &opened, &error) != WSPLSP_OK)
        return false;
    bool ok = files_look(opened, "MSWSOCK.dll", 32) != NULL;
    files_close(opened);
    return ok;
}

static void out_of_memory(void **state)
{
    (void)state;
    support_fail_allocations(look_with_failures, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(paths_of_every_form, set_up, tear_down),
        cmocka_unit_test_setup_teardown(thirty_two_bit_programs_on_64_bit_windows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(paths_that_can_not_be_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_are_not_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_regular_files_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answers_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_root_that_is_none, set_up, tear_down),
        cmocka_unit_test(the_running_system_is_not_windows),
        cmocka_unit_test_setup_teardown(out_of_memory, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("files_root", tests, NULL, NULL);
}
