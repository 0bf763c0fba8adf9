/* One connection of a probe; see attempt_win.h. */
#include "attempt_win.h"

#include <stdlib.h>
#include <string.h>

#include "cli/base/memory.h"
#include "lsp-core/base/probe_errors.h"
#include "wsk_device_win.h"

#define GRACE       2000 /* milliseconds that calls may take on top of their timeouts */
#define ANSWER_REST 300  /* milliseconds without a further byte that end an answer */

static uint64_t now(void)
{
    LARGE_INTEGER count, frequency;
    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&frequency);
    uint64_t whole = (uint64_t)(count.QuadPart / frequency.QuadPart);
    uint64_t rest = (uint64_t)(count.QuadPart % frequency.QuadPart);
    return whole * 1000000000u + rest * 1000000000u / (uint64_t)frequency.QuadPart;
}

/* The step comes first: it is what is told of a call that never returns. */
static void enter(struct probe_attempt *attempt, const char *step)
{
    attempt->failure.step = step;
}

static bool fail(struct probe_attempt *attempt, uint32_t code)
{
    attempt->failure.code = code;
    attempt->failure.winsock = code;
    probe_winsock_name(code, attempt->failure.name, sizeof attempt->failure.name);
    return false;
}

/* select: whether the socket became what is waited for; 0 with its time over. WSAPoll would not do: before Windows 10
 * version 2004 it did not report connections that failed. */
static int wait_for(SOCKET s, bool writing, uint64_t deadline)
{
    uint64_t at = now(), left = deadline > at ? (deadline - at) / 1000 : 0;
    struct timeval time = {(long)(left / 1000000), (long)(left % 1000000)};
    fd_set wanted, failed;
    FD_ZERO(&wanted);
    FD_ZERO(&failed);
    FD_SET(s, &wanted);
    FD_SET(s, &failed);
    return select(0, writing ? NULL : &wanted, writing ? &wanted : NULL, &failed, &time);
}

static uint64_t deadline_of(const struct probe_attempt *attempt)
{
    return now() + attempt->timeout * UINT64_C(1000000);
}

static bool connect_socket(struct probe_attempt *attempt, SOCKET s)
{
    u_long on = 1;
    uint64_t start = now(), deadline = deadline_of(attempt);
    int code = 0, size = sizeof code;
    enter(attempt, "connect");
    if (ioctlsocket(s, FIONBIO, &on) != 0)
        return fail(attempt, (uint32_t)WSAGetLastError());
    if (connect(s, (SOCKADDR *)&attempt->address, attempt->address_size) != 0) {
        if (WSAGetLastError() != WSAEWOULDBLOCK)
            return fail(attempt, (uint32_t)WSAGetLastError());
        int ready = wait_for(s, true, deadline);
        if (ready == 0)
            return fail(attempt, PROBE_TIMED_OUT);
        if (ready < 0 || getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&code, &size) != 0)
            return fail(attempt, (uint32_t)WSAGetLastError());
        if (code != 0)
            return fail(attempt, (uint32_t)code);
    }
    attempt->connect_time = now() - start;
    attempt->connected = true;
    return true;
}

static bool send_all(struct probe_attempt *attempt, SOCKET s)
{
    uint64_t deadline = deadline_of(attempt);
    enter(attempt, "send");
    for (size_t sent = 0; sent < attempt->send_size;) {
        int done = send(s, (const char *)attempt->send + sent, (int)(attempt->send_size - sent), 0);
        if (done < 0 && WSAGetLastError() != WSAEWOULDBLOCK)
            return fail(attempt, (uint32_t)WSAGetLastError());
        if (done > 0)
            sent += (size_t)done;
        else if (wait_for(s, true, deadline) == 0)
            return fail(attempt, PROBE_TIMED_OUT);
    }
    return true;
}

/* Until the other side has ended, has been quiet for a while, or has sent all that is compared. No answer in the whole
 * time is an answer too. */
static bool receive_answer(struct probe_attempt *attempt, SOCKET s)
{
    uint64_t deadline = deadline_of(attempt);
    attempt->answer = memory_alloc(PROBE_ANSWER_MAX);
    enter(attempt, "receive");
    while (attempt->answer_size < PROBE_ANSWER_MAX) {
        uint64_t rest = now() + ANSWER_REST * UINT64_C(1000000);
        if (wait_for(s, false, attempt->answer_size > 0 && rest < deadline ? rest : deadline) == 0)
            return true;
        int done =
            recv(s, (char *)attempt->answer + attempt->answer_size, (int)(PROBE_ANSWER_MAX - attempt->answer_size), 0);
        if (done < 0 && WSAGetLastError() != WSAEWOULDBLOCK)
            return fail(attempt, (uint32_t)WSAGetLastError());
        attempt->answer_ended = done == 0;
        if (done == 0)
            return true;
        attempt->answer_size += done > 0 ? (size_t)done : 0;
    }
    return true;
}

static bool connect_by_winsock(struct probe_attempt *attempt)
{
    enter(attempt, "socket");
    SOCKET s = attempt->named ? WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &attempt->entry,
                                           0, WSA_FLAG_OVERLAPPED)
                              : socket(attempt->address.ss_family, SOCK_STREAM, IPPROTO_TCP);
    if (s == INVALID_SOCKET)
        return fail(attempt, (uint32_t)WSAGetLastError());
    bool done =
        connect_socket(attempt, s) && (attempt->send_size == 0 || (send_all(attempt, s) && receive_answer(attempt, s)));
    closesocket(s);
    return done;
}

