/* The trace's file, clocks and thread pointers on Windows; see os.h. */
#include "os.h"

#include <cpuid.h>
#include <wchar.h>
#include <windows.h>
#include <winternl.h>

#define TEB_SLOTS 64 /* TlsSlots of the TEB; the slots above are behind another pointer */

uintptr_t trace_os_slot;

static DWORD slot = TLS_OUT_OF_INDEXES;
static HANDLE file = INVALID_HANDLE_VALUE;

static bool get_slot(void)
{
    if (slot != TLS_OUT_OF_INDEXES)
        return true;
    DWORD index = TlsAlloc();
    if (index == TLS_OUT_OF_INDEXES)
        return false;
    trace_os_slot = index < TEB_SLOTS ? offsetof(TEB, TlsSlots) + index * sizeof(void *) : 0;
    slot = index;
    return true;
}

struct trace_writer *trace_os_writer_above(void)
{
    DWORD last_error = GetLastError();
    struct trace_writer *writer = slot == TLS_OUT_OF_INDEXES ? NULL : TlsGetValue(slot);
    SetLastError(last_error);
    return writer;
}

/* The loader calls it on each thread that ends; see the layer's DllMain, which does no work. */
static void NTAPI thread_ended(void *module, DWORD reason, void *reserved)
{
    (void)module, (void)reserved;
    if (reason == DLL_THREAD_DETACH && slot != TLS_OUT_OF_INDEXES)
        trace_thread_end();
    else if (reason == DLL_PROCESS_DETACH)
        trace_stop();
}

/* Among the callbacks of the image's TLS directory ("PE Format", The .tls Section). */
__attribute__((section(".CRT$XLY"), used)) static const PIMAGE_TLS_CALLBACK thread_callback = thread_ended;

/* CREATE_NEW fails on every name that is there, a link's too: nobody can lead the file to another place. Who may read
 * it is up to its folder. */
bool trace_os_create(const trace_char *name)
{
    DWORD last_error = GetLastError();
    if (get_slot())
        file = CreateFileW(name, GENERIC_READ | GENERIC_WRITE | DELETE, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL,
                           CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    SetLastError(last_error);
    return file != INVALID_HANDLE_VALUE;
}

void trace_os_discard(void)
{
    DWORD last_error = GetLastError();
    FILE_DISPOSITION_INFO disposition = {TRUE};
    SetFileInformationByHandle(file, FileDispositionInfo, &disposition, sizeof disposition);
    CloseHandle(file);
    file = INVALID_HANDLE_VALUE;
    SetLastError(last_error);
}

/* A section larger than its file lengthens it, and takes the room on the disk: a full disk is an error here, not an
 * exception in the program at some later write. */
void *trace_os_map(uint64_t offset, size_t bytes)
{
    DWORD last_error = GetLastError();
    uint64_t end = offset + bytes;
    void *address = NULL;
    HANDLE section = CreateFileMappingW(file, NULL, PAGE_READWRITE, (DWORD)(end >> 32), (DWORD)end, NULL);
    if (section != NULL) {
        address = MapViewOfFile(section, FILE_MAP_WRITE, (DWORD)(offset >> 32), (DWORD)offset, bytes);
        CloseHandle(section);
    }
    SetLastError(last_error);
    return address;
}

void trace_os_unmap(void *address, size_t bytes)
{
    (void)bytes;
    DWORD last_error = GetLastError();
    UnmapViewOfFile(address);
    SetLastError(last_error);
}

void trace_os_set_writer(struct trace_writer *writer)
{
    DWORD last_error = GetLastError();
    TlsSetValue(slot, writer);
    SetLastError(last_error);
}

uint32_t trace_os_process(void)
{
    return GetCurrentProcessId();
}

uint32_t trace_os_thread(void)
{
    return GetCurrentThreadId();
}

bool trace_os_thread_lives(uint32_t thread)
{
    DWORD last_error = GetLastError();
    HANDLE handle = OpenThread(SYNCHRONIZE, FALSE, thread);
    /* ERROR_INVALID_PARAMETER: no such thread. Where it cannot be told, it lives. */
    bool lives =
        handle == NULL ? GetLastError() != ERROR_INVALID_PARAMETER : WaitForSingleObject(handle, 0) != WAIT_OBJECT_0;
    if (handle != NULL)
        CloseHandle(handle);
    SetLastError(last_error);
    return lives;
}

void trace_os_image(uint16_t *image)
{
    DWORD last_error = GetLastError();
    DWORD length = GetModuleFileNameW(NULL, (wchar_t *)image, WSPLSP_TRACE_IMAGE);
    image[length < WSPLSP_TRACE_IMAGE ? length : WSPLSP_TRACE_IMAGE - 1] = 0;
    SetLastError(last_error);
}

uint64_t trace_os_counter(void)
{
    LARGE_INTEGER counter;
    QueryPerformanceCounter(&counter);
    return (uint64_t)counter.QuadPart;
}

uint64_t trace_os_frequency(void)
{
    LARGE_INTEGER frequency;
    QueryPerformanceFrequency(&frequency);
    return (uint64_t)frequency.QuadPart;
}

uint64_t trace_os_file_time(void)
{
    FILETIME time;
    GetSystemTimeAsFileTime(&time);
    return (uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

/* CPUID leaf 0x80000007, EDX bit 8: the invariant TSC of Intel's and AMD's manuals. */
bool trace_os_tsc_is_steady(void)
{
    unsigned eax, ebx, ecx, edx;
    return __get_cpuid(0x80000007u, &eax, &ebx, &ecx, &edx) != 0 && (edx & 1u << 8) != 0;
}
