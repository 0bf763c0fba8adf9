/* Chains of one to six layers under a model of Winsock and over a model of a base provider (model.h): the bundled layer
 * at every place, in both modes and mixed, as six DLLs or one, alone or with another vendor's layer at each place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "tap.h"

enum mode { MODE_IFS, MODE_NON_IFS, MODE_MIXED };

static HMODULE dlls[LAYERS];
static wchar_t paths[LAYERS][MAX_PATH], program[MAX_PATH];
static bool one_dll;
static WSPPROC_TABLE procs;
static int latest_table; /* of upcalls, that Winsock has given to the top of the chain */

static WSAPROTOCOL_INFOW new_entry(DWORD id, int chain_length)
{
    static const WSAPROTOCOL_INFOW tcp = {.dwServiceFlags1 = 0x20066,
                                          .dwProviderFlags = PFL_MATCHES_PROTOCOL_ZERO,
                                          .iVersion = 2,
                                          .iAddressFamily = AF_INET,
                                          .iMaxSockAddr = 16,
                                          .iMinSockAddr = 16,
                                          .iSocketType = SOCK_STREAM,
                                          .iProtocol = IPPROTO_TCP};
    WSAPROTOCOL_INFOW entry = tcp;
    entry.dwCatalogEntryId = id;
    entry.ProviderId = (GUID){id, 0x4d4f, 0x4445, {0x4c}};
    entry.ProtocolChain.ChainLen = chain_length;
    swprintf(entry.szProtocol, WSAPROTOCOL_LEN, L"model %lu", (unsigned long)id);
    return entry;
}

/* A catalog with ids that no scenario before it had. */
static void make_catalog(int depth, enum mode mode, int witness)
{
    static DWORD next_id = 1001;
    memset(&model, 0, sizeof(model));
    model.depth = depth;
    model.witness = witness;
    model.base = new_entry(next_id++, BASE_PROTOCOL);
    for (int i = 0; i < depth; i++) {
        model.own[i] = new_entry(next_id++, LAYERED_PROTOCOL);
        model.own[i].dwProviderFlags |= PFL_HIDDEN;
        model.ifs[i] = i == witness || mode == MODE_IFS || (mode == MODE_MIXED && i % 2 == 0);
        if (!model.ifs[i])
            model.own[i].dwServiceFlags1 &= ~(DWORD)XP1_IFS_HANDLES;
        wcscpy(model.path[i], i == witness ? program : paths[one_dll ? 0 : i]);
    }
    model.chain = new_entry(next_id++, depth + 1);
    for (int i = 0; i < depth; i++) {
        model.chain.ProtocolChain.ChainEntries[i] = model.own[i].dwCatalogEntryId;
        if (!model.ifs[i])
            model.chain.dwServiceFlags1 &= ~(DWORD)XP1_IFS_HANDLES;
    }
    model.chain.ProtocolChain.ChainEntries[depth] = model.base.dwCatalogEntryId;
    model_forget();
}

static bool start(const WSAPROTOCOL_INFOW *entry, int table)
{
    WSPDATA data = {0};
    WSAPROTOCOL_INFOW info = *entry;
    LPWSPSTARTUP startup = model_startup_of(model.path[0]);
    latest_table = table;
    memset(&procs, 0, sizeof(procs));
    int error = startup(MAKEWORD(2, 2), &data, &info, *model_upcalls(table), &procs);
    if (error != 0) {
        printf("# WSPStartup by entry %lu: %d\n", (unsigned long)entry->dwCatalogEntryId, error);
        tap_good = false;
        return false;
    }
    EXPECT(data.wVersion == MAKEWORD(2, 2));
    void *functions[sizeof(procs) / sizeof(void *)];
    memcpy(functions, &procs, sizeof(functions));
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        EXPECT(functions[i] != NULL);
    return true;
}

static void clean_up(void)
{
    INT error = 0;
    EXPECT(procs.lpWSPCleanup(&error) == 0);
}

