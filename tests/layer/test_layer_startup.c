/* WSPStartup and WSPCleanup of the layer: versions, counting, its places in chains, and next providers that are not
 * what they should be. Expected values are those of WSPStartup's and WSPCleanup's pages. TAP. */
#include <limits.h>
#include <stddef.h>

#include "recorder.h"
#include "tap.h"
#include "winsock_part.h"
#include "wsplsp/layer.h"

static void begin(void)
{
    recorder_reset();
    part_catalog();
    part.modify_error = 0;
    part.modify_tag = 0;
    recorder.own_handles = true;
    recorder.last_handle = 0x1000;
}

static INT clean_up(const WSPPROC_TABLE *procs)
{
    INT error = 0;
    return procs->lpWSPCleanup(&error) == 0 ? 0 : error;
}

static SOCKET make(const WSPPROC_TABLE *procs, DWORD chain)
{
    INT error = 0;
    WSAPROTOCOL_INFOW info = *part_entry(chain);
    SOCKET s = procs->lpWSPSocket(0, 0, 0, &info, 0, 0, &error);
    if (s == INVALID_SOCKET)
        printf("# socket of %lu: %d\n", chain, error);
    return s;
}

/* The layer is as it was: nothing started, and the next startup works. */
static void expect_unharmed(void)
{
    WSPPROC_TABLE procs;
    recorder.fault = STARTUP_WORKS;
    EXPECT(recorder.startups == recorder.cleanups);
    EXPECT(part_start(CHAIN, &procs) == 0);
    EXPECT(make(&procs, CHAIN) != INVALID_SOCKET);
    EXPECT(clean_up(&procs) == 0);
    EXPECT(recorder.startups == recorder.cleanups);
}

static void versions(void)
{
    WSPPROC_TABLE procs;
    WSPDATA data;
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    begin();
    static const WORD low[] = {MAKEWORD(1, 0), MAKEWORD(1, 1), MAKEWORD(1, 9), MAKEWORD(2, 0), MAKEWORD(2, 1)};
    for (size_t i = 0; i < sizeof(low) / sizeof(low[0]); i++)
        EXPECT(part.startup(low[i], &data, &info, part.upcalls, &procs) == WSAVERNOTSUPPORTED);
    EXPECT(recorder.startups == 0);
    static const WORD high[] = {MAKEWORD(2, 2), MAKEWORD(2, 3), MAKEWORD(3, 0)};
    for (size_t i = 0; i < sizeof(high) / sizeof(high[0]); i++) {
        memset(&data, 0xff, sizeof(data));
        EXPECT(part.startup(high[i], &data, &info, part.upcalls, &procs) == 0);
        EXPECT(data.wVersion == MAKEWORD(2, 2) && data.wHighVersion == MAKEWORD(2, 2));
        EXPECT(wcsncmp(data.szDescription, L"wsplsp layer ", 13) == 0);
        EXPECT(recorder.requested == MAKEWORD(2, 2));
        EXPECT(clean_up(&procs) == 0);
    }
}

static void invalid_parameters(void)
{
    WSPPROC_TABLE procs;
    WSPDATA data;
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    begin();
    EXPECT(part.startup(MAKEWORD(2, 2), NULL, &info, part.upcalls, &procs) == WSAEFAULT);
    EXPECT(part.startup(MAKEWORD(2, 2), &data, &info, part.upcalls, NULL) == WSAEFAULT);
    EXPECT(part.startup(MAKEWORD(2, 2), &data, NULL, part.upcalls, &procs) == WSAEFAULT);
    expect_unharmed();
}

static void counting(void)
{
    enum { TIMES = 5 };
    WSPPROC_TABLE procs[TIMES];
    begin();
    for (int i = 0; i < TIMES; i++)
        EXPECT(part_start(CHAIN, &procs[i]) == 0);
    EXPECT(recorder.startups == 1);
    SOCKET s = make(&procs[0], CHAIN);
    for (int i = 0; i < TIMES - 1; i++) {
        EXPECT(clean_up(&procs[i]) == 0);
        EXPECT(recorder.cleanups == 0 && recorder.closes == 0);
    }
    /* "As if WSPCloseSocket was called" for what is still open. */
    EXPECT(clean_up(&procs[0]) == 0);
    EXPECT(recorder.cleanups == 1 && recorder.closes == 1 && recorder.closed == s);
    EXPECT(clean_up(&procs[0]) == WSANOTINITIALISED);
    EXPECT(make(&procs[0], CHAIN) == INVALID_SOCKET);
    /* "A state in which … can immediately invoke WSPStartup". */
    expect_unharmed();
}

