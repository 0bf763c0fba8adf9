/* Event objects, WSAEventSelect and WSAEnumNetworkEvents. Expected values: the pages WSACreateEvent, WSASetEvent,
 * WSAResetEvent, WSACloseEvent, WSAWaitForMultipleEvents, WSAEventSelect, WSAEnumNetworkEvents. */
#include <string.h>

#include "net.h"

static WSAEVENT select_events(SOCKET s, long events)
{
    WSAEVENT event = open_event();
    REQUIRE(WSAEventSelect(s, event, events) == 0);
    return event;
}

/* Waits for the event, and gives the record, which is cleared with it. */
static WSANETWORKEVENTS next_events(SOCKET s, WSAEVENT event)
{
    WSANETWORKEVENTS record;
    memset(&record, 0, sizeof record);
    REQUIRE(wait_event(event));
    REQUIRE(WSAEnumNetworkEvents(s, event, &record) == 0);
    return record;
}

static void life(const struct test *test)
{
    (void)test;
    WSAEVENT event = WSACreateEvent();
    REQUIRE(event != WSA_INVALID_EVENT);
    CHECK_EQUAL(WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE), WSA_WAIT_TIMEOUT);
    CHECK(WSASetEvent(event));
    CHECK_EQUAL(WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE), WSA_WAIT_EVENT_0);
    CHECK_EQUAL(WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE), WSA_WAIT_EVENT_0);
    CHECK(WSAResetEvent(event));
    CHECK_EQUAL(WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE), WSA_WAIT_TIMEOUT);
    CHECK(WSACloseEvent(event));
    CHECK_FAILS(!WSASetEvent(event), WSA_INVALID_HANDLE);
    CHECK_FAILS(!WSAResetEvent(event), WSA_INVALID_HANDLE);
    CHECK_FAILS(!WSACloseEvent(event), WSA_INVALID_HANDLE);
}

static void wait_any_and_all(const struct test *test)
{
    (void)test;
    WSAEVENT events[] = {open_event(), open_event(), open_event()};
    WSASetEvent(events[1]);
    WSASetEvent(events[2]);
    CHECK_EQUAL(WSAWaitForMultipleEvents(3, events, FALSE, 0, FALSE), WSA_WAIT_EVENT_0 + 1);
    CHECK_EQUAL(WSAWaitForMultipleEvents(3, events, TRUE, 0, FALSE), WSA_WAIT_TIMEOUT);
    WSASetEvent(events[0]);
    CHECK(WSAWaitForMultipleEvents(3, events, TRUE, 0, FALSE) < WSA_WAIT_EVENT_0 + 3);
}

static void wait_wrongly(const struct test *test)
{
    (void)test;
    WSAEVENT events[WSA_MAXIMUM_WAIT_EVENTS + 1] = {open_event(), (HANDLE)(ULONG_PTR)0xdead0};
    CHECK_FAILS(WSAWaitForMultipleEvents(0, events, FALSE, 0, FALSE) == WSA_WAIT_FAILED, WSA_INVALID_PARAMETER);
    CHECK_FAILS(WSAWaitForMultipleEvents(2, events, FALSE, 0, FALSE) == WSA_WAIT_FAILED, WSA_INVALID_HANDLE);
    CHECK_FAILS(WSAWaitForMultipleEvents(WSA_MAXIMUM_WAIT_EVENTS + 1, events, FALSE, 0, FALSE) == WSA_WAIT_FAILED,
                WSA_INVALID_PARAMETER);
}

static void accepts(const struct test *test)
{
    struct address at;
    SOCKET listener = open_listener(test->family, &at), client = open_socket(test->family, SOCK_STREAM);
    WSAEVENT event = select_events(listener, FD_ACCEPT);
    CHECK(!is_set(event));
    REQUIRE(connect(client, &at.any, at.length) == 0);
    WSANETWORKEVENTS record = next_events(listener, event);
    CHECK_EQUAL(record.lNetworkEvents, FD_ACCEPT);
    CHECK_EQUAL(record.iErrorCode[FD_ACCEPT_BIT], 0);
    own_socket(accept(listener, NULL, NULL));
}

