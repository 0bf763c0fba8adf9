/* test_record.exe calls: each SPI function is reached by the API functions that stand for it, with the arguments that
 * its page tells, and its error is the program's last error. The layer fails the calls, so what the arguments point at
 * is used by nobody. */
#include <string.h>
#include <wchar.h>

#include "record_test.h"
#include "tap.h"

static SOCKET tcp, udp;

#define CALLED(function) (top.functions[RECORD_##function].last)

/* The call fails with `failure` and the layer's error, and has come down once with these arguments. */
#define FAILS(function, error, failure, call, ...)                                             \
    do {                                                                                       \
        const uintptr_t wanted[] = {__VA_ARGS__};                                              \
        LONG before = record_calls(&top, RECORD_##function);                                   \
        record_fail(&top, RECORD_##function, (error));                                         \
        SetLastError(0);                                                                       \
        EXPECT((call) == (failure));                                                           \
        EXPECT(WSAGetLastError() == (error));                                                  \
        EXPECT(record_calls(&top, RECORD_##function) == before + 1);                           \
        EXPECT(same_arguments(&CALLED(function), wanted, sizeof(wanted) / sizeof(wanted[0]))); \
    } while (0)
#define P(pointer) ((uintptr_t)(pointer))
#define ANY        ((uintptr_t)0xA11A11A1) /* an argument that the host makes itself */

static bool same_arguments(const struct record_call *call, const uintptr_t *wanted, size_t count)
{
    bool same = true;
    for (size_t i = 0; i < count; i++)
        if (wanted[i] != ANY && call->arguments[i] != wanted[i]) {
            printf("# argument %d is %#llx, not %#llx\n", (int)i + 1, (unsigned long long)call->arguments[i],
                   (unsigned long long)wanted[i]);
            same = false;
        }
    return same;
}

static bool apc_ran;
static DWORD apc_thread;

static void CALLBACK apc(ULONG_PTR context)
{
    apc_ran = context == 5;
    apc_thread = GetCurrentThreadId();
}

/* "A pointer to a WSATHREADID structure to be used by the provider in a subsequent call to WPUQueueApc" */
static bool names_this_thread(const struct record_call *call)
{
    apc_ran = false;
    return call->thread.ThreadHandle != NULL && QueueUserAPC(apc, call->thread.ThreadHandle, 5) != 0 &&
           SleepEx(0, TRUE) == WAIT_IO_COMPLETION && apc_ran && apc_thread == GetCurrentThreadId();
}

static int CALLBACK condition(WSABUF *a, WSABUF *b, QOS *c, QOS *d, WSABUF *e, WSABUF *f, GROUP *g, DWORD_PTR h)
{
    (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
    return CF_ACCEPT;
}

static void CALLBACK routine(DWORD error, DWORD bytes, WSAOVERLAPPED *overlapped, DWORD flags)
{
    (void)error, (void)bytes, (void)overlapped, (void)flags;
}

static struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = 0x1234};
static int address_length = sizeof(address);
static char bytes_here[32];
static WSABUF buffers[2] = {{sizeof(bytes_here), bytes_here}, {0, NULL}}, other_buffer;
static QOS qos[2];
static WSAOVERLAPPED overlapped;
static DWORD count_here, flags_here;

static void sockets_are_made_of_the_chain(void)
{
    WSAPROTOCOL_INFOW info;
    FAILS(Socket, WSAENOBUFS, INVALID_SOCKET, socket(AF_INET, SOCK_STREAM, IPPROTO_TCP), AF_INET, SOCK_STREAM,
          IPPROTO_TCP, ANY, 0, WSA_FLAG_OVERLAPPED);
    info = CALLED(Socket).info;
    EXPECT(info.ProtocolChain.ChainLen == 2 && info.iAddressFamily == AF_INET && info.iSocketType == SOCK_STREAM &&
           info.iProtocol == IPPROTO_TCP);
    FAILS(Socket, WSAEMFILE, INVALID_SOCKET,
          WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 7, WSA_FLAG_MULTIPOINT_C_LEAF | WSA_FLAG_OVERLAPPED), AF_INET,
          SOCK_DGRAM, 0, ANY, 7, WSA_FLAG_MULTIPOINT_C_LEAF | WSA_FLAG_OVERLAPPED);
    FAILS(Socket, WSAENETDOWN, INVALID_SOCKET, WSASocketA(AF_INET6, SOCK_STREAM, IPPROTO_TCP, NULL, 0, 0), AF_INET6,
          SOCK_STREAM, IPPROTO_TCP, ANY, 0, 0);
    info.dwProviderReserved = 0; /* "the values … are passed unmodified to the … provider" */
    FAILS(Socket, WSAEPROTONOSUPPORT, INVALID_SOCKET,
          WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED),
          (uintptr_t)FROM_PROTOCOL_INFO, (uintptr_t)FROM_PROTOCOL_INFO, (uintptr_t)FROM_PROTOCOL_INFO, ANY, 0,
          WSA_FLAG_OVERLAPPED);
    EXPECT(CALLED(Socket).info.dwCatalogEntryId == info.dwCatalogEntryId);
}

static void sockets_get_their_names(void)
{
    struct sockaddr *name = (struct sockaddr *)&address;
    FAILS(Bind, WSAEADDRINUSE, SOCKET_ERROR, bind(tcp, name, address_length), tcp, P(name), sizeof(address));
    EXPECT(memcmp(&CALLED(Bind).name, &address, sizeof(address)) == 0);
    FAILS(GetSockName, WSAEFAULT, SOCKET_ERROR, getsockname(tcp, name, &address_length), tcp, P(name),
          P(&address_length));
    FAILS(GetPeerName, WSAENOTCONN, SOCKET_ERROR, getpeername(tcp, name, &address_length), tcp, P(name),
          P(&address_length));
}

static void connections_are_made(void)
{
    struct sockaddr *name = (struct sockaddr *)&address;
    FAILS(Listen, WSAEINVAL, SOCKET_ERROR, listen(tcp, 12), tcp, 12);
    FAILS(Connect, WSAECONNREFUSED, SOCKET_ERROR, connect(tcp, name, address_length), tcp, P(name), sizeof(address), 0,
          0, 0, 0);
    FAILS(Connect, WSAETIMEDOUT, SOCKET_ERROR,
          WSAConnect(tcp, name, address_length, buffers, &other_buffer, &qos[0], &qos[1]), tcp, P(name),
          sizeof(address), P(buffers), P(&other_buffer), P(&qos[0]), P(&qos[1]));
    EXPECT(memcmp(&CALLED(Connect).name, &address, sizeof(address)) == 0);
    FAILS(Accept, WSAECONNREFUSED, INVALID_SOCKET, accept(tcp, name, &address_length), tcp, P(name), P(&address_length),
          0, 0);
    FAILS(Accept, WSATRY_AGAIN, INVALID_SOCKET, WSAAccept(tcp, name, &address_length, condition, 99), tcp, P(name),
          P(&address_length), P(condition), 99);
    FAILS(JoinLeaf, WSAEADDRNOTAVAIL, INVALID_SOCKET,
          WSAJoinLeaf(udp, name, address_length, buffers, &other_buffer, &qos[0], &qos[1], JL_BOTH), udp, P(name),
          sizeof(address), P(buffers), P(&other_buffer), P(&qos[0]), P(&qos[1]), JL_BOTH);
}

static void connections_end(void)
{
    FAILS(Shutdown, WSAENOTCONN, SOCKET_ERROR, shutdown(tcp, SD_BOTH), tcp, SD_BOTH);
    FAILS(SendDisconnect, WSAENOPROTOOPT, SOCKET_ERROR, WSASendDisconnect(tcp, buffers), tcp, P(buffers));
    FAILS(RecvDisconnect, WSAENOTCONN, SOCKET_ERROR, WSARecvDisconnect(tcp, buffers), tcp, P(buffers));
    FAILS(CloseSocket, WSAEWOULDBLOCK, SOCKET_ERROR, closesocket(tcp), tcp);
    EXPECT(getsockopt(tcp, SOL_SOCKET, SO_TYPE, bytes_here, &(int){4}) == 0); /* it is still there */
}

static void data_is_sent(void)
{
    struct sockaddr *name = (struct sockaddr *)&address;
    FAILS(Send, WSAECONNRESET, SOCKET_ERROR, send(tcp, "abc", 3, MSG_OOB), tcp, ANY, 1, ANY, MSG_OOB, 0, 0, ANY);
    EXPECT(CALLED(Send).buffer.len == 3 && memcmp(CALLED(Send).buffer.buf, "abc", 3) == 0);
    EXPECT(names_this_thread(&CALLED(Send)));
    FAILS(Send, WSA_IO_PENDING, SOCKET_ERROR, WSASend(tcp, buffers, 2, &count_here, MSG_PARTIAL, &overlapped, routine),
          tcp, P(buffers), 2, P(&count_here), MSG_PARTIAL, P(&overlapped), P(routine), ANY);
    EXPECT(names_this_thread(&CALLED(Send)));
    FAILS(SendTo, WSAEHOSTUNREACH, SOCKET_ERROR, sendto(udp, bytes_here, 5, MSG_DONTROUTE, name, address_length), udp,
          ANY, 1, ANY, MSG_DONTROUTE, P(name), sizeof(address), 0, 0, ANY);
    EXPECT(CALLED(SendTo).buffer.len == 5 && CALLED(SendTo).buffer.buf == bytes_here);
    EXPECT(memcmp(&CALLED(SendTo).name, &address, sizeof(address)) == 0);
    FAILS(SendTo, WSAEMSGSIZE, SOCKET_ERROR,
          WSASendTo(udp, buffers, 2, &count_here, 0, name, address_length, &overlapped, routine), udp, P(buffers), 2,
          P(&count_here), 0, P(name), sizeof(address), P(&overlapped), P(routine), ANY);
    EXPECT(names_this_thread(&CALLED(SendTo)));
}

static void data_is_received(void)
{
    struct sockaddr *name = (struct sockaddr *)&address;
    FAILS(Recv, WSAECONNABORTED, SOCKET_ERROR, recv(tcp, bytes_here, 9, MSG_PEEK), tcp, ANY, 1, ANY, ANY, 0, 0, ANY);
    EXPECT(CALLED(Recv).buffer.len == 9 && CALLED(Recv).buffer.buf == bytes_here && CALLED(Recv).flags == MSG_PEEK);
    EXPECT(names_this_thread(&CALLED(Recv)));
    flags_here = MSG_WAITALL;
    FAILS(Recv, WSAEDISCON, SOCKET_ERROR, WSARecv(tcp, buffers, 2, &count_here, &flags_here, &overlapped, routine), tcp,
          P(buffers), 2, P(&count_here), P(&flags_here), P(&overlapped), P(routine), ANY);
    EXPECT(CALLED(Recv).flags == MSG_WAITALL && names_this_thread(&CALLED(Recv)));
    FAILS(RecvFrom, WSAEMSGSIZE, SOCKET_ERROR, recvfrom(udp, bytes_here, 4, MSG_PEEK, name, &address_length), udp, ANY,
          1, ANY, ANY, P(name), P(&address_length), 0, 0, ANY);
    EXPECT(CALLED(RecvFrom).buffer.buf == bytes_here && CALLED(RecvFrom).flags == MSG_PEEK);
    FAILS(RecvFrom, WSAENETRESET, SOCKET_ERROR,
          WSARecvFrom(udp, buffers, 2, &count_here, &flags_here, name, &address_length, &overlapped, routine), udp,
          P(buffers), 2, P(&count_here), P(&flags_here), P(name), P(&address_length), P(&overlapped), P(routine), ANY);
    EXPECT(names_this_thread(&CALLED(RecvFrom)));
    FAILS(Recv, WSAENOTCONN, SOCKET_ERROR, WSARecvEx(tcp, bytes_here, 6, &(int){0}), tcp, ANY, 1, ANY, ANY, 0, 0, ANY);
    FAILS(GetOverlappedResult, WSA_IO_INCOMPLETE, FALSE,
          WSAGetOverlappedResult(tcp, &overlapped, &count_here, FALSE, &flags_here), tcp, P(&overlapped),
          P(&count_here), FALSE, P(&flags_here));
    FAILS(GetOverlappedResult, WSA_OPERATION_ABORTED, FALSE,
          WSAGetOverlappedResult(tcp, &overlapped, &count_here, TRUE, &flags_here), tcp, P(&overlapped), P(&count_here),
          TRUE, P(&flags_here));
}

static void options_and_controls(void)
{
    int size = 4;
    u_long argument = 1;
    FAILS(GetSockOpt, WSAENOPROTOOPT, SOCKET_ERROR, getsockopt(tcp, SOL_SOCKET, SO_RCVBUF, bytes_here, &size), tcp,
          SOL_SOCKET, SO_RCVBUF, P(bytes_here), P(&size));
    size = sizeof(WSAPROTOCOL_INFOA); /* "SO_PROTOCOL_INFOA … is not passed down": providers know the wide form */
    WSAPROTOCOL_INFOA info;
    FAILS(GetSockOpt, WSAENETDOWN, SOCKET_ERROR, getsockopt(tcp, SOL_SOCKET, SO_PROTOCOL_INFOA, (char *)&info, &size),
          tcp, SOL_SOCKET, SO_PROTOCOL_INFOW, ANY, ANY);
    FAILS(SetSockOpt, WSAEINVAL, SOCKET_ERROR, setsockopt(tcp, IPPROTO_TCP, TCP_NODELAY, bytes_here, 4), tcp,
          IPPROTO_TCP, TCP_NODELAY, P(bytes_here), 4);
    FAILS(Ioctl, WSAEFAULT, SOCKET_ERROR, ioctlsocket(tcp, FIONBIO, &argument), tcp, (DWORD)FIONBIO, P(&argument),
          sizeof(argument), ANY, ANY, ANY, 0, 0, ANY);
    FAILS(Ioctl, WSAEOPNOTSUPP, SOCKET_ERROR,
          WSAIoctl(tcp, SIO_KEEPALIVE_VALS, bytes_here, 12, &qos[0], 30, &count_here, &overlapped, routine), tcp,
          SIO_KEEPALIVE_VALS, P(bytes_here), 12, P(&qos[0]), 30, P(&count_here), P(&overlapped), P(routine), ANY);
    EXPECT(names_this_thread(&CALLED(Ioctl)));
    FAILS(GetQOSByName, WSAEOPNOTSUPP, FALSE, WSAGetQOSByName(tcp, buffers, &qos[1]), tcp, P(buffers), P(&qos[1]));
    EXPECT(CALLED(GetQOSByName).buffer.buf == bytes_here);
}

static void events_and_waiting(void)
{
    WSANETWORKEVENTS events;
    fd_set read = {1, {tcp}}, write = {0, {0}}, except = {2, {tcp, udp}};
    struct timeval timeout = {0, 5};
    WSAEVENT event = WSACreateEvent();
    FAILS(EventSelect, WSAEINVAL, SOCKET_ERROR, WSAEventSelect(tcp, event, FD_READ | FD_CLOSE), tcp, P(event),
          FD_READ | FD_CLOSE);
    FAILS(EnumNetworkEvents, WSAEINVAL, SOCKET_ERROR, WSAEnumNetworkEvents(tcp, event, &events), tcp, P(event),
          P(&events));
    FAILS(AsyncSelect, WSAENETDOWN, SOCKET_ERROR, WSAAsyncSelect(tcp, (HWND)0x77, WM_USER + 3, FD_WRITE), tcp, 0x77,
          WM_USER + 3, FD_WRITE);
    FAILS(Select, WSAEINTR, SOCKET_ERROR, select(4, &read, &write, &except, &timeout), 4, P(&read), P(&write),
          P(&except), P(&timeout));
    FAILS(Select, WSAENOBUFS, SOCKET_ERROR, select(0, NULL, NULL, &except, NULL), 0, 0, 0, P(&except), 0);
    WSACloseEvent(event);
}

static void addresses_and_text(void)
{
    WCHAR text[] = L"10.0.0.1:80", out[40];
    char ansi[] = "10.0.0.2";
    DWORD out_length = 40;
    SOCKADDR *name = (SOCKADDR *)&address;
    FAILS(StringToAddress, WSAEINVAL, SOCKET_ERROR, WSAStringToAddressW(text, AF_INET, NULL, name, &address_length),
          ANY, AF_INET, ANY, P(name), P(&address_length));
    EXPECT(wcscmp(CALLED(StringToAddress).text, text) == 0 && CALLED(StringToAddress).info.iAddressFamily == AF_INET);
    FAILS(StringToAddress, WSA_NOT_ENOUGH_MEMORY, SOCKET_ERROR,
          WSAStringToAddressA(ansi, AF_INET, NULL, name, &address_length), ANY, AF_INET, ANY, P(name),
          P(&address_length));
    EXPECT(wcscmp(CALLED(StringToAddress).text, L"10.0.0.2") == 0);
    FAILS(AddressToString, WSAEFAULT, SOCKET_ERROR, WSAAddressToStringW(name, sizeof(address), NULL, out, &out_length),
          P(name), sizeof(address), ANY, P(out), P(&out_length));
    EXPECT(CALLED(AddressToString).info.iAddressFamily == AF_INET);
    FAILS(AddressToString, WSAEINVAL, SOCKET_ERROR,
          WSAAddressToStringA(name, sizeof(address), NULL, bytes_here, &out_length), P(name), sizeof(address), ANY, ANY,
          ANY);
}

static void sockets_are_shared(void)
{
    WSAPROTOCOL_INFOW info;
    WSAPROTOCOL_INFOA ansi;
    FAILS(DuplicateSocket, WSAEMFILE, SOCKET_ERROR, WSADuplicateSocketW(tcp, 4711, &info), tcp, 4711, P(&info));
    FAILS(DuplicateSocket, WSAENOBUFS, SOCKET_ERROR, WSADuplicateSocketA(tcp, 4712, &ansi), tcp, 4712, ANY);
}

/* mswsock's functions are extension functions of the socket's provider. */
static void extension_functions_are_asked_for(void)
{
    static const GUID accept_id = WSAID_ACCEPTEX, file_id = WSAID_TRANSMITFILE;
    FAILS(Ioctl, WSAEINVAL, FALSE, AcceptEx(tcp, udp, bytes_here, 0, 16, 16, &count_here, &overlapped), tcp,
          SIO_GET_EXTENSION_FUNCTION_POINTER, ANY, sizeof(GUID), ANY, sizeof(void *), ANY, 0, 0, ANY);
    EXPECT(memcmp((const void *)CALLED(Ioctl).arguments[2], &accept_id, sizeof(GUID)) == 0);
    FAILS(Ioctl, WSAEOPNOTSUPP, FALSE, TransmitFile(tcp, NULL, 0, 0, NULL, NULL, 0), tcp,
          SIO_GET_EXTENSION_FUNCTION_POINTER, ANY, sizeof(GUID), ANY, sizeof(void *), ANY, 0, 0, ANY);
    EXPECT(memcmp((const void *)CALLED(Ioctl).arguments[2], &file_id, sizeof(GUID)) == 0);
}

/* The layer answers SIO_BSP_HANDLE with its own handle, and so WSASendMsg comes to it with SIO_EXT_SENDMSG. */
static void messages_come_by_ioctl(void)
{
    WSAMSG message;
    memset(&message, 0, sizeof(message));
    LONG before = record_calls(&top, RECORD_Ioctl);
    record_fail(&top, RECORD_Ioctl, WSAENETDOWN);
    top.functions[RECORD_Ioctl].fail_at++; /* not the question, but the call */
    EXPECT(WSASendMsg(udp, &message, 0, &count_here, NULL, NULL) == SOCKET_ERROR && WSAGetLastError() == WSAENETDOWN);
    EXPECT(record_calls(&top, RECORD_Ioctl) == before + 2);
    const uintptr_t wanted[] = {udp, SIO_EXT_SENDMSG, ANY, sizeof(WSASENDMSG), ANY, sizeof(DWORD), ANY, 0, 0, ANY};
    EXPECT(same_arguments(&CALLED(Ioctl), wanted, sizeof(wanted) / sizeof(wanted[0])));
}

static void success_leaves_the_last_error(void)
{
    int size = sizeof(int), type = 0;
    SetLastError(4711);
    EXPECT(getsockopt(tcp, SOL_SOCKET, SO_TYPE, (char *)&type, &size) == 0 && type == SOCK_STREAM);
    EXPECT(GetLastError() == 4711);
}

/* CancelBlockingCall is test_blocking's, Cleanup test_startup's. */
static void every_function_was_reached(void)
{
    for (int i = 0; i < RECORD_COUNT; i++)
        if (i != RECORD_CancelBlockingCall && i != RECORD_Cleanup && record_calls(&top, i) == 0) {
            tap_good = false;
            printf("# function %d of the proc table was never called\n", i + 1);
        }
}

int test_calls(void)
{
    start();
    tcp = make_socket(AF_INET, SOCK_STREAM);
    udp = make_socket(AF_INET, SOCK_DGRAM);
    RUN(sockets_are_made_of_the_chain);
    RUN(sockets_get_their_names);
    RUN(connections_are_made);
    RUN(connections_end);
    RUN(data_is_sent);
    RUN(data_is_received);
    RUN(options_and_controls);
    RUN(events_and_waiting);
    RUN(addresses_and_text);
    RUN(sockets_are_shared);
    RUN(extension_functions_are_asked_for);
    RUN(messages_come_by_ioctl);
    RUN(success_leaves_the_last_error);
    RUN(every_function_was_reached);
    closesocket(tcp);
    closesocket(udp);
    WSACleanup();
    return tap_end();
}
