/* WSAAsyncSelect with a message window. Expected values: the pages WSAAsyncSelect, WSAAsyncGetHostByName,
 * WSAAsyncGetServByName, WSACancelAsyncRequest. */
#include "net.h"

enum { MESSAGE = WM_USER + 17, OTHER_MESSAGE };

static HWND open_window(void)
{
    return own_window(CreateWindowExW(0, L"STATIC", L"", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL));
}

/* The next message of ours, or a failed case. */
static MSG next_message(HWND window)
{
    ULONGLONG end = GetTickCount64() + (ULONGLONG)DEADLINE;
    MSG message;
    while (!PeekMessageW(&message, window, WM_USER, 0x7fff, PM_REMOVE)) {
        ULONGLONG now = GetTickCount64();
        REQUIRE(now < end);
        MsgWaitForMultipleObjects(0, NULL, FALSE, (DWORD)(end - now), QS_ALLINPUT);
    }
    return message;
}

static bool no_message(HWND window)
{
    MSG message;
    return !PeekMessageW(&message, window, WM_USER, 0x7fff, PM_NOREMOVE);
}

static void expect_message(HWND window, SOCKET s, int event, int error)
{
    MSG message = next_message(window);
    CHECK_EQUAL(message.message, MESSAGE);
    CHECK_EQUAL(message.wParam, s);
    CHECK_EQUAL(WSAGETSELECTEVENT(message.lParam), event);
    CHECK_EQUAL(WSAGETSELECTERROR(message.lParam), error);
}

static HWND select_messages(SOCKET s, long events)
{
    HWND window = open_window();
    REQUIRE(WSAAsyncSelect(s, window, MESSAGE, events) == 0);
    return window;
}

static void accepts(const struct test *test)
{
    struct address at;
    SOCKET listener = open_listener(test->family, &at), client = open_socket(test->family, SOCK_STREAM);
    HWND window = select_messages(listener, FD_ACCEPT);
    REQUIRE(connect(client, &at.any, at.length) == 0);
    expect_message(window, listener, FD_ACCEPT, 0);
    own_socket(accept(listener, NULL, NULL));
}

static void connects(const struct test *test)
{
    struct address at;
    open_listener(test->family, &at);
    SOCKET client = open_socket(test->family, SOCK_STREAM);
    HWND window = select_messages(client, FD_CONNECT);
    CHECK_FAILS(connect(client, &at.any, at.length) == SOCKET_ERROR, WSAEWOULDBLOCK);
    expect_message(window, client, FD_CONNECT, 0);
}

static void refused(const struct test *test)
{
    struct address nobody = silent_address(test->family);
    SOCKET client = open_socket(test->family, SOCK_STREAM);
    HWND window = select_messages(client, FD_CONNECT);
    CHECK_FAILS(connect(client, &nobody.any, nobody.length) == SOCKET_ERROR, WSAEWOULDBLOCK);
    expect_message(window, client, FD_CONNECT, WSAECONNREFUSED);
}

static void reads(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HWND window = select_messages(pair.server, FD_READ);
    char buffer[2];
    send_text(pair.client, "four");
    REQUIRE(wait_available(pair.server, 4));
    expect_message(window, pair.server, FD_READ, 0);
    CHECK(no_message(window));
    CHECK_EQUAL(recv(pair.server, buffer, 2, 0), 2);
    expect_message(window, pair.server, FD_READ, 0);
    CHECK_EQUAL(recv(pair.server, buffer, 2, 0), 2);
    CHECK(no_message(window));
}

static void writes(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HWND window = select_messages(pair.client, FD_WRITE);
    expect_message(window, pair.client, FD_WRITE, 0);
}

static void closes(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HWND window = select_messages(pair.server, FD_CLOSE | FD_READ);
    close_owned_socket(pair.client);
    expect_message(window, pair.server, FD_CLOSE, 0);
}

static void resets(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HWND window = select_messages(pair.server, FD_CLOSE);
    close_hard(pair.client);
    expect_message(window, pair.server, FD_CLOSE, WSAECONNRESET);
}

static void urgent(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HWND window = select_messages(pair.server, FD_OOB);
    char byte;
    REQUIRE(send(pair.client, "!", 1, MSG_OOB) == 1);
    expect_message(window, pair.server, FD_OOB, 0);
    CHECK_EQUAL(recv(pair.server, &byte, 1, MSG_OOB), 1);
}

static void datagrams(const struct test *test)
{
    struct pair pair = open_datagram_pair(test->family);
    HWND window = select_messages(pair.server, FD_READ);
    char buffer[8];
    send_text(pair.client, "data");
    expect_message(window, pair.server, FD_READ, 0);
    CHECK_EQUAL(recv(pair.server, buffer, sizeof buffer, 0), 4);
}

static void becomes_nonblocking(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HWND window = select_messages(pair.server, FD_CLOSE);
    u_long blocking = 0;
    char byte;
    CHECK_FAILS(recv(pair.server, &byte, 1, 0) == SOCKET_ERROR, WSAEWOULDBLOCK);
    CHECK_FAILS(ioctlsocket(pair.server, FIONBIO, &blocking) == SOCKET_ERROR, WSAEINVAL);
    CHECK_EQUAL(WSAAsyncSelect(pair.server, window, 0, 0), 0);
    CHECK_EQUAL(ioctlsocket(pair.server, FIONBIO, &blocking), 0);
}

