/* What the processes of a run share: settings arrive whole, the catalog's text is replaced whole, no process's change
 * is lost to another's, and one that dies with the lock does not stop the others. */
#include "lsp-core/host/launch/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/host/launch/run_object.h"

enum { WRITERS = 4, ROUNDS = 200 };

static int failures;

static void check(bool right, const char *what)
{
    printf("%s %s\n", right ? "ok" : "not ok", what);
    failures += !right;
}

/* Adds one to the number that the catalog's text is. */
static bool add_one(void)
{
    struct wsplsp_error error;
    void *text;
    size_t size;
    LONG generation;
    char next[32];
    if (config_lock(true, &error) != WSPLSP_OK || config_catalog_read(&text, &size, &generation, &error) != WSPLSP_OK)
        return false;
    int length = snprintf(next, sizeof next, "%.*s", (int)size, (const char *)text);
    free(text);
    length = snprintf(next, sizeof next, "%d", length > 0 ? atoi(next) + 1 : 1);
    bool written = config_catalog_write(next, (size_t)length, &error) == WSPLSP_OK;
    config_unlock();
    return written;
}

/* With what it was given, a child can neither write to the section nor keep the others from it; a zero is good. */
static int only_looks(const struct host_start *start)
{
    HANDLE section = (HANDLE)(uintptr_t)start->section, mutex = (HANDLE)(uintptr_t)start->mutex;
    HANDLE pipe = (HANDLE)(uintptr_t)start->report;
    const char *view = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 4096);
    DWORD before, size;
    char byte;
    if (MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 4096) != NULL || GetLastError() != ERROR_ACCESS_DENIED)
        return 10;
    if (view == NULL || VirtualProtect((void *)view, 4096, PAGE_READWRITE, &before))
        return 11;
    if (WaitForSingleObject(mutex, 0) != WAIT_FAILED || GetLastError() != ERROR_ACCESS_DENIED)
        return 12;
    if (ReadFile(pipe, &byte, 1, &size, NULL) || GetLastError() != ERROR_ACCESS_DENIED)
        return 13;
    return config_get()->flags == (CONFIG_VERBOSE | CONFIG_FILE_CATALOG) ? 0 : 14;
}

/* Whom the objects' security does not let pass, as a sandboxed child's token would not: everything it has is a look. */
static void check_refused(void)
{
    struct wsplsp_error error;
    struct host_start start;
    SECURITY_DESCRIPTOR nobody;
    ACL empty;
    void *text;
    LONG generation, before = config_generation();
    size_t size;
    if (!InitializeAcl(&empty, sizeof empty, ACL_REVISION) ||
        !InitializeSecurityDescriptor(&nobody, SECURITY_DESCRIPTOR_REVISION) ||
        !SetSecurityDescriptorDacl(&nobody, TRUE, &empty, FALSE) ||
        config_share(GetCurrentProcess(), &start, &error) != WSPLSP_OK)
        exit(99);
    const uint32_t handles[] = {start.mutex, start.section};
    for (size_t i = 0; i < 2; i++) {
        HANDLE object = run_object_reopen((HANDLE)(uintptr_t)handles[i], WRITE_DAC);
        check(object != NULL && SetKernelObjectSecurity(object, DACL_SECURITY_INFORMATION, &nobody),
              "an object that lets nobody pass");
        CloseHandle(object);
    }
    /* This process attaches anew, as a child with these handles. */
    check(config_attach(&start, &error) == WSPLSP_OK, "a process that may only look attaches");
    check(config_lock(true, &error) == WSPLSP_DENIED, "it cannot take the lock for a change");
    check(config_catalog_write("planted", 7, &error) == WSPLSP_DENIED, "it cannot write");
    check(config_generation() == before, "and nothing has changed");
    check(config_lock(false, &error) == WSPLSP_OK &&
              config_catalog_read(&text, &size, &generation, &error) == WSPLSP_OK,
          "it can read");
    free(text);
    config_unlock();
}

/* Another process of the run: its handles come over standard input. */
static int be_child(const char *task)
{
    struct host_start start;
    struct wsplsp_error error;
    DWORD size;
    if (!ReadFile(GetStdHandle(STD_INPUT_HANDLE), &start, sizeof start, &size, NULL) || size != sizeof start ||
        config_attach(&start, &error) != WSPLSP_OK)
        return 2;
    if (strcmp(task, "look") == 0)
        return only_looks(&start);
    if (strcmp(task, "die") == 0)
        return config_lock(true, &error) == WSPLSP_OK ? 0 : 3;
    for (int i = 0; i < ROUNDS; i++) {
        if (!add_one())
            return 4;
    }
    return 0;
}

