/* The extension functions through the layer: AcceptEx and its like, asked for with SIO_GET_EXTENSION_FUNCTION_POINTER
 * ("Winsock IOCTLs"), called past Winsock. Their parameters are those of mswsock.h. TAP. */
#include "recorder.h"
#include "tap.h"
#include "winsock_part.h"

enum { SOCKETS = 3, BASE_HANDLE_CODE = 0x48000022 /* SIO_BASE_HANDLE */ };

static const struct {
    const char *name;
    GUID id;
    int count; /* parameters */
    bool result_is_bool;
} extensions[] = {
    {"AcceptEx", WSAID_ACCEPTEX, 8, true},
    {"ConnectEx", WSAID_CONNECTEX, 7, true},
    {"DisconnectEx", WSAID_DISCONNECTEX, 4, true},
    {"TransmitFile", WSAID_TRANSMITFILE, 7, true},
    {"TransmitPackets", WSAID_TRANSMITPACKETS, 6, true},
    {"WSARecvMsg", WSAID_WSARECVMSG, 5, false},
    {"WSASendMsg", WSAID_WSASENDMSG, 6, false},
};
enum { EXTENSIONS = sizeof(extensions) / sizeof(extensions[0]) };

static WSPPROC_TABLE procs;
static SOCKET s[SOCKETS];

/* What the next provider's functions were called with; a is those of one half of the sockets, b of the other. */
static struct {
    char which;
    int count;
    uintptr_t argument[8];
    uintptr_t result;
    DWORD last_error;
} called;

static uintptr_t remember(char which, int count, const uintptr_t *argument)
{
    called.which = which;
    called.count = count;
    memcpy(called.argument, argument, (size_t)count * sizeof(*argument));
    SetLastError(called.last_error);
    return called.result;
}

