/* test_record.exe traffic, handles: data through the layer, in each way that programs are told of it; and what else a
 * socket is, a file of the system. The same for handles of the system's (IFS) and of the layer's. */
#include <stdlib.h>
#include <string.h>

#include "record_test.h"
#include "tap.h"

enum { KEY = 5, LONGEST = 10000 /* ms */ };

static bool ifs;
static char in_bytes[64];

static bool receives(SOCKET s, const char *wanted)
{
    size_t size = strlen(wanted), got = 0;
    while (got < size) {
        int now = recv(s, in_bytes + got, (int)(size - got), 0);
        if (now <= 0)
            return false;
        got += (size_t)now;
    }
    return memcmp(in_bytes, wanted, size) == 0;
}

static void both_families(void (*scenario)(int family))
{
    scenario(AF_INET);
    scenario(AF_INET6);
}

static void echo(int family)
{
    struct pair pair = make_pair(family);
    LONG sends = record_calls(&top, RECORD_Send), receives_before = record_calls(&top, RECORD_Recv);
    EXPECT(send(pair.client, "one", 3, 0) == 3 && receives(pair.server, "one"));
    EXPECT(send(pair.server, "four", 4, 0) == 4 && receives(pair.client, "four"));
    EXPECT(record_calls(&top, RECORD_Send) == sends + 2 && record_calls(&top, RECORD_Recv) >= receives_before + 2);
    EXPECT(shutdown(pair.client, SD_SEND) == 0 && recv(pair.server, in_bytes, 1, 0) == 0);
    close_pair(pair);
}

static void streams(void)
{
    both_families(echo);
}

static void datagrams(void)
{
    SOCKADDR_STORAGE name, from;
    int length, from_length = sizeof(from);
    SOCKET receiver = make_bound(&name, &length);
    SOCKET sender = make_socket(AF_INET, SOCK_DGRAM);
    SOCKADDR_STORAGE own;
    int own_length = sizeof(own);
    EXPECT(sendto(sender, "hello", 5, 0, (struct sockaddr *)&name, length) == 5);
    EXPECT(recvfrom(receiver, in_bytes, sizeof(in_bytes), 0, (struct sockaddr *)&from, &from_length) == 5);
    EXPECT(memcmp(in_bytes, "hello", 5) == 0 && getsockname(sender, (struct sockaddr *)&own, &own_length) == 0);
    EXPECT(((struct sockaddr_in *)&from)->sin_port == ((struct sockaddr_in *)&own)->sin_port);
    closesocket(sender);
    closesocket(receiver);
}

/* One overlapped WSARecv under way; 0 or WSA_IO_PENDING. */
static int begin_receive(SOCKET s, WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF buffer = {sizeof(in_bytes), in_bytes};
    DWORD flags = 0, bytes;
    memset(in_bytes, 0, sizeof(in_bytes));
    return WSARecv(s, &buffer, 1, &bytes, &flags, overlapped, routine) == 0 ? 0 : WSAGetLastError();
}

static void overlapped_by_event(void)
{
    struct pair pair = make_pair(AF_INET);
    WSAOVERLAPPED overlapped = {.hEvent = WSACreateEvent()};
    DWORD bytes = 0, flags = 0;
    EXPECT(begin_receive(pair.server, &overlapped, NULL) == WSA_IO_PENDING);
    EXPECT(!WSAGetOverlappedResult(pair.server, &overlapped, &bytes, FALSE, &flags) &&
           WSAGetLastError() == WSA_IO_INCOMPLETE);
    EXPECT(send(pair.client, "event", 5, 0) == 5);
    EXPECT(WSAWaitForMultipleEvents(1, &overlapped.hEvent, TRUE, LONGEST, FALSE) == WSA_WAIT_EVENT_0);
    EXPECT(WSAGetOverlappedResult(pair.server, &overlapped, &bytes, TRUE, &flags) && bytes == 5);
    EXPECT(memcmp(in_bytes, "event", 5) == 0);
    WSAResetEvent(overlapped.hEvent);
    EXPECT(send(pair.client, "now", 3, 0) == 3);
    int begun = begin_receive(pair.server, &overlapped, NULL);
    EXPECT(begun == 0 || begun == WSA_IO_PENDING);
    EXPECT(WSAGetOverlappedResult(pair.server, &overlapped, &bytes, TRUE, &flags) && bytes == 3);
    WSACloseEvent(overlapped.hEvent);
    close_pair(pair);
}

