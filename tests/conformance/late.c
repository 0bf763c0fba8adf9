/* A DLL that is loaded while sockets are open and that uses ws2_32 itself (late_dll.c), and functions looked up in
 * DLLs after they were loaded. */
#include <string.h>

#include "late.h"
#include "net.h"

static struct late_functions load(void)
{
    struct late_functions late = {.module = LoadLibraryA(LATE_DLL)};
    REQUIRE(late.module != NULL);
    late.echo = (late_echo_function)(void *)GetProcAddress(late.module, "late_echo");
    late.talk = (late_talk_function)(void *)GetProcAddress(late.module, "late_talk");
    REQUIRE(late.echo != NULL && late.talk != NULL);
    return late;
}

static void unload(const struct late_functions *late)
{
    CHECK(FreeLibrary(late->module));
}

/* The DLL uses a socket of the program. */
static void our_socket(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct late_functions late = load();
    send_text(pair.client, "over there");
    CHECK_EQUAL(late.echo(pair.server, 10), 0);
    expect_text(pair.client, "over there");
    unload(&late);
    send_text(pair.client, "afterwards");
    expect_text(pair.server, "afterwards");
}

/* The program's listening socket meets a socket of the DLL. */
static void its_socket(const struct test *test)
{
    struct address at;
    SOCKET listener = open_listener(test->family, &at), theirs = INVALID_SOCKET;
    struct late_functions late = load();
    CHECK_EQUAL(late.talk(&at.any, at.length, &theirs), 0);
    own_socket(theirs);
    SOCKET server = own_socket(accept(listener, NULL, NULL));
    expect_text(server, "late");
    unload(&late);
    send_text(server, "ours");
    expect_text(theirs, "ours");
}

static void looked_up_late(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    __typeof__(&send) by_name = (__typeof__(&send))(void *)GetProcAddress(GetModuleHandleA("ws2_32.dll"), "send");
    __typeof__(&send) by_ordinal =
        (__typeof__(&send))(void *)GetProcAddress(GetModuleHandleA("ws2_32"), MAKEINTRESOURCEA(19));
    HMODULE old = LoadLibraryA("wsock32.dll");
    REQUIRE(by_name != NULL && by_ordinal != NULL && old != NULL);
    __typeof__(&send) old_send = (__typeof__(&send))(void *)GetProcAddress(old, "send");
    REQUIRE(old_send != NULL);
    CHECK_EQUAL(by_name(pair.client, "a", 1, 0), 1);
    CHECK_EQUAL(by_ordinal(pair.client, "b", 1, 0), 1);
    CHECK_EQUAL(old_send(pair.client, "c", 1, 0), 1);
    expect_text(pair.server, "abc");
    FreeLibrary(old);
}

const struct test_case late_cases[] = {
    {"late/our-socket", our_socket, BOTH_FAMILIES, NULL},
    {"late/its-socket", its_socket, BOTH_FAMILIES, NULL},
    {"late/looked-up-late", looked_up_late, BOTH_FAMILIES, NULL},
    {0},
};
