/* The layer's 30 functions over a recording provider: what goes down and what comes back. Expected values are the
 * reference's: the pages of the functions, WSPStartup and WPUModifyIFSHandle. TAP. */
#include "recorder.h"
#include "tap.h"
#include "winsock_part.h"

enum { FIRST = 0x1000, OTHER = 0x2000, UNTOUCHED = 0x55aa };

static WSPPROC_TABLE procs;
static SOCKET s;

/* A started layer with one socket, FIRST. */
static void begin(void)
{
    INT error;
    WSAPROTOCOL_INFOW info;
    recorder_reset();
    part_catalog();
    part.modify_error = 0;
    part.modify_tag = 0;
    EXPECT(part_start(CHAIN, &procs) == 0);
    info = *part_entry(CHAIN);
    recorder.result = FIRST;
    s = procs.lpWSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, &info, 0, 0, &error);
    EXPECT(s == FIRST);
    recorder.result = 0;
}

static void end(void)
{
    INT error;
    recorder.fail = false;
    recorder.last_error = 0;
    EXPECT(procs.lpWSPCleanup(&error) == 0);
    EXPECT(recorder.startups == recorder.cleanups);
}

/* Values that cannot be mistaken for each other; pointers are above 32 bits where there are such. */
static void fill(const char *parameters, uintptr_t *argument, INT *error)
{
    for (int i = 0; parameters[i] != 0; i++) {
        argument[i] = 0x11000000u + (uintptr_t)i * 0x10101u;
        if (parameters[i] == 'p')
            argument[i] |= (uintptr_t)0x7ffe << (sizeof(uintptr_t) * 4);
        else if (parameters[i] == 's')
            argument[i] = s;
        else if (parameters[i] == 'e')
            argument[i] = (uintptr_t)error;
    }
}

static bool same(const char *parameters, const uintptr_t *a, const uintptr_t *b)
{
    for (int i = 0; parameters[i] != 0; i++) {
        bool equal = parameters[i] == 'i' ? (uint32_t)a[i] == (uint32_t)b[i] : a[i] == b[i];
        if (!equal && parameters[i] != 'n') {
            printf("# argument %d\n", i);
            return false;
        }
    }
    return true;
}

/* Whether the function takes a socket and does nothing but hand on. */
static bool on_socket(int function)
{
    return recorded[function].parameters[0] == 's' && strcmp(recorded[function].name, "CloseSocket") != 0 &&
           strcmp(recorded[function].name, "DuplicateSocket") != 0;
}

static void arguments_and_results_pass(void)
{
    begin();
    for (int i = 0; i < FUNCTIONS; i++) {
        uintptr_t argument[ARGUMENTS] = {0};
        INT error = UNTOUCHED;
        if (!on_socket(i))
            continue;
        int before = recorder.calls;
        fill(recorded[i].parameters, argument, &error);
        recorder.result = recorded[i].result == 's' ? OTHER + (uintptr_t)i * 4 : recorded[i].result == 'b' ? 7 : 41;
        recorder.last_error = 4711 + (DWORD)i;
        SetLastError(1);
        uintptr_t result = recorder_call(recorder_proc(&procs, i), (int)strlen(recorded[i].parameters), argument);
        tap_good = tap_good && recorder.calls == before + 1 && recorder.function == i &&
                   same(recorded[i].parameters, argument, recorder.argument) &&
                   (uint32_t)result == (uint32_t)recorder.result && error == UNTOUCHED &&
                   GetLastError() == 4711 + (DWORD)i;
        if (!tap_good)
            printf("# WSP%s\n", recorded[i].name);
    }
    end();
}

static void failures_pass(void)
{
    begin();
    recorder.fail = true;
    for (int i = 0; i < FUNCTIONS; i++) {
        uintptr_t argument[ARGUMENTS] = {0};
        INT error = UNTOUCHED;
        if (!on_socket(i))
            continue;
        fill(recorded[i].parameters, argument, &error);
        recorder.error = 10000 + i;
        uintptr_t result = recorder_call(recorder_proc(&procs, i), (int)strlen(recorded[i].parameters), argument);
        if ((uint32_t)result != (uint32_t)recorded_failure(i) || error != 10000 + i) {
            tap_good = false;
            printf("# WSP%s: %d\n", recorded[i].name, error);
        }
    }
    end();
}

