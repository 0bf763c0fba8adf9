/* What a layer sees of a program, and what the host does for it, with record_layer.dll (record.h) in the host's chain:
 *   wsplsp run --layer record_layer.dll,… -- test_record.exe TOPIC
 * TAP. Expected values are those of the functions' reference pages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "record_test.h"

struct record top, second;

__declspec(dllexport) struct record *record_find(const wchar_t *dll);

struct record *record_find(const wchar_t *dll)
{
    return _wcsicmp(dll, L"record_layer2.dll") == 0 ? &second : &top;
}

static void give_up(const char *what)
{
    printf("Bail out! %s: %lu\n", what, GetLastError());
    exit(99);
}

void record_reset(struct record *record)
{
    AcquireSRWLockExclusive(&record->lock);
    memset((char *)record + sizeof(record->lock), 0, sizeof(*record) - sizeof(record->lock));
    ReleaseSRWLockExclusive(&record->lock);
}

LONG record_calls(const struct record *record, enum record_function function)
{
    return *(const volatile LONG *)&record->functions[function].calls;
}

void record_fail(struct record *record, enum record_function function, INT error)
{
    AcquireSRWLockExclusive(&record->lock);
    record->functions[function].fail_at = record->functions[function].calls + 1;
    record->functions[function].fail_error = error;
    ReleaseSRWLockExclusive(&record->lock);
}

void record_set_hook(struct record *record, enum record_function function, record_hook hook, void *context)
{
    AcquireSRWLockExclusive(&record->lock);
    record->functions[function].hook = hook;
    record->functions[function].context = context;
    ReleaseSRWLockExclusive(&record->lock);
}

void start_version(WORD version)
{
    WSADATA data;
    if (WSAStartup(version, &data) != 0)
        give_up("WSAStartup");
}

void start(void)
{
    start_version(MAKEWORD(2, 2));
}

SOCKET make_socket(int family, int type)
{
    SOCKET s = socket(family, type, 0);
    if (s == INVALID_SOCKET)
        give_up("socket");
    return s;
}

static int loopback(int family, SOCKADDR_STORAGE *name)
{
    memset(name, 0, sizeof(*name));
    name->ss_family = (ADDRESS_FAMILY)family;
    if (family == AF_INET6) {
        ((struct sockaddr_in6 *)name)->sin6_addr.s6_addr[15] = 1;
        return sizeof(struct sockaddr_in6);
    }
    ((struct sockaddr_in *)name)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return sizeof(struct sockaddr_in);
}

static void bind_loopback(SOCKET s, int family, SOCKADDR_STORAGE *name, int *length)
{
    *length = loopback(family, name);
    if (bind(s, (struct sockaddr *)name, *length) != 0 || getsockname(s, (struct sockaddr *)name, length) != 0)
        give_up("bind");
}

SOCKET make_listener(int family, SOCKADDR_STORAGE *name, int *length)
{
    SOCKET s = make_socket(family, SOCK_STREAM);
    bind_loopback(s, family, name, length);
    if (listen(s, 5) != 0)
        give_up("listen");
    return s;
}

SOCKET make_bound(SOCKADDR_STORAGE *name, int *length)
{
    SOCKET s = make_socket(AF_INET, SOCK_DGRAM);
    bind_loopback(s, AF_INET, name, length);
    return s;
}

struct pair make_pair(int family)
{
    struct pair pair;
    SOCKADDR_STORAGE name;
    int length;
    SOCKET listener = make_listener(family, &name, &length);
    pair.client = make_socket(family, SOCK_STREAM);
    if (connect(pair.client, (struct sockaddr *)&name, length) != 0)
        give_up("connect");
    pair.server = accept(listener, NULL, NULL);
    if (pair.server == INVALID_SOCKET)
        give_up("accept");
    closesocket(listener);
    return pair;
}

void close_pair(struct pair pair)
{
    closesocket(pair.client);
    closesocket(pair.server);
}

bool is_ifs(SOCKET s)
{
    WSAPROTOCOL_INFOW info;
    int size = sizeof(info);
    if (getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &size) != 0)
        give_up("SO_PROTOCOL_INFOW");
    return (info.dwServiceFlags1 & XP1_IFS_HANDLES) != 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *topic;
        int (*run)(void);
    } topics[] = {
        {"calls", test_calls},     {"upcalls", test_upcalls}, {"blocking", test_blocking}, {"traffic", test_traffic},
        {"handles", test_handles}, {"startup", test_startup}, {"names", test_names},
    };
    setvbuf(stdout, NULL, _IONBF, 0);
    for (size_t i = 0; argc == 2 && i < sizeof(topics) / sizeof(topics[0]); i++)
        if (strcmp(argv[1], topics[i].topic) == 0)
            return topics[i].run();
    if (argc == 3 && strcmp(argv[1], "chain") == 0)
        return test_chain(argv[2]);
    if (argc == 3 && strcmp(argv[1], "own-id") == 0)
        return test_own_id(argv[2]);
    printf("Bail out! no such topic\n");
    return 98;
}
