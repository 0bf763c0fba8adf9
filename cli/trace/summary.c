/* wsplsp trace summary: a trace in numbers. */
#include <stdlib.h>

#include "cli/base/command.h"
#include "lsp-core/catalog/flags.h"
#include "cli/base/memory.h"
#include "cli/out/json.h"
#include "cli/out/text.h"
#include "input.h"
#include "json.h"
#include "lsp-core/trace/names.h"
#include "trace_notes.h"
#include "lsp-core/trace/summary.h"

static const struct table_column function_columns[] = {
    {"Function", false, 0}, {"Calls", true, 0}, {"Errors", true, 0},
    {"p50", true, 0},       {"p99", true, 0},   {"Longest", true, 0},
};

/* The process where there are several, the function with --verbose. */
static const struct table_column socket_columns[] = {
    {"Process", true, 0},  {"Socket", false, 0}, {"Peer", false, 12}, {"Life", true, 0},    {"Sent", true, 0},
    {"Received", true, 0}, {"Calls", true, 0},   {"Errors", true, 0}, {"Slowest", true, 0}, {"In", false, 0},
};

enum {
    FUNCTION_COLUMNS = sizeof function_columns / sizeof function_columns[0],
    SOCKET_COLUMNS = sizeof socket_columns / sizeof socket_columns[0],
};

static void duration_cell(struct table *table, uint64_t duration)
{
    char text[16];
    trace_duration_text(duration, text);
    table_cell(table, TEXT_PLAIN, text);
}

static void count_cell(struct table *table, enum text_style style, uint64_t count)
{
    table_cell_format(table, count > 0 ? style : TEXT_PLAIN, "%llu", (unsigned long long)count);
}

static void print_functions(const struct trace_summary *summary, const struct options *options, struct output *output)
{
    struct table table = {.columns = function_columns, .column_count = FUNCTION_COLUMNS, .wide = options->verbose};
    for (size_t i = 0; i < summary->function_count; i++) {
        const struct trace_function *function = &summary->functions[i];
        const char *name = trace_function_name(function->function);
        if (name != NULL)
            table_cell(&table, TEXT_PLAIN, name);
        else
            table_cell_format(&table, TEXT_PLAIN, "function %u", function->function);
        count_cell(&table, TEXT_PLAIN, function->count);
        count_cell(&table, TEXT_ERROR, function->errors);
        duration_cell(&table, function->p50);
        duration_cell(&table, function->p99);
        duration_cell(&table, function->max);
    }
    table_print(&table, output, !options->quiet);
}

/* A "+" behind a number of bytes: there were more, of overlapped operations that the trace has not seen complete. */
static void bytes_cell(struct table *table, uint64_t bytes, uint64_t unknown)
{
    table_cell_format(table, TEXT_PLAIN, "%llu%s", (unsigned long long)bytes, unknown > 0 ? "+" : "");
}

static void add_socket(struct table *table, const struct trace_socket *socket, bool process, bool function)
{
    const char *slowest = trace_function_name(socket->slowest_function);
    if (process)
        table_cell_format(table, TEXT_PLAIN, "%lu", (unsigned long)socket->process->id);
    table_cell_format(table, TEXT_PLAIN, "0x%llx", (unsigned long long)socket->socket);
    table_cell(table, TEXT_PLAIN, socket->peer[0] != '\0' ? socket->peer : "-");
    duration_cell(table, socket->last - socket->first);
    bytes_cell(table, socket->sent, socket->unknown);
    bytes_cell(table, socket->received, socket->unknown);
    count_cell(table, TEXT_PLAIN, socket->calls);
    count_cell(table, TEXT_ERROR, socket->errors);
    duration_cell(table, socket->slowest);
    if (function)
        table_cell(table, TEXT_PLAIN, slowest != NULL ? slowest : "");
}

static void print_sockets(const struct trace *trace, const struct trace_summary *summary, const struct options *options,
                          struct output *output)
{
    bool process = trace->process_count > 1;
    struct table table = {
        .columns = process ? socket_columns : socket_columns + 1,
        .column_count = SOCKET_COLUMNS - !process - !options->verbose,
        .wide = options->verbose,
    };
    for (size_t i = 0; i < summary->socket_count; i++)
        add_socket(&table, &summary->sockets[i], process, options->verbose);
    table_print(&table, output, !options->quiet);
}