static void cancelled(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HWND window = select_messages(pair.server, FD_READ);
    CHECK_EQUAL(WSAAsyncSelect(pair.server, window, 0, 0), 0);
    send_text(pair.client, "x");
    REQUIRE(wait_available(pair.server, 1));
    CHECK(no_message(window));
}

/* The second call cancels the effects of the first. */
static void replaced(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    HWND window = open_window();
    REQUIRE(WSAAsyncSelect(pair.server, window, OTHER_MESSAGE, FD_READ) == 0);
    REQUIRE(WSAAsyncSelect(pair.server, window, MESSAGE, FD_CLOSE) == 0);
    send_text(pair.client, "x");
    REQUIRE(wait_available(pair.server, 1));
    CHECK(no_message(window));
    expect_text(pair.server, "x");
    close_owned_socket(pair.client);
    expect_message(window, pair.server, FD_CLOSE, 0);
}

static void cancels_event_select(const struct test *test)
{
    struct pair pair = open_pair(test->family);
    WSAEVENT event = open_event();
    REQUIRE(WSAEventSelect(pair.server, event, FD_READ) == 0);
    HWND window = select_messages(pair.server, FD_READ);
    send_text(pair.client, "x");
    expect_message(window, pair.server, FD_READ, 0);
    CHECK(!is_set(event));
}

static void accepted_inherits(const struct test *test)
{
    struct address at;
    SOCKET listener = open_listener(test->family, &at), client = open_socket(test->family, SOCK_STREAM);
    HWND window = select_messages(listener, FD_ACCEPT | FD_READ);
    REQUIRE(connect(client, &at.any, at.length) == 0);
    expect_message(window, listener, FD_ACCEPT, 0);
    SOCKET server = own_socket(accept(listener, NULL, NULL));
    send_text(client, "x");
    expect_message(window, server, FD_READ, 0);
}

static void wrong_window(const struct test *test)
{
    SOCKET s = open_socket(test->family, SOCK_STREAM);
    CHECK_FAILS(WSAAsyncSelect(s, (HWND)(ULONG_PTR)0xdead, MESSAGE, FD_READ) == SOCKET_ERROR, WSAEINVAL);
}

/* wParam is the request's handle, the high word of lParam its error. */
static void host_by_name(const struct test *test)
{
    (void)test;
    char buffer[MAXGETHOSTSTRUCT];
    HWND window = open_window();
    HANDLE request = WSAAsyncGetHostByName(window, MESSAGE, "localhost", buffer, sizeof buffer);
    REQUIRE(request != NULL);
    MSG message = next_message(window);
    CHECK_EQUAL(message.wParam, (WPARAM)request);
    CHECK_EQUAL(WSAGETASYNCERROR(message.lParam), 0);
    const struct hostent *host = (const struct hostent *)buffer;
    CHECK_EQUAL(host->h_addrtype, AF_INET);
}

static void host_by_name_short(const struct test *test)
{
    (void)test;
    char buffer[4];
    HWND window = open_window();
    HANDLE request = WSAAsyncGetHostByName(window, MESSAGE, "localhost", buffer, sizeof buffer);
    REQUIRE(request != NULL);
    MSG message = next_message(window);
    CHECK_EQUAL(WSAGETASYNCERROR(message.lParam), WSAENOBUFS);
}

static void cancel_unknown_request(const struct test *test)
{
    (void)test;
    CHECK_FAILS(WSACancelAsyncRequest((HANDLE)(ULONG_PTR)0xbeef) == SOCKET_ERROR, WSAEINVAL);
}

const struct test_case async_cases[] = {
    {"async/accepts", accepts, BOTH_FAMILIES, NULL},
    {"async/connects", connects, BOTH_FAMILIES, NULL},
    {"async/refused", refused, BOTH_FAMILIES, NULL},
    {"async/reads", reads, BOTH_FAMILIES, NULL},
    {"async/writes", writes, BOTH_FAMILIES, NULL},
    {"async/closes", closes, BOTH_FAMILIES, NULL},
    {"async/resets", resets, BOTH_FAMILIES, NULL},
    {"async/urgent", urgent, BOTH_FAMILIES, NULL},
    {"async/datagrams", datagrams, BOTH_FAMILIES, NULL},
    {"async/becomes-nonblocking", becomes_nonblocking, BOTH_FAMILIES, NULL},
    {"async/cancelled", cancelled, BOTH_FAMILIES, NULL},
    {"async/replaced", replaced, BOTH_FAMILIES, NULL},
    {"async/cancels-WSAEventSelect", cancels_event_select, BOTH_FAMILIES, NULL},
    {"async/accepted-inherits", accepted_inherits, BOTH_FAMILIES, NULL},
    {"async/wrong-window", wrong_window, BOTH_FAMILIES, NULL},
    {"async/WSAAsyncGetHostByName", host_by_name, 0, NULL},
    {"async/WSAAsyncGetHostByName-short", host_by_name_short, 0, NULL},
    {"async/WSACancelAsyncRequest-unknown", cancel_unknown_request, 0, NULL},
    {0},
};
