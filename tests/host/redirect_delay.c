/* redirect_user.c with a delayed import. Made by hand, at load time: MinGW's linker never fills in the directory that
 * names a module's delayed imports, as Microsoft's does. */
#include <winsock2.h>

#include <stddef.h>

static struct {
    WORD hint;
    char name[6];
} by_name = {0, "send"};
static const char dll[] = "ws2_32.dll";
static IMAGE_THUNK_DATA names[2];
static IMAGE_THUNK_DATA slots[2];
static IMAGE_DELAYLOAD_DESCRIPTOR descriptors[2];

extern IMAGE_DOS_HEADER __ImageBase;

static DWORD rva(const void *place)
{
    return (DWORD)((const char *)place - (const char *)&__ImageBase);
}

/* What stands in the slot until the first call: Microsoft's helper does the same. */
static int WSAAPI bind_and_send(SOCKET socket, const char *bytes, int size, int flags)
{
    int(WSAAPI * bound)(SOCKET, const char *, int, int);
    bound = (int(WSAAPI *)(SOCKET, const char *, int, int))(void *)GetProcAddress(LoadLibraryA(dll), by_name.name);
    slots[0].u1.Function = (ULONG_PTR)(void *)bound;
    return bound(socket, bytes, size, flags);
}

__declspec(dllexport) int user_send(const char *bytes, int size)
{
    int(WSAAPI * slot)(SOCKET, const char *, int, int);
    slot = (int(WSAAPI *)(SOCKET, const char *, int, int))(void *)(*(volatile ULONG_PTR *)&slots[0].u1.Function);
    return slot(INVALID_SOCKET, bytes, size, 0);
}

__declspec(dllexport) void *user_address(void)
{
    return (void *)(*(volatile ULONG_PTR *)&slots[0].u1.Function);
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    (void)reserved;
    if (reason != DLL_PROCESS_ATTACH)
        return TRUE;
    IMAGE_NT_HEADERS *nt = (IMAGE_NT_HEADERS *)((char *)module + __ImageBase.e_lfanew);
    IMAGE_DATA_DIRECTORY *place = &nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT];
    DWORD before;
    names[0].u1.AddressOfData = rva(&by_name);
    slots[0].u1.Function = (ULONG_PTR)(void *)bind_and_send;
    descriptors[0].Attributes.RvaBased = 1;
    descriptors[0].DllNameRVA = rva(dll);
    descriptors[0].ImportAddressTableRVA = rva(slots);
    descriptors[0].ImportNameTableRVA = rva(names);
    if (!VirtualProtect(place, sizeof *place, PAGE_READWRITE, &before))
        return FALSE;
    *place = (IMAGE_DATA_DIRECTORY){rva(descriptors), sizeof descriptors};
    return VirtualProtect(place, sizeof *place, before, &before);
}