/* What the driver tells of one connection. */
static bool take_kernel(struct probe_attempt *attempt, const struct wsplsp_wsk_attempt *kernel)
{
    static const char *const steps[] = {"socket", "bind", "connect", "send", "receive", "disconnect", "close"};
    const uint32_t step = WSPLSP_WSK_STEP_CONNECT;
    struct probe_failure *failure = &attempt->failure;
    attempt->connected = (kernel->steps_taken >> step & 1) != 0 && kernel->failed_step != step &&
                         (kernel->status >= 0 || kernel->failed_step > step);
    attempt->connect_time = kernel->step_ns[step];
    if (kernel->status >= 0)
        return true;
    failure->step = kernel->failed_step < WSPLSP_WSK_STEPS ? steps[kernel->failed_step] : "connect";
    failure->code = (uint32_t)kernel->status;
    failure->winsock = probe_winsock_of_ntstatus(failure->code);
    probe_ntstatus_name(failure->code, failure->name, sizeof failure->name);
    return false;
}

static bool fail_driver(struct probe_attempt *attempt, const struct wsplsp_error *error)
{
    attempt->broken = true;
    memcpy(attempt->failure.name, error->name, sizeof attempt->failure.name);
    return false;
}

static bool ask_connect(struct probe_attempt *attempt, HANDLE device, const struct wsplsp_wsk_address *remote)
{
    struct wsplsp_error error;
    struct wsplsp_wsk_connect request = {
        .local = {.family = remote->family},
        .remote = *remote,
        .socket_type = SOCK_STREAM,
        .protocol = IPPROTO_TCP,
        .timeout_ms = attempt->timeout,
        .count = 1,
    };
    struct {
        struct wsplsp_wsk_connected head;
        struct wsplsp_wsk_attempt attempt;
    } answer = {0};
    if (wsk_device_ask(device, WSPLSP_WSK_CONNECT, &request, sizeof request, &answer, sizeof answer, &error) !=
        WSPLSP_OK)
        return fail_driver(attempt, &error);
    return take_kernel(attempt, &answer.attempt);
}

/* The driver waits for as many bytes as it is told; an answer that is shorter is one that came in the whole time. */
static bool take_echo(struct probe_attempt *attempt, const struct wsplsp_wsk_echoed *answer)
{
    size_t size = answer->data_size < PROBE_ANSWER_MAX ? answer->data_size : PROBE_ANSWER_MAX;
    attempt->answer = memory_alloc(PROBE_ANSWER_MAX);
    memcpy(attempt->answer, answer + 1, size);
    attempt->answer_size = size;
    bool succeeded = take_kernel(attempt, &answer->attempt);
    attempt->answer_ended = succeeded && size < attempt->receive_size;
    return succeeded ||
           (attempt->failure.winsock == PROBE_TIMED_OUT && answer->attempt.failed_step == WSPLSP_WSK_STEP_RECEIVE);
}

static bool ask_echo(struct probe_attempt *attempt, HANDLE device, const struct wsplsp_wsk_address *remote)
{
    struct wsplsp_error error;
    const size_t size = sizeof(struct wsplsp_wsk_echo) + attempt->send_size;
    const size_t answer_size = sizeof(struct wsplsp_wsk_echoed) + PROBE_ANSWER_MAX;
    struct wsplsp_wsk_echo *request = memory_alloc(size);
    struct wsplsp_wsk_echoed *answer = memory_alloc(answer_size);
    request->local.family = remote->family;
    request->remote = *remote;
    request->timeout_ms = attempt->timeout;
    request->send_size = request->data_size = (uint32_t)attempt->send_size;
    request->receive_size = (uint32_t)attempt->receive_size;
    memcpy(request + 1, attempt->send, attempt->send_size);
    bool done =
        wsk_device_ask(device, WSPLSP_WSK_ECHO, request, (DWORD)size, answer, (DWORD)answer_size, &error) == WSPLSP_OK
            ? take_echo(attempt, answer)
            : fail_driver(attempt, &error);
    free(request);
    free(answer);
    return done;
}

static bool connect_by_kernel(struct probe_attempt *attempt)
{
    HANDLE device;
    struct wsplsp_error error;
    struct wsplsp_wsk_address remote;
    enter(attempt, "connect");
    if (wsk_device_open(&device, &error) != WSPLSP_OK)
        return fail_driver(attempt, &error);
    wsk_device_address((const SOCKADDR *)&attempt->address, &remote);
    bool done = attempt->send_size == 0 ? ask_connect(attempt, device, &remote) : ask_echo(attempt, device, &remote);
    CloseHandle(device);
    return done;
}

static DWORD WINAPI run(void *context)
{
    struct probe_attempt *attempt = context;
    attempt->succeeded = attempt->way == PROBE_KERNEL ? connect_by_kernel(attempt) : connect_by_winsock(attempt);
    return 0;
}

bool probe_attempt_make(struct probe_attempt *attempt)
{
    enter(attempt, "socket");
    HANDLE thread = CreateThread(NULL, 0, run, attempt, 0, NULL);
    if (thread == NULL)
        return run(attempt) == 0;
    /* Connecting, sending and receiving each have the whole time. */
    DWORD limit = attempt->timeout * (attempt->send_size == 0 ? 1 : 3) + GRACE;
    bool ended = WaitForSingleObject(thread, limit) == WAIT_OBJECT_0;
    CloseHandle(thread);
    return ended;
}
