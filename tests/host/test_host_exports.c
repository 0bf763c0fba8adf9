/* What the host puts in the place of the system's functions: each of those that it has to, by name, by ordinal and by
 * every DLL that leads to it, and none besides. The lists here are made from the reference's pages and share nothing
 * with the host's; what ws2_32.dll exports beside them has a reason to stay the system's. TAP. */
#include <stdlib.h>
#include <winternl.h>

#include "lsp-core/host/api/api.h"
#include "lsp-core/host/provider/base.h"
#include "lsp-core/host/exports.h"
#include "lsp-core/host/redirect/real.h"
#include "lsp-core/host/redirect/redirect.h"
#include "tap.h"
#include "lsp-core/host/provider/thread.h"
#include "lsp-core/host/wsc/wsc.h"

#define ADDRESS(function) ((void *)(FARPROC)(void (*)(void))(function))
#define API(name)         ADDRESS(api_##name)
#define WSC(name)         ADDRESS(wsc_##name)
#define OWN               NULL /* a function that only the host's own files can name */

struct expected {
    const char *dll, *name;
    WORD ordinal; /* 0: not one of those that have had theirs since Windows Sockets 1.1 */
    void *replacement;
};

#define WS2 "ws2_32.dll"

/* clang-format off */
static const struct expected expected[] = {
    {WS2, "accept", 1, API(accept)}, {WS2, "bind", 2, API(bind)}, {WS2, "closesocket", 3, API(closesocket)},
    {WS2, "connect", 4, API(connect)}, {WS2, "getpeername", 5, API(getpeername)},
    {WS2, "getsockname", 6, API(getsockname)}, {WS2, "getsockopt", 7, API(getsockopt)},
    {WS2, "ioctlsocket", 10, API(ioctlsocket)}, {WS2, "listen", 13, API(listen)}, {WS2, "recv", 16, API(recv)},
    {WS2, "recvfrom", 17, API(recvfrom)}, {WS2, "select", 18, API(select)}, {WS2, "send", 19, API(send)},
    {WS2, "sendto", 20, API(sendto)}, {WS2, "setsockopt", 21, API(setsockopt)},
    {WS2, "shutdown", 22, API(shutdown)}, {WS2, "socket", 23, API(socket)},
    {WS2, "WSAAsyncSelect", 101, API(WSAAsyncSelect)}, {WS2, "WSASetBlockingHook", 109, API(WSASetBlockingHook)},
    {WS2, "WSAUnhookBlockingHook", 110, API(WSAUnhookBlockingHook)},
    {WS2, "WSACancelBlockingCall", 113, API(WSACancelBlockingCall)},
    {WS2, "WSAIsBlocking", 114, API(WSAIsBlocking)}, {WS2, "WSAStartup", 115, API(WSAStartup)},
    {WS2, "WSACleanup", 116, API(WSACleanup)}, {WS2, "__WSAFDIsSet", 151, API(__WSAFDIsSet)},
    {WS2, "WSAAccept", 0, API(WSAAccept)}, {WS2, "WSAAddressToStringA", 0, API(WSAAddressToStringA)},
    {WS2, "WSAAddressToStringW", 0, API(WSAAddressToStringW)}, {WS2, "WSAConnect", 0, API(WSAConnect)},
    {WS2, "WSAConnectByList", 0, API(WSAConnectByList)}, {WS2, "WSAConnectByNameA", 0, API(WSAConnectByNameA)},
    {WS2, "WSAConnectByNameW", 0, API(WSAConnectByNameW)},
    {WS2, "WSADuplicateSocketA", 0, API(WSADuplicateSocketA)},
    {WS2, "WSADuplicateSocketW", 0, API(WSADuplicateSocketW)},
    {WS2, "WSAEnumNetworkEvents", 0, API(WSAEnumNetworkEvents)},
    {WS2, "WSAEnumProtocolsA", 0, API(WSAEnumProtocolsA)}, {WS2, "WSAEnumProtocolsW", 0, API(WSAEnumProtocolsW)},
    {WS2, "WSAEventSelect", 0, API(WSAEventSelect)},
    {WS2, "WSAGetOverlappedResult", 0, API(WSAGetOverlappedResult)},
    {WS2, "WSAGetQOSByName", 0, API(WSAGetQOSByName)}, {WS2, "WSAHtonl", 0, API(WSAHtonl)},
    {WS2, "WSAHtons", 0, API(WSAHtons)}, {WS2, "WSAIoctl", 0, API(WSAIoctl)},
    {WS2, "WSAJoinLeaf", 0, API(WSAJoinLeaf)}, {WS2, "WSANtohl", 0, API(WSANtohl)},
    {WS2, "WSANtohs", 0, API(WSANtohs)}, {WS2, "WSAPoll", 0, API(WSAPoll)}, {WS2, "WSARecv", 0, API(WSARecv)},
    {WS2, "WSARecvDisconnect", 0, API(WSARecvDisconnect)}, {WS2, "WSARecvFrom", 0, API(WSARecvFrom)},
    {WS2, "WSASend", 0, API(WSASend)}, {WS2, "WSASendDisconnect", 0, API(WSASendDisconnect)},
    {WS2, "WSASendMsg", 0, API(WSASendMsg)}, {WS2, "WSASendTo", 0, API(WSASendTo)},
    {WS2, "WSASocketA", 0, API(WSASocketA)}, {WS2, "WSASocketW", 0, API(WSASocketW)},
    {WS2, "WSAStringToAddressA", 0, API(WSAStringToAddressA)},
    {WS2, "WSAStringToAddressW", 0, API(WSAStringToAddressW)},
    {WS2, "WPUCompleteOverlappedRequest", 0, OWN},

    {WS2, "WSCEnumProtocols", 0, WSC(WSCEnumProtocols)}, {WS2, "WSCGetProviderPath", 0, WSC(WSCGetProviderPath)},
    {WS2, "WSCInstallProvider", 0, WSC(WSCInstallProvider)},
    {WS2, "WSCUpdateProvider", 0, WSC(WSCUpdateProvider)},
    {WS2, "WSCDeinstallProvider", 0, WSC(WSCDeinstallProvider)},
    {WS2, "WSCWriteProviderOrder", 0, WSC(WSCWriteProviderOrder)},
    {WS2, "WSCSetProviderInfo", 0, WSC(WSCSetProviderInfo)},
    {WS2, "WSCGetProviderInfo", 0, WSC(WSCGetProviderInfo)},
    {WS2, "WSCSetApplicationCategory", 0, WSC(WSCSetApplicationCategory)},
    {WS2, "WSCGetApplicationCategory", 0, WSC(WSCGetApplicationCategory)},
    {WS2, "WSCInstallNameSpace", 0, WSC(WSCInstallNameSpace)},
    {WS2, "WSCInstallNameSpaceEx", 0, WSC(WSCInstallNameSpaceEx)},
    {WS2, "WSCUnInstallNameSpace", 0, WSC(WSCUnInstallNameSpace)},
    {WS2, "WSCEnableNSProvider", 0, WSC(WSCEnableNSProvider)},
    {WS2, "WSCWriteNameSpaceOrder", 0, WSC(WSCWriteNameSpaceOrder)},
    {WS2, "WSAEnumNameSpaceProvidersA", 0, WSC(WSAEnumNameSpaceProvidersA)},
    {WS2, "WSAEnumNameSpaceProvidersW", 0, WSC(WSAEnumNameSpaceProvidersW)},
    {WS2, "WSAEnumNameSpaceProvidersExA", 0, WSC(WSAEnumNameSpaceProvidersExA)},
    {WS2, "WSAEnumNameSpaceProvidersExW", 0, WSC(WSAEnumNameSpaceProvidersExW)},
    {WS2, "WSAProviderConfigChange", 0, WSC(WSAProviderConfigChange)},
#ifdef _WIN64
    {WS2, "WSCEnumProtocols32", 0, WSC(WSCEnumProtocols32)},
    {WS2, "WSCGetProviderPath32", 0, WSC(WSCGetProviderPath32)},
    {WS2, "WSCInstallProvider64_32", 0, WSC(WSCInstallProvider64_32)},
    {WS2, "WSCInstallProviderAndChains64_32", 0, WSC(WSCInstallProviderAndChains64_32)},
    {WS2, "WSCUpdateProvider32", 0, WSC(WSCUpdateProvider32)},
    {WS2, "WSCDeinstallProvider32", 0, WSC(WSCDeinstallProvider32)},
    {WS2, "WSCWriteProviderOrder32", 0, WSC(WSCWriteProviderOrder32)},
    {WS2, "WSCSetProviderInfo32", 0, WSC(WSCSetProviderInfo32)},
    {WS2, "WSCGetProviderInfo32", 0, WSC(WSCGetProviderInfo32)},
    {WS2, "WSCInstallNameSpace32", 0, WSC(WSCInstallNameSpace32)},
    {WS2, "WSCInstallNameSpaceEx32", 0, WSC(WSCInstallNameSpaceEx32)},
    {WS2, "WSCUnInstallNameSpace32", 0, WSC(WSCUnInstallNameSpace32)},
    {WS2, "WSCEnableNSProvider32", 0, WSC(WSCEnableNSProvider32)},
    {WS2, "WSCWriteNameSpaceOrder32", 0, WSC(WSCWriteNameSpaceOrder32)},
    {WS2, "WSCEnumNameSpaceProviders32", 0, WSC(WSCEnumNameSpaceProviders32)},
    {WS2, "WSCEnumNameSpaceProvidersEx32", 0, WSC(WSCEnumNameSpaceProvidersEx32)},
    {"sporder.dll", "WSCWriteProviderOrder32", 0, WSC(WSCWriteProviderOrder32)},
    {"sporder.dll", "WSCWriteNameSpaceOrder32", 0, WSC(WSCWriteNameSpaceOrder32)},
#else
    {WS2, "WSCInstallProviderAndChains", 0, WSC(WSCInstallProviderAndChains)},
#endif
    {"sporder.dll", "WSCWriteProviderOrder", 0, WSC(WSCWriteProviderOrder)},
    {"sporder.dll", "WSCWriteNameSpaceOrder", 0, WSC(WSCWriteNameSpaceOrder)},

    {"mswsock.dll", "AcceptEx", 0, API(AcceptEx)}, {"mswsock.dll", "TransmitFile", 0, API(TransmitFile)},
    {"mswsock.dll", "WSARecvEx", 0, API(WSARecvEx)}, {"mswsock.dll", "GetAcceptExSockaddrs", 0, API(GetAcceptExSockaddrs)},

    {"kernel32.dll", "GetProcAddress", 0, ADDRESS(base_get_proc_address)},
    {"kernel32.dll", "ReadFile", 0, OWN}, {"kernel32.dll", "WriteFile", 0, OWN},
    {"kernel32.dll", "ReadFileEx", 0, OWN}, {"kernel32.dll", "WriteFileEx", 0, OWN},
    {"kernel32.dll", "GetOverlappedResult", 0, OWN}, {"kernel32.dll", "GetOverlappedResultEx", 0, OWN},
    {"kernel32.dll", "CancelIo", 0, OWN}, {"kernel32.dll", "CancelIoEx", 0, OWN},
    {"kernel32.dll", "CreateIoCompletionPort", 0, OWN}, {"kernel32.dll", "DuplicateHandle", 0, OWN},
    {"kernel32.dll", "CloseHandle", 0, OWN}, {"kernel32.dll", "CreateProcessA", 0, OWN},
    {"kernel32.dll", "CreateProcessW", 0, OWN}, {"kernel32.dll", "CreateProcessAsUserA", 0, OWN},
    {"kernel32.dll", "CreateProcessAsUserW", 0, OWN}, {"kernel32.dll", "WinExec", 0, OWN},
    {"kernel32.dll", "LoadModule", 0, OWN},
    {"advapi32.dll", "CreateProcessAsUserA", 0, OWN}, {"advapi32.dll", "CreateProcessAsUserW", 0, OWN},
    {"advapi32.dll", "CreateProcessWithLogonW", 0, OWN}, {"advapi32.dll", "CreateProcessWithTokenW", 0, OWN},
};