static struct {
    int calls;
    DWORD error, bytes, thread;
    WSAOVERLAPPED *overlapped;
} completed;

static void CALLBACK on_completed(DWORD error, DWORD bytes, WSAOVERLAPPED *overlapped, DWORD flags)
{
    (void)flags;
    completed.calls++;
    completed.error = error;
    completed.bytes = bytes;
    completed.overlapped = overlapped;
    completed.thread = GetCurrentThreadId();
}

static void overlapped_by_routine(void)
{
    struct pair pair = make_pair(AF_INET);
    WSAOVERLAPPED overlapped = {.hEvent = NULL};
    memset(&completed, 0, sizeof(completed));
    EXPECT(begin_receive(pair.server, &overlapped, on_completed) == WSA_IO_PENDING);
    EXPECT(send(pair.client, "routine", 7, 0) == 7);
    EXPECT(completed.calls == 0);
    for (int i = 0; i < 100 && completed.calls == 0; i++)
        SleepEx(100, TRUE);
    EXPECT(completed.calls == 1 && completed.error == 0 && completed.bytes == 7);
    EXPECT(completed.overlapped == &overlapped && completed.thread == GetCurrentThreadId());
    close_pair(pair);
}

static bool packet(HANDLE port, const WSAOVERLAPPED *overlapped, DWORD *bytes)
{
    ULONG_PTR key = 0;
    OVERLAPPED *got = NULL;
    bool good = GetQueuedCompletionStatus(port, bytes, &key, &got, LONGEST);
    if (got != overlapped || key != KEY) {
        printf("# the packet has the key %d and %s structure\n", (int)key, got == overlapped ? "the" : "another");
        tap_good = false;
    }
    return good;
}

static void overlapped_by_port(void)
{
    struct pair pair = make_pair(AF_INET);
    HANDLE port = CreateIoCompletionPort((HANDLE)pair.server, NULL, KEY, 0);
    WSAOVERLAPPED overlapped = {.hEvent = NULL};
    DWORD bytes = 0;
    EXPECT(port != NULL && begin_receive(pair.server, &overlapped, NULL) == WSA_IO_PENDING);
    EXPECT(send(pair.client, "port", 4, 0) == 4);
    EXPECT(packet(port, &overlapped, &bytes) && bytes == 4 && memcmp(in_bytes, "port", 4) == 0);
    WSABUF buffer = {3, (char *)"out"};
    int sent = WSASend(pair.server, &buffer, 1, &bytes, 0, &overlapped, NULL);
    EXPECT(sent == 0 || WSAGetLastError() == WSA_IO_PENDING);
    EXPECT(packet(port, &overlapped, &bytes) && bytes == 3 && receives(pair.client, "out"));
    EXPECT(begin_receive(pair.server, &overlapped, NULL) == WSA_IO_PENDING);
    EXPECT(closesocket(pair.server) == 0);
    EXPECT(!packet(port, &overlapped, &bytes)); /* pending operations are cancelled by closesocket */
    CloseHandle(port);
    closesocket(pair.client);
}

/* Extension functions come through WSAIoctl, "as the pointer may be other for each socket". */
static void *extension(SOCKET s, GUID id)
{
    void *function = NULL;
    DWORD returned = 0;
    EXPECT(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id), &function, sizeof(function), &returned,
                    NULL, NULL) == 0);
    EXPECT(function != NULL && returned == sizeof(function));
    return function;
}

static bool ends(SOCKET s, WSAOVERLAPPED *overlapped, DWORD *bytes)
{
    DWORD flags = 0;
    return WSAGetOverlappedResult(s, overlapped, bytes, TRUE, &flags) != FALSE;
}

static bool pending(bool done)
{
    return done || WSAGetLastError() == WSA_IO_PENDING;
}

static void bind_any(SOCKET s)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    EXPECT(bind(s, (struct sockaddr *)&any, sizeof(any)) == 0);
}

