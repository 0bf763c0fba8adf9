/* wsplsp help: made of the tables that also run the commands and read their options. */
#include "help.h"

#include <stdlib.h>

#include "cli/base/memory.h"
#include "cli/out/json.h"
#include "cli/out/text.h"

enum { OPTION_WIDTH = 24, COMMAND_WIDTH = 18 };

static void print_options(struct output *output, option_set options)
{
    for (int key = 0; key < OPTION_COUNT; key++) {
        const struct option_text *text = &option_texts[key];
        if ((options & OPTION_BIT(key)) == 0)
            continue;
        char *name = text->letter != 0 ? memory_format("-%c, --%s", text->letter, text->name)
                                       : memory_format("--%s%s%s", text->name, text->argument != NULL ? " " : "",
                                                       text->argument != NULL ? text->argument : "");
        char *first = memory_format("  %-*s ", OPTION_WIDTH, name);
        text_wrap(output, OPTION_WIDTH + 3, first, text->meaning);
        free(first);
        free(name);
    }
}

static void print_statuses(const struct command *command, struct output *output)
{
    buffer_text(&output->buffer, "\nExit status:\n");
    buffer_text(&output->buffer,
                command->takes_program ? "  the program's own; where it has not run:\n" : "  0  done\n");
    if (command->status_1 != NULL)
        buffer_format(&output->buffer, "  1  %s\n", command->status_1);
    buffer_text(&output->buffer, "  2  wrong usage\n");
    if (command->status_3 != NULL)
        buffer_format(&output->buffer, "  3  %s\n  4  access denied\n", command->status_3);
    if (command->status_5 != NULL)
        buffer_format(&output->buffer, "  5  %s\n", command->status_5);
    buffer_text(&output->buffer, "  6  the system failed\n");
    if (command->changes)
        buffer_text(&output->buffer, "  7  a step failed; what had been changed was put back\n");
}

static void print_command(const struct command *command, struct output *output)
{
    if (command->takes_program)
        buffer_format(&output->buffer, "Usage: wsplsp %s [OPTION...] [--] %s\n\n", command->name, command->operands);
    else
        buffer_format(&output->buffer, "Usage: wsplsp %s%s%s [OPTION...]\n\n", command->name,
                      command->operands[0] != '\0' ? " " : "", command->operands);
    char *about = command->about == NULL ? memory_format("%s.", command->summary)
                                         : memory_format("%s. %s", command->summary, command->about);
    about[0] = (char)(about[0] - 'a' + 'A'); /* summaries are lower-case ASCII */
    text_wrap(output, 0, "", about);
    free(about);
    if (command->options != 0) {
        buffer_text(&output->buffer, "\nOptions:\n");
        print_options(output, command->options);
    }
    buffer_text(&output->buffer, "\nGlobal options:\n");
    print_options(output, OPTIONS_GLOBAL);
    buffer_format(&output->buffer, "\nExamples:\n%s", command->examples);
    print_statuses(command, output);
}

static void print_overview(struct output *output)
{
    buffer_text(&output->buffer, "Usage: wsplsp [OPTION...] COMMAND [ARGUMENT...]\n\n"
                                 "Shows, checks, changes and repairs the Winsock 2 provider catalog of Windows,\n"
                                 "and runs programs with one of their own.\n\nCommands:\n");
    for (const struct command *command = commands; command->name != NULL; command++) {
        char *first = memory_format("  %-*s ", COMMAND_WIDTH, command->name);
        text_wrap(output, COMMAND_WIDTH + 3, first, command->summary);
        free(first);
    }
    buffer_text(&output->buffer, "\nOptions (before or after the command):\n");
    print_options(output, OPTIONS_GLOBAL);
    buffer_text(&output->buffer, "\nExit status: 0 done, 1 findings, differences or nothing to do, 2 wrong usage,\n"
                                 "3 not found, 4 access denied, 5 refused, 6 the system failed, 7 rolled back;\n"
                                 "'run': the program's own.\n"
                                 "'wsplsp help COMMAND' tells more.\n");
}

static void add_options(cJSON *object, const char *name, option_set options)
{
    cJSON *array = cJSON_AddArrayToObject(object, name);
    for (int key = 0; key < OPTION_COUNT; key++) {
        const struct option_text *text = &option_texts[key];
        char letter[2] = {text->letter, '\0'};
        if ((options & OPTION_BIT(key)) == 0)
            continue;
        cJSON *option = cJSON_CreateObject();
        json_text(option, "name", text->name);
        json_text(option, "letter", text->letter != 0 ? letter : NULL);
        json_text(option, "argument", text->argument);
        json_text(option, "meaning", text->meaning);
        cJSON_AddItemToArray(array, option);
    }
}

static cJSON *command_json(const struct command *command)
{
    cJSON *object = cJSON_CreateObject();
    json_text(object, "name", command->name);
    json_text(object, "operands", command->operands);
    json_text(object, "summary", command->summary);
    json_text(object, "about", command->about);
    add_options(object, "options", command->options);
    return object;
}

static void print_json(const struct command *only, struct output *output)
{
    cJSON *object = json_envelope("help");
    cJSON *array = cJSON_AddArrayToObject(object, "commands");
    for (const struct command *command = commands; command->name != NULL; command++) {
        if (only == NULL || only == command)
            cJSON_AddItemToArray(array, command_json(command));
    }
    add_options(object, "global_options", OPTIONS_GLOBAL);
    json_print(output, object);
}

enum wsplsp_status help_command(const struct command *command, const struct options *options, struct output *output)
{
    if (options->json)
        print_json(command, output);
    else
        print_command(command, output);
    return WSPLSP_OK;
}

enum wsplsp_status cmd_help(const struct options *options, struct output *output, struct wsplsp_error *error)
{
    if (options->operand_count > 0) {
        size_t taken;
        const struct command *command = commands_find(options->operands, options->operand_count, &taken, error);
        return command == NULL ? error->status : help_command(command, options, output);
    }
    if (options->json)
        print_json(NULL, output);
    else
        print_overview(output);
    return WSPLSP_OK;
}