static const struct {
    const char *why, *names;
} staying[] = {
    {"names and services are looked up by name space providers, without a socket",
     " FreeAddrInfoEx FreeAddrInfoExW FreeAddrInfoW GetAddrInfoExA GetAddrInfoExCancel GetAddrInfoExOverlappedResult"
     " GetAddrInfoExW GetAddrInfoW GetHostNameW GetNameInfoW SetAddrInfoExA SetAddrInfoExW WSAAdvertiseProvider"
     " WSAAsyncGetHostByAddr WSAAsyncGetHostByName WSAAsyncGetProtoByName WSAAsyncGetProtoByNumber"
     " WSAAsyncGetServByName WSAAsyncGetServByPort WSACancelAsyncRequest WSAGetServiceClassInfoA"
     " WSAGetServiceClassInfoW WSAGetServiceClassNameByClassIdA WSAGetServiceClassNameByClassIdW"
     " WSAInstallServiceClassA WSAInstallServiceClassW WSALookupServiceBeginA WSALookupServiceBeginW"
     " WSALookupServiceEnd WSALookupServiceNextA WSALookupServiceNextW WSANSPIoctl WSAProviderCompleteAsyncCall"
     " WSARemoveServiceClass WSASetServiceA WSASetServiceW WSAUnadvertiseProvider freeaddrinfo getaddrinfo"
     " gethostbyaddr gethostbyname gethostname getnameinfo getprotobyname getprotobynumber getservbyname"
     " getservbyport "},
    {"byte order and addresses as text, without a provider",
     " InetNtopW InetPtonW htonl htons inet_addr inet_ntoa inet_ntop inet_pton ntohl ntohs "},
    {"events and the last error are the kernel's",
     " WSACloseEvent WSACreateEvent WSAGetLastError WSAResetEvent WSASetEvent WSASetLastError"
     " WSAWaitForMultipleEvents "},
    {"\"Only Microsoft Winsock provider sockets are supported\"", " ProcessSocketNotifications "},
    {"without a page in the reference", " WEP WSApSetPostRoutine "},
};
/* clang-format on */

