/* test_record.exe chain WHICH: which of several chains a socket gets, and in which order layers are called. */
#include <stdlib.h>
#include <string.h>

#include "record_test.h"
#include "tap.h"

static WSAPROTOCOL_INFOW info_of(SOCKET s)
{
    WSAPROTOCOL_INFOW info;
    int size = sizeof(info);
    memset(&info, 0, sizeof(info));
    getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &size);
    return info;
}

/* The entry over that family and type with that length of chain; WSAEnumProtocols shows those that can be had. */
static bool find_entry(int family, int type, int chain_length, WSAPROTOCOL_INFOW *info)
{
    static WSAPROTOCOL_INFOW list[64];
    DWORD size = sizeof(list);
    int count = WSAEnumProtocolsW(NULL, list, &size);
    for (int i = 0; i < count; i++)
        if (list[i].iAddressFamily == family && list[i].iSocketType == type &&
            list[i].ProtocolChain.ChainLen == chain_length) {
            *info = list[i];
            return true;
        }
    return false;
}

/* Makes one socket; how often each layer's WSPSocket was called, and the length of the socket's chain. */
static bool made(int family, int type, LONG by_top, LONG by_second, int chain_length)
{
    record_reset(&top);
    record_reset(&second);
    SOCKET s = make_socket(family, type);
    int length = info_of(s).ProtocolChain.ChainLen;
    bool good = record_calls(&top, RECORD_Socket) == by_top && record_calls(&second, RECORD_Socket) == by_second &&
                length == chain_length;
    if (!good)
        printf("# layers' calls: %ld and %ld, length of the chain: %d\n", record_calls(&top, RECORD_Socket),
               record_calls(&second, RECORD_Socket), length);
    closesocket(s);
    return good;
}

/* --layer record_layer.dll,over=tcp */
static void only_tcp_goes_through(void)
{
    EXPECT(made(AF_INET, SOCK_STREAM, 1, 0, 2) && made(AF_INET6, SOCK_STREAM, 1, 0, 2));
    EXPECT(made(AF_INET, SOCK_DGRAM, 0, 0, 1) && made(AF_INET6, SOCK_DGRAM, 0, 0, 1));
}

/* --layer record_layer2.dll --layer record_layer.dll: the last one is on top */
static void both_layers_are_called_from_the_top(void)
{
    EXPECT(made(AF_INET, SOCK_STREAM, 1, 1, 3) && made(AF_INET6, SOCK_DGRAM, 1, 1, 3));
    record_reset(&top);
    record_reset(&second);
    struct pair pair = make_pair(AF_INET);
    record_fail(&top, RECORD_Send, WSAECONNRESET);
    EXPECT(send(pair.client, "x", 1, 0) == SOCKET_ERROR && WSAGetLastError() == WSAECONNRESET);
    EXPECT(record_calls(&top, RECORD_Send) == 1 && record_calls(&second, RECORD_Send) == 0);
    record_fail(&second, RECORD_Send, WSAENETDOWN);
    EXPECT(send(pair.client, "x", 1, 0) == SOCKET_ERROR && WSAGetLastError() == WSAENETDOWN);
    EXPECT(record_calls(&top, RECORD_Send) == 2 && record_calls(&second, RECORD_Send) == 1);
    char byte = 0;
    EXPECT(send(pair.client, "x", 1, 0) == 1 && recv(pair.server, &byte, 1, 0) == 1 && byte == 'x');
    close_pair(pair);
}

/* A layer starts the next one; both get the chain's entry. */
static void the_lower_layer_is_started_with_the_chain(void)
{
    EXPECT(WSACleanup() == 0);
    record_reset(&top);
    record_reset(&second);
    start();
    SOCKET s = make_socket(AF_INET, SOCK_STREAM);
    WSAPROTOCOL_INFOW info = info_of(s);
    EXPECT(top.startups == 1 && second.startups == 1 && info.ProtocolChain.ChainLen == 3);
    EXPECT(memcmp(&top.startup_info, &info, sizeof(info)) == 0 &&
           memcmp(&second.startup_info, &info, sizeof(info)) == 0);
    EXPECT(top.functions[RECORD_Socket].last.info.dwCatalogEntryId == info.dwCatalogEntryId);
    EXPECT(second.functions[RECORD_Socket].last.info.dwCatalogEntryId == info.dwCatalogEntryId);
    closesocket(s);
}