static void next_is_told_its_entry(void)
{
    WSPPROC_TABLE procs;
    begin();
    EXPECT(part_start(CHAIN, &procs) == 0);
    EXPECT(memcmp(&recorder.info, part_entry(BASE), sizeof(recorder.info)) == 0);
    EXPECT(memcmp(&recorder.upcalls, &part.upcalls, sizeof(recorder.upcalls)) == 0);
    EXPECT(clean_up(&procs) == 0);
}

static void bad_next(void)
{
    wchar_t system[MAX_PATH], none[MAX_PATH];
    WSPPROC_TABLE procs;
    begin();
    GetSystemDirectoryW(system, MAX_PATH);
    wcscpy(none, system);
    part_set_path(BASE, wcscat(none, L"\\no such file.dll"));
    EXPECT(part_start(CHAIN, &procs) == WSASYSNOTREADY);
    /* No WSPStartup. */
    part_set_path(BASE, wcscat(system, L"\\version.dll"));
    bool loaded = GetModuleHandleW(L"version.dll") != NULL;
    EXPECT(part_start(CHAIN, &procs) == WSASYSNOTREADY);
    EXPECT((GetModuleHandleW(L"version.dll") != NULL) == loaded);
    /* No path at all. */
    part_set_path(BASE, L"");
    EXPECT(part_start(CHAIN, &procs) == WSASYSNOTREADY);
    part_catalog();
    recorder.fault = STARTUP_FAILS;
    static const int errors[] = {WSASYSNOTREADY, WSAVERNOTSUPPORTED, WSAEINPROGRESS, WSAEPROCLIM, WSAEFAULT};
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        recorder.startup_error = errors[i];
        EXPECT(part_start(CHAIN, &procs) == errors[i]);
    }
    recorder.fault = STARTUP_LOW;
    EXPECT(part_start(CHAIN, &procs) == WSAVERNOTSUPPORTED);
    EXPECT(recorder.startups == 1 && recorder.cleanups == 1);
    expect_unharmed();
}

/* A name without a folder is a DLL of the system folder's, never one beside the program. */
static void next_without_a_folder(void)
{
    wchar_t expected[MAX_PATH];
    WSPPROC_TABLE procs;
    begin();
    GetSystemDirectoryW(expected, MAX_PATH);
    wcscat(expected, L"\\version.dll");
    part_set_path(BASE, L"version.dll");
    part.load_refused = 0;
    EXPECT(part_start(CHAIN, &procs) == WSASYSNOTREADY); /* it has no WSPStartup */
    EXPECT(_wcsicmp(part.loaded_path, expected) == 0);
    part_set_path(BASE, L"provider_at_once.dll");
    EXPECT(part_start(CHAIN, &procs) == WSASYSNOTREADY);
    part_set_path(BASE, L"C:provider_at_once.dll"); /* of a drive's current folder */
    EXPECT(part_start(CHAIN, &procs) == WSASYSNOTREADY);
    EXPECT(part.load_refused == 0);
    EXPECT(GetModuleHandleW(L"provider_at_once.dll") == NULL);
    part_catalog();
    expect_unharmed();
}

/* Without a WSPCleanup the next provider cannot be stopped, all others are. */
static void incomplete_next(void)
{
    WSPPROC_TABLE procs;
    begin();
    recorder.fault = STARTUP_HOLE;
    for (int i = 0; i < FUNCTIONS; i++) {
        recorder.startups = recorder.cleanups = 0;
        recorder.hole = i;
        if (part_start(CHAIN, &procs) != WSASYSNOTREADY ||
            recorder.cleanups != (strcmp(recorded[i].name, "Cleanup") != 0)) {
            tap_good = false;
            printf("# without WSP%s\n", recorded[i].name);
        }
    }
    recorder.startups = recorder.cleanups = 0;
    expect_unharmed();
}