static HANDLE start_child(const char *task)
{
    char program[MAX_PATH], command_line[MAX_PATH + 32];
    HANDLE read_end, write_end;
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
    STARTUPINFOA startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION child;
    struct host_start start;
    struct wsplsp_error error;
    DWORD size;
    GetModuleFileNameA(NULL, program, MAX_PATH);
    snprintf(command_line, sizeof command_line, "\"%s\" %s", program, task);
    if (!CreatePipe(&read_end, &write_end, &inherited, sizeof start))
        exit(99);
    startup.hStdInput = read_end;
    startup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    if (!CreateProcessA(NULL, command_line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &child) ||
        config_share(child.hProcess, &start, &error) != WSPLSP_OK ||
        !WriteFile(write_end, &start, sizeof start, &size, NULL))
        exit(99);
    CloseHandle(child.hThread);
    CloseHandle(read_end);
    CloseHandle(write_end);
    return child.hProcess;
}

static DWORD finish(HANDLE child)
{
    DWORD status = 99;
    WaitForSingleObject(child, 60000);
    GetExitCodeProcess(child, &status);
    CloseHandle(child);
    return status;
}

static void check_text(const char *expected, const char *what)
{
    struct wsplsp_error error;
    void *text = NULL;
    size_t size = 0;
    LONG generation;
    bool read = config_catalog_read(&text, &size, &generation, &error) == WSPLSP_OK;
    check(read && size == strlen(expected) && memcmp(text, expected, size) == 0 && generation == config_generation(),
          what);
    free(text);
}

static void check_sizes(void)
{
    struct wsplsp_error error;
    size_t size;
    LONG generation;
    void *read = NULL, *text = malloc(CONFIG_CATALOG_SIZE + 1);
    if (text == NULL)
        exit(99);
    memset(text, 'x', CONFIG_CATALOG_SIZE + 1);
    check(config_catalog_write("before", 6, &error) == WSPLSP_OK, "a small catalog");
    LONG before = config_generation();
    check(config_catalog_write(text, CONFIG_CATALOG_SIZE + 1, &error) == WSPLSP_SYSTEM, "a catalog that is too large");
    check(config_generation() == before, "and changes nothing");
    check_text("before", "nor the text");
    check(config_catalog_write(text, CONFIG_CATALOG_SIZE, &error) == WSPLSP_OK, "the largest catalog");
    check(config_catalog_read(&read, &size, &generation, &error) == WSPLSP_OK && size == CONFIG_CATALOG_SIZE &&
              memcmp(read, text, size) == 0,
          "comes back whole");
    free(read);
    free(text);
}

int main(int argc, char **argv)
{
    struct wsplsp_error error;
    HANDLE children[WRITERS];
    char expected[32];
    if (argc > 1)
        return be_child(argv[1]);
    setvbuf(stdout, NULL, _IONBF, 0);

    const struct config_settings settings = {
        .flags = CONFIG_VERBOSE, .catalog_file = L"C:\\a.reg", .folder = {L"C:\\x64", NULL}};
    check(config_create(&settings, &error) == WSPLSP_OK, "settings are made");
    check(config_get()->flags == (CONFIG_VERBOSE | CONFIG_FILE_CATALOG), "flags");
    check(wcscmp(config_get()->catalog_file, L"C:\\a.reg") == 0, "the catalog's file");
    check(wcscmp(config_get()->folder[0], L"C:\\x64") == 0 && config_get()->folder[1][0] == L'\0', "folders");
    check_text("", "the catalog begins empty");
    check_sizes();

    config_catalog_write("0", 1, &error);
    for (int i = 0; i < WRITERS; i++)
        children[i] = start_child("write");
    bool done = true;
    for (int i = 0; i < WRITERS; i++)
        done = finish(children[i]) == 0 && done;
    check(done, "writers in processes of their own");
    snprintf(expected, sizeof expected, "%d", WRITERS * ROUNDS);
    check_text(expected, "no change is lost");

    check(finish(start_child("die")) == 0, "a process that ends with the lock");
    check(add_one(), "does not keep others from it");
    snprintf(expected, sizeof expected, "%d", WRITERS * ROUNDS + 1);
    check_text(expected, "and the catalog is whole");

    DWORD status = finish(start_child("look"));
    check(status == 0, "a child gets to look and no more");
    if (status != 0)
        printf("# status %lu\n", status);
    check(config_get()->flags == (CONFIG_VERBOSE | CONFIG_FILE_CATALOG), "the settings are what they were");

    struct host_start other = {.size = sizeof other, .version = CONFIG_VERSION + 1};
    check(config_attach(&other, &error) == WSPLSP_SYSTEM, "a host of another build is refused");
    check_refused();
    printf("%d failures\n", failures);
    return failures != 0;
}