/* --layer record_layer2.dll,over=tcp --layer record_layer.dll */
static void chains_differ_in_length(void)
{
    EXPECT(made(AF_INET, SOCK_STREAM, 1, 1, 3) && made(AF_INET, SOCK_DGRAM, 1, 0, 2));
    EXPECT(made(AF_INET6, SOCK_STREAM, 1, 1, 3) && made(AF_INET6, SOCK_DGRAM, 1, 0, 2));
}

/* "If a valid WSAPROTOCOL_INFO is given, its dwCatalogEntryId decides" */
static void chosen(int chain_length, LONG by_top, LONG by_second)
{
    WSAPROTOCOL_INFOW info;
    record_reset(&top);
    record_reset(&second);
    memset(&info, 0, sizeof(info));
    EXPECT(find_entry(AF_INET, SOCK_STREAM, chain_length, &info));
    SOCKET s = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED);
    EXPECT(s != INVALID_SOCKET && info_of(s).dwCatalogEntryId == info.dwCatalogEntryId);
    EXPECT(record_calls(&top, RECORD_Socket) == by_top && record_calls(&second, RECORD_Socket) == by_second);
    struct sockaddr_in any = {.sin_family = AF_INET};
    EXPECT(bind(s, (struct sockaddr *)&any, sizeof(any)) == 0);
    EXPECT(record_calls(&top, RECORD_Bind) == by_top && record_calls(&second, RECORD_Bind) == by_second);
    closesocket(s);
}

static void any_entry_can_be_chosen(void)
{
    chosen(3, 1, 1);
    chosen(2, 0, 1);
    chosen(1, 0, 0);
}

static void an_unknown_entry_cannot(void)
{
    WSAPROTOCOL_INFOW info;
    EXPECT(find_entry(AF_INET, SOCK_STREAM, 3, &info));
    info.dwCatalogEntryId = 4711;
    EXPECT(WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, 0) == INVALID_SOCKET &&
           WSAGetLastError() == WSAEINVAL);
}

static void accepted_sockets_belong_to_the_listener_s_chain(void)
{
    SOCKADDR_STORAGE name;
    int length;
    SOCKET listener = make_listener(AF_INET, &name, &length), client = make_socket(AF_INET, SOCK_STREAM);
    EXPECT(connect(client, (struct sockaddr *)&name, length) == 0);
    record_reset(&top);
    record_reset(&second);
    SOCKET server = accept(listener, NULL, NULL);
    EXPECT(server != INVALID_SOCKET && record_calls(&top, RECORD_Accept) == 1 &&
           record_calls(&second, RECORD_Accept) == 1);
    EXPECT(shutdown(server, SD_BOTH) == 0 && record_calls(&top, RECORD_Shutdown) == 1 &&
           record_calls(&second, RECORD_Shutdown) == 1);
    closesocket(server);
    closesocket(client);
    closesocket(listener);
}

int test_chain(const char *which)
{
    start();
    if (strcmp(which, "tcp") == 0) {
        RUN(only_tcp_goes_through);
    } else if (strcmp(which, "different") == 0) {
        RUN(chains_differ_in_length);
    } else {
        RUN(both_layers_are_called_from_the_top);
        RUN(the_lower_layer_is_started_with_the_chain);
        RUN(any_entry_can_be_chosen);
        RUN(an_unknown_entry_cannot);
        RUN(accepted_sockets_belong_to_the_listener_s_chain);
    }
    WSACleanup();
    return tap_end();
}