static void extension_connections(void)
{
    SOCKADDR_STORAGE name;
    int length;
    DWORD bytes = 0;
    char answer[2 * (sizeof(struct sockaddr_in) + 16)];
    WSAOVERLAPPED accepting = {.hEvent = WSACreateEvent()}, connecting = {.hEvent = WSACreateEvent()};
    SOCKET listener = make_listener(AF_INET, &name, &length);
    struct pair pair = {make_socket(AF_INET, SOCK_STREAM), make_socket(AF_INET, SOCK_STREAM)};
    LPFN_ACCEPTEX accept_ex = (LPFN_ACCEPTEX)extension(listener, (GUID)WSAID_ACCEPTEX);
    LPFN_CONNECTEX connect_ex = (LPFN_CONNECTEX)extension(pair.client, (GUID)WSAID_CONNECTEX);
    LPFN_DISCONNECTEX disconnect_ex = (LPFN_DISCONNECTEX)extension(pair.client, (GUID)WSAID_DISCONNECTEX);
    if (accept_ex == NULL || connect_ex == NULL || disconnect_ex == NULL)
        return;
    EXPECT(pending(
        accept_ex(listener, pair.server, answer, 0, sizeof(answer) / 2, sizeof(answer) / 2, &bytes, &accepting)));
    bind_any(pair.client);
    EXPECT(pending(connect_ex(pair.client, (struct sockaddr *)&name, length, NULL, 0, NULL, &connecting)));
    EXPECT(ends(pair.client, &connecting, &bytes) && ends(listener, &accepting, &bytes));
    EXPECT(setsockopt(pair.client, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0) == 0);
    EXPECT(setsockopt(pair.server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener, sizeof(listener)) == 0);
    EXPECT(send(pair.client, "extended", 8, 0) == 8 && receives(pair.server, "extended"));
    WSAResetEvent(connecting.hEvent);
    EXPECT(pending(disconnect_ex(pair.client, &connecting, 0, 0)) && ends(pair.client, &connecting, &bytes));
    EXPECT(recv(pair.server, in_bytes, 1, 0) == 0);
    WSACloseEvent(accepting.hEvent);
    WSACloseEvent(connecting.hEvent);
    closesocket(listener);
    close_pair(pair);
}

static void files_are_transmitted(void)
{
    struct pair pair = make_pair(AF_INET);
    wchar_t folder[MAX_PATH], path[MAX_PATH];
    DWORD bytes = 0;
    WSAOVERLAPPED overlapped = {.hEvent = WSACreateEvent()};
    EXPECT(GetTempPathW(MAX_PATH, folder) != 0 && GetTempFileNameW(folder, L"rec", 0, path) != 0);
    HANDLE file =
        CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    EXPECT(WriteFile(file, "0123456789", 10, &bytes, NULL) && SetFilePointer(file, 0, NULL, FILE_BEGIN) == 0);
    TRANSMIT_FILE_BUFFERS ends_of_it = {(void *)"<", 1, (void *)">", 1};
    EXPECT(pending(TransmitFile(pair.client, file, 0, 0, &overlapped, &ends_of_it, 0)));
    EXPECT(ends(pair.client, &overlapped, &bytes) && bytes == 12 && receives(pair.server, "<0123456789>"));
    WSACloseEvent(overlapped.hEvent);
    CloseHandle(file);
    close_pair(pair);
}

static void messages_with_their_destination(void)
{
    SOCKADDR_STORAGE name, from;
    int length;
    DWORD bytes = 0, on = 1;
    char control[128];
    SOCKET receiver = make_bound(&name, &length), sender = make_socket(AF_INET, SOCK_DGRAM);
    WSABUF out = {7, (char *)"message"}, in = {sizeof(in_bytes), in_bytes};
    WSAMSG send_message = {(SOCKADDR *)&name, length, &out, 1, {0, NULL}, 0};
    WSAMSG recv_message = {(SOCKADDR *)&from, sizeof(from), &in, 1, {sizeof(control), control}, 0};
    LPFN_WSARECVMSG recv_msg = (LPFN_WSARECVMSG)extension(receiver, (GUID)WSAID_WSARECVMSG);
    EXPECT(setsockopt(receiver, IPPROTO_IP, IP_PKTINFO, (char *)&on, sizeof(on)) == 0);
    int sent = WSASendMsg(sender, &send_message, 0, &bytes, NULL, NULL);
    if (sent == SOCKET_ERROR && WSAGetLastError() == WSAEOPNOTSUPP)
        EXPECT(sendto(sender, out.buf, 7, 0, (SOCKADDR *)&name, length) == 7); /* Wine 8 has no WSASendMsg */
    else
        EXPECT(sent == 0 && bytes == 7);
    EXPECT(recv_msg != NULL && recv_msg(receiver, &recv_message, &bytes, NULL, NULL) == 0 && bytes == 7);
    const WSACMSGHDR *header = WSA_CMSG_FIRSTHDR(&recv_message);
    EXPECT(header != NULL && header->cmsg_type == IP_PKTINFO);
    closesocket(receiver);
    closesocket(sender);
}