enum { EXPECTED = sizeof expected / sizeof expected[0], NAMES = 4096 };

/* What one DLL exported at first. */
struct exported {
    const char *name;
    WORD ordinal;
    void *address;
};

static struct exported before[NAMES];
static size_t before_count;

static void remember(HMODULE module)
{
    const char *base = (const char *)module;
    const IMAGE_NT_HEADERS *nt = (const void *)(base + ((const IMAGE_DOS_HEADER *)base)->e_lfanew);
    const IMAGE_EXPORT_DIRECTORY *exports = (const void *)(base + nt->OptionalHeader.DataDirectory[0].VirtualAddress);
    const DWORD *names = (const void *)(base + exports->AddressOfNames);
    const WORD *indexes = (const void *)(base + exports->AddressOfNameOrdinals);
    for (DWORD i = 0; i < exports->NumberOfNames && before_count < NAMES; i++) {
        struct exported *next = &before[before_count++];
        next->name = base + names[i];
        next->ordinal = (WORD)(exports->Base + indexes[i]);
        next->address = (void *)GetProcAddress(module, next->name);
    }
}

static const struct exported *find_before(const char *name)
{
    for (size_t i = 0; i < before_count; i++)
        if (strcmp(before[i].name, name) == 0)
            return &before[i];
    return NULL;
}