static void bad_catalog(void)
{
    static const DWORD foreign_only[] = {FOREIGN, BASE, 0};
    WSPPROC_TABLE procs;
    begin();
    part.no_catalog = true;
    EXPECT(part_start(CHAIN, &procs) == WSASYSNOTREADY);
    part.no_catalog = false;
    part.no_path = true;
    EXPECT(part_start(CHAIN, &procs) == WSASYSNOTREADY);
    part.no_path = false;
    /* Not a chain, and a chain in which the layer is not. */
    EXPECT(part_start(BASE, &procs) == WSASYSNOTREADY);
    EXPECT(part_start(LAYER_3, &procs) == WSASYSNOTREADY);
    EXPECT(part_start(FOREIGN, &procs) == WSASYSNOTREADY);
    part_chain(CHAIN + 1, foreign_only);
    EXPECT(part_start(CHAIN + 1, &procs) == WSASYSNOTREADY);
    /* A member that the catalog has not, and a length that no chain has. */
    WSAPROTOCOL_INFOW *chain = part_entry(CHAIN);
    chain->ProtocolChain.ChainEntries[1] = 4711;
    EXPECT(part_start(CHAIN, &procs) == WSASYSNOTREADY);
    chain->ProtocolChain.ChainLen = MAX_PROTOCOL_CHAIN + 1;
    EXPECT(part_start(CHAIN, &procs) == WSASYSNOTREADY);
    chain->ProtocolChain.ChainLen = -1;
    EXPECT(part_start(CHAIN, &procs) == WSASYSNOTREADY);
    part_catalog();
    expect_unharmed();
}

/* The WSAPROTOCOL_INFO of WSASocket is the program's: the catalog's chain counts. */
static void forged_info(void)
{
    INT error;
    WSPPROC_TABLE procs;
    WSAPROTOCOL_INFOW info = *part_entry(CHAIN);
    begin();
    EXPECT(part_start(CHAIN, &procs) == 0);
    info.ProtocolChain.ChainLen = 1000;
    SOCKET s = procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error);
    EXPECT(s != INVALID_SOCKET && recorder.info.dwCatalogEntryId == BASE);
    info.dwCatalogEntryId = 4711;
    EXPECT(procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error) == INVALID_SOCKET && error == WSAEINVAL);
    /* Also for a chain that is started only now. */
    static const DWORD second[] = {LAYER, BASE_6, 0};
    WSAPROTOCOL_INFOW forged = *part_chain(CHAIN + 1, second);
    forged.ProtocolChain = part_entry(CHAIN)->ProtocolChain;
    s = procs.lpWSPSocket(0, 0, 0, &forged, 0, 0, &error);
    EXPECT(s != INVALID_SOCKET && recorder.info.dwCatalogEntryId == BASE_6);
    info.ProtocolChain.ChainLen = INT_MIN;
    EXPECT(procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error) == INVALID_SOCKET && error == WSAEINVAL);
    EXPECT(clean_up(&procs) == 0);
}

/* Winsock starts whatever entry's provider an upcall or a program names: the layer's own, hidden one, too. */
static void own_entry(void)
{
    static const DWORD second[] = {LAYER, BASE_6, 0};
    INT error;
    WSPPROC_TABLE procs, again;
    begin();
    EXPECT(part_start(LAYER, &procs) == 0);
    EXPECT(recorder.startups == 1 && recorder.info.dwCatalogEntryId == BASE);
    SOCKET s = make(&procs, LAYER);
    EXPECT(s != INVALID_SOCKET && part.modify_id == CHAIN && recorder.info.dwCatalogEntryId == BASE);
    EXPECT(part_start(LAYER, &again) == 0 && memcmp(&procs, &again, sizeof(procs)) == 0);
    EXPECT(part_start(CHAIN, &again) == 0 && memcmp(&procs, &again, sizeof(procs)) == 0);
    EXPECT(clean_up(&procs) == 0 && clean_up(&procs) == 0 && recorder.cleanups == 0);
    EXPECT(procs.lpWSPListen(s, 1, &error) == 0);
    EXPECT(clean_up(&procs) == 0 && recorder.cleanups == 1 && recorder.closed == s);
    EXPECT(clean_up(&procs) == WSANOTINITIALISED);
    /* The one of its chains that is running. */
    part_chain(CHAIN + 1, second);
    recorder.startups = recorder.cleanups = 0;
    EXPECT(part_start(CHAIN + 1, &procs) == 0 && part_start(LAYER, &again) == 0);
    EXPECT(recorder.startups == 1 && memcmp(&procs, &again, sizeof(procs)) == 0);
    EXPECT(clean_up(&again) == 0 && recorder.cleanups == 0 && clean_up(&again) == 0 && recorder.cleanups == 1);
    /* The first that can be started; what the first of all says where none can. */
    part_set_path(BASE, L"C:\\no such folder\\base.dll");
    EXPECT(part_start(LAYER, &procs) == 0 && recorder.info.dwCatalogEntryId == BASE_6);
    EXPECT(clean_up(&procs) == 0);
    recorder.fault = STARTUP_FAILS;
    recorder.startup_error = WSAEPROCLIM;
    EXPECT(part_start(LAYER, &procs) == WSASYSNOTREADY);
    part_catalog();
    expect_unharmed();
}

