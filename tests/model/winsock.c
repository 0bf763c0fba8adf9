/* The model's Winsock: a catalog, and upcalls that say no; see model.h. */
#include <stdio.h>
#include <string.h>

#include "model.h"

struct model model;
struct notes notes;
int wrongs;

/* What WPUCreateSocketHandle has given out: numbers, since nothing here is asked of the kernel. */
enum { FIRST_CREATED = 0x200000, CREATED = 4096 };
static struct {
    DWORD_PTR context;
    bool open;
} created[CREATED];
static int created_count;

void model_forget(void)
{
    notes.count = notes.closed = notes.base_closes = 0;
    notes.base_socket = notes.base_sent = INVALID_SOCKET;
}

void wrong(const char *rule)
{
    wrongs++;
    printf("# against the rule: %s\n", rule);
}

bool same_info(const WSAPROTOCOL_INFOW *a, const WSAPROTOCOL_INFOW *b)
{
    WSAPROTOCOL_INFOW copy;
    if (a == NULL || b == NULL)
        return false;
    copy = *a;
    copy.dwProviderReserved = b->dwProviderReserved;
    return memcmp(&copy, b, sizeof(copy)) == 0;
}

static void note(enum note what, SOCKET s, int table)
{
    if (notes.count < NOTES) {
        notes.note[notes.count].what = what;
        notes.note[notes.count].handle = s;
        notes.note[notes.count].table = table;
    }
    notes.count++;
}

static int index_of(SOCKET s)
{
    size_t index = (s - FIRST_CREATED) / 4;
    return s >= FIRST_CREATED && s % 4 == 0 && index < (size_t)created_count && created[index].open ? (int)index : -1;
}

bool model_is_handle(SOCKET s)
{
    return index_of(s) >= 0;
}

/* "Descriptor identifying the calling service provider": the entry that the socket's provider was started with. */
static bool check_caller(DWORD id, INT *error)
{
    if (id == model.chain.dwCatalogEntryId)
        return true;
    wrong("an upcall names the chain's entry, by which the provider was started");
    *error = WSAEINVAL;
    return false;
}

static SOCKET modify(DWORD id, SOCKET proposed, INT *error, int table)
{
    if (!check_caller(id, error))
        return INVALID_SOCKET;
    if (!provider_is_handle(proposed) && !model_is_handle(proposed)) {
        wrong("WPUModifyIFSHandle is for handles that a provider has allocated");
        *error = WSAEINVAL;
        return INVALID_SOCKET;
    }
    note(NOTE_MODIFY, proposed, table);
    return proposed;
}

static SOCKET create(DWORD id, DWORD_PTR context, INT *error, int table)
{
    if (!check_caller(id, error))
        return INVALID_SOCKET;
    if (created_count == CREATED) {
        *error = WSAENOBUFS;
        return INVALID_SOCKET;
    }
    created[created_count].open = true;
    created[created_count].context = context;
    SOCKET s = FIRST_CREATED + 4 * (SOCKET)created_count++;
    note(NOTE_CREATE, s, table);
    return s;
}

static SOCKET WSPAPI modify_0(DWORD id, SOCKET s, INT *error)
{
    return modify(id, s, error, 0);
}

static SOCKET WSPAPI modify_1(DWORD id, SOCKET s, INT *error)
{
    return modify(id, s, error, 1);
}

static SOCKET WSPAPI create_0(DWORD id, DWORD_PTR context, INT *error)
{
    return create(id, context, error, 0);
}

static SOCKET WSPAPI create_1(DWORD id, DWORD_PTR context, INT *error)
{
    return create(id, context, error, 1);
}

static int WSPAPI close_handle(SOCKET s, INT *error)
{
    int index = index_of(s);
    if (index < 0) {
        wrong("WPUCloseSocketHandle is for open handles of WPUCreateSocketHandle");
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    created[index].open = false;
    notes.closed++;
    return 0;
}

static int WSPAPI query_context(SOCKET s, DWORD_PTR *context, INT *error)
{
    int index = index_of(s);
    if (index < 0) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    *context = created[index].context;
    return 0;
}

static WSAEVENT WSPAPI create_event(INT *error)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (event == NULL)
        *error = WSA_NOT_ENOUGH_MEMORY;
    return event;
}

static WINBOOL WSPAPI close_event(WSAEVENT event, INT *error)
{
    *error = WSA_INVALID_HANDLE;
    return CloseHandle(event);
}

static WINBOOL WSPAPI set_event(WSAEVENT event, INT *error)
{
    *error = WSA_INVALID_HANDLE;
    return SetEvent(event);
}

static WINBOOL WSPAPI reset_event(WSAEVENT event, INT *error)
{
    *error = WSA_INVALID_HANDLE;
    return ResetEvent(event);
}

static int WSPAPI query_blocking(DWORD id, LPBLOCKINGCALLBACK *callback, DWORD_PTR *context, INT *error)
{
    (void)context;
    *callback = NULL;
    return check_caller(id, error) ? 0 : SOCKET_ERROR;
}

static int WSPAPI queue_apc(WSATHREADID *thread, LPWSAUSERAPC routine, DWORD_PTR context, INT *error)
{
    *error = WSAEFAULT;
    return QueueUserAPC((PAPCFUNC)routine, thread->ThreadHandle, context) != 0 ? 0 : SOCKET_ERROR;
}

static int WSPAPI open_thread(WSATHREADID *thread, INT *error)
{
    (void)error;
    DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &thread->ThreadHandle, 0, FALSE,
                    DUPLICATE_SAME_ACCESS);
    thread->Reserved = GetCurrentThreadId();
    return 0;
}

