/* wsplsp probe: the same connection by several ways, and a verdict. */
#include "cli/base/command.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/base/memory.h"
#include "cli/out/json.h"
#include "cli/out/text.h"
#include "run.h"
#include "target.h"
#include "verdict.h"
#include "cli/base/utf8.h"

enum { ANSWER_SHOWN = 32 }; /* bytes */

static const char *const way_names[] = {"catalog", "layer", "base", "kernel"};

static double milliseconds(uint64_t nanoseconds)
{
    return (double)nanoseconds / 1e6;
}

static bool has_failed(const struct probe_result *result)
{
    return result->untried == NULL && result->succeeded < result->tries;
}

static void add_result(struct table *table, const struct probe_result *result)
{
    if (result->untried != NULL)
        table_cell(table, TEXT_DIM, "not tried");
    else if (!has_failed(result))
        table_cell(table, TEXT_GOOD, "connects");
    else
        table_cell_format(table, TEXT_ERROR, "%s: %s", result->failure.step, result->failure.name);
}

static void add_row(struct table *table, const struct probe_result *result, bool tries, bool answers)
{
    table_cell(table, TEXT_PLAIN, way_names[result->way]);
    table_cell(table, result->layer != NULL ? TEXT_LAYERED : TEXT_PLAIN,
               result->way == PROBE_KERNEL ? "Winsock Kernel"
               : result->entry != NULL     ? result->entry
               : result->layer != NULL     ? result->layer
                                           : "-");
    add_result(table, result);
    if (tries)
        table_cell_format(table, TEXT_PLAIN, "%u/%u", (unsigned)result->succeeded, (unsigned)result->tries);
    if (result->connected > 0)
        table_cell_format(table, TEXT_PLAIN, "%.1f", milliseconds(result->fastest));
    else
        table_cell(table, TEXT_PLAIN, "-");
    if (answers && result->answer != NULL)
        table_cell_format(table, TEXT_PLAIN, "%zu", result->answer_size);
    else if (answers)
        table_cell(table, TEXT_PLAIN, "-");
}

/* Only the columns that say something. */
static void print_round(const struct probe_round *round, const struct probe_request *request,
                        const struct options *options, struct output *output)
{
    struct table_column columns[6] = {{"WAY", false, 0}, {"ENTRY", false, 16}, {"RESULT", false, 0}};
    size_t count = 3;
    if (request->count > 1)
        columns[count++] = (struct table_column){"DONE", true, 0};
    columns[count++] = (struct table_column){"MS", true, 0};
    if (request->send_size > 0)
        columns[count++] = (struct table_column){"ANSWER", true, 0};
    struct table table = {.columns = columns, .column_count = count, .indent = 2, .wide = options->verbose};
    for (size_t i = 0; i < round->count; i++)
        add_row(&table, &round->results[i], request->count > 1, request->send_size > 0);
    text_put(output, TEXT_BOLD, round->address);
    buffer_format(&output->buffer, " port %u\n", (unsigned)request->port);
    table_print(&table, output, !options->quiet);
    for (size_t i = 0; i < round->count && !options->quiet; i++) {
        const struct probe_result *result = &round->results[i];
        if (result->untried == NULL || result->way == PROBE_KERNEL)
            continue;
        char *line = memory_format("Layer '%s' is not entered by itself: %s",
                                   result->layer != NULL ? result->layer : "-", result->untried);
        text_wrap(output, 4, "  ", line);
        free(line);
    }
    buffer_text(&output->buffer, "\n");
}

static void print_text(const struct probe_report *report, const struct probe_verdict *verdict,
                       const struct probe_request *request, const struct options *options, struct output *output)
{
    for (size_t i = 0; i < report->count; i++)
        print_round(&report->rounds[i], request, options, output);
    text_wrap(output, 0, "", verdict->text);
    if (verdict->advice != NULL && !options->quiet)
        text_wrap(output, 2, "  ", verdict->advice);
    if (report->note != NULL && !options->quiet) {
        buffer_text(&output->buffer, "\n");
        text_wrap(output, 0, "Note: ", report->note);
    }
}

static void add_error(cJSON *way, const struct probe_result *result)
{
    if (!has_failed(result)) {
        cJSON_AddNullToObject(way, "error");
        return;
    }
    cJSON *error = cJSON_AddObjectToObject(way, "error");
    cJSON_AddNumberToObject(error, "code", result->failure.code);
    json_text(error, "name", result->failure.name);
    json_number_or_null(error, "winsock", result->failure.winsock != 0, result->failure.winsock);
    json_text(error, "step", result->failure.step);
}

static void add_times(cJSON *way, const struct probe_result *result)
{
    if (result->connected == 0) {
        cJSON_AddNullToObject(way, "connect_ms");
        return;
    }
    cJSON *times = cJSON_AddObjectToObject(way, "connect_ms");
    cJSON_AddNumberToObject(times, "fastest", milliseconds(result->fastest));
    cJSON_AddNumberToObject(times, "mean", milliseconds(result->total / result->connected));
    cJSON_AddNumberToObject(times, "slowest", milliseconds(result->slowest));
}

