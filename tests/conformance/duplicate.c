/* Sockets shared with a child process, which is this program again (--child), and within one process. Expected values:
 * the pages WSADuplicateSocket, WSASocket (WSA_FLAG_NO_HANDLE_INHERIT), CreateProcess for inherited handles. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net.h"
#include "topics.h"

/* --- the child: it reads what it needs from standard input, works, and ends with 0 --- */

enum child_result { CHILD_GOOD, CHILD_USAGE, CHILD_STARTUP, CHILD_INPUT, CHILD_SOCKET, CHILD_WORK };

static bool read_input(void *buffer, DWORD size)
{
    DWORD got, at = 0;
    HANDLE in = GetStdHandle(STD_INPUT_HANDLE);
    while (at < size && ReadFile(in, (char *)buffer + at, size - at, &got, NULL) && got > 0)
        at += got;
    return at == size;
}

/* Sends back what comes until the other side has ended. */
static enum child_result echo(SOCKET s)
{
    char buffer[256];
    int got;
    while ((got = recv(s, buffer, sizeof buffer, 0)) > 0) {
        if (send(s, buffer, got, 0) != got)
            return CHILD_WORK;
    }
    return got == 0 && closesocket(s) == 0 ? CHILD_GOOD : CHILD_WORK;
}

static enum child_result echo_one(SOCKET listener)
{
    SOCKET s = accept(listener, NULL, NULL);
    if (s == INVALID_SOCKET)
        return CHILD_WORK;
    enum child_result result = echo(s);
    return closesocket(listener) == 0 ? result : CHILD_WORK;
}

static SOCKET read_shared(bool wide)
{
    union {
        WSAPROTOCOL_INFOW wide;
        WSAPROTOCOL_INFOA narrow;
    } info;
    if (!read_input(&info, wide ? sizeof info.wide : sizeof info.narrow))
        return INVALID_SOCKET;
    if (wide)
        return WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info.wide, 0,
                          WSA_FLAG_OVERLAPPED);
    return WSASocketA(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info.narrow, 0, WSA_FLAG_OVERLAPPED);
}

int duplicate_child(int argc, char **argv)
{
    SOCKET s = INVALID_SOCKET;
    if (argc < 2)
        return CHILD_USAGE;
    if (!harness_startup())
        return CHILD_STARTUP;
    if (strcmp(argv[0], "shared") == 0)
        s = read_shared(true);
    else if (strcmp(argv[0], "shared-ansi") == 0)
        s = read_shared(false);
    else if (strcmp(argv[0], "inherited") == 0)
        s = (SOCKET)strtoull(argv[2], NULL, 10);
    else
        return CHILD_USAGE;
    if (s == INVALID_SOCKET)
        return CHILD_SOCKET;
    enum child_result result = strcmp(argv[1], "listen") == 0 ? echo_one(s) : echo(s);
    return WSACleanup() == 0 ? result : CHILD_STARTUP;
}

/* --- the parent --- */

struct child {
    HANDLE process;
    DWORD id;
    HANDLE input; /* the end to write to */
};

static HANDLE make_input(struct child *child)
{
    SECURITY_ATTRIBUTES inherit = {.nLength = sizeof inherit, .bInheritHandle = TRUE};
    HANDLE read, write;
    REQUIRE(CreatePipe(&read, &write, &inherit, 0));
    SetHandleInformation(write, HANDLE_FLAG_INHERIT, 0);
    child->input = write;
    return own_handle(read);
}

static struct child start_child(const char *what, const char *work, SOCKET s)
{
    struct child child;
    char path[MAX_PATH], command_line[2 * MAX_PATH];
    STARTUPINFOA startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION process;
    startup.hStdInput = make_input(&child);
    startup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    REQUIRE(GetModuleFileNameA(NULL, path, sizeof path) != 0);
    snprintf(command_line, sizeof command_line, "\"%s\" --child %s %s %llu", path, what, work, (unsigned long long)s);
    BOOL created = CreateProcessA(path, command_line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process);
    own_handle(child.input);
    REQUIRE(created);
    CloseHandle(process.hThread);
    child.process = own_process(process.hProcess);
    child.id = process.dwProcessId;
    return child;
}

static void give(const struct child *child, const void *data, DWORD size)
{
    DWORD written;
    REQUIRE(WriteFile(child->input, data, size, &written, NULL) && written == size);
}

static void expect_good_end(const struct child *child)
{
    DWORD status = 99;
    CHECK_EQUAL(WaitForSingleObject(child->process, DEADLINE), WAIT_OBJECT_0);
    GetExitCodeProcess(child->process, &status);
    CHECK_EQUAL(status, CHILD_GOOD);
}

static void talk(SOCKET s)
{
    send_text(s, "to the child");
    expect_text(s, "to the child");
    send_text(s, "and again");
    expect_text(s, "and again");
    REQUIRE(shutdown(s, SD_SEND) == 0);
}

static void connection_to_child(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    WSAPROTOCOL_INFOW info;
    struct child child = start_child("shared", "echo", 0);
    memset(&info, 0, sizeof info);
    REQUIRE(WSADuplicateSocketW(pair.server, child.id, &info) == 0);
    CHECK_EQUAL(info.iAddressFamily, test->family);
    CHECK_EQUAL(info.iSocketType, SOCK_STREAM);
    CHECK_EQUAL(info.iProtocol, IPPROTO_TCP);
    give(&child, &info, sizeof info);
    talk(pair.client);
    expect_good_end(&child);
    /* The connection ends when the last descriptor is closed, which is this one. */
    close_owned_socket(pair.server);
    expect_end(pair.client);
}

