/* closing.exe WAY PORT [ARGUMENT] goes one way, closing.exe LIST PORT all of a list in one process. closing.exe all
 * PORT goes each way that has to do with a process's end in a process of its own, and each list of others in one, and
 * says what that ended with. PORT is where the peer listens (peer.py). See closing.h. */
#include "closing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *closing_argument;

static unsigned short peer_port;

const char *peer_port_text(void)
{
    static char text[10];
    snprintf(text, sizeof text, "%u", peer_port);
    return text;
}

/* What one process says in one call comes in one piece, whatever ends the process next. */
void say(const char *line)
{
    char text[256];
    DWORD written;
    int length = snprintf(text, sizeof text, "%s\n", line);
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, (DWORD)length, &written, NULL);
}

bool step(const char *name, bool done)
{
    char line[200];
    DWORD error = GetLastError();
    if (done)
        snprintf(line, sizeof line, "%s: done", name);
    else
        snprintf(line, sizeof line, "%s: error %lu", name, error);
    say(line);
    SetLastError(error);
    return done;
}

void say_number(const char *name, unsigned long number)
{
    char line[200];
    snprintf(line, sizeof line, "%s: %lu", name, number);
    say(line);
}

void must(const char *what, bool done)
{
    if (!done) {
        step(what, false);
        say("! this cannot be tested");
        TerminateProcess(GetCurrentProcess(), 99);
    }
}

void ask(const char *question)
{
    char line[200], answer[100], got = 0;
    DWORD read, length = 0;
    snprintf(line, sizeof line, "? %s", question);
    say(line);
    while (got != '\n' && length < sizeof answer - 1) {
        must("read the answer", ReadFile(GetStdHandle(STD_INPUT_HANDLE), &got, 1, &read, NULL) && read == 1);
        answer[length++] = got;
    }
    answer[length - 1] = 0;
    snprintf(line, sizeof line, "peer, %s: %s", strncmp(question, "connect", 7) == 0 ? "connect" : question, answer);
    say(line);
}

static struct sockaddr_in loopback(unsigned short port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

SOCKET open_to_peer(char name)
{
    struct sockaddr_in address = loopback(peer_port);
    SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    must("socket", s != INVALID_SOCKET);
    must("connect", connect(s, (struct sockaddr *)&address, sizeof address) == 0);
    must("say the name", send(s, &name, 1, 0) == 1);
    return s;
}

SOCKET open_listener(unsigned short *port)
{
    struct sockaddr_in address = loopback(*port);
    int length = sizeof address;
    BOOL exclusive = TRUE;
    SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    must("socket", s != INVALID_SOCKET);
    must("SO_EXCLUSIVEADDRUSE",
         setsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char *)&exclusive, sizeof exclusive) == 0);
    if (bind(s, (struct sockaddr *)&address, sizeof address) != 0) {
        DWORD error = GetLastError();
        closesocket(s);
        SetLastError(error);
        return INVALID_SOCKET;
    }
    must("listen", listen(s, 5) == 0);
    must("getsockname", getsockname(s, (struct sockaddr *)&address, &length) == 0);
    *port = ntohs(address.sin_port);
    return s;
}

SOCKET open_from_peer(char name)
{
    char question[40];
    unsigned short port = 0;
    SOCKET listener = open_listener(&port);
    must("listener", listener != INVALID_SOCKET);
    snprintf(question, sizeof question, "connect %c %u", name, port);
    ask(question);
    SOCKET s = accept(listener, NULL, NULL);
    must("accept", s != INVALID_SOCKET);
    must("close the listener", closesocket(listener) == 0);
    return s;
}

bool send_step(const char *name, SOCKET s, const char *text)
{
    int length = (int)strlen(text);
    return step(name, send(s, text, length, 0) == length);
}

bool receive_step(const char *name, SOCKET s)
{
    char text[100], line[200];
    int got = recv(s, text, sizeof text - 1, 0);
    if (got < 0)
        return step(name, false);
    text[got] = 0;
    snprintf(line, sizeof line, "%s: '%s'", name, text);
    say(line);
    return true;
}

bool close_step(const char *name, SOCKET s)
{
    return step(name, closesocket(s) == 0);
}

bool close_handle_step(const char *name, SOCKET s)
{
    return step(name, CloseHandle((HANDLE)s));
}

SOCKET copy_step(SOCKET s, DWORD options)
{
    HANDLE copy = NULL;
    step("DuplicateHandle", DuplicateHandle(GetCurrentProcess(), (HANDLE)s, GetCurrentProcess(), &copy, 0, FALSE,
                                            options | DUPLICATE_SAME_ACCESS));
    must("a copy", copy != NULL);
    return (SOCKET)copy;
}

