/* A layer that is given a filter: who may come while it is being loaded, and WSPIoctl's codes about WSASendMsg, which
 * then passes through the layer. Expected values: wsplsp/layer.h, "Winsock IOCTLs", LPWSPIoctl. TAP. */
#include <stdlib.h>
#include <string.h>

#include <mswsock.h>

#include "base_codes.h"
#include "recorder.h"
#include "tap.h"
#include "winsock_part.h"
#include "wsplsp/layer.h"

enum { LIMIT = 20000, UNTOUCHED = 0x55aa };

static wsplsp_layer_configure_function configure;
static struct wsplsp_layer_config config = {.size = sizeof(config)};
static WSPPROC_TABLE procs;

static bool wait_for(volatile LONG *value, LONG wanted)
{
    ULONGLONG begin = GetTickCount64();
    while (*value < wanted && GetTickCount64() - begin < LIMIT)
        Sleep(1);
    return *value >= wanted;
}

/* The thread's result; STILL_ACTIVE where it does not end. */
static DWORD finish(HANDLE thread)
{
    DWORD code = STILL_ACTIVE;
    WaitForSingleObject(thread, LIMIT);
    GetExitCodeThread(thread, &code);
    CloseHandle(thread);
    return code;
}

static DWORD WINAPI start_layer(void *unused)
{
    WSPPROC_TABLE other;
    (void)unused;
    return (DWORD)part_start(CHAIN, &other);
}

static DWORD WINAPI configure_layer(void *unused)
{
    (void)unused;
    return (DWORD)configure(&config);
}

/* --- while the filter is being loaded --- */

/* A thread that runs already, and goes on: none can begin or end while a DllMain is waiting for it. */
static HANDLE attached, waiting_thread;
static volatile LONG ready, answered;
static DWORD own_start, own_configure, other_start, patient_start, new_start, new_configure;
static LONG own_waits;
static HANDLE patient;

static DWORD WINAPI start_when_attached(void *unused)
{
    ready = 1;
    WaitForSingleObject(attached, INFINITE);
    other_start = start_layer(unused);
    answered = 1;
    return 0;
}

/* Under the loader's lock. Who waits for what this thread is at cannot wait for ever. */
__declspec(dllexport) void filter_is_attached(void)
{
    part.waits = 0;
    own_start = start_layer(NULL);
    own_configure = configure_layer(NULL);
    own_waits = part.waits;
    part.impatient = true;
    SetEvent(attached);
    wait_for(&answered, 1);
    part.impatient = false;
}

/* Under no lock. The patient one goes on when the filter is there. */
__declspec(dllexport) void filter_is_started(void)
{
    part.impatient = true;
    new_start = finish(CreateThread(NULL, 0, start_layer, NULL, 0, NULL));
    new_configure = finish(CreateThread(NULL, 0, configure_layer, NULL, 0, NULL));
    part.impatient = false;
    part.waits = 0;
    patient = CreateThread(NULL, 0, start_layer, NULL, 0, NULL);
    wait_for(&part.waits, 1);
}

static void nothing_is_loaded_under_a_lock(void)
{
    attached = CreateEventW(NULL, TRUE, FALSE, NULL);
    waiting_thread = CreateThread(NULL, 0, start_when_attached, NULL, 0, NULL);
    EXPECT(wait_for(&ready, 1));
    EXPECT(configure(&config) == 0);
    EXPECT(finish(waiting_thread) == 0);
    EXPECT(own_configure == WSAEINPROGRESS && own_waits == 0);
    EXPECT(new_configure == WSAEINPROGRESS);
    patient_start = finish(patient);
    EXPECT(configure(&config) == 0);
}