/* FD_ACCEPT is level-triggered: with a second connection waiting, accept makes it happen again. */
static void accepts_again(const struct test *test)
{
    struct address at;
    SOCKET listener = open_listener(test->family, &at);
    WSAEVENT event = select_events(listener, FD_ACCEPT);
    for (int i = 0; i < 2; i++) {
        SOCKET client = open_socket(test->family, SOCK_STREAM);
        REQUIRE(connect(client, &at.any, at.length) == 0);
    }
    for (int i = 0; i < 2; i++) {
        CHECK_EQUAL(next_events(listener, event).lNetworkEvents, FD_ACCEPT);
        own_socket(accept(listener, NULL, NULL));
    }
    CHECK(!is_set(event));
}

static void connects(const struct test *test)
{
    struct address at;
    open_listener(test->family, &at);
    SOCKET client = open_socket(test->family, SOCK_STREAM);
    WSAEVENT event = select_events(client, FD_CONNECT | FD_WRITE);
    CHECK_FAILS(connect(client, &at.any, at.length) == SOCKET_ERROR, WSAEWOULDBLOCK);
    long seen = 0;
    while (seen != (FD_CONNECT | FD_WRITE)) {
        WSANETWORKEVENTS record = next_events(client, event);
        CHECK_EQUAL(record.iErrorCode[FD_CONNECT_BIT], 0);
        REQUIRE(record.lNetworkEvents != 0);
        seen |= record.lNetworkEvents;
    }
}

static void refused(const struct test *test)
{
    struct address nobody = silent_address(test->family);
    SOCKET client = open_socket(test->family, SOCK_STREAM);
    WSAEVENT event = select_events(client, FD_CONNECT);
    CHECK_FAILS(connect(client, &nobody.any, nobody.length) == SOCKET_ERROR, WSAEWOULDBLOCK);
    WSANETWORKEVENTS record = next_events(client, event);
    CHECK_EQUAL(record.lNetworkEvents, FD_CONNECT);
    CHECK_EQUAL(record.iErrorCode[FD_CONNECT_BIT], WSAECONNREFUSED);
}

/* The page's own example: what is left after recv is announced again. */
static void reads(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    WSAEVENT event = select_events(pair.server, FD_READ);
    char buffer[2];
    CHECK(!is_set(event));
    send_text(pair.client, "four");
    REQUIRE(wait_available(pair.server, 4));
    CHECK_EQUAL(next_events(pair.server, event).lNetworkEvents, FD_READ);
    CHECK(!is_set(event));
    CHECK_EQUAL(recv(pair.server, buffer, 2, 0), 2);
    CHECK_EQUAL(next_events(pair.server, event).lNetworkEvents, FD_READ);
    CHECK_EQUAL(recv(pair.server, buffer, 2, 0), 2);
    CHECK(!is_set(event));
}

/* Nothing more is announced until the re-enabling function has been called. */
static void reads_once(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    WSAEVENT event = select_events(pair.server, FD_READ);
    send_text(pair.client, "a");
    CHECK_EQUAL(next_events(pair.server, event).lNetworkEvents, FD_READ);
    send_text(pair.client, "b");
    REQUIRE(wait_available(pair.server, 2));
    CHECK(!is_set(event));
}

static void already_happened(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    send_text(pair.client, "early");
    REQUIRE(wait_available(pair.server, 5));
    WSAEVENT event = select_events(pair.server, FD_READ);
    CHECK(is_set(event));
    CHECK_EQUAL(next_events(pair.server, event).lNetworkEvents, FD_READ);
}

static void closes(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    WSAEVENT event = select_events(pair.server, FD_CLOSE | FD_READ);
    close_owned_socket(pair.client);
    WSANETWORKEVENTS record = next_events(pair.server, event);
    CHECK_EQUAL(record.lNetworkEvents, FD_CLOSE);
    CHECK_EQUAL(record.iErrorCode[FD_CLOSE_BIT], 0);
}