/* From the bottom of the chain up, each layer has told Winsock of the new socket, once, before it gave it to the one
 * above: so the top one's word is the last. */
static void expect_told(SOCKET s)
{
    SOCKET at = notes.base_socket;
    EXPECT(notes.count == model.depth);
    for (int place = model.depth - 1, i = 0; place >= 0 && i < notes.count; place--, i++) {
        EXPECT(notes.note[i].what == (model.ifs[place] ? NOTE_MODIFY : NOTE_CREATE));
        if (model.ifs[place])
            EXPECT(notes.note[i].handle == at);
        at = notes.note[i].handle;
    }
    EXPECT(s == at);
    /* "must use only the most recently supplied upcall dispatch table": the top one's word is the last. */
    EXPECT(notes.count > 0 && notes.count <= NOTES && notes.note[notes.count - 1].table == latest_table);
}

static int created_handles(void)
{
    int count = 0;
    for (int place = 0; place < model.depth; place++)
        count += !model.ifs[place];
    return count;
}

static SOCKET make_socket(void)
{
    INT error = 0;
    WSAPROTOCOL_INFOW info = model.chain;
    model_forget();
    SOCKET s = procs.lpWSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, &info, 0, WSA_FLAG_OVERLAPPED, &error);
    EXPECT(s != INVALID_SOCKET);
    expect_told(s);
    return s;
}

static void use(SOCKET s, SOCKET at_base)
{
    char byte = 1;
    WSABUF buffer = {1, &byte};
    DWORD sent = 0;
    INT error = 0;
    EXPECT(procs.lpWSPSend(s, &buffer, 1, &sent, 0, NULL, NULL, NULL, &error) == 0);
    EXPECT(sent == 1 && notes.base_sent == at_base);
}

static void close_it(SOCKET s)
{
    INT error = 0;
    model_forget();
    EXPECT(procs.lpWSPCloseSocket(s, &error) == 0);
    EXPECT(notes.base_closes == 1);
    EXPECT(notes.closed == created_handles());
}

static void accept_and_join(SOCKET s)
{
    INT error = 0;
    SOCKADDR_IN address = {.sin_family = AF_INET};
    model_forget();
    SOCKET accepted = procs.lpWSPAccept(s, NULL, NULL, NULL, 0, &error);
    expect_told(accepted);
    use(accepted, notes.base_socket);
    close_it(accepted);
    model_forget();
    SOCKET leaf =
        procs.lpWSPJoinLeaf(s, (struct sockaddr *)&address, sizeof(address), NULL, NULL, NULL, NULL, JL_BOTH, &error);
    expect_told(leaf);
    use(leaf, notes.base_socket);
    close_it(leaf);
}

/* "This same propagation policy applies" to these three functions. */
static void propagate(SOCKET s)
{
    enum { RESERVED = 0x5151 }; /* the base's, see provider.c */
    INT error = 0, size = sizeof(SOCKADDR_IN);
    WCHAR text[64] = L"127.0.0.1";
    DWORD length = 64;
    SOCKADDR_IN address = {.sin_family = AF_INET};
    WSAPROTOCOL_INFOW info = model.chain, duplicate = {0};
    EXPECT(procs.lpWSPStringToAddress(text, AF_INET, &info, (struct sockaddr *)&address, &size, &error) == 0);
    info = model.chain;
    EXPECT(procs.lpWSPAddressToString((struct sockaddr *)&address, sizeof(address), &info, text, &length, &error) == 0);
    EXPECT(procs.lpWSPDuplicateSocket(s, GetCurrentProcessId(), &duplicate, &error) == 0);
    EXPECT(same_info(&duplicate, &model.chain));
    EXPECT(duplicate.dwProviderReserved == RESERVED);
}