static int WSPAPI close_thread(WSATHREADID *thread, INT *error)
{
    *error = WSAEFAULT;
    return CloseHandle(thread->ThreadHandle) ? 0 : SOCKET_ERROR;
}

static WINBOOL WSPAPI post_message(HWND window, UINT message, WPARAM wide, LPARAM narrow)
{
    (void)window;
    (void)message;
    (void)wide;
    (void)narrow;
    return FALSE;
}

static int WSPAPI is_set(SOCKET s, fd_set *set)
{
    for (u_int i = 0; i < set->fd_count; i++)
        if (set->fd_array[i] == s)
            return 1;
    return 0;
}

/* ---- the catalog */

static int WSPAPI enum_protocols(INT *protocols, WSAPROTOCOL_INFOW *buffer, DWORD *length, INT *error)
{
    DWORD needed = (DWORD)((size_t)(model.depth + 2) * sizeof(*buffer));
    if (protocols != NULL || *length < needed || buffer == NULL) {
        *length = needed;
        *error = WSAENOBUFS;
        return SOCKET_ERROR;
    }
    buffer[0] = model.chain;
    buffer[1] = model.base;
    memcpy(buffer + 2, model.own, (size_t)model.depth * sizeof(*buffer));
    return model.depth + 2;
}

static const wchar_t *path_of(const GUID *id)
{
    static wchar_t program[MAX_PATH];
    GetModuleFileNameW(NULL, program, MAX_PATH);
    if (memcmp(id, &model.base.ProviderId, sizeof(*id)) == 0)
        return program;
    if (memcmp(id, &model.chain.ProviderId, sizeof(*id)) == 0)
        return model.path[0];
    for (int i = 0; i < model.depth; i++)
        if (memcmp(id, &model.own[i].ProviderId, sizeof(*id)) == 0)
            return model.path[i];
    return NULL;
}

static int WSPAPI provider_path(GUID *id, WCHAR *path, INT *length, INT *error)
{
    const wchar_t *found = path_of(id);
    if (found == NULL || *length <= (INT)wcslen(found)) {
        *error = found == NULL ? WSAEINVAL : WSAEFAULT;
        return SOCKET_ERROR;
    }
    wcscpy(path, found);
    *length = (INT)wcslen(found) + 1;
    return 0;
}

static int WSPAPI complete_request(SOCKET s, WSAOVERLAPPED *overlapped, DWORD status, DWORD bytes, INT *error)
{
    (void)s;
    (void)overlapped;
    (void)status;
    (void)bytes;
    *error = WSAEINVAL;
    return SOCKET_ERROR;
}

const WSPUPCALLTABLE *model_upcalls(int table)
{
    static WSPUPCALLTABLE tables[2];
    for (int i = 0; i < 2; i++)
        tables[i] = (WSPUPCALLTABLE){
            .lpWPUCloseEvent = close_event,
            .lpWPUCloseSocketHandle = close_handle,
            .lpWPUCreateEvent = create_event,
            .lpWPUCreateSocketHandle = i == 0 ? create_0 : create_1,
            .lpWPUFDIsSet = is_set,
            .lpWPUGetProviderPath = provider_path,
            .lpWPUModifyIFSHandle = i == 0 ? modify_0 : modify_1,
            .lpWPUPostMessage = post_message,
            .lpWPUQueryBlockingCallback = query_blocking,
            .lpWPUQuerySocketHandleContext = query_context,
            .lpWPUQueueApc = queue_apc,
            .lpWPUResetEvent = reset_event,
            .lpWPUSetEvent = set_event,
            .lpWPUOpenCurrentThread = open_thread,
            .lpWPUCloseThread = close_thread,
        };
    return &tables[table];
}

/* ---- the layers' DLLs */

static void *replacement(const char *name)
{
    if (strcmp(name, "WSCEnumProtocols") == 0)
        return (void *)enum_protocols;
    if (strcmp(name, "WSCGetProviderPath") == 0)
        return (void *)provider_path;
    if (strcmp(name, "WPUCompleteOverlappedRequest") == 0)
        return (void *)complete_request;
    return NULL;
}

/* A provider's DLL asks Ws2_32.dll for the catalog: it gets this one. */
void model_take_over(HMODULE layer)
{
    char *image = (char *)layer;
    IMAGE_NT_HEADERS *headers = (IMAGE_NT_HEADERS *)(image + ((IMAGE_DOS_HEADER *)image)->e_lfanew);
    IMAGE_IMPORT_DESCRIPTOR *dll =
        (IMAGE_IMPORT_DESCRIPTOR *)(image +
                                    headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress);
    for (; dll->Name != 0; dll++) {
        IMAGE_THUNK_DATA *name = (IMAGE_THUNK_DATA *)(image + dll->OriginalFirstThunk);
        IMAGE_THUNK_DATA *address = (IMAGE_THUNK_DATA *)(image + dll->FirstThunk);
        for (; name->u1.AddressOfData != 0; name++, address++) {
            DWORD before;
            if (IMAGE_SNAP_BY_ORDINAL(name->u1.Ordinal))
                continue;
            void *own = replacement(((IMAGE_IMPORT_BY_NAME *)(image + name->u1.AddressOfData))->Name);
            if (own == NULL)
                continue;
            VirtualProtect(address, sizeof(*address), PAGE_READWRITE, &before);
            memcpy(address, &own, sizeof(own));
            VirtualProtect(address, sizeof(*address), before, &before);
        }
    }
}

LPWSPSTARTUP model_startup_of(const wchar_t *path)
{
    HMODULE module = GetModuleHandleW(path);
    return module == NULL ? NULL : (LPWSPSTARTUP)(void *)GetProcAddress(module, "WSPStartup");
}