HANDLE start_thread(DWORD(WINAPI *routine)(void *), void *argument)
{
    HANDLE thread = CreateThread(NULL, 0, routine, argument, 0, NULL);
    must("CreateThread", thread != NULL);
    return thread;
}

void await(const char *name, HANDLE handle)
{
    DWORD waited = WaitForSingleObject(handle, LIMIT);
    char line[200];
    if (waited == WAIT_OBJECT_0) {
        step(name, true);
        return;
    }
    snprintf(line, sizeof line, "! %s: does not end", name);
    say(line);
}

static DWORD WINAPI receives(void *socket)
{
    char byte;
    recv((SOCKET)socket, &byte, 1, 0);
    return 0;
}

static DWORD WINAPI selects(void *socket)
{
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET((SOCKET)socket, &readable);
    select(0, &readable, NULL, NULL, NULL);
    return 0;
}

static DWORD WINAPI accepts(void *socket)
{
    accept((SOCKET)socket, NULL, NULL);
    return 0;
}

/* "open a" takes a while, in which the calls begin; what comes next comes to the same where one has not. */
void start_threads_in_calls(HANDLE *threads)
{
    unsigned short port = 0;
    SOCKET listener = open_listener(&port);
    must("listener", listener != INVALID_SOCKET);
    threads[0] = start_thread(receives, (void *)open_to_peer('a'));
    threads[1] = start_thread(selects, (void *)open_to_peer('b'));
    threads[2] = start_thread(accepts, (void *)listener);
    ask("open a");
}

static const struct list {
    const char *name;
    const struct way *ways;
    bool together; /* they leave nothing behind */
} lists[] = {
    {"close", ways_close, true},      {"copy", ways_copy, true}, {"pending", ways_pending, true},
    {"cleanup", ways_cleanup, false}, {"end", ways_end, false},
};
enum { LISTS = sizeof lists / sizeof lists[0] };

static void begin_way(const char *name)
{
    char line[100];
    snprintf(line, sizeof line, "< %s", name);
    say(line);
}

/* A process of its own; what it leaves running after its time is an error. */
static void go_in_a_process(const char *name)
{
    char path[MAX_PATH], command[2 * MAX_PATH], line[200];
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    DWORD status = 99;
    must("the program's name", GetModuleFileNameA(NULL, path, sizeof path) != 0);
    snprintf(command, sizeof command, "\"%s\" %s %u", path, name, peer_port);
    begin_way(name);
    must("CreateProcess", CreateProcessA(path, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process));
    if (WaitForSingleObject(process.hProcess, 2 * LIMIT) != WAIT_OBJECT_0) {
        say("! does not end");
        TerminateProcess(process.hProcess, 99);
        WaitForSingleObject(process.hProcess, LIMIT);
    }
    GetExitCodeProcess(process.hProcess, &status);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    begin_way(name);
    snprintf(line, sizeof line, "> %lu", status);
    say(line);
}

static int go_all_ways(void)
{
    for (size_t i = 0; i < LISTS; i++) {
        if (lists[i].together)
            go_in_a_process(lists[i].name);
        for (const struct way *way = lists[i].ways; !lists[i].together && way->name != NULL; way++)
            go_in_a_process(way->name);
    }
    return 0;
}

/* "end" waits for the end of all the way's connections. */
static int go_together(const struct list *list)
{
    for (const struct way *way = list->ways; way->name != NULL; way++) {
        begin_way(way->name);
        say_number("result", (unsigned long)way->run());
        ask("end");
    }
    return 0;
}

static int go(const char *name)
{
    for (size_t i = 0; i < LISTS; i++) {
        if (strcmp(lists[i].name, name) == 0)
            return go_together(&lists[i]);
        for (const struct way *way = lists[i].ways; way->name != NULL; way++)
            if (strcmp(way->name, name) == 0)
                return way->run();
    }
    fprintf(stderr, "closing: there is no way %s\n", name);
    return 2;
}

int main(int argc, char **argv)
{
    WSADATA data;
    if (argc < 3) {
        fprintf(stderr, "usage: closing WAY|LIST|all PORT [ARGUMENT]\n");
        return 2;
    }
    peer_port = (unsigned short)atoi(argv[2]);
    closing_argument = argc > 3 ? argv[3] : NULL;
    if (strcmp(argv[1], "all") == 0)
        return go_all_ways();
    must("WSAStartup", WSAStartup(MAKEWORD(2, 2), &data) == 0);
    return go(argv[1]);
}