/* The program's calls would go past the filter. */
static void no_start_without_the_filter(void)
{
    INT error;
    EXPECT(own_start == WSASYSNOTREADY);
    EXPECT(other_start == WSASYSNOTREADY);
    EXPECT(new_start == WSASYSNOTREADY);
    EXPECT(patient_start == 0 && recorder.startups == 1);
    EXPECT(part_start(CHAIN, &procs) == 0);
    EXPECT(procs.lpWSPCleanup(&error) == 0 && procs.lpWSPCleanup(&error) == 0 && recorder.cleanups == 1);
}

/* --- codes --- */

static SOCKET s;

static INT answer(const uintptr_t *argument)
{
    return base_codes_answer((SOCKET)argument[0], (DWORD)argument[1], (void *)argument[2], (DWORD)argument[3],
                             (void *)argument[4], (DWORD)argument[5], (DWORD *)argument[6],
                             (const WSAOVERLAPPED *)argument[7]);
}

static struct {
    int calls;
    SOCKET s;
    WSAMSG *message;
    WSAOVERLAPPED *overlapped;
    DWORD error;
} sent;

static INT PASCAL send_below(SOCKET on, WSAMSG *message, DWORD flags, DWORD *bytes, WSAOVERLAPPED *overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    (void)flags, (void)routine;
    sent.calls++;
    sent.s = on;
    sent.message = message;
    sent.overlapped = overlapped;
    if (sent.error != 0) {
        SetLastError(sent.error);
        return SOCKET_ERROR;
    }
    *bytes = 11;
    return 0;
}

static void *find_send(SOCKET on, const GUID *id)
{
    (void)on, (void)id;
    return (void *)send_below;
}

static void begin(void)
{
    INT error;
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    recorder_reset();
    base_codes_reset();
    memset(&sent, 0, sizeof(sent));
    recorder.own_handles = true;
    recorder.last_handle = 0x1000;
    recorder.extension = find_send;
    recorder.command = answer;
    EXPECT(part_start(CHAIN, &procs) == 0);
    s = procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error);
    EXPECT(s != INVALID_SOCKET);
}

static void end(void)
{
    INT error;
    EXPECT(procs.lpWSPCleanup(&error) == 0);
}

static INT ask(SOCKET on, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,
               WSAOVERLAPPED *overlapped)
{
    INT error = UNTOUCHED;
    int result = procs.lpWSPIoctl(on, code, in, in_size, out, out_size, returned, overlapped, NULL, NULL, &error);
    EXPECT(result == 0 ? error == UNTOUCHED : result == SOCKET_ERROR && error != UNTOUCHED);
    return result == 0 ? 0 : error;
}

/* With its own handle, which is the base's, too: it is not the base that has been asked. */
static void the_layers_own_handle(void)
{
    SOCKET handle = UNTOUCHED;
    DWORD returned = UNTOUCHED;
    begin();
    EXPECT(ask(s, SIO_BSP_HANDLE, NULL, 0, &handle, sizeof(handle), &returned, NULL) == 0);
    EXPECT(handle == s && returned == sizeof(handle) && base_codes.asked == 0);
    end();
}

/* The base says what is wrong, and completes what is overlapped: its handle, its completion port. */
static void other_questions_go_down(void)
{
    WSAOVERLAPPED overlapped = {0};
    SOCKET handle = UNTOUCHED;
    DWORD returned = UNTOUCHED;
    begin();
    EXPECT(ask(s, SIO_BSP_HANDLE, NULL, 0, &handle, sizeof(handle) - 1, &returned, NULL) == WSAEFAULT);
    EXPECT(ask(s, SIO_BSP_HANDLE, NULL, 0, NULL, sizeof(handle), &returned, NULL) == WSAEFAULT);
    EXPECT(ask(s, SIO_BSP_HANDLE, NULL, 0, &handle, sizeof(handle), NULL, NULL) == WSAEFAULT);
    EXPECT(handle == UNTOUCHED && returned == UNTOUCHED && base_codes.asked == 3);
    EXPECT(ask(s, SIO_BSP_HANDLE, NULL, 0, &handle, sizeof(handle), &returned, &overlapped) == 0);
    EXPECT(handle == s && returned == sizeof(handle) && base_codes.asked == 4 && base_codes.overlapped);
    static const DWORD others[] = {BASE_HANDLE_CODE, SIO_BSP_HANDLE_SELECT, SIO_BSP_HANDLE_POLL};
    for (int i = 0; i < 3; i++) {
        EXPECT(ask(s, others[i], NULL, 0, &handle, sizeof(handle), &returned, NULL) == 0);
        EXPECT(base_codes.asked == 5 + i && base_codes.code == others[i]);
    }
    EXPECT(ask(s, SIO_BSP_HANDLE_POLL, NULL, 0, &handle, sizeof(handle), &returned, &overlapped) == WSAEFAULT);
    end();
}

