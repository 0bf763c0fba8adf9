/* The end of `wsplsp run`; see report.h. */
#include "report.h"

#include <string.h>

#include "cli/out/json.h"
#include "cli/base/terminal.h"

enum { PROCESSES_NAMED = 8 }; /* in a line of text; in JSON all of them */

static bool same_reason(const struct report_message *a, const struct report_message *b)
{
    return a->code == b->code && strcmp(a->name, b->name) == 0 && strcmp(a->message, b->message) == 0;
}

static bool said_before(const struct report_list *list, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (same_reason(&list->entries[i], &list->entries[index]))
            return true;
    return false;
}

/* "wsplsp: 2 child processes ran without the host: it is being debugged (processes 44, 60)" */
static void say_reason(struct buffer *text, const struct report_list *list, size_t first)
{
    size_t count = 0, named = 0;
    for (size_t i = first; i < list->count; i++)
        count += same_reason(&list->entries[i], &list->entries[first]);
    buffer_format(text, "wsplsp: %zu child process%s ran without the host: %s (process%s", count,
                  count == 1 ? "" : "es", list->entries[first].message, count == 1 ? "" : "es");
    for (size_t i = first; i < list->count && named < PROCESSES_NAMED; i++)
        if (same_reason(&list->entries[i], &list->entries[first]))
            buffer_format(text, "%s %u", named++ == 0 ? "" : ",", (unsigned)list->entries[i].process);
    buffer_format(text, "%s)\n", count > named ? ", \xe2\x80\xa6" : "");
}

static void say_text(struct buffer *text, const struct report_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (!said_before(list, i))
            say_reason(text, list, i);
    if (list->left_out > 0)
        buffer_format(text, "wsplsp: %u more child processes ran without the host\n", (unsigned)list->left_out);
}

static void say_json(struct output *output, const struct run_result *result)
{
    const struct report_list *list = &result->unhosted;
    cJSON *object = json_envelope("run");
    cJSON_AddNumberToObject(object, "exit_status", result->exit_code);
    cJSON_AddNumberToObject(object, "unhosted_count", (double)list->count + list->left_out);
    cJSON *processes = cJSON_AddArrayToObject(object, "unhosted");
    for (size_t i = 0; i < list->count; i++) {
        cJSON *process = cJSON_CreateObject();
        cJSON_AddNumberToObject(process, "process_id", list->entries[i].process);
        cJSON_AddNumberToObject(process, "code", list->entries[i].code);
        json_text(process, "name", list->entries[i].name);
        json_text(process, "message", list->entries[i].message);
        cJSON_AddItemToArray(processes, process);
    }
    json_print_line(output, object);
}

void run_report(const struct options *options, struct run_result *result)
{
    struct output output = {.width = TERMINAL_PIPE_WIDTH};
    struct wsplsp_error ignored;
    if (options->json)
        say_json(&output, result);
    else if (!options->quiet)
        say_text(&output.buffer, &result->unhosted);
    if (output.buffer.size > 0)
        terminal_write(TERMINAL_ERR, output.buffer.bytes, output.buffer.size, &ignored);
    buffer_free(&output.buffer);
    report_list_free(&result->unhosted);
}