static void expect_pairs(void)
{
    EXPECT(notes.base_startups > 0 && notes.base_startups == notes.base_cleanups);
    EXPECT(notes.witness_startups == notes.witness_cleanups);
    EXPECT(model.witness < 0 || notes.witness_startups > 0);
    notes.base_startups = notes.base_cleanups = notes.witness_startups = notes.witness_cleanups = 0;
}

/* One life: started three times, with another upcall table the second time; the first two cleanups "do nothing except
 * decrement an internal counter". */
static void live(void)
{
    int startups = 1;
    wrongs = 0;
    if (!start(&model.chain, 0))
        return;
    SOCKET s = make_socket(), at_base = notes.base_socket;
    use(s, at_base);
    if (start(&model.chain, 1))
        startups++;
    accept_and_join(s);
    if (start(&model.chain, 1))
        startups++;
    propagate(s);
    while (startups-- > 1)
        clean_up();
    EXPECT(notes.base_cleanups == 0);
    use(s, at_base);
    close_it(s);
    clean_up();
    EXPECT(wrongs == 0);
    expect_pairs();
}

/* What is left open at the last cleanup is closed then: the provider "should free any resources". */
static void leave_open(void)
{
    if (model.depth == 1 && model.witness == 0)
        return; /* the witness leaves that to the base */
    if (!start(&model.chain, 0))
        return;
    make_socket();
    model_forget();
    clean_up();
    EXPECT(notes.base_closes == 1);
    EXPECT(notes.closed == created_handles());
    EXPECT(wrongs == 0);
    expect_pairs();
}

/* Winsock starts the provider of whatever entry an upcall names; Microsoft's sample of 1999 names its hidden entry, and
 * so a layer can be started by that, too. Only where it runs: which chain would it go to otherwise? */
static void start_by_own_entry(void)
{
    if (model.witness == 0)
        return;
    if (!start(&model.chain, 0))
        return;
    WSPPROC_TABLE first = procs;
    if (start(&model.own[0], 0))
        clean_up();
    procs = first;
    SOCKET s = make_socket();
    use(s, notes.base_socket);
    close_it(s);
    clean_up();
    EXPECT(wrongs == 0);
    expect_pairs();
}

static void scenario(int depth, enum mode mode, int witness)
{
    static const char *const names[] = {"IFS", "non-IFS", "mixed"};
    tap_good = true;
    make_catalog(depth, mode, witness);
    live();
    make_catalog(depth, mode, witness);
    leave_open();
    make_catalog(depth, mode, witness);
    start_by_own_entry();
    tap_failed += !tap_good;
    printf("%sok %d - %d layers, %s, %s", tap_good ? "" : "not ", ++tap_count, depth, names[mode],
           one_dll ? "one DLL" : "a DLL each");
    if (witness >= 0)
        printf(", another vendor's at place %d", witness);
    printf("\n");
    fflush(stdout);
}

static void load(int index)
{
    wchar_t *name;
    GetModuleFileNameW(NULL, paths[index], MAX_PATH);
    name = wcsrchr(paths[index], L'\\') + 1;
    swprintf(name, MAX_PATH - (size_t)(name - paths[index]), L"model_layer%d.dll", index);
    dlls[index] = LoadLibraryW(paths[index]);
    if (dlls[index] == NULL) {
        printf("Bail out! no %ls: %lu\n", paths[index], (unsigned long)GetLastError());
        exit(99);
    }
    model_take_over(dlls[index]);
}

int main(void)
{
    GetModuleFileNameW(NULL, program, MAX_PATH);
    for (int i = 0; i < LAYERS; i++)
        load(i);
    for (int depth = 1; depth <= LAYERS; depth++)
        for (int mode = MODE_IFS; mode <= MODE_MIXED; mode++)
            for (int one = 0; one < (depth > 1 ? 2 : 1); one++)
                for (int witness = -1; witness < depth; witness++) {
                    one_dll = one != 0;
                    scenario(depth, (enum mode)mode, witness);
                }
    return tap_end();
}