static void unknown_sockets_are_none(void)
{
    static const SOCKET none[] = {0, 4, FIRST + 4, INVALID_SOCKET};
    begin();
    int before = recorder.calls;
    for (int i = 0; i < FUNCTIONS * 4; i++) {
        const struct recorded_function *function = &recorded[i / 4];
        uintptr_t argument[ARGUMENTS] = {0};
        INT error = UNTOUCHED;
        if (function->parameters[0] != 's')
            continue;
        fill(function->parameters, argument, &error);
        argument[0] = none[i % 4];
        uintptr_t result = recorder_call(recorder_proc(&procs, i / 4), (int)strlen(function->parameters), argument);
        if ((uint32_t)result != (uint32_t)recorded_failure(i / 4) || error != WSAENOTSOCK) {
            tap_good = false;
            printf("# WSP%s: %d\n", function->name, error);
        }
    }
    EXPECT(recorder.calls == before);
    end();
}

static void socket_gets_the_base_entry(void)
{
    INT error;
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    begin();
    recorder.result = OTHER;
    info.dwProviderReserved = 99;
    EXPECT(procs.lpWSPSocket(0, FROM_PROTOCOL_INFO, -1, &info, 7, WSA_FLAG_OVERLAPPED, &error) == OTHER);
    EXPECT(recorder.argument[0] == 0);
    EXPECT((int)recorder.argument[1] == -1 && (int)recorder.argument[2] == -1);
    EXPECT((GROUP)recorder.argument[4] == 7 && (DWORD)recorder.argument[5] == WSA_FLAG_OVERLAPPED);
    EXPECT(recorder.info.dwCatalogEntryId == BASE && recorder.info.ProtocolChain.ChainLen == 1);
    EXPECT(recorder.info.dwProviderReserved == 99);
    /* The caller's structure stays as it is. */
    EXPECT(info.dwCatalogEntryId == CHAIN);
    EXPECT(procs.lpWSPSocket(0, 0, 0, NULL, 0, 0, &error) == INVALID_SOCKET && error == WSAEINVAL);
    recorder.fail = true;
    recorder.error = WSAEMFILE;
    EXPECT(procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error) == INVALID_SOCKET && error == WSAEMFILE);
    end();
}

static void addresses_get_the_base_entry(void)
{
    INT error, length = 5;
    DWORD wide_length = 6;
    wchar_t text[4];
    struct sockaddr address;
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    begin();
    recorder.result = 0;
    EXPECT(procs.lpWSPAddressToString(&address, 16, &info, text, &wide_length, &error) == 0);
    EXPECT(recorder.info.dwCatalogEntryId == BASE);
    EXPECT(recorder.argument[0] == (uintptr_t)&address && (DWORD)recorder.argument[1] == 16);
    EXPECT(recorder.argument[3] == (uintptr_t)text && recorder.argument[4] == (uintptr_t)&wide_length);
    EXPECT(procs.lpWSPStringToAddress(text, AF_INET6, &info, &address, &length, &error) == 0);
    EXPECT(recorder.info.dwCatalogEntryId == BASE);
    EXPECT(recorder.argument[0] == (uintptr_t)text && (int)recorder.argument[1] == AF_INET6);
    EXPECT(recorder.argument[3] == (uintptr_t)&address && recorder.argument[4] == (uintptr_t)&length);
    recorder.fail = true;
    recorder.error = WSAEFAULT;
    EXPECT(procs.lpWSPAddressToString(&address, 16, &info, text, &wide_length, &error) == -1 && error == WSAEFAULT);
    EXPECT(procs.lpWSPStringToAddress(text, AF_INET, &info, &address, &length, &error) == -1 && error == WSAEFAULT);
    EXPECT(procs.lpWSPAddressToString(&address, 16, NULL, text, &wide_length, &error) == -1 && error == WSAEINVAL);
    end();
}