static const struct expected *find_expected(const char *dll, const char *name)
{
    for (size_t i = 0; i < EXPECTED; i++)
        if (strcmp(expected[i].dll, dll) == 0 && strcmp(expected[i].name, name) == 0)
            return &expected[i];
    return NULL;
}

static bool stays(const char *name)
{
    char word[80];
    bool found = false;
    snprintf(word, sizeof word, " %s ", name);
    for (size_t i = 0; i < sizeof staying / sizeof staying[0]; i++)
        found = found || strstr(staying[i].names, word) != NULL;
    return found;
}

/* Behind the jump by which an export table of 64 bits reaches far: jmp [rip+0] and the address. */
static void *behind_jump(void *address)
{
    void *target = address;
    if (sizeof(void *) == 8 && address != NULL && memcmp(address, "\xff\x25\0\0\0\0", 6) == 0)
        memcpy(&target, (const char *)address + 6, sizeof target);
    return target;
}

/* The host's code is linked into this program. */
static bool is_ours(void *address)
{
    const void *base;
    return RtlPcToFileHeader(address, (void **)&base) != NULL && base == (const void *)GetModuleHandleW(NULL);
}

static void *look_up(const char *dll, const char *name)
{
    return behind_jump((void *)GetProcAddress(LoadLibraryA(dll), name));
}

static void expect(bool good, const char *dll, const char *name, const char *what)
{
    if (!good) {
        tap_good = false;
        printf("# %s %s: %s\n", dll, name, what);
    }
}

static void each_function_is_the_right_one(void)
{
    for (size_t i = 0; i < EXPECTED; i++) {
        const struct expected *row = &expected[i];
        void *found = look_up(row->dll, row->name);
        bool added = strcmp(row->dll, WS2) == 0; /* also where the system lacks it */
        if (found == NULL && !added) {
            printf("# %s has no %s here\n", row->dll, row->name);
            continue;
        }
        expect(row->replacement == OWN ? is_ours(found) : found == row->replacement, row->dll, row->name,
               "leads elsewhere");
    }
}