static void resets(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    WSAEVENT event = select_events(pair.server, FD_CLOSE);
    close_hard(pair.client);
    WSANETWORKEVENTS record = next_events(pair.server, event);
    CHECK_EQUAL(record.lNetworkEvents, FD_CLOSE);
    CHECK_EQUAL(record.iErrorCode[FD_CLOSE_BIT], WSAECONNRESET);
}

/* FD_WRITE: at first, and then when there is room again after WSAEWOULDBLOCK. */
static void writes(const struct test *test)
{
    static char block[65536];
    struct pair pair = open_pair(test->family);
    WSAEVENT event = select_events(pair.client, FD_WRITE);
    int sent;
    CHECK_EQUAL(next_events(pair.client, event).lNetworkEvents, FD_WRITE);
    for (int i = 0; i < 4096 && (sent = send(pair.client, block, sizeof block, 0)) > 0; i++)
        ;
    CHECK_EQUAL(WSAGetLastError(), WSAEWOULDBLOCK);
    CHECK(!is_set(event));
    set_nonblocking(pair.server, true);
    while (!is_set(event)) {
        REQUIRE(wait_readable(pair.server));
        REQUIRE(recv(pair.server, block, sizeof block, 0) > 0);
        if (wait_available(pair.server, 1) == false)
            break;
    }
    CHECK_EQUAL(next_events(pair.client, event).lNetworkEvents, FD_WRITE);
}

static void urgent(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    WSAEVENT event = select_events(pair.server, FD_OOB | FD_READ);
    char byte;
    REQUIRE(send(pair.client, "!", 1, MSG_OOB) == 1);
    CHECK_EQUAL(next_events(pair.server, event).lNetworkEvents, FD_OOB);
    CHECK_EQUAL(recv(pair.server, &byte, 1, MSG_OOB), 1);
    CHECK_EQUAL(byte, '!');
}

static void datagrams(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    WSAEVENT event = select_events(pair.server, FD_READ);
    char buffer[8];
    send_text(pair.client, "data");
    CHECK_EQUAL(next_events(pair.server, event).lNetworkEvents, FD_READ);
    CHECK_EQUAL(recv(pair.server, buffer, sizeof buffer, 0), 4);
}

/* The socket becomes nonblocking, and cannot be made blocking while events are selected. */
static void becomes_nonblocking(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    WSAEVENT event = select_events(pair.server, FD_CLOSE);
    u_long blocking = 0;
    char byte;
    CHECK_FAILS(recv(pair.server, &byte, 1, 0) == SOCKET_ERROR, WSAEWOULDBLOCK);
    CHECK_FAILS(ioctlsocket(pair.server, FIONBIO, &blocking) == SOCKET_ERROR, WSAEINVAL);
    CHECK_EQUAL(WSAEventSelect(pair.server, event, 0), 0);
    CHECK_EQUAL(ioctlsocket(pair.server, FIONBIO, &blocking), 0);
}

static void cancelled(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    WSAEVENT event = select_events(pair.server, FD_READ);
    CHECK_EQUAL(WSAEventSelect(pair.server, NULL, 0), 0);
    send_text(pair.client, "x");
    REQUIRE(wait_available(pair.server, 1));
    CHECK(!is_set(event));
}

static void replaced(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    WSAEVENT first = select_events(pair.server, FD_READ);
    WSAEVENT second = select_events(pair.server, FD_READ | FD_CLOSE);
    send_text(pair.client, "x");
    CHECK_EQUAL(next_events(pair.server, second).lNetworkEvents, FD_READ);
    CHECK(!is_set(first));
}

/* accept: the new socket has the listening socket's events and event object. */
static void accepted_inherits(const struct test *test)
{
    struct address at;
    SOCKET listener = open_listener(test->family, &at), client = open_socket(test->family, SOCK_STREAM);
    WSAEVENT event = select_events(listener, FD_ACCEPT | FD_READ);
    REQUIRE(connect(client, &at.any, at.length) == 0);
    CHECK_EQUAL(next_events(listener, event).lNetworkEvents, FD_ACCEPT);
    SOCKET server = own_socket(accept(listener, NULL, NULL));
    send_text(client, "x");
    CHECK_EQUAL(next_events(server, event).lNetworkEvents, FD_READ);
}