static void new_handles_are_modified(void)
{
    INT error;
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    begin();
    EXPECT(part.modify_id == CHAIN && part.modify_handle == FIRST);
    part.modify_tag = 1;
    recorder.result = 0x3000;
    SOCKET accepted = procs.lpWSPAccept(s, NULL, NULL, NULL, 0, &error);
    EXPECT(accepted == 0x3001 && part.modify_id == CHAIN && part.modify_handle == 0x3000);
    recorder.result = 0x3010;
    SOCKET leaf = procs.lpWSPJoinLeaf(s, NULL, 0, NULL, NULL, NULL, NULL, 0, &error);
    EXPECT(leaf == 0x3011 && part.modify_handle == 0x3010);
    /* Only the modified handle is used from then on. */
    recorder.result = 0;
    EXPECT(procs.lpWSPListen(accepted, 3, &error) == 0 && recorder.argument[0] == 0x3001);
    EXPECT(procs.lpWSPListen(leaf, 3, &error) == 0 && recorder.argument[0] == 0x3011);
    /* A leaf that joins by itself is the same socket. */
    LONG modified = part.modified;
    recorder.result = s;
    EXPECT(procs.lpWSPJoinLeaf(s, NULL, 0, NULL, NULL, NULL, NULL, 0, &error) == s && part.modified == modified);
    /* "Otherwise INVALID_SOCKET": then the new socket is closed again. */
    part.modify_error = WSAEINVAL;
    recorder.result = 0x3020;
    EXPECT(procs.lpWSPAccept(s, NULL, NULL, NULL, 0, &error) == INVALID_SOCKET && error == WSAEINVAL);
    EXPECT(recorder.closed == 0x3020 && recorder.closes == 1);
    recorder.result = 0x3030;
    EXPECT(procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error) == INVALID_SOCKET && error == WSAEINVAL);
    EXPECT(recorder.closed == 0x3030 && recorder.closes == 2);
    part.modify_error = 0;
    part.modify_tag = 0;
    recorder.result = 0;
    end();
}

static void no_memory_for_a_socket(void)
{
    INT error;
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    begin();
    /* A handle far from the others needs a part of the table of its own. */
    recorder.result = 0x70000000;
    part.allow = 0;
    EXPECT(procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error) == INVALID_SOCKET && error == WSAENOBUFS);
    EXPECT(recorder.closed == 0x70000000);
    part.allow = 1;
    EXPECT(procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error) == INVALID_SOCKET && error == WSAENOBUFS);
    part.allow = -1;
    EXPECT(procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error) == 0x70000000);
    recorder.result = 0;
    end();
}