static void connection_to_child_ansi(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    WSAPROTOCOL_INFOA info;
    struct child child = start_child("shared-ansi", "echo", 0);
    REQUIRE(WSADuplicateSocketA(pair.server, child.id, &info) == 0);
    give(&child, &info, sizeof info);
    talk(pair.client);
    expect_good_end(&child);
}

static void listener_to_child(const struct test *test)
{
    struct address at;
    WSAPROTOCOL_INFOW info;
    SOCKET listener = open_listener(test->family, &at), client = open_socket(test->family, SOCK_STREAM);
    struct child child = start_child("shared", "listen", 0);
    REQUIRE(WSADuplicateSocketW(listener, child.id, &info) == 0);
    give(&child, &info, sizeof info);
    REQUIRE(connect(client, &at.any, at.length) == 0);
    talk(client);
    expect_good_end(&child);
}

/* A socket handle is inherited unless it was made not to be. */
static void inherited_by_child(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    struct child child = start_child("inherited", "echo", pair.server);
    talk(pair.client);
    expect_good_end(&child);
}

static void inherited_listener(const struct test *test)
{
    struct address at;
    SOCKET listener = open_listener(test->family, &at), client = open_socket(test->family, SOCK_STREAM);
    struct child child = start_child("inherited", "listen", listener);
    REQUIRE(connect(client, &at.any, at.length) == 0);
    talk(client);
    expect_good_end(&child);
}

static void not_inherited(const struct test *test)
{
    DWORD flags = HANDLE_FLAG_INHERIT;
    SOCKET s = own_socket(
        WSASocketW(test->family, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
    REQUIRE(GetHandleInformation((HANDLE)s, &flags));
    CHECK_EQUAL(flags & HANDLE_FLAG_INHERIT, 0);
    REQUIRE(GetHandleInformation((HANDLE)open_socket(test->family, SOCK_STREAM), &flags));
    CHECK_EQUAL(flags & HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
}

static SOCKET duplicate_here(SOCKET s)
{
    WSAPROTOCOL_INFOW info;
    REQUIRE(WSADuplicateSocketW(s, GetCurrentProcessId(), &info) == 0);
    return own_socket(
        WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED));
}

/* The descriptors share all state; the socket stays open until the last of them is closed. */
static void within_process(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    BOOL on = TRUE, seen = FALSE;
    int size = sizeof seen;
    SOCKET second = duplicate_here(pair.server);
    CHECK(second != pair.server);
    CHECK_EQUAL(setsockopt(pair.server, SOL_SOCKET, SO_KEEPALIVE, (char *)&on, sizeof on), 0);
    CHECK_EQUAL(getsockopt(second, SOL_SOCKET, SO_KEEPALIVE, (char *)&seen, &size), 0);
    CHECK(seen);
    close_owned_socket(pair.server);
    send_text(pair.client, "still open");
    expect_text(second, "still open");
    close_owned_socket(second);
    expect_end(pair.client);
}

static void datagrams_within_process(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    SOCKET second = duplicate_here(pair.server);
    struct address a = local_address(pair.server), b = local_address(second);
    CHECK(same_address(&a, &b));
    send_text(pair.client, "shared");
    expect_text(second, "shared");
}

static void no_info(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(WSADuplicateSocketW(s, GetCurrentProcessId(), NULL) == SOCKET_ERROR, WSAEFAULT);
    CHECK_FAILS(WSADuplicateSocketA(s, GetCurrentProcessId(), NULL) == SOCKET_ERROR, WSAEFAULT);
}

/* A process that is none comes before the missing place for the answer, and a socket that is none before both. */
static void no_process(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(WSADuplicateSocketW(s, 0, NULL) == SOCKET_ERROR, WSAEINVAL);
    CHECK_FAILS(WSADuplicateSocketA(s, 0, NULL) == SOCKET_ERROR, WSAEINVAL);
    CHECK_FAILS(WSADuplicateSocketA(0, 0, NULL) == SOCKET_ERROR, WSAENOTSOCK);
}

static void unknown_process(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    WSAPROTOCOL_INFOW info;
    CHECK_FAILS(WSADuplicateSocketW(s, 0xfffffff0, &info) == SOCKET_ERROR, WSAEINVAL);
}

/* The special structure can only be used once. */
static void used_twice(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    WSAPROTOCOL_INFOW info;
    REQUIRE(WSADuplicateSocketW(pair.server, GetCurrentProcessId(), &info) == 0);
    own_socket(WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED));
    SOCKET second;
    CHECK_FAILS((second = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0,
                                     WSA_FLAG_OVERLAPPED)) == INVALID_SOCKET,
                WSAEINVAL);
    if (second != INVALID_SOCKET)
        own_socket(second);
}

const struct test_case duplicate_cases[] = {
    {"duplicate/connection-to-child", connection_to_child, BOTH_FAMILIES, NULL},
    {"duplicate/connection-to-child-ansi", connection_to_child_ansi, BOTH_FAMILIES, NULL},
    {"duplicate/listener-to-child", listener_to_child, BOTH_FAMILIES, NULL},
    {"duplicate/inherited-by-child", inherited_by_child, BOTH_FAMILIES, NULL},
    {"duplicate/inherited-listener", inherited_listener, BOTH_FAMILIES, NULL},
    {"duplicate/not-inherited", not_inherited, BOTH_FAMILIES, NULL},
    {"duplicate/within-process", within_process, BOTH_FAMILIES, NULL},
    {"duplicate/datagrams-within-process", datagrams_within_process, BOTH_FAMILIES, NULL},
    {"duplicate/no-info", no_info, BOTH_FAMILIES, NULL},
    {"duplicate/no-process", no_process, BOTH_FAMILIES, NULL},
    {"duplicate/unknown-process", unknown_process, BOTH_FAMILIES, NULL},
    {"duplicate/used-twice", used_twice, BOTH_FAMILIES, NULL},
    {0},
};