/* Which chain a socket belongs to that is made with the layer's own entry: the first that serves it. */
static void own_entry_of_socket(void)
{
    static const DWORD second[] = {LAYER, BASE_6, 0}, over[] = {LAYER_2, FOREIGN, BASE, 0};
    INT error;
    WSPPROC_TABLE procs;
    begin();
    WSAPROTOCOL_INFOW *udp = part_chain(CHAIN + 1, second), info = *part_entry(LAYER);
    udp->iSocketType = SOCK_DGRAM;
    udp->iProtocol = IPPROTO_UDP;
    info.dwProviderReserved = 4711;
    EXPECT(part_start(CHAIN, &procs) == 0);
    SOCKET s = procs.lpWSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP, &info, 0, 0, &error);
    EXPECT(s != INVALID_SOCKET && part.modify_id == CHAIN + 1 && recorder.info.dwCatalogEntryId == BASE_6);
    EXPECT(recorder.info.dwProviderReserved == 4711);
    s = procs.lpWSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, &info, 0, 0, &error);
    EXPECT(s != INVALID_SOCKET && part.modify_id == CHAIN && recorder.info.dwCatalogEntryId == BASE);
    s = procs.lpWSPSocket(AF_INET6, SOCK_STREAM, 0, &info, 0, 0, &error);
    EXPECT(s != INVALID_SOCKET && part.modify_id == CHAIN);
    /* An entry without a chain, and one of another DLL. */
    info = *part_entry(LAYER_3);
    EXPECT(procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error) == INVALID_SOCKET && error == WSAEINVAL);
    info = *part_entry(FOREIGN);
    EXPECT(procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error) == INVALID_SOCKET && error == WSAEINVAL);
    EXPECT(clean_up(&procs) == 0);
    /* A layer below is told the chain. */
    part_chain(CHAIN + 2, over);
    EXPECT(part_start(LAYER_2, &procs) == 0);
    EXPECT(make(&procs, LAYER_2) != INVALID_SOCKET && part.modify_id == CHAIN + 2);
    EXPECT(memcmp(&foreign_info, part_entry(CHAIN + 2), sizeof(foreign_info)) == 0);
    EXPECT(clean_up(&procs) == 0);
    expect_unharmed();
}

/* The functions are those of the layer's first place in the chain, wherever in it that is. */
static void own_entry_below_another(void)
{
    static const DWORD members[] = {FOREIGN, LAYER_2, LAYER_3, BASE, 0};
    INT error;
    WSPPROC_TABLE above, procs, same;
    WSPDATA data;
    begin();
    WSAPROTOCOL_INFOW info = *part_chain(CHAIN + 1, members);
    EXPECT(WSPStartup(MAKEWORD(2, 2), &data, &info, part.upcalls, &above) == 0);
    SOCKET s = make(&above, CHAIN + 1);
    EXPECT(part_start(LAYER_3, &procs) == 0 && part_start(LAYER_2, &same) == 0 && recorder.startups == 1);
    EXPECT(memcmp(&procs, &same, sizeof(procs)) == 0 && memcmp(&procs, &foreign_next, sizeof(procs)) == 0);
    EXPECT(procs.lpWSPListen(s, 1, &error) == 0);
    EXPECT(clean_up(&procs) == 0 && clean_up(&procs) == 0 && recorder.cleanups == 0);
    EXPECT(clean_up(&above) == 0 && recorder.cleanups == 1);
    expect_unharmed();
}

static void memory_runs_out(void)
{
    WSPPROC_TABLE procs;
    int failed = 0;
    begin();
    static const DWORD fresh[] = {LAYER, BASE, 0};
    for (int i = 0; i < 20; i++) {
        /* A chain that the layer has not seen yet needs memory of its own. */
        part_catalog();
        part_chain(CHAIN + 100 + (DWORD)i, fresh);
        part.allow = i;
        int error = part_start(CHAIN + 100 + (DWORD)i, &procs);
        part.allow = -1;
        EXPECT(error == 0 || error == WSASYSNOTREADY);
        EXPECT(error == 0 || recorder.startups == recorder.cleanups);
        failed += error != 0;
        if (error == 0)
            EXPECT(clean_up(&procs) == 0);
    }
    EXPECT(failed > 3 && failed < 20);
    part_catalog();
    expect_unharmed();
}