static void waiting_with_select(void)
{
    struct pair pair = make_pair(AF_INET);
    fd_set read = {2, {pair.client, pair.server}}, write = {1, {pair.client}};
    struct timeval timeout = {10, 0};
    EXPECT(send(pair.client, "x", 1, 0) == 1);
    EXPECT(select(0, &read, NULL, NULL, &timeout) == 1 && read.fd_count == 1 && read.fd_array[0] == pair.server);
    EXPECT(select(0, NULL, &write, NULL, &timeout) == 1 && FD_ISSET(pair.client, &write));
    WSAPOLLFD polled[] = {{pair.server, POLLRDNORM, 0}, {pair.client, POLLRDNORM, 0}};
    EXPECT(WSAPoll(polled, 2, LONGEST) == 1 && polled[0].revents == POLLRDNORM && polled[1].revents == 0);
    close_pair(pair);
}

static void network_events(void)
{
    struct pair pair = make_pair(AF_INET);
    WSANETWORKEVENTS events;
    WSAEVENT event = WSACreateEvent();
    EXPECT(WSAEventSelect(pair.server, event, FD_READ | FD_CLOSE) == 0 && send(pair.client, "x", 1, 0) == 1);
    EXPECT(WSAWaitForMultipleEvents(1, &event, TRUE, LONGEST, FALSE) == WSA_WAIT_EVENT_0);
    EXPECT(WSAEnumNetworkEvents(pair.server, event, &events) == 0 && events.lNetworkEvents == FD_READ &&
           events.iErrorCode[FD_READ_BIT] == 0);
    WSACloseEvent(event);
    close_pair(pair);
}

/* "The wParam parameter identifies the socket", which is the program's. */
static void window_messages(void)
{
    struct pair pair = make_pair(AF_INET);
    MSG message = {0};
    HWND window = CreateWindowExW(0, L"STATIC", L"", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
    EXPECT(WSAAsyncSelect(pair.server, window, WM_USER + 9, FD_READ) == 0 && send(pair.client, "x", 1, 0) == 1);
    for (int i = 0; i < 1000 && !PeekMessageW(&message, window, WM_USER + 9, WM_USER + 9, PM_REMOVE); i++)
        MsgWaitForMultipleObjects(0, NULL, FALSE, 10, QS_ALLINPUT);
    EXPECT(message.wParam == pair.server && WSAGETSELECTEVENT(message.lParam) == FD_READ &&
           WSAGETSELECTERROR(message.lParam) == 0);
    DestroyWindow(window);
    close_pair(pair);
}

static void duplicates_in_this_process(void)
{
    struct pair pair = make_pair(AF_INET);
    WSAPROTOCOL_INFOW info, own;
    int size = sizeof(own);
    LONG made = record_calls(&top, RECORD_Socket);
    EXPECT(getsockopt(pair.client, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&own, &size) == 0);
    EXPECT(WSADuplicateSocketW(pair.client, GetCurrentProcessId(), &info) == 0);
    EXPECT(info.ProtocolChain.ChainLen >= 2 && info.dwCatalogEntryId == own.dwCatalogEntryId);
    SOCKET copy = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED);
    EXPECT(copy != INVALID_SOCKET && record_calls(&top, RECORD_Socket) == made + 1);
    EXPECT(send(copy, "twice", 5, 0) == 5 && receives(pair.server, "twice"));
    EXPECT(closesocket(pair.client) == 0 && send(copy, "still", 5, 0) == 5 && receives(pair.server, "still"));
    closesocket(copy);
    closesocket(pair.server);
}

int test_traffic(void)
{
    start();
    RUN(streams);
    RUN(datagrams);
    RUN(overlapped_by_event);
    RUN(overlapped_by_routine);
    RUN(overlapped_by_port);
    RUN(extension_connections);
    RUN(files_are_transmitted);
    RUN(messages_with_their_destination);
    RUN(waiting_with_select);
    RUN(network_events);
    RUN(window_messages);
    RUN(duplicates_in_this_process);
    WSACleanup();
    return tap_end();
}

