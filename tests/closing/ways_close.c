/* Sockets that are closed by one of their own handles: by closesocket, and as files. */
#include "closing.h"

#include <io.h>
#include <stdio.h>

static int closesocket_twice(void)
{
    SOCKET s = open_to_peer('a');
    send_step("send", s, "bc");
    close_step("closesocket", s);
    ask("seen a");
    close_step("closesocket again", s);
    send_step("send again", s, "d");
    close_handle_step("CloseHandle", s);
    return 0;
}

static int close_handle(void)
{
    SOCKET s = open_to_peer('a');
    send_step("send", s, "bc");
    close_handle_step("CloseHandle", s);
    ask("seen a");
    send_step("send again", s, "d");
    receive_step("recv", s);
    close_step("closesocket", s);
    close_handle_step("CloseHandle again", s);
    return 0;
}

/* The next sockets get the numbers of those before, of which nobody may think that he knows them. */
static int close_handle_again_and_again(void)
{
    for (int i = 0; i < 3; i++) {
        SOCKET s = open_to_peer((char)('a' + i)), other = open_to_peer((char)('x' + i));
        char question[20];
        send_step("send", s, "12");
        send_step("send on another", other, "34");
        close_handle_step("CloseHandle", s);
        snprintf(question, sizeof question, "seen %c", 'a' + i);
        ask(question);
        SOCKET next = open_to_peer((char)('m' + i));
        send_step("send on the next", next, "56");
        snprintf(question, sizeof question, "say %c answer", 'm' + i);
        ask(question);
        receive_step("recv on the next", next);
        close_step("closesocket of the next", next);
        close_handle_step("CloseHandle of another", other);
    }
    return 0;
}

static int shutdown_then_close_handle(void)
{
    SOCKET s = open_to_peer('a');
    send_step("send", s, "bc");
    step("shutdown", shutdown(s, SD_SEND) == 0);
    ask("seen a");
    ask("say a answer");
    receive_step("recv", s);
    close_handle_step("CloseHandle", s);
    return 0;
}

static int peer_ends_first(void)
{
    SOCKET s = open_to_peer('a'), other = open_to_peer('b');
    ask("finish a");
    ask("finish b");
    receive_step("recv", s);
    receive_step("recv of the other", other);
    send_step("send", s, "bc");
    close_handle_step("CloseHandle", s);
    ask("seen a");
    close_step("closesocket of the other", other);
    ask("seen b");
    return 0;
}

/* Data that nobody has received: the connection is reset. */
static int unread(void)
{
    SOCKET s = open_to_peer('a'), other = open_to_peer('b');
    ask("say a unread");
    ask("say b unread");
    char byte;
    step("recv of one byte", recv(s, &byte, 1, 0) == 1);
    step("recv of one byte of the other", recv(other, &byte, 1, 0) == 1);
    ask("has a 1");
    ask("has b 1");
    close_step("closesocket", s);
    ask("seen a");
    close_handle_step("CloseHandle of the other", other);
    ask("seen b");
    return 0;
}

static void linger(SOCKET s, u_short seconds)
{
    LINGER value = {1, seconds};
    step("SO_LINGER", setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&value, sizeof value) == 0);
}

static int hard(void)
{
    SOCKET s = open_to_peer('a'), other = open_to_peer('b');
    ask("has a 1");
    ask("has b 1");
    linger(s, 0);
    linger(other, 0);
    close_step("closesocket", s);
    ask("seen a");
    close_handle_step("CloseHandle of the other", other);
    ask("seen b");
    return 0;
}

static int lingering(void)
{
    SOCKET s = open_to_peer('a');
    linger(s, 10);
    send_step("send", s, "bc");
    close_step("closesocket", s);
    ask("seen a");
    return 0;
}

static int accepted(void)
{
    SOCKET s = open_from_peer('a'), other = open_from_peer('b');
    send_step("send", s, "bc");
    close_handle_step("CloseHandle", s);
    ask("seen a");
    send_step("send on the other", other, "de");
    close_step("closesocket of the other", other);
    ask("seen b");
    close_step("closesocket", s);
    return 0;
}

