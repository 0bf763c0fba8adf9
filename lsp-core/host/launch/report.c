/* The pipe to the launcher; see report.h. */
#include "report.h"

#include <stdio.h>
#include <string.h>

#include "config.h"
#include "lsp-core/win/errors_win.h"
#include "run_object.h"

#define PIPE_ROOM 0x10000

/* The launcher's. */
static HANDLE reading_end, reader;
static wchar_t last_message[RUN_OBJECT_NAME]; /* only the launcher knows it */
static struct report_list list;

bool report_create(SECURITY_ATTRIBUTES *attributes, HANDLE *end)
{
    wchar_t name[RUN_OBJECT_NAME];
    if (!run_object_name(name, L"\\\\.\\pipe\\wsplsp-") || !run_object_name(last_message, L""))
        return false;
    reading_end = CreateNamedPipeW(name, PIPE_ACCESS_INBOUND | FILE_FLAG_FIRST_PIPE_INSTANCE,
                                   PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
                                   1, 0, PIPE_ROOM, 0, attributes);
    if (reading_end == INVALID_HANDLE_VALUE)
        return false;
    *end = CreateFileW(name, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS, NULL);
    return *end != INVALID_HANDLE_VALUE;
}

static DWORD WINAPI read_reports(void *context)
{
    char bytes[sizeof(struct report_message)];
    DWORD size;
    (void)context;
    for (;;) {
        if (!ReadFile(reading_end, bytes, sizeof bytes, &size, NULL) && GetLastError() != ERROR_MORE_DATA)
            return 0;
        if (size == sizeof last_message && memcmp(bytes, last_message, size) == 0)
            return 0;
        report_list_take(&list, bytes, size);
    }
}

enum wsplsp_status report_start(struct wsplsp_error *error)
{
    reader = CreateThread(NULL, 0, read_reports, NULL, 0, NULL);
    if (reader != NULL)
        return WSPLSP_OK;
    DWORD code = GetLastError();
    return wsplsp_fail(error, WSPLSP_SYSTEM, code, errors_win_name(code), "cannot wait for the processes' reports");
}

void report_finish(struct report_list *result)
{
    DWORD written;
    if (reader != NULL && WriteFile(config_report_pipe(), last_message, sizeof last_message, &written, NULL)) {
        WaitForSingleObject(reader, INFINITE);
        CloseHandle(reader);
        reader = NULL;
        report_list_close(&list);
    }
    *result = list;
    list = (struct report_list){NULL, 0, 0, 0};
}

void report_send(enum report_kind kind, DWORD process, const struct wsplsp_error *error)
{
    DWORD last_error = GetLastError(), written;
    struct report_message message;
    memset(&message, 0, sizeof message);
    message.kind = kind;
    message.process = process;
    if (error != NULL) {
        message.code = error->code;
        snprintf(message.name, sizeof message.name, "%s", error->name);
        snprintf(message.message, sizeof message.message, "%s", error->message);
    }
    WriteFile(config_report_pipe(), &message, sizeof message, &written, NULL);
    SetLastError(last_error);
}