/* Those that this program cannot name: no two of them are the same. */
static void no_function_stands_for_two(void)
{
    for (size_t i = 0; i < EXPECTED; i++) {
        for (size_t k = 0; k < i; k++) {
            void *one = look_up(expected[i].dll, expected[i].name), *other = look_up(expected[k].dll, expected[k].name);
            if (one != NULL && strcmp(expected[i].name, expected[k].name) != 0)
                expect(one != other, expected[i].dll, expected[i].name, expected[k].name);
        }
    }
}

static void ordinals_lead_to_the_same(void)
{
    HMODULE module = GetModuleHandleA(WS2);
    for (size_t i = 0; i < EXPECTED; i++) {
        const struct exported *old = find_before(expected[i].name);
        if (strcmp(expected[i].dll, WS2) != 0 || old == NULL)
            continue;
        WORD ordinal = expected[i].ordinal != 0 ? expected[i].ordinal : old->ordinal;
        expect(ordinal == old->ordinal, WS2, expected[i].name, "has another ordinal");
        expect(GetProcAddress(module, MAKEINTRESOURCEA(ordinal)) == GetProcAddress(module, expected[i].name), WS2,
               expected[i].name, "by ordinal");
    }
}

/* An export that neither list has is one that nobody has thought of; on a newer system, said only. */
static void nothing_else_is_touched(void)
{
    HMODULE module = GetModuleHandleA(WS2);
    for (size_t i = 0; i < before_count; i++) {
        const char *name = before[i].name;
        bool same = (void *)GetProcAddress(module, name) == before[i].address;
        if (find_expected(WS2, name) == NULL) {
            expect(same, WS2, name, "should have stayed the system's");
            if (!stays(name))
                printf("# %s exports %s, which is on no list\n", WS2, name);
        } else {
            expect(!same, WS2, name, "is still the system's");
            expect(!stays(name), WS2, name, "is on both lists");
        }
    }
}

static void other_ways_lead_to_them(void)
{
    static const char *const forwarded[] = {"bind", "closesocket", "connect", "send", "socket", "WSAStartup"};
    for (size_t i = 0; i < sizeof forwarded / sizeof forwarded[0]; i++)
        expect(look_up("wsock32.dll", forwarded[i]) == look_up(WS2, forwarded[i]), "wsock32.dll", forwarded[i],
               "is another");
    for (size_t i = 0; i < EXPECTED; i++) {
        void *beneath = look_up("kernelbase.dll", expected[i].name);
        if (strcmp(expected[i].dll, "kernel32.dll") == 0 && beneath != NULL)
            expect(beneath == look_up("kernel32.dll", expected[i].name) ||
                       look_up("kernel32.dll", expected[i].name) == NULL,
                   "kernelbase.dll", expected[i].name, "is another");
    }
    /* By the GetProcAddress that programs get. */
    HMODULE module = GetModuleHandleA(WS2);
    __typeof__(&GetProcAddress) get =
        (__typeof__(&GetProcAddress))(void *)GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "GetProcAddress");
    for (size_t i = 0; i < EXPECTED; i++)
        expect(strcmp(expected[i].dll, WS2) != 0 ||
                   get(module, expected[i].name) == GetProcAddress(module, expected[i].name),
               WS2, expected[i].name, "by GetProcAddress");
}

/* Imports of DLLs that are there before, and of one that comes later. */
static void imports_lead_to_them(void)
{
    static const char *const files[] = {"redirect_name1.dll", "redirect_ordinal1.dll", "redirect_wsock1.dll",
                                        "redirect_name2.dll"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        HMODULE user = LoadLibraryA(files[i]);
        void *(*address)(void) = (void *(*)(void))(void *)GetProcAddress(user, "user_address");
        expect(address != NULL && behind_jump(address()) == API(send), files[i], "send", "is imported past the host");
    }
}

int main(void)
{
    struct wsplsp_error error;
    setvbuf(stdout, NULL, _IONBF, 0);
    LoadLibraryA("redirect_name1.dll");
    LoadLibraryA("redirect_ordinal1.dll");
    LoadLibraryA("redirect_wsock1.dll");
    remember(LoadLibraryA(WS2));
    if (real_load(&error) != WSPLSP_OK || !thread_initialize())
        return 99;
    if (exports_install(&error) != WSPLSP_OK) {
        printf("Bail out! %s\n", error.message);
        return 99;
    }
    RUN(each_function_is_the_right_one);
    RUN(no_function_stands_for_two);
    RUN(ordinals_lead_to_the_same);
    RUN(nothing_else_is_touched);
    RUN(other_ways_lead_to_them);
    RUN(imports_lead_to_them);
    redirect_remove();
    return tap_end();
}