static void rebind(unsigned short port)
{
    SOCKET s = open_listener(&port);
    if (step("bind to the same port", s != INVALID_SOCKET))
        close_step("closesocket of the second", s);
}

static int listener(void)
{
    unsigned short port = 0;
    char question[40];
    SOCKET s = open_listener(&port);
    must("listener", s != INVALID_SOCKET);
    close_handle_step("CloseHandle", s);
    snprintf(question, sizeof question, "connect a %u", port);
    ask(question);
    rebind(port);
    ask(question);
    return 0;
}

/* With a connection that has been made and that nobody has accepted. */
static int listener_with_a_caller(void)
{
    unsigned short port = 0;
    char question[40];
    SOCKET s = open_listener(&port);
    must("listener", s != INVALID_SOCKET);
    snprintf(question, sizeof question, "connect a %u", port);
    ask(question);
    close_step("closesocket", s);
    ask("seen a");
    rebind(port);
    return 0;
}

static int bound_datagram(SOCKET s, unsigned short *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(*port)};
    int length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int result = bind(s, (struct sockaddr *)&address, sizeof address);
    if (result == 0 && getsockname(s, (struct sockaddr *)&address, &length) == 0)
        *port = ntohs(address.sin_port);
    return result;
}

static int datagrams(void)
{
    unsigned short port = 0;
    SOCKET s = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    step("bind", bound_datagram(s, &port) == 0);
    close_handle_step("CloseHandle", s);
    s = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    step("bind to the same port", bound_datagram(s, &port) == 0);
    close_step("closesocket", s);
    s = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    step("bind to the same port again", bound_datagram(s, &port) == 0);
    close_handle_step("CloseHandle", s);
    close_step("closesocket again", s);
    return 0;
}

/* As a file of the C runtime's, which calls kernel32 itself. */
static int c_runtime(void)
{
    SOCKET s = open_to_peer('a');
    int file = _open_osfhandle((intptr_t)s, 0);
    step("_open_osfhandle", file >= 0);
    send_step("send", s, "b");
    step("_close", _close(file) == 0);
    ask("seen a");
    send_step("send again", s, "c");
    return 0;
}

enum { CLOSERS = 4 };
static volatile LONG closed;
static HANDLE all_there;

static DWORD WINAPI closes(void *socket)
{
    WaitForSingleObject(all_there, LIMIT);
    if (closesocket((SOCKET)socket) == 0)
        InterlockedIncrement(&closed);
    return 0;
}

/* Bare, several of them may have succeeded. They begin when all are there: a handle that is made meanwhile may get the
 * socket's value, and the next one to close it would close that. */
static int by_many(void)
{
    SOCKET s = open_to_peer('a');
    HANDLE threads[CLOSERS];
    all_there = CreateEventW(NULL, TRUE, FALSE, NULL);
    for (int i = 0; i < CLOSERS; i++)
        threads[i] = start_thread(closes, (void *)s);
    SetEvent(all_there);
    step("all threads", WaitForMultipleObjects(CLOSERS, threads, TRUE, LIMIT) == WAIT_OBJECT_0);
    step("closesocket has succeeded", closed > 0);
    ask("seen a");
    return 0;
}

static int protected_from_close(void)
{
    SOCKET s = open_to_peer('a');
    step("SetHandleInformation",
         SetHandleInformation((HANDLE)s, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE));
    close_handle_step("CloseHandle", s);
    send_step("send", s, "bc");
    ask("has a 3");
    step("SetHandleInformation", SetHandleInformation((HANDLE)s, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0));
    close_handle_step("CloseHandle", s);
    ask("seen a");
    return 0;
}

const struct way ways_close[] = {
    {"closesocket-twice", closesocket_twice},
    {"close-handle", close_handle},
    {"close-handle-again-and-again", close_handle_again_and_again},
    {"shutdown-then-close-handle", shutdown_then_close_handle},
    {"peer-ends-first", peer_ends_first},
    {"unread", unread},
    {"hard", hard},
    {"lingering", lingering},
    {"accepted", accepted},
    {"listener", listener},
    {"listener-with-a-caller", listener_with_a_caller},
    {"datagrams", datagrams},
    {"protected-from-close", protected_from_close},
    {"c-runtime", c_runtime},
    {"by-many", by_many},
    {0},
};
