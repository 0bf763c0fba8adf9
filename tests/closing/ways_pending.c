/* Sockets that are closed while calls and operations are under way on them: those have to end. What they end with is
 * said for operations; a blocking call may not have begun yet when the socket is closed, so of it only that it fails.
 */
#include "closing.h"

#include <stdio.h>

/* In ntdll's import library, but in no header. */
ULONG WINAPI RtlNtStatusToDosError(LONG status);

struct receive {
    WSAOVERLAPPED overlapped;
    WSABUF buffer;
    char byte;
};

static bool begin(struct receive *receive, SOCKET s, HANDLE event, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    DWORD flags = 0;
    *receive = (struct receive){.overlapped = {.hEvent = event}, .buffer = {1, &receive->byte}};
    int result = WSARecv(s, &receive->buffer, 1, NULL, &flags, &receive->overlapped, routine);
    return step("WSARecv is pending", result != 0 && WSAGetLastError() == WSA_IO_PENDING);
}

static void say_end(const struct receive *receive)
{
    say_number("the operation's error", RtlNtStatusToDosError((LONG)receive->overlapped.Internal));
    say_number("the operation's bytes", (unsigned long)receive->overlapped.InternalHigh);
}

static bool (*const closes[])(const char *, SOCKET) = {close_step, close_handle_step};
static const char *const names[] = {"closesocket", "CloseHandle"};

static int with_event(void)
{
    for (int i = 0; i < 2; i++) {
        struct receive receive;
        char question[20];
        SOCKET s = open_to_peer((char)('a' + i));
        HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
        begin(&receive, s, event, NULL);
        closes[i](names[i], s);
        await("the event", event);
        say_end(&receive);
        snprintf(question, sizeof question, "seen %c", 'a' + i);
        ask(question);
        CloseHandle(event);
    }
    return 0;
}

static int with_port(void)
{
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    for (int i = 0; i < 2; i++) {
        struct receive receive;
        char question[20];
        OVERLAPPED *got = NULL;
        ULONG_PTR key = 0;
        DWORD bytes = 0;
        SOCKET s = open_to_peer((char)('a' + i));
        step("CreateIoCompletionPort", CreateIoCompletionPort((HANDLE)s, port, 5, 0) == port);
        begin(&receive, s, NULL, NULL);
        closes[i](names[i], s);
        step("the packet", GetQueuedCompletionStatus(port, &bytes, &key, &got, LIMIT));
        step("the packet is the operation's", got == &receive.overlapped && key == 5);
        say_end(&receive);
        snprintf(question, sizeof question, "seen %c", 'a' + i);
        ask(question);
    }
    CloseHandle(port);
    return 0;
}

static unsigned ended;

static void WINAPI routine(DWORD error, DWORD bytes, WSAOVERLAPPED *overlapped, DWORD flags)
{
    (void)overlapped;
    (void)flags;
    say_number("the routine's error", error);
    say_number("the routine's bytes", bytes);
    ended++;
}

static int with_routine(void)
{
    for (unsigned i = 0; i < 2; i++) {
        struct receive receive;
        char question[20];
        SOCKET s = open_to_peer((char)('a' + i));
        begin(&receive, s, NULL, routine);
        closes[i](names[i], s);
        while (ended == i && SleepEx(LIMIT, TRUE) == WAIT_IO_COMPLETION)
            ;
        step("the routine has been called", ended == i + 1);
        snprintf(question, sizeof question, "seen %c", 'a' + i);
        ask(question);
    }
    return 0;
}

/* Several, of which none may be forgotten. */
static int with_many(void)
{
    enum { COUNT = 20 };
    static struct receive receives[COUNT];
    HANDLE events[COUNT];
    SOCKET s = open_to_peer('a');
    for (int i = 0; i < COUNT; i++) {
        DWORD flags = 0;
        events[i] = CreateEventW(NULL, TRUE, FALSE, NULL);
        receives[i] = (struct receive){.overlapped = {.hEvent = events[i]}, .buffer = {1, &receives[i].byte}};
        must("WSARecv", WSARecv(s, &receives[i].buffer, 1, NULL, &flags, &receives[i].overlapped, NULL) != 0 &&
                            WSAGetLastError() == WSA_IO_PENDING);
    }
    close_step("closesocket", s);
    step("all events", WaitForMultipleObjects(COUNT, events, TRUE, LIMIT) == WAIT_OBJECT_0);
    ask("seen a");
    return 0;
}

/* Both sockets of an AcceptEx: the listener is what it runs on. */
static int with_accept_ex(void)
{
    static char addresses[2 * (sizeof(struct sockaddr_in) + 16)];
    WSAOVERLAPPED overlapped = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    GUID id = WSAID_ACCEPTEX;
    LPFN_ACCEPTEX accept_ex = NULL;
    DWORD bytes;
    unsigned short port = 0;
    SOCKET other = open_to_peer('a'), s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP), listener = open_listener(&port);
    step("AcceptEx can be had", WSAIoctl(listener, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &accept_ex,
                                         sizeof accept_ex, &bytes, NULL, NULL) == 0);
    must("AcceptEx", accept_ex != NULL);
    BOOL done = accept_ex(listener, s, addresses, 0, sizeof addresses / 2, sizeof addresses / 2, &bytes, &overlapped);
    step("AcceptEx is pending", !done && WSAGetLastError() == WSA_IO_PENDING);
    close_step("closesocket of the listener", listener);
    await("the event", overlapped.hEvent);
    step("it has failed", (LONG)overlapped.Internal < 0);
    close_step("closesocket", s);
    close_step("closesocket of another", other);
    CloseHandle(overlapped.hEvent);
    return 0;
}

static DWORD WINAPI receives(void *socket)
{
    char byte;
    step("recv fails", recv((SOCKET)socket, &byte, 1, 0) == SOCKET_ERROR);
    return 0;
}

static DWORD WINAPI accepts(void *socket)
{
    step("accept fails", accept((SOCKET)socket, NULL, NULL) == INVALID_SOCKET);
    return 0;
}

/* "open a" takes a while, in which the call begins; where it has not, it fails all the same. */
static int in_a_receive(void)
{
    SOCKET s = open_to_peer('a');
    HANDLE thread = start_thread(receives, (void *)s);
    ask("open a");
    closesocket(s);
    await("the thread's end", thread);
    ask("seen a");
    return 0;
}

static int in_an_accept(void)
{
    unsigned short port = 0;
    SOCKET other = open_to_peer('a'), s = open_listener(&port);
    HANDLE thread = start_thread(accepts, (void *)s);
    ask("open a");
    closesocket(s);
    await("the thread's end", thread);
    close_step("closesocket of another", other);
    return 0;
}

const struct way ways_pending[] = {
    {"pending-with-event", with_event},     {"pending-with-port", with_port},
    {"pending-with-routine", with_routine}, {"pending-many", with_many},
    {"pending-accept-ex", with_accept_ex},  {"closed-in-a-receive", in_a_receive},
    {"closed-in-an-accept", in_an_accept},  {0},
};