static void messages_pass_the_filter(void)
{
    WSAMSG message = {.dwBufferCount = 0};
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = 0, code = UNTOUCHED, returned = 0;
    WSASENDMSG arguments = {&message, 0, &bytes, NULL, NULL};
    begin();
    EXPECT(ask(s, SIO_EXT_SENDMSG, &arguments, sizeof(arguments), &code, sizeof(code), &returned, NULL) == 0);
    EXPECT(sent.calls == 1 && sent.s == s && bytes == 11 && code == 0 && returned == sizeof(code));
    EXPECT(ask(s, SIO_EXT_SENDMSG, &arguments, sizeof(arguments), NULL, 0, NULL, NULL) == 0 && sent.calls == 2);
    sent.error = WSAEMSGSIZE;
    EXPECT(ask(s, SIO_EXT_SENDMSG, &arguments, sizeof(arguments), &code, sizeof(code), &returned, NULL) == WSAEMSGSIZE);
    EXPECT(sent.calls == 3 && code == WSAEMSGSIZE && returned == sizeof(code));
    /* What is wrong with the arguments is not left to what is past the filter. */
    EXPECT(ask(s, SIO_EXT_SENDMSG, NULL, sizeof(arguments), &code, sizeof(code), &returned, NULL) == WSAEFAULT);
    EXPECT(ask(s, SIO_EXT_SENDMSG, &arguments, sizeof(arguments) - 1, &code, sizeof(code), &returned, NULL) ==
           WSAEFAULT);
    EXPECT(ask(s, SIO_EXT_SENDMSG, &arguments, sizeof(arguments), &code, sizeof(code), &returned, &overlapped) ==
           WSAEFAULT);
    EXPECT(sent.calls == 3 && base_codes.asked == 0);
    end();
}

static void unknown_handles_are_none(void)
{
    SOCKET handle = UNTOUCHED;
    DWORD returned = UNTOUCHED;
    begin();
    EXPECT(ask(0x7770, SIO_BSP_HANDLE, NULL, 0, &handle, sizeof(handle), &returned, NULL) == WSAENOTSOCK);
    EXPECT(ask(0x7770, SIO_EXT_SENDMSG, NULL, 0, &handle, sizeof(handle), &returned, NULL) == WSAENOTSOCK);
    EXPECT(handle == UNTOUCHED && returned == UNTOUCHED && base_codes.asked == 0);
    end();
}

int main(void)
{
    static wchar_t filter[MAX_PATH];
    setvbuf(stdout, NULL, _IONBF, 0);
    GetModuleFileNameW(NULL, filter, MAX_PATH);
    wcscpy(wcsrchr(filter, L'\\') + 1, L"calling_filter.dll");
    config.filter_file = filter;
    part_load();
    recorder_reset();
    configure = (wsplsp_layer_configure_function)(void *)GetProcAddress(part.module, WSPLSP_LAYER_CONFIGURE);
    RUN(nothing_is_loaded_under_a_lock);
    RUN(no_start_without_the_filter);
    RUN(the_layers_own_handle);
    RUN(other_questions_go_down);
    RUN(messages_pass_the_filter);
    RUN(unknown_handles_are_none);
    return tap_end();
}
