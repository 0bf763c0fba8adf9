/* The upcalls and the handles of WPUCreateSocketHandle, seen by a provider and by the program above it. The provider is
 * this program itself: the catalog names its own file, which exports WSPStartup. It does as each scenario tells it;
 * below it is the host's base provider. Expected values are those of the functions' reference pages. TAP. */
#include <stdatomic.h>
#include <stdlib.h>

#include "lsp-core/host/api/api.h"
#include "lsp-core/host/api/handle_io.h"
#include "lsp-core/host/handles/handles.h"
#include "lsp-core/host/handles/ports.h"
#include "lsp-core/host/catalog/private.h"
#include "lsp-core/host/provider/provider.h"
#include "lsp-core/host/redirect/real.h"
#include "lsp-core/host/redirect/redirect.h"
#include "lsp-core/host/api/startup.h"
#include "tap.h"
#include "lsp-core/base/text.h"
#include "lsp-core/host/provider/thread.h"
#include "lsp-core/host/api/upcalls.h"

enum { BASE_TCP = 1001, BASE_UDP = 1002, LAYER = 1100, CHAIN_UDP = 1101, CHAIN_TCP = 1102, UNKNOWN = 4711 };
enum { MY_CONTEXT = 0x1234, KEY = 77, STATUS_IN_PROGRESS = 0x103 };

#define BASE_DLL "%SystemRoot%\\system32\\mswsock.dll"

/* The catalog -------------------------------------------------------------------------------------------------- */

static struct wsplsp_snapshot *snapshot;

const struct wsplsp_snapshot *private_catalog_acquire(void)
{
    return snapshot;
}

void private_catalog_release(const struct wsplsp_snapshot *released)
{
    (void)released;
}

enum wsplsp_status private_catalog_refresh(struct wsplsp_error *error)
{
    (void)error;
    return WSPLSP_OK;
}

static void add_entry(DWORD id, int chain_len, int type, int protocol, const char *dll)
{
    struct wsplsp_entry *entry = wsplsp_catalog_add_entry(&snapshot->catalogs[sizeof(void *) == 8 ? 0 : 1]);
    if (entry == NULL)
        abort();
    entry->info.catalog_id = id;
    memcpy(entry->info.provider_id.bytes, &id, sizeof(id));
    entry->info.chain_len = chain_len;
    entry->info.chain[0] = chain_len > 1 ? LAYER : id;
    entry->info.chain[1] = type == SOCK_DGRAM ? BASE_UDP : BASE_TCP;
    entry->info.service_flags[0] = chain_len == 1 ? XP1_IFS_HANDLES : 0;
    entry->info.version = 2;
    entry->info.family = AF_INET;
    entry->info.socket_type = type;
    entry->info.protocol = protocol;
    entry->dll = text_duplicate(dll);
}

static void make_catalog(void)
{
    wchar_t path[MAX_PATH];
    DWORD length = GetModuleFileNameW(NULL, path, MAX_PATH);
    char *self = text_from_utf16(path, length);
    snapshot = wsplsp_snapshot_new("test");
    if (snapshot == NULL || self == NULL)
        abort();
    add_entry(CHAIN_UDP, 2, SOCK_DGRAM, IPPROTO_UDP, self);
    add_entry(BASE_TCP, 1, SOCK_STREAM, IPPROTO_TCP, BASE_DLL);
    add_entry(BASE_UDP, 1, SOCK_DGRAM, IPPROTO_UDP, BASE_DLL);
    add_entry(LAYER, 0, SOCK_DGRAM, IPPROTO_UDP, self);
    add_entry(CHAIN_TCP, 2, SOCK_STREAM, IPPROTO_TCP, self); /* behind the base: no program gets it unasked */
    free(self);
}

/* The provider ------------------------------------------------------------------------------------------------- */

static WSPUPCALLTABLE up;
static WSPPROC_TABLE next;
static LPWPUCOMPLETEOVERLAPPEDREQUEST complete;

/* What it is to do, and what it was asked for. */
static struct {
    int error; /* 0: succeed */
    DWORD bytes, flags;
    bool pass_down;
    int base_error;   /* of SIO_BASE_HANDLE; 0: succeed */
    bool own_is_base; /* its answer is the socket itself */
    int calls, closes;
    SOCKET s;
    char *buffer;
    DWORD size;
    WSAOVERLAPPED *overlapped;
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
    WSATHREADID thread;
    bool sending, wait, event_was_set;
    bool in_progress; /* the operation whose result is asked for */
    SOCKET closed;
    INT close_error;
} script;

static int startups;
static DWORD started_with;

static SOCKET below; /* the base's socket, in the scenarios that have one */
static WSAOVERLAPPED substitute;

static SOCKET WSPAPI layer_socket(int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group, DWORD flags,
                                  INT *error)
{
    (void)family, (void)type, (void)protocol, (void)info, (void)group, (void)flags;
    return up.lpWPUCreateSocketHandle(CHAIN_UDP, MY_CONTEXT, error);
}

static int WSPAPI layer_close(SOCKET s, INT *error)
{
    script.closes++;
    script.closed = s;
    *error = script.close_error;
    if (script.close_error != 0)
        return SOCKET_ERROR;
    return up.lpWPUCloseSocketHandle(s, error);
}

static void CALLBACK lower_completed(DWORD error, DWORD bytes, WSAOVERLAPPED *overlapped, DWORD flags)
{
    INT ignored;
    (void)overlapped, (void)flags;
    complete(script.s, script.overlapped, error, bytes, &ignored);
}

static int transfer(SOCKET s, WSABUF *buffers, DWORD *bytes, WSAOVERLAPPED *overlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread, INT *error)
{
    script.calls++;
    script.s = s;
    script.buffer = buffers[0].buf;
    script.size = buffers[0].len;
    script.overlapped = overlapped;
    script.routine = routine;
    script.thread = *thread;
    script.event_was_set = overlapped != NULL && routine == NULL && overlapped->hEvent != NULL &&
                           WaitForSingleObject((HANDLE)((uintptr_t)overlapped->hEvent & ~(uintptr_t)1), 0) == 0;
    *bytes = script.bytes;
    *error = script.error;
    if (overlapped != NULL && script.error == WSA_IO_PENDING)
        overlapped->Internal = STATUS_IN_PROGRESS;
    return script.error == 0 ? 0 : SOCKET_ERROR;
}

static int WSPAPI layer_send(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags,
                             WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread,
                             INT *error)
{
    (void)count, (void)flags;
    script.sending = true;
    return transfer(s, buffers, bytes, overlapped, routine, thread, error);
}

static int WSPAPI layer_recv(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags,
                             WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, WSATHREADID *thread,
                             INT *error)
{
    script.sending = false;
    *flags = script.flags;
    int result = transfer(s, buffers, bytes, overlapped, routine, thread, error);
    if (!script.pass_down)
        return result;
    *flags = 0;
    overlapped->Internal = STATUS_IN_PROGRESS;
    return next.lpWSPRecv(below, buffers, count, bytes, flags, &substitute, lower_completed, thread, error);
}

static WINBOOL WSPAPI layer_result(SOCKET s, WSAOVERLAPPED *overlapped, DWORD *bytes, WINBOOL wait, DWORD *flags,
                                   INT *error)
{
    script.calls++;
    script.s = s;
    script.overlapped = overlapped;
    script.wait = wait != FALSE;
    script.in_progress = overlapped->Internal == STATUS_IN_PROGRESS;
    *bytes = script.bytes;
    *flags = script.flags;
    *error = script.error;
    return script.error == 0;
}

static int WSPAPI layer_ioctl(SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,
                              WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                              WSATHREADID *thread, INT *error)
{
    if (script.base_error != 0) {
        *error = script.base_error;
        return SOCKET_ERROR;
    }
    if (script.own_is_base) {
        memcpy(out, &s, sizeof(s));
        return 0;
    }
    return next.lpWSPIoctl(below, code, in, in_size, out, out_size, returned, overlapped, routine, thread, error);
}

static int WSPAPI layer_cleanup(INT *error)
{
    return next.lpWSPCleanup(error);
}

int WSPAPI base_startup(WORD requested, WSPDATA *data, WSAPROTOCOL_INFOW *info, WSPUPCALLTABLE upcalls,
                        WSPPROC_TABLE *procs);

__declspec(dllexport) int WSPAPI
    WSPStartup(WORD requested, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE procs)
{
    WSPDATA lower;
    up = upcalls;
    startups++;
    started_with = info->dwCatalogEntryId;
    if (base_startup(requested, &lower, info, upcalls, &next) != 0)
        return WSASYSNOTREADY;
    *procs = next;
    procs->lpWSPSocket = layer_socket;
    procs->lpWSPCloseSocket = layer_close;
    procs->lpWSPSend = layer_send;
    procs->lpWSPRecv = layer_recv;
    procs->lpWSPIoctl = layer_ioctl;
    procs->lpWSPGetOverlappedResult = layer_result;
    procs->lpWSPCleanup = layer_cleanup;
    data->wVersion = data->wHighVersion = MAKEWORD(2, 2);
    return 0;
}

/* The provider of an entry. */
static struct provider *provider_of(DWORD id)
{
    struct provider_meant meant;
    return provider_mean(id, &meant) == 0 ? meant.provider : NULL;
}

/* The program --------------------------------------------------------------------------------------------------- */

