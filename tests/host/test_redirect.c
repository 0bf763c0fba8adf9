/* Redirection seen by a program: every way to come by a function leads to the replacement, for modules that were there
 * before and that come later; everything else is as it was; and removing it puts all back. */
#include <winsock2.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__declspec(dllimport) int shared_one(void);
__declspec(dllimport) int shared_two(void);
__declspec(dllimport) int shared_unnamed(void);

static int failures;

static void check(bool right, const char *what)
{
    printf("%s %s\n", right ? "ok" : "not ok", what);
    failures += !right;
}

struct user {
    HMODULE module;
    int (*send)(const char *, int);
    void *(*address)(void);
};

static struct user load_user(const char *file)
{
    struct user user = {.module = LoadLibraryA(file)};
    if (user.module == NULL) {
        printf("Bail out! cannot load %s\n", file);
        exit(99);
    }
    user.send = (int (*)(const char *, int))(void *)GetProcAddress(user.module, "user_send");
    user.address = (void *(*)(void))(void *)GetProcAddress(user.module, "user_address");
    return user;
}

static void *function(const char *dll, const char *name)
{
    return (void *)GetProcAddress(GetModuleHandleA(dll), name);
}

/* All that ws2_32.dll and kernel32.dll exported at first, to be compared with later. */
struct exported {
    const char *dll;
    char name[64];
    void *address;
};
static struct exported before[4096];
static size_t before_count;

static void remember_exports(const char *dll)
{
    const char *base = (const char *)GetModuleHandleA(dll);
    const IMAGE_NT_HEADERS *nt = (const void *)(base + ((const IMAGE_DOS_HEADER *)base)->e_lfanew);
    const IMAGE_EXPORT_DIRECTORY *exports = (const void *)(base + nt->OptionalHeader.DataDirectory[0].VirtualAddress);
    const DWORD *names = (const void *)(base + exports->AddressOfNames);
    for (DWORD i = 0; i < exports->NumberOfNames && before_count < 4096; i++) {
        struct exported *next = &before[before_count++];
        next->dll = dll;
        snprintf(next->name, sizeof next->name, "%s", base + names[i]);
        next->address = function(dll, next->name);
    }
}

static size_t changed_exports(void)
{
    size_t changed = 0;
    for (size_t i = 0; i < before_count; i++)
        changed += function(before[i].dll, before[i].name) != before[i].address;
    return changed;
}

/* Every module imports `send`, and all of them have to get the same address. */
static void check_users(const struct user *users, const char *const *names, const char *when, bool redirected)
{
    long (*calls)(void) = (long (*)(void))function("redirect_probe.dll", "probe_calls");
    for (int i = 0; i < 4; i++) {
        char what[128];
        calls();
        int result = users[i].send("abc", 3);
        snprintf(what, sizeof what, "%s, %s: the call", names[i], when);
        check(redirected ? result == 1003 && calls() == 1 : result == SOCKET_ERROR && calls() == 0, what);
        snprintf(what, sizeof what, "%s, %s: the address", names[i], when);
        check(users[i].address() == function("ws2_32.dll", "send"), what);
    }
}

static void check_lookups(void)
{
    int(WSAAPI * by_ordinal)(SOCKET, const char *, int, int);
    int(WSAAPI * missing)(void);
    check((void *)send == function("ws2_32.dll", "send"), "the program's own import is what GetProcAddress gives");
    check(send(INVALID_SOCKET, "ab", 2, 0) == 1002, "the program's own import");
    by_ordinal = (int(WSAAPI *)(SOCKET, const char *, int, int))function("ws2_32.dll", MAKEINTRESOURCEA(19));
    check(by_ordinal(INVALID_SOCKET, "a", 1, 0) == 1001, "GetProcAddress by ordinal");
    check(function("wsock32.dll", "send") == function("ws2_32.dll", "send"), "GetProcAddress of a forwarder");
    missing = (int(WSAAPI *)(void))function("ws2_32.dll", "WSAAAAAMissing");
    check(missing != NULL && missing() == 4711, "a name the system lacks, first in its neighbourhood");
    missing = (int(WSAAPI *)(void))function("ws2_32.dll", "WSCZMissing");
    check(missing != NULL && missing() == 4711, "a name the system lacks, last in its neighbourhood");
    check(function("ws2_32.dll", "WSCYMissing") == NULL, "a name nobody has");
    check(function("kernel32.dll", "NoSuchFunction") == NULL, "names are added to ws2_32.dll alone");
}

