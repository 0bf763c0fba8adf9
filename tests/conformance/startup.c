/* WSAStartup and WSACleanup: versions and counting. Expected values: their pages. These cases run without the harness's
 * own WSAStartup. */
#include "net.h"

static void version(const struct test *test)
{
    const WORD *versions = test->data; /* asked for, given */
    WSADATA data;
    REQUIRE(WSAStartup(versions[0], &data) == 0);
    CHECK_EQUAL(data.wVersion, versions[1]);
    CHECK_EQUAL(data.wHighVersion, MAKEWORD(2, 2));
    CHECK_EQUAL(WSACleanup(), 0);
}

static const WORD v10[] = {MAKEWORD(1, 0), MAKEWORD(1, 0)}, v11[] = {MAKEWORD(1, 1), MAKEWORD(1, 1)},
                  v20[] = {MAKEWORD(2, 0), MAKEWORD(2, 0)}, v21[] = {MAKEWORD(2, 1), MAKEWORD(2, 1)},
                  v22[] = {MAKEWORD(2, 2), MAKEWORD(2, 2)}, v23[] = {MAKEWORD(2, 3), MAKEWORD(2, 2)},
                  v30[] = {MAKEWORD(3, 0), MAKEWORD(2, 2)};

static void version_too_low(const struct test *test)
{
    (void)test;
    WSADATA data;
    CHECK_EQUAL(WSAStartup(MAKEWORD(0, 0), &data), WSAVERNOTSUPPORTED);
    CHECK_EQUAL(WSAStartup(MAKEWORD(0, 9), &data), WSAVERNOTSUPPORTED);
    CHECK_FAILS(WSACleanup() == SOCKET_ERROR, WSANOTINITIALISED);
}

static void no_data(const struct test *test)
{
    (void)test;
    CHECK_EQUAL(WSAStartup(MAKEWORD(2, 2), NULL), WSAEFAULT);
    CHECK_FAILS(WSACleanup() == SOCKET_ERROR, WSANOTINITIALISED);
}

static void counting(const struct test *test)
{
    WSADATA data;
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(WSAStartup(MAKEWORD(2, 2), &data), 0);
    SOCKET s = socket(test->family, SOCK_DGRAM, 0);
    REQUIRE(s != INVALID_SOCKET);
    CHECK_EQUAL(WSACleanup(), 0);
    CHECK_EQUAL(WSACleanup(), 0);
    struct address at = loopback_address(test->family, 0);
    CHECK_EQUAL(bind(s, &at.any, at.length), 0);
    CHECK_EQUAL(closesocket(s), 0);
    CHECK_EQUAL(WSACleanup(), 0);
    CHECK_FAILS(socket(test->family, SOCK_DGRAM, 0) == INVALID_SOCKET, WSANOTINITIALISED);
    CHECK_FAILS(WSACleanup() == SOCKET_ERROR, WSANOTINITIALISED);
}

static void again(const struct test *test)
{
    WSADATA data;
    for (int i = 0; i < 50; i++) {
        REQUIRE(WSAStartup(MAKEWORD(2, 2), &data) == 0);
        SOCKET s = socket(test->family, SOCK_STREAM, 0);
        REQUIRE(s != INVALID_SOCKET);
        CHECK_EQUAL(closesocket(s), 0);
        CHECK_EQUAL(WSACleanup(), 0);
    }
}

/* WSACleanup: sockets that are still open are deallocated as if by closesocket. */
static void closes_sockets(const struct test *test)
{
    WSADATA data;
    int value, size = sizeof value;
    REQUIRE(WSAStartup(MAKEWORD(2, 2), &data) == 0);
    SOCKET s = socket(test->family, SOCK_STREAM, 0);
    REQUIRE(s != INVALID_SOCKET);
    CHECK_EQUAL(WSACleanup(), 0);
    REQUIRE(WSAStartup(MAKEWORD(2, 2), &data) == 0);
    CHECK_FAILS(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&value, &size) == SOCKET_ERROR, WSAENOTSOCK);
    CHECK_EQUAL(WSACleanup(), 0);
}

static DWORD start_and_clean(void *unused)
{
    (void)unused;
    WSADATA data;
    for (int i = 0; i < 100; i++) {
        REQUIRE(WSAStartup(MAKEWORD(2, 2), &data) == 0);
        SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
        REQUIRE(s != INVALID_SOCKET);
        REQUIRE(closesocket(s) == 0);
        REQUIRE(WSACleanup() == 0);
    }
    return 0;
}

/* Each thread has its own startup while it uses its socket, so nobody's cleanup may take it away. */
static void threads(const struct test *test)
{
    enum { THREADS = 8 };
    (void)test;
    struct thread *threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = start_thread(start_and_clean, NULL);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQUAL(join_thread(threads[i]), 0);
    CHECK_FAILS(WSACleanup() == SOCKET_ERROR, WSANOTINITIALISED);
}

/* WSAStartup: WSAGetLastError is one of the few functions that need none. */
static void last_error_without_startup(const struct test *test)
{
    (void)test;
    WSASetLastError(77);
    CHECK_EQUAL(WSAGetLastError(), 77);
    CHECK_EQUAL(htons(0x0102), 0x0201);
}

const struct test_case startup_cases[] = {
    {"startup/version-1.0", version, NO_STARTUP, v10},
    {"startup/version-1.1", version, NO_STARTUP, v11},
    {"startup/version-2.0", version, NO_STARTUP, v20},
    {"startup/version-2.1", version, NO_STARTUP, v21},
    {"startup/version-2.2", version, NO_STARTUP, v22},
    {"startup/version-2.3", version, NO_STARTUP, v23},
    {"startup/version-3.0", version, NO_STARTUP, v30},
    {"startup/version-too-low", version_too_low, NO_STARTUP, NULL},
    {"startup/no-data", no_data, NO_STARTUP, NULL},
    {"startup/counting", counting, NO_STARTUP, NULL},
    {"startup/again", again, NO_STARTUP, NULL},
    {"startup/closes-sockets", closes_sockets, NO_STARTUP, NULL},
    {"startup/threads", threads, NO_STARTUP, NULL},
    {"startup/last-error-without-startup", last_error_without_startup, NO_STARTUP, NULL},
    {0},
};
