/* The JSON Schemas of `wsplsp trace`; see schema_trace.h. The objects are made in cli/trace/json.c and cmd_trace*.c. */
#include "schema_trace.h"

#include <stdint.h>

#include "schema_parts.h"
#include "wsplsp/trace.h"

static cJSON *part_time(void)
{
    return part_pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{9}Z$");
}

static cJSON *part_bits(void)
{
    static const int bits[] = {64, 32};
    cJSON *part = cJSON_CreateObject();
    cJSON_AddItemToObject(part, "enum", cJSON_CreateIntArray(bits, 2));
    return part;
}

static cJSON *part_address(void)
{
    static const char *const sides[] = {"local", "remote", NULL};
    cJSON *part = part_object();
    part_field(part, "side", part_one_of(sides));
    part_field(part, "text", part_type("string"));
    return part_or_null(part);
}

static cJSON *part_arguments(void)
{
    cJSON *part = part_object();
    part_field(part, "name", part_type("string"));
    part_field(part, "value", part_uint32());
    part_field(part, "text", part_text_or_null());
    cJSON *arguments = part_array(part);
    cJSON_AddNumberToObject(arguments, "maxItems", WSPLSP_TRACE_ARGUMENTS);
    return arguments;
}

static cJSON *part_call_error(void)
{
    cJSON *part = part_object();
    part_field(part, "code", part_int32());
    part_field(part, "name", part_text_or_null());
    return part_or_null(part);
}

static void add_call_result(cJSON *call)
{
    part_field(call, "under_way", part_type("boolean"));
    part_field(call, "pending", part_type("boolean"));
    part_field(call, "result", part_or_null(part_int32()));
    part_field(call, "error", part_call_error());
    part_field(call, "bytes_done", part_or_null(part_uint32()));
    part_field(call, "duration_ns", part_or_null(part_count()));
    part_field(call, "data", part_or_null(part_pattern("^([0-9a-f]{2})+$")));
}

static void add_call(cJSON *call)
{
    static const char *const kinds[] = {"call", "completion", NULL};
    part_field(call, "time", part_time());
    part_field(call, "seconds", part_type("number"));
    part_field(call, "process_id", part_uint32());
    part_field(call, "thread_id", part_uint32());
    part_field(call, "layer", part_uint32());
    part_field(call, "nested", part_type("boolean"));
    part_field(call, "kind", part_one_of(kinds));
    part_field(call, "function", part_integer(0, UINT16_MAX));
    part_field(call, "function_name", part_text_or_null());
    part_field(call, "socket", part_count());
    part_field(call, "other_socket", part_or_null(part_count()));
    part_field(call, "overlapped", part_or_null(part_count()));
    part_field(call, "completion_routine", part_type("boolean"));
    part_field(call, "arguments", part_arguments());
    part_field(call, "address", part_address());
    part_field(call, "bytes_asked", part_uint32());
    add_call_result(call);
}

static void add_processes(cJSON *schema)
{
    cJSON *process = part_object();
    part_field(process, "file", part_type("string"));
    part_field(process, "program", part_type("string"));
    part_field(process, "process_id", part_uint32());
    part_field(process, "bits", part_bits());
    part_field(process, "start", part_time());
    part_field(process, "ended", part_type("boolean"));
    part_field(process, "data_bytes", part_integer(0, WSPLSP_TRACE_DATA_LIMIT));
    part_field(process, "dropped", part_count());
    part_field(process, "lost", part_count());
    part_field(process, "torn", part_count());
    part_field(process, "cut_short", part_type("boolean"));
    part_field(schema, "processes", part_array(process));
}

void schema_trace_show(cJSON *schema, cJSON *defs)
{
    (void)defs;
    cJSON *call = part_object();
    add_call(call);
    add_processes(schema);
    part_field(schema, "calls", part_array(call));
}

void schema_trace_json(cJSON *schema, cJSON *defs)
{
    (void)defs;
    add_call(schema);
}

static cJSON *part_function(void)
{
    cJSON *part = part_object();
    part_field(part, "function", part_integer(0, UINT16_MAX));
    part_field(part, "function_name", part_text_or_null());
    part_field(part, "count", part_count());
    part_field(part, "errors", part_count());
    part_field(part, "under_way", part_count());
    part_field(part, "p50_ns", part_or_null(part_count()));
    part_field(part, "p99_ns", part_or_null(part_count()));
    part_field(part, "max_ns", part_or_null(part_count()));
    return part;
}

static cJSON *part_socket(void)
{
    cJSON *part = part_object();
    part_field(part, "process_id", part_uint32());
    part_field(part, "socket", part_count());
    part_field(part, "made", part_type("boolean"));
    part_field(part, "closed", part_type("boolean"));
    part_field(part, "first", part_time());
    part_field(part, "last", part_time());
    part_field(part, "lifetime_ns", part_count());
    part_field(part, "family", part_uint32());
    part_field(part, "socket_type", part_uint32());
    part_field(part, "protocol", part_uint32());
    part_field(part, "local", part_text_or_null());
    part_field(part, "peer", part_text_or_null());
    part_field(part, "bytes_sent", part_count());
    part_field(part, "bytes_received", part_count());
    part_field(part, "operations_unknown", part_count());
    part_field(part, "calls", part_count());
    part_field(part, "errors", part_count());
    part_field(part, "slowest_ns", part_or_null(part_count()));
    part_field(part, "slowest_function", part_text_or_null());
    return part;
}

void schema_trace_summary(cJSON *schema, cJSON *defs)
{
    (void)defs;
    add_processes(schema);
    part_field(schema, "functions", part_array(part_function()));
    part_field(schema, "sockets", part_array(part_socket()));
}

void schema_trace_switch(cJSON *schema, cJSON *defs)
{
    (void)defs;
    part_field(schema, "programs", part_array(part_type("string")));
    part_field(schema, "folder", part_text_or_null());
    part_field(schema, "data_bytes", part_uint32());
    part_field(schema, "warnings", part_array(part_type("string")));
}
