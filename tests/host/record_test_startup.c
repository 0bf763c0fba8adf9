/* test_record.exe startup: a layer is loaded and started once for each of its chains that is used, stopped and unloaded
 * after the last WSACleanup, and refused where it does not start as the page of WSPStartup says. */
#include <stdlib.h>
#include <string.h>

#include "record_test.h"
#include "tap.h"

enum { LONGEST = 10000 };

static bool loaded(void)
{
    return GetModuleHandleW(L"record_layer.dll") != NULL;
}

/* The host has loaded its DLL to see whether it can be, and leaves it: it may have threads already, which nobody has
 * told to end. */
static void not_started_before_it_is_used(void)
{
    record_reset(&top);
    start();
    EXPECT(top.startups == 0 && loaded());
    EXPECT(WSACleanup() == 0 && top.startups == 0 && loaded());
}

static WSAPROTOCOL_INFOW info_of(SOCKET s)
{
    WSAPROTOCOL_INFOW info;
    int size = sizeof(info);
    memset(&info, 0, sizeof(info));
    getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &size);
    return info;
}

static void started_once_for_each_chain(void)
{
    record_reset(&top);
    start();
    SOCKET first = make_socket(AF_INET, SOCK_STREAM);
    EXPECT(loaded() && top.startups == 1 && top.startup_version == MAKEWORD(2, 2));
    WSAPROTOCOL_INFOW info = info_of(first);
    EXPECT(memcmp(&top.startup_info, &info, sizeof(info)) == 0 && info.ProtocolChain.ChainLen == 2);
    SOCKET second_one = make_socket(AF_INET, SOCK_STREAM);
    EXPECT(top.startups == 1);
    SOCKET other = make_socket(AF_INET, SOCK_DGRAM);
    info = info_of(other);
    EXPECT(top.startups == 2 && memcmp(&top.startup_info, &info, sizeof(info)) == 0);
    EXPECT(info.iSocketType == SOCK_DGRAM);
    closesocket(first);
    closesocket(second_one);
    closesocket(other);
    EXPECT(WSACleanup() == 0);
    EXPECT(record_calls(&top, RECORD_Cleanup) == 2 && !loaded());
}

static void only_the_last_cleanup_counts(void)
{
    record_reset(&top);
    start();
    start();
    closesocket(make_socket(AF_INET, SOCK_STREAM));
    EXPECT(WSACleanup() == 0 && record_calls(&top, RECORD_Cleanup) == 0 && loaded());
    closesocket(make_socket(AF_INET, SOCK_STREAM));
    EXPECT(top.startups == 1);
    EXPECT(WSACleanup() == 0 && record_calls(&top, RECORD_Cleanup) == 1 && !loaded());
    EXPECT(WSACleanup() == SOCKET_ERROR && WSAGetLastError() == WSANOTINITIALISED);
    EXPECT(socket(AF_INET, SOCK_STREAM, 0) == INVALID_SOCKET && WSAGetLastError() == WSANOTINITIALISED);
    EXPECT(top.startups == 1 && !loaded());
}

static void started_anew_after_a_cleanup(void)
{
    record_reset(&top);
    for (int i = 1; i <= 3; i++) {
        start();
        closesocket(make_socket(AF_INET, SOCK_STREAM));
        EXPECT(loaded() && WSACleanup() == 0 && !loaded());
        EXPECT(top.startups == i && record_calls(&top, RECORD_Cleanup) == i);
    }
}

static DWORD WINAPI make_one(void *context)
{
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    (void)context;
    return s != INVALID_SOCKET && closesocket(s) == 0;
}

static void started_once_by_many_threads(void)
{
    HANDLE threads[8];
    DWORD made = 0;
    record_reset(&top);
    start();
    for (int i = 0; i < 8; i++)
        threads[i] = CreateThread(NULL, 0, make_one, NULL, 0, NULL);
    EXPECT(WaitForMultipleObjects(8, threads, TRUE, LONGEST) == WAIT_OBJECT_0);
    for (int i = 0; i < 8; i++) {
        EXPECT(GetExitCodeThread(threads[i], &made) && made == 1);
        CloseHandle(threads[i]);
    }
    EXPECT(top.startups == 1 && WSACleanup() == 0 && record_calls(&top, RECORD_Cleanup) == 1);
}

/* WSASocket: "the service provider failed to initialize". */
static void a_failing_startup(void)
{
    record_reset(&top);
    top.startup_error = WSASYSNOTREADY;
    start();
    EXPECT(socket(AF_INET, SOCK_STREAM, 0) == INVALID_SOCKET && WSAGetLastError() == WSAEPROVIDERFAILEDINIT);
    EXPECT(record_calls(&top, RECORD_Cleanup) == 0 && loaded()); /* for the same reason */
    top.startup_error = 0;
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT(s != INVALID_SOCKET && closesocket(s) == 0 && top.startups == 2);
    EXPECT(WSACleanup() == 0 && record_calls(&top, RECORD_Cleanup) == 1 && !loaded());
}