/* Sockets as files ------------------------------------------------------------------------------------------------ */

static void they_are_files_of_the_kernel(void)
{
    SOCKET s = make_socket(AF_INET, SOCK_STREAM);
    DWORD flags = 0;
    EXPECT(GetFileType((HANDLE)s) == FILE_TYPE_PIPE);
    EXPECT(SetHandleInformation((HANDLE)s, HANDLE_FLAG_INHERIT, 0));
    EXPECT(GetHandleInformation((HANDLE)s, &flags) && (flags & HANDLE_FLAG_INHERIT) == 0);
    EXPECT(SetHandleInformation((HANDLE)s, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
    EXPECT(GetHandleInformation((HANDLE)s, &flags) && (flags & HANDLE_FLAG_INHERIT) != 0);
    EXPECT(SetFileCompletionNotificationModes((HANDLE)s, FILE_SKIP_SET_EVENT_ON_HANDLE));
    EXPECT(closesocket(s) == 0 && !GetHandleInformation((HANDLE)s, &flags));
}

/* The system files' functions go to WSPRecv and WSPSend of a provider with handles of its own (WPUCreateSocketHandle),
 * and past one that passes the system's on (WPUModifyIFSHandle). ReadFile without overlapped waits only where the
 * handle is the layer's: sockets of the system's have the overlapped attribute. */
static void reading_and_writing(void)
{
    struct pair pair = make_pair(AF_INET);
    OVERLAPPED overlapped = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    LONG sends = record_calls(&top, RECORD_Send), receives_before = record_calls(&top, RECORD_Recv);
    DWORD bytes = 0;
    bool written = WriteFile((HANDLE)pair.client, "file", 4, &bytes, &overlapped) != FALSE;
    EXPECT(written || GetLastError() == ERROR_IO_PENDING);
    EXPECT(GetOverlappedResult((HANDLE)pair.client, &overlapped, &bytes, TRUE) && bytes == 4);
    memset(&overlapped, 0, offsetof(OVERLAPPED, hEvent));
    bool read = ReadFile((HANDLE)pair.server, in_bytes, sizeof(in_bytes), &bytes, &overlapped) != FALSE;
    EXPECT(read || GetLastError() == ERROR_IO_PENDING);
    EXPECT(GetOverlappedResult((HANDLE)pair.server, &overlapped, &bytes, TRUE) && bytes == 4);
    EXPECT(memcmp(in_bytes, "file", 4) == 0);
    EXPECT(record_calls(&top, RECORD_Send) == sends + !ifs &&
           record_calls(&top, RECORD_Recv) == receives_before + !ifs);
    CloseHandle(overlapped.hEvent);
    close_pair(pair);
}

static void reading_by_port(void)
{
    struct pair pair = make_pair(AF_INET);
    HANDLE port = CreateIoCompletionPort((HANDLE)pair.server, NULL, KEY, 0);
    OVERLAPPED overlapped = {.hEvent = NULL};
    DWORD bytes = 0;
    EXPECT(!ReadFile((HANDLE)pair.server, in_bytes, sizeof(in_bytes), NULL, &overlapped) &&
           GetLastError() == ERROR_IO_PENDING);
    EXPECT(!GetOverlappedResult((HANDLE)pair.server, &overlapped, &bytes, FALSE) &&
           GetLastError() == ERROR_IO_INCOMPLETE);
    EXPECT(send(pair.client, "packet", 6, 0) == 6 && packet(port, &overlapped, &bytes) && bytes == 6);
    CloseHandle(port);
    close_pair(pair);
}

static void CALLBACK on_read(DWORD error, DWORD bytes, OVERLAPPED *overlapped)
{
    on_completed(error, bytes, overlapped, 0);
}

static void reading_by_routine(void)
{
    struct pair pair = make_pair(AF_INET);
    OVERLAPPED overlapped = {.hEvent = NULL};
    memset(&completed, 0, sizeof(completed));
    EXPECT(ReadFileEx((HANDLE)pair.server, in_bytes, sizeof(in_bytes), &overlapped, on_read));
    EXPECT(send(pair.client, "ex", 2, 0) == 2);
    for (int i = 0; i < 100 && completed.calls == 0; i++)
        SleepEx(100, TRUE);
    EXPECT(completed.calls == 1 && completed.error == 0 && completed.bytes == 2 && completed.overlapped == &overlapped);
    close_pair(pair);
}

static void the_peer_s_end_is_the_file_s_end(void)
{
    struct pair pair = make_pair(AF_INET);
    OVERLAPPED overlapped = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    struct linger abort = {1, 0};
    DWORD bytes = 0;
    EXPECT(!ReadFile((HANDLE)pair.server, in_bytes, 4, NULL, &overlapped) && GetLastError() == ERROR_IO_PENDING);
    EXPECT(setsockopt(pair.client, SOL_SOCKET, SO_LINGER, (char *)&abort, sizeof(abort)) == 0);
    EXPECT(closesocket(pair.client) == 0);
    EXPECT(!GetOverlappedResult((HANDLE)pair.server, &overlapped, &bytes, TRUE) &&
           GetLastError() == ERROR_NETNAME_DELETED);
    CloseHandle(overlapped.hEvent);
    closesocket(pair.server);
}

/* A socket lives as long as one of its handles. */
static void duplicate_handles(void)
{
    struct pair pair = make_pair(AF_INET);
    HANDLE copy = NULL;
    LONG closes = record_calls(&top, RECORD_CloseSocket);
    EXPECT(DuplicateHandle(GetCurrentProcess(), (HANDLE)pair.client, GetCurrentProcess(), &copy, 0, FALSE,
                           DUPLICATE_SAME_ACCESS));
    EXPECT(copy != NULL && copy != (HANDLE)pair.client);
    EXPECT(send((SOCKET)copy, "copy", 4, 0) == 4 && receives(pair.server, "copy"));
    EXPECT(CloseHandle(copy) && send(pair.client, "rest", 4, 0) == 4 && receives(pair.server, "rest"));
    EXPECT(record_calls(&top, RECORD_CloseSocket) == closes);
    EXPECT(CloseHandle((HANDLE)pair.client) && recv(pair.server, in_bytes, 1, 0) == 0);
    /* Closing the file closes the layer's own handle through its WSPCloseSocket; a system's handle goes past it. */
    EXPECT(record_calls(&top, RECORD_CloseSocket) == closes + !ifs);
    EXPECT(closesocket(pair.client) == SOCKET_ERROR && WSAGetLastError() == WSAENOTSOCK);
    closesocket(pair.server);
}

static void operations_are_cancelled(void)
{
    struct pair pair = make_pair(AF_INET);
    WSAOVERLAPPED overlapped = {.hEvent = WSACreateEvent()};
    DWORD bytes = 0, flags = 0;
    EXPECT(begin_receive(pair.server, &overlapped, NULL) == WSA_IO_PENDING);
    EXPECT(CancelIo((HANDLE)pair.server));
    EXPECT(WSAWaitForMultipleEvents(1, &overlapped.hEvent, TRUE, LONGEST, FALSE) == WSA_WAIT_EVENT_0);
    EXPECT(!WSAGetOverlappedResult(pair.server, &overlapped, &bytes, FALSE, &flags) &&
           WSAGetLastError() == WSA_OPERATION_ABORTED);
    WSACloseEvent(overlapped.hEvent);
    close_pair(pair);
}

static void the_base_s_handle_is_known(void)
{
    SOCKET s = make_socket(AF_INET, SOCK_STREAM), base = INVALID_SOCKET;
    DWORD returned = 0;
    EXPECT(WSAIoctl(s, SIO_BASE_HANDLE, NULL, 0, &base, sizeof(base), &returned, NULL, NULL) == 0);
    EXPECT(returned == sizeof(base) && (base == s) == ifs);
    closesocket(s);
}

int test_handles(void)
{
    start();
    SOCKET s = make_socket(AF_INET, SOCK_STREAM);
    ifs = is_ifs(s);
    closesocket(s);
    RUN(they_are_files_of_the_kernel);
    RUN(reading_and_writing);
    RUN(reading_by_port);
    RUN(reading_by_routine);
    RUN(the_peer_s_end_is_the_file_s_end);
    RUN(duplicate_handles);
    RUN(operations_are_cancelled);
    RUN(the_base_s_handle_is_known);
    WSACleanup();
    return tap_end();
}