static void *replacement(const char *name)
{
    for (size_t i = 0; i < handle_io_export_count; i++)
        if (strcmp(handle_io_exports[i].name, name) == 0)
            return (void *)handle_io_exports[i].replacement;
    printf("Bail out! %s is not redirected\n", name);
    exit(99);
}

/* The host's function in the place of kernel32's. */
#define IO(name) ((__typeof__(&(name)))replacement(#name))

static SOCKET make_socket(void)
{
    memset(&script, 0, sizeof(script));
    SOCKET s = api_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    if (s == INVALID_SOCKET) {
        printf("Bail out! no socket: %lu\n", GetLastError());
        exit(99);
    }
    return s;
}

/* What redirect_install leaves out, it says nothing of. */
static void kernel32_has_what_is_redirected(void)
{
    for (size_t i = 0; i < handle_io_export_count; i++) {
        EXPECT_TEXT(handle_io_exports[i].module, "kernel32.dll");
        EXPECT(GetProcAddress(GetModuleHandleW(L"kernel32.dll"), handle_io_exports[i].name) != NULL);
    }
    EXPECT(handle_io_export_count == 12 && upcalls_export_count == 1);
    EXPECT_TEXT(upcalls_exports[0].module, "ws2_32.dll");
    EXPECT_TEXT(upcalls_exports[0].name, "WPUCompleteOverlappedRequest");
}

static bool handle_open(HANDLE handle)
{
    DWORD flags;
    return GetHandleInformation(handle, &flags) != 0;
}

/* By asking for each, because Wine's GetProcessHandleCount always says the same. New handles get the lowest free value.
 */
static int handle_count(void)
{
    int count = 0;
    for (uintptr_t value = 4; value < 0x1000; value += 4)
        count += handle_open((HANDLE)value);
    return count;
}