/* Several chains by one startup: "a single provider DLL is capable of instantiating multiple different service
 * providers", and chains of one provider id are started together. */
static void several_chains(void)
{
    static const DWORD second[] = {LAYER, BASE_6, 0};
    INT error;
    WSPPROC_TABLE procs;
    begin();
    WSAPROTOCOL_INFOW info = *part_chain(CHAIN + 1, second);
    EXPECT(part_start(CHAIN, &procs) == 0);
    SOCKET first = make(&procs, CHAIN);
    EXPECT(recorder.info.dwCatalogEntryId == BASE && recorder.startups == 1);
    SOCKET other = make(&procs, CHAIN + 1);
    EXPECT(recorder.info.dwCatalogEntryId == BASE_6 && recorder.startups == 2);
    EXPECT(first != INVALID_SOCKET && other != INVALID_SOCKET);
    /* One that cannot be started on demand is WSASocket's WSAEPROVIDERFAILEDINIT; the others go on. */
    info.dwCatalogEntryId = CHAIN + 2;
    part_chain(CHAIN + 2, second);
    recorder.fault = STARTUP_FAILS;
    recorder.startup_error = WSAEPROCLIM;
    EXPECT(procs.lpWSPSocket(0, 0, 0, &info, 0, 0, &error) == INVALID_SOCKET && error == WSAEPROVIDERFAILEDINIT);
    recorder.fault = STARTUP_WORKS;
    EXPECT(procs.lpWSPListen(first, 1, &error) == 0 && procs.lpWSPListen(other, 1, &error) == 0);
    EXPECT(clean_up(&procs) == 0);
    EXPECT(recorder.cleanups == 2 && recorder.closes == 2);
}

/* The layer once, twice and as often as a chain has room: each place passes a call on once, and cleans up. */
static void several_places(void)
{
    static const DWORD layers[] = {LAYER, LAYER_2, LAYER_3, LAYER, LAYER_2, LAYER_3};
    INT error;
    for (int count = 2; count <= MAX_PROTOCOL_CHAIN - 1; count++) {
        DWORD members[MAX_PROTOCOL_CHAIN + 1] = {0};
        WSPPROC_TABLE procs;
        begin();
        memcpy(members, layers, (size_t)count * sizeof(DWORD));
        members[count] = BASE;
        part_chain(CHAIN + 1, members);
        EXPECT(part_start(CHAIN + 1, &procs) == 0);
        EXPECT(recorder.startups == 1 && recorder.info.dwCatalogEntryId == BASE);
        LONG modified = part.modified;
        SOCKET s = make(&procs, CHAIN + 1);
        EXPECT(recorder.info.dwCatalogEntryId == BASE && recorder.calls == 1);
        /* Each place, and with the chain's id: the upcall refuses any other. */
        EXPECT(part.modified - modified == count && part.modify_id == CHAIN + 1);
        EXPECT(procs.lpWSPListen(s, 1, &error) == 0 && recorder.calls == 2 && recorder.argument[0] == s);
        SOCKET left = make(&procs, CHAIN + 1);
        EXPECT(procs.lpWSPCloseSocket(s, &error) == 0 && recorder.closes == 1);
        EXPECT(procs.lpWSPListen(s, 1, &error) == SOCKET_ERROR && error == WSAENOTSOCK);
        EXPECT(clean_up(&procs) == 0);
        EXPECT(recorder.cleanups == 1 && recorder.closes == 2 && recorder.closed == left);
        expect_unharmed();
    }
}

static void over_and_under_another(bool delayed, const DWORD *members, int own)
{
    INT error;
    WSPPROC_TABLE procs;
    begin();
    foreign_delayed = delayed;
    part_chain(CHAIN + 1, members);
    bool on_top = members[0] != FOREIGN;
    if (on_top) {
        EXPECT(part_start(CHAIN + 1, &procs) == 0);
    } else {
        WSPDATA data;
        WSAPROTOCOL_INFOW info = *part_entry(CHAIN + 1);
        EXPECT(WSPStartup(MAKEWORD(2, 2), &data, &info, part.upcalls, &procs) == 0);
    }
    EXPECT(recorder.startups == !delayed);
    LONG modified = part.modified;
    SOCKET s = make(&procs, CHAIN + 1);
    EXPECT(s != INVALID_SOCKET && part.modified - modified == own);
    /* "The same unmodified WSAPROTOCOL_INFO structure" for a layer, the base's for the base. */
    EXPECT(memcmp(&foreign_info, part_entry(CHAIN + 1), sizeof(foreign_info)) == 0);
    EXPECT(memcmp(&recorder.info, part_entry(BASE), sizeof(recorder.info)) == 0);
    int calls = recorder.calls;
    EXPECT(procs.lpWSPListen(s, 1, &error) == 0 && recorder.calls == calls + 1);
    EXPECT(procs.lpWSPCloseSocket(s, &error) == 0 && recorder.closes == 1);
    EXPECT(clean_up(&procs) == 0);
    EXPECT(recorder.startups == 1 && recorder.cleanups == 1);
    expect_unharmed();
}

