/* wsplsp trace on, off, status: the trace of an installed layer. */
#include <stdlib.h>
#include <string.h>

#include "cli/base/command.h"
#include "cli/out/folder_notes.h"
#include "cli/base/memory.h"
#include "cli/out/json.h"
#include "cli/out/text.h"
#include "lsp-core/base/text.h"
#include "input.h"
#include "switch.h"

static void print_text(const struct trace_switch *settings, const struct options *options, struct output *output)
{
    for (size_t i = 0; i < settings->program_count; i++) {
        text_put(output, TEXT_PLAIN, settings->programs[i]);
        buffer_text(&output->buffer, "\n");
    }
    if (options->quiet)
        return;
    if (settings->program_count == 0) {
        buffer_text(&output->buffer, "No program is recorded.\n");
        return;
    }
    char *text = settings->data_bytes > 0 ? memory_format("%s, with %lu bytes of data a call", settings->folder,
                                                          (unsigned long)settings->data_bytes)
                                          : memory_format("%s", settings->folder);
    text_wrap(output, 2, "Recorded in ", text);
    free(text);
}

static void print(const char *schema, const struct trace_switch *settings, const struct options *options,
                  struct output *output)
{
    if (!options->json) {
        print_text(settings, options, output);
        folder_notes_print(output, settings->note);
        return;
    }
    cJSON *object = json_envelope(schema);
    cJSON *programs = cJSON_AddArrayToObject(object, "programs");
    for (size_t i = 0; i < settings->program_count; i++)
        cJSON_AddItemToArray(programs, cJSON_CreateString(settings->programs[i]));
    json_text(object, "folder", settings->folder);
    cJSON_AddNumberToObject(object, "data_bytes", settings->data_bytes);
    folder_notes_json(object, settings->note);
    json_print(output, object);
}

static size_t find_program(const struct trace_switch *settings, const char *program)
{
    size_t index = 0;
    while (index < settings->program_count && text_compare_nocase(settings->programs[index], program) != 0)
        index++;
    return index;
}

/* What the layer compares with is a process's file name or its full path. */
static enum wsplsp_status check_program(const char *program, struct wsplsp_error *error)
{
    bool path = strpbrk(program, "\\/:") != NULL;
    bool full = ((program[0] >= 'A' && program[0] <= 'Z') || (program[0] >= 'a' && program[0] <= 'z')) &&
                program[1] == ':' && program[2] == '\\' && strchr(program, '/') == NULL;
    if (program[0] != '\0' && (!path || full))
        return WSPLSP_OK;
    wsplsp_fail(error, WSPLSP_USAGE, 0, "USAGE", "'%.200s' is neither a file name nor a full path", program);
    return wsplsp_hint(error, "such as app.exe or C:\\Tools\\app.exe");
}

static void add_program(struct trace_switch *settings, const char *program)
{
    if (find_program(settings, program) < settings->program_count)
        return;
    settings->programs = memory_grow(settings->programs, (settings->program_count + 1) * sizeof *settings->programs);
    settings->programs[settings->program_count++] = memory_text(program);
}

static enum wsplsp_status switch_on(const struct options *options, struct trace_switch *settings,
                                    struct wsplsp_error *error)
{
    uint32_t data_bytes;
    if (trace_input_data(options, &data_bytes, error) != WSPLSP_OK)
        return error->status;
    for (size_t i = 0; i < options->operand_count; i++) {
        if (check_program(options->operands[i], error) != WSPLSP_OK)
            return error->status;
        add_program(settings, options->operands[i]);
    }
    if (options->data != NULL)
        settings->data_bytes = data_bytes;
    if (options->folder != NULL) {
        free(settings->folder);
        settings->folder = memory_text(options->folder);
    }
    return trace_switch_write(settings, error);
}

static enum wsplsp_status switch_off(const struct options *options, struct trace_switch *settings,
                                     struct wsplsp_error *error)
{
    for (size_t i = 0; i < options->operand_count; i++) {
        size_t index = find_program(settings, options->operands[i]);
        if (index == settings->program_count) {
            wsplsp_fail(error, WSPLSP_NOT_FOUND, 0, "NOT_RECORDED", "'%.300s' is not recorded", options->operands[i]);
            return wsplsp_hint(error, "'wsplsp trace status' lists the programs that are");
        }
        free(settings->programs[index]);
        settings->programs[index] = settings->programs[--settings->program_count];
    }
    if (options->operand_count > 0 && settings->program_count > 0)
        return trace_switch_write(settings, error);
    trace_switch_free(settings);
    return trace_switch_clear(error);
}

enum wsplsp_status cmd_trace_on(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct trace_switch settings;
    enum wsplsp_status status = trace_switch_read(&settings, error);
    if (status == WSPLSP_OK)
        status = switch_on(options, &settings, error);
    if (status == WSPLSP_OK)
        print("trace-on", &settings, options, output);
    trace_switch_free(&settings);
    return status;
}

enum wsplsp_status cmd_trace_off(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct trace_switch settings;
    enum wsplsp_status status = trace_switch_read(&settings, error);
    if (status == WSPLSP_OK)
        status = switch_off(options, &settings, error);
    if (status == WSPLSP_OK)
        print("trace-off", &settings, options, output);
    trace_switch_free(&settings);
    return status;
}

enum wsplsp_status cmd_trace_status(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    struct trace_switch settings;
    enum wsplsp_status status = trace_switch_read(&settings, error);
    if (status == WSPLSP_OK)
        print("trace-status", &settings, options, output);
    trace_switch_free(&settings);
    return status;
}