static void a_socket_handle_is_a_file_of_the_kernel(void)
{
    HANDLE h = (HANDLE)make_socket();
    DWORD flags = 0;
    EXPECT(GetFileType(h) == FILE_TYPE_PIPE);
    EXPECT(GetHandleInformation(h, &flags) && (flags & HANDLE_FLAG_INHERIT) == 0);
    EXPECT(SetHandleInformation(h, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
    EXPECT(GetHandleInformation(h, &flags) && (flags & HANDLE_FLAG_INHERIT) != 0);
    EXPECT(SetFileCompletionNotificationModes(h, FILE_SKIP_SET_EVENT_ON_HANDLE));
    EXPECT(handles_ours(h));
    EXPECT(handles_ours((HANDLE)((uintptr_t)h | 1)));
    EXPECT(!handles_ours(INVALID_HANDLE_VALUE) && !handles_ours(NULL) && !handles_ours(GetCurrentThread()));
    EXPECT(api_closesocket((SOCKET)h) == 0);
    EXPECT(script.closes == 1 && !handle_open(h) && !handles_ours(h));
}

static void the_context_comes_back(void)
{
    SOCKET s = make_socket();
    SOCKET other;
    DWORD_PTR context = 0;
    INT error = 0;
    SetLastError(UNKNOWN);
    EXPECT(up.lpWPUQuerySocketHandleContext(s, &context, &error) == 0 && context == MY_CONTEXT);
    other = up.lpWPUCreateSocketHandle(CHAIN_UDP, ~(DWORD_PTR)0, &error);
    EXPECT(GetLastError() == UNKNOWN);
    EXPECT(up.lpWPUQuerySocketHandleContext(other, &context, &error) == 0 && context == ~(DWORD_PTR)0);
    EXPECT(up.lpWPUCloseSocketHandle(other, &error) == 0 && !handle_open((HANDLE)other));
    EXPECT(up.lpWPUQuerySocketHandleContext(other, &context, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
    other = up.lpWPUCreateSocketHandle(CHAIN_UDP, 5, &error); /* a record that is used again */
    EXPECT(up.lpWPUQuerySocketHandleContext(other, &context, &error) == 0 && context == 5);
    EXPECT(up.lpWPUCloseSocketHandle(other, &error) == 0);
    error = 0;
    EXPECT(up.lpWPUQuerySocketHandleContext(s, NULL, &error) == SOCKET_ERROR && error == WSAEFAULT);
    api_closesocket(s);
}

static void a_handle_belongs_to_its_provider(void)
{
    INT error = 0;
    SOCKET s = make_socket();
    int before;
    EXPECT(sockets_find(&sockets, s) == provider_of(CHAIN_UDP) && provider_of(CHAIN_UDP) != NULL);
    EXPECT(up.lpWPUCloseSocketHandle(s, &error) == 0);
    EXPECT(sockets_find(&sockets, s) == NULL);
    before = handle_count();
    EXPECT(up.lpWPUCreateSocketHandle(UNKNOWN, 1, &error) == INVALID_SOCKET && error == WSAEINVAL);
    EXPECT(handle_count() == before);
}

static void closing_takes_only_such_handles(void)
{
    INT error = 0;
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    SOCKET plain = api_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    EXPECT(up.lpWPUCloseSocketHandle((SOCKET)event, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
    error = 0;
    EXPECT(up.lpWPUCloseSocketHandle(plain, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
    EXPECT(sockets_find(&sockets, plain) == provider_base());
    EXPECT(handle_open(event) && handle_open((HANDLE)plain));
    CloseHandle(event);
    api_closesocket(plain);
}

/* Completion ---------------------------------------------------------------------------------------------------- */

static void a_port_gets_key_structure_and_count(void)
{
    SOCKET s = make_socket();
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    WSAOVERLAPPED overlapped = {.Internal = STATUS_IN_PROGRESS};
    OVERLAPPED *got = NULL;
    DWORD bytes = 0;
    ULONG_PTR key = 0;
    INT error = 0;
    EXPECT(IO(CreateIoCompletionPort)((HANDLE)s, port, KEY, 0) == port);
    EXPECT(complete(s, &overlapped, 0, 42, &error) == 0);
    EXPECT(overlapped.Internal == 0 && overlapped.InternalHigh == 42);
    EXPECT(GetQueuedCompletionStatus(port, &bytes, &key, &got, 0));
    EXPECT(bytes == 42 && key == KEY && got == &overlapped);
    EXPECT(!GetQueuedCompletionStatus(port, &bytes, &key, &got, 0) && got == NULL);
    api_closesocket(s);
    IO(CloseHandle)(port);
}

/* The errors that GetQueuedCompletionStatus reports for the system's own sockets; and a number of Winsock's where the
 * system has no other. */
static void a_failure_is_the_port_s_failure(void)
{
    static const struct {
        DWORD error, reported;
    } cases[] = {
        {WSAECONNRESET, ERROR_NETNAME_DELETED},
        {WSAECONNABORTED, ERROR_CONNECTION_ABORTED},
        {WSA_OPERATION_ABORTED, ERROR_OPERATION_ABORTED},
        {WSAEMSGSIZE, ERROR_MORE_DATA},
        {WSAECONNREFUSED, ERROR_CONNECTION_REFUSED},
        {WSAETIMEDOUT, ERROR_SEM_TIMEOUT},
        {WSAENETRESET, WSAENETRESET},
        {WSA_IO_PENDING, ERROR_IO_PENDING},
    };
    SOCKET s = make_socket();
    HANDLE port = IO(CreateIoCompletionPort)((HANDLE)s, NULL, KEY, 0);
    EXPECT(port != NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        WSAOVERLAPPED overlapped = {.Internal = STATUS_IN_PROGRESS};
        OVERLAPPED *got = NULL;
        DWORD bytes = 0;
        ULONG_PTR key = 0;
        INT error;
        EXPECT(complete(s, &overlapped, cases[i].error, 3, &error) == 0);
        EXPECT(overlapped.Internal != STATUS_IN_PROGRESS && overlapped.Internal != 0);
        EXPECT(!GetQueuedCompletionStatus(port, &bytes, &key, &got, 0) && GetLastError() == cases[i].reported);
        EXPECT(got == &overlapped && bytes == 3);
    }
    api_closesocket(s);
    IO(CloseHandle)(port);
}

static bool has_packet(HANDLE port, DWORD bytes)
{
    OVERLAPPED *got = NULL;
    DWORD found = 0;
    ULONG_PTR key;
    GetQueuedCompletionStatus(port, &found, &key, &got, 0);
    return got != NULL && found == bytes;
}

/* Once the mode is set, an application "will not experience completions … over the associated I/O completion port"
 * (KB 2568167); events tell as ever. */
static void packets_are_skipped_for_good(void)
{
    SOCKET s = make_socket(), other = make_socket();
    HANDLE port = IO(CreateIoCompletionPort)((HANDLE)s, NULL, KEY, 0), event = CreateEventW(NULL, TRUE, FALSE, NULL);
    HANDLE copy = NULL;
    WSAOVERLAPPED overlapped = {.Internal = STATUS_IN_PROGRESS}, pending = {.Internal = STATUS_IN_PROGRESS};
    INT error;
    EXPECT(IO(CreateIoCompletionPort)((HANDLE)other, port, KEY, 0) == port);
    EXPECT(IO(DuplicateHandle)(GetCurrentProcess(), (HANDLE)s, GetCurrentProcess(), &copy, 0, FALSE,
                               DUPLICATE_SAME_ACCESS));
    EXPECT(IO(SetFileCompletionNotificationModes)((HANDLE)s, FILE_SKIP_SET_EVENT_ON_HANDLE));
    EXPECT(complete(s, &overlapped, 0, 7, &error) == 0 && has_packet(port, 7));
    EXPECT(IO(SetFileCompletionNotificationModes)((HANDLE)s, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    EXPECT(IO(SetFileCompletionNotificationModes)((HANDLE)s, FILE_SKIP_SET_EVENT_ON_HANDLE));
    EXPECT(complete(s, &overlapped, 0, 8, &error) == 0 && overlapped.Internal == 0 && overlapped.InternalHigh == 8);
    EXPECT(complete((SOCKET)copy, &overlapped, 0, 8, &error) == 0);
    EXPECT(complete(s, &pending, WSAECONNRESET, 0, &error) == 0 && pending.Internal != STATUS_IN_PROGRESS);
    EXPECT(!has_packet(port, 8) && !has_packet(port, 0));
    overlapped.hEvent = event;
    EXPECT(complete(s, &overlapped, 0, 8, &error) == 0 && WaitForSingleObject(event, 0) == WAIT_OBJECT_0);
    EXPECT(!has_packet(port, 8));
    overlapped.hEvent = NULL;
    EXPECT(complete(other, &overlapped, 0, 9, &error) == 0 && has_packet(port, 9));
    IO(CloseHandle)(copy);
    api_closesocket(s);
    api_closesocket(other);
    /* The mode has gone with the socket: records are used again. */
    SOCKET later[] = {make_socket(), make_socket()};
    for (int i = 0; i < 2; i++) {
        EXPECT(IO(CreateIoCompletionPort)((HANDLE)later[i], port, KEY, 0) == port);
        EXPECT(complete(later[i], &overlapped, 0, 10, &error) == 0 && has_packet(port, 10));
    }
    for (int i = 0; i < 2; i++)
        api_closesocket(later[i]);
    CloseHandle(event);
    IO(CloseHandle)(port);
}

/* skip=post of --layer */
static void packets_are_posted_though_skipped(void)
{
    SOCKET s = handles_create(0, true);
    HANDLE port = IO(CreateIoCompletionPort)((HANDLE)s, NULL, KEY, 0);
    WSAOVERLAPPED overlapped = {.Internal = STATUS_IN_PROGRESS};
    INT error;
    EXPECT(IO(SetFileCompletionNotificationModes)((HANDLE)s, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    EXPECT(complete(s, &overlapped, 0, 8, &error) == 0 && has_packet(port, 8));
    EXPECT(handles_close(s));
    IO(CloseHandle)(port);
}

static void an_event_is_set(void)
{
    SOCKET s = make_socket();
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    WSAOVERLAPPED overlapped = {.Internal = STATUS_IN_PROGRESS, .hEvent = event};
    OVERLAPPED *got = NULL;
    DWORD bytes;
    ULONG_PTR key;
    INT error = 0;
    EXPECT(complete(s, &overlapped, 0, 1, &error) == 0 && WaitForSingleObject(event, 0) == WAIT_OBJECT_0);
    HANDLE port = IO(CreateIoCompletionPort)((HANDLE)s, NULL, KEY, 0);
    ResetEvent(event);
    EXPECT(complete(s, &overlapped, 0, 1, &error) == 0 && WaitForSingleObject(event, 0) == WAIT_OBJECT_0);
    EXPECT(GetQueuedCompletionStatus(port, &bytes, &key, &got, 0));
    ResetEvent(event);
    overlapped.hEvent = (HANDLE)((uintptr_t)event | 1);
    EXPECT(complete(s, &overlapped, 0, 1, &error) == 0 && WaitForSingleObject(event, 0) == WAIT_OBJECT_0);
    EXPECT(!GetQueuedCompletionStatus(port, &bytes, &key, &got, 0));
    api_closesocket(s);
    CloseHandle(event);
    IO(CloseHandle)(port);
}

static void only_own_handles_are_completed(void)
{
    SOCKET plain = api_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    SOCKET s = make_socket();
    WSAOVERLAPPED overlapped = {.Internal = STATUS_IN_PROGRESS};
    INT error = 0;
    EXPECT(complete(plain, &overlapped, 0, 1, &error) == SOCKET_ERROR && error == WSAEINVAL);
    EXPECT(overlapped.Internal == STATUS_IN_PROGRESS);
    error = 0;
    EXPECT(complete(s, NULL, 0, 1, &error) == SOCKET_ERROR && error == WSAEFAULT);
    api_closesocket(s);
    error = 0;
    EXPECT(complete(s, &overlapped, 0, 1, &error) == SOCKET_ERROR && error == WSAEINVAL);
    api_closesocket(plain);
}

static void a_handle_takes_one_port(void)
{
    SOCKET s = make_socket();
    HANDLE port = IO(CreateIoCompletionPort)((HANDLE)s, NULL, KEY, 0);
    int before = handle_count();
    EXPECT(port != NULL);
    EXPECT(IO(CreateIoCompletionPort)((HANDLE)s, NULL, 1, 0) == NULL && GetLastError() == ERROR_INVALID_PARAMETER);
    EXPECT(IO(CreateIoCompletionPort)((HANDLE)s, port, 1, 0) == NULL && GetLastError() == ERROR_INVALID_PARAMETER);
    EXPECT(IO(CreateIoCompletionPort)((HANDLE)s, (HANDLE)0x777770, 1, 0) == NULL);
    EXPECT(handle_count() == before);
    api_closesocket(s);
    IO(CloseHandle)(port);
}

static void the_port_ends_with_the_program_s_last_handle(void)
{
    int before = handle_count();
    SOCKET s = make_socket();
    HANDLE port = IO(CreateIoCompletionPort)((HANDLE)s, NULL, KEY, 0);
    HANDLE copy = NULL;
    WSAOVERLAPPED overlapped = {.Internal = STATUS_IN_PROGRESS};
    OVERLAPPED *got = NULL;
    DWORD bytes;
    ULONG_PTR key;
    INT error;
    EXPECT(IO(DuplicateHandle)(GetCurrentProcess(), port, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    EXPECT(IO(CloseHandle)(port));
    EXPECT(complete(s, &overlapped, 0, 9, &error) == 0);
    EXPECT(GetQueuedCompletionStatus(copy, &bytes, &key, &got, 0) && bytes == 9 && key == KEY);
    EXPECT(handle_count() == before + 3); /* the socket, the program's copy, the host's own */
    EXPECT(IO(CloseHandle)(copy));
    EXPECT(handle_count() == before + 1);
    EXPECT(complete(s, &overlapped, 0, 9, &error) == 0);
    EXPECT(!ports_known(port) && !ports_known(copy));
    api_closesocket(s);
    EXPECT(handle_count() == before);
}

/* A handle of the program's that the host has not seen being made keeps the port alive, and the host's own with it. */
static void a_port_lives_as_long_as_any_handle(void)
{
    int before = handle_count();
    SOCKET s = make_socket();
    HANDLE port = IO(CreateIoCompletionPort)((HANDLE)s, NULL, KEY, 0);
    HANDLE copy = NULL;
    WSAOVERLAPPED overlapped = {.Internal = STATUS_IN_PROGRESS};
    OVERLAPPED *got = NULL;
    DWORD bytes;
    ULONG_PTR key;
    INT error;
    EXPECT(DuplicateHandle(GetCurrentProcess(), port, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    EXPECT(IO(CloseHandle)(port));
    EXPECT(complete(s, &overlapped, 0, 4, &error) == 0);
    EXPECT(GetQueuedCompletionStatus(copy, &bytes, &key, &got, 0) && bytes == 4);
    EXPECT(handle_count() == before + 3);
    api_closesocket(s);
    EXPECT(handle_count() == before + 1);
    CloseHandle(copy);
}

/* ReadFile and its like ----------------------------------------------------------------------------------------- */

static void read_and_write_become_recv_and_send(void)
{
    SOCKET s = make_socket();
    char buffer[8];
    DWORD done = 99;
    script.bytes = 5;
    EXPECT(IO(ReadFile)((HANDLE)s, buffer, 8, &done, NULL) && done == 5);
    EXPECT(!script.sending && script.s == s && script.buffer == buffer && script.size == 8);
    EXPECT(script.overlapped == NULL && script.routine == NULL && script.thread.ThreadHandle != NULL);
    EXPECT(IO(WriteFile)((HANDLE)((uintptr_t)s | 3), buffer, 4, &done, NULL) && done == 5);
    EXPECT(script.sending && script.s == s && script.buffer == buffer && script.size == 4);
    EXPECT(!IO(ReadFile)((HANDLE)s, buffer, 8, NULL, NULL) && GetLastError() == ERROR_INVALID_PARAMETER);
    EXPECT(script.calls == 2);
    script.error = WSAECONNRESET;
    EXPECT(!IO(ReadFile)((HANDLE)s, buffer, 8, &done, NULL) && GetLastError() == ERROR_NETNAME_DELETED && done == 0);
    script.error = 0;
    script.flags = MSG_PARTIAL;
    EXPECT(!IO(ReadFile)((HANDLE)s, buffer, 8, &done, NULL) && GetLastError() == ERROR_MORE_DATA && done == 5);
    api_closesocket(s);
    EXPECT(!IO(ReadFile)((HANDLE)s, buffer, 8, &done, NULL) && GetLastError() == ERROR_INVALID_HANDLE);
}

/* That of a layer below another one, which the host cannot reach. */
static void a_handle_without_a_provider_can_only_be_closed(void)
{
    INT error;
    SOCKET s = up.lpWPUCreateSocketHandle(CHAIN_UDP, 1, &error);
    char buffer[8];
    DWORD done = 0;
    memset(&script, 0, sizeof(script));
    sockets_replace(&sockets, s, provider_of(CHAIN_UDP), NULL);
    EXPECT(!IO(ReadFile)((HANDLE)s, buffer, 8, &done, NULL) && GetLastError() == ERROR_INVALID_HANDLE);
    EXPECT(!IO(CancelIo)((HANDLE)s) && GetLastError() == ERROR_INVALID_HANDLE);
    EXPECT(IO(CloseHandle)((HANDLE)s) && !handle_open((HANDLE)s) && script.calls == 0 && script.closes == 0);
}

static void an_overlapped_read_is_pending(void)
{
    SOCKET s = make_socket();
    HANDLE event = CreateEventW(NULL, TRUE, TRUE, NULL);
    OVERLAPPED overlapped = {.hEvent = event};
    char buffer[8];
    DWORD done = 99;
    script.error = WSA_IO_PENDING;
    EXPECT(!IO(ReadFile)((HANDLE)s, buffer, 8, &done, &overlapped) && GetLastError() == ERROR_IO_PENDING);
    EXPECT(done == 0 && script.overlapped == &overlapped && !script.event_was_set);
    SetEvent(event);
    overlapped.hEvent = (HANDLE)((uintptr_t)event | 1);
    EXPECT(!IO(WriteFile)((HANDLE)s, buffer, 8, NULL, &overlapped) && GetLastError() == ERROR_IO_PENDING);
    EXPECT(!script.event_was_set);
    api_closesocket(s);
    CloseHandle(event);
}

static HANDLE duplicate(SOCKET s, DWORD options)
{
    HANDLE copy = NULL;
    EXPECT(IO(DuplicateHandle)(GetCurrentProcess(), (HANDLE)s, GetCurrentProcess(), &copy, 0, FALSE,
                               DUPLICATE_SAME_ACCESS | options));
    return copy;
}

static bool signalled(SOCKET s)
{
    return WaitForSingleObject((HANDLE)s, 0) == WAIT_OBJECT_0;
}

static void begin_read(SOCKET s, OVERLAPPED *overlapped)
{
    static char buffer[8];
    script.error = WSA_IO_PENDING;
    EXPECT(!IO(ReadFile)((HANDLE)s, buffer, sizeof(buffer), NULL, overlapped) && GetLastError() == ERROR_IO_PENDING);
}

static DWORD WINAPI begin_and_end(void *context)
{
    static OVERLAPPED overlapped;
    begin_read((SOCKET)context, &overlapped);
    return 0;
}

/* GetOverlappedResult's page on an operation without an event. */
static void the_handle_itself_can_be_waited_for(void)
{
    SOCKET s = make_socket();
    OVERLAPPED overlapped = {0};
    char buffer[8];
    INT error = 0;
    begin_read(s, &overlapped);
    EXPECT(!signalled(s));
    EXPECT(complete(s, &overlapped, 0, 5, &error) == 0);
    EXPECT(signalled(s) && signalled(s));
    begin_read(s, &overlapped);
    EXPECT(!signalled(s));
    script.error = 0;
    EXPECT(IO(ReadFile)((HANDLE)s, buffer, sizeof(buffer), NULL, &overlapped) && signalled(s));
    begin_read(s, &overlapped);
    script.error = WSAECONNRESET;
    EXPECT(!IO(WriteFile)((HANDLE)s, buffer, sizeof(buffer), NULL, &overlapped) && signalled(s));
    HANDLE thread = CreateThread(NULL, 0, begin_and_end, (void *)s, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    begin_read(s, &overlapped);
    EXPECT(!signalled(s));
    HANDLE copy = duplicate(s, 0);
    EXPECT(complete((SOCKET)copy, &overlapped, 0, 5, &error) == 0 && signalled(s) && signalled((SOCKET)copy));
    IO(CloseHandle)(copy);
    api_closesocket(s);
}

static void an_event_or_a_port_tells_instead_of_the_handle(void)
{
    SOCKET s = make_socket();
    OVERLAPPED overlapped = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)}, without = {0}, *got = NULL;
    DWORD bytes;
    ULONG_PTR key;
    INT error = 0;
    begin_read(s, &without);
    begin_read(s, &overlapped);
    EXPECT(complete(s, &overlapped, 0, 5, &error) == 0 && !signalled(s));
    HANDLE port = IO(CreateIoCompletionPort)((HANDLE)s, NULL, KEY, 0);
    EXPECT(complete(s, &without, 0, 5, &error) == 0 && signalled(s));
    begin_read(s, &without);
    EXPECT(complete(s, &without, 0, 6, &error) == 0);
    for (int i = 0; i < 2; i++)
        EXPECT(GetQueuedCompletionStatus(port, &bytes, &key, &got, 0) && got == &without);
    EXPECT(!GetQueuedCompletionStatus(port, &bytes, &key, &got, 0) && got == NULL);
    CloseHandle(overlapped.hEvent);
    api_closesocket(s);
    IO(CloseHandle)(port);
}

static void other_handles_go_straight_on(void)
{
    HANDLE ends[2];
    HANDLE copy = NULL;
    char buffer[8];
    DWORD done = 0;
    memset(&script, 0, sizeof(script));
    EXPECT(CreatePipe(&ends[0], &ends[1], NULL, 0));
    EXPECT(IO(WriteFile)(ends[1], "abc", 3, &done, NULL) && done == 3);
    EXPECT(IO(ReadFile)(ends[0], buffer, 8, &done, NULL) && done == 3 && memcmp(buffer, "abc", 3) == 0);
    EXPECT(
        IO(DuplicateHandle)(GetCurrentProcess(), ends[0], GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    EXPECT(IO(CloseHandle)(copy) && IO(CloseHandle)(ends[0]) && IO(CloseHandle)(ends[1]));
    EXPECT(!handle_open(ends[0]) && !handle_open(ends[1]) && script.calls == 0);
    EXPECT(!IO(CloseHandle)(ends[0]) && GetLastError() == ERROR_INVALID_HANDLE);
}

static struct {
    int calls;
    DWORD error, bytes;
    OVERLAPPED *overlapped;
    DWORD thread;
} routine;

static void CALLBACK on_completed(DWORD error, DWORD bytes, OVERLAPPED *overlapped)
{
    routine.calls++;
    routine.error = error;
    routine.bytes = bytes;
    routine.overlapped = overlapped;
    routine.thread = GetCurrentThreadId();
}

static void CALLBACK provider_apc(DWORD_PTR context)
{
    script.routine((DWORD)context, 6, script.overlapped, 0);
}

static DWORD WINAPI queue_to_the_caller(void *context)
{
    INT error = 0;
    return (DWORD)up.lpWPUQueueApc(&script.thread, provider_apc, (DWORD_PTR)context, &error);
}

/* The provider's service thread sends the completion to the thread that has begun the operation. */
static DWORD queue_from_a_thread(DWORD error)
{
    DWORD result = 1;
    HANDLE thread = CreateThread(NULL, 0, queue_to_the_caller, (void *)(uintptr_t)error, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &result);
    CloseHandle(thread);
    return result;
}

static void a_completion_routine_is_called(void)
{
    SOCKET s = make_socket();
    OVERLAPPED overlapped = {.hEvent = (HANDLE)0x55};
    char buffer[8];
    memset(&routine, 0, sizeof(routine));
    script.error = WSA_IO_PENDING;
    EXPECT(IO(ReadFileEx)((HANDLE)s, buffer, 8, &overlapped, on_completed));
    EXPECT(script.overlapped == &overlapped && script.routine != NULL && overlapped.hEvent == (HANDLE)0x55);
    EXPECT(queue_from_a_thread(WSAECONNRESET) == 0 && routine.calls == 0);
    EXPECT(SleepEx(1000, TRUE) == WAIT_IO_COMPLETION);
    EXPECT(routine.calls == 1 && routine.error == ERROR_NETNAME_DELETED && routine.bytes == 6);
    EXPECT(routine.overlapped == &overlapped && routine.thread == GetCurrentThreadId());
    script.error = 0;
    EXPECT(IO(WriteFileEx)((HANDLE)s, buffer, 8, &overlapped, on_completed) && script.sending);
    EXPECT(queue_from_a_thread(0) == 0 && SleepEx(1000, TRUE) == WAIT_IO_COMPLETION);
    EXPECT(routine.calls == 2 && routine.error == 0);
    script.error = WSAENOTCONN;
    EXPECT(!IO(ReadFileEx)((HANDLE)s, buffer, 8, &overlapped, on_completed) && GetLastError() == WSAENOTCONN);
    script.routine(0, 6, &overlapped, 0); /* a provider that completes what has failed: nobody is waiting for it */
    EXPECT(routine.calls == 2);
    EXPECT(!IO(ReadFileEx)((HANDLE)s, buffer, 8, NULL, on_completed) && GetLastError() == ERROR_INVALID_PARAMETER);
    api_closesocket(s);
}

static void the_result_is_the_provider_s(void)
{
    SOCKET s = make_socket();
    OVERLAPPED overlapped = {0};
    DWORD bytes = 0;
    script.bytes = 7;
    EXPECT(IO(GetOverlappedResult)((HANDLE)s, &overlapped, &bytes, TRUE) && bytes == 7);
    EXPECT(script.s == s && script.overlapped == &overlapped && script.wait);
    script.error = WSA_IO_INCOMPLETE;
    EXPECT(!IO(GetOverlappedResult)((HANDLE)s, &overlapped, &bytes, FALSE) && GetLastError() == ERROR_IO_INCOMPLETE);
    EXPECT(!script.wait);
    script.error = WSAECONNABORTED;
    EXPECT(!IO(GetOverlappedResult)((HANDLE)s, &overlapped, &bytes, FALSE) &&
           GetLastError() == ERROR_CONNECTION_ABORTED);
    script.error = 0;
    script.flags = MSG_PARTIAL;
    EXPECT(!IO(GetOverlappedResult)((HANDLE)s, &overlapped, &bytes, FALSE) && GetLastError() == ERROR_MORE_DATA);
    api_closesocket(s);
}

static HANDLE asking;

/* Ends the operation some time after the program has begun to ask for its result. */
static DWORD WINAPI complete_later(void *context)
{
    OVERLAPPED *overlapped = context;
    WaitForSingleObject(asking, INFINITE);
    Sleep(20);
    __atomic_store_n(&overlapped->Internal, 0, __ATOMIC_RELEASE);
    return 0;
}

/* Such a program waits for the file, as GetOverlappedResult's page says; the provider has nothing to wait for. */
static void a_result_without_an_event_is_awaited(void)
{
    SOCKET s = make_socket();
    OVERLAPPED overlapped = {.Internal = STATUS_IN_PROGRESS};
    DWORD bytes = 0;
    asking = CreateEventW(NULL, TRUE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, complete_later, &overlapped, 0, NULL);
    script.bytes = 5;
    SetEvent(asking);
    EXPECT(IO(GetOverlappedResult)((HANDLE)s, &overlapped, &bytes, TRUE) && bytes == 5);
    EXPECT(script.calls == 1 && !script.in_progress);
    WaitForSingleObject(thread, INFINITE);
    overlapped.Internal = STATUS_IN_PROGRESS;
    EXPECT(IO(GetOverlappedResult)((HANDLE)s, &overlapped, &bytes, FALSE) && script.in_progress);
    CloseHandle(thread);
    CloseHandle(asking);
    api_closesocket(s);
}

static void CALLBACK nothing(ULONG_PTR context)
{
    (void)context;
}

static void a_result_can_be_awaited_for_a_time(void)
{
    SOCKET s = make_socket();
    OVERLAPPED overlapped = {.Internal = STATUS_IN_PROGRESS, .hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    DWORD bytes = 0;
    __typeof__(&GetOverlappedResultEx) result = IO(GetOverlappedResultEx);
    EXPECT(!result((HANDLE)s, &overlapped, &bytes, 20, FALSE) && GetLastError() == WAIT_TIMEOUT);
    QueueUserAPC(nothing, GetCurrentThread(), 0);
    EXPECT(!result((HANDLE)s, &overlapped, &bytes, INFINITE, TRUE) && GetLastError() == WAIT_IO_COMPLETION);
    EXPECT(script.calls == 0);
    SetEvent(overlapped.hEvent);
    script.bytes = 3;
    EXPECT(result((HANDLE)s, &overlapped, &bytes, INFINITE, FALSE) && bytes == 3);
    script.error = WSA_IO_INCOMPLETE;
    EXPECT(!result((HANDLE)s, &overlapped, &bytes, 0, FALSE) && GetLastError() == ERROR_IO_INCOMPLETE);
    CloseHandle(overlapped.hEvent);
    overlapped.hEvent = NULL;
    EXPECT(!result((HANDLE)s, &overlapped, &bytes, 20, FALSE) && GetLastError() == WAIT_TIMEOUT);
    QueueUserAPC(nothing, GetCurrentThread(), 0);
    EXPECT(!result((HANDLE)s, &overlapped, &bytes, INFINITE, TRUE) && GetLastError() == WAIT_IO_COMPLETION);
    overlapped.Internal = 0;
    script.error = 0;
    EXPECT(result((HANDLE)s, &overlapped, &bytes, INFINITE, FALSE));
    api_closesocket(s);
}

/* Handles come and go -------------------------------------------------------------------------------------------- */

static void a_duplicate_is_the_same_socket(void)
{
    SOCKET s = make_socket();
    HANDLE port = IO(CreateIoCompletionPort)((HANDLE)s, NULL, KEY, 0);
    SOCKET copy = (SOCKET)duplicate(s, 0);
    WSAOVERLAPPED overlapped = {.Internal = STATUS_IN_PROGRESS};
    OVERLAPPED *got = NULL;
    DWORD_PTR context = 0;
    ULONG_PTR key;
    DWORD bytes;
    char buffer[8];
    INT error;
    EXPECT(copy != s && up.lpWPUQuerySocketHandleContext(copy, &context, &error) == 0 && context == MY_CONTEXT);
    EXPECT(sockets_find(&sockets, copy) == NULL);
    EXPECT(IO(ReadFile)((HANDLE)copy, buffer, sizeof(buffer), &bytes, NULL) && script.s == copy);
    EXPECT(sockets_find(&sockets, copy) == sockets_find(&sockets, s));
    EXPECT(complete(copy, &overlapped, 0, 2, &error) == 0);
    EXPECT(GetQueuedCompletionStatus(port, &bytes, &key, &got, 0) && key == KEY);
    EXPECT(IO(CloseHandle)((HANDLE)copy) && !handle_open((HANDLE)copy) && script.closes == 0);
    EXPECT(!handles_ours((HANDLE)copy) && sockets_find(&sockets, copy) == NULL);
    EXPECT(handles_ours((HANDLE)s));
    copy = (SOCKET)duplicate(s, DUPLICATE_CLOSE_SOURCE);
    EXPECT(script.closes == 0 && handles_ours((HANDLE)copy));
    EXPECT(IO(CloseHandle)((HANDLE)copy) && script.closes == 1 && !handle_open((HANDLE)copy));
    IO(CloseHandle)(port);
}

/* Its provider need not know a duplicate: what it closes, and what it tells of operations by, is what it gave out. */
static void the_last_duplicate_closes_what_its_provider_knows(void)
{
    SOCKET s = make_socket(), copy = (SOCKET)duplicate(s, 0), second = (SOCKET)duplicate(copy, 0);
    HANDLE port = IO(CreateIoCompletionPort)((HANDLE)s, NULL, KEY, 0), none = NULL;
    WSAOVERLAPPED overlapped = {.Internal = STATUS_IN_PROGRESS};
    DWORD bytes;
    char buffer[8];
    INT error;
    EXPECT(IO(CloseHandle)((HANDLE)s) && script.closes == 0 && sockets_find(&sockets, s) == NULL);
    EXPECT(!IO(CloseHandle)((HANDLE)s) && GetLastError() == ERROR_INVALID_HANDLE);
    EXPECT(!IO(ReadFile)((HANDLE)s, buffer, sizeof(buffer), &bytes, NULL) && script.calls == 0);
    EXPECT(IO(CreateIoCompletionPort)((HANDLE)s, port, 0, 0) == NULL && GetLastError() == ERROR_INVALID_HANDLE);
    EXPECT(!IO(SetFileCompletionNotificationModes)((HANDLE)s, 1) && GetLastError() == ERROR_INVALID_HANDLE);
    EXPECT(!IO(DuplicateHandle)(GetCurrentProcess(), (HANDLE)s, GetCurrentProcess(), &none, 0, FALSE, 0));
    EXPECT(GetLastError() == ERROR_INVALID_HANDLE);
    EXPECT(complete(s, &overlapped, 0, 2, &error) == 0 && has_packet(port, 2));
    EXPECT(IO(ReadFile)((HANDLE)copy, buffer, sizeof(buffer), &bytes, NULL) && script.s == copy);
    EXPECT(IO(CloseHandle)((HANDLE)copy) && script.closes == 0 && !handle_open((HANDLE)copy));
    EXPECT(IO(CloseHandle)((HANDLE)second) && script.closes == 1 && script.closed == s);
    EXPECT(!handle_open((HANDLE)s) && !handle_open((HANDLE)second) && sockets_find(&sockets, s) == NULL);
    EXPECT(!handles_ours((HANDLE)s) && !handles_ours((HANDLE)copy) && !handles_ours((HANDLE)second));
    IO(CloseHandle)(port);
}

static void a_duplicate_closed_as_a_socket_ends_the_socket(void)
{
    SOCKET s = make_socket(), kept = make_socket();
    SOCKET copy = (SOCKET)duplicate(s, 0), copy_of_kept = (SOCKET)duplicate(kept, DUPLICATE_CLOSE_SOURCE);
    EXPECT(api_closesocket(copy) == 0 && script.closes == 1 && script.closed == copy);
    EXPECT(!handle_open((HANDLE)copy) && handle_open((HANDLE)s) && !handles_ours((HANDLE)s));
    EXPECT(IO(CloseHandle)((HANDLE)s) && !handle_open((HANDLE)s) && script.closes == 1);
    EXPECT(handle_open((HANDLE)kept) && api_closesocket(copy_of_kept) == 0 && script.closed == copy_of_kept);
    EXPECT(!handle_open((HANDLE)kept) && !handle_open((HANDLE)copy_of_kept));
}

/* As with a socket's own handle: it stays until its provider closes it. */
static void a_duplicate_that_cannot_be_closed_stays(void)
{
    SOCKET s = make_socket(), copy = (SOCKET)duplicate(s, DUPLICATE_CLOSE_SOURCE);
    script.close_error = WSAEWOULDBLOCK;
    EXPECT(!IO(CloseHandle)((HANDLE)copy) && script.closes == 1 && handles_ours((HANDLE)copy));
    EXPECT(sockets_find(&sockets, s) == NULL);
    script.close_error = 0;
    EXPECT(IO(CloseHandle)((HANDLE)copy) && script.closes == 2 && script.closed == s);
    EXPECT(!handle_open((HANDLE)s) && !handle_open((HANDLE)copy));
}

static void closing_the_socket_ends_its_duplicates(void)
{
    SOCKET s = make_socket();
    SOCKET copy = (SOCKET)duplicate(s, 0);
    DWORD_PTR context;
    INT error = 0;
    EXPECT(api_closesocket(s) == 0 && !handle_open((HANDLE)s));
    EXPECT(up.lpWPUQuerySocketHandleContext(copy, &context, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
    EXPECT(handle_open((HANDLE)copy) && IO(CloseHandle)((HANDLE)copy) && !handle_open((HANDLE)copy));
    EXPECT(script.closes == 1);
}

static void closing_the_last_handle_closes_the_socket(void)
{
    SOCKET s = make_socket();
    SetHandleInformation((HANDLE)s, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE);
    EXPECT(!IO(CloseHandle)((HANDLE)s) && GetLastError() == ERROR_INVALID_HANDLE && script.closes == 0);
    EXPECT(handles_ours((HANDLE)s));
    SetHandleInformation((HANDLE)s, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0);
    EXPECT(IO(CloseHandle)((HANDLE)s) && script.closes == 1 && !handle_open((HANDLE)s));
    EXPECT(sockets_find(&sockets, s) == NULL);
}

static void a_socket_of_the_base_closed_as_a_file_is_forgotten(void)
{
    SOCKET s = api_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    EXPECT(sockets_find(&sockets, s) == provider_base());
    EXPECT(IO(CloseHandle)((HANDLE)s) && sockets_find(&sockets, s) == NULL && !handle_open((HANDLE)s));
}

/* The operation runs on a socket of the base; its completion routine passes the end of it on. */
static SOCKET begin_pending_read(HANDLE *port, OVERLAPPED *overlapped, WSAPROTOCOL_INFOW *info)
{
    static char buffer[8];
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    SOCKET s = make_socket();
    INT error = 0;
    memset(info, 0, sizeof(*info));
    memset(&substitute, 0, sizeof(substitute));
    info->dwCatalogEntryId = BASE_UDP;
    below = next.lpWSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP, info, 0, WSA_FLAG_OVERLAPPED, &error);
    EXPECT(below != INVALID_SOCKET && next.lpWSPBind(below, (struct sockaddr *)&any, sizeof(any), &error) == 0);
    *port = IO(CreateIoCompletionPort)((HANDLE)s, NULL, KEY, 0);
    script.pass_down = true;
    EXPECT(!IO(ReadFile)((HANDLE)s, buffer, sizeof(buffer), NULL, overlapped) && GetLastError() == ERROR_IO_PENDING);
    return s;
}

static void expect_aborted(HANDLE port, const OVERLAPPED *overlapped)
{
    OVERLAPPED *got = NULL;
    DWORD bytes;
    ULONG_PTR key;
    EXPECT(SleepEx(5000, TRUE) == WAIT_IO_COMPLETION);
    EXPECT(!GetQueuedCompletionStatus(port, &bytes, &key, &got, 0) && GetLastError() == ERROR_OPERATION_ABORTED);
    EXPECT(got == overlapped);
}

static void end_pending(SOCKET s, HANDLE port)
{
    INT error;
    api_closesocket(s);
    next.lpWSPCloseSocket(below, &error);
    IO(CloseHandle)(port);
}

static void operations_can_be_cancelled(void)
{
    WSAPROTOCOL_INFOW info;
    OVERLAPPED overlapped = {0};
    HANDLE port;
    SOCKET s = begin_pending_read(&port, &overlapped, &info);
    EXPECT(IO(CancelIo)((HANDLE)s));
    expect_aborted(port, &overlapped);
    EXPECT(!IO(CancelIoEx)((HANDLE)s, &overlapped) && GetLastError() == ERROR_NOT_FOUND);
    end_pending(s, port);
    s = begin_pending_read(&port, &overlapped, &info);
    EXPECT(IO(CancelIoEx)((HANDLE)s, NULL));
    expect_aborted(port, &overlapped);
    /* Nothing is pending: ERROR_NOT_FOUND on Windows, TRUE on Wine. */
    EXPECT(IO(CancelIoEx)((HANDLE)s, NULL) == CancelIoEx((HANDLE)below, NULL));
    end_pending(s, port);
}

/* The layer's own structure stands for the program's, which therefore names no operation that anybody knows. */
static void one_operation_is_found_by_what_is_handed_down(void)
{
    WSAPROTOCOL_INFOW info;
    OVERLAPPED overlapped = {0};
    HANDLE port;
    SOCKET s = begin_pending_read(&port, &overlapped, &info);
    EXPECT(!IO(CancelIoEx)((HANDLE)s, &overlapped) && GetLastError() == ERROR_NOT_FOUND);
    EXPECT(IO(CancelIoEx)((HANDLE)s, &substitute));
    expect_aborted(port, &overlapped);
    end_pending(s, port);
}

static void cancelling_needs_the_base_s_handle(void)
{
    SOCKET s = make_socket();
    script.base_error = WSAEOPNOTSUPP;
    EXPECT(!IO(CancelIo)((HANDLE)s) && GetLastError() == ERROR_NOT_SUPPORTED);
    EXPECT(!IO(CancelIoEx)((HANDLE)s, NULL) && GetLastError() == ERROR_NOT_SUPPORTED);
    script.base_error = 0;
    script.own_is_base = true;
    EXPECT(!IO(CancelIo)((HANDLE)s) && GetLastError() == ERROR_NOT_SUPPORTED);
    api_closesocket(s);
}

/* The other upcalls ----------------------------------------------------------------------------------------------- */

static void events(void)
{
    INT error = 0;
    HANDLE process = OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, GetCurrentProcessId());
    WSAEVENT event = up.lpWPUCreateEvent(&error);
    EXPECT(event != NULL && WaitForSingleObject(event, 0) == WAIT_TIMEOUT);
    EXPECT(up.lpWPUSetEvent(event, &error) && WaitForSingleObject(event, 0) == 0 && WaitForSingleObject(event, 0) == 0);
    EXPECT(up.lpWPUResetEvent(event, &error) && WaitForSingleObject(event, 0) == WAIT_TIMEOUT);
    EXPECT(up.lpWPUCloseEvent(event, &error) && !handle_open(event));
    EXPECT(!up.lpWPUSetEvent(event, &error) && error == WSA_INVALID_HANDLE);
    error = 0;
    EXPECT(!up.lpWPUResetEvent(process, &error) && error == WSA_INVALID_HANDLE);
    error = 0;
    EXPECT(!up.lpWPUCloseEvent(process, &error) && error == WSA_INVALID_HANDLE && handle_open(process));
    error = 0;
    EXPECT(!up.lpWPUCloseEvent(NULL, &error) && error == WSA_INVALID_HANDLE);
    CloseHandle(process);
}

static DWORD_PTR apc_context;

static void CALLBACK on_apc(DWORD_PTR context)
{
    apc_context = context;
}

static void apcs_are_queued_to_threads(void)
{
    WSATHREADID id = {NULL, 0};
    WSATHREADID event = {CreateEventW(NULL, TRUE, FALSE, NULL), 0};
    INT error = 0;
    EXPECT(up.lpWPUOpenCurrentThread(&id, &error) == 0 && id.ThreadHandle != NULL);
    EXPECT(up.lpWPUQueueApc(&id, on_apc, ~(DWORD_PTR)0, &error) == 0 && apc_context == 0);
    EXPECT(SleepEx(1000, TRUE) == WAIT_IO_COMPLETION && apc_context == ~(DWORD_PTR)0);
    EXPECT(up.lpWPUCloseThread(&id, &error) == 0 && !handle_open(id.ThreadHandle));
    EXPECT(up.lpWPUQueueApc(&id, on_apc, 1, &error) == SOCKET_ERROR && error == WSAEFAULT);
    error = 0;
    EXPECT(up.lpWPUQueueApc(&event, on_apc, 1, &error) == SOCKET_ERROR && error == WSAEFAULT);
    error = 0;
    EXPECT(up.lpWPUQueueApc(NULL, on_apc, 1, &error) == SOCKET_ERROR && error == WSAEFAULT);
    CloseHandle(event.ThreadHandle);
}

static void threads_are_opened_and_closed_in_pairs(void)
{
    WSATHREADID id = {NULL, 0};
    INT error = 0;
    WSATHREADID own = thread_current()->id;
    EXPECT(up.lpWPUOpenCurrentThread(NULL, &error) == SOCKET_ERROR && error == WSAEFAULT);
    EXPECT(up.lpWPUOpenCurrentThread(&id, &error) == 0 && up.lpWPUCloseThread(&id, &error) == 0);
    error = 0;
    EXPECT(up.lpWPUCloseThread(&id, &error) == SOCKET_ERROR && error == WSAEFAULT);
    error = 0;
    EXPECT(up.lpWPUCloseThread(&own, &error) == SOCKET_ERROR && error == WSAEFAULT && handle_open(own.ThreadHandle));
}

static void messages_are_posted(void)
{
    WNDCLASSW class = {.lpfnWndProc = DefWindowProcW, .lpszClassName = L"wsplsp-test"};
    MSG message;
    RegisterClassW(&class);
    HWND window = CreateWindowW(L"wsplsp-test", L"", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
    if (window == NULL) {
        printf("# skipped: no window can be made here (%lu)\n", GetLastError());
        return;
    }
    EXPECT(up.lpWPUPostMessage(window, WM_USER + 5, 3, 4));
    EXPECT(PeekMessageW(&message, window, WM_USER, WM_USER + 9, PM_REMOVE));
    EXPECT(message.message == WM_USER + 5 && message.wParam == 3 && message.lParam == 4);
    DestroyWindow(window);
    EXPECT(!up.lpWPUPostMessage(window, WM_USER, 0, 0));
}

static void membership_of_a_set(void)
{
    fd_set set = {2, {5, 9}};
    EXPECT(up.lpWPUFDIsSet(5, &set) != 0 && up.lpWPUFDIsSet(9, &set) != 0 && up.lpWPUFDIsSet(7, &set) == 0);
}

static void paths_of_providers(void)
{
    static const wchar_t expected[] = L"%SystemRoot%\\system32\\mswsock.dll";
    enum { NEEDED = sizeof(expected) / sizeof(expected[0]) };
    GUID id = {.Data1 = BASE_UDP};
    GUID unknown = {.Data1 = UNKNOWN};
    wchar_t path[MAX_PATH];
    INT length = NEEDED;
    INT error = 0;
    EXPECT(up.lpWPUGetProviderPath(&id, path, &length, &error) == 0 && wcscmp(path, expected) == 0);
    length = NEEDED - 1;
    EXPECT(up.lpWPUGetProviderPath(&id, path, &length, &error) == SOCKET_ERROR && error == WSAEFAULT);
    EXPECT(length == NEEDED);
    length = MAX_PATH;
    EXPECT(up.lpWPUGetProviderPath(&unknown, path, &length, &error) == SOCKET_ERROR && error == WSAEINVAL);
    error = 0;
    EXPECT(up.lpWPUGetProviderPath(&id, NULL, &length, &error) == SOCKET_ERROR && error == WSAEFAULT);
    error = 0;
    EXPECT(up.lpWPUGetProviderPath(&id, path, NULL, &error) == SOCKET_ERROR && error == WSAEFAULT);
    EXPECT(up.lpWPUGetProviderPath(&id, path, &length, NULL) == SOCKET_ERROR);
}

static int hook_runs;

static WINBOOL WINAPI hook(void)
{
    hook_runs++;
    return FALSE;
}

static void the_blocking_hook_is_told(void)
{
    LPBLOCKINGCALLBACK callback = (LPBLOCKINGCALLBACK)(void *)1;
    DWORD_PTR context = 0;
    INT error = 0;
    EXPECT(up.lpWPUQueryBlockingCallback(CHAIN_UDP, &callback, &context, &error) == 0 && callback == NULL);
    thread_current()->hook = (FARPROC)(void (*)(void))hook;
    EXPECT(up.lpWPUQueryBlockingCallback(CHAIN_UDP, &callback, &context, &error) == 0 && callback != NULL);
    EXPECT(callback != NULL && callback(context) && hook_runs == 1);
    thread_current()->hook = NULL;
    EXPECT(up.lpWPUQueryBlockingCallback(UNKNOWN, &callback, &context, &error) == SOCKET_ERROR && error == WSAEINVAL);
    error = 0;
    EXPECT(up.lpWPUQueryBlockingCallback(CHAIN_UDP, NULL, &context, &error) == SOCKET_ERROR && error == WSAEFAULT);
    error = 0;
    EXPECT(up.lpWPUQueryBlockingCallback(CHAIN_UDP, &callback, NULL, &error) == SOCKET_ERROR && error == WSAEFAULT);
}

static void system_handles_are_taken_over(void)
{
    INT error = 0;
    SOCKET s = real.socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    EXPECT(up.lpWPUModifyIFSHandle(CHAIN_UDP, s, &error) == s);
    EXPECT(sockets_find(&sockets, s) == provider_of(CHAIN_UDP));
    EXPECT(up.lpWPUModifyIFSHandle(UNKNOWN, s, &error) == INVALID_SOCKET && error == WSAEINVAL);
    sockets_replace(&sockets, s, provider_of(CHAIN_UDP), NULL);
    real.closesocket(s);
    error = 0;
    EXPECT(up.lpWPUModifyIFSHandle(CHAIN_UDP, s, &error) == INVALID_SOCKET && error == WSAEINVAL);
    EXPECT(sockets_find(&sockets, s) == NULL);
    error = 0;
    EXPECT(up.lpWPUModifyIFSHandle(BASE_UDP, INVALID_SOCKET, &error) == INVALID_SOCKET && error == WSAEINVAL);
}

static bool leads_to(SOCKET s, DWORD chain)
{
    const struct provider *owner = sockets_find(&sockets, s);
    return (uintptr_t)owner > (uintptr_t)SOCKETS_CLOSING && owner == provider_of(chain);
}

/* What each function does with an id; `error` is expected, 0: success, with a socket of `chain`. */
static void with_id(DWORD id, INT expected, DWORD chain)
{
    LPBLOCKINGCALLBACK callback;
    DWORD_PTR context;
    INT error = 0;
    SOCKET real_one = real.socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    int before = handle_count();
    SOCKET made = up.lpWPUCreateSocketHandle(id, MY_CONTEXT, &error);
    EXPECT(error == expected && (made != INVALID_SOCKET) == (expected == 0));
    EXPECT(expected != 0 || leads_to(made, chain));
    EXPECT(expected != 0 || up.lpWPUCloseSocketHandle(made, &error) == 0);
    EXPECT(handle_count() == before);
    error = 0;
    SOCKET given = up.lpWPUModifyIFSHandle(id, real_one, &error);
    EXPECT(error == expected && given == (expected == 0 ? real_one : INVALID_SOCKET));
    EXPECT(expected == 0 ? leads_to(real_one, chain) : sockets_find(&sockets, real_one) == NULL);
    error = 0;
    int result = up.lpWPUQueryBlockingCallback(id, &callback, &context, &error);
    EXPECT(error == expected && (result == 0) == (expected == 0));
    EXPECT(expected != 0 || thread_current()->blocking == provider_of(chain));
    if (expected == 0)
        sockets_replace(&sockets, real_one, provider_of(chain), NULL);
    real.closesocket(real_one);
}

/* "Descriptor identifying the calling service provider": the entry of the chain that WSPStartup was given. */
static void ids_mean_their_entries(void)
{
    int before = startups;
    with_id(CHAIN_UDP, 0, CHAIN_UDP);
    EXPECT(startups == before); /* it runs */
    with_id(CHAIN_TCP, 0, CHAIN_TCP);
    EXPECT(startups == before + 1 && started_with == CHAIN_TCP);
    with_id(BASE_UDP, 0, BASE_TCP); /* one provider for all base entries */
    with_id(UNKNOWN, WSAEINVAL, 0);
    EXPECT(startups == before + 1);
}

/* Which of its two chains depends on which runs; here on the function that the thread is in. */
static void a_layer_s_own_id_is_taken_for_its_chain(void)
{
    const DWORD chains[] = {CHAIN_UDP, CHAIN_TCP};
    for (int i = 0; i < 2; i++) {
        thread_current()->making = provider_of(chains[i]);
        with_id(LAYER, 0, chains[i]);
        provider_strict = true;
        with_id(LAYER, WSAEINVAL, 0);
        with_id(chains[i], 0, chains[i]);
        with_id(BASE_TCP, 0, BASE_UDP);
        provider_strict = false;
    }
    thread_current()->making = NULL;
}

/* By redirect.h, for the rest of this process; the program itself keeps its own imports, as the host does. */
static void programs_get_these_functions(void)
{
    static const wchar_t name[] = L"wsplsp-upcalls.tmp";
    struct wsplsp_error error;
    wchar_t path[2 * MAX_PATH];
    char buffer[8];
    DWORD done = 0;
    if (redirect_install(handle_io_exports, handle_io_export_count, &error) != WSPLSP_OK) {
        EXPECT_TEXT(error.message, "");
        return;
    }
    HMODULE kernel = GetModuleHandleW(L"kernel32.dll");
    __typeof__(&ReadFile) read = (__typeof__(&ReadFile))(void *)GetProcAddress(kernel, "ReadFile");
    __typeof__(&CloseHandle) close = (__typeof__(&CloseHandle))(void *)GetProcAddress(kernel, "CloseHandle");
    SOCKET s = make_socket();
    script.bytes = 2;
    EXPECT(read((HANDLE)s, buffer, 8, &done, NULL) && done == 2 && script.s == s);
    EXPECT(close((HANDLE)s) && script.closes == 1 && !handle_open((HANDLE)s));
    GetTempPathW(MAX_PATH, path);
    wcscat(path, name);
    FILE *file = _wfopen(path, L"w+bD"); /* the C library's calls are redirected now; D: gone when closed */
    EXPECT(file != NULL && fwrite("abc", 1, 3, file) == 3 && fseek(file, 0, SEEK_SET) == 0);
    EXPECT(file != NULL && fread(buffer, 1, 8, file) == 3 && fclose(file) == 0);
    EXPECT(GetFileAttributesW(path) == INVALID_FILE_ATTRIBUTES);
    redirect_remove();
    EXPECT((void *)GetProcAddress(kernel, "ReadFile") != (void *)read);
}

/* Load ------------------------------------------------------------------------------------------------------------ */

enum { THREADS = 8, ROUNDS = 300 };

static HANDLE shared_port;
static atomic_int faults;

static DWORD WINAPI live(void *context)
{
    DWORD_PTR mine = (DWORD_PTR)context;
    for (int i = 0; i < ROUNDS; i++) {
        WSAOVERLAPPED overlapped = {.Internal = STATUS_IN_PROGRESS};
        DWORD_PTR found = 0;
        INT error;
        SOCKET s = up.lpWPUCreateSocketHandle(CHAIN_UDP, mine, &error);
        bool good = s != INVALID_SOCKET && IO(CreateIoCompletionPort)((HANDLE)s, shared_port, mine, 0) == shared_port &&
                    up.lpWPUQuerySocketHandleContext(s, &found, &error) == 0 && found == mine &&
                    complete(s, &overlapped, 0, 1, &error) == 0 && up.lpWPUCloseSocketHandle(s, &error) == 0;
        faults += !good;
    }
    return 0;
}

static void many_threads_and_lives(void)
{
    HANDLE threads[THREADS];
    OVERLAPPED *got;
    DWORD bytes;
    ULONG_PTR key;
    int packets = 0;
    int before = handle_count();
    shared_port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    for (uintptr_t i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, live, (void *)(i + 1), 0, NULL);
    WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE);
    for (int i = 0; i < THREADS; i++)
        CloseHandle(threads[i]);
    while (GetQueuedCompletionStatus(shared_port, &bytes, &key, &got, 0))
        packets++;
    EXPECT(faults == 0 && packets == THREADS * ROUNDS);
    IO(CloseHandle)(shared_port);
    EXPECT(handle_count() == before);
}

enum { COMPLETIONS = 20000, LIVES = 300 };

static _Atomic(SOCKET) contested;

static DWORD WINAPI complete_whatever_is_there(void *context)
{
    (void)context;
    for (int i = 0; i < COMPLETIONS; i++) {
        WSAOVERLAPPED overlapped = {.Internal = STATUS_IN_PROGRESS, .hEvent = (HANDLE)1}; /* no packet */
        DWORD_PTR found = 1;
        INT error = 0;
        SOCKET s = contested;
        bool good = complete(s, &overlapped, 0, 1, &error) == 0 || error == WSAEINVAL;
        good = good && (up.lpWPUQuerySocketHandleContext(s, &found, &error) != 0 || (found >= 1 && found <= LIVES));
        faults += !good;
    }
    return 0;
}

static void closing_and_completing_at_once(void)
{
    HANDLE threads[2];
    INT error;
    int before = handle_count();
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    faults = 0;
    for (int i = 0; i < 2; i++)
        threads[i] = CreateThread(NULL, 0, complete_whatever_is_there, NULL, 0, NULL);
    for (DWORD_PTR i = 1; i <= LIVES; i++) {
        SOCKET s = up.lpWPUCreateSocketHandle(CHAIN_UDP, i, &error);
        faults += IO(CreateIoCompletionPort)((HANDLE)s, port, i, 0) != port;
        contested = s;
        SwitchToThread();
        faults += up.lpWPUCloseSocketHandle(s, &error) != 0;
    }
    WaitForMultipleObjects(2, threads, TRUE, INFINITE);
    CloseHandle(threads[0]);
    CloseHandle(threads[1]);
    IO(CloseHandle)(port);
    EXPECT(faults == 0 && handle_count() == before);
}

static void the_test_for_other_handles_is_cheap(void)
{
    enum { CALLS = 20000000 };
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    LARGE_INTEGER frequency, start, end;
    SOCKET s = make_socket(); /* the table has the levels that the event's value leads to */
    unsigned found = 0;
    HANDLE volatile handle = event;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&start);
    for (unsigned i = 0; i < CALLS; i++)
        found += handles_ours(handle);
    QueryPerformanceCounter(&end);
    double ns = (double)(end.QuadPart - start.QuadPart) * 1e9 / (double)frequency.QuadPart / CALLS;
    printf("# %.1f ns for a handle that is not one of ours\n", ns);
    EXPECT(found == 0);
    api_closesocket(s);
    CloseHandle(event);
}

/* Startup and cleanup ---------------------------------------------------------------------------------------------- */

static void threads_need_a_startup(void)
{
    WSATHREADID id = {GetCurrentThread(), 0};
    INT error = 0;
    const WSPUPCALLTABLE *table = upcalls_table();
    EXPECT(table->lpWPUOpenCurrentThread(&id, &error) == SOCKET_ERROR && error == WSANOTINITIALISED);
    error = 0;
    EXPECT(table->lpWPUCloseThread(&id, &error) == SOCKET_ERROR && error == WSANOTINITIALISED);
}

/* WSACleanup: "Sockets that were open when WSACleanup was called are reset and automatically deallocated". */
static void cleanup_closes_what_is_open(void)
{
    WSATHREADID id;
    INT error = 0;
    SOCKET s = make_socket();
    char buffer[4];
    DWORD done;
    EXPECT(up.lpWPUOpenCurrentThread(&id, &error) == 0);
    EXPECT(api_WSACleanup() == 0);
    EXPECT(up.lpWPUCloseThread(&id, &error) == 0);
    EXPECT(!IO(ReadFile)((HANDLE)s, buffer, 4, &done, NULL) && script.calls == 0);
    EXPECT(!handle_open((HANDLE)s) && !handles_ours((HANDLE)s));
}

int main(void)
{
    WSADATA data;
    struct wsplsp_error error;
    setvbuf(stdout, NULL, _IONBF, 0);
    make_catalog();
    handle_io_load();
    if (real_load(&error) != WSPLSP_OK || !thread_initialize())
        return 99;
    complete = (LPWPUCOMPLETEOVERLAPPEDREQUEST)(void *)upcalls_exports[0].replacement;
    RUN(kernel32_has_what_is_redirected);
    RUN(threads_need_a_startup);
    if (api_WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 99;
    RUN(a_socket_handle_is_a_file_of_the_kernel);
    RUN(the_context_comes_back);
    RUN(a_handle_belongs_to_its_provider);
    RUN(closing_takes_only_such_handles);
    RUN(a_port_gets_key_structure_and_count);
    RUN(a_failure_is_the_port_s_failure);
    RUN(packets_are_skipped_for_good);
    RUN(packets_are_posted_though_skipped);
    RUN(an_event_is_set);
    RUN(only_own_handles_are_completed);
    RUN(a_handle_takes_one_port);
    RUN(the_port_ends_with_the_program_s_last_handle);
    RUN(a_port_lives_as_long_as_any_handle);
    RUN(read_and_write_become_recv_and_send);
    RUN(a_handle_without_a_provider_can_only_be_closed);
    RUN(an_overlapped_read_is_pending);
    RUN(the_handle_itself_can_be_waited_for);
    RUN(an_event_or_a_port_tells_instead_of_the_handle);
    RUN(other_handles_go_straight_on);
    RUN(a_completion_routine_is_called);
    RUN(the_result_is_the_provider_s);
    RUN(a_result_without_an_event_is_awaited);
    RUN(a_result_can_be_awaited_for_a_time);
    RUN(a_duplicate_is_the_same_socket);
    RUN(the_last_duplicate_closes_what_its_provider_knows);
    RUN(a_duplicate_closed_as_a_socket_ends_the_socket);
    RUN(a_duplicate_that_cannot_be_closed_stays);
    RUN(closing_the_socket_ends_its_duplicates);
    RUN(closing_the_last_handle_closes_the_socket);
    RUN(a_socket_of_the_base_closed_as_a_file_is_forgotten);
    RUN(operations_can_be_cancelled);
    RUN(one_operation_is_found_by_what_is_handed_down);
    RUN(cancelling_needs_the_base_s_handle);
    RUN(events);
    RUN(apcs_are_queued_to_threads);
    RUN(threads_are_opened_and_closed_in_pairs);
    RUN(messages_are_posted);
    RUN(membership_of_a_set);
    RUN(paths_of_providers);
    RUN(the_blocking_hook_is_told);
    RUN(system_handles_are_taken_over);
    RUN(ids_mean_their_entries);
    RUN(a_layer_s_own_id_is_taken_for_its_chain);
    RUN(programs_get_these_functions);
    RUN(many_threads_and_lives);
    RUN(closing_and_completing_at_once);
    RUN(the_test_for_other_handles_is_cheap);
    RUN(cleanup_closes_what_is_open);
    return tap_end();
}
