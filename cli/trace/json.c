/* The JSON of calls and processes; see json.h. */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/base/memory.h"
#include "cli/out/json.h"
#include "lsp-core/trace/names.h"
#include "lsp-core/trace/text.h"

void trace_json_time(cJSON *object, const char *name, uint64_t time)
{
    char text[48];
    trace_time_text(time, 9, text);
    text[10] = 'T';
    strcat(text, "Z");
    cJSON_AddStringToObject(object, name, text);
}

static void add_address(cJSON *object, const struct wsplsp_trace_record *record)
{
    char text[TRACE_ADDRESS_ROOM];
    trace_address_text(record, text);
    if (text[0] == '\0') {
        cJSON_AddNullToObject(object, "address");
        return;
    }
    cJSON *address = cJSON_AddObjectToObject(object, "address");
    json_text(address, "side", record->address_kind == WSPLSP_TRACE_LOCAL ? "local" : "remote");
    json_text(address, "text", text);
}

static void add_arguments(cJSON *object, const struct trace_event *event)
{
    struct trace_value values[WSPLSP_TRACE_ARGUMENTS];
    size_t count = trace_arguments_of(event->record, event->under_way, values);
    cJSON *arguments = cJSON_AddArrayToObject(object, "arguments");
    for (size_t i = 0; i < count; i++) {
        cJSON *argument = cJSON_CreateObject();
        json_text(argument, "name", values[i].name);
        cJSON_AddNumberToObject(argument, "value", values[i].value);
        json_text(argument, "text", values[i].text[0] != '\0' ? values[i].text : NULL);
        cJSON_AddItemToArray(arguments, argument);
    }
}

static void add_error(cJSON *object, const struct trace_event *event)
{
    int32_t code = event->record->error;
    if (event->under_way || code == 0) {
        cJSON_AddNullToObject(object, "error");
        return;
    }
    cJSON *error = cJSON_AddObjectToObject(object, "error");
    cJSON_AddNumberToObject(error, "code", code);
    json_text(error, "name", trace_error_name(code));
}

static void add_data(cJSON *object, const struct trace_event *event)
{
    size_t length;
    const uint8_t *data = trace_event_data(event, &length);
    char *text = length == 0 ? NULL : memory_alloc(2 * length + 1);
    for (size_t i = 0; i < length; i++)
        snprintf(text + 2 * i, 3, "%02x", data[i]);
    json_text(object, "data", text);
    free(text);
}

static void add_result(cJSON *object, const struct trace_event *event)
{
    const struct wsplsp_trace_record *record = event->record;
    cJSON_AddBoolToObject(object, "under_way", event->under_way);
    cJSON_AddBoolToObject(object, "pending", !event->under_way && (record->flags & WSPLSP_TRACE_PENDING) != 0);
    json_number_or_null(object, "result", !event->under_way, record->result);
    add_error(object, event);
    json_number_or_null(object, "bytes_done", !event->under_way, record->done);
    json_number_or_null(object, "duration_ns", !event->under_way, (double)event->duration);
}

void trace_json_call(cJSON *object, const struct trace *trace, const struct trace_event *event)
{
    const struct wsplsp_trace_record *record = event->record;
    trace_json_time(object, "time", event->time);
    cJSON_AddNumberToObject(object, "seconds", trace_seconds(trace, event));
    cJSON_AddNumberToObject(object, "process_id", event->process->id);
    cJSON_AddNumberToObject(object, "thread_id", record->thread);
    cJSON_AddNumberToObject(object, "layer", record->provider);
    cJSON_AddBoolToObject(object, "nested", event->nested);
    json_text(object, "kind", trace_is_completion(event) ? "completion" : "call");
    cJSON_AddNumberToObject(object, "function", record->function);
    json_text(object, "function_name", trace_function_name(record->function));
    cJSON_AddNumberToObject(object, "socket", (double)record->socket);
    json_number_or_null(object, "other_socket", record->other != 0, (double)record->other);
    json_number_or_null(object, "overlapped", record->overlapped != 0, (double)record->overlapped);
    cJSON_AddBoolToObject(object, "completion_routine", (record->flags & WSPLSP_TRACE_ROUTINE) != 0);
    add_arguments(object, event);
    add_address(object, record);
    cJSON_AddNumberToObject(object, "bytes_asked", record->asked);
    add_result(object, event);
    add_data(object, event);
}

static cJSON *process_json(const struct trace_process *process)
{
    cJSON *object = cJSON_CreateObject();
    json_text(object, "file", process->path);
    json_text(object, "program", process->image);
    cJSON_AddNumberToObject(object, "process_id", process->id);
    cJSON_AddNumberToObject(object, "bits", process->bits);
    trace_json_time(object, "start", process->start);
    cJSON_AddBoolToObject(object, "ended", process->ended);
    cJSON_AddNumberToObject(object, "data_bytes", process->data_bytes);
    cJSON_AddNumberToObject(object, "dropped", (double)process->dropped);
    cJSON_AddNumberToObject(object, "lost", (double)process->lost);
    cJSON_AddNumberToObject(object, "torn", (double)process->torn);
    cJSON_AddBoolToObject(object, "cut_short", process->cut_short);
    return object;
}

void trace_json_processes(cJSON *object, const struct trace *trace)
{
    cJSON *processes = cJSON_AddArrayToObject(object, "processes");
    for (size_t i = 0; i < trace->process_count; i++)
        cJSON_AddItemToArray(processes, process_json(trace->processes[i]));
}