static void close_forgets(void)
{
    INT error = UNTOUCHED;
    begin();
    recorder.fail = true;
    recorder.error = WSAEWOULDBLOCK;
    EXPECT(procs.lpWSPCloseSocket(s, &error) == SOCKET_ERROR && error == WSAEWOULDBLOCK);
    recorder.fail = false;
    /* "If WSPCloseSocket fails with WSAEWOULDBLOCK, the socket handle is still valid". */
    EXPECT(procs.lpWSPListen(s, 1, &error) == 0);
    EXPECT(procs.lpWSPCloseSocket(s, &error) == 0 && recorder.closed == FIRST);
    EXPECT(procs.lpWSPCloseSocket(s, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
    EXPECT(procs.lpWSPListen(s, 1, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
    EXPECT(recorder.closes == 1);
    end();
    EXPECT(recorder.closes == 1);
}

static void duplicates_name_the_chain(void)
{
    INT error;
    WSAPROTOCOL_INFOW info, sent;
    begin();
    recorder.put_reserved = 0x1234;
    memset(&info, 0xff, sizeof(info));
    EXPECT(procs.lpWSPDuplicateSocket(s, 42, &info, &error) == 0);
    EXPECT((DWORD)recorder.argument[1] == 42);
    EXPECT(recorder.info.dwCatalogEntryId == BASE);
    sent = *part_entry(CHAIN);
    sent.dwProviderReserved = 0x1234;
    EXPECT(memcmp(&info, &sent, sizeof(info)) == 0);
    recorder.fail = true;
    recorder.error = WSAEMFILE;
    memset(&info, 0xff, sizeof(info));
    EXPECT(procs.lpWSPDuplicateSocket(s, 42, &info, &error) == SOCKET_ERROR && error == WSAEMFILE);
    EXPECT(info.dwCatalogEntryId == 0xffffffff);
    recorder.error = WSAEFAULT;
    EXPECT(procs.lpWSPDuplicateSocket(s, 42, NULL, &error) == SOCKET_ERROR && error == WSAEFAULT);
    EXPECT(recorder.argument[2] == 0);
    end();
}

static void select_goes_down_untouched(void)
{
    INT error;
    struct timeval timeout = {1, 2};
    fd_set read = {2, {FIRST, 0x7770}}, empty = {0, {0}}, stranger = {1, {0x7770}};
    begin();
    recorder.result = 1;
    EXPECT(procs.lpWSPSelect(5, &empty, &read, NULL, &timeout, &error) == 1);
    EXPECT((int)recorder.argument[0] == 5 && recorder.argument[1] == (uintptr_t)&empty &&
           recorder.argument[2] == (uintptr_t)&read && recorder.argument[3] == 0 &&
           recorder.argument[4] == (uintptr_t)&timeout);
    EXPECT(read.fd_count == 2 && read.fd_array[1] == 0x7770);
    recorder.fail = true;
    recorder.error = WSAENOTSOCK;
    EXPECT(procs.lpWSPSelect(0, &read, NULL, NULL, NULL, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
    recorder.fail = false;
    int calls = recorder.calls;
    EXPECT(procs.lpWSPSelect(0, &stranger, NULL, NULL, NULL, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
    EXPECT(procs.lpWSPSelect(0, NULL, &empty, NULL, NULL, &error) == SOCKET_ERROR && error == WSAEINVAL);
    EXPECT(recorder.calls == calls);
    recorder.result = 0;
    end();
}

static void the_socket_is_of_the_chain(void)
{
    INT error, length = sizeof(WSAPROTOCOL_INFOW);
    WSAPROTOCOL_INFOW info;
    begin();
    EXPECT(procs.lpWSPGetSockOpt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &length, &error) == 0);
    EXPECT(memcmp(&info, part_entry(CHAIN), sizeof(info)) == 0);
    memset(&info, 0xff, sizeof(info));
    recorder.fail = true;
    recorder.error = WSAEFAULT;
    EXPECT(procs.lpWSPGetSockOpt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &length, &error) == SOCKET_ERROR);
    EXPECT(error == WSAEFAULT && info.dwCatalogEntryId == 0xffffffff);
    EXPECT(procs.lpWSPGetSockOpt(0x7770, SOL_SOCKET, SO_PROTOCOL_INFOW, NULL, NULL, &error) == SOCKET_ERROR &&
           error == WSAENOTSOCK);
    end();
}

static void cancelling_goes_down(void)
{
    INT error;
    begin();
    int calls = recorder.calls;
    EXPECT(procs.lpWSPCancelBlockingCall(&error) == 0 && recorder.calls == calls + 1);
    recorder.fail = true;
    recorder.error = WSAEINVAL;
    EXPECT(procs.lpWSPCancelBlockingCall(&error) == SOCKET_ERROR && error == WSAEINVAL);
    end();
}

/* A handle that was closed past the layer, and has become another chain's. */
static void a_handle_used_again(void)
{
    static const DWORD second[] = {LAYER, BASE_6, 0};
    INT error;
    begin();
    WSAPROTOCOL_INFOW info = *part_chain(CHAIN + 1, second);
    recorder.result = FIRST;
    EXPECT(procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error) == FIRST);
    EXPECT(recorder.info.dwCatalogEntryId == BASE_6 && recorder.startups == 2);
    INT length = sizeof(info);
    recorder.result = 0;
    EXPECT(procs.lpWSPGetSockOpt(FIRST, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &length, &error) == 0);
    EXPECT(info.dwCatalogEntryId == CHAIN + 1);
    end();
}

static SOCKET WSPAPI other_modify(DWORD id, SOCKET proposed, INT *error)
{
    (void)id, (void)proposed;
    *error = WSAEACCES;
    return INVALID_SOCKET;
}

static void the_latest_upcalls_count(void)
{
    INT error;
    WSPPROC_TABLE again;
    LPWPUMODIFYIFSHANDLE before = part.upcalls.lpWPUModifyIFSHandle;
    begin();
    part.upcalls.lpWPUModifyIFSHandle = other_modify;
    EXPECT(part_start(CHAIN, &again) == 0);
    EXPECT(procs.lpWSPAccept(s, NULL, NULL, NULL, 0, &error) == INVALID_SOCKET && error == WSAEACCES);
    part.upcalls.lpWPUModifyIFSHandle = before;
    EXPECT(again.lpWSPCleanup(&error) == 0);
    end();
}

/* With the name of a file: the same with the trace on, into that file. */
int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    wchar_t trace[MAX_PATH];
    part_load();
    if (argc > 1 && MultiByteToWideChar(CP_ACP, 0, argv[1], -1, trace, MAX_PATH) != 0)
        part_trace(trace);
    RUN(arguments_and_results_pass);
    RUN(failures_pass);
    RUN(unknown_sockets_are_none);
    RUN(socket_gets_the_base_entry);
    RUN(addresses_get_the_base_entry);
    RUN(new_handles_are_modified);
    RUN(no_memory_for_a_socket);
    RUN(close_forgets);
    RUN(duplicates_name_the_chain);
    RUN(select_goes_down_untouched);
    RUN(the_socket_is_of_the_chain);
    RUN(cancelling_goes_down);
    RUN(a_handle_used_again);
    RUN(the_latest_upcalls_count);
    return tap_end();
}