static void check_kernel(void)
{
    HANDLE file = GetStdHandle(STD_OUTPUT_HANDLE);
    DWORD(WINAPI * get)(HANDLE);
    check(GetFileType(file) >= 0x100, "kernel32: the program's own import");
    get = (DWORD(WINAPI *)(HANDLE))function("kernel32.dll", "GetFileType");
    check(get(file) >= 0x100, "kernel32: GetProcAddress");
    get = (DWORD(WINAPI *)(HANDLE))function("kernelbase.dll", "GetFileType");
    check(get(file) >= 0x100, "kernel32: GetProcAddress of kernelbase");
    HMODULE set = LoadLibraryA("api-ms-win-core-file-l1-1-0.dll");
    get = (DWORD(WINAPI *)(HANDLE))(void *)GetProcAddress(set, "GetFileType");
    check(set != NULL && get != NULL && get(file) >= 0x100, "kernel32: an API set");
}

static void check_shared(void)
{
    check(shared_one() == 4711, "one of two names for one function");
    check(shared_two() == 1, "the other name is left alone");
    check(shared_unnamed() == 4712, "a function without a name");
}

static void check_late_module(void)
{
    check(GetModuleHandleA("mswsock.dll") == NULL, "mswsock.dll is not there yet");
    HMODULE late = LoadLibraryA("mswsock.dll");
    int (*get)(void) = (int (*)(void))(void *)GetProcAddress(late, "GetAcceptExSockaddrs");
    check(get != NULL && get() == 4712, "a DLL of the table that comes later");
    FreeLibrary(late);
    late = LoadLibraryA("mswsock.dll");
    get = (int (*)(void))(void *)GetProcAddress(late, "GetAcceptExSockaddrs");
    check(get != NULL && get() == 4712, "the same DLL, gone and back");
}

/* The loader tells of the importer first. */
static void check_late_cycle(void)
{
    HMODULE late = LoadLibraryA("redirect_late.dll");
    int (*ask)(void) = (int (*)(void))(void *)GetProcAddress(GetModuleHandleA("redirect_cycle.dll"), "cycle_asks_late");
    check(late != NULL && ask != NULL && ask() == 4712, "what was linked to a DLL of the table before it was seen");
    ask = (int (*)(void))(void *)GetProcAddress(late, "late_asks_cycle");
    check(ask != NULL && ask() == 2, "and what goes the other way is left alone");
}

int main(void)
{
    static const char *const names[] = {"by name", "by ordinal", "through wsock32", "delayed"};
    struct user early[] = {load_user("redirect_name1.dll"), load_user("redirect_ordinal1.dll"),
                           load_user("redirect_wsock1.dll"), load_user("redirect_delay1.dll")};
    HMODULE probe = LoadLibraryA("redirect_probe.dll");
    int (*install)(int) = (int (*)(int))(void *)GetProcAddress(probe, "probe_install");
    void (*remove_all)(void) = (void (*)(void))(void *)GetProcAddress(probe, "probe_remove");
    setvbuf(stdout, NULL, _IONBF, 0);
    remember_exports("ws2_32.dll");
    remember_exports("kernel32.dll");
    remember_exports("kernelbase.dll");
    void *own_send = (void *)send;

    check(install(1) != 0, "an installation that cannot be done fails");
    check(changed_exports() == 0 && (void *)send == own_send, "and leaves nothing changed");
    check_users(early, names, "after a failed installation", false);

    check(install(0) == 0, "installation");
    /* send; GetFileType in kernel32.dll and in kernelbase.dll */
    check(changed_exports() == 3, "only the table's functions are exported differently");
    check_users(early, names, "loaded before", true);
    struct user late[] = {load_user("redirect_name2.dll"), load_user("redirect_ordinal2.dll"),
                          load_user("redirect_wsock2.dll"), load_user("redirect_delay2.dll")};
    check_users(late, names, "loaded later", true);
    check_lookups();
    check_kernel();
    check_shared();
    check_late_module();
    check_late_cycle();

    FreeLibrary(early[0].module);
    remove_all();
    check(changed_exports() == 0 && (void *)send == own_send, "removal puts everything back");
    check(function("ws2_32.dll", "WSCZMissing") == NULL, "the added names are gone");
    check(early[1].send("abc", 3) == SOCKET_ERROR, "imports by ordinal are the system's again");
    check(early[3].send("abc", 3) == SOCKET_ERROR, "delayed imports are the system's again");
    printf("%d failures\n", failures);
    return failures != 0;
}