static void print_text(const struct trace *trace, const struct trace_summary *summary, const struct options *options,
                       struct output *output)
{
    if (!options->quiet)
        trace_notes_head(output, trace);
    if (summary->function_count == 0) {
        if (!options->quiet)
            buffer_text(&output->buffer, trace->event_count == 0 ? "No calls.\n" : "No such calls.\n");
    } else {
        print_functions(summary, options, output);
        if (summary->socket_count > 0) {
            buffer_text(&output->buffer, "\n");
            print_sockets(trace, summary, options, output);
        }
    }
    if (!options->quiet)
        trace_notes_losses(output, trace);
}

static cJSON *function_json(const struct trace_function *function)
{
    bool returned = function->count > function->under_way;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "function", function->function);
    json_text(object, "function_name", trace_function_name(function->function));
    cJSON_AddNumberToObject(object, "count", (double)function->count);
    cJSON_AddNumberToObject(object, "errors", (double)function->errors);
    cJSON_AddNumberToObject(object, "under_way", (double)function->under_way);
    json_number_or_null(object, "p50_ns", returned, (double)function->p50);
    json_number_or_null(object, "p99_ns", returned, (double)function->p99);
    json_number_or_null(object, "max_ns", returned, (double)function->max);
    return object;
}

static cJSON *socket_json(const struct trace_socket *socket)
{
    bool slowest = socket->slowest_function != 0;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "process_id", socket->process->id);
    cJSON_AddNumberToObject(object, "socket", (double)socket->socket);
    cJSON_AddBoolToObject(object, "made", socket->made);
    cJSON_AddBoolToObject(object, "closed", socket->closed);
    trace_json_time(object, "first", socket->first);
    trace_json_time(object, "last", socket->last);
    cJSON_AddNumberToObject(object, "lifetime_ns", (double)(socket->last - socket->first));
    cJSON_AddNumberToObject(object, "family", socket->family);
    cJSON_AddNumberToObject(object, "socket_type", socket->type);
    cJSON_AddNumberToObject(object, "protocol", socket->protocol);
    json_text(object, "local", socket->local[0] != '\0' ? socket->local : NULL);
    json_text(object, "peer", socket->peer[0] != '\0' ? socket->peer : NULL);
    cJSON_AddNumberToObject(object, "bytes_sent", (double)socket->sent);
    cJSON_AddNumberToObject(object, "bytes_received", (double)socket->received);
    cJSON_AddNumberToObject(object, "operations_unknown", (double)socket->unknown);
    cJSON_AddNumberToObject(object, "calls", (double)socket->calls);
    cJSON_AddNumberToObject(object, "errors", (double)socket->errors);
    json_number_or_null(object, "slowest_ns", slowest, (double)socket->slowest);
    json_text(object, "slowest_function", slowest ? trace_function_name(socket->slowest_function) : NULL);
    return object;
}

static void print_json(const struct trace *trace, const struct trace_summary *summary, struct output *output)
{
    cJSON *object = json_envelope("trace-summary");
    trace_json_processes(object, trace);
    cJSON *functions = cJSON_AddArrayToObject(object, "functions");
    for (size_t i = 0; i < summary->function_count; i++)
        cJSON_AddItemToArray(functions, function_json(&summary->functions[i]));
    cJSON *sockets = cJSON_AddArrayToObject(object, "sockets");
    for (size_t i = 0; i < summary->socket_count; i++)
        cJSON_AddItemToArray(sockets, socket_json(&summary->sockets[i]));
    json_print(output, object);
}

enum wsplsp_status cmd_trace_summary(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct trace *trace;
    struct trace_filter filter;
    struct trace_summary summary;
    if (trace_input(options, &trace, &filter, error) != WSPLSP_OK)
        return error->status;
    enum wsplsp_status status = trace_summarize(trace, &filter, &summary, error);
    if (status == WSPLSP_OK) {
        if (options->json)
            print_json(trace, &summary, output);
        else
            print_text(trace, &summary, options, output);
        trace_summary_free(&summary);
    }
    trace_free(trace);
    return status;
}