static void add_answer(cJSON *way, const struct probe_result *result)
{
    char start[2 * ANSWER_SHOWN + 1] = "";
    if (result->answer == NULL) {
        cJSON_AddNullToObject(way, "answer");
        return;
    }
    for (size_t i = 0; i < result->answer_size && i < ANSWER_SHOWN; i++)
        snprintf(start + 2 * i, 3, "%02x", result->answer[i]);
    cJSON *answer = cJSON_AddObjectToObject(way, "answer");
    cJSON_AddNumberToObject(answer, "size", (double)result->answer_size);
    cJSON_AddBoolToObject(answer, "ended", result->answer_ended);
    json_text(answer, "start", start);
}

static cJSON *way_json(const struct probe_result *result)
{
    cJSON *way = cJSON_CreateObject();
    json_text(way, "way", way_names[result->way]);
    json_number_or_null(way, "catalog_id", result->catalog_id != 0, result->catalog_id);
    json_text(way, "name", result->entry);
    json_text(way, "layer", result->layer);
    json_number_or_null(way, "layer_id", result->layer != NULL, result->layer_id);
    json_text(way, "untried", result->untried);
    cJSON_AddNumberToObject(way, "tries", result->tries);
    cJSON_AddNumberToObject(way, "succeeded", result->succeeded);
    add_error(way, result);
    add_times(way, result);
    add_answer(way, result);
    return way;
}

/* Layers name themselves: what a name holds may be no UTF-8. */
static void add_text(cJSON *array, const char *text)
{
    char *valid = utf8_valid(text);
    cJSON_AddItemToArray(array, cJSON_CreateString(valid));
    free(valid);
}

static void add_verdict(cJSON *object, const struct probe_verdict *verdict)
{
    cJSON *inner = cJSON_AddObjectToObject(object, "verdict");
    cJSON_AddBoolToObject(inner, "agree", verdict->agree);
    json_text(inner, "cause", probe_cause_name(verdict->cause));
    cJSON *layers = cJSON_AddArrayToObject(inner, "layers");
    for (size_t i = 0; i < verdict->layer_count; i++)
        add_text(layers, verdict->layers[i]);
    json_text(inner, "text", verdict->text);
    json_text(inner, "advice", verdict->advice);
}

static void print_json(const struct probe_report *report, const struct probe_verdict *verdict,
                       const struct probe_request *request, struct output *output)
{
    cJSON *object = json_envelope("probe");
    json_text(object, "host", request->host);
    cJSON_AddNumberToObject(object, "port", request->port);
    cJSON_AddNumberToObject(object, "timeout_ms", request->timeout);
    cJSON_AddNumberToObject(object, "count", request->count);
    cJSON_AddNumberToObject(object, "sent", (double)request->send_size);
    cJSON_AddNumberToObject(object, "addresses", (double)report->addresses);
    cJSON *tried = cJSON_AddArrayToObject(object, "tried");
    for (size_t i = 0; i < report->count; i++) {
        cJSON *round = cJSON_CreateObject();
        json_text(round, "address", report->rounds[i].address);
        cJSON *ways = cJSON_AddArrayToObject(round, "ways");
        for (size_t j = 0; j < report->rounds[i].count; j++)
            cJSON_AddItemToArray(ways, way_json(&report->rounds[i].results[j]));
        cJSON_AddItemToArray(tried, round);
    }
    add_verdict(object, verdict);
    cJSON *notes = cJSON_AddArrayToObject(object, "notes");
    if (report->note != NULL)
        add_text(notes, report->note);
    json_print(output, object);
}

static enum wsplsp_status run(const struct probe_request *request, const struct options *options, struct output *output,
                              struct wsplsp_error *error)
{
    struct probe_report *report;
    if (probe_run(request, &report, error) != WSPLSP_OK)
        return error->status;
    if (report->count == 0) {
        probe_report_free(report);
        return wsplsp_fail(error, WSPLSP_NOT_FOUND, 0, "NO_ADDRESS", "'%.200s' has no IPv4 or IPv6 address",
                           request->host);
    }
    /* The last address is the one that connects by some way; where none does, one verdict is as good as another. */
    const struct probe_round *last = &report->rounds[report->count - 1];
    struct probe_verdict verdict;
    probe_judge(last->results, last->count, &verdict);
    if (options->json)
        print_json(report, &verdict, request, output);
    else
        print_text(report, &verdict, request, options, output);
    enum wsplsp_status status = verdict.agree ? WSPLSP_OK : WSPLSP_FINDINGS;
    probe_verdict_free(&verdict);
    probe_report_free(report);
    return status;
}

enum wsplsp_status cmd_probe(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct probe_request request = {.each_layer = (options->given & OPTION(EACH_LAYER)) != 0};
    const char *text = options->values[OPTION_SEND];
    unsigned char *send = NULL;
    char *host = NULL;
    if (options->catalog != NULL) {
        wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'probe' connects with the running system's catalog only");
        return wsplsp_hint(error, "'wsplsp run --catalog FILE -- wsplsp.exe probe ...' connects with one from a file");
    }
    if (probe_read_timeout(options->values[OPTION_TIMEOUT], &request.timeout, error) != WSPLSP_OK ||
        probe_read_count(options->values[OPTION_TIMES], PROBE_COUNT_MAX, &request.count, error) != WSPLSP_OK ||
        (text != NULL && probe_read_send(text, &send, &request.send_size, error) != WSPLSP_OK))
        return error->status;
    enum wsplsp_status status = probe_read_target(options->operands[0], &host, &request.port, error);
    request.host = host;
    request.send = send;
    if (status == WSPLSP_OK)
        status = run(&request, options, output, error);
    free(host);
    free(send);
    return status;
}