static void over_a_foreign_layer(void)
{
    static const DWORD members[] = {LAYER, FOREIGN, BASE, 0};
    over_and_under_another(false, members, 1);
    over_and_under_another(true, members, 1);
}

static void under_a_foreign_layer(void)
{
    static const DWORD members[] = {FOREIGN, LAYER, BASE, 0};
    over_and_under_another(false, members, 1);
    over_and_under_another(true, members, 1);
}

/* Both see the same WSAPROTOCOL_INFO, and the foreign layer starts the lower one when it likes. */
static void around_a_foreign_layer(void)
{
    static const DWORD members[] = {LAYER, FOREIGN, LAYER_2, BASE, 0};
    static const DWORD more[] = {LAYER, LAYER_3, FOREIGN, LAYER_2, LAYER, BASE, 0};
    over_and_under_another(false, members, 2);
    over_and_under_another(true, members, 2);
    over_and_under_another(false, more, 4);
    over_and_under_another(true, more, 4);
}

static void last_error_stays(void)
{
    WSPPROC_TABLE procs;
    begin();
    SetLastError(4711);
    EXPECT(part_start(CHAIN, &procs) == 0);
    EXPECT(GetLastError() == 4711);
    SOCKET s = make(&procs, CHAIN);
    EXPECT(s != INVALID_SOCKET && GetLastError() == 4711);
    EXPECT(clean_up(&procs) == 0 && GetLastError() == 4711);
}

/* A next provider in a DLL of its own. */
static void next_is_unloaded(void)
{
    wchar_t path[MAX_PATH];
    WSPPROC_TABLE procs;
    begin();
    GetModuleFileNameW(NULL, path, MAX_PATH);
    wcscpy(wcsrchr(path, L'\\'), L"\\provider_at_once.dll");
    part_set_path(BASE, path);
    EXPECT(part_start(CHAIN, &procs) == 0);
    EXPECT(GetModuleHandleW(path) != NULL);
    EXPECT(make(&procs, CHAIN) != INVALID_SOCKET);
    EXPECT(clean_up(&procs) == 0);
    EXPECT(GetModuleHandleW(path) == NULL);
}

/* A caller of an earlier version leaves members out, one of a later version has more. */
static void configuration(void)
{
    wsplsp_layer_configure_function function =
        (wsplsp_layer_configure_function)(void *)GetProcAddress(part.module, WSPLSP_LAYER_CONFIGURE);
    struct {
        struct wsplsp_layer_config known;
        uint32_t later[4];
    } config = {0};
    EXPECT(function != NULL);
    EXPECT(function(NULL) == WSAEINVAL);
    EXPECT(function(&config.known) == WSAEINVAL);
    config.known.size = offsetof(struct wsplsp_layer_config, filter_file);
    config.known.filter_file = L"C:\\no such folder\\filter.dll";
    EXPECT(function(&config.known) == 0);
    config.known.filter_file = NULL;
    config.known.size = sizeof(config);
    EXPECT(function(&config.known) == 0);
    config.known.trace_file = L"C:\\no such folder\\trace";
    EXPECT(function(&config.known) == WSASYSNOTREADY);
    expect_unharmed();
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    part_load();
    RUN(versions);
    RUN(invalid_parameters);
    RUN(counting);
    RUN(next_is_told_its_entry);
    RUN(bad_next);
    RUN(next_without_a_folder);
    RUN(incomplete_next);
    RUN(bad_catalog);
    RUN(forged_info);
    RUN(own_entry);
    RUN(own_entry_of_socket);
    RUN(own_entry_below_another);
    RUN(memory_runs_out);
    RUN(several_chains);
    RUN(several_places);
    RUN(over_a_foreign_layer);
    RUN(under_a_foreign_layer);
    RUN(around_a_foreign_layer);
    RUN(last_error_stays);
    RUN(next_is_unloaded);
    RUN(configuration);
    return tap_end();
}