/* WSAEnumNetworkEvents without an event object clears the record and leaves the object. */
static void leaves_event(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    WSAEVENT event = select_events(pair.server, FD_READ);
    WSANETWORKEVENTS record;
    send_text(pair.client, "x");
    REQUIRE(wait_event(event));
    CHECK_EQUAL(WSAEnumNetworkEvents(pair.server, NULL, &record), 0);
    CHECK_EQUAL(record.lNetworkEvents, FD_READ);
    CHECK(is_set(event));
    CHECK_EQUAL(WSAEnumNetworkEvents(pair.server, event, &record), 0);
    CHECK_EQUAL(record.lNetworkEvents, 0);
    CHECK(!is_set(event));
}

static void several_sockets(const struct test *test)
{
    struct pair first = open_pair(test->family), second = open_pair(test->family);
    WSAEVENT events[] = {select_events(first.server, FD_READ), select_events(second.server, FD_READ)};
    send_text(second.client, "x");
    CHECK_EQUAL(WSAWaitForMultipleEvents(2, events, FALSE, DEADLINE, FALSE), WSA_WAIT_EVENT_0 + 1);
    CHECK_EQUAL(next_events(second.server, events[1]).lNetworkEvents, FD_READ);
}

static void one_event_for_two(const struct test *test)
{
    struct pair first = open_pair(test->family), second = open_pair(test->family);
    WSAEVENT event = select_events(first.server, FD_READ);
    WSANETWORKEVENTS record;
    REQUIRE(WSAEventSelect(second.server, event, FD_READ) == 0);
    send_text(second.client, "x");
    REQUIRE(wait_event(event));
    CHECK_EQUAL(WSAEnumNetworkEvents(first.server, NULL, &record), 0);
    CHECK_EQUAL(record.lNetworkEvents, 0);
    CHECK_EQUAL(WSAEnumNetworkEvents(second.server, NULL, &record), 0);
    CHECK_EQUAL(record.lNetworkEvents, FD_READ);
}

static void no_event(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(WSAEventSelect(s, NULL, FD_READ) == SOCKET_ERROR, WSAEINVAL);
}

static void no_record(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(WSAEnumNetworkEvents(s, NULL, NULL) == SOCKET_ERROR, WSAEFAULT);
}

const struct test_case events_cases[] = {
    {"events/life", life, 0, NULL},
    {"events/wait-any-and-all", wait_any_and_all, 0, NULL},
    {"events/wait-wrongly", wait_wrongly, 0, NULL},
    {"events/accepts", accepts, BOTH_FAMILIES, NULL},
    {"events/accepts-again", accepts_again, BOTH_FAMILIES, NULL},
    {"events/connects", connects, BOTH_FAMILIES, NULL},
    {"events/refused", refused, BOTH_FAMILIES, NULL},
    {"events/reads", reads, BOTH_FAMILIES, NULL},
    {"events/reads-once", reads_once, BOTH_FAMILIES, NULL},
    {"events/already-happened", already_happened, BOTH_FAMILIES, NULL},
    {"events/closes", closes, BOTH_FAMILIES, NULL},
    {"events/resets", resets, BOTH_FAMILIES, NULL},
    {"events/writes", writes, BOTH_FAMILIES, NULL},
    {"events/urgent", urgent, BOTH_FAMILIES, NULL},
    {"events/datagrams", datagrams, BOTH_FAMILIES, NULL},
    {"events/becomes-nonblocking", becomes_nonblocking, BOTH_FAMILIES, NULL},
    {"events/cancelled", cancelled, BOTH_FAMILIES, NULL},
    {"events/replaced", replaced, BOTH_FAMILIES, NULL},
    {"events/accepted-inherits", accepted_inherits, BOTH_FAMILIES, NULL},
    {"events/leaves-event", leaves_event, BOTH_FAMILIES, NULL},
    {"events/several-sockets", several_sockets, BOTH_FAMILIES, NULL},
    {"events/one-event-for-two", one_event_for_two, BOTH_FAMILIES, NULL},
    {"events/no-event", no_event, BOTH_FAMILIES, NULL},
    {"events/no-record", no_record, BOTH_FAMILIES, NULL},
    {0},
};
