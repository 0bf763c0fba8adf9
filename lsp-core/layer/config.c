/* The layer's settings; see config.h. They are taken over by one thread at a time, and under no lock: that loads the
 * filter, whose DllMain or start may call the layer, or wait for another thread that does. Who comes meanwhile waits,
 * as for a chain's start (chain_start.c), and holds nothing but what it came with; after a limit it goes on without the
 * trace, and not at all where there is to be a filter (filter.h). */
#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "lsp-core/layer/chain/winsock_spi.h"

#include "lsp-core/layer/chain/ending.h"
#include "lsp-core/layer/filter/filter.h"
#include "lsp-core/layer/spi/spi.h"
#include "lsp-core/layer/trace/write.h"
#include "wsplsp/layer.h"

/* For a thread that takes settings over. */
enum { SETTINGS_MILLISECONDS = 3000 };

static struct {
    SRWLOCK lock; /* of the other members; nothing is done under it but to look at them */
    CONDITION_VARIABLE changed;
    DWORD thread; /* takes settings over; 0: none */
    bool decided; /* by the host or the registry */
} settings;

/* False: another thread does not come to an end, or this one is at it already, further up its stack. */
static bool await_turn(void)
{
    const ULONGLONG begin = GetTickCount64();
    ULONGLONG waited = 0;
    while (settings.thread != 0 && settings.thread != GetCurrentThreadId() && waited < SETTINGS_MILLISECONDS &&
           SleepConditionVariableSRW(&settings.changed, &settings.lock, SETTINGS_MILLISECONDS - (DWORD)waited, 0))
        waited = GetTickCount64() - begin;
    return settings.thread == 0;
}

/* True: this thread is to take settings over, and then says so (finish). `once`: unless that has been done. */
static bool claim(bool once)
{
    AcquireSRWLockExclusive(&settings.lock);
    bool claimed = await_turn() && !(once && settings.decided);
    if (claimed) {
        settings.thread = GetCurrentThreadId();
        settings.decided = true;
    }
    ReleaseSRWLockExclusive(&settings.lock);
    return claimed;
}

static void finish(void)
{
    AcquireSRWLockExclusive(&settings.lock);
    settings.thread = 0;
    ReleaseSRWLockExclusive(&settings.lock);
    WakeAllConditionVariable(&settings.changed);
}

/* A thread may be inside of a traced call at any time, and goes on in this DLL. */
static bool start_trace(const wchar_t *file, uint32_t data_bytes)
{
    HMODULE self;
    return GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                              (const wchar_t *)(void *)&settings, &self) &&
           trace_start(file, data_bytes);
}

__declspec(dllexport) int WINAPI wsplsp_layer_configure(const struct wsplsp_layer_config *config)
{
    const uint32_t without_filter = offsetof(struct wsplsp_layer_config, filter_file);
    int error = 0;
    if (config == NULL || config->size < without_filter)
        return WSAEINVAL;
    if (process_is_ending() || !claim(false))
        return WSAEINPROGRESS;
    if (config->trace_file != NULL && !start_trace(config->trace_file, config->trace_data_bytes))
        error = WSASYSNOTREADY;
    /* After the trace, which sees what passes between the filter and the next provider. */
    if (config->size >= sizeof(*config) && config->filter_file != NULL) {
        int refused =
            filter_load(config->filter_file, (config->flags & WSPLSP_LAYER_VERBOSE) != 0, spi_put_filter_over);
        error = refused != 0 ? refused : error;
    }
    DWORD last_error = GetLastError();
    finish();
    SetLastError(last_error);
    return error;
}

__declspec(dllexport) void WINAPI wsplsp_layer_trace_upcall(uint32_t function, uint32_t id, uint32_t chain, int error)
{
    struct trace_call call;
    if (!trace_is_on())
        return;
    trace_begin(&call, function, INVALID_SOCKET, id);
    trace_arguments(&call, id, chain, 0, 0);
    trace_end(&call, error == 0 ? 0 : SOCKET_ERROR, error);
}

/* The value, with two zeros behind it; NULL where there is none of that type. Freed by free(). */
static wchar_t *read_text(HKEY key, const wchar_t *name, DWORD wanted)
{
    DWORD type, size = 0;
    if (RegQueryValueExW(key, name, NULL, &type, NULL, &size) != ERROR_SUCCESS || type != wanted)
        return NULL;
    wchar_t *text = calloc(1, size + 2 * sizeof(*text));
    if (text != NULL && RegQueryValueExW(key, name, NULL, &type, (BYTE *)text, &size) == ERROR_SUCCESS &&
        type == wanted)
        return text;
    free(text);
    return NULL;
}

static bool is_named(const wchar_t *programs, const wchar_t *path, const wchar_t *name)
{
    for (const wchar_t *entry = programs; *entry != 0; entry += wcslen(entry) + 1)
        if (_wcsicmp(entry, wcschr(entry, '\\') == NULL ? name : path) == 0)
            return true;
    return false;
}

static bool absolute(const wchar_t *folder)
{
    return folder[0] != 0 && folder[1] == ':' && folder[2] == '\\';
}

static void start_in(const wchar_t *folder, const wchar_t *program, uint32_t data_bytes)
{
    wchar_t file[2 * MAX_PATH];
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    int length = _snwprintf(file, 2 * MAX_PATH, L"%ls\\%ls-%lu-%08lx%08lx.wsptrace", folder, program,
                            GetCurrentProcessId(), now.dwHighDateTime, now.dwLowDateTime);
    if (length > 0 && length < 2 * MAX_PATH)
        start_trace(file, data_bytes);
}

/* What is missing or of another type means: no trace. */
static void read_trace(HKEY key)
{
    wchar_t path[MAX_PATH];
    DWORD type, data_bytes = 0, size = sizeof(data_bytes);
    DWORD length = GetModuleFileNameW(NULL, path, MAX_PATH);
    wchar_t *programs = read_text(key, WSPLSP_LAYER_TRACE_PROGRAMS, REG_MULTI_SZ);
    wchar_t *folder = read_text(key, WSPLSP_LAYER_TRACE_FOLDER, REG_SZ);
    if (RegQueryValueExW(key, WSPLSP_LAYER_TRACE_DATA, NULL, &type, (BYTE *)&data_bytes, &size) != ERROR_SUCCESS ||
        type != REG_DWORD)
        data_bytes = 0;
    if (programs != NULL && folder != NULL && absolute(folder) && length > 0 && length < MAX_PATH) {
        const wchar_t *name = wcsrchr(path, '\\');
        name = name == NULL ? path : name + 1;
        if (is_named(programs, path, name))
            start_in(folder, name, data_bytes);
    }
    free(programs);
    free(folder);
}

void config_read(void)
{
    HKEY key;
    if (!claim(true))
        return;
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, WSPLSP_LAYER_TRACE_KEY, 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY, &key) ==
        ERROR_SUCCESS) {
        read_trace(key);
        RegCloseKey(key);
    }
    finish();
}
