/* test_record.exe names: WSAConnectByName and WSAConnectByList through the layer. */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "record_test.h"
#include "tap.h"

static int port_of(const SOCKADDR_STORAGE *name)
{
    return ntohs(name->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)name)->sin6_port
                                             : ((const struct sockaddr_in *)name)->sin_port);
}

static bool echoes(SOCKET client, SOCKET listener)
{
    char byte = 0;
    SOCKET server = accept(listener, NULL, NULL);
    bool good = server != INVALID_SOCKET && send(client, "y", 1, 0) == 1 && recv(server, &byte, 1, 0) == 1;
    closesocket(server);
    return good && byte == 'y';
}

static void connects(int family, const wchar_t *node)
{
    SOCKADDR_STORAGE name, local, remote;
    int length;
    wchar_t service[8];
    struct timeval timeout = {10, 0};
    DWORD local_length = sizeof(local), remote_length = sizeof(remote);
    SOCKET listener = make_listener(family, &name, &length), client = make_socket(family, SOCK_STREAM);
    LONG ioctls = record_calls(&top, RECORD_Ioctl);
    swprintf(service, 8, L"%d", port_of(&name));
    EXPECT(WSAConnectByNameW(client, (WCHAR *)node, service, &local_length, (SOCKADDR *)&local, &remote_length,
                             (SOCKADDR *)&remote, &timeout, NULL));
    EXPECT(remote.ss_family == family && port_of(&remote) == port_of(&name));
    EXPECT(local.ss_family == family && port_of(&local) == 0); /* as Windows gives it */
    EXPECT(record_calls(&top, RECORD_Ioctl) > ioctls);         /* the layer's ConnectEx was asked for */
    EXPECT(echoes(client, listener));
    closesocket(client);
    closesocket(listener);
}

static void ipv4_by_name(void)
{
    connects(AF_INET, L"127.0.0.1");
}

static void ipv6_by_name(void)
{
    connects(AF_INET6, L"::1");
}

/* "an IPv6 socket with IPV6_V6ONLY set to zero … can connect to IPv4 addresses" */
static void ipv4_from_an_ipv6_socket(void)
{
    SOCKADDR_STORAGE name;
    int length;
    DWORD off = 0;
    wchar_t service[8];
    struct timeval timeout = {10, 0};
    SOCKET listener = make_listener(AF_INET, &name, &length), client = make_socket(AF_INET6, SOCK_STREAM);
    swprintf(service, 8, L"%d", port_of(&name));
    EXPECT(setsockopt(client, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&off, sizeof(off)) == 0);
    EXPECT(WSAConnectByNameW(client, (WCHAR *)L"127.0.0.1", service, NULL, NULL, NULL, NULL, &timeout, NULL));
    EXPECT(echoes(client, listener));
    closesocket(client);
    closesocket(listener);
}

static void one_of_a_list(void)
{
    SOCKADDR_STORAGE name, refused;
    int length, refused_length;
    SOCKET closed = make_listener(AF_INET6, &refused, &refused_length);
    closesocket(closed);
    SOCKET listener = make_listener(AF_INET6, &name, &length), client = make_socket(AF_INET6, SOCK_STREAM);
    struct {
        INT count;
        SOCKET_ADDRESS addresses[2];
    } list = {2, {{(SOCKADDR *)&refused, refused_length}, {(SOCKADDR *)&name, length}}};
    struct timeval timeout = {10, 0};
    EXPECT(WSAConnectByList(client, (SOCKET_ADDRESS_LIST *)&list, NULL, NULL, NULL, NULL, &timeout, NULL));
    EXPECT(echoes(client, listener));
    closesocket(client);
    closesocket(listener);
}

static void nobody_listens(void)
{
    SOCKADDR_STORAGE name;
    int length;
    wchar_t service[8];
    struct timeval timeout = {10, 0};
    SOCKET listener = make_listener(AF_INET6, &name, &length), client = make_socket(AF_INET6, SOCK_STREAM);
    closesocket(listener);
    swprintf(service, 8, L"%d", port_of(&name));
    EXPECT(!WSAConnectByNameW(client, (WCHAR *)L"::1", service, NULL, NULL, NULL, NULL, &timeout, NULL));
    EXPECT(WSAGetLastError() == WSAECONNREFUSED);
    closesocket(client);
}

/* Connections that the listener's full queue keeps waiting: nothing answers. */
static void nobody_answers_in_time(void)
{
    enum { FILL = 8 };
    SOCKADDR_STORAGE name;
    int length;
    u_long on = 1;
    wchar_t service[8];
    struct timeval timeout = {0, 300000};
    SOCKET fill[FILL];
    SOCKET listener = make_listener(AF_INET6, &name, &length), client = make_socket(AF_INET6, SOCK_STREAM);
    EXPECT(listen(listener, 1) == 0);
    for (int i = 0; i < FILL; i++) {
        fill[i] = make_socket(AF_INET6, SOCK_STREAM);
        EXPECT(ioctlsocket(fill[i], FIONBIO, &on) == 0);
        connect(fill[i], (struct sockaddr *)&name, length);
    }
    swprintf(service, 8, L"%d", port_of(&name));
    ULONGLONG begun = GetTickCount64();
    EXPECT(!WSAConnectByNameW(client, (WCHAR *)L"::1", service, NULL, NULL, NULL, NULL, &timeout, NULL));
    EXPECT(WSAGetLastError() == WSAETIMEDOUT);
    EXPECT(GetTickCount64() - begun >= 250 && GetTickCount64() - begun < 5000);
    for (int i = 0; i < FILL; i++)
        closesocket(fill[i]);
    closesocket(client);
    closesocket(listener);
}

int test_names(void)
{
    start();
    RUN(ipv4_by_name);
    RUN(ipv6_by_name);
    RUN(ipv4_from_an_ipv6_socket);
    RUN(one_of_a_list);
    RUN(nobody_listens);
    RUN(nobody_answers_in_time);
    WSACleanup();
    return tap_end();
}