/* "If the wVersion … is unacceptable to the caller, it should call WSPCleanup"; "returned a version other than 2.2". */
static void a_version_too_low(void)
{
    static const WORD versions[] = {MAKEWORD(1, 1), MAKEWORD(2, 0), MAKEWORD(2, 1)};
    start();
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        record_reset(&top);
        top.version = versions[i];
        EXPECT(socket(AF_INET, SOCK_STREAM, 0) == INVALID_SOCKET && WSAGetLastError() == WSAEINVALIDPROVIDER);
        EXPECT(record_calls(&top, RECORD_Cleanup) == 1);
    }
    EXPECT(WSACleanup() == 0 && !loaded());
}

/* "The service provider returned an invalid or incomplete procedure table to the WSPStartup" */
static void a_function_missing(void)
{
    start();
    for (int i = 0; i < RECORD_COUNT; i++) {
        record_reset(&top);
        top.missing = i + 1;
        SetLastError(0);
        EXPECT(socket(AF_INET, SOCK_STREAM, 0) == INVALID_SOCKET && WSAGetLastError() == WSAEINVALIDPROCTABLE);
        EXPECT(record_calls(&top, RECORD_Cleanup) == (i != RECORD_Cleanup));
    }
    EXPECT(WSACleanup() == 0 && !loaded());
}

/* Threads inside of the layer ---------------------------------------------------------------------------------------
 */

static HANDLE is_inside, go_on;

static void wait_inside(const struct record_inside *inside, void *context)
{
    (void)inside, (void)context;
    SetEvent(is_inside);
    WaitForSingleObject(go_on, LONGEST);
}

static DWORD WINAPI call_layer(void *context)
{
    SOCKADDR_STORAGE name;
    int length = sizeof(name);
    getsockname((SOCKET)context, (struct sockaddr *)&name, &length);
    return 1;
}

/* The thread comes back into the DLL's code after the last WSACleanup. */
static void not_unloaded_under_a_thread(void)
{
    is_inside = CreateEventW(NULL, TRUE, FALSE, NULL);
    go_on = CreateEventW(NULL, TRUE, FALSE, NULL);
    record_reset(&top);
    start();
    SOCKET s = make_socket(AF_INET, SOCK_STREAM);
    record_set_hook(&top, RECORD_GetSockName, wait_inside, NULL);
    HANDLE thread = CreateThread(NULL, 0, call_layer, (void *)s, 0, NULL);
    EXPECT(WaitForSingleObject(is_inside, LONGEST) == WAIT_OBJECT_0);
    EXPECT(WSACleanup() == 0 && loaded());
    SetEvent(go_on);
    DWORD code = 0;
    EXPECT(WaitForSingleObject(thread, LONGEST) == WAIT_OBJECT_0 && GetExitCodeThread(thread, &code) && code == 1);
    CloseHandle(thread);
    CloseHandle(is_inside);
    CloseHandle(go_on);
    record_reset(&top);
    start(); /* and it goes when its next life ends */
    closesocket(make_socket(AF_INET, SOCK_STREAM));
    EXPECT(WSACleanup() == 0 && !loaded());
}

static void a_layer_s_own_call_begins_at_the_top(void)
{
    record_reset(&top);
    start();
    SOCKET s = make_socket(AF_INET, SOCK_STREAM);
    struct sockaddr_in any = {.sin_family = AF_INET};
    EXPECT(bind(s, (struct sockaddr *)&any, sizeof(any)) == 0);
    top.own_call = true;
    top.own_call_result = SOCKET_ERROR;
    EXPECT(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (char *)&(int){1}, sizeof(int)) == 0);
    EXPECT(!top.own_call && top.own_call_result == 0 && record_calls(&top, RECORD_GetSockName) == 1);
    closesocket(s);
    EXPECT(WSACleanup() == 0);
}

/* Sockets that are left open end with the last WSACleanup. */
static void sockets_left_open(void)
{
    record_reset(&top);
    start();
    SOCKET s = make_socket(AF_INET, SOCK_STREAM);
    EXPECT(WSACleanup() == 0 && !loaded());
    start();
    int type, size = sizeof(type);
    if (getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &size) == 0) /* the system's own: no layer is behind it */
        EXPECT(record_calls(&top, RECORD_GetSockOpt) == 0 && closesocket(s) == 0);
    else
        EXPECT(WSAGetLastError() == WSAENOTSOCK);
    EXPECT(WSACleanup() == 0);
}

int test_startup(void)
{
    RUN(not_started_before_it_is_used);
    RUN(started_once_for_each_chain);
    RUN(only_the_last_cleanup_counts);
    RUN(started_anew_after_a_cleanup);
    RUN(started_once_by_many_threads);
    RUN(a_failing_startup);
    RUN(a_version_too_low);
    RUN(a_function_missing);
    RUN(not_unloaded_under_a_thread);
    RUN(a_layer_s_own_call_begins_at_the_top);
    RUN(sockets_left_open);
    return tap_end();
}