#define P(n) uintptr_t a##n
#define NEXT(which)                                                                                                    \
    static uintptr_t PASCAL next_##which##_4(P(0), P(1), P(2), P(3))                                                   \
    {                                                                                                                  \
        return remember(#which[0], 4, (uintptr_t[]){a0, a1, a2, a3});                                                  \
    }                                                                                                                  \
    static uintptr_t PASCAL next_##which##_5(P(0), P(1), P(2), P(3), P(4))                                             \
    {                                                                                                                  \
        return remember(#which[0], 5, (uintptr_t[]){a0, a1, a2, a3, a4});                                              \
    }                                                                                                                  \
    static uintptr_t PASCAL next_##which##_6(P(0), P(1), P(2), P(3), P(4), P(5))                                       \
    {                                                                                                                  \
        return remember(#which[0], 6, (uintptr_t[]){a0, a1, a2, a3, a4, a5});                                          \
    }                                                                                                                  \
    static uintptr_t PASCAL next_##which##_7(P(0), P(1), P(2), P(3), P(4), P(5), P(6))                                 \
    {                                                                                                                  \
        return remember(#which[0], 7, (uintptr_t[]){a0, a1, a2, a3, a4, a5, a6});                                      \
    }                                                                                                                  \
    static uintptr_t PASCAL next_##which##_8(P(0), P(1), P(2), P(3), P(4), P(5), P(6), P(7))                           \
    {                                                                                                                  \
        return remember(#which[0], 8, (uintptr_t[]){a0, a1, a2, a3, a4, a5, a6, a7});                                  \
    }                                                                                                                  \
    static void *const next_##which[] = {(void *)next_##which##_4, (void *)next_##which##_5, (void *)next_##which##_6, \
                                         (void *)next_##which##_7, (void *)next_##which##_8};
NEXT(a)
NEXT(b)

static int index_of(const GUID *id)
{
    int i = 0;
    while (i < EXTENSIONS && memcmp(id, &extensions[i].id, sizeof(*id)) != 0)
        i++;
    return i;
}

/* Any other GUID gets an address of its own. */
static void *one_for_all(SOCKET asked, const GUID *id)
{
    int i = index_of(id);
    (void)asked;
    return i == EXTENSIONS ? (void *)&called : next_a[extensions[i].count - 4];
}

static void *by_socket(SOCKET asked, const GUID *id)
{
    int i = index_of(id);
    return asked == s[1] ? next_b[extensions[i].count - 4] : next_a[extensions[i].count - 4];
}

static void begin(void)
{
    INT error;
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    recorder_reset();
    memset(&called, 0, sizeof(called));
    recorder.own_handles = true;
    recorder.last_handle = 0x1000;
    recorder.extension = one_for_all;
    EXPECT(part_start(CHAIN, &procs) == 0);
    for (int i = 0; i < SOCKETS; i++)
        s[i] = procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error);
}

static void end(void)
{
    INT error;
    recorder.fail = false;
    EXPECT(procs.lpWSPCleanup(&error) == 0);
}

static int ask(SOCKET about, const GUID *id, void **function, INT *error)
{
    GUID copy = *id;
    DWORD returned = 0;
    *function = NULL;
    return procs.lpWSPIoctl(about, SIO_GET_EXTENSION_FUNCTION_POINTER, &copy, sizeof(copy), function, sizeof(*function),
                            &returned, NULL, NULL, NULL, error);
}

static uintptr_t call(const void *function, int extension, SOCKET with)
{
    uintptr_t argument[ARGUMENTS] = {with};
    for (int i = 1; i < 8; i++)
        argument[i] = 0x1000 + (uintptr_t)i;
    return recorder_call(function, extensions[extension].count, argument);
}

static void the_layers_own_are_given_out(void)
{
    INT error;
    void *first, *other;
    begin();
    for (int i = 0; i < EXTENSIONS; i++) {
        EXPECT(ask(s[0], &extensions[i].id, &first, &error) == 0);
        EXPECT(first != NULL && first != next_a[extensions[i].count - 4]);
        MEMORY_BASIC_INFORMATION memory;
        EXPECT(VirtualQuery(first, &memory, sizeof(memory)) != 0 && memory.AllocationBase == (void *)part.module);
        EXPECT(ask(s[1], &extensions[i].id, &other, &error) == 0 && other == first);
    }
    /* GetAcceptExSockaddrs, and functions that the layer does not know, are the next provider's. */
    static const GUID sockaddrs = WSAID_GETACCEPTEXSOCKADDRS, poll = WSAID_WSAPOLL;
    EXPECT(ask(s[0], &sockaddrs, &first, &error) == 0 && first == (void *)&called);
    EXPECT(ask(s[0], &poll, &first, &error) == 0 && first == (void *)&called);
    end();
}

static void calls_pass(void)
{
    INT error;
    void *function;
    begin();
    for (int i = 0; i < EXTENSIONS; i++) {
        EXPECT(ask(s[0], &extensions[i].id, &function, &error) == 0);
        called.result = extensions[i].result_is_bool ? TRUE : 0;
        called.last_error = 4711;
        EXPECT((uint32_t)call(function, i, s[0]) == called.result);
        EXPECT(GetLastError() == 4711);
        EXPECT(called.which == 'a' && called.count == extensions[i].count && called.argument[0] == s[0]);
        for (int k = 1; k < extensions[i].count; k++)
            EXPECT((uint32_t)called.argument[k] == 0x1000 + (uint32_t)k);
        called.result = extensions[i].result_is_bool ? FALSE : (uintptr_t)(unsigned)SOCKET_ERROR;
        called.last_error = WSA_IO_PENDING;
        EXPECT((uint32_t)call(function, i, s[0]) == (uint32_t)called.result && GetLastError() == WSA_IO_PENDING);
        /* A socket that nobody has asked about. */
        called.count = 0;
        call(function, i, s[2]);
        EXPECT(called.count == extensions[i].count && called.argument[0] == s[2]);
    }
    end();
}

static void unknown_sockets_are_none(void)
{
    INT error;
    void *function;
    begin();
    for (int i = 0; i < EXTENSIONS; i++) {
        EXPECT(ask(s[0], &extensions[i].id, &function, &error) == 0);
        called.count = 0;
        uintptr_t failure = extensions[i].result_is_bool ? FALSE : (uintptr_t)(unsigned)SOCKET_ERROR;
        EXPECT((uint32_t)call(function, i, 0x7770) == (uint32_t)failure && GetLastError() == WSAENOTSOCK);
        EXPECT(called.count == 0);
    }
    EXPECT(ask(0x7770, &extensions[0].id, &function, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
    end();
}

/* The next provider answers by socket: each call goes where its own socket's answer led. */
static void resolved_by_socket(void)
{
    INT error;
    void *function;
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    begin();
    recorder.extension = by_socket;
    for (int i = 0; i < EXTENSIONS; i++) {
        EXPECT(ask(s[0], &extensions[i].id, &function, &error) == 0);
        EXPECT(ask(s[1], &extensions[i].id, &function, &error) == 0);
        call(function, i, s[0]);
        EXPECT(called.which == 'a' && called.argument[0] == s[0]);
        call(function, i, s[1]);
        EXPECT(called.which == 'b' && called.argument[0] == s[1]);
        call(function, i, s[2]);
        EXPECT(called.which == 'a' && called.argument[0] == s[2]);
    }
    /* A handle that comes again is another socket: also one that has been closed past the layer. */
    SOCKET lost = s[1];
    s[1] = 0;
    recorder.last_handle = (LONG)lost - 4;
    EXPECT(procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error) == lost);
    call(function, EXTENSIONS - 1, lost);
    EXPECT(called.which == 'a');
    s[1] = lost;
    EXPECT(ask(s[1], &extensions[EXTENSIONS - 1].id, &function, &error) == 0);
    call(function, EXTENSIONS - 1, s[1]);
    EXPECT(called.which == 'b');
    SOCKET before = s[1];
    EXPECT(procs.lpWSPCloseSocket(s[1], &error) == 0);
    s[1] = 0;
    recorder.last_handle = (LONG)before - 4;
    EXPECT(procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error) == before);
    call(function, EXTENSIONS - 1, before);
    EXPECT(called.which == 'a');
    end();
}

/* Chains with the same layer, and different next providers. */
static void resolved_by_chain(void)
{
    static const DWORD second[] = {LAYER, BASE_6, 0};
    INT error;
    void *function;
    WSAPROTOCOL_INFOW info = *part_chain(CHAIN + 1, second);
    begin();
    EXPECT(ask(s[0], &extensions[0].id, &function, &error) == 0);
    SOCKET other = procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error);
    s[1] = other; /* by_socket answers it with b */
    recorder.extension = by_socket;
    call(function, 0, other);
    EXPECT(called.which == 'b' && called.argument[0] == other);
    call(function, 0, s[0]);
    EXPECT(called.which == 'a');
    end();
    part_catalog();
}

/* A new life of the layer asks anew. The chain is this scenario's own, of which no two answers have differed yet. */
static void forgotten_with_the_last_cleanup(void)
{
    static const DWORD members[] = {LAYER, BASE, 0};
    INT error;
    void *function;
    WSAPROTOCOL_INFOW info = *part_chain(CHAIN + 7, members);
    recorder_reset();
    recorder.own_handles = true;
    for (int life = 0; life < 2; life++) {
        recorder.last_handle = 0x1000;
        EXPECT(part_start(CHAIN + 7, &procs) == 0);
        s[0] = s[1] = procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error);
        recorder.extension = life == 0 ? one_for_all : by_socket;
        if (life == 0)
            EXPECT(ask(s[0], &extensions[0].id, &function, &error) == 0);
        call(function, 0, s[0]);
        EXPECT(called.which == (life == 0 ? 'a' : 'b'));
        end();
    }
    part_catalog();
}

static void failures_pass(void)
{
    INT error;
    void *function;
    begin();
    recorder.fail = true;
    recorder.error = WSAEINVAL;
    EXPECT(ask(s[0], &extensions[0].id, &function, &error) == SOCKET_ERROR && error == WSAEINVAL && function == NULL);
    recorder.fail = false;
    EXPECT(ask(s[0], &extensions[0].id, &function, &error) == 0);
    end();
    /* The function is asked for again in a new life; now there is none. */
    begin();
    recorder.fail = true;
    recorder.error = WSAEOPNOTSUPP;
    EXPECT(call(function, 0, s[0]) == FALSE && GetLastError() == WSAEOPNOTSUPP);
    end();
}

/* Buffers that are too small are the next provider's to refuse, and bad ones are not touched before. */
static void odd_buffers(void)
{
    INT error;
    DWORD returned = 0;
    GUID id = extensions[0].id;
    char small[4] = {1, 2, 3, 4};
    begin();
    recorder.extension = NULL;
    EXPECT(procs.lpWSPIoctl(s[0], SIO_GET_EXTENSION_FUNCTION_POINTER, &id, 3, small, 4, &returned, NULL, NULL, NULL,
                            &error) == 0);
    EXPECT(small[0] == 1 && small[3] == 4);
    recorder.fail = true;
    recorder.error = WSAEFAULT;
    EXPECT(procs.lpWSPIoctl(s[0], SIO_GET_EXTENSION_FUNCTION_POINTER, (void *)8, sizeof(id), (void *)64, 8, &returned,
                            NULL, NULL, NULL, &error) == SOCKET_ERROR &&
           error == WSAEFAULT);
    recorder.fail = false;
    /* One buffer for the question and the answer. */
    recorder.extension = one_for_all;
    union {
        GUID id;
        void *function;
    } both = {.id = extensions[0].id};
    EXPECT(procs.lpWSPIoctl(s[0], SIO_GET_EXTENSION_FUNCTION_POINTER, &both, sizeof(id), &both, sizeof(both), &returned,
                            NULL, NULL, NULL, &error) == 0);
    EXPECT(both.function != next_a[4] && both.function != NULL);
    call(both.function, 0, s[0]);
    EXPECT(called.which == 'a');
    end();
}

/* SIO_BASE_HANDLE and every other code go down as they are, and what comes back is handed on. */
static void other_codes_pass(void)
{
    static const DWORD codes[] = {
        BASE_HANDLE_CODE,    SIO_BSP_HANDLE, SIO_BSP_HANDLE_SELECT,
        SIO_BSP_HANDLE_POLL, SIO_EXT_SELECT, SIO_EXT_POLL,
        SIO_EXT_SENDMSG,     FIONBIO,        0xc8000024 /* SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER */,
        0x12345678};
    INT error;
    DWORD returned;
    void *out = NULL;
    begin();
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        int calls = recorder.calls;
        EXPECT(procs.lpWSPIoctl(s[0], codes[i], (void *)1, 2, &out, 8, &returned, (WSAOVERLAPPED *)3, NULL,
                                (WSATHREADID *)4, &error) == 0);
        EXPECT(recorder.calls == calls + 1 && (DWORD)recorder.argument[1] == codes[i] && out == NULL);
        EXPECT(recorder.argument[4] == (uintptr_t)&out && recorder.argument[7] == 3 && recorder.argument[9] == 4);
        recorder.fail = true;
        recorder.error = WSAEFAULT;
        EXPECT(procs.lpWSPIoctl(s[0], codes[i], NULL, 0, NULL, 0, NULL, NULL, NULL, NULL, &error) == SOCKET_ERROR &&
               error == WSAEFAULT);
        recorder.fail = false;
        calls = recorder.calls;
        EXPECT(procs.lpWSPIoctl(0x7770, codes[i], NULL, 0, &out, 8, &returned, NULL, NULL, NULL, &error) ==
                   SOCKET_ERROR &&
               error == WSAENOTSOCK && recorder.calls == calls);
    }
    end();
}

/* Through two places: each hands out its own, and a call passes through both. */
static void two_places(void)
{
    static const DWORD members[] = {LAYER, LAYER_2, BASE, 0};
    INT error;
    void *function;
    WSAPROTOCOL_INFOW info = *part_chain(CHAIN + 1, members);
    recorder_reset();
    recorder.own_handles = true;
    recorder.last_handle = 0x1000;
    recorder.extension = one_for_all;
    EXPECT(part_start(CHAIN + 1, &procs) == 0);
    s[0] = procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error);
    EXPECT(ask(s[0], &extensions[0].id, &function, &error) == 0);
    called.result = TRUE;
    EXPECT(call(function, 0, s[0]) == TRUE && called.which == 'a' && called.argument[0] == s[0]);
    end();
    part_catalog();
}

/* With the name of a file: the same with the trace on, into that file. */
int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    wchar_t trace[MAX_PATH];
    part_load();
    if (argc > 1 && MultiByteToWideChar(CP_ACP, 0, argv[1], -1, trace, MAX_PATH) != 0)
        part_trace(trace);
    RUN(the_layers_own_are_given_out);
    RUN(calls_pass);
    RUN(unknown_sockets_are_none);
    RUN(resolved_by_socket);
    RUN(resolved_by_chain);
    RUN(forgotten_with_the_last_cleanup);
    RUN(failures_pass);
    RUN(odd_buffers);
    RUN(other_codes_pass);
    RUN(two_places);
    return tap_end();
}
